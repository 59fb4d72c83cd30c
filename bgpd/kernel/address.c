/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of interfaces: as the kernel says them, and those that are configured here.
 *
 * The list of an interface holds IPv4 before IPv6 and otherwise the order of arrival. IPv6
 * addresses that are not yet, or not at all, unique on their link are not in it, nor are the
 * loopback's own.
 *
 * A configured address is asked of the kernel when it is set, when its interface appears, and when
 * that turns usable again (the kernel drops IPv6 addresses of a link that goes down). That it is
 * there is only known from the kernel's notification. Addresses that others set are never removed.
 */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "bgpd/kernel/private.h"

/* --- configured addresses --- */

static struct wanted *wanted_find(
    const struct kernel *k, const char *ifname, const struct prefix *p)
{
	struct wanted *w;

	list_for_each (w, &k->ifs.wanted, link)
		if (strcmp(w->ifname, ifname) == 0 && prefix_equal(&w->prefix, p))
			return w;
	return NULL;
}

static struct kernel_address *address_find(const struct interface *i, const struct prefix *p)
{
	for (uint32_t n = 0; n < i->pub.address_count; n++)
		if (prefix_equal(&i->addresses[n].prefix, p))
			return &i->addresses[n];
	return NULL;
}

static struct addr broadcast_of(const struct prefix *p)
{
	uint32_t host = p->len >= 32 ? 0 : 0xffffffffu >> p->len;
	struct addr a = prefix_addr(p);

	return addr_from_ipv4(addr_to_ipv4(&a) | host);
}

static int address_ask(
    struct kernel *k, uint16_t type, const struct interface *i, const struct prefix *p)
{
	size_t bytes = family_bytes(p->family);
	struct nlb b;
	struct ifaddrmsg *m =
	    nlb_start(&b, type, type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0, sizeof(*m));

	m->ifa_family = (uint8_t)family_to_af(p->family);
	m->ifa_prefixlen = p->len;
	m->ifa_index = i->pub.ifindex;
	nlb_attr(&b, IFA_LOCAL, p->b, bytes);
	nlb_attr(&b, IFA_ADDRESS, p->b, bytes);
	if (p->family == FAMILY_IPV4 && type == RTM_NEWADDR &&
	    (i->pub.broadcast_ok || p->len == 32)) {
		struct addr broadcast = broadcast_of(p);
		nlb_attr(&b, IFA_BROADCAST, broadcast.b, bytes);
	}
	return netlink_ask(k->nl, b.buf);
}

/* As FRR does: an interface that gets its address from us is meant to be used. */
static void link_up(struct kernel *k, const struct interface *i)
{
	struct nlb b;
	struct ifinfomsg *m = nlb_start(&b, RTM_NEWLINK, 0, sizeof(*m));

	m->ifi_index = (int)i->pub.ifindex;
	m->ifi_flags = m->ifi_change = IFF_UP;
	int error = netlink_ask(k->nl, b.buf);
	if (error)
		log_msg(k->log, LOG_WARNING, NULL, 0, "interface %s: cannot be set up: %s",
		    i->pub.name, strerror(error));
}

static void address_add(struct kernel *k, const struct interface *i, const struct prefix *p)
{
	char text[PREFIX_STRLEN];

	if (!kernel_writes(k) || address_find(i, p))
		return;
	if (!i->pub.up)
		link_up(k, i);
	int error = address_ask(k, RTM_NEWADDR, i, p);
	if (error && error != EEXIST)
		log_msg(k->log, LOG_WARNING, NULL, 0, "interface %s: cannot set address %s: %s",
		    i->pub.name, prefix_str(p, text), strerror(error));
}

void address_apply(struct kernel *k, const struct interface *i)
{
	struct wanted *w;

	list_for_each (w, &k->ifs.wanted, link)
		if (strcmp(w->ifname, i->pub.name) == 0)
			address_add(k, i, &w->prefix);
}

void kernel_address_set(struct kernel *k, const char *ifname, const struct prefix *p)
{
	struct interface *i = interface_by_name(k, ifname);

	if (wanted_find(k, ifname, p))
		return;
	struct wanted *w = mem_zalloc(sizeof(*w));
	strncpy(w->ifname, ifname, sizeof(w->ifname) - 1);
	w->prefix = *p;
	list_add_tail(&k->ifs.wanted, &w->link);
	if (!i)
		return;
	struct kernel_address *a = address_find(i, p);
	if (a)
		a->configured = true;
	else
		address_add(k, i, p);
}

void kernel_address_unset(struct kernel *k, const char *ifname, const struct prefix *p)
{
	struct wanted *w = wanted_find(k, ifname, p);
	struct interface *i = interface_by_name(k, ifname);

	if (!w)
		return;
	list_del(&w->link);
	mem_free(w);
	if (i && kernel_writes(k))
		address_ask(k, RTM_DELADDR, i, p);
}

/* --- what the kernel says --- */

static void list_changed(struct kernel *k, struct interface *i)
{
	i->pub.addresses = i->addresses;
	interface_forget_ways(k);
	interface_routes(k, i);
	interface_changed(k, i->pub.ifindex);
}

static void list_drop(struct interface *i, uint32_t at)
{
	uint32_t behind = --i->pub.address_count - at;

	memmove(&i->addresses[at], &i->addresses[at + 1], behind * sizeof(i->addresses[0]));
	memmove(&i->marks[at], &i->marks[at + 1], behind * sizeof(i->marks[0]));
}

static struct kernel_address *list_insert(struct interface *i, const struct kernel_address *a)
{
	uint32_t at = i->pub.address_count++;

	i->addresses = mem_realloc(i->addresses, i->pub.address_count * sizeof(i->addresses[0]));
	i->marks = mem_realloc(i->marks, i->pub.address_count * sizeof(i->marks[0]));
	for (; at && i->addresses[at - 1].prefix.family > a->prefix.family; at--) {
		i->addresses[at] = i->addresses[at - 1];
		i->marks[at] = i->marks[at - 1];
	}
	i->addresses[at] = *a;
	return &i->addresses[at];
}

static bool same_address(const struct kernel_address *a, const struct kernel_address *b)
{
	return addr_equal(&a->broadcast, &b->broadcast) && prefix_equal(&a->peer, &b->peer) &&
	       a->secondary == b->secondary && a->configured == b->configured;
}

void interface_address(struct kernel *k, const struct netlink_address *a, bool gone)
{
	struct interface *i = interface_by_index(k, a->ifindex);
	struct addr own = prefix_addr(&a->data.prefix);

	if (!i || (i->pub.loopback && addr_is_loopback(&own)))
		return;
	struct kernel_address *known = address_find(i, &a->data.prefix);
	if (a->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED))
		gone |= !(a->flags & IFA_F_OPTIMISTIC);
	if (gone && known) {
		list_drop(i, (uint32_t)(known - i->addresses));
		list_changed(k, i);
	}
	if (gone)
		return;
	struct kernel_address data = a->data;
	data.configured = wanted_find(k, i->pub.name, &data.prefix) != NULL;
	bool changed = !known || !same_address(known, &data);
	if (!known)
		known = list_insert(i, &data);
	*known = data;
	i->marks[known - i->addresses] = k->ifs.dump_mark;
	if (changed)
		list_changed(k, i);
}

void address_dump_end(struct kernel *k, struct interface *i)
{
	uint32_t before = i->pub.address_count;

	for (uint32_t n = before; n-- > 0;)
		if (i->marks[n] != k->ifs.dump_mark)
			list_drop(i, n);
	if (i->pub.address_count != before)
		list_changed(k, i);
}
