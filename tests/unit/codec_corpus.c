/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every file of the fuzz corpora through its target; the sanitizers and fuzz_expect judge. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>

#include "lib/mem.h"
#include "tests/fuzz/fuzz.h"

static void run_file(const char *dir, const char *name, int (*target)(const uint8_t *, size_t))
{
	static uint8_t buf[70000];
	char path[1400];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "rb");
	cr_assert(f, "%s", path);
	size_t len = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	uint8_t *exact = mem_dup(buf, len);
	target(exact, len);
	mem_free(exact);
}

static void run_corpus(const char *target_name, int (*target)(const uint8_t *, size_t))
{
	char path[1000];
	unsigned files = 0;
	snprintf(path, sizeof(path), FUZZ_CORPUS "/%s", target_name);
	DIR *d = opendir(path);
	cr_assert(d, "%s", path);
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		run_file(path, e->d_name, target);
		files++;
	}
	closedir(d);
	cr_expect_gt(files, 10, "%s has only %u files", path, files);
}

Test(codec_corpus, update)
{
	run_corpus("update", fuzz_update);
}

Test(codec_corpus, open)
{
	run_corpus("open", fuzz_open);
}

Test(codec_corpus, attr)
{
	run_corpus("attr", fuzz_attr);
}
