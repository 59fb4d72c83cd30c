/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection's bytes: connecting, cutting the stream into messages, and the queue of what goes
 * out.
 *
 * Reading: a slice is one recv into a buffer on the stack, so idle neighbors hold no buffer; what
 * is left of a message that is not whole yet is kept aside (part). Readers run at the priority of
 * the tasks that digest what they bring, so neither starves the other. Writing: messages of the
 * session are copied into the queue, shared chunks of a group are referenced. A queue beyond
 * OUT_HIGH refuses chunks and lets the groups go on at OUT_LOW. Session messages are never refused.
 * The machine is told of a lost connection only from the event loop, never from inside a write.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bgpd/peer/internal.h"
#include "bgpd/peer/peerlog.h"
#include "lib/clock.h"
#include "lib/task.h"

enum { WRITE_VECTORS = 64, DISCARD_READS = 256 };

struct peer_conn *conn_new(struct peer *p, bool incoming)
{
	struct peer_conn *c = mem_zalloc(sizeof(*c));

	c->peer = p;
	c->incoming = incoming;
	c->fd = -1;
	return c;
}

void conn_free(struct peer_conn *c)
{
	conn_close(c);
	timers_stop(c);
	c->dead = true;
	if (c->busy)
		return;
	timers_free(c);
	mem_free(c);
}

const char *conn_label(const struct peer_conn *c)
{
	if (c->fsm.state == FSM_ESTABLISHED)
		return "Established";
	if (c->fd < 0 && c->opened)
		return "Unknown";
	return c->incoming ? "Incoming" : "Outgoing";
}

/* ---- the connection goes ---- */

static void lost(struct peer_conn *c, int error)
{
	char name[ADDR_STRLEN];

	c->error = error;
	c->why = RESET_CLOSED;
	if (error)
		log_msg(peer_log(c->peer), LOG_ERR, SAY_READ_ERROR, peer_host(c->peer, name),
		    strerror(error));
	else if (peer_debug(c->peer, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(c->peer), LOG_DEBUG, SAY_CLOSED, peer_host(c->peer, name), c->fd);
	conn_event(c, FSM_TCP_FAILS);
}

/* Gives TCP what it takes now. False: the connection is gone. */
static bool flush(struct peer_conn *c)
{
	struct evbuffer_iovec vec[WRITE_VECTORS];
	struct msghdr m = {0};

	while (evbuffer_get_length(c->out)) {
		int n = evbuffer_peek(c->out, -1, NULL, vec, WRITE_VECTORS);

		m.msg_iov = (struct iovec *)vec;
		m.msg_iovlen = (size_t)(n < WRITE_VECTORS ? n : WRITE_VECTORS);
		ssize_t sent = sendmsg(c->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0)
			return errno == EAGAIN || errno == EINTR;
		evbuffer_drain(c->out, (size_t)sent);
		c->progress_ms = clock_ms();
		c->overload_said = false;
	}
	return true;
}

/* A socket that is closed with unread data in it is reset, and the reset may overtake our last
 * NOTIFICATION. */
static void discard_unread(struct peer_conn *c)
{
	uint8_t waste[4096];

	for (unsigned i = 0; i < DISCARD_READS; i++)
		if (recv(c->fd, waste, sizeof(waste), MSG_DONTWAIT) <= 0)
			return;
}

void conn_close(struct peer_conn *c)
{
	if (c->fd < 0)
		return;
	if (!c->connecting) {
		(void)flush(c); /* the last NOTIFICATION, if TCP takes it */
		discard_unread(c);
	}
	event_free(c->ev_read);
	event_free(c->ev_write);
	evbuffer_free(c->out);
	close(c->fd);
	mem_free(c->part);
	c->ev_read = c->ev_write = NULL;
	c->out = NULL;
	c->part = NULL;
	c->part_len = 0;
	c->fd = -1;
	c->connecting = c->backlog = c->open_seen = false;
}

/* ---- in ---- */

static uint16_t max_length(const struct peer_conn *c)
{
	bool extended = c->fsm.state >= FSM_OPENCONFIRM && c->traits.max_message > MSG_MAX;
	return extended ? MSG_MAX_EXTENDED : MSG_MAX;
}

/* Hands over whole messages. Returns how many bytes they took; the connection may be gone. */
static size_t take_messages(struct peer_conn *c, const uint8_t *buf, size_t len)
{
	int fd = c->fd;
	size_t at = 0;

	while (len - at >= MSG_HEADER_LEN) {
		struct notify why;
		uint8_t type;
		uint16_t n;

		if (!msg_header_check(buf + at, max_length(c), &type, &n, &why)) {
			c->message = buf + at;
			c->message_len = MSG_HEADER_LEN;
			conn_fail(c, FSM_HEADER_BAD, &why);
			break;
		}
		if (len - at < n)
			break;
		c->message = buf + at;
		c->message_len = n;
		session_message(c, type, buf + at, n);
		at += n;
		if (c->dead || c->fd != fd)
			break;
	}
	c->message = NULL;
	return at;
}

static void keep_rest(struct peer_conn *c, const uint8_t *rest, size_t len)
{
	uint8_t *part = len ? mem_dup(rest, len) : NULL;

	mem_free(c->part);
	c->part = part;
	c->part_len = (uint32_t)len;
}

static void read_slice(struct peer_conn *c)
{
	uint8_t buf[MSG_MAX_EXTENDED + READ_SLICE];
	int fd = c->fd;
	ssize_t n = recv(fd, buf + c->part_len, READ_SLICE, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		lost(c, n < 0 ? errno : 0);
		return;
	}
	if (c->part_len)
		memcpy(buf, c->part, c->part_len);
	size_t len = c->part_len + (size_t)n;
	size_t used = take_messages(c, buf, len);
	if (!c->dead && c->fd == fd)
		keep_rest(c, buf + used, len - used);
}

static void on_read(evutil_socket_t fd, short what, void *arg)
{
	struct peer_conn *c = arg;

	(void)fd;
	(void)what;
	c->busy++;
	read_slice(c);
	c->busy--;
	if (c->dead)
		conn_free(c);
}

/* ---- out ---- */

static void unblock(struct peer_conn *c)
{
	struct peer *p = c->peer;

	c->backlog = false;
	FOR_EACH_FAMILY (f) {
		if (p->family[f].member.group && p->family[f].member.blocked)
			group_unblock(&p->family[f].member);
		refresh_unblocked(p, f);
	}
}

static void connected(struct peer_conn *c)
{
	char name[ADDR_STRLEN];
	socklen_t n = sizeof(c->error);

	c->connecting = false;
	event_del(c->ev_write);
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &c->error, &n) < 0)
		c->error = errno;
	if (c->error == 0) {
		socket_addresses(c);
		peer_note_addresses(c);
		event_add(c->ev_read, NULL);
		conn_event(c, FSM_TCP_CONFIRMED);
		return;
	}
	if (peer_debug(c->peer, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(c->peer), LOG_DEBUG, SAY_CONNECT_FAILED, peer_host(c->peer, name),
		    c->error, strerror(c->error), conn_label(c));
	conn_event(c, FSM_TCP_FAILS);
}

