/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines against the toy language: matching, errors, storing, printing, moving between modes. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/cli_toy.h"

#define HEAD "frr version 10.8\nfrr defaults traditional\nhostname r1\n"
#define TOP HEAD "service integrated-vtysh-config\n!\n"

static struct toy toy;
static struct sb out;

static void setup(void)
{
	toy_init(&toy);
	sb_init(&out);
}

static void teardown(void)
{
	sb_fini(&out);
	toy_fini(&toy);
}

TestSuite(cli_basic, .init = setup, .fini = teardown);

/* Runs lines and compares what they printed. */
#define EXPECT(lines, want_rc, want)                                                               \
	do {                                                                                       \
		enum cli_rc got = toy_run(&toy, lines, &out);                                      \
		cr_expect_eq(got, want_rc, "%s: rc %d", lines, got);                               \
		cr_expect_str_eq(out.s, want, "%s: \"%s\"", lines, out.s);                         \
		sb_clear(&out);                                                                    \
	} while (0)

#define PRINTS(lines, want)                                                                        \
	do {                                                                                       \
		toy_run(&toy, lines, NULL);                                                        \
		cr_expect_str_eq(toy_print(&toy), want, "%s", toy_print(&toy));                    \
	} while (0)

Test(cli_basic, errors_in_frr_words)
{
	EXPECT("foo", CLI_NO_MATCH, "% Unknown command: foo\n");
	EXPECT("router bgp 0", CLI_NO_MATCH, "% Unknown command: router bgp 0\n");
	EXPECT("router bgp 4294967296", CLI_NO_MATCH, "% Unknown command: router bgp 4294967296\n");
	EXPECT("router bgp 65001 view", CLI_INCOMPLETE,
	    "% Command incomplete: router bgp 65001 view\n");
	EXPECT("router bgp 1\nn", CLI_INCOMPLETE, "% Command incomplete: n\n");
	EXPECT("router bgp 1\nneighbor 10.0.0.2 remote-as", CLI_INCOMPLETE,
	    "% Command incomplete: neighbor 10.0.0.2 remote-as\n");
	EXPECT("router bgp 1\ntimers bgp 65536 1", CLI_NO_MATCH,
	    "% Unknown command: timers bgp 65536 1\n");
	EXPECT("router bgp 1\ntimers bgp 1 2", CLI_CONFIG_FAILED,
	    "% hold time value must be either 0 or greater than 3\n");
	EXPECT("router bgp 1\nneighbor 10.0.0.99 timers 1 3", CLI_CONFIG_FAILED,
	    "% Specify remote-as or peer-group commands first\n");
	EXPECT("end\nshow ip r", CLI_AMBIGUOUS, "% Ambiguous command: show ip r\n");
	EXPECT("end\nc", CLI_AMBIGUOUS, "% Ambiguous command: c\n");
	EXPECT("end\nshow", CLI_INCOMPLETE, "% Command incomplete: show\n");
	EXPECT("do foo", CLI_NO_MATCH, "% Unknown command: do foo\n");
	EXPECT("show ip route", CLI_NO_MATCH, "% Unknown command: show ip route\n");
	EXPECT("exit-address-family", CLI_NO_MATCH, "% Unknown command: exit-address-family\n");
	EXPECT("! comment\n# comment\n\n   ", CLI_OK, "");
}

Test(cli_basic, abbreviations)
{
	EXPECT("end\nsh ip b su", CLI_OK, "ran: show ip bgp summary\n");
	EXPECT("end\n  show   ip   ro  ", CLI_OK, "ran: show ip ro\n");
	EXPECT("end\nshow ip route", CLI_OK, "ran: show ip route\n");
	EXPECT("do sh bgp nei 10.0.0.2 js", CLI_OK, "ran: show bgp neighbors 10.0.0.2 json\n");
	EXPECT("end\nno deb bgp up in", CLI_OK, "ran: no debug bgp updates in\n");
	EXPECT(
	    "end\nshow bgp 10.0.0.0/33", CLI_NO_MATCH, "% Unknown command: show bgp 10.0.0.0/33\n");
	EXPECT("end\nshow count", CLI_OK, "3\n2\n1\n");
	PRINTS("rout bgp 65001\nn 10.0.0.2 remote-a 5\nnei 10.0.0.2 desc  two   words\nn 10.0.0.2 "
	       "shut",
	    TOP "router bgp 65001\n neighbor 10.0.0.2 remote-as 5\n"
		" neighbor 10.0.0.2 description two words\n neighbor 10.0.0.2 shutdown\nexit\n!\n");
}

