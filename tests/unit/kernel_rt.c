/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of non-BGP routes: what is selected, how addresses are reached, static routes over
 * others. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "kernel_fake.h"

#define EXPECT_ROUTES(f, ...) fake_expect_routes(f, (const char *const[]){__VA_ARGS__, NULL})

static struct fake *two_links(void)
{
	struct fake *f = fake_new(true);

	fake_link(f, 1, "lo", true);
	fake_link(f, 2, "eth0", true);
	fake_link(f, 10, "eth10", true);
	fake_address(f, 2, "192.168.1.1/24", false);
	fake_address(f, 10, "10.1.0.1/16", false);
	fake_run(f);
	fake_clear(f);
	return f;
}

Test(kernel_rt, connected_and_local_follow_addresses_and_links)
{
	struct fake *f = two_links();

	EXPECT_ROUTES(f, "C> 10.1.0.0/16 eth10", "L> 10.1.0.1/32 eth10", "C> 192.168.1.0/24 eth0",
	    "L> 192.168.1.1/32 eth0");
	fake_address(f, 2, "192.168.1.7/24", false);
	fake_address(f, 2, "192.168.1.1/24", true);
	EXPECT_ROUTES(f, "C> 10.1.0.0/16 eth10", "L> 10.1.0.1/32 eth10", "C> 192.168.1.0/24 eth0",
	    "L> 192.168.1.7/32 eth0");
	fake_link(f, 2, "eth0", false);
	EXPECT_ROUTES(f, "C> 10.1.0.0/16 eth10", "L> 10.1.0.1/32 eth10");
	fake_link(f, 2, "eth0", true);
	fake_address(f, 10, "10.1.0.1/16", true);
	EXPECT_ROUTES(f, "C> 192.168.1.0/24 eth0", "L> 192.168.1.7/32 eth0");
	fake_free(f);
}

Test(kernel_rt, loopbacks_own_addresses_are_left_out)
{
	struct fake *f = fake_new(true);
	struct kernel_interface lo = {
	    .ifindex = 1, .name = "lo", .up = true, .running = true, .loopback = true};

	interface_link(f->k, &(struct netlink_link){1, &lo}, false);
	fake_address(f, 1, "127.0.0.1/8", false);
	fake_address(f, 1, "::1/128", false);
	fake_address(f, 1, "10.255.0.1/32", false);
	cr_assert_eq(kernel_interface(f->k, 1)->address_count, 1);
	EXPECT_ROUTES(f, "L  10.255.0.1/32 lo", "C> 10.255.0.1/32 lo");
	fake_free(f);
}

Test(kernel_rt, interfaces_in_order_of_names)
{
	static const char *const want[] = {"eth0", "eth2", "eth10", "lo"};
	struct fake *f = two_links();
	const struct kernel_interface *i = NULL;
	unsigned n = 0;

	fake_link(f, 3, "eth2", false);
	while ((i = kernel_interface_next(f->k, i ? i->name : NULL)))
		cr_assert_str_eq(i->name, want[n++]);
	cr_assert_eq(n, 4);
	struct addr a = fake_addr("10.1.0.1"), b = fake_addr("10.1.0.2");
	cr_assert_eq(kernel_interface_of(f->k, &a)->ifindex, 10);
	cr_assert_null(kernel_interface_of(f->k, &b));
	cr_assert_eq(kernel_interface_to(f->k, &b)->ifindex, 10);
	fake_free(f);
}

/* The index of the interface that leads to an address; 0: none. */
static uint32_t way_to(const struct fake *f, const char *text)
{
	struct addr a = fake_addr(text);
	const struct kernel_interface *i = kernel_interface_to(f->k, &a);

	return i ? i->ifindex : 0;
}

Test(kernel_rt, the_way_to_an_address_follows_each_change)
{
	struct fake *f = two_links();

	cr_assert_eq(way_to(f, "10.1.0.130"), 10);
	cr_assert_eq(way_to(f, "10.3.0.1"), 0);
	fake_address(f, 2, "10.3.0.1/24", false);
	cr_assert_eq(way_to(f, "10.3.0.1"), 2, "a new address");
	fake_address(f, 2, "10.1.0.129/25", false);
	cr_assert_eq(way_to(f, "10.1.0.130"), 2, "a longer prefix elsewhere");
	fake_link(f, 2, "eth0", false);
	cr_assert_eq(way_to(f, "10.1.0.130"), 10, "the link is down");
	fake_link(f, 2, "eth0", true);
	cr_assert_eq(way_to(f, "10.1.0.130"), 2, "... and up");
	fake_address(f, 2, "10.1.0.129/25", true);
	cr_assert_eq(way_to(f, "10.1.0.130"), 10, "the address is gone");
	struct kernel_interface gone = {.ifindex = 10};
	interface_link(f->k, &(struct netlink_link){10, &gone}, true);
	cr_assert_eq(way_to(f, "10.1.0.130"), 0, "the link is gone");
	fake_free(f);
}

