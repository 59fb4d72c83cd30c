/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this room share: the table itself, the sources, walks. For bgpd/rib only. */
#ifndef FERRO_RIB_TABLE_H
#define FERRO_RIB_TABLE_H

#include "bgpd/rib/bits.h"
#include "bgpd/rib/group.h"
#include "bgpd/rib/nht.h"
#include "bgpd/rib/rib.h"
#include "lib/list.h"
#include "lib/mem.h"
#include "lib/task.h"
#include "lib/trie.h"

enum { WEIGHT_LOCAL = 32768, LOCAL_PREF_DEFAULT = 100 };
enum { PATHS_MAX = 256 }; /* of one session to one destination (add-path) */

/* What a path holds where received and accepted set are not one, or which has a path id. */
struct path_more {
	uint32_t received, accepted, path_id;
};

/* Destinations that wait to be decided, oldest first. */
struct dirty_queue {
	uint32_t *ring;
	uint32_t cap, head, count;
	uint64_t popped; /* ever */
};

struct rib {
	struct rib_env env;
	struct rib_cfg cfg;
	enum family family;
	uint32_t version;
	uint32_t denied;       /* destinations with DEST_DENIED */
	struct trie *trie;     /* prefix -> destination */
	struct trie *networks; /* prefixes of network statements -> 1 */
	struct slab *dests, *paths;
	struct slab *more;  /* of paths: struct path_more */
	uint32_t kernel_at; /* bytes from a destination's start to the kernel's word; 0: none */
	struct dirty_queue dirty;
	struct dirty_queue express; /* goes first: what sources in no hurry have changed */
	struct event *hurry;        /* pending: the express queue must not wait longer than that */
	uint32_t haste_turn;        /* grows with time while there is something to do (haste.c) */
	uint32_t haste_shared;      /* routes that came in this turn and went first */
	bool closed;                /* nothing works in it any more: rib_close */
	bool lone;                  /* what is touched now goes into the express queue */
	uint32_t *leaving; /* destinations to be freed once the groups have sent what they hold */
	uint32_t leaving_count, leaving_cap;
	struct task task;       /* runs when nobody brings anything */
	struct task urgent;     /* runs before the sockets: for what has waited too long */
	struct task *slice;     /* the one of the two that runs */
	struct event *patience; /* pending while there is something to do */
	uint64_t overdue;       /* places of the queue before this one are overdue (dirty.popped) */
	uint64_t seen;          /* ... what the queue's end was when patience began */
	uint32_t work;         /* destinations and paths decided since the last look at the clock */
	uint32_t told_crowded; /* the source that was last told of in the log: too many paths */
	uint32_t speaker;      /* the source that changed something last; NOBODY: since rest */
	bool crowd;            /* ... and there were others since */
	unsigned turns;        /* of patience since `seen` was noted */
	bool others;           /* walks or groups have something to do */
	bool others_seen;      /* ... and had when patience began */
	bool others_overdue;
	bool turn;              /* then every other slice is theirs */
	struct list_head walks; /* struct walk, in order; the first one runs */
	struct list_head groups;
	struct list_head graves; /* what dead groups had sent */
	uint32_t last_group_id;
	uint32_t network_attrs; /* the set of network statements; 0: not made yet */
	struct nht_user nht_user;
	uint32_t hop_attrs, hop; /* the last set asked for, and its next-hop entry (both held) */
	bool hop_on_link;        /* ... and how (nht_hop) */
};

/* ---- source.c ---- */
uint32_t source_epoch(const struct sources *set, uint16_t number); /* another one: owner gone */
void source_count(struct rib *r, uint16_t number, int paths, int accepted);

/* ---- rib.c ---- */
struct dest *dest_at(const struct rib *r, uint32_t handle);
struct path *path_at(const struct rib *r, uint32_t handle);
struct prefix dest_prefix(const struct rib *r, const struct dest *d);
uint32_t *dest_kernel(const struct rib *r, struct dest *d); /* NULL: the table has no such words */
uint32_t dest_find(const struct rib *r, const struct prefix *p); /* 0: none; may be empty */
/* Puts flags on a destination and has it decided soon. */
void dest_touch(struct rib *r, uint32_t handle, uint16_t flags);
void rib_wake(struct rib *r);                  /* walks or groups have something to do */
void rib_hear(struct rib *r, uint16_t source); /* a source changes something */
bool rib_slice_over(const struct rib *r);      /* whoever works must let go now */

/* ---- haste.c ---- */
/* Is a change of `count` routes by this source a lone one, and not part of a burst? */
bool rib_is_lone(struct rib *r, uint16_t source, unsigned count);
void haste_turn(struct rib *r); /* a turn is over, and there is still something to do */
void haste_rest(struct rib *r); /* there is nothing left to do */

/* ---- path.c ---- */
uint32_t dest_make(struct rib *r, const struct prefix *p); /* finds or makes it, maybe empty */
/* As rib_path_set, with flags of its own (enum path_flag). */
bool path_put(struct rib *r, const struct source *s, const struct prefix *p, uint32_t path_id,
    uint32_t received, uint32_t accepted, uint16_t flags);
/* Takes a path out of its destination's list and frees it; the destination is touched. */
void path_drop(struct rib *r, uint32_t dest, uint32_t path);
/* Another accepted set (one reference is taken), or 0: denied. */
void path_accept(struct rib *r, uint32_t dest, struct path *p, uint32_t accepted);
void paths_free(struct rib *r, struct dest *d); /* all of them, at the end */
void path_forget_hop(struct rib *r);            /* the cache of rib.hop */

/* ---- decide.c ---- */
/* Judges and sorts the paths of a destination, marks best and multipath. True: what is used, or
 * how, has changed. */
bool decide(struct rib *r, struct dest *d);

/* ---- install.c ---- */
void install(struct rib *r, struct dest *d); /* best path and multipath into the kernel, or out */

/* ---- walk.c ---- */
void walks_fini(struct rib *r);
bool walks_step(struct rib *r); /* a slice's worth; true: there is more */
void walk_redecide(struct rib *r);
void walk_next_hop(struct rib *r, uint32_t hop);
/* It belongs to a session that has gone, and the walk that removes it has not come there yet. */
bool path_is_flushed(const struct rib *r, const struct path *p);
void walk_networks(struct rib *r, const struct prefix *where);

/* ---- network.c ---- */
bool network_valid(const struct rib *r, const struct prefix *p);

/* ---- group.c ---- */
/* The best path of a destination may be another: tells all groups. */
void groups_update(struct rib *r, uint32_t dest);
void groups_expect(const struct rib *r, uint32_t dest); /* fetches what that will look at */
void groups_flush(struct rib *r);                       /* sends what groups_update has gathered */
bool groups_step(struct rib *r); /* a slice of members' own walks; true: there is more */
bool groups_need(const struct rib *r, uint32_t dest); /* somebody must still be told of it */
void groups_idle(struct rib *r);                      /* the queue ran empty: caches may go */
/* What was remembered of exports does not hold any more; next_hops: where they may stay. */
void groups_forget(struct rib *r, bool next_hops);
bool graves_step(struct rib *r); /* frees some of what dead groups had sent; true: there is more */

#endif
