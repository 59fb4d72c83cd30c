/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UPDATEs in: the import rules one by one, RFC 7606, refresh, graceful restart, and what goes out.
 */
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/task.h"
#include "peer_help.h"

static struct event_base *base;
static struct node a;
static struct speaker s;
static struct peer *p;

static void make_peer(uint32_t remote_as)
{
	struct peer_cfg cfg;

	peer_cfg_init(&cfg);
	cfg.remote_as_kind = REMOTE_AS_NUMBER;
	cfg.remote_as = remote_as;
	cfg.passive = true;
	p = node_peer_cfg(&a, "127.0.0.12", &cfg);
}

static void set_up(void)
{
	base = task_base_new();
	node_init(&a, base, "127.0.0.11", AS_A, ID_A);
	make_peer(AS_B);
}

static void tear_down(void)
{
	speaker_close(&s);
	node_fini(&a);
	event_base_free(base);
}

TestSuite(peer_import, .init = set_up, .fini = tear_down, .timeout = 20);

static void up(void (*more)(struct open_msg *o))
{
	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, more);
}

static void announce(const char *prefix, const char *next_hop, uint32_t as1, uint32_t as2)
{
	struct route r = {.prefix = prefix, .next_hop = next_hop, .path = {as1, as2}};

	speaker_announce(&s, &r);
	node_run(&a, 20);
}

static void announce_good(const char *prefix)
{
	announce(prefix, "10.1.1.1", AS_B, 0);
}

/* Kept as it came, but not accepted. */
static void expect_denied(const char *prefix)
{
	const struct path *path = path_of(&a, p, prefix);

	cr_assert_not_null(path, "%s is not kept; log:\n%s", prefix, a.log.s);
	cr_expect_eq(rib_path_accepted(a.bgp.rib[FAMILY_IPV4], path), 0, "%s is accepted", prefix);
}

static void expect_accepted(const char *prefix)
{
	const struct path *path = path_of(&a, p, prefix);

	cr_assert_not_null(path, "%s is not there; log:\n%s", prefix, a.log.s);
	cr_expect_neq(rib_path_accepted(a.bgp.rib[FAMILY_IPV4], path), 0, "%s is denied", prefix);
}

Test(peer_import, accepted_and_withdrawn)
{
	up(NULL);
	announce_good("10.202.0.0/24");
	expect_accepted("10.202.0.0/24");
	cr_expect_eq(p->source.accepted_count[FAMILY_IPV4], 1);
	cr_expect_eq(p->pfx.duplicates[FAMILY_IPV4], 0);
	announce_good("10.202.0.0/24");
	cr_expect_eq(p->pfx.duplicates[FAMILY_IPV4], 1);
	cr_expect(node_logged(&a, "[XXWBM-V772F] 127.0.0.12(Unknown) rcvd UPDATE w/ attr: nexthop "
				  "10.1.1.1, origin i, path 65002\n"));
	cr_expect(
	    node_logged(&a, "[YCKEM-GB33T] 127.0.0.12(Unknown) rcvd 10.202.0.0/24 IPv4 unicast\n"));
	speaker_withdraw(&s, "10.202.0.0/24");
	node_run(&a, 20);
	cr_expect_null(path_of(&a, p, "10.202.0.0/24"));
	cr_expect(node_logged(&a, "[PAPP6-VDAWM] 127.0.0.12(Unknown) rcvd UPDATE about "
				  "10.202.0.0/24 IPv4 unicast -- withdrawn\n"));
	cr_expect_not(node_logged(&a, "Can't find the route"));
	speaker_withdraw(&s, "10.203.0.0/24");
	cr_expect(node_logged(&a, "[PC71A-4RFD8] 127.0.0.12 Can't find the route 10.203.0.0/24 "
				  "IPv4 unicast\n"));
	cr_expect_eq(p->pfx.withdrawn, 0, "only what had to be treated as one");
}

