/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text is taken in while the router works, piece by piece.
 *
 *   READ     the text becomes a configuration of its own (a file: what runs, and the text on top)
 *   COMPARE  both are walked side by side, which gives the changes, and the plan in words
 *   (swap)   at once: the new one is the running configuration, the daemon hears of the changes
 *   REST     the daemon does what there may be very many of, part by part
 *   BURY     the old configuration is freed; of a text that is only checked, its own one
 *
 * All of these go in pieces of about a millisecond. Copying a tree, what apply does at the swap,
 * and the text of the history's entry are one piece each, however long they are.
 *
 * Until the swap nothing has changed and the job may be dropped. The job keeps pointers into the
 * running tree, so when that is edited (conf.changed; a check edits, too, and takes it back) it
 * begins again; after some times it does not let anybody in between. One that was made from a
 * configuration of its own gives up instead if it was another commit. During REST the old tree is
 * kept, since the changes speak of it, and any other commit first finishes the job (job_settle).
 *
 * The history hears of the change at the swap: what others have changed until then, and what they
 * change before the job's next step, is theirs.
 *
 * For a reload the text is what a printer wrote: what a printer leaves out is taken over from what
 * runs, and what it writes in any case is left out again.
 */
#include <string.h>

#include "cli/internal.h"

enum {
	PIECE_LINES = 400,
	PIECE_NODES = 2000,
	PIECE_CHANGES = 400,
	PIECE_FREED = 5000,
	PATIENCE = 3
};

enum stage { READ, COMPARE, REST, BURY, DONE };

/* Two blocks that are walked side by side, and where the walk is in them. */
struct pair {
	struct diff_level shown;
	struct conf_node *old, *new; /* the blocks */
	struct conf_node *a, *b;     /* next in each; NULL: none left */
};

struct fault {
	struct cli_fault f; /* its texts are the job's */
	struct fault *next;
};

/* A block whose line changes keeps what is in it: the daemon must not take that for removed. */
struct emptied {
	struct conf_node *block, *kids;
};

struct cli_job {
	struct cli *cli;
	enum cli_job_kind kind;
	enum stage stage;
	char *text;
	const struct conf *source; /* instead of the text; NULL: none */
	struct conf *aside;        /* new; after the swap: the old one */
	struct loader loader;
	bool loading; /* loader is initialised */
	struct fault *faults, **last;
	size_t fault_count;
	uint64_t seen;    /* running->changed that the walk is about */
	uint64_t commits; /* cli.commits when the job began, this time */
	unsigned begun;
	struct pair way[PLACE_DEPTH + 1];
	unsigned depth; /* of way; 0: the walk is over */
	bool overtaken; /* by another commit, so a configuration of its own was not taken */
	bool cleaned;   /* a line that says nothing is left out */
	/* for the history; NULL: it does not hear of the job */
	const char *origin, *comment;
	struct cli_session *session;
	uint32_t entry; /* 0: none */
	struct changes said, gone;
	struct emptied *emptied;
	size_t emptied_count, done;
	struct sb plan;
	struct differ differ;
};

/* ---- faults ---- */

static void keep_fault(void *ctx, const struct cli_fault *fault)
{
	struct cli_job *j = ctx;
	struct fault *own = mem_zalloc(sizeof(*own));

	own->f = *fault;
	own->f.text = mem_strdup(fault->text);
	own->f.message = mem_strdup(fault->message);
	*j->last = own;
	j->last = &own->next;
}

static void forget_faults(struct cli_job *j)
{
	struct fault *next;

	for (struct fault *f = j->faults; f; f = next) {
		next = f->next;
		mem_free((char *)f->f.text);
		mem_free((char *)f->f.message);
		mem_free(f);
	}
	j->faults = NULL;
	j->last = &j->faults;
}

/* ---- beginning, and beginning again ---- */

static void drop(struct cli_job *j)
{
	if (j->loading)
		loader_fini(&j->loader);
	j->loading = false;
	conf_free(j->aside);
	j->aside = NULL;
	mem_free(j->said.c);
	mem_free(j->gone.c);
	mem_free(j->emptied);
	j->emptied = NULL;
	j->emptied_count = 0;
	j->said = j->gone = (struct changes){0};
	j->cleaned = false;
	sb_clear(&j->plan);
	forget_faults(j);
}

static void begin_comparing(struct cli_job *j);

