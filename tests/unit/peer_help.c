/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "peer_help.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/task.h"

enum { PATIENCE_MS = 3000 };

struct addr ip(const char *text)
{
	struct addr a;

	cr_assert(addr_parse(text, &a), "%s", text);
	return a;
}

/* ---- routers ---- */

static void on_line(void *ctx, const char *line)
{
	struct sb *to = ctx;

	sb_add(to, line);
	sb_addc(to, '\n');
}

static void make_tables(struct node *n)
{
	struct rib_env env = {
	    .base = n->base,
	    .log = n->bgp.env.log,
	    .attrs = n->bgp.env.attrs,
	    .nht = n->bgp.env.nht,
	    .sources = n->bgp.sources,
	};

	n->bgp.cfg.rib = (struct rib_cfg){
	    .local_as = n->bgp.cfg.as,
	    .router_id = n->bgp.router_id,
	    .default_local_pref = 100,
	    .max_paths_ebgp = 1,
	    .max_paths_ibgp = 1,
	    .distance_ebgp = 20,
	    .distance_ibgp = 200,
	    .distance_local = 200,
	};
	n->bgp.rib[FAMILY_IPV4] = rib_new(&env, &n->bgp.cfg.rib, FAMILY_IPV4);
}

void node_init(struct node *n, struct event_base *base, const char *addr, uint32_t as, uint32_t id)
{
	struct bgp *b = &n->bgp;

	memset(n, 0, sizeof(*n));
	n->base = base;
	n->addr = ip(addr);
	n->hostname = as == AS_A ? "ra" : "rb";
	n->debug = DEBUG_NEIGHBOR_EVENTS | DEBUG_UPDATES_IN | DEBUG_KEEPALIVES;
	sb_init(&n->log);
	b->env = (struct bgp_env){
	    .base = base,
	    .log = log_new("BGP"),
	    .attrs = attr_store_new(),
	    .nht = nht_new(NULL),
	    .hostname = &n->hostname,
	    .debug = &n->debug,
	};
	log_set_level(b->env.log, LOG_TO_MONITOR, LOG_DEBUG);
	log_set_monitor(b->env.log, on_line, &n->log);
	b->cfg = (struct bgp_cfg){
	    .as = as,
	    .log_neighbor_changes = true,
	    .fast_external_failover = true,
	    .keepalive = 60,
	    .hold = 180,
	    .connect_retry = 1,
	    .gr_restart_time = 120,
	    .gr_stalepath_time = 360,
	};
	b->router_id = id;
	b->sources = sources_new();
	list_init(&b->groups);
	list_init(&b->ranges);
	make_tables(n);
	bgp_peers_init(b);
	cr_assert_eq(listener_new(b, 0, &n->addr, 1, &b->listener), 0, "%s", strerror(errno));
}

void node_fini(struct node *n)
{
	struct bgp *b = &n->bgp;

	while (!list_empty(&b->peers))
		peer_free(container_of(b->peers.next, struct peer, link));
	listener_free(b->listener);
	bgp_peers_fini(b);
	rib_free(b->rib[FAMILY_IPV4]);
	sources_free(b->sources);
	nht_free(b->env.nht);
	attr_store_free(b->env.attrs);
	log_free(b->env.log);
	sb_fini(&n->log);
}

uint16_t node_port(const struct node *n)
{
	return listener_port(n->bgp.listener);
}

struct peer *node_peer_cfg(struct node *n, const char *addr, struct peer_cfg *cfg)
{
	char source[ADDR_STRLEN];
	struct addr a = ip(addr);
	struct peer *p = peer_new(&n->bgp, &a);

	bgp_peer_add(&n->bgp, p);
	cfg->update_source = mem_strdup(addr_str(&n->addr, source));
	cfg->family[FAMILY_IPV4].active = true;
	peer_configure(p, cfg);
	peer_start(p);
	peer_cfg_fini(cfg);
	return p;
}

struct peer *node_peer(struct node *n, const char *addr, uint16_t port, uint32_t remote_as)
{
	struct peer_cfg cfg;

	peer_cfg_init(&cfg);
	cfg.remote_as_kind = REMOTE_AS_NUMBER;
	cfg.remote_as = remote_as;
	cfg.port = port;
	return node_peer_cfg(n, addr, &cfg);
}

bool node_logged(const struct node *n, const char *part)
{
	return strstr(n->log.s, part) != NULL;
}

static void stop_loop(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(arg);
}

void node_run(struct node *n, unsigned ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};
	struct event *ev = event_new(n->base, -1, 0, stop_loop, n->base);

	event_priority_set(ev, PRIO_HIGH);
	event_add(ev, &tv);
	event_base_dispatch(n->base);
	event_free(ev);
}

