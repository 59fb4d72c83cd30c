/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BGP's routes on their way: what is asked of the kernel, in which order, and what the words say.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "kernel_fake.h"

static struct fake *one_link(void)
{
	struct fake *f = fake_new(true);

	fake_link(f, 2, "eth0", true);
	fake_address(f, 2, "192.168.1.1/24", false);
	fake_run(f);
	return f;
}

static void expect(struct fake *f, const char *const *lines)
{
	unsigned n = 0;

	for (; lines[n]; n++)
		cr_assert_str_eq(fake_line(f, n), lines[n]);
	cr_assert_eq(f->out.count, n, "more than expected: %s", fake_line(f, n));
	fake_clear(f);
}
#define EXPECT(f, ...) expect(f, (const char *const[]){__VA_ARGS__, NULL})
#define EXPECT_NOTHING(f) expect(f, (const char *const[]){NULL})

Test(kernel_bgp, routes_share_a_group_until_the_last_one_leaves)
{
	struct fake *f = one_link();

	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_set(f, "10.0.1.0/24", "192.168.1.2", NULL);
	EXPECT_NOTHING(f);
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_QUEUED);
	fake_run(f);
	EXPECT(f, "set nexthop 1000001", "set nexthop 1000000 group",
	    "set 10.0.0.0/24 nhid 1000000 proto 186", "set 10.0.1.0/24 nhid 1000000 proto 186");
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_INSTALLED);
	cr_assert_eq(f->told, 2);
	cr_assert_eq(slab_count(f->k->bgp.items), 0, "an installed route has no object");
	fake_del(f, "10.0.0.0/24");
	fake_run(f);
	EXPECT(f, "del 10.0.0.0/24 proto 186");
	fake_del(f, "10.0.1.0/24");
	fake_run(f);
	EXPECT(f, "del 10.0.1.0/24 proto 186", "del nexthop 1000000", "del nexthop 1000001");
	fake_free(f);
}

Test(kernel_bgp, groups_of_several_share_their_members)
{
	struct fake *f = one_link();

	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_set(f, "10.0.1.0/24", "192.168.1.3", "192.168.1.2");
	fake_set(f, "10.0.2.0/24", "192.168.1.2", "192.168.1.3");
	fake_set(f, "10.0.3.0/24", "192.168.1.2", "192.168.1.2");
	fake_run(f);
	EXPECT(f, "set nexthop 1000001", "set nexthop 1000000 group",
	    "set 10.0.0.0/24 nhid 1000000 proto 186", "set nexthop 1000003",
	    "set nexthop 1000002 group", "set 10.0.1.0/24 nhid 1000002 proto 186",
	    "set 10.0.2.0/24 nhid 1000002 proto 186", "set 10.0.3.0/24 nhid 1000000 proto 186");
	fake_free(f);
}

/* The kernel answers a question only when it is done with what is under way: nobody asks before. */
Test(kernel_bgp, next_hops_are_not_asked_for_while_routes_are_under_way)
{
	struct fake *f = one_link();

	f->hold = true;
	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_run(f);
	fake_set(f, "10.0.1.0/24", "192.168.1.2", NULL);
	fake_set(f, "10.0.2.0/24", "192.168.1.3", NULL);
	fake_run(f);
	EXPECT(f, "set nexthop 1000001", "set nexthop 1000000 group",
	    "set 10.0.0.0/24 nhid 1000000 proto 186", "set 10.0.1.0/24 nhid 1000000 proto 186");
	fake_answer(f);
	fake_run(f);
	EXPECT(f, "set nexthop 1000003", "set nexthop 1000002 group",
	    "set 10.0.2.0/24 nhid 1000002 proto 186");
	cr_expect_eq(fake_state(f, "10.0.2.0/24"), KERNEL_BGP_INSTALLED);
	fake_free(f);
}

Test(kernel_bgp, what_waits_is_merged)
{
	struct fake *f = one_link();

	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_set(f, "10.0.0.0/24", "192.168.1.3", NULL);
	fake_set(f, "10.0.1.0/24", "192.168.1.3", NULL);
	fake_del(f, "10.0.1.0/24");
	fake_run(f);
	EXPECT(f, "set nexthop 1000003", "set nexthop 1000002 group",
	    "set 10.0.0.0/24 nhid 1000002 proto 186");
	fake_set(f, "10.0.0.0/24", "192.168.1.3", NULL);
	fake_run(f);
	EXPECT_NOTHING(f);
	/* a waiting change of an installed one, then its deletion */
	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_del(f, "10.0.0.0/24");
	fake_run(f);
	EXPECT(f, "del 10.0.0.0/24 proto 186", "del nexthop 1000002", "del nexthop 1000003");
	fake_free(f);
}

