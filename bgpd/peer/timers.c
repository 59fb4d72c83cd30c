/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timers of a connection. They run at the highest priority, so that bulk work never delays
 * them.
 *
 * The hold timer is lazy: each message only notes the time (conn.heard_ms), and when the timer
 * fires it looks how long the neighbor has really been silent, and whether something lies unread in
 * the socket because we are busy: only silence is a failure. libevent's clock is coarser than ours
 * and may call some milliseconds early; such a call sets the timer again.
 *
 * The send hold timer (RFC 9687) is no timer: each time a KEEPALIVE is due, the queue of what TCP
 * did not take yet is looked at. As FRR has it, two hold times without progress end the session.
 */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "bgpd/peer/internal.h"
#include "bgpd/peer/peerlog.h"
#include "lib/clock.h"
#include "lib/task.h"

static const enum fsm_event expiry[PEER_TIMER_COUNT] = {
    [PEER_TIMER_START] = FSM_IDLE_HOLD_EXPIRED,
    [PEER_TIMER_CONNECT_RETRY] = FSM_CONNECT_RETRY_EXPIRED,
    [PEER_TIMER_HOLD] = FSM_HOLD_EXPIRED,
    [PEER_TIMER_KEEPALIVE] = FSM_KEEPALIVE_EXPIRED,
    [PEER_TIMER_DELAY_OPEN] = FSM_DELAY_OPEN_EXPIRED,
};

/* True: the neighbor is not silent after all, and the timer runs again. */
static bool hold_prolonged(struct peer_conn *c)
{
	uint64_t hold = (c->fsm.state >= FSM_OPENCONFIRM ? c->hold : HOLD_LARGE) * 1000ull;
	uint64_t silent = clock_ms() - c->heard_ms;
	int unread = 0;

	if (c->fd >= 0 && ioctl(c->fd, FIONREAD, &unread) == 0 && unread > 0)
		silent = hold / 2 < silent ? hold / 2 : silent;
	if (silent >= hold)
		return false;
	timer_start(c, PEER_TIMER_HOLD, hold - silent);
	return true;
}

/* True: the neighbor has not read for so long that the session has to end. */
static bool send_hold_expired(struct peer_conn *c)
{
	char name[PEER_NAME_LEN];
	uint64_t hold = c->hold * 1000ull, stuck = clock_ms() - c->progress_ms;

	if (c->fd < 0 || !hold || evbuffer_get_length(c->out) == 0 || stuck < hold)
		return false;
	peer_name(c->peer, name);
	if (stuck >= SEND_HOLDS * hold) {
		log_msg(peer_log(c->peer), LOG_ERR, NULL, 0,
		    "%s has not made any SendQ progress for %d holdtimes (%us), terminating "
		    "session",
		    name, SEND_HOLDS, SEND_HOLDS * c->hold);
		return true;
	}
	if (!c->overload_said)
		log_msg(peer_log(c->peer), LOG_WARNING, NULL, 0,
		    "%s has not made any SendQ progress for 1 holdtime (%us), peer overloaded?",
		    name, c->hold);
	c->overload_said = true;
	return false;
}

static void expired(struct peer_conn *c, enum peer_timer t)
{
	char name[ADDR_STRLEN];
	struct notify why;

	if (t == PEER_TIMER_HOLD && hold_prolonged(c))
		return;
	if (t == PEER_TIMER_KEEPALIVE && send_hold_expired(c)) {
		conn_event(c, FSM_SEND_HOLD_EXPIRED);
		return;
	}
	if (t == PEER_TIMER_KEEPALIVE && peer_is_up(c->peer) && !limits_check(c->peer, &why)) {
		peer_drop(c, RESET_PREFIX_COUNT, &why);
		return;
	}
	if (t == PEER_TIMER_START && c->peer->prefix_overflow)
		limit_lift(c->peer);
	if (t == PEER_TIMER_START && peer_debug(c->peer, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(c->peer), LOG_DEBUG, SAY_START_TIMER, peer_host(c->peer, name),
		    conn_label(c));
	if (t == PEER_TIMER_KEEPALIVE && peer_debug(c->peer, DEBUG_KEEPALIVES))
		log_msg(
		    peer_log(c->peer), LOG_DEBUG, SAY_KEEPALIVE_TIMER, peer_host(c->peer, name));
	conn_event(c, expiry[t]);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct peer_conn *c = arg;
	uint64_t now = clock_ms();

	(void)fd;
	(void)what;
	c->busy++;
	for (unsigned t = 0; t < PEER_TIMER_COUNT && !c->dead; t++) {
		if (c->due[t] == 0)
			continue;
		if (c->due[t] <= now) {
			c->due[t] = 0;
			expired(c, t);
		} else if (!event_pending(c->timer[t], EV_TIMEOUT, NULL)) {
			timer_start(c, t, c->due[t] - now);
		}
	}
	c->busy--;
	if (c->dead)
		conn_free(c);
}

void timer_start(struct peer_conn *c, enum peer_timer t, uint64_t ms)
{
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	if (!c->timer[t]) {
		c->timer[t] = event_new(c->peer->bgp->env.base, -1, 0, on_timer, c);
		if (!c->timer[t] || event_priority_set(c->timer[t], PRIO_HIGH) < 0)
			abort();
	}
	c->due[t] = clock_ms() + ms;
	event_add(c->timer[t], &tv);
}

void timer_stop(struct peer_conn *c, enum peer_timer t)
{
	c->due[t] = 0;
	if (c->timer[t])
		event_del(c->timer[t]);
}

void timers_stop(struct peer_conn *c)
{
	for (unsigned t = 0; t < PEER_TIMER_COUNT; t++)
		timer_stop(c, t);
}

void timers_free(struct peer_conn *c)
{
	for (unsigned t = 0; t < PEER_TIMER_COUNT; t++) {
		if (c->timer[t])
			event_free(c->timer[t]);
		c->timer[t] = NULL;
		c->due[t] = 0;
	}
}

uint64_t timer_jitter(uint64_t ms)
{
	uint16_t random;

	evutil_secure_rng_get_bytes(&random, sizeof(random));
	return ms * 3 / 4 + (ms - ms * 3 / 4) * random / UINT16_MAX;
}

int64_t peer_timer_left(const struct peer *p, enum peer_timer t)
{
	uint64_t due = p->conn->due[t], now = clock_ms();

	if (due == 0)
		return -1;
	return due > now ? (int64_t)((due - now + 500) / 1000) : 0;
}