bool wait_until(struct node *n, bool (*cond)(void *ctx), void *ctx, unsigned ms)
{
	uint64_t end = clock_ms() + ms;

	while (!cond(ctx)) {
		if (clock_ms() > end)
			return false;
		node_run(n, 5);
	}
	return true;
}

struct wanted_state {
	const struct peer *p;
	enum fsm_state s;
};

static bool has_state(void *ctx)
{
	const struct wanted_state *w = ctx;
	return w->p->fsm.state == w->s;
}

void wait_state(struct node *n, const struct peer *p, enum fsm_state s)
{
	struct wanted_state w = {p, s};

	cr_assert(wait_until(n, has_state, &w, PATIENCE_MS), "still %s, want %s; log:\n%s",
	    peer_state_name(p), fsm_state_name(s), n->log.s);
}

/* ---- the scripted neighbor ---- */

static int bound_socket(const char *addr)
{
	struct addr a = ip(addr);
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&a, 0, 0, &ss);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&ss, len) == 0, "%s", strerror(errno));
	return fd;
}

static void speaker_init(struct speaker *s, struct node *n, int fd)
{
	int on = 1;

	memset(s, 0, sizeof(*s));
	s->node = n;
	s->fd = fd;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void speaker_connect(struct speaker *s, struct node *n, const char *from)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&n->addr, node_port(n), 0, &ss);

	speaker_init(s, n, bound_socket(from));
	cr_assert_eq(connect(s->fd, (struct sockaddr *)&ss, len), 0, "%s", strerror(errno));
	node_run(n, 5);
}

int speaker_listen(const char *addr, uint16_t *port)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd = bound_socket(addr);
	struct addr a;

	cr_assert_eq(listen(fd, 4), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	addr_from_sockaddr((struct sockaddr *)&ss, &a, port);
	return fd;
}

void speaker_accept(struct speaker *s, struct node *n, int listener)
{
	uint64_t end = clock_ms() + PATIENCE_MS;
	int fd = -1;

	while (fd < 0 && clock_ms() < end) {
		node_run(n, 5);
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	}
	cr_assert(fd >= 0, "the router did not connect; log:\n%s", n->log.s);
	speaker_init(s, n, fd);
}

void speaker_close(struct speaker *s)
{
	/* Unread data would make it a reset. */
	while (s->fd >= 0 && recv(s->fd, s->buf, sizeof(s->buf), MSG_DONTWAIT) > 0)
		;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void speaker_send(struct speaker *s, const void *msg, size_t len)
{
	cr_assert_eq(send(s->fd, msg, len, MSG_NOSIGNAL), (ssize_t)len, "%s", strerror(errno));
	node_run(s->node, 5);
}

/* False: closed. */
static bool speaker_read(struct speaker *s)
{
	ssize_t n = recv(s->fd, s->buf + s->len, sizeof(s->buf) - s->len, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN))
		return false;
	if (n > 0)
		s->len += (size_t)n;
	return true;
}

static size_t whole_message(const struct speaker *s)
{
	size_t n = s->len >= MSG_HEADER_LEN ? (size_t)(s->buf[16] << 8 | s->buf[17]) : 0;
	return n && s->len >= n ? n : 0;
}

size_t speaker_expect(struct speaker *s, uint8_t type, const uint8_t **msg)
{
	static uint8_t kept[70000];
	uint64_t end = clock_ms() + PATIENCE_MS;
	bool open = true;

	while (clock_ms() < end) {
		size_t n = whole_message(s);

		if (n) {
			memcpy(kept, s->buf, n);
			s->len -= n;
			memmove(s->buf, s->buf + n, s->len);
			if (kept[18] == type) {
				*msg = kept;
				return n;
			}
			cr_assert(kept[18] == MSG_KEEPALIVE || kept[18] == MSG_UPDATE,
			    "got type %u, want %u", kept[18], type);
			continue;
		}
		if (!open)
			return 0;
		node_run(s->node, 5);
		open = speaker_read(s);
	}
	return 0;
}

bool speaker_closed(struct speaker *s)
{
	uint64_t end = clock_ms() + PATIENCE_MS;

	while (clock_ms() < end) {
		node_run(s->node, 5);
		if (!speaker_read(s))
			return true;
		s->len = 0;
	}
	return false;
}

