/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prefix trie with 8-bit strides.
 *
 * A node at depth d (bytes) holds the prefixes of 8d+1 .. 8d+8 bits that share its first d bytes,
 * and children for longer ones. A prefix inside a node has a code: its place in the preorder walk
 * of the 511-node binary tree over one byte, so that codes sort in table order. Nodes that would
 * hold one child and nothing else are left out (path compression): a node keeps its whole key and a
 * search compares it. The zero-length prefix has no byte to stand in and lives in struct trie.
 *
 * A node is one block: header, key, child pointers, values, and then how to find them. Where the
 * arrays begin stands in the header; how much room there is follows from that. Up to SMALL values
 * have sorted 16-bit codes; more have a bitmap, are found by counting bits, and behind the bitmap
 * stands how many bits are set below each of its words, so that counting looks at one word. Up to
 * SMALL_KIDS children have sorted bytes; with more there is a pointer for each byte. The kind
 * follows from the capacity alone. A full node is rebuilt with more room, one that is mostly empty
 * with less, so memory follows the contents both ways.
 *
 * Invariants: no node is empty; no node holds exactly one child and no value; values are never
 * moved by anything but trie_insert and trie_del.
 */
#include "lib/trie.h"

#include <assert.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/pool.h"

enum {
	SMALL = 32, /* values */
	SMALL_KIDS = 96,
	FEW_KIDS = 72, /* to which a node with a pointer for each byte must fall */
	VALUE_BITS = 512,
	VALUE_WORDS = VALUE_BITS / 64,
	MAP_BYTES = VALUE_WORDS * (sizeof(uint64_t) + sizeof(uint16_t)),
	BYTES = 256,
	MAX_DEPTH = 16,
	CACHE_LINE = 64
};

struct node {
	uint16_t nval, nkid;               /* values and children held */
	uint16_t values, codes, kid_bytes; /* where they begin, bytes from the header's start;
					    * kid_bytes 0: a pointer for each byte */
	uint8_t depth;                     /* bytes of key that all inside share */
	uint8_t key[];                     /* depth bytes, then the arrays */
};

struct trie {
	struct node *root;
	uint32_t default_value; /* of the zero-length prefix */
	bool has_default;
	uint8_t key_bytes;
	enum family family;
	struct pool *pool; /* of the nodes */
	size_t count;
};

/* Where a prefix stands: in the node of `depth`, under `code`. */
struct place {
	unsigned depth;
	uint16_t code;
};

/* ---- layout of a node ---- */

/* For how much there is room in a node. */
struct shape {
	unsigned depth, ckid, cval;
};

/* ... if there are any. */
static size_t kids_at(unsigned depth)
{
	return (offsetof(struct node, key) + depth + 7) & ~(size_t)7;
}

static size_t values_at(struct shape s)
{
	if (!s.ckid)
		return (offsetof(struct node, key) + s.depth + 3) & ~(size_t)3;
	return kids_at(s.depth) + s.ckid * sizeof(struct node *);
}

static size_t codes_at(struct shape s)
{
	size_t at = values_at(s) + s.cval * sizeof(uint32_t);
	return s.cval > SMALL ? (at + 7) & ~(size_t)7 : at;
}

static size_t kid_bytes_at(struct shape s)
{
	return codes_at(s) + (s.cval > SMALL ? MAP_BYTES : s.cval * sizeof(uint16_t));
}

static size_t node_size(struct shape s)
{
	return kid_bytes_at(s) + (s.ckid > SMALL_KIDS ? 0 : s.ckid);
}

_Static_assert(sizeof(struct node) + MAX_DEPTH + 8 + BYTES * sizeof(struct node *) +
		       VALUE_BITS * sizeof(uint32_t) + MAP_BYTES <=
		   UINT16_MAX,
    "offsets inside a node");

static struct node **node_kids(const struct node *n)
{
	return (struct node **)((char *)n + kids_at(n->depth));
}

static uint32_t *node_values(const struct node *n)
{
	return (uint32_t *)((char *)n + n->values);
}

static void *node_codes(const struct node *n)
{
	return (char *)n + n->codes;
}

static uint8_t *node_kid_bytes(const struct node *n)
{
	return (uint8_t *)n + n->kid_bytes;
}

