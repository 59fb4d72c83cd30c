/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/out: both renditions, json-c's layout, escapes. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lib/out.h"
#include "lib/sb.h"

static struct sb sb;
static struct out *o;

static void start(bool json)
{
	sb_init(&sb);
	o = out_new(&sb, json);
}

static void expect(const char *text)
{
	cr_expect_str_eq(sb.s, text);
	cr_expect_eq(out_queued(o), strlen(text));
	out_free(o);
	sb_fini(&sb);
}

/* One show function, as the rooms above write them. */
static void show_peer(void)
{
	out_obj(o, NULL);
	out_obj(o, "192.168.1.2");
	out_text(o, "BGP neighbor is %s", "192.168.1.2");
	out_uint(o, "remoteAs", ", remote AS %llu", 65002);
	out_int(o, "offset", NULL, -1);
	out_bool(o, "nbrExternalLink", ", external link\n", true);
	out_bool(o, "up", "never", false);
	out_str(o, "nbrDesc", " Description: %s\n", "to router two");
	out_str(o, NULL, "text only: %s\n", "x");
	out_strf(o, "json", "%s-%d", "only", 1);
	out_obj(o, "empty");
	out_obj_end(o);
	out_arr(o, "none");
	out_arr_end(o);
	out_arr(o, "list");
	out_int(o, NULL, NULL, 65002);
	out_str(o, NULL, NULL, "s");
	out_obj(o, NULL);
	out_bool(o, "a", NULL, true);
	out_obj_end(o);
	out_arr_end(o);
	out_obj_end(o);
	out_obj_end(o);
}

Test(out, text)
{
	start(false);
	cr_expect_not(out_json(o));
	show_peer();
	expect("BGP neighbor is 192.168.1.2, remote AS 65002, external link\n"
	       " Description: to router two\n"
	       "text only: x\n");
}

Test(out, pretty)
{
	start(true);
	cr_expect(out_json(o));
	show_peer();
	expect("{\n"
	       "  \"192.168.1.2\":{\n"
	       "    \"remoteAs\":65002,\n"
	       "    \"offset\":-1,\n"
	       "    \"nbrExternalLink\":true,\n"
	       "    \"up\":false,\n"
	       "    \"nbrDesc\":\"to router two\",\n"
	       "    \"json\":\"only-1\",\n"
	       "    \"empty\":{\n"
	       "    },\n"
	       "    \"none\":[\n"
	       "    ],\n"
	       "    \"list\":[\n"
	       "      65002,\n"
	       "      \"s\",\n"
	       "      {\n"
	       "        \"a\":true\n"
	       "      }\n"
	       "    ]\n"
	       "  }\n"
	       "}");
}

/* The frame of `show ip bgp json` around plain values. */
Test(out, plain_in_a_hand_made_frame)
{
	start(true);
	out_raw(o, "{\n \"vrfId\": %d,\n \"routes\": { ", 0);
	for (int i = 0; i < 2; i++) {
		out_raw(o, "%s\"10.%d.0.0/16\": ", i ? "," : "", i);
		out_arr_styled(o, NULL, OUT_PLAIN);
		out_obj(o, NULL);
		out_bool(o, "valid", NULL, true);
		out_arr(o, "nexthops");
		out_arr_end(o);
		out_obj(o, "e");
		out_obj_end(o);
		out_obj_end(o);
		out_arr_end(o);
		out_raw(o, "\n");
	}
	out_raw(o, " } }\n");
	expect("{\n \"vrfId\": 0,\n \"routes\": { "
	       "\"10.0.0.0/16\": [{\"valid\":true,\"nexthops\":[],\"e\":{}}]\n"
	       ",\"10.1.0.0/16\": [{\"valid\":true,\"nexthops\":[],\"e\":{}}]\n"
	       " } }\n");
}

Test(out, key_in_a_hand_made_frame)
{
	start(true);
	out_raw(o, "{\n");
	out_obj(o, "ipv4Unicast");
	out_uint(o, "as", NULL, UINT64_MAX);
	out_obj_end(o);
	out_raw(o, "\n}\n");
	expect("{\n\"ipv4Unicast\":{\n  \"as\":18446744073709551615\n}\n}\n");
}

Test(out, styles_mix)
{
	start(true);
	out_obj(o, NULL);
	out_obj_styled(o, "plain", OUT_PLAIN);
	out_int(o, "a", NULL, 1);
	out_int(o, "b", NULL, 2);
	out_obj_end(o);
	out_int(o, "c", NULL, 3);
	out_obj_end(o);
	expect("{\n  \"plain\":{\"a\":1,\"b\":2},\n  \"c\":3\n}");
}

