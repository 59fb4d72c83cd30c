/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One emitter for text and JSON.
 *
 * The state is a stack of the objects and arrays that are open: what closes each, its style, and
 * whether it has a member yet. Everything else follows from it: a value is preceded by a comma if
 * it is not the first, then by a line break and blanks in the pretty style, then by its key.
 * Outside of all objects there is no bookkeeping, so that hand-made frames (out_raw) may put
 * documents side by side.
 *
 * The layout is json-c's, byte for byte, since that is what FRR prints: an empty pretty object
 * still has its line break, doubles have 17 digits and always a "." or an exponent.
 *
 * Nothing is ever taken back: what has been written may be on its way to the reader already.
 */
#include "lib/out.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

enum { MAX_DEPTH = 32 };

struct level {
	enum out_style style;
	char closer; /* '}' or ']' */
	bool started;
};

struct out {
	struct sb *to;
	bool json;
	bool escape_slash;
	unsigned depth;
	struct level levels[MAX_DEPTH];
};

struct out *out_new(struct sb *to, bool json)
{
	struct out *o = mem_zalloc(sizeof(*o));

	o->to = to;
	o->json = json;
	return o;
}

void out_free(struct out *o)
{
	mem_free(o);
}

bool out_json(const struct out *o)
{
	return o->json;
}

size_t out_queued(const struct out *o)
{
	return o->to->len;
}

struct sb *out_sb(struct out *o)
{
	return o->to;
}

void out_escape_slash(struct out *o, bool on)
{
	o->escape_slash = on;
}

void out_text(struct out *o, const char *fmt, ...)
{
	va_list ap;

	if (o->json)
		return;
	va_start(ap, fmt);
	sb_vfmt(o->to, fmt, ap);
	va_end(ap);
}

void out_raw(struct out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sb_vfmt(o->to, fmt, ap);
	va_end(ap);
}

/* --- JSON strings --- */

