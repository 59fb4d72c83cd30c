/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disk's thread: in order, told in the loop, nobody waits, nothing is lost at the end. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/disk.h"
#include "lib/task.h"

enum { SLOW_MS = 200, MANY = 100 };

static struct event_base *base;
static struct disk *disk;
static char order[MANY + 1];
static unsigned told, woken;

static void set_up(void)
{
	base = task_base_new();
	disk = disk_new(base);
}

static void tear_down(void)
{
	disk_free(disk);
	event_base_free(base);
}

TestSuite(lib_disk, .init = set_up, .fini = tear_down, .timeout = 20);

static int slow(void *ctx)
{
	usleep(SLOW_MS * 1000);
	return *(int *)ctx;
}

static int quick(void *ctx)
{
	return *(int *)ctx;
}

static void note(void *ctx, int error)
{
	cr_expect_eq(error, *(int *)ctx);
	order[told++] = (char)error;
}

static void wake(void *ctx)
{
	(void)ctx;
	woken++;
}

Test(lib_disk, nobody_waits_and_all_is_told_in_order)
{
	int errors[MANY];
	uint64_t began = clock_ms();

	disk_watch(disk, wake, NULL);
	for (int i = 0; i < MANY; i++) {
		errors[i] = i;
		disk_do(disk, i ? quick : slow, note, &errors[i]);
	}
	event_base_loop(base, EVLOOP_NONBLOCK);
	cr_expect_lt(clock_ms() - began, SLOW_MS / 2);
	cr_expect_eq(told, 0);
	while (told < MANY)
		event_base_loop(base, EVLOOP_ONCE);
	cr_expect_geq(clock_ms() - began, SLOW_MS);
	cr_expect_gt(woken, 0);
	for (int i = 0; i < MANY; i++)
		cr_expect_eq(order[i], i);
}

Test(lib_disk, settling_waits_and_tells)
{
	int errors[] = {5, 7};

	disk_do(disk, slow, note, &errors[0]);
	disk_do(disk, quick, note, &errors[1]);
	disk_settle(disk);
	cr_expect_eq(told, 2);
	disk_do(disk, slow, note, &errors[0]); /* disk_free does the same */
}

Test(lib_disk, nothing_to_settle)
{
	disk_settle(disk);
	cr_expect_eq(told, 0);
}
