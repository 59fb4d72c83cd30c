/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leaves: the rules of announcement, and the changes to a set on its way out.
 *
 * Export has two halves. export_path decides whether a path is announced at all and makes the set
 * that the group remembers; it is what FRR shows as advertised. export_complete adds what depends
 * on the session only (our AS in front, our own address, our cluster id) when a message is written;
 * where members have different addresses of ours, ownhop.c goes on from there.
 *
 * Many destinations share a set: while the table is busy the outcome for each (set, source) is
 * remembered. The memory holds references, so ids in it cannot be reused; it goes with the rush,
 * and whenever something else changes that an outcome depends on (export_forget's callers). A
 * source may change its identity from one session to the next, so what counts of it stands in the
 * entry.
 */
#include <string.h>

#include "bgpd/rib/adj.h"

enum { CACHE_SLOTS = 1024 };

struct export_entry {
	uint32_t in, out;
	uint32_t router_id;
	uint16_t source;
	uint8_t kind;
	bool client;
};

struct export_cache {
	struct export_entry slot[CACHE_SLOTS];
};

/* ---- may it go? ---- */

static bool communities_allow(const struct group *g, const struct attr_set *a)
{
	if (!(a->have & ATTR_BIT(ATTR_COMMUNITIES)))
		return true;
	if (community_has(a->communities, COMMUNITY_NO_ADVERTISE))
		return false;
	return g->key.kind != SOURCE_EBGP ||
	       (!community_has(a->communities, COMMUNITY_NO_EXPORT) &&
		   !community_has(a->communities, COMMUNITY_NO_EXPORT_SUBCONFED));
}

bool export_communities_allow(const struct group *g, const struct path *p)
{
	struct attr_set a;

	attr_view(g->rib->env.attrs, rib_path_accepted(g->rib, p), &a);
	return communities_allow(g, &a);
}

static bool is_reflection(const struct group *g, const struct source *s)
{
	return g->key.kind == SOURCE_IBGP && s->kind == SOURCE_IBGP;
}

static bool may_announce(const struct group *g, const struct attr_set *a, const struct source *s)
{
	if (g->key.policy_required)
		return false;
	/* RFC 4456 6: between internal peers only to or from a client. */
	if (is_reflection(g, s) && !s->client && !g->key.client)
		return false;
	if (is_reflection(g, s) && s->client && g->key.not_from_clients)
		return false;
	return communities_allow(g, a);
}

/* ---- the changes ---- */

/* The link behind which somebody else's next hop may stay (RFC 4271 5.1.3); 0: none. */
static uint32_t third_party_link(const struct group *g, const struct attr_set *a)
{
	const struct kernel *k = g->rib->env.kernel;
	if (!g->key.connected || !k || g->key.hop_family != FAMILY_IPV4 ||
	    a->next_hop.family != FAMILY_IPV4 || !addr_is_set(&a->next_hop))
		return 0;
	const struct kernel_interface *i = kernel_interface_to(k, &a->next_hop);
	return i ? i->ifindex : 0;
}

/* On a subnet that we share with the next hop and with a receiver that is not where it came from.
 */
static bool third_party(const struct group *g, const struct attr_set *a, const struct source *s)
{
	uint32_t link = third_party_link(g, a);
	return link && own_hop_stays_on_link(g, link, s);
}

/* The message cannot or shall not name it: an IPv6 next hop of an IPv4 route without RFC 8950, or
 * an IPv4 one of another neighbor with it. As in FRR it stands in the set, and our own address in
 * the message. */
static bool is_untold(const struct group *g, const struct attr_set *a)
{
	uint8_t native = family_row_by(g->rib->family)->hop_family;
	if (!addr_is_set(&a->next_hop) || a->next_hop.family == g->key.hop_family)
		return false;
	return g->key.hop_family == native || g->key.kind == SOURCE_EBGP;
}

static void next_hop_to_self(const struct group *g, struct attr_set *a)
{
	uint8_t family = addr_is_set(&a->next_hop) ? a->next_hop.family : (uint8_t)g->rib->family;
	if (is_untold(g, a))
		return;
	/* As in FRR an IPv4 route of our own says already that it will have two IPv6 next hops. */
	bool both = family == FAMILY_IPV4 && g->key.hop_family == FAMILY_IPV6 && g->key.hop_local;
	a->next_hop = (struct addr){.family = family};
	a->next_hop_local = (struct addr){.family = both ? FAMILY_IPV6 : FAMILY_NONE};
}

static void drop(struct attr_set *a, enum attr_code code)
{
	a->have &= ~ATTR_BIT(code);
}

static void change_ebgp(const struct group *g, struct attr_set *a, const struct source *s)
{
	if (s->kind != SOURCE_LOCAL)
		drop(a, ATTR_MED); /* RFC 4271 5.1.4 */
	/* ORIGINATOR_ID and CLUSTER_LIST stay, as in FRR's Adj-RIB-Out: no message has them. */
	drop(a, ATTR_LOCAL_PREF);
	if (!third_party(g, a, s))
		next_hop_to_self(g, a);
}

static void change_ibgp(const struct group *g, struct attr_set *a, const struct source *s)
{
	if (!(a->have & ATTR_BIT(ATTR_LOCAL_PREF))) {
		a->have |= ATTR_BIT(ATTR_LOCAL_PREF);
		a->local_pref = g->rib->cfg.default_local_pref;
	}
	if (is_reflection(g, s)) {
		if (!(a->have & ATTR_BIT(ATTR_ORIGINATOR_ID)))
			a->originator_id = s->router_id;
		a->have |= ATTR_BIT(ATTR_ORIGINATOR_ID);
	}
	if (g->key.next_hop_self && (g->key.next_hop_force || !is_reflection(g, s)))
		next_hop_to_self(g, a);
}

static void change_communities(const struct group *g, struct attr_set *a)
{
	if (!g->key.send_community)
		drop(a, ATTR_COMMUNITIES);
	if (!g->key.send_ext_community)
		drop(a, ATTR_EXT_COMMUNITIES);
	if (!g->key.send_large_community)
		drop(a, ATTR_LARGE_COMMUNITIES);
}

static void change_path(const struct group *g, struct attr_set *a, struct arena *arena)
{
	uint32_t by = g->key.no_private_as_replace ? g->key.local_as : 0;

	a->as_path =
	    aspath_without_private(arena, a->as_path, g->key.no_private_as_all, by, g->key.keep_as);
}

static uint32_t export_set(struct group *g, uint32_t attrs, const struct source *s)
{
	struct attr_set a;
	attr_view(g->rib->env.attrs, attrs, &a);
	if (!may_announce(g, &a, s))
		return 0;
	a.weight = 0;
	if (!is_untold(g, &a))
		a.next_hop_local = (struct addr){0}; /* means something on its own link only */
	if (g->key.kind == SOURCE_EBGP)
		change_ebgp(g, &a, s);
	else
		change_ibgp(g, &a, s);
	change_communities(g, &a);
	if (!g->key.no_private_as)
		return attr_intern_like(g->rib->env.attrs, &a, attrs);
	struct arena *arena = arena_new();
	change_path(g, &a, arena);
	uint32_t id = attr_intern(g->rib->env.attrs, &a);
	arena_free(arena);
	return id;
}

uint32_t export_default(struct group *g)
{
	struct attr_set a = {
	    .have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) | ATTR_BIT(ATTR_NEXT_HOP) |
		    ATTR_BIT(ATTR_MED),
	    .origin = ORIGIN_IGP,
	};
	next_hop_to_self(g, &a);
	if (g->key.kind == SOURCE_IBGP) {
		a.have |= ATTR_BIT(ATTR_LOCAL_PREF);
		a.local_pref = g->rib->cfg.default_local_pref;
	}
	return attr_intern(g->rib->env.attrs, &a);
}

