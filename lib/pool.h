/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pool: many small blocks of many sizes, each freed with the size that it was made with.
 *
 * For things that there are millions of, such as attribute sets and the nodes of a trie: a block
 * has no header of its own and its size is rounded up to 8 bytes only. Never fails (lib/mem.h).
 */
#ifndef FERRO_LIB_POOL_H
#define FERRO_LIB_POOL_H

#include <stddef.h>

struct pool;
struct pool *pool_new(void);
/* A block of size bytes (> 0), aligned to 8 and not zeroed. */
void *pool_get(struct pool *p, size_t size) __attribute__((returns_nonnull));
void pool_put(struct pool *p, void *block, size_t size); /* size as it was asked for */
/* What a block of this size takes of the memory held. */
size_t pool_block_bytes(size_t size);
size_t pool_bytes(const struct pool *p); /* of the blocks in use */
void pool_free(struct pool *p);          /* all blocks must have been put back */

#endif
