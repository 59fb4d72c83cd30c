/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store of attribute sets: each distinct set once, immutable, reference counted, compact.
 *
 * The packed form of a draft is a canonical string (fields in a fixed order, only those that are
 * there), so two drafts are the same set exactly if their packed forms are equal, and hashing and
 * comparing need no knowledge of the attributes. Ids index an array of places. A place has all that
 * counting and searching need - references, hash, the next one in the hash chain - so the packed
 * form itself, somewhere in memory, is read only by who wants to know the attributes. A free place
 * holds the next free id. The hash table is linear: it grows by one bucket at a time, so that no
 * single route ever pays for moving all.
 *
 * A set never changes after it was made but for its reference count. When the last reference goes
 * it is dead; the dead are freed some dozens at a time, so that the memory that this takes is
 * waited for once for all of them. Until then a draft that equals it brings it back to life. Nobody
 * but this file sees a dead set. The store must be empty when it is freed.
 */
#include <assert.h>
#include <string.h>

#include "bgpd/codec/attr.h"
#include "lib/hash.h"
#include "lib/pool.h"

struct place {
	uint8_t *packed;
	uint32_t len;  /* of packed, bytes */
	uint32_t refs; /* 0: the set is dead, or the place free (packed is NULL) */
	uint32_t hash;
	uint32_t next; /* id: hash chain; of a free place: the next free one */
};

enum { FIRST_SIZE = 64, DEAD_MANY = 64 };

struct attr_store {
	struct place *places; /* by id; place 0 is never used */
	uint32_t size;        /* places there are */
	uint32_t top;         /* ids below it have been given out at least once */
	uint32_t free;        /* first free id below top; 0: none */
	uint32_t count;       /* of the living */
	uint32_t here;        /* ... and the dead */
	uint32_t dead_count;
	uint32_t dead[DEAD_MANY]; /* ids, maybe twice, maybe alive again */
	uint32_t *buckets;        /* ids; there are low + split, room for 2 * low */
	uint32_t low;             /* a power of two */
	uint32_t split;    /* buckets below it have been split in this round; less than low */
	struct pool *pool; /* of the packed forms */
	uint8_t *scratch;  /* where a draft is packed before it is looked up */
	size_t scratch_size;
};

/* Bits of the packed form's fifth octet, for what has no attribute bit of its own. */
enum {
	PACK_HOP = 3,
	PACK_LOCAL = 4,
	PACK_WEIGHT = 8,
	PACK_UNKNOWN = 16,
	PACK_PARTIAL = 32,
	PACK_IFINDEX = 64
};

/* ---- packed form ---- */

static const struct {
	uint8_t code;
	size_t offset;
} numbers[] = {{ATTR_MED, offsetof(struct attr_set, med)},
    {ATTR_LOCAL_PREF, offsetof(struct attr_set, local_pref)},
    {ATTR_AGGREGATOR, offsetof(struct attr_set, aggregator_as)},
    {ATTR_AGGREGATOR, offsetof(struct attr_set, aggregator_id)},
    {ATTR_ORIGINATOR_ID, offsetof(struct attr_set, originator_id)}},
  spans[] = {{ATTR_AS_PATH, offsetof(struct attr_set, as_path)},
      {ATTR_COMMUNITIES, offsetof(struct attr_set, communities)},
      {ATTR_EXT_COMMUNITIES, offsetof(struct attr_set, ext_communities)},
      {ATTR_LARGE_COMMUNITIES, offsetof(struct attr_set, large_communities)},
      {ATTR_CLUSTER_LIST, offsetof(struct attr_set, cluster_list)}};
enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]), SPANS = sizeof(spans) / sizeof(spans[0]) };

/* have, two octets, next hops, interface, weight, partial, numbers */
enum { FIXED_MAX = 4 + 2 + 16 + 16 + 4 + 4 + 4 + 4 * NUMBERS };

static size_t packed_max(const struct attr_set *d)
{
	return FIXED_MAX + (size_t)d->as_path.len + d->communities.len + d->ext_communities.len +
	       d->large_communities.len + d->cluster_list.len + d->unknown.len + 2 * (SPANS + 1);
}

static void pack_span(struct wr *w, const struct span *s)
{
	wr_u16(w, s->len);
	wr_bytes(w, s->p, s->len);
}

