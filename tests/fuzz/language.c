/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See language.h. A target runs a million times, and the table takes longer to read than a line: so
 * the two are kept, and emptied by a reload of nothing. */
#include "tests/fuzz/language.h"

#include <string.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/instance.h"
#include "bgpd/options.h"
#include "lib/task.h"
#include "tests/fuzz/fuzz.h"

static void count(
    void *app, const struct conf *running, const struct conf_change *changes, size_t n);

static const char *hostname(void *app)
{
	(void)app;
	return "r1";
}

/* Only where there is a leak sanitizer. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

static struct language the;

static void count(
    void *app, const struct conf *running, const struct conf_change *changes, size_t n)
{
	(void)app;
	(void)changes;
	if (running == cli_running(the.cli))
		the.told += (unsigned)n;
}

static struct cli *make(struct instance *inst)
{
	const struct cli_app app = {.app = inst, .apply = count, .hostname = hostname};
	struct cli *c = cli_new(&app, cmd_modes, MODE_COUNT, cmd_lexicon, cmd_lexicon_count);

	cmd_add_rows(c);
	return c;
}

struct language *language_get(void)
{
	static struct options opts = {.no_kernel = true, .ecmp = 64};

	if (!the.cli) {
		struct instance *inst;

		/* kept for good, and the kernel's tries hide their pointers */
		if (__lsan_disable)
			__lsan_disable();
		inst = instance_new(task_base_new(), &opts);
		if (__lsan_enable)
			__lsan_enable();
		fuzz_expect(inst != NULL);
		inst->cli = the.cli = make(inst);
		the.again = make(inst);
	}
	fuzz_expect(cli_reload(the.cli, "", false, NULL, NULL, NULL) == 0);
	return &the;
}

static void expect_same(const struct cli *a, const struct cli *b)
{
	struct sb x, y;

	sb_init(&x);
	sb_init(&y);
	cli_print(a, &x);
	cli_print(b, &y);
	fuzz_expect(strcmp(x.s, y.s) == 0);
	sb_fini(&x);
	sb_fini(&y);
}

void language_expect(struct language *l, const char *text)
{
	fuzz_expect(cli_reload(l->again, "", false, NULL, NULL, NULL) == 0);
	fuzz_expect(cli_load(l->again, text, false, NULL, NULL) == 0);
	expect_same(l->cli, l->again);
}

void language_expect_fixpoint(struct language *l)
{
	struct sb text;

	sb_init(&text);
	cli_print(l->cli, &text);
	language_expect(l, text.s);
	l->told = 0;
	fuzz_expect(cli_reload(l->cli, text.s, false, NULL, NULL, NULL) == 0);
	fuzz_expect(l->told == 0);
	sb_fini(&text);
}
