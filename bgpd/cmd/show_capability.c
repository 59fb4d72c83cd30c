/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a neighbor and we said to each other in OPEN, and graceful restart: parts of `show bgp
 * neighbors`.
 *
 * A capability is a row (ours, theirs, words, JSON key) wherever it is no more than said or not.
 */
#include <stdio.h>
#include <string.h>

#include "bgpd/cmd/show.h"

enum { GR_FORWARDING = 0x80, ADDPATH_RX = 1, ADDPATH_TX = 2 };

/* The entry of a family in one side's list; NULL: it is not there. */
static const struct cap_family *entry(const struct cap_family *list, uint8_t count, enum family f)
{
	const struct family_row *row = family_row_by(f);

	for (uint8_t i = 0; i < count; i++)
		if (list[i].afi == row->afi && list[i].safi == row->safi)
			return &list[i];
	return NULL;
}

/* "advertised and received" and its parts. */
static const char *both_text(bool ours, bool theirs)
{
	if (ours && theirs)
		return "advertised and received";
	return ours ? "advertised" : "received";
}

static const char *both_key(bool ours, bool theirs)
{
	if (ours && theirs)
		return "advertisedAndReceived";
	return ours ? "advertised" : "received";
}

static void simple(struct out *out, const char *title, const char *key, bool ours, bool theirs)
{
	if (!ours && !theirs)
		return;
	out_text(out, "    %s: %s\n", title, both_text(ours, theirs));
	out_str(out, key, NULL, both_key(ours, theirs));
}

/* ---- capabilities with a list of families ---- */

static uint8_t addpath_flags(const struct cap_set *c, enum family f)
{
	const struct cap_family *e = entry(c->addpath, c->addpath_count, f);

	return e ? e->flags : 0;
}

static void addpath_way(struct out *out, enum family f, const char *way, bool ours, bool theirs)
{
	char low[3] = {(char)(way[0] | 0x20), (char)(way[1] | 0x20), '\0'}, key[32];

	if (!ours && !theirs)
		return;
	out_text(out, "      %s: %s %s\n", show_family_title(f), way, both_text(ours, theirs));
	if (ours && theirs) {
		snprintf(key, sizeof(key), "%sAdvertisedAndReceived", low);
		out_bool(out, key, NULL, true);
	}
	snprintf(key, sizeof(key), "%sAdvertised", low);
	if (ours)
		out_bool(out, key, NULL, true);
	snprintf(key, sizeof(key), "%sReceived", low);
	if (theirs)
		out_bool(out, key, NULL, true);
}

static void show_addpath(struct out *out, const struct cap_set *ours, const struct cap_set *theirs)
{
	if (!ours->addpath_count && !theirs->addpath_count)
		return;
	out_text(out, "    AddPath:\n");
	out_obj(out, "addPath");
	FOR_EACH_FAMILY (f) {
		uint8_t o = addpath_flags(ours, f), t = addpath_flags(theirs, f);

		if (!o && !t)
			continue;
		out_obj(out, show_family_key(f));
		addpath_way(out, f, "TX", o & ADDPATH_TX, t & ADDPATH_TX);
		addpath_way(out, f, "RX", o & ADDPATH_RX, t & ADDPATH_RX);
		out_obj_end(out);
	}
	out_obj_end(out);
}

static void show_paths_limit(
    struct out *out, const struct cap_set *ours, const struct cap_set *theirs)
{
	if (!ours->paths_limit_count && !theirs->paths_limit_count)
		return;
	out_text(out, "    Paths-Limit:\n");
	out_obj(out, "pathsLimit");
	FOR_EACH_FAMILY (f) {
		const struct cap_family *o = entry(ours->paths_limit, ours->paths_limit_count, f);
		const struct cap_family *t =
		    entry(theirs->paths_limit, theirs->paths_limit_count, f);

		if (!o && !t)
			continue;
		out_text(out, "      %s:", show_family_title(f));
		out_obj(out, show_family_key(f));
		out_bool(out, both_key(o, t), NULL, true);
		if (o)
			out_uint(out, "advertisedPathsLimit", " advertised (%llu)", o->limit);
		if (t)
			out_uint(out, "receivedPathsLimit",
			    o ? " and received (%llu)" : " received (%llu)", t->limit);
		out_text(out, "\n");
		out_obj_end(out);
	}
	out_obj_end(out);
}

