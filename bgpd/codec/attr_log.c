/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An attribute set in one line, as FRR's `debug bgp updates` prints it.
 *
 * The line begins with the next hop if there is an IPv4 one, and with a comma if there is not: that
 * is what FRR's users see and match.
 */
#include "bgpd/codec/update.h"

static bool has(const struct attr_set *set, uint8_t code)
{
	return set->have & ATTR_BIT(code);
}

static void ipv4_log(uint32_t host_order, struct sb *to)
{
	char buf[ADDR_STRLEN];
	struct addr a = addr_from_ipv4(host_order);
	sb_add(to, addr_str(&a, buf));
}

static void hop_log(const struct attr_set *set, struct sb *to)
{
	char buf[ADDR_STRLEN];
	if (!has(set, ATTR_NEXT_HOP) || set->next_hop.family != FAMILY_IPV6)
		return;
	sb_fmt(to, ", mp_nexthop %s", addr_str(&set->next_hop, buf));
	if (set->next_hop_local.family)
		sb_fmt(to, "(%s)", addr_str(&set->next_hop_local, buf));
}

static void list_log(
    const char *word, struct span c, void (*str)(struct span, struct sb *), struct sb *to)
{
	if (!c.len)
		return;
	sb_fmt(to, ", %s ", word);
	str(c, to);
}

static void cluster_log(struct span list, struct sb *to)
{
	struct rd r = span_rd(list);
	sb_add(to, ", clusterlist");
	while (rd_left(&r)) {
		sb_addc(to, ' ');
		ipv4_log(rd_u32(&r), to);
	}
}

void attr_log_str(const struct attr_set *set, struct sb *to)
{
	static const char origins[] = "ie?";
	char buf[ADDR_STRLEN];
	if (has(set, ATTR_NEXT_HOP) && set->next_hop.family == FAMILY_IPV4)
		sb_fmt(to, "nexthop %s", addr_str(&set->next_hop, buf));
	if (has(set, ATTR_ORIGIN))
		sb_fmt(to, ", origin %c", origins[set->origin % 3]);
	hop_log(set, to);
	if (has(set, ATTR_LOCAL_PREF))
		sb_fmt(to, ", localpref %u", set->local_pref);
	if (has(set, ATTR_MED))
		sb_fmt(to, ", metric %u", set->med);
	if (has(set, ATTR_COMMUNITIES))
		list_log("community", set->communities, community_str, to);
	if (has(set, ATTR_LARGE_COMMUNITIES))
		list_log("large-community", set->large_communities, large_community_str, to);
	if (has(set, ATTR_EXT_COMMUNITIES))
		list_log("extcommunity", set->ext_communities, ext_community_str, to);
	if (has(set, ATTR_ATOMIC_AGGREGATE))
		sb_add(to, ", atomic-aggregate");
	if (has(set, ATTR_AGGREGATOR)) {
		sb_fmt(to, ", aggregated by %u ", set->aggregator_as);
		ipv4_log(set->aggregator_id, to);
	}
	if (has(set, ATTR_ORIGINATOR_ID)) {
		sb_add(to, ", originator ");
		ipv4_log(set->originator_id, to);
	}
	if (has(set, ATTR_CLUSTER_LIST))
		cluster_log(set->cluster_list, to);
	if (has(set, ATTR_AS_PATH)) {
		sb_add(to, ", path ");
		aspath_str(set->as_path, to);
	}
}
