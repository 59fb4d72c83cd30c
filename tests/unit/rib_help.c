/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rib_help.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/task.h"

static void on_best(void *ctx, enum family f, const struct prefix *p)
{
	(void)f;
	(void)p;
	((struct fix *)ctx)->best_changes++;
}

void fix_init(struct fix *f, enum family family, bool with_kernel)
{
	*f = (struct fix){.base = task_base_new(),
	    .attrs = attr_store_new(),
	    .sources = sources_new(),
	    .kernel = with_kernel ? fake_kernel_new() : NULL};
	f->nht = nht_new(f->kernel);
	f->cfg = (struct rib_cfg){.local_as = LOCAL_AS,
	    .router_id = LOCAL_ID,
	    .default_local_pref = 100,
	    .max_paths_ebgp = 64,
	    .max_paths_ibgp = 64,
	    .import_check = true,
	    .distance_ebgp = 20,
	    .distance_ibgp = 200,
	    .distance_local = 200};
	struct rib_env env = {.base = f->base,
	    .attrs = f->attrs,
	    .sources = f->sources,
	    .kernel = f->kernel,
	    .nht = f->nht,
	    .ctx = f,
	    .best_changed = on_best};
	f->rib = rib_new(&env, &f->cfg, family);
}

void fix_fini(struct fix *f)
{
	rib_free(f->rib);
	sources_free(f->sources);
	cr_assert_null(nht_next(f->nht, FAMILY_IPV4, NULL), "next hops are let go of");
	nht_free(f->nht);
	if (f->kernel) {
		cr_assert_eq(fake_kernel_count(f->kernel), 0, "routes leave the kernel");
		fake_kernel_free(f->kernel);
	}
	attr_store_free(f->attrs);
	event_base_free(f->base);
}

bool fix_quiet(const struct fix *f)
{
	return event_base_get_num_events(f->base, EVENT_BASE_COUNT_ADDED) == 0;
}

void fix_run(struct fix *f)
{
	while (!fix_quiet(f))
		event_base_loop(f->base, EVLOOP_ONCE);
}

struct prefix pfx(const char *s)
{
	struct prefix p;
	cr_assert(prefix_parse(s, &p), "%s", s);
	return p;
}

struct addr ip(const char *s)
{
	struct addr a;
	cr_assert(addr_parse(s, &a), "%s", s);
	return a;
}

void source_make(struct fix *f, struct source *s, enum source_kind kind, uint32_t as, unsigned n)
{
	*s = (struct source){.kind = (uint8_t)kind,
	    .as = as,
	    .router_id = 0x0a000000 + n,
	    .addr = addr_from_ipv4(0x0a000000 + n)};
	source_add(f->sources, s);
}

void net_init(struct net *n, bool with_kernel)
{
	fix_init(&n->f, FAMILY_IPV4, with_kernel);
	source_make(&n->f, &n->up, SOURCE_EBGP, 65001, 2);
	source_make(&n->f, &n->client, SOURCE_IBGP, LOCAL_AS, 3);
	source_make(&n->f, &n->plain, SOURCE_IBGP, LOCAL_AS, 4);
	source_make(&n->f, &n->ext, SOURCE_EBGP, 65005, 5);
	source_make(&n->f, &n->ext2, SOURCE_EBGP, 65006, 6);
	n->client.client = true;
}

/* ---- attributes ---- */

static void put32(uint8_t *p, uint32_t v)
{
	struct wr w = wr_init(p, 4);
	wr_u32(&w, v);
}

struct words_state {
	struct attr_set a;
	uint8_t path[300], clusters[64], communities[64];
};

static void have(struct words_state *w, enum attr_code code)
{
	w->a.have |= ATTR_BIT(code);
}

/* One word that takes a number. */
static void number_word(struct words_state *w, const char *word, const char *value)
{
	uint32_t v = (uint32_t)strtoul(value, NULL, 0);
	if (!strcmp(word, "med")) {
		w->a.med = v;
		have(w, ATTR_MED);
	} else if (!strcmp(word, "lp")) {
		w->a.local_pref = v;
		have(w, ATTR_LOCAL_PREF);
	} else if (!strcmp(word, "weight")) {
		w->a.weight = v;
	} else if (!strcmp(word, "cluster")) {
		for (uint32_t i = 0; i < v; i++)
			put32(w->clusters + 4 * i, 7 + i);
		w->a.cluster_list = (struct span){w->clusters, (uint16_t)(4 * v)};
		have(w, ATTR_CLUSTER_LIST);
	} else if (!strcmp(word, "community")) {
		put32(w->communities, v);
		w->a.communities = (struct span){w->communities, 4};
		have(w, ATTR_COMMUNITIES);
	} else {
		cr_assert_fail("what is '%s'?", word);
	}
}