/* A list of families that the other side named, under its capability. `timed`: only those with a
 * time, since FRR takes no notice of the others. */
static void show_named(struct out *out, const struct cap_family *list, uint8_t count, bool timed,
    const char *key, const char *indent, const char *value)
{
	out_text(out, "      Address families by peer:\n");
	out_obj(out, key);
	FOR_EACH_FAMILY (f) {
		const struct cap_family *e = entry(list, count, f);

		if (!e || (timed && !e->time))
			continue;
		out_text(out, "%s%s\n", indent, show_family_title(f));
		out_str(out, show_family_key(f), NULL, value);
	}
	out_obj_end(out);
}

static void show_extended_nexthop(
    struct out *out, const struct cap_set *ours, const struct cap_set *theirs)
{
	simple(out, "Extended nexthop", "extendedNexthop", ours->enh_count, theirs->enh_count);
	if (theirs->enh_count) /* FRR's spelling of key and value */
		show_named(out, theirs->enh, theirs->enh_count, false,
		    "extendedNexthopFamililesByPeer", "                   ", "recieved");
}

static void show_long_lived(
    struct out *out, const struct cap_set *ours, const struct cap_set *theirs)
{
	simple(out, "Long-lived Graceful Restart", "longLivedGracefulRestart", ours->llgr_present,
	    theirs->llgr_present);
	if (!theirs->llgr_present)
		return;
	/* FRR's JSON names the families of the extended next hop instead. */
	if (out_json(out))
		show_named(out, theirs->enh, theirs->enh_count, false,
		    "longLivedGracefulRestartByPeer", "", "received");
	else
		show_named(out, theirs->llgr, theirs->llgr_count, true, "", "           ", "");
}

static void show_families(struct out *out, const struct cap_set *ours, const struct cap_set *theirs)
{
	out_obj(out, "multiprotocolExtensions");
	FOR_EACH_FAMILY (f) {
		bool o = entry(ours->mp, ours->mp_count, f);
		bool t = entry(theirs->mp, theirs->mp_count, f);

		if (!o && !t)
			continue;
		out_text(out, "    Address Family %s: %s\n", show_family_title(f), both_text(o, t));
		out_obj(out, show_family_key(f));
		out_bool(out, both_key(o, t), NULL, true);
		out_obj_end(out);
	}
	out_obj_end(out);
}

/* ---- capabilities with a text ---- */

static const char *or_none(const char *s)
{
	return s[0] ? s : "n/a";
}

static void show_names(struct out *out, const struct cap_set *ours, const struct cap_set *theirs)
{
	out_text(out, "    Hostname Capability:");
	out_obj(out, "hostName");
	if (ours->fqdn) {
		out_str(out, "advHostName", " advertised (name: %s", or_none(ours->hostname));
		out_str(out, "advDomainName", ",domain name: %s)", or_none(ours->domainname));
	} else {
		out_text(out, " not advertised");
	}
	if (theirs->fqdn) {
		out_str(out, "rcvHostName", " received (name: %s", or_none(theirs->hostname));
		out_str(out, "rcvDomainName", ",domain name: %s)", or_none(theirs->domainname));
	} else {
		out_text(out, " not received");
	}
	out_obj_end(out);
	out_text(out, "\n");
}

static void show_software(struct out *out, const struct cap_set *ours, const struct cap_set *theirs)
{
	out_text(out, "    Version Capability:");
	out_obj(out, "softwareVersion");
	if (ours->software_version_present)
		out_str(out, "advertisedSoftwareVersion", " advertised software version (%s)",
		    ours->software_version);
	else
		out_text(out, " not advertised");
	if (theirs->software_version_present)
		out_str(out, "receivedSoftwareVersion", " received software version (%s)",
		    theirs->software_version);
	else
		out_text(out, " not received");
	out_obj_end(out);
	out_text(out, "\n");
}

static void show_link_local(
    struct out *out, const struct cap_set *ours, const struct cap_set *theirs)
{
	bool o = ours->link_local_nexthop, t = theirs->link_local_nexthop;

