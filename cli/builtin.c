/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands that the engine itself brings: moving between modes, and looking at the language.
 *
 * Each mode's own word for leaving ("exit-address-family") becomes a row of its own.
 */
#include <string.h>

#include "cli/internal.h"

static enum cli_rc end_run(struct cli_call *call)
{
	candidate_leave(call->session, call->out);
	if (call->session->place.mode >= MODE_CONFIG)
		cli_session_set_mode(call->session, MODE_ENABLE);
	return CLI_OK;
}

static enum cli_rc exit_run(struct cli_call *call)
{
	struct cli_session *s = call->session;

	if (s->place.mode == MODE_VIEW || s->place.mode == MODE_ENABLE)
		s->closed = true;
	else if (s->place.mode == MODE_CONFIG)
		end_run(call);
	else
		place_leave(&s->place, call->cli);
	return CLI_OK;
}

static enum cli_rc configure_run(struct cli_call *call)
{
	cli_session_set_mode(call->session, MODE_CONFIG);
	return CLI_OK;
}

static enum cli_rc enable_run(struct cli_call *call)
{
	if (call->session->confined)
		return CLI_NO_MATCH;
	cli_session_set_mode(call->session, MODE_ENABLE);
	return CLI_OK;
}

static enum cli_rc disable_run(struct cli_call *call)
{
	cli_session_set_mode(call->session, MODE_VIEW);
	return CLI_OK;
}

#define EVERY UINT64_MAX
#define ENABLE (UINT64_C(1) << MODE_ENABLE)
#define VIEW (UINT64_C(1) << MODE_VIEW)
#define AF_HELP "Exit from Address Family configuration mode"
#define EXIT_HELP "Exit current mode and down to previous mode"

static const struct {
	struct cli_row row;
	enum builtin kind;
} table[] = {
    {{ENABLE, "configure [terminal [file-lock]]",
	 "Configuration from vty interface\nConfiguration terminal"
	 "\nConfiguration with locked datastores",
	 ROW_SHELL, .run = configure_run},
	BUILTIN_OTHER},
    {{ENABLE | VIEW, "enable", "Turn on privileged mode command", ROW_SHELL, .run = enable_run},
	BUILTIN_OTHER},
    {{ENABLE, "disable", "Turn off privileged mode command", ROW_SHELL, .run = disable_run},
	BUILTIN_OTHER},
    {{EVERY, "exit", EXIT_HELP, ROW_SHELL, .run = exit_run}, BUILTIN_LEAVE},
    {{EVERY, "quit", EXIT_HELP, ROW_SHELL, .run = exit_run}, BUILTIN_LEAVE},
    {{EVERY & ~VIEW, "end", "End current mode and change to enable mode", ROW_SHELL,
	 .run = end_run},
	BUILTIN_END},
    {{EVERY & ~VIEW, "list [permutations]",
	 "Print command list\nPrint all possible command permutations", ROW_SHELL, .run = list_run},
	BUILTIN_OTHER},
    {{EVERY & ~VIEW, "find REGEX...",
	 "Find CLI command matching a regular expression\nSearch pattern (POSIX regex)", ROW_SHELL,
	 .run = find_run},
	BUILTIN_OTHER},
};

static void add_row(struct cli *c, const struct cli_row *row, enum builtin kind)
{
	struct cli_row *own = arena_alloc(c->arena, sizeof(*own));

	*own = *row;
	own->modes &= (UINT64_C(1) << c->mode_count) - 1;
	rule_add(c, own)->builtin = kind;
}

/* One row for each word with which modes are left. */
static void add_leave_words(struct cli *c)
{
	for (size_t m = MODE_FIRST; m < c->mode_count; m++) {
		const char *word = c->modes[m].leave;
		struct cli_row row = {0, word, EXIT_HELP, ROW_SHELL, .run = exit_run};
		size_t k;

		if (!word || !strcmp(word, "exit"))
			continue;
		if (!strcmp(word, "exit-address-family"))
			row.help = AF_HELP;
		for (k = MODE_FIRST; k < c->mode_count; k++) {
			if (!c->modes[k].leave || strcmp(c->modes[k].leave, word) != 0)
				continue;
			if (k < m)
				break;
			row.modes |= UINT64_C(1) << k;
		}
		if (k == c->mode_count)
			add_row(c, &row, BUILTIN_LEAVE);
	}
}

void builtin_add(struct cli *c)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!strncmp(table[i].row.syntax, "list", 4))
			add_leave_words(c);
		add_row(c, &table[i].row, table[i].kind);
	}
	cli_add_rows(c, candidate_rows, candidate_row_count);
}
