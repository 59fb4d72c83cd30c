/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peer-groups: what a member's settings become of both's statements, and what goes along with what.
 * All through the command language, over an instance without sockets. */
#include <criterion/criterion.h>

#include "bgpd/peer/peergroup.h"
#include "tests/unit/cmd_lab.h"

static const char config[] = "router bgp 65001\n"
			     " neighbor PG peer-group\n"
			     " neighbor PG remote-as 65002\n"
			     " neighbor PG description ours\n"
			     " neighbor PG timers 5 15\n"
			     " neighbor PG passive\n"
			     " neighbor 10.0.0.2 peer-group PG\n"
			     " neighbor 10.0.0.3 peer-group PG\n"
			     " neighbor 10.0.0.3 remote-as 65003\n"
			     " neighbor 10.0.0.3 timers 6 18\n"
			     " neighbor 10.0.0.4 remote-as 65004\n"
			     " bgp listen range 10.9.0.0/16 peer-group PG\n"
			     " address-family ipv4 unicast\n"
			     "  neighbor PG next-hop-self\n"
			     "  neighbor PG maximum-prefix 100 50\n"
			     "  neighbor 10.0.0.3 maximum-prefix 200\n"
			     " exit-address-family\n"
			     " address-family ipv6 unicast\n"
			     "  neighbor PG activate\n"
			     " exit-address-family\n";

Test(cmd_groups, members_inherit_and_override)
{
	const struct peer *plain, *own, *other;
	struct lab l;

	lab_open(&l, config);
	plain = lab_peer(&l, "10.0.0.2");
	own = lab_peer(&l, "10.0.0.3");
	other = lab_peer(&l, "10.0.0.4");
	cr_expect_eq(plain->cfg.remote_as, 65002);
	cr_expect_eq(plain->cfg.hold, 15);
	cr_expect(plain->cfg.passive);
	cr_expect(plain->cfg.family[FAMILY_IPV4].next_hop_self);
	cr_expect(plain->cfg.family[FAMILY_IPV6].active);
	cr_expect_str_eq(plain->cfg.group, "PG");
	cr_expect_null(plain->cfg.description, "a description is not inherited");
	cr_expect_eq(plain->cfg.family[FAMILY_IPV4].max_prefix_threshold, 50);
	cr_expect_eq(own->cfg.family[FAMILY_IPV4].max_prefix, 200);
	cr_expect_eq(own->cfg.family[FAMILY_IPV4].max_prefix_threshold, 75, "one statement, whole");
	cr_expect_eq(own->cfg.remote_as, 65003);
	cr_expect_eq(own->cfg.hold, 18);
	cr_expect(own->cfg.passive);
	cr_expect_not(other->cfg.passive);
	cr_expect_not(other->cfg.family[FAMILY_IPV6].active);
	lab_close(&l);
}

Test(cmd_groups, a_change_reaches_those_who_do_not_say_otherwise)
{
	struct lab l;

	lab_open(&l, config);
	cr_expect_eq(lab_run(&l, "neighbor PG timers 7 21"), CLI_OK);
	cr_expect_eq(lab_peer(&l, "10.0.0.2")->cfg.hold, 21);
	cr_expect_eq(lab_peer(&l, "10.0.0.3")->cfg.hold, 18);
	cr_expect_eq(lab_run(&l, "no neighbor 10.0.0.3 timers"), CLI_OK);
	cr_expect_eq(lab_peer(&l, "10.0.0.3")->cfg.hold, 21);
	cr_expect_eq(lab_run(&l, "no neighbor PG passive"), CLI_OK);
	cr_expect_not(lab_peer(&l, "10.0.0.2")->cfg.passive);
	lab_close(&l);
}

