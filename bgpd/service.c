/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Manners of a Unix daemon.
 *
 * The order matters and is main's: background first (the pid changes), then the pid file, then
 * everything that needs root, then the drop of privileges. The parent of a background start waits
 * until the child is ready or dead, so that its exit status means something.
 */
#include "bgpd/service.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bgpd/options.h"
#include "config.h"
#ifdef HAVE_LIBCAP
#include <sys/capability.h>
#endif
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

int service_pid_file_open(const char *path)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0) {
		fprintf(stderr, "bgpd: cannot open pid file %s: %s\n", path, strerror(errno));
		return -1;
	}
	if (fcntl(fd, F_SETLK, &lock) == 0)
		return fd;
	fprintf(stderr, "bgpd: pid file %s is locked: another bgpd is running with it\n", path);
	close(fd);
	return -1;
}

void service_pid_file_write(int fd)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n)
		fprintf(stderr, "bgpd: cannot write the pid file: %s\n", strerror(errno));
}

void service_pid_file_remove(const char *path, int fd)
{
	if (fd < 0)
		return;
	unlink(path);
	close(fd);
}

/* The parent's side: ends with the status that the child sends; without one the child died. */
static void wait_for_child(int fd, void (*then)(void *ctx), void *ctx)
{
	unsigned char status = EXIT_FAILURE;
	ssize_t n;

	do
		n = read(fd, &status, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		fprintf(stderr, "bgpd: the daemon ended while it was starting\n");
	else if (status == EXIT_SUCCESS && then)
		then(ctx);
	_exit(n == 1 ? status : EXIT_FAILURE);
}

int service_background(void (*then)(void *ctx), void *ctx)
{
	int fd[2];
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) != 0 || (pid = fork()) < 0) {
		fprintf(stderr, "bgpd: cannot go to the background: %s\n", strerror(errno));
		return -1;
	}
	if (pid > 0) {
		close(fd[1]);
		wait_for_child(fd[0], then, ctx);
	}
	close(fd[0]);
	setsid();
	return fd[1];
}

/* From here on nobody reads what we print. */
static void detach_output(void)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0)
		return;
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
}

void service_ready(int ready_fd, int status)
{
	unsigned char byte = (unsigned char)status;

	if (ready_fd < 0)
		return;
	if (write(ready_fd, &byte, 1) != 1)
		fprintf(stderr, "bgpd: the starting process is gone\n");
	close(ready_fd);
	detach_output();
}

void service_limit_files(unsigned limit)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	r.rlim_cur = limit && limit < r.rlim_max ? limit : r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

static bool find_user(const struct options *o, uid_t *uid, gid_t *gid)
{
	const struct passwd *pw = getpwnam(o->user);
	const struct group *gr = getgrnam(o->group);

	if (!pw)
		fprintf(stderr, "bgpd: user %s does not exist (option -u)\n", o->user);
	if (!gr)
		fprintf(stderr, "bgpd: group %s does not exist (option -g)\n", o->group);
	if (!pw || !gr)
		return false;
	*uid = pw->pw_uid;
	*gid = gr->gr_gid;
	return true;
}

bool service_make_directory(const char *path, const char *user, const char *group)
{
	const struct passwd *pw = getpwnam(user);
	const struct group *gr = getgrnam(group);

	if (mkdir(path, 0755) != 0) {
		if (errno == EEXIST)
			return true;
		fprintf(stderr, "bgpd: cannot make directory %s: %s\n", path, strerror(errno));
		return false;
	}
	if (pw && gr && chown(path, pw->pw_uid, gr->gr_gid) != 0)
		fprintf(stderr, "bgpd: cannot hand over %s: %s\n", path, strerror(errno));
	return true;
}

#ifdef HAVE_LIBCAP
/* What a router asks the kernel for after its start: routes, low ports, raw sockets. Root also
 * keeps what lets it write logs and configuration in folders of other users, and hand files over.
 */
static const cap_value_t kept[] = {
    CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, CAP_NET_RAW, CAP_DAC_OVERRIDE, CAP_CHOWN, CAP_FOWNER};
enum { KEPT_BY_USER = 3, KEPT_BY_ROOT = sizeof(kept) / sizeof(kept[0]) };

static bool keep_capabilities(int n)
{
	cap_t caps = cap_init();
	bool ok = caps && cap_set_flag(caps, CAP_PERMITTED, n, kept, CAP_SET) == 0 &&
		  cap_set_flag(caps, CAP_EFFECTIVE, n, kept, CAP_SET) == 0 &&
		  cap_set_proc(caps) == 0;

	if (!ok)
		fprintf(stderr, "bgpd: cannot set capabilities: %s\n", strerror(errno));
	if (caps)
		cap_free(caps);
	return ok;
}
#else
enum { KEPT_BY_USER, KEPT_BY_ROOT };

static bool keep_capabilities(int n)
{
	(void)n;
	return true;
}
#endif

bool service_changes_user(const struct options *o)
{
	return !o->skip_runas && geteuid() == 0;
}

bool service_drop_privileges(const struct options *o)
{
	uid_t uid;
	gid_t gid;

	if (!service_changes_user(o))
		return true;
	if (!find_user(o, &uid, &gid))
		return false;
	if (uid == 0)
		return keep_capabilities(KEPT_BY_ROOT);
	prctl(PR_SET_KEEPCAPS, 1);
	if (initgroups(o->user, gid) != 0 || setgid(gid) != 0 || setuid(uid) != 0) {
		fprintf(stderr, "bgpd: cannot become %s: %s\n", o->user, strerror(errno));
		return false;
	}
	return keep_capabilities(KEPT_BY_USER);
}

void service_notify(const char *state)
{
#ifdef HAVE_SYSTEMD
	sd_notify(0, state);
#else
	(void)state;
#endif
}

unsigned long service_watchdog_us(void)
{
#ifdef HAVE_SYSTEMD
	uint64_t us;

	if (sd_watchdog_enabled(0, &us) > 0)
		return us / 2;
#endif
	return 0;
}
