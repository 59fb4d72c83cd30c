/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths: put, replaced, dropped.
 *
 * A path holds a reference of each of its sets and of its next hop's entry. Routes of one message
 * share their set, so the entry that the last set needed is remembered; the memory of it holds
 * references too, until the table comes to rest.
 *
 * Nearly every path of nearly every table has one set, accepted as it came, and no path id. So the
 * path has room for that one only; what more there is, where it is, has a place of its own.
 *
 * Where a neighbor on the link gave a link-local next hop beside the global one (RFC 2545 3), that
 * is the one that counts, as in FRR: it outlives a renumbering of the link.
 */
#include <string.h>

#include "bgpd/rib/table.h"
#include "lib/clock.h"
#include "lib/log.h"

/* ---- the sets of a path ---- */

static struct path_more more_of(const struct rib *r, const struct path *p)
{
	if (p->flags & PATH_MORE)
		return *(const struct path_more *)slab_ptr(r->more, p->sets);
	return (struct path_more){p->sets, p->flags & PATH_DENIED ? 0 : p->sets, 0};
}

static void more_set(struct rib *r, struct path *p, struct path_more m)
{
	bool had = p->flags & PATH_MORE;
	bool needs = m.path_id || (m.accepted && m.accepted != m.received);
	p->flags &= (uint16_t) ~(PATH_MORE | PATH_DENIED);
	p->flags |= (uint16_t)((needs ? PATH_MORE : 0) | (m.accepted ? 0 : PATH_DENIED));
	if (had && !needs)
		slab_put(r->more, p->sets);
	if (needs && !had)
		p->sets = slab_get(r->more);
	if (needs)
		*(struct path_more *)slab_ptr(r->more, p->sets) = m;
	else
		p->sets = m.received;
}

uint32_t rib_path_received(const struct rib *r, const struct path *p)
{
	return more_of(r, p).received;
}

uint32_t rib_path_accepted(const struct rib *r, const struct path *p)
{
	return more_of(r, p).accepted;
}

uint32_t rib_path_attrs(const struct rib *r, const struct path *p)
{
	struct path_more m = more_of(r, p);
	return m.accepted ? m.accepted : m.received;
}

uint32_t rib_path_id(const struct rib *r, const struct path *p)
{
	return more_of(r, p).path_id;
}

/* ---- next hops ---- */

void path_forget_hop(struct rib *r)
{
	if (r->hop)
		nht_put(r->env.nht, r->hop);
	attr_unref(r->env.attrs, r->hop_attrs);
	r->hop = r->hop_attrs = 0;
}

static uint32_t hop_find(struct rib *r, uint32_t attrs, bool on_link)
{
	struct attr_set a;
	attr_view(r->env.attrs, attrs, &a);
	if (!addr_is_set(&a.next_hop))
		return 0;
	struct nht_hop hop = {.addr = a.next_hop};
	if (a.next_hop_ifindex) {
		hop.ifindex = a.next_hop_ifindex;
		hop.on_link = on_link;
		if (addr_is_set(&a.next_hop_local))
			hop.addr = a.next_hop_local;
	}
	return nht_get(r->env.nht, &hop);
}

/* One reference of the entry that a set's next hop has, 0: none. */
static uint32_t hop_of(struct rib *r, uint32_t attrs, const struct source *s)
{
	bool on_link = s->addr.family == FAMILY_IPV6;
	if (!r->env.nht)
		return 0;
	if (r->hop_attrs != attrs || r->hop_on_link != on_link) {
		path_forget_hop(r);
		r->hop = hop_find(r, attrs, on_link);
		r->hop_attrs = attrs;
		r->hop_on_link = on_link;
		attr_ref(r->env.attrs, attrs);
	}
	if (r->hop)
		nht_ref(r->env.nht, r->hop);
	return r->hop;
}

/* A host route whose next hop is that host would carry its own traffic to itself. FRR does not use
 * one while it checks imports, and does not count it as the next hop's; but it takes one from a
 * route reflector client, whose loopback is announced that way. */
static bool is_own_hop(const struct rib *r, uint32_t dest, const struct source *s, uint32_t hop)
{
	const struct dest *d = dest_at(r, dest);
	if (!hop || d->len != family_bits(r->family) || s->client || s->kind == SOURCE_LOCAL)
		return false;
	const struct nht_entry *e = nht_entry(r->env.nht, hop);
	return e->addr.family == r->family &&
	       memcmp(e->addr.b, d->addr, family_bytes(r->family)) == 0;
}

static void hop_count(struct rib *r, const struct path *p, int step)
{
	if (p->nexthop && !(p->flags & PATH_OWN_HOP))
		nht_count_path(r->env.nht, p->nexthop, step);
}

