/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's side of routing: interfaces, addresses, the routes of everybody, and ours in its
 * table.
 *
 * The only room that includes libnl. It keeps three things: interfaces with their addresses; `rt`,
 * an ordered table of all routes that are not BGP's (connected, local, kernel, static) as FRR's
 * zebra has them; and the queue of BGP routes on their way into the kernel. BGP routes themselves
 * are not kept here (the RIB has them): an installed one costs nothing but a 32-bit word, which the
 * RIB keeps in its destination for this room. The word says what became of the route and which
 * group of next hops holds it; only routes that wait, failed or stand back behind a better one have
 * an object here.
 *
 * Nothing blocks: requests are batched, acknowledgements are read as they come. Routes of others
 * are never changed. With installing switched off (-Z, -n) everything is read and nothing is
 * written.
 */
#ifndef FERRO_KERNEL_KERNEL_H
#define FERRO_KERNEL_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/log.h"
#include "lib/prefix.h"

struct event_base;
struct kernel;

enum {
	KERNEL_METRIC = 20,       /* priority of our routes in the kernel */
	KERNEL_MAX_NEXTHOPS = 64, /* of one route */
	KERNEL_SWEEP_S = 180, /* seconds until routes of an earlier run are swept, at the latest */
	KERNEL_AUDIT_S = 60,  /* seconds between audits, at least */
};

struct kernel_opts {
	bool install;     /* write into the kernel at all */
	uint32_t table;   /* kernel table, 254 (main) */
	bool keep_routes; /* -r: leave our routes behind at the end, sweep old ones at the start */
};

/* Told about what happened; called from the event loop, never from inside a kernel_* call, but for
 * the two look-ups at the end. Any of them may be NULL. */
struct kernel_events {
	/* The answer of kernel_resolve may be another now for addresses inside `where`; an exact
	 * look-up of `where` too. Many changes at once may arrive as one with a wider prefix. */
	void (*routes_changed)(void *ctx, const struct prefix *where);
	/* An interface or its addresses came, went or changed state. */
	void (*interface_changed)(void *ctx, uint32_t ifindex);
	/* A BGP route was taken (error 0) or refused (errno) by the kernel; its word says so
	 * already. */
	void (*installed)(void *ctx, const struct prefix *p, int error);
	/* kernel_bgp_full is over. */
	void (*room)(void *ctx);
	/* The place of the word that the RIB keeps for this destination, NULL: none. A pure
	 * look-up: it may come from inside kernel_* calls; the pointer is used at once. */
	uint32_t *(*word)(void *ctx, const struct prefix *p);
	/* The first destination (after == NULL) or the next one behind `after` in table order,
	 * whose word is not 0 (one that is 0 may be given too); false: the end. For the audit, a
	 * slice at a time. */
	bool (*next)(
	    void *ctx, enum family family, const struct prefix *after, struct prefix *found);
};

/* Opens the sockets and reads interfaces and routes before it returns (bounded by the kernel's own
 * speed). NULL: netlink is not to be had; errno says why. */
struct kernel *kernel_new(struct event_base *base, struct log *log, const struct kernel_opts *opts,
    const struct kernel_events *events, void *ctx);
/* The daemon ends: takes our routes out of the kernel, all at once (but for keep_routes); addresses
 * stay, as with FRR. From here on nothing is written: kernel_bgp_del of a RIB that is being freed
 * costs nothing. Call it before the ribs go. */
void kernel_close(struct kernel *k);
void kernel_free(struct kernel *k); /* kernel_close if that was not called; frees everything */
/* The table is complete (first End-of-RIB of all, or a time limit): routes in the kernel that an
 * earlier run left behind and that nobody has set again go away. Without this call it happens
 * KERNEL_SWEEP_S after kernel_new. Called again: nothing. */
void kernel_sweep(struct kernel *k);

