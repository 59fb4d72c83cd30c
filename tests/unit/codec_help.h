/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small things that the codec's tests share. */
#ifndef FERRO_TESTS_CODEC_HELP_H
#define FERRO_TESTS_CODEC_HELP_H

#include <stddef.h>
#include <stdint.h>

#include "bgpd/codec/update.h"

/* Hex with blanks to bytes; returns how many. */
size_t hex_bytes(const char *hex, uint8_t *out, size_t size);
/* Bytes to lower-case hex without blanks, in a buffer that the next call but three reuses. */
const char *hex_text(const uint8_t *p, size_t len);
/* A span over hex, in the arena. */
struct span hex_span(struct arena *a, const char *hex);
/* A path from "1 2 {3,4} (5)": only what aspath_str prints. */
struct span path_of(struct arena *a, const char *text);
const char *path_text(struct span path);

#endif
