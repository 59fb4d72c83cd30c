/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interactive shell: a person at a terminal, or a script on standard input. */
#ifndef FERRO_VTYSH_TERM_H
#define FERRO_VTYSH_TERM_H

#include "vty/vtysh_shell.h"

/* Both run until exit, end of input or Ctrl-D, and return the exit status. */
int term_run(struct shell *sh, const char *history_file);
int term_script(struct shell *sh);
/* `show history` outside a terminal: prints the lines of the file. For struct shell's history. */
void term_print_history_file(void *path);

#endif
