/* A command is one row of a table. Everything about the command language is derived from the rows:
 * parsing, abbreviations, completion, help, `list`, `no`, the printed configuration and its diff.
 *
 * Syntax is FRR's notation: keyword, <a|b>, [optional], {any|of} in any order, (1-65535),
 * A.B.C.D, A.B.C.D/M, X:X::X:X, X:X::X:X/M, WORD-like names in capitals, LINE..., ASNUM, and
 * `$name` behind a token to name its argument. One addition: `=` behind a token marks a word that
 * belongs to a statement's value; all other words are its key. Two statements with one key replace
 * each other. `no` forms are derived from the row and are never written.
 */
#ifndef FERRO_CLI_ROW_H
#define FERRO_CLI_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/out.h"
#include "lib/prefix.h"
#include "lib/sb.h"

/* Results, with the values that stand in the last byte of a reply on a vty socket. */
enum cli_rc {
	CLI_OK = 0,
	CLI_WARNING = 1,
	CLI_NO_MATCH = 2,
	CLI_AMBIGUOUS = 3,
	CLI_INCOMPLETE = 4,
	CLI_SUSPEND = 12, /* the answer goes on: see cli_defer */
	CLI_CONFIG_FAILED = 13,
};

struct cli;
struct cli_args;
struct cli_session;
struct conf;
struct conf_node;

/* What a running command sees. All of it belongs to the session and ends with the call, but for a
 * deferred answer, which keeps session and out. */
struct cli_call {
	void *app; /* the daemon's own: struct instance * */
	struct cli *cli;
	struct cli_session *session;
	const struct cli_row *row;
	const struct cli_args *args;
	struct out *out; /* JSON if the line has the keyword json, else text */
	bool no;         /* the line began with `no` (exec rows with ROW_NO only) */
};

/* An exec command. Errors are printed to out; the result is the exit status. */
typedef enum cli_rc cli_run(struct cli_call *call);

/* Refuses a statement in the context of a candidate before it is stored: parent is the block's node
 * (NULL at top level), no: the statement is being removed. The message goes to err, FRR's wording.
 * Must not change anything. */
typedef enum cli_rc cli_check(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *err);

/* Writes what a statement says into a settings struct (the object's, as the row's `object` says).
 * Called by replay only, on a fresh struct that holds the defaults. `no`: a stored negation. */
typedef void cli_apply(void *settings, const struct cli_args *args, bool no);

enum cli_row_flag {
	ROW_CONFIG = 1 << 0,     /* a configuration statement (cli_apply, cli_check) */
	ROW_BLOCK = 1 << 1,      /* ... that opens a block: `enters` is its mode */
	ROW_NO = 1 << 2,         /* an exec command with a `no` form (no debug ...) */
	ROW_ON = 1 << 3,         /* on by default in every profile: stores its negation */
	ROW_ON_TRADITIONAL = 1 << 4, /* on by default in this profile only */
	ROW_ON_DATACENTER = 1 << 5,
	ROW_ALIAS = 1 << 6,      /* deprecated spelling: `canonical` says the statement it stands for */
	ROW_HIDDEN = 1 << 7,     /* not offered by list, ? and TAB */
	ROW_OWNS = 1 << 8,       /* `no` of it takes along every line with the same first argument */
	ROW_MULTI = 1 << 9,      /* the block may be entered again: same key, children merge */
	ROW_BY_ARG = 1 << 10,    /* sorts with its siblings by first argument, then by row: neighbors */
	ROW_UNSAVED = 1 << 11,   /* takes effect but is not printed */
};

/* The strongest effect of the changed statements decides what a peer has to go through. */
enum cli_effect {
	EFFECT_NONE,
	EFFECT_SEND_AGAIN,
	EFFECT_RECEIVE_AGAIN,
	EFFECT_RESET,
};

struct cli_row {
	uint32_t modes; /* bit mask of 1 << mode */
	const char *syntax;
	/* Help of the tokens in order, newline separated, where it differs from the lexicon; an empty
	 * line means the lexicon's. NULL: all from the lexicon. */
	const char *help;
	uint32_t flags;
	uint8_t effect; /* enum cli_effect */
	uint8_t object; /* whose settings the statement sets: the daemon's enum, 0: none */
	uint8_t enters; /* ROW_BLOCK: mode inside */
	cli_run *run;
	cli_check *check;
	cli_apply *apply;
	/* ROW_ALIAS: printf-free template with $name references, e.g. "neighbor $peer activate". */
	const char *canonical;
	/* A statement that may be typed in its block's parent too lives in the block: the block's line
	 * ("address-family ipv4 unicast"), opened by itself when the line is typed one mode above.
	 * `modes` then has both modes. NULL: it lives where it is typed. */
	const char *home;
	/* The value that is not stored because it is the profile's default: {traditional,
	 * datacenter}; the value words joined by blanks, NULL: none. */
	const char *defaults[2];
};

/* A mode of the language: one row each, owned by the daemon; the index is the mode's number. */
struct cli_mode {
	const char *name;   /* as in FRR's command catalogue: "router-bgp" */
	const char *prompt; /* "(config-router)"; "> " and "# " are appended by the session */
	uint8_t parent;     /* mode in which an unknown line is tried next; itself at the top */
	const char *leave;  /* printed at the end of a block: "exit", "exit-address-family"; NULL */
	const char *separator; /* printed before a block inside its parent: " !", or NULL */
};

/* Help of a keyword or of a variable token ("A.B.C.D"), for all rows. */
struct cli_word {
	const char *word, *help;
};

/* Arguments by name: `$name`, else the token's text in lower case without its punctuation
 * ("A.B.C.D" -> "a.b.c.d", "(1-65535)" -> "1-65535", PEER -> "peer"). */
const char *arg_str(const struct cli_args *a, const char *name); /* NULL: not given */
bool arg_has(const struct cli_args *a, const char *name); /* argument or keyword is in the line */
uint32_t arg_u32(const struct cli_args *a, const char *name, uint32_t otherwise);
bool arg_addr(const struct cli_args *a, const char *name, struct addr *out);
bool arg_prefix(const struct cli_args *a, const char *name, struct prefix *out);
const char *arg_line(const struct cli_args *a); /* the canonical line, without `no` */

/* For an answer too long for one go: run returns cli_defer(...). step writes some output (until
 * about 64 KiB are queued or a millisecond is over) and returns true while there is more; end frees
 * ctx and is called exactly once, also when the reader goes away. Returns CLI_SUSPEND. */
typedef bool cli_step(void *ctx, struct out *out);
enum cli_rc cli_defer(struct cli_call *call, cli_step *step, void (*end)(void *ctx), void *ctx);

#endif
