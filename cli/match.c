/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words against rows: which row does a line mean, and what may follow.
 *
 * One recursive walk over a row's tokens serves parsing, completion and help. What is left to do
 * behind a token hangs on a chain of frames on the stack, so brackets nest freely and nothing is
 * allocated. Every complete reading of a line gives one rank a word; readings compare word by
 * word from the left, the best wins, and a line is ambiguous only if the best readings of two rows
 * are equal. A walk that would take too long (a hostile line against nested sets) is cut off.
 */
#include <string.h>

#include "cli/internal.h"

enum { STEPS_MAX = 20000 };

/* What follows: the kids of a sequence from `at` on; the kids of a set that are not in the bits of
 * `at` yet; or the same word token again. */
struct frame {
	const struct token *t;
	unsigned at;
	const struct frame *next;
};

struct matcher {
	const struct word *w;
	unsigned n;
	bool no;
	unsigned steps;
	const struct rule *rule;
	bool incomplete;
	unsigned skipped; /* values left out */
	/* the reading under way */
	const struct token *tok[WORDS_MAX];
	uint8_t rank[WORDS_MAX];
	/* the best of all rows so far; head is the rank of the `no` in front */
	struct rule *best;
	bool tie, best_no;
	unsigned best_skipped;
	uint8_t head, best_head;
	const struct token *best_tok[WORDS_MAX];
	uint8_t best_rank[WORDS_MAX];
	unsigned best_n;
	match_expect *expect;
	void *ctx;
};

static void run(struct matcher *m, const struct token *t, unsigned pos, const struct frame *next);

/* Positive: the reading under way is better than the best. A line with `no` in front has its first
 * rank in head. */
static int compare(const struct matcher *m)
{
	unsigned total = m->n + (m->head != 0);

	for (unsigned i = 0; i < total; i++) {
		uint8_t mine = m->head ? (i ? m->rank[i - 1] : m->head) : m->rank[i];
		uint8_t best =
		    m->best_head ? (i ? m->best_rank[i - 1] : m->best_head) : m->best_rank[i];

		if (mine != best)
			return mine > best ? 1 : -1;
	}
	return 0;
}

/* Of two equal readings one that leaves fewer values out is meant, and a statement comes before
 * what is only another spelling of one. */
static int settle_tie(struct matcher *m)
{
	bool mine = m->rule->row->flags & ROW_ALIAS, best = m->best->row->flags & ROW_ALIAS;

	if (m->skipped != m->best_skipped)
		return m->skipped < m->best_skipped ? 1 : -1;
	if (mine == best)
		m->tie = true;
	return best - mine;
}

static void finish(struct matcher *m, unsigned pos)
{
	int cmp = 1;

	if (pos < m->n)
		return;
	if (m->expect) {
		m->expect(m->ctx, m->rule, NULL, m->rank, m->n);
		return;
	}
	if (m->best) {
		cmp = compare(m);
		if (cmp == 0 && m->best != m->rule)
			cmp = settle_tie(m);
	}
	if (cmp <= 0)
		return;
	m->tie = false;
	m->best = (struct rule *)m->rule;
	m->best_no = m->no;
	m->best_head = m->head;
	m->best_skipped = m->skipped;
	m->best_n = m->n;
	memcpy(m->best_tok, m->tok, m->n * sizeof(m->tok[0]));
	memcpy(m->best_rank, m->rank, m->n * sizeof(m->rank[0]));
}

static void resume(struct matcher *m, const struct frame *f, unsigned pos)
{
	struct frame more;

	if (!f) {
		finish(m, pos);
		return;
	}
	if (f->t->kind == TOKEN_SEQ) {
		more = (struct frame){f->t, f->at + 1, f->next};
		if (f->at == f->t->count)
			resume(m, f->next, pos);
		else
			run(m, f->t->kids[f->at], pos, &more);
		return;
	}
	resume(m, f->next, pos);
	if (f->t->kind != TOKEN_ANY) {
		run(m, f->t, pos, f->next);
		return;
	}
	for (unsigned i = 0; i < f->t->count; i++) {
		if (f->at & 1u << i)
			continue;
		more = (struct frame){f->t, f->at | 1u << i, f->next};
		run(m, f->t->kids[i], pos, &more);
	}
}

/* A token that repeats to the end of the line takes all words at once: no recursion a word. */
static void run_rest(struct matcher *m, const struct token *t, unsigned pos)
{
	for (; pos < m->n; pos++) {
		m->rank[pos] = (uint8_t)token_rank(t, &m->w[pos]);
		if (!m->rank[pos])
			return;
		m->tok[pos] = t;
	}
	if (m->expect)
		m->expect(m->ctx, m->rule, t, m->rank, m->n);
	finish(m, pos);
}

static bool at_end(const struct frame *f)
{
	while (f && f->t->kind == TOKEN_SEQ && f->at == f->t->count)
		f = f->next;
	return !f;
}

static void run_leaf(
    struct matcher *m, const struct token *t, unsigned pos, const struct frame *next)
{
	struct frame again = {t, 0, next};

