/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `neighbor ... send-community`: all kinds are sent unless it is said otherwise.
 *
 * There is one statement a kind and one for all of them, since that is what FRR prints if nothing
 * is sent. Under `no ... send-community all` no kind is on by default, so the kinds' own negations
 * say nothing; to send one kind again is to hold back the other two. A member of a group holds back
 * what its group does, and what it says itself; to take that back is to be as the group again, as
 * in FRR: it cannot send what the group holds back.
 */
#include "bgpd/cmd/community.h"

#include <stdio.h>

#include "bgpd/cmd/peergroup.h"
#include "bgpd/cmd/replay.h"

static const char *const suffixes[SEND_KINDS + 1] = {"", " extended", " large", " all"};

static const struct conf_node *said(const struct conf_node *block, const char *peer, unsigned kind)
{
	char line[GROUP_NAME_LEN + 48];

	snprintf(line, sizeof(line), "neighbor %s send-community%s", peer, suffixes[kind]);
	return conf_find(block, line);
}

static bool is_held(const struct conf_node *block, const char *peer, unsigned kind)
{
	const struct conf_node *n = said(block, peer, kind);

	return n && conf_is_no(n);
}

bool is_on_send(
    const struct conf *candidate, const struct conf_node *parent, const struct cli_args *args)
{
	const char *peer = arg_str(args, "peer");

	(void)candidate;
	return arg_row(args)->data == SEND_ALL || !is_held(parent, peer, SEND_ALL);
}

static void say(struct sb *lines, bool no, const char *peer, unsigned kind)
{
	sb_fmt(lines, "%sneighbor %s send-community%s\n", no ? "no " : "", peer, suffixes[kind]);
}

enum cli_rc rewrite_send(void *app, const struct conf *candidate, const struct conf_node *parent,
    const struct cli_args *args, bool no, struct sb *lines, struct sb *msg)
{
	const char *peer = arg_str(args, "peer");
	unsigned kind = arg_row(args)->data, held = 0;
	bool all = is_held(parent, peer, SEND_ALL);

	(void)app;
	(void)candidate;
	(void)msg;
	for (unsigned k = 0; k < SEND_KINDS; k++)
		held += k != kind && is_held(parent, peer, k);
	if (no && !all && held == SEND_KINDS - 1)
		say(lines, true, peer, SEND_ALL);
	if (no || !all)
		return CLI_OK;
	say(lines, false, peer, SEND_ALL);
	for (unsigned k = 0; k < SEND_KINDS; k++)
		if (k != kind)
			say(lines, true, peer, k);
	return CLI_OK;
}

enum cli_rc rewrite_send_all(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *lines,
    struct sb *msg)
{
	const char *peer = arg_str(args, "peer");

	(void)app;
	(void)candidate;
	(void)msg;
	for (unsigned k = 0; !no && !is_held(parent, peer, SEND_ALL) && k < SEND_KINDS; k++)
		if (is_held(parent, peer, k))
			say(lines, false, peer, k);
	return CLI_OK;
}

enum cli_rc begin_send_all(void *app, const struct conf *candidate, const struct conf_node *parent,
    const struct cli_args *args, bool no, struct sb *lines, struct sb *msg)
{
	(void)app;
	(void)candidate;
	(void)parent;
	(void)no;
	(void)msg;
	for (unsigned k = 0; k < SEND_KINDS; k++)
		say(lines, false, arg_str(args, "peer"), k);
	return CLI_OK;
}

void spell_send_word(const struct cli_args *args, bool no, struct sb *lines)
{
	say(lines, no, arg_str(args, "peer"), SEND_STANDARD);
	if (arg_has(args, "both"))
		say(lines, no, arg_str(args, "peer"), SEND_EXTENDED);
}

void apply_send(void *settings, const struct cli_args *args, bool no)
{
	struct peer_replay *to = settings;
	struct peer_family_cfg *f = &to->cfg->family[to->family];
	bool *held[] = {&f->hold_community, &f->hold_ext_community, &f->hold_large_community};
	unsigned kind = arg_row(args)->data;

	for (unsigned k = 0; k < SEND_KINDS; k++)
		if (kind == SEND_ALL || kind == k)
			*held[k] = no;
}
