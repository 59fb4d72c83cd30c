/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show bgp neighbors`: everything about a neighbor.
 *
 * One walk over the object in FRR's order, each piece for text and JSON; capabilities and graceful
 * restart are in show_capability.c. With many neighbors the answer streams, a neighbor a step,
 * and remembers the address of the last one.
 */
#include <stdio.h>
#include <string.h>

#include "bgpd/cmd/show.h"
#include "lib/clock.h"
#include "lib/mem.h"

/* ---- who it is ---- */

static const char *link_words(const struct peer *p)
{
	if (p->cfg.remote_as_kind == REMOTE_AS_NONE)
		return "unspecified";
	return peer_is_ebgp(p) ? "external" : "internal";
}

static const char *link_key(const struct peer *p)
{
	if (p->cfg.remote_as_kind == REMOTE_AS_NONE)
		return "nbrUnspecifiedLink";
	return peer_is_ebgp(p) ? "nbrExternalLink" : "nbrInternalLink";
}

static void show_identity(struct out *out, const struct peer *p)
{
	char addr[ADDR_STRLEN], text[ADDR_STRLEN + 1];

	snprintf(
	    text, sizeof(text), "%s%s", p->dynamic ? "*" : "", addr_str(&p->source.addr, addr));
	out_str(out, "neighborAddr", "BGP neighbor is %s", text);
	if (p->source.as || p->cfg.remote_as_kind != REMOTE_AS_NONE)
		out_text(out, ", remote AS %u", p->source.as);
	else
		out_text(out, ", remote AS Unspecified");
	out_uint(out, "remoteAs", NULL, p->source.as);
	out_uint(out, "localAs", ", local AS %llu", p->bgp->cfg.as);
	out_text(out, ", %s link\n", link_words(p));
	out_bool(out, "localAsReplaceAsDualAs", NULL, false);
	out_bool(out, link_key(p), NULL, true);
	out_str(out, "localRole", "  Local Role: %s\n", "undefined");
	out_str(out, "remoteRole", "  Remote Role: %s\n", "undefined");
}

static void show_names(struct out *out, const struct peer *p)
{
	char id[ADDR_STRLEN], range[PREFIX_STRLEN];

	if (p->cfg.description)
		out_str(out, "nbrDesc", " Description: %s\n", p->cfg.description);
	out_str(out, "hostname", p->hostname[0] ? "Hostname: %s\n" : NULL,
	    p->hostname[0] ? p->hostname : "Unknown");
	if (p->cfg.group)
		out_str(out, "peerGroup", " Member of peer-group %s for session parameters\n",
		    p->cfg.group);
	if (p->dynamic)
		out_str(out, "peerSubnetRangeGroup", " Belongs to the subnet range group: %s\n",
		    prefix_str(&p->range, range));
	if (p->cfg.shutdown)
		out_bool(out, "adminShutDown", "  Administratively shut down\n", true);
	out_uint(out, "bgpVersion", "  BGP version %llu", 4);
	out_str(out, "remoteRouterId", ", remote router ID %s", show_id(p->remote_id, id));
	out_str(out, "localRouterId", ", local router ID %s\n", show_id(p->bgp->router_id, id));
}

/* ---- state and timers ---- */

static void show_state(struct out *out, const struct peer *p)
{
	char text[UPTIME_STRLEN];
	uint32_t span;

	out_str(out, "bgpState", "  BGP state = %s", peer_state_name(p));
	if (peer_is_up(p)) {
		show_peer_uptime(p, &span);
		out_uint(out, "bgpTimerUpMsec", NULL, (uint64_t)span * 1000);
		out_str(out, "bgpTimerUpString", ", up for %s", clock_uptime_str(span, text));
		out_int(out, "bgpTimerUpEstablishedEpoch", NULL, clock_epoch() - span);
	} else if (p->cfg.passive && p->fsm.state == FSM_ACTIVE) {
		out_str(out, "bgpStateIs", " (%s)", "passive");
	}
	out_text(out, "\n");
}

/* FRR counts whole seconds, from the start of the clock if it never happened. */
static void since_ms(struct out *out, const char *key, const char *title, uint64_t at)
{
	char text[UPTIME_STRLEN];
	uint64_t s = (clock_ms() - at) / 1000;

	if (title)
		out_text(out, "%s%s", title, at ? clock_uptime_str((uint32_t)s, text) : "never");
	out_uint(out, key, NULL, s * 1000);
}

static void show_timers(struct out *out, const struct peer *p)
{
	uint16_t hold = peer_configured_hold(p), keepalive = peer_configured_keepalive(p);

	since_ms(out, "bgpTimerLastRead", "  Last read ", p->last_read_ms);
	since_ms(out, "bgpTimerLastWrite", ", Last write ", p->last_write_ms);
	since_ms(out, "bgpInUpdateElapsedTimeMsecs", NULL, p->last_update_ms);
	out_text(out, "\n  Hold time is %u seconds, keepalive interval is %u seconds\n", p->hold,
	    p->keepalive);
	out_text(out, "  Configured hold time is %u seconds, keepalive interval is %u seconds\n",
	    hold, keepalive);
	out_uint(out, "bgpTimerConfiguredHoldTimeMsecs", NULL, hold * 1000u);
	out_uint(out, "bgpTimerConfiguredKeepAliveIntervalMsecs", NULL, keepalive * 1000u);
	out_uint(out, "bgpTimerHoldTimeMsecs", NULL, p->hold * 1000u);
	out_uint(out, "bgpTimerKeepAliveIntervalMsecs", NULL, p->keepalive * 1000u);
	out_uint(out, "bgpTcpMssConfigured", "  Configured tcp-mss is %llu", 0);
	out_uint(out, "bgpTcpMssSynced", ", synced tcp-mss is %llu\n", p->mss);
	out_bool(out, "extendedOptionalParametersLength",
	    "  Extended Optional Parameters Length is enabled\n", p->cfg.extended_params);
	out_uint(out, "bgpTimerConfiguredConditionalAdvertisementsSec",
	    "  Configured conditional advertisements interval is %llu seconds\n", 60);
}

/* ---- counters ---- */

static void counter(
    struct out *out, const char *title, const char *key, uint32_t sent, uint32_t received)
{
	char name[48];

	out_text(out, "    %-15s%10u%11u\n", title, sent, received);
	snprintf(name, sizeof(name), "%sSent", key);
	out_uint(out, name, NULL, sent);
	snprintf(name, sizeof(name), "%sRecv", key);
	out_uint(out, name, NULL, received);
}

static uint32_t total(const struct peer_stats *m)
{
	return m->opens + m->notifications + m->updates + m->keepalives + m->refreshes +
	       m->capabilities;
}

static void show_messages(struct out *out, const struct peer *p)
{
	const struct peer_stats *s = &p->sent, *r = &p->received;

	out_text(out, "  Message statistics:\n");
	out_obj(out, "messageStats");
	out_uint(out, "depthInq", "    Inq depth is %llu\n", 0);
	out_uint(out, "depthOutq", "    Outq depth is %llu\n", peer_out_queue(p));
	out_text(out, "                         Sent       Rcvd\n");
	counter(out, "Opens:", "opens", s->opens, r->opens);
	counter(out, "Notifications:", "notifications", s->notifications, r->notifications);
	counter(out, "Updates:", "updates", s->updates, r->updates);
	counter(out, "Keepalives:", "keepalives", s->keepalives, r->keepalives);
	counter(out, "Route Refresh:", "routeRefresh", s->refreshes, r->refreshes);
	counter(out, "Capability:", "capability", s->capabilities, r->capabilities);
	counter(out, "Total:", "total", total(s), total(r));
	out_obj_end(out);
	out_text(out, "\n");
}

static void show_prefixes(struct out *out, const struct peer *p)
{
	out_text(out, "  Prefix statistics:\n");
	out_obj(out, "prefixStats");
	out_uint(out, "inboundFiltered", "    Inbound filtered: %llu\n", p->pfx.in_filtered);
	out_uint(out, "aspathLoop", "    AS-PATH loop: %llu\n", p->pfx.as_loop);
	out_uint(out, "originatorLoop", "    Originator loop: %llu\n", p->pfx.originator_loop);
	out_uint(out, "clusterLoop", "    Cluster loop: %llu\n", p->pfx.cluster_loop);
	out_uint(out, "invalidNextHop", "    Invalid next-hop: %llu\n", p->pfx.bad_next_hop);
	out_uint(out, "withdrawn", "    Withdrawn: %llu\n", p->pfx.withdrawn);
	out_uint(out, "attributesDiscarded", "    Attributes discarded: %llu\n\n",
	    p->pfx.attr_discarded);
	out_obj_end(out);
}

static void show_advertising(struct out *out, const struct peer *p)
{
	uint16_t interval = p->cfg.advertisement_interval;

	out_text(out, "  Minimum time between advertisement runs is %u seconds\n", interval);
	out_uint(out, "minBtwnAdvertisementRunsTimerMsecs", NULL, interval * 1000u);
	out_text(out, "  Update delay timer is 0 seconds (remaining: 0)\n");
	if (p->cfg.update_source)
		out_str(out, "updateSource", "  Update source is %s\n", p->cfg.update_source);
	out_text(out, "\n");
	out_uint(out, "bgpUpdateDelayTimerMsecs", NULL, 0);
	out_uint(out, "bgpUpdateDelayTimerMsecsRemaining", NULL, 0);
}

/* ---- a family ---- */

static void show_family_policy(struct out *out, const struct peer *p)
{
	static const char *const in = "Inbound updates discarded due to missing policy";
	static const char *const outbound = "Outbound updates discarded due to missing policy";

	if (!peer_policy_missing(p))
		return;
	out_str(out, "inboundEbgpRequiresPolicy", "  %s\n", in);
	out_str(out, "outboundEbgpRequiresPolicy", "  %s\n", outbound);
}

static void show_group(struct out *out, const struct group *g)
{
	if (!g) {
		out_text(out, "  Not part of any update group\n");
		return;
	}
	out_uint(out, "updateGroupId", "  Update group %llu", group_id(g));
	out_uint(out, "subGroupId", ", subgroup %llu\n", group_id(g));
	out_uint(out, "packetQueueLength", "  Packet Queue length %llu\n", 0);
}

static void show_default_originate(struct out *out, const struct group *g)
{
	bool sent = g && group_default_sent(g);

	out_bool(out, sent ? "defaultSent" : "defaultNotSent",
	    sent ? "  Default information originate, default sent\n"
		 : "  Default information originate, default not sent\n",
	    true);
}

static void show_maximum(struct out *out, const struct peer_family_cfg *c)
{
	out_uint(out, "prefixAllowedMax", "  Maximum prefixes allowed %llu", c->max_prefix);
	if (c->max_prefix_warning)
		out_bool(out, "prefixAllowedMaxWarning", " (warning-only)", true);
	out_text(out, "\n");
	out_uint(out, "prefixAllowedWarningThresh", "  Threshold for warning message %llu%%",
	    c->max_prefix_threshold);
	if (c->max_prefix_restart) {
		out_text(out, ", restart interval %u min", c->max_prefix_restart);
		out_uint(out, "prefixAllowedRestartIntervalMsecs", NULL,
		    c->max_prefix_restart * 60000ull);
	}
	out_text(out, "\n");
}

static void show_private_as(struct out *out, const struct peer_family_cfg *c)
{
	const char *all = c->no_private_as_all ? " (all)" : "";
	const char *done = c->no_private_as_replace ? "replaced" : "removed";
	char key[48];

	if (!c->no_private_as)
		return;
	snprintf(key, sizeof(key), "privateAsNums%s%sInUpdatesToNbr", *all ? "All" : "",
	    c->no_private_as_replace ? "Replaced" : "Removed");
	out_text(out, "  Private AS numbers%s %s in updates to this neighbor\n", all, done);
	out_bool(out, key, NULL, true);
}

static void show_own_as(struct out *out, const struct peer_family_cfg *c)
{
	if (c->own_as_origin)
		out_bool(out, "allowAsInOrigin", "  Local AS allowed as path origin\n", true);
	else if (c->own_as_times)
		out_uint(out, "allowAsInCount", "  Local AS allowed in path, %llu occurrences\n",
		    c->own_as_times);
}

/* FRR's text names one word only. */
static void show_communities(struct out *out, const struct peer_family_cfg *c)
{
	bool standard = !c->hold_community, extended = !c->hold_ext_community,
	     large = !c->hold_large_community;
	const char *word = standard && extended && large ? "all"
			   : large                       ? "large"
			   : standard && extended        ? "both"
			   : extended                    ? "extended"
							 : "standard";
	char all[64] = "";

	if (!standard && !extended && !large)
		return;
	snprintf(all, sizeof(all), "%s%s%s%s%s", standard ? "standard" : "",
	    standard && extended ? "And" : "", extended ? "extended" : "",
	    (standard || extended) && large ? "And" : "", large ? "large" : "");
	out_text(out, "  Community attribute sent to this neighbor(%s)\n", word);
	out_str(out, "commAttriSentToNbr", NULL, all);
}

static void show_peer_family(struct out *out, const struct peer *p, enum family f)
{
	const struct peer_family_cfg *c = &p->cfg.family[f];
	const struct group *g = peer_is_up(p) ? p->family[f].member.group : NULL;
	uint32_t accepted = p->source.accepted_count[f];

	out_text(out, " For address family: %s\n", show_family_title(f));
	out_obj(out, show_family_key(f));
	if (p->cfg.group)
		out_str(out, "peerGroupMember", "  %s peer-group member\n", p->cfg.group);
	show_group(out, g);
	if (c->client)
		out_bool(out, "routeReflectorClient", "  Route-Reflector Client\n", true);
	if (c->soft_reconfiguration)
		out_bool(out, "inboundSoftConfigPermit", "  Inbound soft reconfiguration allowed\n",
		    true);
	show_private_as(out, c);
	if (c->next_hop_self)
		out_bool(out, "routerAlwaysNextHop", "  NEXT_HOP is always this router\n", true);
	show_own_as(out, c);
	show_communities(out, c);
	if (c->default_originate)
		show_default_originate(out, g);
	show_family_policy(out, p);
	out_uint(out, "acceptedPrefixCounter",
	    g ? "  %llu accepted, " : "  %llu accepted prefixes, ", accepted);
	if (g)
		out_uint(out, "sentPrefixCounter", "%llu sent prefixes, ", group_sent_count(g));
	out_uint(out, "receivedPrefixDup", "%llu received duplicates\n", p->pfx.duplicates[f]);
	if (c->max_prefix)
		show_maximum(out, c);
	out_text(out, "\n");
	out_obj_end(out);
}

static void show_peer_families(struct out *out, const struct peer *p)
{
	out_obj(out, "addressFamilyInfo");
	FOR_EACH_FAMILY (f)
		if (p->cfg.family[f].active)
			show_peer_family(out, p, f);
	out_obj_end(out);
}

/* ---- the connection ---- */

/* It is down for having had too many routes. */
static void show_overflow(struct out *out, const struct peer *p)
{
	int64_t left = peer_timer_left(p, PEER_TIMER_START);
	char text[ADDR_STRLEN];

	addr_str(&p->source.addr, text);
	out_bool(out, "prefixesConfigExceedMax",
	    "  Peer had exceeded the max. no. of prefixes configured.\n", true);
	if (left < 0) {
		out_text(out, "  Reduce the no. of prefix and clear ip bgp %s to restore peering\n",
		    text);
		out_bool(out, "reducePrefixNumAndClearIpBgp", NULL, true);
		return;
	}
	out_text(out, "  Reduce the no. of prefix from %s, will restart in %lld seconds\n", text,
	    (long long)left);
	out_bool(out, "reducePrefixNumFrom", NULL, true);
	out_int(out, "restartInTimerMsec", NULL, left * 1000);
}

/* The message that made us send a NOTIFICATION: groups of four bytes, four in a line. */
static void show_bad_message(struct out *out, const struct peer *p)
{
	struct sb text;

	if (!p->bad_message || p->reset != RESET_NOTIFY_SENT)
		return;
	sb_init(&text);
	for (uint16_t i = 0; i < p->bad_message_len; i++)
		sb_fmt(&text, "%s%02X",
		    i % 16 == 0  ? "\n    "
		    : i % 4 == 0 ? " "
				 : "",
		    p->bad_message[i]);
	out_text(out, "  Message received that caused BGP to send a NOTIFICATION:%s\n", text.s);
	sb_fini(&text);
}

static void show_resets(struct out *out, const struct peer *p)
{
	char text[UPTIME_STRLEN];
	uint32_t span = clock_sec() - p->reset_at;
	bool external = peer_is_ebgp(p);
	struct sb reason;

	out_uint(
	    out, "connectionsEstablished", "  Connections established %llu", p->established_count);
	out_uint(out, "connectionsDropped", "; dropped %llu\n", p->dropped_count);
	sb_init(&reason);
	show_reset_text(p, &reason);
	out_text(out, "  Last reset %s,  %s\n", clock_uptime_str(span, text), reason.s);
	sb_fini(&reason);
	out_uint(out, "lastResetTimerMsecs", NULL, (uint64_t)span * 1000);
	show_reset_json(out, p);
	show_bad_message(out, p);
	if (p->prefix_overflow)
		show_overflow(out, p);
	out_uint(out, external ? "externalBgpNbrMaxHopsAway" : "internalBgpNbrMaxHopsAway",
	    external ? "  External BGP neighbor may be up to %llu hops away.\n"
		     : "  Internal BGP neighbor may be up to %llu hops away.\n",
	    p->cfg.ttl_security ? p->cfg.ttl_security : peer_ttl(p));
}

static void endpoint(struct out *out, const char *title, const char *host_key, const char *port_key,
    const struct addr *a, uint16_t port)
{
	char text[ADDR_STRLEN];

	if (a->family == FAMILY_NONE) {
		out_str(out, host_key, NULL, "Unknown");
		out_int(out, port_key, NULL, -1);
		return;
	}
	out_text(out, "%s host: %s, %s port: %u\n", title, addr_str(a, text), title, port);
	out_str(out, host_key, NULL, text);
	out_uint(out, port_key, NULL, port);
}

static void hop(struct out *out, const char *key, const char *fmt, const struct addr *a,
    enum family family, bool known)
{
	struct addr shown = *a;
	char text[ADDR_STRLEN];

	shown.family = (uint8_t)family;
	out_str(out, key, known ? fmt : NULL, known ? addr_str(&shown, text) : "Unknown");
}

static void show_connection(struct out *out, const struct peer *p)
{
	bool known = p->local.family != FAMILY_NONE;
	const char *key = p->connected_shared ? "sharedNetwork" : "nonSharedNetwork";

	endpoint(out, "Local", "hostLocal", "portLocal", &p->local, p->local_port);
	endpoint(out, "Foreign", "hostForeign", "portForeign", &p->remote, p->remote_port);
	hop(out, "nexthop", "Nexthop: %s\n", &p->local_v4, FAMILY_IPV4, known);
	hop(out, "nexthopGlobal", "Nexthop global: %s\n", &p->local_v6_global, FAMILY_IPV6, known);
	hop(out, "nexthopLocal", "Nexthop local: %s\n", &p->local_v6_ll, FAMILY_IPV6, known);
	if (known)
		out_text(out, "BGP connection: %s network\n",
		    p->connected_shared ? "shared" : "non shared");
	out_str(out, "bgpConnection", NULL, known ? key : "Unknown");
}

static void due(
    struct out *out, const struct peer *p, enum peer_timer t, const char *key, const char *fmt)
{
	int64_t left = peer_timer_left(p, t);

	if (left < 0)
		return;
	out_text(out, fmt, (long long)left);
	out_int(out, key, NULL, left * 1000);
}

static void show_transport(struct out *out, const struct peer *p)
{
	bool up = peer_is_up(p);
	const char *thread = up ? "on" : "off";

	out_uint(out, "connectRetryTimer", "BGP Connect Retry Timer in Seconds: %llu\n",
	    peer_configured_connect_retry(p));
	if (up)
		out_uint(
		    out, "estimatedRttInMsecs", "Estimated round trip time: %llu ms\n", p->rtt_ms);
	if (!p->prefix_overflow)
		due(out, p, PEER_TIMER_START, "nextStartTimerDueInMsecs",
		    "Next start timer due in %lld seconds\n");
	due(out, p, PEER_TIMER_CONNECT_RETRY, "nextConnectTimerDueInMsecs",
	    "Next connect timer due in %lld seconds\n");
	if (p->cfg.password) {
		out_text(out, "Peer Authentication Enabled\n");
		out_uint(out, "authenticationEnabled", NULL, 1);
	}
	out_text(
	    out, "Read thread: %s  Write thread: %s  FD used: %d\n\n", thread, thread, peer_fd(p));
	out_str(out, "readThread", NULL, thread);
	out_str(out, "writeThread", NULL, thread);
}

/* ---- the whole ---- */

static void show_whole(struct out *out, const struct peer *p)
{
	show_identity(out, p);
	show_names(out, p);
	show_state(out, p);
	show_timers(out, p);
	if (peer_is_up(p)) {
		out_text(out, "  Neighbor capabilities:\n");
		out_obj(out, "neighborCapabilities");
		show_capabilities(out, p);
		out_obj_end(out);
	}
	show_graceful_restart(out, p);
	show_messages(out, p);
	show_prefixes(out, p);
	show_advertising(out, p);
	show_peer_families(out, p);
	show_resets(out, p);
	show_connection(out, p);
	show_transport(out, p);
}

static void show_restart_only(struct out *out, const struct peer *p)
{
	show_identity(out, p);
	show_state(out, p);
	out_text(out, "  Neighbor GR capabilities:\n");
	out_obj(out, "neighborCapabilities");
	if (peer_is_up(p))
		show_gr_capabilities(out, p);
	out_obj_end(out);
	show_graceful_restart(out, p);
}

/* ---- the command ---- */

struct neighbors {
	struct instance *inst;
	struct peer_place after; /* of the last one shown */
	bool restart, framed, begun;
	uint8_t family; /* only those that have it active; NONE: all */
};

static const struct peer *next_peer(const struct neighbors *n)
{
	const struct bgp *b = n->inst->bgp;
	const struct peer *p = peer_after(b, n->begun ? &n->after : NULL);

	while (p && n->family != FAMILY_NONE && !p->cfg.family[n->family].active)
		p = peer_next(p);
	return p;
}

static void begin_neighbors(struct neighbors *n, struct out *out)
{
	out_escape_slash(out, true);
	if (n->framed)
		show_frame_open(out, true);
	if (n->restart)
		out_text(out, "\nCodes: GR - Graceful Restart, * -  Inheriting Global GR Config,\n"
			      "       Restart - GR Mode-Restarting, Helper - GR Mode-Helper,\n"
			      "       Disable - GR Mode-Disable.\n\n");
	out_obj(out, NULL);
	if (n->framed) {
		out_uint(out, "vrfId", NULL, 0);
		out_str(out, "vrfName", NULL, "default");
	}
}

static void end_neighbors(struct neighbors *n, struct out *out)
{
	out_text(out, "\n");
	out_obj_end(out);
	if (out_json(out))
		out_raw(out, "\n");
	if (n->framed)
		show_frame_close(out);
	out_escape_slash(out, false);
}

static void show_peer(const struct neighbors *n, struct out *out, const struct peer *p)
{
	char key[ADDR_STRLEN];

	peer_refresh_tcp_info((struct peer *)p);
	out_obj(out, addr_str(&p->source.addr, key));
	if (n->restart)
		show_restart_only(out, p);
	else
		show_whole(out, p);
	out_obj_end(out);
}

static bool step_neighbors(void *ctx, struct out *out)
{
	struct neighbors *n = ctx;
	const struct peer *p;

	while (n->inst->bgp && (p = next_peer(n))) {
		show_peer(n, out, p);
		n->after = peer_place(p);
		n->begun = true;
		if (out_queued(out) >= SHOW_QUEUE)
			return true;
	}
	end_neighbors(n, out);
	return false;
}

static enum cli_rc show_one(struct neighbors *n, struct out *out, const struct peer *p)
{
	begin_neighbors(n, out);
	if (p) {
		show_peer(n, out, p);
	} else {
		out_text(out, "%% No such neighbor in this view/vrf\n");
		out_bool(out, "bgpNoSuchNeighbor", NULL, true);
	}
	end_neighbors(n, out);
	return CLI_OK;
}

static enum cli_rc run_neighbors(struct cli_call *call)
{
	struct bgp *b = show_bgp(call, SHOW_MISSING_SUMMARY);
	const char *name = arg_str(call->args, "peer");
	struct neighbors one = {.inst = call->app, .framed = show_vrf_all(call)}, *n;

	if (!b)
		return CLI_OK;
	one.restart = arg_has(call->args, "graceful-restart");
	one.family = (uint8_t)cmd_family_named(call->args);
	if (name)
		return show_one(&one, call->out, show_peer_find(b, name));
	n = mem_dup(&one, sizeof(one));
	begin_neighbors(n, call->out);
	return cli_defer(call, step_neighbors, mem_free, n);
}

static const struct cli_row show_neighbor_rows[] = {
    {IN_EXEC,
	/* without `unicast`: behind it FRR asks for more */
	"show [ip] bgp " SHOW_VRF "[<ipv4|ipv6>] neighbors [" CLI_PEER
	"] [graceful-restart] [json]",
	"\n\n\n\n\n\n\nAddress Family\n\n" SHOW_HELP_PEER, 0, .run = run_neighbors},
};
const struct cmd_rows cmd_show_neighbor = CMD_ROWS(show_neighbor_rows);
