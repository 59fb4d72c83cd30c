/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The toy language: modes, words and rows. Checks refuse what FRR refuses in the same places. */
#include "tests/unit/cli_toy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define M(mode) (UINT64_C(1) << (mode))
#define AF (M(TOY_AF4) | M(TOY_AF6))

const struct cli_mode toy_modes[TOY_MODES] = {
    [MODE_VIEW] = {"view", "", MODE_VIEW, NULL, NULL, 1},
    [MODE_ENABLE] = {"enable", "", MODE_ENABLE, NULL, NULL, 3},
    [MODE_CONFIG] = {"config", "(config)", MODE_CONFIG, NULL, NULL, 4},
    [TOY_ROUTER] = {"bgp", "(config-router)", MODE_CONFIG, "exit", NULL, 28},
    [TOY_AF4] = {"bgp ipv4 unicast", "(config-router-af)", TOY_ROUTER, "exit-address-family", "!",
	30},
    [TOY_AF6] = {"bgp ipv6", "(config-router-af)", TOY_ROUTER, "exit-address-family", "!", 31},
    [TOY_RMAP] = {"route-map", "(config-route-map)", MODE_CONFIG, "exit", NULL, 7},
    [TOY_IF] = {"interface", "(config-if)", MODE_CONFIG, "exit", NULL, 8},
};

static const struct cli_word lexicon[] = {
    {"show", "Show running system information"},
    {"bgp", "BGP information"},
    {"ip", "IP information"},
    {"json", "JavaScript Object Notation"},
    {"neighbor", "Specify neighbor router"},
    {"A.B.C.D", "Neighbor address"},
    {"X:X::X:X", "Neighbor IPv6 address"},
    {"WORD", "Interface name or neighbor tag"},
    {"version", "Displays zebra version"},
    {"timers", "Adjust routing timers"},
};

static enum cli_rc show_args(struct cli_call *call)
{
	out_raw(call->out, "ran: %s%s\n", call->no ? "no " : "", arg_line(call->args));
	return CLI_OK;
}

struct counter {
	unsigned left;
};

static bool count_step(void *ctx, struct out *out)
{
	struct counter *c = ctx;

	out_text(out, "%u\n", c->left);
	return --c->left > 0;
}

static enum cli_rc show_count(struct cli_call *call)
{
	struct counter *c = mem_alloc(sizeof(*c));

	c->left = arg_u32(call->args, "n", 3);
	return cli_defer(call, count_step, mem_free, c);
}

/* A neighbor has to have a remote-as, or a group, or to be one. */
static enum cli_rc neighbor_check(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	const struct conf_node *bgp = parent;

	(void)app;
	(void)candidate;
	while (conf_row(bgp) && conf_row(bgp)->enters != TOY_ROUTER)
		bgp = conf_parent(bgp);
	if (no || conf_first_of(bgp, "neighbor", arg_str(args, "peer")))
		return CLI_OK;
	sb_add(msg, "% Specify remote-as or peer-group commands first\n");
	return CLI_CONFIG_FAILED;
}

static enum cli_rc timers_check(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	(void)app;
	(void)candidate;
	(void)parent;
	if (no || arg_u32(args, "hold", 0) >= 3)
		return CLI_OK;
	sb_add(msg, "% hold time value must be either 0 or greater than 3\n");
	return CLI_CONFIG_FAILED;
}

static enum cli_rc list_rewrite(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *lines,
    struct sb *msg)
{
	const struct conf_node *n = conf_first_of(parent, "ip prefix-list", arg_str(args, "name"));
	unsigned seq = 0, there = 0;
	char text[16], prefix[PREFIX_STRLEN];

	(void)app;
	(void)candidate;
	(void)msg;
	for (; n; n = conf_next_of(n)) {
		if (!conf_arg(n, "seq", text, sizeof(text)))
			continue;
		seq = (unsigned)strtoul(text, NULL, 10);
		if (conf_arg(n, "prefix", prefix, sizeof(prefix)) &&
		    !strcmp(prefix, arg_str(args, "prefix")))
			there = seq;
	}
	sb_fmt(lines, "%sip prefix-list %s seq %u %s %s\n", no ? "no " : "", arg_str(args, "name"),
	    no && there ? there : (seq / 5 + 1) * 5, arg_str(args, "action"),
	    arg_str(args, "prefix"));
	return CLI_OK;
}

