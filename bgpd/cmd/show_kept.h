/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which attribute sets FRR would not have: Adj-RIB-In is always kept here, in FRR only for
 * neighbors with `soft-reconfiguration inbound`. So what was received and denied, or changed on its
 * way in, is held by nobody there.
 */
#ifndef FERRO_CMD_SHOW_KEPT_H
#define FERRO_CMD_SHOW_KEPT_H

#include "bgpd/cmd/show.h"
#include "lib/hash.h"
#include "lib/mem.h"

/* How often each set is held by such routes. Zeroed at first. */
struct unkept {
	struct hash table;
	struct arena *arena;
	struct show_walk walk;
	uint8_t family; /* enum family: under way */
	bool done;
};
/* Gathers, in slices; true: there is more. */
bool unkept_step(struct unkept *u, const struct bgp *b, struct out *out);
/* References of a set that FRR would have; 0: it has no such set. */
uint32_t unkept_refs(const struct unkept *u, const struct attr_store *attrs, uint32_t id);
void unkept_fini(struct unkept *u);

#endif
