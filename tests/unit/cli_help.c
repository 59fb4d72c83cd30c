/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Completion, `?`, list, find: the layouts are FRR's (shared captures completion/, shell/). */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/cli_toy.h"

static struct toy toy;
static struct sb out;
static struct cli_session *session;

static void setup(void)
{
	toy_init(&toy);
	sb_init(&out);
	session = cli_session_new(toy.cli, MODE_ENABLE);
}

static void teardown(void)
{
	cli_session_free(session);
	sb_fini(&out);
	toy_fini(&toy);
}

TestSuite(cli_help, .init = setup, .fini = teardown);

static void explains(const char *line, enum cli_rc want_rc, const char *want)
{
	sb_clear(&out);
	cr_expect_eq(cli_explain(session, line, 80, &out), want_rc, "%s", line);
	cr_expect_str_eq(out.s, want, "%s:\n%s", line, out.s);
}

static void completes(const char *line, const char *want)
{
	struct sb words;
	char *copy = NULL, *rest, *item;

	sb_init(&words);
	sb_clear(&out);
	cli_complete(session, line, &out);
	copy = rest = strdup(out.s);
	while ((item = strsep(&rest, "\n"))) {
		item[strcspn(item, "\t")] = '\0';
		if (*item)
			sb_fmt(&words, "%s ", item);
	}
	cr_expect_str_eq(words.s, want, "%s: %s", line, words.s);
	free(copy);
	sb_fini(&words);
}

Test(cli_help, question_mark)
{
	explains("show version ", CLI_OK, "  <cr>  \n  json  JavaScript Object Notation\n");
	explains("show bgp neighbors ", CLI_OK,
	    "  <cr>\n"
	    "  A.B.C.D   Neighbor address\n     10.0.0.2 10.0.0.3 \n"
	    "  WORD      Interface name or neighbor tag\n     PG \n"
	    "  X:X::X:X  Neighbor IPv6 address\n     2001:db8::2 \n"
	    "  json      JavaScript Object Notation\n");
	explains("show foo ", CLI_NO_MATCH, "% There is no matched command.\n");
	explains("xyz", CLI_NO_MATCH, "% There is no matched command.\n");
	explains("sh", CLI_OK, "  show  Show running system information\n");
	explains("show ip bgp 10.0.0.0/8", CLI_OK, "  A.B.C.D/M  \n");
	explains("no ", CLI_OK, "  debug  \n");
	explains("exit ", CLI_OK, "  <cr>  \n");
	/* a whole keyword keeps `route` out */
	explains("show ip ro ", CLI_OK, "  <cr>\n");
}

Test(cli_help, question_mark_in_configuration)
{
	cli_exec(session, "configure terminal", &out);
	cli_exec(session, "router bgp 1", &out);
	explains("timers bgp 10 ", CLI_OK, "  (0-65535)  \n");
	explains("timers bgp 10 30 ", CLI_OK, "  <cr>\n");
	explains("do show version j", CLI_OK, "  json  JavaScript Object Notation\n");
	explains("n", CLI_OK,
	    "  neighbor  Specify neighbor router\n  network   \n"
	    "  no        Negate a command or set its defaults\n");
	explains("no timers bgp ", CLI_OK, "  <cr>\n  (0-65535)  \n");
}

Test(cli_help, tab)
{
	completes("sh", "show ");
	completes("show ip ro", "ro route ");
	completes("show bgp neighbors ", "10.0.0.2 10.0.0.3 2001:db8::2 PG json ");
	completes("show bgp neighbors 10", "10.0.0.2 10.0.0.3 ");
	completes("show version ", "json ");
	completes("show version json ", "");
	completes("xyz", "");
	completes("no deb", "debug ");
	cli_exec(session, "configure terminal", &out);
	completes("rou", "route-map router ");
	completes("do sh", "show ");
	cli_exec(session, "router bgp 1", &out);
	completes("timers ", "bgp ");
	completes("timers bgp ", "");
	completes("neighbor 10.0.0.2 remote-as ", "auto external internal ");
	completes("no nei", "neighbor ");
}

Test(cli_help, list_and_find)
{
	sb_clear(&out);
	toy_run(&toy, "interface eth0\nlist", &out);
	cr_expect_str_eq(out.s,
	    "    description LINE...\n    no description [LINE...]\n    ip address A.B.C.D/M\n"
	    "    no ip address A.B.C.D/M\n    [no] shutdown\n    exit\n    quit\n    end\n    list "
	    "[permutations]\n"
	    "    find REGEX...\n",
	    "%s", out.s);
	sb_clear(&out);
	toy_run(&toy, "find ^maximum-paths", &out);
	cr_expect_str_eq(out.s,
	    "  (bgp ipv4 unicast)  maximum-paths (1-64)\n  (bgp ipv6)  maximum-paths (1-64)\n",
	    "%s", out.s);
	sb_clear(&out);
	cr_expect_eq(toy_run(&toy, "find ((", &out), CLI_OK);
	cr_expect_str_eq(out.s, "% Unbalanced parentheses\n");
	sb_clear(&out);
	toy_run(&toy, "find zzz", &out);
	cr_expect_str_eq(out.s, "");
}

Test(cli_help, permutations)
{
	sb_clear(&out);
	toy_run(&toy, "end\nlist permutations", &out);
	cr_expect(strstr(out.s, "  show ip bgp summary json\n") != NULL);
	cr_expect(strstr(out.s, "  show bgp ipv4 A.B.C.D/M\n") != NULL);
	cr_expect(strstr(out.s, "  no debug bgp updates out\n") != NULL);
}
