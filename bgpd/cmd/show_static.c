/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show static routes`: what was configured, and what became of it.
 *
 * The walk goes from prefix to prefix; the routes of one prefix differ by distance. FRR groups the
 * text by family and the JSON not at all, and shows nothing where there is nothing.
 */
#include <string.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/cmd/show_rt.h"
#include "bgpd/instance.h"
#include "lib/mem.h"

struct show_static {
	const struct kernel *kernel;
	enum family family;
	struct kernel_static at; /* the last one shown: prefix and distance */
	bool in_family;          /* `at` is of this family */
	bool started;
};

static const char *special_name(const struct rt_nexthop *nh)
{
	if (nh->special == RT_UNREACHABLE)
		return "reject";
	return nh->ifname[0] ? "null0" : "drop";
}

static const char *type_name(const struct rt_nexthop *nh)
{
	bool v6 = nh->gate.family == FAMILY_IPV6;

	if (nh->special)
		return "blackhole";
	if (nh->gate.family == FAMILY_NONE)
		return "interface";
	if (nh->ifname[0])
		return v6 ? "ipv6-gateway-ifname" : "ipv4-gateway-ifname";
	return v6 ? "ipv6-gateway" : "ipv4-gateway";
}

static const char unreachable[] = "nexthop is not reachable (no route to nexthop)";

static void nexthop_json(struct out *o, const struct kernel *k, const struct rt_nexthop *nh)
{
	const struct kernel_interface *i = kernel_interface_named(k, nh->ifname);
	char text[ADDR_STRLEN];

	out_obj(o, NULL);
	out_str(o, "type", NULL, type_name(nh));
	out_bool(o, "active", NULL, nh->active);
	out_str(o, "routeState", NULL, nh->active ? "installed" : "pending");
	out_str(o, "nexthopVrf", NULL, "default");
	out_uint(o, "nexthopVrfId", NULL, 0);
	if (nh->special)
		out_str(o, "blackholeType", NULL, special_name(nh));
	if (nh->gate.family)
		out_str(o, "gateway", NULL, addr_str(&nh->gate, text));
	if (!nh->special && nh->ifname[0]) {
		out_str(o, "interface", NULL, nh->ifname);
		out_uint(o, "interfaceIndex", NULL, i ? i->ifindex : 0);
	}
	if (nh->gate.family) {
		out_bool(o, "nhRegistered", NULL, true);
		out_bool(o, "nhValid", NULL, nh->active);
		if (nh->ifname[0])
			out_bool(o, "onlink", NULL, nh->onlink);
	}
	out_bool(o, "bfdMonitored", NULL, false);
	if (!nh->active && nh->gate.family)
		out_str(o, "reasonInactive", NULL, unreachable);
	out_obj_end(o);
}

static void nexthop_text(struct out *o, const struct rt_nexthop *nh)
{
	char text[ADDR_STRLEN];

	out_text(o, "        nexthop");
	if (nh->special)
		out_text(o, " %s", special_name(nh));
	if (nh->gate.family)
		out_text(o, " via %s", addr_str(&nh->gate, text));
	if (!nh->special && nh->ifname[0])
		out_text(o, " dev %s", nh->ifname);
	out_text(o, "\n          %s", nh->active ? "active" : "inactive");
	if (nh->gate.family)
		out_text(o, ", nh-registered: yes, nh-valid: %s", nh->active ? "yes" : "no");
	out_text(o, "\n");
	if (!nh->active && nh->gate.family)
		out_text(o, "          inactive reason: %s\n", unreachable);
}

/* One distance. */
static void print_path(struct out *o, const struct kernel *k, const struct kernel_static *r)
{
	out_obj(o, NULL);
	out_uint(o, "distance", NULL, r->distance);
	out_uint(o, "tag", NULL, r->tag);
	out_uint(o, "tableId", NULL, 0);
	out_text(o, "      distance %u, tag %u\n", r->distance, r->tag);
	out_arr(o, "nexthops");
	for (uint16_t i = 0; i < r->nexthop_count; i++) {
		if (out_json(o))
			nexthop_json(o, k, &r->nexthops[i]);
		else
			nexthop_text(o, &r->nexthops[i]);
	}
	out_arr_end(o);
	out_obj_end(o);
}

static void print_prefix(struct show_static *s, struct out *o, const struct kernel_static *r)
{
	struct prefix p = r->prefix;
	char text[PREFIX_STRLEN];

	out_obj(o, NULL);
	out_str(o, "prefix", "    %s\n", prefix_str(&p, text));
	out_str(o, "vrf", NULL, "default");
	out_str(o, "afi", NULL, p.family == FAMILY_IPV6 ? "ipv6" : "ipv4");
	out_str(o, "safi", NULL, "unicast");
	out_arr(o, "paths");
	for (; r && prefix_equal(&r->prefix, &p);
	     r = kernel_static_next(s->kernel, s->family, &s->at)) {
		print_path(o, s->kernel, r);
		s->at = *r;
	}
	out_arr_end(o);
	out_obj_end(o);
}

static void start(struct show_static *s, struct out *o)
{
	if (!s->started) {
		out_text(o, "VRF default:\n");
		out_obj(o, "default");
		out_arr(o, "routes");
	}
	if (!s->in_family)
		out_text(o, "  %s Unicast:\n", s->family == FAMILY_IPV6 ? "IPv6" : "IPv4");
	s->started = s->in_family = true;
}

static void end_document(const struct show_static *s, struct out *o)
{
	if (s->started) {
		out_arr_end(o);
		out_obj_end(o);
		out_text(o, "\n");
	}
	out_obj_end(o);
	if (out_json(o))
		out_raw(o, "\n");
}

static bool step_static(void *ctx, struct out *out)
{
	struct show_static *s = ctx;

	while (out_queued(out) < RT_STEP_BYTES) {
		const struct kernel_static *r =
		    kernel_static_next(s->kernel, s->family, s->in_family ? &s->at : NULL);
		if (r) {
			start(s, out);
			print_prefix(s, out, r);
		} else if (s->family == FAMILY_IPV4) {
			s->family = FAMILY_IPV6;
			s->in_family = false;
		} else {
			end_document(s, out);
			return false;
		}
	}
	return true;
}

static enum cli_rc run_show_static(struct cli_call *call)
{
	const struct instance *inst = call->app;
	struct show_static *s;

	if (!rt_ask_vrf_ok(call))
		return CLI_OK;
	s = mem_zalloc(sizeof(*s));
	s->kernel = inst->kernel;
	s->family = FAMILY_IPV4;
	out_escape_slash(call->out, true);
	out_obj(call->out, NULL);
	return cli_defer(call, step_static, mem_free, s);
}

static const struct cli_row static_rows[] = {
    {IN_EXEC, "show static routes [vrf NAME$vrf_name] [json]",
	"static\tStatic route daemon\nroutes\tShow static routes\nvrf\tSpecify the VRF\n"
	"NAME\tThe VRF name",
	0, .run = run_show_static},
};
const struct cmd_rows cmd_show_static = CMD_ROWS(static_rows);
