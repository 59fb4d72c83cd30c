/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came from the network and was a fault once. */
#include <criterion/criterion.h>

#include "tests/unit/corpus.h"

Test(codec_corpus, update)
{
	corpus_run("update", fuzz_update);
}

Test(codec_corpus, open)
{
	corpus_run("open", fuzz_open);
}

Test(codec_corpus, attr)
{
	corpus_run("attr", fuzz_attr);
}
