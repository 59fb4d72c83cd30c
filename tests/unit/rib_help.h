/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table without sockets: fixture, sources, fake members that read what they are sent, and a fake
 * kernel. */
#ifndef FERRO_TESTS_RIB_HELP_H
#define FERRO_TESTS_RIB_HELP_H

#include <criterion/criterion.h>

#include "bgpd/rib/group.h"
#include "bgpd/rib/nht.h"
#include "bgpd/rib/rib.h"
#include "lib/mem.h"
#include "lib/trie.h"

enum { LOCAL_AS = 65000, LOCAL_ID = 0x0a000001 };

struct fix {
	struct event_base *base;
	struct attr_store *attrs;
	struct sources *sources;
	struct nht *nht;
	struct kernel *kernel;
	struct rib *rib;
	struct rib_cfg cfg;
	uint32_t best_changes;
};

/* cfg: FRR's defaults; with_kernel: the fake one, in which nothing is reachable at first. */
void fix_init(struct fix *f, enum family family, bool with_kernel);
void fix_fini(struct fix *f); /* asserts that no set and no path is left behind */
void fix_run(struct fix *f);  /* until there is nothing left to do */
bool fix_quiet(const struct fix *f);

struct prefix pfx(const char *s);
struct addr ip(const char *s);

/* A neighbor: address 10.0.0.N, router id the same, AS as given. */
void source_make(struct fix *f, struct source *s, enum source_kind kind, uint32_t as, unsigned n);

/* A table with one neighbor of each kind. up, ext, ext2: eBGP; client, plain: iBGP. */
struct net {
	struct fix f;
	struct source up, client, plain, ext, ext2;
};
void net_init(struct net *n, bool with_kernel); /* IPv4; ends with fix_fini(&n->f) */

/* Attributes in words: "path 1 2 3", "med 5", "lp 200", "weight 7", "egp", "incomplete",
 * "nh 10.0.0.1", "orig 10.0.0.9", "cluster N" (entries), "community N", "nolp". */
uint32_t attrs_make(struct fix *f, const char *words); /* one reference */
void route(struct fix *f, const struct source *s, const char *prefix, const char *words);
void unroute(struct fix *f, const struct source *s, const char *prefix);

/* A member that decodes its messages into a table of its own. */
struct fake {
	struct member m;
	struct fix *f;
	struct trie *table; /* prefix -> interned set, one reference each */
	uint32_t chunks, messages, announced, withdrawn, unknown_withdrawn, eors, tables, refreshes;
	uint32_t room; /* chunks it still takes */
	const struct chunk *last;
	bool ebgp;
};
void fake_init(struct fake *k, struct fix *f, const struct source *s);
void fake_fini(struct fake *k); /* leaves its group */
/* Asserts that the member knows exactly what the group has sent. */
void fake_check(const struct fake *k);
/* Its set for a prefix; false: it has none. Valid until the next message. */
bool fake_get(const struct fake *k, const char *prefix, struct attr_set *out);
struct group_key key_make(const struct source *s);

/* ---- the fake kernel ---- */
struct kernel *fake_kernel_new(void);
void fake_kernel_free(struct kernel *k);
/* A non-BGP route; gate NULL: connected, over interface 1. metric as given. */
void fake_kernel_route(struct kernel *k, const char *prefix, const char *gate, uint32_t metric);
void fake_kernel_unroute(struct kernel *k, const char *prefix);
/* "10.0.0.1 10.0.0.2" sorted, "" if the prefix is not installed. */
const char *fake_kernel_installed(const struct kernel *k, const char *prefix);
void fake_kernel_full(struct kernel *k, bool full); /* it takes no routes for now */
/* Interfaces are eth0 (1) and eth1 (2); a gateway on the latter is shown as ADDRESS%eth1. */
void fake_kernel_link(struct kernel *k, uint32_t ifindex, bool running);
uint32_t fake_kernel_count(const struct kernel *k);

#endif
