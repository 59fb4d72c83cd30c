/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One word against one token: does it fit, how well, its canonical text, and its part of a sort
 * key.
 *
 * Parts of keys are byte strings whose memcmp order is the print order, and none is the beginning
 * of another: a tag says the kind, so that kinds that share a place (names, addresses) have an
 * order too: numbers, names, IPv4, IPv6, as FRR prints neighbors.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/internal.h"

/* Tags in print order. */
enum { KEY_CHOICE = 0x05, KEY_NUMBER = 0x08, KEY_NAME = 0x10, KEY_ADDR = 0x20, KEY_PREFIX = 0x21 };

static bool number_parse(const char *s, int64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)s[0]) && !(s[0] == '-' && isdigit((unsigned char)s[1])))
		return false;
	errno = 0;
	*out = strtoll(s, &end, 10);
	return !*end && !errno;
}

/* Plain or dotted, not 0. */
bool as_parse(const char *s, uint32_t *out)
{
	const char *dot = strchr(s, '.');
	int64_t high = 0, low;
	char text[8];

	if (s[0] == '-')
		return false;
	if (dot) {
		if (dot - s >= (ptrdiff_t)sizeof(text) || dot[1] == '-')
			return false;
		memcpy(text, s, (size_t)(dot - s));
		text[dot - s] = '\0';
		if (!number_parse(text, &high) || !number_parse(dot + 1, &low) || high > 65535 ||
		    low > 65535)
			return false;
	} else if (!number_parse(s, &low) || low > UINT32_MAX) {
		return false;
	}
	*out = (uint32_t)(high << 16 | low);
	return *out != 0;
}

static bool addr_fits(const char *s, enum family family)
{
	struct addr a;

	return addr_parse(s, &a) && a.family == family;
}

static bool prefix_fits(const char *s, enum family family)
{
	struct prefix p;

	return strchr(s, '/') && prefix_parse(s, &p) && p.family == family;
}

static bool mac_fits(const char *s)
{
	for (unsigned i = 0; i < 6; i++, s += 3) {
		if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]))
			return false;
		if (s[2] != (i < 5 ? ':' : '\0'))
			return false;
	}
	return true;
}

static bool range_fits(const struct token *t, const char *s)
{
	int64_t n;

	return number_parse(s, &n) && n >= t->lo && n <= t->hi;
}

enum rank token_rank(const struct token *t, const struct word *w)
{
	uint32_t as;

	switch ((enum token_kind)t->kind) {
	case TOKEN_KEYWORD:
		if (w->len > t->len || memcmp(w->s, t->text, w->len) != 0)
			return RANK_NONE;
		return w->len == t->len ? RANK_EXACT : RANK_PREFIX;
	case TOKEN_RANGE:
		return range_fits(t, w->s) ? RANK_TYPED : RANK_NONE;
	case TOKEN_ASNUM:
		return as_parse(w->s, &as) ? RANK_ASNUM : RANK_NONE;
	case TOKEN_IPV4:
		return addr_fits(w->s, FAMILY_IPV4) ? RANK_TYPED : RANK_NONE;
	case TOKEN_IPV6:
		return addr_fits(w->s, FAMILY_IPV6) ? RANK_TYPED : RANK_NONE;
	case TOKEN_IPV4_PREFIX:
		return prefix_fits(w->s, FAMILY_IPV4) ? RANK_TYPED : RANK_NONE;
	case TOKEN_IPV6_PREFIX:
		return prefix_fits(w->s, FAMILY_IPV6) ? RANK_TYPED : RANK_NONE;
	case TOKEN_MAC:
		return mac_fits(w->s) ? RANK_TYPED : RANK_NONE;
	default:
		return t->repeat ? RANK_LINE : RANK_WORD;
	}
}

static bool only_chars(const struct word *w, const char *set)
{
	return strspn(w->s, set) == w->len;
}

/* The beginning of a number that can still become one within the bounds. */
static bool range_begins(const struct token *t, const struct word *w)
{
	int64_t n;

	if (!w->len || (w->len == 1 && w->s[0] == '-' && t->lo < 0))
		return true;
	return number_parse(w->s, &n) && n <= t->hi && (n >= 0 || t->lo < 0);
}

