/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show ip route` and its relations: the table, one prefix, the summary.
 *
 * The table and the summary are walks that remember a prefix: they go on behind it whatever
 * happened to the tables in between. FRR writes a table's JSON by hand, a line a prefix, and so it
 * is here. There is one VRF, the default one.
 */
#include "bgpd/cmd/show_rt.h"

#include <stdlib.h>
#include <string.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/instance.h"
#include "lib/mem.h"

/* ---- shared with the other shows of this subject ---- */

enum family rt_ask_family(const struct cli_call *call)
{
	return arg_has(call->args, "ipv6") ? FAMILY_IPV6 : FAMILY_IPV4;
}

bool rt_ask_vrf_all(const struct cli_call *call)
{
	const char *name = arg_str(call->args, "vrf_name");

	return name && !strcmp(name, "all");
}

bool rt_ask_vrf_ok(struct cli_call *call)
{
	const char *name = arg_str(call->args, "vrf_name");

	if (!name || !strcmp(name, "default") || !strcmp(name, "all"))
		return true;
	out_raw(call->out, out_json(call->out) ? "{}\n" : "%% VRF %s not found\n", name);
	return false;
}

/* ---- the table ---- */

struct show_table {
	const struct instance *inst;
	struct rt_filter filter;
	struct rt_walk walk;
	bool vrf_all; /* a document a VRF */
	bool started; /* something was shown */
	bool in_prefix;
	struct rt_view view;
	struct out *out;
};

static const char header[] =
    "Codes: K - kernel route, C - connected, L - local, S - static,\n"
    "       B - BGP, T - Table, v - VNC, V - VNC-Direct,\n"
    "       t - Table-Direct,\n"
    "       > - selected route, * - FIB route, q - queued, r - rejected, b - backup\n"
    "       t - trapped, o - offload failure\n\n";

static void start_prefix(struct show_table *t, const struct prefix *p)
{
	char text[PREFIX_STRLEN];

	if (out_json(t->out)) {
		out_raw(t->out, t->started ? "," : t->vrf_all ? "{\"default\":{" : "{");
		out_arr_styled(t->out, prefix_str(p, text), OUT_PLAIN);
	} else if (!t->started) {
		out_text(t->out, "%s%s unicast VRF default:\n", header,
		    p->family == FAMILY_IPV6 ? "IPv6" : "IPv4");
	}
	t->started = t->in_prefix = true;
}

static void show_route(void *ctx, const struct rt_view *v)
{
	struct show_table *t = ctx;

	if (!t->in_prefix)
		start_prefix(t, &v->prefix);
	rt_print_line(t->out, v);
}

static void end_table(struct show_table *t)
{
	if (!out_json(t->out))
		return;
	if (t->started)
		out_raw(t->out, t->vrf_all ? "}\n}\n" : "}\n");
	else
		out_raw(t->out, t->vrf_all ? "{\"default\":{}\n}\n" : "{}\n");
}

static bool step_table(void *ctx, struct out *out)
{
	struct show_table *t = ctx;

	t->out = out;
	for (unsigned n = 0; n < RT_STEP_ROUTES && out_queued(out) < RT_STEP_BYTES; n++) {
		if (!rt_walk_next(t->inst, &t->walk)) {
			end_table(t);
			return false;
		}
		t->in_prefix = false;
		rt_walk_routes(t->inst, &t->walk, &t->view, show_route, t);
		if (t->in_prefix && out_json(out)) {
			out_arr_end(out);
			out_raw(out, "\n");
		}
	}
	return true;
}

static bool read_kind(const struct cli_args *args, enum rt_kind *kind)
{
	static const enum rt_kind kinds[] = {
	    RT_KIND_KERNEL, RT_KIND_CONNECTED, RT_KIND_LOCAL, RT_KIND_STATIC, RT_KIND_BGP};
	const char *word = arg_str(args, "kind");

	for (size_t i = 0; word && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(word, rt_kind_name(kinds[i]))) {
			*kind = kinds[i];
			return true;
		}
	return false;
}

static enum cli_rc run_show_table(struct cli_call *call)
{
	const struct cli_args *args = call->args;
	struct show_table *t;

	if (!rt_ask_vrf_ok(call))
		return CLI_OK;
	t = mem_zalloc(sizeof(*t));
	t->inst = call->app;
	t->vrf_all = rt_ask_vrf_all(call);
	t->filter.installed = arg_has(args, "fib");
	t->filter.failed = arg_has(args, "failed");
	t->filter.supernets = arg_has(args, "supernets-only");
	t->filter.all_kinds = !read_kind(args, &t->filter.kind);
	t->filter.tag = arg_u32(args, "tag", 0);
	arg_prefix(args, "prefix", &t->filter.within);
	t->walk.family = rt_ask_family(call);
	t->walk.filter = &t->filter;
	return cli_defer(call, step_table, mem_free, t);
}

/* ---- one prefix ---- */

static const struct rt_filter everything = {.all_kinds = true};

static void show_entry(void *ctx, const struct rt_view *v)
{
	rt_print_entry(ctx, v);
}

static void print_prefix(struct cli_call *call, const struct prefix *p)
{
	struct rt_walk at = {
	    .family = (enum family)p->family, .filter = &everything, .begun = true, .at = *p};
	struct rt_view *v = mem_alloc(sizeof(*v));
	char text[PREFIX_STRLEN];

	out_obj(call->out, NULL);
	out_arr(call->out, prefix_str(p, text));
	rt_walk_routes(call->app, &at, v, show_entry, call->out);
	out_arr_end(call->out);
	out_obj_end(call->out);
	if (out_json(call->out))
		out_raw(call->out, "\n");
	mem_free(v);
}

/* An address without any route shows the empty default route, a prefix is not in the table. */
static enum cli_rc run_show_prefix(struct cli_call *call)
{
	const struct instance *inst = call->app;
	struct prefix p, found;
	struct addr a;

	if (!rt_ask_vrf_ok(call))
		return CLI_OK;
	if (arg_addr(call->args, "address", &a)) {
		p = (struct prefix){.family = a.family};
		if (rt_match(inst, &a, &found))
			p = found;
		print_prefix(call, &p);
		return CLI_OK;
	}
	arg_prefix(call->args, "prefix", &p);
	if (rt_has(inst, &p))
		print_prefix(call, &p);
	else
		out_raw(call->out, out_json(call->out) ? "{}\n" : "%% Network not in table\n");
	return CLI_OK;
}

/* ---- the summary ---- */

enum { COUNT_IBGP = RT_KIND_BGP + 1, COUNT_ROWS };

struct show_summary {
	const struct instance *inst;
	struct rt_walk walk;
	bool vrf_all;
	struct rt_view view;
	uint64_t rib[COUNT_ROWS], fib[COUNT_ROWS];
};

static void count_route(void *ctx, const struct rt_view *v)
{
	struct show_summary *s = ctx;
	int row = v->kind == RT_KIND_BGP && (v->flags & RT_IBGP) ? COUNT_IBGP : (int)v->kind;

	s->rib[row]++;
	s->fib[row] += (v->status & RT_INSTALLED) != 0;
}

static const char *row_name(int row)
{
	return row == COUNT_IBGP         ? "ibgp"
	       : row == (int)RT_KIND_BGP ? "ebgp"
					 : rt_kind_name((enum rt_kind)row);
}

/* The two rows of BGP come and go together. */
static bool row_shown(const struct show_summary *s, int row)
{
	if (row == RT_KIND_BGP || row == COUNT_IBGP)
		return s->rib[RT_KIND_BGP] || s->rib[COUNT_IBGP];
	return s->rib[row] != 0;
}

static void summary_row(struct out *o, const char *name, uint64_t rib, uint64_t fib)
{
	out_obj(o, NULL);
	out_uint(o, "fib", NULL, fib);
	out_uint(o, "rib", NULL, rib);
	out_uint(o, "fibOffLoaded", NULL, 0);
	out_uint(o, "fibTrapped", NULL, 0);
	out_str(o, "type", NULL, name);
	out_obj_end(o);
	out_text(
	    o, "%-20s %-20llu %-20llu \n", name, (unsigned long long)rib, (unsigned long long)fib);
}

static void print_summary(struct show_summary *s, struct out *o)
{
	uint64_t rib = 0, fib = 0;

	out_obj(o, NULL);
	if (s->vrf_all)
		out_obj(o, "default");
	out_text(o, "%-20s %-20s %s  (vrf default)\n", "Route Source", "Routes", "FIB");
	out_arr(o, "routes");
	for (int row = 0; row < COUNT_ROWS; row++) {
		rib += s->rib[row];
		fib += s->fib[row];
		if (row_shown(s, row))
			summary_row(o, row_name(row), s->rib[row], s->fib[row]);
	}
	out_arr_end(o);
	out_uint(o, "routesTotal", NULL, rib);
	out_uint(o, "routesTotalFib", NULL, fib);
	out_text(o, "------\n%-20s %-20llu %-20llu \n\n", "Totals", (unsigned long long)rib,
	    (unsigned long long)fib);
	if (s->vrf_all)
		out_obj_end(o);
	out_obj_end(o);
	if (out_json(o))
		out_raw(o, "\n");
}

static bool step_summary(void *ctx, struct out *out)
{
	struct show_summary *s = ctx;

	for (unsigned n = 0; n < RT_STEP_ROUTES; n++) {
		if (!rt_walk_next(s->inst, &s->walk)) {
			print_summary(s, out);
			return false;
		}
		rt_walk_routes(s->inst, &s->walk, &s->view, count_route, s);
	}
	return true;
}

static enum cli_rc run_show_summary(struct cli_call *call)
{
	struct show_summary *s;

	if (!rt_ask_vrf_ok(call))
		return CLI_OK;
	s = mem_zalloc(sizeof(*s));
	s->inst = call->app;
	s->vrf_all = rt_ask_vrf_all(call);
	s->walk.family = rt_ask_family(call);
	s->walk.filter = &everything;
	return cli_defer(call, step_summary, mem_free, s);
}

#define VRF "[vrf <NAME|all>$vrf_name]"
#define HELP                                                                                       \
	"ipv6\tIPv6 information\nfib\tIP forwarding table\nroute\tIP routing table\n"              \
	"vrf\tSpecify the VRF\nNAME\tThe VRF name\nall\tAll VRFs\n"                                \
	"A.B.C.D\tNetwork in the IP routing table to display\n"                                    \
	"A.B.C.D/M\tIP prefix <network>/<length>, e.g., 35.0.0.0/8\n"                              \
	"X:X::X:X\tIPv6 Address\n"

static const struct cli_row rt_rows[] = {
    {IN_EXEC,
	"show <ip <fib|route> " VRF
	" [{tag (1-4294967295)$tag|A.B.C.D/M$prefix longer-prefixes|supernets-only}] "
	"[<kernel|connected|local|static|bgp>$kind]"
	"|ipv6 <fib|route> " VRF " [{tag (1-4294967295)$tag|X:X::X:X/M$prefix longer-prefixes}] "
	"[<kernel|connected|local|static|bgp>$kind]> [failed] [json]",
	HELP "tag\tShow only routes with tag\n(1-4294967295)\tTag value\n"
	     "longer-prefixes\tShow route matching the specified Network/Mask pair only\n"
	     "supernets-only\tShow supernet entries only\n"
	     "kernel\tKernel routes (not installed via the zebra RIB)\n"
	     "connected\tConnected routes (directly attached subnet or host)\n"
	     "local\tLocal routes (directly attached host route)\n"
	     "static\tStatically configured routes\nbgp\tBorder Gateway Protocol (BGP)\n"
	     "failed\tShow only failed routes",
	0, .run = run_show_table},
    {IN_EXEC,
	"show <ip <fib|route> " VRF " <A.B.C.D$address|A.B.C.D/M$prefix>"
	"|ipv6 <fib|route> " VRF " <X:X::X:X$address|X:X::X:X/M$prefix>> [json]",
	HELP, 0, .run = run_show_prefix},
    {IN_EXEC, "show <ip|ipv6> route " VRF " summary [json]", HELP "summary\tSummary of all routes",
	0, .run = run_show_summary},
};
const struct cmd_rows cmd_show_rt = CMD_ROWS(rt_rows);
