/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decision, step by step. */
#include "rib_help.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char P[] = "192.0.2.0/24";

struct side {
	enum source_kind kind;
	uint32_t as;
	const char *words;
};

struct row {
	const char *name;
	struct side a, b; /* a wins; sources are numbered in either order */
	enum reason why;
	bool always, worst, ignore, router_id;
};

#define EBGP SOURCE_EBGP
#define IBGP SOURCE_IBGP

/* Where nothing else is said, b would win by a later step. */
static const struct row rows[] = {
    {"weight", {IBGP, LOCAL_AS, "weight 1 lp 1 path 1 2 3"}, {EBGP, 1, "path 1 lp 900"},
	REASON_WEIGHT},
    {"local pref", {IBGP, LOCAL_AS, "lp 200 path 1 2 3"}, {EBGP, 1, "path 1"}, REASON_LOCAL_PREF},
    {"default local pref", {EBGP, 1, "path 1 2 3"}, {IBGP, LOCAL_AS, "lp 99 path 1"},
	REASON_LOCAL_PREF},
    {"as path", {IBGP, LOCAL_AS, "path 1 incomplete"}, {EBGP, 1, "path 1 2"}, REASON_AS_PATH},
    {"as path ignored", {EBGP, 1, "path 1 2 3 med 1"}, {EBGP, 1, "path 1 incomplete"},
	REASON_ORIGIN, .ignore = true},
    {"origin igp", {EBGP, 1, "path 1 med 9"}, {EBGP, 1, "path 1 egp"}, REASON_ORIGIN},
    {"origin egp", {EBGP, 1, "path 1 egp med 9"}, {EBGP, 1, "path 1 incomplete"}, REASON_ORIGIN},
    {"med", {IBGP, LOCAL_AS, "path 1 med 1"}, {EBGP, 1, "path 1 med 2"}, REASON_MED},
    {"med missing is 0", {IBGP, LOCAL_AS, "path 1"}, {EBGP, 1, "path 1 med 2"}, REASON_MED},
    {"med missing is worst", {IBGP, LOCAL_AS, "path 1 med 2"}, {EBGP, 1, "path 1"}, REASON_MED,
	.worst = true},
    {"med of other AS", {EBGP, 1, "path 1 med 9"}, {IBGP, LOCAL_AS, "path 2 med 2"},
	REASON_PEER_TYPE},
    {"med always", {IBGP, LOCAL_AS, "path 2 med 1"}, {EBGP, 1, "path 1 med 2"}, REASON_MED,
	.always = true},
    {"med of internal routes", {IBGP, LOCAL_AS, "path med 1"}, {IBGP, LOCAL_AS, "path med 2"},
	REASON_MED},
    {"ebgp over ibgp", {EBGP, 1, "path 1"}, {IBGP, LOCAL_AS, "path 1 orig 1.0.0.1"},
	REASON_PEER_TYPE},
    {"originator", {IBGP, LOCAL_AS, "path 1 orig 1.0.0.1 cluster 3"},
	{IBGP, LOCAL_AS, "path 1 orig 1.0.0.2 cluster 1"}, REASON_ROUTER_ID},
    {"cluster list", {IBGP, LOCAL_AS, "path 1 orig 1.0.0.1 cluster 1"},
	{IBGP, LOCAL_AS, "path 1 orig 1.0.0.1 cluster 2"}, REASON_CLUSTER},
};

static void set_knobs(struct fix *f, const struct row *row)
{
	f->cfg.always_compare_med = row->always;
	f->cfg.med_missing_worst = row->worst;
	f->cfg.as_path_ignore = row->ignore;
	f->cfg.compare_router_id = row->router_id;
	rib_reconfigure(f->rib, &f->cfg);
}

static const struct path *best_of(const struct fix *f, const char *prefix)
{
	struct prefix p = pfx(prefix);
	const struct dest *d = rib_find(f->rib, &p);
	return d ? rib_best(f->rib, d) : NULL;
}

