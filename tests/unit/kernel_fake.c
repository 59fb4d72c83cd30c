/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake transport: see kernel_fake.h. A test has one of them at a time, so one static pointer
 * leads from a struct netlink to it.
 */
#include "kernel_fake.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

enum { SENT_MAX = 4096 };

struct netlink {
	struct netlink_events events;
	void *ctx;
	struct fake *fake;
	uint32_t open[NL_BATCH], sent[SENT_MAX];
	unsigned open_count, sent_count;
	bool refused, unquiet;
};

/* kernel_new makes the transport and knows no test. */
static struct fake *current;

/* --- the transport --- */

struct netlink *netlink_new(
    struct event_base *base, const struct netlink_events *events, void *ctx, uint32_t table)
{
	struct netlink *n = mem_zalloc(sizeof(*n));

	(void)base;
	(void)table;
	n->events = *events;
	n->ctx = ctx;
	n->fake = current;
	return n;
}

void netlink_free(struct netlink *n)
{
	mem_free(n);
}

static void *find_attr(const struct nlmsghdr *h, size_t header, uint16_t type)
{
	int left = (int)(h->nlmsg_len - NLMSG_SPACE(header));
	struct rtattr *a = (struct rtattr *)(void *)((char *)NLMSG_DATA(h) + NLMSG_ALIGN(header));

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == type)
			return RTA_DATA(a);
	return NULL;
}

static void describe_route(const struct nlmsghdr *h, char *line, size_t room)
{
	const struct rtmsg *m = NLMSG_DATA(h);
	struct prefix p = {
	    .family = m->rtm_family == AF_INET ? FAMILY_IPV4 : FAMILY_IPV6, .len = m->rtm_dst_len};
	const uint32_t *id = find_attr(h, sizeof(*m), RTA_NH_ID);
	const uint8_t *dst = find_attr(h, sizeof(*m), RTA_DST);
	char text[PREFIX_STRLEN];

	memcpy(p.b, dst, family_bytes((enum family)p.family));
	const char *verb = h->nlmsg_type == RTM_NEWROUTE ? "set" : "del";
	prefix_str(&p, text);
	if (id)
		snprintf(line, room, "%s %s nhid %u proto %u", verb, text, *id, m->rtm_protocol);
	else
		snprintf(line, room, "%s %s proto %u", verb, text, m->rtm_protocol);
	if (m->rtm_type == RTN_BLACKHOLE)
		strcat(line, " blackhole");
}

static void describe(struct fake *f, const struct nlmsghdr *h)
{
	const uint32_t *id;

	if (f->quiet)
		return;
	cr_assert_lt(f->out.count, FAKE_LOG_MAX);
	char *line = f->out.lines[f->out.count++];
	size_t room = sizeof(f->out.lines[0]);
	switch (h->nlmsg_type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		describe_route(h, line, room);
		break;
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		id = find_attr(h, sizeof(struct nhmsg), NHA_ID);
		snprintf(line, room, "%s nexthop %u%s%s",
		    h->nlmsg_type == RTM_NEWNEXTHOP ? "set" : "del", *id,
		    find_attr(h, sizeof(struct nhmsg), NHA_GROUP) ? " group" : "",
		    h->nlmsg_flags & NLM_F_REPLACE ? " again" : "");
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		snprintf(line, room, "%s address", h->nlmsg_type == RTM_NEWADDR ? "set" : "del");
		break;
	default:
		snprintf(line, room, "type %u", h->nlmsg_type);
	}
}

bool netlink_put(struct netlink *n, const void *message, uint32_t cookie)
{
	if (n->open_count == NL_BATCH)
		return false;
	n->open[n->open_count++] = cookie;
	describe(n->fake, message);
	return true;
}

static void answer(struct netlink *n)
{
	unsigned count = n->sent_count;
	uint32_t sent[SENT_MAX];

	memcpy(sent, n->sent, count * sizeof(sent[0]));
	n->sent_count = 0;
	for (unsigned i = 0; i < count; i++)
		if (sent[i])
			n->events.done(n->ctx, sent[i], n->fake->batch_error);
}

