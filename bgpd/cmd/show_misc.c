/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Short shows about the instance: bestpath, router, vrfs, views, listeners, update-groups,
 * martian next-hop, dampening parameters.
 *
 * Some of these are about things that Ferro has not: they come out as FRR prints them for a router
 * without any.
 */
#include <stdio.h>
#include <string.h>

#include "bgpd/cmd/replay.h"
#include "bgpd/cmd/show.h"
#include "bgpd/peer/peergroup.h"
#include "lib/clock.h"

static void document_end(struct out *out)
{
	out_obj_end(out);
	if (out_json(out))
		out_raw(out, "\n");
}

/* ---- bestpath ---- */

static void criterion(struct out *out, const char *title, const char *key, bool on)
{
	if (title)
		out_text(out, "  %s is %s\n", title, on ? "Enabled" : "Disabled");
	out_bool(out, key, NULL, on);
}

static enum cli_rc run_bestpath(struct cli_call *call)
{
	const struct instance *inst = call->app;
	struct out *out = call->out;

	out_obj(out, NULL);
	if (inst->bgp) {
		const struct rib_cfg *c = &inst->bgp->cfg.rib;

		out_text(out, "VRF default\nBest Path Selection Criteria:\n");
		out_obj(out, "default");
		out_obj(out, "bestPath");
		criterion(out, "Ignore AS path", "asPathIgnore", c->as_path_ignore);
		criterion(out, "Include confederation ASNs in AS path", "asPathConfed", false);
		criterion(
		    out, "AS path multi-path-relax", "asPathMultiPathRelax", c->multipath_relax);
		criterion(out, NULL, "asPathMultiPathRelaxAsSet", false);
		criterion(out, "Peer type relax", "peerTypeRelax", false);
		criterion(out, "Compare router ID", "compareRouterId", c->compare_router_id);
		criterion(out, "BGP bestpath MED confed", "medConfed", false);
		criterion(out, "BGP bestpath MED missing-as-worst", "medMissingAsWorst",
		    c->med_missing_worst);
		out_str(out, "linkBwHandling", "  Link Bandwidth handling set to: %s\n", "ecmp");
		criterion(out, "Always compare MED", "alwaysCompareMed", c->always_compare_med);
		criterion(out, "Deterministic MED", "deterministicMed", c->deterministic_med);
		out_obj_end(out);
		out_obj_end(out);
	}
	document_end(out);
	return CLI_OK;
}

/* ---- router ---- */

static unsigned count_peers(const struct bgp *b, bool up_only)
{
	const struct peer *p;
	unsigned n = 0;

	if (b)
		list_for_each (p, &b->peers, link)
			n += !up_only || peer_is_up(p);
	return n;
}

static enum cli_rc run_router(struct cli_call *call)
{
	const struct instance *inst = call->app;
	const struct bgp *b = inst->bgp;
	bool gshut = b && b->cfg.graceful_shutdown;
	int64_t started = clock_to_epoch(inst->started);
	struct out *out = call->out;
	char text[SHOW_DATE_LEN];

	out_text(out, "BGP started at %s\n", show_date(started, text));
	out_text(out, "BGP Graceful Shutdown is %s\n", gshut ? "enabled" : "disabled");
	out_obj(out, NULL);
	out_int(out, "bgpStartedAt", NULL, started);
	out_bool(out, "bgpStartedGracefully", NULL, false);
	out_bool(out, "bgpGshutEnabled", NULL, gshut);
	out_bool(out, "bgpInMaintenanceMode", NULL, gshut);
	out_uint(out, "bgpInstanceCount", "Number of BGP instances (including default): %llu\n",
	    b != NULL);
	out_uint(
	    out, "establishedPeersTotal", "Total established peers: %llu\n", count_peers(b, true));
	out_text(out, "BGP suppress FIB pending is disabled\n");
	out_bool(out, "bgpWaitForFibSet", NULL, false);
	out_uint(out, "bgpInputQueueLimit", "BGP Input Queue Limit: %llu\n", 10000);
	out_uint(out, "bgpOutputQueueLimit", "BGP Output Queue Limit: %llu\n", 10000);
	out_uint(out, "zebraAnnounceCount", "Zebra announce queue (priority): %llu\n", 0);
	out_uint(out, "zebraAnnounceEarlyCount", "Zebra announce queue (normal): %llu\n", 0);
	out_text(out, "BGP Global Update Delay Timers:\n");
	out_uint(out, "bgpUpdateDelayTime", "  Update Delay Time: %llus\n", 0);
	out_uint(out, "bgpEstablishWaitTime", "  Establish Wait Time: %llus\n", 0);
	out_uint(out, "bgpRmapDelayTimer", "BGP route-map Delay Timer: %llus", 5);
	out_uint(out, "bgpRmapDelayTimerRemaining", " (remaining: %llus)\n", 0);
	document_end(out);
	return CLI_OK;
}