Test(peer_import, own_as)
{
	up(NULL);
	announce("10.202.0.0/24", "10.1.1.1", AS_B, AS_A);
	expect_denied("10.202.0.0/24");
	cr_expect_eq(p->pfx.as_loop, 1);
	cr_expect(node_logged(&a, "[RZMGQ-A03CG] 127.0.0.12(Unknown) rcvd UPDATE about "
				  "10.202.0.0/24 IPv4 unicast -- DENIED due to: as-path contains "
				  "our own AS;\n"));
}

static void allow_own_as(uint8_t times, bool origin)
{
	struct peer_cfg c;

	peer_cfg_copy(&c, &p->cfg);
	c.family[FAMILY_IPV4].own_as_times = times;
	c.family[FAMILY_IPV4].own_as_origin = origin;
	peer_configure(p, &c);
	peer_cfg_fini(&c);
	node_run(&a, 50);
}

/* allowas-in, for routes that came before it was said too. */
Test(peer_import, own_as_may_be_in_it_if_told_so)
{
	struct route r = {
	    .prefix = "10.203.0.0/24", .next_hop = "10.1.1.1", .path = {AS_B, AS_A, AS_A}};

	up(NULL);
	announce("10.202.0.0/24", "10.1.1.1", AS_B, AS_A);
	speaker_announce(&s, &r);
	allow_own_as(1, false);
	expect_accepted("10.202.0.0/24");
	expect_denied("10.203.0.0/24");
	allow_own_as(2, false);
	expect_accepted("10.203.0.0/24");
	allow_own_as(0, false);
	expect_denied("10.202.0.0/24");
}

Test(peer_import, own_as_may_be_the_origin)
{
	struct route r = {
	    .prefix = "10.203.0.0/24", .next_hop = "10.1.1.1", .path = {AS_B, AS_A, 65099}};

	allow_own_as(0, true);
	up(NULL);
	announce("10.202.0.0/24", "10.1.1.1", AS_B, AS_A);
	speaker_announce(&s, &r);
	node_run(&a, 20);
	expect_accepted("10.202.0.0/24");
	expect_denied("10.203.0.0/24");
}

Test(peer_import, first_as_of_another_is_a_withdrawal)
{
	up(NULL);
	announce_good("10.202.0.0/24");
	announce("10.202.0.0/24", "10.1.1.1", 65099, AS_B);
	cr_expect_null(path_of(&a, p, "10.202.0.0/24"));
	cr_expect_eq(p->pfx.withdrawn, 1);
	cr_expect(peer_is_up(p));
}

Test(peer_import, first_as_may_be_another_if_told_so)
{
	struct peer_cfg c;

	peer_cfg_copy(&c, &p->cfg);
	c.enforce_first_as = false;
	peer_configure(p, &c);
	peer_cfg_fini(&c);
	up(NULL);
	announce("10.202.0.0/24", "10.1.1.1", 65099, AS_B);
	expect_accepted("10.202.0.0/24");
}

Test(peer_import, next_hops_nobody_can_use)
{
	static const char *const bad[] = {"127.0.0.1", "224.0.0.1", "240.0.0.1"};

	up(NULL);
	for (unsigned i = 0; i < 3; i++) {
		announce_good("10.202.0.0/24");
		announce("10.202.0.0/24", bad[i], AS_B, 0);
		cr_expect_null(path_of(&a, p, "10.202.0.0/24"), "%s", bad[i]);
	}
	p->local = ip("10.1.1.9"); /* as if the session ran over it */
	announce("10.202.0.0/24", "10.1.1.9", AS_B, 0);
	expect_denied("10.202.0.0/24");
	cr_expect_eq(p->pfx.bad_next_hop, 1);
	cr_expect(node_logged(&a, "DENIED due to: martian or self next-hop;\n"));
	announce_good("10.202.0.0/24");
	expect_accepted("10.202.0.0/24");
}

