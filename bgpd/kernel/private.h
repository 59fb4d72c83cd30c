/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this room share: struct kernel and the calls between them. For bgpd/kernel
 * only. */
#ifndef FERRO_KERNEL_PRIVATE_H
#define FERRO_KERNEL_PRIVATE_H

#include "bgpd/kernel/kernel.h"
#include "bgpd/kernel/netlink.h"
#include "lib/hash.h"
#include "lib/list.h"
#include "lib/mem.h"
#include "lib/task.h"
#include "lib/trie.h"

struct event;

/* Our protocol numbers in the kernel, FRR's. */
enum { PROTO_ZEBRA = 11, PROTO_BGP = 186, PROTO_STATIC = 196 };

/* ---- interface.c: interfaces by name and by index ---- */
/* A connected or local route that an interface has in rt. */
struct interface_route {
	struct prefix prefix;
	uint8_t proto;
};
struct interface {
	struct list_head link; /* by name */
	struct kernel_interface pub;
	struct kernel_address *addresses; /* pub.addresses, writable */
	uint32_t *marks;                  /* of each address: the last dump that had it */
	struct interface_route *routes;
	uint32_t route_count;
	uint32_t dump_mark;
};
/* An address somebody configured, wanted on an interface that may not be there. */
struct wanted {
	struct list_head link;
	char ifname[16];
	struct prefix prefix;
};
struct interfaces {
	struct list_head list;   /* struct interface */
	struct list_head wanted; /* struct wanted */
	uint32_t dump_mark;
	uint32_t *changed; /* indexes to report */
	uint32_t changed_count, changed_room;
	struct way *ways; /* what kernel_interface_to found */
};
void interface_init(struct kernel *k);
void interface_fini(struct kernel *k);
struct interface *interface_by_index(const struct kernel *k, uint32_t ifindex);
struct interface *interface_by_name(const struct kernel *k, const char *name);
void interface_link(struct kernel *k, const struct netlink_link *l, bool gone);
/* What kernel_interface_to remembers holds no more: to be called at each change of a link or an
 * address, before anything else looks. */
void interface_forget_ways(struct kernel *k);
/* Between these two come all links (addresses) there are; what was not named is gone. */
void interface_dump_start(struct kernel *k);
void interface_dump_end(struct kernel *k, enum netlink_dump what);
void interface_routes(
    struct kernel *k, struct interface *i); /* rt follows its addresses and state */
struct prefix interface_subnet(const struct kernel_address *a);  /* what it makes reachable */
void interface_changed(struct kernel *k, uint32_t ifindex);      /* to be reported */
void interface_report(struct kernel *k);                         /* events.interface_changed */
bool interface_usable(const struct kernel *k, uint32_t ifindex); /* up and running */

/* ---- address.c ---- */
void interface_address(struct kernel *k, const struct netlink_address *a, bool gone);
void address_apply(struct kernel *k, const struct interface *i); /* configured ones that it lacks */
void address_dump_end(struct kernel *k, struct interface *i);

/* ---- rt.c: the routes that are not BGP's ---- */
struct rt_entry {
	struct list_head link; /* in its node, newest first */
	struct rt_route pub;
	uint32_t mark; /* of the last dump that had it */
	/* Static routes: */
	uint32_t group; /* reference while it stands in the kernel, else GROUP_NONE */
	uint32_t seen;  /* last audit that saw it there */
};
struct rt_node {
	struct prefix prefix;
	struct list_head entries;
	struct rt_entry *selected; /* NULL: none usable */
};
struct rt {
	struct trie *trie[3]; /* by family; values are handles of nodes */
	struct slab *nodes;
	uint32_t order, mark;
	struct prefix *changed; /* to report */
	uint32_t changed_count;
};
void rt_init(struct rt *rt);
void rt_fini(struct rt *rt);
/* Adds a route or replaces the one of the same key: prefix, proto and, where one prefix may have
 * several, the interface (connected, local), metric (kernel) or distance (static). Copies next
 * hops. */
