/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replay: see replay.h.
 *
 * The order of work in a commit: the system's settings, then `router bgp` (made, changed), then
 * interfaces as they come, then each touched neighbor once, deletions last; and part by part static
 * routes, networks and new neighbors. Nothing here may fail: a change that cannot be carried out
 * was refused by the rows' check functions. Nothing here may look at a line's text beyond its
 * arguments.
 */
#include "bgpd/cmd/replay.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/peergroup.h"
#include "bgpd/cmd/static.h"
#include "bgpd/peer/peergroup.h"
#include "lib/mem.h"
#include "lib/version.h"

enum { NAME_LEN = 64 };

static const struct timeval room_pause = {.tv_sec = 1};

static void replay_one_peer(struct instance *inst, const struct conf *c, const char *name);
static void on_room(evutil_socket_t fd, short what, void *ctx);

/* What a change list touches; neighbors by name, each once. */
struct touched {
	bool system, bgp;
	char (*peers)[NAME_LEN];
	size_t peer_count, peer_room;
};

static enum family family_of_block(const struct conf_node *block)
{
	const struct cli_row *row = conf_row(block);

	return row ? mode_family(row->enters) : FAMILY_NONE;
}

unsigned replay_release(const struct conf *c)
{
	const struct conf_node *n = conf_find(conf_root(c), "frr version " FERRO_FRR_RELEASE);
	char text[64] = FERRO_FRR_RELEASE;
	unsigned major = 0, minor = 0;

	if (n)
		conf_arg(n, "line", text, sizeof(text));
	if (sscanf(text, "%3u.%3u", &major, &minor) < 1 || minor > 255)
		sscanf(FERRO_FRR_RELEASE, "%3u.%3u", &major, &minor);
	return RELEASE(major, minor);
}

const struct conf_node *replay_bgp_node(const struct conf *c)
{
	return conf_find(conf_root(c), "router bgp");
}

static void touch_peer(struct touched *t, const struct conf_node *n)
{
	char name[NAME_LEN];

	if (!conf_arg(n, "peer", name, sizeof(name)))
		return;
	/* Statements of one neighbor usually come one behind the other. */
	if (t->peer_count && !strcmp(t->peers[t->peer_count - 1], name))
		return;
	if (t->peer_count == t->peer_room) {
		t->peer_room = t->peer_room ? 2 * t->peer_room : 64;
		t->peers = mem_realloc(t->peers, t->peer_room * NAME_LEN);
	}
	memcpy(t->peers[t->peer_count++], name, sizeof(name));
}

static void apply_network(struct instance *inst, const struct conf_node *n, bool add)
{
	struct cli_args *args;
	struct prefix p;

	if (!inst->bgp)
		return;
	args = conf_args(n);
	if (arg_prefix(args, "prefix", &p)) {
		if (add)
			rib_network_set(inst->bgp->rib[p.family], &p);
		else
			rib_network_unset(inst->bgp->rib[p.family], &p);
	}
	conf_args_free(args);
}

static void apply_listen(struct instance *inst, const struct conf_node *n, bool add)
{
	struct cli_args *args = conf_args(n);
	struct prefix p;

	if (inst->bgp && arg_prefix(args, "range", &p)) {
		if (add)
			listen_range_set(inst->bgp, &p, arg_str(args, "group"));
		else
			listen_range_unset(inst->bgp, &p);
	}
	conf_args_free(args);
}

static void apply_address(
    struct instance *inst, const struct conf_node *parent, const struct conf_node *n, bool add)
{
	struct cli_args *args = conf_args(n);
	char name[NAME_LEN];
	struct prefix p;

	if (conf_arg(parent, "interface", name, sizeof(name)) &&
	    prefix_parse_raw(arg_str(args, "prefix"), &p)) {
		if (add)
			kernel_address_set(inst->kernel, name, &p);
		else
			kernel_address_unset(inst->kernel, name, &p);
	}
	conf_args_free(args);
}

static void apply_static(struct instance *inst, const struct conf_node *n, bool add)
{
	struct cli_args *args = conf_args(n);
	struct static_route r;

	if (static_route_read(args, &r)) {
		if (add)
			kernel_static_set(inst->kernel, &r.prefix, r.distance, r.tag, &r.nexthop);
		else
			kernel_static_unset(inst->kernel, &r.prefix, r.distance, &r.nexthop);
	}
	conf_args_free(args);
}