Test(cli_basic, nothing_said)
{
	PRINTS("", TOP);
	cr_expect_eq(toy.applied, 0);
}

Test(cli_basic, order_of_lines)
{
	PRINTS("router bgp 65001\n"
	       "neighbor 10.0.0.10 remote-as 10\nneighbor 2001:db8::9 remote-as 9\n"
	       "neighbor 10.0.0.9 remote-as 9\nneighbor eth1 remote-as external\n"
	       "neighbor ZZ peer-group\nneighbor AA peer-group\nneighbor AA remote-as 7\n"
	       "timers bgp 10 30\nbgp router-id 1.1.1.1\nno bgp ebgp-requires-policy\n"
	       "network 192.168.0.0/24\nnetwork 10.1.2.3/16\nnetwork 10.0.0.0/8\n"
	       "address-family ipv4\nmaximum-paths 2\nredistribute static\nredistribute kernel\n"
	       "neighbor 10.0.0.9 route-map B out\nneighbor 10.0.0.9 route-map A in\n"
	       "neighbor AA route-map A in\n"
	       "exit-address-family\naddress-family ipv6 unicast\nneighbor 2001:db8::9 activate\n"
	       "interface eth0\nip address 10.0.0.1/24\nip prefix-list P permit 10.0.0.0/8\n"
	       "hostname core",
	    "frr version 10.8\nfrr defaults traditional\nhostname core\n"
	    "service integrated-vtysh-config\n!\n"
	    "ip prefix-list P seq 5 permit 10.0.0.0/8\n!\n"
	    "interface eth0\n ip address 10.0.0.1/24\nexit\n!\n"
	    "router bgp 65001\n bgp router-id 1.1.1.1\n no bgp ebgp-requires-policy\n"
	    " timers bgp 10 30\n neighbor AA peer-group\n neighbor AA remote-as 7\n"
	    " neighbor ZZ peer-group\n neighbor eth1 remote-as external\n"
	    " neighbor 10.0.0.9 remote-as 9\n neighbor 10.0.0.10 remote-as 10\n"
	    " neighbor 2001:db8::9 remote-as 9\n"
	    " !\n address-family ipv4 unicast\n"
	    "  network 10.0.0.0/8\n  network 10.1.0.0/16\n  network 192.168.0.0/24\n"
	    "  redistribute kernel\n  redistribute static\n"
	    "  neighbor AA route-map A in\n"
	    "  neighbor 10.0.0.9 route-map A in\n  neighbor 10.0.0.9 route-map B out\n"
	    "  maximum-paths 2\n exit-address-family\n"
	    " !\n address-family ipv6 unicast\n  neighbor 2001:db8::9 activate\n"
	    " exit-address-family\nexit\n!\n");
}

Test(cli_basic, sections)
{
	PRINTS(
	    "ip prefix-list B permit any\nip prefix-list A permit any\nip prefix-list A deny any\n"
	    "route-map R permit 20\nroute-map R permit 10\nset community 1:1 2:2\n"
	    "access-list X seq 1 permit 10.0.0.0/8\nno ip forwarding",
	    HEAD
	    "no ip forwarding\nservice integrated-vtysh-config\n!\n"
	    "ip prefix-list A seq 5 permit any\nip prefix-list A seq 10 deny any\n"
	    "ip prefix-list B seq 5 permit any\n!\n"
	    "route-map R permit 10\n set community 1:1 2:2\nexit\n!\nroute-map R permit 20\nexit\n"
	    "!\naccess-list X seq 1 permit 10.0.0.0/8\n!\n");
}

