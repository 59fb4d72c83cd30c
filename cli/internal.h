/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this room share: the compiled grammar, the words of a line, a parsed line, the
 * nodes of the configuration, transactions and places. Nobody outside includes it.
 */
#ifndef FERRO_CLI_INTERNAL_H
#define FERRO_CLI_INTERNAL_H

#include "cli/cli.h"
#include "lib/mem.h"

/* ---- words of a line ---- */

/* Longer lines are unknown commands: keys have 16-bit lengths. */
enum { WORDS_MAX = 1024, WORDS_INLINE = 512, LINE_BYTES_MAX = 60000 };

struct word {
	const char *s;
	size_t len;
};

struct words {
	struct word w[WORDS_MAX];
	unsigned n;
	bool open; /* the line ends inside a word: no blank behind it */
	bool too_long;
	char *buf;
	char room[WORDS_INLINE];
};

void words_split(struct words *ws, const char *line);
void words_fini(struct words *ws);

/* ---- grammar ---- */

enum token_kind {
	TOKEN_KEYWORD,
	TOKEN_RANGE,
	TOKEN_ASNUM,
	TOKEN_IPV4,
	TOKEN_IPV4_PREFIX,
	TOKEN_IPV6,
	TOKEN_IPV6_PREFIX,
	TOKEN_MAC,
	TOKEN_WORD,
	TOKEN_LEAVES, /* the kinds above stand for a word, those below have kids */
	TOKEN_SEQ,
	TOKEN_ALT,
	TOKEN_OPT,
	TOKEN_NO_OPT,
	TOKEN_ANY,
};

struct token {
	uint8_t kind;
	bool value, repeat;
	bool skip;  /* marked as value itself, not by a bracket around it: `no` may leave it out */
	bool fixed; /* a keyword that every line of the row has: not part of keys */
	uint16_t index;   /* leaves: place in the row, from 0 */
	const char *text; /* leaves: as spelled; its length */
	size_t len;
	const char *name, *group; /* leaves: names as an argument; group may be NULL */
	const char *help;         /* leaves: "" if there is none */
	const char *no_help;      /* leaves: help in the `no` form, NULL: the same */
	int64_t lo, hi;           /* TOKEN_RANGE */
	struct token **kids;
	unsigned count;
};

/* How well a word fits a token, worst first. */
enum rank {
	RANK_NONE,
	RANK_LINE,
	RANK_WORD,
	RANK_ASNUM,
	RANK_TYPED,
	RANK_PREFIX,
	RANK_EXACT,
};

enum { FAMILY_LEAVES = 16 };

struct row_family {
	struct row_family *next;
	const char *words; /* "neighbor" */
	uint16_t pos[MODE_MAX];
	struct rule *leader; /* its ROW_FIRST row, or NULL */
	struct rule *under;  /* its ROW_UNDER row, or NULL */
	bool by_len;         /* ROW_BY_LEN */
	/* How a first argument may be spelled, in any of its rows. */
	const struct token *leaf[FAMILY_LEAVES];
	unsigned leaves;
};

/* The index of the commands that a session has, besides those of its mode, while it edits a
 * candidate. No mode of the daemon has this number. */
enum { MODE_CANDIDATE = MODE_MAX - 1 };

enum builtin { BUILTIN_NONE, BUILTIN_LEAVE, BUILTIN_END, BUILTIN_OTHER };

/* A compiled row. */
struct rule {
	const struct cli_row *row;
	struct token *syntax;
	uint16_t seq, section;
	uint16_t leaves;
	struct row_family *family; /* ROW_BY_ARG only */
	enum builtin builtin;
};

struct index_entry {
	const char *first; /* "" if the row may begin with something that is no keyword */
	size_t len;
	struct rule *rule;
};

struct mode_index {
	struct index_entry *e;
	size_t n, cap;
	size_t wild; /* entries in front whose first is "" */
};

