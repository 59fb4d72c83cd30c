/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Views of routes, gathered from where they are kept.
 *
 * zebra's next hops are a list in which a recursive one is followed by what it resolves to; one
 * that leads where an earlier one leads already is a duplicate and not in the kernel. A BGP route
 * whose next hop is resolved by the route itself is inactive, unless it is a host route. Nothing
 * here is kept: views are made for a printer and forgotten.
 */
#include <stdlib.h>
#include <string.h>

#include "bgpd/cmd/show_rt.h"
#include "bgpd/instance.h"

const char *rt_kind_name(enum rt_kind kind)
{
	static const char *const names[] = {
	    [RT_KIND_KERNEL] = "kernel",
	    [RT_KIND_CONNECTED] = "connected",
	    [RT_KIND_LOCAL] = "local",
	    [RT_KIND_STATIC] = "static",
	    [RT_KIND_BGP] = "bgp",
	};
	return names[kind];
}

/* ---- next hops ---- */

static struct rt_hop *hop_add(struct rt_view *v)
{
	if (v->hop_count == RT_VIEW_HOPS)
		return NULL;
	return memset(&v->hops[v->hop_count++], 0, sizeof(struct rt_hop));
}

static void hop_interface(const struct kernel *k, struct rt_hop *h, uint32_t ifindex)
{
	const struct kernel_interface *i = kernel_interface(k, ifindex);

	h->ifindex = ifindex;
	if (i)
		memcpy(h->ifname, i->name, sizeof(h->ifname));
}

/* In the kernel, unless an earlier one is the same. */
static void hop_mark(const struct rt_view *v, struct rt_hop *h)
{
	h->flags |= RT_HOP_ACTIVE;
	for (const struct rt_hop *o = v->hops; o < h; o++)
		if ((o->flags & RT_HOP_FIB) && o->ifindex == h->ifindex &&
		    o->special == h->special && addr_equal(&o->gate, &h->gate)) {
			h->flags |= RT_HOP_DUPLICATE;
			return;
		}
	h->flags |= RT_HOP_FIB;
}

/* ---- routes that are not BGP's ---- */

static bool is_recursive(const struct rt_nexthop *nh)
{
	return nh->via.family != FAMILY_NONE && !nh->special;
}

/* The kernel room lists a recursive gateway once for each way to it; here it stands above them. */
static void add_recursive(
    struct rt_view *v, const struct rt_nexthop *nh, const struct rt_nexthop *before)
{
	struct rt_hop *h;

	if (before && is_recursive(before) && addr_equal(&before->gate, &nh->gate))
		return;
	h = hop_add(v);
	if (!h)
		return;
	h->gate = nh->gate;
	h->weight = nh->weight;
	h->flags = RT_HOP_ACTIVE | RT_HOP_RECURSIVE;
}

static void add_rt_hop(struct rt_view *v, const struct kernel *k, const struct rt_nexthop *nh,
    const struct rt_nexthop *before)
{
	bool recursive = is_recursive(nh);
	struct rt_hop *h;

	if (recursive)
		add_recursive(v, nh, before);
	h = hop_add(v);
	if (!h)
		return;
	h->gate = recursive ? nh->via : nh->gate;
	h->special = nh->special;
	h->weight = nh->weight;
	h->resolver = recursive;
	if (!nh->special)
		hop_interface(k, h, nh->ifindex);
	if (nh->active)
		hop_mark(v, h);
	if (nh->onlink)
		h->flags |= RT_HOP_ONLINK;
}

static void view_rt(
    const struct kernel *k, const struct rt_route *r, bool beaten, struct rt_view *v)
{
	static const uint8_t kinds[] = {
	    [RT_CONNECTED] = RT_KIND_CONNECTED,
	    [RT_LOCAL] = RT_KIND_LOCAL,
	    [RT_KERNEL] = RT_KIND_KERNEL,
	    [RT_STATIC] = RT_KIND_STATIC,
	};
	bool selected = r->selected && !beaten;

	v->prefix = r->prefix;
	v->kind = kinds[r->proto];
	v->distance = r->distance;
	v->metric = r->metric;
	v->tag = r->tag;
	v->since = r->since;
	v->group = r->group;
	v->flags = r->proto == RT_STATIC ? RT_RECURSION | RT_RR_DISTANCE : 0;
	v->flags |= selected ? RT_SELECTED : 0;
	v->status = r->in_kernel ? RT_INSTALLED : selected ? RT_QUEUED : 0;
	v->hop_count = 0;
	for (uint16_t i = 0; i < r->nexthop_count; i++)
		add_rt_hop(v, k, &r->nexthops[i], i ? &r->nexthops[i - 1] : NULL);
}

/* ---- BGP's ---- */

static void add_resolved(
    struct rt_view *v, const struct kernel *k, const struct nht_entry *e, bool recursive)
{
	for (unsigned i = 0; i < e->nexthop_count; i++) {
		const struct kernel_nexthop *nh = &e->nexthops[i];
		struct rt_hop *h = hop_add(v);

		if (!h)
			return;
		h->gate = nh->gate;
		h->weight = nh->weight ? nh->weight : 1;
		h->resolver = recursive;
		hop_interface(k, h, nh->ifindex);
		hop_mark(v, h);
	}
}

