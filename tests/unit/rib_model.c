/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table and its groups against a model that is slow and obvious.
 *
 * The model holds, for each prefix and source, what was announced, and finds the best path by
 * looking at all of them each time. Sources and attributes are such that the decision has a clear
 * answer: local preference, path length, then router id between internal peers; MEDs and ages have
 * tests of their own. Members come, go, stop reading and ask again at random. In the end, and now
 * and then, table, best paths and what every member knows must be the model's.
 */
#include "rib_help.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

enum { PREFIXES = 400, SOURCES = 6, MEMBERS = 6, STEPS = 60000 };

struct announced {
	bool there;
	uint8_t lp, hops;
};

struct model {
	struct fix f;
	struct source source[SOURCES];
	struct announced at[PREFIXES][SOURCES];
	struct source receiver[MEMBERS];
	struct fake member[MEMBERS];
	uint64_t seed;
};

static uint32_t rnd(struct model *m)
{
	m->seed = m->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(m->seed >> 33);
}

static const char *prefix_of(unsigned i, char buf[32])
{
	/* Nested ones too: every fourth covers the three before it. */
	if (i % 4 == 3)
		snprintf(buf, 32, "20.%u.%u.0/22", i / 256, i % 256 / 4 * 4);
	else
		snprintf(buf, 32, "20.%u.%u.0/24", i / 256, i % 256);
	return buf;
}

/* ---- the model's answer ---- */

/* Weightless, all internal: preference, length, router id, which rises with the number. */
static int model_best(const struct model *m, unsigned prefix)
{
	int best = -1;
	for (int i = 0; i < SOURCES; i++) {
		const struct announced *a = &m->at[prefix][i],
				       *b = best < 0 ? NULL : &m->at[prefix][best];
		if (!a->there)
			continue;
		if (!b || a->lp > b->lp || (a->lp == b->lp && a->hops < b->hops))
			best = i;
	}
	return best;
}

/* What a member should know of a prefix: internal routes go to external peers and to clients. */
static bool model_tells(const struct model *m, unsigned member, unsigned prefix)
{
	int best = model_best(m, prefix);
	if (best < 0)
		return false;
	return m->receiver[member].kind == SOURCE_EBGP || m->receiver[member].client ||
	       m->source[best].client;
}

static void check_prefix(const struct model *m, unsigned i)
{
	char text[32];
	struct prefix p = pfx(prefix_of(i, text));
	const struct dest *d = rib_find(m->f.rib, &p);
	int want = model_best(m, i);
	cr_assert_eq(d != NULL, want >= 0, "%s", text);
	const struct path *best = d ? rib_best(m->f.rib, d) : NULL;
	cr_assert(!d || rib_source(m->f.rib, best) == &m->source[want], "%s", text);
	for (unsigned k = 0; k < MEMBERS; k++) {
		struct attr_set a;
		if (!m->member[k].m.group)
			continue;
		bool tells = model_tells(m, k, i);
		cr_assert_eq(fake_get(&m->member[k], text, &a), tells, "%s to member %u", text, k);
		if (!tells)
			continue;
		unsigned hops = m->at[i][want].hops + (m->receiver[k].kind == SOURCE_EBGP);
		cr_assert_eq(aspath_hops(a.as_path), hops, "%s to member %u", text, k);
		cr_assert(m->receiver[k].kind == SOURCE_EBGP || a.local_pref == m->at[i][want].lp);
	}
}

static void check(struct model *m)
{
	for (unsigned k = 0; k < MEMBERS; k++) {
		m->member[k].room = UINT32_MAX;
		if (m->member[k].m.blocked)
			group_unblock(&m->member[k].m);
	}
	fix_run(&m->f);
	for (unsigned i = 0; i < PREFIXES; i++)
		check_prefix(m, i);
	for (unsigned k = 0; k < MEMBERS; k++)
		if (m->member[k].m.group)
			fake_check(&m->member[k]);
}

