/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration files at start, for -C and at a reload. */
#ifndef FERRO_STARTUP_H
#define FERRO_STARTUP_H

#include <stdbool.h>

#include "bgpd/instance.h"

enum startup_how { STARTUP_LOAD, STARTUP_CHECK };

/* Reads the file of the options (-f), else bgpd.conf, else frr.conf of the configuration folder,
 * and loads it as one change, or only checks it. Faults are printed on stderr with file and line
 * and written to the log; what is right is loaded. At start a commit that was never confirmed is
 * taken back instead: the configuration before it is loaded, not the file. Returns the number of
 * faults; a file that is named but cannot be read counts as one, a file that nobody named and that
 * is not there as none. */
unsigned startup_config(struct instance *inst, enum startup_how how);

/* Replaces the running configuration by the file, piece by piece while the router works; a file
 * with a fault changes nothing. The service manager hears of the beginning (RELOADING=1); done is
 * called at the end, with the number of faults. One that is asked for while another is under way
 * begins when that has ended. */
typedef void startup_done(void *ctx, unsigned faults);
struct startup_reload;
struct startup_reload *startup_reload_new(struct instance *inst, startup_done *done, void *ctx);
void startup_reload_begin(struct startup_reload *r);
/* Drops what is under way, or finishes it if it is real already. NULL is allowed. */
void startup_reload_free(struct startup_reload *r);

/* The command engine with every row, empty; part of making an instance. */
void startup_cli(struct instance *inst);

#endif
