/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The judge. Where several senders announce a prefix, any set may be seen that is not worse than
 * another by the steps on which all routers agree: the length of the AS path, then the origin (MED
 * does not count between different neighbors). `missing` is kept with every message and can be
 * counted anew from the beginning, which is done at the end of each phase.
 */
#include "tests/bench/model.h"

#include <stdio.h>
#include <xxhash.h>

#include "lib/mem.h"

/* ---- sets ---- */

static uint32_t *set_slot(const struct model *m, uint64_t hash)
{
	for (uint64_t i = hash;; i++) {
		uint32_t *slot = &m->slots[i & m->mask];
		if (!*slot || m->hashes[*slot] == hash)
			return slot;
	}
}

static void sets_grow(struct model *m)
{
	m->set_cap *= 2;
	m->mask = m->set_cap * 2 - 1;
	m->hashes = mem_realloc(m->hashes, m->set_cap * sizeof(*m->hashes));
	mem_free(m->slots);
	m->slots = mem_zalloc((m->mask + 1) * sizeof(*m->slots));
	for (uint32_t i = SET_WRONG + 1; i < m->set_count; i++)
		*set_slot(m, m->hashes[i]) = i;
}

static uint32_t set_intern(struct model *m, uint64_t hash)
{
	uint32_t *slot = set_slot(m, hash);

	if (*slot)
		return *slot;
	if (m->set_count == m->set_cap) {
		sets_grow(m);
		slot = set_slot(m, hash);
	}
	m->hashes[m->set_count] = hash;
	return *slot = m->set_count++;
}

static uint32_t set_make(struct model *m, uint32_t sender, uint32_t run, uint32_t variant)
{
	struct passage through = m->passage;
	struct attributes a;

	attributes_make(m->seed, sender, run, variant, &a);
	if (through.reflected)
		through.originator = m->router_ids[sender];
	return set_intern(m, update_expected(&m->who[sender], &a, &through));
}

static uint32_t offer(const struct model *m, uint32_t sender, uint32_t run)
{
	return m->mesh ? run : sender * m->table->run_count + run;
}

/* ---- the model ---- */

void model_init(struct model *m)
{
	uint32_t runs = m->table->run_count, each = m->mesh ? 1 : m->senders;

	m->set_count = SET_WRONG + 1;
	m->set_cap = 1024;
	m->hashes = mem_alloc(m->set_cap * sizeof(*m->hashes));
	m->mask = 2 * m->set_cap - 1;
	m->slots = mem_zalloc((m->mask + 1) * sizeof(*m->slots));
	m->announcing = mem_zalloc(m->senders + 1);
	m->allowed = mem_zalloc((runs + 1) * sizeof(*m->allowed));
	m->changed = mem_zalloc((m->table->count + 1) * sizeof(*m->changed));
	m->set_of = mem_alloc(((size_t)runs * each + 1) * sizeof(*m->set_of));
	for (uint32_t i = 0; i < (m->mesh ? 1 : m->senders); i++)
		for (uint32_t run = 0; run < runs; run++)
			m->set_of[offer(m, i, run)] = set_make(m, m->mesh ? run : i, run, 0);
}

void model_fini(struct model *m)
{
	mem_free(m->hashes);
	mem_free(m->slots);
	mem_free(m->announcing);
	mem_free(m->allowed);
	mem_free(m->changed);
	mem_free(m->set_of);
}

void model_announce(struct model *m, uint32_t sender, bool on)
{
	m->announcing[sender] = on;
}

/* Which senders' sets of a run are as good as the best one. */
static uint64_t best_senders(const struct model *m, uint32_t run)
{
	unsigned best = ~0u;
	uint64_t mask = 0;

	for (uint32_t i = 0; i < m->senders; i++) {
		struct attributes a;

		if (!m->announcing[i])
			continue;
		attributes_make(m->seed, i, run, 0, &a);
		unsigned rank = a.hops * 4u + a.origin;
		if (rank < best)
			mask = 0;
		if (rank <= best) {
			best = rank;
			mask |= 1ull << i;
		}
	}
	return mask;
}

void model_update(struct model *m)
{
	for (uint32_t run = 0; run < m->table->run_count; run++)
		if (m->mesh)
			m->allowed[run] = m->announcing[run];
		else if (m->senders == 1)
			m->allowed[run] = m->announcing[0];
		else
			m->allowed[run] = best_senders(m, run);
}

void model_change(struct model *m, uint32_t prefix, uint32_t variant)
{
	m->changed[prefix] = set_make(m, 0, m->table->run_of[prefix], variant);
}

void model_forget_changes(struct model *m)
{
	memset(m->changed, 0, m->table->count * sizeof(*m->changed));
}

