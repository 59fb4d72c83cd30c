/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The routing table of one family: destinations, paths, best path and multipath, and what follows
 * from a change: the kernel and the adjacent-out groups (group.h).
 *
 * The room knows no peer, socket or configuration syntax: a path's origin is a struct source, next
 * hops are judged by nht.h, and everything that leaves goes through group members' callbacks.
 * A change marks its destination dirty; a task drains dirty destinations in slices: decide, kernel,
 * groups. Every walk over the table is by key and may be interrupted.
 */
#ifndef FERRO_RIB_RIB_H
#define FERRO_RIB_RIB_H

#include <stdbool.h>
#include <stdint.h>

#include "bgpd/codec/attr.h"
#include "bgpd/codec/family.h"
#include "lib/prefix.h"

struct event_base;
struct kernel;
struct log;
struct nht;
struct rib;

enum source_kind { SOURCE_LOCAL, SOURCE_EBGP, SOURCE_IBGP };

/* Where paths come from: embedded in struct peer; one more stands for the router itself. The owner
 * fills it before source_add and keeps it in place until source_del. */
struct source {
	uint16_t number;          /* set by source_add; 0 is the router itself */
	uint8_t kind;             /* enum source_kind */
	bool multihop;            /* eBGP next hops need not be directly connected */
	bool client;              /* route reflector client */
	uint32_t as;              /* remote AS */
	uint32_t router_id;       /* host order; from its OPEN */
	struct addr addr;         /* neighbor address */
	const char *host;         /* FQDN capability's name or NULL */
	void *peer;               /* struct peer, for the shows */
	bool keeps[FAMILY_LIMIT]; /* its denied paths count (soft-reconfiguration inbound) */
	/* Kept by the RIB, by family. */
	uint32_t path_count[FAMILY_LIMIT]; /* accepted and denied paths in the table */
	uint32_t accepted_count[FAMILY_LIMIT];
	uint16_t generation[FAMILY_LIMIT]; /* paths of an older one are stale */
	uint16_t flushed[FAMILY_LIMIT]; /* paths older than this generation are on their way out */
	/* The table's turn when it brought routes last, and how many lately (haste.c). */
	uint32_t haste_turn[FAMILY_LIMIT];
	uint16_t haste[FAMILY_LIMIT];
};

/* The sources of an instance: numbered once for all its tables. Number 0, the router itself, is the
 * set's own. */
struct sources;
struct sources *sources_new(void);
void sources_free(struct sources *set);
enum { SOURCE_MAX = UINT16_MAX };            /* that there can be, besides the router */
bool source_room(const struct sources *set); /* one more can be added */
void source_add(struct sources *set, struct source *s);
/* Paths that are left keep their number and a copy of the source until a flush has removed them:
 * rib_source_flush before, in every table that holds some. */
void source_del(struct sources *set, struct source *s);
struct source *source_slot(const struct sources *set, uint16_t number); /* NULL: free */
const struct source *source_local(const struct sources *set);

enum path_flag {
	PATH_VALID = 1 << 0, /* next hop usable, or a local route that may be announced */
	PATH_BEST = 1 << 1,
	PATH_MULTIPATH = 1 << 2, /* used beside the best one */
	PATH_STALE = 1 << 3,     /* graceful restart */
	PATH_REMOVED = 1 << 4,
	PATH_NETWORK = 1 << 5, /* from a network statement */
	PATH_AGGREGATE = 1 << 6,
	PATH_REDISTRIBUTED = 1 << 7,
	PATH_OWN_HOP = 1 << 8, /* its next hop is the host it leads to: see path.c */
	PATH_DENIED = 1 << 9,  /* by import policy: kept as received only */
	PATH_MORE = 1 << 10,   /* `sets` is the handle of a struct path_more (table.h) */
};

/* 24 bytes. Handles are slab handles; 0: none. Paths of a destination are sorted, best first. */
struct path {
	uint32_t next;
	uint32_t sets;    /* the attribute set as it came and as it was accepted, where these are
			   * one and there is no path id; read it with rib_path_received and others */
	uint32_t since;   /* clock_sec of the last change */
	uint32_t nexthop; /* nht handle; 0: none needed (local routes) or denied */
	uint16_t source;
	uint16_t flags;      /* enum path_flag */
	uint16_t generation; /* the source's when the path was set */
	uint8_t reason; /* enum reason: why it lost to the one before it; of the best: why it won */
	uint8_t spare;
};

