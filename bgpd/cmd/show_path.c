/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One path of the table, gathered once, and its short forms: a line of `show ip bgp`, the same as
 * JSON, and the member of advertised-routes and received-routes.
 *
 * Column widths are FRR's: a prefix or next hop too long for its column goes on in the next line.
 */
#include <string.h>

#include "bgpd/cmd/show.h"

enum { NEXT_HOP_GLOBAL_LEN = 16, NEXT_HOP_BOTH_LEN = 32 };

const struct path *show_path_first(const struct rib *r, const struct dest *d)
{
	const struct path *p = rib_path(r, d->paths);

	return p && (p->flags & PATH_DENIED) ? show_path_next(r, p) : p;
}

const struct path *show_path_next(const struct rib *r, const struct path *p)
{
	do
		p = rib_path(r, p->next);
	while (p && (p->flags & PATH_DENIED));
	return p;
}

/* FRR marks the best path too when others are used beside it. */
static bool is_multipath(const struct rib *r, const struct dest *d, const struct path *p)
{
	const struct path *q;

	if (p->flags & PATH_MULTIPATH)
		return true;
	if (!(p->flags & PATH_BEST))
		return false;
	for (q = show_path_first(r, d); q; q = show_path_next(r, q))
		if (q != p && q->flags & PATH_MULTIPATH)
			return true;
	return false;
}

static const char *announcer(const struct bgp *b, const struct source *s)
{
	if (s->kind == SOURCE_LOCAL)
		return *b->env.hostname;
	return s->host && s->host[0] ? s->host : NULL;
}

struct path_view path_view(const struct bgp *b, const struct rib *r, const struct dest *d,
    const struct path *p, uint32_t attrs)
{
	struct path_view v = {
	    .bgp = b,
	    .rib = r,
	    .dest = d,
	    .path = p,
	    .source = rib_source(r, p),
	    .prefix = rib_dest_prefix(r, d),
	};

	attr_view(b->env.attrs, attrs ? attrs : rib_path_attrs(r, p), &v.attrs);
	v.hop = v.attrs.next_hop;
	if (v.hop.family == FAMILY_NONE)
		v.hop.family = (uint8_t)rib_family(r);
	v.local = v.source->kind == SOURCE_LOCAL;
	v.multipath = is_multipath(r, d, p);
	v.host = announcer(b, v.source);
	if (p->nexthop && b->env.nht)
		v.nht = nht_entry(b->env.nht, p->nexthop);
	return v;
}

/* ---- text ---- */

void show_table_header(struct out *out, const struct bgp *b, const struct rib *r, bool detail)
{
	char id[ADDR_STRLEN];

	out_text(out, "BGP table version is %u, local router ID is %s, vrf id 0\n", rib_version(r),
	    show_id(b->router_id, id));
	out_text(
	    out, "Default local pref %u, local AS %u\n", b->cfg.rib.default_local_pref, b->cfg.as);
	if (detail)
		return;
	out_text(out,
	    "Status codes:  s suppressed, d damped, h history, u unsorted, * valid, > best, = "
	    "multipath,\n"
	    "               i internal, r RIB-failure, S Stale, R Removed\n"
	    "Nexthop codes: @NNN nexthop's vrf id, < announce-nh-self\n"
	    "Origin codes:  i - IGP, e - EGP, ? - incomplete\n"
	    "RPKI validation codes: V valid, I invalid, N Not found\n\n");
}

/* Column widths by style: what stands between the start of a column and the next. */
static const struct widths {
	int status, network, next_hop;
} widths[] = {
    [ROW_PLAIN] = {5, 17, 16},
    [ROW_WIDE] = {5, 45, 38},
    [ROW_RECEIVED] = {4, 17, 16},
};

void show_columns(struct out *out, enum row_style style)
{
	const struct widths *w = &widths[style == ROW_RECEIVED ? ROW_PLAIN : style];

	out_text(out, "%*s%-*s%-*s    Metric LocPrf Weight Path\n", w->status, "", w->network,
	    "Network", w->next_hop, "Next Hop");
}

