/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decision process: RFC 4271 section 9.1.2 with FRR's additions and order.
 *
 * What counts of a path is pulled into a struct rank once, as a list of numbers in the order of the
 * steps, of which the smaller is better; the first that differs decides and is the reason. MEDs are
 * compared only between paths from the same neighboring AS, so the comparison is not transitive and
 * the winner could depend on the order of the comparisons. Candidates are therefore taken in the
 * order of their sources, never of their arrival; with deterministic-med each AS settles its own
 * winner first.
 *
 * The list of paths is left in order, best first, behind them those that cannot be used. A few are
 * sorted by insertion, where little moves from one decision to the next; many by the C library, so
 * that thousands of paths of one destination cost n log n.
 */
#include <stdlib.h>
#include <string.h>

#include "bgpd/rib/table.h"

enum { RANKS_ON_STACK = 24 };

/* The steps that compare numbers. Paths that are equal down to BY_USE may be used together. */
enum step {
	BY_WEIGHT,
	BY_LOCAL_PREF,
	BY_LOCAL_ROUTE,
	BY_AS_PATH,
	BY_ORIGIN,
	BY_MED,
	BY_PEER_TYPE,
	BY_IGP_METRIC,
	BY_USE,
	BY_AGE,
	BY_ROUTER_ID,
	BY_CLUSTER,
	STEPS
};

static const uint8_t step_reasons[STEPS] = {
    [BY_WEIGHT] = REASON_WEIGHT,
    [BY_LOCAL_PREF] = REASON_LOCAL_PREF,
    [BY_LOCAL_ROUTE] = REASON_LOCAL,
    [BY_AS_PATH] = REASON_AS_PATH,
    [BY_ORIGIN] = REASON_ORIGIN,
    [BY_MED] = REASON_MED,
    [BY_PEER_TYPE] = REASON_PEER_TYPE,
    [BY_IGP_METRIC] = REASON_IGP_METRIC,
    [BY_USE] = REASON_OLDER,
    [BY_AGE] = REASON_OLDER,
    [BY_ROUTER_ID] = REASON_ROUTER_ID,
    [BY_CLUSTER] = REASON_CLUSTER,
};

