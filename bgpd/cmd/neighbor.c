/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `neighbor ...`: the peers' statements, outside and inside the address families.
 *
 * The rows are in FRR's print order. A neighbor exists from its `remote-as` statement on; every
 * other statement asks for that one first, in FRR's words. Rows about single members of struct
 * peer_cfg share apply functions: the row's number is the member's offset.
 */
#include <stdio.h>
#include <string.h>

#include "bgpd/cmd/community.h"
#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/peergroup.h"
#include "bgpd/cmd/replay.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/instance.h"
#include "lib/mem.h"

static const struct conf_node *router_block(const struct conf_node *parent)
{
	const struct cli_row *row = conf_row(parent);

	return row && row->enters != MODE_ROUTER_BGP ? conf_parent(parent) : parent;
}

/* An address, or the name of a group that is there. */
static bool peer_named(const struct conf_node *bgp, const struct cli_args *args, struct sb *msg)
{
	const char *name = arg_str(args, "peer");
	struct addr a;

	if (addr_parse(name, &a) || conf_group_exists(bgp, name))
		return true;
	sb_fmt(msg, "%% Create the peer-group or interface first\n");
	return false;
}

static enum cli_rc check_removal(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	(void)app;
	(void)candidate;
	(void)no;
	return peer_named(parent, args, msg) ? CLI_OK : CLI_CONFIG_FAILED;
}

/* What every statement but remote-as asks: is the neighbor there? */
static enum cli_rc check_known(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	const struct conf_node *bgp = router_block(parent);

	(void)app;
	(void)candidate;
	(void)no;
	if (!peer_named(bgp, args, msg))
		return CLI_CONFIG_FAILED;
	if (conf_first_of(bgp, "neighbor", arg_str(args, "peer")))
		return CLI_OK;
	sb_fmt(msg, "%% Specify remote-as or peer-group commands first\n");
	return CLI_CONFIG_FAILED;
}

static enum cli_rc check_remote_as(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	const struct instance *inst = app;
	struct addr a;

	(void)candidate;
	if (!peer_named(parent, args, msg))
		return CLI_CONFIG_FAILED;
	if (no || !inst->kernel || !addr_parse(arg_str(args, "peer"), &a) ||
	    !kernel_interface_of(inst->kernel, &a))
		return CLI_OK;
	sb_fmt(msg, "%% Can not configure the local system as neighbor\n");
	return CLI_CONFIG_FAILED;
}

static enum cli_rc check_timers(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	uint32_t hold = arg_u32(args, "hold", 0);
	enum cli_rc rc = check_known(app, candidate, parent, args, no, msg);

	if (rc != CLI_OK || no || hold == 0 || hold >= 3)
		return rc;
	sb_fmt(msg, "%% hold time value must be either 0 or greater than 3\n");
	return CLI_CONFIG_FAILED;
}

static bool has_statement(
    const struct conf_node *parent, const struct cli_args *args, const char *what)
{
	char line[160];

	snprintf(line, sizeof(line), "neighbor %s %s", arg_str(args, "peer"), what);
	return conf_find(router_block(parent), line) != NULL;
}

/* RFC 5082 and multihop contradict each other. */
static enum cli_rc check_multihop(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	enum cli_rc rc = check_known(app, candidate, parent, args, no, msg);

	if (rc != CLI_OK || no || !has_statement(parent, args, "ttl-security hops"))
		return rc;
	sb_fmt(msg, "%% ebgp-multihop and ttl-security cannot be configured together\n");
	return CLI_CONFIG_FAILED;
}

static enum cli_rc check_ttl_security(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	enum cli_rc rc = check_known(app, candidate, parent, args, no, msg);

	if (rc != CLI_OK || no || !has_statement(parent, args, "ebgp-multihop"))
		return rc;
	sb_fmt(msg, "%% ebgp-multihop and ttl-security cannot be configured together\n");
	return CLI_CONFIG_FAILED;
}

