/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink messages: built here attribute by attribute, and read into plain structs.
 *
 * Building is done by hand, since libnl's objects cost more than the kernel's work on a route. An
 * overlong message is a bug: the largest one, a route over 64 next hops, fits. Reading uses libnl's
 * attribute parser with a policy for each kind, so that a short attribute is refused there; a
 * message that makes no sense is passed over as one from a newer kernel.
 */
#include "bgpd/kernel/netlink_message.h"

#include <assert.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ipv6.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

/* --- building --- */

void *nlb_raw(struct nlb *b, size_t n)
{
	void *at = b->buf + b->len;

	assert(n % 4 == 0 && b->len + n <= sizeof(b->buf));
	memset(at, 0, n);
	b->len += (uint32_t)n;
	((struct nlmsghdr *)(void *)b->buf)->nlmsg_len = b->len;
	return at;
}

void *nlb_start(struct nlb *b, uint16_t type, uint16_t flags, size_t size)
{
	b->len = 0;
	struct nlmsghdr *h = nlb_raw(b, NLMSG_HDRLEN);

	h->nlmsg_type = type;
	h->nlmsg_flags = flags | NLM_F_REQUEST;
	return nlb_raw(b, NLMSG_ALIGN(size));
}

void nlb_attr(struct nlb *b, uint16_t type, const void *data, size_t n)
{
	struct rtattr *a = nlb_raw(b, RTA_SPACE(n));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(n);
	if (n)
		memcpy(RTA_DATA(a), data, n);
}

void nlb_u32(struct nlb *b, uint16_t type, uint32_t v)
{
	nlb_attr(b, type, &v, sizeof(v));
}

uint32_t nlb_nest(struct nlb *b, uint16_t type)
{
	uint32_t mark = b->len;
	struct rtattr *a = nlb_raw(b, RTA_LENGTH(0));

	a->rta_type = type;
	return mark;
}

void nlb_end(struct nlb *b, uint32_t mark)
{
	struct rtattr *a = (struct rtattr *)(void *)(b->buf + mark);

	a->rta_len = (unsigned short)(b->len - mark);
}

/* --- reading --- */

static uint8_t family_from_af(int af)
{
	return af == AF_INET ? FAMILY_IPV4 : af == AF_INET6 ? FAMILY_IPV6 : FAMILY_NONE;
}

/* An address attribute of exactly the family's size; family NONE if it is absent or odd. */
static struct addr attr_addr(struct nlattr *a, uint8_t family)
{
	struct addr out = {0};

	if (!a || !family || nla_len(a) != (int)family_bytes(family))
		return out;
	out.family = family;
	memcpy(out.b, nla_data(a), family_bytes(family));
	return out;
}

static uint32_t attr_u32(struct nlattr *a)
{
	return a ? nla_get_u32(a) : 0;
}

static void attr_kind(struct nlattr *info, char kind[static 16])
{
	struct nlattr *tb[IFLA_INFO_MAX + 1];

	if (info && nla_parse_nested(tb, IFLA_INFO_MAX, info, NULL) == 0 && tb[IFLA_INFO_KIND])
		nla_strlcpy(kind, tb[IFLA_INFO_KIND], 16);
}

static uint32_t attr_mtu6(struct nlattr *af_spec)
{
	struct nlattr *tb[IFLA_INET6_MAX + 1];
	struct nlattr *inet6 =
	    af_spec ? nla_find(nla_data(af_spec), nla_len(af_spec), AF_INET6) : NULL;

	if (!inet6 || nla_parse_nested(tb, IFLA_INET6_MAX, inet6, NULL) != 0)
		return 0;
	struct nlattr *conf = tb[IFLA_INET6_CONF];
	if (!conf || nla_len(conf) <= (int)(DEVCONF_MTU6 * sizeof(uint32_t)))
		return 0;
	return ((const uint32_t *)nla_data(conf))[DEVCONF_MTU6];
}

static const struct nla_policy link_policy[IFLA_MAX + 1] = {
    [IFLA_IFNAME] = {.type = NLA_STRING, .minlen = 1},
    [IFLA_MTU] = {.type = NLA_U32},
    [IFLA_LINK] = {.type = NLA_U32},
    [IFLA_MASTER] = {.type = NLA_U32},
    [IFLA_TXQLEN] = {.type = NLA_U32},
    [IFLA_CARRIER_CHANGES] = {.type = NLA_U32},
    [IFLA_PROTO_DOWN] = {.type = NLA_U8},
};

