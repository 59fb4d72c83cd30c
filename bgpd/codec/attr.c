/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path-attribute table: everything that differs from one attribute to the next, once.
 *
 * The loops (update.c for decoding, attr_encode here) do flags, lengths, duplicates, where an
 * attribute is allowed and what happens when it is wrong; a decoder only reads a value whose length
 * fits its row, an encoder only writes one. A new attribute is a row and its two functions. Rows
 * are in ascending order of codes, which is the order of sending.
 */
#include <string.h>

#include "bgpd/codec/aspath.h"
#include "bgpd/codec/attr_table.h"
#include "bgpd/codec/nlri.h"

/* ---- decoders ---- */

static bool origin_decode(struct rd *r, struct decoding *d)
{
	d->u->attrs.origin = rd_u8(r);
	return d->u->attrs.origin <= ORIGIN_INCOMPLETE;
}

static bool as_path_decode(struct rd *r, struct decoding *d)
{
	struct span wire = {r->p, (uint16_t)rd_left(r)};
	size_t wide;
	if (!aspath_check(wire, d->t->as4 ? 4 : 2, !d->t->ebgp, &wide))
		return false;
	d->u->attrs.as_path = d->t->as4 ? wire : aspath_widen(d->arena, wire, wide);
	return true;
}

static bool as4_path_decode(struct rd *r, struct decoding *d)
{
	struct span wire = {r->p, (uint16_t)rd_left(r)};
	size_t wide;
	if (!aspath_check(wire, 4, true, &wide))
		return false;
	d->as4_path = wire;
	return true;
}

static bool next_hop_decode(struct rd *r, struct decoding *d)
{
	d->u->attrs.next_hop = addr_from_ipv4(rd_u32(r));
	return true;
}

static bool med_decode(struct rd *r, struct decoding *d)
{
	d->u->attrs.med = rd_u32(r);
	return true;
}

static bool local_pref_decode(struct rd *r, struct decoding *d)
{
	d->u->attrs.local_pref = rd_u32(r);
	return true;
}

static bool atomic_decode(struct rd *r, struct decoding *d)
{
	(void)r;
	(void)d;
	return true;
}

static bool aggregator_decode(struct rd *r, struct decoding *d)
{
	struct attr_set *a = &d->u->attrs;
	if (rd_left(r) != (d->t->as4 ? 8 : 6))
		return false;
	a->aggregator_as = d->t->as4 ? rd_u32(r) : rd_u16(r);
	a->aggregator_id = rd_u32(r);
	return a->aggregator_as != 0; /* RFC 7607 */
}

static bool as4_aggregator_decode(struct rd *r, struct decoding *d)
{
	d->as4_aggregator_as = rd_u32(r);
	d->as4_aggregator_id = rd_u32(r);
	d->as4_aggregator_seen = d->as4_aggregator_as != 0;
	return d->as4_aggregator_seen;
}

static struct span rest_of(struct rd *r)
{
	return (struct span){r->p, (uint16_t)rd_left(r)};
}

static bool communities_decode(struct rd *r, struct decoding *d)
{
	d->u->attrs.communities = community_canon(d->arena, rest_of(r), 4);
	return true;
}

static bool ext_communities_decode(struct rd *r, struct decoding *d)
{
	d->u->attrs.ext_communities = community_canon(d->arena, rest_of(r), 8);
	return true;
}

static bool large_communities_decode(struct rd *r, struct decoding *d)
{
	d->u->attrs.large_communities = community_canon(d->arena, rest_of(r), 12);
	return true;
}

static bool originator_id_decode(struct rd *r, struct decoding *d)
{
	d->u->attrs.originator_id = rd_u32(r);
	return true;
}

static bool cluster_list_decode(struct rd *r, struct decoding *d)
{
	d->u->attrs.cluster_list = rest_of(r);
	return true;
}

static bool mp_reach_decode(struct rd *r, struct decoding *d)
{
	struct nlri *n = &d->u->mp_reach;
	uint16_t afi = rd_u16(r);
	uint8_t safi = rd_u8(r);
	struct rd hop = rd_sub(r, rd_u8(r));
	rd_u8(r);
	if (r->bad)
		return false;
	d->mp_reach_seen = true;
	const struct family_row *f = family_row_of(afi, safi);
	*n = (struct nlri){f ? f->family : FAMILY_NONE, afi, safi, false, rest_of(r)};
	if (!f)
		return true;
	return f->hop_read(&hop, d->t, &d->mp_hop, &d->mp_hop_local) &&
	       nlri_check(n->routes, f, d->t->addpath_rx[f->family]);
}

