/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the table decides: not while a burst comes in, but also under one that never ends. What
 * comes in is played by a task of the sockets' priority that always has more to say. */
#include "rib_help.h"

#include <stdio.h>

#include "lib/clock.h"
#include "lib/task.h"

enum { PREFIXES = 50, WAIT_MS = 5000 };

struct burst {
	struct fix f;
	struct source first, second, hears;
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