static void begin(struct cli_job *j)
{
	struct cli *c = j->cli;

	drop(j);
	j->begun++;
	j->seen = c->running->changed;
	j->commits = c->commits;
	if (j->source) {
		j->aside = conf_copy(j->source);
		begin_comparing(j);
		return;
	}
	j->stage = READ;
	j->aside = j->kind == CLI_JOB_FILE ? conf_copy(c->running) : conf_new(c);
	loader_init(&j->loader, j->aside, j->text, keep_fault, j);
	j->loading = true;
}

static struct cli_job *new_job(
    struct cli *c, char *text, const struct conf *source, enum cli_job_kind kind)
{
	struct cli_job *j = mem_zalloc(sizeof(*j));

	cli_seal(c);
	j->cli = c;
	j->kind = kind;
	j->text = text;
	j->source = source;
	sb_init(&j->plan);
	j->differ = (struct differ){.to = &j->plan, .costs = true};
	j->last = &j->faults;
	begin(j);
	return j;
}

struct cli_job *cli_job_new(struct cli *c, char *text, enum cli_job_kind kind)
{
	return new_job(c, text, NULL, kind);
}

struct cli_job *job_equal(struct cli *c, const struct conf *source)
{
	return new_job(c, NULL, source, CLI_JOB_FILE);
}

bool job_was_overtaken(const struct cli_job *j)
{
	return j->overtaken;
}

void cli_job_record(
    struct cli_job *j, const char *source, struct cli_session *s, const char *comment)
{
	j->origin = source;
	j->session = s;
	j->comment = comment;
}

uint32_t job_entry(const struct cli_job *j)
{
	return j->entry;
}

/* ---- comparing ---- */

static void enter(struct cli_job *j, struct conf_node *old, struct conf_node *new, bool printed)
{
	struct pair *p = &j->way[j->depth];
	struct pair *up = j->depth ? p - 1 : NULL;

	*p = (struct pair){
	    .shown = {.up = up ? &up->shown : NULL, .block = up ? new : NULL, .printed = printed},
	    .old = old,
	    .new = new,
	    .a = node_first(old),
	    .b = node_first(new),
	};
	p->shown.depth = j->depth++;
}

static bool wants_plan(const struct cli_job *j)
{
	return j->kind != CLI_JOB_FILE;
}

/* The block as it will stand in the running configuration. */
static const struct conf_node *live(const struct cli_job *j, const struct conf_node *block)
{
	return block == &j->aside->root ? &j->cli->running->root : block;
}

/* A line that the printer leaves out stays; but one that says nothing now must not wait for the day
 * on which its default changes again, and nobody has to hear of that. */
static void keep_copy(struct cli_job *j, struct conf_node *parent, const struct conf_node *n)
{
	struct conf_node *copy;

	if (!(n->rule->row->flags & (ROW_UNSAVED | ROW_QUIET)) && node_says_nothing(n)) {
		j->cleaned = true;
		return;
	}
	copy = node_clone(n);
	node_link(j->aside, parent, copy);
	for (const struct conf_node *k = node_first(n); k; k = node_next(k))
		keep_copy(j, copy, k);
	if (copy->kids || !n->kids)
		return;
	node_unlink(j->aside, copy);
	node_free(copy);
}

/* A statement that only what runs has. */
static void only_old(struct cli_job *j, struct pair *p, struct conf_node *a)
{
	bool shown = node_shown(a);

	if (wants_plan(j) && !shown) {
		keep_copy(j, p->new, a);
		return;
	}
	changes_add(&j->gone, live(j, p->new), a, NULL);
	if (wants_plan(j))
		diff_side(&j->differ, &p->shown, '-', a);
}

static void add_whole(struct cli_job *j, const struct conf_node *parent, const struct conf_node *n)
{
	changes_add(&j->said, parent, NULL, n);
	for (const struct conf_node *k = node_first(n); k; k = node_next(k))
		add_whole(j, n, k);
}

static void only_new(struct cli_job *j, struct pair *p, struct conf_node *b)
{
	if (wants_plan(j) && is_printed_so(j->cli->running, NULL, b)) {
		node_unlink(j->aside, b);
		node_free(b);
		return;
	}
	add_whole(j, live(j, p->new), b);
	if (wants_plan(j) && node_shown(b))
		diff_side(&j->differ, &p->shown, '+', b);
}