static bool mp_unreach_decode(struct rd *r, struct decoding *d)
{
	struct nlri *n = &d->u->mp_withdrawn;
	uint16_t afi = rd_u16(r);
	uint8_t safi = rd_u8(r);
	const struct family_row *f = family_row_of(afi, safi);
	*n = (struct nlri){f ? f->family : FAMILY_NONE, afi, safi, false, rest_of(r)};
	return !f || nlri_check(n->routes, f, d->t->addpath_rx[f->family]);
}

/* ---- encoders ---- */

static void origin_encode(struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	wr_u8(w, s->origin);
}

static void as_path_encode(struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	aspath_encode(w, s->as_path, t->as4);
}

static bool as4_path_wanted(const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	return s->have & ATTR_BIT(ATTR_AS_PATH) && aspath_has_wide(s->as_path);
}

static void as4_path_encode(struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	aspath_encode_public(w, s->as_path);
}

static bool next_hop_wanted(const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	return s->have & ATTR_BIT(ATTR_NEXT_HOP) && s->next_hop.family == FAMILY_IPV4;
}

static void next_hop_encode(struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	wr_bytes(w, s->next_hop.b, 4);
}

static void med_encode(struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	wr_u32(w, s->med);
}

static void local_pref_encode(
    struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	wr_u32(w, s->local_pref);
}

static void atomic_encode(struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	(void)w;
	(void)s;
	(void)t;
}

static void aggregator_encode(
    struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	if (t->as4)
		wr_u32(w, s->aggregator_as);
	else
		wr_u16(w, (uint16_t)(s->aggregator_as > UINT16_MAX ? AS_TRANS : s->aggregator_as));
	wr_u32(w, s->aggregator_id);
}

static bool as4_aggregator_wanted(const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	return s->have & ATTR_BIT(ATTR_AGGREGATOR) && s->aggregator_as > UINT16_MAX;
}

static void as4_aggregator_encode(
    struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	wr_u32(w, s->aggregator_as);
	wr_u32(w, s->aggregator_id);
}

static bool communities_wanted(const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	return s->have & ATTR_BIT(ATTR_COMMUNITIES) && s->communities.len;
}

static void communities_encode(
    struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	wr_bytes(w, s->communities.p, s->communities.len);
}

static void originator_id_encode(
    struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	wr_u32(w, s->originator_id);
}

static void cluster_list_encode(
    struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	wr_bytes(w, s->cluster_list.p, s->cluster_list.len);
}

/* RFC 4360 section 6: a non-transitive one does not leave the AS. */
static bool ext_community_leaves(const uint8_t *c, const struct session_traits *t)
{
	return !t->ebgp || !(c[0] & 0x40);
}

static bool ext_communities_wanted(const struct attr_set *s, const struct session_traits *t)
{
	if (!(s->have & ATTR_BIT(ATTR_EXT_COMMUNITIES)))
		return false;
	for (unsigned i = 0; i < s->ext_communities.len; i += 8) {
		if (ext_community_leaves(s->ext_communities.p + i, t))
			return true;
	}
	return false;
}

static void ext_communities_encode(
    struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	for (unsigned i = 0; i < s->ext_communities.len; i += 8) {
		if (ext_community_leaves(s->ext_communities.p + i, t))
			wr_bytes(w, s->ext_communities.p + i, 8);
	}
}

static bool large_communities_wanted(const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	return s->have & ATTR_BIT(ATTR_LARGE_COMMUNITIES) && s->large_communities.len;
}

static void large_communities_encode(
    struct wr *w, const struct attr_set *s, const struct session_traits *t)
{
	(void)t;
	wr_bytes(w, s->large_communities.p, s->large_communities.len);
}

/* ---- the table ---- */

enum {
	WELL_KNOWN = ATTR_FLAG_TRANSITIVE,
	OPTIONAL = ATTR_FLAG_OPTIONAL,
	OPT_TRANS = ATTR_FLAG_OPTIONAL | ATTR_FLAG_TRANSITIVE,
	ANY_LENGTH = UINT16_MAX,
};

