/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the decision to the kernel's queue: the next hops of the best path and of those used beside
 * it, each resolved to gateway and interface by next-hop tracking. Routes of the router itself
 * stand in the kernel already, or nowhere.
 */
#include "bgpd/rib/table.h"

/* Adds what is not there yet. */
static unsigned add_hop(struct kernel_nexthop *to, unsigned n, const struct kernel_nexthop *h)
{
	for (unsigned j = 0; j < n; j++)
		if (to[j].ifindex == h->ifindex && addr_equal(&to[j].gate, &h->gate))
			return n;
	if (n < KERNEL_MAX_NEXTHOPS)
		to[n++] = *h;
	return n;
}

static unsigned add_hops(
    const struct rib *r, const struct path *p, struct kernel_nexthop *to, unsigned n)
{
	const struct nht_entry *e = nht_entry(r->env.nht, p->nexthop);

	for (unsigned i = 0; i < e->nexthop_count; i++)
		n = add_hop(to, n, &e->nexthops[i]);
	return n;
}

static uint8_t distance_of(const struct rib *r, const struct path *best)
{
	const struct source *s = rib_source(r, best);
	return s->kind == SOURCE_EBGP ? r->cfg.distance_ebgp : r->cfg.distance_ibgp;
}

void install(struct rib *r, struct dest *d)
{
	struct kernel *k = r->env.kernel;
	uint32_t *word = dest_kernel(r, d);
	if (!word)
		return;
	struct kernel_nexthop hops[KERNEL_MAX_NEXTHOPS];
	unsigned n = 0;
	const struct path *best = rib_best(r, d), *p = best;
	for (; p; p = rib_path(r, p->next))
		if (p->nexthop && (p->flags & (PATH_BEST | PATH_MULTIPATH)))
			n = add_hops(r, p, hops, n);
	struct prefix prefix = dest_prefix(r, d);
	if (n)
		kernel_bgp_set(k, &prefix, word, distance_of(r, best), hops, n);
	else if (*word)
		kernel_bgp_del(k, &prefix, word);
}
