/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens in the world: each step draws one event, writes it into the facts and does it to the
 * real table. Nothing here looks at what comes of it.
 */
#include <event2/event.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/task.h"
#include "model.h"

uint32_t rnd(struct world *w, uint32_t below)
{
	w->rng = w->rng * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((w->rng >> 33) % below);
}

static bool one_in(struct world *w, uint32_t n)
{
	return rnd(w, n) == 0;
}

void world_run(struct world *w)
{
	while (event_base_get_num_events(w->base, EVENT_BASE_COUNT_ADDED))
		event_base_loop(w->base, EVLOOP_ONCE);
}

static void touch(struct world *w, unsigned f, unsigned i)
{
	w->touched[f][i] = true;
}

static void touch_all(struct world *w)
{
	memset(w->touched, true, sizeof(w->touched));
}

/* ---- routes ---- */

static void random_path(struct world *w, const struct source *s, struct route *r)
{
	static const uint32_t far[] = {101, 102, 201, 70001};

	if (s->kind == SOURCE_EBGP)
		r->path[r->path_len++] = s->as;
	for (unsigned n = rnd(w, 4); n; n--)
		r->path[r->path_len++] = far[rnd(w, 4)];
	if (one_in(w, 8)) {
		r->path[r->path_len++] = 301;
		r->path[r->path_len++] = 302;
		r->in_set = 2;
	}
}

static void random_internal(struct world *w, struct route *r)
{
	if (!one_in(w, 3)) {
		r->has_lp = true;
		r->lp = one_in(w, 2) ? 100 : 200;
	}
	if (one_in(w, 4)) {
		r->has_originator = true;
		r->originator = 0x0a000090 + rnd(w, 3);
		r->cluster_count = (uint8_t)(1 + rnd(w, 2));
		for (unsigned k = 0; k < r->cluster_count; k++)
			r->clusters[k] = 0x0a000070 + k;
	}
}

static void random_extras(struct world *w, struct route *r)
{
	static const uint32_t known[] = {
	    0xfde90001, 0xfde90002, 0xfde90003, COMMUNITY_NO_EXPORT, COMMUNITY_NO_ADVERTISE};
	static const uint8_t ext[2][8] = {{0, 2, 0, 1, 0, 0, 0, 7}, {0x40, 4, 0, 1, 0, 0, 0, 9}};

	if (one_in(w, 4)) {
		r->community_count = 1;
		r->communities[0] = known[rnd(w, one_in(w, 4) ? 5 : 3)];
	} else if (one_in(w, 100)) {
		r->huge = true;
	}
	if (one_in(w, 8)) {
		r->large_count = 1;
		r->large[0] = 70000;
		r->large[2] = rnd(w, 2);
	}
	if (one_in(w, 8)) {
		r->ext_count = (uint8_t)(1 + rnd(w, 2));
		memcpy(r->ext, ext, 8u * r->ext_count);
	}
	r->unknown = one_in(w, 16);
	r->atomic = one_in(w, 8);
	if (one_in(w, 8)) {
		r->has_aggregator = true;
		r->aggregator_as = one_in(w, 2) ? 70001 : 301;
		r->aggregator_id = 7;
	}
}

static struct route random_route(struct world *w, unsigned f, unsigned i, const struct source *s)
{
	struct route r;

	memset(&r, 0, sizeof(r));
	r.hop = hop_addr(f, rnd(w, prefix_holds_leaning_hop(i) ? HOP_LEANING : HOPS));
	if (f && one_in(w, 4)) {
		r.hop_local =
		    (struct addr){FAMILY_IPV6, {0xfe, 0x80, [15] = (uint8_t)(1 + rnd(w, 2))}};
		r.ifindex = !one_in(w, 4);
	}
	r.origin = (uint8_t)(one_in(w, 3) ? rnd(w, 3) : ORIGIN_IGP);
	random_path(w, s, &r);
	if (!one_in(w, 3)) {
		r.has_med = true;
		r.med = 5 * rnd(w, 3);
	}
	if (s->kind == SOURCE_IBGP)
		random_internal(w, &r);
	random_extras(w, &r);
	return r;
}

