/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adjacent-out groups: what leaves, to whom, how often. */
#include "rib_help.h"

#include <event2/event.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static void join(struct net *n, struct fake *k, const struct source *s)
{
	struct group_key key = key_make(s);
	fake_init(k, &n->f, s);
	group_join(n->f.rib, &k->m, &key);
}

static void many(struct net *n, const struct source *s, unsigned count, const char *words)
{
	uint32_t id = attrs_make(&n->f, words);
	for (unsigned i = 0; i < count; i++) {
		struct addr a = addr_from_ipv4(0x14000000 + (i << 8));
		struct prefix p = prefix_from_addr(&a);
		p.len = 24;
		attr_ref(n->f.attrs, id);
		attr_ref(n->f.attrs, id);
		rib_path_set(n->f.rib, s, &p, 0, id, id);
	}
	attr_unref(n->f.attrs, id);
}

/* ---- what leaves ---- */

Test(rib_group, to_ebgp)
{
	struct net n;
	struct fake k;
	struct attr_set a;
	net_init(&n, false);
	join(&n, &k, &n.ext);
	struct prefix local = pfx("10.1.0.0/16");
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001 7 med 5 community 0x00010002 nh 10.0.0.2");
	route(&n.f, &n.plain, "10.3.0.0/16", "path 8 lp 300 orig 1.1.1.1 cluster 2");
	rib_network_set(n.f.rib, &local);
	fix_run(&n.f);
	cr_assert(fake_get(&k, "10.2.0.0/16", &a));
	cr_assert_eq(aspath_first(a.as_path), LOCAL_AS);
	cr_assert_eq(aspath_hops(a.as_path), 3);
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a000001);
	cr_assert(!(a.have & (ATTR_BIT(ATTR_MED) | ATTR_BIT(ATTR_LOCAL_PREF))));
	cr_assert(community_has(a.communities, 0x00010002));
	cr_assert(fake_get(&k, "10.3.0.0/16", &a));
	cr_assert(!(a.have & (ATTR_BIT(ATTR_ORIGINATOR_ID) | ATTR_BIT(ATTR_CLUSTER_LIST))));
	cr_assert(fake_get(&k, "10.1.0.0/16", &a));
	cr_assert(a.have & ATTR_BIT(ATTR_MED), "a local MED goes out");
	cr_assert_eq(aspath_hops(a.as_path), 1);
	fake_check(&k);
	fake_fini(&k);
	fix_fini(&n.f);
}

/* FRR shows originator and cluster list of what goes to external neighbors, and no message has
 * them: where nothing else changes nobody is told. */
Test(rib_group, what_no_message_has)
{
	struct net n;
	struct fake k;
	struct attr_set a;
	struct prefix p = pfx("10.3.0.0/16");
	net_init(&n, false);
	join(&n, &k, &n.ext);
	route(&n.f, &n.plain, "10.3.0.0/16", "path 8 lp 300 orig 1.1.1.1 cluster 2");
	fix_run(&n.f);
	cr_assert_eq(k.announced, 1);
	route(&n.f, &n.plain, "10.3.0.0/16", "path 8 lp 300 orig 2.2.2.2 cluster 3");
	fix_run(&n.f);
	cr_assert_eq(k.announced, 1);
	attr_view(n.f.attrs, group_sent(k.m.group, rib_find(n.f.rib, &p)), &a);
	cr_assert_eq(a.originator_id, 0x02020202);
	cr_assert_eq(a.cluster_list.len, 12);
	route(&n.f, &n.plain, "10.3.0.0/16", "path 9 lp 300 orig 1.1.1.1 cluster 2");
	fix_run(&n.f);
	cr_assert_eq(k.announced, 2);
	cr_assert(fake_get(&k, "10.3.0.0/16", &a));
	cr_assert(!(a.have & (ATTR_BIT(ATTR_ORIGINATOR_ID) | ATTR_BIT(ATTR_CLUSTER_LIST))));
	fake_fini(&k);
	fix_fini(&n.f);
}

/* The sent set is as FRR shows it: nothing prepended, no next hop of ours. */
Test(rib_group, sent_set)
{
	struct net n;
	struct fake k;
	struct attr_set a;
	struct prefix p = pfx("10.2.0.0/16");
	net_init(&n, false);
	join(&n, &k, &n.ext);
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001 med 5 nh 10.0.0.2");
	fix_run(&n.f);
	uint32_t sent = group_sent(k.m.group, rib_find(n.f.rib, &p));
	attr_view(n.f.attrs, sent, &a);
	cr_assert_eq(aspath_hops(a.as_path), 1);
	cr_assert(!addr_is_set(&a.next_hop));
	cr_assert_eq(a.next_hop.family, FAMILY_IPV4);
	fake_fini(&k);
	fix_fini(&n.f);
}

