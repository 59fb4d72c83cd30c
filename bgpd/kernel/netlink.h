/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The netlink transport: sockets, batches of requests with their acknowledgements, dumps, and what
 * the kernel says, parsed into plain structs. It decides nothing.
 *
 * Four sockets: `batch` for bulk requests, whose answers are read as they come; `ask` for a single
 * request that is answered at once (the kernel works while sendmsg runs, so its answer waits
 * already); `dump` for tables; `watch` for notifications, with a filter that drops those of our own
 * requests.
 */
#ifndef FERRO_KERNEL_NETLINK_H
#define FERRO_KERNEL_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bgpd/kernel/kernel.h"

struct netlink;

/* Requests of one send, and their buffer. */
enum { NL_BATCH = 128, NL_BATCH_BYTES = 32768, NL_MESSAGE_MAX = 4096 };

struct netlink_link {
	uint32_t ifindex;
	const struct kernel_interface
	    *data; /* what the kernel says; counters, times, addresses empty */
};

struct netlink_address {
	uint32_t ifindex;
	uint32_t flags; /* IFA_F_* */
	struct kernel_address data;
};

struct netlink_route {
	struct prefix prefix;
	uint32_t table, metric;
	uint32_t group; /* RTA_NH_ID, 0: none */
	uint8_t proto;  /* RTPROT_* */
	uint8_t type;   /* RTN_* */
	bool cloned;
	uint16_t nexthop_count;
	const struct rt_nexthop *nexthops;
};

enum netlink_dump { NL_LINKS, NL_ADDRESSES, NL_ROUTES, NL_NEXTHOPS };

struct netlink_events {
	void (*link)(void *ctx, const struct netlink_link *l, bool gone);
	void (*address)(void *ctx, const struct netlink_address *a, bool gone);
	/* dumped: from a dump, otherwise a notification of what others did */
	void (*route)(void *ctx, const struct netlink_route *r, bool gone, bool dumped);
	void (*nexthop)(void *ctx, uint32_t id, uint8_t proto, bool gone);
	void (*dumped)(void *ctx, enum netlink_dump what, enum family f, uint8_t proto, int error);
	/* A batched request was answered: 0 or an errno. */
	void (*done)(void *ctx, uint32_t cookie, int error);
	/* A batch can be sent, after netlink_send had to refuse one. */
	void (*ready)(void *ctx);
	/* Notifications or answers were lost. */
	void (*overrun)(void *ctx);
};

/* NULL: errno says why. table: whose routes are reported and dumped. */
struct netlink *netlink_new(
    struct event_base *base, const struct netlink_events *events, void *ctx, uint32_t table);
void netlink_free(struct netlink *n);

/* Appends a message (struct nlmsghdr and all, finished) to the open batch. cookie is handed to
 * `done`; never 0. False: the batch is full, netlink_send first. */
bool netlink_put(struct netlink *n, const void *message, uint32_t cookie);
/* Sends the open batch, without waiting for the kernel. False: enough are under way; the batch
 * stays open, `ready` says when to try again. */
bool netlink_send(struct netlink *n);
/* Sends it and waits until the kernel has done it; the answers come as always. For a request that
 * must not overtake what was put before. */
void netlink_settle(struct netlink *n);
void netlink_flush(struct netlink *n); /* sends it and waits until the kernel has done it all */
bool netlink_busy(const struct netlink *n); /* something is unsent or unanswered */
/* Is nothing under way, so that an answer to netlink_ask comes at once? Else the open batch is sent
 * where that is possible, and `ready` says when to ask again. */
bool netlink_quiet(struct netlink *n);
/* Sends one message and returns its answer: 0 or an errno. Waits as long as the kernel is busy with
 * what is under way. */
int netlink_ask(struct netlink *n, void *message);

/* Queues a dump; `dumped` ends it. Routes: of one family, and of one protocol if proto is not 0. */
void netlink_dump(struct netlink *n, enum netlink_dump what, enum family f, uint8_t proto);
/* Runs all queued dumps to their end before it returns. */
void netlink_dump_wait(struct netlink *n);

uint32_t netlink_speed(
    const struct netlink *n, const char *ifname); /* Mbit/s from the driver, 0: unknown */

/* ---- building messages: a cursor over a buffer, host byte order, aligned as netlink wants ---- */
struct nlb {
	uint8_t buf[NL_MESSAGE_MAX] __attribute__((aligned(4)));
	uint32_t len;
};
/* Starts a message; returns the place of its fixed header of `size` bytes, zeroed. */
void *nlb_start(struct nlb *b, uint16_t type, uint16_t flags, size_t size);
void nlb_attr(struct nlb *b, uint16_t type, const void *data, size_t n);
void nlb_u32(struct nlb *b, uint16_t type, uint32_t v);
uint32_t nlb_nest(struct nlb *b, uint16_t type); /* returns a mark for nlb_end */
void nlb_end(struct nlb *b, uint32_t mark);
void *nlb_raw(struct nlb *b, size_t n); /* n zeroed bytes, a multiple of 4 */

#endif