Test(kernel_bgp, what_is_on_its_way_is_not_mistaken_for_what_follows)
{
	struct fake *f = one_link();

	/* their next hops are there already, or the later ones would wait */
	fake_set(f, "10.1.2.0/24", "192.168.1.2", NULL);
	fake_set(f, "10.1.3.0/24", "192.168.1.3", NULL);
	fake_set(f, "10.1.4.0/24", "192.168.1.4", NULL);
	fake_run(f);
	fake_clear(f);
	unsigned told = f->told;
	f->hold = true;
	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_run(f);
	fake_del(f, "10.0.0.0/24");
	fake_run(f);
	fake_set(f, "10.0.0.0/24", "192.168.1.3", NULL);
	fake_run(f);
	fake_set(f, "10.0.0.0/24", "192.168.1.4", NULL);
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_QUEUED);
	fake_run(f);
	EXPECT(f, "set 10.0.0.0/24 nhid 1000000 proto 186", "del 10.0.0.0/24 proto 186",
	    "set 10.0.0.0/24 nhid 1000002 proto 186", "set 10.0.0.0/24 nhid 1000004 proto 186");
	fake_answer(f);
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_INSTALLED);
	cr_assert_eq(f->told, told + 1, "only the last one counts");
	EXPECT_NOTHING(f);
	cr_assert(kernel_idle(f->k));
	fake_free(f);
}

Test(kernel_bgp, a_refused_change_takes_the_old_route_along)
{
	struct fake *f = one_link();

	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_run(f);
	fake_clear(f);
	f->batch_error = ENETUNREACH;
	fake_set(f, "10.0.0.0/24", "192.168.1.3", NULL);
	fake_run(f);
	EXPECT(f, "set nexthop 1000003", "set nexthop 1000002 group",
	    "set 10.0.0.0/24 nhid 1000002 proto 186", "del 10.0.0.0/24 proto 186",
	    "del nexthop 1000000", "del nexthop 1000001");
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_FAILED);
	cr_assert_eq(f->refused, 1);
	struct prefix p = fake_prefix("10.0.0.0/24");
	cr_assert_eq(kernel_bgp_error(f->k, trie_find(f->words[FAMILY_IPV4], &p)), ENETUNREACH);
	/* tried again when a link comes up */
	f->batch_error = 0;
	bgp_retry(f->k);
	fake_run(f);
	EXPECT(f, "set 10.0.0.0/24 nhid 1000002 proto 186");
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_INSTALLED);
	fake_free(f);
}

Test(kernel_bgp, no_group_no_route)
{
	struct fake *f = one_link();

	f->ask_error = EINVAL;
	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_run(f);
	EXPECT(f, "set nexthop 1000001");
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_FAILED);
	fake_del(f, "10.0.0.0/24");
	fake_run(f);
	EXPECT_NOTHING(f);
	fake_free(f);
}

Test(kernel_bgp, without_next_hop_objects_routes_carry_their_own)
{
	struct fake *f = one_link();

	f->ask_error = EOPNOTSUPP;
	fake_set(f, "10.0.0.0/24", "192.168.1.2", "192.168.1.3");
	fake_run(f);
	EXPECT(f, "set nexthop 1000001", "set 10.0.0.0/24 proto 186");
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_INSTALLED);
	fake_free(f);
}

Test(kernel_bgp, stands_back_behind_a_better_route)
{
	struct fake *f = one_link();

	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_run(f);
	fake_clear(f);
	fake_route(f, "10.0.0.0/24", 0, "192.168.1.9", 2, false);
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_HIDDEN);
	fake_run(f);
	EXPECT(f, "del 10.0.0.0/24 proto 186");
	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_run(f);
	EXPECT_NOTHING(f);
	fake_route(f, "10.0.0.0/24", 0, "192.168.1.9", 2, true);
	fake_run(f);
	EXPECT(f, "set 10.0.0.0/24 nhid 1000000 proto 186");
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_INSTALLED);
	fake_free(f);
}

Test(kernel_bgp, a_better_route_comes_while_ours_is_on_its_way)
{
	struct fake *f = one_link();

	f->hold = true;
	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_run(f);
	fake_route(f, "10.0.0.0/24", 0, "192.168.1.9", 2, false);
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_HIDDEN);
	fake_answer(f);
	EXPECT(f, "set nexthop 1000001", "set nexthop 1000000 group",
	    "set 10.0.0.0/24 nhid 1000000 proto 186", "del 10.0.0.0/24 proto 186");
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_HIDDEN);
	fake_free(f);
}

Test(kernel_bgp, a_worse_route_of_others_does_not_matter)
{
	struct fake *f = one_link();

	fake_route(f, "10.0.0.0/24", 200u << 24, "192.168.1.9", 2, false);
	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_run(f);
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_INSTALLED);
	fake_free(f);
}

static void altered(struct fake *f, const char *prefix, uint32_t group, bool gone)
{
	struct netlink_route r = {.prefix = fake_prefix(prefix), .group = group};

	bgp_altered(f->k, &r, gone);
	fake_run(f);
}

