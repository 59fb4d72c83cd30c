/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A model of table, decision and adjacent-out state that is slow and obvious, and the world in
 * which the real one is driven beside it.
 *
 * The model knows only facts: who announced what, which routes the kernel has, who is in which
 * group. Everything else it works out anew each time it is asked, by looking at all of it. It
 * shares no code with bgpd/rib or bgpd/codec: what members are sent is read by a decoder of its own
 * (wire.c).
 */
#ifndef FERRO_TESTS_MODEL_H
#define FERRO_TESTS_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "bgpd/rib/group.h"
#include "bgpd/rib/nht.h"
#include "bgpd/rib/rib.h"
#include "lib/prefix.h"

enum {
	FAMILIES = 2, /* index 0: IPv4, 1: IPv6 */
	PREFIXES = 160,
	NETWORKS = 24, /* the first ones may be network statements, too */
	PEERS = 12,
	ANNOUNCERS = 8, /* the first ones send routes */
	ADDPATH = 2,    /* path ids of an announcer; only the last announcer uses more than one */
	LANES = ANNOUNCERS * ADDPATH + 1, /* where a path of a prefix comes from; the last: us */
	LANE_LOCAL = LANES - 1,
	HOPS = 5, /* the last one leans on BGP routes */
	HOP_LEANING = HOPS - 1,
	MAX_PATH = 8,
	LOCAL_AS = 65000,
	CLUSTER = 0x0a0000ff,
	ROUTER_ID = 0x0a000001,
	HUGE = 1200, /* communities that no message of 4096 octets holds */
};

/* A route's attributes in plain values: as announced, and as read from the wire. Zeroed before it
 * is filled, so that memcmp compares. */
struct route {
	struct addr hop, hop_local;
	uint32_t ifindex; /* of hop_local; 0: it is not used */
	uint8_t origin;
	bool has_med, has_lp, has_originator, atomic, has_aggregator, unknown, huge;
	uint32_t med, lp, weight, originator;
	uint32_t aggregator_as, aggregator_id;
	uint32_t path[MAX_PATH]; /* a sequence, the last `in_set` of them an AS_SET */
	uint8_t path_len, in_set, community_count, cluster_count, large_count, ext_count;
	uint32_t communities[2], clusters[4], large[3];
	uint8_t ext[2][8]; /* [0] is transitive, [1] is not: ext_count 1, 2 */
};

/* ---- what is true ---- */

struct lane {
	bool there, stale;
	struct route received;
	uint32_t since; /* of the accepted one */
};

struct peer_facts {
	struct source source;
	uint8_t policy[FAMILIES];
};

enum hop_kind { HOP_ABSENT, HOP_CONNECTED, HOP_STATIC };
struct hop_facts {
	uint8_t kind; /* enum hop_kind */
	uint32_t metric;
};

struct facts {
	struct rib_cfg cfg;
	struct peer_facts peer[PEERS];
	struct hop_facts hop[FAMILIES][HOPS];
	bool kernel_network[FAMILIES][NETWORKS]; /* the kernel has a route for it */
	struct lane lane[FAMILIES][PREFIXES][LANES];
	int best[FAMILIES][PREFIXES]; /* the lane that was best at the last decision; -1: none */
};

enum family family_of(unsigned f);
struct prefix prefix_of(unsigned f, unsigned i);
int prefix_number(const struct prefix *p); /* PREFIXES: the default route; -1: none of ours */
struct addr hop_addr(unsigned f, unsigned hop);
struct addr hop_gate(unsigned f, unsigned hop); /* of its static route */
struct prefix hop_subnet(unsigned f, unsigned hop);
int hop_number(unsigned f, const struct addr *a); /* -1: none of ours */
bool prefix_holds_leaning_hop(unsigned i);

/* ---- truth.c: what follows from it ---- */

/* What policy number `policy` makes of a received route. False: it rejects it. */
bool policy_apply(uint8_t policy, const struct route *in, struct route *out);
bool lane_accepted(const struct facts *w, unsigned f, unsigned i, unsigned lane, struct route *out);
/* What next-hop tracking has for a route of the lane: the link-local one where it is to be used. */
struct nht_hop lane_hop(const struct facts *w, unsigned lane, const struct route *r);
const struct source *lane_source(const struct facts *w, unsigned lane, const struct source *local);
bool lane_usable(const struct facts *w, unsigned f, unsigned i, unsigned lane);
/* The best lane of a prefix if `incumbent` was best before; -1: none. */
int best_lane(const struct facts *w, unsigned f, unsigned i, int incumbent);
/* Would this lane be used beside the best one, if as many were allowed as there are? */
bool may_join(const struct facts *w, unsigned f, unsigned i, unsigned best, unsigned lane);
/* Negative: lane a stands before lane b. *why: the step that told them apart. */
int compare_lanes(const struct facts *w, unsigned f, unsigned i, unsigned a, unsigned b,
    int incumbent, enum reason *why);
