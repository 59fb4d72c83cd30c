/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prefix trie with 8-bit strides.
 *
 * A node at depth d (bytes) holds the prefixes of 8d+1 .. 8d+8 bits that share its first d bytes,
 * and children for longer ones. A prefix inside a node has a code (trie_node.h). The zero-length
 * prefix has no byte to stand in and lives in struct trie.
 *
 * Most of a sparse table would be nodes that hold one prefix and nothing else. So where values know
 * their prefixes (trie_new_keyed), a longer prefix that is alone below a byte has no node: it is
 * lone, its value stands in the node above, under a code of its own behind those of the byte. Which
 * prefix that is says its owner, and so a search that ends at a lone value looks at the owner's
 * memory, which who searched would read next anyway. A second prefix below the byte makes a node
 * of both; a node left with one value gives it back.
 *
 * Nodes that would hold one child and nothing else are left out (path compression): a node keeps
 * its whole key and a search compares it.
 *
 * Invariants: a byte of a node has a child, a lone value, or neither. The root has depth 0 and
 * holds something. Any other node holds two things at least, values and children together, or one
 * value if values do not know their prefixes. Values are never moved by anything but trie_insert
 * and trie_del.
 */
#include "lib/trie.h"

#include <assert.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/trie_node.h"

struct trie {
	struct tnode *root;
	trie_key_fn *key; /* NULL: values do not know their prefixes */
	const void *ctx;
	uint32_t default_value; /* of the zero-length prefix */
	bool has_default;
	uint8_t key_bytes;
	enum family family;
	struct pool *pool; /* of the nodes */
	size_t count;
};

struct trie *trie_new_keyed(enum family family, trie_key_fn *key, const void *ctx)
{
	struct trie *t = mem_zalloc(sizeof(*t));
	t->family = family;
	t->key_bytes = (uint8_t)family_bytes(family);
	t->key = key;
	t->ctx = ctx;
	t->pool = pool_new();
	return t;
}

struct trie *trie_new(enum family family)
{
	return trie_new_keyed(family, NULL, NULL);
}

