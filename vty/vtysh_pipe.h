/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `| include REGEX` and its kin: a filter between a command's text and its reader, line by line. */
#ifndef FERRO_VTYSH_PIPE_H
#define FERRO_VTYSH_PIPE_H

#include <stddef.h>

#include "lib/sb.h"

struct pipe;

/* The place of " | " in a line, NULL: there is none. */
const char *pipe_find(const char *line);
/* spec is what follows the bar: "include REGEX", also exclude, begin, section, count [REGEX].
 * NULL if it is none of them; then err has FRR's message, newline included. */
struct pipe *pipe_new(const char *spec, struct sb *err);
void pipe_free(struct pipe *p); /* NULL is allowed */
/* Text in any pieces; whole lines that pass go to `to`. */
void pipe_feed(struct pipe *p, const char *s, size_t n, struct sb *to);
/* The text is complete: a last line without newline, the count. */
void pipe_end(struct pipe *p, struct sb *to);

#endif