static void other_value(struct cli_job *j, struct pair *p, struct conf_node *a, struct conf_node *b)
{
	bool was = node_shown(a), is = node_shown(b);

	changes_add(&j->said, live(j, p->new), a, b);
	if (a->kids) {
		j->emptied = mem_realloc(j->emptied, (j->emptied_count + 1) * sizeof(*j->emptied));
		j->emptied[j->emptied_count++] = (struct emptied){.block = a};
	}
	if (!wants_plan(j))
		return;
	if (was && is)
		diff_values(&j->differ, &p->shown, a, b);
	else if (was || is)
		diff_side(&j->differ, &p->shown, was ? '-' : '+', was ? a : b);
}

/* A statement that both have. */
static void both(struct cli_job *j, struct pair *p, struct conf_node *a, struct conf_node *b)
{
	bool same = node_same(a, b);

	if (!same && wants_plan(j) && is_printed_so(j->cli->running, a, b)) {
		struct conf_node *copy = node_clone(a);

		node_unlink(j->aside, b);
		node_free(b);
		node_link(j->aside, p->new, copy);
		return;
	}
	if (!same)
		other_value(j, p, a, b);
	if (a->kids || b->kids)
		enter(j, a, b, !same);
}

/* The next statement of the two; false at the end of the walk. */
static bool compare_next(struct cli_job *j)
{
	struct pair *p = &j->way[j->depth - 1];
	struct conf_node *a = p->a, *b = p->b;
	int cmp;

	if (!a && !b)
		return --j->depth > 0;
	cmp = !a ? 1 : !b ? -1 : node_cmp(a, b);
	p->a = cmp <= 0 ? node_next(a) : a;
	p->b = cmp >= 0 ? node_next(b) : b;
	if (cmp < 0)
		only_old(j, p, a);
	else if (cmp > 0)
		only_new(j, p, b);
	else
		both(j, p, a, b);
	return true;
}

/* ---- the swap ---- */

static void adopt(struct conf *c)
{
	for (struct conf_node *k = node_first(&c->root); k; k = node_next(k))
		k->parent = &c->root;
}

static void swap_kids(struct conf *x, struct conf *y)
{
	struct conf_node *kids = x->root.kids;
	enum conf_profile profile = x->profile;
	size_t count = x->count, names = x->names;

	x->root.kids = y->root.kids;
	x->profile = y->profile;
	x->count = y->count;
	x->names = y->names;
	y->root.kids = kids;
	y->profile = profile;
	y->count = count;
	y->names = names;
	x->changed++;
	adopt(x);
	adopt(y);
}

/* Takes the children of changed blocks away, and gives them back. */
static void empty_changed(struct cli_job *j)
{
	for (size_t i = 0; i < j->emptied_count; i++) {
		j->emptied[i].kids = j->emptied[i].block->kids;
		j->emptied[i].block->kids = NULL;
	}
}

static void refill_changed(struct cli_job *j)
{
	for (size_t i = 0; i < j->emptied_count; i++)
		j->emptied[i].block->kids = j->emptied[i].kids;
}

/* The daemon's last look. */
static bool is_refused(struct cli_job *j)
{
	const struct cli_app *app = &j->cli->app;
	struct cli_fault fault = {.line = j->loader.line,
	    .text = "",
	    .column = 1,
	    .node = j->cli->modes[MODE_CONFIG].node};
	struct sb msg;

	if (!app->check)
		return false;
	sb_init(&msg);
	fault.rc = app->check(app->app, j->aside, j->said.c, j->said.n, &msg);
	fault.message = msg.s;
	if (fault.rc != CLI_OK || msg.len)
		keep_fault(j, &fault);
	sb_fini(&msg);
	j->fault_count += fault.rc != CLI_OK;
	return fault.rc != CLI_OK;
}

static void swap(struct cli_job *j)
{
	struct cli *c = j->cli;
	const struct cli_app *app = &c->app;

	job_settle(c);
	for (size_t i = 0; i < j->gone.n; i++)
		changes_add(&j->said, j->gone.c[i].parent, j->gone.c[i].before, NULL);
	j->stage = DONE;
	if (j->said.n ? is_refused(j) : !j->cleaned)
		return;
	if (j->said.n && j->origin)
		history_begin(c, j->origin, j->session);
	swap_kids(c->running, j->aside);
	if (!j->said.n)
		return;
	c->commits++;
	empty_changed(j);
	if (app->apply)
		app->apply(app->app, c->running, j->said.c, j->said.n);
	refill_changed(j);
	j->stage = REST;
	c->unsettled = j;
	if (j->origin)
		j->entry = history_end(c, j->comment);
}

