/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show bgp update-groups`: who is sent the same, and how that went.
 *
 * FRR divides a group into subgroups of members that are equally far; Ferro's group is one such,
 * so both have one number here. There can be as many groups as neighbors: a step shows some and
 * remembers the last one's number. A group's members are said at once.
 */
#include <stdio.h>

#include "bgpd/cmd/show.h"
#include "lib/clock.h"
#include "lib/mem.h"

enum { COALESCE_MS = 1300 };

static void show_created(struct out *out, uint32_t since, const char *indent, const char *str_key)
{
	int64_t epoch = clock_to_epoch(since);
	char text[SHOW_DATE_LEN];

	out_text(out, "%s  Created: %s\n", indent, show_date(epoch, text));
	show_moment(out, "groupCreateTime", "epochString", epoch);
	if (str_key)
		out_str(out, str_key, NULL, show_lasting(clock_sec() - since, text));
}

static void show_events(struct out *out, const struct group_stats *s)
{
	out_obj(out, "statistics");
	out_uint(out, "joinEvents", "    Join events: %llu\n", s->joins);
	out_uint(out, "pruneEvents", "    Prune events: %llu\n", s->prunes);
	out_uint(out, "mergeEvents", "    Merge events: %llu\n", s->merges);
	out_uint(out, "splitEvents", "    Split events: %llu\n", s->splits);
	out_uint(out, "switchEvents", "    Update group switch events: %llu\n", 0);
	out_uint(out, "peerRefreshEvents", "    Peer refreshes combined: %llu\n", 0);
	out_uint(out, "mergeCheckEvents", "    Merge checks triggered: %llu\n", 0);
	out_obj_end(out);
}

static void show_queue(struct out *out, const struct group_stats *s)
{
	out_uint(out, "coalesceTime", "    Coalesce Time: %llu\n", COALESCE_MS);
	out_uint(out, "version", "    Version: %llu\n", s->version);
	out_obj(out, "packetQueueInfo"); /* the first key is FRR's spelling */
	out_uint(out, "qeueueLen", "    Packet queue length: %llu\n", 0);
	out_uint(out, "queuedTotal", NULL, s->messages);
	out_uint(out, "queueHwmLen", NULL, s->messages);
	out_uint(out, "totalEnqueued", "    Total packets enqueued: %llu\n", s->messages);
	out_obj_end(out);
	out_text(out, "    Packet queue high watermark: %llu\n", (unsigned long long)s->messages);
}

static void show_members(struct out *out, const struct group *g)
{
	const struct member *m;
	char text[ADDR_STRLEN];

	out_text(out, "    Peers:\n");
	out_arr(out, "peers");
	list_for_each (m, group_members(g), link)
		out_str(out, NULL, "      - %s\n", addr_str(&m->source->addr, text));
	out_arr_end(out);
}

static void show_group(struct out *out, const struct group *g, enum family f)
{
	const struct group_stats *s = group_stats(g);
	bool extended = group_key(g)->extended_message;
	char key[16], text[SHOW_DATE_LEN];

	snprintf(key, sizeof(key), "%u", group_id(g));
	out_obj(out, key);
	out_text(out, "Update-group %s:\n", key);
	show_created(out, s->created, "", NULL);
	out_str(out, "afi", NULL, family_row_by(f)->afi_name);
	out_str(out, "safi", NULL, family_row_by(f)->safi_name);
	out_str(out, "grpCreateTimeStr", NULL, show_lasting(clock_sec() - s->created, text));
	out_uint(out, "minRouteAdvInt", "  MRAI value (seconds): %llu\n\n", 0);
	out_arr(out, "subGroup");
	out_obj(out, NULL);
	out_text(out, "  Update-subgroup %s:\n", key);
	out_uint(out, "subGroupId", NULL, group_id(g));
	show_created(out, s->created, "  ", "subGrpCreateTimeStr");
	show_events(out, s);
	show_queue(out, s);
	out_uint(out, "adjListCount", "    Adj-out list count: %llu\n", group_sent_count(g));
	out_bool(out, "needsRefresh", NULL, false);
	out_text(out, "    Advertise list: empty\n    Flags: \n    Max packet size: %u\n",
	    extended ? MSG_MAX_EXTENDED : MSG_MAX);
	show_members(out, g);
	out_obj_end(out);
	out_arr_end(out);
	out_obj_end(out);
}

/* ---- the commands ---- */

struct show_groups {
	const struct instance *inst;
	uint8_t family;   /* enum family */
	uint32_t last_id; /* of the last group shown; 0: none yet */
};

/* Numbers grow along the list. */
static const struct group *next_group(const struct show_groups *s)
{
	const struct rib *r = s->inst->bgp->rib[s->family];
	const struct group *g = NULL;

	while ((g = group_next(r, g)))
		if (group_id(g) > s->last_id)
			return g;
	return NULL;
}

static bool step_groups(void *ctx, struct out *out)
{
	struct show_groups *s = ctx;
	const struct group *g = s->inst->bgp ? next_group(s) : NULL;

	for (; g; g = group_next(s->inst->bgp->rib[s->family], g)) {
		show_group(out, g, (enum family)s->family);
		s->last_id = group_id(g);
		if (out_queued(out) >= SHOW_QUEUE)
			return true;
	}
	out_obj_end(out);
	out_obj_end(out);
	if (out_json(out))
		out_raw(out, "\n");
	return false;
}

static enum cli_rc run_groups(struct cli_call *call)
{
	const struct instance *inst = call->app;
	struct show_groups *s;

	if (!inst->bgp)
		return CLI_OK;
	s = mem_zalloc(sizeof(*s));
	s->inst = inst;
	s->family = (uint8_t)show_family(call);
	out_obj(call->out, NULL);
	out_obj(call->out, "default");
	return cli_defer(call, step_groups, mem_free, s);
}

static enum cli_rc run_group_statistics(struct cli_call *call)
{
	const struct instance *inst = call->app;
	struct group_stats sum = {0};
	unsigned count = 0;

	if (!inst->bgp)
		return CLI_OK;
	FOR_EACH_FAMILY (f) {
		const struct group *g = NULL;

		while ((g = group_next(inst->bgp->rib[f], g))) {
			const struct group_stats *s = group_stats(g);

			count++;
			sum.joins += s->joins;
			sum.prunes += s->prunes;
			sum.merges += s->merges;
			sum.splits += s->splits;
		}
	}
	out_text(call->out,
	    "Update groups created: %u\nUpdate groups deleted: 0\nUpdate subgroups created: %u\n"
	    "Update subgroups deleted: 0\nJoin events: %llu\nPrune events: %llu\n"
	    "Merge events: %llu\nSplit events: %llu\nUpdate group switch events: 0\n"
	    "Peer route refreshes combined: 0\nMerge checks triggered: 0\n",
	    count, count, (unsigned long long)sum.joins, (unsigned long long)sum.prunes,
	    (unsigned long long)sum.merges, (unsigned long long)sum.splits);
	return CLI_OK;
}

static const struct cli_row show_group_rows[] = {
    {IN_EXEC, "show [ip] bgp " SHOW_VRF SHOW_FAMILY "update-groups [json]", SHOW_HELP, 0,
	.run = run_groups},
    {IN_EXEC, "show [ip] bgp " SHOW_VRF "update-groups statistics", NULL, 0,
	.run = run_group_statistics},
};
const struct cmd_rows cmd_show_group = CMD_ROWS(show_group_rows);
