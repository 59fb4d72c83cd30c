/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A neighbor's life: made, configured, started, stopped, freed.
 *
 * New settings are compared with those in force and the strongest difference decides: a reset of
 * the session, a walk over the routes in or out, or nothing at all until they are needed (timers,
 * port). What the routes in the tables were judged by is remembered (peer->applied), because it
 * depends on the instance's settings too. A peer can be freed in any state; its routes leave the
 * tables in slices afterwards, which the RIB does without it.
 */
#include <event2/event.h>
#include <string.h>

#include "bgpd/peer/internal.h"
#include "bgpd/peer/peerlog.h"
#include "lib/clock.h"

/* ---- reading ---- */

bool peer_is_up(const struct peer *p)
{
	return p->fsm.state == FSM_ESTABLISHED;
}

uint32_t peer_remote_as(const struct peer *p)
{
	switch ((enum remote_as_kind)p->cfg.remote_as_kind) {
	case REMOTE_AS_NUMBER:
		return p->cfg.remote_as;
	case REMOTE_AS_INTERNAL:
		return p->bgp->cfg.as;
	default:
		return 0;
	}
}

bool peer_is_ebgp(const struct peer *p)
{
	return peer_remote_as(p) != p->bgp->cfg.as;
}

bool peer_policy_missing(const struct peer *p)
{
	return p->bgp->cfg.ebgp_requires_policy && peer_is_ebgp(p);
}

const char *peer_state_name(const struct peer *p)
{
	return fsm_state_name(p->fsm.state);
}

const char *peer_reset_str(const struct peer *p)
{
	static const char *const words[RESET_COUNT] = {
	    [RESET_NONE] = "",
	    [RESET_ROUTER_ID] = "Router ID changed",
	    [RESET_REMOTE_AS] = "Remote AS changed",
	    [RESET_LOCAL_AS] = "Local AS change",
	    [RESET_CLUSTER_ID] = "Cluster ID changed",
	    [RESET_CLIENT] = "RR client config change",
	    [RESET_UPDATE_SOURCE] = "Update source change",
	    [RESET_FAMILY_ACTIVATED] = "Address family activated",
	    [RESET_ADMIN_SHUTDOWN] = "Admin. shutdown",
	    [RESET_USER] = "User reset",
	    [RESET_NOTIFY_RECEIVED] = "BGP Notification received",
	    [RESET_NOTIFY_SENT] = "BGP Notification send",
	    [RESET_CLOSED] = "Peer closed the session",
	    [RESET_DELETED] = "Neighbor deleted",
	    [RESET_CAPABILITY] = "Capability changed",
	    [RESET_PASSIVE] = "Passive config change",
	    [RESET_MULTIHOP] = "Multihop config change",
	    [RESET_NSF_CLOSED] = "NSF peer closed the session",
	    [RESET_INTERFACE_DOWN] = "Interface down",
	    [RESET_ADDRESS_LOST] = "Neighbor address lost",
	    [RESET_NO_PATH] = "No path to specified Neighbor",
	    [RESET_NO_FAMILY] = "No AFI/SAFI activated for peer",
	    [RESET_WAITING_OPEN] = "Waiting for peer OPEN",
	    [RESET_PREFIX_COUNT] = "Reached received prefix count",
	    [RESET_SOCKET_ERROR] = "Socket Error",
	    [RESET_PASSWORD] = "Password config change",
	};
	return words[p->reset] ? words[p->reset] : "";
}

uint16_t peer_configured_hold(const struct peer *p)
{
	return p->cfg.timers_set ? p->cfg.hold : p->bgp->cfg.hold;
}

uint16_t peer_configured_keepalive(const struct peer *p)
{
	return p->cfg.timers_set ? p->cfg.keepalive : p->bgp->cfg.keepalive;
}

uint16_t peer_configured_connect_retry(const struct peer *p)
{
	return p->cfg.connect_set ? p->cfg.connect_retry : p->bgp->cfg.connect_retry;
}

int peer_fd(const struct peer *p)
{
	return p->conn->fd;
}

void peer_refresh_tcp_info(struct peer *p)
{
	p->rtt_ms = p->mss = 0;
	if (p->conn->fd >= 0 && !p->conn->connecting)
		socket_tcp_info(p->conn->fd, &p->rtt_ms, &p->mss);
}

uint32_t peer_ifindex(const struct peer *p)
{
	const struct kernel *k = p->bgp->env.kernel;
	const struct kernel_interface *i = k ? kernel_interface_to(k, &p->source.addr) : NULL;

	return i ? i->ifindex : 0;
}