static void hop_set(struct rib *r, struct path *p, uint32_t hop, bool own)
{
	uint32_t old = p->nexthop;
	hop_count(r, p, -1);
	p->nexthop = hop;
	p->flags = (uint16_t)((p->flags & ~PATH_OWN_HOP) | (own ? PATH_OWN_HOP : 0));
	hop_count(r, p, 1);
	if (old)
		nht_put(r->env.nht, old);
}

/* ---- one path ---- */

static bool in_use(const struct path *p)
{
	return p->flags & (PATH_BEST | PATH_MULTIPATH);
}

uint32_t dest_make(struct rib *r, const struct prefix *p)
{
	uint32_t *at = trie_insert(r->trie, p);
	if (!*at) {
		*at = slab_get(r->dests);
		struct dest *d = dest_at(r, *at);
		d->len = p->len;
		memcpy(d->addr, p->b, family_bytes(r->family));
	}
	return *at;
}

/* others: how many other paths of the source's present session were seen until then. */
static uint32_t path_find(const struct rib *r, const struct dest *d, const struct source *s,
    uint32_t path_id, unsigned *others)
{
	uint32_t h = d->paths;
	*others = 0;
	while (h) {
		const struct path *p = path_at(r, h);
		bool own = p->source == s->number;
		if (own && rib_path_id(r, p) == path_id)
			return h;
		*others += own && p->generation == s->generation[r->family];
		h = p->next;
	}
	return 0;
}

/* One that has so many paths to one destination means harm: each costs a look at all the others.
 * False, and both references are given up. */
static bool has_room(
    struct rib *r, const struct source *s, unsigned others, uint32_t received, uint32_t accepted)
{
	char name[ADDR_STRLEN];
	if (others < PATHS_MAX)
		return true;
	if (r->env.log && r->told_crowded != s->number) {
		r->told_crowded = s->number;
		log_msg(r->env.log, LOG_WARNING, NULL, 0,
		    "%s announces more than %d paths to one destination; the others are ignored",
		    addr_str(&s->addr, name), PATHS_MAX);
	}
	attr_unref(r->env.attrs, received);
	attr_unref(r->env.attrs, accepted);
	return false;
}

/* Writes a path's sets, of which `was` was the accepted one until now, at this clock_sec. */
static void accept_set(struct rib *r, uint32_t dest, struct path *p, uint32_t was,
    struct path_more now, uint32_t clock)
{
	more_set(r, p, now);
	if (was == now.accepted) {
		attr_unref(r->env.attrs, was);
		return;
	}
	source_count(r, p->source, 0, (now.accepted != 0) - (was != 0));
	attr_unref(r->env.attrs, was);
	const struct source *s = source_slot(r->env.sources, p->source);
	uint32_t hop = now.accepted ? hop_of(r, now.accepted, s) : 0;
	hop_set(r, p, hop, is_own_hop(r, dest, s, hop));
	p->since = clock;
	dest_touch(r, dest, in_use(p) ? DEST_CHANGED : 0);
}

void path_accept(struct rib *r, uint32_t dest, struct path *p, uint32_t accepted)
{
	struct path_more m = more_of(r, p);
	uint32_t was = m.accepted;
	m.accepted = accepted;
	accept_set(r, dest, p, was, m, clock_sec());
}

/* Without sets yet. */
static struct path *path_make(struct rib *r, struct dest *d, const struct source *s)
{
	uint32_t h = slab_get(r->paths);
	struct path *p = path_at(r, h);
	p->source = s->number;
	p->flags = PATH_DENIED;
	p->generation = s->generation[r->family];
	p->next = d->paths;
	d->paths = h;
	source_count(r, s->number, 1, 0);
	return p;
}

/* As path_put, at a destination; `sets` has the path id, too. */
static bool put_at(struct rib *r, uint32_t dest, const struct source *s, struct path_more sets,
    uint16_t flags, uint32_t clock)
{
	struct dest *d = dest_at(r, dest);
	unsigned others;
	uint32_t h = path_find(r, d, s, sets.path_id, &others);
	if (!h && !has_room(r, s, others, sets.received, sets.accepted))
		return false;
	rib_hear(r, s->number);
	struct path *p = h ? path_at(r, h) : path_make(r, d, s);
	struct path_more m = more_of(r, p);
	bool news = m.received != sets.received || m.accepted != sets.accepted ||
		    p->generation != s->generation[r->family];
	bool revived = path_is_flushed(r, p);
	p->generation = s->generation[r->family];
	p->flags = (uint16_t)((p->flags & ~PATH_STALE) | flags);
	attr_unref(r->env.attrs, m.received);
	if (!h || revived) {
		/* Its neighbor may be another one by now, so the same set may mean something else.
		 */
		p->since = clock;
		dest_touch(r, dest, in_use(p) ? DEST_CHANGED : 0);
	}
	accept_set(r, dest, p, m.accepted, sets, clock);
	return news;
}

