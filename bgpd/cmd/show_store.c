/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the store of attribute sets holds: attribute-info, community-info, paths, memory.
 *
 * AS paths and communities are not objects of their own in Ferro: they stand inside the sets. What
 * FRR shows of them, once each with a count, is gathered by a walk over all sets, in slices; those
 * that FRR would not have kept (show_kept.h) are left out. Where FRR prints the address of an
 * object, the hash of its value stands here.
 */
#include <string.h>

#include "bgpd/cmd/show_kept.h"
#include "bgpd/codec/aspath.h"
#include "bgpd/peer/peergroup.h"
#include "lib/clock.h"
#include "lib/hash.h"
#include "lib/mem.h"

/* ---- a walk over all sets ---- */

struct store_walk {
	const struct instance *inst;
	struct unkept unkept;
	uint32_t at; /* the last one visited */
};
typedef void store_visit(void *ctx, uint32_t id, const struct attr_set *set);

/* True: there is more. */
static bool store_step(struct store_walk *w, struct out *out, store_visit *visit, void *ctx)
{
	enum { SLICE_NS = 1000000 };
	uint64_t end = clock_ns() + SLICE_NS;

	if (unkept_step(&w->unkept, w->inst->bgp, out))
		return true;
	while ((w->at = attr_next(w->inst->attrs, w->at))) {
		struct attr_set set;

		attr_view(w->inst->attrs, w->at, &set);
		if (unkept_refs(&w->unkept, w->inst->attrs, w->at))
			visit(ctx, w->at, &set);
		if (out_queued(out) >= SHOW_QUEUE || clock_ns() > end)
			return true;
	}
	return false;
}

/* ---- values that several sets share ---- */

struct value {
	struct hash_node node;
	struct value *next; /* the one that was met after it */
	uint32_t sets;
	uint16_t len;
	uint8_t bytes[];
};

struct values {
	struct hash table;
	struct arena *arena; /* of them all: a million are freed in no time */
	struct value *first, *last;
};

static void values_init(struct values *all)
{
	*all = (struct values){.arena = arena_new()};
}

static void values_fini(struct values *all)
{
	hash_fini(&all->table);
	arena_free(all->arena);
}

static bool same_value(const struct hash_node *node, const void *key)
{
	const struct value *v = (const struct value *)node;
	const struct span *s = key;

	return v->len == s->len && !memcmp(v->bytes, s->len ? s->p : v->bytes, v->len);
}

/* True: it is new. */
static bool values_add(struct values *all, struct span s)
{
	uint32_t hash = hash_bytes(s.len ? s.p : (const uint8_t *)"", s.len);
	struct value *v = (struct value *)hash_find(&all->table, hash, same_value, &s);

	if (v) {
		v->sets++;
		return false;
	}
	v = arena_alloc(all->arena, sizeof(*v) + s.len);
	v->next = NULL;
	v->sets = 1;
	v->len = s.len;
	if (s.len)
		memcpy(v->bytes, s.p, s.len);
	hash_add(&all->table, &v->node, hash);
	*(all->last ? &all->last->next : &all->first) = v;
	all->last = v;
	return true;
}

/* ---- paths, community-info ---- */

struct listing {
	struct store_walk walk;
	struct values values;
	const struct value *at; /* to be printed next, once all are there */
	bool communities, gathered;
};

static void list_visit(void *ctx, uint32_t id, const struct attr_set *set)
{
	struct listing *l = ctx;

	(void)id;
	if (!l->communities)
		values_add(&l->values, set->as_path);
	else if (set->have & ATTR_BIT(ATTR_COMMUNITIES))
		values_add(&l->values, set->communities);
}

static void print_value(const struct listing *l, const struct value *v, struct out *out)
{
	const struct span bytes = {v->bytes, v->len};
	struct sb *to = out_sb(out);

	out_text(out, "[0x%08x%s] (%u) ", v->node.hash, l->communities ? "" : ":0", v->sets);
	if (l->communities)
		community_str(bytes, to);
	else
		aspath_str(bytes, to);
	sb_addc(to, '\n');
}

