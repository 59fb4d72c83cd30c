/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trie against a sorted array that is obviously right, both kinds of it, and its size at
 * realistic tables.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/trie.h"

enum { MODEL_MAX = 3000, OWNER_MAX = 1000000 };

struct entry {
	struct prefix p;
	uint32_t value;
};

struct model {
	struct entry e[MODEL_MAX];
	unsigned n;
	struct owner *owner; /* NULL: the trie's values do not know their prefixes */
};

/* Who owns the values of a keyed trie: their prefixes, by value. */
struct owner {
	uint32_t last; /* value */
	struct {
		uint8_t len, b[16];
	} key[OWNER_MAX + 1];
};

static uint64_t seed;

static uint32_t rnd(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33);
}

static const struct trie_key *owner_key(const void *ctx, uint32_t value)
{
	const struct owner *o = ctx;
	cr_assert(value && value <= o->last);
	return (const struct trie_key *)&o->key[value];
}

static uint32_t owner_take(struct owner *o, const struct prefix *p)
{
	uint32_t value = ++o->last;
	cr_assert_leq(value, OWNER_MAX);
	o->key[value].len = p->len;
	memcpy(o->key[value].b, p->b, sizeof(p->b));
	return value;
}

/* A trie that still looks at it sees rubbish. */
static void owner_drop(struct owner *o, uint32_t value)
{
	memset(&o->key[value], 0xa5, sizeof(o->key[value]));
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

/* One that parts from an entry late: another length, another bit. */
static struct prefix near_prefix(const struct model *m, enum family f, unsigned variety)
{
	if (!m->n)
		return random_prefix(f, variety);
	struct prefix p = m->e[rnd() % m->n].p;
	if (rnd() % 2)
		p.len = (uint8_t)(p.len / 2 + rnd() % (family_bits(f) - p.len / 2 + 1));
	if (p.len && rnd() % 2)
		p.b[(p.len - 1) / 8] ^= (uint8_t)(0x80 >> rnd() % 8);
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

static void model_forget(struct model *m, unsigned at)
{
	if (m->owner)
		owner_drop(m->owner, m->e[at].value);
	m->n--;
	memmove(&m->e[at], &m->e[at + 1], (m->n - at) * sizeof(m->e[0]));
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
		uint32_t value = m->owner ? owner_take(m->owner, p) : 1 + rnd() % 1000000;
		if (m->owner && has)
			owner_drop(m->owner, m->e[at].value);
		m->e[at] = (struct entry){*p, value};
		*v = value;
	} else if (insert && !has && rnd() % 2) {
		/* No room for one more in the model: the caller thinks better of it. */
		cr_assert_eq(*trie_insert(t, p), 0);
		trie_del(t, p);
	} else if (!insert && has) {
		trie_del(t, p);
		model_forget(m, at);
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
	uint32_t values[TRIE_MANY];
	unsigned n = 0, from = m->n ? rnd() % m->n : 0;
	for (unsigned want = rnd() % (TRIE_MANY + 1); n < want && m->n; n++) {
		unsigned at = rnd() % 2 && from < m->n ? from : rnd() % m->n;
		p[n] = m->e[at].p;
		values[n] = m->e[at].value;
		m->n--;
		memmove(&m->e[at], &m->e[at + 1], (m->n - at) * sizeof(m->e[0]));
	}
	if (m->owner)
		trie_del_values(t, values, n);
	for (unsigned i = 0; i < n; i++)
		if (m->owner)
			owner_drop(m->owner, values[i]);
		else
			trie_del(t, &p[i]);
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

/* The table grows and shrinks in turns of so many steps. */
static void run_steps(
    struct model *m, struct trie *t, enum family f, unsigned variety, unsigned steps, unsigned turn)
{
	for (unsigned i = 0; i < steps; i++) {
		struct prefix p = random_prefix(f, variety), q = random_prefix(f, variety);
		if (rnd() % 2)
			p = near_prefix(m, f, variety);
		if (rnd() % 2)
			q = near_prefix(m, f, variety);
		step_change(m, t, &p, rnd() % 8 < (i / turn % 2 ? 3u : 6u));
		if (m->n && rnd() % 2)
			step_change(m, t, &m->e[rnd() % m->n].p, i / turn % 2 == 0);
		check_next(m, t, &q);
		if (i % 16 == 0)
			check_match(m, t, &q);
		if (i % 8 == 0)
			check_many(m, t, f, variety);
		if (i % 512 == 0)
			remove_many(m, t);
		if (i % 32 == 0)
			check_within(m, t, &p, i % 64 ? NULL : &q);
		if (i % turn == 0)
			check_whole(m, t);
	}
}

static void run_model(enum family f, unsigned variety, unsigned steps, unsigned turn, bool keyed)
{
	struct model *m = mem_zalloc(sizeof(*m));
	m->owner = keyed ? mem_zalloc(sizeof(*m->owner)) : NULL;
	struct trie *t = keyed ? trie_new_keyed(f, owner_key, m->owner) : trie_new(f);
	size_t empty = trie_bytes(t);
	seed = 7 + variety + turn;
	run_steps(m, t, f, variety, steps, turn);
	while (m->n) {
		struct prefix p = m->e[rnd() % m->n].p;
		step_change(m, t, &p, false);
	}
	cr_assert_eq(trie_bytes(t), empty, "an empty trie gives all memory back");
	mem_free(m->owner);
	mem_free(m);
	trie_free(t);
}

Test(lib_trie, model_ipv4_dense)
{
	run_model(FAMILY_IPV4, 7, 200000, 20000, false);
}

Test(lib_trie, model_ipv4_sparse)
{
	run_model(FAMILY_IPV4, 256, 100000, 20000, false);
}

Test(lib_trie, model_ipv6)
{
	run_model(FAMILY_IPV6, 4, 200000, 20000, false);
}

Test(lib_trie, model_keyed_ipv4_dense)
{
	run_model(FAMILY_IPV4, 7, 200000, 20000, true);
}

Test(lib_trie, model_keyed_ipv4_sparse)
{
	run_model(FAMILY_IPV4, 256, 100000, 20000, true);
}

Test(lib_trie, model_keyed_ipv6)
{
	run_model(FAMILY_IPV6, 4, 200000, 20000, true);
}

/* From nothing to a few and back, many times: roots, pairs and what they fall to. */
Test(lib_trie, model_keyed_few)
{
	run_model(FAMILY_IPV4, 3, 100000, 20, true);
	run_model(FAMILY_IPV6, 2, 100000, 20, true);
}

Test(lib_trie, model_few)
{
	run_model(FAMILY_IPV4, 3, 100000, 20, false);
	run_model(FAMILY_IPV6, 2, 100000, 20, false);
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

static void keyed_set(struct trie *t, struct owner *o, const char *text)
{
	struct prefix p;
	cr_assert(prefix_parse(text, &p));
	uint32_t *v = trie_insert(t, &p);
	cr_assert_eq(*v, 0);
	*v = owner_take(o, &p);
}

static void keyed_del(struct trie *t, const char *text)
{
	struct prefix p;
	cr_assert(prefix_parse(text, &p));
	uint32_t value = trie_find(t, &p);
	trie_del_values(t, &value, 1);
	cr_assert_eq(trie_find(t, &p), 0);
}

/* A prefix that stands alone below a byte has no node; it gets one with a second, at any depth, and
 * gives it back when it is alone again, whichever of the two goes. */
Test(lib_trie, lone_and_back)
{
	static const char *const others[] = {"2001:db8:5::/48", "2001:db8:1::/49", "2001::/24",
	    "2001:d00::/24", "2001:db8:1::1/128", "2001:db8:1:8000::/49", "2001:d00::/25"};
	struct owner *o = mem_zalloc(sizeof(*o));
	struct trie *t = trie_new_keyed(FAMILY_IPV6, owner_key, o);
	keyed_set(t, o, "2001::/16");
	keyed_set(t, o, "2002::/16");
	size_t two = trie_bytes(t);
	keyed_set(t, o, "2001:db8:1::/48");
	cr_assert_leq(trie_bytes(t), two + 8, "a lone prefix stands in a node that is there");
	size_t alone = trie_bytes(t) + 16; /* that node may keep room for a child */
	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++) {
		keyed_set(t, o, others[i]);
		cr_assert_gt(trie_bytes(t), alone);
		keyed_del(t, i % 2 ? others[i] : "2001:db8:1::/48");
		cr_assert_leq(trie_bytes(t), alone, "with %s", others[i]);
		if (i % 2 == 0) {
			keyed_set(t, o, "2001:db8:1::/48");
			keyed_del(t, others[i]);
		}
		cr_assert_leq(trie_bytes(t), alone, "with %s", others[i]);
	}
	trie_free(t);
	mem_free(o);
}

/* 10.0.0.0/8 in /24s; then all but every 16th go, then all but one in each /16. */
Test(lib_trie, memory_follows_contents)
{
	struct owner *o = mem_zalloc(sizeof(*o));
	struct trie *t = trie_new_keyed(FAMILY_IPV4, owner_key, o);
	for (unsigned i = 0; i < 65536; i++) {
		struct prefix p = {
		    .family = FAMILY_IPV4, .len = 24, .b = {10, (uint8_t)(i >> 8), (uint8_t)i}};
		*trie_insert(t, &p) = owner_take(o, &p);
	}
	size_t full = trie_bytes(t);
	for (uint32_t v = 1; v <= 65536; v++)
		if (v % 16)
			trie_del_values(t, &v, 1);
	size_t some = trie_bytes(t);
	cr_assert_eq(trie_count(t), 4096);
	cr_assert_lt(some, full / 3);
	for (uint32_t v = 16; v <= 65536; v += 16)
		if (v % 256)
			trie_del_values(t, &v, 1);
	cr_assert_eq(trie_count(t), 256);
	cr_assert_lt(trie_bytes(t), 256 * 16, "all are lone in one node");
	trie_free(t);
	mem_free(o);
}

/* Values that do not know their prefixes may be all the same. */
Test(lib_trie, equal_values)
{
	struct trie *t = trie_new(FAMILY_IPV4);
	struct prefix p;
	cr_assert(prefix_parse("10.1.2.0/24", &p));
	*trie_insert(t, &p) = 1;
	cr_assert(prefix_parse("10.1.3.0/24", &p));
	cr_assert_eq(trie_find(t, &p), 0);
	*trie_insert(t, &p) = 1;
	cr_assert_eq(trie_count(t), 2);
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

/* Nothing but /48s at random: 200,000 of them leave each node but the topmost with one prefix. */
Test(lib_trie, bytes_of_sparse_ipv6)
{
	struct owner *o = mem_zalloc(sizeof(*o));
	struct trie *t = trie_new_keyed(FAMILY_IPV6, owner_key, o);
	seed = 2;
	while (trie_count(t) < 200000) {
		struct prefix p = {.family = FAMILY_IPV6, .len = 48};
		p.b[0] = (uint8_t)(0x20 + rnd() % 16);
		for (unsigned i = 1; i < 6; i++)
			p.b[i] = (uint8_t)rnd();
		uint32_t *v = trie_insert(t, &p);
		if (!*v)
			*v = owner_take(o, &p);
	}
	double each = (double)trie_bytes(t) / 200000;
	printf("trie: %.1f bytes a route at 200,000 sparse /48\n", each);
	cr_assert_lt(each, 12.0, "it was 35 with a node for each");
	trie_free(t);
	mem_free(o);
}
