/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fuzz target is one function over bytes. libFuzzer calls it (make fuzz), and a unit test calls
 * it with every file of its corpus (tests/fuzz/corpus/NAME), so that what was once found stays
 * found. */
#ifndef FERRO_TESTS_FUZZ_H
#define FERRO_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#ifdef FUZZ_AS_TEST
#define FUZZ_TARGET(name) fuzz_##name
#else
#define FUZZ_TARGET(name) LLVMFuzzerTestOneInput
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int fuzz_update(const uint8_t *data, size_t size);
int fuzz_open(const uint8_t *data, size_t size);
int fuzz_cli(const uint8_t *data, size_t size);
int fuzz_attr(const uint8_t *data, size_t size);
int fuzz_line(const uint8_t *data, size_t size);
int fuzz_conf(const uint8_t *data, size_t size);

/* A fault of the code under test: both runners report it with the input that led to it. */
static inline void fuzz_expect(bool holds)
{
	if (!holds)
		abort();
}

#endif
