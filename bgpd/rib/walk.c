/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks over the whole table, one after the other, in slices.
 *
 * A walk remembers the last prefix it saw, so the table may change in any way between two slices.
 * It only marks destinations and changes paths: destinations are freed by the drain alone, never
 * under a walk's feet. Changes that make the same walk necessary again join one that has not begun.
 *
 * A walk that serves a source names it by number and checks the epoch: an owner that has gone is
 * not asked.
 */
#include "bgpd/rib/table.h"

enum { LOOK_AT_CLOCK = 16, DIRTY_ENOUGH = 8192 };

struct walk {
	struct list_head link;
	const struct walk_kind *kind;
	bool begun;
	uint32_t at;                  /* the last destination seen */
	struct prefix where, network; /* network: the last one seen */
	uint16_t source;
	uint32_t epoch;
	struct bits *hops; /* next-hop entries that changed */
	rib_import *import;
	void *ctx;
};

struct walk_kind {
	bool networks; /* goes over the network statements only */
	void (*visit)(struct rib *r, struct walk *w, uint32_t dest);
	bool (*over)(
	    const struct rib *r, const struct walk *w); /* nothing left to find; NULL: no */
};

static struct walk *walk_new(struct rib *r, const struct walk_kind *kind)
{
	struct walk *w = mem_zalloc(sizeof(*w));
	w->kind = kind;
	w->where.family = (uint8_t)r->family;
	list_add_tail(&r->walks, &w->link);
	rib_wake(r);
	return w;
}

/* A walk for a source; one that has not begun serves once more, so that a neighbor who asks again
 * and again costs one walk at a time. What such a walk does it looks up when it is there. */
static struct walk *walk_of_source(
    struct rib *r, const struct walk_kind *kind, const struct source *s)
{
	uint32_t epoch = source_epoch(r->env.sources, s->number);
	struct walk *w;
	list_for_each (w, &r->walks, link)
		if (w->kind == kind && !w->begun && w->source == s->number && w->epoch == epoch)
			return w;
	w = walk_new(r, kind);
	w->source = s->number;
	w->epoch = epoch;
	return w;
}

/* The last walk of the queue, if it is of this kind and has not begun. */
static struct walk *walk_waiting(struct rib *r, const struct walk_kind *kind)
{
	if (list_empty(&r->walks))
		return NULL;
	struct walk *w = container_of(r->walks.prev, struct walk, link);
	return w->kind == kind && !w->begun ? w : NULL;
}

static void walk_free(struct walk *w)
{
	list_del(&w->link);
	bits_free(w->hops);
	mem_free(w);
}

void walks_fini(struct rib *r)
{
	struct walk *w, *next;
	list_for_each_safe (w, next, &r->walks, link)
		walk_free(w);
}

static bool owner_is_there(const struct rib *r, const struct walk *w)
{
	return source_epoch(r->env.sources, w->source) == w->epoch;
}

/* The next destination of a walk, 0: the end. */
static uint32_t walk_next(const struct rib *r, struct walk *w)
{
	struct prefix p;
	if (!w->kind->networks)
		return w->at = slab_next(r->dests, w->at);
	if (!trie_next_within(r->networks, &w->where, w->begun ? &w->network : NULL, &p))
		return 0;
	w->network = p;
	return dest_find(r, &p);
}

/* True: the walk has reached its end. */
static bool walk_run(struct rib *r, struct walk *w)
{
	for (unsigned n = 1; r->dirty.count < DIRTY_ENOUGH; n++) {
		uint32_t dest;
		if ((w->kind->over && w->kind->over(r, w)) || !(dest = walk_next(r, w)))
			return true;
		w->begun = true;
		w->kind->visit(r, w, dest);
		if (n % LOOK_AT_CLOCK == 0 && rib_slice_over(r))
			return false;
	}
	return false;
}

bool walks_step(struct rib *r)
{
	while (!list_empty(&r->walks)) {
		struct walk *w = container_of(r->walks.next, struct walk, link);
		if (!walk_run(r, w))
			return true;
		walk_free(w);
		if (rib_slice_over(r))
			break;
	}
	return !list_empty(&r->walks);
}

/* ---- decide again ---- */

static void visit_redecide(struct rib *r, struct walk *w, uint32_t dest)
{
	(void)w;
	dest_touch(r, dest, DEST_CHANGED);
}

