/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `write`: the running configuration to its file.
 *
 * The text goes to a new file in the same folder, to the disk, then takes the old one's name; the
 * old ones stay beside it as NAME.sav (the last), NAME.sav.1 and so on. At every moment, a crash
 * included, NAME is either the old or the new file as a whole, and no backup is lost but the
 * oldest. Owner and permissions stay. A symbolic link keeps pointing where it does.
 *
 * The disk's thread does all of that (lib/disk.h), so that a slow disk keeps nobody else waiting;
 * the command answers when it is done.
 *
 * It must never leave a temporary file behind when it fails; what a crash leaves has a fixed name
 * and goes with the next save.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/disk.h"
#include "lib/file.h"
#include "lib/mem.h"
#include "lib/out.h"
#include "vty/conn.h"

enum {
	FILE_MODE = 0600, /* of a new file */
	BACKUPS = 5,      /* NAME.sav and four that are older */
	LINE_MAX_READ = 256,
};

enum { NAME_ROOM = PATH_MAX + 16 };

static void backup_name(char to[static NAME_ROOM], const char *path, int n)
{
	if (n)
		snprintf(to, NAME_ROOM, "%s.sav.%d", path, n);
	else
		snprintf(to, NAME_ROOM, "%s.sav", path);
}

/* Each backup gets the next number, up to the first number that is free: a crash on the way leaves
 * such a hole. */
static bool shift_backups(const char *path)
{
	char from[NAME_ROOM], to[NAME_ROOM];
	int n = 0;

	for (backup_name(from, path, n); n < BACKUPS - 1 && access(from, F_OK) == 0;)
		backup_name(from, path, ++n);
	for (; n > 0; n--) {
		backup_name(from, path, n - 1);
		backup_name(to, path, n);
		if (rename(from, to) < 0)
			return false;
	}
	return true;
}

/* The old file gets the name path.sav as well; no old file is fine. */
static bool keep_old(const char *path)
{
	char to[NAME_ROOM];

	if (access(path, F_OK) < 0)
		return true;
	backup_name(to, path, 0);
	return shift_backups(path) && (link(path, to) == 0 || errno == ENOENT);
}

/* Does the file hold this text already? Then it is no backup worth having. */
static bool holds_text(const char *path, const struct sb *text)
{
	char part[4096];
	size_t at = 0, n;
	FILE *f = fopen(path, "re");
	bool same = f != NULL;

	while (same && (n = fread(part, 1, sizeof part, f)) > 0) {
		same = n <= text->len - at && memcmp(part, text->s + at, n) == 0;
		at += n;
	}
	if (f)
		fclose(f);
	return same && at == text->len;
}

/* Fills the new file: owner and permissions as the old one's. */
static bool fill(int fd, const char *path, const struct sb *text)
{
	struct stat old = {.st_mode = FILE_MODE};

	if (stat(path, &old) == 0 && fchown(fd, old.st_uid, old.st_gid) < 0 && errno != EPERM)
		return false;
	return fchmod(fd, old.st_mode & 0777) == 0 && file_write_all(fd, text->s, text->len) &&
	       fsync(fd) == 0;
}

/* What a command waits for while the disk works. Freed by whoever comes last. */
struct save {
	struct vty_server *server;
	struct cli_session *session;
	struct sb path, text;
	bool own, finished, abandoned;
	int error;
};

/* In the disk's thread: takes no memory but what realpath does. The file is as it was on failure.
 */
static int replace_file(void *ctx)
{
	const struct save *v = ctx;
	char real[PATH_MAX], tmp[PATH_MAX];
	const char *target = realpath(v->path.s, real) ? real : v->path.s; /* else: a new file */
	int fd, err = 0;

	if (snprintf(tmp, sizeof(tmp), "%s.new", target) >= PATH_MAX)
		return ENAMETOOLONG;
	unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return errno;

	bool ok = fill(fd, target, &v->text);

	if (close(fd) < 0 || !ok || (!holds_text(target, &v->text) && !keep_old(target)) ||
	    rename(tmp, target) < 0)
		err = errno;
	if (err)
		unlink(tmp);
	else
		file_sync_folder(target);
	return err;
}

