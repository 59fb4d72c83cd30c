/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The syntax of a row: from FRR's notation to a tree of tokens, and back to text.
 *
 * Leaves stand for words; inner nodes are sequences, alternatives, options and any-order sets. A
 * string that does not parse is a bug in a table and aborts with a message: it can never come from
 * a user. Tokens live in the cli's arena and never change after they are made.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/internal.h"

enum { KIDS_MAX = 128 };

struct parser {
	struct cli *cli;
	const struct cli_row *row;
	const char *p;
	const char *help; /* rest of the row's help lines, NULL: used up */
	uint16_t leaves;
};

static struct token *parse_alternatives(struct parser *ps, char close, uint8_t kind);

__attribute__((noreturn)) static void bad_syntax(const struct parser *ps, const char *what)
{
	fprintf(stderr, "command table: %s at \"%s\" in \"%s\"\n", what, ps->p, ps->row->syntax);
	abort();
}

static struct token *token_make(struct parser *ps, uint8_t kind)
{
	struct token *t = arena_alloc(ps->cli->arena, sizeof(*t));

	memset(t, 0, sizeof(*t));
	t->kind = kind;
	return t;
}

static void set_kids(struct parser *ps, struct token *t, struct token **kids, unsigned n)
{
	t->kids = arena_alloc(ps->cli->arena, sizeof(*kids) * (n ? n : 1));
	memcpy(t->kids, kids, sizeof(*kids) * n);
	t->count = n;
}

/* A name in capitals: any word. */
static bool is_variable(const char *s, size_t n)
{
	bool letter = false;

	for (size_t i = 0; i < n; i++) {
		if (islower((unsigned char)s[i]))
			return false;
		letter |= isupper((unsigned char)s[i]) != 0;
	}
	return letter;
}

static uint8_t leaf_kind(const char *s)
{
	static const struct {
		const char *text;
		uint8_t kind;
	} known[] = {
	    {"ASNUM", TOKEN_ASNUM},
	    {"A.B.C.D", TOKEN_IPV4},
	    {"A.B.C.D/M", TOKEN_IPV4_PREFIX},
	    {"X:X::X:X", TOKEN_IPV6},
	    {"X:X::X:X/M", TOKEN_IPV6_PREFIX},
	    {"X:X:X:X:X:X", TOKEN_MAC},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(s, known[i].text))
			return known[i].kind;
	return s[0] == '(' ? TOKEN_RANGE : is_variable(s, strlen(s)) ? TOKEN_WORD : TOKEN_KEYWORD;
}

static void range_bounds(struct parser *ps, struct token *t)
{
	char *end;

	t->lo = strtoll(t->text + 1, &end, 10);
	if (*end != '-')
		bad_syntax(ps, "bad range");
	t->hi = strtoll(end + 1, &end, 10);
	if (*end != ')' || t->lo > t->hi)
		bad_syntax(ps, "bad range");
}

/* An argument's name: the text in lower case, without brackets. */
static const char *leaf_name(struct parser *ps, const char *text)
{
	char *name = arena_strndup(ps->cli->arena, text, strlen(text));
	char *to = name;

	if (text[0] == '(') {
		name[strlen(name) - 1] = '\0';
		return name + 1;
	}
	for (; *to; to++)
		*to = (char)tolower((unsigned char)*to);
	return name;
}

static const char *lexicon_help(const struct cli *c, const char *text)
{
	for (size_t i = 0; i < c->lexicon_count; i++)
		if (!strcmp(c->lexicon[i].word, text))
			return c->lexicon[i].help;
	return "";
}

/* Help lines that name their token: "in\tInbound updates\nno in\tWhat it is behind no"; NULL: none.
 */
static const char *named_help(struct parser *ps, bool no, const char *text)
{
	size_t len = strlen(text), skip = no ? strlen("no ") : 0;
	const char *line, *end;

	for (line = ps->row->help; line && *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (no && strncmp(line, "no ", skip) != 0)
			continue;
		if (!strncmp(line + skip, text, len) && line[skip + len] == '\t')
			return arena_strndup(ps->cli->arena, line + skip + len + 1,
			    (size_t)(end - line) - skip - len - 1);
	}
	return NULL;
}

