/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shows of zebra's and staticd's side, over a kernel that is not there.
 *
 * Routes come from a configuration, from the fake kernel and, for BGP's, by hand; what FRR 10
 * printed for such a table stands here as text. Times are blanked.
 */
#include <criterion/criterion.h>
#include <ctype.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/show_rt.h"
#include "bgpd/instance.h"
#include "bgpd/options.h"
#include "bgpd/startup.h"
#include "kernel_fake.h"
#include "lib/clock.h"

#define CODES                                                                                      \
	"Codes: K - kernel route, C - connected, L - local, S - static,\n"                         \
	"       B - BGP, T - Table, v - VNC, V - VNC-Direct,\n"                                    \
	"       t - Table-Direct,\n"                                                               \
	"       > - selected route, * - FIB route, q - queued, r - rejected, b - backup\n"         \
	"       t - trapped, o - offload failure\n\n"

static const char config[] = "hostname r1\n"
			     "interface eth0\n"
			     " description to the world\n"
			     "ip route 10.1.0.0/24 Null0\n"
			     "ip route 10.2.0.0/24 blackhole\n"
			     "ip route 10.3.0.0/24 reject\n"
			     "ip route 10.4.0.0/24 192.168.1.5\n"
			     "ip route 10.4.0.0/24 192.168.1.6\n"
			     "ip route 10.5.0.0/24 10.4.0.7 tag 70\n"
			     "ip route 10.6.0.0/24 10.77.77.77\n"
			     "ip route 10.8.0.0/16 192.168.1.5 50\n"
			     "router bgp 65001\n"
			     " no bgp ebgp-requires-policy\n"
			     " neighbor 192.168.1.2 remote-as 65002\n"
			     " neighbor 192.168.1.2 shutdown\n"
			     " neighbor 192.168.1.3 remote-as 65001\n"
			     " neighbor 192.168.1.3 shutdown\n"
			     " network 10.1.0.0/24\n"
			     " network 10.99.0.0/24\n";

struct lab {
	struct fake *fake;
	struct options opts;
	struct instance *inst;
	struct cli_session *session;
};

static void settle(struct lab *l)
{
	while (!rib_idle(l->inst->bgp->rib[FAMILY_IPV4]))
		event_base_loop(l->fake->base, EVLOOP_NONBLOCK);
}

static void lab_open(struct lab *l)
{
	l->fake = fake_new(true);
	fake_link(l->fake, 1, "lo", true);
	fake_link(l->fake, 2, "eth0", true);
	fake_address(l->fake, 2, "192.168.1.1/24", false);
	l->opts = (struct options){.dry_run = true, .ecmp = 64};
	l->inst = instance_new(l->fake->base, &l->opts);
	nht_free(l->inst->nht);
	l->inst->kernel = l->fake->k;
	l->inst->nht = nht_new(l->fake->k);
	startup_cli(l->inst);
	cr_assert_eq(cli_load(l->inst->cli, config, false, NULL, NULL), 0);
	fake_run(l->fake);
	settle(l);
	l->fake->hold = true;
	l->session = cli_session_new(l->inst->cli, MODE_ENABLE);
}

static void lab_close(struct lab *l)
{
	cli_session_free(l->session);
	bgp_stop(l->inst->bgp);
	l->inst->bgp = NULL;
	l->inst->kernel = NULL;
	instance_free(l->inst);
	fake_free(l->fake);
}

/* A route of a neighbor, as an UPDATE would bring it. Nothing acknowledges it: it stays queued. */
static void learn(struct lab *l, const char *neighbor, const char *prefix, const char *next_hop)
{
	static const uint8_t path[] = {AS_SEQUENCE, 1, 0, 0, 0xfd, 0xea};
	struct bgp *b = l->inst->bgp;
	struct addr a = fake_addr(neighbor);
	struct prefix p = fake_prefix(prefix);
	struct attr_set set = {
	    .have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) | ATTR_BIT(ATTR_NEXT_HOP) |
		    ATTR_BIT(ATTR_MED),
	    .med = 5,
	    .next_hop = fake_addr(next_hop),
	    .as_path = {path, sizeof(path)},
	};
	uint32_t id = attr_intern(b->env.attrs, &set);

	attr_ref(b->env.attrs, id);
	rib_path_set(b->rib[FAMILY_IPV4], &peer_find(b, &a)->source, &p, 0, id, id);
	settle(l);
	fake_clear(l->fake);
}