Test(rib_group, to_ibgp)
{
	struct net n;
	struct fake client, plain;
	struct attr_set a;
	net_init(&n, false);
	join(&n, &client, &n.client);
	join(&n, &plain, &n.plain);
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001 med 5 nh 10.0.0.2");
	route(&n.f, &n.client, "10.3.0.0/16", "lp 100 path nh 10.0.0.3");
	route(&n.f, &n.plain, "10.4.0.0/16", "lp 200 path orig 1.1.1.1 cluster 1 nh 10.0.0.4");
	fix_run(&n.f);
	/* From outside: next hop and MED stay, the default preference comes in. */
	cr_assert(fake_get(&plain, "10.2.0.0/16", &a));
	cr_assert_eq(aspath_hops(a.as_path), 1);
	cr_assert_eq(a.med, 5);
	cr_assert_eq(a.local_pref, 100);
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a000002);
	cr_assert(!(a.have & ATTR_BIT(ATTR_CLUSTER_LIST)));
	/* From a client to all, itself included; originator and cluster list begin. */
	cr_assert(fake_get(&client, "10.3.0.0/16", &a));
	cr_assert(fake_get(&plain, "10.3.0.0/16", &a));
	cr_assert_eq(a.originator_id, n.client.router_id);
	cr_assert_eq(a.cluster_list.len, 4);
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a000003);
	/* From a non-client to clients only; they grow. */
	cr_assert(!fake_get(&plain, "10.4.0.0/16", &a));
	cr_assert(fake_get(&client, "10.4.0.0/16", &a));
	cr_assert_eq(a.originator_id, 0x01010101);
	cr_assert_eq(a.cluster_list.len, 8);
	struct rd r = span_rd(a.cluster_list);
	cr_assert_eq(rd_u32(&r), LOCAL_ID);
	fake_fini(&client);
	fake_fini(&plain);
	fix_fini(&n.f);
}

Test(rib_group, ipv6)
{
	struct fix f;
	struct source up, ext, in;
	struct fake k[2];
	struct attr_set a;
	struct prefix local = pfx("2001:db8:1::/48");
	fix_init(&f, FAMILY_IPV6, false);
	source_make(&f, &up, SOURCE_EBGP, 65001, 2);
	source_make(&f, &ext, SOURCE_EBGP, 65005, 5);
	source_make(&f, &in, SOURCE_IBGP, LOCAL_AS, 6);
	for (unsigned i = 0; i < 2; i++) {
		struct group_key key = key_make(i ? &in : &ext);
		key.family = FAMILY_IPV6;
		key.hop_family = FAMILY_IPV6;
		key.hop_local = true;
		fake_init(&k[i], &f, i ? &in : &ext);
		k[i].m.own = (struct own_hop){.addr = ip("2001:db8::1"), .local = ip("fe80::1")};
		group_join(f.rib, &k[i].m, &key);
	}
	route(&f, &up, "2001:db8:2::/48", "path 65001 nh 2001:db8::2");
	rib_network_set(f.rib, &local);
	fix_run(&f);
	struct addr self = ip("2001:db8::1"), ll = ip("fe80::1"), theirs = ip("2001:db8::2");
	cr_assert(fake_get(&k[0], "2001:db8:2::/48", &a));
	cr_assert(addr_equal(&a.next_hop, &self) && addr_equal(&a.next_hop_local, &ll));
	cr_assert(fake_get(&k[1], "2001:db8:2::/48", &a));
	cr_assert(addr_equal(&a.next_hop, &theirs));
	cr_assert_eq(a.next_hop_local.family, FAMILY_NONE);
	cr_assert(fake_get(&k[1], "2001:db8:1::/48", &a));
	cr_assert(addr_equal(&a.next_hop, &self));
	unroute(&f, &up, "2001:db8:2::/48");
	fix_run(&f);
	cr_assert_eq(trie_count(k[0].table), 1);
	cr_assert_eq(k[0].eors, 1);
	for (unsigned i = 0; i < 2; i++) {
		fake_check(&k[i]);
		fake_fini(&k[i]);
	}
	fix_fini(&f);
}

Test(rib_group, communities_hold_back)
{
	static const struct {
		uint32_t community;
		bool ebgp, ibgp;
	} rows[] = {
	    {COMMUNITY_NO_EXPORT, false, true},
	    {COMMUNITY_NO_EXPORT_SUBCONFED, false, true},
	    {COMMUNITY_NO_ADVERTISE, false, false},
	    {COMMUNITY_NOPEER, true, true},
	};
	struct net n;
	struct fake ebgp, ibgp;
	struct attr_set a;
	net_init(&n, false);
	join(&n, &ebgp, &n.ext);
	join(&n, &ibgp, &n.client);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char words[64];
		snprintf(words, sizeof(words), "path 65001 community %u", rows[i].community);
		route(&n.f, &n.up, "10.2.0.0/16", words);
		fix_run(&n.f);
		cr_assert_eq(fake_get(&ebgp, "10.2.0.0/16", &a), rows[i].ebgp, "row %u", i);
		cr_assert_eq(fake_get(&ibgp, "10.2.0.0/16", &a), rows[i].ibgp, "row %u", i);
	}
	fake_fini(&ebgp);
	fake_fini(&ibgp);
	fix_fini(&n.f);
}

