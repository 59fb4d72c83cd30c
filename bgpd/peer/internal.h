/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside bgpd/peer: one TCP connection with its state machine, and what the room's files share.
 *
 * A peer has one connection that counts (peer->conn: ours, or the one that won) and at most one
 * more that the neighbor opened (peer->incoming). Each has its own state machine, timers and
 * buffers. An incoming one that reaches Established takes conn's place (peer_adopt); until then it
 * may vanish without a trace. Whoever runs inside a callback of a connection may end it: its memory
 * stays until the callback is left (busy, dead).
 */
#ifndef FERRO_PEER_INTERNAL_H
#define FERRO_PEER_INTERNAL_H

#include "bgpd/peer/peer.h"
#include "lib/mem.h"

struct event;
struct evbuffer;

enum {
	HOLD_LARGE = 240,    /* seconds to wait for an OPEN (RFC 4271 section 8) */
	SEND_HOLDS = 2,      /* hold times without progress of the queue until the session ends */
	IDLE_HOLD_FIRST = 1, /* seconds, as FRR's start timer */
	IDLE_HOLD_MAX = 60,  /* ... doubled up to this */
	OUT_HIGH = 1024 * 1024, /* bytes queued beyond TCP's buffer: the groups must wait */
	OUT_LOW = 256 * 1024,   /* ... until it has drained to this */
	READ_SLICE = 32 * 1024, /* bytes taken from a socket at once */
};

struct peer_conn {
	struct peer *peer;
	struct fsm fsm;
	int fd;          /* -1: none */
	bool incoming;   /* the neighbor opened it, and it does not count yet */
	bool accepted;   /* the neighbor opened it */
	bool silent;     /* the event under way ends the connection without a NOTIFICATION */
	bool connecting; /* connect() is under way */
	bool no_way;     /* the last attempt could not even begin: no path, no source address */
	bool opened;     /* there was a socket once (FRR's log names it by that) */
	unsigned busy;   /* callbacks on the stack that use it */
	bool dead;       /* to be freed when busy is 0 */
	bool hard;       /* the next Cease goes out as a Hard Reset if both sides can (RFC 8538) */
	bool backlog;    /* the output queue is over OUT_HIGH; groups are blocked until OUT_LOW */
	enum peer_reset why; /* for "Last reset" when the event under way ends the session */
	int error;           /* errno of a TCP failure under way; 0: they closed it */
	struct event *ev_read, *ev_write;
	struct evbuffer *out;
	uint8_t *part; /* the beginning of a message whose rest is not here yet */
	uint32_t part_len;
	struct event *timer[PEER_TIMER_COUNT];
	uint64_t due[PEER_TIMER_COUNT]; /* clock_ms; 0: not running */
	uint64_t heard_ms;              /* last message, for the hold timer */
	uint64_t progress_ms;           /* TCP took something, or the queue began (RFC 9687) */
	bool overload_said;             /* the log has it that the neighbor does not read */
	const uint8_t *message;         /* the one under way, header included; NULL: none */
	uint16_t message_len;
	struct notify notify; /* for FSM_DO_SEND_NOTIFY */
	bool notify_ready;
	struct open_msg open_sent, open_received;
	bool open_seen;
	struct session_traits traits;
	uint16_t keepalive, hold; /* negotiated, seconds */
	struct addr local, remote;
	uint16_t local_port, remote_port;
};

/* ---- conn.c: sockets and bytes ---- */
struct peer_conn *conn_new(struct peer *p, bool incoming);
void conn_free(struct peer_conn *c); /* at once, or when its callbacks are left */
/* Starts a TCP connection. False: it failed at once, c->error says why. */
bool conn_connect(struct peer_conn *c);
void conn_accept(struct peer_conn *c, int fd); /* takes the socket over */
void conn_close(struct peer_conn *c);          /* writes what TCP takes now, then drops the rest */
void conn_write(struct peer_conn *c, const void *msg, size_t len);
/* More than OUT_HIGH waits, or did and OUT_LOW is not reached: unblocks by itself. */
bool conn_is_full(struct peer_conn *c);
bool conn_write_chunk(struct peer_conn *c, struct chunk *chunk); /* see struct member.send */
/* FRR's word for it in the log: "Outgoing", "Incoming", "Established", "Unknown". */
const char *conn_label(const struct peer_conn *c);

/* ---- socket.c: options ---- */
int socket_open(struct peer *p); /* bound and ready to connect; -1: errno */
void socket_tune(const struct peer *p, int fd);
void socket_addresses(struct peer_conn *c);
int socket_set_md5(int fd, const struct prefix *peer, const char *password); /* errno */
void socket_tcp_info(int fd, uint32_t *rtt_ms, uint32_t *mss);