static bool activate_is_on(
    const struct conf *candidate, const struct conf_node *parent, const struct cli_args *args)
{
	(void)candidate;
	(void)args;
	return conf_row(parent)->enters == TOY_AF4 &&
	       !conf_find(conf_parent(parent), "bgp default ipv4-unicast");
}

const struct cli_row toy_rows[] = {
    /* configuration, in print order */
    {M(MODE_CONFIG), "frr version VERSION...=", NULL,
	ROW_CONFIG | ROW_ALWAYS | ROW_UNSAVED | ROW_NO_NO, .defaults = {"10.8", "10.8"}},
    {M(MODE_CONFIG), "frr defaults <traditional|datacenter>=", NULL,
	ROW_CONFIG | ROW_ALWAYS | ROW_NO_NO, .defaults = {"traditional", "traditional"}},
    {M(MODE_CONFIG), "hostname WORD=", NULL, ROW_CONFIG | ROW_ALWAYS,
	.defaults = {"$hostname", "$hostname"}},
    {M(MODE_CONFIG), "ip forwarding", NULL, ROW_CONFIG | ROW_ON},
    {M(MODE_CONFIG), "service integrated-vtysh-config", NULL, ROW_CONFIG | ROW_ALWAYS,
	.defaults = {"", ""}},
    {M(MODE_CONFIG), "ip prefix-list PREFIXLIST_NAME$name description LINE...=", NULL,
	ROW_CONFIG | ROW_BY_ARG | ROW_SECTION},
    {M(MODE_CONFIG),
	"ip prefix-list PREFIXLIST_NAME$name seq (1-4294967295)$seq <deny|permit>$action= "
	"<any|A.B.C.D/M [{ge (0-32)|le (0-32)}]>$prefix=",
	NULL, ROW_CONFIG | ROW_BY_ARG},
    {M(MODE_CONFIG),
	"ip prefix-list PREFIXLIST_NAME$name <deny|permit>$action <any|A.B.C.D/M>$prefix", NULL,
	ROW_CONFIG | ROW_ALIAS, .rewrite = list_rewrite},
    {M(MODE_CONFIG), "ip prefix-list PREFIXLIST_NAME", NULL, ROW_CONFIG | ROW_REMOVES | ROW_BY_ARG},
    {M(MODE_CONFIG), "route-map RMAP_NAME <deny|permit>$action= (1-65535)$seq", NULL,
	ROW_CONFIG | ROW_BLOCK | ROW_BY_ARG | ROW_SECTION, .enters = TOY_RMAP},
    {M(MODE_CONFIG), "route-map RMAP_NAME", NULL, ROW_CONFIG | ROW_REMOVES | ROW_BY_ARG},
    {M(TOY_RMAP), "match metric (0-4294967295)=", NULL, ROW_CONFIG},
    {M(TOY_RMAP), "set community AA:NN...=", NULL, ROW_CONFIG},
    {M(MODE_CONFIG), "interface IFNAME", NULL, ROW_CONFIG | ROW_BLOCK | ROW_SECTION,
	.enters = TOY_IF},
    {M(TOY_IF), "description LINE...=", NULL, ROW_CONFIG},
    {M(TOY_IF), "ip address A.B.C.D/M", NULL, ROW_CONFIG | ROW_HOST_BITS},
    {M(TOY_IF), "shutdown", NULL, ROW_CONFIG | ROW_LIST_ONE},
    {M(MODE_CONFIG), "router bgp ASNUM [<view|vrf> VIEWVRFNAME]", NULL,
	ROW_CONFIG | ROW_BLOCK | ROW_SECTION, .enters = TOY_ROUTER},
    {M(TOY_ROUTER), "bgp router-id A.B.C.D=", NULL, ROW_CONFIG},
    {M(TOY_ROUTER), "bgp log-neighbor-changes", NULL, ROW_CONFIG | ROW_ON_DATACENTER},
    {M(TOY_ROUTER), "bgp ebgp-requires-policy", NULL, ROW_CONFIG | ROW_ON_TRADITIONAL},
    {M(TOY_ROUTER), "bgp default ipv4-unicast", NULL, ROW_CONFIG | ROW_ON},
    {M(TOY_ROUTER), "timers bgp (0-65535)$keepalive= (0-65535)$hold=", NULL, ROW_CONFIG,
	.check = timers_check, .defaults = {"60 180", "3 9"}},
    {M(TOY_ROUTER), "neighbor WORD$peer peer-group", NULL,
	ROW_CONFIG | ROW_BY_ARG | ROW_FIRST | ROW_OWNS},
    {M(TOY_ROUTER), "neighbor " CLI_PEER " peer-group PGNAME$group=", NULL,
	ROW_CONFIG | ROW_BY_ARG | ROW_UNDER | ROW_OWNS},
    {M(TOY_ROUTER), "neighbor " CLI_PEER " remote-as <ASNUM|internal|external|auto>$as=", NULL,
	ROW_CONFIG | ROW_BY_ARG | ROW_OWNS, .effect = EFFECT_RESET},
    {M(TOY_ROUTER), "neighbor " CLI_PEER, NULL, ROW_CONFIG | ROW_REMOVES | ROW_BY_ARG | ROW_OWNS},
    {M(TOY_ROUTER), "neighbor " CLI_PEER " description LINE...=", NULL, ROW_CONFIG | ROW_BY_ARG,
	.check = neighbor_check},
    {M(TOY_ROUTER), "neighbor " CLI_PEER " remote-link-id (1-4294967295)=", NULL,
	ROW_CONFIG | ROW_BY_ARG, .check = neighbor_check},
    {M(TOY_ROUTER), "neighbor " CLI_PEER " shutdown [message MSG...]=", NULL,
	ROW_CONFIG | ROW_BY_ARG, .check = neighbor_check},
    {M(TOY_ROUTER), "neighbor " CLI_PEER " local-as ASNUM= [no-prepend [replace-as]]=", NULL,
	ROW_CONFIG | ROW_BY_ARG, .check = neighbor_check},
    {M(TOY_ROUTER), "neighbor " CLI_PEER " timers (0-65535)$keepalive= (0-65535)$hold=", NULL,
	ROW_CONFIG | ROW_BY_ARG, .check = neighbor_check},
    {M(TOY_ROUTER), "neighbor " CLI_PEER " timers connect (1-65535)=", NULL,
	ROW_CONFIG | ROW_BY_ARG, .check = neighbor_check},
    {M(TOY_ROUTER), "neighbor " CLI_PEER " route-map RMAP_NAME$map <in|out>$dir", NULL,
	ROW_CONFIG | ROW_ALIAS | ROW_HIDDEN,
	.canonical = "address-family ipv4 unicast\nneighbor $peer route-map $map $dir"},
    {M(TOY_ROUTER), "network A.B.C.D/M$prefix", NULL, ROW_CONFIG | ROW_ALIAS,
	.canonical = "address-family ipv4 unicast\nnetwork $prefix"},
    {M(TOY_ROUTER), "address-family ipv4 [unicast]", NULL,
	ROW_CONFIG | ROW_ALIAS | ROW_NO_NO | ROW_HIDDEN,
	.canonical = "address-family ipv4 unicast"},
    {M(TOY_ROUTER), "address-family ipv4 unicast", NULL,
	ROW_CONFIG | ROW_BLOCK | ROW_QUIET | ROW_NO_NO, .enters = TOY_AF4},
    {M(TOY_ROUTER), "address-family ipv6 unicast", NULL,
	ROW_CONFIG | ROW_BLOCK | ROW_QUIET | ROW_NO_NO, .enters = TOY_AF6},
    {M(TOY_AF4), "network A.B.C.D/M [{route-map RMAP_NAME|label-index (0-1048560)|backdoor}]=",
	NULL, ROW_CONFIG},
    {M(TOY_AF6), "network X:X::X:X/M", NULL, ROW_CONFIG},
    {AF,
	"redistribute <kernel|connected|local|static>$proto [{metric (0-4294967295)|route-map "
	"RMAP_NAME}]=",
	NULL, ROW_CONFIG},
    {AF, "neighbor " CLI_PEER " activate", NULL, ROW_CONFIG | ROW_BY_ARG, .check = neighbor_check,
	.is_on = activate_is_on},
    {AF, "neighbor " CLI_PEER " route-map RMAP_NAME$map= <in|out>$dir", NULL,
	ROW_CONFIG | ROW_BY_ARG, .check = neighbor_check},
    {AF, "maximum-paths (1-64)=", NULL, ROW_CONFIG, .defaults = {"64", "64"}},
    {M(MODE_CONFIG), "access-list WORD seq (1-100) <deny|permit>= A.B.C.D/M=", NULL,
	ROW_CONFIG | ROW_BY_ARG | ROW_SECTION},
    /* commands */
    {M(MODE_ENABLE) | M(MODE_VIEW), "show [ip] bgp summary [json]", NULL, 0, .run = show_args},
    {M(MODE_ENABLE) | M(MODE_VIEW), "show [ip] bgp neighbors [" CLI_PEER "] [json]", NULL, 0,
	.run = show_args},
    {M(MODE_ENABLE), "show [ip] bgp [<ipv4|ipv6> [unicast]] <A.B.C.D|A.B.C.D/M>$dest [json]", NULL,
	0, .run = show_args},
    {M(MODE_ENABLE), "show ip ro", NULL, 0, .run = show_args},
    {M(MODE_ENABLE), "show ip route [json]", NULL, 0, .run = show_args},
    {M(MODE_ENABLE), "show version [json]", NULL, ROW_SHELL, .run = show_args},
    {M(MODE_ENABLE), "show count [(1-1000)$n]", NULL, 0, .run = show_count},
    {M(MODE_ENABLE),
	"clear [ip] bgp <*|"
	"A.B.C.D|WORD>$peer [soft [<in|out>]]",
	NULL, 0, .run = show_args},
    {M(MODE_ENABLE), "clear", NULL, 0, .run = show_args},
    {M(MODE_ENABLE), "debug bgp updates [<in|out>]", NULL, ROW_NO, .run = show_args},
};
const size_t toy_row_count = sizeof(toy_rows) / sizeof(toy_rows[0]);

