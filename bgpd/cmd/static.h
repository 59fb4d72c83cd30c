/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Static routes: `ip route` and `ipv6 route` as values. */
#ifndef FERRO_CMD_STATIC_H
#define FERRO_CMD_STATIC_H

#include "bgpd/kernel/kernel.h"
#include "cli/row.h"

struct static_route {
	struct prefix prefix;
	uint8_t distance;
	uint32_t tag;
	struct rt_nexthop nexthop;
};

/* Reads a statement's arguments; false: not a static route that can be used. */
bool static_route_read(const struct cli_args *args, struct static_route *out);

#endif
