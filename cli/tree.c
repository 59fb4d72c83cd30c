/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of statements: siblings in a treap ordered by key bytes.
 *
 * A key is: position of the row (or of its family) in the block's mode, two bytes; for a family one
 * byte that puts arguments with a ROW_FIRST line in front, the first argument (with ROW_BY_LEN
 * after its length), and the row's own number; then the other key words. memcmp order is print
 * order, and equal keys are one statement. The family's byte depends on a line above or beside it,
 * so edits that add such a line put the others in again (edit.c). One thing about print order is
 * not in keys: see order.c.
 *
 * Links change only through node_link and node_unlink; both keep the count, the profile and the
 * change counter that printers and places look at.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cli/internal.h"

const char *node_text(const struct conf_node *n)
{
	return n->data + n->key_len;
}

/* ---- keys ---- */

static void add_u16(struct sb *to, uint16_t v)
{
	sb_addc(to, (char)(v >> 8));
	sb_addc(to, (char)v);
}

const struct cli_arg *args_first(const struct cli_args *a)
{
	for (unsigned i = 0; i < a->count; i++)
		if (!a->item[i].tok->fixed)
			return &a->item[i];
	return NULL;
}

const struct token *family_leaf(const struct row_family *f, const char *arg)
{
	struct word w = {arg, strlen(arg)};
	const struct token *best = NULL;
	enum rank rank = RANK_NONE, mine;

	for (unsigned i = 0; i < f->leaves; i++) {
		mine = token_rank(f->leaf[i], &w);
		/* texts are canonical: no abbreviations */
		if (mine > rank && mine != RANK_PREFIX) {
			rank = mine;
			best = f->leaf[i];
		}
	}
	return best;
}

static void add_first(
    const struct row_family *f, const struct token *tok, const char *arg, struct sb *to)
{
	const char *len = f->by_len ? strrchr(arg, '/') : NULL;

	if (f->by_len)
		sb_addc(to, (char)(len ? atoi(len + 1) : 0));
	token_key(tok, arg, to);
}

/* Is there a line of the family's leader with this argument, here or in a block around it? */
static bool has_leader(const struct conf_node *parent, const struct row_family *f,
    const struct token *tok, const char *arg)
{
	const struct rule *leader = f->leader;
	const struct conf_node *found;
	struct sb key;

	for (; parent; parent = parent->parent) {
		uint8_t mode = conf_mode(parent);

		if (!(leader->row->modes & UINT64_C(1) << mode))
			continue;
		sb_init(&key);
		add_u16(&key, f->pos[mode]);
		sb_addc(&key, 0);
		add_first(f, tok, arg, &key);
		add_u16(&key, leader->seq);
		found = node_lower(parent, key.s, key.len);
		found = found && found->key_len == key.len && !memcmp(found->data, key.s, key.len)
			    ? found
			    : NULL;
		sb_fini(&key);
		if (found)
			return true;
	}
	return false;
}

static uint8_t family_rank(
    const struct conf_node *parent, const struct rule *r, const struct token *tok, const char *arg)
{
	if (!r->family->leader || r->row->flags & ROW_FIRST)
		return 0;
	return !has_leader(parent, r->family, tok, arg);
}

void node_key(const struct conf_node *parent, const struct cli_args *a, struct sb *to)
{
	const struct rule *r = a->rule;
	const struct cli_arg *first = r->family ? args_first(a) : NULL;
	const struct token *tok;

	if (first) {
		tok = family_leaf(r->family, first->text);
		add_u16(to, r->family->pos[conf_mode(parent)]);
		sb_addc(to, (char)family_rank(parent, r, tok, first->text));
		add_first(r->family, tok, first->text, to);
	}
	add_u16(to, r->seq);
	for (unsigned i = 0; i < a->count; i++) {
		const struct cli_arg *arg = &a->item[i];

		if (arg != first && !arg->tok->fixed && !arg->tok->value)
			token_key(arg->tok, arg->text, to);
	}
}

bool family_key(const struct conf_node *parent, const struct row_family *f, const char *arg,
    bool first, struct sb *to)
{
	const struct token *tok = family_leaf(f, arg);

	if (!tok)
		return false;
	add_u16(to, f->pos[conf_mode(parent)]);
	sb_addc(to, first || !f->leader ? 0 : 1);
	add_first(f, tok, arg, to);
	return true;
}

/* ---- nodes ---- */

static struct conf_node *node_alloc(
    const struct rule *rule, const char *key, size_t key_len, const char *text)
{
	size_t len = strlen(text) + 1;
	struct conf_node *n = mem_zalloc(sizeof(*n) + key_len + len);

	assert(key_len <= UINT16_MAX);
	n->rule = rule;
	n->key_len = (uint16_t)key_len;
	memcpy(n->data, key, key_len);
	memcpy(n->data + key_len, text, len);
	return n;
}