static void pack(struct wr *w, const struct attr_set *d)
{
	uint8_t hop = d->have & ATTR_BIT(ATTR_NEXT_HOP) ? d->next_hop.family : FAMILY_NONE;
	bool local = hop && d->next_hop_local.family;
	wr_u32(w, d->have);
	wr_u8(w, (uint8_t)(hop | (local ? PACK_LOCAL : 0) | (d->weight ? PACK_WEIGHT : 0) |
			   (d->unknown.len ? PACK_UNKNOWN : 0) | (d->partial ? PACK_PARTIAL : 0) |
			   (d->next_hop_ifindex ? PACK_IFINDEX : 0)));
	wr_u8(w, d->have & ATTR_BIT(ATTR_ORIGIN) ? d->origin : 0);
	if (hop)
		wr_bytes(w, d->next_hop.b, family_bytes(hop));
	if (local)
		wr_bytes(w, d->next_hop_local.b, family_bytes(FAMILY_IPV6));
	if (d->next_hop_ifindex)
		wr_u32(w, d->next_hop_ifindex);
	if (d->weight)
		wr_u32(w, d->weight);
	if (d->partial)
		wr_u32(w, d->partial);
	for (size_t i = 0; i < NUMBERS; i++) {
		if (d->have & ATTR_BIT(numbers[i].code))
			wr_u32(w, *(const uint32_t *)((const char *)d + numbers[i].offset));
	}
	for (size_t i = 0; i < SPANS; i++) {
		if (d->have & ATTR_BIT(spans[i].code))
			pack_span(w, (const struct span *)((const char *)d + spans[i].offset));
	}
	if (d->unknown.len)
		pack_span(w, &d->unknown);
}

static struct span unpack_span(struct rd *r)
{
	uint16_t len = rd_u16(r);
	return (struct span){rd_bytes(r, len), len};
}

static void unpack_addr(struct rd *r, uint8_t family, struct addr *a)
{
	a->family = family;
	memcpy(a->b, rd_bytes(r, family_bytes(family)), family_bytes(family));
}

static void unpack(struct rd *r, struct attr_set *out)
{
	memset(out, 0, sizeof(*out));
	out->have = rd_u32(r);
	uint8_t extra = rd_u8(r);
	out->origin = rd_u8(r);
	if (extra & PACK_HOP)
		unpack_addr(r, extra & PACK_HOP, &out->next_hop);
	if (extra & PACK_LOCAL)
		unpack_addr(r, FAMILY_IPV6, &out->next_hop_local);
	if (extra & PACK_IFINDEX)
		out->next_hop_ifindex = rd_u32(r);
	if (extra & PACK_WEIGHT)
		out->weight = rd_u32(r);
	if (extra & PACK_PARTIAL)
		out->partial = rd_u32(r);
	for (size_t i = 0; i < NUMBERS; i++) {
		if (out->have & ATTR_BIT(numbers[i].code))
			*(uint32_t *)((char *)out + numbers[i].offset) = rd_u32(r);
	}
	for (size_t i = 0; i < SPANS; i++) {
		if (out->have & ATTR_BIT(spans[i].code))
			*(struct span *)((char *)out + spans[i].offset) = unpack_span(r);
	}
	if (extra & PACK_UNKNOWN)
		out->unknown = unpack_span(r);
	assert(!r->bad);
}

/* ---- ids ---- */

static struct place *get(const struct attr_store *s, uint32_t id)
{
	assert(id > 0 && id < s->top && s->places[id].refs);
	return &s->places[id];
}

static uint32_t id_new(struct attr_store *s)
{
	uint32_t id = s->free;
	if (id) {
		s->free = s->places[id].next;
		return id;
	}
	if (s->top == s->size) {
		s->size += s->size / 2;
		s->places = mem_realloc(s->places, s->size * sizeof(s->places[0]));
	}
	return s->top++;
}

static void id_free(struct attr_store *s, uint32_t id)
{
	s->places[id] = (struct place){.next = s->free};
	s->free = id;
}

/* ---- hash ---- */

static uint32_t *bucket(const struct attr_store *s, uint32_t hash)
{
	uint32_t at = hash & (s->low - 1);
	if (at < s->split)
		at = hash & (2 * s->low - 1);
	return &s->buckets[at];
}

/* Room for the buckets of the next round; each is cleared when its turn comes. */
static void buckets_reserve(struct attr_store *s)
{
	s->buckets = mem_realloc(s->buckets, 2 * s->low * sizeof(s->buckets[0]));
}

/* Adds a bucket: the sets of the next one in turn are dealt out between it and the new one. */
static void split_one(struct attr_store *s)
{
	uint32_t id = s->buckets[s->split];
	s->buckets[s->split] = s->buckets[s->low + s->split] = 0;
	s->split++;
	while (id) {
		struct place *p = &s->places[id];
		uint32_t next = p->next, *b = bucket(s, p->hash);
		p->next = *b;
		*b = id;
		id = next;
	}
	if (s->split == s->low) {
		s->low *= 2;
		s->split = 0;
		buckets_reserve(s);
	}
}

static uint32_t find(const struct attr_store *s, uint32_t hash, const uint8_t *packed, size_t len)
{
	uint32_t id = *bucket(s, hash);
	while (id) {
		const struct place *p = &s->places[id];
		if (p->hash == hash && p->len == len && memcmp(p->packed, packed, len) == 0)
			return id;
		id = p->next;
	}
	return 0;
}

