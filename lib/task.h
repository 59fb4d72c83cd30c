/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resumable work for the one thread: a task runs in slices of about a millisecond at low priority,
 * so that sockets and timers of higher priority are never late.
 *
 * The event base has PRIO_COUNT priorities: keepalives, hold timers and the shell run at PRIO_HIGH,
 * sockets that take bulk data at PRIO_NORMAL, those that bring it and tasks at PRIO_LOW. What
 * should wait until a burst is in runs at PRIO_IDLE, and sees to it by itself that it does not wait
 * for ever.
 */
#ifndef FERRO_LIB_TASK_H
#define FERRO_LIB_TASK_H

#include <stdbool.h>
#include <stdint.h>

struct event;
struct event_base;

/* Strict: while one priority has something to do, none below it runs. A reader of bulk data must
 * therefore stop reading when the tasks that digest it fall behind. */
enum { PRIO_HIGH = 0, PRIO_NORMAL = 1, PRIO_LOW = 2, PRIO_IDLE = 3, PRIO_COUNT = 4 };

/* An event base with the priorities, which looks for events of higher priority at least every
 * millisecond while it works through many of lower priority. event_base_free frees it. */
struct event_base *task_base_new(void);

/* One slice of work: returns true if there is more to do. It should return after about 1 ms: call
 * task_expired now and then. The callback may call task_fini on its own task and then returns
 * false. */
typedef bool task_step(void *ctx);

struct task {
	struct event *ev;
	task_step *step;
	void *ctx;
	uint64_t slice_end; /* clock_ns */
	bool running, *gone;
};

void task_init(struct task *t, struct event_base *base, task_step *step, void *ctx);
void task_wake(struct task *t); /* runs soon; nothing if it is waiting to run already */
void task_set_priority(struct task *t, int priority); /* PRIO_LOW unless set; before it is woken */
bool task_expired(const struct task *t);              /* true when the slice is used up */
void task_fini(struct task *t); /* stops it; safe on one never initialised but zeroed */

#endif