Test(cli_basic, defaults_are_not_stored)
{
	PRINTS("router bgp 1\ntimers bgp 60 180\nno bgp log-neighbor-changes\n"
	       "bgp ebgp-requires-policy\nbgp default ipv4-unicast",
	    TOP "router bgp 1\nexit\n!\n");
	PRINTS(
	    "router bgp 1\ntimers bgp 3 9\nbgp log-neighbor-changes\nno bgp ebgp-requires-policy",
	    TOP "router bgp 1\n bgp log-neighbor-changes\n no bgp ebgp-requires-policy\n"
		" timers bgp 3 9\nexit\n!\n");
	PRINTS("router bgp 1\ntimers bgp 60 180\nno bgp log-neighbor-changes\n"
	       "bgp ebgp-requires-policy",
	    TOP "router bgp 1\nexit\n!\n");
	PRINTS("router bgp 1\nneighbor 1.1.1.1 remote-as 1\naddress-family ipv4 unicast\n"
	       "neighbor 1.1.1.1 activate\nmaximum-paths 64",
	    TOP "router bgp 1\n neighbor 1.1.1.1 remote-as 1\nexit\n!\n");
	PRINTS("router bgp 1\naddress-family ipv4 unicast\nno neighbor 1.1.1.1 activate",
	    TOP "router bgp 1\n neighbor 1.1.1.1 remote-as 1\n !\n address-family ipv4 unicast\n"
		"  no neighbor 1.1.1.1 activate\n exit-address-family\nexit\n!\n");
}

Test(cli_basic, datacenter_profile)
{
	toy_load(&toy, "frr defaults datacenter\nrouter bgp 1\n timers bgp 60 180\n"
		       " no bgp log-neighbor-changes\n bgp ebgp-requires-policy\n");
	cr_expect_str_eq(toy_print(&toy),
	    "frr version 10.8\nfrr defaults datacenter\nhostname r1\nservice "
	    "integrated-vtysh-config\n!\n"
	    "router bgp 1\n no bgp log-neighbor-changes\n bgp ebgp-requires-policy\n"
	    " timers bgp 60 180\nexit\n!\n");
	toy_run(&toy,
	    "router bgp 1\ntimers bgp 3 9\nbgp log-neighbor-changes\nno bgp ebgp-requires-policy",
	    NULL);
	cr_expect(strstr(toy_print(&toy), "router bgp 1\nexit\n") != NULL);
}

Test(cli_basic, values_and_their_no)
{
	PRINTS("router bgp 1\nneighbor 1.1.1.1 remote-as 1\nneighbor 1.1.1.1 timers 5 15\n"
	       "neighbor 1.1.1.1 timers 6 18\nneighbor 1.1.1.1 timers connect 7\n"
	       "neighbor 1.1.1.1 local-as 5 no-prepend\nno neighbor 1.1.1.1 timers",
	    TOP "router bgp 1\n neighbor 1.1.1.1 remote-as 1\n"
		" neighbor 1.1.1.1 local-as 5 no-prepend\n"
		" neighbor 1.1.1.1 timers connect 7\nexit\n!\n");
	PRINTS("router bgp 1\nno neighbor 1.1.1.1 timers connect\nno neighbor 1.1.1.1 local-as",
	    TOP "router bgp 1\n neighbor 1.1.1.1 remote-as 1\nexit\n!\n");
}

Test(cli_basic, no_takes_the_family_along)
{
	const char *lines = "router bgp 1\nneighbor 1.1.1.1 remote-as 1\n"
			    "neighbor 1.1.1.1 shutdown message be right back\n"
			    "address-family ipv6 unicast\nneighbor 1.1.1.1 activate\n";

	toy_run(&toy, lines, NULL);
	PRINTS("router bgp 1\nno neighbor 1.1.1.1", TOP "router bgp 1\nexit\n!\n");
	toy_run(&toy, lines, NULL);
	PRINTS("router bgp 1\nno neighbor 1.1.1.1 remote-as 1", TOP "router bgp 1\nexit\n!\n");
	toy_run(&toy, lines, NULL);
	PRINTS("no router bgp 1", TOP);
	PRINTS("route-map A permit 5\nroute-map A permit 6\nroute-map B permit 1\nno route-map A",
	    TOP "route-map B permit 1\nexit\n!\n");
	PRINTS("no route-map B permit 1", TOP);
}

Test(cli_basic, a_block_keeps_what_is_in_it)
{
	PRINTS("route-map A permit 5\nmatch metric 3\nroute-map A deny 5",
	    TOP "route-map A deny 5\n match metric 3\nexit\n!\n");
	cr_expect_str_eq(toy.changes.s, "~route-map A deny 5\n");
}

