/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and prefixes of both families: parse, format, order, contain.
 *
 * Addresses are stored in network byte order. IPv4 sits in the first four bytes and the rest is
 * zero, so two values may be compared with memcmp. A prefix's host bits are always zero, unless a
 * function says otherwise.
 */
#ifndef FERRO_LIB_PREFIX_H
#define FERRO_LIB_PREFIX_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Values = IANA AFI; FAMILY_LIMIT is the size of an array by family. */
enum family { FAMILY_NONE = 0, FAMILY_IPV4 = 1, FAMILY_IPV6 = 2, FAMILY_LIMIT };

struct addr {
	uint8_t family; /* enum family */
	uint8_t b[16];
};

struct prefix {
	uint8_t family; /* enum family */
	uint8_t len;    /* bits: 0..32 or 0..128 */
	uint8_t b[16];
};

#define ADDR_STRLEN 46
#define PREFIX_STRLEN 50

static inline unsigned family_bits(enum family f)
{
	return f == FAMILY_IPV6 ? 128 : 32;
}
static inline unsigned family_bytes(enum family f)
{
	return f == FAMILY_IPV6 ? 16 : 4;
}
int family_to_af(enum family f); /* AF_INET, AF_INET6 */

/* Text to address or prefix: the whole string must match; out stays untouched on failure.
 * prefix_parse accepts host bits and clears them; prefix_parse_raw keeps them (interface
 * addresses).
 */
bool addr_parse(const char *s, struct addr *out);
bool prefix_parse(const char *s, struct prefix *out);
bool prefix_parse_raw(const char *s, struct prefix *out);
/* Both return buf. IPv6 as RFC 5952, with FRR's choice of dotted quads: ::1.2.3.4, ::ffff:102:304.
 */
const char *addr_str(const struct addr *a, char buf[static ADDR_STRLEN]);
const char *prefix_str(const struct prefix *p, char buf[static PREFIX_STRLEN]);

struct addr addr_from_ipv4(uint32_t host_order);
uint32_t addr_to_ipv4(const struct addr *a); /* host order */
bool addr_is_set(const struct addr *a);      /* family given and not all zero */
bool addr_equal(const struct addr *a, const struct addr *b);
int addr_cmp(const struct addr *a, const struct addr *b); /* IPv4 before IPv6, then by value */
bool addr_is_link_local(const struct addr *a);            /* fe80::/10; 169.254.0.0/16 */
bool addr_is_loopback(const struct addr *a);
bool addr_is_multicast(const struct addr *a);

/* port in host order; scope is an interface index for link-local IPv6, else 0. Returns the length.
 */
socklen_t addr_to_sockaddr(
    const struct addr *a, uint16_t port, uint32_t scope, struct sockaddr_storage *out);
/* False for other families. IPv4-mapped IPv6 becomes IPv4. port may be NULL. */
bool addr_from_sockaddr(const struct sockaddr *sa, struct addr *out, uint16_t *port);

void prefix_mask(struct prefix *p); /* clears host bits */
bool prefix_equal(const struct prefix *a, const struct prefix *b);
/* Table order: family, then address, then length (shorter first). */
int prefix_cmp(const struct prefix *a, const struct prefix *b);
bool prefix_contains(const struct prefix *outer, const struct prefix *inner);
bool prefix_has_addr(const struct prefix *p, const struct addr *a);
struct prefix prefix_from_addr(const struct addr *a); /* host prefix */
/* IPv4 address and contiguous mask; false otherwise. */
bool prefix_from_mask(const struct addr *a, const struct addr *mask, struct prefix *out);
struct addr prefix_addr(const struct prefix *p);
uint8_t prefix_classful_len(const struct prefix *p); /* 8, 16, 24; 32 for other IPv4 */

#endif
