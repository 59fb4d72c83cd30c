/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of a group: those in sync hear every batch as it comes; the others go their own way.
 *
 * A member that is behind has a cursor: destinations from there on it has not been told yet, and
 * whatever the group has sent for them will do. Changes it must hear apart from that (behind the
 * cursor, or anywhere if it knows the table already) are bits in `missed`. It walks to the end of
 * the destinations, then works off the bits, a page of each at a time, and is in sync when none is
 * left. Members at the same place are served together: one encoding for all of them.
 *
 * One that comes from another group while its session goes on has missed, to begin with, all that
 * it knows from there: what this group does not send is withdrawn.
 *
 * A batch that could not be handed over whole is missed whole: told twice does no harm. A member
 * never keeps the others waiting; what it costs is a bit for each destination that changed.
 */
#include "bgpd/rib/adj.h"
#include "lib/clock.h"

/* ---- batches and audiences ---- */

void batch_add(struct batch *b, uint32_t dest)
{
	if (b->count == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 64;
		b->dests = mem_realloc(b->dests, b->cap * sizeof(*b->dests));
	}
	b->dests[b->count++] = dest;
}

void batch_fini(struct batch *b)
{
	mem_free(b->dests);
	*b = (struct batch){0};
}

void audience_clear(struct group *g)
{
	g->audience.count = 0;
}

void audience_add(struct group *g, struct member *m)
{
	struct audience *a = &g->audience;
	if (a->count == a->cap) {
		a->cap = a->cap ? a->cap * 2 : 16;
		a->members = mem_realloc(a->members, a->cap * sizeof(struct member *));
	}
	a->members[a->count++] = m;
}

/* ---- in and out of sync ---- */

void member_fall_behind(struct member *m, uint32_t cursor)
{
	m->cursor = cursor;
	if (!m->in_sync)
		return;
	m->in_sync = false;
	m->group->behind++;
}

void member_forget(struct member *m)
{
	struct rib *r = m->group->rib;
	uint32_t h = m->missed ? bits_next(m->missed, 0) : UINT32_MAX;
	/* Destinations that were kept for this member alone may go now. */
	for (; h != UINT32_MAX; h = bits_next(m->missed, h + 1))
		if (!dest_at(r, h)->paths)
			dest_touch(r, h, 0);
	bits_free(m->missed);
	m->missed = NULL;
}

static void miss(struct member *m, const struct batch *b, bool all)
{
	if (!m->missed)
		m->missed = bits_new();
	for (uint32_t i = 0; i < b->count; i++)
		if (all || b->dests[i] < m->cursor)
			bits_set(m->missed, b->dests[i]);
}

/* Encodes for the audience; those that could not take all of it are behind. */
static void tell(struct group *g, const struct batch *b)
{
	encode_batch(g, b);
	for (uint32_t i = 0; i < g->audience.count; i++) {
		struct member *m = g->audience.members[i];
		if (!m->blocked)
			continue;
		member_fall_behind(m, m->cursor);
		miss(m, b, true);
	}
}

void members_tell(struct group *g)
{
	struct member *m;
	audience_clear(g);
	list_for_each (m, &g->members, link) {
		if (m->in_sync)
			audience_add(g, m);
		else
			miss(m, &g->batch, m->eor_done || m->refreshing);
	}
	tell(g, &g->batch);
	g->batch.count = 0;
	g->stats.version = g->rib->version;
}

/* ---- catching up ---- */

/* Every destination was exported, and what waited for its decision then has had it. */
static bool is_complete(const struct group *g)
{
	const struct rib *r = g->rib;
	return g->filled && !r->express.count && r->dirty.popped >= g->filled_at;
}

static bool is_waiting(const struct group *g, const struct member *m)
{
	return !m->in_sync && !m->blocked && (!m->moved || is_complete(g));
}

/* All that are where m is. */
static void gather(struct group *g, const struct member *m, uint32_t page)
{
	struct member *o;
	audience_clear(g);
	list_for_each (o, &g->members, link) {
		if (!is_waiting(g, o) || o->cursor != m->cursor)
			continue;
		if (o == m || m->cursor != CURSOR_END ||
		    (o->missed && bits_same_page(o->missed, m->missed, page)))
			audience_add(g, o);
	}
}

/* It hears of these now. */
static void forgive(struct member *m, const struct batch *b)
{
	for (uint32_t i = 0; m->missed && i < b->count; i++)
		bits_clear(m->missed, b->dests[i]);
}

/* The next page of the table. */
static void step_table(struct group *g, struct member *m)
{
	struct batch b = {0};
	uint32_t h = words_next(g->sent, m->cursor), to = CURSOR_END;
	gather(g, m, 0);
	if (m->cursor == 0 && sentlog_wanted(g))
		sentlog_table(g);
	if (h != UINT32_MAX)
		to = (h / BITS_PAGE + 1) * BITS_PAGE;
	for (; h < to; h = words_next(g->sent, h + 1))
		batch_add(&b, h);
	for (uint32_t i = 0; i < g->audience.count; i++) {
		g->audience.members[i]->cursor = to;
		forgive(g->audience.members[i], &b);
	}
	tell(g, &b);
	batch_fini(&b);
}

/* The next page of what it missed. */
static void step_missed(struct group *g, struct member *m)
{
	struct batch b = {0};
	struct rib *r = g->rib;
	uint32_t h = bits_next(m->missed, 0), to = (h / BITS_PAGE + 1) * BITS_PAGE;
	gather(g, m, h);
	for (; h < to; h = bits_next(m->missed, h + 1))
		batch_add(&b, h);
	for (uint32_t i = 0; i < g->audience.count; i++)
		forgive(g->audience.members[i], &b);
	tell(g, &b);
	for (uint32_t j = 0; j < b.count; j++)
		if (!dest_at(r, b.dests[j])->paths)
			dest_touch(r, b.dests[j], 0);
	batch_fini(&b);
}

static void caught_up(struct group *g, struct member *m)
{
	bits_free(m->missed);
	m->missed = NULL;
	m->in_sync = true;
	m->moved = false;
	g->behind--;
	g->stats.merges++;
}

/* One step of a member that waits. */
static void member_step(struct group *g, struct member *m)
{
	if (m->cursor != CURSOR_END)
		step_table(g, m);
	else if (m->missed && !bits_empty(m->missed))
		step_missed(g, m);
	else
		caught_up(g, m);
}

/* ---- the end of the table ---- */

static bool is_owed(const struct member *m)
{
	return m->in_sync && (!m->eor_done || m->refreshing);
}

static void pay(struct group *g, struct member *m)
{
	bool first = !m->eor_done;
	if (first && !encode_end_of_rib(g, m)) {
		member_fall_behind(m, CURSOR_END);
		return;
	}
	m->eor_done = true;
	m->refreshing = false;
	g->owed--;
	if (m->table_sent)
		m->table_sent(m->ctx, !first);
}

bool members_step(struct group *g)
{
	struct member *m, *next;
	while (g->behind) {
		struct member *waiting = NULL;
		list_for_each (m, &g->members, link)
			if (is_waiting(g, m) && (!waiting || m->cursor < waiting->cursor))
				waiting = m;
		if (!waiting)
			break;
		member_step(g, waiting);
		if (rib_slice_over(g->rib))
			return true;
	}
	if ((!g->owed && !g->behind) || !g->filled)
		return false;
	if (!is_complete(g))
		return true; /* some of the table still waits for its decision */
	list_for_each_safe (m, next, &g->members, link)
		if (is_owed(m))
			pay(g, m);
	return false;
}
