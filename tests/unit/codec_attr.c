/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every attribute in its good and its bad forms, one row each: verdict, NOTIFICATION, and what of
 * it is sent on. Each row is put into an otherwise good UPDATE. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "codec_help.h"

enum session { EBGP, IBGP, EBGP_OLD, IBGP_OLD, CONFED };

static const struct session_traits traits[] = {
    [EBGP] = {.as4 = true, .ebgp = true, .max_message = 4096},
    [IBGP] = {.as4 = true, .max_message = 4096},
    [EBGP_OLD] = {.ebgp = true, .max_message = 4096},
    [IBGP_OLD] = {.max_message = 4096},
    [CONFED] = {.as4 = true, .confed = true, .max_message = 4096},
};

struct row {
	const char *attrs; /* before a next hop and 203.0.113.0/24 */
	enum session from;
	enum attr_result result;
	uint8_t subcode;  /* for what would be sent */
	const char *sent; /* NULL: not looked at; to an eBGP speaker with 4-octet numbers */
};

#define O "400101 00"            /* ORIGIN */
#define P "400206 0201 0000fde9" /* AS_PATH */
#define P2 "400204 0201 fde9"    /* from an old speaker */
#define H "400304 0a000002"      /* NEXT_HOP */
#define L "400504 00000064"      /* LOCAL_PREF */
#define SENT                                                                                       \
	"40010100"                                                                                 \
	"4002060201"                                                                               \
	"0000fde9"                                                                                 \
	"4003040a000002"

