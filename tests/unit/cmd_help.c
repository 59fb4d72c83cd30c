/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `?` explains every word: no row of the whole table, the shell's own included, has a word without
 * help. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "bgpd/cmd/modes.h"
#include "cli/cli.h"
#include "cli/internal.h"
#include "vty/server.h"

static unsigned without_help(const struct cli_row *row, const struct token *t)
{
	unsigned n = 0;

	if (t->kind < TOKEN_LEAVES) {
		if (!t->help[0])
			fprintf(stderr, "no help: %s in \"%s\"\n", t->text, row->syntax);
		return !t->help[0];
	}
	for (unsigned i = 0; i < t->count; i++)
		n += without_help(row, t->kids[i]);
	return n;
}

Test(cmd_help, every_word_is_explained)
{
	static const struct cli_app none;
	struct cli *c = cli_new(&none, cmd_modes, MODE_COUNT, cmd_lexicon, cmd_lexicon_count);
	unsigned n = 0;

	cmd_add_rows(c);
	cli_add_rows(c, vty_rows, vty_row_count);
	cli_seal(c);
	for (size_t i = 0; i < c->rule_count; i++)
		n += c->rules[i]->row->flags & ROW_HIDDEN
			 ? 0
			 : without_help(c->rules[i]->row, c->rules[i]->syntax);
	cr_expect_eq(n, 0, "%u words without help", n);
	cli_free(c);
}
