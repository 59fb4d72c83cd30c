/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows of the daemon itself: logging, memory, protocols of the routing table.
 *
 * FRR has one answer a daemon; Ferro is all of them, so the same settings are shown under each
 * name.
 */
#include <malloc.h>
#include <string.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/codec/attr.h"
#include "bgpd/instance.h"

/* The daemons of FRR whose work is done here, in the order in which vtysh asks them. */
struct daemon_name {
	const char *name, *protocol;
};
static const struct daemon_name daemons[] = {
    {"mgmtd", "MGMTD"},
    {"zebra", "ZEBRA"},
    {"bgpd", "BGP"},
    {"staticd", "STATIC"},
};
enum { DAEMON_COUNT = sizeof(daemons) / sizeof(daemons[0]) };

static void show_destination(struct out *out, const char *name, int level)
{
	if (level == LOG_OFF)
		out_text(out, "%s logging: disabled\n", name);
	else
		out_text(out, "%s logging: level %s\n", name, log_level_name(level));
}

static void show_file(struct out *out, const struct log *log)
{
	int level = log_level(log, LOG_TO_FILE);

	if (!log_file(log) || level == LOG_OFF)
		out_text(out, "File logging: disabled\n");
	else
		out_text(out, "File logging: level %s, filename %s\n", log_level_name(level),
		    log_file(log));
}

static enum cli_rc run_show_logging(struct cli_call *call)
{
	const struct instance *inst = call->app;
	const struct system_cfg *cfg = &inst->sys;

	for (int i = 0; i < DAEMON_COUNT; i++) {
		out_text(call->out, "Logging configuration for %s:\n", daemons[i].name);
		show_destination(call->out, "Syslog", log_level(inst->log, LOG_TO_SYSLOG));
		show_destination(call->out, "Stdout", log_level(inst->log, LOG_TO_STDOUT));
		show_file(call->out, inst->log);
		out_text(call->out, "Protocol name: %s\n", daemons[i].protocol);
		out_text(
		    call->out, "Record priority: %s\n", cfg->log_priority ? "enabled" : "disabled");
		out_text(call->out, "Record severity: disabled\n");
		out_text(call->out, "Timestamp precision: %u\n\n", cfg->log_precision);
	}
	return CLI_OK;
}

static void show_bytes(struct out *out, const char *name, size_t bytes)
{
	out_text(out, "  %-22s %zu KiB\n", name, bytes / 1024);
}

static size_t table_bytes(const struct bgp *b)
{
	size_t n = 0;

	FOR_EACH_FAMILY (f)
		n += rib_bytes(b->rib[f]);
	return n;
}

/* FRR's text about the allocator, then what the tables hold; Ferro has no per-type counters. */
static enum cli_rc run_show_memory(struct cli_call *call)
{
	const struct instance *inst = call->app;
	struct mallinfo2 m = mallinfo2();

	out_text(call->out, "Memory statistics for bgpd:\nSystem allocator statistics:\n");
	show_bytes(call->out, "Total heap allocated:", m.arena + m.hblkhd);
	show_bytes(call->out, "Holding block headers:", m.hblkhd);
	show_bytes(call->out, "Used small blocks:", m.usmblks);
	show_bytes(call->out, "Used ordinary blocks:", m.uordblks);
	show_bytes(call->out, "Free small blocks:", m.fsmblks);
	show_bytes(call->out, "Free ordinary blocks:", m.fordblks);
	out_text(call->out, "  Ordinary blocks:       %zu\n", m.ordblks);
	out_text(call->out, "  Small blocks:          %zu\n", m.smblks);
	out_text(call->out, "  Holding blocks:        %zu\n", m.hblks);
	out_text(call->out, "(see system documentation for 'mallinfo' for meaning)\n");
	out_text(call->out, "--- tables ---\n");
	show_bytes(call->out, "Attribute sets:", attr_store_bytes(inst->attrs));
	if (inst->bgp)
		show_bytes(call->out, "BGP tables:", table_bytes(inst->bgp));
	return CLI_OK;
}

/* zebra's list of protocols with the route-map each is filtered by (`ip protocol P route-map R`).
 */
static const char *const protocols[] = {"system", "kernel", "connected", "local", "static", "rip",
    "ripng", "ospf", "ospf6", "isis", "bgp", "pim", "eigrp", "nhrp", "hsls", "olsr", "table", "ldp",
    "vnc", "vnc-direct", "vnc-rn", "bgp-direct", "bgp-direct-to-nve-groups", "babel", "sharp",
    "pbr", "bfd", "openfabric", "vrrp", "zebra", "srte", "table-direct", "any"};

static enum cli_rc run_show_protocol(struct cli_call *call)
{
	out_text(call->out, "VRF: default\nProtocol                  : route-map\n"
			    "-------------------------------------\n");
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		out_text(call->out, "%-26s: none\n", protocols[i]);
	return CLI_OK;
}

/* FRR lists the VRFs but for the default one, and the router ids that were set by `ip router-id`:
 * Ferro has neither statement. */
static enum cli_rc run_show_nothing(struct cli_call *call)
{
	(void)call;
	return CLI_OK;
}

static const struct cli_row system_rows[] = {
    {IN_ENABLE, "show logging", NULL, 0, .run = run_show_logging},
    {IN_EXEC, "show memory", "memory\tMemory statistics", 0, .run = run_show_memory},
    {IN_EXEC, "show ip protocol", "protocol\tIP protocol filtering status", 0,
	.run = run_show_protocol},
    {IN_EXEC, "show ipv6 protocol",
	"ipv6\tIPv6 Information\nprotocol\tIPv6 protocol filtering status", 0,
	.run = run_show_protocol},
    {IN_EXEC, "show vrf", "vrf\tVRF", 0, .run = run_show_nothing},
    {IN_EXEC, "show ip router-id", "router-id\tShow the configured router-id", 0,
	.run = run_show_nothing},
};
const struct cmd_rows cmd_show_system = CMD_ROWS(system_rows);
