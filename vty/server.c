/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The listening half: one socket a name, made as FRR makes them (mode 0770, group frrvty), so that
 * the same users may connect. A file that an earlier run left behind is replaced; whether another
 * daemon is alive is the pid file's business, not ours.
 *
 * When the process is out of descriptors, accepting pauses for a moment instead of spinning. The
 * TCP port, which anybody may reach, takes so many clients at once and no more, so that what they
 * can make the daemon hold has a bound. Shells, all together, get a fourth of the descriptors: the
 * neighbors need theirs.
 */
#include "vty/server.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/disk.h"
#include "lib/mem.h"
#include "lib/task.h"
#include "vty/conn.h"
#include "vty/frame.h"

enum { BACKLOG = 64, ACCEPT_PAUSE_S = 1, SHELLS_LEAST = 16, SHELLS_MOST = 1024 };

struct listener {
	struct list_head link;
	struct vty_server *server;
	const char *daemon; /* NULL: the TCP port */
	struct evconnlistener *ev;
	struct event *resume;
	char name[24]; /* of the TCP port */
	char path[sizeof((struct sockaddr_un *)NULL)->sun_path];
};

/* One line for all that come while it is full, or they would fill the log. */
static void turn_away(struct vty_server *s, int fd, size_t most, const char *where)
{
	if (!s->crowded)
		log_msg(s->log, LOG_WARNING, NULL, 0, "vty: %zu sessions on %s", most, where);
	s->crowded = true;
	close(fd);
}

static size_t shells_most(void)
{
	struct rlimit r;
	size_t most = SHELLS_MOST;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur / 4 < most)
		most = (size_t)r.rlim_cur / 4;
	return most < SHELLS_LEAST ? SHELLS_LEAST : most;
}

static void on_accept(
    struct evconnlistener *ev, evutil_socket_t fd, struct sockaddr *addr, int len, void *ctx)
{
	struct listener *l = ctx;
	struct vty_server *s = l->server;

	(void)ev;
	(void)addr;
	(void)len;
	if (conn_count(s) - conn_count_telnet(s) >= shells_most()) {
		turn_away(s, fd, shells_most(), "the sockets, refusing more");
		return;
	}
	s->crowded = false;
	vty_conn_new(s, fd, l->daemon);
}

static void on_resume(evutil_socket_t fd, short what, void *ctx)
{
	struct listener *l = ctx;

	(void)fd;
	(void)what;
	evconnlistener_enable(l->ev);
}

static void on_accept_error(struct evconnlistener *ev, void *ctx)
{
	static const struct timeval pause = {.tv_sec = ACCEPT_PAUSE_S};
	struct listener *l = ctx;

	log_msg(l->server->log, LOG_WARNING, NULL, 0, "vty: cannot accept on %s: %s",
	    *l->path ? l->path : l->name, strerror(errno));
	evconnlistener_disable(ev);
	event_add(l->resume, &pause);
}

/* Hands the socket to those who shall reach it: the daemon may be another user by then. */
static bool give_away(const char *path, const struct vty_config *config, struct sb *err)
{
	const struct passwd *u = config->user ? getpwnam(config->user) : NULL;
	const struct group *g = config->group ? getgrnam(config->group) : NULL;

	if (config->user && !u) {
		sb_fmt(err, "%s: there is no user %s", path, config->user);
		return false;
	}
	if (config->group && !g) {
		sb_fmt(err, "%s: there is no group %s", path, config->group);
		return false;
	}
	if ((u || g) && chown(path, u ? u->pw_uid : (uid_t)-1, g ? g->gr_gid : (gid_t)-1) < 0) {
		sb_fmt(err, "%s: cannot give it to %s: %s", path, u ? config->user : config->group,
		    strerror(errno));
		return false;
	}
	return true;
}

