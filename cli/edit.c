/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One statement of the language becomes edits of the tree.
 *
 * What a line does depends on its row: an alias becomes the lines that it stands for; a statement
 * is stored, or removed, or stored as a negation, so that the tree holds exactly what differs from
 * the profile's defaults; a row that owns takes its family's lines along. Blocks that exist only
 * while something is in them are made before and dropped behind the statement. On any refusal the
 * edits of the statement are taken back and nothing has changed.
 */
#include <string.h>

#include "cli/internal.h"

enum { ALIAS_DEPTH = 4 };

#define ANY_ON (ROW_ON | ROW_ON_TRADITIONAL | ROW_ON_DATACENTER)

/* ---- defaults ---- */

static bool is_on(const struct conf *conf, const struct conf_node *parent, const struct cli_args *a)
{
	const struct cli_row *row = a->rule->row;

	if (row->is_on)
		return row->is_on(conf, parent, a);
	if (row->flags & ROW_ON)
		return true;
	return row->flags &
	       (conf->profile == PROFILE_DATACENTER ? ROW_ON_DATACENTER : ROW_ON_TRADITIONAL);
}

/* Does the line only say what holds anyway? The profile's own line is compared with a fresh
 * configuration's, not with itself. */
static bool says_default(const struct conf *conf, const struct cli_args *a, bool on)
{
	bool fresh = a->rule == conf->cli->profile_rule;
	const char *value = a->rule->row->defaults[fresh ? PROFILE_TRADITIONAL : conf->profile];
	struct sb mine;
	bool same;

	sb_init(&mine);
	args_value(a, &mine);
	same = value ? !strcmp(value, mine.s) : on && !mine.len;
	sb_fini(&mine);
	return same;
}

/* Of a stored line: a default may have changed since it was said (the profile's, or the block's).
 */
bool node_says_nothing(const struct conf_node *n)
{
	const struct conf *conf = conf_of(n);
	const struct cli_row *row = n->rule->row;
	struct cli_args *a;
	bool on, nothing;

	if (row->flags & ROW_ALWAYS)
		return false;
	if (!row->is_on && !row->defaults[conf->profile] && !(row->flags & ANY_ON))
		return false;
	a = conf_args(n);
	on = is_on(conf, n->parent, a);
	nothing = conf_is_no(n) ? !on : says_default(conf, a, on);
	conf_args_free(a);
	return nothing;
}

bool node_shown(const struct conf_node *n)
{
	if (n->rule->row->flags & ROW_UNSAVED)
		return false;
	if (!(n->rule->row->flags & ROW_QUIET))
		return !node_says_nothing(n);
	for (const struct conf_node *k = node_first(n); k; k = node_next(k))
		if (node_shown(k))
			return true;
	return false;
}

/* ---- blocks that come and go ---- */

static bool is_quiet(const struct conf_node *n)
{
	return n->rule && n->rule->row->flags & ROW_QUIET;
}

/* The place's block, made if it is one that comes by itself; NULL: somebody removed it. */
static struct conf_node *enter_block(struct tx *t, struct place *p)
{
	struct conf_node *n = place_node(p, t->conf), *next;

	if (n)
		return n;
	n = &t->conf->root;
	for (unsigned i = 0; i < p->depth; i++, n = next) {
		next = node_find(n, p->level[i]);
		if (next)
			continue;
		if (!is_quiet(p->level[i]))
			return NULL;
		next = node_clone(p->level[i]);
		tx_put(t, n, next);
	}
	return n;
}

static void drop_empty(struct tx *t, struct conf_node *n)
{
	struct conf_node *up;

	for (; is_quiet(n) && !n->kids; n = up) {
		up = n->parent;
		tx_del(t, n);
	}
}

/* ---- removing ---- */

/* Which lines go: those of a family with one argument, or those whose text begins so. */
struct doomed {
	const struct row_family *family;
	const char *arg;
	const char *text;
	size_t len;
	bool deep;
};

static bool begins_with(const struct conf_node *n, const struct doomed *d)
{
	const char *text = node_text(n);

	return !strncmp(text, d->text, d->len) && (text[d->len] == ' ' || !text[d->len]);
}

