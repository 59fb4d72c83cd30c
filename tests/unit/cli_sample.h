/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sample lines made from a row's syntax, and the properties that every row of a table must have. */
#ifndef FERRO_TESTS_CLI_SAMPLE_H
#define FERRO_TESTS_CLI_SAMPLE_H

#include "cli/cli.h"

struct sample_word {
	char text[64];
	bool keyword;
};

struct sample {
	struct sample_word w[64];
	unsigned n;
};

/* A random line of the row; the same seed gives the same line. */
void sample_line(const struct cli_row *row, unsigned seed, struct sample *to);
/* Words from `from` up to (not with) `to`, joined by blanks. */
void sample_text(const struct sample *s, unsigned from, unsigned to, struct sb *out);

/* Checks each configuration row with some sample lines, with the rows' checks switched off: it is
 * taken, what is printed reads back to itself, a second time changes nothing, `no` takes it away,
 * completion offers each keyword, and a prefix that only this keyword has stands for it. Fails the
 * running criterion test with the line that breaks it. `enabled` says which rows to look at (NULL:
 * all): a row that hands its line on to rows outside the table cannot be tried alone. */
void property_rows(const struct cli_mode *modes, size_t mode_count, const struct cli_row *rows,
    size_t count, bool (*enabled)(const struct cli_row *row));
/* Random configurations of the table, checks switched off: each is a fixpoint of print and load, a
 * reload of what runs changes nothing, and a reload turns any of them into any other. */
void property_random(const struct cli_mode *modes, size_t mode_count, const struct cli_row *rows,
    size_t count, unsigned rounds);
/* Both for all that `add` gives a cli. */
void property_table(const struct cli_mode *modes, size_t mode_count, void (*add)(struct cli *c),
    bool (*enabled)(const struct cli_row *row));

#endif
