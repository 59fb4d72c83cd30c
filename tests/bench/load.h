/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run of the load generator: its speakers, what they announce, and the phases in which it is
 * measured. A phase starts with a command and ends with one line of JSON on standard output.
 */
#ifndef FERRO_BENCH_LOAD_H
#define FERRO_BENCH_LOAD_H

#include "tests/bench/speaker.h"

struct options {
	struct addr router, router6; /* router6: the next hop that it announces */
	struct addr first, first6;   /* of the speakers; the others follow it */
	uint16_t port, hold;
	uint32_t router_as, as; /* as: of the first speaker, eBGP */
	uint32_t cluster;       /* host order */
	uint64_t seed;
	uint32_t ipv4, ipv6, senders, receivers;
	struct prefix foreign; /* see struct model */
	uint32_t mesh, each;   /* iBGP clients that all send `each` prefixes and receive the rest */
	double timeout, settle; /* seconds: most for a phase; of silence before it ends */
	bool direct;            /* one sender, one receiver, no router */
};

enum phase_kind { PHASE_NONE, PHASE_UP, PHASE_ROUTES, PHASE_CHURN, PHASE_WAIT };

struct phase {
	enum phase_kind kind;
	char name[16];
	double start, done, end; /* now_s(); done 0: not yet; end: of a wait */
	struct findings before;
	uint64_t bytes_received, bytes_sent;
	double self_cpu;
	bool failed;
	char why[240];
	double rate; /* churn: changes a second, for `seconds` */
	double seconds;
	uint32_t sent, owed; /* churn: changes sent; arrivals still to come */
	struct samples latency;
};

/* A change on its way, by prefix. */
struct change {
	double at;     /* now_s(); 0: none */
	uint32_t owed; /* receivers that have not got it */
};

struct load {
	struct options o;
	struct speakers_env env;
	struct table table;
	struct model model;
	struct findings findings;
	struct speaker *speakers;
	uint32_t count;
	bool *counted;     /* by speaker: its routes decide when a phase is done */
	bool *wanted;      /* by speaker: it is to be connected */
	bool *announce;    /* by speaker: it sends its table as soon as it is up */
	double *stall_end; /* by speaker; 0: it reads */
	struct identity *who;
	uint32_t *router_ids;
	struct bytes *announcements, *withdrawals; /* by sender */
	uint32_t unsatisfied, connecting, up;
	struct phase phase;
	struct change *changes; /* NULL: no churn yet */
	struct random random;
	uint32_t variant;
	struct event *ev_tick, *ev_phase, *ev_churn, *ev_stdin;
	char input[4096];
	size_t input_len;
	bool ended;
};

void load_init(struct load *l, const struct options *o);
void load_fini(struct load *l);
bool load_sends(const struct load *l, uint32_t speaker);
void load_connect_more(struct load *l);
/* Counts what is missing anew; the sum over all receivers. */
uint64_t load_recount(struct load *l);

/* ---- phase.c ---- */
/* One command line; false: there is no such command. Only while no phase is under way. */
bool phase_command(struct load *l, char *line);
void phase_poll(struct load *l); /* every few milliseconds */
void phase_satisfied(struct load *l, bool all);
void phase_fail(struct load *l, const char *why);
void phase_arrived(void *ctx, uint32_t prefix); /* struct receiver's; ctx: struct speaker */
void phase_churn(struct load *l);               /* every millisecond of a churn */

#endif
