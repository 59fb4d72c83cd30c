/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the configuration says about peer-groups: which names are groups, who is in which. Reads the
 * tree only; `bgp` is the `router bgp` block. */
#ifndef FERRO_CMD_PEERGROUP_H
#define FERRO_CMD_PEERGROUP_H

#include "bgpd/cmd/modes.h"
#include "bgpd/peer/peer.h"
#include "cli/conf.h"

bool conf_group_exists(const struct conf_node *bgp, const char *name);
/* The group of the neighbor; false: it is in none. */
bool conf_group_of(const struct conf_node *bgp, const char *peer, char name[static GROUP_NAME_LEN]);

/* The group that args name as peer has gone: so go its members and its listen ranges (row.h,
 * along). Nothing for any other neighbor. */
enum cli_rc group_removed(void *app, const struct conf *candidate, const struct conf_node *parent,
    const struct cli_args *args, bool no, struct sb *lines, struct sb *msg);

/* A neighbor or a group that is new says what holds for new ones: `bgp default shutdown`, and the
 * defaults of the release that the file is from (row.h, begins). Refused beyond SOURCE_MAX. */
enum cli_rc neighbor_begins(void *app, const struct conf *candidate, const struct conf_node *parent,
    const struct cli_args *args, bool no, struct sb *lines, struct sb *msg);

#endif
