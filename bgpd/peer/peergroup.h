/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peer-groups as the engine knows them: a name, the settings of a member that says nothing of its
 * own, and the address ranges whose unknown callers become members by themselves.
 *
 * Static members are ordinary neighbors: replay has already merged the group's statements into
 * their settings, and cfg.group only says where from. A dynamic neighbor takes the group's settings
 * as they are, exists while its connection does, and never connects itself.
 */
#ifndef FERRO_PEER_PEERGROUP_H
#define FERRO_PEER_PEERGROUP_H

#include "bgpd/peer/peer.h"

struct peer_group {
	struct list_head link; /* of the instance, by name */
	char *name;
	struct peer_cfg cfg;
};

struct listen_range {
	struct list_head link; /* of the instance, by prefix */
	struct prefix prefix;
	char *group; /* its name; need not exist yet */
};

struct peer_group *peer_group_find(const struct bgp *b, const char *name); /* NULL: none */
/* Makes the group or gives it new settings (copied); dynamic members follow. */
void peer_group_set(struct bgp *b, const char *name, const struct peer_cfg *cfg);
/* Takes it away with its dynamic members; nothing if it is not there. */
void peer_group_del(struct bgp *b, const char *name);
/* `bgp listen range`: a prefix has one group. Without it its dynamic members go. */
void listen_range_set(struct bgp *b, const struct prefix *prefix, const char *group);
void listen_range_unset(struct bgp *b, const struct prefix *prefix);
/* Somebody unknown calls: the neighbor made for it; NULL: no range has the address, its group
 * cannot run, or there are as many as `bgp listen limit` allows. */
struct peer *peer_group_accept(struct bgp *b, const struct addr *from);
/* A dynamic neighbor whose connection ended is freed soon, from the event loop. */
void peer_group_left(struct peer *p);
/* All groups and ranges, at the end of the instance. */
void peer_groups_free(struct bgp *b);

#endif
