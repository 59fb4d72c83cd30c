/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/hash: finding, growing and shrinking, walks that delete. */
#include <criterion/criterion.h>

#include "lib/hash.h"
#include "lib/list.h"
#include "lib/mem.h"

enum { MANY = 20000 };

struct item {
	struct hash_node node;
	uint32_t key;
	int seen;
};

static bool item_equal(const struct hash_node *node, const void *key)
{
	return container_of(node, struct item, node)->key == *(const uint32_t *)key;
}

static uint32_t key_hash(uint32_t key)
{
	return hash_bytes(&key, sizeof(key));
}

static struct item *find(const struct hash *h, uint32_t key)
{
	struct hash_node *n = hash_find(h, key_hash(key), item_equal, &key);

	return n ? container_of(n, struct item, node) : NULL;
}

static void add(struct hash *h, struct item *it, uint32_t key)
{
	*it = (struct item){.key = key};
	hash_add(h, &it->node, key_hash(key));
}

static struct item *add_many(struct hash *h)
{
	struct item *items = mem_zalloc(MANY * sizeof(*items));

	for (uint32_t i = 0; i < MANY; i++)
		add(h, &items[i], i);
	return items;
}

Test(hash, empty)
{
	struct hash h, zeroed = {0};

	hash_init(&h);
	cr_expect_null(find(&h, 1));
	cr_expect_null(find(&zeroed, 1));
	hash_walk(&h, NULL, NULL);
	hash_fini(&h);
}

Test(hash, finds_all_and_nothing_else)
{
	struct hash h;
	struct item *items;

	hash_init(&h);
	items = add_many(&h);
	for (uint32_t i = 0; i < MANY; i++)
		cr_assert_eq(find(&h, i), &items[i]);
	cr_expect_null(find(&h, MANY));
	cr_expect_eq(h.count, MANY);
	hash_fini(&h);
	mem_free(items);
}

Test(hash, equal_hashes_are_told_apart)
{
	struct hash h;
	struct item items[20];
	uint32_t key = 13;

	hash_init(&h);
	for (uint32_t i = 0; i < 20; i++) {
		items[i] = (struct item){.key = i};
		hash_add(&h, &items[i].node, 0xdeadbeef);
	}
	cr_expect_eq(hash_find(&h, 0xdeadbeef, item_equal, &key), &items[13].node);
	hash_del(&h, &items[13].node);
	cr_expect_null(hash_find(&h, 0xdeadbeef, item_equal, &key));
	key = 12;
	cr_expect_eq(hash_find(&h, 0xdeadbeef, item_equal, &key), &items[12].node);
	hash_fini(&h);
}

/* After each single step everything that should be there is found, on the way up and down. */
Test(hash, every_size_on_the_way)
{
	enum { SIZE = 300 };
	struct hash h;
	struct item items[SIZE];

	hash_init(&h);
	for (uint32_t n = 0; n < SIZE; n++) {
		add(&h, &items[n], n);
		for (uint32_t i = 0; i < SIZE; i++)
			cr_assert_eq(find(&h, i), i <= n ? &items[i] : NULL);
	}
	for (uint32_t n = SIZE; n-- > 0;) {
		hash_del(&h, &items[n].node);
		for (uint32_t i = 0; i < n; i++)
			cr_assert_eq(find(&h, i), &items[i]);
		cr_assert_null(find(&h, n));
	}
	hash_fini(&h);
}

Test(hash, buckets_follow_the_count)
{
	struct hash h;
	struct item *items;

	hash_init(&h);
	items = add_many(&h);
	cr_expect_geq(h.size, MANY / 2);
	cr_expect_leq(h.size, MANY);
	for (uint32_t i = 0; i < MANY - 10; i++)
		hash_del(&h, &items[i].node);
	cr_expect_leq(h.size, 20);
	cr_expect_leq(h.cap, 128);
	for (uint32_t i = MANY - 10; i < MANY; i++)
		cr_expect_eq(find(&h, i), &items[i]);
	hash_fini(&h);
	mem_free(items);
}

struct walk {
	struct hash *h;
	unsigned calls;
	uint32_t delete_below;
};

static void visit(struct hash_node *node, void *arg)
{
	struct walk *w = arg;
	struct item *it = container_of(node, struct item, node);

	w->calls++;
	it->seen++;
	if (it->key < w->delete_below)
		hash_del(w->h, node);
}

Test(hash, walk_sees_each_once_while_deleting)
{
	struct hash h;
	struct walk w = {.h = &h, .delete_below = MANY - 100};
	struct item *items;

	hash_init(&h);
	items = add_many(&h);
	hash_walk(&h, visit, &w);
	cr_expect_eq(w.calls, MANY);
	for (uint32_t i = 0; i < MANY; i++)
		cr_assert_eq(items[i].seen, 1);
	cr_expect_eq(h.count, 100);
	cr_expect_leq(h.size, 200, "the shrinking that the walk put off is done");
	w = (struct walk){.h = &h};
	hash_walk(&h, visit, &w);
	cr_expect_eq(w.calls, 100);
	hash_fini(&h);
	mem_free(items);
}

static void delete_and_free(struct hash_node *node, void *arg)
{
	hash_del(arg, node);
	mem_free(container_of(node, struct item, node));
}

Test(hash, walk_may_free_the_items)
{
	struct hash h;

	hash_init(&h);
	for (uint32_t i = 0; i < 1000; i++)
		add(&h, mem_alloc(sizeof(struct item)), i);
	hash_walk(&h, delete_and_free, &h);
	cr_expect_eq(h.count, 0);
	hash_fini(&h);
}

Test(hash, bytes)
{
	cr_expect_neq(hash_bytes("a", 1), hash_bytes("b", 1));
	cr_expect_neq(hash_bytes("a", 1), hash_bytes("a", 2));
	cr_expect_eq(hash_bytes("ferro", 5), hash_bytes("ferro", 5));
}
