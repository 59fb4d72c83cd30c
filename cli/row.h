/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command is one row of a table. Everything about the command language is derived from the rows:
 * parsing, abbreviations, completion, help, `list`, `find`, `no`, the printed configuration and its
 * diff.
 *
 * HOW TO WRITE A ROW
 *
 * Syntax is FRR's notation: keyword, <a|b>, [optional], {any|of} in any order, ![x] (optional in
 * the `no` form only), (1-65535), A.B.C.D, A.B.C.D/M, X:X::X:X, X:X::X:X/M, M:A:C..., ASNUM, names
 * in capitals (WORD, RMAP_NAME: any one word), and `...` behind a token that repeats to the end of
 * the line (LINE..., AA:NN...). Two marks may stand behind a token or a bracket, in this order:
 *   $name  names the argument ("(0-65535)$hold"); behind <...> it names whatever was chosen;
 *   =      the words are the statement's value. All other words are its key, and two statements
 *          with one key replace each other. In the derived `no` form value words may be left out.
 * `no` forms are derived and never written.
 *
 *   { M(MODE_BGP), "timers bgp (0-65535)$keepalive= (0-65535)$hold=", NULL, ROW_CONFIG,
 *     .object = OBJ_BGP, .check = timers_check, .apply = timers_apply,
 *     .defaults = {"60 180", "3 9"} },
 *   { M(MODE_BGP_IPV4), "neighbor " CLI_PEER " route-map RMAP_NAME$map= <in|out>$dir", NULL,
 *     ROW_CONFIG | ROW_BY_ARG, .effect = EFFECT_RECEIVE_AGAIN, .object = OBJ_PEER_AF,
 *     .apply = peer_route_map },
 *   { M(MODE_ENABLE), "show [ip] bgp summary [json]", NULL, 0, .run = show_summary },
 *
 * - Order: rows print in the order in which they are added; the lines of one row sort by their
 *   key words (numbers and addresses by value, names as bytes, alternatives in the syntax's
 *   order). Rows with ROW_BY_ARG that begin with the same keywords (`neighbor`) are a family:
 *   its lines stand at the place of its first row (in that mode), by first argument, then in
 *   the order of the rows; ROW_FIRST and ROW_UNDER put some arguments in front.
 * - Arguments are canonical: host bits of prefixes cleared (not with ROW_HOST_BITS), addresses
 *   as RFC 5952, numbers without leading zeros, words joined by one blank, {any|of} words in
 *   the syntax's order.
 * - A statement that stands for another one (old spelling, `network` outside its address
 *   family, an automatic sequence number) has ROW_ALIAS and `canonical`, `spell` or `rewrite`. An
 *   alias whose last line opens a block opens it.
 * - A statement on by default has ROW_ON (or _TRADITIONAL, _DATACENTER, or an is_on callback
 *   when it depends on the block): then `no X` is what is stored, and X removes that. A line
 *   that says what holds anyway is neither stored nor printed.
 * - defaults: the values that are not stored since they are the profile's defaults.
 * - `no` of a whole family of lines in fewer words (`no neighbor PEER`, `no route-map NAME`,
 *   `no ip prefix-list NAME`) is a row of its own with ROW_REMOVES: it has only a `no` form,
 *   and removes all lines of its block that begin with its words (with ROW_OWNS those in blocks
 *   inside it too). With ROW_BY_ARG it finds them without looking at every line of the block.
 * - Of several readings of a line the best wins, word by word from the left: whole keyword,
 *   abbreviation, number or address, AS number, name. Two rows that read a line equally well
 *   make it ambiguous, but a statement comes before an alias, and in a `no` form the row that
 *   needs fewer left-out values comes first (`no neighbor PG peer-group` means the group, not a
 *   membership).
 * - A block that is entered again merges; one whose own line changes (its values) keeps its
 *   children. ROW_QUIET blocks are made by the first statement in them and go with the last.
 * - A text that check writes is shown also when it returns CLI_OK: that is a note or a warning.
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

/* The first modes are the engine's; the daemon's own begin at MODE_FIRST. */
enum { MODE_VIEW, MODE_ENABLE, MODE_CONFIG, MODE_FIRST, MODE_MAX = 64 };

/* A neighbor as FRR writes it: an address, or the name of an interface or a group; arg "peer". */
#define CLI_PEER "<A.B.C.D|X:X::X:X|WORD>$peer"

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

