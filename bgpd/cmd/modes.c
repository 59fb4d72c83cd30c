/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of modes: prompts, block ends and FRR's node numbers, in the order of enum mode. */
#include "bgpd/cmd/modes.h"

const struct cli_mode cmd_modes[MODE_COUNT] = {
    [MODE_VIEW] = {.name = "view", .prompt = "", .parent = MODE_VIEW, .node = 1},
    [MODE_ENABLE] = {.name = "enable", .prompt = "", .parent = MODE_ENABLE, .node = 3},
    [MODE_CONFIG] = {.name = "config", .prompt = "(config)", .parent = MODE_ENABLE, .node = 4},
    [MODE_INTERFACE] = {.name = "interface",
	.prompt = "(config-if)",
	.parent = MODE_CONFIG,
	.leave = "exit",
	.separator = "!",
	.node = 17},
    [MODE_ROUTER_BGP] = {.name = "bgp",
	.prompt = "(config-router)",
	.parent = MODE_CONFIG,
	.leave = "exit",
	.separator = "!",
	.node = 28},
    [MODE_BGP_IPV4U] = {.name = "bgp ipv4 unicast",
	.prompt = "(config-router-af)",
	.parent = MODE_ROUTER_BGP,
	.leave = "exit-address-family",
	.separator = "!",
	.node = 30},
    [MODE_BGP_IPV6U] = {.name = "bgp ipv6",
	.prompt = "(config-router-af)",
	.parent = MODE_ROUTER_BGP,
	.leave = "exit-address-family",
	.separator = "!",
	.node = 37},
    [MODE_LINE_VTY] = {.name = "vty",
	.prompt = "(config-line)",
	.parent = MODE_CONFIG,
	.leave = "exit",
	.separator = "!",
	.node = 67},
};

static const uint8_t families[MODE_COUNT] = {
    [MODE_BGP_IPV4U] = FAMILY_IPV4,
    [MODE_BGP_IPV6U] = FAMILY_IPV6,
};

enum family mode_family(unsigned mode)
{
	return mode < MODE_COUNT ? families[mode] : FAMILY_NONE;
}

enum family cmd_family_named(const struct cli_args *args)
{
	FOR_EACH_FAMILY (f)
		if (arg_has(args, family_row_by(f)->word))
			return f;
	return FAMILY_NONE;
}