/* ---- timers.c ---- */
void timer_start(struct peer_conn *c, enum peer_timer t, uint64_t ms);
void timer_stop(struct peer_conn *c, enum peer_timer t);
void timers_stop(struct peer_conn *c);
void timers_free(struct peer_conn *c);
uint64_t timer_jitter(uint64_t ms); /* 0.75 to 1.0 of it, at random (RFC 4271 section 10) */

/* ---- machine.c: events in, actions out ---- */
void conn_event(struct peer_conn *c, enum fsm_event e);
/* The same with the NOTIFICATION to send. */
void conn_fail(struct peer_conn *c, enum fsm_event e, const struct notify *n);

/* ---- session.c ---- */
void session_send_open(struct peer_conn *c);
void session_send_keepalive(struct peer_conn *c);
void session_send_notify(struct peer_conn *c, const struct notify *n);
/* Takes one whole message; type and length are checked already. */
void session_message(struct peer_conn *c, uint8_t type, const uint8_t *msg, uint16_t len);
void session_up(struct peer_conn *c);   /* FSM_DO_ESTABLISHED */
void session_down(struct peer_conn *c); /* FSM_DO_RELEASE */

/* ---- open.c: what we announce and what comes of both OPENs ---- */
void open_build(const struct peer *p, struct open_msg *o);
void open_negotiate(struct peer_conn *c);
bool open_has_family(const struct cap_set *caps, enum family f);

/* ---- import.c ---- */
/* The body of an UPDATE. False: *n must be sent and the session ends. */
bool import_update(struct peer *p, const uint8_t *body, size_t len, struct notify *n);
/* What the import rules make of a set: the accepted one, with a reference, or 0. ctx is the
 * struct peer; for rib_source_reimport. */
uint32_t import_again(void *ctx, const struct prefix *prefix, uint32_t received);

/* Ours as a route reflector, host order (RFC 4456 section 7). */
static inline uint32_t bgp_cluster_id(const struct bgp *b)
{
	return b->cfg.cluster_id ? b->cfg.cluster_id : b->router_id;
}

/* ---- limit.c: maximum-prefix ---- */
/* After routes came: false if they are too many, and *n must be sent; the peer stays down then. */
bool limit_check(struct peer *p, enum family f, struct notify *n);
bool limits_check(struct peer *p, struct notify *n); /* all families */
void limit_changed(struct peer *p);                  /* the settings are others */
void limit_lift(struct peer *p);                     /* it may come again */

/* ---- export.c ---- */
void export_join(struct peer *p, enum family f);
void export_leave(struct peer *p, enum family f);
void export_move(struct peer *p, enum family f); /* its group may be another by now */
void export_addresses_changed(struct peer *p);   /* of an interface: looks at its next hops again */
void export_choose_addresses(struct peer *p);    /* local_v4, local_v6_*: our next hops */

/* ---- refresh.c ---- */
void refresh_received(struct peer *p, const struct refresh_msg *r);
void refresh_request(struct peer *p, enum family f);
void refresh_table_sent(struct peer *p, enum family f);
/* The neighbor reads again: answers what it asked for meanwhile. */
void refresh_unblocked(struct peer *p, enum family f);

/* ---- restart.c: graceful restart helper (RFC 4724) ---- */
bool restart_possible(const struct peer *p, enum peer_reset why); /* this end keeps routes */
void restart_begin(struct peer *p, bool keep); /* the session went; keep: the helper may act */
void restart_resumed(struct peer *p);          /* it is back */
void restart_end_of_rib(struct peer *p, enum family f);
void restart_cancel(struct peer *p); /* stops the timers; stale routes go */

/* ---- peer.c ---- */
void peer_adopt(struct peer *p, struct peer_conn *c); /* c takes p->conn's place */
bool peer_reachable(const struct peer *p);
/* There may be a way to the neighbor that was not there before: no need to wait for the timer. */
void peer_try_now(struct peer *p);
bool peer_may_run(const struct peer *p);       /* not shut down, a family active, an AS known */
uint32_t peer_remote_as(const struct peer *p); /* 0: any external one */
struct rib *peer_rib(const struct peer *p, enum family f);
int peer_set_password(struct peer *p, const char *password); /* on the listener; errno */
void peer_note_addresses(struct peer_conn *c); /* of the connection that counts, for the shows */
/* Ends c's session or attempt with a Cease; c comes back by itself (idle hold). */
void peer_drop(struct peer_conn *c, enum peer_reset why, const struct notify *cease);

/* The same for the session as a whole, and back after a second without damping. */
void peer_reset_session(struct peer *p, enum peer_reset why, uint8_t cease_subcode);

#endif
