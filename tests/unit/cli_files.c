/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files: faults, one transaction, reload by difference, printing in pieces. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/cli_toy.h"

static struct toy toy;
static struct sb out, err;

static void setup(void)
{
	toy_init(&toy);
	sb_init(&out);
	sb_init(&err);
}

static void teardown(void)
{
	sb_fini(&out);
	sb_fini(&err);
	toy_fini(&toy);
}

TestSuite(cli_files, .init = setup, .fini = teardown);

static void report(void *ctx, const struct cli_fault *fault)
{
	(void)ctx;
	cli_fault_print(fault, &out, &err);
}

Test(cli_files, faults_in_the_words_of_vtysh)
{
	size_t faults = cli_load(toy.cli,
	    "router bgp 65001\n"
	    " neighbor 10.0.0.61 remote-as 65061\r\n"
	    " neighbor 10.0.0.61 foobar 7\n"
	    " neighbor 10.0.0.77 timers 5 15\n"
	    "!\n"
	    " neighbor\n"
	    "frobnicate now\n"
	    "end\n"
	    "ip prefix-list Q permit 10.0.0.0/8\n"
	    "show version\n",
	    false, report, NULL);

	cr_expect_eq(faults, 5);
	cr_expect_str_eq(err.s,
	    "line 3: % Unknown command[28]:  neighbor 10.0.0.61 foobar 7\n"
	    "line 4: Failure to communicate[13] to bgpd, line:  neighbor 10.0.0.77 timers 5 15\n\n"
	    "line 6: % Command incomplete[28]:  neighbor\n\n"
	    "line 7: % Unknown command[28]: frobnicate now\n"
	    "line 10: % Unknown command[4]: show version\n",
	    "%s", err.s);
	cr_expect_str_eq(out.s, "% Specify remote-as or peer-group commands first\n");
	cr_expect(strstr(toy_print(&toy), " neighbor 10.0.0.61 remote-as 65061\n") != NULL);
	cr_expect(strstr(toy_print(&toy), "ip prefix-list Q seq 5 permit 10.0.0.0/8\n") != NULL);
	cr_expect_eq(toy.applied, 1);
}

Test(cli_files, a_faulty_block_takes_nothing_into_another)
{
	size_t faults = cli_load(toy.cli,
	    "router bgp 1\n neighbor 10.0.0.1 remote-as 1\nrouter bgp abc\n! comment\n"
	    " bgp router-id 1.1.1.1\n  timers bgp 1 3\ninterface eth0\n shutdown\n",
	    false, report, NULL);

	cr_expect_eq(faults, 3);
	cr_expect_str_eq(err.s,
	    "line 3: % Unknown command[28]: router bgp abc\n"
	    "line 5: % Unknown command[28]:  bgp router-id 1.1.1.1\n"
	    "line 6: % Unknown command[28]:   timers bgp 1 3\n",
	    "%s", err.s);
	cr_expect_eq(strstr(toy_print(&toy), "router-id"), NULL);
	cr_expect(strstr(toy_print(&toy), "interface eth0\n shutdown\n") != NULL);
	toy_load(&toy, "ROUTER BGP 65001\n neighbor 10.0.0.9 remote-as 65002\n");
	cr_expect_eq(strstr(toy_print(&toy), "10.0.0.9"), NULL);
	/* an unknown statement inside a block, or one without indentation, is only itself */
	toy_load(&toy,
	    "router bgp 1\n foo\n bgp router-id 2.2.2.2\nbar\nneighbor 10.0.0.8 remote-as 8\n");
	cr_expect(strstr(toy_print(&toy), "router-id 2.2.2.2") != NULL);
	cr_expect(strstr(toy_print(&toy), "10.0.0.8") != NULL);
}

Test(cli_files, exit_forms_and_missing_exits)
{
	cr_expect_eq(
	    toy_load(&toy,
		"router bgp 65001\n address-family ipv4 unicast\n  network 10.1.0.0/16\n  exit\n"
		"  address-family ipv4\n   network 10.2.0.0/16\n  exit-address-family\n"
		" address-family ipv6 unicast\n   network 2001:db8::/32\n"
		"address-family ipv4 unicast\n network 10.3.0.0/16\n"
		" bgp router-id 1.1.1.1\nexit\nexit\nexit\nend\n"),
	    0);
	cr_expect(strstr(toy_print(&toy),
		      "router bgp 65001\n bgp router-id 1.1.1.1\n !\n address-family ipv4 unicast\n"
		      "  network 10.1.0.0/16\n  network 10.2.0.0/16\n  network 10.3.0.0/16\n"
		      " exit-address-family\n !\n address-family ipv6 unicast\n"
		      "  network 2001:db8::/32\n exit-address-family\nexit\n") != NULL,
	    "%s", toy_print(&toy));
	cr_expect_eq(toy_load(&toy, "exit-address-family\n"), 1);
}

