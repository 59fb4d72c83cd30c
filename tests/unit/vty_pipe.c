/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters of the shell: the same result however the text is cut into pieces. */
#include <criterion/criterion.h>
#include <string.h>

#include "vty/vtysh_pipe.h"

static const char text[] = "router bgp 1\n"
			   " neighbor a\n"
			   "\n"
			   " neighbor b\n"
			   "!\n"
			   "interface eth0\n"
			   " ip address 1\n"
			   "end";

static void expect(const char *spec, const char *want)
{
	for (size_t piece = 1; piece <= sizeof text; piece += 3) {
		struct sb err, got;

		sb_init(&err);
		sb_init(&got);
		struct pipe *p = pipe_new(spec, &err);
		cr_assert(p, "%s: %s", spec, err.s);
		for (size_t i = 0; i < strlen(text); i += piece) {
			size_t n = strlen(text) - i;
			pipe_feed(p, text + i, n < piece ? n : piece, &got);
		}
		pipe_end(p, &got);
		cr_expect_str_eq(got.s, want, "%s, pieces of %zu: %s", spec, piece, got.s);
		pipe_free(p);
		sb_fini(&err);
		sb_fini(&got);
	}
}

Test(vty_pipe, actions)
{
	expect("include neigh", " neighbor a\n neighbor b\n");
	expect("include ^router|^end$", "router bgp 1\nend\n");
	expect("include nothing", "");
	expect("exclude ^ ", "router bgp 1\n\n!\ninterface eth0\nend\n");
	expect("begin ^interface", "interface eth0\n ip address 1\nend\n");
	expect("section router", "router bgp 1\n neighbor a\n");
	expect("section interface", "interface eth0\n ip address 1\n");
	expect("count", "8\n");
	expect("count neigh", "2\n");
}

static void refuse(const char *spec, const char *want)
{
	struct sb err;

	sb_init(&err);
	cr_expect_null(pipe_new(spec, &err));
	cr_expect_str_eq(err.s, want);
	sb_fini(&err);
}

Test(vty_pipe, complaints_are_frrs)
{
	refuse("inc ^router", "% Unknown action 'inc'\n");
	refuse("", "% Unknown action ''\n");
	refuse("include", "% Need a regexp to filter with\n");
	refuse("include ((", "% Regex compilation error: Unmatched ( or \\(\n% Bad regexp '(('\n");
}

Test(vty_pipe, place)
{
	cr_expect_str_eq(pipe_find("show run | include x"), " | include x");
	cr_expect_null(pipe_find("show run |include x"));
	cr_expect_null(pipe_find("show run"));
}
