/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions: two routers of ours against each other, and one against a scripted neighbor. */
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/task.h"
#include "peer_help.h"

static struct event_base *base;
static struct node a, b;
static struct speaker s;

static void set_up(void)
{
	base = task_base_new();
	node_init(&a, base, "127.0.0.11", AS_A, ID_A);
}

static void tear_down(void)
{
	speaker_close(&s);
	node_fini(&a);
	event_base_free(base);
}

static void expect_notify(struct speaker *sp, uint8_t code, uint8_t subcode)
{
	const uint8_t *m = NULL;
	size_t n = speaker_expect(sp, MSG_NOTIFICATION, &m);

	cr_assert(n >= 21, "no NOTIFICATION %u/%u; log:\n%s", code, subcode, a.log.s);
	cr_assert(m[19] == code && m[20] == subcode, "got %u/%u, want %u/%u", m[19], m[20], code,
	    subcode);
}

TestSuite(peer_session, .init = set_up, .fini = tear_down, .timeout = 20);

/* ---- two routers ---- */

struct pair {
	struct peer *pa, *pb;
};

static struct pair make_pair(uint32_t id_b)
{
	node_init(&b, base, "127.0.0.12", AS_B, id_b);
	struct pair r = {node_peer(&a, "127.0.0.12", node_port(&b), AS_B),
	    node_peer(&b, "127.0.0.11", node_port(&a), AS_A)};

	wait_state(&a, r.pa, FSM_ESTABLISHED);
	wait_state(&b, r.pb, FSM_ESTABLISHED);
	return r;
}

static void check_pair(struct pair r)
{
	node_run(&a, 1500); /* the losers of a collision have tried again by now */
	cr_expect(peer_is_up(r.pa) && peer_is_up(r.pb));
	cr_expect_eq(r.pa->established_count, 1);
	cr_expect_eq(r.pb->established_count, 1);
	cr_expect_eq(r.pa->dropped_count, 0);
	cr_expect_null(r.pa->incoming);
	cr_expect_null(r.pb->incoming);
	/* One TCP connection is left, and both sides mean the same. */
	cr_expect_eq(r.pa->local_port, r.pb->remote_port);
	cr_expect_eq(r.pa->remote_port, r.pb->local_port);
	peer_free(r.pb);
	node_fini(&b);
	wait_state(&a, r.pa, FSM_ACTIVE);
}

/* ---- the set of neighbors ---- */

enum { SET_SIZE = 300 };

static struct addr set_addr(unsigned i)
{
	char text[ADDR_STRLEN];

	snprintf(text, sizeof(text), i % 3 ? "10.%u.0.1" : "2001:db8:%x::1", i / 3 * 7 % 256);
	if (i % 3 == 2)
		snprintf(text, sizeof(text), "192.0.2.%u", i / 3);
	return ip(text);
}

static void expect_set(const struct bgp *n, unsigned without)
{
	const struct peer *p, *before = NULL;
	unsigned count = 0;

	list_for_each (p, &n->peers, link) {
		cr_assert(!before || addr_cmp(&before->source.addr, &p->source.addr) < 0);
		before = p;
		count++;
	}
	cr_assert_eq(count, SET_SIZE - without);
	for (unsigned i = 0; i < SET_SIZE; i++) {
		struct addr addr = set_addr(i);
		const struct peer *found = peer_find(n, &addr);

		cr_assert_eq(!found, i < without);
		cr_assert(!found || addr_equal(&found->source.addr, &addr));
	}
}

Test(peer_session, neighbors_stand_by_address_and_are_found)
{
	struct addr none = {0}, absent = ip("10.0.0.2");
	uint16_t highest = 0;

	for (unsigned i = 0; i < SET_SIZE; i++) {
		struct addr addr = set_addr(i * 7 % SET_SIZE);
		bgp_peer_add(&a.bgp, peer_new(&a.bgp, &addr));
	}
	cr_expect_null(peer_find(&a.bgp, &none));
	cr_expect_null(peer_find(&a.bgp, &absent));
	expect_set(&a.bgp, 0);
	for (unsigned i = 0; i < SET_SIZE; i++) {
		struct addr addr = set_addr(i);
		struct peer *p = peer_find(&a.bgp, &addr);

		if (p->source.number > highest)
			highest = p->source.number;
		peer_free(p);
		if (i % 50 == 0)
			expect_set(&a.bgp, i + 1);
	}
	for (unsigned i = 0; i < SET_SIZE; i++) { /* numbers are used again */
		struct addr addr = set_addr(i);
		struct peer *p = peer_new(&a.bgp, &addr);

		cr_expect_leq(p->source.number, highest);
		bgp_peer_add(&a.bgp, p);
	}
	expect_set(&a.bgp, 0);
}