static bool step_listing(void *ctx, struct out *out)
{
	struct listing *l = ctx;

	if (!l->gathered) {
		if (store_step(&l->walk, out, list_visit, l))
			return true;
		l->gathered = true;
		l->at = l->values.first;
	}
	for (; l->at && out_queued(out) < SHOW_QUEUE; l->at = l->at->next)
		print_value(l, l->at, out);
	return l->at;
}

static void free_listing(void *ctx)
{
	struct listing *l = ctx;

	values_fini(&l->values);
	unkept_fini(&l->walk.unkept);
	mem_free(l);
}

static enum cli_rc run_listing(struct cli_call *call)
{
	struct listing *l = mem_zalloc(sizeof(*l));

	l->walk.inst = call->app;
	l->communities = call->row->data;
	values_init(&l->values);
	out_text(call->out, "Address Refcnt %s\n", l->communities ? "Community" : "Path");
	return cli_defer(call, step_listing, free_listing, l);
}

/* ---- attribute-info ---- */

/* FRR's names where they are not those of the RFCs; its bit for attribute N is N - 1. */
static const struct attr_words {
	uint8_t code;
	const char *name;
} attr_words[] = {
    {ATTR_ORIGIN, "ORIGIN"},
    {ATTR_AS_PATH, "AS_PATH"},
    {ATTR_NEXT_HOP, "NEXT_HOP"},
    {ATTR_MED, "MULTI_EXIT_DISC"},
    {ATTR_LOCAL_PREF, "LOCAL_PREF"},
    {ATTR_ATOMIC_AGGREGATE, "ATOMIC_AGGREGATE"},
    {ATTR_AGGREGATOR, "AGGREGATOR"},
    {ATTR_COMMUNITIES, "COMMUNITY"},
    {ATTR_ORIGINATOR_ID, "ORIGINATOR_ID"},
    {ATTR_CLUSTER_LIST, "CLUSTER_LIST"},
    {ATTR_MP_REACH, "MP_REACH_NLRI"},
    {ATTR_EXT_COMMUNITIES, "EXT_COMMUNITIES"},
    {ATTR_LARGE_COMMUNITIES, "LARGE_COMMUNITY"},
};
enum { ATTR_WORDS = sizeof(attr_words) / sizeof(attr_words[0]) };
/* The characteristics that FRR puts beside routes of its own (our BGP identifier). */
enum { ATTR_NHC = 39, NHC_BGP_ID = 3 };

struct attr_info {
	struct store_walk walk;
	struct out *out; /* of the slice */
	bool summary;
	uint32_t total, count[ATTR_WORDS], own;
};

/* As it stands in the table or goes out. What came from an internal neighbor is sent on without
 * MED, or with its originator. */
static bool is_own(const struct attr_set *set)
{
	return set->as_path.len == 0 && !addr_is_set(&set->next_hop) &&
	       set->have & ATTR_BIT(ATTR_MED) && !(set->have & ATTR_BIT(ATTR_ORIGINATOR_ID));
}

/* Whether FRR has the attribute. An IPv6 next hop came in MP_REACH_NLRI; a route of our own has
 * NEXT_HOP if it is IPv4, and neither if it is IPv6. */
static bool frr_has(const struct attr_set *set, uint8_t code)
{
	bool ipv6 = set->next_hop.family == FAMILY_IPV6;

	if (code == ATTR_NEXT_HOP)
		return !ipv6;
	if (code == ATTR_MP_REACH)
		return ipv6 && !is_own(set);
	return set->have & ATTR_BIT(code);
}

static void count_visit(void *ctx, uint32_t id, const struct attr_set *set)
{
	struct attr_info *a = ctx;

	(void)id;
	a->total++;
	a->own += is_own(set);
	for (size_t i = 0; i < ATTR_WORDS; i++)
		a->count[i] += frr_has(set, attr_words[i].code);
}

