/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Communities: FRR's text of all three kinds, and the canonical order. */
#include <criterion/criterion.h>

#include "codec_help.h"

static void expect_text(const char *hex, void (*str)(struct span, struct sb *), const char *text)
{
	struct arena *a = arena_new();
	struct sb sb;
	sb_init(&sb);
	str(hex_span(a, hex), &sb);
	cr_expect_str_eq(sb.s, text, "%s: %s", hex, sb.s);
	sb_fini(&sb);
	arena_free(a);
}

Test(codec_community, standard_text)
{
	expect_text("", community_str, "");
	expect_text("00010001 0064ffff ffff0000 ffff0001 ffff029a ffffff01 ffffff04", community_str,
	    "1:1 100:65535 graceful-shutdown accept-own blackhole no-export no-peer");
	expect_text("ffffff02 ffffff03 ffff0006 ffff0007", community_str,
	    "no-advertise local-AS llgr-stale no-llgr");
	expect_text("ffff0002 ffff0003 ffff0004 ffff0005 ffff0008", community_str,
	    "route-filter-translated-v4 route-filter-v4 route-filter-translated-v6 route-filter-v6 "
	    "accept-own-nexthop");
	expect_text("00000000 ffffffff ffffff05", community_str, "0:0 65535:65535 65535:65285");
}

Test(codec_community, large_text)
{
	expect_text("0000fdea0000000000000000fa56ea000000000100000002", large_community_str,
	    "65002:0:0 4200000000:1:2");
	expect_text(
	    "ffffffffffffffffffffffff", large_community_str, "4294967295:4294967295:4294967295");
}

Test(codec_community, extended_text)
{
	expect_text("0002fdea00000005 0004fdea4cee6b28 01020a0000050006 0202fa56ea000007",
	    ext_community_str,
	    "RT:65002:5 LB:65002:125000000 (1.000 Gbps) RT:10.0.0.5:6 RT:4200000000:7");
	expect_text(
	    "0002fdea00000001 01030a0700020007", ext_community_str, "RT:65002:1 SoO:10.7.0.2:7");
	expect_text("4004fde942c80000", ext_community_str, "LB:65001:100 (800.000 bps)");
	expect_text("4004fde9461c4000", ext_community_str, "LB:65001:10000 (80.000 Kbps)");
	expect_text("4004fde9ffffffff", ext_community_str, "LB:65001:0 (0.000 bps)");
	/* as FRR prints them, seen on a live one */
	expect_text("030c000000000001 4002fdea00000006 4003fdea00000007 41020a0000050006 "
		    "4300000000000000",
	    ext_community_str, "ET:1 UNK:64, 2 UNK:64, 3 UNK:65, 2 OVS:valid");
	expect_text("0006fde900000001 0080000000000001 020afa56ea000007 3f77010203040506 "
		    "4300000000000002 80060000461c4000 8008fde900000001",
	    ext_community_str,
	    "UNK:0, 6 UNK:0, 128 UNK:2, 10 UNK:63, 119 OVS:invalid FS:rate 10000.000000 "
	    "FS:redirect VRF RT:65001:1");
}

Test(codec_community, canonical_order)
{
	struct arena *a = arena_new();
	struct span c = community_canon(a, hex_span(a, "ffffff01 00010002 00010001 00010002"), 4);
	cr_expect_str_eq(hex_text(c.p, c.len), "0001000100010002ffffff01");
	cr_expect(community_has(c, COMMUNITY_NO_EXPORT));
	cr_expect(!community_has(c, COMMUNITY_NO_ADVERTISE));
	c = community_canon(
	    a, hex_span(a, "0202000000010001 0002000100000001 0202000000010001"), 8);
	cr_expect_str_eq(hex_text(c.p, c.len), "00020001000000010202000000010001");
	c = community_canon(a, (struct span){NULL, 0}, 12);
	cr_expect_eq(c.len, 0);
	arena_free(a);
}
