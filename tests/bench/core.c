/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core without a network: UPDATEs of one neighbor go through decoding, import, table, decision
 * and an adjacent-out group into encoded chunks, in the pieces in which a socket would bring them.
 * First the whole table is announced, then withdrawn.
 *
 *     core [prefixes [seed]]
 *
 * prints nanoseconds and bytes a prefix. tests/bench/check-instructions runs it under callgrind,
 * which counts inside announce_table and withdraw_table only. So that equal seeds give equal
 * counts, time does not pass by itself here: clock_gettime (of Ferro's objects; --wrap) gives
 * TICK_NS more with each call, about what 16 prefixes take.
 */
#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bgpd/peer/internal.h"
#include "lib/task.h"
#include "tests/bench/update.h"

enum { AS = 65000, AS_UP = 65001, AS_DOWN = 65002, TICK_NS = 5000 };

int __wrap_clock_gettime(clockid_t id, struct timespec *ts);
int __real_clock_gettime(clockid_t id, struct timespec *ts);

int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	static long ns = 1000000000;

	(void)id;
	ns += TICK_NS;
	*ts = (struct timespec){ns / 1000000000, ns % 1000000000};
	return 0;
}

/* The router, its neighbor that announces, and one that listens. */
struct router {
	struct bgp bgp;
	struct peer *up;
	struct source down;
	struct member member;
	const char *hostname;
	uint32_t debug;
	uint64_t chunk_bytes;
};

static struct addr ip(const char *text)
{
	struct addr a;

	if (!addr_parse(text, &a))
		abort();
	return a;
}

static bool take_chunk(void *ctx, struct chunk *c)
{
	((struct router *)ctx)->chunk_bytes += c->len;
	chunk_release(c);
	return true;
}

static void make_tables(struct router *r)
{
	struct bgp *b = &r->bgp;
	struct rib_env env;

	r->hostname = "core";
	b->env = (struct bgp_env){.base = task_base_new(),
	    .log = log_new("BGP"),
	    .attrs = attr_store_new(),
	    .nht = nht_new(NULL),
	    .hostname = &r->hostname,
	    .debug = &r->debug};
	b->router_id = 0x0a000001;
	b->sources = sources_new();
	b->cfg = (struct bgp_cfg){.as = AS, .keepalive = 60, .hold = 180};
	b->cfg.rib = (struct rib_cfg){.local_as = AS,
	    .router_id = b->router_id,
	    .default_local_pref = 100,
	    .max_paths_ebgp = 64,
	    .max_paths_ibgp = 64,
	    .import_check = true,
	    .distance_ebgp = 20,
	    .distance_ibgp = 200,
	    .distance_local = 200};
	bgp_peers_init(b);
	list_init(&b->groups);
	list_init(&b->ranges);
	env = (struct rib_env){.base = b->env.base,
	    .log = b->env.log,
	    .attrs = b->env.attrs,
	    .nht = b->env.nht,
	    .sources = b->sources};
	b->rib[FAMILY_IPV4] = rib_new(&env, &b->cfg.rib, FAMILY_IPV4);
}

/* As the session's OPENs would have left it. */
static void make_sender(struct router *r)
{
	struct addr a = ip("10.0.0.2");
	struct peer *p = r->up = peer_new(&r->bgp, &a);

	bgp_peer_add(&r->bgp, p);
	p->cfg.remote_as_kind = REMOTE_AS_NUMBER;
	p->cfg.remote_as = p->source.as = AS_UP;
	p->source.router_id = 0x0a000002;
	p->local = ip("10.0.0.1");
	p->traits = (struct session_traits){
	    .as4 = true, .ebgp = true, .local_as = AS, .max_message = MSG_MAX};
	p->scratch = arena_new();
	p->family[FAMILY_IPV4].negotiated = true;
}

static void make_receiver(struct router *r)
{
	struct group_key key;

	r->down = (struct source){
	    .kind = SOURCE_EBGP, .as = AS_DOWN, .router_id = 0x0a000003, .addr = ip("10.0.0.3")};
	source_add(r->bgp.sources, &r->down);
	memset(&key, 0, sizeof(key));
	key.family = FAMILY_IPV4;
	key.kind = SOURCE_EBGP;
	key.as4 = true;
	key.send_community = key.send_ext_community = key.send_large_community = true;
	key.local_as = AS;
	key.hop_family = FAMILY_IPV4;
	r->member = (struct member){
	    .source = &r->down, .own = {.addr = ip("10.0.0.1")}, .ctx = r, .send = take_chunk};
	group_join(r->bgp.rib[FAMILY_IPV4], &r->member, &key);
}

