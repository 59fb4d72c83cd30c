/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments of a line: its words with the tokens they stand for, in canonical spelling.
 *
 * Words of an any-order set are put into the syntax's order, and the words of a token that repeats
 * are one argument. One allocation holds the items and one their texts, so a line costs three.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cli/internal.h"

struct found {
	const struct token *tok;
	const char *word;
};

/* Stable, by place in the syntax; lines are short and nearly always in order. */
static void sort_found(struct found *f, unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		for (unsigned j = i; j && f[j].tok->index < f[j - 1].tok->index; j--) {
			struct found t = f[j];

			f[j] = f[j - 1];
			f[j - 1] = t;
		}
}

/* The texts one behind the other, each with its NUL; returns the number of items. */
static unsigned canonical(const struct parse *p, struct found *f, struct sb *texts)
{
	unsigned count = 0;

	for (unsigned i = 0; i < p->n; i++) {
		if (i && f[i].tok == f[i - 1].tok)
			texts->s[texts->len - 1] = ' ';
		else
			f[count++].tok = f[i].tok;
		token_canon(f[i].tok, p->rule->row->flags, f[i].word, texts);
		sb_addc(texts, '\0');
	}
	return count;
}

struct cli_args *args_new(const struct parse *p)
{
	struct found f[WORDS_MAX];
	struct cli_args *a;
	struct sb texts;
	unsigned count;
	char *at;

	for (unsigned i = 0; i < p->n; i++)
		f[i] = (struct found){p->tok[i], p->words[i].s};
	sort_found(f, p->n);
	sb_init(&texts);
	count = canonical(p, f, &texts);
	a = mem_alloc(sizeof(*a) + count * sizeof(a->item[0]));
	a->rule = p->rule;
	a->count = count;
	a->line = mem_alloc(texts.len + 1);
	memcpy(a->line, texts.s, texts.len);
	for (size_t i = 0; i + 1 < texts.len; i++)
		if (!a->line[i])
			a->line[i] = ' ';
	a->line[texts.len ? texts.len - 1 : 0] = '\0';
	a->texts = sb_steal(&texts);
	at = a->texts;
	for (unsigned i = 0; i < count; i++, at += strlen(at) + 1)
		a->item[i] = (struct cli_arg){f[i].tok, at};
	return a;
}

void conf_args_free(struct cli_args *a)
{
	if (!a)
		return;
	mem_free(a->line);
	mem_free(a->texts);
	mem_free(a);
}

void args_value(const struct cli_args *a, struct sb *to)
{
	for (unsigned i = 0; i < a->count; i++) {
		if (!a->item[i].tok->value)
			continue;
		if (to->len)
			sb_addc(to, ' ');
		sb_add(to, a->item[i].text);
	}
}

/* A name of its own comes before the token's text. */
const char *arg_str(const struct cli_args *a, const char *name)
{
	for (unsigned i = 0; i < a->count; i++)
		if (a->item[i].tok->group && !strcmp(a->item[i].tok->group, name))
			return a->item[i].text;
	for (unsigned i = 0; i < a->count; i++)
		if (!strcmp(a->item[i].tok->name, name))
			return a->item[i].text;
	return NULL;
}

bool arg_has(const struct cli_args *a, const char *name)
{
	return arg_str(a, name) != NULL;
}

uint32_t arg_u32(const struct cli_args *a, const char *name, uint32_t otherwise)
{
	const char *s = arg_str(a, name);
	char *end;
	unsigned long n;

	if (!s)
		return otherwise;
	n = strtoul(s, &end, 10);
	return *end || end == s ? otherwise : (uint32_t)n;
}

bool arg_addr(const struct cli_args *a, const char *name, struct addr *out)
{
	const char *s = arg_str(a, name);

	return s && addr_parse(s, out);
}

bool arg_prefix(const struct cli_args *a, const char *name, struct prefix *out)
{
	const char *s = arg_str(a, name);

	if (!s)
		return false;
	return a->rule->row->flags & ROW_HOST_BITS ? prefix_parse_raw(s, out)
						   : prefix_parse(s, out);
}

bool arg_as(const struct cli_args *a, const char *name, uint32_t *out)
{
	const char *s = arg_str(a, name);

	return s && as_parse(s, out);
}

const char *arg_line(const struct cli_args *a)
{
	return a->line;
}

const struct cli_row *arg_row(const struct cli_args *a)
{
	return a->rule->row;
}