/* Are there bits for codes, and not sorted numbers? */
static bool is_bitmap(const struct node *n)
{
	return n->codes - n->values > SMALL * (int)sizeof(uint32_t);
}

static bool is_dense(const struct node *n)
{
	return !n->kid_bytes;
}

/* The shape is what the places of the arrays say. A bitmap is aligned, so there may be room for one
 * value more than was asked for. */
static struct shape shape_of(const struct node *n)
{
	int kids = n->values - (int)kids_at(n->depth);
	return (struct shape){.depth = n->depth,
	    .ckid = kids > 0 ? (unsigned)kids / sizeof(struct node *) : 0,
	    .cval = (unsigned)(n->codes - n->values) / sizeof(uint32_t)};
}

static unsigned room_for(unsigned n)
{
	return n < 4 ? n : n + n / 8 + 1;
}

static unsigned value_room(unsigned n)
{
	return room_for(n) < VALUE_BITS - 1 ? room_for(n) : VALUE_BITS - 1;
}

static unsigned kid_room(unsigned n)
{
	if (n > SMALL_KIDS)
		return BYTES;
	return room_for(n) < SMALL_KIDS ? room_for(n) : SMALL_KIDS;
}

static struct node *node_alloc(
    struct trie *t, const uint8_t *key, unsigned depth, unsigned ckid, unsigned cval)
{
	struct shape s = {depth, ckid, cval};
	size_t size = node_size(s);
	struct node *n = pool_get(t->pool, size);
	memset(n, 0, size);
	n->values = (uint16_t)values_at(s);
	n->codes = (uint16_t)codes_at(s);
	n->kid_bytes = ckid > SMALL_KIDS ? 0 : (uint16_t)kid_bytes_at(s);
	n->depth = (uint8_t)depth;
	memcpy(n->key, key, depth);
	return n;
}

static void node_free(struct trie *t, struct node *n)
{
	pool_put(t->pool, n, node_size(shape_of(n)));
}

/* ---- codes ---- */

/* Bits set in a byte. Without the instruction, which not every processor that we run on has,
 * counting them is a call elsewhere. */
static unsigned ones8(unsigned x)
{
	x -= x >> 1 & 0x55;
	x = (x & 0x33) + (x >> 2 & 0x33);
	return (x + (x >> 4)) & 0x0f;
}

static uint16_t code_of(unsigned byte, unsigned bits)
{
	return (uint16_t)(2 * byte - ones8(byte) + bits);
}

/* The byte of a code; *bits is how many of it count (1..8). */
static unsigned code_byte(unsigned code, unsigned *bits)
{
	unsigned byte = 0, depth = 0, half = 255;
	for (; code; depth++, half = (half - 1) / 2) {
		code--;
		if (code >= half) {
			code -= half;
			byte |= 128u >> depth;
		}
	}
	*bits = depth;
	return byte;
}

static struct place place_of(const struct prefix *p)
{
	unsigned depth = (p->len - 1u) / 8;
	return (struct place){depth, code_of(p->b[depth], p->len - 8 * depth)};
}

/* ---- search inside a node: the rank of a key, and whether it is there ---- */

static unsigned ones(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555u;
	x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (unsigned)(x * 0x0101010101010101u >> 56);
}

/* How many bits are set below each word. */
static uint16_t *bits_below(const uint64_t *w)
{
	return (uint16_t *)(w + VALUE_WORDS);
}

static unsigned bits_rank(const uint64_t *w, unsigned bit)
{
	return bits_below(w)[bit / 64] + ones(w[bit / 64] & ((1ull << (bit % 64)) - 1));
}

/* Sets (step 1) a bit that was clear, or clears (step -1) one that was set. */
static void bits_flip(uint64_t *w, unsigned bit, int step)
{
	w[bit / 64] ^= 1ull << (bit % 64);
	for (unsigned i = bit / 64 + 1; i < VALUE_WORDS; i++)
		bits_below(w)[i] = (uint16_t)(bits_below(w)[i] + step);
}

static bool bits_has(const uint64_t *w, unsigned bit)
{
	return w[bit / 64] >> (bit % 64) & 1;
}