/* What says the neighbor's AS number: its own statement or its group's; NULL: nothing does. */
static const struct conf_node *remote_as_node(const struct conf_node *router, const char *peer)
{
	char line[GROUP_NAME_LEN + 32], group[GROUP_NAME_LEN];
	const struct conf_node *own;

	snprintf(line, sizeof(line), "neighbor %s remote-as", peer);
	own = conf_find(router, line);
	if (own || !conf_group_of(router, peer, group))
		return own;
	snprintf(line, sizeof(line), "neighbor %s remote-as", group);
	return conf_find(router, line);
}

static bool is_internal(const struct conf_node *router, const char *peer)
{
	const struct conf_node *remote = remote_as_node(router, peer);
	char mine[16], as[16];

	if (!remote)
		return false;
	return conf_arg(remote, "internal", as, sizeof(as)) ||
	       (conf_arg(remote, "as", as, sizeof(as)) &&
		   conf_arg(router, "as", mine, sizeof(mine)) && !strcmp(as, mine));
}

/* RFC 4456: only internal neighbors can be clients. */
static enum cli_rc check_client(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	enum cli_rc rc = check_known(app, candidate, parent, args, no, msg);

	if (rc != CLI_OK || no || is_internal(router_block(parent), arg_str(args, "peer")))
		return rc;
	sb_fmt(msg, "%% Invalid command. Not an internal neighbor\n");
	return CLI_CONFIG_FAILED;
}

static enum cli_rc check_private_as(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	enum cli_rc rc = check_known(app, candidate, parent, args, no, msg);

	if (rc != CLI_OK || no || !is_internal(router_block(parent), arg_str(args, "peer")))
		return rc;
	sb_fmt(msg, "%% remove-private-AS cannot be configured for IBGP peers\n");
	return CLI_CONFIG_FAILED;
}

/* Each of the two leaves nothing for the other to do. */
static enum cli_rc check_override(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	enum cli_rc rc = check_known(app, candidate, parent, args, no, msg);
	const char *other = arg_has(args, "override-capability") ? "strict-capability-match"
								 : "override-capability";

	if (rc != CLI_OK || no || !has_statement(parent, args, other))
		return rc;
	sb_fmt(msg, "%% Can't set override-capability and strict-capability-match at the same "
		    "time\n");
	return CLI_CONFIG_FAILED;
}

enum { PASSWORD_MAX = 80 };

static enum cli_rc check_password(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	enum cli_rc rc = check_known(app, candidate, parent, args, no, msg);

	if (rc != CLI_OK || no || strlen(arg_str(args, "value")) <= PASSWORD_MAX)
		return rc;
	sb_fmt(msg, "%% Invalid value\n");
	return CLI_CONFIG_FAILED;
}

/* 255 is what the statement means without a number. */
static void spell_multihop(const struct cli_args *args, bool no, struct sb *lines)
{
	if (!no && arg_u32(args, "value", 0) == 255)
		sb_fmt(lines, "neighbor %s ebgp-multihop\n", arg_str(args, "peer"));
}

/* What `bgp default FAMILY-unicast` says; where it holds anyway, its `no` is what stands there. */
static bool default_unicast(const struct conf_node *router, enum family f)
{
	char line[64];

	if (f == FAMILY_NONE)
		return false;
	snprintf(line, sizeof(line), "bgp default %s-%s", family_row_by(f)->word,
	    family_row_by(f)->safi_name);
	return (conf_find(router, line) != NULL) != family_row_by(f)->on_by_default;
}

/* A member has what its group says, if it says something. */
static bool is_on_activate(
    const struct conf *candidate, const struct conf_node *parent, const struct cli_args *args)
{
	const struct cli_row *block = conf_row(parent);
	char group[GROUP_NAME_LEN], line[GROUP_NAME_LEN + 32];
	const struct conf_node *said = NULL;

	(void)candidate;
	if (conf_group_of(router_block(parent), arg_str(args, "peer"), group)) {
		snprintf(line, sizeof(line), "neighbor %s activate", group);
		said = conf_find(parent, line);
	}
	if (said)
		return !conf_is_no(said);
	return block && default_unicast(conf_parent(parent), mode_family(block->enters));
}

