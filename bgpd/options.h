/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's command line: FRR bgpd's options, with the same letters and meanings. */
#ifndef FERRO_OPTIONS_H
#define FERRO_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/conf.h"
#include "lib/prefix.h"

enum { OPTIONS_MAX_LISTEN = 16 };

/* Strings point into argv or to constants, but for the paths that finish makes (owned). */
struct options {
	const char *progname;
	bool daemon, dry_run, terminal, no_kernel, no_zebra, skip_runas, retain, log_commands;
	bool port_given;
	uint16_t port;             /* BGP port, 0: no listener */
	uint16_t ecmp;             /* paths used at most, 1..64 */
	uint32_t socket_size;      /* bytes, 0: the system's */
	uint32_t limit_fds;        /* 0: the system's */
	enum conf_profile profile; /* before the file's `frr defaults` */
	bool profile_given;
	const char *config_file; /* -f, or NULL: bgpd.conf, else frr.conf of the config directory */
	const char *pathspace;   /* -N */
	const char *user, *group;
	const char *log_to; /* --log: stdout, syslog, file:NAME */
	int log_level;      /* --log-level */
	struct addr listen[OPTIONS_MAX_LISTEN];
	unsigned listen_count;
	const char *vty_addr; /* -A */
	uint16_t vty_port;    /* -P, or 2605 with -A; 0: none */
	bool vty_port_given;
	char *lib_dir; /* owned; what the daemon keeps for itself over a restart */
	char *config_dir, *state_dir, *vty_dir, *pid_file; /* owned, never NULL after parsing */
};

/* What main does next. */
enum options_result { OPTIONS_RUN, OPTIONS_EXIT_OK, OPTIONS_EXIT_FAILURE };

/* Fills *o from the command line; help, version and complaints are printed here. */
enum options_result options_parse(struct options *o, int argc, char **argv);
void options_fini(struct options *o);

#endif
