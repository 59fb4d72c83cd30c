/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which changes go first: those of a source that has little to say, whatever the others bring.
 *
 * Who brings a table is in a burst, and a burst is decided when it is in: several sources tell of
 * the same destinations then, and each of them decided at once would be a flood of best paths that
 * do not last. So each source has a level: the routes of this turn, half of those of the turn
 * before, a quarter of those before that. It has a limit, so that a burst is over two turns after
 * it has ended. A change is a lone one while the level is at most SURE; up to MOST too, but only
 * while all sources together do not make more of that than TOGETHER in one turn, for many sources
 * that each have a little more to say are a burst as well (a thousand clients after a restart).
 *
 * A turn is what rib.c's patience takes, 100 ms; when the table has nothing left to do, everybody
 * begins anew.
 */
#include "bgpd/rib/table.h"

enum { SURE = 16, MOST = 256, LEVEL_MAX = 2 * MOST, TOGETHER = 1024, FORGOTTEN = 16 };

void haste_turn(struct rib *r)
{
	r->haste_turn++;
	r->haste_shared = 0;
}

void haste_rest(struct rib *r)
{
	r->haste_turn += FORGOTTEN;
	r->haste_shared = 0;
}

/* The source's level with what it brings now. */
static unsigned raise(const struct rib *r, struct source *s, unsigned count)
{
	uint16_t *level = &s->haste[r->family];
	uint32_t turns = r->haste_turn - s->haste_turn[r->family];
	s->haste_turn[r->family] = r->haste_turn;
	unsigned sum = (turns < FORGOTTEN ? *level >> turns : 0) + count;
	return *level = (uint16_t)(sum < LEVEL_MAX ? sum : LEVEL_MAX);
}

bool rib_is_lone(struct rib *r, uint16_t source, unsigned count)
{
	unsigned level = raise(r, source_slot(r->env.sources, source), count);
	if (level <= SURE)
		return true;
	if (level > MOST || r->haste_shared + count > TOGETHER)
		return false;
	r->haste_shared += count;
	return true;
}