/* The digits of times (00:00:01) become zeros. */
static void blank(struct sb *s)
{
	for (char *p = s->s; (p = strstr(p, "00:0"));)
		for (; isdigit((unsigned char)*p) || *p == ':'; p++)
			*p = *p == ':' ? ':' : '0';
}

static enum cli_rc run(struct lab *l, const char *line, struct sb *to)
{
	enum cli_rc rc = cli_exec(l->session, line, to);

	while (rc == CLI_SUSPEND)
		rc = cli_more(l->session, to);
	blank(to);
	return rc;
}

static void says(struct lab *l, const char *line, const char *text)
{
	struct sb have;

	sb_init(&have);
	cr_expect_eq(run(l, line, &have), CLI_OK, "%s", line);
	cr_expect_str_eq(have.s, text, "%s:\n%s\ninstead of\n%s", line, have.s, text);
	sb_fini(&have);
}

static void has(struct lab *l, const char *line, const char *part)
{
	struct sb have;

	sb_init(&have);
	cr_expect_eq(run(l, line, &have), CLI_OK, "%s", line);
	cr_expect(strstr(have.s, part), "%s:\n%s\nlacks\n%s", line, have.s, part);
	sb_fini(&have);
}

Test(cmd_show_rt, table)
{
	struct lab l;

	lab_open(&l);
	says(&l, "show ip route",
	    CODES "IPv4 unicast VRF default:\n"
		  "S>* 10.1.0.0/24 [1/0] unreachable (blackhole), weight 1, 00:00:00\n"
		  "S>* 10.2.0.0/24 [1/0] unreachable (blackhole), weight 1, 00:00:00\n"
		  "S>* 10.3.0.0/24 [1/0] unreachable (ICMP unreachable), weight 1, 00:00:00\n"
		  "S>* 10.4.0.0/24 [1/0] via 192.168.1.5, eth0, weight 1, 00:00:00\n"
		  "  *                   via 192.168.1.6, eth0, weight 1, 00:00:00\n"
		  "S>  10.5.0.0/24 [1/0] via 10.4.0.7 (recursive), weight 1, 00:00:00\n"
		  "  *                     via 192.168.1.5, eth0, weight 1, 00:00:00\n"
		  "  *                     via 192.168.1.6, eth0, weight 1, 00:00:00\n"
		  "S>* 10.8.0.0/16 [50/0] via 192.168.1.5, eth0, weight 1, 00:00:00\n"
		  "C>* 192.168.1.0/24 is directly connected, eth0, weight 1, 00:00:00\n"
		  "L>* 192.168.1.1/32 is directly connected, eth0, weight 1, 00:00:00\n");
	says(&l, "show ip route connected",
	    CODES "IPv4 unicast VRF default:\n"
		  "C>* 192.168.1.0/24 is directly connected, eth0, weight 1, 00:00:00\n");
	says(&l, "show ip route 10.2.0.0/15 longer-prefixes tag 70", "");
	says(&l, "show ip route 10.2.0.0/15 longer-prefixes",
	    CODES "IPv4 unicast VRF default:\n"
		  "S>* 10.2.0.0/24 [1/0] unreachable (blackhole), weight 1, 00:00:00\n"
		  "S>* 10.3.0.0/24 [1/0] unreachable (ICMP unreachable), weight 1, 00:00:00\n");
	says(&l, "show ip route bgp", "");
	says(&l, "show ip route bgp json", "{}\n");
	says(&l, "show ip route vrf RED", "% VRF RED not found\n");
	says(&l, "show ip route vrf RED json", "{}\n");
	lab_close(&l);
}

