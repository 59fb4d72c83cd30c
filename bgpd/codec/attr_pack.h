/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packed form of an attribute set, for the store (attr_store.c): a head of numbers and next
 * hops, then a body of spans. Both are canonical: only what is there, in a fixed order, so two
 * drafts are the same set exactly if their packed forms are equal.
 */
#ifndef FERRO_CODEC_ATTR_PACK_H
#define FERRO_CODEC_ATTR_PACK_H

#include "bgpd/codec/attr.h"

enum { ATTR_HEAD_MIN = 6 }; /* bytes; as much can be read of any head */

size_t attr_packed_max(const struct attr_set *d); /* bytes that a draft takes at most */
/* Writes head and body; returns how many bytes are the head's. */
size_t attr_pack(struct wr *w, const struct attr_set *d);
size_t attr_head_len(const uint8_t *head);
/* Reads head and body, which may be one place: then the body follows the head. Spans point into the
 * body. */
void attr_unpack(struct rd *head, struct rd *body, struct attr_set *out);

#endif