/* 16 bytes with an IPv4 prefix, 28 with an IPv6 one, and 4 more in a table whose routes are
 * installed in the kernel; fields are for reading only outside bgpd/rib. */
struct dest {
	uint32_t paths;   /* first path */
	uint32_t version; /* table version of its last change */
	uint16_t flags;
	uint8_t len;
	uint8_t addr[]; /* 4 or 16 bytes, then the kernel room's word (rib_dest_kernel) */
};

enum dest_flag {
	DEST_DIRTY = 1 << 0,   /* waits to be decided, in the long queue */
	DEST_CHANGED = 1 << 1, /* a path in use changed or went since the last decision */
	DEST_LEAVING = 1 << 2, /* empty, kept until everybody has been told */
	DEST_DENIED = 1 << 3,  /* has paths, none of them accepted or of a source that keeps them */
	DEST_EXPRESS = 1 << 4, /* waits to be decided, in the express queue (too) */
	DEST_DECIDED = 1 << 5, /* ... was decided so: its place in the long queue is void */
	DEST_WAITS = DEST_DIRTY | DEST_EXPRESS,
};

/* Why a path is best or not, FRR's words by reason_str ("First path received", "Weight", ...). */
enum reason {
	REASON_NONE,
	REASON_FIRST,
	REASON_STALE,
	REASON_WEIGHT,
	REASON_LOCAL_PREF,
	REASON_LOCAL,
	REASON_AIGP,
	REASON_AS_PATH,
	REASON_ORIGIN,
	REASON_MED,
	REASON_PEER_TYPE,
	REASON_IGP_METRIC,
	REASON_OLDER,
	REASON_ROUTER_ID,
	REASON_CLUSTER,
	REASON_NEIGHBOR_IP,
	REASON_LAST,
	REASON_COUNT,
};
const char *reason_str(enum reason r);

/* Knobs of the decision process; all families share one. Host order, FRR's defaults by caller.
 * Compared with memcmp, so it must have no padding: whatever stood there would count as a change,
 * and the whole table would be decided anew. */
struct rib_cfg {
	uint32_t local_as, router_id, default_local_pref;
	uint16_t max_paths_ebgp, max_paths_ibgp; /* 1: no multipath */
	bool always_compare_med, deterministic_med, compare_router_id, med_missing_worst,
	    as_path_ignore, multipath_relax, import_check;
	uint8_t distance_ebgp, distance_ibgp, distance_local; /* 20 200 200 */
	uint8_t unused[2];                                    /* 0 */
};
_Static_assert(sizeof(struct rib_cfg) == 3 * sizeof(uint32_t) + 2 * sizeof(uint16_t) +
					     7 * sizeof(bool) + 5 * sizeof(uint8_t),
    "rib_cfg has no padding");

struct rib_env {
	struct event_base *base;
	struct log *log;
	struct attr_store *attrs;
	struct sources *sources;
	struct kernel *kernel; /* NULL: nothing is installed and every next hop is good (tests) */
	struct nht *nht;       /* shared by the tables of an instance; outlives them */
	void *ctx;
	/* For `debug bgp bestpath` and the shows; may be NULL. */
	void (*best_changed)(void *ctx, enum family f, const struct prefix *p);
	/* For `debug bgp updates out`: is what is announced to be logged? May be NULL (no). */
	bool (*log_sent)(void *ctx);
};

struct rib *rib_new(const struct rib_env *env, const struct rib_cfg *cfg, enum family family);
void rib_free(struct rib *r);
/* The same in parts. Nothing works in a closed table any more; no group may be left. Then up to
 * `most` destinations go at a time, and their routes out of the kernel; false: the table is gone.
 */
void rib_close(struct rib *r);
bool rib_free_some(struct rib *r, unsigned most);
const struct rib_cfg *rib_cfg(const struct rib *r);
void rib_reconfigure(struct rib *r, const struct rib_cfg *cfg); /* decides all again, resumably */

/* The kernel's queue of routes has room again (kernel_events.room). */
void rib_kernel_room(struct rib *r);

/* Adds or replaces the path of (source, prefix, path_id). Takes one reference of each set given;
 * accepted may equal received; accepted 0: kept as received only (denied). False: it was there
 * just like that. */
bool rib_path_set(struct rib *r, const struct source *s, const struct prefix *p, uint32_t path_id,
    uint32_t received, uint32_t accepted);
