/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a neighbor is sent and what it sent: advertised-routes, received-routes, filtered-routes,
 * prefix-counts.
 *
 * Nothing of this is kept for a peer: what it is sent follows from its group's word for each
 * destination, what it sent from the received set of its paths. So each of these is a walk over
 * the table, in slices.
 */
#include <string.h>

#include "bgpd/cmd/show.h"
#include "lib/mem.h"

enum adj_kind { ADJ_ADVERTISED, ADJ_RECEIVED, ADJ_FILTERED };

struct adj {
	struct instance *inst;
	/* Of the slice; p is NULL if the neighbor has gone. */
	struct out *out;
	const struct peer *p;
	struct show_walk walk;
	struct addr peer;
	uint8_t kind;   /* enum adj_kind */
	uint8_t family; /* enum family */
	bool detail, wide, framed, begun;
	bool with_default; /* when it began; so that head and count agree */
	uint32_t shown, filtered;
};

/* A default route that default-originate made is in no table: it is named, not listed. */
static bool default_sent(const struct adj *a)
{
	const struct group *g = a->p->family[a->family].member.group;

	return a->kind == ADJ_ADVERTISED && g && peer_is_up(a->p) && group_default_sent(g);
}

static const char *default_text(const struct adj *a, char text[static PREFIX_STRLEN])
{
	return prefix_str(&(struct prefix){.family = a->family}, text);
}

static void json_head(struct adj *a, const struct bgp *b, const struct rib *r)
{
	char id[ADDR_STRLEN], text[PREFIX_STRLEN];

	if (!out_json(a->out))
		return;
	out_raw(a->out,
	    "{\n\"bgpTableVersion\":%u,\"bgpLocalRouterId\":\"%s\",\"defaultLocPrf\":%u,"
	    "\"localAS\":%u,",
	    rib_version(r), show_id(b->router_id, id), b->cfg.rib.default_local_pref, b->cfg.as);
	if (a->with_default)
		out_raw(a->out, "\"bgpOriginatingDefaultNetwork\":\"%s\",", default_text(a, text));
	out_raw(
	    a->out, "\"%s\": ", a->kind == ADJ_ADVERTISED ? "advertisedRoutes" : "receivedRoutes");
	out_obj_styled(a->out, NULL, OUT_PLAIN);
}

static enum row_style row_style(const struct adj *a)
{
	if (a->kind != ADJ_ADVERTISED)
		return ROW_RECEIVED;
	return a->wide ? ROW_WIDE : ROW_PLAIN;
}

static void text_head(struct adj *a, const struct bgp *b, const struct rib *r)
{
	char text[PREFIX_STRLEN];

	show_table_header(a->out, b, r, a->detail);
	if (a->with_default)
		out_text(a->out, "Originating default network %s\n\n", default_text(a, text));
	if (!a->detail)
		show_columns(a->out, row_style(a));
}

/* Only a policy filters, in FRR's words: what the rules of BGP itself deny (a loop) is not shown.
 * The one policy there is so far is that of RFC 8212, which denies everything. */
static bool none_filtered(const struct adj *a)
{
	return a->kind == ADJ_FILTERED && !peer_policy_missing(a->p);
}

/* Without one, FRR shows the head all the same, and writes its JSON in one line. */
static void show_none_filtered(struct adj *a, const struct bgp *b, const struct rib *r)
{
	char id[ADDR_STRLEN];

	if (out_json(a->out))
		out_raw(a->out,
		    "{\"bgpTableVersion\":%u,\"bgpLocalRouterId\":\"%s\",\"defaultLocPrf\":%u,"
		    "\"localAS\":%u,\"receivedRoutes\":{},\"totalPrefixCounter\":0,"
		    "\"filteredPrefixCounter\":0,\"totalPathsCount\":0}\n",
		    rib_version(r), show_id(b->router_id, id), b->cfg.rib.default_local_pref,
		    b->cfg.as);
	else
		text_head(a, b, r);
}