Test(kernel_bgp, what_others_do_to_our_routes_is_undone)
{
	struct fake *f = one_link();

	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_run(f);
	fake_clear(f);
	altered(f, "10.0.0.0/24", 1000000, false);
	EXPECT_NOTHING(f);
	altered(f, "10.0.0.0/24", 77, false);
	EXPECT(f, "set 10.0.0.0/24 nhid 1000000 proto 186");
	altered(f, "10.0.0.0/24", 1000000, true);
	EXPECT(f, "set 10.0.0.0/24 nhid 1000000 proto 186");
	altered(f, "10.0.9.0/24", 1000000, true);
	EXPECT_NOTHING(f);
	fake_free(f);
}

Test(kernel_bgp, a_link_that_flaps_gets_its_objects_back)
{
	struct fake *f = one_link();

	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_run(f);
	fake_clear(f);
	fake_link(f, 2, "eth0", false);
	fake_link(f, 2, "eth0", true);
	fake_run(f);
	EXPECT(f, "set nexthop 1000001 again", "set nexthop 1000000 group again");
	struct prefix p = fake_prefix("10.0.0.0/24");
	bgp_check(f->k, &p, false); /* as the walk does that follows */
	bgp_check(f->k, &p, false);
	fake_run(f);
	EXPECT(f, "set 10.0.0.0/24 nhid 1000000 proto 186");
	group_restored(f->k);
	bgp_check(f->k, &p, false);
	fake_run(f);
	EXPECT_NOTHING(f);
	fake_free(f);
}

Test(kernel_bgp, an_audit_puts_back_what_it_did_not_see)
{
	struct fake *f = one_link();
	struct prefix p = fake_prefix("10.0.0.0/24"), q = fake_prefix("10.0.1.0/24");
	struct netlink_route r = {.prefix = p, .group = 1000000};

	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_set(f, "10.0.1.0/24", "192.168.1.2", NULL);
	fake_run(f);
	fake_clear(f);
	for (int round = 0; round < 3; round++) {
		bgp_audit_start(f->k);
		cr_assert(bgp_seen(f->k, &r));
		bgp_check(f->k, &p, true);
		bgp_check(f->k, &q, true);
		fake_run(f);
		EXPECT(f, "set 10.0.1.0/24 nhid 1000000 proto 186");
	}
	r.prefix = fake_prefix("10.0.2.0/24");
	cr_assert_not(bgp_seen(f->k, &r));
	fake_free(f);
}

Test(kernel_bgp, waits_while_the_kernel_is_slow)
{
	struct fake *f = one_link();

	f->slow = true;
	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_run(f);
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_QUEUED);
	cr_assert_not(kernel_idle(f->k));
	fake_set(f, "10.0.1.0/24", "192.168.1.2", NULL);
	fake_run(f);
	cr_assert_eq(fake_state(f, "10.0.1.0/24"), KERNEL_BGP_QUEUED);
	fake_not_slow(f);
	fake_run(f);
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_INSTALLED);
	cr_assert_eq(fake_state(f, "10.0.1.0/24"), KERNEL_BGP_INSTALLED);
	fake_free(f);
}

/* More than a few thousand routes do not wait here: the table is told to keep them. */
Test(kernel_bgp, says_when_it_is_full_and_when_there_is_room)
{
	struct fake *f = one_link();
	unsigned n = 0;
	char text[32];

	f->slow = f->quiet = true;
	for (; !kernel_bgp_full(f->k); n++) {
		cr_assert_lt(n, 20000u);
		snprintf(text, sizeof(text), "10.%u.%u.0/24", n / 256, n % 256);
		fake_set(f, text, "192.168.1.2", NULL);
		if (n % 100 == 0)
			fake_run(f);
	}
	cr_expect_gt(n, 1000u);
	cr_expect_eq(f->rooms, 0);
	fake_not_slow(f);
	fake_run(f);
	cr_expect_eq(f->rooms, 1);
	cr_expect_not(kernel_bgp_full(f->k));
	for (unsigned i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.0/24", i / 256, i % 256);
		cr_assert_eq(fake_state(f, text), KERNEL_BGP_INSTALLED);
	}
	fake_free(f);
}

Test(kernel_bgp, nothing_is_written_without_leave)
{
	struct fake *f = fake_new(false);

	fake_link(f, 2, "eth0", true);
	fake_address(f, 2, "192.168.1.1/24", false);
	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_static(f, "10.9.0.0/24", 1, "192.168.1.2");
	struct prefix p = fake_prefix("10.5.0.1/24");
	kernel_address_set(f->k, "eth0", &p);
	fake_run(f);
	EXPECT_NOTHING(f);
	cr_assert_eq(fake_state(f, "10.0.0.0/24"), KERNEL_BGP_NONE);
	fake_free(f);
}

Test(kernel_bgp, the_end_removes_groups_and_costs_the_rib_nothing)
{
	struct fake *f = one_link();

	fake_set(f, "10.0.0.0/24", "192.168.1.2", NULL);
	fake_run(f);
	fake_clear(f);
	kernel_close(f->k);
	EXPECT(f, "del nexthop 1000000", "del nexthop 1000001");
	fake_del(f, "10.0.0.0/24");
	fake_run(f);
	EXPECT_NOTHING(f);
	fake_free(f);
}
