/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log lines in FRR's format to up to four destinations.
 *
 * The text "[ID][EC n] text" is made once. Syslog gets it as it is, since syslog adds time and
 * name; the others get the whole line with time stamp, level (if wished) and protocol. A line is
 * one write(2) to a descriptor in append mode, so that several processes may share a file and
 * rotation never tears a line.
 *
 * The daemon must not wait for a reader: the file is opened O_NONBLOCK, which matters when it is a
 * FIFO or a terminal, and stdout, whose flags belong to whoever started us, is asked first. What
 * does not fit is lost. Errors of writing have nobody to be reported to.
 *
 * Rendering the local time costs more than all the rest, so the last second's text is kept.
 */
#include "lib/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/sb.h"

struct log {
	char *protocol;
	int level[LOG_DEST_COUNT];
	char *path; /* NULL: no file */
	int fd;     /* of path; -1 without */
	unsigned digits;
	bool priority_shown, ids, ec;
	int facility;
	void (*monitor)(void *ctx, const char *line);
	void *monitor_ctx;
	struct sb text, line;                          /* reused for every message */
	time_t stamp_sec;                              /* the second that stamp renders */
	char stamp[sizeof("YYYY/MM/DD hh:mm:ss") + 8]; /* years may grow */
};

struct log *log_new(const char *protocol)
{
	struct log *l = mem_zalloc(sizeof(*l));

	l->protocol = mem_strdup(protocol);
	for (int d = 0; d < LOG_DEST_COUNT; d++)
		l->level[d] = LOG_OFF;
	l->fd = -1;
	l->ids = l->ec = true;
	l->stamp_sec = -1;
	sb_init(&l->text);
	sb_init(&l->line);
	log_set_facility(l, LOG_DAEMON);
	return l;
}

static void file_close(struct log *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	mem_free(l->path);
	l->path = NULL;
}

void log_free(struct log *l)
{
	if (!l)
		return;
	file_close(l);
	closelog();
	sb_fini(&l->text);
	sb_fini(&l->line);
	mem_free(l->protocol);
	mem_free(l);
}

static int file_open(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
}

int log_set_file(struct log *l, const char *path, int level)
{
	if (!path) {
		file_close(l);
		l->level[LOG_TO_FILE] = LOG_OFF;
		return 0;
	}

	int fd = file_open(path);

	if (fd < 0)
		return errno;

	char *copy = mem_strdup(path); /* path may be our own */

	file_close(l);
	l->fd = fd;
	l->path = copy;
	l->level[LOG_TO_FILE] = level;
	return 0;
}

void log_reopen(struct log *l)
{
	if (l->path)
		log_set_file(l, l->path, l->level[LOG_TO_FILE]);
}

void log_set_level(struct log *l, enum log_dest d, int level)
{
	l->level[d] = level;
}

int log_level(const struct log *l, enum log_dest d)
{
	return l->level[d];
}

const char *log_file(const struct log *l)
{
	return l->path;
}

void log_set_facility(struct log *l, int facility)
{
	l->facility = facility;
	openlog(NULL, LOG_PID, facility);
}

void log_set_precision(struct log *l, unsigned digits)
{
	assert(digits <= 9);
	l->digits = digits;
}

void log_set_priority_shown(struct log *l, bool on)
{
	l->priority_shown = on;
}

void log_set_ids(struct log *l, bool ids, bool ec)
{
	l->ids = ids;
	l->ec = ec;
}

void log_set_monitor(struct log *l, void (*cb)(void *ctx, const char *line), void *ctx)
{
	l->monitor = cb;
	l->monitor_ctx = ctx;
}

/* --- levels --- */

static const char *const level_names[] = {
    [LOG_EMERG] = "emergencies",
    [LOG_ALERT] = "alerts",
    [LOG_CRIT] = "critical",
    [LOG_ERR] = "errors",
    [LOG_WARNING] = "warnings",
    [LOG_NOTICE] = "notifications",
    [LOG_INFO] = "informational",
    [LOG_DEBUG] = "debugging",
};

