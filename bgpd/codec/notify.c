/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NOTIFICATION contents: what goes wrong on a session, in numbers and in FRR's words.
 *
 * One table of names a code; a subcode's name is its index. Data is always cut to what the struct
 * holds, never rejected: it is only there to help the other side's operator. Text that came from a
 * peer is made printable before it leaves this module.
 */
#include "bgpd/codec/notify.h"

#include <string.h>

#define UNSPECIFIC "Unspecific"
static const char *const header_names[] = {
    UNSPECIFIC, "Connection Not Synchronized", "Bad Message Length", "Bad Message Type"};
static const char *const open_names[] = {UNSPECIFIC, "Unsupported Version Number", "Bad Peer AS",
    "Bad BGP Identifier", "Unsupported Optional Parameter", "Authentication Failure",
    "Unacceptable Hold Time", "Unsupported Capability", NULL, NULL, NULL, "Role Mismatch"};
static const char *const update_names[] = {UNSPECIFIC, "Malformed Attribute List",
    "Unrecognized Well-known Attribute", "Missing Well-known Attribute", "Attribute Flags Error",
    "Attribute Length Error", "Invalid ORIGIN Attribute", "AS Routing Loop",
    "Invalid NEXT_HOP Attribute", "Optional Attribute Error", "Invalid Network Field",
    "Malformed AS_PATH"};
static const char *const hold_names[] = {""}; /* FRR: the code says all */
static const char *const fsm_names[] = {UNSPECIFIC, "Receive Unexpected Message in OpenSent State",
    "Receive Unexpected Message in OpenConfirm State",
    "Receive Unexpected Message in Established State"};
static const char *const cease_names[] = {UNSPECIFIC, "Maximum Number of Prefixes Reached",
    "Administrative Shutdown", "Peer De-configured", "Administrative Reset", "Connection Rejected",
    "Other Configuration Change", "Connection Collision Resolution", "Out of Resources",
    "Hard Reset", "BFD Down"};
static const char *const refresh_names[] = {UNSPECIFIC, "Invalid Message Length"};

#define NAMES(list) list, sizeof(list) / sizeof(list[0])
static const struct {
	const char *name;
	const char *const *subcodes;
	size_t count;
} codes[] = {
    [NOTIFY_HEADER] = {"Message Header Error", NAMES(header_names)},
    [NOTIFY_OPEN] = {"OPEN Message Error", NAMES(open_names)},
    [NOTIFY_UPDATE] = {"UPDATE Message Error", NAMES(update_names)},
    [NOTIFY_HOLD_EXPIRED] = {"Hold Timer Expired", NAMES(hold_names)},
    [NOTIFY_FSM] = {"Neighbor Events Error", NAMES(fsm_names)},
    [NOTIFY_CEASE] = {"Cease", NAMES(cease_names)},
    [NOTIFY_ROUTE_REFRESH] = {"ROUTE-REFRESH Message Error", NAMES(refresh_names)},
    [NOTIFY_SEND_HOLD_EXPIRED] = {"Send Hold Timer Expired", NAMES(hold_names)},
};

static bool code_known(uint8_t code)
{
	return code < sizeof(codes) / sizeof(codes[0]) && codes[code].name;
}

const char *notify_code_name(uint8_t code)
{
	return code_known(code) ? codes[code].name : "Unrecognized Error Code";
}

const char *notify_subcode_name(uint8_t code, uint8_t subcode)
{
	if (code_known(code) && subcode < codes[code].count && codes[code].subcodes[subcode])
		return codes[code].subcodes[subcode];
	return "Unrecognized Error Subcode";
}

const char *notify_separator(uint8_t code, uint8_t subcode)
{
	return notify_subcode_name(code, subcode)[0] ? "/" : "";
}

void notify_set(struct notify *n, uint8_t code, uint8_t subcode, const void *data, size_t len)
{
	n->code = code;
	n->subcode = subcode;
	n->len = (uint16_t)(len < NOTIFY_DATA_MAX ? len : NOTIFY_DATA_MAX);
	if (n->len)
		memcpy(n->data, data, n->len);
}

/* The longest prefix of at most max bytes that does not end inside a UTF-8 character. */
static size_t utf8_cut(const char *text, size_t max)
{
	size_t len = strlen(text);
	if (len <= max)
		return len;
	for (len = max; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
		len--;
	return len;
}

void notify_set_shutdown(struct notify *n, uint8_t subcode, const char *text)
{
	size_t len = text ? utf8_cut(text, 255) : 0;
	notify_set(n, NOTIFY_CEASE, subcode, NULL, 0);
	if (len == 0)
		return;
	n->data[0] = (uint8_t)len;
	memcpy(n->data + 1, text, len);
	n->len = (uint16_t)(len + 1);
}

bool notify_shutdown_text(const struct notify *n, char *buf, size_t size)
{
	struct notify inner;
	if (notify_unwrap_hard_reset(n, &inner))
		n = &inner;
	if (n->code != NOTIFY_CEASE || n->len < 2 || size == 0 ||
	    (n->subcode != NOTIFY_CEASE_SHUTDOWN && n->subcode != NOTIFY_CEASE_RESET))
		return false;
	size_t len = n->data[0];
	if (len == 0 || len > n->len - 1u)
		return false;
	if (len > size - 1)
		len = size - 1;
	for (size_t i = 0; i < len; i++) {
		uint8_t c = n->data[1 + i];
		buf[i] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
	buf[len] = '\0';
	return true;
}

void notify_wrap_hard_reset(struct notify *n)
{
	struct notify inner = *n;
	size_t len = inner.len <= NOTIFY_DATA_MAX - 2 ? inner.len : NOTIFY_DATA_MAX - 2;
	n->code = NOTIFY_CEASE;
	n->subcode = NOTIFY_CEASE_HARD_RESET;
	n->data[0] = inner.code;
	n->data[1] = inner.subcode;
	memcpy(n->data + 2, inner.data, len);
	n->len = (uint16_t)(len + 2);
}

bool notify_unwrap_hard_reset(const struct notify *n, struct notify *inner)
{
	if (n->code != NOTIFY_CEASE || n->subcode != NOTIFY_CEASE_HARD_RESET || n->len < 2)
		return false;
	notify_set(inner, n->data[0], n->data[1], n->data + 2, n->len - 2u);
	return true;
}
