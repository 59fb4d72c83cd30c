/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log lines of the room that need more than a format: names, transitions, NOTIFICATIONs, OPENs.
 *
 * FRR's machine has two more states: Clearing, between Established and Idle, and Deleted at the
 * very end. Ferro has no use for them but shows them here, since scripts wait for these lines.
 */
#include "bgpd/peer/peerlog.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/wire.h"

struct log *peer_log(const struct peer *p)
{
	return p->bgp->env.log;
}

bool peer_debug(const struct peer *p, enum debug_flag what)
{
	return (*p->bgp->env.debug & what) != 0;
}

const char *peer_host(const struct peer *p, char buf[static ADDR_STRLEN])
{
	return addr_str(&p->source.addr, buf);
}

const char *peer_name(const struct peer *p, char buf[static PEER_NAME_LEN])
{
	char a[ADDR_STRLEN];

	snprintf(buf, PEER_NAME_LEN, "%s(%s)", peer_host(p, a),
	    p->hostname[0] ? p->hostname : "Unknown");
	return buf;
}

const char *family_name(enum family f)
{
	return family_row_by(f)->afi_name;
}

/* ---- transitions ---- */

static const char *event_word(const struct peer_conn *c, enum fsm_event e, enum fsm_state from)
{
	if (e == FSM_TCP_FAILS && from >= FSM_OPENSENT)
		return c->error ? "TCP_fatal_error" : "TCP_connection_closed";
	return fsm_event_name(e);
}

static bool clears(enum fsm_state from, enum fsm_state to)
{
	return from == FSM_ESTABLISHED && to == FSM_IDLE;
}

