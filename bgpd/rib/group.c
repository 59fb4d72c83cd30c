/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adjacent-out groups: their life, what they have sent, and who is in them.
 *
 * For each destination a group remembers one 32-bit attribute set id. The drain asks it to export
 * the best path anew; only a different id goes on into the batch that is sent at the end of the
 * slice. A new group exports the whole table by a walk of its own, which is no different: what was
 * never sent differs from what should be. Its first member is in sync with nothing from the start.
 *
 * A member gets its End-of-RIB once the group is filled and the member has heard it all. What a
 * dead group had sent is let go of in slices, too.
 */
#include "bgpd/rib/group.h"

#include <assert.h>
#include <string.h>

#include "bgpd/rib/adj.h"
#include "lib/clock.h"

enum { LOOK_AT_CLOCK = 16, GRAVE_SLICE = 8192 };

/* ---- what dead groups had sent ---- */

struct grave {
	struct list_head link;
	struct words *sent;
	uint32_t at;
};

static void grave_dig(struct rib *r, struct words *sent)
{
	struct grave *v = mem_zalloc(sizeof(*v));
	v->sent = sent;
	list_add_tail(&r->graves, &v->link);
	rib_wake(r);
}

/* Lets go of up to `most` references; true: there are more. */
static bool grave_step(struct rib *r, struct grave *v, unsigned most)
{
	for (; most; most--) {
		v->at = words_next(v->sent, v->at);
		if (v->at == UINT32_MAX) {
			words_free(v->sent);
			list_del(&v->link);
			mem_free(v);
			return false;
		}
		attr_unref(r->env.attrs, words_get(v->sent, v->at));
		words_set(v->sent, v->at, 0);
	}
	return true;
}

bool graves_step(struct rib *r)
{
	struct grave *v, *next;
	list_for_each_safe (v, next, &r->graves, link)
		if (grave_step(r, v, GRAVE_SLICE))
			return true;
	return false;
}

/* ---- life ---- */

static struct group *group_find(const struct rib *r, const struct group_key *key)
{
	struct group *g;
	list_for_each (g, &r->groups, link)
		if (memcmp(&g->key, key, sizeof(*key)) == 0)
			return g;
	return NULL;
}

static struct group *group_make(struct rib *r, const struct group_key *key)
{
	struct group *g = mem_zalloc(sizeof(*g));
	g->rib = r;
	g->key = *key;
	g->id = ++r->last_group_id;
	g->sent = words_new();
	g->encoder = encoder_new(g);
	g->stats.created = clock_sec();
	if (key->default_originate && !key->policy_required)
		g->default_dest = dest_make(r, &(struct prefix){.family = (uint8_t)r->family});
	list_init(&g->members);
	list_add_tail(&r->groups, &g->link);
	return g;
}

static void group_free(struct group *g)
{
	list_del(&g->link);
	if (g->default_dest) /* kept for this group alone, if it is empty */
		dest_touch(g->rib, g->default_dest, 0);
	export_forget(g);
	encoder_free(g->encoder);
	batch_fini(&g->batch);
	mem_free(g->audience.members);
	own_hop_fini(g);
	grave_dig(g->rib, g->sent);
	mem_free(g);
}

static void refill(struct group *g)
{
	export_forget(g);
	g->filled = false;
	g->fill_at = 0;
	rib_wake(g->rib);
}

/* Whether a next hop on a link may stay depends on there being another receiver than the one whose
 * routes they are. So it makes a difference when the first member comes to a link; and when the
 * second one comes or goes, it does for routes of the other one. */
static bool other_has_routes(const struct group *g, const struct member *m)
{
	const struct member *o = own_hop_other_on_link(g, m);
	return o && o->source->path_count[g->rib->family];
}

static void refill_for_link(struct group *g, uint32_t ifindex)
{
	const struct kernel *k = g->rib->env.kernel;
	const struct kernel_interface *i = k ? kernel_interface(k, ifindex) : NULL;
	if (!g->key.connected || g->key.kind != SOURCE_EBGP)
		return;
	for (uint32_t n = 0; i && n < i->address_count; n++) {
		struct prefix subnet = i->addresses[n].prefix;
		prefix_mask(&subnet);
		if (nht_in_use(g->rib->env.nht, &subnet)) {
			refill(g);
			return;
		}
	}
}