/* Ends a cell that began at `start`: blanks up to its width, or, if it does not fit, a line break
 * and blanks up to the next column. */
static void end_cell(struct sb *to, size_t start, int width, int next_column)
{
	if (to->len - start < (size_t)width) {
		sb_pad(to, start + (size_t)width);
	} else {
		sb_addc(to, '\n');
		sb_pad(to, to->len + (size_t)next_column);
	}
}

static void cell_prefix(struct sb *to, const struct prefix *p, const struct widths *w)
{
	size_t start = to->len;
	char text[PREFIX_STRLEN];

	if (p)
		sb_add(to, prefix_str(p, text));
	end_cell(to, start, w->network, 20);
}

static void cell_addr(struct sb *to, const struct addr *a, const struct widths *w)
{
	size_t start = to->len;
	char text[ADDR_STRLEN];

	sb_add(to, addr_str(a, text));
	end_cell(to, start, w->next_hop, 38);
}

static void status(struct sb *to, const struct path_view *v, enum row_style style)
{
	uint16_t f = v->path->flags;
	char valid = ' ', best = ' ';

	if (f & PATH_REMOVED)
		valid = 'R';
	else if (f & PATH_STALE)
		valid = 'S';
	else if (f & PATH_VALID || style == ROW_RECEIVED)
		valid = '*';
	if (f & PATH_BEST || style == ROW_RECEIVED)
		best = '>';
	else if (f & PATH_MULTIPATH)
		best = '=';
	sb_addn(to, (char[]){' ', valid, best}, 3);
	if (style != ROW_RECEIVED)
		sb_addc(to, v->source->kind == SOURCE_IBGP ? 'i' : ' ');
	sb_addc(to, ' ');
}

static const struct addr *hop_shown(const struct path_view *v)
{
	return v->attrs.next_hop_local.family ? &v->attrs.next_hop_local : &v->hop;
}

static const struct origin_words {
	char letter;
	const char *name;
} origins[] = {
    [ORIGIN_IGP] = {'i', "IGP"},
    [ORIGIN_EGP] = {'e', "EGP"},
    [ORIGIN_INCOMPLETE] = {'?', "incomplete"},
};

static bool has(const struct path_view *v, uint8_t code)
{
	return v->attrs.have & ATTR_BIT(code);
}

/* A number that may be missing, right-aligned. */
static void number(struct sb *to, bool there, uint32_t n, size_t width)
{
	if (there)
		sb_uint_right(to, n, width);
	else
		sb_pad(to, to->len + width);
}

void show_row_text(struct out *out, const struct path_view *v, enum row_style style, bool again)
{
	const struct widths *w = &widths[style];
	struct sb *to = out_sb(out);

	if (out_json(out))
		return;
	status(to, v, style);
	cell_prefix(to, again ? NULL : &v->prefix, w);
	cell_addr(to, hop_shown(v), w);
	number(to, has(v, ATTR_MED), v->attrs.med, 10);
	number(to, has(v, ATTR_LOCAL_PREF), v->attrs.local_pref, 7);
	sb_uint_right(to, v->attrs.weight, 7);
	sb_addc(to, ' ');

	size_t start = to->len;

	aspath_str(v->attrs.as_path, to);
	if (to->len > start)
		sb_addc(to, ' ');
	sb_addc(to, origins[v->attrs.origin].letter);
	sb_addc(to, '\n');
}

/* ---- JSON ---- */

static void out_hop(struct out *out, const struct path_view *v, bool used)
{
	bool ipv6 = v->hop.family == FAMILY_IPV6;
	char text[ADDR_STRLEN];

	out_obj(out, NULL);
	out_str(out, "ip", NULL, addr_str(&v->hop, text));
	if (v->host)
		out_str(out, "hostname", NULL, v->host);
	out_str(out, "afi", NULL, ipv6 ? "ipv6" : "ipv4");
	if (ipv6) {
		out_str(out, "scope", NULL, "global");
		out_bool(out, "linkLocalOnly", NULL, false);
		out_uint(out, "length", NULL, used ? NEXT_HOP_GLOBAL_LEN : NEXT_HOP_BOTH_LEN);
	}
	if (used)
		out_bool(out, "used", NULL, true);
	out_obj_end(out);
}

