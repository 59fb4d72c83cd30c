/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show ip bgp nexthop` and `import-check-table`: what next-hop tracking knows.
 *
 * Next hops are walked by address; with `detail` the paths of each are found by a walk over the
 * table, in slices like all walks. The import check has no entries of its own: it is shown from
 * the paths of network statements and the kernel's routes of the same prefix.
 */
#include <string.h>

#include "bgpd/cmd/show.h"
#include "lib/clock.h"
#include "lib/mem.h"

struct hops {
	struct instance *inst;
	struct out *out; /* of the slice */
	struct show_walk walk;
	struct nht_hop at; /* next hop under way, or the last one shown */
	uint8_t family;    /* enum family; the table of next hops under way */
	uint8_t only;      /* enum family; NONE: both */
	bool detail, imports, framed, any, in_paths, begun;
	/* of the import check, which goes by length: the one under way; those that there are */
	uint8_t len;
	bool measured, lens[129];
};

/* ---- flags of a path, FRR's numbers ---- */

static const struct flag_row {
	const char *key;
	uint16_t flag; /* enum path_flag, 0: Ferro has no such thing */
	uint32_t bit;
} flag_rows[] = {
    {"igpChanged", 0, 1u << 0},
    {"damped", 0, 1u << 1},
    {"history", 0, 1u << 2},
    {"bestpath", PATH_BEST, 1u << 3},
    {"valid", PATH_VALID, 1u << 4},
    {"attrChanged", 0, 1u << 5},
    {"deterministicMedCheck", 0, 1u << 6},
    {"deterministicMedSelected", 0, 1u << 7},
    {"stale", PATH_STALE, 1u << 8},
    {"removed", PATH_REMOVED, 1u << 9},
    {"counted", 0, 1u << 10},
    {"multipath", PATH_MULTIPATH, 1u << 11},
    {"multipathChanged", 0, 1u << 12},
    {"ribAttributeChanged", 0, 1u << 13},
    {"nexthopSelf", 0, 1u << 14},
    {"linkBandwidthChanged", 0, 1u << 15},
    {"acceptOwn", 0, 1u << 16},
};

static bool flag_set(const struct flag_row *row, const struct path *p)
{
	if (!strcmp(row->key, "counted"))
		return p->source != 0;
	/* A network whose prefix has no route waits for one: FRR leaves its mark of a change. */
	if (!strcmp(row->key, "igpChanged"))
		return !(p->flags & PATH_VALID);
	return (p->flags & row->flag) != 0;
}

static void show_flags(struct out *out, const struct path *p)
{
	uint32_t bits = 0;

	out_obj(out, "flags");
	for (size_t i = 0; i < sizeof(flag_rows) / sizeof(flag_rows[0]); i++) {
		bool set = flag_set(&flag_rows[i], p);

		bits |= set ? flag_rows[i].bit : 0;
		out_bool(out, flag_rows[i].key, NULL, set);
	}
	out_obj_end(out);
	out_text(out, " VRF default flags 0x%x\n", bits);
}

static void show_user(struct out *out, const struct prefix *prefix, const struct path *p)
{
	char text[PREFIX_STRLEN];

	out_obj(out, NULL);
	out_str(out, "afi", NULL, family_row_by(prefix->family)->afi_name);
	out_str(out, "safi", NULL, family_row_by(prefix->family)->safi_name);
	out_text(out, "    %u/1", prefix->family);
	out_str(out, "prefix", " %s", prefix_str(prefix, text));
	out_str(out, "vrf", NULL, "default");
	show_flags(out, p);
	out_obj_end(out);
}

/* ---- the parts of an entry ---- */

static void open_entry(
    struct hops *h, const char *name, bool valid, uint32_t metric, uint32_t paths)
{
	struct out *out = h->out;

	if (out_json(out)) {
		out_raw(out, "%s\"%s\":", h->any ? "," : "", name);
		out_obj_styled(out, NULL, OUT_PLAIN);
	}
	h->any = true;
	out_text(out, " %s %s", name, valid ? "valid" : "invalid");
	out_bool(out, "valid", NULL, valid);
	out_bool(out, "complete", NULL, valid);
	if (valid)
		out_uint(out, "igpMetric", " [IGP metric %llu]", metric);
	out_uint(out, "pathCount", ", #paths %llu", paths);
}

static void close_entry(struct hops *h)
{
	if (!out_json(h->out))
		return;
	out_obj_end(h->out);
	out_raw(h->out, "\n");
}

static void show_updated(struct hops *h, uint32_t since)
{
	char text[SHOW_DATE_LEN];

	if (h->detail) {
		show_last_update(h->out, "  ", since);
		return;
	}
	out_text(h->out, "  Last update: %s\n", show_date(clock_to_epoch(since), text));
	out_int(h->out, "lastUpdate", NULL, clock_to_epoch(since));
	out_str(h->out, "lastUpdateStr", NULL, show_lasting(clock_sec() - since, text));
}

static const char *interface_name(const struct hops *h, uint32_t ifindex)
{
	const struct kernel *k = h->inst->kernel;
	const struct kernel_interface *i = k ? kernel_interface(k, ifindex) : NULL;

	return i ? i->name : "unknown";
}

/* gate family NONE: the interface alone leads there. */
static void show_gate(struct hops *h, const struct addr *gate, uint32_t ifindex)
{
	char text[ADDR_STRLEN];

	out_obj(h->out, NULL);
	out_text(h->out, "  ");
	if (gate->family != FAMILY_NONE)
		out_str(h->out, "ip", "gate %s, ", addr_str(gate, text));
	out_str(h->out, "interfaceName", "if %s", interface_name(h, ifindex));
	out_uint(h->out, "ifindex", ", ifindex %llu\n", ifindex);
	out_obj_end(h->out);
}

static void show_resolved(struct hops *h, const struct prefix *p)
{
	char text[PREFIX_STRLEN];

	out_str(h->out, "resolvedPrefix", "  Resolved prefix %s\n", prefix_str(p, text));
}

/* ---- next hops ---- */

/* A directly connected address is its own gate. */
static void show_hop_gate(struct hops *h, const struct nht_entry *e, const struct kernel_nexthop *n)
{
	bool direct = addr_equal(&n->gate, &e->addr);

	show_gate(h, direct ? &(struct addr){0} : &n->gate, n->ifindex);
}

/* FRR asks the routes for a link-local address that came over an IPv4 session, without saying on
 * which interface it is, and shows what it is told; the routes themselves use the right one. */
static void show_asked(struct hops *h, const struct nht_entry *e)
{
	const struct kernel *k = h->inst->kernel;
	const struct rt_route *route = k ? kernel_route_find(k, &e->via) : NULL;

	for (uint16_t i = 0; route && i < route->nexthop_count; i++)
		show_gate(h, &route->nexthops[i].gate, route->nexthops[i].ifindex);
}

static void show_gates(struct hops *h, const struct nht_entry *e)
{
	if (e->on_link)
		out_str(h->out, "resolvedPrefix", "  Resolved prefix %s\n", "UNK prefix");
	else
		show_resolved(h, &e->via);
	out_arr(h->out, "nexthops");
	if (e->ifindex && !e->on_link)
		show_asked(h, e);
	else
		for (uint8_t i = 0; i < e->nexthop_count; i++)
			show_hop_gate(h, e, &e->nexthops[i]);
	out_arr_end(h->out);
}

static void show_hop(struct hops *h, const struct nht_entry *e)
{
	const struct peer *p = e->on_link ? NULL : peer_find(h->inst->bgp, &e->addr);
	char text[ADDR_STRLEN];

	open_entry(h, addr_str(&e->addr, text), e->valid, e->metric, e->path_count);
	if (p)
		out_str(h->out, "peer", ", peer %s", text);
	out_text(h->out, "\n");
	if (e->valid)
		show_gates(h, e);
	show_updated(h, e->since);
	if (h->detail) {
		out_text(h->out, "  Paths:\n");
		out_arr(h->out, "paths");
	}
}

static bool is_at(const struct hops *h, const struct nht_entry *e)
{
	return addr_equal(&e->addr, &h->at.addr) && e->ifindex == h->at.ifindex &&
	       e->on_link == h->at.on_link;
}

static void visit_user(void *ctx, const struct dest *d, const struct prefix *prefix)
{
	struct hops *h = ctx;
	const struct bgp *b = h->inst->bgp;
	const struct rib *r = b->rib[prefix->family];
	const struct path *p;

	for (p = show_path_first(r, d); p; p = show_path_next(r, p)) {
		const struct nht_entry *e = p->nexthop ? nht_entry(b->env.nht, p->nexthop) : NULL;

		if (e && is_at(h, e) && !(p->flags & PATH_OWN_HOP))
			show_user(h->out, prefix, p);
	}
}

/* The paths of the next hop under way: both tables, one behind the other. True: there are more. */
static bool step_users(struct hops *h)
{
	enum family f = h->walk.within.family == FAMILY_NONE ? FAMILY_IPV4 : h->walk.within.family;

	for (; f < FAMILY_LIMIT; f++) {
		if (h->walk.within.family != f) {
			h->walk = (struct show_walk){.within = {.family = (uint8_t)f}};
		}
		if (show_walk(&h->walk, h->inst->bgp->rib[f], h->out, visit_user, h))
			return true;
	}
	h->walk = (struct show_walk){0};
	out_arr_end(h->out);
	return false;
}

/* One next hop, or a slice of its paths. False: the table of this family is done. */
static bool step_hop(struct hops *h)
{
	const struct nht_entry *e;

	if (h->in_paths) {
		h->in_paths = step_users(h);
		if (!h->in_paths)
			close_entry(h);
		return true;
	}
	e = nht_next(
	    h->inst->bgp->env.nht, h->family, h->at.addr.family == FAMILY_NONE ? NULL : &h->at);
	if (!e)
		return false;
	h->at = nht_hop_of(e);
	show_hop(h, e);
	h->in_paths = h->detail;
	if (!h->detail)
		close_entry(h);
	return true;
}

/* ---- import check ---- */

static void show_route_hops(struct hops *h, const struct rt_route *route)
{
	out_arr(h->out, "nexthops");
	for (uint16_t i = 0; i < route->nexthop_count; i++) {
		const struct rt_nexthop *n = &route->nexthops[i];

		if (n->special == RT_UNICAST) {
			show_gate(h, &n->gate, n->ifindex);
			continue;
		}
		out_obj(h->out, NULL);
		out_bool(h->out, "unreachable", NULL, true);
		out_bool(h->out, "blackhole", "  blackhole\n", true);
		out_obj_end(h->out);
	}
	out_arr_end(h->out);
}

static void show_import(struct hops *h, const struct prefix *prefix, const struct path *p)
{
	struct addr a = prefix_addr(prefix);
	const struct kernel *k = h->inst->kernel;
	const struct rt_route *route = k ? kernel_route_find(k, prefix) : NULL;
	char text[ADDR_STRLEN];

	open_entry(h, addr_str(&a, text), route != NULL, route ? route->metric : 0, 1);
	out_text(h->out, "\n");
	if (route) {
		show_resolved(h, prefix);
		show_route_hops(h, route);
	}
	show_updated(h, p->since);
	if (h->detail) {
		out_text(h->out, "  Paths:\n");
		out_arr(h->out, "paths");
		show_user(h->out, prefix, p);
		out_arr_end(h->out);
	}
	close_entry(h);
}

static void visit_length(void *ctx, const struct dest *d, const struct prefix *prefix)
{
	struct hops *h = ctx;

	(void)d;
	h->lens[prefix->len] = true;
}

static void visit_import(void *ctx, const struct dest *d, const struct prefix *prefix)
{
	struct hops *h = ctx;
	const struct rib *r = h->inst->bgp->rib[prefix->family];
	const struct path *p;

	if (prefix->len != h->len)
		return;
	for (p = show_path_first(r, d); p; p = show_path_next(r, p))
		if (p->flags & PATH_NETWORK)
			show_import(h, prefix, p);
}

/* FRR has short prefixes before longer ones. */
static bool step_imports(struct hops *h)
{
	const struct bgp *b = h->inst->bgp;
	const struct rib *r = b->rib[h->family];

	if (!b->cfg.rib.import_check)
		return false;
	if (!h->measured) {
		h->measured = !show_walk(&h->walk, r, h->out, visit_length, h);
		if (h->measured)
			h->walk = (struct show_walk){0};
		return true;
	}
	for (; h->len <= family_bits((enum family)h->family); h->len++) {
		if (h->lens[h->len] && show_walk(&h->walk, r, h->out, visit_import, h))
			return true;
		h->walk = (struct show_walk){0};
	}
	return false;
}

/* ---- both ---- */

static void open_family(struct hops *h, enum family f)
{
	if (out_json(h->out))
		out_raw(h->out, "%s\"%s\":{", f == FAMILY_IPV4 ? "" : "},", show_family_word(f));
	h->any = false;
	h->at = (struct nht_hop){0};
	h->measured = false;
	h->len = 0;
	memset(h->lens, 0, sizeof(h->lens));
	h->walk = (struct show_walk){0};
	h->family = (uint8_t)f;
}

static void begin_hops(struct hops *h)
{
	h->begun = true;
	out_text(h->out, "Current BGP %s cache:\n", h->imports ? "import check" : "nexthop");
	if (out_json(h->out))
		out_raw(h->out, "{\n");
	open_family(h, FAMILY_IPV4);
}

static bool step_family(struct hops *h)
{
	if (h->only != FAMILY_NONE && h->only != h->family)
		return false;
	return h->imports ? step_imports(h) : step_hop(h);
}

/* `router bgp` has gone in the middle of an entry: the document still ends well. */
static void abandon(struct hops *h)
{
	if (!h->in_paths)
		return;
	out_arr_end(h->out);
	close_entry(h);
}

static bool step_hops(void *ctx, struct out *out)
{
	struct hops *h = ctx;

	h->out = out;
	if (!h->begun)
		begin_hops(h);
	while (h->inst->bgp && h->family < FAMILY_LIMIT) {
		if (step_family(h))
			return true;
		if (h->family + 1 == FAMILY_LIMIT)
			break;
		open_family(h, (enum family)(h->family + 1));
	}
	abandon(h);
	if (out_json(out))
		out_raw(out, "%s}}\n", h->family == FAMILY_IPV4 ? "},\"ipv6\":{" : "");
	if (h->framed)
		show_frame_close(out);
	return false;
}

static enum cli_rc run_hops(struct cli_call *call)
{
	struct instance *inst = call->app;
	const char *vrf = arg_str(call->args, "viewvrfname");
	struct hops *h;

	if (!inst->bgp || (vrf && strcmp(vrf, "default") && strcmp(vrf, "all"))) {
		show_warning(
		    call->out, "% No such BGP instance exist", "No such BGP instance exist");
		return CLI_OK;
	}
	h = mem_zalloc(sizeof(*h));
	h->inst = inst;
	h->imports = call->row->data;
	h->detail = arg_has(call->args, "detail");
	h->framed = show_vrf_all(call);
	if (arg_has(call->args, "ipv4") || arg_has(call->args, "ipv6"))
		h->only = (uint8_t)(arg_has(call->args, "ipv4") ? FAMILY_IPV4 : FAMILY_IPV6);
	if (h->framed)
		show_frame_open(call->out, true);
	return cli_defer(call, step_hops, mem_free, h);
}

static const struct cli_row show_nexthop_rows[] = {
    {IN_EXEC, "show [ip] bgp " SHOW_VRF "nexthop [<ipv4|ipv6>] [detail] [json]",
	"\n\n\n\n\n\n\n\nAddress Family\n", 0, .run = run_hops, .data = false},
    {IN_EXEC, "show [ip] bgp " SHOW_VRF "import-check-table [detail] [json]", NULL, 0,
	.run = run_hops, .data = true},
};
const struct cmd_rows cmd_show_nexthop = CMD_ROWS(show_nexthop_rows);
