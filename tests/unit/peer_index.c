/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many neighbors: found by address, kept in order, whatever the order in which they came. */
#include <event2/event.h>
#include <string.h>

#include "lib/mem.h"
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

/* Of every five addresses one is without a group. */
static const char *group(unsigned i)
{
	static const char *const names[] = {"b", "aa", NULL, "B", "a"};

	return names[i * 2003 % COUNT % 5];
}

static void add(unsigned i)
{
	struct addr x = address(i);
	struct peer *p = peer_new(&a.bgp, &x);

	p->cfg.group = group(i) ? mem_strdup(group(i)) : NULL;
	bgp_peer_add(&a.bgp, p);
}

static bool stands_before(const struct peer *x, const struct peer *y)
{
	const char *g = x->cfg.group ? x->cfg.group : "~", *h = y->cfg.group ? y->cfg.group : "~";

	return strcmp(g, h) ? strcmp(g, h) < 0 : addr_cmp(&x->source.addr, &y->source.addr) < 0;
}

static unsigned expect_order(void)
{
	const struct peer *p, *before = NULL;
	unsigned n = 0;

	list_for_each (p, &a.bgp.peers, link) {
		struct peer_place place = peer_place(before ? before : p);

		cr_assert_eq(peer_after(&a.bgp, before ? &place : NULL), p);
		cr_assert(!before || peer_next(before) == p);
		cr_assert(!before || stands_before(before, p));
		before = p;
		n++;
	}
	cr_assert_null(before ? peer_next(before) : peer_after(&a.bgp, NULL));
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

/* Settings with another group move it, where all others stay. */
Test(peer_index, into_groups_and_out_of_them)
{
	struct peer_cfg cfg;

	for (unsigned i = 0; i < 50; i++)
		add(i);
	for (unsigned i = 0; i < 50; i++) {
		struct addr x = address(i);
		struct peer *p = peer_find(&a.bgp, &x);

		peer_cfg_init(&cfg);
		cfg.group = group(i + 1) ? mem_strdup(group(i + 1)) : NULL;
		peer_configure(p, &cfg);
		peer_cfg_fini(&cfg);
		cr_assert_eq(expect_order(), 50);
		cr_assert_eq(peer_find(&a.bgp, &x), p);
	}
}

/* A place is one also when nobody stands there. */
Test(peer_index, behind_a_place)
{
	struct peer_place place = {.addr = ip("10.0.0.2"), .group = "aa"};
	const char *const names[] = {"10.0.0.1", "10.0.0.3", "::1"};
	struct addr x;

	for (unsigned i = 0; i < 3; i++) {
		struct peer *p;

		x = ip(names[i]);
		p = peer_new(&a.bgp, &x);
		p->cfg.group = i == 0 ? mem_strdup("aa") : i == 1 ? mem_strdup("b") : NULL;
		bgp_peer_add(&a.bgp, p);
	}
	x = ip("10.0.0.3");
	cr_expect_eq(peer_after(&a.bgp, &place), peer_find(&a.bgp, &x));
	strcpy(place.group, "a");
	place.addr = ip("::2");
	x = ip("10.0.0.1");
	cr_expect_eq(peer_after(&a.bgp, &place), peer_find(&a.bgp, &x));
	strcpy(place.group, "c");
	x = ip("::1");
	cr_expect_eq(peer_after(&a.bgp, &place), peer_find(&a.bgp, &x));
	place.group[0] = '\0';
	place.addr = ip("10.0.0.1");
	cr_expect_eq(peer_after(&a.bgp, &place), peer_find(&a.bgp, &x));
	place.addr = x;
	cr_expect_null(peer_after(&a.bgp, &place));
}
