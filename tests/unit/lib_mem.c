/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/mem: heap copies, arena and slab. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

Test(mem, copies)
{
	char *whole = mem_strdup("ferro"), *part = mem_strndup("ferro", 3),
	     *all = mem_strndup("ab", 9);
	char *none = mem_dup(NULL, 0);
	unsigned char *zeroed = mem_zalloc(16);

	cr_expect_str_eq(whole, "ferro");
	cr_expect_str_eq(part, "fer");
	cr_expect_str_eq(all, "ab");
	for (int i = 0; i < 16; i++)
		cr_expect_eq(zeroed[i], 0);
	whole = mem_realloc(whole, 1000);
	cr_expect_str_eq(whole, "ferro");
	mem_free(whole);
	mem_free(part);
	mem_free(all);
	mem_free(none);
	mem_free(zeroed);
	mem_free(NULL);
}

Test(arena, aligned_and_apart)
{
	struct arena *a = arena_new();
	char *last = NULL;

	for (size_t size = 0; size < 300; size++) {
		char *p = arena_alloc(a, size);

		cr_assert_eq((uintptr_t)p % 8, 0);
		cr_assert_neq(p, last);
		memset(p, (int)size, size);
		last = p;
	}
	arena_free(a);
}

Test(arena, larger_than_a_chunk_and_reset)
{
	struct arena *a = arena_new();

	for (int round = 0; round < 3; round++) {
		char *small = arena_strndup(a, "small-but-cut", 5);
		char *large = arena_alloc(a, 1 << 20);
		char *after = arena_strndup(a, "", 0);

		memset(large, 7, 1 << 20);
		cr_expect_str_eq(small, "small");
		cr_expect_str_eq(after, "");
		arena_reset(a);
	}
	arena_free(a);
	arena_free(NULL);
}

enum { MANY = 50000 };

struct item {
	uint32_t a, b, c;
};

static uint32_t handles[MANY];

static void fill(struct slab *s)
{
	for (uint32_t i = 0; i < MANY; i++) {
		handles[i] = slab_get(s);
		struct item *it = slab_ptr(s, handles[i]);

		cr_assert_neq(handles[i], 0);
		cr_assert(it->a == 0 && it->b == 0 && it->c == 0);
		*it = (struct item){i, i, i};
	}
}

static void expect_filled(struct slab *s, uint32_t from, uint32_t step)
{
	for (uint32_t i = from; i < MANY; i += step) {
		struct item *it = slab_ptr(s, handles[i]);

		cr_assert(it->a == i && it->b == i && it->c == i);
	}
}

Test(slab, items_keep_their_place)
{
	struct slab *s = slab_new(sizeof(struct item));
	struct item *first;

	fill(s);
	first = slab_ptr(s, handles[0]);
	for (uint32_t i = 1; i < MANY; i += 2)
		slab_put(s, handles[i]);
	cr_expect_eq(slab_count(s), MANY / 2);
	cr_expect_eq(slab_ptr(s, handles[0]), first);
	expect_filled(s, 0, 2);
	slab_free(s);
}

Test(slab, reuses_what_was_freed)
{
	struct slab *s = slab_new(sizeof(struct item));
	size_t bytes;

	fill(s);
	bytes = slab_bytes(s);
	for (uint32_t i = 0; i < MANY; i += 2)
		slab_put(s, handles[i]);
	for (uint32_t i = 0; i < MANY; i += 2) {
		handles[i] = slab_get(s);
		*(struct item *)slab_ptr(s, handles[i]) = (struct item){i, i, i};
	}
	expect_filled(s, 0, 1);
	cr_expect_eq(slab_count(s), MANY);
	cr_expect_eq(slab_bytes(s), bytes);
	slab_free(s);
}

Test(slab, gives_empty_pages_back)
{
	struct slab *s = slab_new(sizeof(struct item));

	cr_expect_lt(slab_bytes(s), 1024, "an empty slab holds no page");
	fill(s);
	cr_expect_geq(slab_bytes(s), MANY * sizeof(struct item));
	cr_expect_lt(slab_bytes(s), MANY * sizeof(struct item) * 11 / 10 + (64 << 10));
	for (uint32_t i = 0; i < MANY; i++)
		slab_put(s, handles[MANY - 1 - i]);
	cr_expect_eq(slab_count(s), 0);
	cr_expect_lt(slab_bytes(s), 80 << 10, "one spare page is left");
	fill(s); /* the numbers of freed pages are used again */
	expect_filled(s, 0, 1);
	slab_free(s);
}

Test(slab, one_object_in_the_middle_keeps_its_page_only)
{
	struct slab *s = slab_new(sizeof(struct item));

	fill(s);
	for (uint32_t i = 0; i < MANY; i++)
		if (i != MANY / 2)
			slab_put(s, handles[i]);
	cr_expect_lt(slab_bytes(s), 80 << 10);
	expect_filled(s, MANY / 2, MANY);
	slab_free(s);
}

Test(slab, sizes_from_a_byte_to_more_than_a_page)
{
	static const size_t sizes[] = {1, 4, 5, 32, 4000, 65000, 65536, 200000};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct slab *s = slab_new(sizes[i]);
		uint32_t x = slab_get(s), y = slab_get(s);

		memset(slab_ptr(s, x), 1, sizes[i]);
		memset(slab_ptr(s, y), 2, sizes[i]);
		cr_expect_eq(((char *)slab_ptr(s, x))[sizes[i] - 1], 1);
		slab_put(s, x);
		slab_put(s, y);
		cr_expect_eq(slab_count(s), 0);
		slab_free(s);
	}
	slab_free(NULL);
}

/* Against a model: random gets and puts; a handle in use is never given out again. */
Test(slab, random_traffic)
{
	struct slab *s = slab_new(sizeof(struct item));
	uint32_t n = 0;

	srand(1);
	for (int round = 0; round < 200000; round++) {
		bool grow = rand() % 100 < (round / 50000 % 2 ? 30 : 70);

		if (grow && n < MANY) {
			handles[n] = slab_get(s);
			((struct item *)slab_ptr(s, handles[n]))->a = handles[n];
			n++;
		} else if (n) {
			uint32_t at = (uint32_t)rand() % n;

			cr_assert_eq(((struct item *)slab_ptr(s, handles[at]))->a, handles[at]);
			slab_put(s, handles[at]);
			handles[at] = handles[--n];
		}
		cr_assert_eq(slab_count(s), n);
	}
	slab_free(s);
}

static void put_twice(void)
{
	struct slab *s = slab_new(8);
	uint32_t keep = slab_get(s), h = slab_get(s);

	slab_put(s, h);
	slab_put(s, h);
	slab_put(s, keep);
}

Test(slab, freeing_twice_is_a_bug, .signal = SIGABRT)
{
	put_twice();
}

Test(lib_mem, slab_next_goes_over_what_is_in_use)
{
	enum { N = 20000 };
	struct slab *s = slab_new(20);
	uint32_t *h = mem_alloc(N * sizeof(*h)), n = 0;

	cr_assert_eq(slab_next(s, 0), 0);
	for (uint32_t i = 0; i < N; i++)
		h[i] = slab_get(s);
	for (uint32_t i = 0; i < N; i++)
		if (i % 3)
			slab_put(s, h[i]);
	for (uint32_t at = slab_next(s, 0); at; at = slab_next(s, at), n++)
		cr_assert_eq(at, h[3 * n]);
	cr_assert_eq(n, (N + 2) / 3);
	cr_assert_eq(slab_next(s, h[1]), h[3]);
	mem_free(h);
	slab_free(s);
}
