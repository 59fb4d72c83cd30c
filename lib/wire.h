/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded cursors over network messages: struct rd reads, struct wr writes. Big endian.
 *
 * Errors are sticky: a read past the end sets `bad`, returns 0 and does not move; a write past the
 * end sets `bad` and writes nothing. Callers check `bad` once. No other code does pointer
 * arithmetic on input.
 */
#ifndef FERRO_LIB_WIRE_H
#define FERRO_LIB_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd {
	const uint8_t *p, *end;
	bool bad;
};

static inline struct rd rd_init(const void *p, size_t n)
{
	return (struct rd){p, (const uint8_t *)p + n, false};
}

static inline size_t rd_left(const struct rd *r)
{
	return (size_t)(r->end - r->p);
}

/* The next n bytes as a place in the input, moving past them; NULL (and bad) if there are fewer. */
static inline const uint8_t *rd_bytes(struct rd *r, size_t n)
{
	if (r->bad || rd_left(r) < n) {
		r->bad = true;
		return NULL;
	}
	const uint8_t *at = r->p;
	r->p += n;
	return at;
}

static inline uint8_t rd_u8(struct rd *r)
{
	const uint8_t *b = rd_bytes(r, 1);
	return b ? b[0] : 0;
}

static inline uint16_t rd_u16(struct rd *r)
{
	const uint8_t *b = rd_bytes(r, 2);
	return (uint16_t)(b ? b[0] << 8 | b[1] : 0);
}

static inline uint32_t rd_u32(struct rd *r)
{
	const uint8_t *b = rd_bytes(r, 4);
	return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

/* A child of n bytes; empty and bad if there are fewer (the parent turns bad too). */
static inline struct rd rd_sub(struct rd *r, size_t n)
{
	const uint8_t *b = rd_bytes(r, n);
	return b ? rd_init(b, n) : (struct rd){r->p, r->p, true};
}

struct wr {
	uint8_t *base, *p, *end;
	bool bad;
};

static inline struct wr wr_init(void *p, size_t n)
{
	return (struct wr){p, p, (uint8_t *)p + n, false};
}

static inline size_t wr_len(const struct wr *w)
{
	return (size_t)(w->p - w->base);
}

static inline size_t wr_left(const struct wr *w)
{
	return (size_t)(w->end - w->p);
}

/* Room for n bytes, moving past it; NULL (and bad) if there is none. */
static inline uint8_t *wr_room(struct wr *w, size_t n)
{
	if (w->bad || wr_left(w) < n) {
		w->bad = true;
		return NULL;
	}
	uint8_t *at = w->p;
	w->p += n;
	return at;
}

static inline void wr_u8(struct wr *w, uint8_t v)
{
	uint8_t *b = wr_room(w, 1);
	if (b)
		b[0] = v;
}

static inline void wr_u16(struct wr *w, uint16_t v)
{
	uint8_t *b = wr_room(w, 2);
	if (b) {
		b[0] = (uint8_t)(v >> 8);
		b[1] = (uint8_t)v;
	}
}

static inline void wr_u32(struct wr *w, uint32_t v)
{
	uint8_t *b = wr_room(w, 4);
	if (b) {
		b[0] = (uint8_t)(v >> 24);
		b[1] = (uint8_t)(v >> 16);
		b[2] = (uint8_t)(v >> 8);
		b[3] = (uint8_t)v;
	}
}

static inline void wr_bytes(struct wr *w, const void *p, size_t n)
{
	uint8_t *b = wr_room(w, n);
	if (b && n)
		memcpy(b, p, n);
}

/* A length field to be filled in later: wr_mark* reserves it and returns its offset from base,
 * wr_fill* stores the number of bytes written behind it. */
static inline size_t wr_mark8(struct wr *w)
{
	size_t at = wr_len(w);
	wr_u8(w, 0);
	return at;
}

static inline size_t wr_mark16(struct wr *w)
{
	size_t at = wr_len(w);
	wr_u16(w, 0);
	return at;
}

static inline void wr_fill8(struct wr *w, size_t mark)
{
	if (!w->bad)
		w->base[mark] = (uint8_t)(wr_len(w) - mark - 1);
}

static inline void wr_fill16(struct wr *w, size_t mark)
{
	if (!w->bad) {
		size_t n = wr_len(w) - mark - 2;
		w->base[mark] = (uint8_t)(n >> 8);
		w->base[mark + 1] = (uint8_t)n;
	}
}

#endif
