/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show bgp statistics`, `statistics-all`: a table in figures.
 *
 * One walk in table order gathers all of them. A prefix is aggregateable if a shorter one covers
 * it: in table order that one came before, so that only the last prefix that nobody covers has to
 * be remembered. Families that Ferro does not run are shown empty, as on a router that has none of
 * them.
 */
#include <math.h>
#include <stdio.h>

#include "bgpd/cmd/show.h"
#include "bgpd/codec/aspath.h"
#include "lib/mem.h"

struct figures {
	uint32_t paths, prefixes, covered, with_path, aggregates, redistributed;
	uint64_t bits; /* sum of prefix lengths */
	double space;
	uint64_t hops, path_bytes; /* sums */
	uint32_t longest, largest, highest_as;
	uint32_t lengths[129];
};

/* The families in the order of statistics-all. */
static const struct stat_family {
	const char *title, *key;
	uint8_t family; /* enum family whose table is shown; NONE: empty */
	uint8_t bits;   /* address length that the equivalents are counted in */
} stat_families[] = {
    {"IPv4 Unicast", "ipv4Unicast", FAMILY_IPV4, 32},
    {"IPv4 Multicast", "ipv4Multicast", FAMILY_NONE, 32},
    {"IPv4 VPN", "ipv4Vpn", FAMILY_NONE, 32},
    {"IPv4 Encap", "ipv4Encap", FAMILY_NONE, 32},
    {"IPv4 Labeled Unicast", "ipv4LabeledUnicast", FAMILY_IPV4, 32},
    {"IPv4 Flowspec", "ipv4Flowspec", FAMILY_NONE, 32},
    {"IPv4 Unreachability", "ipv4Unreachability", FAMILY_NONE, 32},
    {"IPv6 Unicast", "ipv6Unicast", FAMILY_IPV6, 128},
    {"IPv6 Multicast", "ipv6Multicast", FAMILY_NONE, 128},
    {"IPv6 VPN", "ipv6Vpn", FAMILY_NONE, 128},
    {"IPv6 Encap", "ipv6Encap", FAMILY_NONE, 128},
    {"IPv6 Labeled Unicast", "ipv6LabeledUnicast", FAMILY_IPV6, 128},
    {"IPv6 Flowspec", "ipv6Flowspec", FAMILY_NONE, 128},
    {"IPv6 Unreachability", "ipv6Unreachability", FAMILY_NONE, 128},
    {"L2VPN EVPN", "l2VpnEvpn", FAMILY_NONE, 32},
    {"Link-State Link-State", "linkState", FAMILY_NONE, 32},
};
enum { STAT_FAMILIES = sizeof(stat_families) / sizeof(stat_families[0]) };

struct statistics {
	struct instance *inst;
	struct show_walk walk;
	struct prefix top; /* the last prefix that no other covers */
	uint8_t family;    /* table under way; above IPV6: done */
	uint8_t only;      /* enum family; NONE: all */
	bool framed;
	struct figures figures[FAMILY_LIMIT]; /* by enum family; [NONE] stays empty */
};

/* ---- gathering ---- */

/* RFC 6996 keeps these for private use; the last of each block is reserved. */
static bool is_public(uint32_t as)
{
	return as && !(as >= 64512 && as <= 65535) && as < 4200000000u;
}

static void add_as_path(struct figures *f, struct span path)
{
	struct rd r = span_rd(path);
	uint32_t hops = aspath_hops(path);
	struct segment s;

	f->with_path++;
	f->hops += hops;
	f->path_bytes += path.len;
	f->longest = hops > f->longest ? hops : f->longest;
	f->largest = path.len > f->largest ? path.len : f->largest;
	while (segment_next(&r, &s))
		for (unsigned i = 0; i < s.count; i++) {
			uint32_t as = rd_u32(&s.as);

			if (is_public(as) && as > f->highest_as)
				f->highest_as = as;
		}
}

static void add_prefix(struct statistics *s, struct figures *f, const struct prefix *p)
{
	f->prefixes++;
	f->bits += p->len;
	f->lengths[p->len]++;
	if (s->top.family == p->family && prefix_contains(&s->top, p)) {
		f->covered++;
		return;
	}
	if (p->len) /* FRR: the default route covers nothing */
		s->top = *p;
	f->space += ldexp(1, (int)family_bits(p->family) - p->len);
}

static void visit(void *ctx, const struct dest *d, const struct prefix *prefix)
{
	struct statistics *s = ctx;
	const struct bgp *b = s->inst->bgp;
	const struct rib *r = b->rib[prefix->family];
	struct figures *f = &s->figures[prefix->family];
	const struct path *p = show_path_first(r, d);

	if (p)
		add_prefix(s, f, prefix);
	for (; p; p = show_path_next(r, p)) {
		struct attr_set attrs;

		f->paths++;
		f->aggregates += (p->flags & PATH_AGGREGATE) != 0;
		f->redistributed += (p->flags & PATH_REDISTRIBUTED) != 0;
		attr_view(b->env.attrs, rib_path_attrs(r, p), &attrs);
		if (attrs.have & ATTR_BIT(ATTR_AS_PATH))
			add_as_path(f, attrs.as_path);
	}
}

/* ---- showing ---- */

static double share(double sum, uint32_t of)
{
	return of ? sum / of : 0;
}

/* How many networks of a length the announced space makes. */
static void show_equivalent(struct out *out, const struct figures *f, uint8_t bits, int len)
{
	double networks = ldexp(f->space, len - bits);
	char key[32];

	snprintf(key, sizeof(key), "/%dequivalent", len);
	out_double(out, key, NULL, networks);
	if (bits != 32) { /* FRR prints the format's %s as it is */
		out_text(out, "            /%d equivalent %%s\n: %12g\n", len, networks);
		return;
	}
	snprintf(key, sizeof(key), "/%d", len);
	out_text(out, "%18s equivalent : %12.2f\n", key, networks);
}

static void show_space(struct out *out, const struct figures *f, uint8_t bits)
{
	out_double(
	    out, "addressSpaceAdvertised", "Address space advertised      : %12g\n", f->space);
	if (bits == 32) {
		out_double(out, "%announced", "                  %% announced : %12.2f\n",
		    f->space * 100 / ldexp(1, 32));
		show_equivalent(out, f, bits, 8);
		show_equivalent(out, f, bits, 24);
	} else {
		show_equivalent(out, f, bits, 32);
		show_equivalent(out, f, bits, 48);
	}
	out_text(out, "\n");
}

static void show_as_paths(struct out *out, const struct figures *f)
{
	out_uint(out, "advertisementsWithPaths", "Advertisements with paths     : %12llu\n",
	    f->with_path);
	out_uint(out, "longestAsPath", "Longest AS-Path (hops)        : %12llu\n", f->longest);
	out_double(out, "averageAsPathLengthHops", "Average AS-Path length (hops) : %12.2f\n",
	    share((double)f->hops, f->with_path));
	out_uint(out, "largestAsPath", "Largest AS-Path (bytes)       : %12llu\n", f->largest);
	out_double(out, "averageAsPathSizeBytes", "Average AS-Path size (bytes)  : %12.2f\n",
	    share((double)f->path_bytes, f->with_path));
	out_uint(
	    out, "highestPublicAsn", "Highest public ASN            : %12llu\n", f->highest_as);
}

static void show_lengths(struct out *out, const struct figures *f)
{
	char key[8];

	out_arr(out, "prefixLength");
	for (unsigned len = 0; len < sizeof(f->lengths) / sizeof(f->lengths[0]); len++) {
		if (!f->lengths[len])
			continue;
		snprintf(key, sizeof(key), "%u", len);
		out_obj(out, NULL);
		out_uint(out, key, NULL, f->lengths[len]);
		out_obj_end(out);
	}
	out_arr_end(out);
}

static void show_figures(struct out *out, const struct stat_family *row, const struct figures *f)
{
	out_text(out, "BGP %s RIB statistics (VRF default)\n", row->title);
	out_arr(out, row->key);
	out_obj(out, NULL);
	out_str(out, "instance", NULL, "VRF default");
	out_uint(out, "bgpBestPathCalls", NULL, 0);
	out_uint(out, "bgpNodeOnQueue", NULL, 0);
	out_uint(out, "bgpNodeDeferredOnQueue", NULL, 0);
	out_uint(out, "totalAdvertisements", "Total Advertisements          : %12llu\n", f->paths);
	out_uint(out, "totalPrefixes", "Total Prefixes                : %12llu\n", f->prefixes);
	out_double(out, "averagePrefixLength", "Average prefix length         : %12.2f\n",
	    share((double)f->bits, f->prefixes));
	out_uint(out, "unaggregateablePrefixes", "Unaggregateable prefixes      : %12llu\n",
	    f->prefixes - f->covered);
	out_uint(out, "maximumAggregateablePrefixes", "Maximum aggregateable prefixes: %12llu\n",
	    f->covered);
	out_uint(out, "bgpAggregateAdvertisements", "BGP Aggregate advertisements  : %12llu\n",
	    f->aggregates);
	show_space(out, f, row->bits);
	show_as_paths(out, f);
	out_uint(out, "totalRedistributed", "Redistributed routes          : %12llu\n",
	    f->redistributed);
	out_uint(
	    out, "totalLocalAggregates", "Local aggregates              : %12llu\n", f->aggregates);
	out_uint(out, "zebraAnnounceQueue", "Zebra announce queue          : %12llu\n", 0);
	show_lengths(out, f);
	out_obj_end(out);
	out_arr_end(out);
}

static void show_all(const struct statistics *s, struct out *out)
{
	out_obj(out, NULL);
	for (size_t i = 0; i < STAT_FAMILIES; i++) {
		const struct stat_family *row = &stat_families[i];

		if (s->only != FAMILY_NONE && row->family != s->only)
			continue;
		show_figures(out, row, &s->figures[row->family]);
		if (s->only != FAMILY_NONE)
			break;
	}
	out_obj_end(out);
	if (out_json(out))
		out_raw(out, "\n");
	if (s->framed)
		show_frame_close(out);
}

static bool step_statistics(void *ctx, struct out *out)
{
	struct statistics *s = ctx;
	const struct bgp *b = s->inst->bgp;

	while (b && s->family < FAMILY_LIMIT) {
		if ((s->only == FAMILY_NONE || s->only == s->family) &&
		    show_walk(&s->walk, b->rib[s->family], out, visit, s))
			return true;
		s->walk = (struct show_walk){0};
		s->family++;
	}
	show_all(s, out);
	return false;
}

static enum cli_rc run_statistics(struct cli_call *call)
{
	const struct bgp *b = show_bgp(call, SHOW_MISSING_TABLE);
	struct statistics *s;

	if (!b)
		return CLI_OK;
	s = mem_zalloc(sizeof(*s));
	s->inst = call->app;
	s->family = FAMILY_IPV4;
	s->framed = show_vrf_all(call);
	if (!arg_has(call->args, "statistics-all"))
		s->only = (uint8_t)show_family(call);
	if (s->framed)
		show_frame_open(call->out, false);
	return cli_defer(call, step_statistics, mem_free, s);
}

static const struct cli_row show_statistics_rows[] = {
    {IN_EXEC, "show [ip] bgp " SHOW_VRF SHOW_FAMILY "statistics [json]", SHOW_HELP, 0,
	.run = run_statistics},
    {IN_EXEC, "show [ip] bgp " SHOW_VRF "statistics-all [json]", NULL, 0, .run = run_statistics},
};
const struct cmd_rows cmd_show_statistics = CMD_ROWS(show_statistics_rows);
