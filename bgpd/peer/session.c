/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session's messages: what is sent when, what each received one means, and how a session begins
 * and ends for the rest of the daemon.
 *
 * A received message is judged here and handed to the machine as an event; only the machine ends a
 * session. Counters and "last reset" are the peer's, whichever of its connections a message belongs
 * to. session_down leaves nothing of the session in force; what stays is for the shows.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "bgpd/peer/internal.h"
#include "bgpd/peer/peerlog.h"
#include "lib/clock.h"

/* ---- out ---- */

static const char *id_str(uint32_t id, char buf[static ADDR_STRLEN])
{
	struct addr a = addr_from_ipv4(id);
	return addr_str(&a, buf);
}

static void log_open_sent(const struct peer_conn *c)
{
	const struct peer *p = c->peer;
	const struct open_msg *o = &c->open_sent;
	char host[ADDR_STRLEN], name[PEER_NAME_LEN], id[ADDR_STRLEN];

	peer_host(p, host);
	if (peer_debug(p, DEBUG_GRACEFUL_RESTART))
		log_msg(peer_log(p), LOG_DEBUG, SAY_SENDING_GR, host, o->caps.gr_time);
	if (!peer_debug(p, DEBUG_NEIGHBOR_EVENTS))
		return;
	if (c->accepted)
		log_msg(peer_log(p), LOG_DEBUG, SAY_OPEN_PASSIVE, host, conn_label(c));
	else
		log_msg(peer_log(p), LOG_DEBUG, SAY_OPEN_ACTIVE, host, addr_str(&c->local, id),
		    conn_label(c));
	for (unsigned i = 0; i < o->caps.mp_count; i++)
		log_msg(peer_log(p), LOG_DEBUG, SAY_SENDING_MP, host,
		    family_name(o->caps.mp[i].afi), o->caps.mp[i].afi);
	if (o->caps.fqdn)
		log_msg(peer_log(p), LOG_DEBUG, SAY_SENDING_HOST, host, o->caps.hostname);
	/* FRR has no host name for what comes in, although it knows the neighbor. */
	if (c->accepted)
		snprintf(name, sizeof(name), "%s(Unknown)", host);
	else
		peer_name(p, name);
	log_msg(peer_log(p), LOG_DEBUG, SAY_SENDING_OPEN, name, c->fd, o->as, o->hold_time,
	    id_str(o->bgp_id, id));
}

