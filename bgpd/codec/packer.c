/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packs routes into as few UPDATE messages as fit.
 *
 * A message is built in place: what comes before its routes is written when it is started, routes
 * are appended as they come, and what comes behind (the attributes, when the routes sit in
 * MP_REACH, which RFC 7606 5.1 wants first) when it is flushed. Attributes are encoded once however
 * many messages they go into. No message is ever longer than the session allows, and none is
 * flushed without a route.
 */
#include <assert.h>

#include "bgpd/codec/attr_table.h"
#include "bgpd/codec/message.h"
#include "bgpd/codec/nlri.h"

enum kind { NOTHING, BODY_WITHDRAW, BODY_REACH, MP_WITHDRAW, MP_REACH };

struct packer {
	struct session_traits t;
	void (*flush)(void *ctx, const uint8_t *msg, size_t len);
	void *ctx;
	enum kind kind;
	const struct family_row *family;
	struct addr hop, hop_local; /* MP_REACH's */
	struct wr msg;
	size_t mark;      /* msg_begin's */
	size_t routes_at; /* offset of the first route in msg */
	size_t attrs_len;
	uint8_t *attrs; /* encoded, without the MP attributes */
};

/* Offsets in every message; MP_REACH or MP_UNREACH is the first attribute. */
enum {
	AT_WITHDRAWN_LEN = MSG_HEADER_LEN,
	AT_ATTRS_LEN = AT_WITHDRAWN_LEN + 2,
	AT_ATTRS = AT_ATTRS_LEN + 2,
	MP_HEAD = 4
};

struct packer *packer_new(const struct session_traits *t,
    void (*flush)(void *ctx, const uint8_t *msg, size_t len), void *ctx)
{
	struct packer *p = mem_zalloc(sizeof(*p));
	p->t = *t;
	p->flush = flush;
	p->ctx = ctx;
	p->msg = wr_init(mem_alloc(t->max_message), t->max_message);
	p->attrs = mem_alloc(t->max_message);
	return p;
}

void packer_free(struct packer *p)
{
	if (!p)
		return;
	mem_free(p->msg.base);
	mem_free(p->attrs);
	mem_free(p);
}

static void put_u16(struct wr *w, size_t at, size_t value)
{
	w->base[at] = (uint8_t)(value >> 8);
	w->base[at + 1] = (uint8_t)value;
}

static void hop_write(struct wr *w, const struct packer *p)
{
	size_t mark = wr_mark8(w);
	wr_bytes(w, p->hop.b, family_bytes(p->hop.family));
	if (p->hop_local.family)
		wr_bytes(w, p->hop_local.b, family_bytes(FAMILY_IPV6));
	wr_fill8(w, mark);
	wr_u8(w, 0); /* reserved */
}

static void mp_begin(struct packer *p)
{
	struct wr *w = &p->msg;
	wr_u8(w, ATTR_FLAG_OPTIONAL | ATTR_FLAG_EXTENDED);
	wr_u8(w, p->kind == MP_REACH ? ATTR_MP_REACH : ATTR_MP_UNREACH);
	wr_u16(w, 0);
	wr_u16(w, p->family->afi);
	wr_u8(w, p->family->safi);
	if (p->kind == MP_REACH)
		hop_write(w, p);
}

static void begin(struct packer *p)
{
	struct wr *w = &p->msg;
	w->p = w->base;
	w->bad = false;
	p->mark = msg_begin(w, MSG_UPDATE);
	wr_u16(w, 0);
	if (p->kind != BODY_WITHDRAW)
		wr_u16(w, 0);
	if (p->kind == BODY_REACH)
		wr_bytes(w, p->attrs, p->attrs_len);
	else if (p->kind != BODY_WITHDRAW)
		mp_begin(p);
	p->routes_at = wr_len(w);
}

/* Bytes that come behind the routes. */
static size_t tail_len(const struct packer *p)
{
	if (p->kind == BODY_WITHDRAW)
		return 2;
	return p->kind == MP_REACH ? p->attrs_len : 0;
}

