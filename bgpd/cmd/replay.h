/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From statements to effective settings: the only place that turns the configuration tree into what
 * the engine runs on.
 *
 * A commit's change list says which objects were touched; each touched object's settings are made
 * anew (defaults by profile, then its statements in order, through the rows' apply functions) and
 * handed over whole. The engine compares and does what the difference asks for.
 */
#ifndef FERRO_CMD_REPLAY_H
#define FERRO_CMD_REPLAY_H

#include "bgpd/instance.h"
#include "cli/conf.h"

/* What apply functions of OBJECT_PEER rows get. */
struct peer_replay {
	struct peer_cfg *cfg;
	const struct bgp_cfg *bgp;
	enum family family; /* of the address-family block the statement stands in; NONE: outside */
};

/* cli_app.apply and apply_rest: ctx is the struct instance. */
void replay_apply(
    void *ctx, const struct conf *running, const struct conf_change *changes, size_t count);
void replay_apply_rest(
    void *ctx, const struct conf *running, const struct conf_change *changes, size_t count);
/* The release of FRR whose defaults hold for what is said next: that of the file's `frr version`
 * line, else the one that we follow. Compare with RELEASE(major, minor). */
#define RELEASE(major, minor) ((unsigned)((major) << 8 | (minor)))
unsigned replay_release(const struct conf *c);
/* The `router bgp` block; NULL: none. */
const struct conf_node *replay_bgp_node(const struct conf *c);
/* Effective settings of one neighbor (its address as text) in the block. */
void replay_peer(const struct conf *c, const struct conf_node *bgp, const char *peer,
    const struct bgp_cfg *bgp_cfg, struct peer_cfg *out);

#endif
