/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's half of the shell: listens on FRR's socket names and runs the requests of every
 * connection in a session of its own (see vty/frame.h for the wire).
 *
 * Owns the sockets, their files and the sessions. Never blocks: an answer stops at 64 KiB queued
 * and goes on as the reader takes it.
 *
 * bgpd: cli_add_rows(cli, vty_rows, vty_row_count) after its own rows, then vty_server_new, and
 * vty_server_free before cli_free.
 */
#ifndef FERRO_VTY_SERVER_H
#define FERRO_VTY_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/cli.h"
#include "lib/log.h"
#include "lib/sb.h"
#include "vty/access.h"

struct event_base;

/* Strings are the caller's and outlive the server. */
struct vty_config {
	const char *dir;                 /* of the sockets: "/var/run/frr" */
	const char *user;                /* owner of the sockets, by name; NULL: leave it */
	const char *group;               /* the same for their group */
	mode_t mode;                     /* of the sockets: 0770 as FRR's */
	const char *config_dir;          /* "/etc/frr": where `write` saves */
	bool config_given;               /* the start was told its file, so bgpd.conf is not read */
	struct disk *disk;               /* what saves; NULL: saving waits for the disk */
	const bool *log_commands;        /* every line is logged while it is true; NULL: none */
	const struct vty_access *access; /* of the TCP port; the greeting of all sessions */
	const char *tcp_addr;            /* FRR's port for telnet: address, NULL: any */
	uint16_t tcp_port;               /* 0: none */
};

struct vty_server;

/* Listens on every name that frame_daemons marks. NULL on failure, with one line (no newline) in
 * err. log may be NULL. */
struct vty_server *vty_server_new(struct event_base *base, struct cli *cli, struct log *log,
    const struct vty_config *config, struct sb *err);
/* Ends all sessions, closes the sockets and removes their files. NULL is allowed. */
void vty_server_free(struct vty_server *s);
size_t vty_server_sessions(const struct vty_server *s);

/* The FRR daemon by whose name an FRR client (its vtysh, an exporter) reached this session:
 * "zebra". NULL for our own shell, and where there is no connection. Such clients ask every daemon
 * in turn and put the answers together themselves. */
const char *vty_frr_client(const struct cli_session *s);

/* Appends the name of the user whose process the session's client is, or "telnet ADDRESS" for one
 * of the TCP port; nothing if unknown. */
void vty_user(struct cli_session *s, struct sb *to);

/* The FRR daemon to which the user of our shell confined it (vtysh -d); NULL: none. */
const char *vty_only_daemon(const struct cli_session *s);

/* The commands that belong to the shell itself (show history, terminal ..., write, who). */
extern const struct cli_row vty_rows[];
extern const size_t vty_row_count;

#endif
