/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the command reference (doc/commands.md) at build time, from bgpd's own table. */
#include <stdio.h>

#include "bgpd/cmd/modes.h"
#include "cli/cli.h"
#include "vty/server.h"

int main(void)
{
	struct cli_app app = {.app = NULL};
	struct cli *cli = cli_new(&app, cmd_modes, MODE_COUNT, cmd_lexicon, cmd_lexicon_count);
	struct sb text;

	cmd_add_rows(cli);
	cli_add_rows(cli, vty_rows, vty_row_count);
	sb_init(&text);
	cli_reference(cli, &text);
	fputs(text.s, stdout);
	sb_fini(&text);
	cli_free(cli);
	return fflush(stdout) == 0 ? 0 : 1;
}
