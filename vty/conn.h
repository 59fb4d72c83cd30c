/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection of a client: framing, its queue of requests, its session. Inside vty only. */
#ifndef FERRO_VTY_CONN_H
#define FERRO_VTY_CONN_H

#include <stdbool.h>

#include "lib/list.h"
#include "lib/task.h"
#include "vty/server.h"

struct vty_conn;

struct vty_server {
	struct event_base *base;
	struct cli *cli;
	struct log *log;
	struct vty_config config;
	struct list_head listeners;
	struct list_head conns; /* struct vty_conn */
	struct task turn;       /* runs when what has low priority had a turn */
	uint64_t spent;         /* ns of requests at high priority since then */
	bool crowded;           /* somebody was turned away, and nobody taken since */
};

struct evbuffer;

void conn_share_init(struct vty_server *s); /* turn and spent */
/* Takes over fd; the connection frees itself when its client goes or says exit. */
void vty_conn_new(struct vty_server *s, int fd, const char *daemon);
/* The same for a client of the TCP port, which types; from: its address. */
void vty_conn_new_telnet(struct vty_server *s, int fd, const char *from);
/* Ends every connection, answers under way included. */
void conn_free_all(struct vty_server *s);
size_t conn_count(const struct vty_server *s);
size_t conn_count_telnet(const struct vty_server *s); /* those of the TCP port */

/* The connection of the session that runs a row, NULL in a session that has none. */
struct vty_conn *conn_of(const struct cli_session *session);
struct vty_server *conn_server(const struct vty_conn *c);
/* False for FRR's own clients, which cannot be asked to do anything. */
bool conn_is_ours(const struct vty_conn *c);
/* Asks the shell for something in the note of this reply: "history", "paginate on". */
void conn_ask(struct vty_conn *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Log lines go to this connection too (terminal monitor). */
void conn_set_monitor(struct vty_conn *c, bool on);
bool conn_monitors(const struct vty_conn *c);

/* For the sessions of the TCP port (telnet.c). */
struct telnet *conn_telnet(const struct vty_conn *c); /* NULL: not one of them */
struct cli_session *conn_session(const struct vty_conn *c);
struct evbuffer *conn_input(const struct vty_conn *c);
struct evbuffer *conn_output(const struct vty_conn *c);
bool conn_is_busy(const struct vty_conn *c); /* an answer is under way */
/* Not busy or closing, the reader takes what is written, and there is time for another request;
 * when there will be again, telnet_read is called. */
bool conn_goes_on(struct vty_conn *c);
bool conn_is_closing(const struct vty_conn *c);
void conn_run_line(struct vty_conn *c, const char *line);
void conn_cancel(struct vty_conn *c); /* ends the answer under way, if there is one */
void conn_go_on(struct vty_conn *c);  /* with an answer that waited for a page */
void conn_wake_all(void *server);     /* those that wait (cli_wait) look again */
/* Ends it once what has been written is out (something has), or the reader takes nothing. */
void conn_hang_up(struct vty_conn *c);
/* Of a client that has not logged in, or is leaving: no priority, and a minute in all (vty_timeout)
 * until telnet_timed_out, or the end. */
void conn_set_guest(struct vty_conn *c, bool guest);
/* Ends it after so many seconds without a key, or in which nothing could be sent; 0: never. */
void conn_set_timeout(struct vty_conn *c, unsigned seconds);
/* `who`: a line for each connection. */
void conn_list(const struct vty_server *s, struct out *out);

/* Saves the running configuration and says so in FRR's words once it is on the disk: run returns
 * this. CLI_CONFIG_FAILED with the reason if that fails: then the old file is as it was. */
enum save_how {
	SAVE_AS_CONFIGURED, /* `write`: the file that vtysh.conf asks for */
	SAVE_INTEGRATED,    /* `write integrated`, vtysh -w: frr.conf in any case */
};
enum cli_rc vty_save(struct vty_server *s, enum save_how how, struct cli_call *call);
/* Adds the path of the file that `write` saves to. */
void vty_saved_path(const struct vty_server *s, struct sb *to);

#endif
