/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks: flush, stale, import again, and what happens to the table meanwhile. Networks and next
 * hops against the fake kernel. */
#include "rib_help.h"

#include <event2/event.h>
#include <stdio.h>

static void fill(struct fix *f, const struct source *s, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		char prefix[32];
		snprintf(prefix, sizeof(prefix), "20.%u.%u.0/24", i >> 8, i & 255);
		route(f, s, prefix, "path 1");
	}
}

static unsigned stale_count(const struct fix *f)
{
	unsigned n = 0;
	struct prefix p;
	for (const struct dest *d = rib_next(f->rib, NULL, NULL); d;
	     d = rib_next(f->rib, NULL, &p)) {
		p = rib_dest_prefix(f->rib, d);
		n += (rib_path(f->rib, d->paths)->flags & PATH_STALE) != 0;
	}
	return n;
}

Test(rib_walk, flush_spares_what_comes_after_it)
{
	struct fix f;
	struct source s, other;
	fix_init(&f, FAMILY_IPV4, false);
	source_make(&f, &s, SOURCE_EBGP, 1, 2);
	source_make(&f, &other, SOURCE_EBGP, 2, 3);
	fill(&f, &s, 0, 4000);
	fill(&f, &other, 3000, 5000);
	fix_run(&f);
	rib_source_flush(f.rib, &s, false);
	/* The session is back at once. */
	fill(&f, &s, 100, 200);
	event_base_loop(f.base, EVLOOP_ONCE);
	fill(&f, &s, 4100, 4200);
	fix_run(&f);
	cr_assert_eq(s.path_count[FAMILY_IPV4], 200);
	cr_assert_eq(other.path_count[FAMILY_IPV4], 2000);
	cr_assert_eq(rib_dest_count(f.rib), 2100);
	fix_fini(&f);
}

Test(rib_walk, sessions_lost_together_move_nothing)
{
	struct fix f;
	struct source s[3];
	fix_init(&f, FAMILY_IPV4, false);
	for (unsigned i = 0; i < 3; i++) {
		source_make(&f, &s[i], SOURCE_EBGP, 1 + i, 2 + i);
		fill(&f, &s[i], 0, 1000);
	}
	fix_run(&f);
	uint32_t changes = f.best_changes;
	for (unsigned i = 0; i < 3; i++)
		rib_source_flush(f.rib, &s[i], false);
	fix_run(&f);
	cr_assert_eq(rib_dest_count(f.rib), 0);
	cr_assert_eq(f.best_changes - changes, 1000, "each destination changes once");
	fix_fini(&f);
}

/* Lost without graceful restart, back, lost with it: the flush of the first loss is still under way
 * and must not take what the second one keeps. */
Test(rib_walk, stale_paths_survive_an_older_flush)
{
	struct fix f;
	struct source s;
	fix_init(&f, FAMILY_IPV4, false);
	source_make(&f, &s, SOURCE_EBGP, 1, 2);
	fill(&f, &s, 0, 1000);
	fix_run(&f);
	rib_source_flush(f.rib, &s, false);
	fill(&f, &s, 0, 300);
	rib_source_mark_stale(f.rib, &s);
	fix_run(&f);
	cr_assert_eq(rib_dest_count(f.rib), 300);
	cr_assert_eq(stale_count(&f), 300);
	fix_fini(&f);
}

Test(rib_walk, owner_goes_before_its_paths)
{
	struct fix f;
	struct source s, next;
	fix_init(&f, FAMILY_IPV4, false);
	source_make(&f, &s, SOURCE_EBGP, 1, 2);
	uint16_t number = s.number;
	fill(&f, &s, 0, 3000);
	fix_run(&f);
	rib_source_flush(f.rib, &s, false);
	source_del(f.sources, &s);
	source_make(&f, &next, SOURCE_EBGP, 2, 3);
	cr_assert_neq(next.number, number, "the number is not free yet");
	fill(&f, &next, 0, 10);
	fix_run(&f);
	cr_assert_eq(rib_path_count(f.rib), 10);
	source_del(f.sources, &next);
	source_make(&f, &s, SOURCE_EBGP, 1, 2);
	cr_assert_eq(s.number, number);
	fix_fini(&f);
}

