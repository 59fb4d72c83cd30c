/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file goes to the daemon in one request and is one transaction there. The messages are FRR's,
 * which forks a child for each daemon and reports on them; scripts look for these lines, so they
 * are printed for every name the daemon answers to.
 */
#include "vty/vtysh_load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vty/frame.h"

static bool read_file(const char *path, struct sb *to)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char part[16 * 1024];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		for (size_t i = 0; i < n; i++)
			sb_addc(to, part[i] ? part[i] : '?'); /* NUL would end the request */
	bool ok = !ferror(f);

	if (f != stdin)
		fclose(f);
	return ok;
}

/* A line for each daemon that we are connected to under its name. */
static void for_each_name(const struct shell *sh, FILE *to, const char *what)
{
	for (size_t i = 0; i < frame_daemon_count; i++) {
		const struct frame_daemon *d = &frame_daemons[i];

		if (d->served && (!sh->daemon || strcmp(sh->daemon, d->name) == 0))
			fprintf(to, "[%ld|%s] %s\n", (long)getpid(), d->name, what);
	}
}

/* Lines of the answer begin with the stream they are for. FRR's -m ends its lines as a terminal
 * would, into a pipe too. */
static void print_answer(const char *s, enum load_how how)
{
	const char *eol = how == LOAD_MARK ? "\r\n" : "\n";

	while (*s) {
		const char *end = strchrnul(s, '\n');

		if (*s == FRAME_TO_ERR)
			fprintf(stderr, "%.*s\n", (int)(end - s - 1), s + 1);
		else
			printf("%.*s%s", (int)(end - s - 1), s + 1, eol);
		s = *end ? end + 1 : end;
	}
}

static int send_text(struct shell *sh, const struct sb *text, enum load_how how, struct sb *answer)
{
	struct sb request;
	int result;

	static const char modes[] = {
	    [LOAD_FORKED] = FRAME_LOAD_RUN,
	    [LOAD_NO_FORK] = FRAME_LOAD_RUN,
	    [LOAD_DRY_RUN] = FRAME_LOAD_CHECK,
	    [LOAD_MARK] = FRAME_LOAD_MARK,
	    [LOAD_RELOAD] = FRAME_LOAD_RELOAD,
	    [LOAD_DIFF] = FRAME_LOAD_DIFF,
	};

	sb_init(&request);
	sb_addc(&request, modes[how]);
	sb_add(&request, text->s);
	result = shell_ask(sh, FRAME_LOAD, request.s, answer);
	sb_fini(&request);
	return result;
}

static void print_verdict(const struct shell *sh, enum load_how how, int result)
{
	if (how != LOAD_FORKED) {
		if (result)
			fprintf(stderr, "Configuration file[%s/frr.conf] processing failure: %d\n",
			    sh->config_dir, result);
		return;
	}
	for (size_t i = 0; i < frame_daemon_count; i++) {
		const struct frame_daemon *d = &frame_daemons[i];
		bool failed = result && strcmp(d->name, sh->daemon ? sh->daemon : "bgpd") == 0;

		if (!d->served || (sh->daemon && strcmp(sh->daemon, d->name) != 0))
			continue;
		if (failed)
			fprintf(stderr,
			    "[%ld|%s] Configuration file[%s/frr.conf] processing failure: %d\n",
			    (long)getpid(), d->name, sh->config_dir, result);
		else
			fprintf(stderr, "[%ld|%s] done\n", (long)getpid(), d->name);
	}
}

int load_file(struct shell *sh, const char *path, enum load_how how)
{
	struct sb text, answer;
	int result;

	sb_init(&text);
	sb_init(&answer);
	if (!read_file(path, &text)) {
		/* FRR's words for any file that it cannot open */
		fprintf(stderr, "Unable to create lock file: %s, %s\n", path, strerror(errno));
		result = how < LOAD_RELOAD ? 1 : 2;
		goto out;
	}
	if (how == LOAD_FORKED)
		for_each_name(sh, stdout, "sending configuration");
	result = send_text(sh, &text, how, &answer);
	print_answer(answer.s, how);
	if (how == LOAD_FORKED)
		printf("Waiting for children to finish applying config...\n");
	if (result == LINK_LOST) {
		fprintf(stderr, "The daemon ended while it read %s\n", path);
		result = how < LOAD_RELOAD ? 1 : 2;
	} else if (how == LOAD_RELOAD && result) {
		fprintf(stderr, "%s: nothing is changed\n", path);
	} else if (how < LOAD_MARK) {
		print_verdict(sh, how, result);
	}
out:
	sb_fini(&text);
	sb_fini(&answer);
	return result;
}