Test(cmd_show_rt, bgp_among_others)
{
	struct lab l;

	lab_open(&l);
	learn(&l, "192.168.1.2", "10.244.0.0/24", "192.168.1.2");
	learn(&l, "192.168.1.3", "10.245.0.0/24", "10.4.0.9");
	learn(&l, "192.168.1.2", "10.4.0.0/24", "192.168.1.2");
	learn(&l, "192.168.1.2", "10.8.0.0/16", "192.168.1.2");
	says(&l, "show ip route bgp",
	    CODES "IPv4 unicast VRF default:\n"
		  "B   10.4.0.0/24 [20/5] via 192.168.1.2, eth0, weight 1, 00:00:00\n"
		  "B>q 10.8.0.0/16 [20/5] via 192.168.1.2, eth0, weight 1, 00:00:00\n"
		  "B>q 10.244.0.0/24 [20/5] via 192.168.1.2, eth0, weight 1, 00:00:00\n"
		  "B>q 10.245.0.0/24 [200/5] via 10.4.0.9 (recursive), weight 1, 00:00:00\n"
		  "  q                         via 192.168.1.5, eth0, weight 1, 00:00:00\n"
		  "  q                         via 192.168.1.6, eth0, weight 1, 00:00:00\n");
	says(&l, "show ip route 10.4.0.200",
	    "Routing entry for 10.4.0.0/24\n"
	    "  Known via \"bgp\", distance 20, metric 5\n"
	    "  Last update 00:00:00 ago\n"
	    "  Flags: None \n"
	    "  Status: None \n"
	    "    192.168.1.2, via eth0, weight 1\n\n"
	    "Routing entry for 10.4.0.0/24\n"
	    "  Known via \"static\", distance 1, metric 0, best\n"
	    "  Last update 00:00:00 ago\n"
	    "  Flags: Recursion Selected RR Distance \n"
	    "  Status: Installed \n"
	    "  * 192.168.1.5, via eth0, weight 1\n"
	    "  * 192.168.1.6, via eth0, weight 1\n\n");
	/* BGP's distance is the better one here. */
	has(&l, "show ip route 10.8.0.0/16", "Known via \"static\", distance 50, metric 0\n");
	has(&l, "show ip route json",
	    "{\"flags\":5,\"ip\":\"10.4.0.9\",\"afi\":\"ipv4\",\"active\":true,"
	    "\"recursive\":true,\"weight\":1},"
	    "{\"flags\":3,\"fib\":true,\"ip\":\"192.168.1.5\",\"afi\":\"ipv4\","
	    "\"interfaceIndex\":2,\"interfaceName\":\"eth0\",\"resolver\":true,"
	    "\"active\":true,\"weight\":1},");
	lab_close(&l);
}

/* A next hop that only the route itself would resolve is of no use to zebra. */
Test(cmd_show_rt, inactive)
{
	struct lab l;

	lab_open(&l);
	learn(&l, "192.168.1.2", "192.168.1.0/24", "192.168.1.2");
	has(&l, "show ip route",
	    "B   192.168.1.0/24 [20/5] via 192.168.1.2 inactive, weight 1, 00:00:00\n"
	    "C>* 192.168.1.0/24 is directly connected, eth0, weight 1, 00:00:00\n");
	has(&l, "show ip route 192.168.1.0/24 json", "\"internalStatus\":2,");
	lab_close(&l);
}

Test(cmd_show_rt, summary)
{
	struct lab l;

	lab_open(&l);
	learn(&l, "192.168.1.2", "10.244.0.0/24", "192.168.1.2");
	says(&l, "show ip route summary",
	    "Route Source         Routes               FIB  (vrf default)\n"
	    "connected            1                    1                    \n"
	    "local                1                    1                    \n"
	    "static               6                    6                    \n"
	    "ebgp                 1                    0                    \n"
	    "ibgp                 0                    0                    \n"
	    "------\n"
	    "Totals               9                    8                    \n\n");
	has(&l, "show ip route vrf all summary json", "{\n  \"default\":{\n    \"routes\":[\n");
	says(&l, "show ipv6 route summary json",
	    "{\n  \"routes\":[\n  ],\n  \"routesTotal\":0,\n  \"routesTotalFib\":0\n}\n");
	lab_close(&l);
}

Test(cmd_show_rt, one_prefix)
{
	struct lab l;

	lab_open(&l);
	has(&l, "show ip route 10.5.0.0/24",
	    "  Known via \"static\", distance 1, metric 0, tag 70, best\n");
	has(&l, "show ip route 10.5.0.0/24",
	    "    10.4.0.7 (recursive), weight 1\n"
	    "  *   192.168.1.5, via eth0, weight 1\n");
	says(&l, "show ip route 10.7.0.0/24", "% Network not in table\n");
	says(&l, "show ip route 10.7.0.0/24 json", "{}\n");
	says(&l, "show ip route 10.7.0.1", "");
	says(&l, "show ip route 10.7.0.1 json", "{\n  \"0.0.0.0/0\":[\n  ]\n}\n");
	lab_close(&l);
}

