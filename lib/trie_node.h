/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One node of a prefix trie: values under codes and children under bytes, in one block. For
 * lib/trie.c, which knows how nodes hang together; here is how one is laid out, searched, changed.
 */
#ifndef FERRO_LIB_TRIE_NODE_H
#define FERRO_LIB_TRIE_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/pool.h"

enum {
	TNODE_BYTES = 256,  /* different bytes, the limit of a node's children */
	TNODE_CODES = 768,  /* above all codes */
	TNODE_DEPTHS = 16,  /* 0 .. */
	TNODE_BITS_LONE = 9 /* "bits" of a lone prefix that is longer than what a node covers */
};

struct tnode {
	uint16_t nval, nkid; /* values and children held */
	uint16_t cval;       /* values for which there is room */
	uint16_t values;     /* where they begin, bytes from the header's start */
	uint8_t kids;        /* the same of the child pointers, in words */
	uint8_t kid_bytes;   /* ... and of their bytes; 0: a pointer for each byte */
	uint8_t depth;       /* bytes of key that all inside share */
	uint8_t key[];       /* depth bytes, then the arrays */
};

/* An empty one with room for so many children and values. */
struct tnode *tnode_new(
    struct pool *pool, const uint8_t *key, unsigned depth, unsigned kids, unsigned values);
void tnode_free(struct pool *pool, struct tnode *n);

/* The code of the first `bits` (1..8) bits of a byte, the other bits being clear; with
 * TNODE_BITS_LONE that of what is longer and begins with this byte. */
extern const uint16_t tnode_code_base[TNODE_BYTES];
static inline unsigned tnode_code(unsigned byte, unsigned bits)
{
	return tnode_code_base[byte] + bits;
}
unsigned tnode_code_byte(unsigned code, unsigned *bits); /* and back */

/* The place of what is held under a code or byte; NULL: nothing. Valid until the node changes. */
uint32_t *tnode_value(const struct tnode *n, unsigned code);
struct tnode **tnode_kid(const struct tnode *n, unsigned byte);
/* The smallest code or byte in use at or behind the given one, and what is held there;
 * TNODE_CODES, TNODE_BYTES: none. */
unsigned tnode_value_next(const struct tnode *n, unsigned code, uint32_t *value);
unsigned tnode_kid_next(const struct tnode *n, unsigned byte, struct tnode **kid);
/* Fetches more of what a search for a value reads, the head being there. */
void tnode_expect(const struct tnode *n);
/* The child itself, its head being fetched; NULL: none. */
struct tnode *tnode_step(const struct tnode *n, unsigned byte);

/* These may put a larger or smaller node into *at. */
/* The value's place; it is made, holding 0, if it was absent. */
uint32_t *tnode_value_add(struct pool *pool, struct tnode **at, unsigned code);
/* Takes a value out, which must be there, and gives it. */
uint32_t tnode_value_remove(struct pool *pool, struct tnode **at, unsigned code);
/* The same if the node may keep its size; false: it may not, nothing was done. */
bool tnode_value_drop(struct tnode *n, unsigned code, uint32_t *value);
void tnode_kid_add(struct pool *pool, struct tnode **at, unsigned byte, struct tnode *kid);
void tnode_kid_remove(struct pool *pool, struct tnode **at, unsigned byte);

#endif