static void unlink_place(struct attr_store *s, uint32_t id)
{
	uint32_t *at = bucket(s, s->places[id].hash);
	while (*at != id)
		at = &s->places[*at].next;
	*at = s->places[id].next;
}

/* ---- the dead ---- */

static void bury(struct attr_store *s, uint32_t id)
{
	struct place *p = &s->places[id];
	if (p->refs || !p->packed)
		return;
	unlink_place(s, id);
	pool_put(s->pool, p->packed, p->len);
	id_free(s, id);
	s->here--;
}

static void bury_all(struct attr_store *s)
{
	for (uint32_t i = 0; i < s->dead_count; i++) {
		const struct place *p = &s->places[s->dead[i]];
		__builtin_prefetch(bucket(s, p->hash));
		__builtin_prefetch(p->packed);
	}
	for (uint32_t i = 0; i < s->dead_count; i++)
		__builtin_prefetch(&s->places[*bucket(s, s->places[s->dead[i]].hash)]);
	for (uint32_t i = 0; i < s->dead_count; i++)
		bury(s, s->dead[i]);
	s->dead_count = 0;
}

/* ---- public ---- */

struct attr_store *attr_store_new(void)
{
	struct attr_store *s = mem_zalloc(sizeof(*s));
	s->size = FIRST_SIZE;
	s->top = 1;
	s->places = mem_zalloc(s->size * sizeof(s->places[0]));
	s->pool = pool_new();
	s->low = FIRST_SIZE;
	s->buckets = mem_zalloc(s->low * sizeof(s->buckets[0]));
	buckets_reserve(s);
	return s;
}

void attr_store_free(struct attr_store *s)
{
	if (!s)
		return;
	assert(s->count == 0);
	bury_all(s);
	pool_free(s->pool);
	mem_free(s->places);
	mem_free(s->buckets);
	mem_free(s->scratch);
	mem_free(s);
}

static uint32_t store_add(struct attr_store *s, uint32_t hash, const uint8_t *packed, size_t len)
{
	if (s->here >= s->low + s->split)
		split_one(s);
	uint32_t id = id_new(s), *b = bucket(s, hash);
	struct place *p = &s->places[id];
	*p = (struct place){pool_get(s->pool, len), (uint32_t)len, 1, hash, *b};
	memcpy(p->packed, packed, len);
	*b = id;
	s->count++;
	s->here++;
	return id;
}

uint32_t attr_intern(struct attr_store *s, const struct attr_set *draft)
{
	size_t max = packed_max(draft);
	if (max > s->scratch_size) {
		s->scratch = mem_realloc(s->scratch, max);
		s->scratch_size = max;
	}
	struct wr w = wr_init(s->scratch, s->scratch_size);
	pack(&w, draft);
	assert(!w.bad);
	uint32_t hash = hash_bytes(w.base, wr_len(&w));
	uint32_t id = find(s, hash, w.base, wr_len(&w));
	if (!id)
		return store_add(s, hash, w.base, wr_len(&w));
	struct place *p = &s->places[id];
	assert(p->refs < UINT32_MAX);
	s->count += p->refs++ == 0;
	return id;
}

void attr_ref_many(struct attr_store *s, uint32_t id, uint32_t count)
{
	struct place *p = get(s, id);
	assert(p->refs <= UINT32_MAX - count);
	p->refs += count;
}

void attr_ref(struct attr_store *s, uint32_t id)
{
	attr_ref_many(s, id, 1);
}

void attr_unref(struct attr_store *s, uint32_t id)
{
	if (!id)
		return;
	struct place *p = get(s, id);
	if (--p->refs)
		return;
	s->count--;
	s->dead[s->dead_count++] = id;
	if (s->dead_count == DEAD_MANY)
		bury_all(s);
}

void attr_expect(const struct attr_store *s, uint32_t id)
{
	__builtin_prefetch(&s->places[id]);
}

void attr_expect_view(const struct attr_store *s, uint32_t id)
{
	if (id)
		__builtin_prefetch(s->places[id].packed);
}

void attr_view(const struct attr_store *s, uint32_t id, struct attr_set *out)
{
	const struct place *p = get(s, id);
	struct rd r = rd_init(p->packed, p->len);
	unpack(&r, out);
}

uint32_t attr_refs(const struct attr_store *s, uint32_t id)
{
	return get(s, id)->refs;
}

size_t attr_store_count(const struct attr_store *s)
{
	return s->count;
}

size_t attr_store_bytes(const struct attr_store *s)
{
	return sizeof(*s) + pool_bytes(s->pool) + s->size * sizeof(s->places[0]) +
	       2 * s->low * sizeof(s->buckets[0]) + s->scratch_size;
}

uint32_t attr_next(const struct attr_store *s, uint32_t after)
{
	for (uint32_t id = after + 1; id < s->top; id++) {
		if (s->places[id].refs)
			return id;
	}
	return 0;
}