void rt_set(struct kernel *k, const struct rt_route *r);
void rt_unset(struct kernel *k, const struct rt_route *key);
void rt_kernel_route(struct kernel *k, const struct netlink_route *r, bool gone);
void rt_dump_start(struct kernel *k);
void rt_dump_end(struct kernel *k, enum family f);
/* Judges next hops of kernel routes again after interface changes. gone: the interface went down or
 * away, which takes IPv4 routes along without a word from the kernel. */
void rt_interface(struct kernel *k, uint32_t ifindex, bool gone);
void rt_report(struct kernel *k); /* routes_changed for what changed */
/* The selected route at exactly p if it beats one of this distance. */
bool rt_beats(const struct kernel *k, const struct prefix *p, uint8_t distance);
struct rt_entry *rt_selected(const struct kernel *k, const struct prefix *p);
/* The selected route that leads to a; not through a route of prefix `except` (NULL: any). */
const struct rt_route *rt_lookup(
    const struct kernel *k, const struct addr *a, bool with_default, const struct prefix *except);

/* ---- static.c: configured routes ---- */
struct statics {
	struct list_head list[3]; /* by family; struct static_route by prefix and distance */
	bool dirty;               /* what they resolve over may have changed */
};
void static_init(struct kernel *k);
void static_fini(struct kernel *k);
/* Resolves all static routes again and brings rt and the kernel in line. */
void static_refresh(struct kernel *k);
/* rt selected `now` instead of `was` (either NULL; the same: it changed): the kernel follows. */
void static_switch(struct kernel *k, struct rt_entry *was, struct rt_entry *now);
/* Somebody took the route out, or (not gone) changed it. */
void static_altered(struct kernel *k, const struct netlink_route *r, bool gone);
bool static_seen(
    struct kernel *k, const struct netlink_route *r); /* by an audit; false: not ours */
void static_audit_end(struct kernel *k);              /* puts back what was not seen */

/* ---- group.c: sets of next hops, shared ---- */
struct single {
	struct hash_node node;
	struct addr gate;
	uint32_t ifindex;
	uint32_t id, refs;
	uint8_t special; /* enum rt_special */
	bool installed;
	bool lost; /* the kernel may have dropped it */
};
struct group_member {
	struct single *single;
	uint32_t weight;
};
struct nh_group {
	struct hash_node node;
	uint32_t handle, id, refs;
	bool installed;
	bool lost;    /* the kernel may have dropped it or a member of it */
	bool emptied; /* ... with all its members, and so the routes that used it */
	uint16_t count;
	struct group_member members[];
};
struct groups {
	struct hash by_members, singles;
	struct nh_group **by_handle; /* [0] stays empty */
	uint32_t handle_end, room;
	uint32_t free_handle; /* first one that may be free */
	uint32_t next_id;
	bool objects;    /* the kernel has next-hop objects */
	bool restore;    /* some are lost and should be put back */
	uint32_t *stale; /* ids of an earlier run */
	uint32_t stale_count;
};
/* Ids of ours in the kernel: clear of those it hands out itself and of FRR's. */
enum {
	GROUP_NONE = 0,
	GROUP_MAX = (1 << 20) - 1,
	GROUP_FIRST_ID = 1000000,
	GROUP_LAST_ID = 200000000
};
void group_init(struct kernel *k);
void group_fini(struct kernel *k);
/* The group of these next hops with one more reference; GROUP_NONE: too many groups. */
uint32_t group_get(struct kernel *k, const struct kernel_nexthop *nh, unsigned count);
/* The group that stands for a blackhole and its like: routes do not refer to it, but it is there.
 */
uint32_t group_get_special(struct kernel *k, enum rt_special special);
uint32_t group_ref(struct kernel *k, uint32_t handle); /* returns the handle */
void group_put(struct kernel *k, uint32_t handle);     /* the last one takes it out of the kernel */
struct nh_group *group_of(const struct kernel *k, uint32_t handle);
bool group_is_new(struct kernel *k, uint32_t handle); /* would group_install ask the kernel? */
int group_install(struct kernel *k, uint32_t handle); /* 0 or an errno; nothing if it is there */
/* Appends the next hops to a route request: the object's id, or each next hop. */
void group_encode(const struct kernel *k, uint32_t handle, enum family family, struct nlb *b);
uint32_t group_kernel_id(const struct kernel *k, uint32_t handle); /* 0: none */
void group_interface(
    struct kernel *k, uint32_t ifindex, bool usable); /* up: restores what was lost */