bool model_allows(const struct model *m, const struct receiver *r, uint32_t prefix, uint32_t set)
{
	uint32_t run = m->table->run_of[prefix];
	uint64_t mask = m->allowed[run];

	if (!mask || set == SET_NONE)
		return set == SET_NONE && (!mask || run == r->self);
	if (m->changed[prefix])
		return set == m->changed[prefix];
	for (; mask; mask &= mask - 1)
		if (m->set_of[offer(m, (uint32_t)__builtin_ctzll(mask), run)] == set)
			return true;
	return false;
}

/* ---- a receiver ---- */

void receiver_init(struct receiver *r, const struct model *m, uint32_t self, struct findings *f)
{
	*r = (struct receiver){.model = m, .self = self, .findings = f};
	r->have = mem_zalloc((m->table->count + 1) * sizeof(*r->have));
}

void receiver_fini(struct receiver *r)
{
	mem_free(r->have);
	r->have = NULL;
}

void receiver_recount(struct receiver *r)
{
	r->missing = r->held = 0;
	for (uint32_t i = 0; i < r->model->table->count; i++) {
		r->missing += !model_allows(r->model, r, i, r->have[i]);
		r->held += r->have[i] != SET_NONE;
	}
}

void receiver_clear(struct receiver *r)
{
	memset(r->have, 0, r->model->table->count * sizeof(*r->have));
	receiver_recount(r);
}

static void fault(struct receiver *r, uint64_t *counter, const char *what, const struct prefix *p)
{
	char text[PREFIX_STRLEN] = "";

	(*counter)++;
	if (p)
		prefix_str(p, text);
	if (!r->findings->example[0])
		snprintf(r->findings->example, sizeof(r->findings->example), "%s %s", what, text);
}

static void hold(struct receiver *r, uint32_t prefix, uint32_t set)
{
	const struct model *m = r->model;
	uint32_t before = r->have[prefix];

	if (set && m->table->run_of[prefix] == r->self)
		r->findings->echoes++;
	if (before == set) {
		r->findings->repeats++;
		return;
	}
	r->findings->changes += before && set;
	r->missing -= !model_allows(m, r, prefix, before);
	r->missing += !model_allows(m, r, prefix, set);
	r->held += (set != SET_NONE) - (before != SET_NONE);
	r->have[prefix] = set;
	if (r->arrived && set && set == m->changed[prefix])
		r->arrived(r->ctx, prefix);
}

/* ---- reading messages ---- */

/* A message's attributes: their set, and whose next hop. */
struct arrival {
	uint32_t set;
	bool own_hop;    /* the router's address */
	uint32_t sender; /* whose next hop was kept; NOT_FOUND: nobody's */
};

static uint32_t find(struct receiver *r, const struct prefix *p)
{
	const struct table *t = r->model->table;

	if (r->last + 1 < t->count && prefix_equal(&t->prefixes[r->last + 1], p))
		r->last++;
	else
		r->last = table_find(t, p);
	return r->last;
}

/* The next hop is the router's, or that of a sender of this very set. */
static bool next_hop_fits(const struct model *m, const struct arrival *a, uint32_t prefix)
{
	uint32_t run = m->table->run_of[prefix];

	if (a->own_hop)
		return !m->passage.reflected;
	if (a->sender == NOT_FOUND)
		return false;
	if (m->mesh)
		return a->sender == run;
	return m->changed[prefix] == a->set || m->set_of[offer(m, a->sender, run)] == a->set;
}

/* One prefix; a NULL: it is withdrawn. False: the bytes end too soon. */
static bool take_prefix(struct receiver *r, struct rd *rd, enum family f, const struct arrival *a)
{
	struct prefix p = {.family = (uint8_t)f, .len = rd_u8(rd)};
	unsigned n = (p.len + 7u) / 8;
	const uint8_t *bytes = rd_bytes(rd, n);

	if (!bytes || p.len > family_bits(f))
		return false;
	memcpy(p.b, bytes, n);
	uint32_t at = find(r, &p);
	if (at == NOT_FOUND && prefix_contains(&r->model->foreign, &p)) {
		r->findings->foreign++;
		return true;
	}
	if (at == NOT_FOUND) {
		fault(r, &r->findings->superfluous, "superfluous", &p);
		return true;
	}
	if (!a) {
		r->findings->withdrawn++;
		hold(r, at, SET_NONE);
		return true;
	}
	r->findings->announced++;
	bool good = a->set != SET_WRONG && next_hop_fits(r->model, a, at);
	if (!good)
		fault(r, &r->findings->wrong,
		    a->set == SET_WRONG ? "wrong attributes" : "wrong next hop", &p);
	hold(r, at, good ? a->set : SET_WRONG);
	return true;
}

static bool take_prefixes(struct receiver *r, struct rd rd, enum family f, const struct arrival *a)
{
	while (rd_left(&rd))
		if (!take_prefix(r, &rd, f, a))
			return false;
	return true;
}

static uint32_t low_word(const struct addr *a)
{
	struct rd r = rd_init(a->b + family_bytes(a->family) - 4, 4);

	return rd_u32(&r);
}

