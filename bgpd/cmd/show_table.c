/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of routes: `show ip bgp`, `show bgp`, with all their filters, families and forms.
 *
 * A table of any length streams: a slice writes lines until enough is queued and the next one goes
 * on behind the last prefix. The instance may change or go between two slices; the document is
 * finished properly then. FRR's JSON frame is made by hand and so it is here; what stands in it is
 * the emitter's.
 */
#include <string.h>

#include "bgpd/cmd/show_filter.h"
#include "lib/mem.h"

enum table_form { FORM_ROWS, FORM_WIDE, FORM_DETAIL };

struct table {
	struct instance *inst;
	struct out *out; /* of the slice */
	struct show_walk walk;
	struct show_filter filter;
	uint8_t form;   /* enum table_form */
	uint8_t family; /* enum family; the one under way */
	bool all;       /* every family in use, each with a title */
	bool framed;    /* vrf all */
	bool begun, any_family;
	uint32_t shown, total; /* prefixes shown; paths in the table */
};

/* FRR counts what is in the table, whatever the filter. */
static uint32_t count_paths(const struct bgp *b, enum family f)
{
	uint32_t n = source_local(b->sources)->accepted_count[f];
	const struct peer *p;

	list_for_each (p, &b->peers, link)
		n += p->source.accepted_count[f];
	return n;
}

/* ---- head and tail ---- */

static void json_head(struct out *out, const struct bgp *b, const struct rib *r)
{
	char id[ADDR_STRLEN];

	out_raw(out,
	    "{\n \"vrfId\": 0,\n \"vrfName\": \"default\",\n \"tableVersion\": %u,\n"
	    " \"routerId\": \"%s\",\n \"defaultLocPrf\": %u,\n \"localAS\": %u,\n"
	    " \"routes\": { ",
	    rib_version(r), show_id(b->router_id, id), b->cfg.rib.default_local_pref, b->cfg.as);
}

static void json_tail(struct out *out, const struct table *t)
{
	if (t->all)
		out_raw(out, "%s\"numRoutes\":%u\n } }\n", t->shown ? "," : "", t->shown);
	else
		out_raw(out, " } , \"totalRoutes\": %u, \"totalPaths\": %u,\"numRoutes\":%u\n } \n",
		    t->shown, t->total, t->shown);
}

static void begin_family(struct table *t, const struct bgp *b)
{
	struct rib *r = b->rib[t->family];

	memset(&t->walk.after, 0, sizeof(t->walk.after));
	t->walk.started = false;
	t->begun = true;
	t->shown = 0;
	t->total = count_paths(b, t->family);
	if (t->all) {
		out_text(t->out, "\nFor address family: %s\n", show_family_title(t->family));
		if (out_json(t->out))
			out_raw(t->out, "%s\"%s\":", t->any_family ? ",\n" : "",
			    show_family_key(t->family));
	}
	t->any_family = true;
	if (out_json(t->out))
		json_head(t->out, b, r);
}

static void end_family(struct table *t)
{
	if (out_json(t->out)) {
		json_tail(t->out, t);
		return;
	}
	if (t->shown)
		out_text(t->out, "\nDisplayed %u routes and %u total paths\n", t->shown, t->total);
	else if (t->filter.kind == FILTER_NONE && t->walk.within.family == FAMILY_NONE &&
		 t->form != FORM_DETAIL)
		out_text(t->out, "No BGP prefixes displayed, %u exist\n", t->total);
}

/* ---- one destination ---- */

static void first_line(struct table *t, const struct bgp *b, const struct rib *r)
{
	show_table_header(t->out, b, r, t->form == FORM_DETAIL);
	if (t->form != FORM_DETAIL)
		show_columns(t->out, t->form == FORM_WIDE ? ROW_WIDE : ROW_PLAIN);
}

static void open_dest(struct table *t, const struct bgp *b, const struct prefix *p)
{
	char text[PREFIX_STRLEN];

	if (!t->shown)
		first_line(t, b, b->rib[t->family]);
	if (out_json(t->out)) {
		out_raw(t->out, "%s\"%s\": ", t->shown ? "," : "", prefix_str(p, text));
		out_arr_styled(t->out, NULL, OUT_PLAIN);
	}
	t->shown++;
}