struct cli {
	struct cli_app app;
	const struct cli_mode *modes;
	size_t mode_count;
	const struct cli_word *lexicon;
	size_t lexicon_count;
	struct arena *arena;
	struct rule **rules;
	size_t rule_count, rule_cap;
	struct row_family *families;
	struct mode_index index[MODE_MAX];
	struct cli_row *own;       /* the engine's rows, in the arena */
	struct rule *profile_rule; /* frr defaults */
	uint16_t section;
	bool sealed;
	uint32_t tx_count;
	uint64_t block_modes; /* modes that can hold blocks */
	struct conf *running;
	uint64_t commits;          /* goes up with every change of running */
	struct history *history;   /* NULL until it is needed */
	struct cli_job *unsettled; /* its change is real, the daemon is still carrying it out */
};

/* Makes the tokens of a row; aborts on a bad string. */
struct token *syntax_parse(struct cli *c, const struct cli_row *row, uint16_t *leaves);
/* The syntax without marks, as `list` shows it; no: the derived negative form. */
void syntax_print(const struct token *t, bool no, struct sb *to);
void cli_seal(struct cli *c); /* adds the engine's rows and sorts the indexes, once */
/* Adds the rows that the engine itself brings. */
void builtin_add(struct cli *c);
struct rule *rule_add(struct cli *c, const struct cli_row *row);
const char *cli_hostname(const struct cli *c);

bool as_parse(const char *s, uint32_t *out);
enum rank token_rank(const struct token *t, const struct word *w);
/* Could a word that begins so fit? */
bool token_begins(const struct token *t, const struct word *w);
void token_canon(const struct token *t, uint32_t row_flags, const char *word, struct sb *to);
void token_key(const struct token *t, const char *canon, struct sb *to);

/* ---- list.c ---- */

/* The lines of a row as `list` shows them; none if it is hidden. */
typedef void line_fn(void *ctx, const char *line);
void rule_lines(const struct rule *r, line_fn *fn, void *ctx);
/* The rows of a mode in `list`'s order. */
typedef void rule_fn(void *ctx, const struct rule *r);
void mode_rules(const struct cli *c, uint8_t mode, rule_fn *fn, void *ctx);

/* ---- matching ---- */

struct parse {
	struct rule *rule;
	bool no;
	unsigned n; /* words, the `no` in front not counted */
	const struct token *tok[WORDS_MAX];
	const struct word *words;
};

/* Finds the row that the words mean in a mode (not its parents): CLI_OK and *out, or the error. */
enum cli_rc grammar_match(
    const struct cli *c, uint8_t mode, const struct words *ws, struct parse *out);

/* The same for one row, whose line is known to be its own; no: value words may be missing. */
bool rule_match(const struct rule *r, const struct words *ws, bool no, struct parse *out);

/* One token that may stand behind the words; ranks of the words before it. */
typedef void match_expect(
    void *ctx, const struct rule *rule, const struct token *tok, const uint8_t *rank, unsigned n);
/* Calls expect for each token that can follow the first n words; tok NULL: the line may end here.
 */
void grammar_expect(const struct cli *c, uint8_t mode, const struct word *w, unsigned n,
    match_expect *expect, void *ctx);

struct cli_arg {
	const struct token *tok;
	const char *text;
};

struct cli_args {
	const struct rule *rule;
	char *line, *texts;
	unsigned count;
	struct cli_arg item[];
};

struct cli_args *args_new(const struct parse *p);
/* The value words joined by blanks. */
void args_value(const struct cli_args *a, struct sb *to);

/* ---- the configuration tree ---- */

enum { NODE_NO = 1, NODE_REPLACED = 2 };

/* In the key of a family's line: its byte, and where the first argument begins. */
enum { RANK_AT = 2, FIRST_AT = 3 };

/* A treap of siblings, ordered by key bytes. */
struct conf_node {
	struct conf_node *left, *right, *up; /* NODE_REPLACED: left is the successor */
	struct conf_node *parent;            /* the block */
	struct conf_node *kids;              /* root of the treap of children */
	const struct rule *rule;
	uint32_t prio;
	uint32_t entry;   /* 1 + index of the transaction's entry that made it; 0: older */
	uint32_t touched; /* the last transaction that edited something in it */
	uint8_t flags;
	uint16_t key_len;
	char data[]; /* key, then text with its NUL */
};

struct conf {
	struct cli *cli;
	size_t count;
	size_t names; /* see conf_names */
	enum conf_profile profile;
	uint64_t changed;      /* goes up with every node linked or unlinked */
	struct conf_node root; /* last: a node ends in an open array */
};

