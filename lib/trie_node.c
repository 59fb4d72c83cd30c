/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A node is one block: header, key, codes of the values, bytes of the children, child pointers,
 * values. What is searched stands together behind the header, so that one or two cache lines hold
 * it. Up to SMALL values have sorted 16-bit codes; more have a bitmap, are found by counting bits,
 * and behind the bitmap stands how many bits are set below each of its words, so that counting
 * looks at one word. Up to SMALL_KIDS children have sorted bytes; with more there is a pointer for
 * each byte. The kind follows from the capacity alone. A full node is rebuilt with more room, one
 * that is mostly empty with less, so memory follows the contents both ways.
 *
 * A code is the place in the preorder walk of the binary tree over one byte, so that codes sort in
 * table order. Below each of its 256 leaves hangs one thing more, the lone prefix that is longer.
 *
 * Values are never moved by anything but the functions that take the node's place.
 */
#include "lib/trie_node.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

enum {
	SMALL = 32, /* values */
	SMALL_KIDS = 96,
	FEW_KIDS = 72, /* to which a node with a pointer for each byte must fall */
	WORDS = TNODE_CODES / 64,
	MAP_BYTES = WORDS * (sizeof(uint64_t) + sizeof(uint16_t)),
	CACHE_LINE = 64
};

/* ---- layout ---- */

/* Codes, side by side. */
typedef int16_t four __attribute__((vector_size(8), aligned(2), may_alias));
typedef int16_t eight __attribute__((vector_size(16), aligned(2), may_alias));

static size_t round_up(size_t at, size_t unit)
{
	return (at + unit - 1) & ~(unit - 1);
}

static bool is_bitmap(const struct tnode *n)
{
	return n->cval > SMALL;
}

static bool is_dense(const struct tnode *n)
{
	return !n->kid_bytes;
}

static size_t codes_at(unsigned depth, bool bitmap)
{
	return round_up(
	    offsetof(struct tnode, key) + depth, bitmap ? sizeof(uint64_t) : sizeof(uint16_t));
}

static void *tnode_codes(const struct tnode *n)
{
	return (char *)n + codes_at(n->depth, is_bitmap(n));
}

static uint8_t *tnode_kid_bytes(const struct tnode *n)
{
	return (uint8_t *)n + n->kid_bytes;
}

static struct tnode **tnode_kids(const struct tnode *n)
{
	return (struct tnode **)n + n->kids;
}

static uint32_t *tnode_values(const struct tnode *n)
{
	return (uint32_t *)((char *)n + n->values);
}

/* Children for which there is room. */
static unsigned kid_cap(const struct tnode *n)
{
	return n->values / (unsigned)sizeof(struct tnode *) - n->kids;
}

static size_t tnode_size(const struct tnode *n)
{
	return n->values + n->cval * sizeof(uint32_t);
}

enum {
	CODES_MOST = offsetof(struct tnode, key) + TNODE_DEPTHS + sizeof(uint64_t) + MAP_BYTES,
	KIDS_MOST = CODES_MOST + SMALL_KIDS + sizeof(struct tnode *)
};
_Static_assert(CODES_MOST <= UINT8_MAX && KIDS_MOST / sizeof(struct tnode *) <= UINT8_MAX,
    "offsets inside a node");

static unsigned room_for(unsigned n)
{
	return n < 4 ? n : n + n / 8 + 1;
}

static unsigned value_room(unsigned n)
{
	return room_for(n) < TNODE_CODES - 1 ? room_for(n) : TNODE_CODES - 1;
}

static unsigned kid_room(unsigned n)
{
	if (n > SMALL_KIDS)
		return TNODE_BYTES;
	return room_for(n) < SMALL_KIDS ? room_for(n) : SMALL_KIDS;
}

/* Says where everything stands in a node with room for so much. */
static void lay_out(struct tnode *n, unsigned depth, unsigned kids, unsigned values)
{
	bool bitmap = values > SMALL, dense = kids > SMALL_KIDS;
	size_t at = codes_at(depth, bitmap) + (bitmap ? MAP_BYTES : values * sizeof(uint16_t));
	*n = (struct tnode){.depth = (uint8_t)depth,
	    .cval = (uint16_t)values,
	    .kid_bytes = dense ? 0 : (uint8_t)at};
	at = dense ? at : at + kids;
	at = round_up(at, kids ? sizeof(struct tnode *) : sizeof(uint32_t));
	n->kids = (uint8_t)(at / sizeof(struct tnode *));
	n->values = (uint16_t)(at + kids * sizeof(struct tnode *));
}

