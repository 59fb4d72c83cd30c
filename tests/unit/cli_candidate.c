/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates, history, confirmed commits with a clock of the test's own, diff as text. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cli/internal.h"
#include "lib/mem.h"
#include "tests/unit/cli_toy.h"

/* ---- a store in memory, which can be out of order ---- */

enum { FILES = 32 };

static struct {
	char name[FILES][40];
	char *text[FILES];
	unsigned n, alarm, puts;
	int64_t now;
	bool broken;
	bool late;
	uint64_t settled, lost; /* puts that are done; the last that failed */
} store;

static int64_t store_now(void *app)
{
	(void)app;
	return store.now;
}

static unsigned slot_of(const char *name)
{
	unsigned i = 0;

	while (i < store.n && strcmp(store.name[i], name) != 0)
		i++;
	return i;
}

static char *store_get(void *app, const char *name, size_t most)
{
	unsigned i = slot_of(name);

	(void)app;
	if (i >= store.n || !store.text[i])
		return NULL;
	return most ? mem_strndup(store.text[i], most) : mem_strdup(store.text[i]);
}

static bool store_put(void *app, const char *name, const char *text)
{
	unsigned i = slot_of(name);

	(void)app;
	store.puts++;
	if (store.broken)
		return false;
	cr_assert_lt(i, FILES);
	if (i == store.n)
		snprintf(store.name[store.n++], sizeof(store.name[0]), "%s", name);
	mem_free(store.text[i]);
	store.text[i] = text ? mem_strdup(text) : NULL;
	return true;
}

static void store_alarm(void *app, unsigned seconds)
{
	(void)app;
	store.alarm = seconds;
}

/* With `late`, texts reach the disk when the test says so: settle(). */
static uint64_t store_puts(void *app)
{
	(void)app;
	return store.late ? store.puts : 0;
}

static enum cli_put store_settled(void *app, uint64_t from, uint64_t to)
{
	(void)app;
	if (to > store.settled)
		return CLI_PUT_PENDING;
	return store.lost > from && store.lost <= to ? CLI_PUT_FAILED : CLI_PUT_DONE;
}

static void settle(bool well)
{
	store.settled = store.puts;
	if (!well)
		store.lost = store.puts;
}

static const struct cli_store store_ops = {
    store_now, store_get, store_put, store_alarm, store_puts, store_settled};

/* ---- a router ---- */

static struct toy toy;
static struct cli_session *s, *other; /* anna's, and bert's, if he is there */

static void user(void *app, struct cli_session *who, struct sb *to)
{
	(void)app;
	sb_add(to, who == other ? "bert" : "anna");
}

static struct sb out;

/* The daemon starts; what the store holds is older. */
static void start(void)
{
	toy_init_with(&toy, &store_ops, user);
	s = cli_session_new(toy.cli, MODE_ENABLE);
}

static void stop(void)
{
	cli_session_free(other);
	cli_session_free(s);
	other = NULL;
	toy_fini(&toy);
}

static void setup(void)
{
	memset(&store, 0, sizeof(store));
	sb_init(&out);
	start();
}

static void teardown(void)
{
	stop();
	sb_fini(&out);
	while (store.n)
		mem_free(store.text[--store.n]);
}

TestSuite(cli_candidate, .init = setup, .fini = teardown);

static enum cli_rc say_in(struct cli_session *who, const char *lines)
{
	char *copy = mem_strdup(lines), *rest = copy, *line;
	enum cli_rc rc = CLI_OK;

	while ((line = strsep(&rest, "\n"))) {
		sb_clear(&out);
		rc = cli_exec(who, line, &out);
	}
	mem_free(copy);
	return rc;
}

/* Runs lines; the result of the last one. Its output is in `out`. */
static enum cli_rc say(const char *lines)
{
	return say_in(s, lines);
}

/* A second user. */
static enum cli_rc bert(const char *lines)
{
	if (!other)
		other = cli_session_new(toy.cli, MODE_ENABLE);
	return say_in(other, lines);
}

/* The rest of an answer that takes several pieces. */
static enum cli_rc finish(struct cli_session *who)
{
	enum cli_rc rc;

	sb_clear(&out);
	do
		rc = cli_more(who, &out);
	while (rc == CLI_SUSPEND);
	return rc;
}

static bool runs(const char *line)
{
	return strstr(toy_print(&toy), line) != NULL;
}