static void set_accepted_time(struct lane *l, uint8_t policy, const struct route *before, bool had)
{
	struct route now;
	bool has = policy_apply(policy, &l->received, &now);

	if (!l->there || has != had || (has && memcmp(&now, before, sizeof(now)) != 0))
		l->since = clock_sec();
}

static void note_path(
    struct world *w, unsigned f, unsigned i, unsigned lane, const struct route *received)
{
	struct lane *l = &w->facts.lane[f][i][lane];
	struct route before;
	bool had = lane_accepted(&w->facts, f, i, lane, &before);

	l->received = *received;
	set_accepted_time(l, w->facts.peer[lane / ADDPATH].policy[f], &before, had);
	l->there = true;
	l->stale = false;
	touch(w, f, i);
}

static void set_path(struct world *w, unsigned f, unsigned i, unsigned peer, unsigned id,
    const struct route *received)
{
	struct peer_facts *p = &w->facts.peer[peer];
	struct prefix prefix = prefix_of(f, i);
	struct route accepted;
	uint32_t in = route_intern(w->attrs, received), out = 0;

	note_path(w, f, i, peer * ADDPATH + id, received);
	if (policy_apply(p->policy[f], received, &accepted))
		out = route_intern(w->attrs, &accepted);
	rib_path_set(w->rib[f], &p->source, &prefix, id, in, out);
}

static void announce(struct world *w)
{
	unsigned f = rnd(w, FAMILIES), i = rnd(w, PREFIXES), peer = rnd(w, ANNOUNCERS);
	unsigned id = peer == ANNOUNCERS - 1 ? rnd(w, ADDPATH) : 0;
	struct route r = random_route(w, f, i, &w->facts.peer[peer].source);

	say("peer %u announces %u of family %u, path id %u", peer, i, f, id);
	set_path(w, f, i, peer, id, &r);
}

static void withdraw(struct world *w)
{
	unsigned f = rnd(w, FAMILIES), i = rnd(w, PREFIXES), peer = rnd(w, ANNOUNCERS);
	unsigned id = peer == ANNOUNCERS - 1 ? rnd(w, ADDPATH) : 0;
	struct prefix prefix = prefix_of(f, i);

	w->facts.lane[f][i][peer * ADDPATH + id] = (struct lane){0};
	touch(w, f, i);
	say("peer %u withdraws %u of family %u, path id %u", peer, i, f, id);
	rib_path_del(w->rib[f], &w->facts.peer[peer].source, &prefix, id);
}

static void network(struct world *w)
{
	unsigned f = rnd(w, FAMILIES), i = rnd(w, NETWORKS);
	struct lane *l = &w->facts.lane[f][i][LANE_LOCAL];
	struct prefix prefix = prefix_of(f, i);

	touch(w, f, i);
	if (l->there) {
		*l = (struct lane){0};
		say("no network %u of family %u", i, f);
		rib_network_unset(w->rib[f], &prefix);
		return;
	}
	memset(l, 0, sizeof(*l));
	l->there = true;
	l->since = clock_sec();
	l->received.hop.family = (uint8_t)family_of(f);
	l->received.has_med = true;
	l->received.weight = 32768;
	w->network_made[f] = true;
	say("network %u of family %u", i, f);
	rib_network_set(w->rib[f], &prefix);
}

/* ---- sessions ---- */

void world_leave(struct world *w, unsigned f, unsigned peer)
{
	struct hearer *h = &w->hearer[f][peer];

	group_leave(&h->m);
	w->told += h->told;
	w->needless += h->needless;
	w->unknown += h->unknown;
	hearer_init(w, f, peer);
}

