/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups: sets of next hops that routes share, in the kernel next-hop objects.
 *
 * As FRR does, a route refers to a group object even if that has one member, and each member is an
 * object of its own, shared by groups. A group's id is taken before those of its new members, so
 * that `ip nexthop show` lists them in FRR's order. Objects are put into the kernel when the first
 * route needs them and taken out with the last reference. Deleting an object makes the kernel drop
 * the routes that use it, so references must be exact: each queued and each installed route holds
 * one.
 *
 * When a link goes down the kernel drops its objects, and the routes with them, without saying so.
 * Such members are `lost` from then on, their groups too, and `emptied` if no member is left. When
 * the link is back, objects are made again under the same ids, and a walk puts the routes back.
 *
 * Without next-hop objects in the kernel, routes carry their next hops themselves, and a group is
 * no more than a shared list.
 */
#include <assert.h>
#include <errno.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "bgpd/kernel/private.h"

enum { ID_TRIES = 16 };

void group_init(struct kernel *k)
{
	struct groups *g = &k->groups;

	hash_init(&g->by_members);
	hash_init(&g->singles);
	g->handle_end = g->free_handle = 1;
	g->next_id = GROUP_FIRST_ID;
	g->objects = true;
}

static void free_single_node(struct hash_node *n, void *arg)
{
	(void)arg;
	mem_free(container_of(n, struct single, node));
}

void group_fini(struct kernel *k)
{
	struct groups *g = &k->groups;

	for (uint32_t h = 1; h < g->handle_end; h++)
		mem_free(g->by_handle[h]);
	hash_walk(&g->singles, free_single_node, NULL);
	hash_fini(&g->singles);
	hash_fini(&g->by_members);
	mem_free(g->by_handle);
	mem_free(g->stale);
}

/* --- singles --- */

struct single_key {
	struct addr gate;
	uint8_t special;
	uint16_t zero;
	uint32_t ifindex;
};

static bool single_is(const struct hash_node *n, const void *key)
{
	const struct single *s = container_of(n, struct single, node);
	const struct single_key *want = key;

	return s->ifindex == want->ifindex && s->special == want->special &&
	       addr_equal(&s->gate, &want->gate);
}

static struct single *single_get(
    struct kernel *k, const struct addr *gate, uint32_t ifindex, uint8_t special)
{
	struct single_key key;

	memset(&key, 0, sizeof(key));
	key.gate = *gate;
	key.ifindex = ifindex;
	key.special = special;
	uint32_t hash = hash_bytes(&key, sizeof(key));
	struct hash_node *n = hash_find(&k->groups.singles, hash, single_is, &key);
	if (n) {
		struct single *known = container_of(n, struct single, node);
		known->refs++;
		return known;
	}
	struct single *s = mem_zalloc(sizeof(*s));
	s->gate = *gate;
	s->ifindex = ifindex;
	s->special = special;
	s->id = k->groups.next_id++;
	s->refs = 1;
	hash_add(&k->groups.singles, &s->node, hash);
	return s;
}

/* Behind the routes that are under way; nobody waits for the answer. False: there is no room. */
static bool put_behind(struct kernel *k, const void *message)
{
	if (k->closing)
		return false;
	if (!netlink_put(k->nl, message, 0) &&
	    !(netlink_send(k->nl) && netlink_put(k->nl, message, 0)))
		return false;
	bgp_ready(k);
	return true;
}

static void object_delete(struct kernel *k, uint32_t id)
{
	struct nlb b;

	if (!kernel_writes(k) || !k->groups.objects)
		return;
	nlb_start(&b, RTM_DELNEXTHOP, 0, sizeof(struct nhmsg));
	nlb_u32(&b, NHA_ID, id);
	if (!put_behind(k, b.buf))
		netlink_ask(k->nl, b.buf);
}

static void single_put(struct kernel *k, struct single *s)
{
	if (--s->refs)
		return;
	if (s->installed)
		object_delete(k, s->id);
	hash_del(&k->groups.singles, &s->node);
	mem_free(s);
}

/* --- groups --- */

struct group_key {
	const struct kernel_nexthop *nh;
	unsigned count;
	uint8_t special;
};

static bool group_is(const struct hash_node *n, const void *key)
{
	const struct nh_group *g = container_of(n, struct nh_group, node);
	const struct group_key *want = key;

	if (g->count != want->count || g->members[0].single->special != want->special)
		return false;
	for (unsigned i = 0; i < g->count; i++) {
		const struct single *s = g->members[i].single;
		if (s->ifindex != want->nh[i].ifindex || !addr_equal(&s->gate, &want->nh[i].gate) ||
		    g->members[i].weight != want->nh[i].weight)
			return false;
	}
	return true;
}

