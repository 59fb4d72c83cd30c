/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The capability table: code, exact or minimum length, decoder and encoder of each.
 *
 * The loop does the framing and the length check; a decoder sees only its own value. A capability
 * that makes no sense is ignored, as if the peer had not sent it: refusing the session would help
 * nobody. Lists keep the first CAP_SET_FAMILIES families, each once, so that input of any size ends
 * in a struct of fixed size.
 */
#include "bgpd/codec/capability.h"

#include <stddef.h>
#include <string.h>

struct cap_row {
	uint8_t code;
	uint8_t min;    /* length in bytes */
	uint8_t unit;   /* (length - min) must be a multiple of it, or EXACT: 0 */
	size_t present; /* offset in struct cap_set of the bool or count that says it is there */
	/* A decoder leaves caps alone if the value makes no sense. NULL: only `present` is set. */
	void (*decode)(struct rd *r, struct cap_set *c);
	void (*encode)(struct wr *w, const struct cap_set *c); /* NULL: no value */
};

enum { EXACT = 255 };

/* The entry for a family, made if there is room; NULL: no room. */
static struct cap_family *family_slot(
    struct cap_family *list, uint8_t *count, uint16_t afi, uint8_t safi)
{
	for (uint8_t i = 0; i < *count; i++) {
		if (list[i].afi == afi && list[i].safi == safi)
			return &list[i];
	}
	if (*count == CAP_SET_FAMILIES)
		return NULL;
	struct cap_family *f = &list[(*count)++];
	*f = (struct cap_family){.afi = afi, .safi = safi};
	return f;
}

/* Most lists begin an entry with afi, safi. The spare receives what there is no room for. */
static struct cap_family *family_read(
    struct rd *r, struct cap_family *list, uint8_t *count, struct cap_family *spare)
{
	uint16_t afi = rd_u16(r);
	uint8_t safi = rd_u8(r);
	struct cap_family *f = family_slot(list, count, afi, safi);
	return f ? f : spare;
}

static void family_write(struct wr *w, const struct cap_family *f)
{
	wr_u16(w, f->afi);
	wr_u8(w, f->safi);
}

static void mp_decode(struct rd *r, struct cap_set *c)
{
	uint16_t afi = rd_u16(r);
	rd_u8(r);
	family_slot(c->mp, &c->mp_count, afi, rd_u8(r));
}

static void enh_decode(struct rd *r, struct cap_set *c)
{
	while (rd_left(r)) {
		uint16_t afi = rd_u16(r), safi = rd_u16(r), hop = rd_u16(r);
		struct cap_family *f = family_slot(c->enh, &c->enh_count, afi, (uint8_t)safi);
		if (f)
			f->limit = hop;
	}
}

static void enh_encode(struct wr *w, const struct cap_set *c)
{
	for (uint8_t i = 0; i < c->enh_count; i++) {
		wr_u16(w, c->enh[i].afi);
		wr_u16(w, c->enh[i].safi);
		wr_u16(w, c->enh[i].limit);
	}
}

static void role_decode(struct rd *r, struct cap_set *c)
{
	c->role_present = true;
	c->role = rd_u8(r);
}

static void role_encode(struct wr *w, const struct cap_set *c)
{
	wr_u8(w, c->role);
}

static void gr_decode(struct rd *r, struct cap_set *c)
{
	struct cap_family spare;
	uint16_t head = rd_u16(r);
	c->gr_present = true;
	c->gr_restarting = head & 0x8000;
	c->gr_notification = head & 0x4000;
	c->gr_time = head & 0x0fff;
	while (rd_left(r)) {
		struct cap_family *f = family_read(r, c->gr, &c->gr_count, &spare);
		f->flags = rd_u8(r);
	}
}

