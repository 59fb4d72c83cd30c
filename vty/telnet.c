/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FRR's vty port as a terminal and old scripts know it: telnet's negotiation, a password without an
 * echo and three tries, the line editor, help and completion at the key, pages.
 *
 * Bytes are taken one by one, and only while no command runs, so what is typed ahead waits in the
 * socket's bounded buffer. Ctrl-C is the exception: it ends the answer that is under way. Pages are
 * made for a terminal that told its size, as in FRR, so a script gets the whole text.
 *
 * It must never echo a password, keep one in the history, or run a line before the login.
 */
#include "vty/telnet.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <string.h>

#include "lib/mem.h"
#include "vty/conn.h"
#include "vty/editor.h"
#include "vty/frame.h"

enum { IAC = 255, DONT = 254, DO = 253, WONT = 252, WILL = 251, SB = 250, SE = 240 };
enum { ECHO = 1, SGA = 3, NAWS = 31, LINEMODE = 34 };
enum { SUB_MAX = 8, SIZE_LEN = 5, TRIES = 3, COLUMNS = 6, CTRL_C = 3, WIDTH = 80 };

static const char more_prompt[] = " --More-- ";

enum state { LOGIN, ENABLE, SHELL };

/* What tells telnet's bytes from the user's. */
struct wire {
	uint8_t command; /* IAC, SB or the verb; 0: none */
	bool escaped;    /* an IAC inside SB */
	uint8_t sub[SUB_MAX];
	size_t sub_len;
};

enum whose { USERS, TELNETS, TELNETS_SUB /* sub is complete */ };

struct telnet {
	struct vty_conn *conn;
	struct editor editor;
	enum state state;
	unsigned tries;
	struct wire wire;       /* of what has been taken */
	struct wire ahead;      /* of what look_for_cancel has seen */
	size_t seen;            /* bytes of the input that it has been through */
	unsigned width, height; /* of the client's window; 0: unknown */
	int length;             /* terminal length */
	struct sb held;         /* text that waits for the next page */
	size_t column, lines;   /* on this page */
	bool full, finished;
	bool viewing; /* the command under way began in view mode */
	char *from;
};

static const struct vty_access *access_of(const struct telnet *t)
{
	return conn_server(t->conn)->config.access;
}

/* ---- text ---- */

/* Bytes for the terminal, with its line ends; a byte that is telnet's IAC goes twice (RFC 854). */
static void put(struct telnet *t, const char *s, size_t n)
{
	struct evbuffer *to = conn_output(t->conn);

	for (const char *end = s + n; s < end;) {
		const char *from = s;

		while (s < end && *s != '\n' && (uint8_t)*s != IAC)
			s++;
		evbuffer_add(to, from, (size_t)(s - from));
		if (s < end)
			evbuffer_add(to, *s++ == '\n' ? "\r\n" : "\xff\xff", 2);
	}
}

static void say(struct telnet *t, const char *s)
{
	put(t, s, strlen(s));
}

static void prompt(struct telnet *t)
{
	struct sb b;

	conn_set_timeout(t->conn, vty_timeout(access_of(t), t->state != LOGIN));
	if (t->state != SHELL) {
		say(t, "Password: ");
		return;
	}
	sb_init(&b);
	cli_prompt(conn_session(t->conn), &b);
	say(t, b.s);
	sb_fini(&b);
}

/* A fresh line with the prompt and what has been typed. */
static void show_again(struct telnet *t)
{
	say(t, "\n");
	prompt(t);
	say(t, editor_line(&t->editor));
}

/* ---- pages ---- */

/* Lines that fit on a page; 0: everything does. */
static size_t page(const struct telnet *t)
{
	size_t rows = t->length >= 0 ? (size_t)t->length : t->height;

	return t->width && rows > 1 ? rows - 1 : 0;
}

/* How many bytes of the held text still go on this page. */
static size_t fitting(struct telnet *t)
{
	size_t n = 0, most = page(t);

	while (n < t->held.len && (!most || t->lines < most)) {
		t->column++;
		if (t->held.s[n++] != '\n' && t->column < t->width)
			continue;
		if (t->held.s[n - 1] != '\n' && t->held.s[n] == '\n')
			n++; /* the line is as wide as the window */
		t->lines++;
		t->column = 0;
	}
	return n;
}

