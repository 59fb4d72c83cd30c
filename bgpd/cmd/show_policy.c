/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows of policy objects: prefix-lists, access-lists, route-maps, community- and AS-path lists.
 *
 * In FRR several daemons answer them and vtysh puts the answers together; scripts know the result:
 * a frame with one part a daemon. One table has each command's frame. Ferro's language has no
 * statement yet that makes such an object, so every table is empty and every name is unknown.
 */
#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"

/* The frame around an empty answer, and what is said when a name was asked for. */
struct policy_show {
	const char *text;
	const char *json;
	const char *unknown; /* printf format for the name, or NULL: as text */
};

static const char two_daemons[] = "{\"zebra\":{\n}\n,\"bgpd\":{\n}\n}\n";
static const char one_daemon[] = "{\n}\n";

enum policy {
	POLICY_PREFIX_LIST,
	POLICY_ACCESS_LIST,
	POLICY_ROUTE_MAP,
	POLICY_UNUSED,
	POLICY_AS_PATH,
	POLICY_COMMUNITY
};

static const struct policy_show shows[] = {
    [POLICY_PREFIX_LIST] = {"", two_daemons,
	"%% Can't find specified prefix-list\n%% Can't find specified prefix-list\n"},
    [POLICY_ACCESS_LIST] = {"ZEBRA:\nBGP:\n", two_daemons, NULL},
    [POLICY_ROUTE_MAP] = {"ZEBRA:\nBGP:\n", two_daemons,
	"ZEBRA:\nZEBRA: 'route-map %1$s' not found\nBGP:\nBGP: 'route-map %1$s' not found\n"},
    [POLICY_UNUSED] = {"\nZEBRA: None\n\nBGP: None\n", two_daemons, NULL},
    [POLICY_AS_PATH] = {"", one_daemon, NULL},
    [POLICY_COMMUNITY] = {"", one_daemon, NULL},
};

/* FRR's `show route-map` ends its text without a blank line, `unused` begins with one. */
static enum cli_rc run_show_policy(struct cli_call *call)
{
	const struct policy_show *s = &shows[call->row->data];
	const char *name = arg_str(call->args, "name");

	if (out_json(call->out))
		out_raw(call->out, "%s", s->json);
	else if (name && s->unknown)
		out_text(call->out, s->unknown, name);
	else
		out_text(call->out, "%s", s->text);
	return CLI_OK;
}

#define HELP                                                                                       \
	"ipv6\tIPv6 Information\nprefix-list\tBuild a prefix list\n"                               \
	"PREFIXLIST4_NAME\tName of a prefix list\nPREFIXLIST6_NAME\tName of a prefix list\n"       \
	"seq\tsequence number of an entry\ndetail\tDetail of prefix lists\n"                       \
	"summary\tSummary of prefix lists\nroute-map\troute-map\nWORD\troute-map name\n"           \
	"extcommunity-list\tList extended-community list"
#define SHOW_IN(modes, line, help, kind)                                                           \
	{                                                                                          \
		(modes), line, help, 0, .run = run_show_policy, .data = (kind)                     \
	}
#define SHOW(line, kind) SHOW_IN(IN_EXEC, line, HELP, kind)

static const struct cli_row policy_rows[] = {
    SHOW("show ip prefix-list [PREFIXLIST4_NAME$name [seq (1-4294967295)]] [json]",
	POLICY_PREFIX_LIST),
    SHOW("show ip prefix-list <detail|summary> [PREFIXLIST4_NAME$name] [json]", POLICY_PREFIX_LIST),
    SHOW("show ipv6 prefix-list [PREFIXLIST6_NAME$name [seq (1-4294967295)]] [json]",
	POLICY_PREFIX_LIST),
    SHOW("show ipv6 prefix-list <detail|summary> [PREFIXLIST6_NAME$name] [json]",
	POLICY_PREFIX_LIST),
    SHOW_IN(IN_EXEC, "show ip access-list [ACCESSLIST4_NAME$name] [json]",
	"access-list\tList IP access lists", POLICY_ACCESS_LIST),
    SHOW_IN(IN_EXEC, "show ipv6 access-list [ACCESSLIST6_NAME$name] [json]",
	"ipv6\tIPv6 Information\naccess-list\tList IPv6 access lists", POLICY_ACCESS_LIST),
    SHOW_IN(IN_ENABLE, "show route-map [WORD$name] [json]", HELP, POLICY_ROUTE_MAP),
    SHOW_IN(IN_ENABLE, "show route-map-unused [json]", HELP, POLICY_UNUSED),
    SHOW("show bgp as-path-access-list [AS_PATH_FILTER_NAME$name] [json]", POLICY_AS_PATH),
    SHOW("show ip as-path-access-list [AS_PATH_FILTER_NAME$name] [json]", POLICY_AS_PATH),
    SHOW("show bgp community-list", POLICY_COMMUNITY),
    SHOW("show bgp large-community-list", POLICY_COMMUNITY),
    SHOW("show bgp extcommunity-list", POLICY_COMMUNITY),
};
const struct cmd_rows cmd_show_policy = CMD_ROWS(policy_rows);
