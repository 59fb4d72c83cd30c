/* The configuration: a tree of canonical statements that holds only what the user said.
 *
 * A node is a statement (row, canonical line) and, for a block, its children in print order. Lookup
 * by key is O(log n) or better; a commit costs what it changes. Nodes are read through this header
 * only; they are changed by transactions (cli.h), never by hand.
 */
#ifndef FERRO_CLI_CONF_H
#define FERRO_CLI_CONF_H

#include "cli/row.h"

struct conf;
struct conf_node;

enum conf_profile { PROFILE_TRADITIONAL, PROFILE_DATACENTER };

const struct conf_node *conf_root(const struct conf *c); /* its children are the top level */
enum conf_profile conf_profile(const struct conf *c);    /* `frr defaults` */
const struct conf_node *conf_first(const struct conf_node *parent); /* in print order; NULL: none */
const struct conf_node *conf_next(const struct conf_node *n);
const struct conf_node *conf_parent(const struct conf_node *n);
const struct cli_row *conf_row(const struct conf_node *n);
const char *conf_text(const struct conf_node *n); /* canonical line without `no` */
bool conf_is_no(const struct conf_node *n);       /* a stored negation */
/* The child with the same key as `line` (value words in it are ignored); NULL: none. */
const struct conf_node *conf_find(const struct conf_node *parent, const char *line);
/* First and next child of a ROW_BY_ARG family whose first argument is `arg` ("10.0.0.2"). */
const struct conf_node *conf_first_of(const struct conf_node *parent, const char *arg);
const struct conf_node *conf_next_of(const struct conf_node *n);
/* Calls the row's apply with the node's arguments. */
void conf_apply(const struct conf_node *n, void *settings);
/* The node's arguments, valid until the next call with the same place. */
struct conf_args_place;
const struct cli_args *conf_args(const struct conf_node *n);

/* What a commit changes, oldest first; deletions come after additions. before or after is NULL for
 * an addition or a deletion; both belong to the transaction and are valid during the callback. The
 * parent is the live block (deleted blocks are reported as one change, children included). */
struct conf_change {
	const struct conf_node *parent, *before, *after;
};

#endif