static void save_free(struct save *v)
{
	sb_fini(&v->path);
	sb_fini(&v->text);
	mem_free(v);
}

static bool is_there(const char *folder, const char *name)
{
	struct sb path;
	bool there;

	sb_init(&path);
	sb_fmt(&path, "%s/%s", folder, name);
	there = access(path.s, F_OK) == 0;
	sb_fini(&path);
	return there;
}

/* Does vtysh.conf ask for one file a daemon? If it says nothing, the file that the next start will
 * read: what is saved elsewhere would be lost. */
static bool wants_own_file(const struct vty_config *config)
{
	struct sb path;
	char line[LINE_MAX_READ];
	bool own = !config->config_given && is_there(config->config_dir, "bgpd.conf");
	FILE *f;

	sb_init(&path);
	sb_fmt(&path, "%s/vtysh.conf", config->config_dir);
	f = fopen(path.s, "re");
	while (f && fgets(line, sizeof line, f)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strcmp(line, "no service integrated-vtysh-config") == 0)
			own = true;
		else if (strcmp(line, "service integrated-vtysh-config") == 0)
			own = false;
	}
	if (f)
		fclose(f);
	sb_fini(&path);
	return own;
}

void vty_saved_path(const struct vty_server *s, struct sb *to)
{
	sb_fmt(to, "%s/%s", s->config.config_dir,
	    wants_own_file(&s->config) ? "bgpd.conf" : "frr.conf");
}

/* ---- the command ---- */

static void on_saved(void *ctx, int error)
{
	struct save *v = ctx;

	v->error = error;
	v->finished = true;
	if (v->abandoned)
		save_free(v);
}

static bool save_step(void *ctx, struct out *out)
{
	struct save *v = ctx;

	if (!v->finished) {
		cli_wait(v->session);
		return true;
	}
	if (v->error)
		out_text(out, "%% Can't save to configuration file %s: %s\n", v->path.s,
		    strerror(v->error));
	else
		out_text(out,
		    v->own ? "Configuration saved to %s\n[OK]\n"
			   : "Integrated configuration saved to %s\n[OK]\n",
		    v->path.s);
	cli_set_result(v->session, v->error ? CLI_CONFIG_FAILED : CLI_OK);
	return false;
}

/* Also when the client goes before the disk is done. */
static void save_end(void *ctx)
{
	struct save *v = ctx;

	v->abandoned = true;
	if (v->finished)
		save_free(v);
}

static void begin(struct save *v)
{
	struct disk *disk = v->server->config.disk;

	if (disk)
		disk_do(disk, replace_file, on_saved, v);
	else
		on_saved(v, replace_file(v));
}

enum cli_rc vty_save(struct vty_server *s, enum save_how how, struct cli_call *call)
{
	bool own = how == SAVE_AS_CONFIGURED && wants_own_file(&s->config);
	struct save *v;

	if (cli_unconfirmed(s->cli)) {
		out_text(call->out,
		    "%% The last commit is not confirmed: nothing is saved before `commit`\n");
		return CLI_CONFIG_FAILED;
	}
	if (how == SAVE_AS_CONFIGURED)
		out_text(call->out, "Note: this version of vtysh never writes vtysh.conf\n");
	if (how == SAVE_AS_CONFIGURED && !own)
		out_text(call->out,
		    "\nWarning: attempting direct configuration write without watchfrr.\n"
		    "File permissions and ownership may be incorrect, or write may fail.\n\n");
	out_text(call->out, "Building Configuration...\n");
	v = mem_zalloc(sizeof(*v));
	v->server = s;
	v->session = call->session;
	v->own = own;
	sb_init(&v->text);
	sb_init(&v->path);
	cli_print(s->cli, &v->text);
	sb_fmt(&v->path, "%s/%s", s->config.config_dir, own ? "bgpd.conf" : "frr.conf");
	begin(v);
	return cli_defer(call, save_step, save_end, v);
}