static void flush(struct packer *p)
{
	struct wr *w = &p->msg;
	size_t routes = wr_len(w) - p->routes_at;
	if (p->kind == NOTHING || routes == 0)
		return;
	if (p->kind == BODY_WITHDRAW) {
		put_u16(w, AT_WITHDRAWN_LEN, routes);
		wr_u16(w, 0);
	} else if (p->kind == BODY_REACH) {
		put_u16(w, AT_ATTRS_LEN, p->attrs_len);
	} else {
		put_u16(w, AT_ATTRS + 2, wr_len(w) - AT_ATTRS - MP_HEAD);
		if (p->kind == MP_REACH)
			wr_bytes(w, p->attrs, p->attrs_len);
		put_u16(w, AT_ATTRS_LEN, wr_len(w) - AT_ATTRS);
	}
	assert(!w->bad);
	msg_end(w, p->mark);
	p->flush(p->ctx, w->base, wr_len(w));
}

void packer_end(struct packer *p)
{
	flush(p);
	p->kind = NOTHING;
}

/* The longest a route of the family can be. */
static size_t route_max(const struct packer *p)
{
	bool addpath = p->t.addpath_tx[p->family->family];
	return (addpath ? 4u : 0) + 1 + p->family->max_bits / 8u;
}

bool packer_announce(struct packer *p, enum family family, const struct attr_set *set)
{
	packer_end(p);
	p->family = family_row_by(family);
	bool in_body = p->family->in_body && set->next_hop.family == p->family->hop_family;
	struct wr w = wr_init(p->attrs, p->t.max_message);
	attr_encode(&w, set, &p->t, in_body);
	p->attrs_len = wr_len(&w);
	p->hop = set->next_hop;
	p->hop_local = set->next_hop_local;
	if (w.bad)
		return false;
	p->kind = in_body ? BODY_REACH : MP_REACH;
	begin(p);
	if (!p->msg.bad && wr_left(&p->msg) >= tail_len(p) + route_max(p))
		return true;
	p->kind = NOTHING;
	return false;
}

/* NEXT_HOP's value among encoded attributes. */
static uint32_t find_next_hop(const struct packer *p)
{
	struct rd r = rd_init(p->attrs, p->attrs_len);
	while (rd_left(&r)) {
		uint8_t flags = rd_u8(&r), code = rd_u8(&r);
		uint16_t len = flags & ATTR_FLAG_EXTENDED ? rd_u16(&r) : rd_u8(&r);
		if (code == ATTR_NEXT_HOP)
			return (uint32_t)(p->attrs_len - rd_left(&r));
		(void)rd_bytes(&r, len);
	}
	return 0;
}

uint32_t packer_hop_offset(const struct packer *p)
{
	enum { AFI_SAFI_LEN = 4 };
	assert(p->kind == BODY_REACH || p->kind == MP_REACH);
	if (p->kind == MP_REACH)
		return AT_ATTRS + MP_HEAD + AFI_SAFI_LEN;
	return AT_ATTRS + find_next_hop(p);
}

void packer_withdraw(struct packer *p, enum family family)
{
	packer_end(p);
	p->family = family_row_by(family);
	p->kind = p->family->in_body ? BODY_WITHDRAW : MP_WITHDRAW;
	begin(p);
}

void packer_add(struct packer *p, const struct prefix *prefix, uint32_t path_id)
{
	bool addpath = p->t.addpath_tx[p->family->family];
	assert(p->kind != NOTHING && prefix->family == p->family->family);
	size_t need = (addpath ? 4u : 0) + 1 + (prefix->len + 7u) / 8;
	if (wr_left(&p->msg) < tail_len(p) + need) {
		flush(p);
		begin(p);
	}
	nlri_write(&p->msg, prefix, addpath, path_id);
}

void update_end_of_rib(struct wr *w, enum family family)
{
	const struct family_row *f = family_row_by(family);
	size_t mark = msg_begin(w, MSG_UPDATE);
	wr_u16(w, 0);
	size_t attrs = wr_mark16(w);
	if (!f->in_body) {
		wr_u8(w, ATTR_FLAG_OPTIONAL);
		wr_u8(w, ATTR_MP_UNREACH);
		wr_u8(w, 3);
		wr_u16(w, f->afi);
		wr_u8(w, f->safi);
	}
	wr_fill16(w, attrs);
	msg_end(w, mark);
}
