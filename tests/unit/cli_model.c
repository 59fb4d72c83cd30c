/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random edits against a naive model, random pairs of configurations, and a bound on time.
 *
 * The model is a list of lines of one address family and of a router block: what a user would say
 * the configuration is. It knows nothing of keys, trees or transactions.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "tests/unit/cli_toy.h"

static unsigned seed;

static unsigned rnd(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

enum { KEYS = 200 };

struct model {
	int value[KEYS]; /* -1: absent */
};

static void model_line(unsigned key, int value, char *buf, size_t size)
{
	switch (key % 4) {
	case 0:
		snprintf(buf, size, "network 10.%u.0.0/16%s", key, value ? " backdoor" : "");
		break;
	case 1:
		snprintf(buf, size, "neighbor 10.0.0.%u remote-as %d", key, value + 1);
		break;
	case 2:
		snprintf(buf, size, "route-map R%u %s 10", key, value ? "deny" : "permit");
		break;
	default:
		snprintf(buf, size, "ip prefix-list P%u seq %d permit any", key % 16, (int)key);
	}
}

static const char *const blocks[] = {
    "router bgp 1\naddress-family ipv4 unicast\n", "router bgp 1\n", "", ""};

static void one_edit(struct model *m, struct sb *text)
{
	unsigned key = rnd(KEYS);
	char line[128];

	if (m->value[key] >= 0 && rnd(2)) {
		model_line(key, m->value[key], line, sizeof(line));
		sb_fmt(text, "%sno %s\n", blocks[key % 4], line);
		m->value[key] = -1;
	} else {
		m->value[key] = key % 4 == 3 ? 0 : (int)rnd(2);
		model_line(key, m->value[key], line, sizeof(line));
		sb_fmt(text, "%s%s\n", blocks[key % 4], line);
	}
}

/* Every line of the model is printed, and nothing else of its kinds. */
static void compare(const struct model *m, const char *printed)
{
	size_t lines = 0, said = 0;
	char line[128], want[132];

	for (unsigned key = 0; key < KEYS; key++) {
		if (m->value[key] < 0)
			continue;
		model_line(key, m->value[key], line, sizeof(line));
		snprintf(want, sizeof(want), "%s\n", line);
		cr_assert(strstr(printed, want) != NULL, "%s is missing", line);
		said++;
	}
	for (const char *p = printed; *p; p = strchr(p, '\n') + 1) {
		const char *word = p + strspn(p, " ");

		lines += !strncmp(word, "network ", 8) || !strncmp(word, "neighbor ", 9) ||
			 !strncmp(word, "route-map ", 10) || !strncmp(word, "ip prefix-list ", 15);
	}
	cr_assert_eq(lines, said);
}

Test(cli_model, random_edits)
{
	struct model m;
	struct toy toy;
	struct sb text, print;

	toy_init(&toy);
	sb_init(&text);
	sb_init(&print);
	memset(m.value, 0xff, sizeof(m.value));
	toy_load(&toy, "router bgp 1\n");
	for (unsigned round = 0; round < 300; round++) {
		struct model before = m;
		unsigned edits = 1 + rnd(40);

		sb_clear(&text);
		while (edits--)
			one_edit(&m, &text);
		/* now and then the daemon refuses the whole */
		toy.refuse = rnd(8) == 0;
		toy_load(&toy, text.s);
		if (toy.refuse)
			m = before;
		sb_clear(&print);
		cli_print(toy.cli, &print);
		compare(&m, print.s);
	}
	sb_fini(&text);
	sb_fini(&print);
	toy_fini(&toy);
}

static void random_text(struct sb *text)
{
	struct model m;
	unsigned edits = rnd(60);

	memset(m.value, 0xff, sizeof(m.value));
	sb_clear(text);
	sb_add(text, rnd(2) ? "frr defaults datacenter\n" : "");
	while (edits--)
		one_edit(&m, text);
}

Test(cli_model, any_configuration_becomes_any_other)
{
	struct toy a, b;
	struct sb text, have, want;

	sb_init(&text);
	sb_init(&have);
	sb_init(&want);
	toy_init(&a);
	for (unsigned round = 0; round < 300; round++) {
		toy_init(&b);
		random_text(&text);
		toy_load(&b, text.s);
		toy_reload(&a, text.s);
		sb_clear(&have);
		sb_clear(&want);
		cli_print(a.cli, &have);
		cli_print(b.cli, &want);
		cr_assert_str_eq(have.s, want.s);
		a.applied = 0;
		toy_reload(&a, want.s);
		cr_assert_eq(a.applied, 0, "reload of what runs: %s", a.changes.s);
		toy_fini(&b);
	}
	toy_fini(&a);
	sb_fini(&text);
	sb_fini(&have);
	sb_fini(&want);
}

/* Bounds that hold on a slow machine under sanitizers: they catch what is not O(log n). */
Test(cli_model, a_hundred_thousand_lines)
{
	struct cli_session *s;
	struct sb text, out;
	struct toy toy;
	uint64_t start;

	toy_init(&toy);
	sb_init(&text);
	sb_init(&out);
	sb_add(&text, "router bgp 1\n address-family ipv4 unicast\n");
	for (unsigned i = 0; i < 100000; i++)
		sb_fmt(&text, "  network %u.%u.%u.0/24\n", 1 + i % 97, i / 97 % 256, i / 97 / 256);
	start = clock_ms();
	cr_expect_eq(toy_load(&toy, text.s), 0);
	cr_expect_lt(clock_ms() - start, 5000);
	cr_log_info("100,000 lines loaded in %u ms", (unsigned)(clock_ms() - start));
	cr_expect_eq(conf_count(cli_running(toy.cli)), 100002);
	s = cli_session_new(toy.cli, MODE_CONFIG);
	cli_exec(s, "router bgp 1", &out);
	cli_exec(s, "address-family ipv4 unicast", &out);
	start = clock_ms();
	for (unsigned i = 0; i < 1000; i++) {
		cli_exec(s, "network 9.9.9.0/24", &out);
		cli_exec(s, "no network 9.9.9.0/24", &out);
		cli_complete(s, "network ", &out);
	}
	cr_expect_lt(clock_ms() - start, 2000);
	start = clock_ms();
	cr_expect_eq(toy_reload(&toy, text.s), 0);
	cr_expect_lt(clock_ms() - start, 8000);
	cli_session_free(s);
	sb_fini(&text);
	sb_fini(&out);
	toy_fini(&toy);
}
