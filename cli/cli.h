/* The command language engine: compiles rows into per-mode grammars, runs lines, completes and
 * explains, and owns the running configuration and the one way to change it (the transaction).
 *
 * Everything is per struct cli; there is one in the daemon. Not thread safe, never blocks.
 */
#ifndef FERRO_CLI_CLI_H
#define FERRO_CLI_CLI_H

#include "cli/conf.h"
#include "cli/row.h"

/* What the daemon gives. Called on the daemon's thread. */
struct cli_app {
	void *app;
	/* Last look at a whole change before it becomes real; refuse with a message in err. NULL: none */
	enum cli_rc (*check)(void *app, const struct conf *candidate, const struct conf_change *changes,
	    size_t count, struct sb *err);
	/* The change is real now: `running` holds it. Cannot fail. */
	void (*apply)(
	    void *app, const struct conf *running, const struct conf_change *changes, size_t count);
	const char *(*hostname)(void *app);
	/* Words for a variable token in completion ("PEER", "INTERFACE", ...): add with cli_offer. */
	void (*offer)(void *app, const char *token, struct cli_words *to);
};

struct cli_words; /* a list of words under construction */
void cli_offer(struct cli_words *to, const char *word);

/* All tables are static const and outlive the cli. */
struct cli *cli_new(const struct cli_app *app, const struct cli_mode *modes, size_t mode_count,
    const struct cli_word *lexicon, size_t word_count);
/* Rows print in the order in which they are added. Aborts on a syntax string that does not parse:
 * that is a bug, found by the unit test over every row. */
void cli_add_rows(struct cli *c, const struct cli_row *rows, size_t count);
void cli_free(struct cli *c);
const struct conf *cli_running(const struct cli *c);

/* A session is one user's place: mode, block, candidate. `user_mode`: where it starts. */
struct cli_session *cli_session_new(struct cli *c, uint8_t start_mode);
void cli_session_free(struct cli_session *s);
uint8_t cli_session_mode(const struct cli_session *s);
void cli_session_set_mode(struct cli_session *s, uint8_t mode);
void cli_prompt(const struct cli_session *s, struct sb *to); /* "r1(config-router)# " */

/* Runs one line. Output, errors in FRR's words included, is appended to `to`. CLI_SUSPEND: call
 * cli_more as the output drains (it returns CLI_SUSPEND until the end), or cli_cancel. */
enum cli_rc cli_exec(struct cli_session *s, const char *line, struct sb *to);
enum cli_rc cli_more(struct cli_session *s, struct sb *to);
void cli_cancel(struct cli_session *s);

/* Completion: the words that fit at the end of line, one per line with help, tab separated:
 * "word\thelp\n"; variable tokens are offered as they are spelled in the syntax. The result says
 * whether the line so far can be parsed at all (CLI_OK, CLI_NO_MATCH, CLI_AMBIGUOUS). */
enum cli_rc cli_complete(struct cli_session *s, const char *line, struct sb *to);
/* What `?` prints behind the typed text (FRR's layout and texts), width in columns. */
enum cli_rc cli_explain(struct cli_session *s, const char *line, unsigned width, struct sb *to);

/* Loads a configuration text as one transaction: every line is tried, faults are reported through
 * `fault` (line counts from 1) and skipped, the rest is committed at the end (check_only: not).
 * Returns the number of faults. */
typedef void cli_fault(
    void *ctx, unsigned line, const char *text, enum cli_rc rc, const char *message);
size_t cli_load(struct cli *c, const char *text, bool check_only, cli_fault *fault, void *ctx);
/* As cli_load, but afterwards the configuration is exactly the text: what it lacks is removed. */
size_t cli_reload(struct cli *c, const char *text, bool check_only, cli_fault *fault, void *ctx);
/* The configuration as `show running-config` prints it between header and "end". */
void cli_print(const struct conf *c, struct sb *to);

#endif