static void gr_encode(struct wr *w, const struct cap_set *c)
{
	wr_u16(w, (uint16_t)((c->gr_restarting ? 0x8000 : 0) | (c->gr_notification ? 0x4000 : 0) |
			     (c->gr_time & 0x0fff)));
	for (uint8_t i = 0; i < c->gr_count; i++) {
		family_write(w, &c->gr[i]);
		wr_u8(w, c->gr[i].flags);
	}
}

static void as4_decode(struct rd *r, struct cap_set *c)
{
	c->as4 = true;
	c->as = rd_u32(r);
}

static void as4_encode(struct wr *w, const struct cap_set *c)
{
	wr_u32(w, c->as);
}

static void addpath_decode(struct rd *r, struct cap_set *c)
{
	struct cap_family spare;
	while (rd_left(r)) {
		struct cap_family *f = family_read(r, c->addpath, &c->addpath_count, &spare);
		f->flags = rd_u8(r);
	}
}

static void addpath_encode(struct wr *w, const struct cap_set *c)
{
	for (uint8_t i = 0; i < c->addpath_count; i++) {
		family_write(w, &c->addpath[i]);
		wr_u8(w, c->addpath[i].flags);
	}
}

static void llgr_decode(struct rd *r, struct cap_set *c)
{
	struct cap_family spare;
	c->llgr_present = true;
	while (rd_left(r)) {
		struct cap_family *f = family_read(r, c->llgr, &c->llgr_count, &spare);
		uint32_t word = rd_u32(r);
		f->flags = (uint8_t)(word >> 24);
		f->time = word & 0xffffff;
	}
}

static void llgr_encode(struct wr *w, const struct cap_set *c)
{
	for (uint8_t i = 0; i < c->llgr_count; i++) {
		family_write(w, &c->llgr[i]);
		wr_u32(w, (uint32_t)c->llgr[i].flags << 24 | (c->llgr[i].time & 0xffffff));
	}
}

static void limit_decode(struct rd *r, struct cap_set *c)
{
	struct cap_family spare;
	while (rd_left(r)) {
		struct cap_family *f =
		    family_read(r, c->paths_limit, &c->paths_limit_count, &spare);
		f->limit = rd_u16(r);
	}
}

static void limit_encode(struct wr *w, const struct cap_set *c)
{
	for (uint8_t i = 0; i < c->paths_limit_count; i++) {
		family_write(w, &c->paths_limit[i]);
		wr_u16(w, c->paths_limit[i].limit);
	}
}

/* A string with a length octet in front, cut to fit, made printable. False: it runs out of r. */
static bool text_read(struct rd *r, char *buf, size_t size)
{
	size_t len = rd_u8(r);
	const uint8_t *b = rd_bytes(r, len);
	if (r->bad)
		return false;
	if (len > size - 1)
		len = size - 1;
	for (size_t i = 0; i < len; i++)
		buf[i] = b[i] < 0x20 || b[i] == 0x7f ? '?' : (char)b[i];
	buf[len] = '\0';
	return true;
}

static void text_write(struct wr *w, const char *s)
{
	size_t mark = wr_mark8(w);
	wr_bytes(w, s, strlen(s));
	wr_fill8(w, mark);
}

static void fqdn_decode(struct rd *r, struct cap_set *c)
{
	char host[sizeof(c->hostname)] = "", domain[sizeof(c->domainname)] = "";
	if (!text_read(r, host, sizeof(host)) || !text_read(r, domain, sizeof(domain)))
		return;
	c->fqdn = true;
	memcpy(c->hostname, host, sizeof(host));
	memcpy(c->domainname, domain, sizeof(domain));
}

static void fqdn_encode(struct wr *w, const struct cap_set *c)
{
	text_write(w, c->hostname);
	text_write(w, c->domainname);
}

static void version_decode(struct rd *r, struct cap_set *c)
{
	char text[sizeof(c->software_version)] = "";
	if (!text_read(r, text, sizeof(text)))
		return;
	c->software_version_present = true;
	memcpy(c->software_version, text, sizeof(text));
}