void group_nexthop(struct kernel *k, uint32_t id, uint8_t proto, bool gone); /* the kernel's word */
void group_restore(struct kernel *k);    /* puts back what is lost, as far as interfaces allow */
void group_restored(struct kernel *k);   /* the routes are put back too */
void group_sweep(struct kernel *k);      /* removes what an earlier run left */
void group_remove_all(struct kernel *k); /* at the end; the routes go with them */
uint32_t group_count(const struct kernel *k);

/* ---- bgp.c: BGP's routes on their way ---- */
struct bgp_item;
struct bgp_queue {
	struct slab *items;
	struct list_head waiting, sent, failed, hidden;
	uint32_t waiting_count;
	bool told_full; /* the RIB waits for events.room */
	bool parity;    /* of words that the running audit has seen */
	struct event *ev;
	uint32_t refused; /* since the last line in the log */
};
void bgp_init(struct kernel *k);
void bgp_fini(struct kernel *k);
void bgp_done(struct kernel *k, uint32_t cookie, int error);
void bgp_ready(struct kernel *k); /* the transport takes a batch again */
void bgp_selection(struct kernel *k, const struct prefix *p); /* rt selected another route there */
/* Somebody took the route out, or (not gone) changed it. */
void bgp_altered(struct kernel *k, const struct netlink_route *r, bool gone);
void bgp_retry(struct kernel *k); /* the refused ones again */
/* The audit: bgp_seen for what the kernel has, then bgp_check for each destination. */
void bgp_audit_start(struct kernel *k);
bool bgp_seen(struct kernel *k, const struct netlink_route *r);      /* false: not ours */
void bgp_check(struct kernel *k, const struct prefix *p, bool full); /* full: after a dump */
/* Sends the removal of a route that an earlier run left. */
void bgp_remove_stale(struct kernel *k, const struct prefix *p, uint8_t proto);

/* ---- audit.c: looking after what others changed ---- */
struct audit {
	struct event *timer;
	struct task walk;
	uint32_t round;
	bool full_wanted, walk_wanted, sweep_wanted;
	bool running; /* dumps or walk under way */
	bool full, sweeping, swept;
	unsigned dumps; /* to come */
	uint8_t walk_family;
	bool walk_begun;
	struct prefix walk_at;
	bool quiet;                   /* nothing was under way a moment ago: a sweep may come */
	uint32_t repaired;            /* routes put back since the last line in the log */
	uint64_t born, next, started; /* clock_ms; next: when the periodic one is due */
};
void audit_init(struct kernel *k);
void audit_fini(struct kernel *k);
/* Soon. full: compares with a dump; else only puts back the routes of emptied groups. */
void audit_want(struct kernel *k, bool full);
void audit_route(struct kernel *k, const struct netlink_route *r); /* one of the dump */
void audit_dumped(struct kernel *k);                               /* one dump ended */

/* ---- kernel.c ---- */
struct kernel {
	struct event_base *base;
	struct log *log;
	struct kernel_opts opts;
	struct kernel_events events;
	void *ctx;
	struct netlink *nl;
	bool ready;                   /* the first dumps are done */
	bool closing;                 /* what a dump finds of ours is removed */
	bool removing;                /* ... and there was some */
	bool closed;                  /* nothing is written any more */
	bool resyncing, resync_again; /* dumps after an overrun are under way */
	struct event *report;         /* deferred work: static routes, reports */
	struct interfaces ifs;
	struct rt rt;
	struct statics statics;
	struct groups groups;
	struct bgp_queue bgp;
	struct audit audit;
};
bool kernel_writes(const struct kernel *k); /* install is on and the end has not begun */
void kernel_wake(struct kernel *k);         /* deferred work soon */
/* Starts a route request: the message up to, not with, its next hops. */
void kernel_route_start(const struct kernel *k, struct nlb *b, uint16_t type, uint16_t flags,
    const struct prefix *p, uint8_t proto, uint8_t rtn);

#endif