	if (pos == m->n) {
		m->incomplete = true;
		if (m->expect)
			m->expect(m->ctx, m->rule, t, m->rank, m->n);
		return;
	}
	if (t->repeat && at_end(next)) {
		run_rest(m, t, pos);
		return;
	}
	m->rank[pos] = (uint8_t)token_rank(t, &m->w[pos]);
	if (!m->rank[pos])
		return;
	m->tok[pos] = t;
	resume(m, t->repeat ? &again : next, pos + 1);
}

static void run(struct matcher *m, const struct token *t, unsigned pos, const struct frame *next)
{
	struct frame f = {t, 0, next};

	if (m->steps++ > STEPS_MAX)
		return;
	if (m->no && t->skip) {
		m->skipped++;
		resume(m, next, pos);
		m->skipped--;
	}
	switch (t->kind) {
	case TOKEN_SEQ:
		resume(m, &f, pos);
		break;
	case TOKEN_ALT:
		for (unsigned i = 0; i < t->count; i++)
			run(m, t->kids[i], pos, next);
		break;
	case TOKEN_OPT:
		run(m, t->kids[0], pos, next);
		resume(m, next, pos);
		break;
	case TOKEN_NO_OPT:
		run(m, t->kids[0], pos, next);
		if (m->no)
			resume(m, next, pos);
		break;
	case TOKEN_ANY:
		for (unsigned i = 0; i < t->count; i++) {
			struct frame rest = {t, 1u << i, next};

			run(m, t->kids[i], pos, &rest);
		}
		break;
	default:
		run_leaf(m, t, pos, next);
	}
}

static bool has_form(const struct rule *r, bool no)
{
	uint32_t flags = r->row->flags;

	if (flags & ROW_REMOVES)
		return no;
	if (!no)
		return true;
	return flags & ROW_CONFIG ? !(flags & ROW_NO_NO) : flags & ROW_NO;
}

static void try_rule(struct matcher *m, struct rule *r)
{
	if (!has_form(r, m->no))
		return;
	m->rule = r;
	m->steps = m->skipped = 0;
	run(m, r->syntax, 0, NULL);
}

/* First entry whose keyword is not below the word. */
static size_t index_lower(const struct mode_index *ix, const struct word *w)
{
	size_t low = ix->wild, high = ix->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(ix->e[mid].first, w->s) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Runs all rows of the mode that can begin with the first word. A whole keyword keeps longer ones
 * out. */
static void try_mode(struct matcher *m, const struct mode_index *ix)
{
	bool exact = false;
	size_t i;

	if (!m->n) {
		for (i = 0; i < ix->n; i++)
			try_rule(m, ix->e[i].rule);
		return;
	}
	for (i = 0; i < ix->wild; i++)
		try_rule(m, ix->e[i].rule);
	for (i = index_lower(ix, &m->w[0]); i < ix->n; i++) {
		const struct index_entry *e = &ix->e[i];

		if (strncmp(e->first, m->w[0].s, m->w[0].len) != 0)
			break;
		if (e->len == m->w[0].len)
			exact = true;
		else if (exact)
			break;
		try_rule(m, e->rule);
	}
}

static void try_forms(
    struct matcher *m, const struct mode_index *ix, const struct word *w, unsigned n)
{
	bool no = n && w[0].len <= 2 && !strncmp("no", w[0].s, w[0].len);

	m->w = w;
	m->n = n;
	m->no = false;
	m->head = 0;
	try_mode(m, ix);
	if (!no)
		return;
	m->w = w + 1;
	m->n = n - 1;
	m->no = true;
	m->head = w[0].len == 2 ? RANK_EXACT : RANK_PREFIX;
	try_mode(m, ix);
}

static void take_best(const struct matcher *m, const struct word *words, struct parse *out)
{
	out->rule = m->best;
	out->no = m->best_no;
	out->n = m->best_n;
	out->words = words;
	memcpy(out->tok, m->best_tok, m->best_n * sizeof(m->best_tok[0]));
}

enum cli_rc grammar_match(
    const struct cli *c, uint8_t mode, const struct words *ws, struct parse *out)
{
	struct matcher m;

	if (ws->too_long)
		return CLI_NO_MATCH;
	m.best = NULL;
	m.tie = m.incomplete = false;
	m.expect = NULL;
	try_forms(&m, &c->index[mode], ws->w, ws->n);
	if (!m.best)
		return m.incomplete ? CLI_INCOMPLETE : CLI_NO_MATCH;
	if (m.tie)
		return CLI_AMBIGUOUS;
	take_best(&m, ws->w + (m.best_no ? 1 : 0), out);
	return CLI_OK;
}

bool rule_match(const struct rule *r, const struct words *ws, bool no, struct parse *out)
{
	struct matcher m;

	m.w = ws->w;
	m.n = ws->n;
	m.no = no;
	m.steps = m.skipped = 0;
	m.head = 0;
	m.best = NULL;
	m.tie = m.incomplete = false;
	m.expect = NULL;
	m.rule = r;
	run(&m, r->syntax, 0, NULL);
	if (m.best)
		take_best(&m, ws->w, out);
	return m.best != NULL;
}

void grammar_expect(const struct cli *c, uint8_t mode, const struct word *w, unsigned n,
    match_expect *expect, void *ctx)
{
	struct matcher m;

	m.best = NULL;
	m.tie = m.incomplete = false;
	m.expect = expect;
	m.ctx = ctx;
	try_forms(&m, &c->index[mode], w, n);
}