Test(peer_session, both_connect_and_one_connection_stays)
{
	check_pair(make_pair(ID_B));
}

Test(peer_session, collision_with_the_higher_id_on_the_other_side)
{
	check_pair(make_pair(ID_A - 1));
}

Test(peer_session, equal_ids_the_as_decides)
{
	check_pair(make_pair(ID_A));
}

Test(peer_session, what_both_agree_on)
{
	struct pair r = make_pair(ID_B);
	const struct cap_set *c = &r.pa->open_received.caps;

	cr_expect(r.pa->traits.as4 && r.pa->traits.ebgp);
	cr_expect_eq(r.pa->traits.max_message, MSG_MAX_EXTENDED);
	cr_expect(r.pa->family[FAMILY_IPV4].negotiated);
	cr_expect_not(r.pa->family[FAMILY_IPV6].negotiated);
	cr_expect_eq(r.pa->hold, 180);
	cr_expect_eq(r.pa->keepalive, 60);
	cr_expect_str_eq(r.pa->hostname, "rb");
	cr_expect_eq(r.pa->source.router_id, ID_B);
	cr_expect(c->gr_present && c->gr_notification && c->llgr_present && c->enhanced_refresh);
	cr_expect_eq(c->gr_time, 120);
	cr_expect_eq(c->gr_count, 0);
	cr_expect_eq(c->addpath[0].flags, 1);
	cr_expect(node_logged(&a, "[N9HHH-F8H1M] %ADJCHANGE: neighbor 127.0.0.12(rb) in vrf "
				  "default Up\n"));
	cr_expect(node_logged(&a, "Receive_KEEPALIVE_message (OpenConfirm->Established), fd "));
	node_run(&a, 50);
	cr_expect(r.pa->family[FAMILY_IPV4].eor_sent && r.pa->family[FAMILY_IPV4].eor_received);
	cr_expect_eq(r.pa->sent.updates, 1);
	cr_expect_eq(r.pa->received.updates, 1);
	node_fini(&b);
	node_run(&a, 20);
	cr_expect(
	    node_logged(&a, "%NOTIFICATION(Hard Reset): received from neighbor 127.0.0.12 6/3 "
			    "(Cease/Peer De-configured)"));
	cr_expect_eq(r.pa->reset, RESET_NOTIFY_RECEIVED);
	cr_expect(r.pa->last_notify_hard);
}

/* ---- what is answered how ---- */

static struct peer *scripted(void)
{
	struct peer_cfg cfg;

	peer_cfg_init(&cfg);
	cfg.remote_as_kind = REMOTE_AS_NUMBER;
	cfg.remote_as = AS_B;
	cfg.passive = true;
	return node_peer_cfg(&a, "127.0.0.12", &cfg);
}

static void connect_and_take_open(void)
{
	const uint8_t *m;

	speaker_connect(&s, &a, "127.0.0.12");
	cr_assert(speaker_expect(&s, MSG_OPEN, &m), "no OPEN; log:\n%s", a.log.s);
}

Test(peer_session, open_is_frrs_to_the_byte)
{
	/* Scenario 14's OPEN of r2 with our AS, hold time, identifier and host name. */
	static const uint8_t want[] = {4, 0xfd, 0xe9, 0, 180, 10, 0, 0, 1, 70, 2, 6, 1, 4, 0, 1, 0,
	    1, 2, 2, 2, 0, 2, 2, 70, 0, 2, 6, 65, 4, 0, 0, 0xfd, 0xe9, 2, 2, 6, 0, 2, 6, 69, 4, 0,
	    1, 1, 1, 2, 7, 76, 5, 0, 1, 1, 0, 0, 2, 6, 73, 4, 2, 'r', 'a', 0, 2, 4, 64, 2, 0xc0,
	    120, 2, 9, 71, 7, 0, 1, 1, 0x80, 0, 0, 0};
	const uint8_t *m;

	scripted();
	speaker_connect(&s, &a, "127.0.0.12");
	cr_assert_eq(speaker_expect(&s, MSG_OPEN, &m), MSG_HEADER_LEN + sizeof(want));
	for (size_t i = 0; i < sizeof(want); i++)
		cr_expect_eq(m[MSG_HEADER_LEN + i], want[i], "byte %zu: %u, want %u", i,
		    m[MSG_HEADER_LEN + i], want[i]);
}

