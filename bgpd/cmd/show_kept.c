/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Received sets that stand beside an accepted one, or were denied: counted by a walk over the
 * tables. While the walk is interrupted routes come and go, so a count may be a little off, never
 * below nothing.
 */
#include "bgpd/cmd/show_kept.h"

struct holder {
	struct hash_node node;
	uint32_t id, count;
};

static bool same_id(const struct hash_node *node, const void *key)
{
	return ((const struct holder *)node)->id == *(const uint32_t *)key;
}

static struct holder *holder_find(const struct unkept *u, uint32_t id)
{
	uint32_t hash = hash_bytes((const uint8_t *)&id, sizeof(id));

	return (struct holder *)hash_find(&u->table, hash, same_id, &id);
}

static void count_holder(struct unkept *u, uint32_t id)
{
	struct holder *h = holder_find(u, id);

	if (!h) {
		h = arena_alloc(u->arena, sizeof(*h));
		*h = (struct holder){.id = id};
		hash_add(&u->table, &h->node, hash_bytes((const uint8_t *)&id, sizeof(id)));
	}
	h->count++;
}

struct visit {
	struct unkept *u;
	const struct rib *rib;
};

static void visit_dest(void *ctx, const struct dest *d, const struct prefix *prefix)
{
	struct visit *v = ctx;
	const struct path *p = rib_path(v->rib, d->paths);

	for (; p; p = rib_path(v->rib, p->next)) {
		const struct peer *peer = rib_source(v->rib, p)->peer;
		uint32_t received = rib_path_received(v->rib, p);

		if (received && received != rib_path_accepted(v->rib, p) && peer &&
		    !peer->cfg.family[prefix->family].soft_reconfiguration)
			count_holder(v->u, received);
	}
}

bool unkept_step(struct unkept *u, const struct bgp *b, struct out *out)
{
	if (!u->arena) {
		u->arena = arena_new();
		u->family = FAMILY_NONE + 1;
	}
	for (; b && !u->done && u->family < FAMILY_LIMIT; u->family++) {
		struct visit v = {u, b->rib[u->family]};

		if (show_walk(&u->walk, v.rib, out, visit_dest, &v))
			return true;
		u->walk = (struct show_walk){0};
	}
	u->done = true;
	return false;
}

uint32_t unkept_refs(const struct unkept *u, const struct attr_store *attrs, uint32_t id)
{
	const struct holder *h = holder_find(u, id);
	uint32_t refs = attr_refs(attrs, id), hidden = h ? h->count : 0;

	return refs > hidden ? refs - hidden : 0;
}

void unkept_fini(struct unkept *u)
{
	hash_fini(&u->table);
	if (u->arena)
		arena_free(u->arena);
}
