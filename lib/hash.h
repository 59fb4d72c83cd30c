/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Intrusive hash table: open chaining over nodes that live inside the items.
 *
 * The table owns only its bucket array, which grows and shrinks with the number of items, one
 * bucket at a time: no call takes long however large the table is. A zeroed struct is an empty
 * table.
 */
#ifndef FERRO_LIB_HASH_H
#define FERRO_LIB_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_node {
	struct hash_node *next;
	uint32_t hash;
};

struct hash {
	struct hash_node **buckets;
	uint32_t size, cap; /* buckets: live, allocated */
	uint32_t mask;
	uint32_t count; /* items */
	uint32_t walks; /* under way */
};

/* Says whether the item of node is the one that key describes. */
typedef bool hash_equal(const struct hash_node *node, const void *key);

void hash_init(struct hash *h);
void hash_fini(struct hash *h); /* frees the buckets; the items are the caller's */
struct hash_node *hash_find(
    const struct hash *h, uint32_t hash, hash_equal *equal, const void *key);
void hash_add(struct hash *h, struct hash_node *node, uint32_t hash);
void hash_del(struct hash *h, struct hash_node *node); /* must be in the table */
/* Walks all nodes in no order; the callback may hash_del the node it is given (no other), and free
 * it. It must not add. */
void hash_walk(struct hash *h, void (*cb)(struct hash_node *node, void *arg), void *arg);
uint32_t hash_bytes(const void *p, size_t n); /* xxHash, folded to 32 bits */

#endif