static void show_counts(const struct attr_info *a, struct out *out)
{
	out_text(out, "Total attributes: %u\nAttributes:\n", a->total);
	for (size_t i = 0; i < ATTR_WORDS; i++)
		if (a->count[i])
			out_text(out, " %s (%u): %u\n", attr_words[i].name, attr_words[i].code,
			    a->count[i]);
	if (a->own)
		out_text(out, " Next Hop Dependent Characteristics (%u): %u\n", ATTR_NHC, a->own);
}

static uint64_t frr_flags(const struct attr_set *set)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < ATTR_WORDS; i++)
		if (frr_has(set, attr_words[i].code))
			flags |= UINT64_C(1) << (attr_words[i].code - 1);
	return is_own(set) ? flags | UINT64_C(1) << (ATTR_NHC - 1) : flags;
}

static void show_lists(struct out *out, const struct attr_set *set)
{
	static const char *const none = "(null)";
	struct sb path, plain, large, extended;

	sb_init(&path);
	sb_init(&plain);
	sb_init(&large);
	sb_init(&extended);
	aspath_str(set->as_path, &path);
	community_str(set->communities, &plain);
	large_community_str(set->large_communities, &large);
	ext_community_str(set->ext_communities, &extended);
	out_text(out,
	    "\taspath: %s Community: %s Large Community: %s\n"
	    "\tExtended Community: %s Extended IPv6 Community: %s\n",
	    path.s, plain.len ? plain.s : none, large.len ? large.s : none,
	    extended.len ? extended.s : none, none);
	sb_fini(&path);
	sb_fini(&plain);
	sb_fini(&large);
	sb_fini(&extended);
}

static void show_set(void *ctx, uint32_t id, const struct attr_set *set)
{
	struct attr_info *a = ctx;
	const struct bgp *b = a->walk.inst->bgp;
	struct addr zero4 = {.family = FAMILY_IPV4}, zero6 = {.family = FAMILY_IPV6};
	bool ipv6 = set->next_hop.family == FAMILY_IPV6;
	uint32_t pref = set->have & ATTR_BIT(ATTR_LOCAL_PREF) ? set->local_pref
			: is_own(set) && set->weight && b     ? b->cfg.rib.default_local_pref
							      : 0;
	char hop[ADDR_STRLEN], global[ADDR_STRLEN], local[ADDR_STRLEN];

	addr_str(ipv6 || !set->next_hop.family ? &zero4 : &set->next_hop, hop);
	addr_str(ipv6 ? &set->next_hop : &zero6, global);
	addr_str(set->next_hop_local.family ? &set->next_hop_local : &zero6, local);
	out_text(a->out,
	    "attr[%u] nexthop %s\n"
	    "\tflags: %llu distance: 0 med: %u local_pref: %u origin: %u weight: %u label: "
	    "4294836223 sid: (null) aigp_metric: 0\n"
	    "\tnh_ifindex: 0 nh_flags: 0 distance: 0 nexthop_global: %s nexthop_local: %s "
	    "nexthop_local_ifindex: %u\n",
	    unkept_refs(&a->walk.unkept, a->walk.inst->attrs, id), hop,
	    (unsigned long long)frr_flags(set), set->med, pref, set->origin, set->weight, global,
	    local, set->next_hop_ifindex);
	show_lists(a->out, set);
	if (is_own(set) && b)
		out_text(a->out,
		    "\tNHC: TLVs length 12\n\t  TLV: code %u, length 4, value 0x%08x\n", NHC_BGP_ID,
		    b->router_id);
}

static bool step_attr_info(void *ctx, struct out *out)
{
	struct attr_info *a = ctx;

	a->out = out;
	if (store_step(&a->walk, out, a->summary ? count_visit : show_set, a))
		return true;
	if (a->summary)
		show_counts(a, out);
	return false;
}

static void free_attr_info(void *ctx)
{
	struct attr_info *a = ctx;

	unkept_fini(&a->walk.unkept);
	mem_free(a);
}

static enum cli_rc run_attr_info(struct cli_call *call)
{
	struct attr_info *a = mem_zalloc(sizeof(*a));

	a->walk.inst = call->app;
	a->summary = arg_has(call->args, "summary");
	return cli_defer(call, step_attr_info, free_attr_info, a);
}

/* ---- memory ---- */

