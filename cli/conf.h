/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration: a tree of canonical statements that holds only what the user said.
 *
 * A node is a statement (row, canonical line) and, for a block, its children in order. Lookup
 * by key is O(log n); a commit costs what it changes. Nodes are read through this header only; they
 * are changed by transactions (cli.h), never by hand. A node stays where it is until a transaction
 * replaces or removes it.
 */
#ifndef FERRO_CLI_CONF_H
#define FERRO_CLI_CONF_H

#include "cli/row.h"

enum conf_profile { PROFILE_TRADITIONAL, PROFILE_DATACENTER };

const struct conf_node *conf_root(const struct conf *c); /* its children are the top level */
enum conf_profile conf_profile(const struct conf *c);    /* `frr defaults` */
size_t conf_count(const struct conf *c);                 /* statements, those in blocks included */
/* Different first arguments of a family with a ROW_FIRST row, in that row's mode: how
 * many neighbors and groups the `neighbor` statements speak of. */
size_t conf_names(const struct conf *c);
/* In the order of keys: that of print, but for ROW_UNDER. NULL: none. */
const struct conf_node *conf_first(const struct conf_node *parent);
const struct conf_node *conf_next(const struct conf_node *n);
const struct conf_node *conf_parent(const struct conf_node *n); /* NULL: n is the root */
const struct cli_row *conf_row(const struct conf_node *n);      /* NULL: n is the root */
const char *conf_text(const struct conf_node *n);               /* canonical line without `no` */
bool conf_is_no(const struct conf_node *n);                     /* a stored negation */
/* The child with the same key as `line` (value words in it are ignored, and may be left out);
 * NULL: none. */
const struct conf_node *conf_find(const struct conf_node *parent, const char *line);
/* First and next child of a ROW_BY_ARG family whose first argument is `arg`:
 * conf_first_of(bgp, "neighbor", "10.0.0.2"). */
const struct conf_node *conf_first_of(
    const struct conf_node *parent, const char *family, const char *arg);
const struct conf_node *conf_next_of(const struct conf_node *n);
/* Calls the row's apply (if any) with the node's arguments. */
void conf_apply(const struct conf_node *n, void *settings);
/* The node's arguments. The caller frees them; they stay valid when the node goes. */
struct cli_args *conf_args(const struct conf_node *n);
void conf_args_free(struct cli_args *a);
/* One argument of the node, copied to buf; false (buf untouched) if it is not in the line or too
 * long. */
bool conf_arg(const struct conf_node *n, const char *name, char *buf, size_t size);

/* What a commit changes: additions and new values, blocks before what is in them, else in the order
 * in which they were said; then deletions. before or after is NULL for an addition or a deletion;
 * both are valid during the callback. parent is the live block. A block that is added brings one
 * change of its own and one for each statement in it; a block that is removed is one change, with
 * all that was in it below `before`. A block whose own line changed kept its children: `before` is
 * empty then. */
struct conf_change {
	const struct conf_node *parent, *before, *after;
};

#endif
