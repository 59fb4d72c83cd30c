/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The routing table as FRR's zebra shows it: one view of a route, whoever owns it, and one walk.
 *
 * Routes stand in two places, BGP's in the RIB and all others in the kernel room. A walk merges
 * them by prefix and gathers each into a struct rt_view; printers know views only.
 */
#ifndef FERRO_CMD_SHOW_RT_H
#define FERRO_CMD_SHOW_RT_H

#include <stdbool.h>
#include <stdint.h>

#include "bgpd/kernel/kernel.h"
#include "lib/out.h"
#include "lib/prefix.h"

struct instance;

enum {
	/* Next hops of a view, the resolved ones included; what goes beyond is not shown. */
	RT_VIEW_HOPS = 4 * KERNEL_MAX_NEXTHOPS,
	RT_TABLE = 254, /* the kernel's main table */
	/* What a step of a deferred show may write (bytes) and look at. */
	RT_STEP_BYTES = 48 * 1024,
	RT_STEP_ROUTES = 1000,
};

/* The numbers that FRR prints as "flags" of a next hop ... */
enum rt_hop_flag {
	RT_HOP_ACTIVE = 1 << 0,
	RT_HOP_FIB = 1 << 1,
	RT_HOP_RECURSIVE = 1 << 2,
	RT_HOP_ONLINK = 1 << 3,
	RT_HOP_DUPLICATE = 1 << 4,
};
/* ... as "internalFlags" of a route ... */
enum rt_flag {
	RT_RECURSION = 1 << 0,
	RT_IBGP = 1 << 2,
	RT_SELECTED = 1 << 3,
	RT_RR_DISTANCE = 1 << 6,
};
/* ... and as its "internalStatus". */
enum rt_status {
	RT_CHANGED = 1 << 1,
	RT_QUEUED = 1 << 3,
	RT_INSTALLED = 1 << 4,
	RT_FAILED = 1 << 5,
};

enum rt_kind { RT_KIND_KERNEL, RT_KIND_CONNECTED, RT_KIND_LOCAL, RT_KIND_STATIC, RT_KIND_BGP };
/* "connected" */
const char *rt_kind_name(enum rt_kind kind);

struct rt_hop {
	struct addr gate; /* family NONE: directly connected */
	uint32_t ifindex; /* 0: none */
	uint32_t weight;
	char ifname[16];
	uint8_t flags;   /* enum rt_hop_flag */
	uint8_t special; /* enum rt_special */
	bool resolver;   /* resolves the recursive one before it */
};

struct rt_view {
	struct prefix prefix;
	enum rt_kind kind;
	uint8_t distance, flags /* enum rt_flag */, status /* enum rt_status */;
	uint32_t metric, tag;
	uint32_t since; /* clock_sec */
	uint32_t group; /* next-hop object in the kernel, 0: none */
	unsigned hop_count;
	struct rt_hop hops[RT_VIEW_HOPS];
};

/* What a walk is to see. */
struct rt_filter {
	bool installed; /* `show ip fib` */
	bool failed;    /* only what the kernel refused */
	bool supernets; /* only IPv4 prefixes shorter than their class's */
	bool all_kinds; /* else `kind` alone */
	enum rt_kind kind;
	uint32_t tag;         /* 0: any */
	struct prefix within; /* family NONE: everywhere */
};

/* Where a walk stands: behind `at`, by value, so that the tables may change in between. */
struct rt_walk {
	enum family family;
	const struct rt_filter *filter;
	bool begun;
	struct prefix at;
};
/* Finds the next prefix that may have routes to show; false: the end. */
bool rt_walk_next(const struct instance *inst, struct rt_walk *w);

/* Calls `each` for the routes of exactly w->at that pass the filter, newest first; *v is the
 * scratch that each gets filled. */
typedef void rt_each(void *ctx, const struct rt_view *v);
void rt_walk_routes(const struct instance *inst, const struct rt_walk *w, struct rt_view *v,
    rt_each *each, void *ctx);
/* The selected route of exactly p, of whatever kind; false: none. */
bool rt_view_selected(const struct instance *inst, const struct prefix *p, struct rt_view *v);
/* Has this very prefix routes? */
bool rt_has(const struct instance *inst, const struct prefix *p);
/* The longest prefix that holds the address and has routes; false: none. */
bool rt_match(const struct instance *inst, const struct addr *a, struct prefix *found);

/* ---- printers ---- */
/* A route in `show ip route`: its lines of text, or a JSON object in an array. */
void rt_print_line(struct out *o, const struct rt_view *v);
/* A route in `show ip route PREFIX`: its paragraph, or a JSON object with more fields. */
void rt_print_entry(struct out *o, const struct rt_view *v);
/* A next hop's JSON object; vrf: with the name of its VRF, as next-hop tracking has it. */
void rt_hop_json(struct out *o, const struct rt_hop *h, bool vrf);
/* "unreachable (blackhole)" */
const char *rt_special_text(uint8_t special);

/* ---- small things that the shows of this subject share ---- */
/* Reads `vrf NAME`: true for none, "default" and "all"; else FRR's message is printed (an empty
 * object in JSON). */
struct cli_call;
bool rt_ask_vrf_ok(struct cli_call *call);
bool rt_ask_vrf_all(const struct cli_call *call);
/* The family of `show <ip|ipv6> ...`. */
enum family rt_ask_family(const struct cli_call *call);

#endif
