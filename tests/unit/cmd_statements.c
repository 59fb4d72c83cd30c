/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statements that act on others, and what single statements make of a neighbor's settings. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/cmd_lab.h"

static const char config[] = "router bgp 65001\n"
			     " neighbor PG peer-group\n"
			     " neighbor PG remote-as 65001\n"
			     " neighbor 10.0.0.2 remote-as 65001\n"
			     " neighbor 10.0.0.3 peer-group PG\n"
			     " neighbor 10.0.0.4 remote-as 65004\n"
			     " address-family ipv4 unicast\n"
			     "  no neighbor 10.0.0.4 activate\n"
			     " exit-address-family\n";

static bool active(struct lab *l, const char *address, enum family f)
{
	return lab_peer(l, address)->cfg.family[f].active;
}

/* New neighbors only: nobody's session ends because of the default for others. */
Test(cmd_statements, a_default_is_for_new_neighbors)
{
	struct lab l;

	lab_open(&l, config);
	cr_expect_eq(lab_run(&l, "no bgp default ipv4-unicast"), CLI_OK);
	lab_run(&l, "neighbor 10.0.0.5 remote-as 65005");
	lab_run(&l, "no bgp default ipv4-unicast");
	cr_expect(active(&l, "10.0.0.2", FAMILY_IPV4));
	cr_expect(active(&l, "10.0.0.3", FAMILY_IPV4));
	cr_expect_not(active(&l, "10.0.0.4", FAMILY_IPV4));
	cr_expect_not(active(&l, "10.0.0.5", FAMILY_IPV4));
	cr_expect(lab_saved(&l, "  neighbor PG activate\n  neighbor 10.0.0.2 activate\n exit"),
	    "%s", l.said.s);
	cr_expect_eq(lab_run(&l, "bgp default ipv4-unicast"), CLI_OK);
	cr_expect(active(&l, "10.0.0.3", FAMILY_IPV4));
	cr_expect_not(active(&l, "10.0.0.5", FAMILY_IPV4));
	cr_expect(lab_saved(&l, "  no neighbor 10.0.0.4 activate\n"
				"  no neighbor 10.0.0.5 activate\n exit"),
	    "%s", l.said.s);
	cr_expect_eq(lab_run(&l, "bgp default ipv6-unicast"), CLI_OK);
	lab_run(&l, "neighbor 10.0.0.6 remote-as 65006");
	cr_expect_not(active(&l, "10.0.0.2", FAMILY_IPV6));
	cr_expect(active(&l, "10.0.0.6", FAMILY_IPV6));
	lab_close(&l);
}

Test(cmd_statements, an_external_neighbor_is_no_client)
{
	struct lab l;

	lab_open(&l, config);
	lab_run(&l, "address-family ipv6 unicast");
	cr_expect_eq(lab_run(&l, "neighbor 10.0.0.2 route-reflector-client"), CLI_OK);
	cr_expect_eq(lab_run(&l, "neighbor 10.0.0.3 route-reflector-client"), CLI_OK);
	cr_expect_eq(lab_run(&l, "neighbor 10.0.0.2 remote-as 65002"), CLI_OK, "%s", l.said.s);
	cr_expect_eq(lab_run(&l, "neighbor PG remote-as external"), CLI_OK, "%s", l.said.s);
	cr_expect_eq(lab_peer(&l, "10.0.0.2")->cfg.remote_as, 65002);
	cr_expect_not(lab_saved(&l, "route-reflector-client"), "%s", l.said.s);
	lab_close(&l);
}

Test(cmd_statements, debugging_of_updates_ends_in_both_directions)
{
	struct lab l;

	lab_open(&l, config);
	lab_run(&l, "debug bgp updates");
	cr_expect(lab_saved(&l, "debug bgp updates in\ndebug bgp updates out\n"));
	lab_run(&l, "no debug bgp updates");
	cr_expect_not(lab_saved(&l, "debug bgp updates"), "%s", l.said.s);
	lab_close(&l);
}

/* A line that says what holds anyway is kept as long as it may be of use, not longer. */
Test(cmd_statements, nothing_is_left_of_a_reload)
{
	struct lab l;

	lab_open(&l, "router bgp 65001\n no bgp default ipv4-unicast\n neighbor PG peer-group\n"
		     " address-family ipv4 unicast\n  neighbor PG activate\n"
		     " exit-address-family\n bgp default ipv4-unicast\n");
	cr_expect_not(lab_saved(&l, "activate"), "%s", l.said.s);
	cr_expect_eq(cli_reload(l.inst->cli, "router bgp 65001\n", false, NULL, NULL, NULL), 0);
	lab_run(&l, "no bgp default ipv4-unicast");
	cr_expect_not(lab_saved(&l, "activate"), "%s", l.said.s);
	lab_close(&l);
}

