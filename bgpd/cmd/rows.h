/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of rows, one per subject. cmd_add_rows (modes.h) adds them in print order. */
#ifndef FERRO_CMD_ROWS_H
#define FERRO_CMD_ROWS_H

#include "cli/row.h"

struct cmd_rows {
	const struct cli_row *rows;
	size_t count;
};
#define CMD_ROWS(table)                                                                            \
	{                                                                                          \
		(table), sizeof(table) / sizeof((table)[0])                                        \
	}

extern const struct cmd_rows cmd_system, cmd_service, cmd_log, cmd_password, cmd_debug, cmd_static,
    cmd_interface, cmd_bgp, cmd_family, cmd_family_end, cmd_group, cmd_neighbor, cmd_listen,
    cmd_group_family, cmd_neighbor_family, cmd_line, cmd_clear, cmd_running, cmd_show_policy,
    cmd_show_system, cmd_show_summary, cmd_show_table, cmd_show_route, cmd_show_neighbor,
    cmd_show_peergroup, cmd_show_adj, cmd_show_nexthop, cmd_show_statistics, cmd_show_store,
    cmd_show_group, cmd_show_misc, cmd_show_rt, cmd_show_nht, cmd_show_interface, cmd_show_static;

#endif