/* As FRR, both are looked at once: when the neighbor is made. */
enum cli_rc neighbor_begins(void *app, const struct conf *candidate, const struct conf_node *parent,
    const struct cli_args *args, bool no, struct sb *lines, struct sb *msg)
{
	const char *name = arg_str(args, "peer");
	const struct conf_node *first = conf_first_of(parent, "neighbor", name);
	struct addr a;

	(void)app;
	(void)no;
	if (first && conf_next_of(first)) /* it was there before */
		return CLI_OK;
	if (conf_names(candidate) > SOURCE_MAX) {
		sb_fmt(msg, "%% Too many neighbors: there can be %d, peer-groups included\n",
		    SOURCE_MAX);
		return CLI_CONFIG_FAILED;
	}
	if (addr_parse(name, &a) && conf_find(parent, "bgp default shutdown"))
		sb_fmt(lines, "neighbor %s shutdown\n", name);
	/* a member of a group has it from there */
	if (replay_release(candidate) < RELEASE(9, 1) && !arg_has(args, "group"))
		sb_fmt(lines, "no neighbor %s enforce-first-as\n", name);
	return CLI_OK;
}

static void apply_remote_as(void *settings, const struct cli_args *args, bool no)
{
	struct peer_replay *to = settings;

	(void)no;
	if (arg_has(args, "internal")) {
		to->cfg->remote_as_kind = REMOTE_AS_INTERNAL;
		to->cfg->remote_as = to->bgp->as;
	} else if (arg_has(args, "external")) {
		to->cfg->remote_as_kind = REMOTE_AS_EXTERNAL;
	} else if (arg_as(args, "as", &to->cfg->remote_as)) {
		to->cfg->remote_as_kind = REMOTE_AS_NUMBER;
	}
}

static void *member_of(struct peer_cfg *cfg, const struct cli_args *args)
{
	return (char *)cfg + arg_row(args)->data;
}

static void apply_switch(void *settings, const struct cli_args *args, bool no)
{
	*(bool *)member_of(((struct peer_replay *)settings)->cfg, args) = !no;
}

static void apply_text(void *settings, const struct cli_args *args, bool no)
{
	char **member = member_of(((struct peer_replay *)settings)->cfg, args);

	(void)no;
	mem_free(*member);
	*member = mem_strdup(arg_str(args, "value"));
}

static void apply_u16(void *settings, const struct cli_args *args, bool no)
{
	uint16_t *member = member_of(((struct peer_replay *)settings)->cfg, args);

	(void)no;
	*member = (uint16_t)arg_u32(args, "value", 0);
}

static void apply_shutdown(void *settings, const struct cli_args *args, bool no)
{
	struct peer_cfg *cfg = ((struct peer_replay *)settings)->cfg;
	const char *text = arg_str(args, "value");

	cfg->shutdown = !no;
	mem_free(cfg->shutdown_text);
	cfg->shutdown_text = text ? mem_strdup(text) : NULL;
}

static void apply_multihop(void *settings, const struct cli_args *args, bool no)
{
	(void)no;
	((struct peer_replay *)settings)->cfg->ebgp_multihop = (uint8_t)arg_u32(args, "value", 255);
}

static void apply_ttl_security(void *settings, const struct cli_args *args, bool no)
{
	(void)no;
	((struct peer_replay *)settings)->cfg->ttl_security = (uint8_t)arg_u32(args, "value", 1);
}

static void apply_timers(void *settings, const struct cli_args *args, bool no)
{
	struct peer_cfg *cfg = ((struct peer_replay *)settings)->cfg;

	(void)no;
	cfg->timers_set = true;
	cfg->keepalive = (uint16_t)arg_u32(args, "keepalive", 60);
	cfg->hold = (uint16_t)arg_u32(args, "hold", 180);
}

static void apply_timers_connect(void *settings, const struct cli_args *args, bool no)
{
	struct peer_cfg *cfg = ((struct peer_replay *)settings)->cfg;

	(void)no;
	cfg->connect_set = true;
	cfg->connect_retry = (uint16_t)arg_u32(args, "value", 120);
}