/* ---- neighbors ---- */

/* Says the lines to 10.0.0.2 inside IPv4 unicast and returns whether `text` is saved, and no other
 * line with that word. */
static bool becomes(struct lab *l, const char *word, const char *const *lines, const char *text)
{
	lab_run(l, "address-family ipv4 unicast");
	for (; *lines; lines++)
		cr_expect_eq(lab_run(l, *lines), CLI_OK, "%s: %s", *lines, l->said.s);
	if (!lab_saved(l, text))
		return false;
	return strstr(strstr(l->said.s, word) + 1, word) == NULL;
}

static const struct peer_family_cfg *ipv4(struct lab *l)
{
	return &lab_peer(l, "10.0.0.2")->cfg.family[FAMILY_IPV4];
}

#define N "neighbor 10.0.0.2 "

Test(cmd_statements, kinds_of_communities_that_are_held_back)
{
	static const char *const all[] = {
	    "no " N "send-community both", "no " N "send-community large", NULL};
	static const char *const one[] = {N "send-community", N "send-community large", NULL};
	static const char *const none[] = {N "send-community all", NULL};
	static const char *const two[] = {
	    "no " N "send-community all", N "send-community extended", NULL};
	struct lab l;

	lab_open(&l, config);
	cr_expect(becomes(&l, "send-", all, "  no " N "send-community all\n"), "%s", l.said.s);
	cr_expect(ipv4(&l)->hold_community && ipv4(&l)->hold_ext_community &&
		  ipv4(&l)->hold_large_community);
	cr_expect(becomes(&l, "send-", one, "  no " N "send-community extended\n"), "%s", l.said.s);
	cr_expect(!ipv4(&l)->hold_community && ipv4(&l)->hold_ext_community &&
		  !ipv4(&l)->hold_large_community);
	lab_run(&l, none[0]);
	cr_expect_not(lab_saved(&l, "send-community"), "%s", l.said.s);
	cr_expect_not(ipv4(&l)->hold_ext_community);
	for (unsigned i = 0; two[i]; i++)
		lab_run(&l, two[i]);
	cr_expect(lab_saved(&l, "  no " N "send-community\n  no " N "send-community large\n"), "%s",
	    l.said.s);
	lab_close(&l);
}

/* What a group holds back a member does too. What it holds back itself stands, whatever the group
 * says and in which order; to take it back is to be as the group is (FRR 8.4 does all this). */
Test(cmd_statements, a_member_holds_back_communities)
{
	struct lab l;

	lab_open(&l, config);
	const struct peer_family_cfg *member = &lab_peer(&l, "10.0.0.3")->cfg.family[FAMILY_IPV4];
	lab_run(&l, "address-family ipv4 unicast");
	lab_run(&l, "no neighbor PG send-community all");
	cr_expect(member->hold_large_community);
	lab_run(&l, "neighbor 10.0.0.3 send-community large");
	cr_expect(member->hold_large_community);
	cr_expect_not(lab_saved(&l, "neighbor 10.0.0.3 send-community"), "%s", l.said.s);
	lab_run(&l, "no neighbor 10.0.0.3 send-community large");
	cr_expect(lab_saved(&l, "  no neighbor 10.0.0.3 send-community large\n"), "%s", l.said.s);
	lab_run(&l, "neighbor PG send-community all");
	cr_expect(member->hold_large_community && !member->hold_community);
	cr_expect(lab_saved(&l, "  no neighbor 10.0.0.3 send-community large\n"), "%s", l.said.s);
	lab_run(&l, "neighbor 10.0.0.3 send-community large");
	cr_expect_not(member->hold_large_community);
	cr_expect_not(lab_saved(&l, "send-community"), "%s", l.said.s);
	lab_close(&l);
}

Test(cmd_statements, own_as_and_next_hop)
{
	static const char *const usual[] = {N "allowas-in 3", NULL};
	static const char *const origin[] = {N "allowas-in origin", NULL};
	static const char *const force[] = {N "next-hop-self all", NULL};
	struct lab l;

	lab_open(&l, config);
	cr_expect(becomes(&l, "allowas", usual, "  " N "allowas-in\n"), "%s", l.said.s);
	cr_expect_eq(ipv4(&l)->own_as_times, 3);
	cr_expect(becomes(&l, "allowas", origin, "  " N "allowas-in origin\n"), "%s", l.said.s);
	cr_expect(ipv4(&l)->own_as_origin);
	cr_expect(becomes(&l, "next-hop", force, "  " N "next-hop-self force\n"), "%s", l.said.s);
	cr_expect(ipv4(&l)->next_hop_self && ipv4(&l)->next_hop_force);
	lab_run(&l, "no " N "next-hop-self");
	cr_expect_not(ipv4(&l)->next_hop_self || ipv4(&l)->next_hop_force);
	lab_close(&l);
}

