/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The room's wiring: start, what the kernel says handed to who wants it, deferred work, and the
 * end.
 *
 * At the start the notifications are joined before anything is dumped, so that nothing falls
 * between. When notifications were lost, everything is dumped again: entries carry the mark of the
 * last dump that named them, and what was not named is gone.
 *
 * Listeners are told from one deferred event, after all that waits has been read and static routes
 * have settled; so a burst of changes is one report.
 *
 * Ours in the kernel's table is what has our table, one of our two protocols and our metric. All
 * else belongs to others.
 */
#include <errno.h>
#include <event2/event.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "bgpd/kernel/private.h"

enum {
	/* So few groups go faster with all their routes than route by route: each costs a look at
	   all. */
	GROUPS_TO_DROP = 16,
	REMOVE_PASSES = 5,
};

bool kernel_installs(const struct kernel *k)
{
	return k->opts.install;
}

bool kernel_writes(const struct kernel *k)
{
	return k->opts.install && !k->closed;
}

void kernel_wake(struct kernel *k)
{
	static const struct timeval soon = {0};

	if (!event_pending(k->report, EV_TIMEOUT, NULL))
		event_add(k->report, &soon);
}

void kernel_route_start(const struct kernel *k, struct nlb *b, uint16_t type, uint16_t flags,
    const struct prefix *p, uint8_t proto, uint8_t rtn)
{
	struct rtmsg *m = nlb_start(b, type, flags, sizeof(*m));

	m->rtm_family = (uint8_t)family_to_af(p->family);
	m->rtm_dst_len = p->len;
	m->rtm_protocol = proto;
	m->rtm_type = type == RTM_DELROUTE ? RTN_UNSPEC : rtn;
	m->rtm_scope = type == RTM_DELROUTE ? RT_SCOPE_NOWHERE : RT_SCOPE_UNIVERSE;
	m->rtm_table = k->opts.table < 256 ? (uint8_t)k->opts.table : RT_TABLE_UNSPEC;
	if (k->opts.table >= 256)
		nlb_u32(b, RTA_TABLE, k->opts.table);
	nlb_attr(b, RTA_DST, p->b, family_bytes(p->family));
	nlb_u32(b, RTA_PRIORITY, KERNEL_METRIC);
}

/* --- what the kernel says --- */

static void on_link(void *ctx, const struct netlink_link *l, bool gone)
{
	interface_link(ctx, l, gone);
}

static void on_address(void *ctx, const struct netlink_address *a, bool gone)
{
	interface_address(ctx, a, gone);
}

/* The end: what is still there of ours goes, in batches, each of them waited for. */
static void remove_ours(struct kernel *k, const struct netlink_route *r)
{
	struct nlb b;

	k->removing = true;
	kernel_route_start(k, &b, RTM_DELROUTE, 0, &r->prefix, r->proto, RTN_UNSPEC);
	if (netlink_put(k->nl, b.buf, 0))
		return;
	netlink_flush(k->nl);
	netlink_put(k->nl, b.buf, 0);
}

static void on_route(void *ctx, const struct netlink_route *r, bool gone, bool dumped)
{
	struct kernel *k = ctx;
	bool ours =
	    r->metric == KERNEL_METRIC && (r->proto == PROTO_BGP || r->proto == PROTO_STATIC);

	if (!ours) {
		if (!k->closing)
			rt_kernel_route(k, r, gone);
		return;
	}
	if (k->closing)
		remove_ours(k, r);
	else if (dumped)
		audit_route(k, r);
	else if (r->proto == PROTO_BGP)
		bgp_altered(k, r, gone);
	else
		static_altered(k, r, gone);
}

static void on_nexthop(void *ctx, uint32_t id, uint8_t proto, bool gone)
{
	group_nexthop(ctx, id, proto, gone);
}

static void resync(struct kernel *k)
{
	k->resyncing = true;
	k->resync_again = false;
	interface_dump_start(k);
	rt_dump_start(k);
	netlink_dump(k->nl, NL_LINKS, FAMILY_NONE, 0);
	netlink_dump(k->nl, NL_ADDRESSES, FAMILY_NONE, 0);
	netlink_dump(k->nl, NL_ROUTES, FAMILY_IPV4, 0);
	netlink_dump(k->nl, NL_ROUTES, FAMILY_IPV6, 0);
}

