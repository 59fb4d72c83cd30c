/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's connection.
 *
 * Requests are taken from the input one after another; what was sent ahead stays in the input
 * buffer, whose size is bounded, so a client that sends without reading stops itself. An answer
 * that the command defers is continued by a task of low priority, piece by piece, as long as less
 * than 64 KiB wait for the reader; when the reader has taken most of it, the task is woken. So the
 * daemon's memory does not depend on the length of the answer nor on the speed of the reader.
 *
 * A request is run at the shell's high priority, but for all clients together only so long until
 * what has low priority had a turn: what they ask for beyond that waits for the same task, so that
 * nobody who sends requests as fast as he can keeps the router from its work. A guest of the TCP
 * port has no priority at all.
 *
 * Invariants: busy means that cli holds a deferred answer of this session, and only then may
 * cli_more or cli_cancel be called. A connection is freed in one place, conn_free, and never while
 * one of its commands is running: `exit` only marks it.
 *
 * It must never let a NUL byte of a command's text into a reply: it would end the reply early.
 */
#include "vty/conn.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/out.h"
#include "lib/task.h"
#include "vty/frame.h"
#include "vty/telnet.h"

enum {
	QUEUE_HIGH = 64 * 1024, /* an answer pauses at this many bytes queued */
	QUEUE_LOW = 16 * 1024,  /* and goes on below this */
	PIECE_NS = 500 * 1000,
	SHARE_NS = 2 * 1000 * 1000, /* of requests at high priority between two turns of the rest */
	LABEL_MAX = 16,
};

/* A text that is being taken in; the answer comes at its end. */
struct load {
	struct cli_job *job;
	enum cli_job_kind kind;
};

struct vty_conn {
	struct list_head link;
	struct vty_server *server;
	struct bufferevent *bev;
	struct cli_session *session;
	struct task more;
	struct event *deadline; /* it ends then, whatever it does; NULL: none */
	uint64_t slice_end;     /* clock_ns: no more requests after that, this time */
	struct load load;       /* job NULL: none */
	struct telnet *telnet;  /* a client of the TCP port; NULL: FRR's framing */
	struct sb text, asks;
	const char *daemon;
	char *user;     /* who connected; NULL: not looked up yet */
	size_t scanned; /* bytes of the input in which there is no NUL */
	bool ours;      /* the request under way is one of ours */
	bool only;      /* the shell was confined to this daemon */
	bool busy, closing, monitor;
	bool deferred; /* requests wait for the task */
};

static void conn_pump(struct vty_conn *c, bool high);
static bool step_job(struct vty_conn *c);

/* The answer that is under way is not wanted any more. A text whose change is real already is
 * carried out to the end. */
static void abandon(struct vty_conn *c)
{
	if (!c->load.job) {
		cli_cancel(c->session);
		return;
	}
	cli_job_end(c->load.job, NULL, NULL, NULL);
	c->load.job = NULL;
}

static void conn_free(struct vty_conn *c)
{
	if (c->busy)
		abandon(c);
	conn_set_monitor(c, false);
	task_fini(&c->more);
	if (c->deadline)
		event_free(c->deadline);
	telnet_free(c->telnet);
	bufferevent_free(c->bev);
	cli_session_free(c->session);
	sb_fini(&c->text);
	sb_fini(&c->asks);
	mem_free(c->user);
	list_del(&c->link);
	mem_free(c);
}

void conn_free_all(struct vty_server *s)
{
	while (!list_empty(&s->conns))
		conn_free(container_of(s->conns.next, struct vty_conn, link));
}

size_t conn_count(const struct vty_server *s)
{
	const struct vty_conn *c;
	size_t n = 0;

	list_for_each (c, &s->conns, link)
		n++;
	return n;
}

size_t conn_count_telnet(const struct vty_server *s)
{
	const struct vty_conn *c;
	size_t n = 0;

	list_for_each (c, &s->conns, link)
		n += c->telnet != NULL;
	return n;
}

static size_t queued(const struct vty_conn *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->bev));
}

/* Hands the text written so far to the socket. */
static void flush(struct vty_conn *c)
{
	for (char *nul; (nul = memchr(c->text.s, '\0', c->text.len)) != NULL;)
		*nul = '?';
	if (c->telnet) {
		telnet_text(c->telnet, c->text.s, c->text.len);
		sb_clear(&c->text);
		return;
	}
	if (c->text.len && c->text.s[0] == FRAME_MARK)
		c->text.s[0] = '?';
	bufferevent_write(c->bev, c->text.s, c->text.len);
	sb_clear(&c->text);
}

