/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printers of route views: the line of `show ip route`, the paragraph of `show ip route PREFIX`,
 * and the JSON that both share.
 *
 * Further next hops of a route stand below its first one; what a recursive one resolves to is
 * indented by two more. A star marks a next hop that is in the kernel, and needs the route to be
 * there too.
 */
#include <stdio.h>
#include <string.h>

#include "bgpd/cmd/show_rt.h"
#include "lib/clock.h"

struct special_name {
	const char *text, *key;
};
static const struct special_name specials[] = {
    [RT_BLACKHOLE] = {"unreachable (blackhole)", "blackhole"},
    [RT_UNREACHABLE] = {"unreachable (ICMP unreachable)", "reject"},
    [RT_PROHIBIT] = {"unreachable (ICMP admin-prohibited)", "admin-prohibited"},
};

const char *rt_special_text(uint8_t special)
{
	return specials[special].text;
}

static const char *uptime(const struct rt_view *v, char buf[static UPTIME_STRLEN])
{
	return clock_uptime_str(clock_sec() - v->since, buf);
}

/* ---- JSON ---- */

void rt_hop_json(struct out *o, const struct rt_hop *h, bool vrf)
{
	char text[ADDR_STRLEN];

	out_obj(o, NULL);
	out_uint(o, "flags", NULL, h->flags);
	if (h->flags & RT_HOP_DUPLICATE)
		out_bool(o, "duplicate", NULL, true);
	if (h->flags & RT_HOP_FIB)
		out_bool(o, "fib", NULL, true);
	if (h->special) {
		out_bool(o, "unreachable", NULL, true);
		out_bool(o, specials[h->special].key, NULL, true);
	} else if (h->gate.family) {
		out_str(o, "ip", NULL, addr_str(&h->gate, text));
		out_str(o, "afi", NULL, h->gate.family == FAMILY_IPV6 ? "ipv6" : "ipv4");
	} else {
		out_bool(o, "directlyConnected", NULL, true);
	}
	if (h->ifindex) {
		out_uint(o, "interfaceIndex", NULL, h->ifindex);
		out_str(o, "interfaceName", NULL, h->ifname);
	}
	if (h->resolver)
		out_bool(o, "resolver", NULL, true);
	if (vrf && !h->special)
		out_str(o, "vrf", NULL, "default");
	if (h->flags & RT_HOP_ACTIVE)
		out_bool(o, "active", NULL, true);
	if (h->flags & RT_HOP_ONLINK)
		out_bool(o, "onLink", NULL, true);
	if (h->flags & RT_HOP_RECURSIVE)
		out_bool(o, "recursive", NULL, true);
	out_uint(o, "weight", NULL, h->weight);
	out_obj_end(o);
}

static unsigned count_hops(const struct rt_view *v, uint8_t flag)
{
	unsigned n = 0;

	for (unsigned i = 0; i < v->hop_count; i++)
		n += (v->hops[i].flags & flag) != 0;
	return n;
}

static void json_status(struct out *o, const struct rt_view *v)
{
	if (v->status & RT_INSTALLED)
		out_bool(o, "installed", NULL, true);
	if (v->status & RT_FAILED)
		out_bool(o, "failed", NULL, true);
	if (v->status & RT_QUEUED)
		out_bool(o, "queued", NULL, true);
}

/* Opens the object and leaves it open. */
static void json_route(struct out *o, const struct rt_view *v)
{
	bool selected = v->flags & RT_SELECTED;
	char text[PREFIX_STRLEN], span[UPTIME_STRLEN];

	out_obj(o, NULL);
	out_str(o, "protocol", NULL, rt_kind_name(v->kind));
	if (selected) {
		out_bool(o, "selected", NULL, true);
		out_bool(o, "destSelected", NULL, true);
	}
	out_uint(o, "distance", NULL, v->distance);
	out_uint(o, "metric", NULL, v->metric);
	json_status(o, v);
	out_uint(o, "nexthopGroupId", NULL, v->group);
	out_uint(o, "vrfId", NULL, 0);
	out_str(o, "vrfName", NULL, "default");
	out_str(o, "uptime", NULL, uptime(v, span));
	out_str(o, "prefix", NULL, prefix_str(&v->prefix, text));
	out_uint(o, "prefixLen", NULL, v->prefix.len);
	if (v->tag)
		out_uint(o, "tag", NULL, v->tag);
	out_uint(o, "table", NULL, RT_TABLE);
	out_uint(o, "internalStatus", NULL, v->status);
	out_uint(o, "internalFlags", NULL, v->flags);
	out_uint(o, "internalNextHopNum", NULL, v->hop_count);
	out_uint(o, "internalNextHopActiveNum", NULL, count_hops(v, RT_HOP_ACTIVE));
	out_uint(o, "internalNextHopFibInstalledNum", NULL, count_hops(v, RT_HOP_FIB));
	if (selected && (v->status & RT_INSTALLED))
		out_uint(o, "installedNexthopGroupId", NULL, v->group);
	out_uint(o, "receivedNexthopGroupId", NULL, v->group);
	out_arr(o, "nexthops");
	for (unsigned i = 0; i < v->hop_count; i++)
		rt_hop_json(o, &v->hops[i], false);
	out_arr_end(o);
}

/* ---- text ---- */

static char status_char(const struct rt_view *v, const struct rt_hop *h)
{
	if (v->status & RT_INSTALLED)
		return h->flags & RT_HOP_FIB ? '*' : ' ';
	return v->status & RT_QUEUED ? 'q' : v->status & RT_FAILED ? 'r' : ' ';
}