Test(cli_candidate, edits_are_nobodys_until_commit)
{
	cr_expect_eq(say("configure candidate\nrouter bgp 1\nneighbor 10.0.0.1 remote-as 2\n"
			 "network 10.0.0.0/8"),
	    CLI_OK);
	cr_expect_eq(toy.applied, 0);
	cr_expect_not(runs("router bgp"));
	cr_expect_eq(say("show configuration diff"), CLI_OK);
	cr_expect_str_eq(out.s,
	    "+router bgp 1\n+ neighbor 10.0.0.1 remote-as 2\n+ address-family ipv4 unicast\n"
	    "+  network 10.0.0.0/8\n",
	    "%s", out.s);
	cr_expect_eq(say("commit check"), CLI_OK);
	cr_expect_eq(toy.applied, 0);
	cr_expect_eq(say("commit comment first light"), CLI_OK);
	cr_expect_eq(toy.applied, 1);
	cr_expect(runs("  network 10.0.0.0/8\n"));
	cr_expect_eq(say("commit"), CLI_OK);
	cr_expect_eq(toy.applied, 1);
	cr_expect_eq(say("show configuration history"), CLI_OK);
	cr_expect(strstr(out.s, "anna          commit     first light\n") != NULL, "%s", out.s);
}

Test(cli_candidate, one_statement_in_its_place)
{
	toy_load(&toy, "router bgp 1\n neighbor 10.0.0.1 remote-as 2\n"
		       " neighbor 10.0.0.1 description old\n neighbor 10.0.0.2 remote-as 3\n"
		       " address-family ipv4\n  network 10.0.0.0/8\n");
	say("configure private\nrouter bgp 1\nneighbor 10.0.0.1 description new one\n"
	    "no neighbor 10.0.0.2\naddress-family ipv4\nnetwork 11.0.0.0/8");
	cr_expect_eq(say("show configuration diff"), CLI_OK);
	cr_expect_str_eq(out.s,
	    " router bgp 1\n- neighbor 10.0.0.1 description old\n"
	    "+ neighbor 10.0.0.1 description new one\n- neighbor 10.0.0.2 remote-as 3\n"
	    "  address-family ipv4 unicast\n+  network 11.0.0.0/8\n",
	    "%s", out.s);
	cr_expect_eq(say("discard"), CLI_OK);
	cr_expect_eq(say("show configuration diff"), CLI_OK);
	cr_expect_str_eq(out.s, "");
}

Test(cli_candidate, refusals_change_nothing)
{
	say("configure candidate\nrouter bgp 1");
	cr_expect_eq(say("neighbor 10.0.0.1 timers 1 5"), CLI_CONFIG_FAILED);
	cr_expect_eq(say("frobnicate"), CLI_NO_MATCH);
	cr_expect_eq(say("commit nonsense"), CLI_NO_MATCH);
	toy.refuse = true;
	cr_expect_eq(say("commit check"), CLI_CONFIG_FAILED);
	cr_expect_eq(say("commit"), CLI_CONFIG_FAILED);
	cr_expect_str_eq(out.s, "% refused\n");
	cr_expect_eq(say("commit confirmed 5"), CLI_CONFIG_FAILED);
	cr_expect_not(cli_unconfirmed(toy.cli));
	cr_expect_eq(store.alarm, 0);
	cr_expect_not(runs("router bgp"));
	toy.refuse = false;
	cr_expect_eq(say("commit"), CLI_OK);
	cr_expect(runs("router bgp 1"));
}

Test(cli_candidate, somebody_elses_change_is_not_taken_back_unseen)
{
	say("configure candidate\nrouter bgp 1\nnetwork 10.0.0.0/8");
	toy_load(&toy, "hostname other\n");
	cr_expect_eq(say("commit check"), CLI_CONFIG_FAILED);
	cr_expect_eq(say("commit"), CLI_CONFIG_FAILED);
	cr_expect(strstr(out.s, "\n+hostname other\n") != NULL, "%s", out.s);
	cr_expect_not(runs("router bgp"));
	/* a change that was taken back is none */
	toy_run(&toy, "no hostname", NULL);
	cr_expect_eq(say("commit check"), CLI_OK);
	toy_load(&toy, "hostname other\n");
	cr_expect_eq(say("commit force"), CLI_OK);
	cr_expect(runs("router bgp 1"));
	cr_expect_not(runs("hostname other"));
}

