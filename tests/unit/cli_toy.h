/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small language with every notation, for the tests of the engine: FRR's shapes in miniature. */
#ifndef FERRO_TESTS_CLI_TOY_H
#define FERRO_TESTS_CLI_TOY_H

#include "cli/cli.h"

enum { TOY_ROUTER = MODE_FIRST, TOY_AF4, TOY_AF6, TOY_RMAP, TOY_IF, TOY_MODES };

struct toy {
	struct cli *cli;
	unsigned applied;  /* calls of apply */
	struct sb changes; /* what the last apply was told: "+line", "-line", "~line" */
	bool refuse;       /* check of the whole change says no */
	/* another look at the change list, before `changes` is written; may be NULL */
	void (*watch)(void *ctx, const struct conf_change *changes, size_t count);
	void *watch_ctx;
};

void toy_init(struct toy *t);
/* The same with a store, and a user behind every session. */
void toy_init_with(struct toy *t, const struct cli_store *store,
    void (*user)(void *app, struct cli_session *s, struct sb *to));
void toy_fini(struct toy *t);
extern const struct cli_mode toy_modes[TOY_MODES];
extern const struct cli_row toy_rows[];
extern const size_t toy_row_count;

/* Runs a line in a session of its own in configure mode, or one per line of a text; output in
 * `out` (may be NULL). Returns the last result. */
enum cli_rc toy_run(struct toy *t, const char *lines, struct sb *out);
/* The configuration as printed, in a static buffer. */
const char *toy_print(struct toy *t);
size_t toy_load(struct toy *t, const char *text);
size_t toy_reload(struct toy *t, const char *text);

#endif