Test(rib_walk, stale_and_stale_only_flush)
{
	struct fix f;
	struct source s;
	fix_init(&f, FAMILY_IPV4, false);
	source_make(&f, &s, SOURCE_EBGP, 1, 2);
	fill(&f, &s, 0, 1000);
	fix_run(&f);
	rib_source_mark_stale(f.rib, &s);
	fill(&f, &s, 0, 10); /* before the walk has passed */
	fix_run(&f);
	cr_assert_eq(stale_count(&f), 990);
	fill(&f, &s, 10, 100);
	fix_run(&f);
	cr_assert_eq(stale_count(&f), 900);
	cr_assert_eq(rib_dest_count(f.rib), 1000);
	rib_source_flush(f.rib, &s, true);
	fix_run(&f);
	cr_assert_eq(rib_dest_count(f.rib), 100);
	fix_fini(&f);
}

/* A neighbor begins one enhanced refresh after the other, faster than a walk goes. */
Test(rib_walk, one_source_has_one_walk_of_a_kind_waiting)
{
	struct fix f;
	struct source s;
	unsigned turns = 0;
	fix_init(&f, FAMILY_IPV4, false);
	source_make(&f, &s, SOURCE_EBGP, 1, 2);
	fill(&f, &s, 0, 10000);
	fix_run(&f);
	for (unsigned i = 0; i < 5000; i++)
		rib_source_mark_stale(f.rib, &s);
	fill(&f, &s, 0, 10);
	rib_source_flush(f.rib, &s, true);
	for (; !rib_idle(f.rib); turns++)
		event_base_loop(f.base, EVLOOP_ONCE);
	cr_expect_lt(turns, 200, "%u turns", turns);
	cr_expect_eq(rib_dest_count(f.rib), 10);
	fix_fini(&f);
}

struct reject {
	struct fix *f;
	uint8_t third_octet;
};

static uint32_t import(void *ctx, const struct prefix *p, uint32_t received)
{
	const struct reject *x = ctx;
	if (p->b[2] == x->third_octet)
		return 0;
	attr_ref(x->f->attrs, received);
	return received;
}

Test(rib_walk, import_again)
{
	struct fix f;
	struct source s;
	fix_init(&f, FAMILY_IPV4, false);
	struct reject x = {&f, 7};
	source_make(&f, &s, SOURCE_EBGP, 1, 2);
	fill(&f, &s, 0, 512);
	fix_run(&f);
	uint32_t changes = f.best_changes;
	rib_source_reimport(f.rib, &s, import, &x);
	fix_run(&f);
	cr_assert_eq(s.accepted_count[FAMILY_IPV4], 510);
	cr_assert_eq(s.path_count[FAMILY_IPV4], 512);
	cr_assert_eq(f.best_changes - changes, 2, "only those that changed");
	cr_assert_eq(rib_denied_count(f.rib), 2);
	x.third_octet = 0xff;
	rib_source_reimport(f.rib, &s, import, &x);
	fix_run(&f);
	cr_assert_eq(s.accepted_count[FAMILY_IPV4], 510);
	cr_assert_eq(rib_denied_count(f.rib), 2);
	rib_source_flush(f.rib, &s, false);
	fix_run(&f);
	cr_assert_eq(rib_denied_count(f.rib), 0);
	fix_fini(&f);
}

/* Reading walks by key while everything changes under them. */
Test(rib_walk, reading_survives_changes)
{
	struct fix f;
	struct source s;
	unsigned seen = 0;
	fix_init(&f, FAMILY_IPV4, false);
	source_make(&f, &s, SOURCE_EBGP, 1, 2);
	fill(&f, &s, 0, 2000);
	fix_run(&f);
	struct prefix p = {0};
	for (const struct dest *d = rib_next(f.rib, NULL, NULL); d;
	     d = rib_next(f.rib, NULL, &p), seen++) {
		p = rib_dest_prefix(f.rib, d);
		rib_path_del(f.rib, &s, &p, 0);
		fix_run(&f);
	}
	cr_assert_eq(seen, 2000);
	cr_assert_eq(rib_dest_count(f.rib), 0);
	fix_fini(&f);
}

/* ---- networks ---- */

static const struct path *best_of(const struct fix *f, const char *prefix)
{
	struct prefix p = pfx(prefix);
	const struct dest *d = rib_find(f->rib, &p);
	return d ? rib_best(f->rib, d) : NULL;
}