Test(cli_candidate, stays_with_the_session)
{
	say("configure candidate\nhostname mine\nend");
	cr_expect(strstr(out.s, "is kept") != NULL);
	cr_expect_eq(cli_session_mode(s), MODE_ENABLE);
	cr_expect_eq(say("show configuration diff"), CLI_OK);
	cr_expect_str_eq(out.s, "+hostname mine\n");
	cr_expect_eq(say("configure candidate\nexit"), CLI_OK);
	cr_expect_eq(say("commit"), CLI_OK);
	cr_expect(runs("hostname mine"));
	cr_expect_eq(say("discard"), CLI_OK);
	cr_expect_eq(say("discard"), CLI_CONFIG_FAILED);
	cr_expect_eq(say("commit"), CLI_CONFIG_FAILED);
	/* its words are no commands of `configure terminal` */
	cr_expect_eq(say("configure terminal\ncommit"), CLI_NO_MATCH);
	sb_clear(&out);
	cli_complete(s, "", &out);
	cr_expect_eq(strstr(out.s, "commit"), NULL);
	say("end\nconfigure candidate\nrouter bgp 7");
	sb_clear(&out);
	cli_complete(s, "commit ", &out);
	cr_expect(strstr(out.s, "confirmed\tTake it back") != NULL, "%s", out.s);
}

/* ---- history ---- */

Test(cli_candidate, typed_lines_are_one_entry)
{
	say("configure terminal\nhostname a\nhostname b\nhostname c\nend");
	cr_expect_eq(store.puts, 1); /* what was before */
	say("configure candidate\nhostname d\ncommit\nend\nshow configuration history");
	cr_expect(strstr(out.s, "     2  1970-01-01 ") != NULL);
	cr_expect(strstr(out.s, "shell") != NULL);
	cr_expect(strstr(out.s, "     3  1970-01-01 ") != NULL);
	cr_expect_eq(strstr(out.s, "     4 "), NULL);
	cr_expect_eq(say("show configuration 2"), CLI_OK);
	cr_expect(strstr(out.s, "hostname c\n") != NULL);
	cr_expect_eq(say("show configuration 9"), CLI_CONFIG_FAILED);
}

Test(cli_candidate, rollback_in_both_ways)
{
	char before[1 << 12];

	toy_load(&toy, "router bgp 1\n neighbor 10.0.0.1 remote-as 2\nroute-map A permit 10\n");
	snprintf(before, sizeof(before), "%s", toy_print(&toy));
	say("configure candidate\nno route-map A\nrouter bgp 1\nno neighbor 10.0.0.1\n"
	    "bgp router-id 1.1.1.1\ncommit");
	cr_expect_not(runs("route-map"));
	cr_expect_eq(say("end\nrollback 1"), CLI_OK, "%s", out.s);
	cr_expect_str_eq(toy_print(&toy), before);
	cr_expect_eq(say("configure candidate\nrollback 2"), CLI_OK);
	cr_expect_str_eq(toy_print(&toy), before);
	cr_expect_eq(say("commit"), CLI_OK);
	cr_expect(runs("bgp router-id 1.1.1.1"));
	cr_expect_eq(say("rollback 77"), CLI_CONFIG_FAILED);
}

Test(cli_candidate, history_is_bounded_and_outlives_the_daemon)
{
	char line[64];

	for (unsigned i = 1; i <= 50; i++) {
		store.now = 1000 * i;
		snprintf(line, sizeof(line), "configure candidate\nhostname h%u\ncommit\nend", i);
		cr_assert_eq(say(line), CLI_OK);
	}
	cr_expect_leq(store.n, 20);
	stop();
	start();
	say("show configuration history");
	cr_expect_eq(say("show configuration 51"), CLI_OK);
	cr_expect(strstr(out.s, "hostname h50\n") != NULL);
	cr_expect_eq(say("show configuration 33"), CLI_OK);
	cr_expect(strstr(out.s, "hostname h32\n") != NULL);
	cr_expect_eq(say("show configuration 30"), CLI_CONFIG_FAILED);
}

Test(cli_candidate, an_entry_that_is_not_understood_is_not_half_taken)
{
	store_put(NULL, "07.conf",
	    "! number 7\n! time 5\n! source commit\n! user u\n! comment c\n"
	    "hostname new\nquantum routing\n");
	store_put(NULL, "08.conf", "! number 8\n! time 5\nhostname half\n");
	store_put(NULL, "09.conf", "");
	stop();
	start();
	toy_load(&toy, "hostname a\n");
	cr_expect_eq(say("rollback 7"), CLI_CONFIG_FAILED);
	cr_expect_str_eq(out.s, "line 2, column 1: % Unknown command: quantum routing\n");
	cr_expect(runs("hostname a"));
	cr_expect_eq(say("show configuration 7"), CLI_OK);
	cr_expect_eq(say("show configuration 9"), CLI_CONFIG_FAILED);
	/* what is not an entry is in nobody's way */
	say("show configuration history");
	cr_expect(strstr(out.s, "     8  ") != NULL, "%s", out.s);
}

/* ---- confirmed ---- */

