/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Static routes and `interface` blocks with their addresses.
 *
 * A route's whole line is its key: several next hops of one prefix are several statements. An
 * outgoing interface need not exist yet.
 */
#include "bgpd/cmd/static.h"

#include <string.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "cli/conf.h"

static bool read_interface(const char *name, struct rt_nexthop *nh)
{
	if (strlen(name) >= sizeof(nh->ifname))
		return false;
	strcpy(nh->ifname, name); /* Null0's too: shows tell it from `blackhole` by that */
	if (!strcmp(name, "Null0"))
		nh->special = RT_BLACKHOLE;
	return true;
}

bool static_route_read(const struct cli_args *args, struct static_route *out)
{
	struct static_route r = {.distance = 1, .nexthop = {.weight = 1}};
	const char *word;

	if (!arg_prefix(args, "prefix", &r.prefix))
		return false;
	r.distance = (uint8_t)arg_u32(args, "distance", 1);
	r.tag = arg_u32(args, "tag", 0);
	arg_addr(args, "gate", &r.nexthop.gate);
	if ((word = arg_str(args, "interface")) && !read_interface(word, &r.nexthop))
		return false;
	if ((word = arg_str(args, "special")))
		r.nexthop.special = !strcmp(word, "reject") ? RT_UNREACHABLE : RT_BLACKHOLE;
	r.nexthop.onlink = arg_has(args, "onlink");
	*out = r;
	return true;
}

static enum cli_rc check_static(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	struct static_route r;

	(void)app;
	(void)candidate;
	if (no && !conf_find(parent, arg_line(args)))
		sb_fmt(msg, "%% Refusing to remove a non-existent route\n");
	if (no || static_route_read(args, &r))
		return CLI_OK;
	sb_fmt(msg, "%% Interface name too long (at most 15 characters)\n");
	return CLI_CONFIG_FAILED;
}

/* `ip route ADDRESS MASK ...` is the older spelling of `ip route P/LEN ...`. */
static enum cli_rc rewrite_mask(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *lines,
    struct sb *msg)
{
	char text[PREFIX_STRLEN];
	const char *rest = arg_line(args);
	struct prefix p;
	struct addr a, mask;

	(void)app;
	(void)candidate;
	(void)parent;
	if (!arg_addr(args, "address", &a) || !arg_addr(args, "mask", &mask) ||
	    !prefix_from_mask(&a, &mask, &p)) {
		sb_fmt(msg, "%% Inconsistent address and mask\n");
		return CLI_CONFIG_FAILED;
	}
	for (int words = 0; words < 4; words++)
		rest = strchr(rest, ' ') + 1;
	sb_fmt(lines, "%sip route %s %s\n", no ? "no " : "", prefix_str(&p, text), rest);
	return CLI_OK;
}

#define TAIL " [{tag (1-4294967295)$tag|(1-255)$distance}]"
#define STATIC_HELP                                                                                \
	"A.B.C.D/M\tIP destination prefix (e.g. 10.0.0.0/8)\nA.B.C.D\tIPv4 gateway address\n"      \
	"X:X::X:X/M\tIPv6 destination prefix (e.g. 3ffe:506::/32)\n"                               \
	"X:X::X:X\tIPv6 gateway address\n(1-255)\tDistance value for this route\n"                 \
	"tag\tSet tag for this route\n(1-4294967295)\tTag value"
#define STATIC(line, extra, flag)                                                                  \
	{                                                                                          \
		IN_CONFIG, line TAIL extra, STATIC_HELP,                                           \
		    ROW_CONFIG | ROW_BY_ARG | ROW_BY_LEN | (flag), .object = OBJECT_STATIC,        \
								   .check = check_static           \
	}

static const struct cli_row static_rows[] = {
    STATIC("ip route A.B.C.D/M$prefix <A.B.C.D$gate|INTERFACE$interface>", "", ROW_SECTION),
    STATIC("ip route A.B.C.D/M$prefix A.B.C.D$gate INTERFACE$interface", " [onlink]", 0),
    STATIC("ip route A.B.C.D/M$prefix <reject|blackhole>$special", "", 0),
    {IN_CONFIG,
	"ip route A.B.C.D$address A.B.C.D$mask "
	"<A.B.C.D$gate [INTERFACE$interface]|INTERFACE$interface|<reject|blackhole>$special>" TAIL,
	NULL, ROW_CONFIG | ROW_ALIAS, .rewrite = rewrite_mask},
    STATIC("ipv6 route X:X::X:X/M$prefix <X:X::X:X$gate|INTERFACE$interface>", "", 0),
    STATIC("ipv6 route X:X::X:X/M$prefix X:X::X:X$gate INTERFACE$interface", " [onlink]", 0),
    STATIC("ipv6 route X:X::X:X/M$prefix <reject|blackhole>$special", "", 0),
};
const struct cmd_rows cmd_static = CMD_ROWS(static_rows);

static const struct cli_row interface_rows[] = {
    {IN_CONFIG, "interface IFNAME$interface",
	"no interface\tDelete a pseudo interface's configuration\nIFNAME\tInterface's name",
	ROW_CONFIG | ROW_BLOCK | ROW_SECTION, .enters = MODE_INTERFACE},
    {IN(MODE_INTERFACE), "description LINE...=",
	"Interface specific description\nCharacters describing this interface", ROW_CONFIG},
    {IN(MODE_INTERFACE), "ip address A.B.C.D/M$prefix",
	"Interface Internet Protocol config commands\n\nIP address (e.g. 10.0.0.1/8)",
	ROW_CONFIG | ROW_HOST_BITS, .object = OBJECT_ADDRESS},
    {IN(MODE_INTERFACE), "ipv6 address X:X::X:X/M$prefix",
	"Interface IPv6 config commands\n\nIPv6 address (e.g. 3ffe:506::1/48)",
	ROW_CONFIG | ROW_HOST_BITS, .object = OBJECT_ADDRESS},
};
const struct cmd_rows cmd_interface = CMD_ROWS(interface_rows);