Test(cmd_groups, activation_is_the_groups_until_said)
{
	struct lab l;

	lab_open(&l, config);
	lab_run(&l, "address-family ipv6 unicast");
	cr_expect_eq(lab_run(&l, "no neighbor 10.0.0.2 activate"), CLI_OK);
	cr_expect_not(lab_peer(&l, "10.0.0.2")->cfg.family[FAMILY_IPV6].active);
	cr_expect(lab_saved(&l, "  no neighbor 10.0.0.2 activate\n"));
	lab_run(&l, "neighbor 10.0.0.2 activate");
	cr_expect(lab_peer(&l, "10.0.0.2")->cfg.family[FAMILY_IPV6].active);
	cr_expect_not(lab_saved(&l, "neighbor 10.0.0.2 activate\n"));
	lab_close(&l);
}

Test(cmd_groups, membership_inside_a_family)
{
	struct lab l;

	lab_open(&l, config);
	lab_run(&l, "address-family ipv6 unicast");
	cr_expect_eq(lab_run(&l, "neighbor 10.0.0.4 peer-group PG"), CLI_OK, "%s", l.said.s);
	cr_expect_str_eq(lab_peer(&l, "10.0.0.4")->cfg.group, "PG");
	cr_expect_eq(lab_run(&l, "neighbor 10.0.0.4 next-hop-self"), CLI_OK);
	cr_expect(lab_peer(&l, "10.0.0.4")->cfg.family[FAMILY_IPV6].next_hop_self,
	    "still inside the family");
	lab_close(&l);
}

Test(cmd_groups, what_goes_along)
{
	struct lab l;

	lab_open(&l, config);
	cr_expect_eq(lab_run(&l, "no neighbor 10.0.0.2 peer-group PG"), CLI_OK);
	cr_expect_null(lab_peer(&l, "10.0.0.2"));
	cr_expect_eq(lab_run(&l, "no neighbor PG peer-group"), CLI_OK);
	cr_expect_null(lab_peer(&l, "10.0.0.3"));
	cr_expect_not_null(lab_peer(&l, "10.0.0.4"));
	cr_expect(list_empty(&l.inst->bgp->groups));
	cr_expect(list_empty(&l.inst->bgp->ranges));
	cr_expect_not(lab_saved(&l, "PG"), "%s", l.said.s);
	lab_close(&l);
}

Test(cmd_groups, without_its_as_a_group_keeps_members_with_one)
{
	struct lab l;

	lab_open(&l, config);
	cr_expect_eq(lab_run(&l, "no neighbor PG remote-as 65002"), CLI_OK);
	cr_expect_null(lab_peer(&l, "10.0.0.2"));
	cr_expect_eq(lab_peer(&l, "10.0.0.3")->cfg.remote_as, 65003);
	cr_expect(lab_saved(&l, " neighbor PG timers 5 15\n"));
	lab_close(&l);
}

static void refuses(struct lab *l, const char *line, const char *text)
{
	cr_expect_neq(lab_run(l, line), CLI_OK, "%s", line);
	cr_expect_str_eq(l->said.s, text);
}

Test(cmd_groups, refusals_in_frrs_words)
{
	struct lab l;

	lab_open(&l, config);
	lab_run(&l, "neighbor PG2 peer-group");
	refuses(&l, "neighbor 10.0.0.2 peer-group NOPE", "% Configure the peer-group first\n");
	refuses(&l, "neighbor 10.0.0.2 peer-group PG2",
	    "% Cannot change peer-group. Deconfigure first\n");
	refuses(&l, "no neighbor NOPE peer-group", "% Create the peer-group first\n");
	refuses(&l, "bgp listen range 10.0.0.0/8 peer-group NOPE",
	    "% Configure the peer-group first\n");
	refuses(&l, "bgp listen range 10.9.0.0/16 peer-group PG2",
	    "% Same listen range is attached to peer-group PG\n");
	refuses(&l, "bgp listen range 10.0.0.0/8 peer-group PG2",
	    "% Listen range overlaps with existing listen range\n");
	refuses(&l, "bgp listen range 10.9.7.0/24 peer-group PG",
	    "% Listen range overlaps with existing listen range\n");
	cr_expect_eq(lab_run(&l, "bgp listen range 10.9.7.0/16 peer-group PG"), CLI_OK);
	cr_expect_eq(lab_run(&l, "bgp listen range 10.8.0.0/16 peer-group PG2"), CLI_OK);
	cr_expect_eq(lab_run(&l, "bgp listen range ::/0 peer-group PG2"), CLI_OK);
	refuses(&l, "no bgp listen range 10.77.0.0/16 peer-group PG",
	    "% Range specified cannot be deleted because it is not part of current config.\n");
	lab_close(&l);
}