static void link_in(const struct nlmsghdr *h, const struct netlink_events *ev, void *ctx)
{
	struct nlattr *tb[IFLA_MAX + 1];
	struct kernel_interface i = {0};

	if (nlmsg_parse((struct nlmsghdr *)h, sizeof(struct ifinfomsg), tb, IFLA_MAX, link_policy) <
	    0)
		return;
	const struct ifinfomsg *m = nlmsg_data(h);
	if (m->ifi_family != AF_UNSPEC || !tb[IFLA_IFNAME] || m->ifi_index <= 0)
		return;
	i.ifindex = (uint32_t)m->ifi_index;
	nla_strlcpy(i.name, tb[IFLA_IFNAME], sizeof(i.name));
	i.flags = m->ifi_flags;
	i.up = m->ifi_flags & IFF_UP;
	i.running = m->ifi_flags & IFF_RUNNING;
	i.loopback = m->ifi_flags & IFF_LOOPBACK;
	i.multicast_ok = m->ifi_flags & IFF_MULTICAST;
	i.broadcast_ok = m->ifi_flags & IFF_BROADCAST;
	i.hw_type = m->ifi_type;
	i.mtu = attr_u32(tb[IFLA_MTU]);
	i.mtu6 = attr_mtu6(tb[IFLA_AF_SPEC]);
	i.parent = attr_u32(tb[IFLA_LINK]);
	i.master = attr_u32(tb[IFLA_MASTER]);
	i.txqlen = attr_u32(tb[IFLA_TXQLEN]);
	i.carrier_changes = attr_u32(tb[IFLA_CARRIER_CHANGES]);
	i.protodown = tb[IFLA_PROTO_DOWN] && nla_get_u8(tb[IFLA_PROTO_DOWN]);
	attr_kind(tb[IFLA_LINKINFO], i.kind);
	if (tb[IFLA_ADDRESS] && nla_len(tb[IFLA_ADDRESS]) == sizeof(i.mac)) {
		i.mac_len = sizeof(i.mac);
		memcpy(i.mac, nla_data(tb[IFLA_ADDRESS]), sizeof(i.mac));
	}
	ev->link(ctx, &(struct netlink_link){i.ifindex, &i}, h->nlmsg_type == RTM_DELLINK);
}

static void address_in(const struct nlmsghdr *h, const struct netlink_events *ev, void *ctx)
{
	struct nlattr *tb[IFA_MAX + 1];

	if (nlmsg_parse((struct nlmsghdr *)h, sizeof(struct ifaddrmsg), tb, IFA_MAX, NULL) < 0)
		return;
	const struct ifaddrmsg *m = nlmsg_data(h);
	uint8_t family = family_from_af(m->ifa_family);
	struct addr address = attr_addr(tb[IFA_ADDRESS], family);
	struct addr local = attr_addr(tb[IFA_LOCAL], family);
	if (!local.family)
		local = address;
	if (!local.family || m->ifa_prefixlen > family_bits(family))
		return;

	struct netlink_address a = {.ifindex = m->ifa_index, .flags = m->ifa_flags};
	if (tb[IFA_FLAGS] && nla_len(tb[IFA_FLAGS]) == sizeof(uint32_t))
		a.flags = nla_get_u32(tb[IFA_FLAGS]);
	a.data.prefix = (struct prefix){.family = family, .len = m->ifa_prefixlen};
	memcpy(a.data.prefix.b, local.b, sizeof(local.b));
	a.data.broadcast = attr_addr(tb[IFA_BROADCAST], family);
	if (address.family && !addr_equal(&address, &local)) {
		a.data.peer = a.data.prefix;
		memcpy(a.data.peer.b, address.b, sizeof(address.b));
		a.data.prefix.len = (uint8_t)family_bits(family);
	}
	a.data.secondary = family == FAMILY_IPV4 && (a.flags & IFA_F_SECONDARY);
	ev->address(ctx, &a, h->nlmsg_type == RTM_DELADDR);
}

static uint8_t special_from_type(uint8_t rtn)
{
	switch (rtn) {
	case RTN_BLACKHOLE:
		return RT_BLACKHOLE;
	case RTN_UNREACHABLE:
		return RT_UNREACHABLE;
	case RTN_PROHIBIT:
		return RT_PROHIBIT;
	default:
		return RT_UNICAST;
	}
}

/* RTA_GATEWAY, or RTA_VIA for a gateway of the other family. */
static struct addr attr_gate(struct nlattr **tb, uint8_t family)
{
	struct nlattr *via = tb[RTA_VIA];

	if (!via || nla_len(via) < (int)sizeof(struct rtvia))
		return attr_addr(tb[RTA_GATEWAY], family);
	const struct rtvia *v = nla_data(via);
	uint8_t f = family_from_af(v->rtvia_family);
	struct addr out = {.family = f};
	if (!f || nla_len(via) < (int)(sizeof(*v) + family_bytes(f)))
		return (struct addr){0};
	memcpy(out.b, v->rtvia_addr, family_bytes(f));
	return out;
}