/* One statement that came (add) or went. Settings are only noted; actions happen now. */
static void apply_node(struct instance *inst, struct touched *t, const struct conf_node *parent,
    const struct conf_node *n, bool add)
{
	switch ((enum object)conf_row(n)->object) {
	case OBJECT_SYSTEM:
		t->system = true;
		break;
	case OBJECT_BGP:
		t->bgp = true;
		break;
	case OBJECT_PEER:
		touch_peer(t, n);
		break;
	case OBJECT_NETWORK:
		apply_network(inst, n, add);
		break;
	case OBJECT_LISTEN:
		apply_listen(inst, n, add);
		break;
	case OBJECT_ADDRESS:
		if (inst->kernel)
			apply_address(inst, parent, n, add);
		break;
	case OBJECT_STATIC:
		if (inst->kernel)
			apply_static(inst, n, add);
		break;
	case OBJECT_NONE:
		break;
	}
}

/* A block that goes takes along all that stood in it. */
static void remove_node(struct instance *inst, struct touched *t, const struct conf_node *parent,
    const struct conf_node *n)
{
	const struct conf_node *child;

	for (child = conf_first(n); child; child = conf_next(child))
		remove_node(inst, t, n, child);
	apply_node(inst, t, parent, n, false);
}

/* Statements of OBJECT_SYSTEM stand at the top and in `line vty`. */
static void replay_system_block(const struct conf_node *block, struct system_cfg *cfg)
{
	const struct conf_node *n;

	for (n = conf_first(block); n; n = conf_next(n)) {
		if (conf_row(n)->object == OBJECT_SYSTEM)
			conf_apply(n, cfg);
		if (conf_row(n)->enters == MODE_LINE_VTY)
			replay_system_block(n, cfg);
	}
}

static void replay_system(struct instance *inst, const struct conf *c)
{
	struct system_cfg cfg;

	system_cfg_init(&cfg);
	replay_system_block(conf_root(c), &cfg);
	system_apply(inst, &cfg);
}

/* Statements of OBJECT_BGP stand in the block and in its address families. */
static void replay_bgp_block(const struct conf_node *block, struct bgp_cfg *cfg)
{
	const struct conf_node *n;

	for (n = conf_first(block); n; n = conf_next(n)) {
		if (conf_row(n)->object == OBJECT_BGP)
			conf_apply(n, cfg);
		if (family_of_block(n) != FAMILY_NONE)
			replay_bgp_block(n, cfg);
	}
}

static void replay_bgp(struct instance *inst, const struct conf *c)
{
	const struct conf_node *node = replay_bgp_node(c);
	struct bgp_cfg cfg;

	if (!node) {
		if (inst->bgp)
			bgp_stop(inst->bgp);
		return;
	}
	bgp_cfg_init(&cfg, conf_profile(c));
	conf_apply(node, &cfg);
	replay_bgp_block(node, &cfg);
	if (inst->bgp)
		bgp_reconfigure(inst->bgp, &cfg);
	else
		bgp_start(inst, &cfg);
}

static void replay_statements(
    const struct conf_node *block, const char *name, struct peer_replay *to)
{
	const struct conf_node *n;

	to->family = family_of_block(block);
	for (n = conf_first_of(block, "neighbor", name); n; n = conf_next_of(n))
		conf_apply(n, to);
}

/* All statements of one name: the neighbor's own, or its group's. */
static void replay_name(const struct conf_node *bgp, const char *name, struct peer_replay *to)
{
	replay_statements(bgp, name, to);
	FOR_EACH_FAMILY (f) {
		const struct conf_node *af = conf_find(bgp, family_row_by(f)->block);

		if (af)
			replay_statements(af, name, to);
	}
}

/* A description is of the group, not of its members. */
static void inherit(const struct conf_node *bgp, const char *group, struct peer_replay *to)
{
	replay_name(bgp, group, to);
	mem_free(to->cfg->description);
	to->cfg->description = NULL;
	to->cfg->group = mem_strdup(group);
}

