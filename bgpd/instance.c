/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon assembled: who is made first, who hears whom, who is torn down last.
 *
 * Everything hangs on struct instance. The kernel's events fan out here to next-hop tracking, the
 * tables and the peers; nobody else knows all three. `router bgp` is made and unmade here with its
 * tables and its listener. This file must never parse a line or print a show.
 */
#include "bgpd/instance.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bgpd/options.h"
#include "bgpd/peer/peergroup.h"
#include "bgpd/store.h"
#include "lib/clock.h"
#include "lib/disk.h"
#include "lib/mem.h"

static void on_routes_changed(void *ctx, const struct prefix *where)
{
	struct instance *inst = ctx;

	nht_routes_changed(inst->nht, where);
	if (inst->bgp && inst->bgp->rib[where->family])
		rib_routes_changed(inst->bgp->rib[where->family], where);
}

static void on_interface_changed(void *ctx, uint32_t ifindex)
{
	struct instance *inst = ctx;
	struct peer *p;

	nht_interface_changed(inst->nht, ifindex);
	if (!inst->bgp)
		return;
	bgp_reconfigure(inst->bgp, &inst->bgp->cfg);
	list_for_each (p, &inst->bgp->peers, link)
		peer_interface_changed(p, ifindex);
}

static uint32_t *find_word(void *ctx, const struct prefix *p)
{
	struct instance *inst = ctx;
	const struct bgp *b = inst->bgp ? inst->bgp : inst->leaving;
	struct rib *r = b ? b->rib[p->family] : NULL;

	return r ? rib_kernel_word(r, p) : NULL;
}

static bool next_dest(
    void *ctx, enum family family, const struct prefix *after, struct prefix *found)
{
	struct instance *inst = ctx;
	struct rib *r = inst->bgp ? inst->bgp->rib[family] : NULL;
	const struct dest *d = r ? rib_next(r, NULL, after) : NULL;

	if (d)
		*found = rib_dest_prefix(r, d);
	return d != NULL;
}

static void on_room(void *ctx)
{
	struct instance *inst = ctx;

	if (inst->leaving)
		task_wake(&inst->burial);
	if (!inst->bgp)
		return;
	FOR_EACH_FAMILY (f)
		rib_kernel_room(inst->bgp->rib[f]);
}

static const struct kernel_events kernel_events = {
    .routes_changed = on_routes_changed,
    .interface_changed = on_interface_changed,
    .word = find_word,
    .next = next_dest,
    .room = on_room,
};

static char *system_hostname(void)
{
	char name[256];

	if (gethostname(name, sizeof(name)) != 0)
		return mem_strdup("localhost");
	name[sizeof(name) - 1] = '\0';
	return mem_strdup(name);
}

void instance_set_hostname(struct instance *inst, const char *name)
{
	mem_free(inst->hostname);
	inst->hostname = name ? mem_strdup(name) : system_hostname();
}

static bool open_kernel(struct instance *inst)
{
	const struct options *o = inst->opts;
	struct kernel_opts ko = {
	    .install = !o->no_kernel && !o->no_zebra,
	    .table = 254,
	    .keep_routes = o->retain,
	};

	inst->kernel = kernel_new(inst->base, inst->log, &ko, &kernel_events, inst);
	if (!inst->kernel)
		fprintf(stderr, "bgpd: cannot open netlink: %s\n", strerror(errno));
	return inst->kernel != NULL;
}

struct instance *instance_new(struct event_base *base, const struct options *opts)
{
	struct instance *inst = mem_zalloc(sizeof(*inst));
	struct system_cfg sys;

	inst->base = base;
	inst->opts = opts;
	inst->log = log_new("BGP");
	inst->started = clock_sec();
	system_cfg_init(&sys);
	system_apply(inst, &sys);
	inst->attrs = attr_store_new();
	if (!opts->dry_run) {
		inst->disk = disk_new(base);
		inst->store = store_new();
	}
	if (!opts->dry_run && !open_kernel(inst)) {
		instance_free(inst);
		return NULL;
	}
	inst->nht = nht_new(inst->kernel);
	return inst;
}

void instance_free(struct instance *inst)
{
	if (inst->kernel)
		kernel_close(inst->kernel);
	if (inst->bgp)
		bgp_stop(inst->bgp);
	bgp_settle(inst);
	if (inst->nht)
		nht_free(inst->nht);
	if (inst->kernel)
		kernel_free(inst->kernel);
	attr_store_free(inst->attrs);
	if (inst->expiry)
		event_free(inst->expiry);
	if (inst->late_peers)
		event_free(inst->late_peers);
	if (inst->disk)
		disk_free(inst->disk);
	if (inst->store)
		store_free(inst->store);
	if (inst->cli)
		cli_free(inst->cli);
	log_free(inst->log);
	system_cfg_fini(&inst->sys);
	mem_free(inst->hostname);
	mem_free(inst);
}

enum { MAX_PATHS = 64 }; /* FRR's default, and its most */