/* A listening socket at path, or -1. */
static int open_socket(const char *path, const struct vty_config *config, struct sb *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	mode_t old;
	int rc;

	memcpy(addr.sun_path, path, strlen(path) + 1);
	unlink(path);
	old = umask((mode_t)(0777 & ~config->mode));
	rc = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&addr, sizeof addr);
	umask(old);
	if (rc == 0 && !give_away(path, config, err)) {
		close(fd);
		return -1;
	}
	if (rc == 0)
		rc = listen(fd, BACKLOG);
	if (rc == 0)
		return fd;
	sb_fmt(err, "%s: cannot listen: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A socket that listens already. */
static void add_listener(struct vty_server *s, struct listener *l)
{
	l->resume = evtimer_new(s->base, on_resume, l);
	evconnlistener_set_error_cb(l->ev, on_accept_error);
	list_add_tail(&s->listeners, &l->link);
}

static bool listen_on(struct vty_server *s, const char *daemon, struct sb *err)
{
	struct listener *l = mem_zalloc(sizeof *l);
	int n = snprintf(l->path, sizeof l->path, "%s/%s.vty", s->config.dir, daemon);
	int fd = -1;

	if ((size_t)n >= sizeof l->path)
		sb_fmt(err, "%s/%s.vty: the path is too long for a socket", s->config.dir, daemon);
	else
		fd = open_socket(l->path, &s->config, err);
	if (fd < 0) {
		mem_free(l);
		return false;
	}
	l->server = s;
	l->daemon = daemon;
	l->ev = evconnlistener_new(
	    s->base, on_accept, l, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	add_listener(s, l);
	return true;
}

static void on_tcp_accept(
    struct evconnlistener *ev, evutil_socket_t fd, struct sockaddr *addr, int len, void *ctx)
{
	struct listener *l = ctx;
	struct vty_server *s = l->server;
	char from[NI_MAXHOST], where[NI_MAXHOST + 40];

	(void)ev;
	if (getnameinfo(addr, (socklen_t)len, from, sizeof(from), NULL, 0, NI_NUMERICHOST) != 0)
		snprintf(from, sizeof(from), "?");
	if (conn_count_telnet(s) >= VTY_SESSIONS_MAX) {
		snprintf(where, sizeof(where), "the TCP port, refusing more (%s)", from);
		turn_away(s, fd, VTY_SESSIONS_MAX, where);
		return;
	}
	s->crowded = false;
	vty_conn_new_telnet(s, fd, from);
}

/* The TCP port is a convenience: a failure is logged and the sockets go on. */
static void listen_on_tcp(struct vty_server *s)
{
	struct addr a = {.family = FAMILY_IPV4};
	struct listener *l;
	struct sockaddr_storage ss;
	socklen_t len;

	if (!s->config.tcp_port)
		return;
	if (s->config.tcp_addr && !addr_parse(s->config.tcp_addr, &a)) {
		log_msg(s->log, LOG_ERR, NULL, 0, "vty: %s is no address (option -A)",
		    s->config.tcp_addr);
		return;
	}
	len = addr_to_sockaddr(&a, s->config.tcp_port, 0, &ss);
	l = mem_zalloc(sizeof *l);
	l->server = s;
	snprintf(l->name, sizeof(l->name), "TCP port %u", s->config.tcp_port);
	l->ev = evconnlistener_new_bind(s->base, on_tcp_accept, l,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, BACKLOG,
	    (struct sockaddr *)&ss, (int)len);
	if (l->ev) {
		add_listener(s, l);
		return;
	}
	log_msg(s->log, LOG_ERR, NULL, 0, "vty: cannot listen on %s: %s", l->name, strerror(errno));
	mem_free(l);
}

struct vty_server *vty_server_new(struct event_base *base, struct cli *cli, struct log *log,
    const struct vty_config *config, struct sb *err)
{
	struct vty_server *s = mem_zalloc(sizeof *s);

	s->base = base;
	s->cli = cli;
	s->log = log;
	s->config = *config;
	list_init(&s->listeners);
	list_init(&s->conns);
	conn_share_init(s);
	if (s->config.disk)
		disk_watch(s->config.disk, conn_wake_all, s);
	for (size_t i = 0; i < frame_daemon_count; i++) {
		if (frame_daemons[i].served && !listen_on(s, frame_daemons[i].name, err)) {
			vty_server_free(s);
			return NULL;
		}
	}
	listen_on_tcp(s);
	return s;
}

void vty_server_free(struct vty_server *s)
{
	struct listener *l, *tmp;

	if (!s)
		return;
	conn_free_all(s);
	if (s->config.disk)
		disk_watch(s->config.disk, NULL, NULL);
	task_fini(&s->turn);
	list_for_each_safe (l, tmp, &s->listeners, link) {
		evconnlistener_free(l->ev);
		event_free(l->resume);
		if (*l->path)
			unlink(l->path);
		list_del(&l->link);
		mem_free(l);
	}
	mem_free(s);
}

size_t vty_server_sessions(const struct vty_server *s)
{
	return conn_count(s);
}