/* FRR counts paths only where it walks them one by one. */
static void finish(struct adj *a)
{
	uint32_t paths = a->kind == ADJ_ADVERTISED && !a->detail ? a->shown : 0;
	uint32_t prefixes = a->shown + a->with_default;

	if (prefixes)
		out_text(a->out, "\nTotal number of prefixes %u, total number of paths %u\n",
		    prefixes, paths);
	if (out_json(a->out)) {
		out_obj_end(a->out);
		out_raw(a->out,
		    "\n,\"totalPrefixCounter\":%u,\"filteredPrefixCounter\":%u,"
		    "\"totalPathsCount\":%u}\n",
		    prefixes, a->filtered, paths);
	}
}

static void show_dest_detail(struct adj *a, const struct path_view *v, uint32_t attrs)
{
	char text[PREFIX_STRLEN];

	out_obj(a->out, prefix_str(&v->prefix, text));
	show_dest(a->out, v->bgp, v->rib, v->dest, PATHS_BEST, attrs);
	out_obj_end(a->out);
}

static void show_entry(struct adj *a, const struct dest *d, const struct path *p, uint32_t attrs)
{
	const struct bgp *b = a->inst->bgp;
	struct path_view v = path_view(b, b->rib[a->family], d, p, attrs);

	if (!a->shown++ && !a->with_default)
		text_head(a, b, v.rib);
	if (a->detail)
		show_dest_detail(a, &v, attrs);
	else if (out_json(a->out))
		show_adj_json(a->out, &v);
	else
		show_row_text(a->out, &v, row_style(a), false);
}

/* What is announced with an IPv6 next hop of ours (RFC 8950): as in FRR the group's set has an IPv4
 * one, and it is shown as what it will be. One reference. */
static uint32_t shown_set(const struct group *g, struct attr_store *store, uint32_t attrs)
{
	const struct group_key *key = group_key(g);
	struct attr_set a;

	attr_view(store, attrs, &a);
	if (key->family == FAMILY_IPV4 && key->hop_family == FAMILY_IPV6 &&
	    (!addr_is_set(&a.next_hop) || key->kind == SOURCE_EBGP)) {
		a.next_hop = (struct addr){.family = FAMILY_IPV6};
		a.next_hop_local = (struct addr){0};
		if (key->hop_local)
			a.next_hop_local.family = FAMILY_IPV6;
	}
	return attr_intern(store, &a);
}

static void show_announced(struct adj *a, const struct group *g, const struct dest *d,
    const struct path *best, uint32_t attrs)
{
	struct attr_store *store = a->inst->bgp->env.attrs;
	uint32_t shown = shown_set(g, store, attrs);

	show_entry(a, d, best, shown);
	attr_unref(store, shown);
}

static void visit_advertised(struct adj *a, const struct dest *d)
{
	const struct rib *r = a->inst->bgp->rib[a->family];
	const struct group *g = a->p->family[a->family].member.group;
	uint32_t attrs = g && peer_is_up(a->p) ? group_sent(g, d) : 0;
	const struct path *best = rib_best(r, d);

	if (attrs && best && !(a->with_default && d->len == 0))
		show_announced(a, g, d, best, attrs);
}

static void visit_received(struct adj *a, const struct dest *d)
{
	const struct rib *r = a->inst->bgp->rib[a->family];
	const struct path *path;

	for (path = rib_path(r, d->paths); path; path = rib_path(r, path->next)) {
		if (path->source != a->p->source.number || path->flags & PATH_REMOVED)
			continue;
		if (a->kind == ADJ_RECEIVED || (path->flags & PATH_DENIED))
			show_entry(a, d, path, rib_path_received(r, path));
	}
}

