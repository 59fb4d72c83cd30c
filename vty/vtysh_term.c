/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal, by readline's callback interface: one loop waits for keys, signals and the daemon.
 *
 * Signals come through a descriptor (Ctrl-C, Ctrl-Z, window size), so nothing ever jumps out of
 * readline. Ctrl-C drops the line that is being typed, or cancels the answer that is being printed;
 * Ctrl-Z is `end`. Words and help come from the daemon with every TAB and `?`.
 *
 * readline's callbacks carry no context, so there is one pointer to the terminal in this file; it
 * is set while term_run runs.
 */
#include "vty/vtysh_term.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "lib/mem.h"
#include "vty/frame.h"

enum { HISTORY_MAX = 2500, RESULT_OK = 0 };

struct term {
	struct shell *sh;
	const char *history_file;
	int signals; /* signalfd */
	bool done;
	struct sb words; /* completion: what the daemon answered */
	char *next_word;
};

static struct term *the_term;

/* --- history ------------------------------------------------------------------------------------
 */

static void print_history(void *ctx)
{
	HIST_ENTRY **list = history_list();

	(void)ctx;
	for (size_t i = 0; list && list[i]; i++)
		printf("%s\n", list[i]->line);
}

void term_print_history_file(void *path)
{
	using_history();
	read_history(path);
	print_history(NULL);
	clear_history();
}

/* Every line, but not twice in a row. */
static void remember(struct term *t, const char *line)
{
	HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;

	if (!line[0] || (last && strcmp(last->line, line) == 0))
		return;
	add_history(line);
	if (append_history(1, t->history_file) != 0)
		write_history(t->history_file);
}

/* --- completion and help ------------------------------------------------------------------------
 */

/* Each call gives one more word of the daemon's list; readline frees it. */
static char *next_word(const char *text, int again)
{
	struct term *t = the_term;

	(void)text;
	(void)again;
	while (t->next_word && *t->next_word) {
		char *line = strsep(&t->next_word, "\n");

		line[strcspn(line, "\t")] = '\0';
		if (*line)
			return strdup(line);
	}
	return NULL;
}

static char **complete(const char *text, int start, int end)
{
	struct term *t = the_term;
	char *line = mem_strndup(rl_line_buffer, (size_t)end);

	(void)start;
	rl_attempted_completion_over = 1;
	sb_clear(&t->words);
	t->next_word = NULL;
	/* FRR offers nothing on an empty line: `?` does */
	if (line[strspn(line, " \t")] &&
	    shell_ask(t->sh, FRAME_COMPLETE, line, &t->words) == RESULT_OK)
		t->next_word = t->words.s;
	mem_free(line);
	return rl_completion_matches(text, next_word);
}

/* Text that is pasted or sent ahead is text, also its question marks. */
static bool more_keys_wait(void)
{
	int n = 0;

	return ioctl(STDIN_FILENO, FIONREAD, &n) == 0 && n > 0;
}

static int explain(int count, int key)
{
	struct term *t = the_term;
	struct sb request, text;
	int rows, columns;

	if (more_keys_wait())
		return rl_insert(count, key);
	sb_init(&request);
	sb_init(&text);
	rl_get_screen_size(&rows, &columns);
	sb_fmt(&request, "%d ", columns);
	sb_addn(&request, rl_line_buffer, (size_t)rl_end);
	printf("\n");
	shell_ask(t->sh, FRAME_EXPLAIN, request.s, &text);
	fwrite(text.s, 1, text.len, stdout);
	fflush(stdout);
	sb_fini(&request);
	sb_fini(&text);
	rl_on_new_line();
	rl_forced_update_display();
	return 0;
}

/* --- events -------------------------------------------------------------------------------------
 */

static void on_line(char *line)
{
	struct term *t = the_term;

	if (!line) {
		rl_callback_handler_remove();
		printf("\n");
		t->done = true;
		return;
	}
	remember(t, line);
	if (line[0])
		shell_run(t->sh, line);
	free(line);
	rl_reset_screen_size(); /* it may have changed while the command ran */
	t->done |= t->sh->closed;
	rl_set_prompt(t->done ? "" : t->sh->prompt.s);
	if (t->done)
		rl_callback_handler_remove();
}

