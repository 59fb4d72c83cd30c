/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that are replaced whole. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/mem.h"

static char folder[] = "/tmp/ferro-file-XXXXXX";
static char path[64], other[80];

static void setup(void)
{
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a.conf", folder);
	snprintf(other, sizeof(other), "%s.tmp", path);
}

static void teardown(void)
{
	unlink(path);
	unlink(other);
	rmdir(other);
	rmdir(folder);
}

TestSuite(lib_file, .init = setup, .fini = teardown);

static void expect_text(const char *want)
{
	char *text = file_read(path);

	cr_assert_not_null(text);
	cr_expect_str_eq(text, want);
	mem_free(text);
}

Test(lib_file, replaced_and_removed)
{
	struct stat st;

	cr_expect_null(file_read(path));
	cr_expect_eq(errno, ENOENT);
	cr_expect(file_replace(path, "one\n", 4));
	expect_text("one\n");
	cr_expect(file_replace(path, "", 0));
	expect_text("");
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	cr_expect(file_remove(path));
	cr_expect(file_remove(path));
	cr_expect_null(file_read(path));
}

Test(lib_file, long_texts)
{
	size_t len = 1 << 20;
	char *text = mem_alloc(len + 1);

	memset(text, 'x', len);
	text[len] = '\0';
	cr_expect(file_replace(path, text, len));
	expect_text(text);
	mem_free(text);
}

Test(lib_file, the_rest_of_a_crash_is_no_hindrance)
{
	FILE *f = fopen(other, "w");

	cr_assert_not_null(f);
	fputs("half of something long", f);
	fclose(f);
	cr_expect(file_replace(path, "one\n", 4));
	expect_text("one\n");
	cr_expect_neq(access(other, F_OK), 0);
}

Test(lib_file, a_failure_leaves_the_old_one)
{
	cr_expect(file_replace(path, "one\n", 4));
	cr_assert_eq(mkdir(other, 0700), 0);
	cr_expect_not(file_replace(path, "two\n", 4));
	cr_expect_eq(errno, EISDIR);
	expect_text("one\n");
	cr_expect_not(file_replace("/nonexistent/a.conf", "one\n", 4));
}

Test(lib_file, writable_without_touching)
{
	char deep[96];

	cr_expect(file_is_writable(path), "it could be made");
	cr_expect_eq(access(path, F_OK), -1, "but was not");
	cr_assert(file_replace(path, "", 0));
	cr_expect(file_is_writable(path));
	snprintf(deep, sizeof(deep), "%s/none/x.log", folder);
	cr_expect_not(file_is_writable(deep));
	snprintf(deep, sizeof(deep), "%s/x.log", path);
	cr_expect_not(file_is_writable(deep), "a file is no folder");
}
