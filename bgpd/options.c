/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of bgpd.
 *
 * One table holds each option once: letters, name, argument, help line and setter; getopt's arrays
 * and the help text are derived from it. Options that only make sense beside FRR's other daemons
 * (-z, -I, modules) are taken so that FRR's start scripts work, and say in their help that they
 * change nothing. Nothing here opens a file or a socket.
 */
#include "bgpd/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/version.h"

enum { VTY_PORT = 2605 };

typedef bool option_set(struct options *o, const char *arg);

struct option_row {
	char letter; /* 0: long form only */
	const char *name;
	bool has_arg;
	const char *help; /* NULL: not shown */
	option_set *set;  /* NULL: taken, changes nothing */
};

static bool number(const char *s, unsigned long max, unsigned long *out)
{
	char *end;
	unsigned long v = strtoul(s, &end, 10);

	if (*s < '0' || *s > '9' || *end || v > max)
		return false;
	*out = v;
	return true;
}

static bool set_daemon(struct options *o, const char *arg)
{
	(void)arg;
	return o->daemon = true;
}

static bool set_dry_run(struct options *o, const char *arg)
{
	(void)arg;
	return o->dry_run = true;
}

static bool set_terminal(struct options *o, const char *arg)
{
	(void)arg;
	return o->terminal = true;
}

static bool set_no_kernel(struct options *o, const char *arg)
{
	(void)arg;
	return o->no_kernel = true;
}

static bool set_no_zebra(struct options *o, const char *arg)
{
	(void)arg;
	return o->no_zebra = true;
}

static bool set_skip_runas(struct options *o, const char *arg)
{
	(void)arg;
	return o->skip_runas = true;
}

static bool set_retain(struct options *o, const char *arg)
{
	(void)arg;
	return o->retain = true;
}

static bool set_log_commands(struct options *o, const char *arg)
{
	(void)arg;
	return o->log_commands = true;
}

static bool set_config_file(struct options *o, const char *arg)
{
	o->config_file = arg;
	return true;
}

static bool set_config_dir(struct options *o, const char *arg)
{
	mem_free(o->config_dir);
	o->config_dir = mem_strdup(arg);
	return true;
}

static bool set_pid_file(struct options *o, const char *arg)
{
	mem_free(o->pid_file);
	o->pid_file = mem_strdup(arg);
	return true;
}

static bool set_vty_socket(struct options *o, const char *arg)
{
	mem_free(o->vty_dir);
	o->vty_dir = mem_strdup(arg);
	return true;
}

static bool set_profile(struct options *o, const char *arg)
{
	o->profile_given = true;
	if (!strcmp(arg, "datacenter"))
		o->profile = PROFILE_DATACENTER;
	else if (!strcmp(arg, "traditional"))
		o->profile = PROFILE_TRADITIONAL;
	else
		return false;
	return true;
}

/* FRR refuses a path space that could leave its folder. */
static bool set_pathspace(struct options *o, const char *arg)
{
	if (!*arg || strchr(arg, '/') || strchr(arg, '.'))
		return false;
	o->pathspace = arg;
	return true;
}

static bool set_user(struct options *o, const char *arg)
{
	o->user = arg;
	return true;
}

static bool set_group(struct options *o, const char *arg)
{
	o->group = arg;
	return true;
}

static bool set_vty_addr(struct options *o, const char *arg)
{
	o->vty_addr = arg;
	if (!o->vty_port_given)
		o->vty_port = VTY_PORT;
	return true;
}

static bool set_vty_port(struct options *o, const char *arg)
{
	unsigned long v;

	if (!number(arg, 65535, &v))
		return false;
	o->vty_port = (uint16_t)v;
	return o->vty_port_given = true;
}

static bool set_port(struct options *o, const char *arg)
{
	unsigned long v;

	if (!number(arg, 65535, &v))
		return false;
	o->port = (uint16_t)v;
	return o->port_given = true;
}

/* FRR: listening on given addresses only implies -n. */
static bool set_listen(struct options *o, const char *arg)
{
	if (o->listen_count == OPTIONS_MAX_LISTEN || !addr_parse(arg, &o->listen[o->listen_count]))
		return false;
	o->listen_count++;
	return o->no_kernel = true;
}

