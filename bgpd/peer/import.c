/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UPDATEs on their way in: decode, apply RFC 7606, judge by the import rules, hand to the table.
 *
 * All routes of one family in a message share their attributes, so these are judged and interned
 * once per message and family. A route that the rules deny is kept as received with nothing
 * accepted: Adj-RIB-In is complete, and a change of the rules needs no word from the neighbor. Only
 * treat-as-withdraw takes a route away. The rules are looked up here in FRR's order, and FRR's
 * counter for each is kept.
 */
#include <string.h>

#include "bgpd/peer/internal.h"
#include "bgpd/peer/peerlog.h"

enum denial {
	ACCEPTED,
	DENIED_OWN_AS,
	DENIED_ORIGINATOR,
	DENIED_CLUSTER,
	DENIED_POLICY,
	DENIED_NEXT_HOP,
};

static const char *const denial_words[] = {
    [DENIED_OWN_AS] = "as-path contains our own AS;",
    [DENIED_ORIGINATOR] = "originator is us;",
    [DENIED_CLUSTER] = "reflected from the same cluster;",
    [DENIED_POLICY] = "inbound policy missing",
    [DENIED_NEXT_HOP] = "martian or self next-hop;",
};

/* ---- the rules ---- */

static bool has_attr(const struct attr_set *a, enum attr_code code)
{
	return (a->have & ATTR_BIT(code)) != 0;
}

static bool cluster_loop(const struct bgp *b, const struct attr_set *a)
{
	uint32_t own = bgp_cluster_id(b);
	struct rd r = rd_init(a->cluster_list.p, a->cluster_list.len);

	if (!has_attr(a, ATTR_CLUSTER_LIST))
		return false;
	while (rd_left(&r))
		if (rd_u32(&r) == own)
			return true;
	return false;
}

/* RFC 4271 6.3, 5.1.3: an address nobody can forward to, or our own. */
static bool next_hop_bad(const struct peer *p, const struct addr *nh)
{
	const struct kernel *k = p->bgp->env.kernel;

	if (!addr_is_set(nh) || addr_is_loopback(nh) || addr_is_multicast(nh))
		return true;
	if (nh->family == FAMILY_IPV4 && nh->b[0] >= 240)
		return true;
	if (addr_equal(nh, &p->local))
		return true;
	return k && kernel_interface_of(k, nh) != NULL;
}

/* RFC 4271 9.1.2: a loop, unless `allowas-in` has our own AS in it. */
static bool own_as_denied(const struct peer *p, enum family f, const struct attr_set *a)
{
	const struct peer_family_cfg *c = &p->cfg.family[f];
	uint32_t as = p->bgp->cfg.as;
	unsigned times = aspath_count(a->as_path, as);

	if (times && c->own_as_origin)
		return aspath_origin(a->as_path) != as;
	return times > c->own_as_times;
}

static enum denial judge(const struct peer *p, enum family f, const struct attr_set *a)
{
	const struct bgp *b = p->bgp;

	if (own_as_denied(p, f, a))
		return DENIED_OWN_AS;
	if (has_attr(a, ATTR_ORIGINATOR_ID) && a->originator_id == b->router_id)
		return DENIED_ORIGINATOR;
	if (cluster_loop(b, a))
		return DENIED_CLUSTER;
	if (peer_policy_missing(p))
		return DENIED_POLICY;
	if (next_hop_bad(p, &a->next_hop))
		return DENIED_NEXT_HOP;
	return ACCEPTED;
}

static void count_denial(struct peer *p, enum denial d, unsigned routes)
{
	p->pfx.as_loop += d == DENIED_OWN_AS ? routes : 0;
	p->pfx.originator_loop += d == DENIED_ORIGINATOR ? routes : 0;
	p->pfx.cluster_loop += d == DENIED_CLUSTER ? routes : 0;
	p->pfx.bad_next_hop += d == DENIED_NEXT_HOP ? routes : 0;
}

