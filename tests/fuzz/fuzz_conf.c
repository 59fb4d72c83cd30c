/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files in bgpd's own language. The text holds two, with a line `----` between: the
 * first is loaded, faults and all; then what it became is reloaded into the second and back, with
 * the plan of each change. */
#include <string.h>

#include "lib/mem.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/language.h"

static void tell(void *ctx, const struct cli_fault *fault)
{
	struct sb *to = ctx;

	cli_fault_print(fault, to, to);
	cli_fault_locate(fault, to);
}

static void reload(struct language *l, const char *text)
{
	struct sb plan, said;

	sb_init(&plan);
	sb_init(&said);
	cli_reload(l->cli, text, true, tell, &said, &plan);
	if (cli_reload(l->cli, text, false, tell, &said, &plan) == 0)
		language_expect(l, text);
	language_expect_fixpoint(l);
	sb_fini(&plan);
	sb_fini(&said);
}

static void mark(struct language *l, const char *text)
{
	struct sb out, err;

	sb_init(&out);
	sb_init(&err);
	cli_mark(l->cli, text, &out, &err);
	sb_fini(&out);
	sb_fini(&err);
}

int FUZZ_TARGET(conf)(const uint8_t *data, size_t size)
{
	struct language *l = language_get();
	char *text = mem_strndup((const char *)data, size), *second = strstr(text, "\n----\n");
	struct sb first, said;

	sb_init(&first);
	sb_init(&said);
	if (second) {
		second[1] = '\0';
		second += strlen("\n----\n");
	}
	cli_load(l->cli, text, false, tell, &said);
	language_expect_fixpoint(l);
	cli_print(l->cli, &first);
	reload(l, second ? second : text);
	reload(l, first.s);
	mark(l, text);
	sb_fini(&first);
	sb_fini(&said);
	mem_free(text);
	return 0;
}
