/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties of every row of the toy table. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/cli_sample.h"
#include "tests/unit/cli_toy.h"

static void add_toy(struct cli *c)
{
	cli_add_rows(c, toy_rows, toy_row_count);
}

Test(cli_rows, properties_of_every_row)
{
	property_table(toy_modes, TOY_MODES, add_toy, NULL);
}

/* Where the toy, like FRR, looks at what is there when a line comes. */
static bool ordered(const char *line)
{
	static const char *const words[] = {
	    "frr ", "ip prefix-list ", "bgp default ", "no bgp default ", "address-family "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strncmp(line, words[i], strlen(words[i])))
			return true;
	return false;
}

Test(cli_rows, random_configurations)
{
	const struct random_plan plan = {
	    .modes = toy_modes, .mode_count = TOY_MODES, .rounds = 400, .ordered = ordered};

	property_random(&plan, add_toy);
}
