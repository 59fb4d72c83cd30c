/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One BGP speaker of the load generator: its connection to the router, the handshake, keepalives,
 * what it sends and what it receives. OPEN and KEEPALIVE are the codec's; UPDATEs are not.
 */
#ifndef FERRO_BENCH_SPEAKER_H
#define FERRO_BENCH_SPEAKER_H

#include "tests/bench/model.h"

struct event;
struct event_base;
struct evbuffer;

enum speaker_state { SPEAKER_CLOSED, SPEAKER_CONNECTING, SPEAKER_OPENING, SPEAKER_UP };

/* Durations in milliseconds that have been seen. */
struct samples {
	float *ms;
	uint32_t count, cap;
};
void samples_add(struct samples *s, double ms);
void samples_sort(struct samples *s);
double samples_at(const struct samples *s, double share); /* sorted; 0.5: the median; 0 if none */
void samples_free(struct samples *s);

/* What all speakers of a run share. */
struct speakers_env {
	struct event_base *base;
	struct addr router; /* IPv4 */
	uint16_t port;
	uint16_t hold; /* seconds, proposed */
	bool ipv6;
	struct samples keepalives; /* how late the router's messages were, beyond a third of hold */
	double last_update;        /* now_s() of the last UPDATE that anybody received */
	uint64_t bytes_received, bytes_sent;
	void *ctx;
	/* A session came up; it ended (why: in words), which was not asked for; an UPDATE was
	 * digested, with the receiver's `missing` of before. */
	void (*up)(void *ctx, uint32_t index);
	void (*lost)(void *ctx, uint32_t index, const char *why);
	void (*moved)(void *ctx, uint32_t index, uint32_t missing_before);
};

struct speaker {
	struct speakers_env *env;
	uint32_t index;
	struct addr local;
	uint32_t router_id;
	struct identity who;
	bool receives;
	struct receiver receiver; /* if it receives */
	enum speaker_state state;
	int fd;
	struct event *ev_read, *ev_write;
	struct evbuffer *out;
	uint8_t part[4096]; /* of a message that is not whole yet */
	size_t part_len;
	uint16_t hold;      /* negotiated, seconds */
	double heard, said; /* now_s() of the last message either way */
	bool was_up;        /* this connection or the last one */
	bool deaf;          /* it does not read for now */
};

double now_s(void); /* monotonic seconds */

void speaker_connect(struct speaker *s);
/* Two speakers with no router between them, on the two ends of fds. */
void speaker_attach(struct speaker *s, int fd);
void speaker_close(struct speaker *s); /* as if its machine had lost power but for TCP's FIN */
void speaker_send(struct speaker *s, const void *p, size_t len); /* copied */
/* Not copied: must stay until it is written. */
void speaker_send_bulk(struct speaker *s, const struct bytes *b);
void speaker_deafen(struct speaker *s, bool on); /* stops reading, or goes on */
void speaker_tick(struct speaker *s);            /* now and then: its keepalives, its hold timer */
bool speaker_has_output(const struct speaker *s);

#endif
