/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every receiver must hold, and whether it does: the judge of the load generator.
 *
 * A receiver's UPDATEs are read here, byte by byte and without Ferro's decoder. All attributes of a
 * message but the next hops are hashed as they came and looked up among the hashes of what the
 * router must have made of the sets that were sent. Any attribute too much, too few or different, a
 * wrong next hop, a prefix that is none of the table's: all of it counts as a finding.
 */
#ifndef FERRO_BENCH_MODEL_H
#define FERRO_BENCH_MODEL_H

#include "tests/bench/update.h"

enum { SHARED_SENDERS_MAX = 64 };

/* A set's number: 0 stands for "no route", SET_WRONG for one that must not be. */
enum { SET_NONE = 0, SET_WRONG = 1 };

struct model {
	const struct table *table;
	uint64_t seed;
	uint32_t senders;
	bool mesh; /* sender i announces run i; otherwise each announces the whole table */
	const struct identity *who; /* by sender */
	struct passage passage;     /* originator is filled in by sender */
	const uint32_t *router_ids; /* of the senders, for reflection */
	struct addr router4, router6;
	struct prefix foreign; /* what the router itself may announce inside this counts as no
				* fault; family NONE: nothing */
	bool *announcing;      /* by sender */
	uint64_t *allowed; /* by run: which senders' sets may be seen (mesh: bit 0); 0: no route */
	uint32_t *set_of;  /* by offer (sender and run): the set that arrives */
	uint32_t *changed; /* by prefix: the set it was changed to, SET_NONE: not changed */
	uint64_t *hashes;  /* by set */
	uint32_t *slots;
	uint32_t set_count, set_cap, mask;
};

/* The caller has filled in what stands before `announcing`; nobody announces yet. */
void model_init(struct model *m);
void model_fini(struct model *m);
/* Sender announces (or not) from now on; model_update makes it count. */
void model_announce(struct model *m, uint32_t sender, bool on);
void model_update(struct model *m);
/* A prefix of sender 0 has a variant now (table.h). */
void model_change(struct model *m, uint32_t prefix, uint32_t variant);
void model_forget_changes(struct model *m);
/* May this receiver hold the set for the prefix now? */
struct receiver;
bool model_allows(const struct model *m, const struct receiver *r, uint32_t prefix, uint32_t set);

struct findings {
	uint64_t updates, announced, withdrawn;
	uint64_t repeats;     /* the same again */
	uint64_t changes;     /* another set for a prefix that was there */
	uint64_t echoes;      /* mesh: a sender's own prefix */
	uint64_t wrong;       /* attributes or next hop that must not be */
	uint64_t superfluous; /* prefixes that nobody announced */
	uint64_t malformed;
	uint64_t foreign;
	char example[160]; /* of the first fault */
};

struct receiver {
	const struct model *model;
	uint32_t self;             /* mesh: its own run; NOT_FOUND otherwise */
	uint32_t *have;            /* set by prefix */
	uint32_t held, missing;    /* routes; prefixes whose set is not allowed */
	uint32_t last;             /* the prefix seen last: the next one often follows it */
	struct findings *findings; /* shared by all */
	/* May be NULL: a changed route (model_change) has arrived. */
	void (*arrived)(void *ctx, uint32_t prefix);
	void *ctx;
};
void receiver_init(struct receiver *r, const struct model *m, uint32_t self, struct findings *f);
void receiver_fini(struct receiver *r);
void receiver_clear(struct receiver *r);   /* its session is a new one */
void receiver_recount(struct receiver *r); /* missing, from nothing but `have` and the model */
void receiver_update(struct receiver *r, const uint8_t *body, size_t len);

#endif