/* Dots and slashes stand only behind a colon. */
static bool ipv6_begins(const struct word *w, const char *chars)
{
	size_t plain = strcspn(w->s, "./");

	return only_chars(w, chars) && (plain >= w->len || memchr(w->s, ':', plain));
}

bool token_begins(const struct token *t, const struct word *w)
{
	switch ((enum token_kind)t->kind) {
	case TOKEN_KEYWORD:
		return w->len <= t->len && !memcmp(w->s, t->text, w->len);
	case TOKEN_RANGE:
		return range_begins(t, w);
	case TOKEN_ASNUM:
		return only_chars(w, "0123456789.");
	case TOKEN_IPV4:
		return only_chars(w, "0123456789.");
	case TOKEN_IPV4_PREFIX:
		return only_chars(w, "0123456789./");
	case TOKEN_IPV6:
		return ipv6_begins(w, "0123456789abcdefABCDEF:.");
	case TOKEN_IPV6_PREFIX:
		return ipv6_begins(w, "0123456789abcdefABCDEF:./");
	case TOKEN_MAC:
		return only_chars(w, "0123456789abcdefABCDEF:");
	default:
		return true;
	}
}

void token_canon(const struct token *t, uint32_t row_flags, const char *word, struct sb *to)
{
	char buf[PREFIX_STRLEN];
	struct prefix p;
	struct addr a;
	int64_t n = 0;

	switch ((enum token_kind)t->kind) {
	case TOKEN_KEYWORD:
		sb_addn(to, t->text, t->len);
		break;
	case TOKEN_RANGE:
		number_parse(word, &n);
		sb_fmt(to, "%lld", (long long)n);
		break;
	case TOKEN_IPV4:
	case TOKEN_IPV6:
		sb_add(to, addr_parse(word, &a) ? addr_str(&a, buf) : word);
		break;
	case TOKEN_IPV4_PREFIX:
	case TOKEN_IPV6_PREFIX:
		if (row_flags & ROW_HOST_BITS ? prefix_parse_raw(word, &p) : prefix_parse(word, &p))
			word = prefix_str(&p, buf);
		sb_add(to, word);
		break;
	default:
		sb_add(to, word);
	}
}

static void add_be(struct sb *to, uint64_t v, unsigned bytes)
{
	while (bytes--)
		sb_addc(to, (char)(v >> (8 * bytes)));
}

static void key_prefix(const char *canon, struct sb *to)
{
	struct prefix p = {0};

	prefix_parse_raw(canon, &p);
	sb_addc(to, (char)(KEY_PREFIX + 0x10 * (p.family == FAMILY_IPV6)));
	sb_addn(to, (const char *)p.b, family_bytes(p.family));
	sb_addc(to, (char)p.len);
}

static void key_addr(const char *canon, struct sb *to)
{
	struct addr a = {0};

	addr_parse(canon, &a);
	sb_addc(to, (char)(KEY_ADDR + 0x10 * (a.family == FAMILY_IPV6)));
	sb_addn(to, (const char *)a.b, family_bytes(a.family));
}

void token_key(const struct token *t, const char *canon, struct sb *to)
{
	int64_t n = 0;
	uint32_t as = 0;

	/* a list of words is as it is written */
	switch (t->repeat ? TOKEN_WORD : (enum token_kind)t->kind) {
	case TOKEN_KEYWORD:
		sb_addc(to, KEY_CHOICE);
		add_be(to, t->index, 2);
		break;
	case TOKEN_RANGE:
		number_parse(canon, &n);
		sb_addc(to, KEY_NUMBER);
		add_be(to, (uint64_t)n + (UINT64_C(1) << 63), 8);
		break;
	case TOKEN_ASNUM:
		as_parse(canon, &as);
		sb_addc(to, KEY_NUMBER);
		add_be(to, as + (UINT64_C(1) << 63), 8);
		break;
	case TOKEN_IPV4:
	case TOKEN_IPV6:
		key_addr(canon, to);
		break;
	case TOKEN_IPV4_PREFIX:
	case TOKEN_IPV6_PREFIX:
		key_prefix(canon, to);
		break;
	default:
		sb_addc(to, KEY_NAME);
		sb_addn(to, canon, strlen(canon) + 1);
	}
}