Test(cmd_show_rt, next_hops)
{
	struct lab l;

	lab_open(&l);
	learn(&l, "192.168.1.2", "10.244.0.0/24", "192.168.1.9");
	says(&l, "show ip nht",
	    "VRF default:\n"
	    " Resolve via default: on\n"
	    "10.1.0.0\n"
	    " resolved via static, prefix 10.1.0.0/24\n"
	    " unreachable (blackhole), weight 1\n"
	    " Client list: bgp(fd 0)(ResolveViaDefault)\n"
	    "10.4.0.7\n"
	    " resolved via static, prefix 10.4.0.0/24\n"
	    " via 192.168.1.5, eth0 (vrf default), weight 1\n"
	    " via 192.168.1.6, eth0 (vrf default), weight 1\n"
	    " Client list: static(fd 0)\n"
	    "10.77.77.77\n"
	    " unresolved\n"
	    " Client list: static(fd 0)\n"
	    "10.99.0.0\n"
	    " unresolved\n"
	    " Client list: bgp(fd 0)(ResolveViaDefault)\n"
	    "192.168.1.2\n"
	    " resolved via connected, prefix 192.168.1.0/24\n"
	    " is directly connected, eth0 (vrf default), weight 1\n"
	    " Client list: bgp(fd 0)(Connected)\n"
	    "192.168.1.3\n"
	    " resolved via connected, prefix 192.168.1.0/24\n"
	    " is directly connected, eth0 (vrf default), weight 1\n"
	    " Client list: bgp(fd 0)\n"
	    "192.168.1.5\n"
	    " resolved via connected, prefix 192.168.1.0/24\n"
	    " is directly connected, eth0 (vrf default), weight 1\n"
	    " Client list: static(fd 0)\n"
	    "192.168.1.6\n"
	    " resolved via connected, prefix 192.168.1.0/24\n"
	    " is directly connected, eth0 (vrf default), weight 1\n"
	    " Client list: static(fd 0)\n"
	    "192.168.1.9\n"
	    " resolved via connected, prefix 192.168.1.0/24\n"
	    " is directly connected, eth0 (vrf default), weight 1\n"
	    " Client list: bgp(fd 0)(Connected)\n");
	has(&l, "show ip nht 10.99.0.0",
	    "10.99.0.0\n unresolved\n Client list: bgp(fd 0)(ResolveViaDefault)\n");
	says(&l, "show ipv6 nht json",
	    "{\n  \"default\":{\n    \"ipv6\":{\n      \"resolveViaDefault\":true\n"
	    "    }\n  }\n}\n");
	lab_close(&l);
}

Test(cmd_show_rt, static_routes)
{
	struct lab l;

	lab_open(&l);
	says(&l, "show static routes",
	    "VRF default:\n"
	    "  IPv4 Unicast:\n"
	    "    10.1.0.0/24\n"
	    "      distance 1, tag 0\n"
	    "        nexthop null0\n"
	    "          active\n"
	    "    10.2.0.0/24\n"
	    "      distance 1, tag 0\n"
	    "        nexthop drop\n"
	    "          active\n"
	    "    10.3.0.0/24\n"
	    "      distance 1, tag 0\n"
	    "        nexthop reject\n"
	    "          active\n"
	    "    10.4.0.0/24\n"
	    "      distance 1, tag 0\n"
	    "        nexthop via 192.168.1.5\n"
	    "          active, nh-registered: yes, nh-valid: yes\n"
	    "        nexthop via 192.168.1.6\n"
	    "          active, nh-registered: yes, nh-valid: yes\n"
	    "    10.5.0.0/24\n"
	    "      distance 1, tag 70\n"
	    "        nexthop via 10.4.0.7\n"
	    "          active, nh-registered: yes, nh-valid: yes\n"
	    "    10.6.0.0/24\n"
	    "      distance 1, tag 0\n"
	    "        nexthop via 10.77.77.77\n"
	    "          inactive, nh-registered: yes, nh-valid: no\n"
	    "          inactive reason: nexthop is not reachable (no route to nexthop)\n"
	    "    10.8.0.0/16\n"
	    "      distance 50, tag 0\n"
	    "        nexthop via 192.168.1.5\n"
	    "          active, nh-registered: yes, nh-valid: yes\n\n");
	has(&l, "show static routes json", "\"prefix\":\"10.1.0.0\\/24\",\n");
	has(&l, "show static routes json", "\"blackholeType\":\"null0\",\n");
	lab_close(&l);
}

