/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table: destinations, the queue of those that changed, and the task that drains it.
 *
 * Changes only mark: a path is put or dropped, its destination goes to the end of the queue, once,
 * however often it changes before its turn. The task takes destinations off in slices: decide; if
 * what is used changed, kernel, next hops that lean on it, groups; at the end of a slice the groups
 * send what came together. It runs when the sockets are quiet, so a lone update is decided at once,
 * and a destination of which several peers tell in one burst once and not for each of them. Peers
 * that never pause must not keep everybody else from hearing of it: walks and groups get a slice
 * before the sockets every PATIENCE_MS, destinations after PATIENCE_TURNS times that, and a queue
 * that grows long at once (QUEUE_LONG; QUEUE_CROWD if more than one source has something to say,
 * for then waiting spares decisions).
 *
 * Nor must a lone change wait for bursts of others. What a source changes outside of a burst
 * (haste.c) goes into the express queue; that queue goes first, and HURRY_MS after something came
 * into it before the sockets. A destination may stand in both queues; its place in the long one is
 * void then, unless it is touched again before its turn there.
 *
 * A destination without paths stays until every group has withdrawn it and every member that must
 * still be told is told; readers do not see it. Its handle is what all the others remember, so it
 * must not be given to another prefix before that.
 */
#include <assert.h>
#include <event2/event.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "bgpd/rib/table.h"

enum {
	QUEUE_MIN = 1024,
	QUEUE_LONG = 65536,
	QUEUE_CROWD = 1 << 20,
	PATIENCE_MS = 100,
	PATIENCE_TURNS = 3,
	HURRY_MS = 5,
	LOOK_AT_CLOCK = 32,
	AHEAD = 4
};

#define NOBODY UINT32_MAX /* no source's number */

_Static_assert(sizeof(struct path) == 24, "a path's share of the budget");
_Static_assert(offsetof(struct dest, addr) + 4 <= 16, "a destination's share of the budget");

/* ---- destinations ---- */

struct dest *dest_at(const struct rib *r, uint32_t handle)
{
	return slab_ptr(r->dests, handle);
}

struct path *path_at(const struct rib *r, uint32_t handle)
{
	return slab_ptr(r->paths, handle);
}

struct prefix dest_prefix(const struct rib *r, const struct dest *d)
{
	struct prefix p = {.family = (uint8_t)r->family, .len = d->len};
	memcpy(p.b, d->addr, family_bytes(r->family));
	return p;
}

uint32_t *dest_kernel(const struct rib *r, struct dest *d)
{
	return r->kernel_at ? (uint32_t *)((char *)d + r->kernel_at) : NULL;
}

/* Where the trie finds a destination's prefix. */
static const struct trie_key *dest_key(const void *ctx, uint32_t handle)
{
	_Static_assert(offsetof(struct dest, addr) == offsetof(struct dest, len) + 1, "a key");
	const char *d = (const char *)dest_at(ctx, handle);
	return (const struct trie_key *)(d + offsetof(struct dest, len));
}

uint32_t dest_find(const struct rib *r, const struct prefix *p)
{
	return trie_find(r->trie, p);
}

static void dests_free(struct rib *r, const uint32_t *handles, unsigned count)
{
	for (unsigned i = 0; r->kernel_at && i < count; i++) {
		struct dest *d = dest_at(r, handles[i]);
		struct prefix p = dest_prefix(r, d);
		uint32_t *word = dest_kernel(r, d);
		if (*word)
			kernel_bgp_del(r->env.kernel, &p, word);
	}
	trie_del_values(r->trie, handles, count);
	for (unsigned i = 0; i < count; i++)
		slab_put(r->dests, handles[i]);
}

/* ---- the queue ---- */

