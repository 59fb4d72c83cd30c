/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages but for UPDATE: framing, OPEN, KEEPALIVE, NOTIFICATION and ROUTE-REFRESH.
 *
 * Bytes in, values out, and for each error the NOTIFICATION that RFC 4271 section 6 asks for. What
 * a message type may look like on the outside stands in one table. OPEN is read into a struct of
 * fixed size whatever the peer announces; it never depends on our configuration (open_check does).
 */
#include "bgpd/codec/message.h"

#include <string.h>

#include "bgpd/codec/capability.h"

/* Length limits of whole messages (RFC 4271 4.1-4.5; RFC 2918; RFC 8654: OPEN and KEEPALIVE never
 * grow). max 0: what the session allows. */
static const struct {
	uint8_t type;
	uint16_t min, max;
} types[] = {
    {MSG_OPEN, 29, MSG_MAX},
    {MSG_UPDATE, 23, 0},
    {MSG_NOTIFICATION, 21, 0},
    {MSG_KEEPALIVE, MSG_HEADER_LEN, MSG_HEADER_LEN},
    {MSG_ROUTE_REFRESH, 23, 0},
    {MSG_ROUTE_REFRESH_OLD, 23, 0},
};

enum { MARKER_LEN = 16, OPEN_VERSION = 4 };
enum { PARAM_CAPABILITY = 2, PARAM_EXTENDED = 255 };

static bool fail(struct notify *why, uint8_t code, uint8_t subcode, const void *data, size_t len)
{
	notify_set(why, code, subcode, data, len);
	return false;
}

bool msg_header_check(
    const uint8_t *header, uint16_t max_len, uint8_t *type, uint16_t *len, struct notify *why)
{
	struct rd r = rd_init(header, MSG_HEADER_LEN);
	for (int i = 0; i < MARKER_LEN; i++) {
		if (rd_u8(&r) != 0xff)
			return fail(why, NOTIFY_HEADER, NOTIFY_HEADER_SYNC, NULL, 0);
	}
	const uint8_t *length_field = r.p;
	uint16_t n = rd_u16(&r);
	uint8_t t = rd_u8(&r);
	if (n < MSG_HEADER_LEN || n > max_len)
		return fail(why, NOTIFY_HEADER, NOTIFY_HEADER_LENGTH, length_field, 2);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].type != t)
			continue;
		if (n < types[i].min || (types[i].max && n > types[i].max))
			return fail(why, NOTIFY_HEADER, NOTIFY_HEADER_LENGTH, length_field, 2);
		*type = t;
		*len = n;
		return true;
	}
	return fail(why, NOTIFY_HEADER, NOTIFY_HEADER_TYPE, &t, 1);
}