/* iBGP: reflection's loops. */
Test(peer_import, originator_and_cluster)
{
	struct route r = {.prefix = "10.202.0.0/24", .next_hop = "10.1.1.1", .local_pref = 100};

	peer_free(p);
	make_peer(AS_A);
	speaker_up(&s, &a, "127.0.0.12", AS_A, ID_B, NULL);
	cr_expect_eq(p->source.kind, SOURCE_IBGP);
	r.originator = ID_A;
	speaker_announce(&s, &r);
	expect_denied("10.202.0.0/24");
	cr_expect_eq(p->pfx.originator_loop, 1);
	r.originator = ID_B;
	r.cluster = ID_A;
	speaker_announce(&s, &r);
	expect_denied("10.202.0.0/24");
	cr_expect_eq(p->pfx.cluster_loop, 1);
	r.cluster = ID_B;
	speaker_announce(&s, &r);
	expect_accepted("10.202.0.0/24");
}

/* Another cluster id judges what came already, and the session stays. */
Test(peer_import, cluster_id_changes)
{
	struct route r = {.prefix = "10.202.0.0/24",
	    .next_hop = "10.1.1.1",
	    .local_pref = 100,
	    .originator = ID_B,
	    .cluster = 0x07070707};
	struct peer_cfg c;

	peer_free(p);
	make_peer(AS_A);
	speaker_up(&s, &a, "127.0.0.12", AS_A, ID_B, NULL);
	speaker_announce(&s, &r);
	expect_accepted("10.202.0.0/24");
	a.bgp.cfg.cluster_id = 0x07070707;
	peer_cfg_copy(&c, &p->cfg);
	peer_configure(p, &c);
	node_run(&a, 50);
	expect_denied("10.202.0.0/24");
	a.bgp.cfg.cluster_id = 0;
	peer_configure(p, &c);
	peer_cfg_fini(&c);
	node_run(&a, 50);
	expect_accepted("10.202.0.0/24");
	cr_expect(peer_is_up(p));
}

Test(peer_import, policy_required)
{
	struct peer_cfg c;

	a.bgp.cfg.ebgp_requires_policy = true;
	peer_cfg_copy(&c, &p->cfg);
	peer_configure(p, &c);
	up(NULL);
	announce_good("10.202.0.0/24");
	expect_denied("10.202.0.0/24");
	cr_expect(node_logged(&a, "DENIED due to: inbound policy missing\n"));
	/* `no bgp ebgp-requires-policy`: what is kept comes into force, nobody is asked. */
	a.bgp.cfg.ebgp_requires_policy = false;
	peer_configure(p, &c);
	node_run(&a, 50);
	expect_accepted("10.202.0.0/24");
	cr_expect_eq(p->sent.refreshes, 0);
	cr_expect(peer_is_up(p));
	/* And back: what was announced must not stay with the neighbor. */
	a.bgp.cfg.ebgp_requires_policy = true;
	peer_configure(p, &c);
	peer_cfg_fini(&c);
	cr_expect_not(peer_is_up(p));
}

Test(peer_import, weight)
{
	struct peer_cfg c;
	struct attr_set set;

	up(NULL);
	announce_good("10.202.0.0/24");
	peer_cfg_copy(&c, &p->cfg);
	c.family[FAMILY_IPV4].weight_set = true;
	c.family[FAMILY_IPV4].weight = 77;
	peer_configure(p, &c);
	peer_cfg_fini(&c);
	announce_good("10.203.0.0/24");
	node_run(&a, 50);
	attr_view(a.bgp.env.attrs,
	    rib_path_accepted(a.bgp.rib[FAMILY_IPV4], path_of(&a, p, "10.202.0.0/24")), &set);
	cr_expect_eq(set.weight, 77);
	attr_view(a.bgp.env.attrs,
	    rib_path_accepted(a.bgp.rib[FAMILY_IPV4], path_of(&a, p, "10.203.0.0/24")), &set);
	cr_expect_eq(set.weight, 77);
	attr_view(a.bgp.env.attrs,
	    rib_path_received(a.bgp.rib[FAMILY_IPV4], path_of(&a, p, "10.203.0.0/24")), &set);
	cr_expect_eq(set.weight, 0);
}