/* The first set bit at or behind `bit`; VALUE_BITS if there is none. */
static unsigned bits_next(const uint64_t *w, unsigned bit)
{
	uint64_t word = w[bit / 64] & (~0ull << (bit % 64));
	for (unsigned i = bit / 64;;) {
		if (word)
			return i * 64 + (unsigned)__builtin_ctzll(word);
		if (++i == VALUE_WORDS)
			return VALUE_BITS;
		word = w[i];
	}
}

/* How many of n sorted codes are smaller: all are compared, eight at a time, since a branch on each
 * costs more than the comparisons. */
static unsigned codes_below(const uint16_t *c, unsigned n, uint16_t code)
{
	typedef uint16_t eight __attribute__((vector_size(16), aligned(2), may_alias));
	eight smaller = {0};
	unsigned i = 0, below = 0;
	for (; i + 8 <= n; i += 8)
		smaller -= (eight)(*(const eight *)(c + i) < code);
	for (; i < n; i++)
		below += c[i] < code;
	for (unsigned k = 0; k < 8; k++)
		below += smaller[k];
	return below;
}

static unsigned value_rank(const struct node *n, uint16_t code, bool *found)
{
	if (is_bitmap(n)) {
		const uint64_t *w = node_codes(n);
		*found = bits_has(w, code);
		return bits_rank(w, code);
	}
	const uint16_t *c = node_codes(n);
	unsigned below = codes_below(c, n->nval, code);
	*found = below < n->nval && c[below] == code;
	return below;
}

/* The place of the child under a byte; NULL: there is none. */
static struct node **node_kid(const struct node *n, unsigned byte)
{
	struct node **kids = node_kids(n);
	if (is_dense(n))
		return kids[byte] ? &kids[byte] : NULL;
	const uint8_t *b = node_kid_bytes(n), *at = memchr(b, (int)byte, n->nkid);
	return at ? &kids[at - b] : NULL;
}

/* Where in the sorted bytes a byte stands or belongs. */
static unsigned kid_rank(const uint8_t *b, unsigned n, unsigned byte)
{
	unsigned i = 0;
	while (i < n && b[i] < byte)
		i++;
	return i;
}

/* The smallest code at or behind `code`, VALUE_BITS if none; its rank too. */
static unsigned value_next(const struct node *n, unsigned code, unsigned *rank)
{
	if (code >= VALUE_BITS - 1)
		return VALUE_BITS;
	bool found;
	*rank = value_rank(n, (uint16_t)code, &found);
	if (*rank == n->nval)
		return VALUE_BITS;
	if (is_bitmap(n))
		return bits_next(node_codes(n), code);
	return ((const uint16_t *)node_codes(n))[*rank];
}

/* The smallest byte with a child at or behind `byte`, BYTES if none; its place among the pointers
 * too. */
static unsigned kid_next(const struct node *n, unsigned byte, unsigned *place)
{
	if (byte >= BYTES)
		return BYTES;
	if (is_dense(n)) {
		while (byte < BYTES && !node_kids(n)[byte])
			byte++;
		return *place = byte;
	}
	const uint8_t *b = node_kid_bytes(n);
	*place = kid_rank(b, n->nkid, byte);
	return *place < n->nkid ? b[*place] : BYTES;
}

/* ---- changing a node ---- */

static void copy_codes(const struct node *from, const struct node *to)
{
	unsigned rank, i = 0;
	uint16_t *small = node_codes(to);
	uint64_t *big = node_codes(to);
	for (unsigned c = value_next(from, 0, &rank); c < VALUE_BITS;
	     c = value_next(from, c + 1, &rank), i++)
		if (is_bitmap(to))
			bits_flip(big, c, 1);
		else
			small[i] = (uint16_t)c;
}

static void copy_kids(const struct node *from, const struct node *to)
{
	struct node **kids = node_kids(to);
	unsigned place, i = 0;
	if (is_dense(to) == is_dense(from)) {
		unsigned count = is_dense(from) ? BYTES : from->nkid;
		memcpy(kids, node_kids(from), count * sizeof(struct node *));
		memcpy(node_kid_bytes(to), node_kid_bytes(from), is_dense(from) ? 0 : count);
		return;
	}
	for (unsigned b = kid_next(from, 0, &place); b < BYTES;
	     b = kid_next(from, b + 1, &place), i++) {
		if (!is_dense(to))
			node_kid_bytes(to)[i] = (uint8_t)b;
		kids[is_dense(to) ? b : i] = node_kids(from)[place];
	}
}

