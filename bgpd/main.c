/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bgpd: start, loop, stop.
 *
 * The order of a start: command line; background; directories and pid file; the engine with its
 * netlink sockets; the shell's sockets; privileges dropped; the configuration, as one change;
 * ready. A stop undoes it in reverse: sessions get their Cease, our routes leave the kernel, files
 * vanish. Signals: HUP reloads the configuration, USR1 reopens the log file, TERM and INT stop.
 */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bgpd/instance.h"
#include "bgpd/options.h"
#include "bgpd/service.h"
#include "bgpd/startup.h"
#include "config.h"
#include "lib/task.h"
#include "vty/server.h"

enum { SIGNALS = 5 };

struct daemon {
	struct options opts;
	struct event_base *base;
	struct instance *inst;
	struct vty_server *vty;
	struct startup_reload *reload;
	struct event *signals[SIGNALS];
	struct event *watchdog;
	pid_t shell; /* -t; 0: none */
	int pid_fd, ready_fd;
};

static void on_reload(evutil_socket_t sig, short what, void *ctx)
{
	struct daemon *d = ctx;

	(void)sig;
	(void)what;
	if (!d->reload)
		return; /* the start is not over: it reads the file */
	startup_reload_begin(d->reload);
}

static void on_reloaded(void *ctx, unsigned faults)
{
	struct daemon *d = ctx;

	if (faults)
		log_msg(d->inst->log, LOG_ERR, NULL, 0,
		    "configuration not reloaded, nothing is changed: %u faults", faults);
	else
		log_msg(d->inst->log, LOG_INFO, NULL, 0, "configuration reloaded");
	service_notify("READY=1");
}

static void on_reopen(evutil_socket_t sig, short what, void *ctx)
{
	(void)sig;
	(void)what;
	log_reopen(((struct daemon *)ctx)->inst->log);
}

static void on_stop(evutil_socket_t sig, short what, void *ctx)
{
	struct daemon *d = ctx;

	(void)sig;
	(void)what;
	log_msg(d->inst->log, LOG_NOTICE, "ZW1GY-R46JE", 0, "Terminating on signal");
	event_base_loopbreak(d->base);
}

/* -t: the daemon lives as long as its terminal session. */
static void on_child(evutil_socket_t sig, short what, void *ctx)
{
	struct daemon *d = ctx;

	(void)sig;
	(void)what;
	if (d->shell > 0 && waitpid(d->shell, NULL, WNOHANG) == d->shell)
		event_base_loopbreak(d->base);
}

static void on_watchdog(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
	service_notify("WATCHDOG=1");
}

static void watch_signals(struct daemon *d)
{
	static const struct {
		int signal;
		event_callback_fn cb;
	} rows[SIGNALS] = {
	    {SIGHUP, on_reload},
	    {SIGUSR1, on_reopen},
	    {SIGTERM, on_stop},
	    {SIGINT, on_stop},
	    {SIGCHLD, on_child},
	};

	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < SIGNALS; i++) {
		d->signals[i] = evsignal_new(d->base, rows[i].signal, rows[i].cb, d);
		event_priority_set(d->signals[i], PRIO_HIGH);
		evsignal_add(d->signals[i], NULL);
	}
}

static void watch_watchdog(struct daemon *d)
{
	unsigned long us = service_watchdog_us();
	struct timeval every = {.tv_sec = (time_t)(us / 1000000), .tv_usec = (long)(us % 1000000)};

	if (!us)
		return;
	d->watchdog = event_new(d->base, -1, EV_PERSIST, on_watchdog, d);
	event_add(d->watchdog, &every);
}

/* -C: the file is looked at, nothing is touched. */
static int check_only(struct daemon *d)
{
	unsigned faults;

	d->inst = instance_new(d->base, &d->opts);
	startup_cli(d->inst);
	faults = startup_config(d->inst, STARTUP_CHECK);
	return faults ? EXIT_FAILURE : EXIT_SUCCESS;
}

