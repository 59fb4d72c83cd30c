/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is compared: the table, the decision, the kernel, what members know, and who holds which
 * reference.
 *
 * Who was best before counts only between external paths of equal merit. In an exact world the
 * model knows; otherwise it takes what the table has, if some history explains it.
 */
#include <string.h>

#include "lib/mem.h"
#include "model.h"

/* ---- members ---- */

static void on_announced(void *ctx, const struct prefix *p, const struct route *r)
{
	struct hearer *h = ctx;
	int i = prefix_number(p);

	if (i < 0 || p->family != h->key.family)
		fail("peer %u is told of a prefix that nobody announced", h->peer);
	h->told++;
	/* A next hop that may stay on another link is news for the group, and none for those here.
	 */
	bool elsewhere = h->key.connected && h->m.own.ifindex != 1;
	h->needless +=
	    h->clean && !elsewhere && h->has[i] && memcmp(&h->known[i], r, sizeof(*r)) == 0;
	h->has[i] = true;
	h->known[i] = *r;
}

static void on_withdrawn(void *ctx, const struct prefix *p)
{
	struct hearer *h = ctx;
	int i = prefix_number(p);

	if (i < 0 || p->family != h->key.family)
		fail("peer %u hears the withdrawal of a prefix that nobody announced", h->peer);
	h->told++;
	h->unknown += h->clean && !h->has[i];
	h->has[i] = false;
}

static void on_end_of_rib(void *ctx, enum family f)
{
	struct hearer *h = ctx;

	if (h->end_of_ribs++ || f != h->key.family)
		fail("peer %u gets End-of-RIB number %u of family %u", h->peer, h->end_of_ribs, f);
}

static bool hear(void *ctx, struct chunk *c)
{
	struct hearer *h = ctx;
	struct wire_reader reader = {.as4 = h->key.as4,
	    .ebgp = h->key.kind == SOURCE_EBGP,
	    .max_message = h->key.extended_message ? 65535 : 4096,
	    .ctx = h,
	    .announced = on_announced,
	    .withdrawn = on_withdrawn,
	    .end_of_rib = on_end_of_rib};

	if (!h->room) {
		h->clean = false;
		return false;
	}
	if (h->room != UINT32_MAX)
		h->room--;
	if (wire_read(&reader, c->data, c->len) != c->messages)
		fail("a chunk with another number of messages than it says");
	chunk_release(c);
	return true;
}

static void table_sent(void *ctx, bool refresh)
{
	struct hearer *h = ctx;

	if (h->end_of_ribs != 1)
		fail("peer %u has the table after %u End-of-RIBs", h->peer, h->end_of_ribs);
	if (!refresh && h->tables++)
		fail("peer %u is done with its first table twice", h->peer);
	h->refreshes += refresh;
	h->clean = true;
}

void hearer_init(struct world *w, unsigned f, unsigned peer)
{
	struct hearer *h = &w->hearer[f][peer];

	memset(h, 0, sizeof(*h));
	h->w = w;
	h->f = f;
	h->peer = peer;
	h->room = UINT32_MAX;
	h->m = (struct member){.source = &w->facts.peer[peer].source,
	    .ctx = h,
	    .send = hear,
	    .table_sent = table_sent};
}

static bool is_alone(const struct world *w, const struct hearer *h)
{
	unsigned n = 0;

	for (unsigned peer = 0; peer < PEERS; peer++) {
		const struct hearer *o = &w->hearer[h->f][peer];
		n += o->m.group && memcmp(&o->key, &h->key, sizeof(h->key)) == 0 &&
		     o->m.own.ifindex == h->m.own.ifindex;
	}
	return n == 1;
}

static void compare_route(const struct route *want, const struct route *got, const char *what,
    unsigned peer, unsigned f, unsigned i)
{
	char a[ADDR_STRLEN], b[ADDR_STRLEN];

	if (memcmp(want, got, sizeof(*want)) == 0)
		return;
	for (size_t k = 0; k < sizeof(*want); k++)
		if (((const uint8_t *)want)[k] != ((const uint8_t *)got)[k])
			fail("%s peer %u: prefix %u of family %u differs from octet %zu on; next "
			     "hop %s, should be %s; preference %u, should be %u; MED %u, should be "
			     "%u; first AS %u, should be %u; originator %x, should be %x",
			    what, peer, i, f, k, addr_str(&got->hop, a), addr_str(&want->hop, b),
			    got->lp, want->lp, got->med, want->med, got->path[0], want->path[0],
			    got->originator, want->originator);
}

