/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files: a text becomes one transaction.
 *
 * Every line is tried where FRR's vtysh would try it; what is faulty is reported and left out, the
 * rest is committed at the end. How a text is taken in while the router works: cli/job.c.
 */
#include <string.h>

#include "cli/internal.h"

struct fit {
	const struct word *word;
	bool fits;
};

static void try_fit(
    void *ctx, const struct rule *rule, const struct token *tok, const uint8_t *rank, unsigned n)
{
	struct fit *f = ctx;

	(void)rule;
	(void)rank;
	(void)n;
	f->fits |= tok && token_rank(tok, f->word) != RANK_NONE;
}

/* How many words from the left could be the beginning of a line of this mode. */
static unsigned count_fitting(const struct cli *c, uint8_t mode, const struct words *ws)
{
	unsigned n;

	for (n = 0; n < ws->n; n++) {
		struct fit f = {.word = &ws->w[n]};

		grammar_expect(c, mode, ws->w, n, try_fit, &f);
		if (!f.fits && (n || strcmp(ws->w[0].s, "no") != 0))
			break;
	}
	return n;
}

/* From 1: the first word that fits nowhere, here or in the modes around; the end of a line that is
 * too short; the first word of a line that is refused. */
static unsigned fault_column(const struct loader *l, const char *text, enum cli_rc rc, uint8_t mode)
{
	const struct cli *c = l->cli;
	unsigned best = 0, here, column;
	struct words ws;

	words_split(&ws, text);
	column = ws.n ? (unsigned)(ws.w[0].s - ws.buf) : 0;
	if (rc == CLI_INCOMPLETE)
		column = ws.n ? (unsigned)(ws.w[ws.n - 1].s - ws.buf + ws.w[ws.n - 1].len) : 0;
	while (rc == CLI_NO_MATCH || rc == CLI_AMBIGUOUS) {
		here = count_fitting(c, mode, &ws);
		best = here > best ? here : best;
		if (c->modes[mode].parent == mode || mode == MODE_CONFIG)
			break;
		mode = c->modes[mode].parent;
	}
	if (best && rc == CLI_NO_MATCH)
		column = (unsigned)(ws.w[best < ws.n ? best : ws.n - 1].s - ws.buf);
	else if (best && rc == CLI_AMBIGUOUS)
		column = (unsigned)(ws.w[best - 1].s - ws.buf);
	words_fini(&ws);
	return column + 1;
}

static void report(struct loader *l, const char *text, enum cli_rc rc, uint8_t mode)
{
	struct cli_fault fault = {
	    .line = l->line,
	    .column = rc == CLI_OK ? 1 : fault_column(l, text, rc, mode),
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
		return place_edit(&l->tx, &l->place, &p, mode, &l->msg);
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

bool loader_read(struct loader *l, size_t lines)
{
	const char *end;
	struct sb line;

	sb_init(&line);
	for (; lines && *l->text; lines--, l->text = *end ? end + 1 : end) {
		end = strchrnul(l->text, '\n');
		l->line++;
		sb_clear(&line);
		sb_addn(&line, l->text, (size_t)(end - l->text));
		while (line.len && line.s[line.len - 1] == '\r')
			line.s[--line.len] = '\0';
		load_line(l, line.s);
	}
	sb_fini(&line);
	return *l->text != '\0';
}

void loader_commit(struct loader *l, bool quiet)
{
	sb_clear(&l->msg);
	report(l, "", tx_commit(&l->tx, quiet, &l->msg), MODE_CONFIG);
}

void loader_init(struct loader *l, struct conf *to, const char *text, cli_report *fn, void *ctx)
{
	cli_seal(to->cli);
	*l = (struct loader){.cli = to->cli, .text = text, .report = fn, .ctx = ctx};
	tx_init(&l->tx, to);
	place_init(&l->place, MODE_CONFIG);
	sb_init(&l->msg);
}

size_t loader_fini(struct loader *l)
{
	tx_fini(&l->tx);
	place_fini(&l->place);
	sb_fini(&l->msg);
	return l->faults;
}

size_t cli_load(struct cli *c, const char *text, bool check_only, cli_report *fn, void *ctx)
{
	struct loader l;

	loader_init(&l, c->running, text, fn, ctx);
	loader_read(&l, SIZE_MAX);
	if (!check_only)
		loader_commit(&l, false);
	return loader_fini(&l);
}

static void collect_fault(void *ctx, const struct cli_fault *fault)
{
	if (ctx && fault->rc != CLI_OK)
		cli_fault_locate(fault, ctx);
}

struct conf *conf_parse(struct cli *c, const char *text, struct sb *faults)
{
	struct conf *aside = conf_new(c);
	struct loader l;

	loader_init(&l, aside, text, collect_fault, faults);
	loader_read(&l, SIZE_MAX);
	loader_commit(&l, true);
	loader_fini(&l);
	return aside;
}

enum cli_rc cli_become(struct cli *c, const struct conf *aside, struct sb *msg)
{
	enum cli_rc rc;
	struct tx t;

	tx_init(&t, c->running);
	tx_become(&t, aside);
	rc = tx_commit(&t, false, msg);
	tx_fini(&t);
	return rc;
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

void cli_fault_locate(const struct cli_fault *f, struct sb *to)
{
	const char *text = f->text + strspn(f->text, " \t");

	sb_fmt(to, "line %u, column %u: ", f->line, f->column);
	if (is_syntax(f->rc))
		sb_fmt(to, "%% %s: %s\n", rc_text(f->rc), text);
	else if (*f->message)
		sb_fmt(to, "%s", f->message);
	else
		sb_fmt(to, "%% Refused: %s\n", text);
}
