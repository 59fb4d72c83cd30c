/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `clear bgp ...`: sessions reset hard or softly.
 *
 * FRR's rules: without a family a hard reset means the session whatever it carries, a soft one
 * means all its families, or IPv4's with the word "ip"; with a family only neighbors that have it
 * active are meant. A neighbor that is not there is said on the shell, with exit status 0 as FRR
 * has it.
 */
#include <stdlib.h>
#include <string.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/instance.h"
#include "bgpd/peer/peergroup.h"

enum clear_how { CLEAR_HARD, CLEAR_SOFT_IN, CLEAR_SOFT_OUT, CLEAR_SOFT_BOTH };

struct clear_job {
	enum clear_how how;
	enum family family; /* NONE: all */
};

static void soft(struct peer *p, enum family f, enum clear_how how)
{
	if (!p->family[f].negotiated || !peer_is_up(p))
		return;
	if (how != CLEAR_SOFT_OUT)
		peer_soft_in(p, f);
	if (how != CLEAR_SOFT_IN)
		peer_soft_out(p, f);
}

static void clear_peer(struct peer *p, const struct clear_job *job)
{
	if (job->family != FAMILY_NONE && !p->cfg.family[job->family].active)
		return;
	if (job->how == CLEAR_HARD) {
		peer_clear(p);
		return;
	}
	FOR_EACH_FAMILY (f)
		if (job->family == FAMILY_NONE || job->family == f)
			soft(p, f, job->how);
}

static struct clear_job read_job(const struct cli_args *args)
{
	struct clear_job job = {.how = CLEAR_HARD, .family = FAMILY_NONE};
	bool in = arg_has(args, "in"), out = arg_has(args, "out");

	if (in)
		job.how = CLEAR_SOFT_IN;
	else if (out)
		job.how = CLEAR_SOFT_OUT;
	else if (arg_has(args, "soft"))
		job.how = CLEAR_SOFT_BOTH;
	job.family = cmd_family_named(args);
	if (job.family == FAMILY_NONE && arg_has(args, "ip") && job.how != CLEAR_HARD)
		job.family = FAMILY_IPV4;
	return job;
}

/* `*`, `external`, an AS number: all that fit. Returns how many did. */
static unsigned clear_fitting(struct bgp *b, const char *who, const struct clear_job *job)
{
	bool all = !strcmp(who, "*"), external = !strcmp(who, "external");
	uint32_t as = (uint32_t)strtoul(who, NULL, 10);
	struct peer *p;
	unsigned n = 0;

	list_for_each (p, &b->peers, link)
		if (all || (external && peer_is_ebgp(p)) || p->source.as == as) {
			clear_peer(p, job);
			n++;
		}
	return n;
}

static void clear_group(
    struct bgp *b, const char *group, const struct clear_job *job, struct out *out)
{
	struct peer *p, *next;

	if (!peer_group_find(b, group)) {
		out_text(out, "%% BGP: No such peer-group %s\n", group);
		return;
	}
	list_for_each_safe (p, next, &b->peers, link)
		if (p->cfg.group && !strcmp(p->cfg.group, group))
			clear_peer(p, job);
}

static enum cli_rc run_clear(struct cli_call *call)
{
	struct instance *inst = call->app;
	const char *who = arg_str(call->args, "who");
	const char *group = arg_str(call->args, "group");
	struct clear_job job = read_job(call->args);
	struct addr a;
	struct peer *p;

	if (!inst->bgp)
		return CLI_OK;
	if (group) {
		clear_group(inst->bgp, group, &job, call->out);
		return CLI_OK;
	}
	if (addr_parse(who, &a)) {
		p = peer_find(inst->bgp, &a);
		if (p)
			clear_peer(p, &job);
		else
			out_text(call->out, "%% BGP: Unknown neighbor - \"%s\"\n", who);
		return CLI_OK;
	}
	if (clear_fitting(inst->bgp, who, &job))
		return CLI_OK;
	if (who[0] >= '0' && who[0] <= '9')
		out_text(call->out, "%% BGP: No Unknown peer is configured with AS %s\n", who);
	else if (strcmp(who, "*") && strcmp(who, "external"))
		out_text(call->out, "%% BGP: Unknown neighbor - \"%s\"\n", who);
	return CLI_OK;
}

static const struct cli_row clear_rows[] = {
    {IN_ENABLE,
	"clear [ip] bgp [<ipv4|ipv6> [unicast]] "
	"<*|A.B.C.D|X:X::X:X|WORD|ASNUM|external|peer-group PGNAME$group>$who "
	"[<soft [<in|out>]|in|out>]",
	"A.B.C.D\tBGP IPv4 neighbor to clear\nX:X::X:X\tBGP IPv6 neighbor to clear\n"
	"WORD\tBGP neighbor on interface to clear\nASNUM\tClear peers with the AS number\n"
	"peer-group\tClear all members of peer-group\nPGNAME\tBGP peer-group name\n"
	"ipv6\tAddress Family",
	0, .run = run_clear},
};
const struct cmd_rows cmd_clear = CMD_ROWS(clear_rows);
