/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prefix trie with 8-bit strides.
 *
 * A node at depth d (bytes) holds the prefixes of 8d+1 .. 8d+8 bits that share its first d bytes,
 * and children for longer ones. A prefix inside a node has a code: its place in the preorder walk
 * of the 511-node binary tree over one byte, so that codes sort in table order. Nodes that would
 * hold one child and nothing else are left out (path compression): a node keeps its whole key and a
 * search compares it. The zero-length prefix has no byte to stand in and lives in struct trie.
 *
 * A node is one block: header, key, child pointers, values, and then how to find them. Up to SMALL
 * values have sorted 16-bit codes, more have a bitmap and are found by counting bits; children
 * likewise with sorted bytes. The kind follows from the capacity alone. A full node is rebuilt with
 * more room, one that is half empty with less, so memory follows the contents both ways.
 *
 * Invariants: no node is empty; no node holds exactly one child and no value; values are never
 * moved by anything but trie_insert and trie_del.
 */
#include "lib/trie.h"

#include <assert.h>
#include <string.h>

#include "lib/mem.h"

enum { SMALL = 32, VALUE_BITS = 512, CHILD_BITS = 256, MAX_DEPTH = 16 };

struct node {
	uint16_t nval, cval; /* values held, room for */
	uint16_t nkid, ckid; /* children */
	uint8_t depth;       /* bytes of key that all inside share */
	uint8_t key[];       /* 4 or 16 bytes, then the arrays */
};

struct trie {
	struct node *root;
	uint32_t default_value; /* of the zero-length prefix */
	bool has_default;
	uint8_t key_bytes;
	enum family family;
	size_t count, bytes;
};

/* Where a prefix stands: in the node of `depth`, under `code`. */
struct place {
	unsigned depth;
	uint16_t code;
};

/* ---- layout of a node ---- */

static size_t kids_at(const struct trie *t)
{
	return (sizeof(struct node) + t->key_bytes + 7) & ~(size_t)7;
}

static size_t values_at(const struct trie *t, unsigned ckid)
{
	return kids_at(t) + ckid * sizeof(struct node *);
}

static size_t codes_at(const struct trie *t, unsigned ckid, unsigned cval)
{
	size_t at = values_at(t, ckid) + cval * sizeof(uint32_t);
	return cval > SMALL ? (at + 7) & ~(size_t)7 : at;
}

static size_t kid_bytes_at(const struct trie *t, unsigned ckid, unsigned cval)
{
	size_t at = codes_at(t, ckid, cval);
	at += cval > SMALL ? VALUE_BITS / 8 : cval * sizeof(uint16_t);
	return ckid > SMALL ? (at + 7) & ~(size_t)7 : at;
}

static size_t node_size(const struct trie *t, unsigned ckid, unsigned cval)
{
	return kid_bytes_at(t, ckid, cval) + (ckid > SMALL ? CHILD_BITS / 8 : ckid);
}

static struct node **node_kids(const struct trie *t, const struct node *n)
{
	return (struct node **)((char *)n + kids_at(t));
}

static uint32_t *node_values(const struct trie *t, const struct node *n)
{
	return (uint32_t *)((char *)n + values_at(t, n->ckid));
}

static void *node_codes(const struct trie *t, const struct node *n)
{
	return (char *)n + codes_at(t, n->ckid, n->cval);
}

static void *node_kid_bytes(const struct trie *t, const struct node *n)
{
	return (char *)n + kid_bytes_at(t, n->ckid, n->cval);
}

/* What malloc takes for a block: a word of its own, steps of 16. */
static size_t block_bytes(size_t size)
{
	size_t b = (size + 8 + 15) & ~(size_t)15;
	return b < 32 ? 32 : b;
}

static unsigned room_for(unsigned n, unsigned max)
{
	unsigned c = n < 4 ? n : n + n / 8 + 1;
	return c < max ? c : max;
}

static struct node *node_alloc(
    struct trie *t, const uint8_t *key, unsigned depth, unsigned ckid, unsigned cval)
{
	size_t size = node_size(t, ckid, cval);
	struct node *n = mem_zalloc(size);
	n->depth = (uint8_t)depth;
	n->ckid = (uint16_t)ckid;
	n->cval = (uint16_t)cval;
	memcpy(n->key, key, depth);
	t->bytes += block_bytes(size);
	return n;
}

