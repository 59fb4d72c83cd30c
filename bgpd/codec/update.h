/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UPDATE: slicing into ranges, decoding of attributes through the attribute table, and packing.
 *
 * Decoding never fails half-way: the answer says what to do with the whole message (RFC 7606), and
 * the routes it names can always be walked where the result is below ATTR_AFI_DISABLE.
 */
#ifndef FERRO_CODEC_UPDATE_H
#define FERRO_CODEC_UPDATE_H

#include "bgpd/codec/attr.h"

/* Routes of one family inside a message. */
struct nlri {
	uint8_t family; /* enum family; NONE: a family Ferro does not run */
	uint16_t afi;
	uint8_t safi;
	bool withdraw; /* only in reach, mp_reach: treat these routes as withdrawn (RFC 7606) */
	struct span routes;
};

struct update {
	enum attr_result result; /* the worst; ATTR_WITHDRAW: see .withdraw of reach and mp_reach */
	struct nlri withdrawn, reach;       /* IPv4 unicast, from the body */
	struct nlri mp_withdrawn, mp_reach; /* from MP_UNREACH_NLRI, MP_REACH_NLRI */
	struct attr_set attrs;              /* of reach; meaningful if there is any */
	struct attr_set mp_attrs;           /* of mp_reach: the same with MP_REACH's next hop */
	bool end_of_rib;         /* RFC 4724: withdrawn.family or mp_withdrawn names it */
	struct attr_fault fault; /* the worst one; result ATTR_OK: none */
	uint8_t discarded;       /* attributes dropped */
};

/* Body without the header. Spans point into body and into the arena. */
void update_decode(const struct session_traits *t, const uint8_t *body, size_t len,
    struct arena *arena, struct update *out);

/* Walks routes: true and the next prefix (and path id, 0 without add-path), false at the end. The
 * span was checked by update_decode: it cannot fail any more. Host bits are cleared; multicast and
 * link-local prefixes are skipped (RFC 4271 6.3: semantically incorrect ones are ignored). */
bool nlri_next(struct rd *r, enum family family, bool addpath, struct prefix *p, uint32_t *path_id);

/* Packs announcements that share one attribute set, or withdrawals, into as few messages as fit. */
struct packer;
/* flush is called with each whole message (header included), valid during the call. */
struct packer *packer_new(const struct session_traits *t,
    void (*flush)(void *ctx, const uint8_t *msg, size_t len), void *ctx);
void packer_free(struct packer *p);
/* Starts messages that announce routes of family with this set (ends what was open). False: the set
 * does not fit into a message of the session, nothing is open, and the routes must be withdrawn
 * from the peer instead (RFC 4271 9.2). IPv4 routes with an IPv6 next hop go into MP_REACH (RFC
 * 8950). */
bool packer_announce(struct packer *p, enum family family, const struct attr_set *set);
/* Where the next hop's octets stand in each message of the announcement that was started. */
uint32_t packer_hop_offset(const struct packer *p);
void packer_withdraw(struct packer *p, enum family family);
/* path_id is written only if the session sends add-path for the family. */
void packer_add(struct packer *p, const struct prefix *prefix, uint32_t path_id);
void packer_end(struct packer *p); /* flushes what is open */
/* A whole End-of-RIB message (RFC 4724 section 2). */
void update_end_of_rib(struct wr *w, enum family family);

/* An UPDATE's attributes as FRR's log prints them: "nexthop 10.0.0.2, origin i, path 65002". */
void attr_log_str(const struct attr_set *set, struct sb *to);

#endif
