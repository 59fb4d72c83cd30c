/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A place: the mode in which a line is read, and the blocks that lead there.
 *
 * Blocks are remembered by their statements, not by pointers into the tree: another user may remove
 * the block meanwhile, and an address family exists only while something is in it. The last node
 * found is kept as long as the tree does not change.
 */
#include <assert.h>

#include "cli/internal.h"

void place_init(struct place *p, uint8_t mode)
{
	*p = (struct place){.mode = mode};
}

void place_fini(struct place *p)
{
	while (p->depth)
		node_free(p->level[--p->depth]);
}

void place_copy(struct place *to, const struct place *from)
{
	place_init(to, from->mode);
	while (to->depth < from->depth) {
		to->level[to->depth] = node_clone(from->level[to->depth]);
		to->depth++;
	}
}

void place_leave(struct place *p, const struct cli *c)
{
	p->cache = NULL;
	if (p->depth) {
		node_free(p->level[--p->depth]);
		p->mode = p->depth ? conf_mode(p->level[p->depth - 1]) : MODE_CONFIG;
	} else {
		p->mode = c->modes[p->mode].parent;
	}
}

void place_to_mode(struct place *p, const struct cli *c, uint8_t mode)
{
	while (p->mode != mode && p->depth)
		place_leave(p, c);
	p->mode = mode;
}

struct conf_node *place_node(struct place *p, const struct conf *conf)
{
	const struct conf_node *n = &conf->root;

	if (p->cache && p->cached == conf->changed)
		return p->cache;
	for (unsigned i = 0; n && i < p->depth; i++)
		n = node_find(n, p->level[i]);
	p->cache = (struct conf_node *)n;
	p->cached = conf->changed;
	return p->cache;
}

enum cli_rc place_match(const struct cli *c, const struct place *p, const struct words *ws,
    struct parse *out, uint8_t *mode)
{
	enum cli_rc first, rc;
	uint8_t m = p->mode;

	rc = first = grammar_match(c, m, ws, out);
	while (rc == CLI_NO_MATCH && c->modes[m].parent != m && m != MODE_CONFIG) {
		m = c->modes[m].parent;
		rc = grammar_match(c, m, ws, out);
	}
	*mode = rc == CLI_OK ? m : p->mode;
	return rc == CLI_OK ? CLI_OK : first;
}