static void router_free(struct router *r)
{
	struct bgp *b = &r->bgp;

	group_leave(&r->member);
	source_del(b->sources, &r->down);
	arena_free(r->up->scratch);
	peer_free(r->up);
	bgp_peers_fini(b);
	rib_free(b->rib[FAMILY_IPV4]);
	sources_free(b->sources);
	nht_free(b->env.nht);
	attr_store_free(b->env.attrs);
	log_free(b->env.log);
	event_base_free(b->env.base);
}

/* One slice of a socket, then whatever the loop finds to do, as in the daemon. */
static void feed(struct router *r, const struct bytes *messages)
{
	size_t at = 0, slice = 0;

	while (at < messages->len) {
		const uint8_t *m = messages->p + at;
		struct notify why;
		uint16_t len;
		uint8_t type;

		if (!msg_header_check(m, MSG_MAX, &type, &len, &why) ||
		    !import_update(r->up, m + MSG_HEADER_LEN, len - MSG_HEADER_LEN, &why))
			abort();
		at += len;
		slice += len;
		if (slice >= READ_SLICE) {
			slice = 0;
			event_base_loop(r->bgp.env.base, EVLOOP_NONBLOCK);
		}
	}
	while (!rib_idle(r->bgp.rib[FAMILY_IPV4]))
		event_base_loop(r->bgp.env.base, EVLOOP_ONCE);
}

/* These two are what callgrind counts by name: neither is inlined, cloned, or made one with the
 * other, nor renamed, which happens to what is static wherever link-time optimisation divides its
 * work. */
#define COUNTED __attribute__((noipa, externally_visible))
COUNTED void announce_table(struct router *r, const struct bytes *m);
COUNTED void withdraw_table(struct router *r, const struct bytes *m);

void announce_table(struct router *r, const struct bytes *m)
{
	feed(r, m);
}

void withdraw_table(struct router *r, const struct bytes *m)
{
	feed(r, m);
}

static double now_ns(void)
{
	struct timespec ts;

	__real_clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void make_messages(
    const struct table *t, uint64_t seed, struct bytes *announce, struct bytes *withdraw)
{
	struct identity who = {.as = AS_UP, .next_hop4 = ip("10.0.0.2")};

	for (uint32_t i = 0; i < t->run_count; i++) {
		struct attributes a;
		attributes_make(seed, 0, i, 0, &a);
		update_announce(announce, t, t->runs[i].first, t->runs[i].count, &who, &a);
	}
	update_withdraw(withdraw, t, 0, t->count);
}

static void expect(const char *what, uint32_t got, uint32_t want)
{
	if (got == want)
		return;
	fprintf(stderr, "core: %u prefixes %s, not %u\n", got, what, want);
	exit(1);
}

static void measure(struct router *r, const struct table *t, uint64_t seed)
{
	struct bytes announce = {0}, withdraw = {0};

	make_messages(t, seed, &announce, &withdraw);
	double start = now_ns();
	announce_table(r, &announce);
	double middle = now_ns();
	expect("announced", group_sent_count(r->member.group), t->count);
	double table = (double)rib_bytes(r->bgp.rib[FAMILY_IPV4]) / t->count;
	double group = (double)group_bytes(r->member.group) / t->count;
	double sets = (double)attr_store_bytes(r->bgp.env.attrs) / t->count;
	double again = now_ns();
	withdraw_table(r, &withdraw);
	double end = now_ns();
	expect("left", group_sent_count(r->member.group), 0);
	expect("kept", (uint32_t)rib_path_count(r->bgp.rib[FAMILY_IPV4]), 0);
	printf("{\"prefixes\":%u,\"announce_ns\":%.0f,\"withdraw_ns\":%.0f,\"bytes_in\":%zu,"
	       "\"bytes_out\":%llu,\"table_bytes\":%.1f,\"group_bytes\":%.1f,"
	       "\"attribute_bytes\":%.1f}\n",
	    t->count, (middle - start) / t->count, (end - again) / t->count,
	    announce.len + withdraw.len, (unsigned long long)r->chunk_bytes, table, group, sets);
	bytes_free(&announce);
	bytes_free(&withdraw);
}

int main(int argc, char **argv)
{
	uint32_t count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 20000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct router r = {0};
	struct table t;

	table_init(&t, count);
	table_add(&t, seed, FAMILY_IPV4, count);
	make_tables(&r);
	make_sender(&r);
	make_receiver(&r);
	while (!rib_idle(r.bgp.rib[FAMILY_IPV4])) /* an empty table and its End-of-RIB */
		event_base_loop(r.bgp.env.base, EVLOOP_ONCE);
	measure(&r, &t, seed);
	router_free(&r);
	table_fini(&t);
	return 0;
}
