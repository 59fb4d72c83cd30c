/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a group announces, in FRR's words, for `debug bgp updates out`: what becomes of a
 * destination and who is to hear of it, then the set, each prefix, the message and the next hop
 * that each member finds in it. FRR numbers groups and their subgroups apart; here they are one
 * thing, so both numbers are the group's. This is the catalogue of the room's messages, too.
 *
 * While nobody asks it costs the question: once a destination, and once a batch in encode.c.
 */
#include "bgpd/rib/adj.h"
#include "lib/log.h"
#include "lib/sb.h"

/* clang-format off */
/* FRR's identifier and category, and the format. */
#define SAY_VISIT           "Z38CW-7NYWG", 0, "group_announce_route_walkcb: afi=%s, safi=unicast, p=%s"
#define SAY_SELECTED        "T5JFA-13199", 0, "subgroup_process_announce_selected: p=%s, selected=0x%lx"
#define SAY_COMMUNITY_STOPS "JND8M-1N1QN", 0, "subgroup_announce_check: community filter check fail for %s"
#define SAY_TABLE           "WJC21-WPGZF", 0, "u%u:s%u announcing routes to %s, combined into %u peers"
#define SAY_QUEUE           "K8G9R-Y5Z2W", 0, "%s queue UPDATE %s, afi=%s, safi=unicast"
#define SAY_QUEUE_WITHDRAW  "XFG9S-ZT5JH", 0, "%s queue UPDATE (withdraw) %s, afi=%s, safi=unicast"
#define SAY_SET             "TN0HX-6G1RR", 0, "u%u:s%u send UPDATE w/ attr: %s"
#define SAY_MP_REACH        "H06SA-0JAPR", 0, "u%u:s%u send MP_REACH for afi/safi %s/unicast"
#define SAY_PREFIX          "HVRWP-5R9NQ", 0, "u%u:s%u send UPDATE %s %s unicast"
#define SAY_UNREACHABLE     "WHJ94-YXNE1", 0, "u%u:s%u send UPDATE %s %s unicast -- unreachable"
#define SAY_HOP             "MBFVT-8GSC6", 0, "u%u:s%u %s send UPDATE w/ nexthop %s"
#define SAY_MP_HOP          "JJ5V1-EZ0XX", 0, "u%u:s%u %s send UPDATE w/ mp_nexthop%s %s%s%s"
#define SAY_WITHDRAWN       "G259R-NCBEJ", 0, "u%u:s%u send UPDATE (withdraw) len %zu numpfx %u"
#define SAY_MESSAGE         "WEV7K-2GAQ5", 0, "u%u:s%u send UPDATE len %zu (max message len: %u) numpfx %u"
/* clang-format on */

static const char *family_text(enum family f)
{
	return family_row_by(f)->afi_name;
}

bool sentlog_wanted(const struct group *g)
{
	const struct rib_env *env = &g->rib->env;

	return env->log_sent && env->log && env->log_sent(env->ctx);
}

/* ---- before ---- */

void sentlog_visit(const struct group *g, uint32_t dest, uint32_t old, uint32_t now)
{
	const struct rib *r = g->rib;
	struct prefix p = dest_prefix(r, dest_at(r, dest));
	const struct path *best = rib_best(r, dest_at(r, dest));
	char text[PREFIX_STRLEN];

	prefix_str(&p, text);
	log_msg(r->env.log, LOG_DEBUG, SAY_VISIT, family_text(p.family), text);
	if (best || old)
		log_msg(r->env.log, LOG_DEBUG, SAY_SELECTED, text, (unsigned long)(uintptr_t)best);
	if (best && !now && !export_communities_allow(g, best))
		log_msg(r->env.log, LOG_DEBUG, SAY_COMMUNITY_STOPS, text);
}

void sentlog_table(const struct group *g)
{
	char peer[ADDR_STRLEN];

	for (uint32_t i = 0; i < g->audience.count; i++)
		log_msg(g->rib->env.log, LOG_DEBUG, SAY_TABLE, g->id, g->id,
		    addr_str(&g->audience.members[i]->source->addr, peer), g->audience.count);
}

void sentlog_queue(const struct group *g, const struct prefix *p, bool withdrawn)
{
	char peer[ADDR_STRLEN], text[PREFIX_STRLEN];

	prefix_str(p, text);
	for (uint32_t i = 0; i < g->audience.count; i++) {
		addr_str(&g->audience.members[i]->source->addr, peer);
		if (withdrawn)
			log_msg(g->rib->env.log, LOG_DEBUG, SAY_QUEUE_WITHDRAW, peer, text,
			    family_text(p->family));
		else
			log_msg(g->rib->env.log, LOG_DEBUG, SAY_QUEUE, peer, text,
			    family_text(p->family));
	}
}

/* ---- what is written ---- */

/* The next hop is each member's own: both of its addresses are still unset here. */
void sentlog_set(const struct group *g, const struct attr_set *set)
{
	struct attr_set shown = *set;
	struct sb text;

	if (!addr_is_set(&shown.next_hop)) {
		shown.next_hop.family = g->key.hop_family;
		if (g->key.hop_local)
			shown.next_hop_local.family = FAMILY_IPV6;
	}
	sb_init(&text);
	attr_log_str(&shown, &text);
	log_msg(g->rib->env.log, LOG_DEBUG, SAY_SET, g->id, g->id, text.s);
	sb_fini(&text);
	if (!family_row_by(g->key.family)->in_body)
		log_msg(g->rib->env.log, LOG_DEBUG, SAY_MP_REACH, g->id, g->id,
		    family_text(g->key.family));
}

void sentlog_prefix(const struct group *g, const struct prefix *p, bool withdrawn)
{
	const char *family = family_text(p->family);
	char text[PREFIX_STRLEN];

	prefix_str(p, text);
	if (withdrawn)
		log_msg(g->rib->env.log, LOG_DEBUG, SAY_UNREACHABLE, g->id, g->id, text, family);
	else
		log_msg(g->rib->env.log, LOG_DEBUG, SAY_PREFIX, g->id, g->id, text, family);
}

static void log_hop(const struct group *g, const struct member *m, const struct attr_set *set,
    const struct hop_place *place)
{
	char peer[ADDR_STRLEN], hop[ADDR_STRLEN], local[ADDR_STRLEN];
	bool own = place && own_hop_wanted(place, &m->own);
	const struct addr *ll = own ? &m->own.local : &set->next_hop_local;
	const struct addr *global = own ? &m->own.addr : &set->next_hop;
	bool both = addr_is_set(ll);

	addr_str(&m->source->addr, peer);
	addr_str(global, hop);
	if (global->family == FAMILY_IPV4)
		log_msg(g->rib->env.log, LOG_DEBUG, SAY_HOP, g->id, g->id, peer, hop);
	else
		log_msg(g->rib->env.log, LOG_DEBUG, SAY_MP_HOP, g->id, g->id, peer, both ? "s" : "",
		    hop, both ? ", " : "", both ? addr_str(ll, local) : "");
}

void sentlog_message(const struct group *g, size_t len, uint32_t count, const struct attr_set *set,
    const struct hop_place *place)
{
	struct log *log = g->rib->env.log;

	if (!set) {
		log_msg(log, LOG_DEBUG, SAY_WITHDRAWN, g->id, g->id, len, count);
		return;
	}
	log_msg(log, LOG_DEBUG, SAY_MESSAGE, g->id, g->id, len,
	    g->key.extended_message ? 65535u : 4096u, count);
	for (uint32_t i = 0; i < g->audience.count; i++)
		log_hop(g, g->audience.members[i], set, place);
}