static bool set_ecmp(struct options *o, const char *arg)
{
	unsigned long v;

	if (!number(arg, 64, &v) || v == 0)
		return false;
	o->ecmp = (uint16_t)v;
	return true;
}

static bool set_socket_size(struct options *o, const char *arg)
{
	unsigned long v;

	if (!number(arg, INT32_MAX, &v))
		return false;
	o->socket_size = (uint32_t)v;
	return true;
}

static bool set_limit_fds(struct options *o, const char *arg)
{
	unsigned long v;

	if (!number(arg, INT32_MAX, &v))
		return false;
	o->limit_fds = (uint32_t)v;
	return true;
}

static bool set_log(struct options *o, const char *arg)
{
	o->log_to = arg;
	return !strcmp(arg, "stdout") || !strcmp(arg, "syslog") ||
	       (!strncmp(arg, "file:", 5) && arg[5]);
}

static bool set_log_level(struct options *o, const char *arg)
{
	return log_level_parse(arg, &o->log_level);
}

static const struct option_row rows[] = {
    {'h', "help", false, "Display this help and exit", NULL},
    {'v', "version", false, "Print program version", NULL},
    {'d', "daemon", false, "Runs in daemon mode", set_daemon},
    {'M', "module", true, "Load specified module (Ferro has none: ignored)", NULL},
    {'F', "profile", true, "Use specified configuration profile", set_profile},
    {'N', "pathspace", true, "Insert prefix into config & socket paths", set_pathspace},
    {0, "vty_socket", true, "Override vty socket path", set_vty_socket},
    {0, "config_dir", true, "Override configuration directory", set_config_dir},
    {0, "moduledir", true, NULL, NULL},
    {0, "scriptdir", true, NULL, NULL},
    {0, "tcli", false, NULL, NULL},
    {'K', "graceful_restart", true, NULL, NULL},
    {'o', "vrfdefaultname", true, NULL, NULL},
    {'w', "vrfwnetns", false, NULL, NULL},
    {'x', "v6-with-v4-nexthop", false, NULL, NULL},
    {0, "log", true, "Set Logging to stdout, syslog, or file:<name>", set_log},
    {0, "log-level", true, "Set Logging Level to use, debug, info, warn, etc", set_log_level},
    {0, "command-log-always", false, "Always log every command, cannot be turned off",
	set_log_commands},
    {0, "limit-fds", true, "Limit number of fds supported", set_limit_fds},
    {'f', "config_file", true, "Set configuration file name", set_config_file},
    {'C', "dryrun", false, "Check configuration for validity and exit", set_dry_run},
    {'t', "terminal", false, "Open terminal session on stdio", set_terminal},
    {'i', "pid_file", true, "Set process identifier file name", set_pid_file},
    {'u', "user", true, "User to run as", set_user},
    {'g', "group", true, "Group to run as", set_group},
    {'z', "socket", true, "Set path of zebra socket (Ferro needs no zebra: ignored)", NULL},
    {'A', "vty_addr", true, "Set vty's bind address", set_vty_addr},
    {'P', "vty_port", true, "Set vty's port number", set_vty_port},
    {'p', "bgp_port", true, "Set BGP listen port number (0 means do not listen).", set_port},
    {'l', "listenon", true, "Listen on specified address (implies -n)", set_listen},
    {'n', "no_kernel", false, "Do not install route to kernel.", set_no_kernel},
    {'Z', "no_zebra", false, "Keep out of the kernel's tables.", set_no_zebra},
    {'r', "retain", false, "When the program ends, leave its routes in the kernel", set_retain},
    {'S', "skip_runas", false, "Skip capabilities checks, and changing user and group IDs.",
	set_skip_runas},
    {'e', "ecmp", true, "Specify ECMP to use.", set_ecmp},
    {'I', "int_num", true, "Set instance number (one daemon: ignored)", NULL},
    {'s', "socket_size", true, "Set BGP peer socket send buffer size", set_socket_size},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]), LONG_BASE = 256 };

