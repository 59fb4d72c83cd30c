/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NOTIFICATION codes (RFC 4271 section 4.5, 6; RFC 4486, 9003, 8538) and their names. */
#ifndef FERRO_CODEC_NOTIFY_H
#define FERRO_CODEC_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum notify_code {
	NOTIFY_HEADER = 1,
	NOTIFY_OPEN = 2,
	NOTIFY_UPDATE = 3,
	NOTIFY_HOLD_EXPIRED = 4,
	NOTIFY_FSM = 5,
	NOTIFY_CEASE = 6,
	NOTIFY_ROUTE_REFRESH = 7,
	NOTIFY_SEND_HOLD_EXPIRED = 8, /* RFC 9687 */
};

enum { NOTIFY_UNSPECIFIC = 0 }; /* any code */
enum { NOTIFY_HEADER_SYNC = 1, NOTIFY_HEADER_LENGTH = 2, NOTIFY_HEADER_TYPE = 3 };
enum {
	NOTIFY_OPEN_VERSION = 1,
	NOTIFY_OPEN_PEER_AS = 2,
	NOTIFY_OPEN_BGP_ID = 3,
	NOTIFY_OPEN_PARAM = 4,
	NOTIFY_OPEN_HOLD_TIME = 6,
	NOTIFY_OPEN_CAPABILITY = 7,
	NOTIFY_OPEN_ROLE = 11,
};
enum {
	NOTIFY_UPDATE_ATTR_LIST = 1,
	NOTIFY_UPDATE_UNKNOWN_WELLKNOWN = 2,
	NOTIFY_UPDATE_MISSING_WELLKNOWN = 3,
	NOTIFY_UPDATE_FLAGS = 4,
	NOTIFY_UPDATE_LENGTH = 5,
	NOTIFY_UPDATE_ORIGIN = 6,
	NOTIFY_UPDATE_NEXT_HOP = 8,
	NOTIFY_UPDATE_OPTIONAL = 9,
	NOTIFY_UPDATE_NETWORK = 10,
	NOTIFY_UPDATE_AS_PATH = 11,
};
enum {
	NOTIFY_FSM_UNSPEC = 0,
	NOTIFY_FSM_OPENSENT = 1,
	NOTIFY_FSM_OPENCONFIRM = 2,
	NOTIFY_FSM_ESTABLISHED = 3,
};
enum {
	NOTIFY_CEASE_MAX_PREFIX = 1,
	NOTIFY_CEASE_SHUTDOWN = 2,
	NOTIFY_CEASE_DECONFIGURED = 3,
	NOTIFY_CEASE_RESET = 4,
	NOTIFY_CEASE_REJECTED = 5,
	NOTIFY_CEASE_CONFIG_CHANGE = 6,
	NOTIFY_CEASE_COLLISION = 7,
	NOTIFY_CEASE_RESOURCES = 8,
	NOTIFY_CEASE_HARD_RESET = 9,
	NOTIFY_CEASE_BFD_DOWN = 10, /* RFC 9384 */
};

enum { NOTIFY_REFRESH_LENGTH = 1 }; /* RFC 7313 section 5 */

/* Room for a shutdown communication of 255 bytes (RFC 9003) inside a Hard Reset (RFC 8538). Longer
 * data, such as a whole bad attribute, is cut. */
enum { NOTIFY_DATA_MAX = 260 };

/* What to send when something is wrong, or what was received. */
struct notify {
	uint8_t code, subcode;
	uint16_t len; /* bytes of data */
	uint8_t data[NOTIFY_DATA_MAX];
};

/* Fills n; len bytes of data (may be NULL with 0) are copied, cut to NOTIFY_DATA_MAX. */
void notify_set(struct notify *n, uint8_t code, uint8_t subcode, const void *data, size_t len);

/* RFC 9003: the data of a Cease that carries a text; at most 255 bytes of UTF-8, cut at a
 * character. subcode is NOTIFY_CEASE_SHUTDOWN or NOTIFY_CEASE_RESET; text may be NULL. */
void notify_set_shutdown(struct notify *n, uint8_t subcode, const char *text);
/* RFC 9003: the text inside a Cease (also one wrapped in a Hard Reset), NUL-terminated, control
 * characters replaced by '?'; false: none. */
bool notify_shutdown_text(const struct notify *n, char *buf, size_t size);

/* RFC 8538: n becomes a Hard Reset around what it was. */
void notify_wrap_hard_reset(struct notify *n);
/* RFC 8538: true if n is a Hard Reset that says why; *inner gets the reason. */
bool notify_unwrap_hard_reset(const struct notify *n, struct notify *inner);

/* FRR's words: "Cease", "Administrative Shutdown", ... Never NULL, also for unknown numbers. */
const char *notify_code_name(uint8_t code);
const char *notify_subcode_name(uint8_t code, uint8_t subcode); /* "": the code has none */
/* What stands between the two: "/", or "" if the second is empty. */
const char *notify_separator(uint8_t code, uint8_t subcode);

#endif
