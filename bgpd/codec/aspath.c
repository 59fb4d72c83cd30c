/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AS paths in the 4-octet wire form: segments {type, count, count * u32} (RFC 4271 5.1.2, 6793).
 *
 * A path that reaches this module was checked when it was decoded or was built here, so walking one
 * cannot fail; it is still read through a bounded cursor. Paths are never changed in place: prepend
 * and merge write a new one into an arena. No segment is ever empty or longer than 255.
 */
#include "bgpd/codec/aspath.h"

#include <string.h>

enum { SEGMENT_MAX = 255, AS_LEN = 4 };

bool segment_next(struct rd *r, struct segment *s)
{
	if (!rd_left(r))
		return false;
	s->type = rd_u8(r);
	s->count = rd_u8(r);
	s->as = rd_sub(r, (size_t)s->count * AS_LEN);
	return !r->bad;
}

static bool segment_is_confed(const struct segment *s)
{
	return s->type == AS_CONFED_SEQUENCE || s->type == AS_CONFED_SET;
}

static bool segment_is_set(const struct segment *s)
{
	return s->type == AS_SET || s->type == AS_CONFED_SET;
}

static unsigned segment_hops(const struct segment *s)
{
	if (segment_is_confed(s))
		return 0;
	return s->type == AS_SET ? 1 : s->count;
}

unsigned aspath_hops(struct span path)
{
	struct rd r = span_rd(path);
	struct segment s;
	unsigned hops = 0;
	while (segment_next(&r, &s))
		hops += segment_hops(&s);
	return hops;
}

unsigned aspath_count(struct span path, uint32_t as)
{
	struct rd r = span_rd(path);
	struct segment s;
	unsigned n = 0;
	while (segment_next(&r, &s)) {
		while (rd_left(&s.as))
			n += rd_u32(&s.as) == as;
	}
	return n;
}

uint32_t aspath_first(struct span path)
{
	struct rd r = span_rd(path);
	struct segment s;
	if (!segment_next(&r, &s) || segment_is_set(&s))
		return 0;
	return rd_u32(&s.as);
}

uint32_t aspath_origin(struct span path)
{
	struct rd r = span_rd(path);
	struct segment s;
	uint32_t last = 0;

	while (segment_next(&r, &s)) {
		bool sequence = !segment_is_set(&s) && !segment_is_confed(&s);

		last = 0;
		while (rd_left(&s.as))
			last = rd_u32(&s.as);
		last = sequence ? last : 0;
	}
	return last;
}

uint32_t aspath_neighbor(struct span path)
{
	struct rd r = span_rd(path);
	struct segment s;
	while (segment_next(&r, &s)) {
		if (!segment_is_confed(&s))
			return s.type == AS_SEQUENCE ? rd_u32(&s.as) : 0;
	}
	return 0;
}

bool aspath_has_set(struct span path)
{
	struct rd r = span_rd(path);
	struct segment s;
	while (segment_next(&r, &s)) {
		if (segment_is_set(&s))
			return true;
	}
	return false;
}

bool aspath_has_wide(struct span path)
{
	struct rd r = span_rd(path);
	struct segment s;
	while (segment_next(&r, &s)) {
		while (rd_left(&s.as)) {
			if (rd_u32(&s.as) > UINT16_MAX)
				return true;
		}
	}
	return false;
}

/* RFC 6996, as FRR: the last number of each range is reserved. */
static bool as_is_private(uint32_t as)
{
	return (as >= 64512 && as <= 65534) || (as >= 4200000000u && as <= 4294967294u);
}

static bool all_private(struct span path)
{
	struct rd r = span_rd(path);
	struct segment s;

	while (segment_next(&r, &s))
		while (rd_left(&s.as))
			if (!as_is_private(rd_u32(&s.as)))
				return false;
	return true;
}