static void remove_range(struct tx *t, struct conf_node *parent, const struct doomed *d, bool first)
{
	struct conf_node *n, *next;
	struct sb key;

	sb_init(&key);
	if (family_key(parent, d->family, d->arg, first, &key)) {
		for (n = node_lower(parent, key.s, key.len); n; n = next) {
			if (n->key_len < key.len || memcmp(n->data, key.s, key.len) != 0)
				break;
			next = node_next(n);
			if (!d->text || begins_with(n, d))
				tx_del(t, n);
		}
	}
	sb_fini(&key);
}

static void remove_here(struct tx *t, struct conf_node *parent, const struct doomed *d)
{
	struct conf_node *n, *next;

	if (d->family && d->family->pos[conf_mode(parent)] == UINT16_MAX)
		return;
	if (d->family) {
		remove_range(t, parent, d, true);
		if (d->family->leader)
			remove_range(t, parent, d, false);
		return;
	}
	for (n = node_first(parent); n; n = next) {
		next = node_next(n);
		if (begins_with(n, d))
			tx_del(t, n);
	}
}

static void remove_lines(struct tx *t, struct conf_node *parent, const struct doomed *d)
{
	struct conf_node *n, *next;

	remove_here(t, parent, d);
	if (!d->deep || !(t->cli->block_modes & UINT64_C(1) << conf_mode(parent)))
		return;
	for (n = node_first(parent); n; n = next) {
		next = node_next(n);
		if (!n->kids)
			continue;
		remove_lines(t, n, d);
		if (is_quiet(n) && !n->kids)
			tx_del(t, n);
	}
}

static void remove_named(struct tx *t, struct conf_node *parent, const struct cli_args *a, bool all)
{
	const struct cli_arg *first = args_first(a);
	struct doomed d = {.deep = a->rule->row->flags & ROW_OWNS};

	if (all) {
		d.text = a->line;
		d.len = strlen(a->line);
	}
	if (a->rule->family && first) {
		d.family = a->rule->family;
		d.arg = first->text;
	}
	remove_lines(t, parent, &d);
}

/* ---- storing ---- */

/* A line that puts its argument in front of others: those that are there already move. */
static void put_again(
    struct tx *t, struct conf_node *parent, const struct row_family *f, const char *arg)
{
	struct conf_node *n, *copy, *next;
	struct sb key, moved;

	sb_init(&key);
	if (f->pos[conf_mode(parent)] != UINT16_MAX && family_key(parent, f, arg, false, &key)) {
		for (n = node_lower(parent, key.s, key.len); n; n = next) {
			if (n->key_len < key.len || memcmp(n->data, key.s, key.len) != 0)
				break;
			next = node_next(n);
			sb_init(&moved);
			sb_addn(&moved, n->data, n->key_len);
			moved.s[2] = 0;
			copy = node_rekey(n, moved.s);
			tx_del(t, n);
			tx_put(t, parent, copy);
			sb_fini(&moved);
		}
	}
	sb_fini(&key);
	for (n = node_first(parent); n; n = node_next(n))
		if (n->kids)
			put_again(t, n, f, arg);
}

static void store(struct tx *t, struct conf_node *parent, const struct cli_args *a, bool no)
{
	struct conf_node *n = node_new(parent, a, no), *have = node_find(parent, n);

	if (have && node_same(have, n)) {
		node_free(n);
		return;
	}
	tx_put(t, parent, n);
	if (!have && a->rule->row->flags & ROW_FIRST)
		put_again(t, parent, a->rule->family, args_first(a)->text);
}

static void drop(struct tx *t, struct conf_node *parent, const struct cli_args *a, bool owns)
{
	struct conf_node *like = node_new(parent, a, false), *have = node_find(parent, like);

	node_free(like);
	if (!have)
		return;
	if (owns)
		remove_named(t, parent, a, false);
	else
		tx_del(t, have);
}

