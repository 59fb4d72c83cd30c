/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of a line: split at blanks, kept as pointers into one copy of the line.
 *
 * The copy lives in the struct for lines of ordinary length, so that reading a configuration of a
 * hundred thousand lines allocates nothing here.
 */
#include <string.h>

#include "cli/internal.h"

static bool is_blank(char ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

void words_split(struct words *ws, const char *line)
{
	size_t len = strlen(line);
	char *p;

	ws->buf = len < sizeof(ws->room) ? ws->room : mem_alloc(len + 1);
	memcpy(ws->buf, line, len + 1);
	ws->n = 0;
	ws->too_long = len > LINE_BYTES_MAX;
	ws->open = len && !is_blank(line[len - 1]);
	for (p = ws->buf; *p;) {
		if (is_blank(*p)) {
			*p++ = '\0';
			continue;
		}
		if (ws->n == WORDS_MAX) {
			ws->too_long = true;
			return;
		}
		ws->w[ws->n].s = p;
		while (*p && !is_blank(*p))
			p++;
		ws->w[ws->n].len = (size_t)(p - ws->w[ws->n].s);
		ws->n++;
	}
}

void words_fini(struct words *ws)
{
	if (ws->buf != ws->room)
		mem_free(ws->buf);
}
