/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state machine as two tables: state x event -> outcome, and what each outcome means.
 *
 * fsm_step looks up the outcome, lets a few of them depend on the configuration (passive,
 * DelayOpen), and copies the outcome's actions, leaving out those that do not apply: routes are
 * released only by a session that was Established, and a restart is scheduled only if oscillations
 * are damped.
 *
 * Where the section's text is departed from, it is because every router in use does so, FRR too:
 * - a connection that fails in Connect goes to Active, to wait for the retry timer there, and not
 * to Idle (section 8.2.2, Connect, event 18);
 * - a passive neighbor never connects: it has no ConnectRetryTimer in Active;
 * - a malformed message (events 21, 22) is answered with its own error code in every state that has
 *   sent an OPEN, also in Established, where the text would answer with a state machine error;
 * - a second OPEN on one connection is a state machine error; collision detection is about two
 *   connections, and their owner runs it and reports event 23.
 * Events 14 and 15 belong to optional attributes that Ferro lacks; they and unknown ones are
 * ignored. This file must never learn of time, sockets or peers.
 */
#include "bgpd/fsm/fsm.h"

#include <assert.h>

#include "bgpd/codec/notify.h"

enum outcome {
	IGNORE,
	CONNECT,      /* first start */
	RECONNECT,    /* start after the idle hold time */
	LISTEN,       /* first start of a passive one */
	LISTEN_AGAIN, /* ... after the idle hold time */
	RETRY,        /* ConnectRetryTimer expired */
	OPEN,         /* TCP is there: send the OPEN */
	DELAY,        /* TCP is there: hold the OPEN back */
	BACK,         /* TCP went: wait for the retry timer */
	BACK_PASSIVE, /* TCP went: wait for them */
	EARLY_GOOD,   /* their OPEN came before ours was sent */
	GOOD,         /* their OPEN came */
	UP,
	PING,  /* KeepaliveTimer expired */
	ALIVE, /* KEEPALIVE came */
	TAKE_UPDATE,
	TAKE_REFRESH,
	STOP,         /* the user ends what has no OPEN out yet */
	STOP_CEASE,   /* the user ends a session */
	FAIL,         /* ends without a word */
	FAIL_VERSION, /* ... and does not count as a failed attempt */
	FAIL_CEASE,   /* ends with a Cease */
	FAIL_HOLD,
	FAIL_SEND_HOLD,
	FAIL_FSM,
	FAIL_NOTIFY, /* ends with the NOTIFICATION that the event brings */
	FAIL_DUMP,   /* lost the collision */
	OUTCOME_COUNT,
};