struct conf *conf_new(struct cli *c);
void conf_free(struct conf *c);
/* A part of it, for who frees the rest later and does not read it any more; true while there is
 * more. */
bool conf_free_some(struct conf *c, size_t most);
struct conf *conf_copy(const struct conf *from);
/* A text as a configuration of its own; faulty lines are left out and told in faults (may be NULL).
 */
struct conf *conf_parse(struct cli *c, const char *text, struct sb *faults);
/* What is printed, as lines to remove and to add; returns the number of statements. */
size_t conf_diff(const struct conf *from, const struct conf *to, bool costs, struct sb *text);
const struct conf *conf_of(const struct conf_node *n);
uint8_t conf_mode(
    const struct conf_node *n); /* the mode inside a block; MODE_CONFIG for the root */

/* A node that is not in the tree. parent gives mode and rank for the key. */
struct conf_node *node_new(const struct conf_node *parent, const struct cli_args *a, bool no);
struct conf_node *node_clone(const struct conf_node *n);                  /* without children */
struct conf_node *node_rekey(const struct conf_node *n, const char *key); /* of equal length */
void node_free(struct conf_node *n);                                      /* with children */
struct conf_node *node_find(const struct conf_node *parent, const struct conf_node *key_of);
struct conf_node *node_lower(const struct conf_node *parent, const char *key, size_t len);
struct conf_node *node_first(const struct conf_node *parent);
struct conf_node *node_next(const struct conf_node *n);
int node_cmp(const struct conf_node *a, const struct conf_node *b);
bool node_same(const struct conf_node *a, const struct conf_node *b); /* text and no */
void node_link(struct conf *c, struct conf_node *parent, struct conf_node *n);
void node_unlink(struct conf *c, struct conf_node *n);
/* The key of a line below parent: see tree.c. */
void node_key(const struct conf_node *parent, const struct cli_args *a, struct sb *to);
/* What the keys of all lines of a family with this first argument begin with. first: with a
 * ROW_FIRST line or without. False: no line can have it. */
bool family_key(const struct conf_node *parent, const struct row_family *f, const char *arg,
    bool first, struct sb *to);
/* The leaf of the family that a first argument stands for, whichever row it was read with. */
const struct token *family_leaf(const struct row_family *f, const char *arg);
const struct cli_arg *args_first(const struct cli_args *a); /* first argument; NULL: none */
const char *node_text(const struct conf_node *n);
/* Of two statements of one family: the same first argument? */
bool node_same_first(const struct conf_node *a, const struct conf_node *b);

/* ---- transactions ---- */

struct tx_entry {
	struct conf_node *parent, *before, *after;
	struct conf_node *from; /* at commit: what stood there when the transaction began */
	unsigned depth;         /* at commit: of the parent */
	bool done;              /* already undone */
	bool silent;            /* reported with another entry */
	struct conf_node *held; /* what was in a statement that went and came back */
};

struct tx {
	struct cli *cli;
	struct conf *conf;
	uint32_t id;
	unsigned depth; /* of aliases */
	bool moved;     /* the last statement opened a block */
	struct tx_entry *e;
	size_t n, cap;
};

void tx_init(struct tx *t, struct conf *conf);
void tx_fini(struct tx *t); /* undoes what has not been committed */
void tx_put(struct tx *t, struct conf_node *parent, struct conf_node *n); /* takes n */
void tx_del(struct tx *t, struct conf_node *n);
void tx_undo(struct tx *t, size_t mark);
/* Makes the conf equal to target by edits of t. become: target was read from a text, so what is
 * never printed stays; equal: target is a copy, edited. */
void tx_become(struct tx *t, const struct conf *target);
void tx_equal(struct tx *t, const struct conf *target);
/* Asks the daemon as tx_commit does, then takes everything back. */
enum cli_rc tx_check(struct tx *t, struct sb *msg);
/* Coalesces, asks the daemon, applies; on refusal everything is as before. Without daemon calls if
 * quiet. */
enum cli_rc tx_commit(struct tx *t, bool quiet, struct sb *msg);

/* ---- places and edits ---- */

enum { PLACE_DEPTH = 8 };