void group_join(struct rib *r, struct member *m, const struct group_key *key)
{
	struct group *g = group_find(r, key);
	bool fresh = !g;
	assert(!m->group);
	if (fresh)
		g = group_make(r, key);
	own_hop_add(g, m);
	m->group = g;
	m->joined = clock_sec();
	m->blocked = m->eor_done = m->refreshing = m->moved = false;
	m->missed = NULL;
	m->in_sync = true;
	m->cursor = CURSOR_END;
	list_add_head(&g->members, &m->link); /* FRR names the latest first, too */
	g->member_count++;
	g->owed++;
	g->stats.joins++;
	if (!fresh) {
		member_fall_behind(m, 0);
		uint32_t there = own_hop_on_link(g, m->own.ifindex);
		if (there == 1 || (there == 2 && other_has_routes(g, m)))
			refill_for_link(g, m->own.ifindex);
	}
	rib_wake(r);
}

/* kept: somebody else's next hop had stayed there. When the last member has gone it stays for
 * nobody, which no message says, but the shows do. */
static void lost_on_link(struct group *g, const struct member *m, bool kept)
{
	uint32_t left = own_hop_on_link(g, m->own.ifindex);
	if (left == 1 && other_has_routes(g, m))
		refill_for_link(g, m->own.ifindex);
	else if (left == 0 && kept)
		refill(g);
}

void group_leave(struct member *m)
{
	struct group *g = m->group;
	if (!g)
		return;
	bool kept = own_hop_kept_on_link(g, m->own.ifindex);
	member_forget(m);
	g->behind -= !m->in_sync;
	g->owed -= !m->eor_done || m->refreshing;
	g->stats.prunes++;
	own_hop_del(g, m);
	list_del(&m->link);
	m->group = NULL;
	if (--g->member_count == 0)
		group_free(g);
	else
		lost_on_link(g, m, kept);
}

void group_send_again(struct member *m)
{
	struct group *g = m->group;
	if (m->eor_done && !m->refreshing)
		g->owed++;
	m->refreshing = true;
	member_fall_behind(m, 0);
	rib_wake(g->rib);
}

void group_unblock(struct member *m)
{
	m->blocked = false;
	if (m->group)
		rib_wake(m->group->rib);
}

/* What it knows is what the old group has sent and what it missed there. It waits for the new one
 * to be filled, or all that is not exported yet would be withdrawn and announced again. */
void group_move(struct member *m, const struct group_key *key, const struct own_hop *own)
{
	struct group *old = m->group;
	struct rib *r = old->rib;
	struct bits *known = m->missed ? m->missed : bits_new();
	bool eor_done = m->eor_done, refreshing = m->refreshing;
	bits_add_words(known, old->sent);
	m->missed = NULL;
	group_leave(m);
	m->own = *own;
	group_join(r, m, key);
	m->missed = known;
	m->moved = true;
	m->eor_done = eor_done;
	m->refreshing = refreshing;
	m->group->owed -= eor_done && !refreshing;
	member_fall_behind(m, 0);
}

/* ---- the table's side ---- */

static uint32_t export_dest(struct group *g, uint32_t dest)
{
	const struct path *best = rib_best(g->rib, dest_at(g->rib, dest));
	if (dest == g->default_dest)
		return export_default(g);
	return best ? export_path(g, best) : 0;
}

/* An id without what no message says, one reference; 0: there is nothing. */
static uint32_t without_unsaid(const struct group *g, const struct attr_set *set)
{
	struct attr_set a = *set;
	return export_drop_unsaid(g, &a) ? attr_intern(g->rib->env.attrs, &a) : 0;
}

/* Both sets say the same on the wire, as when the best path moves from one link to another, or to
 * another way through the same cluster. */
static bool is_same_told(const struct group *g, uint32_t old, uint32_t out)
{
	struct attr_store *attrs = g->rib->env.attrs;
	struct attr_set a, b;
	attr_view(attrs, old, &a);
	attr_view(attrs, out, &b);
	uint32_t was = without_unsaid(g, &a), is = without_unsaid(g, &b);
	bool same = (was ? was : old) == (is ? is : out);
	attr_unref(attrs, was);
	attr_unref(attrs, is);
	return same;
}

