/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A string that grows by doubling.
 *
 * s always points at a NUL-terminated string; with cap == 0 that is an empty literal, which nothing
 * writes to, so that an unused builder costs no memory. len never counts the NUL, cap always does.
 *
 * Formats are read here, since a table of a million rows spends most of its time in them: the C
 * library's vsnprintf sets up a stream for each call. It still has every format in which there is a
 * conversion that is not one of the few below, so nothing is missing.
 */
#include "lib/sb.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

enum { SB_MIN = 64 };

void sb_init(struct sb *b)
{
	*b = (struct sb){.s = (char *)""};
}

void sb_fini(struct sb *b)
{
	if (b->cap)
		mem_free(b->s);
	sb_init(b);
}

void sb_clear(struct sb *b)
{
	b->len = 0;
	if (b->cap)
		b->s[0] = '\0';
}

char *sb_grow(struct sb *b, size_t n)
{
	size_t need = b->len + n + 1;
	size_t cap = b->cap ? b->cap : SB_MIN;

	assert(need > n);
	while (cap < need)
		cap *= 2;
	if (cap > b->cap) {
		b->s = mem_realloc(b->cap ? b->s : NULL, cap);
		b->cap = cap;
	}
	return b->s + b->len;
}

void sb_addn(struct sb *b, const char *s, size_t n)
{
	if (n == 0)
		return;
	sb_used(b, mempcpy(sb_room(b, n), s, n));
}

void sb_add(struct sb *b, const char *s)
{
	sb_addn(b, s, strlen(s));
}

/* --- numbers --- */

enum { DIGITS_MAX = 20 };

/* Writes the digits of n so that they end at `end`; returns where they start. */
static char *put_digits(char *end, uint64_t n, unsigned base, const char *alphabet)
{
	do
		*--end = alphabet[n % base];
	while (n /= base);
	return end;
}

static char *put_decimal(char *end, uint64_t n)
{
	for (; n >= 10; n /= 10)
		*--end = (char)('0' + n % 10);
	*--end = (char)('0' + n);
	return end;
}

void sb_uint(struct sb *b, uint64_t n)
{
	char text[DIGITS_MAX], *end = text + DIGITS_MAX, *at = put_decimal(end, n);

	sb_addn(b, at, (size_t)(end - at));
}

void sb_uint_right(struct sb *b, uint64_t n, size_t width)
{
	char text[DIGITS_MAX], *end = text + DIGITS_MAX, *at = put_decimal(end, n);

	size_t digits = (size_t)(end - at);

	if (digits < width)
		sb_pad(b, b->len + width - digits);
	sb_addn(b, at, digits);
}

