/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prefix trie: one ordered map from prefix to a 32-bit value (a slab handle) for one family.
 *
 * Strides of 8 bits with path compression for sparse keys; a node's arrays are as long as what is
 * in them. Many keys can be searched for side by side. Value 0 means "absent". Iteration is in
 * table order (prefix_cmp) and is by key: a walk remembers the last prefix it saw, so any insertion
 * and deletion between two steps is allowed.
 */
#ifndef FERRO_LIB_TRIE_H
#define FERRO_LIB_TRIE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/prefix.h"

struct trie;

/* A prefix as it stands in the memory of who owns the values: host bits clear. */
struct trie_key {
	uint8_t len; /* bits */
	uint8_t b[]; /* the address, 4 or 16 bytes */
};
/* That of a value (not 0); it must hold as long as the value is in the trie. */
typedef const struct trie_key *trie_key_fn(const void *ctx, uint32_t value);
struct trie *trie_new(enum family family);
/* One whose values know their prefixes: it is smaller where prefixes are far apart. */
struct trie *trie_new_keyed(enum family family, trie_key_fn *key, const void *ctx);
void trie_free(struct trie *t); /* the values are the caller's */
/* All prefixes given must be of the trie's family with host bits clear. */
uint32_t trie_find(const struct trie *t, const struct prefix *p); /* exact; 0: absent */
/* As trie_find for `count` prefixes, at most TRIE_MANY: the searches go side by side, so that the
 * processor waits for the memory of all at once. */
enum { TRIE_MANY = 16 };
void trie_find_many(const struct trie *t, const struct prefix *p, unsigned count, uint32_t *values);
/* The value's place, made (holding 0) if it was absent. The pointer is valid until the trie's next
 * change. A caller that leaves 0 in it must call trie_del before anything else. */
uint32_t *trie_insert(struct trie *t, const struct prefix *p);
void trie_del(struct trie *t, const struct prefix *p);
/* Takes out the prefixes of `count` different values, at most TRIE_MANY, searched for side by side.
 * For tries whose values know their prefixes. */
void trie_del_values(struct trie *t, const uint32_t *values, unsigned count);
/* Longest match for an address (a prefix of full length also works); 0: none. found may be NULL. */
uint32_t trie_match(const struct trie *t, const struct addr *a, struct prefix *found);
/* Longest match that is strictly shorter than p, covering it; 0: none. */
uint32_t trie_match_above(const struct trie *t, const struct prefix *p, struct prefix *found);
/* The first entry in table order (after == NULL), or the first one behind *after, which need not be
 * in the trie. 0: no more. */
uint32_t trie_next(const struct trie *t, const struct prefix *after, struct prefix *found);
/* As trie_next but only entries inside `within` (itself included). */
uint32_t trie_next_within(const struct trie *t, const struct prefix *within,
    const struct prefix *after, struct prefix *found);
size_t trie_count(const struct trie *t);
size_t trie_bytes(const struct trie *t); /* memory held, allocator overhead estimated */

#endif