Test(peer_session, wrong_as)
{
	struct peer *p = scripted();
	const uint8_t *m;

	connect_and_take_open();
	speaker_open(&s, 65016, ID_B, 90, NULL);
	cr_assert_eq(speaker_expect(&s, MSG_NOTIFICATION, &m), 23);
	cr_expect_arr_eq(m + 19, "\2\2\xfd\xf8", 4);
	cr_expect(speaker_closed(&s));
	cr_expect_null(p->incoming);
	cr_expect_eq(p->reset, RESET_NOTIFY_SENT);
	cr_expect_eq(p->last_notify.code, NOTIFY_OPEN);
	cr_expect_eq(p->established_count, 0);
	cr_assert_not_null(p->bad_message);
	cr_expect_eq(p->bad_message[18], MSG_OPEN);
	cr_expect(node_logged(&a, "[HZN6M-XRM1G] %NOTIFICATION: sent to neighbor 127.0.0.12 2/2 "
				  "(OPEN Message Error/Bad Peer AS) 2 bytes"));
}

Test(peer_session, remote_as_external_takes_any_but_ours)
{
	struct peer_cfg cfg;
	struct peer *p;

	peer_cfg_init(&cfg);
	cfg.remote_as_kind = REMOTE_AS_EXTERNAL;
	cfg.passive = true;
	p = node_peer_cfg(&a, "127.0.0.12", &cfg);
	connect_and_take_open();
	speaker_open(&s, AS_A, ID_B, 90, NULL);
	expect_notify(&s, 2, 2);
	speaker_close(&s);
	speaker_up(&s, &a, "127.0.0.12", 4200000001u, ID_B, NULL);
	cr_expect_eq(p->source.as, 4200000001u);
	cr_expect_eq(p->source.kind, SOURCE_EBGP);
}

Test(peer_session, bad_marker)
{
	uint8_t msg[19] = {0};

	scripted();
	connect_and_take_open();
	memset(msg, 0xff, 15);
	msg[17] = 19;
	msg[18] = MSG_KEEPALIVE;
	speaker_send(&s, msg, sizeof(msg));
	expect_notify(&s, 1, 1);
	cr_expect(speaker_closed(&s));
}

Test(peer_session, bad_length_and_type)
{
	uint8_t msg[19];

	scripted();
	memset(msg, 0xff, 16);
	connect_and_take_open();
	memcpy(msg + 16, "\0\22\4", 3);
	speaker_send(&s, msg, sizeof(msg));
	expect_notify(&s, 1, 2);
	speaker_close(&s);
	connect_and_take_open();
	memcpy(msg + 16, "\0\23\11", 3);
	speaker_send(&s, msg, sizeof(msg));
	expect_notify(&s, 1, 3);
}

Test(peer_session, keepalive_before_open)
{
	scripted();
	connect_and_take_open();
	speaker_keepalive(&s);
	expect_notify(&s, 5, 1);
	cr_expect(node_logged(&a,
	    "[P3GYW-PBKQG][EC 33554466] 127.0.0.12 [FSM] unexpected packet received in state "
	    "OpenSent"));
}

Test(peer_session, update_before_established)
{
	scripted();
	connect_and_take_open();
	speaker_open(&s, AS_B, ID_B, 90, NULL);
	speaker_end_of_rib(&s);
	expect_notify(&s, 5, 2);
}

Test(peer_session, hold_time_of_two_seconds)
{
	scripted();
	connect_and_take_open();
	speaker_open(&s, AS_B, ID_B, 2, NULL);
	expect_notify(&s, 2, 6);
}

Test(peer_session, hold_time_below_the_least_wanted)
{
	scripted();
	a.bgp.cfg.minimum_hold = 30;
	connect_and_take_open();
	speaker_open(&s, AS_B, ID_B, 29, NULL);
	expect_notify(&s, 2, 6);
}

