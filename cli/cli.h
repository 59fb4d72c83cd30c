/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command language engine: compiles rows into per-mode grammars, runs lines, completes and
 * explains, and owns the running configuration and the one way to change it (the transaction).
 *
 * Everything is per struct cli; there is one in the daemon. Not thread safe, never blocks.
 * The engine itself brings the commands that every mode has (exit, quit, end, the mode's own leave
 * word, list, find, do, configure, enable, disable); everything else is rows.
 */
#ifndef FERRO_CLI_CLI_H
#define FERRO_CLI_CLI_H

#include "cli/conf.h"
#include "cli/row.h"

struct cli_words; /* a list of words under construction */
void cli_offer(struct cli_words *to, const char *word);

/* What the daemon gives. Called on the daemon's thread. Any of the functions may be NULL. */
struct cli_app {
	void *app;
	/* Last look at a whole change before it becomes real; refuse with a message in msg. */
	enum cli_rc (*check)(void *app, const struct conf *candidate,
	    const struct conf_change *changes, size_t count, struct sb *msg);
	/* The change is real now: `running` holds it. Cannot fail. Not called for an empty change.
	 */
	void (*apply)(
	    void *app, const struct conf *running, const struct conf_change *changes, size_t count);
	/* The rest of the same change: what apply left of it, since there may be very many of them
	 * and none depends on another. Called with a part of the list, in order, and again. */
	void (*apply_rest)(
	    void *app, const struct conf *running, const struct conf_change *changes, size_t count);
	const char *(*hostname)(void *app);
	/* Existing names for a variable token, for ? and TAB: `name` is the argument ("peer",
	 * "rmap_name", "interface"), block the block that the session is in. Words that do not fit
	 * the token are left out by the engine. */
	void (*offer)(
	    void *app, const struct conf_node *block, const char *name, struct cli_words *to);
	/* The name of the user behind a session, for the history; nothing if unknown. */
	void (*user)(void *app, struct cli_session *s, struct sb *to);
	const struct cli_store *store; /* NULL: nothing outlives the process, no alarm comes */
};

/* Where the history and the way back from an unconfirmed commit are kept. All are given, or none.
 */
enum cli_put { CLI_PUT_PENDING, CLI_PUT_DONE, CLI_PUT_FAILED };
struct cli_store {
	int64_t (*now)(void *app); /* wall clock, seconds */
	/* The text under a name, at most so many bytes of it (0: all); NULL: there is none. The
	 * caller frees it (mem_free). */
	char *(*get)(void *app, const char *name, size_t most);
	/* Keeps a text whole or, on failure, what was there; NULL removes. What is kept is read
	 * back from now on. True: it survives a crash of the machine, now or, where there is
	 * `settled`, once that says so. */
	bool (*put)(void *app, const char *name, const char *text);
	/* Calls cli_expire in so many seconds; replaces an alarm set before; 0: none. */
	void (*alarm)(void *app, unsigned seconds);
	/* NULL: put waits for the disk. How many texts have been put; and what became of those
	 * behind the first `from` up to the `to`-th. Sessions that wait (cli_wait) are woken when
	 * that changes. */
	uint64_t (*puts)(void *app);
	enum cli_put (*settled)(void *app, uint64_t from, uint64_t to);
};

/* All tables are static const and outlive the cli. modes[0..2] are view, enable, configure. */
struct cli *cli_new(const struct cli_app *app, const struct cli_mode *modes, size_t mode_count,
    const struct cli_word *lexicon, size_t word_count);
/* Rows print in the order in which they are added; all are added before the first session. Aborts
 * on a syntax string that does not parse: that is a bug, found by the unit test over every row. */
void cli_add_rows(struct cli *c, const struct cli_row *rows, size_t count);
void cli_free(struct cli *c); /* sessions first */
const struct conf *cli_running(const struct cli *c);
/* The command reference: every mode, its commands, the help of their words; in Markdown. */
void cli_reference(struct cli *c, struct sb *to);

/* A session is one user's place: mode and block. */
struct cli_session *cli_session_new(struct cli *c, uint8_t start_mode);
void cli_session_free(struct cli_session *s);
uint8_t cli_session_mode(const struct cli_session *s);
void cli_session_set_mode(struct cli_session *s, uint8_t mode); /* view, enable or configure */
/* `enable` is an unknown command in this session from now on. */
void cli_session_confine(struct cli_session *s);
bool cli_session_closed(const struct cli_session *s); /* the user said exit at the top */
/* Who holds the session: the vty connection, for rows that belong to the shell. NULL at first. */
void cli_session_set_owner(struct cli_session *s, void *owner);
void *cli_session_owner(const struct cli_session *s);
/* The block that the session is in: NULL if it is gone or not there yet, the root in configure. */
const struct conf_node *cli_session_block(const struct cli_session *s);
/* "r1(config-router)# " */
void cli_prompt(const struct cli_session *s, struct sb *to);

/* Runs one line. Output, errors in FRR's words included, is appended to `to`. CLI_SUSPEND: call
 * cli_more as the output drains (it returns CLI_SUSPEND until the end), or cli_cancel. */
enum cli_rc cli_exec(struct cli_session *s, const char *line, struct sb *to);
enum cli_rc cli_more(struct cli_session *s, struct sb *to);
/* Is there nothing to call cli_more for before something else has happened (cli_wait)? */
bool cli_waits(const struct cli_session *s);
void cli_cancel(struct cli_session *s);

