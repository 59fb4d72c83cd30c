/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random configurations of a table: see cli_sample.h.
 *
 * The lines are made from the rows, of few names and addresses, so that they meet. One cli walks
 * from configuration to configuration; a second one reads what the first one prints.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/cli_enter.h"
#include "tests/unit/cli_sample.h"

enum { LINES = 40, WORLD = 4, DIFF_LINES = 2000, DIFF_TIMES = 4 };

struct walk {
	const struct random_plan *plan;
	struct cli *cli, *again;
	struct cli_session *session;
	size_t count; /* of the table's own rows, without the engine's */
	unsigned state;
	struct sb now, before, text, out;
};

static unsigned told; /* changes that the last apply was told */

static void count_changes(
    void *app, const struct conf *running, const struct conf_change *changes, size_t count)
{
	(void)app;
	(void)running;
	(void)changes;
	told += (unsigned)count;
}

static unsigned pick(struct walk *w, unsigned n)
{
	return sample_pick(&w->state, n);
}

static void print_to(struct cli *c, struct sb *to)
{
	sb_clear(to);
	cli_print(c, to);
}

static void tell_fault(void *ctx, const struct cli_fault *fault)
{
	if (fault->rc != CLI_OK)
		cli_fault_locate(fault, ctx);
}

/* The other one reads the text, from nothing. */
static void load_again(struct walk *w, const char *text)
{
	sb_clear(&w->out);
	cr_assert_eq(cli_reload(w->again, "", false, NULL, NULL, NULL), 0);
	if (cli_load(w->again, text, false, tell_fault, &w->out))
		sample_same(w->out.s, "", "loaded again", text);
}

/* ---- random lines ---- */

static void random_line(struct walk *w)
{
	const struct rule *r = w->cli->rules[pick(w, (unsigned)w->count)];
	uint8_t mode = (uint8_t)pick(w, MODE_MAX);
	struct sample s;

	if (!(r->row->flags & ROW_CONFIG))
		return;
	while (!(r->row->modes & UINT64_C(1) << mode))
		mode = (uint8_t)((mode + 1) % MODE_MAX);
	if (!sample_enter(w->session, mode, 2, &w->state))
		return;
	sample_line(r->syntax, WORLD, &w->state, &s);
	sb_clear(&w->text);
	if (r->row->flags & ROW_REMOVES || pick(w, 4) == 0)
		sb_add(&w->text, "no ");
	sample_text(&s, 0, s.n, &w->text);
	cli_exec(w->session, w->text.s, &w->out);
}

static void random_lines(struct walk *w)
{
	if (w->plan->begin)
		cli_load(w->cli, w->plan->begin, false, NULL, NULL);
	for (unsigned n = pick(w, 3 * LINES); n; n--)
		random_line(w);
	sb_clear(&w->out);
}

/* ---- in any order ---- */

struct line {
	const char *s;
	size_t len, depth;
};

struct shuffler {
	struct walk *w;
	struct line *l;
	struct sb *to;
};

static bool leaves(const struct line *l)
{
	return (l->len == 4 && !memcmp(l->s, "exit", 4)) ||
	       (l->len > 5 && !memcmp(l->s, "exit-", 5));
}

/* The lines of a text but for the separators; the caller frees them. */
static struct line *split_lines(const char *text, size_t *count)
{
	struct line *l = mem_alloc((strlen(text) + 1) * sizeof(*l));
	size_t n = 0;

	while (*text) {
		size_t depth = strspn(text, " "), len = strcspn(text, "\n");

		if (text[depth] != '!')
			l[n++] = (struct line){text + depth, len - depth, depth};
		text += len + (text[len] == '\n');
	}
	*count = n;
	return l;
}

/* One line, or a block with all that is in it and the line that leaves it. */
static size_t item_end(const struct line *l, size_t at, size_t end)
{
	size_t depth = l[at++].depth;

	while (at < end && l[at].depth > depth)
		at++;
	return at < end && l[at].depth == depth && leaves(&l[at]) ? at + 1 : at;
}

static bool is_ordered(const struct shuffler *sh, const struct line *l)
{
	char *text = mem_strndup(l->s, l->len);
	bool ordered = sh->w->plan->ordered && sh->w->plan->ordered(text);

	mem_free(text);
	return ordered;
}

static void put_line(const struct shuffler *sh, size_t i)
{
	sb_fmt(sh->to, "%*s%.*s\n", (int)sh->l[i].depth, "", (int)sh->l[i].len, sh->l[i].s);
}