void rib_path_del(struct rib *r, const struct source *s, const struct prefix *p, uint32_t path_id);
/* The same for some routes of a source at once. What the table holds for them is fetched side by
 * side, which is what makes a burst fast. */
enum { RIB_BATCH = 16 };
struct rib_batch {
	unsigned count; /* at most RIB_BATCH */
	struct prefix prefix[RIB_BATCH];
	uint32_t path_id[RIB_BATCH];
	uint32_t dest[RIB_BATCH]; /* rib_batch_find's */
};
/* Comes before each of the two below, with no change of the table in between: looks the batch up
 * and fetches what the table holds. */
void rib_batch_find(const struct rib *r, struct rib_batch *b);
/* Takes one reference of each set for each route; returns how many routes were there just like
 * that. */
unsigned rib_paths_set(struct rib *r, const struct source *s, const struct rib_batch *b,
    uint32_t received, uint32_t accepted);
void rib_paths_del(struct rib *r, const struct source *s, const struct rib_batch *b);
/* Removes all of a source's paths (or only the stale ones) in slices; paths set after the call
 * stay, so a new session need not wait. */
void rib_source_flush(struct rib *r, struct source *s, bool stale_only);
/* Makes all of a source's paths stale (graceful restart helper); a path that is set again is not.
 */
void rib_source_mark_stale(struct rib *r, struct source *s);
/* Runs import again over a source's received sets in slices: import returns the accepted set (one
 * reference) or 0. */
typedef uint32_t rib_import(void *ctx, const struct prefix *p, uint32_t received);
void rib_source_reimport(struct rib *r, struct source *s, rib_import *import, void *ctx);

/* `network` statements. weight 32768, origin IGP, MED 0. */
void rib_network_set(struct rib *r, const struct prefix *p);
void rib_network_unset(struct rib *r, const struct prefix *p);
bool rib_has_network(const struct rib *r, const struct prefix *p);
/* In table order, for the shows; after NULL: the first; false: the end. */
bool rib_network_next(const struct rib *r, const struct prefix *after, struct prefix *found);
/* The non-BGP routes changed inside `where`: import checks are judged again. Call
 * nht_routes_changed (nht.h) once for all tables, too. */
void rib_routes_changed(struct rib *r, const struct prefix *where);
/* struct kernel_events' look-up: the place of a destination's word; NULL: no such destination. */
uint32_t *rib_kernel_word(struct rib *r, const struct prefix *p);

/* ---- reading ---- */
const struct dest *rib_find(const struct rib *r, const struct prefix *p);
const struct dest *rib_match(const struct rib *r, const struct addr *a);
/* Table order, by key; after NULL: the first. within NULL: all. */
const struct dest *rib_next(
    const struct rib *r, const struct prefix *within, const struct prefix *after);
/* The RIB_BATCH destinations behind `after` will be read next, their first paths' attributes too:
 * fetches them side by side. Costs time only if they are not. */
void rib_expect_next(const struct rib *r, const struct prefix *after);
struct prefix rib_dest_prefix(const struct rib *r, const struct dest *d);
const struct path *rib_path(const struct rib *r, uint32_t handle);      /* NULL for 0 */
const struct path *rib_best(const struct rib *r, const struct dest *d); /* NULL: none */
const struct source *rib_source(const struct rib *r, const struct path *p);
uint32_t rib_path_received(
    const struct rib *r, const struct path *p); /* attribute set as it came */
uint32_t rib_path_accepted(const struct rib *r, const struct path *p); /* ... after import policy;
									* 0: denied */
/* The attribute set that counts for a path: the accepted one, or the received one if denied. */
uint32_t rib_path_attrs(const struct rib *r, const struct path *p);
uint32_t rib_path_id(const struct rib *r, const struct path *p); /* add-path, as received */
/* The kernel room's word: kernel_bgp_state() says what became of the route. 0: nothing to do with
 * the kernel. */
uint32_t rib_dest_kernel(const struct rib *r, const struct dest *d);
enum family rib_family(const struct rib *r);
uint32_t rib_version(const struct rib *r);
size_t rib_dest_count(const struct rib *r);
size_t rib_denied_count(const struct rib *r); /* those of them that have denied paths only */
size_t rib_path_count(const struct rib *r);
size_t rib_bytes(const struct rib *r); /* destinations, trie, paths; not attribute sets, groups */
bool rib_idle(const struct rib *r);    /* nothing dirty, no walk under way */

#endif
