/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows from the facts: import, usability, the best path, who may stand beside it, and what
 * a neighbor is told. Everything is worked out from scratch by looking at all there is, in the
 * words of RFC 4271 9.1 and 9.2, RFC 4456 and FRR's order of steps. Nothing here is fast or clever.
 */
#include <string.h>

#include "model.h"

/* ---- names ---- */

enum family family_of(unsigned f)
{
	return f ? FAMILY_IPV6 : FAMILY_IPV4;
}

/* Numbers 3, 7, 11 ... cover the three before them; the last two of all are of full length, and the
 * one before those covers everything but the next hops. */
struct prefix prefix_of(unsigned f, unsigned i)
{
	struct prefix p = {.family = (uint8_t)family_of(f)};
	bool wide = i % 4 == 3;
	uint8_t third = (uint8_t)(wide ? i / 4 * 4 : i);

	if (f == 0) {
		p.b[0] = 20;
		p.b[2] = third;
		p.len = wide ? 22 : 24;
	} else {
		p.b[0] = 0x20;
		p.b[1] = 0x01;
		p.b[5] = third;
		p.len = wide ? 46 : 48;
	}
	if (i >= PREFIXES - 2) {
		p.b[f ? 15 : 3] = (uint8_t)(i + 1);
		p.len = f ? 128 : 32;
	} else if (i == PREFIXES - 4) {
		memset(p.b + 1, 0, 15);
		p.len = f ? 11 : 8;
	}
	return p;
}

int prefix_number(const struct prefix *p)
{
	unsigned f = p->family == FAMILY_IPV6;

	for (unsigned i = 0; i < PREFIXES; i++) {
		struct prefix q = prefix_of(f, i);
		if (q.len == p->len && memcmp(q.b, p->b, sizeof(q.b)) == 0)
			return (int)i;
	}
	return p->len ? -1 : PREFIXES;
}

/* The leaning one lies in prefix 0, which 3 covers. */
struct addr hop_addr(unsigned f, unsigned hop)
{
	struct addr a = {.family = (uint8_t)family_of(f)};

	if (hop == HOP_LEANING) {
		struct prefix p = prefix_of(f, 0);
		memcpy(a.b, p.b, sizeof(a.b));
		a.b[f ? 15 : 3] = 9;
		return a;
	}
	a.b[0] = f ? 0x3f : 10;
	a.b[f ? 7 : 2] = (uint8_t)(hop + 1);
	a.b[f ? 15 : 3] = 5;
	return a;
}

struct addr hop_gate(unsigned f, unsigned hop)
{
	struct addr a = {.family = (uint8_t)family_of(f)};

	a.b[0] = f ? 0x3f : 10;
	a.b[1] = 99;
	a.b[f ? 15 : 3] = (uint8_t)(1 + hop % 2); /* two of them share a gateway */
	return a;
}

struct prefix hop_subnet(unsigned f, unsigned hop)
{
	struct addr a = hop_addr(f, hop);
	struct prefix p = {.family = a.family, .len = f ? 64 : 24};

	memcpy(p.b, a.b, f ? 8 : 3);
	return p;
}

int hop_number(unsigned f, const struct addr *a)
{
	for (unsigned h = 0; h < HOPS; h++) {
		struct addr b = hop_addr(f, h);
		if (addr_equal(a, &b))
			return (int)h;
	}
	return -1;
}

/* Their routes never use the leaning next hop themselves, so nothing leans on itself. */
bool prefix_holds_leaning_hop(unsigned i)
{
	return i == 0 || i == 3 || i == PREFIXES - 4;
}

/* ---- import ---- */

bool policy_apply(uint8_t policy, const struct route *in, struct route *out)
{
	*out = *in;
	switch (policy) {
	case 1:
		out->weight = 100;
		return true;
	case 2:
		return in->origin != ORIGIN_INCOMPLETE;
	case 3:
		out->has_lp = true;
		out->lp = 300;
		return true;
	case 4:
		return false;
	case 5:
		out->has_med = false;
		out->med = 0;
		return true;
	default:
		return true;
	}
}

