/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Next-hop tracking.
 *
 * Entries are found by address through one trie a family, in which an address is a prefix of full
 * length: that gives the shows their order and a change of routes the entries it concerns. Those of
 * one address, on several interfaces, are a list. An entry is judged when it is made, when routes
 * inside whose reach it lies change, when its interface does, and when the entry it leans on
 * changes. Walks remember what they came to by its key: judging may free entries.
 *
 * Non-BGP routes come first. A BGP route resolves a next hop only where no connected subnet holds
 * it and the BGP route is longer than what the others have; it does so by leaning on the entry of
 * its own next hop. Leaning never closes a circle, so a route cannot be its own support.
 */
#include "bgpd/rib/nht.h"

#include <assert.h>
#include <string.h>

#include "bgpd/codec/family.h"
#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/trie.h"

enum { LEAN_DEPTH = 8 }; /* BGP routes over BGP routes over ... */

struct nht {
	struct kernel *kernel;
	struct trie *trie[FAMILY_LIMIT]; /* by family: address -> handle */
	struct slab *entries;
	struct list_head users;
	uint32_t leaning; /* entries with table_hop */
	bool via_default;
};

/* An entry's answer before it is compared with the old one. */
struct judgement {
	bool valid, connected;
	uint32_t metric, table_hop;
	struct prefix via;
	unsigned count;
	struct kernel_nexthop nexthops[KERNEL_MAX_NEXTHOPS];
};

static struct nht_entry *entry_at(const struct nht *n, uint32_t handle)
{
	return slab_ptr(n->entries, handle);
}

/* ---- order ---- */

struct nht_hop nht_hop_of(const struct nht_entry *e)
{
	return (struct nht_hop){e->addr, e->ifindex, e->on_link};
}

/* Of two with the same address. */
static int hop_cmp(const struct nht_hop *a, const struct nht_hop *b)
{
	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	return (int)a->on_link - (int)b->on_link;
}

/* The first entry of the list that is not before the hop (or, behind: comes after it); 0: none. */
static uint32_t list_seek(
    const struct nht *n, uint32_t first, const struct nht_hop *hop, bool behind)
{
	for (; first; first = entry_at(n, first)->next) {
		struct nht_hop here = nht_hop_of(entry_at(n, first));
		if (hop_cmp(&here, hop) >= (int)behind)
			break;
	}
	return first;
}

/* The next entry behind `after` (NULL: the first) whose address lies inside; 0: none. */
static uint32_t hop_within(
    const struct nht *n, const struct prefix *where, const struct nht_hop *after)
{
	const struct trie *t = n->trie[where->family];
	struct prefix from, p;
	if (!after)
		return trie_next_within(t, where, NULL, &p);
	from = prefix_from_addr(&after->addr);
	uint32_t h = list_seek(n, trie_find(t, &from), after, true);
	return h ? h : trie_next_within(t, where, &from, &p);
}

/* ---- life ---- */

struct nht *nht_new(struct kernel *k)
{
	struct nht *n = mem_zalloc(sizeof(*n));
	n->kernel = k;
	n->entries = slab_new(sizeof(struct nht_entry));
	FOR_EACH_FAMILY (f)
		n->trie[f] = trie_new(f);
	list_init(&n->users);
	return n;
}

void nht_free(struct nht *n)
{
	if (!n)
		return;
	FOR_EACH_FAMILY (f) {
		struct prefix all = {.family = (uint8_t)f};
		struct nht_hop at;
		for (uint32_t h = hop_within(n, &all, NULL); h; h = hop_within(n, &all, &at)) {
			at = nht_hop_of(entry_at(n, h));
			mem_free(entry_at(n, h)->nexthops);
		}
		trie_free(n->trie[f]);
	}
	slab_free(n->entries);
	mem_free(n);
}

void nht_user_add(struct nht *n, struct nht_user *u)
{
	list_add_tail(&n->users, &u->link);
}

void nht_user_del(struct nht *n, struct nht_user *u)
{
	(void)n;
	list_del(&u->link);
}

/* ---- judging ---- */

static void judge_routes(const struct nht *n, const struct addr *a, struct judgement *j)
{
	const struct rt_route *route = NULL;
	j->count = kernel_resolve(n->kernel, a, false, j->nexthops, KERNEL_MAX_NEXTHOPS, &route);
	if (route)
		j->via = route->prefix;
	if (j->count && route && route->prefix.len == 0 && !n->via_default)
		j->count = 0;
	j->valid = j->count > 0;
	if (!j->valid)
		return;
	j->metric = route ? route->metric : 0;
	struct kernel_nexthop direct;
	j->connected = kernel_resolve(n->kernel, a, true, &direct, 1, NULL) > 0;
}

