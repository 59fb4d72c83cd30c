/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The neighbors of the instance: in a list as FRR shows them, and found by address.
 *
 * FRR's order: members of groups first, by group's name, then those without a group; those of one
 * group by address, IPv4's before IPv6's, as addr_cmp orders them. A neighbor whose group changes
 * moves (peer_configure).
 *
 * The tries hold the number that a neighbor has as a source of paths, which leads to the neighbor
 * itself. That of all finds it, and who waits for a next hop that can be used now. Those of each
 * group, the shelves, say where a new one goes in the list. With thousands of neighbors each of
 * these would otherwise be a walk over all of them for each of them.
 */
#include <string.h>

#include "bgpd/peer/internal.h"

/* The neighbors of one group, or those without. */
struct shelf {
	char *group; /* NULL: none; it is the last shelf */
	struct trie *by_address[FAMILY_LIMIT];
};

static void on_nexthop(void *ctx, uint32_t handle)
{
	const struct bgp *b = ctx;
	struct peer *p = peer_find(b, &nht_entry(b->env.nht, handle)->addr);

	if (p && p->nht_handle == handle)
		peer_try_now(p);
}

static void tries_new(struct trie *to[static FAMILY_LIMIT])
{
	FOR_EACH_FAMILY (f)
		to[f] = trie_new(f);
}

static void tries_free(struct trie *const tries[static FAMILY_LIMIT])
{
	FOR_EACH_FAMILY (f)
		trie_free(tries[f]);
}

void bgp_peers_init(struct bgp *b)
{
	list_init(&b->peers);
	tries_new(b->by_address);
	b->nht_user = (struct nht_user){.ctx = b, .changed = on_nexthop};
	if (b->env.nht)
		nht_user_add(b->env.nht, &b->nht_user);
}

void bgp_peers_fini(struct bgp *b)
{
	if (b->env.nht)
		nht_user_del(b->env.nht, &b->nht_user);
	tries_free(b->by_address);
	mem_free(b->shelves);
}

static struct peer *peer_at(const struct bgp *b, uint32_t number)
{
	return number ? source_slot(b->sources, (uint16_t)number)->peer : NULL;
}

struct peer *peer_find(const struct bgp *b, const struct addr *a)
{
	struct prefix host = prefix_from_addr(a);

	return a->family ? peer_at(b, trie_find(b->by_address[a->family], &host)) : NULL;
}

/* ---- shelves ---- */

/* NULL stands last. */
static int group_cmp(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : !a - !b;
}

/* The first shelf that is not before the group's. */
static unsigned shelf_place(const struct bgp *b, const char *group)
{
	unsigned low = 0, high = b->shelf_count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (group_cmp(b->shelves[middle]->group, group) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_shelf(const struct bgp *b, unsigned at, const char *group)
{
	return at < b->shelf_count && !group_cmp(b->shelves[at]->group, group);
}

static struct shelf *shelf_get(struct bgp *b, const char *group)
{
	unsigned at = shelf_place(b, group);
	struct shelf *s;

	if (is_shelf(b, at, group))
		return b->shelves[at];
	if (b->shelf_count == b->shelf_room) {
		b->shelf_room = b->shelf_room ? 2 * b->shelf_room : 4;
		b->shelves = mem_realloc(b->shelves, b->shelf_room * sizeof(s));
	}
	s = mem_zalloc(sizeof(*s));
	s->group = group ? mem_strdup(group) : NULL;
	tries_new(s->by_address);
	memmove(&b->shelves[at + 1], &b->shelves[at], (b->shelf_count++ - at) * sizeof(s));
	b->shelves[at] = s;
	return s;
}

static void shelf_drop_empty(struct bgp *b, unsigned at)
{
	struct shelf *s = b->shelves[at];

	FOR_EACH_FAMILY (f)
		if (trie_count(s->by_address[f]))
			return;
	memmove(&b->shelves[at], &b->shelves[at + 1], (--b->shelf_count - at) * sizeof(s));
	tries_free(s->by_address);
	mem_free(s->group);
	mem_free(s);
}

/* The first one on the shelf behind an address; NULL: of all. */
static uint32_t shelf_next(const struct shelf *s, const struct addr *a)
{
	struct prefix host = a ? prefix_from_addr(a) : (struct prefix){.family = FAMILY_IPV4};
	uint32_t number = trie_next(s->by_address[host.family], a ? &host : NULL, NULL);

	for (unsigned f = host.family + 1u; !number && f < FAMILY_LIMIT; f++)
		number = trie_next(s->by_address[f], NULL, NULL);
	return number;
}

/* ---- places ---- */

struct peer_place peer_place(const struct peer *p)
{
	struct peer_place place = {.addr = p->source.addr};

	if (p->cfg.group)
		strncat(place.group, p->cfg.group, sizeof(place.group) - 1);
	return place;
}

static struct peer *behind(const struct bgp *b, const char *group, const struct addr *a)
{
	unsigned at = shelf_place(b, group);
	uint32_t number = is_shelf(b, at, group) ? shelf_next(b->shelves[at++], a) : 0;

	for (; !number && at < b->shelf_count; at++)
		number = shelf_next(b->shelves[at], NULL);
	return peer_at(b, number);
}

struct peer *peer_after(const struct bgp *b, const struct peer_place *place)
{
	if (!place)
		return list_empty(&b->peers) ? NULL
					     : container_of(b->peers.next, struct peer, link);
	return behind(b, *place->group ? place->group : NULL, &place->addr);
}

struct peer *peer_next(const struct peer *p)
{
	return p->link.next == &p->bgp->peers ? NULL
					      : container_of(p->link.next, struct peer, link);
}

void bgp_peer_add(struct bgp *b, struct peer *p)
{
	struct prefix host = prefix_from_addr(&p->source.addr);
	struct peer *after = behind(b, p->cfg.group, &p->source.addr);
	struct shelf *s = shelf_get(b, p->cfg.group);

	if (after)
		list_add_before(&after->link, &p->link);
	else
		list_add_tail(&b->peers, &p->link);
	*trie_insert(b->by_address[host.family], &host) = p->source.number;
	*trie_insert(s->by_address[host.family], &host) = p->source.number;
}

void bgp_peer_remove(struct bgp *b, struct peer *p)
{
	struct prefix host = prefix_from_addr(&p->source.addr);
	unsigned at;

	if (!list_linked(&p->link))
		return;
	list_del(&p->link);
	at = shelf_place(b, p->cfg.group);
	trie_del(b->by_address[host.family], &host);
	trie_del(b->shelves[at]->by_address[host.family], &host);
	shelf_drop_empty(b, at);
}
