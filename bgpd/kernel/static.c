/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Static routes: configured next hops, what they resolve to, and their way into the kernel.
 *
 * A static route is known by prefix and distance and has one or more next hops. Those that can be
 * reached make its entry in rt; without any it has none there, as in FRR. A next hop is a blackhole
 * or its like (always there), an interface (there if usable), a gateway on a given interface (the
 * gateway must lie in a subnet of it), or a gateway alone, which is looked up in rt: a connected
 * route leads to it directly, any other gives its own next hops (recursion, already resolved when
 * the entry is made).
 *
 * Since static routes may resolve over one another, a refresh goes over all of them until nothing
 * changes any more, but not for ever: circles end at the limit, with whatever holds then. A route
 * never resolves over its own prefix.
 *
 * Only the selected entry stands in the kernel; there are few, so each is asked for by itself.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "bgpd/kernel/private.h"

enum { PASSES_MAX = 16 };

struct static_route {
	struct list_head link;
	struct kernel_static pub;
	struct rt_nexthop *nexthops; /* pub.nexthops, writable */
};

void static_init(struct kernel *k)
{
	list_init(&k->statics.list[FAMILY_IPV4]);
	list_init(&k->statics.list[FAMILY_IPV6]);
}

static void route_free(struct static_route *s)
{
	mem_free(s->nexthops);
	mem_free(s);
}

void static_fini(struct kernel *k)
{
	struct static_route *s, *next;

	for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
		list_for_each_safe (s, next, &k->statics.list[f], link)
			route_free(s);
}

/* --- configuration --- */

static int key_cmp(const struct static_route *s, const struct prefix *p, uint8_t distance)
{
	int c = prefix_cmp(&s->pub.prefix, p);

	return c ? c : (int)s->pub.distance - distance;
}

/* The last one at or before the key, or the list's head: configuration mostly comes in order. */
static struct list_head *route_at(
    const struct kernel *k, const struct prefix *p, uint8_t distance, bool *exact)
{
	const struct list_head *head = &k->statics.list[p->family];
	struct list_head *at = head->prev;

	*exact = false;
	for (; at != head; at = at->prev) {
		int c = key_cmp(container_of(at, struct static_route, link), p, distance);
		*exact = c == 0;
		if (c <= 0)
			break;
	}
	return at;
}

static struct static_route *route_find(
    const struct kernel *k, const struct prefix *p, uint8_t distance)
{
	bool exact;
	struct list_head *at = route_at(k, p, distance, &exact);

	return exact ? container_of(at, struct static_route, link) : NULL;
}

static struct static_route *route_get(struct kernel *k, const struct prefix *p, uint8_t distance)
{
	bool exact;
	struct list_head *at = route_at(k, p, distance, &exact);

	if (exact)
		return container_of(at, struct static_route, link);
	struct static_route *s = mem_zalloc(sizeof(*s));
	s->pub.prefix = *p;
	s->pub.distance = distance;
	list_add_head(at, &s->link);
	return s;
}

static struct rt_nexthop *nexthop_find(struct static_route *s, const struct rt_nexthop *nh)
{
	for (uint16_t i = 0; i < s->pub.nexthop_count; i++) {
		struct rt_nexthop *known = &s->nexthops[i];
		if (addr_equal(&known->gate, &nh->gate) && known->special == nh->special &&
		    strcmp(known->ifname, nh->ifname) == 0)
			return known;
	}
	return NULL;
}

void kernel_static_set(struct kernel *k, const struct prefix *p, uint8_t distance, uint32_t tag,
    const struct rt_nexthop *nh)
{
	struct static_route *s = route_get(k, p, distance);
	struct rt_nexthop *known = nexthop_find(s, nh);

	s->pub.tag = tag;
	k->statics.dirty = true;
	kernel_wake(k);
	if (!known) {
		size_t count = ++s->pub.nexthop_count;
		s->nexthops = mem_realloc(s->nexthops, count * sizeof(s->nexthops[0]));
		s->pub.nexthops = s->nexthops;
		known = &s->nexthops[count - 1];
	}
	*known = *nh;
	known->active = false;
	known->weight = nh->weight ? nh->weight : 1;
}

static void entry_drop(struct kernel *k, const struct static_route *s)
{
	rt_unset(k, &(struct rt_route){
			.prefix = s->pub.prefix, .proto = RT_STATIC, .distance = s->pub.distance});
}

void kernel_static_unset(
    struct kernel *k, const struct prefix *p, uint8_t distance, const struct rt_nexthop *nh)
{
	struct static_route *s = route_find(k, p, distance);
	struct rt_nexthop *known = s ? nexthop_find(s, nh) : NULL;

