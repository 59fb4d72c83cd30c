/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's half of a vty socket, with a client in the same thread: whatever the client does,
 * the server must neither block nor hold more than its bound.
 */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/task.h"
#include "tests/unit/vty_fake.h"
#include "vty/frame.h"
#include "vty/server.h"

enum { ROUNDS = 200, SOCKET_BUFFERS = 1024 * 1024 };

static struct place {
	char dir[64];
	struct event_base *base;
	struct cli *cli;
	struct vty_server *server;
} at;

static void start(void)
{
	struct sb err;

	sb_init(&err);
	signal(SIGPIPE, SIG_IGN);
	strcpy(at.dir, "/tmp/ferro-vty-XXXXXX");
	cr_assert(mkdtemp(at.dir));
	at.base = task_base_new();
	at.cli = fake_cli_new();
	at.server = vty_server_new(at.base, at.cli, NULL,
	    &(struct vty_config){.dir = at.dir, .config_dir = at.dir, .mode = 0770}, &err);
	cr_assert(at.server, "%s", err.s);
	sb_fini(&err);
}

static char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", at.dir, name);
	return path;
}

static void stop(void)
{
	vty_server_free(at.server);
	cr_expect_eq(fake_sessions(at.cli), 0);
	cli_free(at.cli);
	event_base_free(at.base);
	unlink(path_of("frr.conf"));
	unlink(path_of("frr.conf.sav"));
	unlink(path_of("bgpd.conf"));
	unlink(path_of("vtysh.conf"));
	cr_expect_eq(rmdir(at.dir), 0, "files were left in %s", at.dir);
}

TestSuite(vty_server, .init = start, .fini = stop);

static void turn(unsigned rounds)
{
	while (rounds--)
		event_base_loop(at.base, EVLOOP_NONBLOCK);
}

static int client(const char *name)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(addr.sun_path, sizeof addr.sun_path, "%s/%s.vty", at.dir, name);
	cr_assert_eq(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	turn(3);
	return fd;
}

/* Turns the loop until the server has been silent for a while; reads all. */
static size_t receive(int fd, char *buf, size_t size)
{
	size_t have = 0;

	for (unsigned quiet = 0; quiet < 20;) {
		ssize_t n = read(fd, buf + have, size - have);

		turn(2);
		quiet = n > 0 ? 0 : quiet + 1;
		have += n > 0 ? (size_t)n : 0;
	}
	return have;
}

#define SEND(fd, s) cr_assert_eq(write(fd, s, sizeof(s) - 1), (ssize_t)sizeof(s) - 1)
#define EXPECT_REPLY(fd, s)                                                                        \
	do {                                                                                       \
		char got[4096];                                                                    \
		size_t have = receive(fd, got, sizeof got);                                        \
		cr_expect(have == sizeof(s) - 1 && memcmp(got, s, have) == 0, "%zu bytes: %.*s",   \
		    have, (int)have, got);                                                         \
	} while (0)

Test(vty_server, listens_on_frrs_names_with_frrs_mode)
{
	static const char *const names[] = {"bgpd.vty", "zebra.vty", "staticd.vty"};
	struct stat st;

	for (size_t i = 0; i < 3; i++) {
		cr_assert_eq(stat(path_of(names[i]), &st), 0, "%s", names[i]);
		cr_expect(S_ISSOCK(st.st_mode));
		cr_expect_eq(st.st_mode & 0777, 0770);
	}
}

Test(vty_server, plain_request_has_text_and_trailer)
{
	int fd = client("bgpd");

	SEND(fd, "enable\0");
	EXPECT_REPLY(fd, "\0\0\0\0");
	SEND(fd, "echo hello\0");
	EXPECT_REPLY(fd, "hello\n\0\0\0\0");
	SEND(fd, "foo\0");
	EXPECT_REPLY(fd, "% Unknown command: foo\n\0\0\0\2");
	SEND(fd, "fail\0");
	EXPECT_REPLY(fd, "% no\n\0\0\0\r");
	close(fd);
}

Test(vty_server, a_nul_in_text_cannot_end_a_reply)
{
	int fd = client("zebra");

	SEND(fd, "nul\0");
	EXPECT_REPLY(fd, "a?b\n\0\0\0\0");
	close(fd);
}

Test(vty_server, requests_sent_ahead_are_answered_in_order)
{
	int fd = client("bgpd");

	SEND(fd, "echo 1\0echo 2\0echo 3\0ec");
	EXPECT_REPLY(fd, "1\n\0\0\0\0"
			 "2\n\0\0\0\0"
			 "3\n\0\0\0\0");
	SEND(fd, "ho 4\0");
	EXPECT_REPLY(fd, "4\n\0\0\0\0");
	close(fd);
}

