/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A speaker is as simple as BGP allows: it connects, says OPEN, answers the router's OPEN with a
 * KEEPALIVE and is up with the router's KEEPALIVE. It never blocks and reads as fast as it can, so
 * that what is measured is the router.
 */
#include "tests/bench/speaker.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bgpd/codec/message.h"
#include "lib/clock.h"
#include "lib/mem.h"

enum { READ_ROOM = 256 * 1024, WRITE_ROOM = 512 * 1024 };

double now_s(void)
{
	return (double)clock_ns() * 1e-9;
}

/* ---- samples ---- */

void samples_add(struct samples *s, double ms)
{
	if (s->count == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 1024;
		s->ms = mem_realloc(s->ms, s->cap * sizeof(*s->ms));
	}
	s->ms[s->count++] = (float)ms;
}

static int compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

void samples_sort(struct samples *s)
{
	if (s->count)
		qsort(s->ms, s->count, sizeof(*s->ms), compare);
}

double samples_at(const struct samples *s, double share)
{
	return s->count ? (double)s->ms[(uint32_t)(share * (s->count - 1) + 0.5)] : 0;
}

void samples_free(struct samples *s)
{
	mem_free(s->ms);
	*s = (struct samples){0};
}

/* ---- out ---- */

static void lost(struct speaker *s, const char *why)
{
	speaker_close(s);
	s->env->lost(s->env->ctx, s->index, why);
}

static void flush(struct speaker *s)
{
	while (evbuffer_get_length(s->out)) {
		int n = evbuffer_write_atmost(s->out, s->fd, WRITE_ROOM);

		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			lost(s, strerror(errno));
			return;
		}
		if (n <= 0)
			break;
		s->env->bytes_sent += (uint64_t)n;
		s->said = now_s();
	}
	if (evbuffer_get_length(s->out))
		event_add(s->ev_write, NULL);
	else
		event_del(s->ev_write);
}

void speaker_send(struct speaker *s, const void *p, size_t len)
{
	evbuffer_add(s->out, p, len);
	flush(s);
}

void speaker_send_bulk(struct speaker *s, const struct bytes *b)
{
	if (b->len)
		evbuffer_add_reference(s->out, b->p, b->len, NULL, NULL);
	flush(s);
}

bool speaker_has_output(const struct speaker *s)
{
	return s->out && evbuffer_get_length(s->out);
}

static void send_keepalive(struct speaker *s)
{
	uint8_t m[MSG_HEADER_LEN];
	struct wr w = wr_init(m, sizeof(m));

	keepalive_encode(&w);
	speaker_send(s, m, wr_len(&w));
}

static void send_open(struct speaker *s)
{
	struct open_msg o = {
	    .version = 4, .as = s->who.as, .hold_time = s->env->hold, .bgp_id = s->router_id};
	uint8_t m[MSG_MAX];
	struct wr w = wr_init(m, sizeof(m));

	o.caps.as4 = o.caps.route_refresh = true;
	o.caps.as = s->who.as;
	o.caps.mp[o.caps.mp_count++] = (struct cap_family){.afi = 1, .safi = 1};
	if (s->env->ipv6)
		o.caps.mp[o.caps.mp_count++] = (struct cap_family){.afi = 2, .safi = 1};
	open_encode(&w, &o, false);
	speaker_send(s, m, wr_len(&w));
}

/* ---- in ---- */

static void take_open(struct speaker *s, const uint8_t *body, size_t len)
{
	struct open_msg o;
	struct notify why;

	if (!open_decode(body, len, &o, &why)) {
		lost(s, "malformed OPEN");
		return;
	}
	s->hold = o.hold_time < s->env->hold ? o.hold_time : s->env->hold;
	send_keepalive(s);
}

static void take_update(struct speaker *s, const uint8_t *body, size_t len)
{
	uint32_t before = s->receiver.missing;

	if (!s->receives)
		return;
	receiver_update(&s->receiver, body, len);
	s->env->moved(s->env->ctx, s->index, before);
}

/* How much later than the keepalive time this message came after the one before. Messages that fill
 * that time with routes are not late. */
static void judge_pause(struct speaker *s, uint8_t type)
{
	double now = now_s(), pause = now - s->heard, most = s->hold / 3;

	if (s->state == SPEAKER_UP && s->hold && (type == MSG_KEEPALIVE || pause > most))
		samples_add(&s->env->keepalives, pause > most ? (pause - most) * 1e3 : 0);
	s->heard = now;
}