void speaker_open(
    struct speaker *s, uint32_t as, uint32_t id, uint16_t hold, void (*more)(struct open_msg *o))
{
	uint8_t buf[MSG_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct open_msg o = {.version = 4, .as = as, .hold_time = hold, .bgp_id = id};

	o.caps.mp[o.caps.mp_count++] = (struct cap_family){.afi = 1, .safi = 1};
	o.caps.as4 = o.caps.route_refresh = true;
	o.caps.as = as;
	if (more)
		more(&o);
	open_encode(&w, &o, false);
	speaker_send(s, buf, wr_len(&w));
}

void speaker_keepalive(struct speaker *s)
{
	uint8_t buf[MSG_HEADER_LEN];
	struct wr w = wr_init(buf, sizeof(buf));

	keepalive_encode(&w);
	speaker_send(s, buf, wr_len(&w));
}

void speaker_notify(struct speaker *s, uint8_t code, uint8_t subcode)
{
	uint8_t buf[64];
	struct wr w = wr_init(buf, sizeof(buf));
	struct notify n;

	notify_set(&n, code, subcode, NULL, 0);
	notify_encode(&w, &n);
	speaker_send(s, buf, wr_len(&w));
}

void speaker_up(struct speaker *s, struct node *n, const char *from, uint32_t as, uint32_t id,
    void (*more)(struct open_msg *o))
{
	struct addr a = ip(from);
	const uint8_t *msg;

	speaker_connect(s, n, from);
	cr_assert(speaker_expect(s, MSG_OPEN, &msg), "no OPEN; log:\n%s", n->log.s);
	speaker_open(s, as, id, 90, more);
	speaker_keepalive(s);
	wait_state(n, peer_find(&n->bgp, &a), FSM_ESTABLISHED);
}

static const struct session_traits wire = {.as4 = true, .ebgp = false, .max_message = MSG_MAX};

static void flush_message(void *ctx, const uint8_t *msg, size_t len)
{
	speaker_send(ctx, msg, len);
}

void speaker_announce(struct speaker *s, const struct route *r)
{
	uint8_t path[32], cluster[4];
	struct wr w = wr_init(path, sizeof(path)), c = wr_init(cluster, sizeof(cluster));
	struct packer *packer = packer_new(&wire, flush_message, s);
	struct attr_set a = {
	    .have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) | ATTR_BIT(ATTR_NEXT_HOP)};
	struct prefix prefix;
	uint8_t hops = 0;

	while (hops < 4 && r->path[hops])
		hops++;
	if (hops)
		wr_u16(&w, (uint16_t)(AS_SEQUENCE << 8 | hops));
	for (unsigned i = 0; i < hops; i++)
		wr_u32(&w, r->path[i]);
	a.as_path = (struct span){path, (uint16_t)wr_len(&w)};
	a.next_hop = ip(r->next_hop);
	if (r->local_pref) {
		a.have |= ATTR_BIT(ATTR_LOCAL_PREF);
		a.local_pref = r->local_pref;
	}
	if (r->originator) {
		a.have |= ATTR_BIT(ATTR_ORIGINATOR_ID);
		a.originator_id = r->originator;
	}
	if (r->cluster) {
		wr_u32(&c, r->cluster);
		a.have |= ATTR_BIT(ATTR_CLUSTER_LIST);
		a.cluster_list = (struct span){cluster, 4};
	}
	cr_assert(prefix_parse(r->prefix, &prefix));
	cr_assert(packer_announce(packer, FAMILY_IPV4, &a));
	packer_add(packer, &prefix, 0);
	packer_end(packer);
	packer_free(packer);
}

void speaker_withdraw(struct speaker *s, const char *text)
{
	struct packer *packer = packer_new(&wire, flush_message, s);
	struct prefix prefix;

	cr_assert(prefix_parse(text, &prefix));
	packer_withdraw(packer, FAMILY_IPV4);
	packer_add(packer, &prefix, 0);
	packer_end(packer);
	packer_free(packer);
}

void speaker_end_of_rib(struct speaker *s)
{
	uint8_t buf[64];
	struct wr w = wr_init(buf, sizeof(buf));

	update_end_of_rib(&w, FAMILY_IPV4);
	speaker_send(s, buf, wr_len(&w));
}

const struct path *path_of(const struct node *n, const struct peer *p, const char *text)
{
	const struct rib *r = n->bgp.rib[FAMILY_IPV4];
	const struct path *path;
	const struct dest *d;
	struct prefix prefix;

	cr_assert(prefix_parse(text, &prefix));
	d = rib_find(r, &prefix);
	for (path = d ? rib_path(r, d->paths) : NULL; path; path = rib_path(r, path->next))
		if (path->source == p->source.number)
			return path;
	return NULL;
}