static void check_hearer(struct world *w, struct hearer *h)
{
	bool alone = is_alone(w, h);

	if (!h->m.in_sync || h->end_of_ribs != 1 || h->tables != 1 || h->m.refreshing)
		fail("peer %u in family %u: in sync %d, %u End-of-RIBs, refreshing %d", h->peer,
		    h->f, h->m.in_sync, h->end_of_ribs, h->m.refreshing);
	for (unsigned i = 0; i <= PREFIXES; i++) {
		struct route want;
		bool told = i == PREFIXES ? default_told(&w->facts, &h->key, &h->m.own, &want)
					  : what_is_told(&w->facts, &h->key, &h->m.own, h->peer,
						alone, h->f, i, &want);
		if (told != h->has[i])
			fail("peer %u in family %u %s prefix %u", h->peer, h->f,
			    told ? "lacks" : "should not have", i);
		if (told)
			compare_route(&want, &h->known[i], "told to", h->peer, h->f, i);
	}
	h->clean = true;
}

/* ---- table ---- */

/* The paths of a destination by lane. */
struct seen {
	const struct path *path[LANES];
	unsigned order[LANES], count;
	int best;
};

static unsigned lane_of(const struct world *w, const struct source *s, uint32_t path_id)
{
	for (unsigned n = 0; n < ANNOUNCERS; n++)
		if (s == &w->facts.peer[n].source && path_id < ADDPATH)
			return n * ADDPATH + path_id;
	if (s != source_local(w->sources) || path_id)
		fail("a path of a source that nobody knows");
	return LANE_LOCAL;
}

static void look_up(const struct world *w, unsigned f, unsigned i, struct seen *seen)
{
	struct prefix prefix = prefix_of(f, i);
	const struct dest *d = rib_find(w->rib[f], &prefix);

	memset(seen, 0, sizeof(*seen));
	seen->best = -1;
	for (const struct path *p = d ? rib_path(w->rib[f], d->paths) : NULL; p;
	     p = rib_path(w->rib[f], p->next)) {
		unsigned lane = lane_of(w, rib_source(w->rib[f], p), rib_path_id(w->rib[f], p));
		if (seen->path[lane])
			fail("two paths of lane %u for prefix %u", lane, i);
		seen->path[lane] = p;
		seen->order[seen->count++] = lane;
		if (p->flags & PATH_BEST) {
			if (seen->best >= 0)
				fail("two best paths for prefix %u of family %u", i, f);
			seen->best = (int)lane;
		}
	}
	if (rib_best(w->rib[f], d ? d : &(struct dest){0}) !=
	    (seen->best < 0 ? NULL : seen->path[seen->best]))
		fail("rib_best of prefix %u is another one", i);
}

static void check_path(struct world *w, unsigned f, unsigned i, unsigned lane, const struct path *p)
{
	struct lane *l = &w->facts.lane[f][i][lane];
	struct route want, got;
	uint32_t set = rib_path_accepted(w->rib[f], p);
	bool accepted = lane_accepted(&w->facts, f, i, lane, &want);

	route_of_set(w->attrs, rib_path_received(w->rib[f], p), &got);
	compare_route(&l->received, &got, "received from", lane / ADDPATH, f, i);
	if (accepted != (set != 0) || accepted == ((p->flags & PATH_DENIED) != 0))
		fail("lane %u of prefix %u, family %u: accepted %d", lane, i, f, set != 0);
	if (accepted) {
		route_of_set(w->attrs, set, &got);
		compare_route(&want, &got, "accepted from", lane / ADDPATH, f, i);
	}
	if (w->exact && p->since != l->since)
		fail("lane %u of prefix %u, family %u is since %u, should be %u", lane, i, f,
		    p->since, l->since);
	l->since = p->since;
	if (l->stale != ((p->flags & PATH_STALE) != 0))
		fail("lane %u of prefix %u, family %u: stale %d", lane, i, f, !l->stale);
}

/* Could it be best, whoever was best before? */
static bool is_explained(const struct facts *w, unsigned f, unsigned i, int best)
{
	if (best_lane(w, f, i, best) == best)
		return true;
	for (int before = -1; before < LANES; before++)
		if (best_lane(w, f, i, before) == best)
			return true;
	return false;
}

