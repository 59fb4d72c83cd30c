/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session on the TCP port: login, typing, pages. Belongs to a connection (vty/conn.h), which runs
 * the lines and owns the socket. Inside vty only.
 */
#ifndef FERRO_VTY_TELNET_H
#define FERRO_VTY_TELNET_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"

struct telnet;
struct vty_conn;

/* Greets, and asks for the password if there has to be one. from: the client's address. */
struct telnet *telnet_new(struct vty_conn *c, const char *from);
void telnet_free(struct telnet *t);
/* Takes what has come, as far as the session can go on. */
void telnet_read(struct telnet *t);
/* Text of the command under way; a page that is full holds the rest back. */
void telnet_text(struct telnet *t, const char *s, size_t n);
/* Is a page full? Then no more text is wanted. */
bool telnet_is_full(const struct telnet *t);
/* The words for a line that does not parse, in place of the shell's. */
void telnet_complain(enum cli_rc rc, const char *line, struct sb *to);
/* The command is over: prompt, once all its text is out. */
void telnet_finish(struct telnet *t);
/* A line of the log. */
void telnet_log(struct telnet *t, const char *line);
/* Nothing was typed for too long. */
void telnet_timed_out(struct telnet *t);
void telnet_show_history(const struct telnet *t, struct out *out);
/* `terminal length`: 0 for no pages, -1 for those of the window. */
void telnet_set_length(struct telnet *t, int length);
const char *telnet_from(const struct telnet *t);

#endif
