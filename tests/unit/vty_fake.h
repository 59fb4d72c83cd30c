/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command language for the tests of vty: cli.h's functions with a few fixed commands.
 *
 *   echo TEXT   prints TEXT and a newline
 *   big N       a deferred answer of N pieces of 8 KiB
 *   nul         text with a NUL byte in it
 *   fail        CLI_CONFIG_FAILED
 *   configure   configure mode
 *   exit        ends the session
 *   others      "% Unknown command: ..."
 *
 * A configuration text has a fault in every line that begins with "bad" (unknown) or "wrong"
 * (refused by a check).
 */
#ifndef FERRO_TEST_VTY_FAKE_H
#define FERRO_TEST_VTY_FAKE_H

#include "cli/cli.h"

enum { FAKE_PIECE = 8 * 1024 };

struct cli *fake_cli_new(void);
unsigned fake_pieces(const struct cli *c);           /* written by `big` so far, all sessions */
unsigned fake_cancelled(const struct cli *c);        /* answers that were cancelled */
unsigned fake_sessions(const struct cli *c);         /* alive */
void fake_set_text(struct cli *c, const char *text); /* the running configuration */

#endif
