/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `router bgp` and its own statements, the address families, `network`.
 *
 * The order of the rows is FRR's print order. Switches share one apply function: the row's number
 * is the member's offset in struct bgp_cfg.
 */
#include <stdio.h>
#include <string.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/peergroup.h"
#include "bgpd/cmd/replay.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/instance.h"

static enum cli_rc check_router_bgp(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	const struct conf_node *now = replay_bgp_node(candidate);
	uint32_t as = 0, running = 0;
	struct cli_args *have;

	(void)app;
	(void)parent;
	if (!now || !arg_as(args, "as", &as))
		return CLI_OK;
	have = conf_args(now);
	arg_as(have, "as", &running);
	conf_args_free(have);
	if (as == running)
		return CLI_OK;
	if (no)
		sb_fmt(msg, "%% Can't find BGP instance\n");
	else
		sb_fmt(msg,
		    "BGP instance name and AS number mismatch\n"
		    "BGP instance is already running; AS is %u\n",
		    running);
	return CLI_CONFIG_FAILED;
}

/* `router bgp` without a number enters the block that is there. */
static enum cli_rc rewrite_router_bgp(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *lines,
    struct sb *msg)
{
	const struct conf_node *now = replay_bgp_node(candidate);
	char as[16];

	(void)app;
	(void)parent;
	if (no || arg_has(args, "as"))
		return CLI_OK;
	if (!now || !conf_arg(now, "as", as, sizeof(as))) {
		sb_fmt(msg, "%% No BGP process is configured\n");
		return CLI_CONFIG_FAILED;
	}
	sb_fmt(lines, "router bgp %s\n", as);
	return CLI_OK;
}

/* What an older release did by default, and the release that changed it. An instance in a file of
 * such a release says it. */
static const struct {
	const char *line;
	unsigned until;
} older_defaults[] = {
    {"no bgp ebgp-requires-policy", RELEASE(7, 4)},
    {"no bgp network import-check", RELEASE(7, 4)},
};

static enum cli_rc begin_router_bgp(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *lines,
    struct sb *msg)
{
	unsigned release = replay_release(candidate);

	(void)app;
	(void)parent;
	(void)args;
	(void)no;
	(void)msg;
	if (conf_profile(candidate) != PROFILE_TRADITIONAL)
		return CLI_OK;
	for (size_t i = 0; i < sizeof(older_defaults) / sizeof(older_defaults[0]); i++)
		if (release < older_defaults[i].until)
			sb_fmt(lines, "%s\n", older_defaults[i].line);
	return CLI_OK;
}

/* As FRR, a change of what new neighbors run leaves those alone that are there: what they had by
 * default is said now. A member has it from its group. */
static void keep_activation(
    const struct conf_node *router, enum family f, bool active, struct sb *lines)
{
	char peer[GROUP_NAME_LEN], last[GROUP_NAME_LEN] = "", group[GROUP_NAME_LEN];
	const char *block = family_row_by(f)->block;
	char line[GROUP_NAME_LEN + 32];
	const struct conf_node *af;

	for (const struct conf_node *n = conf_first(router); n; n = conf_next(n)) {
		if (!conf_arg(n, "peer", peer, sizeof(peer)) || !strcmp(peer, last))
			continue;
		memcpy(last, peer, sizeof(last));
		snprintf(line, sizeof(line), "neighbor %s activate", peer);
		af = conf_find(router, block);
		if (!conf_group_of(router, peer, group) && !(af && conf_find(af, line)))
			sb_fmt(lines, "%s\n%s%s\n", block, active ? "" : "no ", line);
	}
}

static enum cli_rc turn_default(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *lines,
    struct sb *msg)
{
	(void)app;
	(void)candidate;
	(void)msg;
	keep_activation(
	    parent, arg_has(args, "ipv4-unicast") ? FAMILY_IPV4 : FAMILY_IPV6, no, lines);
	return CLI_OK;
}

static void apply_router_bgp(void *settings, const struct cli_args *args, bool no)
{
	(void)no;
	arg_as(args, "as", &((struct bgp_cfg *)settings)->as);
}

static void apply_router_id(void *settings, const struct cli_args *args, bool no)
{
	struct bgp_cfg *cfg = settings;
	struct addr a;

	(void)no;
	if (!arg_addr(args, "id", &a))
		return;
	cfg->router_id = addr_to_ipv4(&a);
	cfg->router_id_set = cfg->router_id != 0;
}

static void apply_switch(void *settings, const struct cli_args *args, bool no)
{
	*(bool *)((char *)settings + arg_row(args)->data) = !no;
}