/* The note behind a reply to one of our own requests. */
static void send_note(struct vty_conn *c)
{
	struct sb *b = &c->text;

	sb_add(b, "prompt ");
	cli_prompt(c->session, b);
	sb_fmt(b, "\nexec %d\n", cli_session_mode(c->session) < MODE_CONFIG);
	if (c->closing)
		sb_add(b, "close\n");
	sb_addn(b, c->asks.s, c->asks.len);
	sb_clear(&c->asks);
	flush(c);
	bufferevent_write(c->bev, "", 1);
}

static void finish(struct vty_conn *c, enum cli_rc rc)
{
	const char trailer[FRAME_TRAILER] = {0, 0, 0, (char)rc};

	flush(c);
	c->closing |= cli_session_closed(c->session);
	if (c->telnet)
		telnet_finish(c->telnet);
	else
		bufferevent_write(c->bev, trailer, sizeof trailer);
	if (c->ours)
		send_note(c);
	sb_clear(&c->asks);
	if (c->closing)
		bufferevent_setwatermark(c->bev, EV_WRITE, 0, 0);
}

/* A piece of a deferred answer, or several small ones: a command may take steps of any size. */
static enum cli_rc run_pieces(struct vty_conn *c)
{
	uint64_t end = clock_ns() + PIECE_NS;
	enum cli_rc rc;

	do
		rc = cli_more(c->session, &c->text);
	while (rc == CLI_SUSPEND && !cli_waits(c->session) && c->text.len < QUEUE_LOW &&
	       clock_ns() < end);
	return rc;
}

static bool more(void *ctx)
{
	struct vty_conn *c = ctx;

	if (queued(c) >= QUEUE_HIGH)
		return false; /* on_write wakes it */
	if (!c->busy) {
		conn_pump(c, false);
		return false;
	}
	if (c->telnet && telnet_is_full(c->telnet))
		return false; /* a key wakes it */
	if (c->load.job) {
		if (step_job(c))
			return true;
		conn_pump(c, false);
		return false;
	}

	enum cli_rc rc = run_pieces(c);

	if (rc == CLI_SUSPEND) {
		flush(c);
		return !cli_waits(c->session); /* conn_wake_all goes on */
	}
	c->busy = false;
	finish(c, rc);
	conn_pump(c, false);
	return false;
}

/* `log commands`, in FRR's words: who, where, what. */
static void log_line(const struct vty_conn *c, const char *line)
{
	const struct vty_server *s = c->server;
	struct sb prompt;

	if (!s->config.log_commands || !*s->config.log_commands)
		return;
	sb_init(&prompt);
	cli_prompt(c->session, &prompt);
	log_msg(s->log, LOG_NOTICE, "M7Q4P-46WDR", 0, "vty[%d]@%s%s",
	    (int)bufferevent_getfd(c->bev), prompt.s + strcspn(prompt.s, "(>#"), line);
	sb_fini(&prompt);
}

static void run_line(struct vty_conn *c, const char *line)
{
	enum cli_rc rc;

	log_line(c, line);
	rc = cli_exec(c->session, line, &c->text);
	if (c->telnet && (rc == CLI_NO_MATCH || rc == CLI_AMBIGUOUS || rc == CLI_INCOMPLETE))
		telnet_complain(rc, line, &c->text);
	if (rc == CLI_SUSPEND) /* the first piece at once: most answers have no other */
		rc = run_pieces(c);
	if (rc != CLI_SUSPEND) {
		finish(c, rc);
		return;
	}
	c->busy = true;
	flush(c);
	task_wake(&c->more);
}

/* Every line of `from` goes to the reply with the mark of its stream in front. */
static void add_marked(struct sb *to, char mark, const struct sb *from)
{
	for (const char *p = from->s; *p;) {
		const char *end = strchrnul(p, '\n');

		sb_addc(to, mark);
		sb_addn(to, p, (size_t)(end - p));
		sb_addc(to, '\n');
		p = *end ? end + 1 : end;
	}
}

struct answer {
	struct sb *reply;
	bool check;
	enum cli_rc worst;
};

