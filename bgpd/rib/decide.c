/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decision process: RFC 4271 section 9.1.2 with FRR's additions and order.
 *
 * What counts of a path is pulled into a struct rank once; two ranks are compared step by step down
 * a table, and the step that tells them apart is the reason. MEDs are compared only between paths
 * from the same neighboring AS, so the comparison is not transitive and the winner could depend on
 * the order of the comparisons. Candidates are therefore taken in the order of their sources, never
 * of their arrival; with deterministic-med each AS settles its own winner first.
 *
 * The list of paths is left in order, best first, behind them those that cannot be used. A few are
 * sorted by insertion, where little moves from one decision to the next; many by the C library, so
 * that thousands of paths of one destination cost n log n.
 */
#include <stdlib.h>
#include <string.h>

#include "bgpd/rib/table.h"

enum { RANKS_ON_STACK = 24 };

struct rank {
	uint32_t handle;
	struct path *path;
	const struct source *source;
	bool usable, was_best, wins_as;
	uint8_t origin;
	uint32_t weight, local_pref, hops, med, neighbor_as, metric, router_id, cluster_len;
	struct span as_path;
};

/* Negative: a is better. */
typedef int compare_step(const struct rib_cfg *c, const struct rank *a, const struct rank *b);

static int lower(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_weight(const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	(void)c;
	return lower(b->weight, a->weight);
}

static int by_local_pref(const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	(void)c;
	return lower(b->local_pref, a->local_pref);
}

static int by_local_route(const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	(void)c;
	return lower(a->source->kind != SOURCE_LOCAL, b->source->kind != SOURCE_LOCAL);
}

static int by_as_path(const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	return c->as_path_ignore ? 0 : lower(a->hops, b->hops);
}

static int by_origin(const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	(void)c;
	return lower(a->origin, b->origin);
}

static int by_med(const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	if (!c->always_compare_med && a->neighbor_as != b->neighbor_as)
		return 0;
	return lower(a->med, b->med);
}

static int by_peer_type(const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	(void)c;
	return lower(a->source->kind == SOURCE_IBGP, b->source->kind == SOURCE_IBGP);
}

static int by_igp_metric(const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	(void)c;
	return lower(a->metric, b->metric);
}

/* Between eBGP paths what is used stays, which spares the network a change. */
static int by_age(const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	if (c->compare_router_id || a->source->kind != SOURCE_EBGP ||
	    b->source->kind != SOURCE_EBGP)
		return 0;
	int d = lower(!a->was_best, !b->was_best);
	return d ? d : lower(a->path->since, b->path->since);
}

static int by_router_id(const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	(void)c;
	return lower(a->router_id, b->router_id);
}

static int by_cluster(const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	(void)c;
	return lower(a->cluster_len, b->cluster_len);
}

static int by_address(const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	(void)c;
	return addr_cmp(&a->source->addr, &b->source->addr);
}

/* Several paths of one source (add-path): any order, but always the same. */
static int by_path_id(const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	(void)c;
	return lower(a->path->path_id, b->path->path_id);
}

static const struct step {
	enum reason reason;
	compare_step *compare;
} steps[] = {
    {REASON_WEIGHT, by_weight},
    {REASON_LOCAL_PREF, by_local_pref},
    {REASON_LOCAL, by_local_route},
    {REASON_AS_PATH, by_as_path},
    {REASON_ORIGIN, by_origin},
    {REASON_MED, by_med},
    {REASON_PEER_TYPE, by_peer_type},
    {REASON_IGP_METRIC, by_igp_metric},
    /* Paths that are equal down to here may be used together. */
    {REASON_OLDER, by_age},
    {REASON_ROUTER_ID, by_router_id},
    {REASON_CLUSTER, by_cluster},
    {REASON_NEIGHBOR_IP, by_address},
    {REASON_LAST, by_path_id},
};

static const char *const reason_words[REASON_COUNT] = {
    [REASON_NONE] = "Nothing to Select",
    [REASON_FIRST] = "First path received",
    [REASON_STALE] = "Path Staleness",
    [REASON_WEIGHT] = "Weight",
    [REASON_LOCAL_PREF] = "Local Pref",
    [REASON_LOCAL] = "Local Route",
    [REASON_AIGP] = "AIGP",
    [REASON_AS_PATH] = "AS Path",
    [REASON_ORIGIN] = "Origin",
    [REASON_MED] = "MED",
    [REASON_PEER_TYPE] = "Peer Type",
    [REASON_IGP_METRIC] = "IGP Metric",
    [REASON_OLDER] = "Older Path",
    [REASON_ROUTER_ID] = "Router ID",
    [REASON_CLUSTER] = "Cluster length",
    [REASON_NEIGHBOR_IP] = "Neighbor IP",
    [REASON_LAST] = "Nothing left to compare",
};

const char *reason_str(enum reason r)
{
	return reason_words[r];
}

static int rank_compare(
    const struct rib_cfg *c, const struct rank *a, const struct rank *b, enum reason *why)
{
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int d = steps[i].compare(c, a, b);
		if (d) {
			*why = steps[i].reason;
			return d;
		}
	}
	*why = REASON_LAST;
	return 0;
}