/* The next line of the row's own help, or the lexicon's word. */
static const char *leaf_help(struct parser *ps, const char *text)
{
	const char *line = ps->help, *end;

	if (line && strchr(ps->row->help, '\t')) {
		line = named_help(ps, false, text);
		return line ? line : lexicon_help(ps->cli, text);
	}
	if (line) {
		end = strchrnul(line, '\n');
		ps->help = *end ? end + 1 : NULL;
		if (end > line)
			return arena_strndup(ps->cli->arena, line, (size_t)(end - line));
	}
	return lexicon_help(ps->cli, text);
}

static struct token *parse_leaf(struct parser *ps)
{
	const char *start = ps->p;
	struct token *t;
	size_t n;

	if (*start == '(')
		n = strcspn(start, ")") + 1;
	else
		n = strcspn(start, " <>[]{}|()$=");
	if (!n || n > strlen(start))
		bad_syntax(ps, "word expected");
	ps->p += n;
	if (*start != '(' && n > 3 && !memcmp(start + n - 3, "...", 3))
		n -= 3, ps->p -= 3;
	t = token_make(ps, 0);
	t->text = arena_strndup(ps->cli->arena, start, n);
	t->len = n;
	t->kind = leaf_kind(t->text);
	if (t->kind == TOKEN_RANGE)
		range_bounds(ps, t);
	t->name = t->kind == TOKEN_KEYWORD ? t->text : leaf_name(ps, t->text);
	t->help = leaf_help(ps, t->text);
	t->no_help = named_help(ps, true, t->text);
	t->index = ps->leaves++;
	return t;
}

static void name_leaves(struct token *t, const char *name)
{
	if (t->kind < TOKEN_LEAVES && !t->group)
		t->group = name;
	for (unsigned i = 0; i < t->count; i++)
		name_leaves(t->kids[i], name);
}

static void mark_values(struct token *t)
{
	t->value = true;
	for (unsigned i = 0; i < t->count; i++)
		mark_values(t->kids[i]);
}

/* "...", "$name" and "=" behind a token or a bracket. */
static void parse_marks(struct parser *ps, struct token *t)
{
	size_t n;

	if (!strncmp(ps->p, "...", 3)) {
		if (t->kind >= TOKEN_LEAVES)
			bad_syntax(ps, "only a word repeats");
		t->repeat = true;
		ps->p += 3;
	}
	if (*ps->p == '$') {
		n = strcspn(ps->p + 1, " <>[]{}|()$=");
		name_leaves(t, arena_strndup(ps->cli->arena, ps->p + 1, n));
		ps->p += n + 1;
	}
	if (*ps->p == '=') {
		mark_values(t);
		t->skip = true;
		ps->p++;
	}
}

static struct token *parse_element(struct parser *ps)
{
	struct token *t, *inner;
	uint8_t kind = TOKEN_OPT;

	switch (*ps->p) {
	case '<':
		ps->p++;
		t = parse_alternatives(ps, '>', TOKEN_ALT);
		break;
	case '{':
		ps->p++;
		t = parse_alternatives(ps, '}', TOKEN_ANY);
		break;
	case '!':
		kind = TOKEN_NO_OPT;
		ps->p++;
		if (*ps->p != '[')
			bad_syntax(ps, "[ expected");
		/* fallthrough */
	case '[':
		ps->p++;
		inner = parse_alternatives(ps, ']', TOKEN_ALT);
		t = token_make(ps, kind);
		set_kids(ps, t, &inner, 1);
		break;
	default:
		t = parse_leaf(ps);
	}
	parse_marks(ps, t);
	return t;
}

static struct token *parse_sequence(struct parser *ps)
{
	struct token *kids[KIDS_MAX], *t;
	unsigned n = 0;

