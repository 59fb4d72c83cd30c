/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the configuration file to the engine: see startup.h.
 *
 * The file is read whole before the first line is looked at. At start it is one piece of work; a
 * reload is done in slices, since sessions are up. This file knows no statement.
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
#include "bgpd/service.h"
#include "bgpd/store.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/mem.h"
#include "lib/task.h"
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
	    .apply_rest = replay_apply_rest,
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

static void log_time(struct instance *inst, uint32_t began)
{
	uint32_t took = clock_sec() - began;

	log_msg(inst->log, LOG_INFO, read_ref, 0, "Configuration Read in Took: %02u:%02u:%02u",
	    took / 3600, took / 60 % 60, took % 60);
}

/* Returns how many faults there were. */
static size_t take_text(struct reporting *r, const char *text, bool check_only)
{
	uint32_t began = clock_sec();
	size_t faults = cli_load(r->inst->cli, text, check_only, on_fault, r);

	log_time(r->inst, began);
	return faults;
}

/* The file's text; NULL: none. *faulty: it had to be there, and that has been said. */
static char *read_config(struct instance *inst, char **path, bool *faulty)
{
	bool named;
	char *text;

	*path = config_path(inst->opts, &named);
	text = file_read(*path);
	*faulty = !text && (named || errno != ENOENT);
	if (!*faulty)
		return text;
	fprintf(stderr, "bgpd: cannot read %s: %s\n", *path, strerror(errno));
	log_msg(inst->log, LOG_ERR, NULL, 0, "cannot read configuration file %s: %s", *path,
	    strerror(errno));
	return NULL;
}

unsigned startup_config(struct instance *inst, enum startup_how how)
{
	struct reporting r = {.inst = inst};
	size_t faults = 0;
	bool faulty;
	char *path, *text;

	if (how == STARTUP_LOAD && recover(inst))
		return 0;
	text = read_config(inst, &path, &faulty);
	r.path = path;
	if (text) {
		faults = take_text(&r, text, how == STARTUP_CHECK);
		warn_of_two(inst, path);
	}
	mem_free(text);
	mem_free(path);
	return faulty ? 1 : (unsigned)faults;
}

/* ---- a reload while the router works ---- */

struct startup_reload {
	struct instance *inst;
	startup_done *done;
	void *ctx;
	struct task task;
	struct cli_job *job; /* NULL: nothing is under way */
	char *path;
	uint32_t began;
	bool again;
};

static void end_reload(struct startup_reload *r)
{
	struct reporting to = {.inst = r->inst, .path = r->path};
	size_t faults = cli_job_end(r->job, on_fault, &to, NULL);

	r->job = NULL;
	log_time(r->inst, r->began);
	warn_of_two(r->inst, r->path);
	mem_free(r->path);
	r->done(r->ctx, (unsigned)faults);
}

static bool step_reload(void *ctx)
{
	struct startup_reload *r = ctx;

	if (!r->job)
		return false;
	if (cli_job_step(r->job))
		return true;
	end_reload(r);
	if (r->again)
		startup_reload_begin(r);
	return r->job != NULL;
}

struct startup_reload *startup_reload_new(struct instance *inst, startup_done *done, void *ctx)
{
	struct startup_reload *r = mem_zalloc(sizeof(*r));

	r->inst = inst;
	r->done = done;
	r->ctx = ctx;
	task_init(&r->task, inst->base, step_reload, r);
	return r;
}

void startup_reload_begin(struct startup_reload *r)
{
	bool faulty;
	char *text;

	r->again = r->job != NULL;
	if (r->again)
		return;
	service_notify("RELOADING=1");
	text = read_config(r->inst, &r->path, &faulty);
	if (!text) {
		mem_free(r->path);
		r->done(r->ctx, faulty);
		return;
	}
	r->began = clock_sec();
	r->job = cli_job_new(r->inst->cli, text, CLI_JOB_RELOAD);
	cli_job_record(r->job, "reload", NULL, NULL);
	task_wake(&r->task);
}

void startup_reload_free(struct startup_reload *r)
{
	if (!r)
		return;
	task_fini(&r->task);
	if (r->job) {
		cli_job_end(r->job, NULL, NULL, NULL);
		mem_free(r->path);
	}
	mem_free(r);
}
