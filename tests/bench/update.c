/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UPDATEs by hand (RFC 4271 4.3, RFC 4760). Prefixes of one run go into as few messages as fit; the
 * attributes are written once and copied in front of each.
 */
#include "tests/bench/update.h"

#include <xxhash.h>

#include "lib/mem.h"

enum {
	CODE_ORIGIN = 1,
	CODE_AS_PATH = 2,
	CODE_NEXT_HOP = 3,
	CODE_MED = 4,
	CODE_LOCAL_PREF = 5,
	CODE_COMMUNITIES = 8,
	CODE_ORIGINATOR_ID = 9,
	CODE_CLUSTER_LIST = 10,
	CODE_MP_REACH = 14,
	CODE_MP_UNREACH = 15,
};
enum { WELL_KNOWN = 0x40, OPTIONAL = 0x80, TRANSITIVE = 0x40, EXTENDED = 0x10, SET_MAX = 256 };

void bytes_add(struct bytes *b, const void *p, size_t n)
{
	if (b->len + n > b->cap) {
		b->cap = (b->cap + n) * 2;
		b->p = mem_realloc(b->p, b->cap);
	}
	memcpy(b->p + b->len, p, n);
	b->len += n;
}

void bytes_free(struct bytes *b)
{
	mem_free(b->p);
	*b = (struct bytes){0};
}

/* ---- messages ---- */

static void begin(struct wr *w, uint8_t *room)
{
	*w = wr_init(room, UPDATE_MAX);
	memset(wr_room(w, 16), 0xff, 16);
	wr_u16(w, 0);
	wr_u8(w, 2);
}

static void finish(struct bytes *to, struct wr *w)
{
	size_t len = wr_len(w);

	w->base[16] = (uint8_t)(len >> 8);
	w->base[17] = (uint8_t)len;
	bytes_add(to, w->base, len);
}

static unsigned prefix_bytes(const struct prefix *p)
{
	return 1 + (p->len + 7u) / 8;
}

/* As many prefixes as leave `spare` bytes; returns how many. */
static uint32_t put_prefixes(struct wr *w, const struct prefix *p, uint32_t count, size_t spare)
{
	uint32_t n = 0;

	for (; n < count && wr_left(w) >= prefix_bytes(p + n) + spare; n++) {
		wr_u8(w, p[n].len);
		wr_bytes(w, p[n].b, prefix_bytes(p + n) - 1);
	}
	return n;
}

/* ---- attributes ---- */

static void attribute(struct wr *w, uint8_t flags, uint8_t code, const void *value, size_t len)
{
	wr_u8(w, flags);
	wr_u8(w, code);
	wr_u8(w, (uint8_t)len);
	wr_bytes(w, value, len);
}

static void attribute_u32(struct wr *w, uint8_t flags, uint8_t code, uint32_t value)
{
	uint8_t b[4];
	struct wr v = wr_init(b, sizeof(b));

	wr_u32(&v, value);
	attribute(w, flags, code, b, sizeof(b));
}

/* One AS_SEQUENCE: the router's AS if there is one, the sender's, and those behind. */
static void as_path(struct wr *w, uint32_t router, uint32_t own, const struct attributes *a)
{
	unsigned n = a->hops + (router != 0) + (own != 0);

	wr_u8(w, WELL_KNOWN);
	wr_u8(w, CODE_AS_PATH);
	wr_u8(w, (uint8_t)(2 + 4 * n));
	wr_u8(w, 2);
	wr_u8(w, (uint8_t)n);
	if (router)
		wr_u32(w, router);
	if (own)
		wr_u32(w, own);
	for (unsigned i = 0; i < a->hops; i++)
		wr_u32(w, a->path[i]);
}

/* Those below NEXT_HOP and those above it, so that codes rise on the wire. */
static void attributes_low(
    struct wr *w, const struct identity *who, const struct attributes *a, uint32_t router)
{
	attribute(w, WELL_KNOWN, CODE_ORIGIN, &a->origin, 1);
	as_path(w, router, who->ibgp ? 0 : who->as, a);
}

static void attributes_high(
    struct wr *w, const struct identity *who, const struct attributes *a, bool med)
{
	if (med && a->has_med)
		attribute_u32(w, OPTIONAL, CODE_MED, a->med);
	if (who->ibgp)
		attribute_u32(w, WELL_KNOWN, CODE_LOCAL_PREF, LOCAL_PREF);
	if (!a->community_count)
		return;
	wr_u8(w, OPTIONAL | TRANSITIVE);
	wr_u8(w, CODE_COMMUNITIES);
	wr_u8(w, (uint8_t)(4 * a->community_count));
	for (unsigned i = 0; i < a->community_count; i++)
		wr_u32(w, a->communities[i]);
}

