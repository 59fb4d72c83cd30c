/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and prefixes: text, order and containment.
 *
 * Everything works on the bytes in network order, so that one loop serves both families. Reading
 * text is left to inet_pton, which takes whole strings only and no short or octal IPv4; writing is
 * done here, since tables of a million rows spend their time in it.
 *
 * IPv6 text is RFC 5952's: the longest run of two or more zero groups is "::", the first of equals,
 * digits in lower case without leading zeros. FRR ends IPv4-compatible addresses in a dotted quad
 * (::a.b.c.d) but not IPv4-mapped ones (::ffff:102:304); so does this.
 */
#include "lib/prefix.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

int family_to_af(enum family f)
{
	return f == FAMILY_IPV6 ? AF_INET6 : AF_INET;
}

/* --- reading text --- */

bool addr_parse(const char *s, struct addr *out)
{
	struct addr a = {.family = strchr(s, ':') ? FAMILY_IPV6 : FAMILY_IPV4};

	if (inet_pton(family_to_af(a.family), s, a.b) != 1)
		return false;
	*out = a;
	return true;
}

/* One to three decimal digits, at most max. */
static bool length_parse(const char *s, unsigned max, uint8_t *out)
{
	unsigned n = 0, digits = 0;

	for (; s[digits] >= '0' && s[digits] <= '9'; digits++) {
		if (digits == 3)
			return false;
		n = n * 10 + (unsigned)(s[digits] - '0');
	}
	if (!digits || s[digits] || n > max)
		return false;
	*out = (uint8_t)n;
	return true;
}

bool prefix_parse_raw(const char *s, struct prefix *out)
{
	const char *slash = strchr(s, '/');
	char text[ADDR_STRLEN];
	struct addr a;
	uint8_t len;

	if (!slash || (size_t)(slash - s) >= sizeof(text))
		return false;
	memcpy(text, s, (size_t)(slash - s));
	text[slash - s] = '\0';
	if (!addr_parse(text, &a) || !length_parse(slash + 1, family_bits(a.family), &len))
		return false;
	*out = prefix_from_addr(&a);
	out->len = len;
	return true;
}

bool prefix_parse(const char *s, struct prefix *out)
{
	struct prefix p;

	if (!prefix_parse_raw(s, &p))
		return false;
	prefix_mask(&p);
	*out = p;
	return true;
}

/* --- writing text; each puts what it says at `to` and returns the place behind it --- */

static char *put_decimal(char *to, unsigned n)
{
	if (n >= 100)
		*to++ = (char)('0' + n / 100);
	if (n >= 10)
		*to++ = (char)('0' + n / 10 % 10);
	*to++ = (char)('0' + n % 10);
	return to;
}

static char *put_ipv4(char *to, const uint8_t b[static 4])
{
	for (int i = 0; i < 4; i++) {
		if (i)
			*to++ = '.';
		to = put_decimal(to, b[i]);
	}
	return to;
}

static char *put_group(char *to, unsigned group)
{
	bool started = false;

	for (int shift = 12; shift >= 0; shift -= 4) {
		unsigned digit = group >> shift & 15;

		started |= digit || !shift;
		if (started)
			*to++ = "0123456789abcdef"[digit];
	}
	return to;
}

static unsigned group_of(const uint8_t b[static 16], int i)
{
	return (unsigned)b[2 * i] << 8 | b[2 * i + 1];
}

/* The first longest run of zero groups; its length, 0 if there is none of two or more. */
static int longest_zeros(const uint8_t b[static 16], int *start)
{
	int best = 1, run = 0;

	for (int i = 0; i < 8; i++) {
		run = group_of(b, i) ? 0 : run + 1;
		if (run > best) {
			best = run;
			*start = i - run + 1;
		}
	}
	return best > 1 ? best : 0;
}

static char *put_ipv6(char *to, const uint8_t b[static 16])
{
	int start = 0, zeros = longest_zeros(b, &start);
	bool dotted = start == 0 && zeros == 6;

	for (int i = 0; i < 8; i++) {
		if (zeros && i == start) {
			*to++ = ':';
			i += zeros - 1;
			if (i == 7)
				*to++ = ':';
			continue;
		}
		if (i)
			*to++ = ':';
		if (dotted && i == 6)
			return put_ipv4(to, b + 12);
		to = put_group(to, group_of(b, i));
	}
	return to;
}

static char *put_bytes(char *to, uint8_t family, const uint8_t b[static 16])
{
	return family == FAMILY_IPV6 ? put_ipv6(to, b) : put_ipv4(to, b);
}

const char *addr_str(const struct addr *a, char buf[static ADDR_STRLEN])
{
	*put_bytes(buf, a->family, a->b) = '\0';
	return buf;
}

const char *prefix_str(const struct prefix *p, char buf[static PREFIX_STRLEN])
{
	char *to = put_bytes(buf, p->family, p->b);

	*to++ = '/';
	*put_decimal(to, p->len) = '\0';
	return buf;
}

/* --- addresses --- */

struct addr addr_from_ipv4(uint32_t host_order)
{
	struct addr a = {.family = FAMILY_IPV4};
	uint32_t net = htonl(host_order);

	memcpy(a.b, &net, sizeof(net));
	return a;
}

