/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line is sent to the daemon as it was typed, but for a pipe behind it; the daemon knows the
 * language, the shell does not. After each reply the shell knows its prompt, whether it is still in
 * a session, and what it has been asked to do itself.
 *
 * What the daemon may ask is a table here: it can make the shell run ping and traceroute, but no
 * other program.
 */
#include "vty/vtysh_shell.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"
#include "vty/frame.h"
#include "vty/vtysh_load.h"

enum { ARGS_MAX = 16, NO_MATCH = 2, AMBIGUOUS = 3, INCOMPLETE = 4 };

static const char default_pager[] = "more";

void shell_init(struct shell *sh, const char *socket_dir, const char *config_dir)
{
	const char *pager = getenv("VTYSH_PAGER");

	*sh = (struct shell){
	    .socket_dir = socket_dir, .config_dir = config_dir, .exec = true, .interrupt_fd = -1};
	out_to_init(&sh->out, pager && *pager ? pager : default_pager);
	sb_init(&sh->prompt);
	sb_init(&sh->asks);
}

void shell_fini(struct shell *sh)
{
	link_close(sh->link);
	out_to_fini(&sh->out);
	sb_fini(&sh->prompt);
	sb_fini(&sh->asks);
}

static const char *daemon_name(const struct shell *sh)
{
	return sh->daemon ? sh->daemon : "bgpd";
}

/* --- replies ------------------------------------------------------------------------------------
 */

static void take_note(void *ctx, const char *key, const char *value)
{
	struct shell *sh = ctx;

	if (strcmp(key, "prompt") == 0) {
		sb_clear(&sh->prompt);
		sb_add(&sh->prompt, value);
	} else if (strcmp(key, "exec") == 0) {
		sh->exec = value[0] == '1';
	} else if (strcmp(key, "close") == 0) {
		sh->closed = true;
	} else if (strcmp(key, "do") == 0) {
		sb_fmt(&sh->asks, "%s\n", value);
	}
}

static void print_text(void *ctx, const char *s, size_t n)
{
	struct shell *sh = ctx;

	if (!out_to_text(&sh->out, s, n))
		link_cancel(sh->link);
}

/* --- what the daemon asks for -------------------------------------------------------------------
 */

static void do_history(struct shell *sh, char *arg)
{
	(void)arg;
	if (sh->history)
		sh->history(sh->history_ctx);
}

static void do_paginate(struct shell *sh, char *arg)
{
	sh->out.paginate = strcmp(arg, "on") == 0;
}

static void do_output(struct shell *sh, char *arg)
{
	if (!out_to_file(&sh->out, *arg ? arg : NULL))
		printf("%% Failed to open file '%s': %s\n", arg, strerror(errno));
}

static void do_clear(struct shell *sh, char *arg)
{
	(void)sh;
	(void)arg;
	if (isatty(STDOUT_FILENO))
		printf("\033[2J\033[1;1H");
}

static void do_run(struct shell *sh, char *arg)
{
	static const char *const programs[] = {"ping", "ping6", "traceroute", "traceroute6"};
	char *argv[ARGS_MAX + 1], *rest = arg;
	size_t n = 0, i = 0;
	pid_t child;

	(void)sh;
	while (n < ARGS_MAX && (argv[n] = strsep(&rest, " ")) != NULL)
		n++;
	argv[n] = NULL;
	while (i < sizeof programs / sizeof programs[0] && strcmp(programs[i], argv[0]) != 0)
		i++;
	if (i == sizeof programs / sizeof programs[0])
		return;
	fflush(stdout);
	child = fork();
	if (child == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGPIPE, SIG_DFL);
		execvp(programs[i], argv);
		fprintf(stderr, "Can't execute %s: %s\n", programs[i], strerror(errno));
		_exit(1);
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

static void do_load(struct shell *sh, char *arg)
{
	sh->asked = load_file(sh, arg, LOAD_NO_FORK) ? SHELL_FAILED : SHELL_OK;
}

static const struct {
	const char *verb;
	void (*act)(struct shell *sh, char *arg);
} acts[] = {
    {"history", do_history},
    {"paginate", do_paginate},
    {"output", do_output},
    {"clear", do_clear},
    {"run", do_run},
    {"load", do_load},
};

/* What came of it; SHELL_OK where nothing can fail. */
static int do_asks(struct shell *sh)
{
	char *rest = sh->asks.s;

	sh->asked = SHELL_OK;

	for (char *line; sh->asks.len && (line = strsep(&rest, "\n")) != NULL;) {
		char *arg = strchrnul(line, ' ');

		if (*arg)
			*arg++ = '\0';
		for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
			if (strcmp(acts[i].verb, line) == 0)
				acts[i].act(sh, arg);
		}
	}
	sb_clear(&sh->asks);
	return sh->asked;
}

/* --- the connection -----------------------------------------------------------------------------
 */

