/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sample lines made from a row's syntax, and the properties that every row of a table must have. */
#ifndef FERRO_TESTS_CLI_SAMPLE_H
#define FERRO_TESTS_CLI_SAMPLE_H

#include "cli/internal.h"

struct sample_word {
	char text[64];
	const struct token *tok;
};

struct sample {
	struct sample_word w[80];
	unsigned n;
};

/* Words from `from` up to (not with) `to`, joined by blanks. */
void sample_text(const struct sample *s, unsigned from, unsigned to, struct sb *out);

/* A random number below n; the same state gives the same row of numbers. */
unsigned sample_pick(unsigned *state, unsigned n);
/* The seed of this run: FERRO_SEED from the environment, else `usual`. */
unsigned sample_seed(unsigned usual);
/* A random line of the syntax. world: how many different names and addresses there are. */
void sample_line(const struct token *syntax, unsigned world, unsigned *state, struct sample *to);

/* Fails the running test, and says how it came to that, unless the two texts are the same. */
void sample_same(const char *got, const char *want, const char *what, const char *how);

/* The lines that show a syntax whole: each alternative, each optional part there and not there,
 * each member of a set, both ends and the middle of each range, each repetition. */
struct cover;
struct cover *cover_new(const struct token *syntax);
void cover_free(struct cover *c);
/* The next line that shows something new; false: everything was shown. Fails the running test if
 * something cannot be. */
bool cover_next(struct cover *c, struct sample *to);

/* Each row's lines (cover_next), without the rows' checks.
 * Every row: its lines are read as its own, every `?` and TAB on the way offers the next word, and
 * the shortest prefix that only this keyword has stands for it.
 * Statements: the line is taken, what is printed reads back to itself, saying it a second time
 * changes nothing, `no` takes it away; other spellings likewise. Rows that remove: every line that
 * begins with their words goes.
 * Fails the running criterion test with the line that breaks it. `enabled` says which rows to look
 * at (NULL: all): a row that hands its line on to rows outside the table cannot be tried alone. */
void property_rows(const struct cli_mode *modes, size_t mode_count, const struct cli_row *rows,
    size_t count, bool (*enabled)(const struct cli_row *row));
/* The same for all that `add` gives a cli. */
void property_table(const struct cli_mode *modes, size_t mode_count, void (*add)(struct cli *c),
    bool (*enabled)(const struct cli_row *row));

struct random_plan {
	const struct cli_mode *modes;
	size_t mode_count;
	void *app;         /* for the rows' checks; NULL: the rows are tried without them */
	const char *begin; /* lines that every configuration begins with; may be NULL */
	unsigned rounds;
	/* Does the order matter between this printed line and others? May be NULL: no line's. */
	bool (*ordered)(const char *line);
};

/* Random configurations of the table, each on its way to the next: what is printed loads, and is
 * printed the same; a reload of what runs changes nothing; the lines in another order are the same
 * configuration; a reload turns one into the next, and so do the lines of the difference typed one
 * by one (this only with checks, for without them there are lines whose owner is not there). */
void property_random(const struct random_plan *plan, void (*add)(struct cli *c));

#endif