	for (;;) {
		while (*ps->p == ' ')
			ps->p++;
		if (!*ps->p || strchr("|>]}", *ps->p))
			break;
		if (n == KIDS_MAX)
			bad_syntax(ps, "too long");
		kids[n++] = parse_element(ps);
	}
	if (n == 1)
		return kids[0];
	t = token_make(ps, TOKEN_SEQ);
	set_kids(ps, t, kids, n);
	return t;
}

static struct token *parse_alternatives(struct parser *ps, char close, uint8_t kind)
{
	struct token *kids[KIDS_MAX], *t;
	unsigned n = 0;

	do {
		if (n == KIDS_MAX)
			bad_syntax(ps, "too long");
		kids[n++] = parse_sequence(ps);
	} while (*ps->p == '|' && ps->p++);
	if (*ps->p != close)
		bad_syntax(ps, "bracket not closed");
	ps->p++;
	if (n == 1 && kind == TOKEN_ALT)
		return kids[0];
	t = token_make(ps, kind);
	set_kids(ps, t, kids, n);
	return t;
}

struct token *syntax_parse(struct cli *c, const struct cli_row *row, uint16_t *leaves)
{
	struct parser ps = {.cli = c, .row = row, .p = row->syntax, .help = row->help};
	struct token *t = parse_sequence(&ps), *top;

	if (*ps.p)
		bad_syntax(&ps, "stray bracket");
	top = token_make(&ps, TOKEN_SEQ);
	if (t->kind == TOKEN_SEQ)
		set_kids(&ps, top, t->kids, t->count);
	else
		set_kids(&ps, top, &t, 1);
	for (unsigned i = 0; i < top->count; i++)
		top->kids[i]->fixed = top->kids[i]->kind == TOKEN_KEYWORD && !top->kids[i]->value;
	*leaves = ps.leaves;
	return top;
}

/* ---- back to text ---- */

static void print_kids(const struct token *t, const char *between, bool no, struct sb *to)
{
	for (unsigned i = 0; i < t->count; i++) {
		if (i)
			sb_add(to, between);
		syntax_print(t->kids[i], no, to);
	}
}

/* In a `no` form a run of value words at the top stands in brackets. */
static void print_top(const struct token *t, struct sb *to)
{
	bool in_value = false;

	for (unsigned i = 0; i < t->count; i++) {
		const struct token *kid = t->kids[i];
		bool opens = kid->value && kid->kind != TOKEN_OPT && kid->kind != TOKEN_NO_OPT;

		if (in_value && !kid->value) {
			sb_addc(to, ']');
			in_value = false;
		}
		if (i)
			sb_addc(to, ' ');
		if (opens && !in_value) {
			sb_addc(to, '[');
			in_value = true;
		}
		syntax_print(kid, false, to);
	}
	if (in_value)
		sb_addc(to, ']');
}

void syntax_print(const struct token *t, bool no, struct sb *to)
{
	static const struct {
		const char *open, *between, *close;
	} style[] = {
	    [TOKEN_SEQ] = {"", " ", ""},
	    [TOKEN_ALT] = {"<", "|", ">"},
	    [TOKEN_OPT] = {"[", "", "]"},
	    [TOKEN_NO_OPT] = {"![", "", "]"},
	    [TOKEN_ANY] = {"{", "|", "}"},
	};
	const struct token *only = t->count == 1 ? t->kids[0] : NULL;

	if (t->kind < TOKEN_LEAVES) {
		sb_add(to, t->text);
		if (t->repeat)
			sb_add(to, "...");
	} else if (t->kind == TOKEN_SEQ && no) {
		print_top(t, to);
	} else if (only && only->kind == TOKEN_ALT &&
		   (t->kind == TOKEN_OPT || t->kind == TOKEN_NO_OPT)) {
		sb_add(to, style[t->kind].open);
		print_kids(only, "|", false, to);
		sb_add(to, style[t->kind].close);
	} else {
		sb_add(to, style[t->kind].open);
		print_kids(t, style[t->kind].between, false, to);
		sb_add(to, style[t->kind].close);
	}
}
