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

/* Inside, prefixes are handled as keys; a struct prefix has the same bytes behind its family. */
static const struct trie_key *key_of(const struct trie *t, const struct prefix *p)
{
	_Static_assert(offsetof(struct prefix, b) == offsetof(struct prefix, len) + 1, "a key");
	assert(p->family == t->family);
	return (const struct trie_key *)((const char *)p + offsetof(struct prefix, len));
}

static struct prefix prefix_of(const struct trie *t, uint32_t value)
{
	const struct trie_key *k = t->key(t->ctx, value);
	struct prefix p = {.family = (uint8_t)t->family, .len = k->len};
	memcpy(p.b, k->b, t->key_bytes);
	return p;
}

static bool is_key_of(const struct trie *t, const struct trie_key *k, uint32_t value)
{
	const struct trie_key *other = t->key(t->ctx, value);
	/* Lengths that are known are compared in place. */
	return k->len == other->len &&
	       (t->key_bytes == 4 ? !memcmp(k->b, other->b, 4) : !memcmp(k->b, other->b, 16));
}

/* The depth of the node for a prefix that is not lone. */
static unsigned depth_of(const struct trie_key *k)
{
	return (k->len - 1u) / 8;
}

/* The code of a prefix in a node that is not deeper. */
static unsigned code_in(const struct tnode *n, const struct trie_key *k)
{
	unsigned bits = k->len - n->depth * 8u;
	return tnode_code(k->b[n->depth], bits <= 8 ? bits : TNODE_BITS_LONE);
}