struct tnode *tnode_new(
    struct pool *pool, const uint8_t *key, unsigned depth, unsigned kids, unsigned values)
{
	struct tnode shape, *n;
	lay_out(&shape, depth, kids, values);
	n = pool_get(pool, tnode_size(&shape));
	*n = shape;
	memcpy(n->key, key, depth);
	if (is_bitmap(n))
		memset(tnode_codes(n), 0, MAP_BYTES);
	if (is_dense(n))
		memset(tnode_kids(n), 0, TNODE_BYTES * sizeof(struct tnode *));
	return n;
}

void tnode_free(struct pool *pool, struct tnode *n)
{
	pool_put(pool, n, tnode_size(n));
}

/* ---- codes ---- */

/* Three codes for each smaller byte, less one for each bit of it that is set: a shorter prefix is
 * counted with the first of its bytes. */
#define CODE1(b, ones) 3 * (b) - (ones), 3 * ((b) + 1) - (ones)-1
#define CODE2(b, ones) CODE1(b, ones), CODE1((b) + 2, (ones) + 1)
#define CODE3(b, ones) CODE2(b, ones), CODE2((b) + 4, (ones) + 1)
#define CODE4(b, ones) CODE3(b, ones), CODE3((b) + 8, (ones) + 1)
#define CODE5(b, ones) CODE4(b, ones), CODE4((b) + 16, (ones) + 1)
#define CODE6(b, ones) CODE5(b, ones), CODE5((b) + 32, (ones) + 1)
#define CODE7(b, ones) CODE6(b, ones), CODE6((b) + 64, (ones) + 1)
const uint16_t tnode_code_base[TNODE_BYTES] = {CODE7(0, 0), CODE7(128, 1)};

unsigned tnode_code_byte(unsigned code, unsigned *bits)
{
	unsigned byte = 0, depth = 0, half = TNODE_CODES / 2 - 1;
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

/* ---- search ---- */

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
	return (uint16_t *)(w + WORDS);
}

static unsigned bits_rank(const uint64_t *w, unsigned bit)
{
	return bits_below(w)[bit / 64] + ones(w[bit / 64] & ((1ull << (bit % 64)) - 1));
}

/* Sets (step 1) a bit that was clear, or clears (step -1) one that was set. */
static void bits_flip(uint64_t *w, unsigned bit, int step)
{
	static const four number = {0, 1, 2, 3};
	uint16_t *below = bits_below(w);
	w[bit / 64] ^= 1ull << (bit % 64);
	for (int i = 0; i < WORDS; i += 4) {
		four behind = number > (int16_t)((int)bit / 64 - i);
		*(four *)(below + i) += behind & (int16_t)step;
	}
}

static bool bits_has(const uint64_t *w, unsigned bit)
{
	return w[bit / 64] >> (bit % 64) & 1;
}

/* The first set bit at or behind `bit`; TNODE_CODES if there is none. */
static unsigned bits_next(const uint64_t *w, unsigned bit)
{
	uint64_t word = w[bit / 64] & (~0ull << (bit % 64));
	for (unsigned i = bit / 64;;) {
		if (word)
			return i * 64 + (unsigned)__builtin_ctzll(word);
		if (++i == WORDS)
			return TNODE_CODES;
		word = w[i];
	}
}

/* Of four numbers of 16 bits. */
static unsigned lanes_sum(uint64_t lanes)
{
	return (unsigned)(lanes * 0x0001000100010001u >> 48);
}

/* How many of n sorted codes are smaller: all are compared, eight at a time, since a branch on
 * each costs more than the comparisons. The last eight overlap with those before: if any of them is
 * smaller, so is all that stands before them. */
static unsigned codes_below(const uint16_t *c, unsigned n, unsigned code)
{
	typedef uint64_t two __attribute__((vector_size(16)));
	unsigned i = 0, below = 0;
	if (n < 8) {
		for (; i < n; i++)
			below += c[i] < code;
		return below;
	}
	eight smaller = {0}, at = smaller + (int16_t)code;
	for (; i + 8 < n; i += 8)
		smaller -= *(const eight *)(c + i) < at;
	two some = (two)smaller, last = (two) - (*(const eight *)(c + n - 8) < at);
	below = lanes_sum(last[0] + last[1]);
	return below ? n - 8 + below : lanes_sum(some[0] + some[1]);
}

static unsigned value_rank(const struct tnode *n, unsigned code, bool *found)
{
	if (is_bitmap(n)) {
		const uint64_t *w = tnode_codes(n);
		*found = bits_has(w, code);
		return bits_rank(w, code);
	}
	const uint16_t *c = tnode_codes(n);
	unsigned below = codes_below(c, n->nval, code);
	*found = below < n->nval && c[below] == code;
	return below;
}