static bool same_as_path(const struct rank *a, const struct rank *b)
{
	return a->as_path.len == b->as_path.len &&
	       (!a->as_path.len || memcmp(a->as_path.p, b->as_path.p, a->as_path.len) == 0);
}

/* May b be used beside the best path? */
static bool is_multipath(const struct rib_cfg *c, const struct rank *best, const struct rank *b)
{
	if (best->source->kind == SOURCE_LOCAL)
		return false;
	for (unsigned i = 0; steps[i].reason != REASON_OLDER; i++)
		if (steps[i].compare(c, best, b) != 0)
			return false;
	if (c->multipath_relax)
		return true;
	return best->source->kind == SOURCE_EBGP ? best->source->as == b->source->as
						 : same_as_path(best, b);
}

/* ---- ranks ---- */

static bool next_hop_usable(const struct rib *r, const struct path *p, const struct source *s)
{
	if (!p->nexthop)
		return true;
	const struct nht_entry *e = nht_entry(r->env.nht, p->nexthop);
	return s->kind == SOURCE_EBGP && !s->multihop ? e->connected : e->valid;
}

static bool path_usable(
    const struct rib *r, const struct dest *d, const struct path *p, const struct source *s)
{
	if (!p->accepted)
		return false;
	if (p->flags & PATH_NETWORK) {
		struct prefix prefix = dest_prefix(r, d);
		return network_valid(r, &prefix);
	}
	if (p->flags & PATH_OWN_HOP && r->cfg.import_check)
		return false;
	return next_hop_usable(r, p, s);
}

static void rank_fill(const struct rib *r, const struct dest *d, struct rank *k, uint32_t handle)
{
	const struct rib_cfg *c = &r->cfg;
	struct path *p = path_at(r, handle);
	const struct source *s = source_slot(r->env.sources, p->source);
	*k = (struct rank){.handle = handle, .path = p, .source = s};
	k->usable = path_usable(r, d, p, s);
	k->was_best = p->flags & PATH_BEST;
	if (!k->usable)
		return;
	struct attr_set a;
	attr_view(r->env.attrs, p->accepted, &a);
	k->weight = a.weight;
	k->local_pref = a.have & ATTR_BIT(ATTR_LOCAL_PREF) ? a.local_pref : c->default_local_pref;
	k->hops = aspath_hops(a.as_path);
	k->origin = a.origin;
	k->med = a.have & ATTR_BIT(ATTR_MED) ? a.med : c->med_missing_worst ? UINT32_MAX : 0;
	k->neighbor_as = aspath_neighbor(a.as_path);
	k->metric = p->nexthop ? nht_entry(r->env.nht, p->nexthop)->metric : 0;
	k->router_id = a.have & ATTR_BIT(ATTR_ORIGINATOR_ID) ? a.originator_id : s->router_id;
	k->cluster_len = a.have & ATTR_BIT(ATTR_CLUSTER_LIST) ? a.cluster_list.len : 0;
	k->as_path = a.as_path;
}

