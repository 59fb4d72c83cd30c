/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transactions: edits happen in the tree at once and are written down, so that they can be taken
 * back, and so that a commit costs what it changed.
 *
 * Every entry of the log says which node took whose place below which parent. Undo goes backwards.
 * A commit first finds out what each touched statement was when the transaction began (a statement
 * may have been changed several times, or removed and said again), which gives the list of changes
 * for the daemon; then asks the daemon; then frees what went.
 *
 * - A removed node stays as it is, with all that is in it, until the transaction ends.
 * - A block whose own line changes keeps its children: they move to the new node.
 * - Before a block that was removed is compared or reported, the edits that this transaction made
 *   inside it are undone, so that it is what it was in the beginning.
 */
#include <string.h>

#include "cli/internal.h"

void tx_init(struct tx *t, struct conf *conf)
{
	*t = (struct tx){.cli = conf->cli, .conf = conf, .id = ++conf->cli->tx_count};
}

static void move_kids(struct conf_node *from, struct conf_node *to)
{
	to->kids = from->kids;
	from->kids = NULL;
	for (struct conf_node *k = node_first(to); k; k = node_next(k))
		k->parent = to;
}

/* The node that stands where n stood, after changes of its own line. */
static struct conf_node *successor(struct conf_node *n)
{
	while (n->flags & NODE_REPLACED)
		n = n->left;
	return n;
}

static void log_entry(
    struct tx *t, struct conf_node *parent, struct conf_node *before, struct conf_node *after)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 8;
		t->e = mem_realloc(t->e, t->cap * sizeof(*t->e));
	}
	t->e[t->n++] = (struct tx_entry){.parent = parent, .before = before, .after = after};
	if (after)
		after->entry = (uint32_t)t->n;
	for (; parent && parent->touched != t->id; parent = parent->parent)
		parent->touched = t->id;
}

void tx_put(struct tx *t, struct conf_node *parent, struct conf_node *n)
{
	struct conf_node *old = node_find(parent, n);

	if (old) {
		node_unlink(t->conf, old);
		move_kids(old, n);
		old->flags |= NODE_REPLACED;
		old->left = n;
		n->touched = old->touched;
	}
	node_link(t->conf, parent, n);
	log_entry(t, parent, old, n);
}

void tx_del(struct tx *t, struct conf_node *n)
{
	node_unlink(t->conf, n);
	log_entry(t, n->parent, n, NULL);
}

static void undo_entry(struct tx *t, struct tx_entry *e)
{
	struct conf_node *parent;

	/* the parent of one that is done may be gone */
	if (e->done)
		return;
	e->done = true;
	parent = successor(e->parent);
	if (e->after) {
		node_unlink(t->conf, e->after);
		if (e->before && e->after->kids)
			move_kids(e->after, e->before);
		node_free(e->after);
		e->after = NULL;
	}
	if (e->before) {
		e->before->flags &= (uint8_t)~NODE_REPLACED;
		e->before->left = NULL;
		node_link(t->conf, parent, e->before);
		e->before = NULL;
	}
}

void tx_undo(struct tx *t, size_t mark)
{
	while (t->n > mark) {
		undo_entry(t, &t->e[t->n - 1]);
		t->n--;
	}
}

/* ---- what has changed ---- */

static bool is_inside(struct conf_node *n, const struct conf_node *block)
{
	for (; n; n = n->parent) {
		n = successor(n);
		if (n == block)
			return true;
	}
	return false;
}

/* Gives removed blocks back what they had. */
static void restore_removed(struct tx *t)
{
	for (size_t k = 0; k < t->n; k++) {
		struct tx_entry *e = &t->e[k];

		if (e->after || e->done || e->before->touched != t->id)
			continue;
		for (size_t j = k; j-- > 0;)
			if (!t->e[j].done && is_inside(t->e[j].parent, e->before))
				undo_entry(t, &t->e[j]);
	}
}

/* Of several entries about one statement only the last reports, from what was there at first. */
static void join_chains(struct tx *t)
{
	for (size_t k = 0; k < t->n; k++) {
		struct tx_entry *e = &t->e[k];
		uint32_t made = e->before ? e->before->entry : 0;

		if (e->done)
			continue;
		e->from = e->before;
		if (made) {
			e->from = t->e[made - 1].from;
			t->e[made - 1].silent = true;
		}
	}
}

/* A block whose line changed before it went is reported as it was at first, children included. */
static void give_back_kids(struct tx *t)
{
	for (size_t k = 0; k < t->n; k++) {
		struct tx_entry *e = &t->e[k];

		if (!e->done && !e->after && e->from && e->from != e->before && e->before->kids)
			move_kids(e->before, e->from);
	}
}