Test(rib_group, policy_required_lets_nothing_out)
{
	struct net n;
	struct fake k;
	net_init(&n, false);
	struct group_key key = key_make(&n.ext);
	key.policy_required = true;
	fake_init(&k, &n.f, &n.ext);
	group_join(n.f.rib, &k.m, &key);
	many(&n, &n.up, 100, "path 65001");
	fix_run(&n.f);
	cr_assert_eq(group_sent_count(k.m.group), 0);
	cr_assert_eq(k.eors, 1);
	cr_assert_eq(k.announced, 0);
	fake_fini(&k);
	fix_fini(&n.f);
}

Test(rib_group, next_hop_self_and_third_party)
{
	struct net n;
	struct fake self, alone, other;
	struct attr_set a;
	net_init(&n, true);
	fake_kernel_route(n.f.kernel, "10.0.0.0/24", NULL, 0);
	struct group_key key = key_make(&n.client);
	key.next_hop_self = true;
	fake_init(&self, &n.f, &n.client);
	group_join(n.f.rib, &self.m, &key);
	key = key_make(&n.up);
	key.connected = true;
	fake_init(&alone, &n.f, &n.up);
	group_join(n.f.rib, &alone.m, &key);
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001 nh 10.0.0.2");
	fix_run(&n.f);
	cr_assert(fake_get(&self, "10.2.0.0/16", &a));
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a000001);
	cr_assert(fake_get(&alone, "10.2.0.0/16", &a), "also back to where it came from");
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a000001);
	/* With another receiver on the subnet it stays. */
	fake_init(&other, &n.f, &n.ext);
	group_join(n.f.rib, &other.m, &key);
	fix_run(&n.f);
	cr_assert(fake_get(&other, "10.2.0.0/16", &a));
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a000002);
	fake_fini(&other);
	fix_run(&n.f);
	cr_assert(fake_get(&alone, "10.2.0.0/16", &a));
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a000001);
	fake_fini(&alone);
	fake_fini(&self);
	fix_fini(&n.f);
}

/* That one leaves the link may change what is told of the routes of the one that stays: if it has
 * none, the table is not gone through again. */
Test(rib_group, a_link_is_left_to_one_without_routes)
{
	struct net n;
	struct fake with, without, again;
	net_init(&n, true);
	fake_kernel_route(n.f.kernel, "10.0.0.0/24", NULL, 0);
	struct group_key key = key_make(&n.up);
	key.connected = true;
	fake_init(&with, &n.f, &n.up);
	fake_init(&without, &n.f, &n.ext);
	group_join(n.f.rib, &with.m, &key);
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001 nh 10.0.0.2");
	fix_run(&n.f);
	group_join(n.f.rib, &without.m, &key);
	fix_run(&n.f);
	group_leave(&with.m);
	cr_expect(fix_quiet(&n.f), "nothing is to be done");
	fake_init(&again, &n.f, &n.up);
	group_join(n.f.rib, &again.m, &key);
	fix_run(&n.f);
	group_leave(&without.m);
	cr_expect_not(fix_quiet(&n.f), "its own routes are told otherwise now");
	fake_fini(&with);
	fake_fini(&without);
	fake_fini(&again);
	fix_fini(&n.f);
}

/* Members of one group hear their own addresses of ours; somebody else's next hop stays only for
 * those that are on its link. */
Test(rib_group, own_next_hops_differ_within_a_group)
{
	struct net n;
	struct fake near, far, same;
	struct attr_set a;
	struct prefix net = pfx("10.3.0.0/16");
	net_init(&n, true);
	fake_kernel_route(n.f.kernel, "10.0.0.0/24", NULL, 0);
	fake_kernel_route(n.f.kernel, "10.3.0.0/16", "10.0.0.7", 0);
	struct group_key key = key_make(&n.ext);
	key.connected = true;
	fake_init(&near, &n.f, &n.ext);
	fake_init(&far, &n.f, &n.ext2);
	fake_init(&same, &n.f, &n.up);
	far.m.own = (struct own_hop){.addr = ip("10.9.9.1"), .ifindex = 2};
	group_join(n.f.rib, &near.m, &key);
	group_join(n.f.rib, &far.m, &key);
	group_join(n.f.rib, &same.m, &key);
	cr_assert_eq(near.m.group, far.m.group);
	fix_run(&n.f); /* all are in sync */
	many(&n, &n.client, 40, "path 65001");
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001 nh 10.0.0.2");
	rib_network_set(n.f.rib, &net);
	fix_run(&n.f);
	cr_assert(fake_get(&near, "10.3.0.0/16", &a));
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a000001);
	cr_assert(fake_get(&far, "10.3.0.0/16", &a));
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a090901);
	cr_assert(fake_get(&far, "20.0.27.0/24", &a));
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a090901);
	cr_assert(fake_get(&near, "10.2.0.0/16", &a));
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a000002);
	cr_assert(fake_get(&far, "10.2.0.0/16", &a));
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a090901);
	cr_assert_eq(same.last, near.last, "equal addresses share what was written");
	cr_assert_neq(far.last, near.last);
	/* Another address: told all again, and nothing else. */
	uint32_t told = near.announced;
	group_move(&far.m, &key, &(struct own_hop){.addr = ip("10.9.9.2"), .ifindex = 2});
	fix_run(&n.f);
	cr_assert(fake_get(&far, "10.3.0.0/16", &a));
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a090902);
	cr_assert_eq(near.announced, told);
	cr_assert_eq(far.withdrawn, 0);
	fake_fini(&near);
	fake_fini(&far);
	fake_fini(&same);
	rib_source_flush(n.f.rib, &n.client, false);
	fix_run(&n.f);
	fix_fini(&n.f);
}