/* Rows: states; columns: events, by number. What is not named is IGNORE. */
static const uint8_t table[FSM_STATE_COUNT][FSM_EVENT_COUNT] = {
    [FSM_IDLE] =
	{
	    [FSM_MANUAL_START] = CONNECT,
	    [FSM_AUTO_START] = CONNECT,
	    [FSM_MANUAL_START_PASSIVE] = LISTEN,
	    [FSM_IDLE_HOLD_EXPIRED] = RECONNECT,
	},
    [FSM_CONNECT] =
	{
	    [FSM_MANUAL_STOP] = STOP,
	    [FSM_AUTO_STOP] = FAIL,
	    [FSM_CONNECT_RETRY_EXPIRED] = RETRY,
	    [FSM_HOLD_EXPIRED] = FAIL,
	    [FSM_KEEPALIVE_EXPIRED] = FAIL,
	    [FSM_DELAY_OPEN_EXPIRED] = OPEN,
	    [FSM_IDLE_HOLD_EXPIRED] = FAIL,
	    [FSM_TCP_CONFIRMED] = OPEN,
	    [FSM_TCP_ACCEPTED] = OPEN,
	    [FSM_TCP_FAILS] = BACK,
	    [FSM_OPEN_GOOD] = FAIL,
	    [FSM_OPEN_GOOD_DELAY_RUNNING] = EARLY_GOOD,
	    [FSM_HEADER_BAD] = FAIL,
	    [FSM_OPEN_BAD] = FAIL,
	    [FSM_COLLISION_DUMP] = FAIL,
	    [FSM_NOTIFY_VERSION] = FAIL_VERSION,
	    [FSM_NOTIFY] = FAIL,
	    [FSM_KEEPALIVE] = FAIL,
	    [FSM_UPDATE] = FAIL,
	    [FSM_UPDATE_BAD] = FAIL,
	    [FSM_REFRESH] = FAIL,
	    [FSM_SEND_HOLD_EXPIRED] = FAIL,
	},
    [FSM_ACTIVE] =
	{
	    [FSM_MANUAL_STOP] = STOP,
	    [FSM_AUTO_STOP] = FAIL,
	    [FSM_CONNECT_RETRY_EXPIRED] = RETRY,
	    [FSM_HOLD_EXPIRED] = FAIL,
	    [FSM_KEEPALIVE_EXPIRED] = FAIL,
	    [FSM_DELAY_OPEN_EXPIRED] = OPEN,
	    [FSM_IDLE_HOLD_EXPIRED] = FAIL,
	    [FSM_TCP_CONFIRMED] = OPEN,
	    [FSM_TCP_ACCEPTED] = OPEN,
	    [FSM_TCP_FAILS] = FAIL,
	    [FSM_OPEN_GOOD] = FAIL,
	    [FSM_OPEN_GOOD_DELAY_RUNNING] = EARLY_GOOD,
	    [FSM_HEADER_BAD] = FAIL,
	    [FSM_OPEN_BAD] = FAIL,
	    [FSM_COLLISION_DUMP] = FAIL,
	    [FSM_NOTIFY_VERSION] = FAIL_VERSION,
	    [FSM_NOTIFY] = FAIL,
	    [FSM_KEEPALIVE] = FAIL,
	    [FSM_UPDATE] = FAIL,
	    [FSM_UPDATE_BAD] = FAIL,
	    [FSM_REFRESH] = FAIL,
	    [FSM_SEND_HOLD_EXPIRED] = FAIL,
	},
    [FSM_OPENSENT] =
	{
	    [FSM_MANUAL_STOP] = STOP_CEASE,
	    [FSM_AUTO_STOP] = FAIL_CEASE,
	    [FSM_CONNECT_RETRY_EXPIRED] = FAIL_FSM,
	    [FSM_HOLD_EXPIRED] = FAIL_HOLD,
	    [FSM_KEEPALIVE_EXPIRED] = FAIL_FSM,
	    [FSM_DELAY_OPEN_EXPIRED] = FAIL_FSM,
	    [FSM_IDLE_HOLD_EXPIRED] = FAIL_FSM,
	    [FSM_TCP_FAILS] = BACK,
	    [FSM_OPEN_GOOD] = GOOD,
	    [FSM_OPEN_GOOD_DELAY_RUNNING] = FAIL_FSM,
	    [FSM_HEADER_BAD] = FAIL_NOTIFY,
	    [FSM_OPEN_BAD] = FAIL_NOTIFY,
	    [FSM_COLLISION_DUMP] = FAIL_DUMP,
	    [FSM_NOTIFY_VERSION] = FAIL_VERSION,
	    [FSM_NOTIFY] = FAIL_FSM,
	    [FSM_KEEPALIVE] = FAIL_FSM,
	    [FSM_UPDATE] = FAIL_FSM,
	    [FSM_UPDATE_BAD] = FAIL_FSM,
	    [FSM_REFRESH] = FAIL_FSM,
	    [FSM_SEND_HOLD_EXPIRED] = FAIL_FSM,
	},
    [FSM_OPENCONFIRM] =
	{
	    [FSM_MANUAL_STOP] = STOP_CEASE,
	    [FSM_AUTO_STOP] = FAIL_CEASE,
	    [FSM_CONNECT_RETRY_EXPIRED] = FAIL_FSM,
	    [FSM_HOLD_EXPIRED] = FAIL_HOLD,
	    [FSM_KEEPALIVE_EXPIRED] = PING,
	    [FSM_DELAY_OPEN_EXPIRED] = FAIL_FSM,
	    [FSM_IDLE_HOLD_EXPIRED] = FAIL_FSM,
	    [FSM_TCP_FAILS] = FAIL,
	    [FSM_OPEN_GOOD] = FAIL_FSM,
	    [FSM_OPEN_GOOD_DELAY_RUNNING] = FAIL_FSM,
	    [FSM_HEADER_BAD] = FAIL_NOTIFY,
	    [FSM_OPEN_BAD] = FAIL_NOTIFY,
	    [FSM_COLLISION_DUMP] = FAIL_DUMP,
	    [FSM_NOTIFY_VERSION] = FAIL_VERSION,
	    [FSM_NOTIFY] = FAIL,
	    [FSM_KEEPALIVE] = UP,
	    [FSM_UPDATE] = FAIL_FSM,
	    [FSM_UPDATE_BAD] = FAIL_FSM,
	    [FSM_REFRESH] = FAIL_FSM,
	    [FSM_SEND_HOLD_EXPIRED] = FAIL_SEND_HOLD,
	},
    [FSM_ESTABLISHED] =
	{
	    [FSM_MANUAL_STOP] = STOP_CEASE,
	    [FSM_AUTO_STOP] = FAIL_CEASE,
	    [FSM_CONNECT_RETRY_EXPIRED] = FAIL_FSM,
	    [FSM_HOLD_EXPIRED] = FAIL_HOLD,
	    [FSM_KEEPALIVE_EXPIRED] = PING,
	    [FSM_DELAY_OPEN_EXPIRED] = FAIL_FSM,
	    [FSM_IDLE_HOLD_EXPIRED] = FAIL_FSM,
	    [FSM_TCP_FAILS] = FAIL,
	    [FSM_OPEN_GOOD] = FAIL_FSM,
	    [FSM_OPEN_GOOD_DELAY_RUNNING] = FAIL_FSM,
	    [FSM_HEADER_BAD] = FAIL_NOTIFY,
	    [FSM_OPEN_BAD] = FAIL_NOTIFY,
	    [FSM_COLLISION_DUMP] = FAIL_DUMP,
	    [FSM_NOTIFY_VERSION] = FAIL,
	    [FSM_NOTIFY] = FAIL,
	    [FSM_KEEPALIVE] = ALIVE,
	    [FSM_UPDATE] = TAKE_UPDATE,
	    [FSM_UPDATE_BAD] = FAIL_NOTIFY,
	    [FSM_REFRESH] = TAKE_REFRESH,
	    [FSM_SEND_HOLD_EXPIRED] = FAIL_SEND_HOLD,
	},
};

