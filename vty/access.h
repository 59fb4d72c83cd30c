/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may use the vty port, and what a session there begins with: the settings of `password`,
 * `enable password`, `line vty`, `service ...` and `banner motd`. Written by replay only; the
 * server reads them at each login. The sockets of vtysh are protected by their file mode instead.
 */
#ifndef FERRO_VTY_ACCESS_H
#define FERRO_VTY_ACCESS_H

#include <stdbool.h>

#include "lib/sb.h"

/* A password as the configuration has it: in clear, or the hash of crypt(3) behind an "8". */
struct vty_password {
	char *text; /* NULL: none */
	bool hashed;
};

enum vty_motd { MOTD_DEFAULT, MOTD_NONE, MOTD_LINE, MOTD_FILE };

enum { VTY_TIMEOUT = 600, VTY_GUEST_TIMEOUT = 60, VTY_LENGTH_MAX = 512 };
enum { VTY_SESSIONS_MAX = 64, VTY_HASHED_MAX = 128 };

struct vty_access {
	struct vty_password login, enable;
	bool open;        /* `no login`: no password is asked for */
	bool advanced;    /* a login begins in enable mode if there is no enable password */
	unsigned timeout; /* seconds without a key until a session ends; 0: never */
	int length;       /* lines a page; 0: no pages, -1: those of the window */
	enum vty_motd motd;
	char *motd_text; /* MOTD_LINE: the line; MOTD_FILE: the path */
};

void vty_access_init(struct vty_access *a); /* FRR's defaults */
void vty_access_fini(struct vty_access *a);
/* Takes what was said: hashed tells whether text is a hash. */
void vty_password_set(struct vty_password *p, const char *text, bool hashed);
/* The timeout of a session; of a client that has not logged in, or is leaving, at most a minute,
 * and that in all. */
unsigned vty_timeout(const struct vty_access *a, bool logged_in);
/* Is it the password? False if there is none. What is longer than VTY_HASHED_MAX is no password
 * that a hash is of: whoever types at the login may not make the daemon work for long. */
bool vty_password_matches(const struct vty_password *p, const char *typed);
/* Appends the hash of a password. If `like` (may be NULL) is a hash of it already, that one, so
 * that saying a password again changes nothing. False if the library cannot make one, or it is
 * longer than VTY_HASHED_MAX. */
bool vty_password_hash(const char *plain, const struct vty_password *like, struct sb *to);
/* Appends what a session begins with, lines ending with "\n": the banner. A file that cannot be
 * read is as if there were none. */
void vty_greeting(const struct vty_access *a, struct sb *to);

#endif
