/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that never fails towards its callers.
 *
 * Heap: thin wrappers that abort when memory is out, so that no code above has a path for it.
 *
 * Arena: a stack of chunks. The newest chunk is the one that is bumped; a request too large for the
 * usual chunk gets one of its own size. Reset keeps the oldest chunk, which always has the usual
 * size.
 *
 * Slab: a handle is (page number << shift | slot). Page numbers start at 1, which is why no handle
 * is 0. A page is one anonymous mapping: header, a bitmap of slots in use, then the slots. Slots
 * are given out in order until the page has been used up once; freed slots form a list threaded
 * through the slots themselves. Pages with room are on a list, full ones are on none, so that get
 * and put cost the same however many pages there are. Pages never move. An empty page is unmapped
 * unless it is the only one with room: that one spare keeps a slab at a page boundary from mapping
 * and unmapping at every turn.
 *
 * Free slots and unused arena space are poisoned under AddressSanitizer, so that it sees a use
 * after free here as it does on the heap.
 */
#include "lib/mem.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/list.h"
#include "lib/poison.h"

static void *or_abort(void *p, size_t size)
{
	if (!p) {
		fprintf(stderr, "out of memory: cannot allocate %zu bytes\n", size);
		abort();
	}
	return p;
}

static size_t round_up(size_t n, size_t unit)
{
	return (n + unit - 1) / unit * unit;
}

/* --- heap --- */

void *mem_alloc(size_t size)
{
	return or_abort(malloc(size ? size : 1), size);
}

void *mem_zalloc(size_t size)
{
	return or_abort(calloc(1, size ? size : 1), size);
}

void *mem_realloc(void *p, size_t size)
{
	return or_abort(realloc(p, size ? size : 1), size);
}

void *mem_dup(const void *p, size_t size)
{
	void *copy = mem_alloc(size);

	if (size)
		memcpy(copy, p, size);
	return copy;
}

char *mem_strdup(const char *s)
{
	return mem_dup(s, strlen(s) + 1);
}