static void take_message(struct speaker *s, uint8_t type, const uint8_t *body, size_t len)
{
	char why[80];

	judge_pause(s, type);
	switch (type) {
	case MSG_OPEN:
		take_open(s, body, len);
		break;
	case MSG_KEEPALIVE:
		if (s->state == SPEAKER_OPENING) {
			s->state = SPEAKER_UP;
			s->was_up = true;
			s->env->up(s->env->ctx, s->index);
		}
		break;
	case MSG_UPDATE:
		s->env->last_update = s->heard;
		take_update(s, body, len);
		break;
	case MSG_NOTIFICATION:
		snprintf(why, sizeof(why), "NOTIFICATION %u/%u", len ? body[0] : 0u,
		    len > 1 ? body[1] : 0u);
		lost(s, why);
		break;
	default:
		break;
	}
}

/* Returns the bytes of whole messages. */
static size_t take_messages(struct speaker *s, const uint8_t *buf, size_t len)
{
	int fd = s->fd;
	size_t at = 0;

	while (len - at >= MSG_HEADER_LEN && s->fd == fd) {
		struct notify why;
		uint8_t type;
		uint16_t n;

		if (!msg_header_check(buf + at, MSG_MAX, &type, &n, &why)) {
			lost(s, "malformed header");
			break;
		}
		if (len - at < n)
			break;
		take_message(s, type, buf + at + MSG_HEADER_LEN, n - MSG_HEADER_LEN);
		at += n;
	}
	return at;
}

static void on_read(evutil_socket_t fd, short what, void *arg)
{
	struct speaker *s = arg;
	uint8_t buf[READ_ROOM];

	(void)what;
	memcpy(buf, s->part, s->part_len);
	ssize_t n = recv(fd, buf + s->part_len, sizeof(buf) - s->part_len, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		lost(s, n ? strerror(errno) : "closed");
		return;
	}
	s->env->bytes_received += (uint64_t)n;
	size_t len = s->part_len + (size_t)n;
	size_t used = take_messages(s, buf, len);
	if (s->fd != fd)
		return;
	s->part_len = len - used;
	memcpy(s->part, buf + used, s->part_len);
}

static void on_write(evutil_socket_t fd, short what, void *arg)
{
	struct speaker *s = arg;
	socklen_t n = sizeof(int);
	int error = 0;

	(void)what;
	if (s->state == SPEAKER_CONNECTING) {
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
		if (error) {
			lost(s, strerror(error));
			return;
		}
		s->state = SPEAKER_OPENING;
		event_add(s->ev_read, NULL);
		send_open(s);
		return;
	}
	flush(s);
}

/* ---- connections ---- */

static void begin(struct speaker *s, int fd, enum speaker_state state)
{
	s->fd = fd;
	s->state = state;
	s->part_len = 0;
	s->hold = s->env->hold;
	s->heard = s->said = now_s();
	s->deaf = s->was_up = false;
	s->out = evbuffer_new();
	s->ev_read = event_new(s->env->base, fd, EV_READ | EV_PERSIST, on_read, s);
	s->ev_write = event_new(s->env->base, fd, EV_WRITE | EV_PERSIST, on_write, s);
	if (!s->out || !s->ev_read || !s->ev_write)
		abort();
}

void speaker_connect(struct speaker *s)
{
	struct sockaddr_storage to, from;
	socklen_t to_len = addr_to_sockaddr(&s->env->router, s->env->port, 0, &to);
	socklen_t from_len = addr_to_sockaddr(&s->local, 0, 0, &from);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || bind(fd, (struct sockaddr *)&from, from_len) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0 ||
	    (connect(fd, (struct sockaddr *)&to, to_len) < 0 && errno != EINPROGRESS)) {
		int error = errno;
		if (fd >= 0)
			close(fd);
		s->env->lost(s->env->ctx, s->index, strerror(error));
		return;
	}
	begin(s, fd, SPEAKER_CONNECTING);
	event_add(s->ev_write, NULL);
}

void speaker_attach(struct speaker *s, int fd)
{
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	begin(s, fd, SPEAKER_OPENING);
	event_add(s->ev_read, NULL);
	send_open(s);
}

void speaker_close(struct speaker *s)
{
	if (s->state == SPEAKER_CLOSED)
		return;
	event_free(s->ev_read);
	event_free(s->ev_write);
	evbuffer_free(s->out);
	close(s->fd);
	s->ev_read = s->ev_write = NULL;
	s->out = NULL;
	s->fd = -1;
	s->state = SPEAKER_CLOSED;
}

void speaker_deafen(struct speaker *s, bool on)
{
	if (s->state != SPEAKER_UP || s->deaf == on)
		return;
	s->deaf = on;
	if (on)
		event_del(s->ev_read);
	else
		event_add(s->ev_read, NULL);
	s->heard = now_s();
}

void speaker_tick(struct speaker *s)
{
	double now = now_s();

	if (s->state != SPEAKER_UP || !s->hold)
		return;
	if (!s->deaf && now - s->heard > s->hold + 1) {
		lost(s, "the router's hold time is over");
		return;
	}
	if (now - s->said > s->hold / 3. - 0.3)
		send_keepalive(s);
}
