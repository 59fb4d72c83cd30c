/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `list`, `list permutations` and `find REGEX`: the commands of a mode as text.
 *
 * The lines of a row are what the row says itself, or the syntax and its derived `no` form.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "cli/internal.h"

/* ---- the lines of a row ---- */

static void derived_lines(const struct rule *r, line_fn *fn, void *ctx)
{
	uint32_t flags = r->row->flags;
	bool no = flags & (ROW_CONFIG | ROW_NO) && !(flags & (ROW_NO_NO | ROW_REMOVES));
	struct sb text;

	sb_init(&text);
	if (flags & ROW_REMOVES)
		sb_add(&text, "no ");
	else if (no && flags & ROW_LIST_ONE)
		sb_add(&text, "[no] ");
	syntax_print(r->syntax, false, &text);
	fn(ctx, text.s);
	if (no && !(flags & ROW_LIST_ONE)) {
		sb_clear(&text);
		sb_add(&text, "no ");
		syntax_print(r->syntax, true, &text);
		fn(ctx, text.s);
	}
	sb_fini(&text);
}

void rule_lines(const struct rule *r, line_fn *fn, void *ctx)
{
	const char *list = r->row->list, *end;
	char *line;

	if (r->row->flags & ROW_HIDDEN)
		return;
	if (!list) {
		derived_lines(r, fn, ctx);
		return;
	}
	for (; *list; list = *end ? end + 1 : end) {
		end = strchrnul(list, '\n');
		line = mem_strndup(list, (size_t)(end - list));
		fn(ctx, line);
		mem_free(line);
	}
}

/* FRR's order: the daemons' commands, those of every mode, those of the shell. */
enum { GROUP_DAEMON, GROUP_EVERY, GROUP_SHELL, GROUPS };

static int group_of(const struct rule *r)
{
	if (r->builtin != BUILTIN_NONE)
		return GROUP_EVERY;
	return r->row->flags & ROW_SHELL ? GROUP_SHELL : GROUP_DAEMON;
}

void mode_rules(const struct cli *c, uint8_t mode, rule_fn *fn, void *ctx)
{
	for (int group = 0; group < GROUPS; group++)
		for (size_t i = 0; i < c->rule_count; i++)
			if (c->rules[i]->row->modes & UINT64_C(1) << mode &&
			    group_of(c->rules[i]) == group)
				fn(ctx, c->rules[i]);
}

struct lines {
	line_fn *fn;
	void *ctx;
};

static void lines_of(void *ctx, const struct rule *r)
{
	struct lines *l = ctx;

	rule_lines(r, l->fn, l->ctx);
}

static void mode_lines(const struct cli *c, uint8_t mode, line_fn *fn, void *ctx)
{
	struct lines l = {fn, ctx};

	mode_rules(c, mode, lines_of, &l);
}

/* ---- permutations: every way through the brackets ---- */

enum { PERMUTATIONS_MAX = 10000 };

struct permuter {
	struct out *out;
	struct sb line;
	unsigned left;
	bool no;
};

struct path {
	const struct token *t;
	unsigned at;
	const struct path *next;
};

static void permute(struct permuter *p, const struct token *t, const struct path *next);

static void permute_rest(struct permuter *p, const struct path *path)
{
	struct path more;

	if (!path) {
		if (p->left && p->left--)
			out_text(p->out, "  %s\n", p->line.s);
		return;
	}
	if (path->t->kind == TOKEN_SEQ) {
		more = (struct path){path->t, path->at + 1, path->next};
		if (path->at == path->t->count)
			permute_rest(p, path->next);
		else
			permute(p, path->t->kids[path->at], &more);
		return;
	}
	permute_rest(p, path->next);
	for (unsigned i = 0; p->left && i < path->t->count; i++) {
		if (path->at & 1u << i)
			continue;
		more = (struct path){path->t, path->at | 1u << i, path->next};
		permute(p, path->t->kids[i], &more);
	}
}

static void permute_word(
    struct permuter *p, const struct token *t, const char *dots, const struct path *next)
{
	size_t len = p->line.len;

