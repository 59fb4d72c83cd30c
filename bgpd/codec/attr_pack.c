/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packed form: what the store keeps of an attribute set. One table says which numbers and which
 * spans there are; their order is the form's. It never leaves the process, so it may change with
 * any release.
 */
#include "bgpd/codec/attr_pack.h"

#include <assert.h>
#include <string.h>

/* Bits of the packed form's fifth octet, for what has no attribute bit of its own. */
enum {
	PACK_HOP = 3,
	PACK_LOCAL = 4,
	PACK_WEIGHT = 8,
	PACK_UNKNOWN = 16,
	PACK_PARTIAL = 32,
	PACK_IFINDEX = 64,
	PACK_HOP_UNSET = 128 /* a next hop of that family, all zeros: not written */
};

static const struct {
	uint8_t code;
	size_t offset;
} numbers[] = {{ATTR_MED, offsetof(struct attr_set, med)},
    {ATTR_LOCAL_PREF, offsetof(struct attr_set, local_pref)},
    {ATTR_AGGREGATOR, offsetof(struct attr_set, aggregator_as)},
    {ATTR_AGGREGATOR, offsetof(struct attr_set, aggregator_id)},
    {ATTR_ORIGINATOR_ID, offsetof(struct attr_set, originator_id)}},
  spans[] = {{ATTR_AS_PATH, offsetof(struct attr_set, as_path)},
      {ATTR_COMMUNITIES, offsetof(struct attr_set, communities)},
      {ATTR_EXT_COMMUNITIES, offsetof(struct attr_set, ext_communities)},
      {ATTR_LARGE_COMMUNITIES, offsetof(struct attr_set, large_communities)},
      {ATTR_CLUSTER_LIST, offsetof(struct attr_set, cluster_list)}};
enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]), SPANS = sizeof(spans) / sizeof(spans[0]) };

/* have, two octets, next hops, interface, weight, partial, numbers */
enum { FIXED_MAX = 4 + 2 + 16 + 16 + 4 + 4 + 4 + 4 * NUMBERS };

size_t attr_packed_max(const struct attr_set *d)
{
	return FIXED_MAX + (size_t)d->as_path.len + d->communities.len + d->ext_communities.len +
	       d->large_communities.len + d->cluster_list.len + d->unknown.len + 2 * (SPANS + 1);
}

static void pack_span(struct wr *w, const struct span *s)
{
	wr_u16(w, s->len);
	wr_bytes(w, s->p, s->len);
}

/* The fifth octet. */
static uint8_t extra_of(const struct attr_set *d)
{
	uint8_t hop = d->have & ATTR_BIT(ATTR_NEXT_HOP) ? d->next_hop.family : FAMILY_NONE;
	return (uint8_t)(hop | (hop && d->next_hop_local.family ? PACK_LOCAL : 0) |
			 (hop && !addr_is_set(&d->next_hop) ? PACK_HOP_UNSET : 0) |
			 (d->weight ? PACK_WEIGHT : 0) | (d->unknown.len ? PACK_UNKNOWN : 0) |
			 (d->partial ? PACK_PARTIAL : 0) |
			 (d->next_hop_ifindex ? PACK_IFINDEX : 0));
}

/* Bytes of the next hop that are written. */
static unsigned hop_bytes(uint8_t extra)
{
	return extra & PACK_HOP_UNSET ? 0 : family_bytes(extra & PACK_HOP);
}

size_t attr_pack(struct wr *w, const struct attr_set *d)
{
	size_t before = wr_len(w);
	uint8_t extra = extra_of(d);
	wr_u32(w, d->have);
	wr_u8(w, extra);
	wr_u8(w, d->have & ATTR_BIT(ATTR_ORIGIN) ? d->origin : 0);
	wr_bytes(w, d->next_hop.b, hop_bytes(extra));
	if (extra & PACK_LOCAL)
		wr_bytes(w, d->next_hop_local.b, family_bytes(FAMILY_IPV6));
	if (d->next_hop_ifindex)
		wr_u32(w, d->next_hop_ifindex);
	if (d->weight)
		wr_u32(w, d->weight);
	if (d->partial)
		wr_u32(w, d->partial);
	for (size_t i = 0; i < NUMBERS; i++) {
		if (d->have & ATTR_BIT(numbers[i].code))
			wr_u32(w, *(const uint32_t *)((const char *)d + numbers[i].offset));
	}
	size_t head = wr_len(w) - before;
	for (size_t i = 0; i < SPANS; i++) {
		if (d->have & ATTR_BIT(spans[i].code))
			pack_span(w, (const struct span *)((const char *)d + spans[i].offset));
	}
	if (d->unknown.len)
		pack_span(w, &d->unknown);
	return head;
}

size_t attr_head_len(const uint8_t *head)
{
	struct rd r = rd_init(head, ATTR_HEAD_MIN);
	uint32_t have = rd_u32(&r);
	uint8_t extra = rd_u8(&r);
	size_t len = ATTR_HEAD_MIN + hop_bytes(extra);
	len += extra & PACK_LOCAL ? family_bytes(FAMILY_IPV6) : 0;
	len += extra & PACK_IFINDEX ? 4 : 0;
	len += extra & PACK_WEIGHT ? 4 : 0;
	len += extra & PACK_PARTIAL ? 4 : 0;
	for (size_t i = 0; i < NUMBERS; i++)
		len += have & ATTR_BIT(numbers[i].code) ? 4 : 0;
	return len;
}

static struct span unpack_span(struct rd *r)
{
	uint16_t len = rd_u16(r);
	return (struct span){rd_bytes(r, len), len};
}

static void unpack_addr(struct rd *r, uint8_t family, unsigned bytes, struct addr *a)
{
	a->family = family;
	if (bytes)
		memcpy(a->b, rd_bytes(r, bytes), bytes);
}

void attr_unpack(struct rd *r, struct rd *body, struct attr_set *out)
{
	memset(out, 0, sizeof(*out));
	out->have = rd_u32(r);
	uint8_t extra = rd_u8(r);
	out->origin = rd_u8(r);
	if (extra & PACK_HOP)
		unpack_addr(r, extra & PACK_HOP, hop_bytes(extra), &out->next_hop);
	if (extra & PACK_LOCAL)
		unpack_addr(r, FAMILY_IPV6, family_bytes(FAMILY_IPV6), &out->next_hop_local);
	if (extra & PACK_IFINDEX)
		out->next_hop_ifindex = rd_u32(r);
	if (extra & PACK_WEIGHT)
		out->weight = rd_u32(r);
	if (extra & PACK_PARTIAL)
		out->partial = rd_u32(r);
	for (size_t i = 0; i < NUMBERS; i++) {
		if (out->have & ATTR_BIT(numbers[i].code))
			*(uint32_t *)((char *)out + numbers[i].offset) = rd_u32(r);
	}
	for (size_t i = 0; i < SPANS; i++) {
		if (out->have & ATTR_BIT(spans[i].code))
			*(struct span *)((char *)out + spans[i].offset) = unpack_span(body);
	}
	if (extra & PACK_UNKNOWN)
		out->unknown = unpack_span(body);
	assert(!r->bad && !body->bad);
}
