/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Path attributes: the table that says everything about each, drafts, and the store of interned
 * sets.
 *
 * A draft (struct attr_set) holds plain values and spans into memory that somebody else owns (a
 * message, an arena, an interned set): decoding, policy and outbound changes work on drafts. A
 * store holds each distinct set once, immutable, reference counted, in one compact allocation;
 * tables keep its 32-bit id. AS paths inside are always in the 4-octet wire form (RFC 6793).
 */
#ifndef FERRO_CODEC_ATTR_H
#define FERRO_CODEC_ATTR_H

#include <stdbool.h>
#include <stdint.h>

#include "bgpd/codec/notify.h"
#include "lib/mem.h"
#include "lib/prefix.h"
#include "lib/sb.h"
#include "lib/wire.h"

/* RFC 4271 5, 1997, 4456, 4760, 4360, 6793, 5701(ignored), 8092 ... */
enum attr_code {
	ATTR_ORIGIN = 1,
	ATTR_AS_PATH = 2,
	ATTR_NEXT_HOP = 3,
	ATTR_MED = 4,
	ATTR_LOCAL_PREF = 5,
	ATTR_ATOMIC_AGGREGATE = 6,
	ATTR_AGGREGATOR = 7,
	ATTR_COMMUNITIES = 8,
	ATTR_ORIGINATOR_ID = 9,
	ATTR_CLUSTER_LIST = 10,
	ATTR_MP_REACH = 14,
	ATTR_MP_UNREACH = 15,
	ATTR_EXT_COMMUNITIES = 16,
	ATTR_AS4_PATH = 17,
	ATTR_AS4_AGGREGATOR = 18,
	ATTR_LINK_STATE = 29,
	ATTR_LARGE_COMMUNITIES = 32,
	ATTR_PREFIX_SID = 40,
};

enum origin { ORIGIN_IGP = 0, ORIGIN_EGP = 1, ORIGIN_INCOMPLETE = 2 };

struct span {
	const uint8_t *p;
	uint16_t len; /* bytes */
};
static inline struct rd span_rd(struct span s)
{
	return rd_init(s.p ? (const void *)s.p : "", s.len);
}

/* A draft. `have` has ATTR_BIT(code) for each attribute that is there (but for MP_REACH, which sets
 * NEXT_HOP's, and the AS4 ones, which are merged): a field without its bit counts as absent, an
 * attribute with its bit and an empty span is there and empty (AS_PATH of a local route). Numbers
 * are in host order, spans in wire form. */
#define ATTR_BIT(code) (1u << ((code)&31)) /* code 32 falls on bit 0, which no code uses */
struct attr_set {
	uint32_t have;
	uint32_t
	    partial; /* ATTR_BIT of known ones with the Partial flag, which stays (RFC 4271 5) */
	uint8_t origin;
	struct addr next_hop;       /* IPv4, or the global IPv6 next hop of MP_REACH */
	struct addr next_hop_local; /* link-local IPv6 next hop; family NONE: none */
	/* The interface behind which the link-local one was heard of; 0: none, or not to be used.
	 * Local, never on the wire; stays in what is sent on, as in FRR. */
	uint32_t next_hop_ifindex;
	uint32_t med, local_pref;
	uint32_t aggregator_as, aggregator_id;
	uint32_t originator_id;
	uint32_t weight;               /* 0: none. FRR's local attribute, never on the wire */
	struct span as_path;           /* segments {type, count, count * u32} */
	struct span communities;       /* n * 4, sorted and unique */
	struct span ext_communities;   /* n * 8, sorted and unique */
	struct span large_communities; /* n * 12, sorted and unique */
	struct span cluster_list;      /* n * 4 */
	struct span unknown; /* transitive ones to pass on: {flags, code, u16 length, value}* */
};

/* RFC 7606: the worst of a message's attributes decides. In rising order. */
enum attr_result {
	ATTR_OK,
	ATTR_DISCARD,  /* the attribute is dropped, the routes stay */
	ATTR_WITHDRAW, /* treat as withdraw */
	ATTR_AFI_DISABLE,
	ATTR_RESET, /* session reset with the NOTIFICATION */
};

/* What decoding and encoding need to know about the session. */
struct session_traits {
	bool as4;    /* both sides have 4-octet AS numbers */
	bool ebgp;   /* external session (confederation peers count as internal here) */
	bool confed; /* the peer is in another member AS of our confederation (RFC 5065) */
	bool extended_nexthop; /* IPv4 routes may have IPv6 next hops (RFC 8950) */
	bool addpath_rx[FAMILY_LIMIT], addpath_tx[FAMILY_LIMIT]; /* by enum family */
	uint32_t local_as;
	uint16_t max_message; /* 4096, or 65535 with extended messages (RFC 8654) */
};

