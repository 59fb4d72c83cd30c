/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the table decides: not while a burst comes in, but also under one that never ends. What
 * comes in is played by a task of the sockets' priority that always has more to say. */
#include "rib_help.h"

#include <stdio.h>

#include "lib/clock.h"
#include "lib/task.h"

enum { PREFIXES = 1000, WAIT_MS = 5000, LONE_MS = 250, LONE = 100, HASTE_MOST = 256 };

struct burst {
	struct fix f;
	struct source first, second, hears, lone;
	struct fake told;
	struct task feeder;
	unsigned step;
	uint64_t began;
};

enum { NAME_LEN = 24 };

static const char *name(char buf[NAME_LEN], unsigned first, unsigned i)
{
	snprintf(buf, NAME_LEN, "%u.%u.%u.0/24", first, i / 256, i % 256);
	return buf;
}

static void say(struct burst *b, const struct source *s, const char *words)
{
	char prefix[NAME_LEN];

	for (unsigned i = 0; i < PREFIXES; i++)
		route(&b->f, s, name(prefix, 20, i), words);
}

static void burst_init(struct burst *b, task_step *feed)
{
	*b = (struct burst){.began = clock_ms()};
	fix_init(&b->f, FAMILY_IPV4, false);
	source_make(&b->f, &b->first, SOURCE_EBGP, 65001, 2);
	source_make(&b->f, &b->second, SOURCE_EBGP, 65002, 3);
	source_make(&b->f, &b->hears, SOURCE_EBGP, 65003, 4);
	struct group_key key = key_make(&b->hears);
	fake_init(&b->told, &b->f, &b->hears);
	group_join(b->f.rib, &b->told.m, &key);
	fix_run(&b->f);
	task_init(&b->feeder, b->f.base, feed, b);
	task_wake(&b->feeder);
	fix_run(&b->f);
}

static void burst_fini(struct burst *b)
{
	fake_check(&b->told);
	task_fini(&b->feeder);
	fake_fini(&b->told);
	fix_fini(&b->f);
}

/* The worse paths come first. */
static bool two_peers(void *ctx)
{
	struct burst *b = ctx;

	if (b->step == 0)
		say(b, &b->first, "path 65001 1 2 3");
	else if (b->step == 5)
		say(b, &b->second, "path 65002 1");
	return b->step++ < 5;
}

Test(rib_burst, is_decided_when_it_is_in)
{
	struct burst b;

	burst_init(&b, two_peers);
	cr_expect_geq(b.told.announced, PREFIXES);
	cr_expect_leq(b.told.announced, PREFIXES + HASTE_MOST,
	    "%u: each once, by the better path, but for what went first", b.told.announced);
	burst_fini(&b);
}

/* Until the others have heard, or for too long. */
static bool without_end(void *ctx)
{
	struct burst *b = ctx;

	say(b, b->step++ % 2 ? &b->second : &b->first, "path 65001 1");
	return !b->told.announced && clock_ms() - b->began < WAIT_MS;
}

Test(rib_burst, that_never_ends_is_not_waited_for)
{
	struct burst b;

	burst_init(&b, without_end);
	cr_expect_lt(clock_ms() - b.began, WAIT_MS);
	cr_expect_eq(b.told.announced, PREFIXES);
	burst_fini(&b);
}

/* Both say another thing each time, for two turns of patience and a half. */
static bool for_a_while(void *ctx)
{
	struct burst *b = ctx;
	char words[40];

	snprintf(words, sizeof(words), "path 65001 %u", 1 + b->step);
	say(b, b->step++ % 2 ? &b->second : &b->first, words);
	return clock_ms() - b->began < LONE_MS;
}

Test(rib_burst, is_no_flood_of_what_does_not_last)
{
	struct burst b;

	burst_init(&b, for_a_while);
	cr_expect_gt(b.step, 20);
	cr_expect_geq(b.told.announced, PREFIXES);
	cr_expect_leq(b.told.announced, PREFIXES + 2 * HASTE_MOST,
	    "%u: each once, but for the beginning", b.told.announced);
	burst_fini(&b);
}

static const struct path *used(const struct burst *b, const char *text)
{
	struct prefix p = pfx(text);
	const struct dest *d = rib_find(b->f.rib, &p);

	return d ? rib_best(b->f.rib, d) : NULL;
}

static bool is_its(const struct burst *b, unsigned first, unsigned i)
{
	char prefix[NAME_LEN];
	const struct path *p = used(b, name(prefix, first, i));

	return p && p->source == b->lone.number;
}

/* All that the lone one said is used. */
static bool is_heard(const struct burst *b)
{
	for (unsigned i = 0; i < LONE; i++)
		if (!is_its(b, 30, i))
			return false;
	return is_its(b, 20, PREFIXES - 1);
}

/* Two that never pause, and a third that has some things to say: of destinations that nobody else
 * knows, and of one that waits already because the two spoke of it. */
static bool with_a_lone_one(void *ctx)
{
	struct burst *b = ctx;
	char prefix[NAME_LEN];

	say(b, b->step++ % 2 ? &b->second : &b->first, "path 65001 1");
	if (b->step == 4) {
		source_make(&b->f, &b->lone, SOURCE_EBGP, 65004, 5);
		for (unsigned i = 0; i < LONE; i++)
			route(&b->f, &b->lone, name(prefix, 30, i), "path 65004");
		route(&b->f, &b->lone, name(prefix, 20, PREFIXES - 1), "path 65004");
		b->began = clock_ms();
	}
	return b->step < 4 || (!is_heard(b) && clock_ms() - b->began < WAIT_MS);
}

Test(rib_burst, of_others_is_not_waited_for)
{
	struct burst b;
	char other[NAME_LEN];

	burst_init(&b, with_a_lone_one);
	cr_expect_lt(clock_ms() - b.began, LONE_MS, "it went before the burst");
	cr_expect(is_heard(&b), "the destination that waited, too");
	cr_expect(used(&b, name(other, 20, PREFIXES - 2)), "and what waited came in the end");
	burst_fini(&b);
}
