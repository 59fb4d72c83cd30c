/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel that is not there: the netlink transport's calls, recorded, and what a test lets it say.
 *
 * Linking this in the place of bgpd/kernel/netlink.c gives the room without sockets.
 */
#ifndef FERRO_TESTS_KERNEL_FAKE_H
#define FERRO_TESTS_KERNEL_FAKE_H

#include "bgpd/kernel/private.h"

enum { FAKE_LOG_MAX = 256 };

/* One request that reached the kernel, in words: "set 10.0.0.0/24 nhid 1000000 proto 186". */
struct fake_log {
	char lines[FAKE_LOG_MAX][96];
	unsigned count;
};

struct fake {
	struct event_base *base;
	struct log *log;
	struct kernel *k;
	struct trie *words[3];
	struct fake_log out;
	int ask_error;   /* answer to single requests */
	int batch_error; /* answer to each batched request */
	bool slow;       /* netlink_send refuses, until fake_not_slow */
	bool hold;       /* answers stay away until fake_answer */
	unsigned told, refused, routes_changed, interfaces_changed, rooms;
	bool quiet; /* no lines of what is asked */
};

struct fake *fake_new(bool install);
void fake_free(struct fake *f);
void fake_not_slow(struct fake *f);
void fake_run(struct fake *f);    /* the event loop until nothing is to be done */
void fake_answer(struct fake *f); /* what was held back */
const char *fake_line(const struct fake *f, unsigned i); /* "" behind the end */
void fake_clear(struct fake *f);

void fake_link(struct fake *f, uint32_t ifindex, const char *name, bool up);
void fake_address(struct fake *f, uint32_t ifindex, const char *prefix, bool gone);
/* A route of others: `via` an address, or NULL for an unreachable one. */
void fake_route(struct fake *f, const char *prefix, uint32_t metric, const char *via,
    uint32_t ifindex, bool gone);

struct prefix fake_prefix(const char *text);
struct addr fake_addr(const char *text);
/* In the place of the RIB; gates end with NULL. */
void fake_set(struct fake *f, const char *prefix, const char *gate, const char *gate2);
void fake_del(struct fake *f, const char *prefix);
enum kernel_bgp_state fake_state(const struct fake *f, const char *prefix);
void fake_static(struct fake *f, const char *prefix, uint8_t distance, const char *gate);
/* Says whether the table of non-BGP routes lists exactly these, "C> 10.0.0.0/24 eth0" a line. */
void fake_expect_routes(const struct fake *f, const char *const *lines);

#endif
