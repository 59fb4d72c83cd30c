/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adjacent-out groups: peers with equal outbound policy and session kind share one group, which
 * computes, remembers and encodes what is announced, once for all members.
 *
 * A destination that changed is drained once per group: export, compare with what the group has
 * sent (a 32-bit attribute set id per destination), pack, hand the same buffer to every member. A
 * member that is new or fell behind gets the table by a walk of its own and then joins the others.
 */
#ifndef FERRO_RIB_GROUP_H
#define FERRO_RIB_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "bgpd/codec/update.h"
#include "bgpd/rib/rib.h"
#include "lib/list.h"

struct group;
struct bits;
struct own_use;

/* An encoded run of messages, shared by all members; release it when it is written. */
struct chunk {
	uint32_t refs;
	uint32_t len; /* bytes */
	uint16_t messages;
	uint8_t data[];
};
void chunk_release(struct chunk *c);

/* Equal keys share a group. Plain data, compared with memcmp: zero it before filling. */
struct group_key {
	uint8_t family;
	uint8_t kind;                           /* enum source_kind of the members */
	bool as4, addpath_tx, extended_message; /* capabilities in use on the sessions */
	bool client;                            /* route reflector clients */
	bool not_from_clients;                  /* which hear of each other without us */
	bool next_hop_self, next_hop_force;     /* force: of reflected routes too */
	bool default_originate; /* the default route is announced, whatever the table has */
	bool connected;       /* members sit on a subnet of ours (single-hop eBGP): third-party next
			       * hops on that subnet stay */
	bool policy_required; /* RFC 8212: nothing leaves, no policy is configured */
	bool no_private_as, no_private_as_all, no_private_as_replace; /* remove-private-AS */
	uint32_t keep_as;                                             /* ... but this one */
	bool send_community, send_ext_community, send_large_community;
	uint32_t local_as;   /* as members see it */
	uint32_t cluster_id; /* what reflected routes get in front; 0: external members */
	uint8_t hop_family;  /* enum family: of our own address as next hop */
	bool hop_local;      /* with an IPv6 link-local one beside it */
	uint32_t solo;       /* a number of its own keeps a peer alone; 0: shared */
};

/* What a member is told where we are the next hop ourselves: it may differ within a group. */
struct own_hop {
	struct addr addr;  /* of the key's hop_family */
	struct addr local; /* IPv6 link-local beside it; family NONE: none (key's hop_local) */
	uint32_t ifindex;  /* the link that we share with the member; 0: none */
};
bool own_hop_equal(const struct own_hop *a, const struct own_hop *b);

/* A peer as the group sees it: embedded in struct peer, one for each family. */
struct member {
	struct list_head link;
	struct group *group; /* NULL: in none */
	const struct source *source;
	struct own_hop own; /* set before group_join */
	void *ctx;
	/* True: it took one reference of the chunk. False: it did not, its queue is full; nothing
	 * more comes until group_unblock. May not call
	 * group_* functions; nor may table_sent. */
	bool (*send)(void *ctx, struct chunk *c);
	/* May be NULL. The whole table has been handed to send: after joining (refresh false; the
	 * End-of-RIB message was sent already), and after each group_send_again (refresh true). */
	void (*table_sent)(void *ctx, bool refresh);
	/* kept by the group */
	bool in_sync, blocked, eor_done, refreshing;
	bool moved;      /* from another group: waits until this one knows all that it sends */
	uint32_t cursor; /* its own walk: destinations from here on are not told yet */
	struct bits
	    *missed;     /* destinations that changed behind the cursor or while it was blocked */
	uint32_t joined; /* clock_sec */
	struct own_use *own_use;  /* its addresses among the group's */
	struct list_head on_link; /* among those with its own.ifindex */
};

/* Joins the group of this key (making it) and starts sending the table. */
void group_join(struct rib *r, struct member *m, const struct group_key *key);
void group_leave(struct member *m);      /* the last one frees the group */
void group_send_again(struct member *m); /* route refresh, clear soft out: the table once more */
void group_unblock(struct member *m);    /* the peer's queue has room again */
/* To the group of another key, or with other addresses, while the session goes on: the member is
 * told what this one sends, and the withdrawal of what it knows from the other one and this one
 * does not send. No End-of-RIB.
 */
void group_move(struct member *m, const struct group_key *key, const struct own_hop *own);

/* ---- reading ---- */
const struct group_key *group_key(const struct group *g);
uint32_t group_id(const struct group *g);         /* small number for the shows */
uint32_t group_sent_count(const struct group *g); /* prefixes announced now */
/* The set announced for a destination; 0: not announced. As FRR's Adj-RIB-Out it lacks what is
 * added when a message is written: the prepended local AS, our own address as next hop (0.0.0.0 or
 * :: in the set) and our cluster id. */
uint32_t group_sent(const struct group *g, const struct dest *d);
/* The default route is announced because key.default_originate asks for it. */
bool group_default_sent(const struct group *g);
const struct group *group_next(const struct rib *r, const struct group *after);
const struct list_head *group_members(const struct group *g);
size_t group_bytes(const struct group *g);
struct group_stats {
	uint32_t created; /* clock_sec */
	uint32_t version; /* table version it has sent up to */
	uint64_t joins, prunes, merges, splits, updates, withdrawals, messages;
};
const struct group_stats *group_stats(const struct group *g);

#endif