static void lose_paths(struct world *w, unsigned peer)
{
	for (unsigned f = 0; f < FAMILIES; f++) {
		for (unsigned i = 0; i < PREFIXES && peer < ANNOUNCERS; i++)
			for (unsigned id = 0; id < ADDPATH; id++)
				w->facts.lane[f][i][peer * ADDPATH + id] = (struct lane){0};
		rib_source_flush(w->rib[f], &w->facts.peer[peer].source, false);
	}
}

/* Back at once, it says some of what it said before. */
static void say_again(
    struct world *w, unsigned peer, struct lane before[FAMILIES][PREFIXES][LANES], uint32_t share)
{
	for (unsigned f = 0; f < FAMILIES; f++)
		for (unsigned i = 0; i < PREFIXES; i++)
			for (unsigned id = 0; id < ADDPATH; id++) {
				const struct lane *l = &before[f][i][peer * ADDPATH + id];
				if (l->there && one_in(w, share))
					set_path(w, f, i, peer, id, &l->received);
			}
}

static void lose_session(struct world *w)
{
	unsigned peer = rnd(w, PEERS);
	struct peer_facts *p = &w->facts.peer[peer];
	bool deleted = one_in(w, 3);
	uint32_t share = peer < ANNOUNCERS && one_in(w, 2) ? 1 + rnd(w, 3) : 0;
	struct lane(*before)[PREFIXES][LANES] = mem_dup(w->facts.lane, sizeof(w->facts.lane));

	say("peer %u is lost%s%s", peer, deleted ? " and deleted" : "",
	    share ? "; back at once, it says some of it again" : "");
	for (unsigned f = 0; f < FAMILIES; f++)
		world_leave(w, f, peer);
	lose_paths(w, peer);
	if (deleted) {
		source_del(w->sources, &p->source);
		source_add(w->sources, &p->source);
	}
	/* The one that comes back may be another machine. */
	if (one_in(w, 2))
		p->source.router_id ^= 0x100;
	if (p->source.kind == SOURCE_IBGP && one_in(w, 4))
		p->source.client = !p->source.client;
	touch_all(w);
	if (share)
		say_again(w, peer, before, share);
	mem_free(before);
}

static void restart(struct world *w)
{
	unsigned f = rnd(w, FAMILIES), peer = rnd(w, ANNOUNCERS);

	say("peer %u restarts, its routes of family %u are stale", peer, f);
	for (unsigned i = 0; i < PREFIXES; i++)
		for (unsigned id = 0; id < ADDPATH; id++) {
			struct lane *l = &w->facts.lane[f][i][peer * ADDPATH + id];
			l->stale = l->there;
		}
	rib_source_mark_stale(w->rib[f], &w->facts.peer[peer].source);
}

static void restart_ends(struct world *w)
{
	unsigned f = rnd(w, FAMILIES), peer = rnd(w, ANNOUNCERS);

	say("peer %u has said all again of family %u", peer, f);
	for (unsigned i = 0; i < PREFIXES; i++)
		for (unsigned id = 0; id < ADDPATH; id++) {
			struct lane *l = &w->facts.lane[f][i][peer * ADDPATH + id];
			if (l->stale)
				*l = (struct lane){0};
		}
	touch_all(w);
	rib_source_flush(w->rib[f], &w->facts.peer[peer].source, true);
}

/* The context is the world and the peer's number in one. */
struct import_context {
	struct world *w;
	unsigned peer;
};
static struct import_context contexts[PEERS];

static uint32_t import(void *ctx, const struct prefix *p, uint32_t received)
{
	struct import_context *c = ctx;
	struct route in, out;

	route_of_set(c->w->attrs, received, &in);
	uint8_t policy = c->w->facts.peer[c->peer].policy[p->family == FAMILY_IPV6];
	return policy_apply(policy, &in, &out) ? route_intern(c->w->attrs, &out) : 0;
}