/* Rebuilds *at with other capacities. */
static struct node *node_resize(struct trie *t, struct node **at, unsigned ckid, unsigned cval)
{
	struct node *n = *at, *m = node_alloc(t, n->key, n->depth, ckid, cval);
	m->nval = n->nval;
	m->nkid = n->nkid;
	memcpy(node_values(m), node_values(n), n->nval * sizeof(uint32_t));
	if (!is_bitmap(m) && !is_bitmap(n))
		memcpy(node_codes(m), node_codes(n), n->nval * sizeof(uint16_t));
	else
		copy_codes(n, m);
	copy_kids(n, m);
	node_free(t, n);
	*at = m;
	return m;
}

static uint32_t *value_add(struct trie *t, struct node **at, uint16_t code)
{
	bool found;
	struct node *n = *at;
	unsigned i = value_rank(n, code, &found);
	if (found)
		return &node_values(n)[i];
	struct shape room = shape_of(n);
	if (n->nval == room.cval)
		n = node_resize(t, at, room.ckid, value_room(n->nval + 1u));
	uint32_t *v = node_values(n);
	memmove(v + i + 1, v + i, (n->nval - i) * sizeof(*v));
	if (is_bitmap(n)) {
		bits_flip(node_codes(n), code, 1);
	} else {
		uint16_t *c = node_codes(n);
		memmove(c + i + 1, c + i, (n->nval - i) * sizeof(*c));
		c[i] = code;
	}
	n->nval++;
	t->count++;
	v[i] = 0;
	return &v[i];
}

static void kid_add(struct trie *t, struct node **at, unsigned byte, struct node *kid)
{
	struct node *n = *at;
	struct shape room = shape_of(n);
	if (n->nkid == room.ckid)
		n = node_resize(t, at, kid_room(n->nkid + 1u), room.cval);
	struct node **k = node_kids(n);
	unsigned i = byte;
	if (!is_dense(n)) {
		uint8_t *b = node_kid_bytes(n);
		i = kid_rank(b, n->nkid, byte);
		memmove(k + i + 1, k + i, (n->nkid - i) * sizeof(struct node *));
		memmove(b + i + 1, b + i, n->nkid - i);
		b[i] = (uint8_t)byte;
	}
	k[i] = kid;
	n->nkid++;
}

/* Has a node too much room for so many values, or does it go? */
static bool needs_resize(const struct node *n, unsigned values)
{
	return values * 3 < shape_of(n).cval;
}

/* Takes out the value of `code`, which is the i-th. */
static void value_take(struct trie *t, struct node *n, uint16_t code, unsigned i)
{
	uint32_t *v = node_values(n);
	n->nval--;
	memmove(v + i, v + i + 1, (n->nval - i) * sizeof(*v));
	if (is_bitmap(n)) {
		bits_flip(node_codes(n), code, -1);
	} else {
		uint16_t *c = node_codes(n);
		memmove(c + i, c + i + 1, (n->nval - i) * sizeof(*c));
	}
	t->count--;
}

static void value_remove(struct trie *t, struct node **at, uint16_t code, unsigned i)
{
	struct node *n = *at;
	value_take(t, n, code, i);
	if (needs_resize(n, n->nval) && (n->nval || n->nkid)) /* else it goes at once */
		node_resize(t, at, shape_of(n).ckid, value_room(n->nval));
}

static void kid_remove(struct trie *t, struct node **at, unsigned byte)
{
	struct node *n = *at;
	struct node **k = node_kids(n);
	n->nkid--;
	if (is_dense(n)) {
		k[byte] = NULL;
		if (n->nkid > FEW_KIDS)
			return;
	} else {
		uint8_t *b = node_kid_bytes(n);
		unsigned i = kid_rank(b, n->nkid, byte);
		memmove(k + i, k + i + 1, (n->nkid - i) * sizeof(struct node *));
		memmove(b + i, b + i + 1, n->nkid - i);
		if (n->nkid >= shape_of(n).ckid / 2)
			return;
	}
	node_resize(t, at, kid_room(n->nkid), shape_of(n).cval);
}

/* ---- the map ---- */

struct trie *trie_new(enum family family)
{
	struct trie *t = mem_zalloc(sizeof(*t));
	t->family = family;
	t->key_bytes = (uint8_t)family_bytes(family);
	t->pool = pool_new();
	return t;
}