	if (!known)
		return;
	size_t behind = (size_t)(s->nexthops + --s->pub.nexthop_count - known);
	memmove(known, known + 1, behind * sizeof(*known));
	k->statics.dirty = true;
	kernel_wake(k);
	if (s->pub.nexthop_count)
		return;
	entry_drop(k, s);
	list_del(&s->link);
	route_free(s);
}

const struct kernel_static *kernel_static_next(
    const struct kernel *k, enum family family, const struct kernel_static *after)
{
	const struct static_route *s;

	list_for_each (s, &k->statics.list[family], link)
		if (!after || key_cmp(s, &after->prefix, after->distance) > 0)
			return &s->pub;
	return NULL;
}

/* --- resolving --- */

/* Next hops that can be used, collected for an entry. */
struct found {
	struct rt_nexthop nh[KERNEL_MAX_NEXTHOPS];
	uint16_t count;
};

static void found_add(const struct kernel *k, struct found *f, const struct rt_nexthop *configured,
    uint32_t ifindex, const struct addr *via)
{
	const struct kernel_interface *ifp = kernel_interface(k, ifindex);

	if (f->count == KERNEL_MAX_NEXTHOPS)
		return;
	struct rt_nexthop *nh = &f->nh[f->count++];
	*nh = *configured;
	nh->ifindex = ifindex;
	nh->active = true;
	if (via)
		nh->via = *via;
	if (ifp)
		memcpy(nh->ifname, ifp->name, sizeof(nh->ifname));
}

static bool gate_is_on(const struct kernel_interface *i, const struct addr *gate)
{
	if (addr_is_link_local(gate) && gate->family == FAMILY_IPV6)
		return true;
	for (uint32_t n = 0; n < i->address_count; n++) {
		struct prefix p = interface_subnet(&i->addresses[n]);
		if (p.family == gate->family && prefix_has_addr(&p, gate))
			return true;
	}
	return false;
}

static void resolve_on_interface(
    const struct kernel *k, struct found *f, const struct rt_nexthop *nh)
{
	const struct kernel_interface *i = kernel_interface_named(k, nh->ifname);

	if (!i || !interface_usable(k, i->ifindex))
		return;
	if (!nh->gate.family || nh->onlink || gate_is_on(i, &nh->gate))
		found_add(k, f, nh, i->ifindex, NULL);
}

static void resolve_gate(
    const struct kernel *k, struct found *f, const struct rt_nexthop *nh, const struct prefix *own)
{
	const struct rt_route *r = rt_lookup(k, &nh->gate, true, own);

	if (!r || r->proto == RT_LOCAL)
		return;
	for (uint16_t i = 0; i < r->nexthop_count; i++) {
		const struct rt_nexthop *over = &r->nexthops[i];
		if (!over->active || over->special)
			continue;
		const struct addr *via = over->via.family ? &over->via : &over->gate;
		found_add(k, f, nh, over->ifindex, via->family ? via : NULL);
	}
}

/* Brings the entry in rt in line with what the next hops resolve to now. */
static void resolve(struct kernel *k, struct static_route *s)
{
	struct found f = {.count = 0};
	struct rt_route r = {
	    .prefix = s->pub.prefix,
	    .proto = RT_STATIC,
	    .distance = s->pub.distance,
	    .tag = s->pub.tag,
	    .nexthops = f.nh,
	};

	for (uint16_t i = 0; i < s->pub.nexthop_count; i++) {
		struct rt_nexthop *nh = &s->nexthops[i];
		uint16_t before = f.count;
		if (nh->special)
			found_add(k, &f, nh, 0, NULL);
		else if (nh->ifname[0])
			resolve_on_interface(k, &f, nh);
		else
			resolve_gate(k, &f, nh, &s->pub.prefix);
		nh->active = f.count > before;
	}
	r.nexthop_count = f.count;
	if (f.count)
		rt_set(k, &r);
	else
		entry_drop(k, s);
}

/* --- the kernel --- */

static void log_failure(const struct kernel *k, const char *what, const struct prefix *p, int error)
{
	char text[PREFIX_STRLEN];

	log_msg(k->log, LOG_ERR, NULL, 0, "kernel refuses to %s static route %s: %s", what,
	    prefix_str(p, text), strerror(error));
}

static uint8_t route_type(const struct rt_nexthop *nh)
{
	static const uint8_t types[] = {
	    [RT_UNICAST] = RTN_UNICAST,
	    [RT_BLACKHOLE] = RTN_BLACKHOLE,
	    [RT_UNREACHABLE] = RTN_UNREACHABLE,
	    [RT_PROHIBIT] = RTN_PROHIBIT,
	};
	return types[nh->special];
}

