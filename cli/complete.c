/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Completion and `?`: what may stand at the end of a line.
 *
 * All rows of the mode are walked with the words before the last one; each token that could follow
 * comes back with the ranks of the words, and where a word is a whole keyword of some row, readings
 * that take it as an abbreviation fall away. What is left is filtered by the last, unfinished word,
 * merged by text and sorted.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/internal.h"

struct candidate {
	const struct rule *rule;
	const struct token *tok; /* NULL: the line may end here */
	uint8_t *rank;
	unsigned n; /* ranks */
};

struct completer {
	const struct cli *cli;
	struct words ws;
	unsigned first; /* words in front that do not count: `do` */
	unsigned n;     /* complete words */
	struct word last;
	uint8_t mode;
	bool no_word; /* `no` may stand here */
	struct arena *arena;
	struct candidate *c;
	size_t count, cap;
};

void cli_offer(struct cli_words *to, const char *word)
{
	if (to->n == to->cap) {
		to->cap = to->cap ? to->cap * 2 : 16;
		to->w = mem_realloc(to->w, to->cap * sizeof(*to->w));
	}
	to->w[to->n++] = mem_strdup(word);
}

static void free_words(struct cli_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		mem_free(w->w[i]);
	mem_free(w->w);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect(
    void *ctx, const struct rule *rule, const struct token *tok, const uint8_t *rank, unsigned n)
{
	struct completer *co = ctx;

	if (rule->row->flags & ROW_HIDDEN)
		return;
	if (co->count == co->cap) {
		co->cap = co->cap ? co->cap * 2 : 64;
		co->c = mem_realloc(co->c, co->cap * sizeof(*co->c));
	}
	co->c[co->count++] = (struct candidate){rule, tok, mem_dup(rank, n + 1), n};
}

/* The rank that word number i of the line has in a candidate; `no` in front is no word of the row.
 */
static enum rank rank_at(const struct completer *co, const struct candidate *c, unsigned i)
{
	unsigned words = co->n - co->first, skipped = words - c->n;

	if (i >= skipped)
		return (enum rank)c->rank[i - skipped];
	return co->ws.w[co->first + i].len == 2 ? RANK_EXACT : RANK_PREFIX;
}

/* A whole keyword keeps abbreviations out. */
static void prefer_exact(struct completer *co)
{
	for (unsigned i = 0; i < co->n - co->first; i++) {
		bool exact = false;
		size_t kept = 0;

		for (size_t k = 0; k < co->count; k++)
			exact |= rank_at(co, &co->c[k], i) == RANK_EXACT;
		for (size_t k = 0; k < co->count; k++) {
			if (exact && rank_at(co, &co->c[k], i) == RANK_PREFIX)
				mem_free(co->c[k].rank);
			else
				co->c[kept++] = co->c[k];
		}
		co->count = kept;
	}
}

static bool can_negate(const struct cli *c, uint8_t mode)
{
	const struct mode_index *ix = &c->index[mode];

	for (size_t i = 0; i < ix->n; i++) {
		uint32_t flags = ix->e[i].rule->row->flags;

		if (flags & ROW_HIDDEN)
			continue;
		if (flags & ROW_REMOVES ||
		    (flags & ROW_CONFIG ? !(flags & ROW_NO_NO) : flags & ROW_NO))
			return true;
	}
	return false;
}

static void completer_init(struct completer *co, struct cli_session *s, const char *line)
{
	const struct word empty = {"", 0};
	unsigned words;

	memset(co, 0, sizeof(*co));
	co->cli = s->cli;
	co->mode = s->place.mode;
	co->arena = arena_new();
	words_split(&co->ws, line);
	co->n = co->ws.n;
	co->last = empty;
	if (co->ws.open && co->n)
		co->last = co->ws.w[--co->n];
	if (co->mode >= MODE_CONFIG && co->n && !strcmp(co->ws.w[0].s, "do")) {
		co->mode = MODE_ENABLE;
		co->first = 1;
	}
	words = co->n - co->first;
	grammar_expect(co->cli, co->mode, co->ws.w + co->first, words, collect, co);
	if (s->aside && co->mode >= MODE_CONFIG)
		grammar_expect(co->cli, MODE_CANDIDATE, co->ws.w, words, collect, co);
	prefer_exact(co);
	co->no_word = !words && can_negate(co->cli, co->mode);
}

static void completer_fini(struct completer *co)
{
	for (size_t i = 0; i < co->count; i++)
		mem_free(co->c[i].rank);
	mem_free(co->c);
	arena_free(co->arena);
	words_fini(&co->ws);
}

/* ---- what is shown: texts, each once, sorted ---- */

struct item {
	const char *text, *help;
	const struct token *tok; /* NULL: <cr> or `no` */
	bool pad;                /* <cr> of a command of the shell */
};

struct items {
	struct item *i;
	size_t n, cap;
};

static void add_item(struct items *to, struct item item)
{
	if (to->n == to->cap) {
		to->cap = to->cap ? to->cap * 2 : 32;
		to->i = mem_realloc(to->i, to->cap * sizeof(*to->i));
	}
	to->i[to->n++] = item;
}

/* The end of the line comes first, the rest as bytes. */
static int compare_items(const void *va, const void *vb)
{
	const struct item *a = va, *b = vb;
	bool end_a = !strcmp(a->text, "<cr>"), end_b = !strcmp(b->text, "<cr>");

	return end_a != end_b ? end_b - end_a : strcmp(a->text, b->text);
}

/* Sorted, and each text once: there may be as many names as neighbors. */
static void settle_items(struct items *to)
{
	size_t kept = 0;

	if (to->n)
		qsort(to->i, to->n, sizeof(*to->i), compare_items);
	for (size_t i = 0; i < to->n; i++) {
		struct item *last = kept ? &to->i[kept - 1] : NULL;

		if (!last || strcmp(last->text, to->i[i].text) != 0) {
			to->i[kept++] = to->i[i];
			continue;
		}
		last->pad |= to->i[i].pad;
		if (!*last->help)
			last->help = to->i[i].help;
	}
	to->n = kept;
}

static const char *help_of(const struct completer *co, const struct candidate *c)
{
	bool no = co->n - co->first > c->n;

	return no && c->tok->no_help ? c->tok->no_help : c->tok->help;
}

static void items_of(const struct completer *co, struct items *to)
{
	*to = (struct items){0};
	for (size_t k = 0; k < co->count; k++) {
		const struct candidate *c = &co->c[k];

		if (c->tok && token_begins(c->tok, &co->last))
			add_item(to, (struct item){c->tok->text, help_of(co, c), c->tok, false});
		else if (!c->tok && !co->last.len)
			add_item(
			    to, (struct item){"<cr>", "", NULL, c->rule->row->flags & ROW_SHELL});
	}
	if (co->no_word && !strncmp("no", co->last.s, co->last.len))
		add_item(
		    to, (struct item){"no", "Negate a command or set its defaults", NULL, false});
	settle_items(to);
}

/* ---- existing names for variable tokens ---- */

static bool is_best(const struct items *all, const struct token *tok, const char *word)
{
	struct word w = {word, strlen(word)};
	enum rank mine = token_rank(tok, &w);

	for (size_t i = 0; i < all->n; i++) {
		const struct token *other = all->i[i].tok;

		if (other && other->kind != TOKEN_KEYWORD && token_rank(other, &w) > mine)
			return false;
	}
	return mine != RANK_NONE;
}

/* The names that fit the token, no other token better, and the last word; sorted. */
static void names_for(const struct completer *co, struct cli_session *s, const struct items *all,
    const struct token *tok, struct cli_words *names)
{
	const struct cli_app *app = &co->cli->app;
	size_t kept = 0;

	*names = (struct cli_words){0};
	if (!tok || tok->kind == TOKEN_KEYWORD || !app->offer)
		return;
	app->offer(app->app, cli_session_block(s), tok->group ? tok->group : tok->name, names);
	for (size_t i = 0; i < names->n; i++) {
		char *w = names->w[i];

		if (!strncmp(w, co->last.s, co->last.len) && is_best(all, tok, w))
			names->w[kept++] = w;
		else
			mem_free(w);
	}
	names->n = kept;
	if (kept)
		qsort(names->w, kept, sizeof(*names->w), compare_text);
}

/* ---- TAB ---- */

static void complete_item(const struct completer *co, struct cli_session *s,
    const struct items *all, const struct item *item, struct items *words)
{
	struct cli_words names;

	if (!strcmp(item->text, "<cr>"))
		return;
	if (!item->tok || item->tok->kind == TOKEN_KEYWORD) {
		add_item(words, *item);
		return;
	}
	names_for(co, s, all, item->tok, &names);
	for (size_t i = 0; i < names.n; i++)
		add_item(
		    words, (struct item){arena_strndup(co->arena, names.w[i], strlen(names.w[i])),
			       item->help, NULL, false});
	free_words(&names);
}

enum cli_rc cli_complete(struct cli_session *s, const char *line, struct sb *to)
{
	struct items all, words = {0};
	struct completer co;
	enum cli_rc rc;

	completer_init(&co, s, line);
	items_of(&co, &all);
	for (size_t i = 0; i < all.n; i++)
		complete_item(&co, s, &all, &all.i[i], &words);
	settle_items(&words);
	for (size_t i = 0; i < words.n; i++)
		sb_fmt(to, "%s\t%s\n", words.i[i].text, words.i[i].help);
	rc = all.n ? CLI_OK : CLI_NO_MATCH;
	mem_free(words.i);
	mem_free(all.i);
	completer_fini(&co);
	return rc;
}

/* ---- ? ---- */

enum { NAMES_INDENT = 5 };

static void explain_names(const struct cli_words *names, unsigned width, struct sb *to)
{
	size_t start = to->len;

	if (!names->n)
		return;
	sb_fmt(to, "%*s", NAMES_INDENT, "");
	for (size_t i = 0; i < names->n; i++) {
		size_t len = strlen(names->w[i]) + 1;

		if (to->len - start > NAMES_INDENT && to->len - start + len > width) {
			start = to->len + 1;
			sb_fmt(to, "\n%*s", NAMES_INDENT, "");
		}
		sb_fmt(to, "%s ", names->w[i]);
	}
	sb_addc(to, '\n');
}

static void explain_item(const struct item *item, unsigned column, struct sb *to)
{
	if (item->tok || item->pad || strcmp(item->text, "<cr>") != 0)
		sb_fmt(to, "  %-*s  %s\n", (int)column, item->text, item->help);
	else
		sb_add(to, "  <cr>\n");
}

enum cli_rc cli_explain(struct cli_session *s, const char *line, unsigned width, struct sb *to)
{
	struct cli_words names;
	struct completer co;
	struct items all;
	size_t column = 0;
	enum cli_rc rc;

	completer_init(&co, s, line);
	items_of(&co, &all);
	for (size_t i = 0; i < all.n; i++)
		if (strlen(all.i[i].text) > column)
			column = strlen(all.i[i].text);
	for (size_t i = 0; i < all.n; i++) {
		explain_item(&all.i[i], (unsigned)column, to);
		names_for(&co, s, &all, all.i[i].tok, &names);
		explain_names(&names, width, to);
		free_words(&names);
	}
	rc = all.n ? CLI_OK : CLI_NO_MATCH;
	if (rc != CLI_OK)
		sb_add(to, "% There is no matched command.\n");
	mem_free(all.i);
	completer_fini(&co);
	return rc;
}