/* RFC 7606: an ORIGIN of 9 makes the route withdrawn, the session stays. */
Test(peer_import, bad_origin_is_a_withdrawal)
{
	static const uint8_t body[] = {0, 0, 0, 20, 0x40, 1, 1, 9, 0x40, 2, 6, 2, 1, 0, 0, 0xfd,
	    0xea, 0x40, 3, 4, 10, 1, 1, 1, 24, 10, 202, 0};
	uint8_t msg[MSG_HEADER_LEN + sizeof(body)];

	up(NULL);
	announce_good("10.202.0.0/24");
	memset(msg, 0xff, 16);
	memcpy(msg + 16, "\0\57\2", 3);
	memcpy(msg + 19, body, sizeof(body));
	speaker_send(&s, msg, sizeof(msg));
	node_run(&a, 20);
	cr_expect_null(path_of(&a, p, "10.202.0.0/24"));
	cr_expect(peer_is_up(p));
}

/* RFC 9774: a path with an AS_SET {65099} behind the neighbor's AS. */
Test(peer_import, as_set)
{
	static const uint8_t body[] = {0, 0, 0, 26, 0x40, 1, 1, 0, 0x40, 2, 12, 2, 1, 0, 0, 0xfd,
	    0xea, 1, 1, 0, 0, 0xfe, 0x4b, 0x40, 3, 4, 10, 1, 1, 1, 24, 10, 202, 0};
	uint8_t msg[MSG_HEADER_LEN + sizeof(body)];

	up(NULL);
	memset(msg, 0xff, 16);
	memcpy(msg + 16, "\0\65\2", 3);
	memcpy(msg + 19, body, sizeof(body));
	a.bgp.cfg.accept_as_sets = true;
	speaker_send(&s, msg, sizeof(msg));
	expect_accepted("10.202.0.0/24");
	a.bgp.cfg.accept_as_sets = false;
	speaker_send(&s, msg, sizeof(msg));
	node_run(&a, 20);
	cr_expect_null(path_of(&a, p, "10.202.0.0/24"));
	cr_expect_eq(p->pfx.withdrawn, 1);
	cr_expect(node_logged(&a, "AS_SET and AS_CONFED_SET are deprecated from 127.0.0.12"));
}

Test(peer_import, routes_go_with_the_session)
{
	up(NULL);
	announce_good("10.202.0.0/24");
	speaker_close(&s);
	node_run(&a, 50);
	cr_expect_null(path_of(&a, p, "10.202.0.0/24"));
}

/* ---- graceful restart ---- */

static void keeps_ipv4(struct open_msg *o)
{
	o->caps.gr_present = o->caps.gr_notification = true;
	o->caps.gr_time = 2;
	o->caps.gr[0] = (struct cap_family){.afi = 1, .safi = 1, .flags = 0x80};
	o->caps.gr_count = 1;
}

static void lost_ipv4(struct open_msg *o)
{
	keeps_ipv4(o);
	o->caps.gr[0].flags = 0;
}

static void up_with_two_routes(void)
{
	up(keeps_ipv4);
	announce_good("10.202.0.0/24");
	announce_good("10.203.0.0/24");
}