/* The accepted set of one that passed: the received one unless something local is put in. */
static uint32_t adjust(const struct peer *p, enum family f, const struct attr_set *a, uint32_t id)
{
	const struct peer_family_cfg *cfg = &p->cfg.family[f];
	struct attr_set changed = *a;

	if (!cfg->weight_set || cfg->weight == a->weight) {
		attr_ref(p->bgp->env.attrs, id);
		return id;
	}
	changed.weight = cfg->weight;
	return attr_intern_like(p->bgp->env.attrs, &changed, id);
}

/* ---- log ---- */

static void log_attrs(const struct peer *p, const struct attr_set *a, bool detail)
{
	char name[PEER_NAME_LEN];
	struct sb text;

	sb_init(&text);
	attr_log_str(a, &text);
	peer_name(p, name);
	if (detail)
		log_msg(peer_log(p), LOG_DEBUG, SAY_UPDATE_DETAIL, name, text.s);
	else
		log_msg(peer_log(p), LOG_DEBUG, SAY_UPDATE_ATTR, name, text.s);
	sb_fini(&text);
}

static void log_route(const struct peer *p, const struct prefix *x, enum denial d)
{
	char name[PEER_NAME_LEN], prefix[PREFIX_STRLEN];

	peer_name(p, name);
	prefix_str(x, prefix);
	if (d == ACCEPTED)
		log_msg(
		    peer_log(p), LOG_DEBUG, SAY_UPDATE_ROUTE, name, prefix, family_name(x->family));
	else
		log_msg(peer_log(p), LOG_DEBUG, SAY_UPDATE_DENIED, name, prefix,
		    family_name(x->family), denial_words[d]);
}

/* A route that was denied is kept, but counts as none here: nobody saw it in the table. */
static bool in_table(const struct peer *p, const struct prefix *x)
{
	const struct rib *r = peer_rib(p, x->family);
	const struct dest *d = rib_find(r, x);
	const struct path *path = d ? rib_path(r, d->paths) : NULL;

	for (; path; path = rib_path(r, path->next))
		if (path->source == p->source.number && !(path->flags & PATH_DENIED))
			return true;
	return false;
}

static void log_withdrawal(const struct peer *p, const struct prefix *x)
{
	char name[PEER_NAME_LEN], prefix[PREFIX_STRLEN];

	prefix_str(x, prefix);
	log_msg(peer_log(p), LOG_DEBUG, SAY_UPDATE_GONE, peer_name(p, name), prefix,
	    family_name(x->family));
	if (!in_table(p, x))
		log_msg(peer_log(p), LOG_DEBUG, SAY_UPDATE_UNKNOWN, peer_host(p, name), prefix,
		    family_name(x->family));
}

/* `debug bgp updates detail`: one line with all attributes, one with the lengths of the parts. */
static void log_detail(
    const struct peer *p, const struct update *u, const uint8_t *body, size_t len)
{
	char name[PEER_NAME_LEN];
	struct rd r = rd_init(body, len);
	uint16_t withdrawn = rd_u16(&r);

	(void)rd_bytes(&r, withdrawn);
	if (u->reach.routes.len || u->mp_reach.routes.len)
		log_attrs(p, u->reach.routes.len ? &u->attrs : &u->mp_attrs, true);
	log_msg(peer_log(p), LOG_DEBUG, SAY_UPDATE_LENGTHS, peer_name(p, name), withdrawn,
	    rd_u16(&r), u->reach.routes.len);
}

/* ---- the rules once more ---- */

uint32_t import_again(void *ctx, const struct prefix *prefix, uint32_t received)
{
	struct peer *p = ctx;
	struct attr_set a;

	attr_view(p->bgp->env.attrs, received, &a);
	enum denial d = judge(p, prefix->family, &a);
	if (d == ACCEPTED)
		return adjust(p, prefix->family, &a, received);
	if (peer_debug(p, DEBUG_UPDATES_IN))
		log_route(p, prefix, d);
	return 0;
}