static void keep_or_drop(struct tx *t, struct conf_node *parent, const struct cli_args *a, bool no)
{
	uint32_t flags = a->rule->row->flags;
	bool on = is_on(t->conf, parent, a);

	if (no && on)
		store(t, parent, a, true);
	else if (no)
		drop(t, parent, a, flags & ROW_OWNS);
	else if (!(flags & ROW_ALWAYS && flags & ROW_UNSAVED) && says_default(t->conf, a, on))
		drop(t, parent, a, false);
	else if (!(flags & ROW_QUIET))
		store(t, parent, a, false);
}

static void move_into(
    struct tx *t, struct place *p, const struct conf_node *parent, const struct cli_args *a)
{
	if (p->depth == PLACE_DEPTH)
		return;
	t->moved = true;
	p->level[p->depth++] = node_new(parent, a, false);
	p->mode = a->rule->row->enters;
	p->cache = NULL;
}

static enum cli_rc edit_lines(struct tx *t, struct place *p, char *lines, struct sb *msg);

/* Does the statement hold already, because it was said or by default? */
static bool holds(struct tx *t, struct conf_node *parent, const struct cli_args *a)
{
	struct conf_node *like = node_new(parent, a, false), *have = node_find(parent, like);

	node_free(like);
	return have ? !conf_is_no(have) : is_on(t->conf, parent, a);
}

/* The lines that a statement brings or takes along (`begins`, `along`). */
static enum cli_rc edit_more(struct tx *t, struct place *p, const struct cli_args *a,
    const struct conf_node *parent, bool no, struct sb *msg)
{
	const struct cli_row *row = a->rule->row;
	struct place inner;
	struct sb lines;
	enum cli_rc rc;

	sb_init(&lines);
	rc = (no ? row->along : row->begins)(t->cli->app.app, t->conf, parent, a, no, &lines, msg);
	place_copy(&inner, p);
	if (rc == CLI_OK)
		rc = edit_lines(t, &inner, lines.s, msg);
	place_fini(&inner);
	sb_fini(&lines);
	return rc;
}

static enum cli_rc edit_plain(
    struct tx *t, struct place *p, const struct cli_args *a, bool no, struct sb *msg)
{
	const struct cli_row *row = a->rule->row;
	struct conf_node *parent = enter_block(t, p);
	enum cli_rc rc = CLI_OK;
	bool fresh, gone;

	if (!parent) {
		sb_add(msg, "Current configuration object was deleted by another process.\n");
		return CLI_WARNING;
	}
	fresh = row->begins && !no && !holds(t, parent, a);
	gone = no && row->along && (row->flags & ROW_REMOVES || holds(t, parent, a));
	if (row->check)
		rc = row->check(t->cli->app.app, t->conf, parent, a, no, msg);
	if (rc != CLI_OK)
		return rc;
	if (row->flags & ROW_REMOVES)
		remove_named(t, parent, a, true);
	else
		keep_or_drop(t, parent, a, no);
	if (row->flags & ROW_BLOCK && !no)
		move_into(t, p, parent, a);
	if (fresh)
		rc = edit_more(t, p, a, parent, false, msg);
	else if (!gone)
		drop_empty(t, parent);
	else if (place_node(p, t->conf))
		rc = edit_more(t, p, a, parent, true, msg);
	t->moved = row->flags & ROW_BLOCK && !no;
	return rc;
}

/* ---- aliases ---- */

/* The template with the arguments' texts in place of $names. */
static void expand(const char *from, const struct cli_args *a, struct sb *to)
{
	const char *value;
	char name[64];
	size_t n;

	for (; *from; from++) {
		if (*from != '$') {
			sb_addc(to, *from);
			continue;
		}
		n = strspn(from + 1, "abcdefghijklmnopqrstuvwxyz0123456789_-.:/");
		n = n < sizeof(name) ? n : sizeof(name) - 1;
		memcpy(name, from + 1, n);
		name[n] = '\0';
		value = arg_str(a, name);
		sb_add(to, value ? value : "");
		from += n;
	}
}