struct span aspath_without_private(
    struct arena *a, struct span path, bool all, uint32_t by, uint32_t keep)
{
	bool whole = all_private(path);
	struct rd r = span_rd(path);
	struct segment s;

	if (!path.len || (!all && !whole))
		return path;
	if (whole && !by)
		return (struct span){0};
	uint8_t *buf = arena_alloc(a, path.len), *out = buf;
	while (segment_next(&r, &s)) {
		struct wr w = wr_init(out + 2, (size_t)s.count * AS_LEN);

		while (rd_left(&s.as)) {
			uint32_t as = rd_u32(&s.as);

			if (!as_is_private(as) || as == keep)
				wr_u32(&w, as);
			else if (by)
				wr_u32(&w, by);
		}
		out[0] = s.type;
		out[1] = (uint8_t)(wr_len(&w) / AS_LEN);
		out += wr_len(&w) ? 2 + wr_len(&w) : 0;
	}
	return (struct span){buf, (uint16_t)(out - buf)};
}

struct span aspath_prepend(struct arena *a, struct span path, uint32_t as, unsigned times)
{
	struct rd r = span_rd(path);
	struct segment lead = {0};
	struct span rest = path;
	if (segment_next(&r, &lead) && lead.type == AS_SEQUENCE)
		rest = (struct span){r.p, (uint16_t)rd_left(&r)};
	else
		lead = (struct segment){0};

	unsigned total = times + lead.count, segments = (total + SEGMENT_MAX - 1) / SEGMENT_MAX;
	size_t size = (size_t)segments * 2 + (size_t)total * AS_LEN + rest.len;
	if (times == 0 || size > UINT16_MAX)
		return path;
	uint8_t *buf = arena_alloc(a, size);
	struct wr w = wr_init(buf, size);
	/* Segments are filled from the back, so that the first one is the one that has room left.
	 */
	for (unsigned left = total; left > 0;) {
		unsigned n = left % SEGMENT_MAX ? left % SEGMENT_MAX : SEGMENT_MAX;
		wr_u8(&w, AS_SEQUENCE);
		wr_u8(&w, (uint8_t)n);
		for (; n > 0; n--, left--)
			wr_u32(&w, left > lead.count ? as : rd_u32(&lead.as));
	}
	wr_bytes(&w, rest.p, rest.len);
	return (struct span){buf, (uint16_t)wr_len(&w)};
}

/* ---- wire forms ---- */

bool aspath_check(struct span wire, unsigned as_len, bool confed_allowed, size_t *wide_len)
{
	struct rd r = span_rd(wire);
	size_t len = 0;
	while (rd_left(&r)) {
		uint8_t type = rd_u8(&r), count = rd_u8(&r);
		struct rd as = rd_sub(&r, (size_t)count * as_len);
		if (r.bad || count == 0 || type < AS_SET || type > AS_CONFED_SET)
			return false;
		if (!confed_allowed && type >= AS_CONFED_SEQUENCE)
			return false;
		while (rd_left(&as)) {
			if ((as_len == 2 ? rd_u16(&as) : rd_u32(&as)) == 0)
				return false; /* RFC 7607 */
		}
		len += 2u + (size_t)count * AS_LEN;
	}
	*wide_len = len;
	return len <= UINT16_MAX;
}

struct span aspath_widen(struct arena *a, struct span wire, size_t wide_len)
{
	struct rd r = span_rd(wire);
	uint8_t *buf = arena_alloc(a, wide_len);
	struct wr w = wr_init(buf, wide_len);
	while (rd_left(&r)) {
		wr_u8(&w, rd_u8(&r));
		uint8_t count = rd_u8(&r);
		wr_u8(&w, count);
		for (; count > 0; count--)
			wr_u32(&w, rd_u16(&r));
	}
	return (struct span){buf, (uint16_t)wr_len(&w)};
}