/* Which ones may join is clear; which of them do, where there are too many, follows their order. */
static void check_multipath(struct world *w, unsigned f, unsigned i, const struct seen *seen)
{
	const struct facts *t = &w->facts;
	unsigned may = 0, do_ = 0, most;

	for (unsigned lane = 0; lane < LANES && seen->best >= 0; lane++) {
		bool joins = lane != (unsigned)seen->best && seen->path[lane] &&
			     seen->path[lane]->flags & PATH_MULTIPATH;
		bool could = may_join(t, f, i, (unsigned)seen->best, lane);
		if (joins && !could)
			fail("lane %u joins the best of prefix %u, family %u", lane, i, f);
		do_ += joins;
		may += could;
	}
	if (seen->best < 0)
		return;
	const struct source *s = lane_source(t, (unsigned)seen->best, source_local(w->sources));
	most = (s->kind == SOURCE_IBGP ? t->cfg.max_paths_ibgp : t->cfg.max_paths_ebgp) - 1u;
	if (do_ != (may < most ? may : most))
		fail("%u paths join the best of prefix %u, family %u: %u may, %u at most", do_, i,
		    f, may, most);
	if ((do_ > 0) != ((seen->path[seen->best]->flags & PATH_MULTIPATH) != 0))
		fail("the best of prefix %u, family %u has its flag wrong", i, f);
}

/* Where every comparison is clear, the whole list must be in order, with the right reasons. */
static void check_order(struct world *w, unsigned f, unsigned i, const struct seen *seen)
{
	const struct rib_cfg *c = &w->facts.cfg;
	unsigned usable = 0;

	for (unsigned k = 0; k < seen->count; k++) {
		bool is = lane_usable(&w->facts, f, i, seen->order[k]);
		if (is != ((seen->path[seen->order[k]]->flags & PATH_VALID) != 0))
			fail(
			    "lane %u of prefix %u, family %u: usable %d", seen->order[k], i, f, is);
		if (is && k != usable)
			fail("an unusable path of prefix %u, family %u stands before others", i, f);
		usable += is;
	}
	if (usable && (int)seen->order[0] != seen->best)
		fail("the best of prefix %u, family %u is not the first", i, f);
	if (!c->always_compare_med || !c->compare_router_id)
		return;
	for (unsigned k = 0; k < usable; k++) {
		enum reason why = REASON_FIRST;
		unsigned other = k ? k - 1 : 1;
		if (usable > 1 &&
		    compare_lanes(&w->facts, f, i, seen->order[k], seen->order[other], -1, &why) *
			    (k ? 1 : -1) <
			0)
			fail("path %u of prefix %u, family %u stands behind a worse one", k, i, f);
		if (seen->path[seen->order[k]]->reason != why)
			fail("path %u of prefix %u, family %u: reason %s, should be %s", k, i, f,
			    reason_str(seen->path[seen->order[k]]->reason), reason_str(why));
	}
}

static void check_kernel(struct world *w, unsigned f, unsigned i, const struct seen *seen)
{
	struct prefix prefix = prefix_of(f, i);
	struct addr want[LANES], got[LANES];
	unsigned n = 0;
	uint8_t distance = 0;

	for (unsigned k = 0; k < seen->count; k++)
		if (seen->path[seen->order[k]]->flags & (PATH_BEST | PATH_MULTIPATH))
			n = lane_gates(&w->facts, f, i, seen->order[k], want, n);
	unsigned have = model_kernel_installed(w->kernel, &prefix, got, &distance);
	if (have != n)
		fail("prefix %u of family %u has %u gateways in the kernel, should have %u", i, f,
		    have, n);
	for (unsigned k = 0; k < n; k++) {
		unsigned j = 0;
		while (j < n && !addr_equal(&want[k], &got[j]))
			j++;
		if (j == n)
			fail("prefix %u of family %u lacks a gateway in the kernel", i, f);
	}
	if (n && (lane_source(&w->facts, (unsigned)seen->best, NULL)->kind == SOURCE_EBGP) !=
		     (distance == w->facts.cfg.distance_ebgp))
		fail("prefix %u of family %u has distance %u", i, f, distance);
}

static void check_dest(struct world *w, unsigned f, unsigned i)
{
	struct seen seen;

	look_up(w, f, i, &seen);
	for (unsigned lane = 0; lane < LANES; lane++) {
		bool there = w->facts.lane[f][i][lane].there;
		if (there != (seen.path[lane] != NULL))
			fail("lane %u of prefix %u, family %u is %s", lane, i, f,
			    there ? "missing" : "still there");
		if (there)
			check_path(w, f, i, lane, seen.path[lane]);
	}
	bool right =
	    w->exact ? w->facts.best[f][i] == seen.best : is_explained(&w->facts, f, i, seen.best);
	if (!right)
		fail("lane %d is the best of prefix %u, family %u, should be %d", seen.best, i, f,
		    w->exact ? w->facts.best[f][i] : best_lane(&w->facts, f, i, seen.best));
	w->facts.best[f][i] = seen.best;
	check_multipath(w, f, i, &seen);
	check_order(w, f, i, &seen);
	check_kernel(w, f, i, &seen);
}