static void queue_push(struct dirty_queue *q, uint32_t handle)
{
	if (q->count == q->cap) {
		uint32_t cap = q->cap ? q->cap * 2 : QUEUE_MIN;
		uint32_t *ring = mem_alloc(cap * sizeof(*ring));
		for (uint32_t i = 0; i < q->count; i++)
			ring[i] = q->ring[(q->head + i) & (q->cap - 1)];
		mem_free(q->ring);
		*q = (struct dirty_queue){ring, cap, 0, q->count, q->popped};
	}
	q->ring[(q->head + q->count++) & (q->cap - 1)] = handle;
}

static uint32_t queue_pop(struct dirty_queue *q)
{
	uint32_t handle = q->ring[q->head];
	q->head = (q->head + 1) & (q->cap - 1);
	q->count--;
	q->popped++;
	return handle;
}

/* The handle that stands `far` places behind the first; 0: none. */
static uint32_t queue_peek(const struct dirty_queue *q, uint32_t far)
{
	return far < q->count ? q->ring[(q->head + far) & (q->cap - 1)] : 0;
}

static void queue_free(struct dirty_queue *q)
{
	mem_free(q->ring);
	*q = (struct dirty_queue){.popped = q->popped};
}

/* ---- when it runs ---- */

static bool is_dirty(const struct rib *r)
{
	return r->dirty.count || r->express.count;
}

static uint64_t queue_end(const struct rib *r)
{
	return r->dirty.popped + r->dirty.count;
}

static void patience_begin(struct rib *r)
{
	static const struct timeval wait = {.tv_usec = PATIENCE_MS * 1000};
	if (r->turns == 0)
		r->seen = queue_end(r);
	r->others_seen = r->others;
	event_add(r->patience, &wait);
}

/* What was there when patience began is overdue if it still is. */
static void patience_ends(evutil_socket_t fd, short what, void *ctx)
{
	struct rib *r = ctx;
	(void)fd;
	(void)what;
	haste_turn(r);
	r->turns = (r->turns + 1) % PATIENCE_TURNS;
	if (!is_dirty(r) && !r->others) {
		r->turns = 0;
		return;
	}
	if (r->turns == 0)
		r->overdue = r->seen;
	r->others_overdue = r->others && r->others_seen;
	if (r->dirty.popped < r->overdue || r->others_overdue)
		task_wake(&r->urgent);
	patience_begin(r);
}

static void hurry_ends(evutil_socket_t fd, short what, void *ctx)
{
	struct rib *r = ctx;
	(void)fd;
	(void)what;
	if (r->express.count)
		task_wake(&r->urgent);
}

static void wake(struct rib *r)
{
	task_wake(&r->task);
	if (!event_pending(r->patience, EV_TIMEOUT, NULL))
		patience_begin(r);
}

void rib_wake(struct rib *r)
{
	r->others = true;
	wake(r);
}

/* From this length on the queue goes before the sockets. */
static uint32_t queue_limit(const struct rib *r)
{
	return r->crowd ? QUEUE_CROWD : QUEUE_LONG;
}

void rib_hear(struct rib *r, uint16_t source)
{
	r->crowd |= r->speaker != source && r->speaker != NOBODY;
	r->speaker = source;
}

bool rib_slice_over(const struct rib *r)
{
	return task_expired(r->slice);
}

static void express_push(struct rib *r, uint32_t handle)
{
	static const struct timeval wait = {.tv_usec = HURRY_MS * 1000};
	queue_push(&r->express, handle);
	if (r->express.count > 1)
		return;
	wake(r);
	if (!event_pending(r->hurry, EV_TIMEOUT, NULL))
		event_add(r->hurry, &wait);
}

void dest_touch(struct rib *r, uint32_t handle, uint16_t flags)
{
	struct dest *d = dest_at(r, handle);
	d->flags |= flags;
	if (d->flags & DEST_EXPRESS)
		return;
	if (r->lone) {
		d->flags |= DEST_EXPRESS;
		express_push(r, handle);
		return;
	}
	d->flags &= (uint16_t)~DEST_DECIDED;
	if (d->flags & DEST_DIRTY)
		return;
	d->flags |= DEST_DIRTY;
	queue_push(&r->dirty, handle);
	if (r->dirty.count == 1)
		wake(r);
	else if (r->dirty.count > queue_limit(r))
		task_wake(&r->urgent);
}