/* clang-format off */
static const struct attr_row rows[] = {
	[ATTR_ORIGIN] = {"ORIGIN", WELL_KNOWN, 1, 1, 1, ON_ALL, ATTR_WITHDRAW, NOTIFY_UPDATE_ORIGIN,
	 origin_decode, NULL, origin_encode},
	[ATTR_AS_PATH] = {"AS_PATH", WELL_KNOWN, 0, ANY_LENGTH, 1, ON_ALL, ATTR_WITHDRAW,
	 NOTIFY_UPDATE_AS_PATH, as_path_decode, NULL, as_path_encode},
	[ATTR_NEXT_HOP] = {"NEXT_HOP", WELL_KNOWN, 4, 4, 1, ON_ALL, ATTR_WITHDRAW,
	 NOTIFY_UPDATE_NEXT_HOP, next_hop_decode, next_hop_wanted, next_hop_encode},
	[ATTR_MED] = {"MULTI_EXIT_DISC", OPTIONAL, 4, 4, 1, ON_ALL, ATTR_WITHDRAW,
	 NOTIFY_UPDATE_OPTIONAL, med_decode, NULL, med_encode},
	[ATTR_LOCAL_PREF] = {"LOCAL_PREF", WELL_KNOWN, 4, 4, 1, ON_IBGP, ATTR_WITHDRAW,
	 NOTIFY_UPDATE_LENGTH, local_pref_decode, NULL, local_pref_encode},
	[ATTR_ATOMIC_AGGREGATE] = {"ATOMIC_AGGREGATE", WELL_KNOWN, 0, 0, 1, ON_ALL, ATTR_DISCARD,
	 NOTIFY_UPDATE_LENGTH, atomic_decode, NULL, atomic_encode},
	[ATTR_AGGREGATOR] = {"AGGREGATOR", OPT_TRANS, 6, 8, 2, ON_ALL, ATTR_DISCARD,
	 NOTIFY_UPDATE_OPTIONAL, aggregator_decode, NULL, aggregator_encode},
	[ATTR_COMMUNITIES] = {"COMMUNITY", OPT_TRANS, 4, ANY_LENGTH, 4, ON_ALL, ATTR_WITHDRAW,
	 NOTIFY_UPDATE_OPTIONAL, communities_decode, communities_wanted, communities_encode},
	[ATTR_ORIGINATOR_ID] = {"ORIGINATOR_ID", OPTIONAL, 4, 4, 1, ON_IBGP, ATTR_WITHDRAW,
	 NOTIFY_UPDATE_OPTIONAL, originator_id_decode, NULL, originator_id_encode},
	[ATTR_CLUSTER_LIST] = {"CLUSTER_LIST", OPTIONAL, 4, ANY_LENGTH, 4, ON_IBGP, ATTR_WITHDRAW,
	 NOTIFY_UPDATE_OPTIONAL, cluster_list_decode, NULL, cluster_list_encode},
	[ATTR_MP_REACH] = {"MP_REACH_NLRI", OPTIONAL, 5, ANY_LENGTH, 1, ON_ALL, ATTR_RESET,
	 NOTIFY_UPDATE_OPTIONAL, mp_reach_decode, NULL, NULL},
	[ATTR_MP_UNREACH] = {"MP_UNREACH_NLRI", OPTIONAL, 3, ANY_LENGTH, 1, ON_ALL, ATTR_RESET,
	 NOTIFY_UPDATE_OPTIONAL, mp_unreach_decode, NULL, NULL},
	[ATTR_EXT_COMMUNITIES] = {"EXT_COMMUNITIES", OPT_TRANS, 8, ANY_LENGTH, 8, ON_ALL, ATTR_WITHDRAW,
	 NOTIFY_UPDATE_OPTIONAL, ext_communities_decode, ext_communities_wanted,
	 ext_communities_encode},
	[ATTR_AS4_PATH] = {"AS4_PATH", OPT_TRANS, 6, ANY_LENGTH, 2, ON_ALL | ON_OLD, ATTR_DISCARD,
	 NOTIFY_UPDATE_OPTIONAL, as4_path_decode, as4_path_wanted, as4_path_encode},
	[ATTR_AS4_AGGREGATOR] = {"AS4_AGGREGATOR", OPT_TRANS, 8, 8, 1, ON_ALL | ON_OLD, ATTR_DISCARD,
	 NOTIFY_UPDATE_OPTIONAL, as4_aggregator_decode, as4_aggregator_wanted,
	 as4_aggregator_encode},
	/* Belongs to a family that is not run: must not be passed on with others (RFC 9552 8.2.2). */
	[ATTR_LINK_STATE] = {"LINK_STATE", OPTIONAL, 0, ANY_LENGTH, 1, 0, ATTR_DISCARD,
	 NOTIFY_UPDATE_OPTIONAL, NULL, NULL, NULL},
	[ATTR_LARGE_COMMUNITIES] = {"LARGE_COMMUNITY", OPT_TRANS, 12, ANY_LENGTH, 12, ON_ALL,
	 ATTR_WITHDRAW, NOTIFY_UPDATE_OPTIONAL, large_communities_decode, large_communities_wanted,
	 large_communities_encode},
	/* Not to leave or enter an SR domain unasked (RFC 8669 section 5); corrupt ones travelled far. */
	[ATTR_PREFIX_SID] = {"PREFIX_SID", OPT_TRANS, 0, ANY_LENGTH, 1, 0, ATTR_DISCARD,
	 NOTIFY_UPDATE_OPTIONAL, NULL, NULL, NULL},
};
/* clang-format on */
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