/* While the kernel is behind, destinations stay in the table's queue; they are not lost there. */
Test(rib_walk, waits_for_a_slow_kernel)
{
	struct fix f;
	struct source s;
	fix_init(&f, FAMILY_IPV4, true);
	fake_kernel_route(f.kernel, "10.0.0.0/24", NULL, 0);
	source_make(&f, &s, SOURCE_EBGP, 1, 2);
	for (unsigned i = 0; i < 60; i++) {
		char prefix[32];
		snprintf(prefix, sizeof(prefix), "20.%u.0.0/16", i);
		route(&f, &s, prefix, "path 1 nh 10.0.0.2");
		if (i == 10)
			fix_run(&f);
		if (i == 20)
			fake_kernel_full(f.kernel, true);
	}
	for (unsigned i = 0; i < 50; i++)
		event_base_loop(f.base, EVLOOP_NONBLOCK);
	cr_expect_eq(fake_kernel_count(f.kernel), 11);
	fake_kernel_full(f.kernel, false);
	rib_kernel_room(f.rib);
	fix_run(&f);
	cr_expect_eq(fake_kernel_count(f.kernel), 60);
	rib_source_flush(f.rib, &s, false);
	fix_run(&f);
	fix_fini(&f);
}

Test(rib_walk, network_import_check)
{
	struct fix f;
	struct prefix p = pfx("10.244.0.0/24"), other = pfx("10.244.1.0/24");
	fix_init(&f, FAMILY_IPV4, true);
	rib_network_set(f.rib, &p);
	rib_network_set(f.rib, &other);
	fix_run(&f);
	cr_assert_null(best_of(&f, "10.244.0.0/24"));
	cr_assert_not_null(rib_find(f.rib, &p), "shown, but not valid");
	fake_kernel_route(f.kernel, "10.244.0.0/24", "10.0.0.9", 0);
	rib_routes_changed(f.rib, &p);
	fix_run(&f);
	const struct path *best = best_of(&f, "10.244.0.0/24");
	cr_assert_not_null(best);
	cr_assert_eq(best->source, 0);
	cr_assert(best->flags & PATH_NETWORK && best->flags & PATH_VALID);
	cr_assert_str_eq(fake_kernel_installed(f.kernel, "10.244.0.0/24"), "");
	fake_kernel_unroute(f.kernel, "10.244.0.0/24");
	rib_routes_changed(f.rib, &p);
	fix_run(&f);
	cr_assert_null(best_of(&f, "10.244.0.0/24"));
	f.cfg.import_check = false;
	rib_reconfigure(f.rib, &f.cfg);
	fix_run(&f);
	cr_assert_not_null(best_of(&f, "10.244.0.0/24"));
	cr_assert_not_null(best_of(&f, "10.244.1.0/24"));
	rib_network_unset(f.rib, &p);
	rib_network_unset(f.rib, &p);
	fix_run(&f);
	cr_assert_null(rib_find(f.rib, &p));
	fix_fini(&f);
}

/* ---- next hops and the kernel ---- */

static void routes_changed(struct fix *f, const char *where)
{
	struct prefix p = pfx(where);
	nht_routes_changed(f->nht, &p);
	rib_routes_changed(f->rib, &p);
	fix_run(f);
}

/* A route whose neighbor gave a link-local next hop beside the global one. */
static void link_route(struct fix *f, struct source *s, const char *prefix, uint32_t ifindex)
{
	struct prefix p = pfx(prefix);
	struct attr_set a = {
	    .have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) | ATTR_BIT(ATTR_NEXT_HOP),
	    .next_hop = ip("2001:db8::2"),
	    .next_hop_local = ip("fe80::2"),
	    .next_hop_ifindex = ifindex,
	};
	uint32_t id = attr_intern(f->attrs, &a);
	attr_ref(f->attrs, id);
	rib_path_set(f->rib, s, &p, 0, id, id);
}

static const struct nht_entry *link_entry(const struct fix *f, uint32_t ifindex, bool on_link)
{
	struct nht_hop at;
	const struct nht_entry *e = nht_next(f->nht, FAMILY_IPV6, NULL);
	while (e && (e->ifindex != ifindex || e->on_link != on_link)) {
		at = nht_hop_of(e);
		e = nht_next(f->nht, FAMILY_IPV6, &at);
	}
	return e;
}