/* A switch whose member says the opposite. */
static void apply_inverse_switch(void *settings, const struct cli_args *args, bool no)
{
	*(bool *)((char *)settings + arg_row(args)->data) = no;
}

static void apply_cluster_id(void *settings, const struct cli_args *args, bool no)
{
	struct bgp_cfg *cfg = settings;
	struct addr a;

	(void)no;
	cfg->cluster_id = arg_addr(args, "id", &a) ? addr_to_ipv4(&a) : arg_u32(args, "id", 0);
}

/* A number is printed as an address. */
static void spell_cluster_id(const struct cli_args *args, bool no, struct sb *lines)
{
	char text[ADDR_STRLEN];
	struct addr a;

	if (no || arg_addr(args, "id", &a))
		return;
	a = addr_from_ipv4(arg_u32(args, "id", 0));
	sb_fmt(lines, "bgp cluster-id %s\n", addr_str(&a, text));
}

static void apply_local_preference(void *settings, const struct cli_args *args, bool no)
{
	(void)no;
	((struct bgp_cfg *)settings)->rib.default_local_pref = arg_u32(args, "value", 100);
}

static void apply_maximum_paths(void *settings, const struct cli_args *args, bool no)
{
	struct bgp_cfg *cfg = settings;
	uint16_t n = (uint16_t)arg_u32(args, "value", 64);
	enum family f = (enum family)arg_row(args)->data;

	(void)no;
	if (arg_has(args, "ibgp"))
		cfg->max_paths_ibgp[f] = n;
	else
		cfg->max_paths_ebgp[f] = n;
}

static enum cli_rc check_timers(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	uint32_t hold = arg_u32(args, "hold", 0);

	(void)app;
	(void)candidate;
	(void)parent;
	if (no || hold == 0 || hold >= 3)
		return CLI_OK;
	sb_fmt(msg, "%% hold time value must be either 0 or greater than 3\n");
	return CLI_CONFIG_FAILED;
}

/* FRR keeps the keepalive below a third of the hold time, and says so. */
static enum cli_rc rewrite_timers(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *lines,
    struct sb *msg)
{
	uint32_t keepalive = arg_u32(args, "keepalive", 0), hold = arg_u32(args, "hold", 0);

	(void)app;
	(void)candidate;
	(void)parent;
	if (no || hold < 3 || keepalive <= hold / 3)
		return CLI_OK;
	sb_fmt(msg, "%% keepalive value %u is larger than 1/3 of the holdtime, setting to %u\n",
	    keepalive, hold / 3);
	sb_fmt(lines, "timers bgp %u %u\n", hold / 3, hold);
	return CLI_OK;
}

static void apply_timers(void *settings, const struct cli_args *args, bool no)
{
	struct bgp_cfg *cfg = settings;
	uint32_t keepalive = arg_u32(args, "keepalive", 60), hold = arg_u32(args, "hold", 180);

	(void)no;
	cfg->keepalive = (uint16_t)keepalive;
	cfg->hold = (uint16_t)hold;
}

static void apply_minimum_hold(void *settings, const struct cli_args *args, bool no)
{
	(void)no;
	((struct bgp_cfg *)settings)->minimum_hold = (uint16_t)arg_u32(args, "value", 0);
}

static void apply_tcp_keepalive(void *settings, const struct cli_args *args, bool no)
{
	struct bgp_cfg *cfg = settings;

	(void)no;
	cfg->tcp_keepalive = true;
	cfg->tcp_keepalive_idle = (uint16_t)arg_u32(args, "idle", 0);
	cfg->tcp_keepalive_interval = (uint16_t)arg_u32(args, "interval", 0);
	cfg->tcp_keepalive_probes = (uint8_t)arg_u32(args, "probes", 0);
}

static enum cli_rc check_network(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	(void)app;
	(void)candidate;
	if (!no || conf_find(parent, arg_line(args)))
		return CLI_OK;
	sb_fmt(msg, "%% Can't find static route specified\n");
	return CLI_CONFIG_FAILED;
}

/* `network 10.0.0.0` without a length is classful; with a mask it is the older spelling. */
static enum cli_rc rewrite_network(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *lines,
    struct sb *msg)
{
	char text[PREFIX_STRLEN];
	struct prefix p;
	struct addr a, mask;