void replay_peer(const struct conf *c, const struct conf_node *bgp, const char *peer,
    const struct bgp_cfg *bgp_cfg, struct peer_cfg *out)
{
	struct peer_replay to = {.cfg = out, .bgp = bgp_cfg};
	char group[GROUP_NAME_LEN];

	(void)c;
	peer_cfg_init(out);
	out->keepalive = bgp_cfg->keepalive;
	out->hold = bgp_cfg->hold;
	out->connect_retry = bgp_cfg->connect_retry;
	FOR_EACH_FAMILY (f)
		out->family[f].active = bgp_cfg->default_unicast[f];
	if (conf_group_exists(bgp, peer)) {
		inherit(bgp, peer, &to);
	} else {
		if (conf_group_of(bgp, peer, group))
			inherit(bgp, group, &to);
		replay_name(bgp, peer, &to);
	}
	out->shutdown |= bgp_cfg->shutdown;
	out->enforce_first_as &= bgp_cfg->enforce_first_as;
}

/* The group's settings, for neighbors that come by themselves, and then its static members. */
static void replay_group(struct instance *inst, const struct conf *c, const char *name)
{
	const struct conf_node *bgp = replay_bgp_node(c);
	char text[ADDR_STRLEN];
	struct peer_cfg cfg;
	struct peer *p, *next;

	if (!conf_group_exists(bgp, name)) {
		peer_group_del(inst->bgp, name);
		return;
	}
	replay_peer(c, bgp, name, &inst->bgp->cfg, &cfg);
	peer_group_set(inst->bgp, name, &cfg);
	peer_cfg_fini(&cfg);
	list_for_each_safe (p, next, &inst->bgp->peers, link)
		if (!p->dynamic && p->cfg.group && !strcmp(p->cfg.group, name))
			replay_one_peer(inst, c, addr_str(&p->source.addr, text));
}

/* The numbers of neighbors that went are free when their routes have left the tables. */
static void wait_for_room(struct instance *inst, const char *name)
{
	if (!inst->late_peers)
		inst->late_peers = evtimer_new(inst->base, on_room, inst);
	if (event_pending(inst->late_peers, EV_TIMEOUT, NULL))
		return;
	log_msg(inst->log, LOG_WARNING, NULL, 0,
	    "neighbor %s and any other new one must wait: %d neighbors are there, or have routes "
	    "that are still to go",
	    name, SOURCE_MAX);
	event_add(inst->late_peers, &room_pause);
}

static void replay_one_peer(struct instance *inst, const struct conf *c, const char *name)
{
	const struct conf_node *bgp = replay_bgp_node(c);
	struct peer_cfg cfg;
	struct addr addr;
	struct peer *p;

	if (!inst->bgp)
		return;
	if (!addr_parse(name, &addr)) {
		replay_group(inst, c, name);
		return;
	}
	p = peer_find(inst->bgp, &addr);
	if (p && p->dynamic && conf_first_of(bgp, "neighbor", name)) {
		peer_free(p);
		p = NULL;
	}
	if (!conf_first_of(bgp, "neighbor", name)) {
		if (p && !p->dynamic)
			peer_free(p);
		return;
	}
	if (!p && !source_room(inst->bgp->sources)) {
		wait_for_room(inst, name);
		return;
	}
	replay_peer(c, bgp, name, &inst->bgp->cfg, &cfg);
	if (!p) {
		p = peer_new(inst->bgp, &addr);
		bgp_peer_add(inst->bgp, p);
		peer_configure(p, &cfg);
		peer_start(p);
	} else {
		peer_configure(p, &cfg);
	}
	peer_cfg_fini(&cfg);
}

/* Neighbors that could not be made for want of a number. */
static void on_room(evutil_socket_t fd, short what, void *ctx)
{
	struct instance *inst = ctx;
	const struct conf *c = cli_running(inst->cli);
	const struct conf_node *bgp = replay_bgp_node(c), *n;
	char name[NAME_LEN];
	struct addr a;

	(void)fd;
	(void)what;
	if (inst->bgp && !source_room(inst->bgp->sources)) {
		event_add(inst->late_peers, &room_pause);
		return;
	}
	for (n = bgp ? conf_first(bgp) : NULL; n && inst->bgp; n = conf_next(n))
		if (conf_row(n)->object == OBJECT_PEER && conf_arg(n, "peer", name, sizeof(name)) &&
		    addr_parse(name, &a) && !peer_find(inst->bgp, &a))
			replay_one_peer(inst, c, name);
}

