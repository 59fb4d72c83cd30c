/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces and their addresses, and the connected and local routes that follow from them.
 *
 * A link is known by its index; its name may change. It is usable when it is up and running (has a
 * carrier), and only a usable one has routes: for each address a connected route of its subnet, and
 * a local host route, but for link-local IPv6, as FRR has them. The loopback's own 127.0.0.1 and
 * ::1 are left out.
 *
 * After each change the set of routes is made anew and compared with what stands in rt, so that no
 * order of events can leave one behind. Addresses themselves are kept by address.c.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bgpd/kernel/private.h"
#include "lib/clock.h"
#include "lib/hash.h"

/* A router may have thousands of interfaces, and each set of attributes that is sent asks which of
 * them leads to its next hop; there are few different ones, so the answers are kept. */
enum { WAYS = 256 };
struct way {
	struct addr to; /* family NONE: the place is free */
	const struct kernel_interface *via;
};

void interface_init(struct kernel *k)
{
	k->ifs.ways = mem_zalloc(WAYS * sizeof(struct way));
	list_init(&k->ifs.list);
	list_init(&k->ifs.wanted);
}

static void interface_free(struct interface *i)
{
	mem_free(i->addresses);
	mem_free(i->marks);
	mem_free(i->routes);
	mem_free(i);
}

void interface_fini(struct kernel *k)
{
	struct interface *i, *i_next;
	struct wanted *w, *w_next;

	list_for_each_safe (i, i_next, &k->ifs.list, link)
		interface_free(i);
	list_for_each_safe (w, w_next, &k->ifs.wanted, link)
		mem_free(w);
	mem_free(k->ifs.changed);
	mem_free(k->ifs.ways);
}

/* --- finding --- */

struct interface *interface_by_index(const struct kernel *k, uint32_t ifindex)
{
	struct interface *i;

	list_for_each (i, &k->ifs.list, link)
		if (i->pub.ifindex == ifindex)
			return i;
	return NULL;
}

struct interface *interface_by_name(const struct kernel *k, const char *name)
{
	struct interface *i;

	list_for_each (i, &k->ifs.list, link)
		if (strcmp(i->pub.name, name) == 0)
			return i;
	return NULL;
}

/* Runs of digits compare by value. */
static int name_cmp(const char *a, const char *b)
{
	while (*a && *b) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			char *a_end, *b_end;
			unsigned long x = strtoul(a, &a_end, 10), y = strtoul(b, &b_end, 10);
			if (x != y)
				return x < y ? -1 : 1;
			a = a_end;
			b = b_end;
		} else if (*a != *b) {
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		} else {
			a++;
			b++;
		}
	}
	return *a ? 1 : *b ? -1 : 0;
}

/* Full order: names that only differ in leading zeros are told apart too. */
static int name_order(const char *a, const char *b)
{
	int c = name_cmp(a, b);

	return c ? c : strcmp(a, b);
}

static void list_in_order(struct kernel *k, struct interface *i)
{
	struct interface *other;

	list_for_each (other, &k->ifs.list, link)
		if (name_order(other->pub.name, i->pub.name) > 0)
			break;
	list_add_before(&other->link, &i->link);
}

const struct kernel_interface *kernel_interface_next(const struct kernel *k, const char *after)
{
	struct interface *i;

	list_for_each (i, &k->ifs.list, link)
		if (!after || name_order(i->pub.name, after) > 0)
			return &i->pub;
	return NULL;
}

const struct kernel_interface *kernel_interface(const struct kernel *k, uint32_t ifindex)
{
	struct interface *i = interface_by_index(k, ifindex);

	return i ? &i->pub : NULL;
}

const struct kernel_interface *kernel_interface_named(const struct kernel *k, const char *name)
{
	struct interface *i = interface_by_name(k, name);

	return i ? &i->pub : NULL;
}

static bool usable(const struct kernel_interface *i)
{
	return i->up && i->running;
}

bool interface_usable(const struct kernel *k, uint32_t ifindex)
{
	const struct interface *i = interface_by_index(k, ifindex);

	return i && usable(&i->pub);
}

const struct kernel_interface *kernel_interface_of(const struct kernel *k, const struct addr *a)
{
	struct interface *i;

	list_for_each (i, &k->ifs.list, link)
		for (uint32_t n = 0; n < i->pub.address_count; n++) {
			struct addr own = prefix_addr(&i->addresses[n].prefix);
			if (addr_equal(&own, a))
				return &i->pub;
		}
	return NULL;
}

