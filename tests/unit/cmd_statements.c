/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statements that act on others, and what single statements make of a neighbor's settings. */
#include <criterion/criterion.h>

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
