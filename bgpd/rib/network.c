/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `network` statements: paths of the router itself, all with one attribute set.
 *
 * With import-check a network counts only while a non-BGP route for exactly its prefix stands; the
 * path is in the table either way, and each decision asks again.
 */
#include "bgpd/rib/table.h"

static uint32_t network_attrs(struct rib *r)
{
	if (!r->network_attrs) {
		struct attr_set a = {
		    .have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) |
			    ATTR_BIT(ATTR_NEXT_HOP) | ATTR_BIT(ATTR_MED),
		    .origin = ORIGIN_IGP,
		    .next_hop = {.family = (uint8_t)r->family},
		    .weight = WEIGHT_LOCAL,
		};
		r->network_attrs = attr_intern(r->env.attrs, &a);
	}
	return r->network_attrs;
}

void rib_network_set(struct rib *r, const struct prefix *p)
{
	uint32_t attrs = network_attrs(r);
	*trie_insert(r->networks, p) = 1;
	attr_ref(r->env.attrs, attrs);
	attr_ref(r->env.attrs, attrs);
	path_put(r, source_local(r->env.sources), p, 0, attrs, attrs, PATH_NETWORK);
}

void rib_network_unset(struct rib *r, const struct prefix *p)
{
	if (!trie_find(r->networks, p))
		return;
	trie_del(r->networks, p);
	rib_path_del(r, source_local(r->env.sources), p, 0);
}

bool network_valid(const struct rib *r, const struct prefix *p)
{
	return !r->cfg.import_check || !r->env.kernel || kernel_route_exists(r->env.kernel, p);
}

void rib_routes_changed(struct rib *r, const struct prefix *where)
{
	if (trie_count(r->networks) && r->cfg.import_check)
		walk_networks(r, where);
}

bool rib_has_network(const struct rib *r, const struct prefix *p)
{
	return trie_find(r->networks, p) != 0;
}

bool rib_network_next(const struct rib *r, const struct prefix *after, struct prefix *found)
{
	return trie_next(r->networks, after, found) != 0;
}