static void change_policy(struct world *w)
{
	unsigned f = rnd(w, FAMILIES), peer = rnd(w, ANNOUNCERS);
	struct peer_facts *p = &w->facts.peer[peer];
	uint8_t policy = (uint8_t)rnd(w, 6);

	say("peer %u gets policy %u in family %u", peer, policy, f);
	for (unsigned i = 0; i < PREFIXES; i++)
		for (unsigned id = 0; id < ADDPATH; id++) {
			unsigned lane = peer * ADDPATH + id;
			struct lane *l = &w->facts.lane[f][i][lane];
			struct route before;
			bool had = lane_accepted(&w->facts, f, i, lane, &before);
			if (l->there)
				set_accepted_time(l, policy, &before, had);
		}
	p->policy[f] = policy;
	touch_all(w);
	contexts[peer] = (struct import_context){w, peer};
	rib_source_reimport(w->rib[f], &p->source, import, &contexts[peer]);
}

/* ---- the kernel and the settings ---- */

static void tell_routes_changed(struct world *w, const struct prefix *where)
{
	for (unsigned f = 0; f < FAMILIES; f++)
		if (family_of(f) == where->family)
			rib_routes_changed(w->rib[f], where);
	nht_routes_changed(w->nht, where);
}

static void change_hop(struct world *w)
{
	unsigned f = rnd(w, FAMILIES), hop = rnd(w, HOP_LEANING);
	struct hop_facts *h = &w->facts.hop[f][hop];
	struct prefix where = hop_subnet(f, hop);
	struct addr gate = hop_gate(f, hop);

	h->kind = (uint8_t)(one_in(w, 6) ? HOP_ABSENT : 1 + rnd(w, 2));
	h->metric = h->kind == HOP_STATIC ? 10 + 10 * rnd(w, 2) : 0;
	touch_all(w);
	w->cascade = true;
	say("next hop %u of family %u: kind %u, metric %u", hop, f, h->kind, h->metric);
	model_kernel_route(w->kernel, &where, h->kind, &gate, h->metric);
	tell_routes_changed(w, &where);
}

static void change_kernel_network(struct world *w)
{
	unsigned f = rnd(w, FAMILIES), i = 4 + rnd(w, NETWORKS - 4);
	struct prefix where = prefix_of(f, i);
	bool *there = &w->facts.kernel_network[f][i];

	*there = !*there;
	touch(w, f, i);
	say("the kernel %s a route for %u of family %u", *there ? "gets" : "loses", i, f);
	model_kernel_route(w->kernel, &where, *there ? HOP_STATIC : HOP_ABSENT, NULL, 0);
	tell_routes_changed(w, &where);
}

static void change_settings(struct world *w)
{
	struct rib_cfg *c = &w->facts.cfg;

	c->always_compare_med = one_in(w, 3);
	c->deterministic_med = one_in(w, 2);
	c->compare_router_id = one_in(w, 2);
	c->med_missing_worst = one_in(w, 3);
	c->as_path_ignore = one_in(w, 6);
	c->multipath_relax = one_in(w, 2);
	c->import_check = one_in(w, 2);
	c->max_paths_ebgp = (uint16_t)(1 + rnd(w, 4));
	c->max_paths_ibgp = (uint16_t)(1 + rnd(w, 4));
	c->default_local_pref = 100 + 50 * rnd(w, 2);
	touch_all(w);
	say("settings: always %d deterministic %d router id %d worst %d ignore %d relax %d check "
	    "%d "
	    "paths %u %u preference %u",
	    c->always_compare_med, c->deterministic_med, c->compare_router_id, c->med_missing_worst,
	    c->as_path_ignore, c->multipath_relax, c->import_check, c->max_paths_ebgp,
	    c->max_paths_ibgp, c->default_local_pref);
	for (unsigned f = 0; f < FAMILIES; f++)
		rib_reconfigure(w->rib[f], c);
}

/* ---- groups ---- */