/* ---- the cache ---- */

static void entry_clear(struct group *g, struct export_entry *e)
{
	attr_unref(g->rib->env.attrs, e->in);
	attr_unref(g->rib->env.attrs, e->out);
	*e = (struct export_entry){0};
}

void export_forget(struct group *g)
{
	for (unsigned i = 0; g->cache && i < CACHE_SLOTS; i++)
		entry_clear(g, &g->cache->slot[i]);
	mem_free(g->cache);
	g->cache = NULL;
}

static bool entry_fits(
    const struct export_entry *e, uint32_t in, uint16_t source, const struct source *s)
{
	return e->in == in && e->source == source && e->router_id == s->router_id &&
	       e->kind == s->kind && e->client == s->client;
}

uint32_t export_path(struct group *g, const struct path *p)
{
	struct attr_store *attrs = g->rib->env.attrs;
	const struct source *s = rib_source(g->rib, p);
	if (!g->cache)
		g->cache = mem_zalloc(sizeof(*g->cache));
	uint32_t in = rib_path_accepted(g->rib, p);
	uint32_t mix = (in ^ (uint32_t)p->source << 20) * 0x9e3779b1u;
	struct export_entry *e = &g->cache->slot[mix >> 22];
	if (!entry_fits(e, in, p->source, s)) {
		entry_clear(g, e);
		*e = (struct export_entry){.in = in,
		    .out = export_set(g, in, s),
		    .router_id = s->router_id,
		    .source = p->source,
		    .kind = s->kind,
		    .client = s->client};
		attr_ref(attrs, in);
	}
	if (e->out)
		attr_ref(attrs, e->out);
	return e->out;
}