static void report(void *ctx, const struct cli_fault *fault)
{
	struct answer *answer = ctx;
	struct sb out, err;

	/* FRR's dry run knows the grammar only, and scripts rely on its exit status. */
	if (answer->check && (fault->rc == CLI_OK || fault->rc == CLI_CONFIG_FAILED))
		return;
	sb_init(&out);
	sb_init(&err);
	cli_fault_print(fault, &out, &err);
	add_marked(answer->reply, FRAME_TO_OUT, &out);
	add_marked(answer->reply, FRAME_TO_ERR, &err);
	if (fault->rc != CLI_OK)
		answer->worst = fault->rc;
	sb_fini(&out);
	sb_fini(&err);
}

static void run_mark(struct vty_conn *c, const char *text)
{
	struct sb out, err;
	enum cli_rc rc;

	sb_init(&out);
	sb_init(&err);
	rc = cli_mark(c->server->cli, text, &out, &err);
	add_marked(&c->text, FRAME_TO_OUT, &out);
	add_marked(&c->text, FRAME_TO_ERR, &err);
	sb_fini(&out);
	sb_fini(&err);
	finish(c, rc);
}

static void locate(void *ctx, const struct cli_fault *fault)
{
	struct answer *answer = ctx;
	struct sb err;

	if (fault->rc == CLI_OK)
		return;
	sb_init(&err);
	cli_fault_locate(fault, &err);
	add_marked(answer->reply, FRAME_TO_ERR, &err);
	answer->worst = CLI_NO_MATCH;
	sb_fini(&err);
}

static const char *const sources[] = {[CLI_JOB_FILE] = "file", [CLI_JOB_RELOAD] = "reload"};

static void start_job(struct vty_conn *c, const char *text, enum cli_job_kind kind)
{
	struct cli *cli = c->server->cli;

	c->load.kind = kind;
	c->load.job = cli_job_new(cli, mem_strdup(text), kind);
	if (kind == CLI_JOB_FILE || kind == CLI_JOB_RELOAD)
		cli_job_record(c->load.job, sources[kind], c->session, NULL);
	c->busy = true;
	task_wake(&c->more);
}

static enum cli_rc report_job(struct vty_conn *c)
{
	enum cli_job_kind kind = c->load.kind;
	struct answer answer = {.reply = &c->text, .check = kind == CLI_JOB_CHECK};
	bool as_frr = kind == CLI_JOB_FILE || kind == CLI_JOB_CHECK;
	struct sb plan;

	sb_init(&plan);
	cli_job_end(c->load.job, as_frr ? report : locate, &answer, &plan);
	c->load.job = NULL;
	if (kind == CLI_JOB_DIFF || answer.worst == CLI_OK)
		add_marked(&c->text, FRAME_TO_OUT, &plan);
	if (kind == CLI_JOB_DIFF && answer.worst == CLI_OK && plan.len)
		answer.worst = CLI_WARNING;
	sb_fini(&plan);
	return answer.worst;
}

/* One piece of the job; false at its end. */
static bool step_job(struct vty_conn *c)
{
	enum cli_rc rc;

	if (cli_job_step(c->load.job))
		return true;
	rc = report_job(c);
	c->busy = false;
	finish(c, rc);
	return false;
}

static void run_load(struct vty_conn *c, const char *arg)
{
	const char *text = arg[0] ? arg + 1 : arg;

	switch (arg[0]) {
	case FRAME_LOAD_MARK:
		run_mark(c, text);
		break;
	case FRAME_LOAD_CHECK:
		start_job(c, text, CLI_JOB_CHECK);
		break;
	case FRAME_LOAD_RUN:
		start_job(c, text, CLI_JOB_FILE);
		break;
	case FRAME_LOAD_RELOAD:
		start_job(c, text, CLI_JOB_RELOAD);
		break;
	case FRAME_LOAD_DIFF:
		start_job(c, text, CLI_JOB_DIFF);
		break;
	default:
		finish(c, CLI_OK);
	}
}

static void run_explain(struct vty_conn *c, const char *arg)
{
	char *line;
	unsigned long width = strtoul(arg, &line, 10);

	if (*line == ' ')
		line++;
	finish(c, cli_explain(c->session, line, width > 1000 ? 1000 : (unsigned)width, &c->text));
}

static bool is_view(const char *hello)
{
	return strncmp(hello, "view", 4) == 0;
}

