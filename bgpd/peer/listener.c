/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The listening sockets: one for each family, or one for each -l address.
 *
 * Only neighbors that are not shut down, configured or in a listen range, get a connection; anybody
 * else is closed without a word, as FRR does: a NOTIFICATION would make the other side wait longer
 * and longer. Connections are taken in small bunches, so that a flood of them does not hold up the
 * rest. When the process is out of descriptors, accepting pauses for a moment instead of spinning.
 */
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bgpd/peer/internal.h"
#include "bgpd/peer/peergroup.h"
#include "bgpd/peer/peerlog.h"
#include "lib/task.h"

enum { BACKLOG = 64, BUNCH = 16, MAX_SOCKETS = 16, PAUSE_S = 1 };

struct listener {
	struct bgp *bgp;
	struct event *resume; /* after a pause */
	unsigned count;
	struct {
		int fd;
		uint8_t family;
		struct event *ev;
	} socket[MAX_SOCKETS];
};

/* ---- a connection comes in ---- */

static void log_accept(const struct peer *p, int fd)
{
	char host[ADDR_STRLEN];

	if (peer_debug(p, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(p), LOG_DEBUG, SAY_ACCEPT, peer_host(p, host), fd,
		    (int)p->fsm.state + 1, p->conn->fd);
}

static void take(struct peer *p, int fd)
{
	struct peer_conn *c;

	log_accept(p, fd);
	socket_tune(p, fd);
	/* RFC 4724 4.2: a restarted neighbor comes before we noticed that it went. */
	if (peer_is_up(p) && restart_possible(p, RESET_CLOSED)) {
		p->conn->why = RESET_CLOSED;
		p->conn->error = 0;
		conn_event(p->conn, FSM_TCP_FAILS);
	}
	if (p->incoming) {
		conn_free(p->incoming);
		p->incoming = NULL;
	}
	c = p->incoming = conn_new(p, true);
	conn_accept(c, fd);
	conn_event(c, FSM_MANUAL_START_PASSIVE);
	conn_event(c, FSM_TCP_ACCEPTED);
}

static void dispatch(struct listener *l, int fd, const struct sockaddr_storage *from)
{
	struct addr a = {0};
	struct peer *p = NULL;

	if (addr_from_sockaddr((const struct sockaddr *)from, &a, NULL))
		p = peer_find(l->bgp, &a);
	if (!p && a.family != FAMILY_NONE)
		p = peer_group_accept(l->bgp, &a);
	if (p && peer_may_run(p)) {
		take(p, fd);
		return;
	}
	close(fd);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd;
	(void)what;
	for (unsigned i = 0; i < l->count; i++)
		event_add(l->socket[i].ev, NULL);
}

/* Only what goes away by itself: nobody there, or who was there has gone. */
static bool is_passing(int error)
{
	return error == EAGAIN || error == EINTR || error == ECONNABORTED;
}

static void pause_accepting(struct listener *l, int error)
{
	static const struct timeval pause = {.tv_sec = PAUSE_S};

	log_msg(l->bgp->env.log, LOG_WARNING, NULL, 0, "cannot accept BGP connections: %s",
	    strerror(error));
	for (unsigned i = 0; i < l->count; i++)
		event_del(l->socket[i].ev);
	event_add(l->resume, &pause);
}

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)what;
	for (unsigned i = 0; i < BUNCH; i++) {
		struct sockaddr_storage from;
		socklen_t n = sizeof(from);
		int got = accept4(fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (got < 0) {
			if (!is_passing(errno))
				pause_accepting(l, errno);
			return;
		}
		dispatch(l, got, &from);
	}
}

/* ---- the sockets ---- */

/* TTL 255 answers a SYN of a neighbor with ttl-security; the connection gets its own when it is
 * taken. */
static int open_socket(const struct addr *a, uint16_t port, int *out)
{
	struct sockaddr_storage ss;
	socklen_t n = addr_to_sockaddr(a, port, 0, &ss);
	int fd = socket(
	    family_to_af(a->family), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	int on = 1, tos = IPTOS_CLASS_CS6, ttl = 255, error;

	if (fd < 0)
		return errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a->family == FAMILY_IPV6) {
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &ttl, sizeof(ttl));
	} else {
		(void)setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
		(void)setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl));
	}
	if (bind(fd, (struct sockaddr *)&ss, n) == 0 && listen(fd, BACKLOG) == 0) {
		*out = fd;
		return 0;
	}
	error = errno;
	close(fd);
	return error;
}

static int add_socket(struct listener *l, const struct addr *a, uint16_t port)
{
	int fd = -1, error = open_socket(a, port, &fd);

	if (error)
		return error;
	struct event *ev = event_new(l->bgp->env.base, fd, EV_READ | EV_PERSIST, on_accept, l);
	if (!ev || event_priority_set(ev, PRIO_NORMAL) < 0 || event_add(ev, NULL) < 0)
		abort();
	l->socket[l->count].fd = fd;
	l->socket[l->count].family = a->family;
	l->socket[l->count++].ev = ev;
	return 0;
}

/* Without -l: both families; a machine without IPv6 does with IPv4. */
static int add_any(struct listener *l, uint16_t port)
{
	int error = add_socket(l, &(struct addr){.family = FAMILY_IPV4}, port);
	int error6;

	if (error)
		return error;
	error6 = add_socket(l, &(struct addr){.family = FAMILY_IPV6}, listener_port(l));
	return error6 == EAFNOSUPPORT || error6 == EADDRNOTAVAIL ? 0 : error6;
}

int listener_new(
    struct bgp *bgp, uint16_t port, const struct addr *addrs, unsigned count, struct listener **out)
{
	struct listener *l = mem_zalloc(sizeof(*l));
	int error = 0;

	l->bgp = bgp;
	l->resume = evtimer_new(bgp->env.base, on_resume, l);
	if (!addrs)
		error = add_any(l, port);
	for (unsigned i = 0; addrs && i < count && !error; i++)
		error = l->count < MAX_SOCKETS ? add_socket(l, &addrs[i], port) : ENOSPC;
	if (error) {
		listener_free(l);
		return error;
	}
	*out = l;
	return 0;
}

void listener_free(struct listener *l)
{
	for (unsigned i = 0; i < l->count; i++) {
		event_free(l->socket[i].ev);
		close(l->socket[i].fd);
	}
	event_free(l->resume);
	mem_free(l);
}

bool listener_socket(const struct listener *l, unsigned i, struct addr *addr, int *fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (i >= l->count)
		return false;
	*fd = l->socket[i].fd;
	*addr = (struct addr){.family = l->socket[i].family};
	if (getsockname(*fd, (struct sockaddr *)&ss, &len) == 0)
		addr_from_sockaddr((const struct sockaddr *)&ss, addr, NULL);
	return true;
}

uint16_t listener_port(const struct listener *l)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof(ss);
	uint16_t port = 0;
	struct addr a;

	if (l->count && getsockname(l->socket[0].fd, (struct sockaddr *)&ss, &n) == 0)
		addr_from_sockaddr((struct sockaddr *)&ss, &a, &port);
	return port;
}

int listener_set_password(struct listener *l, const struct prefix *peer, const char *password)
{
	int error = 0;

	for (unsigned i = 0; i < l->count; i++)
		if (l->socket[i].family == peer->family && !error)
			error = socket_set_md5(l->socket[i].fd, peer, password);
	return error;
}