/* ---- draining ---- */

static void dest_leave(struct rib *r, uint32_t handle, struct dest *d)
{
	if (d->flags & DEST_LEAVING)
		return;
	d->flags |= DEST_LEAVING;
	if (r->leaving_count == r->leaving_cap) {
		r->leaving_cap = r->leaving_cap ? r->leaving_cap * 2 : QUEUE_MIN;
		r->leaving = mem_realloc(r->leaving, r->leaving_cap * sizeof(*r->leaving));
	}
	r->leaving[r->leaving_count++] = handle;
}

static bool is_left(const struct rib *r, uint32_t handle)
{
	const struct dest *d = dest_at(r, handle);
	return !d->paths && !(d->flags & DEST_WAITS) && !groups_need(r, handle);
}

/* Frees the destinations that nobody needs any more; the others come again by dest_touch. */
static void free_leaving(struct rib *r)
{
	uint32_t gone[TRIE_MANY];
	unsigned n = 0;
	for (uint32_t at = 0; at < r->leaving_count; at++) {
		uint32_t handle = r->leaving[at];
		dest_at(r, handle)->flags &= (uint16_t)~DEST_LEAVING;
		if (is_left(r, handle))
			gone[n++] = handle;
		if (n == TRIE_MANY) {
			dests_free(r, gone, n);
			n = 0;
		}
	}
	dests_free(r, gone, n);
	r->leaving_count = 0;
}

static void note_denied(struct rib *r, struct dest *d)
{
	const struct path *p = rib_path(r, d->paths);
	while (p && (p->flags & PATH_DENIED) && !rib_source(r, p)->keeps[r->family])
		p = rib_path(r, p->next);
	uint16_t denied = d->paths && !p ? DEST_DENIED : 0;
	if (denied == (d->flags & DEST_DENIED))
		return;
	d->flags ^= DEST_DENIED;
	r->denied += denied ? 1u : -1u;
}

/* Those who ask by prefix. */
static void tell_changed(struct rib *r, const struct dest *d)
{
	struct prefix p = dest_prefix(r, d);
	if (r->env.kernel)
		nht_routes_changed(r->env.nht, &p);
	if (r->env.best_changed)
		r->env.best_changed(r->env.ctx, r->family, &p);
}

static void drain_one(struct rib *r, uint32_t handle)
{
	struct dest *d = dest_at(r, handle);
	if (decide(r, d)) {
		d->version = ++r->version;
		install(r, d);
		if (r->env.kernel || r->env.best_changed)
			tell_changed(r, d);
		groups_update(r, handle);
	}
	note_denied(r, d);
	if (!d->paths)
		dest_leave(r, handle, d);
}

/* Destinations of the queue lie anywhere: each is fetched, then what it refers to, some turns ahead
 * of its own. */
static void look_ahead(const struct rib *r)
{
	uint32_t dest = queue_peek(&r->dirty, 3 * AHEAD), path;
	if (dest)
		__builtin_prefetch(dest_at(r, dest));
	dest = queue_peek(&r->dirty, 2 * AHEAD);
	path = dest ? dest_at(r, dest)->paths : 0;
	if (path)
		__builtin_prefetch(path_at(r, path));
	dest = queue_peek(&r->dirty, AHEAD);
	path = dest ? dest_at(r, dest)->paths : 0;
	if (path)
		attr_expect(r->env.attrs, rib_path_attrs(r, path_at(r, path)));
	if (dest)
		groups_expect(r, dest);
}

/* More would only wait for the kernel, each in a larger place than in our queue. */
static bool is_held(const struct rib *r)
{
	return r->env.kernel && kernel_bgp_full(r->env.kernel);
}

static void drain_express(struct rib *r)
{
	uint32_t handle = queue_pop(&r->express);
	struct dest *d = dest_at(r, handle);
	d->flags &= (uint16_t)~DEST_EXPRESS;
	if (d->flags & DEST_DIRTY)
		d->flags |= DEST_DECIDED;
	drain_one(r, handle);
}