/* Those that the leaning next hop leans on come first: the others' answers depend on them. */
static void for_each_prefix(struct world *w, void (*what)(struct world *w, unsigned f, unsigned i))
{
	for (unsigned f = 0; f < FAMILIES; f++)
		for (unsigned round = 0; round < 2; round++)
			for (unsigned i = 0; i < PREFIXES; i++)
				if (prefix_holds_leaning_hop(i) == (round == 0))
					what(w, f, i);
}

/* ---- an exact world ---- */

static void decide_touched(struct world *w, unsigned f, unsigned i)
{
	struct seen seen;

	if (!w->touched[f][i])
		return;
	w->touched[f][i] = false;
	int want = best_lane(&w->facts, f, i, w->facts.best[f][i]);
	look_up(w, f, i, &seen);
	/* A change that comes in two parts (a next hop, then one that leans on it) may be decided
	 * in two steps. */
	if (seen.best != want && !(w->cascade && is_explained(&w->facts, f, i, seen.best)))
		fail("lane %d is the best of prefix %u, family %u, should be %d (before: %d)",
		    seen.best, i, f, want, w->facts.best[f][i]);
	if (prefix_holds_leaning_hop(i)) {
		w->cascade = true;
		memset(w->touched[f], true, sizeof(w->touched[f]));
		w->touched[f][i] = false;
	}
	w->facts.best[f][i] = seen.best;
}

void check_touched(struct world *w)
{
	for_each_prefix(w, decide_touched);
	w->cascade = false;
}

/* ---- references ---- */

static void count_paths(const struct world *w, unsigned f, uint32_t *sets, uint32_t most)
{
	for (unsigned i = 0; i < PREFIXES; i++) {
		struct prefix prefix = prefix_of(f, i);
		const struct dest *d = rib_find(w->rib[f], &prefix);
		if (!d)
			continue;
		for (const struct path *p = rib_path(w->rib[f], d->paths); p;
		     p = rib_path(w->rib[f], p->next)) {
			uint32_t received = rib_path_received(w->rib[f], p);
			uint32_t accepted = rib_path_accepted(w->rib[f], p);
			if (received >= most || accepted >= most)
				fail("a path with a set that does not exist");
			sets[received]++;
			sets[accepted]++;
		}
		for (const struct group *g = group_next(w->rib[f], NULL); g;
		     g = group_next(w->rib[f], g))
			sets[group_sent(g, d)]++;
	}
}

/* What groups hold for the default route that they make up: no path has it. */
static void count_defaults(struct world *w, unsigned f, uint32_t *sets, uint32_t most)
{
	for (const struct group *g = group_next(w->rib[f], NULL); g; g = group_next(w->rib[f], g)) {
		static const struct own_hop none;
		struct route r;
		if (!group_default_sent(g) || !default_told(&w->facts, group_key(g), &none, &r))
			continue;
		r.hop = (struct addr){.family = (uint8_t)family_of(f)};
		r.hop_local = (struct addr){0};
		memset(r.path, 0, sizeof(r.path));
		r.path_len = 0;
		uint32_t id = route_intern(w->attrs, &r);
		attr_unref(w->attrs, id);
		if (id < most)
			sets[id]++;
	}
}

static void check_sets(struct world *w)
{
	uint32_t most = 0;

	for (uint32_t id = attr_next(w->attrs, 0); id; id = attr_next(w->attrs, id))
		most = id >= most ? id + 1 : most;
	uint32_t *sets = mem_zalloc((most + 1) * sizeof(*sets));
	for (unsigned f = 0; f < FAMILIES; f++)
		count_paths(w, f, sets, most + 1);
	for (unsigned f = 0; f < FAMILIES; f++)
		count_defaults(w, f, sets, most);
	for (uint32_t id = attr_next(w->attrs, 0); id; id = attr_next(w->attrs, id)) {
		struct route r;
		route_of_set(w->attrs, id, &r);
		/* The table keeps the set of its network statements. */
		if (r.weight == 32768)
			sets[id] += w->network_made[r.hop.family == FAMILY_IPV6];
		if (sets[id] != attr_refs(w->attrs, id))
			fail("set %u has %u references, %u are held", id, attr_refs(w->attrs, id),
			    sets[id]);
	}
	mem_free(sets);
}

