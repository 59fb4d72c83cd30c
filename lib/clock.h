/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time: one place that asks the system, so that tests can be exact. */
#ifndef FERRO_LIB_CLOCK_H
#define FERRO_LIB_CLOCK_H

#include <stddef.h>
#include <stdint.h>

uint64_t clock_ns(void);   /* monotonic */
uint64_t clock_ms(void);   /* monotonic */
uint32_t clock_sec(void);  /* monotonic seconds; what records in the tables keep */
int64_t clock_epoch(void); /* wall clock, seconds */
/* Wall-clock seconds of a monotonic time stamp from clock_sec. */
int64_t clock_to_epoch(uint32_t mono_sec);

#define UPTIME_STRLEN 32
/* A span as FRR prints it: "00:01:02" under a day, "1d02h03m" under a week, "01w2d03h" above. */
const char *clock_uptime_str(uint32_t span_sec, char buf[static UPTIME_STRLEN]);

#endif
