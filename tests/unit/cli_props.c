/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The properties of every row: see cli_sample.h.
 *
 * One cli tries all rows: after each of its lines it must be as before, so a line that leaves
 * something behind is found at once. A second one reads back what the first prints.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/cli_enter.h"
#include "tests/unit/cli_sample.h"

enum { LEAVES_MAX = 512, WIDTH = 200 };

struct bench {
	struct cli *cli, *again;
	struct cli_session *session;
	const struct rule *rule;
	uint8_t mode;
	bool shown[LEAVES_MAX]; /* words of the row whose completion was looked at */
	bool end_shown;
	unsigned taken;
	struct sb out, print, base, line;
};

static void print_to(struct cli *c, struct sb *to)
{
	sb_clear(to);
	cli_print(c, to);
}

static void enter(struct bench *b)
{
	unsigned state = 1;

	cr_assert(sample_enter(b->session, b->mode, 200, &state), "no way into mode %s",
	    b->cli->modes[b->mode].name);
}

/* ---- what the line means, and what is offered on the way to it ---- */

static void check_read(struct bench *b, const char *line, bool no)
{
	struct words ws;
	struct parse p;
	enum cli_rc rc;

	words_split(&ws, line);
	rc = grammar_match(b->cli, b->mode, &ws, &p);
	cr_assert_eq(rc, CLI_OK, "\"%s\": rc %d", line, rc);
	/* a line that another spelling may also have is the statement's own */
	cr_assert((p.rule == b->rule || (b->rule->row->flags & ~p.rule->row->flags & ROW_ALIAS)) &&
		      p.no == no,
	    "\"%s\" is read as \"%s\", not as \"%s\"", line, p.rule->row->syntax,
	    b->rule->row->syntax);
	words_fini(&ws);
}

static bool is_offered(struct bench *b, const char *so_far, const char *word, unsigned *rivals)
{
	char *copy, *rest, *item;
	bool found = false;

	sb_clear(&b->out);
	cli_complete(b->session, so_far, &b->out);
	copy = rest = mem_strdup(b->out.s);
	*rivals = 0;
	while ((item = strsep(&rest, "\n"))) {
		item[strcspn(item, "\t")] = '\0';
		if (!strcmp(item, word))
			found = true;
		else if (*item)
			++*rivals;
	}
	mem_free(copy);
	return found;
}

static bool is_explained(struct bench *b, const char *so_far, const char *word)
{
	char line[128];

	sb_clear(&b->out);
	cli_explain(b->session, so_far, WIDTH, &b->out);
	snprintf(line, sizeof(line), "  %s", word);
	for (const char *p = b->out.s; (p = strstr(p, line)); p++)
		if ((p == b->out.s || p[-1] == '\n') && strchr(" \n", p[strlen(line)]))
			return true;
	return false;
}

/* The shortest beginning of the word that nothing else has there. */
static unsigned shortest(struct bench *b, const char *before, const struct token *tok)
{
	unsigned rivals, len;
	struct sb so_far;

	sb_init(&so_far);
	for (len = 0; len <= tok->len; len++) {
		sb_clear(&so_far);
		sb_fmt(&so_far, "%s%.*s", before, (int)len, tok->text);
		cr_assert(is_offered(b, so_far.s, tok->text, &rivals),
		    "%s: %s not offered behind \"%s\"", b->line.s, tok->text, so_far.s);
		if (len && !rivals)
			break;
	}
	sb_fini(&so_far);
	return len;
}

/* Every word the first time it comes: `?` shows it, TAB too, and its shortest beginning does. */
static void check_words(struct bench *b, const struct sample *s, bool no)
{
	struct sb before, brief;

	if (b->rule->row->flags & ROW_HIDDEN)
		return;
	sb_init(&before);
	sb_init(&brief);
	sb_add(&before, no ? "no " : "");
	sb_add(&brief, before.s);
	for (unsigned i = 0; i < s->n; i++) {
		const struct token *tok = s->w[i].tok;
		unsigned len = (unsigned)strlen(s->w[i].text);

		cr_assert_lt(tok->index, LEAVES_MAX);
		if (!b->shown[tok->index]) {
			b->shown[tok->index] = true;
			cr_assert(is_explained(b, before.s, tok->text),
			    "%s: ? not %s behind \"%s\"", b->line.s, tok->text, before.s);
			if (tok->kind == TOKEN_KEYWORD)
				len = shortest(b, before.s, tok);
		}
		sb_fmt(&brief, "%.*s ", (int)len, s->w[i].text);
		sb_fmt(&before, "%s ", s->w[i].text);
	}
	if (!b->end_shown)
		cr_assert(is_explained(b, before.s, "<cr>"), "%s: no <cr>", b->line.s);
	b->end_shown = true;
	check_read(b, brief.s, no);
	sb_fini(&before);
	sb_fini(&brief);
}