Test(kernel_rt, lowest_distance_then_metric_then_the_newer_is_selected)
{
	struct fake *f = two_links();

	fake_static(f, "10.9.0.0/24", 1, "192.168.1.2");
	fake_run(f);
	fake_route(f, "10.9.0.0/24", 100, "192.168.1.3", 2, false);
	fake_route(f, "10.9.0.0/24", 50, "10.1.0.3", 10, false);
	/* a kernel route's distance stands in the top byte of its metric */
	fake_route(f, "10.9.0.0/24", 5u << 24, "10.1.0.4", 10, false);
	EXPECT_ROUTES(f, "C> 10.1.0.0/16 eth10", "L> 10.1.0.1/32 eth10", "K  10.9.0.0/24 eth10",
	    "K> 10.9.0.0/24 eth10", "K  10.9.0.0/24 eth0", "S  10.9.0.0/24 eth0",
	    "C> 192.168.1.0/24 eth0", "L> 192.168.1.1/32 eth0");
	fake_route(f, "10.9.0.0/24", 50, "10.1.0.3", 10, true);
	fake_route(f, "10.9.0.0/24", 100, "192.168.1.3", 2, true);
	EXPECT_ROUTES(f, "C> 10.1.0.0/16 eth10", "L> 10.1.0.1/32 eth10", "K  10.9.0.0/24 eth10",
	    "S> 10.9.0.0/24 eth0", "C> 192.168.1.0/24 eth0", "L> 192.168.1.1/32 eth0");
	fake_free(f);
}

Test(kernel_rt, kernel_routes_leave_with_their_link)
{
	struct fake *f = two_links();

	fake_route(f, "10.9.0.0/24", 0, "192.168.1.3", 2, false);
	fake_route(f, "10.8.0.0/24", 0, NULL, 0, false);
	fake_link(f, 2, "eth0", false);
	EXPECT_ROUTES(f, "C> 10.1.0.0/16 eth10", "L> 10.1.0.1/32 eth10", "K> 10.8.0.0/24");
	fake_free(f);
}

static void expect_resolved(
    const struct fake *f, const char *what, bool connected_only, const char *gate, uint32_t ifindex)
{
	struct kernel_nexthop nh[4];
	struct addr a = fake_addr(what);
	unsigned n = kernel_resolve(f->k, &a, connected_only, nh, 4, NULL);

	cr_assert_eq(n, gate ? 1 : 0, "%s: %u next hops", what, n);
	if (!gate)
		return;
	struct addr want = fake_addr(gate);
	cr_assert(addr_equal(&nh[0].gate, &want), "%s", what);
	cr_assert_eq(nh[0].ifindex, ifindex, "%s", what);
}

Test(kernel_rt, resolving)
{
	struct fake *f = two_links();
	struct addr a = fake_addr("8.8.8.8");

	fake_route(f, "0.0.0.0/0", 0, "192.168.1.254", 2, false);
	fake_route(f, "10.8.0.0/24", 0, NULL, 0, false);
	fake_static(f, "10.9.0.0/24", 1, "10.1.0.9");
	fake_run(f);
	expect_resolved(f, "192.168.1.77", true, "192.168.1.77", 2);
	expect_resolved(f, "192.168.1.1", false, NULL, 0); /* our own */
	expect_resolved(f, "10.9.0.1", false, "10.1.0.9", 10);
	expect_resolved(f, "10.9.0.1", true, NULL, 0);
	expect_resolved(f, "10.8.0.1", false, NULL, 0);
	expect_resolved(f, "8.8.8.8", false, "192.168.1.254", 2);
	cr_assert_null(kernel_route_match(f->k, &a, false));
	cr_assert_not_null(kernel_route_match(f->k, &a, true));
	/* what lies under an unusable route is reached over the shorter one */
	fake_link(f, 10, "eth10", false);
	fake_run(f);
	expect_resolved(f, "10.9.0.1", false, "192.168.1.254", 2);
	fake_free(f);
}

Test(kernel_rt, static_routes_resolve_over_each_other)
{
	struct fake *f = two_links();
	struct rt_nexthop nh = {.gate = fake_addr("192.168.1.2")};
	struct prefix p = fake_prefix("10.9.1.0/24");

	fake_static(f, "10.9.3.0/24", 1, "10.9.2.1");
	fake_static(f, "10.9.2.0/24", 1, "10.9.1.1");
	fake_static(f, "10.9.1.0/24", 1, "192.168.1.2");
	fake_run(f);
	EXPECT_ROUTES(f, "C> 10.1.0.0/16 eth10", "L> 10.1.0.1/32 eth10", "S> 10.9.1.0/24 eth0",
	    "S> 10.9.2.0/24 eth0", "S> 10.9.3.0/24 eth0", "C> 192.168.1.0/24 eth0",
	    "L> 192.168.1.1/32 eth0");
	expect_resolved(f, "10.9.3.3", false, "192.168.1.2", 2);
	kernel_static_unset(f->k, &p, 1, &nh);
	fake_run(f);
	EXPECT_ROUTES(f, "C> 10.1.0.0/16 eth10", "L> 10.1.0.1/32 eth10", "C> 192.168.1.0/24 eth0",
	    "L> 192.168.1.1/32 eth0");
	fake_free(f);
}

