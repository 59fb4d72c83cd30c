/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store of attribute sets: each distinct set once, immutable, reference counted, compact.
 *
 * The packed form of a draft is canonical (attr_pack.h), so two drafts are the same set exactly if
 * their packed forms are equal, and hashing and comparing need no knowledge of the attributes. Ids
 * index an array of places. A place has all that counting and searching need - references, hash,
 * the next one in the hash chain - so the packed form itself, somewhere in memory, is read only by
 * who wants to know the attributes. A free place holds the next free id. The hash table is linear:
 * it grows by one bucket at a time, so that no single route ever pays for moving all.
 *
 * What is announced differs from what came in by numbers and next hop, as a rule: the head of the
 * packed form, not its body. Whoever makes a set out of another says so (attr_intern_like), and
 * then the new one has a head only, in its place if that is short, and borrows the body of the
 * other, its base. A base has a body of its own, so there is one step at most. It is the same set
 * all the same: how a set is kept shows nowhere.
 *
 * A set never changes after it was made but for its reference count. When the last reference goes
 * it is dead; the dead are freed some dozens at a time, so that the memory that this takes is
 * waited for once for all of them. Until then a draft that equals it brings it back to life; and a
 * dead base stays as long as somebody borrows from it. Nobody but this file sees a dead set. The
 * store must be empty when it is freed.
 */
#include <assert.h>
#include <string.h>

#include "bgpd/codec/attr_pack.h"
#include "lib/hash.h"
#include "lib/pool.h"

/* A set with a body of its own. */
struct whole {
	uint32_t borrowers; /* sets that borrow the body */
	uint8_t packed[];
};

struct place {
	union {
		struct whole *whole;
		uint8_t *head;      /* BORROWS */
		uint8_t head_in[8]; /* BORROWS and HEAD_IN */
	};
	uint32_t refs; /* 0: the set is dead, or the place free */
	uint32_t hash;
	uint32_t next; /* id: hash chain; of a free place: the next free one */
	uint32_t
	    body; /* bytes of the packed form; or flags and the base's id; 0: the place is free */
};

enum { FIRST_SIZE = 64, DEAD_MANY = 64 };
#define BORROWS (1u << 31)
#define HEAD_IN (1u << 30) /* the head is in the place */
#define ID_LIMIT HEAD_IN

/* A draft in its packed form. */
struct packed {
	const uint8_t *p;
	size_t len, head; /* bytes; the head's are at the beginning */
	uint32_t hash;
};

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
	struct packed prepared; /* in scratch */
};

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
	assert(s->top < ID_LIMIT);
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
	__builtin_prefetch(&s->places[s->buckets[s->split]]); /* for the next time */
	if (s->split == s->low) {
		s->low *= 2;
		s->split = 0;
		buckets_reserve(s);
	}
}

static bool borrows(const struct place *p)
{
	return p->body & BORROWS;
}

/* The id of the set whose body this one borrows. */
static uint32_t base_of(const struct place *p)
{
	return p->body & (ID_LIMIT - 1);
}

/* Of one that borrows. */
static const uint8_t *head_of(const struct place *p)
{
	return p->body & HEAD_IN ? p->head_in : p->head;
}

static struct rd body_of(const struct place *p)
{
	size_t head = attr_head_len(p->whole->packed);
	return rd_init(p->whole->packed + head, p->body - head);
}

static bool same_body(const struct place *base, const struct packed *d)
{
	struct rd r = body_of(base);
	return rd_left(&r) == d->len - d->head && memcmp(r.p, d->p + d->head, rd_left(&r)) == 0;
}

static bool same_set(const struct attr_store *s, const struct place *p, const struct packed *d)
{
	if (!borrows(p))
		return p->body == d->len && memcmp(p->whole->packed, d->p, d->len) == 0;
	return attr_head_len(head_of(p)) == d->head && memcmp(head_of(p), d->p, d->head) == 0 &&
	       same_body(&s->places[base_of(p)], d);
}