static void add_bgp_hop(struct rt_view *v, const struct kernel *k, const struct nht_entry *e)
{
	bool own = prefix_equal(&e->via, &v->prefix) &&
		   v->prefix.len < family_bits((enum family)v->prefix.family);

	if (own || !e->connected) {
		struct rt_hop *h = hop_add(v);
		if (!h)
			return;
		h->gate = e->addr;
		h->weight = 1;
		if (own || !e->nexthop_count)
			return;
		h->flags = RT_HOP_ACTIVE | RT_HOP_RECURSIVE;
	}
	add_resolved(v, k, e, !e->connected);
}

static int compare_entries(const void *a, const void *b)
{
	const struct nht_entry *x = *(const struct nht_entry *const *)a;
	const struct nht_entry *y = *(const struct nht_entry *const *)b;
	int c = addr_cmp(&x->addr, &y->addr);

	return c ? c : (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

/* zebra lists the next hops of a group by address. */
static void add_bgp_hops(
    struct rt_view *v, const struct instance *inst, const struct rib *r, const struct path *p)
{
	const struct nht_entry *used[KERNEL_MAX_NEXTHOPS];
	unsigned n = 0;

	for (; p && n < KERNEL_MAX_NEXTHOPS; p = rib_path(r, p->next))
		if (p->nexthop && (p->flags & (PATH_BEST | PATH_MULTIPATH)))
			used[n++] = nht_entry(inst->nht, p->nexthop);
	qsort(used, n, sizeof(used[0]), compare_entries);
	for (unsigned i = 0; i < n; i++)
		if (!i || used[i] != used[i - 1])
			add_bgp_hop(v, inst->kernel, used[i]);
}

static uint8_t bgp_status(const struct rt_view *v, enum kernel_bgp_state state)
{
	static const uint8_t statuses[] = {
	    [KERNEL_BGP_NONE] = 0,
	    [KERNEL_BGP_QUEUED] = RT_QUEUED,
	    [KERNEL_BGP_INSTALLED] = RT_INSTALLED,
	    [KERNEL_BGP_FAILED] = RT_FAILED,
	    [KERNEL_BGP_HIDDEN] = 0,
	};

	for (unsigned i = 0; i < v->hop_count; i++)
		if (v->hops[i].flags & RT_HOP_ACTIVE)
			return statuses[state];
	return RT_CHANGED;
}

static uint8_t bgp_flags(const struct rib *r, const struct path *p, bool selected)
{
	uint8_t flags = selected ? RT_SELECTED : 0;

	if (rib_source(r, p)->kind == SOURCE_IBGP)
		flags |= RT_RECURSION | RT_IBGP;
	for (; p; p = rib_path(r, p->next))
		if ((p->flags & (PATH_BEST | PATH_MULTIPATH)) && rib_source(r, p)->multihop)
			flags |= RT_RECURSION;
	return flags;
}

/* False: the destination has no route for the kernel (its best path is the router's own). */
static bool view_bgp(
    const struct instance *inst, const struct rib *r, const struct dest *d, struct rt_view *v)
{
	const struct path *best = rib_best(r, d);
	const struct rib_cfg *cfg = rib_cfg(r);
	enum kernel_bgp_state state;
	struct attr_set attrs;

	if (!best || !best->nexthop)
		return false;
	state = kernel_bgp_state(inst->kernel, rib_dest_kernel(r, d));
	attr_view(inst->attrs, rib_path_attrs(r, best), &attrs);
	v->prefix = rib_dest_prefix(r, d);
	v->kind = RT_KIND_BGP;
	v->distance =
	    rib_source(r, best)->kind == SOURCE_EBGP ? cfg->distance_ebgp : cfg->distance_ibgp;
	v->metric = attrs.have & ATTR_BIT(ATTR_MED) ? attrs.med : 0;
	v->tag = 0;
	v->since = best->since;
	v->group = kernel_bgp_group(inst->kernel, rib_dest_kernel(r, d));
	v->flags = bgp_flags(r, best, state != KERNEL_BGP_HIDDEN);
	v->hop_count = 0;
	add_bgp_hops(v, inst, r, best);
	v->status = bgp_status(v, state);
	if (v->status & RT_CHANGED)
		v->flags &= (uint8_t)~RT_SELECTED;
	return true;
}

/* ---- walking ---- */

static const struct rib *rib_of(const struct instance *inst, enum family f)
{
	return inst->bgp ? inst->bgp->rib[f] : NULL;
}

static bool wants(const struct rt_filter *f, enum rt_kind kind)
{
	return f->all_kinds || f->kind == kind;
}

static bool wants_others(const struct rt_filter *f)
{
	return f->all_kinds || f->kind != RT_KIND_BGP;
}

static bool next_rt(const struct instance *inst, const struct rt_walk *w, struct prefix *found)
{
	const struct prefix *within = &w->filter->within;
	/* Of a prefix that was done no route is wanted any more; of the first one all are. */
	struct rt_route after = {
	    .prefix = w->begun ? w->at : *within, .order = w->begun ? 0 : UINT32_MAX};
	bool from_start = !w->begun && within->family == FAMILY_NONE;
	const struct rt_route *r;

	if (!wants_others(w->filter))
		return false;
	r = kernel_route_next(inst->kernel, w->family, from_start ? NULL : &after);
	if (!r || (within->family && !prefix_contains(within, &r->prefix)))
		return false;
	*found = r->prefix;
	return true;
}

static bool next_bgp(const struct instance *inst, const struct rt_walk *w, struct prefix *found)
{
	const struct prefix *within = &w->filter->within;
	const struct rib *r = rib_of(inst, w->family);
	const struct dest *d;

	if (!r || !wants(w->filter, RT_KIND_BGP))
		return false;
	d = rib_next(r, within->family ? within : NULL, w->begun ? &w->at : NULL);
	if (!d)
		return false;
	*found = rib_dest_prefix(r, d);
	return true;
}

bool rt_walk_next(const struct instance *inst, struct rt_walk *w)
{
	struct prefix rt, bgp;
	bool has_rt = next_rt(inst, w, &rt), has_bgp = next_bgp(inst, w, &bgp);

	if (!has_rt && !has_bgp)
		return false;
	w->at = has_rt && (!has_bgp || prefix_cmp(&rt, &bgp) <= 0) ? rt : bgp;
	w->begun = true;
	return true;
}

static bool passes(const struct rt_filter *f, const struct rt_view *v)
{
	if (f->installed && (!(v->flags & RT_SELECTED) || !(v->status & RT_INSTALLED)))
		return false;
	if (f->failed && !(v->status & RT_FAILED))
		return false;
	if (f->supernets && v->prefix.len >= prefix_classful_len(&v->prefix))
		return false;
	return wants(f, v->kind) && (!f->tag || f->tag == v->tag);
}

/* The first (newest) route of exactly p that is not BGP's. */
static const struct rt_route *first_rt(const struct instance *inst, const struct prefix *p)
{
	struct rt_route after = {.prefix = *p, .order = UINT32_MAX};
	const struct rt_route *r = kernel_route_next(inst->kernel, (enum family)p->family, &after);

	return r && prefix_equal(&r->prefix, p) ? r : NULL;
}

static const struct rt_route *following(const struct instance *inst, const struct rt_route *r)
{
	const struct rt_route *next =
	    kernel_route_next(inst->kernel, (enum family)r->prefix.family, r);

	return next && prefix_equal(&next->prefix, &r->prefix) ? next : NULL;
}

static bool bgp_at(const struct instance *inst, const struct prefix *p, struct rt_view *v)
{
	const struct rib *r = rib_of(inst, (enum family)p->family);
	const struct dest *d = r ? rib_find(r, p) : NULL;

	return d && view_bgp(inst, r, d, v);
}

static void give(const struct rt_walk *w, const struct rt_view *v, rt_each *each, void *ctx)
{
	if (passes(w->filter, v))
		each(ctx, v);
}

void rt_walk_routes(const struct instance *inst, const struct rt_walk *w, struct rt_view *v,
    rt_each *each, void *ctx)
{
	bool bgp = bgp_at(inst, &w->at, v), beaten = bgp && (v->flags & RT_SELECTED);
	uint32_t bgp_since = bgp ? v->since : 0;

	for (const struct rt_route *r = first_rt(inst, &w->at); r; r = following(inst, r)) {
		if (bgp && bgp_since >= r->since) {
			give(w, v, each, ctx);
			bgp = false;
		}
		/* The scratch is one: an older BGP route is gathered again behind this. */
		view_rt(inst->kernel, r, beaten, v);
		give(w, v, each, ctx);
		if (bgp)
			bgp_at(inst, &w->at, v);
	}
	if (bgp)
		give(w, v, each, ctx);
}

bool rt_view_selected(const struct instance *inst, const struct prefix *p, struct rt_view *v)
{
	const struct rt_route *r;

	if (bgp_at(inst, p, v) && (v->flags & RT_SELECTED))
		return true;
	r = kernel_route_find(inst->kernel, p);
	if (r)
		view_rt(inst->kernel, r, false, v);
	return r != NULL;
}

bool rt_has(const struct instance *inst, const struct prefix *p)
{
	const struct rib *r = rib_of(inst, (enum family)p->family);
	const struct dest *d = r ? rib_find(r, p) : NULL;
	const struct path *best = d ? rib_best(r, d) : NULL;

	return (best && best->nexthop) || first_rt(inst, p);
}

bool rt_match(const struct instance *inst, const struct addr *a, struct prefix *found)
{
	struct prefix p = prefix_from_addr(a);

	for (int len = p.len; len >= 0; len--) {
		p.len = (uint8_t)len;
		prefix_mask(&p);
		if (rt_has(inst, &p)) {
			*found = p;
			return true;
		}
	}
	return false;
}
