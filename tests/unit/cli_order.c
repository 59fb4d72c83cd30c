/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of groups are printed by group, before those without; the tree has them by name. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/cli_toy.h"

enum { NAMES = 60, GROUPS = 5 };

static struct toy toy;

static void setup(void)
{
	toy_init(&toy);
}

static void teardown(void)
{
	toy_fini(&toy);
}

TestSuite(cli_order, .init = setup, .fini = teardown);

static const char said[] =
    "router bgp 1\n"
    " neighbor B peer-group\n neighbor A peer-group\n neighbor a peer-group\n"
    " neighbor 10.0.0.1 remote-as 1\n"
    " neighbor 10.0.0.2 peer-group B\n neighbor 10.0.0.2 description two\n"
    " neighbor 2001:db8::1 peer-group A\n"
    " neighbor 10.0.0.10 peer-group A\n neighbor 10.0.0.10 description ten\n"
    " neighbor 10.0.0.9 peer-group A\n neighbor 10.0.0.8 peer-group a\n"
    " neighbor 10.0.0.3 remote-as 3\n neighbor eth1 remote-as 5\n"
    " address-family ipv6 unicast\n"
    "  neighbor 10.0.0.1 activate\n  neighbor 10.0.0.2 activate\n"
    "  neighbor 10.0.0.10 activate\n  neighbor 10.0.0.10 route-map X in\n"
    "  neighbor B activate\n  neighbor 2001:db8::1 activate\n"
    " exit-address-family\n";

static const char printed[] =
    "router bgp 1\n neighbor A peer-group\n neighbor B peer-group\n neighbor a peer-group\n"
    " neighbor 10.0.0.9 peer-group A\n"
    " neighbor 10.0.0.10 peer-group A\n neighbor 10.0.0.10 description ten\n"
    " neighbor 2001:db8::1 peer-group A\n"
    " neighbor 10.0.0.2 peer-group B\n neighbor 10.0.0.2 description two\n"
    " neighbor 10.0.0.8 peer-group a\n"
    " neighbor eth1 remote-as 5\n neighbor 10.0.0.1 remote-as 1\n neighbor 10.0.0.3 remote-as 3\n"
    " !\n address-family ipv6 unicast\n"
    "  neighbor B activate\n"
    "  neighbor 10.0.0.10 activate\n  neighbor 10.0.0.10 route-map X in\n"
    "  neighbor 2001:db8::1 activate\n  neighbor 10.0.0.2 activate\n"
    "  neighbor 10.0.0.1 activate\n exit-address-family\nexit\n!\n";

Test(cli_order, by_group_then_by_address)
{
	cr_expect_eq(toy_load(&toy, said), 0);
	cr_expect(strstr(toy_print(&toy), printed) != NULL, "%s", toy_print(&toy));
	toy.applied = 0;
	cr_expect_eq(toy_reload(&toy, toy_print(&toy)), 0);
	cr_expect_eq(toy.applied, 0, "what is printed is what is there: %s", toy.changes.s);
}

/* One line says so, and it is the only one that changes. */
Test(cli_order, joining_moves_all_of_it)
{
	toy_load(&toy, said);
	toy_run(&toy, "router bgp 1\nneighbor 10.0.0.1 peer-group B", NULL);
	cr_expect_str_eq(toy.changes.s, "+neighbor 10.0.0.1 peer-group B\n");
	cr_expect(strstr(toy_print(&toy),
		      " neighbor 2001:db8::1 peer-group A\n neighbor 10.0.0.1 peer-group B\n"
		      " neighbor 10.0.0.1 remote-as 1\n neighbor 10.0.0.2 peer-group B\n") != NULL,
	    "%s", toy_print(&toy));
	cr_expect(strstr(toy_print(&toy), "  neighbor 2001:db8::1 activate\n"
					  "  neighbor 10.0.0.1 activate\n"
					  "  neighbor 10.0.0.2 activate\n exit") != NULL,
	    "%s", toy_print(&toy));
	toy_reload(&toy, said);
	cr_expect_str_eq(toy.changes.s, "-neighbor 10.0.0.1 peer-group B\n");
	cr_expect(strstr(toy_print(&toy), printed) != NULL, "%s", toy_print(&toy));
}

static struct sb to;

static struct cli_printer *print_until(const char *line)
{
	struct cli_printer *p = cli_printer_new(toy.cli, NULL, NULL);

