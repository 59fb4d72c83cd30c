/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show ip nht`: which addresses are tracked, for whom, and what leads there.
 *
 * zebra tracks for its clients: gateways of static routes, BGP's next hops and neighbors, and the
 * prefixes of `network` statements (import check), which it lists by their address alone. One
 * address may have several registrations; each is shown with its own answer. The walk goes from
 * address to address and may be interrupted between two.
 */
#include <stdlib.h>
#include <string.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/cmd/show_rt.h"
#include "bgpd/instance.h"
#include "lib/mem.h"

/* One registration. FRR shows the client's socket, which Ferro's parts do not have. */
struct registration {
	const char *client;
	bool connected, via_default;
	struct prefix via; /* what resolves it; family NONE: nothing */
};

struct show_nht {
	const struct instance *inst;
	enum family family;
	struct addr only; /* family NONE: all */
	bool begun;
	struct addr at;
	struct addr *gates; /* of static routes, sorted */
	size_t gate_count;
	unsigned shown; /* registrations of this address */
	struct rt_view view;
	struct out *out;
};

/* ---- what is tracked ---- */

static int compare_addrs(const void *a, const void *b)
{
	return addr_cmp(a, b);
}

static void collect_gates(struct show_nht *s)
{
	const struct kernel *k = s->inst->kernel;
	const struct kernel_static *r = kernel_static_next(k, s->family, NULL);
	size_t cap = 0;

	for (; r; r = kernel_static_next(k, s->family, r))
		for (uint16_t i = 0; i < r->nexthop_count; i++) {
			if (r->nexthops[i].gate.family == FAMILY_NONE || r->nexthops[i].special)
				continue;
			if (s->gate_count == cap) {
				cap = cap ? 2 * cap : 16;
				s->gates = mem_realloc(s->gates, cap * sizeof(s->gates[0]));
			}
			s->gates[s->gate_count++] = r->nexthops[i].gate;
		}
	if (s->gate_count)
		qsort(s->gates, s->gate_count, sizeof(s->gates[0]), compare_addrs);
}

/* The first gateway at or behind a, or NULL. */
static const struct addr *gate_from(const struct show_nht *s, const struct addr *a, bool behind)
{
	size_t low = 0, high = s->gate_count;

	while (a && low < high) {
		size_t mid = low + (high - low) / 2;
		int c = addr_cmp(&s->gates[mid], a);
		if (c < 0 || (behind && c == 0))
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->gate_count ? &s->gates[low] : NULL;
}

static const struct rib *checked_rib(const struct show_nht *s)
{
	const struct rib *r = s->inst->bgp ? s->inst->bgp->rib[s->family] : NULL;

	return r && rib_cfg(r)->import_check ? r : NULL;
}

static bool next_network(const struct show_nht *s, struct prefix *p)
{
	const struct rib *r = checked_rib(s);
	struct prefix after;

	if (!r)
		return false;
	/* Behind the host prefix of an address all prefixes of a higher address follow. */
	if (s->begun)
		after = prefix_from_addr(&s->at);
	return rib_network_next(r, s->begun ? &after : NULL, p);
}

static void take_lower(struct addr *best, const struct addr *a)
{
	if (best->family == FAMILY_NONE || addr_cmp(a, best) < 0)
		*best = *a;
}

/* The next address that routes are asked for: what lies on a known interface needs none. */
static const struct nht_entry *next_asked(const struct show_nht *s, const struct addr *after)
{
	struct nht_hop at = {.ifindex = UINT32_MAX, .on_link = true}; /* the last of an address */
	const struct nht_entry *e;

	if (after)
		at.addr = *after;
	e = nht_next(s->inst->nht, s->family, after ? &at : NULL);
	while (e && e->on_link) {
		at = nht_hop_of(e);
		e = nht_next(s->inst->nht, s->family, &at);
	}
	return e;
}

/* Steps to the next address; false: the end. */
static bool next_addr(struct show_nht *s)
{
	const struct addr *after = s->begun ? &s->at : NULL;
	const struct nht_entry *e = next_asked(s, after);
	const struct addr *gate = gate_from(s, after, true);
	struct addr best = {.family = FAMILY_NONE};
	struct prefix p = {.family = FAMILY_NONE};

	if (e)
		take_lower(&best, &e->addr);
	if (gate)
		take_lower(&best, gate);
	if (next_network(s, &p)) {
		struct addr a = prefix_addr(&p);
		take_lower(&best, &a);
	}
	if (best.family == FAMILY_NONE)
		return false;
	s->at = best;
	s->begun = true;
	return true;
}

/* ---- printing ---- */

static void print_text_hop(struct out *o, const struct rt_hop *h)
{
	char text[ADDR_STRLEN];

	if (h->special)
		out_text(o, " %s", rt_special_text(h->special));
	else if (h->gate.family)
		out_text(o, " via %s", addr_str(&h->gate, text));
	else
		out_text(o, " is directly connected");
	if (h->ifindex)
		out_text(o, ", %s (vrf default)", h->ifname);
	if (h->flags & RT_HOP_RECURSIVE)
		out_text(o, " (recursive)");
	out_text(o, ", weight %u\n", h->weight);
}

static void print_client(struct out *o, const struct registration *reg)
{
	out_arr(o, "clientList");
	out_obj(o, NULL);
	out_str(o, "protocol", NULL, reg->client);
	out_uint(o, "socket", NULL, 0);
	out_bool(o, "filtered", NULL, false);
	out_bool(o, "nhtConnected", NULL, reg->connected);
	out_bool(o, "nhtResolveViaDefault", NULL, reg->via_default);
	out_obj_end(o);
	out_arr_end(o);
}

static void print_answer(struct show_nht *s, bool resolved)
{
	const struct rt_view *v = &s->view;
	char text[PREFIX_STRLEN];

	if (resolved)
		out_text(s->out, " resolved via %s, prefix %s\n", rt_kind_name(v->kind),
		    prefix_str(&v->prefix, text));
	else
		out_text(s->out, " unresolved\n");
	out_arr(s->out, "nexthops");
	for (unsigned i = 0; resolved && i < v->hop_count; i++) {
		rt_hop_json(s->out, &v->hops[i], true);
		print_text_hop(s->out, &v->hops[i]);
	}
	out_arr_end(s->out);
	if (resolved) {
		out_str(s->out, "resolvedProtocol", NULL, rt_kind_name(v->kind));
		out_str(s->out, "prefix", NULL, prefix_str(&v->prefix, text));
	} else {
		out_bool(s->out, "unresolved", NULL, true);
	}
}

static void print_registration(struct show_nht *s, const struct registration *reg)
{
	bool resolved = reg->via.family && rt_view_selected(s->inst, &reg->via, &s->view);
	char text[ADDR_STRLEN];

	if (s->shown++) {
		out_text(s->out, "\n");
	} else {
		out_text(s->out, "%s\n", addr_str(&s->at, text));
		out_obj(s->out, addr_str(&s->at, text));
		out_arr(s->out, "resolutions");
	}
	out_obj(s->out, NULL);
	print_client(s->out, reg);
	print_answer(s, resolved);
	out_obj_end(s->out);
	out_text(s->out, " Client list: %s(fd 0)%s%s\n", reg->client,
	    reg->connected ? "(Connected)" : "", reg->via_default ? "(ResolveViaDefault)" : "");
}

static void print_gate(struct show_nht *s)
{
	struct registration reg = {.client = "static"};
	const struct addr *gate = gate_from(s, &s->at, false);
	const struct rt_route *r;

	if (!gate || !addr_equal(gate, &s->at))
		return;
	r = kernel_route_match(s->inst->kernel, gate, nht_via_default(s->inst->nht));
	if (r)
		reg.via = r->prefix;
	print_registration(s, &reg);
}

static bool is_near(const struct peer *p, const struct nht_entry *e)
{
	if (e->ifindex)
		return p->ifindex == e->ifindex;
	return e->connected && e->via.family == p->source.addr.family &&
	       prefix_has_addr(&e->via, &p->source.addr);
}

/* BGP asks for a directly connected next hop where a single-hop eBGP neighbor needs it: that
 * neighbor's own address, or one in its subnet. */
static bool asked_connected(const struct instance *inst, const struct nht_entry *e)
{
	struct peer *p = inst->bgp ? peer_find(inst->bgp, &e->addr) : NULL;

	if (!inst->bgp)
		return false;
	if (p)
		return peer_is_ebgp(p) && !p->source.multihop && !p->cfg.ttl_security;
	list_for_each (p, &inst->bgp->peers, link)
		if (peer_is_ebgp(p) && !p->source.multihop && is_near(p, e))
			return true;
	return false;
}

static void print_next_hop(struct show_nht *s)
{
	struct registration reg = {.client = "bgp"};
	const struct nht_entry *e = nht_find(s->inst->nht, &s->at);

	if (!e)
		return;
	reg.connected = asked_connected(s->inst, e);
	if (e->via.len || nht_via_default(s->inst->nht))
		reg.via = e->via;
	print_registration(s, &reg);
}

static void print_networks(struct show_nht *s)
{
	const struct rib *r = checked_rib(s);
	unsigned bits = family_bits(s->family);

	for (unsigned len = 0; r && len <= bits; len++) {
		struct registration reg = {.client = "bgp", .via_default = true};
		struct prefix p = prefix_from_addr(&s->at);
		p.len = (uint8_t)len;
		prefix_mask(&p);
		struct addr whole = prefix_addr(&p);
		if (!addr_equal(&whole, &s->at) || !rib_has_network(r, &p))
			continue;
		if (kernel_route_exists(s->inst->kernel, &p))
			reg.via = p;
		print_registration(s, &reg);
	}
}

static void print_addr(struct show_nht *s)
{
	s->shown = 0;
	print_gate(s);
	print_next_hop(s);
	print_networks(s);
	if (s->shown) {
		out_arr_end(s->out);
		out_obj_end(s->out);
	}
}

/* ---- the command ---- */

static void end_document(struct out *o)
{
	for (int level = 0; level < 3; level++)
		out_obj_end(o);
	if (out_json(o))
		out_raw(o, "\n");
}

static bool step_nht(void *ctx, struct out *out)
{
	struct show_nht *s = ctx;

	s->out = out;
	for (unsigned n = 0; n < RT_STEP_ROUTES && out_queued(out) < RT_STEP_BYTES; n++) {
		if (!next_addr(s)) {
			end_document(out);
			return false;
		}
		if (s->only.family == FAMILY_NONE || addr_equal(&s->only, &s->at))
			print_addr(s);
	}
	return true;
}

static void end_nht(void *ctx)
{
	struct show_nht *s = ctx;

	mem_free(s->gates);
	mem_free(s);
}

static enum cli_rc run_show_nht(struct cli_call *call)
{
	struct show_nht *s;
	bool via_default;

	if (!rt_ask_vrf_ok(call))
		return CLI_OK;
	s = mem_zalloc(sizeof(*s));
	s->inst = call->app;
	s->family = rt_ask_family(call);
	arg_addr(call->args, "address", &s->only);
	collect_gates(s);
	via_default = nht_via_default(s->inst->nht);
	out_text(call->out, "VRF default:\n Resolve via default: %s\n", via_default ? "on" : "off");
	out_obj(call->out, NULL);
	out_obj(call->out, "default");
	out_obj(call->out, family_row_by(s->family)->word);
	out_bool(call->out, "resolveViaDefault", NULL, via_default);
	return cli_defer(call, step_nht, end_nht, s);
}

static const struct cli_row nht_rows[] = {
    {IN_EXEC,
	"show <ip|ipv6> <nht|import-check> [<A.B.C.D$address|X:X::X:X$address"
	"|vrf NAME$vrf_name [<A.B.C.D$address|X:X::X:X$address>]|vrf all$vrf_name>] [json]",
	"ipv6\tIPv6 information\nnht\tIP nexthop tracking table\n"
	"import-check\tIP import check tracking table\nvrf\tSpecify the VRF\n"
	"NAME\tThe VRF name\nall\tAll VRFs\nA.B.C.D\tIPv4 Address\nX:X::X:X\tIPv6 Address",
	0, .run = run_show_nht},
};
const struct cmd_rows cmd_show_nht = CMD_ROWS(nht_rows);