/* In the address families the member's offset is inside struct peer_family_cfg. */
static void apply_family_switch(void *settings, const struct cli_args *args, bool no)
{
	struct peer_replay *to = settings;

	*((bool *)((char *)&to->cfg->family[to->family] + arg_row(args)->data)) = !no;
}

static void apply_weight(void *settings, const struct cli_args *args, bool no)
{
	struct peer_replay *to = settings;

	(void)no;
	to->cfg->family[to->family].weight_set = true;
	to->cfg->family[to->family].weight = (uint16_t)arg_u32(args, "value", 0);
}

static void apply_next_hop_self(void *settings, const struct cli_args *args, bool no)
{
	struct peer_replay *to = settings;

	to->cfg->family[to->family].next_hop_self = !no;
	to->cfg->family[to->family].next_hop_force = !no && arg_has(args, "force");
}

static void apply_private_as(void *settings, const struct cli_args *args, bool no)
{
	struct peer_replay *to = settings;
	struct peer_family_cfg *f = &to->cfg->family[to->family];

	f->no_private_as = !no;
	f->no_private_as_all = !no && arg_has(args, "all");
	f->no_private_as_replace = !no && arg_has(args, "replace");
}

enum { OWN_AS_TIMES = 3 }; /* allowas-in without a number */

static void apply_own_as(void *settings, const struct cli_args *args, bool no)
{
	struct peer_replay *to = settings;
	struct peer_family_cfg *f = &to->cfg->family[to->family];

	(void)no;
	f->own_as_origin = arg_has(args, "origin");
	f->own_as_times = (uint8_t)arg_u32(args, "times", OWN_AS_TIMES);
}

/* The usual number is not said. */
static void spell_own_as(const struct cli_args *args, bool no, struct sb *lines)
{
	if (!no && arg_u32(args, "times", 0) == OWN_AS_TIMES)
		sb_fmt(lines, "neighbor %s allowas-in\n", arg_str(args, "peer"));
}

static void apply_maximum(void *settings, const struct cli_args *args, bool no)
{
	struct peer_replay *to = settings;
	struct peer_family_cfg *f = &to->cfg->family[to->family];

	(void)no;
	f->max_prefix = arg_u32(args, "limit", 0);
	f->max_prefix_threshold = (uint8_t)arg_u32(args, "threshold", MAX_PREFIX_THRESHOLD);
	f->max_prefix_restart = (uint16_t)arg_u32(args, "minutes", 0);
	f->max_prefix_warning = arg_has(args, "warning-only");
	f->max_prefix_force = arg_has(args, "force");
}

/* What is default is not said. */
static void maximum_line(const struct cli_args *args, struct sb *to)
{
	uint32_t threshold = arg_u32(args, "threshold", MAX_PREFIX_THRESHOLD);

	sb_fmt(to, "neighbor %s maximum-prefix %s", arg_str(args, "peer"), arg_str(args, "limit"));
	if (threshold != MAX_PREFIX_THRESHOLD)
		sb_fmt(to, " %u", threshold);
	if (arg_has(args, "minutes"))
		sb_fmt(to, " restart %s", arg_str(args, "minutes"));
	if (arg_has(args, "warning-only"))
		sb_add(to, " warning-only");
	if (arg_has(args, "force"))
		sb_add(to, " force");
	sb_add(to, "\n");
}

static void spell_maximum(const struct cli_args *args, bool no, struct sb *lines)
{
	if (!no && arg_u32(args, "threshold", 0) == MAX_PREFIX_THRESHOLD)
		maximum_line(args, lines);
}

/* Outside of a family it means IPv4 unicast. */
static void spell_outer_maximum(const struct cli_args *args, bool no, struct sb *lines)
{
	sb_add(lines, "address-family ipv4 unicast\n");
	if (no)
		sb_fmt(lines, "no neighbor %s maximum-prefix\n", arg_str(args, "peer"));
	else
		maximum_line(args, lines);
}

/* Takes a statement of a neighbor that is external, or internal, from now on and may not have it.
 */
