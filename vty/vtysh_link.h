/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shell's end of the wire: one connection, one request at a time (vty/frame.h). */
#ifndef FERRO_VTYSH_LINK_H
#define FERRO_VTYSH_LINK_H

#include <stdbool.h>
#include <stddef.h>

struct link;

/* Where the parts of a reply go; any function may be NULL. */
struct link_sink {
	void *ctx;
	void (*text)(void *ctx, const char *s, size_t n);            /* piece by piece */
	void (*note)(void *ctx, const char *key, const char *value); /* value: "" if none */
};

enum { LINK_LOST = -1 };

/* Connects to DIR/NAME.vty of the daemon, or of the first that answers (daemon NULL). NULL: none.
 */
struct link *link_open(const char *dir, const char *daemon);
void link_close(struct link *l); /* NULL is allowed */
int link_fd(const struct link *l);
/* A signalfd, read here during a request: SIGINT cancels the answer, a signal that is meant to end
 * the program ends it, others are dropped. -1: signals act by themselves. */
void link_set_interrupt(struct link *l, int fd);
/* Log lines between replies (terminal monitor); the line has no newline. */
void link_set_monitor(struct link *l, void (*line)(void *ctx, const char *line), void *ctx);

/* Sends a request and waits for all of its reply. verb: enum frame_verb. Returns enum cli_rc's
 * value, or LINK_LOST when the daemon has gone; then only link_close is left. */
int link_ask(struct link *l, char verb, const char *arg, size_t len, const struct link_sink *sink);
/* Ends the answer that is being received early; for use in a sink. */
void link_cancel(struct link *l);
/* Takes in what the daemon sent unasked. False: the daemon has gone. */
bool link_idle(struct link *l);

#endif