/* The instance's settings shine through into every neighbor. */
static void touch_all_peers(struct instance *inst, const struct conf *c)
{
	struct peer_group *g, *next_group;
	struct peer *p, *next;
	char name[ADDR_STRLEN];

	if (!inst->bgp)
		return;
	list_for_each_safe (g, next_group, &inst->bgp->groups, link)
		replay_group(inst, c, g->name);
	list_for_each_safe (p, next, &inst->bgp->peers, link)
		replay_one_peer(inst, c, addr_str(&p->source.addr, name));
}

static bool holds_object(const struct conf_node *n, enum object object)
{
	const struct conf_node *child;

	if (conf_row(n)->object == object)
		return true;
	for (child = conf_first(n); child; child = conf_next(child))
		if (holds_object(child, object))
			return true;
	return false;
}

/* A block that goes is one change, whatever stood in it. */
static bool has_object(const struct conf_change *ch, enum object object)
{
	return ch->after ? conf_row(ch->after)->object == object : holds_object(ch->before, object);
}

/* The first round: the system and the instance, so that what hangs on them finds them. */
static void apply_frames(struct instance *inst, const struct conf *running,
    const struct conf_change *changes, size_t count)
{
	bool system = false, bgp = false;

	/* FRR's profiles differ in this default; nothing happens where it stands so already. */
	nht_set_via_default(inst->nht, conf_profile(running) == PROFILE_TRADITIONAL);
	for (size_t i = 0; i < count; i++) {
		system |= has_object(&changes[i], OBJECT_SYSTEM);
		bgp |= has_object(&changes[i], OBJECT_BGP);
	}
	if (system)
		replay_system(inst, running);
	if (bgp) {
		replay_bgp(inst, running);
		touch_all_peers(inst, running);
	}
}

/* Statements of which there are very many, and none depends on another: replay_apply_rest. */
static bool is_bulk(const struct conf_change *ch)
{
	enum object object = conf_row(ch->after ? ch->after : ch->before)->object;

	return object == OBJECT_NETWORK || object == OBJECT_STATIC;
}

/* A statement of a neighbor that is still to be made, from all that there is of it. Of these there
 * may be very many, too. */
static bool is_of_new_peer(const struct instance *inst, const struct conf_change *ch)
{
	char name[NAME_LEN];
	struct addr addr;

	return inst->bgp && ch->after && conf_row(ch->after)->object == OBJECT_PEER &&
	       conf_arg(ch->after, "peer", name, sizeof(name)) && addr_parse(name, &addr) &&
	       !peer_find(inst->bgp, &addr);
}

static void apply_change(struct instance *inst, struct touched *t, const struct conf_change *ch)
{
	if (ch->before)
		remove_node(inst, t, ch->parent, ch->before);
	if (ch->after)
		apply_node(inst, t, ch->parent, ch->after, true);
}

void replay_apply(
    void *ctx, const struct conf *running, const struct conf_change *changes, size_t count)
{
	struct instance *inst = ctx;
	struct touched t = {0};

	apply_frames(inst, running, changes, count);
	for (size_t i = 0; i < count; i++)
		if (!is_bulk(&changes[i]) && !is_of_new_peer(inst, &changes[i]))
			apply_change(inst, &t, &changes[i]);
	for (size_t i = 0; i < t.peer_count; i++)
		replay_one_peer(inst, running, t.peers[i]);
	mem_free(t.peers);
}

void replay_apply_rest(
    void *ctx, const struct conf *running, const struct conf_change *changes, size_t count)
{
	struct instance *inst = ctx;
	struct touched t = {0};
	char name[NAME_LEN];

	for (size_t i = 0; i < count; i++) {
		if (is_bulk(&changes[i]))
			apply_change(inst, &t, &changes[i]);
		else if (is_of_new_peer(inst, &changes[i]) &&
			 conf_arg(changes[i].after, "peer", name, sizeof(name)))
			replay_one_peer(inst, running, name);
	}
}
