/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A string that grows by doubling.
 *
 * s always points at a NUL-terminated string; with cap == 0 that is an empty literal, which nothing
 * writes to, so that an unused builder costs no memory. len never counts the NUL, cap always does.
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

/* Makes room for n more bytes and the NUL; returns the place where they go. */
static char *reserve(struct sb *b, size_t n)
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

static void added(struct sb *b, size_t n)
{
	b->len += n;
	b->s[b->len] = '\0';
}

void sb_addn(struct sb *b, const char *s, size_t n)
{
	if (n == 0)
		return;
	memcpy(reserve(b, n), s, n);
	added(b, n);
}

void sb_add(struct sb *b, const char *s)
{
	sb_addn(b, s, strlen(s));
}

void sb_addc(struct sb *b, char c)
{
	*reserve(b, 1) = c;
	added(b, 1);
}

void sb_vfmt(struct sb *b, const char *fmt, va_list ap)
{
	va_list again;
	size_t room = b->cap - b->len;

	va_copy(again, ap);

	int n = vsnprintf(b->cap ? b->s + b->len : NULL, room, fmt, ap);

	assert(n >= 0);
	if ((size_t)n >= room)
		vsnprintf(reserve(b, (size_t)n), (size_t)n + 1, fmt, again);
	va_end(again);
	added(b, (size_t)n);
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

	memset(reserve(b, n), ' ', n);
	added(b, n);
}

char *sb_steal(struct sb *b)
{
	char *s = b->cap ? b->s : mem_strdup("");

	sb_init(b);
	return s;
}