static void show_page(struct telnet *t)
{
	size_t n = fitting(t), left = t->held.len - n;

	put(t, t->held.s, n);
	memmove(t->held.s, t->held.s + n, left + 1);
	t->held.len = left;
	t->full = left > 0;
	if (t->full)
		say(t, more_prompt);
}

void telnet_text(struct telnet *t, const char *s, size_t n)
{
	sb_addn(&t->held, s, n);
	if (!t->full)
		show_page(t);
}

/* A daemon of FRR says who it is; its vtysh does not. */
void telnet_complain(enum cli_rc rc, const char *line, struct sb *to)
{
	sb_clear(to);
	if (rc == CLI_NO_MATCH)
		sb_fmt(to, "%% [BGP] Unknown command: %s\n", line);
	else
		sb_fmt(to, "%% %s.\n",
		    rc == CLI_AMBIGUOUS ? "Ambiguous command" : "Command incomplete");
}

bool telnet_is_full(const struct telnet *t)
{
	return t->full;
}

static void begin_page(struct telnet *t)
{
	t->lines = 0;
	t->column = 0;
}

static void ask_password(struct telnet *t, enum state state)
{
	t->state = state;
	t->tries = 0;
	t->editor.hidden = true;
}

/* `enable`, however it was spelled, is not had without its password. */
static void guard_enable(struct telnet *t)
{
	struct cli_session *s = conn_session(t->conn);

	if (!t->viewing || cli_session_mode(s) == MODE_VIEW || !access_of(t)->enable.text)
		return;
	cli_session_set_mode(s, MODE_VIEW);
	ask_password(t, ENABLE);
}

static void end_answer(struct telnet *t)
{
	t->finished = false;
	if (conn_is_closing(t->conn)) {
		conn_hang_up(t->conn);
		return;
	}
	guard_enable(t);
	prompt(t);
}

void telnet_finish(struct telnet *t)
{
	t->finished = true;
	if (!t->full)
		end_answer(t);
}

/* A key at the end of a page. */
static void turn_page(struct telnet *t, uint8_t key)
{
	say(t, "\b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b");
	t->full = false;
	begin_page(t);
	if (key == 'q' || key == 'Q' || key == CTRL_C) {
		sb_clear(&t->held);
		if (!t->finished)
			conn_cancel(t->conn);
	} else {
		show_page(t);
	}
	if (t->finished && !t->full)
		end_answer(t);
	else if (!t->full)
		conn_go_on(t->conn);
}

/* The LF of a line's end is no key. */
static void key_at_page(struct telnet *t, uint8_t key)
{
	bool rest = t->editor.after_cr && (key == '\n' || key == '\0');

	t->editor.after_cr = key == '\r';
	if (!rest)
		turn_page(t, key);
}

/* ---- login ---- */

static void enter(struct telnet *t, bool enable)
{
	t->state = SHELL;
	t->editor.hidden = false;
	conn_set_guest(t->conn, false);
	cli_session_set_mode(conn_session(t->conn), enable ? MODE_ENABLE : MODE_VIEW);
}

/* Does a login begin in enable mode? */
static bool begins_enabled(const struct telnet *t)
{
	return access_of(t)->advanced && !access_of(t)->enable.text;
}

static void take_password(struct telnet *t, const char *typed)
{
	bool login = t->state == LOGIN;
	const struct vty_access *a = access_of(t);

	say(t, "\n");
	if (vty_password_matches(login ? &a->login : &a->enable, typed)) {
		enter(t, login ? begins_enabled(t) : true);
	} else if (++t->tries == TRIES) {
		say(t, login ? "% Bad passwords, too many failures!\n"
			     : "% Bad enable passwords, too many failures!\n");
		log_msg(conn_server(t->conn)->log, LOG_WARNING, NULL, 0,
		    "vty: too many wrong passwords from %s", t->from);
		if (login) {
			conn_hang_up(t->conn);
			return;
		}
		enter(t, false);
	}
	prompt(t);
}

/* ---- lines ---- */

static void run(struct telnet *t, const char *line)
{
	t->viewing = cli_session_mode(conn_session(t->conn)) == MODE_VIEW;
	editor_remember(&t->editor, line);
	say(t, "\n");
	begin_page(t);
	conn_run_line(t->conn, line);
}

static void take_line(struct telnet *t)
{
	char *line = mem_strdup(editor_line(&t->editor));

	editor_clear(&t->editor);
	if (t->state == SHELL)
		run(t, line);
	else
		take_password(t, line);
	explicit_bzero(line, strlen(line)); /* it may have been a password */
	mem_free(line);
}