/* ---- interfaces ---- */
struct kernel_address {
	struct prefix prefix;  /* host bits kept; of full length if there is a peer */
	struct prefix peer;    /* the other end of a point-to-point link; family NONE: none */
	struct addr broadcast; /* family NONE: none */
	bool secondary;
	bool configured; /* by kernel_address_set */
};
struct kernel_interface {
	uint32_t ifindex;
	char name[16];
	bool up, running, loopback, multicast_ok, broadcast_ok;
	uint32_t flags; /* IFF_* */
	uint32_t mtu, mtu6;
	uint32_t speed; /* Mbit/s, 0: unknown */
	uint32_t txqlen, carrier_changes;
	uint32_t parent;  /* IFLA_LINK, 0: none; a veth's is its peer's index, maybe in another
			     namespace */
	uint32_t master;  /* bridge, bond or VRF it is in; 0: none */
	uint16_t hw_type; /* ARPHRD_* */
	bool protodown;
	uint8_t mac[6];
	uint8_t mac_len;
	char kind[16]; /* "veth", "" */
	uint32_t up_count, down_count;
	int64_t last_up, last_down; /* epoch seconds, 0: never */
	uint32_t address_count;
	/* IPv4 first, otherwise in order of arrival. Without 127.0.0.0/8 and ::1 of the loopback
	 * interface, as FRR has it.
	 */
	const struct kernel_address *addresses;
};
/* In order of names, numbers in them by value (eth2 before eth10); after 0 gives the first, NULL is
 * the end. */
const struct kernel_interface *kernel_interface_next(const struct kernel *k, const char *after);
const struct kernel_interface *kernel_interface(const struct kernel *k, uint32_t ifindex);
const struct kernel_interface *kernel_interface_named(const struct kernel *k, const char *name);
/* The interface that owns this address; NULL: none of ours. */
const struct kernel_interface *kernel_interface_of(const struct kernel *k, const struct addr *a);
/* The up interface whose connected subnet holds the address; NULL: not directly connected. */
const struct kernel_interface *kernel_interface_to(const struct kernel *k, const struct addr *a);

/* Configured addresses (`interface X` / `ip address P`): added now or when the interface appears.
 */
void kernel_address_set(struct kernel *k, const char *ifname, const struct prefix *p);
void kernel_address_unset(struct kernel *k, const char *ifname, const struct prefix *p);

/* ---- routes that are not BGP's ---- */
enum rt_proto { RT_CONNECTED, RT_LOCAL, RT_KERNEL, RT_STATIC, RT_PROTO_COUNT };
enum rt_special { RT_UNICAST, RT_BLACKHOLE, RT_UNREACHABLE, RT_PROHIBIT };

struct rt_nexthop {
	struct addr gate; /* family NONE: directly connected */
	struct addr via;  /* what a recursive gate resolves to; family NONE: not recursive */
	uint32_t ifindex; /* 0: none (yet) */
	uint8_t special;  /* enum rt_special */
	uint8_t weight;
	bool active; /* reachable */
	bool onlink;
	char ifname[16]; /* configured name, also when the interface is absent */
};
struct rt_route {
	struct prefix prefix;
	uint8_t proto; /* enum rt_proto */
	uint8_t distance;
	uint32_t metric, tag;
	bool selected;  /* best of its prefix among non-BGP routes, and usable */
	bool in_kernel; /* stands in the kernel's table */
	uint32_t since; /* clock_sec */
	uint32_t order; /* grows with every route: newer ones are shown first */
	uint32_t group; /* next-hop group of ours in the kernel, 0: none */
	uint16_t nexthop_count;
	const struct rt_nexthop *nexthops;
};
/* Table order; routes of one prefix newest first, as FRR lists them (a BGP route's place among them
 * follows from its age too). `after` is the last one seen, of which only prefix and order count (a
 * copy will do); NULL at the start. Valid until the next event. */
const struct rt_route *kernel_route_next(
    const struct kernel *k, enum family family, const struct rt_route *after);