/* A fresh line below what has been typed. */
static void drop_line(void)
{
	rl_free_line_state();
	rl_callback_sigcleanup();
	rl_replace_line("", 1);
	rl_on_new_line();
}

static void on_ctrl_z(struct term *t)
{
	drop_line();
	if (!t->sh->exec)
		shell_run(t->sh, "end");
	rl_set_prompt(t->sh->prompt.s);
	rl_redisplay();
	printf("\n");
	rl_on_new_line();
	rl_redisplay();
}

static void on_signal(struct term *t)
{
	struct signalfd_siginfo info;

	if (read(t->signals, &info, sizeof info) != sizeof info)
		return;
	switch (info.ssi_signo) {
	case SIGINT:
		drop_line();
		printf("\n");
		rl_redisplay();
		break;
	case SIGTSTP:
		on_ctrl_z(t);
		break;
	case SIGWINCH:
		rl_resize_terminal();
		break;
	case SIGTERM:
	case SIGHUP:
		t->done = true;
		break;
	}
}

/* A log line (terminal monitor) above the line that is being typed. */
static void on_log(void *ctx, const char *line)
{
	(void)ctx;
	rl_clear_visible_line();
	printf("%s\n", line);
	rl_on_new_line();
	rl_redisplay();
}

static void on_daemon(struct term *t)
{
	if (!link_idle(t->sh->link))
		shell_gone(t->sh);
}

static void loop(struct term *t)
{
	while (!t->done) {
		struct pollfd p[3] = {{.fd = STDIN_FILENO, .events = POLLIN},
		    {.fd = t->signals, .events = POLLIN},
		    {.fd = t->sh->link ? link_fd(t->sh->link) : -1, .events = POLLIN}};

		if (t->sh->link)
			link_set_monitor(t->sh->link, on_log, t);
		if (poll(p, 3, -1) < 0 && errno != EINTR)
			return;
		if (p[1].revents)
			on_signal(t);
		if (p[2].revents)
			on_daemon(t);
		if (p[0].revents)
			rl_callback_read_char();
	}
}

/* --- start and end ------------------------------------------------------------------------------
 */

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void setup_readline(struct term *t)
{
	rl_readline_name = "vtysh";
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_completer_word_break_characters = " \t";
	rl_attempted_completion_function = complete;
	rl_variable_bind("enable-bracketed-paste", "off");
	rl_bind_key('?', explain);
	using_history();
	stifle_history(HISTORY_MAX);
	read_history(t->history_file);
}

static void greet(struct shell *sh)
{
	struct sb text;

	sb_init(&text);
	shell_ask(sh, FRAME_MOTD, "", &text);
	printf("%s", text.s);
	sb_fini(&text);
}

int term_run(struct shell *sh, const char *history_file)
{
	struct term term = {.sh = sh, .history_file = history_file};

	the_term = &term;
	sb_init(&term.words);
	term.signals = open_signals();
	sh->interrupt_fd = term.signals;
	sh->history = print_history;
	if (sh->link)
		link_set_interrupt(sh->link, term.signals);
	sh->out.paginate = getenv("VTYSH_PAGER") != NULL;
	setup_readline(&term);
	greet(sh);
	fflush(stdout);
	rl_callback_handler_install(sh->prompt.s, on_line);
	loop(&term);
	rl_callback_handler_remove();
	history_truncate_file(history_file, HISTORY_MAX);
	clear_history();
	close(term.signals);
	sb_fini(&term.words);
	the_term = NULL;
	return 0;
}

int term_script(struct shell *sh)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n = 0;

	greet(sh);
	while (!sh->closed) {
		printf("%s", sh->prompt.s);
		fflush(stdout);
		n = getline(&line, &room, stdin);
		if (n < 0)
			break;
		line[strcspn(line, "\n")] = '\0';
		printf("%s\n", line);
		if (line[0])
			shell_run(sh, line);
	}
	if (n < 0)
		printf("\n");
	free(line);
	return 0;
}