static void run_ours(struct vty_conn *c, const char *request)
{
	const char *arg = request[0] ? request + 1 : request;

	switch (request[0]) {
	case FRAME_HELLO:
		cli_session_set_mode(c->session, is_view(arg) ? MODE_VIEW : MODE_ENABLE);
		if (is_view(arg))
			cli_session_confine(c->session);
		c->only = strstr(arg, " only") != NULL;
		finish(c, CLI_OK);
		break;
	case FRAME_EXEC:
		run_line(c, arg);
		break;
	case FRAME_COMPLETE:
		finish(c, cli_complete(c->session, arg, &c->text));
		break;
	case FRAME_EXPLAIN:
		run_explain(c, arg);
		break;
	case FRAME_LOAD:
		run_load(c, arg);
		break;
	case FRAME_MOTD:
		vty_greeting(c->server->config.access, &c->text);
		finish(c, CLI_OK);
		break;
	case FRAME_SAVE:
		run_line(c, "write integrated");
		break;
	case FRAME_CANCEL:
		break; /* the answer was complete before it came */
	default:
		finish(c, CLI_NO_MATCH);
	}
}

/* The most that the input may hold: only whoever reached a socket file may send a whole
 * configuration. */
static size_t request_max(const struct vty_conn *c)
{
	char start[2] = {0};

	if (c->telnet)
		return FRAME_REQUEST_MAX;
	evbuffer_copyout(bufferevent_get_input(c->bev), start, sizeof start);
	return start[0] == FRAME_MARK && start[1] == FRAME_LOAD ? FRAME_LOAD_MAX
								: FRAME_REQUEST_MAX;
}

/* The next whole request, for the caller to mem_free; NULL: none yet. *too_long: there will be
 * none. */
static char *take_request(struct vty_conn *c, bool *too_long)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	size_t have = evbuffer_get_length(in);
	struct evbuffer_ptr from, at;

	*too_long = false;
	if (!have)
		return NULL;
	evbuffer_ptr_set(in, &from, c->scanned, EVBUFFER_PTR_SET);
	at = evbuffer_search(in, "", 1, &from);
	if (at.pos < 0) {
		c->scanned = have;
		*too_long = have >= request_max(c);
		return NULL;
	}

	size_t len = (size_t)at.pos + 1;
	char *request = mem_alloc(len);

	evbuffer_remove(in, request, len);
	c->scanned = 0;
	return request;
}

/* Reads on only while a longest request has not filled the buffer, and none waits for the task: to
 * read is work at high priority, too. (libevent's own high-water mark
 * calls back again and again as long as the buffer is full.) To enable what is enabled would begin
 * the time without a key anew, with every line of the log that is sent. */
static void regulate(struct vty_conn *c)
{
	if (c->deferred || evbuffer_get_length(bufferevent_get_input(c->bev)) >= request_max(c))
		bufferevent_disable(c->bev, EV_READ);
	else if (!(bufferevent_get_enabled(c->bev) & EV_READ))
		bufferevent_enable(c->bev, EV_READ);
}

bool conn_goes_on(struct vty_conn *c)
{
	if (c->busy || c->closing || queued(c) >= QUEUE_HIGH)
		return false;
	if (clock_ns() < c->slice_end)
		return true;
	c->deferred = true;
	task_wake(&c->more);
	return false;
}

static void run_requests(struct vty_conn *c)
{
	while (conn_goes_on(c)) {
		bool too_long;
		char *request = take_request(c, &too_long);

		if (too_long) {
			log_msg(c->server->log, LOG_WARNING, NULL, 0,
			    "vty: a request on %s.vty is too long, closing", c->daemon);
			c->closing = true;
			bufferevent_trigger_event(c->bev, BEV_EVENT_ERROR, BEV_OPT_DEFER_CALLBACKS);
		}
		if (!request)
			return;
		c->ours = request[0] == FRAME_MARK;
		if (c->ours)
			run_ours(c, request + 1);
		else
			run_line(c, request);
		mem_free(request);
	}
}

/* What has low priority has had a turn. */
static bool take_turn(void *ctx)
{
	struct vty_server *s = ctx;

	s->spent = 0;
	return false;
}

void conn_share_init(struct vty_server *s)
{
	task_init(&s->turn, s->base, take_turn, s);
}

/* Runs what has been asked, until an answer has to wait or the time is over. */
static void conn_pump(struct vty_conn *c, bool high)
{
	struct vty_server *s = c->server;
	uint64_t now = clock_ns(), share = PIECE_NS;

	if (high)
		share = s->spent < SHARE_NS ? SHARE_NS - s->spent : 0;
	c->deferred = false;
	c->slice_end = now + (share < PIECE_NS ? share : PIECE_NS);
	if (c->telnet)
		telnet_read(c->telnet);
	else
		run_requests(c);
	if (high) {
		s->spent += clock_ns() - now;
		task_wake(&s->turn);
	}
	regulate(c);
}