/* Completion (TAB): the words that fit at the end of line, sorted, one per line with help, tab
 * separated: "word\thelp\n"; existing names for variable tokens are among them. The result says
 * whether the line so far can be continued at all (CLI_OK, CLI_NO_MATCH). */
enum cli_rc cli_complete(struct cli_session *s, const char *line, struct sb *to);
/* What `?` prints behind the typed text (FRR's layout and texts, without the leading newline and
 * without the prompt), width in columns. */
enum cli_rc cli_explain(struct cli_session *s, const char *line, unsigned width, struct sb *to);

/* A fault in a configuration text; rc CLI_OK: only a note. */
struct cli_fault {
	unsigned line;    /* counts from 1 */
	const char *text; /* the line as it is in the file, without newline */
	enum cli_rc rc;
	unsigned column; /* where it is, from 1: the first word that does not fit */
	unsigned node;   /* cli_mode.node of the mode in which it was read */
	const char
	    *message; /* what the statement's check said, lines with newlines; "" for others */
};
typedef void cli_report(void *ctx, const struct cli_fault *fault);
/* The fault in the words of FRR's `vtysh -f`: "line 3: % Unknown command[28]:  foo bar\n". Messages
 * of checks go to out, the rest to err. */
void cli_fault_print(const struct cli_fault *f, struct sb *out, struct sb *err);
/* The fault with its place: "line 3, column 5: % Unknown command: foo bar\n". */
void cli_fault_locate(const struct cli_fault *f, struct sb *to);

/* Loads a configuration text as one transaction: every line is tried, faults are reported and
 * skipped, the rest is committed at the end (check_only: not). Returns the number of faults. */
size_t cli_load(struct cli *c, const char *text, bool check_only, cli_report *report, void *ctx);
/* As cli_load, but afterwards the configuration is exactly the text: what it lacks is removed, what
 * it has already is not touched. A single fault, and nothing is done: a line that was not
 * understood must not remove what it was meant to say. plan (may be NULL) gets the difference, each
 * statement with what its change costs, also with faults and for check_only. */
size_t cli_reload(struct cli *c, const char *text, bool check_only, cli_report *report, void *ctx,
    struct sb *plan);

/* The same in pieces, while the router works. */
enum cli_job_kind {
	CLI_JOB_FILE,   /* as cli_load */
	CLI_JOB_RELOAD, /* as cli_reload */
	CLI_JOB_DIFF,   /* as cli_reload that only checks */
	CLI_JOB_CHECK,  /* the text is read by itself, as if nothing ran, and that is all */
};
struct cli_job;
/* The text is taken over. */
struct cli_job *cli_job_new(struct cli *c, char *text, enum cli_job_kind kind);
/* The job's change becomes an entry of the history, in the step that makes it real: source is one
 * word ("reload"), s says who (NULL: nobody), comment may be NULL; all outlive the job. */
void cli_job_record(
    struct cli_job *j, const char *source, struct cli_session *s, const char *comment);
/* A piece of it; true while there is more. Reading, comparing, the daemon's bulk and freeing what
 * was go in pieces of about a millisecond; copying a whole tree, and the text of the history's
 * entry, are one piece each. Whoever changes the running configuration meanwhile is heard: then the
 * job begins again. */
bool cli_job_step(struct cli_job *j);
bool cli_job_is_done(const struct cli_job *j); /* what cli_job_step says */
/* May it still be dropped without anything having changed? */
bool cli_job_is_pending(const struct cli_job *j);
/* Reports the faults and frees the job, which is finished first if its change is real already, and
 * dropped if it is not. Returns the number of faults; plan may be NULL. */
size_t cli_job_end(struct cli_job *j, cli_report *report, void *ctx, struct sb *plan);

/* Is there a commit that will be taken back unless it is confirmed? */
bool cli_unconfirmed(const struct cli *c);
/* Takes it back, if there is one. On failure (the daemon's check refused) msg has the reason. */
enum cli_rc cli_expire(struct cli *c, struct sb *msg);
/* At start, instead of the configuration file: if the daemon ended with a commit unconfirmed, the
 * configuration before it is loaded. False: there is nothing of the kind. */
bool cli_recover(struct cli *c, struct sb *msg);
/* The text with "exit" where a line leaves a block without saying so, and "end" behind it (vtysh
 * -m). Changes nothing. A line that does not parse ends it: then err has the message. */
enum cli_rc cli_mark(struct cli *c, const char *text, struct sb *to, struct sb *err);
/* The configuration as `show running-config` prints it between its header and "end". */
void cli_print(const struct cli *c, struct sb *to);
/* The same in pieces: cli_printer_step appends about `bytes` and returns true while there is more.
 * The configuration may change in between; the printer goes on behind the last line printed.
 * want chooses top-level statements by their row (NULL: all); ctx must outlive the printer. */
typedef bool cli_want(void *ctx, const struct cli_row *row);
struct cli_printer *cli_printer_new(const struct cli *c, cli_want *want, void *ctx);
bool cli_printer_step(struct cli_printer *p, struct sb *to, size_t bytes);
void cli_printer_free(struct cli_printer *p);

#endif