static void visit(void *ctx, const struct dest *d, const struct prefix *prefix)
{
	struct adj *a = ctx;

	(void)prefix;
	if (a->kind == ADJ_ADVERTISED)
		visit_advertised(a, d);
	else
		visit_received(a, d);
}

static void begin(struct adj *a, const struct bgp *b)
{
	a->begun = true;
	a->with_default = default_sent(a);
	json_head(a, b, b->rib[a->family]);
	if (a->with_default)
		text_head(a, b, b->rib[a->family]);
}

/* Policy, neighbor and instance may change between two slices: what began is finished. */
static bool step_adj(void *ctx, struct out *out)
{
	struct adj *a = ctx;
	const struct bgp *b = a->inst->bgp;

	a->out = out;
	a->p = b ? peer_find(b, &a->peer) : NULL;
	if (!a->begun && a->p && !none_filtered(a))
		begin(a, b);
	if (a->begun && a->p && show_walk(&a->walk, b->rib[a->family], out, visit, a))
		return true;
	if (a->begun)
		finish(a);
	else if (a->p)
		show_none_filtered(a, b, b->rib[a->family]);
	else /* neighbor or `router bgp` have gone before the first slice */
		show_warning(
		    out, "Default BGP instance not found", "Default BGP instance not found");
	if (a->framed)
		show_frame_close(out);
	return false;
}

/* ---- the commands ---- */

static enum adj_kind read_kind(const struct cli_call *call)
{
	if (arg_has(call->args, "advertised-routes"))
		return ADJ_ADVERTISED;
	return arg_has(call->args, "received-routes") ? ADJ_RECEIVED : ADJ_FILTERED;
}

/* Kept or not, FRR shows them only if the configuration asks for keeping. */
static void not_kept(struct out *out, enum adj_kind kind)
{
	static const char *const words = "Inbound soft reconfiguration not enabled";

	if (kind == ADJ_RECEIVED && out_json(out))
		out_raw(out, "{\n\"warning\": \"%s\"\n}\n", words);
	else
		show_warning(out, "% Inbound soft reconfiguration not enabled", words);
}

static enum cli_rc run_adj(struct cli_call *call)
{
	struct bgp *b = show_bgp(call, SHOW_MISSING_TABLE);
	enum family f = show_family(call);
	enum adj_kind kind = read_kind(call);
	const struct peer *p = b ? show_peer_of(call, b) : NULL;
	struct adj *a;

	if (!p)
		return CLI_OK;
	if (kind != ADJ_ADVERTISED && !p->cfg.family[f].soft_reconfiguration) {
		not_kept(call->out, kind);
		return CLI_OK;
	}
	a = mem_zalloc(sizeof(*a));
	a->inst = call->app;
	a->peer = p->source.addr;
	a->kind = (uint8_t)kind;
	a->family = (uint8_t)f;
	a->detail = arg_has(call->args, "detail");
	a->wide = arg_has(call->args, "wide");
	a->framed = show_vrf_all(call);
	if (a->framed)
		show_frame_open(call->out, true);
	return cli_defer(call, step_adj, mem_free, a);
}

/* ---- prefix-counts ---- */

struct counts {
	struct instance *inst;
	const struct peer *p; /* of the slice */
	struct show_walk walk;
	struct addr peer;
	uint8_t family; /* enum family */
	bool soft;      /* soft-reconfiguration: FRR keeps an Adj-RIB-In only then */
	uint32_t kept, removed, stale, valid, all, counted, best;
};

static void visit_count(void *ctx, const struct dest *d, const struct prefix *prefix)
{
	struct counts *c = ctx;
	const struct rib *r = c->inst->bgp->rib[c->family];
	const struct path *path;

	(void)prefix;
	for (path = rib_path(r, d->paths); path; path = rib_path(r, path->next)) {
		if (path->source != c->p->source.number)
			continue;
		c->kept++;
		if (path->flags & PATH_DENIED)
			continue;
		c->all++;
		c->counted++;
		c->removed += (path->flags & PATH_REMOVED) != 0;
		c->stale += (path->flags & PATH_STALE) != 0;
		c->valid += (path->flags & PATH_VALID) != 0;
		c->best += (path->flags & PATH_BEST) != 0;
	}
}

