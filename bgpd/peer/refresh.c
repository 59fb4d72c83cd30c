/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Route refresh (RFC 2918) and enhanced route refresh (RFC 7313), both ways.
 *
 * A request of theirs makes the group send this member the table once more, between BoRR and EoRR
 * if both sides know them. Their BoRR makes what we hold of them stale; what is still stale at
 * their EoRR is gone. If their EoRR never comes, the next session or the next refresh cleans up.
 */
#include "bgpd/peer/internal.h"
#include "bgpd/peer/peerlog.h"

static const char *const kinds[] = {
    [REFRESH_REQUEST] = "REQUEST", [REFRESH_BEGIN] = "BoRR", [REFRESH_END] = "EoRR"};

static bool enhanced(const struct peer *p)
{
	return p->open_sent.caps.enhanced_refresh && p->open_received.caps.enhanced_refresh;
}

static void send_refresh(struct peer *p, enum family f, enum refresh_kind kind)
{
	uint8_t buf[MSG_HEADER_LEN + 4];
	struct wr w = wr_init(buf, sizeof(buf));
	struct refresh_msg r = {.afi = (uint16_t)f, .subtype = (uint8_t)kind, .safi = 1};
	char name[PEER_NAME_LEN];

	if (peer_debug(p, DEBUG_NEIGHBOR_EVENTS)) {
		peer_name(p, name);
		log_msg(peer_log(p), LOG_DEBUG, SAY_REFRESH_SENT, name, family_name(f));
		if (kind == REFRESH_BEGIN)
			log_msg(peer_log(p), LOG_DEBUG, SAY_BORR_SENT, name, family_name(f));
		else if (kind == REFRESH_END)
			log_msg(peer_log(p), LOG_DEBUG, SAY_EORR_SENT, name, family_name(f));
	}
	refresh_encode(&w, &r);
	conn_write(p->conn, buf, wr_len(&w));
	p->sent.refreshes++;
}

void refresh_request(struct peer *p, enum family f)
{
	send_refresh(p, f, REFRESH_REQUEST);
}

void refresh_table_sent(struct peer *p, enum family f)
{
	if (p->family[f].refresh_answering)
		send_refresh(p, f, REFRESH_END);
	p->family[f].refresh_answering = false;
}

static void serve(struct peer *p, enum family f)
{
	struct peer_family *pf = &p->family[f];

	if (!pf->member.group)
		return;
	/* Who asks and does not read gets one answer when it reads, not a queue of them. */
	if (conn_is_full(p->conn)) {
		pf->refresh_owed = true;
		return;
	}
	pf->refresh_owed = false;
	if (enhanced(p) && !pf->refresh_answering) {
		pf->refresh_answering = true;
		send_refresh(p, f, REFRESH_BEGIN);
	}
	group_send_again(&pf->member);
}

void refresh_unblocked(struct peer *p, enum family f)
{
	if (p->family[f].refresh_owed)
		serve(p, f);
}

void refresh_received(struct peer *p, const struct refresh_msg *r)
{
	const struct family_row *row = family_row_of(r->afi, r->safi);
	enum family f = row ? row->family : FAMILY_NONE;
	struct peer_family *pf = &p->family[f];
	char name[PEER_NAME_LEN];

	if (r->subtype > REFRESH_END || !pf->negotiated)
		return;
	if (peer_debug(p, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(p), LOG_DEBUG, SAY_REFRESH, peer_name(p, name), kinds[r->subtype],
		    family_name(f));
	if (r->subtype == REFRESH_REQUEST) {
		serve(p, f);
	} else if (!enhanced(p)) {
		return;
	} else if (r->subtype == REFRESH_BEGIN) {
		pf->refresh_under_way = true;
		rib_source_mark_stale(peer_rib(p, f), &p->source);
	} else if (pf->refresh_under_way) {
		pf->refresh_under_way = false;
		rib_source_flush(peer_rib(p, f), &p->source, true);
	}
}