static void show_in_table(struct table *t, const struct path_view *v, bool again)
{
	if (t->form == FORM_DETAIL) {
		show_dest_head(t->out, v->bgp, v->rib, v->dest);
		show_path(t->out, v);
	} else if (out_json(t->out)) {
		show_row_json(t->out, v);
	} else {
		show_row_text(t->out, v, t->form == FORM_WIDE ? ROW_WIDE : ROW_PLAIN, again);
	}
}

static void visit(void *ctx, const struct dest *d, const struct prefix *prefix)
{
	struct table *t = ctx;
	const struct bgp *b = t->inst->bgp;
	const struct rib *r = b->rib[t->family];
	const struct path *p;
	bool any = false;

	if (!show_filter_dest(&t->filter, prefix))
		return;
	for (p = show_path_first(r, d); p; p = show_path_next(r, p)) {
		struct path_view v = path_view(b, r, d, p, 0);

		if (!show_filter_path(&t->filter, &v))
			continue;
		if (!any)
			open_dest(t, b, prefix);
		show_in_table(t, &v, any);
		any = true;
	}
	if (any && out_json(t->out)) {
		out_arr_end(t->out);
		out_raw(t->out, "\n");
	}
}

/* ---- the walk over families ---- */

/* The next family of `all`; NONE: no more. */
static enum family next_family(const struct table *t, const struct bgp *b)
{
	for (enum family f = (enum family)(t->family + 1); f < FAMILY_LIMIT; f++)
		if (show_family_used(b, f))
			return f;
	return FAMILY_NONE;
}

static void end_table(struct table *t)
{
	if (!t->any_family && !t->all) /* `router bgp` has gone before the first slice */
		show_warning(
		    t->out, "Default BGP instance not found", "Default BGP instance not found");
	if (t->all && out_json(t->out))
		out_raw(t->out, "}\n");
	if (t->framed)
		show_frame_close(t->out);
}

static bool step_table(void *ctx, struct out *out)
{
	struct table *t = ctx;
	struct bgp *b = t->inst->bgp;

	t->out = out;
	if (b && t->family != FAMILY_NONE) {
		if (!t->begun)
			begin_family(t, b);
		if (show_walk(&t->walk, b->rib[t->family], out, visit, t))
			return true;
	}
	if (t->begun)
		end_family(t);
	t->begun = false;
	t->family = b && t->all ? (uint8_t)next_family(t, b) : FAMILY_NONE;
	if (t->family != FAMILY_NONE)
		return true;
	end_table(t);
	return false;
}

static void free_table(void *ctx)
{
	struct table *t = ctx;

	show_filter_fini(&t->filter);
	mem_free(t);
}

static enum table_form read_form(const struct cli_call *call)
{
	if (arg_has(call->args, "detail"))
		return FORM_DETAIL;
	return arg_has(call->args, "wide") ? FORM_WIDE : FORM_ROWS;
}

static struct table *new_table(struct cli_call *call, const struct bgp *b)
{
	struct table *t = mem_zalloc(sizeof(*t));

	t->inst = call->app;
	t->form = (uint8_t)read_form(call);
	t->family = (uint8_t)show_family(call);
	t->all = arg_has(call->args, "all") && !show_vrf_all(call);
	t->framed = show_vrf_all(call);
	if (t->all && !show_family_given(call)) {
		t->family = FAMILY_NONE;
		t->family = (uint8_t)next_family(t, b);
	}
	return t;
}

static enum cli_rc run_table(struct cli_call *call)
{
	struct bgp *b = show_bgp(call, SHOW_MISSING_TABLE);
	struct table *t;

	if (!b)
		return CLI_OK;
	t = new_table(call, b);
	if (!show_filter_read(&t->filter, call)) {
		free_table(t);
		return CLI_OK;
	}
	if (arg_prefix(call->args, "prefix", &t->walk.within))
		t->family = t->walk.within.family;
	if (t->framed)
		show_frame_open(call->out, true);
	if (t->all && out_json(call->out))
		out_raw(call->out, "{\n");
	return cli_defer(call, step_table, free_table, t);
}