/* Looks at a statement before it is stored. candidate already holds what came before it in the same
 * change, and the block; parent is the block's node (conf_root at top level), no: the statement is
 * being removed. Any result but CLI_OK refuses it. The message goes to msg, FRR's wording, each
 * line with its newline; with CLI_OK it is a note. Must not change anything. */
typedef enum cli_rc cli_check(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg);

/* Says what a ROW_ALIAS line stands for: writes lines, each with its newline, to `lines`; a line
 * that opens a block holds for the lines behind it; none means that nothing is stored. Otherwise as
 * cli_check. `no`: the line began with no; the lines written have to say so themselves. */
typedef enum cli_rc cli_rewrite(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *lines,
    struct sb *msg);

/* The same where the words of the line alone say it. */
typedef void cli_spell(const struct cli_args *args, bool no, struct sb *lines);

/* Is the statement on by default in this block? */
typedef bool cli_is_on(
    const struct conf *candidate, const struct conf_node *parent, const struct cli_args *args);

/* Writes what a statement says into a settings struct (the object's, as the row's `object` says).
 * Called by replay only, on a fresh struct that holds the defaults. `no`: a stored negation. */
typedef void cli_apply(void *settings, const struct cli_args *args, bool no);

enum cli_row_flag {
	ROW_CONFIG = 1 << 0, /* a configuration statement (cli_apply, cli_check) */
	ROW_BLOCK =
	    1 << 1, /* ... that opens a block: `enters` is its mode; entering it again merges */
	ROW_QUIET = 1 << 2, /* ... which exists only while something is in it (address-family) */
	ROW_NO = 1 << 3,    /* an exec command with a `no` form (no debug ...) */
	ROW_NO_NO = 1 << 4, /* a statement without a `no` form */
	ROW_ON = 1 << 5,    /* on by default in every profile: stores its negation */
	ROW_ON_TRADITIONAL = 1 << 6, /* on by default in this profile only */
	ROW_ON_DATACENTER = 1 << 7,
	ROW_ALIAS = 1 << 8,   /* stands for another statement: `canonical`, `spell` or `rewrite` */
	ROW_HIDDEN = 1 << 9,  /* not offered by list, ? and TAB */
	ROW_OWNS = 1 << 10,   /* `no` of it takes along every line of its family with the same first
				 argument, in blocks inside the block too */
	ROW_BY_ARG = 1 << 11, /* one of a family that sorts by first argument, then by row */
	ROW_FIRST = 1 << 12,  /* an argument with such a line sorts before those without: groups */
	ROW_REMOVES = 1 << 13, /* `no` only: removes all lines that begin with its words */
	ROW_UNSAVED = 1 << 14, /* takes effect but is not printed */
	ROW_SECTION = 1 << 15, /* top level: begins a new section (a `!` line stands between two) */
	ROW_ALWAYS = 1 << 16,  /* printed also when it is not set, with defaults[profile] as value;
				  "$hostname" there stands for the host's name */
	ROW_HOST_BITS = 1 << 17, /* A.B.C.D/M and X:X::X:X/M keep host bits (interface addresses) */
	ROW_SHELL = 1 << 18,     /* FRR's vtysh answers it itself: `?` pads its <cr> with blanks */
	ROW_LIST_ONE = 1 << 19,  /* `list` shows "[no] X", not X and "no X" in two lines */
	ROW_OUTER = 1 << 20,     /* ROW_ALIAS: its lines stand in the block around this one */
	ROW_BY_LEN = 1 << 21, /* ROW_BY_ARG: short prefixes sort before longer ones, all of them */
	ROW_UNDER = 1 << 22, /* ROW_BY_ARG: arguments with such a line are printed by its value, its
				last word, before those without: members by their group */
};

/* The strongest effect of the changed statements decides what a peer has to go through. */
enum cli_effect {
	EFFECT_NONE,
	EFFECT_SEND_AGAIN,
	EFFECT_RECEIVE_AGAIN,
	EFFECT_RESET,
};