void session_send_open(struct peer_conn *c)
{
	uint8_t buf[MSG_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	open_build(c->peer, &c->open_sent);
	if (c == c->peer->conn)
		export_choose_addresses(c->peer);
	log_open_sent(c);
	open_encode(&w, &c->open_sent, c->peer->cfg.extended_params);
	conn_write(c, buf, wr_len(&w));
	c->peer->sent.opens++;
}

void session_send_keepalive(struct peer_conn *c)
{
	uint8_t buf[MSG_HEADER_LEN];
	struct wr w = wr_init(buf, sizeof(buf));
	char host[ADDR_STRLEN];

	if (peer_debug(c->peer, DEBUG_KEEPALIVES))
		log_msg(peer_log(c->peer), LOG_DEBUG, SAY_KEEPALIVE_SENT, peer_host(c->peer, host));
	keepalive_encode(&w);
	conn_write(c, buf, wr_len(&w));
	c->peer->sent.keepalives++;
}

/* FRR shows the message that was answered with a NOTIFICATION. */
static void keep_bad_message(struct peer_conn *c, const struct notify *n)
{
	struct peer *p = c->peer;

	mem_free(p->bad_message);
	p->bad_message = NULL;
	p->bad_message_len = 0;
	if (!c->message || (n->code > NOTIFY_UPDATE && c->why != RESET_PREFIX_COUNT))
		return;
	p->bad_message = mem_dup(c->message, c->message_len);
	p->bad_message_len = c->message_len;
}

/* RFC 8538: both sides must have said that they tell a hard reset from others. */
static bool hard_reset_known(const struct peer_conn *c)
{
	return c->open_seen && c->open_sent.caps.gr_notification &&
	       c->open_received.caps.gr_notification;
}

static void note_notify(struct peer_conn *c, const struct notify *inner, bool hard)
{
	struct peer *p = c->peer;

	if (inner->code == NOTIFY_CEASE && inner->subcode == NOTIFY_CEASE_COLLISION &&
	    c->why != RESET_NOTIFY_RECEIVED)
		return; /* the other connection goes on: nothing was reset */
	p->last_notify = *inner;
	p->last_notify_hard = hard;
	p->reset_text[0] = '\0';
	(void)notify_shutdown_text(inner, p->reset_text, sizeof(p->reset_text));
	p->reset = c->why;
}

void session_send_notify(struct peer_conn *c, const struct notify *n)
{
	uint8_t buf[MSG_HEADER_LEN + 2 + NOTIFY_DATA_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	bool hard = c->hard && hard_reset_known(c);
	struct notify wire = *n;

	if (c->fd < 0 || c->silent)
		return;
	if (c->why == RESET_NONE)
		c->why = RESET_NOTIFY_SENT;
	if (hard)
		notify_wrap_hard_reset(&wire);
	notify_encode(&w, &wire);
	conn_write(c, buf, wr_len(&w));
	c->peer->sent.notifications++;
	keep_bad_message(c, n);
	note_notify(c, n, hard);
	log_notify(c->peer, true, n, hard);
}

/* ---- OPEN ---- */

/* FRR tells the neighbor which value it did not like. */
static void add_data(const struct open_msg *o, struct notify *why)
{
	uint8_t data[4];
	struct wr w = wr_init(data, sizeof(data));

	switch (why->subcode) {
	case NOTIFY_OPEN_PEER_AS:
		wr_u16(&w, (uint16_t)(o->as > UINT16_MAX ? AS_TRANS : o->as));
		break;
	case NOTIFY_OPEN_BGP_ID:
		wr_u32(&w, o->bgp_id);
		break;
	case NOTIFY_OPEN_HOLD_TIME:
		wr_u16(&w, o->hold_time);
		break;
	default:
		return;
	}
	notify_set(why, why->code, why->subcode, data, wr_len(&w));
}

static bool check_values(const struct peer *p, const struct open_msg *o, struct notify *why)
{
	uint32_t local = p->bgp->cfg.as;
	bool good = open_check(o, peer_remote_as(p), local, p->bgp->router_id, why);

	if (good && p->cfg.remote_as_kind == REMOTE_AS_EXTERNAL && o->as == local) {
		notify_set(why, NOTIFY_OPEN, NOTIFY_OPEN_PEER_AS, NULL, 0);
		good = false;
	}
	if (good && o->hold_time < p->bgp->cfg.minimum_hold) {
		notify_set(why, NOTIFY_OPEN, NOTIFY_OPEN_HOLD_TIME, NULL, 0);
		good = false;
	}
	if (!good && why->len == 0)
		add_data(o, why);
	return good;
}

/* FRR's `strict-capability-match` asks for the same families on both sides. */
static bool families_differ(const struct cap_set *a, const struct cap_set *b)
{
	FOR_EACH_FAMILY (f)
		if (open_has_family(a, f) != open_has_family(b, f))
			return true;
	return false;
}

/* RFC 5492: they have no family that we want; the data says which ones those are. */
static bool check_families(const struct peer_conn *c, struct notify *why)
{
	uint8_t data[CAP_SET_FAMILIES * 6];
	struct wr w = wr_init(data, sizeof(data));
	const struct cap_set *ours = &c->open_sent.caps;
	bool any = c->peer->cfg.override_capability;

	FOR_EACH_FAMILY (f)
		any |= open_has_family(ours, f) && open_has_family(&c->open_received.caps, f);
	if (any && !(c->peer->cfg.strict_capability_match &&
		       families_differ(ours, &c->open_received.caps)))
		return true;
	for (unsigned i = 0; i < ours->mp_count; i++) {
		wr_u16(&w, CAP_MULTIPROTOCOL << 8 | 4);
		wr_u16(&w, ours->mp[i].afi);
		wr_u16(&w, ours->mp[i].safi);
	}
	notify_set(why, NOTIFY_OPEN, NOTIFY_OPEN_CAPABILITY, data, wr_len(&w));
	return false;
}

/* RFC 4271 6.8: two connections between the same routers. False: this one is dropped. */
static bool win_collision(struct peer_conn *c, uint32_t remote_id, uint32_t remote_as)
{
	struct peer *p = c->peer;
	struct peer_conn *other = c == p->conn ? p->incoming : p->conn;
	char host[ADDR_STRLEN];

	if (!other || other->fd < 0 || other->fsm.state < FSM_OPENSENT)
		return true;
	bool own = fsm_keep_own_connection(p->bgp->router_id, remote_id, p->bgp->cfg.as, remote_as);
	if (other->fsm.state != FSM_ESTABLISHED && own != c->incoming) {
		conn_event(other, FSM_COLLISION_DUMP);
		return true;
	}
	if (peer_debug(p, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(p), LOG_DEBUG, SAY_COLLISION, id_str(remote_id, host));
	log_msg(peer_log(p), LOG_ERR, SAY_OPEN_FAILED, peer_host(p, host), conn_label(c));
	conn_event(c, FSM_COLLISION_DUMP);
	return false;
}

static void take_open(struct peer_conn *c, const uint8_t *body, size_t len)
{
	struct peer *p = c->peer;
	struct open_msg o;
	struct notify why;
	char host[ADDR_STRLEN], id[ADDR_STRLEN];

	p->received.opens++;
	if (!open_decode(body, len, &o, &why)) {
		conn_fail(c, FSM_OPEN_BAD, &why);
		return;
	}
	if (peer_debug(p, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(p), LOG_DEBUG, SAY_OPEN, peer_host(p, host), o.version, o.as,
		    o.hold_time, id_str(o.bgp_id, id));
	if (c->fsm.state > FSM_OPENSENT) { /* a second one */
		conn_event(c, FSM_OPEN_GOOD);
		return;
	}
	if (!check_values(p, &o, &why)) {
		conn_fail(c, FSM_OPEN_BAD, &why);
		return;
	}
	if (!win_collision(c, o.bgp_id, o.as))
		return;
	if (o.caps.fqdn) {
		snprintf(p->hostname, sizeof(p->hostname), "%s", o.caps.hostname);
		snprintf(p->domainname, sizeof(p->domainname), "%s", o.caps.domainname);
	}
	if (peer_debug(p, DEBUG_NEIGHBOR_EVENTS))
		log_open(p, &o, body, len);
	c->open_received = o;
	c->open_seen = true;
	if (c == p->conn) { /* shown also if no session comes of it */
		p->open_received = o;
		p->remote_id = o.bgp_id;
	}
	if (c->fsm.delay_open_running) /* ours goes out with this event: it is known already */
		open_build(p, &c->open_sent);
	if (!check_families(c, &why)) {
		conn_fail(c, FSM_OPEN_BAD, &why);
		return;
	}
	open_negotiate(c);
	conn_event(c, c->fsm.delay_open_running ? FSM_OPEN_GOOD_DELAY_RUNNING : FSM_OPEN_GOOD);
}

/* ---- in ---- */

static void take_notification(struct peer_conn *c, const uint8_t *body, size_t len)
{
	struct peer *p = c->peer;
	struct notify n, inner;
	bool hard;

	p->received.notifications++;
	if (!notify_decode(body, len, &n))
		notify_set(&n, 0, 0, NULL, 0);
	hard = notify_unwrap_hard_reset(&n, &inner);
	if (!hard)
		inner = n;
	c->why = RESET_NOTIFY_RECEIVED;
	mem_free(p->bad_message);
	p->bad_message = NULL;
	p->bad_message_len = 0;
	note_notify(c, &inner, hard);
	log_notify(p, false, &inner, hard);
	conn_event(c, inner.code == NOTIFY_OPEN && inner.subcode == NOTIFY_OPEN_VERSION
			  ? FSM_NOTIFY_VERSION
			  : FSM_NOTIFY);
}

static void take_update(struct peer_conn *c, const uint8_t *body, size_t len)
{
	struct peer *p = c->peer;
	struct notify why;

	p->received.updates++;
	p->last_update_ms = p->last_read_ms;
	if (c->fsm.state != FSM_ESTABLISHED || import_update(p, body, len, &why))
		conn_event(c, FSM_UPDATE);
	else if (p->prefix_overflow)
		peer_drop(c, RESET_PREFIX_COUNT, &why);
	else
		conn_fail(c, FSM_UPDATE_BAD, &why);
}

static void take_refresh(struct peer_conn *c, const uint8_t *body, size_t len)
{
	struct refresh_msg r;
	struct notify why;

	c->peer->received.refreshes++;
	if (c->fsm.state != FSM_ESTABLISHED || refresh_decode(body, len, &r, &why))
		conn_event(c, FSM_REFRESH);
	else
		conn_fail(c, FSM_UPDATE_BAD, &why); /* RFC 7313 section 5 */
}

void session_message(struct peer_conn *c, uint8_t type, const uint8_t *msg, uint16_t len)
{
	struct peer *p = c->peer;
	const uint8_t *body = msg + MSG_HEADER_LEN;
	size_t body_len = (size_t)len - MSG_HEADER_LEN;
	char host[ADDR_STRLEN];

	p->last_read_ms = clock_ms();
	switch (type) {
	case MSG_OPEN:
		take_open(c, body, body_len);
		break;
	case MSG_UPDATE:
		take_update(c, body, body_len);
		break;
	case MSG_NOTIFICATION:
		take_notification(c, body, body_len);
		break;
	case MSG_KEEPALIVE:
		p->received.keepalives++;
		if (peer_debug(p, DEBUG_KEEPALIVES))
			log_msg(peer_log(p), LOG_DEBUG, SAY_KEEPALIVE, peer_host(p, host));
		conn_event(c, FSM_KEEPALIVE);
		break;
	default:
		take_refresh(c, body, body_len);
		break;
	}
}

/* ---- beginning and end ---- */

static void take_over(struct peer *p, const struct peer_conn *c)
{
	p->open_sent = c->open_sent;
	p->open_received = c->open_received;
	p->open_seen = true;
	p->traits = c->traits;
	p->keepalive = c->keepalive;
	p->hold = c->hold;
	p->remote_id = c->open_received.bgp_id;
	p->source.router_id = c->open_received.bgp_id;
	p->source.as = c->open_received.as;
	p->source.kind = c->traits.ebgp ? SOURCE_EBGP : SOURCE_IBGP;
	p->source.host = p->hostname[0] ? p->hostname : NULL;
}

static bool family_agreed(const struct peer *p, enum family f)
{
	return p->cfg.family[f].active && peer_rib(p, f) &&
	       open_has_family(&p->open_sent.caps, f) &&
	       (p->cfg.override_capability || open_has_family(&p->open_received.caps, f));
}

void session_up(struct peer_conn *c)
{
	struct peer *p = c->peer;
	char name[PEER_NAME_LEN];

	if (p->conn != c)
		peer_adopt(p, c);
	take_over(p, c);
	p->established_count++;
	p->established_at = clock_sec();
	p->idle_hold = IDLE_HOLD_FIRST;
	p->scratch = arena_new();
	export_choose_addresses(p);
	peer_refresh_tcp_info(p);
	if (p->bgp->cfg.log_neighbor_changes)
		log_msg(peer_log(p), LOG_INFO, SAY_ADJ_UP, peer_name(p, name));
	FOR_EACH_FAMILY (f) {
		struct peer_family *pf = &p->family[f];
		pf->negotiated = family_agreed(p, f);
		pf->eor_sent = pf->eor_received = pf->refresh_under_way = false;
	}
	restart_resumed(p);
	FOR_EACH_FAMILY (f)
		if (p->family[f].negotiated)
			export_join(p, f);
}

void session_down(struct peer_conn *c)
{
	struct peer *p = c->peer;
	char name[PEER_NAME_LEN];
	bool keep = restart_possible(p, c->why);

	p->reset = c->why == RESET_CLOSED && keep ? RESET_NSF_CLOSED : c->why;
	p->reset_at = p->down_at = clock_sec();
	p->dropped_count++;
	if (p->bgp->cfg.log_neighbor_changes)
		log_msg(peer_log(p), LOG_INFO, SAY_ADJ_DOWN, peer_name(p, name), peer_reset_str(p));
	FOR_EACH_FAMILY (f)
		export_leave(p, f);
	restart_begin(p, keep);
	FOR_EACH_FAMILY (f)
		p->family[f].negotiated = p->family[f].refresh_under_way = false;
	arena_free(p->scratch);
	p->scratch = NULL;
	p->open_seen = false;
	p->rtt_ms = p->mss = 0;
	p->hold = peer_configured_hold(p);
	p->keepalive = peer_configured_keepalive(p);
}
