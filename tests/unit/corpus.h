/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fuzz corpora as unit tests. */
#ifndef FERRO_TESTS_CORPUS_H
#define FERRO_TESTS_CORPUS_H

#include "tests/fuzz/fuzz.h"

/* Every file of tests/fuzz/corpus/NAME through the target, which, with the sanitizers, judges.
 * Fails if there are not even ten, since then this looks in the wrong place. */
void corpus_run(const char *name, int (*target)(const uint8_t *data, size_t size));

#endif
