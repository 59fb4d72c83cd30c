/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pager is started by the first text of a command, so that a command without text does not
 * flash one up. When the user leaves it early, the rest of the text is dropped.
 */
#include "vty/vtysh_out.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void out_to_init(struct out_to *o, const char *program)
{
	*o = (struct out_to){.program = program};
	sb_init(&o->filtered);
}

void out_to_fini(struct out_to *o)
{
	if (o->file)
		fclose(o->file);
	pipe_free(o->filter);
	sb_fini(&o->filtered);
}

/* Runs the pager with `in` as its standard input. 0, or an errno. */
static int spawn_pager(struct out_to *o, int in)
{
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)o->program, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, pipe_only;
	int error;

	sigemptyset(&none);
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &pipe_only);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	error = posix_spawn(&o->pager_pid, "/bin/sh", &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

static void start_pager(struct out_to *o)
{
	int fds[2];

	fflush(stdout);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	if (spawn_pager(o, fds[0]) == 0)
		o->pager = fdopen(fds[1], "w");
	else
		close(fds[1]);
	close(fds[0]);
}

static void end_pager(struct out_to *o)
{
	fclose(o->pager);
	o->pager = NULL;
	while (waitpid(o->pager_pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void put(struct out_to *o, const char *s, size_t n)
{
	FILE *to = o->file ? o->file : stdout;

	if (!n)
		return;
	if (!o->file && o->paginate && !o->direct) {
		if (!o->pager)
			start_pager(o);
		if (o->pager)
			to = o->pager;
	}
	fwrite(s, 1, n, to);
}

static void put_filtered(struct out_to *o)
{
	put(o, o->filtered.s, o->filtered.len);
	sb_clear(&o->filtered);
}

void out_to_begin(struct out_to *o, struct pipe *filter)
{
	o->filter = filter;
	o->direct = false;
}

bool out_to_text(struct out_to *o, const char *s, size_t n)
{
	if (o->filter) {
		pipe_feed(o->filter, s, n, &o->filtered);
		put_filtered(o);
	} else {
		put(o, s, n);
	}
	return !o->pager || !ferror(o->pager);
}

void out_to_end(struct out_to *o)
{
	if (o->filter) {
		pipe_end(o->filter, &o->filtered);
		put_filtered(o);
		pipe_free(o->filter);
		o->filter = NULL;
	}
	if (o->pager)
		end_pager(o);
	fflush(o->file ? o->file : stdout);
}

bool out_to_file(struct out_to *o, const char *path)
{
	FILE *f = NULL;

	if (path && !(f = fopen(path, "we")))
		return false;
	if (o->file)
		fclose(o->file);
	o->file = f;
	return true;
}
