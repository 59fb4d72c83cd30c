/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A daemon without sockets and kernel, driven by its command language. */
#ifndef FERRO_TESTS_CMD_LAB_H
#define FERRO_TESTS_CMD_LAB_H

#include "bgpd/instance.h"
#include "bgpd/options.h"

struct lab {
	struct event_base *base;
	struct options opts;
	struct instance *inst;
	struct cli_session *session;
	struct sb said; /* by the last line */
};

/* The configuration is loaded, and the session stands in the enable mode ... */
void lab_start(struct lab *l, const char *config);
/* ... or inside `router bgp 65001`. */
void lab_open(struct lab *l, const char *config);
void lab_close(struct lab *l);
/* Runs a line to its end; the pieces of a long answer one behind the other. */
enum cli_rc lab_run(struct lab *l, const char *line);
enum cli_rc lab_run_to(struct lab *l, const char *line, struct sb *to);
struct peer *lab_peer(struct lab *l, const char *address); /* NULL: there is none */
/* Is the text part of what would be saved? Leaves all of that in said. */
bool lab_saved(struct lab *l, const char *text);

#endif