static void expand_alias(const struct cli_args *a, bool no, struct sb *lines)
{
	const char *template = a->rule->row->canonical;
	const char *last = strrchr(template, '\n');
	char *head = mem_strndup(template, last ? (size_t)(last - template) + 1 : 0);

	expand(head, a, lines);
	if (no)
		sb_add(lines, "no ");
	expand(last ? last + 1 : template, a, lines);
	sb_addc(lines, '\n');
	mem_free(head);
}

static enum cli_rc edit_line(struct tx *t, struct place *p, const char *line, struct sb *msg)
{
	struct words ws;
	struct parse parse;
	enum cli_rc rc;
	uint8_t mode;

	words_split(&ws, line);
	rc = place_match(t->cli, p, &ws, &parse, &mode);
	if (rc == CLI_OK && !(parse.rule->row->flags & ROW_CONFIG))
		rc = CLI_NO_MATCH;
	if (rc == CLI_OK) {
		place_to_mode(p, t->cli, mode);
		rc = edit_statement(t, p, &parse, msg);
	}
	words_fini(&ws);
	return rc;
}

static enum cli_rc edit_lines(struct tx *t, struct place *p, char *lines, struct sb *msg)
{
	enum cli_rc rc = CLI_OK;
	char *line, *rest;

	for (rest = lines; rc == CLI_OK && *rest;) {
		line = strsep(&rest, "\n");
		rc = edit_line(t, p, line, msg);
		if (!rest)
			break;
	}
	return rc;
}

/* A row with spell or rewrite, or an alias. What stands for nothing else is a statement of its own.
 */
static enum cli_rc edit_alias(
    struct tx *t, struct place *p, const struct cli_args *a, bool no, struct sb *msg)
{
	const struct cli_row *row = a->rule->row;
	struct conf_node *parent = place_node(p, t->conf);
	enum cli_rc rc = CLI_OK;
	struct place inner;
	struct sb lines;

	sb_init(&lines);
	parent = parent ? parent : enter_block(t, p);
	if (row->canonical)
		expand_alias(a, no, &lines);
	else if (row->spell)
		row->spell(a, no, &lines);
	else if (parent)
		rc = row->rewrite(t->cli->app.app, t->conf, parent, a, no, &lines, msg);
	if (rc == CLI_OK && !lines.len && !(row->flags & ROW_ALIAS)) {
		sb_fini(&lines);
		return edit_plain(t, p, a, no, msg);
	}
	place_copy(&inner, p);
	if (row->flags & ROW_OUTER)
		place_to_mode(&inner, t->cli, t->cli->modes[p->mode].parent);
	if (rc == CLI_OK)
		rc = edit_lines(t, &inner, lines.s, msg);
	/* the last line opened a block: so does the alias */
	if (rc == CLI_OK && t->moved) {
		place_fini(p);
		*p = inner;
	} else {
		place_fini(&inner);
	}
	sb_fini(&lines);
	return rc;
}

enum cli_rc edit_statement(struct tx *t, struct place *p, const struct parse *parse, struct sb *msg)
{
	const struct cli_row *row;
	struct cli_args *a;
	size_t mark = t->n;
	enum cli_rc rc;

	if (t->depth == ALIAS_DEPTH)
		return CLI_NO_MATCH;
	t->depth++;
	t->moved = false;
	a = args_new(parse);
	row = parse->rule->row;
	if (row->flags & ROW_ALIAS || row->spell || row->rewrite)
		rc = edit_alias(t, p, a, parse->no, msg);
	else
		rc = edit_plain(t, p, a, parse->no, msg);
	if (rc != CLI_OK)
		tx_undo(t, mark);
	conf_args_free(a);
	t->depth--;
	return rc;
}

enum cli_rc place_edit(
    struct tx *t, struct place *p, const struct parse *parse, uint8_t mode, struct sb *msg)
{
	struct place there;
	enum cli_rc rc;

	if (mode == p->mode)
		return edit_statement(t, p, parse, msg);
	place_copy(&there, p);
	place_to_mode(&there, t->cli, mode);
	rc = edit_statement(t, &there, parse, msg);
	if (rc == CLI_OK || parse->rule->row->flags & ROW_BLOCK) {
		place_fini(p);
		*p = there;
	} else {
		place_fini(&there);
	}
	return rc;
}
