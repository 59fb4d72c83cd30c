/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A BGP neighbor: its effective settings, its session (state machine, socket, timers), its
 * counters, and its places in the routing tables.
 *
 * Settings are written only by replay (struct peer_cfg on a fresh struct: defaults, then the
 * group's statements, then the peer's) and handed over whole by peer_configure, which does what the
 * strongest difference asks for. The struct is open for reading by the shows; only bgpd/peer writes
 * it.
 */
#ifndef FERRO_PEER_PEER_H
#define FERRO_PEER_PEER_H

#include "bgpd/codec/family.h"
#include "bgpd/codec/message.h"
#include "bgpd/codec/update.h"
#include "bgpd/fsm/fsm.h"
#include "bgpd/peer/bgp.h"
#include "bgpd/rib/group.h"
#include "bgpd/rib/rib.h"
#include "lib/list.h"

struct peer;
struct peer_conn;

enum remote_as_kind { REMOTE_AS_NONE, REMOTE_AS_NUMBER, REMOTE_AS_INTERNAL, REMOTE_AS_EXTERNAL };

enum { MAX_PREFIX_THRESHOLD = 75 }; /* percent of maximum-prefix, by default */

struct peer_family_cfg {
	bool active;
	bool next_hop_self, next_hop_force; /* force: of reflected routes too */
	bool client;                        /* route-reflector-client */
	bool hold_community, hold_ext_community, hold_large_community; /* no send-community */
	bool no_private_as, no_private_as_all, no_private_as_replace;  /* remove-private-AS */
	uint8_t own_as_times;      /* allowas-in: how often our AS may stand in a path */
	bool own_as_origin;        /* ... or at its end only */
	bool soft_reconfiguration; /* shown only: Adj-RIB-In is always kept */
	bool default_originate;
	/* maximum-prefix: 0 is none; a warning from so many percent on. The session ends beyond it,
	 * for restart minutes or (0) until it is cleared; or a warning is all. Those that the rules
	 * deny count too with force. */
	uint32_t max_prefix;
	uint8_t max_prefix_threshold;
	uint16_t max_prefix_restart;
	bool max_prefix_warning, max_prefix_force;
	uint16_t weight;
	bool weight_set;
};

/* Plain data but for the strings, which the struct owns (peer_cfg_fini). Times in seconds. */
struct peer_cfg {
	uint8_t remote_as_kind; /* enum remote_as_kind */
	uint32_t remote_as;
	char *description, *password, *update_source, *shutdown_text;
	char *group; /* the peer-group's name; NULL: in none */
	bool shutdown, passive, enforce_first_as, disable_connected_check, timers_set, connect_set,
	    dont_negotiate, fqdn, extended_nexthop, strict_capability_match, override_capability,
	    extended_params, solo, advertisement_interval_set;
	/* keepalive and hold count if timers_set, connect_retry if connect_set: else the
	 * instance's. delay_open 0: none. */
	uint16_t keepalive, hold, connect_retry, delay_open;
	uint16_t advertisement_interval;
	uint16_t port;                               /* 0: 179 */
	uint8_t ebgp_multihop;                       /* TTL; 0 or 1: directly connected */
	uint8_t ttl_security;                        /* hops; 0: off */
	struct peer_family_cfg family[FAMILY_LIMIT]; /* by enum family */
};
void peer_cfg_init(struct peer_cfg *c); /* zero and FRR's defaults that no profile changes */
void peer_cfg_fini(struct peer_cfg *c);
void peer_cfg_copy(struct peer_cfg *to, const struct peer_cfg *from); /* to: uninitialised */

/* One number for each row FRR shows; sent and received. */
struct peer_stats {
	uint32_t opens, notifications, updates, keepalives, refreshes, capabilities;
};

/* "Last reset": why the session went down last. The values are FRR's lastResetCode; its words are
 * peer_reset_str's ("No path to specified Neighbor"). The shows print last_notify instead of the
 * words for NOTIFY_RECEIVED and NOTIFY_SENT. */
enum peer_reset {
	RESET_NONE = 0,
	RESET_ROUTER_ID = 1,
	RESET_REMOTE_AS = 2,
	RESET_LOCAL_AS = 3,
	RESET_CLUSTER_ID = 4,
	RESET_CLIENT = 7,
	RESET_UPDATE_SOURCE = 9,
	RESET_FAMILY_ACTIVATED = 10,
	RESET_ADMIN_SHUTDOWN = 11,
	RESET_USER = 12,
	RESET_NOTIFY_RECEIVED = 13,
	RESET_NOTIFY_SENT = 14,
	RESET_CLOSED = 15,
	RESET_DELETED = 16,
	RESET_CAPABILITY = 19,
	RESET_PASSIVE = 20,
	RESET_MULTIHOP = 21,
	RESET_NSF_CLOSED = 22, /* closed while graceful restart keeps its routes */
	RESET_INTERFACE_DOWN = 25,
	RESET_ADDRESS_LOST = 26,
	RESET_NO_PATH = 27,
	RESET_NO_FAMILY = 30,
	RESET_WAITING_OPEN = 32,
	RESET_PREFIX_COUNT = 33,
	RESET_SOCKET_ERROR = 34,
	RESET_PASSWORD = 37,
	RESET_COUNT,
};