static void show_counts(const struct counts *c, struct out *out)
{
	const struct {
		const char *name;
		uint32_t n;
	} rows[] = {
	    {"Adj-in", c->soft ? c->kept : 0},
	    {"Damped", 0},
	    {"Removed", c->removed},
	    {"History", 0},
	    {"Stale", c->stale},
	    {"Valid", c->valid},
	    {"All RIB", c->all},
	    {"PfxCt counted", c->counted},
	    {"PfxCt Best Selected", c->best},
	    {"Useable", c->all - c->removed},
	    {"Unsorted", 0},
	};
	char text[ADDR_STRLEN];

	out_obj(out, NULL);
	out_str(out, "prefixCountsFor", "Prefix counts for %s", addr_str(&c->peer, text));
	out_text(out, ", %s\n", show_family_title(c->family));
	out_str(out, "multiProtocol", NULL, show_family_key(c->family));
	out_uint(out, "pfxCounter", "PfxCt: %llu\n\nCounts from RIB table walk:\n\n", c->counted);
	out_obj(out, "ribTableWalkCounters");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		out_text(out, "%20s: %-10u\n", rows[i].name, rows[i].n);
		out_uint(out, rows[i].name, NULL, rows[i].n);
	}
	out_obj_end(out);
	out_obj_end(out);
	if (out_json(out))
		out_raw(out, "\n");
}

static bool step_counts(void *ctx, struct out *out)
{
	struct counts *c = ctx;
	const struct bgp *b = c->inst->bgp;

	c->p = b ? peer_find(b, &c->peer) : NULL;
	if (c->p && show_walk(&c->walk, b->rib[c->family], out, visit_count, c))
		return true;
	show_counts(c, out);
	return false;
}

static enum cli_rc run_counts(struct cli_call *call)
{
	struct bgp *b = show_bgp(call, SHOW_MISSING_TABLE);
	const struct peer *p = b ? show_peer_of(call, b) : NULL;
	struct counts *c;

	if (!p)
		return CLI_OK;
	c = mem_zalloc(sizeof(*c));
	c->inst = call->app;
	c->peer = p->source.addr;
	c->family = (uint8_t)show_family(call);
	c->soft = p->cfg.family[c->family].soft_reconfiguration;
	return cli_defer(call, step_counts, mem_free, c);
}

/* Outbound route filters (RFC 5291) are never received. */
static enum cli_rc run_prefix_filter(struct cli_call *call)
{
	struct bgp *b = show_bgp(call, SHOW_MISSING_TABLE);

	if (b && show_peer_of(call, b))
		out_raw(call->out, "%s\n", out_json(call->out) ? "{}" : "No functional output");
	return CLI_OK;
}

#define NEIGHBOR "show [ip] bgp " SHOW_VRF SHOW_FAMILY "neighbors " CLI_PEER " "

static const struct cli_row show_adj_rows[] = {
    {IN_EXEC, NEIGHBOR "<advertised-routes|received-routes|filtered-routes> [detail] [<json|wide>]",
	SHOW_HELP "\n" SHOW_HELP_PEER "\n\n\n\n\nIncrease table width for longer prefixes\n", 0,
	.run = run_adj},
    {IN_ENABLE, NEIGHBOR "prefix-counts [json]", SHOW_HELP "\n" SHOW_HELP_PEER, 0,
	.run = run_counts},
    {IN_EXEC, NEIGHBOR "received prefix-filter [json]", SHOW_HELP "\n" SHOW_HELP_PEER, 0,
	.run = run_prefix_filter},
};
const struct cmd_rows cmd_show_adj = CMD_ROWS(show_adj_rows);
