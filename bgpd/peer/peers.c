/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The neighbors of the instance: in a list by address, and found by address.
 *
 * The tries hold the number that a neighbor has as a source of paths, which leads to the neighbor
 * itself. They also say where a new one goes in the list, and who waits for a next hop that can be
 * used now; with thousands of neighbors each of these would otherwise be a walk over all of them
 * for each of them.
 *
 * The list is IPv4's neighbors, then IPv6's, as addr_cmp orders them.
 */
#include "bgpd/peer/internal.h"

static void on_nexthop(void *ctx, uint32_t handle)
{
	const struct bgp *b = ctx;
	struct peer *p = peer_find(b, &nht_entry(b->env.nht, handle)->addr);

	if (p && p->nht_handle == handle)
		peer_try_now(p);
}

void bgp_peers_init(struct bgp *b)
{
	list_init(&b->peers);
	FOR_EACH_FAMILY (f)
		b->by_address[f] = trie_new(f);
	b->nht_user = (struct nht_user){.ctx = b, .changed = on_nexthop};
	if (b->env.nht)
		nht_user_add(b->env.nht, &b->nht_user);
}

void bgp_peers_fini(struct bgp *b)
{
	if (b->env.nht)
		nht_user_del(b->env.nht, &b->nht_user);
	FOR_EACH_FAMILY (f)
		trie_free(b->by_address[f]);
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

struct peer *peer_after(const struct bgp *b, const struct addr *a)
{
	struct prefix host = a ? prefix_from_addr(a) : (struct prefix){.family = FAMILY_IPV4};
	uint32_t number = trie_next(b->by_address[host.family], a ? &host : NULL, NULL);

	for (unsigned f = host.family + 1u; !number && f < FAMILY_LIMIT; f++)
		number = trie_next(b->by_address[f], NULL, NULL);
	return peer_at(b, number);
}

void bgp_peer_add(struct bgp *b, struct peer *p)
{
	struct prefix host = prefix_from_addr(&p->source.addr);
	struct peer *after = peer_after(b, &p->source.addr);

	if (after)
		list_add_before(&after->link, &p->link);
	else
		list_add_tail(&b->peers, &p->link);
	*trie_insert(b->by_address[host.family], &host) = p->source.number;
}

void bgp_peer_remove(struct bgp *b, struct peer *p)
{
	struct prefix host = prefix_from_addr(&p->source.addr);

	if (!list_linked(&p->link))
		return;
	list_del(&p->link);
	trie_del(b->by_address[host.family], &host);
}
