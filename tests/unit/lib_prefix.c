/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/prefix: text, order and containment, by table. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "lib/prefix.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct addr addr(const char *s)
{
	struct addr a = {0};

	cr_assert(addr_parse(s, &a), "%s", s);
	return a;
}

static struct prefix prefix(const char *s)
{
	struct prefix p = {0};

	cr_assert(prefix_parse(s, &p), "%s", s);
	return p;
}

Test(addr, text)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"0.0.0.0", "0.0.0.0"},
	    {"255.255.255.255", "255.255.255.255"},
	    {"10.9.100.1", "10.9.100.1"},
	    {"::", "::"},
	    {"::1", "::1"},
	    {"1::", "1::"},
	    {"2001:DB8::00A0", "2001:db8::a0"},
	    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, /* RFC 5952 4.2.2 */
	    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},          /* 4.2.3: the longest */
	    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},    /* 4.2.3: the first */
	    {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
	    {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
	    {"fe80:0:0:0:1:0:0:0", "fe80::1:0:0:0"},
	    {"::ffff:10.1.2.3", "::ffff:a01:203"}, /* as FRR */
	    {"::10.1.2.3", "::10.1.2.3"},
	    {"::ffff:0:1.2.3.4", "::ffff:0:102:304"},
	    {"::1:2", "::0.1.0.2"},
	    {"::2", "::2"},
	    {"::ffff:0:0", "::ffff:0:0"},
	    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct addr a = addr(rows[i].in);
		char buf[ADDR_STRLEN];

		cr_expect_str_eq(addr_str(&a, buf), rows[i].out);
	}
}

Test(addr, not_an_address)
{
	static const char *const rows[] = {"", " ", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1",
	    "1.2.3.4 ", " 1.2.3.4", "01.2.3.4", "0x1.2.3.4", "1.2.3.4/32", "1.2.3.-4", ":",
	    ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "fe80::1%lo",
	    "::1.2.3", "::/0"};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct addr a = {.family = 77};

		cr_expect_not(addr_parse(rows[i], &a), "%s", rows[i]);
		cr_expect_eq(a.family, 77, "untouched by %s", rows[i]);
	}
}

/* Against the C library, on addresses with many zero groups, but for mapped ones. */
Test(addr, text_agrees_with_inet_ntop)
{
	srand(1);
	for (int round = 0; round < 100000; round++) {
		struct addr a = {.family = FAMILY_IPV6};
		char ours[ADDR_STRLEN], theirs[INET6_ADDRSTRLEN];

		for (int i = 0; i < 16; i++)
			a.b[i] = (uint8_t)(rand() % 3 ? 0 : rand() % 2 ? 0xff : rand());
		inet_ntop(AF_INET6, a.b, theirs, sizeof(theirs));
		if (strncmp(theirs, "::ffff:", 7) != 0 || !strchr(theirs, '.'))
			cr_assert_str_eq(addr_str(&a, ours), theirs);
	}
}

Test(prefix, text)
{
	static const struct {
		const char *in, *masked, *raw;
	} rows[] = {
	    {"0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0"},
	    {"10.1.2.3/8", "10.0.0.0/8", "10.1.2.3/8"},
	    {"10.1.2.255/25", "10.1.2.128/25", "10.1.2.255/25"},
	    {"10.1.2.3/31", "10.1.2.2/31", "10.1.2.3/31"},
	    {"10.1.2.3/32", "10.1.2.3/32", "10.1.2.3/32"},
	    {"::/0", "::/0", "::/0"},
	    {"2001:db8:ffff::1/33", "2001:db8:8000::/33", "2001:db8:ffff::1/33"},
	    {"2001:db8::1/127", "2001:db8::/127", "2001:db8::1/127"},
	    {"2001:db8::1/128", "2001:db8::1/128", "2001:db8::1/128"},
	    {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct prefix p = prefix(rows[i].in), raw;
		char buf[PREFIX_STRLEN];

		cr_expect_str_eq(prefix_str(&p, buf), rows[i].masked);
		cr_expect(prefix_parse_raw(rows[i].in, &raw));
		cr_expect_str_eq(prefix_str(&raw, buf), rows[i].raw);
	}
}

Test(prefix, not_a_prefix)
{
	static const char *const rows[] = {"", "/", "/8", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33",
	    "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/8 ", "10.0.0.0/8x",
	    "10.0.0.0/8/8", "10/8", "10.0.0/8", "10.0.0.0/0008", "10.0.0.0/255.0.0.0",
	    "10.0.0.0/4294967304", "::", "::/129", "::1%lo/128", "2001:db8::/999999999999",
	    "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/0"};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct prefix p = {.family = 77};

		cr_expect_not(prefix_parse(rows[i], &p), "%s", rows[i]);
		cr_expect_not(prefix_parse_raw(rows[i], &p), "%s", rows[i]);
		cr_expect_eq(p.family, 77, "untouched by %s", rows[i]);
	}
}