static const struct row rows[] = {
    {O P, EBGP, ATTR_OK, 0, SENT},
    {"400101 02" P, EBGP, ATTR_OK, 0,
	"400101024002060201"
	"0000fde9"
	"4003040a000002"},
    {"400101 03" P, EBGP, ATTR_WITHDRAW, 6, NULL},
    {"400100" P, EBGP, ATTR_WITHDRAW, 5, NULL},
    {"400102 0000" P, EBGP, ATTR_WITHDRAW, 5, NULL},
    {"c00101 00" P, EBGP, ATTR_WITHDRAW, 4, NULL},
    {"000101 00" P, EBGP, ATTR_WITHDRAW, 4, NULL},
    {"4f0101 00" P, EBGP, ATTR_OK, 0, SENT},
    {"50010001 00" P, EBGP, ATTR_OK, 0, SENT},
    {P, EBGP, ATTR_WITHDRAW, 3, NULL},

    {O "400200", EBGP, ATTR_OK, 0, "400101004002004003040a000002"},
    {O "400206 0101 0000fde9", EBGP, ATTR_OK, 0, NULL},
    {O "400206 0301 0000fde9", EBGP, ATTR_WITHDRAW, 11, NULL},
    {O L "400206 0301 0000fde9", IBGP, ATTR_OK, 0, NULL},
    {O L "400206 0401 0000fde9", CONFED, ATTR_OK, 0, NULL},
    {O "400206 0501 0000fde9", EBGP, ATTR_WITHDRAW, 11, NULL},
    {O "400206 0202 0000fde9", EBGP, ATTR_WITHDRAW, 11, NULL},
    {O "400202 0200", EBGP, ATTR_WITHDRAW, 11, NULL},
    {O "400206 0201 00000000", EBGP, ATTR_WITHDRAW, 11, NULL},
    {O "400201 02", EBGP, ATTR_WITHDRAW, 11, NULL},
    {O "c00206 0201 0000fde9", EBGP, ATTR_WITHDRAW, 4, NULL},
    {O P2, EBGP_OLD, ATTR_OK, 0, SENT},
    {O, EBGP, ATTR_WITHDRAW, 3, NULL},

    {O P "800404 0000000a", EBGP, ATTR_OK, 0, SENT "8004040000000a"},
    {O P "800403 00000a", EBGP, ATTR_WITHDRAW, 5, NULL},
    {O P "800405 000000000a", EBGP, ATTR_WITHDRAW, 5, NULL},
    {O P "c00404 0000000a", EBGP, ATTR_WITHDRAW, 4, NULL},

    {O P L, IBGP, ATTR_OK, 0, SENT}, /* and not sent to eBGP */
    {O P, IBGP, ATTR_WITHDRAW, 3, NULL},
    {O P, CONFED, ATTR_OK, 0, NULL},
    {O P L, EBGP, ATTR_DISCARD, 9, SENT},
    {O P "400503 000064", EBGP, ATTR_DISCARD, 9, SENT},
    {O P "400503 000064", IBGP, ATTR_WITHDRAW, 5, NULL},
    {O P "c00504 00000064", IBGP, ATTR_WITHDRAW, 4, NULL},

    {O P "400600", EBGP, ATTR_OK, 0, SENT "400600"},
    {O P "400601 00", EBGP, ATTR_DISCARD, 5, SENT},
    {O P "c00600", EBGP, ATTR_WITHDRAW, 4, NULL},

    {O P "c00708 0000fde9 0a000001", EBGP, ATTR_OK, 0, SENT "c007080000fde90a000001"},
    {O P "e00708 0000fde9 0a000001", EBGP, ATTR_OK, 0, SENT "e007080000fde90a000001"},
    {O P "c00706 fde9 0a000001", EBGP, ATTR_DISCARD, 9, SENT},
    {O P "c00709 0000fde9 0a000001 00", EBGP, ATTR_DISCARD, 5, SENT},
    {O P "c00708 00000000 0a000001", EBGP, ATTR_DISCARD, 9, SENT},
    {O P "400708 0000fde9 0a000001", EBGP, ATTR_WITHDRAW, 4, NULL},
    {O P2 "c00706 fde9 0a000001", EBGP_OLD, ATTR_OK, 0, SENT "c007080000fde90a000001"},
    {O P2 "c00708 0000fde9 0a000001", EBGP_OLD, ATTR_DISCARD, 9, SENT},

    {O P "c00808 00010002 00010001", EBGP, ATTR_OK, 0, SENT "c008080001000100010002"},
    {O P "e00804 00010002", EBGP, ATTR_OK, 0, SENT "e0080400010002"},
    {O P "c00800", EBGP, ATTR_WITHDRAW, 5, NULL},
    {O P "c00806 000100020001", EBGP, ATTR_WITHDRAW, 5, NULL},
    {O P "800804 00010002", EBGP, ATTR_WITHDRAW, 4, NULL},

    {O P L "800904 0a000003", IBGP, ATTR_OK, 0, SENT},
    {O P L "800903 0a0000", IBGP, ATTR_WITHDRAW, 5, NULL},
    {O P L "c00904 0a000003", IBGP, ATTR_WITHDRAW, 4, NULL},
    {O P "800904 0a000003", EBGP, ATTR_DISCARD, 9, SENT},

    {O P L "800a08 0a000003 0a000004", IBGP, ATTR_OK, 0, SENT},
    {O P L "800a00", IBGP, ATTR_WITHDRAW, 5, NULL},
    {O P L "800a06 0a0000030a00", IBGP, ATTR_WITHDRAW, 5, NULL},
    {O P "800a00", EBGP, ATTR_DISCARD, 9, SENT},

    {O P "c01008 0002fde900000001", EBGP, ATTR_OK, 0, SENT "c010080002fde900000001"},
    {O P "c01008 4004fde900000001", EBGP, ATTR_OK, 0, SENT}, /* stays inside */
    {O P "c01007 0002fde9000000", EBGP, ATTR_WITHDRAW, 5, NULL},
    {O P "c01000", EBGP, ATTR_WITHDRAW, 5, NULL},
    {O P "801008 0002fde900000001", EBGP, ATTR_WITHDRAW, 4, NULL},

    {O P "c0200c 000000010000000200000003", EBGP, ATTR_OK, 0,
	SENT "c0200c000000010000000200000003"},
    {O P "c0200b 0000000100000002000000", EBGP, ATTR_WITHDRAW, 5, NULL},
    {O P "c02000", EBGP, ATTR_WITHDRAW, 5, NULL},
    {O P "80200c 000000010000000200000003", EBGP, ATTR_WITHDRAW, 4, NULL},

    /* RFC 6793 */
    {O P "c01106 0201 000186a0", EBGP, ATTR_DISCARD, 9, SENT},
    {O "400206 0202 fde9 5ba0"
       "c01106 0201 000186a0",
	EBGP_OLD, ATTR_OK, 0,
	"40010100"
	"40020a0202"
	"0000fde9"
	"000186a0"
	"4003040a000002"},
    {O P2 "c01106 0901 000186a0", EBGP_OLD, ATTR_DISCARD, 9, SENT},
    {O P2 "c01104 0201 0001", EBGP_OLD, ATTR_DISCARD, 5, SENT},
    {O P2 "c01206 0001 86a0 0a00", EBGP_OLD, ATTR_DISCARD, 5, SENT},
    {O P2 "c01208 00000000 0a000009", EBGP_OLD, ATTR_DISCARD, 9, SENT},
    {O P2 "c00706 5ba0 0a000001"
	  "c01208 000186a0 0a000009",
	EBGP_OLD, ATTR_OK, 0, SENT "c00708000186a00a000009"},
    {O P2 "c00706 0007 0a000001"
	  "c01208 000186a0 0a000009",
	EBGP_OLD, ATTR_OK, 0, SENT "c00708000000070a000001"},
    {O "400206 0202 fde9 5ba0"
       "c01106 0201 000186a0"
       "c00706 0007 0a000001"
       "c01208 000186a0 0a000009",
	EBGP_OLD, ATTR_OK, 0,
	"40010100"
	"40020a0202"
	"0000fde9"
	"00005ba0"
	"4003040a000002"
	"c00708000000070a000001"},
    {O P2 "c01208 000186a0 0a000009", EBGP_OLD, ATTR_OK, 0, SENT},

    /* not run, unknown */
    {O P "801d04 00010002", EBGP, ATTR_DISCARD, 9, SENT},
    {O P "c02803 000000", EBGP, ATTR_DISCARD, 9, SENT},
    {O P "c0fa02 beef", EBGP, ATTR_OK, 0, SENT "e0fa02beef"},
    {O P "d0fa0002 beef", EBGP, ATTR_OK, 0, SENT "e0fa02beef"},
    {O P "c0fb01 01"
	 "c01901 02"
	 "800404 00000001",
	EBGP, ATTR_OK, 0,
	SENT "80040400000001"
	     "e0190102"
	     "e0fb0101"},
    {O P "80fa02 beef", EBGP, ATTR_OK, 0, SENT},
    {O P "40fa02 beef", EBGP, ATTR_RESET, 2, NULL},
    {O P "c0fa02 beef"
	 "c0fa01 00",
	EBGP, ATTR_DISCARD, 1, SENT "e0fa02beef"},
    {O P "400101 05", EBGP, ATTR_DISCARD, 1, SENT},
    {O P "800f03 000201"
	 "800f03 000201",
	EBGP, ATTR_RESET, 1, NULL},
    {O P "800f02 0002", EBGP, ATTR_RESET, 9, NULL},
    {O P "c00f03 000201", EBGP, ATTR_RESET, 4, NULL},

    /* lists that end too soon */
    {O P "40", EBGP, ATTR_WITHDRAW, 1, NULL},
    {O P "d0080000", EBGP, ATTR_WITHDRAW, 5, NULL},
};

