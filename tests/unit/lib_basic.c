/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/sb, lib/clock, lib/wire, lib/list: the small ones. */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/list.h"
#include "lib/mem.h"
#include "lib/sb.h"
#include "lib/wire.h"

Test(sb, starts_empty_and_grows)
{
	struct sb b;

	sb_init(&b);
	cr_expect_str_eq(b.s, "");
	sb_clear(&b);
	sb_addn(&b, "", 0);
	cr_expect_eq(b.cap, 0, "an unused builder takes no memory");
	for (int i = 0; i < 1000; i++)
		sb_addc(&b, (char)('a' + i % 26));
	cr_expect_eq(b.len, 1000);
	cr_expect_eq(strlen(b.s), 1000);
	cr_expect_eq(b.s[999], 'a' + 999 % 26);
	sb_fini(&b);
	cr_expect_str_eq(b.s, "");
}

Test(sb, format_at_every_length_around_the_capacity)
{
	for (int n = 0; n < 300; n++) {
		struct sb b;

		sb_init(&b);
		sb_fmt(&b, "%*d", n, 7);
		sb_fmt(&b, "<%s>", "x");
		cr_assert_eq(b.len, strlen(b.s));
		cr_assert_str_eq(b.s + b.len - 4, "7<x>");
		sb_fini(&b);
	}
}

#define SAME(...)                                                                                  \
	do {                                                                                       \
		char want[400];                                                                    \
		struct sb b;                                                                       \
		sb_init(&b);                                                                       \
		sb_add(&b, "<");                                                                   \
		sb_fmt(&b, __VA_ARGS__);                                                           \
		snprintf(want, sizeof(want), __VA_ARGS__);                                         \
		cr_expect_str_eq(b.s + 1, want);                                                   \
		cr_expect_eq(b.len, 1 + strlen(want));                                             \
		sb_fini(&b);                                                                       \
	} while (0)

Test(sb, format_is_the_c_librarys)
{
	static const long long ints[] = {0, 1, -1, 9, 10, -10, 99, 100, INT_MAX, INT_MIN, 1LL << 40,
	    -(1LL << 40), LLONG_MAX, LLONG_MIN};
	static const char *const strings[] = {
	    "", "x", "a text", "one that is longer than its field"};

	for (size_t i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
		long long n = ints[i];
		SAME("%d|%u|%x|%ld|%lu|%lx|%lld|%llu|%llx|%zu", (int)n, (unsigned)n, (unsigned)n,
		    (long)n, (unsigned long)n, (unsigned long)n, n, (unsigned long long)n,
		    (unsigned long long)n, (size_t)n);
		for (int width = 0; width < 25; width++) {
			SAME("%*d|%-*d|%0*d", width, (int)n, width, (int)n, width, (int)n);
			SAME("%*llu|%-*lld|%0*lld", width, (unsigned long long)n, width, n, width,
			    n);
			SAME("%0*x|%-*x|%*lx", width, (unsigned)n, width, (unsigned)n, width,
			    (unsigned long)n);
		}
		SAME("%12llu %02u %-10u %3u %08x %02X %X", (unsigned long long)n, (unsigned)n,
		    (unsigned)n, (unsigned)n, (unsigned)n, (unsigned)n, (unsigned)n);
		SAME("%+d % d %#x %.3d %8.5u %hhu %hd", (int)n, (int)n, (unsigned)n, (int)n,
		    (unsigned)n, (unsigned char)n, (short)n);
	}
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		const char *s = strings[i];
		SAME("%s|%8s|%-8s|%%|%.*s|%.3s|%c|%3c|%-3c|", s, s, s, 2, s, s, 'x', 'y', 'z');
		SAME("%*s%-*s|%10.4s", 9, s, 9, s, s);
		SAME("%12.2f %g %s %ju", 3.14159, 1e30, s, (uintmax_t)7);
	}
	SAME("100%% of %s %%", "it");
	SAME("%*d|%-*s|%.*s", -7, 5, -7, "x", -1, "whole");
}

Test(sb, numbers_and_room)
{
	struct sb b;

	sb_init(&b);
	sb_uint(&b, 0);
	sb_addc(&b, ' ');
	sb_uint(&b, UINT64_MAX);
	sb_addc(&b, ' ');
	sb_int(&b, INT64_MIN);
	sb_addc(&b, ' ');
	sb_int(&b, 42);
	cr_expect_str_eq(b.s, "0 18446744073709551615 -9223372036854775808 42");
	sb_clear(&b);
	for (size_t width = 0; width < 6; width++)
		sb_uint_right(&b, 123, width);
	cr_expect_str_eq(b.s, "123123123123 123  123");
	for (size_t n = 0; n < 200; n++) {
		char *to = sb_room(&b, n);
		memset(to, 'x', n);
		sb_used(&b, to + n / 2);
		cr_assert_eq(strlen(b.s), b.len);
	}
	sb_fini(&b);
}

Test(sb, pad_clear_steal)
{
	struct sb b;
	char *s;

	sb_init(&b);
	sb_add(&b, "ab");
	sb_pad(&b, 5);
	cr_expect_str_eq(b.s, "ab   ");
	sb_pad(&b, 3);
	cr_expect_str_eq(b.s, "ab   ");
	sb_clear(&b);
	cr_expect_str_eq(b.s, "");
	sb_addn(&b, "xyz", 2);
	s = sb_steal(&b);
	cr_expect_str_eq(s, "xy");
	cr_expect_str_eq(b.s, "");
	mem_free(s);
	s = sb_steal(&b);
	cr_expect_str_eq(s, "");
	mem_free(s);
}