/* A statement that was removed and said again is a change. */
static void join_returned(struct tx *t)
{
	for (size_t k = 0; k < t->n; k++) {
		struct tx_entry *e = &t->e[k], *again;
		struct conf_node *now;

		if (e->done || e->silent || e->after || !e->from)
			continue;
		now = node_find(successor(e->parent), e->before);
		again = now && now->entry ? &t->e[now->entry - 1] : NULL;
		if (!again || again->from)
			continue;
		again->from = e->from;
		again->held = e->from;
		e->silent = true;
	}
}

/* What is in a block that came back is compared, not reported entry by entry. */
static void silence_inside(struct tx *t)
{
	for (size_t k = 0; k < t->n; k++) {
		struct tx_entry *e = &t->e[k];

		if (!e->held || !e->after->kids)
			continue;
		for (size_t j = 0; j < t->n; j++)
			if (j != k && !t->e[j].done && is_inside(t->e[j].parent, e->after))
				t->e[j].silent = true;
	}
}

void changes_add(struct changes *to, const struct conf_node *parent, const struct conf_node *before,
    const struct conf_node *after)
{
	if (to->n == to->cap) {
		to->cap = to->cap ? to->cap * 2 : 8;
		to->c = mem_realloc(to->c, to->cap * sizeof(*to->c));
	}
	to->c[to->n++] = (struct conf_change){parent, before, after};
}

static void add_whole(struct changes *to, const struct conf_node *n)
{
	changes_add(to, n->parent, NULL, n);
	for (const struct conf_node *k = node_first(n); k; k = node_next(k))
		add_whole(to, k);
}

/* The difference between two blocks, both in key order. */
static void compare_blocks(struct changes *said, struct changes *gone,
    const struct conf_node *before, const struct conf_node *after)
{
	const struct conf_node *a = node_first(before), *b = node_first(after);
	int cmp;

	while (a || b) {
		cmp = !a ? 1 : !b ? -1 : node_cmp(a, b);
		if (cmp < 0) {
			changes_add(gone, after, a, NULL);
		} else if (cmp > 0) {
			add_whole(said, b);
		} else {
			if (!node_same(a, b))
				changes_add(said, after, a, b);
			compare_blocks(said, gone, a, b);
		}
		a = cmp <= 0 ? node_next(a) : a;
		b = cmp >= 0 ? node_next(b) : b;
	}
}

static void report_entry(struct changes *said, struct changes *gone, const struct tx_entry *e)
{
	struct conf_node *parent;

	if (e->done || e->silent || (!e->from && !e->after))
		return;
	parent = successor(e->parent);
	if (!e->after)
		changes_add(gone, parent, e->from, NULL);
	else if (!e->from || !node_same(e->from, e->after))
		changes_add(said, parent, e->from, e->after);
	if (e->held)
		compare_blocks(said, gone, e->held, e->after);
}

static unsigned depth_of(struct conf_node *n)
{
	unsigned depth = 0;

	for (n = successor(n); n->parent; n = successor(n->parent))
		depth++;
	return depth;
}

/* The list for the daemon: what was said, blocks before what is in them; then what is gone. */
static void collect(struct tx *t, struct changes *said)
{
	struct changes gone = {0};
	unsigned depth, deepest = 0;

	restore_removed(t);
	join_chains(t);
	give_back_kids(t);
	join_returned(t);
	silence_inside(t);
	for (size_t k = 0; k < t->n; k++) {
		t->e[k].depth = t->e[k].done || t->e[k].silent ? 0 : depth_of(t->e[k].parent);
		deepest = t->e[k].depth > deepest ? t->e[k].depth : deepest;
	}
	for (depth = 0; depth <= deepest; depth++)
		for (size_t k = 0; k < t->n; k++)
			if (t->e[k].depth == depth)
				report_entry(said, &gone, &t->e[k]);
	for (size_t k = 0; k < gone.n; k++)
		changes_add(said, gone.c[k].parent, gone.c[k].before, NULL);
	mem_free(gone.c);
}

/* ---- the end ---- */

/* Nothing of the transaction may be left in the tree's nodes before what went is freed. */
static void forget(struct tx *t)
{
	for (size_t k = 0; k < t->n; k++) {
		struct tx_entry *e = &t->e[k];

		if (!e->done && e->after)
			e->after->entry = 0;
	}
	for (size_t k = 0; k < t->n; k++)
		if (!t->e[k].done && t->e[k].before)
			node_free(t->e[k].before);
	t->n = 0;
}