/* Either side may come first, and have the lower number. */
static void run_row(const struct row *row, bool a_first, bool a_earlier)
{
	struct fix f;
	struct source s[2];
	fix_init(&f, FAMILY_IPV4, false);
	set_knobs(&f, row);
	const struct side *side[2] = {a_first ? &row->a : &row->b, a_first ? &row->b : &row->a};
	for (unsigned i = 0; i < 2; i++)
		source_make(&f, &s[i], side[i]->kind, side[i]->as, 2 + i);
	for (unsigned i = 0; i < 2; i++) {
		unsigned n = a_earlier == a_first ? i : 1 - i;
		route(&f, &s[n], P, side[n]->words);
		fix_run(&f);
	}
	const struct path *best = best_of(&f, P);
	cr_assert_eq(rib_source(f.rib, best), &s[a_first ? 0 : 1], "%s: winner", row->name);
	cr_assert_eq(best->reason, row->why, "%s: %s", row->name, reason_str(best->reason));
	const struct path *second = rib_path(f.rib, best->next);
	cr_assert_eq(second->reason, row->why);
	cr_assert_eq(second->next, 0);
	fix_fini(&f);
}

Test(rib_decide, steps)
{
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (unsigned order = 0; order < 4; order++)
			run_row(&rows[i], order & 1, order & 2);
}

Test(rib_decide, words)
{
	for (enum reason r = REASON_NONE; r < REASON_COUNT; r++)
		cr_assert_not_null(reason_str(r));
	cr_assert_str_eq(reason_str(REASON_FIRST), "First path received");
	cr_assert_str_eq(reason_str(REASON_LAST), "Nothing left to compare");
}

Test(rib_decide, local_route_wins_at_equal_weight)
{
	struct fix f;
	struct source s;
	struct prefix p = pfx(P);
	fix_init(&f, FAMILY_IPV4, false);
	source_make(&f, &s, SOURCE_EBGP, 1, 2);
	route(&f, &s, P, "weight 32768 path 1");
	rib_network_set(f.rib, &p);
	fix_run(&f);
	cr_assert_eq(best_of(&f, P)->source, 0);
	cr_assert_eq(best_of(&f, P)->reason, REASON_LOCAL);
	rib_network_unset(f.rib, &p);
	fix_run(&f);
	cr_assert_eq(best_of(&f, P)->source, s.number);
	cr_assert_eq(best_of(&f, P)->reason, REASON_FIRST);
	fix_fini(&f);
}

/* What is used stays; with compare-routerid the lower identifier wins. */
Test(rib_decide, older_and_router_id)
{
	struct fix f;
	struct source s[2];
	fix_init(&f, FAMILY_IPV4, false);
	source_make(&f, &s[0], SOURCE_EBGP, 1, 2);
	source_make(&f, &s[1], SOURCE_EBGP, 1, 3);
	route(&f, &s[1], P, "path 1");
	fix_run(&f);
	route(&f, &s[0], P, "path 1");
	fix_run(&f);
	cr_assert_eq(best_of(&f, P)->source, s[1].number);
	cr_assert_eq(best_of(&f, P)->reason, REASON_OLDER);
	f.cfg.compare_router_id = true;
	rib_reconfigure(f.rib, &f.cfg);
	fix_run(&f);
	cr_assert_eq(best_of(&f, P)->source, s[0].number);
	cr_assert_eq(best_of(&f, P)->reason, REASON_ROUTER_ID);
	fix_fini(&f);
}

Test(rib_decide, neighbor_address_is_last)
{
	struct fix f;
	struct source s[2];
	fix_init(&f, FAMILY_IPV4, false);
	source_make(&f, &s[0], SOURCE_IBGP, LOCAL_AS, 9);
	source_make(&f, &s[1], SOURCE_IBGP, LOCAL_AS, 3);
	s[0].router_id = s[1].router_id;
	route(&f, &s[0], P, "path 1");
	route(&f, &s[1], P, "path 1");
	fix_run(&f);
	cr_assert_eq(best_of(&f, P)->source, s[1].number);
	cr_assert_eq(best_of(&f, P)->reason, REASON_NEIGHBOR_IP);
	fix_fini(&f);
}

/* A and B come from one AS, C from another: A beats C and C beats B by router id, B beats A by MED.
 * One after the other B wins in the end; with deterministic-med the AS settles first that B is its
 * best, and C beats that. Whatever came when. */
