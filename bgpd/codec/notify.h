/* NOTIFICATION codes (RFC 4271 section 4.5, 6; RFC 4486, 9003, 8538) and their names. */
#ifndef FERRO_CODEC_NOTIFY_H
#define FERRO_CODEC_NOTIFY_H

#include <stdint.h>

enum notify_code {
	NOTIFY_HEADER = 1,
	NOTIFY_OPEN = 2,
	NOTIFY_UPDATE = 3,
	NOTIFY_HOLD_EXPIRED = 4,
	NOTIFY_FSM = 5,
	NOTIFY_CEASE = 6,
	NOTIFY_ROUTE_REFRESH = 7,
};

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
enum { NOTIFY_FSM_UNSPEC = 0, NOTIFY_FSM_OPENSENT = 1, NOTIFY_FSM_OPENCONFIRM = 2, NOTIFY_FSM_ESTABLISHED = 3 };
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
};

/* What to send when something is wrong; len bytes of data belong to the struct. */
struct notify {
	uint8_t code, subcode;
	uint8_t len;
	uint8_t data[128];
};

/* FRR's words: "Cease", "Administrative Shutdown", ... never NULL; " (unknown)"-like for others. */
const char *notify_code_name(uint8_t code);
const char *notify_subcode_name(uint8_t code, uint8_t subcode);

#endif
