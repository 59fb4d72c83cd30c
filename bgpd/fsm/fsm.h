/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RFC 4271 section 8 state machine of one connection as a pure function.
 *
 * fsm_step takes a state and an event and says which actions follow; it reads no clock, no socket
 * and no peer. The caller carries the actions out in order. Jitter and times are computed by the
 * caller from struct fsm_cfg.
 */
#ifndef FERRO_FSM_FSM_H
#define FERRO_FSM_FSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fsm_state {
	FSM_IDLE,
	FSM_CONNECT,
	FSM_ACTIVE,
	FSM_OPENSENT,
	FSM_OPENCONFIRM,
	FSM_ESTABLISHED,
	FSM_STATE_COUNT,
};

/* RFC 4271 section 8.1, numbers kept where an event has one. */
enum fsm_event {
	FSM_MANUAL_START = 1,
	FSM_MANUAL_STOP = 2,
	FSM_AUTO_START = 3,
	FSM_MANUAL_START_PASSIVE = 4,
	FSM_AUTO_STOP = 8,
	FSM_CONNECT_RETRY_EXPIRED = 9,
	FSM_HOLD_EXPIRED = 10,
	FSM_KEEPALIVE_EXPIRED = 11,
	FSM_DELAY_OPEN_EXPIRED = 12,
	FSM_IDLE_HOLD_EXPIRED = 13,
	FSM_TCP_CONFIRMED = 16, /* our connect succeeded */
	FSM_TCP_ACCEPTED = 17,  /* theirs came in */
	FSM_TCP_FAILS = 18,
	FSM_OPEN_GOOD = 19,
	FSM_OPEN_GOOD_DELAY_RUNNING = 20,
	FSM_HEADER_BAD = 21,
	FSM_OPEN_BAD = 22,
	FSM_COLLISION_DUMP = 23,
	FSM_NOTIFY_VERSION = 24,
	FSM_NOTIFY = 25,
	FSM_KEEPALIVE = 26,
	FSM_UPDATE = 27,
	FSM_UPDATE_BAD = 28,
	FSM_REFRESH = 29,
	FSM_SEND_HOLD_EXPIRED = 30, /* RFC 9687's event 29 */
	FSM_EVENT_COUNT,
};

enum fsm_action {
	FSM_DO_NONE,
	FSM_DO_CONNECT, /* start a TCP connection */
	FSM_DO_CLOSE,   /* drop the TCP connection, if there is one */
	FSM_DO_SEND_OPEN,
	FSM_DO_SEND_KEEPALIVE,
	FSM_DO_SEND_NOTIFY, /* the one the caller has ready for this event, else the result's */
	FSM_DO_START_CONNECT_RETRY,
	FSM_DO_STOP_CONNECT_RETRY,
	FSM_DO_START_HOLD_LARGE, /* 240 s while the OPEN is awaited */
	FSM_DO_START_HOLD,       /* negotiated; none if zero */
	FSM_DO_START_KEEPALIVE,  /* negotiated; none if zero */
	FSM_DO_START_DELAY_OPEN,
	FSM_DO_STOP_DELAY_OPEN,
	FSM_DO_STOP_TIMERS,     /* all of them */
	FSM_DO_START_IDLE_HOLD, /* damped restart (section 8.1.1) */
	FSM_DO_RELEASE,         /* it was Established: routes of the peer go away */
	FSM_DO_ESTABLISHED,     /* the session is up */
	FSM_DO_UPDATE,          /* take the UPDATE in */
	FSM_DO_REFRESH,         /* serve the ROUTE-REFRESH */
	FSM_ACTION_COUNT,
};

struct fsm_cfg {
	bool passive;           /* wait for them instead of connecting */
	bool delay_open;        /* hold the OPEN back (section 8.1.1, DelayOpen) */
	bool damp_oscillations; /* restart by itself, after the idle hold time, when a session ends
				 * by error or by the other side */
};

struct fsm {
	enum fsm_state state;
	bool delay_open_running;
	uint32_t connect_retry_count;
};

enum { FSM_MAX_ACTIONS = 6 };
struct fsm_result {
	struct fsm next;
	uint8_t count;
	uint8_t actions[FSM_MAX_ACTIONS]; /* enum fsm_action, in order */
	/* For FSM_DO_SEND_NOTIFY when the event brings none (RFC 4271 6.5, 6.6, 6608; Cease). */
	uint8_t notify_code, notify_subcode;
};

struct fsm_result fsm_step(const struct fsm_cfg *cfg, struct fsm now, enum fsm_event event);
const char *fsm_state_name(enum fsm_state s); /* "Idle" .. "Established" */
const char *fsm_event_name(enum fsm_event e);

/* Section 6.8 with RFC 6286 2.3: whose connection stays when both sides opened one. True: the one
 * that the local system opened. Identifiers in host order. */
bool fsm_keep_own_connection(
    uint32_t local_id, uint32_t remote_id, uint32_t local_as, uint32_t remote_as);

#endif
