/* Next-hop tracking: one entry per next hop in use, judged against the kernel's routes and the table.
 *
 * An entry says whether the next hop can be used, over which gateways, and at what IGP metric. A
 * change of routes judges the entries concerned again and tells the RIB which ones changed.
 */
#ifndef FERRO_RIB_NHT_H
#define FERRO_RIB_NHT_H

#include "bgpd/kernel/kernel.h"
#include "lib/prefix.h"

struct nht;

struct nht_entry {
	struct addr addr;
	bool connected_only; /* asked for by a single-hop eBGP peer */
	bool valid;
	uint32_t metric;     /* IGP metric of the resolving route */
	struct prefix via;   /* the resolving route's prefix; family NONE: unresolved */
	uint32_t refs;       /* attribute sets that use it */
	uint32_t path_count; /* paths */
	uint32_t since;      /* clock_sec of the last change */
	uint8_t nexthop_count;
	const struct kernel_nexthop *nexthops; /* resolved: what goes into the kernel */
};

struct nht *nht_new(struct kernel *k); /* k NULL: everything is valid */
void nht_free(struct nht *n);
/* Finds or makes the entry; returns its handle with one reference. */
uint32_t nht_get(struct nht *n, const struct addr *a, bool connected_only);
void nht_put(struct nht *n, uint32_t handle);
const struct nht_entry *nht_entry(const struct nht *n, uint32_t handle);
/* Judges entries inside `where` again; calls changed for each whose answer is another now. */
void nht_refresh(struct nht *n, const struct prefix *where,
    void (*changed)(void *ctx, uint32_t handle), void *ctx);
/* In address order, for the shows; after NULL: the first; NULL: the end. */
const struct nht_entry *nht_next(const struct nht *n, const struct addr *after);

#endif
