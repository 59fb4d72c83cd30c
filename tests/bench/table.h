/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A made-up routing table that looks like the Internet's: prefixes, cut into runs that share one
 * attribute set. All of it follows from the seed and the sizes.
 */
#ifndef FERRO_BENCH_TABLE_H
#define FERRO_BENCH_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/prefix.h"

enum { RUN_MAX = 120, PATH_MAX_HOPS = 8, NOT_FOUND = UINT32_MAX };

/* Consecutive prefixes of one family that are announced together. */
struct run {
	uint32_t first, count;
};

struct table {
	struct prefix *prefixes;
	uint32_t *run_of; /* by prefix */
	uint32_t count, cap;
	struct run *runs;
	uint32_t run_count, run_cap;
	uint32_t *slots; /* prefix + 1, open addressing */
	uint32_t mask;
};

void table_init(struct table *t, uint32_t most); /* room for `most` prefixes */
void table_fini(struct table *t);
/* Adds n distinct prefixes: IPv4 like a full table (60 % /24, the rest /16 to /23), IPv6 mostly
 * /48; runs of 1 to RUN_MAX, mean near 5. */
void table_add(struct table *t, uint64_t seed, enum family f, uint32_t n);
/* Adds one run of n /26 blocks: what node number `node` of a cluster announces. */
void table_add_node(struct table *t, uint32_t node, uint32_t n);
/* Place of a prefix; NOT_FOUND: it is none of the table's. */
uint32_t table_find(const struct table *t, const struct prefix *p);

/* The attributes of one run as one sender announces it. */
struct attributes {
	uint8_t origin;
	uint8_t hops; /* behind the sender's own AS */
	uint32_t path[PATH_MAX_HOPS + 1];
	bool has_med;
	uint32_t med;
	uint8_t community_count;
	uint32_t communities[8]; /* rising */
};
/* The same for the same arguments. variant 0: the first time; others: changed routes, each
 * different from the one before. */
void attributes_make(
    uint64_t seed, uint32_t sender, uint32_t run, uint32_t variant, struct attributes *out);

/* A small generator of pseudo-random numbers; equal seeds give equal numbers. */
struct random {
	uint64_t state;
};
uint32_t random_next(struct random *r);
uint32_t random_below(struct random *r, uint32_t n); /* 0 .. n-1 */
uint64_t random_mix(uint64_t a, uint64_t b);         /* a seed out of two numbers */

#endif
