/* SPDX-License-Identifier: GPL-2.0-or-later */
/* String builder: a growing, always NUL-terminated string.
 *
 * sb_init needs no memory; sb_fini frees. sb_steal hands the heap string to the caller (mem_free).
 */
#ifndef FERRO_LIB_SB_H
#define FERRO_LIB_SB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sb {
	char *s; /* never NULL after sb_init */
	size_t len, cap;
};

void sb_init(struct sb *b);
void sb_fini(struct sb *b);
void sb_clear(struct sb *b);
void sb_add(struct sb *b, const char *s);
void sb_addn(struct sb *b, const char *s, size_t n);
static inline void sb_addc(struct sb *b, char c);
void sb_uint(struct sb *b, uint64_t n);
void sb_int(struct sb *b, int64_t n);
/* The number, right-aligned in `width` columns. */
void sb_uint_right(struct sb *b, uint64_t n, size_t width);
/* Room for n bytes and a NUL at the end, to be written by the caller, who says with sb_used where
 * they end; nothing else may be added in between. */
static inline char *sb_room(struct sb *b, size_t n);
static inline void sb_used(struct sb *b, const char *end);
void sb_fmt(struct sb *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sb_vfmt(struct sb *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
void sb_pad(struct sb *b, size_t column); /* blanks up to len == column, at least none */
char *sb_steal(struct sb *b);

/* ---- in line: tables of a million rows live on these ---- */

char *sb_grow(struct sb *b, size_t n); /* sb_room, where there is none */

static inline char *sb_room(struct sb *b, size_t n)
{
	return n < b->cap - b->len ? b->s + b->len : sb_grow(b, n);
}

static inline void sb_used(struct sb *b, const char *end)
{
	b->len = (size_t)(end - b->s);
	b->s[b->len] = '\0';
}

static inline void sb_addc(struct sb *b, char c)
{
	char *to = sb_room(b, 1);

	*to++ = c;
	sb_used(b, to);
}

#endif
