/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A peer as a member of update groups: which group it belongs to, and how a group's chunks reach
 * its socket.
 *
 * The key holds everything that makes two peers' announcements differ but for our own addresses;
 * the group does the rest. Our next hops are those of the interface that the session runs over.
 */
#include <string.h>

#include "bgpd/peer/internal.h"
#include "bgpd/peer/peerlog.h"

static bool send_chunk(struct peer *p, struct chunk *chunk)
{
	if (!conn_write_chunk(p->conn, chunk))
		return false;
	p->sent.updates += chunk->messages;
	return true;
}

static void table_sent(struct peer *p, enum family f, bool refresh)
{
	char host[ADDR_STRLEN];

	if (refresh) {
		refresh_table_sent(p, f);
		return;
	}
	p->family[f].eor_sent = true;
	if (peer_debug(p, DEBUG_NEIGHBOR_EVENTS))
		log_msg(peer_log(p), LOG_DEBUG, SAY_EOR_SENT, family_name(f), peer_host(p, host));
}

static bool on_chunk(void *ctx, struct chunk *c)
{
	struct peer_family *pf = ctx;

	return send_chunk(pf->peer, c);
}

static void on_table_sent(void *ctx, bool refresh)
{
	struct peer_family *pf = ctx;

	table_sent(pf->peer, pf->family, refresh);
}

/* ---- our next hops ---- */

static void note_address(struct peer *p, const struct addr *a)
{
	struct addr *to = &p->local_v6_global;

	if (a->family == FAMILY_IPV4)
		to = &p->local_v4;
	else if (addr_is_link_local(a))
		to = &p->local_v6_ll;
	if (!addr_is_set(to) && !addr_is_loopback(a))
		*to = *a;
}

void export_choose_addresses(struct peer *p)
{
	const struct kernel *k = p->bgp->env.kernel;
	const struct kernel_interface *i = k ? kernel_interface_of(k, &p->local) : NULL;

	memset(&p->local_v4, 0, sizeof(p->local_v4));
	memset(&p->local_v6_global, 0, sizeof(p->local_v6_global));
	memset(&p->local_v6_ll, 0, sizeof(p->local_v6_ll));
	if (p->local.family == FAMILY_IPV4)
		p->local_v4 = p->local;
	else if (!addr_is_link_local(&p->local))
		p->local_v6_global = p->local;
	for (uint32_t n = 0; i && n < i->address_count; n++) {
		struct addr a = prefix_addr(&i->addresses[n].prefix);
		note_address(p, &a);
	}
	/* As FRR: without a global address the link-local one stands in. */
	if (!addr_is_set(&p->local_v6_global))
		p->local_v6_global = p->local_v6_ll;
	if (i)
		p->ifindex = i->ifindex;
	p->connected_shared = k && kernel_interface_to(k, &p->source.addr) != NULL;
}

/* ---- membership ---- */

static uint32_t solo_number(const struct peer *p)
{
	return p->cfg.solo ? p->source.number + 1u : 0;
}

/* The address that the family's messages name as next hop: of the session's interface, and of the
 * routes' own family but for RFC 8950. */
static const struct addr *own_next_hop(const struct peer *p, enum family f)
{
	const struct family_row *row = family_row_by(f);
	bool ipv6 =
	    row->hop_family == FAMILY_IPV6 || (row->hop_extended && p->traits.extended_nexthop);

	return ipv6 ? &p->local_v6_global : &p->local_v4;
}

static struct own_hop make_own(const struct peer *p, enum family f)
{
	struct own_hop own = {.addr = *own_next_hop(p, f)};

	if (!p->connected_shared)
		return own;
	own.ifindex = p->ifindex;
	if (own.addr.family == FAMILY_IPV6 && addr_is_set(&p->local_v6_ll))
		own.local = p->local_v6_ll;
	return own;
}

static void make_key(const struct peer *p, enum family f, struct group_key *key)
{
	const struct peer_family_cfg *cfg = &p->cfg.family[f];

	memset(key, 0, sizeof(*key));
	key->family = (uint8_t)f;
	key->kind = p->source.kind;
	key->as4 = p->traits.as4;
	key->addpath_tx = p->traits.addpath_tx[f];
	key->extended_message = p->traits.max_message > MSG_MAX;
	key->client = cfg->client;
	key->not_from_clients = cfg->client && !p->bgp->cfg.client_to_client;
	key->next_hop_self = cfg->next_hop_self;
	key->next_hop_force = cfg->next_hop_force;
	key->default_originate = cfg->default_originate;
	key->connected = p->connected_shared && p->cfg.ebgp_multihop <= 1;
	key->policy_required = peer_policy_missing(p);
	key->send_community = !cfg->hold_community;
	key->send_ext_community = !cfg->hold_ext_community;
	key->send_large_community = !cfg->hold_large_community;
	key->local_as = p->bgp->cfg.as;
	key->cluster_id = peer_is_ebgp(p) ? 0 : bgp_cluster_id(p->bgp);
	if (cfg->no_private_as && p->source.kind == SOURCE_EBGP) {
		key->no_private_as = true;
		key->no_private_as_all = cfg->no_private_as_all;
		key->no_private_as_replace = cfg->no_private_as_replace;
		key->keep_as = p->source.as;
	}
	struct own_hop own = make_own(p, f);
	key->hop_family = own.addr.family;
	key->hop_local = own.local.family != FAMILY_NONE;
	key->solo = solo_number(p);
}

static bool has_next_hop(const struct peer *p, enum family f)
{
	return addr_is_set(own_next_hop(p, f));
}

void export_join(struct peer *p, enum family f)
{
	struct peer_family *pf = &p->family[f];
	struct group_key key;

	if (!has_next_hop(p, f))
		return; /* export_addresses_changed comes back to it */
	memset(&pf->member, 0, sizeof(pf->member));
	pf->member.source = &p->source;
	pf->member.ctx = pf;
	pf->member.send = on_chunk;
	pf->member.table_sent = on_table_sent;
	pf->peer = p;
	pf->family = (uint8_t)f;
	pf->member.own = make_own(p, f);
	p->source.client = p->cfg.family[f].client;
	make_key(p, f, &key);
	group_join(peer_rib(p, f), &pf->member, &key);
}

void export_leave(struct peer *p, enum family f)
{
	if (p->family[f].member.group)
		group_leave(&p->family[f].member);
}

void export_move(struct peer *p, enum family f)
{
	struct own_hop own = make_own(p, f);
	struct group_key key;

	if (!p->family[f].member.group || !has_next_hop(p, f)) {
		export_leave(p, f);
		export_join(p, f);
		return;
	}
	make_key(p, f, &key);
	group_move(&p->family[f].member, &key, &own);
}

/* True: the group that the peer is in, or none, is still the right one. */
static bool is_placed(const struct peer *p, enum family f)
{
	const struct group *g = p->family[f].member.group;
	struct own_hop own = make_own(p, f);
	struct group_key key;

	if (!g || !has_next_hop(p, f))
		return !g && !has_next_hop(p, f);
	make_key(p, f, &key);
	return own_hop_equal(&p->family[f].member.own, &own) &&
	       memcmp(group_key(g), &key, sizeof(key)) == 0;
}

/* An address that this family's messages do not carry costs nothing: a link-local one that becomes
 * usable a second after the session came up must not make IPv4 neighbors hear the table twice. */
void export_addresses_changed(struct peer *p)
{
	export_choose_addresses(p);
	FOR_EACH_FAMILY (f) {
		if (!p->family[f].negotiated || is_placed(p, f))
			continue;
		export_move(p, f);
	}
}