	out_text(out, "    Link-Local Next Hop Capability:%s%s\n",
	    o ? " advertised" : " not advertised", t ? " received" : " not received");
	out_obj(out, "linkLocalNextHop");
	out_bool(out, "advertised", NULL, o);
	out_bool(out, "received", NULL, t);
	out_obj_end(out);
}

/* ---- graceful restart ---- */

static void show_gr_families(struct out *out, const struct cap_set *theirs)
{
	out_text(out, "      Address families by peer:\n");
	if (!theirs->gr_count) {
		out_str(out, "addressFamiliesByPeer", "        %s\n", "none");
		return;
	}
	out_obj(out, "addressFamiliesByPeer");
	FOR_EACH_FAMILY (f) {
		const struct cap_family *e = entry(theirs->gr, theirs->gr_count, f);

		if (!e)
			continue;
		bool kept = e->flags & GR_FORWARDING;

		out_text(out, "        %s(%s)\n", show_family_title(f),
		    kept ? "preserved" : "not preserved");
		out_obj(out, show_family_key(f));
		out_bool(out, kept ? "preserved" : "notPreserved", NULL, true);
		out_obj_end(out);
	}
	out_obj_end(out);
}

void show_gr_capabilities(struct out *out, const struct peer *p)
{
	const struct cap_set *ours = &p->open_sent.caps, *theirs = &p->open_received.caps;

	simple(out, "Graceful Restart Capability", "gracefulRestart", ours->gr_present,
	    theirs->gr_present);
	if (!theirs->gr_present)
		return;
	out_uint(out, "gracefulRestartRemoteTimerSec",
	    "      Remote Restart timer is %llu seconds\n", theirs->gr_time);
	if (theirs->gr_restarting)
		out_text(out, "      Peer has restarted (R-bit is set)\n");
	out_bool(out, "rBitReceived", NULL, theirs->gr_restarting);
	if (theirs->gr_notification)
		out_text(out, "      Peer has restarted (N-bit is set)\n");
	out_bool(out, "nBitReceived", NULL, theirs->gr_notification);
	show_gr_families(out, theirs);
}

/* FRR begins graceful restart twice in its long text: a shorter form stands in front. */
static void gr_preamble(struct out *out, const struct cap_set *ours, const struct cap_set *theirs)
{
	if (!theirs->gr_present)
		return;
	out_text(out,
	    "    Graceful Restart Capability: %s\n      Remote Restart timer is %u seconds\n"
	    "      Address families by peer:\n        ",
	    both_text(ours->gr_present, true), theirs->gr_time);
}

void show_capabilities(struct out *out, const struct peer *p)
{
	const struct cap_set *ours = &p->open_sent.caps, *theirs = &p->open_received.caps;

	simple(out, "4 Byte AS", "4byteAs", ours->as4, theirs->as4);
	simple(out, "Extended Message", "extendedMessage", ours->extended_message,
	    theirs->extended_message);
	show_addpath(out, ours, theirs);
	show_paths_limit(out, ours, theirs);
	simple(out, "Dynamic", "dynamic", ours->dynamic, theirs->dynamic);
	show_extended_nexthop(out, ours, theirs);
	simple(out, "Role", "role", ours->role_present, theirs->role_present);
	show_long_lived(out, ours, theirs);
	simple(out, "Route refresh", "routeRefresh", ours->route_refresh, theirs->route_refresh);
	simple(out, "Enhanced Route Refresh", "enhancedRouteRefresh", ours->enhanced_refresh,
	    theirs->enhanced_refresh);
	show_families(out, ours, theirs);
	show_names(out, ours, theirs);
	show_software(out, ours, theirs);
	show_link_local(out, ours, theirs);
	gr_preamble(out, ours, theirs);
	show_gr_capabilities(out, p);
}

/* ---- graceful restart information ---- */

/* "End-of-RIB send: IPv4 Unicast, IPv6 Unicast"; nothing if there was none. */
static void show_end_of_rib(
    struct out *out, const struct peer *p, const char *title, const char *key, bool sent)
{
	bool any = false;