/* The gateways of a lane, appended to those in `out`; returns how many there are now. */
unsigned lane_gates(
    const struct facts *w, unsigned f, unsigned i, unsigned lane, struct addr *out, unsigned n);
/* What a member with this key is told of a prefix; alone: it is its group's only one on
 * its link. False:
 * nothing or a withdrawal. */
bool what_is_told(const struct facts *w, const struct group_key *key, const struct own_hop *own,
    unsigned peer, bool alone, unsigned f, unsigned i, struct route *out);

/* The default route that a group makes up. False: none. */
bool default_told(const struct facts *w, const struct group_key *key, const struct own_hop *own,
    struct route *out);

/* ---- wire.c ---- */

struct wire_reader {
	bool as4, ebgp;
	uint32_t max_message;
	void *ctx;
	void (*announced)(void *ctx, const struct prefix *p, const struct route *r);
	void (*withdrawn)(void *ctx, const struct prefix *p);
	void (*end_of_rib)(void *ctx, enum family f);
};
/* A chunk: whole messages, one after the other; returns how many. */
unsigned wire_read(const struct wire_reader *r, const uint8_t *data, size_t len);

/* ---- draft.c: between plain values and the store ---- */
uint32_t route_intern(struct attr_store *s, const struct route *r);
void route_of_set(const struct attr_store *s, uint32_t id, struct route *out);
uint32_t huge_community(unsigned i);

/* ---- fakes.c: kernel and clock ---- */
struct kernel *model_kernel_new(void);
void model_kernel_free(struct kernel *k);
/* kind HOP_ABSENT: no route. */
void model_kernel_route(struct kernel *k, const struct prefix *p, enum hop_kind kind,
    const struct addr *gate, uint32_t metric);
/* The gateways of an installed route, sorted; returns their number, 0: not installed. */
unsigned model_kernel_installed(
    const struct kernel *k, const struct prefix *p, struct addr *gates, uint8_t *distance);
unsigned model_kernel_count(const struct kernel *k);
struct addr own_addr(unsigned f);
void model_clock_seed(uint64_t seed, uint32_t step_ns); /* each look at it takes up to step_ns */
void model_clock_second(void);                          /* a second goes by */

/* ---- check.c, world.c, main.c ---- */

struct hearer {
	struct member m;
	struct world *w;
	unsigned f, peer;
	struct group_key key;
	uint32_t room; /* chunks it still takes */
	bool clean;    /* knows the table, and nothing was lost or asked for since */
	uint32_t end_of_ribs, tables, refreshes, told;
	uint32_t needless;      /* told what it knew */
	uint32_t unknown;       /* withdrawn what it did not */
	bool has[PREFIXES + 1]; /* the last: the default route, which no table has */
	struct route known[PREFIXES + 1];
};

struct world {
	struct facts facts;
	struct event_base *base;
	struct attr_store *attrs;
	struct sources *sources;
	struct nht *nht;
	struct kernel *kernel;
	struct rib *rib[FAMILIES];
	struct hearer hearer[FAMILIES][PEERS];
	bool network_made[FAMILIES];
	bool exact;   /* each step settles before the next: the model knows who was best */
	bool cascade; /* the step was one that others follow from */
	bool touched[FAMILIES][PREFIXES];
	uint64_t rng;
	uint64_t told, needless, unknown, checks; /* totals */
};

uint32_t rnd(struct world *w, uint32_t below);
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

struct world *world_new(void);
void world_free(struct world *w); /* everybody leaves; nothing may be left behind */
void world_step(struct world *w); /* something happens, drawn from w->rng */
void world_run(struct world *w);  /* until there is nothing left to do */
void world_leave(struct world *w, unsigned f, unsigned peer); /* its group; counts are kept */
void hearer_init(struct world *w, unsigned f, unsigned peer);
void check_all(struct world *w);     /* at a quiet point */
void check_touched(struct world *w); /* after a step of an exact world */

#endif