/* Length of the UTF-8 character at s (RFC 3629), 0 if there is no valid one. */
static size_t utf8_len(const unsigned char *s)
{
	static const struct {
		unsigned char first, last; /* range of the first byte */
		unsigned char second_first, second_last;
		unsigned char len;
	} rows[] = {
	    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, /* no surrogates */
	    {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
	    {0xf4, 0xf4, 0x80, 0x8f, 4}, /* up to U+10FFFF */
	};
	size_t row = 0, len;

	while (row < sizeof(rows) / sizeof(rows[0]) && s[0] > rows[row].last)
		row++;
	if (row == sizeof(rows) / sizeof(rows[0]) || s[0] < rows[row].first)
		return 0;
	len = rows[row].len;
	if (len > 1 && (s[1] < rows[row].second_first || s[1] > rows[row].second_last))
		return 0;
	for (size_t i = 2; i < len; i++)
		if (s[i] >> 6 != 2)
			return 0;
	return len;
}

/* The letter behind the backslash for characters that have a short escape, else 0. */
static char short_escape(const struct out *o, unsigned char c)
{
	static const char letters[256] = {['\b'] = 'b',
	    ['\f'] = 'f',
	    ['\n'] = 'n',
	    ['\r'] = 'r',
	    ['\t'] = 't',
	    ['"'] = '"',
	    ['\\'] = '\\'};

	return c == '/' && o->escape_slash ? '/' : letters[c];
}

/* Writes one character that is not plain; returns its length in the input. */
static size_t put_special(struct out *o, const char *s)
{
	size_t len = utf8_len((const unsigned char *)s);
	char letter = short_escape(o, (unsigned char)*s);

	if (letter)
		sb_addn(o->to, (char[]){'\\', letter}, 2);
	else if (!len)
		sb_add(o->to, "\xef\xbf\xbd"); /* U+FFFD, the replacement character */
	else if (len == 1 && (unsigned char)*s < ' ')
		sb_fmt(o->to, "\\u%04x", (unsigned)*s);
	else
		sb_addn(o->to, s, len);
	return len ? len : 1;
}

static bool is_plain(const struct out *o, char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\' && (c != '/' || !o->escape_slash);
}

/* The same for all n characters, in steps of eight (so up to seven behind them are looked at, and
 * must be plain): a row of a table has forty strings. The sign bit of a byte of `odd` says that one
 * is not; a borrow or carry into the next byte comes only from one that is odd itself. */
static bool all_plain(const struct out *o, const char *s, size_t n)
{
	const uint64_t ones = 0x0101010101010101, signs = ones << 7;
	const uint64_t slash = ones * (o->escape_slash ? '/' : '"');
	uint64_t odd = 0, c;

	for (size_t i = 0; i < n; i += sizeof(c)) {
		memcpy(&c, s + i, sizeof(c));
		odd |= c | (c + ones) | (c - ones * ' ') | ((c ^ ones * '"') - ones) |
		       ((c ^ ones * '\\') - ones) | ((c ^ slash) - ones);
	}
	return !(odd & signs);
}

static void put_escaped(struct out *o, const char *s)
{
	while (*s) {
		size_t n = 0;

		while (is_plain(o, s[n]))
			n++;
		sb_addn(o->to, s, n);
		s += n;
		if (*s)
			s += put_special(o, s);
	}
}

/* A quoted string with what stands before and behind it (0: nothing). */
static void put_quoted(struct out *o, char before, const char *s, char behind)
{
	enum { BLANKS = 8 };
	size_t n = strlen(s);
	char *to = sb_room(o->to, n + 4 + BLANKS);

	if (before)
		*to++ = before;
	*to++ = '"';
	memcpy(to, s, n);
	memset(to + n, ' ', BLANKS);
	if (all_plain(o, to, n)) {
		to += n;
	} else {
		sb_used(o->to, to);
		put_escaped(o, s);
		to = sb_room(o->to, 2);
	}
	*to++ = '"';
	if (behind)
		*to++ = behind;
	sb_used(o->to, to);
}

static void put_string(struct out *o, const char *s)
{
	put_quoted(o, 0, s, 0);
}

/* --- JSON structure --- */

static struct level *top(struct out *o)
{
	return o->depth ? &o->levels[o->depth - 1] : NULL;
}

static void put_line_break(struct out *o)
{
	size_t blanks = 2 * (size_t)o->depth;
	char *to = sb_room(o->to, blanks + 1);

	*to = '\n';
	memset(to + 1, ' ', blanks);
	sb_used(o->to, to + 1 + blanks);
}

/* Writes all that precedes a value; false if there is none to write. */
static bool begin_value(struct out *o, const char *key)
{
	struct level *in = top(o);

	if (!o->json || (in && in->closer == '}' && !key))
		return false;

	char comma = in && in->started ? ',' : 0;

	if (comma && in->style == OUT_PRETTY) {
		sb_addc(o->to, comma);
		comma = 0;
	}
	if (in && in->style == OUT_PRETTY)
		put_line_break(o);
	if (in)
		in->started = true;
	if (key && !(in && in->closer == ']'))
		put_quoted(o, comma, key, ':');
	else if (comma)
		sb_addc(o->to, comma);
	return true;
}

static void open_level(struct out *o, const char *key, enum out_style style, const char *brackets)
{
	if (!o->json)
		return;

	bool written = begin_value(o, key);

	assert(written && o->depth < MAX_DEPTH);
	sb_addc(o->to, brackets[0]);
	o->levels[o->depth++] = (struct level){.style = style, .closer = brackets[1]};
}

static void close_level(struct out *o, char closer)
{
	if (!o->json)
		return;
	assert(o->depth && top(o)->closer == closer);

	enum out_style style = top(o)->style;

	o->depth--;
	if (style == OUT_PRETTY)
		put_line_break(o);
	sb_addc(o->to, closer);
}

static enum out_style inherited(struct out *o)
{
	return o->depth ? top(o)->style : OUT_PRETTY;
}

void out_obj(struct out *o, const char *key)
{
	open_level(o, key, inherited(o), "{}");
}

void out_obj_styled(struct out *o, const char *key, enum out_style style)
{
	open_level(o, key, style, "{}");
}

void out_obj_end(struct out *o)
{
	close_level(o, '}');
}

void out_arr(struct out *o, const char *key)
{
	open_level(o, key, inherited(o), "[]");
}

void out_arr_styled(struct out *o, const char *key, enum out_style style)
{
	open_level(o, key, style, "[]");
}

void out_arr_end(struct out *o)
{
	close_level(o, ']');
}

/* --- fields --- */

/* As begin_value; a field, unlike an object, is for text only if it has neither key nor array. */
static bool begin_field(struct out *o, const char *key)
{
	return (key || o->depth) && begin_value(o, key);
}

void out_str(struct out *o, const char *key, const char *fmt, const char *value)
{
	if (!o->json && fmt)
		sb_fmt(o->to, fmt, value);
	if (begin_field(o, key))
		put_string(o, value);
}

void out_strf(struct out *o, const char *key, const char *fmt, ...)
{
	struct sb value;
	va_list ap;

	if (!begin_field(o, key))
		return;
	sb_init(&value);
	va_start(ap, fmt);
	sb_vfmt(&value, fmt, ap);
	va_end(ap);
	put_string(o, value.s);
	sb_fini(&value);
}

void out_int(struct out *o, const char *key, const char *fmt, int64_t value)
{
	if (!o->json && fmt)
		sb_fmt(o->to, fmt, (long long)value);
	if (begin_field(o, key))
		sb_int(o->to, value);
}

void out_uint(struct out *o, const char *key, const char *fmt, uint64_t value)
{
	if (!o->json && fmt)
		sb_fmt(o->to, fmt, (unsigned long long)value);
	if (begin_field(o, key))
		sb_uint(o->to, value);
}

void out_bool(struct out *o, const char *key, const char *text_if_true, bool value)
{
	if (!o->json && text_if_true && value)
		sb_add(o->to, text_if_true);
	if (begin_field(o, key))
		sb_add(o->to, value ? "true" : "false");
}

void out_double(struct out *o, const char *key, const char *fmt, double value)
{
	char digits[40];

	if (!o->json && fmt)
		sb_fmt(o->to, fmt, value);
	if (!begin_field(o, key))
		return;
	snprintf(digits, sizeof(digits), "%.17g", value);
	sb_add(o->to, digits);
	if (!strpbrk(digits, ".e"))
		sb_add(o->to, ".0");
}