/* A link-local next hop whose interface is known. */
static void judge_link(const struct nht *n, const struct nht_entry *e, struct judgement *j)
{
	const struct kernel_interface *i = kernel_interface(n->kernel, e->ifindex);
	if (!i || !i->up || !i->running)
		return;
	if (!e->on_link) {
		const struct rt_route *route = kernel_route_match(n->kernel, &e->addr, false);
		if (!route)
			return;
		j->via = route->prefix;
	}
	j->valid = j->connected = true;
	j->count = 1;
	j->nexthops[0] =
	    (struct kernel_nexthop){.gate = e->addr, .ifindex = e->ifindex, .weight = 1};
}

static bool leans_on(const struct nht *n, uint32_t hop, uint32_t self)
{
	for (unsigned i = 0; hop && i < LEAN_DEPTH; i++) {
		if (hop == self)
			return true;
		hop = entry_at(n, hop)->table_hop;
	}
	return hop != 0;
}

static void judge_tables(const struct nht *n, uint32_t self, struct judgement *j)
{
	const struct nht_entry *e = entry_at(n, self);
	struct nht_user *u;
	list_for_each (u, &n->users, link) {
		struct prefix found;
		uint32_t hop = u->resolve ? u->resolve(u->ctx, &e->addr, &found) : 0;
		if (!hop || (j->valid && found.len <= j->via.len) || leans_on(n, hop, self))
			continue;
		const struct nht_entry *t = entry_at(n, hop);
		if (!t->valid)
			continue;
		j->valid = true;
		j->table_hop = hop;
		j->metric = t->metric;
		j->via = found;
		j->count = t->nexthop_count;
		if (t->nexthop_count)
			memcpy(j->nexthops, t->nexthops, t->nexthop_count * sizeof(j->nexthops[0]));
		return;
	}
}

static bool same_answer(const struct nht_entry *e, const struct judgement *j)
{
	if (e->valid != j->valid || e->connected != j->connected || e->metric != j->metric ||
	    e->nexthop_count != j->count)
		return false;
	for (unsigned i = 0; i < j->count; i++) {
		const struct kernel_nexthop *a = &e->nexthops[i], *b = &j->nexthops[i];
		if (a->ifindex != b->ifindex || a->weight != b->weight ||
		    !addr_equal(&a->gate, &b->gate))
			return false;
	}
	return true;
}

/* What an entry leans on stays as long as it does. */
static void lean(struct nht *n, struct nht_entry *e, uint32_t on)
{
	uint32_t old = e->table_hop;
	if (old == on)
		return;
	e->table_hop = on;
	if (on) {
		nht_ref(n, on);
		n->leaning++;
	}
	if (old) {
		n->leaning--;
		nht_put(n, old);
	}
}

/* True: the answer is another one than before. */
static bool judge(struct nht *n, uint32_t handle)
{
	struct nht_entry *e = entry_at(n, handle);
	struct judgement j = {0};
	if (!n->kernel) {
		j.valid = j.connected = true;
		j.via = prefix_from_addr(&e->addr);
	} else if (e->ifindex) {
		judge_link(n, e, &j);
	} else {
		judge_routes(n, &e->addr, &j);
		if (!j.connected)
			judge_tables(n, handle, &j);
	}
	bool same = same_answer(e, &j);
	lean(n, e, j.table_hop);
	e->via = j.via;
	if (same)
		return false;
	e->valid = j.valid;
	e->connected = j.connected;
	e->metric = j.metric;
	e->nexthop_count = (uint8_t)j.count;
	mem_free(e->nexthops);
	e->nexthops = j.count ? mem_dup(j.nexthops, j.count * sizeof(j.nexthops[0])) : NULL;
	e->since = clock_sec();
	return true;
}

static void judge_and_tell(struct nht *n, uint32_t handle, unsigned depth);

static void judge_leaning(struct nht *n, uint32_t on, unsigned depth)
{
	FOR_EACH_FAMILY (f) {
		struct prefix all = {.family = (uint8_t)f};
		struct nht_hop at;
		for (uint32_t h = hop_within(n, &all, NULL); h; h = hop_within(n, &all, &at)) {
			at = nht_hop_of(entry_at(n, h));
			if (entry_at(n, h)->table_hop == on)
				judge_and_tell(n, h, depth);
		}
	}
}

static void judge_and_tell(struct nht *n, uint32_t handle, unsigned depth)
{
	if (!judge(n, handle))
		return;
	struct nht_user *u, *next;
	list_for_each_safe (u, next, &n->users, link)
		u->changed(u->ctx, handle);
	if (n->leaning && depth < LEAN_DEPTH)
		judge_leaning(n, handle, depth + 1);
}