static void subtree_free(struct trie *t, struct tnode *n)
{
	struct tnode *kid;
	for (unsigned b = tnode_kid_next(n, 0, &kid); b < TNODE_BYTES;
	     b = tnode_kid_next(n, b + 1, &kid))
		subtree_free(t, kid);
	tnode_free(t->pool, n);
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

/* ---- where a prefix stands ---- */

/* Of the node for a prefix that is not lone. */
static unsigned depth_of(const struct prefix *p)
{
	return (p->len - 1u) / 8;
}

/* The code of a prefix in a node that is not deeper. */
static unsigned code_in(const struct tnode *n, const struct prefix *p)
{
	unsigned bits = p->len - n->depth * 8u;
	return tnode_code(p->b[n->depth], bits <= 8 ? bits : TNODE_BITS_LONE);
}

static unsigned code_lone(unsigned byte)
{
	return tnode_code(byte, TNODE_BITS_LONE);
}

static struct prefix prefix_of(const struct trie *t, uint32_t value)
{
	const uint8_t *key = t->key(t->ctx, value);
	struct prefix p = {.family = (uint8_t)t->family, .len = key[0]};
	memcpy(p.b, key + 1, t->key_bytes);
	return p;
}

static bool key_is(const struct trie *t, const uint8_t *key, const struct prefix *p)
{
	_Static_assert(offsetof(struct prefix, b) == offsetof(struct prefix, len) + 1, "as a key");
	/* Lengths that are known are compared in place. */
	return t->key_bytes == 4 ? memcmp(key, &p->len, 1 + 4) == 0
				 : memcmp(key, &p->len, 1 + 16) == 0;
}

/* Does a node's key agree with a prefix that is not shorter? It is a few bytes: a call costs more.
 */
static bool is_below(const struct tnode *n, const uint8_t *b)
{
	unsigned i = 0;
	while (i < n->depth && n->key[i] == b[i])
		i++;
	return i == n->depth;
}

/* ---- exact match ---- */

/* The place of what stands in a node under the code of a prefix; it may be a lone value of another.
 */
static uint32_t *value_in(const struct tnode *n, const struct prefix *p)
{
	unsigned depth = depth_of(p);
	if (n->depth > depth || (n->depth == depth && !is_below(n, p->b)))
		return NULL;
	return tnode_value(n, code_in(n, p));
}

uint32_t trie_find(const struct trie *t, const struct prefix *p)
{
	uint32_t value;
	trie_find_many(t, p, 1, &value);
	return value;
}

/* Walks down to the nodes in which `count` prefixes stand or would, side by side; NULL: nowhere. */
static void search_many(
    const struct trie *t, const struct prefix *p, unsigned count, struct tnode **ends)
{
	unsigned way[TRIE_MANY], more = 0; /* those that are on their way */
	assert(count <= TRIE_MANY);
	for (unsigned i = 0; i < count; i++) {
		assert(p[i].family == t->family);
		ends[i] = p[i].len ? t->root : NULL;
		if (ends[i])
			way[more++] = i;
	}
	while (more) {
		unsigned n = more;
		more = 0;
		for (unsigned k = 0; k < n; k++) {
			unsigned i = way[k];
			struct tnode *at = ends[i], *kid = NULL;
			if (at->depth < depth_of(&p[i]))
				kid = tnode_step(at, p[i].b[at->depth]);
			if (kid) {
				ends[i] = kid;
				way[more++] = i;
			} else {
				tnode_expect(at);
			}
		}
	}
}

void trie_find_many(const struct trie *t, const struct prefix *p, unsigned count, uint32_t *values)
{
	struct tnode *ends[TRIE_MANY];
	const uint8_t *keys[TRIE_MANY]; /* of lone values */
	search_many(t, p, count, ends);
	for (unsigned i = 0; i < count; i++) {
		const uint32_t *at = ends[i] ? value_in(ends[i], &p[i]) : NULL;
		values[i] = at ? *at : p[i].len ? 0 : t->default_value;
		keys[i] = NULL;
		if (at && ends[i]->depth < depth_of(&p[i])) {
			keys[i] = t->key(t->ctx, *at);
			__builtin_prefetch(keys[i]);
		}
	}
	for (unsigned i = 0; i < count; i++)
		if (keys[i] && !key_is(t, keys[i], &p[i]))
			values[i] = 0;
}

/* ---- change ---- */

/* Puts the value of a prefix, which is not there yet, somewhere below a node that covers it and
 * that has nothing on the way; makes a node for it unless it can be lone. */
static uint32_t *value_put(struct trie *t, struct tnode **at, const struct prefix *p)
{
	unsigned depth = depth_of(p), byte = p->b[(*at)->depth];
	if ((*at)->depth < depth && !t->key) {
		tnode_kid_add(t->pool, at, byte, tnode_new(t->pool, p->b, depth, 0, 1));
		at = tnode_kid(*at, byte);
	}
	return tnode_value_add(t->pool, at, code_in(*at, p));
}

/* Puts a node above *at where the new prefix parts from it, and the prefix there. */
static uint32_t *node_split(
    struct trie *t, struct tnode **at, const struct prefix *p, unsigned depth)
{
	struct tnode *old = *at;
	bool lone = t->key || depth == depth_of(p);
	*at = tnode_new(t->pool, p->b, depth, lone ? 1 : 2, lone ? 1 : 0);
	tnode_kid_add(t->pool, at, old->key[depth], old);
	return value_put(t, at, p);
}

/* Makes a node of the lone value under p's byte and of p. */
static uint32_t *pair_up(struct trie *t, struct tnode **at, const struct prefix *p, uint32_t value)
{
	struct prefix other = prefix_of(t, value);
	unsigned depth = (*at)->depth, byte = p->b[depth];
	while (depth < depth_of(p) && depth < depth_of(&other) && p->b[depth] == other.b[depth])
		depth++;
	struct tnode *n = tnode_new(t->pool, p->b, depth, 0, 2);
	*tnode_value_add(t->pool, &n, code_in(n, &other)) = value;
	tnode_value_remove(t->pool, at, code_lone(byte));
	tnode_kid_add(t->pool, at, byte, n);
	return tnode_value_add(t->pool, &n, code_in(n, p));
}

/* In the last node on the way to p, which has no child there. */
static uint32_t *insert_at(struct trie *t, struct tnode **at, const struct prefix *p)
{
	uint32_t *v = value_put(t, at, p);
	if (!*v || (*at)->depth == depth_of(p) || key_is(t, t->key(t->ctx, *v), p))
		return v;
	return pair_up(t, at, p, *v);
}

uint32_t *trie_insert(struct trie *t, const struct prefix *p)
{
	assert(p->family == t->family);
	if (p->len == 0) {
		t->count += !t->has_default;
		t->has_default = true;
		return &t->default_value;
	}
	if (!t->root)
		t->root = tnode_new(t->pool, p->b, 0, 0, 0);
	struct tnode **at = &t->root, **kid = at;
	unsigned depth = depth_of(p), same = 0;
	uint32_t *v;
	do {
		at = kid;
		while (same < (*at)->depth && same < depth && (*at)->key[same] == p->b[same])
			same++;
		kid = same == (*at)->depth && same < depth ? tnode_kid(*at, p->b[same]) : NULL;
	} while (kid);
	v = same < (*at)->depth ? node_split(t, at, p, same) : insert_at(t, at, p);
	t->count += !*v;
	return v;
}

/* Mends the invariants of the last node on the way down after it lost a value. */
static void path_mend(struct trie *t, struct tnode ***path, unsigned last)
{
	struct tnode *n = *path[last], *kid;
	uint32_t value = 0;
	if (last && n->nval + n->nkid == 0) {
		struct tnode **up = path[--last];
		tnode_kid_remove(t->pool, up, n->key[(*up)->depth]);
		tnode_free(t->pool, n);
		n = *up;
	}
	if (last == 0) {
		if (n->nval + n->nkid == 0) {
			t->root = NULL;
			tnode_free(t->pool, n);
		}
	} else if (n->nval == 0 && n->nkid == 1) {
		tnode_kid_next(n, 0, &kid);
		*path[last] = kid;
		tnode_free(t->pool, n);
	} else if (n->nval == 1 && n->nkid == 0 && t->key) {
		struct tnode **up = path[last - 1];
		unsigned byte = n->key[(*up)->depth];
		tnode_value_next(n, 0, &value);
		tnode_free(t->pool, n);
		tnode_kid_remove(t->pool, up, byte);
		*tnode_value_add(t->pool, up, code_lone(byte)) = value;
	}
}

/* Is a value that was lone in a node that of p? 0 is that of who has just inserted p. */
static bool was_lone(const struct trie *t, const struct prefix *p, uint32_t value)
{
	return !value || (t->key && key_is(t, t->key(t->ctx, value), p));
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
	struct tnode **path[TNODE_DEPTHS + 1], **at = &t->root;
	unsigned depth = depth_of(p), n = 0;
	assert(t->root);
	for (; at; n++) {
		path[n] = at;
		at = (*at)->depth < depth ? tnode_kid(*at, p->b[(*at)->depth]) : NULL;
	}
	at = path[--n];
	bool lone = (*at)->depth < depth;
	assert((*at)->depth <= depth && is_below(*at, p->b));
	uint32_t value = tnode_value_remove(t->pool, at, code_in(*at, p));
	assert(!lone || was_lone(t, p, value));
	t->count--;
	path_mend(t, path, n);
}

/* May a node that loses a value stay as it is? */
static bool has_more(const struct trie *t, const struct tnode *n)
{
	unsigned left = n->nval + n->nkid - 1u;
	return left > 1 || (!t->key && n->nval == 2);
}

/* Takes a prefix out of the node to which the search for it came, if the node stays what it is;
 * false: nothing was done. */
static bool drop_at(struct trie *t, struct tnode *n, const struct prefix *p)
{
	uint32_t value;
	assert(n->depth <= depth_of(p));
	if (!has_more(t, n) || !tnode_value_drop(n, code_in(n, p), &value))
		return false;
	assert(n->depth < depth_of(p) ? was_lone(t, p, value) : is_below(n, p->b));
	t->count--;
	return true;
}

void trie_del_many(struct trie *t, const struct prefix *p, unsigned count)
{
	struct tnode *ends[TRIE_MANY];
	unsigned rest[TRIE_MANY], n = 0;
	search_many(t, p, count, ends);
	for (unsigned i = 0; i < count; i++)
		if (!ends[i] || !drop_at(t, ends[i], &p[i]))
			rest[n++] = i;
	/* Only these move nodes. */
	for (unsigned i = 0; i < n; i++)
		trie_del(t, &p[rest[i]]);
}

/* ---- longest match ---- */

/* The longest of the node's prefixes that holds the address and has at most max_len bits, but no
 * lone one; 0: none. */
static uint32_t node_match(const struct tnode *n, const uint8_t *b, unsigned max_len, unsigned *len)
{
	unsigned above = n->depth * 8u, byte = b[n->depth];
	for (unsigned l = max_len - above < 8 ? max_len - above : 8; l && n->nval; l--) {
		const uint32_t *v = tnode_value(n, tnode_code(byte & (0xff00u >> l), l));
		if (v) {
			*len = above + l;
			return *v;
		}
	}
	return 0;
}

/* The same for the lone prefix under the address's byte. */
static uint32_t lone_match(
    const struct trie *t, const struct tnode *n, const uint8_t *b, unsigned max_len, unsigned *len)
{
	const uint32_t *v = t->key ? tnode_value(n, code_lone(b[n->depth])) : NULL;
	if (!v)
		return 0;
	struct prefix p = prefix_of(t, *v);
	struct addr a = {.family = (uint8_t)t->family};
	memcpy(a.b, b, t->key_bytes);
	if (p.len > max_len || !prefix_has_addr(&p, &a))
		return 0;
	*len = p.len;
	return *v;
}

static uint32_t match_upto(
    const struct trie *t, const uint8_t *b, unsigned max_len, struct prefix *found)
{
	uint32_t best = t->default_value, v;
	unsigned len = 0;
	const struct tnode *n = t->root;
	while (n && n->depth * 8u < max_len && is_below(n, b)) {
		v = node_match(n, b, max_len, &len);
		best = v ? v : best;
		struct tnode **kid = tnode_kid(n, b[n->depth]);
		if (!kid) {
			v = lone_match(t, n, b, max_len, &len);
			best = v ? v : best;
		}
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

static struct prefix prefix_in(
    const struct trie *t, const struct tnode *n, unsigned byte, unsigned bits)
{
	struct prefix p = {.family = (uint8_t)t->family, .len = (uint8_t)(n->depth * 8u + bits)};
	memcpy(p.b, n->key, n->depth);
	p.b[n->depth] = (uint8_t)byte;
	return p;
}

/* The first entry of the node with a code at or behind `code` or a child at or behind `byte`. */
static uint32_t node_from(
    const struct trie *t, const struct tnode *n, unsigned code, unsigned byte, struct prefix *found)
{
	for (;;) {
		struct tnode *kid;
		uint32_t value;
		unsigned bits = 0, c = tnode_value_next(n, code, &value),
			 k = tnode_kid_next(n, byte, &kid);
		unsigned v = c < TNODE_CODES ? tnode_code_byte(c, &bits) : TNODE_BYTES;
		/* A prefix stands before the children under its byte. */
		if (c < TNODE_CODES && v <= k) {
			*found = bits == TNODE_BITS_LONE ? prefix_of(t, value)
							 : prefix_in(t, n, v, bits);
			return value;
		}
		if (k == TNODE_BYTES)
			return 0;
		n = kid;
		code = byte = 0;
	}
}

/* The lone prefix under the byte of `after`, if it is behind that; 0: no. */
static uint32_t lone_after(
    const struct trie *t, const struct tnode *n, const struct prefix *after, struct prefix *found)
{
	const uint32_t *v = t->key ? tnode_value(n, code_lone(after->b[n->depth])) : NULL;
	if (!v)
		return 0;
	*found = prefix_of(t, *v);
	return prefix_cmp(found, after) > 0 ? *v : 0;
}

static uint32_t node_after(
    const struct trie *t, const struct tnode *n, const struct prefix *after, struct prefix *found)
{
	int cmp = memcmp(n->key, after->b, n->depth);
	if (cmp < 0)
		return 0;
	if (cmp > 0 || after->len <= n->depth * 8u)
		return node_from(t, n, 0, 0, found);
	unsigned byte = after->b[n->depth];
	if (depth_of(after) == n->depth)
		return node_from(t, n, code_in(n, after) + 1u, byte, found);
	struct tnode **kid = tnode_kid(n, byte);
	uint32_t v = kid ? node_after(t, *kid, after, found) : lone_after(t, n, after, found);
	return v ? v : node_from(t, n, code_lone(byte) + 1u, byte + 1u, found);
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
