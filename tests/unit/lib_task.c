/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/task: slices, fairness, priorities, ending. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/task.h"

enum { BUSY_MS = 200, TICK_MS = 5 };

struct worker {
	struct task task;
	unsigned slices;
	uint64_t until; /* clock_ns */
};

static bool work(void *ctx)
{
	struct worker *w = ctx;

	w->slices++;
	while (!task_expired(&w->task))
		;
	return clock_ns() < w->until;
}

struct ticker {
	struct event *ev;
	uint64_t due;    /* clock_ns */
	uint64_t latest; /* the worst delay, ns */
	unsigned ticks;
};

static void tick(evutil_socket_t fd, short what, void *arg)
{
	struct ticker *t = arg;
	uint64_t now = clock_ns();

	(void)fd;
	(void)what;
	t->ticks++;
	if (now > t->due && now - t->due > t->latest)
		t->latest = now - t->due;
	t->due = now + TICK_MS * UINT64_C(1000000);
	event_add(t->ev, &(struct timeval){.tv_usec = TICK_MS * 1000});
}

static void run_for(struct event_base *base, unsigned ms)
{
	event_base_loopexit(base, &(struct timeval){.tv_usec = ms * 1000});
	event_base_dispatch(base);
}

/* Several tasks that never rest share the time, and a timer of high priority is not late. */
Test(task, fair_and_interruptible)
{
	enum { WORKERS = 8 };
	struct event_base *base = task_base_new();
	struct worker workers[WORKERS] = {0};
	struct ticker t = {.due = clock_ns()};

	t.ev = event_new(base, -1, 0, tick, &t);
	event_priority_set(t.ev, PRIO_HIGH);
	tick(-1, 0, &t);
	for (int i = 0; i < WORKERS; i++) {
		workers[i].until = UINT64_MAX;
		task_init(&workers[i].task, base, work, &workers[i]);
		task_wake(&workers[i].task);
	}
	run_for(base, BUSY_MS);

	unsigned least = workers[0].slices, most = workers[0].slices, all = 0;

	for (int i = 0; i < WORKERS; i++) {
		least = workers[i].slices < least ? workers[i].slices : least;
		most = workers[i].slices > most ? workers[i].slices : most;
		all += workers[i].slices;
		task_fini(&workers[i].task);
	}
	cr_expect_gt(least, 0);
	cr_expect_leq(most, 2 * least, "%u to %u slices", least, most);
	/* By what was run, each slice a millisecond: a busy machine may give us little of the time.
	 */
	cr_expect_gt(t.ticks, all / TICK_MS / 4);
	cr_expect_lt(t.latest, 100000000, "late by %llu ns", (unsigned long long)t.latest);
	event_free(t.ev);
	event_base_free(base);
}

/* The order is exact, unlike the times: what becomes due during a slice runs before the next one.
 */
struct order {
	struct task a, b;
	struct event *high;
	char log[16];
	size_t n;
};

static void high(evutil_socket_t fd, short what, void *arg)
{
	struct order *s = arg;

	(void)fd;
	(void)what;
	s->log[s->n++] = 'H';
}

static bool step_a(void *ctx)
{
	struct order *s = ctx;

	s->log[s->n++] = 'a';
	event_active(s->high, EV_TIMEOUT, 0);
	return s->n < 8;
}

static bool step_b(void *ctx)
{
	struct order *s = ctx;

	s->log[s->n++] = 'b';
	return s->n < 8;
}

Test(task, high_priority_runs_between_slices)
{
	struct event_base *base = task_base_new();
	struct order s = {0};

	s.high = event_new(base, -1, 0, high, &s);
	event_priority_set(s.high, PRIO_HIGH);
	task_init(&s.a, base, step_a, &s);
	task_init(&s.b, base, step_b, &s);
	task_wake(&s.a);
	task_wake(&s.b);
	event_base_dispatch(base);
	cr_expect_eq(strncmp(s.log, "aHbaHb", 6), 0, "%s", s.log);
	task_fini(&s.a);
	task_fini(&s.b);
	event_free(s.high);
	event_base_free(base);
}

static bool count(void *ctx)
{
	struct worker *w = ctx;

	w->slices++;
	return false;
}

Test(task, wakes_are_not_counted)
{
	struct event_base *base = task_base_new();
	struct worker w = {0};

	task_init(&w.task, base, count, &w);
	event_base_dispatch(base);
	cr_expect_eq(w.slices, 0, "a task sleeps at first");
	for (int i = 0; i < 5; i++)
		task_wake(&w.task);
	event_base_dispatch(base);
	cr_expect_eq(w.slices, 1);
	task_wake(&w.task);
	event_base_dispatch(base);
	cr_expect_eq(w.slices, 2);
	task_fini(&w.task);
	event_base_free(base);
}

static bool wake_self_once(void *ctx)
{
	struct worker *w = ctx;

	if (w->slices++ == 0)
		task_wake(&w->task);
	return false;
}

Test(task, a_wake_during_its_own_slice_is_kept)
{
	struct event_base *base = task_base_new();
	struct worker w = {0};

	task_init(&w.task, base, wake_self_once, &w);
	task_wake(&w.task);
	event_base_dispatch(base);
	cr_expect_eq(w.slices, 2);
	task_fini(&w.task);
	event_base_free(base);
}

static bool end_self(void *ctx)
{
	struct worker *w = ctx;

	task_fini(&w->task);
	mem_free(w);
	return false;
}

Test(task, may_end_itself_and_free_its_memory)
{
	struct event_base *base = task_base_new();
	struct worker *w = mem_zalloc(sizeof(*w));

	task_init(&w->task, base, end_self, w);
	task_wake(&w->task);
	event_base_dispatch(base);
	event_base_free(base);
}

Test(task, ending_what_waits_or_never_was)
{
	struct event_base *base = task_base_new();
	struct worker w = {0};
	struct task zeroed = {0};

	task_init(&w.task, base, count, &w);
	task_wake(&w.task);
	task_fini(&w.task);
	task_fini(&w.task);
	task_fini(&zeroed);
	event_base_dispatch(base);
	cr_expect_eq(w.slices, 0);
	event_base_free(base);
}
