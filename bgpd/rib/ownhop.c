/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our own addresses as next hop: what differs between members of one group.
 *
 * Neighbors on different links hear the same routes with another next hop. So what is encoded says
 * where in its messages such next hops stand, and each different set of addresses among the members
 * gets a variant of the chunk: a copy with its own ones put in, made when the first member asks for
 * it and shared by all that have the same. Members with equal addresses, the usual case, share the
 * chunk as it was written.
 *
 * A next hop of somebody else that may stay on its own subnet (RFC 4271 5.1.3) stays for members
 * there; the others get our address in its place. Both have the same length, as have all members'
 * own ones: the group's key sees to that.
 */
#include <assert.h>
#include <string.h>

#include "bgpd/rib/adj.h"

static bool same_addresses(const struct own_hop *a, const struct own_hop *b)
{
	return addr_equal(&a->addr, &b->addr) && addr_equal(&a->local, &b->local);
}

bool own_hop_equal(const struct own_hop *a, const struct own_hop *b)
{
	return same_addresses(a, b) && a->ifindex == b->ifindex;
}

/* ---- which there are ---- */

static uint32_t free_place(struct group *g)
{
	for (uint32_t i = 0; i < g->own_count; i++)
		if (!g->owns[i].members)
			return i;
	g->owns = mem_realloc(g->owns, (g->own_count + 1) * sizeof(*g->owns));
	return g->own_count++;
}

void own_hop_add(struct group *g, struct member *m)
{
	uint32_t i = 0;
	while (i < g->own_count && !(g->owns[i].members && own_hop_equal(&g->owns[i].hop, &m->own)))
		i++;
	if (i == g->own_count) {
		i = free_place(g);
		g->owns[i] = (struct own_use){.hop = m->own};
	}
	g->owns[i].members++;
	m->own_at = i;
}

void own_hop_del(struct group *g, const struct member *m)
{
	assert(g->owns[m->own_at].members);
	g->owns[m->own_at].members--;
}

uint32_t own_hop_on_link(const struct group *g, uint32_t ifindex)
{
	uint32_t members = 0;
	for (uint32_t i = 0; i < g->own_count; i++)
		if (g->owns[i].hop.ifindex == ifindex)
			members += g->owns[i].members;
	return members;
}

bool own_hop_others_on_link(const struct group *g, uint32_t ifindex, const struct source *s)
{
	const struct member *m;
	uint32_t members = own_hop_on_link(g, ifindex);
	if (members != 1)
		return members > 0;
	list_for_each (m, &g->members, link)
		if (m->own.ifindex == ifindex)
			return m->source != s;
	return false;
}

/* ---- variants of a chunk ---- */

bool own_hop_wanted(const struct hop_place *place, const struct own_hop *own)
{
	return !place->stays_on || place->stays_on != own->ifindex;
}

/* Is what was written right for these addresses? */
static bool fits(const struct hop_places *places, const struct own_hop *own)
{
	for (uint32_t i = 0; i < places->count; i++) {
		const struct hop_place *p = &places->at[i];
		if (p->stays_on ? own_hop_wanted(p, own) : !same_addresses(&places->written, own))
			return false;
	}
	return true;
}

static void put_in(uint8_t *at, const struct own_hop *own)
{
	unsigned len = family_bytes(own->addr.family);
	memcpy(at, own->addr.b, len);
	if (own->local.family)
		memcpy(at + len, own->local.b, family_bytes(own->local.family));
}

static struct chunk *make_variant(
    const struct chunk *c, const struct hop_places *places, const struct own_hop *own)
{
	struct chunk *v = mem_dup(c, sizeof(*c) + c->len);
	v->refs = 1;
	for (uint32_t i = 0; i < places->count; i++)
		if (own_hop_wanted(&places->at[i], own))
			put_in(v->data + places->at[i].offset, own);
	return v;
}

struct chunk *own_hop_variant(
    struct group *g, struct chunk *c, const struct hop_places *places, const struct member *m)
{
	struct own_use *u = &g->owns[m->own_at];
	if (!places->count)
		return c;
	if (!u->variant) {
		u->variant = c;
		if (fits(places, &u->hop))
			c->refs++;
		else
			u->variant = make_variant(c, places, &u->hop);
	}
	return u->variant;
}

void own_hop_release(struct group *g)
{
	for (uint32_t i = 0; i < g->own_count; i++) {
		if (g->owns[i].variant)
			chunk_release(g->owns[i].variant);
		g->owns[i].variant = NULL;
	}
}
