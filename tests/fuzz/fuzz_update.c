/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UPDATE: the first octet chooses the session, the rest is a message's body. Whatever the verdict
 * leaves is walked, interned, packed for a session of the same kind, and decoded again: what Ferro
 * sends on must be good in its own eyes and mean the same. */
#include "fuzz.h"

#include <string.h>

#include "bgpd/codec/message.h"
#include "bgpd/codec/update.h"

struct echo {
	struct session_traits t;
	struct attr_store *store;
	uint32_t id; /* of the set that was packed */
};

static struct session_traits session(uint8_t bits)
{
	bool addpath = bits & 8;
	return (struct session_traits){
	    .as4 = bits & 1,
	    .ebgp = bits & 2,
	    .confed = (bits & 6) == 4,
	    .addpath_rx = {false, addpath, addpath},
	    .addpath_tx = {false, addpath, addpath},
	    .extended_nexthop = bits & 16,
	    .max_message = bits & 32 ? MSG_MAX_EXTENDED : MSG_MAX,
	};
}

/* What decoding and sending may change: which attributes go to eBGP, and the Partial flag. */
static void echo_check(void *ctx, const uint8_t *msg, size_t len)
{
	struct echo *e = ctx;
	struct arena *arena = arena_new();
	struct attr_set sent;
	struct notify why;
	struct update u;
	uint8_t type;
	uint16_t claimed;
	fuzz_expect(msg_header_check(msg, e->t.max_message, &type, &claimed, &why));
	fuzz_expect(claimed == len && type == MSG_UPDATE);
	update_decode(&e->t, msg + MSG_HEADER_LEN, len - MSG_HEADER_LEN, arena, &u);
	fuzz_expect(u.result == ATTR_OK);
	attr_view(e->store, e->id, &sent);
	const struct attr_set *got = u.reach.family ? &u.attrs : &u.mp_attrs;
	fuzz_expect(addr_equal(&got->next_hop, &sent.next_hop));
	fuzz_expect(aspath_hops(got->as_path) == aspath_hops(sent.as_path));
	fuzz_expect(got->communities.len == sent.communities.len);
	fuzz_expect(got->unknown.len == sent.unknown.len);
	arena_free(arena);
}

static void echo(struct echo *e, const struct nlri *n, const struct attr_set *attrs)
{
	struct rd r = span_rd(n->routes);
	bool addpath = e->t.addpath_rx[n->family], take = attrs && !n->withdraw;
	struct prefix p;
	uint32_t path_id;
	if (n->family == FAMILY_NONE)
		return;
	struct packer *pack = packer_new(&e->t, echo_check, e);
	e->id = take ? attr_intern(e->store, attrs) : 0;
	bool fits = take && packer_announce(pack, n->family, attrs);
	while (nlri_next(&r, n->family, addpath, &p, &path_id)) {
		fuzz_expect(p.family == n->family);
		if (fits)
			packer_add(pack, &p, path_id);
	}
	fuzz_expect(!r.bad);
	packer_end(pack);
	packer_free(pack);
	attr_unref(e->store, e->id);
}

int FUZZ_TARGET(update)(const uint8_t *data, size_t size)
{
	if (size < 1 || size > MSG_MAX_EXTENDED)
		return 0;
	struct echo e = {.t = session(data[0]), .store = attr_store_new()};
	struct arena *arena = arena_new();
	uint8_t *body = mem_dup(data + 1, size - 1);
	struct update u;
	struct sb line;
	update_decode(&e.t, body, size - 1, arena, &u);
	fuzz_expect((u.result == ATTR_OK) == (u.fault.text[0] == '\0'));
	if (u.result < ATTR_AFI_DISABLE) {
		echo(&e, &u.withdrawn, NULL);
		echo(&e, &u.mp_withdrawn, NULL);
		echo(&e, &u.reach, &u.attrs);
		echo(&e, &u.mp_reach, &u.mp_attrs);
		sb_init(&line);
		attr_log_str(&u.attrs, &line);
		attr_log_str(&u.mp_attrs, &line);
		sb_fini(&line);
	}
	mem_free(body);
	arena_free(arena);
	attr_store_free(e.store);
	return 0;
}
