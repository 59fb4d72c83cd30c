/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything but UPDATE: the first octet chooses the message, the rest is its body (or a header).
 * An OPEN that was taken is written and read again and must be the same. */
#include "fuzz.h"

#include <string.h>

#include "bgpd/codec/message.h"

static void try_open(const uint8_t *body, size_t len)
{
	struct open_msg o, back;
	struct notify why;
	uint8_t buf[MSG_MAX];
	if (!open_decode(body, len, &o, &why)) {
		fuzz_expect(why.code == NOTIFY_OPEN);
		return;
	}
	open_check(&o, 0, 65000, 1, &why);
	struct wr w = wr_init(buf, sizeof(buf));
	open_encode(&w, &o, o.extended_params);
	fuzz_expect(!w.bad);
	bool good = open_decode(buf + MSG_HEADER_LEN, wr_len(&w) - MSG_HEADER_LEN, &back, &why);
	fuzz_expect(good && back.as == o.as && back.hold_time == o.hold_time);
	fuzz_expect(memcmp(&back.caps, &o.caps, sizeof(o.caps)) == 0);
}

static void try_notify(const uint8_t *body, size_t len)
{
	struct notify n;
	char text[256];
	if (!notify_decode(body, len, &n))
		return;
	if (notify_shutdown_text(&n, text, sizeof(text)))
		fuzz_expect(strlen(text) < sizeof(text));
	fuzz_expect(notify_code_name(n.code) && notify_subcode_name(n.code, n.subcode));
	notify_wrap_hard_reset(&n);
}

static void try_header(const uint8_t *head, size_t len)
{
	struct notify why;
	uint8_t type;
	uint16_t claimed;
	if (len < MSG_HEADER_LEN)
		return;
	if (msg_header_check(head, MSG_MAX, &type, &claimed, &why))
		fuzz_expect(claimed >= MSG_HEADER_LEN && claimed <= MSG_MAX);
	else
		fuzz_expect(why.code == NOTIFY_HEADER);
}

int FUZZ_TARGET(open)(const uint8_t *data, size_t size)
{
	struct refresh_msg refresh;
	struct notify why;
	if (size < 1)
		return 0;
	uint8_t *body = mem_dup(data + 1, size - 1);
	if (data[0] % 4 == 0)
		try_open(body, size - 1);
	else if (data[0] % 4 == 1)
		try_notify(body, size - 1);
	else if (data[0] % 4 == 2)
		try_header(body, size - 1);
	else
		refresh_decode(body, size - 1, &refresh, &why);
	mem_free(body);
	return 0;
}
