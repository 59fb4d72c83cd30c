/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the world beside its model, and cuts a difference down to the few steps that it takes.
 *
 *     FERRO_MODEL_STEPS  steps of each run       FERRO_MODEL_SEEDS  how many runs
 *     FERRO_MODEL_SEED   seed of the first one; the others count on from there
 *
 * Each step draws from a generator of its own, made of seed and step: leaving a step out changes no
 * other. Every run is a process of its own, so that a fault inside (a sanitizer's report, a failed
 * assertion) is found and cut down just like a difference. A run that fails is run again without
 * more and more of its steps, as long as it still fails; what is left is printed.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"
#include "model.h"

/* Bounds of what is said in vain. A route that fits into no message of the session is withdrawn
 * instead, whether the member had one before or not: hence the second. */
enum { NEEDLESS_SHARE = 10000, UNKNOWN_SHARE = 200, TRIES = 400 };

/* Shared with the process that runs. */
struct report {
	uint32_t step; /* under way */
	char text[512];
	uint64_t told, needless, unknown, checks;
};

static struct report *report;
static bool loud; /* each step is printed */

void say(const char *fmt, ...)
{
	va_list ap;

	if (!loud)
		return;
	printf("  step %u: ", report->step);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

void fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(report->text, sizeof(report->text), fmt, ap);
	va_end(ap);
	if (loud)
		printf("  %s\n", report->text);
	fflush(stdout);
	_exit(1);
}

/* ---- one run ---- */

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* keep NULL: all steps. */
static void run(uint64_t seed, uint32_t steps, const bool *keep)
{
	struct world *w = world_new();

	model_clock_seed(seed, 50000);
	for (uint32_t k = 0; k < steps; k++) {
		if (keep && !keep[k])
			continue;
		report->step = k;
		w->rng = mix(seed * 0x9e3779b97f4a7c15u + k);
		world_step(w);
	}
	report->step = steps;
	world_run(w);
	for (unsigned f = 0; f < FAMILIES; f++)
		for (unsigned n = 0; n < PEERS; n++) {
			w->hearer[f][n].room = UINT32_MAX;
			if (w->hearer[f][n].m.group)
				group_unblock(&w->hearer[f][n].m);
		}
	world_run(w);
	check_all(w);
	for (unsigned f = 0; f < FAMILIES; f++)
		for (unsigned n = 0; n < PEERS; n++)
			world_leave(w, f, n);
	report->told = w->told;
	report->needless = w->needless;
	report->unknown = w->unknown;
	report->checks = w->checks;
	if (w->needless > w->told / NEEDLESS_SHARE || w->unknown > w->told / UNKNOWN_SHARE + 2)
		fail("of %lu routes told %lu were known to the member so, and %lu were withdrawn "
		     "that "
		     "it did not know",
		    (unsigned long)w->told, (unsigned long)w->needless, (unsigned long)w->unknown);
	world_free(w);
}

static void quiet_child(void)
{
	if (!freopen("/dev/null", "w", stderr))
		_exit(2);
}

/* True: it ended well. */
static bool run_apart(uint64_t seed, uint32_t steps, const bool *keep, bool show)
{
	int status;
	pid_t child;

	memset(report, 0, sizeof(*report));
	fflush(stdout);
	child = fork();
	if (child < 0)
		abort();
	if (child == 0) {
		loud = show;
		if (keep && !show)
			quiet_child();
		run(seed, steps, keep);
		exit(0); /* with the search for leaks */
	}
	if (waitpid(child, &status, 0) < 0)
		abort();
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ---- cutting down ---- */

static uint32_t count(const bool *keep, uint32_t steps)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < steps; k++)
		n += keep[k];
	return n;
}

/* Leaves out the kept steps number `from` to `from + n`, if the run still fails then. */
static bool leave_out(uint64_t seed, uint32_t steps, bool *keep, uint32_t from, uint32_t n)
{
	bool *fewer = mem_dup(keep, steps * sizeof(*keep));
	uint32_t at = 0;

	for (uint32_t k = 0; k < steps; k++) {
		if (!keep[k])
			continue;
		if (at >= from && at < from + n)
			fewer[k] = false;
		at++;
	}
	bool fails = !run_apart(seed, steps, fewer, false);
	if (fails)
		memcpy(keep, fewer, steps * sizeof(*keep));
	mem_free(fewer);
	return fails;
}

static void cut_down(uint64_t seed, uint32_t steps, bool *keep)
{
	unsigned tries = 0;

	for (uint32_t n = steps / 2; n && tries < TRIES; n /= 2)
		for (uint32_t from = 0; from < count(keep, steps) && tries < TRIES; tries++)
			if (!leave_out(seed, steps, keep, from, n))
				from += n;
}

static void explain(uint64_t seed, uint32_t steps)
{
	bool *keep = mem_alloc(steps * sizeof(*keep));

	memset(keep, true, steps * sizeof(*keep));
	cut_down(seed, steps, keep);
	printf("model: %u of these steps are enough:\n", count(keep, steps));
	run_apart(seed, steps, keep, true);
	mem_free(keep);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

int main(void)
{
	uint64_t seed = setting("FERRO_MODEL_SEED", 20261130);
	uint64_t seeds = setting("FERRO_MODEL_SEEDS", 2);
	uint32_t steps = (uint32_t)setting("FERRO_MODEL_STEPS", 40000);

	report =
	    mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED)
		return 2;
	for (uint64_t end = seed + seeds; seed < end; seed++) {
		if (run_apart(seed, steps, NULL, false)) {
			printf("model: seed %lu: %u steps, %lu looks at everything, no difference; "
			       "%lu "
			       "routes told, %lu twice, %lu withdrawn in vain\n",
			    (unsigned long)seed, steps, (unsigned long)report->checks,
			    (unsigned long)report->told, (unsigned long)report->needless,
			    (unsigned long)report->unknown);
			continue;
		}
		uint32_t failed = report->step;
		printf("model: seed %lu, step %u: %s\n", (unsigned long)seed, failed,
		    *report->text ? report->text : "a crash, see above");
		explain(seed, failed < steps ? failed + 1 : steps);
		return 1;
	}
	return 0;
}
