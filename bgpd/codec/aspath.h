/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AS paths inside the codec: reading segments, and the wire forms of old and new speakers. What the
 * other rooms need is in attr.h. */
#ifndef FERRO_CODEC_ASPATH_H
#define FERRO_CODEC_ASPATH_H

#include "bgpd/codec/attr.h"

struct segment {
	uint8_t type, count;
	struct rd as; /* count * 4 bytes */
};
/* The next segment of a path in the 4-octet form; false at the end. */
bool segment_next(struct rd *r, struct segment *s);

bool aspath_has_wide(struct span path); /* any AS above 65535? */
/* Checks a path as received (RFC 4271 6.3, 7606 7.2, 7607): as_len is 2 or 4. *wide_len is its
 * length in the 4-octet form. */
bool aspath_check(struct span wire, unsigned as_len, bool confed_allowed, size_t *wide_len);
/* The 4-octet form, in the arena, of a checked path with 2-octet numbers. */
struct span aspath_widen(struct arena *a, struct span wire, size_t wide_len);
/* RFC 6793 4.2.3: the path of an old speaker completed with its AS4_PATH; both in 4-octet form. */
struct span aspath_merge(struct arena *a, struct span path, struct span as4_path);
void aspath_encode(struct wr *w, struct span path, bool as4);
/* As AS4_PATH goes out: without confederation segments (RFC 6793 4.2.2). */
void aspath_encode_public(struct wr *w, struct span path);

#endif