struct conf_node *node_new(const struct conf_node *parent, const struct cli_args *a, bool no)
{
	struct conf_node *n;
	struct sb key;

	sb_init(&key);
	node_key(parent, a, &key);
	n = node_alloc(a->rule, key.s, key.len, a->line);
	n->flags = no ? NODE_NO : 0;
	sb_fini(&key);
	return n;
}

struct conf_node *node_clone(const struct conf_node *n)
{
	struct conf_node *copy = node_alloc(n->rule, n->data, n->key_len, node_text(n));

	copy->flags = n->flags & NODE_NO;
	return copy;
}

struct conf_node *node_rekey(const struct conf_node *n, const char *key)
{
	struct conf_node *copy = node_clone(n);

	memcpy(copy->data, key, copy->key_len);
	return copy;
}

/* The first one below n, or n, that has nothing below itself. */
static struct conf_node *some_leaf(struct conf_node *n)
{
	struct conf_node *below;

	while ((below = n->left ? n->left : n->right ? n->right : n->kids))
		n = below;
	return n;
}

/* Frees what is in the block, `most` nodes at once; true while there is more. Leaves first, without
 * recursion: a treap of siblings may be deep on a bad day. */
static bool free_kids(struct conf_node *block, size_t most)
{
	struct conf_node *n = block, *up;

	for (; most && block->kids; most--, n = up) {
		n = some_leaf(n == block ? block->kids : n);
		up = n->up ? n->up : n->parent;
		if (!n->up)
			up->kids = NULL;
		else if (up->left == n)
			up->left = NULL;
		else
			up->right = NULL;
		mem_free(n);
	}
	return block->kids != NULL;
}

void node_free(struct conf_node *n)
{
	if (!n)
		return;
	free_kids(n, SIZE_MAX);
	mem_free(n);
}

bool node_same(const struct conf_node *a, const struct conf_node *b)
{
	return !((a->flags ^ b->flags) & NODE_NO) && !strcmp(node_text(a), node_text(b));
}

static int key_cmp(const struct conf_node *n, const char *key, size_t len)
{
	size_t common = n->key_len < len ? n->key_len : len;
	int cmp = memcmp(n->data, key, common);

	return cmp ? cmp : (n->key_len > len) - (n->key_len < len);
}

int node_cmp(const struct conf_node *a, const struct conf_node *b)
{
	return key_cmp(a, b->data, b->key_len);
}

/* ---- the treap ---- */

struct conf_node *node_lower(const struct conf_node *parent, const char *key, size_t len)
{
	struct conf_node *best = NULL;

	for (struct conf_node *n = parent->kids; n;) {
		if (key_cmp(n, key, len) < 0) {
			n = n->right;
		} else {
			best = n;
			n = n->left;
		}
	}
	return best;
}

struct conf_node *node_find(const struct conf_node *parent, const struct conf_node *key_of)
{
	struct conf_node *n = node_lower(parent, key_of->data, key_of->key_len);

	return n && !node_cmp(n, key_of) ? n : NULL;
}

struct conf_node *node_first(const struct conf_node *parent)
{
	struct conf_node *n = parent->kids;

	while (n && n->left)
		n = n->left;
	return n;
}

struct conf_node *node_next(const struct conf_node *n)
{
	struct conf_node *next;

	if (n->right) {
		for (next = n->right; next->left;)
			next = next->left;
		return next;
	}
	while (n->up && n->up->right == n)
		n = n->up;
	return n->up;
}

/* The link that points at n. */
static struct conf_node **slot_of(struct conf_node *n)
{
	if (!n->up)
		return &n->parent->kids;
	return n->up->left == n ? &n->up->left : &n->up->right;
}

/* Turns n's child above n. */
static void rotate(struct conf_node *n, bool left_child)
{
	struct conf_node *child = left_child ? n->left : n->right;
	struct conf_node *middle = left_child ? child->right : child->left;

	*slot_of(n) = child;
	child->up = n->up;
	n->up = child;
	if (left_child) {
		child->right = n;
		n->left = middle;
	} else {
		child->left = n;
		n->right = middle;
	}
	if (middle)
		middle->up = n;
}

static struct conf_node *node_before(const struct conf_node *n)
{
	struct conf_node *before;

	if (n->left) {
		for (before = n->left; before->right;)
			before = before->right;
		return before;
	}
	while (n->up && n->up->left == n)
		n = n->up;
	return n->up;
}

