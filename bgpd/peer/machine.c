/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state machine at work: an event goes in, its actions are carried out in order.
 *
 * The new state is in force before the first action, so that what an action asks about the session
 * sees it as it will be. No action reports an event of its own but one: a connection that cannot
 * even be started fails after the list is done. An incoming connection that falls back is done
 * with: the neighbor will come again, or our own connection goes on.
 */
#include <stdlib.h>
#include <string.h>

#include "bgpd/peer/internal.h"
#include "bgpd/peer/peergroup.h"
#include "bgpd/peer/peerlog.h"
#include "lib/clock.h"

static struct fsm_cfg machine_cfg(const struct peer_conn *c)
{
	return (struct fsm_cfg){
	    .passive = c->incoming || c->peer->dynamic || c->peer->cfg.passive,
	    .delay_open = c->peer->cfg.delay_open > 0,
	    .damp_oscillations = !c->incoming,
	};
}

static void start_idle_hold(struct peer_conn *c)
{
	struct peer *p = c->peer;

	if (p->prefix_overflow) {
		if (p->limit_restart)
			timer_start(c, PEER_TIMER_START, p->limit_restart * 60000ull);
		return;
	}
	timer_start(c, PEER_TIMER_START, p->idle_hold * 1000ull);
	p->idle_hold =
	    p->idle_hold * 2 > IDLE_HOLD_MAX ? IDLE_HOLD_MAX : (uint16_t)(p->idle_hold * 2);
}

static void start_hold(struct peer_conn *c, uint16_t seconds)
{
	c->heard_ms = clock_ms();
	if (seconds)
		timer_start(c, PEER_TIMER_HOLD, seconds * 1000ull);
	else
		timer_stop(c, PEER_TIMER_HOLD);
}

static void send_notify(struct peer_conn *c, const struct fsm_result *r)
{
	if (!c->notify_ready)
		notify_set(&c->notify, r->notify_code, r->notify_subcode, NULL, 0);
	session_send_notify(c, &c->notify);
}

static void connect_out(struct peer_conn *c)
{
	char name[ADDR_STRLEN];

	c->error = 0;
	c->no_way = true;
	if (!peer_reachable(c->peer)) {
		if (peer_debug(c->peer, DEBUG_NEIGHBOR_EVENTS))
			log_msg(peer_log(c->peer), LOG_DEBUG, SAY_NO_PATH, peer_host(c->peer, name),
			    conn_label(c));
		return;
	}
	c->no_way = !conn_connect(c);
}

static void refresh_served(struct peer_conn *c)
{
	struct refresh_msg r;
	struct notify why;

	if (refresh_decode(c->message + MSG_HEADER_LEN, c->message_len - MSG_HEADER_LEN, &r, &why))
		refresh_received(c->peer, &r);
}

static void act(struct peer_conn *c, enum fsm_action a, const struct fsm_result *r, bool fresh)
{
	switch (a) {
	case FSM_DO_CONNECT:
		connect_out(c);
		break;
	case FSM_DO_CLOSE:
		conn_close(c);
		break;
	case FSM_DO_SEND_OPEN:
		session_send_open(c);
		break;
	case FSM_DO_SEND_KEEPALIVE:
		session_send_keepalive(c);
		break;
	case FSM_DO_SEND_NOTIFY:
		send_notify(c, r);
		break;
	case FSM_DO_START_CONNECT_RETRY:
		timer_start(c, PEER_TIMER_CONNECT_RETRY,
		    timer_jitter(peer_configured_connect_retry(c->peer) * 1000ull));
		break;
	case FSM_DO_STOP_CONNECT_RETRY:
		timer_stop(c, PEER_TIMER_CONNECT_RETRY);
		break;
	case FSM_DO_START_HOLD_LARGE:
		start_hold(c, HOLD_LARGE);
		break;
	case FSM_DO_START_HOLD: /* within a state a message only notes the time: see timers.c */
		if (fresh)
			start_hold(c, c->hold);
		else
			c->heard_ms = clock_ms();
		break;
	case FSM_DO_START_KEEPALIVE:
		if (c->keepalive)
			timer_start(c, PEER_TIMER_KEEPALIVE, c->keepalive * 1000ull);
		break;
	case FSM_DO_START_DELAY_OPEN:
		timer_start(c, PEER_TIMER_DELAY_OPEN, c->peer->cfg.delay_open * 1000ull);
		break;
	case FSM_DO_STOP_DELAY_OPEN:
		timer_stop(c, PEER_TIMER_DELAY_OPEN);
		break;
	case FSM_DO_STOP_TIMERS:
		timers_stop(c);
		break;
	case FSM_DO_START_IDLE_HOLD:
		start_idle_hold(c);
		break;
	case FSM_DO_RELEASE:
		session_down(c);
		break;
	case FSM_DO_ESTABLISHED:
		session_up(c);
		break;
	case FSM_DO_REFRESH:
		refresh_served(c);
		break;
	case FSM_DO_UPDATE: /* taken in before the event, which says what became of it */
	case FSM_DO_NONE:
	case FSM_ACTION_COUNT:
		break;
	}
}

static bool quiet(enum fsm_event e)
{
	return e == FSM_UPDATE || e == FSM_REFRESH || e == FSM_KEEPALIVE ||
	       e == FSM_KEEPALIVE_EXPIRED;
}

static void report_unexpected(const struct peer_conn *c, const struct fsm_result *r)
{
	char name[ADDR_STRLEN];

	if (r->notify_code == NOTIFY_FSM)
		log_msg(peer_log(c->peer), LOG_ERR, SAY_UNEXPECTED, peer_host(c->peer, name),
		    fsm_state_name(c->fsm.state));
}

void conn_event(struct peer_conn *c, enum fsm_event e)
{
	struct fsm_cfg cfg = machine_cfg(c);
	struct fsm_result r = fsm_step(&cfg, c->fsm, e);
	enum fsm_state from = c->fsm.state, to = r.next.state;
	struct peer *p = c->peer;
	bool counts = p->conn == c, tried = false;

	c->busy++;
	report_unexpected(c, &r);
	if (from != to || !quiet(e))
		log_event(c, e, from, to);
	c->fsm = r.next;
	if (counts)
		p->fsm = c->fsm;
	if (counts && from == FSM_IDLE && to != FSM_IDLE)
		p->remote_id = 0;
	for (unsigned i = 0; i < r.count; i++) {
		act(c, r.actions[i], &r, from != to);
		tried |= r.actions[i] == FSM_DO_CONNECT;
	}
	c->notify_ready = false;
	c->hard = c->silent = false;
	c->why = RESET_NONE;
	if (from != to)
		log_went(c, from, to);
	c->busy--;
	if (tried && c->fd < 0)
		conn_event(c, FSM_TCP_FAILS);
	else if (p->incoming == c && to < FSM_OPENSENT && from > to) {
		p->incoming = NULL;
		conn_free(c);
	}
	if (from > to)
		peer_group_left(p);
}

void conn_fail(struct peer_conn *c, enum fsm_event e, const struct notify *n)
{
	c->notify = *n;
	c->notify_ready = true;
	c->why = RESET_NOTIFY_SENT;
	conn_event(c, e);
}
