/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attribute sets that are kept as a head of their own and another set's body: nobody may notice,
 * but by the memory that they take. */
#include <criterion/criterion.h>
#include <string.h>

#include "codec_help.h"

enum { PATHS = 6, HEADS = 14, DRAFTS = PATHS * HEADS };

/* The body is that of number / HEADS, the head that of the remainder; every third set has a body
 * with communities too. */
static struct attr_set draft_of(struct arena *a, unsigned number)
{
	unsigned body = number / HEADS, head = number % HEADS;
	struct attr_set s = {
	    .have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) | ATTR_BIT(ATTR_NEXT_HOP),
	    .next_hop = addr_from_ipv4(0x0a000001),
	    .as_path = aspath_prepend(a, path_of(a, "65001 3356 1299"), body + 1, 1),
	};
	if (body % 3 == 0) {
		s.have |= ATTR_BIT(ATTR_COMMUNITIES);
		s.communities = hex_span(a, "00010001 00010002");
	}
	if (head & 1) /* short enough to stand in the place */
		s.next_hop = (struct addr){.family = FAMILY_IPV4};
	if (head & 2) {
		s.have |= ATTR_BIT(ATTR_MED);
		s.med = head;
	}
	if (head & 4) {
		s.have |= ATTR_BIT(ATTR_LOCAL_PREF) | ATTR_BIT(ATTR_ORIGINATOR_ID);
		s.local_pref = 100;
		s.originator_id = head;
	}
	if (head & 8) {
		cr_assert(addr_parse("2001:db8::1", &s.next_hop));
		cr_assert(addr_parse("fe80::1", &s.next_hop_local));
		s.next_hop_ifindex = head;
	}
	return s;
}

static void expect_view(const struct attr_store *s, uint32_t id, const struct attr_set *want)
{
	struct attr_set got;
	attr_view(s, id, &got);
	cr_expect_eq(got.have, want->have);
	cr_expect_eq(got.med, want->med);
	cr_expect_eq(got.local_pref, want->local_pref);
	cr_expect_eq(got.originator_id, want->originator_id);
	cr_expect_eq(got.next_hop_ifindex, want->next_hop_ifindex);
	cr_expect_eq(got.next_hop.family, want->next_hop.family);
	cr_expect(addr_equal(&got.next_hop, &want->next_hop));
	cr_expect(addr_equal(&got.next_hop_local, &want->next_hop_local));
	cr_expect_eq(got.as_path.len, want->as_path.len);
	cr_expect_arr_eq(got.as_path.p, want->as_path.p, want->as_path.len);
	cr_expect_eq(got.communities.len, want->communities.len);
	cr_expect(!want->communities.len ||
		  !memcmp(got.communities.p, want->communities.p, want->communities.len));
}

/* Frees all that is dead: so many others die. */
static void bury(struct attr_store *s)
{
	struct arena *a = arena_new();
	for (unsigned i = 0; i < 200; i++) {
		struct attr_set d = {.have = ATTR_BIT(ATTR_MED), .med = i};
		attr_unref(s, attr_intern(s, &d));
	}
	arena_free(a);
}

Test(codec_borrow, it_takes_a_fraction)
{
	enum { MANY = 5000 };
	static uint32_t came[MANY], sent[MANY];
	struct arena *a = arena_new();
	struct attr_store *s = attr_store_new();
	for (unsigned i = 0; i < MANY; i++) {
		struct attr_set d = draft_of(a, 0);
		d.as_path = aspath_prepend(a, d.as_path, i + 1, 1);
		came[i] = attr_intern(s, &d);
		arena_reset(a);
	}
	size_t alone = attr_store_bytes(s);
	for (unsigned i = 0; i < MANY; i++) {
		struct attr_set d;
		attr_view(s, came[i], &d);
		d.next_hop = (struct addr){.family = FAMILY_IPV4};
		sent[i] = attr_intern_like(s, &d, came[i]);
		expect_view(s, sent[i], &d);
	}
	size_t each = (attr_store_bytes(s) - alone) / MANY;
	cr_expect_leq(each, 40, "%zu bytes for what differs in its next hop", each);
	cr_expect_eq(attr_store_count(s), 2 * MANY);
	for (unsigned i = 0; i < MANY; i++) {
		cr_expect_eq(attr_refs(s, came[i]), 1, "who borrows holds no reference");
		attr_unref(s, came[i]);
		attr_unref(s, sent[i]);
	}
	bury(s);
	cr_expect_lt(attr_store_bytes(s), alone);
	attr_store_free(s);
	arena_free(a);
}

