/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages but for UPDATE: headers, OPEN with every capability, NOTIFICATION, ROUTE-REFRESH. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bgpd/codec/message.h"
#include "codec_help.h"

#define MARKER "ffffffffffffffffffffffffffffffff"

Test(codec_message, header)
{
	static const struct {
		const char *hex;
		uint16_t max;
		int code, subcode; /* 0: good */
		const char *data;
	} rows[] = {
	    {MARKER "001304", MSG_MAX, 0, 0, ""},
	    {MARKER "001d01", MSG_MAX, 0, 0, ""},
	    {MARKER "001702", MSG_MAX, 0, 0, ""},
	    {MARKER "001503", MSG_MAX, 0, 0, ""},
	    {MARKER "001705", MSG_MAX, 0, 0, ""},
	    {MARKER "001780", MSG_MAX, 0, 0, ""},
	    {MARKER "100002", MSG_MAX, 0, 0, ""},
	    {MARKER "ffff02", MSG_MAX_EXTENDED, 0, 0, ""},
	    {"00" MARKER "0013", MSG_MAX, 1, 1, ""},
	    {MARKER "001204", MSG_MAX, 1, 2, "0012"},
	    {MARKER "100102", MSG_MAX, 1, 2, "1001"},
	    {MARKER "001404", MSG_MAX, 1, 2, "0014"},
	    {MARKER "001c01", MSG_MAX, 1, 2, "001c"},
	    {MARKER "001602", MSG_MAX, 1, 2, "0016"},
	    {MARKER "001403", MSG_MAX, 1, 2, "0014"},
	    {MARKER "100101", MSG_MAX_EXTENDED, 1, 2, "1001"},
	    {MARKER "100104", MSG_MAX_EXTENDED, 1, 2, "1001"},
	    {MARKER "001306", MSG_MAX, 1, 3, "06"},
	    {MARKER "001300", MSG_MAX, 1, 3, "00"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t head[MSG_HEADER_LEN], type = 0;
		uint16_t len = 0;
		struct notify why = {0};
		hex_bytes(rows[i].hex, head, sizeof(head));
		bool good = msg_header_check(head, rows[i].max, &type, &len, &why);
		cr_expect_eq(good, rows[i].code == 0, "%s", rows[i].hex);
		if (good)
			cr_expect(type == head[18] && len == (head[16] << 8 | head[17]));
		cr_expect(why.code == rows[i].code && why.subcode == rows[i].subcode, "%s: %u/%u",
		    rows[i].hex, why.code, why.subcode);
		cr_expect_str_eq(hex_text(why.data, why.len), rows[i].data);
	}
}

/* ---- OPEN ---- */

static const char *open_hex(const struct open_msg *o, bool extended)
{
	static uint8_t buf[MSG_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	open_encode(&w, o, extended);
	cr_assert(!w.bad);
	cr_assert_eq(buf[16] << 8 | buf[17], wr_len(&w));
	return hex_text(buf, wr_len(&w));
}

static bool open_hex_decode(const char *body, struct open_msg *o, struct notify *why)
{
	uint8_t buf[2048];
	size_t len = hex_bytes(body, buf, sizeof(buf));
	memset(o, 0, sizeof(*o));
	memset(why, 0, sizeof(*why));
	uint8_t *copy = mem_dup(buf, len);
	bool good = open_decode(copy, len, o, why);
	mem_free(copy);
	return good;
}

static struct open_msg sample(void)
{
	return (struct open_msg){.version = 4, .as = 65001, .hold_time = 90, .bgp_id = 0xc0a80101};
}

/* Each capability alone: the exact bytes, and back. */
Test(codec_message, every_capability_round_trip)
{
	static const struct {
		const char *hex;
		struct cap_set caps;
	} rows[] = {
	    {"010400010001", {.mp_count = 1, .mp = {{1, 1, 0, 0, 0}}}},
	    {"0200", {.route_refresh = true}},
	    {"0506000100010002", {.enh_count = 1, .enh = {{1, 1, 0, 2, 0}}}},
	    {"0600", {.extended_message = true}},
	    {"090103", {.role_present = true, .role = 3}},
	    {"4002c078", {.gr_present = true,
			     .gr_restarting = true,
			     .gr_notification = true,
			     .gr_time = 120}},
	    {"4006007800020180",
		{.gr_present = true, .gr_time = 120, .gr_count = 1, .gr = {{2, 1, 0x80, 0, 0}}}},
	    {"41040000fde9", {.as4 = true, .as = 65001}},
	    {"4300", {.dynamic = true}},
	    {"450800010101 00020103",
		{.addpath_count = 2, .addpath = {{1, 1, 1, 0, 0}, {2, 1, 3, 0, 0}}}},
	    {"4600", {.enhanced_refresh = true}},
	    {"4700", {.llgr_present = true}},
	    {"470700010180000e10",
		{.llgr_present = true, .llgr_count = 1, .llgr = {{1, 1, 0x80, 0, 3600}}}},
	    {"4906027231026578", {.fqdn = true, .hostname = "r1", .domainname = "ex"}},
	    {"4b0403662f31", {.software_version_present = true, .software_version = "f/1"}},
	    {"4c0500010100 0a", {.paths_limit_count = 1, .paths_limit = {{1, 1, 0, 10, 0}}}},
	    {"4d00", {.link_local_nexthop = true}},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t cap[64];
		char body[256];
		struct open_msg o = sample(), back;
		struct notify why;
		size_t len = hex_bytes(rows[i].hex, cap, sizeof(cap));
		o.caps = rows[i].caps;
		snprintf(body, sizeof(body), "04fde9005ac0a80101%02zx02%02zx%s", len + 2, len,
		    hex_text(cap, len));
		cr_expect_str_eq(open_hex(&o, false) + 2 * MSG_HEADER_LEN, body);
		cr_assert(open_hex_decode(body, &back, &why), "%s", body);
		cr_expect(memcmp(&back.caps, &o.caps, sizeof(o.caps)) == 0, "%s", rows[i].hex);
		cr_expect_eq(back.as, 65001);
	}
}

Test(codec_message, open_whole)
{
	struct open_msg o = sample(), back;
	struct notify why;
	o.as = 4200000001;
	o.caps = (struct cap_set){.as4 = true, .as = 4200000001, .route_refresh = true};
	const char *hex = open_hex(&o, false);
	cr_expect_str_eq(hex, MARKER "0029"
				     "01045ba0005ac0a801010c02020200020641"
				     "04fa56ea01");
	cr_assert(open_hex_decode(hex + 2 * MSG_HEADER_LEN, &back, &why));
	cr_expect_eq(back.as, 4200000001);
	cr_expect_eq(back.hold_time, 90);
	cr_expect_eq(back.bgp_id, 0xc0a80101);
	cr_expect(!back.extended_params);

	hex = open_hex(&o, true);
	cr_expect_str_eq(hex + 2 * MSG_HEADER_LEN, "045ba0005ac0a80101ffff000e"
						   "0200020200020006"
						   "4104fa56ea01");
	cr_assert(open_hex_decode(hex + 2 * MSG_HEADER_LEN, &back, &why));
	cr_expect(back.extended_params);
	cr_expect_eq(back.as, 4200000001);
	cr_expect(back.caps.route_refresh);
}

Test(codec_message, open_goes_extended_when_it_must)
{
	struct open_msg o = sample(), back;
	struct notify why;
	o.caps.fqdn = o.caps.software_version_present = true;
	memset(o.caps.hostname, 'h', 64);
	memset(o.caps.domainname, 'd', 64);
	memset(o.caps.software_version, 'v', 64);
	o.caps.mp_count = CAP_SET_FAMILIES;
	for (uint8_t i = 0; i < CAP_SET_FAMILIES; i++)
		o.caps.mp[i] = (struct cap_family){.afi = 1, .safi = i};
	cr_assert(open_hex_decode(open_hex(&o, false) + 2 * MSG_HEADER_LEN, &back, &why));
	cr_expect(back.extended_params);
	cr_expect(memcmp(&back.caps, &o.caps, sizeof(o.caps)) == 0);
}

#define BODY "04fde9005ac0a80101"
Test(codec_message, open_faults)
{
	static const struct {
		const char *body;
		int subcode; /* of code 2; -1: good */
		const char *data;
	} rows[] = {
	    {BODY "00", -1, ""},
	    {"03fde9005ac0a8010100", 1, "0004"},
	    {BODY "05", 0, ""},
	    {BODY "0002", 0, ""},
	    {BODY "020100", 4, ""},
	    {BODY "01 02", 0, ""},
	    {BODY "02 0201", 0, ""},
	    {BODY "03 020141", 0, ""},
	    {BODY "04 02024104", 0, ""},
	    {BODY "06 02044102fde9", -1, ""},       /* wrong length: not there */
	    {BODY "08 020641040000fdea", 2, ""},    /* two different AS numbers */
	    {BODY "08 0206490403616263", -1, ""},   /* host name past the end: not there */
	    {BODY "09 020749050061620000", -1, ""}, /* empty host name */
	    {BODY "ff ff0000", -1, ""},
	    {BODY "ff ff", 0, ""},
	    {BODY "ff ff0004 02000100", 0, ""},
	    {BODY "04 ff0005 0200024600", -1, ""}, /* RFC 9072: the octet need not be 255 */
	    {"04fde9", 0, ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct open_msg o;
		struct notify why;
		bool good = open_hex_decode(rows[i].body, &o, &why);
		cr_expect_eq(good, rows[i].subcode < 0, "%s", rows[i].body);
		if (good)
			continue;
		cr_expect(why.code == 2 && why.subcode == rows[i].subcode, "%s: %u/%u",
		    rows[i].body, why.code, why.subcode);
		cr_expect_str_eq(hex_text(why.data, why.len), rows[i].data);
	}
}

Test(codec_message, open_checks)
{
	static const struct {
		uint32_t as, id, remote_as;
		uint16_t hold;
		uint8_t subcode; /* 0: good */
	} rows[] = {{65002, 9, 65002, 90, 0}, {65002, 9, 0, 0, 0}, {65002, 9, 65002, 3, 0},
	    {65002, 9, 65003, 90, 2}, {0, 9, 0, 90, 2}, {AS_TRANS, 9, 0, 90, 2},
	    {65002, 0, 65002, 90, 3}, {65002, 7, 65002, 90, 0}, {65001, 7, 65001, 90, 3},
	    {65002, 9, 65002, 1, 6}, {65002, 9, 65002, 2, 6}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct open_msg o = {.version = 4,
		    .as = rows[i].as,
		    .bgp_id = rows[i].id,
		    .hold_time = rows[i].hold};
		struct notify why = {0};
		bool good = open_check(&o, rows[i].remote_as, 65001, 7, &why);
		cr_expect_eq(good, rows[i].subcode == 0, "row %zu", i);
		cr_expect_eq(why.subcode, rows[i].subcode, "row %zu", i);
	}
}

/* ---- the small ones ---- */

Test(codec_message, keepalive_and_refresh)
{
	uint8_t buf[64];
	struct wr w = wr_init(buf, sizeof(buf));
	keepalive_encode(&w);
	cr_expect_str_eq(hex_text(buf, wr_len(&w)), MARKER "001304");
	w = wr_init(buf, sizeof(buf));
	refresh_encode(&w, &(struct refresh_msg){.afi = 2, .safi = 1, .subtype = REFRESH_END});
	cr_expect_str_eq(hex_text(buf, wr_len(&w)), MARKER "00170500020201");

	struct refresh_msg m;
	struct notify why;
	cr_assert(refresh_decode(buf + MSG_HEADER_LEN, 4, &m, &why));
	cr_expect(m.afi == 2 && m.safi == 1 && m.subtype == REFRESH_END);
	cr_expect(!refresh_decode(buf + MSG_HEADER_LEN, 3, &m, &why));
	memcpy(buf + MSG_HEADER_LEN, "\0\1\1\1\0\0", 6);
	cr_expect(!refresh_decode(buf + MSG_HEADER_LEN, 6, &m, &why));
	cr_expect(why.code == 7 && why.subcode == 1);
	cr_expect_str_eq(hex_text(why.data, why.len), MARKER "001905000101010000");
	w = wr_init(buf, 10);
	keepalive_encode(&w);
	cr_expect(w.bad);
}

Test(codec_message, notification)
{
	uint8_t buf[512];
	struct notify n, back;
	notify_set(&n, NOTIFY_HEADER, NOTIFY_HEADER_LENGTH, "\x10\x01", 2);
	struct wr w = wr_init(buf, sizeof(buf));
	notify_encode(&w, &n);
	cr_expect_str_eq(hex_text(buf, wr_len(&w)), MARKER "00170301021001");
	cr_assert(notify_decode(buf + MSG_HEADER_LEN, wr_len(&w) - MSG_HEADER_LEN, &back));
	cr_expect(back.code == 1 && back.subcode == 2 && back.len == 2);
	cr_expect(!notify_decode(buf, 1, &back));
	memset(buf, 6, sizeof(buf));
	cr_assert(notify_decode(buf, sizeof(buf), &back));
	cr_expect_eq(back.len, NOTIFY_DATA_MAX);
}

Test(codec_message, notification_words)
{
	cr_expect_str_eq(notify_code_name(6), "Cease");
	cr_expect_str_eq(notify_subcode_name(6, 7), "Connection Collision Resolution");
	cr_expect_str_eq(notify_subcode_name(6, 2), "Administrative Shutdown");
	cr_expect_str_eq(notify_code_name(2), "OPEN Message Error");
	cr_expect_str_eq(notify_subcode_name(2, 2), "Bad Peer AS");
	cr_expect_str_eq(notify_code_name(5), "Neighbor Events Error");
	cr_expect_str_eq(notify_subcode_name(5, 0), "Unspecific");
	cr_expect_str_eq(notify_subcode_name(4, 0), "");
	cr_expect_str_eq(notify_separator(4, 0), "");
	cr_expect_str_eq(notify_separator(6, 2), "/");
	for (unsigned code = 0; code < 256; code++) {
		cr_expect(notify_code_name((uint8_t)code));
		for (unsigned sub = 0; sub < 256; sub++)
			cr_expect(notify_subcode_name((uint8_t)code, (uint8_t)sub));
	}
	cr_expect_str_eq(notify_code_name(99), "Unrecognized Error Code");
	cr_expect_str_eq(notify_subcode_name(2, 9), "Unrecognized Error Subcode");
}

Test(codec_message, shutdown_text)
{
	struct notify n, inner;
	char buf[300], longer[600];
	notify_set_shutdown(&n, NOTIFY_CEASE_SHUTDOWN, "bye now");
	cr_expect_str_eq(hex_text(n.data, n.len), "07627965206e6f77");
	cr_assert(notify_shutdown_text(&n, buf, sizeof(buf)));
	cr_expect_str_eq(buf, "bye now");
	cr_assert(notify_shutdown_text(&n, buf, 4));
	cr_expect_str_eq(buf, "bye");

	notify_wrap_hard_reset(&n);
	cr_expect(n.code == 6 && n.subcode == 9 && n.data[0] == 6 && n.data[1] == 2);
	cr_assert(notify_unwrap_hard_reset(&n, &inner));
	cr_expect(inner.code == 6 && inner.subcode == 2 && inner.len == 8);
	cr_assert(notify_shutdown_text(&n, buf, sizeof(buf)));
	cr_expect_str_eq(buf, "bye now");

	notify_set_shutdown(&n, NOTIFY_CEASE_RESET, NULL);
	cr_expect_eq(n.len, 0);
	cr_expect(!notify_shutdown_text(&n, buf, sizeof(buf)));
	cr_expect(!notify_unwrap_hard_reset(&n, &inner));
	/* a length past the end, and a control character */
	notify_set(&n, 6, 2,
	    "\xff"
	    "abc",
	    4);
	cr_expect(!notify_shutdown_text(&n, buf, sizeof(buf)));
	notify_set(&n, 6, 2,
	    "\x03"
	    "a\nc",
	    4);
	cr_assert(notify_shutdown_text(&n, buf, sizeof(buf)));
	cr_expect_str_eq(buf, "a?c");
	/* cut between characters: 127 times two octets, not 127 and a half */
	longer[0] = '\0';
	for (int i = 0; i < 200; i++)
		strcat(longer, "\xc3\xa4");
	notify_set_shutdown(&n, NOTIFY_CEASE_SHUTDOWN, longer);
	cr_expect_eq(n.data[0], 254);
	notify_wrap_hard_reset(&n);
	cr_expect(notify_shutdown_text(&n, buf, sizeof(buf)));
}
