/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands that are about the shell rather than about the router.
 *
 * vtysh has no command table, so what FRR's vtysh answers itself is here too: the row asks the
 * shell for it in the note of the reply (conn_ask). A client that is not our shell cannot be asked:
 * for FRR's own, which have done it themselves, such a command does nothing, as in FRR's daemons;
 * whoever types on the TCP port is told.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "vty/conn.h"
#include "vty/frame.h"
#include "vty/telnet.h"

#define EXEC (1u << MODE_VIEW | 1u << MODE_ENABLE)
#define ENABLE (1u << MODE_ENABLE)
#define CONFIG (1u << MODE_CONFIG)
#define ALL_BUT_VIEW (~(uint64_t)(1u << MODE_VIEW))
#define DAEMONS "<zebra|mgmtd|bgpd|staticd|bfdd>"

/* The connection if its client is one of the TCP port, else NULL. */
static struct telnet *telnet_of(const struct cli_call *call)
{
	struct vty_conn *c = conn_of(call->session);

	return c ? conn_telnet(c) : NULL;
}

/* The connection if its client is our shell, else NULL. */
static struct vty_conn *shell_of(const struct cli_call *call)
{
	struct vty_conn *c = conn_of(call->session);

	return c && conn_is_ours(c) ? c : NULL;
}

/* What only our shell can do was asked for by another client. */
static enum cli_rc not_here(const struct cli_call *call)
{
	if (!telnet_of(call))
		return CLI_OK;
	out_text(call->out, "%% This is done by vtysh only\n");
	return CLI_WARNING;
}

static bool is_served(const char *daemon)
{
	for (size_t i = 0; i < frame_daemon_count; i++) {
		if (strcmp(frame_daemons[i].name, daemon) == 0)
			return frame_daemons[i].served;
	}
	return false;
}

static enum cli_rc show_daemons(struct cli_call *call)
{
	const char *only = vty_only_daemon(call->session);

	for (size_t i = 0; i < frame_daemon_count; i++) {
		if (frame_daemons[i].served && (!only || !strcmp(only, frame_daemons[i].name)))
			out_text(call->out, " %s", frame_daemons[i].name);
	}
	out_text(call->out, "\n");
	return CLI_OK;
}

static enum cli_rc show_history(struct cli_call *call)
{
	struct vty_conn *c = shell_of(call);

	if (c)
		conn_ask(c, "history");
	else if (telnet_of(call))
		telnet_show_history(telnet_of(call), call->out);
	return CLI_OK;
}

static enum cli_rc show_motd(struct cli_call *call)
{
	struct vty_conn *c = conn_of(call->session);
	struct sb text;

	sb_init(&text);
	if (c)
		vty_greeting(conn_server(c)->config.access, &text);
	out_text(call->out, "%s", text.s);
	sb_fini(&text);
	return CLI_OK;
}

static enum cli_rc who(struct cli_call *call)
{
	struct vty_conn *c = conn_of(call->session);

	if (c)
		conn_list(conn_server(c), call->out);
	return CLI_OK;
}

static enum cli_rc clear_screen(struct cli_call *call)
{
	struct vty_conn *c = shell_of(call);

	if (c)
		conn_ask(c, "clear");
	else if (telnet_of(call))
		out_text(call->out, "\033[2J\033[H");
	return CLI_OK;
}

static enum cli_rc ask_paginate(struct cli_call *call, bool on)
{
	struct vty_conn *c = shell_of(call);

	if (!c)
		return not_here(call);
	conn_ask(c, "paginate %s", on ? "on" : "off");
	return CLI_OK;
}

static enum cli_rc terminal_paginate(struct cli_call *call)
{
	return ask_paginate(call, !call->no);
}

/* The row without a number is `terminal no length`. */
static enum cli_rc telnet_length(struct cli_call *call, struct telnet *t)
{
	bool given = !call->no && arg_has(call->args, "lines");
	uint32_t lines = arg_u32(call->args, "lines", 0);

	if (given && lines > VTY_LENGTH_MAX) {
		out_text(call->out, "%% The length is at most %d\n", VTY_LENGTH_MAX);
		return CLI_WARNING;
	}
	telnet_set_length(t, given ? (int)lines : -1);
	return CLI_OK;
}

static enum cli_rc terminal_length(struct cli_call *call)
{
	bool on = !call->no && arg_u32(call->args, "lines", 0) > 0;

	if (telnet_of(call))
		return telnet_length(call, telnet_of(call));