Test(peer_import, restarting_neighbor_keeps_its_routes)
{
	up_with_two_routes();
	speaker_close(&s);
	node_run(&a, 50);
	cr_expect_eq(p->reset, RESET_NSF_CLOSED);
	cr_assert_not_null(path_of(&a, p, "10.202.0.0/24"));
	cr_expect(path_of(&a, p, "10.202.0.0/24")->flags & PATH_STALE);
	up(keeps_ipv4);
	announce_good("10.202.0.0/24");
	cr_expect_not(path_of(&a, p, "10.202.0.0/24")->flags & PATH_STALE);
	cr_expect_not_null(path_of(&a, p, "10.203.0.0/24"));
	speaker_end_of_rib(&s);
	node_run(&a, 50);
	cr_expect_not_null(path_of(&a, p, "10.202.0.0/24"));
	cr_expect_null(path_of(&a, p, "10.203.0.0/24"), "still stale after End-of-RIB");
	cr_expect(node_logged(&a, "[M59KS-A3ZXZ] bgp_update_receive_eor: rcvd End-of-RIB for IPv4 "
				  "Unicast from 127.0.0.12 in vrf default\n"));
}

/* RFC 4724 4.2: consecutive restarts; what was stale before the second one is not kept again. */
Test(peer_import, stale_routes_do_not_outlive_a_second_restart)
{
	up_with_two_routes();
	speaker_close(&s);
	node_run(&a, 50);
	up(keeps_ipv4);
	announce_good("10.202.0.0/24");
	speaker_close(&s);
	node_run(&a, 50);
	cr_assert_not_null(path_of(&a, p, "10.202.0.0/24"));
	cr_expect(path_of(&a, p, "10.202.0.0/24")->flags & PATH_STALE);
	cr_expect_null(path_of(&a, p, "10.203.0.0/24"), "kept twice");
}

Test(peer_import, restart_time_runs_out)
{
	up_with_two_routes();
	speaker_close(&s);
	node_run(&a, 1500);
	cr_expect_not_null(path_of(&a, p, "10.202.0.0/24"));
	node_run(&a, 800);
	cr_expect_null(path_of(&a, p, "10.202.0.0/24"));
}

Test(peer_import, forwarding_state_lost)
{
	up_with_two_routes();
	speaker_close(&s);
	node_run(&a, 50);
	up(lost_ipv4);
	node_run(&a, 50);
	cr_expect_null(path_of(&a, p, "10.202.0.0/24"));
}

Test(peer_import, hard_reset_keeps_nothing)
{
	struct speaker *const sp = &s;

	up_with_two_routes();
	peer_clear(p);
	node_run(&a, 50);
	cr_expect_null(path_of(&a, p, "10.202.0.0/24"));
	speaker_close(sp);
}

Test(peer_import, notification_keeps_routes_if_both_know_how)
{
	up_with_two_routes();
	speaker_notify(&s, 6, 4);
	node_run(&a, 50);
	cr_expect_not_null(path_of(&a, p, "10.202.0.0/24"));
}

Test(peer_import, new_connection_of_a_restarted_neighbor)
{
	struct speaker old;

	up_with_two_routes();
	old = s;
	up(keeps_ipv4); /* the old connection is still there */
	cr_expect_eq(p->established_count, 2);
	cr_expect_not_null(path_of(&a, p, "10.202.0.0/24"));
	speaker_close(&old);
	node_run(&a, 50);
	cr_expect(peer_is_up(p));
}

/* ---- refresh ---- */

static void can_refresh(struct open_msg *o)
{
	o->caps.route_refresh = o->caps.enhanced_refresh = true;
}

static void send_refresh(enum refresh_kind kind)
{
	uint8_t buf[MSG_HEADER_LEN + 4];
	struct wr w = wr_init(buf, sizeof(buf));

	refresh_encode(&w, &(struct refresh_msg){.afi = 1, .subtype = (uint8_t)kind, .safi = 1});
	speaker_send(&s, buf, wr_len(&w));
}

