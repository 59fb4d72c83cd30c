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
	struct span routes;
};

struct update {
	enum attr_result result; /* of the whole message */
	struct nlri withdrawn, reach;       /* IPv4 unicast, from the body */
	struct nlri mp_withdrawn, mp_reach; /* from MP_UNREACH_NLRI, MP_REACH_NLRI */
	struct attr_set attrs;              /* meaningful if there is anything to reach */
	bool end_of_rib;                    /* RFC 4724: withdrawn.family or mp_withdrawn names it */
	struct attr_fault fault;            /* the worst one; result ATTR_OK: none */
	uint8_t discarded;                  /* attributes dropped */
};

/* Body without the header. Spans point into body and into the arena. */
void update_decode(const struct session_traits *t, const uint8_t *body, size_t len,
    struct arena *arena, struct update *out);

/* Walks routes: true and the next prefix (and path id, 0 without add-path), false at the end. The
 * span was checked by update_decode: it cannot fail any more. */
bool nlri_next(struct rd *r, enum family family, bool addpath, struct prefix *p, uint32_t *path_id);

/* Packs announcements that share one attribute set, or withdrawals, into as few messages as fit. */
struct packer;
/* flush is called with each whole message (header included), valid during the call. */
struct packer *packer_new(
    const struct session_traits *t, void (*flush)(void *ctx, const uint8_t *msg, size_t len), void *ctx);
void packer_free(struct packer *p);
/* Starts messages that announce routes of family with this set (ends what was open). */
void packer_announce(struct packer *p, enum family family, const struct attr_set *set);
void packer_withdraw(struct packer *p, enum family family);
void packer_add(struct packer *p, const struct prefix *prefix, uint32_t path_id);
void packer_end(struct packer *p); /* flushes what is open */
/* A whole End-of-RIB message (RFC 4724 section 2). */
void update_end_of_rib(struct wr *w, enum family family);

/* An UPDATE's attributes as FRR's log prints them: "nexthop 10.0.0.2, origin i, path 65002". */
void attr_log_str(const struct attr_set *set, struct sb *to);

#endif