Test(cli_candidate, unconfirmed_is_taken_back)
{
	toy_load(&toy, "hostname a\n");
	cr_expect_eq(say("configure candidate\nhostname b\ncommit confirmed 5"), CLI_OK);
	cr_expect_eq(store.alarm, 300);
	cr_expect(runs("hostname b"));
	cr_expect(cli_unconfirmed(toy.cli));
	cr_expect_eq(cli_expire(toy.cli, &out), CLI_OK);
	cr_expect(runs("hostname a"));
	cr_expect_not(cli_unconfirmed(toy.cli));
	cr_expect_eq(store.alarm, 0);
	say("end\nshow configuration history");
	cr_expect(strstr(out.s, "was not confirmed") != NULL, "%s", out.s);
}

Test(cli_candidate, nothing_to_commit_waits_for_nothing)
{
	cr_expect_eq(say("configure candidate\ncommit confirmed 5"), CLI_OK);
	cr_expect_str_eq(out.s, "There is nothing to commit.\n");
	cr_expect_not(cli_unconfirmed(toy.cli));
	cr_expect_eq(store.alarm, 0);
	/* the way back was refused: it stays for a start */
	toy_load(&toy, "hostname a\n");
	say("end\ndiscard\nconfigure candidate\nhostname b\ncommit confirmed 5");
	toy.refuse = true;
	cr_expect_eq(cli_expire(toy.cli, &out), CLI_CONFIG_FAILED);
	stop();
	start();
	cr_expect(cli_recover(toy.cli, &out));
	cr_expect(runs("hostname a"));
}

Test(cli_candidate, another_session_confirms)
{
	toy_load(&toy, "hostname a\n");
	say("configure candidate\nhostname b\ncommit confirmed 5");
	cli_session_free(s); /* a lost shell */
	s = cli_session_new(toy.cli, MODE_ENABLE);
	cr_expect_eq(say("commit"), CLI_OK);
	cr_expect_not(cli_unconfirmed(toy.cli));
	cr_expect_eq(store.alarm, 0);
	cr_expect_eq(cli_expire(toy.cli, &out), CLI_OK);
	cr_expect(runs("hostname b"));
	stop();
	start();
	cr_expect_not(cli_recover(toy.cli, &out));
}

Test(cli_candidate, two_unconfirmed_go_back_to_the_first)
{
	toy_load(&toy, "hostname a\n");
	say("configure candidate\nhostname b\ncommit confirmed 5\nhostname c\ncommit confirmed 1");
	cr_expect_eq(store.alarm, 60);
	cr_expect(runs("hostname c"));
	cr_expect_eq(say("commit confirmed 9"), CLI_OK);
	cr_expect_eq(store.alarm, 540);
	toy.refuse = true;
	cr_expect_eq(say("hostname d\ncommit confirmed 2"), CLI_CONFIG_FAILED);
	cr_expect(cli_unconfirmed(toy.cli));
	toy.refuse = false;
	cli_expire(toy.cli, &out);
	cr_expect(runs("hostname a"));
}

Test(cli_candidate, a_daemon_that_died_unconfirmed_goes_back)
{
	toy_load(&toy, "hostname a\nrouter bgp 1\n neighbor 10.0.0.1 remote-as 2\n");
	say("configure candidate\nhostname b\nno router bgp 1\ncommit confirmed 5");
	stop();
	start();
	cr_expect(cli_recover(toy.cli, &out));
	cr_expect(runs("hostname a"));
	cr_expect(runs(" neighbor 10.0.0.1 remote-as 2"));
	cr_expect_not(cli_unconfirmed(toy.cli));
	stop();
	start();
	cr_expect_not(cli_recover(toy.cli, &out));
}

Test(cli_candidate, no_way_back_no_commit)
{
	toy_load(&toy, "hostname a\n");
	store.broken = true;
	cr_expect_eq(say("configure candidate\nhostname b\ncommit confirmed 5"), CLI_CONFIG_FAILED);
	cr_expect(runs("hostname a"));
	cr_expect_eq(store.alarm, 0);
	/* without a net it goes */
	cr_expect_eq(say("commit"), CLI_OK);
	cr_expect(runs("hostname b"));
}

/* ---- two at a time ---- */

enum { MANY = 7000 }; /* more than a commit looks at before it lets others in */

static void many_neighbors(void)
{
	struct sb text;

	sb_init(&text);
	sb_add(&text, "router bgp 1\n");
	for (unsigned i = 0; i < MANY; i++)
		sb_fmt(&text, " neighbor 10.1.%u.%u remote-as 2\n", i >> 8, i & 255);
	toy_load(&toy, text.s);
	sb_fini(&text);
}

