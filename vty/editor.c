/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys are those of FRR's vty port, and so is the echo: only backspaces, blanks and the line's own
 * characters, which every terminal understands. A line that is full takes no more characters.
 */
#include "vty/editor.h"

#include <string.h>

#include "lib/mem.h"

#define CTRL(c) ((c)&0x1f)

enum { ESC = 0x1b, DEL = 0x7f };

void editor_init(struct editor *e)
{
	*e = (struct editor){0};
}

/* A password stays nowhere. */
static void forget(struct editor *e)
{
	if (e->hidden)
		explicit_bzero(e->line, sizeof(e->line));
}

void editor_fini(struct editor *e)
{
	forget(e);
	for (unsigned i = 0; i < e->count; i++)
		mem_free(e->history[i]);
}

const char *editor_line(const struct editor *e)
{
	return e->line;
}

void editor_clear(struct editor *e)
{
	forget(e);
	e->line[0] = '\0';
	e->len = e->at = 0;
	e->shown = e->count;
}

void editor_remember(struct editor *e, const char *line)
{
	if (*line && (!e->count || strcmp(e->history[e->count - 1], line) != 0)) {
		if (e->count == EDITOR_HISTORY) {
			mem_free(e->history[0]);
			memmove(e->history, e->history + 1,
			    (EDITOR_HISTORY - 1) * sizeof(e->history[0]));
			e->count--;
		}
		e->history[e->count++] = mem_strdup(line);
	}
	e->shown = e->count;
}

/* ---- what the terminal is shown ---- */

static void show(const struct editor *e, struct sb *echo, const char *s, size_t n)
{
	if (!e->hidden)
		sb_addn(echo, s, n);
}

static void show_times(const struct editor *e, struct sb *echo, char c, size_t n)
{
	for (; n; n--)
		show(e, echo, &c, 1);
}

/* The rest of the line from the cursor on, `gone` blanks over what it has lost, and back. */
static void show_rest(const struct editor *e, struct sb *echo, size_t gone)
{
	show(e, echo, e->line + e->at, e->len - e->at);
	show_times(e, echo, ' ', gone);
	show_times(e, echo, '\b', e->len - e->at + gone);
}

/* ---- editing ---- */

static void insert(struct editor *e, char c, struct sb *echo)
{
	if (e->len + 1 == sizeof(e->line))
		return;
	memmove(e->line + e->at + 1, e->line + e->at, e->len - e->at + 1);
	e->line[e->at++] = c;
	e->len++;
	show(e, echo, &c, 1);
	if (e->at < e->len)
		show_rest(e, echo, 0);
}

static void delete_here(struct editor *e, struct sb *echo)
{
	if (e->at == e->len)
		return;
	memmove(e->line + e->at, e->line + e->at + 1, e->len - e->at);
	e->len--;
	show_rest(e, echo, 1);
}

static void go_left(struct editor *e, struct sb *echo)
{
	if (!e->at)
		return;
	e->at--;
	show_times(e, echo, '\b', 1);
}

static void go_right(struct editor *e, struct sb *echo)
{
	if (e->at == e->len)
		return;
	show(e, echo, e->line + e->at, 1);
	e->at++;
}

static void delete_before(struct editor *e, struct sb *echo)
{
	if (!e->at)
		return;
	go_left(e, echo);
	delete_here(e, echo);
}

static void delete_word(struct editor *e, struct sb *echo)
{
	while (e->at && e->line[e->at - 1] == ' ')
		delete_before(e, echo);
	while (e->at && e->line[e->at - 1] != ' ')
		delete_before(e, echo);
}

static void delete_rest(struct editor *e, struct sb *echo)
{
	size_t gone = e->len - e->at;

	e->len = e->at;
	e->line[e->len] = '\0';
	show_rest(e, echo, gone);
}

static void go_home(struct editor *e, struct sb *echo)
{
	while (e->at)
		go_left(e, echo);
}