/* Items whose order matters keep their places; the others change places among themselves. */
static void put_shuffled(const struct shuffler *sh, size_t from, size_t to)
{
	size_t *item = mem_alloc((to - from + 1) * sizeof(*item)), n = 0;
	bool *fixed = mem_alloc((to - from + 1) * sizeof(*fixed));

	for (size_t at = from; at < to; at = item_end(sh->l, at, to)) {
		fixed[n] = is_ordered(sh, &sh->l[at]);
		item[n++] = at;
	}
	for (size_t i = n; i > 1; i--) {
		size_t k = pick(sh->w, (unsigned)i), swap = item[k];

		if (fixed[i - 1] || fixed[k])
			continue;
		item[k] = item[i - 1];
		item[i - 1] = swap;
	}
	for (size_t i = 0; i < n; i++) {
		size_t end = item_end(sh->l, item[i], to);
		bool left = end > item[i] + 1 && leaves(&sh->l[end - 1]);

		put_line(sh, item[i]);
		put_shuffled(sh, item[i] + 1, end - left);
		if (left)
			put_line(sh, end - 1);
	}
	mem_free(item);
	mem_free(fixed);
}

static void check_order(struct walk *w)
{
	struct shuffler sh = {.w = w, .to = &w->text};
	size_t count;

	sh.l = split_lines(w->now.s, &count);
	sb_clear(&w->text);
	put_shuffled(&sh, 0, count);
	load_again(w, w->text.s);
	print_to(w->again, &w->out);
	sample_same(w->out.s, w->now.s, "lines in another order", w->text.s);
	mem_free(sh.l);
}

/* ---- the difference, typed ---- */

static bool is_value_of(const struct token *syntax, const struct token *leaf, bool inside)
{
	bool value = inside || syntax->value;

	if (syntax == leaf)
		return value;
	for (unsigned i = 0; i < syntax->count; i++)
		if (is_value_of(syntax->kids[i], leaf, value))
			return true;
	return false;
}

/* The row of two lines that say the same thing with other values, so that the second replaces the
 * first; NULL: they do not. */
static const struct cli_row *replaces(struct walk *w, const char *old, const char *new)
{
	struct words a, b;
	struct parse p, q;
	bool same;

	words_split(&a, old);
	words_split(&b, new);
	uint8_t mode = cli_session_mode(w->session);
	same = grammar_match(w->cli, mode, &a, &p) == CLI_OK &&
	       grammar_match(w->cli, mode, &b, &q) == CLI_OK && p.rule == q.rule;
	for (unsigned i = 0; same && i < p.n && i < q.n; i++)
		if (!is_value_of(p.rule->syntax, p.tok[i], false))
			same = q.tok[i] == p.tok[i] && !strcmp(p.words[i].s, q.words[i].s);
	words_fini(&a);
	words_fini(&b);
	return same ? p.rule->row : NULL;
}

/* A block that is there while something is in it: what was in it goes line by line. */
static bool only_entered(struct walk *w, const char *line)
{
	struct words ws;
	struct parse p;
	bool so;

	words_split(&ws, line);
	so = grammar_match(w->cli, cli_session_mode(w->session), &ws, &p) == CLI_OK &&
	     p.rule->row->flags & ROW_QUIET;
	words_fini(&ws);
	return so;
}

static void type_line(struct walk *w, char sign, const char *line, bool replaced)
{
	bool no = !strncmp(line, "no ", 3);

	sb_clear(&w->text);
	if (sign == '-' && !no && !only_entered(w, line))
		sb_add(&w->text, "no ");
	sb_add(&w->text, sign == '-' && no ? line + 3 : line);
	if (!replaced)
		cli_exec(w->session, w->text.s, &w->out);
}

/* A line with a smaller indentation than the block's is outside of it. */
static void climb(struct walk *w, size_t *inside, size_t depth)
{
	for (; *inside > depth; --*inside)
		cli_exec(w->session, "exit", &w->out);
}

/* False: a block is to have another value, which cannot be said by a line of the difference. */
static bool type_diff(struct walk *w, char *diff)
{
	char *lines[DIFF_LINES];
	size_t n = 0, inside = 0;

	for (char *line; (line = strsep(&diff, "\n"));)
		if (*line)
			lines[n++] = line;
	cr_assert_lt(n, DIFF_LINES);
	cli_session_set_mode(w->session, MODE_CONFIG);
	for (size_t i = 0; i < n; i++) {
		size_t depth = strspn(lines[i] + 1, " ");
		const struct cli_row *row = NULL;
		uint8_t mode;

		climb(w, &inside, depth);
		mode = cli_session_mode(w->session);
		if (lines[i][0] == '-' && i + 1 < n && lines[i + 1][0] == '+')
			row = replaces(w, lines[i] + 1 + depth, lines[i + 1] + 1 + depth);
		if (row && row->flags & ROW_BLOCK)
			return false;
		type_line(w, lines[i][0], lines[i] + 1 + depth, row != NULL);
		inside += cli_session_mode(w->session) != mode;
	}
	return true;
}

