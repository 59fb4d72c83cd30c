/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/log: line format, levels, destinations, reopening. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"

static char dir[] = "/tmp/ferro-log-XXXXXX";
static char path[64], moved[64], text[4096];
static struct log *l;

static void setup(void)
{
	setenv("TZ", "UTC", 1);
	cr_assert(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/frr.log", dir);
	snprintf(moved, sizeof(moved), "%s/frr.log.1", dir);
	l = log_new("BGP");
	cr_assert_eq(log_set_file(l, path, LOG_DEBUG), 0);
}

static void teardown(void)
{
	log_free(l);
	unlink(path);
	unlink(moved);
	rmdir(dir);
}

static const char *read_file(const char *name)
{
	FILE *f = fopen(name, "r");

	cr_assert(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

/* What follows the time stamp of the only line; the stamp must look and be right. */
static const char *rest_of_line(size_t fraction)
{
	struct tm tm = {0};
	const char *s = read_file(path);
	const char *end = strptime(s, "%Y/%m/%d %H:%M:%S", &tm);

	cr_assert_eq(end, s + 19, "%s", s);
	cr_expect_leq(llabs((long long)timegm(&tm) - time(NULL)), 60);
	if (fraction) {
		cr_expect_eq(end[0], '.');
		cr_expect_eq(strspn(end + 1, "0123456789"), fraction);
		end += 1 + fraction;
	}
	cr_expect_eq(end[0], ' ');
	return end + 1;
}

TestSuite(log, .init = setup, .fini = teardown);

Test(log, line)
{
	log_msg(l, LOG_INFO, "N9HHH-F8H1M", 0, "%%ADJCHANGE: neighbor %s(%s) in vrf default Up",
	    "10.20.12.2", "r2");
	cr_expect_str_eq(rest_of_line(0),
	    "BGP: [N9HHH-F8H1M] %ADJCHANGE: neighbor 10.20.12.2(r2) in vrf default Up\n");
}

Test(log, error_category)
{
	log_msg(l, LOG_ERR, "H4B4J-DCW2R", 33554455, "10.20.12.2 [Error]");
	cr_expect_str_eq(rest_of_line(0), "BGP: [H4B4J-DCW2R][EC 33554455] 10.20.12.2 [Error]\n");
}

Test(log, category_without_id)
{
	log_set_ids(l, false, true);
	log_msg(l, LOG_ERR, "H4B4J-DCW2R", 7, "x");
	cr_expect_str_eq(rest_of_line(0), "BGP: [EC 7] x\n");
}

Test(log, bare_with_precision)
{
	log_set_ids(l, false, false);
	log_set_precision(l, 3);
	log_msg(l, LOG_ERR, "H4B4J-DCW2R", 7, "x");
	cr_expect_str_eq(rest_of_line(3), "BGP: x\n");
}

Test(log, priority_and_full_precision)
{
	log_set_priority_shown(l, true);
	log_set_precision(l, 9);
	log_msg(l, LOG_DEBUG, "HFMHR-E3VMR", 0, "x");
	cr_expect_str_eq(rest_of_line(9), "debugging: BGP: [HFMHR-E3VMR] x\n");
}

Test(log, message_of_our_own)
{
	log_msg(l, LOG_DEBUG, NULL, 0, "no reference");
	cr_expect_str_eq(rest_of_line(0), "BGP: no reference\n");
}

Test(log, peers_cannot_forge_lines)
{
	log_msg(l, LOG_DEBUG, NULL, 0, "bye\n2026/01/01 BGP: \x1b[2Jforged\tz\xc3\xbc");
	cr_expect_str_eq(rest_of_line(0), "BGP: bye.2026/01/01 BGP: .[2Jforged\tz\xc3\xbc\n");
}

Test(log, long_text_is_kept)
{
	char big[3000];
	const char *rest;

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	log_msg(l, LOG_DEBUG, NULL, 0, "%s", big);
	rest = rest_of_line(0);
	cr_expect_eq(strlen(rest), strlen("BGP: ") + strlen(big) + 1);
	cr_expect_eq(rest[strlen(rest) - 1], '\n');
}

Test(log, levels_filter)
{
	log_set_level(l, LOG_TO_FILE, LOG_WARNING);
	cr_expect(log_wanted(l, LOG_ERR));
	cr_expect(log_wanted(l, LOG_WARNING));
	cr_expect_not(log_wanted(l, LOG_NOTICE));
	log_msg(l, LOG_NOTICE, NULL, 0, "quiet");
	cr_expect_str_eq(read_file(path), "");
	cr_expect_eq(log_level(l, LOG_TO_FILE), LOG_WARNING);
	log_set_level(l, LOG_TO_FILE, LOG_OFF);
	cr_expect_not(log_wanted(l, LOG_EMERG));
	cr_expect_not(log_wanted(NULL, LOG_EMERG));
	log_msg(NULL, LOG_EMERG, NULL, 0, "nowhere");
}

Test(log, appends_privately)
{
	struct stat st;

	log_msg(l, LOG_DEBUG, NULL, 0, "one");
	log_set_file(l, log_file(l), LOG_DEBUG);
	log_msg(l, LOG_DEBUG, NULL, 0, "two");
	read_file(path);
	cr_expect(strstr(text, "BGP: one\n") && strstr(text, "BGP: two\n"));
	cr_expect_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
}

Test(log, reopen_after_rotation)
{
	log_msg(l, LOG_DEBUG, NULL, 0, "old");
	cr_assert_eq(rename(path, moved), 0);
	log_msg(l, LOG_DEBUG, NULL, 0, "still old");
	log_reopen(l);
	log_msg(l, LOG_DEBUG, NULL, 0, "new");
	cr_expect_str_eq(rest_of_line(0), "BGP: new\n");
	cr_expect(strstr(read_file(moved), "BGP: still old\n"));
}

Test(log, a_file_that_cannot_be_opened)
{
	cr_expect_eq(log_set_file(l, "/nonexistent/x", LOG_ERR), ENOENT);
	cr_expect_str_eq(log_file(l), path, "the old file is kept");
	cr_expect_eq(log_level(l, LOG_TO_FILE), LOG_DEBUG);
	cr_expect_eq(log_set_file(l, NULL, LOG_DEBUG), 0);
	cr_expect_null(log_file(l));
	cr_expect_eq(log_level(l, LOG_TO_FILE), LOG_OFF);
	cr_expect_not(log_wanted(l, LOG_EMERG));
	log_reopen(l);
}

/* A FIFO that nobody reads from fills up; the daemon goes on. */
Test(log, a_full_fifo_does_not_block)
{
	int reader;

	cr_assert_eq(mkfifo(moved, 0600), 0);
	reader = open(moved, O_RDONLY | O_NONBLOCK);
	cr_assert_eq(log_set_file(l, moved, LOG_DEBUG), 0);
	alarm(20);
	for (int i = 0; i < 10000; i++)
		log_msg(l, LOG_DEBUG, NULL, 0, "a line for a reader that sleeps");
	alarm(0);
	close(reader);
}

/* The same for stdout, whose flags stay as they were. */
Test(log, a_full_stdout_does_not_block)
{
	int fds[2], saved = dup(STDOUT_FILENO);

	cr_assert_eq(pipe(fds), 0);
	dup2(fds[1], STDOUT_FILENO);
	log_set_level(l, LOG_TO_STDOUT, LOG_DEBUG);
	log_set_level(l, LOG_TO_FILE, LOG_OFF);
	alarm(20);
	for (int i = 0; i < 10000; i++)
		log_msg(l, LOG_DEBUG, NULL, 0, "a line for a reader that sleeps");
	alarm(0);
	dup2(saved, STDOUT_FILENO);
	cr_expect_gt(read(fds[0], text, 100), 0);
	cr_expect_not(fcntl(fds[1], F_GETFL) & O_NONBLOCK);
	close(saved);
	close(fds[0]);
	close(fds[1]);
}

static void monitor(void *ctx, const char *line)
{
	snprintf(ctx, 100, "%s", line);
}

Test(log, monitor)
{
	char got[100] = "";

	log_set_level(l, LOG_TO_MONITOR, LOG_ERR);
	log_set_monitor(l, monitor, got);
	log_msg(l, LOG_INFO, NULL, 0, "not for the monitor");
	cr_expect_str_eq(got, "");
	log_msg(l, LOG_ERR, "AAAAA-BBBBB", 0, "seen");
	cr_expect_str_eq(got + 19, " BGP: [AAAAA-BBBBB] seen");
	cr_expect(strstr(read_file(path), "seen\n"), "the file has its newline");
	log_set_monitor(l, NULL, NULL);
	log_msg(l, LOG_ERR, NULL, 0, "gone");
	cr_expect_null(strstr(got, "gone"));
}

Test(log_level, words)
{
	static const struct {
		const char *word;
		int level; /* LOG_OFF: not accepted */
	} rows[] = {{"emergencies", LOG_EMERG}, {"alerts", LOG_ALERT}, {"critical", LOG_CRIT},
	    {"errors", LOG_ERR}, {"warnings", LOG_WARNING}, {"notifications", LOG_NOTICE},
	    {"informational", LOG_INFO}, {"debugging", LOG_DEBUG}, {"d", LOG_DEBUG},
	    {"inf", LOG_INFO}, {"em", LOG_EMERG}, {"e", LOG_OFF}, {"", LOG_OFF},
	    {"debuggings", LOG_OFF}, {"x", LOG_OFF}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int level = LOG_OFF;

		cr_expect_eq(log_level_parse(rows[i].word, &level), rows[i].level != LOG_OFF, "%s",
		    rows[i].word);
		cr_expect_eq(level, rows[i].level, "%s", rows[i].word);
	}
	cr_expect_str_eq(log_level_name(LOG_WARNING), "warnings");
	cr_expect_str_eq(log_level_name(LOG_OFF), "disabled");
}
