/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities (RFC 5492): one table row each, used by OPEN only (bgpd/codec/message.c). */
#ifndef FERRO_CODEC_CAPABILITY_H
#define FERRO_CODEC_CAPABILITY_H

#include "bgpd/codec/message.h"

/* Reads capabilities to the end of r into caps; false if one runs past the end. One of an unknown
 * code or a wrong length is ignored. */
bool caps_decode(struct rd *r, struct cap_set *caps);
/* Writes everything that is in caps, each capability {code, length, value}. */
void caps_encode(struct wr *w, const struct cap_set *caps);

#endif
