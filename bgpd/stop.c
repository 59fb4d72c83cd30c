/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `no router bgp`: thousands of sessions end and a table goes, while the shell and everything else
 * go on.
 *
 * The instance forgets it at once. What it owned goes in slices: the neighbors, each with its
 * Cease; then the tables, which are closed first, so that nobody decides or announces what is left
 * in them. Their routes leave the kernel with their destinations, as fast as the kernel takes that;
 * its answers still find their places. What is small is gone before bgp_stop returns.
 *
 * There is one at a time: the next `router bgp`, and the daemon's end, finish it first, in one
 * piece, for routes of both in the kernel would be taken for each other.
 */
#include "bgpd/instance.h"
#include "bgpd/kernel/kernel.h"
#include "bgpd/peer/peergroup.h"
#include "bgpd/rib/rib.h"
#include "lib/clock.h"
#include "lib/mem.h"

enum { PEERS = 16, ROUTES = 512, FIRST_NS = 1000000 };

static bool free_peers(struct bgp *b)
{
	for (unsigned n = 0; n < PEERS && !list_empty(&b->peers); n++)
		peer_free(container_of(b->peers.next, struct peer, link));
	return !list_empty(&b->peers);
}

static void close_tables(struct bgp *b)
{
	peer_groups_free(b);
	bgp_peers_fini(b);
	FOR_EACH_FAMILY (f)
		rib_close(b->rib[f]);
	b->closed = true;
}

/* True: there is more. */
static bool free_some(struct bgp *b)
{
	if (!b->closed) {
		if (!free_peers(b))
			close_tables(b);
		return true;
	}
	FOR_EACH_FAMILY (f) {
		if (!b->rib[f])
			continue;
		if (!rib_free_some(b->rib[f], ROUTES))
			b->rib[f] = NULL;
		return true;
	}
	sources_free(b->sources);
	b->inst->leaving = NULL;
	mem_free(b);
	return false;
}

static bool kernel_is_behind(const struct instance *inst)
{
	return inst->kernel && kernel_bgp_full(inst->kernel); /* it says when there is room */
}

static bool step(void *ctx)
{
	struct instance *inst = ctx;

	while (!kernel_is_behind(inst) && free_some(inst->leaving))
		if (task_expired(&inst->burial))
			return true;
	if (!inst->leaving)
		task_fini(&inst->burial);
	return false;
}

void bgp_stop(struct bgp *b)
{
	struct instance *inst = b->inst;
	uint64_t end = clock_ns() + FIRST_NS;

	if (b->listener)
		listener_free(b->listener);
	b->listener = NULL;
	inst->bgp = NULL;
	inst->leaving = b;
	while (!kernel_is_behind(inst) && free_some(b))
		if (clock_ns() >= end)
			break;
	if (!inst->leaving)
		return;
	task_init(&inst->burial, inst->base, step, inst);
	task_wake(&inst->burial);
}

void bgp_settle(struct instance *inst)
{
	if (!inst->leaving)
		return;
	while (free_some(inst->leaving))
		;
	task_fini(&inst->burial);
}
