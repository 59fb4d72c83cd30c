/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink messages into plain structs. Input is the kernel's; what is malformed is passed over. */
#ifndef FERRO_KERNEL_NETLINK_MESSAGE_H
#define FERRO_KERNEL_NETLINK_MESSAGE_H

#include <linux/netlink.h>

#include "bgpd/kernel/netlink.h"

/* Dispatches one message to the events; dumped says where it comes from. */
void netlink_message_in(const struct nlmsghdr *h, const struct netlink_events *events, void *ctx,
    uint32_t table, bool dumped);

#endif
