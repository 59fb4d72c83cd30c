/* The kernel's side of routing: interfaces, addresses, the routes of everybody, and ours in its table.
 *
 * The only room that includes libnl. It keeps three things: interfaces with their addresses; `rt`, an
 * ordered table of all routes that are not BGP's (connected, local, kernel, static) as FRR's zebra
 * has them; and the queue of BGP routes on their way into the kernel. BGP routes themselves are not
 * kept here (the RIB has them): only their prefixes' pending and failed states.
 *
 * Nothing blocks: requests are batched, acknowledgements are read as they come. Routes of others are
 * never changed. With installing switched off (-Z, -n) everything is read and nothing is written.
 */
#ifndef FERRO_KERNEL_KERNEL_H
#define FERRO_KERNEL_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/log.h"
#include "lib/prefix.h"

struct event_base;
struct kernel;

enum { KERNEL_METRIC = 20, KERNEL_MAX_NEXTHOPS = 64 };

struct kernel_opts {
	bool install;     /* write into the kernel at all */
	uint32_t table;   /* kernel table, 254 (main) */
	bool keep_routes; /* -r: leave our routes behind at the end, sweep old ones at the start */
};

/* Told about what happened; called from the event loop, never from inside a kernel_* call. */
struct kernel_events {
	/* The answer of kernel_resolve may be another now for addresses inside `where`. */
	void (*routes_changed)(void *ctx, const struct prefix *where);
	/* An interface or its addresses came, went or changed state. */
	void (*interface_changed)(void *ctx, uint32_t ifindex);
	/* A BGP route was taken (error 0) or refused (errno) by the kernel. */
	void (*installed)(void *ctx, const struct prefix *p, int error);
};

/* Opens the sockets and reads interfaces and routes before it returns (bounded by the kernel's own
 * speed). NULL: netlink is not to be had; errno says why. */
struct kernel *kernel_new(struct event_base *base, struct log *log, const struct kernel_opts *opts,
    const struct kernel_events *events, void *ctx);
/* Takes our routes out of the kernel (but for keep_routes), waits for the acknowledgements at most
 * two seconds, frees everything. */
void kernel_free(struct kernel *k);

/* ---- interfaces ---- */
struct kernel_address {
	struct prefix prefix; /* host bits kept */
	struct addr broadcast, peer;
	bool secondary;
};
struct kernel_interface {
	uint32_t ifindex;
	char name[16];
	bool up, running, loopback, multicast_ok, broadcast_ok;
	uint32_t flags; /* IFF_* */
	uint32_t mtu, mtu6;
	uint32_t speed; /* Mbit/s, 0: unknown */
	uint8_t mac[6];
	uint8_t mac_len;
	char kind[16]; /* "veth", "" */
	uint32_t up_count, down_count;
	int64_t last_up, last_down; /* epoch seconds, 0: never */
	uint32_t address_count;
	const struct kernel_address *addresses; /* sorted, IPv4 first */
};
/* In order of names; after 0 gives the first, NULL is the end. */
const struct kernel_interface *kernel_interface_next(const struct kernel *k, const char *after);
const struct kernel_interface *kernel_interface(const struct kernel *k, uint32_t ifindex);
const struct kernel_interface *kernel_interface_named(const struct kernel *k, const char *name);
/* The interface that owns this address; NULL: none of ours. */
const struct kernel_interface *kernel_interface_of(const struct kernel *k, const struct addr *a);
/* The up interface whose connected subnet holds the address; NULL: not directly connected. */
const struct kernel_interface *kernel_interface_to(const struct kernel *k, const struct addr *a);

/* Configured addresses (`interface X` / `ip address P`): added now or when the interface appears. */
void kernel_address_set(struct kernel *k, const char *ifname, const struct prefix *p);
void kernel_address_unset(struct kernel *k, const char *ifname, const struct prefix *p);

/* ---- routes that are not BGP's ---- */
enum rt_proto { RT_CONNECTED, RT_LOCAL, RT_KERNEL, RT_STATIC, RT_PROTO_COUNT };
enum rt_special { RT_UNICAST, RT_BLACKHOLE, RT_UNREACHABLE, RT_PROHIBIT };

struct rt_nexthop {
	struct addr gate;  /* family NONE: directly connected */
	struct addr via;   /* what a recursive gate resolves to; family NONE: not recursive */
	uint32_t ifindex;  /* 0: none (yet) */
	uint8_t special;   /* enum rt_special */
	uint8_t weight;
	bool active;       /* reachable */
	bool onlink;
	char ifname[16];   /* configured name, also when the interface is absent */
};
struct rt_route {
	struct prefix prefix;
	uint8_t proto;     /* enum rt_proto */
	uint8_t distance;
	uint32_t metric, tag;
	bool selected;     /* best of its prefix among non-BGP routes, and usable */
	bool in_kernel;    /* stands in the kernel's table */
	uint32_t since;    /* clock_sec */
	uint16_t nexthop_count;
	const struct rt_nexthop *nexthops;
};
/* Table order; routes of one prefix by distance. *after: the last seen (prefix, proto), NULL at the
 * start. Valid until the next event. */
const struct rt_route *kernel_route_next(
    const struct kernel *k, enum family family, const struct rt_route *after);
/* The selected non-BGP route of exactly this prefix; NULL: none. */
const struct rt_route *kernel_route_find(const struct kernel *k, const struct prefix *p);
/* Longest match among selected non-BGP routes; the default route counts only if with_default. */
const struct rt_route *kernel_route_match(
    const struct kernel *k, const struct addr *a, bool with_default);
/* Says whether any non-BGP route with exactly this prefix is selected (network import-check). */
bool kernel_route_exists(const struct kernel *k, const struct prefix *p);

/* Static routes (`ip route ...`), several next hops of one prefix and distance add up. */
void kernel_static_set(struct kernel *k, const struct prefix *p, uint8_t distance, uint32_t tag,
    const struct rt_nexthop *nh);
void kernel_static_unset(struct kernel *k, const struct prefix *p, uint8_t distance,
    const struct rt_nexthop *nh);

/* ---- BGP's routes ---- */
struct kernel_nexthop {
	struct addr gate;
	uint32_t ifindex;
	uint32_t weight; /* 1 unless weighted */
};
/* Queues the route (adds or replaces ours); a route with a better distance of others wins and then
 * ours is not written until that one goes. The next hops are copied. */
void kernel_bgp_set(struct kernel *k, const struct prefix *p, uint8_t distance,
    const struct kernel_nexthop *nh, unsigned count);
void kernel_bgp_del(struct kernel *k, const struct prefix *p);
/* What became of it, for the shows. */
enum kernel_bgp_state { KERNEL_BGP_NONE, KERNEL_BGP_QUEUED, KERNEL_BGP_INSTALLED, KERNEL_BGP_FAILED,
	KERNEL_BGP_HIDDEN /* a better route of others has the prefix */ };
enum kernel_bgp_state kernel_bgp_state(const struct kernel *k, const struct prefix *p);
bool kernel_installs(const struct kernel *k);

#endif
