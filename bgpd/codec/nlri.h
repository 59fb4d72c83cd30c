/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes on the wire: their codec. Inside the codec only; the families are in family.h. */
#ifndef FERRO_CODEC_NLRI_H
#define FERRO_CODEC_NLRI_H

#include "bgpd/codec/family.h"
#include "bgpd/codec/update.h"

/* RFC 4271 6.3: true if the routes can be walked. */
bool nlri_check(struct span routes, const struct family_row *f, bool addpath);
void nlri_write(struct wr *w, const struct prefix *p, bool addpath, uint32_t path_id);

/* RFC 4271 6.3: an address that cannot be anybody's next hop. */
bool next_hop_is_martian(const struct addr *a);

#endif
