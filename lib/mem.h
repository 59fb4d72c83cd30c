/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory: heap calls that abort when memory is out, arenas, and slabs with 32-bit handles.
 *
 * No caller ever tests for NULL: a failed allocation logs to stderr and aborts inside this module.
 * An arena gives memory that is freed all at once. A slab gives objects of one size, addressed by a
 * 32-bit handle instead of a pointer; handle 0 is never given out and means "none".
 */
#ifndef FERRO_LIB_MEM_H
#define FERRO_LIB_MEM_H

#include <stddef.h>
#include <stdint.h>

void *mem_alloc(size_t size) __attribute__((malloc, returns_nonnull));
void *mem_zalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *mem_realloc(void *p, size_t size) __attribute__((returns_nonnull));
void *mem_dup(const void *p, size_t size) __attribute__((malloc, returns_nonnull));
char *mem_strdup(const char *s) __attribute__((malloc, returns_nonnull));
char *mem_strndup(const char *s, size_t max) __attribute__((malloc, returns_nonnull));
void mem_free(void *p);

/* Arena: bump allocation in chunks. Memory is aligned to 8 bytes and not zeroed. */
struct arena;
struct arena *arena_new(void);
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *a, const char *s, size_t n) __attribute__((returns_nonnull));
/* Forgets all that was allocated; keeps one chunk for the next round. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

/* Slab: objects of item_size bytes (rounded up to 4), in pages that never move while they are used,
 * so a pointer from slab_ptr stays valid until slab_put of that handle. New objects are zeroed.
 * Pages whose objects are all free are given back to the system, but for one spare. */
struct slab;
struct slab *slab_new(size_t item_size);
uint32_t slab_get(struct slab *s);              /* a new object's handle, never 0 */
void slab_put(struct slab *s, uint32_t handle); /* frees one object; asserts that it is in use */
/* The object of a handle, which must be in use. The head of a slab is seen here, and by nobody
 * else, so that this is a few instructions: there are dozens of it to a route. */
struct slab_head {
	char **slots; /* by page number: its slot 0 */
	size_t item;  /* bytes of a slot */
	unsigned shift;
	uint32_t mask; /* of the slot in a handle; the page number is above it */
};
static inline void *slab_ptr(const struct slab *s, uint32_t handle)
{
	const struct slab_head *h = (const struct slab_head *)s;
	return h->slots[handle >> h->shift] + (handle & h->mask) * h->item;
}
/* The next handle in use in rising order, after 0 the first; 0: the end. `after` need not be in use
 * any more. Objects got meanwhile are seen if their handle is higher. */
uint32_t slab_next(const struct slab *s, uint32_t after);
size_t slab_count(const struct slab *s); /* objects in use */
size_t slab_bytes(const struct slab *s); /* memory held, bookkeeping included */
void slab_free(struct slab *s);          /* frees everything, objects in use too */

#endif
