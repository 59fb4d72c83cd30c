/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files.
 *
 * A replacement is a new file in the same folder, written, brought to the disk, renamed over the
 * old one; then the folder is brought to the disk. It must never leave its temporary file behind
 * when it fails; after a crash the next replacement takes the same name again. Symbolic links are
 * replaced, not followed: the files are the daemon's own. What writes and removes takes no memory:
 * it runs in the disk's thread (disk.h).
 */
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"

enum { FIRST_PIECE = 4096, FILE_MODE = 0600 };

char *file_read(const char *path)
{
	return file_read_head(path, SIZE_MAX);
}

char *file_read_head(const char *path, size_t most)
{
	FILE *f = fopen(path, "re");
	size_t len = 0, room = FIRST_PIECE, want, n;
	char *text;

	if (!f)
		return NULL;
	text = mem_alloc(room);
	for (;;) {
		want = room - len - 1 < most - len ? room - len - 1 : most - len;
		n = want ? fread(text + len, 1, want, f) : 0;
		if (!n)
			break;
		len += n;
		if (len + 1 == room)
			text = mem_realloc(text, room *= 2);
	}
	text[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (!text[i])
			text[i] = '?';
	if (ferror(f)) {
		mem_free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

bool file_is_writable(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	bool ok;

	if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0)
		return true;
	if (errno != ENOENT)
		return false;
	folder = slash ? mem_strndup(path, (size_t)(slash - path) + 1) : mem_strdup(".");
	ok = faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0;
	mem_free(folder);
	return ok;
}

bool file_write_all(int fd, const char *s, size_t n)
{
	while (n) {
		ssize_t done = write(fd, s, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		s += done;
		n -= (size_t)done;
	}
	return true;
}

/* The folder's entries are on the disk when this returns. Failure costs durability only. */
void file_sync_folder(const char *path)
{
	char folder[PATH_MAX];
	char *slash;
	int fd;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

bool file_replace(const char *path, const char *text, size_t len)
{
	char tmp[PATH_MAX];
	bool ok = false;
	int fd, err;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.tmp", path) >= sizeof(tmp)) {
		errno = ENAMETOOLONG;
		return false;
	}
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return false;
	ok = file_write_all(fd, text, len) && fsync(fd) == 0;
	err = errno;
	if (close(fd) < 0 && ok) {
		ok = false;
		err = errno;
	}
	if (ok && rename(tmp, path) < 0) {
		ok = false;
		err = errno;
	}
	if (!ok)
		unlink(tmp);
	else
		file_sync_folder(path);
	errno = err;
	return ok;
}

bool file_remove(const char *path)
{
	if (unlink(path) < 0)
		return errno == ENOENT;
	file_sync_folder(path);
	return true;
}