Test(vty_server, sessions_are_apart)
{
	int a = client("bgpd"), b = client("bgpd");

	SEND(a, "\1hview\0");
	EXPECT_REPLY(a, "\0\0\0\0prompt r1> \nexec 1\n\0");
	SEND(b, "\1henable\0");
	EXPECT_REPLY(b, "\0\0\0\0prompt r1# \nexec 1\n\0");
	SEND(b, "\1xconfigure\0");
	EXPECT_REPLY(b, "\0\0\0\0prompt r1(config)# \nexec 0\n\0");
	SEND(a, "\1xecho a\0");
	EXPECT_REPLY(a, "a\n\0\0\0\0prompt r1> \nexec 1\n\0");
	cr_expect_eq(vty_server_sessions(at.server), 2);
	close(a);
	turn(5);
	cr_expect_eq(vty_server_sessions(at.server), 1);
	close(b);
}

Test(vty_server, completion_help_and_unknown_verbs)
{
	int fd = client("bgpd");

	SEND(fd, "\1cshow\0");
	EXPECT_REPLY(fd, "show-a\tFirst\nshow-b\tSecond\n\0\0\0\0prompt r1> \nexec 1\n\0");
	SEND(fd, "\1e80 show ip\0");
	EXPECT_REPLY(fd, "  show ip in 80\n\0\0\0\0prompt r1> \nexec 1\n\0");
	SEND(fd, "\1?\0");
	EXPECT_REPLY(fd, "\0\0\0\2prompt r1> \nexec 1\n\0");
	SEND(fd, "\1\0");
	EXPECT_REPLY(fd, "\0\0\0\2prompt r1> \nexec 1\n\0");
	close(fd);
}

Test(vty_server, exit_closes_after_the_reply)
{
	int fd = client("bgpd");
	char c;

	SEND(fd, "\1xexit\0");
	EXPECT_REPLY(fd, "\0\0\0\0prompt r1> \nexec 1\nclose\n\0");
	cr_expect_eq(read(fd, &c, 1), 0);
	cr_expect_eq(vty_server_sessions(at.server), 0);
	close(fd);
}

Test(vty_server, a_slow_reader_stops_the_answer)
{
	enum { PIECES = 2000 };
	int fd = client("bgpd");
	size_t bound = (SOCKET_BUFFERS + 64 * 1024) / FAKE_PIECE;
	char *buf = mem_alloc(PIECES * FAKE_PIECE + 16);

	SEND(fd, "big 2000\0");
	turn(ROUNDS * 20);
	cr_expect_lt(fake_pieces(at.cli), bound, "%u pieces", fake_pieces(at.cli));
	cr_expect_gt(fake_pieces(at.cli), 4);

	size_t n = receive(fd, buf, PIECES * FAKE_PIECE + 16);

	cr_expect_eq(n, PIECES * FAKE_PIECE + 4);
	cr_expect_eq(fake_pieces(at.cli), PIECES);
	mem_free(buf);
	close(fd);
}

Test(vty_server, a_long_answer_holds_nobody_else)
{
	int slow = client("bgpd"), quick = client("bgpd");

	SEND(slow, "big 100000\0");
	turn(3);
	SEND(quick, "echo now\0");
	EXPECT_REPLY(quick, "now\n\0\0\0\0");
	close(slow);
	close(quick);
}

static void count(evutil_socket_t fd, short what, void *ctx)
{
	unsigned *n = ctx;

	(void)fd;
	(void)what;
	++*n;
}

/* A client that asks as fast as it can, in a thread of its own. */
struct flooder {
	pthread_t thread;
	int fd;
	atomic_bool stop;
	unsigned bytes;
};

static void *flood(void *arg)
{
	static const char requests[] = "echo a\0echo b\0echo c\0echo d\0echo e\0echo f\0echo g";
	struct flooder *f = arg;
	char got[65536];
	ssize_t n;

	while (!f->stop) {
		(void)!write(f->fd, requests, sizeof(requests));
		n = read(f->fd, got, sizeof(got));
		f->bytes += n > 0 ? (unsigned)n : 0;
	}
	return NULL;
}