Test(codec_borrow, a_base_that_nobody_holds_stays_for_those_that_borrow)
{
	struct arena *a = arena_new();
	struct attr_store *s = attr_store_new();
	struct attr_set base = draft_of(a, 0), other = draft_of(a, 1), third = draft_of(a, 7);
	uint32_t id = attr_intern(s, &base), like = attr_intern_like(s, &other, id);
	uint32_t last = attr_intern_like(s, &third, like);
	attr_unref(s, id);
	bury(s);
	cr_expect_eq(attr_store_count(s), 2, "it counts as gone");
	unsigned seen = 0;
	for (uint32_t i = attr_next(s, 0); i; i = attr_next(s, i), seen++)
		cr_expect_neq(i, id);
	cr_expect_eq(seen, 2);
	attr_unref(s, like);
	bury(s);
	expect_view(s, last, &third);
	cr_expect_eq(attr_intern(s, &base), id, "it comes back");
	expect_view(s, id, &base);
	attr_unref(s, last);
	bury(s);
	expect_view(s, id, &base);
	attr_unref(s, id);
	attr_store_free(s);
	arena_free(a);
}

Test(codec_borrow, another_body_is_not_borrowed)
{
	struct arena *a = arena_new();
	struct attr_store *s = attr_store_new();
	struct attr_set one = draft_of(a, 0), two = draft_of(a, HEADS + 1);
	uint32_t id = attr_intern(s, &one), like = attr_intern_like(s, &two, id);
	expect_view(s, like, &two);
	cr_expect_eq(attr_intern(s, &two), like);
	attr_unref(s, like);
	attr_unref(s, like);
	attr_unref(s, id);
	attr_store_free(s);
	arena_free(a);
}

static uint32_t rnd(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Sets come and go in any order, made out of any others: the same draft is the same id, and what
 * is seen of it is right, however it is kept. */
Test(codec_borrow, however_they_are_kept)
{
	static struct attr_set draft[DRAFTS];
	uint32_t refs[DRAFTS] = {0}, id[DRAFTS] = {0}, state = 1, living = 0;
	struct arena *a = arena_new();
	struct attr_store *s = attr_store_new();
	for (unsigned i = 0; i < DRAFTS; i++)
		draft[i] = draft_of(a, i);
	for (unsigned n = 0; n < 200000; n++) {
		unsigned i = rnd(&state) % DRAFTS, like = rnd(&state) % DRAFTS;
		/* From nearly nothing to nearly all and back. */
		bool more = rnd(&state) % 16 < (n / 5000 % 2 ? 5 : 11);
		if (more) {
			uint32_t now = attr_intern_like(s, &draft[i], refs[like] ? id[like] : 0);
			cr_assert(!refs[i] || now == id[i]);
			living += !refs[i]++;
			id[i] = now;
		} else if (refs[i]) {
			attr_unref(s, id[i]);
			living -= !--refs[i];
		}
		cr_assert_eq(attr_store_count(s), living);
		if (refs[like]) {
			cr_assert_eq(attr_refs(s, id[like]), refs[like]);
			expect_view(s, id[like], &draft[like]);
		}
	}
	for (unsigned i = 0; i < DRAFTS; i++)
		while (refs[i] && refs[i]--)
			attr_unref(s, id[i]);
	attr_store_free(s);
	arena_free(a);
}
