/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sparse set of 32-bit handles, and a sparse array of words by handle; both paged, so that memory
 * follows what is in them. For this room only.
 */
#ifndef FERRO_RIB_BITS_H
#define FERRO_RIB_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BITS_PAGE = 1024 }; /* handles of a page, of both kinds */

struct bits;
struct bits *bits_new(void);
void bits_free(struct bits *b);
void bits_set(struct bits *b, uint32_t n);
void bits_clear(struct bits *b, uint32_t n);
bool bits_test(const struct bits *b, uint32_t n);
bool bits_empty(const struct bits *b);
/* The first member at or behind n; UINT32_MAX: none. */
uint32_t bits_next(const struct bits *b, uint32_t n);
/* Says whether both hold the same members of n's page. */
bool bits_same_page(const struct bits *a, const struct bits *b, uint32_t n);

struct words;
/* Adds each index whose word is not 0. */
void bits_add_words(struct bits *b, const struct words *w);
struct words *words_new(void);
void words_free(struct words *w);
uint32_t words_get(const struct words *w, uint32_t n); /* 0 where nothing was set */
void words_set(struct words *w, uint32_t n, uint32_t value);
/* The first index at or behind n whose word is not 0; UINT32_MAX: none. */
uint32_t words_next(const struct words *w, uint32_t n);
uint32_t words_count(const struct words *w); /* words that are not 0 */
size_t words_bytes(const struct words *w);

#endif
