/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's properties, over every row of bgpd's own table. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <string.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/instance.h"
#include "bgpd/options.h"
#include "lib/task.h"
#include "tests/unit/cli_sample.h"

Test(cmd_rows, properties_of_every_row)
{
	property_table(cmd_modes, MODE_COUNT, cmd_add_rows, NULL);
}

/* Lines that FRR looks at when another one comes: defaults, a banner, groups before their members,
 * a neighbor before what is said about it, the family's `activate` of a group before that of a
 * member. */
static bool ordered(const char *line)
{
	static const char *const words[] = {"frr ", "banner ", "no banner ", "bgp default ",
	    "no bgp default ", "neighbor ", "no neighbor ", "bgp listen ", "address-family "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strncmp(line, words[i], strlen(words[i])))
			return true;
	return false;
}

Test(cmd_rows, random_lines_of_every_row)
{
	const struct random_plan plan = {
	    .modes = cmd_modes, .mode_count = MODE_COUNT, .rounds = 1000, .ordered = ordered};

	property_random(&plan, cmd_add_rows);
}

/* As the daemon would take them, with all checks; nothing is applied. */
Test(cmd_rows, random_configurations)
{
	struct event_base *base = task_base_new();
	struct options opts = {.dry_run = true, .ecmp = 64};
	struct instance *inst = instance_new(base, &opts);
	const struct random_plan plan = {
	    .modes = cmd_modes,
	    .mode_count = MODE_COUNT,
	    .app = inst,
	    .begin = "router bgp 64512\n neighbor Zz1 peer-group\n"
		     " neighbor 10.0.0.1 remote-as 64513\n neighbor 10.0.0.2 peer-group Zz1\n",
	    .rounds = 2000,
	    .ordered = ordered,
	};

	property_random(&plan, cmd_add_rows);
	instance_free(inst);
	event_base_free(base);
}
