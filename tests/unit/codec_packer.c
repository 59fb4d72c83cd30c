/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packer: no message over the session's limit, every route once, few messages, sets that do not
 * fit. What it packs is decoded again. */
#include <criterion/criterion.h>
#include <string.h>

#include "bgpd/codec/message.h"
#include "codec_help.h"

enum { MANY = 3000 };

struct sink {
	struct session_traits t;
	struct arena *arena;
	unsigned messages, announced[MANY], withdrawn[MANY];
	size_t longest;
	struct addr hop;
	uint8_t attrs[64]; /* of the last message, in the store's stead */
	unsigned hops;
};

static struct prefix nth(enum family f, unsigned i, bool mixed)
{
	struct prefix p = {.family = (uint8_t)f, .len = f == FAMILY_IPV4 ? 32 : 128};
	p.b[0] = f == FAMILY_IPV4 ? 10 : 0x20;
	unsigned at = f == FAMILY_IPV4 ? 1 : 4;
	p.b[at] = (uint8_t)(i >> 8);
	p.b[at + 1] = (uint8_t)i;
	if (mixed)
		p.len = (uint8_t)(at * 8 + 16 + i % (p.len - at * 8 - 15));
	return p;
}

static void count(const struct nlri *n, bool addpath, unsigned *seen)
{
	struct rd r = span_rd(n->routes);
	struct prefix p;
	uint32_t id;
	while (nlri_next(&r, n->family, addpath, &p, &id)) {
		unsigned at = n->family == FAMILY_IPV4 ? 1 : 4;
		unsigned i = (unsigned)(p.b[at] << 8 | p.b[at + 1]);
		cr_assert_lt(i, MANY);
		cr_assert_eq(id, addpath ? i + 5 : 0);
		seen[i]++;
	}
}

static void take(void *ctx, const uint8_t *msg, size_t len)
{
	struct sink *s = ctx;
	struct notify why;
	struct update u;
	uint8_t type;
	uint16_t claimed;
	cr_assert(msg_header_check(msg, s->t.max_message, &type, &claimed, &why));
	cr_assert(type == MSG_UPDATE && claimed == len);
	update_decode(&s->t, msg + MSG_HEADER_LEN, len - MSG_HEADER_LEN, s->arena, &u);
	cr_assert_eq(u.result, ATTR_OK, "%s", u.fault.text);
	cr_assert(!u.end_of_rib);
	s->messages++;
	s->longest = len > s->longest ? len : s->longest;
	count(&u.withdrawn, s->t.addpath_rx[FAMILY_IPV4], s->withdrawn);
	count(&u.mp_withdrawn, s->t.addpath_rx[FAMILY_IPV6], s->withdrawn);
	count(&u.reach, s->t.addpath_rx[FAMILY_IPV4], s->announced);
	count(&u.mp_reach, s->t.addpath_rx[u.mp_reach.family], s->announced);
	if (u.reach.family || u.mp_reach.family)
		s->hop = u.reach.family ? u.attrs.next_hop : u.mp_attrs.next_hop;
	arena_reset(s->arena);
}

static struct attr_set sample(struct arena *a, const char *hop)
{
	struct attr_set s = {
	    .have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) | ATTR_BIT(ATTR_NEXT_HOP),
	    .as_path = path_of(a, "65001 100000"),
	};
	cr_assert(addr_parse(hop, &s.next_hop));
	return s;
}

static void expect_all(const unsigned *seen, unsigned times)
{
	for (unsigned i = 0; i < MANY; i++)
		cr_assert_eq(seen[i], times, "route %u: %u", i, seen[i]);
}