static void set_capability_flags(bool strict, bool fqdn)
{
	struct peer *p = scripted();
	struct peer_cfg c;

	peer_cfg_copy(&c, &p->cfg);
	c.strict_capability_match = strict;
	c.fqdn = fqdn;
	peer_configure(p, &c);
	peer_cfg_fini(&c);
}

static void both_families(struct open_msg *o)
{
	o->caps.mp[o->caps.mp_count].afi = 2;
	o->caps.mp[o->caps.mp_count++].safi = 1;
}

Test(peer_session, strictly_the_same_families)
{
	set_capability_flags(true, true);
	connect_and_take_open();
	speaker_open(&s, AS_B, ID_B, 90, both_families);
	expect_notify(&s, 2, 7);
}

Test(peer_session, the_host_name_is_not_told)
{
	set_capability_flags(false, false);
	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, NULL);
	cr_expect_not(peer_find(&a.bgp, &(struct addr){.family = FAMILY_IPV4, .b = {127, 0, 0, 12}})
			  ->open_sent.caps.fqdn);
}

static void only_ipv6(struct open_msg *o)
{
	o->caps.mp[0].afi = 2;
}

Test(peer_session, no_family_in_common)
{
	const uint8_t *m;

	scripted();
	connect_and_take_open();
	speaker_open(&s, AS_B, ID_B, 90, only_ipv6);
	cr_assert_eq(speaker_expect(&s, MSG_NOTIFICATION, &m), 27);
	cr_expect_arr_eq(m + 19, "\2\7\1\4\0\1\0\1", 8);
}

static void no_caps(struct open_msg *o)
{
	memset(&o->caps, 0, sizeof(o->caps));
}

Test(peer_session, a_neighbor_without_capabilities_means_ipv4)
{
	struct peer *p = scripted();

	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, no_caps);
	cr_expect(p->family[FAMILY_IPV4].negotiated);
	cr_expect_not(p->traits.as4);
	cr_expect_eq(p->traits.max_message, MSG_MAX);
}

static void no_hold(struct open_msg *o)
{
	o->hold_time = 0;
}

Test(peer_session, hold_time_zero_means_no_keepalives)
{
	struct peer *p = scripted();

	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, no_hold);
	cr_expect_eq(p->hold, 0);
	cr_expect_eq(p->keepalive, 0);
	cr_expect_eq(peer_timer_left(p, PEER_TIMER_HOLD), -1);
	cr_expect_eq(peer_timer_left(p, PEER_TIMER_KEEPALIVE), -1);
}

static void short_hold(struct open_msg *o)
{
	o->hold_time = 3;
}

Test(peer_session, silence_ends_the_session_and_keepalives_go_out)
{
	struct peer *p = scripted();
	uint64_t begin;

	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, short_hold);
	begin = clock_ms();
	cr_expect_eq(p->hold, 3);
	cr_expect_eq(p->keepalive, 1);
	node_run(&a, 2000);
	speaker_keepalive(&s);
	node_run(&a, 2500);
	cr_expect(peer_is_up(p), "a KEEPALIVE must prolong");
	cr_expect(p->sent.keepalives >= 5, "%u", p->sent.keepalives);
	expect_notify(&s, 4, 0);
	cr_expect(clock_ms() - begin >= 5000 && clock_ms() - begin < 5600);
	cr_expect_eq(p->reset, RESET_NOTIFY_SENT);
	cr_expect_eq(p->dropped_count, 1);
	cr_expect(node_logged(&a, "Down BGP Notification send"));
}

Test(peer_session, messages_in_pieces)
{
	struct peer *p = scripted();
	uint8_t buf[MSG_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct open_msg o = {.version = 4, .as = AS_B, .hold_time = 90, .bgp_id = ID_B};

	connect_and_take_open();
	open_encode(&w, &o, false);
	keepalive_encode(&w);
	for (size_t i = 0; i < wr_len(&w); i++)
		speaker_send(&s, buf + i, 1);
	wait_state(&a, p, FSM_ESTABLISHED);
}

Test(peer_session, bad_update_is_answered)
{
	struct peer *p = scripted();
	uint8_t msg[23] = {0};

	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, NULL);
	memset(msg, 0xff, 16);
	memcpy(msg + 16, "\0\27\2\0\11\0\0", 7); /* withdrawn length beyond the message */
	speaker_send(&s, msg, sizeof(msg));
	expect_notify(&s, 3, 1);
	cr_expect_eq(p->fsm.state, FSM_IDLE);
	cr_expect_eq(peer_timer_left(p, PEER_TIMER_START), 1);
}