static const char *hostname(void *app)
{
	(void)app;
	return "r1";
}

static enum cli_rc check(void *app, const struct conf *candidate, const struct conf_change *changes,
    size_t count, struct sb *msg)
{
	struct toy *t = app;

	(void)candidate;
	(void)changes;
	(void)count;
	if (!t->refuse)
		return CLI_OK;
	sb_add(msg, "% refused\n");
	return CLI_CONFIG_FAILED;
}

static void apply(
    void *app, const struct conf *running, const struct conf_change *changes, size_t count)
{
	struct toy *t = app;

	(void)running;
	t->applied++;
	if (t->watch)
		t->watch(t->watch_ctx, changes, count);
	sb_clear(&t->changes);
	for (size_t i = 0; i < count; i++) {
		const struct conf_change *c = &changes[i];
		const struct conf_node *n = c->after ? c->after : c->before;

		sb_fmt(&t->changes, "%c%s%s\n",
		    !c->before ? '+'
		    : c->after ? '~'
			       : '-',
		    conf_is_no(n) ? "no " : "", conf_text(n));
	}
}

static void offer(void *app, const struct conf_node *block, const char *name, struct cli_words *to)
{
	(void)app;
	(void)block;
	if (strcmp(name, "peer") != 0)
		return;
	cli_offer(to, "10.0.0.3");
	cli_offer(to, "PG");
	cli_offer(to, "2001:db8::2");
	cli_offer(to, "10.0.0.2");
}