/* The prefix that an address makes reachable: the other end's, or the subnet. */
struct prefix interface_subnet(const struct kernel_address *a)
{
	struct prefix p = a->peer.family ? a->peer : a->prefix;

	prefix_mask(&p);
	return p;
}

void interface_forget_ways(struct kernel *k)
{
	memset(k->ifs.ways, 0, WAYS * sizeof(struct way));
}

static const struct kernel_interface *search_way(const struct kernel *k, const struct addr *a)
{
	const struct kernel_interface *found = NULL;
	struct interface *i;
	uint8_t len = 0;

	list_for_each (i, &k->ifs.list, link) {
		if (!usable(&i->pub))
			continue;
		for (uint32_t n = 0; n < i->pub.address_count; n++) {
			struct prefix p = interface_subnet(&i->addresses[n]);
			if (p.family != a->family || !prefix_has_addr(&p, a) ||
			    (found && p.len <= len))
				continue;
			found = &i->pub;
			len = p.len;
		}
	}
	return found;
}

const struct kernel_interface *kernel_interface_to(const struct kernel *k, const struct addr *a)
{
	struct way *w = &k->ifs.ways[hash_bytes(a->b, family_bytes(a->family)) % WAYS];

	if (a->family == FAMILY_NONE)
		return NULL;
	if (!addr_equal(&w->to, a))
		*w = (struct way){*a, search_way(k, a)};
	return w->via;
}

/* --- reporting --- */

void interface_changed(struct kernel *k, uint32_t ifindex)
{
	struct interfaces *s = &k->ifs;

	for (uint32_t n = 0; n < s->changed_count; n++)
		if (s->changed[n] == ifindex)
			return;
	if (s->changed_count == s->changed_room) {
		s->changed_room = s->changed_room ? s->changed_room * 2 : 16;
		s->changed = mem_realloc(s->changed, s->changed_room * sizeof(s->changed[0]));
	}
	s->changed[s->changed_count++] = ifindex;
	kernel_wake(k);
}

void interface_report(struct kernel *k)
{
	uint32_t *changed = k->ifs.changed, count = k->ifs.changed_count;

	k->ifs.changed = NULL;
	k->ifs.changed_count = k->ifs.changed_room = 0;
	for (uint32_t n = 0; n < count && k->events.interface_changed; n++)
		k->events.interface_changed(k->ctx, changed[n]);
	mem_free(changed);
}

/* --- connected and local routes --- */

static void route_of(const struct kernel_interface *i, const struct interface_route *r,
    struct rt_nexthop *nh, struct rt_route *out)
{
	*nh = (struct rt_nexthop){.ifindex = i->ifindex, .weight = 1, .active = true};
	memcpy(nh->ifname, i->name, sizeof(nh->ifname));
	*out = (struct rt_route){
	    .prefix = r->prefix,
	    .proto = r->proto,
	    .in_kernel = true,
	    .nexthop_count = 1,
	    .nexthops = nh,
	};
}

static bool has_route(
    const struct interface_route *routes, uint32_t count, const struct interface_route *r)
{
	for (uint32_t n = 0; n < count; n++)
		if (routes[n].proto == r->proto && prefix_equal(&routes[n].prefix, &r->prefix))
			return true;
	return false;
}

/* What the interface's addresses ask for; the array has room for two routes an address. */
static uint32_t wanted_routes(const struct interface *i, struct interface_route *out)
{
	uint32_t count = 0;

	for (uint32_t n = 0; usable(&i->pub) && n < i->pub.address_count; n++) {
		const struct kernel_address *a = &i->addresses[n];
		struct addr own = prefix_addr(&a->prefix);
		struct interface_route r = {.prefix = interface_subnet(a), .proto = RT_CONNECTED};
		if (!has_route(out, count, &r))
			out[count++] = r;
		r = (struct interface_route){.prefix = prefix_from_addr(&own), .proto = RT_LOCAL};
		bool link_local = own.family == FAMILY_IPV6 && addr_is_link_local(&own);
		if (!link_local && !has_route(out, count, &r))
			out[count++] = r;
	}
	return count;
}

void interface_routes(struct kernel *k, struct interface *i)
{
	struct interface_route *was = i->routes;
	uint32_t was_count = i->route_count;
	struct rt_nexthop nh;
	struct rt_route r;

	i->routes = mem_alloc((i->pub.address_count * 2 + 1) * sizeof(*i->routes));
	i->route_count = wanted_routes(i, i->routes);
	for (uint32_t n = 0; n < was_count; n++) {
		route_of(&i->pub, &was[n], &nh, &r);
		if (!has_route(i->routes, i->route_count, &was[n]))
			rt_unset(k, &r);
	}
	for (uint32_t n = 0; n < i->route_count; n++) {
		route_of(&i->pub, &i->routes[n], &nh, &r);
		rt_set(k, &r);
	}
	mem_free(was);
}

