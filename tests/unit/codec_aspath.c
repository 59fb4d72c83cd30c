/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AS paths: text, counting, prepending past 255, and RFC 6793's two wire forms. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bgpd/codec/aspath.h"
#include "codec_help.h"

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

TestSuite(codec_aspath, .init = setup, .fini = teardown);

Test(codec_aspath, facts)
{
	static const struct {
		const char *text;
		unsigned hops;
		uint32_t first, neighbor;
		bool set, wide;
	} rows[] = {
	    {"", 0, 0, 0, false, false},
	    {"65001", 1, 65001, 65001, false, false},
	    {"65001 65002 65001", 3, 65001, 65001, false, false},
	    {"4200000001 65002", 2, 4200000001, 4200000001, false, true},
	    {"{7,8,9}", 1, 0, 0, true, false},
	    {"1 {7,8} 2", 3, 1, 1, true, false},
	    {"(65010 65011) 400", 1, 65010, 400, false, false},
	    {"(65010)", 0, 65010, 0, false, false},
	    {"[65010,65011] {1}", 1, 0, 0, true, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span p = path_of(arena, rows[i].text);
		cr_expect_str_eq(path_text(p), rows[i].text);
		cr_expect_eq(aspath_hops(p), rows[i].hops, "%s", rows[i].text);
		cr_expect_eq(aspath_first(p), rows[i].first, "%s", rows[i].text);
		cr_expect_eq(aspath_neighbor(p), rows[i].neighbor, "%s", rows[i].text);
		cr_expect_eq(aspath_has_set(p), rows[i].set, "%s", rows[i].text);
		cr_expect_eq(aspath_has_wide(p), rows[i].wide, "%s", rows[i].text);
	}
	cr_expect_eq(aspath_count(path_of(arena, "1 2 {1,3} (1)"), 1), 3);
	cr_expect_eq(aspath_count((struct span){NULL, 0}, 1), 0);
}

Test(codec_aspath, private_numbers)
{
	static const struct {
		const char *path, *result;
		bool all;
		uint32_t by;
	} rows[] = {
	    {"64512 65534 4200000000", "", false, 0},
	    {"64512 65534 4200000000", "9 9 9", false, 9},
	    {"64512 100", "64512 100", false, 0},
	    {"64512 100 65001 65535", "100 65535", true, 0},
	    {"64512 100 65001", "9 100 65001", true, 9},
	    {"64512 {65002,7} 64513", "{7}", true, 0},
	    {"64511 (64512) 4294967295", "64511 4294967295", true, 0},
	    {"64512 (100)", "(100)", true, 0},
	    {"", "", true, 9},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span p = path_of(arena, rows[i].path);
		/* 65001 is the receiver's and stays where it can be told from the rest */
		struct span q = aspath_without_private(
		    arena, p, rows[i].all, rows[i].by, rows[i].by ? 65001 : 0);
		cr_expect_str_eq(path_text(q), rows[i].result, "%s", rows[i].path);
	}
}

Test(codec_aspath, prepend_joins_a_leading_sequence_only)
{
	static const struct {
		const char *path, *result;
		unsigned times;
	} rows[] = {
	    {"", "9", 1},
	    {"1 2", "9 9 1 2", 2},
	    {"{1,2} 3", "9 {1,2} 3", 1},
	    {"(1) 2", "9 (1) 2", 1},
	    {"1 2", "1 2", 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span p =
		    aspath_prepend(arena, path_of(arena, rows[i].path), 9, rows[i].times);
		cr_expect_str_eq(path_text(p), rows[i].result);
	}
	cr_expect_eq(aspath_prepend(arena, path_of(arena, "1 2"), 9, 1).len, 2 + 3 * 4);
}

Test(codec_aspath, prepend_past_255_makes_a_new_segment)
{
	struct span p = aspath_prepend(arena, (struct span){NULL, 0}, 7, 255);
	cr_assert_eq(p.len, 2 + 255 * 4);
	p = aspath_prepend(arena, p, 8, 1);
	cr_assert_eq(p.len, 2 + 4 + 2 + 255 * 4);
	cr_expect_eq(p.p[1], 1);
	cr_expect_eq(aspath_first(p), 8);
	p = aspath_prepend(arena, p, 9, 300);
	cr_expect_eq(aspath_hops(p), 556);
	cr_expect_eq(aspath_count(p, 9), 300);
	cr_expect_eq(aspath_first(p), 9);
	size_t wide;
	cr_expect(aspath_check(p, 4, false, &wide));
	cr_expect_eq(wide, p.len);
}

Test(codec_aspath, prepend_stops_where_a_span_ends)
{
	struct span p = aspath_prepend(arena, (struct span){NULL, 0}, 7, 16000);
	cr_expect_eq(aspath_hops(p), 16000);
	cr_expect_eq(aspath_prepend(arena, p, 7, 1000).len, p.len);
}

/* RFC 6793 4.2.3 */
Test(codec_aspath, merge_with_as4_path)
{
	static const struct {
		const char *path, *as4, *result;
	} rows[] = {
	    {"1 23456 23456", "100000 100001", "1 100000 100001"},
	    {"23456 23456", "100000 100001", "100000 100001"},
	    {"1", "100000 100001", "1"}, /* longer: ignored */
	    {"1 2 3", "", "1 2 3"},
	    {"1 {5,6} 23456", "100000", "1 {5,6} 100000"},
	    {"1 23456 {5,6}", "100000 {5,6}", "1 100000 {5,6}"},
	    {"(65010) 1 23456", "100000", "(65010) 1 100000"},
	    {"(65010) 23456", "100000", "(65010) 100000"},
	    {"1 23456", "(65010) 100000", "1 100000"}, /* confederation dropped */
	    {"1 2", "(65010)", "1 2"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span p =
		    aspath_merge(arena, path_of(arena, rows[i].path), path_of(arena, rows[i].as4));
		cr_expect_str_eq(path_text(p), rows[i].result, "%s + %s: %s", rows[i].path,
		    rows[i].as4, path_text(p));
	}
}

Test(codec_aspath, merge_keeps_segments_within_255)
{
	struct span tail = aspath_prepend(arena, (struct span){NULL, 0}, 100000, 200);
	struct span path = aspath_prepend(arena, (struct span){NULL, 0}, AS_TRANS, 200);
	path = aspath_prepend(arena, path, 5, 100);
	struct span p = aspath_merge(arena, path, tail);
	size_t wide;
	cr_expect_eq(aspath_hops(p), 300);
	cr_expect_eq(aspath_count(p, 100000), 200);
	cr_expect_eq(aspath_count(p, 5), 100);
	cr_expect(aspath_check(p, 4, false, &wide));
}

Test(codec_aspath, wire_forms)
{
	uint8_t buf[64];
	struct wr w = wr_init(buf, sizeof(buf));
	struct span p = path_of(arena, "1 100000 (65010)");
	aspath_encode(&w, p, false);
	cr_expect_str_eq(hex_text(buf, wr_len(&w)), "020200015ba00301fdf2");
	struct span old = {buf, (uint16_t)wr_len(&w)};
	size_t wide;
	cr_assert(aspath_check(old, 2, true, &wide));
	cr_expect_str_eq(path_text(aspath_widen(arena, old, wide)), "1 23456 (65010)");
	cr_expect(!aspath_check(old, 2, false, &wide), "confederation from outside");
	cr_expect(!aspath_check(hex_span(arena, "02020000000100000002"), 2, true, &wide), "AS 0");

	w = wr_init(buf, sizeof(buf));
	aspath_encode_public(&w, p);
	cr_expect_str_eq(hex_text(buf, wr_len(&w)), "020200000001000186a0");
	w = wr_init(buf, 9);
	aspath_encode(&w, p, true);
	cr_expect(w.bad);
}

Test(codec_aspath, malformed)
{
	static const char *const rows[] = {"00010000fde9", "05010000fde9", "0200", "02",
	    "02010000fd", "020100000000", "02010000fde902"};
	size_t wide;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect(!aspath_check(hex_span(arena, rows[i]), 4, true, &wide), "%s", rows[i]);
}
