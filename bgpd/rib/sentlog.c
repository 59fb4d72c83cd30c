// SPDX-License-Identifier: GPL-2.0-or-later
/* What a group announces, in FRR's words, for `debug bgp updates out`: the set, each prefix, then
 * the message and the next hop that each member finds in it. FRR numbers groups and their subgroups
 * apart; here they are one thing, so both numbers are the group's.
 *
 * Costs nothing while nobody asks: encode.c looks once a batch whether to call.
 */
#include "bgpd/rib/adj.h"
#include "lib/log.h"
#include "lib/sb.h"

static const char *family_text(enum family f)
{
	return f == FAMILY_IPV4 ? "IPv4" : "IPv6";
}

bool sentlog_wanted(const struct group *g)
{
	const struct rib_env *env = &g->rib->env;

	return env->log_sent && env->log && env->log_sent(env->ctx);
}

void sentlog_set(const struct group *g, const struct attr_set *set)
{
	struct sb text;

	sb_init(&text);
	attr_log_str(set, &text);
	log_msg(g->rib->env.log, LOG_DEBUG, "TN0HX-6G1RR", 0, "u%u:s%u send UPDATE w/ attr: %s",
	    g->id, g->id, text.s);
	sb_fini(&text);
}

void sentlog_prefix(const struct group *g, const struct prefix *p, bool withdrawn)
{
	char text[PREFIX_STRLEN];

	prefix_str(p, text);
	log_msg(g->rib->env.log, LOG_DEBUG, withdrawn ? "WHJ94-YXNE1" : "HVRWP-5R9NQ", 0,
	    "u%u:s%u send UPDATE %s %s unicast%s", g->id, g->id, text, family_text(p->family),
	    withdrawn ? " -- unreachable" : "");
}

static void log_hop(const struct group *g, const struct member *m, const struct attr_set *set)
{
	char peer[ADDR_STRLEN], hop[ADDR_STRLEN], local[ADDR_STRLEN];
	bool both = addr_is_set(&set->next_hop_local);

	addr_str(&m->source->addr, peer);
	addr_str(&set->next_hop, hop);
	if (set->next_hop.family == FAMILY_IPV4)
		log_msg(g->rib->env.log, LOG_DEBUG, "MBFVT-8GSC6", 0,
		    "u%u:s%u %s send UPDATE w/ nexthop %s", g->id, g->id, peer, hop);
	else
		log_msg(g->rib->env.log, LOG_DEBUG, "JJ5V1-EZ0XX", 0,
		    "u%u:s%u %s send UPDATE w/ mp_nexthop%s %s%s%s", g->id, g->id, peer,
		    both ? "s" : "", hop, both ? ", " : "",
		    both ? addr_str(&set->next_hop_local, local) : "");
}

void sentlog_message(const struct group *g, size_t len, uint32_t count, const struct attr_set *set)
{
	struct log *log = g->rib->env.log;

	if (!set) {
		log_msg(log, LOG_DEBUG, "G259R-NCBEJ", 0,
		    "u%u:s%u send UPDATE (withdraw) len %zu numpfx %u", g->id, g->id, len, count);
		return;
	}
	log_msg(log, LOG_DEBUG, "WEV7K-2GAQ5", 0,
	    "u%u:s%u send UPDATE len %zu (max message len: %u) numpfx %u", g->id, g->id, len,
	    g->key.extended_message ? 65535u : 4096u, count);
	for (uint32_t i = 0; i < g->audience.count; i++)
		log_hop(g, g->audience.members[i], set);
}