Test(peer_import, their_refresh_is_answered)
{
	struct prefix net;
	const uint8_t *m;

	prefix_parse("10.201.0.0/24", &net);
	rib_network_set(a.bgp.rib[FAMILY_IPV4], &net);
	up(can_refresh);
	cr_assert_eq(speaker_expect(&s, MSG_UPDATE, &m), 19 + 4 + 31);
	cr_assert_eq(speaker_expect(&s, MSG_UPDATE, &m), 23, "End-of-RIB");
	send_refresh(REFRESH_REQUEST);
	cr_assert_eq(speaker_expect(&s, MSG_ROUTE_REFRESH, &m), 23);
	cr_expect_eq(m[21], REFRESH_BEGIN);
	cr_assert(speaker_expect(&s, MSG_UPDATE, &m));
	cr_expect_arr_eq(m + 50, "\30\12\311\0", 4);
	cr_assert_eq(speaker_expect(&s, MSG_ROUTE_REFRESH, &m), 23);
	cr_expect_eq(m[21], REFRESH_END);
	cr_expect(node_logged(&a,
	    "[ZA6YQ-H64CG] 127.0.0.12(Unknown) rcvd route-refresh (REQUEST) for IPv4/unicast\n"));
	cr_expect_eq(p->received.refreshes, 1);
	cr_expect_eq(p->sent.refreshes, 2);
}

/* Whoever asks without reading gets one answer when it reads, not a queue of them. */
Test(peer_import, refreshes_that_nobody_reads_are_one)
{
	uint8_t filler[MSG_MAX];
	struct wr w = wr_init(filler, MSG_HEADER_LEN);
	const uint8_t *m;
	size_t queued;

	up(can_refresh);
	keepalive_encode(&w);
	memset(filler + MSG_HEADER_LEN, 0, sizeof(filler) - MSG_HEADER_LEN);
	filler[16] = sizeof(filler) >> 8;
	filler[17] = 0;
	filler[18] = MSG_UPDATE;
	while (!conn_is_full(p->conn))
		conn_write(p->conn, filler, sizeof(filler));
	node_run(&a, 20);
	queued = peer_out_queue(p);
	for (int i = 0; i < 5; i++)
		send_refresh(REFRESH_REQUEST);
	cr_expect_eq(p->received.refreshes, 5);
	cr_expect_leq(peer_out_queue(p), queued);
	cr_assert(speaker_expect(&s, MSG_ROUTE_REFRESH, &m));
	cr_expect_eq(m[21], REFRESH_BEGIN);
	cr_assert(speaker_expect(&s, MSG_ROUTE_REFRESH, &m));
	cr_expect_eq(m[21], REFRESH_END);
	cr_expect_eq(peer_out_queue(p), 0);
	cr_expect_eq(p->sent.refreshes, 2, "one BoRR, one EoRR");
}

Test(peer_import, what_they_do_not_repeat_is_gone)
{
	up(can_refresh);
	announce_good("10.202.0.0/24");
	announce_good("10.203.0.0/24");
	send_refresh(REFRESH_BEGIN);
	announce_good("10.203.0.0/24");
	cr_expect_not_null(path_of(&a, p, "10.202.0.0/24"));
	send_refresh(REFRESH_END);
	node_run(&a, 50);
	cr_expect_null(path_of(&a, p, "10.202.0.0/24"));
	expect_accepted("10.203.0.0/24");
}

Test(peer_import, soft_in_asks_unless_soft_reconfiguration)
{
	struct peer_cfg c;
	const uint8_t *m;

	up(can_refresh);
	peer_soft_in(p, FAMILY_IPV4);
	cr_assert_eq(speaker_expect(&s, MSG_ROUTE_REFRESH, &m), 23);
	cr_expect_arr_eq(m + 19, "\0\1\0\1", 4);
	peer_cfg_copy(&c, &p->cfg);
	c.family[FAMILY_IPV4].soft_reconfiguration = true;
	peer_configure(p, &c);
	peer_cfg_fini(&c);
	peer_soft_in(p, FAMILY_IPV4);
	cr_expect_eq(p->sent.refreshes, 1);
	cr_expect(peer_is_up(p));
}