static const struct lane *lane_at(const struct facts *w, unsigned f, unsigned i, unsigned lane)
{
	return &w->lane[f][i][lane];
}

bool lane_accepted(const struct facts *w, unsigned f, unsigned i, unsigned lane, struct route *out)
{
	const struct lane *l = lane_at(w, f, i, lane);

	if (!l->there)
		return false;
	return policy_apply(
	    lane == LANE_LOCAL ? 0 : w->peer[lane / ADDPATH].policy[f], &l->received, out);
}

/* ---- next hops ---- */

struct resolved {
	bool valid, connected;
	uint32_t metric;
	int hop;           /* whose gateways are used */
	struct addr local; /* link-local: this is the gateway */
};

static bool is_linked(const struct route *r)
{
	return r->ifindex && addr_is_set(&r->hop_local);
}

/* The interface is always up, and link-local addresses always have a route. */
static struct resolved resolve_link(const struct route *r)
{
	return (struct resolved){
	    .valid = true, .connected = true, .hop = -1, .local = r->hop_local};
}

static struct resolved resolve_plain(const struct facts *w, unsigned f, unsigned hop)
{
	const struct hop_facts *h = &w->hop[f][hop];

	return (struct resolved){.valid = h->kind != HOP_ABSENT,
	    .connected = h->kind == HOP_CONNECTED,
	    .metric = h->kind == HOP_ABSENT ? 0 : h->metric,
	    .hop = (int)hop};
}

/* By way of the best path of the longest prefix around it. */
static struct resolved resolve_leaning(const struct facts *w, unsigned f)
{
	static const unsigned around[] = {0, 3, PREFIXES - 4};

	for (unsigned n = 0; n < 3; n++) {
		struct route r;
		int best = w->best[f][around[n]];
		if (best < 0)
			continue;
		if (best == LANE_LOCAL || !lane_accepted(w, f, around[n], (unsigned)best, &r))
			break;
		struct resolved under = is_linked(&r)
					    ? resolve_link(&r)
					    : resolve_plain(w, f, (unsigned)hop_number(f, &r.hop));
		under.connected = false;
		return under;
	}
	return (struct resolved){0};
}

static struct resolved resolve(const struct facts *w, unsigned f, const struct route *r)
{
	int hop = hop_number(f, &r->hop);

	if (is_linked(r))
		return resolve_link(r);
	return hop == HOP_LEANING ? resolve_leaning(w, f) : resolve_plain(w, f, (unsigned)hop);
}

struct nht_hop lane_hop(const struct facts *w, unsigned lane, const struct route *r)
{
	if (!is_linked(r))
		return (struct nht_hop){.addr = r->hop};
	return (struct nht_hop){
	    r->hop_local, r->ifindex, w->peer[lane / ADDPATH].source.addr.family == FAMILY_IPV6};
}

bool lane_usable(const struct facts *w, unsigned f, unsigned i, unsigned lane)
{
	struct route r;

	if (!lane_accepted(w, f, i, lane, &r))
		return false;
	if (lane == LANE_LOCAL)
		return !w->cfg.import_check || w->kernel_network[f][i];
	const struct source *s = &w->peer[lane / ADDPATH].source;
	struct resolved hop = resolve(w, f, &r);
	return s->kind == SOURCE_EBGP && !s->multihop ? hop.connected : hop.valid;
}

