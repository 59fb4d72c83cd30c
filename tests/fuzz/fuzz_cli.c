/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line and configuration files, over the toy language of the unit tests. The first
 * octet chooses: a text as a file, or as lines typed one by one, with ? and TAB behind each.
 * Whatever the text, what is printed loads without a fault, is printed the same again, and
 * reloading it changes nothing. */
#include "fuzz.h"

#include <string.h>

#include "lib/mem.h"
#include "tests/unit/cli_toy.h"

static void type_lines(struct toy *t, char *text)
{
	struct cli_session *s = cli_session_new(t->cli, MODE_ENABLE);
	struct sb out;
	char *line;

	sb_init(&out);
	while ((line = strsep(&text, "\n"))) {
		sb_clear(&out);
		cli_complete(s, line, &out);
		cli_explain(s, line, 80, &out);
		if (cli_exec(s, line, &out) == CLI_SUSPEND)
			cli_more(s, &out);
		cli_prompt(s, &out);
	}
	sb_fini(&out);
	cli_session_free(s);
}

static void expect_fixpoint(struct toy *t)
{
	struct toy again;
	struct sb a, b;

	sb_init(&a);
	sb_init(&b);
	toy_init(&again);
	cli_print(t->cli, &a);
	fuzz_expect(toy_load(&again, a.s) == 0);
	cli_print(again.cli, &b);
	fuzz_expect(strcmp(a.s, b.s) == 0);
	t->applied = 0;
	fuzz_expect(toy_reload(t, a.s) == 0);
	fuzz_expect(t->applied == 0);
	/* and without a text nothing is left of either */
	toy_reload(t, "");
	sb_clear(&a);
	cli_print(t->cli, &a);
	toy_reload(&again, "");
	sb_clear(&b);
	cli_print(again.cli, &b);
	fuzz_expect(strcmp(a.s, b.s) == 0);
	toy_fini(&again);
	sb_fini(&a);
	sb_fini(&b);
}

int FUZZ_TARGET(cli)(const uint8_t *data, size_t size)
{
	struct toy t;
	char *text;

	if (size < 1)
		return 0;
	text = mem_strndup((const char *)data + 1, size - 1);
	toy_init(&t);
	if (data[0] % 2)
		toy_load(&t, text);
	else
		type_lines(&t, text);
	expect_fixpoint(&t);
	toy_fini(&t);
	mem_free(text);
	return 0;
}
