/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store of the command engine: see store.h.
 *
 * The engine chooses names and contents; here they are only files, each replaced whole, one after
 * another, by the disk's thread (lib/disk.h). Until a text is there, and also if it cannot be
 * written, it is read from memory; a failure is told in the log, and whoever needs the file (a
 * confirmed commit) hears of it by store_settled.
 */
#include "bgpd/store.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/stat.h>

#include "bgpd/instance.h"
#include "bgpd/options.h"
#include "lib/clock.h"
#include "lib/disk.h"
#include "lib/file.h"
#include "lib/list.h"
#include "lib/mem.h"
#include "lib/task.h"

enum { FOLDER_MODE = 0700 };

static void path_of(const struct instance *inst, const char *name, struct sb *path)
{
	sb_init(path);
	sb_fmt(path, "%s/history%s%s", inst->opts->lib_dir, *name ? "/" : "", name);
}

static int64_t store_now(void *app)
{
	(void)app;
	return clock_epoch();
}

/* ---- texts on their way ---- */

/* A text that was put: on its way to the disk, or one that did not get there. */
struct kept {
	struct list_head link; /* of store.kept, the newest last */
	struct instance *inst;
	struct sb folder, path;
	char *text; /* NULL: remove it */
	uint64_t number;
	bool failed;
};

enum { FAILURES = 64 };

struct store {
	struct list_head kept;
	uint64_t puts, done;
	uint64_t failures[FAILURES]; /* numbers of the last ones that failed, in a ring */
	unsigned failed;
};

struct store *store_new(void)
{
	struct store *s = mem_zalloc(sizeof(*s));

	list_init(&s->kept);
	return s;
}

static void kept_free(struct kept *k)
{
	list_del(&k->link);
	sb_fini(&k->folder);
	sb_fini(&k->path);
	mem_free(k->text);
	mem_free(k);
}

void store_free(struct store *s)
{
	struct kept *k, *next;

	list_for_each_safe (k, next, &s->kept, link)
		kept_free(k);
	mem_free(s);
}

/* In the disk's thread. */
static int write_kept(void *ctx)
{
	const struct kept *k = ctx;
	bool ok;

	if (k->text)
		mkdir(k->folder.s, FOLDER_MODE);
	ok = k->text ? file_replace(k->path.s, k->text, strlen(k->text)) : file_remove(k->path.s);
	return ok ? 0 : errno;
}

/* Those of the same name that failed before count no more. */
static void forget_older(struct store *s, const struct kept *than)
{
	struct kept *k, *next;

	list_for_each_safe (k, next, &s->kept, link)
		if (k->failed && k != than && !strcmp(k->path.s, than->path.s))
			kept_free(k);
}

static void on_written(void *ctx, int error)
{
	struct kept *k = ctx;
	struct store *s = k->inst->store;

	s->done = k->number;
	forget_older(s, k);
	if (!error) {
		kept_free(k);
		return;
	}
	log_msg(k->inst->log, LOG_ERR, NULL, 0, "cannot write %s: %s", k->path.s, strerror(error));
	s->failures[s->failed++ % FAILURES] = k->number;
	k->failed = true;
	if (!k->text)
		kept_free(k); /* it is there still, and is to be seen */
}

static bool store_put(void *app, const char *name, const char *text)
{
	struct instance *inst = app;
	struct kept *k = mem_zalloc(sizeof(*k));

	k->inst = inst;
	path_of(inst, "", &k->folder);
	path_of(inst, name, &k->path);
	k->text = text ? mem_strdup(text) : NULL;
	k->number = ++inst->store->puts;
	list_add_tail(&inst->store->kept, &k->link);
	disk_do(inst->disk, write_kept, on_written, k);
	return true;
}

static uint64_t store_puts(void *app)
{
	return ((struct instance *)app)->store->puts;
}

static enum cli_put store_settled(void *app, uint64_t from, uint64_t to)
{
	const struct store *s = ((struct instance *)app)->store;

	if (s->done < to)
		return CLI_PUT_PENDING;
	for (unsigned i = 0; i < FAILURES && i < s->failed; i++)
		if (s->failures[i] > from && s->failures[i] <= to)
			return CLI_PUT_FAILED;
	return CLI_PUT_DONE;
}

/* What was put last under the path. */
static const struct kept *newest(const struct store *s, const char *path)
{
	const struct kept *k, *found = NULL;

	list_for_each (k, &s->kept, link)
		if (!strcmp(k->path.s, path))
			found = k;
	return found;
}

static char *store_get(void *app, const char *name, size_t most)
{
	const struct instance *inst = app;
	const struct kept *k;
	struct sb path;
	char *text = NULL;

	path_of(app, name, &path);
	k = newest(inst->store, path.s);
	if (k && k->text)
		text = most ? mem_strndup(k->text, most) : mem_strdup(k->text);
	else if (!k)
		text = most ? file_read_head(path.s, most) : file_read(path.s);
	sb_fini(&path);
	return text;
}

static void on_alarm(evutil_socket_t fd, short what, void *ctx)
{
	struct instance *inst = ctx;
	struct sb msg;

	(void)fd;
	(void)what;
	if (!cli_unconfirmed(inst->cli))
		return;
	sb_init(&msg);
	if (cli_expire(inst->cli, &msg) == CLI_OK)
		log_msg(inst->log, LOG_WARNING, NULL, 0,
		    "the last commit was not confirmed and is taken back");
	else
		log_msg(inst->log, LOG_ERR, NULL, 0,
		    "the last commit was not confirmed and cannot be taken back: %s", msg.s);
	sb_fini(&msg);
}

static void store_alarm(void *app, unsigned seconds)
{
	struct instance *inst = app;
	struct timeval after = {.tv_sec = seconds};

	if (!inst->expiry) {
		inst->expiry = evtimer_new(inst->base, on_alarm, inst);
		event_priority_set(inst->expiry, PRIO_HIGH);
	}
	if (seconds)
		event_add(inst->expiry, &after);
	else
		event_del(inst->expiry);
}

const struct cli_store store_ops = {
    .now = store_now,
    .get = store_get,
    .put = store_put,
    .alarm = store_alarm,
    .puts = store_puts,
    .settled = store_settled,
};
