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
 *
 * Thousands of members may have a link each: nothing here goes over all addresses or all links.
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

static uint32_t addr_hash(const struct addr *a)
{
	return a->family ? hash_bytes(a->b, family_bytes(a->family)) : 0;
}

static uint32_t own_hash(const struct own_hop *own)
{
	uint32_t parts[] = {addr_hash(&own->addr), addr_hash(&own->local), own->ifindex};
	return hash_bytes(parts, sizeof(parts));
}

static bool is_use(const struct hash_node *node, const void *key)
{
	return own_hop_equal(&container_of(node, struct own_use, node)->hop, key);
}

static bool is_link(const struct hash_node *node, const void *key)
{
	return container_of(node, struct own_link, node)->ifindex == *(const uint32_t *)key;
}

static struct own_use *use_of(struct group *g, const struct own_hop *own)
{
	uint32_t hash = own_hash(own);
	struct hash_node *node = hash_find(&g->own_uses, hash, is_use, own);
	if (node)
		return container_of(node, struct own_use, node);
	struct own_use *u = mem_zalloc(sizeof(*u));
	u->hop = *own;
	hash_add(&g->own_uses, &u->node, hash);
	return u;
}

static struct own_link *link_find(const struct group *g, uint32_t ifindex)
{
	uint32_t hash = hash_bytes(&ifindex, sizeof(ifindex));
	struct hash_node *node = hash_find(&g->own_links, hash, is_link, &ifindex);
	return node ? container_of(node, struct own_link, node) : NULL;
}

static struct own_link *link_of(struct group *g, uint32_t ifindex)
{
	struct own_link *l = link_find(g, ifindex);
	if (l)
		return l;
	l = mem_zalloc(sizeof(*l));
	l->ifindex = ifindex;
	list_init(&l->members);
	hash_add(&g->own_links, &l->node, hash_bytes(&ifindex, sizeof(ifindex)));
	return l;
}

void own_hop_add(struct group *g, struct member *m)
{
	struct own_link *l = link_of(g, m->own.ifindex);
	m->own_use = use_of(g, &m->own);
	m->own_use->members++;
	list_add_tail(&l->members, &m->on_link);
	l->count++;
}

void own_hop_del(struct group *g, struct member *m)
{
	struct own_link *l = link_find(g, m->own.ifindex);
	list_del(&m->on_link);
	if (--l->count == 0) {
		hash_del(&g->own_links, &l->node);
		mem_free(l);
	}
	assert(!m->own_use->variant);
	if (--m->own_use->members == 0) {
		hash_del(&g->own_uses, &m->own_use->node);
		mem_free(m->own_use);
	}
	m->own_use = NULL;
}

uint32_t own_hop_on_link(const struct group *g, uint32_t ifindex)
{
	const struct own_link *l = link_find(g, ifindex);
	return l ? l->count : 0;
}

const struct member *own_hop_other_on_link(const struct group *g, const struct member *m)
{
	const struct own_link *l = link_find(g, m->own.ifindex);
	const struct member *o;
	if (l)
		list_for_each (o, &l->members, on_link)
			if (o != m)
				return o;
	return NULL;
}

bool own_hop_stays_on_link(const struct group *g, uint32_t ifindex, const struct source *s)
{
	struct own_link *l = link_find(g, ifindex);
	if (!l ||
	    (l->count == 1 && container_of(l->members.next, struct member, on_link)->source == s))
		return false;
	l->kept = true;
	return true;
}

bool own_hop_kept_on_link(const struct group *g, uint32_t ifindex)
{
	const struct own_link *l = link_find(g, ifindex);
	return l && l->kept;
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
	struct own_use *u = m->own_use;
	if (!places->count)
		return c;
	if (!u->variant) {
		u->variant = c;
		if (fits(places, &u->hop))
			c->refs++;
		else
			u->variant = make_variant(c, places, &u->hop);
		u->next = g->own_variants;
		g->own_variants = u;
	}
	return u->variant;
}

void own_hop_release(struct group *g)
{
	for (struct own_use *u = g->own_variants; u; u = u->next) {
		chunk_release(u->variant);
		u->variant = NULL;
	}
	g->own_variants = NULL;
}

void own_hop_fini(struct group *g)
{
	hash_fini(&g->own_uses);
	hash_fini(&g->own_links);
}