/* The selected non-BGP route of exactly this prefix; NULL: none. */
const struct rt_route *kernel_route_find(const struct kernel *k, const struct prefix *p);
/* Longest match among selected non-BGP routes; the default route counts only if with_default. */
const struct rt_route *kernel_route_match(
    const struct kernel *k, const struct addr *a, bool with_default);
/* Says whether any non-BGP route with exactly this prefix is selected (network import-check). */
bool kernel_route_exists(const struct kernel *k, const struct prefix *p);

struct kernel_nexthop {
	struct addr gate; /* family NONE: directly connected */
	uint32_t ifindex;
	uint32_t weight; /* 1 unless weighted; at most 256 */
};
/* How an address is reached over non-BGP routes, recursion resolved: writes at most `max` next hops
 * (gate and interface; a directly connected address is its own gate) and returns their number; 0:
 * not reachable. connected_only: a directly connected subnet is asked for. *route, if not NULL: the
 * matching route (also for one that leads nowhere, a blackhole; else NULL), valid until the next
 * event. */
unsigned kernel_resolve(const struct kernel *k, const struct addr *a, bool connected_only,
    struct kernel_nexthop *out, unsigned max, const struct rt_route **route);

/* Static routes (`ip route ...`), several next hops of one prefix and distance add up. Those whose
 * next hops are all inactive are not in the table above, as in FRR, but stay configured. Setting a
 * next hop that is there again changes its tag. A next hop is known by gate, ifname and special. */
struct kernel_static {
	struct prefix prefix;
	uint32_t tag;
	uint8_t distance;
	uint16_t nexthop_count;
	const struct rt_nexthop *nexthops; /* as configured, with `active` */
};
/* Configured static routes in order of prefix and distance; after as kernel_route_next. */
const struct kernel_static *kernel_static_next(
    const struct kernel *k, enum family family, const struct kernel_static *after);
void kernel_static_set(struct kernel *k, const struct prefix *p, uint8_t distance, uint32_t tag,
    const struct rt_nexthop *nh);
void kernel_static_unset(
    struct kernel *k, const struct prefix *p, uint8_t distance, const struct rt_nexthop *nh);

/* ---- BGP's routes ---- */
/* *word is what the RIB keeps for the destination: 0 at first, changed by these calls and by
 * acknowledgements (through events.word), and never looked into by others.
 *
 * kernel_bgp_set queues the route (adds or replaces ours); a route with a better distance of others
 * wins and then ours is not written until that one goes. The next hops are copied; their order does
 * not matter. Nothing is done if the route stands so already. kernel_bgp_del queues the removal and
 * leaves 0 in *word: the destination may be freed at once. */
void kernel_bgp_set(struct kernel *k, const struct prefix *p, uint32_t *word, uint8_t distance,
    const struct kernel_nexthop *nh, unsigned count);
void kernel_bgp_del(struct kernel *k, const struct prefix *p, uint32_t *word);
bool kernel_installs(const struct kernel *k); /* kernel_opts.install; else every word stays 0 */
/* Whether so many routes wait for the kernel that no more should come; events.room says when that
 * is over. */
bool kernel_bgp_full(struct kernel *k);

enum kernel_bgp_state {
	KERNEL_BGP_NONE,
	KERNEL_BGP_QUEUED, /* on its way */
	KERNEL_BGP_INSTALLED,
	KERNEL_BGP_FAILED, /* the kernel refused it */
	KERNEL_BGP_HIDDEN, /* a better route of others has the prefix */
};
/* What became of it, for the shows. */
enum kernel_bgp_state kernel_bgp_state(const struct kernel *k, uint32_t word);
uint32_t kernel_bgp_group(
    const struct kernel *k, uint32_t word);                  /* `nhid` in the kernel; 0: none */
int kernel_bgp_error(const struct kernel *k, uint32_t word); /* errno of a failed one, else 0 */
bool kernel_idle(const struct kernel *k); /* nothing is queued or unacknowledged */

#endif