/* ---- collision, step by step ---- */

/* Two connections with one neighbor, ours in `ours` and theirs in `s`, each behind our OPEN. */
static struct peer *collision(struct speaker *ours)
{
	uint16_t port;
	int l = speaker_listen("127.0.0.12", &port);
	struct peer *p = node_peer(&a, "127.0.0.12", port, AS_B);
	const uint8_t *m;

	speaker_accept(ours, &a, l);
	close(l);
	cr_assert(speaker_expect(ours, MSG_OPEN, &m));
	speaker_connect(&s, &a, "127.0.0.12");
	cr_assert(speaker_expect(&s, MSG_OPEN, &m));
	return p;
}

Test(peer_session, own_connection_wins)
{
	struct speaker ours;
	struct peer *p = collision(&ours);

	speaker_open(&s, AS_B, ID_A - 1, 90, NULL); /* ours is higher: theirs goes */
	expect_notify(&s, 6, 7);
	cr_expect_null(p->incoming);
	speaker_open(&ours, AS_B, ID_A - 1, 90, NULL);
	speaker_keepalive(&ours);
	wait_state(&a, p, FSM_ESTABLISHED);
	cr_expect_eq(p->remote_port, p->cfg.port);
	cr_expect_eq(p->reset, RESET_NO_PATH, "nothing was reset");
	speaker_close(&ours);
}

Test(peer_session, their_connection_wins)
{
	struct speaker ours;
	struct peer *p = collision(&ours);

	speaker_open(&ours, AS_B, ID_B, 90, NULL); /* theirs is higher: ours goes */
	expect_notify(&ours, 6, 7);
	cr_expect(node_logged(&a, "[XP8XW-X8QHC][EC 33554452] bgp_process_packet: BGP OPEN receipt "
				  "failed for peer: 127.0.0.12(Outgoing)"));
	speaker_open(&s, AS_B, ID_B, 90, NULL);
	speaker_keepalive(&s);
	wait_state(&a, p, FSM_ESTABLISHED);
	cr_expect_eq(p->local_port, node_port(&a));
	speaker_close(&ours);
}

Test(peer_session, established_wins_over_a_newcomer)
{
	struct peer *p = scripted();
	struct speaker second;
	const uint8_t *m;

	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, NULL);
	speaker_connect(&second, &a, "127.0.0.12");
	cr_assert(speaker_expect(&second, MSG_OPEN, &m));
	speaker_open(&second, AS_B, ID_B, 90, NULL);
	expect_notify(&second, 6, 7);
	cr_expect(peer_is_up(p));
	speaker_close(&second);
}

/* ---- who is let in ---- */

Test(peer_session, strangers_are_closed)
{
	scripted();
	speaker_connect(&s, &a, "127.0.0.99");
	cr_expect(speaker_closed(&s));
	cr_expect_eq(s.len, 0);
}

Test(peer_session, one_that_is_shut_down_is_closed)
{
	struct peer_cfg cfg;
	struct peer *p;

	peer_cfg_init(&cfg);
	cfg.remote_as_kind = REMOTE_AS_NUMBER;
	cfg.remote_as = AS_B;
	cfg.shutdown = true;
	cfg.shutdown_text = mem_strdup("bye now");
	p = node_peer_cfg(&a, "127.0.0.12", &cfg);
	cr_expect_eq(p->fsm.state, FSM_IDLE);
	cr_expect_eq(p->reset, RESET_ADMIN_SHUTDOWN);
	speaker_connect(&s, &a, "127.0.0.12");
	cr_expect(speaker_closed(&s));
	cr_expect_eq(p->sent.notifications, 0);
}

Test(peer_session, passive_does_not_connect)
{
	struct peer *p = scripted();

	cr_expect_eq(p->fsm.state, FSM_ACTIVE);
	cr_expect_eq(peer_timer_left(p, PEER_TIMER_CONNECT_RETRY), -1);
	cr_expect_eq(peer_fd(p), -1);
}

