/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vtysh: FRR's options, then one of three ways to feed the shell: -c, files, or standard input.
 *
 * One-shot use is the path that scripts and exporters take many times a second: it makes one
 * connection, reads no history and starts no process.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "lib/mem.h"
#include "lib/version.h"
#include "vty/frame.h"
#include "vty/vtysh_check.h"
#include "vty/vtysh_load.h"
#include "vty/vtysh_shell.h"
#include "vty/vtysh_term.h"

enum { OPT_SOCKET = 256, OPT_CONFIG_DIR, OPT_NO_FORK, OPT_EXEC_TIMEOUT, OPT_RELOAD, OPT_DIFF };

struct options {
	char **commands; /* -c, in order */
	size_t count;
	const char *program; /* argv[0] */
	const char *daemon, *file, *pathspace, *history;
	char *socket_dir, *config_dir;
	bool boot, dry_run, echo, mark, save, timestamp, user, no_fork, reload, diff;
};

static const char short_options[] = "bc:d:e:f:EChmN:nuwH:tv";

static const struct option long_options[] = {
    {"boot", no_argument, NULL, 'b'},
    {"eval", required_argument, NULL, 'e'},
    {"command", required_argument, NULL, 'c'},
    {"daemon", required_argument, NULL, 'd'},
    {"vty_socket", required_argument, NULL, OPT_SOCKET},
    {"config_dir", required_argument, NULL, OPT_CONFIG_DIR},
    {"inputfile", required_argument, NULL, 'f'},
    {"echo", no_argument, NULL, 'E'},
    {"dryrun", no_argument, NULL, 'C'},
    {"help", no_argument, NULL, 'h'},
    {"markfile", no_argument, NULL, 'm'},
    {"pathspace", required_argument, NULL, 'N'},
    {"user", no_argument, NULL, 'u'},
    {"writeconfig", no_argument, NULL, 'w'},
    {"histfile", required_argument, NULL, 'H'},
    {"timestamp", no_argument, NULL, 't'},
    {"reload", required_argument, NULL, OPT_RELOAD},
    {"diff", required_argument, NULL, OPT_DIFF},
    {"no-fork", no_argument, NULL, OPT_NO_FORK},
    {"noerror", no_argument, NULL, 'n'},
    {"version", no_argument, NULL, 'v'},
    {0},
};

static void print_help(void)
{
	printf("Usage : vtysh [OPTION...]\n\n"
	       "Integrated shell for FRR (version " FERRO_VERSION "). \n" FERRO_COPYRIGHT "\n\n"
	       "-b, --boot               Execute boot startup configuration\n"
	       "-c, --command            Execute argument as command\n"
	       "-d, --daemon             Connect only to the specified daemon\n"
	       "-f, --inputfile          Execute commands from specific file and exit\n"
	       "-E, --echo               Echo prompt and command in -c mode\n"
	       "-C, --dryrun             Check configuration for validity and exit\n"
	       "-m, --markfile           Mark input file with context end\n"
	       "    --vty_socket         Override vty socket path\n"
	       "    --config_dir         Override config directory path\n"
	       "-N  --pathspace          Insert prefix into config & socket paths\n"
	       "-u  --user               Run as an unprivileged user\n"
	       "-w, --writeconfig        Write integrated config (frr.conf) and exit\n"
	       "-H, --histfile           Override history file\n"
	       "-t, --timestamp          Print a timestamp before going to shell or reading the "
	       "configuration\n"
	       "    --no-fork            Don't report on daemons one by one\n"
	       "    --reload             Make the running configuration that of the file\n"
	       "    --diff               Show what --reload would change\n"
	       "-v, --version            Print the version and exit\n"
	       "-h, --help               Display this help and exit\n\n"
	       "Note that multiple commands may be executed from the command\n"
	       "line by passing multiple -c args, or by embedding linefeed\n"
	       "characters in one or more of the commands.\n");
}

static int usage_error(void)
{
	fprintf(stderr, "Try `vtysh --help' for more information.\n");
	return 1;
}

static void set_path(char **path, const char *value)
{
	mem_free(*path);
	*path = mem_strdup(value);
}

