/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `vtysh -m`: a configuration text with an `exit` wherever a line leaves a block without saying so.
 *
 * Programs that compare configurations line by line (frr-reload.py) read this form. The text is
 * read into a configuration of its own, which is thrown away; what statements mean is not looked
 * at, only where they belong. The first line that is no statement ends it.
 */
#include <string.h>

#include "cli/internal.h"

struct marker {
	struct cli *cli;
	struct tx *tx;
	struct place place;
	struct sb msg, *to;
};

static enum cli_rc mark_statement(struct marker *m, const char *text, const struct words *ws)
{
	struct parse p;
	uint8_t mode, depth = m->place.depth;
	enum cli_rc rc = place_match(m->cli, &m->place, ws, &p, &mode);

	if (rc != CLI_OK)
		return rc;
	if (p.rule->row->flags & ROW_CONFIG) {
		place_to_mode(&m->place, m->cli, mode);
		for (; depth > m->place.depth; depth--)
			sb_add(m->to, "exit\n");
		place_edit(m->tx, &m->place, &p, mode, &m->msg);
	} else if (p.rule->builtin == BUILTIN_LEAVE) {
		if (m->place.depth)
			place_leave(&m->place, m->cli);
	} else if (p.rule->builtin != BUILTIN_END) {
		return CLI_NO_MATCH;
	}
	sb_fmt(m->to, "%s\n", text);
	return CLI_OK;
}

static enum cli_rc mark_line(struct marker *m, const char *text)
{
	enum cli_rc rc = CLI_OK;
	struct words ws;

	words_split(&ws, text);
	if (ws.n && !strchr("!#", ws.w[0].s[0]))
		rc = mark_statement(m, text, &ws);
	else
		sb_fmt(m->to, "%s\n", text);
	words_fini(&ws);
	return rc;
}

static enum cli_rc mark_text(struct marker *m, const char *text, struct sb *err)
{
	enum cli_rc rc = CLI_OK;
	struct sb line;
	unsigned number = 0;

	sb_init(&line);
	while (*text && rc == CLI_OK) {
		const char *end = strchrnul(text, '\n');

		sb_clear(&line);
		sb_addn(&line, text, (size_t)(end - text));
		while (line.len && line.s[line.len - 1] == '\r')
			line.s[--line.len] = '\0';
		number++;
		rc = mark_line(m, line.s);
		text = *end ? end + 1 : end;
	}
	if (rc != CLI_OK)
		sb_fmt(err, "line %u: %% %s: %s\n\n", number, rc_text(rc), line.s);
	else
		sb_add(m->to, "\nend\n");
	sb_fini(&line);
	return rc;
}

enum cli_rc cli_mark(struct cli *c, const char *text, struct sb *to, struct sb *err)
{
	struct conf *aside = conf_new(c);
	struct marker m = {.cli = c, .to = to};
	struct tx t;
	enum cli_rc rc;

	cli_seal(c);
	tx_init(&t, aside);
	m.tx = &t;
	place_init(&m.place, MODE_CONFIG);
	sb_init(&m.msg);
	rc = mark_text(&m, text, err);
	sb_fini(&m.msg);
	place_fini(&m.place);
	tx_fini(&t);
	conf_free(aside);
	return rc;
}