/* ---- statements ---- */

/* The line is taken, prints as what reads back, and saying it again changes nothing. */
static bool check_taken(struct bench *b)
{
	struct sb text;
	enum cli_rc rc;

	sb_init(&text);
	sb_clear(&b->out);
	rc = cli_exec(b->session, b->line.s, &b->out);
	/* another spelling may not be able to say what it says: a mask with holes */
	if (rc == CLI_CONFIG_FAILED && b->rule->row->flags & ROW_ALIAS) {
		sb_fini(&text);
		return false;
	}
	cr_assert_eq(rc, CLI_OK, "%s: rc %d %s", b->line.s, rc, b->out.s);
	b->taken++;
	print_to(b->cli, &b->print);
	cr_assert_eq(cli_reload(b->again, "", false, NULL, NULL, NULL), 0);
	cr_assert_eq(cli_load(b->again, b->print.s, false, NULL, NULL), 0, "%s: does not load:\n%s",
	    b->line.s, b->print.s);
	print_to(b->again, &text);
	cr_assert_str_eq(text.s, b->print.s, "%s: not a fixpoint", b->line.s);
	if (b->rule->row->flags & (ROW_BLOCK | ROW_ALIAS))
		enter(b);
	/* one that looks at what is there may mean something else now: the next sequence number */
	if (b->rule->row->flags & ROW_ALIAS && b->rule->row->rewrite) {
		sb_fini(&text);
		return true;
	}
	cli_exec(b->session, b->line.s, &b->out);
	print_to(b->cli, &text);
	cr_assert_str_eq(text.s, b->print.s, "%s: a second time changes something", b->line.s);
	sb_fini(&text);
	return true;
}

static void check_no(struct bench *b)
{
	const struct cli_row *row = b->rule->row;
	struct sb no;

	if (row->flags & (ROW_NO_NO | ROW_QUIET)) {
		cli_reload(b->cli, b->base.s, false, NULL, NULL, NULL);
		return;
	}
	enter(b);
	sb_init(&no);
	sb_fmt(&no, "no %s", b->line.s);
	sb_clear(&b->out);
	cr_assert_eq(cli_exec(b->session, no.s, &b->out), CLI_OK, "%s: %s", no.s, b->out.s);
	print_to(b->cli, &b->print);
	/* on by default: now the negation stands there, and the line takes it away */
	if (strcmp(b->print.s, b->base.s) != 0 &&
	    (row->flags & (ROW_ON | ROW_ON_TRADITIONAL | ROW_ALIAS) || row->is_on)) {
		cli_exec(b->session, b->line.s, &b->out);
		print_to(b->cli, &b->print);
	}
	cr_assert_str_eq(b->print.s, b->base.s, "%s does not take it away: %s", no.s, b->out.s);
	sb_fini(&no);
}

static void try_statement(struct bench *b)
{
	enter(b);
	print_to(b->cli, &b->base);
	if (check_taken(b))
		check_no(b);
}

/* The lines of another row that begin with the words of this one, which removes. */
static void try_removal(struct bench *b, const struct rule *other, uint8_t mode)
{
	uint8_t mine = b->mode;
	unsigned state = 7;
	struct sample s;
	struct words ws;
	struct parse p;
	struct sb no;

	sb_init(&no);
	sample_line(other->syntax, 200, &state, &s);
	for (unsigned n = 1; n <= s.n; n++) {
		sb_clear(&no);
		sb_add(&no, "no ");
		sample_text(&s, 0, n, &no);
		words_split(&ws, no.s);
		bool meant = grammar_match(b->cli, mine, &ws, &p) == CLI_OK && p.rule == b->rule;
		words_fini(&ws);
		if (!meant)
			continue;
		b->mode = mine;
		enter(b);
		b->mode = mode;
		enter(b);
		print_to(b->cli, &b->base);
		sb_clear(&b->line);
		sample_text(&s, 0, s.n, &b->line);
		cli_exec(b->session, b->line.s, &b->out);
		print_to(b->cli, &b->print);
		b->taken += strcmp(b->print.s, b->base.s) != 0;
		b->mode = mine;
		enter(b);
		cr_assert_eq(cli_exec(b->session, no.s, &b->out), CLI_OK, "%s", no.s);
		print_to(b->cli, &b->print);
		cr_assert_str_eq(b->print.s, b->base.s, "%s leaves %s", no.s, b->line.s);
	}
	sb_fini(&no);
}

