/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bgpd's own language for the fuzz targets: all rows and their checks, over a daemon that only
 * looks at the kernel, with nothing applied. Two of them, so that one can read what the other
 * prints. */
#ifndef FERRO_TESTS_FUZZ_LANGUAGE_H
#define FERRO_TESTS_FUZZ_LANGUAGE_H

#include "cli/cli.h"

struct language {
	struct cli *cli, *again;
	unsigned told; /* changes that an apply of cli was told */
};

/* Made once a process; empty on every call. */
struct language *language_get(void);
/* What is printed loads without a fault, is printed the same again, and reloading it changes
 * nothing. */
void language_expect_fixpoint(struct language *l);
/* cli holds what `text` says, and nothing else. */
void language_expect(struct language *l, const char *text);

#endif