static void swap(struct rank *a, struct rank *b)
{
	struct rank t = *a;
	*a = *b;
	*b = t;
}

/* Usable ones first, then in the order of sources: whatever happened before. */
static bool stands_before(const struct rank *a, const struct rank *b)
{
	if (a->usable != b->usable)
		return a->usable;
	if (a->path->source != b->path->source)
		return a->path->source < b->path->source;
	return a->path->path_id < b->path->path_id;
}

static int source_order(const void *a, const void *b)
{
	return stands_before(b, a) - stands_before(a, b);
}

static void order_by_source(struct rank *k, unsigned n)
{
	if (n > RANKS_ON_STACK) {
		qsort(k, n, sizeof(*k), source_order);
		return;
	}
	for (unsigned i = 1; i < n; i++)
		for (unsigned j = i; j && stands_before(&k[j], &k[j - 1]); j--)
			swap(&k[j], &k[j - 1]);
}

/* Of those with the mark, if marked_only. */
static unsigned winner(const struct rib_cfg *c, const struct rank *k, unsigned n, bool marked_only)
{
	unsigned best = n;
	enum reason why;
	for (unsigned i = 0; i < n; i++) {
		if (marked_only && !k[i].wins_as)
			continue;
		if (best == n || rank_compare(c, &k[i], &k[best], &why) < 0)
			best = i;
	}
	return best;
}

/* By neighboring AS, each one's in the order that they stand in. */
static int as_order(const void *a, const void *b)
{
	const struct rank *x = *(struct rank *const *)a, *y = *(struct rank *const *)b;
	int d = lower(x->neighbor_as, y->neighbor_as);
	return d ? d : (x > y) - (x < y);
}

static void mark_as_winners(const struct rib_cfg *c, struct rank *k, unsigned n)
{
	struct rank *few[RANKS_ON_STACK], **by_as = few;
	enum reason why;
	if (n > RANKS_ON_STACK)
		by_as = mem_alloc(n * sizeof(*by_as));
	for (unsigned i = 0; i < n; i++)
		by_as[i] = &k[i];
	qsort(by_as, n, sizeof(*by_as), as_order);
	for (unsigned i = 0; i < n;) {
		struct rank *best = by_as[i++];
		for (; i < n && by_as[i]->neighbor_as == best->neighbor_as; i++)
			if (rank_compare(c, by_as[i], best, &why) < 0)
				best = by_as[i];
		best->wins_as = true;
	}
	if (by_as != few)
		mem_free(by_as);
}

/* The best of n > 0 usable ranks. */
static unsigned choose(const struct rib_cfg *c, struct rank *k, unsigned n)
{
	bool by_as = c->deterministic_med && !c->always_compare_med;
	if (by_as)
		mark_as_winners(c, k, n);
	return winner(c, k, n, by_as);
}

static int rank_order(const void *a, const void *b, void *cfg)
{
	enum reason why;
	return rank_compare(cfg, a, b, &why);
}

/* Best first, the others behind it as they compare one by one. */
static void order_by_rank(struct rib_cfg *c, struct rank *k, unsigned n)
{
	enum reason why;
	swap(&k[0], &k[choose(c, k, n)]);
	if (n > RANKS_ON_STACK) {
		qsort_r(k + 1, n - 1, sizeof(*k), rank_order, c);
		return;
	}
	for (unsigned i = 2; i < n; i++)
		for (unsigned j = i; j > 1 && rank_compare(c, &k[j], &k[j - 1], &why) < 0; j--)
			swap(&k[j], &k[j - 1]);
}

/* ---- outcome ---- */