/* --- links --- */

/* The link turned usable or ceased to be. */
static void turned(struct kernel *k, struct interface *i, bool now)
{
	struct kernel_interface *pub = &i->pub;

	if (now) {
		pub->up_count++;
		pub->last_up = clock_epoch();
		pub->speed = netlink_speed(k->nl, pub->name);
	} else {
		pub->down_count++;
		pub->last_down = clock_epoch();
	}
	group_interface(k, pub->ifindex, now);
	interface_routes(k, i);
	rt_interface(k, pub->ifindex, !pub->up);
	if (!now)
		return;
	address_apply(k, i);
	bgp_retry(k);
}

/* Takes over what the kernel says about the link; what is counted or kept here stays. */
static void take_over(struct interface *i, const struct kernel_interface *data)
{
	struct kernel_interface old = i->pub;

	i->pub = *data;
	i->pub.speed = old.speed;
	i->pub.up_count = old.up_count;
	i->pub.down_count = old.down_count;
	i->pub.last_up = old.last_up;
	i->pub.last_down = old.last_down;
	i->pub.address_count = old.address_count;
	i->pub.addresses = old.addresses;
}

static void link_gone(struct kernel *k, struct interface *i)
{
	uint32_t ifindex = i->pub.ifindex;

	interface_forget_ways(k);
	i->pub.up = i->pub.running = false;
	group_interface(k, ifindex, false);
	interface_routes(k, i);
	list_del(&i->link);
	interface_free(i);
	rt_interface(k, ifindex, true);
	interface_changed(k, ifindex);
}

/* What listeners may care about; the kernel speaks of a link more often than it changes. */
static bool same_link(const struct kernel_interface *a, const struct kernel_interface *b)
{
	return strcmp(a->name, b->name) == 0 && a->flags == b->flags && a->mtu == b->mtu &&
	       a->mtu6 == b->mtu6 && a->master == b->master && a->protodown == b->protodown &&
	       memcmp(a->mac, b->mac, sizeof(a->mac)) == 0;
}

/* The name went to another link: what we know under it is out of date, its end is on the way. */
static void free_name(struct kernel *k, const struct kernel_interface *data)
{
	struct interface *other = interface_by_name(k, data->name);

	if (other && other->pub.ifindex != data->ifindex)
		link_gone(k, other);
}

static void link_new(struct kernel *k, const struct kernel_interface *data)
{
	struct interface *i = mem_zalloc(sizeof(*i));

	i->pub = *data;
	i->pub.speed = netlink_speed(k->nl, data->name);
	i->dump_mark = k->ifs.dump_mark;
	list_in_order(k, i);
	interface_forget_ways(k);
	rt_interface(k, data->ifindex, false);
	if (usable(&i->pub)) {
		group_interface(k, data->ifindex, true);
		bgp_retry(k);
	}
	address_apply(k, i);
	interface_changed(k, data->ifindex);
}

void interface_link(struct kernel *k, const struct netlink_link *l, bool gone)
{
	struct interface *i = interface_by_index(k, l->ifindex);

	if (gone) {
		if (i)
			link_gone(k, i);
		return;
	}
	free_name(k, l->data);
	if (!i) {
		link_new(k, l->data);
		return;
	}
	bool was = usable(&i->pub), renamed = strcmp(i->pub.name, l->data->name) != 0;
	bool was_up = i->pub.up, now = usable(l->data), same = same_link(&i->pub, l->data);
	i->dump_mark = k->ifs.dump_mark;
	take_over(i, l->data);
	interface_forget_ways(k);
	if (renamed) {
		list_del(&i->link);
		list_in_order(k, i);
	}
	if (was != now)
		turned(k, i, now);
	else if (was_up != i->pub.up)
		rt_interface(k, l->ifindex, !i->pub.up);
	if (!same)
		interface_changed(k, l->ifindex);
}

void interface_dump_start(struct kernel *k)
{
	k->ifs.dump_mark++;
}

void interface_dump_end(struct kernel *k, enum netlink_dump what)
{
	struct interface *i, *next;

	list_for_each_safe (i, next, &k->ifs.list, link) {
		if (what == NL_ADDRESSES)
			address_dump_end(k, i);
		else if (i->dump_mark != k->ifs.dump_mark)
			link_gone(k, i);
	}
}