struct rib *peer_rib(const struct peer *p, enum family f)
{
	return p->bgp->rib[f];
}

static bool any_family_active(const struct peer *p)
{
	FOR_EACH_FAMILY (f)
		if (p->cfg.family[f].active && peer_rib(p, f))
			return true;
	return false;
}

bool peer_may_run(const struct peer *p)
{
	return p->started && !p->cfg.shutdown && !p->prefix_overflow &&
	       p->cfg.remote_as_kind != REMOTE_AS_NONE && any_family_active(p);
}

static bool multihop(const struct peer *p)
{
	return !peer_is_ebgp(p) || p->cfg.ebgp_multihop > 1 || p->cfg.disable_connected_check;
}

bool peer_reachable(const struct peer *p)
{
	const struct nht *n = p->bgp->env.nht;
	const struct nht_entry *e = n && p->nht_handle ? nht_entry(n, p->nht_handle) : NULL;

	return !e || (e->valid && (e->connected || multihop(p)));
}

void peer_try_now(struct peer *p)
{
	struct peer_conn *c = p->conn;

	if (peer_may_run(p) && c->fsm.state == FSM_ACTIVE && c->no_way && c->fd < 0 &&
	    peer_reachable(p))
		conn_event(c, FSM_CONNECT_RETRY_EXPIRED);
}

/* ---- made and freed ---- */

struct peer *peer_new(struct bgp *bgp, const struct addr *addr)
{
	struct peer *p = mem_zalloc(sizeof(*p));

	p->bgp = bgp;
	p->source.addr = *addr;
	p->source.peer = p;
	p->source.kind = SOURCE_EBGP;
	source_add(bgp->sources, &p->source);
	peer_cfg_init(&p->cfg);
	p->conn = conn_new(p, false);
	p->idle_hold = IDLE_HOLD_FIRST;
	p->reset = RESET_NO_PATH;
	p->reset_at = clock_sec();
	p->last_read_ms = clock_ms();
	if (bgp->env.nht && !addr_is_link_local(addr))
		p->nht_handle = nht_get(bgp->env.nht, &(struct nht_hop){.addr = *addr});
	return p;
}

int peer_set_password(struct peer *p, const char *password)
{
	struct prefix host = prefix_from_addr(&p->source.addr);

	return p->bgp->listener ? listener_set_password(p->bgp->listener, &host, password) : 0;
}