static void subtree_free(struct trie *t, struct node *n)
{
	unsigned place;
	for (unsigned b = kid_next(n, 0, &place); b < BYTES; b = kid_next(n, b + 1, &place))
		subtree_free(t, node_kids(n)[place]);
	node_free(t, n);
}

void trie_free(struct trie *t)
{
	if (!t)
		return;
	if (t->root)
		subtree_free(t, t->root);
	pool_free(t->pool);
	mem_free(t);
}

/* The value of a prefix in the node to which the search for it came. */
static uint32_t value_in(const struct node *n, const struct prefix *p)
{
	struct place at = place_of(p);
	bool found;
	if (n->depth != at.depth || memcmp(n->key, p->b, at.depth) != 0)
		return 0;
	unsigned i = value_rank(n, at.code, &found);
	return found ? node_values(n)[i] : 0;
}

uint32_t trie_find(const struct trie *t, const struct prefix *p)
{
	assert(p->family == t->family);
	if (p->len == 0)
		return t->default_value;
	unsigned depth = place_of(p).depth;
	const struct node *n = t->root;
	while (n && n->depth < depth) {
		struct node **kid = node_kid(n, p->b[n->depth]);
		n = kid ? *kid : NULL;
	}
	return n ? value_in(n, p) : 0;
}

/* Fetches what a search inside a node reads: the arrays' far ends stand in other cache lines. */
static void node_expect(const struct node *n)
{
	const char *end = (const char *)node_codes(n);
	end += is_bitmap(n) ? MAP_BYTES : n->nval * sizeof(uint16_t);
	for (const char *at = (const char *)node_values(n); at < end; at += CACHE_LINE)
		__builtin_prefetch(at);
}

/* One step of a search among others: the child, which is on its way into the cache; NULL: none. */
static const struct node *search_step(const struct node *n, const struct prefix *p)
{
	unsigned byte = p->b[n->depth];
	const struct node *kid = NULL;
	if (is_dense(n)) {
		kid = node_kids(n)[byte];
	} else {
		const uint8_t *b = node_kid_bytes(n), *at = memchr(b, (int)byte, n->nkid);
		kid = at ? node_kids(n)[at - b] : NULL;
	}
	__builtin_prefetch(kid);
	return kid;
}

/* Walks down to where `count` prefixes stand or would, side by side; ends[i] NULL: nowhere. */
static void search_many(
    const struct trie *t, const struct prefix *p, unsigned count, const struct node **ends)
{
	const struct node *at[TRIE_MANY];
	bool more = true;
	assert(count <= TRIE_MANY);
	for (unsigned i = 0; i < count; i++) {
		at[i] = p[i].len ? t->root : NULL;
		ends[i] = NULL;
	}
	while (more) {
		more = false;
		for (unsigned i = 0; i < count; i++) {
			if (!at[i])
				continue;
			if (at[i]->depth >= (p[i].len - 1u) / 8) {
				ends[i] = at[i];
				node_expect(at[i]);
				at[i] = NULL;
			} else {
				at[i] = search_step(at[i], &p[i]);
				more = true;
			}
		}
	}
}

void trie_find_many(const struct trie *t, const struct prefix *p, unsigned count, uint32_t *values)
{
	const struct node *ends[TRIE_MANY];
	search_many(t, p, count, ends);
	for (unsigned i = 0; i < count; i++) {
		if (p[i].len == 0)
			values[i] = t->default_value;
		else
			values[i] = ends[i] ? value_in(ends[i], &p[i]) : 0;
	}
}

/* The first byte in which the node's key and the prefix part, at most `limit`. */
static unsigned first_difference(const struct node *n, const struct prefix *p, unsigned limit)
{
	unsigned i = 0, end = n->depth < limit ? n->depth : limit;
	while (i < end && n->key[i] == p->b[i])
		i++;
	return i;
}

static struct node *leaf_new(struct trie *t, const struct prefix *p, unsigned depth)
{
	return node_alloc(t, p->b, depth, 0, 1);
}

/* Puts a node above *at where the new prefix parts from it; returns the place for the new prefix.
 */
