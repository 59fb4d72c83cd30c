/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every file of the fuzz corpora of bgpd's own language through its target. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>

#include "tests/fuzz/fuzz.h"

static unsigned run_corpus(const char *folder, int (*target)(const uint8_t *data, size_t size))
{
	static uint8_t buf[70000];
	DIR *d = opendir(folder);
	char path[1400];
	unsigned files = 0;
	FILE *f;

	cr_assert(d, "%s", folder);
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		f = fopen(path, "rb");
		cr_assert(f, "%s", path);
		target(buf, fread(buf, 1, sizeof(buf), f));
		fclose(f);
		files++;
	}
	closedir(d);
	return files;
}

Test(cmd_corpus, every_configuration)
{
	cr_expect_gt(run_corpus(FUZZ_CORPUS "/conf", fuzz_conf), 10);
}

Test(cmd_corpus, every_line)
{
	cr_expect_gt(run_corpus(FUZZ_CORPUS "/line", fuzz_line), 10);
}
