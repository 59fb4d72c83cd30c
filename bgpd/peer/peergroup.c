/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peer-groups and dynamic neighbors; see peergroup.h.
 *
 * A dynamic neighbor is freed only from the event loop, never where its connection ends: those who
 * report that end still hold it. Its routes that graceful restart keeps hold it back until they
 * went, and so does maximum-prefix once it was exceeded: it stands there and is refused until the
 * restart interval is over or somebody clears it, or it would come back at once, again and again.
 * How many of those there can be is the listen limit's business. Ranges and groups are told of
 * separately, in any order; they meet when somebody calls.
 */
#include "bgpd/peer/peergroup.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "bgpd/peer/internal.h"
#include "lib/task.h"

/* Without a key for the range the kernel would drop signed callers and let others in. */
static void set_range_password(struct bgp *b, const struct listen_range *r, const char *password)
{
	char text[PREFIX_STRLEN];
	int error = b->listener ? listener_set_password(b->listener, &r->prefix, password) : 0;

	if (error)
		log_msg(b->env.log, LOG_ERR, NULL, 0, "%s: cannot set the TCP MD5 password: %s",
		    prefix_str(&r->prefix, text), strerror(error));
}

static void set_group_password(struct bgp *b, const struct peer_group *g, const char *password)
{
	const struct listen_range *r;

	list_for_each (r, &b->ranges, link)
		if (!strcmp(r->group, g->name))
			set_range_password(b, r, password);
}

/* ---- groups ---- */

struct peer_group *peer_group_find(const struct bgp *b, const char *name)
{
	struct peer_group *g;

	list_for_each (g, &b->groups, link)
		if (!strcmp(g->name, name))
			return g;
	return NULL;
}

static struct peer_group *group_new(struct bgp *b, const char *name)
{
	struct peer_group *g = mem_zalloc(sizeof(*g)), *at;

	g->name = mem_strdup(name);
	peer_cfg_init(&g->cfg);
	list_for_each (at, &b->groups, link)
		if (strcmp(at->name, name) > 0) {
			list_add_before(&at->link, &g->link);
			return g;
		}
	list_add_tail(&b->groups, &g->link);
	return g;
}

static bool is_dynamic_member(const struct peer *p, const char *group)
{
	return p->dynamic && p->cfg.group && !strcmp(p->cfg.group, group);
}

void peer_group_set(struct bgp *b, const char *name, const struct peer_cfg *cfg)
{
	struct peer_group *g = peer_group_find(b, name);
	struct peer *p;

	if (!g)
		g = group_new(b, name);
	if (g->cfg.password && !cfg->password)
		set_group_password(b, g, NULL);
	peer_cfg_fini(&g->cfg);
	peer_cfg_copy(&g->cfg, cfg);
	if (cfg->password)
		set_group_password(b, g, cfg->password);
	list_for_each (p, &b->peers, link)
		if (is_dynamic_member(p, name))
			peer_configure(p, cfg);
}

static void free_dynamic(struct bgp *b, const char *group, const struct prefix *range)
{
	struct peer *p, *next;

	list_for_each_safe (p, next, &b->peers, link)
		if (group ? is_dynamic_member(p, group)
			  : p->dynamic && prefix_equal(&p->range, range))
			peer_free(p);
}

static void group_free(struct peer_group *g)
{
	list_del(&g->link);
	peer_cfg_fini(&g->cfg);
	mem_free(g->name);
	mem_free(g);
}

void peer_group_del(struct bgp *b, const char *name)
{
	struct peer_group *g = peer_group_find(b, name);

	if (!g)
		return;
	free_dynamic(b, name, NULL);
	if (g->cfg.password)
		set_group_password(b, g, NULL);
	group_free(g);
}

/* ---- ranges ---- */

static struct listen_range *range_find(const struct bgp *b, const struct prefix *prefix)
{
	struct listen_range *r;

	list_for_each (r, &b->ranges, link)
		if (prefix_equal(&r->prefix, prefix))
			return r;
	return NULL;
}

static void range_free(struct listen_range *r)
{
	list_del(&r->link);
	mem_free(r->group);
	mem_free(r);
}

void listen_range_set(struct bgp *b, const struct prefix *prefix, const char *group)
{
	struct listen_range *r = mem_zalloc(sizeof(*r)), *at;
	const struct peer_group *g = peer_group_find(b, group);

	listen_range_unset(b, prefix);
	r->prefix = *prefix;
	r->group = mem_strdup(group);
	if (g && g->cfg.password)
		set_range_password(b, r, g->cfg.password);
	list_for_each (at, &b->ranges, link)
		if (prefix_cmp(&at->prefix, prefix) > 0) {
			list_add_before(&at->link, &r->link);
			return;
		}
	list_add_tail(&b->ranges, &r->link);
}

void listen_range_unset(struct bgp *b, const struct prefix *prefix)
{
	struct listen_range *r = range_find(b, prefix);
	const struct peer_group *g = r ? peer_group_find(b, r->group) : NULL;

	if (!r)
		return;
	free_dynamic(b, NULL, prefix);
	if (g && g->cfg.password)
		set_range_password(b, r, NULL);
	range_free(r);
}

void peer_groups_free(struct bgp *b)
{
	struct listen_range *r, *next_range;
	struct peer_group *g, *next;

	list_for_each_safe (r, next_range, &b->ranges, link)
		range_free(r);
	list_for_each_safe (g, next, &b->groups, link)
		group_free(g);
}

/* ---- dynamic neighbors ---- */

static const struct listen_range *range_of(const struct bgp *b, const struct addr *a)
{
	const struct listen_range *r, *best = NULL;

	list_for_each (r, &b->ranges, link)
		if (prefix_has_addr(&r->prefix, a) && (!best || r->prefix.len > best->prefix.len))
			best = r;
	return best;
}

static void on_left(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;

	(void)fd;
	(void)what;
	if (p->incoming || p->fsm.state > FSM_ACTIVE || p->prefix_overflow)
		return;
	FOR_EACH_FAMILY (f)
		if (p->family[f].stale)
			return;
	peer_free(p);
}

void peer_group_left(struct peer *p)
{
	if (p->dynamic && p->leave)
		event_active(p->leave, EV_TIMEOUT, 0);
}

/* One line for all that call while it is full: anybody can call. */
static bool has_room(struct bgp *b, const struct addr *from)
{
	bool numbers = source_room(b->sources),
	     room = numbers && b->dynamic_count < b->cfg.listen_limit;
	char name[ADDR_STRLEN];

	if (!room && !b->crowded)
		log_msg(b->env.log, LOG_WARNING, NULL, 0,
		    "%s and others are refused: there are %u dynamic neighbors%s",
		    addr_str(from, name), b->dynamic_count,
		    numbers ? " (bgp listen limit)" : ", and no numbers for more neighbors");
	b->crowded = !room;
	return room;
}

struct peer *peer_group_accept(struct bgp *b, const struct addr *from)
{
	const struct listen_range *r = range_of(b, from);
	const struct peer_group *g = r ? peer_group_find(b, r->group) : NULL;
	struct peer *p;

	if (!g || g->cfg.shutdown || !has_room(b, from))
		return NULL;
	p = peer_new(b, from);
	p->dynamic = true;
	p->range = r->prefix;
	b->dynamic_count++;
	p->leave = event_new(b->env.base, -1, 0, on_left, p);
	if (!p->leave || event_priority_set(p->leave, PRIO_NORMAL) < 0)
		abort();
	bgp_peer_add(b, p);
	peer_configure(p, &g->cfg);
	peer_start(p);
	if (peer_may_run(p))
		return p;
	peer_free(p);
	return NULL;
}
