/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of families that Ferro runs: numbers, names and codec of each, a row in nlri.c.
 *
 * The one source of what differs from family to family: OPEN, UPDATE, refresh, groups, shows, clear
 * and replay go over the table or look a row up. enum family is its index, FAMILY_LIMIT the size of
 * arrays by family.
 */
#ifndef FERRO_CODEC_FAMILY_H
#define FERRO_CODEC_FAMILY_H

#include "bgpd/codec/attr.h"

struct family_row {
	uint8_t family; /* enum family */
	uint16_t afi;
	uint8_t safi;
	uint8_t max_bits;   /* of a prefix */
	uint8_t hop_family; /* enum family of the addresses that are its next hops */
	bool in_body; /* routes stand in UPDATE's body if they can (RFC 4271), not in MP_REACH */
	bool hop_extended;                /* RFC 8950: next hops may be IPv6 */
	bool on_by_default;               /* active without `activate`: bgp default ipv4-unicast */
	const char *afi_name, *safi_name; /* "IPv4", "unicast" */
	const char *title, *key, *word, *block; /* "IPv4 Unicast", "ipv4Unicast", "ipv4", and the
						 * configuration's "address-family ipv4 unicast" */
	/* Reads MP_REACH's next hop; false: its length is wrong for the family. */
	bool (*hop_read)(
	    struct rd *r, const struct session_traits *t, struct addr *global, struct addr *local);
};

const struct family_row *family_row_of(uint16_t afi, uint8_t safi); /* NULL: not run */
const struct family_row *family_row_by(enum family family);         /* never NULL */

/* In the table's order, which is FRR's. */
#define FOR_EACH_FAMILY(f) for (enum family f = FAMILY_IPV4; f < FAMILY_LIMIT; f++)

#endif