Test(cmd_groups, callers_from_a_range)
{
	struct addr in, out;
	struct peer *p;
	struct bgp *b;
	struct lab l;

	lab_open(&l, config);
	b = l.inst->bgp;
	cr_assert(addr_parse("10.9.1.1", &in) && addr_parse("10.8.1.1", &out));
	cr_expect_null(peer_group_accept(b, &out));
	p = peer_group_accept(b, &in);
	cr_assert_not_null(p);
	cr_expect(p->dynamic && p->cfg.hold == 15 && p->cfg.remote_as == 65002);
	cr_expect_eq(b->dynamic_count, 1);
	lab_run(&l, "bgp listen limit 1");
	in = addr_from_ipv4(0x0a090202);
	cr_expect_null(peer_group_accept(b, &in));
	lab_run(&l, "neighbor PG timers 8 24");
	cr_expect_eq(p->cfg.hold, 24);
	lab_run(&l, "no bgp listen range 10.9.0.0/16 peer-group PG");
	cr_expect_eq(b->dynamic_count, 0);
	cr_expect_null(lab_peer(&l, "10.9.1.1"));
	lab_close(&l);
}

/* The name of each neighbor in the order of `lines`, which begin with `before` it. */
static void expect_order(struct lab *l, const char *line, const char *before, const char *want)
{
	struct sb names, answer;
	const char *p;

	sb_init(&names);
	sb_init(&answer);
	lab_run_to(l, line, &answer);
	for (p = strstr(answer.s, before); p; p = strstr(p, before)) {
		p += strlen(before);
		sb_addn(&names, p, strcspn(p, " ,\":"));
		sb_addc(&names, ' ');
	}
	cr_expect_str_eq(names.s, want, "%s: %s", line, answer.s);
	sb_fini(&names);
	sb_fini(&answer);
}

Test(cmd_groups, members_stand_before_others)
{
	static const char first[] = "10.0.0.9 10.0.0.2 10.0.0.3 10.0.0.1 10.0.0.4 ";
	static const char then[] = "10.0.0.9 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.1 ";
	struct lab l;

	lab_open(&l, config);
	lab_run(&l, "neighbor AA peer-group");
	lab_run(&l, "neighbor 10.0.0.1 remote-as 65009");
	lab_run(&l, "neighbor 10.0.0.9 remote-as 65009");
	lab_run(&l, "neighbor 10.0.0.9 peer-group AA");
	expect_order(&l, "do show bgp neighbors", "BGP neighbor is ", first);
	expect_order(
	    &l, "do show bgp ipv4 unicast summary", "\n10.", "0.0.9 0.0.2 0.0.3 0.0.1 0.0.4 ");
	lab_run(&l, "neighbor 10.0.0.4 peer-group PG");
	expect_order(&l, "do show bgp neighbors", "BGP neighbor is ", then);
	expect_order(
	    &l, "do show bgp neighbors json", "\n  \"10.", "0.0.9 0.0.2 0.0.3 0.0.4 0.0.1 ");
	cr_expect(
	    lab_saved(&l, " neighbor 10.0.0.9 peer-group AA\n neighbor 10.0.0.9 remote-as 65009\n"
			  " neighbor 10.0.0.2 peer-group PG\n neighbor 10.0.0.3 peer-group PG\n"),
	    "%s", l.said.s);
	cr_expect(
	    lab_saved(&l, " neighbor 10.0.0.4 peer-group PG\n neighbor 10.0.0.4 remote-as 65004\n"
			  " neighbor 10.0.0.1 remote-as 65009\n"),
	    "%s", l.said.s);
	lab_close(&l);
}