/* A cancel overtakes what is under way; it is looked for among the requests sent ahead. */
static bool take_cancel(struct vty_conn *c)
{
	static const char cancel[] = {FRAME_MARK, FRAME_CANCEL, '\0'};
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct evbuffer_ptr at = evbuffer_search(in, cancel, sizeof cancel, NULL);

	if (at.pos < 0)
		return false;
	evbuffer_drain(in, (size_t)at.pos + sizeof cancel);
	c->scanned = 0;
	return true;
}

static void on_read(struct bufferevent *bev, void *ctx)
{
	struct vty_conn *c = ctx;

	(void)bev;
	if (c->busy && !c->telnet && take_cancel(c))
		conn_cancel(c);
	if (!c->deferred)
		conn_pump(c, true);
}

static void on_write(struct bufferevent *bev, void *ctx)
{
	struct vty_conn *c = ctx;

	(void)bev;
	if (c->closing && !queued(c)) {
		conn_free(c);
		return;
	}
	if (c->busy || c->deferred)
		task_wake(&c->more);
	else
		conn_pump(c, true);
}

/* Whoever waits for a long answer is not idle. Only the TCP port has a timeout. */
static void on_silence(struct vty_conn *c)
{
	if (c->busy && !telnet_is_full(c->telnet))
		bufferevent_enable(c->bev, EV_READ);
	else
		telnet_timed_out(c->telnet);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct vty_conn *c = ctx;
	bool late = what & BEV_EVENT_TIMEOUT;

	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR) || (late && what & BEV_EVENT_WRITING))
		conn_free(c);
	else if (late && !c->closing)
		on_silence(c);
}

static struct vty_conn *conn_new(struct vty_server *s, int fd, const char *daemon)
{
	struct vty_conn *c = mem_zalloc(sizeof *c);

	c->bev = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->bev)
		abort(); /* libevent is out of memory */
	c->server = s;
	c->daemon = daemon;
	c->session = cli_session_new(s->cli, MODE_VIEW);
	cli_session_set_owner(c->session, c);
	sb_init(&c->text);
	sb_init(&c->asks);
	task_init(&c->more, s->base, more, c);
	list_add_tail(&s->conns, &c->link);
	bufferevent_priority_set(c->bev, PRIO_HIGH);
	bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
	bufferevent_setwatermark(c->bev, EV_WRITE, QUEUE_LOW, 0);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	return c;
}

void vty_conn_new(struct vty_server *s, int fd, const char *daemon)
{
	conn_new(s, fd, daemon);
}

void vty_conn_new_telnet(struct vty_server *s, int fd, const char *from)
{
	struct vty_conn *c = conn_new(s, fd, "bgpd");

	c->telnet = telnet_new(c, from);
}

struct vty_conn *conn_of(const struct cli_session *session)
{
	return cli_session_owner(session);
}

const char *vty_frr_client(const struct cli_session *s)
{
	const struct vty_conn *c = conn_of(s);

	return c && !c->ours && !c->telnet ? c->daemon : NULL;
}

const char *vty_only_daemon(const struct cli_session *s)
{
	const struct vty_conn *c = conn_of(s);

	return c && c->only ? c->daemon : NULL;
}

/* The user at the other end of the socket, by name if it has one. */
static char *find_user(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	struct passwd pw, *found = NULL;
	char room[1024], number[24];

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0 || cred.pid == 0)
		return mem_strdup("");
	if (getpwuid_r(cred.uid, &pw, room, sizeof(room), &found) == 0 && found)
		return mem_strdup(found->pw_name);
	snprintf(number, sizeof(number), "%u", (unsigned)cred.uid);
	return mem_strdup(number);
}

void vty_user(struct cli_session *s, struct sb *to)
{
	struct vty_conn *c = conn_of(s);

	if (!c)
		return;
	if (c->telnet) {
		sb_fmt(to, "telnet %s", telnet_from(c->telnet));
		return;
	}
	if (!c->user)
		c->user = find_user(bufferevent_getfd(c->bev));
	sb_add(to, c->user);
}

struct vty_server *conn_server(const struct vty_conn *c)
{
	return c->server;
}