Test(cli_candidate, a_line_behind_a_commit_is_not_taken_back_unseen)
{
	const char *entry;

	say("configure candidate");
	for (unsigned i = 0; i < 3000; i++) {
		char line[64];

		snprintf(line, sizeof(line), "interface eth%u\nshutdown", i);
		say(line);
	}
	cr_assert_eq(say("commit comment many"), CLI_SUSPEND);
	while (!runs("interface eth1"))
		cr_assert_eq(cli_more(s, &out), CLI_SUSPEND);
	cr_assert_eq(bert("configure terminal\nhostname b\nend"), CLI_OK);
	cr_expect_eq(finish(s), CLI_OK, "%s", out.s);
	cr_expect_eq(say("hostname a\ncommit"), CLI_CONFIG_FAILED);
	cr_expect(strstr(out.s, "+hostname b\n") != NULL, "%s", out.s);
	cr_expect(runs("hostname b"));
	/* and each has made an entry of his own */
	cr_expect_eq(bert("show configuration history"), CLI_OK);
	entry = strstr(out.s, "bert          shell      \n");
	cr_expect(entry != NULL, "%s", out.s);
	cr_expect(entry && strstr(entry, "anna          commit     many\n"), "%s", out.s);
}

Test(cli_candidate, a_line_before_a_change_is_not_its_authors)
{
	const char *entry;

	many_neighbors();
	say("configure terminal\nhostname a\nend\nshow configuration history\nconfigure "
	    "terminal\nhostname c\nend");
	cr_assert_eq(say("rollback 2"), CLI_SUSPEND, "%s", out.s);
	cr_assert_eq(bert("configure terminal\nroute-map B permit 10\nend"), CLI_OK);
	cr_expect_eq(finish(s), CLI_OK, "%s", out.s);
	cr_expect(runs("hostname a"));
	bert("show configuration history");
	entry = strstr(out.s, "anna          rollback   to 2\n");
	cr_expect(entry != NULL, "%s", out.s);
	cr_expect(entry && strstr(entry, "bert          shell      \n"), "%s", out.s);
}

Test(cli_candidate, nobody_takes_the_net_away_below_a_commit)
{
	many_neighbors();
	say("configure terminal\nhostname before\nend\nconfigure candidate\nhostname a");
	cr_assert_eq(say("commit confirmed 5"), CLI_SUSPEND);
	cr_expect_not(cli_unconfirmed(toy.cli));
	cr_expect_eq(bert("commit"), CLI_CONFIG_FAILED);
	cr_expect_str_eq(out.s, "% There is no candidate\n");
	cr_expect_eq(finish(s), CLI_OK);
	cr_expect(runs("hostname a"));
	cr_expect(cli_unconfirmed(toy.cli));
	cr_expect_eq(store.alarm, 300);
	cr_expect_eq(cli_expire(toy.cli, &out), CLI_OK);
	cr_expect(runs("hostname before"));
	cr_expect_eq(store_get(NULL, "unconfirmed.conf", 0), NULL);
}

Test(cli_candidate, a_commit_that_fails_confirms_nobodys)
{
	many_neighbors();
	say("configure terminal\nhostname before\nend\nconfigure candidate\nhostname a");
	cr_assert_eq(say("commit confirmed 5"), CLI_SUSPEND);
	cr_assert_eq(bert("configure candidate\nhostname b\ncommit confirmed 1"), CLI_SUSPEND);
	cr_assert_eq(finish(other), CLI_OK, "%s", out.s);
	cr_expect_eq(finish(s), CLI_CONFIG_FAILED);
	cr_expect(strstr(out.s, "+hostname b\n") != NULL, "%s", out.s);
	cr_expect(cli_unconfirmed(toy.cli));
	cr_expect_eq(store.alarm, 60);
	cli_expire(toy.cli, &out);
	cr_expect(runs("hostname before"));
	/* one whose user has gone leaves nothing behind */
	cr_assert_eq(say("commit force"), CLI_SUSPEND);
	finish(s);
	cr_assert_eq(say("hostname c\ncommit confirmed 5"), CLI_SUSPEND);
	cli_cancel(s);
	cr_expect(runs("hostname a"));
	cr_expect_eq(store_get(NULL, "unconfirmed.conf", 0), NULL);
}

Test(cli_candidate, what_was_confirmed_meanwhile_stays)
{
	many_neighbors();
	say("configure candidate\nhostname a\ncommit confirmed 5");
	cr_assert_eq(finish(s), CLI_OK);
	cr_assert_eq(say("hostname c\ncommit confirmed 9"), CLI_SUSPEND);
	cr_expect_eq(bert("commit"), CLI_OK);
	cr_expect_str_eq(out.s, "The commit is confirmed.\n");
	cr_expect_eq(store.alarm, 0);
	cr_expect_eq(finish(s), CLI_OK);
	cr_expect_eq(store.alarm, 540);
	cr_expect(runs("hostname c"));
	cli_expire(toy.cli, &out);
	cr_expect(runs("hostname a"));
}

