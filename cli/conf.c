/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the configuration: what the daemon sees of the tree.
 *
 * Arguments are not kept with the nodes: they are made again from the canonical line when somebody
 * asks, by matching it against its one row.
 */
#include <string.h>

#include "cli/internal.h"
#include "lib/list.h"

const struct conf_node *conf_root(const struct conf *c)
{
	return &c->root;
}

enum conf_profile conf_profile(const struct conf *c)
{
	return c->profile;
}

size_t conf_names(const struct conf *c)
{
	return c->names;
}

size_t conf_count(const struct conf *c)
{
	return c->count;
}

const struct conf_node *conf_first(const struct conf_node *parent)
{
	return node_first(parent);
}

const struct conf_node *conf_next(const struct conf_node *n)
{
	return node_next(n);
}

const struct conf_node *conf_parent(const struct conf_node *n)
{
	return n->parent;
}

const struct cli_row *conf_row(const struct conf_node *n)
{
	return n->rule ? n->rule->row : NULL;
}

const char *conf_text(const struct conf_node *n)
{
	return n->rule ? node_text(n) : "";
}

bool conf_is_no(const struct conf_node *n)
{
	return n->flags & NODE_NO;
}

const struct conf *conf_of(const struct conf_node *n)
{
	while (n->parent)
		n = n->parent;
	return container_of(n, struct conf, root);
}

uint8_t conf_mode(const struct conf_node *n)
{
	return n->rule ? n->rule->row->enters : MODE_CONFIG;
}

/* The line's arguments as a statement of the block, or as its negation, where values may be left
 * out; NULL: it is none. */
static struct cli_args *parse_line(const struct conf_node *parent, const char *line)
{
	const struct conf *c = conf_of(parent);
	struct cli_args *a = NULL;
	struct words ws;
	struct parse p;
	struct sb negated;
	enum cli_rc rc;

	words_split(&ws, line);
	rc = grammar_match(c->cli, conf_mode(parent), &ws, &p);
	if (rc != CLI_OK) {
		words_fini(&ws);
		sb_init(&negated);
		sb_fmt(&negated, "no %s", line);
		words_split(&ws, negated.s);
		sb_fini(&negated);
		rc = grammar_match(c->cli, conf_mode(parent), &ws, &p);
	}
	if (rc == CLI_OK && p.rule->row->flags & ROW_CONFIG)
		a = args_new(&p);
	words_fini(&ws);
	return a;
}

const struct conf_node *conf_find(const struct conf_node *parent, const char *line)
{
	struct cli_args *a = parse_line(parent, line);
	const struct conf_node *found = NULL;
	struct conf_node *like;

	if (a) {
		like = node_new(parent, a, false);
		found = node_find(parent, like);
		node_free(like);
	}
	conf_args_free(a);
	return found;
}

const struct conf_node *conf_first_of(
    const struct conf_node *parent, const char *family, const char *arg)
{
	const struct row_family *f = conf_of(parent)->cli->families;
	const struct conf_node *n = NULL;
	struct sb key;

	while (f && strcmp(f->words, family) != 0)
		f = f->next;
	for (int first = 1; f && !n && first >= 0; first--) {
		sb_init(&key);
		if (family_key(parent, f, arg, first, &key))
			n = node_lower(parent, key.s, key.len);
		if (n && (n->key_len < key.len || memcmp(n->data, key.s, key.len) != 0))
			n = NULL;
		sb_fini(&key);
	}
	return n;
}

/* Up to the row's number the keys of one argument are equal; the texts tell where that is. */
bool node_same_first(const struct conf_node *a, const struct conf_node *b)
{
	size_t words = strlen(a->rule->family->words) + 1;
	const char *x = node_text(a) + words, *y = node_text(b) + words;
	size_t len = strcspn(x, " ");

	return len == strcspn(y, " ") && !memcmp(x, y, len);
}

const struct conf_node *conf_next_of(const struct conf_node *n)
{
	const struct conf_node *next = node_next(n);

	if (!next || !n->rule->family || next->rule->family != n->rule->family)
		return NULL;
	return node_same_first(n, next) ? next : NULL;
}

struct cli_args *conf_args(const struct conf_node *n)
{
	struct cli_args *a;
	struct words ws;
	struct parse p;

	words_split(&ws, node_text(n));
	a = rule_match(n->rule, &ws, conf_is_no(n), &p) ? args_new(&p) : NULL;
	words_fini(&ws);
	return a;
}

void conf_apply(const struct conf_node *n, void *settings)
{
	struct cli_args *a;

	if (!n->rule || !n->rule->row->apply)
		return;
	a = conf_args(n);
	n->rule->row->apply(settings, a, conf_is_no(n));
	conf_args_free(a);
}

bool conf_arg(const struct conf_node *n, const char *name, char *buf, size_t size)
{
	struct cli_args *a = n->rule ? conf_args(n) : NULL;
	const char *s = a ? arg_str(a, name) : NULL;
	bool fits = s && strlen(s) < size;

	if (fits)
		strcpy(buf, s);
	conf_args_free(a);
	return fits;
}