/* The row's attributes, then NEXT_HOP (first, so that a broken list does not hide it). */
static size_t message(const struct row *row, uint8_t *buf, size_t size)
{
	uint8_t attrs[512];
	size_t hop = hex_bytes(H, attrs, sizeof(attrs));
	size_t len = hop + hex_bytes(row->attrs, attrs + hop, sizeof(attrs) - hop);
	struct wr w = wr_init(buf, size);
	wr_u16(&w, 0);
	wr_u16(&w, (uint16_t)len);
	wr_bytes(&w, attrs, len);
	wr_bytes(&w, "\x18\xcb\x00\x71", 4);
	return wr_len(&w);
}

static void expect_sent(const struct attr_set *set, const char *hex, const char *what)
{
	uint8_t buf[512];
	struct wr w = wr_init(buf, sizeof(buf));
	attr_encode(&w, set, &traits[EBGP], true);
	cr_expect_str_eq(hex_text(buf, wr_len(&w)), hex, "%s: %s", what, hex_text(buf, wr_len(&w)));
}

Test(codec_attr, every_form)
{
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		uint8_t buf[600];
		struct update u;
		size_t len = message(row, buf, sizeof(buf));
		update_decode(&traits[row->from], buf, len, a, &u);
		cr_expect_eq(
		    u.result, row->result, "%s: %d %s", row->attrs, u.result, u.fault.text);
		cr_expect_eq(u.fault.notify.subcode, row->subcode, "%s: %u", row->attrs,
		    u.fault.notify.subcode);
		cr_expect_eq(u.reach.withdraw, u.result == ATTR_WITHDRAW, "%s", row->attrs);
		cr_expect_eq(u.discarded > 0, u.result == ATTR_DISCARD, "%s", row->attrs);
		cr_expect_eq(u.fault.text[0] != '\0', u.result != ATTR_OK);
		if (row->sent)
			expect_sent(&u.attrs, row->sent, row->attrs);
		arena_reset(a);
	}
	arena_free(a);
}

