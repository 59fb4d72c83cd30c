/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread that hands packets of requests to the kernel. For bgpd/kernel/netlink.c only. */
#ifndef FERRO_KERNEL_SENDER_H
#define FERRO_KERNEL_SENDER_H

#include "bgpd/kernel/netlink.h"

struct packet {
	struct packet *next; /* the sender's */
	uint32_t bytes;
	uint8_t out[NL_BATCH_BYTES] __attribute__((aligned(8)));
};

struct sender;
struct sender *sender_new(int fd);  /* a netlink socket that it alone writes to */
void sender_free(struct sender *s); /* ends the thread; what has not been sent is dropped */
/* An empty packet to be filled and pushed (or given to mem_free). */
struct packet *sender_packet(struct sender *s);
/* Sends it behind those before it; the packet is the sender's from here on. */
void sender_push(struct sender *s, struct packet *p);
/* Waits until all are sent: the kernel has done its work on them. Gives up after some seconds, for
 * a kernel that takes none must not keep the daemon from ending. */
void sender_wait(struct sender *s);

#endif