static void drain_dirty(struct rib *r)
{
	look_ahead(r);
	uint32_t handle = queue_pop(&r->dirty);
	struct dest *d = dest_at(r, handle);
	bool decided = d->flags & DEST_DECIDED;
	d->flags &= (uint16_t) ~(DEST_DIRTY | DEST_DECIDED);
	if (!decided) {
		drain_one(r, handle);
		return;
	}
	r->work++;
	if (!d->paths)
		dest_leave(r, handle, d);
}

/* Takes destinations off the queues until only `keep` are left in the long one, or the slice is
 * over. */
static void drain(struct rib *r, uint32_t keep)
{
	r->work = 0;
	while (r->express.count || r->dirty.count > keep) {
		if (r->express.count)
			drain_express(r);
		else
			drain_dirty(r);
		if (r->work < LOOK_AT_CLOCK)
			continue;
		r->work = 0;
		if (rib_slice_over(r) || is_held(r))
			break;
	}
	groups_flush(r);
	free_leaving(r);
}

/* Nothing is left to do: what was kept for speed goes. */
static void rest(struct rib *r)
{
	queue_free(&r->dirty);
	queue_free(&r->express);
	mem_free(r->leaving);
	r->leaving = NULL;
	r->leaving_cap = 0;
	r->turn = r->crowd = false;
	r->speaker = NOBODY;
	event_del(r->patience);
	r->turns = 0;
	haste_rest(r);
	path_forget_hop(r);
	groups_idle(r);
}

static void do_others(struct rib *r)
{
	r->others = groups_step(r);
	r->others |= walks_step(r);
}

/* The queue first; but where it never runs empty, walks and groups get every other slice. While the
 * kernel is behind, only what has been decided goes out. */
static bool step(void *ctx)
{
	struct rib *r = ctx;
	r->slice = &r->task;
	if (is_held(r)) {
		groups_step(r); /* who waits for decisions goes on when there is room */
		return rib_slice_over(r);
	}
	r->turn = !r->turn || !r->others;
	if (r->turn)
		drain(r, 0);
	if (r->turn && is_dirty(r))
		return true;
	do_others(r);
	if (!r->others && !is_dirty(r))
		rest(r);
	return r->others || is_dirty(r);
}

/* How many of the queue need not be decided now. */
static uint32_t not_urgent(const struct rib *r)
{
	uint64_t late = r->overdue > r->dirty.popped ? r->overdue - r->dirty.popped : 0;
	uint32_t rest = r->dirty.count - (uint32_t)(late < r->dirty.count ? late : r->dirty.count);
	return rest < queue_limit(r) ? rest : queue_limit(r);
}

static bool has_urgent(const struct rib *r)
{
	return r->express.count || r->dirty.count > not_urgent(r);
}

/* The same work before the sockets', but only what is overdue of it. */
static bool step_urgent(void *ctx)
{
	struct rib *r = ctx;
	r->slice = &r->urgent;
	if (is_held(r))
		return false;
	if (has_urgent(r)) {
		drain(r, not_urgent(r));
		return r->others_overdue || has_urgent(r);
	}
	if (r->others_overdue)
		do_others(r);
	r->others_overdue = false;
	return false;
}

void rib_kernel_room(struct rib *r)
{
	rib_wake(r);
	if (r->others_overdue || has_urgent(r))
		task_wake(&r->urgent);
}

/* ---- life ---- */

static void hop_changed(void *ctx, uint32_t hop)
{
	walk_next_hop(ctx, hop);
}

/* The entry of the best path that covers an address, for next hops that BGP routes resolve. */
static uint32_t resolve(void *ctx, const struct addr *a, struct prefix *found)
{
	const struct rib *r = ctx;
	if (a->family != r->family)
		return 0;
	uint32_t h = trie_match(r->trie, a, found);
	while (h) {
		const struct dest *d = dest_at(r, h);
		const struct path *p = rib_best(r, d);
		if (p)
			return p->nexthop;
		struct prefix from = *found;
		h = trie_match_above(r->trie, &from, found);
	}
	return 0;
}