void toy_init_with(struct toy *t, const struct cli_store *store,
    void (*user)(void *app, struct cli_session *s, struct sb *to))
{
	const struct cli_app app = {t, check, apply, NULL, hostname, offer, user, store};

	memset(t, 0, sizeof(*t));
	sb_init(&t->changes);
	t->cli = cli_new(&app, toy_modes, TOY_MODES, lexicon, sizeof(lexicon) / sizeof(lexicon[0]));
	cli_add_rows(t->cli, toy_rows, toy_row_count);
}

void toy_init(struct toy *t)
{
	toy_init_with(t, NULL, NULL);
}

void toy_fini(struct toy *t)
{
	cli_free(t->cli);
	sb_fini(&t->changes);
}

enum cli_rc toy_run(struct toy *t, const char *lines, struct sb *out)
{
	struct cli_session *s = cli_session_new(t->cli, MODE_CONFIG);
	char *copy = mem_strdup(lines), *rest = copy, *line;
	enum cli_rc rc = CLI_OK;
	struct sb own;

	sb_init(&own);
	while ((line = strsep(&rest, "\n"))) {
		rc = cli_exec(s, line, out ? out : &own);
		while (rc == CLI_SUSPEND)
			rc = cli_more(s, out ? out : &own);
	}
	sb_fini(&own);
	mem_free(copy);
	cli_session_free(s);
	return rc;
}

const char *toy_print(struct toy *t)
{
	static char text[1 << 16];
	struct sb to;

	sb_init(&to);
	cli_print(t->cli, &to);
	snprintf(text, sizeof(text), "%s", to.s);
	sb_fini(&to);
	return text;
}

size_t toy_load(struct toy *t, const char *text)
{
	return cli_load(t->cli, text, false, NULL, NULL);
}

size_t toy_reload(struct toy *t, const char *text)
{
	return cli_reload(t->cli, text, false, NULL, NULL, NULL);
}