Test(peer_session, delay_open_waits_for_theirs)
{
	struct peer_cfg cfg;
	struct peer *p;
	const uint8_t *m;

	peer_cfg_init(&cfg);
	cfg.remote_as_kind = REMOTE_AS_NUMBER;
	cfg.remote_as = AS_B;
	cfg.passive = true;
	cfg.delay_open = 30;
	p = node_peer_cfg(&a, "127.0.0.12", &cfg);
	speaker_connect(&s, &a, "127.0.0.12");
	node_run(&a, 50);
	cr_expect_eq(p->sent.opens, 0);
	speaker_open(&s, AS_B, ID_B, 90, NULL);
	cr_assert(speaker_expect(&s, MSG_OPEN, &m));
	speaker_keepalive(&s);
	wait_state(&a, p, FSM_ESTABLISHED);
	cr_expect_eq(p->sent.opens, 1);
	cr_expect_eq(p->hold, 90);
}

Test(peer_session, refused_port_is_tried_again)
{
	uint16_t port;
	int l = speaker_listen("127.0.0.12", &port);
	struct peer *p;

	close(l);
	p = node_peer(&a, "127.0.0.12", port, AS_B);
	wait_state(&a, p, FSM_ACTIVE);
	cr_expect(node_logged(&a, "[XB8WX-EQF0G] 127.0.0.12 [Event] Connect failed 111(Connection "
				  "refused) for connection Outgoing"));
	cr_expect(peer_timer_left(p, PEER_TIMER_CONNECT_RETRY) >= 0);
	node_run(&a, 1100);
	cr_expect(node_logged(&a, "ConnectRetry_timer_expired (Active->Connect)"));
}

/* ---- ends ---- */

static void can_tell_hard(struct open_msg *o)
{
	o->caps.gr_present = o->caps.gr_notification = true;
}

Test(peer_session, clear_is_a_hard_reset_and_comes_back)
{
	struct peer *p = scripted();

	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, can_tell_hard);
	peer_clear(p);
	expect_notify(&s, 6, 9);
	cr_expect_eq(p->fsm.state, FSM_IDLE);
	cr_expect_eq(p->reset, RESET_USER);
	cr_expect(node_logged(&a, "[H7QV4-WR3ZD] %NOTIFICATION(Hard Reset): sent to neighbor "
				  "127.0.0.12 6/4 (Cease/Administrative Reset) \"\"\n"));
	cr_expect(node_logged(&a, "Down User reset\n"));
	cr_expect(node_logged(&a, "BGP_Stop (Established->Clearing)"));
	wait_state(&a, p, FSM_ACTIVE);
	cr_expect_eq(p->established_count, 1);
	cr_expect_eq(p->dropped_count, 1);
}

Test(peer_session, clear_without_the_n_bit)
{
	struct peer *p = scripted();

	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, NULL);
	peer_clear(p);
	expect_notify(&s, 6, 4);
}

Test(peer_session, their_notification)
{
	struct peer *p = scripted();

	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, NULL);
	speaker_notify(&s, 6, 2);
	cr_expect_eq(p->fsm.state, FSM_IDLE);
	cr_expect_eq(p->reset, RESET_NOTIFY_RECEIVED);
	cr_expect_eq(p->last_notify.subcode, 2);
	cr_expect(speaker_closed(&s));
	cr_expect(node_logged(&a, "%NOTIFICATION: received from neighbor 127.0.0.12 6/2 "
				  "(Cease/Administrative Shutdown) \"\"\n"));
}

Test(peer_session, their_close)
{
	struct peer *p = scripted();

	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, NULL);
	speaker_close(&s);
	wait_state(&a, p, FSM_IDLE);
	cr_expect_eq(p->reset, RESET_CLOSED);
	cr_expect(node_logged(&a, "TCP_connection_closed (Established->Clearing)"));
	cr_expect(node_logged(&a, "Down Peer closed the session\n"));
}