uint32_t addr_to_ipv4(const struct addr *a)
{
	uint32_t net;

	memcpy(&net, a->b, sizeof(net));
	return ntohl(net);
}

bool addr_is_set(const struct addr *a)
{
	static const uint8_t zero[sizeof(a->b)];

	return a->family != FAMILY_NONE && memcmp(a->b, zero, sizeof(zero)) != 0;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_cmp(a, b) == 0;
}

int addr_cmp(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->b, b->b, sizeof(a->b));
}

bool addr_is_link_local(const struct addr *a)
{
	if (a->family == FAMILY_IPV6)
		return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
	return a->family == FAMILY_IPV4 && a->b[0] == 169 && a->b[1] == 254;
}

bool addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[sizeof(a->b)] = {[15] = 1};

	if (a->family == FAMILY_IPV6)
		return memcmp(a->b, one, sizeof(one)) == 0;
	return a->family == FAMILY_IPV4 && a->b[0] == 127;
}

bool addr_is_multicast(const struct addr *a)
{
	if (a->family == FAMILY_IPV6)
		return a->b[0] == 0xff;
	return a->family == FAMILY_IPV4 && a->b[0] >> 4 == 0xe;
}

/* --- socket addresses --- */

socklen_t addr_to_sockaddr(
    const struct addr *a, uint16_t port, uint32_t scope, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (a->family == FAMILY_IPV6) {
		struct sockaddr_in6 sa = {
		    .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = scope};

		memcpy(&sa.sin6_addr, a->b, sizeof(sa.sin6_addr));
		memcpy(out, &sa, sizeof(sa));
		return sizeof(sa);
	}

	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port)};

	memcpy(&sa.sin_addr, a->b, sizeof(sa.sin_addr));
	memcpy(out, &sa, sizeof(sa));
	return sizeof(sa);
}

static uint16_t from_sockaddr_in(const struct sockaddr *sa, struct addr *out)
{
	struct sockaddr_in in;

	memcpy(&in, sa, sizeof(in));
	*out = addr_from_ipv4(ntohl(in.sin_addr.s_addr));
	return ntohs(in.sin_port);
}

static uint16_t from_sockaddr_in6(const struct sockaddr *sa, struct addr *out)
{
	struct sockaddr_in6 in6;
	const uint8_t *b = in6.sin6_addr.s6_addr;

	memcpy(&in6, sa, sizeof(in6));
	*out = (struct addr){0};
	if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
		out->family = FAMILY_IPV4;
		memcpy(out->b, b + 12, 4);
	} else {
		out->family = FAMILY_IPV6;
		memcpy(out->b, b, 16);
	}
	return ntohs(in6.sin6_port);
}

bool addr_from_sockaddr(const struct sockaddr *sa, struct addr *out, uint16_t *port)
{
	uint16_t found;

	if (sa->sa_family == AF_INET)
		found = from_sockaddr_in(sa, out);
	else if (sa->sa_family == AF_INET6)
		found = from_sockaddr_in6(sa, out);
	else
		return false;
	if (port)
		*port = found;
	return true;
}

/* --- prefixes --- */

void prefix_mask(struct prefix *p)
{
	unsigned byte = p->len / 8, bits = p->len % 8;

	assert(p->len <= family_bits(p->family));
	if (bits)
		p->b[byte++] &= (uint8_t)(0xff00 >> bits);
	memset(p->b + byte, 0, sizeof(p->b) - byte);
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return prefix_cmp(a, b) == 0;
}

int prefix_cmp(const struct prefix *a, const struct prefix *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;

	int order = memcmp(a->b, b->b, sizeof(a->b));

	return order ? order : a->len - b->len;
}

static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	if (memcmp(a, b, bytes) != 0)
		return false;
	return !rest || ((a[bytes] ^ b[bytes]) & (0xff00 >> rest)) == 0;
}

bool prefix_contains(const struct prefix *outer, const struct prefix *inner)
{
	return outer->family == inner->family && outer->len <= inner->len &&
	       bits_equal(outer->b, inner->b, outer->len);
}

bool prefix_has_addr(const struct prefix *p, const struct addr *a)
{
	return p->family == a->family && bits_equal(p->b, a->b, p->len);
}

struct prefix prefix_from_addr(const struct addr *a)
{
	struct prefix p = {.family = a->family, .len = (uint8_t)family_bits(a->family)};

	memcpy(p.b, a->b, sizeof(p.b));
	return p;
}

bool prefix_from_mask(const struct addr *a, const struct addr *mask, struct prefix *out)
{
	uint32_t m = addr_to_ipv4(mask);

	if (a->family != FAMILY_IPV4 || mask->family != FAMILY_IPV4 || (~m & (~m + 1)))
		return false;
	*out = prefix_from_addr(a);
	out->len = (uint8_t)__builtin_popcount(m);
	prefix_mask(out);
	return true;
}

struct addr prefix_addr(const struct prefix *p)
{
	struct addr a = {.family = p->family};

	memcpy(a.b, p->b, sizeof(a.b));
	return a;
}

uint8_t prefix_classful_len(const struct prefix *p)
{
	if (p->family != FAMILY_IPV4)
		return (uint8_t)family_bits(p->family);
	if (p->b[0] < 128)
		return 8;
	if (p->b[0] < 192)
		return 16;
	return p->b[0] < 224 ? 24 : 32;
}
