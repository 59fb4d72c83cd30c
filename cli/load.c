/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files: a text becomes one transaction.
 *
 * Every line is tried where FRR's vtysh would try it; what is faulty is reported and left out, the
 * rest is committed at the end. For a reload the text is read aside into a configuration of its
 * own, and only the difference is done, so that loading what runs already touches nothing.
 */
#include <string.h>

#include "cli/internal.h"

struct loader {
	struct cli *cli;
	struct tx *tx;
	struct place place;
	struct sb msg;
	size_t faults;
	unsigned line;
	bool orphans; /* indented lines belong to a block whose first line was faulty */
	cli_report *report;
	void *ctx;
};

static void report(struct loader *l, const char *text, enum cli_rc rc, uint8_t mode)
{
	struct cli_fault fault = {
	    .line = l->line,
	    .text = text,
	    .rc = rc,
	    .node = l->cli->modes[mode].node,
	    .message = l->msg.s,
	};

	if (rc != CLI_OK)
		l->faults++;
	if (l->report && (rc != CLI_OK || l->msg.len))
		l->report(l->ctx, &fault);
}

/* What a line that is no statement does in a file: leaves a block, or nothing at all. */
static enum cli_rc load_builtin(struct loader *l, const struct rule *r)
{
	if (r->builtin == BUILTIN_LEAVE && l->place.depth)
		place_leave(&l->place, l->cli);
	return r->builtin == BUILTIN_LEAVE || r->builtin == BUILTIN_END ? CLI_OK : CLI_NO_MATCH;
}

static enum cli_rc load_words(struct loader *l, const struct words *ws)
{
	struct parse p;
	enum cli_rc rc;
	uint8_t mode;

	rc = place_match(l->cli, &l->place, ws, &p, &mode);
	if (rc != CLI_OK)
		return rc;
	if (p.rule->row->flags & ROW_CONFIG)
		return place_edit(l->tx, &l->place, &p, mode, &l->msg);
	return load_builtin(l, p.rule);
}

static bool is_syntax(enum cli_rc rc)
{
	return rc == CLI_NO_MATCH || rc == CLI_AMBIGUOUS || rc == CLI_INCOMPLETE;
}

/* An unknown line at the margin may have been the head of a block: what is indented below it is not
 * taken for the block before, as FRR would, since that would change what the file never named. */
static void load_line(struct loader *l, const char *text)
{
	bool indented = text[0] == ' ' || text[0] == '\t';
	uint8_t before = l->place.mode;
	enum cli_rc rc = CLI_NO_MATCH;
	struct words ws;

	words_split(&ws, text);
	if (ws.n && !strchr("!#", ws.w[0].s[0])) {
		sb_clear(&l->msg);
		l->orphans &= indented;
		if (!l->orphans)
			rc = load_words(l, &ws);
		if (!indented)
			l->orphans = is_syntax(rc) && l->place.depth;
		report(l, text, rc, before);
	}
	words_fini(&ws);
}

static void load_text(struct loader *l, const char *text)
{
	struct sb line;
	const char *end;

	sb_init(&line);
	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		l->line++;
		sb_clear(&line);
		sb_addn(&line, text, (size_t)(end - text));
		while (line.len && line.s[line.len - 1] == '\r')
			line.s[--line.len] = '\0';
		load_line(l, line.s);
	}
	sb_fini(&line);
}

static void commit(struct loader *l)
{
	enum cli_rc rc;

	sb_clear(&l->msg);
	rc = tx_commit(l->tx, false, &l->msg);
	report(l, "", rc, MODE_CONFIG);
}

static void loader_init(struct loader *l, struct cli *c, struct tx *t, cli_report *fn, void *ctx)
{
	cli_seal(c);
	*l = (struct loader){.cli = c, .tx = t, .report = fn, .ctx = ctx};
	place_init(&l->place, MODE_CONFIG);
	sb_init(&l->msg);
}

static size_t loader_fini(struct loader *l)
{
	place_fini(&l->place);
	sb_fini(&l->msg);
	return l->faults;
}

size_t cli_load(struct cli *c, const char *text, bool check_only, cli_report *fn, void *ctx)
{
	struct loader l;
	struct tx t;

	tx_init(&t, c->running);
	loader_init(&l, c, &t, fn, ctx);
	load_text(&l, text);
	if (!check_only)
		commit(&l);
	tx_fini(&t);
	return loader_fini(&l);
}

size_t cli_reload(struct cli *c, const char *text, bool check_only, cli_report *fn, void *ctx)
{
	struct conf *aside = conf_new(c);
	struct tx t, change;
	struct loader l;

	tx_init(&t, aside);
	loader_init(&l, c, &t, fn, ctx);
	load_text(&l, text);
	tx_commit(&t, true, &l.msg);
	tx_fini(&t);
	if (!check_only) {
		tx_init(&change, c->running);
		tx_become(&change, aside);
		l.tx = &change;
		commit(&l);
		tx_fini(&change);
	}
	conf_free(aside);
	return loader_fini(&l);
}

const char *rc_text(enum cli_rc rc)
{
	switch (rc) {
	case CLI_AMBIGUOUS:
		return "Ambiguous command";
	case CLI_INCOMPLETE:
		return "Command incomplete";
	default:
		return "Unknown command";
	}
}

void cli_fault_print(const struct cli_fault *f, struct sb *out, struct sb *err)
{
	sb_add(out, f->message);
	if (f->rc == CLI_OK)
		return;
	if (is_syntax(f->rc))
		sb_fmt(err, "line %u: %% %s[%u]: %s\n%s", f->line, rc_text(f->rc), f->node, f->text,
		    f->rc == CLI_NO_MATCH ? "" : "\n");
	else
		sb_fmt(err, "line %u: Failure to communicate[%d] to bgpd, line: %s\n\n", f->line,
		    (int)f->rc, f->text);
}
