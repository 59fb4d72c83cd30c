/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of path attributes: inside the codec only. What the other rooms need is in attr.h. */
#ifndef FERRO_CODEC_ATTR_TABLE_H
#define FERRO_CODEC_ATTR_TABLE_H

#include "bgpd/codec/update.h"

enum {
	ATTR_FLAG_OPTIONAL = 0x80,
	ATTR_FLAG_TRANSITIVE = 0x40,
	ATTR_FLAG_PARTIAL = 0x20,
	ATTR_FLAG_EXTENDED = 0x10
};

/* Sessions an attribute may come from and go to. */
enum { ON_EBGP = 1, ON_IBGP = 2, ON_ALL = 3, ON_OLD = 4 /* only with 2-octet AS numbers */ };

/* What the decoders fill, beside the update itself. */
struct decoding {
	const struct session_traits *t;
	struct arena *arena;
	struct update *u;
	bool mp_reach_seen;
	struct addr mp_hop, mp_hop_local;
	struct span as4_path; /* p NULL: none */
	bool as4_aggregator_seen;
	uint32_t as4_aggregator_as, as4_aggregator_id;
	struct span *unknown; /* by code, the whole attribute; NULL: there is none */
};

struct attr_row {
	const char *name;       /* NULL: no such row */
	uint8_t flags;          /* optional, transitive */
	uint16_t min, max;      /* length in bytes */
	uint8_t multiple;       /* ... and a multiple of this */
	uint8_t on;             /* received on another kind of session it is discarded */
	enum attr_result wrong; /* RFC 7606 section 7: when length or value are wrong */
	uint8_t subcode;        /* NOTIFICATION subcode for a wrong value, where it comes to that */
	/* Reads the value, whose length fits; false: the value is wrong. NULL: never taken. */
	bool (*decode)(struct rd *r, struct decoding *d);
	/* Is it to be sent? NULL: if set->have says that it is there. */
	bool (*wanted)(const struct attr_set *set, const struct session_traits *t);
	/* Writes the value. NULL: not written by attr_encode. */
	void (*encode)(struct wr *w, const struct attr_set *set, const struct session_traits *t);
};

const struct attr_row *attr_row_of(uint8_t code); /* NULL: unknown */
/* May the attribute be on a session of this kind? */
bool attr_row_allowed(const struct attr_row *row, const struct session_traits *t);

#endif