char *mem_strndup(const char *s, size_t max)
{
	size_t n = strnlen(s, max);
	char *copy = mem_alloc(n + 1);

	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

void mem_free(void *p)
{
	free(p);
}

/* --- arena --- */

enum { ARENA_CHUNK = 16 * 1024, ARENA_ALIGN = 8 };

struct chunk {
	struct chunk *older;
	size_t used, size; /* of data, bytes */
	_Alignas(ARENA_ALIGN) char data[];
};

struct arena {
	struct chunk *newest;
};

static struct chunk *chunk_new(size_t size, struct chunk *older)
{
	struct chunk *c = mem_alloc(sizeof(*c) + size);

	c->older = older;
	c->used = 0;
	c->size = size;
	POISON(c->data, c->size);
	return c;
}

static void chunk_free(struct chunk *c)
{
	UNPOISON(c->data, c->size);
	mem_free(c);
}

struct arena *arena_new(void)
{
	struct arena *a = mem_alloc(sizeof(*a));

	a->newest = chunk_new(ARENA_CHUNK, NULL);
	return a;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t need = round_up(size ? size : 1, ARENA_ALIGN);

	if (need < size)
		or_abort(NULL, size);
	if (a->newest->size - a->newest->used < need)
		a->newest = chunk_new(need > ARENA_CHUNK ? need : ARENA_CHUNK, a->newest);

	char *p = a->newest->data + a->newest->used;

	a->newest->used += need;
	UNPOISON(p, size);
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	if (n)
		memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

void arena_reset(struct arena *a)
{
	while (a->newest->older) {
		struct chunk *older = a->newest->older;

		chunk_free(a->newest);
		a->newest = older;
	}
	a->newest->used = 0;
	POISON(a->newest->data, a->newest->size);
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	chunk_free(a->newest);
	mem_free(a);
}

/* --- slab --- */

enum {
	SLAB_PAGE = 64 * 1024,   /* bytes of a page, unless an item needs more */
	SLAB_ALIGN = 8,          /* of the first slot */
	SLAB_SYSTEM_PAGE = 4096, /* a mapping's unit */
	PAGES_MANY = 4
};
#define NO_SLOT UINT32_MAX

struct page {
	struct list_head with_room; /* in slab.with_room; not linked: full */
	uint32_t number;
	uint32_t used;      /* slots in use */
	uint32_t fresh;     /* slots from here on were never given out */
	uint32_t free_slot; /* head of the list through freed slots, or NO_SLOT */
	uint64_t in_use[];  /* a bit a slot */
};

struct slab {
	struct slab_head head; /* slots: NULL for an unused number; [0] is always NULL */
	uint32_t page_cap;     /* entries of head.slots */
	uint32_t page_low;     /* every number below has a page */
	uint32_t page_count;
	uint32_t slots;  /* of a page */
	size_t items_at; /* offset of slot 0 in a page */
	size_t page_bytes;
	size_t count;
	struct list_head with_room;
};

/* Settles how many slots a page has; header and bitmap come out of the page too. */
static void slab_layout(struct slab *s)
{
	size_t bits = (SLAB_PAGE - sizeof(struct page)) * 8;
	size_t slots = bits / (s->head.item * 8 + 1);

	if (!slots)
		slots = 1;
	for (;; slots--) {
		s->items_at = round_up(sizeof(struct page) + (slots + 63) / 64 * 8, SLAB_ALIGN);
		s->page_bytes = round_up(s->items_at + slots * s->head.item, SLAB_SYSTEM_PAGE);
		if (s->page_bytes <= SLAB_PAGE || slots == 1)
			break;
	}
	s->slots = (uint32_t)slots;
	while ((uint32_t)1 << s->head.shift < s->slots)
		s->head.shift++;
	s->head.mask = ((uint32_t)1 << s->head.shift) - 1;
}

struct slab *slab_new(size_t item_size)
{
	struct slab *s = mem_zalloc(sizeof(*s));

	assert(item_size > 0);
	s->head.item = round_up(item_size, sizeof(uint32_t));
	s->page_low = 1;
	list_init(&s->with_room);
	slab_layout(s);
	return s;
}

static char *slot_ptr(const struct slab *s, struct page *pg, uint32_t slot)
{
	return (char *)pg + s->items_at + slot * s->head.item;
}

static struct page *page_at(const struct slab *s, uint32_t number)
{
	char *slots = s->head.slots[number];

	return slots ? (struct page *)(slots - s->items_at) : NULL;
}

static void pages_reserve(struct slab *s, uint32_t number)
{
	assert(number <= UINT32_MAX >> s->head.shift);
	if (number < s->page_cap)
		return;

	uint32_t cap = s->page_cap ? s->page_cap * 2 : 8;

	s->head.slots = mem_realloc(s->head.slots, cap * sizeof(char *));
	memset(s->head.slots + s->page_cap, 0, (cap - s->page_cap) * sizeof(char *));
	s->page_cap = cap;
}

static struct page *page_new(struct slab *s)
{
	while (s->page_low < s->page_cap && s->head.slots[s->page_low])
		s->page_low++;
	pages_reserve(s, s->page_low);

	/* A slab that has filled some pages will fill this one too: all of it at once, then, and
	 * not by a fault for each 4 KiB. */
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | (s->page_count >= PAGES_MANY ? MAP_POPULATE : 0);
	void *map = mmap(NULL, s->page_bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	struct page *pg = or_abort(map == MAP_FAILED ? NULL : map, s->page_bytes);

	pg->number = s->page_low;
	pg->free_slot = NO_SLOT;
	s->head.slots[pg->number] = slot_ptr(s, pg, 0);
	s->page_count++;
	list_add_head(&s->with_room, &pg->with_room);
	POISON(slot_ptr(s, pg, 0), s->slots * s->head.item);
	return pg;
}

static void page_free(struct slab *s, struct page *pg)
{
	s->head.slots[pg->number] = NULL;
	s->page_count--;
	if (pg->number < s->page_low)
		s->page_low = pg->number;
	UNPOISON(pg, s->page_bytes);
	munmap(pg, s->page_bytes);
}

/* A free slot of a page that has one, taken off the page's books; its memory is zeroed. */
static uint32_t page_take(struct slab *s, struct page *pg)
{
	bool reused = pg->free_slot != NO_SLOT;
	uint32_t slot = reused ? pg->free_slot : pg->fresh++;
	char *p = slot_ptr(s, pg, slot);

	UNPOISON(p, s->head.item);
	if (reused) {
		memcpy(&pg->free_slot, p, sizeof(pg->free_slot));
		memset(p, 0, s->head.item);
	}
	pg->in_use[slot / 64] |= (uint64_t)1 << slot % 64;
	pg->used++;
	return slot;
}

uint32_t slab_get(struct slab *s)
{
	struct page *pg = list_empty(&s->with_room)
			      ? page_new(s)
			      : container_of(s->with_room.next, struct page, with_room);
	uint32_t slot = page_take(s, pg);

	if (pg->used == s->slots)
		list_del(&pg->with_room);
	s->count++;
	return pg->number << s->head.shift | slot;
}

void slab_put(struct slab *s, uint32_t handle)
{
	uint32_t number = handle >> s->head.shift, slot = handle & s->head.mask;
	uint64_t bit = (uint64_t)1 << slot % 64;

	assert(number < s->page_cap && s->head.slots[number]);

	char *p = s->head.slots[number] + slot * s->head.item;
	struct page *pg = (struct page *)(s->head.slots[number] - s->items_at);

	assert(slot < s->slots && (pg->in_use[slot / 64] & bit));
	pg->in_use[slot / 64] ^= bit;
	memcpy(p, &pg->free_slot, sizeof(pg->free_slot));
	POISON(p, s->head.item);
	pg->free_slot = slot;
	s->count--;
	if (pg->used-- == s->slots)
		list_add_head(&s->with_room, &pg->with_room);
	if (pg->used == 0 && s->with_room.next != s->with_room.prev) {
		list_del(&pg->with_room);
		page_free(s, pg);
	}
}

/* The first slot in use at or behind `slot`; NO_SLOT: none. */
static uint32_t page_next(const struct page *pg, uint32_t slot)
{
	for (; slot < pg->fresh; slot = (slot / 64 + 1) * 64) {
		uint64_t bits = pg->in_use[slot / 64] >> slot % 64;

		if (bits)
			return slot + (uint32_t)__builtin_ctzll(bits);
	}
	return NO_SLOT;
}

uint32_t slab_next(const struct slab *s, uint32_t after)
{
	uint32_t slot = after ? (after & s->head.mask) + 1 : 0;

	for (uint32_t number = after >> s->head.shift; number < s->page_cap; number++, slot = 0) {
		uint32_t next =
		    s->head.slots[number] ? page_next(page_at(s, number), slot) : NO_SLOT;

		if (next != NO_SLOT)
			return number << s->head.shift | next;
	}
	return 0;
}

size_t slab_count(const struct slab *s)
{
	return s->count;
}

size_t slab_bytes(const struct slab *s)
{
	return sizeof(*s) + s->page_cap * sizeof(char *) + s->page_count * s->page_bytes;
}

void slab_free(struct slab *s)
{
	if (!s)
		return;
	for (uint32_t i = 1; i < s->page_cap; i++)
		if (s->head.slots[i])
			page_free(s, page_at(s, i));
	mem_free(s->head.slots);
	mem_free(s);
}