/* Of this thread, since the clients and whoever else is on the machine take theirs. */
static uint64_t cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Whoever sends as fast as he can, and however many do, the work of lower priority goes on. */
Test(vty_server, a_flood_of_requests_leaves_time_for_work)
{
	enum { CLIENTS = 6, MS = 300 };
	struct flooder clients[CLIENTS] = {0};
	struct timeval soon = {0};
	uint64_t end = cpu_ms() + MS;
	unsigned worked = 0, bytes = 0;
	struct event *work = event_new(at.base, -1, EV_PERSIST, count, &worked);

	event_priority_set(work, PRIO_LOW);
	soon.tv_usec = 1;
	event_add(work, &soon);
	for (unsigned i = 0; i < CLIENTS; i++) {
		clients[i].fd = client("bgpd");
		pthread_create(&clients[i].thread, NULL, flood, &clients[i]);
	}
	while (cpu_ms() < end)
		event_base_loop(at.base, EVLOOP_ONCE);
	for (unsigned i = 0; i < CLIENTS; i++) {
		clients[i].stop = true;
		pthread_join(clients[i].thread, NULL);
		bytes += clients[i].bytes;
		close(clients[i].fd);
	}
	turn(100);
	event_free(work);
	cr_expect_gt(bytes, 10000, "%u bytes", bytes);
	cr_expect_gt(worked, MS / 10, "%u times", worked);
}

Test(vty_server, shells_do_not_take_every_descriptor)
{
	enum { MORE = 40 };
	struct rlimit before, few;
	unsigned closed = 0;
	int fd[MORE];
	char byte;

	getrlimit(RLIMIT_NOFILE, &before);
	few = before;
	few.rlim_cur = 100; /* a fourth of it are 25 */
	setrlimit(RLIMIT_NOFILE, &few);
	for (unsigned i = 0; i < MORE; i++)
		fd[i] = client("bgpd");
	turn(20);
	for (unsigned i = 0; i < MORE; i++)
		closed += read(fd[i], &byte, 1) == 0;
	cr_expect_eq(closed, MORE - 25);
	SEND(fd[0], "enable\0");
	EXPECT_REPLY(fd[0], "\0\0\0\0");
	for (unsigned i = 0; i < MORE; i++)
		close(fd[i]);
	turn(20);
	setrlimit(RLIMIT_NOFILE, &before);
}

Test(vty_server, a_client_that_goes_away_cancels)
{
	int fd = client("bgpd");

	SEND(fd, "big 100000\0");
	turn(10);
	close(fd);
	turn(20);
	cr_expect_eq(fake_cancelled(at.cli), 1);
	cr_expect_eq(fake_sessions(at.cli), 0);
}

Test(vty_server, a_cancel_ends_the_answer_and_nothing_else)
{
	static char buf[4 * 1024 * 1024];
	int fd = client("bgpd");
	size_t n;

	SEND(fd, "\1xbig 100000\0");
	turn(100);
	SEND(fd, "\1k\0");
	n = receive(fd, buf, sizeof buf);
	static const char end[] = "\n\0\0\0\1prompt r1> \nexec 1\n";
	cr_assert_gt(n, sizeof end);
	cr_expect_eq(memcmp(buf + n - sizeof end, end, sizeof end), 0);
	cr_expect_eq(fake_cancelled(at.cli), 1);
	SEND(fd, "\1k\0echo on\0");
	EXPECT_REPLY(fd, "on\n\0\0\0\0");
	close(fd);
}

Test(vty_server, a_request_without_end_closes)
{
	char junk[8192];
	int fd = client("bgpd");

	memset(junk, 'a', sizeof junk);
	for (unsigned i = 0; i < 10; i++) {
		if (write(fd, junk, sizeof junk) < 0)
			break;
		turn(10);
	}
	turn(20);
	cr_expect_eq(vty_server_sessions(at.server), 0);
	close(fd);
}

Test(vty_server, a_flood_of_requests_is_not_stored)
{
	static char flood[256 * 1024];
	int fd = client("bgpd");
	size_t sent = 0;

	for (size_t i = 0; i < sizeof flood; i += 8)
		memcpy(flood + i, "echo ab", 8);
	for (unsigned i = 0; i < 100; i++) {
		ssize_t n = write(fd, flood, sizeof flood);

		turn(20);
		sent += n > 0 ? (size_t)n : 0;
	}
	/* nobody reads the answers: both directions are full, and that is all */
	cr_expect_lt(sent, 4 * SOCKET_BUFFERS);
	close(fd);
	turn(20);
	cr_expect_eq(fake_sessions(at.cli), 0);
}