/* ---- out ---- */

enum { SLOW_ROUTES = 60000, SLOW_SETS = 30000 };

/* Ticks off the routes of one UPDATE, and returns how many of them had not come before: a batch
 * that its queue did not take whole is told to a member once more, so some come twice. */
static uint32_t tick_off(bool seen[SLOW_ROUTES], const uint8_t *m, size_t n)
{
	size_t attrs = (size_t)(m[21] << 8 | m[22]);
	uint32_t fresh = 0;

	for (size_t at = 23 + attrs; attrs && at + 4 <= n; at += 4) {
		uint32_t i = (uint32_t)((m[at + 1] - 20) << 16 | m[at + 2] << 8 | m[at + 3]);

		cr_assert(m[at] == 24 && i < SLOW_ROUTES);
		fresh += !seen[i];
		seen[i] = true;
	}
	return fresh;
}

Test(peer_import, a_slow_reader_gets_it_all)
{
	static bool seen[SLOW_ROUTES];
	struct rib *rib = a.bgp.rib[FAMILY_IPV4];
	struct source local = {.kind = SOURCE_LOCAL, .addr = ip("10.0.0.9")};
	uint32_t got = 0;
	const uint8_t *m;
	size_t n;

	int small = 32 * 1024;

	source_add(a.bgp.sources, &local);
	up(NULL);
	(void)setsockopt(p->conn->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	(void)setsockopt(s.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	/* Every second route has a set of its own, so nearly every one is a message. */
	for (uint32_t i = 0; i < SLOW_ROUTES; i++) {
		struct attr_set set = {.have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) |
					       ATTR_BIT(ATTR_MED) | ATTR_BIT(ATTR_NEXT_HOP),
		    .med = i % SLOW_SETS,
		    .next_hop = ip("10.1.1.1")};
		struct prefix x = {
		    .family = FAMILY_IPV4, .len = 24, .b = {20, (uint8_t)(i >> 8), (uint8_t)i}};
		uint32_t id = attr_intern(a.bgp.env.attrs, &set);

		x.b[0] = (uint8_t)(20 + (i >> 16));
		attr_ref(a.bgp.env.attrs, id);
		rib_path_set(rib, &local, &x, 0, id, id);
	}
	node_run(&a, 400);
	cr_expect(p->sent.updates < SLOW_ROUTES,
	    "the queue must fill up for this test to mean something");
	while (got < SLOW_ROUTES && (n = speaker_expect(&s, MSG_UPDATE, &m)) > 0)
		got += tick_off(seen, m, n);
	cr_expect_eq(got, SLOW_ROUTES, "%u", got);
	/* What is sent twice, and End-of-RIB, come behind the routes. */
	while (peer_out_queue(p) && speaker_expect(&s, MSG_UPDATE, &m))
		continue;
	cr_expect_eq(peer_out_queue(p), 0);
	rib_source_flush(rib, &local, false);
	source_del(a.bgp.sources, &local);
}

/* ---- maximum-prefix ---- */

static void limit(uint32_t max, bool warning, bool force)
{
	struct peer_cfg cfg;

	peer_cfg_copy(&cfg, &p->cfg);
	cfg.family[FAMILY_IPV4].max_prefix = max;
	cfg.family[FAMILY_IPV4].max_prefix_warning = warning;
	cfg.family[FAMILY_IPV4].max_prefix_force = force;
	peer_configure(p, &cfg);
	peer_cfg_fini(&cfg);
}

static void expect_limit_cease(void)
{
	static const uint8_t body[] = {NOTIFY_CEASE, NOTIFY_CEASE_MAX_PREFIX, 0, 1, 1, 0, 0, 0, 2};
	const uint8_t *msg;
	size_t len = speaker_expect(&s, MSG_NOTIFICATION, &msg);

	cr_assert_eq(len, MSG_HEADER_LEN + sizeof(body));
	cr_expect_arr_eq(msg + MSG_HEADER_LEN, body, sizeof(body));
	wait_state(&a, p, FSM_IDLE);
	cr_expect(p->prefix_overflow);
	cr_expect_eq(p->reset, RESET_PREFIX_COUNT);
}

Test(peer_import, maximum_prefix)
{
	limit(2, false, false);
	up(NULL);
	announce_good("10.202.0.0/24");
	cr_expect_not(node_logged(&a, "MAXPFX"));
	announce_good("10.202.1.0/24");
	cr_expect(node_logged(&a, "%MAXPFX: No. of IPv4 Unicast prefix received from "
				  "127.0.0.12(Unknown) reaches 2, max 2\n"));
	cr_expect(peer_is_up(p));
	announce_good("10.202.2.0/24");
	expect_limit_cease();
	cr_expect(node_logged(&a, "%MAXPFXEXCEED: No. of IPv4 Unicast prefix received from "
				  "127.0.0.12(Unknown) 3 exceed, limit 2\n"));
	/* It stays down, whoever calls, until it is cleared. */
	node_run(&a, 1500);
	cr_expect_eq(p->fsm.state, FSM_IDLE);
	speaker_close(&s);
	speaker_connect(&s, &a, "127.0.0.12");
	cr_expect(speaker_closed(&s));
	speaker_close(&s);
	peer_clear(p);
	up(NULL);
	cr_expect(peer_is_up(p));
}

Test(peer_import, maximum_prefix_warning_and_change)
{
	limit(2, true, false);
	up(NULL);
	announce_good("10.202.0.0/24");
	announce_good("10.202.1.0/24");
	announce_good("10.202.2.0/24");
	cr_expect(peer_is_up(p));
	cr_expect(node_logged(&a, "MAXPFXEXCEED"));
	speaker_withdraw(&s, "10.202.2.0/24");
	node_run(&a, 20);
	cr_expect_not(p->family[FAMILY_IPV4].over_limit, "below the limit again, by itself");
	announce_good("10.202.2.0/24");
	limit(2, false, false); /* at once */
	expect_limit_cease();
	speaker_close(&s);
	limit(3, false, false); /* another chance */
	cr_expect_not(p->prefix_overflow);
	up(NULL);
	announce_good("10.202.0.0/24");
	cr_expect(peer_is_up(p));
}

Test(peer_import, maximum_prefix_force)
{
	limit(2, false, false);
	up(NULL);
	announce("10.202.0.0/24", "10.1.1.1", AS_B, AS_A); /* denied: our own AS */
	announce("10.202.1.0/24", "10.1.1.1", AS_B, AS_A);
	announce("10.202.2.0/24", "10.1.1.1", AS_B, AS_A);
	cr_expect(peer_is_up(p));
	limit(2, false, true);
	expect_limit_cease();
}

/* What the rules denied may be let in later; a keepalive's time is when that is seen. */
Test(peer_import, maximum_prefix_after_other_rules)
{
	struct peer_cfg cfg;

	peer_cfg_copy(&cfg, &p->cfg);
	cfg.timers_set = true;
	cfg.keepalive = 1;
	cfg.hold = 3;
	cfg.family[FAMILY_IPV4].max_prefix = 2;
	peer_configure(p, &cfg);
	up(NULL);
	announce("10.202.0.0/24", "10.1.1.1", AS_B, AS_A); /* denied: our own AS */
	announce("10.202.1.0/24", "10.1.1.1", AS_B, AS_A);
	announce("10.202.2.0/24", "10.1.1.1", AS_B, AS_A);
	cfg.family[FAMILY_IPV4].own_as_times = 1;
	peer_configure(p, &cfg);
	peer_cfg_fini(&cfg);
	node_run(&a, 100);
	expect_accepted("10.202.2.0/24");
	cr_expect(peer_is_up(p));
	node_run(&a, 1300);
	expect_limit_cease();
}