static void version_encode(struct wr *w, const struct cap_set *c)
{
	text_write(w, c->software_version);
}

/* In the order in which they are sent, which is FRR's. Multiprotocol is one capability a family, so
 * its encoder frames it itself. */
static const struct cap_row rows[] = {
    {CAP_MULTIPROTOCOL, 4, EXACT, offsetof(struct cap_set, mp_count), mp_decode, NULL},
    {CAP_EXTENDED_NEXTHOP, 6, 6, offsetof(struct cap_set, enh_count), enh_decode, enh_encode},
    {CAP_ROUTE_REFRESH, 0, EXACT, offsetof(struct cap_set, route_refresh), NULL, NULL},
    {CAP_ENHANCED_REFRESH, 0, EXACT, offsetof(struct cap_set, enhanced_refresh), NULL, NULL},
    {CAP_AS4, 4, EXACT, offsetof(struct cap_set, as4), as4_decode, as4_encode},
    {CAP_EXTENDED_MESSAGE, 0, EXACT, offsetof(struct cap_set, extended_message), NULL, NULL},
    {CAP_ROLE, 1, EXACT, offsetof(struct cap_set, role_present), role_decode, role_encode},
    {CAP_ADDPATH, 4, 4, offsetof(struct cap_set, addpath_count), addpath_decode, addpath_encode},
    {CAP_PATHS_LIMIT, 5, 5, offsetof(struct cap_set, paths_limit_count), limit_decode,
	limit_encode},
    {CAP_DYNAMIC, 0, EXACT, offsetof(struct cap_set, dynamic), NULL, NULL},
    {CAP_FQDN, 2, 1, offsetof(struct cap_set, fqdn), fqdn_decode, fqdn_encode},
    {CAP_GRACEFUL_RESTART, 2, 4, offsetof(struct cap_set, gr_present), gr_decode, gr_encode},
    {CAP_LLGR, 0, 7, offsetof(struct cap_set, llgr_present), llgr_decode, llgr_encode},
    {CAP_SOFTWARE_VERSION, 1, 1, offsetof(struct cap_set, software_version_present), version_decode,
	version_encode},
    {CAP_LINK_LOCAL_NEXTHOP, 0, EXACT, offsetof(struct cap_set, link_local_nexthop), NULL, NULL},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const struct cap_row *row_of(uint8_t code)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].code == code)
			return &rows[i];
	}
	return NULL;
}

static bool length_fits(const struct cap_row *row, size_t len)
{
	if (row->unit == EXACT)
		return len == row->min;
	return len >= row->min && (len - row->min) % row->unit == 0;
}

bool caps_decode(struct rd *r, struct cap_set *caps)
{
	while (rd_left(r)) {
		const struct cap_row *row = row_of(rd_u8(r));
		struct rd value = rd_sub(r, rd_u8(r));
		if (r->bad)
			return false;
		if (!row || !length_fits(row, rd_left(&value)))
			continue;
		if (row->decode)
			row->decode(&value, caps);
		else
			*((uint8_t *)caps + row->present) = true;
	}
	return !r->bad;
}

static void mp_encode(struct wr *w, const struct cap_set *c)
{
	for (uint8_t i = 0; i < c->mp_count; i++) {
		wr_u8(w, CAP_MULTIPROTOCOL);
		wr_u8(w, 4);
		wr_u16(w, c->mp[i].afi);
		wr_u8(w, 0);
		wr_u8(w, c->mp[i].safi);
	}
}

void caps_encode(struct wr *w, const struct cap_set *caps)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (!*((const uint8_t *)caps + rows[i].present))
			continue;
		if (rows[i].code == CAP_MULTIPROTOCOL) {
			mp_encode(w, caps);
			continue;
		}
		wr_u8(w, rows[i].code);
		size_t mark = wr_mark8(w);
		if (rows[i].encode)
			rows[i].encode(w, caps);
		wr_fill8(w, mark);
	}
}
