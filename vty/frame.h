/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes over a vty socket: FRR's framing, and our own requests on the same wire.
 *
 * FRR: a request is the command's text and a NUL. The reply is text without NUL, then three NUL and
 * the result (enum cli_rc of cli/row.h). Requests may be sent ahead; replies come in their order.
 *
 * Ours, which FRR's clients never send: a request that begins with FRAME_MARK, then a verb and its
 * argument. Its reply is FRR's, then a note: lines "KEY VALUE\n" and a NUL. Notes tell the shell
 * what changed about the session and what the command asks of the shell itself:
 *
 *   prompt TEXT    the prompt from now on ("r1(config)# ")
 *   exec 0|1       1: the session is in view or enable mode, where `| include` is a pipe
 *   close          the session has ended
 *   do VERB ARGS   something that only the shell can do: "history", "paginate on", "output FILE",
 *                  "load FILE"
 *
 * Between two replies the daemon may send a log line: FRAME_MARK, text, NUL (terminal monitor).
 */
#ifndef FERRO_VTY_FRAME_H
#define FERRO_VTY_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/version.h"

enum { FRAME_MARK = 1, FRAME_TRAILER = 4 };

/* The verbs; the argument is everything up to the NUL. */
enum frame_verb {
	FRAME_HELLO = 'h',    /* "enable" or "view": start in that mode; the reply has the note.
				 From "view" there is no way to enable mode (vtysh -u).
				 " only" behind it: this socket's FRR daemon is all that is wanted */
	FRAME_EXEC = 'x',     /* LINE: run it, as FRR's plain request does */
	FRAME_COMPLETE = 'c', /* LINE: words, as cli_complete writes them */
	FRAME_EXPLAIN = 'e',  /* WIDTH LINE: what `?` shows */
	FRAME_LOAD = 'f',     /* MODE TEXT: a configuration; MODE is an enum frame_load */
	FRAME_SAVE = 'w',     /* save the configuration, as vtysh -w does */
	FRAME_MOTD = 'm',     /* what the shell says first */
	FRAME_CANCEL = 'k',   /* end the answer that is under way; has no reply of its own */
};

/* Answer to FRAME_LOAD: each line has FRAME_TO_OUT or FRAME_TO_ERR in front; the result is that of
 * the last faulty line. MARK loads nothing: it answers the text as vtysh -m shows it. */
enum frame_load {
	FRAME_LOAD_RUN = 'r',
	FRAME_LOAD_CHECK = 'c',
	FRAME_LOAD_MARK = 'm',
	FRAME_LOAD_RELOAD = 'l', /* becomes the running configuration, unless there is a fault */
	FRAME_LOAD_DIFF = 'd',   /* says what RELOAD would do; CLI_WARNING: something */
};
enum { FRAME_TO_OUT = 'o', FRAME_TO_ERR = 'e' };

/* Longest requests in bytes, NUL included; a longer one ends the connection. */
enum { FRAME_REQUEST_MAX = 64 * 1024, FRAME_LOAD_MAX = 64 * 1024 * 1024 };

/* What the shell says first, and `show motd`, unless `banner motd` says otherwise. */
#define FRAME_GREETING                                                                             \
	"\nHello, this is FRRouting (version " FERRO_VERSION ").\n" FERRO_COPYRIGHT "\n\n"

/* The daemons of FRR, in the order of `show daemons`. */
struct frame_daemon {
	const char *name;
	bool served; /* this daemon answers under that name */
};

extern const struct frame_daemon frame_daemons[];
extern const size_t frame_daemon_count;

#endif