/* ---- what happens ---- */

static void announce(struct model *m)
{
	char text[32], words[64] = "";
	unsigned i = rnd(m) % PREFIXES, s = rnd(m) % SOURCES;
	struct announced *a = &m->at[i][s];
	*a = (struct announced){true, (uint8_t)(100 + rnd(m) % 3), (uint8_t)(rnd(m) % 4)};
	int at = snprintf(words, sizeof(words), "lp %u path", a->lp);
	for (unsigned h = 0; h < a->hops; h++)
		at += snprintf(words + at, sizeof(words) - (size_t)at, " %u", 1 + h);
	route(&m->f, &m->source[s], prefix_of(i, text), words);
}

static void withdraw(struct model *m)
{
	char text[32];
	unsigned i = rnd(m) % PREFIXES, s = rnd(m) % SOURCES;
	m->at[i][s].there = false;
	unroute(&m->f, &m->source[s], prefix_of(i, text));
}

static void lose_session(struct model *m)
{
	unsigned s = rnd(m) % SOURCES;
	for (unsigned i = 0; i < PREFIXES; i++)
		m->at[i][s].there = false;
	rib_source_flush(m->f.rib, &m->source[s], false);
}

static void join_or_leave(struct model *m)
{
	unsigned k = rnd(m) % MEMBERS;
	struct fake *fake = &m->member[k];
	if (fake->m.group) {
		fake_fini(fake);
		return;
	}
	/* Two by two they share a group. */
	struct group_key key = key_make(&m->receiver[k]);
	fake_init(fake, &m->f, &m->receiver[k]);
	group_join(m->f.rib, &fake->m, &key);
}

static void stop_or_go(struct model *m)
{
	struct fake *fake = &m->member[rnd(m) % MEMBERS];
	if (!fake->m.group)
		return;
	fake->room = fake->m.blocked ? UINT32_MAX : rnd(m) % 3;
	if (fake->m.blocked)
		group_unblock(&fake->m);
}

static void ask_again(struct model *m)
{
	struct fake *fake = &m->member[rnd(m) % MEMBERS];
	if (fake->m.group)
		group_send_again(&fake->m);
}

static void happen(struct model *m)
{
	unsigned what = rnd(m) % 1000;
	if (what < 600)
		announce(m);
	else if (what < 940)
		withdraw(m);
	else if (what < 942)
		lose_session(m);
	else if (what < 950)
		join_or_leave(m);
	else if (what < 960)
		stop_or_go(m);
	else if (what < 964)
		ask_again(m);
	else
		event_base_loop(m->f.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void model_init(struct model *m, uint64_t seed)
{
	fix_init(&m->f, FAMILY_IPV4, false);
	m->seed = seed;
	for (unsigned i = 0; i < SOURCES; i++) {
		source_make(&m->f, &m->source[i], SOURCE_IBGP, LOCAL_AS, 10 + i);
		m->source[i].client = i % 2;
	}
	for (unsigned k = 0; k < MEMBERS; k++) {
		source_make(&m->f, &m->receiver[k], k < 2 ? SOURCE_EBGP : SOURCE_IBGP,
		    k < 2 ? 7 : LOCAL_AS, 30 + k);
		m->receiver[k].client = k >= 4;
	}
}

static void run(uint64_t seed)
{
	struct model *m = mem_zalloc(sizeof(*m));
	model_init(m, seed);
	for (unsigned i = 0; i < STEPS; i++) {
		happen(m);
		if (i % 2000 == 1999)
			check(m);
	}
	check(m);
	for (unsigned k = 0; k < MEMBERS; k++)
		if (m->member[k].m.group)
			fake_fini(&m->member[k]);
	fix_run(&m->f);
	fix_fini(&m->f);
	mem_free(m);
}

Test(rib_model, seed_1)
{
	run(1);
}

Test(rib_model, seed_2)
{
	run(20261122);
}

Test(rib_model, seed_3)
{
	run(424242);
}