static void on_dumped(void *ctx, enum netlink_dump what, enum family f, uint8_t proto, int error)
{
	struct kernel *k = ctx;

	if (k->closing)
		return;
	if (what == NL_NEXTHOPS) {
		k->groups.objects = !error;
		return;
	}
	if (what == NL_ROUTES && proto) {
		audit_dumped(k);
		return;
	}
	if (error)
		log_msg(k->log, LOG_WARNING, NULL, 0,
		    "netlink: cannot read the kernel's tables: %s", strerror(error));
	else if (what == NL_ROUTES)
		rt_dump_end(k, f);
	else
		interface_dump_end(k, what);
	if (what != NL_ROUTES || f != FAMILY_IPV6)
		return;
	k->resyncing = false;
	if (k->resync_again)
		resync(k);
}

static void on_done(void *ctx, uint32_t cookie, int error)
{
	bgp_done(ctx, cookie, error);
}

static void on_overrun(void *ctx)
{
	struct kernel *k = ctx;

	if (k->closing)
		return;
	audit_want(k, true);
	if (k->resyncing)
		k->resync_again = true;
	else
		resync(k);
}

static void on_ready(void *ctx)
{
	bgp_ready(ctx);
}

static const struct netlink_events netlink_events = {
    .link = on_link,
    .address = on_address,
    .route = on_route,
    .nexthop = on_nexthop,
    .dumped = on_dumped,
    .done = on_done,
    .ready = on_ready,
    .overrun = on_overrun,
};

/* --- deferred work --- */

static void on_report(evutil_socket_t fd, short what, void *arg)
{
	struct kernel *k = arg;
	(void)fd;
	(void)what;

	if (k->groups.restore)
		group_restore(k);
	static_refresh(k);
	interface_report(k);
	rt_report(k);
}

/* --- start and end --- */

static void rooms_init(struct kernel *k)
{
	k->report = event_new(k->base, -1, 0, on_report, k);
	event_priority_set(k->report, PRIO_NORMAL);
	interface_init(k);
	rt_init(&k->rt);
	static_init(k);
	group_init(k);
	bgp_init(k);
	audit_init(k);
}

static void rooms_fini(struct kernel *k)
{
	audit_fini(k);
	bgp_fini(k);
	static_fini(k);
	rt_fini(&k->rt);
	group_fini(k);
	interface_fini(k);
	event_free(k->report);
}

struct kernel *kernel_new(struct event_base *base, struct log *log, const struct kernel_opts *opts,
    const struct kernel_events *events, void *ctx)
{
	struct kernel *k = mem_zalloc(sizeof(*k));

	k->base = base;
	k->log = log;
	k->opts = *opts;
	k->events = *events;
	k->ctx = ctx;
	k->nl = netlink_new(base, &netlink_events, k, opts->table);
	if (!k->nl) {
		mem_free(k);
		return NULL;
	}
	rooms_init(k);
	netlink_dump(k->nl, NL_NEXTHOPS, FAMILY_NONE, 0);
	resync(k);
	netlink_dump_wait(k->nl);
	k->ready = true;
	return k;
}

/* A dump may miss routes while others go: until one finds none. */
static void remove_by_dump(struct kernel *k)
{
	bool all_gone = false;

	for (int pass = 0; !all_gone && pass < REMOVE_PASSES; pass++) {
		k->removing = false;
		netlink_dump(k->nl, NL_ROUTES, FAMILY_IPV4, PROTO_BGP);
		netlink_dump(k->nl, NL_ROUTES, FAMILY_IPV6, PROTO_BGP);
		netlink_dump(k->nl, NL_ROUTES, FAMILY_IPV4, PROTO_STATIC);
		netlink_dump(k->nl, NL_ROUTES, FAMILY_IPV6, PROTO_STATIC);
		netlink_dump_wait(k->nl);
		netlink_flush(k->nl);
		all_gone = !k->removing;
	}
}

void kernel_close(struct kernel *k)
{
	if (k->closed)
		return;
	if (k->opts.install && !k->opts.keep_routes) {
		k->closing = true;
		netlink_flush(k->nl);
		if (group_count(k) > GROUPS_TO_DROP)
			remove_by_dump(k);
		group_remove_all(k);
		group_sweep(k);
		remove_by_dump(k);
	}
	k->closed = true;
}

void kernel_free(struct kernel *k)
{
	kernel_close(k);
	rooms_fini(k);
	netlink_free(k->nl);
	mem_free(k);
}