/* Where a line is read: a mode and the blocks that lead there, remembered by their statements. */
struct place {
	uint8_t mode;
	uint8_t depth;
	struct conf_node *level[PLACE_DEPTH]; /* not in any tree */
	struct conf_node *cache;
	uint64_t cached;
};

void place_init(struct place *p, uint8_t mode);
void place_fini(struct place *p);
void place_copy(struct place *to, const struct place *from);
void place_leave(struct place *p, const struct cli *c); /* one level up */
void place_to_mode(struct place *p, const struct cli *c, uint8_t mode);
struct conf_node *place_node(struct place *p, const struct conf *conf); /* NULL: not there */

/* Is the line printed? Not if it takes effect only, or says what holds anyway. */
bool node_shown(const struct conf_node *n);
/* Does a stored line say what holds anyway, since a default has changed? */
bool node_says_nothing(const struct conf_node *n);
/* Does one configuration statement inside t; place moves into a block that it opens. On any result
 * but CLI_OK nothing has changed. */
enum cli_rc edit_statement(
    struct tx *t, struct place *p, const struct parse *parse, struct sb *msg);
/* The same for a line read in p, matched in `mode`: p goes there if the line is taken, or if it
 * should have opened a block. */
enum cli_rc place_edit(
    struct tx *t, struct place *p, const struct parse *parse, uint8_t mode, struct sb *msg);
/* Matches in the place's mode, then in its parents'; *mode is where. */
enum cli_rc place_match(const struct cli *c, const struct place *p, const struct words *ws,
    struct parse *out, uint8_t *mode);

/* ---- order.c ---- */

/* The way of a printer through the lines of a block, in print order. It points into the tree: after
 * a change the way goes on with order_find only. Zero at first. */
struct print_order {
	const struct row_family *family; /* the one under way, or the last one */
	const struct conf_node *home;    /* the block that has its ROW_UNDER lines */
	uint64_t changed;                /* of the configuration, when they were collected */
	const struct conf_node **by_first, **by_value; /* those lines, by argument and in order */
	size_t count, room;
	size_t at;   /* in by_value: whose lines are under way; count: those of the others */
	size_t seen; /* in by_first: arguments that the walk over the others has passed */
	struct conf_node *mark; /* a copy of by_value[at], not in any tree; NULL: none */
};

void order_fini(struct print_order *o);
const struct conf_node *order_first(struct print_order *o, const struct conf_node *block);
const struct conf_node *order_next(struct print_order *o, const struct conf_node *n);
/* Before the tree changes: next is what order_next returned, NULL: the end of a block. */
void order_mark(struct print_order *o, const struct conf_node *next);
/* After that: the line in the block that is `like` (a copy of what was next), or what is behind. */
const struct conf_node *order_find(
    struct print_order *o, const struct conf_node *block, const struct conf_node *like);

/* ---- texts ---- */

/* A text on its way into a configuration. */
struct loader {
	struct cli *cli;
	struct tx tx;
	struct place place;
	struct sb msg;
	const char *text; /* what is still to be read */
	size_t faults;
	unsigned line;
	bool orphans; /* indented lines belong to a block whose first line was faulty */
	cli_report *report;
	void *ctx;
};

/* The text outlives the loader. */
void loader_init(struct loader *l, struct conf *to, const char *text, cli_report *fn, void *ctx);
bool loader_read(struct loader *l, size_t lines); /* so many; true while there are more */
void loader_commit(struct loader *l, bool quiet); /* a refusal is one more fault */
size_t loader_fini(struct loader *l); /* undoes what is not committed; the number of faults */

/* Where a walk over two configurations is; blocks are printed when something in them is. */
struct diff_level {
	struct diff_level *up;
	const struct conf_node *block; /* NULL: the top */
	unsigned depth;
	bool printed;
};

struct differ {
	const struct conf *from, *into;
	struct sb *to;
	bool costs;
	size_t count;
};

/* A statement on one side only, with what is in it; one with another value on the other side. */
void diff_side(struct differ *d, struct diff_level *l, char sign, const struct conf_node *n);
void diff_values(
    struct differ *d, struct diff_level *l, const struct conf_node *a, const struct conf_node *b);

struct changes {
	struct conf_change *c;
	size_t n, cap;
};

