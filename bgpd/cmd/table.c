/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole table: every subject's rows, in the order in which a configuration prints them. */
#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "cli/cli.h"

static const struct cmd_rows *const subjects[] = {
    &cmd_system,
    &cmd_service,
    &cmd_log,
    &cmd_debug,
    &cmd_password,
    &cmd_static,
    &cmd_interface,
    &cmd_bgp,
    &cmd_group,
    &cmd_neighbor,
    &cmd_listen,
    &cmd_family,
    &cmd_group_family,
    &cmd_neighbor_family,
    &cmd_family_end,
    &cmd_line,
    &cmd_clear,
    &cmd_running,
    &cmd_show_policy,
    &cmd_show_system,
    &cmd_show_summary,
    &cmd_show_table,
    &cmd_show_route,
    &cmd_show_neighbor,
    &cmd_show_peergroup,
    &cmd_show_adj,
    &cmd_show_nexthop,
    &cmd_show_statistics,
    &cmd_show_store,
    &cmd_show_group,
    &cmd_show_misc,
    &cmd_show_rt,
    &cmd_show_nht,
    &cmd_show_interface,
    &cmd_show_static,
};

void cmd_add_rows(struct cli *c)
{
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		cli_add_rows(c, subjects[i]->rows, subjects[i]->count);
}