static uint32_t group_hash(const struct group_key *key)
{
	uint32_t words[KERNEL_MAX_NEXTHOPS][6] = {{0}};

	for (unsigned i = 0; i < key->count; i++) {
		memcpy(words[i], key->nh[i].gate.b, sizeof(key->nh[i].gate.b));
		words[i][4] = key->nh[i].ifindex;
		words[i][5] = key->nh[i].weight | (uint32_t)key->special << 16;
	}
	return hash_bytes(words, key->count * sizeof(words[0]));
}

/* A free handle; the array grows by half. GROUP_NONE: no more. */
static uint32_t handle_take(struct groups *g)
{
	while (g->free_handle < g->handle_end && g->by_handle[g->free_handle])
		g->free_handle++;
	if (g->free_handle < g->handle_end)
		return g->free_handle;
	if (g->handle_end > GROUP_MAX)
		return GROUP_NONE;
	if (g->handle_end >= g->room) {
		g->room = g->room ? g->room + g->room / 2 : 64;
		g->by_handle = mem_realloc(g->by_handle, g->room * sizeof(g->by_handle[0]));
		g->by_handle[0] = NULL;
	}
	g->by_handle[g->handle_end] = NULL;
	return g->handle_end++;
}

static uint32_t group_new(struct kernel *k, const struct group_key *key, uint32_t hash)
{
	uint32_t handle = handle_take(&k->groups);

	if (!handle)
		return GROUP_NONE;
	struct nh_group *g = mem_zalloc(sizeof(*g) + key->count * sizeof(g->members[0]));
	g->handle = handle;
	g->id = key->special ? 0 : k->groups.next_id++;
	g->refs = 1;
	g->count = (uint16_t)key->count;
	for (unsigned i = 0; i < key->count; i++) {
		g->members[i].weight = key->nh[i].weight;
		g->members[i].single =
		    single_get(k, &key->nh[i].gate, key->nh[i].ifindex, key->special);
	}
	k->groups.by_handle[handle] = g;
	hash_add(&k->groups.by_members, &g->node, hash);
	return handle;
}

static uint32_t group_find_or_new(struct kernel *k, const struct group_key *key)
{
	uint32_t hash = group_hash(key);
	struct hash_node *n = hash_find(&k->groups.by_members, hash, group_is, key);

	return n ? group_ref(k, container_of(n, struct nh_group, node)->handle)
		 : group_new(k, key, hash);
}

static int nexthop_cmp(const void *a, const void *b)
{
	const struct kernel_nexthop *x = a, *y = b;
	int c = addr_cmp(&x->gate, &y->gate);

	return c ? c : x->ifindex < y->ifindex ? -1 : x->ifindex > y->ifindex;
}

uint32_t group_get(struct kernel *k, const struct kernel_nexthop *nh, unsigned count)
{
	struct kernel_nexthop sorted[KERNEL_MAX_NEXTHOPS];
	unsigned kept = 0;

	assert(count);
	if (count > KERNEL_MAX_NEXTHOPS)
		count = KERNEL_MAX_NEXTHOPS;
	memcpy(sorted, nh, count * sizeof(sorted[0]));
	for (unsigned i = 0; i < count; i++) {
		const struct kernel_interface *to =
		    sorted[i].ifindex ? NULL : kernel_interface_to(k, &sorted[i].gate);
		if (to)
			sorted[i].ifindex = to->ifindex;
		if (!sorted[i].weight || sorted[i].weight > 256)
			sorted[i].weight = 1;
	}
	qsort(sorted, count, sizeof(sorted[0]), nexthop_cmp);
	for (unsigned i = 0; i < count; i++)
		if (!kept || nexthop_cmp(&sorted[kept - 1], &sorted[i]) != 0)
			sorted[kept++] = sorted[i];
	return group_find_or_new(k, &(struct group_key){sorted, kept, RT_UNICAST});
}

uint32_t group_get_special(struct kernel *k, enum rt_special special)
{
	struct kernel_nexthop none = {.weight = 1};

	/* FRR tells blackhole from the ones that answer with ICMP, no more */
	uint8_t kind = special == RT_BLACKHOLE ? RT_BLACKHOLE : RT_UNREACHABLE;
	return group_find_or_new(k, &(struct group_key){&none, 1, kind});
}

struct nh_group *group_of(const struct kernel *k, uint32_t handle)
{
	assert(handle && handle < k->groups.handle_end && k->groups.by_handle[handle]);
	return k->groups.by_handle[handle];
}

uint32_t group_ref(struct kernel *k, uint32_t handle)
{
	group_of(k, handle)->refs++;
	return handle;
}