/* ---- sharing and packing ---- */

Test(rib_group, next_hop_self_of_reflected_routes)
{
	struct net n;
	struct fake plain, forced;
	struct attr_set a;

	net_init(&n, false);
	struct group_key key = key_make(&n.plain);
	key.next_hop_self = true;
	fake_init(&plain, &n.f, &n.plain);
	group_join(n.f.rib, &plain.m, &key);
	key.next_hop_force = true;
	fake_init(&forced, &n.f, &n.plain);
	group_join(n.f.rib, &forced.m, &key);
	route(&n.f, &n.client, "10.3.0.0/16", "lp 100 path nh 10.0.0.3");
	fix_run(&n.f);
	cr_assert(fake_get(&plain, "10.3.0.0/16", &a));
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a000003);
	cr_assert(fake_get(&forced, "10.3.0.0/16", &a));
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a000001);
	fake_fini(&plain);
	fake_fini(&forced);
	fix_fini(&n.f);
}

Test(rib_group, clients_that_hear_of_each_other)
{
	struct net n;
	struct fake client, plain;
	struct attr_set a;

	net_init(&n, false);
	struct group_key key = key_make(&n.client);
	key.not_from_clients = true;
	fake_init(&client, &n.f, &n.client);
	group_join(n.f.rib, &client.m, &key);
	join(&n, &plain, &n.plain);
	route(&n.f, &n.client, "10.3.0.0/16", "lp 100 path nh 10.0.0.3");
	route(&n.f, &n.plain, "10.4.0.0/16", "lp 100 path nh 10.0.0.4");
	fix_run(&n.f);
	cr_assert(!fake_get(&client, "10.3.0.0/16", &a));
	cr_assert(fake_get(&plain, "10.3.0.0/16", &a));
	cr_assert(fake_get(&client, "10.4.0.0/16", &a));
	fake_fini(&client);
	fake_fini(&plain);
	fix_fini(&n.f);
}

Test(rib_group, private_numbers_stay_inside)
{
	struct net n;
	struct fake k;
	struct attr_set a;

	net_init(&n, false);
	struct group_key key = key_make(&n.ext);
	key.no_private_as = key.no_private_as_all = true;
	fake_init(&k, &n.f, &n.ext);
	group_join(n.f.rib, &k.m, &key);
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001 400 nh 10.0.0.2");
	fix_run(&n.f);
	cr_assert(fake_get(&k, "10.2.0.0/16", &a));
	cr_assert_eq(aspath_count(a.as_path, 65001), 0);
	cr_assert_eq(aspath_count(a.as_path, 400), 1);
	fake_fini(&k);
	fix_fini(&n.f);
}

Test(rib_group, members_share_chunks)
{
	struct net n;
	struct fake k[3];
	net_init(&n, false);
	for (unsigned i = 0; i < 3; i++)
		join(&n, &k[i], &n.ext);
	fix_run(&n.f);
	many(&n, &n.up, 500, "path 65001");
	fix_run(&n.f);
	cr_assert_eq(k[0].m.group, k[2].m.group);
	for (unsigned i = 0; i < 3; i++) {
		fake_check(&k[i]);
		cr_assert_eq(k[i].announced, 500);
		cr_assert_eq(k[i].eors, 1);
		cr_assert_eq(k[i].last, k[0].last, "one buffer for all");
	}
	for (unsigned i = 0; i < 3; i++)
		fake_fini(&k[i]);
	fix_fini(&n.f);
}

/* 90 routes of three sets in turn; returns the messages that it took. */
static unsigned three_sets(struct net *n, struct fake *k, unsigned round)
{
	uint32_t announced = k->announced, messages = k->messages;

	for (unsigned i = 0; i < 90; i++) {
		char prefix[32], words[32];
		snprintf(prefix, sizeof(prefix), "20.%u.%u.0/24", round, i);
		snprintf(words, sizeof(words), "path 65001 %u", i % 3 + 1);
		route(&n->f, &n->up, prefix, words);
	}
	fix_run(&n->f);
	cr_assert_eq(k->announced - announced, 90);
	return k->messages - messages;
}