void changes_add(struct changes *to, const struct conf_node *parent, const struct conf_node *before,
    const struct conf_node *after);
/* Is the line only what a printer writes in place of what `conf` has (have; NULL: nothing)? */
bool is_printed_so(
    const struct conf *conf, const struct conf_node *have, const struct conf_node *line);
/* Tells the daemon of a change that is real now. */
void changes_apply(struct cli *c, const struct changes *said);
/* The running configuration becomes equal to another one, which stays as it is and outlives the
 * job; unless somebody else commits meanwhile: then nothing is done. */
struct cli_job *job_equal(struct cli *c, const struct conf *source);
bool job_was_overtaken(const struct cli_job *j);
/* The number of the entry that a recorded job has made; 0: it has changed nothing so far. */
uint32_t job_entry(const struct cli_job *j);
/* A job that the daemon has not carried out wholly is finished at once. */
void job_settle(struct cli *c);

/* ---- history.c, candidate.c ---- */

/* A whole change stands between begin and end, which makes an entry of it. source is one word
 * ("reload"); s, if there is one, says who. Nobody else may get in between: what takes several
 * steps has them in one (cli_job_record). End returns the entry's number. */
void history_begin(struct cli *c, const char *source, struct cli_session *s);
uint32_t history_end(struct cli *c, const char *comment);
void history_free(struct history *h);
const char *history_text(struct cli *c, uint32_t number); /* NULL: none; valid until the next one */
void history_show(struct cli *c, struct out *out);
/* Keeps the way back, for a commit that is still to come: what runs now, or what it was before the
 * first unconfirmed one. False: it could not be kept. Each guard ends with watch or unguard. */
bool history_guard(struct cli *c);
void history_unguard(struct cli *c); /* the commit did not come */
/* The commit is real: entry `number` is taken back after so long, unless it is confirmed. */
void history_watch(struct cli *c, uint32_t number, unsigned seconds);
void history_delay(struct cli *c, unsigned seconds); /* sets its time anew */
/* False: there is nothing to confirm, or the store could not be written. */
bool history_confirm(struct cli *c);
/* A confirmation did not reach the disk: it is as if it had not been. */
void history_unconfirm(struct cli *c);
/* What the store has been asked for, as a number, and what became of what was asked for in between:
 * before an answer that says it is done, whoever gives it waits until it is settled. */
uint64_t history_puts(const struct cli *c);
enum cli_put history_settled(const struct cli *c, uint64_t from, uint64_t to);
/* The running configuration becomes the one that was parsed. */
enum cli_rc cli_become(struct cli *c, const struct conf *aside, struct sb *msg);

/* The configuration that the session's statements are about. */
struct conf *session_conf(const struct cli_session *s);
void candidate_drop(struct cli_session *s);
/* The session goes back to enable mode; says so if something is left to commit. */
void candidate_leave(struct cli_session *s, struct out *out);
extern const struct cli_row candidate_rows[];
extern const size_t candidate_row_count;

/* ---- the rest ---- */

/* FRR's words for a line that does not parse: "Unknown command". */
const char *rc_text(enum cli_rc rc);

struct cli_session {
	struct cli *cli;
	struct place place;
	void *owner;
	bool closed;
	bool confined;                 /* to view mode */
	bool aside;                    /* statements go to the candidate */
	struct conf *candidate, *base; /* NULL: none */
	uint64_t based_on;             /* cli.commits when base was copied */
	struct sb buf;                 /* what the running command writes */
	struct out *out;               /* of a deferred answer */
	cli_step *step;
	void (*end)(void *ctx);
	void *ctx;
	enum cli_rc result; /* of the deferred answer */
	bool waits;         /* its step has nothing to do for now */
};

struct cli_words {
	char **w;
	size_t n, cap;
};

/* Is the line what is printed anyway for a ROW_ALWAYS row that nobody set? */
bool always_says(const struct cli *c, const struct conf *conf, const struct conf_node *n);
/* That line; false if the row has none in this profile. */
bool always_text(const struct cli *c, const struct conf *conf, const struct rule *r, struct sb *to);

enum cli_rc list_run(struct cli_call *call);
enum cli_rc find_run(struct cli_call *call);

#endif