void sb_int(struct sb *b, int64_t n)
{
	if (n < 0)
		sb_addc(b, '-');
	sb_uint(b, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

/* --- printf --- */

struct args {
	va_list ap;
};

/* What stands between the '%' and the letter. */
struct spec {
	bool left, zeros;
	size_t width;
	size_t most;  /* of a string */
	char size;    /* 'i'nt, 'l'ong (or size_t), long 'L'ong */
	bool strange; /* not for us */
};

static const char *read_width(const char *f, struct spec *s, struct args *args)
{
	int width = 0;

	if (*f == '*') {
		width = va_arg(args->ap, int);
		f++;
	}
	for (; *f >= '0' && *f <= '9' && width < 10000; f++)
		width = width * 10 + (*f - '0');
	s->strange |= width < 0;
	s->width = (size_t)width;
	return f;
}

static const char *read_most(const char *f, struct spec *s, struct args *args)
{
	if (f[0] != '.')
		return f;
	s->strange |= f[1] != '*' || f[2] != 's';
	if (s->strange)
		return f;
	int most = va_arg(args->ap, int);
	s->strange |= most < 0;
	s->most = (size_t)most;
	return f + 2;
}

static const char *read_size(const char *f, struct spec *s)
{
	s->size = 'i';
	if (*f == 'z' || *f == 'l') {
		s->size = 'l';
		f++;
	}
	if (s->size == 'l' && f[-1] == 'l' && *f == 'l') {
		s->size = 'L';
		f++;
	}
	return f;
}

static const char *read_spec(const char *f, struct spec *s, struct args *args)
{
	*s = (struct spec){.most = SIZE_MAX};
	for (; *f == '-' || *f == '0'; f++) {
		s->left |= *f == '-';
		s->zeros |= *f == '0';
	}
	return read_size(read_most(read_width(f, s, args), s, args), s);
}

static uint64_t read_uint(const struct spec *s, struct args *args)
{
	switch (s->size) {
	case 'L':
		return va_arg(args->ap, unsigned long long);
	case 'l':
		return va_arg(args->ap, unsigned long);
	default:
		return va_arg(args->ap, unsigned);
	}
}

static int64_t read_int(const struct spec *s, struct args *args)
{
	switch (s->size) {
	case 'L':
		return va_arg(args->ap, long long);
	case 'l':
		return va_arg(args->ap, long);
	default:
		return va_arg(args->ap, int);
	}
}

static void put_field(struct sb *b, const struct spec *s, const char *text, size_t n)
{
	size_t blanks = s->width > n ? s->width - n : 0;
	char *to = sb_room(b, n + blanks);

	memset(s->left ? to + n : to, ' ', blanks);
	memcpy(s->left ? to : to + blanks, text, n);
	sb_used(b, b->s + b->len + n + blanks);
}

static void put_number(struct sb *b, const struct spec *s, bool negative, char *at, char *end)
{
	size_t n = (size_t)(end - at) + negative;

	if (s->zeros && !s->left && s->width > n) {
		if (negative)
			sb_addc(b, '-');
		memset(sb_room(b, s->width - n), '0', s->width - n);
		sb_used(b, b->s + b->len + s->width - n);
		sb_addn(b, at, (size_t)(end - at));
		return;
	}
	if (negative)
		*--at = '-';
	put_field(b, s, at, n);
}

/* One conversion; false: it is one that we leave to the C library. */
static bool put_conversion(struct sb *b, const struct spec *s, char letter, struct args *args)
{
	char text[DIGITS_MAX + 1], *end = text + sizeof(text), c;
	const char *string;
	int64_t i;

	if (s->strange)
		return false;
	switch (letter) {
	case 's':
		string = s->size == 'i' ? va_arg(args->ap, const char *) : NULL;
		if (string)
			put_field(b, s, string, strnlen(string, s->most));
		return string;
	case 'c':
		c = (char)va_arg(args->ap, int);
		put_field(b, s, &c, 1);
		return true;
	case 'u':
		put_number(b, s, false, put_decimal(end, read_uint(s, args)), end);
		return true;
	case 'd':
		i = read_int(s, args);
		put_number(b, s, i < 0, put_decimal(end, i < 0 ? -(uint64_t)i : (uint64_t)i), end);
		return true;
	case 'x':
		put_number(
		    b, s, false, put_digits(end, read_uint(s, args), 16, "0123456789abcdef"), end);
		return true;
	default:
		return false;
	}
}

/* The conversions that shows are made of: %s %.*s %c %d %u %x with width and size. False, with an
 * unfinished text: there is another one in it. */
static bool format(struct sb *b, const char *f, struct args *args)
{
	for (;;) {
		const char *percent = strchrnul(f, '%');
		struct spec s;

		sb_addn(b, f, (size_t)(percent - f));
		if (!*percent)
			return true;
		if (percent[1] == '%') {
			sb_addc(b, '%');
			f = percent + 2;
			continue;
		}
		f = read_spec(percent + 1, &s, args);
		if (!put_conversion(b, &s, *f, args))
			return false;
		f++;
	}
}

static void format_libc(struct sb *b, const char *fmt, struct args *args)
{
	struct args again;
	size_t room = b->cap - b->len;

	va_copy(again.ap, args->ap);

	int n = vsnprintf(b->cap ? b->s + b->len : NULL, room, fmt, args->ap);

	assert(n >= 0);
	if ((size_t)n >= room)
		vsnprintf(sb_room(b, (size_t)n), (size_t)n + 1, fmt, again.ap);
	va_end(again.ap);
	sb_used(b, b->s + b->len + (size_t)n);
}

void sb_vfmt(struct sb *b, const char *fmt, va_list ap)
{
	struct args args;
	size_t start = b->len;

	va_copy(args.ap, ap);
	if (!format(b, fmt, &args)) {
		va_end(args.ap);
		va_copy(args.ap, ap);
		b->len = start;
		format_libc(b, fmt, &args);
	}
	va_end(args.ap);
}

void sb_fmt(struct sb *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sb_vfmt(b, fmt, ap);
	va_end(ap);
}

void sb_pad(struct sb *b, size_t column)
{
	if (column <= b->len)
		return;

	size_t n = column - b->len;

	memset(sb_room(b, n), ' ', n);
	sb_used(b, b->s + b->len + n);
}

char *sb_steal(struct sb *b)
{
	char *s = b->cap ? b->s : mem_strdup("");

	sb_init(b);
	return s;
}