static void print_help(FILE *to)
{
	fprintf(to, "Usage: bgpd [OPTION...]\n\nImplementation of the BGP routing protocol.\n\n");
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct option_row *r = &rows[i];
		char left[8] = "      ";

		if (!r->help)
			continue;
		if (r->letter)
			snprintf(left, sizeof(left), "  -%c, ", r->letter);
		fprintf(to, "%s--%-18s %s\n", left, r->name, r->help);
	}
	fprintf(to, "\nReport bugs to %s\n", PACKAGE_BUGREPORT);
}

static void print_version(void)
{
	printf("bgpd version %s\n%s\n", FERRO_VERSION, FERRO_COPYRIGHT);
}

/* getopt's arrays, made from the table. */
struct getopt_arrays {
	char letters[2 * ROW_COUNT + 1];
	struct option longs[ROW_COUNT + 1];
};

static void arrays_build(struct getopt_arrays *a)
{
	char *l = a->letters;

	memset(a, 0, sizeof(*a));
	for (int i = 0; i < ROW_COUNT; i++) {
		a->longs[i].name = rows[i].name;
		a->longs[i].has_arg = rows[i].has_arg;
		a->longs[i].val = LONG_BASE + i;
		if (!rows[i].letter)
			continue;
		*l++ = rows[i].letter;
		if (rows[i].has_arg)
			*l++ = ':';
	}
}

static const struct option_row *row_of(int c)
{
	if (c >= LONG_BASE)
		return &rows[c - LONG_BASE];
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].letter == c)
			return &rows[i];
	return NULL;
}

static char *path_in(const char *dir, const char *pathspace, const char *file)
{
	char buf[1024];

	snprintf(buf, sizeof(buf), "%s%s%s%s%s", dir, pathspace ? "/" : "",
	    pathspace ? pathspace : "", file ? "/" : "", file ? file : "");
	return mem_strdup(buf);
}

static void finish_paths(struct options *o)
{
	/* Daemons with configurations of their own keep what they store apart, too. */
	o->lib_dir = o->config_dir ? mem_strdup(o->config_dir)
				   : path_in(LOCALSTATEDIR "/lib/frr", o->pathspace, NULL);
	if (!o->config_dir)
		o->config_dir = path_in(SYSCONFDIR "/frr", o->pathspace, NULL);
	o->state_dir = path_in(LOCALSTATEDIR "/run/frr", o->pathspace, NULL);
	if (!o->vty_dir)
		o->vty_dir = mem_strdup(o->state_dir);
	else if (o->pathspace) {
		char *with = path_in(o->vty_dir, o->pathspace, NULL);

		mem_free(o->vty_dir);
		o->vty_dir = with;
	}
	if (!o->pid_file)
		o->pid_file = path_in(o->state_dir, NULL, "bgpd.pid");
}

static enum options_result complain(const struct option_row *row, const char *arg)
{
	if (row)
		fprintf(stderr, "bgpd: --%s: invalid value '%s'\n", row->name, arg);
	fprintf(stderr, "Invalid options.\n\n");
	print_help(stderr);
	return OPTIONS_EXIT_FAILURE;
}

enum options_result options_parse(struct options *o, int argc, char **argv)
{
	struct getopt_arrays a;
	int c;

	*o = (struct options){
	    .progname = argv[0],
	    .port = 179,
	    .ecmp = 64,
	    .user = FRR_USER,
	    .group = FRR_GROUP,
	    .log_level = LOG_DEBUG,
	};
	arrays_build(&a);
	while ((c = getopt_long(argc, argv, a.letters, a.longs, NULL)) != -1) {
		const struct option_row *row = row_of(c);

		if (!row)
			return complain(NULL, NULL);
		if (row->letter == 'h') {
			print_help(stdout);
			return OPTIONS_EXIT_OK;
		}
		if (row->letter == 'v') {
			print_version();
			return OPTIONS_EXIT_OK;
		}
		if (row->set && !row->set(o, optarg))
			return complain(row, optarg);
	}
	if (optind < argc)
		return complain(NULL, NULL);
	finish_paths(o);
	return OPTIONS_RUN;
}

void options_fini(struct options *o)
{
	mem_free(o->lib_dir);
	mem_free(o->config_dir);
	mem_free(o->state_dir);
	mem_free(o->vty_dir);
	mem_free(o->pid_file);
}