/* What stands behind the address or interface. */
static void text_marks(struct out *o, const struct rt_hop *h, const char *duplicate)
{
	if (!(h->flags & RT_HOP_ACTIVE))
		out_text(o, " inactive");
	if (h->flags & RT_HOP_ONLINK)
		out_text(o, " onlink");
	if (h->flags & RT_HOP_RECURSIVE)
		out_text(o, " (recursive)");
	if (h->flags & RT_HOP_DUPLICATE)
		out_text(o, " (%s)", duplicate);
	out_text(o, ", weight %u", h->weight);
}

static void line_hop(struct out *o, const struct rt_hop *h)
{
	char text[ADDR_STRLEN];

	if (h->special)
		out_text(o, " %s", rt_special_text(h->special));
	else if (!h->gate.family)
		out_text(o, " is directly connected, %s", h->ifname);
	else
		out_text(
		    o, h->ifindex ? " via %s, %s" : " via %s", addr_str(&h->gate, text), h->ifname);
	text_marks(o, h, "dup");
}

/* Prefix, distance and metric; returns their width. */
static size_t line_prefix(struct sb *to, const struct rt_view *v)
{
	size_t start = to->len;
	char text[PREFIX_STRLEN];

	sb_add(to, prefix_str(&v->prefix, text));
	if (v->kind != RT_KIND_CONNECTED && v->kind != RT_KIND_LOCAL)
		sb_fmt(to, " [%u/%u]", v->distance, v->metric);
	return to->len - start;
}

static void text_line(struct out *o, const struct rt_view *v)
{
	static const char codes[] = {
	    [RT_KIND_KERNEL] = 'K',
	    [RT_KIND_CONNECTED] = 'C',
	    [RT_KIND_LOCAL] = 'L',
	    [RT_KIND_STATIC] = 'S',
	    [RT_KIND_BGP] = 'B',
	};
	struct sb *to = out_sb(o);
	char span[UPTIME_STRLEN];
	size_t width = 0;

	uptime(v, span);
	for (unsigned i = 0; i < v->hop_count; i++) {
		const struct rt_hop *h = &v->hops[i];
		if (i == 0) {
			sb_addc(to, codes[v->kind]);
			sb_addc(to, v->flags & RT_SELECTED ? '>' : ' ');
			sb_addc(to, status_char(v, h));
			sb_addc(to, ' ');
			width = line_prefix(to, v) + 1;
		} else {
			sb_add(to, "  ");
			sb_addc(to, status_char(v, h));
			sb_pad(to, to->len + width + (h->resolver ? 2 : 0));
		}
		line_hop(o, h);
		sb_add(to, ", ");
		sb_add(to, span);
		sb_addc(to, '\n');
	}
}

void rt_print_line(struct out *o, const struct rt_view *v)
{
	if (!out_json(o)) {
		text_line(o, v);
		return;
	}
	json_route(o, v);
	out_obj_end(o);
}

struct flag_name {
	uint8_t flag;
	const char *name;
};

static void text_flags(
    struct out *o, const char *title, const struct flag_name *names, size_t count, uint8_t flags)
{
	out_text(o, "  %s: ", title);
	if (!flags)
		out_text(o, "None ");
	for (size_t i = 0; i < count; i++)
		if (flags & names[i].flag)
			out_text(o, "%s ", names[i].name);
	out_text(o, "\n");
}

static void entry_hop(struct out *o, const struct rt_view *v, const struct rt_hop *h)
{
	char text[ADDR_STRLEN];

	out_text(o, "  %c %s", status_char(v, h), h->resolver ? "  " : "");
	if (h->special)
		out_text(o, "%s", rt_special_text(h->special));
	else if (!h->gate.family)
		out_text(o, "directly connected, %s", h->ifname);
	else
		out_text(o, h->ifindex ? "%s, via %s" : "%s", addr_str(&h->gate, text), h->ifname);
	text_marks(o, h, "duplicate nexthop removed");
	out_text(o, "\n");
}

static void text_entry(struct out *o, const struct rt_view *v)
{
	static const struct flag_name flags[] = {{RT_RECURSION, "Recursion"}, {RT_IBGP, "iBGP"},
	    {RT_SELECTED, "Selected"}, {RT_RR_DISTANCE, "RR Distance"}};
	static const struct flag_name statuses[] = {{RT_CHANGED, "Changed"}, {RT_QUEUED, "Queued"},
	    {RT_INSTALLED, "Installed"}, {RT_FAILED, "Failed"}};
	char text[PREFIX_STRLEN], span[UPTIME_STRLEN];

	out_text(o, "Routing entry for %s\n", prefix_str(&v->prefix, text));
	out_text(o, "  Known via \"%s\", distance %u, metric %u", rt_kind_name(v->kind),
	    v->distance, v->metric);
	if (v->tag)
		out_text(o, ", tag %u", v->tag);
	out_text(o, "%s\n", v->flags & RT_SELECTED ? ", best" : "");
	out_text(o, "  Last update %s ago\n", uptime(v, span));
	text_flags(o, "Flags", flags, sizeof(flags) / sizeof(flags[0]), v->flags);
	text_flags(o, "Status", statuses, sizeof(statuses) / sizeof(statuses[0]), v->status);
	for (unsigned i = 0; i < v->hop_count; i++)
		entry_hop(o, v, &v->hops[i]);
	out_text(o, "\n");
}

void rt_print_entry(struct out *o, const struct rt_view *v)
{
	if (!out_json(o)) {
		text_entry(o, v);
		return;
	}
	json_route(o, v);
	out_uint(o, "flags", NULL, v->flags);
	out_uint(o, "status", NULL, v->status);
	out_obj_end(o);
}
