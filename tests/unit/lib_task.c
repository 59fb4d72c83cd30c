/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/task: slices, fairness, priorities, ending. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/task.h"

enum { WORKERS = 8, SLICES = 200, TICK_MS = 5 };

/* Workers that never rest and a timer beside them, counted in slices: how much of the time we get
 * is the machine's affair. */
struct busy {
	struct event_base *base;
	struct event *ev;
	uint64_t due; /* clock_ns; when the timer should fire */
	unsigned slices, ticks;
	unsigned overdue, worst; /* slices begun though the timer was due */
};

struct worker {
	struct task task;
	struct busy *busy;
	unsigned slices;
};

static bool work(void *ctx)
{
	struct worker *w = ctx;
	struct busy *b = w->busy;

	b->overdue += clock_ns() >= b->due;
	b->worst = b->overdue > b->worst ? b->overdue : b->worst;
	w->slices++;
	if (++b->slices == SLICES)
		event_base_loopbreak(b->base);
	while (!task_expired(&w->task))
		;
	return true;
}

static void tick(evutil_socket_t fd, short what, void *arg)
{
	struct busy *b = arg;

	(void)fd;
	(void)what;
	b->ticks++;
	b->overdue = 0;
	event_add(b->ev, &(struct timeval){.tv_usec = TICK_MS * 1000});
	b->due = clock_ns() + TICK_MS * UINT64_C(1000000);
}

/* libevent's clock is the coarse one: the slices of one of its steps, one that begins while the
 * loop looks at its timers, and one more that is cut short.
 */
static unsigned late_slices(void)
{
	struct timespec res;

	clock_getres(CLOCK_MONOTONIC_COARSE, &res);
	return (unsigned)(res.tv_nsec / 1000000) + 2;
}

/* Several tasks that never rest share the time, and a timer of high priority is not late. */
Test(task, fair_and_interruptible)
{
	struct busy b = {.base = task_base_new()};
	struct worker workers[WORKERS] = {0};
	unsigned least = SLICES, most = 0;

	b.ev = event_new(b.base, -1, 0, tick, &b);
	event_priority_set(b.ev, PRIO_HIGH);
	tick(-1, 0, &b);
	for (int i = 0; i < WORKERS; i++) {
		workers[i].busy = &b;
		task_init(&workers[i].task, b.base, work, &workers[i]);
		task_wake(&workers[i].task);
	}
	event_base_dispatch(b.base);
	for (int i = 0; i < WORKERS; i++) {
		least = workers[i].slices < least ? workers[i].slices : least;
		most = workers[i].slices > most ? workers[i].slices : most;
		task_fini(&workers[i].task);
	}
	cr_expect_leq(most, 2 * least, "%u to %u slices", least, most);
	cr_expect_leq(b.worst, late_slices(), "%u slices ran before it", b.worst);
	cr_expect_gt(b.ticks, SLICES / TICK_MS / 4);
	event_free(b.ev);
	event_base_free(b.base);
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