void nht_routes_changed(struct nht *n, const struct prefix *where)
{
	struct nht_hop at;
	for (uint32_t h = hop_within(n, where, NULL); h; h = hop_within(n, where, &at)) {
		at = nht_hop_of(entry_at(n, h));
		judge_and_tell(n, h, 0);
	}
}

void nht_interface_changed(struct nht *n, uint32_t ifindex)
{
	static const struct prefix link_local = {
	    .family = FAMILY_IPV6, .len = 10, .b = {0xfe, 0x80}};
	struct nht_hop at;
	for (uint32_t h = hop_within(n, &link_local, NULL); h;
	     h = hop_within(n, &link_local, &at)) {
		at = nht_hop_of(entry_at(n, h));
		if (at.ifindex == ifindex)
			judge_and_tell(n, h, 0);
	}
}

void nht_set_via_default(struct nht *n, bool on)
{
	if (n->via_default == on)
		return;
	n->via_default = on;
	FOR_EACH_FAMILY (f) {
		struct prefix all = {.family = (uint8_t)f};
		nht_routes_changed(n, &all);
	}
}

bool nht_via_default(const struct nht *n)
{
	return n->via_default;
}

/* ---- entries ---- */

/* Into the list of its address, in order. */
static uint32_t entry_make(struct nht *n, uint32_t *first, const struct nht_hop *hop)
{
	uint32_t h = slab_get(n->entries), behind = list_seek(n, *first, hop, false);
	while (*first != behind)
		first = &entry_at(n, *first)->next;
	struct nht_entry *e = entry_at(n, h);
	*first = h;
	e->next = behind;
	e->addr = hop->addr;
	e->ifindex = hop->ifindex;
	e->on_link = hop->on_link;
	return h;
}

uint32_t nht_get(struct nht *n, const struct nht_hop *hop)
{
	struct prefix p = prefix_from_addr(&hop->addr);
	uint32_t *first = trie_insert(n->trie[p.family], &p), h = list_seek(n, *first, hop, false);
	if (h) {
		struct nht_hop here = nht_hop_of(entry_at(n, h));
		if (hop_cmp(&here, hop) == 0) {
			entry_at(n, h)->refs++;
			return h;
		}
	}
	h = entry_make(n, first, hop);
	struct nht_entry *e = entry_at(n, h);
	e->refs = 1;
	e->since = clock_sec();
	judge(n, h);
	return h;
}

void nht_ref(struct nht *n, uint32_t handle)
{
	entry_at(n, handle)->refs++;
}

static void entry_unlink(struct nht *n, uint32_t handle)
{
	const struct nht_entry *e = entry_at(n, handle);
	struct trie *t = n->trie[e->addr.family];
	struct prefix p = prefix_from_addr(&e->addr);
	uint32_t *first = trie_insert(t, &p), *at = first;
	while (*at != handle)
		at = &entry_at(n, *at)->next;
	*at = e->next;
	if (!*first)
		trie_del(t, &p);
}

void nht_put(struct nht *n, uint32_t handle)
{
	struct nht_entry *e = entry_at(n, handle);
	assert(e->refs);
	if (--e->refs)
		return;
	entry_unlink(n, handle);
	lean(n, e, 0);
	mem_free(e->nexthops);
	slab_put(n->entries, handle);
}

void nht_count_path(struct nht *n, uint32_t handle, int step)
{
	entry_at(n, handle)->path_count += (uint32_t)step;
}

const struct nht_entry *nht_entry(const struct nht *n, uint32_t handle)
{
	return entry_at(n, handle);
}

const struct nht_entry *nht_find(const struct nht *n, const struct addr *a)
{
	struct prefix p = prefix_from_addr(a);
	uint32_t h = trie_find(n->trie[a->family], &p);
	while (h && entry_at(n, h)->on_link)
		h = entry_at(n, h)->next;
	return h ? entry_at(n, h) : NULL;
}

bool nht_in_use(const struct nht *n, const struct prefix *where)
{
	struct nht_hop at;
	for (uint32_t h = hop_within(n, where, NULL); h; h = hop_within(n, where, &at)) {
		const struct nht_entry *e = entry_at(n, h);
		if (e->path_count || e->refs > 1) /* a host route to its own next hop counts not */
			return true;
		at = nht_hop_of(e);
	}
	return false;
}

const struct nht_entry *nht_next(const struct nht *n, enum family f, const struct nht_hop *after)
{
	struct prefix all = {.family = (uint8_t)f};
	uint32_t h = hop_within(n, &all, after);
	return h ? entry_at(n, h) : NULL;
}