void group_put(struct kernel *k, uint32_t handle)
{
	if (!handle)
		return;
	struct nh_group *g = group_of(k, handle);
	if (--g->refs)
		return;
	if (g->installed && g->id)
		object_delete(k, g->id);
	for (uint16_t i = 0; i < g->count; i++)
		single_put(k, g->members[i].single);
	hash_del(&k->groups.by_members, &g->node);
	k->groups.by_handle[handle] = NULL;
	if (handle < k->groups.free_handle)
		k->groups.free_handle = handle;
	mem_free(g);
}

uint32_t group_kernel_id(const struct kernel *k, uint32_t handle)
{
	const struct nh_group *g = group_of(k, handle);

	return !k->groups.objects ? 0 : g->id ? g->id : g->members[0].single->id;
}

/* --- into the kernel --- */

static struct nhmsg *object_start(struct nlb *b, uint32_t id, bool again)
{
	struct nhmsg *m = nlb_start(
	    b, RTM_NEWNEXTHOP, NLM_F_CREATE | (again ? NLM_F_REPLACE : NLM_F_EXCL), sizeof(*m));

	m->nh_protocol = PROTO_ZEBRA;
	nlb_u32(b, NHA_ID, id);
	return m;
}

static int single_ask(struct kernel *k, const struct single *s)
{
	struct nlb b;
	struct nhmsg *m = object_start(&b, s->id, s->installed);

	m->nh_family = s->gate.family ? (uint8_t)family_to_af(s->gate.family) : AF_INET;
	if (s->special) {
		nlb_attr(&b, NHA_BLACKHOLE, NULL, 0);
		return netlink_ask(k->nl, b.buf);
	}
	if (s->gate.family)
		nlb_attr(&b, NHA_GATEWAY, s->gate.b, family_bytes(s->gate.family));
	nlb_u32(&b, NHA_OIF, s->ifindex);
	return netlink_ask(k->nl, b.buf);
}

static int group_ask(struct kernel *k, const struct nh_group *g)
{
	struct nlb b;

	object_start(&b, g->id, g->installed);
	struct nexthop_grp members[KERNEL_MAX_NEXTHOPS] = {{0}};
	for (uint16_t i = 0; i < g->count; i++) {
		members[i].id = g->members[i].single->id;
		members[i].weight = (uint8_t)(g->members[i].weight - 1);
	}
	nlb_attr(&b, NHA_GROUP, members, g->count * sizeof(members[0]));
	return netlink_ask(k->nl, b.buf);
}

/* An id that somebody else took meanwhile is passed over. */
static int single_install(struct kernel *k, struct single *s)
{
	int error = single_ask(k, s);

	for (int i = 0; error == EEXIST && i < ID_TRIES; i++) {
		s->id = k->groups.next_id++;
		error = single_ask(k, s);
	}
	s->installed |= !error;
	s->lost &= !!error;
	return error;
}

bool group_is_new(struct kernel *k, uint32_t handle)
{
	const struct nh_group *g = group_of(k, handle);

	return k->groups.objects && (!g->installed || g->lost);
}

int group_install(struct kernel *k, uint32_t handle)
{
	struct nh_group *g = group_of(k, handle);
	int error = 0;

	if (!group_is_new(k, handle))
		return 0;
	for (uint16_t i = 0; i < g->count && !error; i++) {
		struct single *s = g->members[i].single;
		if (!s->installed || s->lost)
			error = single_install(k, s);
	}
	if (!error && g->id)
		error = group_ask(k, g);
	for (int i = 0; error == EEXIST && i < ID_TRIES; i++) {
		g->id = k->groups.next_id++;
		error = group_ask(k, g);
	}
	if (error == EOPNOTSUPP)
		k->groups.objects = false;
	if (error)
		return error == EOPNOTSUPP ? 0 : error;
	g->installed = true;
	g->lost = false;
	return 0;
}

static void encode_gate(struct nlb *b, const struct addr *gate, enum family family)
{
	uint8_t via[2 + 16] = {0};
	uint16_t af;

	if (gate->family == family) {
		nlb_attr(b, RTA_GATEWAY, gate->b, family_bytes(family));
		return;
	}
	if (!gate->family)
		return;
	af = (uint16_t)family_to_af(gate->family);
	memcpy(via, &af, sizeof(af));
	memcpy(via + 2, gate->b, family_bytes(gate->family));
	nlb_attr(b, RTA_VIA, via, 2 + family_bytes(gate->family));
}

void group_encode(const struct kernel *k, uint32_t handle, enum family family, struct nlb *b)
{
	const struct nh_group *g = group_of(k, handle);

	if (g->members[0].single->special)
		return;
	if (k->groups.objects) {
		nlb_u32(b, RTA_NH_ID, g->id);
		return;
	}
	if (g->count == 1) {
		encode_gate(b, &g->members[0].single->gate, family);
		nlb_u32(b, RTA_OIF, g->members[0].single->ifindex);
		return;
	}
	uint32_t multi = nlb_nest(b, RTA_MULTIPATH);
	for (uint16_t i = 0; i < g->count; i++) {
		uint32_t at = b->len;
		struct rtnexthop *nh = nlb_raw(b, sizeof(*nh));
		nh->rtnh_ifindex = (int)g->members[i].single->ifindex;
		nh->rtnh_hops = (unsigned char)(g->members[i].weight - 1);
		encode_gate(b, &g->members[i].single->gate, family);
		nh->rtnh_len = (unsigned short)(b->len - at);
	}
	nlb_end(b, multi);
}

