/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The netlink transport.
 *
 * A batch is one send of up to NL_BATCH messages, of which only the last asks for an
 * acknowledgement: the kernel answers the others only if they fail. So a batch is done when its
 * last message is answered, and every message of it that was not named in an error until then was
 * taken. Sent batches stand in a list in order; the kernel works on them in order.
 *
 * The kernel does the work inside send, so a thread of its own sends (sender.h); a few batches may
 * be on their way, so that it never waits for us. Answers are read when the socket turns readable.
 *
 * While a table is dumped as a whole, notifications wait: a notification that is read late does no
 * harm, but a part of a dump that is older than a notification would bring back what had gone.
 *
 * Lost answers (ENOBUFS) end all sent batches as taken and raise `overrun`: an audit finds out.
 * Must never wait but for the answer to netlink_ask, for the sender when answers were lost or
 * netlink_settle asks for it, and in netlink_dump_wait and netlink_flush, which run at the start
 * and at the end. The kernel's own lock is another matter: while it works on a batch, an answer or
 * a dump may come late. So BGP's routes ask for next hops only while no batch is under way
 * (netlink_quiet); addresses and static routes, which come from the user and from links, ask at
 * once.
 */
#include "bgpd/kernel/netlink.h"

#include <errno.h>
#include <event2/event.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bgpd/kernel/netlink_message.h"
#include "bgpd/kernel/sender.h"
#include "lib/list.h"
#include "lib/mem.h"
#include "lib/task.h"

enum {
	RECEIVE_BYTES = 32768,  /* what the kernel fills at most in one answer to a dump */
	SOCKET_BYTES = 8 << 20, /* receive queue of the notifications */
	ASK_TIMEOUT_S = 2,
	SENT_MAX = 4,      /* batches under way: the next is there when one is done */
	WATCH_ROUNDS = 64, /* notifications read in one go */
	DISCARD_MAX = 100000,
	DUMP_RETRIES = 5, /* of one that was interrupted by changes */
};

struct batch {
	struct list_head link;
	uint32_t first; /* sequence number of the first message */
	uint32_t count;
	uint32_t cookies[NL_BATCH]; /* 0: answered */
};

struct dump {
	struct list_head link;
	enum netlink_dump what;
	enum family family;
	uint8_t proto;
	uint8_t retries;
	bool interrupted;
};

struct netlink {
	struct netlink_events events;
	void *ctx;
	uint32_t table;
	struct nl_sock *ask, *watch, *bulk, *dumper;
	struct event *watch_ev, *bulk_ev, *dump_ev;
	uint32_t seq;          /* of requests that are answered by themselves */
	uint32_t bulk_seq;     /* of batches: without gaps */
	struct sender *sender; /* NULL: nothing was ever sent */
	struct batch *open;    /* with its messages in packet; NULL: none */
	struct packet *packet;
	struct list_head sent; /* struct batch */
	unsigned sent_count;
	bool refused;           /* netlink_send was called too early */
	bool unquiet;           /* netlink_quiet was */
	struct list_head dumps; /* struct dump; the first one is under way if dumping */
	bool dumping;
	uint8_t in[RECEIVE_BYTES] __attribute__((aligned(8)));
};

static int socket_fd(const struct nl_sock *s)
{
	return nl_socket_get_fd(s);
}

/* --- sockets --- */

static struct nl_sock *socket_open(void)
{
	struct nl_sock *s = nl_socket_alloc();
	int one = 1;

