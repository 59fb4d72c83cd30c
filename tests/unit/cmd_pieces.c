/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is very much of comes and goes in pieces, and is all there, or gone, in the end. */
#include <criterion/criterion.h>
#include <event2/event.h>

#include "bgpd/rib/rib.h"
#include "lib/mem.h"
#include "tests/unit/cmd_lab.h"

enum { NEIGHBORS = 4000, NETWORKS = 60000, PIECE_MAX = 400 };

TestSuite(cmd_pieces, .timeout = 120);

static void add_neighbors(struct sb *text, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		sb_fmt(text, " neighbor 10.0.%u.%u remote-as 65002\n neighbor 10.0.%u.%u passive\n",
		    i >> 8, i & 255, i >> 8, i & 255);
}

static void add_networks(struct sb *text, unsigned count)
{
	sb_add(text, " address-family ipv4 unicast\n");
	for (unsigned i = 0; i < count; i++)
		sb_fmt(text, "  network 20.%u.%u.0/24\n", i >> 8, i & 255);
	sb_add(text, " exit-address-family\n");
}

static unsigned peers_of(const struct bgp *b)
{
	const struct peer *p;
	unsigned n = 0;

	list_for_each (p, &b->peers, link)
		n++;
	return n;
}

Test(cmd_pieces, new_neighbors_come_in_pieces)
{
	struct lab l;
	struct sb text;
	unsigned before = 1, most = 0;
	bool more = true;

	lab_open(&l, "router bgp 65001\n neighbor 10.9.0.1 remote-as 65002\n");
	sb_init(&text);
	sb_add(&text, "router bgp 65001\n neighbor 10.9.0.1 remote-as 65003\n");
	add_neighbors(&text, NEIGHBORS);
	struct cli_job *job = cli_job_new(l.inst->cli, sb_steal(&text), CLI_JOB_RELOAD);
	while (more) {
		more = cli_job_step(job);
		unsigned n = peers_of(l.inst->bgp);
		most = n - before > most ? n - before : most;
		before = n;
	}
	cr_expect_eq(cli_job_end(job, NULL, NULL, NULL), 0);
	cr_expect_eq(before, NEIGHBORS + 1);
	cr_expect_leq(most, PIECE_MAX, "%u of them at once", most);
	cr_expect_eq(lab_peer(&l, "10.9.0.1")->cfg.remote_as, 65003);
	cr_expect(lab_peer(&l, "10.0.15.159")->cfg.passive);
	lab_close(&l);
}

static void start_big(struct lab *l)
{
	struct sb text;

	sb_init(&text);
	sb_add(&text, "router bgp 65001\n no bgp network import-check\n");
	add_neighbors(&text, NEIGHBORS);
	add_networks(&text, NETWORKS);
	lab_start(l, text.s);
	sb_fini(&text);
	event_base_loop(l->base, EVLOOP_NONBLOCK);
	lab_run(l, "configure terminal");
}

Test(cmd_pieces, what_is_much_goes_behind_the_answer)
{
	struct lab l;
	unsigned turns = 0;

	start_big(&l);
	cr_expect_eq(lab_run(&l, "no router bgp 65001"), CLI_OK);
	cr_expect_null(l.inst->bgp);
	cr_assert_not_null(l.inst->leaving, "it takes more than a slice");
	for (; l.inst->leaving; turns++)
		event_base_loop(l.base, EVLOOP_ONCE);
	cr_expect_gt(turns, 3);
	lab_close(&l);
}

Test(cmd_pieces, the_next_one_does_not_meet_what_is_left)
{
	struct lab l;

	start_big(&l);
	lab_run(&l, "no router bgp 65001");
	cr_assert_not_null(l.inst->leaving);
	cr_expect_eq(lab_run(&l, "router bgp 65001"), CLI_OK);
	cr_expect_null(l.inst->leaving);
	cr_assert_not_null(l.inst->bgp);
	cr_expect_eq(peers_of(l.inst->bgp), 0);
	cr_expect_eq(rib_path_count(l.inst->bgp->rib[FAMILY_IPV4]), 0);
	lab_run(&l, "neighbor 10.0.0.1 remote-as 65002");
	cr_expect_not_null(lab_peer(&l, "10.0.0.1"));
	lab_close(&l);
}

/* The daemon's end in the middle of it. */
Test(cmd_pieces, nothing_is_left_at_the_end)
{
	struct lab l;

	start_big(&l);
	lab_run(&l, "no router bgp 65001");
	cr_assert_not_null(l.inst->leaving);
	lab_close(&l);
}