/* Announces and withdraws MANY routes of mixed lengths; the number of messages is about right. */
static void pass(enum family f, const char *hop, struct session_traits t)
{
	static struct sink s;
	struct arena *a = arena_new();
	struct attr_set set = sample(a, hop);
	memset(&s, 0, sizeof(s));
	s.t = t;
	s.arena = arena_new();
	struct packer *p = packer_new(&t, take, &s);
	cr_assert(packer_announce(p, f, &set));
	size_t bytes = 0;
	for (unsigned i = 0; i < MANY; i++) {
		struct prefix prefix = nth(f, i, true);
		packer_add(p, &prefix, i + 5);
		bytes += 1u + (prefix.len + 7u) / 8 + (t.addpath_tx[f] ? 4 : 0);
	}
	packer_end(p);
	expect_all(s.announced, 1);
	expect_all(s.withdrawn, 0);
	cr_expect(addr_equal(&s.hop, &set.next_hop));
	cr_expect_leq(s.messages, bytes / (t.max_message - 150u) + 1);
	cr_expect_leq(s.longest, t.max_message);
	if (s.messages > 1)
		cr_expect_geq(s.longest, t.max_message - 21u);

	packer_withdraw(p, f);
	for (unsigned i = 0; i < MANY; i++) {
		struct prefix prefix = nth(f, i, true);
		packer_add(p, &prefix, i + 5);
	}
	packer_end(p);
	unsigned messages = s.messages;
	packer_end(p);
	cr_expect_eq(s.messages, messages, "nothing twice");
	expect_all(s.announced, 1);
	expect_all(s.withdrawn, 1);
	packer_free(p);
	arena_free(s.arena);
	arena_free(a);
}

Test(codec_packer, ipv4)
{
	pass(FAMILY_IPV4, "10.0.0.1",
	    (struct session_traits){.as4 = true, .ebgp = true, .max_message = 4096});
}

Test(codec_packer, ipv4_to_an_old_speaker)
{
	pass(FAMILY_IPV4, "10.0.0.1", (struct session_traits){.ebgp = true, .max_message = 4096});
}

Test(codec_packer, ipv4_add_path_extended_message)
{
	pass(FAMILY_IPV4, "10.0.0.1",
	    (struct session_traits){.as4 = true,
		.ebgp = true,
		.max_message = 65535,
		.addpath_rx = {false, true, true},
		.addpath_tx = {false, true, true}});
}

Test(codec_packer, ipv6)
{
	pass(FAMILY_IPV6, "2001:db8::1",
	    (struct session_traits){.as4 = true, .ebgp = true, .max_message = 4096});
}

Test(codec_packer, ipv4_over_an_ipv6_next_hop)
{
	pass(FAMILY_IPV4, "2001:db8::1",
	    (struct session_traits){
		.as4 = true, .ebgp = true, .extended_nexthop = true, .max_message = 4096});
}

Test(codec_packer, a_set_that_does_not_fit)
{
	struct session_traits t = {.as4 = true, .ebgp = true, .max_message = 4096};
	static struct sink s;
	struct arena *a = arena_new();
	struct attr_set set = sample(a, "10.0.0.1");
	s.t = t;
	s.arena = arena_new();
	struct packer *p = packer_new(&t, take, &s);
	struct prefix one = nth(FAMILY_IPV4, 1, false);
	bool fitted = true;
	unsigned hops;
	for (hops = 1000; hops < 1040 && fitted; hops++) {
		set.as_path = aspath_prepend(a, (struct span){NULL, 0}, 1, hops);
		fitted = packer_announce(p, FAMILY_IPV4, &set);
		if (fitted)
			packer_add(p, &one, 0);
	}
	packer_end(p);
	cr_expect(!fitted);
	/* 4096 = header 19, lengths 4, origin 4, next hop 7, path 4 + segments, a /32 */
	cr_expect_eq(hops - 1, 1012, "%u", hops - 1);
	cr_expect_eq(s.messages, hops - 1001);
	cr_expect_leq(s.longest, 4096);
	cr_expect(
	    packer_announce(p, FAMILY_IPV4,
		&(struct attr_set){.have = ATTR_BIT(ATTR_NEXT_HOP), .next_hop = set.next_hop}),
	    "the next set is not hurt");
	packer_free(p);
	arena_free(s.arena);
	arena_free(a);
}
