/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of routes that are not BGP's.
 *
 * A node stands for a prefix and lists its routes, newest first, as FRR's zebra lists them. One of
 * them is selected: the one of the lowest distance that has a usable next hop; among equals a
 * connected route wins over all others, then the lower metric, then the newer one. Nodes without
 * routes do not exist.
 *
 * A change of what is selected goes three ways at once: a static route is written to the kernel or
 * taken out, the BGP route of the same prefix is judged again, and the prefix is noted for the
 * listeners.
 *
 * Invariants: entries own their next hops; pub.order is unique and falls along the list; a node's
 * `selected` is on its list. The table never writes routes that it only read.
 */
#include <assert.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "bgpd/kernel/private.h"
#include "lib/clock.h"

enum { CHANGED_MAX = 64, KERNEL_DISTANCE_SHIFT = 24, KERNEL_METRIC_MASK = 0xffffff };

void rt_init(struct rt *rt)
{
	rt->trie[FAMILY_IPV4] = trie_new(FAMILY_IPV4);
	rt->trie[FAMILY_IPV6] = trie_new(FAMILY_IPV6);
	rt->nodes = slab_new(sizeof(struct rt_node));
	rt->changed = mem_alloc(CHANGED_MAX * sizeof(*rt->changed));
}

static void entry_free(struct rt_entry *e)
{
	mem_free((void *)e->pub.nexthops);
	mem_free(e);
}

static void node_free_entries(struct rt_node *n)
{
	struct rt_entry *e, *next;

	list_for_each_safe (e, next, &n->entries, link)
		entry_free(e);
}

void rt_fini(struct rt *rt)
{
	for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++) {
		struct prefix at;
		uint32_t h = trie_next(rt->trie[f], NULL, &at);
		for (; h; h = trie_next(rt->trie[f], &at, &at))
			node_free_entries(slab_ptr(rt->nodes, h));
		trie_free(rt->trie[f]);
	}
	slab_free(rt->nodes);
	mem_free(rt->changed);
}

/* --- reporting --- */

static void note_changed(struct kernel *k, const struct prefix *p)
{
	struct rt *rt = &k->rt;

	for (uint32_t i = 0; i < rt->changed_count; i++)
		if (prefix_contains(&rt->changed[i], p))
			return;
	if (rt->changed_count == CHANGED_MAX) {
		rt->changed[0] = (struct prefix){.family = FAMILY_IPV4};
		rt->changed[1] = (struct prefix){.family = FAMILY_IPV6};
		rt->changed_count = 2;
		return;
	}
	rt->changed[rt->changed_count++] = *p;
	kernel_wake(k);
}

void rt_report(struct kernel *k)
{
	struct prefix changed[CHANGED_MAX];
	uint32_t count = k->rt.changed_count;

	memcpy(changed, k->rt.changed, count * sizeof(changed[0]));
	k->rt.changed_count = 0;
	for (uint32_t i = 0; i < count && k->events.routes_changed; i++)
		k->events.routes_changed(k->ctx, &changed[i]);
}

/* --- nodes and selection --- */

static struct rt_node *node_find(const struct kernel *k, const struct prefix *p)
{
	uint32_t h = trie_find(k->rt.trie[p->family], p);

	return h ? slab_ptr(k->rt.nodes, h) : NULL;
}

static struct rt_node *node_get(struct kernel *k, const struct prefix *p)
{
	uint32_t *place = trie_insert(k->rt.trie[p->family], p);

	if (*place)
		return slab_ptr(k->rt.nodes, *place);
	*place = slab_get(k->rt.nodes);
	struct rt_node *n = slab_ptr(k->rt.nodes, *place);
	n->prefix = *p;
	list_init(&n->entries);
	return n;
}

static void node_drop_if_empty(struct kernel *k, struct rt_node *n)
{
	struct prefix p = n->prefix;

	if (!list_empty(&n->entries))
		return;
	slab_put(k->rt.nodes, trie_find(k->rt.trie[p.family], &p));
	trie_del(k->rt.trie[p.family], &p);
}

static bool usable(const struct rt_entry *e)
{
	for (uint16_t i = 0; i < e->pub.nexthop_count; i++)
		if (e->pub.nexthops[i].active)
			return true;
	return false;
}