	(void)app;
	(void)candidate;
	(void)parent;
	if (!arg_addr(args, "address", &a))
		return CLI_CONFIG_FAILED;
	if (!arg_addr(args, "mask", &mask)) {
		p = prefix_from_addr(&a);
		p.len = prefix_classful_len(&p);
		prefix_mask(&p);
	} else if (!prefix_from_mask(&a, &mask, &p)) {
		sb_fmt(msg, "%% Inconsistent address and mask\n");
		return CLI_CONFIG_FAILED;
	}
	sb_fmt(lines, "address-family ipv4 unicast\n%snetwork %s\n", no ? "no " : "",
	    prefix_str(&p, text));
	return CLI_OK;
}

#define ROUTER IN(MODE_ROUTER_BGP)
#define MAXIMUM_PATHS(mode, family)                                                                \
	{IN(mode), "maximum-paths (1-64)$value=", NULL, ROW_CONFIG, .object = OBJECT_BGP,          \
	    .apply = apply_maximum_paths, .data = (family), .defaults = {"64", "64"}},             \
	{                                                                                          \
		IN(mode), "maximum-paths ibgp (1-64)$value=", NULL, ROW_CONFIG,                    \
		    .object = OBJECT_BGP, .apply = apply_maximum_paths, .data = (family),          \
		    .defaults = {                                                                  \
			    "64",                                                                  \
			    "64"                                                                   \
		    }                                                                              \
	}
#define BGP_HELP                                                                                   \
	"bestpath\tChange the default bestpath selection\nas-path\tAS-path attribute\n"            \
	"network\tBGP network command\nimport-check\tCheck BGP network route exists in IGP"
#define SWITCH(line, flag, member)                                                                 \
	{                                                                                          \
		ROUTER, line, BGP_HELP, ROW_CONFIG | (flag),                                       \
		    .object = OBJECT_BGP, .apply = apply_switch,                                   \
		    .data = offsetof(struct bgp_cfg, member)                                       \
	}

#define DEFAULT_FAMILY(word, flag, member)                                                         \
	{                                                                                          \
		ROUTER, "bgp default " word, NULL, ROW_CONFIG | (flag),                            \
		    .object = OBJECT_BGP, .apply = apply_switch, .begins = turn_default,           \
		    .along = turn_default, .data = offsetof(struct bgp_cfg, member)                \
	}

static const struct cli_row bgp_rows[] = {
    {IN_CONFIG, "router bgp [ASNUM$as]=", NULL, ROW_CONFIG | ROW_BLOCK | ROW_SECTION | ROW_SHELL,
	.object = OBJECT_BGP, .enters = MODE_ROUTER_BGP, .check = check_router_bgp,
	.rewrite = rewrite_router_bgp, .begins = begin_router_bgp, .apply = apply_router_bgp,
	.effect = EFFECT_RESET},
    {ROUTER, "bgp router-id A.B.C.D$id=",
	"router-id\tOverride configured router identifier\n"
	"A.B.C.D\tManually configured router identifier",
	ROW_CONFIG, .object = OBJECT_BGP, .apply = apply_router_id, .effect = EFFECT_RESET,
	.defaults = {"0.0.0.0", "0.0.0.0"}},
    SWITCH("bgp log-neighbor-changes", ROW_ON_DATACENTER, log_neighbor_changes),
    SWITCH("bgp always-compare-med", 0, rib.always_compare_med),
    SWITCH("bgp ebgp-requires-policy", ROW_ON_TRADITIONAL, ebgp_requires_policy),
    {ROUTER, "bgp reject-as-sets", NULL, ROW_CONFIG | ROW_ON, .object = OBJECT_BGP,
	.effect = EFFECT_RECEIVE_AGAIN, .apply = apply_inverse_switch,
	.data = offsetof(struct bgp_cfg, accept_as_sets)},
    DEFAULT_FAMILY("ipv4-unicast", ROW_ON, default_unicast[FAMILY_IPV4]),
    DEFAULT_FAMILY("ipv6-unicast", 0, default_unicast[FAMILY_IPV6]),
    {ROUTER, "bgp default local-preference (0-4294967295)$value=",
	"(0-4294967295)\tConfigure default local preference value", ROW_CONFIG,
	.object = OBJECT_BGP, .apply = apply_local_preference, .defaults = {"100", "100"}},
    SWITCH("bgp default show-hostname", ROW_ON_DATACENTER, show_hostname),
    SWITCH("bgp default show-nexthop-hostname", ROW_ON_DATACENTER, show_nexthop_hostname),
    {ROUTER, "bgp cluster-id <A.B.C.D|(1-4294967295)>$id=",
	"A.B.C.D\tRoute-Reflector Cluster-id in IP address format\n"
	"(1-4294967295)\tRoute-Reflector Cluster-id as 32 bit quantity",
	ROW_CONFIG, .object = OBJECT_BGP, .spell = spell_cluster_id, .apply = apply_cluster_id},
    SWITCH("bgp client-to-client reflection", ROW_ON, client_to_client),
    SWITCH("bgp enforce-first-as", ROW_ON | ROW_LIST_ONE, enforce_first_as),
    SWITCH("bgp deterministic-med", ROW_ON_DATACENTER, rib.deterministic_med),
    SWITCH("bgp fast-external-failover", ROW_ON, fast_external_failover),
    SWITCH("bgp bestpath as-path ignore", 0, rib.as_path_ignore),
    SWITCH("bgp bestpath as-path multipath-relax", 0, rib.multipath_relax),
    SWITCH("bgp bestpath compare-routerid", 0, rib.compare_router_id),
    SWITCH("bgp bestpath med missing-as-worst", 0, rib.med_missing_worst),
    SWITCH("bgp network import-check", ROW_ON, rib.import_check),
    {ROUTER, "timers bgp (0-65535)$keepalive= (0-65535)$hold=",
	"Adjust routing timers\nBGP timers\n\nHoldtime", ROW_CONFIG, .object = OBJECT_BGP,
	.check = check_timers, .rewrite = rewrite_timers, .apply = apply_timers,
	.defaults = {"60 180", "3 9"}},
    {ROUTER, "bgp minimum-holdtime (1-65535)$value=", NULL, ROW_CONFIG, .object = OBJECT_BGP,
	.apply = apply_minimum_hold},
    {ROUTER, "bgp shutdown", "shutdown\tAdministrative shutdown of the BGP instance", ROW_CONFIG,
	.object = OBJECT_BGP, .effect = EFFECT_RESET, .apply = apply_switch,
	.data = offsetof(struct bgp_cfg, shutdown)},
    {ROUTER, "bgp tcp-keepalive (1-65535)$idle= (1-65535)$interval= (1-30)$probes=",
	"\n\nTCP keepalive idle time (seconds)\nTCP keepalive interval (seconds)\n"
	"TCP keepalive maximum probes",
	ROW_CONFIG, .object = OBJECT_BGP, .apply = apply_tcp_keepalive, .effect = EFFECT_RESET},
};
const struct cmd_rows cmd_bgp = CMD_ROWS(bgp_rows);