Test(cmd_show_rt, interfaces)
{
	struct lab l;

	lab_open(&l);
	fake_link(l.fake, 3, "eth1", false);
	fake_run(l.fake);
	says(&l, "show interface brief",
	    "Interface       Status  VRF             Addresses\n"
	    "---------       ------  ---             ---------\n"
	    "eth0            up      default         192.168.1.1/24\n"
	    "eth1            down    default         \n"
	    "lo              up      default         \n\n");
	has(&l, "show interface eth0", "Interface eth0 is up, line protocol is up\n");
	has(&l, "show interface eth0", "  vrf: default\n  Description: to the world\n");
	has(&l, "show interface eth1", "Interface eth1 is down\n");
	has(&l, "show interface description", "eth0            up      up       to the world\n");
	has(&l, "show interface eth0 json",
	    "\"ipAddresses\":[\n      {\n"
	    "        \"address\":\"192.168.1.1/24\",\n");
	says(&l, "show interface eth7 json", "{}\n");
	lab_close(&l);
}

/* ---- long tables ---- */

enum { MANY = 3000, PIECE_MAX = RT_STEP_BYTES + 4096 };

/* The table changes between two pieces; what stood there all the time is shown once. */
Test(cmd_show_rt, long_table)
{
	struct lab l;
	char prefix[32];
	struct sb piece;
	unsigned pieces = 0, lines = 0;
	enum cli_rc rc;

	lab_open(&l);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(prefix, sizeof(prefix), "11.%u.%u.0/24", i / 256, i % 256);
		learn(&l, "192.168.1.2", prefix, "192.168.1.2");
	}
	sb_init(&piece);
	rc = cli_exec(l.session, "show ip route bgp", &piece);
	for (;; rc = cli_more(l.session, &piece)) {
		cr_assert_leq(piece.len, PIECE_MAX);
		for (size_t i = 0; i < piece.len; i++)
			lines += piece.s[i] == '\n';
		sb_clear(&piece);
		pieces++;
		if (rc != CLI_SUSPEND)
			break;
		if (lines) /* the walk is past this one */
			learn(&l, "192.168.1.2", "1.0.0.0/24", "192.168.1.2");
	}
	cr_expect_gt(pieces, 3);
	cr_expect_eq(lines, MANY + 7, "%u", lines);
	sb_fini(&piece);
	lab_close(&l);
}

/* ---- printers ---- */

Test(cmd_show_rt, duplicates)
{
	static struct rt_view v;
	struct out *o;
	struct sb s;

	v = (struct rt_view){.prefix = fake_prefix("10.141.0.0/24"),
	    .kind = RT_KIND_BGP,
	    .distance = 20,
	    .flags = RT_SELECTED | RT_RECURSION,
	    .status = RT_INSTALLED,
	    .since = clock_sec(),
	    .hop_count = 3};
	v.hops[0] = (struct rt_hop){.gate = fake_addr("10.14.13.1"),
	    .ifindex = 2,
	    .weight = 1,
	    .ifname = "eth0",
	    .flags = RT_HOP_ACTIVE | RT_HOP_FIB};
	v.hops[1] = (struct rt_hop){.gate = fake_addr("10.255.0.1"),
	    .weight = 1,
	    .flags = RT_HOP_ACTIVE | RT_HOP_RECURSIVE};
	v.hops[2] = v.hops[0];
	v.hops[2].flags = RT_HOP_ACTIVE | RT_HOP_DUPLICATE;
	v.hops[2].resolver = true;
	sb_init(&s);
	o = out_new(&s, false);
	rt_print_line(o, &v);
	blank(&s);
	cr_expect_str_eq(s.s,
	    "B>* 10.141.0.0/24 [20/0] via 10.14.13.1, eth0, weight 1, 00:00:00\n"
	    "                         via 10.255.0.1 (recursive), weight 1, 00:00:00\n"
	    "                           via 10.14.13.1, eth0 (dup), weight 1, 00:00:00\n");
	sb_clear(&s);
	rt_print_entry(o, &v);
	cr_expect(
	    strstr(s.s, "\n  * 10.14.13.1, via eth0, weight 1\n"
			"    10.255.0.1 (recursive), weight 1\n"
			"      10.14.13.1, via eth0 (duplicate nexthop removed), weight 1\n"));
	out_free(o);
	sb_fini(&s);
}
