/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings: their life, and what a change of them does to a running peer.
 *
 * Each setting stands in one of three groups: those that end the session (one table of differences,
 * with FRR's reason for each), those that only concern routes, and those that are looked up when
 * they are needed and so need nothing here.
 */
#include <string.h>

#include "bgpd/peer/internal.h"
#include "bgpd/peer/peerlog.h"

static char *const *strings(const struct peer_cfg *c, unsigned i)
{
	char *const *const all[] = {
	    &c->description, &c->password, &c->update_source, &c->shutdown_text, &c->group};
	return i < sizeof(all) / sizeof(all[0]) ? all[i] : NULL;
}

void peer_cfg_init(struct peer_cfg *c)
{
	memset(c, 0, sizeof(*c));
	c->enforce_first_as = c->fqdn = true;
	FOR_EACH_FAMILY (f)
		c->family[f].max_prefix_threshold = MAX_PREFIX_THRESHOLD;
}

void peer_cfg_fini(struct peer_cfg *c)
{
	for (unsigned i = 0; strings(c, i); i++)
		mem_free(*strings(c, i));
	memset(c, 0, sizeof(*c));
}

void peer_cfg_copy(struct peer_cfg *to, const struct peer_cfg *from)
{
	*to = *from;
	for (unsigned i = 0; strings(to, i); i++) {
		char **s = (char **)strings(to, i);
		*s = *s ? mem_strdup(*s) : NULL;
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The reason why the session cannot go on under the new settings; RESET_NONE: it can. */
static enum peer_reset resetting_difference(const struct peer_cfg *a, const struct peer_cfg *b)
{
	bool active = false, client = false;

	FOR_EACH_FAMILY (f) {
		active |= a->family[f].active != b->family[f].active;
		client |= a->family[f].client != b->family[f].client;
	}
	const struct {
		bool differs;
		enum peer_reset why;
	} table[] = {
	    {a->remote_as_kind != b->remote_as_kind || a->remote_as != b->remote_as,
		RESET_REMOTE_AS},
	    {!same_text(a->password, b->password), RESET_PASSWORD},
	    {!same_text(a->update_source, b->update_source), RESET_UPDATE_SOURCE},
	    {a->passive != b->passive, RESET_PASSIVE},
	    {a->ebgp_multihop != b->ebgp_multihop || a->ttl_security != b->ttl_security ||
		    a->disable_connected_check != b->disable_connected_check,
		RESET_MULTIHOP},
	    {a->extended_params != b->extended_params || a->extended_nexthop != b->extended_nexthop,
		RESET_CAPABILITY},
	    {active, RESET_FAMILY_ACTIVATED},
	    {client, RESET_CLIENT},
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].differs)
			return table[i].why;
	return RESET_NONE;
}

/* ---- what concerns routes ---- */

static uint8_t held_communities(const struct peer_family_cfg *c)
{
	return (
	    uint8_t)(c->hold_community | c->hold_ext_community << 1 | c->hold_large_community << 2);
}

static uint8_t private_as(const struct peer_family_cfg *c)
{
	return (
	    uint8_t)(c->no_private_as | c->no_private_as_all << 1 | c->no_private_as_replace << 2);
}

static struct peer_applied in_force(const struct peer *p)
{
	struct peer_applied now;

	memset(&now, 0, sizeof(now));
	now.policy_missing = peer_policy_missing(p);
	now.accept_as_sets = p->bgp->cfg.accept_as_sets;
	now.solo = p->cfg.solo;
	now.enforce_first_as = p->cfg.enforce_first_as;
	now.client_to_client = p->bgp->cfg.client_to_client;
	now.cluster_id = peer_is_ebgp(p) ? 0 : bgp_cluster_id(p->bgp);
	FOR_EACH_FAMILY (f) {
		now.next_hop_self[f] = p->cfg.family[f].next_hop_self;
		now.next_hop_force[f] = p->cfg.family[f].next_hop_force;
		now.own_as_times[f] = p->cfg.family[f].own_as_times;
		now.own_as_origin[f] = p->cfg.family[f].own_as_origin;
		now.held[f] = held_communities(&p->cfg.family[f]);
		now.private_as[f] = private_as(&p->cfg.family[f]);
		now.default_originate[f] = p->cfg.family[f].default_originate;
		now.weight_set[f] = p->cfg.family[f].weight_set;
		now.weight[f] = p->cfg.family[f].weight;
	}
	return now;
}

static void apply_to_family(
    struct peer *p, enum family f, const struct peer_applied *a, const struct peer_applied *b)
{
	if (a->policy_missing != b->policy_missing || a->weight_set[f] != b->weight_set[f] ||
	    a->weight[f] != b->weight[f] || a->own_as_times[f] != b->own_as_times[f] ||
	    a->own_as_origin[f] != b->own_as_origin[f] || a->cluster_id != b->cluster_id)
		peer_reimport(p, f);
	if (a->enforce_first_as != b->enforce_first_as || a->accept_as_sets != b->accept_as_sets)
		refresh_request(p, f); /* such routes were not kept */
	if (a->policy_missing != b->policy_missing || a->solo != b->solo ||
	    a->client_to_client != b->client_to_client || a->cluster_id != b->cluster_id ||
	    a->private_as[f] != b->private_as[f] || a->next_hop_self[f] != b->next_hop_self[f] ||
	    a->held[f] != b->held[f] || a->next_hop_force[f] != b->next_hop_force[f] ||
	    a->default_originate[f] != b->default_originate[f])
		export_move(p, f);
}

static void apply_to_routes(struct peer *p)
{
	struct peer_applied before = p->applied;

	p->applied = in_force(p);
	if (!peer_is_up(p))
		return;
	/* What was announced must go, and a group that announces nothing withdraws nothing. */
	if (p->applied.policy_missing && !before.policy_missing) {
		peer_reset_session(p, RESET_USER, NOTIFY_CEASE_CONFIG_CHANGE);
		return;
	}
	FOR_EACH_FAMILY (f)
		if (p->family[f].negotiated)
			apply_to_family(p, f, &before, &p->applied);
}

/* Another limit gives it another chance; one that is lower may be exceeded already. */
static bool limits_differ(const struct peer_cfg *a, const struct peer_cfg *b)
{
	FOR_EACH_FAMILY (f) {
		const struct peer_family_cfg *x = &a->family[f], *y = &b->family[f];
		if (x->max_prefix != y->max_prefix ||
		    x->max_prefix_warning != y->max_prefix_warning ||
		    x->max_prefix_threshold != y->max_prefix_threshold ||
		    x->max_prefix_force != y->max_prefix_force)
			return true;
	}
	return false;
}

/* ---- the change ---- */

static void set_password(struct peer *p)
{
	char host[ADDR_STRLEN];
	int error;

	error = peer_set_password(p, p->cfg.password);
	if (error)
		log_msg(peer_log(p), LOG_ERR, NULL, 0, "%s: cannot set the TCP MD5 password: %s",
		    peer_host(p, host), strerror(error));
}

/* What was denied counts as there from now on, or no longer. */
static void apply_keeping(struct peer *p, enum family f)
{
	struct rib *r = peer_rib(p, f);

	if (p->source.keeps[f] == p->cfg.family[f].soft_reconfiguration)
		return;
	p->source.keeps[f] = p->cfg.family[f].soft_reconfiguration;
	if (p->source.path_count[f] != p->source.accepted_count[f])
		rib_reconfigure(r, rib_cfg(r));
}

static void take_settings(struct peer *p, const struct peer_cfg *cfg)
{
	bool moves = list_linked(&p->link) && !same_text(p->cfg.group, cfg->group);
	struct peer_cfg old = p->cfg;

	if (moves)
		bgp_peer_remove(p->bgp, p);
	peer_cfg_copy(&p->cfg, cfg);
	peer_cfg_fini(&old);
	if (moves)
		bgp_peer_add(p->bgp, p);
	p->source.kind = peer_is_ebgp(p) ? SOURCE_EBGP : SOURCE_IBGP;
	p->source.multihop = p->cfg.ebgp_multihop > 1 || p->cfg.disable_connected_check;
	FOR_EACH_FAMILY (f)
		apply_keeping(p, f);
	if (!peer_is_up(p)) {
		p->source.as = peer_remote_as(p);
		p->hold = peer_configured_hold(p);
		p->keepalive = peer_configured_keepalive(p);
	}
}

void peer_configure(struct peer *p, const struct peer_cfg *cfg)
{
	enum peer_reset why = resetting_difference(&p->cfg, cfg);
	bool shut = !p->cfg.shutdown && cfg->shutdown;
	bool limits = limits_differ(&p->cfg, cfg);
	bool started = p->started, key = !same_text(p->cfg.password, cfg->password);

	if (shut) {
		peer_stop(p, NOTIFY_CEASE_SHUTDOWN, cfg->shutdown_text);
		p->started = started; /* for when it is no longer shut down */
	} else if (why && p->fsm.state != FSM_IDLE) {
		peer_reset_session(p, why, NOTIFY_CEASE_CONFIG_CHANGE);
	}
	take_settings(p, cfg);
	if (key)
		set_password(p);
	apply_to_routes(p);
	if (limits)
		limit_changed(p);
	if (started && !peer_may_run(p) && !p->prefix_overflow) {
		peer_stop(p, NOTIFY_CEASE_CONFIG_CHANGE, NULL);
		p->started = true;
	}
	if (started)
		peer_start(p);
}