void log_event(const struct peer_conn *c, enum fsm_event e, enum fsm_state from, enum fsm_state to)
{
	char name[ADDR_STRLEN];

	if (e != FSM_MANUAL_START_PASSIVE && peer_debug(c->peer, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(c->peer), LOG_DEBUG, SAY_FSM_EVENT, peer_host(c->peer, name),
		    event_word(c, e, from), fsm_state_name(from),
		    clears(from, to) ? "Clearing" : fsm_state_name(to), c->fd, conn_label(c));
}

static unsigned established_peers(const struct bgp *b)
{
	const struct peer *p;
	unsigned n = 0;

	list_for_each (p, &b->peers, link)
		n += peer_is_up(p);
	return n;
}

static void went(const struct peer_conn *c, const char *from, const char *to, const char *label)
{
	char name[ADDR_STRLEN];

	log_msg(peer_log(c->peer), LOG_DEBUG, SAY_FSM_STATUS, to, established_peers(c->peer->bgp),
	    label);
	log_msg(peer_log(c->peer), LOG_DEBUG, SAY_FSM_WENT, peer_host(c->peer, name), c->fd, from,
	    to, conn_label(c));
}

void log_went(const struct peer_conn *c, enum fsm_state from, enum fsm_state to)
{
	char host[ADDR_STRLEN], name[PEER_NAME_LEN];
	const char *label = conn_label(c);

	if (!peer_debug(c->peer, DEBUG_NEIGHBOR_EVENTS))
		return;
	if (to == FSM_ESTABLISHED)
		label = c->accepted ? "Incoming" : "Outgoing";
	if (!clears(from, to)) {
		went(c, fsm_state_name(from), fsm_state_name(to), label);
		return;
	}
	went(c, fsm_state_name(from), "Clearing", label);
	log_msg(peer_log(c->peer), LOG_DEBUG, SAY_CLEAR_ROUTES, peer_name(c->peer, name));
	log_msg(peer_log(c->peer), LOG_DEBUG, SAY_FSM_EVENT, peer_host(c->peer, host),
	    "Clearing_Completed", "Clearing", "Idle", c->fd, label);
	went(c, "Clearing", "Idle", label);
}

void log_deleted(const struct peer_conn *c)
{
	const char *label = c->fd < 0 ? "Unknown" : conn_label(c);

	if (peer_debug(c->peer, DEBUG_NEIGHBOR_EVENTS))
		went(c, fsm_state_name(c->fsm.state), "Deleted", label);
}

/* ---- NOTIFICATION ---- */

static bool carries_text(const struct notify *n)
{
	return n->code == NOTIFY_CEASE &&
	       (n->subcode == NOTIFY_CEASE_SHUTDOWN || n->subcode == NOTIFY_CEASE_RESET);
}

void log_notify(const struct peer *p, bool sent, const struct notify *inner, bool hard)
{
	char host[ADDR_STRLEN], text[256] = "", data[3 * NOTIFY_DATA_MAX + 1] = "";
	const char *way = sent ? "sent to" : "received from";
	const char *kind = hard ? "(Hard Reset)" : "";
	const char *sub = notify_subcode_name(inner->code, inner->subcode);
	const char *dash = notify_separator(inner->code, inner->subcode);

	if (!p->bgp->cfg.log_neighbor_changes && !peer_debug(p, DEBUG_NEIGHBOR_EVENTS))
		return;
	if (carries_text(inner)) {
		(void)notify_shutdown_text(inner, text, sizeof(text));
		log_msg(peer_log(p), LOG_INFO, SAY_NOTIFY_TEXT, kind, way, peer_host(p, host),
		    inner->code, inner->subcode, notify_code_name(inner->code), dash, sub, text);
		return;
	}
	for (unsigned i = 0; i < inner->len; i++)
		snprintf(data + (i ? 3 * i - 1 : 0), 4, i ? " %02x" : "%02x", inner->data[i]);
	log_msg(peer_log(p), LOG_INFO, SAY_NOTIFY_DATA, kind, way, peer_host(p, host), inner->code,
	    inner->subcode, notify_code_name(inner->code), dash, sub, inner->len, data);
}

/* ---- OPEN ---- */

static const char *cap_word(uint8_t code)
{
	static const char *const words[] = {
	    [CAP_MULTIPROTOCOL] = "MultiProtocol Extensions",
	    [CAP_ROUTE_REFRESH] = "Route Refresh",
	    [CAP_EXTENDED_NEXTHOP] = "Extended Next Hop Encoding",
	    [CAP_EXTENDED_MESSAGE] = "BGP Extended Message",
	    [CAP_ROLE] = "Role",
	    [CAP_GRACEFUL_RESTART] = "Graceful Restart",
	    [CAP_AS4] = "4-octet AS number",
	    [CAP_DYNAMIC] = "Dynamic",
	    [CAP_ADDPATH] = "AddPath",
	    [CAP_ENHANCED_REFRESH] = "Enhanced Route Refresh",
	    [CAP_LLGR] = "Long-lived BGP Graceful Restart",
	    [CAP_FQDN] = "FQDN",
	    [CAP_SOFTWARE_VERSION] = "Software Version",
	    [CAP_PATHS_LIMIT] = "Paths-Limit",
	    [CAP_LINK_LOCAL_NEXTHOP] = "Link-Local Next Hop",
	};
	return code < sizeof(words) / sizeof(words[0]) && words[code] ? words[code] : "Unknown";
}

static void log_cap_families(const struct peer *p, uint8_t code, struct rd *r, const char *host)
{
	while (rd_left(r) >= 4) {
		uint16_t afi = rd_u16(r);
		uint8_t safi = rd_u8(r), flags = rd_u8(r);
		const struct family_row *known =
		    family_row_of(afi, code == CAP_MULTIPROTOCOL ? flags : safi);

		if (code == CAP_MULTIPROTOCOL && known)
			log_msg(peer_log(p), LOG_DEBUG, SAY_CAP_MP, host, known->afi_name, afi);
		else if (code == CAP_ADDPATH && known)
			log_msg(peer_log(p), LOG_DEBUG, SAY_CAP_ADDPATH, host, known->afi_name,
			    flags & 1 ? ", receive" : "", flags & 2 ? ", transmit" : "");
		else if (code == CAP_PATHS_LIMIT) {
			uint16_t limit = (uint16_t)(flags << 8 | rd_u8(r));
			if (known)
				log_msg(peer_log(p), LOG_DEBUG, SAY_CAP_LIMIT, host,
				    known->afi_name, limit);
		} else if (code == CAP_LLGR) {
			(void)rd_bytes(r, 3);
			if (known)
				log_msg(
				    peer_log(p), LOG_DEBUG, SAY_CAP_LLGR, host, known->afi_name);
		}
	}
}

static void log_cap(const struct peer *p, const struct open_msg *o, uint8_t code, struct rd value)
{
	char host[ADDR_STRLEN], name[PEER_NAME_LEN];
	const struct cap_set *caps = &o->caps;

	peer_host(p, host);
	log_msg(peer_log(p), LOG_DEBUG, SAY_OPEN_CAP, host, cap_word(code), code,
	    (unsigned)rd_left(&value));
	switch (code) {
	case CAP_MULTIPROTOCOL:
	case CAP_ADDPATH:
	case CAP_PATHS_LIMIT:
	case CAP_LLGR:
		log_cap_families(p, code, &value, host);
		break;
	case CAP_FQDN:
		log_msg(peer_log(p), LOG_DEBUG, SAY_CAP_HOST, host, caps->hostname,
		    caps->domainname[0] ? caps->domainname : "(null)");
		break;
	case CAP_GRACEFUL_RESTART:
		log_msg(peer_log(p), LOG_DEBUG, SAY_CAP_GR, peer_name(p, name), caps->gr_time,
		    caps->gr_restarting ? "SET" : "NOT-SET",
		    caps->gr_notification ? "SET" : "NOT-SET");
		break;
	default:
		break;
	}
}

static void log_param(const struct peer *p, const struct open_msg *o, uint8_t type, struct rd value)
{
	enum { PARAM_CAPABILITY = 2 };
	char host[ADDR_STRLEN];

	log_msg(peer_log(p), LOG_DEBUG, SAY_OPEN_PARAM, peer_host(p, host), type,
	    type == PARAM_CAPABILITY ? "Capability" : "Unknown", (unsigned)rd_left(&value));
	while (type == PARAM_CAPABILITY && !value.bad && rd_left(&value) >= 2) {
		uint8_t code = rd_u8(&value);
		log_cap(p, o, code, rd_sub(&value, rd_u8(&value)));
	}
}

void log_open(const struct peer *p, const struct open_msg *o, const uint8_t *body, size_t len)
{
	struct rd r = rd_init(body, len);
	char host[ADDR_STRLEN];

	(void)rd_bytes(&r, 9);
	uint16_t options = rd_u8(&r);
	if (o->extended_params) { /* RFC 9072 */
		(void)rd_u8(&r);
		options = rd_u16(&r);
	}
	log_msg(peer_log(p), LOG_DEBUG, SAY_OPEN_OPTIONS, peer_host(p, host), options);
	while (!r.bad && rd_left(&r) >= 2) {
		uint8_t type = rd_u8(&r);
		uint16_t n = o->extended_params ? rd_u16(&r) : rd_u8(&r);
		log_param(p, o, type, rd_sub(&r, n));
	}
}