void changes_apply(struct cli *c, const struct changes *said)
{
	const struct cli_app *app = &c->app;

	if (said->n && app->apply)
		app->apply(app->app, c->running, said->c, said->n);
	if (said->n && app->apply_rest)
		app->apply_rest(app->app, c->running, said->c, said->n);
}

enum cli_rc tx_commit(struct tx *t, bool quiet, struct sb *msg)
{
	const struct cli_app *app = &t->cli->app;
	struct changes said = {0};
	enum cli_rc rc = CLI_OK;

	/* nobody hears of what happens aside */
	if (quiet && t->conf != t->cli->running) {
		forget(t);
		return CLI_OK;
	}
	job_settle(t->cli);
	collect(t, &said);
	if (said.n && !quiet && app->check)
		rc = app->check(app->app, t->conf, said.c, said.n, msg);
	if (rc != CLI_OK)
		tx_undo(t, 0);
	else if (!quiet)
		changes_apply(t->cli, &said);
	if (rc == CLI_OK && said.n && t->conf == t->cli->running)
		t->cli->commits++;
	mem_free(said.c);
	forget(t);
	return rc;
}

enum cli_rc tx_check(struct tx *t, struct sb *msg)
{
	const struct cli_app *app = &t->cli->app;
	struct changes said = {0};
	enum cli_rc rc = CLI_OK;

	collect(t, &said);
	if (said.n && app->check)
		rc = app->check(app->app, t->conf, said.c, said.n, msg);
	tx_undo(t, 0);
	mem_free(said.c);
	forget(t);
	return rc;
}

void tx_fini(struct tx *t)
{
	tx_undo(t, 0);
	mem_free(t->e);
	t->e = NULL;
	t->cap = 0;
}

/* ---- becoming another configuration ---- */

static void put_whole(struct tx *t, struct conf_node *parent, const struct conf_node *n)
{
	struct conf_node *copy = node_clone(n);

	tx_put(t, parent, copy);
	for (const struct conf_node *k = node_first(n); k; k = node_next(k))
		put_whole(t, copy, k);
}

bool is_printed_so(
    const struct conf *conf, const struct conf_node *have, const struct conf_node *line)
{
	if (have && !(have->rule->row->flags & ROW_UNSAVED))
		return false;
	return always_says(conf->cli, conf, line);
}

static struct conf_node *take_over(struct tx *t, struct conf_node *parent, struct conf_node *have,
    const struct conf_node *want, bool printed)
{
	struct conf_node *copy;

	if (node_same(have, want) || (printed && is_printed_so(t->conf, have, want)))
		return have;
	copy = node_clone(want);
	tx_put(t, parent, copy);
	return copy;
}

/* A line that the printer leaves out. One that says nothing now must not wait for the day on which
 * its default changes again; nobody has to hear of it. */
static void leave_out(struct tx *t, struct conf_node *n)
{
	struct conf_node *next;

	for (struct conf_node *k = node_first(n); k; k = next) {
		next = node_next(k);
		leave_out(t, k);
	}
	if (n->rule->row->flags & (ROW_UNSAVED | ROW_QUIET) || !node_says_nothing(n))
		return;
	tx_del(t, n);
	t->e[t->n - 1].silent = true;
}

/* printed: want is what a printer said, so what it leaves out need not be gone. */
static void become(struct tx *t, struct conf_node *have, const struct conf_node *want, bool printed)
{
	struct conf_node *a = node_first(have), *next;
	const struct conf_node *b = node_first(want);
	int cmp;

	while (a || b) {
		cmp = !a ? 1 : !b ? -1 : node_cmp(a, b);
		next = a ? node_next(a) : NULL;
		if (cmp == 0)
			become(t, take_over(t, have, a, b, printed), b, printed);
		else if (cmp > 0 && !(printed && is_printed_so(t->conf, NULL, b)))
			put_whole(t, have, b);
		else if (cmp < 0 && (!printed || node_shown(a)))
			tx_del(t, a);
		else if (cmp < 0)
			leave_out(t, a);
		a = cmp <= 0 ? next : a;
		b = cmp >= 0 ? node_next(b) : b;
	}
}

void tx_become(struct tx *t, const struct conf *target)
{
	become(t, &t->conf->root, &target->root, true);
}

void tx_equal(struct tx *t, const struct conf *target)
{
	become(t, &t->conf->root, &target->root, false);
}