static void random_key(struct world *w, unsigned f, unsigned peer, struct group_key *key)
{
	const struct source *s = &w->facts.peer[peer].source;
	unsigned kind = rnd(w, 10);

	memset(key, 0, sizeof(*key));
	key->family = (uint8_t)family_of(f);
	key->kind = s->kind;
	key->client = s->client;
	key->as4 = kind != 1;
	key->extended_message = kind == 2;
	key->send_community = key->send_ext_community = key->send_large_community = kind != 3;
	key->next_hop_self = kind == 4 && s->kind == SOURCE_IBGP;
	key->next_hop_force = key->next_hop_self && one_in(w, 2);
	key->connected = kind >= 8 && s->kind == SOURCE_EBGP;
	key->policy_required = kind == 5 && one_in(w, 4);
	key->solo = kind == 6 ? peer + 1 : 0;
	key->default_originate = kind != 1 && one_in(w, 6);
	key->local_as = LOCAL_AS;
	key->cluster_id = key->kind == SOURCE_EBGP ? 0 : CLUSTER;
	key->hop_family = (uint8_t)family_of(f);
	key->hop_local = f && kind >= 7;
}

/* Members of one group may have different addresses of ours, on one of two links. */
static struct own_hop random_own(struct world *w, unsigned f, const struct group_key *key)
{
	struct own_hop own = {.addr = own_addr(f)};

	own.addr.b[f ? 14 : 2] = (uint8_t)rnd(w, 3);
	if (key->hop_local)
		own.local =
		    (struct addr){FAMILY_IPV6, {0xfe, 0x80, [15] = (uint8_t)(1 + rnd(w, 2))}};
	own.ifindex = key->connected ? 1 + rnd(w, 2) : 0;
	return own;
}

static void join_or_leave(struct world *w)
{
	unsigned f = rnd(w, FAMILIES), peer = rnd(w, PEERS);
	struct hearer *h = &w->hearer[f][peer];
	bool was_in = h->m.group != NULL;

	world_leave(w, f, peer);
	if (was_in && one_in(w, 3)) {
		say("peer %u leaves family %u", peer, f);
		return;
	}
	random_key(w, f, peer, &h->key);
	h->m.own = random_own(w, f, &h->key);
	say("peer %u joins family %u: kind %u client %u as4 %u extended %u communities %u self %u "
	    "connected %u required %u solo %u",
	    peer, f, h->key.kind, h->key.client, h->key.as4, h->key.extended_message,
	    h->key.send_community, h->key.next_hop_self, h->key.connected, h->key.policy_required,
	    h->key.solo);
	group_join(w->rib[f], &h->m, &h->key);
}

/* A setting of a neighbor changes while its session goes on. */
static void change_group(struct world *w)
{
	unsigned f = rnd(w, FAMILIES), peer = rnd(w, PEERS);
	struct hearer *h = &w->hearer[f][peer];
	struct group_key key;

	if (!h->m.group)
		return;
	random_key(w, f, peer, &key);
	key.as4 = h->key.as4;
	key.extended_message = h->key.extended_message;
	say("peer %u changes groups in family %u: communities %u self %u connected %u required %u "
	    "solo %u default %u",
	    peer, f, key.send_community, key.next_hop_self, key.connected, key.policy_required,
	    key.solo, key.default_originate);
	h->key = key;
	h->clean = false;
	struct own_hop own = random_own(w, f, &key);
	group_move(&h->m, &key, &own);
}

