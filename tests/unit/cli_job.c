/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text that is taken in piece by piece: what others do meanwhile, and what the daemon is told. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cli_toy.h"
#include "lib/mem.h"

enum { MANY = 3000 };

static struct toy toy;

/* Is the line in the configuration? */
static bool has(const char *line)
{
	char nl[64];

	snprintf(nl, sizeof(nl), "\n%s\n", line);
	return strstr(toy_print(&toy), nl) != NULL;
}

static void begin(void)
{
	toy_init(&toy);
}

static void end(void)
{
	toy_fini(&toy);
}

/* Many neighbors, so that reading and comparing take several steps each. */
static char *many(unsigned as, const char *head)
{
	struct sb b;

	sb_init(&b);
	sb_fmt(&b, "%srouter bgp 1\n", head);
	for (unsigned i = 0; i < MANY; i++)
		sb_fmt(&b, " neighbor 10.1.%u.%u remote-as %u\n", i >> 8, i & 255, as);
	return sb_steal(&b);
}

static unsigned finish(struct cli_job *j)
{
	unsigned steps = 0;

	while (cli_job_step(j))
		steps++;
	return steps;
}

/* A text that is only checked: its faults, and nothing that anybody else would notice. */
Test(cli_job, checked_in_pieces, .init = begin, .fini = end)
{
	struct cli_job *j = cli_job_new(toy.cli, many(2, "nonsense\n"), CLI_JOB_CHECK);

	cr_expect_geq(finish(j), 7u);
	cr_expect_eq(cli_job_end(j, NULL, NULL, NULL), 1);
	cr_expect_eq(conf_count(cli_running(toy.cli)), 0);
	cr_expect_eq(toy.applied, 0);
}

Test(cli_job, reload_in_pieces, .init = begin, .fini = end)
{
	struct cli_job *j = cli_job_new(toy.cli, many(2, ""), CLI_JOB_RELOAD);
	struct sb plan;

	sb_init(&plan);
	cr_expect_gt(finish(j), 8u);
	cr_expect_eq(cli_job_end(j, NULL, NULL, &plan), 0);
	cr_expect_eq(conf_count(cli_running(toy.cli)), MANY + 1);
	cr_expect_eq(toy.applied, 1);
	cr_expect_eq(strncmp(plan.s, "+router bgp 1", 13), 0, "%.40s", plan.s);
	sb_fini(&plan);
	/* the same again: nothing is told, nothing is changed */
	j = cli_job_new(toy.cli, many(2, ""), CLI_JOB_RELOAD);
	finish(j);
	cr_expect_eq(cli_job_end(j, NULL, NULL, NULL), 0);
	cr_expect_eq(toy.applied, 1);
}

Test(cli_job, nothing_before_the_swap, .init = begin, .fini = end)
{
	struct cli_job *j;

	toy_run(&toy, "hostname x", NULL);
	for (unsigned steps = 0; steps < 9; steps++) {
		j = cli_job_new(toy.cli, many(2, ""), CLI_JOB_RELOAD);
		for (unsigned i = 0; i < steps; i++)
			cli_job_step(j);
		cr_assert(cli_job_is_pending(j));
		cli_job_end(j, NULL, NULL, NULL);
		cr_assert(has("hostname x"));
		cr_assert_not(has("router bgp 1"));
	}
}

/* Somebody types while the text is read or compared: a reload takes that away again, a file adds to
 * it, however often it happens. */
static void type_between(enum cli_job_kind kind, bool every_step)
{
	char *text = many(3, "hostname file\n");
	struct cli_job *j = cli_job_new(toy.cli, text, kind);
	unsigned step = 0;
	char line[40];
	bool more;

	do {
		snprintf(line, sizeof(line), "hostname h%u", step);
		if (cli_job_is_pending(j) && (every_step || step % 7 == 6))
			toy_run(&toy, line, NULL);
		more = cli_job_step(j);
		cr_assert_lt(++step, 1000, "it never ends");
	} while (more);
	cr_expect_eq(cli_job_end(j, NULL, NULL, NULL), 0);
	cr_expect(has("hostname file"));
	cr_expect_eq(conf_count(cli_running(toy.cli)), MANY + 2);
}