bool conn_is_ours(const struct vty_conn *c)
{
	return c->ours;
}

void conn_ask(struct vty_conn *c, const char *fmt, ...)
{
	va_list ap;

	sb_add(&c->asks, "do ");
	va_start(ap, fmt);
	sb_vfmt(&c->asks, fmt, ap);
	va_end(ap);
	sb_addc(&c->asks, '\n');
}

/* A line of the log, to those who watch and read fast enough; between replies only. */
static void to_monitors(void *ctx, const char *line)
{
	struct vty_server *s = ctx;
	struct vty_conn *c;
	const char mark = FRAME_MARK;

	list_for_each (c, &s->conns, link) {
		if (!c->monitor || c->busy || c->closing || queued(c) >= QUEUE_HIGH)
			continue;
		if (c->telnet) {
			telnet_log(c->telnet, line);
			continue;
		}
		bufferevent_write(c->bev, &mark, 1);
		bufferevent_write(c->bev, line, strlen(line) + 1);
	}
}

void conn_set_monitor(struct vty_conn *c, bool on)
{
	struct vty_server *s = c->server;
	struct vty_conn *other;
	bool any = false;

	c->monitor = on;
	list_for_each (other, &s->conns, link)
		any |= other->monitor;
	if (!s->log)
		return;
	log_set_monitor(s->log, any ? to_monitors : NULL, s);
	log_set_level(s->log, LOG_TO_MONITOR, any ? LOG_DEBUG : LOG_OFF);
}

bool conn_monitors(const struct vty_conn *c)
{
	return c->monitor;
}

/* ---- for the TCP port ---- */

struct telnet *conn_telnet(const struct vty_conn *c)
{
	return c->telnet;
}

struct cli_session *conn_session(const struct vty_conn *c)
{
	return c->session;
}

struct evbuffer *conn_input(const struct vty_conn *c)
{
	return bufferevent_get_input(c->bev);
}

struct evbuffer *conn_output(const struct vty_conn *c)
{
	return bufferevent_get_output(c->bev);
}

bool conn_is_busy(const struct vty_conn *c)
{
	return c->busy;
}

bool conn_is_closing(const struct vty_conn *c)
{
	return c->closing;
}

void conn_run_line(struct vty_conn *c, const char *line)
{
	run_line(c, line);
}

void conn_cancel(struct vty_conn *c)
{
	if (!c->busy)
		return;
	abandon(c);
	c->busy = false;
	finish(c, CLI_WARNING);
}

void conn_wake_all(void *server)
{
	struct vty_server *s = server;
	struct vty_conn *c;

	list_for_each (c, &s->conns, link)
		conn_go_on(c);
}

void conn_go_on(struct vty_conn *c)
{
	if (c->busy)
		task_wake(&c->more);
}

void conn_hang_up(struct vty_conn *c)
{
	c->closing = true;
	bufferevent_setwatermark(c->bev, EV_WRITE, 0, 0);
	conn_set_guest(c, true);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	struct vty_conn *c = ctx;

	(void)fd;
	(void)what;
	if (c->closing)
		conn_free(c);
	else
		telnet_timed_out(c->telnet);
}

void conn_set_guest(struct vty_conn *c, bool guest)
{
	struct timeval after = {.tv_sec = vty_timeout(c->server->config.access, false)};

	/* fails while an event of it waits to be run: then with the next login or goodbye */
	bufferevent_priority_set(c->bev, guest ? PRIO_LOW : PRIO_HIGH);
	if (!c->deadline) {
		c->deadline = evtimer_new(c->server->base, on_deadline, c);
		event_priority_set(c->deadline, PRIO_HIGH);
	}
	if (guest)
		event_add(c->deadline, &after);
	else
		event_del(c->deadline);
}

/* A reader that takes nothing is as silent as one that types nothing; and while the input is full
 * nothing else would end it. */
void conn_set_timeout(struct vty_conn *c, unsigned seconds)
{
	struct timeval after = {.tv_sec = seconds};
	const struct timeval *t = seconds ? &after : NULL;

	bufferevent_set_timeouts(c->bev, t, t);
}

void conn_list(const struct vty_server *s, struct out *out)
{
	const struct vty_conn *c;

	list_for_each (c, &s->conns, link)
		out_text(out, " vty[%d] connected from %s.\n", (int)bufferevent_getfd(c->bev),
		    c->telnet ? telnet_from(c->telnet) : "vtysh");
}
