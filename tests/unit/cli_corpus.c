/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every file of the command line's fuzz corpus through its target. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>

#include "tests/fuzz/fuzz.h"

Test(cli_corpus, every_file)
{
	static uint8_t buf[70000];
	DIR *d = opendir(FUZZ_CORPUS "/cli");
	char path[1400];
	unsigned files = 0;
	FILE *f;

	cr_assert(d, FUZZ_CORPUS "/cli");
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), FUZZ_CORPUS "/cli/%s", e->d_name);
		f = fopen(path, "rb");
		cr_assert(f, "%s", path);
		fuzz_cli(buf, fread(buf, 1, sizeof(buf), f));
		fclose(f);
		files++;
	}
	closedir(d);
	cr_expect_gt(files, 10);
}