static bool is_hop(const struct nht_entry *e, struct nht_hop hop)
{
	return addr_equal(&e->addr, &hop.addr) && e->ifindex == hop.ifindex &&
	       e->on_link == hop.on_link;
}

static void check_hops(const struct world *w, unsigned f)
{
	struct nht_hop at = {0};

	for (const struct nht_entry *e = nht_next(w->nht, family_of(f), NULL); e;
	     e = nht_next(w->nht, family_of(f), &at)) {
		uint32_t paths = 0, leaning = 0;
		at = nht_hop_of(e);
		for (unsigned i = 0; i < PREFIXES; i++)
			for (unsigned lane = 0; lane < LANE_LOCAL; lane++) {
				struct route r;
				paths += lane_accepted(&w->facts, f, i, lane, &r) &&
					 is_hop(e, lane_hop(&w->facts, lane, &r));
			}
		struct addr last = hop_addr(f, HOP_LEANING);
		const struct nht_entry *l = nht_find(w->nht, &last);
		if (l && l->table_hop)
			leaning = nht_entry(w->nht, l->table_hop) == e;
		if (e->path_count != paths || e->refs != paths + leaning)
			fail(
			    "a next hop of family %u has %u references and %u paths; it is used by "
			    "%u, and %u lean on it",
			    f, e->refs, e->path_count, paths, leaning);
	}
}

static void check_counts(const struct world *w)
{
	for (unsigned n = 0; n < ANNOUNCERS; n++)
		for (unsigned f = 0; f < FAMILIES; f++) {
			uint32_t paths = 0, accepted = 0;
			for (unsigned i = 0; i < PREFIXES; i++)
				for (unsigned id = 0; id < ADDPATH; id++) {
					struct route r;
					unsigned lane = n * ADDPATH + id;
					paths += w->facts.lane[f][i][lane].there;
					accepted += lane_accepted(&w->facts, f, i, lane, &r);
				}
			const struct source *s = &w->facts.peer[n].source;
			if (s->path_count[family_of(f)] != paths ||
			    s->accepted_count[family_of(f)] != accepted)
				fail("peer %u has %u paths and %u accepted ones in family %u, "
				     "should have %u and %u",
				    n, s->path_count[family_of(f)], s->accepted_count[family_of(f)],
				    f, paths, accepted);
		}
}

static bool is_denied(const struct rib *r, const struct dest *d)
{
	const struct path *p = rib_path(r, d->paths);

	while (p && (p->flags & PATH_DENIED))
		p = rib_path(r, p->next);
	return d->paths && !p;
}

/* A group that makes up a default route keeps a destination for it. */
static bool makes_default(const struct world *w, unsigned f)
{
	struct route r;

	for (unsigned n = 0; n < PEERS; n++)
		if (w->hearer[f][n].m.group &&
		    default_told(&w->facts, &w->hearer[f][n].key, &w->hearer[f][n].m.own, &r))
			return true;
	return false;
}

void check_all(struct world *w)
{
	bool all_read = true;

	w->checks++;
	for_each_prefix(w, check_dest);
	for (unsigned f = 0; f < FAMILIES; f++)
		for (unsigned n = 0; n < PEERS; n++) {
			struct hearer *h = &w->hearer[f][n];
			if (h->m.group && h->m.blocked)
				all_read = false;
			else if (h->m.group)
				check_hearer(w, h);
		}
	check_sets(w);
	check_counts(w);
	for (unsigned f = 0; f < FAMILIES; f++) {
		check_hops(w, f);
		if (!rib_idle(w->rib[f]))
			fail("family %u is not idle", f);
		size_t dests = makes_default(w, f), denied = 0;
		for (const struct dest *d = rib_next(w->rib[f], NULL, NULL); d; dests++) {
			struct prefix p = rib_dest_prefix(w->rib[f], d);
			denied += is_denied(w->rib[f], d);
			d = rib_next(w->rib[f], NULL, &p);
		}
		if (denied != rib_denied_count(w->rib[f]))
			fail("family %u counts %zu denied destinations, there are %zu", f,
			    rib_denied_count(w->rib[f]), denied);
		if (all_read && dests != rib_dest_count(w->rib[f]))
			fail("family %u has %zu destinations, %zu can be seen", f,
			    rib_dest_count(w->rib[f]), dests);
	}
}