Test(out, escapes)
{
	start(true);
	out_obj_styled(o, NULL, OUT_PLAIN);
	out_str(o, "k\"", NULL, "\"quotes\" and back\\slash <tags> & n/a");
	out_str(o, "c", NULL, "\b\f\n\r\t\x01\x1f\x7f");
	out_escape_slash(o, true);
	out_str(o, "a/b", NULL, "n/a");
	out_escape_slash(o, false);
	out_str(o, "d", NULL, "n/a");
	out_obj_end(o);
	expect("{\"k\\\"\":\"\\\"quotes\\\" and back\\\\slash <tags> & n/a\","
	       "\"c\":\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\","
	       "\"a\\/b\":\"n\\/a\",\"d\":\"n/a\"}");
}

Test(out, escapes_at_every_place)
{
	static const char odd[] = "\"\\/\n\x7f\xff";

	for (size_t len = 1; len < 40; len++)
		for (size_t at = 0; at < len; at++)
			for (size_t i = 0; i < sizeof(odd) - 1; i++) {
				static const char *const as[] = {
				    "\\\"", "\\\\", "\\/", "\\n", "\x7f", "\xef\xbf\xbd"};
				char in[48] = "", want[64];

				memset(in, '~', len);
				in[at] = odd[i];
				snprintf(want, sizeof(want), "[\"%.*s%s%s\"]", (int)at, in, as[i],
				    in + at + 1);
				start(true);
				out_escape_slash(o, true);
				out_arr_styled(o, NULL, OUT_PLAIN);
				out_str(o, NULL, NULL, in);
				out_arr_end(o);
				expect(want);
			}
}

Test(out, utf8_passes_and_the_rest_is_replaced)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80",
		"z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80"},
	    {"\xff", "\xef\xbf\xbd"},
	    {"a\xc3", "a\xef\xbf\xbd"},               /* cut off */
	    {"\xc3(", "\xef\xbf\xbd("},               /* no continuation */
	    {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"}, /* overlong */
	    {"\xe0\x80\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* surrogate */
	    {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	    {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
	    {"\x80", "\xef\xbf\xbd"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[64];

		snprintf(text, sizeof(text), "[\"%s\"]", rows[i].out);
		start(true);
		out_arr_styled(o, NULL, OUT_PLAIN);
		out_str(o, NULL, NULL, rows[i].in);
		out_arr_end(o);
		expect(text);
	}
}

Test(out, doubles_as_json_c)
{
	start(true);
	out_arr_styled(o, NULL, OUT_PLAIN);
	out_double(o, NULL, NULL, 0);
	out_double(o, NULL, NULL, 1024);
	out_double(o, NULL, NULL, 6.4);
	out_double(o, NULL, NULL, 2.0 / 3);
	out_double(o, NULL, NULL, 5.5340232221128655e+19);
	out_double(o, NULL, NULL, -1);
	out_arr_end(o);
	expect("[0.0,1024.0,6.4000000000000004,0.66666666666666663,5.5340232221128655e+19,-1.0]");

	start(false);
	out_double(o, "averagePrefixLength", "%12.2f\n", 24);
	expect("       24.00\n");
}

Test(out, integers_to_their_limits)
{
	start(true);
	out_arr_styled(o, NULL, OUT_PLAIN);
	out_int(o, NULL, NULL, INT64_MIN);
	out_int(o, NULL, NULL, INT64_MAX);
	out_uint(o, NULL, NULL, 4294967295);
	out_arr_end(o);
	expect("[-9223372036854775808,9223372036854775807,4294967295]");
}

/* A reader that drains in between changes nothing: the emitter never looks back. */
Test(out, survives_draining)
{
	struct sb all;

	start(true);
	sb_init(&all);
	out_obj(o, NULL);
	for (int i = 0; i < 3; i++) {
		out_strf(o, i == 0 ? "a" : i == 1 ? "b" : "c", "%d", i);
		sb_addn(&all, sb.s, sb.len);
		sb_clear(&sb);
	}
	out_obj_end(o);
	sb_add(&all, sb.s);
	cr_expect_str_eq(all.s, "{\n  \"a\":\"0\",\n  \"b\":\"1\",\n  \"c\":\"2\"\n}");
	sb_fini(&all);
	expect("\n}");
}

Test(out, closing_the_wrong_thing_is_a_bug, .signal = SIGABRT)
{
	start(true);
	out_obj(o, NULL);
	out_arr_end(o);
}