static void drop_kind(
    const struct conf_node *router, const char *peer, const char *what, struct sb *lines)
{
	char line[GROUP_NAME_LEN + 48];

	snprintf(line, sizeof(line), "neighbor %s %s", peer, what);
	FOR_EACH_FAMILY (f) {
		const char *head = family_row_by(f)->block;
		const struct conf_node *block = conf_find(router, head);

		if (block && conf_find(block, line))
			sb_fmt(lines, "%s\nno %s\n", head, line);
	}
}

/* The same of a group's members that have the AS number from it. */
static void drop_kinds(
    const struct conf_node *router, const char *group, const char *what, struct sb *lines)
{
	char peer[GROUP_NAME_LEN], of[GROUP_NAME_LEN], line[GROUP_NAME_LEN + 32];

	drop_kind(router, group, what, lines);
	if (!conf_group_exists(router, group))
		return;
	for (const struct conf_node *n = conf_first(router); n; n = conf_next(n)) {
		if (!conf_arg(n, "group", of, sizeof(of)) || strcmp(of, group) != 0 ||
		    !conf_arg(n, "peer", peer, sizeof(peer)))
			continue;
		snprintf(line, sizeof(line), "neighbor %s remote-as", peer);
		if (!conf_find(router, line))
			drop_kind(router, peer, what, lines);
	}
}

static enum cli_rc rewrite_remote_as(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *lines,
    struct sb *msg)
{
	const char *as = arg_str(args, "as");
	bool internal;
	char mine[16];

	(void)app;
	(void)candidate;
	(void)msg;
	if (no)
		return CLI_OK;
	internal = arg_has(args, "internal") ||
		   (as && conf_arg(parent, "as", mine, sizeof(mine)) && !strcmp(as, mine));
	drop_kinds(parent, arg_str(args, "peer"),
	    internal ? "remove-private-AS" : "route-reflector-client", lines);
	if (lines->len)
		sb_fmt(lines, "%s\n", arg_line(args));
	return CLI_OK;
}

/* A group without an AS number has no members but those with one of their own. */
static enum cli_rc along_remote_as(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *lines,
    struct sb *msg)
{
	char group[GROUP_NAME_LEN], peer[GROUP_NAME_LEN], line[GROUP_NAME_LEN + 32];

	(void)app;
	(void)candidate;
	(void)no;
	(void)msg;
	drop_kind(parent, arg_str(args, "peer"), "route-reflector-client", lines);
	for (const struct conf_node *n = conf_first(parent); n; n = conf_next(n)) {
		if (!conf_arg(n, "peer", peer, sizeof(peer)) ||
		    !conf_arg(n, "group", group, sizeof(group)) ||
		    strcmp(group, arg_str(args, "peer")) != 0)
			continue;
		snprintf(line, sizeof(line), "neighbor %s remote-as", peer);
		if (!conf_find(parent, line))
			sb_fmt(lines, "no neighbor %s\n", peer);
	}
	return CLI_OK;
}

#define ROUTER IN(MODE_ROUTER_BGP)
#define REMOTE_AS "remote-as <ASNUM$as|internal|external>="
#define REMOTE_AS_HELP PEER_HELP "\ninternal\tInternal BGP peer\nexternal\tExternal BGP peer"
#define FAMILIES (IN(MODE_BGP_IPV4U) | IN(MODE_BGP_IPV6U))
#define PEER_HELP "A.B.C.D\tNeighbor address\nX:X::X:X\tNeighbor IPv6 address"
#define NEIGHBOR(line, flag, strength, ...)                                                        \
	{                                                                                          \
		ROUTER, "neighbor " CLI_PEER " " line, PEER_HELP,                                  \
		    ROW_CONFIG | ROW_BY_ARG | (flag), .object = OBJECT_PEER, .effect = (strength), \
						      .check = check_known, __VA_ARGS__            \
	}
#define SWITCH(line, flag, strength, member)                                                       \
	NEIGHBOR(line, flag, strength, .apply = apply_switch,                                      \
	    .data = offsetof(struct peer_cfg, member))