static void go_end(struct editor *e, struct sb *echo)
{
	while (e->at < e->len)
		go_right(e, echo);
}

static void delete_all(struct editor *e, struct sb *echo)
{
	go_home(e, echo);
	delete_rest(e, echo);
}

static void type(struct editor *e, const char *s, struct sb *echo)
{
	for (; *s; s++)
		insert(e, *s, echo);
}

void editor_replace_word(struct editor *e, const char *word, struct sb *echo)
{
	go_end(e, echo);
	while (e->at && e->line[e->at - 1] != ' ')
		go_left(e, echo);
	e->len = e->at;
	e->line[e->len] = '\0';
	type(e, word, echo);
	insert(e, ' ', echo);
}

static void recall(struct editor *e, unsigned entry, struct sb *echo)
{
	delete_all(e, echo);
	if (entry < e->count)
		type(e, e->history[entry], echo);
	e->shown = entry;
}

static void older(struct editor *e, struct sb *echo)
{
	if (e->shown)
		recall(e, e->shown - 1, echo);
}

static void newer(struct editor *e, struct sb *echo)
{
	if (e->shown < e->count)
		recall(e, e->shown + 1, echo);
}

/* ---- keys ---- */

static const struct {
	uint8_t key;
	void (*act)(struct editor *e, struct sb *echo);
} keys[] = {
    {CTRL('A'), go_home},
    {CTRL('B'), go_left},
    {CTRL('D'), delete_here},
    {CTRL('E'), go_end},
    {CTRL('F'), go_right},
    {CTRL('H'), delete_before},
    {CTRL('K'), delete_rest},
    {CTRL('N'), newer},
    {CTRL('P'), older},
    {CTRL('U'), delete_all},
    {CTRL('W'), delete_word},
    {DEL, delete_before},
};

/* The bytes behind ESC [ of the arrow keys, as the control keys that do the same. */
static uint8_t arrow(uint8_t key)
{
	static const char arrows[] = "ABCD";
	static const uint8_t same_as[] = {CTRL('P'), CTRL('N'), CTRL('F'), CTRL('B')};
	const char *at = key ? strchr(arrows, key) : NULL;

	return at ? same_as[at - arrows] : 0;
}

static void edit(struct editor *e, uint8_t key, struct sb *echo)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].key != key)
			continue;
		if (!e->hidden || (keys[i].act != older && keys[i].act != newer))
			keys[i].act(e, echo);
		return;
	}
	if (key >= ' ')
		insert(e, (char)key, echo);
}

/* True while the byte belongs to an escape sequence; one that is an arrow is carried out. */
static bool take_escape(struct editor *e, uint8_t key, struct sb *echo)
{
	if (e->escape == 0 && key != ESC)
		return false;
	if (e->escape == 0 || (e->escape == 1 && (key == '[' || key == 'O'))) {
		e->escape++;
		return true;
	}
	if (e->escape == 2 && arrow(key))
		edit(e, arrow(key), echo);
	e->escape = 0;
	return true;
}

enum editor_event editor_key(struct editor *e, uint8_t key, struct sb *echo)
{
	bool after_cr = e->after_cr;

	e->after_cr = key == '\r';
	if (after_cr && (key == '\n' || key == '\0'))
		return EDITOR_NOTHING;
	if (take_escape(e, key, echo))
		return EDITOR_NOTHING;
	switch (key) {
	case '\r':
	case '\n':
		return EDITOR_LINE;
	case CTRL('C'):
		return EDITOR_CANCEL;
	case CTRL('Z'):
		return EDITOR_TOP;
	case CTRL('D'):
		if (!e->len)
			return EDITOR_LEAVE;
		break;
	case '\t':
		return e->hidden ? EDITOR_NOTHING : EDITOR_COMPLETE;
	case '?':
		if (!e->hidden)
			return EDITOR_EXPLAIN;
		break;
	}
	edit(e, key, echo);
	return EDITOR_NOTHING;
}
