/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the history of configurations and the state of an unconfirmed commit are kept: files in
 * CONFIG_DIR/history, which is made when the first one is written. The alarm is a timer of the
 * instance's event base. */
#ifndef FERRO_STORE_H
#define FERRO_STORE_H

#include "cli/cli.h"

extern const struct cli_store store_ops; /* app: struct instance *, with store and disk */

/* Texts on their way to the disk. Freed after the disk, which settles them. */
struct store;
struct store *store_new(void);
void store_free(struct store *s);

#endif