/* Sets that alternate from prefix to prefix still share messages. A slice that a busy machine cuts
 * short sends what it has, so the best of some rounds counts.
 */
Test(rib_group, packs_by_set)
{
	struct net n;
	struct fake k;
	unsigned best = UINT_MAX;

	net_init(&n, false);
	join(&n, &k, &n.ext);
	fix_run(&n.f);
	for (unsigned round = 0; round < 20 && best != 3; round++) {
		unsigned messages = three_sets(&n, &k, round);
		best = messages < best ? messages : best;
	}
	cr_assert_eq(best, 3, "%u messages", best);
	fake_fini(&k);
	fix_fini(&n.f);
}

/* Within a burst only the last state is told; what ends as it was is not told at all. */
Test(rib_group, no_intermediate_best_paths)
{
	struct net n;
	struct fake k;
	net_init(&n, false);
	join(&n, &k, &n.client);
	route(&n.f, &n.up, "10.2.0.0/16", "path 1 2 3 4");
	route(&n.f, &n.ext, "10.2.0.0/16", "path 1 2 3");
	route(&n.f, &n.ext2, "10.2.0.0/16", "path 1 2");
	fix_run(&n.f);
	cr_assert_eq(k.announced, 1);
	unroute(&n.f, &n.ext2, "10.2.0.0/16");
	route(&n.f, &n.ext2, "10.2.0.0/16", "path 1 2");
	route(&n.f, &n.up, "10.3.0.0/16", "path 1");
	unroute(&n.f, &n.up, "10.3.0.0/16");
	fix_run(&n.f);
	cr_assert_eq(k.announced, 1);
	cr_assert_eq(k.withdrawn, 0);
	cr_assert_eq(rib_dest_count(n.f.rib), 1);
	fake_fini(&k);
	fix_fini(&n.f);
}

Test(rib_group, too_long_for_a_message)
{
	struct net n;
	struct fake k;
	struct attr_set a = {.have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) |
				     ATTR_BIT(ATTR_NEXT_HOP) | ATTR_BIT(ATTR_COMMUNITIES),
	    .next_hop = ip("10.0.0.2")};
	uint8_t communities[4200];
	struct wr w = wr_init(communities, sizeof(communities));
	for (uint32_t i = 0; i < 1050; i++)
		wr_u32(&w, 0x00010000 + i);
	struct prefix p = pfx("10.2.0.0/16");
	net_init(&n, false);
	join(&n, &k, &n.ext);
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001");
	fix_run(&n.f);
	cr_assert_eq(trie_count(k.table), 1);
	a.communities = (struct span){communities, sizeof(communities)};
	uint32_t id = attr_intern(n.f.attrs, &a);
	attr_ref(n.f.attrs, id);
	rib_path_set(n.f.rib, &n.up, &p, 0, id, id);
	fix_run(&n.f);
	cr_assert_eq(trie_count(k.table), 0, "what does not fit is withdrawn");
	fake_fini(&k);
	fix_fini(&n.f);
}

/* ---- members that are late or slow ---- */

Test(rib_group, late_joiner_and_new_group)
{
	struct net n;
	struct fake first, late, other;
	net_init(&n, false);
	many(&n, &n.up, 5000, "path 65001");
	join(&n, &first, &n.ext); /* a new group over a full table */
	fix_run(&n.f);
	fake_check(&first);
	cr_assert_eq(first.announced, 5000);
	join(&n, &late, &n.ext);
	join(&n, &other, &n.client);
	fix_run(&n.f);
	fake_check(&late);
	fake_check(&other);
	cr_assert_eq(first.announced, 5000, "the first one hears nothing again");
	cr_assert_eq(late.eors, 1);
	cr_assert_eq(late.m.in_sync, true);
	fake_fini(&first);
	fake_fini(&late);
	fake_fini(&other);
	fix_fini(&n.f);
}

Test(rib_group, changes_while_a_joiner_walks)
{
	struct net n;
	struct fake first, late;
	net_init(&n, false);
	join(&n, &first, &n.ext);
	many(&n, &n.up, 3000, "path 65001");
	fix_run(&n.f);
	join(&n, &late, &n.ext);
	late.room = 1;
	fix_run(&n.f); /* it takes one chunk and stands */
	cr_assert(late.m.blocked && !late.m.in_sync);
	unroute(&n.f, &n.up, "20.0.0.0/24");    /* told already */
	unroute(&n.f, &n.up, "20.11.183.0/24"); /* not told yet: 2999 */
	route(&n.f, &n.up, "20.0.1.0/24", "path 65001 9");
	route(&n.f, &n.up, "30.0.0.0/24", "path 65001 9");
	fix_run(&n.f);
	fake_check(&first);
	cr_assert_eq(late.chunks, 1);
	late.room = UINT32_MAX;
	group_unblock(&late.m);
	fix_run(&n.f);
	fake_check(&late);
	cr_assert_eq(late.eors, 1);
	cr_assert_eq(rib_dest_count(n.f.rib), 2999, "what was kept for it is gone");
	fake_fini(&first);
	fake_fini(&late);
	fix_fini(&n.f);
}

