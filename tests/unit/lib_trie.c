/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trie against a sorted array that is obviously right, and its size at a realistic table. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/trie.h"

enum { MODEL_MAX = 3000 };

struct entry {
	struct prefix p;
	uint32_t value;
};

struct model {
	struct entry e[MODEL_MAX];
	unsigned n;
};

static uint64_t seed;

static uint32_t rnd(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33);
}

/* Few distinct bytes, so that prefixes share, nest and part in all places. */
static struct prefix random_prefix(enum family f, unsigned variety)
{
	struct prefix p = {.family = (uint8_t)f, .len = (uint8_t)(rnd() % (family_bits(f) + 1))};
	for (unsigned i = 0; i < family_bytes(f); i++)
		p.b[i] = (uint8_t)(rnd() % 3 ? (rnd() % variety) * 37 : 0);
	prefix_mask(&p);
	return p;
}

/* The first entry not before p. */
static unsigned model_find(const struct model *m, const struct prefix *p)
{
	unsigned lo = 0, hi = m->n;
	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;
		if (prefix_cmp(&m->e[mid].p, p) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool model_has(const struct model *m, const struct prefix *p, unsigned at)
{
	return at < m->n && prefix_equal(&m->e[at].p, p);
}

static void step_change(struct model *m, struct trie *t, const struct prefix *p, bool insert)
{
	unsigned at = model_find(m, p);
	bool has = model_has(m, p, at);
	if (insert && (has || m->n < MODEL_MAX)) {
		uint32_t *v = trie_insert(t, p);
		cr_assert_eq(*v, has ? m->e[at].value : 0);
		if (!has) {
			memmove(&m->e[at + 1], &m->e[at], (m->n - at) * sizeof(m->e[0]));
			m->n++;
		}
		m->e[at] = (struct entry){*p, 1 + rnd() % 1000000};
		*v = m->e[at].value;
	} else if (!insert && has) {
		trie_del(t, p);
		m->n--;
		memmove(&m->e[at], &m->e[at + 1], (m->n - at) * sizeof(m->e[0]));
	}
	cr_assert_eq(trie_count(t), m->n);
}

static void check_match(const struct model *m, const struct trie *t, const struct prefix *p)
{
	struct addr a = prefix_addr(p);
	const struct entry *best = NULL, *above = NULL;
	for (unsigned i = 0; i < m->n; i++) {
		const struct entry *e = &m->e[i];
		if (prefix_has_addr(&e->p, &a) && (!best || e->p.len > best->p.len))
			best = e;
		if (e->p.len < p->len && prefix_contains(&e->p, p) &&
		    (!above || e->p.len > above->p.len))
			above = e;
	}
	struct prefix found;
	cr_assert_eq(trie_match(t, &a, &found), best ? best->value : 0);
	cr_assert(!best || prefix_equal(&found, &best->p));
	cr_assert_eq(trie_match_above(t, p, &found), above ? above->value : 0);
	cr_assert(!above || prefix_equal(&found, &above->p));
}

static void check_next(const struct model *m, const struct trie *t, const struct prefix *p)
{
	unsigned at = model_find(m, p);
	bool has = model_has(m, p, at);
	cr_assert_eq(trie_find(t, p), has ? m->e[at].value : 0);
	at += has;
	struct prefix found;
	uint32_t v = trie_next(t, p, &found);
	cr_assert_eq(v, at < m->n ? m->e[at].value : 0);
	cr_assert(!v || prefix_equal(&found, &m->e[at].p));
}

static void check_within(
    const struct model *m, const struct trie *t, const struct prefix *w, const struct prefix *after)
{
	struct prefix found;
	unsigned i = 0;
	while (i < m->n &&
	       (!prefix_contains(w, &m->e[i].p) || (after && prefix_cmp(&m->e[i].p, after) <= 0)))
		i++;
	uint32_t v = trie_next_within(t, w, after, &found);
	cr_assert_eq(v, i < m->n ? m->e[i].value : 0);
	cr_assert(!v || prefix_equal(&found, &m->e[i].p));
}

/* Some that are there, some that are not, the zero-length one now and then. */
static void check_many(const struct model *m, const struct trie *t, enum family f, unsigned variety)
{
	struct prefix p[TRIE_MANY];
	uint32_t values[TRIE_MANY];
	unsigned n = rnd() % (TRIE_MANY + 1);
	for (unsigned i = 0; i < n; i++)
		p[i] = m->n && rnd() % 2 ? m->e[rnd() % m->n].p : random_prefix(f, variety);
	trie_find_many(t, p, n, values);
	for (unsigned i = 0; i < n; i++) {
		unsigned at = model_find(m, &p[i]);
		cr_assert_eq(values[i], model_has(m, &p[i], at) ? m->e[at].value : 0);
	}
}

/* Takes some neighbors in the table and some from anywhere away, in one go. */
static void remove_many(struct model *m, struct trie *t)
{
	struct prefix p[TRIE_MANY];
	unsigned n = 0, from = m->n ? rnd() % m->n : 0;
	for (unsigned want = rnd() % (TRIE_MANY + 1); n < want && m->n; n++) {
		unsigned at = rnd() % 2 && from < m->n ? from : rnd() % m->n;
		p[n] = m->e[at].p;
		m->n--;
		memmove(&m->e[at], &m->e[at + 1], (m->n - at) * sizeof(m->e[0]));
	}
	trie_del_many(t, p, n);
	cr_assert_eq(trie_count(t), m->n);
}

static void check_whole(const struct model *m, const struct trie *t)
{
	struct prefix p;
	uint32_t v = trie_next(t, NULL, &p);
	for (unsigned i = 0; i < m->n; i++) {
		cr_assert_eq(v, m->e[i].value);
		cr_assert(prefix_equal(&p, &m->e[i].p));
		struct prefix last = p;
		v = trie_next(t, &last, &p);
	}
	cr_assert_eq(v, 0);
}

static void run_model(enum family f, unsigned variety, unsigned steps)
{
	struct trie *t = trie_new(f);
	struct model *m = mem_zalloc(sizeof(*m));
	size_t empty = trie_bytes(t);
	seed = 7 + variety;
	for (unsigned i = 0; i < steps; i++) {
		struct prefix p = random_prefix(f, variety), q = random_prefix(f, variety);
		/* The table grows and shrinks in turns. */
		step_change(m, t, &p, rnd() % 8 < (i / 20000 % 2 ? 3u : 6u));
		if (m->n && rnd() % 2)
			step_change(m, t, &m->e[rnd() % m->n].p, i / 20000 % 2 == 0);
		check_next(m, t, &q);
		if (i % 16 == 0)
			check_match(m, t, &q);
		if (i % 8 == 0)
			check_many(m, t, f, variety);
		if (i % 512 == 0)
			remove_many(m, t);
		if (i % 32 == 0)
			check_within(m, t, &p, i % 64 ? NULL : &q);
		if (i % 20000 == 0)
			check_whole(m, t);
	}
	while (m->n) {
		struct prefix p = m->e[rnd() % m->n].p;
		step_change(m, t, &p, false);
	}
	cr_assert_eq(trie_bytes(t), empty, "an empty trie gives all memory back");
	mem_free(m);
	trie_free(t);
}

Test(lib_trie, model_ipv4_dense)
{
	run_model(FAMILY_IPV4, 7, 200000);
}

Test(lib_trie, model_ipv4_sparse)
{
	run_model(FAMILY_IPV4, 256, 100000);
}

Test(lib_trie, model_ipv6)
{
	run_model(FAMILY_IPV6, 4, 200000);
}

/* One node with all its 510 prefixes and 256 children: every code, bitmaps both ways. */
Test(lib_trie, full_node)
{
	struct trie *t = trie_new(FAMILY_IPV4);
	struct prefix p = {.family = FAMILY_IPV4};
	uint32_t n = 0;
	for (unsigned len = 0; len <= 8; len++)
		for (unsigned v = 0; v < 256; v += 256u >> len) {
			p.len = (uint8_t)len;
			p.b[0] = (uint8_t)v;
			*trie_insert(t, &p) = ++n;
		}
	for (unsigned v = 0; v < 256; v++) {
		p = (struct prefix){.family = FAMILY_IPV4, .len = 16, .b = {(uint8_t)v, 9}};
		*trie_insert(t, &p) = ++n;
	}
	cr_assert_eq(n, 511 + 256);
	struct prefix last = {0};
	unsigned seen = 0;
	for (uint32_t v = trie_next(t, NULL, &p); v; v = trie_next(t, &last, &p)) {
		cr_assert(!seen || prefix_cmp(&last, &p) < 0);
		cr_assert_eq(trie_find(t, &p), v);
		last = p;
		seen++;
	}
	cr_assert_eq(seen, n);
	/* ... and down again, children and values in turns, to a node of each kind. */
	for (bool more = true; more; n--) {
		more = trie_next(t,
			   n % 2 ? &(struct prefix){.family = FAMILY_IPV4, .len = 8} : NULL, &p) ||
		       trie_next(t, NULL, &p);
		if (more)
			trie_del(t, &p);
		cr_assert_eq(trie_count(t), more ? n - 1 : 0);
	}
	trie_free(t);
}

/* 60 % /24, the rest /16 to /23, over the unicast space. */
static struct prefix realistic_prefix(void)
{
	uint32_t len = rnd() % 10 < 6 ? 24 : 16 + rnd() % 8;
	struct addr a =
	    addr_from_ipv4(0x01000000u + (uint32_t)((uint64_t)rnd() * 0xde000000u >> 31));
	struct prefix p = prefix_from_addr(&a);
	p.len = (uint8_t)len;
	prefix_mask(&p);
	return p;
}

Test(lib_trie, bytes_at_a_million)
{
	struct trie *t = trie_new(FAMILY_IPV4);
	seed = 1;
	while (trie_count(t) < 1000000) {
		struct prefix p = realistic_prefix();
		*trie_insert(t, &p) = (uint32_t)trie_count(t);
	}
	double each = (double)trie_bytes(t) / 1e6;
	printf("trie: %.1f bytes a route at 1,000,000\n", each);
	cr_assert_lt(each, 16.0, "with a destination of 16 bytes the budget is 32");
	trie_free(t);
}