static uint32_t find(const struct attr_store *s, const struct packed *d)
{
	uint32_t id = *bucket(s, d->hash);
	while (id) {
		const struct place *p = &s->places[id];
		if (p->hash == d->hash && same_set(s, p, d))
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

static void bury_all(struct attr_store *s);

static void die(struct attr_store *s, uint32_t id)
{
	s->dead[s->dead_count++] = id;
	if (s->dead_count == DEAD_MANY)
		bury_all(s);
}

static void give_back(struct attr_store *s, uint32_t base)
{
	struct place *b = &s->places[base];
	if (--b->whole->borrowers == 0 && !b->refs)
		die(s, base);
}

static void bury(struct attr_store *s, uint32_t id)
{
	const struct place *p = &s->places[id];
	uint32_t base = borrows(p) ? base_of(p) : 0;
	if (p->refs || !p->body || (!base && p->whole->borrowers))
		return;
	unlink_place(s, id);
	if (!base)
		pool_put(s->pool, p->whole, sizeof(*p->whole) + p->body);
	else if (!(p->body & HEAD_IN))
		pool_put(s->pool, p->head, attr_head_len(p->head));
	id_free(s, id);
	s->here--;
	if (base)
		give_back(s, base);
}

/* Fetches what burying a set looks at. */
static void expect_burial(const struct attr_store *s, uint32_t id)
{
	const struct place *p = &s->places[id];
	__builtin_prefetch(bucket(s, p->hash));
	__builtin_prefetch(borrows(p) ? s->places[base_of(p)].whole : p->whole);
}

/* Those that give back what they have borrowed may leave others dead, for the next time: these have
 * not borrowed, so it ends there. */
static void bury_all(struct attr_store *s)
{
	uint32_t dead[DEAD_MANY], count = s->dead_count;
	memcpy(dead, s->dead, count * sizeof(dead[0]));
	s->dead_count = 0;
	for (uint32_t i = 0; i < count; i++)
		expect_burial(s, dead[i]);
	for (uint32_t i = 0; i < count; i++)
		__builtin_prefetch(&s->places[*bucket(s, s->places[dead[i]].hash)]);
	for (uint32_t i = 0; i < count; i++)
		bury(s, dead[i]);
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
	while (s->dead_count)
		bury_all(s);
	pool_free(s->pool);
	mem_free(s->places);
	mem_free(s->buckets);
	mem_free(s->scratch);
	mem_free(s);
}

/* ---- new sets ---- */

static void write_whole(struct attr_store *s, struct place *p, const struct packed *d)
{
	p->whole = pool_get(s->pool, sizeof(*p->whole) + d->len);
	p->whole->borrowers = 0;
	memcpy(p->whole->packed, d->p, d->len);
	p->body = (uint32_t)d->len;
}

static void write_borrower(
    struct attr_store *s, struct place *p, const struct packed *d, uint32_t base)
{
	s->places[base].whole->borrowers++;
	p->body = BORROWS | base;
	if (d->head <= sizeof(p->head_in)) {
		p->body |= HEAD_IN;
		memcpy(p->head_in, d->p, d->head);
		return;
	}
	p->head = pool_get(s->pool, d->head);
	memcpy(p->head, d->p, d->head);
}

/* The set whose body a new one made out of `like` may borrow; 0: none. */
static uint32_t lender(const struct attr_store *s, uint32_t like, const struct packed *d)
{
	if (!like)
		return 0;
	const struct place *p = get(s, like);
	uint32_t base = borrows(p) ? base_of(p) : like;
	return same_body(&s->places[base], d) ? base : 0;
}

static uint32_t add(struct attr_store *s, const struct packed *d, uint32_t like)
{
	if (s->here >= s->low + s->split)
		split_one(s);
	uint32_t base = lender(s, like, d), id = id_new(s), *b = bucket(s, d->hash);
	struct place *p = &s->places[id];
	*p = (struct place){.refs = 1, .hash = d->hash, .next = *b};
	if (base)
		write_borrower(s, p, d, base);
	else
		write_whole(s, p, d);
	*b = id;
	s->count++;
	s->here++;
	return id;
}

void attr_prepare(struct attr_store *s, const struct attr_set *draft)
{
	size_t max = attr_packed_max(draft);
	if (max > s->scratch_size) {
		s->scratch = mem_realloc(s->scratch, max);
		s->scratch_size = max;
	}
	struct wr w = wr_init(s->scratch, s->scratch_size);
	struct packed *d = &s->prepared;
	*d = (struct packed){.p = w.base, .head = attr_pack(&w, draft)};
	assert(!w.bad);
	d->len = wr_len(&w);
	d->hash = hash_bytes(d->p, d->len);
	__builtin_prefetch(bucket(s, d->hash));
}

void attr_prepare_more(const struct attr_store *s)
{
	__builtin_prefetch(&s->places[*bucket(s, s->prepared.hash)]);
}

uint32_t attr_intern_prepared(struct attr_store *s, uint32_t like)
{
	uint32_t id = find(s, &s->prepared);
	if (!id)
		return add(s, &s->prepared, like);
	struct place *p = &s->places[id];
	assert(p->refs < UINT32_MAX);
	s->count += p->refs++ == 0;
	return id;
}

uint32_t attr_intern_like(struct attr_store *s, const struct attr_set *draft, uint32_t like)
{
	attr_prepare(s, draft);
	return attr_intern_prepared(s, like);
}

uint32_t attr_intern(struct attr_store *s, const struct attr_set *draft)
{
	return attr_intern_like(s, draft, 0);
}

/* ---- use ---- */

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
	die(s, id);
}

void attr_expect(const struct attr_store *s, uint32_t id)
{
	__builtin_prefetch(&s->places[id]);
}

void attr_expect_view(const struct attr_store *s, uint32_t id)
{
	const struct place *p = &s->places[id];
	__builtin_prefetch(borrows(p) ? s->places[base_of(p)].whole : p->whole);
}

void attr_view(const struct attr_store *s, uint32_t id, struct attr_set *out)
{
	const struct place *p = get(s, id);
	if (!borrows(p)) {
		struct rd r = rd_init(p->whole->packed, p->body);
		attr_unpack(&r, &r, out);
		return;
	}
	struct rd head = rd_init(head_of(p), attr_head_len(head_of(p)));
	struct rd body = body_of(&s->places[base_of(p)]);
	attr_unpack(&head, &body, out);
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