static uint16_t multipath_in(struct nlattr *mp, uint8_t family, struct rt_nexthop *out)
{
	struct rtnexthop *nh = nla_data(mp);
	int left = nla_len(mp);
	uint16_t n = 0;

	for (; RTNH_OK(nh, left) && n < KERNEL_MAX_NEXTHOPS; n++) {
		struct nlattr *tb[RTA_MAX + 1];
		int len = nh->rtnh_len - (int)RTNH_LENGTH(0);
		if (nla_parse(tb, RTA_MAX, (struct nlattr *)(void *)RTNH_DATA(nh), len, NULL) < 0)
			break;
		out[n] = (struct rt_nexthop){
		    .gate = attr_gate(tb, family),
		    .ifindex = (uint32_t)nh->rtnh_ifindex,
		    .weight = (uint8_t)(nh->rtnh_hops + 1),
		    .onlink = nh->rtnh_flags & RTNH_F_ONLINK,
		};
		left -= (int)NLMSG_ALIGN(nh->rtnh_len);
		nh = RTNH_NEXT(nh);
	}
	return n;
}

static uint16_t nexthops_in(
    struct nlattr **tb, const struct rtmsg *m, uint8_t family, struct rt_nexthop *out)
{
	if (tb[RTA_MULTIPATH])
		return multipath_in(tb[RTA_MULTIPATH], family, out);
	out[0] = (struct rt_nexthop){
	    .gate = attr_gate(tb, family),
	    .ifindex = attr_u32(tb[RTA_OIF]),
	    .special = special_from_type(m->rtm_type),
	    .weight = 1,
	    .onlink = m->rtm_flags & RTNH_F_ONLINK,
	};
	if (out[0].special)
		out[0].ifindex = 0; /* IPv6 says "dev lo" */
	return 1;
}

static const struct nla_policy route_policy[RTA_MAX + 1] = {
    [RTA_OIF] = {.type = NLA_U32},
    [RTA_PRIORITY] = {.type = NLA_U32},
    [RTA_TABLE] = {.type = NLA_U32},
    [RTA_NH_ID] = {.type = NLA_U32},
};

static void route_in(const struct nlmsghdr *h, const struct netlink_events *ev, void *ctx,
    uint32_t table, bool dumped)
{
	struct nlattr *tb[RTA_MAX + 1];
	struct rt_nexthop nh[KERNEL_MAX_NEXTHOPS] = {0};

	if (nlmsg_parse((struct nlmsghdr *)h, sizeof(struct rtmsg), tb, RTA_MAX, route_policy) < 0)
		return;
	const struct rtmsg *m = nlmsg_data(h);
	uint8_t family = family_from_af(m->rtm_family);
	struct netlink_route r = {
	    .prefix = {.family = family, .len = m->rtm_dst_len},
	    .table = tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) : m->rtm_table,
	    .metric = attr_u32(tb[RTA_PRIORITY]),
	    .group = attr_u32(tb[RTA_NH_ID]),
	    .proto = m->rtm_protocol,
	    .type = m->rtm_type,
	    .cloned = m->rtm_flags & RTM_F_CLONED,
	    .nexthops = nh,
	};
	struct addr dst = attr_addr(tb[RTA_DST], family);
	if (!family || r.table != table || r.prefix.len > family_bits(family))
		return;
	if (m->rtm_src_len || (r.prefix.len && !dst.family))
		return;
	memcpy(r.prefix.b, dst.b, sizeof(dst.b));
	prefix_mask(&r.prefix);
	r.nexthop_count = nexthops_in(tb, m, family, nh);
	ev->route(ctx, &r, h->nlmsg_type == RTM_DELROUTE, dumped);
}

static void nexthop_in(const struct nlmsghdr *h, const struct netlink_events *ev, void *ctx)
{
	struct nlattr *tb[NHA_MAX + 1];

	if (nlmsg_parse((struct nlmsghdr *)h, sizeof(struct nhmsg), tb, NHA_MAX, NULL) < 0)
		return;
	const struct nhmsg *m = nlmsg_data(h);
	if (tb[NHA_ID] && nla_len(tb[NHA_ID]) == sizeof(uint32_t))
		ev->nexthop(
		    ctx, nla_get_u32(tb[NHA_ID]), m->nh_protocol, h->nlmsg_type == RTM_DELNEXTHOP);
}

void netlink_message_in(const struct nlmsghdr *h, const struct netlink_events *events, void *ctx,
    uint32_t table, bool dumped)
{
	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		link_in(h, events, ctx);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		address_in(h, events, ctx);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		route_in(h, events, ctx, table, dumped);
		break;
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		nexthop_in(h, events, ctx);
		break;
	default:
		break;
	}
}