	out_obj(out, key);
	FOR_EACH_FAMILY (f) {
		const struct peer_family *pf = &p->family[f];

		if (!peer_is_up(p) || !(sent ? pf->eor_sent : pf->eor_received))
			continue;
		if (!any)
			out_text(out, "    %s: ", title);
		out_text(out, "%s%s", any ? ", " : "", show_family_title(f));
		out_bool(out, show_family_key(f), NULL, true);
		any = true;
	}
	if (any)
		out_text(out, "\n");
	out_obj_end(out);
}

static void show_gr_family(struct out *out, const struct peer *p, enum family f)
{
	const struct peer_family *pf = &p->family[f];
	const struct cap_set *theirs = &p->open_received.caps;
	const struct cap_family *gr = entry(theirs->gr, theirs->gr_count, f);
	const struct cap_family *llgr = entry(theirs->llgr, theirs->llgr_count, f);
	bool kept = gr && gr->flags & GR_FORWARDING;

	out_text(out, "    %s:\n      F bit: %s\n", show_family_title(f), kept ? "True" : "False");
	out_obj(out, show_family_key(f));
	out_bool(out, "fBit", NULL, kept);
	out_obj(out, "endOfRibStatus");
	out_text(out, "      End-of-RIB sent: %s\n", pf->eor_sent ? "Yes" : "No");
	out_bool(out, "endOfRibSend", NULL, pf->eor_sent);
	out_text(out, "      End-of-RIB sent after update: %s\n", pf->eor_sent ? "Yes" : "No");
	out_bool(out, "endOfRibSentAfterUpdate", NULL, pf->eor_sent);
	out_text(out, "      End-of-RIB received: %s\n", pf->eor_received ? "Yes" : "No");
	out_bool(out, "endOfRibRecv", NULL, pf->eor_received);
	out_obj_end(out);
	out_text(out, "      Timers:\n");
	out_obj(out, "timers");
	out_uint(out, "stalePathTimer", "        Configured Stale Path Time(sec): %llu\n",
	    p->bgp->cfg.gr_stalepath_time);
	out_uint(out, "llgrStaleTime", "        LLGR Stale Path Time(sec): %llu\n",
	    llgr ? llgr->time : 0);
	out_obj_end(out);
	out_obj_end(out);
}

/* What the other side does: it helps, it keeps its forwarding state, or it does neither. */
static const char *remote_mode(const struct peer *p)
{
	if (!peer_is_up(p))
		return "NotApplicable";
	if (!p->open_received.caps.gr_present)
		return "Disable";
	return p->open_received.caps.gr_count ? "Restart" : "Helper";
}

void show_graceful_restart(struct out *out, const struct peer *p)
{
	bool up = peer_is_up(p);
	const struct cap_set *theirs = &p->open_received.caps;
	bool r = up && theirs->gr_restarting, n = up && theirs->gr_notification;

	out_text(out, "  Graceful restart information:\n");
	out_obj(out, "gracefulRestartInfo");
	show_end_of_rib(out, p, "End-of-RIB send", "endOfRibSend", true);
	show_end_of_rib(out, p, "End-of-RIB received", "endOfRibRecv", false);
	out_str(out, "localGrMode", "    Local GR Mode: %s\n", "Helper*");
	out_str(out, "remoteGrMode", "    Remote GR Mode: %s\n\n", remote_mode(p));
	out_text(out, "    R bit: %s\n    N bit: %s\n", r ? "True" : "False", n ? "True" : "False");
	out_bool(out, "rBit", NULL, r);
	out_bool(out, "nBit", NULL, n);
	out_text(out, "    Timers:\n");
	out_obj(out, "timers");
	out_uint(out, "configuredRestartTimer", "      Configured Restart Time(sec): %llu\n",
	    p->bgp->cfg.gr_restart_time);
	out_text(out, "      Received Restart Time(sec): %u\n", theirs->gr_time);
	out_uint(out, "configuredLlgrStaleTime",
	    "      Configured LLGR Stale Path Time(sec): %llu\n", 0);
	out_uint(out, "receivedRestartTimer", NULL, theirs->gr_time);
	out_obj_end(out);
	FOR_EACH_FAMILY (f)
		if (up && theirs->gr_present && p->family[f].negotiated)
			show_gr_family(out, p, f);
	out_obj_end(out);
}
