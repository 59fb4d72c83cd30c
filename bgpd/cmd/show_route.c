/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show ip bgp PREFIX`: a destination with all of its paths in the long form, which `detail`
 * tables and `advertised-routes detail` print too.
 *
 * Text and JSON differ in order, so a path is shown in small pieces (origin, metrics, next hops,
 * communities ...), each of which says its field once for both.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "bgpd/cmd/show.h"
#include "bgpd/codec/aspath.h"
#include "lib/clock.h"

static bool has(const struct path_view *v, uint8_t code)
{
	return v->attrs.have & ATTR_BIT(code);
}

/* ---- names of neighbors, with `bgp default show-hostname` ---- */

static void named(struct sb *to, const struct addr *a, const char *host, bool host_first)
{
	char text[ADDR_STRLEN];

	addr_str(a, text);
	if (!host)
		sb_add(to, text);
	else if (host_first)
		sb_fmt(to, "%s(%s)", host, text);
	else
		sb_fmt(to, "%s(%s)", text, host);
}

static struct addr announcer_addr(const struct path_view *v)
{
	struct addr a = v->source->addr;

	if (v->local)
		a = (struct addr){.family = v->hop.family};
	return a;
}

/* ---- AS path ---- */

static const char *segment_name(uint8_t type)
{
	switch (type) {
	case AS_SET:
		return "as-set";
	case AS_CONFED_SEQUENCE:
		return "as-confed-sequence";
	case AS_CONFED_SET:
		return "as-confed-set";
	default:
		return "as-sequence";
	}
}

static void show_as_path(struct out *out, const struct path_view *v)
{
	struct rd r = span_rd(v->attrs.as_path);
	struct segment s;
	struct sb text;

	sb_init(&text);
	aspath_str(v->attrs.as_path, &text);
	out_obj(out, "aspath");
	out_str(out, "string", "  %s", text.len ? text.s : "Local");
	out_arr(out, "segments");
	while (out_json(out) && segment_next(&r, &s)) {
		out_obj(out, NULL);
		out_str(out, "type", NULL, segment_name(s.type));
		out_arr(out, "list");
		for (unsigned i = 0; i < s.count; i++)
			out_uint(out, NULL, NULL, rd_u32(&s.as));
		out_arr_end(out);
		out_obj_end(out);
	}
	out_arr_end(out);
	out_uint(out, "length", NULL, aspath_hops(v->attrs.as_path));
	out_obj_end(out);
	sb_fini(&text);
}

static void show_first_line(struct out *out, const struct path_view *v)
{
	char id[ADDR_STRLEN];

	show_as_path(out, v);
	if (has(v, ATTR_AGGREGATOR)) {
		out_uint(out, "aggregatorAs", ", (aggregated by %llu", v->attrs.aggregator_as);
		out_str(out, "aggregatorId", " %s)", show_id(v->attrs.aggregator_id, id));
	}
	if (v->path->flags & PATH_STALE)
		out_bool(out, "stale", ", (stale)", true);
	if (v->source->client && v->source->kind == SOURCE_IBGP)
		out_bool(out, "rxedFromRrClient", ", (Received from a RR-client)", true);
	out_text(out, "\n");
}

/* ---- next hop and announcer: text ---- */

/* In text FRR names the router that a reflected path comes from, not the reflector. */
static uint32_t maker_id(const struct path_view *v)
{
	if (v->local)
		return v->bgp->router_id;
	return has(v, ATTR_ORIGINATOR_ID) ? v->attrs.originator_id : v->source->router_id;
}

static void show_hop_text(struct out *out, const struct path_view *v)
{
	bool valid = v->path->flags & PATH_VALID;
	struct addr from = announcer_addr(v);
	const struct bgp_cfg *cfg = &v->bgp->cfg;
	char text[ADDR_STRLEN];
	struct sb line;

	if (out_json(out))
		return;
	sb_init(&line);
	named(&line, &v->hop, cfg->show_nexthop_hostname ? v->host : NULL, false);
	if (!valid)
		sb_fmt(&line, " (inaccessible%s)",
		    cfg->rib.import_check ? ", import-check enabled" : "");
	else if (v->nht && v->nht->metric)
		sb_fmt(&line, " (metric %u)", v->nht->metric);
	sb_add(&line, " from ");
	named(&line, &from, cfg->show_hostname && !v->local ? v->host : NULL, true);
	out_text(out, "    %s (%s)\n", line.s, show_id(maker_id(v), text));
	if (v->attrs.next_hop_local.family)
		out_text(out, "    (%s) (used)\n", addr_str(&v->attrs.next_hop_local, text));
	sb_fini(&line);
}

/* ---- next hop and announcer: JSON ---- */

static void hop_head(
    struct out *out, const struct path_view *v, const struct addr *a, const char *scope)
{
	bool both = v->attrs.next_hop_local.family != FAMILY_NONE;
	char text[ADDR_STRLEN];

	out_obj(out, NULL);
	out_str(out, "ip", NULL, addr_str(a, text));
	if (v->host)
		out_str(out, "hostname", NULL, v->host);
	out_str(out, "afi", NULL, a->family == FAMILY_IPV6 ? "ipv6" : "ipv4");
	if (a->family != FAMILY_IPV6)
		return;
	out_str(out, "scope", NULL, scope);
	if (!strcmp(scope, "global"))
		out_bool(out, "linkLocalOnly", NULL, false);
	out_uint(out, "length", NULL, both ? 32 : 16);
}

static void show_hops_json(struct out *out, const struct path_view *v)
{
	bool valid = v->path->flags & PATH_VALID;
	bool both = v->attrs.next_hop_local.family != FAMILY_NONE;

	out_arr(out, "nexthops");
	hop_head(out, v, &v->hop, "global");
	if (valid)
		out_uint(out, "metric", NULL, v->nht ? v->nht->metric : 0);
	out_bool(out, "accessible", NULL, valid);
	if (!valid && v->bgp->cfg.rib.import_check)
		out_bool(out, "importCheckEnabled", NULL, true);
	if (!both)
		out_bool(out, "used", NULL, true);
	out_obj_end(out);
	if (both) {
		hop_head(out, v, &v->attrs.next_hop_local, "link-local");
		out_bool(out, "accessible", NULL, valid);
		out_bool(out, "used", NULL, true);
		out_obj_end(out);
	}
	out_arr_end(out);
}

static void show_peer_json(struct out *out, const struct path_view *v)
{
	struct addr a = announcer_addr(v);
	char text[ADDR_STRLEN];

	out_obj(out, "peer");
	out_str(out, "peerId", NULL, addr_str(&a, text));
	out_str(out, "routerId", NULL,
	    show_id(v->local ? v->bgp->router_id : v->source->router_id, text));
	if (!v->local && v->host)
		out_str(out, "hostname", NULL, v->host);
	if (!v->local)
		out_str(
		    out, "type", NULL, v->source->kind == SOURCE_IBGP ? "internal" : "external");
	out_obj_end(out);
}

/* ---- the line of attributes ---- */

static void show_kind(struct out *out, const struct path_view *v)
{
	if (v->local && v->path->flags & PATH_AGGREGATE) {
		out_bool(out, "aggregated", NULL, true);
		out_bool(out, "local", NULL, true);
		out_text(out, ", aggregated (%u), local", v->attrs.aggregator_as);
	} else if (v->local) {
		out_bool(out, "sourced", ", sourced", true);
		if (!(v->path->flags & PATH_REDISTRIBUTED))
			out_bool(out, "local", ", local", true);
	} else {
		out_text(out, ", %s", v->source->kind == SOURCE_IBGP ? "internal" : "external");
	}
}

static void show_selection(struct out *out, const struct path_view *v)
{
	bool best = v->path->flags & PATH_BEST;

	if (has(v, ATTR_ATOMIC_AGGREGATE))
		out_bool(out, "atomicAggregate", ", atomic-aggregate", true);
	if (v->multipath)
		out_bool(out, "multipath", ", multipath", true);
	if (!best)
		return;
	out_obj(out, "bestpath");
	out_bool(out, "overall", NULL, true);
	out_str(out, "selectionReason", ", best (%s)", reason_str(v->path->reason));
	out_obj_end(out);
}

static void show_attributes(struct out *out, const struct path_view *v)
{
	static const char *const origins[] = {"IGP", "EGP", "incomplete"};
	bool valid = v->path->flags & PATH_VALID;

	out_str(out, "origin", "      Origin %s", origins[v->attrs.origin]);
	if (has(v, ATTR_MED))
		out_uint(out, "metric", ", metric %llu", v->attrs.med);
	if (has(v, ATTR_LOCAL_PREF))
		out_uint(out, "locPrf", ", localpref %llu", v->attrs.local_pref);
	if (v->attrs.weight)
		out_uint(out, "weight", ", weight %llu", v->attrs.weight);
	out_bool(out, "valid", ", valid", valid);
	if (!valid)
		out_text(out, ", invalid");
	out_uint(out, "version", NULL, v->dest->version);
	show_kind(out, v);
	show_selection(out, v);
	out_text(out, "\n");
}

/* ---- communities ---- */

/* FRR's JSON names of well-known communities: camel case, with exceptions. */
static void json_community_name(const char *word, size_t len, char *to, size_t size)
{
	static const struct {
		const char *name, *json;
	} odd[] = {{"accept-own", "acceptown"}, {"local-AS", "localAs"}};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		if (strlen(odd[i].name) == len && !strncmp(odd[i].name, word, len)) {
			snprintf(to, size, "%s", odd[i].json);
			return;
		}
	for (size_t i = 0; i < len && n + 1 < size; i++) {
		if (word[i] == '-' && isalpha((unsigned char)word[i + 1]))
			to[n++] = (char)toupper((unsigned char)word[++i]);
		else
			to[n++] = word[i];
	}
	to[n] = '\0';
}

static void community_list(struct out *out, const char *words)
{
	char name[64];

	out_arr(out, "list");
	while (*words) {
		size_t len = strcspn(words, " ");

		json_community_name(words, len, name, sizeof(name));
		out_str(out, NULL, NULL, name);
		words += len + (words[len] == ' ');
	}
	out_arr_end(out);
}

static const struct community_kind {
	uint8_t code;
	const char *title, *key;
	bool list;
	void (*str)(struct span c, struct sb *to);
} community_kinds[] = {
    {ATTR_COMMUNITIES, "      Community: %s\n", "community", true, community_str},
    {ATTR_EXT_COMMUNITIES, "      Extended Community: %s\n", "extendedCommunity", false,
	ext_community_str},
    {ATTR_LARGE_COMMUNITIES, "      Large Community: %s\n", "largeCommunity", true,
	large_community_str},
};

static struct span community_span(const struct attr_set *a, uint8_t code)
{
	if (code == ATTR_COMMUNITIES)
		return a->communities;
	return code == ATTR_EXT_COMMUNITIES ? a->ext_communities : a->large_communities;
}

static void show_communities(struct out *out, const struct path_view *v)
{
	for (size_t i = 0; i < sizeof(community_kinds) / sizeof(community_kinds[0]); i++) {
		const struct community_kind *k = &community_kinds[i];
		struct sb text;

		if (!has(v, k->code))
			continue;
		sb_init(&text);
		k->str(community_span(&v->attrs, k->code), &text);
		out_obj(out, k->key);
		out_str(out, "string", k->title, text.s);
		if (k->list && out_json(out))
			community_list(out, text.s);
		out_obj_end(out);
		sb_fini(&text);
	}
}

/* RFC 4456: who brought it into the AS, and the clusters it went through. */
static void show_reflection(struct out *out, const struct path_view *v)
{
	struct rd r = span_rd(v->attrs.cluster_list);
	bool originator = has(v, ATTR_ORIGINATOR_ID), clusters = has(v, ATTR_CLUSTER_LIST);
	char id[ADDR_STRLEN];

	if (!originator && !clusters)
		return;
	out_text(out, "      ");
	if (originator)
		out_str(out, "originatorId", "Originator: %s", show_id(v->attrs.originator_id, id));
	if (clusters) {
		out_text(out, "%sCluster list: ", originator ? ", " : "");
		out_obj(out, "clusterList");
		out_arr(out, "list");
		for (unsigned n = v->attrs.cluster_list.len / 4; n; n--) {
			show_id(rd_u32(&r), id);
			out_str(out, NULL, "%s ", id);
		}
		out_arr_end(out);
		out_obj_end(out);
	}
	out_text(out, "\n");
}

void show_path(struct out *out, const struct path_view *v)
{
	char id[ADDR_STRLEN];

	out_obj(out, NULL);
	show_first_line(out, v);
	show_hop_text(out, v);
	show_attributes(out, v);
	show_communities(out, v);
	show_reflection(out, v);
	show_last_update(out, "      ", v->path->since);
	if (v->local && !(v->path->flags & PATH_REDISTRIBUTED)) {
		out_text(out, "    Characteristics:\n");
		out_str(out, "bgpId", "      BGPID: %s\n", show_id(v->bgp->router_id, id));
	}
	show_hops_json(out, v);
	show_peer_json(out, v);
	out_obj_end(out);
}

/* ---- a destination ---- */

struct dest_facts {
	unsigned count, best, multi; /* best: its place from 1, 0: none */
	const char *note;            /* why it goes no further */
};

static const char *spread_note(const struct path_view *v)
{
	static const struct {
		uint32_t community;
		const char *note;
	} notes[] = {
	    {0xffff0001u, ", accept own local route exported and imported in different VRF"},
	    {COMMUNITY_NO_ADVERTISE, ", not advertised to any peer"},
	    {COMMUNITY_NO_EXPORT, ", not advertised to EBGP peer"},
	    {COMMUNITY_NO_EXPORT_SUBCONFED, ", not advertised outside local AS"},
	};

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (has(v, ATTR_COMMUNITIES) &&
		    community_has(v->attrs.communities, notes[i].community))
			return notes[i].note;
	return "";
}

static struct dest_facts dest_facts(const struct bgp *b, const struct rib *r, const struct dest *d)
{
	struct dest_facts f = {.note = ""};
	const struct path *p;

	for (p = show_path_first(r, d); p; p = show_path_next(r, p)) {
		f.count++;
		f.multi += (p->flags & (PATH_BEST | PATH_MULTIPATH)) != 0;
		if (p->flags & PATH_BEST) {
			struct path_view v = path_view(b, r, d, p, 0);

			f.best = f.count;
			f.note = spread_note(&v);
		}
	}
	return f;
}

static bool sent_to(const struct peer *p, enum family f, const struct dest *d)
{
	const struct group *g = p->family[f].member.group;

	return g && peer_is_up(p) && group_sent(g, d);
}

static void show_advertised_to(
    struct out *out, const struct bgp *b, const struct rib *r, const struct dest *d)
{
	const struct peer *p;
	char text[ADDR_STRLEN];
	bool any = false;

	list_for_each (p, &b->peers, link) {
		if (!sent_to(p, rib_family(r), d))
			continue;
		if (!any) {
			out_text(out, "  Advertised to peers:\n ");
			out_obj(out, "advertisedTo");
		}
		any = true;
		addr_str(&p->source.addr, text);
		if (b->cfg.show_hostname && p->hostname[0])
			out_text(out, " %s(%s)", p->hostname, text);
		else
			out_text(out, " %s", text);
		out_obj(out, text);
		if (p->hostname[0])
			out_str(out, "hostname", NULL, p->hostname);
		if (p->cfg.group)
			out_str(out, "peerGroup", NULL, p->cfg.group);
		out_obj_end(out);
	}
	if (!any) {
		out_text(out, "  Not advertised to any peer\n");
		return;
	}
	out_text(out, "\n");
	out_obj_end(out);
}

static bool advertised(const struct bgp *b, const struct rib *r, const struct dest *d)
{
	const struct peer *p;

	list_for_each (p, &b->peers, link)
		if (sent_to(p, rib_family(r), d))
			return true;
	return false;
}

static void dest_head(struct out *out, const struct bgp *b, const struct rib *r,
    const struct dest *d, const struct dest_facts *f)
{
	struct prefix p = rib_dest_prefix(r, d);
	char text[PREFIX_STRLEN];

	out_str(out, "prefix", "BGP routing table entry for %s", prefix_str(&p, text));
	out_uint(out, "version", ", version %llu\n", d->version);
	out_text(out, "Paths: (%u available, ", f->count);
	if (f->best)
		out_text(out, "best #%u, table default%s)\n", f->best, f->note);
	else
		out_text(out, "no best path)\n");
	show_advertised_to(out, b, r, d);
	out_uint(out, "pathCount", NULL, f->count);
}

void show_dest_head(struct out *out, const struct bgp *b, const struct rib *r, const struct dest *d)
{
	struct dest_facts f = dest_facts(b, r, d);

	if (!out_json(out))
		dest_head(out, b, r, d, &f);
}

static bool chosen(const struct path *p, enum path_choice choice)
{
	if (choice == PATHS_BEST)
		return p->flags & PATH_BEST;
	return choice == PATHS_ALL || p->flags & (PATH_BEST | PATH_MULTIPATH);
}

static void dest_tail(struct out *out, const struct dest_facts *f)
{
	out_uint(out, "multiPathCount", NULL, f->multi);
	out_obj(out, "flags");
	out_bool(out, "bestPathExists", NULL, f->best);
	out_bool(out, "fibInstalled", NULL, false);
	out_bool(out, "fibWaitForInstall", NULL, false);
	out_bool(out, "fibSuppress", NULL, false);
	out_bool(out, "fibInstallFailed", NULL, false);
	out_obj_end(out);
}

/* The members of a destination; an object is open around them. attrs: shown instead of the paths'
 * own set, 0: none. */
void show_dest(struct out *out, const struct bgp *b, const struct rib *r, const struct dest *d,
    enum path_choice choice, uint32_t attrs)
{
	struct dest_facts f = dest_facts(b, r, d);
	const struct path *p;

	dest_head(out, b, r, d, &f);
	out_arr(out, "paths");
	for (p = show_path_first(r, d); p; p = show_path_next(r, p)) {
		struct path_view v;

		if (!chosen(p, choice))
			continue;
		v = path_view(b, r, d, p, attrs);
		show_path(out, &v);
	}
	out_arr_end(out);
	dest_tail(out, &f);
}

/* ---- the command ---- */

struct route_query {
	struct prefix prefix;
	bool exact; /* a prefix was typed, not an address */
};

static bool read_query(const struct cli_call *call, struct route_query *q)
{
	struct addr a;

	q->exact = arg_prefix(call->args, "prefix", &q->prefix);
	if (q->exact)
		return true;
	if (!arg_addr(call->args, "prefix", &a))
		return false;
	q->prefix = prefix_from_addr(&a);
	return true;
}

static const struct dest *find_dest(const struct rib *r, const struct route_query *q)
{
	struct addr a = prefix_addr(&q->prefix);
	const struct dest *d = q->exact ? rib_find(r, &q->prefix) : rib_match(r, &a);

	return d && show_path_first(r, d) ? d : NULL;
}

static void show_one(struct cli_call *call, const struct bgp *b, const struct route_query *q)
{
	const struct rib *r = b->rib[q->prefix.family];
	const struct dest *d = find_dest(r, q);
	enum path_choice choice = arg_has(call->args, "bestpath")    ? PATHS_BEST
				  : arg_has(call->args, "multipath") ? PATHS_MULTI
								     : PATHS_ALL;

	if (!d)
		out_text(call->out, "%% Network not in table\n");
	/* FRR's, in front of the document. */
	else if (out_json(call->out) && !advertised(b, r, d))
		out_raw(call->out, "\n");
	out_obj(call->out, NULL);
	if (d)
		show_dest(call->out, b, r, d, choice, 0);
	out_obj_end(call->out);
	if (out_json(call->out))
		out_raw(call->out, "\n");
}

static enum cli_rc run_show_route(struct cli_call *call)
{
	const struct bgp *b = show_bgp(call, SHOW_MISSING_TABLE);
	struct route_query q;

	if (!b)
		return CLI_OK;
	if (!read_query(call, &q))
		return CLI_NO_MATCH;
	if (show_vrf_all(call)) {
		const char *text =
		    "Specified 'all' vrf's but this command currently only works per "
		    "view/vrf";

		show_warning(call->out, text, text);
		return CLI_OK;
	}
	if (show_family(call) != q.prefix.family) {
		const char *text = q.prefix.family == FAMILY_IPV6
				       ? "% Cannot specify IPv6 address or prefix with IPv4 AFI"
				       : "% Cannot specify IPv4 address or prefix with IPv6 AFI";

		show_warning(call->out, text, text + 2);
		return CLI_OK;
	}
	show_one(call, b, &q);
	return CLI_OK;
}

static const struct cli_row show_route_rows[] = {
    {IN_EXEC,
	"show [ip] bgp " SHOW_VRF SHOW_FAMILY
	"<A.B.C.D|A.B.C.D/M|X:X::X:X|X:X::X:X/M>$prefix [<bestpath|multipath>] [json]",
	SHOW_HELP "\n\n\n\nDisplay only the bestpath\n", 0, .run = run_show_route},
};
const struct cmd_rows cmd_show_route = CMD_ROWS(show_route_rows);