unsigned lane_gates(
    const struct facts *w, unsigned f, unsigned i, unsigned lane, struct addr *out, unsigned n)
{
	struct route r;

	if (lane == LANE_LOCAL || !lane_accepted(w, f, i, lane, &r))
		return n;
	struct resolved hop = resolve(w, f, &r);
	if (!hop.valid)
		return n;
	struct addr gate = hop.hop < 0 ? hop.local
			   : w->hop[f][hop.hop].kind == HOP_CONNECTED
			       ? hop_addr(f, (unsigned)hop.hop)
			       : hop_gate(f, (unsigned)hop.hop);
	for (unsigned k = 0; k < n; k++)
		if (addr_equal(&out[k], &gate))
			return n;
	out[n] = gate;
	return n + 1;
}

/* ---- the decision ---- */

const struct source *lane_source(const struct facts *w, unsigned lane, const struct source *local)
{
	return lane == LANE_LOCAL ? local : &w->peer[lane / ADDPATH].source;
}

static unsigned hops_of(const struct route *r)
{
	return r->path_len - r->in_set + (r->in_set > 0);
}

/* The AS that a path came to us from; 0: it was made inside, or nobody can say. */
static uint32_t neighbor_as(const struct route *r)
{
	return r->path_len > r->in_set ? r->path[0] : 0;
}

/* Sets *why if a and b differ in what is asked; negative: a is better. */
static int step(enum reason *why, enum reason this, int64_t a, int64_t b)
{
	if (a == b)
		return 0;
	*why = this;
	return a < b ? -1 : 1;
}

struct contender {
	struct route r;
	struct source s;
	bool local;
	uint32_t metric, since;
	unsigned lane;
};

static struct contender contender_of(const struct facts *w, unsigned f, unsigned i, unsigned lane)
{
	struct contender c = {.lane = lane, .local = lane == LANE_LOCAL};

	lane_accepted(w, f, i, lane, &c.r);
	c.since = lane_at(w, f, i, lane)->since;
	if (c.local)
		return c;
	c.s = w->peer[lane / ADDPATH].source;
	c.metric = resolve(w, f, &c.r).metric;
	return c;
}

static uint32_t lp_of(const struct facts *w, const struct route *r)
{
	return r->has_lp ? r->lp : w->cfg.default_local_pref;
}

static uint32_t med_of(const struct facts *w, const struct route *r)
{
	return r->has_med ? r->med : w->cfg.med_missing_worst ? UINT32_MAX : 0;
}

/* Down to here equal paths may be used together. */
static int compare_merit(
    const struct facts *w, const struct contender *a, const struct contender *b, enum reason *why)
{
	int d = step(why, REASON_WEIGHT, -(int64_t)a->r.weight, -(int64_t)b->r.weight);
	if (!d)
		d = step(
		    why, REASON_LOCAL_PREF, -(int64_t)lp_of(w, &a->r), -(int64_t)lp_of(w, &b->r));
	if (!d)
		d = step(why, REASON_LOCAL, !a->local, !b->local);
	if (!d && !w->cfg.as_path_ignore)
		d = step(why, REASON_AS_PATH, hops_of(&a->r), hops_of(&b->r));
	if (!d)
		d = step(why, REASON_ORIGIN, a->r.origin, b->r.origin);
	if (!d && (w->cfg.always_compare_med || neighbor_as(&a->r) == neighbor_as(&b->r)))
		d = step(why, REASON_MED, med_of(w, &a->r), med_of(w, &b->r));
	if (!d)
		d = step(why, REASON_PEER_TYPE, a->s.kind == SOURCE_IBGP, b->s.kind == SOURCE_IBGP);
	if (!d)
		d = step(why, REASON_IGP_METRIC, a->metric, b->metric);
	return d;
}

static uint32_t id_of(const struct contender *c)
{
	return c->r.has_originator ? c->r.originator : c->s.router_id;
}