static void mark_best(const struct rib_cfg *c, struct rank *k, unsigned usable, uint16_t *flags)
{
	enum reason why = REASON_FIRST;
	unsigned max = k[0].source->kind == SOURCE_IBGP ? c->max_paths_ibgp : c->max_paths_ebgp;
	unsigned used = 1;
	flags[0] |= PATH_BEST;
	if (usable > 1)
		rank_compare(c, &k[0], &k[1], &why);
	k[0].path->reason = (uint8_t)why;
	for (unsigned i = 1; i < usable; i++) {
		rank_compare(c, &k[i - 1], &k[i], &why);
		k[i].path->reason = (uint8_t)why;
		if (used < max && is_multipath(c, &k[0], &k[i])) {
			flags[i] |= PATH_MULTIPATH;
			flags[0] |= PATH_MULTIPATH;
			used++;
		}
	}
}

/* Writes flags and list order back. True: what is used changed. */
static bool settle(struct dest *d, struct rank *k, unsigned n, unsigned usable, uint16_t *flags)
{
	const uint16_t used = PATH_BEST | PATH_MULTIPATH;
	bool changed = d->flags & DEST_CHANGED;
	d->flags &= (uint16_t)~DEST_CHANGED;
	d->paths = n ? k[0].handle : 0;
	for (unsigned i = 0; i < n; i++) {
		struct path *p = k[i].path;
		changed |= (p->flags & used) != flags[i];
		p->flags = (uint16_t)((p->flags & ~(used | PATH_VALID)) | flags[i]);
		if (k[i].usable)
			p->flags |= PATH_VALID;
		if (i >= usable)
			p->reason = REASON_NONE;
		p->next = i + 1 < n ? k[i + 1].handle : 0;
	}
	return changed;
}

static bool decide_ranks(struct rib *r, struct dest *d, struct rank *k, uint16_t *flags, unsigned n)
{
	unsigned usable = 0, i = 0;
	for (uint32_t h = d->paths; h; h = k[i++].path->next) {
		rank_fill(r, d, &k[i], h);
		usable += k[i].usable;
		flags[i] = 0;
	}
	order_by_source(k, n);
	if (usable) {
		order_by_rank(&r->cfg, k, usable);
		mark_best(&r->cfg, k, usable, flags);
	}
	return settle(d, k, n, usable, flags);
}

/* Most destinations have one path: nothing is compared, so nothing is looked at but its next hop.
 */
static bool decide_alone(struct rib *r, struct dest *d)
{
	struct path *p = path_at(r, d->paths);
	const uint16_t used = PATH_BEST | PATH_MULTIPATH;
	bool usable = path_usable(r, d, p, source_slot(r->env.sources, p->source));
	uint16_t flags = usable ? PATH_BEST : 0;
	bool changed = (d->flags & DEST_CHANGED) || (p->flags & used) != flags;

	r->work += 2;
	d->flags &= (uint16_t)~DEST_CHANGED;
	p->flags =
	    (uint16_t)((p->flags & ~(used | PATH_VALID)) | flags | (usable ? PATH_VALID : 0));
	p->reason = usable ? REASON_FIRST : REASON_NONE;
	return changed;
}

bool decide(struct rib *r, struct dest *d)
{
	unsigned n = 0;
	if (d->paths && !path_at(r, d->paths)->next)
		return decide_alone(r, d);
	for (uint32_t h = d->paths; h; h = path_at(r, h)->next)
		n++;
	r->work += n + 1;
	if (n <= RANKS_ON_STACK) {
		struct rank k[RANKS_ON_STACK];
		uint16_t flags[RANKS_ON_STACK];
		return decide_ranks(r, d, k, flags, n);
	}
	struct rank *k = mem_alloc(n * sizeof(*k));
	uint16_t *flags = mem_alloc(n * sizeof(*flags));
	bool changed = decide_ranks(r, d, k, flags, n);
	mem_free(k);
	mem_free(flags);
	return changed;
}