#define TEXT(line, strength, member)                                                               \
	NEIGHBOR(line, 0, strength, .apply = apply_text, .data = offsetof(struct peer_cfg, member))
#define MAXIMUM "neighbor <A.B.C.D|X:X::X:X|WORD> maximum-prefix (1-4294967295)"
#define MAXIMUM_LIST                                                                               \
	MAXIMUM " [force]\n" MAXIMUM " restart (1-65535) [force]\n" MAXIMUM                        \
		" (1-100) [force]\n" MAXIMUM " (1-100) restart (1-65535) [force]\n" MAXIMUM        \
		" (1-100) warning-only [force]\n" MAXIMUM " warning-only [force]\n"                \
		"no neighbor <A.B.C.D|X:X::X:X|WORD> maximum-prefix [(1-4294967295) [(1-100)] "    \
		"[restart (1-65535)] [warning-only] [force]]"
#define MAXIMUM_HELP                                                                               \
	PEER_HELP "\n(1-4294967295)\tmaximum no. of prefix limit\n"                                \
		  "(1-100)\tThreshold value (%) at which to generate a warning msg\n"              \
		  "restart\tRestart bgp connection after limit is exceeded\n"                      \
		  "(1-65535)\tRestart interval in minutes\n"                                       \
		  "warning-only\tOnly give warning message when limit is exceeded\n"               \
		  "force\tForce checking all received routes not only accepted\n"                  \
		  "maximum-prefix\tMaximum number of prefix accept from this peer"
/* A family's statement; typed outside of one it means IPv4 unicast. */
#define FAMILY(line, plain, flag, strength, checker, ...)                                          \
	{FAMILIES, "neighbor " CLI_PEER " " line, PEER_HELP, ROW_CONFIG | ROW_BY_ARG | (flag),     \
	    .object = OBJECT_PEER, .effect = (strength), .check = (checker), __VA_ARGS__},         \
	{                                                                                          \
		ROUTER, "neighbor " CLI_PEER " " line, PEER_HELP,                                  \
		    ROW_CONFIG | ROW_ALIAS | ROW_HIDDEN,                                           \
		    .canonical = "address-family ipv4 unicast\nneighbor $peer " plain              \
	}
#define FAMILY_SWITCH(line, strength, checker, member)                                             \
	FAMILY(line, line, 0, strength, checker, .apply = apply_family_switch,                     \
	    .data = offsetof(struct peer_family_cfg, member))

#define OVERRIDE(line, member)                                                                     \
	{                                                                                          \
		ROUTER, "neighbor " CLI_PEER " " line, PEER_HELP, ROW_CONFIG | ROW_BY_ARG,         \
		    .object = OBJECT_PEER, .check = check_override, .apply = apply_switch,         \
		    .data = offsetof(struct peer_cfg, member)                                      \
	}
#define SEND_HELP                                                                                  \
	PEER_HELP "\nall\tSend Standard, Large and Extended Community attributes\n"                \
		  "both\tSend Standard and Extended Community attributes\n"                        \
		  "extended\tSend Extended Community attributes\n"                                 \
		  "large\tSend Large Community attributes\n"                                       \
		  "standard\tSend Standard Community attributes"
#define SEND(word, kind, ...)                                                                      \
	{                                                                                          \
		FAMILIES, "neighbor " CLI_PEER " send-community" word, SEND_HELP,                  \
		    ROW_CONFIG | ROW_BY_ARG, .object = OBJECT_PEER, .check = check_known,          \
					     .effect = EFFECT_SEND_AGAIN, .is_on = is_on_send,     \
					     .apply = apply_send, .data = (kind), __VA_ARGS__      \
	}