static void slabs_init(struct rib *r)
{
	size_t dest = offsetof(struct dest, addr) + family_bytes(r->family);
	if (r->env.kernel && kernel_installs(r->env.kernel)) {
		r->kernel_at = (uint32_t)(dest + 3) & ~3u;
		dest = r->kernel_at + sizeof(uint32_t);
	}
	r->dests = slab_new(dest);
	r->paths = slab_new(sizeof(struct path));
	r->more = slab_new(sizeof(struct path_more));
}

struct rib *rib_new(const struct rib_env *env, const struct rib_cfg *cfg, enum family family)
{
	struct rib *r = mem_zalloc(sizeof(*r));
	r->env = *env;
	r->cfg = *cfg;
	r->family = family;
	r->trie = trie_new_keyed(family, dest_key, r);
	r->networks = trie_new(family);
	r->speaker = r->told_crowded = NOBODY;
	slabs_init(r);
	list_init(&r->walks);
	list_init(&r->groups);
	list_init(&r->graves);
	task_init(&r->task, env->base, step, r);
	task_init(&r->urgent, env->base, step_urgent, r);
	task_set_priority(&r->task, PRIO_IDLE);
	task_set_priority(&r->urgent, PRIO_NORMAL);
	r->patience = event_new(env->base, -1, 0, patience_ends, r);
	if (!r->patience || event_priority_set(r->patience, PRIO_NORMAL) < 0)
		abort();
	r->hurry = event_new(env->base, -1, 0, hurry_ends, r);
	if (!r->hurry || event_priority_set(r->hurry, PRIO_NORMAL) < 0)
		abort();
	r->nht_user = (struct nht_user){.ctx = r, .changed = hop_changed, .resolve = resolve};
	if (env->nht)
		nht_user_add(env->nht, &r->nht_user);
	return r;
}

void rib_close(struct rib *r)
{
	assert(list_empty(&r->groups) && !r->closed);
	r->closed = true;
	if (r->env.nht)
		nht_user_del(r->env.nht, &r->nht_user);
	task_fini(&r->task);
	task_fini(&r->urgent);
	event_free(r->patience);
	event_free(r->hurry);
	walks_fini(r);
	path_forget_hop(r);
	queue_free(&r->dirty);
	queue_free(&r->express);
	mem_free(r->leaving);
	r->leaving = NULL;
}

/* The destinations go from the first one on; true: there are more. */
static bool free_dests(struct rib *r, unsigned most)
{
	uint32_t gone[TRIE_MANY];
	struct prefix p;
	while (most) {
		unsigned n = 0;
		uint32_t h = trie_next(r->trie, NULL, &p);
		for (; h && n < TRIE_MANY; h = trie_next(r->trie, &p, &p)) {
			paths_free(r, dest_at(r, h));
			gone[n++] = h;
		}
		if (!n)
			return false;
		dests_free(r, gone, n);
		most -= n < most ? n : most;
	}
	return true;
}

bool rib_free_some(struct rib *r, unsigned most)
{
	assert(r->closed);
	if (graves_step(r) || free_dests(r, most))
		return true;
	attr_unref(r->env.attrs, r->network_attrs);
	slab_free(r->dests);
	slab_free(r->paths);
	slab_free(r->more);
	trie_free(r->trie);
	trie_free(r->networks);
	mem_free(r);
	return false;
}

void rib_free(struct rib *r)
{
	if (!r)
		return;
	rib_close(r);
	while (rib_free_some(r, UINT_MAX))
		;
}

const struct rib_cfg *rib_cfg(const struct rib *r)
{
	return &r->cfg;
}

void rib_reconfigure(struct rib *r, const struct rib_cfg *cfg)
{
	r->cfg = *cfg;
	groups_forget(r, false);
	walk_redecide(r);
}