/* `neighbors X routes` and its kin: the table, of one neighbor. */
static enum cli_rc run_neighbor_table(struct cli_call *call)
{
	struct bgp *b = show_bgp(call, SHOW_MISSING_TABLE);
	const struct peer *p;
	struct table *t;

	if (!b)
		return CLI_OK;
	p = show_peer_of(call, b);
	if (!p)
		return CLI_OK;
	t = new_table(call, b);
	t->filter.kind = (uint8_t)call->row->data;
	t->filter.neighbor = p->source.addr;
	return cli_defer(call, step_table, free_table, t);
}

#define TABLE(words, help, which)                                                                  \
	{                                                                                          \
		IN_EXEC, "show [ip] bgp " SHOW_VRF SHOW_FAMILY words, SHOW_HELP help, 0,           \
		    .run = run_table, .data = (which)                                              \
	}
#define FORM "[<json [detail]|wide>]"
#define FORM_HELP "\n\nIncrease table width for longer prefixes\n"
#define COMMUNITY                                                                                  \
	"<AA:NN|local-AS|no-advertise|no-export|graceful-shutdown|no-peer|blackhole|llgr-stale|"   \
	"no-llgr|accept-own|accept-own-nexthop|route-filter-v6|route-filter-v4|"                   \
	"route-filter-translated-v6|route-filter-translated-v4>$value"
#define COMMUNITY_HELP                                                                             \
	"Community number where AA and NN are (0-65535)\n\n\n\n"                                   \
	"Graceful shutdown (well-known community)\n\n"                                             \
	"Inform EBGP peers to blackhole traffic to prefix (well-known community)\n\n\n\n"          \
	"Should accept VPN route with local nexthop (well-known community)\n\n\n\n\n"              \
	"Exact match of the communities\n"

static const struct cli_row show_table_rows[] = {
    TABLE("[all] " FORM, "\n" FORM_HELP, FILTER_NONE),
    TABLE("detail [json]", "", FILTER_NONE),
    TABLE("[all] cidr-only " FORM, "\n\n" FORM_HELP, FILTER_CIDR_ONLY),
    TABLE("[all] self-originate " FORM, "\n\n" FORM_HELP, FILTER_SELF),
    TABLE("[all] community [" COMMUNITY "] [exact-match] " FORM, "\n\n" COMMUNITY_HELP FORM_HELP,
	FILTER_COMMUNITY),
    TABLE("large-community [AA:BB:CC$large [exact-match]] [json]",
	"\nList of large-community numbers\nExact match of the large-communities\n",
	FILTER_LARGE_COMMUNITY),
    TABLE("[all] <A.B.C.D/M|X:X::X:X/M>$prefix longer-prefixes " FORM, "\n\n\n\n" FORM_HELP,
	FILTER_NONE),
    TABLE("regexp REGEX [json]", "", FILTER_REGEXP),
    TABLE("[all] dampening <flap-statistics|dampened-paths> " FORM, "\n\n\n\n" FORM_HELP,
	FILTER_NOTHING),
    {IN_EXEC, "show [ip] bgp " SHOW_VRF SHOW_FAMILY "neighbors " CLI_PEER " routes [json]",
	SHOW_HELP "\n" SHOW_HELP_PEER, 0, .run = run_neighbor_table, .data = FILTER_NEIGHBOR},
    {IN_EXEC,
	"show [ip] bgp " SHOW_VRF SHOW_FAMILY "neighbors " CLI_PEER
	" <flap-statistics|dampened-routes> [json]",
	SHOW_HELP "\n" SHOW_HELP_PEER
		  "Display flap statistics of the routes learned from neighbor\n",
	0, .run = run_neighbor_table, .data = FILTER_NOTHING},
};
const struct cmd_rows cmd_show_table = CMD_ROWS(show_table_rows);