struct cli_row {
	uint64_t modes; /* bit mask of 1 << mode */
	const char *syntax;
	/* Help of the tokens in order, newline separated, where it differs from the lexicon; an
	 * empty line means the lexicon's. NULL: all from the lexicon. Or, for few of them, lines
	 * "TOKEN\tHELP", and "no TOKEN\tHELP" where the `no` form has another one. */
	const char *help;
	uint32_t flags;
	uint8_t effect; /* enum cli_effect */
	uint8_t object; /* whose settings the statement sets: the daemon's enum, 0: none */
	uint8_t enters; /* ROW_BLOCK: mode inside */
	uint32_t data;  /* the row's own, for callbacks of several rows (arg_row(args)->data) */
	cli_run *run;
	cli_check *check;
	cli_apply *apply;
	/* ROW_ALIAS: a template with $name references, e.g. "neighbor $peer activate"; several
	 * lines if blocks have to be opened: "address-family ipv4 unicast\nnetwork $prefix". A `no`
	 * in front of the alias goes in front of the last line. */
	const char *canonical;
	/* ROW_ALIAS, where a template does not do. In another statement: what a line with certain
	 * values stands for (an older spelling, a value out of bounds); no lines: for itself. */
	cli_spell *spell;
	cli_rewrite *rewrite; /* the same, from what is configured, too; may refuse */
	/* A statement that others depend on: writes the lines to be carried out when it is removed,
	 * as rewrite does. The statement has gone by then. Not called if it did not hold. */
	cli_rewrite *along;
	/* A statement that brings others: writes the lines to be carried out when it begins to
	 * hold, in its own block if it opens one. */
	cli_rewrite *begins;
	cli_is_on *is_on; /* instead of ROW_ON*: depends on the block */
	/* The value that is not stored because it is the profile's default: {traditional,
	 * datacenter}; the value words joined by blanks, NULL: none. */
	const char *defaults[2];
	/* What `list` prints for the row, newline separated, where FRR writes it in several lines
	 * or with an older `no` form. NULL: derived from the syntax. "": nothing. */
	const char *list;
};

/* A mode of the language: one row each, owned by the daemon; the index is the mode's number. */
struct cli_mode {
	const char *name;   /* as FRR's `find` shows it: "bgp", "bgp ipv4 unicast", "config" */
	const char *prompt; /* "(config-router)"; "" for view and enable */
	uint8_t parent;     /* mode in which an unknown line is tried next; itself at the top */
	const char *leave;  /* printed at the end of a block: "exit", "exit-address-family"; NULL */
	const char
	    *separator; /* printed before a block of this mode inside its parent: "!", NULL */
	unsigned node;  /* FRR's number of the node, which stands in messages about files */
};

/* Help of a keyword or of a variable token ("A.B.C.D"), for all rows. */
struct cli_word {
	const char *word, *help;
};

/* Arguments by name: `$name`, else the token's text in lower case without its punctuation
 * ("A.B.C.D" -> "a.b.c.d", "(1-65535)" -> "1-65535", RMAP_NAME -> "rmap_name", "LINE..." ->
 * "line"). All texts are canonical and live as long as the args. */
const char *arg_str(const struct cli_args *a, const char *name); /* NULL: not given */
bool arg_has(const struct cli_args *a, const char *name); /* argument or keyword is in the line */
uint32_t arg_u32(const struct cli_args *a, const char *name, uint32_t otherwise);
bool arg_addr(const struct cli_args *a, const char *name, struct addr *out);
bool arg_prefix(const struct cli_args *a, const char *name, struct prefix *out);
/* An AS number, plain ("70000") or dotted ("1.4464"). */
bool arg_as(const struct cli_args *a, const char *name, uint32_t *out);
const char *arg_line(const struct cli_args *a); /* the canonical line, without `no` */
const struct cli_row *arg_row(const struct cli_args *a);

/* For an answer too long for one go: run returns cli_defer(...). step writes some output (until
 * about 64 KiB are queued or a millisecond is over) and returns true while there is more; end frees
 * ctx and is called exactly once, also when the reader goes away. Returns CLI_SUSPEND. */
typedef bool cli_step(void *ctx, struct out *out);
enum cli_rc cli_defer(struct cli_call *call, cli_step *step, void (*end)(void *ctx), void *ctx);
/* In a step: the result of the command, CLI_OK unless set. */
void cli_set_result(struct cli_session *s, enum cli_rc rc);
/* In a step that returns true: there is nothing to write before something else has happened, and
 * whoever makes it happen wakes those who wait. A step that is called sooner does no harm. */
void cli_wait(struct cli_session *s);

#endif