/* ---- on the wire ---- */

static struct span prepend_cluster(struct arena *arena, struct span list, uint32_t id)
{
	uint16_t len = (uint16_t)(list.len + 4);
	uint8_t *p = arena_alloc(arena, len);
	struct wr w = wr_init(p, len);
	wr_u32(&w, id);
	wr_bytes(&w, list.p, list.len);
	return (struct span){p, len};
}

static bool complete_next_hop(
    const struct group *g, const struct own_hop *own, struct attr_set *a, struct hop_place *place)
{
	bool ours = !addr_is_set(&a->next_hop) || is_untold(g, a);
	place->stays_on = ours || g->key.kind != SOURCE_EBGP ? 0 : third_party_link(g, a);
	if (ours) {
		a->next_hop = own->addr;
		a->next_hop_local = own->local;
		a->have |= ATTR_BIT(ATTR_NEXT_HOP);
	}
	return ours || g->key.kind == SOURCE_EBGP;
}

bool export_drop_unsaid(const struct group *g, struct attr_set *a)
{
	const uint32_t internal = ATTR_BIT(ATTR_ORIGINATOR_ID) | ATTR_BIT(ATTR_CLUSTER_LIST);
	bool ebgp = g->key.kind == SOURCE_EBGP;
	uint32_t link = ebgp ? third_party_link(g, a) : 0;
	bool elsewhere = link && !own_hop_on_link(g, link);
	if (!a->next_hop_ifindex && !elsewhere && !(ebgp && a->have & internal))
		return false;
	a->next_hop_ifindex = 0;
	if (ebgp)
		a->have &= ~internal;
	if (elsewhere)
		next_hop_to_self(g, a);
	return true;
}

bool export_complete(const struct group *g, const struct own_hop *own, struct attr_set *a,
    struct arena *arena, struct hop_place *place)
{
	bool placed = complete_next_hop(g, own, a, place);
	if (g->key.kind == SOURCE_EBGP) {
		a->as_path = aspath_prepend(arena, a->as_path, g->key.local_as, 1);
		a->have |= ATTR_BIT(ATTR_AS_PATH);
	} else if (a->have & ATTR_BIT(ATTR_ORIGINATOR_ID)) {
		/* Only reflection leaves an originator in a set that goes to an internal peer. */
		struct span old = {0};
		if (a->have & ATTR_BIT(ATTR_CLUSTER_LIST))
			old = a->cluster_list;
		a->cluster_list = prepend_cluster(arena, old, g->key.cluster_id);
		a->have |= ATTR_BIT(ATTR_CLUSTER_LIST);
	}
	return placed;
}