struct peer_family {
	bool negotiated;             /* both sides have it, and the session is up */
	bool eor_sent, eor_received; /* End-of-RIB; kept after the session */
	bool refresh_under_way;      /* their BoRR came, EoRR not yet (RFC 7313) */
	bool refresh_answering;      /* our BoRR went, EoRR not yet */
	bool refresh_owed;           /* they asked while they did not read: once they do */
	bool stale;                  /* routes of the session before are kept (RFC 4724) */
	bool near_limit, over_limit; /* of maximum-prefix: warned of */
	struct member member;        /* member.group: its update group; NULL: none */
	struct peer *peer;           /* for the member's callbacks */
	uint8_t family;              /* enum family */
};

enum peer_timer {
	PEER_TIMER_START, /* "Next start timer due in": idle hold */
	PEER_TIMER_CONNECT_RETRY,
	PEER_TIMER_HOLD,
	PEER_TIMER_KEEPALIVE,
	PEER_TIMER_DELAY_OPEN,
	PEER_TIMER_COUNT,
};

struct peer {
	struct list_head link; /* of the instance, in address order */
	struct bgp *bgp;
	struct source source; /* addr, as, router id ... */
	struct peer_cfg cfg;
	struct fsm fsm;             /* of the connection that counts: conn's */
	struct peer_conn *conn;     /* the connection that counts; never NULL */
	struct peer_conn *incoming; /* one they opened that has not won yet; NULL: none */
	struct peer_family family[FAMILY_LIMIT];
	/* Of the session; kept after it, but fresh (all zero) before the first OPEN. */
	struct open_msg open_sent, open_received;
	bool open_seen; /* open_received is of the session under way: capabilities can be shown */
	struct session_traits traits;
	uint16_t keepalive, hold;  /* in use, seconds; configured ones while not Established */
	uint16_t idle_hold;        /* next damped restart, seconds: 1, doubling up to 60 */
	struct addr local, remote; /* of the connection; family NONE: never had one */
	uint16_t local_port, remote_port;
	struct addr local_v4, local_v6_global, local_v6_ll; /* next hops we announce */
	uint32_t established_count, dropped_count;
	uint32_t established_at, down_at; /* clock_sec; 0: never */
	uint32_t reset_at;                /* clock_sec of the reset below; creation at first */
	/* clock_ms; 0: never. last_read_ms is the creation at first, as FRR shows it. */
	uint64_t last_read_ms, last_write_ms, last_update_ms;
	enum peer_reset reset;
	struct notify last_notify; /* sent or received, see reset; unwrapped if it was hard */
	bool last_notify_hard;     /* it came, or went, inside a Hard Reset (RFC 8538) */
	char reset_text[256];      /* RFC 9003 */
	/* The message that made us send the NOTIFICATION of the last reset; NULL: none. */
	uint8_t *bad_message;
	uint16_t bad_message_len;
	struct peer_stats sent, received;
	struct {
		uint32_t in_filtered, as_loop, originator_loop, cluster_loop, bad_next_hop,
		    withdrawn, attr_discarded, duplicates[FAMILY_LIMIT];
	} pfx;
	bool connected_shared;             /* "shared network" */
	uint32_t ifindex;                  /* of the interface of the last session, 0: unknown */
	char hostname[65], domainname[65]; /* from FQDN, kept after the session */
	uint32_t rtt_ms, mss;              /* of TCP_INFO, see peer_refresh_tcp_info */
	uint32_t remote_id; /* router id of the last OPEN; 0 again with the next attempt */
	/* ---- kept by bgpd/peer ---- */
	struct event *gr_restart_timer, *gr_stale_timer;
	uint32_t nht_handle;    /* of the neighbor's address; 0: none */
	struct arena *scratch;  /* for decoding; NULL: not Established */
	bool prefix_overflow;   /* it exceeded maximum-prefix and stays down */
	uint16_t limit_restart; /* ... for so many minutes; 0: until it is cleared */
	bool started;           /* peer_start was called, peer_stop not since */
	bool dynamic;           /* made by a listen range, goes with its connection */
	struct prefix range;    /* ... this one */
	struct event *leave;    /* ... by way of this event */
	struct peer_applied {
		bool policy_missing, accept_as_sets, solo, enforce_first_as, client_to_client,
		    next_hop_self[FAMILY_LIMIT], next_hop_force[FAMILY_LIMIT],
		    own_as_origin[FAMILY_LIMIT], weight_set[FAMILY_LIMIT],
		    default_originate[FAMILY_LIMIT];
		uint32_t cluster_id; /* 0: external */
		uint16_t weight[FAMILY_LIMIT];
		uint8_t own_as_times[FAMILY_LIMIT];
		uint8_t held[FAMILY_LIMIT]; /* kinds of communities, a bit each */
		uint8_t private_as[FAMILY_LIMIT];
	} applied; /* settings that the routes in the tables were judged by */
};