Test(rib_group, slow_member_does_not_hold_the_others)
{
	struct net n;
	struct fake fast, slow[2];
	net_init(&n, false);
	join(&n, &fast, &n.ext);
	join(&n, &slow[0], &n.ext);
	join(&n, &slow[1], &n.ext);
	fix_run(&n.f);
	slow[0].room = slow[1].room = 0;
	many(&n, &n.up, 3000, "path 65001");
	fix_run(&n.f);
	fake_check(&fast);
	many(&n, &n.up, 3000, "path 65001 8");
	fix_run(&n.f);
	for (unsigned i = 0; i < 1000; i++) {
		char prefix[32];
		snprintf(prefix, sizeof(prefix), "20.%u.%u.0/24", i >> 8, i & 255);
		unroute(&n.f, &n.up, prefix);
	}
	fix_run(&n.f);
	fake_check(&fast);
	cr_assert_eq(trie_count(slow[0].table), 0);
	slow[0].room = slow[1].room = UINT32_MAX;
	group_unblock(&slow[0].m);
	group_unblock(&slow[1].m);
	fix_run(&n.f);
	fake_check(&slow[0]);
	fake_check(&slow[1]);
	cr_assert_eq(slow[0].announced, 2000, "only the last state");
	cr_assert_eq(slow[0].last, slow[1].last, "they catch up together");
	cr_assert_eq(rib_dest_count(n.f.rib), 2000);
	fake_fini(&fast);
	fake_fini(&slow[0]);
	fake_fini(&slow[1]);
	fix_fini(&n.f);
}

/* A member that leaves while destinations are kept for it. */
Test(rib_group, slow_member_leaves)
{
	struct net n;
	struct fake fast, slow;
	net_init(&n, false);
	join(&n, &fast, &n.ext);
	join(&n, &slow, &n.ext);
	many(&n, &n.up, 100, "path 65001");
	fix_run(&n.f);
	slow.room = 0;
	unroute(&n.f, &n.up, "20.0.0.0/24");
	fix_run(&n.f);
	struct prefix p = pfx("20.0.0.0/24");
	cr_assert_null(rib_find(n.f.rib, &p), "readers do not see it");
	cr_assert_eq(rib_dest_count(n.f.rib), 100);
	fake_fini(&slow);
	fix_run(&n.f);
	cr_assert_eq(rib_dest_count(n.f.rib), 99);
	fake_fini(&fast);
	fix_fini(&n.f);
}

Test(rib_group, blocked_before_the_end_of_rib)
{
	struct net n;
	struct fake k;
	net_init(&n, false);
	join(&n, &k, &n.ext);
	k.room = 0;
	fix_run(&n.f);
	cr_assert_eq(k.tables, 0);
	k.room = 1;
	group_unblock(&k.m);
	fix_run(&n.f);
	cr_assert_eq(k.eors, 1);
	cr_assert_eq(k.tables, 1);
	fake_fini(&k);
	fix_fini(&n.f);
}

/* The queue never runs empty; who joins gets the table all the same. */
Test(rib_group, joiner_under_endless_churn)
{
	enum { ROUTES = 60000 }; /* more than one slice decides, however fast the build */
	struct net n;
	struct fake first, late;
	unsigned turns = 0;
	net_init(&n, false);
	join(&n, &first, &n.ext);
	many(&n, &n.up, ROUTES, "path 65001");
	fix_run(&n.f);
	join(&n, &late, &n.ext);
	for (; turns < 200 && !late.eors; turns++) {
		many(&n, &n.up, ROUTES, turns % 2 ? "path 65001" : "path 65001 9");
		event_base_loop(n.f.base, EVLOOP_ONCE);
		cr_assert(!fix_quiet(&n.f));
	}
	cr_assert_eq(late.eors, 1, "after %u turns", turns);
	fix_run(&n.f);
	fake_check(&late);
	fake_check(&first);
	fake_fini(&first);
	fake_fini(&late);
	fix_fini(&n.f);
}

/* The End-of-RIB of a new group comes behind what waited for its decision when it was made. */
Test(rib_group, end_of_rib_comes_last)
{
	struct net n;
	struct fake k;
	net_init(&n, false);
	many(&n, &n.up, 20000, "path 65001");
	join(&n, &k, &n.ext);
	while (!k.eors)
		event_base_loop(n.f.base, EVLOOP_ONCE);
	cr_assert_eq(trie_count(k.table), 20000);
	fix_run(&n.f);
	fake_fini(&k);
	fix_fini(&n.f);
}