enum { SAME = FSM_STATE_COUNT }; /* as a next state: stay */
enum retry { KEEP, ZERO, ADD };  /* ConnectRetryCounter */

struct meaning {
	uint8_t next;
	uint8_t retry;
	uint8_t notify_code;
	uint8_t actions[FSM_MAX_ACTIONS];
};

static const struct meaning meanings[OUTCOME_COUNT] = {
    [IGNORE] = {SAME, KEEP, 0, {0}},
    [CONNECT] = {FSM_CONNECT, ZERO, 0, {FSM_DO_START_CONNECT_RETRY, FSM_DO_CONNECT}},
    [RECONNECT] = {FSM_CONNECT, KEEP, 0, {FSM_DO_START_CONNECT_RETRY, FSM_DO_CONNECT}},
    [LISTEN] = {FSM_ACTIVE, ZERO, 0, {0}},
    [LISTEN_AGAIN] = {FSM_ACTIVE, KEEP, 0, {0}},
    [RETRY] = {FSM_CONNECT, KEEP, 0,
	{FSM_DO_CLOSE, FSM_DO_STOP_DELAY_OPEN, FSM_DO_START_CONNECT_RETRY, FSM_DO_CONNECT}},
    [OPEN] = {FSM_OPENSENT, KEEP, 0,
	{FSM_DO_STOP_CONNECT_RETRY, FSM_DO_STOP_DELAY_OPEN, FSM_DO_SEND_OPEN,
	    FSM_DO_START_HOLD_LARGE}},
    [DELAY] = {SAME, KEEP, 0, {FSM_DO_STOP_CONNECT_RETRY, FSM_DO_START_DELAY_OPEN}},
    [BACK] = {FSM_ACTIVE, KEEP, 0, {FSM_DO_STOP_TIMERS, FSM_DO_CLOSE, FSM_DO_START_CONNECT_RETRY}},
    [BACK_PASSIVE] = {FSM_ACTIVE, KEEP, 0, {FSM_DO_STOP_TIMERS, FSM_DO_CLOSE}},
    [EARLY_GOOD] = {FSM_OPENCONFIRM, KEEP, 0,
	{FSM_DO_STOP_CONNECT_RETRY, FSM_DO_STOP_DELAY_OPEN, FSM_DO_SEND_OPEN, FSM_DO_SEND_KEEPALIVE,
	    FSM_DO_START_HOLD, FSM_DO_START_KEEPALIVE}},
    [GOOD] = {FSM_OPENCONFIRM, KEEP, 0,
	{FSM_DO_STOP_CONNECT_RETRY, FSM_DO_SEND_KEEPALIVE, FSM_DO_START_HOLD,
	    FSM_DO_START_KEEPALIVE}},
    [UP] = {FSM_ESTABLISHED, KEEP, 0, {FSM_DO_START_HOLD, FSM_DO_ESTABLISHED}},
    [PING] = {SAME, KEEP, 0, {FSM_DO_SEND_KEEPALIVE, FSM_DO_START_KEEPALIVE}},
    [ALIVE] = {SAME, KEEP, 0, {FSM_DO_START_HOLD}},
    [TAKE_UPDATE] = {SAME, KEEP, 0, {FSM_DO_START_HOLD, FSM_DO_UPDATE}},
    [TAKE_REFRESH] = {SAME, KEEP, 0, {FSM_DO_START_HOLD, FSM_DO_REFRESH}},
    [STOP] = {FSM_IDLE, ZERO, 0, {FSM_DO_STOP_TIMERS, FSM_DO_CLOSE}},
    [STOP_CEASE] = {FSM_IDLE, ZERO, NOTIFY_CEASE,
	{FSM_DO_SEND_NOTIFY, FSM_DO_STOP_TIMERS, FSM_DO_RELEASE, FSM_DO_CLOSE}},
    [FAIL] = {FSM_IDLE, ADD, 0,
	{FSM_DO_STOP_TIMERS, FSM_DO_RELEASE, FSM_DO_CLOSE, FSM_DO_START_IDLE_HOLD}},
    [FAIL_VERSION] = {FSM_IDLE, KEEP, 0,
	{FSM_DO_STOP_TIMERS, FSM_DO_CLOSE, FSM_DO_START_IDLE_HOLD}},
    [FAIL_CEASE] = {FSM_IDLE, ADD, NOTIFY_CEASE,
	{FSM_DO_SEND_NOTIFY, FSM_DO_STOP_TIMERS, FSM_DO_RELEASE, FSM_DO_CLOSE,
	    FSM_DO_START_IDLE_HOLD}},
    [FAIL_HOLD] = {FSM_IDLE, ADD, NOTIFY_HOLD_EXPIRED,
	{FSM_DO_SEND_NOTIFY, FSM_DO_STOP_TIMERS, FSM_DO_RELEASE, FSM_DO_CLOSE,
	    FSM_DO_START_IDLE_HOLD}},
    [FAIL_SEND_HOLD] = {FSM_IDLE, ADD, NOTIFY_SEND_HOLD_EXPIRED,
	{FSM_DO_SEND_NOTIFY, FSM_DO_STOP_TIMERS, FSM_DO_RELEASE, FSM_DO_CLOSE,
	    FSM_DO_START_IDLE_HOLD}},
    [FAIL_FSM] = {FSM_IDLE, ADD, NOTIFY_FSM,
	{FSM_DO_SEND_NOTIFY, FSM_DO_STOP_TIMERS, FSM_DO_RELEASE, FSM_DO_CLOSE,
	    FSM_DO_START_IDLE_HOLD}},
    [FAIL_NOTIFY] = {FSM_IDLE, ADD, 0,
	{FSM_DO_SEND_NOTIFY, FSM_DO_STOP_TIMERS, FSM_DO_RELEASE, FSM_DO_CLOSE,
	    FSM_DO_START_IDLE_HOLD}},
    [FAIL_DUMP] = {FSM_IDLE, ADD, NOTIFY_CEASE,
	{FSM_DO_SEND_NOTIFY, FSM_DO_STOP_TIMERS, FSM_DO_RELEASE, FSM_DO_CLOSE,
	    FSM_DO_START_IDLE_HOLD}},
};

