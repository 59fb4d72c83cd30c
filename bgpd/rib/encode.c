/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a batch of destinations to messages: withdrawals first, then one run of messages for each
 * attribute set, however its destinations were mixed. What is written goes into chunks, and each
 * chunk to all of the audience, by reference; to those that have other addresses of ours, as the
 * variant that names these (ownhop.c).
 */
#include <string.h>

#include "bgpd/rib/adj.h"

enum { CHUNK_ROOM = 64 * 1024, TABLE_MIN = 64 };

/* Destinations of a batch that share a set: a list through encoder.next. */
struct bucket {
	uint32_t set, first, last;
};

struct encoder {
	struct packer *packer;
	struct arena *arena;
	struct chunk *open;       /* being written; NULL: none */
	uint32_t room;            /* bytes of its data */
	struct hop_places places; /* in it */
	struct bucket *buckets;
	uint32_t *next;  /* by place in the batch; 0: last one, else place + 1 */
	uint32_t *table; /* hash of sets: bucket + 1 */
	uint32_t cap;    /* batch places that there is room for */
	uint32_t table_mask;
	/* for the log: whether there is one, what is being announced (NULL: withdrawals), and the
	 * prefixes in the message under way */
	bool logging;
	const struct attr_set *set;
	const struct hop_place *place; /* of the set's next hop, offset in a message; NULL: fixed */
	uint32_t in_message;
};

static void on_message(void *ctx, const uint8_t *msg, size_t len);

struct encoder *encoder_new(struct group *g)
{
	struct session_traits t = {
	    .as4 = g->key.as4,
	    .ebgp = g->key.kind == SOURCE_EBGP,
	    .local_as = g->key.local_as,
	    .max_message = g->key.extended_message ? 65535 : 4096,
	};
	t.addpath_tx[g->key.family] = g->key.addpath_tx;
	struct encoder *e = mem_zalloc(sizeof(*e));
	e->packer = packer_new(&t, on_message, g);
	e->arena = arena_new();
	return e;
}

void encoder_free(struct encoder *e)
{
	if (!e)
		return;
	packer_free(e->packer);
	arena_free(e->arena);
	mem_free(e->open);
	mem_free(e->places.at);
	mem_free(e->buckets);
	mem_free(e->next);
	mem_free(e->table);
	mem_free(e);
}

void chunk_release(struct chunk *c)
{
	if (--c->refs == 0)
		mem_free(c);
}

/* ---- chunks ---- */

static void deliver(struct group *g, struct chunk *c)
{
	for (uint32_t i = 0; i < g->audience.count; i++) {
		struct member *m = g->audience.members[i];
		if (m->blocked)
			continue;
		struct chunk *his = own_hop_variant(g, c, &g->encoder->places, m);
		his->refs++;
		if (!m->send(m->ctx, his)) {
			his->refs--;
			m->blocked = true;
		}
	}
	own_hop_release(g);
}

static void chunk_emit(struct group *g)
{
	struct encoder *e = g->encoder;
	struct chunk *c = e->open;
	if (!c)
		return;
	e->open = NULL;
	g->stats.messages += c->messages;
	c = mem_realloc(c, sizeof(*c) + c->len);
	deliver(g, c);
	chunk_release(c);
	e->places.count = 0;
}

static void note_place(struct encoder *e)
{
	struct hop_places *p = &e->places;
	if (p->count == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 64;
		p->at = mem_realloc(p->at, p->cap * sizeof(*p->at));
	}
	p->at[p->count] = *e->place;
	p->at[p->count++].offset += e->open->len;
}

static void on_message(void *ctx, const uint8_t *msg, size_t len)
{
	struct group *g = ctx;
	struct encoder *e = g->encoder;
	if (e->logging && e->in_message) /* none: End-of-RIB */
		sentlog_message(g, len, e->in_message, e->set, e->place);
	e->in_message = 0;
	if (e->open && e->open->len + len > e->room)
		chunk_emit(g);
	if (!e->open) {
		e->room = CHUNK_ROOM;
		e->open = mem_alloc(sizeof(*e->open) + e->room);
		*e->open = (struct chunk){.refs = 1};
	}
	if (e->place)
		note_place(e);
	memcpy(e->open->data + e->open->len, msg, len);
	e->open->len += (uint32_t)len;
	e->open->messages++;
}

/* ---- buckets ---- */