/* Strictly better: on a tie the one that stands first, the newer one, stays. */
static bool better(const struct rt_entry *a, const struct rt_entry *b)
{
	if (a->pub.distance != b->pub.distance)
		return a->pub.distance < b->pub.distance;
	if ((a->pub.proto == RT_CONNECTED) != (b->pub.proto == RT_CONNECTED))
		return a->pub.proto == RT_CONNECTED;
	return a->pub.metric < b->pub.metric;
}

static struct rt_entry *best(const struct rt_node *n)
{
	struct rt_entry *e, *found = NULL;

	list_for_each (e, &n->entries, link)
		if (usable(e) && (!found || better(e, found)))
			found = e;
	return found;
}

/* Selects again after `touched` was added, changed or taken off the list. */
static void reselect(struct kernel *k, struct rt_node *n, struct rt_entry *touched)
{
	struct rt_entry *was = n->selected, *now = best(n);

	if (was == now && now != touched)
		return;
	n->selected = now;
	if (was)
		was->pub.selected = false;
	if (now)
		now->pub.selected = true;
	static_switch(k, was, now);
	k->statics.dirty = true;
	note_changed(k, &n->prefix);
	bgp_selection(k, &n->prefix);
}

/* --- changing --- */

static bool same_key(const struct rt_route *a, const struct rt_route *b)
{
	if (a->proto != b->proto)
		return false;
	if (a->proto == RT_CONNECTED || a->proto == RT_LOCAL)
		return a->nexthops[0].ifindex == b->nexthops[0].ifindex;
	return a->distance == b->distance && (a->proto == RT_STATIC || a->metric == b->metric);
}

static struct rt_entry *entry_find(const struct rt_node *n, const struct rt_route *key)
{
	struct rt_entry *e;

	list_for_each (e, &n->entries, link)
		if (same_key(&e->pub, key))
			return e;
	return NULL;
}

static bool same_nexthop(const struct rt_nexthop *a, const struct rt_nexthop *b)
{
	return addr_equal(&a->gate, &b->gate) && addr_equal(&a->via, &b->via) &&
	       a->ifindex == b->ifindex && a->special == b->special && a->weight == b->weight &&
	       a->active == b->active && a->onlink == b->onlink;
}

static bool same_content(const struct rt_route *a, const struct rt_route *b)
{
	if (a->tag != b->tag || a->nexthop_count != b->nexthop_count)
		return false;
	for (uint16_t i = 0; i < a->nexthop_count; i++)
		if (!same_nexthop(&a->nexthops[i], &b->nexthops[i]))
			return false;
	return true;
}

void rt_set(struct kernel *k, const struct rt_route *r)
{
	struct rt_node *n = node_get(k, &r->prefix);
	struct rt_entry *e = entry_find(n, r);

	assert(r->nexthop_count);
	if (e) {
		e->mark = k->rt.mark;
		if (same_content(&e->pub, r))
			return;
		mem_free((void *)e->pub.nexthops);
		list_del(&e->link);
	} else {
		e = mem_zalloc(sizeof(*e));
		e->mark = k->rt.mark;
		e->pub.in_kernel = r->in_kernel;
	}
	list_add_head(&n->entries, &e->link);
	e->pub.prefix = r->prefix;
	e->pub.proto = r->proto;
	e->pub.distance = r->distance;
	e->pub.metric = r->metric;
	e->pub.tag = r->tag;
	e->pub.since = clock_sec();
	e->pub.order = ++k->rt.order;
	e->pub.nexthop_count = r->nexthop_count;
	e->pub.nexthops = mem_dup(r->nexthops, r->nexthop_count * sizeof(r->nexthops[0]));
	reselect(k, n, e);
}

static void entry_remove(struct kernel *k, struct rt_node *n, struct rt_entry *e)
{
	list_del(&e->link);
	if (n->selected == e)
		reselect(k, n, e);
	entry_free(e);
	node_drop_if_empty(k, n);
}