/* RFC 2545 3: two neighbors with one link-local address, each on its own link. */
Test(rib_walk, link_local_next_hop_has_an_interface)
{
	struct fix f;
	struct source one, two;
	fix_init(&f, FAMILY_IPV6, true);
	source_make(&f, &one, SOURCE_EBGP, 1, 2);
	source_make(&f, &two, SOURCE_EBGP, 2, 3);
	one.addr = two.addr = ip("2001:db8::2");
	link_route(&f, &one, "2001:db8:1::/48", 1);
	link_route(&f, &two, "2001:db8:2::/48", 2);
	fix_run(&f);
	cr_assert_str_eq(fake_kernel_installed(f.kernel, "2001:db8:1::/48"), "fe80::2");
	cr_assert_str_eq(fake_kernel_installed(f.kernel, "2001:db8:2::/48"), "fe80::2%eth1");
	cr_assert_eq(link_entry(&f, 1, true)->path_count, 1);
	cr_assert_eq(link_entry(&f, 2, true)->path_count, 1);
	struct nht_hop last = nht_hop_of(link_entry(&f, 2, true));
	cr_assert_null(nht_next(f.nht, FAMILY_IPV6, &last));
	struct addr ll = ip("fe80::2");
	cr_assert_null(nht_find(f.nht, &ll), "no route is asked for them");
	fake_kernel_link(f.kernel, 2, false);
	nht_interface_changed(f.nht, 2);
	fix_run(&f);
	cr_assert_not_null(best_of(&f, "2001:db8:1::/48"));
	cr_assert_null(best_of(&f, "2001:db8:2::/48"));
	fake_kernel_link(f.kernel, 2, true);
	nht_interface_changed(f.nht, 2);
	fix_run(&f);
	cr_assert_str_eq(fake_kernel_installed(f.kernel, "2001:db8:2::/48"), "fe80::2%eth1");
	fix_fini(&f);
}

/* Over an IPv4 session there must be a route as well; the gateway is on the link all the same. */
Test(rib_walk, link_local_next_hop_of_an_ipv4_session)
{
	struct fix f;
	struct source s;
	fix_init(&f, FAMILY_IPV6, true);
	source_make(&f, &s, SOURCE_EBGP, 1, 2);
	s.addr = ip("10.0.0.2");
	link_route(&f, &s, "2001:db8:1::/48", 2);
	fix_run(&f);
	cr_assert_null(best_of(&f, "2001:db8:1::/48"));
	fake_kernel_route(f.kernel, "fe80::/64", NULL, 0);
	routes_changed(&f, "fe80::/64");
	cr_assert_str_eq(fake_kernel_installed(f.kernel, "2001:db8:1::/48"), "fe80::2%eth1");
	struct addr ll = ip("fe80::2");
	cr_assert_eq(nht_find(f.nht, &ll)->path_count, 1);
	fake_kernel_link(f.kernel, 2, false);
	nht_interface_changed(f.nht, 2);
	fix_run(&f);
	cr_assert_null(best_of(&f, "2001:db8:1::/48"));
	fix_fini(&f);
}

Test(rib_walk, next_hop_comes_and_goes)
{
	struct fix f;
	struct source ext, in;
	struct nht_hop hop = {.addr = ip("10.0.0.2")};
	fix_init(&f, FAMILY_IPV4, true);
	source_make(&f, &ext, SOURCE_EBGP, 1, 2);
	source_make(&f, &in, SOURCE_IBGP, LOCAL_AS, 3);
	route(&f, &ext, "10.2.0.0/16", "path 1 nh 10.0.0.2");
	route(&f, &in, "10.3.0.0/16", "path 1 nh 10.0.0.2");
	fix_run(&f);
	cr_assert_null(best_of(&f, "10.2.0.0/16"));
	cr_assert_eq(fake_kernel_count(f.kernel), 0);
	/* Reachable, but not connected: enough for the internal peer only. */
	fake_kernel_route(f.kernel, "10.0.0.0/16", "172.16.0.1", 30);
	routes_changed(&f, "10.0.0.0/16");
	cr_assert_null(best_of(&f, "10.2.0.0/16"));
	cr_assert_not_null(best_of(&f, "10.3.0.0/16"));
	cr_assert_str_eq(fake_kernel_installed(f.kernel, "10.3.0.0/16"), "172.16.0.1");
	uint32_t h = nht_get(f.nht, &hop);
	cr_assert_eq(nht_entry(f.nht, h)->metric, 30);
	cr_assert_eq(nht_entry(f.nht, h)->path_count, 2);
	nht_put(f.nht, h);
	fake_kernel_route(f.kernel, "10.0.0.0/24", NULL, 0);
	routes_changed(&f, "10.0.0.0/24");
	cr_assert_not_null(best_of(&f, "10.2.0.0/16"));
	cr_assert_str_eq(fake_kernel_installed(f.kernel, "10.2.0.0/16"), "10.0.0.2");
	cr_assert_str_eq(fake_kernel_installed(f.kernel, "10.3.0.0/16"), "10.0.0.2");
	fake_kernel_unroute(f.kernel, "10.0.0.0/24");
	fake_kernel_unroute(f.kernel, "10.0.0.0/16");
	routes_changed(&f, "10.0.0.0/16");
	cr_assert_eq(fake_kernel_count(f.kernel), 0);
	fix_fini(&f);
}

