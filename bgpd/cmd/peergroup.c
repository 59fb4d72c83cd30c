/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `neighbor G peer-group`, `neighbor X peer-group G`, `bgp listen`: groups and who is in them.
 *
 * A group that goes takes along its members and its listen ranges, and a member that leaves its
 * group is gone altogether: so FRR has it. What a member inherits is replay's work.
 */
#include "bgpd/cmd/peergroup.h"

#include <stdio.h>
#include <string.h>

#include "bgpd/cmd/rows.h"
#include "bgpd/instance.h"

/* ---- reading the tree ---- */

bool conf_group_exists(const struct conf_node *bgp, const char *name)
{
	const struct conf_node *n = bgp ? conf_first_of(bgp, "neighbor", name) : NULL;

	for (; n; n = conf_next_of(n))
		if (conf_row(n)->flags & ROW_FIRST)
			return true;
	return false;
}

bool conf_group_of(const struct conf_node *bgp, const char *peer, char name[static GROUP_NAME_LEN])
{
	const struct conf_node *n = bgp ? conf_first_of(bgp, "neighbor", peer) : NULL;

	for (; n; n = conf_next_of(n))
		if (conf_arg(n, "group", name, GROUP_NAME_LEN))
			return true;
	return false;
}

static bool same_text(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* ---- groups and members ---- */

static enum cli_rc refuse(struct sb *msg, const char *text)
{
	sb_fmt(msg, "%s\n", text);
	return CLI_CONFIG_FAILED;
}

static enum cli_rc check_group(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	const char *name = arg_str(args, "peer");

	(void)app;
	(void)candidate;
	if (no && !conf_group_exists(parent, name))
		return refuse(msg, "% Create the peer-group first");
	if (!no && strlen(name) >= GROUP_NAME_LEN)
		return refuse(msg, "% Peer-group name is too long");
	return CLI_OK;
}

static enum cli_rc check_member(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	const char *peer = arg_str(args, "peer"), *group = arg_str(args, "group");
	char now[GROUP_NAME_LEN];
	struct addr a;

	(void)app;
	(void)candidate;
	if (!addr_parse(peer, &a))
		return refuse(msg, "% Create the peer-group or interface first");
	if (group && !conf_group_exists(parent, group))
		return refuse(msg, "% Configure the peer-group first");
	if (!no && conf_group_of(parent, peer, now) && !same_text(now, group))
		return refuse(msg, "% Cannot change peer-group. Deconfigure first");
	return CLI_OK;
}

enum cli_rc group_removed(void *app, const struct conf *candidate, const struct conf_node *parent,
    const struct cli_args *args, bool no, struct sb *lines, struct sb *msg)
{
	const char *name = arg_str(args, "peer");
	const struct conf_node *n;
	char group[GROUP_NAME_LEN], other[GROUP_NAME_LEN];

	(void)app;
	(void)candidate;
	(void)no;
	(void)msg;
	for (n = conf_first(parent); n; n = conf_next(n)) {
		if (!conf_arg(n, "group", group, sizeof(group)) || strcmp(group, name) != 0)
			continue;
		if (conf_arg(n, "peer", other, sizeof(other)))
			sb_fmt(lines, "no neighbor %s\n", other);
		else
			sb_fmt(lines, "no %s\n", conf_text(n));
	}
	return CLI_OK;
}

/* ---- listen ranges ---- */

static const struct conf_node *range_node(const struct conf_node *parent, const char *range)
{
	char line[PREFIX_STRLEN + 40];

	snprintf(line, sizeof(line), "bgp listen range %s peer-group", range);
	return conf_find(parent, line);
}

/* Whose caller would it be? */
static bool overlaps(const struct conf_node *parent, const char *range)
{
	char text[PREFIX_STRLEN];
	struct prefix wanted, p;

	if (!prefix_parse(range, &wanted))
		return false;
	for (const struct conf_node *n = conf_first(parent); n; n = conf_next(n))
		if (conf_row(n)->object == OBJECT_LISTEN &&
		    conf_arg(n, "range", text, sizeof(text)) && prefix_parse(text, &p) &&
		    (prefix_contains(&p, &wanted) || prefix_contains(&wanted, &p)))
			return true;
	return false;
}

static enum cli_rc check_range(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	const char *group = arg_str(args, "group");
	const struct conf_node *n = range_node(parent, arg_str(args, "range"));
	char now[GROUP_NAME_LEN] = "";

	(void)app;
	(void)candidate;
	if (!no && !conf_group_exists(parent, group))
		return refuse(msg, "% Configure the peer-group first");
	if (n)
		conf_arg(n, "group", now, sizeof(now));
	if (no && (!n || (group && strcmp(now, group) != 0)))
		return refuse(msg, "% Range specified cannot be deleted because it is not part of "
				   "current config.");
	if (no || same_text(now, group))
		return CLI_OK;
	if (!n && overlaps(parent, arg_str(args, "range")))
		return refuse(msg, "% Listen range overlaps with existing listen range");
	if (!n)
		return CLI_OK;
	sb_fmt(msg, "%% Same listen range is attached to peer-group %s\n", now);
	return CLI_CONFIG_FAILED;
}

static void apply_limit(void *settings, const struct cli_args *args, bool no)
{
	(void)no;
	((struct bgp_cfg *)settings)->listen_limit = (uint16_t)arg_u32(args, "value", LISTEN_LIMIT);
}

#define ROUTER IN(MODE_ROUTER_BGP)
#define PEER_HELP "\nNeighbor address\nNeighbor IPv6 address\n\n"

static const struct cli_row group_rows[] = {
    {ROUTER, "neighbor WORD$peer peer-group", NULL, ROW_CONFIG | ROW_BY_ARG | ROW_FIRST | ROW_OWNS,
	.object = OBJECT_PEER, .check = check_group, .begins = neighbor_begins,
	.along = group_removed},
    {ROUTER, "neighbor " CLI_PEER " peer-group PGNAME$group=", PEER_HELP "\n",
	ROW_CONFIG | ROW_BY_ARG | ROW_UNDER | ROW_OWNS, .object = OBJECT_PEER,
	.effect = EFFECT_RESET, .check = check_member, .begins = neighbor_begins},
};
const struct cmd_rows cmd_group = CMD_ROWS(group_rows);

static const struct cli_row listen_rows[] = {
    {ROUTER, "bgp listen limit (1-65535)$value=",
	"\nlisten\tBGP Dynamic Neighbors listen commands\n"
	"limit\tMaximum number of BGP Dynamic Neighbors that can be created\n"
	"(1-65535)\tConfigure Dynamic Neighbors Limit value",
	ROW_CONFIG, .object = OBJECT_BGP, .apply = apply_limit, .defaults = {"100", "100"}},
    {ROUTER, "bgp listen range <A.B.C.D/M|X:X::X:X/M>$range peer-group PGNAME$group=",
	"\nlisten\tBGP Dynamic Neighbors listen commands\n"
	"range\tConfigure BGP dynamic neighbors listen range\n"
	"A.B.C.D/M\tNeighbor address\nX:X::X:X/M\tIPv6 address",
	ROW_CONFIG, .object = OBJECT_LISTEN, .check = check_range},
};
const struct cmd_rows cmd_listen = CMD_ROWS(listen_rows);

/* Inside an address family the membership is still the neighbor's as a whole. */
static const struct cli_row group_family_rows[] = {
    {IN(MODE_BGP_IPV4U) | IN(MODE_BGP_IPV6U), "neighbor " CLI_PEER " peer-group PGNAME$group",
	PEER_HELP "\n", ROW_CONFIG | ROW_ALIAS | ROW_OUTER | ROW_HIDDEN,
	.canonical = "neighbor $peer peer-group $group"},
};
const struct cmd_rows cmd_group_family = CMD_ROWS(group_family_rows);
