/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the table decides: not while a burst comes in, but also under one that never ends. What
 * comes in is played by a task of the sockets' priority that always has more to say. */
#include "rib_help.h"

#include <stdio.h>

#include "lib/clock.h"
#include "lib/task.h"

enum { PREFIXES = 50, WAIT_MS = 5000, LONE_MS = 250 };

struct burst {
	struct fix f;
	struct source first, second, hears, lone;
	struct fake told;
	struct task feeder;
	unsigned step;
	uint64_t began;
};

static void say(struct burst *b, const struct source *s, const char *words)
{
	char prefix[24];

	for (unsigned i = 0; i < PREFIXES; i++) {
		snprintf(prefix, sizeof(prefix), "20.0.%u.0/24", i);
		route(&b->f, s, prefix, words);
	}
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
	cr_expect_eq(
	    b.told.announced, PREFIXES, "%u: each once, by the better path", b.told.announced);
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

static bool is_used(const struct burst *b, const char *text)
{
	struct prefix p;

	cr_assert(prefix_parse(text, &p));
	const struct dest *d = rib_find(b->f.rib, &p);
	return d && rib_best(b->f.rib, d);
}

/* Two that never pause, and a third that has one thing to say. */
static bool with_a_lone_one(void *ctx)
{
	struct burst *b = ctx;

	say(b, b->step++ % 2 ? &b->second : &b->first, "path 65001 1");
	if (b->step == 4) {
		source_make(&b->f, &b->lone, SOURCE_EBGP, 65004, 5);
		route(&b->f, &b->lone, "30.0.0.0/24", "path 65004");
		b->began = clock_ms();
	}
	return b->step < 4 || (!is_used(b, "30.0.0.0/24") && clock_ms() - b->began < WAIT_MS);
}

Test(rib_burst, of_others_is_not_waited_for)
{
	struct burst b;
	char last[24];

	burst_init(&b, with_a_lone_one);
	cr_expect_lt(clock_ms() - b.began, LONE_MS, "it went before the burst");
	cr_expect(is_used(&b, "30.0.0.0/24"));
	snprintf(last, sizeof(last), "20.0.%u.0/24", PREFIXES - 1);
	cr_expect(is_used(&b, last), "and that came in the end");
	burst_fini(&b);
}
