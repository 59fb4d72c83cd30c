/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work on files that may have to wait for the disk (fsync, rename), in a thread of its own, so that
 * nobody else waits for it. One thing after another, in the order in which it was asked for.
 */
#ifndef FERRO_LIB_DISK_H
#define FERRO_LIB_DISK_H

#include <errno.h>

struct event_base;
struct disk;

/* Runs in the thread, which may touch nothing but ctx, and nobody else may until done: it takes no
 * memory, logs nothing, knows no globals. Returns an errno, 0: done. */
typedef int disk_work(void *ctx);
/* Runs in the event loop afterwards. */
typedef void disk_done(void *ctx, int error);

/* The thread begins with the first work. base outlives it. */
struct disk *disk_new(struct event_base *base);
/* Waits until all is done. */
void disk_free(struct disk *d);
void disk_do(struct disk *d, disk_work *work, disk_done *done, void *ctx);
/* Waits until all that was asked for is done, and has been told. */
void disk_settle(struct disk *d);
/* Called after something was done and told; fn NULL: nobody is. */
void disk_watch(struct disk *d, void (*fn)(void *ctx), void *ctx);

#endif