/* Behind the neighbors: the families and what stands in them. */
static const struct cli_row family_rows[] = {
    {ROUTER, "address-family ipv4 unicast", NULL, ROW_CONFIG | ROW_BLOCK | ROW_QUIET | ROW_NO_NO,
	.enters = MODE_BGP_IPV4U},
    {ROUTER, "address-family ipv4", NULL, ROW_CONFIG | ROW_ALIAS | ROW_NO_NO, .list = "",
	.canonical = "address-family ipv4 unicast"},
    {ROUTER, "address-family ipv6 unicast", "ipv6\tAddress Family",
	ROW_CONFIG | ROW_BLOCK | ROW_QUIET | ROW_NO_NO, .enters = MODE_BGP_IPV6U},
    {ROUTER, "address-family ipv6", "ipv6\tAddress Family", ROW_CONFIG | ROW_ALIAS | ROW_NO_NO,
	.list = "", .canonical = "address-family ipv6 unicast"},
    {IN(MODE_BGP_IPV4U), "network A.B.C.D/M$prefix", NULL, ROW_CONFIG, .object = OBJECT_NETWORK,
	.check = check_network},
    {IN(MODE_BGP_IPV4U) | ROUTER, "network A.B.C.D$address [mask A.B.C.D$mask]",
	"\nNetwork number\n\nNetwork mask", ROW_CONFIG | ROW_ALIAS, .rewrite = rewrite_network},
    {ROUTER, "network A.B.C.D/M$prefix", NULL, ROW_CONFIG | ROW_ALIAS,
	.canonical = "address-family ipv4 unicast\nnetwork $prefix"},
    {IN(MODE_BGP_IPV6U), "network X:X::X:X/M$prefix", NULL, ROW_CONFIG, .object = OBJECT_NETWORK,
	.check = check_network},
};
const struct cmd_rows cmd_family = CMD_ROWS(family_rows);

/* Behind the families' neighbors. */
static const struct cli_row family_end_rows[] = {
    MAXIMUM_PATHS(MODE_BGP_IPV4U, FAMILY_IPV4),
    MAXIMUM_PATHS(MODE_BGP_IPV6U, FAMILY_IPV6),
};
const struct cmd_rows cmd_family_end = CMD_ROWS(family_end_rows);
