/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -C where no daemon runs. */
#ifndef FERRO_VTYSH_CHECK_H
#define FERRO_VTYSH_CHECK_H

#include <stdbool.h>

/* Checks a configuration file ("-": standard input) with a daemon that starts for it alone and
 * touches nothing. program: vtysh's argv[0], beside which a build folder has its bgpd. Prints the
 * faults as load_file does. Returns vtysh's exit status: 0, or 2 if there are faults. */
int check_file(const char *program, const char *path);

#endif
