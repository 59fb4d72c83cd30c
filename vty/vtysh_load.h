/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files: -f, -b, -C and -m. */
#ifndef FERRO_VTYSH_LOAD_H
#define FERRO_VTYSH_LOAD_H

#include "vty/vtysh_shell.h"

enum load_how {
	LOAD_FORKED,  /* as FRR, which has a process for each daemon and says so */
	LOAD_NO_FORK, /* --no-fork: only the faults */
	LOAD_DRY_RUN, /* -C: check, change nothing */
	LOAD_MARK,    /* -m: print it with the ends of blocks */
	LOAD_RELOAD,  /* --reload: the running configuration becomes the file */
	LOAD_DIFF,    /* --diff: what that would change */
};

/* path "-": standard input. Returns vtysh's exit status: 0, or the result of the last fault. With
 * LOAD_RELOAD and LOAD_DIFF 0: done, or no difference; 1: a difference; 2: faults. */
int load_file(struct shell *sh, const char *path, enum load_how how);

#endif
