/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sample lines and the properties of rows. See cli_sample.h. */
#include "tests/unit/cli_sample.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cli/internal.h"

struct sampler {
	unsigned seed;
	struct sample *to;
};

static unsigned pick(struct sampler *s, unsigned n)
{
	s->seed = s->seed * 1103515245u + 12345u;
	return (s->seed >> 16) % n;
}

static void add_word(struct sampler *s, bool keyword, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void add_word(struct sampler *s, bool keyword, const char *fmt, ...)
{
	struct sample_word *w = &s->to->w[s->to->n++];
	va_list ap;

	cr_assert(s->to->n < sizeof(s->to->w) / sizeof(s->to->w[0]));
	w->keyword = keyword;
	va_start(ap, fmt);
	vsnprintf(w->text, sizeof(w->text), fmt, ap);
	va_end(ap);
}

static void sample_leaf(struct sampler *s, const struct token *t)
{
	int64_t ends[] = {t->lo, t->hi, t->lo + (t->hi - t->lo) / 3};
	unsigned n = pick(s, 200);

	switch ((enum token_kind)t->kind) {
	case TOKEN_KEYWORD:
		add_word(s, true, "%s", t->text);
		break;
	case TOKEN_RANGE:
		add_word(s, false, "%lld", (long long)ends[n % 3]);
		break;
	case TOKEN_ASNUM:
		add_word(s, false, n % 5 ? "%u" : "1.%u", 64512 + n);
		break;
	case TOKEN_IPV4:
		add_word(s, false, "10.0.0.%u", n);
		break;
	case TOKEN_IPV4_PREFIX:
		add_word(s, false, "10.%u.0.0/16", n);
		break;
	case TOKEN_IPV6:
		add_word(s, false, "2001:db8::%x", n + 1);
		break;
	case TOKEN_IPV6_PREFIX:
		add_word(s, false, "2001:db8:%x::/48", n + 1);
		break;
	case TOKEN_MAC:
		add_word(s, false, "02:00:00:00:00:%02x", n);
		break;
	default:
		add_word(s, false, "Zz%u", n);
	}
}

static void sample_token(struct sampler *s, const struct token *t)
{
	unsigned used = 0, i;

	switch (t->kind) {
	case TOKEN_SEQ:
		for (i = 0; i < t->count; i++)
			sample_token(s, t->kids[i]);
		break;
	case TOKEN_ALT:
		sample_token(s, t->kids[pick(s, t->count)]);
		break;
	case TOKEN_OPT:
		if (pick(s, 2))
			sample_token(s, t->kids[0]);
		break;
	case TOKEN_NO_OPT:
		sample_token(s, t->kids[0]);
		break;
	case TOKEN_ANY:
		do {
			i = pick(s, t->count);
			if (!(used & 1u << i))
				sample_token(s, t->kids[i]);
			used |= 1u << i;
		} while (pick(s, 2));
		break;
	default:
		sample_leaf(s, t);
		if (t->repeat && pick(s, 2))
			sample_leaf(s, t);
	}
}

void sample_line(const struct cli_row *row, unsigned seed, struct sample *to)
{
	struct cli fake = {.arena = arena_new()};
	struct sampler s = {seed * 2654435761u + 1, to};
	uint16_t leaves;

	to->n = 0;
	sample_token(&s, syntax_parse(&fake, row, &leaves));
	arena_free(fake.arena);
}

void sample_text(const struct sample *s, unsigned from, unsigned to, struct sb *out)
{
	for (unsigned i = from; i < to; i++)
		sb_fmt(out, "%s%s", i > from ? " " : "", s->w[i].text);
}

/* ---- properties ---- */

struct bench {
	struct cli *cli;
	const struct cli_row *rows;
	size_t count;
	struct cli_session *session;
	struct sb out, print, base, line;
};

static struct cli *make_cli(
    const struct cli_mode *modes, size_t mode_count, const struct cli_row *rows, size_t count)
{
	static const struct cli_app none;
	struct cli *c = cli_new(&none, modes, mode_count, NULL, 0);

	cli_add_rows(c, rows, count);
	return c;
}

static void print_to(struct cli *c, struct sb *to)
{
	sb_clear(to);
	cli_print(c, to);
}

/* Leads the session into a block of the mode; false: the table has no way there. */
static bool enter_mode(struct bench *b, uint8_t mode)
{
	const struct cli_row *row;
	struct sample s;
	struct sb line;
	bool done = mode == MODE_CONFIG;

	if (done)
		cli_session_set_mode(b->session, MODE_CONFIG);
	for (size_t i = 0; !done && i < b->count; i++) {
		row = &b->rows[i];
		if (!(row->flags & ROW_BLOCK) || row->flags & ROW_ALIAS || row->enters != mode)
			continue;
		for (uint8_t m = MODE_CONFIG; !done && m < MODE_MAX; m++) {
			if (!(row->modes & UINT64_C(1) << m) || !enter_mode(b, m))
				continue;
			sample_line(row, 1, &s);
			sb_init(&line);
			sample_text(&s, 0, s.n, &line);
			done = cli_exec(b->session, line.s, &b->out) == CLI_OK &&
			       cli_session_mode(b->session) == mode;
			sb_fini(&line);
		}
	}
	return done;
}

/* The line is taken, prints as what reads back, and saying it again changes nothing. */
static void check_taken(struct bench *b, const struct cli_mode *modes, size_t mode_count)
{
	struct cli *again = make_cli(modes, mode_count, b->rows, b->count);
	struct sb text;
	enum cli_rc rc;

	sb_init(&text);
	sb_clear(&b->out);
	rc = cli_exec(b->session, b->line.s, &b->out);
	cr_assert_eq(rc, CLI_OK, "%s: rc %d %s", b->line.s, rc, b->out.s);
	print_to(b->cli, &b->print);
	cr_assert_eq(cli_load(again, b->print.s, false, NULL, NULL), 0, "%s: does not load:\n%s",
	    b->line.s, b->print.s);
	print_to(again, &text);
	cr_assert_str_eq(text.s, b->print.s, "%s: not a fixpoint", b->line.s);
	cli_free(again);
	sb_fini(&text);
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

/* Completion offers every keyword; the shortest prefix that nothing else has is as good. */
static void check_words(struct bench *b, const struct cli_row *row, const struct sample *s)
{
	struct sb so_far, brief;
	unsigned rivals, len;

	sb_init(&so_far);
	sb_init(&brief);
	for (unsigned i = 0; i < s->n; i++) {
		const char *word = s->w[i].text;

		if (i)
			sb_addc(&brief, ' ');
		if (!s->w[i].keyword || row->flags & ROW_HIDDEN) {
			sb_add(&brief, word);
			continue;
		}
		for (len = 0; len <= strlen(word); len++) {
			sb_clear(&so_far);
			sample_text(s, 0, i, &so_far);
			sb_fmt(&so_far, "%s%.*s", i ? " " : "", (int)len, word);
			cr_assert(is_offered(b, so_far.s, word, &rivals),
			    "%s: %s not offered behind \"%s\"", b->line.s, word, so_far.s);
			if (len && !rivals)
				break;
		}
		sb_fmt(&brief, "%.*s", (int)len, word);
	}
	sb_clear(&b->out);
	cr_assert_eq(cli_exec(b->session, brief.s, &b->out), CLI_OK, "%s: %s", brief.s, b->out.s);
	sb_clear(&so_far);
	cli_print(b->cli, &so_far);
	cr_assert_str_eq(so_far.s, b->print.s, "\"%s\" is not \"%s\"", brief.s, b->line.s);
	sb_fini(&so_far);
	sb_fini(&brief);
}

static void check_no(struct bench *b, const struct cli_row *row)
{
	struct sb no;

	if (row->flags & (ROW_NO_NO | ROW_QUIET))
		return;
	sb_init(&no);
	sb_fmt(&no, "no %s", b->line.s);
	sb_clear(&b->out);
	cr_assert_eq(cli_exec(b->session, no.s, &b->out), CLI_OK, "%s: %s", no.s, b->out.s);
	print_to(b->cli, &b->print);
	/* on by default: now the negation stands there, and the line takes it away */
	if (strcmp(b->print.s, b->base.s) != 0 &&
	    (row->flags & (ROW_ON | ROW_ON_TRADITIONAL) || row->is_on)) {
		cli_exec(b->session, b->line.s, &b->out);
		print_to(b->cli, &b->print);
	}
	cr_assert_str_eq(b->print.s, b->base.s, "%s does not take it away", no.s);
	sb_fini(&no);
}

static void check_row(struct bench *b, const struct cli_mode *modes, size_t mode_count,
    const struct cli_row *row, uint8_t mode, unsigned seed)
{
	struct sample s;

	b->cli = make_cli(modes, mode_count, b->rows, b->count);
	b->session = cli_session_new(b->cli, MODE_CONFIG);
	cr_assert(enter_mode(b, mode), "no way into mode %s", modes[mode].name);
	print_to(b->cli, &b->base);
	sample_line(row, seed, &s);
	sb_clear(&b->line);
	sample_text(&s, 0, s.n, &b->line);
	check_taken(b, modes, mode_count);
	if (row->flags & ROW_BLOCK) {
		cli_session_set_mode(b->session, MODE_CONFIG);
		enter_mode(b, mode);
	}
	check_words(b, row, &s);
	if (row->flags & ROW_BLOCK) {
		cli_session_set_mode(b->session, MODE_CONFIG);
		enter_mode(b, mode);
	}
	check_no(b, row);
	cli_session_free(b->session);
	cli_free(b->cli);
}

enum { SEEDS = 4 };

/* Rows as their syntax alone has them: nothing is refused, nothing stands for something else. */
static void strip_judges(struct cli_row *bare, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bare[i].check = NULL;
		if (!(bare[i].flags & ROW_ALIAS))
			bare[i].rewrite = NULL;
	}
}

void property_rows(const struct cli_mode *modes, size_t mode_count, const struct cli_row *rows,
    size_t count, bool (*enabled)(const struct cli_row *row))
{
	struct cli_row *bare = mem_dup(rows, count * sizeof(*rows));
	struct bench b = {.rows = bare, .count = count};

	strip_judges(bare, count);
	sb_init(&b.out);
	sb_init(&b.print);
	sb_init(&b.base);
	sb_init(&b.line);
	for (size_t i = 0; i < count; i++) {
		if (!(bare[i].flags & ROW_CONFIG) ||
		    bare[i].flags & (ROW_ALIAS | ROW_REMOVES | ROW_UNSAVED))
			continue;
		if (enabled && !enabled(&rows[i]))
			continue;
		for (uint8_t m = 0; m < mode_count; m++)
			for (unsigned seed = 0; seed < SEEDS && bare[i].modes & UINT64_C(1) << m;
			     seed++)
				check_row(&b, modes, mode_count, &bare[i], m, seed);
	}
	sb_fini(&b.out);
	sb_fini(&b.print);
	sb_fini(&b.base);
	sb_fini(&b.line);
	mem_free(bare);
}

/* ---- random configurations ---- */

static unsigned told; /* changes that the last apply was told */

static void count_changes(
    void *app, const struct conf *running, const struct conf_change *changes, size_t count)
{
	(void)app;
	(void)running;
	(void)changes;
	told += (unsigned)count;
}

static void random_lines(struct bench *b, unsigned seed)
{
	struct sample to;
	struct sampler s = {seed, &to};
	const struct cli_row *row;

	for (unsigned n = pick(&s, 40); n; n--) {
		row = &b->rows[pick(&s, (unsigned)b->count)];
		uint8_t mode = (uint8_t)pick(&s, MODE_MAX);

		while (row->modes && !(row->modes & UINT64_C(1) << mode % MODE_MAX))
			mode++;
		if (!(row->flags & ROW_CONFIG) || !enter_mode(b, mode % MODE_MAX))
			continue;
		sample_line(row, pick(&s, 50), &to);
		sb_clear(&b->line);
		sb_add(&b->line, pick(&s, 4) ? "" : "no ");
		sample_text(&to, 0, to.n, &b->line);
		cli_exec(b->session, b->line.s, &b->out);
	}
}

/* What runs in c loads into a fresh cli and prints the same; doing it again changes nothing. */
static void check_fixpoint(struct bench *b, const struct cli_mode *modes, size_t mode_count)
{
	struct cli *again = make_cli(modes, mode_count, b->rows, b->count);

	print_to(b->cli, &b->base);
	cr_assert_eq(
	    cli_load(again, b->base.s, false, NULL, NULL), 0, "does not load:\n%s", b->base.s);
	print_to(again, &b->print);
	cr_assert_str_eq(
	    b->print.s, b->base.s, "not a fixpoint:\n%s---\n%s", b->base.s, b->print.s);
	told = 0;
	cr_assert_eq(cli_reload(b->cli, b->base.s, false, NULL, NULL, NULL), 0);
	cr_assert_eq(told, 0, "reload of what runs:\n%s", b->base.s);
	cli_free(again);
}

void property_random(const struct cli_mode *modes, size_t mode_count, const struct cli_row *rows,
    size_t count, unsigned rounds)
{
	const struct cli_app app = {.apply = count_changes};
	struct cli_row *bare = mem_dup(rows, count * sizeof(*rows));
	struct bench b = {.rows = bare, .count = count};
	struct sb last;

	strip_judges(bare, count);
	sb_init(&b.out);
	sb_init(&b.print);
	sb_init(&b.base);
	sb_init(&b.line);
	sb_init(&last);
	for (unsigned round = 0; round < rounds; round++) {
		b.cli = cli_new(&app, modes, mode_count, NULL, 0);
		cli_add_rows(b.cli, bare, count);
		b.session = cli_session_new(b.cli, MODE_CONFIG);
		random_lines(&b, round * 7919 + 1);
		check_fixpoint(&b, modes, mode_count);
		/* on to the configuration of the round before, through the difference */
		cr_assert_eq(cli_reload(b.cli, last.s, false, NULL, NULL, NULL), 0);
		print_to(b.cli, &b.print);
		if (last.len)
			cr_assert_str_eq(b.print.s, last.s, "from\n%sbecomes\n%snot\n%s", b.base.s,
			    b.print.s, last.s);
		sb_clear(&last);
		sb_add(&last, b.base.s);
		cli_session_free(b.session);
		cli_free(b.cli);
		sb_clear(&b.out);
	}
	sb_fini(&last);
	sb_fini(&b.out);
	sb_fini(&b.print);
	sb_fini(&b.base);
	sb_fini(&b.line);
	mem_free(bare);
}

void property_table(const struct cli_mode *modes, size_t mode_count, void (*add)(struct cli *c),
    bool (*enabled)(const struct cli_row *row))
{
	struct cli *c = make_cli(modes, mode_count, NULL, 0);
	struct cli_row *rows;

	add(c);
	rows = mem_alloc(c->rule_count * sizeof(*rows) + 1);
	for (size_t i = 0; i < c->rule_count; i++)
		rows[i] = *c->rules[i]->row;
	property_rows(modes, mode_count, rows, c->rule_count, enabled);
	property_random(modes, mode_count, rows, c->rule_count, 200);
	mem_free(rows);
	cli_free(c);
}