Test(cmd_statements, capabilities_one_by_one)
{
	struct lab l;

	lab_open(&l, config);
	cr_expect_eq(lab_run(&l, N "override-capability"), CLI_OK);
	cr_expect_eq(lab_run(&l, N "strict-capability-match"), CLI_CONFIG_FAILED);
	cr_expect_str_eq(l.said.s, "% Can't set override-capability and strict-capability-match at "
				   "the same time\n");
	lab_run(&l, "no " N "capability fqdn");
	lab_run(&l, N "dont-capability-negotiate");
	cr_expect_not(lab_peer(&l, "10.0.0.2")->cfg.fqdn);
	cr_expect(lab_saved(&l, " no " N "capability fqdn\n " N "dont-capability-negotiate\n " N
				"override-capability\n"),
	    "%s", l.said.s);
	lab_close(&l);
}

Test(cmd_statements, an_instance_is_shut_down_whole)
{
	struct lab l;

	lab_open(&l, config);
	lab_run(&l, "neighbor 10.0.0.4 shutdown");
	lab_run(&l, "bgp shutdown");
	cr_expect(lab_peer(&l, "10.0.0.2")->cfg.shutdown && lab_peer(&l, "10.0.0.3")->cfg.shutdown);
	lab_run(&l, "no bgp shutdown");
	cr_expect_not(lab_peer(&l, "10.0.0.2")->cfg.shutdown);
	cr_expect(lab_peer(&l, "10.0.0.4")->cfg.shutdown);
	lab_close(&l);
}

Test(cmd_statements, first_as_of_nobody)
{
	struct lab l;

	lab_open(&l, config);
	cr_expect(lab_peer(&l, "10.0.0.2")->cfg.enforce_first_as);
	lab_run(&l, "no bgp enforce-first-as");
	cr_expect_not(lab_peer(&l, "10.0.0.2")->cfg.enforce_first_as);
	lab_run(&l, "bgp enforce-first-as");
	cr_expect(lab_peer(&l, "10.0.0.2")->cfg.enforce_first_as);
	cr_expect_not(lab_saved(&l, "enforce-first-as"));
	lab_close(&l);
}

Test(cmd_statements, private_numbers_are_kept_from_external_neighbors)
{
	const struct peer_family_cfg *f;
	struct lab l;

	lab_open(&l, config);
	lab_run(&l, "address-family ipv4 unicast");
	cr_expect_eq(lab_run(&l, "neighbor 10.0.0.3 remove-private-AS"), CLI_CONFIG_FAILED);
	cr_expect_str_eq(l.said.s, "% remove-private-AS cannot be configured for IBGP peers\n");
	cr_expect_eq(lab_run(&l, "neighbor 10.0.0.4 remove-private-AS all replace-AS"), CLI_OK);
	f = &lab_peer(&l, "10.0.0.4")->cfg.family[FAMILY_IPV4];
	cr_expect(f->no_private_as && f->no_private_as_all && f->no_private_as_replace);
	cr_expect(lab_saved(&l, "  neighbor 10.0.0.4 remove-private-AS all replace-AS\n"));
	lab_run(&l, "neighbor 10.0.0.4 remote-as internal");
	cr_expect_not(lab_saved(&l, "remove-private-AS"), "%s", l.said.s);
	lab_close(&l);
}

/* As FRR's mgmtd has them: the shorter ones first, whatever their addresses. */
Test(cmd_statements, static_routes_go_by_length)
{
	struct lab l;

	lab_open(&l, config);
	lab_run(&l, "exit");
	cr_expect_eq(lab_run(&l, "ip route 10.255.0.1/32 10.0.13.1"), CLI_OK);
	cr_expect_eq(lab_run(&l, "ip route 203.0.113.0/24 blackhole"), CLI_OK);
	cr_expect_eq(lab_run(&l, "ip route 10.0.12.0/30 10.0.13.1"), CLI_OK);
	cr_expect_eq(lab_run(&l, "ip route 10.255.0.0/32 10.0.13.1"), CLI_OK);
	cr_expect(lab_saved(&l, "ip route 203.0.113.0/24 blackhole\n"
				"ip route 10.0.12.0/30 10.0.13.1\n"
				"ip route 10.255.0.0/32 10.0.13.1\n"
				"ip route 10.255.0.1/32 10.0.13.1\n"),
	    "%s", l.said.s);
	cr_expect_eq(lab_run(&l, "no ip route 10.0.12.0/30 10.0.13.1"), CLI_OK);
	cr_expect_not(lab_saved(&l, "10.0.12.0"), "%s", l.said.s);
	lab_close(&l);
}