/* The outcomes that depend on more than state and event. */
static enum outcome refine(
    const struct fsm_cfg *cfg, const struct fsm *now, enum fsm_event event, enum outcome o)
{
	switch (o) {
	case CONNECT:
		return cfg->passive ? LISTEN : CONNECT;
	case RECONNECT:
		return cfg->passive ? LISTEN_AGAIN : RECONNECT;
	case BACK:
		return cfg->passive ? BACK_PASSIVE : BACK;
	case OPEN:
		return cfg->delay_open && event != FSM_DELAY_OPEN_EXPIRED ? DELAY : OPEN;
	case FAIL_VERSION: /* before an OPEN of ours it is no answer to one, unless one is due */
		return now->state < FSM_OPENSENT && !now->delay_open_running ? FAIL : FAIL_VERSION;
	default:
		return o;
	}
}

static uint8_t notify_subcode(enum outcome o, enum fsm_state state)
{
	switch (o) {
	case FAIL_DUMP:
		return NOTIFY_CEASE_COLLISION;
	case STOP_CEASE:
		return NOTIFY_CEASE_SHUTDOWN;
	case FAIL_FSM: /* RFC 6608: 1 OpenSent, 2 OpenConfirm, 3 Established */
		return (uint8_t)(state - FSM_OPENSENT + NOTIFY_FSM_OPENSENT);
	default:
		return 0;
	}
}

