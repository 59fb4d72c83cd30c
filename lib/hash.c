/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linear hashing: the table grows and shrinks by one bucket at a time.
 *
 * A table that doubles stops the one thread for as long as it takes to move every item; here each
 * addition splits at most one bucket and each removal merges at most one, so no call is ever slow.
 * `size` buckets are live. mask is the smallest 2^n - 1 that covers them: an item belongs to bucket
 * hash & mask, or, where that one does not exist yet, to hash & mask >> 1, which it will be split
 * from. The invariant 1/2 <= count / size <= 1 holds (but for MIN_SIZE) whenever no walk is under
 * way; a walk puts merging off, so that the buckets it has still to visit stay where they are.
 *
 * A zeroed struct is an empty table without memory.
 */
#include "lib/hash.h"

#include <assert.h>
#include <string.h>
#include <xxhash.h>

#include "lib/mem.h"

enum { MIN_SIZE = 8 };

void hash_init(struct hash *h)
{
	memset(h, 0, sizeof(*h));
}

void hash_fini(struct hash *h)
{
	mem_free(h->buckets);
	hash_init(h);
}

static struct hash_node **bucket_of(const struct hash *h, uint32_t hash)
{
	uint32_t i = hash & h->mask;

	return &h->buckets[i < h->size ? i : i & h->mask >> 1];
}

struct hash_node *hash_find(const struct hash *h, uint32_t hash, hash_equal *equal, const void *key)
{
	if (!h->count)
		return NULL;
	for (struct hash_node *n = *bucket_of(h, hash); n; n = n->next)
		if (n->hash == hash && equal(n, key))
			return n;
	return NULL;
}

/* Gives the bucket array room for cap buckets. */
static void set_cap(struct hash *h, uint32_t cap)
{
	h->buckets = mem_realloc(h->buckets, cap * sizeof(*h->buckets));
	h->cap = cap;
}

/* Makes one more bucket live and moves the items to it that belong there now. */
static void split(struct hash *h)
{
	if (h->size == h->cap)
		set_cap(h, h->cap * 2);
	if (h->size > h->mask)
		h->mask = h->mask << 1 | 1;

	uint32_t fresh = h->size++;
	struct hash_node **from = &h->buckets[fresh & h->mask >> 1];

	h->buckets[fresh] = NULL;
	while (*from) {
		struct hash_node *n = *from;

		if ((n->hash & h->mask) != fresh) {
			from = &n->next;
			continue;
		}
		*from = n->next;
		n->next = h->buckets[fresh];
		h->buckets[fresh] = n;
	}
}

/* Undoes the last split. */
static void merge(struct hash *h)
{
	struct hash_node *last = h->buckets[--h->size];
	struct hash_node **end = &h->buckets[h->size & h->mask >> 1];

	while (*end)
		end = &(*end)->next;
	*end = last;
	if (h->size == (h->mask >> 1) + 1)
		h->mask >>= 1;
	if (h->size <= h->cap / 4)
		set_cap(h, h->cap / 2);
}

static void shrink(struct hash *h)
{
	while (!h->walks && h->size > MIN_SIZE && h->count < (h->size + 1) / 2)
		merge(h);
}

void hash_add(struct hash *h, struct hash_node *node, uint32_t hash)
{
	if (!h->buckets) {
		set_cap(h, MIN_SIZE);
		memset(h->buckets, 0, MIN_SIZE * sizeof(*h->buckets));
		h->size = MIN_SIZE;
		h->mask = MIN_SIZE - 1;
	}
	assert(!h->walks);
	if (h->count == h->size)
		split(h);

	struct hash_node **b = bucket_of(h, hash);

	node->hash = hash;
	node->next = *b;
	*b = node;
	h->count++;
}

void hash_del(struct hash *h, struct hash_node *node)
{
	assert(h->count);

	struct hash_node **at = bucket_of(h, node->hash);

	while (*at != node) {
		assert(*at);
		at = &(*at)->next;
	}
	*at = node->next;
	node->next = NULL;
	h->count--;
	shrink(h);
}

void hash_walk(struct hash *h, void (*cb)(struct hash_node *node, void *arg), void *arg)
{
	h->walks++;
	for (uint32_t i = 0; i < h->size; i++) {
		struct hash_node *n, *next;

		for (n = h->buckets[i]; n; n = next) {
			next = n->next;
			cb(n, arg);
		}
	}
	h->walks--;
	shrink(h);
}

uint32_t hash_bytes(const void *p, size_t n)
{
	uint64_t h = XXH3_64bits(p, n);

	return (uint32_t)(h ^ h >> 32);
}