Test(rib_group, send_again)
{
	struct net n;
	struct fake k, other;
	net_init(&n, false);
	join(&n, &k, &n.ext);
	join(&n, &other, &n.ext);
	many(&n, &n.up, 3000, "path 65001");
	fix_run(&n.f);
	group_send_again(&k.m);
	unroute(&n.f, &n.up, "20.0.0.0/24");
	fix_run(&n.f);
	fake_check(&k);
	cr_assert_eq(k.announced, 3000 + 2999);
	cr_assert_eq(k.eors, 1);
	cr_assert_eq(k.refreshes, 1);
	cr_assert_eq(other.announced, 3000);
	fake_fini(&k);
	fake_fini(&other);
	fix_fini(&n.f);
}

Test(rib_group, session_loss_withdraws_in_shared_messages)
{
	struct net n;
	struct fake k;
	net_init(&n, false);
	join(&n, &k, &n.ext);
	many(&n, &n.up, 3000, "path 65001");
	route(&n.f, &n.ext2, "20.0.0.0/24", "path 65006 1 2");
	fix_run(&n.f);
	uint32_t before = k.messages;
	rib_source_flush(n.f.rib, &n.up, false);
	fix_run(&n.f);
	fake_check(&k);
	cr_assert_eq(trie_count(k.table), 1);
	cr_assert_leq(k.messages - before, 60);
	fake_fini(&k);
	fix_fini(&n.f);
}

/* What was remembered of an export must not outlive what it depends on: here the table has no rest
 * between the two. */
Test(rib_group, settings_change_under_load)
{
	struct net n;
	struct fake k;
	struct attr_set a;
	net_init(&n, false);
	join(&n, &k, &n.client);
	fix_run(&n.f);
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001");
	event_base_loop(n.f.base, EVLOOP_ONCE);
	cr_assert(fake_get(&k, "10.2.0.0/16", &a));
	cr_assert_eq(a.local_pref, 100);
	n.f.cfg.default_local_pref = 150;
	rib_reconfigure(n.f.rib, &n.f.cfg);
	fix_run(&n.f);
	cr_assert(fake_get(&k, "10.2.0.0/16", &a));
	cr_assert_eq(a.local_pref, 150);
	fake_fini(&k);
	rib_source_flush(n.f.rib, &n.up, false);
	fix_run(&n.f);
	fix_fini(&n.f);
}

/* The neighbor comes back with another identifier before the table came to rest. */
Test(rib_group, neighbor_returns_as_another)
{
	struct net n;
	struct fake k;
	struct attr_set a;
	net_init(&n, false);
	join(&n, &k, &n.plain);
	fix_run(&n.f);
	route(&n.f, &n.client, "10.2.0.0/16", "path 7");
	event_base_loop(n.f.base, EVLOOP_ONCE);
	cr_assert(fake_get(&k, "10.2.0.0/16", &a));
	cr_assert_eq(a.originator_id, n.client.router_id);
	rib_source_flush(n.f.rib, &n.client, false);
	n.client.router_id = 0x0a0000aa;
	route(&n.f, &n.client, "10.2.0.0/16", "path 7");
	fix_run(&n.f);
	cr_assert(fake_get(&k, "10.2.0.0/16", &a));
	cr_assert_eq(a.originator_id, n.client.router_id);
	fake_fini(&k);
	rib_source_flush(n.f.rib, &n.client, false);
	fix_run(&n.f);
	fix_fini(&n.f);
}

/* ---- the default route that is made up ---- */

static void join_default(struct net *n, struct fake *k, const struct source *s)
{
	struct group_key key = key_make(s);
	key.default_originate = true;
	fake_init(k, &n->f, s);
	group_join(n->f.rib, &k->m, &key);
}

Test(rib_group, default_originate)
{
	struct net n;
	struct fake k, other;
	struct attr_set a;
	struct prefix all = pfx("0.0.0.0/0");
	net_init(&n, false);
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001 nh 10.0.0.2");
	join_default(&n, &k, &n.ext);
	join(&n, &other, &n.ext2);
	fix_run(&n.f);
	cr_assert(fake_get(&k, "0.0.0.0/0", &a));
	cr_expect_eq(aspath_hops(a.as_path), 1);
	cr_expect_eq(aspath_first(a.as_path), LOCAL_AS);
	cr_expect_eq(addr_to_ipv4(&a.next_hop), 0x0a000001);
	cr_expect(group_default_sent(k.m.group));
	cr_expect_eq(group_sent_count(k.m.group), 2);
	cr_expect(!fake_get(&other, "0.0.0.0/0", &a));
	cr_expect_null(rib_find(n.f.rib, &all), "it is in no table");
	/* One that the table has does not take its place, and its end leaves it alone. */
	route(&n.f, &n.up, "0.0.0.0/0", "path 65001 9 nh 10.0.0.2");
	fix_run(&n.f);
	cr_assert(fake_get(&k, "0.0.0.0/0", &a));
	cr_expect_eq(aspath_hops(a.as_path), 1);
	cr_assert(fake_get(&other, "0.0.0.0/0", &a));
	cr_expect_eq(aspath_hops(a.as_path), 3);
	unroute(&n.f, &n.up, "0.0.0.0/0");
	fix_run(&n.f);
	cr_expect(fake_get(&k, "0.0.0.0/0", &a));
	cr_expect(!fake_get(&other, "0.0.0.0/0", &a));
	fake_fini(&k);
	fix_run(&n.f);
	cr_expect_eq(rib_dest_count(n.f.rib), 1, "what the group alone needed went with it");
	fake_fini(&other);
	fix_fini(&n.f);
}