Test(cli_basic, prompts_and_modes)
{
	struct cli_session *s = cli_session_new(toy.cli, MODE_ENABLE);
	static const struct {
		const char *line, *prompt;
	} step[] = {
	    {"disable", "r1> "},
	    {"enable", "r1# "},
	    {"conf t", "r1(config)# "},
	    {"router bgp 1", "r1(config-router)# "},
	    {"address-family ipv4", "r1(config-router-af)# "},
	    {"neighbor 1.1.1.1 remote-as 5", "r1(config-router)# "},
	    {"address-family ipv6 unicast", "r1(config-router-af)# "},
	    {"exit", "r1(config-router)# "},
	    {"route-map A permit 5", "r1(config-route-map)# "},
	    {"quit", "r1(config)# "},
	    {"interface eth0", "r1(config-if)# "},
	    {"end", "r1# "},
	    {"exit", "r1# "},
	};

	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		cr_expect_eq(cli_exec(s, step[i].line, &out), CLI_OK, "%s", step[i].line);
		sb_clear(&out);
		cli_prompt(s, &out);
		cr_expect_str_eq(out.s, step[i].prompt, "%s: %s", step[i].line, out.s);
		sb_clear(&out);
	}
	cr_expect(cli_session_closed(s));
	cli_session_free(s);
}

Test(cli_basic, a_session_survives_its_block)
{
	struct cli_session *a = cli_session_new(toy.cli, MODE_CONFIG);

	cli_exec(a, "router bgp 1", &out);
	cr_expect(cli_session_block(a) != NULL);
	toy_run(&toy, "no router bgp 1", NULL);
	cr_expect_eq(cli_session_block(a), NULL);
	cr_expect_eq(cli_exec(a, "bgp router-id 1.1.1.1", &out), CLI_WARNING);
	cr_expect_str_eq(out.s, "Current configuration object was deleted by another process.\n");
	cr_expect_eq(cli_exec(a, "router bgp 1", &out), CLI_OK);
	cli_session_free(a);
}

Test(cli_basic, refused_change_leaves_nothing)
{
	toy_run(&toy, "router bgp 1\nneighbor 1.1.1.1 remote-as 1", NULL);
	toy.refuse = true;
	EXPECT("no router bgp 1", CLI_CONFIG_FAILED, "% refused\n");
	EXPECT("router bgp 1\nneighbor 1.1.1.1 shutdown", CLI_CONFIG_FAILED, "% refused\n");
	cr_expect_str_eq(
	    toy_print(&toy), TOP "router bgp 1\n neighbor 1.1.1.1 remote-as 1\nexit\n!\n");
}

Test(cli_basic, what_apply_is_told)
{
	toy_run(&toy, "router bgp 1", NULL);
	cr_expect_str_eq(toy.changes.s, "+router bgp 1\n");
	toy_run(&toy, "router bgp 1\nnetwork 10.0.0.0/8", NULL);
	cr_expect_str_eq(toy.changes.s, "+address-family ipv4 unicast\n+network 10.0.0.0/8\n");
	toy_run(&toy, "router bgp 1\naddress-family ipv4\nnetwork 10.0.0.0/8 backdoor", NULL);
	cr_expect_str_eq(toy.changes.s, "~network 10.0.0.0/8 backdoor\n");
	toy_run(&toy, "router bgp 1\naddress-family ipv4\nno network 10.0.0.0/8", NULL);
	cr_expect_str_eq(toy.changes.s, "-address-family ipv4 unicast\n");
	unsigned before = toy.applied;
	toy_run(&toy, "router bgp 1\nrouter bgp 1\nbgp default ipv4-unicast\nno neighbor 9.9.9.9",
	    NULL);
	cr_expect_eq(toy.applied, before);
}

/* As FRR: the more specific kind of value decides between two abbreviated keywords. */
Test(cli_basic, specific_values_decide)
{
	toy_run(&toy, "router bgp 1\nneighbor 10.0.0.2 remote-as 7\nneighbor 10.0.0.2 remo 65002",
	    NULL);
	cr_expect_str_eq(toy.changes.s, "+neighbor 10.0.0.2 remote-link-id 65002\n");
	toy_run(&toy, "router bgp 1\nneighbor 10.0.0.2 remo internal", NULL);
	cr_expect_str_eq(toy.changes.s, "~neighbor 10.0.0.2 remote-as internal\n");
}

/* Lines that were there before their group was one move with it, in the family's blocks too. */
Test(cli_basic, groups_come_first_whenever_they_become_one)
{
	PRINTS("router bgp 1\nneighbor AA remote-as 1\nneighbor ZZ remote-as 2\n"
	       "address-family ipv6 unicast\nneighbor ZZ activate\nneighbor AA activate\nexit\n"
	       "neighbor ZZ peer-group",
	    TOP "router bgp 1\n neighbor ZZ peer-group\n neighbor ZZ remote-as 2\n"
		" neighbor AA remote-as 1\n !\n address-family ipv6 unicast\n"
		"  neighbor ZZ activate\n  neighbor AA activate\n exit-address-family\nexit\n!\n");
	PRINTS("router bgp 1\nno neighbor ZZ peer-group",
	    TOP "router bgp 1\n neighbor AA remote-as 1\n !\n address-family ipv6 unicast\n"
		"  neighbor AA activate\n exit-address-family\nexit\n!\n");
}