static int compare(const struct facts *w, const struct contender *a, const struct contender *b,
    int incumbent, enum reason *why)
{
	bool both_external = a->s.kind == SOURCE_EBGP && b->s.kind == SOURCE_EBGP;

	*why = REASON_LAST;
	int d = compare_merit(w, a, b, why);
	if (!d && both_external && !w->cfg.compare_router_id) {
		d = step(why, REASON_OLDER, (int)a->lane != incumbent, (int)b->lane != incumbent);
		if (!d)
			d = step(why, REASON_OLDER, a->since, b->since);
	}
	if (!d)
		d = step(why, REASON_ROUTER_ID, id_of(a), id_of(b));
	if (!d)
		d = step(why, REASON_CLUSTER, a->r.cluster_count, b->r.cluster_count);
	if (!d)
		d = step(why, REASON_NEIGHBOR_IP, addr_cmp(&a->s.addr, &b->s.addr), 0);
	if (!d)
		d = step(why, REASON_LAST, a->lane % ADDPATH, b->lane % ADDPATH);
	return d;
}

int compare_lanes(const struct facts *w, unsigned f, unsigned i, unsigned a, unsigned b,
    int incumbent, enum reason *why)
{
	struct contender x = contender_of(w, f, i, a), y = contender_of(w, f, i, b);

	return compare(w, &x, &y, incumbent, why);
}

/* Those that can be used, in the order of their sources' numbers, then of path ids. */
static unsigned line_up(const struct facts *w, unsigned f, unsigned i, struct contender *c)
{
	unsigned n = 0;

	for (unsigned lane = 0; lane < LANES; lane++) {
		if (!lane_usable(w, f, i, lane))
			continue;
		struct contender one = contender_of(w, f, i, lane);
		unsigned at = n++;
		for (; at && c[at - 1].s.number > one.s.number; at--)
			c[at] = c[at - 1];
		c[at] = one;
	}
	return n;
}

/* With deterministic-med only each AS's own winner takes part in the last round. */
static bool wins_its_as(
    const struct facts *w, const struct contender *c, unsigned n, unsigned k, int incumbent)
{
	unsigned winner = n;
	enum reason why;

	for (unsigned j = 0; j < n; j++)
		if (neighbor_as(&c[j].r) == neighbor_as(&c[k].r) &&
		    (winner == n || compare(w, &c[j], &c[winner], incumbent, &why) < 0))
			winner = j;
	return winner == k;
}

int best_lane(const struct facts *w, unsigned f, unsigned i, int incumbent)
{
	struct contender c[LANES];
	unsigned n = line_up(w, f, i, c), best = n;
	bool by_as = w->cfg.deterministic_med && !w->cfg.always_compare_med;
	enum reason why;

	for (unsigned k = 0; k < n; k++) {
		if (by_as && !wins_its_as(w, c, n, k, incumbent))
			continue;
		if (best == n || compare(w, &c[k], &c[best], incumbent, &why) < 0)
			best = k;
	}
	return best == n ? -1 : (int)c[best].lane;
}

static bool same_path(const struct route *a, const struct route *b)
{
	return a->path_len == b->path_len && a->in_set == b->in_set &&
	       memcmp(a->path, b->path, sizeof(a->path)) == 0;
}

bool may_join(const struct facts *w, unsigned f, unsigned i, unsigned best, unsigned lane)
{
	enum reason why;

	if (lane == best || !lane_usable(w, f, i, lane) || best == LANE_LOCAL)
		return false;
	struct contender a = contender_of(w, f, i, best), b = contender_of(w, f, i, lane);
	if (compare_merit(w, &a, &b, &why) != 0)
		return false;
	if (w->cfg.multipath_relax)
		return true;
	return a.s.kind == SOURCE_EBGP ? a.s.as == b.s.as : same_path(&a.r, &b.r);
}

/* ---- what is told ---- */

static bool has_community(const struct route *r, uint32_t value)
{
	for (unsigned k = 0; k < r->community_count; k++)
		if (r->communities[k] == value)
			return true;
	return false;
}