static uint32_t entry_group(struct kernel *k, const struct rt_entry *e)
{
	struct kernel_nexthop nh[KERNEL_MAX_NEXTHOPS];
	unsigned count = 0;

	if (e->pub.nexthops[0].special)
		return group_get_special(k, e->pub.nexthops[0].special);
	for (uint16_t i = 0; i < e->pub.nexthop_count; i++) {
		const struct rt_nexthop *from = &e->pub.nexthops[i];
		if (from->special)
			continue;
		nh[count].gate = from->via.family ? from->via : from->gate;
		nh[count].ifindex = from->ifindex;
		nh[count++].weight = from->weight;
	}
	return group_get(k, nh, count);
}

static void entry_install(struct kernel *k, struct rt_entry *e)
{
	uint32_t old = e->group;
	struct nlb b;

	if (!kernel_writes(k))
		return;
	e->group = entry_group(k, e);
	int error = e->group ? group_install(k, e->group) : ENOSPC;
	if (!error) {
		/* A BGP route for the prefix that is under way would replace ours. */
		netlink_settle(k->nl);
		kernel_route_start(k, &b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE,
		    &e->pub.prefix, PROTO_STATIC, route_type(&e->pub.nexthops[0]));
		group_encode(k, e->group, (enum family)e->pub.prefix.family, &b);
		error = netlink_ask(k->nl, b.buf);
	}
	group_put(k, old);
	e->pub.in_kernel = !error;
	e->pub.group = !error ? group_kernel_id(k, e->group) : 0;
	if (!error)
		return;
	group_put(k, e->group);
	e->group = GROUP_NONE;
	log_failure(k, "install", &e->pub.prefix, error);
}

static void entry_forget(struct kernel *k, struct rt_entry *e)
{
	group_put(k, e->group);
	e->group = GROUP_NONE;
	e->pub.group = 0;
	e->pub.in_kernel = false;
}

static void entry_uninstall(struct kernel *k, struct rt_entry *e)
{
	struct nlb b;

	if (!e->group || !kernel_writes(k))
		return;
	kernel_route_start(k, &b, RTM_DELROUTE, 0, &e->pub.prefix, PROTO_STATIC, RTN_UNSPEC);
	int error = netlink_ask(k->nl, b.buf);
	if (error && error != ESRCH && error != ENOENT && error != ENODEV)
		log_failure(k, "remove", &e->pub.prefix, error);
}

void static_switch(struct kernel *k, struct rt_entry *was, struct rt_entry *now)
{
	bool was_static = was && was->pub.proto == RT_STATIC;
	bool now_static = now && now->pub.proto == RT_STATIC;

	if (now_static)
		entry_install(k, now); /* replaces the other one, too */
	else if (was_static)
		entry_uninstall(k, was);
	if (was_static && was != now)
		entry_forget(k, was);
}

/* The entry of a static route that should be in the kernel; NULL: none. */
static struct rt_entry *standing(const struct kernel *k, const struct prefix *p)
{
	struct rt_entry *e = rt_selected(k, p);

	return e && e->pub.proto == RT_STATIC && e->group ? e : NULL;
}

void static_altered(struct kernel *k, const struct netlink_route *r, bool gone)
{
	struct rt_entry *e = standing(k, &r->prefix);

	if (!e || group_of(k, e->group)->lost)
		return;
	bool same = r->type == route_type(&e->pub.nexthops[0]) &&
		    (e->pub.nexthops[0].special || r->group == e->pub.group);
	if (gone || !same)
		entry_install(k, e);
}

bool static_seen(struct kernel *k, const struct netlink_route *r)
{
	struct rt_entry *e = standing(k, &r->prefix);

	if (e)
		e->seen = k->audit.round;
	return e != NULL;
}

/* All static routes that stand in the kernel, one a prefix. */
static void each_standing(struct kernel *k, void (*visit)(struct kernel *k, struct rt_entry *e))
{
	struct static_route *s;

	for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
		list_for_each (s, &k->statics.list[f], link) {
			struct rt_entry *e = standing(k, &s->pub.prefix);
			if (e && e->pub.distance == s->pub.distance)
				visit(k, e);
		}
}

static void install_if_unseen(struct kernel *k, struct rt_entry *e)
{
	if (e->seen != k->audit.round && !group_of(k, e->group)->lost)
		entry_install(k, e);
}

void static_audit_end(struct kernel *k)
{
	each_standing(k, install_if_unseen);
}

static void install_if_emptied(struct kernel *k, struct rt_entry *e)
{
	const struct nh_group *g = group_of(k, e->group);

	if (g->emptied && !g->lost)
		entry_install(k, e);
}

void static_refresh(struct kernel *k)
{
	struct static_route *s;

	for (int pass = 0; k->statics.dirty && pass < PASSES_MAX; pass++) {
		k->statics.dirty = false;
		for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
			list_for_each (s, &k->statics.list[f], link)
				resolve(k, s);
		if (!pass)
			each_standing(k, install_if_emptied);
	}
	k->statics.dirty = false;
}