	sb_init(&to);
	while (!strstr(to.s, line))
		cr_assert(cli_printer_step(p, &to, 1));
	return p;
}

static void expect_rest(struct cli_printer *p, const char *from, const char *want)
{
	while (cli_printer_step(p, &to, 1))
		continue;
	cli_printer_free(p);
	cr_expect(
	    strstr(to.s, from) && !strncmp(strstr(to.s, from), want, strlen(want)), "%s", to.s);
	sb_fini(&to);
}

/* What was to come next goes, others come before and behind it. */
Test(cli_order, members_change_under_the_printer)
{
	struct cli_printer *p;

	toy_load(&toy, said);
	p = print_until("10.0.0.9 peer-group A\n");
	toy_run(&toy,
	    "router bgp 1\nno neighbor 10.0.0.10\nneighbor 10.0.0.5 peer-group A\n"
	    "neighbor 10.0.0.11 peer-group A\nneighbor 10.0.0.3 peer-group B",
	    NULL);
	expect_rest(p, " neighbor 10.0.0.9",
	    " neighbor 10.0.0.9 peer-group A\n neighbor 10.0.0.11 peer-group A\n"
	    " neighbor 2001:db8::1 peer-group A\n"
	    " neighbor 10.0.0.2 peer-group B\n neighbor 10.0.0.2 description two\n"
	    " neighbor 10.0.0.3 peer-group B\n neighbor 10.0.0.3 remote-as 3\n"
	    " neighbor 10.0.0.8 peer-group a\n neighbor eth1 remote-as 5\n"
	    " neighbor 10.0.0.1 remote-as 1\n !\n");
}

/* The rest of one's lines goes; so do all members while the others are under way. */
Test(cli_order, the_walk_goes_on_behind_what_has_gone)
{
	struct cli_printer *p;

	toy_load(&toy, said);
	p = print_until("10.0.0.2 peer-group B\n");
	toy_run(&toy, "router bgp 1\nno neighbor 10.0.0.2 description", NULL);
	expect_rest(p, " neighbor 10.0.0.2 ",
	    " neighbor 10.0.0.2 peer-group B\n neighbor 10.0.0.8 peer-group a\n");
	p = print_until("eth1 remote-as 5\n");
	toy_run(&toy, "router bgp 1\nno neighbor A peer-group\nno neighbor 10.0.0.1", NULL);
	expect_rest(p, " neighbor eth1 ",
	    " neighbor eth1 remote-as 5\n neighbor 10.0.0.3 remote-as 3\n !\n");
	p = print_until(" neighbor eth1 remote-as 5\n");
	toy_run(&toy, "no router bgp 1", NULL);
	expect_rest(p, " neighbor eth1 ", " neighbor eth1 remote-as 5\nexit\n!\n");
}

/* Every line is found again after a change elsewhere. */
Test(cli_order, each_line_once_while_other_things_change)
{
	struct sb text, want, got;
	struct cli_printer *p;
	unsigned turn = 0;

	sb_init(&text);
	sb_init(&want);
	sb_init(&got);
	sb_add(&text, "router bgp 1\n");
	for (unsigned g = 1; g < GROUPS; g++)
		sb_fmt(&text, " neighbor G%u peer-group\n", g);
	for (unsigned i = 0; i < NAMES; i++) {
		if (i * 7 % GROUPS)
			sb_fmt(&text, " neighbor 10.0.0.%u peer-group G%u\n", i, i * 7 % GROUPS);
		sb_fmt(&text, " neighbor 10.0.0.%u remote-as 1\n", i);
	}
	sb_add(&text, " address-family ipv6 unicast\n");
	for (unsigned i = 0; i < NAMES; i += 1 + i % 3)
		sb_fmt(&text, "  neighbor 10.0.0.%u activate\n", i);
	cr_assert_eq(toy_load(&toy, text.s), 0);
	cli_print(toy.cli, &want);
	p = cli_printer_new(toy.cli, NULL, NULL);
	while (cli_printer_step(p, &got, 1))
		toy_run(
		    &toy, turn++ % 2 ? "no route-map A permit 1" : "route-map A permit 1", NULL);
	cli_printer_free(p);
	cr_expect_gt(turn, 2 * NAMES);
	cr_expect_str_eq(strstr(got.s, "router bgp"), strstr(want.s, "router bgp"), "%s", got.s);
	sb_fini(&text);
	sb_fini(&want);
	sb_fini(&got);
}
