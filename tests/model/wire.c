/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads UPDATEs as a neighbor would: strictly, by RFC 4271 4.3, 4760, 6793, and with no code of
 * Ferro's. Whatever a careful receiver might complain about is a failure here: a flag that does not
 * belong to its attribute, an attribute twice or out of order, one too many, a length.
 */
#include <string.h>

#include "model.h"

struct in {
	const uint8_t *p;
	size_t left;
};

static const uint8_t *take(struct in *in, size_t n)
{
	const uint8_t *at = in->p;

	if (in->left < n)
		fail("a message ends in the middle of something");
	in->p += n;
	in->left -= n;
	return at;
}

static uint32_t number(struct in *in, unsigned bytes)
{
	const uint8_t *b = take(in, bytes);
	uint32_t v = 0;

	for (unsigned k = 0; k < bytes; k++)
		v = v << 8 | b[k];
	return v;
}

static struct in part(struct in *in, size_t n)
{
	return (struct in){take(in, n), n};
}

/* ---- attributes ---- */

struct heard {
	struct route r;
	bool has_path, has_hop, has_origin;
	uint32_t wide[MAX_PATH]; /* AS4_PATH */
	uint8_t wide_len, wide_in_set;
	uint32_t wide_aggregator_as;
	struct in reach, unreach; /* routes inside of MP_REACH, MP_UNREACH */
	enum family reach_family, unreach_family;
};

static void read_path(struct in v, unsigned width, uint32_t *path, uint8_t *len, uint8_t *in_set)
{
	while (v.left) {
		uint32_t type = number(&v, 1), count = number(&v, 1);
		if ((type != 1 && type != 2) || !count || *in_set || *len + count > MAX_PATH)
			fail("AS path segment %u of %u", type, count);
		for (uint32_t k = 0; k < count; k++)
			path[(*len)++] = number(&v, width);
		if (type == 1)
			*in_set = (uint8_t)count;
	}
}

static void read_hop(struct in hop, struct route *r)
{
	bool six = hop.left != 4;

	if (hop.left != 4 && hop.left != 16 && hop.left != 32)
		fail("a next hop of %zu octets", hop.left);
	r->hop.family = six ? FAMILY_IPV6 : FAMILY_IPV4;
	memcpy(r->hop.b, take(&hop, six ? 16 : 4), six ? 16 : 4);
	if (hop.left) {
		r->hop_local.family = FAMILY_IPV6;
		memcpy(r->hop_local.b, take(&hop, 16), 16);
	}
}

static void read_communities(struct in v, struct route *r)
{
	if (v.left == HUGE * 4) {
		r->huge = true;
		for (unsigned k = 0; k < HUGE; k++)
			if (number(&v, 4) != huge_community(k))
				fail("community %u of many", k);
		return;
	}
	while (v.left && r->community_count < 2)
		r->communities[r->community_count++] = number(&v, 4);
	if (v.left)
		fail("too many communities");
}

static enum family read_family(struct in *v)
{
	uint32_t afi = number(v, 2), safi = number(v, 1);

	if ((afi != 1 && afi != 2) || safi != 1)
		fail("family %u/%u", afi, safi);
	return afi == 2 ? FAMILY_IPV6 : FAMILY_IPV4;
}

static void read_mp(struct heard *h, uint32_t code, struct in v)
{
	if (code == 15) {
		h->unreach_family = read_family(&v);
		h->unreach = v;
		return;
	}
	h->reach_family = read_family(&v);
	read_hop(part(&v, number(&v, 1)), &h->r);
	(void)number(&v, 1);
	h->reach = v;
}

static void read_value(const struct wire_reader *w, struct heard *h, uint32_t code, struct in v)
{
	struct route *r = &h->r;
	unsigned width = w->as4 ? 4 : 2;

	h->has_origin |= code == 1;
	h->has_path |= code == 2;
	h->has_hop |= code == 3 || code == 14;
	switch (code) {
	case 1:
		r->origin = (uint8_t)number(&v, 1);
		break;
	case 2:
		read_path(v, width, r->path, &r->path_len, &r->in_set);
		v.left = 0;
		break;
	case 3:
		read_hop(v, r);
		v.left = 0;
		break;
	case 4:
		r->med = number(&v, 4);
		r->has_med = true;
		break;
	case 5:
		r->lp = number(&v, 4);
		r->has_lp = true;
		break;
	case 6:
		r->atomic = true;
		break;
	case 7:
		r->has_aggregator = true;
		r->aggregator_as = number(&v, width);
		r->aggregator_id = number(&v, 4);
		break;
	case 8:
		read_communities(v, r);
		v.left = 0;
		break;
	case 9:
		r->originator = number(&v, 4);
		r->has_originator = true;
		break;
	case 10:
		while (v.left && r->cluster_count < 4)
			r->clusters[r->cluster_count++] = number(&v, 4);
		break;
	case 14:
	case 15:
		read_mp(h, code, v);
		return;
	case 16:
		while (v.left && r->ext_count < 2)
			memcpy(r->ext[r->ext_count++], take(&v, 8), 8);
		break;
	case 17:
		read_path(v, 4, h->wide, &h->wide_len, &h->wide_in_set);
		v.left = 0;
		break;
	case 18:
		h->wide_aggregator_as = number(&v, 4);
		(void)number(&v, 4);
		break;
	case 32:
		for (unsigned k = 0; k < 3; k++)
			r->large[k] = number(&v, 4);
		r->large_count = 1;
		break;
	case 99:
		if (memcmp(take(&v, 3), "abc", 3) != 0)
			fail("the unknown attribute is another one");
		r->unknown = true;
		break;
	default:
		fail("attribute %u was never put in", code);
	}
	if (v.left)
		fail("attribute %u is longer than its value", code);
}