Test(prefix, table_order)
{
	static const char *const rows[] = {"0.0.0.0/0", "0.0.0.0/1", "9.255.255.255/32",
	    "10.0.0.0/8", "10.0.0.0/16", "10.0.0.0/24", "10.0.0.128/25", "10.0.1.0/24",
	    "10.128.0.0/9", "192.0.2.0/24", "255.255.255.255/32", "::/0", "::/128", "::1/128",
	    "2001:db8::/32", "2001:db8::/48", "ff00::/8"};

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t j = 0; j < COUNT(rows); j++) {
			struct prefix a = prefix(rows[i]), b = prefix(rows[j]);
			int order = prefix_cmp(&a, &b);

			cr_expect(i < j   ? order < 0
				  : i > j ? order > 0
					  : order == 0,
			    "%s %s", rows[i], rows[j]);
			cr_expect_eq(prefix_equal(&a, &b), i == j);
		}
	}
}

Test(prefix, containment)
{
	static const struct {
		const char *outer, *inner;
		bool contains;
	} rows[] = {
	    {"0.0.0.0/0", "10.0.0.0/8", true},
	    {"0.0.0.0/0", "0.0.0.0/0", true},
	    {"10.0.0.0/8", "0.0.0.0/0", false},
	    {"10.0.0.0/8", "10.0.0.0/8", true},
	    {"10.0.0.0/8", "10.255.255.255/32", true},
	    {"10.0.0.0/8", "11.0.0.0/8", false},
	    {"10.0.0.0/9", "10.128.0.0/9", false},
	    {"10.0.0.0/23", "10.0.1.0/24", true},
	    {"10.0.0.0/23", "10.0.2.0/24", false},
	    {"0.0.0.0/0", "::/0", false},
	    {"::/0", "2001:db8::/32", true},
	    {"2001:db8::/33", "2001:db8:8000::/33", false},
	    {"2001:db8::/127", "2001:db8::1/128", true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct prefix outer = prefix(rows[i].outer), inner = prefix(rows[i].inner);

		cr_expect_eq(prefix_contains(&outer, &inner), rows[i].contains, "%s %s",
		    rows[i].outer, rows[i].inner);
	}
}

Test(prefix, has_addr)
{
	struct prefix net = prefix("192.0.2.0/25"), v6 = prefix("2001:db8::/32");
	struct addr first = addr("192.0.2.0"), last = addr("192.0.2.127"),
		    out = addr("192.0.2.128");
	struct addr in6 = addr("2001:db8:ffff::1");

	cr_expect(prefix_has_addr(&net, &first));
	cr_expect(prefix_has_addr(&net, &last));
	cr_expect_not(prefix_has_addr(&net, &out));
	cr_expect(prefix_has_addr(&v6, &in6));
	cr_expect_not(prefix_has_addr(&net, &in6));
}

Test(prefix, classful)
{
	static const struct {
		const char *text;
		uint8_t len;
	} rows[] = {{"0.0.0.0/32", 8}, {"127.255.255.255/32", 8}, {"128.0.0.0/32", 16},
	    {"191.255.0.0/32", 16}, {"192.0.0.0/32", 24}, {"223.255.255.0/32", 24},
	    {"224.0.0.0/32", 32}, {"255.0.0.0/32", 32}, {"2001:db8::/32", 128}};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct prefix p = prefix(rows[i].text);

		cr_expect_eq(prefix_classful_len(&p), rows[i].len, "%s", rows[i].text);
	}
}