void peer_free(struct peer *p)
{
	char name[PEER_NAME_LEN];

	if (peer_debug(p, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(p), LOG_DEBUG, SAY_PEER_TRACE, "peer_delete", peer_name(p, name));
	peer_stop(p, NOTIFY_CEASE_DECONFIGURED, NULL);
	if (p->cfg.password)
		(void)peer_set_password(p, NULL);
	restart_cancel(p);
	log_deleted(p->conn);
	conn_free(p->conn);
	if (p->nht_handle)
		nht_put(p->bgp->env.nht, p->nht_handle);
	bgp_peer_remove(p->bgp, p);
	if (p->bgp->unfinished == p)
		p->bgp->unfinished = NULL;
	source_del(p->bgp->sources, &p->source);
	if (p->leave)
		event_free(p->leave);
	p->bgp->dynamic_count -= p->dynamic;
	mem_free(p->bad_message);
	peer_cfg_fini(&p->cfg);
	mem_free(p);
}

void peer_note_addresses(struct peer_conn *c)
{
	struct peer *p = c->peer;

	if (c != p->conn)
		return;
	p->local = c->local;
	p->local_port = c->local_port;
	p->remote = c->remote;
	p->remote_port = c->remote_port;
}

void peer_adopt(struct peer *p, struct peer_conn *c)
{
	struct peer_conn *old = p->conn;
	char host[ADDR_STRLEN];

	if (peer_debug(p, DEBUG_NEIGHBOR_EVENTS)) {
		log_msg(peer_log(p), LOG_DEBUG, SAY_TRANSFER, peer_host(p, host), (void *)c, c->fd,
		    (void *)old, old->fd);
		log_msg(peer_log(p), LOG_DEBUG, SAY_STUB_DELETED, host, "Unknown");
	}
	p->conn = c;
	p->fsm = c->fsm;
	p->incoming = NULL;
	c->incoming = false;
	peer_note_addresses(c);
	if (old->fsm.state >= FSM_OPENSENT) {
		struct notify n;
		notify_set(&n, NOTIFY_CEASE, NOTIFY_CEASE_COLLISION, NULL, 0);
		session_send_notify(old, &n);
	}
	conn_close(old);
	log_deleted(old);
	conn_free(old);
}

/* ---- start and stop ---- */

static void drop_incoming(struct peer *p, const struct notify *cease)
{
	struct peer_conn *c = p->incoming;

	if (!c)
		return;
	p->incoming = NULL;
	if (cease && c->fsm.state >= FSM_OPENSENT)
		session_send_notify(c, cease);
	conn_free(c);
}

void peer_drop(struct peer_conn *c, enum peer_reset why, const struct notify *cease)
{
	c->why = why;
	if (cease) {
		c->notify = *cease;
		c->notify_ready = true;
		c->hard = cease->subcode != NOTIFY_CEASE_CONFIG_CHANGE;
	}
	c->silent = !cease;
	conn_event(c, FSM_AUTO_STOP);
}

/* A reset that the configuration or the user asks for: it comes back at once, and is not damped. */
void peer_reset_session(struct peer *p, enum peer_reset why, uint8_t subcode)
{
	struct notify n;

	if (subcode == NOTIFY_CEASE_RESET)
		notify_set_shutdown(&n, subcode, NULL);
	else
		notify_set(&n, NOTIFY_CEASE, subcode, NULL, 0);
	drop_incoming(p, &n);
	p->idle_hold = IDLE_HOLD_FIRST;
	peer_drop(p->conn, why, &n);
	if (p->fsm.state == FSM_IDLE && peer_may_run(p))
		timer_start(p->conn, PEER_TIMER_START, IDLE_HOLD_FIRST * 1000ull);
}

static enum peer_reset stop_reason(uint8_t cease_subcode)
{
	switch (cease_subcode) {
	case NOTIFY_CEASE_SHUTDOWN:
		return RESET_ADMIN_SHUTDOWN;
	case NOTIFY_CEASE_DECONFIGURED:
		return RESET_DELETED;
	case NOTIFY_CEASE_CONFIG_CHANGE:
		return RESET_ROUTER_ID;
	default:
		return RESET_USER;
	}
}

void peer_stop(struct peer *p, uint8_t cease_subcode, const char *shutdown_text)
{
	struct peer_conn *c = p->conn;
	struct notify n;

	if (cease_subcode == NOTIFY_CEASE_SHUTDOWN || cease_subcode == NOTIFY_CEASE_RESET)
		notify_set_shutdown(&n, cease_subcode, shutdown_text);
	else
		notify_set(&n, NOTIFY_CEASE, cease_subcode, NULL, 0);
	p->started = false;
	limit_lift(p);
	drop_incoming(p, cease_subcode ? &n : NULL);
	c->silent = cease_subcode == 0;
	c->why = stop_reason(cease_subcode);
	c->notify = n;
	c->notify_ready = c->hard = true;
	conn_event(c, FSM_MANUAL_STOP);
	timers_stop(c);
	restart_cancel(p);
}

/* FRR's dynamic neighbors begin without a family, unless it is active by default. */
static bool has_family(const struct peer *p)
{
	bool by_default = false;

	FOR_EACH_FAMILY (f)
		by_default |= p->bgp->cfg.default_unicast[f];
	return any_family_active(p) && (!p->dynamic || by_default);
}

/* "Last reset" of one that never was up says why it is not. */
static void explain_rest(struct peer *p)
{
	if (p->established_count || p->sent.notifications || p->received.notifications)
		return;
	if (p->cfg.shutdown)
		p->reset = RESET_ADMIN_SHUTDOWN;
	else
		p->reset = has_family(p) ? RESET_NO_PATH : RESET_NO_FAMILY;
}

void peer_start(struct peer *p)
{
	char host[ADDR_STRLEN];

	p->started = true;
	explain_rest(p);
	if (!peer_may_run(p) || p->fsm.state != FSM_IDLE)
		return;
	if (!p->conn->opened && peer_debug(p, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(p), LOG_DEBUG, SAY_RELEASED, peer_host(p, host));
	timer_stop(p->conn, PEER_TIMER_START);
	conn_event(p->conn, FSM_MANUAL_START);
}

void peer_interface_changed(struct peer *p, uint32_t ifindex)
{
	const struct kernel *k = p->bgp->env.kernel;
	const struct kernel_interface *i = k ? kernel_interface(k, ifindex) : NULL;
	bool down = !i || !i->up || !i->running;

	if (peer_is_up(p) && down && p->ifindex == ifindex && p->bgp->cfg.fast_external_failover &&
	    peer_is_ebgp(p) && p->cfg.ebgp_multihop <= 1)
		peer_drop(p->conn, RESET_INTERFACE_DOWN, NULL);
	else if (peer_is_up(p) && !down)
		export_addresses_changed(p);
	else if (!down)
		peer_try_now(p);
}