	if (!s)
		return NULL;
	if (nl_connect(s, NETLINK_ROUTE) < 0) {
		nl_socket_free(s);
		return NULL;
	}
	setsockopt(socket_fd(s), SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	return s;
}

static void socket_room(struct nl_sock *s, int bytes)
{
	int fd = socket_fd(s);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

/* Notifications of routes and next hops that our own requests caused are dropped in the kernel:
 * during a full table they would cost as much as the table itself. The filter sees big-endian
 * loads. */
static void watch_filter(struct netlink *n)
{
	uint32_t bulk = htonl(nl_socket_get_local_port(n->bulk));
	uint32_t ask = htonl(nl_socket_get_local_port(n->ask));
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 4, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 3, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWNEXTHOP), 2, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELNEXTHOP), 1, 0),
	    BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_pid)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, bulk, 2, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ask, 1, 0),
	    BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	setsockopt(socket_fd(n->watch), SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

static bool watch_join(struct netlink *n)
{
	/* an old kernel has no notifications of next hops, and no next-hop objects either */
	nl_socket_add_membership(n->watch, RTNLGRP_NEXTHOP);
	return nl_socket_add_memberships(n->watch, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
		   RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, 0) == 0;
}

static void watch_read(evutil_socket_t fd, short what, void *arg);
static void bulk_read(evutil_socket_t fd, short what, void *arg);
static void dump_read(evutil_socket_t fd, short what, void *arg);

static struct event *event_open(
    struct netlink *n, struct event_base *base, struct nl_sock *s, event_callback_fn cb)
{
	nl_socket_set_nonblocking(s);
	struct event *ev = event_new(base, socket_fd(s), EV_READ | EV_PERSIST, cb, n);
	if (!ev)
		return NULL;
	event_priority_set(ev, PRIO_NORMAL);
	event_add(ev, NULL);
	return ev;
}

struct netlink *netlink_new(
    struct event_base *base, const struct netlink_events *events, void *ctx, uint32_t table)
{
	struct netlink *n = mem_zalloc(sizeof(*n));
	struct timeval patience = {.tv_sec = ASK_TIMEOUT_S};
	int one = 1;

	n->events = *events;
	n->ctx = ctx;
	n->table = table;
	list_init(&n->sent);
	list_init(&n->dumps);
	n->ask = socket_open();
	n->watch = socket_open();
	n->bulk = socket_open();
	n->dumper = socket_open();
	if (!n->ask || !n->watch || !n->bulk || !n->dumper || !watch_join(n)) {
		netlink_free(n);
		return NULL;
	}
	setsockopt(socket_fd(n->ask), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(socket_fd(n->dumper), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	socket_room(n->watch, SOCKET_BYTES);
	socket_room(n->bulk, SOCKET_BYTES);
	watch_filter(n);
	n->watch_ev = event_open(n, base, n->watch, watch_read);
	n->bulk_ev = event_open(n, base, n->bulk, bulk_read);
	n->dump_ev = event_open(n, base, n->dumper, dump_read);
	if (!n->watch_ev || !n->bulk_ev || !n->dump_ev) {
		netlink_free(n);
		return NULL;
	}
	return n;
}

static void batches_free(struct netlink *n)
{
	struct batch *b, *next;

	mem_free(n->open);
	mem_free(n->packet);
	n->open = NULL;
	n->packet = NULL;
	list_for_each_safe (b, next, &n->sent, link)
		mem_free(b);
}

void netlink_free(struct netlink *n)
{
	struct event *events[] = {n->watch_ev, n->bulk_ev, n->dump_ev};
	struct nl_sock *sockets[] = {n->ask, n->watch, n->bulk, n->dumper};
	struct dump *d, *next;
	int saved = errno;

	sender_free(n->sender);
	for (unsigned i = 0; i < 3; i++)
		if (events[i])
			event_free(events[i]);
	for (unsigned i = 0; i < 4; i++)
		if (sockets[i])
			nl_socket_free(sockets[i]);
	batches_free(n);
	list_for_each_safe (d, next, &n->dumps, link)
		mem_free(d);
	mem_free(n);
	errno = saved;
}

/* --- batches --- */

/* The sender is made with the first batch: privileges are dropped by then. */
static void batch_open(struct netlink *n)
{
	if (!n->sender)
		n->sender = sender_new(socket_fd(n->bulk));
	n->packet = sender_packet(n->sender);
	n->open = mem_alloc(sizeof(*n->open));
	n->open->first = n->bulk_seq + 1;
	n->open->count = 0;
}

bool netlink_put(struct netlink *n, const void *message, uint32_t cookie)
{
	const struct nlmsghdr *m = message;
	uint32_t bytes = NLMSG_ALIGN(m->nlmsg_len);

	if (!n->open)
		batch_open(n);
	if (n->open->count == NL_BATCH || n->packet->bytes + bytes > sizeof(n->packet->out))
		return false;
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)(n->packet->out + n->packet->bytes);
	memcpy(h, m, m->nlmsg_len);
	h->nlmsg_seq = ++n->bulk_seq;
	h->nlmsg_pid = 0;
	n->packet->bytes += bytes;
	n->open->cookies[n->open->count++] = cookie;
	return true;
}

static void batch_mark_last(struct netlink *n)
{
	uint8_t *at = n->packet->out;

	for (uint32_t i = 1; i < n->open->count; i++)
		at += NLMSG_ALIGN(((struct nlmsghdr *)(void *)at)->nlmsg_len);
	((struct nlmsghdr *)(void *)at)->nlmsg_flags |= NLM_F_ACK;
}

static void batch_push(struct netlink *n)
{
	batch_mark_last(n);
	list_add_tail(&n->sent, &n->open->link);
	n->sent_count++;
	sender_push(n->sender, n->packet);
	n->open = NULL;
	n->packet = NULL;
}

bool netlink_send(struct netlink *n)
{
	if (!n->open || !n->open->count)
		return true;
	n->refused = n->sent_count >= SENT_MAX;
	if (!n->refused)
		batch_push(n);
	return !n->refused;
}

bool netlink_quiet(struct netlink *n)
{
	if (n->open && n->open->count && n->sent_count < SENT_MAX)
		batch_push(n);
	n->unquiet = n->sent_count > 0;
	return !n->unquiet;
}

bool netlink_busy(const struct netlink *n)
{
	return n->open || !list_empty(&n->sent);
}

/* Takes the batch off the list first: `done` may send another one. */
static void batch_end(struct netlink *n, struct batch *b)
{
	list_del(&b->link);
	n->sent_count--;
	for (uint32_t i = 0; i < b->count; i++)
		if (b->cookies[i])
			n->events.done(n->ctx, b->cookies[i], 0);
	mem_free(b);
}

static void answer_in(struct netlink *n, uint32_t seq, int error)
{
	struct batch *b;

	list_for_each (b, &n->sent, link) {
		uint32_t i = seq - b->first;
		if (i >= b->count)
			continue;
		uint32_t cookie = b->cookies[i];
		b->cookies[i] = 0;
		if (cookie)
			n->events.done(n->ctx, cookie, error);
		if (i == b->count - 1)
			batch_end(n, b);
		return;
	}
}

static void answers_lost(struct netlink *n)
{
	sender_wait(n->sender);
	while (!list_empty(&n->sent))
		batch_end(n, container_of(n->sent.next, struct batch, link));
	n->events.overrun(n->ctx);
}

static void answers_in(struct netlink *n)
{
	while (!list_empty(&n->sent)) {
		ssize_t len = recv(socket_fd(n->bulk), n->in, sizeof(n->in), MSG_DONTWAIT);
		if (len < 0 && errno == ENOBUFS) {
			answers_lost(n);
			return;
		}
		if (len <= 0)
			return;
		int left = (int)len;
		struct nlmsghdr *h = (struct nlmsghdr *)(void *)n->in;
		for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			const struct nlmsgerr *e = NLMSG_DATA(h);
			if (h->nlmsg_type == NLMSG_ERROR &&
			    h->nlmsg_len >= NLMSG_LENGTH(sizeof(int)))
				answer_in(n, h->nlmsg_seq, -e->error);
		}
	}
}

static void bulk_read(evutil_socket_t fd, short what, void *arg)
{
	struct netlink *n = arg;
	(void)fd;
	(void)what;

	answers_in(n);
	if ((n->refused && n->sent_count < SENT_MAX) || (n->unquiet && !n->sent_count)) {
		n->refused = n->unquiet = false;
		n->events.ready(n->ctx);
	}
}

void netlink_settle(struct netlink *n)
{
	if (n->open && n->open->count)
		batch_push(n);
	if (n->sender)
		sender_wait(n->sender);
}

void netlink_flush(struct netlink *n)
{
	netlink_settle(n);
	answers_in(n);
}

int netlink_ask(struct netlink *n, void *message)
{
	struct nlmsghdr *m = message;
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	uint8_t answer[1024] __attribute__((aligned(8)));
	int fd = socket_fd(n->ask);

	m->nlmsg_seq = ++n->seq;
	m->nlmsg_flags |= NLM_F_ACK;
	if (sendto(fd, m, m->nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return errno;
	for (;;) {
		ssize_t len = recv(fd, answer, sizeof(answer), 0);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return errno;
		const struct nlmsghdr *h = (const struct nlmsghdr *)(void *)answer;
		const struct nlmsgerr *e = NLMSG_DATA(h);
		if (len >= (ssize_t)NLMSG_LENGTH(sizeof(int)) && h->nlmsg_type == NLMSG_ERROR &&
		    h->nlmsg_seq == m->nlmsg_seq)
			return -e->error;
	}
}

/* --- notifications --- */

/* What is left of a queue that ran over is older than the dump that follows. */
static void watch_discard(struct netlink *n)
{
	ssize_t len = 0;

	for (unsigned i = 0; i < DISCARD_MAX && (len >= 0 || errno == ENOBUFS); i++)
		len = recv(socket_fd(n->watch), n->in, sizeof(n->in), MSG_DONTWAIT);
}

static void watch_read(evutil_socket_t fd, short what, void *arg)
{
	struct netlink *n = arg;
	(void)what;

	for (unsigned round = 0; round < WATCH_ROUNDS; round++) {
		ssize_t len = recv(fd, n->in, sizeof(n->in), MSG_DONTWAIT);
		if (len < 0 && errno == ENOBUFS) {
			watch_discard(n);
			n->events.overrun(n->ctx);
			return;
		}
		if (len <= 0)
			return;
		/* events may send and so overwrite n->in only after this message: one a datagram */
		int left = (int)len;
		struct nlmsghdr *h = (struct nlmsghdr *)(void *)n->in;
		if (NLMSG_OK(h, left))
			netlink_message_in(h, &n->events, n->ctx, n->table, false);
	}
}

/* --- dumps --- */

static void dump_request(const struct dump *d, uint32_t table, struct nlb *b)
{
	uint16_t flags = NLM_F_DUMP;
	struct ifinfomsg *link;
	struct rtmsg *route;

	switch (d->what) {
	case NL_LINKS:
		link = nlb_start(b, RTM_GETLINK, flags, sizeof(*link));
		link->ifi_family = AF_UNSPEC;
		nlb_u32(b, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
		break;
	case NL_ADDRESSES:
		nlb_start(b, RTM_GETADDR, flags, sizeof(struct ifaddrmsg));
		break;
	case NL_ROUTES:
		route = nlb_start(b, RTM_GETROUTE, flags, sizeof(*route));
		route->rtm_family = (uint8_t)family_to_af(d->family);
		route->rtm_protocol = d->proto;
		nlb_u32(b, RTA_TABLE, table);
		break;
	case NL_NEXTHOPS:
		nlb_start(b, RTM_GETNEXTHOP, flags, sizeof(struct nhmsg));
		break;
	}
}

static void dump_end(struct netlink *n, int error)
{
	struct dump *first = container_of(n->dumps.next, struct dump, link);
	struct dump d = *first;

	list_del(&first->link);
	mem_free(first);
	n->dumping = false;
	event_add(n->watch_ev, NULL);
	n->events.dumped(n->ctx, d.what, d.family, d.proto, error);
}

static void dump_start(struct netlink *n)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

	while (!n->dumping && !list_empty(&n->dumps)) {
		struct nlb b;
		dump_request(container_of(n->dumps.next, struct dump, link), n->table, &b);
		((struct nlmsghdr *)(void *)b.buf)->nlmsg_seq = ++n->seq;
		n->dumping = true;
		if (!container_of(n->dumps.next, struct dump, link)->proto)
			event_del(n->watch_ev);
		if (sendto(socket_fd(n->dumper), b.buf, b.len, 0, (struct sockaddr *)&kernel,
			sizeof(kernel)) < 0)
			dump_end(n, errno);
	}
}

void netlink_dump(struct netlink *n, enum netlink_dump what, enum family f, uint8_t proto)
{
	struct dump *d = mem_zalloc(sizeof(*d));

	d->what = what;
	d->family = f;
	d->proto = proto;
	list_add_tail(&n->dumps, &d->link);
	dump_start(n);
}

/* The end of a dump: what changed under the kernel's hands is asked for again, but for dumps of one
 * protocol: those are for audits, which live with gaps. */
static void dump_finish(struct netlink *n, int error)
{
	struct dump *d = container_of(n->dumps.next, struct dump, link);

	if (!error && d->interrupted && !d->proto && d->retries < DUMP_RETRIES) {
		d->retries++;
		d->interrupted = false;
		n->dumping = false;
		return;
	}
	dump_end(n, error);
}

/* One datagram of a dump. False: there was none. */
static bool dump_step(struct netlink *n, int flags)
{
	uint8_t in[RECEIVE_BYTES] __attribute__((aligned(8)));
	ssize_t len = recv(socket_fd(n->dumper), in, sizeof(in), flags);

	if (len <= 0 && !(len < 0 && errno == ENOBUFS))
		return false;
	if (!n->dumping)
		return true;
	if (len < 0) {
		dump_finish(n, ENOBUFS);
		return true;
	}
	int left = (int)len;
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)in;
	for (; n->dumping && NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		const struct nlmsgerr *e = NLMSG_DATA(h);
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			container_of(n->dumps.next, struct dump, link)->interrupted = true;
		if (h->nlmsg_type == NLMSG_DONE)
			dump_finish(n, 0);
		else if (h->nlmsg_type == NLMSG_ERROR)
			dump_finish(n, -e->error);
		else
			netlink_message_in(h, &n->events, n->ctx, n->table, true);
	}
	dump_start(n);
	return true;
}

static void dump_read(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	dump_step(arg, MSG_DONTWAIT);
}

void netlink_dump_wait(struct netlink *n)
{
	int fd = socket_fd(n->dumper), flags = 0;

	ioctl(fd, FIONBIO, &flags);
	while (n->dumping)
		if (!dump_step(n, 0))
			dump_finish(n, EIO);
	nl_socket_set_nonblocking(n->dumper);
}

/* --- drivers --- */

uint32_t netlink_speed(const struct netlink *n, const char *ifname)
{
	struct ethtool_cmd cmd = {.cmd = ETHTOOL_GSET};
	struct ifreq req = {.ifr_data = (void *)&cmd};
	(void)n;

	strncpy(req.ifr_name, ifname, sizeof(req.ifr_name) - 1);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	int rc = ioctl(fd, SIOCETHTOOL, &req);
	close(fd);
	uint32_t speed = ethtool_cmd_speed(&cmd);
	return rc != 0 || speed == (uint32_t)SPEED_UNKNOWN ? 0 : speed;
}