Test(addr, kinds)
{
	static const struct {
		const char *text;
		bool set, link_local, loopback, multicast;
	} rows[] = {
	    {"0.0.0.0", false, false, false, false},
	    {"::", false, false, false, false},
	    {"0.0.0.1", true, false, false, false},
	    {"169.254.1.1", true, true, false, false},
	    {"169.253.1.1", true, false, false, false},
	    {"127.9.9.9", true, false, true, false},
	    {"224.0.0.1", true, false, false, true},
	    {"239.255.255.255", true, false, false, true},
	    {"240.0.0.1", true, false, false, false},
	    {"fe80::1", true, true, false, false},
	    {"febf::1", true, true, false, false},
	    {"fec0::1", true, false, false, false},
	    {"::1", true, false, true, false},
	    {"ff02::1", true, false, false, true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct addr a = addr(rows[i].text);

		cr_expect_eq(addr_is_set(&a), rows[i].set, "%s", rows[i].text);
		cr_expect_eq(addr_is_link_local(&a), rows[i].link_local, "%s", rows[i].text);
		cr_expect_eq(addr_is_loopback(&a), rows[i].loopback, "%s", rows[i].text);
		cr_expect_eq(addr_is_multicast(&a), rows[i].multicast, "%s", rows[i].text);
	}
}

Test(addr, order_and_numbers)
{
	struct addr low = addr_from_ipv4(0x0a000001), high = addr_from_ipv4(0xc0000201);
	struct addr v6 = addr("::");
	char buf[ADDR_STRLEN];

	cr_expect_str_eq(addr_str(&low, buf), "10.0.0.1");
	cr_expect_eq(addr_to_ipv4(&high), 0xc0000201);
	cr_expect_lt(addr_cmp(&low, &high), 0);
	cr_expect_gt(addr_cmp(&v6, &high), 0);
	cr_expect(addr_equal(&low, &low));
	cr_expect_not(addr_equal(&low, &high));
}

Test(addr, host_prefix_and_back)
{
	struct addr v4 = addr("10.1.2.3"), v6 = addr("2001:db8::1");
	struct prefix p4 = prefix_from_addr(&v4), p6 = prefix_from_addr(&v6);
	struct addr back = prefix_addr(&p6);

	cr_expect_eq(p4.len, 32);
	cr_expect_eq(p6.len, 128);
	cr_expect(addr_equal(&back, &v6));
}

Test(addr, socket_addresses)
{
	struct addr v4 = addr("192.0.2.1"), v6 = addr("fe80::1"), mapped = addr("::ffff:192.0.2.1"),
		    got;
	struct sockaddr_storage ss;
	uint16_t port = 0;

	cr_expect_eq(addr_to_sockaddr(&v4, 179, 0, &ss), sizeof(struct sockaddr_in));
	cr_expect_eq(ss.ss_family, AF_INET);
	cr_expect(addr_from_sockaddr((struct sockaddr *)&ss, &got, &port));
	cr_expect(addr_equal(&got, &v4));
	cr_expect_eq(port, 179);

	cr_expect_eq(addr_to_sockaddr(&v6, 1790, 3, &ss), sizeof(struct sockaddr_in6));
	cr_expect_eq(((struct sockaddr_in6 *)&ss)->sin6_scope_id, 3);
	cr_expect(addr_from_sockaddr((struct sockaddr *)&ss, &got, &port));
	cr_expect(addr_equal(&got, &v6));
	cr_expect_eq(port, 1790);

	addr_to_sockaddr(&mapped, 179, 0, &ss);
	cr_expect(addr_from_sockaddr((struct sockaddr *)&ss, &got, NULL));
	cr_expect(addr_equal(&got, &v4), "mapped addresses become IPv4");

	ss.ss_family = AF_UNIX;
	cr_expect_not(addr_from_sockaddr((struct sockaddr *)&ss, &got, &port));
	cr_expect(addr_equal(&got, &v4), "untouched on failure");
}