Test(cli_files, check_only_changes_nothing)
{
	cr_expect_eq(cli_load(toy.cli, "router bgp 1\nfoo\n", true, NULL, NULL), 1);
	cr_expect_eq(cli_reload(toy.cli, "router bgp 1\n", true, NULL, NULL, NULL), 0);
	cr_expect_eq(conf_count(cli_running(toy.cli)), 0);
	cr_expect_eq(toy.applied, 0);
}

static const char *const first =
    "router bgp 1\n bgp router-id 1.1.1.1\n neighbor 1.1.1.1 remote-as 1\n"
    " neighbor 1.1.1.2 remote-as 2\n address-family ipv4\n"
    "  network 10.0.0.0/8\n  neighbor 1.1.1.2 route-map A in\n"
    "route-map A permit 10\n match metric 3\nroute-map B permit 1\n";

Test(cli_files, reload_of_the_same_touches_nothing)
{
	struct sb text;

	sb_init(&text);
	toy_load(&toy, first);
	toy.applied = 0;
	cr_expect_eq(toy_reload(&toy, first), 0);
	cr_expect_eq(toy.applied, 0);
	cli_print(toy.cli, &text);
	cr_expect_eq(toy_reload(&toy, text.s), 0);
	cr_expect_eq(toy.applied, 0);
	sb_fini(&text);
}

Test(cli_files, reload_does_the_difference)
{
	toy_load(&toy, first);
	toy_reload(&toy,
	    "router bgp 1\n bgp router-id 1.1.1.9\n neighbor 1.1.1.1 remote-as 1\n"
	    " neighbor 1.1.1.1 timers connect 5\n address-family ipv4\n  network 10.0.0.0/8\n"
	    "route-map A deny 10\n match metric 3\n");
	cr_expect_str_eq(toy.changes.s,
	    "~route-map A deny 10\n~bgp router-id 1.1.1.9\n+neighbor 1.1.1.1 timers connect 5\n"
	    "-route-map B permit 1\n-neighbor 1.1.1.2 remote-as 2\n"
	    "-neighbor 1.1.1.2 route-map A in\n",
	    "%s", toy.changes.s);
}

Test(cli_files, refused_reload_leaves_everything)
{
	struct sb before;

	sb_init(&before);
	toy_load(&toy, first);
	cli_print(toy.cli, &before);
	toy.refuse = true;
	cr_expect_eq(
	    cli_reload(toy.cli, "hostname x\nrouter bgp 2\n", false, report, NULL, NULL), 1);
	cr_expect_str_eq(toy_print(&toy), before.s);
	cr_expect_str_eq(out.s, "% refused\n");
	sb_fini(&before);
}

Test(cli_files, several_edits_of_one_thing_are_one_change)
{
	toy_load(&toy, first);
	toy_load(&toy, "router bgp 1\n timers bgp 5 15\n timers bgp 6 18\n bgp router-id 2.2.2.2\n"
		       " no bgp router-id\n bgp router-id 1.1.1.1\n"
		       " neighbor 9.9.9.9 remote-as 9\n no neighbor 9.9.9.9\n");
	cr_expect_str_eq(toy.changes.s, "+timers bgp 6 18\n", "%s", toy.changes.s);
	toy_load(&toy, "router bgp 1\n no neighbor 1.1.1.2\nno router bgp 1\nrouter bgp 1\n"
		       " timers bgp 6 18\n neighbor 1.1.1.1 remote-as 7\n");
	cr_expect_str_eq(toy.changes.s,
	    "~neighbor 1.1.1.1 remote-as 7\n-bgp router-id 1.1.1.1\n-neighbor 1.1.1.2 remote-as 2\n"
	    "-address-family ipv4 unicast\n",
	    "%s", toy.changes.s);
}

Test(cli_files, printing_in_pieces)
{
	struct sb whole, pieces;
	struct cli_printer *p;

	sb_init(&whole);
	sb_init(&pieces);
	toy_load(&toy, first);
	cli_print(toy.cli, &whole);
	p = cli_printer_new(toy.cli, NULL, NULL);
	while (cli_printer_step(p, &pieces, 1))
		continue;
	cli_printer_free(p);
	cr_expect_str_eq(pieces.s, whole.s);
	sb_fini(&whole);
	sb_fini(&pieces);
}

Test(cli_files, the_configuration_changes_under_the_printer)
{
	struct cli_printer *p;

	toy_load(&toy, first);
	p = cli_printer_new(toy.cli, NULL, NULL);
	while (!strstr(out.s, "neighbor 1.1.1.1 remote-as"))
		cli_printer_step(p, &out, 1);
	toy_run(&toy,
	    "router bgp 1\nno neighbor 1.1.1.2\nneighbor 1.1.1.3 remote-as 3\n"
	    "no bgp router-id\nno route-map A",
	    NULL);
	cli_printer_step(p, &out, 1);
	toy_run(&toy, "no router bgp 1", NULL);
	while (cli_printer_step(p, &out, 1))
		continue;
	cli_printer_free(p);
	cr_expect(
	    strstr(out.s,
		" neighbor 1.1.1.1 remote-as 1\n neighbor 1.1.1.3 remote-as 3\nexit\n!\n") != NULL,
	    "%s", out.s);
}