/* --- losing and restoring --- */

static void groups_judge(struct kernel *k)
{
	for (uint32_t h = 1; h < k->groups.handle_end; h++) {
		struct nh_group *g = k->groups.by_handle[h];
		uint16_t lost = 0;
		for (uint16_t i = 0; g && i < g->count; i++)
			lost += g->members[i].single->lost;
		if (!g || !g->installed || !lost)
			continue;
		g->lost = true;
		g->emptied |= lost == g->count;
	}
}

struct lose {
	uint32_t ifindex, id; /* one of them is 0 */
	bool any;
};

static void lose_single(struct hash_node *n, void *arg)
{
	struct single *s = container_of(n, struct single, node);
	struct lose *l = arg;

	if (s->installed && !s->special && (l->id ? s->id == l->id : s->ifindex == l->ifindex))
		s->lost = l->any = true;
}

static bool group_ready(const struct kernel *k, const struct nh_group *g)
{
	for (uint16_t i = 0; i < g->count; i++) {
		const struct single *s = g->members[i].single;
		if (!s->special && !interface_usable(k, s->ifindex))
			return false;
	}
	return true;
}

void group_restore(struct kernel *k)
{
	bool walk = false;

	k->groups.restore = false;
	if (!kernel_writes(k))
		return;
	for (uint32_t h = 1; h < k->groups.handle_end; h++) {
		struct nh_group *g = k->groups.by_handle[h];
		if (!g || !g->lost || !group_ready(k, g) || group_install(k, h) != 0)
			continue;
		walk |= g->emptied;
	}
	if (!walk)
		return;
	k->statics.dirty = true;
	audit_want(k, false);
}

void group_restored(struct kernel *k)
{
	for (uint32_t h = 1; h < k->groups.handle_end; h++) {
		struct nh_group *g = k->groups.by_handle[h];
		if (g && !g->lost)
			g->emptied = false;
	}
}

void group_interface(struct kernel *k, uint32_t ifindex, bool usable)
{
	struct lose l = {.ifindex = ifindex};

	if (!usable) {
		hash_walk(&k->groups.singles, lose_single, &l);
		groups_judge(k);
		return;
	}
	k->groups.restore = true;
	kernel_wake(k);
}

static void note_stale(struct groups *g, uint32_t id)
{
	if (id < GROUP_FIRST_ID || id > GROUP_LAST_ID)
		return;
	g->stale = mem_realloc(g->stale, (g->stale_count + 1) * sizeof(g->stale[0]));
	g->stale[g->stale_count++] = id;
	if (id >= g->next_id)
		g->next_id = id + 1;
}

void group_nexthop(struct kernel *k, uint32_t id, uint8_t proto, bool gone)
{
	struct lose l = {.id = id};

	if (!gone) {
		if (!k->ready && proto == PROTO_ZEBRA)
			note_stale(&k->groups, id);
		return;
	}
	if (id < GROUP_FIRST_ID || id >= k->groups.next_id)
		return;
	hash_walk(&k->groups.singles, lose_single, &l);
	groups_judge(k);
	for (uint32_t h = 1; h < k->groups.handle_end; h++) {
		struct nh_group *g = k->groups.by_handle[h];
		if (g && g->installed && g->id == id)
			g->lost = g->emptied = l.any = true;
	}
	if (l.any) {
		k->groups.restore = true;
		kernel_wake(k);
	}
}

void group_sweep(struct kernel *k)
{
	for (uint32_t i = 0; i < k->groups.stale_count; i++)
		object_delete(k, k->groups.stale[i]);
	mem_free(k->groups.stale);
	k->groups.stale = NULL;
	k->groups.stale_count = 0;
}

static void delete_single_node(struct hash_node *n, void *arg)
{
	struct single *s = container_of(n, struct single, node);

	if (s->installed)
		object_delete(arg, s->id);
	s->installed = false;
}

void group_remove_all(struct kernel *k)
{
	for (uint32_t h = 1; h < k->groups.handle_end; h++) {
		struct nh_group *g = k->groups.by_handle[h];
		if (g && g->installed && g->id)
			object_delete(k, g->id);
	}
	hash_walk(&k->groups.singles, delete_single_node, k);
}

uint32_t group_count(const struct kernel *k)
{
	return k->groups.by_members.count;
}
