/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The choices of `show ip bgp ...`: cidr-only, community, large-community, regexp, self-originate.
 *
 * A regular expression is matched against the AS path as it is shown; `_` stands for a separator
 * or an end of the path, as in all routers of this language.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bgpd/cmd/show_filter.h"
#include "lib/mem.h"

struct show_regexp {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
};

/* Steps back in one path, some milliseconds: an expression that needs more (it repeats what
 * repeats, mostly) does not match, and does not hold the router either. */
enum { STEPS_BACK = 20000 };

static struct show_regexp *regexp_new(const char *text)
{
	struct show_regexp *re;
	struct sb pattern;
	pcre2_code *code;
	int error;
	size_t at;

	sb_init(&pattern);
	for (const char *s = text; *s; s++)
		if (*s == '_')
			sb_add(&pattern, "(?:^|[,{}() ]|$)");
		else
			sb_addc(&pattern, *s);
	code = pcre2_compile((PCRE2_SPTR)pattern.s, pattern.len, 0, &error, &at, NULL);
	sb_fini(&pattern);
	if (!code)
		return NULL;
	re = mem_zalloc(sizeof(*re));
	re->code = code;
	re->match = pcre2_match_data_create_from_pattern(code, NULL);
	re->limits = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(re->limits, STEPS_BACK);
	return re;
}

static void regexp_free(struct show_regexp *re)
{
	pcre2_match_context_free(re->limits);
	pcre2_match_data_free(re->match);
	pcre2_code_free(re->code);
	mem_free(re);
}

static bool regexp_matches(const struct show_regexp *re, struct span as_path)
{
	struct sb text;
	int n;

	sb_init(&text);
	aspath_str(as_path, &text);
	n = pcre2_match(re->code, (PCRE2_SPTR)text.s, text.len, 0, 0, re->match, re->limits);
	sb_fini(&text);
	return n > 0;
}

static void put_u32(uint8_t *to, uint32_t n)
{
	to[0] = (uint8_t)(n >> 24);
	to[1] = (uint8_t)(n >> 16);
	to[2] = (uint8_t)(n >> 8);
	to[3] = (uint8_t)n;
}

/* "65001:20", each part at most `max`. Returns the parts read, 0 if it is malformed. */
static unsigned read_parts(const char *s, uint64_t max, unsigned want, uint32_t *parts)
{
	for (unsigned i = 0; i < want; i++) {
		char *end;
		unsigned long long n = strtoull(s, &end, 10);

		if (end == s || *s < '0' || *s > '9' || n > max)
			return 0;
		if (*end != (i + 1 < want ? ':' : '\0'))
			return 0;
		parts[i] = (uint32_t)n;
		s = end + 1;
	}
	return want;
}

/* Well-known ones (RFC 1997: 0xffff0000 and above) by the name that the codec prints. */
static bool well_known(const char *s, uint32_t *value)
{
	for (uint32_t n = 0xffff0000u; n; n++) { /* wraps to 0 behind the last */
		const char *name = community_name(n);

		if (name && !strcmp(name, s)) {
			*value = n;
			return true;
		}
	}
	return false;
}

static bool read_community(struct show_filter *f, const char *s)
{
	uint32_t parts[2], value;

	if (read_parts(s, 65535, 2, parts) == 2)
		value = parts[0] << 16 | parts[1];
	else if (!well_known(s, &value))
		return false;
	put_u32(f->community, value);
	return true;
}

static bool read_large(struct show_filter *f, const char *s)
{
	uint32_t parts[3];

	if (read_parts(s, UINT32_MAX, 3, parts) != 3)
		return false;
	for (unsigned i = 0; i < 3; i++)
		put_u32(f->community + 4 * (size_t)i, parts[i]);
	return true;
}

static bool refuse(const struct cli_call *call, const char *what, const char *word)
{
	char text[300];

	snprintf(text, sizeof(text), "%s%s", what, word);
	show_warning(call->out, text, text);
	return false;
}

static bool read_kinds(struct show_filter *f, const struct cli_call *call)
{
	const char *word = arg_str(call->args, "value");
	const char *large = arg_str(call->args, "large");
	const char *regexp = arg_str(call->args, "regex");

	f->exact = arg_has(call->args, "exact-match");
	f->one = word || large;
	if (word && !read_community(f, word))
		return refuse(call, "% Community malformed: ", word);
	if (large && !read_large(f, large))
		return refuse(call, "% Large-community malformed", "");
	if (regexp && !(f->regexp = regexp_new(regexp)))
		return refuse(call, "Can't compile regexp ", regexp);
	return true;
}

bool show_filter_read(struct show_filter *f, const struct cli_call *call)
{
	memset(f, 0, sizeof(*f));
	f->kind = (uint8_t)call->row->data;
	return read_kinds(f, call);
}

void show_filter_fini(struct show_filter *f)
{
	if (f->regexp)
		regexp_free(f->regexp);
}

static bool has_community(const struct show_filter *f, struct span have, uint16_t width)
{
	if (!f->one)
		return have.len > 0;
	if (f->exact && have.len != width)
		return false;
	for (uint16_t at = 0; at < have.len; at = (uint16_t)(at + width))
		if (!memcmp(have.p + at, f->community, width))
			return true;
	return false;
}

bool show_filter_dest(const struct show_filter *f, const struct prefix *p)
{
	/* Prefixes whose class cannot be told are CIDR too. */
	if (f->kind == FILTER_CIDR_ONLY)
		return p->family == FAMILY_IPV4 &&
		       (p->b[0] >= 224 || p->len != prefix_classful_len(p));
	return f->kind != FILTER_NOTHING;
}

bool show_filter_path(const struct show_filter *f, const struct path_view *v)
{
	switch ((enum show_filter_kind)f->kind) {
	case FILTER_COMMUNITY:
		return v->attrs.have & ATTR_BIT(ATTR_COMMUNITIES) &&
		       has_community(f, v->attrs.communities, 4);
	case FILTER_LARGE_COMMUNITY:
		return v->attrs.have & ATTR_BIT(ATTR_LARGE_COMMUNITIES) &&
		       has_community(f, v->attrs.large_communities, 12);
	case FILTER_REGEXP:
		return regexp_matches(f->regexp, v->attrs.as_path);
	case FILTER_NEIGHBOR:
		return !v->local && addr_equal(&v->source->addr, &f->neighbor);
	case FILTER_SELF:
		return v->local;
	default:
		return true;
	}
}
