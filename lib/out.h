/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output of shows: one emitter for text and JSON, streaming into a string that the caller drains.
 *
 * A show function calls the same functions for both renditions where they agree (out_str and its
 * siblings take the JSON key and a printf format for text), and asks out_json only for layout.
 * JSON is always a valid document: the emitter tracks nesting, commas and escapes, and replaces
 * what is not UTF-8. Objects are printed in one of two styles, which may be mixed as FRR mixes
 * them: OUT_PRETTY (two blanks a level, "key":value) and OUT_PLAIN (one line, no blanks). Nothing
 * is written behind the outermost value; FRR ends most documents with a newline (out_raw).
 */
#ifndef FERRO_LIB_OUT_H
#define FERRO_LIB_OUT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/sb.h"

enum out_style { OUT_PRETTY, OUT_PLAIN };

struct out;

/* Writes go to *to, which the owner drains; `json` chooses the rendition. */
struct out *out_new(struct sb *to, bool json);
void out_free(struct out *o);
bool out_json(const struct out *o);
size_t out_queued(const struct out *o); /* bytes waiting in the builder */
/* Whether strings have "\/" for "/" from here on (off at first). FRR escapes in `show bgp
 * neighbors` and `show static routes`, and nowhere else. */
void out_escape_slash(struct out *o, bool on);

/* The builder itself, for rows of text that are built without formats. */
struct sb *out_sb(struct out *o);

/* Text only: nothing is written in the JSON rendition. */
void out_text(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Written in both renditions as it is: FRR's hand-made JSON frames, errors. */
void out_raw(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* JSON structure: nothing is written in the text rendition. key is NULL inside an array and at the
 * top, unless the frame around the top is hand-made. The style holds for the object and what is
 * inside it, until a child asks for another; the outermost is OUT_PRETTY unless it says otherwise.
 */
void out_obj(struct out *o, const char *key);
void out_obj_styled(struct out *o, const char *key, enum out_style style);
void out_obj_end(struct out *o);
void out_arr(struct out *o, const char *key);
void out_arr_styled(struct out *o, const char *key, enum out_style style);
void out_arr_end(struct out *o);

/* Fields. fmt is the text rendition (NULL: none), a printf format for the same value. The JSON
 * rendition is written if key is not NULL or the emitter is inside an array. */
void out_str(struct out *o, const char *key, const char *fmt, const char *value);
/* JSON only: a string made with printf. */
void out_strf(struct out *o, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void out_int(struct out *o, const char *key, const char *fmt /* %lld */, int64_t value);
void out_uint(struct out *o, const char *key, const char *fmt /* %llu */, uint64_t value);
void out_bool(struct out *o, const char *key, const char *text_if_true, bool value);
void out_double(struct out *o, const char *key, const char *fmt, double value);

#endif
