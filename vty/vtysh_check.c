/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FRR's vtysh has a command table, so its -C needs no daemon; a file is checked before the router
 * is started. Ours has none: it lets `bgpd -C` do it, and prints the faults without the file's name
 * in front, as the shell does for a file that it sends.
 */
#include "vty/vtysh_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAULTY = 2, PATH_LEN = 4096 };

static void exec_daemon(const char *program, const char *path)
{
	const char *slash = strrchr(program, '/');
	char beside[PATH_LEN];

	snprintf(beside, sizeof beside, "%.*s/../bgpd/bgpd", slash ? (int)(slash - program) : 0,
	    program);
	if (slash)
		execl(beside, "bgpd", "-C", "-f", path, (char *)NULL);
	execl(SBINDIR "/bgpd", "bgpd", "-C", "-f", path, (char *)NULL);
	fprintf(stderr, "%s: cannot run " SBINDIR "/bgpd: %s\n", path, strerror(errno));
	_exit(EXIT_FAILURE);
}

/* Starts the daemon with its messages on a pipe. NULL: that failed, and has been said. */
static FILE *start_daemon(const char *program, const char *path, pid_t *pid)
{
	int fds[2];

	if (pipe(fds) < 0 || (*pid = fork()) < 0) {
		perror("vtysh");
		return NULL;
	}
	if (*pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		exec_daemon(program, path);
	}
	close(fds[1]);
	return fdopen(fds[0], "r");
}

int check_file(const char *program, const char *path)
{
	const char *file = strcmp(path, "-") == 0 ? "/dev/stdin" : path;
	size_t prefix = strlen(file), room = 0;
	char *line = NULL;
	int status = 0;
	pid_t pid = 0;
	FILE *said = start_daemon(program, file, &pid);

	if (!said)
		return EXIT_FAILURE;
	while (getline(&line, &room, said) >= 0) {
		bool named =
		    strncmp(line, file, prefix) == 0 && strncmp(line + prefix, ": ", 2) == 0;

		fputs(named ? line + prefix + 2 : line, stderr);
	}
	free(line);
	fclose(said);
	waitpid(pid, &status, 0);
	return status == 0 ? 0 : FAULTY;
}