/* Words in columns, as FRR lays them out; `words` are lines "WORD\tHELP". */
static void list_words(struct telnet *t, char *words)
{
	struct sb b;
	unsigned n = 0;

	sb_init(&b);
	for (char *line; (line = strsep(&words, "\n")) != NULL && *line; n++) {
		if (n % COLUMNS == 0)
			sb_addc(&b, '\n');
		sb_fmt(&b, "%-10.*s ", (int)strcspn(line, "\t"), line);
	}
	say(t, b.s);
	sb_fini(&b);
	show_again(t);
}

static void complete(struct telnet *t)
{
	struct sb words, echo;
	size_t lines = 0;

	sb_init(&words);
	sb_init(&echo);
	cli_complete(conn_session(t->conn), editor_line(&t->editor), &words);
	for (const char *p = words.s; *p; p++)
		lines += *p == '\n';
	if (lines > 1) {
		list_words(t, words.s);
	} else {
		show_again(t);
		if (lines) {
			words.s[strcspn(words.s, "\t\n")] = '\0';
			editor_replace_word(&t->editor, words.s, &echo);
			say(t, echo.s);
		}
	}
	sb_fini(&words);
	sb_fini(&echo);
}

static void explain(struct telnet *t)
{
	struct sb text;

	sb_init(&text);
	cli_explain(
	    conn_session(t->conn), editor_line(&t->editor), t->width ? t->width : WIDTH, &text);
	say(t, "\n");
	say(t, text.s);
	sb_fini(&text);
	prompt(t);
	say(t, editor_line(&t->editor));
}

/* Ctrl-C and Ctrl-Z: the line is dropped, and the session is at the top. */
static void drop_line(struct telnet *t)
{
	struct cli_session *s = conn_session(t->conn);

	editor_clear(&t->editor);
	say(t, "\n");
	if (t->state == ENABLE)
		enter(t, false);
	else if (cli_session_mode(s) > MODE_ENABLE)
		cli_session_set_mode(s, MODE_ENABLE);
	prompt(t);
}

static void leave(struct telnet *t)
{
	say(t, "\n");
	if (t->state == SHELL)
		conn_run_line(t->conn, "exit");
	else
		conn_hang_up(t->conn);
}

static void take_key(struct telnet *t, uint8_t key)
{
	enum editor_event event;
	struct sb echo;

	sb_init(&echo);
	event = editor_key(&t->editor, key, &echo);
	say(t, echo.s);
	sb_fini(&echo);
	switch (event) {
	case EDITOR_NOTHING:
		break;
	case EDITOR_LINE:
		take_line(t);
		break;
	case EDITOR_COMPLETE:
		complete(t);
		break;
	case EDITOR_EXPLAIN:
		explain(t);
		break;
	case EDITOR_CANCEL:
	case EDITOR_TOP:
		drop_line(t);
		break;
	case EDITOR_LEAVE:
		leave(t);
		break;
	}
}

/* ---- telnet's own bytes (RFC 854, RFC 1073) ---- */

static enum whose read_sub(struct wire *w, uint8_t byte)
{
	if (!w->escaped && byte == IAC) {
		w->escaped = true;
		return TELNETS;
	}
	if (w->escaped && byte == SE) {
		w->escaped = false;
		w->command = 0;
		return TELNETS_SUB;
	}
	if (w->sub_len < SUB_MAX)
		w->sub[w->sub_len++] = byte;
	w->escaped = false;
	return TELNETS;
}

/* What the client offers or refuses changes nothing: it gets the echo anyway. */
static enum whose read_byte(struct wire *w, uint8_t byte)
{
	switch (w->command) {
	case 0:
		if (byte != IAC)
			return USERS;
		w->command = IAC;
		return TELNETS;
	case IAC:
		w->sub_len = 0;
		w->command = byte >= SB && byte <= DONT ? byte : 0;
		return byte == IAC ? USERS : TELNETS;
	case SB:
		return read_sub(w, byte);
	default:
		w->command = 0; /* the option of WILL, WONT, DO, DONT */
		return TELNETS;
	}
}

static void take_size(struct telnet *t)
{
	const uint8_t *sub = t->wire.sub;

	if (t->wire.sub_len != SIZE_LEN || sub[0] != NAWS)
		return;
	t->width = (unsigned)sub[1] << 8 | sub[2];
	t->height = (unsigned)sub[3] << 8 | sub[4];
}

