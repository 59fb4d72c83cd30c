/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/pool: blocks of all sizes keep what is in them, memory is used again and given back. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/pool.h"

enum { BLOCKS = 4000, LARGEST = 700 };

struct block {
	unsigned char *p;
	size_t size;
	unsigned char mark;
};

static uint64_t seed = 7;

static uint32_t rnd(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33);
}

static void make(struct pool *pool, struct block *b)
{
	b->size = 1 + rnd() % LARGEST;
	b->mark = (unsigned char)rnd();
	b->p = pool_get(pool, b->size);
	cr_assert_eq((uintptr_t)b->p % 8, 0);
	memset(b->p, b->mark, b->size);
}

static void check(const struct block *b)
{
	for (size_t i = 0; i < b->size; i++)
		cr_assert_eq(b->p[i], b->mark, "byte %zu of %zu", i, b->size);
}

static void drop(struct pool *pool, struct block *b)
{
	check(b);
	pool_put(pool, b->p, b->size);
	b->p = NULL;
}

Test(pool, blocks_keep_what_is_in_them)
{
	struct pool *pool = pool_new();
	struct block *b = mem_zalloc(BLOCKS * sizeof(*b));
	size_t bytes = 0;

	for (unsigned step = 0; step < 40 * BLOCKS; step++) {
		struct block *one = &b[rnd() % BLOCKS];
		if (one->p)
			drop(pool, one);
		else
			make(pool, one);
	}
	for (unsigned i = 0; i < BLOCKS; i++)
		bytes += b[i].p ? pool_block_bytes(b[i].size) : 0;
	cr_expect_eq(pool_bytes(pool), bytes);
	for (unsigned i = 0; i < BLOCKS; i++)
		if (b[i].p)
			drop(pool, &b[i]);
	cr_expect_eq(pool_bytes(pool), 0);
	pool_free(pool);
	pool_free(NULL);
	mem_free(b);
}

Test(pool, a_block_costs_its_size_rounded_to_8)
{
	struct pool *pool = pool_new();
	char *a = pool_get(pool, 41), *b = pool_get(pool, 48);

	cr_expect_eq(b - a, 48, "side by side, without headers");
	cr_expect_eq(pool_bytes(pool), 96);
	pool_put(pool, a, 41);
	cr_expect_eq((char *)pool_get(pool, 45), a, "the one freed last is given out first");
	pool_put(pool, a, 45);
	pool_put(pool, b, 48);
	pool_free(pool);
}

/* What one size has used is there for another one once it is free. */
Test(pool, pages_change_their_size)
{
	enum { ROUNDS = 60, SOME = 20000 };
	struct pool *pool = pool_new();
	void **p = mem_alloc(SOME * sizeof(*p));

	for (size_t size = 8; size < 8 + 8 * ROUNDS; size += 8) {
		for (unsigned i = 0; i < SOME; i++)
			memset(p[i] = pool_get(pool, size), 1, size);
		cr_assert_eq(pool_bytes(pool), SOME * size);
		for (unsigned i = 0; i < SOME; i++)
			pool_put(pool, p[i], size);
		cr_assert_eq(pool_bytes(pool), 0);
	}
	pool_free(pool);
	mem_free(p);
}
