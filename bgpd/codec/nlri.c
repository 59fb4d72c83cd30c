/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Families on the wire: IPv4 and IPv6 unicast, with the forms of their next hops and routes.
 *
 * Routes are checked once, when a message is decoded; walking them afterwards cannot fail. A route
 * whose prefix makes no sense (multicast, link-local IPv6) is skipped by the walk, as RFC 4271 6.3
 * says, so nobody else has to know about it.
 */
#include "bgpd/codec/nlri.h"

#include <assert.h>
#include <string.h>

static void addr_read(struct rd *r, uint8_t family, struct addr *a)
{
	size_t n = family_bytes(family);
	const uint8_t *b = rd_bytes(r, n);
	memset(a, 0, sizeof(*a));
	a->family = family;
	if (b)
		memcpy(a->b, b, n);
}

/* RFC 2545 section 3: a global address, or that and a link-local one. */
static bool ipv6_hop_read(
    struct rd *r, const struct session_traits *t, struct addr *global, struct addr *local)
{
	(void)t;
	size_t len = rd_left(r);
	if (len != 16 && len != 32)
		return false;
	addr_read(r, FAMILY_IPV6, global);
	local->family = FAMILY_NONE;
	if (len == 16)
		return true;
	struct addr second;
	addr_read(r, FAMILY_IPV6, &second);
	if (addr_is_link_local(&second))
		*local = second;
	return true;
}

static bool ipv4_hop_read(
    struct rd *r, const struct session_traits *t, struct addr *global, struct addr *local)
{
	if (rd_left(r) != 4)
		return t->extended_nexthop && ipv6_hop_read(r, t, global, local);
	addr_read(r, FAMILY_IPV4, global);
	local->family = FAMILY_NONE;
	return true;
}

static const struct family_row rows[] = {
    {
	.family = FAMILY_IPV4,
	.afi = 1,
	.safi = 1,
	.max_bits = 32,
	.hop_family = FAMILY_IPV4,
	.in_body = true,
	.hop_extended = true,
	.on_by_default = true,
	.afi_name = "IPv4",
	.safi_name = "unicast",
	.title = "IPv4 Unicast",
	.key = "ipv4Unicast",
	.word = "ipv4",
	.block = "address-family ipv4 unicast",
	.hop_read = ipv4_hop_read,
    },
    {
	.family = FAMILY_IPV6,
	.afi = 2,
	.safi = 1,
	.max_bits = 128,
	.hop_family = FAMILY_IPV6,
	.afi_name = "IPv6",
	.safi_name = "unicast",
	.title = "IPv6 Unicast",
	.key = "ipv6Unicast",
	.word = "ipv6",
	.block = "address-family ipv6 unicast",
	.hop_read = ipv6_hop_read,
    },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
_Static_assert(ROWS + 1 == FAMILY_LIMIT, "a row for each family");

const struct family_row *family_row_of(uint16_t afi, uint8_t safi)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].afi == afi && rows[i].safi == safi)
			return &rows[i];
	}
	return NULL;
}

const struct family_row *family_row_by(enum family family)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].family == family)
			return &rows[i];
	}
	assert(!"a family that is not run");
	return NULL;
}

bool nlri_check(struct span routes, const struct family_row *f, bool addpath)
{
	struct rd r = span_rd(routes);
	while (rd_left(&r)) {
		if (addpath)
			rd_u32(&r);
		uint8_t bits = rd_u8(&r);
		if (bits > f->max_bits || !rd_bytes(&r, (bits + 7u) / 8))
			return false;
	}
	return true;
}

/* Multicast, and link-local IPv6. */
static bool is_nonsense(const struct prefix *p)
{
	if (p->family == FAMILY_IPV4)
		return p->b[0] >> 4 == 0xe;
	return p->b[0] == 0xff || (p->b[0] == 0xfe && (p->b[1] & 0xc0) == 0x80);
}

bool nlri_next(struct rd *r, enum family family, bool addpath, struct prefix *p, uint32_t *path_id)
{
	while (rd_left(r)) {
		*path_id = addpath ? rd_u32(r) : 0;
		struct prefix q = {.family = (uint8_t)family, .len = rd_u8(r)};
		size_t n = (q.len + 7u) / 8;
		const uint8_t *b = rd_bytes(r, n);
		assert(b && n <= sizeof(q.b));
		memcpy(q.b, b, n);
		if (q.len % 8)
			q.b[n - 1] &= (uint8_t)(0xff00 >> q.len % 8);
		if (is_nonsense(&q))
			continue;
		*p = q;
		return true;
	}
	return false;
}

void nlri_write(struct wr *w, const struct prefix *p, bool addpath, uint32_t path_id)
{
	if (addpath)
		wr_u32(w, path_id);
	wr_u8(w, p->len);
	wr_bytes(w, p->b, (p->len + 7u) / 8);
}

bool next_hop_is_martian(const struct addr *a)
{
	if (!addr_is_set(a) || addr_is_loopback(a) || addr_is_multicast(a))
		return true;
	return a->family == FAMILY_IPV4 && (a->b[0] == 0 || a->b[0] >= 240);
}
