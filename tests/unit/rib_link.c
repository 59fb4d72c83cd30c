/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of one group on different links. */
#include "rib_help.h"

#include <time.h>

/* The last one on a link takes with it what had stayed there for it, and nobody hears of that. */
Test(rib_link, what_stayed_on_a_link_leaves_with_its_last_member)
{
	struct net n;
	struct fake near, far;
	struct attr_set a;
	net_init(&n, true);
	fake_kernel_route(n.f.kernel, "10.0.0.0/24", NULL, 0);
	struct group_key key = key_make(&n.ext);
	key.connected = true;
	fake_init(&near, &n.f, &n.ext);
	fake_init(&far, &n.f, &n.ext2);
	far.m.own = (struct own_hop){.addr = ip("10.9.9.1"), .ifindex = 2};
	group_join(n.f.rib, &near.m, &key);
	group_join(n.f.rib, &far.m, &key);
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001 nh 10.0.0.2");
	fix_run(&n.f);
	struct prefix p = pfx("10.2.0.0/16");
	const struct dest *d = rib_find(n.f.rib, &p);
	attr_view(n.f.attrs, group_sent(far.m.group, d), &a);
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a000002, "it stays for the one there");
	uint32_t told = far.announced;
	fake_fini(&near);
	fix_run(&n.f);
	attr_view(n.f.attrs, group_sent(far.m.group, d), &a);
	cr_assert_eq(addr_to_ipv4(&a.next_hop), 0, "ours, for those elsewhere");
	cr_assert_eq(far.announced, told, "as they had heard it all the time");
	fake_fini(&far);
	unroute(&n.f, &n.up, "10.2.0.0/16");
	fix_run(&n.f);
	fix_fini(&n.f);
}

enum { LINKS = 5000 };

/* Each on a link of its own: the last must cost no more than the first. */
Test(rib_link, thousands_of_links_cost_no_squares)
{
	struct net n;
	struct attr_set a;
	struct fake *k = mem_zalloc(LINKS * sizeof(*k));
	struct source *s = mem_zalloc(LINKS * sizeof(*s));
	clock_t joined[2], began = clock();
	net_init(&n, false);
	for (unsigned i = 0; i < LINKS; i++) {
		source_make(&n.f, &s[i], SOURCE_EBGP, 65100, 20);
		struct group_key key = key_make(&s[i]);
		fake_init(&k[i], &n.f, &s[i]);
		k[i].m.own =
		    (struct own_hop){.addr = addr_from_ipv4(0x0a100000 + i * 4), .ifindex = 10 + i};
		group_join(n.f.rib, &k[i].m, &key);
		if (i == LINKS / 2 - 1)
			joined[0] = clock() - began;
	}
	joined[1] = clock() - began - joined[0];
	fix_run(&n.f);
	route(&n.f, &n.up, "10.2.0.0/16", "path 65001 nh 10.0.0.2");
	fix_run(&n.f);
	for (unsigned i = 0; i < LINKS; i++) {
		cr_assert_eq(k[i].m.group, k[0].m.group);
		cr_assert(fake_get(&k[i], "10.2.0.0/16", &a));
		cr_assert_eq(addr_to_ipv4(&a.next_hop), 0x0a100000 + i * 4);
	}
	/* Squares would make it three times as much. */
	cr_expect_lt(
	    joined[1], joined[0] * 2 + CLOCKS_PER_SEC / 100, "%ld and %ld", joined[0], joined[1]);
	for (unsigned i = 0; i < LINKS; i++)
		fake_fini(&k[i]);
	unroute(&n.f, &n.up, "10.2.0.0/16");
	fix_run(&n.f);
	mem_free(k);
	mem_free(s);
	fix_fini(&n.f);
}
