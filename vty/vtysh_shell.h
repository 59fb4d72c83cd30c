/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shell without a terminal: runs lines in a session of the daemon and does what the daemon asks
 * of it. Interactive use, -c and scripts are three ways of feeding it. */
#ifndef FERRO_VTYSH_SHELL_H
#define FERRO_VTYSH_SHELL_H

#include <stdbool.h>

#include "lib/sb.h"
#include "vty/vtysh_link.h"
#include "vty/vtysh_out.h"

/* Results of lines as FRR numbers them (enum cli_rc, which the shell does not include). */
enum { SHELL_OK = 0, SHELL_WARNING = 1, SHELL_FAILED = 13 };

struct shell {
	const char *socket_dir, *config_dir;
	const char *daemon; /* -d; NULL: any */
	bool user_mode;     /* -u: no enable */
	struct link *link;  /* NULL: the daemon has gone */
	bool unsaid;        /* it went while nothing was asked: the next line says so */
	struct out_to out;
	struct sb prompt;
	struct sb asks;             /* what the last reply asks for, a line each */
	int asked;                  /* the result of that */
	bool exec;                  /* in view or enable mode */
	bool closed;                /* the user said exit */
	int interrupt_fd;           /* see link_set_interrupt; -1: none */
	void (*history)(void *ctx); /* prints the history */
	void *history_ctx;
};

void shell_init(struct shell *sh, const char *socket_dir, const char *config_dir);
void shell_fini(struct shell *sh);
/* False if no daemon answers; prints nothing. */
bool shell_connect(struct shell *sh);
/* Runs a line and prints its text. Returns its result; a lost daemon is a warning printed here and
 * counts as a failure. */
int shell_run(struct shell *sh, const char *line);
/* Runs a line as -c does: results that FRR's vtysh takes for success are true. */
bool shell_succeeded(int result);
/* A request whose text is collected in `to`. Returns the result or LINK_LOST. */
int shell_ask(struct shell *sh, char verb, const char *arg, struct sb *to);
/* The daemon has gone while nothing was asked: the next line says so and tries anew. */
void shell_gone(struct shell *sh);

#endif
