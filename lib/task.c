/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slices of work between which the event loop sees everything of higher priority.
 *
 * A task is a libevent timer of zero delay and low priority. It is a timer rather than an event
 * that is activated by hand, because libevent runs what is activated meanwhile before it polls
 * again: a task that activated itself would starve every socket and timer. A timer goes through the
 * poll.
 *
 * The step may end its own task. `gone` then points at a flag on the stack of run(), which must not
 * touch the task any more.
 */
#include "lib/task.h"

#include <event2/event.h>
#include <stdlib.h>

#include "lib/clock.h"

enum { SLICE_US = 1000 };

struct event_base *task_base_new(void)
{
	static const struct timeval slice = {.tv_usec = SLICE_US};
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config && event_config_set_max_dispatch_interval(config, &slice, -1, PRIO_NORMAL) == 0)
		base = event_base_new_with_config(config);
	if (!base || event_base_priority_init(base, PRIO_COUNT) < 0)
		abort(); /* only for want of memory or file descriptors, at start */
	event_config_free(config);
	return base;
}

static void run(evutil_socket_t fd, short what, void *arg)
{
	struct task *t = arg;
	bool gone = false;

	(void)fd;
	(void)what;
	t->gone = &gone;
	t->running = true;
	t->slice_end = clock_ns() + (uint64_t)SLICE_US * 1000;

	bool more = t->step(t->ctx);

	if (gone)
		return;
	t->running = false;
	t->gone = NULL;
	if (more)
		task_wake(t);
}

void task_init(struct task *t, struct event_base *base, task_step *step, void *ctx)
{
	*t = (struct task){.step = step, .ctx = ctx};
	t->ev = event_new(base, -1, 0, run, t);
	if (!t->ev || event_priority_set(t->ev, PRIO_LOW) < 0)
		abort();
}

void task_set_priority(struct task *t, int priority)
{
	if (event_priority_set(t->ev, priority) < 0)
		abort();
}

void task_wake(struct task *t)
{
	static const struct timeval soon = {0};

	if (!event_pending(t->ev, EV_TIMEOUT, NULL))
		event_add(t->ev, &soon);
}

bool task_expired(const struct task *t)
{
	return clock_ns() >= t->slice_end;
}

void task_fini(struct task *t)
{
	if (!t->ev)
		return;
	if (t->running)
		*t->gone = true;
	event_free(t->ev);
	*t = (struct task){0};
}