void bgp_cfg_init(struct bgp_cfg *cfg, enum conf_profile profile)
{
	bool dc = profile == PROFILE_DATACENTER;

	*cfg = (struct bgp_cfg){
	    .ebgp_requires_policy = !dc,
	    .log_neighbor_changes = dc,
	    .show_hostname = dc,
	    .show_nexthop_hostname = dc,
	    .fast_external_failover = true,
	    .enforce_first_as = true,
	    .client_to_client = true,
	    .keepalive = dc ? 3 : 60,
	    .hold = dc ? 9 : 180,
	    .connect_retry = dc ? 10 : 30,
	    .listen_limit = LISTEN_LIMIT,
	    .gr_restart_time = 120,
	    .gr_stalepath_time = 360,
	    .rib =
		{
		    .default_local_pref = 100,
		    .deterministic_med = dc,
		    .import_check = true,
		    .distance_ebgp = 20,
		    .distance_ibgp = 200,
		    .distance_local = 200,
		},
	};
	FOR_EACH_FAMILY (f) {
		cfg->default_unicast[f] = family_row_by(f)->on_by_default;
		cfg->max_paths_ebgp[f] = cfg->max_paths_ibgp[f] = MAX_PATHS;
	}
}

/* The highest IPv4 address of up interfaces that are (or are not) loopbacks, 127/8 left out. */
static uint32_t highest_address(const struct instance *inst, bool loopback)
{
	const struct kernel_interface *i = NULL;
	uint32_t best = 0;

	while ((i = kernel_interface_next(inst->kernel, i ? i->name : NULL))) {
		if (!i->up || i->loopback != loopback)
			continue;
		for (uint32_t n = 0; n < i->address_count; n++) {
			struct addr a = prefix_addr(&i->addresses[n].prefix);

			if (a.family == FAMILY_IPV4 && !addr_is_loopback(&a) &&
			    addr_to_ipv4(&a) > best)
				best = addr_to_ipv4(&a);
		}
	}
	return best;
}

uint32_t bgp_choose_router_id(const struct instance *inst, const struct bgp_cfg *cfg)
{
	uint32_t id;

	if (cfg->router_id_set)
		return cfg->router_id;
	if (!inst->kernel)
		return 0;
	id = highest_address(inst, true);
	return id ? id : highest_address(inst, false);
}

/* The part of the settings that the tables take, completed with what is known only here. */
static struct rib_cfg rib_settings(const struct bgp *b, enum family f)
{
	struct rib_cfg c = b->cfg.rib;
	uint16_t ecmp = b->inst->opts->ecmp;

	c.local_as = b->cfg.as;
	c.router_id = b->router_id;
	c.max_paths_ebgp = b->cfg.max_paths_ebgp[f] < ecmp ? b->cfg.max_paths_ebgp[f] : ecmp;
	c.max_paths_ibgp = b->cfg.max_paths_ibgp[f] < ecmp ? b->cfg.max_paths_ibgp[f] : ecmp;
	return c;
}

static void open_listener(struct bgp *b)
{
	const struct options *o = b->inst->opts;
	int error;

	if (o->port == 0)
		return;
	error = listener_new(
	    b, o->port, o->listen_count ? o->listen : NULL, o->listen_count, &b->listener);
	if (error)
		log_msg(b->inst->log, LOG_ERR, NULL, 0, "cannot listen on TCP port %u: %s", o->port,
		    strerror(error));
}

static bool log_sent(void *ctx)
{
	const struct bgp *b = ctx;

	return b->inst->debug & DEBUG_UPDATES_OUT;
}

struct bgp *bgp_start(struct instance *inst, const struct bgp_cfg *cfg)
{
	struct bgp *b = mem_zalloc(sizeof(*b));
	struct rib_env env = {
	    .base = inst->base,
	    .log = inst->log,
	    .attrs = inst->attrs,
	    .kernel = inst->kernel,
	    .nht = inst->nht,
	    .ctx = b,
	    .log_sent = log_sent,
	};

	bgp_settle(inst);
	b->inst = inst;
	b->env = (struct bgp_env){
	    .base = inst->base,
	    .log = inst->log,
	    .attrs = inst->attrs,
	    .kernel = inst->kernel,
	    .nht = inst->nht,
	    .hostname = (const char *const *)&inst->hostname,
	    .debug = &inst->debug,
	    .send_buffer = inst->opts->socket_size,
	};
	b->cfg = *cfg;
	b->created = clock_sec();
	b->router_id = bgp_choose_router_id(inst, cfg);
	list_init(&b->groups);
	list_init(&b->ranges);
	b->sources = sources_new();
	env.sources = b->sources;
	FOR_EACH_FAMILY (f) {
		struct rib_cfg rc = rib_settings(b, f);

		b->rib[f] = rib_new(&env, &rc, f);
	}
	bgp_peers_init(b);
	open_listener(b);
	inst->bgp = b;
	return b;
}

void bgp_reconfigure(struct bgp *b, const struct bgp_cfg *cfg)
{
	uint32_t id = bgp_choose_router_id(b->inst, cfg);
	bool id_changed = id != b->router_id;
	struct peer *p;

	b->cfg = *cfg;
	b->router_id = id;
	FOR_EACH_FAMILY (f) {
		struct rib *r = b->rib[f];
		struct rib_cfg rc = rib_settings(b, f);

		if (memcmp(rib_cfg(r), &rc, sizeof(rc)) != 0)
			rib_reconfigure(r, &rc);
	}
	if (!id_changed)
		return;
	list_for_each (p, &b->peers, link)
		peer_stop(p, NOTIFY_CEASE_CONFIG_CHANGE, NULL);
	list_for_each (p, &b->peers, link)
		peer_start(p);
}