static void address_word(struct words_state *w, const char *word, const char *value)
{
	struct addr a = ip(value);
	if (!strcmp(word, "nh")) {
		w->a.next_hop = a;
	} else {
		w->a.originator_id = addr_to_ipv4(&a);
		have(w, ATTR_ORIGINATOR_ID);
	}
}

static void path_words(struct words_state *w, char **save)
{
	unsigned n = 0;
	char *word, *before = *save;
	while ((word = strtok_r(NULL, " ", save)) && strspn(word, "0123456789") == strlen(word)) {
		put32(w->path + 2 + 4 * n++, (uint32_t)strtoul(word, NULL, 10));
		before = *save;
	}
	if (word) { /* not ours: undo */
		word[strlen(word)] = ' ';
		*save = word;
	} else {
		*save = before;
	}
	w->path[0] = AS_SEQUENCE;
	w->path[1] = (uint8_t)n;
	w->a.as_path = (struct span){w->path, (uint16_t)(n ? 2 + 4 * n : 0)};
}

uint32_t attrs_make(struct fix *f, const char *words)
{
	struct words_state w = {0};
	char buf[256], *save = NULL;
	/* One blank at the end, so that undoing in path_words never meets the end. */
	snprintf(buf, sizeof(buf), "%s ", words);
	w.a.next_hop = ip("10.0.0.99");
	have(&w, ATTR_ORIGIN);
	have(&w, ATTR_AS_PATH);
	have(&w, ATTR_NEXT_HOP);
	for (char *t = strtok_r(buf, " ", &save); t; t = strtok_r(NULL, " ", &save))
		if (!strcmp(t, "path"))
			path_words(&w, &save);
		else if (!strcmp(t, "egp"))
			w.a.origin = ORIGIN_EGP;
		else if (!strcmp(t, "incomplete"))
			w.a.origin = ORIGIN_INCOMPLETE;
		else if (!strcmp(t, "nh") || !strcmp(t, "orig"))
			address_word(&w, t, strtok_r(NULL, " ", &save));
		else
			number_word(&w, t, strtok_r(NULL, " ", &save));
	return attr_intern(f->attrs, &w.a);
}

void route(struct fix *f, const struct source *s, const char *prefix, const char *words)
{
	struct prefix p = pfx(prefix);
	uint32_t id = attrs_make(f, words);
	attr_ref(f->attrs, id);
	rib_path_set(f->rib, s, &p, 0, id, id);
}

void unroute(struct fix *f, const struct source *s, const char *prefix)
{
	struct prefix p = pfx(prefix);
	rib_path_del(f->rib, s, &p, 0);
}

/* ---- members ---- */

static void fake_withdraw(struct fake *k, const struct prefix *p)
{
	uint32_t old = trie_find(k->table, p);
	k->withdrawn++;
	if (!old) {
		k->unknown_withdrawn++;
		return;
	}
	attr_unref(k->f->attrs, old);
	trie_del(k->table, p);
}

static void fake_announce(struct fake *k, const struct prefix *p, uint32_t set)
{
	uint32_t *at = trie_insert(k->table, p), old = *at;
	attr_ref(k->f->attrs, set);
	*at = set;
	attr_unref(k->f->attrs, old);
	k->announced++;
}

static void fake_routes(struct fake *k, const struct nlri *n, uint32_t set)
{
	struct rd r = span_rd(n->routes);
	struct prefix p;
	uint32_t id;
	while (n->routes.len && nlri_next(&r, n->family, false, &p, &id)) {
		if (set)
			fake_announce(k, &p, set);
		else
			fake_withdraw(k, &p);
	}
}

