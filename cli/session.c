/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions: where a user is, and running the lines that come from there.
 *
 * A configuration statement is a transaction of one, or an edit of the session's candidate. What
 * commands write goes to a buffer of the session first, so that a deferred answer can go on writing
 * to the same emitter whoever asks for more; each call moves the buffer to the caller.
 */
#include <string.h>

#include "cli/internal.h"

struct cli_session *cli_session_new(struct cli *c, uint8_t start_mode)
{
	struct cli_session *s = mem_zalloc(sizeof(*s));

	cli_seal(c);
	s->cli = c;
	place_init(&s->place, start_mode);
	sb_init(&s->buf);
	return s;
}

void cli_session_free(struct cli_session *s)
{
	if (!s)
		return;
	cli_cancel(s);
	candidate_drop(s);
	place_fini(&s->place);
	sb_fini(&s->buf);
	mem_free(s);
}

uint8_t cli_session_mode(const struct cli_session *s)
{
	return s->place.mode;
}

void cli_session_set_mode(struct cli_session *s, uint8_t mode)
{
	s->aside = false;
	place_fini(&s->place);
	place_init(&s->place, mode);
}

void cli_session_confine(struct cli_session *s)
{
	s->confined = true;
}

bool cli_session_closed(const struct cli_session *s)
{
	return s->closed;
}

void cli_session_set_owner(struct cli_session *s, void *owner)
{
	s->owner = owner;
}

void *cli_session_owner(const struct cli_session *s)
{
	return s->owner;
}

const struct conf_node *cli_session_block(const struct cli_session *s)
{
	struct place *p = (struct place *)&s->place;

	return p->mode < MODE_CONFIG ? NULL : place_node(p, session_conf(s));
}

void cli_prompt(const struct cli_session *s, struct sb *to)
{
	uint8_t mode = s->place.mode;
	const char *text = s->cli->modes[mode].prompt;

	sb_fmt(
	    to, "%s%s%s ", cli_hostname(s->cli), text ? text : "", mode == MODE_VIEW ? ">" : "#");
}

/* ---- deferred answers ---- */

static void flush(struct cli_session *s, struct sb *to)
{
	sb_addn(to, s->buf.s, s->buf.len);
	sb_clear(&s->buf);
}

void cli_cancel(struct cli_session *s)
{
	if (s->end)
		s->end(s->ctx);
	s->step = NULL;
	s->end = NULL;
	if (s->out)
		out_free(s->out);
	s->out = NULL;
	sb_clear(&s->buf);
}

enum cli_rc cli_defer(struct cli_call *call, cli_step *step, void (*end)(void *ctx), void *ctx)
{
	struct cli_session *s = call->session;

	s->step = step;
	s->end = end;
	s->ctx = ctx;
	s->result = CLI_OK;
	return CLI_SUSPEND;
}

void cli_set_result(struct cli_session *s, enum cli_rc rc)
{
	s->result = rc;
}

void cli_wait(struct cli_session *s)
{
	s->waits = true;
}

bool cli_waits(const struct cli_session *s)
{
	return s->step && s->waits;
}

enum cli_rc cli_more(struct cli_session *s, struct sb *to)
{
	bool more;

	if (!s->step)
		return CLI_OK;
	s->waits = false;
	more = s->step(s->ctx, s->out);
	flush(s, to);
	if (more)
		return CLI_SUSPEND;
	cli_cancel(s);
	return s->result;
}

/* ---- running a line ---- */

static enum cli_rc run_command(struct cli_session *s, const struct parse *p, struct sb *to)
{
	struct cli_args *args = args_new(p);
	struct cli_call call = {
	    .app = s->cli->app.app,
	    .cli = s->cli,
	    .session = s,
	    .row = p->rule->row,
	    .args = args,
	    .no = p->no,
	};
	enum cli_rc rc = CLI_OK;

	s->out = out_new(&s->buf, arg_has(args, "json"));
	call.out = s->out;
	if (call.row->run)
		rc = call.row->run(&call);
	flush(s, to);
	if (rc != CLI_SUSPEND)
		cli_cancel(s);
	conf_args_free(args);
	return rc;
}

static enum cli_rc run_statement(
    struct cli_session *s, const struct parse *p, uint8_t mode, struct sb *to)
{
	enum cli_rc rc;
	struct tx t;

	if (!s->aside)
		history_begin(s->cli, "shell", s);
	tx_init(&t, session_conf(s));
	rc = place_edit(&t, &s->place, p, mode, to);
	if (rc == CLI_OK)
		rc = tx_commit(&t, s->aside, to);
	tx_fini(&t);
	return rc;
}

static void complain(enum cli_rc rc, const char *line, struct sb *to)
{
	sb_fmt(to, "%% %s: %.*s\n", rc_text(rc), (int)strcspn(line, "\r\n"), line);
}

/* `do`: the rest is a command of the enable mode. FRR takes it in enable mode too, and its vtysh
 * sends `do write terminal` there. */
static bool is_do(const struct cli_session *s, const struct words *ws)
{
	return s->place.mode >= MODE_ENABLE && ws->n && !strcmp(ws->w[0].s, "do");
}

static void drop_word(struct words *ws)
{
	ws->n--;
	memmove(ws->w, ws->w + 1, ws->n * sizeof(ws->w[0]));
}

static enum cli_rc exec_words(struct cli_session *s, struct words *ws, struct sb *to)
{
	struct parse p;
	enum cli_rc rc;
	uint8_t mode;

	if (is_do(s, ws)) {
		drop_word(ws);
		if (!ws->n)
			return CLI_INCOMPLETE;
		rc = grammar_match(s->cli, MODE_ENABLE, ws, &p);
		return rc == CLI_OK ? run_command(s, &p, to) : rc;
	}
	rc = place_match(s->cli, &s->place, ws, &p, &mode);
	if (rc == CLI_NO_MATCH && s->aside) {
		rc = grammar_match(s->cli, MODE_CANDIDATE, ws, &p);
		return rc == CLI_OK ? run_command(s, &p, to) : rc;
	}
	if (rc != CLI_OK)
		return rc;
	if (p.rule->row->flags & ROW_CONFIG)
		return run_statement(s, &p, mode, to);
	return run_command(s, &p, to);
}

enum cli_rc cli_exec(struct cli_session *s, const char *line, struct sb *to)
{
	enum cli_rc rc = CLI_OK;
	struct words ws;

	cli_cancel(s);
	words_split(&ws, line);
	if (ws.n && !strchr("!#", ws.w[0].s[0]))
		rc = exec_words(s, &ws, to);
	words_fini(&ws);
	if (rc == CLI_NO_MATCH || rc == CLI_AMBIGUOUS || rc == CLI_INCOMPLETE)
		complain(rc, line, to);
	return rc;
}
