/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configurations that were, and the way back to them.
 *
 * A whole change (a commit of a candidate, a file, a reload, a rollback) is one entry. Lines typed
 * in `configure terminal` are commits of one line each and must cost no more than that, so they
 * become one entry together, when the next whole change comes or somebody looks at the history.
 * The last HISTORY_MAX entries are kept, each in the daemon's store, under one of HISTORY_MAX
 * names, as a configuration file with comments in front. Memory has only what the list shows; a
 * text is read when somebody wants it. Without a store, or if it cannot be written, the texts stay
 * in memory, HISTORY_BYTES of them. A start reads nothing of this but the way back.
 *
 * The store may take its time to reach the disk, in the order in which it was asked. Whoever
 * answers a user waits for that (history_settled); a commit that can be taken back begins only
 * then, since the way back has to be there first. A confirmation that did not reach the disk is
 * none.
 *
 * A confirmed commit keeps the configuration before it in the store, before anything changes, until
 * it is confirmed or taken back: whatever happens to the shell or to the daemon, nobody has to
 * remember. A daemon that starts and finds it goes back at once. A commit may take several steps,
 * and several may be under way: each guards the way back until it is real or has failed, and only a
 * commit that is real can be confirmed. So nobody takes the net away below somebody else.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/internal.h"

enum { HISTORY_MAX = 20, HISTORY_BYTES = 16 << 20, NAME_MAX_LEN = 32, TIME_LEN = 32 };
enum { HEAD_BYTES = 8192 }; /* of an entry in the store, with its comments: the text goes on */

static const char pending_name[] = "unconfirmed.conf";

struct entry {
	uint32_t number;
	int64_t when;
	char *source, *user, *comment; /* never NULL */
	char *text;                    /* NULL: it is in the store */
	size_t len;                    /* of text */
};

struct history {
	struct entry e[HISTORY_MAX]; /* oldest first */
	unsigned n;
	uint64_t recorded;     /* cli.commits when the last entry was made */
	char *source, *user;   /* of what has changed since; NULL: nothing has */
	char *read;            /* the text that was asked for last */
	char *pending;         /* the configuration to go back to; NULL: nobody needs one */
	uint32_t pending_from; /* number of the unconfirmed one; 0: typed lines, or lost */
	unsigned guards;       /* confirmed commits that are not real yet */
	bool armed;            /* one is real, and not confirmed */
	int64_t until;         /* when it is taken back */
	char *confirmed;       /* pending before the last confirmation; NULL: none since */
};

/* ---- the store ---- */

static int64_t now(const struct cli *c)
{
	return c->app.store && c->app.store->now ? c->app.store->now(c->app.app) : 0;
}

static bool put(const struct cli *c, const char *name, const struct sb *text)
{
	const struct cli_store *s = c->app.store;

	return !s || s->put(c->app.app, name, text ? text->s : NULL);
}

uint64_t history_puts(const struct cli *c)
{
	const struct cli_store *s = c->app.store;

	return s && s->puts ? s->puts(c->app.app) : 0;
}

enum cli_put history_settled(const struct cli *c, uint64_t from, uint64_t to)
{
	const struct cli_store *s = c->app.store;

	return from < to && s && s->settled ? s->settled(c->app.app, from, to) : CLI_PUT_DONE;
}

static void alarm_in(const struct cli *c, unsigned seconds)
{
	if (c->app.store)
		c->app.store->alarm(c->app.app, seconds);
}

static void slot_name(uint32_t number, char name[NAME_MAX_LEN])
{
	snprintf(name, NAME_MAX_LEN, "%02" PRIu32 ".conf", number % HISTORY_MAX);
}

/* True if the store has it from now on. */
static bool put_entry(const struct cli *c, const struct entry *e)
{
	char name[NAME_MAX_LEN];
	struct sb file;
	bool ok;

	sb_init(&file);
	sb_fmt(&file, "! number %" PRIu32 "\n! time %" PRId64 "\n! source %s\n! user %s\n",
	    e->number, e->when, e->source, e->user);
	sb_fmt(&file, "! comment %s\n", e->comment);
	sb_add(&file, e->text);
	slot_name(e->number, name);
	ok = c->app.store && put(c, name, &file);
	sb_fini(&file);
	return ok;
}

/* The rest of the line that begins with "! KEY "; *text moves behind it. NULL: another line. */
static char *take_header(const char **text, const char *key)
{
	size_t len = strlen(key), end;
	const char *value;

	if (strncmp(*text, "! ", 2) != 0 || strncmp(*text + 2, key, len) != 0 ||
	    (*text)[2 + len] != ' ')
		return NULL;
	value = *text + 2 + len + 1;
	end = strcspn(value, "\n");
	*text = value + end + (value[end] == '\n');
	return mem_strndup(value, end);
}

