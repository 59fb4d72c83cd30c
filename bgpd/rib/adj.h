/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files behind group.h share. For bgpd/rib only. */
#ifndef FERRO_RIB_ADJ_H
#define FERRO_RIB_ADJ_H

#include "bgpd/rib/table.h"
#include "lib/hash.h"

enum { CURSOR_END = UINT32_MAX };

/* Destinations to tell about, and who is to hear it. */
struct batch {
	uint32_t *dests;
	uint32_t count, cap;
};

struct audience {
	struct member **members;
	uint32_t count, cap;
};

/* Addresses of ours that some of a group's members have as next hop. */
struct own_use {
	struct hash_node node; /* group.own_uses, by hop */
	struct own_hop hop;
	uint32_t members;
	struct chunk *variant; /* of the chunk that is being delivered, one reference; NULL: none */
	struct own_use *next;  /* of those with a variant */
};

/* A link with members on it. */
struct own_link {
	struct hash_node node; /* group.own_links, by ifindex */
	uint32_t ifindex;
	uint32_t count;           /* of members */
	bool kept;                /* some next hop of somebody else has stayed for them */
	struct list_head members; /* by on_link */
};

/* Where next hops stand in a chunk that may have to be others for some members. */
struct hop_place {
	uint32_t offset;   /* in the chunk's data */
	uint32_t stays_on; /* what is written stays for members on this link; 0: ours everywhere */
};
struct hop_places {
	struct hop_place *at;
	uint32_t count, cap;
	struct own_hop written; /* what stands where the next hop is ours */
};

struct export_cache;
struct encoder;

struct group {
	struct list_head link; /* of the table */
	struct rib *rib;
	struct group_key key;
	uint32_t id;
	struct list_head members;
	uint32_t member_count;
	uint32_t behind;       /* members that are not in sync */
	uint32_t owed;         /* members that are to hear of the whole table's end */
	uint32_t default_dest; /* key.default_originate: the default route's destination, else 0 */
	struct words *sent;    /* destination -> attribute set, one reference each */
	bool filled;           /* every destination was exported once */
	uint32_t fill_at;
	uint64_t filled_at; /* ... once the queue has come so far (dirty_queue.popped) */
	struct batch batch; /* changed in this slice */
	struct audience audience;
	struct hash own_uses, own_links;
	struct own_use *own_variants; /* while a chunk is delivered */
	struct export_cache *cache;
	struct encoder *encoder;
	struct group_stats stats;
};

void batch_add(struct batch *b, uint32_t dest);
void batch_fini(struct batch *b);

/* ---- export.c ---- */
/* The set to announce for a path, as FRR's Adj-RIB-Out has it: one reference; 0: nothing. */
uint32_t export_path(struct group *g, const struct path *p);
/* Do the communities of a path let it go to this group? */
bool export_communities_allow(const struct group *g, const struct path *p);
/* The set of a default route that the router makes up itself: one reference. */
uint32_t export_default(struct group *g);
void export_forget(struct group *g); /* drops the cache */
/* Takes out of an exported set what stands in no message to the members that there are; false:
 * there is nothing. */
bool export_drop_unsaid(const struct group *g, struct attr_set *set);
/* Completes an exported set for the wire: local AS, next hop, cluster id; spans in the arena. True:
 * the next hop is own, or it is somebody else's and stays on one link only: *place says which. */
bool export_complete(const struct group *g, const struct own_hop *own, struct attr_set *set,
    struct arena *arena, struct hop_place *place);

/* ---- ownhop.c ---- */
void own_hop_add(struct group *g, struct member *m); /* m->own is one of the group's now */
void own_hop_del(struct group *g, struct member *m);
void own_hop_fini(struct group *g);                                /* no member is left */
uint32_t own_hop_on_link(const struct group *g, uint32_t ifindex); /* how many members are there */
/* Another member than m on m's link; NULL: there is none. m may have left. */
const struct member *own_hop_other_on_link(const struct group *g, const struct member *m);
/* A next hop on this link stays: a member is there that is not the source. */
bool own_hop_stays_on_link(const struct group *g, uint32_t ifindex, const struct source *s);
bool own_hop_kept_on_link(const struct group *g, uint32_t ifindex); /* one has */
/* A member with these addresses is to find them there, not what was written. */
bool own_hop_wanted(const struct hop_place *place, const struct own_hop *own);
/* The chunk as m is to have it: it stays the group's, until own_hop_release after the delivery. */
struct chunk *own_hop_variant(
    struct group *g, struct chunk *c, const struct hop_places *places, const struct member *m);
void own_hop_release(struct group *g);

/* ---- encode.c ---- */
struct encoder *encoder_new(struct group *g);
void encoder_free(struct encoder *e);
/* Writes what the group has sent for the destinations of the batch (withdrawals first) and hands it
 * to the group's audience. A member whose queue is full is marked blocked. */
void encode_batch(struct group *g, const struct batch *b);
bool encode_end_of_rib(struct group *g, struct member *m); /* false: blocked */

/* ---- sentlog.c: `debug bgp updates out`; the caller asks sentlog_wanted first ---- */
bool sentlog_wanted(const struct group *g);
/* A destination was exported anew: it had set old and has set now. */
void sentlog_visit(const struct group *g, uint32_t dest, uint32_t old, uint32_t now);
void sentlog_table(const struct group *g); /* the audience hears the whole table */
void sentlog_queue(const struct group *g, const struct prefix *p, bool withdrawn);
void sentlog_set(const struct group *g, const struct attr_set *set);
void sentlog_prefix(const struct group *g, const struct prefix *p, bool withdrawn);
/* A message of len bytes with count prefixes; set: completed for the wire, NULL: withdrawals;
 * place: where members' own next hops differ from it, NULL: nowhere. */
void sentlog_message(const struct group *g, size_t len, uint32_t count, const struct attr_set *set,
    const struct hop_place *place);

/* ---- member.c ---- */
void audience_clear(struct group *g);
void audience_add(struct group *g, struct member *m);
/* Tells the members in sync about the batch, remembers it for the others; empties it. */
void members_tell(struct group *g);
/* Goes on with members that are behind; true: there is more to do now. */
bool members_step(struct group *g);
void member_fall_behind(struct member *m, uint32_t cursor);
void member_forget(struct member *m); /* what was kept for it goes */

#endif