Test(cli_candidate, a_look_does_not_stop_a_commit)
{
	many_neighbors();
	say("configure candidate\nhostname a");
	cr_assert_eq(say("commit"), CLI_SUSPEND);
	cr_expect_eq(cli_load(toy.cli, "hostname x\n", true, NULL, NULL), 0);
	cr_expect_eq(finish(s), CLI_OK, "%s", out.s);
	cr_expect(runs("hostname a"));
	/* a change that came and went does, and that is said */
	cr_assert_eq(say("hostname b\ncommit"), CLI_SUSPEND);
	bert("configure terminal\nhostname x\nhostname a");
	cr_expect_eq(finish(s), CLI_CONFIG_FAILED);
	cr_expect(strstr(out.s, "changed back, meanwhile") != NULL, "%s", out.s);
	cr_expect_eq(say("commit"), CLI_SUSPEND);
	cr_expect_eq(finish(s), CLI_OK);
	cr_expect(runs("hostname b"));
}

Test(cli_candidate, a_rollback_to_what_runs_says_so)
{
	say("configure candidate\nhostname a\ncommit\nend");
	toy.applied = 0;
	cr_expect_eq(say("rollback 2"), CLI_OK);
	cr_expect_str_eq(out.s, "The running configuration is number 2 already.\n");
	cr_expect_eq(toy.applied, 0);
	say("show configuration history");
	cr_expect_eq(strstr(out.s, "rollback"), NULL, "%s", out.s);
}

/* ---- reload ---- */

Test(cli_candidate, reload_with_a_fault_does_nothing)
{
	struct sb plan;

	sb_init(&plan);
	toy_load(&toy, "router bgp 1\n neighbor 10.0.0.1 remote-as 2\n");
	toy.applied = 0;
	cr_expect_eq(
	    cli_reload(toy.cli, "router bgp 1\n neighbour 10.0.0.1 remote-as 2\nhostname z\n",
		false, NULL, NULL, &plan),
	    1);
	cr_expect_eq(toy.applied, 0);
	cr_expect(runs("10.0.0.1 remote-as 2"));
	sb_fini(&plan);
}

static void locate(void *ctx, const struct cli_fault *fault)
{
	cli_fault_locate(fault, ctx);
}

Test(cli_candidate, faults_have_line_and_column)
{
	cli_reload(toy.cli,
	    "router bgp 1\n neighbor 10.0.0.1 remot-as 2\n  neighbor 10.0.0.9 timers 1 5\n"
	    " bgp router-id\nfrob\n no timers bgp 3 x\n",
	    true, locate, &out, NULL);
	cr_expect_str_eq(out.s,
	    "line 2, column 20: % Unknown command: neighbor 10.0.0.1 remot-as 2\n"
	    "line 3, column 3: % Specify remote-as or peer-group commands first\n"
	    "line 4, column 15: % Command incomplete: bgp router-id\n"
	    "line 5, column 1: % Unknown command: frob\n"
	    "line 6, column 18: % Unknown command: no timers bgp 3 x\n",
	    "%s", out.s);
}

Test(cli_candidate, the_plan_says_what_it_costs)
{
	struct sb plan;

	sb_init(&plan);
	toy_load(&toy, "router bgp 1\n neighbor 10.0.0.1 remote-as 2\n");
	cr_expect_eq(cli_reload(toy.cli, "router bgp 1\n neighbor 10.0.0.1 remote-as 3\n", true,
			 NULL, NULL, &plan),
	    0);
	cr_expect_str_eq(plan.s,
	    " router bgp 1\n- neighbor 10.0.0.1 remote-as 2\n"
	    "+ neighbor 10.0.0.1 remote-as 3                             # session reset\n",
	    "%s", plan.s);
	sb_clear(&plan);
	cr_expect_eq(cli_reload(toy.cli, toy_print(&toy), true, NULL, NULL, &plan), 0);
	cr_expect_str_eq(plan.s, "");
	sb_fini(&plan);
}

/* ---- the text of the difference, as a patch ---- */

static unsigned seed = 1;

