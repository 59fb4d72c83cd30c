/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The difference between two configurations as text: every statement that goes has `-` in front,
 * every one that comes `+`, and the blocks around them stand above them once, with a blank.
 *
 *    router bgp 65001
 *   - neighbor 10.0.0.1 description old
 *   + neighbor 10.0.0.1 description new
 *
 * Only what is printed counts. A statement that is printed anyway and cannot be negated (`frr
 * defaults`) is replaced by what holds without it. With costs, each statement says behind `#` what
 * its change means for the neighbor that it is about (the row's effect), so that nothing has to be
 * known twice.
 */
#include "cli/internal.h"

enum { COST_COLUMN = 60 };

static const char *const cost_texts[] = {
    [EFFECT_NONE] = "nothing",
    [EFFECT_SEND_AGAIN] = "send again",
    [EFFECT_RECEIVE_AGAIN] = "receive again",
    [EFFECT_RESET] = "session reset",
};

static void put_line(
    struct differ *d, char sign, const struct conf_node *n, unsigned depth, bool cost)
{
	size_t start = d->to->len;

	sb_fmt(d->to, "%c%*s%s%s", sign, (int)depth, "", conf_is_no(n) ? "no " : "", node_text(n));
	if (cost && d->costs) {
		sb_pad(d->to, start + COST_COLUMN);
		sb_fmt(d->to, "# %s", cost_texts[n->rule->row->effect]);
	}
	sb_addc(d->to, '\n');
}

static void show_way(struct differ *d, struct diff_level *l)
{
	if (!l->block || l->printed)
		return;
	show_way(d, l->up);
	put_line(d, ' ', l->block, l->depth - 1, false);
	l->printed = true;
}

static void put_change(struct differ *d, struct diff_level *l, char sign, const struct conf_node *n)
{
	show_way(d, l);
	put_line(d, sign, n, l->depth, true);
	d->count++;
}

/* What the other side has instead of a statement that is always there. */
static void put_instead(struct differ *d, char sign, const struct conf_node *n)
{
	const struct conf *other = sign == '-' ? d->from : d->into;
	struct sb text;

	if (!(n->rule->row->flags & ROW_ALWAYS) || !(n->rule->row->flags & ROW_NO_NO))
		return;
	sb_init(&text);
	if (always_text(other->cli, other, n->rule, &text))
		sb_fmt(d->to, "%c%s\n", sign, text.s);
	sb_fini(&text);
}

/* A statement that is on one side only, with all that is in it. */
void diff_side(struct differ *d, struct diff_level *l, char sign, const struct conf_node *n)
{
	struct diff_level inside = {.up = l, .block = n, .depth = l->depth + 1, .printed = true};

	if (sign == '+')
		put_instead(d, '-', n);
	put_change(d, l, sign, n);
	if (sign == '-')
		put_instead(d, '+', n);
	for (const struct conf_node *k = node_first(n); k; k = node_next(k))
		if (node_shown(k))
			diff_side(d, &inside, sign, k);
}

void diff_values(
    struct differ *d, struct diff_level *l, const struct conf_node *a, const struct conf_node *b)
{
	show_way(d, l);
	put_line(d, '-', a, l->depth, false);
	put_change(d, l, '+', b);
}

static void compare(struct differ *d, struct diff_level *l, const struct conf_node *from,
    const struct conf_node *to);

static void compare_pair(
    struct differ *d, struct diff_level *l, const struct conf_node *a, const struct conf_node *b)
{
	struct diff_level inside = {.up = l, .block = b, .depth = l->depth + 1};

	if (!node_same(a, b)) {
		diff_values(d, l, a, b);
		inside.printed = true;
	}
	compare(d, &inside, a, b);
}

static const struct conf_node *shown(const struct conf_node *n)
{
	while (n && !node_shown(n))
		n = node_next(n);
	return n;
}

static void compare(struct differ *d, struct diff_level *l, const struct conf_node *from,
    const struct conf_node *to)
{
	const struct conf_node *a = shown(node_first(from)), *b = shown(node_first(to));

	while (a || b) {
		int cmp = !a ? 1 : !b ? -1 : node_cmp(a, b);

		if (cmp < 0)
			diff_side(d, l, '-', a);
		else if (cmp > 0)
			diff_side(d, l, '+', b);
		else
			compare_pair(d, l, a, b);
		a = cmp <= 0 ? shown(node_next(a)) : a;
		b = cmp >= 0 ? shown(node_next(b)) : b;
	}
}

size_t conf_diff(const struct conf *from, const struct conf *to, bool costs, struct sb *text)
{
	struct differ d = {.from = from, .into = to, .to = text, .costs = costs};
	struct diff_level top = {0};

	compare(&d, &top, &from->root, &to->root);
	return d.count;
}