/* ---- routes of a message ---- */

static bool wanted(const struct peer *p, const struct nlri *n)
{
	return n->routes.len && n->family != FAMILY_NONE && p->family[n->family].negotiated;
}

/* The routes of a message, some at a time. */
struct routes {
	struct rd r;
	enum family family;
	bool addpath;
	struct rib_batch batch;
};

static void routes_init(struct routes *x, const struct peer *p, const struct nlri *n)
{
	x->r = rd_init(n->routes.p, n->routes.len);
	x->family = n->family;
	x->addpath = p->traits.addpath_rx[n->family];
}

/* False: there are none left. */
static bool routes_next(struct routes *x)
{
	struct rib_batch *b = &x->batch;

	for (b->count = 0; b->count < RIB_BATCH; b->count++)
		if (!nlri_next(
			&x->r, x->family, x->addpath, &b->prefix[b->count], &b->path_id[b->count]))
			break;
	return b->count > 0;
}

static void withdraw(struct peer *p, const struct nlri *n)
{
	bool debug = peer_debug(p, DEBUG_UPDATES_IN);
	struct routes x;

	routes_init(&x, p, n);
	while (routes_next(&x)) {
		for (unsigned i = 0; debug && i < x.batch.count; i++)
			log_withdrawal(p, &x.batch.prefix[i]);
		rib_batch_find(peer_rib(p, n->family), &x.batch);
		rib_paths_del(peer_rib(p, n->family), &p->source, &x.batch);
	}
}

static void announce(struct peer *p, const struct nlri *n, const struct attr_set *a)
{
	struct attr_store *store = p->bgp->env.attrs;
	struct rib *rib = peer_rib(p, n->family);
	bool debug = peer_debug(p, DEBUG_UPDATES_IN), more;
	struct routes x;

	/* What interning needs is fetched while the first routes are read and looked up. */
	attr_prepare(store, a);
	enum denial d = judge(p, n->family, a);
	routes_init(&x, p, n);
	more = routes_next(&x);
	attr_prepare_more(store);
	rib_batch_find(rib, &x.batch);
	uint32_t received = attr_intern_prepared(store, 0);
	uint32_t accepted = d == ACCEPTED ? adjust(p, n->family, a, received) : 0;

	if (debug && !peer_debug(p, DEBUG_UPDATES_DETAIL))
		log_attrs(p, a, false);
	while (more) {
		unsigned count = x.batch.count;
		for (unsigned i = 0; debug && i < count; i++)
			log_route(p, &x.batch.prefix[i], d);
		count_denial(p, d, count);
		attr_ref_many(store, received, count);
		if (accepted)
			attr_ref_many(store, accepted, count);
		unsigned same = rib_paths_set(rib, &p->source, &x.batch, received, accepted);
		p->pfx.duplicates[n->family] += accepted ? same : 0;
		if ((more = routes_next(&x)))
			rib_batch_find(rib, &x.batch);
	}
	attr_unref(store, received);
	attr_unref(store, accepted);
}

/* FRR's `enforce-first-as`: an external neighbor's path begins with its AS. */
static bool first_as_wrong(const struct peer *p, const struct attr_set *a)
{
	return p->cfg.enforce_first_as && peer_is_ebgp(p) &&
	       aspath_first(a->as_path) != p->source.as;
}

/* RFC 9774, FRR's `bgp reject-as-sets`: the path has an AS_SET. */
static bool set_refused(const struct peer *p, const struct attr_set *a)
{
	char name[PEER_NAME_LEN];

	if (p->bgp->cfg.accept_as_sets || !aspath_has_set(a->as_path))
		return false;
	log_msg(peer_log(p), LOG_ERR, NULL, 0, "AS_SET and AS_CONFED_SET are deprecated from %s",
	    peer_name(p, name));
	return true;
}