bool netlink_send(struct netlink *n)
{
	if (n->fake->slow) {
		n->refused = true;
		return false;
	}
	cr_assert_lt(n->sent_count + n->open_count, SENT_MAX);
	memcpy(n->sent + n->sent_count, n->open, n->open_count * sizeof(n->open[0]));
	n->sent_count += n->open_count;
	n->open_count = 0;
	if (!n->fake->hold)
		answer(n);
	return true;
}

void netlink_settle(struct netlink *n)
{
	netlink_send(n);
}

void netlink_flush(struct netlink *n)
{
	netlink_send(n);
	answer(n);
}

bool netlink_quiet(struct netlink *n)
{
	if (n->open_count && !n->fake->slow)
		netlink_send(n);
	n->unquiet = n->sent_count > 0;
	return !n->unquiet;
}

bool netlink_busy(const struct netlink *n)
{
	return n->open_count || n->sent_count;
}

int netlink_ask(struct netlink *n, void *message)
{
	describe(n->fake, message);
	return n->fake->ask_error;
}

void netlink_dump(struct netlink *n, enum netlink_dump what, enum family f, uint8_t proto)
{
	n->events.dumped(n->ctx, what, f, proto, 0);
}

void netlink_dump_wait(struct netlink *n)
{
	(void)n;
}

uint32_t netlink_speed(const struct netlink *n, const char *ifname)
{
	(void)n;
	(void)ifname;
	return 10000;
}

/* --- in the place of the RIB --- */

static uint32_t *find_word(void *ctx, const struct prefix *p)
{
	struct fake *f = ctx;

	return trie_find(f->words[p->family], p) ? trie_insert(f->words[p->family], p) : NULL;
}

static bool next_word(
    void *ctx, enum family family, const struct prefix *after, struct prefix *found)
{
	struct fake *f = ctx;

	return trie_next(f->words[family], after, found) != 0;
}

static void on_installed(void *ctx, const struct prefix *p, int error)
{
	struct fake *f = ctx;

	(void)p;
	f->told++;
	f->refused += !!error;
}

static void on_routes(void *ctx, const struct prefix *p)
{
	(void)p;
	((struct fake *)ctx)->routes_changed++;
}

static void on_interface(void *ctx, uint32_t ifindex)
{
	(void)ifindex;
	((struct fake *)ctx)->interfaces_changed++;
}

static void on_room(void *ctx)
{
	((struct fake *)ctx)->rooms++;
}

static const struct kernel_events events = {
    .room = on_room,
    .routes_changed = on_routes,
    .interface_changed = on_interface,
    .installed = on_installed,
    .word = find_word,
    .next = next_word,
};

struct fake *fake_new(bool install)
{
	struct fake *f = mem_zalloc(sizeof(*f));
	struct kernel_opts opts = {.install = install, .table = 254};

	current = f;
	f->base = task_base_new();
	f->log = log_new("TEST");
	log_set_level(f->log, LOG_TO_STDOUT, LOG_OFF);
	f->words[FAMILY_IPV4] = trie_new(FAMILY_IPV4);
	f->words[FAMILY_IPV6] = trie_new(FAMILY_IPV6);
	f->k = kernel_new(f->base, f->log, &opts, &events, f);
	return f;
}

void fake_free(struct fake *f)
{
	f->hold = f->slow = false;
	f->out.count = 0;
	kernel_free(f->k);
	trie_free(f->words[FAMILY_IPV4]);
	trie_free(f->words[FAMILY_IPV6]);
	log_free(f->log);
	event_base_free(f->base);
	mem_free(f);
}

void fake_not_slow(struct fake *f)
{
	struct netlink *n = f->k->nl;
	bool refused = n->refused;

	f->slow = n->refused = false;
	cr_assert(refused, "nobody waits for it");
	n->events.ready(n->ctx);
}

void fake_run(struct fake *f)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(f->base, EVLOOP_NONBLOCK);
}

void fake_answer(struct fake *f)
{
	f->hold = false;
	answer(f->k->nl);
	if (f->k->nl->unquiet)
		f->k->nl->events.ready(f->k->nl->ctx);
	f->k->nl->unquiet = false;
	fake_run(f);
}

const char *fake_line(const struct fake *f, unsigned i)
{
	return i < f->out.count ? f->out.lines[i] : "";
}