void walk_redecide(struct rib *r)
{
	static const struct walk_kind kind = {.visit = visit_redecide};
	if (!walk_waiting(r, &kind))
		walk_new(r, &kind);
}

static void visit_network(struct rib *r, struct walk *w, uint32_t dest)
{
	(void)w;
	dest_touch(r, dest, 0);
}

void walk_networks(struct rib *r, const struct prefix *where)
{
	static const struct walk_kind kind = {.networks = true, .visit = visit_network};
	struct walk *w = walk_waiting(r, &kind);
	if (w && prefix_contains(&w->where, where))
		return;
	walk_new(r, &kind)->where = *where;
}

/* ---- next hops ---- */

static void visit_next_hop(struct rib *r, struct walk *w, uint32_t dest)
{
	const uint16_t used = PATH_BEST | PATH_MULTIPATH;
	const struct path *p = rib_path(r, dest_at(r, dest)->paths);
	for (; p; p = rib_path(r, p->next))
		if (p->nexthop && bits_test(w->hops, p->nexthop))
			dest_touch(r, dest, p->flags & used ? DEST_CHANGED : 0);
}

void walk_next_hop(struct rib *r, uint32_t hop)
{
	static const struct walk_kind kind = {.visit = visit_next_hop};
	struct walk *w = walk_waiting(r, &kind);
	if (!w) {
		w = walk_new(r, &kind);
		w->hops = bits_new();
	}
	bits_set(w->hops, hop);
	groups_forget(r, true);
}

/* ---- sources ---- */

static const struct source *walk_source(const struct rib *r, const struct walk *w)
{
	return source_slot(r->env.sources, w->source);
}

static bool source_is_empty(const struct rib *r, const struct walk *w)
{
	const struct source *s = walk_source(r, w);
	return !s || s->path_count[r->family] == 0;
}

static bool owner_has_gone(const struct rib *r, const struct walk *w)
{
	return !owner_is_there(r, w) || source_is_empty(r, w);
}

/* Generations go round, so it is the distance that counts. */
bool path_is_flushed(const struct rib *r, const struct path *p)
{
	const struct source *s = source_slot(r->env.sources, p->source);
	return (int16_t)(p->generation - s->flushed[r->family]) < 0;
}

/* Paths of all sources that are being flushed go at once: where several sessions are lost together,
 * no destination moves from one lost path to the next. */
static void visit_flush(struct rib *r, struct walk *w, uint32_t dest)
{
	uint32_t next, h = dest_at(r, dest)->paths;
	(void)w;
	for (; h; h = next) {
		next = path_at(r, h)->next;
		if (path_is_flushed(r, path_at(r, h)))
			path_drop(r, dest, h);
	}
}

void rib_source_flush(struct rib *r, struct source *s, bool stale_only)
{
	static const struct walk_kind kind = {.visit = visit_flush, .over = source_is_empty};
	if (!stale_only)
		s->generation[r->family]++;
	s->flushed[r->family] = s->generation[r->family];
	walk_of_source(r, &kind, s);
}

static void visit_stale(struct rib *r, struct walk *w, uint32_t dest)
{
	uint16_t now = walk_source(r, w)->generation[r->family];
	uint32_t h = dest_at(r, dest)->paths;
	for (; h; h = path_at(r, h)->next)
		if (path_at(r, h)->source == w->source && path_at(r, h)->generation != now)
			path_at(r, h)->flags |= PATH_STALE;
}

void rib_source_mark_stale(struct rib *r, struct source *s)
{
	static const struct walk_kind kind = {.visit = visit_stale, .over = source_is_empty};
	s->generation[r->family]++;
	walk_of_source(r, &kind, s);
}

static void visit_import(struct rib *r, struct walk *w, uint32_t dest)
{
	struct prefix prefix = dest_prefix(r, dest_at(r, dest));
	uint32_t h = dest_at(r, dest)->paths;
	for (; h; h = path_at(r, h)->next) {
		struct path *p = path_at(r, h);
		if (p->source == w->source)
			path_accept(
			    r, dest, p, w->import(w->ctx, &prefix, rib_path_received(r, p)));
	}
}

void rib_source_reimport(struct rib *r, struct source *s, rib_import *import, void *ctx)
{
	static const struct walk_kind kind = {.visit = visit_import, .over = owner_has_gone};
	struct walk *w = walk_of_source(r, &kind, s);
	w->import = import;
	w->ctx = ctx;
}