/* One option; false if it is not one. */
static bool take_option(struct options *o, int c)
{
	switch (c) {
	case 'b':
		o->boot = true;
		break;
	case 'c':
	case 'e': /* FRR's older name for it */
		o->commands = mem_realloc(o->commands, (o->count + 1) * sizeof *o->commands);
		o->commands[o->count++] = optarg;
		break;
	case 'd':
		o->daemon = optarg;
		break;
	case 'f':
		o->file = optarg;
		break;
	case 'E':
		o->echo = true;
		break;
	case 'C':
		o->dry_run = true;
		break;
	case 'm':
		o->mark = true;
		break;
	case 'N':
		o->pathspace = optarg;
		break;
	case 'u':
		o->user = true;
		break;
	case 'w':
		o->save = true;
		break;
	case 'H':
		o->history = optarg;
		break;
	case 't':
		o->timestamp = true;
		break;
	case 'n':
		break; /* FRR: integrated configuration, which is the only kind here */
	case OPT_NO_FORK:
		o->no_fork = true;
		break;
	case OPT_RELOAD:
	case OPT_DIFF:
		o->file = optarg;
		o->reload = c == OPT_RELOAD;
		o->diff = c == OPT_DIFF;
		break;
	case OPT_SOCKET:
		set_path(&o->socket_dir, optarg);
		break;
	case OPT_CONFIG_DIR:
		set_path(&o->config_dir, optarg);
		break;
	default:
		return false;
	}
	return true;
}

static void append_path(char **path, const char *part)
{
	struct sb b;

	sb_init(&b);
	sb_fmt(&b, "%s/%s", *path, part);
	mem_free(*path);
	*path = sb_steal(&b);
}

/* 0 to go on, else vtysh's exit status plus one. */
static int parse_options(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, short_options, long_options, NULL)) >= 0) {
		if (c == 'h') {
			print_help();
			return 1;
		}
		if (c == 'v') {
			printf("vtysh version " FERRO_VERSION "\n" FERRO_COPYRIGHT "\n");
			return 1;
		}
		if (!take_option(o, c))
			return usage_error() + 1;
	}
	if (o->boot + o->dry_run + o->mark + o->save > 1) {
		fprintf(stderr,
		    "Invalid combination of arguments.  Please specify at most one of:\n"
		    "\t-b, -C, -m, -w\n");
		return 2;
	}
	if (o->mark && !o->file) {
		fprintf(stderr, "-f option MUST be specified with -m option\n");
		return 2;
	}
	if (o->pathspace && strpbrk(o->pathspace, "./")) {
		fprintf(stderr, "slashes or dots are not permitted in the --pathspace option.\n");
		return 2;
	}
	if (o->pathspace) {
		append_path(&o->socket_dir, o->pathspace);
		append_path(&o->config_dir, o->pathspace);
	}
	return 0;
}

/* FRR reads vtysh.conf and complains when there is none. */
static void look_for_vtysh_conf(const struct options *o)
{
	struct sb path;

	sb_init(&path);
	sb_fmt(&path, "%s/vtysh.conf", o->config_dir);
	if (access(path.s, R_OK) < 0)
		fprintf(stderr,
		    "%% Can't open configuration file %s due to '%s'.\n"
		    "Configuration file[%s/frr.conf] processing failure: 11\n",
		    path.s, strerror(errno), o->config_dir);
	sb_fini(&path);
}

static bool is_daemon(const char *name)
{
	for (size_t i = 0; i < frame_daemon_count; i++) {
		if (strcmp(frame_daemons[i].name, name) == 0)
			return true;
	}
	return false;
}

static void print_timestamp(void)
{
	struct timeval now;
	char text[32];

	gettimeofday(&now, NULL);
	strftime(text, sizeof text, "%Y/%m/%d %H:%M:%S", localtime(&now.tv_sec));
	printf("%% %s.%03ld\n\n", text, (long)now.tv_usec / 1000);
}

/* Commands of -c go to the file that VTYSH_LOG names. */
static void log_command(FILE *log, const char *line)
{
	time_t now = time(NULL);
	const char *user = getenv("USER");
	char text[32];

	if (!log)
		return;
	strftime(text, sizeof text, "%Y%m%d-%H:%M.%S", localtime(&now));
	fprintf(log, "%s:%s %s\n", text, user ? user : "boot", line);
}