void aspath_encode(struct wr *w, struct span path, bool as4)
{
	struct rd r = span_rd(path);
	struct segment s;
	if (as4) {
		wr_bytes(w, path.p, path.len);
		return;
	}
	while (segment_next(&r, &s)) {
		wr_u8(w, s.type);
		wr_u8(w, s.count);
		while (rd_left(&s.as)) {
			uint32_t as = rd_u32(&s.as);
			wr_u16(w, (uint16_t)(as > UINT16_MAX ? AS_TRANS : as));
		}
	}
}

void aspath_encode_public(struct wr *w, struct span path)
{
	struct rd r = span_rd(path);
	struct segment s;
	while (segment_next(&r, &s)) {
		if (segment_is_confed(&s))
			continue;
		wr_u8(w, s.type);
		wr_u8(w, s.count);
		wr_bytes(w, s.as.p, rd_left(&s.as));
	}
}

/* Writes the segments of path that stand for its first `hops` hops (leading confederation segments
 * included). Returns the offset of the last segment written if it is a sequence, else SIZE_MAX. */
static size_t copy_hops(struct wr *w, struct span path, unsigned hops)
{
	struct rd r = span_rd(path);
	struct segment s;
	size_t last = SIZE_MAX;
	while (segment_next(&r, &s) && (hops > 0 || segment_is_confed(&s))) {
		unsigned count = s.count;
		if (s.type == AS_SEQUENCE && count > hops)
			count = hops;
		last = s.type == AS_SEQUENCE ? wr_len(w) : SIZE_MAX;
		wr_u8(w, s.type);
		wr_u8(w, (uint8_t)count);
		wr_bytes(w, s.as.p, (size_t)count * AS_LEN);
		hops -= s.type == AS_SEQUENCE ? count : segment_hops(&s);
	}
	return last;
}

struct span aspath_merge(struct arena *a, struct span path, struct span as4_path)
{
	unsigned hops = aspath_hops(path), hops4 = aspath_hops(as4_path);
	size_t size = (size_t)path.len + as4_path.len;
	if (hops < hops4 || hops4 == 0 || size > UINT16_MAX)
		return path;
	uint8_t *buf = arena_alloc(a, size);
	struct wr w = wr_init(buf, size);
	size_t last = copy_hops(&w, path, hops - hops4);

	struct rd r = span_rd(as4_path);
	struct segment s;
	while (segment_next(&r, &s)) {
		if (segment_is_confed(&s))
			continue; /* RFC 6793 section 6: not wanted there */
		if (last != SIZE_MAX && s.type == AS_SEQUENCE &&
		    buf[last + 1] + s.count <= SEGMENT_MAX) {
			buf[last + 1] = (uint8_t)(buf[last + 1] + s.count);
		} else {
			wr_u8(&w, s.type);
			wr_u8(&w, s.count);
		}
		wr_bytes(&w, s.as.p, rd_left(&s.as));
		last = SIZE_MAX;
	}
	return (struct span){buf, (uint16_t)wr_len(&w)};
}

/* ---- text ---- */

void aspath_str(struct span path, struct sb *to)
{
	static const struct {
		char open, close, between; /* 0: nothing */
	} style[] = {[AS_SET] = {'{', '}', ','},
	    [AS_SEQUENCE] = {0, 0, ' '},
	    [AS_CONFED_SEQUENCE] = {'(', ')', ' '},
	    [AS_CONFED_SET] = {'[', ']', ','}};
	struct rd r = span_rd(path);
	struct segment s;
	for (bool first = true; segment_next(&r, &s); first = false) {
		if (!first)
			sb_addc(to, ' ');
		if (style[s.type].open)
			sb_addc(to, style[s.type].open);
		for (bool lead = true; rd_left(&s.as); lead = false) {
			if (!lead)
				sb_addc(to, style[s.type].between);
			sb_uint(to, rd_u32(&s.as));
		}
		if (style[s.type].close)
			sb_addc(to, style[s.type].close);
	}
}
