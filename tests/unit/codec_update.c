/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UPDATE: slicing, families, next hops, End-of-RIB, the walk over routes, packing, the log's line.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bgpd/codec/message.h"
#include "codec_help.h"

static const struct session_traits ebgp = {.as4 = true, .ebgp = true, .max_message = 4096};

static void decode(
    const struct session_traits *t, struct arena *a, const char *hex, struct update *u)
{
	uint8_t *buf = arena_alloc(a, 4096);
	update_decode(t, buf, hex_bytes(hex, buf, 4096), a, u);
}

/* "10.0.0.0/8 10.1.0.0/16#7", with path ids where they are not 0 */
static const char *routes_text(const struct nlri *n, bool addpath)
{
	static char text[512];
	struct rd r = span_rd(n->routes);
	struct prefix p;
	uint32_t id;
	char buf[PREFIX_STRLEN];
	size_t at = 0;
	text[0] = '\0';
	while (nlri_next(&r, n->family, addpath, &p, &id)) {
		at += (size_t)snprintf(
		    text + at, sizeof(text) - at, "%s%s", at ? " " : "", prefix_str(&p, buf));
		if (id)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "#%u", id);
	}
	return text;
}

#define GOOD "40010100 400206 0201 0000fde9"
#define HOP "400304 0a000002"
#define REACH6 "800e1c 000201 10 20010db8000000000000000000000002 00 30 20010db80001"

Test(codec_update, slices)
{
	struct arena *a = arena_new();
	struct update u;
	decode(&ebgp, a, "0005 080a 10ac10 0014" GOOD HOP "00 18cb0071 15c612ff", &u);
	cr_expect_eq(u.result, ATTR_OK);
	cr_expect_str_eq(routes_text(&u.withdrawn, false), "10.0.0.0/8 172.16.0.0/16");
	cr_expect_str_eq(routes_text(&u.reach, false), "0.0.0.0/0 203.0.113.0/24 198.18.248.0/21");
	cr_expect_eq(u.mp_reach.family, FAMILY_NONE);
	cr_expect(!u.end_of_rib && !u.reach.withdraw);
	cr_expect_str_eq(path_text(u.attrs.as_path), "65001");
	arena_free(a);
}

Test(codec_update, nonsense_prefixes_are_skipped)
{
	struct arena *a = arena_new();
	struct update u;
	decode(&ebgp, a, "0000 0014" GOOD HOP "10e001 18cb0071 04f0", &u);
	cr_expect_str_eq(routes_text(&u.reach, false), "203.0.113.0/24 240.0.0.0/4");
	decode(&ebgp, a,
	    "0000 002a"
	    "800e1a 000201 10 20010db8000000000000000000000002 00 08ff 0afe80" GOOD,
	    &u);
	cr_expect_eq(u.result, ATTR_OK, "%s", u.fault.text);
	cr_expect_str_eq(routes_text(&u.mp_reach, false), "");
	arena_free(a);
}

Test(codec_update, end_of_rib)
{
	static const struct {
		const char *hex;
		bool eor;
		uint8_t body, mp; /* families */
	} rows[] = {
	    {"0000 0000", true, FAMILY_IPV4, FAMILY_NONE},
	    {"0000 0006 800f03 000201", true, FAMILY_NONE, FAMILY_IPV6},
	    {"0000 0007 900f0003 000201", true, FAMILY_NONE, FAMILY_IPV6},
	    {"0000 0006 800f03 000101", true, FAMILY_NONE, FAMILY_IPV4},
	    {"0000 0006 800f03 400dc8", true, FAMILY_NONE, FAMILY_NONE},
	    {"0000 0008 800f05 000201 080a", false, FAMILY_NONE, FAMILY_IPV6},
	    {"0002 080a 0000", false, FAMILY_IPV4, FAMILY_NONE},
	    {"0000 000a 40010100 800f03 000201", false, FAMILY_NONE, FAMILY_IPV6},
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct update u;
		decode(&ebgp, a, rows[i].hex, &u);
		cr_expect_eq(u.result, ATTR_OK, "%s", rows[i].hex);
		cr_expect_eq(u.end_of_rib, rows[i].eor, "%s", rows[i].hex);
		cr_expect_eq(u.withdrawn.family, rows[i].body, "%s", rows[i].hex);
		cr_expect_eq(u.mp_withdrawn.family, rows[i].mp, "%s", rows[i].hex);
	}
	for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++) {
		uint8_t buf[64];
		struct update u;
		struct wr w = wr_init(buf, sizeof(buf));
		update_end_of_rib(&w, f);
		cr_expect_eq(buf[17], wr_len(&w));
		update_decode(&ebgp, buf + MSG_HEADER_LEN, wr_len(&w) - MSG_HEADER_LEN, a, &u);
		cr_expect(u.end_of_rib);
		cr_expect_eq(f == FAMILY_IPV4 ? u.withdrawn.family : u.mp_withdrawn.family, f);
	}
	arena_free(a);
}