/* RFC 4271 6.3 says what goes into the data. */
Test(codec_attr, notification_data)
{
	static const struct {
		const char *body, *data;
		uint8_t subcode;
	} cases[] = {
	    {"0000 0004"
	     "40010105",
		"40010105", 6},
	    {"0000 0005"
	     "4001020000",
		"4001020000", 5},
	    {"0000 0004"
	     "c0010100",
		"c0010100", 4},
	    {"0000 0004"
	     "40c80101",
		"40c80101", 2},
	    {"0000 0004"
	     "400201 02",
		"", 11},
	    {"0000 0000"
	     "21cb00710000",
		"", 10},
	    {"0001 21 0000", "", 10},
	    {"0000 0010"
	     "40",
		"", 1},
	    {"0009 0000", "", 1},
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t buf[64];
		struct update u;
		size_t len = hex_bytes(cases[i].body, buf, sizeof(buf));
		update_decode(&traits[EBGP], buf, len, a, &u);
		cr_expect_eq(u.result, ATTR_RESET, "%s", cases[i].body);
		cr_expect_eq(u.fault.notify.code, 3);
		cr_expect_eq(u.fault.notify.subcode, cases[i].subcode, "%s", cases[i].body);
		cr_expect_str_eq(hex_text(u.fault.notify.data, u.fault.notify.len), cases[i].data);
	}
	arena_free(a);
}

Test(codec_attr, a_value_over_255_takes_two_octets_of_length)
{
	struct arena *a = arena_new();
	struct attr_set set = {.have = ATTR_BIT(ATTR_COMMUNITIES) | ATTR_BIT(ATTR_AS_PATH)};
	uint8_t buf[1024];
	set.as_path = aspath_prepend(a, (struct span){NULL, 0}, 1, 64); /* 258 octets */
	set.communities = hex_span(a, "00010001");
	struct wr w = wr_init(buf, sizeof(buf));
	attr_encode(&w, &set, &traits[EBGP], true);
	cr_expect_eq(wr_len(&w), 4 + 258 + 7);
	cr_expect_str_eq(hex_text(buf, 10), "50020102024000000001");
	cr_expect_str_eq(hex_text(buf + 262, 7), "c0080400010001");
	w = wr_init(buf, 264);
	attr_encode(&w, &set, &traits[EBGP], true);
	cr_expect(w.bad);
	arena_free(a);
}

/* RFC 6793 4.2.2: to an old speaker. */
Test(codec_attr, as4_forms_to_an_old_speaker)
{
	struct arena *a = arena_new();
	uint8_t buf[256];
	struct attr_set set = {
	    .have = ATTR_BIT(ATTR_AS_PATH) | ATTR_BIT(ATTR_AGGREGATOR),
	    .as_path = path_of(a, "(65010) 1 100000"),
	    .aggregator_as = 100000,
	    .aggregator_id = 0x0a000001,
	};
	struct wr w = wr_init(buf, sizeof(buf));
	attr_encode(&w, &set, &traits[IBGP_OLD], true);
	cr_expect_str_eq(hex_text(buf, wr_len(&w)), "40020a0301fdf2020200015ba0"
						    "c007065ba00a000001"
						    "c0110a020200000001000186a0"
						    "c01208000186a00a000001");
	set.as_path = path_of(a, "1 2");
	set.aggregator_as = 2;
	w = wr_init(buf, sizeof(buf));
	attr_encode(&w, &set, &traits[IBGP_OLD], true);
	cr_expect_str_eq(hex_text(buf, wr_len(&w)), "400206020200010002c0070600020a000001");
	arena_free(a);
}

Test(codec_attr, names)
{
	cr_expect_str_eq(attr_name(ATTR_AS_PATH), "AS_PATH");
	cr_expect_null(attr_name(250));
}