static bool is_statement(const struct rule *r)
{
	return r->row->flags & ROW_CONFIG && !(r->row->flags & (ROW_REMOVES | ROW_UNSAVED));
}

static void try_removals(struct bench *b)
{
	for (size_t i = 0; i < b->cli->rule_count; i++) {
		const struct rule *other = b->cli->rules[i];

		if (!is_statement(other) || other->row->flags & ROW_ALIAS)
			continue;
		for (uint8_t m = MODE_CONFIG; m < b->cli->mode_count; m++)
			if (other->row->modes & UINT64_C(1) << m &&
			    (m == b->mode || (b->rule->row->flags & ROW_OWNS &&
						 b->cli->modes[m].parent == b->mode)))
				try_removal(b, other, m);
	}
}

/* ---- all of it ---- */

static void try_line(struct bench *b, const struct sample *s)
{
	uint32_t flags = b->rule->row->flags;
	bool no = flags & ROW_REMOVES;

	sb_clear(&b->line);
	sb_add(&b->line, no ? "no " : "");
	sample_text(s, 0, s->n, &b->line);
	b->session->place.mode = b->mode; /* for completion, which asks for no block */
	check_read(b, b->line.s, no);
	check_words(b, s, no);
	if (is_statement(b->rule))
		try_statement(b);
}

static void try_rule(struct bench *b, const struct rule *r, uint8_t mode)
{
	struct cover *c = cover_new(r->syntax);
	struct sample s;

	b->rule = r;
	b->mode = mode;
	b->taken = 0;
	b->end_shown = false;
	memset(b->shown, 0, sizeof(b->shown));
	while (cover_next(c, &s))
		try_line(b, &s);
	if (r->row->flags & ROW_REMOVES)
		try_removals(b);
	if (is_statement(r) || r->row->flags & ROW_REMOVES)
		cr_assert(b->taken, "no line of \"%s\" is taken: %s: %s", r->row->syntax, b->line.s,
		    b->out.s);
	cover_free(c);
}

/* Rows as their syntax alone has them: nothing is refused, nothing stands for something else. */
static void strip_judges(struct cli_row *bare, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bare[i].check = NULL;
		if (!(bare[i].flags & ROW_ALIAS)) {
			bare[i].spell = NULL;
			bare[i].rewrite = NULL;
		}
	}
}

void property_rows(const struct cli_mode *modes, size_t mode_count, const struct cli_row *rows,
    size_t count, bool (*enabled)(const struct cli_row *row))
{
	static const struct cli_app none;
	struct cli_row *bare = mem_dup(rows, count * sizeof(*rows));
	struct bench b = {.cli = cli_new(&none, modes, mode_count, NULL, 0),
	    .again = cli_new(&none, modes, mode_count, NULL, 0)};

	strip_judges(bare, count);
	cli_add_rows(b.cli, bare, count);
	cli_add_rows(b.again, bare, count);
	cli_seal(b.cli);
	b.session = cli_session_new(b.cli, MODE_CONFIG);
	sb_init(&b.out);
	sb_init(&b.print);
	sb_init(&b.base);
	sb_init(&b.line);
	for (size_t i = 0; i < count; i++)
		for (uint8_t m = 0; m < mode_count; m++)
			if (bare[i].modes & UINT64_C(1) << m && (!enabled || enabled(&rows[i])))
				try_rule(&b, b.cli->rules[i], m);
	sb_fini(&b.out);
	sb_fini(&b.print);
	sb_fini(&b.base);
	sb_fini(&b.line);
	cli_session_free(b.session);
	cli_free(b.cli);
	cli_free(b.again);
	mem_free(bare);
}

void property_table(const struct cli_mode *modes, size_t mode_count, void (*add)(struct cli *c),
    bool (*enabled)(const struct cli_row *row))
{
	static const struct cli_app none;
	struct cli *c = cli_new(&none, modes, mode_count, NULL, 0);
	struct cli_row *rows;

	add(c);
	rows = mem_alloc(c->rule_count * sizeof(*rows) + 1);
	for (size_t i = 0; i < c->rule_count; i++)
		rows[i] = *c->rules[i]->row;
	property_rows(modes, mode_count, rows, c->rule_count, enabled);
	mem_free(rows);
	cli_free(c);
}