void rt_unset(struct kernel *k, const struct rt_route *key)
{
	struct rt_node *n = node_find(k, &key->prefix);
	struct rt_entry *e = n ? entry_find(n, key) : NULL;

	if (e)
		entry_remove(k, n, e);
}

/* --- routes of others in the kernel --- */

static bool of_interest(const struct netlink_route *r)
{
	if (r->cloned || r->proto == RTPROT_KERNEL || r->proto == RTPROT_REDIRECT)
		return false;
	if (r->prefix.family == FAMILY_IPV6 && r->prefix.b[0] == 0xff && r->prefix.len >= 8)
		return false;
	return r->nexthop_count && (r->type == RTN_UNICAST || r->type == RTN_BLACKHOLE ||
				       r->type == RTN_UNREACHABLE || r->type == RTN_PROHIBIT);
}

/* Others' routes count while their link is up, carrier or not: the kernel uses them, too. */
static bool nexthop_active(const struct kernel *k, const struct rt_nexthop *nh)
{
	const struct kernel_interface *i = kernel_interface(k, nh->ifindex);

	return nh->special || (i && i->up);
}

void rt_kernel_route(struct kernel *k, const struct netlink_route *r, bool gone)
{
	struct rt_nexthop nh[KERNEL_MAX_NEXTHOPS];
	struct rt_route route = {
	    .prefix = r->prefix,
	    .proto = RT_KERNEL,
	    .distance = (uint8_t)(r->metric >> KERNEL_DISTANCE_SHIFT),
	    .metric = r->metric & KERNEL_METRIC_MASK,
	    .in_kernel = true,
	    .nexthop_count = r->nexthop_count,
	    .nexthops = nh,
	};

	if (!of_interest(r))
		return;
	memcpy(nh, r->nexthops, r->nexthop_count * sizeof(nh[0]));
	for (uint16_t i = 0; i < r->nexthop_count; i++) {
		const struct kernel_interface *ifp = kernel_interface(k, nh[i].ifindex);
		nh[i].active = nexthop_active(k, &nh[i]);
		if (ifp)
			memcpy(nh[i].ifname, ifp->name, sizeof(nh[i].ifname));
	}
	if (gone)
		rt_unset(k, &route);
	else
		rt_set(k, &route);
}

void rt_dump_start(struct kernel *k)
{
	k->rt.mark++;
}

/* The first kernel route of the node that `drop` wants gone. */
static struct rt_entry *find_kernel_entry(const struct kernel *k, const struct rt_node *n,
    bool (*drop)(const struct kernel *k, const struct rt_entry *e, uint32_t arg), uint32_t arg)
{
	struct rt_entry *e;

	list_for_each (e, &n->entries, link)
		if (e->pub.proto == RT_KERNEL && drop(k, e, arg))
			return e;
	return NULL;
}

static void drop_kernel_entries(struct kernel *k, enum family f,
    bool (*drop)(const struct kernel *k, const struct rt_entry *e, uint32_t arg), uint32_t arg)
{
	struct prefix at;
	struct rt_node *n;

	for (uint32_t h = trie_next(k->rt.trie[f], NULL, &at); h;
	     h = trie_next(k->rt.trie[f], &at, &at)) {
		struct rt_entry *e;
		while ((n = node_find(k, &at)) && (e = find_kernel_entry(k, n, drop, arg)))
			entry_remove(k, n, e);
	}
}

static bool not_dumped(const struct kernel *k, const struct rt_entry *e, uint32_t arg)
{
	(void)arg;
	return e->mark != k->rt.mark;
}

void rt_dump_end(struct kernel *k, enum family f)
{
	drop_kernel_entries(k, f, not_dumped, 0);
}

/* All of its next hops use this interface. */
static bool leaves_with(const struct kernel *k, const struct rt_entry *e, uint32_t ifindex)
{
	(void)k;
	for (uint16_t i = 0; i < e->pub.nexthop_count; i++)
		if (e->pub.nexthops[i].special || e->pub.nexthops[i].ifindex != ifindex)
			return false;
	return true;
}

