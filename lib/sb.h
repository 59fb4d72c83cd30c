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

struct sb {
	char *s; /* never NULL after sb_init */
	size_t len, cap;
};

void sb_init(struct sb *b);
void sb_fini(struct sb *b);
void sb_clear(struct sb *b);
void sb_add(struct sb *b, const char *s);
void sb_addn(struct sb *b, const char *s, size_t n);
void sb_addc(struct sb *b, char c);
void sb_fmt(struct sb *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sb_vfmt(struct sb *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
void sb_pad(struct sb *b, size_t column); /* blanks up to len == column, at least none */
char *sb_steal(struct sb *b);

#endif