/* A message with routes that share their attributes, now and then one of them twice. */
static void announce_many(struct world *w)
{
	unsigned f = rnd(w, FAMILIES), peer = rnd(w, ANNOUNCERS - 1);
	struct peer_facts *p = &w->facts.peer[peer];
	struct route r = random_route(w, f, 0, &p->source), accepted;
	struct rib_batch b = {.count = 1 + rnd(w, RIB_BATCH)};
	bool goes = rnd(w, 3) == 0;

	say("peer %u %s %u routes of family %u at once", peer, goes ? "withdraws" : "announces",
	    b.count, f);
	for (unsigned n = 0; n < b.count; n++) {
		unsigned i = rnd(w, PREFIXES);
		struct lane *l = &w->facts.lane[f][i][peer * ADDPATH];
		b.prefix[n] = prefix_of(f, i);
		touch(w, f, i);
		if (goes)
			*l = (struct lane){0};
		else
			note_path(w, f, i, peer * ADDPATH, &r);
	}
	if (goes) {
		rib_batch_find(w->rib[f], &b);
		rib_paths_del(w->rib[f], &p->source, &b);
		return;
	}
	uint32_t in = route_intern(w->attrs, &r), out = 0;
	if (policy_apply(p->policy[f], &r, &accepted))
		out = route_intern(w->attrs, &accepted);
	for (unsigned n = 1; n < b.count; n++) {
		attr_ref(w->attrs, in);
		if (out)
			attr_ref(w->attrs, out);
	}
	rib_batch_find(w->rib[f], &b);
	rib_paths_set(w->rib[f], &p->source, &b, in, out);
}

static void send_again(struct world *w)
{
	unsigned f = rnd(w, FAMILIES), peer = rnd(w, PEERS);
	struct hearer *h = &w->hearer[f][peer];

	if (!h->m.group)
		return;
	say("peer %u asks for family %u again", peer, f);
	h->clean = false;
	group_send_again(&h->m);
}

static void stop_or_go(struct world *w)
{
	unsigned f = rnd(w, FAMILIES), peer = rnd(w, PEERS);
	struct hearer *h = &w->hearer[f][peer];

	h->room = h->room == UINT32_MAX || one_in(w, 3) ? rnd(w, 3) : UINT32_MAX;
	say("peer %u takes %u more chunks of family %u", peer, h->room, f);
	if (h->m.group && h->m.blocked)
		group_unblock(&h->m);
}