bool path_put(struct rib *r, const struct source *s, const struct prefix *p, uint32_t path_id,
    uint32_t received, uint32_t accepted, uint16_t flags)
{
	r->lone = rib_is_lone(r, s->number, 1);
	struct path_more sets = {received, accepted, path_id};
	bool news = put_at(r, dest_make(r, p), s, sets, flags, clock_sec());
	r->lone = false;
	return news;
}

bool rib_path_set(struct rib *r, const struct source *s, const struct prefix *p, uint32_t path_id,
    uint32_t received, uint32_t accepted)
{
	return path_put(r, s, p, path_id, received, accepted, 0);
}

static void path_free(struct rib *r, struct path *p, uint32_t handle)
{
	struct path_more m = more_of(r, p);
	source_count(r, p->source, -1, -(m.accepted != 0));
	attr_unref(r->env.attrs, m.received);
	attr_unref(r->env.attrs, m.accepted);
	hop_set(r, p, 0, false);
	if (p->flags & PATH_MORE)
		slab_put(r->more, p->sets);
	slab_put(r->paths, handle);
}

void path_drop(struct rib *r, uint32_t dest, uint32_t path)
{
	struct dest *d = dest_at(r, dest);
	struct path *p = path_at(r, path);
	uint32_t *at = &d->paths;
	rib_hear(r, p->source);
	while (*at != path)
		at = &path_at(r, *at)->next;
	*at = p->next;
	dest_touch(r, dest, in_use(p) ? DEST_CHANGED : 0);
	path_free(r, p, path);
}

static void del_at(struct rib *r, uint32_t dest, const struct source *s, uint32_t path_id)
{
	unsigned others;
	uint32_t h = dest ? path_find(r, dest_at(r, dest), s, path_id, &others) : 0;
	if (h)
		path_drop(r, dest, h);
}

void rib_path_del(struct rib *r, const struct source *s, const struct prefix *p, uint32_t path_id)
{
	r->lone = rib_is_lone(r, s->number, 1);
	del_at(r, dest_find(r, p), s, path_id);
	r->lone = false;
}

/* ---- many at once ---- */

_Static_assert((int)RIB_BATCH <= (int)TRIE_MANY, "a batch is searched for in one go");

/* The destinations, 0 where there is none; they, their first paths and the sets of these are on
 * their way into the cache. */
void rib_batch_find(const struct rib *r, struct rib_batch *b)
{
	const struct path *path[RIB_BATCH];
	uint32_t *dests = b->dest;
	trie_find_many(r->trie, b->prefix, b->count, dests);
	for (unsigned i = 0; i < b->count; i++)
		if (dests[i])
			__builtin_prefetch(dest_at(r, dests[i]));
	for (unsigned i = 0; i < b->count; i++) {
		uint32_t h = dests[i] ? dest_at(r, dests[i])->paths : 0;
		__builtin_prefetch(path[i] = h ? path_at(r, h) : NULL);
	}
	for (unsigned i = 0; i < b->count; i++)
		if (path[i])
			attr_expect(r->env.attrs, rib_path_received(r, path[i]));
}

unsigned rib_paths_set(struct rib *r, const struct source *s, const struct rib_batch *b,
    uint32_t received, uint32_t accepted)
{
	uint32_t clock = clock_sec();
	unsigned same = 0;
	r->lone = rib_is_lone(r, s->number, b->count);
	for (unsigned i = 0; i < b->count; i++) {
		uint32_t dest = b->dest[i] ? b->dest[i] : dest_make(r, &b->prefix[i]);
		struct path_more sets = {received, accepted, b->path_id[i]};
		same += !put_at(r, dest, s, sets, 0, clock);
	}
	r->lone = false;
	return same;
}

void rib_paths_del(struct rib *r, const struct source *s, const struct rib_batch *b)
{
	r->lone = rib_is_lone(r, s->number, b->count);
	for (unsigned i = 0; i < b->count; i++)
		del_at(r, b->dest[i], s, b->path_id[i]);
	r->lone = false;
}

void paths_free(struct rib *r, struct dest *d)
{
	while (d->paths) {
		uint32_t h = d->paths;
		struct path *p = path_at(r, h);
		d->paths = p->next;
		path_free(r, p, h);
	}
}
