/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec_help.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t hex_bytes(const char *hex, uint8_t *out, size_t size)
{
	size_t len = 0;
	for (; *hex; hex++) {
		unsigned v;
		if (isspace((unsigned char)*hex))
			continue;
		cr_assert_lt(len, size);
		cr_assert_eq(sscanf(hex, "%2x", &v), 1);
		out[len++] = (uint8_t)v;
		hex++;
	}
	return len;
}

const char *hex_text(const uint8_t *p, size_t len)
{
	static char bufs[4][4096];
	static unsigned turn;
	char *buf = bufs[turn++ % 4];
	cr_assert_lt(len * 2, sizeof(bufs[0]));
	buf[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(buf + 2 * i, 3, "%02x", p[i]);
	return buf;
}

struct span hex_span(struct arena *a, const char *hex)
{
	uint8_t *buf = arena_alloc(a, strlen(hex) / 2 + 1);
	return (struct span){buf, (uint16_t)hex_bytes(hex, buf, strlen(hex) / 2 + 1)};
}

struct span path_of(struct arena *a, const char *text)
{
	static const char opens[] = " {x([", between[] = ", ";
	uint8_t *buf = arena_alloc(a, 4096);
	struct wr w = wr_init(buf, 4096);
	while (*text) {
		const char *o = *text == ' ' ? NULL : strchr(opens, *text);
		uint8_t type = o ? (uint8_t)(o - opens) : AS_SEQUENCE;
		if (o)
			text++;
		wr_u8(&w, type);
		size_t mark = wr_len(&w);
		wr_u8(&w, 0);
		while (isdigit((unsigned char)*text)) {
			char *end;
			wr_u32(&w, (uint32_t)strtoul(text, &end, 10));
			buf[mark]++;
			text = end;
			if (*text && strchr(between, *text) && isdigit((unsigned char)text[1]))
				text++;
		}
		if (o)
			text++; /* the closing one */
		if (*text == ' ')
			text++;
	}
	return (struct span){buf, (uint16_t)wr_len(&w)};
}

const char *path_text(struct span path)
{
	static char buf[8192];
	struct sb sb;
	sb_init(&sb);
	aspath_str(path, &sb);
	snprintf(buf, sizeof(buf), "%s", sb.s);
	sb_fini(&sb);
	return buf;
}
