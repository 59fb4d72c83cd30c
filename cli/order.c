/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of print: the tree's, but for one thing. Of the arguments of a family, those that have
 * a ROW_UNDER line come first, by that line's value: members of groups by their group, then the
 * neighbors without one.
 *
 * That is not in the keys, since a key says which statement it is. A neighbor that joins a group
 * keeps its statements, and a difference shows the line that is new and not all of them. So a
 * printer that comes to the family collects the ROW_UNDER lines of the block (or of the one around
 * it that has them) and sorts them, goes through the lines of those arguments, and then once more
 * through all, for the others. Arguments with a ROW_FIRST line stand before, as they do in the
 * tree.
 *
 * What was collected points into the tree and is looked at until the next change only. After that
 * the mark, a copy of the line whose argument was under way, says where to go on.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/internal.h"

/* Of a family that is ordered so, and not of one of its ROW_FIRST arguments? */
static bool is_ordered(const struct conf_node *n)
{
	return n && n->rule->family && n->rule->family->under && n->data[RANK_AT];
}

static const char *value_of(const struct conf_node *line)
{
	return strrchr(node_text(line), ' ') + 1;
}

static int line_cmp(const struct conf_node *a, const struct conf_node *b)
{
	int cmp = strcmp(value_of(a), value_of(b));

	return cmp ? cmp : node_cmp(a, b);
}

static int by_value(const void *a, const void *b)
{
	return line_cmp(*(const struct conf_node *const *)a, *(const struct conf_node *const *)b);
}

/* The ROW_UNDER line's key ends in its argument and its row's number. No argument's bytes are the
 * beginning of another's (token_key). */
static size_t first_len(const struct conf_node *line)
{
	return line->key_len - FIRST_AT - sizeof(uint16_t);
}

/* Its argument beside that of any line of the family. */
static int first_cmp(const struct conf_node *line, const struct conf_node *n)
{
	size_t len = first_len(line), have = n->key_len - (size_t)FIRST_AT;

	return memcmp(line->data + FIRST_AT, n->data + FIRST_AT, len < have ? len : have);
}

/* ---- the lines that decide ---- */

static void add(struct print_order *o, const struct conf_node *line)
{
	if (o->count == o->room) {
		o->room = o->room ? 2 * o->room : 16;
		o->by_first = mem_realloc(o->by_first, o->room * sizeof(line));
		o->by_value = mem_realloc(o->by_value, o->room * sizeof(line));
	}
	o->by_first[o->count] = o->by_value[o->count] = line;
	o->count++;
}

/* The first line of the family in the block with this argument; NULL line: with any. Or what is
 * behind its place. */
static const struct conf_node *lower(
    const struct print_order *o, const struct conf_node *block, const struct conf_node *line)
{
	uint16_t pos = o->family->pos[conf_mode(block)];
	const struct conf_node *n;
	struct sb key;

	sb_init(&key);
	sb_addc(&key, (char)(pos >> 8));
	sb_addc(&key, (char)pos);
	sb_addc(&key, 1);
	if (line)
		sb_addn(&key, line->data + FIRST_AT, first_len(line));
	n = node_lower(block, key.s, key.len);
	sb_fini(&key);
	return n;
}

static void collect(struct print_order *o, const struct conf_node *block, const struct conf_node *n)
{
	const struct row_family *f = n->rule->family;
	const struct conf_node *home = block;
	uint64_t changed = conf_of(block)->changed;

	while (home && !(f->under->row->modes & UINT64_C(1) << conf_mode(home)))
		home = home->parent;
	if (o->home == home && o->family == f && o->changed == changed)
		return;
	o->home = home;
	o->family = f;
	o->changed = changed;
	o->count = 0;
	for (n = home ? lower(o, home, NULL) : NULL; is_ordered(n); n = node_next(n))
		if (n->rule == f->under && !conf_is_no(n))
			add(o, n);
	if (o->count)
		qsort(o->by_value, o->count, sizeof(n), by_value);
}

/* ---- the walk ---- */

/* n or what is behind it, without the arguments that had their turn. */
static const struct conf_node *skip_seen(struct print_order *o, const struct conf_node *n)
{
	for (; is_ordered(n); n = node_next(n)) {
		while (o->seen < o->count && first_cmp(o->by_first[o->seen], n) < 0)
			o->seen++;
		if (o->seen == o->count || first_cmp(o->by_first[o->seen], n) > 0)
			break;
	}
	return n;
}

/* The first line in the block of by_value[at] or of one behind it, then of the others. */
static const struct conf_node *settle(struct print_order *o, const struct conf_node *block)
{
	const struct conf_node *n;

	for (; o->at < o->count; o->at++) {
		n = lower(o, block, o->by_value[o->at]);
		if (is_ordered(n) && !first_cmp(o->by_value[o->at], n))
			return n;
	}
	o->seen = 0;
	return skip_seen(o, lower(o, block, NULL));
}

static const struct conf_node *enter(
    struct print_order *o, const struct conf_node *block, const struct conf_node *n)
{
	if (!is_ordered(n))
		return n;
	collect(o, block, n);
	o->at = 0;
	return settle(o, block);
}

const struct conf_node *order_first(struct print_order *o, const struct conf_node *block)
{
	return enter(o, block, node_first(block));
}

const struct conf_node *order_next(struct print_order *o, const struct conf_node *n)
{
	const struct conf_node *next = node_next(n);

	if (!is_ordered(n))
		return enter(o, n->parent, next);
	if (o->at == o->count)
		return skip_seen(o, next);
	if (is_ordered(next) && !first_cmp(o->by_value[o->at], next))
		return next;
	o->at++;
	return settle(o, n->parent);
}

/* ---- stopping and going on ---- */

void order_mark(struct print_order *o, const struct conf_node *next)
{
	node_free(o->mark);
	o->mark = is_ordered(next) && o->at < o->count ? node_clone(o->by_value[o->at]) : NULL;
}

const struct conf_node *order_find(
    struct print_order *o, const struct conf_node *block, const struct conf_node *like)
{
	const struct conf_node *n = node_lower(block, like->data, like->key_len);

	if (!is_ordered(like))
		return enter(o, block, n);
	collect(o, block, like);
	if (!o->mark) {
		o->at = o->count;
		o->seen = 0;
		return skip_seen(o, n);
	}
	for (o->at = 0; o->at < o->count && line_cmp(o->by_value[o->at], o->mark) < 0;)
		o->at++;
	if (o->at < o->count && !line_cmp(o->by_value[o->at], o->mark)) {
		if (is_ordered(n) && !first_cmp(o->by_value[o->at], n))
			return n;
		o->at++; /* the rest of its lines has gone */
	}
	return settle(o, block);
}

void order_fini(struct print_order *o)
{
	node_free(o->mark);
	mem_free(o->by_first);
	mem_free(o->by_value);
}