Test(cli_basic, words_in_any_order_are_stored_in_one)
{
	PRINTS("router bgp 1\naddress-family ipv4\nredistribute local route-map R metric 05\n"
	       "network 10.0.0.0/8 backdoor label-index 3",
	    TOP "router bgp 1\n !\n address-family ipv4 unicast\n"
		"  network 10.0.0.0/8 label-index 3 backdoor\n"
		"  redistribute local metric 5 route-map R\n exit-address-family\nexit\n!\n");
}

Test(cli_basic, arguments_of_a_node)
{
	const struct conf_node *bgp, *n;
	struct cli_args *a;
	struct addr addr;
	uint32_t as;
	char text[32];

	toy_run(&toy,
	    "router bgp 1\nneighbor 10.0.0.2 remote-as 1.5\nneighbor 10.0.0.2 timers 5 15\n"
	    "neighbor 10.0.0.20 remote-as 5\nneighbor 10.0.0.2 shutdown message a b",
	    NULL);
	bgp = conf_find(conf_root(cli_running(toy.cli)), "router bgp 1");
	cr_assert(bgp != NULL);
	n = conf_find(bgp, "neighbor 10.0.0.2 timers");
	cr_assert(n != NULL);
	a = conf_args(n);
	cr_expect_eq(arg_u32(a, "hold", 0), 15);
	cr_expect_eq(arg_u32(a, "nothing", 7), 7);
	cr_expect(arg_addr(a, "peer", &addr));
	cr_expect_eq(addr_to_ipv4(&addr), 0x0a000002);
	cr_expect_not(arg_has(a, "connect"));
	cr_expect_str_eq(arg_line(a), "neighbor 10.0.0.2 timers 5 15");
	conf_args_free(a);
	a = conf_args(conf_find(bgp, "neighbor 10.0.0.2 remote-as 9"));
	cr_expect(arg_as(a, "as", &as));
	cr_expect_eq(as, 0x10005);
	conf_args_free(a);
	cr_expect(
	    conf_arg(conf_find(bgp, "neighbor 10.0.0.2 shutdown"), "msg", text, sizeof(text)));
	cr_expect_str_eq(text, "a b");
	unsigned lines = 0;
	for (n = conf_first_of(bgp, "neighbor", "10.0.0.2"); n; n = conf_next_of(n))
		lines++;
	cr_expect_eq(lines, 3);
	cr_expect_eq(conf_first_of(bgp, "neighbor", "10.0.0.3"), NULL);
	cr_expect_eq(conf_first_of(bgp, "nothing", "10.0.0.2"), NULL);
}

Test(cli_basic, a_deferred_answer_may_be_dropped)
{
	struct cli_session *s = cli_session_new(toy.cli, MODE_ENABLE);

	cr_expect_eq(cli_exec(s, "show count 1000", &out), CLI_SUSPEND);
	cr_expect_eq(cli_more(s, &out), CLI_SUSPEND);
	cr_expect_str_eq(out.s, "1000\n");
	cli_cancel(s);
	cr_expect_eq(cli_more(s, &out), CLI_OK);
	/* a new line, or the end of the session, drops one too: the leak check sees to it */
	cr_expect_eq(cli_exec(s, "show count 1000", &out), CLI_SUSPEND);
	cr_expect_eq(cli_exec(s, "show count 10", &out), CLI_SUSPEND);
	cli_session_free(s);
}

Test(cli_basic, hostile_lines)
{
	struct sb line;

	sb_init(&line);
	for (unsigned i = 0; i < 3000; i++)
		sb_add(&line, "a ");
	cr_expect_eq(toy_run(&toy, line.s, NULL), CLI_NO_MATCH);
	sb_clear(&line);
	sb_add(&line, "interface ");
	for (unsigned i = 0; i < 100000; i++)
		sb_addc(&line, 'x');
	cr_expect_eq(toy_run(&toy, line.s, NULL), CLI_NO_MATCH);
	sb_fini(&line);
}