/* What stands in front of the configuration; *text is where that begins. */
static bool parse_entry(const char *file, struct entry *e, const char **text)
{
	char *number = take_header(&file, "number"), *when = take_header(&file, "time");

	e->source = take_header(&file, "source");
	e->user = take_header(&file, "user");
	e->comment = take_header(&file, "comment");
	e->number = number ? (uint32_t)strtoul(number, NULL, 10) : 0;
	e->when = when ? strtoll(when, NULL, 10) : 0;
	mem_free(number);
	mem_free(when);
	*text = file;
	return e->number && e->source && e->user && e->comment;
}

/* ---- entries ---- */

static void entry_fini(struct entry *e)
{
	mem_free(e->source);
	mem_free(e->user);
	mem_free(e->comment);
	mem_free(e->text);
}

static void drop_oldest(struct history *h)
{
	entry_fini(&h->e[0]);
	memmove(h->e, h->e + 1, --h->n * sizeof(h->e[0]));
}

/* Makes room for an entry of so many bytes. */
static void make_room(struct history *h, size_t len)
{
	size_t bytes = len;

	for (unsigned i = 0; i < h->n; i++)
		bytes += h->e[i].len;
	while (h->n && (h->n == HISTORY_MAX || bytes > HISTORY_BYTES)) {
		bytes -= h->e[0].len;
		drop_oldest(h);
	}
}

static void insert(struct history *h, struct entry *e)
{
	unsigned at;

	make_room(h, e->len);
	for (at = h->n; at && h->e[at - 1].number > e->number; at--)
		h->e[at] = h->e[at - 1];
	h->e[at] = *e;
	h->n++;
}

static void load_store(const struct cli *c, struct history *h)
{
	const struct cli_store *s = c->app.store;
	char name[NAME_MAX_LEN];

	for (uint32_t slot = 0; s && slot < HISTORY_MAX; slot++) {
		struct entry e = {0};
		const char *text;
		char *file;

		slot_name(slot, name);
		file = s->get(c->app.app, name, HEAD_BYTES);
		if (!file)
			continue;
		if (parse_entry(file, &e, &text))
			insert(h, &e);
		else
			entry_fini(&e);
		mem_free(file);
	}
}

/* The configuration of an entry, for the caller to free; NULL: the store has lost it. */
static char *entry_text(const struct cli *c, const struct entry *e)
{
	char name[NAME_MAX_LEN], *file, *found = NULL;
	struct entry read = {0};
	const char *text;

	if (e->text)
		return mem_strdup(e->text);
	slot_name(e->number, name);
	file = c->app.store->get(c->app.app, name, 0);
	if (!file)
		return NULL;
	if (parse_entry(file, &read, &text) && read.number == e->number)
		found = mem_strdup(text);
	entry_fini(&read);
	mem_free(file);
	return found;
}

static struct history *history_of(struct cli *c)
{
	if (!c->history) {
		c->history = mem_zalloc(sizeof(*c->history));
		load_store(c, c->history);
	}
	return c->history;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	while (h->n)
		drop_oldest(h);
	mem_free(h->source);
	mem_free(h->user);
	mem_free(h->pending);
	mem_free(h->confirmed);
	mem_free(h->read);
	mem_free(h);
}

static void forget_label(struct history *h)
{
	mem_free(h->source);
	mem_free(h->user);
	h->source = h->user = NULL;
}

/* Makes an entry of what has changed since the last one; none if it came out the same. */
static uint32_t record(struct cli *c, struct history *h, const char *comment)
{
	const struct entry *last = h->n ? &h->e[h->n - 1] : NULL;
	char *before;
	bool same;
	struct entry e = {.number = last ? last->number + 1 : 1, .when = now(c)};
	struct sb text;

	if (h->recorded == c->commits && last)
		return last->number;
	h->recorded = c->commits;
	sb_init(&text);
	cli_print(c, &text);
	before = last ? entry_text(c, last) : NULL;
	same = before && !strcmp(before, text.s);
	mem_free(before);
	if (same) {
		sb_fini(&text);
		forget_label(h);
		return last->number;
	}
	e.len = text.len;
	e.text = sb_steal(&text);
	e.source = mem_strdup(h->source ? h->source : "start");
	e.user = mem_strdup(h->user ? h->user : "");
	e.comment = mem_strdup(comment);
	forget_label(h);
	if (put_entry(c, &e)) {
		mem_free(e.text);
		e.text = NULL;
		e.len = 0;
	}
	insert(h, &e);
	return e.number;
}

