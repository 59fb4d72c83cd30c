/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line in bgpd's own language: lines typed one by one, with `?` and TAB behind each and
 * in the middle of each. Whatever was typed, what then runs is a fixpoint of print and load. */
#include <string.h>

#include "lib/mem.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/language.h"

enum { WIDTH = 80, PIECES = 100 };

static void type_line(struct cli_session *s, char *line, struct sb *out)
{
	size_t len = strlen(line), half = len / 2;
	char kept = line[half];
	enum cli_rc rc;

	sb_clear(out);
	cli_complete(s, line, out);
	cli_explain(s, line, WIDTH, out);
	line[half] = '\0';
	cli_complete(s, line, out);
	cli_explain(s, line, WIDTH, out);
	line[half] = kept;
	sb_clear(out);
	rc = cli_exec(s, line, out);
	for (unsigned i = 0; rc == CLI_SUSPEND && i < PIECES; i++)
		rc = cli_more(s, out);
	if (rc == CLI_SUSPEND)
		cli_cancel(s);
	cli_prompt(s, out);
}

int FUZZ_TARGET(line)(const uint8_t *data, size_t size)
{
	struct language *l = language_get();
	struct cli_session *s = cli_session_new(l->cli, MODE_ENABLE);
	char *text = mem_strndup((const char *)data, size), *rest = text, *line;
	struct sb out;

	sb_init(&out);
	while ((line = strsep(&rest, "\n")) && !cli_session_closed(s))
		type_line(s, line, &out);
	cli_session_free(s);
	sb_fini(&out);
	language_expect_fixpoint(l);
	mem_free(text);
	return 0;
}