static const struct cli_row neighbor_rows[] = {
    {ROUTER, "neighbor <A.B.C.D|X:X::X:X>$peer " REMOTE_AS, REMOTE_AS_HELP,
	ROW_CONFIG | ROW_BY_ARG | ROW_OWNS, .object = OBJECT_PEER, .effect = EFFECT_RESET,
	.check = check_remote_as, .rewrite = rewrite_remote_as, .begins = neighbor_begins,
	.apply = apply_remote_as,
	.list = "neighbor <A.B.C.D|X:X::X:X|WORD> remote-as <ASNUM|internal|external>\n"
		"no neighbor <A.B.C.D|X:X::X:X|WORD> remote-as <ASNUM|internal|external>"},
    {ROUTER, "neighbor WORD$peer " REMOTE_AS, REMOTE_AS_HELP, ROW_CONFIG | ROW_BY_ARG,
	.object = OBJECT_PEER, .effect = EFFECT_RESET, .check = check_remote_as,
	.rewrite = rewrite_remote_as, .apply = apply_remote_as, .along = along_remote_as,
	.list = ""},
    {ROUTER, "neighbor " CLI_PEER, PEER_HELP, ROW_CONFIG | ROW_REMOVES | ROW_OWNS,
	.check = check_removal, .along = group_removed},
    TEXT("description LINE...$value=", EFFECT_NONE, description),
    NEIGHBOR("shutdown [message MSG...$value]=", 0, EFFECT_RESET, .apply = apply_shutdown),
    {ROUTER, "neighbor " CLI_PEER " password LINE$value=", PEER_HELP "\nLINE\tThe password",
	ROW_CONFIG | ROW_BY_ARG, .object = OBJECT_PEER, .effect = EFFECT_RESET,
	.check = check_password, .apply = apply_text, .data = offsetof(struct peer_cfg, password)},
    SWITCH("solo", 0, EFFECT_SEND_AGAIN, solo),
    NEIGHBOR("port (0-65535)$value=", 0, EFFECT_NONE, .apply = apply_u16,
	.data = offsetof(struct peer_cfg, port), .defaults = {"179", "179"}),
    SWITCH("passive", 0, EFFECT_NONE, passive),
    {ROUTER, "neighbor " CLI_PEER " ebgp-multihop [(1-255)$value]=",
	PEER_HELP "\n(1-255)\tmaximum hop count", ROW_CONFIG | ROW_BY_ARG, .object = OBJECT_PEER,
	.effect = EFFECT_RESET, .check = check_multihop, .spell = spell_multihop,
	.apply = apply_multihop},
    {ROUTER, "neighbor " CLI_PEER " ttl-security hops (1-254)$value=", PEER_HELP,
	ROW_CONFIG | ROW_BY_ARG, .object = OBJECT_PEER, .effect = EFFECT_RESET,
	.check = check_ttl_security, .apply = apply_ttl_security},
    SWITCH("disable-connected-check", 0, EFFECT_RESET, disable_connected_check),
    {ROUTER, "neighbor " CLI_PEER " enforce-multihop", PEER_HELP, ROW_CONFIG | ROW_ALIAS,
	.canonical = "neighbor $peer disable-connected-check", .list = ""},
    SWITCH("enforce-first-as", ROW_ON, EFFECT_RECEIVE_AGAIN, enforce_first_as),
    TEXT("update-source <A.B.C.D|X:X::X:X|WORD>$value=", EFFECT_RESET, update_source),
    {ROUTER, "neighbor " CLI_PEER " timers (0-65535)$keepalive= (0-65535)$hold=",
	"\nNeighbor address\nNeighbor IPv6 address\n\n\n\nHoldtime", ROW_CONFIG | ROW_BY_ARG,
	.object = OBJECT_PEER, .check = check_timers, .apply = apply_timers},
    {ROUTER, "neighbor " CLI_PEER " timers connect (1-65535)$value=",
	PEER_HELP "\n(1-65535)\tConnect timer", ROW_CONFIG | ROW_BY_ARG, .object = OBJECT_PEER,
	.check = check_known, .apply = apply_timers_connect},
    NEIGHBOR("timers delayopen (1-240)$value=", 0, EFFECT_NONE, .apply = apply_u16,
	.data = offsetof(struct peer_cfg, delay_open)),
    SWITCH("capability extended-nexthop", 0, EFFECT_RESET, extended_nexthop),
    SWITCH("capability fqdn", ROW_ON | ROW_LIST_ONE, EFFECT_NONE, fqdn),
    SWITCH("dont-capability-negotiate", 0, EFFECT_NONE, dont_negotiate),
    OVERRIDE("override-capability", override_capability),
    OVERRIDE("strict-capability-match", strict_capability_match),
    NEIGHBOR("extended-optional-parameters", 0, EFFECT_RESET, .apply = apply_switch,
	.data = offsetof(struct peer_cfg, extended_params)),
    {ROUTER, "bgp default shutdown",
	"shutdown\tApply administrative shutdown to newly configured peers", ROW_CONFIG},
};
const struct cmd_rows cmd_neighbor = CMD_ROWS(neighbor_rows);