static void fake_reach(struct fake *k, const struct nlri *n, const struct attr_set *a)
{
	if (!n->routes.len)
		return;
	uint32_t set = attr_intern(k->f->attrs, a);
	fake_routes(k, n, set);
	attr_unref(k->f->attrs, set);
}

static void fake_update(struct fake *k, const uint8_t *body, size_t len)
{
	struct session_traits t = {
	    .as4 = true,
	    .ebgp = k->ebgp,
	    .extended_nexthop = true,
	    .local_as = 64999,
	    .max_message = 4096,
	};
	struct arena *arena = arena_new();
	struct update u;
	update_decode(&t, body, len, arena, &u);
	cr_assert_eq(u.result, ATTR_OK, "%s", u.fault.text);
	k->eors += u.end_of_rib;
	fake_routes(k, &u.withdrawn, 0);
	fake_routes(k, &u.mp_withdrawn, 0);
	fake_reach(k, &u.reach, &u.attrs);
	fake_reach(k, &u.mp_reach, &u.mp_attrs);
	arena_free(arena);
}

static bool fake_send(void *ctx, struct chunk *c)
{
	struct fake *k = ctx;
	if (!k->room)
		return false;
	k->room--;
	k->chunks++;
	k->messages += c->messages;
	k->last = c;
	unsigned n = 0;
	for (uint32_t at = 0; at < c->len; n++) {
		uint32_t len = (uint32_t)c->data[at + 16] << 8 | c->data[at + 17];
		cr_assert(len >= 23 && at + len <= c->len);
		fake_update(k, c->data + at + 19, len - 19);
		at += len;
	}
	cr_assert_eq(n, c->messages);
	chunk_release(c);
	return true;
}

static void fake_table_sent(void *ctx, bool refresh)
{
	struct fake *k = ctx;
	k->tables++;
	k->refreshes += refresh;
	cr_assert(refresh || k->eors == 1, "the End-of-RIB comes first");
}

void fake_init(struct fake *k, struct fix *f, const struct source *s)
{
	*k = (struct fake){.f = f, .room = UINT32_MAX, .ebgp = s->kind == SOURCE_EBGP};
	k->table = trie_new(rib_family(f->rib));
	k->m = (struct member){
	    .source = s, .ctx = k, .send = fake_send, .table_sent = fake_table_sent};
	k->m.own = (struct own_hop){.addr = ip("10.0.0.1"), .ifindex = 1};
}

void fake_fini(struct fake *k)
{
	group_leave(&k->m);
	struct prefix p;
	while (trie_next(k->table, NULL, &p))
		fake_withdraw(k, &p);
	trie_free(k->table);
}

void fake_check(const struct fake *k)
{
	const struct group *g = k->m.group;
	cr_assert(k->m.in_sync);
	cr_assert_eq(trie_count(k->table), group_sent_count(g));
	struct prefix p;
	for (uint32_t v = trie_next(k->table, NULL, &p); v; v = trie_next(k->table, &p, &p)) {
		const struct dest *d = rib_find(k->f->rib, &p);
		cr_assert_not_null(d);
		uint32_t sent = group_sent(g, d);
		cr_assert_neq(sent, 0);
		struct attr_set want, got;
		attr_view(k->f->attrs, sent, &want);
		attr_view(k->f->attrs, v, &got);
		cr_assert_eq(want.med, got.med);
		cr_assert_eq(want.local_pref, got.local_pref);
		cr_assert_eq(
		    aspath_hops(want.as_path) + (unsigned)k->ebgp, aspath_hops(got.as_path));
	}
}

bool fake_get(const struct fake *k, const char *prefix, struct attr_set *out)
{
	struct prefix p = pfx(prefix);
	uint32_t set = trie_find(k->table, &p);
	if (set)
		attr_view(k->f->attrs, set, out);
	return set != 0;
}

struct group_key key_make(const struct source *s)
{
	struct group_key key;
	memset(&key, 0, sizeof(key));
	key.family = FAMILY_IPV4;
	key.kind = s->kind;
	key.as4 = true;
	key.client = s->client;
	key.send_community = key.send_ext_community = key.send_large_community = true;
	key.local_as = LOCAL_AS;
	key.cluster_id = key.kind == SOURCE_EBGP ? 0 : LOCAL_ID;
	key.hop_family = FAMILY_IPV4;
	return key;
}