const char *log_level_name(int level)
{
	return level == LOG_OFF ? "disabled" : level_names[level];
}

bool log_level_parse(const char *word, int *level)
{
	size_t n = strlen(word);
	int matches = 0, found = LOG_OFF;

	for (int i = LOG_EMERG; i <= LOG_DEBUG; i++) {
		if (strncmp(word, level_names[i], n) != 0)
			continue;
		found = i;
		matches++;
	}
	if (matches != 1)
		return false;
	*level = found;
	return true;
}

static bool dest_open(const struct log *l, enum log_dest d)
{
	if (d == LOG_TO_FILE)
		return l->fd >= 0;
	return d != LOG_TO_MONITOR || l->monitor;
}

static bool dest_wants(const struct log *l, enum log_dest d, int level)
{
	return level <= l->level[d] && dest_open(l, d);
}

bool log_wanted(const struct log *l, int level)
{
	for (int d = 0; l && d < LOG_DEST_COUNT; d++)
		if (dest_wants(l, d, level))
			return true;
	return false;
}

/* --- messages --- */

static void put_text(struct log *l, const char *ref, uint32_t ec, const char *fmt, va_list ap)
{
	struct sb *b = &l->text;
	bool id_shown = l->ids && ref, ec_shown = l->ec && ec;

	sb_clear(b);
	if (id_shown)
		sb_fmt(b, "[%s]", ref);
	if (ec_shown)
		sb_fmt(b, "[EC %u]", ec);
	if (id_shown || ec_shown)
		sb_addc(b, ' ');
	sb_vfmt(b, fmt, ap);
	for (size_t i = 0; i < b->len; i++)
		if (((unsigned char)b->s[i] < ' ' && b->s[i] != '\t') || b->s[i] == 0x7f)
			b->s[i] = '.';
}

static void put_stamp(struct log *l)
{
	struct timespec now;
	struct tm tm;
	char fraction[10];

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec != l->stamp_sec) {
		localtime_r(&now.tv_sec, &tm);
		strftime(l->stamp, sizeof(l->stamp), "%Y/%m/%d %H:%M:%S", &tm);
		l->stamp_sec = now.tv_sec;
	}
	sb_add(&l->line, l->stamp);
	if (!l->digits)
		return;
	snprintf(fraction, sizeof(fraction), "%09u", (unsigned)now.tv_nsec % 1000000000);
	sb_addc(&l->line, '.');
	sb_addn(&l->line, fraction, l->digits);
}

/* The whole line with its newline. */
static void put_line(struct log *l, int level)
{
	sb_clear(&l->line);
	put_stamp(l);
	sb_addc(&l->line, ' ');
	if (l->priority_shown)
		sb_fmt(&l->line, "%s: ", log_level_name(level));
	sb_fmt(&l->line, "%s: %s\n", l->protocol, l->text.s);
}

static void write_line(int fd, const struct sb *line)
{
	if (write(fd, line->s, line->len) < 0)
		return; /* lost */
}

static bool stdout_has_room(void)
{
	struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&p, 1, 0) == 1 && p.revents & POLLOUT;
}

void log_msg(struct log *l, int level, const char *ref, uint32_t ec, const char *fmt, ...)
{
	va_list ap;

	if (!log_wanted(l, level))
		return;
	va_start(ap, fmt);
	put_text(l, ref, ec, fmt, ap);
	va_end(ap);
	put_line(l, level);

	if (dest_wants(l, LOG_TO_SYSLOG, level))
		syslog(l->facility | level, "%s", l->text.s);
	if (dest_wants(l, LOG_TO_FILE, level))
		write_line(l->fd, &l->line);
	if (dest_wants(l, LOG_TO_STDOUT, level) && stdout_has_room())
		write_line(STDOUT_FILENO, &l->line);
	if (dest_wants(l, LOG_TO_MONITOR, level)) {
		l->line.s[--l->line.len] = '\0';
		l->monitor(l->monitor_ctx, l->line.s);
	}
}
