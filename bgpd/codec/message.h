/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages but for UPDATE: header, OPEN with capabilities, KEEPALIVE, NOTIFICATION, ROUTE-REFRESH.
 *
 * Pure: bytes in, values out. Nothing here knows a socket or a session.
 */
#ifndef FERRO_CODEC_MESSAGE_H
#define FERRO_CODEC_MESSAGE_H

#include "bgpd/codec/attr.h"

enum { MSG_HEADER_LEN = 19, MSG_MAX = 4096, MSG_MAX_EXTENDED = 65535 };
enum msg_type {
	MSG_OPEN = 1,
	MSG_UPDATE = 2,
	MSG_NOTIFICATION = 3,
	MSG_KEEPALIVE = 4,
	MSG_ROUTE_REFRESH = 5,
	MSG_ROUTE_REFRESH_OLD = 128,
};

/* Checks a header of MSG_HEADER_LEN bytes (RFC 4271 6.1): marker, type, and length against the type
 * and max_len. True: *type and *len (whole message, bytes) are set. False: *why says what to send.
 */
bool msg_header_check(
    const uint8_t *header, uint16_t max_len, uint8_t *type, uint16_t *len, struct notify *why);

enum cap_code {
	CAP_MULTIPROTOCOL = 1,
	CAP_ROUTE_REFRESH = 2,
	CAP_EXTENDED_NEXTHOP = 5,
	CAP_EXTENDED_MESSAGE = 6,
	CAP_ROLE = 9,
	CAP_GRACEFUL_RESTART = 64,
	CAP_AS4 = 65,
	CAP_DYNAMIC = 67,
	CAP_ADDPATH = 69,
	CAP_ENHANCED_REFRESH = 70,
	CAP_LLGR = 71,
	CAP_FQDN = 73,
	CAP_SOFTWARE_VERSION = 75,
	CAP_PATHS_LIMIT = 76,
	CAP_LINK_LOCAL_NEXTHOP = 77,
};

enum { CAP_SET_FAMILIES = 8 };

/* What one side announced. Lists keep the first CAP_SET_FAMILIES entries, each family once;
 * families that Ferro does not run are kept too, for the shows. */
struct cap_family {
	uint16_t afi;
	uint8_t safi;
	uint8_t flags; /* (long-lived) graceful restart: 0x80 forwarding state; add-path: 1 receive,
			  2 send */
	uint16_t limit; /* paths-limit; extended next hop: the next hop's AFI */
	uint32_t time;  /* long-lived stale time, seconds */
};
struct cap_set {
	uint8_t mp_count, gr_count, addpath_count, paths_limit_count, llgr_count, enh_count;
	struct cap_family mp[CAP_SET_FAMILIES], gr[CAP_SET_FAMILIES], addpath[CAP_SET_FAMILIES],
	    paths_limit[CAP_SET_FAMILIES], llgr[CAP_SET_FAMILIES],
	    enh[CAP_SET_FAMILIES]; /* extended next hop, RFC 8950 */
	bool route_refresh, enhanced_refresh, extended_message, as4, gr_present, gr_restarting,
	    gr_notification, llgr_present, dynamic, fqdn, software_version_present,
	    link_local_nexthop, role_present;
	uint8_t role;     /* RFC 9234: 0 provider, 1 RS, 2 RS client, 3 customer, 4 peer */
	uint16_t gr_time; /* seconds, 0..4095 */
	uint32_t as;      /* from the 4-octet AS capability */
	char hostname[65], domainname[65];
	char software_version[65];
};

struct open_msg {
	uint8_t version;
	uint32_t as;        /* the real one: from the capability where it is present */
	uint16_t hold_time; /* seconds */
	uint32_t bgp_id;    /* host order */
	struct cap_set caps;
	bool extended_params; /* RFC 9072 format used */
};

/* Body without the header. False: *why says what to send (RFC 4271 6.2; RFC 5492). A capability of
 * a wrong length is ignored; one that runs out of its parameter is an error. Semantic checks (AS,
 * identifier, hold time) are open_check's. */
bool open_decode(const uint8_t *body, size_t len, struct open_msg *out, struct notify *why);
/* RFC 4271 6.2, 6286, 7607: AS 0, AS_TRANS or other than remote_as (0: any); hold time 1 or 2;
 * identifier 0, or ours on iBGP. */
bool open_check(const struct open_msg *o, uint32_t remote_as, uint32_t local_as, uint32_t local_id,
    struct notify *why);
/* Writes a header, and fills in its length when the message is complete; the mark goes from one to
 * the other. */
size_t msg_begin(struct wr *w, uint8_t type);
void msg_end(struct wr *w, size_t mark);
/* Each writes a whole message, header included, and leaves w->bad on overflow. */
void open_encode(struct wr *w, const struct open_msg *o, bool force_extended_params);
void keepalive_encode(struct wr *w);
void notify_encode(struct wr *w, const struct notify *n);
/* Body without the header; false if it is too short. Data beyond NOTIFY_DATA_MAX is cut. */
bool notify_decode(const uint8_t *body, size_t len, struct notify *out);

enum refresh_kind { REFRESH_REQUEST = 0, REFRESH_BEGIN = 1, REFRESH_END = 2 };
struct refresh_msg {
	uint16_t afi;
	uint8_t subtype, safi; /* RFC 7313 */
};
void refresh_encode(struct wr *w, const struct refresh_msg *r);
/* True for any subtype: unknown ones are to be ignored (RFC 7313 section 5), as is trailing ORF. */
bool refresh_decode(const uint8_t *body, size_t len, struct refresh_msg *out, struct notify *why);

#endif
