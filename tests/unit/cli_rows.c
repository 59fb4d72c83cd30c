/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties of every row of the toy table. */
#include <criterion/criterion.h>

#include "tests/unit/cli_sample.h"
#include "tests/unit/cli_toy.h"

Test(cli_rows, properties_of_every_row)
{
	property_rows(toy_modes, TOY_MODES, toy_rows, toy_row_count, NULL);
}

Test(cli_rows, random_configurations)
{
	property_random(toy_modes, TOY_MODES, toy_rows, toy_row_count, 400);
}