/* Is it of a family whose names are counted (conf_names)? */
static bool has_name(const struct conf_node *n)
{
	const struct row_family *f = n->rule->family;

	return f && f->leader && f->leader->row->modes & UINT64_C(1) << conf_mode(n->parent);
}

/* Two statements of one block: the same family, rank and first argument? */
static bool same_name(const struct conf_node *a, const struct conf_node *b)
{
	return b && b->rule->family == a->rule->family && a->data[RANK_AT] == b->data[RANK_AT] &&
	       node_same_first(a, b);
}

/* Statements, and names, of n with all that is in it; each name where its last statement is. */
struct tally {
	size_t count, names;
};

static void tally_add(struct tally *t, const struct conf_node *n)
{
	t->count++;
	t->names += has_name(n) && !same_name(n, node_next(n));
	for (const struct conf_node *k = node_first(n); k; k = node_next(k))
		tally_add(t, k);
}

/* n is linked. */
static struct tally tally_of(const struct conf_node *n)
{
	struct tally t = {0};

	tally_add(&t, n);
	if (t.names && has_name(n) && same_name(n, node_before(n)))
		t.names--;
	return t;
}

static void note_change(struct conf *c, const struct conf_node *n, bool added)
{
	const struct cli *cli = c->cli;
	struct tally t = tally_of(n);

	c->changed++;
	c->count = added ? c->count + t.count : c->count - t.count;
	c->names = added ? c->names + t.names : c->names - t.names;
	if (!cli->profile_rule || n->rule != cli->profile_rule)
		return;
	c->profile =
	    added && strstr(node_text(n), "datacenter") ? PROFILE_DATACENTER : PROFILE_TRADITIONAL;
}

/* A number that looks random and is not: the treap's priorities. */
static uint32_t next_prio(struct conf *c)
{
	uint64_t x = (c->changed + 1) * UINT64_C(0x9e3779b97f4a7c15);

	x ^= x >> 29;
	return (uint32_t)((x * UINT64_C(0xbf58476d1ce4e5b9)) >> 32);
}

void node_link(struct conf *c, struct conf_node *parent, struct conf_node *n)
{
	struct conf_node **slot = &parent->kids, *up = NULL;

	while (*slot) {
		up = *slot;
		int cmp = node_cmp(n, up);
		assert(cmp != 0);
		slot = cmp < 0 ? &up->left : &up->right;
	}
	n->left = n->right = NULL;
	n->up = up;
	n->parent = parent;
	n->prio = next_prio(c);
	*slot = n;
	while (n->up && n->up->prio < n->prio)
		rotate(n->up, n->up->left == n);
	note_change(c, n, true);
}

void node_unlink(struct conf *c, struct conf_node *n)
{
	while (n->left || n->right)
		rotate(n, n->left && (!n->right || n->left->prio > n->right->prio));
	note_change(c, n, false);
	*slot_of(n) = NULL;
	n->up = NULL;
}

/* ---- whole configurations ---- */

struct conf *conf_new(struct cli *c)
{
	struct conf *conf = mem_zalloc(sizeof(*conf));

	conf->cli = c;
	return conf;
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	free_kids(&c->root, SIZE_MAX);
	mem_free(c);
}

bool conf_free_some(struct conf *c, size_t most)
{
	return free_kids(&c->root, most);
}

static void copy_kids(struct conf_node *to, const struct conf_node *from);

static struct conf_node *copy_node(
    struct conf_node *parent, struct conf_node *up, const struct conf_node *n)
{
	struct conf_node *copy = node_clone(n);

	copy->parent = parent;
	copy->up = up;
	copy->prio = n->prio;
	if (n->kids)
		copy_kids(copy, n);
	return copy;
}

/* The treap as it is, shape and all: a way down and up again, without a comparison. */
static void copy_kids(struct conf_node *to, const struct conf_node *from)
{
	const struct conf_node *n = from->kids;
	struct conf_node *copy = n ? copy_node(to, NULL, n) : NULL;

	to->kids = copy;
	while (n) {
		if (n->left && !copy->left) {
			copy->left = copy_node(to, copy, n->left);
			n = n->left;
			copy = copy->left;
		} else if (n->right && !copy->right) {
			copy->right = copy_node(to, copy, n->right);
			n = n->right;
			copy = copy->right;
		} else {
			n = n->up;
			copy = copy->up;
		}
	}
}

struct conf *conf_copy(const struct conf *from)
{
	struct conf *c = conf_new(from->cli);

	c->count = from->count;
	c->names = from->names;
	c->profile = from->profile;
	c->changed = from->changed;
	copy_kids(&c->root, &from->root);
	return c;
}