void fake_clear(struct fake *f)
{
	f->out.count = 0;
}

struct prefix fake_prefix(const char *text)
{
	struct prefix p;

	cr_assert(prefix_parse_raw(text, &p), "%s", text);
	return p;
}

struct addr fake_addr(const char *text)
{
	struct addr a;

	cr_assert(addr_parse(text, &a), "%s", text);
	return a;
}

void fake_set(struct fake *f, const char *prefix, const char *gate, const char *gate2)
{
	struct prefix p = fake_prefix(prefix);
	uint32_t *word = trie_insert(f->words[p.family], &p);
	struct kernel_nexthop nh[2] = {{.gate = fake_addr(gate), .weight = 1}};

	if (gate2)
		nh[1] = (struct kernel_nexthop){.gate = fake_addr(gate2), .weight = 1};
	kernel_bgp_set(f->k, &p, word, 20, nh, gate2 ? 2 : 1);
	if (!*word)
		trie_del(f->words[p.family], &p);
}

void fake_del(struct fake *f, const char *prefix)
{
	struct prefix p = fake_prefix(prefix);

	kernel_bgp_del(f->k, &p, trie_insert(f->words[p.family], &p));
	trie_del(f->words[p.family], &p);
}

enum kernel_bgp_state fake_state(const struct fake *f, const char *prefix)
{
	struct prefix p = fake_prefix(prefix);

	return kernel_bgp_state(f->k, trie_find(f->words[p.family], &p));
}

/* --- what the kernel says --- */

void fake_link(struct fake *f, uint32_t ifindex, const char *name, bool up)
{
	struct kernel_interface i = {
	    .ifindex = ifindex, .up = up, .running = up, .broadcast_ok = true};

	snprintf(i.name, sizeof(i.name), "%s", name);
	f->k->nl->events.link(f->k->nl->ctx, &(struct netlink_link){ifindex, &i}, false);
}

void fake_address(struct fake *f, uint32_t ifindex, const char *prefix, bool gone)
{
	struct netlink_address a = {.ifindex = ifindex, .data = {.prefix = fake_prefix(prefix)}};

	f->k->nl->events.address(f->k->nl->ctx, &a, gone);
}

void fake_route(struct fake *f, const char *prefix, uint32_t metric, const char *via,
    uint32_t ifindex, bool gone)
{
	struct rt_nexthop nh = {.weight = 1, .ifindex = ifindex};
	struct netlink_route r = {
	    .prefix = fake_prefix(prefix),
	    .table = 254,
	    .metric = metric,
	    .proto = RTPROT_BOOT,
	    .type = via ? RTN_UNICAST : RTN_UNREACHABLE,
	    .nexthop_count = 1,
	    .nexthops = &nh,
	};

	if (via)
		nh.gate = fake_addr(via);
	else
		nh.special = RT_UNREACHABLE;
	f->k->nl->events.route(f->k->nl->ctx, &r, gone, false);
}

void fake_static(struct fake *f, const char *prefix, uint8_t distance, const char *gate)
{
	struct prefix p = fake_prefix(prefix);
	struct rt_nexthop nh = {.weight = 1};

	if (strcmp(gate, "blackhole") == 0)
		nh.special = RT_BLACKHOLE;
	else
		nh.gate = fake_addr(gate);
	kernel_static_set(f->k, &p, distance, 0, &nh);
}

void fake_expect_routes(const struct fake *f, const char *const *lines)
{
	const struct rt_route *r = NULL;
	struct rt_route copy;
	char text[PREFIX_STRLEN], line[128];

	/* by copies: the caller of kernel_route_next may have slept in between */
	while ((r = kernel_route_next(f->k, FAMILY_IPV4, r ? &copy : NULL))) {
		copy = *r;
		const struct rt_nexthop *nh = &r->nexthops[0];
		snprintf(line, sizeof(line), "%c%c %s%s%s", "CLKS"[r->proto],
		    r -> selected ? '>' : ' ', prefix_str(&r->prefix, text),
		    nh->ifname[0] ? " " : "", nh->ifname);
		cr_assert_not_null(*lines, "unexpected: %s", line);
		cr_assert_str_eq(line, *lines);
		lines++;
	}
	cr_assert_null(*lines, "missing: %s", *lines);
}
