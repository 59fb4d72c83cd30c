/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration as text: top-level sections with `!` between them, blocks indented and closed
 * with their mode's word, and the lines that are printed though nobody said them.
 *
 * A printer can stop after any line. It then remembers the way to the next node by keys, and finds
 * its place again if the tree has changed in between.
 */
#include <string.h>

#include "cli/internal.h"

struct cli_printer {
	const struct cli *cli;
	const struct conf *conf;
	const struct conf_node *parent, *next; /* next NULL: parent is at its end */
	struct print_order order;
	uint64_t changed;
	unsigned depth;
	size_t always;  /* rows before this one have had their turn */
	cli_want *want; /* which rows at the top level; NULL: all */
	void *ctx;
	bool started, finished;
	uint16_t section;
	bool after_block;
	struct place way; /* to next, by keys; the last level is next itself */
	bool way_at_end;
};

/* ---- lines that are printed anyway ---- */

bool always_text(const struct cli *c, const struct conf *conf, const struct rule *r, struct sb *to)
{
	const char *value = r->row->defaults[conf->profile];

	if (!value)
		return false;
	for (unsigned i = 0; i < r->syntax->count && r->syntax->kids[i]->fixed; i++)
		sb_fmt(to, "%s%s", i ? " " : "", r->syntax->kids[i]->text);
	if (!strcmp(value, "$hostname"))
		value = cli_hostname(c);
	else if (!*value)
		return true;
	sb_fmt(to, " %s", value);
	return *value;
}

bool always_says(const struct cli *c, const struct conf *conf, const struct conf_node *n)
{
	struct sb text;
	bool same;

	if (!(n->rule->row->flags & ROW_ALWAYS) || conf_is_no(n))
		return false;
	sb_init(&text);
	same = always_text(c, conf, n->rule, &text) && !strcmp(text.s, node_text(n));
	sb_fini(&text);
	return same;
}

/* ---- lines ---- */

static void indent(struct sb *to, unsigned depth)
{
	while (depth--)
		sb_addc(to, ' ');
}

/* A line at the top level begins with `!` if it is of another section than the one before. */
static void begin_top(struct cli_printer *p, const struct rule *r, bool block, struct sb *to)
{
	if (p->started && (p->section != r->section || p->after_block || block))
		sb_add(to, "!\n");
	p->started = true;
	p->section = r->section;
	p->after_block = false;
}

static void print_always(struct cli_printer *p, const struct rule *r, struct sb *to)
{
	struct sb text;

	sb_init(&text);
	if (always_text(p->cli, p->conf, r, &text)) {
		begin_top(p, r, false, to);
		sb_fmt(to, "%s\n", text.s);
	}
	sb_fini(&text);
}

static bool is_wanted(const struct cli_printer *p, const struct rule *r)
{
	return !p->want || p->want(p->ctx, r->row);
}

static bool is_stored(const struct cli_printer *p, const struct rule *r)
{
	const struct conf_node *n;
	char key[2] = {(char)(r->seq >> 8), (char)r->seq};

	if (r->row->flags & ROW_UNSAVED)
		return false;
	n = node_lower(&p->conf->root, key, sizeof(key));
	return n && n->rule == r;
}

/* Prints what stands before row number `seq` though it is not set. */
static void print_always_to(struct cli_printer *p, size_t seq, struct sb *to)
{
	for (; p->always < p->cli->rule_count && p->always <= seq; p->always++) {
		const struct rule *r = p->cli->rules[p->always];

		if (r->row->flags & ROW_ALWAYS && is_wanted(p, r) && !is_stored(p, r))
			print_always(p, r, to);
	}
}

static void print_line(struct cli_printer *p, const struct conf_node *n, struct sb *to)
{
	bool block = n->rule->row->flags & ROW_BLOCK;
	const struct cli_mode *inside = &p->cli->modes[conf_mode(n)];

	if (p->depth == 0) {
		print_always_to(
		    p, n->rule->family ? n->rule->family->pos[MODE_CONFIG] : n->rule->seq, to);
		begin_top(p, n->rule, block, to);
	} else if (block && inside->separator) {
		indent(to, p->depth);
		sb_fmt(to, "%s\n", inside->separator);
	}
	indent(to, p->depth);
	sb_fmt(to, "%s%s\n", conf_is_no(n) ? "no " : "", node_text(n));
}