Test(kernel_rt, static_routes_in_a_circle_end)
{
	struct fake *f = two_links();

	fake_static(f, "10.9.1.0/24", 1, "10.9.2.1");
	fake_static(f, "10.9.2.0/24", 1, "10.9.1.1");
	fake_static(f, "10.9.3.0/24", 1, "10.9.3.1"); /* itself */
	fake_run(f);
	EXPECT_ROUTES(f, "C> 10.1.0.0/16 eth10", "L> 10.1.0.1/32 eth10", "C> 192.168.1.0/24 eth0",
	    "L> 192.168.1.1/32 eth0");
	/* a way that leads over itself once it is there */
	fake_static(f, "10.8.0.0/16", 1, "192.168.1.2");
	fake_static(f, "192.168.1.2/32", 1, "10.8.0.1");
	fake_run(f);
	fake_free(f);
}

Test(kernel_rt, a_static_route_does_not_hold_itself_up)
{
	struct fake *f = two_links();

	fake_route(f, "0.0.0.0/0", 0, "192.168.1.254", 2, false);
	fake_static(f, "10.9.3.0/24", 1, "10.9.3.1");
	fake_run(f);
	expect_resolved(f, "10.9.3.9", false, "192.168.1.254", 2);
	fake_route(f, "0.0.0.0/0", 0, "192.168.1.254", 2, true);
	fake_run(f);
	expect_resolved(f, "10.9.3.9", false, NULL, 0);
	fake_free(f);
}

Test(kernel_rt, static_routes_are_listed_as_configured)
{
	struct fake *f = two_links();
	const struct kernel_static *s = NULL;
	unsigned n = 0;

	fake_static(f, "10.9.2.0/24", 5, "192.168.1.2");
	fake_static(f, "10.9.2.0/24", 1, "192.168.1.3");
	fake_static(f, "10.9.2.0/24", 1, "77.0.0.1");
	fake_static(f, "10.9.1.0/24", 1, "blackhole");
	fake_run(f);
	for (; (s = kernel_static_next(f->k, FAMILY_IPV4, s)); n++) {
		cr_assert_eq(s->distance, n == 2 ? 5 : 1);
		cr_assert_eq(s->nexthop_count, n == 1 ? 2 : 1);
		cr_assert(s->nexthops[0].active);
		if (n == 1)
			cr_assert_not(s->nexthops[1].active);
	}
	cr_assert_eq(n, 3);
	fake_free(f);
}

Test(kernel_rt, static_routes_in_the_kernel)
{
	struct fake *f = two_links();
	struct prefix p = fake_prefix("10.9.1.0/24");
	struct rt_nexthop nh = {.gate = fake_addr("192.168.1.2")};

	fake_static(f, "10.9.0.0/24", 1, "blackhole");
	fake_static(f, "10.9.1.0/24", 1, "192.168.1.2");
	fake_static(f, "10.9.1.0/24", 9, "192.168.1.3");
	fake_run(f);
	cr_assert_str_eq(fake_line(f, 0), "set nexthop 1000000");
	cr_assert_str_eq(fake_line(f, 1), "set 10.9.0.0/24 proto 196 blackhole");
	cr_assert_str_eq(fake_line(f, 2), "set nexthop 1000002");
	cr_assert_str_eq(fake_line(f, 3), "set nexthop 1000001 group");
	cr_assert_str_eq(fake_line(f, 4), "set 10.9.1.0/24 nhid 1000001 proto 196");
	cr_assert_eq(f->out.count, 5);
	fake_clear(f);
	/* the next one takes the place in one go */
	kernel_static_unset(f->k, &p, 1, &nh);
	fake_run(f);
	cr_assert_str_eq(fake_line(f, 2), "set 10.9.1.0/24 nhid 1000003 proto 196");
	cr_assert_str_eq(fake_line(f, 3), "del nexthop 1000001");
	cr_assert_str_eq(fake_line(f, 4), "del nexthop 1000002");
	cr_assert_eq(f->out.count, 5);
	fake_free(f);
}

Test(kernel_rt, listeners_hear_of_changes_once)
{
	struct fake *f = two_links();

	f->routes_changed = f->interfaces_changed = 0;
	fake_route(f, "10.9.0.0/24", 0, "192.168.1.3", 2, false);
	fake_route(f, "10.9.0.0/24", 0, "192.168.1.3", 2, false);
	cr_assert_eq(f->routes_changed, 0, "only from the event loop");
	fake_run(f);
	cr_assert_eq(f->routes_changed, 1);
	for (int i = 0; i < 200; i++) {
		char text[PREFIX_STRLEN];
		snprintf(text, sizeof(text), "11.0.%d.0/24", i);
		fake_route(f, text, 0, "192.168.1.3", 2, false);
	}
	fake_run(f);
	cr_assert_lt(f->routes_changed, 10, "many changes arrive as few");
	fake_free(f);
}