static bool open_vty(struct daemon *d)
{
	bool changes = service_changes_user(&d->opts);
	const char *own_group = changes ? d->opts.group : NULL;
	struct vty_config cfg = {
	    .dir = d->opts.vty_dir,
	    .user = changes ? d->opts.user : NULL,
	    .group = FRR_VTY_GROUP[0] ? FRR_VTY_GROUP : own_group,
	    .mode = 0770,
	    .config_dir = d->opts.config_dir,
	    .config_given = d->opts.config_file != NULL,
	    .disk = d->inst->disk,
	    .log_commands = &d->inst->sys.log_commands,
	    .access = &d->inst->sys.access,
	    .tcp_addr = d->opts.vty_addr,
	    .tcp_port = d->opts.vty_port,
	};
	struct sb err;

	sb_init(&err);
	d->vty = vty_server_new(d->base, d->inst->cli, d->inst->log, &cfg, &err);
	if (!d->vty)
		fprintf(stderr, "bgpd: %s\n", err.s);
	sb_fini(&err);
	return d->vty != NULL;
}

/* The shell that -t asks for: ours of the build folder if we run from there, else the PATH's. */
static void exec_shell(void *ctx)
{
	const struct daemon *d = ctx;
	char path[1024];
	const char *slash = strrchr(d->opts.progname, '/');

	if (slash) {
		snprintf(path, sizeof(path), "%.*s/../vty/vtysh", (int)(slash - d->opts.progname),
		    d->opts.progname);
		execl(path, "vtysh", "--vty_socket", d->opts.vty_dir, (char *)NULL);
	}
	execlp("vtysh", "vtysh", "--vty_socket", d->opts.vty_dir, (char *)NULL);
	perror("bgpd: cannot start vtysh");
	_exit(127);
}

static void start_shell(struct daemon *d)
{
	d->shell = fork();
	if (d->shell == 0)
		exec_shell(d);
}

static bool start(struct daemon *d)
{
	const struct options *o = &d->opts;

	/* first: a SIGTERM while the configuration is being read must not leave files behind */
	watch_signals(d);
	service_limit_files(o->limit_fds);
	if (!service_make_directory(o->state_dir, o->user, o->group) ||
	    !service_make_directory(o->vty_dir, o->user, o->group) ||
	    !service_make_directory(o->lib_dir, o->user, o->group))
		return false;
	d->pid_fd = service_pid_file_open(o->pid_file);
	if (d->pid_fd < 0)
		return false;
	service_pid_file_write(d->pid_fd);
	d->inst = instance_new(d->base, o);
	if (!d->inst)
		return false;
	startup_cli(d->inst);
	if (!open_vty(d) || !service_drop_privileges(o))
		return false;
	startup_config(d->inst, STARTUP_LOAD);
	d->reload = startup_reload_new(d->inst, on_reloaded, d);
	watch_watchdog(d);
	return true;
}

static void stop(struct daemon *d)
{
	service_notify("STOPPING=1");
	if (d->shell > 0)
		kill(d->shell, SIGTERM);
	vty_server_free(d->vty);
	startup_reload_free(d->reload);
	if (d->inst)
		instance_free(d->inst);
	for (int i = 0; i < SIGNALS; i++)
		if (d->signals[i])
			event_free(d->signals[i]);
	if (d->watchdog)
		event_free(d->watchdog);
	event_base_free(d->base);
	service_pid_file_remove(d->opts.pid_file, d->pid_fd);
	options_fini(&d->opts);
	libevent_global_shutdown();
}

static int run(struct daemon *d)
{
	if (!start(d)) {
		service_ready(d->ready_fd, EXIT_FAILURE);
		return EXIT_FAILURE;
	}
	if (d->opts.terminal && d->ready_fd < 0)
		start_shell(d);
	service_ready(d->ready_fd, EXIT_SUCCESS);
	service_notify("READY=1");
	event_base_loop(d->base, EVLOOP_NO_EXIT_ON_EMPTY);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct daemon d = {.pid_fd = -1, .ready_fd = -1};
	int status;

	switch (options_parse(&d.opts, argc, argv)) {
	case OPTIONS_EXIT_OK:
		options_fini(&d.opts);
		return EXIT_SUCCESS;
	case OPTIONS_EXIT_FAILURE:
		options_fini(&d.opts);
		return EXIT_FAILURE;
	case OPTIONS_RUN:
		break;
	}
	if (d.opts.daemon && !d.opts.dry_run) {
		d.ready_fd = service_background(d.opts.terminal ? exec_shell : NULL, &d);
		if (d.ready_fd < 0)
			return EXIT_FAILURE;
	}
	d.base = task_base_new();
	status = d.opts.dry_run ? check_only(&d) : run(&d);
	stop(&d);
	return status;
}