static void print_leave(struct cli_printer *p, uint8_t mode, struct sb *to)
{
	const char *word = p->cli->modes[mode].leave;

	p->depth--;
	if (word) {
		indent(to, p->depth);
		sb_fmt(to, "%s\n", word);
	}
	if (p->depth == 0)
		p->after_block = true;
}

/* ---- the walk ---- */

static bool is_skipped(const struct cli_printer *p, const struct conf_node *n)
{
	return !node_shown(n) || (!n->parent->rule && !is_wanted(p, n->rule));
}

/* One line, or the end of a block. */
static void step(struct cli_printer *p, struct sb *to)
{
	const struct conf_node *n = p->next;

	if (!n && p->parent->rule) {
		print_leave(p, conf_mode(p->parent), to);
		p->next = order_next(&p->order, p->parent);
		p->parent = p->parent->parent;
	} else if (!n) {
		print_always_to(p, SIZE_MAX, to);
		if (p->started)
			sb_add(to, "!\n");
		p->finished = true;
	} else if (is_skipped(p, n)) {
		p->next = order_next(&p->order, n);
	} else {
		print_line(p, n, to);
		if (n->rule->row->flags & ROW_BLOCK) {
			p->depth++;
			p->parent = n;
			p->next = order_first(&p->order, n);
		} else {
			p->next = order_next(&p->order, n);
		}
	}
}

/* ---- stopping and going on ---- */

static void remember(struct cli_printer *p)
{
	const struct conf_node *chain[PLACE_DEPTH], *n = p->next ? p->next : p->parent;
	unsigned depth = 0;

	place_fini(&p->way);
	for (; n->rule && depth < PLACE_DEPTH; n = n->parent)
		chain[depth++] = n;
	while (depth)
		p->way.level[p->way.depth++] = node_clone(chain[--depth]);
	order_mark(&p->order, p->next);
	p->way_at_end = !p->next;
	p->changed = p->conf->changed;
}

/* Finds the way again. A block that has gone is closed with the word that it would have had. */
static void find_again(struct cli_printer *p, struct sb *to)
{
	unsigned blocks = p->way.depth - (p->way_at_end ? 0 : 1);
	const struct conf_node *n = &p->conf->root;
	unsigned i = 0;

	for (; i < blocks; i++) {
		const struct conf_node *at = node_find(n, p->way.level[i]);

		if (!at)
			break;
		n = at;
	}
	p->parent = n;
	p->next = NULL;
	if (i < blocks || !p->way_at_end)
		p->next = order_find(&p->order, n, p->way.level[i]);
	while (p->depth > i)
		print_leave(p, conf_mode(p->way.level[p->depth - 1]), to);
}

struct cli_printer *cli_printer_new(const struct cli *c, cli_want *want, void *ctx)
{
	struct cli_printer *p = mem_zalloc(sizeof(*p));

	p->want = want;
	p->ctx = ctx;
	p->cli = c;
	p->conf = c->running;
	p->parent = &p->conf->root;
	p->next = order_first(&p->order, p->parent);
	remember(p);
	return p;
}

bool cli_printer_step(struct cli_printer *p, struct sb *to, size_t bytes)
{
	size_t end = to->len + bytes;

	if (!p->finished && p->changed != p->conf->changed)
		find_again(p, to);
	while (!p->finished && to->len < end)
		step(p, to);
	if (!p->finished)
		remember(p);
	return !p->finished;
}

void cli_printer_free(struct cli_printer *p)
{
	if (!p)
		return;
	place_fini(&p->way);
	order_fini(&p->order);
	mem_free(p);
}

void cli_print(const struct cli *c, struct sb *to)
{
	struct cli_printer *p = cli_printer_new(c, NULL, NULL);

	while (cli_printer_step(p, to, SIZE_MAX / 2))
		continue;
	cli_printer_free(p);
}