/* Where a code stands; -1: it is not there. */
static int value_find(const struct tnode *n, unsigned code)
{
	if (is_bitmap(n)) {
		const uint64_t *w = tnode_codes(n);
		return bits_has(w, code) ? (int)bits_rank(w, code) : -1;
	}
	const uint16_t *c = tnode_codes(n);
	unsigned below = codes_below(c, n->nval, code);
	return below < n->nval && c[below] == code ? (int)below : -1;
}

uint32_t *tnode_value(const struct tnode *n, unsigned code)
{
	int i = value_find(n, code);
	return i < 0 ? NULL : &tnode_values(n)[i];
}

struct tnode **tnode_kid(const struct tnode *n, unsigned byte)
{
	struct tnode **kids = tnode_kids(n);
	if (is_dense(n))
		return kids[byte] ? &kids[byte] : NULL;
	const uint8_t *b = tnode_kid_bytes(n), *at = memchr(b, (int)byte, n->nkid);
	return at ? &kids[at - b] : NULL;
}

struct tnode *tnode_step(const struct tnode *n, unsigned byte)
{
	struct tnode **kids = tnode_kids(n);
	if (!is_dense(n)) {
		const uint8_t *b = tnode_kid_bytes(n), *at = memchr(b, (int)byte, n->nkid);
		if (!at)
			return NULL;
		byte = (unsigned)(at - b);
	}
	__builtin_prefetch(kids[byte]);
	return kids[byte];
}

void tnode_expect(const struct tnode *n)
{
	const char *values = (const char *)tnode_values(n);
	__builtin_prefetch(values + CACHE_LINE);
	__builtin_prefetch((const char *)n + CACHE_LINE);
}

/* Where in the sorted bytes a byte stands or belongs. */
static unsigned kid_rank(const uint8_t *b, unsigned n, unsigned byte)
{
	unsigned from = 0;
	while (n) {
		unsigned half = n / 2;
		bool behind = b[from + half] < byte;
		from = behind ? from + half + 1 : from;
		n = behind ? n - half - 1 : half;
	}
	return from;
}

unsigned tnode_value_next(const struct tnode *n, unsigned code, uint32_t *value)
{
	bool found;
	if (code >= TNODE_CODES)
		return TNODE_CODES;
	unsigned i = value_rank(n, code, &found);
	if (i == n->nval)
		return TNODE_CODES;
	*value = tnode_values(n)[i];
	return is_bitmap(n) ? bits_next(tnode_codes(n), code) : ((uint16_t *)tnode_codes(n))[i];
}

unsigned tnode_kid_next(const struct tnode *n, unsigned byte, struct tnode **kid)
{
	struct tnode **kids = tnode_kids(n);
	if (is_dense(n)) {
		while (byte < TNODE_BYTES && !kids[byte])
			byte++;
		if (byte < TNODE_BYTES)
			*kid = kids[byte];
		return byte;
	}
	const uint8_t *b = tnode_kid_bytes(n);
	unsigned i = kid_rank(b, n->nkid, byte);
	if (i == n->nkid)
		return TNODE_BYTES;
	*kid = kids[i];
	return b[i];
}

/* ---- change ---- */

static void codes_copy(const struct tnode *from, const struct tnode *to)
{
	const uint16_t *c = tnode_codes(from);
	const uint64_t *w = tnode_codes(from);
	if (is_bitmap(from) == is_bitmap(to)) {
		memcpy(tnode_codes(to), c, is_bitmap(to) ? MAP_BYTES : from->nval * sizeof(*c));
	} else if (is_bitmap(to)) {
		for (unsigned i = 0; i < from->nval; i++)
			bits_flip(tnode_codes(to), c[i], 1);
	} else {
		uint16_t *small = tnode_codes(to);
		for (unsigned i = 0, bit = 0; i < from->nval; i++, bit++)
			small[i] = (uint16_t)(bit = bits_next(w, bit));
	}
}

static void kids_copy(const struct tnode *from, const struct tnode *to)
{
	struct tnode **kids = tnode_kids(to), *kid;
	if (is_dense(to) == is_dense(from)) {
		unsigned count = is_dense(from) ? TNODE_BYTES : from->nkid;
		memcpy(kids, tnode_kids(from), count * sizeof(struct tnode *));
		memcpy(tnode_kid_bytes(to), tnode_kid_bytes(from), is_dense(from) ? 0 : count);
		return;
	}
	unsigned i = 0;
	for (unsigned b = tnode_kid_next(from, 0, &kid); b < TNODE_BYTES;
	     b = tnode_kid_next(from, b + 1, &kid), i++) {
		if (!is_dense(to))
			tnode_kid_bytes(to)[i] = (uint8_t)b;
		kids[is_dense(to) ? b : i] = kid;
	}
}