/* ---- vrfs, views ---- */

static void show_networks(struct out *out, const struct conf_node *block)
{
	const struct conf_node *n;
	char text[PREFIX_STRLEN];

	out_obj(out, "network");
	for (n = block ? conf_first(block) : NULL; n; n = conf_next(n))
		if (conf_row(n)->object == OBJECT_NETWORK &&
		    conf_arg(n, "prefix", text, sizeof(text))) {
			out_obj(out, text);
			out_obj_end(out);
		}
	out_obj_end(out);
}

static void show_vrf_families(struct out *out, const struct cli *cli)
{
	const struct conf_node *bgp = replay_bgp_node(cli_running(cli));

	out_obj(out, "addressFamilyInfo");
	FOR_EACH_FAMILY (f) {
		out_obj(out, show_family_key(f));
		out_str(out, "afi", NULL, show_family_title(f));
		show_networks(out, bgp ? conf_find(bgp, family_row_by(f)->block) : NULL);
		out_obj(out, "aggregateAddress");
		out_obj_end(out);
		out_obj_end(out);
	}
	out_obj_end(out);
}

/* The timers, if they are not the profile's. */
static void show_vrf_timers(struct out *out, const struct cli *cli, const struct bgp_cfg *cfg)
{
	struct bgp_cfg plain;

	bgp_cfg_init(&plain, conf_profile(cli_running(cli)));
	if (cfg->keepalive == plain.keepalive && cfg->hold == plain.hold)
		return;
	out_uint(out, "keepaliveTimer", NULL, cfg->keepalive);
	out_uint(out, "holdTimer", NULL, cfg->hold);
	out_uint(out, "sendHoldTimer", NULL, 2u * cfg->hold);
}

static void show_vrf_ranges(struct out *out, const struct bgp *b)
{
	const struct listen_range *r;
	char text[PREFIX_STRLEN];

	if (b->cfg.listen_limit != LISTEN_LIMIT)
		out_uint(out, "dynamicNeighLimit", NULL, b->cfg.listen_limit);
	out_obj(out, "dynamicNeighListen");
	list_for_each (r, &b->ranges, link) {
		out_obj(out, prefix_str(&r->prefix, text));
		out_str(out, "peerGroup", NULL, r->group);
		out_obj_end(out);
	}
	out_obj_end(out);
}

static void show_vrf_settings(struct out *out, const struct cli *cli, const struct bgp *b)
{
	char id[ADDR_STRLEN];

	out_uint(out, "grRestartTime", NULL, b->cfg.gr_restart_time);
	out_uint(out, "grStalePathTime", NULL, b->cfg.gr_stalepath_time);
	out_uint(out, "grSelectDeferTime", NULL, 120);
	out_str(out, "grMode", NULL, "Helper");
	out_bool(out, "waitForFibSet", NULL, false);
	out_bool(out, "gShutEnabled", NULL, b->cfg.graceful_shutdown);
	if (b->cfg.cluster_id)
		out_str(out, "bgpClusterId", NULL, show_id(b->cfg.cluster_id, id));
	out_bool(out, "rrAllowOutboundPolicy", NULL, false);
	out_bool(out, "noClientToClientReflection", NULL, false);
	show_vrf_timers(out, cli, &b->cfg);
	show_vrf_ranges(out, b);
	out_bool(out, "defaultOriginateV4", NULL, false);
	out_bool(out, "defaultOriginateV6", NULL, false);
}

static void show_vrf(struct out *out, const struct cli *cli, const struct bgp *b)
{
	unsigned peers = count_peers(b, false), up = count_peers(b, true);
	char id[ADDR_STRLEN];

	show_id(b->router_id, id);
	out_text(out, "%-4s  %-5s  %-16s  %-9s  %-10s  %-37s\n", "Type", "Id", "routerId",
	    "#PeersCfg", "#PeersEstb", "Name");
	out_text(out, "%11s  %-16s  %-21s  %s\n", " ", "L3-VNI", "RouterMAC", "Interface");
	out_text(
	    out, "%-4s  %-5d  %-16s  %-9u  %-10u  %-37s\n", "DFLT", 0, id, peers, up, "default");
	out_text(out, "%11s  %-16d  %-21s  %-20s\n", " ", 0, "00:00:00:00:00:00", "unknown");
	out_obj(out, "default");
	out_str(out, "type", NULL, "DFLT");
	out_uint(out, "vrfId", NULL, 0);
	out_str(out, "routerId", NULL, id);
	out_uint(out, "as", NULL, b->cfg.as);
	out_uint(out, "numConfiguredPeers", NULL, peers);
	out_uint(out, "numEstablishedPeers", NULL, up);
	out_uint(out, "l3vni", NULL, 0);
	out_str(out, "rmac", NULL, "00:00:00:00:00:00");
	out_str(out, "interface", NULL, "unknown");
	show_vrf_settings(out, cli, b);
	show_vrf_families(out, cli);
	out_obj_end(out);
}

