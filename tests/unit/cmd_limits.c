/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many neighbors there can be: beyond that a statement is refused at its line, and a neighbor
 * that only has to wait for another's number waits. Never an abort. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <string.h>

#include "lib/mem.h"
#include "tests/unit/cmd_lab.h"

TestSuite(cmd_limits, .timeout = 120);

/* ---- statements ---- */

struct faults {
	unsigned count, line;
	struct sb said;
};

static void note(void *ctx, const struct cli_fault *fault)
{
	struct faults *f = ctx;

	if (!f->count++)
		f->line = fault->line;
	sb_add(&f->said, fault->message);
}

static void add_neighbors(struct sb *text, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		sb_fmt(text, " neighbor 10.%u.%u.%u remote-as 65002\n", i >> 16, i >> 8 & 255,
		    i & 255);
}

/* Nothing of it becomes real: only what the statements say counts. */
static struct faults faults_of(const char *text)
{
	struct faults f = {0};
	struct lab l;

	sb_init(&f.said);
	lab_open(&l, "");
	cli_load(l.inst->cli, text, true, note, &f);
	lab_close(&l);
	return f;
}

Test(cmd_limits, one_neighbor_too_many_is_refused_at_its_line)
{
	struct sb text;
	struct faults f;

	sb_init(&text);
	sb_add(&text, "router bgp 65001\n");
	add_neighbors(&text, SOURCE_MAX);
	sb_add(&text, " neighbor 10.0.0.1 description not a further one\n");
	f = faults_of(text.s);
	cr_expect_eq(f.count, 0, "%s", f.said.s);
	sb_fini(&f.said);
	sb_add(&text, " neighbor 2001:db8::1 remote-as 65003\n"
		      " no neighbor 10.0.0.1\n"
		      " neighbor 2001:db8::2 remote-as 65003\n"
		      " neighbor G peer-group\n");
	f = faults_of(text.s);
	cr_expect_eq(f.count, 2, "%s", f.said.s);
	cr_expect_eq(f.line, SOURCE_MAX + 3);
	cr_expect_not_null(
	    strstr(f.said.s, "Too many neighbors: there can be 65535"), "%s", f.said.s);
	sb_fini(&f.said);
	sb_fini(&text);
}

Test(cmd_limits, names_are_counted_whatever_happens_to_their_lines)
{
	struct lab l;

	lab_open(&l, "router bgp 65001\n"
		     " neighbor 10.0.0.1 remote-as 65002\n"
		     " neighbor 10.0.0.1 description x\n"
		     " neighbor 10.0.0.2 remote-as 65002\n"
		     " address-family ipv6 unicast\n"
		     "  neighbor 10.0.0.1 activate\n");
	const struct conf *c = cli_running(l.inst->cli);

	cr_expect_eq(conf_names(c), 2);
	lab_run(&l, "neighbor G peer-group");
	lab_run(&l, "neighbor G remote-as 65003");
	lab_run(&l, "neighbor 10.0.0.3 peer-group G");
	cr_expect_eq(conf_names(c), 4);
	lab_run(&l, "neighbor 10.0.0.3 timers 0 2"); /* refused */
	lab_run(&l, "no neighbor 10.0.0.1 description");
	cr_expect_eq(conf_names(c), 4);
	lab_run(&l, "no neighbor 10.0.0.1");
	cr_expect_eq(conf_names(c), 3);
	lab_run(&l, "no neighbor G peer-group");
	cr_expect_eq(conf_names(c), 1);
	lab_run(&l, "exit");
	lab_run(&l, "no router bgp 65001");
	cr_expect_eq(conf_names(c), 0);
	lab_close(&l);
}

Test(cmd_limits, a_swap_brings_the_other_configurations_count)
{
	static const char text[] = "router bgp 65001\n neighbor 10.0.0.9 remote-as 65002\n";
	struct lab l;

	lab_open(&l, "router bgp 65001\n"
		     " neighbor 10.0.0.1 remote-as 65002\n"
		     " neighbor 10.0.0.2 remote-as 65002\n");
	cr_expect_eq(cli_reload(l.inst->cli, text, false, NULL, NULL, NULL), 0);
	cr_expect_eq(conf_names(cli_running(l.inst->cli)), 1);
	lab_close(&l);
}

/* ---- numbers ---- */

static struct source *take_all_numbers(const struct bgp *b)
{
	struct source *all = mem_zalloc(SOURCE_MAX * sizeof(*all));

	for (unsigned i = 0; source_room(b->sources); i++)
		source_add(b->sources, &all[i]);
	return all;
}

static void give_back(const struct bgp *b, struct source *all)
{
	for (unsigned i = 0; i < SOURCE_MAX; i++)
		if (all[i].number)
			source_del(b->sources, &all[i]);
	mem_free(all);
}

Test(cmd_limits, a_neighbor_waits_for_the_number_of_one_that_goes)
{
	static const struct timeval some = {.tv_sec = 3};
	struct lab l;

	lab_open(&l, "router bgp 65001\n");
	struct source *all = take_all_numbers(l.inst->bgp);

	cr_expect_eq(lab_run(&l, "neighbor 10.0.0.1 remote-as 65002"), CLI_OK);
	cr_expect_eq(lab_run(&l, "neighbor 10.0.0.1 description it waits"), CLI_OK);
	cr_expect_null(lab_peer(&l, "10.0.0.1"));
	source_del(l.inst->bgp->sources, &all[7]);
	event_base_loopexit(l.base, &some);
	event_base_dispatch(l.base);
	cr_assert_not_null(lab_peer(&l, "10.0.0.1"));
	cr_expect_str_eq(lab_peer(&l, "10.0.0.1")->cfg.description, "it waits");
	give_back(l.inst->bgp, all);
	lab_close(&l);
}