static void out_link_local(struct out *out, const struct path_view *v)
{
	char text[ADDR_STRLEN];

	out_obj(out, NULL);
	out_str(out, "ip", NULL, addr_str(&v->attrs.next_hop_local, text));
	if (v->host)
		out_str(out, "hostname", NULL, v->host);
	out_str(out, "afi", NULL, "ipv6");
	out_str(out, "scope", NULL, "link-local");
	out_bool(out, "used", NULL, true);
	out_obj_end(out);
}

static void out_path_origin(struct out *out, const struct path_view *v)
{
	struct sb path;

	sb_init(&path);
	aspath_str(v->attrs.as_path, &path);
	out_str(out, "path", NULL, path.s);
	sb_fini(&path);
	out_str(out, "origin", NULL, origins[v->attrs.origin].name);
}

static void out_prefix(struct out *out, const struct path_view *v, const char *key)
{
	struct addr a = prefix_addr(&v->prefix);
	char text[PREFIX_STRLEN];

	out_str(out, key, NULL, addr_str(&a, text));
	out_uint(out, "prefixLen", NULL, v->prefix.len);
	out_str(out, "network", NULL, prefix_str(&v->prefix, text));
}

static void out_metrics(struct out *out, const struct path_view *v)
{
	if (has(v, ATTR_MED))
		out_uint(out, "metric", NULL, v->attrs.med);
	if (has(v, ATTR_LOCAL_PREF))
		out_uint(out, "locPrf", NULL, v->attrs.local_pref);
	out_uint(out, "weight", NULL, v->attrs.weight);
}

static void out_flags(struct out *out, const struct path_view *v)
{
	uint16_t f = v->path->flags;

	if (f & PATH_REMOVED)
		out_bool(out, "removed", NULL, true);
	if (f & PATH_STALE)
		out_bool(out, "stale", NULL, true);
	if (f & PATH_VALID)
		out_bool(out, "valid", NULL, true);
	if (f & PATH_BEST) {
		out_bool(out, "bestpath", NULL, true);
		out_str(out, "selectionReason", NULL, reason_str(v->path->reason));
	}
	if (v->multipath)
		out_bool(out, "multipath", NULL, true);
}

void show_row_json(struct out *out, const struct path_view *v)
{
	char text[ADDR_STRLEN];
	bool both = v->attrs.next_hop_local.family != FAMILY_NONE;

	out_obj(out, NULL);
	out_flags(out, v);
	out_str(out, "pathFrom", NULL, v->source->kind == SOURCE_IBGP ? "internal" : "external");
	out_prefix(out, v, "prefix");
	out_uint(out, "version", NULL, v->dest->version);
	out_metrics(out, v);
	out_str(out, "peerId", NULL, v->local ? "(unspec)" : addr_str(&v->source->addr, text));
	out_path_origin(out, v);
	out_arr(out, "nexthops");
	out_hop(out, v, !both);
	if (both)
		out_link_local(out, v);
	out_arr_end(out);
	out_obj_end(out);
}

void show_adj_json(struct out *out, const struct path_view *v)
{
	char text[PREFIX_STRLEN];

	out_obj_styled(out, prefix_str(&v->prefix, text), OUT_PLAIN);
	out_prefix(out, v, "addrPrefix");
	out_str(out, v->hop.family == FAMILY_IPV6 ? "nextHopGlobal" : "nextHop", NULL,
	    addr_str(&v->hop, text));
	out_metrics(out, v);
	out_path_origin(out, v);
	out_bool(out, "valid", NULL, true);
	out_bool(out, "best", NULL, true);
	if (v->multipath)
		out_bool(out, "multipath", NULL, true);
	out_obj_end(out);
}