const struct attr_row *attr_row_of(uint8_t code)
{
	return code < ROWS && rows[code].name ? &rows[code] : NULL;
}

const char *attr_name(uint8_t code)
{
	const struct attr_row *row = attr_row_of(code);
	return row ? row->name : NULL;
}

bool attr_row_allowed(const struct attr_row *row, const struct session_traits *t)
{
	return row->on & (t->ebgp ? ON_EBGP : ON_IBGP) && !(row->on & ON_OLD && t->as4);
}

/* ---- encoding ---- */

static void row_encode(
    struct wr *w, uint8_t code, const struct attr_set *set, const struct session_traits *t)
{
	const struct attr_row *row = &rows[code];
	bool partial = row->flags == OPT_TRANS && set->partial & ATTR_BIT(code);
	size_t head = wr_len(w);
	wr_u8(w, row->flags | (partial ? ATTR_FLAG_PARTIAL : 0));
	wr_u8(w, code);
	size_t mark = wr_mark8(w);
	row->encode(w, set, t);
	size_t len = wr_len(w) - mark - 1;
	if (len <= UINT8_MAX) {
		wr_fill8(w, mark);
		return;
	}
	wr_u8(w, 0); /* room for the second octet of the length */
	if (w->bad)
		return;
	w->base[head] |= ATTR_FLAG_EXTENDED;
	memmove(w->base + mark + 2, w->base + mark + 1, len);
	w->base[mark] = (uint8_t)(len >> 8);
	w->base[mark + 1] = (uint8_t)len;
}

/* Writes the unknown attributes whose codes are below limit; they are in ascending order. */
static void unknown_encode(struct wr *w, struct rd *unknown, unsigned limit)
{
	while (rd_left(unknown) >= 4 && unknown->p[1] < limit) {
		uint8_t flags = rd_u8(unknown), code = rd_u8(unknown);
		uint16_t len = rd_u16(unknown);
		bool extended = len > UINT8_MAX;
		wr_u8(w,
		    (uint8_t)((flags & ~ATTR_FLAG_EXTENDED) | (extended ? ATTR_FLAG_EXTENDED : 0)));
		wr_u8(w, code);
		if (extended)
			wr_u16(w, len);
		else
			wr_u8(w, (uint8_t)len);
		wr_bytes(w, rd_bytes(unknown, len), len);
	}
}

void attr_encode(
    struct wr *w, const struct attr_set *set, const struct session_traits *t, bool with_next_hop)
{
	struct rd unknown = span_rd(set->unknown);
	for (uint8_t code = 0; code < ROWS; code++) {
		const struct attr_row *row = &rows[code];
		if (!row->encode || !attr_row_allowed(row, t))
			continue;
		if (code == ATTR_NEXT_HOP && !with_next_hop)
			continue;
		if (row->wanted ? !row->wanted(set, t) : !(set->have & ATTR_BIT(code)))
			continue;
		unknown_encode(w, &unknown, code);
		row_encode(w, code, set, t);
	}
	unknown_encode(w, &unknown, UINT8_MAX + 1);
}