/* As a user who reads the difference between the two and types it. */
static bool follow_diff(struct walk *w, struct sb *diff)
{
	struct cli_session *own = w->session;
	char *text;
	bool can;

	sb_clear(diff);
	conf_diff(w->again->running, w->cli->running, false, diff);
	text = mem_strdup(diff->s);
	w->session = cli_session_new(w->again, MODE_CONFIG);
	sb_clear(&w->out);
	can = type_diff(w, text);
	cli_session_free(w->session);
	w->session = own;
	mem_free(text);
	return can;
}

/* The configuration before, led to this one. A line that goes or comes may take others along that
 * were not meant (the members of a group without an AS number, `bgp default shutdown`): they are
 * the difference once more. */
static void check_diff(struct walk *w)
{
	bool can = true;
	struct sb diff;

	cr_assert_eq(cli_reload(w->again, w->before.s, false, NULL, NULL, NULL), 0);
	/* another profile means something else by a line that is not there */
	if (conf_profile(w->cli->running) != conf_profile(w->again->running))
		return;
	sb_init(&diff);
	for (unsigned i = 0; i < DIFF_TIMES && can; i++)
		can = follow_diff(w, &diff);
	print_to(w->again, &w->text);
	if (can)
		sample_same(w->text.s, w->now.s, "the difference typed", diff.s);
	sb_fini(&diff);
}

/* ---- the walk ---- */

/* What runs loads into the other and prints the same; doing it again changes nothing. */
static void check_fixpoint(struct walk *w)
{
	print_to(w->cli, &w->now);
	load_again(w, w->now.s);
	print_to(w->again, &w->out);
	sample_same(w->out.s, w->now.s, "loaded again", w->now.s);
	told = 0;
	cr_assert_eq(cli_reload(w->cli, w->now.s, false, NULL, NULL, NULL), 0);
	cr_assert_eq(told, 0, "reload of what runs:\n%s", w->now.s);
}

/* Back to the configuration before, and here again. */
static void check_pair(struct walk *w)
{
	cr_assert_eq(cli_reload(w->cli, w->before.s, false, NULL, NULL, NULL), 0);
	print_to(w->cli, &w->text);
	sample_same(w->text.s, w->before.s, "reloaded", w->now.s);
	cr_assert_eq(cli_reload(w->cli, w->now.s, false, NULL, NULL, NULL), 0);
	print_to(w->cli, &w->text);
	cr_assert_str_eq(
	    w->text.s, w->now.s, "from\n%sbecomes\n%snot\n%s", w->before.s, w->text.s, w->now.s);
}

static void one_round(struct walk *w)
{
	if (pick(w, 4) == 0)
		cli_reload(w->cli, "", false, NULL, NULL, NULL);
	random_lines(w);
	check_fixpoint(w);
	check_order(w);
	if (w->before.len)
		check_pair(w);
	if (w->before.len && w->plan->app)
		check_diff(w);
	sb_clear(&w->before);
	sb_add(&w->before, w->now.s);
}

static struct cli *open_cli(const struct random_plan *plan, const struct cli_row *bare, size_t n,
    void (*add)(struct cli *c))
{
	const struct cli_app app = {.app = plan->app, .apply = count_changes};
	struct cli *c = cli_new(&app, plan->modes, plan->mode_count, NULL, 0);

	if (bare)
		cli_add_rows(c, bare, n);
	else
		add(c);
	return c;
}

/* The rows without what judges a line by others. NULL if the plan has checks; the caller frees. */
static struct cli_row *bare_rows(
    const struct random_plan *plan, void (*add)(struct cli *c), size_t *count)
{
	struct cli *c = open_cli(plan, NULL, 0, add);
	struct cli_row *bare = plan->app ? NULL : mem_alloc(c->rule_count * sizeof(*bare));

	*count = c->rule_count;
	for (size_t i = 0; bare && i < c->rule_count; i++) {
		bare[i] = *c->rules[i]->row;
		bare[i].check = NULL;
		bare[i].begins = NULL;
		bare[i].is_on = NULL;
		if (!(bare[i].flags & ROW_ALIAS)) {
			bare[i].spell = NULL;
			bare[i].rewrite = NULL;
		}
	}
	cli_free(c);
	return bare;
}

void property_random(const struct random_plan *plan, void (*add)(struct cli *c))
{
	struct walk w = {.plan = plan, .state = sample_seed(1)};
	struct cli_row *bare = bare_rows(plan, add, &w.count);

	w.cli = open_cli(plan, bare, w.count, add);
	w.again = open_cli(plan, bare, w.count, add);
	w.session = cli_session_new(w.cli, MODE_CONFIG);
	sb_init(&w.now);
	sb_init(&w.before);
	sb_init(&w.text);
	sb_init(&w.out);
	for (unsigned i = 0; i < plan->rounds; i++)
		one_round(&w);
	sb_fini(&w.now);
	sb_fini(&w.before);
	sb_fini(&w.text);
	sb_fini(&w.out);
	cli_session_free(w.session);
	cli_free(w.cli);
	cli_free(w.again);
	mem_free(bare);
}