/* ---- reading ---- */

static const struct dest *visible(const struct rib *r, uint32_t handle)
{
	const struct dest *d = handle ? dest_at(r, handle) : NULL;
	return d && d->paths ? d : NULL;
}

const struct dest *rib_find(const struct rib *r, const struct prefix *p)
{
	return visible(r, dest_find(r, p));
}

uint32_t *rib_kernel_word(struct rib *r, const struct prefix *p)
{
	uint32_t h = dest_find(r, p);
	return h ? dest_kernel(r, dest_at(r, h)) : NULL;
}

uint32_t rib_dest_kernel(const struct rib *r, const struct dest *d)
{
	return r->kernel_at ? *(const uint32_t *)((const char *)d + r->kernel_at) : 0;
}

const struct dest *rib_match(const struct rib *r, const struct addr *a)
{
	struct prefix p, from;
	uint32_t h = trie_match(r->trie, a, &p);
	while (h && !visible(r, h)) {
		from = p;
		h = trie_match_above(r->trie, &from, &p);
	}
	return visible(r, h);
}

const struct dest *rib_next(
    const struct rib *r, const struct prefix *within, const struct prefix *after)
{
	struct prefix all = {.family = (uint8_t)r->family}, p;
	within = within ? within : &all;
	uint32_t h = trie_next_within(r->trie, within, after, &p);
	while (h && !visible(r, h)) {
		struct prefix from = p;
		h = trie_next_within(r->trie, within, &from, &p);
	}
	return visible(r, h);
}

void rib_expect_next(const struct rib *r, const struct prefix *after)
{
	const struct dest *d[RIB_BATCH];
	const struct path *path[RIB_BATCH];
	struct prefix at;
	unsigned n = 0;
	for (uint32_t h; n < RIB_BATCH && (h = trie_next(r->trie, after, &at)); after = &at)
		__builtin_prefetch(d[n++] = dest_at(r, h));
	for (unsigned i = 0; i < n; i++)
		__builtin_prefetch(path[i] = d[i]->paths ? path_at(r, d[i]->paths) : NULL);
	for (unsigned i = 0; i < n; i++)
		attr_expect(r->env.attrs, path[i] ? rib_path_attrs(r, path[i]) : 0);
	for (unsigned i = 0; i < n; i++)
		attr_expect_view(r->env.attrs, path[i] ? rib_path_attrs(r, path[i]) : 0);
}

struct prefix rib_dest_prefix(const struct rib *r, const struct dest *d)
{
	return dest_prefix(r, d);
}

const struct path *rib_path(const struct rib *r, uint32_t handle)
{
	return handle ? path_at(r, handle) : NULL;
}

const struct path *rib_best(const struct rib *r, const struct dest *d)
{
	/* Between a change and the decision the first path need not be the best one. */
	const struct path *p = rib_path(r, d->paths);
	while (p && !(p->flags & PATH_BEST))
		p = rib_path(r, p->next);
	return p;
}

const struct source *rib_source(const struct rib *r, const struct path *p)
{
	return source_slot(r->env.sources, p->source);
}

enum family rib_family(const struct rib *r)
{
	return r->family;
}

uint32_t rib_version(const struct rib *r)
{
	return r->version;
}

size_t rib_dest_count(const struct rib *r)
{
	return slab_count(r->dests);
}

size_t rib_denied_count(const struct rib *r)
{
	return r->denied;
}

size_t rib_path_count(const struct rib *r)
{
	return slab_count(r->paths);
}

size_t rib_bytes(const struct rib *r)
{
	return sizeof(*r) + slab_bytes(r->dests) + slab_bytes(r->paths) + slab_bytes(r->more) +
	       trie_bytes(r->trie) + trie_bytes(r->networks) +
	       (r->dirty.cap + r->express.cap) * sizeof(uint32_t) +
	       r->leaving_cap * sizeof(uint32_t);
}

bool rib_idle(const struct rib *r)
{
	return !is_dirty(r) && list_empty(&r->walks);
}
