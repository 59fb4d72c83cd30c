/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many neighbors: found by address, kept in order, whatever the order in which they came. */
#include <event2/event.h>

#include "lib/task.h"
#include "peer_help.h"

enum { COUNT = 5000 };

static struct event_base *base;
static struct node a;

static void set_up(void)
{
	base = task_base_new();
	node_init(&a, base, "127.0.0.11", AS_A, ID_A);
}

static void tear_down(void)
{
	node_fini(&a);
	event_base_free(base);
}

TestSuite(peer_index, .init = set_up, .fini = tear_down, .timeout = 20);

/* The i-th of COUNT addresses in a mixed order; every third is IPv6. */
static struct addr address(unsigned i)
{
	unsigned n = i * 2003 % COUNT;
	struct addr x = addr_from_ipv4(0x0a000000 + n);

	if (n % 3)
		return x;
	x = ip("2001:db8::");
	x.b[14] = (uint8_t)(n >> 8);
	x.b[15] = (uint8_t)n;
	return x;
}

static void add(unsigned i)
{
	struct addr x = address(i);

	bgp_peer_add(&a.bgp, peer_new(&a.bgp, &x));
}

static unsigned expect_order(void)
{
	const struct peer *p, *before = NULL;
	unsigned n = 0;

	list_for_each (p, &a.bgp.peers, link) {
		cr_assert_eq(peer_after(&a.bgp, before ? &before->source.addr : NULL), p);
		cr_assert(!before || addr_cmp(&before->source.addr, &p->source.addr) < 0);
		before = p;
		n++;
	}
	cr_assert_null(before ? peer_after(&a.bgp, &before->source.addr) : NULL);
	return n;
}

Test(peer_index, in_any_order)
{
	for (unsigned i = 0; i < COUNT; i++)
		add(i);
	cr_expect_eq(expect_order(), COUNT);
	for (unsigned i = 0; i < COUNT; i++) {
		struct addr x = address(i);
		const struct peer *p = peer_find(&a.bgp, &x);
		cr_assert(p && addr_equal(&p->source.addr, &x));
	}
	for (unsigned i = 0; i < COUNT; i += 2) {
		struct addr x = address(i);
		peer_free(peer_find(&a.bgp, &x));
		cr_assert_null(peer_find(&a.bgp, &x));
	}
	cr_expect_eq(expect_order(), COUNT / 2);
	for (unsigned i = 0; i < COUNT; i += 2)
		add(i);
	cr_expect_eq(expect_order(), COUNT);
}

Test(peer_index, one_and_none)
{
	struct addr x = ip("10.0.0.1"), six = ip("::1");

	cr_expect_null(peer_find(&a.bgp, &x));
	cr_expect_null(peer_after(&a.bgp, NULL));
	add(1);
	cr_expect_eq(expect_order(), 1);
	cr_expect_null(peer_find(&a.bgp, &six));
	x = address(1);
	peer_free(peer_find(&a.bgp, &x));
	cr_expect_eq(expect_order(), 0);
}