Test(clock, uptime_boundaries)
{
	static const struct {
		uint32_t span;
		const char *text;
	} rows[] = {
	    {0, "00:00:00"},
	    {59, "00:00:59"},
	    {3661, "01:01:01"},
	    {86399, "23:59:59"},
	    {86400, "1d00h00m"},
	    {604799, "6d23h59m"},
	    {604800, "01w0d00h"},
	    {2584036, "04w1d21h"}, /* seen in an FRR */
	    {63072000, "104w2d00h"},
	    {UINT32_MAX, "7101w3d06h"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buf[UPTIME_STRLEN];

		cr_expect_str_eq(clock_uptime_str(rows[i].span, buf), rows[i].text);
	}
}

Test(clock, agree_with_each_other)
{
	uint64_t ns = clock_ns(), ms = clock_ms();
	uint32_t sec = clock_sec();
	int64_t then = clock_to_epoch(sec - 100);

	cr_expect_leq(ns / 1000000, ms);
	cr_expect_leq(ms / 1000, sec);
	cr_expect_leq(llabs(clock_epoch() - clock_to_epoch(sec)), 1);
	for (int i = 0; i < 1000; i++)
		cr_assert_leq(llabs(clock_to_epoch(sec - 100) - then), 1);
}

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8};

Test(wire, reads_big_endian)
{
	struct rd r = rd_init(bytes, sizeof(bytes));

	cr_expect_eq(rd_u8(&r), 0x01);
	cr_expect_eq(rd_u16(&r), 0x0203);
	cr_expect_eq(rd_u32(&r), 0x04050607);
	cr_expect_eq(rd_left(&r), 1);
	cr_expect_not(r.bad);
	cr_expect_eq(rd_u8(&r), 8);
	cr_expect_not(r.bad, "reading all is no overrun");
}

Test(wire, overrun_sticks_and_does_not_move)
{
	struct rd r = rd_init(bytes, 3);

	cr_expect_eq(rd_u32(&r), 0);
	cr_expect(r.bad);
	cr_expect_eq(rd_left(&r), 3);
	cr_expect_eq(rd_u8(&r), 0, "also what would fit");
	cr_expect_eq(rd_left(&r), 3);
	cr_expect_null(rd_bytes(&r, 0));
}

Test(wire, children_are_bounded)
{
	struct rd r = rd_init(bytes, sizeof(bytes));
	struct rd child = rd_sub(&r, 3);

	cr_expect_eq(rd_u16(&child), 0x0102);
	cr_expect_eq(rd_u16(&child), 0);
	cr_expect(child.bad);
	cr_expect_not(r.bad);
	cr_expect_eq(rd_u8(&r), 4);

	struct rd none = rd_sub(&r, 0);

	cr_expect_not(none.bad);
	cr_expect_eq(rd_left(&none), 0);

	struct rd too_long = rd_sub(&r, 100);

	cr_expect(too_long.bad);
	cr_expect(r.bad);
	cr_expect_eq(rd_left(&too_long), 0);
}

Test(wire, writes_and_fills_marks)
{
	static const uint8_t expected[] = {9, 0, 6, 2, 1, 2, 3, 4, 5};
	uint8_t buf[16];
	struct wr w = wr_init(buf, sizeof(buf));

	wr_u8(&w, 9);

	size_t outer = wr_mark16(&w), inner = wr_mark8(&w);

	wr_u16(&w, 0x0102);
	wr_fill8(&w, inner);
	wr_bytes(&w, "\3\4\5", 3);
	wr_bytes(&w, NULL, 0);
	wr_fill16(&w, outer);
	cr_expect_not(w.bad);
	cr_expect_eq(wr_len(&w), sizeof(expected));
	cr_expect_arr_eq(buf, expected, sizeof(expected));
}

Test(wire, a_full_buffer_takes_nothing)
{
	uint8_t buf[4] = {0};
	struct wr w = wr_init(buf, 3);
	size_t mark = wr_mark16(&w);

	wr_u16(&w, 0xffff);
	cr_expect(w.bad);
	wr_u8(&w, 0xff);
	wr_fill16(&w, mark);
	cr_expect_eq(wr_len(&w), 2);
	cr_expect_arr_eq(buf, "\0\0\0\0", 4);
}

struct item {
	int n;
	struct list_head link;
};

Test(list, order_and_removal)
{
	struct list_head head = LIST_HEAD_INIT(head);
	struct item items[4] = {{1}, {2}, {3}, {4}}, *it, *tmp;
	int sum = 0, order = 0;

	cr_expect(list_empty(&head));
	list_add_tail(&head, &items[1].link);
	list_add_tail(&head, &items[3].link);
	list_add_head(&head, &items[0].link);
	list_add_before(&items[3].link, &items[2].link);
	list_for_each (it, &head, link)
		order = order * 10 + it->n;
	cr_expect_eq(order, 1234);
	list_for_each_safe (it, tmp, &head, link)
		if (it->n % 2)
			list_del(&it->link);
	cr_expect_not(list_linked(&items[0].link));
	cr_expect(list_linked(&items[1].link));
	list_for_each (it, &head, link)
		sum += it->n;
	cr_expect_eq(sum, 6);
}