/* Optional and transitive, as the RFCs have them; the Extended Length bit is the writer's. */
static uint32_t flags_of(uint32_t code)
{
	switch (code) {
	case 4:
	case 9:
	case 10:
	case 14:
	case 15:
		return 0x80;
	case 7:
	case 8:
	case 16:
	case 17:
	case 18:
	case 32:
		return 0xc0;
	case 99:
		return 0xe0;
	default:
		return 0x40;
	}
}

static void read_attributes(const struct wire_reader *w, struct in attrs, struct heard *h)
{
	uint32_t before = 0;

	while (attrs.left) {
		uint32_t flags = number(&attrs, 1), code = number(&attrs, 1);
		uint32_t len = number(&attrs, flags & 0x10 ? 2 : 1);
		bool mp = code == 14 || code == 15;
		if ((flags & ~0x10u) != flags_of(code))
			fail("attribute %u with flags %#x", code, flags);
		/* RFC 7606 5.1 wants the routes first; the others rise. */
		if (mp ? before != 0 : code <= before)
			fail("attribute %u behind %u", code, before);
		before = mp ? 0 : code;
		read_value(w, h, code, part(&attrs, len));
	}
}

/* RFC 6793 4.2.3: a narrow path stands for the wide one, AS by AS. */
static void widen(const struct wire_reader *w, struct heard *h)
{
	struct route *r = &h->r;

	if (w->as4 && (h->wide_len || h->wide_aggregator_as))
		fail("AS4 attributes on a session with wide AS numbers");
	if (h->wide_len) {
		if (h->wide_len != r->path_len || h->wide_in_set != r->in_set)
			fail("AS4_PATH has %u numbers, AS_PATH %u", h->wide_len, r->path_len);
		for (unsigned k = 0; k < r->path_len; k++)
			if (r->path[k] != (h->wide[k] > 65535 ? 23456 : h->wide[k]))
				fail("AS %u of the path is %u, of AS4_PATH %u", k, r->path[k],
				    h->wide[k]);
		memcpy(r->path, h->wide, sizeof(r->path));
	}
	if (h->wide_aggregator_as) {
		if (r->aggregator_as != 23456)
			fail("AS4_AGGREGATOR beside %u", r->aggregator_as);
		r->aggregator_as = h->wide_aggregator_as;
	}
}

/* ---- routes ---- */

static struct prefix read_prefix(struct in *in, enum family f)
{
	struct prefix p = {.family = (uint8_t)f, .len = (uint8_t)number(in, 1)};

	if (p.len > (f == FAMILY_IPV6 ? 128 : 32))
		fail("a prefix of %u bits", p.len);
	memcpy(p.b, take(in, (p.len + 7u) / 8), (p.len + 7u) / 8);
	return p;
}

static void routes(const struct wire_reader *w, struct in in, enum family f, const struct route *r)
{
	while (in.left) {
		struct prefix p = read_prefix(&in, f);
		if (r)
			w->announced(w->ctx, &p, r);
		else
			w->withdrawn(w->ctx, &p);
	}
}

static void read_update(const struct wire_reader *w, struct in in)
{
	struct heard h;

	memset(&h, 0, sizeof(h));
	struct in gone = part(&in, number(&in, 2));
	struct in attrs = part(&in, number(&in, 2));
	bool empty = !gone.left && !attrs.left && !in.left;
	read_attributes(w, attrs, &h);
	widen(w, &h);
	if ((in.left || h.reach.left) && (!h.has_path || !h.has_origin || !h.has_hop))
		fail("routes without a mandatory attribute");
	if (empty || (h.unreach_family && !h.unreach.left)) {
		w->end_of_rib(w->ctx, empty ? FAMILY_IPV4 : h.unreach_family);
		return;
	}
	if (!gone.left && !in.left && !h.reach.left && !h.unreach.left)
		fail("a message that says nothing");
	routes(w, gone, FAMILY_IPV4, NULL);
	routes(w, h.unreach, h.unreach_family, NULL);
	routes(w, in, FAMILY_IPV4, &h.r);
	routes(w, h.reach, h.reach_family, &h.r);
}

unsigned wire_read(const struct wire_reader *w, const uint8_t *data, size_t len)
{
	struct in in = {data, len};
	unsigned n = 0;

	for (; in.left; n++) {
		const uint8_t *marker = take(&in, 16);
		for (unsigned k = 0; k < 16; k++)
			if (marker[k] != 0xff)
				fail("octet %u of a marker", k);
		uint32_t total = number(&in, 2);
		if (total < 23 || total > w->max_message)
			fail("a message of %u octets", total);
		if (number(&in, 1) != 2)
			fail("not an UPDATE");
		read_update(w, part(&in, total - 19));
	}
	return n;
}
