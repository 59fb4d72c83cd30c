/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routers in one process, on loopback addresses, and a neighbor that says what the test says. */
#ifndef FERRO_TESTS_PEER_HELP_H
#define FERRO_TESTS_PEER_HELP_H

#include <criterion/criterion.h>

#include "bgpd/peer/internal.h"
#include "bgpd/peer/peer.h"

enum { AS_A = 65001, AS_B = 65002, ID_A = 0x0a000001, ID_B = 0x0a000002 };

/* A router: `router bgp` with its own listener on its own address. */
struct node {
	struct event_base *base;
	struct addr addr;
	struct bgp bgp;
	uint32_t debug;
	const char *hostname;
	struct sb log; /* every line, newline at its end */
};
void node_init(struct node *n, struct event_base *base, const char *addr, uint32_t as, uint32_t id);
void node_fini(struct node *n); /* asserts that no attribute set is left */
/* A neighbor at addr:port, source address the node's own, started. */
struct peer *node_peer(struct node *n, const char *addr, uint16_t port, uint32_t remote_as);
/* The same with settings of the test's own; cfg is completed and not kept. */
struct peer *node_peer_cfg(struct node *n, const char *addr, struct peer_cfg *cfg);
uint16_t node_port(const struct node *n);
bool node_logged(const struct node *n, const char *part);
void node_run(struct node *n, unsigned ms);
/* Runs until the peer has this state; fails the test after three seconds. */
void wait_state(struct node *n, const struct peer *p, enum fsm_state s);
bool wait_until(struct node *n, bool (*cond)(void *ctx), void *ctx, unsigned ms);

/* The neighbor as a script: a socket of the test's own. */
struct speaker {
	struct node *node;
	int fd; /* -1: closed by the router */
	uint8_t buf[70000];
	size_t len;
};
void speaker_connect(struct speaker *s, struct node *n, const char *from);
int speaker_listen(const char *addr, uint16_t *port); /* for a router that connects */
void speaker_accept(struct speaker *s, struct node *n, int listener);
void speaker_close(struct speaker *s);
void speaker_send(struct speaker *s, const void *msg, size_t len);
/* The next message of this type (KEEPALIVEs and UPDATEs in between are passed over): its length,
 * header included, and the message at *msg until the next call. 0: closed or nothing for three
 * seconds. */
size_t speaker_expect(struct speaker *s, uint8_t type, const uint8_t **msg);
bool speaker_closed(struct speaker *s);
/* An OPEN with IPv4 unicast, AS4, route refresh; more is a function that adds to it, or NULL. */
void speaker_open(
    struct speaker *s, uint32_t as, uint32_t id, uint16_t hold, void (*more)(struct open_msg *o));
void speaker_keepalive(struct speaker *s);
void speaker_notify(struct speaker *s, uint8_t code, uint8_t subcode);
/* Brings the session up from the speaker's side. */
void speaker_up(struct speaker *s, struct node *n, const char *from, uint32_t as, uint32_t id,
    void (*more)(struct open_msg *o));
/* An UPDATE that announces prefix with these attributes. */
struct route {
	const char *prefix, *next_hop;
	uint32_t path[4]; /* ends at 0 */
	uint32_t originator, cluster;
	uint32_t local_pref; /* 0: none */
};
void speaker_announce(struct speaker *s, const struct route *r);
void speaker_withdraw(struct speaker *s, const char *prefix);
void speaker_end_of_rib(struct speaker *s);

struct addr ip(const char *text);
/* The peer's path for a prefix in the node's table; NULL: none. */
const struct path *path_of(const struct node *n, const struct peer *p, const char *prefix);

#endif