Test(codec_update, each_family_has_its_own_next_hop)
{
	struct arena *a = arena_new();
	struct update u;
	char buf[ADDR_STRLEN];
	decode(&ebgp, a, "0000 0033" REACH6 GOOD HOP "18cb0071", &u);
	cr_expect_eq(u.result, ATTR_OK, "%s", u.fault.text);
	cr_expect_str_eq(addr_str(&u.attrs.next_hop, buf), "10.0.0.2");
	cr_expect_str_eq(addr_str(&u.mp_attrs.next_hop, buf), "2001:db8::2");
	cr_expect_str_eq(routes_text(&u.mp_reach, false), "2001:db8:1::/48");
	/* only the IPv4 routes lack theirs */
	decode(&ebgp, a, "0000 002c" REACH6 GOOD "18cb0071", &u);
	cr_expect_eq(u.result, ATTR_WITHDRAW);
	cr_expect(u.reach.withdraw && !u.mp_reach.withdraw);
	/* the attribute means nothing to the IPv6 routes, so its value does not matter */
	decode(&ebgp, a, "0000 0033" REACH6 GOOD "400304 00000000", &u);
	cr_expect_eq(u.result, ATTR_OK);
	cr_expect(!u.mp_reach.withdraw);
	arena_free(a);
}

Test(codec_update, next_hop_forms_of_mp_reach)
{
	static const struct {
		const char *reach; /* after the flags and code */
		enum attr_result result;
		bool withdraw, extended;
		const char *hop, *local;
	} rows[] = {
	    {"2c 000201 20 20010db8000000000000000000000002 fe800000000000000000000000000001 00"
	     "30 20010db80001",
		ATTR_OK, false, false, "2001:db8::2", "fe80::1"},
	    {"2c 000201 20 20010db8000000000000000000000002 20010db8000000000000000000000003 00"
	     "30 20010db80001",
		ATTR_OK, false, false, "2001:db8::2", NULL},
	    {"1c 000201 10 fe800000000000000000000000000001 00 30 20010db80001", ATTR_OK, false,
		false, "fe80::1", NULL},
	    {"1c 000201 10 00000000000000000000000000000000 00 30 20010db80001", ATTR_WITHDRAW,
		true, false, NULL, NULL},
	    {"1c 000201 10 ff020000000000000000000000000001 00 30 20010db80001", ATTR_WITHDRAW,
		true, false, NULL, NULL},
	    {"1c 000201 10 00000000000000000000000000000001 00 30 20010db80001", ATTR_WITHDRAW,
		true, false, NULL, NULL},
	    {"0d 000101 04 0a000002 00 18cb0071", ATTR_OK, false, false, "10.0.0.2", NULL},
	    {"19 000101 10 20010db8000000000000000000000002 00 18cb0071", ATTR_RESET, false, false,
		NULL, NULL},
	    {"19 000101 10 20010db8000000000000000000000002 00 18cb0071", ATTR_OK, false, true,
		"2001:db8::2", NULL},
	    {"10 000201 04 0a000002 00 30 20010db80001", ATTR_RESET, false, true, NULL, NULL},
	    {"0d 000104 04 0a000002 00 18cb0071", ATTR_OK, false, false, NULL, NULL},
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t attrs[256], body[300];
		char hex[400], buf[ADDR_STRLEN];
		struct session_traits t = ebgp;
		struct update u;
		t.extended_nexthop = rows[i].extended;
		snprintf(hex, sizeof(hex), GOOD "800e%s", rows[i].reach);
		size_t len = hex_bytes(hex, attrs, sizeof(attrs));
		struct wr w = wr_init(body, sizeof(body));
		wr_u16(&w, 0);
		wr_u16(&w, (uint16_t)len);
		wr_bytes(&w, attrs, len);
		update_decode(&t, body, wr_len(&w), a, &u);
		cr_expect_eq(u.result, rows[i].result, "%s: %s", rows[i].reach, u.fault.text);
		cr_expect_eq(u.mp_reach.withdraw, rows[i].withdraw, "%s", rows[i].reach);
		if (rows[i].hop)
			cr_expect_str_eq(addr_str(&u.mp_attrs.next_hop, buf), rows[i].hop);
		if (rows[i].local)
			cr_expect_str_eq(addr_str(&u.mp_attrs.next_hop_local, buf), rows[i].local);
		else
			cr_expect_eq(u.mp_attrs.next_hop_local.family, FAMILY_NONE);
	}
	arena_free(a);
}

Test(codec_update, martian_next_hops)
{
	static const char *const rows[] = {
	    "00000000", "00000001", "7f000001", "e0000001", "f0000001", "ffffffff"};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char hex[128];
		struct update u;
		snprintf(hex, sizeof(hex), "0000 0014" GOOD "400304 %s 18cb0071", rows[i]);
		decode(&ebgp, a, hex, &u);
		cr_expect_eq(u.result, ATTR_WITHDRAW, "%s", rows[i]);
		cr_expect(u.reach.withdraw);
	}
	arena_free(a);
}

