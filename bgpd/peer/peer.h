/* A BGP neighbor: its effective settings, its session (state machine, socket, timers), its counters,
 * and its places in the routing tables.
 *
 * Settings are written only by replay (struct peer_cfg on a fresh struct: defaults, then the group's
 * statements, then the peer's) and handed over whole by peer_configure, which does what the strongest
 * difference asks for. The struct is open for reading by the shows; only bgpd/peer writes it.
 */
#ifndef FERRO_PEER_PEER_H
#define FERRO_PEER_PEER_H

#include "bgpd/codec/message.h"
#include "bgpd/codec/update.h"
#include "bgpd/fsm/fsm.h"
#include "bgpd/rib/group.h"
#include "bgpd/rib/rib.h"
#include "lib/list.h"

struct bgp;
struct peer;

enum remote_as_kind { REMOTE_AS_NONE, REMOTE_AS_NUMBER, REMOTE_AS_INTERNAL, REMOTE_AS_EXTERNAL };

struct peer_family_cfg {
	bool active;
	bool next_hop_self;
	bool client;              /* route-reflector-client */
	bool soft_reconfiguration; /* shown only: Adj-RIB-In is always kept */
	uint16_t weight;
	bool weight_set;
};

/* Plain data but for the strings, which the struct owns (peer_cfg_fini). Times in seconds. */
struct peer_cfg {
	uint8_t remote_as_kind; /* enum remote_as_kind */
	uint32_t remote_as;
	char *description, *password, *update_source, *shutdown_text;
	bool shutdown, passive, enforce_first_as, disable_connected_check, timers_set, connect_set,
	    dont_negotiate, strict_capability_match, override_capability, extended_params, solo,
	    advertisement_interval_set;
	uint16_t keepalive, hold, connect_retry, delay_open;
	uint16_t advertisement_interval;
	uint16_t port;          /* 0: 179 */
	uint8_t ebgp_multihop;  /* TTL; 1: directly connected */
	uint8_t ttl_security;   /* hops; 0: off */
	struct peer_family_cfg family[3]; /* by enum family */
};
void peer_cfg_init(struct peer_cfg *c); /* zero and FRR's defaults that no profile changes */
void peer_cfg_fini(struct peer_cfg *c);
void peer_cfg_copy(struct peer_cfg *to, const struct peer_cfg *from);

/* One number for each row FRR shows; sent and received. */
struct peer_stats {
	uint32_t opens, notifications, updates, keepalives, refreshes, capabilities;
};

/* "Last reset": why the session went down last (FRR's words by peer_reset_str). */
enum peer_reset {
	RESET_NONE,
	RESET_NO_PATH, /* FRR: "No path to specified Neighbor" */
	RESET_NOTIFY_SENT,
	RESET_NOTIFY_RECEIVED,
	RESET_CLOSED,
	RESET_HOLD_EXPIRED,
	RESET_ADMIN_SHUTDOWN,
	RESET_USER,
	RESET_WAITING_OPEN,
	RESET_CONFIG_CHANGE,
	RESET_INTERFACE_DOWN,
	RESET_COLLISION,
	RESET_COUNT,
};

struct peer_family {
	bool negotiated;
	bool eor_sent, eor_received, refresh_under_way;
	uint32_t prefixes_in; /* accepted now */
	struct member member;
};

struct peer {
	struct list_head link; /* of the instance, in address order */
	struct bgp *bgp;
	struct source source;  /* addr, as, router id ... */
	struct peer_cfg cfg;
	struct fsm fsm;        /* of the connection that counts */
	struct peer_conn *conn; /* its socket; NULL: none */
	struct peer_family family[3];
	struct open_msg open_sent, open_received; /* valid while established, and kept after */
	bool open_seen;
	struct session_traits traits;
	uint16_t keepalive, hold;  /* in use, seconds */
	struct addr local, remote; /* of the connection */
	struct addr local_v6_global, local_v6_ll; /* of the interface towards it */
	uint16_t local_port, remote_port;
	uint32_t established_count, dropped_count;
	uint32_t established_at, down_at;  /* clock_sec; 0: never */
	uint64_t last_read_ms, last_write_ms; /* clock_ms; 0: never */
	enum peer_reset reset;
	struct notify last_notify;         /* sent or received, see reset */
	char reset_text[129];              /* RFC 9003 */
	struct peer_stats sent, received;
	struct {
		uint32_t in_filtered, as_loop, originator_loop, cluster_loop, bad_next_hop, withdrawn,
		    attr_discarded, duplicates;
	} pfx;
	bool ever_up, connected_shared; /* "shared network" */
	char hostname[65], domainname[65]; /* from FQDN, kept after the session */
	uint32_t rtt_ms, mss;
};

struct peer *peer_new(struct bgp *bgp, const struct addr *addr); /* idle until peer_start */
void peer_free(struct peer *p); /* Cease/Peer De-configured where a session is up; flushes its paths */
/* Hands over new effective settings (copied) and does what the difference asks for. */
void peer_configure(struct peer *p, const struct peer_cfg *cfg);
void peer_start(struct peer *p);
void peer_stop(struct peer *p, uint8_t cease_subcode, const char *shutdown_text);
bool peer_is_up(const struct peer *p); /* Established */
bool peer_is_ebgp(const struct peer *p);
const char *peer_state_name(const struct peer *p); /* "Established", "Idle (Admin)" is the show's */
const char *peer_reset_str(const struct peer *p);
/* The socket's interface index towards the peer, 0: unknown. */
uint32_t peer_ifindex(const struct peer *p);
/* clear bgp: hard reset; soft in (refresh or walk over the kept sets); soft out. */
void peer_clear(struct peer *p);
void peer_soft_in(struct peer *p, enum family f);
void peer_soft_out(struct peer *p, enum family f);
/* An interface or address changed: connect at once, or drop what ran over it (fast failover). */
void peer_interface_changed(struct peer *p, uint32_t ifindex);

/* TCP port of the instance; addrs: -l options, NULL: any. port 0: no listener. Returns an errno. */
struct listener;
int listener_new(struct bgp *bgp, uint16_t port, const struct addr *addrs, unsigned count,
    struct listener **out);
void listener_free(struct listener *l);
/* TCP MD5 keys live on the listener too. */
void listener_set_password(struct listener *l, const struct addr *peer, const char *password);

#endif
