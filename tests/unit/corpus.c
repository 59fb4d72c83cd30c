/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See corpus.h. A target gets its input in an allocation of just that size, so that a sanitizer
 * sees a read beyond its end. */
#include "tests/unit/corpus.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>

#include "lib/mem.h"

enum { FEW = 10 };

static void run_file(const char *path, int (*target)(const uint8_t *data, size_t size))
{
	static uint8_t buf[70000];
	FILE *f = fopen(path, "rb");
	uint8_t *exact;
	size_t len;

	cr_assert(f, "%s", path);
	len = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	exact = mem_dup(buf, len);
	target(exact, len);
	mem_free(exact);
}

void corpus_run(const char *name, int (*target)(const uint8_t *data, size_t size))
{
	char folder[512], path[1024];
	unsigned files = 0;
	DIR *d;

	snprintf(folder, sizeof(folder), FUZZ_CORPUS "/%s", name);
	d = opendir(folder);
	cr_assert(d, "%s", folder);
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		run_file(path, target);
		files++;
	}
	closedir(d);
	cr_expect_gt(files, FEW, "%s has only %u files", folder, files);
}
