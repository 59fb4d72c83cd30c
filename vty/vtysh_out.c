/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pager is started by the first text of a command, so that a command without text does not
 * flash one up. When the user leaves it early, the rest of the text is dropped.
 */
#include "vty/vtysh_out.h"

#include <string.h>

void out_to_init(struct out_to *o, const char *program)
{
	*o = (struct out_to){.program = program};
	sb_init(&o->filtered);
}

void out_to_fini(struct out_to *o)
{
	if (o->file)
		fclose(o->file);
	pipe_free(o->filter);
	sb_fini(&o->filtered);
}

static void put(struct out_to *o, const char *s, size_t n)
{
	FILE *to = o->file ? o->file : stdout;

	if (!n)
		return;
	if (!o->file && o->paginate) {
		if (!o->pager) {
			fflush(stdout);
			o->pager = popen(o->program, "we");
		}
		if (o->pager)
			to = o->pager;
	}
	fwrite(s, 1, n, to);
}

static void put_filtered(struct out_to *o)
{
	put(o, o->filtered.s, o->filtered.len);
	sb_clear(&o->filtered);
}

void out_to_begin(struct out_to *o, struct pipe *filter)
{
	o->filter = filter;
}

void out_to_text(struct out_to *o, const char *s, size_t n)
{
	if (!o->filter) {
		put(o, s, n);
		return;
	}
	pipe_feed(o->filter, s, n, &o->filtered);
	put_filtered(o);
}

void out_to_end(struct out_to *o)
{
	if (o->filter) {
		pipe_end(o->filter, &o->filtered);
		put_filtered(o);
		pipe_free(o->filter);
		o->filter = NULL;
	}
	if (o->pager) {
		pclose(o->pager);
		o->pager = NULL;
	}
	fflush(o->file ? o->file : stdout);
}

bool out_to_file(struct out_to *o, const char *path)
{
	FILE *f = NULL;

	if (path && !(f = fopen(path, "we")))
		return false;
	if (o->file)
		fclose(o->file);
	o->file = f;
	return true;
}