Test(codec_update, faults_without_routes_reset)
{
	struct arena *a = arena_new();
	struct update u;
	decode(&ebgp, a, "0000 0004 40010109", &u);
	cr_expect_eq(u.result, ATTR_RESET);
	cr_expect_str_eq(u.fault.text, "Attribute ORIGIN, parse error - session reset");
	decode(&ebgp, a, "0000 0014 40010109 400206 0201 0000fde9" HOP "00", &u);
	cr_expect_eq(u.result, ATTR_WITHDRAW);
	cr_expect_str_eq(u.fault.text, "Attribute ORIGIN, parse error - treating as withdrawal");
	decode(&ebgp, a, "0000 000d" GOOD, &u);
	cr_expect_eq(u.result, ATTR_OK);
	decode(&ebgp, a, "0002 080a 0004 40060100", &u);
	cr_expect_eq(u.result, ATTR_DISCARD);
	arena_free(a);
}

Test(codec_update, add_path)
{
	struct session_traits t = ebgp;
	struct arena *a = arena_new();
	struct update u;
	t.addpath_rx[FAMILY_IPV4] = true;
	decode(&t, a, "0006 00000003 080a 0014" GOOD HOP "00000007 18cb0071 00000001 00", &u);
	cr_expect_eq(u.result, ATTR_OK, "%s", u.fault.text);
	cr_expect_str_eq(routes_text(&u.withdrawn, true), "10.0.0.0/8#3");
	cr_expect_str_eq(routes_text(&u.reach, true), "203.0.113.0/24#7 0.0.0.0/0#1");
	decode(&t, a, "0000 0014" GOOD HOP "000007 18", &u);
	cr_expect_eq(u.result, ATTR_RESET);
	arena_free(a);
}

Test(codec_update, log_line)
{
	struct arena *a = arena_new();
	struct sb sb;
	sb_init(&sb);
	struct attr_set s = {
	    .have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) | ATTR_BIT(ATTR_NEXT_HOP) |
		    ATTR_BIT(ATTR_MED) | ATTR_BIT(ATTR_COMMUNITIES) |
		    ATTR_BIT(ATTR_EXT_COMMUNITIES) | ATTR_BIT(ATTR_LARGE_COMMUNITIES),
	    .next_hop = addr_from_ipv4(0x0a140c02),
	    .med = 55,
	    .as_path = path_of(a, "65002 65002 65022"),
	    .communities = hex_span(a, "fdea0001 fdea0002 ffffff01"),
	    .large_communities = hex_span(a, "0000fdea0000000100000001"),
	    .ext_communities = hex_span(a, "0002fdea00000007"),
	};
	attr_log_str(&s, &sb);
	cr_expect_str_eq(sb.s,
	    "nexthop 10.20.12.2, origin i, metric 55, community 65002:1 65002:2 no-export, "
	    "large-community 65002:1:1, extcommunity RT:65002:7, path 65002 65002 65022");
	sb_clear(&sb);
	s.have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) | ATTR_BIT(ATTR_NEXT_HOP) |
		 ATTR_BIT(ATTR_MED);
	s.med = 0;
	s.as_path = path_of(a, "65002");
	cr_assert(addr_parse("2001:db8:20::2", &s.next_hop));
	cr_assert(addr_parse("fe80::ff:fe00:200", &s.next_hop_local));
	attr_log_str(&s, &sb);
	cr_expect_str_eq(sb.s,
	    ", origin i, mp_nexthop 2001:db8:20::2(fe80::ff:fe00:200), metric 0, "
	    "path 65002");
	sb_clear(&sb);
	s.have |= ATTR_BIT(ATTR_LOCAL_PREF) | ATTR_BIT(ATTR_ATOMIC_AGGREGATE) |
		  ATTR_BIT(ATTR_AGGREGATOR) | ATTR_BIT(ATTR_ORIGINATOR_ID) |
		  ATTR_BIT(ATTR_CLUSTER_LIST);
	s.next_hop = addr_from_ipv4(0x0a000001);
	s.origin = ORIGIN_INCOMPLETE;
	s.local_pref = 100;
	s.aggregator_as = 65001;
	s.aggregator_id = s.originator_id = 0x0a000001;
	s.cluster_list = hex_span(a, "0101010102020202");
	attr_log_str(&s, &sb);
	cr_expect_str_eq(sb.s,
	    "nexthop 10.0.0.1, origin ?, localpref 100, metric 0, "
	    "atomic-aggregate, aggregated by 65001 10.0.0.1, originator 10.0.0.1, "
	    "clusterlist 1.1.1.1 2.2.2.2, path 65002");
	sb_fini(&sb);
	arena_free(a);
}
