/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way into a mode: the first row that opens a block of it, behind the way into the mode where
 * that row stands. */
#include "tests/unit/cli_enter.h"

#include "tests/unit/cli_sample.h"

static bool open_block(struct cli_session *s, const struct rule *r, unsigned world, unsigned *state)
{
	struct sample line;
	struct sb text, out;
	bool done;

	sample_line(r->syntax, world, state, &line);
	sb_init(&text);
	sb_init(&out);
	sample_text(&line, 0, line.n, &text);
	done = cli_exec(s, text.s, &out) == CLI_OK && cli_session_mode(s) == r->row->enters;
	sb_fini(&text);
	sb_fini(&out);
	return done;
}

bool sample_enter(struct cli_session *s, uint8_t mode, unsigned world, unsigned *state)
{
	const struct cli *c = s->cli;
	bool done = mode == MODE_CONFIG;

	if (done)
		cli_session_set_mode(s, MODE_CONFIG);
	for (size_t i = 0; !done && i < c->rule_count; i++) {
		const struct cli_row *row = c->rules[i]->row;

		if (!(row->flags & ROW_BLOCK) || row->flags & ROW_ALIAS || row->enters != mode)
			continue;
		for (uint8_t m = MODE_CONFIG; !done && m < MODE_MAX; m++)
			done = row->modes & UINT64_C(1) << m && sample_enter(s, m, world, state) &&
			       open_block(s, c->rules[i], world, state);
	}
	return done;
}
