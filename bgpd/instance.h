/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's whole state: struct instance, made by main and passed around; one `router bgp` in
 * it.
 *
 * Nothing of this is global. Settings structs hold what replay wrote (see cmd/replay.h); the
 * running parts are owned here and torn down in reverse order of their making.
 */
#ifndef FERRO_INSTANCE_H
#define FERRO_INSTANCE_H

#include "bgpd/peer/bgp.h"
#include "bgpd/peer/peer.h"
#include "bgpd/system.h"
#include "cli/cli.h"
#include "lib/list.h"
#include "lib/log.h"
#include "lib/task.h"

struct options; /* command line, bgpd/options.h */

struct instance {
	struct event_base *base;
	const struct options *opts;
	struct log *log;
	struct cli *cli;
	struct disk *disk;        /* writes files; NULL: dry_run */
	struct store *store;      /* texts on their way there; NULL: dry_run */
	struct event *expiry;     /* an unconfirmed commit is taken back; NULL: none */
	struct event *late_peers; /* neighbors wait for others' numbers; NULL: none ever did */
	struct kernel *kernel;
	struct attr_store *attrs;
	struct nht *nht;
	struct bgp *bgp;       /* NULL: no `router bgp` */
	struct bgp *leaving;   /* one that went and is not all freed yet; NULL: none (stop.c) */
	struct task burial;    /* ... which is done by this */
	struct system_cfg sys; /* effective */
	char *hostname;        /* the system's or the configured one; never NULL */
	uint32_t debug;        /* enum debug_flag: terminal and configuration together */
	uint32_t debug_term;   /* switched on by `debug ...` in enable mode */
	uint32_t started;      /* clock_sec */
};

/* Makes the engine: log, kernel, attribute store, next-hop tracking. NULL: said on stderr why.
 * opts outlives it. dry_run (-C) makes no socket at all. */
struct instance *instance_new(struct event_base *base, const struct options *opts);
/* Cease to all peers, our routes out of the kernel, everything freed. */
void instance_free(struct instance *inst);
/* The name for prompts, logs and the FQDN capability; NULL goes back to the system's. */
void instance_set_hostname(struct instance *inst, const char *name);

/* `router bgp`: from a statement to a running speaker and back. */
struct bgp *bgp_start(struct instance *inst, const struct bgp_cfg *cfg);
/* Cease to all peers; their routes leave the kernel; frees b. What is much of that goes on behind,
 * in slices: for everybody else there is no `router bgp` any more. */
void bgp_stop(struct bgp *b);
void bgp_settle(struct instance *inst); /* ... and is done when this returns */
void bgp_reconfigure(struct bgp *b, const struct bgp_cfg *cfg);
/* FRR's defaults of a profile. */
void bgp_cfg_init(struct bgp_cfg *cfg, enum conf_profile profile);
/* The address statements may name: the configured identifier, else the highest address of an up
 * loopback, else of any interface (host order; 0: none). */
uint32_t bgp_choose_router_id(const struct instance *inst, const struct bgp_cfg *cfg);

#endif
