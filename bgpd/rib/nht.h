/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Next-hop tracking: one entry per next hop in use, judged against the kernel's routes and the
 * table.
 *
 * An entry says whether the next hop can be used, over which gateways, and at what IGP metric. A
 * change of routes judges the entries concerned again and tells the RIB which ones changed.
 */
#ifndef FERRO_RIB_NHT_H
#define FERRO_RIB_NHT_H

#include "bgpd/kernel/kernel.h"
#include "lib/list.h"
#include "lib/prefix.h"

struct nht;

/* What is tracked: an address, and the interface that a link-local one is on, since two neighbors
 * may well have the same. */
struct nht_hop {
	struct addr addr;
	uint32_t ifindex; /* 0: none; routes alone lead there */
	/* The interface's state decides alone. Otherwise, as in FRR of what came over an IPv4
	 * session, there must be a route as well. */
	bool on_link;
};

struct nht_entry {
	struct addr addr;
	uint32_t ifindex; /* see nht_hop */
	bool on_link;
	bool valid;     /* a route leads there */
	bool connected; /* ... over a connected subnet: what single-hop eBGP asks for */
	uint8_t nexthop_count;
	uint32_t metric;                 /* IGP metric of the resolving route */
	struct prefix via;               /* the resolving route's prefix; family NONE: unresolved */
	uint32_t refs;                   /* paths and peers that use it */
	uint32_t path_count;             /* paths alone, kept by the RIB */
	uint32_t since;                  /* clock_sec of the last change */
	uint32_t table_hop;              /* entry it leans on if a BGP route resolves it; 0: none */
	uint32_t next;                   /* of the same address, on another interface */
	struct kernel_nexthop *nexthops; /* resolved: what goes into the kernel */
};

/* Who wants to know: each table, and the peers. Embedded; removed before its owner goes. */
struct nht_user {
	struct list_head link;
	void *ctx;
	void (*changed)(void *ctx, uint32_t handle);
	/* For a table: the longest match of *a among its best paths whose routes may resolve
	 * others; returns the entry that its best path uses, 0: no match. May be NULL. */
	uint32_t (*resolve)(void *ctx, const struct addr *a, struct prefix *found);
};

struct nht *nht_new(struct kernel *k); /* k NULL: everything is valid */
void nht_free(struct nht *n);
void nht_user_add(struct nht *n, struct nht_user *u);
void nht_user_del(struct nht *n, struct nht_user *u);
void nht_set_via_default(struct nht *n, bool on); /* ip nht resolve-via-default */
bool nht_via_default(const struct nht *n);
/* Finds or makes the entry; returns its handle (never 0) with one reference. */
uint32_t nht_get(struct nht *n, const struct nht_hop *hop);
void nht_ref(struct nht *n, uint32_t handle);
void nht_put(struct nht *n, uint32_t handle);
void nht_count_path(struct nht *n, uint32_t handle, int step); /* the RIB's: entry->path_count */
const struct nht_entry *nht_entry(const struct nht *n, uint32_t handle);
/* The entry of an address for which routes are asked; NULL: none. */
const struct nht_entry *nht_find(const struct nht *n, const struct addr *a);
/* Some path has a next hop inside. */
bool nht_in_use(const struct nht *n, const struct prefix *where);
struct nht_hop nht_hop_of(const struct nht_entry *e);
/* Routes changed inside *where (non-BGP, or BGP's own): judges the entries inside again and calls
 * the users for each whose answer is another now. */
void nht_routes_changed(struct nht *n, const struct prefix *where);
/* An interface came, went or changed state: judges the link-local next hops on it again. */
void nht_interface_changed(struct nht *n, uint32_t ifindex);
/* In the order of addresses, then interfaces, for the shows; after NULL: the first; NULL: the end.
 */
const struct nht_entry *nht_next(const struct nht *n, enum family f, const struct nht_hop *after);

#endif
