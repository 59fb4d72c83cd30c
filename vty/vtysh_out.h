/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the text of commands goes: through a filter, then to a file, a pager or standard output. */
#ifndef FERRO_VTYSH_OUT_H
#define FERRO_VTYSH_OUT_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "lib/sb.h"
#include "vty/vtysh_pipe.h"

struct out_to {
	FILE *file;  /* `output file`; NULL: none */
	FILE *pager; /* running since the first text of this command */
	pid_t pager_pid;
	const char *program; /* the pager's command line */
	bool paginate;       /* text goes through the pager */
	bool direct;         /* but not this command's */
	struct pipe *filter; /* of this command; NULL: none */
	struct sb filtered;
};

void out_to_init(struct out_to *o, const char *program);
void out_to_fini(struct out_to *o);
/* A command begins; filter is taken over. */
void out_to_begin(struct out_to *o, struct pipe *filter);
/* False once nobody takes any more of this command's text: the user has left the pager. */
bool out_to_text(struct out_to *o, const char *s, size_t n);
/* The command is over: everything is written, the pager has ended. */
void out_to_end(struct out_to *o);
/* False with errno set if the file cannot be opened; NULL: back to standard output. */
bool out_to_file(struct out_to *o, const char *path);

#endif