static enum cli_rc run_vrfs(struct cli_call *call)
{
	const struct instance *inst = call->app;
	struct out *out = call->out;

	out_obj(out, NULL);
	out_obj(out, "vrfs");
	if (inst->bgp)
		show_vrf(out, call->cli, inst->bgp);
	out_obj_end(out);
	out_uint(out, "totalVrfs",
	    inst->bgp ? "\nTotal number of VRFs (including default): %llu\n" : NULL,
	    inst->bgp != NULL);
	document_end(out);
	return CLI_OK;
}

static enum cli_rc run_views(struct cli_call *call)
{
	const struct instance *inst = call->app;

	out_text(call->out, "Defined BGP views:\n");
	if (inst->bgp) /* the default one has no name, and FRR prints that */
		out_text(call->out, "\t(null) (AS%u)\n", inst->bgp->cfg.as);
	return CLI_OK;
}

/* ---- listeners, own addresses ---- */

static enum cli_rc run_listeners(struct cli_call *call)
{
	const struct instance *inst = call->app;
	struct addr addr;
	char text[ADDR_STRLEN];
	int fd;

	out_text(call->out, "Name             fd Address\n---------------------------\n");
	for (unsigned i = 0; inst->bgp && inst->bgp->listener &&
			     listener_socket(inst->bgp->listener, i, &addr, &fd);
	     i++)
		out_text(call->out, "%-16s %d %s\n", "default", fd, addr_str(&addr, text));
	return CLI_OK;
}

static enum cli_rc run_martian(struct cli_call *call)
{
	const struct instance *inst = call->app;
	const struct kernel_interface *i = NULL;
	char text[ADDR_STRLEN];

	if (!inst->bgp) {
		out_text(call->out, "%% No BGP process is configured\n");
		return CLI_OK;
	}
	out_text(call->out, "self nexthop database:\n");
	while (inst->kernel && (i = kernel_interface_next(inst->kernel, i ? i->name : NULL)))
		for (uint32_t n = 0; i->up && n < i->address_count; n++) {
			struct addr a = prefix_addr(&i->addresses[n].prefix);

			if (!(a.family == FAMILY_IPV6 && addr_is_link_local(&a)))
				out_text(call->out, "addr: %s, count: 1 :  %s,\n",
				    addr_str(&a, text), i->name);
		}
	out_text(call->out, "Tunnel-ip database:\n");
	return CLI_OK;
}

/* ---- what Ferro has none of ---- */

static enum cli_rc run_dampening(struct cli_call *call)
{
	enum family f = show_family(call);
	char text[64];

	if (!show_bgp(call, SHOW_MISSING_TABLE))
		return CLI_OK;
	snprintf(text, sizeof(text), "dampening not enabled for %s", show_family_title(f));
	show_warning(call->out, text, text);
	return CLI_OK;
}

static const struct cli_row show_misc_rows[] = {
    {IN_EXEC, "show bgp " SHOW_VRF "bestpath [json]",
	"bestpath\tDisplay the best path selection criteria", 0, .run = run_bestpath},
    {IN_EXEC, "show bgp router [json]", "router\tOverall BGP information", 0, .run = run_router},
    {IN_EXEC, "show [ip] bgp vrfs [json]", NULL, 0, .run = run_vrfs},
    {IN_EXEC, "show [ip] bgp views", NULL, 0, .run = run_views},
    {IN_EXEC, "show bgp listeners", NULL, 0, .run = run_listeners},
    {IN_EXEC, "show bgp " SHOW_VRF "martian next-hop", NULL, 0, .run = run_martian},
    {IN_EXEC, "show [ip] bgp " SHOW_VRF SHOW_FAMILY "[all] dampening parameters [json]", SHOW_HELP,
	0, .run = run_dampening},
};
const struct cmd_rows cmd_show_misc = CMD_ROWS(show_misc_rows);