/* The way from a group that announced it to one that does not: it is withdrawn. */
Test(rib_group, default_originate_ends)
{
	struct net n;
	struct fake k, other;
	struct attr_set a;
	struct group_key plain;
	net_init(&n, false);
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001 nh 10.0.0.2");
	join_default(&n, &k, &n.ext);
	join(&n, &other, &n.ext2);
	fix_run(&n.f);
	cr_assert(fake_get(&k, "0.0.0.0/0", &a));
	plain = key_make(&n.ext);
	group_move(&k.m, &plain, &(struct own_hop){.addr = ip("10.0.0.1")});
	fix_run(&n.f);
	cr_expect(!fake_get(&k, "0.0.0.0/0", &a));
	cr_expect(fake_get(&k, "10.2.0.0/16", &a));
	cr_expect_eq(rib_dest_count(n.f.rib), 1);
	fake_check(&k);
	fake_fini(&k);
	fake_fini(&other);
	fix_fini(&n.f);
}

/* RFC 8950: an IPv6 next hop of an IPv4 route goes only where it can be carried; FRR's Adj-RIB-Out
 * shows it all the same. */
Test(rib_group, extended_nexthop)
{
	struct net n;
	struct fake old, extended;
	struct attr_set a;
	struct prefix p = pfx("10.2.0.0/16");
	net_init(&n, false);
	struct group_key key = key_make(&n.ext);
	fake_init(&old, &n.f, &n.ext);
	group_join(n.f.rib, &old.m, &key);
	key.hop_family = FAMILY_IPV6;
	key.hop_local = true;
	fake_init(&extended, &n.f, &n.ext2);
	extended.m.own = (struct own_hop){.addr = ip("2001:db8::1"), .local = ip("fe80::1")};
	group_join(n.f.rib, &extended.m, &key);
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001 nh 2001:db8::9");
	fix_run(&n.f);
	cr_assert(fake_get(&old, "10.2.0.0/16", &a));
	cr_expect_eq(addr_to_ipv4(&a.next_hop), 0x0a000001);
	attr_view(n.f.attrs, group_sent(old.m.group, rib_find(n.f.rib, &p)), &a);
	cr_expect_eq(a.next_hop.family, FAMILY_IPV6);
	cr_expect(addr_is_set(&a.next_hop));
	cr_assert(fake_get(&extended, "10.2.0.0/16", &a));
	struct addr us = ip("2001:db8::1"), link = ip("fe80::1");
	cr_expect(addr_equal(&a.next_hop, &us));
	cr_expect(addr_equal(&a.next_hop_local, &link));
	fake_fini(&old);
	fake_fini(&extended);
	fix_fini(&n.f);
}

/* A setting changes while a withdrawal is on its way to a member, or waits for it to read: the new
 * group never sent the route, and must withdraw it all the same. */
static void move_with_withdrawal(bool blocked)
{
	struct net n;
	struct fake k;
	struct attr_set a;
	net_init(&n, false);
	join(&n, &k, &n.client);
	many(&n, &n.up, 2000, "path 65001");
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001");
	fix_run(&n.f);
	k.room = blocked ? 0 : UINT32_MAX;
	unroute(&n.f, &n.up, "10.2.0.0/16");
	if (blocked)
		fix_run(&n.f);
	struct group_key key = key_make(&n.client);
	key.next_hop_self = true;
	uint32_t before = k.withdrawn;
	group_move(&k.m, &key, &(struct own_hop){.addr = ip("10.0.0.1")});
	fix_run(&n.f);
	k.room = UINT32_MAX;
	group_unblock(&k.m);
	fix_run(&n.f);
	cr_assert_not(fake_get(&k, "10.2.0.0/16", &a));
	cr_assert_eq(k.withdrawn - before, 1, "nothing else is withdrawn meanwhile");
	cr_assert(fake_get(&k, "20.0.0.0/24", &a));
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a000001);
	cr_assert_eq(k.eors, 1, "it is no new session");
	fake_check(&k);
	fake_fini(&k);
	rib_source_flush(n.f.rib, &n.up, false);
	fix_run(&n.f);
	fix_fini(&n.f);
}

Test(rib_group, move_with_a_withdrawal_under_way)
{
	move_with_withdrawal(false);
}

Test(rib_group, move_with_a_withdrawal_that_waits)
{
	move_with_withdrawal(true);
}