static struct node **node_split(
    struct trie *t, struct node **at, const struct prefix *p, unsigned depth, unsigned target)
{
	struct node *old = *at;
	bool here = depth == target;
	struct node *n = node_alloc(t, p->b, depth, here ? 1 : 2, here ? 1 : 0);
	*at = n;
	kid_add(t, at, old->key[depth], old);
	if (here)
		return at;
	kid_add(t, at, p->b[depth], leaf_new(t, p, target));
	return node_kid(*at, p->b[depth]);
}

uint32_t *trie_insert(struct trie *t, const struct prefix *p)
{
	assert(p->family == t->family);
	if (p->len == 0) {
		t->count += !t->has_default;
		t->has_default = true;
		return &t->default_value;
	}
	struct place to = place_of(p);
	struct node **at = &t->root;
	if (!*at)
		*at = leaf_new(t, p, to.depth);
	for (;;) {
		struct node *n = *at;
		unsigned same = first_difference(n, p, to.depth);
		if (same < n->depth) {
			at = node_split(t, at, p, same, to.depth);
			break;
		}
		if (n->depth == to.depth)
			break;
		struct node **kid = node_kid(n, p->b[n->depth]);
		if (!kid) {
			unsigned byte = p->b[n->depth];
			kid_add(t, at, byte, leaf_new(t, p, to.depth));
			at = node_kid(*at, byte);
			break;
		}
		at = kid;
	}
	return value_add(t, at, to.code);
}

/* Mends the invariants of the last node on the way down after it lost a value. */
static void path_mend(struct trie *t, struct node ***path, unsigned last)
{
	struct node *n = *path[last];
	if (n->nval == 0 && n->nkid == 0) {
		if (last == 0) {
			*path[0] = NULL;
			node_free(t, n);
			return;
		}
		struct node *up = *path[last - 1];
		kid_remove(t, path[last - 1], n->key[up->depth]);
		node_free(t, n);
		n = *path[--last];
	}
	if (n->nval == 0 && n->nkid == 1) {
		*path[last] = node_kids(n)[0];
		node_free(t, n);
	}
}

void trie_del(struct trie *t, const struct prefix *p)
{
	assert(p->family == t->family);
	if (p->len == 0) {
		assert(t->has_default);
		t->count--;
		t->has_default = false;
		t->default_value = 0;
		return;
	}
	struct place to = place_of(p);
	struct node **path[MAX_DEPTH + 1], **at = t->root ? &t->root : NULL;
	unsigned n = 0;
	for (; at; n++) {
		path[n] = at;
		if ((*at)->depth >= to.depth)
			break;
		at = node_kid(*at, p->b[(*at)->depth]);
	}
	bool found = false;
	unsigned i = 0;
	if (at && (*at)->depth == to.depth && memcmp((*at)->key, p->b, to.depth) == 0)
		i = value_rank(*at, to.code, &found);
	assert(found);
	value_remove(t, at, to.code, i);
	path_mend(t, path, n);
}

/* Takes a prefix out of the node to which the search for it came, if the node stays what it is;
 * false: nothing was done. */
static bool value_drop(struct trie *t, struct node *n, const struct prefix *p)
{
	struct place at = place_of(p);
	bool found;
	if (n->depth != at.depth || needs_resize(n, n->nval - 1u))
		return false;
	unsigned i = value_rank(n, at.code, &found);
	assert(found && memcmp(n->key, p->b, at.depth) == 0);
	value_take(t, n, at.code, i);
	return true;
}

void trie_del_many(struct trie *t, const struct prefix *p, unsigned count)
{
	const struct node *ends[TRIE_MANY];
	unsigned rest[TRIE_MANY], n = 0;
	search_many(t, p, count, ends);
	for (unsigned i = 0; i < count; i++)
		if (!ends[i] || !value_drop(t, (struct node *)ends[i], &p[i]))
			rest[n++] = i;
	/* Only these move nodes. */
	for (unsigned i = 0; i < n; i++)
		trie_del(t, &p[rest[i]]);
}

/* ---- longest match ---- */

/* The longest of the node's prefixes that holds `byte` and has at most `max` bits of it. */
static uint32_t node_match(const struct node *n, unsigned byte, unsigned max, unsigned *bits)
{
	for (unsigned l = max; l && n->nval; l--) {
		bool found;
		unsigned i = value_rank(n, code_of(byte & (0xff00u >> l), l), &found);
		if (found) {
			*bits = l;
			return node_values(n)[i];
		}
	}
	return 0;
}

