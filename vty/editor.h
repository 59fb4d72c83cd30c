/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line that is being typed on the vty port: keys in, echo out. No socket, no session.
 *
 * Owns the line and the history of the session.
 */
#ifndef FERRO_VTY_EDITOR_H
#define FERRO_VTY_EDITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/sb.h"

enum { EDITOR_LINE_MAX = 4096, EDITOR_HISTORY = 20 };

/* What a key asks of the session beyond editing. */
enum editor_event {
	EDITOR_NOTHING,
	EDITOR_LINE,     /* the line is complete: editor_line, then editor_clear */
	EDITOR_COMPLETE, /* TAB */
	EDITOR_EXPLAIN,  /* ? */
	EDITOR_CANCEL,   /* Ctrl-C */
	EDITOR_TOP,      /* Ctrl-Z */
	EDITOR_LEAVE,    /* Ctrl-D on an empty line */
};

struct editor {
	char line[EDITOR_LINE_MAX]; /* with its NUL */
	size_t len, at;             /* the cursor stands before line[at] */
	char *history[EDITOR_HISTORY];
	unsigned count, shown; /* entries, oldest first; the one on the line, count: a new line */
	uint8_t escape;        /* bytes of an escape sequence so far */
	bool after_cr;         /* a LF or NUL that follows belongs to the line's end */
	bool hidden;           /* a password: no echo, no history, no help, no trace of it */
};

void editor_init(struct editor *e);
void editor_fini(struct editor *e);
/* One byte from the terminal; what the terminal has to show for it is appended to echo. */
enum editor_event editor_key(struct editor *e, uint8_t key, struct sb *echo);
/* The line so far; valid until the next key. */
const char *editor_line(const struct editor *e);
void editor_clear(struct editor *e);
/* Keeps a line for Ctrl-P; not twice in a row, no empty one. */
void editor_remember(struct editor *e, const char *line);
/* Puts a word in place of the last one, of which it is a continuation, and a blank behind it. */
void editor_replace_word(struct editor *e, const char *word, struct sb *echo);

#endif