uint64_t update_expected(
    const struct identity *who, const struct attributes *a, const struct passage *through)
{
	uint8_t set[SET_MAX], canon[SET_MAX];
	struct wr w = wr_init(set, sizeof(set)), c = wr_init(canon, sizeof(canon));
	/* RFC 4271 5.1.4: the MED of another AS goes no further. */
	bool med = through->direct || who->ibgp;

	attributes_low(&w, who, a, through->direct || who->ibgp ? 0 : through->router_as);
	attributes_high(&w, who, a, med);
	if (through->reflected) {
		attribute_u32(&w, OPTIONAL, CODE_ORIGINATOR_ID, through->originator);
		attribute_u32(&w, OPTIONAL, CODE_CLUSTER_LIST, through->cluster);
	}
	struct rd r = rd_init(set, wr_len(&w));
	while (rd_left(&r)) {
		const uint8_t *head = rd_bytes(&r, 3);
		wr_bytes(&c, head, 2);
		wr_bytes(&c, rd_bytes(&r, head[2]), head[2]);
	}
	return XXH3_64bits(canon, wr_len(&c));
}

/* ---- announcing ---- */

static uint32_t message_ipv4(struct bytes *to, const struct prefix *p, uint32_t count,
    const struct identity *who, const struct attributes *a)
{
	uint8_t room[UPDATE_MAX];
	struct wr w;

	begin(&w, room);
	wr_u16(&w, 0);
	size_t mark = wr_mark16(&w);
	attributes_low(&w, who, a, 0);
	attribute(&w, WELL_KNOWN, CODE_NEXT_HOP, who->next_hop4.b, 4);
	attributes_high(&w, who, a, true);
	wr_fill16(&w, mark);
	uint32_t n = put_prefixes(&w, p, count, 0);
	finish(to, &w);
	return n;
}

static uint32_t message_ipv6(struct bytes *to, const struct prefix *p, uint32_t count,
    const struct identity *who, const struct attributes *a)
{
	uint8_t room[UPDATE_MAX];
	struct wr w;

	begin(&w, room);
	wr_u16(&w, 0);
	size_t mark = wr_mark16(&w);
	attributes_low(&w, who, a, 0);
	attributes_high(&w, who, a, true);
	wr_u8(&w, OPTIONAL | EXTENDED);
	wr_u8(&w, CODE_MP_REACH);
	size_t reach = wr_mark16(&w);
	wr_u16(&w, 2);
	wr_u8(&w, 1);
	wr_u8(&w, 16);
	wr_bytes(&w, who->next_hop6.b, 16);
	wr_u8(&w, 0);
	uint32_t n = put_prefixes(&w, p, count, 0);
	wr_fill16(&w, reach);
	wr_fill16(&w, mark);
	finish(to, &w);
	return n;
}

void update_announce(struct bytes *to, const struct table *t, uint32_t first, uint32_t count,
    const struct identity *who, const struct attributes *a)
{
	const struct prefix *p = t->prefixes + first;

	while (count) {
		uint32_t n = p->family == FAMILY_IPV4 ? message_ipv4(to, p, count, who, a)
						      : message_ipv6(to, p, count, who, a);
		p += n;
		count -= n;
	}
}

/* ---- withdrawing ---- */

static uint32_t withdraw_ipv4(struct bytes *to, const struct prefix *p, uint32_t count)
{
	uint8_t room[UPDATE_MAX];
	struct wr w;

	begin(&w, room);
	size_t mark = wr_mark16(&w);
	uint32_t n = put_prefixes(&w, p, count, 2);
	wr_fill16(&w, mark);
	wr_u16(&w, 0);
	finish(to, &w);
	return n;
}

static uint32_t withdraw_ipv6(struct bytes *to, const struct prefix *p, uint32_t count)
{
	uint8_t room[UPDATE_MAX];
	struct wr w;

	begin(&w, room);
	wr_u16(&w, 0);
	size_t mark = wr_mark16(&w);
	wr_u8(&w, OPTIONAL | EXTENDED);
	wr_u8(&w, CODE_MP_UNREACH);
	size_t unreach = wr_mark16(&w);
	wr_u16(&w, 2);
	wr_u8(&w, 1);
	uint32_t n = put_prefixes(&w, p, count, 0);
	wr_fill16(&w, unreach);
	wr_fill16(&w, mark);
	finish(to, &w);
	return n;
}

void update_withdraw(struct bytes *to, const struct table *t, uint32_t first, uint32_t count)
{
	const struct prefix *p = t->prefixes + first;

	while (count) {
		uint32_t n = p->family == FAMILY_IPV4 ? withdraw_ipv4(to, p, count)
						      : withdraw_ipv6(to, p, count);
		p += n;
		count -= n;
	}
}
