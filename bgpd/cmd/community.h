/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The callbacks of `neighbor ... send-community`, whose rows stand among the neighbors' (row.h). */
#ifndef FERRO_CMD_COMMUNITY_H
#define FERRO_CMD_COMMUNITY_H

#include "cli/row.h"

/* Kinds of communities, as the rows' data. */
enum { SEND_STANDARD, SEND_EXTENDED, SEND_LARGE, SEND_KINDS, SEND_ALL = SEND_KINDS };

cli_is_on is_on_send;
cli_rewrite rewrite_send;     /* one kind */
cli_rewrite rewrite_send_all; /* all of them */
cli_rewrite begin_send_all;   /* nothing is held back any more */
cli_spell spell_send_word;    /* `both`, `standard` */
cli_apply apply_send;         /* on struct peer_replay */

#endif
