/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registry of sources: 16-bit numbers that paths carry instead of pointers.
 *
 * A source whose owner goes while paths are still in a table is copied: the copy keeps the number,
 * and with it the counts and generations that the flush under way needs, until the last path is
 * gone. So a peer may be freed at any time, and no path ever names somebody else.
 */
#include <assert.h>
#include <string.h>

#include "bgpd/rib/table.h"

struct slot {
	struct source *source; /* NULL: free */
	uint32_t epoch;        /* grows when an owner leaves */
	bool departed;         /* the source is our copy */
};

struct sources {
	struct slot *slots; /* by number */
	uint32_t cap;
	struct source local;
	uint32_t free; /* no number below it is */
};

struct sources *sources_new(void)
{
	struct sources *set = mem_zalloc(sizeof(*set));
	set->cap = 16;
	set->slots = mem_zalloc(set->cap * sizeof(struct slot));
	set->local.kind = SOURCE_LOCAL;
	set->free = 1;
	set->slots[0].source = &set->local;
	return set;
}

void sources_free(struct sources *set)
{
	if (!set)
		return;
	for (uint32_t i = 1; i < set->cap; i++)
		if (set->slots[i].departed)
			mem_free(set->slots[i].source);
	mem_free(set->slots);
	mem_free(set);
}

/* The lowest free number, or cap. */
static uint32_t first_free(const struct sources *set)
{
	uint32_t n = set->free;
	while (n < set->cap && set->slots[n].source)
		n++;
	return n;
}

bool source_room(const struct sources *set)
{
	return first_free(set) < set->cap || set->cap * 2 <= UINT16_MAX + 1u;
}

void source_add(struct sources *set, struct source *s)
{
	uint32_t n = first_free(set);
	if (n == set->cap) {
		assert(set->cap * 2 <= UINT16_MAX + 1u);
		set->slots = mem_realloc(set->slots, set->cap * 2 * sizeof(struct slot));
		memset(set->slots + set->cap, 0, set->cap * sizeof(struct slot));
		set->cap *= 2;
	}
	set->slots[n].source = s;
	set->free = n + 1;
	s->number = (uint16_t)n;
	memset(s->path_count, 0, sizeof(s->path_count));
	memset(s->accepted_count, 0, sizeof(s->accepted_count));
	memset(s->generation, 0, sizeof(s->generation));
	memset(s->flushed, 0, sizeof(s->flushed));
}

static bool source_holds_paths(const struct source *s)
{
	FOR_EACH_FAMILY (f)
		if (s->path_count[f])
			return true;
	return false;
}

static void release(struct sources *set, uint32_t number)
{
	set->slots[number].source = NULL;
	if (number < set->free)
		set->free = number;
}

void source_del(struct sources *set, struct source *s)
{
	struct slot *slot = &set->slots[s->number];
	assert(s->number && slot->source == s);
	slot->epoch++;
	if (!source_holds_paths(s)) {
		release(set, s->number);
	} else {
		slot->source = mem_dup(s, sizeof(*s));
		slot->source->host = NULL;
		slot->source->peer = NULL;
		slot->departed = true;
	}
	s->number = 0;
}

const struct source *source_local(const struct sources *set)
{
	return &set->local;
}

struct source *source_slot(const struct sources *set, uint16_t number)
{
	return number < set->cap ? set->slots[number].source : NULL;
}

uint32_t source_epoch(const struct sources *set, uint16_t number)
{
	return set->slots[number].epoch;
}

void source_count(struct rib *r, uint16_t number, int paths, int accepted)
{
	struct slot *slot = &r->env.sources->slots[number];
	struct source *s = slot->source;
	s->path_count[r->family] += (uint32_t)paths;
	s->accepted_count[r->family] += (uint32_t)accepted;
	if (slot->departed && !source_holds_paths(s)) {
		mem_free(s);
		slot->departed = false;
		release(r->env.sources, number);
	}
}
