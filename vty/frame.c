/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names under which FRR's daemons are reached. One process answers for all that are marked, so
 * clients that look for bgpd.vty, zebra.vty or staticd.vty find what they expect. A later room that
 * does another FRR daemon's work only changes its mark here.
 */
#include "vty/frame.h"

const struct frame_daemon frame_daemons[] = {
    {"mgmtd", true},
    {"zebra", true},
    {"ripd", false},
    {"ripngd", false},
    {"ospfd", false},
    {"ospf6d", false},
    {"ldpd", false},
    {"bgpd", true},
    {"isisd", false},
    {"pimd", false},
    {"pim6d", false},
    {"nhrpd", false},
    {"eigrpd", false},
    {"babeld", false},
    {"sharpd", false},
    {"fabricd", false},
    {"watchfrr", false},
    {"pbrd", false},
    {"staticd", true},
    {"bfdd", false},
    {"vrrpd", false},
    {"pathd", false},
};

const size_t frame_daemon_count = sizeof frame_daemons / sizeof frame_daemons[0];