/* The counter is of messages that had to be treated as a withdrawal, as FRR's. */
static void take_routes(struct peer *p, const struct nlri *n, const struct attr_set *a)
{
	if (!wanted(p, n))
		return;
	if (n->withdraw || first_as_wrong(p, a) || set_refused(p, a)) {
		p->pfx.withdrawn++;
		withdraw(p, n);
	} else {
		announce(p, n, a);
	}
}

static bool sent_all(const struct peer *p)
{
	FOR_EACH_FAMILY (f)
		if (!peer_is_up(p) || (p->family[f].negotiated && !p->family[f].eor_received))
			return false;
	return true;
}

/* Every neighbor is up and has sent all it has: what an earlier run left in the kernel can go. Who
 * was found wanting is asked first the next time: an End-of-RIB must not cost a walk over all. */
static bool table_complete(struct bgp *b)
{
	struct peer *p;

	if (b->unfinished && !sent_all(b->unfinished))
		return false;
	list_for_each (p, &b->peers, link)
		if (!sent_all(p)) {
			b->unfinished = p;
			return false;
		}
	return true;
}

static void end_of_rib(struct peer *p, const struct update *u)
{
	enum family f = u->mp_withdrawn.family ? u->mp_withdrawn.family : u->withdrawn.family;
	char host[ADDR_STRLEN];

	if (f == FAMILY_NONE || !p->family[f].negotiated)
		return;
	log_msg(peer_log(p), LOG_INFO, SAY_EOR, family_name(f), peer_host(p, host));
	p->family[f].eor_received = true;
	restart_end_of_rib(p, f);
	if (p->bgp->env.kernel && table_complete(p->bgp))
		kernel_sweep(p->bgp->env.kernel);
}

/* An attribute that is not as it should be; the routes may stay. */
static void report_fault(struct peer *p, const struct update *u)
{
	char name[PEER_NAME_LEN];

	p->pfx.attr_discarded += u->discarded;
	if (u->result != ATTR_OK)
		log_msg(peer_log(p), u->result >= ATTR_AFI_DISABLE ? LOG_ERR : LOG_WARNING, NULL, 0,
		    "%s rcvd UPDATE with malformed attribute %s(%u): %s", peer_name(p, name),
		    attr_name(u->fault.code) ? attr_name(u->fault.code) : "", u->fault.code,
		    u->fault.text);
}

static bool within_limits(struct peer *p, const struct nlri *routes, struct notify *n)
{
	return !wanted(p, routes) || limit_check(p, routes->family, n);
}

/* A link-local next hop is one on the session's link. Where that is none of ours it is not used. */
static void note_link(const struct peer *p, struct attr_set *a)
{
	if (addr_is_set(&a->next_hop_local) || addr_is_link_local(&a->next_hop))
		a->next_hop_ifindex = p->connected_shared ? p->ifindex : 0;
}

bool import_update(struct peer *p, const uint8_t *body, size_t len, struct notify *n)
{
	struct update u;

	arena_reset(p->scratch);
	update_decode(&p->traits, body, len, p->scratch, &u);
	report_fault(p, &u);
	if (u.result >= ATTR_AFI_DISABLE) {
		*n = u.fault.notify;
		return false;
	}
	if (peer_debug(p, DEBUG_UPDATES_IN) && peer_debug(p, DEBUG_UPDATES_DETAIL))
		log_detail(p, &u, body, len);
	if (u.end_of_rib) {
		end_of_rib(p, &u);
		return true;
	}
	if (wanted(p, &u.withdrawn))
		withdraw(p, &u.withdrawn);
	if (wanted(p, &u.mp_withdrawn))
		withdraw(p, &u.mp_withdrawn);
	note_link(p, &u.mp_attrs);
	take_routes(p, &u.reach, &u.attrs);
	take_routes(p, &u.mp_reach, &u.mp_attrs);
	return within_limits(p, &u.withdrawn, n) && within_limits(p, &u.mp_withdrawn, n) &&
	       within_limits(p, &u.reach, n) && within_limits(p, &u.mp_reach, n);
}
