/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain values to interned sets and back. */
#include <string.h>

#include "model.h"

uint32_t huge_community(unsigned i)
{
	return 0x00640000u + i * 3;
}

struct bytes {
	uint8_t b[HUGE * 4];
	uint16_t len;
};

static void add32(struct bytes *to, uint32_t v)
{
	for (unsigned k = 0; k < 4; k++)
		to->b[to->len++] = (uint8_t)(v >> (24 - 8 * k));
}

static struct span span_of(const struct bytes *b)
{
	return (struct span){b->b, b->len};
}

static void add_segment(struct bytes *to, uint8_t type, const uint32_t *as, unsigned n)
{
	if (!n)
		return;
	to->b[to->len++] = type;
	to->b[to->len++] = (uint8_t)n;
	for (unsigned k = 0; k < n; k++)
		add32(to, as[k]);
}

static void put(struct attr_set *a, bool has, enum attr_code code)
{
	if (has)
		a->have |= ATTR_BIT(code);
}

uint32_t route_intern(struct attr_store *s, const struct route *r)
{
	static const uint8_t unknown[] = {0xe0, 99, 0, 3, 'a', 'b', 'c'};
	struct bytes path = {.len = 0}, clusters = {.len = 0}, communities = {.len = 0},
		     large = {.len = 0};
	struct attr_set a = {.origin = r->origin,
	    .next_hop = r->hop,
	    .next_hop_local = r->hop_local,
	    .next_hop_ifindex = r->ifindex,
	    .med = r->med,
	    .local_pref = r->lp,
	    .weight = r->weight,
	    .aggregator_as = r->aggregator_as,
	    .aggregator_id = r->aggregator_id,
	    .originator_id = r->originator};
	unsigned in_sequence = r->path_len - r->in_set;

	add_segment(&path, AS_SEQUENCE, r->path, in_sequence);
	add_segment(&path, AS_SET, r->path + in_sequence, r->in_set);
	for (unsigned k = 0; k < r->cluster_count; k++)
		add32(&clusters, r->clusters[k]);
	for (unsigned k = 0; k < r->community_count; k++)
		add32(&communities, r->communities[k]);
	for (unsigned k = 0; r->huge && k < HUGE; k++)
		add32(&communities, huge_community(k));
	for (unsigned k = 0; k < r->large_count * 3u; k++)
		add32(&large, r->large[k]);
	a.as_path = span_of(&path);
	a.cluster_list = span_of(&clusters);
	a.communities = span_of(&communities);
	a.large_communities = span_of(&large);
	a.ext_communities = (struct span){r->ext[0], (uint16_t)(8 * r->ext_count)};
	if (r->unknown)
		a.unknown = (struct span){unknown, sizeof(unknown)};
	put(&a, true, ATTR_ORIGIN);
	put(&a, true, ATTR_AS_PATH);
	put(&a, true, ATTR_NEXT_HOP);
	put(&a, r->has_med, ATTR_MED);
	put(&a, r->has_lp, ATTR_LOCAL_PREF);
	put(&a, r->atomic, ATTR_ATOMIC_AGGREGATE);
	put(&a, r->has_aggregator, ATTR_AGGREGATOR);
	put(&a, communities.len, ATTR_COMMUNITIES);
	put(&a, r->has_originator, ATTR_ORIGINATOR_ID);
	put(&a, clusters.len, ATTR_CLUSTER_LIST);
	put(&a, r->ext_count, ATTR_EXT_COMMUNITIES);
	put(&a, large.len, ATTR_LARGE_COMMUNITIES);
	return attr_intern(s, &a);
}

static uint32_t word(struct span s, unsigned k)
{
	const uint8_t *b = s.p + k * 4;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void path_of(struct span s, struct route *r)
{
	for (unsigned at = 0; at < s.len; at += 2 + 4u * s.p[at + 1]) {
		struct span body = {s.p + at + 2, (uint16_t)(4u * s.p[at + 1])};
		for (unsigned k = 0; k < body.len / 4u; k++)
			r->path[r->path_len++] = word(body, k);
		if (s.p[at] == AS_SET)
			r->in_set = s.p[at + 1];
	}
}

static bool has(const struct attr_set *a, enum attr_code code)
{
	return (a->have & ATTR_BIT(code)) != 0;
}

void route_of_set(const struct attr_store *s, uint32_t id, struct route *r)
{
	struct attr_set a;

	attr_view(s, id, &a);
	memset(r, 0, sizeof(*r));
	r->hop = a.next_hop;
	r->hop_local = a.next_hop_local;
	r->ifindex = a.next_hop_ifindex;
	r->origin = a.origin;
	r->weight = a.weight;
	path_of(a.as_path, r);
	if ((r->has_med = has(&a, ATTR_MED)))
		r->med = a.med;
	if ((r->has_lp = has(&a, ATTR_LOCAL_PREF)))
		r->lp = a.local_pref;
	if ((r->has_originator = has(&a, ATTR_ORIGINATOR_ID)))
		r->originator = a.originator_id;
	r->atomic = has(&a, ATTR_ATOMIC_AGGREGATE);
	if ((r->has_aggregator = has(&a, ATTR_AGGREGATOR))) {
		r->aggregator_as = a.aggregator_as;
		r->aggregator_id = a.aggregator_id;
	}
	r->huge = has(&a, ATTR_COMMUNITIES) && a.communities.len == HUGE * 4;
	for (unsigned k = 0; has(&a, ATTR_COMMUNITIES) && !r->huge && k < a.communities.len / 4u;
	     k++)
		r->communities[r->community_count++] = word(a.communities, k);
	for (unsigned k = 0; has(&a, ATTR_CLUSTER_LIST) && k < a.cluster_list.len / 4u; k++)
		r->clusters[r->cluster_count++] = word(a.cluster_list, k);
	for (unsigned k = 0; has(&a, ATTR_LARGE_COMMUNITIES) && k < a.large_communities.len / 4u;
	     k++)
		r->large[k] = word(a.large_communities, k);
	r->large_count = has(&a, ATTR_LARGE_COMMUNITIES);
	if (has(&a, ATTR_EXT_COMMUNITIES)) {
		r->ext_count = (uint8_t)(a.ext_communities.len / 8);
		memcpy(r->ext, a.ext_communities.p, a.ext_communities.len);
	}
	r->unknown = a.unknown.len != 0;
}
