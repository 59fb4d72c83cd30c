/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command reference, written from the rows: what the shell takes is what stands there.
 *
 * Only for people: nothing reads it again. Hidden rows and other spellings stay out.
 */
#include <string.h>

#include "cli/internal.h"

struct writer {
	struct sb *to;
	const struct rule *rule;
	bool begun; /* the rule's block of lines is open */
};

static void write_line(void *ctx, const char *line)
{
	struct writer *w = ctx;

	if (!w->begun)
		sb_add(w->to, "```\n");
	w->begun = true;
	sb_fmt(w->to, "%s\n", line);
}

/* Is the word with its help among the leaves before `stop`? Then it is explained already. */
static bool told_before(const struct token *t, const struct token *stop, bool *met)
{
	if (t == stop)
		*met = true;
	if (*met)
		return false;
	if (t->kind < TOKEN_LEAVES)
		return !strcmp(t->text, stop->text) && !strcmp(t->help, stop->help);
	for (unsigned i = 0; i < t->count; i++)
		if (told_before(t->kids[i], stop, met))
			return true;
	return false;
}

static void write_words(struct writer *w, const struct token *t)
{
	bool met = false;

	if (t->kind < TOKEN_LEAVES) {
		if (t->help[0] && !told_before(w->rule->syntax, t, &met))
			sb_fmt(w->to, "- `%s`: %s\n", t->text, t->help);
		return;
	}
	for (unsigned i = 0; i < t->count; i++)
		write_words(w, t->kids[i]);
}

static void write_rule(void *ctx, const struct rule *r)
{
	struct writer *w = ctx;

	w->rule = r;
	w->begun = false;
	rule_lines(r, write_line, w);
	if (!w->begun)
		return;
	sb_add(w->to, "```\n\n");
	write_words(w, r->syntax);
	sb_add(w->to, "\n");
}

void cli_reference(struct cli *c, struct sb *to)
{
	struct writer w = {.to = to};

	cli_seal(c);
	sb_add(to,
	    "# Commands\n\nOne section a mode. `<a|b>`: one of them; `[x]`: may be left out; "
	    "`{a|b}`: any of them, in any order;\n`![x]`: may be left out after `no`; words in "
	    "capitals and numbers in brackets stand for a value.\n\n");
	for (uint8_t mode = 0; mode < c->mode_count; mode++) {
		sb_fmt(to, "## %s", c->modes[mode].name);
		if (c->modes[mode].prompt[0])
			sb_fmt(to, " `%s#`", c->modes[mode].prompt);
		sb_add(to, "\n\n");
		mode_rules(c, mode, write_rule, &w);
	}
}