static uint32_t match_upto(
    const struct trie *t, const uint8_t *b, unsigned max_len, struct prefix *found)
{
	uint32_t best = t->default_value;
	unsigned len = 0;
	const struct node *n = t->root;
	while (n && n->depth * 8u < max_len && memcmp(n->key, b, n->depth) == 0) {
		unsigned bits, left = max_len - n->depth * 8u;
		uint32_t v = node_match(n, b[n->depth], left < 8 ? left : 8, &bits);
		if (v) {
			best = v;
			len = n->depth * 8u + bits;
		}
		struct node **kid = node_kid(n, b[n->depth]);
		n = kid ? *kid : NULL;
	}
	if (best && found) {
		struct prefix p = {.family = (uint8_t)t->family, .len = (uint8_t)len};
		memcpy(p.b, b, t->key_bytes);
		prefix_mask(&p);
		*found = p;
	}
	return best;
}

uint32_t trie_match(const struct trie *t, const struct addr *a, struct prefix *found)
{
	assert(a->family == t->family);
	return match_upto(t, a->b, t->key_bytes * 8u, found);
}

uint32_t trie_match_above(const struct trie *t, const struct prefix *p, struct prefix *found)
{
	assert(p->family == t->family);
	return p->len ? match_upto(t, p->b, p->len - 1u, found) : 0;
}

/* ---- in order ---- */

/* The first entry of the node with a code at or behind `code` or a child at or behind `byte`. */
static uint32_t node_from(
    const struct trie *t, const struct node *n, unsigned code, unsigned byte, struct prefix *found)
{
	for (;;) {
		unsigned vi = 0, ki = 0, bits = 0;
		unsigned c = value_next(n, code, &vi), k = kid_next(n, byte, &ki);
		unsigned v = c < VALUE_BITS ? code_byte(c, &bits) : BYTES;
		/* A prefix stands before the children under its byte. */
		if (c < VALUE_BITS && v <= k) {
			*found = (struct prefix){
			    .family = (uint8_t)t->family, .len = (uint8_t)(n->depth * 8u + bits)};
			memcpy(found->b, n->key, n->depth);
			found->b[n->depth] = (uint8_t)v;
			return node_values(n)[vi];
		}
		if (k == BYTES)
			return 0;
		n = node_kids(n)[ki];
		code = byte = 0;
	}
}

static uint32_t node_after(
    const struct trie *t, const struct node *n, const struct prefix *after, struct prefix *found)
{
	int cmp = memcmp(n->key, after->b, n->depth);
	if (cmp < 0)
		return 0;
	if (cmp > 0 || after->len <= n->depth * 8u)
		return node_from(t, n, 0, 0, found);
	struct place at = place_of(after);
	unsigned byte = after->b[n->depth];
	if (at.depth == n->depth)
		return node_from(t, n, at.code + 1u, byte, found);
	struct node **kid = node_kid(n, byte);
	uint32_t v = kid ? node_after(t, *kid, after, found) : 0;
	return v ? v : node_from(t, n, code_of(byte, 8) + 1u, byte + 1u, found);
}

uint32_t trie_next(const struct trie *t, const struct prefix *after, struct prefix *found)
{
	struct prefix p = {.family = (uint8_t)t->family};
	uint32_t v;
	if (!after && t->default_value)
		v = t->default_value;
	else if (!t->root)
		v = 0;
	else if (!after)
		v = node_from(t, t->root, 0, 0, &p);
	else
		v = node_after(t, t->root, after, &p);
	if (v && found)
		*found = p;
	return v;
}

uint32_t trie_next_within(const struct trie *t, const struct prefix *within,
    const struct prefix *after, struct prefix *found)
{
	struct prefix p = *within;
	uint32_t v = 0;
	if (!after || prefix_cmp(after, within) < 0) {
		v = trie_find(t, within);
		after = within;
	}
	if (!v)
		v = trie_next(t, after, &p);
	if (!v || !prefix_contains(within, &p))
		return 0;
	if (found)
		*found = p;
	return v;
}

size_t trie_count(const struct trie *t)
{
	return t->count;
}

size_t trie_bytes(const struct trie *t)
{
	return sizeof(*t) + pool_bytes(t->pool);
}