static void rest(struct cli_job *j, size_t most)
{
	const struct cli_app *app = &j->cli->app;
	size_t left = j->said.n - j->done, n = left < most ? left : most;

	if (app->apply_rest && n)
		app->apply_rest(app->app, j->cli->running, j->said.c + j->done, n);
	j->done += n;
	if (j->done < j->said.n)
		return;
	j->cli->unsettled = NULL;
	j->stage = BURY;
}

void job_settle(struct cli *c)
{
	if (c->unsettled)
		rest(c->unsettled, SIZE_MAX);
}

/* ---- the steps ---- */

static void begin_comparing(struct cli_job *j)
{
	j->stage = COMPARE;
	j->depth = 0;
	if (j->kind != CLI_JOB_FILE)
		j->seen = j->cli->running->changed;
	j->differ.from = j->cli->running;
	j->differ.into = j->aside;
	enter(j, &j->cli->running->root, &j->aside->root, true);
}

static void end_reading(struct cli_job *j)
{
	loader_commit(&j->loader, true);
	j->loading = false;
	j->fault_count = loader_fini(&j->loader);
	if (j->kind == CLI_JOB_CHECK)
		j->stage = BURY;
	else
		begin_comparing(j);
}

static void end_comparing(struct cli_job *j)
{
	bool wanted = j->kind == CLI_JOB_FILE || (j->kind == CLI_JOB_RELOAD && !j->fault_count);

	if (wanted)
		swap(j);
	else
		j->stage = DONE;
}

static void compare_some(struct cli_job *j)
{
	for (unsigned n = PIECE_NODES; n; n--) {
		if (compare_next(j))
			continue;
		end_comparing(j);
		return;
	}
}

/* Has somebody changed what the job has looked at? */
static bool is_outdated(const struct cli_job *j)
{
	bool looked = j->stage == COMPARE || (j->stage == READ && j->kind == CLI_JOB_FILE);

	return looked && j->seen != j->cli->running->changed;
}

static void bury(struct cli_job *j)
{
	if (!conf_free_some(j->aside, PIECE_FREED))
		j->stage = DONE;
}

static void step(struct cli_job *j)
{
	switch (j->stage) {
	case READ:
		if (!loader_read(&j->loader, PIECE_LINES))
			end_reading(j);
		break;
	case COMPARE:
		compare_some(j);
		break;
	case REST:
		rest(j, PIECE_CHANGES);
		if (j->stage == BURY) /* what is small needs no step of its own */
			bury(j);
		break;
	case BURY:
		bury(j);
		break;
	case DONE:
		break;
	}
}

bool cli_job_step(struct cli_job *j)
{
	if (is_outdated(j) && j->source && j->commits != j->cli->commits) {
		j->overtaken = true;
		j->stage = DONE;
	} else if (is_outdated(j)) {
		begin(j);
	}
	step(j);
	while (j->begun > PATIENCE && cli_job_is_pending(j))
		step(j);
	return j->stage != DONE;
}

bool cli_job_is_done(const struct cli_job *j)
{
	return j->stage == DONE;
}

bool cli_job_is_pending(const struct cli_job *j)
{
	return j->stage == READ || j->stage == COMPARE;
}

size_t cli_job_end(struct cli_job *j, cli_report *report, void *ctx, struct sb *plan)
{
	bool pending = cli_job_is_pending(j);
	size_t count = pending ? 0 : j->fault_count;

	if (j->stage == REST)
		rest(j, SIZE_MAX);
	for (struct fault *f = pending ? NULL : j->faults; f && report; f = f->next)
		report(ctx, &f->f);
	if (plan && !pending)
		sb_addn(plan, j->plan.s, j->plan.len);
	drop(j);
	sb_fini(&j->plan);
	mem_free(j->text);
	mem_free(j);
	return count;
}

size_t cli_reload(
    struct cli *c, const char *text, bool check_only, cli_report *fn, void *ctx, struct sb *plan)
{
	struct cli_job *j =
	    cli_job_new(c, mem_strdup(text), check_only ? CLI_JOB_DIFF : CLI_JOB_RELOAD);

	while (cli_job_step(j))
		;
	return cli_job_end(j, fn, ctx, plan);
}
