/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread that waits for the disk.
 *
 * A job is the event loop's until it stands in the queue, then the thread's, and again the loop's
 * once it stands among those that are finished; an eventfd tells of that. Jobs are never dropped:
 * whoever loses interest says so in what ctx points at, and frees it in done.
 *
 * The thread must never touch anything but the job that it works on, under the lock or in `work`.
 * Where no thread can be had, the work is done at once and told from the loop all the same.
 */
#include "lib/disk.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/task.h"

enum { STACK_BYTES = 128 * 1024 };

struct job {
	struct job *next;
	disk_work *work;
	disk_done *done;
	void *ctx;
	int error;
};

struct queue {
	struct job *first, *last;
};

struct disk {
	struct event *told;
	int fd; /* eventfd: something is finished */
	bool started, threaded;
	pthread_t thread;
	pthread_mutex_t lock;       /* of all below */
	pthread_cond_t more, empty; /* there is a job, or the end; all are finished */
	struct queue asked, finished;
	bool working, stop;
	/* the loop's */
	void (*watch)(void *ctx);
	void *watch_ctx;
};

static void put(struct queue *q, struct job *j)
{
	j->next = NULL;
	if (q->first)
		q->last->next = j;
	else
		q->first = j;
	q->last = j;
}

static struct job *take(struct queue *q)
{
	struct job *j = q->first;

	if (j)
		q->first = j->next;
	return j;
}

static void tell(const struct disk *d)
{
	static const uint64_t one = 1;

	(void)!write(d->fd, &one, sizeof(one));
}

static void *run(void *arg)
{
	struct disk *d = arg;
	struct job *j;

	pthread_mutex_lock(&d->lock);
	for (;;) {
		j = take(&d->asked);
		d->working = j != NULL;
		if (!j) {
			pthread_cond_signal(&d->empty);
			if (d->stop)
				break;
			pthread_cond_wait(&d->more, &d->lock);
			continue;
		}
		pthread_mutex_unlock(&d->lock);
		j->error = j->work(j->ctx);
		pthread_mutex_lock(&d->lock);
		put(&d->finished, j);
		tell(d);
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

/* Signals are the main thread's. */
static bool start(struct disk *d)
{
	pthread_attr_t attr;
	sigset_t all, before;
	bool started;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(&d->thread, &attr, run, d) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return started;
}

static void tell_finished(struct disk *d)
{
	struct queue finished;
	struct job *j;

	pthread_mutex_lock(&d->lock);
	finished = d->finished;
	d->finished = (struct queue){0};
	pthread_mutex_unlock(&d->lock);
	if (!finished.first)
		return;
	while ((j = take(&finished))) {
		j->done(j->ctx, j->error);
		mem_free(j);
	}
	if (d->watch)
		d->watch(d->watch_ctx);
}

static void on_told(evutil_socket_t fd, short what, void *ctx)
{
	uint64_t count;

	(void)what;
	(void)!read(fd, &count, sizeof(count));
	tell_finished(ctx);
}

struct disk *disk_new(struct event_base *base)
{
	struct disk *d = mem_zalloc(sizeof(*d));

	d->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	d->told = event_new(base, d->fd, EV_READ | EV_PERSIST, on_told, d);
	if (d->fd < 0 || !d->told || event_priority_set(d->told, PRIO_HIGH) < 0)
		abort(); /* only for want of memory or file descriptors, at start */
	event_add(d->told, NULL);
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->more, NULL);
	pthread_cond_init(&d->empty, NULL);
	return d;
}

void disk_free(struct disk *d)
{
	if (!d)
		return;
	disk_settle(d);
	pthread_mutex_lock(&d->lock);
	d->stop = true;
	pthread_cond_signal(&d->more);
	pthread_mutex_unlock(&d->lock);
	if (d->threaded)
		pthread_join(d->thread, NULL);
	pthread_cond_destroy(&d->empty);
	pthread_cond_destroy(&d->more);
	pthread_mutex_destroy(&d->lock);
	event_free(d->told);
	close(d->fd);
	mem_free(d);
}

void disk_do(struct disk *d, disk_work *work, disk_done *done, void *ctx)
{
	struct job *j = mem_zalloc(sizeof(*j));

	*j = (struct job){.work = work, .done = done, .ctx = ctx};
	if (!d->started)
		d->threaded = start(d);
	d->started = true;
	if (!d->threaded)
		j->error = work(ctx);
	pthread_mutex_lock(&d->lock);
	put(d->threaded ? &d->asked : &d->finished, j);
	pthread_cond_signal(&d->more);
	pthread_mutex_unlock(&d->lock);
	if (!d->threaded)
		tell(d);
}

void disk_settle(struct disk *d)
{
	pthread_mutex_lock(&d->lock);
	while (d->threaded && (d->asked.first || d->working))
		pthread_cond_wait(&d->empty, &d->lock);
	pthread_mutex_unlock(&d->lock);
	tell_finished(d);
}

void disk_watch(struct disk *d, void (*fn)(void *ctx), void *ctx)
{
	d->watch = fn;
	d->watch_ctx = ctx;
}
