/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `write`: the running configuration to its file.
 *
 * The text goes to a new file in the same folder, to the disk, then takes the old one's name; the
 * old ones stay beside it as NAME.sav (the last), NAME.sav.1 and so on. At every moment, a crash
 * included, NAME is either the old or the new file as a whole, and no backup is lost but the
 * oldest. Owner and permissions stay. A symbolic link keeps pointing where it does.
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

#include "lib/file.h"
#include "lib/mem.h"
#include "vty/conn.h"

enum {
	FILE_MODE = 0600, /* of a new file */
	BACKUPS = 5,      /* NAME.sav and four that are older */
	LINE_MAX_READ = 256,
};

static void backup_name(struct sb *to, const char *path, int n)
{
	sb_clear(to);
	sb_fmt(to, "%s.sav", path);
	if (n)
		sb_fmt(to, ".%d", n);
}

/* Each backup gets the next number, up to the first number that is free: a crash on the way leaves
 * such a hole. */
static bool shift_backups(const char *path, struct sb *from, struct sb *to)
{
	int n = 0;

	for (backup_name(from, path, n); n < BACKUPS - 1 && access(from->s, F_OK) == 0;)
		backup_name(from, path, ++n);
	for (; n > 0; n--) {
		backup_name(from, path, n - 1);
		backup_name(to, path, n);
		if (rename(from->s, to->s) < 0)
			return false;
	}
	return true;
}

/* The old file gets the name path.sav as well; no old file is fine. */
static bool keep_old(const char *path)
{
	struct sb from, to;
	bool ok;

	sb_init(&from);
	sb_init(&to);
	ok = access(path, F_OK) < 0 || shift_backups(path, &from, &to);
	backup_name(&to, path, 0);
	ok = ok && (link(path, to.s) == 0 || errno == ENOENT);
	sb_fini(&from);
	sb_fini(&to);
	return ok;
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

/* 0, or the errno of what failed; then the file is as it was. */
static int replace_file(const char *path, const struct sb *text)
{
	char *real = realpath(path, NULL); /* NULL: a new file */
	const char *target = real ? real : path;
	struct sb tmp;
	int fd, err = 0;

	sb_init(&tmp);
	sb_fmt(&tmp, "%s.new", target);
	unlink(tmp.s);
	fd = open(tmp.s, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (fd < 0) {
		err = errno;
	} else {
		bool ok = fill(fd, target, text);

		if (close(fd) < 0 || !ok || (!holds_text(target, text) && !keep_old(target)) ||
		    rename(tmp.s, target) < 0)
			err = errno;
		if (err)
			unlink(tmp.s);
		else
			file_sync_folder(target);
	}
	sb_fini(&tmp);
	free(real);
	return err;
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

enum cli_rc vty_save(const struct vty_server *s, enum save_how how, struct sb *to)
{
	bool own = how == SAVE_AS_CONFIGURED && wants_own_file(&s->config);
	struct sb text, path;
	int err;

	if (cli_unconfirmed(s->cli)) {
		sb_add(
		    to, "% The last commit is not confirmed: nothing is saved before `commit`\n");
		return CLI_CONFIG_FAILED;
	}
	sb_init(&text);
	sb_init(&path);
	cli_print(s->cli, &text);
	sb_fmt(&path, "%s/%s", s->config.config_dir, own ? "bgpd.conf" : "frr.conf");
	if (how == SAVE_AS_CONFIGURED)
		sb_add(to, "Note: this version of vtysh never writes vtysh.conf\n");
	if (how == SAVE_AS_CONFIGURED && !own)
		sb_add(to,
		    "\nWarning: attempting direct configuration write without watchfrr.\n"
		    "File permissions and ownership may be incorrect, or write may fail.\n\n");
	sb_add(to, "Building Configuration...\n");
	err = replace_file(path.s, &text);
	if (err)
		sb_fmt(to, "%% Can't save to configuration file %s: %s\n", path.s, strerror(err));
	else
		sb_fmt(to,
		    own ? "Configuration saved to %s\n" : "Integrated configuration saved to %s\n",
		    path.s);
	if (!err)
		sb_add(to, "[OK]\n");
	sb_fini(&text);
	sb_fini(&path);
	return err ? CLI_CONFIG_FAILED : CLI_OK;
}
