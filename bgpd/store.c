/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store of the command engine: see store.h.
 *
 * The engine chooses names and contents; here they are only files, each replaced whole. A history
 * that cannot be written is told in the log and stays in memory; whoever needs the file (a
 * confirmed commit) hears of it by the result.
 */
#include "bgpd/store.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/stat.h>

#include "bgpd/instance.h"
#include "bgpd/options.h"
#include "lib/clock.h"
#include "lib/file.h"
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

static char *store_get(void *app, const char *name, size_t most)
{
	struct sb path;
	char *text;

	path_of(app, name, &path);
	text = most ? file_read_head(path.s, most) : file_read(path.s);
	sb_fini(&path);
	return text;
}

static bool store_put(void *app, const char *name, const char *text)
{
	struct instance *inst = app;
	struct sb folder, path;
	bool ok;

	path_of(inst, "", &folder);
	path_of(inst, name, &path);
	if (text)
		mkdir(folder.s, FOLDER_MODE);
	ok = text ? file_replace(path.s, text, strlen(text)) : file_remove(path.s);
	if (!ok)
		log_msg(
		    inst->log, LOG_ERR, NULL, 0, "cannot write %s: %s", path.s, strerror(errno));
	sb_fini(&folder);
	sb_fini(&path);
	return ok;
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
};
