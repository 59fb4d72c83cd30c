/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show bgp peer-group`: the groups, their listen ranges and their members.
 *
 * Streams with many members: what is remembered is the group's name and the last member's address.
 */
#include <string.h>

#include "bgpd/cmd/show.h"
#include "bgpd/peer/peergroup.h"
#include "lib/mem.h"

struct show_groups {
	struct instance *inst;
	char *only;        /* the line names one; NULL: all */
	char *name;        /* the group under way, or the last one; NULL: none yet */
	bool open, listed; /* its object is open; and its list of members */
	struct addr after; /* the last member shown */
};

static const struct peer_group *next_group(const struct show_groups *s)
{
	const struct peer_group *g;

	if (s->only)
		return s->name ? NULL : peer_group_find(s->inst->bgp, s->only);
	list_for_each (g, &s->inst->bgp->groups, link)
		if (!s->name || strcmp(g->name, s->name) > 0)
			return g;
	return NULL;
}

static bool is_member(const struct peer *p, const char *group)
{
	return p->cfg.group && !strcmp(p->cfg.group, group);
}

static void show_families(struct out *out, const struct peer_group *g)
{
	bool any = false;

	out_text(out, "  Configured address-families:");
	out_arr(out, "addressFamiliesConfigured");
	FOR_EACH_FAMILY (f)
		if (g->cfg.family[f].active) {
			out_str(out, NULL, " %s;", show_family_title(f));
			any = true;
		}
	out_arr_end(out);
	out_text(out, "%s\n", any ? "" : " none");
}

static unsigned count_ranges(const struct bgp *b, const char *group, enum family f)
{
	const struct listen_range *r;
	unsigned n = 0;

	list_for_each (r, &b->ranges, link)
		n += r->prefix.family == f && !strcmp(r->group, group);
	return n;
}

static void show_ranges_of(struct out *out, const struct bgp *b, const char *group, enum family f)
{
	const char *word = family_row_by(f)->afi_name;
	unsigned n = count_ranges(b, group, f);
	const struct listen_range *r;
	char text[PREFIX_STRLEN];

	if (!n)
		return;
	out_text(out, "  %u %s listen range(s)\n", n, word);
	out_obj(out, word);
	out_uint(out, "count", NULL, n);
	out_arr(out, "ranges");
	list_for_each (r, &b->ranges, link)
		if (r->prefix.family == f && !strcmp(r->group, group))
			out_str(out, NULL, "    %s\n", prefix_str(&r->prefix, text));
	out_arr_end(out);
	out_obj_end(out);
}

static void show_ranges(struct out *out, const struct bgp *b, const char *group)
{
	unsigned n = 0;

	FOR_EACH_FAMILY (f)
		n += count_ranges(b, group, f);
	if (!n)
		return;
	out_obj(out, "dynamicRanges");
	FOR_EACH_FAMILY (f)
		show_ranges_of(out, b, group, f);
	out_obj_end(out);
}

static void show_head(struct out *out, const struct bgp *b, const struct peer_group *g)
{
	const struct peer_cfg *c = &g->cfg;
	uint32_t as = c->remote_as_kind == REMOTE_AS_EXTERNAL ? 0 : c->remote_as;
	bool internal = c->remote_as_kind != REMOTE_AS_NONE && as == b->cfg.as;

	out_text(out, "\nBGP peer-group %s", g->name);
	out_obj(out, g->name);
	if (c->remote_as_kind != REMOTE_AS_NONE)
		out_uint(out, "remoteAs", ", remote AS %llu", as);
	out_text(out, "\n");
	out_str(out, "type", "  Peer-group type is %s\n", internal ? "internal" : "external");
	show_families(out, g);
	show_ranges(out, b, g->name);
}

static void begin_group(struct show_groups *s, struct out *out, const struct peer_group *g)
{
	const struct peer *p;
	unsigned members = 0;

	mem_free(s->name);
	s->name = mem_strdup(g->name);
	s->open = true;
	s->after = (struct addr){0};
	show_head(out, s->inst->bgp, g);
	list_for_each (p, &s->inst->bgp->peers, link)
		members += is_member(p, g->name);
	out_uint(out, "memberCount", NULL, members);
	s->listed = members > 0;
	if (!s->listed)
		return;
	out_text(out, "  Peer-group members:\n");
	out_obj(out, "members");
}

static void show_member(struct out *out, const struct peer *p)
{
	const char *state = p->cfg.shutdown ? "Idle (Admin)" : peer_state_name(p);
	char text[ADDR_STRLEN];

	out_text(out, "    %s %s %s \n", addr_str(&p->source.addr, text),
	    p->dynamic ? "(dynamic)" : "", state);
	out_obj(out, text);
	out_str(out, "status", NULL, state);
	if (p->dynamic)
		out_bool(out, "dynamic", NULL, true);
	out_obj_end(out);
}

/* True: there are more. */
static bool show_members(struct show_groups *s, struct out *out)
{
	const struct peer *p;

	list_for_each (p, &s->inst->bgp->peers, link) {
		if (!is_member(p, s->name) ||
		    (s->after.family != FAMILY_NONE && addr_cmp(&p->source.addr, &s->after) <= 0))
			continue;
		show_member(out, p);
		s->after = p->source.addr;
		if (out_queued(out) >= SHOW_QUEUE)
			return true;
	}
	return false;
}

static bool step_groups(void *ctx, struct out *out)
{
	struct show_groups *s = ctx;
	const struct peer_group *g = s->inst->bgp && !s->open ? next_group(s) : NULL;

	if (g)
		begin_group(s, out, g);
	if (s->open) {
		if (s->listed && s->inst->bgp && show_members(s, out))
			return true;
		if (s->listed)
			out_obj_end(out);
		out_obj_end(out);
		s->open = false;
		return true;
	}
	if (s->only && !s->name)
		out_text(out, "%% No such peer-group\n");
	out_obj_end(out);
	if (out_json(out))
		out_raw(out, "\n");
	return false;
}

static void end_groups(void *ctx)
{
	struct show_groups *s = ctx;

	mem_free(s->only);
	mem_free(s->name);
	mem_free(s);
}

static enum cli_rc run_groups(struct cli_call *call)
{
	const char *name = arg_str(call->args, "group");
	struct show_groups *s;

	if (!show_bgp(call, SHOW_MISSING_SUMMARY))
		return CLI_OK;
	s = mem_zalloc(sizeof(*s));
	s->inst = call->app;
	s->only = name ? mem_strdup(name) : NULL;
	out_obj(call->out, NULL);
	return cli_defer(call, step_groups, end_groups, s);
}

static const struct cli_row show_peergroup_rows[] = {
    {IN_EXEC, "show [ip] bgp " SHOW_VRF "peer-group [PGNAME$group] [json]",
	"\n\n\n\n\n\nDetailed information on BGP peer groups\n\n", 0, .run = run_groups},
};
const struct cmd_rows cmd_show_peergroup = CMD_ROWS(show_peergroup_rows);
