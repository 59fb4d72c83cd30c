/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log: FRR's levels, destinations and line format, written without ever blocking the daemon for
 * long: a line that a destination has no room for is lost.
 *
 * A message that FRR has is a row of a catalogue with FRR's unique id ("M59KS-A3ZXZ"), so that
 * scripts which match on ids go on working; ids are printed unless `no log unique-id` is given.
 * Line format: "YYYY/MM/DD hh:mm:ss BGP: [ID][EC n] text".
 */
#ifndef FERRO_LIB_LOG_H
#define FERRO_LIB_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

struct log;

/* Levels are syslog's LOG_EMERG .. LOG_DEBUG; LOG_OFF disables a destination. */
enum { LOG_OFF = -1 };
enum log_dest { LOG_TO_FILE, LOG_TO_SYSLOG, LOG_TO_STDOUT, LOG_TO_MONITOR, LOG_DEST_COUNT };

/* All destinations are off at first; the facility is LOG_DAEMON. */
struct log *log_new(const char *protocol /* "BGP" */);
void log_free(struct log *l);
/* Opens (appends to) a file; on failure returns an errno and keeps the old one. NULL closes. A new
 * file has mode 0600. */
int log_set_file(struct log *l, const char *path, int level);
void log_set_level(struct log *l, enum log_dest d, int level);
int log_level(const struct log *l, enum log_dest d);
const char *log_file(const struct log *l); /* NULL: none */
void log_set_facility(struct log *l, int facility);
void log_set_precision(struct log *l, unsigned digits); /* digits of a second, 0..9 */
void log_set_priority_shown(struct log *l, bool on);    /* log record-priority */
void log_set_ids(struct log *l, bool ids, bool ec);     /* [XXXXX-XXXXX] and [EC n] */
void log_reopen(struct log *l); /* SIGUSR1; keeps the open file if the path cannot be opened */
/* Would any destination take it? l may be NULL here and in log_msg: the answer is no. */
bool log_wanted(const struct log *l, int level);

/* ref names the catalogue row ("N9HHH-F8H1M"), or NULL for a message that FRR does not have; ec is
 * FRR's error category or 0. The text has no newline; control characters that peers may have put
 * into it come out as ".". */
void log_msg(struct log *l, int level, const char *ref, uint32_t ec, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* Lines also go to monitors (terminal monitor), without a newline; the callback must not block nor
 * call log functions. NULL removes. */
void log_set_monitor(struct log *l, void (*cb)(void *ctx, const char *line), void *ctx);
bool log_level_parse(const char *word, int *level); /* "debugging", abbreviations allowed */
const char *log_level_name(int level);              /* "debugging"; LOG_OFF: "disabled" */

#endif
