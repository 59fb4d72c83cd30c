/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The grammar: compiled rows, in the order of the table, and for each mode an index by first word.
 *
 * Rows may be added until the first line is read; then the engine adds its own commands, and the
 * indexes are sorted. After that nothing here changes until cli_free.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/internal.h"

struct cli *cli_new(const struct cli_app *app, const struct cli_mode *modes, size_t mode_count,
    const struct cli_word *lexicon, size_t word_count)
{
	struct cli *c = mem_zalloc(sizeof(*c));

	assert(mode_count >= MODE_FIRST && mode_count <= MODE_CANDIDATE);
	c->app = *app;
	c->modes = modes;
	c->mode_count = mode_count;
	c->lexicon = lexicon;
	c->lexicon_count = word_count;
	c->arena = arena_new();
	c->running = conf_new(c);
	return c;
}

void cli_free(struct cli *c)
{
	if (!c)
		return;
	conf_free(c->running);
	history_free(c->history);
	for (size_t m = 0; m < MODE_MAX; m++)
		mem_free(c->index[m].e);
	mem_free(c->rules);
	arena_free(c->arena);
	mem_free(c);
}

const struct conf *cli_running(const struct cli *c)
{
	return c->running;
}

const char *cli_hostname(const struct cli *c)
{
	const char *name = c->app.hostname ? c->app.hostname(c->app.app) : NULL;

	return name ? name : "";
}

/* The keywords in front of the first argument. */
static const char *family_words(struct cli *c, const struct token *syntax)
{
	const char *words;
	struct sb text;

	sb_init(&text);
	for (unsigned i = 0; i < syntax->count && syntax->kids[i]->fixed; i++) {
		if (i)
			sb_addc(&text, ' ');
		sb_add(&text, syntax->kids[i]->text);
	}
	words = arena_strndup(c->arena, text.s, text.len);
	sb_fini(&text);
	return words;
}

static struct row_family *family_get(struct cli *c, const char *words)
{
	struct row_family *f = c->families;

	while (f && strcmp(f->words, words) != 0)
		f = f->next;
	if (f)
		return f;
	f = arena_alloc(c->arena, sizeof(*f));
	*f = (struct row_family){.words = words, .next = c->families};
	memset(f->pos, 0xff, sizeof(f->pos));
	c->families = f;
	return f;
}

static void add_leaves(struct row_family *f, const struct token *t)
{
	for (unsigned i = 0; i < t->count; i++)
		add_leaves(f, t->kids[i]);
	if (t->kind >= TOKEN_LEAVES)
		return;
	for (unsigned i = 0; i < f->leaves; i++)
		if (f->leaf[i]->kind == t->kind &&
		    (t->kind == TOKEN_WORD || !strcmp(f->leaf[i]->text, t->text)))
			return;
	assert(f->leaves < FAMILY_LEAVES);
	f->leaf[f->leaves++] = t;
}

static void join_family(struct cli *c, struct rule *r)
{
	struct row_family *f = family_get(c, family_words(c, r->syntax));

	r->family = f;
	for (unsigned i = 0; i < r->syntax->count; i++) {
		if (r->syntax->kids[i]->fixed)
			continue;
		add_leaves(f, r->syntax->kids[i]);
		break;
	}
	if (r->row->flags & ROW_FIRST)
		f->leader = r;
	if (r->row->flags & ROW_UNDER)
		f->under = r;
	f->by_len |= (r->row->flags & ROW_BY_LEN) != 0;
	for (unsigned m = 0; m < MODE_MAX; m++)
		if (r->row->modes & UINT64_C(1) << m && r->seq < f->pos[m])
			f->pos[m] = r->seq;
}

static void index_add(struct mode_index *ix, struct rule *r)
{
	const struct token *first = r->syntax->count ? r->syntax->kids[0] : NULL;
	bool plain = first && first->fixed;

	if (ix->n == ix->cap) {
		ix->cap = ix->cap ? ix->cap * 2 : 32;
		ix->e = mem_realloc(ix->e, ix->cap * sizeof(*ix->e));
	}
	ix->e[ix->n++] = (struct index_entry){
	    .first = plain ? first->text : "", .len = plain ? first->len : 0, .rule = r};
	ix->wild += !plain;
}

