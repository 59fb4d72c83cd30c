/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sample lines of a syntax: random ones, and as many as show all of it. See cli_sample.h.
 *
 * Every point where a syntax leaves a choice is a pair (token, outcome). The pairs are listed from
 * the syntax alone; a walk that makes a line marks those it came through.
 */
#include "tests/unit/cli_sample.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COVER_MAX = 512, COVER_TRIES = 20000, OUTCOME_AGAIN = 200 };

struct choice {
	const struct token *tok;
	unsigned outcome;
	bool seen;
};

struct cover {
	const struct token *syntax;
	struct choice c[COVER_MAX];
	unsigned n, left, tries;
	unsigned state;
};

struct sampler {
	unsigned *state;
	unsigned world;
	struct sample *to;
	struct cover *cover; /* NULL: nobody counts */
	unsigned gained;
};

unsigned sample_pick(unsigned *state, unsigned n)
{
	*state = *state * 1103515245u + 12345u;
	return (*state >> 16) % n;
}

unsigned sample_seed(unsigned usual)
{
	const char *given = getenv("FERRO_SEED");

	return given ? (unsigned)strtoul(given, NULL, 10) : usual;
}

void sample_text(const struct sample *s, unsigned from, unsigned to, struct sb *out)
{
	for (unsigned i = from; i < to; i++)
		sb_fmt(out, "%s%s", i > from ? " " : "", s->w[i].text);
}

static void chose(struct sampler *s, const struct token *t, unsigned outcome)
{
	for (unsigned i = 0; s->cover && i < s->cover->n; i++) {
		struct choice *c = &s->cover->c[i];

		if (c->tok != t || c->outcome != outcome || c->seen)
			continue;
		c->seen = true;
		s->cover->left--;
		s->gained++;
	}
}

static void add_word(struct sampler *s, const struct token *t, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void add_word(struct sampler *s, const struct token *t, const char *fmt, ...)
{
	struct sample_word *w = &s->to->w[s->to->n++];
	va_list ap;

	cr_assert(s->to->n < sizeof(s->to->w) / sizeof(s->to->w[0]));
	w->tok = t;
	va_start(ap, fmt);
	vsnprintf(w->text, sizeof(w->text), fmt, ap);
	va_end(ap);
}

static void sample_range(struct sampler *s, const struct token *t)
{
	int64_t places[] = {t->lo, t->hi, t->lo + (t->hi - t->lo) / 3};
	unsigned i = sample_pick(s->state, 3);

	chose(s, t, i);
	add_word(s, t, "%lld", (long long)places[i]);
}

static void sample_leaf(struct sampler *s, const struct token *t)
{
	unsigned n = sample_pick(s->state, s->world);

	switch ((enum token_kind)t->kind) {
	case TOKEN_KEYWORD:
		add_word(s, t, "%s", t->text);
		break;
	case TOKEN_RANGE:
		sample_range(s, t);
		break;
	case TOKEN_ASNUM:
		add_word(s, t, n % 5 ? "%u" : "1.%u", 64512 + n);
		break;
	case TOKEN_IPV4:
		if (!strcmp(t->group ? t->group : t->name, "mask"))
			add_word(s, t, "255.255.255.255"); /* no host bits */
		else
			add_word(s, t, "10.0.0.%u", n);
		break;
	case TOKEN_IPV4_PREFIX:
		add_word(s, t, "10.%u.0.0/16", n);
		break;
	case TOKEN_IPV6:
		add_word(s, t, "2001:db8::%x", n + 1);
		break;
	case TOKEN_IPV6_PREFIX:
		add_word(s, t, "2001:db8:%x::/48", n + 1);
		break;
	case TOKEN_MAC:
		add_word(s, t, "02:00:00:00:00:%02x", n);
		break;
	default:
		add_word(s, t, "Zz%u", n);
	}
}

static void sample_token(struct sampler *s, const struct token *t);

static void sample_set(struct sampler *s, const struct token *t)
{
	unsigned used = 0, i;

	do {
		i = sample_pick(s->state, t->count);
		if (used & 1u << i)
			continue;
		used |= 1u << i;
		chose(s, t, i);
		sample_token(s, t->kids[i]);
	} while (sample_pick(s->state, 2));
}

static void sample_token(struct sampler *s, const struct token *t)
{
	unsigned i;

	switch (t->kind) {
	case TOKEN_SEQ:
		for (i = 0; i < t->count; i++)
			sample_token(s, t->kids[i]);
		break;
	case TOKEN_ALT:
		i = sample_pick(s->state, t->count);
		chose(s, t, i);
		sample_token(s, t->kids[i]);
		break;
	case TOKEN_OPT:
		i = sample_pick(s->state, 2);
		chose(s, t, i);
		if (i)
			sample_token(s, t->kids[0]);
		break;
	case TOKEN_NO_OPT:
		sample_token(s, t->kids[0]);
		break;
	case TOKEN_ANY:
		sample_set(s, t);
		break;
	default:
		sample_leaf(s, t);
		if (t->repeat && sample_pick(s->state, 2)) {
			chose(s, t, OUTCOME_AGAIN);
			sample_leaf(s, t);
		}
	}
}

void sample_line(const struct token *syntax, unsigned world, unsigned *state, struct sample *to)
{
	struct sampler s = {.state = state, .world = world, .to = to};

	to->n = 0;
	sample_token(&s, syntax);
}

void sample_same(const char *got, const char *want, const char *what, const char *how)
{
	size_t line = 1, i = 0;

	if (!strcmp(got, want))
		return;
	for (; got[i] && got[i] == want[i]; i++)
		line += got[i] == '\n';
	fprintf(stderr, "---- got\n%s---- want\n%s---- by\n%s", got, want, how);
	cr_assert_fail("%s: differs from line %zu on (all of it on stderr)", what, line);
}

/* ---- all of a syntax ---- */

static void list_choice(struct cover *c, const struct token *t, unsigned outcome)
{
	cr_assert_lt(c->n, COVER_MAX);
	c->c[c->n++] = (struct choice){t, outcome, false};
}

static void list_choices(struct cover *c, const struct token *t)
{
	unsigned outcomes = 0;

	if (t->kind == TOKEN_ALT || t->kind == TOKEN_ANY)
		outcomes = t->count;
	else if (t->kind == TOKEN_OPT)
		outcomes = 2;
	else if (t->kind == TOKEN_RANGE)
		outcomes = 3;
	for (unsigned i = 0; i < outcomes; i++)
		list_choice(c, t, i);
	if (t->kind < TOKEN_LEAVES && t->repeat)
		list_choice(c, t, OUTCOME_AGAIN);
	for (unsigned i = 0; i < t->count; i++)
		list_choices(c, t->kids[i]);
}

struct cover *cover_new(const struct token *syntax)
{
	struct cover *c = mem_zalloc(sizeof(*c));

	c->syntax = syntax;
	c->state = sample_seed(1);
	list_choices(c, syntax);
	c->left = c->n;
	return c;
}

void cover_free(struct cover *c)
{
	mem_free(c);
}

bool cover_next(struct cover *c, struct sample *to)
{
	struct sampler s = {.state = &c->state, .world = 200, .to = to, .cover = c};
	bool first = c->tries == 0;

	if (!first && !c->left)
		return false;
	do {
		to->n = 0;
		sample_token(&s, c->syntax);
		cr_assert_lt(c->tries++, COVER_TRIES, "some part of a syntax is never reached");
	} while (!s.gained && !first);
	return true;
}
