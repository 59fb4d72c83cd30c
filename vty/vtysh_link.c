/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request, then its reply: text until a NUL, the rest of the trailer, the note until a NUL.
 *
 * Text is passed on as it comes, so the shell's memory does not depend on the length of an answer,
 * and a slow terminal or pager slows the daemon's answer down instead of filling memory.
 */
#include "vty/vtysh_link.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/sb.h"
#include "vty/frame.h"

enum { READ_SIZE = 64 * 1024 };

struct link {
	int fd, interrupt_fd;
	size_t from, to; /* unread bytes of buf */
	bool cancelled;  /* the answer under way */
	void (*monitor)(void *ctx, const char *line);
	void *monitor_ctx;
	char buf[READ_SIZE];
};

static int connect_to(const char *dir, const char *name)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int n = snprintf(addr.sun_path, sizeof addr.sun_path, "%s/%s.vty", dir, name);
	int fd;

	if (n < 0 || (size_t)n >= sizeof addr.sun_path)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof addr) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

struct link *link_open(const char *dir, const char *daemon)
{
	int fd = daemon ? connect_to(dir, daemon) : connect_to(dir, "bgpd");
	struct link *l;

	for (size_t i = 0; fd < 0 && !daemon && i < frame_daemon_count; i++) {
		if (frame_daemons[i].served)
			fd = connect_to(dir, frame_daemons[i].name);
	}
	if (fd < 0)
		return NULL;
	l = mem_zalloc(sizeof *l);
	l->fd = fd;
	l->interrupt_fd = -1;
	return l;
}

void link_close(struct link *l)
{
	if (!l)
		return;
	close(l->fd);
	mem_free(l);
}

int link_fd(const struct link *l)
{
	return l->fd;
}

void link_set_interrupt(struct link *l, int fd)
{
	l->interrupt_fd = fd;
}

void link_set_monitor(struct link *l, void (*line)(void *ctx, const char *line), void *ctx)
{
	l->monitor = line;
	l->monitor_ctx = ctx;
}

static bool send_all(struct link *l, const char *s, size_t n)
{
	while (n) {
		ssize_t done = send(l->fd, s, n, MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		s += done;
		n -= (size_t)done;
	}
	return true;
}

void link_cancel(struct link *l)
{
	static const char request[] = {FRAME_MARK, FRAME_CANCEL, '\0'};

	/* a daemon that has gone is noticed by the next read */
	if (!l->cancelled)
		send_all(l, request, sizeof request);
	l->cancelled = true;
}

/* The terminal is as it was before us while a request runs, so the program may just die. */
static void die_of(int signo)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(signo);
}

static void take_signal(struct link *l)
{
	struct signalfd_siginfo info;

	if (read(l->interrupt_fd, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGINT)
		link_cancel(l);
	else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP)
		die_of((int)info.ssi_signo);
}

/* More bytes into the buffer, which must be empty. */
static bool fill(struct link *l)
{
	struct pollfd p[2] = {
	    {.fd = l->fd, .events = POLLIN}, {.fd = l->interrupt_fd, .events = POLLIN}};

	while (l->interrupt_fd >= 0) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return false;
		if (p[1].revents)
			take_signal(l);
		if (p[0].revents)
			break;
	}

	ssize_t n;

	do
		n = read(l->fd, l->buf, sizeof l->buf);
	while (n < 0 && errno == EINTR);
	l->from = 0;
	l->to = n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* Passes bytes to `to` until a NUL, which is taken too. */
static bool until_nul(struct link *l, void (*to)(void *ctx, const char *s, size_t n), void *ctx)
{
	for (;;) {
		const char *start = l->buf + l->from;
		const char *nul = memchr(start, '\0', l->to - l->from);
		size_t n = nul ? (size_t)(nul - start) : l->to - l->from;

		if (n && to)
			to(ctx, start, n);
		l->from += n + (nul != NULL);
		if (nul)
			return true;
		if (!fill(l))
			return false;
	}
}

static void collect(void *ctx, const char *s, size_t n)
{
	sb_addn(ctx, s, n);
}

static bool take_log_line(struct link *l)
{
	struct sb line;
	bool ok;

	sb_init(&line);
	ok = until_nul(l, collect, &line);
	if (ok && l->monitor)
		l->monitor(l->monitor_ctx, line.s + 1);
	sb_fini(&line);
	return ok;
}

/* Log lines that stand in front of a reply. */
static bool skip_log(struct link *l)
{
	for (;;) {
		if (l->from == l->to && !fill(l))
			return false;
		if (l->buf[l->from] != FRAME_MARK)
			return true;
		if (!take_log_line(l))
			return false;
	}
}

static bool take_note(struct link *l, const struct link_sink *sink)
{
	struct sb note;
	bool ok;

	sb_init(&note);
	ok = until_nul(l, collect, &note);
	for (char *p = note.s; ok && sink->note && *p;) {
		char *end = strchrnul(p, '\n');
		char *next = *end ? end + 1 : end;

		*end = '\0';
		char *value = strchrnul(p, ' ');
		if (*value)
			*value++ = '\0';
		sink->note(sink->ctx, p, value);
		p = next;
	}
	sb_fini(&note);
	return ok;
}

static int take_reply(struct link *l, const struct link_sink *sink)
{
	unsigned char trailer[FRAME_TRAILER - 1];

	if (!skip_log(l) || !until_nul(l, sink->text, sink->ctx))
		return LINK_LOST;
	for (size_t i = 0; i < sizeof trailer; i++) {
		if (l->from == l->to && !fill(l))
			return LINK_LOST;
		trailer[i] = (unsigned char)l->buf[l->from++];
	}
	return take_note(l, sink) ? trailer[sizeof trailer - 1] : LINK_LOST;
}

int link_ask(struct link *l, char verb, const char *arg, size_t len, const struct link_sink *sink)
{
	struct sb request;
	bool sent;

	sb_init(&request);
	sb_addc(&request, FRAME_MARK);
	sb_addc(&request, verb);
	sb_addn(&request, arg, len);
	l->cancelled = false;
	sent = send_all(l, request.s, request.len + 1);
	sb_fini(&request);
	return sent ? take_reply(l, sink) : LINK_LOST;
}

bool link_idle(struct link *l)
{
	do {
		if (l->from == l->to && !fill(l))
			return false;
		if (l->buf[l->from] != FRAME_MARK || !take_log_line(l))
			return false;
	} while (l->from < l->to);
	return true;
}