enum { USED_PATHS, USED_PLAIN, USED_EXTENDED, USED_LARGE, USED_CLUSTERS, USED_COUNT };

struct usage {
	struct store_walk walk;
	uint32_t sets;
	uint32_t segments; /* of AS paths */
	struct values values[USED_COUNT];
};

static uint32_t count_segments(struct span path)
{
	struct rd r = span_rd(path);
	struct segment s;
	uint32_t n = 0;

	while (segment_next(&r, &s))
		n++;
	return n;
}

static void usage_visit(void *ctx, uint32_t id, const struct attr_set *set)
{
	struct usage *u = ctx;
	struct values *to = u->values;

	(void)id;
	u->sets++;
	if (values_add(&to[USED_PATHS], set->as_path))
		u->segments += count_segments(set->as_path);
	if (set->have & ATTR_BIT(ATTR_COMMUNITIES))
		values_add(&to[USED_PLAIN], set->communities);
	if (set->have & ATTR_BIT(ATTR_EXT_COMMUNITIES))
		values_add(&to[USED_EXTENDED], set->ext_communities);
	if (set->have & ATTR_BIT(ATTR_LARGE_COMMUNITIES))
		values_add(&to[USED_LARGE], set->large_communities);
	if (set->have & ATTR_BIT(ATTR_CLUSTER_LIST))
		values_add(&to[USED_CLUSTERS], set->cluster_list);
}

static void amount(struct out *out, size_t n, const char *what, size_t bytes, bool always)
{
	char text[SHOW_SIZE_LEN];

	if (n || always)
		out_text(out, "%zu %s, using %s of memory\n", n, what, show_size(bytes, text));
}

/* The tables: what FRR has in nodes, routes and the things that hang on them. */
struct table_usage {
	size_t dests, paths, peers, learned, kept, networks, hops, groups, sent, bytes, sent_bytes;
};

static const struct nht_entry *next_hop(
    const struct nht *n, enum family f, const struct nht_entry *e)
{
	struct nht_hop at = e ? nht_hop_of(e) : (struct nht_hop){0};

	return nht_next(n, f, e ? &at : NULL);
}

static void add_table(struct table_usage *t, const struct bgp *b, enum family f)
{
	const struct group *g = NULL;
	const struct nht_entry *e = NULL;

	t->dests += rib_dest_count(b->rib[f]) - rib_denied_count(b->rib[f]);
	t->bytes += rib_bytes(b->rib[f]);
	t->networks += source_local(b->sources)->path_count[f];
	while ((g = group_next(b->rib[f], g))) {
		t->groups++;
		/* FRR does not count a default route that it makes up. */
		t->sent += group_sent_count(g) - group_default_sent(g);
		t->sent_bytes += group_bytes(g);
	}
	while ((e = next_hop(b->env.nht, f, e)))
		t->hops++;
}

static struct table_usage table_usage(const struct bgp *b)
{
	struct table_usage t = {0};
	const struct peer *p;

	FOR_EACH_FAMILY (f) {
		add_table(&t, b, f);
		list_for_each (p, &b->peers, link) {
			t.learned += p->source.accepted_count[f];
			/* FRR keeps what came for soft-reconfiguration only. */
			if (p->cfg.family[f].soft_reconfiguration)
				t.kept += p->source.path_count[f];
		}
	}
	list_for_each (p, &b->peers, link)
		t.peers++;
	t.paths = t.networks + t.learned;
	return t;
}

/* Different ones that the router is on. */
static size_t count_subnets(const struct kernel *k)
{
	const struct kernel_interface *i = NULL;
	struct values all;
	size_t count = 0;

	values_init(&all);
	while (k && (i = kernel_interface_next(k, i ? i->name : NULL)))
		for (uint32_t n = 0; i->up && n < i->address_count; n++) {
			struct prefix p = i->addresses[n].prefix;
			struct addr a = prefix_addr(&p);

			prefix_mask(&p);
			if (!addr_is_link_local(&a))
				count += values_add(&all, (struct span){(uint8_t *)&p, sizeof(p)});
		}
	values_fini(&all);
	return count;
}

