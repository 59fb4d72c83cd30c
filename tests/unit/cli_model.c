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
	int value[KEYS];  /* -1: absent */
	int metric[KEYS]; /* of a route-map entry; -1: none */
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

/* The whole router block goes and comes back. */
static void drop_router(struct model *m, struct sb *text)
{
	sb_add(text, "no router bgp 1\nrouter bgp 1\n");
	for (unsigned key = 0; key < KEYS; key++)
		if (key % 4 < 2)
			m->value[key] = -1;
}

static void one_edit(struct model *m, struct sb *text)
{
	unsigned key = rnd(KEYS);
	char line[128];

	if (rnd(60) == 0) {
		drop_router(m, text);
		return;
	}
	if (m->value[key] >= 0 && rnd(2)) {
		model_line(key, m->value[key], line, sizeof(line));
		sb_fmt(text, "%sno %s\n", blocks[key % 4], line);
		m->value[key] = m->metric[key] = -1;
	} else {
		m->value[key] = key % 4 == 3 ? 0 : (int)rnd(2);
		model_line(key, m->value[key], line, sizeof(line));
		sb_fmt(text, "%s%s\n", blocks[key % 4], line);
		if (key % 4 == 2 && rnd(2)) {
			m->metric[key] = (int)rnd(3);
			sb_fmt(text, "match metric %d\n", m->metric[key]);
		}
	}
}

/* Every line of the model is printed, and nothing else of its kinds. */
static void compare(const struct model *m, const char *printed)
{
	size_t lines = 0, said = 0;
	char line[128], want[170];

	for (unsigned key = 0; key < KEYS; key++) {
		if (m->value[key] < 0)
			continue;
		model_line(key, m->value[key], line, sizeof(line));
		snprintf(want, sizeof(want), "%s\n", line);
		if (m->metric[key] >= 0)
			snprintf(want, sizeof(want), "%s\n match metric %d\nexit\n", line,
			    m->metric[key]);
		else if (key % 4 == 2)
			snprintf(want, sizeof(want), "%s\nexit\n", line);
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

/* ---- what a daemon would know that only looks at the lists of changes ---- */

enum { SHADOW = 4 * KEYS };

struct shadow {
	char *path[SHADOW];
	unsigned n;
};

/* The texts of the blocks around the statement, and its own. */
static void path_of(const struct conf_node *parent, const char *text, bool no, struct sb *to)
{
	if (parent && conf_row(parent))
		path_of(conf_parent(parent), conf_text(parent), false, to);
	sb_fmt(to, "/%s%s", no ? "no " : "", text);
}

static void shadow_add(struct shadow *s, const char *path)
{
	cr_assert_lt(s->n, SHADOW);
	for (unsigned i = 0; i < s->n; i++)
		cr_assert_str_neq(s->path[i], path, "added twice");
	s->path[s->n++] = mem_strdup(path);
}

/* Everything at and below `path` goes; or, if it is a block that only changed, moves to `now`. */
static void shadow_del(struct shadow *s, const char *path, const char *now)
{
	size_t len = strlen(path);
	unsigned kept = 0, hits = 0;
	struct sb moved;

	for (unsigned i = 0; i < s->n; i++) {
		char *p = s->path[i];

		if (strncmp(p, path, len) != 0 || (p[len] && p[len] != '/')) {
			s->path[kept++] = p;
			continue;
		}
		hits++;
		if (now) {
			sb_init(&moved);
			sb_fmt(&moved, "%s%s", now, p + len);
			s->path[kept++] = sb_steal(&moved);
		}
		mem_free(p);
	}
	cr_assert_gt(hits, 0, "%s was not there", path);
	s->n = kept;
}

static void watch(void *ctx, const struct conf_change *changes, size_t count)
{
	struct shadow *s = ctx;
	struct sb before, after;

	for (size_t i = 0; i < count; i++) {
		const struct conf_change *c = &changes[i];

		sb_init(&before);
		sb_init(&after);
		if (c->before)
			path_of(c->parent, conf_text(c->before), conf_is_no(c->before), &before);
		if (c->after)
			path_of(c->parent, conf_text(c->after), conf_is_no(c->after), &after);
		if (c->before)
			shadow_del(s, before.s, c->after ? after.s : NULL);
		else
			shadow_add(s, after.s);
		sb_fini(&before);
		sb_fini(&after);
	}
}

static size_t compare_shadow(const struct shadow *s, const struct conf_node *parent)
{
	const struct conf_node *n;
	size_t count = 0;
	struct sb path;

	for (n = conf_first(parent); n; n = conf_next(n)) {
		bool found = false;

		sb_init(&path);
		path_of(parent, conf_text(n), conf_is_no(n), &path);
		for (unsigned i = 0; i < s->n; i++)
			found |= !strcmp(s->path[i], path.s);
		cr_assert(found, "the changes never told of %s", path.s);
		sb_fini(&path);
		count += 1 + compare_shadow(s, n);
	}
	return count;
}

Test(cli_model, random_edits)
{
	struct shadow shadow = {.n = 0};
	struct model m;
	struct toy toy;
	struct sb text, print;

	toy_init(&toy);
	sb_init(&text);
	sb_init(&print);
	memset(&m, 0xff, sizeof(m));
	toy.watch = watch;
	toy.watch_ctx = &shadow;
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
		cr_assert_eq(compare_shadow(&shadow, conf_root(cli_running(toy.cli))), shadow.n);
	}
	while (shadow.n)
		mem_free(shadow.path[--shadow.n]);
	sb_fini(&text);
	sb_fini(&print);
	toy_fini(&toy);
}

static void random_text(struct sb *text)
{
	struct model m;
	unsigned edits = rnd(60);

	memset(&m, 0xff, sizeof(m));
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