static const struct cli_row neighbor_family_rows[] = {
    FAMILY("activate", "activate", 0, EFFECT_RESET, check_known, .apply = apply_family_switch,
	.data = offsetof(struct peer_family_cfg, active), .is_on = is_on_activate),
    FAMILY_SWITCH("route-reflector-client", EFFECT_RESET, check_client, client),
    FAMILY("next-hop-self [force]=", "next-hop-self $force", 0, EFFECT_SEND_AGAIN, check_known,
	.apply = apply_next_hop_self),
    {FAMILIES | ROUTER, "neighbor " CLI_PEER " next-hop-self all", PEER_HELP,
	ROW_CONFIG | ROW_ALIAS | ROW_HIDDEN, .canonical = "neighbor $peer next-hop-self force"},
    FAMILY("remove-private-AS [all]$all= [replace-AS]$replace=", "remove-private-AS $all $replace",
	0, EFFECT_SEND_AGAIN, check_private_as, .apply = apply_private_as),
    SEND("", SEND_STANDARD, .rewrite = rewrite_send),
    SEND(" extended", SEND_EXTENDED, .rewrite = rewrite_send),
    SEND(" large", SEND_LARGE, .rewrite = rewrite_send),
    SEND(" all", SEND_ALL, .rewrite = rewrite_send_all, .begins = begin_send_all),
    {FAMILIES, "neighbor " CLI_PEER " send-community <both|standard>", SEND_HELP,
	ROW_CONFIG | ROW_ALIAS, .spell = spell_send_word},
    {ROUTER, "neighbor " CLI_PEER " send-community [<both|all|extended|standard|large>$kind]",
	SEND_HELP, ROW_CONFIG | ROW_ALIAS | ROW_HIDDEN,
	.canonical = "address-family ipv4 unicast\nneighbor $peer send-community $kind"},
    FAMILY_SWITCH("default-originate", EFFECT_SEND_AGAIN, check_known, default_originate),
    FAMILY_SWITCH("soft-reconfiguration inbound", EFFECT_NONE, check_known, soft_reconfiguration),
    {FAMILIES,
	"neighbor " CLI_PEER " maximum-prefix (1-4294967295)$limit= [(1-100)$threshold]= "
	"[<restart (1-65535)$minutes|warning-only>]= [force]=",
	MAXIMUM_HELP, ROW_CONFIG | ROW_BY_ARG, .object = OBJECT_PEER, .check = check_known,
	.spell = spell_maximum, .apply = apply_maximum, .list = MAXIMUM_LIST},
    {ROUTER,
	"neighbor " CLI_PEER " maximum-prefix (1-4294967295)$limit= [(1-100)$threshold]= "
	"[<restart (1-65535)$minutes|warning-only>]= [force]=",
	MAXIMUM_HELP, ROW_CONFIG | ROW_ALIAS | ROW_HIDDEN, .spell = spell_outer_maximum},
    FAMILY("allowas-in [<(1-10)$times|origin>]=", "allowas-in $times$origin", 0,
	EFFECT_RECEIVE_AGAIN, check_known, .spell = spell_own_as, .apply = apply_own_as),
    FAMILY("weight (0-65535)$value=", "weight $value", 0, EFFECT_RECEIVE_AGAIN, check_known,
	.apply = apply_weight),
};
const struct cmd_rows cmd_neighbor_family = CMD_ROWS(neighbor_family_rows);