static void show_tables(struct out *out, const struct bgp *b)
{
	struct table_usage t = b ? table_usage(b) : (struct table_usage){0};
	/* FRR has a node for each network statement and each subnet of ours, too. */
	size_t nodes = t.dests + t.networks + (b ? count_subnets(b->env.kernel) : 0);
	size_t hops = t.hops + (b && b->cfg.rib.import_check ? t.networks : 0);

	amount(out, nodes, "RIB nodes", t.bytes, true);
	amount(out, t.paths, "BGP routes", t.paths * sizeof(struct path), true);
	amount(out, t.learned, "BGP route ancillaries", 0, false);
	amount(out, t.networks, "Static routes", t.networks * sizeof(struct path), false);
	amount(out, t.groups, "Packets", 0, false);
	amount(out, t.kept, "Adj-In entries", 0, false);
	amount(out, t.sent, "Adj-Out entries", t.sent_bytes, false);
	amount(out, hops, "Nexthop cache entries", hops * sizeof(struct nht_entry), false);
}

static size_t count_peer_groups(const struct bgp *b)
{
	const struct peer_group *g;
	size_t n = 0;

	list_for_each (g, &b->groups, link)
		n++;
	return n;
}

/* FRR has one for each neighbor, peer-group and update group, and one for the router itself. */
static size_t count_peers(const struct bgp *b)
{
	struct table_usage t = table_usage(b);

	return t.peers + t.groups + count_peer_groups(b) + 1;
}

static void show_peer_groups(struct out *out, const struct bgp *b)
{
	const struct peer_group *g;
	size_t n = count_peer_groups(b);

	amount(out, n, "peer groups", n * sizeof(*g), false);
}

static void show_usage(struct usage *u, struct out *out)
{
	const struct bgp *b = u->walk.inst->bgp;
	size_t peers = b ? count_peers(b) : 0;

	show_tables(out, b);
	amount(out, u->sets, "BGP attributes", attr_store_bytes(u->walk.inst->attrs), true);
	amount(out, u->values[USED_PATHS].table.count, "BGP AS-PATH entries", 0, true);
	amount(out, u->segments, "BGP AS-PATH segments", 0, true);
	amount(out, u->values[USED_PLAIN].table.count, "BGP community entries", 0, false);
	amount(out, u->values[USED_EXTENDED].table.count, "BGP ext-community entries", 0, false);
	amount(out, u->values[USED_LARGE].table.count, "BGP large-community entries", 0, false);
	amount(out, u->values[USED_CLUSTERS].table.count, "Cluster lists", 0, false);
	amount(out, peers, "peers", peers * sizeof(struct peer), true);
	if (b)
		show_peer_groups(out, b);
}

static bool step_usage(void *ctx, struct out *out)
{
	struct usage *u = ctx;

	if (store_step(&u->walk, out, usage_visit, u))
		return true;
	show_usage(u, out);
	return false;
}

static void free_usage(void *ctx)
{
	struct usage *u = ctx;

	for (unsigned i = 0; i < USED_COUNT; i++)
		values_fini(&u->values[i]);
	unkept_fini(&u->walk.unkept);
	mem_free(u);
}

static enum cli_rc run_memory(struct cli_call *call)
{
	struct usage *u = mem_zalloc(sizeof(*u));

	u->walk.inst = call->app;
	for (unsigned i = 0; i < USED_COUNT; i++)
		values_init(&u->values[i]);
	return cli_defer(call, step_usage, free_usage, u);
}

static const struct cli_row show_store_rows[] = {
    {IN_EXEC, "show [ip] bgp attribute-info [summary]", NULL, 0, .run = run_attr_info},
    {IN_EXEC, "show [ip] bgp community-info", NULL, 0, .run = run_listing, .data = true},
    {IN_EXEC, "show [ip] bgp [unicast] paths", NULL, 0, .run = run_listing, .data = false},
    {IN_EXEC, "show [ip] bgp memory", NULL, 0, .run = run_memory},
};
const struct cmd_rows cmd_show_store = CMD_ROWS(show_store_rows);