static void reserve(struct encoder *e, uint32_t n)
{
	uint32_t size = TABLE_MIN;
	while (size < 2 * n)
		size *= 2;
	if (size / 2 > e->cap) {
		e->cap = size / 2;
		e->buckets = mem_realloc(e->buckets, e->cap * sizeof(*e->buckets));
		e->next = mem_realloc(e->next, e->cap * sizeof(*e->next));
		e->table = mem_realloc(e->table, size * sizeof(*e->table));
	}
	e->table_mask = size - 1;
	memset(e->table, 0, size * sizeof(*e->table));
}

/* The bucket of a set, made if it is not there. */
static struct bucket *bucket_of(struct encoder *e, uint32_t set, uint32_t *count)
{
	uint32_t i = set * 0x9e3779b1u >> 7;
	for (;; i++) {
		uint32_t *at = &e->table[i & e->table_mask];
		if (!*at) {
			e->buckets[*count] = (struct bucket){.set = set};
			*at = ++*count;
			return &e->buckets[*count - 1];
		}
		if (e->buckets[*at - 1].set == set)
			return &e->buckets[*at - 1];
	}
}

/* Sorts a batch into buckets in the order in which their sets first come; returns their number. The
 * bucket of set 0 (withdrawals) is always the first one. */
static uint32_t sort_batch(struct group *g, const struct batch *b)
{
	struct encoder *e = g->encoder;
	uint32_t count = 0;
	reserve(e, b->count + 1);
	bucket_of(e, 0, &count);
	for (uint32_t i = 0; i < b->count; i++) {
		struct bucket *k = bucket_of(e, words_get(g->sent, b->dests[i]), &count);
		e->next[i] = 0;
		if (k->first)
			e->next[k->last - 1] = i + 1;
		else
			k->first = i + 1;
		k->last = i + 1;
	}
	return count;
}

static uint32_t add_bucket(struct group *g, const struct batch *b, const struct bucket *k)
{
	struct encoder *e = g->encoder;
	uint32_t n = 0;
	for (uint32_t i = k->first; i; i = e->next[i - 1], n++) {
		struct prefix p = dest_prefix(g->rib, dest_at(g->rib, b->dests[i - 1]));
		packer_add(e->packer, &p, 0); /* may end the message before */
		e->in_message++;
		if (e->logging)
			sentlog_prefix(g, &p, !e->set);
	}
	return n;
}

static void withdraw_bucket(struct group *g, const struct batch *b, const struct bucket *k)
{
	if (!k->first) /* only the one of set 0 can be empty */
		return;
	packer_withdraw(g->encoder->packer, g->rib->family);
	g->stats.withdrawals += add_bucket(g, b, k);
	packer_end(g->encoder->packer);
}

static void announce_bucket(struct group *g, const struct batch *b, const struct bucket *k)
{
	struct encoder *e = g->encoder;
	struct attr_set a;
	struct hop_place place = {0};
	attr_view(g->rib->env.attrs, k->set, &a);
	if (e->logging)
		sentlog_set(g, &a);
	arena_reset(e->arena);
	bool placed = export_complete(g, &e->places.written, &a, e->arena, &place);
	if (packer_announce(e->packer, g->rib->family, &a)) {
		place.offset = packer_hop_offset(e->packer);
		e->set = &a;
		e->place = placed ? &place : NULL;
		g->stats.updates += add_bucket(g, b, k);
		packer_end(e->packer);
		e->set = NULL;
		e->place = NULL;
	} else {
		withdraw_bucket(g, b, k);
	}
}

static void log_queue(const struct group *g, const struct batch *b)
{
	for (uint32_t i = 0; i < b->count; i++) {
		struct prefix p = dest_prefix(g->rib, dest_at(g->rib, b->dests[i]));
		sentlog_queue(g, &p, !words_get(g->sent, b->dests[i]));
	}
}

void encode_batch(struct group *g, const struct batch *b)
{
	struct encoder *e = g->encoder;
	if (!g->audience.count || !b->count)
		return;
	e->logging = sentlog_wanted(g);
	if (e->logging)
		log_queue(g, b);
	e->places.written = g->audience.members[0]->own;
	uint32_t count = sort_batch(g, b);
	withdraw_bucket(g, b, &e->buckets[0]);
	for (uint32_t i = 1; i < count; i++)
		announce_bucket(g, b, &e->buckets[i]);
	chunk_emit(g);
}

bool encode_end_of_rib(struct group *g, struct member *m)
{
	uint8_t msg[64];
	struct wr w = wr_init(msg, sizeof(msg));
	update_end_of_rib(&w, g->rib->family);
	audience_clear(g);
	audience_add(g, m);
	on_message(g, msg, wr_len(&w));
	chunk_emit(g);
	return !m->blocked;
}
