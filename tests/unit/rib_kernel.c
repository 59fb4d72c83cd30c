/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake kernel: the calls of bgpd/kernel/kernel.h that the RIB makes, over two small lists. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bgpd/kernel/kernel.h"
#include "rib_help.h"

enum { MAX_ROUTES = 64 };

struct fake_route {
	struct rt_route rt;
	struct rt_nexthop nh;
};

struct fake_bgp {
	struct prefix p;
	char hops[256];
};

struct kernel {
	struct fake_route routes[MAX_ROUTES];
	unsigned route_count;
	struct fake_bgp bgp[MAX_ROUTES];
	unsigned bgp_count;
	struct kernel_interface interface, second;
	bool full; /* it has no room for routes */
};

struct kernel *fake_kernel_new(void)
{
	static const struct kernel_address address = {.prefix = {FAMILY_IPV4, 24, {10, 0, 0, 1}}};
	struct kernel *k = mem_zalloc(sizeof(*k));
	k->interface =
	    (struct kernel_interface){.ifindex = 1, .name = "eth0", .up = true, .running = true};
	k->interface.addresses = &address;
	k->interface.address_count = 1;
	k->second =
	    (struct kernel_interface){.ifindex = 2, .name = "eth1", .up = true, .running = true};
	return k;
}

void fake_kernel_free(struct kernel *k)
{
	mem_free(k);
}

void fake_kernel_route(struct kernel *k, const char *prefix, const char *gate, uint32_t metric)
{
	cr_assert_lt(k->route_count, MAX_ROUTES);
	struct fake_route *r = &k->routes[k->route_count++];
	*r = (struct fake_route){.rt = {.prefix = pfx(prefix),
				     .proto = gate ? RT_STATIC : RT_CONNECTED,
				     .metric = metric,
				     .selected = true,
				     .nexthop_count = 1},
	    .nh = {.gate = gate ? ip(gate) : (struct addr){0}, .ifindex = 1, .active = true}};
	r->rt.nexthops = &r->nh;
}

void fake_kernel_unroute(struct kernel *k, const char *prefix)
{
	struct prefix p = pfx(prefix);
	for (unsigned i = 0; i < k->route_count; i++)
		if (prefix_equal(&k->routes[i].rt.prefix, &p))
			k->routes[i--] = k->routes[--k->route_count];
	for (unsigned i = 0; i < k->route_count; i++)
		k->routes[i].rt.nexthops = &k->routes[i].nh;
}

static const struct fake_bgp *bgp_find(const struct kernel *k, const struct prefix *p)
{
	for (unsigned i = 0; i < k->bgp_count; i++)
		if (prefix_equal(&k->bgp[i].p, p))
			return &k->bgp[i];
	return NULL;
}

const char *fake_kernel_installed(const struct kernel *k, const char *prefix)
{
	struct prefix p = pfx(prefix);
	const struct fake_bgp *b = bgp_find(k, &p);
	return b ? b->hops : "";
}

uint32_t fake_kernel_count(const struct kernel *k)
{
	return k->bgp_count;
}

/* ---- kernel.h ---- */

static const struct fake_route *match(const struct kernel *k, const struct addr *a)
{
	const struct fake_route *best = NULL;
	for (unsigned i = 0; i < k->route_count; i++) {
		const struct fake_route *r = &k->routes[i];
		if (prefix_has_addr(&r->rt.prefix, a) &&
		    (!best || r->rt.prefix.len > best->rt.prefix.len))
			best = r;
	}
	return best;
}

unsigned kernel_resolve(const struct kernel *k, const struct addr *a, bool connected_only,
    struct kernel_nexthop *out, unsigned max, const struct rt_route **route)
{
	const struct fake_route *r = match(k, a);
	if (route)
		*route = r ? &r->rt : NULL;
	if (!r || !max || (connected_only && r->rt.proto != RT_CONNECTED))
		return 0;
	*out = (struct kernel_nexthop){
	    .gate = r->rt.proto == RT_CONNECTED ? *a : r->nh.gate, .ifindex = 1, .weight = 1};
	return 1;
}

bool kernel_route_exists(const struct kernel *k, const struct prefix *p)
{
	for (unsigned i = 0; i < k->route_count; i++)
		if (prefix_equal(&k->routes[i].rt.prefix, p))
			return true;
	return false;
}

const struct rt_route *kernel_route_match(
    const struct kernel *k, const struct addr *a, bool with_default)
{
	const struct fake_route *r = match(k, a);
	return r && (r->rt.prefix.len || with_default) ? &r->rt : NULL;
}

const struct kernel_interface *kernel_interface(const struct kernel *k, uint32_t ifindex)
{
	return ifindex == 1 ? &k->interface : ifindex == 2 ? &k->second : NULL;
}

void fake_kernel_link(struct kernel *k, uint32_t ifindex, bool running)
{
	(ifindex == 1 ? &k->interface : &k->second)->running = running;
}

const struct kernel_interface *kernel_interface_to(const struct kernel *k, const struct addr *a)
{
	const struct fake_route *r = match(k, a);
	return r && r->rt.proto == RT_CONNECTED ? &k->interface : NULL;
}

const struct kernel_interface *kernel_interface_of(const struct kernel *k, const struct addr *a)
{
	struct addr own = ip("10.0.0.1");
	return addr_equal(a, &own) ? &k->interface : NULL;
}

static int hop_cmp(const void *a, const void *b)
{
	const struct kernel_nexthop *x = a, *y = b;
	return addr_cmp(&x->gate, &y->gate);
}

void kernel_bgp_set(struct kernel *k, const struct prefix *p, uint32_t *word, uint8_t distance,
    const struct kernel_nexthop *nh, unsigned count)
{
	struct kernel_nexthop sorted[KERNEL_MAX_NEXTHOPS];
	struct fake_bgp *b = (struct fake_bgp *)bgp_find(k, p);
	if (!b) {
		cr_assert_lt(k->bgp_count, MAX_ROUTES);
		b = &k->bgp[k->bgp_count++];
	}
	b->p = *p;
	*word = distance;
	memcpy(sorted, nh, count * sizeof(*nh));
	qsort(sorted, count, sizeof(*nh), hop_cmp);
	b->hops[0] = '\0';
	for (unsigned i = 0; i < count; i++) {
		char text[ADDR_STRLEN];
		size_t at = strlen(b->hops);
		snprintf(b->hops + at, sizeof(b->hops) - at, "%s%s%s", i ? " " : "",
		    addr_str(&sorted[i].gate, text), sorted[i].ifindex == 2 ? "%eth1" : "");
	}
}

void fake_kernel_full(struct kernel *k, bool full)
{
	k->full = full;
}

bool kernel_installs(const struct kernel *k)
{
	(void)k;
	return true;
}

bool kernel_bgp_full(struct kernel *k)
{
	return k->full;
}

void kernel_bgp_del(struct kernel *k, const struct prefix *p, uint32_t *word)
{
	struct fake_bgp *b = (struct fake_bgp *)bgp_find(k, p);
	cr_assert_not_null(b);
	*b = k->bgp[--k->bgp_count];
	*word = 0;
}
