/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/sb, lib/clock, lib/wire, lib/list: the small ones. */
#include <criterion/criterion.h>
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