static void to_external(
    const struct facts *w, const struct group_key *key, bool local, bool stays, struct route *r)
{
	if (!local) {
		r->has_med = false;
		r->med = 0;
	}
	r->has_lp = r->has_originator = false;
	r->lp = r->originator = 0;
	r->cluster_count = 0;
	memset(r->clusters, 0, sizeof(r->clusters));
	if (r->ext_count == 2)
		r->ext_count = 1;
	memset(r->ext[1], 0, sizeof(r->ext[1]));
	if (!stays)
		r->hop = (struct addr){0};
	memmove(r->path + 1, r->path, r->path_len * sizeof(r->path[0]));
	r->path[0] = key->local_as;
	r->path_len++;
	(void)w;
}

static void reflect(const struct source *from, struct route *r)
{
	if (!r->has_originator)
		r->originator = from->router_id;
	r->has_originator = true;
	memmove(r->clusters + 1, r->clusters, r->cluster_count * sizeof(r->clusters[0]));
	r->clusters[0] = CLUSTER;
	r->cluster_count++;
}

static void to_internal(const struct facts *w, const struct group_key *key,
    const struct source *from, bool local, struct route *r)
{
	if (!r->has_lp)
		r->lp = w->cfg.default_local_pref;
	r->has_lp = true;
	bool reflected = !local && from->kind == SOURCE_IBGP;
	if (reflected)
		reflect(from, r);
	if (local || (key->next_hop_self && (!reflected || key->next_hop_force)))
		r->hop = (struct addr){0};
}

static void without_communities(const struct group_key *key, struct route *r)
{
	if (!key->send_community) {
		r->huge = false;
		r->community_count = 0;
		memset(r->communities, 0, sizeof(r->communities));
	}
	if (!key->send_large_community) {
		r->large_count = 0;
		memset(r->large, 0, sizeof(r->large));
	}
	if (!key->send_ext_community) {
		r->ext_count = 0;
		memset(r->ext, 0, sizeof(r->ext));
	}
}

bool what_is_told(const struct facts *w, const struct group_key *key, const struct own_hop *own,
    unsigned peer, bool alone, unsigned f, unsigned i, struct route *out)
{
	int best = w->best[f][i];
	struct route r;

	if (best < 0 || key->policy_required || !lane_accepted(w, f, i, (unsigned)best, &r))
		return false;
	bool local = best == LANE_LOCAL;
	const struct source *from = local ? NULL : &w->peer[(unsigned)best / ADDPATH].source;
	bool external = key->kind == SOURCE_EBGP;
	if (!local && !external && from->kind == SOURCE_IBGP && !from->client && !key->client)
		return false;
	if (has_community(&r, COMMUNITY_NO_ADVERTISE) ||
	    (external && has_community(&r, COMMUNITY_NO_EXPORT)))
		return false;
	r.weight = 0;
	r.hop_local = (struct addr){0};
	r.ifindex = 0;
	if (external) {
		bool shared = f == 0 && key->connected && !local && resolve(w, f, &r).connected &&
			      own->ifindex == 1 && !(alone && from == &w->peer[peer].source);
		to_external(w, key, local, shared, &r);
	} else {
		to_internal(w, key, from, local, &r);
	}
	without_communities(key, &r);
	if (!addr_is_set(&r.hop)) {
		r.hop = own->addr;
		r.hop_local = own->local;
	}
	if (r.huge && !key->extended_message)
		return false;
	*out = r;
	return true;
}

bool default_told(const struct facts *w, const struct group_key *key, const struct own_hop *own,
    struct route *out)
{
	struct route r;

	if (!key->default_originate || key->policy_required)
		return false;
	memset(&r, 0, sizeof(r));
	r.has_med = true;
	if (key->kind == SOURCE_EBGP)
		r.path[r.path_len++] = key->local_as;
	r.has_lp = key->kind == SOURCE_IBGP;
	r.lp = r.has_lp ? w->cfg.default_local_pref : 0;
	r.hop = own->addr;
	r.hop_local = own->local;
	*out = r;
	return true;
}