bool shell_connect(struct shell *sh)
{
	const struct link_sink sink = {.ctx = sh, .note = take_note};
	char mode[16];

	snprintf(mode, sizeof mode, "%s%s", sh->user_mode ? "view" : "enable",
	    sh->daemon ? " only" : "");
	sh->link = link_open(sh->socket_dir, sh->daemon);
	if (!sh->link)
		return false;
	link_set_interrupt(sh->link, sh->interrupt_fd);
	if (link_ask(sh->link, FRAME_HELLO, mode, strlen(mode), &sink) != LINK_LOST)
		return true;
	link_close(sh->link);
	sh->link = NULL;
	return false;
}

static bool reconnect(struct shell *sh)
{
	if (sh->link)
		return true;
	bool ok = shell_connect(sh);

	fprintf(stderr, "Warning: connecting to %s...%s!\n", daemon_name(sh),
	    ok ? "success" : "failed");
	return ok;
}

void shell_gone(struct shell *sh)
{
	link_close(sh->link);
	sh->link = NULL;
	sh->unsaid = true;
}

/* Says that the connection is lost; true if it is there again. */
static bool recover(struct shell *sh)
{
	sh->unsaid = false;
	fprintf(stderr, "Warning: closing connection to %s because of an I/O error!\n",
	    daemon_name(sh));
	return reconnect(sh);
}

static void collect(void *ctx, const char *s, size_t n)
{
	sb_addn(ctx, s, n);
}

int shell_ask(struct shell *sh, char verb, const char *arg, struct sb *to)
{
	const struct link_sink sink = {.ctx = to, .text = collect};

	return sh->link ? link_ask(sh->link, verb, arg, strlen(arg), &sink) : LINK_LOST;
}

/* --- lines --------------------------------------------------------------------------------------
 */

/* Is what is behind " | " meant for us? Not in configuration, where it may be a description. */
static const char *find_pipe(const struct shell *sh, const char *line)
{
	const char *start = line + strspn(line, " \t");

	return sh->exec || strncmp(start, "do ", 3) == 0 ? pipe_find(line) : NULL;
}

/* FRR's words for a line that does not parse; NULL: it did. */
static const char *complaint(int result)
{
	switch (result) {
	case NO_MATCH:
		return "Unknown command";
	case AMBIGUOUS:
		return "Ambiguous command";
	case INCOMPLETE:
		return "Command incomplete";
	default:
		return NULL;
	}
}

/* Does the text begin with one of those complaints? */
static bool is_complaint(const char *s, size_t n)
{
	for (int result = NO_MATCH; result <= INCOMPLETE; result++) {
		size_t len = strlen(complaint(result));

		if (n > len + 2 && strncmp(s, "% ", 2) == 0 &&
		    strncmp(s + 2, complaint(result), len) == 0)
			return true;
	}
	return false;
}

/* The daemon's complaint lacks the pipe: the shell prints its own. */
static void print_piped(void *ctx, const char *s, size_t n)
{
	if (!is_complaint(s, n))
		print_text(ctx, s, n);
}

/* A complaint is no answer to leaf through. */
static void print_plain(void *ctx, const char *s, size_t n)
{
	struct shell *sh = ctx;

	if (is_complaint(s, n))
		sh->out.direct = true;
	print_text(ctx, s, n);
}

static int run_piped(struct shell *sh, const char *line, const char *bar)
{
	const struct link_sink sink = {.ctx = sh, .text = print_piped, .note = take_note};
	struct sb err;
	int result;

	sb_init(&err);
	struct pipe *filter = pipe_new(bar + 3, &err);

	if (!filter) {
		printf("%s", err.s);
		sb_fini(&err);
		return SHELL_OK;
	}
	sb_fini(&err);
	out_to_begin(&sh->out, filter);
	result = link_ask(sh->link, FRAME_EXEC, line, (size_t)(bar - line), &sink);
	out_to_end(&sh->out);
	if (complaint(result))
		printf("%% %s: %s\n", complaint(result), line);
	return result;
}

int shell_run(struct shell *sh, const char *line)
{
	const struct link_sink sink = {.ctx = sh, .text = print_plain, .note = take_note};
	const char *bar = find_pipe(sh, line);
	int result;

	if (sh->unsaid && !recover(sh))
		return LINK_LOST;
	if (!reconnect(sh)) {
		fprintf(stderr, "%s is not running\n", daemon_name(sh));
		return LINK_LOST;
	}
	if (bar) {
		result = run_piped(sh, line, bar);
	} else {
		out_to_begin(&sh->out, NULL);
		result = link_ask(sh->link, FRAME_EXEC, line, strlen(line), &sink);
		out_to_end(&sh->out);
	}
	if (result != LINK_LOST) {
		int asked = do_asks(sh);

		result = asked == SHELL_OK ? result : asked;
	} else {
		shell_gone(sh);
		recover(sh);
	}
	return result;
}

bool shell_succeeded(int result)
{
	return result == SHELL_OK || result == SHELL_WARNING;
}