/* ---- AS paths (bgpd/codec/aspath.c) ---- */
enum { AS_SET = 1, AS_SEQUENCE = 2, AS_CONFED_SEQUENCE = 3, AS_CONFED_SET = 4 };
#define AS_TRANS 23456u
unsigned aspath_hops(struct span path); /* RFC 4271 9.1.2.2 a: sets count 1, confed 0 */
unsigned aspath_count(struct span path, uint32_t as); /* how often an AS stands in it */
uint32_t aspath_first(struct span path);    /* leftmost AS of a leading sequence; 0: none */
uint32_t aspath_origin(struct span path);   /* rightmost AS of a trailing sequence; 0: none */
uint32_t aspath_neighbor(struct span path); /* the AS that MEDs are compared within; 0: local */
bool aspath_has_set(struct span path);
/* FRR's remove-private-AS. all: also from a path with public numbers, which else stays as it is.
 * by: what stands in their place; 0: nothing. keep: this one stays. */
struct span aspath_without_private(
    struct arena *a, struct span path, bool all, uint32_t by, uint32_t keep);
/* A copy with as prepended `times`, merged into a leading sequence that has room; in the arena. */
struct span aspath_prepend(struct arena *a, struct span path, uint32_t as, unsigned times);
void aspath_str(struct span path, struct sb *to); /* "65001 {65002,65003} (65010)" */

/* ---- communities (bgpd/codec/community.c): text as FRR prints it, separated by blanks ---- */
void community_str(struct span c, struct sb *to);
void ext_community_str(struct span c, struct sb *to);
void large_community_str(struct span c, struct sb *to);
bool community_has(struct span c, uint32_t value);
/* The FRR name of a well-known community, or NULL. */
const char *community_name(uint32_t value);
/* The list sorted and without duplicates: c itself if it is so, else in the arena. width is 4, 8 or
 * 12 bytes. */
struct span community_canon(struct arena *a, struct span c, unsigned width);
enum {
	COMMUNITY_GRACEFUL_SHUTDOWN = 0xffff0000u,
	COMMUNITY_LLGR_STALE = 0xffff0006u,
	COMMUNITY_NO_LLGR = 0xffff0007u,
	COMMUNITY_BLACKHOLE = 0xffff029au,
	COMMUNITY_NO_EXPORT = 0xffffff01u,
	COMMUNITY_NO_ADVERTISE = 0xffffff02u,
	COMMUNITY_NO_EXPORT_SUBCONFED = 0xffffff03u,
	COMMUNITY_NOPEER = 0xffffff04u,
};

/* ---- the attribute table ---- */
const char *attr_name(uint8_t code); /* "NEXT_HOP"; NULL: unknown */

/* One attribute that could not be taken as it is; for log and counters. */
struct attr_fault {
	enum attr_result result;
	uint8_t code, flags;
	struct notify notify; /* for ATTR_RESET */
	char text[120];
};

/* Writes the attributes of a draft in ascending order, without MP_REACH/MP_UNREACH (update.h does
 * those); NEXT_HOP only if with_next_hop and it is IPv4. AS path and aggregator go out in the
 * session's form, with AS4_PATH and AS4_AGGREGATOR where RFC 6793 wants them. What the table does
 * not allow on the kind of session (LOCAL_PREF, ORIGINATOR_ID, CLUSTER_LIST to eBGP) and
 * non-transitive extended communities to eBGP are left out. w->bad: it does not fit. */
void attr_encode(
    struct wr *w, const struct attr_set *set, const struct session_traits *t, bool with_next_hop);

/* ---- store ---- */
struct attr_store;
struct attr_store *attr_store_new(void);
void attr_store_free(struct attr_store *s); /* asserts that nothing is referenced any more */
/* Finds or makes the interned set; the caller gets one reference. Never 0. */
uint32_t attr_intern(struct attr_store *s, const struct attr_set *draft);
/* The same for a draft that was made out of the interned set `like` (0: none), to which a reference
 * is held: where they differ in numbers and next hops only, this takes a fraction of the memory. */
uint32_t attr_intern_like(struct attr_store *s, const struct attr_set *draft, uint32_t like);
/* attr_intern_like in steps, for who has something to do between them: the memory that the last one
 * needs comes meanwhile. Nothing else may be interned in between. */
void attr_prepare(struct attr_store *s, const struct attr_set *draft);
void attr_prepare_more(const struct attr_store *s); /* may be left out */
uint32_t attr_intern_prepared(struct attr_store *s, uint32_t like);
void attr_ref(struct attr_store *s, uint32_t id);
void attr_ref_many(struct attr_store *s, uint32_t id, uint32_t count); /* count references */
void attr_unref(struct attr_store *s, uint32_t id);                    /* id 0: nothing */
/* The set will be used soon: fetches its place into the processor's cache. id may be 0. */
void attr_expect(const struct attr_store *s, uint32_t id);
/* The same for attr_view, some time after attr_expect, since it looks at the place. */
void attr_expect_view(const struct attr_store *s, uint32_t id);
/* Fills a draft whose spans point into the interned set: valid while a reference is held. */
void attr_view(const struct attr_store *s, uint32_t id, struct attr_set *out);
uint32_t attr_refs(const struct attr_store *s, uint32_t id);
size_t attr_store_count(const struct attr_store *s);
size_t attr_store_bytes(const struct attr_store *s);
/* All sets, in no order, for `show ip bgp attribute-info`. after: 0 at first; 0 at the end. */
uint32_t attr_next(const struct attr_store *s, uint32_t after);

#endif
