/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TAB and `?` at the size of a big router: 100,000 networks, 2,000 neighbors.
 *
 * Names cost what there is to show, the rest costs the same whatever is configured. Times are the
 * best of a few, so that a busy machine does not matter.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "lib/clock.h"
#include "tests/unit/cmd_lab.h"

enum { NEIGHBORS = 2000, NETWORKS = 100000, TIMES = 7, WIDTH = 80 };

/* An answer may take 5 ms, and ten times that with sanitizers, whose programs know it. */
#ifdef __SANITIZE_ADDRESS__
enum { BOUND_US = 50000 };
#else
enum { BOUND_US = 5000 };
#endif

static const char *const lines[] = {"", "n", "neighbor ", "neighbor 10.", "no neighbor ",
    "neighbor 10.0.0.1 ", "bgp listen range 10.0.0.0/8 peer-group ", "do show ip bgp ",
    "do clear ip bgp ", "do show ip bgp neighbors 10.0.", "timers bgp "};
enum { LINES = sizeof(lines) / sizeof(lines[0]) };

static void write_config(struct sb *to, unsigned neighbors, unsigned networks)
{
	sb_add(to, "router bgp 65001\n neighbor PG peer-group\n neighbor PG shutdown\n");
	for (unsigned i = 0; i < neighbors; i++)
		sb_fmt(to, " neighbor 10.0.%u.%u peer-group PG\n", i / 250, i % 250 + 1);
	sb_add(to, " address-family ipv4 unicast\n");
	for (unsigned i = 0; i < networks; i++)
		sb_fmt(to, "  network 20.%u.%u.%u/32\n", i >> 16, i >> 8 & 255, i & 255);
}

static uint64_t ask(struct lab *l, const char *line)
{
	uint64_t best = UINT64_MAX, took;

	for (unsigned i = 0; i < TIMES; i++) {
		sb_clear(&l->said);
		took = clock_ns();
		cli_complete(l->session, line, &l->said);
		cli_explain(l->session, line, WIDTH, &l->said);
		took = (clock_ns() - took) / 1000;
		best = took < best ? took : best;
	}
	return best;
}

static void ask_all(unsigned neighbors, unsigned networks, uint64_t took[LINES])
{
	struct sb config;
	struct lab l;

	sb_init(&config);
	write_config(&config, neighbors, networks);
	lab_open(&l, config.s);
	for (unsigned i = 0; i < LINES; i++)
		took[i] = ask(&l, lines[i]);
	lab_close(&l);
	sb_fini(&config);
}

Test(cmd_complete, answers_at_once_at_any_size, .timeout = 120)
{
	uint64_t few[LINES], many[LINES];

	ask_all(2, 2, few);
	ask_all(NEIGHBORS, NETWORKS, many);
	for (unsigned i = 0; i < LINES; i++) {
		fprintf(stderr, "TAB and ? behind \"%s\": %llu us, %llu us with everything\n",
		    lines[i], (unsigned long long)few[i], (unsigned long long)many[i]);
		cr_expect_leq(many[i], BOUND_US * 2ull, "\"%s\": %llu us", lines[i],
		    (unsigned long long)many[i]);
	}
}
