/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `neighbor X maximum-prefix`: how many routes a neighbor may have in a table.
 *
 * The table keeps the count; it is looked at after each message, and when a keepalive is due, since
 * other import rules change it, too. One warning is written when the
 * threshold is reached and one beyond the limit, and again only after the count fell below. A
 * neighbor beyond its limit gets Cease/Maximum Number of Prefixes Reached (RFC 4486) and stays down
 * (peer.prefix_overflow) until the restart interval is over, it is cleared, or its limit changes; a
 * dynamic one is forgotten only then.
 */
#include "bgpd/peer/internal.h"
#include "bgpd/peer/peergroup.h"
#include "bgpd/peer/peerlog.h"
#include "lib/wire.h"

/* With force, those count that the rules denied, too. */
static uint32_t count_of(const struct peer *p, enum family f)
{
	return p->cfg.family[f].max_prefix_force ? p->source.path_count[f]
						 : p->source.accepted_count[f];
}

static void notify_limit(struct notify *n, enum family f, uint32_t max)
{
	uint8_t data[7];
	struct wr w = wr_init(data, sizeof(data));

	wr_u16(&w, family_row_by(f)->afi);
	wr_u8(&w, family_row_by(f)->safi);
	wr_u32(&w, max);
	notify_set(n, NOTIFY_CEASE, NOTIFY_CEASE_MAX_PREFIX, data, wr_len(&w));
}

static void warn_near(struct peer *p, enum family f, uint32_t count, uint32_t max)
{
	struct peer_family *pf = &p->family[f];
	uint64_t from = (uint64_t)max * p->cfg.family[f].max_prefix_threshold / 100;
	char name[PEER_NAME_LEN];

	if (count > from && !pf->near_limit)
		log_msg(peer_log(p), LOG_INFO, SAY_NEAR_LIMIT, family_name(f), peer_name(p, name),
		    count, max);
	pf->near_limit = count > from;
}

bool limit_check(struct peer *p, enum family f, struct notify *n)
{
	const struct peer_family_cfg *cfg = &p->cfg.family[f];
	struct peer_family *pf = &p->family[f];
	uint32_t count = count_of(p, f);
	char name[PEER_NAME_LEN];

	if (!cfg->max_prefix || !pf->negotiated)
		return true;
	if (count <= cfg->max_prefix) {
		pf->over_limit = false;
		warn_near(p, f, count, cfg->max_prefix);
		return true;
	}
	if (!pf->over_limit)
		log_msg(peer_log(p), LOG_INFO, SAY_OVER_LIMIT, family_name(f), peer_name(p, name),
		    count, cfg->max_prefix);
	pf->over_limit = pf->near_limit = true;
	if (cfg->max_prefix_warning)
		return true;
	p->prefix_overflow = true;
	p->limit_restart = cfg->max_prefix_restart;
	notify_limit(n, f, cfg->max_prefix);
	return false;
}

bool limits_check(struct peer *p, struct notify *n)
{
	FOR_EACH_FAMILY (f)
		if (!limit_check(p, f, n))
			return false;
	return true;
}

void limit_lift(struct peer *p)
{
	if (p->prefix_overflow)
		peer_group_left(p);
	p->prefix_overflow = false;
	p->limit_restart = 0;
	FOR_EACH_FAMILY (f)
		p->family[f].near_limit = p->family[f].over_limit = false;
}

void limit_changed(struct peer *p)
{
	struct notify n;

	if (p->prefix_overflow) {
		limit_lift(p);
		return; /* whoever changed the settings starts it */
	}
	if (peer_is_up(p) && !limits_check(p, &n))
		peer_drop(p->conn, RESET_PREFIX_COUNT, &n);
}