/* What a row must not say: a bug in a table, found by the first test that makes a cli. */
static void check_row(const struct cli *c, const struct cli_row *row)
{
	uint32_t f = row->flags;
	const char *what = NULL;

	if (!(row->modes & (UINT64_MAX >> (MODE_MAX - c->mode_count))))
		what = "no mode";
	else if (f & ROW_ALIAS && !row->canonical && !row->spell && !row->rewrite)
		what = "an alias of nothing";
	else if (!!row->canonical + !!row->spell + !!row->rewrite > 1)
		what = "two things it stands for";
	else if (f & ROW_BLOCK && !(f & ROW_ALIAS) &&
		 (row->enters < MODE_FIRST || row->enters >= c->mode_count))
		what = "a block without a mode";
	else if (f & ROW_FIRST && (f & (ROW_BY_ARG | ROW_OWNS)) != (ROW_BY_ARG | ROW_OWNS))
		what = "ROW_FIRST without ROW_BY_ARG and ROW_OWNS";
	else if (f & ROW_UNDER && !(f & ROW_BY_ARG))
		what = "ROW_UNDER without ROW_BY_ARG";
	else if (f & ROW_BY_LEN && !(f & ROW_BY_ARG))
		what = "ROW_BY_LEN without ROW_BY_ARG";
	else if (f & (ROW_BLOCK | ROW_ALIAS | ROW_REMOVES) && !(f & ROW_CONFIG))
		what = "a statement without ROW_CONFIG";
	if (!what)
		return;
	fprintf(stderr, "command table: %s: \"%s\"\n", what, row->syntax);
	abort();
}

struct rule *rule_add(struct cli *c, const struct cli_row *row)
{
	struct rule *r = arena_alloc(c->arena, sizeof(*r));

	assert(c->rule_count < UINT16_MAX - 1);
	check_row(c, row);
	*r = (struct rule){.row = row, .seq = (uint16_t)c->rule_count};
	r->syntax = syntax_parse(c, row, &r->leaves);
	if (row->flags & ROW_SECTION)
		c->section++;
	r->section = c->section;
	if (row->flags & ROW_BY_ARG)
		join_family(c, r);
	if (!strncmp(row->syntax, "frr defaults ", 13) && row->flags & ROW_CONFIG)
		c->profile_rule = r;
	if (row->flags & ROW_BLOCK)
		c->block_modes |= row->modes;
	for (unsigned m = 0; m < MODE_MAX; m++)
		if (row->modes & UINT64_C(1) << m && (m < c->mode_count || m == MODE_CANDIDATE))
			index_add(&c->index[m], r);
	if (c->rule_count == c->rule_cap) {
		c->rule_cap = c->rule_cap ? c->rule_cap * 2 : 256;
		c->rules = mem_realloc(c->rules, c->rule_cap * sizeof(struct rule *));
	}
	c->rules[c->rule_count++] = r;
	return r;
}

void cli_add_rows(struct cli *c, const struct cli_row *rows, size_t count)
{
	assert(!c->sealed);
	for (size_t i = 0; i < count; i++)
		rule_add(c, &rows[i]);
}

static int compare_entries(const void *va, const void *vb)
{
	const struct index_entry *a = va, *b = vb;
	int cmp = strcmp(a->first, b->first);

	return cmp ? cmp : (a->rule->seq > b->rule->seq) - (a->rule->seq < b->rule->seq);
}

void cli_seal(struct cli *c)
{
	if (c->sealed)
		return;
	builtin_add(c);
	c->sealed = true;
	for (size_t m = 0; m < MODE_MAX; m++)
		if (c->index[m].n)
			qsort(c->index[m].e, c->index[m].n, sizeof(struct index_entry),
			    compare_entries);
}