static unsigned rnd(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static void random_text(struct sb *text)
{
	static const char *const tops[] = {"hostname h%u\n", "no ip forwarding\n",
	    "route-map R%u permit 10\n match metric 7\n", "route-map R%u deny 10\n",
	    "interface eth%u\n shutdown\n", "ip prefix-list P%u seq 5 permit any\n"};
	static const char *const inside[] = {" neighbor 10.0.0.%u remote-as 5\n",
	    " neighbor 10.0.0.%u remote-as 6\n", " bgp router-id 1.1.1.%u\n",
	    " network 10.%u.0.0/16\n", " no bgp default ipv4-unicast\n",
	    " address-family ipv6 unicast\n  network 2001:db8:%u::/48\n exit\n",
	    " timers bgp %u 99\n"};

	sb_clear(text);
	if (rnd(3) == 0)
		sb_add(text, "frr defaults datacenter\n");
	for (unsigned i = rnd(8); i; i--)
		sb_fmt(text, tops[rnd(6)], rnd(4));
	if (rnd(5) == 0)
		return;
	sb_add(text, "router bgp 1\n");
	for (unsigned i = rnd(12); i; i--)
		sb_fmt(text, inside[rnd(7)], rnd(9));
}

enum { LINES = 200 };

struct lines {
	char *path[LINES];
	unsigned n;
};

/* Printed though nobody said it. */
static bool is_said_anyway(const char *word)
{
	return !strncmp(word, "frr version", 11) || !strncmp(word, "hostname r1\n", 12) ||
	       !strncmp(word, "frr defaults traditional\n", 25) || !strncmp(word, "service ", 8);
}

/* Each line of the text with the lines that it stands below; `!` and the words that leave a block
 * do not count. signs: the first column is one. */
static void read_lines(const char *text, bool signs, struct lines *to, char *sign)
{
	char above[4][128] = {{0}};

	to->n = 0;
	for (; *text; text = strchr(text, '\n') + 1) {
		size_t depth = strspn(text + signs, " "), len = strcspn(text, "\n");
		const char *word = text + signs + depth;
		struct sb path;

		if (*word == '!' || !strncmp(word, "exit", 4) || is_said_anyway(word))
			continue;
		cr_assert_lt(depth, 4);
		snprintf(above[depth], sizeof(above[0]), "%.*s", (int)(len - signs - depth), word);
		sb_init(&path);
		for (unsigned i = 0; i <= depth; i++)
			sb_fmt(&path, "/%s", above[i]);
		cr_assert_lt(to->n, LINES);
		sign[to->n] = signs ? *text : '+';
		to->path[to->n++] = sb_steal(&path);
	}
}

static unsigned find_line(const struct lines *in, const char *path)
{
	unsigned i = 0;

	while (i < in->n && strcmp(in->path[i], path) != 0)
		i++;
	return i;
}

static void free_lines(struct lines *l)
{
	while (l->n)
		mem_free(l->path[--l->n]);
}

static void take_line(struct lines *from, const char *path)
{
	unsigned i = find_line(from, path);

	cr_assert_lt(i, from->n, "%s is not there", path);
	mem_free(from->path[i]);
	from->path[i] = from->path[--from->n];
}

/* A block whose own line changes keeps what is in it: those lines move. */
static void move_lines(struct lines *have, const char *from, const char *to)
{
	size_t len = strlen(from);
	struct sb moved;

	for (unsigned i = 0; i < have->n; i++) {
		if (strncmp(have->path[i], from, len) != 0 || have->path[i][len] != '/')
			continue;
		sb_init(&moved);
		sb_fmt(&moved, "%s%s", to, have->path[i] + len);
		mem_free(have->path[i]);
		have->path[i] = sb_steal(&moved);
	}
}

static void patch(struct lines *have, const struct lines *diff, const char *sign)
{
	for (unsigned i = 0; i < diff->n; i++) {
		const char *path = diff->path[i];

		if (sign[i] == '-') {
			take_line(have, path);
		} else if (sign[i] == '+') {
			cr_assert_eq(find_line(have, path), have->n, "%s is there", path);
			have->path[have->n++] = mem_strdup(path);
			if (i && sign[i - 1] == '-')
				move_lines(have, diff->path[i - 1], path);
		} else {
			cr_assert_lt(find_line(have, path), have->n, "%s is not there", path);
		}
	}
}

/* Runs the text for a moment, so that it is in the history; its number, its print in `print`. */
static uint32_t visit(const char *text, struct sb *print)
{
	uint32_t number;

	history_begin(toy.cli, "visit", NULL);
	sb_clear(&out);
	cr_assert_eq(cli_reload(toy.cli, text, false, locate, &out, NULL), 0, "%s%s", out.s, text);
	number = history_end(toy.cli, NULL);
	sb_clear(print);
	cli_print(toy.cli, print);
	return number;
}

static void compare_lines(const struct lines *have, const struct lines *want)
{
	for (unsigned i = 0; i < want->n; i++)
		cr_assert_lt(
		    find_line(have, want->path[i]), have->n, "%s is missing", want->path[i]);
	cr_assert_eq(have->n, want->n);
}

Test(cli_candidate, the_difference_turns_any_into_any_other, .timeout = 300)
{
	struct lines have = {.n = 0}, want = {.n = 0}, diff = {.n = 0};
	char sign[LINES], line[64];
	struct sb text, a, b;

	sb_init(&text);
	sb_init(&a);
	sb_init(&b);
	for (unsigned round = 0; round < 2000; round++) {
		random_text(&text);
		visit(text.s, &a);
		random_text(&text);
		snprintf(line, sizeof(line), "rollback %u", visit(text.s, &b));
		visit(a.s, &text);
		cr_assert_str_eq(text.s, a.s);
		cr_assert_eq(say("configure candidate"), CLI_OK);
		cr_assert_eq(say(line), CLI_OK);
		cr_assert_eq(say("show configuration diff"), CLI_OK);
		read_lines(a.s, false, &have, sign);
		read_lines(b.s, false, &want, sign);
		read_lines(out.s, true, &diff, sign);
		patch(&have, &diff, sign);
		compare_lines(&have, &want);
		free_lines(&have);
		free_lines(&want);
		free_lines(&diff);
		cr_assert_eq(say("commit"), CLI_OK);
		cr_assert_str_eq(toy_print(&toy), b.s);
		say("end");
	}
	sb_fini(&text);
	sb_fini(&a);
	sb_fini(&b);
}

/* ---- a slow disk ---- */

Test(cli_candidate, the_way_back_is_on_the_disk_before_anything_changes)
{
	store.late = true;
	cr_expect_eq(say("configure candidate\nhostname b\ncommit confirmed 5"), CLI_SUSPEND);
	cr_expect_eq(cli_more(s, &out), CLI_SUSPEND);
	cr_expect(cli_waits(s));
	cr_expect_not(runs("hostname b"));
	settle(true);
	cr_expect_eq(cli_more(s, &out), CLI_SUSPEND);
	cr_expect(runs("hostname b"));
	settle(true);
	cr_expect_eq(finish(s), CLI_OK);
	cr_expect(strstr(out.s, "is taken back in 5 minutes"), "%s", out.s);
}

Test(cli_candidate, without_a_way_back_on_the_disk_nothing_is_done)
{
	store.late = true;
	cr_expect_eq(say("configure candidate\nhostname b\ncommit confirmed 5"), CLI_SUSPEND);
	settle(false);
	cr_expect_eq(finish(s), CLI_CONFIG_FAILED);
	cr_expect(strstr(out.s, "cannot be kept on the disk"), "%s", out.s);
	cr_expect_not(runs("hostname b"));
	cr_expect_not(cli_unconfirmed(toy.cli));
}

Test(cli_candidate, a_commit_answers_when_its_entry_is_on_the_disk)
{
	store.late = true;
	cr_expect_eq(say("configure candidate\nhostname b\ncommit"), CLI_SUSPEND);
	for (unsigned i = 0; i < 5; i++)
		cr_expect_eq(cli_more(s, &out), CLI_SUSPEND);
	cr_expect(runs("hostname b"));
	cr_expect(cli_waits(s));
	settle(true);
	cr_expect_eq(finish(s), CLI_OK);
}

Test(cli_candidate, a_confirmation_that_does_not_reach_the_disk_is_none)
{
	say("configure candidate\nhostname b\ncommit confirmed 5");
	store.late = true;
	store.now += 60;
	cr_expect_eq(say("commit"), CLI_SUSPEND);
	cr_expect_eq(store.alarm, 0);
	settle(false);
	cr_expect_eq(finish(s), CLI_CONFIG_FAILED);
	cr_expect(strstr(out.s, "cannot be confirmed"), "%s", out.s);
	cr_expect(cli_unconfirmed(toy.cli));
	cr_expect_eq(store.alarm, 240, "the rest of the five minutes");
	sb_clear(&out);
	cli_expire(toy.cli, &out);
	cr_expect_not(runs("hostname b"));
}

Test(cli_candidate, a_session_may_end_while_the_disk_works)
{
	store.late = true;
	cr_expect_eq(say("configure candidate\nhostname b\ncommit confirmed 5"), CLI_SUSPEND);
	cli_cancel(s);
	settle(true);
	cr_expect_not(runs("hostname b"));
	cr_expect_not(cli_unconfirmed(toy.cli));
	cr_expect_null(store_get(NULL, "unconfirmed.conf", 0));
}
