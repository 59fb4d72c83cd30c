/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Families on the wire: one row each, with its next hop and route codec. Inside the codec only. */
#ifndef FERRO_CODEC_NLRI_H
#define FERRO_CODEC_NLRI_H

#include "bgpd/codec/update.h"

struct family_row {
	uint8_t family; /* enum family */
	uint16_t afi;
	uint8_t safi;
	uint8_t max_bits;
	/* Reads MP_REACH's next hop; false: its length is wrong for the family. */
	bool (*hop_read)(
	    struct rd *r, const struct session_traits *t, struct addr *global, struct addr *local);
};

const struct family_row *family_row_of(uint16_t afi, uint8_t safi); /* NULL: not run */
const struct family_row *family_row_by(enum family family);         /* never NULL */

/* RFC 4271 6.3: true if the routes can be walked. */
bool nlri_check(struct span routes, const struct family_row *f, bool addpath);
void nlri_write(struct wr *w, const struct prefix *p, bool addpath, uint32_t path_id);

/* RFC 4271 6.3: an address that cannot be anybody's next hop. */
bool next_hop_is_martian(const struct addr *a);

#endif
