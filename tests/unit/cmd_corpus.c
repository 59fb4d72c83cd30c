/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configurations and lines of bgpd's own language. */
#include <criterion/criterion.h>

#include "tests/unit/corpus.h"

Test(cmd_corpus, every_configuration)
{
	corpus_run("conf", fuzz_conf);
}

Test(cmd_corpus, every_line)
{
	corpus_run("line", fuzz_line);
}
