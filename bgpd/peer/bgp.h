/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One `router bgp` as its neighbors see it: settings, tables, and what they need from the daemon.
 *
 * The instance (bgpd/instance.h) makes it, fills env before the first peer_new and owns all it
 * points to. Settings are written by replay only; after a change the instance calls peer_configure
 * for each peer whose effective settings follow from it.
 */
#ifndef FERRO_PEER_BGP_H
#define FERRO_PEER_BGP_H

#include "bgpd/codec/family.h"
#include "bgpd/kernel/kernel.h"
#include "bgpd/rib/nht.h"
#include "bgpd/rib/rib.h"
#include "lib/list.h"
#include "lib/log.h"
#include "lib/trie.h"

struct instance;
struct listener;
struct peer;

/* `debug ...` switches, a bit each. */
enum debug_flag {
	DEBUG_UPDATES_IN = 1 << 0,
	DEBUG_UPDATES_OUT = 1 << 1,
	DEBUG_NEIGHBOR_EVENTS = 1 << 2,
	DEBUG_KEEPALIVES = 1 << 3,
	DEBUG_BESTPATH = 1 << 4,
	DEBUG_NHT = 1 << 5,
	DEBUG_ZEBRA = 1 << 6,
	DEBUG_GRACEFUL_RESTART = 1 << 7,
	DEBUG_UPDATE_GROUPS = 1 << 8,
	DEBUG_UPDATES_DETAIL = 1 << 9,
};

enum { LISTEN_LIMIT = 100 }; /* default of listen_limit */

/* Settings of `router bgp`. */
struct bgp_cfg {
	uint32_t as;
	bool router_id_set;
	uint32_t router_id; /* host order */
	bool ebgp_requires_policy, log_neighbor_changes, default_unicast[FAMILY_LIMIT],
	    show_hostname, show_nexthop_hostname, fast_external_failover, graceful_shutdown,
	    accept_as_sets;                      /* no bgp reject-as-sets */
	uint16_t keepalive, hold, connect_retry; /* defaults of the peers, seconds */
	uint16_t minimum_hold;                   /* of their OPEN; 0: any */
	bool shutdown;                           /* all neighbors are */
	bool enforce_first_as;                   /* of any neighbor */
	bool client_to_client;                   /* routes of clients go to clients */
	uint32_t cluster_id;                     /* host order; 0: the router id */
	uint16_t listen_limit;                   /* most dynamic neighbors at a time */
	bool tcp_keepalive;
	uint16_t tcp_keepalive_idle, tcp_keepalive_interval; /* seconds */
	uint8_t tcp_keepalive_probes;
	uint16_t gr_restart_time, gr_stalepath_time;                         /* seconds */
	uint16_t max_paths_ebgp[FAMILY_LIMIT], max_paths_ibgp[FAMILY_LIMIT]; /* by enum family */
	struct rib_cfg rib; /* what all families share; as, id and paths are filled in later */
};

/* What peers use of the daemon; all of it outlives them. */
struct bgp_env {
	struct event_base *base;
	struct log *log;
	struct attr_store *attrs;
	struct kernel *kernel;       /* NULL: no interfaces are known (tests) */
	struct nht *nht;             /* NULL: every neighbor counts as reachable (tests) */
	const char *const *hostname; /* for the FQDN capability; *hostname is never NULL */
	const uint32_t *debug;       /* enum debug_flag bits that are on */
	uint32_t send_buffer;        /* SO_SNDBUF, bytes; 0: the system's */
};

struct bgp {
	struct instance *inst;
	struct bgp_env env;
	struct bgp_cfg cfg;
	uint32_t router_id;                    /* in use, host order */
	struct list_head peers;                /* struct peer, as peers.c orders them */
	struct trie *by_address[FAMILY_LIMIT]; /* by enum family: the peers' numbers as sources */
	struct shelf **shelves;                /* peers.c: the peers by group */
	unsigned shelf_count, shelf_room;
	struct peer *unfinished;  /* one known to have sent not all it has; NULL: look for it */
	struct nht_user nht_user; /* for the peers */
	struct list_head groups;  /* struct peer_group, by name */
	struct list_head ranges;  /* struct listen_range, by prefix */
	unsigned dynamic_count;   /* peers made by the ranges */
	bool crowded;             /* the log has it that a caller was refused; no room since */
	struct rib *rib[FAMILY_LIMIT]; /* by enum family; NULL: the family is not run */
	struct sources *sources;       /* where paths come from; number 0 is the router itself */
	struct listener *listener;     /* NULL: -p 0, or it could not be opened (logged) */
	uint32_t created;              /* clock_sec */
	bool closed;                   /* it is going: no neighbors are left (stop.c) */
};

#endif
