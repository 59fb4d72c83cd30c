/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the configuration file to the engine: see startup.h.
 *
 * The file is read whole before the first line is looked at. This file knows no statement.
 */
#include "bgpd/startup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/replay.h"
#include "bgpd/options.h"
#include "bgpd/peer/peergroup.h"
#include "bgpd/store.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/mem.h"
#include "vty/server.h"

/* FRR's ids of the messages about a line it does not know, with the category, and about the end. */
static const char fault_ref[] = "SHWNK-NWT5S", read_ref[] = "VTVCM-Y2NW3";
enum { FAULT_EC = 100663304 };

static const char *app_hostname(void *app)
{
	return ((struct instance *)app)->hostname;
}

static void offer_neighbors(const struct bgp *b, struct cli_words *to)
{
	char text[ADDR_STRLEN];
	const struct peer *p;

	list_for_each (p, &b->peers, link)
		cli_offer(to, addr_str(&p->source.addr, text));
}

static void offer_groups(const struct bgp *b, struct cli_words *to)
{
	const struct peer_group *g;

	list_for_each (g, &b->groups, link)
		cli_offer(to, g->name);
}

/* The names that exist for an argument; those that cannot stand for the word are left out later. */
static void app_offer(
    void *app, const struct conf_node *block, const char *name, struct cli_words *to)
{
	const struct instance *inst = app;
	const struct kernel_interface *i = NULL;
	bool peer = !strcmp(name, "peer") || !strcmp(name, "who");

	(void)block;
	if (inst->bgp && peer)
		offer_neighbors(inst->bgp, to);
	if (inst->bgp && (peer || !strcmp(name, "group")))
		offer_groups(inst->bgp, to);
	if (!strcmp(name, "interface") && inst->kernel)
		while ((i = kernel_interface_next(inst->kernel, i ? i->name : NULL)))
			cli_offer(to, i->name);
}

static void app_user(void *app, struct cli_session *s, struct sb *to)
{
	(void)app;
	vty_user(s, to);
}

void startup_cli(struct instance *inst)
{
	struct cli_app app = {
	    .app = inst,
	    .apply = replay_apply,
	    .hostname = app_hostname,
	    .offer = app_offer,
	    .user = app_user,
	    .store = inst->opts->dry_run ? NULL : &store_ops,
	};

	inst->cli = cli_new(&app, cmd_modes, MODE_COUNT, cmd_lexicon, cmd_lexicon_count);
	cmd_add_rows(inst->cli);
	cli_add_rows(inst->cli, vty_rows, vty_row_count);
}

/* The file that counts; *named says whether the user asked for it. */
static char *config_path(const struct options *o, bool *named)
{
	char path[1024];

	*named = o->config_file != NULL;
	if (o->config_file)
		return mem_strdup(o->config_file);
	snprintf(path, sizeof(path), "%s/bgpd.conf", o->config_dir);
	if (access(path, F_OK) != 0)
		snprintf(path, sizeof(path), "%s/frr.conf", o->config_dir);
	return mem_strdup(path);
}

/* Two files are a trap: say which one counts. */
static void warn_of_two(struct instance *inst, const char *path)
{
	const struct options *o = inst->opts;
	char other[1024];

	snprintf(other, sizeof(other), "%s/frr.conf", o->config_dir);
	if (!o->config_file && strcmp(path, other) && access(other, F_OK) == 0)
		log_msg(inst->log, LOG_WARNING, NULL, 0,
		    "read %s; %s is there too and was not read: remove one of them", path, other);
}

struct reporting {
	struct instance *inst;
	const char *path;
};

static void print_lines(const char *path, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		fprintf(stderr, "%s: %.*s\n", path, (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void on_fault(void *ctx, const struct cli_fault *fault)
{
	struct reporting *r = ctx;
	struct sb out, err;

	sb_init(&out);
	sb_init(&err);
	cli_fault_print(fault, &out, &err);
	print_lines(r->path, out.s);
	print_lines(r->path, err.s);
	if (fault->rc != CLI_OK)
		log_msg(r->inst->log, LOG_ERR, fault_ref, FAULT_EC,
		    "No such command on config line %u: %s", fault->line, fault->text);
	sb_fini(&out);
	sb_fini(&err);
}

/* The daemon ended before a commit was confirmed: what was before it counts, not the file. */
static bool recover(struct instance *inst)
{
	struct sb msg;
	bool done;

	sb_init(&msg);
	done = cli_recover(inst->cli, &msg);
	if (done)
		log_msg(inst->log, LOG_WARNING, NULL, 0,
		    "the last commit was not confirmed: the configuration before it is loaded");
	sb_fini(&msg);
	return done;
}

/* Returns how many faults there were. */
static size_t take_text(struct reporting *r, const char *text, enum startup_how how)
{
	struct cli *cli = r->inst->cli;
	uint32_t began = clock_sec(), took;
	size_t faults;

	if (how == STARTUP_RELOAD) {
		cli_history_begin(cli, "reload", NULL);
		faults = cli_reload(cli, text, false, on_fault, r, NULL);
		cli_history_end(cli, NULL);
	} else {
		faults = cli_load(cli, text, how == STARTUP_CHECK, on_fault, r);
	}
	took = clock_sec() - began;
	log_msg(r->inst->log, LOG_INFO, read_ref, 0, "Configuration Read in Took: %02u:%02u:%02u",
	    took / 3600, took / 60 % 60, took % 60);
	return faults;
}

unsigned startup_config(struct instance *inst, enum startup_how how)
{
	struct reporting r = {.inst = inst};
	bool named;
	char *path = config_path(inst->opts, &named);
	char *text = file_read(path);
	size_t faults = 0;

	r.path = path;
	if (how == STARTUP_LOAD && recover(inst)) {
		faults = 0;
	} else if (!text && (named || errno != ENOENT)) {
		fprintf(stderr, "bgpd: cannot read %s: %s\n", path, strerror(errno));
		log_msg(inst->log, LOG_ERR, NULL, 0, "cannot read configuration file %s: %s", path,
		    strerror(errno));
		faults = 1;
	} else if (text) {
		faults = take_text(&r, text, how);
		warn_of_two(inst, path);
	}
	mem_free(text);
	mem_free(path);
	return (unsigned)faults;
}
