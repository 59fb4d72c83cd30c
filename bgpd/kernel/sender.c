/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one thread besides the main one: it calls send() on packets of route requests.
 *
 * The kernel works while send() runs, and now and then it works long: where its trie of IPv4 routes
 * grows by a level, one request of a full table keeps the caller for hundreds of milliseconds
 * (342 ms were seen at 1,000,000 routes). Keepalives and the shell cannot wait for that. So this
 * thread does nothing but wait in the kernel; it sees no other data than the packet's bytes, takes
 * no memory and answers nobody: the kernel's answers are read by the main thread from the same
 * socket.
 *
 * A packet is the main thread's while it is filled, then this one's; sent ones are kept for the
 * next that are wanted, as many as were ever under way together.
 *
 * Where no thread can be had, the caller sends by itself.
 */
#include "bgpd/kernel/sender.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/mem.h"

enum {
	RETRY_MS = 100, /* after the kernel had no memory */
	TRIES = 50,     /* of one packet; then it is lost, and the audit finds out */
	WAIT_S = 5,
	STACK_BYTES = 64 * 1024,
};

struct sender {
	int fd;
	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;      /* of all below */
	pthread_cond_t work, rest; /* there is a packet, or the end; all are sent */
	struct packet *first, *last;
	struct packet *spare; /* sent ones */
	bool sending, stop;
};

static void pause_a_little(struct sender *s)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += RETRY_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&s->lock);
	if (!s->stop)
		pthread_cond_timedwait(&s->work, &s->lock, &until);
	pthread_mutex_unlock(&s->lock);
}

static bool is_stopped(struct sender *s)
{
	pthread_mutex_lock(&s->lock);
	bool stop = s->stop;
	pthread_mutex_unlock(&s->lock);
	return stop;
}

static void send_packet(struct sender *s, const struct packet *p)
{
	for (unsigned i = 0; i < TRIES; i++) {
		if (send(s->fd, p->out, p->bytes, 0) >= 0 || is_stopped(s))
			return;
		pause_a_little(s);
	}
}

static void keep(struct sender *s, struct packet *p)
{
	p->next = s->spare;
	s->spare = p;
}

static void *run(void *arg)
{
	struct sender *s = arg;

	pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		struct packet *p = s->first;

		s->sending = p;
		if (!p) {
			pthread_cond_signal(&s->rest);
			pthread_cond_wait(&s->work, &s->lock);
			continue;
		}
		s->first = p->next;
		pthread_mutex_unlock(&s->lock);
		send_packet(s, p);
		pthread_mutex_lock(&s->lock);
		keep(s, p);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* Signals are the main thread's. */
static bool start(struct sender *s)
{
	pthread_attr_t attr;
	sigset_t all, before;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool started = pthread_create(&s->thread, &attr, run, s) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return started;
}

struct sender *sender_new(int fd)
{
	struct sender *s = mem_zalloc(sizeof(*s));

	s->fd = fd;
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->work, &attr);
	pthread_cond_init(&s->rest, &attr);
	pthread_condattr_destroy(&attr);
	s->threaded = start(s);
	return s;
}

static void free_all(struct packet *p)
{
	while (p) {
		struct packet *next = p->next;

		mem_free(p);
		p = next;
	}
}

void sender_free(struct sender *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
	if (s->threaded)
		pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->rest);
	pthread_cond_destroy(&s->work);
	pthread_mutex_destroy(&s->lock);
	free_all(s->first);
	free_all(s->spare);
	mem_free(s);
}

struct packet *sender_packet(struct sender *s)
{
	pthread_mutex_lock(&s->lock);
	struct packet *p = s->spare;
	if (p)
		s->spare = p->next;
	pthread_mutex_unlock(&s->lock);
	if (!p)
		p = mem_alloc(sizeof(*p));
	p->next = NULL;
	p->bytes = 0;
	return p;
}

void sender_push(struct sender *s, struct packet *p)
{
	if (!s->threaded) {
		send_packet(s, p);
		keep(s, p);
		return;
	}
	pthread_mutex_lock(&s->lock);
	if (s->first)
		s->last->next = p;
	else
		s->first = p;
	s->last = p;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
}

void sender_wait(struct sender *s)
{
	struct timespec until;
	int error = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += WAIT_S;
	pthread_mutex_lock(&s->lock);
	while (s->threaded && (s->first || s->sending) && !error)
		error = pthread_cond_timedwait(&s->rest, &s->lock, &until);
	pthread_mutex_unlock(&s->lock);
}
