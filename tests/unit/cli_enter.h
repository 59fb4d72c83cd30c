/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way into a mode, for tests that know a language only by its table. */
#ifndef FERRO_TESTS_CLI_ENTER_H
#define FERRO_TESTS_CLI_ENTER_H

#include "cli/cli.h"

/* Leads the session into a block of the mode, through lines made from the rows (sample_line's world
 * and state); false: there is no way, or a line was refused. */
bool sample_enter(struct cli_session *s, uint8_t mode, unsigned world, unsigned *state);

#endif
