/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Communities of the three kinds (RFC 1997, 4360, 8092): canonical order, membership and text.
 *
 * A list is canonical when it is sorted by its bytes and holds nothing twice; decoding and policy
 * make it so once, and everything else relies on it. The text is FRR's to the byte, since scripts
 * and expanded community lists match on it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bgpd/codec/attr.h"

static const struct {
	uint32_t value;
	const char *name;
} well_known[] = {
    {COMMUNITY_GRACEFUL_SHUTDOWN, "graceful-shutdown"},
    {0xffff0001u, "accept-own"},
    {0xffff0002u, "route-filter-translated-v4"},
    {0xffff0003u, "route-filter-v4"},
    {0xffff0004u, "route-filter-translated-v6"},
    {0xffff0005u, "route-filter-v6"},
    {COMMUNITY_LLGR_STALE, "llgr-stale"},
    {COMMUNITY_NO_LLGR, "no-llgr"},
    {0xffff0008u, "accept-own-nexthop"},
    {COMMUNITY_BLACKHOLE, "blackhole"},
    {COMMUNITY_NO_EXPORT, "no-export"},
    {COMMUNITY_NO_ADVERTISE, "no-advertise"},
    {COMMUNITY_NO_EXPORT_SUBCONFED, "local-AS"},
    {COMMUNITY_NOPEER, "no-peer"},
};

const char *community_name(uint32_t value)
{
	for (size_t i = 0; i < sizeof(well_known) / sizeof(well_known[0]); i++) {
		if (well_known[i].value == value)
			return well_known[i].name;
	}
	return NULL;
}

bool community_has(struct span c, uint32_t value)
{
	struct rd r = span_rd(c);
	while (rd_left(&r)) {
		if (rd_u32(&r) == value)
			return true;
	}
	return false;
}

static int compare4(const void *a, const void *b)
{
	return memcmp(a, b, 4);
}

static int compare8(const void *a, const void *b)
{
	return memcmp(a, b, 8);
}

static int compare12(const void *a, const void *b)
{
	return memcmp(a, b, 12);
}

static bool is_canonical(struct span c, unsigned width)
{
	for (unsigned i = width; i < c.len; i += width) {
		if (memcmp(c.p + i - width, c.p + i, width) >= 0)
			return false;
	}
	return true;
}

struct span community_canon(struct arena *a, struct span c, unsigned width)
{
	if (is_canonical(c, width))
		return c;
	uint8_t *buf = arena_alloc(a, c.len);
	uint16_t len = 0;
	memcpy(buf, c.p, c.len);
	qsort(buf, c.len / width, width, width == 4 ? compare4 : width == 8 ? compare8 : compare12);
	for (unsigned i = 0; i < c.len; i += width) {
		if (len && memcmp(buf + len - width, buf + i, width) == 0)
			continue;
		memmove(buf + len, buf + i, width);
		len = (uint16_t)(len + width);
	}
	return (struct span){buf, len};
}

static void separate(struct sb *to, const struct rd *r, struct span c)
{
	if (r->p != c.p)
		sb_addc(to, ' ');
}

void community_str(struct span c, struct sb *to)
{
	struct rd r = span_rd(c);
	while (rd_left(&r)) {
		separate(to, &r, c);
		uint32_t v = rd_u32(&r);
		const char *name = community_name(v);
		if (name)
			sb_add(to, name);
		else
			sb_fmt(to, "%u:%u", v >> 16, v & 0xffff);
	}
}

void large_community_str(struct span c, struct sb *to)
{
	struct rd r = span_rd(c);
	while (rd_left(&r)) {
		separate(to, &r, c);
		uint32_t global = rd_u32(&r), data1 = rd_u32(&r), data2 = rd_u32(&r);
		sb_fmt(to, "%u:%u:%u", global, data1, data2);
	}
}

/* ---- extended communities: type, subtype, six bytes of value ---- */

enum { EXT_AS2 = 0x00, EXT_IPV4 = 0x01, EXT_AS4 = 0x02, EXT_NON_TRANSITIVE = 0x40 };
enum { EXT_RT = 0x02, EXT_SOO = 0x03, EXT_BANDWIDTH = 0x04 };

