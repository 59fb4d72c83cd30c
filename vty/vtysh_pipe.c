/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters of the shell. FRR has `include` only; the others are what users of other routers expect.
 *
 * A line is judged without its newline. Memory holds one incomplete line, never the text.
 */
#include "vty/vtysh_pipe.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "lib/mem.h"

struct pipe {
	const struct action *action;
	pcre2_code *regex; /* NULL: every line matches */
	pcre2_match_data *match;
	struct sb part; /* a line whose end has not come yet */
	size_t count;
	size_t indent; /* of the section's first line */
	bool open;     /* begin: it has begun; section: inside one */
};

/* Does the line pass? */
typedef bool judge(struct pipe *p, const char *line, size_t n);

struct action {
	const char *name;
	judge *passes;
	bool regex_optional;
};

static bool matches(struct pipe *p, const char *line, size_t n)
{
	if (!p->regex)
		return true;
	return pcre2_match(p->regex, (PCRE2_SPTR)line, n, 0, 0, p->match, NULL) >= 0;
}

static bool passes_include(struct pipe *p, const char *line, size_t n)
{
	return matches(p, line, n);
}

static bool passes_exclude(struct pipe *p, const char *line, size_t n)
{
	return !matches(p, line, n);
}

static bool passes_begin(struct pipe *p, const char *line, size_t n)
{
	p->open = p->open || matches(p, line, n);
	return p->open;
}

/* A line that matches, and what is indented below it. */
static bool passes_section(struct pipe *p, const char *line, size_t n)
{
	size_t indent = 0;

	while (indent < n && line[indent] == ' ')
		indent++;
	if (p->open && indent > p->indent && indent < n)
		return true;
	p->open = matches(p, line, n);
	p->indent = indent;
	return p->open;
}

static bool passes_count(struct pipe *p, const char *line, size_t n)
{
	p->count += matches(p, line, n);
	return false;
}

static const struct action actions[] = {
    {"include", passes_include, false},
    {"exclude", passes_exclude, false},
    {"begin", passes_begin, false},
    {"section", passes_section, false},
    {"count", passes_count, true},
};

const char *pipe_find(const char *line)
{
	const char *at = strstr(line, " | ");

	return at;
}

/* The regex library's words, but for those that FRR's users know from glibc. */
static void complain(struct sb *err, int code, const char *regex)
{
	char text[128] = "";

	pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text);
	sb_fmt(err, "%% Regex compilation error: %s\n%% Bad regexp '%s'\n",
	    code == PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS ? "Unmatched ( or \\(" : text, regex);
}

static const struct action *find_action(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
		if (strlen(actions[i].name) == n && strncmp(actions[i].name, name, n) == 0)
			return &actions[i];
	}
	return NULL;
}

struct pipe *pipe_new(const char *spec, struct sb *err)
{
	size_t n;
	const struct action *action;
	pcre2_code *regex = NULL;
	PCRE2_SIZE offset;
	struct pipe *p;
	int code;

	spec += strspn(spec, " ");
	n = strcspn(spec, " ");
	action = find_action(spec, n);
	if (!action) {
		sb_fmt(err, "%% Unknown action '%.*s'\n", (int)n, spec);
		return NULL;
	}
	spec += n + strspn(spec + n, " ");
	if (!*spec && !action->regex_optional) {
		sb_add(err, "% Need a regexp to filter with\n");
		return NULL;
	}
	if (*spec) {
		regex =
		    pcre2_compile((PCRE2_SPTR)spec, PCRE2_ZERO_TERMINATED, 0, &code, &offset, NULL);
		if (!regex) {
			complain(err, code, spec);
			return NULL;
		}
		pcre2_jit_compile(regex, PCRE2_JIT_COMPLETE);
	}
	p = mem_zalloc(sizeof *p);
	p->action = action;
	p->regex = regex;
	p->match = regex ? pcre2_match_data_create_from_pattern(regex, NULL) : NULL;
	sb_init(&p->part);
	return p;
}

void pipe_free(struct pipe *p)
{
	if (!p)
		return;
	pcre2_match_data_free(p->match);
	pcre2_code_free(p->regex);
	sb_fini(&p->part);
	mem_free(p);
}

static void whole_line(struct pipe *p, const char *line, size_t n, struct sb *to)
{
	if (!p->action->passes(p, line, n))
		return;
	sb_addn(to, line, n);
	sb_addc(to, '\n');
}

void pipe_feed(struct pipe *p, const char *s, size_t n, struct sb *to)
{
	const char *end = s + n;

	for (const char *nl; (nl = memchr(s, '\n', (size_t)(end - s))) != NULL; s = nl + 1) {
		if (p->part.len) {
			sb_addn(&p->part, s, (size_t)(nl - s));
			whole_line(p, p->part.s, p->part.len, to);
			sb_clear(&p->part);
		} else {
			whole_line(p, s, (size_t)(nl - s), to);
		}
	}
	sb_addn(&p->part, s, (size_t)(end - s));
}

void pipe_end(struct pipe *p, struct sb *to)
{
	if (p->part.len)
		whole_line(p, p->part.s, p->part.len, to);
	sb_clear(&p->part);
	if (p->action->passes == passes_count)
		sb_fmt(to, "%zu\n", p->count);
}