/* The next byte of the input, if it is the user's; telnet's own are carried out. False: no byte. */
static bool take_byte(struct telnet *t, uint8_t *byte, bool *users)
{
	enum whose whose;

	if (evbuffer_remove(conn_input(t->conn), byte, 1) != 1)
		return false;
	t->seen = 0;
	whose = read_byte(&t->wire, *byte);
	if (whose == TELNETS_SUB)
		take_size(t);
	*users = whose == USERS;
	return true;
}

/* Is there a Ctrl-C in the input? Then it is the last byte of those seen. Goes on where it was, so
 * a client that sends byte by byte costs no more than another. */
static bool find_cancel(struct telnet *t)
{
	struct evbuffer *in = conn_input(t->conn);
	struct evbuffer_ptr from;
	uint8_t part[256];

	if (!t->seen)
		t->ahead = t->wire;
	while (t->seen < evbuffer_get_length(in)) {
		size_t n = evbuffer_get_length(in) - t->seen;

		n = n < sizeof(part) ? n : sizeof(part);
		evbuffer_ptr_set(in, &from, t->seen, EVBUFFER_PTR_SET);
		evbuffer_copyout_from(in, &from, part, n);
		for (size_t i = 0; i < n; i++) {
			t->seen++;
			if (read_byte(&t->ahead, part[i]) == USERS && part[i] == CTRL_C)
				return true;
		}
	}
	return false;
}

/* While an answer is under way only Ctrl-C counts; the keys before it are dropped with it. */
static void look_for_cancel(struct telnet *t)
{
	uint8_t byte;
	bool users;

	if (!find_cancel(t))
		return;
	for (size_t n = t->seen; n; n--)
		take_byte(t, &byte, &users);
	conn_cancel(t->conn);
}

void telnet_read(struct telnet *t)
{
	uint8_t byte;
	bool users;

	if (conn_is_busy(t->conn) && !t->full)
		look_for_cancel(t);
	while ((t->full ? !conn_is_closing(t->conn) : conn_goes_on(t->conn)) &&
	       take_byte(t, &byte, &users)) {
		if (!users)
			continue;
		if (t->full)
			key_at_page(t, byte);
		else
			take_key(t, byte);
	}
}

/* ---- the session ---- */

static void greet(struct telnet *t)
{
	static const char negotiation[] = {(char)IAC, (char)WILL, ECHO, (char)IAC, (char)WILL, SGA,
	    (char)IAC, (char)DONT, LINEMODE, (char)IAC, (char)DO, NAWS};
	struct sb b;

	sb_init(&b);
	vty_greeting(access_of(t), &b);
	if (!access_of(t)->open)
		sb_add(&b, "\nUser Access Verification\n\n");
	say(t, b.s);
	sb_fini(&b);
	evbuffer_add(conn_output(t->conn), negotiation, sizeof(negotiation));
}

struct telnet *telnet_new(struct vty_conn *c, const char *from)
{
	struct telnet *t = mem_zalloc(sizeof(*t));

	t->conn = c;
	t->from = mem_strdup(from);
	t->length = access_of(t)->length;
	editor_init(&t->editor);
	sb_init(&t->held);
	if (!access_of(t)->open && !access_of(t)->login.text) {
		say(t, "Vty password is not set.\n");
		conn_hang_up(c);
		return t;
	}
	greet(t);
	if (access_of(t)->open)
		enter(t, begins_enabled(t));
	else
		ask_password(t, LOGIN);
	conn_set_guest(c, t->state == LOGIN);
	prompt(t);
	return t;
}

void telnet_free(struct telnet *t)
{
	if (!t)
		return;
	editor_fini(&t->editor);
	sb_fini(&t->held);
	mem_free(t->from);
	mem_free(t);
}

void telnet_log(struct telnet *t, const char *line)
{
	if (t->state != SHELL)
		return;
	say(t, line);
	say(t, "\n");
}

void telnet_timed_out(struct telnet *t)
{
	say(t, "\nVty connection is timed out.\n");
	conn_hang_up(t->conn);
}

void telnet_show_history(const struct telnet *t, struct out *out)
{
	/* the last one is the command that asks */
	for (unsigned i = 0; i + 1 < t->editor.count; i++)
		out_text(out, "  %s\n", t->editor.history[i]);
}

void telnet_set_length(struct telnet *t, int length)
{
	t->length = length;
}

const char *telnet_from(const struct telnet *t)
{
	return t->from;
}