/* Judges a kernel route's next hops again: true if any is another now. */
static bool judge(struct kernel *k, struct rt_entry *e)
{
	struct rt_nexthop *nh = (struct rt_nexthop *)e->pub.nexthops;
	bool changed = false;

	for (uint16_t i = 0; i < e->pub.nexthop_count; i++) {
		bool active = nexthop_active(k, &nh[i]);
		changed |= active != nh[i].active;
		nh[i].active = active;
	}
	return changed;
}

void rt_interface(struct kernel *k, uint32_t ifindex, bool gone)
{
	if (gone)
		drop_kernel_entries(k, FAMILY_IPV4, leaves_with, ifindex);
	for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++) {
		struct prefix at;
		uint32_t h = trie_next(k->rt.trie[f], NULL, &at);
		for (; h; h = trie_next(k->rt.trie[f], &at, &at)) {
			struct rt_node *n = slab_ptr(k->rt.nodes, h);
			struct rt_entry *e;
			list_for_each (e, &n->entries, link)
				if (e->pub.proto == RT_KERNEL && judge(k, e))
					reselect(k, n, e);
		}
	}
}

/* --- reading --- */

const struct rt_route *kernel_route_next(
    const struct kernel *k, enum family family, const struct rt_route *after)
{
	struct prefix at;
	struct rt_node *n = after ? node_find(k, &after->prefix) : NULL;
	struct rt_entry *e;

	if (n)
		list_for_each (e, &n->entries, link)
			if (e->pub.order < after->order)
				return &e->pub;
	uint32_t h = trie_next(k->rt.trie[family], after ? &after->prefix : NULL, &at);
	if (!h)
		return NULL;
	n = slab_ptr(k->rt.nodes, h);
	return &container_of(n->entries.next, struct rt_entry, link)->pub;
}

struct rt_entry *rt_selected(const struct kernel *k, const struct prefix *p)
{
	struct rt_node *n = node_find(k, p);

	return n ? n->selected : NULL;
}

bool rt_beats(const struct kernel *k, const struct prefix *p, uint8_t distance)
{
	const struct rt_entry *e = rt_selected(k, p);

	return e && e->pub.distance <= distance;
}

const struct rt_route *kernel_route_find(const struct kernel *k, const struct prefix *p)
{
	const struct rt_entry *e = rt_selected(k, p);

	return e ? &e->pub : NULL;
}

bool kernel_route_exists(const struct kernel *k, const struct prefix *p)
{
	return rt_selected(k, p) != NULL;
}

const struct rt_route *rt_lookup(
    const struct kernel *k, const struct addr *a, bool with_default, const struct prefix *except)
{
	const struct trie *t = k->rt.trie[a->family];
	struct prefix at, above;

	for (uint32_t h = trie_match(t, a, &at); h; h = trie_match_above(t, &above, &at)) {
		above = at;
		const struct rt_node *n = slab_ptr(k->rt.nodes, h);
		if (!at.len && !with_default)
			return NULL;
		if (n->selected && !(except && prefix_equal(except, &at)))
			return &n->selected->pub;
	}
	return NULL;
}

const struct rt_route *kernel_route_match(
    const struct kernel *k, const struct addr *a, bool with_default)
{
	return rt_lookup(k, a, with_default, NULL);
}

/* Next hops of a route that leads to a, ready for the kernel. */
static unsigned resolve_over(
    const struct rt_route *r, const struct addr *a, struct kernel_nexthop *out, unsigned max)
{
	unsigned n = 0;

	for (uint16_t i = 0; i < r->nexthop_count && n < max; i++) {
		const struct rt_nexthop *nh = &r->nexthops[i];
		if (!nh->active || nh->special)
			continue;
		out[n].gate = nh->via.family ? nh->via : nh->gate.family ? nh->gate : *a;
		out[n].ifindex = nh->ifindex;
		out[n].weight = nh->weight;
		n++;
	}
	return n;
}

unsigned kernel_resolve(const struct kernel *k, const struct addr *a, bool connected_only,
    struct kernel_nexthop *out, unsigned max, const struct rt_route **route)
{
	const struct rt_route *r = rt_lookup(k, a, true, NULL);

	if (route)
		*route = r;
	if (!r || r->proto == RT_LOCAL || (connected_only && r->proto != RT_CONNECTED))
		return 0;
	return resolve_over(r, a, out, max);
}