void history_begin(struct cli *c, const char *source, struct cli_session *s)
{
	struct history *h = history_of(c);
	struct sb user;

	sb_init(&user);
	if (c->app.user && s)
		c->app.user(c->app.app, s, &user);
	if (!h->source || strcmp(h->source, source) != 0 || strcmp(h->user, user.s) != 0) {
		record(c, h, "");
		forget_label(h);
		h->source = mem_strdup(source);
		h->user = mem_strdup(user.s);
	}
	sb_fini(&user);
}

uint32_t history_end(struct cli *c, const char *comment)
{
	return record(c, history_of(c), comment ? comment : "");
}

const char *history_text(struct cli *c, uint32_t number)
{
	struct history *h = history_of(c);

	record(c, h, "");
	mem_free(h->read);
	h->read = NULL;
	for (unsigned i = 0; i < h->n; i++)
		if (h->e[i].number == number)
			h->read = entry_text(c, &h->e[i]);
	return h->read;
}

void history_show(struct cli *c, struct out *out)
{
	struct history *h = history_of(c);
	char when[TIME_LEN];
	struct tm tm;

	record(c, h, "");
	out_text(
	    out, "%6s  %-19s  %-12s  %-9s  %s\n", "Number", "Time", "User", "Source", "Comment");
	for (unsigned i = h->n; i-- > 0;) {
		const struct entry *e = &h->e[i];
		time_t t = (time_t)e->when;

		localtime_r(&t, &tm);
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
		out_text(out, "%6" PRIu32 "  %s  %-12s  %-9s  %s\n", e->number, when,
		    *e->user ? e->user : "-", e->source, e->comment);
	}
}

/* ---- confirmed commits ---- */

/* What runs now is where a commit that is still to come would go back to. */
static bool keep_running(struct cli *c, struct history *h)
{
	struct sb text;
	bool ok;

	sb_init(&text);
	cli_print(c, &text);
	ok = put(c, pending_name, &text);
	if (ok) {
		mem_free(h->confirmed);
		h->confirmed = h->pending;
		h->pending = sb_steal(&text);
	}
	sb_fini(&text);
	return ok;
}

static bool forget_pending(struct cli *c, struct history *h)
{
	if (!put(c, pending_name, NULL))
		return false;
	mem_free(h->confirmed);
	h->confirmed = h->pending;
	h->pending = NULL;
	return true;
}

bool history_guard(struct cli *c)
{
	struct history *h = history_of(c);

	if (!h->armed && !keep_running(c, h))
		return false;
	h->guards++;
	return true;
}

void history_unguard(struct cli *c)
{
	struct history *h = history_of(c);

	if (!--h->guards && !h->armed)
		forget_pending(c, h);
}

void history_watch(struct cli *c, uint32_t number, unsigned seconds)
{
	struct history *h = history_of(c);

	h->guards--;
	h->armed = true;
	h->pending_from = number;
	history_delay(c, seconds);
}

void history_delay(struct cli *c, unsigned seconds)
{
	history_of(c)->until = now(c) + seconds;
	alarm_in(c, seconds);
}

bool history_confirm(struct cli *c)
{
	struct history *h = history_of(c);

	if (!h->armed || !(h->guards ? keep_running(c, h) : forget_pending(c, h)))
		return false;
	alarm_in(c, 0);
	h->armed = false;
	return true;
}

void history_unconfirm(struct cli *c)
{
	struct history *h = history_of(c);
	int64_t left = h->until - now(c);

	if (h->armed || h->guards || !h->confirmed)
		return; /* there is another way back by now */
	mem_free(h->pending);
	h->pending = h->confirmed;
	h->confirmed = NULL;
	h->armed = true;
	alarm_in(c, left > 1 ? (unsigned)left : 1);
}

bool cli_unconfirmed(const struct cli *c)
{
	return c->history && c->history->armed;
}

enum cli_rc cli_expire(struct cli *c, struct sb *msg)
{
	struct history *h = history_of(c);
	char comment[NAME_MAX_LEN];
	struct conf *before;
	enum cli_rc rc;

	if (!h->armed)
		return CLI_OK;
	history_begin(c, "rollback", NULL);
	before = conf_parse(c, h->pending, NULL);
	rc = cli_become(c, before, msg);
	conf_free(before);
	snprintf(comment, sizeof(comment), "%" PRIu32 " was not confirmed", h->pending_from);
	history_end(c, comment);
	if (rc == CLI_OK) /* else a start may still go back */
		history_confirm(c);
	return rc;
}

bool cli_recover(struct cli *c, struct sb *msg)
{
	const struct cli_store *s = c->app.store;
	struct history *h;
	char *pending;

	if (!s || cli_unconfirmed(c))
		return false;
	pending = s->get(c->app.app, pending_name, 0);
	if (!pending)
		return false;
	h = history_of(c);
	h->pending = pending;
	h->armed = true;
	h->pending_from = h->n ? h->e[h->n - 1].number : 0;
	return cli_expire(c, msg) == CLI_OK;
}