struct rank {
	struct path *path;
	const struct source *source;
	uint32_t handle, path_id;
	bool usable, wins_as;
	uint32_t neighbor_as;
	uint32_t value[STEPS];
	struct span as_path;
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

static int lower(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* The step that tells them apart; STEPS: none does. */
static enum step first_difference(
    const struct rib_cfg *c, const struct rank *a, const struct rank *b)
{
	for (enum step i = 0; i < STEPS; i++) {
		if (a->value[i] == b->value[i])
			continue;
		if (i == BY_MED && !c->always_compare_med && a->neighbor_as != b->neighbor_as)
			continue;
		return i;
	}
	return STEPS;
}

/* Negative: a is better. */
static int rank_compare(
    const struct rib_cfg *c, const struct rank *a, const struct rank *b, enum reason *why)
{
	enum step i = first_difference(c, a, b);
	if (i < STEPS) {
		*why = step_reasons[i];
		return lower(a->value[i], b->value[i]);
	}
	int d = addr_cmp(&a->source->addr, &b->source->addr);
	*why = d ? REASON_NEIGHBOR_IP : REASON_LAST;
	/* Several paths of one source (add-path): any order, but always the same. */
	return d ? d : lower(a->path_id, b->path_id);
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
	if (first_difference(c, best, b) < BY_USE)
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
	if (p->flags & PATH_DENIED)
		return false;
	if (p->flags & PATH_NETWORK) {
		struct prefix prefix = dest_prefix(r, d);
		return network_valid(r, &prefix);
	}
	if (p->flags & PATH_OWN_HOP && r->cfg.import_check)
		return false;
	return next_hop_usable(r, p, s);
}

static void values_fill(
    const struct rib *r, struct rank *k, const struct attr_set *a, const struct path *p)
{
	const struct rib_cfg *c = &r->cfg;
	const struct source *s = k->source;
	bool has_pref = a->have & ATTR_BIT(ATTR_LOCAL_PREF);
	/* Between eBGP paths what is used stays, which spares the network a change. */
	bool older = s->kind == SOURCE_EBGP && !c->compare_router_id;
	uint32_t *v = k->value;

	v[BY_WEIGHT] = ~a->weight;
	v[BY_LOCAL_PREF] = ~(has_pref ? a->local_pref : c->default_local_pref);
	v[BY_LOCAL_ROUTE] = s->kind != SOURCE_LOCAL;
	v[BY_AS_PATH] = c->as_path_ignore ? 0 : aspath_hops(a->as_path);
	v[BY_ORIGIN] = a->origin;
	v[BY_MED] = a->have & ATTR_BIT(ATTR_MED) ? a->med : c->med_missing_worst ? UINT32_MAX : 0;
	v[BY_PEER_TYPE] = s->kind == SOURCE_IBGP;
	v[BY_IGP_METRIC] = p->nexthop ? nht_entry(r->env.nht, p->nexthop)->metric : 0;
	v[BY_USE] = older ? !(p->flags & PATH_BEST) : 0;
	v[BY_AGE] = older ? p->since : 0;
	v[BY_ROUTER_ID] = a->have & ATTR_BIT(ATTR_ORIGINATOR_ID) ? a->originator_id : s->router_id;
	v[BY_CLUSTER] = a->have & ATTR_BIT(ATTR_CLUSTER_LIST) ? a->cluster_list.len : 0;
}

static void rank_fill(const struct rib *r, const struct dest *d, struct rank *k, uint32_t handle)
{
	struct path *p = path_at(r, handle);
	struct attr_set a;

	k->handle = handle;
	k->path = p;
	k->path_id = rib_path_id(r, p);
	k->source = source_slot(r->env.sources, p->source);
	k->wins_as = false;
	k->usable = path_usable(r, d, p, k->source);
	if (!k->usable)
		return;
	attr_view(r->env.attrs, rib_path_accepted(r, p), &a);
	k->neighbor_as = aspath_neighbor(a.as_path);
	k->as_path = a.as_path;
	values_fill(r, k, &a, p);
}

static void swap(struct rank **a, struct rank **b)
{
	struct rank *t = *a;
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
	return a->path_id < b->path_id;
}

static int source_order(const void *a, const void *b)
{
	const struct rank *x = *(struct rank *const *)a, *y = *(struct rank *const *)b;
	return stands_before(y, x) - stands_before(x, y);
}

static void order_by_source(struct rank **k, unsigned n)
{
	if (n > RANKS_ON_STACK) {
		qsort(k, n, sizeof(struct rank *), source_order);
		return;
	}
	for (unsigned i = 1; i < n; i++)
		for (unsigned j = i; j && stands_before(k[j], k[j - 1]); j--)
			swap(&k[j], &k[j - 1]);
}

/* Of those with the mark, if marked_only. */
static unsigned winner(const struct rib_cfg *c, struct rank **k, unsigned n, bool marked_only)
{
	unsigned best = n;
	enum reason why;
	for (unsigned i = 0; i < n; i++) {
		if (marked_only && !k[i]->wins_as)
			continue;
		if (best == n || rank_compare(c, k[i], k[best], &why) < 0)
			best = i;
	}
	return best;
}

/* By neighboring AS, each one's in the order of sources. */
static int as_order(const void *a, const void *b)
{
	const struct rank *x = *(struct rank *const *)a, *y = *(struct rank *const *)b;
	int d = lower(x->neighbor_as, y->neighbor_as);
	return d ? d : source_order(a, b);
}

static void mark_as_winners(const struct rib_cfg *c, struct rank **k, unsigned n)
{
	struct rank *few[RANKS_ON_STACK], **by_as = few;
	enum reason why;
	if (n > RANKS_ON_STACK)
		by_as = mem_alloc(n * sizeof(struct rank *));
	memcpy(by_as, k, n * sizeof(struct rank *));
	qsort(by_as, n, sizeof(struct rank *), as_order);
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
static unsigned choose(const struct rib_cfg *c, struct rank **k, unsigned n)
{
	bool by_as = c->deterministic_med && !c->always_compare_med;
	if (by_as)
		mark_as_winners(c, k, n);
	return winner(c, k, n, by_as);
}

static int rank_order(const void *a, const void *b, void *cfg)
{
	enum reason why;
	return rank_compare(cfg, *(struct rank *const *)a, *(struct rank *const *)b, &why);
}

/* Best first, the others behind it as they compare one by one. */
static void order_by_rank(struct rib_cfg *c, struct rank **k, unsigned n)
{
	enum reason why;
	swap(&k[0], &k[choose(c, k, n)]);
	if (n > RANKS_ON_STACK) {
		qsort_r(k + 1, n - 1, sizeof(struct rank *), rank_order, c);
		return;
	}
	for (unsigned i = 2; i < n; i++)
		for (unsigned j = i; j > 1 && rank_compare(c, k[j], k[j - 1], &why) < 0; j--)
			swap(&k[j], &k[j - 1]);
}

/* ---- outcome ---- */

static void mark_best(const struct rib_cfg *c, struct rank **k, unsigned usable, uint16_t *flags)
{
	enum reason why = REASON_FIRST;
	unsigned max = k[0]->source->kind == SOURCE_IBGP ? c->max_paths_ibgp : c->max_paths_ebgp;
	unsigned used = 1;
	flags[0] |= PATH_BEST;
	if (usable > 1)
		rank_compare(c, k[0], k[1], &why);
	k[0]->path->reason = (uint8_t)why;
	for (unsigned i = 1; i < usable; i++) {
		rank_compare(c, k[i - 1], k[i], &why);
		k[i]->path->reason = (uint8_t)why;
		if (used < max && is_multipath(c, k[0], k[i])) {
			flags[i] |= PATH_MULTIPATH;
			flags[0] |= PATH_MULTIPATH;
			used++;
		}
	}
}

/* Writes flags and list order back. True: what is used changed. */
static bool settle(struct dest *d, struct rank **k, unsigned n, unsigned usable, uint16_t *flags)
{
	const uint16_t used = PATH_BEST | PATH_MULTIPATH;
	bool changed = d->flags & DEST_CHANGED;
	d->flags &= (uint16_t)~DEST_CHANGED;
	d->paths = n ? k[0]->handle : 0;
	for (unsigned i = 0; i < n; i++) {
		struct path *p = k[i]->path;
		changed |= (p->flags & used) != flags[i];
		p->flags = (uint16_t)((p->flags & ~(used | PATH_VALID)) | flags[i]);
		if (k[i]->usable)
			p->flags |= PATH_VALID;
		if (i >= usable)
			p->reason = REASON_NONE;
		p->next = i + 1 < n ? k[i + 1]->handle : 0;
	}
	return changed;
}

/* room: for n ranks; by and flags: for n of each. */
static bool decide_ranks(
    struct rib *r, struct dest *d, struct rank *room, struct rank **by, uint16_t *flags, unsigned n)
{
	unsigned usable = 0, i = 0;
	for (uint32_t h = d->paths; h; h = room[i++].path->next) {
		rank_fill(r, d, &room[i], h);
		usable += room[i].usable;
		by[i] = &room[i];
		flags[i] = 0;
	}
	order_by_source(by, n);
	if (usable) {
		order_by_rank(&r->cfg, by, usable);
		mark_best(&r->cfg, by, usable, flags);
	}
	return settle(d, by, n, usable, flags);
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

static bool decide_empty(struct rib *r, struct dest *d)
{
	bool changed = d->flags & DEST_CHANGED;
	r->work++;
	d->flags &= (uint16_t)~DEST_CHANGED;
	return changed;
}

bool decide(struct rib *r, struct dest *d)
{
	unsigned n = 0;
	if (!d->paths)
		return decide_empty(r, d);
	if (!path_at(r, d->paths)->next)
		return decide_alone(r, d);
	for (uint32_t h = d->paths; h; h = path_at(r, h)->next)
		n++;
	r->work += n + 1;
	if (n <= RANKS_ON_STACK) {
		struct rank room[RANKS_ON_STACK], *by[RANKS_ON_STACK];
		uint16_t flags[RANKS_ON_STACK];
		return decide_ranks(r, d, room, by, flags, n);
	}
	struct rank *room = mem_alloc(n * sizeof(*room)), **by = mem_alloc(n * sizeof(*by));
	uint16_t *flags = mem_alloc(n * sizeof(*flags));
	bool changed = decide_ranks(r, d, room, by, flags, n);
	mem_free(room);
	mem_free(by);
	mem_free(flags);
	return changed;
}