Test(vty_server, a_file_is_loaded_and_its_faults_come_back)
{
	int fd = client("bgpd");

	SEND(fd, "\1fra\nbad x\nwrong y\n\0");
	EXPECT_REPLY(fd, "eline 2: 2: bad x\no% refused\neline 3: 13: wrong y\n\0\0\0\r"
			 "prompt r1> \nexec 1\n\0");
	SEND(fd, "\1fca\nbad x\nwrong y\n\0");
	EXPECT_REPLY(fd, "eline 2: 2: bad x\n\0\0\0\2prompt r1> \nexec 1\n\0");
	SEND(fd, "\1fma\n\0");
	EXPECT_REPLY(fd, "oa\no\noend\neline 1: odd\n\0\0\0\2prompt r1> \nexec 1\n\0");
	SEND(fd, "\1f\0");
	EXPECT_REPLY(fd, "\0\0\0\0prompt r1> \nexec 1\n\0");
	close(fd);
}

Test(vty_server, a_large_file_fits_in_one_request)
{
	enum { SIZE = 1024 * 1024 };
	int fd = client("bgpd");
	char *text = mem_alloc(SIZE);

	memset(text, '\n', SIZE);
	memcpy(text, "\1fr", 3);
	memcpy(text + SIZE - 5, "bad\n", 5);
	for (size_t done = 0; done < SIZE;) {
		ssize_t n = write(fd, text + done, SIZE - done);

		turn(5);
		done += n > 0 ? (size_t)n : 0;
	}
	EXPECT_REPLY(fd, "eline 1048569: 2: bad\n\0\0\0\2prompt r1> \nexec 1\n\0");
	mem_free(text);
	close(fd);
}

/* --- saving -------------------------------------------------------------------------------------
 */

static void expect_file(const char *name, const char *content)
{
	char got[256] = "";
	FILE *f = fopen(path_of(name), "r");

	cr_assert(f, "%s", name);
	size_t n = fread(got, 1, sizeof got - 1, f);
	got[n] = '\0';
	fclose(f);
	cr_expect_str_eq(got, content);
}

static void save_by(int fd)
{
	char got[1024];

	SEND(fd, "\1w\0");
	size_t n = receive(fd, got, sizeof got - 1);
	got[n] = '\0';
	cr_expect(strstr(got, "Building Configuration...\nIntegrated configuration saved to "));
	cr_expect(strstr(got, "/frr.conf\n[OK]\n"));
}

Test(vty_server, saving_keeps_the_old_file)
{
	int fd = client("bgpd");
	struct stat st;

	fake_set_text(at.cli, "one\n");
	save_by(fd);
	expect_file("frr.conf", "one\n");
	cr_expect_neq(access(path_of("frr.conf.sav"), F_OK), 0);
	fake_set_text(at.cli, "two\n");
	save_by(fd);
	expect_file("frr.conf", "two\n");
	expect_file("frr.conf.sav", "one\n");
	cr_assert_eq(stat(path_of("frr.conf"), &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600); /* a new file's; kept from then on */
	close(fd);
}

Test(vty_server, a_failed_save_says_why_and_changes_nothing)
{
	int fd = client("bgpd");
	char got[1024];

	/* a folder in the file's place: rename must fail, as root too */
	cr_assert_eq(mkdir(path_of("frr.conf"), 0700), 0);
	SEND(fd, "\1w\0");
	size_t n = receive(fd, got, sizeof got);
	const char *trailer = memchr(got, '\0', n);
	cr_assert(trailer);
	cr_expect_eq(trailer[3], CLI_CONFIG_FAILED);
	cr_expect(strstr(got, "% Can't save to configuration file "));
	cr_expect_eq(rmdir(path_of("frr.conf")), 0);
	close(fd);
}

/* --- refusals at start --------------------------------------------------------------------------
 */

Test(vty_server_start, says_what_is_wrong)
{
	struct event_base *base = task_base_new();
	struct cli *cli = fake_cli_new();
	struct sb err;

	sb_init(&err);
	cr_expect_null(vty_server_new(
	    base, cli, NULL, &(struct vty_config){.dir = "/nonexistent/x", .mode = 0770}, &err));
	cr_expect(strstr(err.s, "/nonexistent/x/mgmtd.vty: cannot listen: No such file"));
	sb_clear(&err);
	cr_expect_null(vty_server_new(base, cli, NULL,
	    &(struct vty_config){.dir = "/tmp", .group = "no-such-group", .mode = 0770}, &err));
	cr_expect(strstr(err.s, "there is no group no-such-group"), "%s", err.s);
	sb_clear(&err);
	cr_expect_null(vty_server_new(base, cli, NULL,
	    &(struct vty_config){.dir = "/tmp", .user = "no-such-user", .mode = 0770}, &err));
	cr_expect(strstr(err.s, "there is no user no-such-user"), "%s", err.s);
	sb_fini(&err);
	cli_free(cli);
	event_base_free(base);
}