	sb_fmt(&p->line, "%s%s%s", len ? " " : "", t->text, dots);
	permute_rest(p, next);
	p->line.len = len;
	if (p->line.cap)
		p->line.s[len] = '\0';
}

static void permute(struct permuter *p, const struct token *t, const struct path *next)
{
	struct path here = {t, 0, next};

	switch (t->kind) {
	case TOKEN_SEQ:
		permute_rest(p, &here);
		break;
	case TOKEN_ALT:
	case TOKEN_ANY:
		for (unsigned i = 0; p->left && i < t->count; i++) {
			here.at = 1u << i;
			permute(p, t->kids[i], t->kind == TOKEN_ANY ? &here : next);
		}
		break;
	case TOKEN_OPT:
	case TOKEN_NO_OPT:
		permute(p, t->kids[0], next);
		if (t->kind == TOKEN_OPT || p->no)
			permute_rest(p, next);
		break;
	default:
		if (t->repeat)
			permute_word(p, t, "...", next);
		permute_word(p, t, "", next);
	}
}

static void permute_rule(void *ctx, const struct rule *r)
{
	uint32_t flags = r->row->flags;
	struct permuter *p = ctx;

	if (flags & ROW_HIDDEN)
		return;
	sb_clear(&p->line);
	p->no = false;
	if (!(flags & ROW_REMOVES))
		permute(p, r->syntax, NULL);
	if (!(flags & (ROW_REMOVES | ROW_NO)) && (!(flags & ROW_CONFIG) || flags & ROW_NO_NO))
		return;
	sb_clear(&p->line);
	sb_add(&p->line, "no");
	p->no = true;
	permute(p, r->syntax, NULL);
}

/* ---- the commands ---- */

static void list_line(void *ctx, const char *line)
{
	out_text(ctx, "    %s\n", line);
}

enum cli_rc list_run(struct cli_call *call)
{
	struct permuter p = {.out = call->out, .left = PERMUTATIONS_MAX};
	uint8_t mode = cli_session_mode(call->session);
	const struct cli *c = call->cli;

	if (!arg_has(call->args, "permutations")) {
		mode_lines(c, mode, list_line, call->out);
		return CLI_OK;
	}
	sb_init(&p.line);
	mode_rules(c, mode, permute_rule, &p);
	sb_fini(&p.line);
	return CLI_OK;
}

struct finder {
	pcre2_code *code;
	pcre2_match_data *match;
	const char *mode;
	struct out *out;
};

static void find_line(void *ctx, const char *line)
{
	struct finder *f = ctx;

	if (pcre2_match(f->code, (PCRE2_SPTR)line, strlen(line), 0, 0, f->match, NULL) >= 0)
		out_text(f->out, "  (%s)  %s\n", f->mode, line);
}

static enum cli_rc bad_regex(struct out *out, int error)
{
	PCRE2_UCHAR text[128];

	if (error == PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS ||
	    error == PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS) {
		out_text(out, "%% Unbalanced parentheses\n");
		return CLI_OK;
	}
	if (pcre2_get_error_message(error, text, sizeof(text)) < 0)
		text[0] = '\0';
	out_text(out, "%% %s\n", (const char *)text);
	return CLI_OK;
}

enum cli_rc find_run(struct cli_call *call)
{
	const char *regex = arg_str(call->args, "regex");
	const struct cli *c = call->cli;
	struct finder f = {.out = call->out};
	PCRE2_SIZE offset;
	int error;

	f.code = pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED, 0, &error, &offset, NULL);
	if (!f.code)
		return bad_regex(call->out, error);
	f.match = pcre2_match_data_create_from_pattern(f.code, NULL);
	for (size_t m = 0; m < c->mode_count; m++) {
		f.mode = c->modes[m].name;
		mode_lines(c, (uint8_t)m, find_line, &f);
	}
	pcre2_match_data_free(f.match);
	pcre2_code_free(f.code);
	return CLI_OK;
}