static void run_circle(bool deterministic, const unsigned order[3])
{
	static const char *const words[] = {"path 1 med 9", "path 2 med 5", "path 1 med 1"};
	struct fix f;
	struct source s[3]; /* A C B */
	fix_init(&f, FAMILY_IPV4, false);
	f.cfg.deterministic_med = deterministic;
	rib_reconfigure(f.rib, &f.cfg);
	for (unsigned i = 0; i < 3; i++)
		source_make(&f, &s[i], SOURCE_IBGP, LOCAL_AS, 2 + i);
	for (unsigned i = 0; i < 3; i++) {
		route(&f, &s[order[i]], P, words[order[i]]);
		fix_run(&f);
	}
	cr_assert_eq(best_of(&f, P)->source, s[deterministic ? 1 : 2].number);
	fix_fini(&f);
}

Test(rib_decide, deterministic_med)
{
	static const unsigned orders[6][3] = {
	    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	for (unsigned o = 0; o < 6; o++) {
		run_circle(true, orders[o]);
		run_circle(false, orders[o]);
	}
}

/* Without the knob the winner follows from the paths there are, not from their arrival. */
Test(rib_decide, order_of_arrival_does_not_matter)
{
	static const char *const words[] = {
	    "path 1 med 9", "path 1 med 1", "path 2 med 5", "path 2 med 3", "path 3"};
	static const unsigned steps[] = {1, 2, 3, 4};
	uint32_t winner = 0;
	for (unsigned i = 0; i < 20; i++) {
		struct fix f;
		struct source s[5];
		fix_init(&f, FAMILY_IPV4, false);
		for (unsigned n = 0; n < 5; n++)
			source_make(&f, &s[n], SOURCE_IBGP, LOCAL_AS, 2 + n);
		for (unsigned n = 0, at = i % 5; n < 5; n++, at = (at + steps[i / 5]) % 5) {
			route(&f, &s[at], P, words[at]);
			if (i % 2)
				fix_run(&f);
		}
		fix_run(&f);
		if (!i)
			winner = best_of(&f, P)->source;
		cr_assert_eq(best_of(&f, P)->source, winner);
		fix_fini(&f);
	}
}

static unsigned multipaths(const struct fix *f)
{
	struct prefix p = pfx(P);
	unsigned n = 0;
	const struct path *path = rib_path(f->rib, rib_find(f->rib, &p)->paths);
	for (; path; path = rib_path(f->rib, path->next))
		n += (path->flags & PATH_MULTIPATH) != 0;
	return n;
}

Test(rib_decide, multipath)
{
	struct fix f;
	struct source s[4];
	fix_init(&f, FAMILY_IPV4, false);
	for (unsigned i = 0; i < 4; i++) {
		source_make(&f, &s[i], SOURCE_EBGP, i < 3 ? 1 : 2, 2 + i);
		route(&f, &s[i], P, i < 3 ? "path 1 7" : "path 2 7");
	}
	fix_run(&f);
	cr_assert_eq(multipaths(&f), 3, "the same AS only");
	f.cfg.multipath_relax = true;
	rib_reconfigure(f.rib, &f.cfg);
	fix_run(&f);
	cr_assert_eq(multipaths(&f), 4);
	f.cfg.max_paths_ebgp = 2;
	rib_reconfigure(f.rib, &f.cfg);
	fix_run(&f);
	cr_assert_eq(multipaths(&f), 2);
	f.cfg.max_paths_ebgp = 1;
	rib_reconfigure(f.rib, &f.cfg);
	fix_run(&f);
	cr_assert_eq(multipaths(&f), 0);
	fix_fini(&f);
}

/* The same again changes nothing; a rejected path is kept and never best. */
Test(rib_decide, no_change_and_rejected)
{
	struct fix f;
	struct source s;
	struct prefix p = pfx(P);
	fix_init(&f, FAMILY_IPV4, false);
	source_make(&f, &s, SOURCE_EBGP, 1, 2);
	route(&f, &s, P, "path 1");
	fix_run(&f);
	cr_assert_eq(f.best_changes, 1);
	uint32_t version = rib_version(f.rib);
	route(&f, &s, P, "path 1");
	cr_assert(fix_quiet(&f), "nothing to decide");
	cr_assert_eq(rib_version(f.rib), version);
	rib_path_set(f.rib, &s, &p, 0, attrs_make(&f, "path 1"), 0);
	fix_run(&f);
	cr_assert_null(best_of(&f, P));
	cr_assert_eq(rib_path_count(f.rib), 1);
	cr_assert_eq(s.path_count[FAMILY_IPV4], 1);
	cr_assert_eq(s.accepted_count[FAMILY_IPV4], 0);
	unroute(&f, &s, P);
	fix_run(&f);
	cr_assert_eq(rib_dest_count(f.rib), 0);
	fix_fini(&f);
}

/* ---- many paths of one destination ---- */

enum { MANY = 4000, MANY_AS = 7 };

static struct source *many_sources(struct fix *f, unsigned n)
{
	struct source *s = mem_zalloc(n * sizeof(*s));
	for (unsigned i = 0; i < n; i++)
		source_make(f, &s[i], SOURCE_EBGP, 1 + i % MANY_AS, 2 + i);
	return s;
}

static uint32_t med_of(unsigned i)
{
	return (i * 7919u + 13) % 101;
}

static void many_route(struct fix *f, const struct source *s, unsigned i, uint32_t med)
{
	char words[64];
	snprintf(words, sizeof(words), "path %u med %u", s[i].as, med);
	route(f, &s[i], P, words);
}

/* Each AS's own best by MED and router id, then the lowest router id among those. */
Test(rib_decide, deterministic_med_of_many)
{
	struct fix f;
	fix_init(&f, FAMILY_IPV4, false);
	f.cfg.deterministic_med = f.cfg.compare_router_id = true;
	rib_reconfigure(f.rib, &f.cfg);
	unsigned n = 100, want = n, of_as[MANY_AS];
	struct source *s = many_sources(&f, n);
	for (unsigned i = n; i-- > 0;)
		many_route(&f, s, i, med_of(i));
	fix_run(&f);
	for (unsigned as = 0; as < MANY_AS; as++) {
		of_as[as] = as;
		for (unsigned i = as; i < n; i += MANY_AS)
			if (med_of(i) < med_of(of_as[as]))
				of_as[as] = i;
		if (of_as[as] < want)
			want = of_as[as];
	}
	cr_assert_eq(best_of(&f, P)->source, s[want].number);
	fix_fini(&f);
	mem_free(s);
}

/* Where every comparison is clear, all of them stand in order. */
Test(rib_decide, order_of_many)
{
	struct fix f;
	fix_init(&f, FAMILY_IPV4, false);
	f.cfg.always_compare_med = f.cfg.compare_router_id = true;
	rib_reconfigure(f.rib, &f.cfg);
	unsigned n = 300, seen = 0;
	struct source *s = many_sources(&f, n);
	for (unsigned i = 0; i < n; i++)
		many_route(&f, s, (i * 77) % n, med_of((i * 77) % n));
	fix_run(&f);
	struct prefix p = pfx(P);
	uint64_t before = 0;
	for (const struct path *at = rib_path(f.rib, rib_find(f.rib, &p)->paths); at;
	     at = rib_path(f.rib, at->next)) {
		unsigned i = (unsigned)(rib_source(f.rib, at) - s);
		uint64_t place = (uint64_t)med_of(i) << 32 | i;
		cr_assert(!seen++ || place > before);
		before = place;
	}
	cr_assert_eq(seen, n);
	fix_fini(&f);
	mem_free(s);
}

static uint64_t cpu_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The least time that an update of one of n paths takes. */
static uint64_t update_ns(unsigned n)
{
	struct fix f;
	uint64_t least = UINT64_MAX;
	fix_init(&f, FAMILY_IPV4, false);
	f.cfg.deterministic_med = true;
	rib_reconfigure(f.rib, &f.cfg);
	struct source *s = many_sources(&f, n);
	for (unsigned i = 0; i < n; i++)
		many_route(&f, s, i, med_of(i));
	fix_run(&f);
	for (unsigned k = 0; k < 9; k++) {
		unsigned i = (k * 613) % n;
		uint64_t at = cpu_ns();
		many_route(&f, s, i, med_of(i) + 1000 + k);
		fix_run(&f);
		uint64_t took = cpu_ns() - at;
		least = took < least ? took : least;
	}
	fix_fini(&f);
	mem_free(s);
	return least;
}

/* Four times the paths take 4.8 times as long if the cost is n log n, 16 times if it is n^2. */
Test(rib_decide, cost_of_many)
{
	uint64_t few = update_ns(MANY / 4), many = update_ns(MANY);
	cr_assert_lt(many, 9 * few, "%lu ns against %lu ns", many, few);
	fprintf(stderr, "one of %u paths: %lu us, of %u: %lu us\n", MANY / 4, few / 1000, MANY,
	    many / 1000);
}

static void path_with_id(struct fix *f, const struct source *s, uint32_t path_id)
{
	struct prefix p = pfx(P);
	uint32_t set = attrs_make(f, "path 65001");
	attr_ref(f->attrs, set);
	rib_path_set(f->rib, s, &p, path_id, set, set);
}

/* With add-path a neighbor may have several paths to a destination, but not without end: each looks
 * at all the others. */
Test(rib_decide, paths_of_one_session_are_bounded)
{
	enum { MOST = 256 };
	struct prefix p = pfx(P);
	struct source s;
	struct fix f;
	fix_init(&f, FAMILY_IPV4, false);
	source_make(&f, &s, SOURCE_EBGP, 65001, 2);
	for (uint32_t id = 1; id <= MOST + 40; id++)
		path_with_id(&f, &s, id);
	path_with_id(&f, &s, 7);
	fix_run(&f);
	cr_expect_eq(rib_path_count(f.rib), MOST);
	rib_path_del(f.rib, &s, &p, 7);
	path_with_id(&f, &s, MOST + 9);
	path_with_id(&f, &s, MOST + 10);
	fix_run(&f);
	cr_expect_eq(rib_path_count(f.rib), MOST, "there was room for one");
	rib_source_flush(f.rib, &s, false);
	for (uint32_t id = 1; id <= 3; id++)
		path_with_id(&f, &s, 1000 + id);
	fix_run(&f);
	cr_expect_eq(rib_path_count(f.rib), 3, "what the last session left does not count");
	fix_fini(&f);
}

/* FRR: a host route over that host itself is not used while imports are checked, but from a client
 * of a reflector it is. */
Test(rib_decide, own_next_hop)
{
	static const char HOST[] = "10.0.0.2/32";
	struct prefix p = pfx(HOST);
	struct source plain, client;
	struct fix f;
	fix_init(&f, FAMILY_IPV4, true);
	f.cfg.import_check = true;
	rib_reconfigure(f.rib, &f.cfg);
	fake_kernel_route(f.kernel, "10.0.0.0/24", NULL, 0);
	source_make(&f, &plain, SOURCE_IBGP, LOCAL_AS, 2);
	source_make(&f, &client, SOURCE_IBGP, LOCAL_AS, 3);
	client.client = true;
	route(&f, &plain, HOST, "path lp 100 nh 10.0.0.2");
	route(&f, &plain, "10.9.0.0/16", "path lp 100 nh 10.0.0.2");
	fix_run(&f);
	cr_assert_null(rib_best(f.rib, rib_find(f.rib, &p)));
	const struct addr hop = ip("10.0.0.2");
	cr_expect_eq(nht_find(f.nht, &hop)->path_count, 1, "only the other one counts");
	f.cfg.import_check = false;
	rib_reconfigure(f.rib, &f.cfg);
	fix_run(&f);
	cr_expect_not_null(rib_best(f.rib, rib_find(f.rib, &p)));
	f.cfg.import_check = true;
	rib_reconfigure(f.rib, &f.cfg);
	unroute(&f, &plain, HOST);
	route(&f, &client, HOST, "path lp 100 nh 10.0.0.2");
	fix_run(&f);
	cr_expect_not_null(rib_best(f.rib, rib_find(f.rib, &p)));
	cr_expect_eq(nht_find(f.nht, &hop)->path_count, 2);
	fix_fini(&f);
}