	if (on)
		out_text(call->out,
		    "%% The \"terminal length\" command is deprecated and its value is ignored.\n"
		    "%% Please use \"terminal paginate\" instead with OS TTY length handling.\n");
	return ask_paginate(call, on);
}

static enum cli_rc terminal_monitor(struct cli_call *call)
{
	struct vty_conn *c = conn_of(call->session);
	const char *daemon = arg_str(call->args, "daemon");

	if (daemon && !is_served(daemon)) {
		out_text(call->out, "%s is not running\n", daemon);
		return CLI_CONFIG_FAILED;
	}
	if (!c || !(conn_is_ours(c) || conn_telnet(c)))
		return CLI_OK;
	if (!call->no && daemon && conn_monitors(c))
		out_text(call->out, "%% %s: already monitoring logs\n", daemon);
	conn_set_monitor(c, !call->no);
	return CLI_OK;
}

static enum cli_rc output_file(struct cli_call *call)
{
	struct vty_conn *c = shell_of(call);

	if (!c)
		return not_here(call);
	if (call->no)
		conn_ask(c, "output");
	else
		conn_ask(c, "output %s", arg_str(call->args, "path"));
	return CLI_OK;
}

/* The shell has the file, and the rights of its user. */
static enum cli_rc load_file(struct cli_call *call)
{
	struct vty_conn *c = shell_of(call);

	if (!c)
		return not_here(call);
	conn_ask(c, "load %s", arg_str(call->args, "path"));
	return CLI_OK;
}

static enum cli_rc save(struct cli_call *call, enum save_how how)
{
	struct vty_conn *c = conn_of(call->session);

	return c ? vty_save(conn_server(c), how, call) : CLI_WARNING;
}

static enum cli_rc write_memory(struct cli_call *call)
{
	return save(call, SAVE_AS_CONFIGURED);
}

static enum cli_rc write_integrated(struct cli_call *call)
{
	return save(call, SAVE_INTEGRATED);
}

/* The saved file as it is on the disk. */
static enum cli_rc show_startup(struct cli_call *call)
{
	struct vty_conn *c = conn_of(call->session);
	char part[4096];
	struct sb path;
	ssize_t n;
	int fd;

	if (!c)
		return CLI_WARNING;
	sb_init(&path);
	vty_saved_path(conn_server(c), &path);
	fd = open(path.s, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		out_text(call->out, "%% Can't open configuration file [%s] due to '%s'\n", path.s,
		    strerror(errno));
	while (fd >= 0 && (n = read(fd, part, sizeof part)) > 0)
		out_text(call->out, "%.*s", (int)n, part);
	if (fd >= 0)
		close(fd);
	sb_fini(&path);
	return CLI_OK;
}

/* "run PROGRAM ARGS": the shell knows the programs that it may run. */
static enum cli_rc ping(struct cli_call *call)
{
	struct vty_conn *c = shell_of(call);
	const char *source = arg_str(call->args, "source");
	uint32_t count = arg_u32(call->args, "count", 0);
	struct sb args;

	if (!c)
		return not_here(call);
	sb_init(&args);
	if (source)
		sb_fmt(&args, " -I %s", source);
	if (count)
		sb_fmt(&args, " -c %u", count);
	if (arg_has(call->args, "dontfragment"))
		sb_add(&args, " -M do");
	conn_ask(c, "run %s%s -- %s", arg_has(call->args, "ipv6") ? "ping6" : "ping", args.s,
	    arg_str(call->args, "host"));
	sb_fini(&args);
	return CLI_OK;
}

static enum cli_rc traceroute(struct cli_call *call)
{
	struct vty_conn *c = shell_of(call);