/* Rebuilds *at with other capacities. */
static struct tnode *tnode_resize(
    struct pool *pool, struct tnode **at, unsigned kids, unsigned values)
{
	struct tnode *n = *at, *m = tnode_new(pool, n->key, n->depth, kids, values);
	m->nval = n->nval;
	m->nkid = n->nkid;
	memcpy(tnode_values(m), tnode_values(n), n->nval * sizeof(uint32_t));
	codes_copy(n, m);
	kids_copy(n, m);
	tnode_free(pool, n);
	*at = m;
	return m;
}

uint32_t *tnode_value_add(struct pool *pool, struct tnode **at, unsigned code)
{
	bool found;
	struct tnode *n = *at;
	unsigned i = value_rank(n, code, &found);
	if (found)
		return &tnode_values(n)[i];
	if (n->nval == n->cval)
		n = tnode_resize(pool, at, kid_cap(n), value_room(n->nval + 1u));
	uint32_t *v = tnode_values(n);
	memmove(v + i + 1, v + i, (n->nval - i) * sizeof(*v));
	if (is_bitmap(n)) {
		bits_flip(tnode_codes(n), code, 1);
	} else {
		uint16_t *c = tnode_codes(n);
		memmove(c + i + 1, c + i, (n->nval - i) * sizeof(*c));
		c[i] = (uint16_t)code;
	}
	n->nval++;
	v[i] = 0;
	return &v[i];
}

/* Has a node too much room for so many values, or does it go? */
static bool needs_resize(const struct tnode *n, unsigned values)
{
	return values * 3 < n->cval;
}

static uint32_t value_take(struct tnode *n, unsigned code)
{
	int at = value_find(n, code);
	assert(at >= 0);
	unsigned i = (unsigned)at;
	uint32_t *v = tnode_values(n), value = v[i];
	n->nval--;
	memmove(v + i, v + i + 1, (n->nval - i) * sizeof(*v));
	if (is_bitmap(n)) {
		bits_flip(tnode_codes(n), code, -1);
	} else {
		uint16_t *c = tnode_codes(n);
		memmove(c + i, c + i + 1, (n->nval - i) * sizeof(*c));
	}
	return value;
}

bool tnode_value_drop(struct tnode *n, unsigned code, uint32_t *value)
{
	if (needs_resize(n, n->nval - 1u))
		return false;
	*value = value_take(n, code);
	return true;
}

uint32_t tnode_value_remove(struct pool *pool, struct tnode **at, unsigned code)
{
	struct tnode *n = *at;
	uint32_t value = value_take(n, code);
	if (needs_resize(n, n->nval) && (n->nval || n->nkid)) /* else it goes at once */
		tnode_resize(pool, at, kid_cap(n), value_room(n->nval));
	return value;
}

void tnode_kid_add(struct pool *pool, struct tnode **at, unsigned byte, struct tnode *kid)
{
	struct tnode *n = *at;
	if (n->nkid == kid_cap(n))
		n = tnode_resize(pool, at, kid_room(n->nkid + 1u), n->cval);
	struct tnode **k = tnode_kids(n);
	unsigned i = byte;
	if (!is_dense(n)) {
		uint8_t *b = tnode_kid_bytes(n);
		i = kid_rank(b, n->nkid, byte);
		memmove(k + i + 1, k + i, (n->nkid - i) * sizeof(struct tnode *));
		memmove(b + i + 1, b + i, n->nkid - i);
		b[i] = (uint8_t)byte;
	}
	k[i] = kid;
	n->nkid++;
}

void tnode_kid_remove(struct pool *pool, struct tnode **at, unsigned byte)
{
	struct tnode *n = *at;
	struct tnode **k = tnode_kids(n);
	n->nkid--;
	if (is_dense(n)) {
		k[byte] = NULL;
		if (n->nkid > FEW_KIDS)
			return;
	} else {
		uint8_t *b = tnode_kid_bytes(n);
		unsigned i = kid_rank(b, n->nkid, byte);
		memmove(k + i, k + i + 1, (n->nkid - i) * sizeof(struct tnode *));
		memmove(b + i, b + i + 1, n->nkid - i);
		if (n->nkid >= kid_cap(n) / 2)
			return;
	}
	tnode_resize(pool, at, kid_room(n->nkid), n->cval);
}
