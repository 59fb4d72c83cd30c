/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Manners of a Unix daemon: pid file, background, user and capabilities, file limits, systemd. */
#ifndef FERRO_SERVICE_H
#define FERRO_SERVICE_H

#include <stdbool.h>

struct options;

/* The pid file, created and locked: a second daemon with the same file is refused. Returns its
 * descriptor, kept open to the end, or -1 with a message on stderr. */
int service_pid_file_open(const char *path);
/* Writes our pid (again after going to the background). */
void service_pid_file_write(int fd);
void service_pid_file_remove(const char *path, int fd);

/* Goes to the background. The parent waits for service_ready and ends with the status it is given,
 * so that a start script learns whether the start worked; if it did, `then` (may be NULL) is called
 * in the parent first. Returns a descriptor for service_ready, or -1 with a message on stderr. */
int service_background(void (*then)(void *ctx), void *ctx);
/* Lets the waiting parent end; ready_fd -1: there is none. */
void service_ready(int ready_fd, int status);

/* Raises the limit of open files (0: to the hard limit). */
void service_limit_files(unsigned limit);
/* Makes the state directory if it is missing; false with a message on stderr. */
bool service_make_directory(const char *path, const char *user, const char *group);
/* Will service_drop_privileges change the user? Only root can, and -S forbids it. */
bool service_changes_user(const struct options *o);
/* Changes to the user and group of the options and keeps only the capabilities that a router
 * needs (net_admin, net_bind_service, net_raw; root also those to write and hand over files). False
 * with a message on stderr. */
bool service_drop_privileges(const struct options *o);
/* sd_notify; does nothing without systemd. */
void service_notify(const char *state);
/* Watchdog period asked for by systemd in microseconds, halved; 0: none. */
unsigned long service_watchdog_us(void);

#endif