	if (!c)
		return not_here(call);
	conn_ask(c, "run %s -- %s", arg_has(call->args, "ipv6") ? "traceroute6" : "traceroute",
	    arg_str(call->args, "host"));
	return CLI_OK;
}

/* What FRR's vtysh sends around a file. The lines in between commit one by one. */
static enum cli_rc file_mark(struct cli_call *call)
{
	(void)call;
	return CLI_OK;
}

#define PING_TAIL "[source <A.B.C.D|X:X::X:X|WORD>$source] [count (1-1000)$count] [dontfragment]"
#define PING_HELP                                                                                  \
	"Ping destination address or hostname\nSet the source address\n"                           \
	"IPv4 source address\nIPv6 source address\nSource interface or hostname\n"                 \
	"Set the number of requests\nNumber of requests\nDon't fragment"
#define SHOW "Show running system information\n"
#define TERMINAL "Set terminal line parameters\n"
#define WRITE "Write running configuration to memory, network, or terminal\n"
#define OUTPUT "Direct vtysh output to file\n"

const struct cli_row vty_rows[] = {
    {ALL_BUT_VIEW & ~(uint64_t)CONFIG, "clear", "Clear the terminal", ROW_SHELL,
	.run = clear_screen},
    {CONFIG, "clear", "Reset functions", ROW_SHELL, .run = clear_screen},
    {ALL_BUT_VIEW, "output file ![FILE$path]", OUTPUT OUTPUT "Path to dump output to",
	ROW_NO | ROW_SHELL, .run = output_file, .list = "output file FILE\nno output file [FILE]"},
    {ENABLE, "copy running-config startup-config",
	"Copy from one file to another\nCopy from current system configuration\n"
	"Copy to startup configuration",
	ROW_SHELL, .run = write_memory},
    {ENABLE, "copy FILENAME$path running-config",
	"Copy from one file to another\nConfiguration file to read\n"
	"Copy to current system configuration",
	ROW_SHELL, .run = load_file},
    {ENABLE, "show startup-config", SHOW "Contents of startup configuration", ROW_SHELL,
	.run = show_startup},
    {ENABLE, "write integrated", WRITE "Write integrated all-daemon frr.conf file", ROW_SHELL,
	.run = write_integrated},
    {ENABLE, "write [<memory|file>]",
	WRITE "Write configuration to the file (same as write file)\n"
	      "Write configuration to the file (same as write memory)",
	ROW_SHELL, .run = write_memory},
    {EXEC | CONFIG, "terminal paginate", TERMINAL "Use pager for output scrolling",
	ROW_NO | ROW_SHELL, .run = terminal_paginate, .list = "[no] terminal paginate"},
    {EXEC, "terminal length (0-4294967295)$lines",
	TERMINAL "Set number of lines on a screen\nNumber of lines on screen (0 for no pausing)",
	ROW_NO | ROW_SHELL, .run = terminal_length, .list = "[no] terminal length (0-4294967295)"},
    {EXEC, "terminal no length",
	TERMINAL "Negate a command or set its defaults\nSet number of lines on a screen",
	ROW_SHELL | ROW_HIDDEN, .run = terminal_length, .list = ""},
    {ENABLE, "show daemons", SHOW "Show list of running daemons", ROW_SHELL, .run = show_daemons},
    {ENABLE, "terminal monitor [" DAEMONS "$daemon]",
	TERMINAL "Receive log messages to active VTY session\nFor the zebra daemon\n"
		 "For the mgmtd daemon\nFor the bgpd daemon\nFor the staticd daemon\n"
		 "For the bfdd daemon",
	ROW_NO | ROW_SHELL, .run = terminal_monitor,
	.list = "terminal monitor [" DAEMONS "]\nno terminal monitor [" DAEMONS "]"},
    {EXEC, "ping WORD$host " PING_TAIL, "Send echo messages\n" PING_HELP, ROW_SHELL, .run = ping},
    {EXEC, "show motd", SHOW "Show motd", ROW_SHELL, .run = show_motd},
    {EXEC, "ping ip WORD$host " PING_TAIL, "Send echo messages\nIP echo\n" PING_HELP, ROW_SHELL,
	.run = ping},
    {EXEC, "traceroute WORD$host",
	"Trace route to destination\nTrace route to destination address or hostname", ROW_SHELL,
	.run = traceroute},
    {EXEC, "traceroute ip WORD$host",
	"Trace route to destination\nIP trace\nTrace route to destination address or hostname",
	ROW_SHELL, .run = traceroute},
    {EXEC, "ping ipv6 WORD$host " PING_TAIL, "Send echo messages\nIPv6 echo\n" PING_HELP, ROW_SHELL,
	.run = ping},
    {EXEC, "traceroute ipv6 WORD$host",
	"Trace route to destination\nIPv6 trace\nTrace route to destination address or hostname",
	ROW_SHELL, .run = traceroute},
    {EXEC, "who", "Display who is on vty", ROW_HIDDEN, .run = who}, /* FRR: on the vty port */
    {EXEC, "show history", SHOW "The list of commands stored in history", ROW_SHELL,
	.run = show_history},
    {CONFIG, "XFRR_start_configuration", "The Beginning of Configuration", ROW_HIDDEN,
	.run = file_mark},
    {CONFIG, "XFRR_end_configuration", "The End of Configuration", ROW_HIDDEN, .run = file_mark},
};

const size_t vty_row_count = sizeof vty_rows / sizeof vty_rows[0];