size_t msg_begin(struct wr *w, uint8_t type)
{
	static const uint8_t marker[MARKER_LEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	wr_bytes(w, marker, sizeof(marker));
	size_t mark = wr_mark16(w);
	wr_u8(w, type);
	return mark;
}

void msg_end(struct wr *w, size_t mark)
{
	if (w->bad)
		return;
	size_t len = wr_len(w) - mark + MARKER_LEN;
	w->base[mark] = (uint8_t)(len >> 8);
	w->base[mark + 1] = (uint8_t)len;
}

/* ---- OPEN ---- */

/* Optional parameters {type, length, value}; the length has two octets in RFC 9072's form. */
static bool params_decode(struct rd *r, bool extended, struct cap_set *caps, struct notify *why)
{
	while (rd_left(r)) {
		uint8_t type = rd_u8(r);
		struct rd value = rd_sub(r, extended ? rd_u16(r) : rd_u8(r));
		if (r->bad)
			return fail(why, NOTIFY_OPEN, NOTIFY_UNSPECIFIC, NULL, 0);
		if (type != PARAM_CAPABILITY)
			return fail(why, NOTIFY_OPEN, NOTIFY_OPEN_PARAM, NULL, 0);
		if (!caps_decode(&value, caps))
			return fail(why, NOTIFY_OPEN, NOTIFY_UNSPECIFIC, NULL, 0);
	}
	return true;
}

bool open_decode(const uint8_t *body, size_t len, struct open_msg *out, struct notify *why)
{
	struct rd r = rd_init(body, len);
	struct open_msg o = {.version = rd_u8(&r)};
	static const uint8_t our_version[2] = {0, OPEN_VERSION};
	if (!r.bad && o.version != OPEN_VERSION)
		return fail(why, NOTIFY_OPEN, NOTIFY_OPEN_VERSION, our_version, 2);
	uint16_t as2 = rd_u16(&r);
	o.hold_time = rd_u16(&r);
	o.bgp_id = rd_u32(&r);
	size_t params_len = rd_u8(&r);
	/* RFC 9072 section 2: the length octet may then be any but 0. */
	o.extended_params = params_len && rd_left(&r) && *r.p == PARAM_EXTENDED;
	if (o.extended_params) {
		rd_u8(&r);
		params_len = rd_u16(&r);
	}
	if (r.bad || rd_left(&r) != params_len)
		return fail(why, NOTIFY_OPEN, NOTIFY_UNSPECIFIC, NULL, 0);
	if (!params_decode(&r, o.extended_params, &o.caps, why))
		return false;
	/* RFC 6793 4.2.1: a small AS stands in both places and must be the same. */
	if (o.caps.as4 && as2 != AS_TRANS && as2 != o.caps.as)
		return fail(why, NOTIFY_OPEN, NOTIFY_OPEN_PEER_AS, NULL, 0);
	o.as = o.caps.as4 ? o.caps.as : as2;
	*out = o;
	return true;
}

bool open_check(const struct open_msg *o, uint32_t remote_as, uint32_t local_as, uint32_t local_id,
    struct notify *why)
{
	if (o->as == 0 || o->as == AS_TRANS || (remote_as && o->as != remote_as))
		return fail(why, NOTIFY_OPEN, NOTIFY_OPEN_PEER_AS, NULL, 0);
	if (o->bgp_id == 0 || (o->as == local_as && o->bgp_id == local_id))
		return fail(why, NOTIFY_OPEN, NOTIFY_OPEN_BGP_ID, NULL, 0);
	if (o->hold_time == 1 || o->hold_time == 2)
		return fail(why, NOTIFY_OPEN, NOTIFY_OPEN_HOLD_TIME, NULL, 0);
	return true;
}

/* All capabilities as one parameter a capability, which is what the oldest receivers want. */
static void params_encode(struct wr *w, const uint8_t *caps, size_t len, bool extended)
{
	struct rd r = rd_init(caps, len);
	while (rd_left(&r)) {
		uint8_t code = rd_u8(&r), n = rd_u8(&r);
		wr_u8(w, PARAM_CAPABILITY);
		if (extended)
			wr_u8(w, 0);
		wr_u8(w, (uint8_t)(n + 2));
		wr_u8(w, code);
		wr_u8(w, n);
		wr_bytes(w, rd_bytes(&r, n), n);
	}
}

/* What params_encode adds to the capabilities themselves. */
static size_t params_size(const uint8_t *caps, size_t len, bool extended)
{
	struct rd r = rd_init(caps, len);
	size_t size = len;
	while (rd_left(&r)) {
		rd_u8(&r);
		rd_bytes(&r, rd_u8(&r));
		size += extended ? 3 : 2;
	}
	return size;
}

void open_encode(struct wr *w, const struct open_msg *o, bool force_extended_params)
{
	uint8_t caps[1024];
	struct wr cw = wr_init(caps, sizeof(caps));
	caps_encode(&cw, &o->caps);
	bool extended =
	    force_extended_params || params_size(caps, wr_len(&cw), false) >= PARAM_EXTENDED;
	size_t size = params_size(caps, wr_len(&cw), extended);

	size_t mark = msg_begin(w, MSG_OPEN);
	wr_u8(w, o->version);
	wr_u16(w, (uint16_t)(o->as > 0xffff ? AS_TRANS : o->as));
	wr_u16(w, o->hold_time);
	wr_u32(w, o->bgp_id);
	if (extended) {
		wr_u8(w, PARAM_EXTENDED);
		wr_u8(w, PARAM_EXTENDED);
		wr_u16(w, (uint16_t)size);
	} else {
		wr_u8(w, (uint8_t)size);
	}
	params_encode(w, caps, wr_len(&cw), extended);
	w->bad = w->bad || cw.bad;
	msg_end(w, mark);
}

/* ---- the small ones ---- */

void keepalive_encode(struct wr *w)
{
	msg_end(w, msg_begin(w, MSG_KEEPALIVE));
}

void notify_encode(struct wr *w, const struct notify *n)
{
	size_t mark = msg_begin(w, MSG_NOTIFICATION);
	wr_u8(w, n->code);
	wr_u8(w, n->subcode);
	wr_bytes(w, n->data, n->len);
	msg_end(w, mark);
}

bool notify_decode(const uint8_t *body, size_t len, struct notify *out)
{
	struct rd r = rd_init(body, len);
	uint8_t code = rd_u8(&r), subcode = rd_u8(&r);
	if (r.bad)
		return false;
	notify_set(out, code, subcode, r.p, rd_left(&r));
	return true;
}

void refresh_encode(struct wr *w, const struct refresh_msg *m)
{
	size_t mark = msg_begin(w, MSG_ROUTE_REFRESH);
	wr_u16(w, m->afi);
	wr_u8(w, m->subtype);
	wr_u8(w, m->safi);
	msg_end(w, mark);
}

/* RFC 7313 section 5: the data is the whole message, which we write anew. */
static bool refresh_fail(const uint8_t *body, size_t len, struct notify *why)
{
	uint8_t msg[NOTIFY_DATA_MAX];
	struct wr w = wr_init(msg, sizeof(msg));
	size_t mark = msg_begin(&w, MSG_ROUTE_REFRESH), room = wr_left(&w);
	wr_bytes(&w, body, len < room ? len : room);
	msg[mark] = (uint8_t)((len + MSG_HEADER_LEN) >> 8);
	msg[mark + 1] = (uint8_t)(len + MSG_HEADER_LEN);
	return fail(why, NOTIFY_ROUTE_REFRESH, NOTIFY_REFRESH_LENGTH, msg, wr_len(&w));
}

bool refresh_decode(const uint8_t *body, size_t len, struct refresh_msg *out, struct notify *why)
{
	struct rd r = rd_init(body, len);
	struct refresh_msg m = {.afi = rd_u16(&r)};
	m.subtype = rd_u8(&r);
	m.safi = rd_u8(&r);
	bool marker = m.subtype == REFRESH_BEGIN || m.subtype == REFRESH_END;
	if (r.bad || (marker && rd_left(&r)))
		return refresh_fail(body, len, why);
	*out = m;
	return true;
}
