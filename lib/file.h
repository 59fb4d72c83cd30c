/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files: read at once, replaced at once. */
#ifndef FERRO_LIB_FILE_H
#define FERRO_LIB_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* The file as a string (mem_free), with '?' for NULs, which would hide the rest; NULL and errno if
 * it cannot be read. */
char *file_read(const char *path);
/* The same for the first bytes of it. */
char *file_read_head(const char *path, size_t most);
/* The file holds exactly the text from now on (mode 0600), or, with false and errno, what it held
 * before; a crash at any moment leaves the one or the other. On the disk when this returns. The
 * folder belongs to the daemon, and PATH.tmp is the name of a file on its way. */
bool file_replace(const char *path, const char *text, size_t len);
/* The file is gone from the disk when this returns. True also if there was none. */
bool file_remove(const char *path);

/* Whether it could be appended to, or made, now; nothing is touched. */
bool file_is_writable(const char *path);

/* The steps of a replacement, for who does more than that. False and errno: not all was written. */
bool file_write_all(int fd, const char *text, size_t len);
/* The folder's entry for a file is on the disk when this returns; failure costs durability only. */
void file_sync_folder(const char *path);

#endif
