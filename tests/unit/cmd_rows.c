/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's properties, over every row of bgpd's own table. */
#include <criterion/criterion.h>

#include "bgpd/cmd/modes.h"
#include "tests/unit/cli_sample.h"

Test(cmd_rows, properties_of_every_row)
{
	property_table(cmd_modes, MODE_COUNT, cmd_add_rows, NULL);
}