Test(peer_session, freed_in_every_state)
{
	struct speaker ours;
	uint16_t port;
	int l = speaker_listen("127.0.0.12", &port);
	struct peer *p;
	const uint8_t *m;

	for (enum fsm_state st = FSM_CONNECT; st <= FSM_ESTABLISHED; st++) {
		p = node_peer(&a, "127.0.0.12", port, AS_B);
		cr_expect_eq(p->fsm.state, FSM_CONNECT);
		if (st > FSM_CONNECT) {
			speaker_accept(&ours, &a, l);
			cr_assert(speaker_expect(&ours, MSG_OPEN, &m));
		}
		if (st > FSM_OPENSENT)
			speaker_open(&ours, AS_B, ID_B, 90, NULL);
		if (st > FSM_OPENCONFIRM)
			speaker_keepalive(&ours);
		if (st > FSM_ACTIVE)
			cr_expect_eq(p->fsm.state, st);
		peer_free(p);
		if (st > FSM_CONNECT) {
			expect_notify(&ours, 6, 3);
			speaker_close(&ours);
		} else {
			close(accept(l, NULL, NULL));
		}
	}
	close(l);
}

/* ---- settings ---- */

static struct peer_cfg cfg_of(const struct peer *p)
{
	struct peer_cfg c;

	peer_cfg_copy(&c, &p->cfg);
	return c;
}

static void reconfigure(struct peer *p, struct peer_cfg *c)
{
	peer_configure(p, c);
	peer_cfg_fini(c);
}

Test(peer_session, settings_that_do_not_reset)
{
	struct peer *p = scripted();
	struct peer_cfg c;

	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, NULL);
	c = cfg_of(p);
	reconfigure(p, &c);
	c = cfg_of(p);
	c.timers_set = c.connect_set = true;
	c.hold = 30;
	c.keepalive = 10;
	c.connect_retry = 5;
	c.description = mem_strdup("to router two");
	c.family[FAMILY_IPV4].weight_set = true;
	c.family[FAMILY_IPV4].weight = 7;
	c.family[FAMILY_IPV4].next_hop_self = true;
	reconfigure(p, &c);
	node_run(&a, 20);
	cr_expect(peer_is_up(p));
	cr_expect_eq(p->hold, 90, "in use until the session ends");
	cr_expect_eq(peer_configured_hold(p), 30);
	cr_expect_str_eq(p->cfg.description, "to router two");
}

Test(peer_session, settings_that_reset)
{
	struct peer *p = scripted();
	struct peer_cfg c;

	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, NULL);
	c = cfg_of(p);
	c.remote_as = 65016;
	reconfigure(p, &c);
	expect_notify(&s, 6, 6);
	cr_expect_eq(p->reset, RESET_REMOTE_AS);
	cr_expect_eq(p->source.as, 65016);
	speaker_close(&s);
	speaker_up(&s, &a, "127.0.0.12", 65016, ID_B, NULL);
	c = cfg_of(p);
	c.ebgp_multihop = 4;
	reconfigure(p, &c);
	expect_notify(&s, 6, 6);
	cr_expect_eq(p->reset, RESET_MULTIHOP);
	cr_expect_eq(peer_ttl(p), 4);
}

Test(peer_session, shutdown_and_back)
{
	struct peer *p = scripted();
	struct peer_cfg c;
	const uint8_t *m;

	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, NULL);
	c = cfg_of(p);
	c.shutdown = true;
	c.shutdown_text = mem_strdup("going down now");
	reconfigure(p, &c);
	cr_assert_eq(speaker_expect(&s, MSG_NOTIFICATION, &m), 36);
	cr_expect_arr_eq(m + 19, "\6\2\16going down now", 17);
	cr_expect_eq(p->reset, RESET_ADMIN_SHUTDOWN);
	cr_expect_eq(peer_timer_left(p, PEER_TIMER_START), -1);
	node_run(&a, 1200);
	cr_expect_eq(p->fsm.state, FSM_IDLE);
	c = cfg_of(p);
	c.shutdown = false;
	reconfigure(p, &c);
	cr_expect_eq(p->fsm.state, FSM_ACTIVE);
}

Test(peer_session, a_peer_without_a_family_rests)
{
	struct peer *p = scripted();
	struct peer_cfg c;

	speaker_up(&s, &a, "127.0.0.12", AS_B, ID_B, NULL);
	c = cfg_of(p);
	c.family[FAMILY_IPV4].active = false;
	reconfigure(p, &c);
	expect_notify(&s, 6, 6);
	node_run(&a, 1200);
	cr_expect_eq(p->fsm.state, FSM_IDLE);
	c = cfg_of(p);
	c.family[FAMILY_IPV4].active = true;
	reconfigure(p, &c);
	cr_expect_eq(p->fsm.state, FSM_ACTIVE);
}
