/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The synthetic table. What makes daemons work is its shape: how long prefixes are, how densely
 * they lie, how many share an attribute set and how long AS paths get. The figures follow public
 * statistics of the Internet's table; nothing here depends on a seed's value.
 */
#include "tests/bench/table.h"

#include <string.h>

#include "lib/mem.h"

enum { IPV4_FIRST = 0x01000000, IPV4_SPAN = 0xdf000000u - IPV4_FIRST }; /* 1.0.0.0 - 222.255... */

/* ---- numbers ---- */

uint64_t random_mix(uint64_t a, uint64_t b)
{
	uint64_t x = (a + 0x9e3779b97f4a7c15ull) ^ (b * 0xd6e8feb86659fd93ull);

	x = (x ^ x >> 32) * 0xd6e8feb86659fd93ull;
	x = (x ^ x >> 29) * 0x9fb21c651e98df25ull;
	return x ^ x >> 32;
}

uint32_t random_next(struct random *r)
{
	r->state = r->state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(random_mix(r->state, 1) >> 32);
}

uint32_t random_below(struct random *r, uint32_t n)
{
	return (uint32_t)((uint64_t)random_next(r) * n >> 32);
}

/* ---- the table ---- */

void table_init(struct table *t, uint32_t most)
{
	uint32_t slots = 64;

	while (slots < most + most / 2)
		slots *= 2;
	*t = (struct table){.cap = most, .mask = slots - 1, .run_cap = most};
	t->prefixes = mem_alloc((most + 1) * sizeof(*t->prefixes));
	t->run_of = mem_alloc((most + 1) * sizeof(*t->run_of));
	t->runs = mem_alloc((most + 1) * sizeof(*t->runs));
	t->slots = mem_zalloc(slots * sizeof(*t->slots));
}

void table_fini(struct table *t)
{
	mem_free(t->prefixes);
	mem_free(t->run_of);
	mem_free(t->runs);
	mem_free(t->slots);
}

static uint64_t prefix_hash(const struct prefix *p)
{
	uint64_t high, low;

	memcpy(&high, p->b, 8);
	memcpy(&low, p->b + 8, 8);
	return random_mix(high ^ p->len, low + p->family);
}

/* The slot that holds p, or the empty one where it belongs. */
static uint32_t *slot_of(const struct table *t, const struct prefix *p)
{
	for (uint64_t i = prefix_hash(p);; i++) {
		uint32_t *slot = &t->slots[i & t->mask];
		if (!*slot || prefix_equal(&t->prefixes[*slot - 1], p))
			return slot;
	}
}

uint32_t table_find(const struct table *t, const struct prefix *p)
{
	return *slot_of(t, p) - 1; /* an empty slot gives NOT_FOUND */
}

/* False: it is there already. */
static bool add_prefix(struct table *t, const struct prefix *p)
{
	uint32_t *slot = slot_of(t, p);

	if (*slot)
		return false;
	t->prefixes[t->count] = *p;
	t->run_of[t->count] = t->run_count;
	*slot = ++t->count;
	return true;
}

static struct prefix ipv4_prefix(struct random *r)
{
	static const uint8_t shorter[] = {
	    16, 17, 18, 19, 19, 20, 20, 20, 21, 21, 22, 22, 22, 22, 23, 23};
	struct addr a = addr_from_ipv4(IPV4_FIRST + random_below(r, IPV4_SPAN));
	struct prefix p = prefix_from_addr(&a);

	p.len = random_below(r, 10) < 6 ? 24 : shorter[random_below(r, sizeof(shorter))];
	/* Places that routers look at differently: private, loopback, link-local. */
	if (p.b[0] == 10 || p.b[0] == 127 || p.b[0] == 169)
		p.b[0]++;
	prefix_mask(&p);
	return p;
}

static struct prefix ipv6_prefix(struct random *r)
{
	static const uint8_t lengths[] = {48, 48, 48, 48, 48, 48, 48, 32, 32, 44, 40, 36, 29};
	struct prefix p = {.family = FAMILY_IPV6};

	for (unsigned i = 1; i < 6; i++)
		p.b[i] = (uint8_t)random_next(r);
	p.b[0] = 0x20 + (uint8_t)random_below(r, 16);
	p.len = lengths[random_below(r, sizeof(lengths))];
	prefix_mask(&p);
	return p;
}

static uint32_t run_length(struct random *r)
{
	uint32_t kind = random_below(r, 100);

	if (kind < 45)
		return 1;
	if (kind < 85)
		return 2 + random_below(r, 5);
	if (kind < 98)
		return 7 + random_below(r, 18);
	return 25 + random_below(r, RUN_MAX - 24);
}

void table_add(struct table *t, uint64_t seed, enum family f, uint32_t n)
{
	struct random r = {random_mix(seed, f)};
	uint32_t end = t->count + n;

	while (t->count < end) {
		struct run *run = &t->runs[t->run_count];
		uint32_t want = run_length(&r);

		run->first = t->count;
		while (t->count < end && t->count - run->first < want) {
			struct prefix p = f == FAMILY_IPV4 ? ipv4_prefix(&r) : ipv6_prefix(&r);
			add_prefix(t, &p);
		}
		run->count = t->count - run->first;
		t->run_count++;
	}
}

void table_add_node(struct table *t, uint32_t node, uint32_t n)
{
	struct run *run = &t->runs[t->run_count];

	*run = (struct run){t->count, n};
	for (uint32_t i = 0; i < n; i++) {
		struct addr a = addr_from_ipv4(0x0b000000 + (node * n + i) * 64);
		struct prefix p = prefix_from_addr(&a);
		p.len = 26;
		add_prefix(t, &p);
	}
	t->run_count++;
}

/* ---- attributes ---- */

static void make_communities(struct random *r, struct attributes *a)
{
	static const uint8_t counts[] = {0, 0, 0, 0, 1, 2, 3, 6};
	uint32_t last = 0x00640000;

	a->community_count = counts[random_below(r, sizeof(counts))];
	for (unsigned i = 0; i < a->community_count; i++)
		a->communities[i] = last += 1 + random_below(r, 0x1000000);
}

/* Not one that is reserved, for private use or for documentation: the router may be that. */
static uint32_t make_as(struct random *r, bool transit)
{
	uint32_t as = 1000 + random_below(r, transit ? 3000 : 400000);

	return as == 23456 || (as >= 64496 && as <= 65551) ? as + 2000 : as;
}

void attributes_make(
    uint64_t seed, uint32_t sender, uint32_t run, uint32_t variant, struct attributes *out)
{
	struct random r = {random_mix(random_mix(seed, (uint64_t)sender << 32 | run), variant)};
	uint32_t origin = random_below(&r, 20);

	memset(out, 0, sizeof(*out));
	out->origin = origin == 0 ? 1 : origin < 3 ? 2 : 0;
	out->hops = (uint8_t)(1 + (random_below(&r, 4) + random_below(&r, 5)));
	out->hops = out->hops > PATH_MAX_HOPS ? PATH_MAX_HOPS : out->hops;
	for (unsigned i = 0; i < out->hops; i++)
		out->path[i] = make_as(&r, i < 2);
	out->has_med = random_below(&r, 100) < 15;
	out->med = 1 + random_below(&r, 500);
	make_communities(&r, out);
	if (variant)
		out->communities[out->community_count++] = 0xfde80000 | (variant & 0xffff);
}