static void turn(struct world *w)
{
	say("a turn of the loop");
	event_base_loop(w->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void second(struct world *w)
{
	(void)w;
	say("a second goes by");
	model_clock_second();
}

static void look(struct world *w)
{
	bool all = !one_in(w, 4);

	say("everything comes to rest%s", all ? "" : ", but for those who do not read");
	for (unsigned f = 0; f < FAMILIES; f++)
		for (unsigned peer = 0; peer < PEERS && all; peer++) {
			struct hearer *h = &w->hearer[f][peer];
			h->room = UINT32_MAX;
			if (h->m.group && h->m.blocked)
				group_unblock(&h->m);
		}
	world_run(w);
	check_all(w);
}

static void change_pace(struct world *w)
{
	static const uint32_t paces[] = {1000, 50000, 400000, 3000000};
	uint32_t pace = paces[rnd(w, 4)];

	say("each look at the clock takes up to %u ns", pace);
	model_clock_seed(w->rng, pace);
}

/* From here on each step settles before the next, or no longer so. */
static void change_mode(struct world *w)
{
	bool exact = one_in(w, 5);

	say("from here on %s", exact ? "each step settles" : "steps overlap");
	world_run(w);
	check_all(w);
	w->exact = exact;
	memset(w->touched, 0, sizeof(w->touched));
}

void world_step(struct world *w)
{
	static const struct {
		unsigned share; /* of 10,000 */
		void (*event)(struct world *w);
	} events[] = {
	    {4800, announce},
	    {2550, withdraw},
	    {1200, turn},
	    {200, network},
	    {200, second},
	    {150, change_kernel_network},
	    {150, stop_or_go},
	    {120, join_or_leave},
	    {100, change_hop},
	    {100, announce_many},
	    {60, change_group},
	    {80, send_again},
	    {60, restart},
	    {60, restart_ends},
	    {40, change_policy},
	    {30, lose_session},
	    {20, change_settings},
	    {60, look},
	    {15, change_pace},
	    {5, change_mode},
	};
	uint32_t what = rnd(w, 10000);

	for (unsigned k = 0; k < sizeof(events) / sizeof(events[0]); k++) {
		if (what < events[k].share) {
			events[k].event(w);
			break;
		}
		what -= events[k].share;
	}
	if (w->exact) {
		world_run(w);
		check_touched(w);
	}
}

/* ---- life ---- */

static void peer_init(struct world *w, unsigned n)
{
	static const uint32_t externals[] = {101, 101, 102, 70000};
	struct source *s = &w->facts.peer[n].source;
	bool external = n % 8 < 4;

	*s = (struct source){.kind = external ? SOURCE_EBGP : SOURCE_IBGP,
	    .as = external ? externals[n % 4] : LOCAL_AS,
	    .multihop = n % 4 == 3,
	    .client = !external && n % 2,
	    .router_id = 0x0a000010 + n % 6, /* some have the same one */
	    .addr = addr_from_ipv4(0x0a000040 + n)};
	if (n % 3 == 2)
		s->addr = (struct addr){FAMILY_IPV6, {0x3f, [15] = (uint8_t)(0x40 + n)}};
	source_add(w->sources, s);
}

struct world *world_new(void)
{
	static const struct prefix link_local = {FAMILY_IPV6, 64, {0xfe, 0x80}};
	struct world *w = mem_zalloc(sizeof(*w));

	/* Not task_base_new's: where slices end must not depend on how fast the machine is. */
	w->base = event_base_new();
	event_base_priority_init(w->base, PRIO_COUNT);
	w->attrs = attr_store_new();
	w->sources = sources_new();
	w->kernel = model_kernel_new();
	model_kernel_route(w->kernel, &link_local, HOP_CONNECTED, NULL, 0);
	w->nht = nht_new(w->kernel);
	w->facts.cfg = (struct rib_cfg){.local_as = LOCAL_AS,
	    .router_id = ROUTER_ID,
	    .default_local_pref = 100,
	    .max_paths_ebgp = 2,
	    .max_paths_ibgp = 2,
	    .import_check = true,
	    .distance_ebgp = 20,
	    .distance_ibgp = 200,
	    .distance_local = 200};
	memset(w->facts.best, -1, sizeof(w->facts.best));
	struct rib_env env = {.base = w->base,
	    .attrs = w->attrs,
	    .sources = w->sources,
	    .kernel = w->kernel,
	    .nht = w->nht};
	for (unsigned f = 0; f < FAMILIES; f++)
		w->rib[f] = rib_new(&env, &w->facts.cfg, family_of(f));
	for (unsigned n = 0; n < PEERS; n++)
		peer_init(w, n);
	for (unsigned f = 0; f < FAMILIES; f++)
		for (unsigned n = 0; n < PEERS; n++)
			hearer_init(w, f, n);
	return w;
}

void world_free(struct world *w)
{
	for (unsigned f = 0; f < FAMILIES; f++)
		for (unsigned n = 0; n < PEERS; n++) {
			world_leave(w, f, n);
			rib_source_flush(w->rib[f], &w->facts.peer[n].source, false);
		}
	for (unsigned f = 0; f < FAMILIES; f++)
		for (unsigned i = 0; i < NETWORKS; i++) {
			struct prefix p = prefix_of(f, i);
			rib_network_unset(w->rib[f], &p);
		}
	world_run(w);
	for (unsigned f = 0; f < FAMILIES; f++) {
		if (rib_path_count(w->rib[f]) || rib_dest_count(w->rib[f]))
			fail("%zu paths of %zu destinations are left in family %u",
			    rib_path_count(w->rib[f]), rib_dest_count(w->rib[f]), f);
		rib_free(w->rib[f]);
		if (nht_next(w->nht, family_of(f), NULL))
			fail("a next hop of family %u is left", f);
	}
	if (model_kernel_count(w->kernel))
		fail("%u routes are left in the kernel", model_kernel_count(w->kernel));
	if (attr_store_count(w->attrs))
		fail("%zu attribute sets are left", attr_store_count(w->attrs));
	nht_free(w->nht);
	sources_free(w->sources);
	attr_store_free(w->attrs);
	model_kernel_free(w->kernel);
	event_base_free(w->base);
	mem_free(w);
}