/* One command; true if the next one may run. */
static bool run_command(struct shell *sh, const struct options *o, FILE *log, const char *line)
{
	log_command(log, line);
	if (o->echo)
		printf("%s%s\n", sh->prompt.s, line);
	return shell_succeeded(shell_run(sh, line));
}

static int run_commands(struct shell *sh, const struct options *o)
{
	const char *path = getenv("VTYSH_LOG");
	FILE *log = path ? fopen(path, "ae") : NULL;
	bool ok = true;

	for (size_t i = 0; i < o->count && ok && !sh->closed; i++) {
		char *rest = o->commands[i];

		for (char *line; ok && !sh->closed && (line = strsep(&rest, "\n")) != NULL;)
			ok = run_command(sh, o, log, line);
	}
	if (log)
		fclose(log);
	return ok ? 0 : 1;
}

static int run_save(struct shell *sh)
{
	struct sb text;
	int result;

	sb_init(&text);
	result = shell_ask(sh, FRAME_SAVE, "", &text);
	printf("%s", text.s);
	sb_fini(&text);
	return result ? 1 : 0;
}

static char *history_file(const struct options *o)
{
	const char *name = o->history ? o->history : getenv("VTYSH_HISTFILE");
	const char *home = getenv("HOME");
	struct sb path;

	sb_init(&path);
	if (name)
		sb_add(&path, name);
	else
		sb_fmt(&path, "%s/.history_frr", home ? home : "");
	return sb_steal(&path);
}

static bool wants_check_only(const struct options *o)
{
	return o->dry_run && !o->count && !o->mark && !o->reload && !o->diff;
}

static int run_files(struct shell *sh, const struct options *o)
{
	enum load_how how = o->reload    ? LOAD_RELOAD
			    : o->diff    ? LOAD_DIFF
			    : o->mark    ? LOAD_MARK
			    : o->dry_run ? LOAD_DRY_RUN
			    : o->no_fork ? LOAD_NO_FORK
					 : LOAD_FORKED;
	struct sb path;
	int result;

	sb_init(&path);
	if (o->file)
		sb_add(&path, o->file);
	else
		sb_fmt(&path, "%s/frr.conf", o->config_dir);
	if (sh->link)
		result = load_file(sh, path.s, how);
	else
		result = check_file(o->program, path.s);
	sb_fini(&path);
	return result;
}

static int run(struct shell *sh, const struct options *o)
{
	look_for_vtysh_conf(o);
	if (o->daemon && !is_daemon(o->daemon))
		fprintf(stderr, "Error: no daemons match name %s!\n", o->daemon);
	if (!shell_connect(sh) && !wants_check_only(o)) {
		fprintf(stderr, "Exiting: failed to connect to any daemons.\n");
		return o->reload || o->diff ? 2 : 1;
	}
	if (o->timestamp)
		print_timestamp();
	if (o->file || o->boot || wants_check_only(o))
		return run_files(sh, o);
	if (o->save)
		return run_save(sh);
	if (o->count)
		return run_commands(sh, o);
	return isatty(STDIN_FILENO) ? term_run(sh, sh->history_ctx) : term_script(sh);
}

int main(int argc, char **argv)
{
	struct options o = {
	    .program = argv[0],
	    .socket_dir = mem_strdup(LOCALSTATEDIR "/run/frr"),
	    .config_dir = mem_strdup(SYSCONFDIR "/frr"),
	};
	int result = parse_options(&o, argc, argv);

	if (result) {
		result--;
	} else {
		struct shell sh;

		shell_init(&sh, o.socket_dir, o.config_dir);
		sh.daemon = o.daemon;
		sh.user_mode = o.user;
		sh.history = term_print_history_file;
		sh.history_ctx = history_file(&o);
		result = run(&sh, &o);
		mem_free(sh.history_ctx);
		shell_fini(&sh);
	}
	mem_free(o.commands);
	mem_free(o.socket_dir);
	mem_free(o.config_dir);
	return result;
}