/* Addresses of senders follow each other in their last four bytes. */
static uint32_t sender_of(const struct model *m, const struct addr *hop)
{
	bool v4 = hop->family == FAMILY_IPV4;
	uint32_t i = low_word(hop) - low_word(v4 ? &m->who[0].next_hop4 : &m->who[0].next_hop6);

	if (i >= m->senders)
		return NOT_FOUND;
	return addr_equal(hop, v4 ? &m->who[i].next_hop4 : &m->who[i].next_hop6) ? i : NOT_FOUND;
}

static void judge_next_hop(
    const struct model *m, const uint8_t *b, enum family f, struct arrival *a)
{
	struct addr hop = {.family = (uint8_t)f};

	memcpy(hop.b, b, family_bytes(f));
	a->own_hop = addr_equal(&hop, f == FAMILY_IPV4 ? &m->router4 : &m->router6);
	a->sender = a->own_hop ? NOT_FOUND : sender_of(m, &hop);
}

/* What a message says; the ranges are empty where it says nothing. */
struct parts {
	struct rd withdrawn, reach, mp_withdrawn, mp_reach;

	const uint8_t *hop4, *hop6;
	uint64_t hash;
};

static bool is_ipv6(struct rd *r)
{
	return rd_u16(r) == 2 && rd_u8(r) == 1;
}

/* MP_REACH_NLRI: a global next hop, perhaps a link-local one behind it. */
static bool read_mp_reach(struct rd v, struct parts *out)
{
	if (!is_ipv6(&v))
		return false;
	uint8_t n = rd_u8(&v);
	out->hop6 = rd_bytes(&v, 16);
	if ((n != 16 && n != 32) || (n == 32 && !rd_bytes(&v, 16)))
		return false;
	(void)rd_u8(&v);
	out->mp_reach = v;
	return !v.bad;
}

/* FRR writes the MED that is not there when it reflects a route: 0, which means the same. */
static bool is_zero_med(uint8_t code, struct rd value)
{
	return code == 4 && rd_left(&value) == 4 && rd_u32(&value) == 0;
}

static bool read_attributes(struct rd attrs, bool reflected, struct parts *out)
{
	uint8_t canon[UPDATE_MAX];
	struct wr w = wr_init(canon, sizeof(canon));

	while (rd_left(&attrs)) {
		uint8_t flags = rd_u8(&attrs), code = rd_u8(&attrs);
		uint16_t len = flags & 0x10 ? rd_u16(&attrs) : rd_u8(&attrs);
		struct rd v = rd_sub(&attrs, len);

		if (v.bad)
			return false;
		if (code == 3) {
			out->hop4 = rd_bytes(&v, 4);
		} else if (code == 14) {
			if (!read_mp_reach(v, out))
				return false;
		} else if (code == 15) {
			if (!is_ipv6(&v))
				return false;
			out->mp_withdrawn = v;
		} else if (!reflected || !is_zero_med(code, v)) {
			wr_u8(&w, flags & 0xef);
			wr_u8(&w, code);
			wr_bytes(&w, v.p, rd_left(&v));
		}
	}
	out->hash = XXH3_64bits(canon, wr_len(&w));
	return !attrs.bad;
}

static bool read_parts(const uint8_t *body, size_t len, bool reflected, struct parts *out)
{
	struct rd r = rd_init(body, len);
	struct rd none = rd_init(body, 0);

	*out = (struct parts){.withdrawn = none, .mp_withdrawn = none, .mp_reach = none};
	out->withdrawn = rd_sub(&r, rd_u16(&r));
	struct rd attrs = rd_sub(&r, rd_u16(&r));
	out->reach = r;
	return !r.bad && read_attributes(attrs, reflected, out);
}

static bool take_parts(struct receiver *r, const struct parts *p)
{
	const struct model *m = r->model;
	uint32_t found = *set_slot(m, p->hash);
	struct arrival a = {.set = found ? found : SET_WRONG};

	if (!take_prefixes(r, p->withdrawn, FAMILY_IPV4, NULL) ||
	    !take_prefixes(r, p->mp_withdrawn, FAMILY_IPV6, NULL))
		return false;
	if (rd_left(&p->reach)) {
		if (!p->hop4)
			return false;
		judge_next_hop(m, p->hop4, FAMILY_IPV4, &a);
		if (!take_prefixes(r, p->reach, FAMILY_IPV4, &a))
			return false;
	}
	if (!rd_left(&p->mp_reach))
		return true;
	judge_next_hop(m, p->hop6, FAMILY_IPV6, &a);
	return take_prefixes(r, p->mp_reach, FAMILY_IPV6, &a);
}

void receiver_update(struct receiver *r, const uint8_t *body, size_t len)
{
	struct parts p;

	r->findings->updates++;
	if (!read_parts(body, len, r->model->passage.reflected, &p) || !take_parts(r, &p))
		fault(r, &r->findings->malformed, "malformed UPDATE", NULL);
}
