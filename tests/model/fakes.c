/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel and the clock of the model's world.
 *
 * The kernel answers from two plain lists. The clock replaces lib/clock.c: time passes only when
 * somebody looks at it (so that slices of work end at places that the seed decides, the same in
 * each run), and the seconds in the tables only when the world says so.
 */
#include <stdlib.h>
#include <string.h>

#include "bgpd/kernel/kernel.h"
#include "lib/clock.h"
#include "lib/mem.h"
#include "model.h"

enum { MAX_ROUTES = FAMILIES * (HOPS + NETWORKS) };

/* ---- clock ---- */

static struct {
	uint64_t ns, rng;
	uint32_t step_ns, seconds;
} now = {.ns = 1, .step_ns = 1000, .seconds = 1000};

void model_clock_seed(uint64_t seed, uint32_t step_ns)
{
	now.rng = seed;
	now.step_ns = step_ns;
}

void model_clock_second(void)
{
	now.seconds++;
}

uint64_t clock_ns(void)
{
	now.rng = now.rng * 6364136223846793005ull + 1442695040888963407ull;
	now.ns += (now.rng >> 33) % now.step_ns + 1;
	return now.ns;
}

uint64_t clock_ms(void)
{
	return clock_ns() / 1000000;
}

uint32_t clock_sec(void)
{
	return now.seconds;
}

int64_t clock_epoch(void)
{
	return now.seconds;
}

int64_t clock_to_epoch(uint32_t mono_sec)
{
	return mono_sec;
}

/* ---- kernel ---- */

struct model_route {
	struct rt_route rt;
	struct rt_nexthop nh;
};

struct installed {
	struct prefix p;
	struct addr gates[LANES];
	unsigned count;
	uint8_t distance;
};

struct kernel {
	struct model_route routes[MAX_ROUTES];
	unsigned route_count;
	struct installed installed[FAMILIES * PREFIXES];
	unsigned installed_count;
	struct kernel_interface interface;
};

struct kernel *model_kernel_new(void)
{
	static const struct kernel_address addresses[] = {
	    {.prefix = {FAMILY_IPV4, 8, {10}}}, {.prefix = {FAMILY_IPV6, 8, {0x3f}}}};
	struct kernel *k = mem_zalloc(sizeof(*k));

	k->interface = (struct kernel_interface){.ifindex = 1,
	    .name = "eth0",
	    .up = true,
	    .running = true,
	    .address_count = 2,
	    .addresses = addresses};
	return k;
}

void model_kernel_free(struct kernel *k)
{
	mem_free(k);
}

static void remove_route(struct kernel *k, const struct prefix *p)
{
	for (unsigned i = 0; i < k->route_count; i++)
		if (prefix_equal(&k->routes[i].rt.prefix, p))
			k->routes[i--] = k->routes[--k->route_count];
}

void model_kernel_route(struct kernel *k, const struct prefix *p, enum hop_kind kind,
    const struct addr *gate, uint32_t metric)
{
	remove_route(k, p);
	if (kind != HOP_ABSENT) {
		struct model_route *r = &k->routes[k->route_count++];
		*r = (struct model_route){
		    .rt = {.prefix = *p,
			.proto = kind == HOP_CONNECTED ? RT_CONNECTED : RT_STATIC,
			.metric = metric,
			.selected = true,
			.nexthop_count = 1},
		    .nh = {.ifindex = 1, .active = true}};
		if (kind == HOP_STATIC && gate)
			r->nh.gate = *gate;
	}
	for (unsigned i = 0; i < k->route_count; i++)
		k->routes[i].rt.nexthops = &k->routes[i].nh;
}

static struct installed *find_installed(const struct kernel *k, const struct prefix *p)
{
	for (unsigned i = 0; i < k->installed_count; i++)
		if (prefix_equal(&k->installed[i].p, p))
			return (struct installed *)&k->installed[i];
	return NULL;
}

unsigned model_kernel_installed(
    const struct kernel *k, const struct prefix *p, struct addr *gates, uint8_t *distance)
{
	const struct installed *r = find_installed(k, p);

	if (!r)
		return 0;
	memcpy(gates, r->gates, sizeof(r->gates));
	*distance = r->distance;
	return r->count;
}

unsigned model_kernel_count(const struct kernel *k)
{
	return k->installed_count;
}

struct addr own_addr(unsigned f)
{
	struct addr a = {.family = f ? FAMILY_IPV6 : FAMILY_IPV4, .b = {f ? 0x3f : 10}};

	a.b[f ? 15 : 3] = 1;
	return a;
}

/* ---- kernel.h: the calls that the RIB makes ---- */

static const struct model_route *match(const struct kernel *k, const struct addr *a)
{
	const struct model_route *best = NULL;

	for (unsigned i = 0; i < k->route_count; i++) {
		const struct model_route *r = &k->routes[i];
		if (prefix_has_addr(&r->rt.prefix, a) &&
		    (!best || r->rt.prefix.len > best->rt.prefix.len))
			best = r;
	}
	return best;
}

unsigned kernel_resolve(const struct kernel *k, const struct addr *a, bool connected_only,
    struct kernel_nexthop *out, unsigned max, const struct rt_route **route)
{
	const struct model_route *r = match(k, a);
	bool connected = r && r->rt.proto == RT_CONNECTED;

	if (route)
		*route = r ? &r->rt : NULL;
	if (!r || !max || (connected_only && !connected))
		return 0;
	*out =
	    (struct kernel_nexthop){.gate = connected ? *a : r->nh.gate, .ifindex = 1, .weight = 1};
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
	const struct model_route *r = match(k, a);

	return r && (r->rt.prefix.len || with_default) ? &r->rt : NULL;
}

const struct kernel_interface *kernel_interface(const struct kernel *k, uint32_t ifindex)
{
	return k->interface.ifindex == ifindex ? &k->interface : NULL;
}

const struct kernel_interface *kernel_interface_to(const struct kernel *k, const struct addr *a)
{
	const struct model_route *r = match(k, a);

	return r && r->rt.proto == RT_CONNECTED ? &k->interface : NULL;
}

const struct kernel_interface *kernel_interface_of(const struct kernel *k, const struct addr *a)
{
	struct addr own = own_addr(a->family == FAMILY_IPV6);

	return addr_equal(a, &own) ? &k->interface : NULL;
}

static int gate_cmp(const void *a, const void *b)
{
	return addr_cmp(a, b);
}

void kernel_bgp_set(struct kernel *k, const struct prefix *p, uint32_t *place, uint8_t distance,
    const struct kernel_nexthop *nh, unsigned count)
{
	struct installed *r = find_installed(k, p);

	if (!r) {
		if (k->installed_count == FAMILIES * PREFIXES)
			fail("more routes in the kernel than there are prefixes");
		r = &k->installed[k->installed_count++];
	}
	memset(r, 0, sizeof(*r));
	r->p = *p;
	r->distance = distance;
	r->count = count;
	for (unsigned i = 0; i < count; i++)
		r->gates[i] = nh[i].gate;
	qsort(r->gates, count, sizeof(r->gates[0]), gate_cmp);
	*place = 1;
}

bool kernel_installs(const struct kernel *k)
{
	(void)k;
	return true;
}

bool kernel_bgp_full(struct kernel *k)
{
	(void)k;
	return false;
}

void kernel_bgp_del(struct kernel *k, const struct prefix *p, uint32_t *place)
{
	struct installed *r = find_installed(k, p);

	if (!r || !*place)
		fail("a route is taken out of the kernel that is not there");
	*r = k->installed[--k->installed_count];
	*place = 0;
}