static void on_write(evutil_socket_t fd, short what, void *arg)
{
	struct peer_conn *c = arg;

	(void)fd;
	(void)what;
	c->busy++;
	if (c->connecting) {
		connected(c);
	} else if (!flush(c)) {
		lost(c, errno);
	} else {
		if (evbuffer_get_length(c->out) == 0)
			event_del(c->ev_write);
		if (c->backlog && evbuffer_get_length(c->out) < OUT_LOW)
			unblock(c);
	}
	c->busy--;
	if (c->dead)
		conn_free(c);
}

void conn_write(struct peer_conn *c, const void *msg, size_t len)
{
	bool first = c->fd >= 0 && evbuffer_get_length(c->out) == 0;

	if (c->fd < 0)
		return;
	evbuffer_add(c->out, msg, len);
	c->peer->last_write_ms = clock_ms();
	if (first)
		c->progress_ms = c->peer->last_write_ms;
	/* A failure shows again when the socket is found writable. */
	if (!first || !flush(c) || evbuffer_get_length(c->out))
		event_add(c->ev_write, NULL);
}

static void chunk_written(const void *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	chunk_release(arg);
}

bool conn_is_full(struct peer_conn *c)
{
	if (evbuffer_get_length(c->out) > OUT_HIGH)
		c->backlog = true;
	return c->backlog;
}

bool conn_write_chunk(struct peer_conn *c, struct chunk *chunk)
{
	if (c->fd < 0)
		return false;
	if (conn_is_full(c))
		return false;
	if (evbuffer_get_length(c->out) == 0)
		c->progress_ms = clock_ms();
	evbuffer_add_reference(c->out, chunk->data, chunk->len, chunk_written, chunk);
	c->peer->last_write_ms = clock_ms();
	event_add(c->ev_write, NULL);
	return true;
}

/* ---- the connection comes ---- */

static void open_buffers(struct peer_conn *c, int fd)
{
	struct event_base *base = c->peer->bgp->env.base;

	c->fd = fd;
	c->opened = true;
	c->out = evbuffer_new();
	c->ev_read = event_new(base, fd, EV_READ | EV_PERSIST, on_read, c);
	c->ev_write = event_new(base, fd, EV_WRITE | EV_PERSIST, on_write, c);
	if (!c->out || !c->ev_read || !c->ev_write)
		abort();
	event_priority_set(c->ev_read, PRIO_LOW);
	event_priority_set(c->ev_write, PRIO_NORMAL);
}

bool conn_connect(struct peer_conn *c)
{
	struct peer *p = c->peer;
	struct sockaddr_storage ss;
	char name[ADDR_STRLEN];
	int fd = socket_open(p);

	if (fd < 0) {
		c->error = errno;
		return false;
	}
	if (peer_debug(p, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(p), LOG_DEBUG, SAY_CONNECT_START, peer_host(p, name), name, fd);
	uint32_t scope = addr_is_link_local(&p->source.addr) ? peer_ifindex(p) : 0;
	socklen_t n =
	    addr_to_sockaddr(&p->source.addr, p->cfg.port ? p->cfg.port : 179, scope, &ss);
	if (connect(fd, (struct sockaddr *)&ss, n) < 0 && errno != EINPROGRESS) {
		c->error = errno;
		close(fd);
		return false;
	}
	open_buffers(c, fd);
	socket_addresses(c);
	c->remote = p->source.addr;
	c->remote_port = p->cfg.port ? p->cfg.port : 179;
	c->accepted = false;
	peer_note_addresses(c);
	c->connecting = true;
	event_add(c->ev_write, NULL);
	if (peer_debug(p, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(p), LOG_DEBUG, SAY_CONNECT_WAIT, peer_host(p, name), fd,
		    conn_label(c));
	return true;
}

void conn_accept(struct peer_conn *c, int fd)
{
	open_buffers(c, fd);
	c->accepted = true;
	socket_addresses(c);
	event_add(c->ev_read, NULL);
}

size_t peer_out_queue(const struct peer *p)
{
	return p->conn->out ? evbuffer_get_length(p->conn->out) : 0;
}
