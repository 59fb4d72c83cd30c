/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The attribute store: one copy of each set, references, ids that are used again, bytes a set. */
#include <criterion/criterion.h>
#include <string.h>

#include "codec_help.h"

static struct attr_set typical(struct arena *a, uint32_t salt)
{
	struct attr_set s = {
	    .have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) | ATTR_BIT(ATTR_NEXT_HOP) |
		    ATTR_BIT(ATTR_COMMUNITIES),
	    .next_hop = addr_from_ipv4(0x0a000001),
	    .as_path = path_of(a, "65001 3356 1299"),
	    .communities = hex_span(a, "00010001 00010002 00010003 00010004"),
	};
	s.as_path = aspath_prepend(a, s.as_path, salt + 1, 1);
	return s;
}

static struct attr_set full(struct arena *a)
{
	struct attr_set s = typical(a, 5);
	s.have |= ATTR_BIT(ATTR_MED) | ATTR_BIT(ATTR_LOCAL_PREF) | ATTR_BIT(ATTR_ATOMIC_AGGREGATE) |
		  ATTR_BIT(ATTR_AGGREGATOR) | ATTR_BIT(ATTR_ORIGINATOR_ID) |
		  ATTR_BIT(ATTR_CLUSTER_LIST) | ATTR_BIT(ATTR_EXT_COMMUNITIES) |
		  ATTR_BIT(ATTR_LARGE_COMMUNITIES);
	s.partial = ATTR_BIT(ATTR_COMMUNITIES);
	s.origin = ORIGIN_INCOMPLETE;
	s.med = 1;
	s.local_pref = 2;
	s.aggregator_as = 3;
	s.aggregator_id = 4;
	s.originator_id = 5;
	s.weight = 6;
	cr_assert(addr_parse("2001:db8::1", &s.next_hop));
	cr_assert(addr_parse("fe80::1", &s.next_hop_local));
	s.ext_communities = hex_span(a, "0002fdea00000005");
	s.large_communities = hex_span(a, "000000010000000200000003");
	s.cluster_list = hex_span(a, "0a00000105060708");
	s.unknown = hex_span(a, "e0fa0002beef");
	return s;
}

static void expect_span(struct span a, struct span b)
{
	cr_expect_eq(a.len, b.len);
	cr_expect(a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

Test(codec_store, a_view_gives_back_what_was_interned)
{
	struct arena *a = arena_new();
	struct attr_store *s = attr_store_new();
	struct attr_set in = full(a), out;
	uint32_t id = attr_intern(s, &in);
	attr_view(s, id, &out);
	cr_expect_eq(out.have, in.have);
	cr_expect_eq(out.partial, in.partial);
	cr_expect_eq(out.origin, in.origin);
	cr_expect_eq(out.med, 1);
	cr_expect_eq(out.local_pref, 2);
	cr_expect_eq(out.aggregator_as, 3);
	cr_expect_eq(out.aggregator_id, 4);
	cr_expect_eq(out.originator_id, 5);
	cr_expect_eq(out.weight, 6);
	cr_expect(addr_equal(&out.next_hop, &in.next_hop));
	cr_expect(addr_equal(&out.next_hop_local, &in.next_hop_local));
	expect_span(out.as_path, in.as_path);
	expect_span(out.communities, in.communities);
	expect_span(out.ext_communities, in.ext_communities);
	expect_span(out.large_communities, in.large_communities);
	expect_span(out.cluster_list, in.cluster_list);
	expect_span(out.unknown, in.unknown);
	cr_expect_eq(attr_intern(s, &out), id, "a view is as good as the draft");
	attr_unref(s, id);
	attr_unref(s, id);
	attr_store_free(s);
	arena_free(a);
}

Test(codec_store, fields_without_their_bit_do_not_count)
{
	struct arena *a = arena_new();
	struct attr_store *s = attr_store_new();
	struct attr_set d = typical(a, 1);
	uint32_t id = attr_intern(s, &d);
	d.med = 77;
	d.large_communities = d.communities;
	cr_expect_eq(attr_intern(s, &d), id);
	d.have |= ATTR_BIT(ATTR_MED);
	uint32_t other = attr_intern(s, &d);
	cr_expect_neq(other, id);
	cr_expect_eq(attr_refs(s, id), 2);
	cr_expect_eq(attr_refs(s, other), 1);
	attr_unref(s, id);
	attr_unref(s, id);
	attr_unref(s, other);
	attr_unref(s, 0);
	cr_expect_eq(attr_store_count(s), 0);
	attr_store_free(s);
	arena_free(a);
}

Test(codec_store, ids_are_used_again)
{
	struct arena *a = arena_new();
	struct attr_store *s = attr_store_new();
	uint32_t highest = 0;
	for (uint32_t i = 0; i < 1000; i++) {
		struct attr_set d = typical(a, i);
		uint32_t id = attr_intern(s, &d);
		highest = id > highest ? id : highest;
		cr_expect_eq(attr_next(s, 0), id, "the dead are not seen");
		attr_unref(s, id);
		cr_expect_eq(attr_next(s, 0), 0);
		cr_expect_eq(attr_store_count(s), 0);
		arena_reset(a);
	}
	cr_expect_lt(highest, 100, "some dozens wait for being freed, no more");
	attr_store_free(s);
	arena_free(a);
}

Test(codec_store, the_dead_come_back_to_life)
{
	struct arena *a = arena_new();
	struct attr_store *s = attr_store_new();
	struct attr_set kept = typical(a, 1), out;
	uint32_t id = attr_intern(s, &kept), again = 0;
	for (unsigned i = 0; i < 300; i++) { /* dead and alive again, before and after others */
		struct attr_set other = typical(a, 2 + i);
		attr_unref(s, attr_intern(s, &other));
		attr_unref(s, id);
		cr_expect_eq(attr_store_count(s), 0);
		uint32_t now = attr_intern(s, &kept);
		again += now == id; /* unless the dead were freed just then */
		id = now;
		cr_expect_eq(attr_refs(s, id), 1);
		cr_expect_eq(attr_store_count(s), 1);
	}
	cr_expect_gt(again, 280);
	attr_view(s, id, &out);
	expect_span(out.as_path, kept.as_path);
	attr_unref(s, id);
	attr_store_free(s);
	arena_free(a);
}

enum { MANY = 20000 };

Test(codec_store, many_sets_stay_small)
{
	static uint32_t ids[MANY];
	struct arena *a = arena_new();
	struct attr_store *s = attr_store_new();
	for (uint32_t i = 0; i < MANY; i++) {
		struct attr_set d = typical(a, i);
		ids[i] = attr_intern(s, &d);
		arena_reset(a);
	}
	cr_expect_eq(attr_store_count(s), MANY);
	size_t each = attr_store_bytes(s) / MANY;
	cr_expect_lt(each, 100, "%zu bytes", each);
	unsigned seen = 0;
	for (uint32_t id = attr_next(s, 0); id; id = attr_next(s, id))
		seen++;
	cr_expect_eq(seen, MANY);
	for (uint32_t i = 0; i < MANY; i += 2)
		attr_unref(s, ids[i]);
	for (uint32_t i = 1; i < MANY; i += 2) {
		struct attr_set d = typical(a, i);
		cr_expect_eq(attr_intern(s, &d), ids[i]);
		attr_unref(s, ids[i]);
		attr_unref(s, ids[i]);
		arena_reset(a);
	}
	cr_expect_eq(attr_store_count(s), 0);
	attr_store_free(s);
	arena_free(a);
}
