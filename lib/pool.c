/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks by size class.
 *
 * A class serves one size, in steps of 8 bytes up to LARGEST; what is larger comes from the heap. A
 * class takes its blocks from pages of 64 KiB that are aligned to their size, so that a block finds
 * its page by its address. In a page blocks are given out in order until it has been used up once;
 * freed blocks form a list threaded through themselves. Pages with room are on their class's list,
 * full ones on none. An empty page goes back to the system, but for a few that any class may take:
 * they keep a pool whose size swings from mapping and unmapping all the time.
 *
 * Free blocks are poisoned under AddressSanitizer. A block that is put back with another size than
 * it was made with corrupts the pool; the page's class is compared, so that the tests find it.
 */
#include "lib/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "lib/list.h"
#include "lib/mem.h"
#include "lib/poison.h"

enum {
	STEP = 8,
	LARGEST = 512,
	CLASSES = LARGEST / STEP + 1,
	PAGE = 64 * 1024,
	SPARE_PAGES = 16,
	PAGES_MANY = 4,
	HEAP_OVERHEAD = sizeof(size_t)
};

struct page {
	struct list_head link; /* in class.with_room or pool.spare; not linked: full */
	void *freed;           /* first of the freed blocks */
	uint32_t used;         /* blocks in use */
	uint32_t fresh;        /* offset of the first block that was never given out */
	uint16_t class;
};

struct pool {
	struct list_head with_room[CLASSES];
	uint32_t pages[CLASSES]; /* of each class, full ones too */
	struct list_head spare;
	unsigned spares;
	size_t bytes;
};

static unsigned class_of(size_t size)
{
	return (unsigned)((size + STEP - 1) / STEP);
}

size_t pool_block_bytes(size_t size)
{
	return size > LARGEST ? (size + HEAP_OVERHEAD + 15) & ~(size_t)15 : class_of(size) * STEP;
}

struct pool *pool_new(void)
{
	struct pool *p = mem_zalloc(sizeof(*p));
	for (unsigned c = 0; c < CLASSES; c++)
		list_init(&p->with_room[c]);
	list_init(&p->spare);
	return p;
}

/* ---- pages ---- */

static void *map(size_t bytes, int more_flags)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | more_flags;
	void *m = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (m == MAP_FAILED) {
		fprintf(stderr, "out of memory: cannot map %zu bytes\n", bytes);
		abort();
	}
	return m;
}

/* Mappings grow downwards side by side, so the first try is nearly always aligned. */
static void *map_aligned(int more_flags)
{
	char *m = map(PAGE, more_flags);
	if (((uintptr_t)m & (PAGE - 1)) == 0)
		return m;
	munmap(m, PAGE);
	m = map(2 * (size_t)PAGE, 0);
	size_t before = -(uintptr_t)m & (PAGE - 1);
	if (before)
		munmap(m, before);
	munmap(m + before + PAGE, PAGE - before);
	return m + before;
}

static struct page *page_new(struct pool *p, unsigned class)
{
	struct page *pg;
	if (p->spares) {
		pg = container_of(p->spare.next, struct page, link);
		list_del(&pg->link);
		p->spares--;
	} else {
		/* A class that has filled some pages will fill this one too. */
		pg = map_aligned(p->pages[class] >= PAGES_MANY ? MAP_POPULATE : 0);
	}
	*pg = (struct page){.class = (uint16_t) class, .fresh = (sizeof(*pg) + 15) & ~15u};
	list_add_head(&p->with_room[class], &pg->link);
	p->pages[class]++;
	POISON((char *)pg + pg->fresh, PAGE - pg->fresh);
	return pg;
}

static void page_unmap(struct page *pg)
{
	UNPOISON(pg, PAGE);
	munmap(pg, PAGE);
}

static void page_empty(struct pool *p, struct page *pg)
{
	list_del(&pg->link);
	p->pages[pg->class]--;
	if (p->spares == SPARE_PAGES) {
		page_unmap(pg);
		return;
	}
	list_add_head(&p->spare, &pg->link);
	p->spares++;
}

static bool is_full(const struct page *pg, size_t block)
{
	return !pg->freed && pg->fresh + block > PAGE;
}

/* ---- blocks ---- */

void *pool_get(struct pool *p, size_t size)
{
	unsigned class = class_of(size);
	size_t block = class * STEP;
	p->bytes += pool_block_bytes(size);
	if (size > LARGEST)
		return mem_alloc(size);
	struct list_head *room = &p->with_room[class];
	struct page *pg =
	    list_empty(room) ? page_new(p, class) : container_of(room->next, struct page, link);
	char *b = pg->freed;
	if (b) {
		UNPOISON(b, block);
		pg->freed = *(void **)b;
		POISON(b, block);
	} else {
		b = (char *)pg + pg->fresh;
		pg->fresh += (uint32_t)block;
	}
	UNPOISON(b, size); /* not what it was rounded up to */
	pg->used++;
	if (is_full(pg, block))
		list_del(&pg->link);
	return b;
}

void pool_put(struct pool *p, void *b, size_t size)
{
	unsigned class = class_of(size);
	size_t block = class * STEP;
	p->bytes -= pool_block_bytes(size);
	if (size > LARGEST) {
		mem_free(b);
		return;
	}
	struct page *pg = (struct page *)((uintptr_t)b & ~(uintptr_t)(PAGE - 1));
	assert(pg->class == class && pg->used);
	if (is_full(pg, block))
		list_add_head(&p->with_room[class], &pg->link);
	UNPOISON(b, block);
	*(void **)b = pg->freed;
	POISON(b, block);
	pg->freed = b;
	if (--pg->used == 0)
		page_empty(p, pg);
}

size_t pool_bytes(const struct pool *p)
{
	return p->bytes;
}

void pool_free(struct pool *p)
{
	struct page *pg, *next;
	if (!p)
		return;
	assert(p->bytes == 0);
	list_for_each_safe (pg, next, &p->spare, link)
		page_unmap(pg);
	mem_free(p);
}