Test(cli_job, typing_between, .init = begin, .fini = end)
{
	toy_run(&toy, "hostname before", NULL);
	type_between(CLI_JOB_FILE, false);
	type_between(CLI_JOB_RELOAD, false);
	toy_run(&toy, "no router bgp 1", NULL);
	type_between(CLI_JOB_RELOAD, true);
	toy_run(&toy, "no router bgp 1", NULL);
	type_between(CLI_JOB_FILE, true);
}

Test(cli_job, a_file_adds, .init = begin, .fini = end)
{
	struct cli_job *j;

	toy_run(&toy, "hostname x\nrouter bgp 1\nneighbor 10.0.0.9 remote-as 9", NULL);
	j = cli_job_new(
	    toy.cli, mem_strdup("router bgp 1\n neighbor 10.0.0.8 remote-as 8\n"), CLI_JOB_FILE);
	finish(j);
	cli_job_end(j, NULL, NULL, NULL);
	cr_expect_str_eq(toy.changes.s, "+neighbor 10.0.0.8 remote-as 8\n");
	cr_expect_eq(conf_count(cli_running(toy.cli)), 4);
}

/* A commit while the daemon is still busy with the job: the job comes first, and nothing is lost.
 */
Test(cli_job, another_commit_settles, .init = begin, .fini = end)
{
	struct cli_job *j = cli_job_new(toy.cli, many(2, ""), CLI_JOB_RELOAD);

	while (cli_job_is_pending(j))
		cli_job_step(j);
	toy_run(&toy, "no router bgp 1", NULL);
	finish(j);
	cr_expect_eq(cli_job_end(j, NULL, NULL, NULL), 0);
	cr_expect_eq(conf_count(cli_running(toy.cli)), 0);
	cr_expect_eq(toy.applied, 2);
}

static void count_faults(void *ctx, const struct cli_fault *f)
{
	(void)f;
	++*(unsigned *)ctx;
}

Test(cli_job, faults_and_refusals, .init = begin, .fini = end)
{
	const char *text = "hostname x\nhostnome y\n";
	unsigned faults = 0;
	struct cli_job *j = cli_job_new(toy.cli, mem_strdup(text), CLI_JOB_RELOAD);

	finish(j);
	cr_expect_eq(cli_job_end(j, count_faults, &faults, NULL), 1);
	cr_expect_eq(faults, 1);
	cr_expect_not(has("hostname x"));
	j = cli_job_new(toy.cli, mem_strdup(text), CLI_JOB_FILE);
	finish(j);
	cr_expect_eq(cli_job_end(j, NULL, NULL, NULL), 1);
	cr_expect(has("hostname x"));
	toy.refuse = true;
	j = cli_job_new(toy.cli, mem_strdup("hostname z\n"), CLI_JOB_RELOAD);
	finish(j);
	cr_expect_eq(cli_job_end(j, count_faults, &faults, NULL), 1);
	cr_expect_eq(faults, 2);
	cr_expect(has("hostname x"));
}

Test(cli_job, the_old_configuration_is_freed_in_pieces, .init = begin, .fini = end)
{
	struct cli_job *j;
	struct sb text;
	unsigned steps = 0;

	sb_init(&text);
	sb_add(&text, "router bgp 1\n");
	for (unsigned i = 0; i < 10; i++)
		for (unsigned n = 0; n < MANY; n++)
			sb_fmt(&text, " neighbor 10.%u.%u.%u remote-as 1\n", i, n >> 8, n & 255);
	cr_expect_eq(cli_load(toy.cli, text.s, false, NULL, NULL), 0);
	sb_fini(&text);
	j = cli_job_new(toy.cli, mem_strdup("hostname empty\n"), CLI_JOB_RELOAD);
	while (has("router bgp 1"))
		cli_job_step(j);
	while (cli_job_step(j))
		steps++;
	cr_expect_geq(steps, 10 * MANY / 5000 - 1, "%u steps", steps);
	cli_job_end(j, NULL, NULL, NULL);
}