/* The set of neighbors, empty at first and at last. */
void bgp_peers_init(struct bgp *b); /* once env, sources and tables are there */
void bgp_peers_fini(struct bgp *b);
/* Idle until peer_start. The caller adds it to the instance; peer_free takes it out. */
struct peer *peer_new(struct bgp *bgp, const struct addr *addr);
/* Cease/Peer De-configured where a session is up; its paths leave the tables before it returns. */
void peer_free(struct peer *p);
struct peer *peer_find(const struct bgp *b, const struct addr *a); /* NULL: none */
/* Where a neighbor stands among all: members of groups come first, by group's name, then those
 * without; all of a group by address. A place holds when its neighbor has gone. */
enum { GROUP_NAME_LEN = 64 }; /* with its NUL */
struct peer_place {
	struct addr addr;
	char group[GROUP_NAME_LEN]; /* "": none */
};
struct peer_place peer_place(const struct peer *p);
/* The first one behind a place, NULL: of all; NULL: none. */
struct peer *peer_after(const struct bgp *b, const struct peer_place *place);
struct peer *peer_next(const struct peer *p);        /* the one behind it; NULL: it is the last */
void bgp_peer_add(struct bgp *b, struct peer *p);    /* at its place */
void bgp_peer_remove(struct bgp *b, struct peer *p); /* nothing if it is not in */
/* Hands over new effective settings (copied) and does what the difference asks for: nothing, next
 * time (timers), an import or export walk, a session reset. Also to be called with the settings it
 * has after the instance's own (struct bgp_cfg) changed. */
void peer_configure(struct peer *p, const struct peer_cfg *cfg);
/* Lets it connect and be connected to, unless it is shut down or no family is active. */
void peer_start(struct peer *p);
/* Ends the session with a Cease of this subcode (0: silently), for good until peer_start. */
void peer_stop(struct peer *p, uint8_t cease_subcode, const char *shutdown_text);
bool peer_is_up(const struct peer *p); /* Established */
bool peer_is_ebgp(const struct peer *p);
/* RFC 8212 holds here: eBGP and no policy configured in that direction. */
bool peer_policy_missing(const struct peer *p);
const char *peer_state_name(const struct peer *p); /* "Established", "Idle (Admin)" is the show's */
const char *peer_reset_str(const struct peer *p);
/* Seconds in force for a session that is not up: the peer's or the instance's. */
uint16_t peer_configured_hold(const struct peer *p);
uint16_t peer_configured_keepalive(const struct peer *p);
uint16_t peer_configured_connect_retry(const struct peer *p);
/* TTL its packets carry: 1, the multihop figure, or 255. */
uint8_t peer_ttl(const struct peer *p);
/* Seconds left, rounded as FRR does; -1: not running. */
int64_t peer_timer_left(const struct peer *p, enum peer_timer t);
int peer_fd(const struct peer *p);           /* -1: none; for "FD used" */
size_t peer_out_queue(const struct peer *p); /* bytes written by us, not yet taken by TCP */
void peer_refresh_tcp_info(struct peer *p);  /* asks the socket: rtt_ms, mss (0 without one) */
/* The interface index towards the peer, 0: unknown. */
uint32_t peer_ifindex(const struct peer *p);
/* clear bgp: hard reset; soft in (refresh or walk over the kept sets); soft out. */
void peer_clear(struct peer *p);
void peer_soft_in(struct peer *p, enum family f);
void peer_soft_out(struct peer *p, enum family f);
/* Import policy changed: judges all kept sets again, without asking the peer. */
void peer_reimport(struct peer *p, enum family f);
/* An interface or address changed: connect at once, or drop what ran over it (fast failover). */
void peer_interface_changed(struct peer *p, uint32_t ifindex);

/* TCP port of the instance; addrs: -l options, NULL: any. port 0: no listener. Returns an errno. */
int listener_new(struct bgp *bgp, uint16_t port, const struct addr *addrs, unsigned count,
    struct listener **out);
void listener_free(struct listener *l);
uint16_t listener_port(const struct listener *l); /* what it really is, host order */
/* Its sockets, from 0, for the shows: address and descriptor; false: there are no more. */
bool listener_socket(const struct listener *l, unsigned i, struct addr *addr, int *fd);
/* TCP MD5 keys live on the listener too, for one address or a range; password NULL: none. Returns
 * an errno. */
int listener_set_password(struct listener *l, const struct prefix *peer, const char *password);

#endif
