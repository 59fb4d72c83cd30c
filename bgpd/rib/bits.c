/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sparse sets and arrays over slab handles.
 *
 * Handles are dense but for gaps at the ends of slab pages, so a table of small pages is close to a
 * plain array where the table is full, and next to nothing where it is not. A page goes when its
 * last member goes; the page table itself only grows (8 bytes for 1,024 handles).
 */
#include "bgpd/rib/bits.h"

#include <string.h>

#include "lib/mem.h"

enum { WORDS64 = BITS_PAGE / 64 };

struct bit_page {
	uint32_t count;
	uint64_t w[WORDS64];
};

struct bits {
	struct bit_page **pages;
	uint32_t cap, count;
};

struct word_page {
	uint32_t count;
	uint32_t w[BITS_PAGE];
};

struct words {
	struct word_page **pages;
	uint32_t cap, count, held;
};

/* Grows a table of pages (any kind) until it has entry n. */
static void *table_grow(void *table, uint32_t *cap, uint32_t n)
{
	if (n < *cap)
		return table;
	uint32_t old = *cap, want = n + n / 4 + 8;
	table = mem_realloc(table, want * sizeof(void *));
	memset((void **)table + old, 0, (want - old) * sizeof(void *));
	*cap = want;
	return table;
}

/* ---- bits ---- */

struct bits *bits_new(void)
{
	return mem_zalloc(sizeof(struct bits));
}

void bits_free(struct bits *b)
{
	if (!b)
		return;
	for (uint32_t i = 0; i < b->cap; i++)
		mem_free(b->pages[i]);
	mem_free(b->pages);
	mem_free(b);
}

static struct bit_page *bits_page(const struct bits *b, uint32_t n)
{
	return n / BITS_PAGE < b->cap ? b->pages[n / BITS_PAGE] : NULL;
}

void bits_set(struct bits *b, uint32_t n)
{
	uint32_t at = n / BITS_PAGE;
	b->pages = table_grow(b->pages, &b->cap, at);
	if (!b->pages[at])
		b->pages[at] = mem_zalloc(sizeof(struct bit_page));
	struct bit_page *pg = b->pages[at];
	uint64_t bit = 1ull << (n % 64), *w = &pg->w[n % BITS_PAGE / 64];
	if (*w & bit)
		return;
	*w |= bit;
	pg->count++;
	b->count++;
}

void bits_clear(struct bits *b, uint32_t n)
{
	struct bit_page *pg = bits_page(b, n);
	if (!pg)
		return;
	uint64_t bit = 1ull << (n % 64), *w = &pg->w[n % BITS_PAGE / 64];
	if (!(*w & bit))
		return;
	*w &= ~bit;
	b->count--;
	if (--pg->count == 0) {
		mem_free(pg);
		b->pages[n / BITS_PAGE] = NULL;
	}
}

bool bits_test(const struct bits *b, uint32_t n)
{
	const struct bit_page *pg = bits_page(b, n);
	return pg && (pg->w[n % BITS_PAGE / 64] >> (n % 64) & 1);
}

bool bits_empty(const struct bits *b)
{
	return b->count == 0;
}

/* The first member of a page at or behind `from` (0..BITS_PAGE - 1); BITS_PAGE: none. */
static uint32_t page_next(const struct bit_page *pg, uint32_t from)
{
	uint64_t w = pg->w[from / 64] & (~0ull << (from % 64));
	for (uint32_t i = from / 64;;) {
		if (w)
			return i * 64 + (uint32_t)__builtin_ctzll(w);
		if (++i == WORDS64)
			return BITS_PAGE;
		w = pg->w[i];
	}
}

uint32_t bits_next(const struct bits *b, uint32_t n)
{
	uint32_t from = n % BITS_PAGE;
	for (uint32_t at = n / BITS_PAGE; at < b->cap; at++, from = 0) {
		uint32_t in = b->pages[at] ? page_next(b->pages[at], from) : BITS_PAGE;
		if (in < BITS_PAGE)
			return at * BITS_PAGE + in;
	}
	return UINT32_MAX;
}

bool bits_same_page(const struct bits *a, const struct bits *b, uint32_t n)
{
	const struct bit_page *p = bits_page(a, n), *q = bits_page(b, n);
	return p == q || (p && q && memcmp(p->w, q->w, sizeof(p->w)) == 0);
}

/* ---- words ---- */

struct words *words_new(void)
{
	return mem_zalloc(sizeof(struct words));
}

void words_free(struct words *w)
{
	if (!w)
		return;
	for (uint32_t i = 0; i < w->cap; i++)
		mem_free(w->pages[i]);
	mem_free(w->pages);
	mem_free(w);
}

uint32_t words_get(const struct words *w, uint32_t n)
{
	uint32_t at = n / BITS_PAGE;
	return at < w->cap && w->pages[at] ? w->pages[at]->w[n % BITS_PAGE] : 0;
}

void words_set(struct words *w, uint32_t n, uint32_t value)
{
	uint32_t at = n / BITS_PAGE;
	struct word_page *pg = at < w->cap ? w->pages[at] : NULL;
	if (!pg && !value)
		return;
	if (!pg) {
		w->pages = table_grow(w->pages, &w->cap, at);
		pg = w->pages[at] = mem_zalloc(sizeof(struct word_page));
		w->held++;
	}
	uint32_t *to = &pg->w[n % BITS_PAGE];
	int step = (value != 0) - (*to != 0);
	*to = value;
	pg->count += (uint32_t)step;
	w->count += (uint32_t)step;
	if (pg->count == 0) {
		mem_free(pg);
		w->pages[at] = NULL;
		w->held--;
	}
}

uint32_t words_next(const struct words *w, uint32_t n)
{
	uint32_t from = n % BITS_PAGE;
	for (uint32_t at = n / BITS_PAGE; at < w->cap; at++, from = 0) {
		const struct word_page *pg = w->pages[at];
		for (uint32_t i = from; pg && i < BITS_PAGE; i++)
			if (pg->w[i])
				return at * BITS_PAGE + i;
	}
	return UINT32_MAX;
}

uint32_t words_count(const struct words *w)
{
	return w->count;
}

size_t words_bytes(const struct words *w)
{
	return sizeof(*w) + w->cap * sizeof(void *) + w->held * (sizeof(struct word_page) + 8);
}

void bits_add_words(struct bits *b, const struct words *w)
{
	for (uint32_t i = words_next(w, 0); i != UINT32_MAX; i = words_next(w, i + 1))
		bits_set(b, i);
}
