/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system's clocks in the units that the rest of Ferro uses.
 *
 * Monotonic time orders and measures; wall-clock time is only ever shown. The two seconds do not
 * tick together, so clock_to_epoch works in nanoseconds: the same stamp gives the same answer
 * whenever it is asked, as long as nobody sets the clock.
 */
#include "lib/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_SEC INT64_C(1000000000)
enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR, WEEK = 7 * DAY };

static int64_t ns_of(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
}

uint64_t clock_ns(void)
{
	return (uint64_t)ns_of(CLOCK_MONOTONIC);
}

uint64_t clock_ms(void)
{
	return clock_ns() / 1000000;
}

/* Asked once for each route that changes: the coarse clock is as good for seconds and cheaper. */
uint32_t clock_sec(void)
{
	return (uint32_t)(ns_of(CLOCK_MONOTONIC_COARSE) / NS_PER_SEC);
}

int64_t clock_epoch(void)
{
	return ns_of(CLOCK_REALTIME) / NS_PER_SEC;
}

int64_t clock_to_epoch(uint32_t mono_sec)
{
	/* Rounded to the millisecond: the two clocks are read one after the other. */
	int64_t offset_ms = (ns_of(CLOCK_REALTIME) - ns_of(CLOCK_MONOTONIC) + 500000) / 1000000;

	return mono_sec + offset_ms / 1000;
}

static void put_two(char *to, unsigned n)
{
	to[0] = (char)('0' + n / 10);
	to[1] = (char)('0' + n % 10);
}

/* "hh:mm:ss" by hand: a table of a million routes has it in every line. */
static void put_time(char *to, unsigned hours, unsigned minutes, unsigned seconds)
{
	memcpy(to, "..:..:..", sizeof("..:..:.."));
	put_two(to, hours);
	put_two(to + 3, minutes);
	put_two(to + 6, seconds);
}

const char *clock_uptime_str(uint32_t span_sec, char buf[static UPTIME_STRLEN])
{
	unsigned weeks = span_sec / WEEK, days = span_sec % WEEK / DAY;
	unsigned hours = span_sec % DAY / HOUR, minutes = span_sec % HOUR / MINUTE;

	if (span_sec < DAY)
		put_time(buf, hours, minutes, span_sec % MINUTE);
	else if (span_sec < WEEK)
		snprintf(buf, UPTIME_STRLEN, "%ud%02uh%02um", days, hours, minutes);
	else
		snprintf(buf, UPTIME_STRLEN, "%02uw%ud%02uh", weeks, days, hours);
	return buf;
}