static bool applies(const struct fsm_cfg *cfg, enum fsm_state state, enum fsm_action a)
{
	if (a == FSM_DO_RELEASE)
		return state == FSM_ESTABLISHED;
	if (a == FSM_DO_START_IDLE_HOLD)
		return cfg->damp_oscillations;
	return a != FSM_DO_NONE;
}

static bool delay_open_after(bool running, enum fsm_action a)
{
	if (a == FSM_DO_STOP_DELAY_OPEN || a == FSM_DO_STOP_TIMERS)
		return false;
	return running || a == FSM_DO_START_DELAY_OPEN;
}

struct fsm_result fsm_step(const struct fsm_cfg *cfg, struct fsm now, enum fsm_event event)
{
	assert(now.state < FSM_STATE_COUNT && event < FSM_EVENT_COUNT);
	enum outcome o = refine(cfg, &now, event, table[now.state][event]);
	const struct meaning *m = &meanings[o];
	struct fsm_result r = {.next = now,
	    .notify_code = m->notify_code,
	    .notify_subcode = notify_subcode(o, now.state)};

	if (m->next != SAME)
		r.next.state = m->next;
	if (m->retry == ZERO)
		r.next.connect_retry_count = 0;
	else if (m->retry == ADD)
		r.next.connect_retry_count++;
	for (unsigned i = 0; i < FSM_MAX_ACTIONS; i++) {
		enum fsm_action a = m->actions[i];
		if (!applies(cfg, now.state, a))
			continue;
		r.actions[r.count++] = (uint8_t)a;
		r.next.delay_open_running = delay_open_after(r.next.delay_open_running, a);
	}
	return r;
}

const char *fsm_state_name(enum fsm_state s)
{
	static const char *const names[FSM_STATE_COUNT] = {
	    "Idle", "Connect", "Active", "OpenSent", "OpenConfirm", "Established"};
	return s < FSM_STATE_COUNT ? names[s] : "Unknown";
}

const char *fsm_event_name(enum fsm_event e)
{
	static const char *const names[FSM_EVENT_COUNT] = {
	    [FSM_MANUAL_START] = "BGP_Start",
	    [FSM_MANUAL_STOP] = "BGP_Stop",
	    [FSM_AUTO_START] = "BGP_Start",
	    [FSM_MANUAL_START_PASSIVE] = "BGP_Start",
	    [FSM_AUTO_STOP] = "BGP_Stop",
	    [FSM_CONNECT_RETRY_EXPIRED] = "ConnectRetry_timer_expired",
	    [FSM_HOLD_EXPIRED] = "Hold_Timer_expired",
	    [FSM_KEEPALIVE_EXPIRED] = "KeepAlive_timer_expired",
	    [FSM_DELAY_OPEN_EXPIRED] = "DelayOpen_timer_expired",
	    [FSM_IDLE_HOLD_EXPIRED] = "BGP_Start",
	    [FSM_TCP_CONFIRMED] = "TCP_connection_open",
	    [FSM_TCP_ACCEPTED] = "TCP_connection_open",
	    [FSM_TCP_FAILS] = "TCP_connection_open_failed",
	    [FSM_OPEN_GOOD] = "Receive_OPEN_message",
	    [FSM_OPEN_GOOD_DELAY_RUNNING] = "Receive_OPEN_message",
	    [FSM_HEADER_BAD] = "BGP_Stop",
	    [FSM_OPEN_BAD] = "BGP_Stop",
	    [FSM_COLLISION_DUMP] = "BGP_Stop",
	    [FSM_NOTIFY_VERSION] = "Receive_NOTIFICATION_message",
	    [FSM_NOTIFY] = "Receive_NOTIFICATION_message",
	    [FSM_KEEPALIVE] = "Receive_KEEPALIVE_message",
	    [FSM_UPDATE] = "Receive_UPDATE_message",
	    [FSM_UPDATE_BAD] = "BGP_Stop",
	    [FSM_REFRESH] = "Receive_REFRESH_message",
	    [FSM_SEND_HOLD_EXPIRED] = "BGP_Stop",
	};
	return e < FSM_EVENT_COUNT && names[e] ? names[e] : "Unknown";
}

bool fsm_keep_own_connection(
    uint32_t local_id, uint32_t remote_id, uint32_t local_as, uint32_t remote_as)
{
	if (local_id != remote_id)
		return local_id > remote_id;
	return local_as > remote_as;
}