static unsigned code_lone(unsigned byte)
{
	return tnode_code(byte, TNODE_BITS_LONE);
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
static uint32_t *value_in(const struct tnode *n, const struct trie_key *k)
{
	unsigned depth = depth_of(k);
	if (n->depth > depth || (n->depth == depth && !is_below(n, k->b)))
		return NULL;
	return tnode_value(n, code_in(n, k));
}

/* Walks down to the nodes in which `count` prefixes stand or would, side by side; NULL: nowhere. */
static void search_many(
    const struct trie *t, const struct trie_key *const *keys, unsigned count, struct tnode **ends)
{
	unsigned way[TRIE_MANY], more = 0; /* those that are on their way */
	uint8_t depth[TRIE_MANY];
	assert(count <= TRIE_MANY);
	for (unsigned i = 0; i < count; i++) {
		ends[i] = keys[i]->len ? t->root : NULL;
		depth[i] = (uint8_t)depth_of(keys[i]);
		way[more] = i;
		more += ends[i] != NULL;
	}
	while (more) {
		unsigned n = more;
		more = 0;
		for (unsigned w = 0; w < n; w++) {
			unsigned i = way[w];
			struct tnode *at = ends[i], *kid = NULL;
			if (at->depth < depth[i])
				kid = tnode_step(at, keys[i]->b[at->depth]);
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
	const struct trie_key *keys[TRIE_MANY] = {NULL};
	unsigned lone[TRIE_MANY], n = 0;
	for (unsigned i = 0; i < count; i++)
		keys[i] = key_of(t, &p[i]);
	search_many(t, keys, count, ends);
	for (unsigned i = 0; i < count; i++) {
		const uint32_t *at = ends[i] ? value_in(ends[i], keys[i]) : NULL;
		values[i] = at ? *at : keys[i]->len ? 0 : t->default_value;
		if (at && ends[i]->depth < depth_of(keys[i])) {
			__builtin_prefetch(t->key(t->ctx, *at));
			lone[n++] = i;
		}
	}
	for (unsigned k = 0; k < n; k++)
		if (!is_key_of(t, keys[lone[k]], values[lone[k]]))
			values[lone[k]] = 0;
}

uint32_t trie_find(const struct trie *t, const struct prefix *p)
{
	const struct trie_key *k = key_of(t, p);
	const struct tnode *n = t->root;
	if (k->len == 0)
		return t->default_value;
	if (!n)
		return 0;
	unsigned depth = depth_of(k);
	for (struct tnode **kid; n->depth < depth && (kid = tnode_kid(n, k->b[n->depth]));)
		n = *kid;
	const uint32_t *v = value_in(n, k);
	return v && (n->depth == depth || is_key_of(t, k, *v)) ? *v : 0;
}

/* ---- change ---- */

/* Puts the value of a prefix, which is not there yet, somewhere below a node that covers it and
 * that has nothing on the way; makes a node for it unless it can be lone. */
static uint32_t *value_put(struct trie *t, struct tnode **at, const struct trie_key *k)
{
	unsigned depth = depth_of(k), byte = k->b[(*at)->depth];
	if ((*at)->depth < depth && !t->key) {
		tnode_kid_add(t->pool, at, byte, tnode_new(t->pool, k->b, depth, 0, 1));
		at = tnode_kid(*at, byte);
	}
	return tnode_value_add(t->pool, at, code_in(*at, k));
}

/* Puts a node above *at where the new prefix parts from it, and the prefix there. */
static uint32_t *node_split(
    struct trie *t, struct tnode **at, const struct trie_key *k, unsigned depth)
{
	struct tnode *old = *at;
	bool lone = t->key || depth == depth_of(k);
	*at = tnode_new(t->pool, k->b, depth, lone ? 1 : 2, lone ? 1 : 0);
	tnode_kid_add(t->pool, at, old->key[depth], old);
	return value_put(t, at, k);
}

/* Makes a node of the lone value under a prefix's byte and of that prefix. */
static uint32_t *pair_up(
    struct trie *t, struct tnode **at, const struct trie_key *k, uint32_t value)
{
	const struct trie_key *other = t->key(t->ctx, value);
	unsigned depth = (*at)->depth, byte = k->b[depth];
	while (depth < depth_of(k) && depth < depth_of(other) && k->b[depth] == other->b[depth])
		depth++;
	struct tnode *n = tnode_new(t->pool, k->b, depth, 0, 2);
	*tnode_value_add(t->pool, &n, code_in(n, other)) = value;
	tnode_value_remove(t->pool, at, code_lone(byte));
	tnode_kid_add(t->pool, at, byte, n);
	return tnode_value_add(t->pool, &n, code_in(n, k));
}

/* In the last node on the way to a prefix, which has no child there. */
static uint32_t *insert_at(struct trie *t, struct tnode **at, const struct trie_key *k)
{
	uint32_t *v = value_put(t, at, k);
	if (!*v || (*at)->depth == depth_of(k) || is_key_of(t, k, *v))
		return v;
	return pair_up(t, at, k, *v);
}

uint32_t *trie_insert(struct trie *t, const struct prefix *p)
{
	const struct trie_key *k = key_of(t, p);
	if (k->len == 0) {
		t->count += !t->has_default;
		t->has_default = true;
		return &t->default_value;
	}
	if (!t->root)
		t->root = tnode_new(t->pool, k->b, 0, 0, 0);
	struct tnode **at, **kid = &t->root, *n;
	unsigned depth = depth_of(k), same = 0;
	do {
		at = kid;
		n = *at;
		unsigned limit = n->depth < depth ? n->depth : depth;
		while (same < limit && n->key[same] == k->b[same])
			same++;
		kid = same == n->depth && same < depth ? tnode_kid(n, k->b[same]) : NULL;
	} while (kid);
	uint32_t *v = same < n->depth ? node_split(t, at, k, same) : insert_at(t, at, k);
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

/* Takes a prefix out, which must be there, and gives its value. */
static uint32_t take(struct trie *t, const struct trie_key *k)
{
	struct tnode **path[TNODE_DEPTHS + 1], **at = &t->root;
	unsigned depth = depth_of(k), n = 0;
	uint32_t value = t->default_value;
	t->count--;
	if (k->len == 0) {
		assert(t->has_default);
		t->has_default = false;
		t->default_value = 0;
		return value;
	}
	assert(t->root);
	for (; at; n++) {
		path[n] = at;
		at = (*at)->depth < depth ? tnode_kid(*at, k->b[(*at)->depth]) : NULL;
	}
	at = path[--n];
	assert((*at)->depth <= depth && is_below(*at, k->b));
	value = tnode_value_remove(t->pool, at, code_in(*at, k));
	path_mend(t, path, n);
	return value;
}

void trie_del(struct trie *t, const struct prefix *p)
{
	const struct trie_key *k = key_of(t, p);
	uint32_t value = take(t, k);
	/* 0: what was inserted last is taken back. */
	assert(!value || !t->key || is_key_of(t, k, value));
}

/* Takes a prefix out of the node to which the search for it came, if the node stays what it is;
 * false: nothing was done. */
static bool drop_at(struct trie *t, struct tnode *n, const struct trie_key *k, uint32_t *value)
{
	assert(n->depth <= depth_of(k));
	if (n->nval + n->nkid <= 2 || !tnode_value_drop(n, code_in(n, k), value))
		return false;
	t->count--;
	return true;
}

void trie_del_values(struct trie *t, const uint32_t *values, unsigned count)
{
	struct tnode *ends[TRIE_MANY];
	const struct trie_key *keys[TRIE_MANY] = {NULL};
	unsigned rest[TRIE_MANY], n = 0;
	uint32_t value;
	assert(t->key);
	for (unsigned i = 0; i < count; i++)
		keys[i] = t->key(t->ctx, values[i]);
	search_many(t, keys, count, ends);
	for (unsigned i = 0; i < count; i++)
		if (ends[i] && drop_at(t, ends[i], keys[i], &value))
			assert(value == values[i]);
		else
			rest[n++] = i;
	/* Only these move nodes. */
	for (unsigned i = 0; i < n; i++) {
		value = take(t, keys[rest[i]]);
		assert(value == values[rest[i]]);
	}
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
	const struct trie_key *key = key_of(t, after);
	unsigned byte = after->b[n->depth];
	if (depth_of(key) == n->depth)
		return node_from(t, n, code_in(n, key) + 1u, byte, found);
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

/* The first entry at or behind a prefix, if it is close: in the node where that stands, or as the
 * lone one in its place. Any entry inside the prefix that comes first is. */
static uint32_t first_at(const struct trie *t, const struct prefix *p, struct prefix *found)
{
	const struct trie_key *k = key_of(t, p);
	const struct tnode *n = t->root;
	if (k->len == 0)
		return trie_next(t, NULL, found);
	if (!n)
		return 0;
	unsigned depth = depth_of(k);
	for (struct tnode **kid; n->depth < depth; n = *kid) {
		kid = tnode_kid(n, k->b[n->depth]);
		if (kid)
			continue;
		const uint32_t *v = t->key ? tnode_value(n, code_lone(k->b[n->depth])) : NULL;
		if (v)
			*found = prefix_of(t, *v);
		return v ? *v : 0;
	}
	if (n->depth > depth)
		return node_from(t, n, 0, 0, found);
	return is_below(n, k->b) ? node_from(t, n, code_in(n, k), k->b[depth], found) : 0;
}

uint32_t trie_next_within(const struct trie *t, const struct prefix *within,
    const struct prefix *after, struct prefix *found)
{
	struct prefix p;
	bool first = !after || prefix_cmp(after, within) < 0;
	uint32_t v = first ? first_at(t, within, &p) : trie_next(t, after, &p);
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
