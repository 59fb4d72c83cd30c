/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What we announce in our OPEN, and what comes of both sides' OPENs.
 *
 * The set of capabilities is FRR's, so that shows and neighbors see the same router: multiprotocol
 * for each active family, both kinds of route refresh, 4-octet AS numbers, extended messages,
 * add-path reception, paths-limit, extended next hops where asked for, host name, (long-lived)
 * graceful restart as a helper that names no families of its own.
 */
#include <stdio.h>
#include <string.h>

#include "bgpd/peer/internal.h"

static struct cap_family *append(struct cap_family list[], uint8_t *count, enum family f)
{
	struct cap_family *e = &list[(*count)++];

	*e = (struct cap_family){.afi = family_row_by(f)->afi, .safi = family_row_by(f)->safi};
	return e;
}

/* RFC 8950, as FRR: said to IPv6 neighbors only, for IPv4 routes whose next hop is IPv6. */
static bool offers_extended_nexthop(const struct peer *p, enum family f)
{
	return p->cfg.extended_nexthop && family_row_by(f)->hop_extended &&
	       p->source.addr.family == FAMILY_IPV6;
}

static void add_families(const struct peer *p, struct cap_set *caps)
{
	FOR_EACH_FAMILY (f) {
		if (!p->cfg.family[f].active || !peer_rib(p, f))
			continue;
		append(caps->mp, &caps->mp_count, f);
		append(caps->addpath, &caps->addpath_count, f)->flags = 1;
		append(caps->paths_limit, &caps->paths_limit_count, f);
		if (offers_extended_nexthop(p, f))
			append(caps->enh, &caps->enh_count, f)->limit = (uint16_t)FAMILY_IPV6;
		append(caps->llgr, &caps->llgr_count, f)->flags = 0x80;
	}
}

void open_build(const struct peer *p, struct open_msg *o)
{
	const struct bgp *b = p->bgp;
	struct cap_set *caps = &o->caps;

	memset(o, 0, sizeof(*o));
	o->version = 4;
	o->as = b->cfg.as;
	o->hold_time = peer_configured_hold(p);
	o->bgp_id = b->router_id;
	if (p->cfg.dont_negotiate)
		return;
	add_families(p, caps);
	caps->route_refresh = caps->enhanced_refresh = caps->extended_message = true;
	caps->as4 = caps->llgr_present = true;
	caps->fqdn = p->cfg.fqdn;
	caps->as = b->cfg.as;
	caps->gr_present = caps->gr_restarting = caps->gr_notification = true;
	caps->gr_time = b->cfg.gr_restart_time;
	snprintf(caps->hostname, sizeof(caps->hostname), "%s", *b->env.hostname);
}

static const struct cap_family *find(const struct cap_family list[], uint8_t count, enum family f)
{
	const struct family_row *row = family_row_by(f);

	for (unsigned i = 0; i < count; i++)
		if (list[i].afi == row->afi && list[i].safi == row->safi)
			return &list[i];
	return NULL;
}

bool open_has_family(const struct cap_set *caps, enum family f)
{
	if (caps->mp_count == 0) /* RFC 4760: without the capability it is IPv4 unicast */
		return f == FAMILY_IPV4;
	return find(caps->mp, caps->mp_count, f) != NULL;
}

static void negotiate_timers(struct peer_conn *c)
{
	uint16_t keepalive = peer_configured_keepalive(c->peer);

	c->hold = c->open_sent.hold_time < c->open_received.hold_time ? c->open_sent.hold_time
								      : c->open_received.hold_time;
	c->keepalive = keepalive < c->hold / 3 ? keepalive : c->hold / 3;
}

void open_negotiate(struct peer_conn *c)
{
	const struct cap_set *ours = &c->open_sent.caps, *theirs = &c->open_received.caps;
	bool extended = ours->extended_message && theirs->extended_message;

	negotiate_timers(c);
	c->traits = (struct session_traits){
	    .as4 = ours->as4 && theirs->as4,
	    .ebgp = c->open_received.as != c->peer->bgp->cfg.as,
	    .local_as = c->peer->bgp->cfg.as,
	    .max_message = extended ? MSG_MAX_EXTENDED : MSG_MAX,
	};
	const struct cap_family *we = find(ours->enh, ours->enh_count, FAMILY_IPV4);
	const struct cap_family *they = find(theirs->enh, theirs->enh_count, FAMILY_IPV4);
	c->traits.extended_nexthop = we && they && they->limit == FAMILY_IPV6;
	FOR_EACH_FAMILY (f) {
		const struct cap_family *rx = find(ours->addpath, ours->addpath_count, f);
		const struct cap_family *tx = find(theirs->addpath, theirs->addpath_count, f);
		c->traits.addpath_rx[f] = rx && tx && tx->flags & 2;
	}
}
