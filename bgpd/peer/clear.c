/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `clear bgp`: a hard reset, or the routes once more in one direction.
 *
 * Adj-RIB-In is always kept, so a soft clear inwards could do without the neighbor. FRR asks it
 * unless soft-reconfiguration is configured, and so does Ferro, since that also mends what was lost
 * on the way; the walk over what is kept comes first and makes the change visible at once.
 */
#include "bgpd/peer/internal.h"
#include "bgpd/peer/peerlog.h"

void peer_clear(struct peer *p)
{
	char name[PEER_NAME_LEN];

	if (p->prefix_overflow) {
		limit_lift(p);
		peer_start(p);
		return;
	}
	if (!peer_may_run(p))
		return;
	if (peer_debug(p, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(p), LOG_DEBUG, SAY_PEER_TRACE, "peer_clear", peer_name(p, name));
	peer_reset_session(p, RESET_USER, NOTIFY_CEASE_RESET);
}

void peer_reimport(struct peer *p, enum family f)
{
	if (p->family[f].negotiated || p->family[f].stale)
		rib_source_reimport(peer_rib(p, f), &p->source, import_again, p);
}

void peer_soft_in(struct peer *p, enum family f)
{
	if (!p->family[f].negotiated)
		return;
	peer_reimport(p, f);
	if (!p->cfg.family[f].soft_reconfiguration && p->open_sent.caps.route_refresh &&
	    p->open_received.caps.route_refresh)
		refresh_request(p, f);
}

void peer_soft_out(struct peer *p, enum family f)
{
	if (p->family[f].member.group)
		group_send_again(&p->family[f].member);
}