Test(rib_walk, default_route_resolves_only_if_told)
{
	struct fix f;
	struct source in;
	fix_init(&f, FAMILY_IPV4, true);
	source_make(&f, &in, SOURCE_IBGP, LOCAL_AS, 3);
	fake_kernel_route(f.kernel, "0.0.0.0/0", "172.16.0.1", 0);
	route(&f, &in, "10.3.0.0/16", "path 1 nh 10.9.0.2");
	fix_run(&f);
	cr_assert_null(best_of(&f, "10.3.0.0/16"));
	nht_set_via_default(f.nht, true);
	fix_run(&f);
	cr_assert_not_null(best_of(&f, "10.3.0.0/16"));
	fix_fini(&f);
}

/* A next hop reached over a BGP route; a route cannot carry itself. */
Test(rib_walk, bgp_route_resolves_next_hop)
{
	struct fix f;
	struct source ext, in;
	fix_init(&f, FAMILY_IPV4, true);
	source_make(&f, &ext, SOURCE_EBGP, 1, 2);
	source_make(&f, &in, SOURCE_IBGP, LOCAL_AS, 3);
	fake_kernel_route(f.kernel, "10.0.0.0/24", NULL, 0);
	route(&f, &in, "10.9.0.0/16", "path 1 nh 10.9.0.1"); /* would carry itself */
	route(&f, &in, "10.3.0.0/16", "path 1 nh 10.8.0.1");
	fix_run(&f);
	cr_assert_null(best_of(&f, "10.9.0.0/16"));
	cr_assert_null(best_of(&f, "10.3.0.0/16"));
	route(&f, &ext, "10.8.0.0/16", "path 1 nh 10.0.0.2");
	fix_run(&f);
	cr_assert_str_eq(fake_kernel_installed(f.kernel, "10.3.0.0/16"), "10.0.0.2");
	route(&f, &ext, "10.8.0.0/16", "path 1 nh 10.0.0.7");
	fix_run(&f);
	cr_assert_str_eq(fake_kernel_installed(f.kernel, "10.3.0.0/16"), "10.0.0.7");
	unroute(&f, &ext, "10.8.0.0/16");
	fix_run(&f);
	cr_assert_null(best_of(&f, "10.3.0.0/16"));
	cr_assert_eq(fake_kernel_count(f.kernel), 0);
	fix_fini(&f);
}

Test(rib_walk, multipath_in_the_kernel)
{
	struct fix f;
	struct source s[2];
	fix_init(&f, FAMILY_IPV4, true);
	fake_kernel_route(f.kernel, "10.0.0.0/24", NULL, 0);
	source_make(&f, &s[0], SOURCE_EBGP, 1, 2);
	source_make(&f, &s[1], SOURCE_EBGP, 1, 3);
	route(&f, &s[0], "10.2.0.0/16", "path 1 nh 10.0.0.2");
	fix_run(&f);
	cr_assert_str_eq(fake_kernel_installed(f.kernel, "10.2.0.0/16"), "10.0.0.2");
	route(&f, &s[1], "10.2.0.0/16", "path 1 nh 10.0.0.3");
	fix_run(&f);
	cr_assert_str_eq(fake_kernel_installed(f.kernel, "10.2.0.0/16"), "10.0.0.2 10.0.0.3");
	unroute(&f, &s[0], "10.2.0.0/16");
	fix_run(&f);
	cr_assert_str_eq(fake_kernel_installed(f.kernel, "10.2.0.0/16"), "10.0.0.3");
	fix_fini(&f);
}