static void node_free(struct trie *t, struct node *n)
{
	t->bytes -= block_bytes(node_size(t, n->ckid, n->cval));
	mem_free(n);
}

/* ---- codes ---- */

static uint16_t code_of(unsigned byte, unsigned bits)
{
	return (uint16_t)(2 * byte - (unsigned)__builtin_popcount(byte) + bits);
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

static unsigned bits_rank(const uint64_t *w, unsigned bit)
{
	unsigned n = 0;
	for (unsigned i = 0; i < bit / 64; i++)
		n += (unsigned)__builtin_popcountll(w[i]);
	return n + (unsigned)__builtin_popcountll(w[bit / 64] & ((1ull << (bit % 64)) - 1));
}

static bool bits_has(const uint64_t *w, unsigned bit)
{
	return w[bit / 64] >> (bit % 64) & 1;
}

/* The first set bit at or behind `bit`; `max` if there is none. */
static unsigned bits_next(const uint64_t *w, unsigned bit, unsigned max)
{
	if (bit >= max)
		return max;
	uint64_t word = w[bit / 64] & (~0ull << (bit % 64));
	for (unsigned i = bit / 64;;) {
		if (word)
			return i * 64 + (unsigned)__builtin_ctzll(word);
		if (++i == max / 64)
			return max;
		word = w[i];
	}
}

static unsigned value_rank(const struct trie *t, const struct node *n, uint16_t code, bool *found)
{
	if (n->cval > SMALL) {
		const uint64_t *w = node_codes(t, n);
		*found = bits_has(w, code);
		return bits_rank(w, code);
	}
	const uint16_t *c = node_codes(t, n);
	unsigned lo = 0;
	for (unsigned len = n->nval; len;) {
		unsigned half = len / 2;
		bool right = c[lo + half] < code;
		lo = right ? lo + half + 1 : lo;
		len = right ? len - half - 1 : half;
	}
	*found = lo < n->nval && c[lo] == code;
	return lo;
}

static unsigned kid_rank(const struct trie *t, const struct node *n, unsigned byte, bool *found)
{
	if (n->ckid > SMALL) {
		const uint64_t *w = node_kid_bytes(t, n);
		*found = bits_has(w, byte);
		return bits_rank(w, byte);
	}
	const uint8_t *b = node_kid_bytes(t, n);
	unsigned i = 0;
	while (i < n->nkid && b[i] < byte)
		i++;
	*found = i < n->nkid && b[i] == byte;
	return i;
}

static struct node **node_kid(const struct trie *t, const struct node *n, unsigned byte)
{
	bool found;
	unsigned i = kid_rank(t, n, byte, &found);
	return found ? &node_kids(t, n)[i] : NULL;
}

/* The smallest code at or behind `code`, VALUE_BITS if none; its rank too. */
static unsigned value_next(
    const struct trie *t, const struct node *n, unsigned code, unsigned *rank)
{
	if (code >= VALUE_BITS - 1)
		return VALUE_BITS;
	bool found;
	*rank = value_rank(t, n, (uint16_t)code, &found);
	if (*rank == n->nval)
		return VALUE_BITS;
	if (n->cval > SMALL)
		return bits_next(node_codes(t, n), code, VALUE_BITS);
	return ((const uint16_t *)node_codes(t, n))[*rank];
}

static unsigned kid_next(const struct trie *t, const struct node *n, unsigned byte, unsigned *rank)
{
	if (byte >= CHILD_BITS)
		return CHILD_BITS;
	bool found;
	*rank = kid_rank(t, n, byte, &found);
	if (*rank == n->nkid)
		return CHILD_BITS;
	if (n->ckid > SMALL)
		return bits_next(node_kid_bytes(t, n), byte, CHILD_BITS);
	return ((const uint8_t *)node_kid_bytes(t, n))[*rank];
}

/* ---- changing a node ---- */

static void copy_codes(const struct trie *t, const struct node *from, const struct node *to)
{
	unsigned rank, i = 0;
	uint16_t *small = node_codes(t, to);
	uint64_t *big = node_codes(t, to);
	for (unsigned c = value_next(t, from, 0, &rank); c < VALUE_BITS;
	     c = value_next(t, from, c + 1, &rank), i++)
		if (to->cval > SMALL)
			big[c / 64] |= 1ull << (c % 64);
		else
			small[i] = (uint16_t)c;
}

static void copy_kid_bytes(const struct trie *t, const struct node *from, const struct node *to)
{
	unsigned rank, i = 0;
	uint8_t *small = node_kid_bytes(t, to);
	uint64_t *big = node_kid_bytes(t, to);
	for (unsigned b = kid_next(t, from, 0, &rank); b < CHILD_BITS;
	     b = kid_next(t, from, b + 1, &rank), i++)
		if (to->ckid > SMALL)
			big[b / 64] |= 1ull << (b % 64);
		else
			small[i] = (uint8_t)b;
}

/* Rebuilds *at with other capacities. */
static struct node *node_resize(struct trie *t, struct node **at, unsigned ckid, unsigned cval)
{
	struct node *n = *at, *m = node_alloc(t, n->key, n->depth, ckid, cval);
	m->nval = n->nval;
	m->nkid = n->nkid;
	memcpy(node_kids(t, m), node_kids(t, n), n->nkid * sizeof(struct node *));
	memcpy(node_values(t, m), node_values(t, n), n->nval * sizeof(uint32_t));
	if (m->cval <= SMALL && n->cval <= SMALL)
		memcpy(node_codes(t, m), node_codes(t, n), n->nval * sizeof(uint16_t));
	else
		copy_codes(t, n, m);
	if (m->ckid <= SMALL && n->ckid <= SMALL)
		memcpy(node_kid_bytes(t, m), node_kid_bytes(t, n), n->nkid);
	else
		copy_kid_bytes(t, n, m);
	node_free(t, n);
	*at = m;
	return m;
}

static uint32_t *value_add(struct trie *t, struct node **at, uint16_t code)
{
	bool found;
	struct node *n = *at;
	unsigned i = value_rank(t, n, code, &found);
	if (found)
		return &node_values(t, n)[i];
	if (n->nval == n->cval)
		n = node_resize(t, at, n->ckid, room_for(n->nval + 1u, VALUE_BITS - 1));
	uint32_t *v = node_values(t, n);
	memmove(v + i + 1, v + i, (n->nval - i) * sizeof(*v));
	if (n->cval > SMALL) {
		((uint64_t *)node_codes(t, n))[code / 64] |= 1ull << (code % 64);
	} else {
		uint16_t *c = node_codes(t, n);
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
	bool found;
	struct node *n = *at;
	unsigned i = kid_rank(t, n, byte, &found);
	if (n->nkid == n->ckid)
		n = node_resize(t, at, room_for(n->nkid + 1u, CHILD_BITS), n->cval);
	struct node **k = node_kids(t, n);
	memmove(k + i + 1, k + i, (n->nkid - i) * sizeof(struct node *));
	if (n->ckid > SMALL) {
		((uint64_t *)node_kid_bytes(t, n))[byte / 64] |= 1ull << (byte % 64);
	} else {
		uint8_t *b = node_kid_bytes(t, n);
		memmove(b + i + 1, b + i, n->nkid - i);
		b[i] = (uint8_t)byte;
	}
	k[i] = kid;
	n->nkid++;
}

static void value_remove(struct trie *t, struct node **at, uint16_t code)
{
	bool found;
	struct node *n = *at;
	unsigned i = value_rank(t, n, code, &found);
	uint32_t *v = node_values(t, n);
	n->nval--;
	memmove(v + i, v + i + 1, (n->nval - i) * sizeof(*v));
	if (n->cval > SMALL) {
		((uint64_t *)node_codes(t, n))[code / 64] &= ~(1ull << (code % 64));
	} else {
		uint16_t *c = node_codes(t, n);
		memmove(c + i, c + i + 1, (n->nval - i) * sizeof(*c));
	}
	t->count--;
	if (n->nval < n->cval / 2)
		node_resize(t, at, n->ckid, room_for(n->nval, VALUE_BITS - 1));
}

static void kid_remove(struct trie *t, struct node **at, unsigned byte)
{
	bool found;
	struct node *n = *at;
	unsigned i = kid_rank(t, n, byte, &found);
	struct node **k = node_kids(t, n);
	n->nkid--;
	memmove(k + i, k + i + 1, (n->nkid - i) * sizeof(struct node *));
	if (n->ckid > SMALL) {
		((uint64_t *)node_kid_bytes(t, n))[byte / 64] &= ~(1ull << (byte % 64));
	} else {
		uint8_t *b = node_kid_bytes(t, n);
		memmove(b + i, b + i + 1, n->nkid - i);
	}
	if (n->nkid < n->ckid / 2)
		node_resize(t, at, room_for(n->nkid, CHILD_BITS), n->cval);
}

/* ---- the map ---- */

struct trie *trie_new(enum family family)
{
	struct trie *t = mem_zalloc(sizeof(*t));
	t->family = family;
	t->key_bytes = (uint8_t)family_bytes(family);
	t->bytes = block_bytes(sizeof(*t));
	return t;
}

static void subtree_free(struct trie *t, struct node *n)
{
	for (unsigned i = 0; i < n->nkid; i++)
		subtree_free(t, node_kids(t, n)[i]);
	node_free(t, n);
}

void trie_free(struct trie *t)
{
	if (!t)
		return;
	if (t->root)
		subtree_free(t, t->root);
	mem_free(t);
}

uint32_t trie_find(const struct trie *t, const struct prefix *p)
{
	assert(p->family == t->family);
	if (p->len == 0)
		return t->default_value;
	struct place at = place_of(p);
	const struct node *n = t->root;
	while (n && n->depth < at.depth) {
		struct node **kid = node_kid(t, n, p->b[n->depth]);
		n = kid ? *kid : NULL;
	}
	if (!n || n->depth != at.depth || memcmp(n->key, p->b, at.depth) != 0)
		return 0;
	bool found;
	unsigned i = value_rank(t, n, at.code, &found);
	return found ? node_values(t, n)[i] : 0;
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
	return node_kid(t, *at, p->b[depth]);
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
		struct node **kid = node_kid(t, n, p->b[n->depth]);
		if (!kid) {
			unsigned byte = p->b[n->depth];
			kid_add(t, at, byte, leaf_new(t, p, to.depth));
			at = node_kid(t, *at, byte);
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
		*path[last] = node_kids(t, n)[0];
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
		at = node_kid(t, *at, p->b[(*at)->depth]);
	}
	bool found = false;
	if (at && (*at)->depth == to.depth && memcmp((*at)->key, p->b, to.depth) == 0)
		value_rank(t, *at, to.code, &found);
	assert(found);
	value_remove(t, at, to.code);
	path_mend(t, path, n);
}

/* ---- longest match ---- */

/* The longest of the node's prefixes that holds `byte` and has at most `max` bits of it. */
static uint32_t node_match(
    const struct trie *t, const struct node *n, unsigned byte, unsigned max, unsigned *bits)
{
	for (unsigned l = max; l && n->nval; l--) {
		bool found;
		unsigned i = value_rank(t, n, code_of(byte & (0xff00u >> l), l), &found);
		if (found) {
			*bits = l;
			return node_values(t, n)[i];
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
		uint32_t v = node_match(t, n, b[n->depth], left < 8 ? left : 8, &bits);
		if (v) {
			best = v;
			len = n->depth * 8u + bits;
		}
		struct node **kid = node_kid(t, n, b[n->depth]);
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
		unsigned c = value_next(t, n, code, &vi), k = kid_next(t, n, byte, &ki);
		unsigned v = c < VALUE_BITS ? code_byte(c, &bits) : CHILD_BITS;
		/* A prefix stands before the children under its byte. */
		if (c < VALUE_BITS && v <= k) {
			*found = (struct prefix){
			    .family = (uint8_t)t->family, .len = (uint8_t)(n->depth * 8u + bits)};
			memcpy(found->b, n->key, n->depth);
			found->b[n->depth] = (uint8_t)v;
			return node_values(t, n)[vi];
		}
		if (k == CHILD_BITS)
			return 0;
		n = node_kids(t, n)[ki];
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
	struct node **kid = node_kid(t, n, byte);
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
	return t->bytes;
}