static float read_float(struct rd *r)
{
	uint32_t raw = rd_u32(r);
	float f;
	memcpy(&f, &raw, sizeof(f));
	return f;
}

/* The rate is an IEEE float in bytes per second (draft-ietf-idr-link-bandwidth). */
static void bandwidth_str(struct rd *r, struct sb *to)
{
	static const struct {
		float above;
		const char *unit;
	} scale[] = {{1e9f, "Gbps"}, {1e6f, "Mbps"}, {1e3f, "Kbps"}, {0, "bps"}};
	uint16_t as = rd_u16(r);
	float bytes = read_float(r);
	if (!(bytes >= 0) || !isfinite(bytes))
		bytes = 0;
	uint32_t whole = bytes >= (float)UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
	float bits = (float)whole * 8;
	size_t i = 0;
	while (bits < scale[i].above)
		i++;
	float value = i == 3 ? bits : bits / scale[i].above;
	sb_fmt(to, "LB:%u:%u (%.3f %s)", as, whole, (double)value, scale[i].unit);
}

/* Route target and site of origin: "AS:number" or "address:number". */
static void ext_target_str(uint8_t type, struct rd *r, struct sb *to)
{
	if (type == EXT_IPV4) {
		char buf[ADDR_STRLEN];
		struct addr a = addr_from_ipv4(rd_u32(r));
		sb_fmt(to, "%s:%u", addr_str(&a, buf), rd_u16(r));
	} else if (type == EXT_AS4) {
		uint32_t as = rd_u32(r);
		sb_fmt(to, "%u:%u", as, rd_u16(r));
	} else {
		uint16_t as = rd_u16(r);
		sb_fmt(to, "%u:%u", as, rd_u32(r));
	}
}

/* RFC 9012 4.1: the encapsulation's tunnel type is in the last two octets. */
static void ext_encap_str(struct rd *r, struct sb *to)
{
	rd_u32(r);
	sb_fmt(to, "ET:%u", rd_u16(r));
}

/* RFC 8097 */
static void ext_validation_str(struct rd *r, struct sb *to)
{
	static const char *const words[] = {"valid", "not-found", "invalid"};
	uint32_t high = rd_u32(r);
	uint16_t state = rd_u16(r);
	if (high == 0 && state < 3)
		sb_fmt(to, "OVS:%s", words[state]);
	else
		sb_fmt(to, "OVS:%u", state);
}

/* RFC 8955 7.1 */
static void ext_flow_rate_str(struct rd *r, struct sb *to)
{
	rd_u16(r);
	sb_fmt(to, "FS:rate %f", (double)read_float(r));
}

/* RFC 8955 7.4 */
static void ext_flow_redirect_str(struct rd *r, struct sb *to)
{
	sb_add(to, "FS:redirect VRF RT:");
	ext_target_str(EXT_AS2, r, to);
}

static void ext_one_str(struct rd *r, struct sb *to)
{
	static const struct {
		uint8_t type, subtype;
		void (*str)(struct rd *r, struct sb *to);
	} others[] = {{EXT_AS2, EXT_BANDWIDTH, bandwidth_str},
	    {EXT_AS2 | EXT_NON_TRANSITIVE, EXT_BANDWIDTH, bandwidth_str},
	    {0x03, 0x0c, ext_encap_str}, {0x43, 0x00, ext_validation_str},
	    {0x80, 0x06, ext_flow_rate_str}, {0x80, 0x08, ext_flow_redirect_str}};
	uint8_t type = rd_u8(r), subtype = rd_u8(r);
	if (type <= EXT_AS4 && (subtype == EXT_RT || subtype == EXT_SOO)) {
		sb_add(to, subtype == EXT_RT ? "RT:" : "SoO:");
		ext_target_str(type, r, to);
		return;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (others[i].type == type && others[i].subtype == subtype) {
			others[i].str(r, to);
			return;
		}
	}
	sb_fmt(to, "UNK:%d, %d", type, subtype);
}

void ext_community_str(struct span c, struct sb *to)
{
	struct rd r = span_rd(c);
	while (rd_left(&r)) {
		separate(to, &r, c);
		struct rd one = rd_sub(&r, 8);
		ext_one_str(&one, to);
	}
}