static void group_update(struct group *g, uint32_t dest)
{
	struct rib *r = g->rib;
	uint32_t out = export_dest(g, dest), old = words_get(g->sent, dest);
	if (sentlog_wanted(g))
		sentlog_visit(g, dest, old, out);
	if (out == old) {
		attr_unref(r->env.attrs, out);
		return;
	}
	bool same = old && out && is_same_told(g, old, out);
	words_set(g->sent, dest, out);
	attr_unref(r->env.attrs, old);
	if (!same)
		batch_add(&g->batch, dest);
}

void groups_update(struct rib *r, uint32_t dest)
{
	struct group *g;
	list_for_each (g, &r->groups, link)
		group_update(g, dest);
}

void groups_expect(const struct rib *r, uint32_t dest)
{
	const struct group *g;
	list_for_each (g, &r->groups, link)
		attr_expect(r->env.attrs, words_get(g->sent, dest));
}

void groups_flush(struct rib *r)
{
	struct group *g;
	list_for_each (g, &r->groups, link)
		if (g->batch.count)
			members_tell(g);
}

bool groups_need(const struct rib *r, uint32_t dest)
{
	const struct group *g;
	list_for_each (g, &r->groups, link) {
		const struct member *m;
		if (words_get(g->sent, dest) || dest == g->default_dest)
			return true;
		if (!g->behind)
			continue;
		list_for_each (m, &g->members, link)
			if (m->missed && bits_test(m->missed, dest))
				return true;
	}
	return false;
}

void groups_idle(struct rib *r)
{
	struct group *g;
	list_for_each (g, &r->groups, link) {
		export_forget(g);
		batch_fini(&g->batch);
	}
}

void groups_forget(struct rib *r, bool next_hops)
{
	struct group *g;
	list_for_each (g, &r->groups, link)
		if (!next_hops || g->key.connected)
			export_forget(g);
}

static bool fill_step(struct group *g)
{
	struct rib *r = g->rib;
	for (unsigned n = 1;; n++) {
		uint32_t h = g->fill_at = slab_next(r->dests, g->fill_at);
		if (!h) {
			g->filled = true;
			g->filled_at = r->dirty.popped + r->dirty.count;
			break;
		}
		/* One that waits for its decision comes by then. */
		if (dest_at(r, h)->flags & DEST_WAITS)
			dest_touch(r, h, DEST_CHANGED);
		else
			group_update(g, h);
		if (n % LOOK_AT_CLOCK == 0 && rib_slice_over(r))
			break;
	}
	if (g->batch.count)
		members_tell(g);
	return !g->filled;
}

bool groups_step(struct rib *r)
{
	bool more = graves_step(r);
	struct group *g, *next;
	list_for_each_safe (g, next, &r->groups, link) {
		if (!g->filled)
			more |= fill_step(g);
		more |= members_step(g);
	}
	return more;
}

/* ---- reading ---- */

const struct group_key *group_key(const struct group *g)
{
	return &g->key;
}

uint32_t group_id(const struct group *g)
{
	return g->id;
}

uint32_t group_sent_count(const struct group *g)
{
	return words_count(g->sent);
}

uint32_t group_sent(const struct group *g, const struct dest *d)
{
	struct prefix p = dest_prefix(g->rib, d);
	return words_get(g->sent, dest_find(g->rib, &p));
}

bool group_default_sent(const struct group *g)
{
	return g->default_dest && words_get(g->sent, g->default_dest);
}

const struct group *group_next(const struct rib *r, const struct group *after)
{
	const struct list_head *at = after ? after->link.next : r->groups.next;
	return at == &r->groups ? NULL : container_of(at, struct group, link);
}

const struct list_head *group_members(const struct group *g)
{
	return &g->members;
}

size_t group_bytes(const struct group *g)
{
	return sizeof(*g) + words_bytes(g->sent) + g->batch.cap * sizeof(uint32_t);
}

const struct group_stats *group_stats(const struct group *g)
{
	return &g->stats;
}
