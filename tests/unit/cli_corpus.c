/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines of a small language. */
#include <criterion/criterion.h>

#include "tests/unit/corpus.h"

Test(cli_corpus, every_file)
{
	corpus_run("cli", fuzz_cli);
}
