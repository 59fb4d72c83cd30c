/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show bgp summary`: the neighbors of a family, a line each.
 *
 * The filters (established, failed, neighbor, remote-as) choose lines; what is counted at the end
 * follows FRR's ways, which are not the same in text and JSON. All families in use are shown
 * unless the line names one with `unicast`; then the JSON document is that family's alone. With
 * many neighbors the answer streams and remembers the place of the last one.
 */
#include <string.h>

#include "bgpd/cmd/show.h"
#include "bgpd/peer/peergroup.h"
#include "lib/clock.h"
#include "lib/mem.h"

enum { NAME_MIN = 15, DESC_LEN = 20, DESC_LEN_WIDE = 64 };
enum remote_as { ANY_AS, THIS_AS, INTERNAL_AS, EXTERNAL_AS };

struct summary {
	struct instance *inst;
	/* Of the slice; b is NULL if `router bgp` has gone. */
	struct out *out;
	const struct bgp *b;
	const struct rib *rib;
	/* What the line asks for. */
	bool established, failed, terse, wide, filtered;
	bool titled;       /* each family under its title, else one alone */
	bool framed;       /* vrf all */
	uint8_t only;      /* enum family; NONE: all in use */
	uint8_t remote_as; /* enum remote_as */
	uint32_t as;
	struct addr neighbor; /* family NONE: any */
	/* How far it is. */
	uint8_t family;    /* enum family; the one under way or the last one */
	bool open, listed; /* its object is open; and the list of neighbors in it */
	bool any;
	struct peer_place after; /* of the last neighbor shown; family NONE: none yet */
	int name_width;          /* of the column */
	unsigned total;          /* neighbors of the family */
	unsigned dynamic;        /* of those, made by a listen range */
	unsigned fitting;        /* that pass neighbor and remote-as */
	unsigned down, matched;  /* of those, not up; and shown in the end */
};

static bool fits(const struct summary *s, const struct peer *p)
{
	if (s->neighbor.family != FAMILY_NONE && !addr_equal(&s->neighbor, &p->source.addr))
		return false;
	switch ((enum remote_as)s->remote_as) {
	case THIS_AS:
		return p->source.as == s->as;
	case INTERNAL_AS:
		return !peer_is_ebgp(p);
	case EXTERNAL_AS:
		return peer_is_ebgp(p);
	default:
		return true;
	}
}

static bool wanted(const struct summary *s, const struct peer *p)
{
	if (!p->cfg.family[s->family].active || !fits(s, p))
		return false;
	return !(s->established && !peer_is_up(p)) && !(s->failed && peer_is_up(p));
}

static void count(struct summary *s)
{
	const struct peer *p;
	struct sb name;

	s->name_width = NAME_MIN;
	s->total = s->dynamic = s->fitting = s->down = s->matched = 0;
	sb_init(&name);
	list_for_each (p, &s->b->peers, link) {
		if (!p->cfg.family[s->family].active)
			continue;
		s->total++;
		s->dynamic += p->dynamic;
		s->fitting += fits(s, p);
		s->down += fits(s, p) && !peer_is_up(p);
		s->matched += wanted(s, p);
		sb_clear(&name);
		show_peer_name(p, &name);
		if ((int)name.len + p->dynamic > s->name_width)
			s->name_width = (int)name.len + p->dynamic;
	}
	sb_fini(&name);
}

/* ---- head ---- */

static void show_head(const struct summary *s)
{
	struct out *out = s->out;
	char text[SHOW_SIZE_LEN], id[ADDR_STRLEN];
	unsigned groups = 0;
	const struct peer_group *g;
	size_t rib_memory = rib_bytes(s->rib), peer_memory = s->total * sizeof(struct peer);

	out_str(out, "routerId", "BGP router identifier %s", show_id(s->b->router_id, id));
	out_uint(out, "as", ", local AS number %llu VRF default vrf-id 0\n", s->b->cfg.as);
	out_uint(out, "vrfId", NULL, 0);
	out_str(out, "vrfName", NULL, "default");
	out_uint(
	    out, "tableVersion", s->terse ? NULL : "BGP table version %llu\n", rib_version(s->rib));
	out_uint(out, "ribCount", s->terse ? NULL : "RIB entries %llu",
	    rib_dest_count(s->rib) - rib_denied_count(s->rib));
	out_uint(out, "ribMemory", NULL, rib_memory);
	out_uint(out, "peerCount", NULL, s->total);
	out_uint(out, "peerMemory", NULL, peer_memory);
	if (!s->terse) {
		out_text(out, ", using %s of memory\n", show_size(rib_memory, text));
		out_text(
		    out, "Peers %u, using %s of memory\n", s->total, show_size(peer_memory, text));
	}
	list_for_each (g, &s->b->groups, link)
		groups++;
	if (groups && !s->terse)
		out_text(out, "Peer groups %u, using %s of memory\n", groups,
		    show_size(groups * sizeof(*g), text));
	if (groups) {
		out_uint(out, "peerGroupCount", NULL, groups);
		out_uint(out, "peerGroupMemory", NULL, groups * sizeof(*g));
	}
	out_text(out, "\n");
}

static void show_titles(const struct summary *s)
{
	out_text(s->out, "%-*s ", s->name_width, "Neighbor");
	if (s->failed)
		out_text(s->out, "EstdCnt DropCnt ResetTime Reason\n");
	else
		out_text(s->out,
		    "V         AS %s  MsgRcvd   MsgSent   TblVer  InQ OutQ  Up/Down State/PfxRcd   "
		    "PfxSnt Desc\n",
		    s->wide ? "   LocalAS " : "");
}

/* ---- one neighbor ---- */

static uint32_t messages(const struct peer_stats *m)
{
	return m->opens + m->notifications + m->updates + m->keepalives + m->refreshes +
	       m->capabilities;
}

static const char *state_words(const struct peer *p)
{
	if (p->prefix_overflow)
		return "Idle (PfxCt)";
	return p->cfg.shutdown ? "Idle (Admin)" : peer_state_name(p);
}

static const char *state_kind(const struct peer *p)
{
	if (p->cfg.shutdown)
		return "Admin";
	if (p->prefix_overflow)
		return "PfxCt";
	if (peer_is_up(p))
		return peer_policy_missing(p) ? "Policy" : "OK";
	return p->cfg.passive ? "Passive" : "OK";
}

static void show_uptime(const struct summary *s, const struct peer *p, const char *fmt)
{
	char text[UPTIME_STRLEN];
	uint32_t span;
	bool ever = show_peer_uptime(p, &span);

	out_str(s->out, "peerUptime", fmt, ever ? clock_uptime_str(span, text) : "never");
	out_uint(s->out, "peerUptimeMsec", NULL, (uint64_t)span * 1000);
	if (ever)
		out_int(s->out, "peerUptimeEstablishedEpoch", NULL, clock_epoch() - span);
}

static void show_state(
    const struct summary *s, const struct peer *p, uint32_t received, uint32_t sent)
{
	struct out *out = s->out;

	if (!peer_is_up(p))
		out_text(out, " %12s %8u", state_words(p), sent);
	else if (peer_policy_missing(p))
		out_text(out, " %12s %8s", "(Policy)", "(Policy)");
	else
		out_text(out, " %12u %8u", received, sent);
	out_uint(out, "pfxRcd", NULL, received);
	out_uint(out, "pfxSnt", NULL, sent);
	out_str(out, "state", NULL, state_words(p));
	out_str(out, "peerState", NULL, state_kind(p));
	out_uint(out, "connectionsEstablished", NULL, p->established_count);
	out_uint(out, "connectionsDropped", NULL, p->dropped_count);
}

/* Cut at a blank, as FRR does, so that it fits into the column. */
static void show_description(const struct summary *s, const char *desc)
{
	size_t room = (s->wide ? DESC_LEN_WIDE : DESC_LEN) - 1, n;

	out_text(s->out, " ");
	if (!desc) {
		out_text(s->out, "N/A\n");
		return;
	}
	out_str(s->out, "desc", NULL, desc);
	n = strlen(desc);
	if (n > room) {
		n = room;
		while (n > 0 && desc[n - 1] != ' ')
			n--;
		n = n ? n - 1 : room;
	}
	out_text(s->out, "%.*s\n", (int)n, desc);
}

static void show_id_type(const struct summary *s, const struct peer *p)
{
	out_str(s->out, "idType", NULL, show_family_word(p->source.addr.family));
}

static void show_neighbor(const struct summary *s, const struct peer *p)
{
	const struct group *g = p->family[s->family].member.group;
	struct out *out = s->out;

	if (p->dynamic)
		out_bool(out, "dynamicPeer", NULL, true);
	if (p->hostname[0])
		out_str(out, "hostname", NULL, p->hostname);
	out_str(out, "softwareVersion", NULL,
	    p->open_received.caps.software_version_present ? p->open_received.caps.software_version
							   : "n/a");
	out_uint(out, "remoteAs", " 4 %10llu", p->source.as);
	out_uint(out, "localAs", s->wide ? " %10llu" : NULL, s->b->cfg.as);
	out_uint(out, "version", NULL, 4);
	out_uint(out, "msgRcvd", " %9llu", messages(&p->received));
	out_uint(out, "msgSent", " %9llu", messages(&p->sent));
	out_uint(out, "tableVersion", " %8llu", g ? group_stats(g)->version : 0);
	out_text(out, " %4u %4zu", 0u, peer_out_queue(p));
	out_uint(out, "outq", NULL, peer_out_queue(p));
	out_uint(out, "inq", NULL, 0);
	show_uptime(s, p, " %8s");
	show_state(s, p, p->source.accepted_count[s->family], g ? group_sent_count(g) : 0);
	show_description(s, p->cfg.description);
	show_id_type(s, p);
}

static void show_failed(const struct summary *s, const struct peer *p)
{
	struct sb reason;

	if (p->hostname[0])
		out_str(s->out, "hostname", NULL, p->hostname);
	out_uint(s->out, "connectionsEstablished", " %7llu", p->established_count);
	out_uint(s->out, "connectionsDropped", " %7llu", p->dropped_count);
	show_uptime(s, p, " %9s");
	sb_init(&reason);
	show_reset_text(p, &reason);
	out_text(s->out, " %s\n", reason.s);
	sb_fini(&reason);
	show_reset_json(s->out, p);
	show_id_type(s, p);
}

static void show_line(const struct summary *s, const struct peer *p)
{
	char key[ADDR_STRLEN];
	struct sb name;

	sb_init(&name);
	show_peer_name(p, &name);
	out_text(s->out, "%s%-*s", p->dynamic ? "*" : "", s->name_width - p->dynamic, name.s);
	sb_fini(&name);
	out_obj(s->out, addr_str(&p->source.addr, key));
	if (s->failed)
		show_failed(s, p);
	else
		show_neighbor(s, p);
	out_obj_end(s->out);
}

/* The lines of the neighbors behind the last one; true: there are more. */
static bool show_lines(struct summary *s)
{
	bool first = s->after.addr.family == FAMILY_NONE;

	for (const struct peer *p = peer_after(s->b, first ? NULL : &s->after); p;
	     p = peer_next(p)) {
		if (!wanted(s, p))
			continue;
		show_line(s, p);
		s->after = peer_place(p);
		if (out_queued(s->out) >= SHOW_QUEUE)
			return true;
	}
	return false;
}

/* ---- a family ---- */

static void show_tail(const struct summary *s)
{
	struct out *out = s->out;

	if (s->matched) {
		out_text(out, "\n");
		if (s->filtered)
			out_text(out, "Displayed neighbors %u\n", s->matched);
		out_text(out, "Total number of neighbors %u\n", s->total);
	}
	if (s->b && s->dynamic)
		out_text(out, "* - dynamic neighbor\n%u dynamic neighbor(s), limit %u\n",
		    s->dynamic, s->b->cfg.listen_limit);
	out_uint(out, "failedPeers", NULL, s->down);
	out_uint(out, "displayedPeers", NULL, s->failed ? s->fitting : s->matched);
	out_uint(out, "totalPeers", NULL, s->total);
	out_uint(out, "dynamicPeers", NULL, s->dynamic);
	if (s->failed)
		return;
	out_obj(out, "bestPath");
	out_str(
	    out, "multiPathRelax", NULL, s->b && s->b->cfg.rib.multipath_relax ? "true" : "false");
	out_obj_end(out);
}

static void show_none_failed(const struct summary *s)
{
	out_text(s->out, "%% No failed BGP neighbors found\n");
	out_uint(s->out, "failedPeersCount", NULL, 0);
	out_uint(s->out, "dynamicPeers", NULL, s->dynamic);
	out_uint(s->out, "totalPeers", NULL, s->total);
}

static void begin_family(struct summary *s)
{
	if (s->titled) {
		out_text(s->out, "\n%s Summary:\n", show_family_title(s->family));
		if (out_json(s->out))
			out_raw(
			    s->out, "%s\"%s\":", s->any ? ",\n" : "", show_family_key(s->family));
	}
	count(s);
	s->any = s->open = true;
	s->after = (struct peer_place){0};
	out_obj(s->out, NULL);
	s->listed = !(s->failed && !s->down);
	if (!s->listed) {
		show_none_failed(s);
		return;
	}
	show_head(s);
	if (s->matched)
		show_titles(s);
	else
		out_text(s->out, "%% No matching neighbor\n");
	out_obj(s->out, "peers");
}

static void end_family(struct summary *s)
{
	if (s->listed) {
		out_obj_end(s->out);
		show_tail(s);
	}
	out_obj_end(s->out);
	if (out_json(s->out))
		out_raw(s->out, "\n");
	s->open = false;
}

/* ---- the command ---- */

static bool next_family(struct summary *s)
{
	while (s->b && s->family + 1 < FAMILY_LIMIT) {
		s->family++;
		if (show_family_used(s->b, s->family) &&
		    (s->only == FAMILY_NONE || s->only == s->family))
			return true;
	}
	return false;
}

static void end_summary(struct summary *s)
{
	if (!s->any && (!s->titled || !out_json(s->out)))
		out_raw(s->out, "%s\n",
		    out_json(s->out) ? "{}" : "% No BGP neighbors found in VRF default");
	if (s->titled && out_json(s->out))
		out_raw(s->out, "}\n");
	if (s->framed)
		show_frame_close(s->out);
}

static bool step_summary(void *ctx, struct out *out)
{
	struct summary *s = ctx;

	s->out = out;
	s->b = s->inst->bgp;
	s->rib = s->b && s->open ? s->b->rib[s->family] : NULL;
	if (!s->open && next_family(s)) {
		s->rib = s->b->rib[s->family];
		begin_family(s);
	}
	if (s->open) {
		if (s->b && s->listed && show_lines(s))
			return true;
		end_family(s);
		return true;
	}
	end_summary(s);
	return false;
}

static void read_remote_as(struct summary *s, const struct cli_args *a)
{
	const char *which = arg_str(a, "which");

	if (!which)
		return;
	s->filtered = true;
	if (!strcmp(which, "internal"))
		s->remote_as = INTERNAL_AS;
	else if (!strcmp(which, "external"))
		s->remote_as = EXTERNAL_AS;
	else if (arg_as(a, "as", &s->as))
		s->remote_as = THIS_AS;
}

static struct summary *read_line(struct cli_call *call)
{
	const struct cli_args *a = call->args;
	struct summary *s = mem_zalloc(sizeof(*s));

	s->inst = call->app;
	s->established = arg_has(a, "established");
	s->failed = arg_has(a, "failed");
	s->terse = arg_has(a, "terse");
	s->wide = arg_has(a, "wide");
	s->filtered = s->established || s->failed || arg_str(a, "peer");
	s->framed = show_vrf_all(call);
	s->titled = !arg_has(a, "unicast");
	if (show_family_given(call))
		s->only = (uint8_t)show_family(call);
	read_remote_as(s, a);
	return s;
}

static enum cli_rc run_summary(struct cli_call *call)
{
	const struct bgp *b = show_bgp(call, SHOW_MISSING_SUMMARY);
	const char *name = arg_str(call->args, "peer");
	const struct peer *p = b && name ? show_peer_find(b, name) : NULL;
	struct summary *s;

	if (!b)
		return CLI_OK;
	if (name && !p) {
		show_warning(call->out, "No such neighbor in this view/vrf",
		    "No such neighbor in this view/vrf");
		return CLI_OK;
	}
	s = read_line(call);
	if (p)
		s->neighbor = p->source.addr;
	if (s->framed)
		show_frame_open(call->out, false);
	if (s->titled && out_json(call->out))
		out_raw(call->out, "{\n");
	return cli_defer(call, step_summary, mem_free, s);
}

static const struct cli_row show_summary_rows[] = {
    {IN_EXEC,
	"show [ip] bgp " SHOW_VRF SHOW_FAMILY "[all] summary [established|failed] "
	"[<neighbor " CLI_PEER "|remote-as <ASNUM$as|internal|external>$which>] [terse] [wide] "
	"[json]",
	SHOW_HELP "\n\n\n\nShow only the specified neighbor session\n" SHOW_HELP_PEER
		  "Show only the specified remote AS sessions\n",
	0, .run = run_summary},
};
const struct cmd_rows cmd_show_summary = CMD_ROWS(show_summary_rows);
