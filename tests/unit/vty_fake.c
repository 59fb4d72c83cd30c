/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See vty_fake.h. Only what vty calls is here, so the tests of vty need no engine. */
#include "tests/unit/vty_fake.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/out.h"
#include "vty/conn.h"

struct cli {
	unsigned pieces, cancelled, sessions;
	const char *text;
};

struct cli_session {
	struct cli *cli;
	void *owner;
	uint8_t mode;
	bool closed;
	unsigned left;
	/* of a save */
	cli_step *step;
	void (*end)(void *ctx);
	void *ctx;
	enum cli_rc result;
};

struct cli *fake_cli_new(void)
{
	struct cli *c = mem_zalloc(sizeof *c);

	c->text = "";
	return c;
}

unsigned fake_pieces(const struct cli *c)
{
	return c->pieces;
}

unsigned fake_cancelled(const struct cli *c)
{
	return c->cancelled;
}

unsigned fake_sessions(const struct cli *c)
{
	return c->sessions;
}

void fake_set_text(struct cli *c, const char *text)
{
	c->text = text;
}

/* A job of a few steps. */
struct cli_job {
	struct cli *cli;
	char *text;
	unsigned left;
};

struct cli_job *cli_job_new(struct cli *c, char *text, enum cli_job_kind kind)
{
	struct cli_job *j = mem_zalloc(sizeof *j);

	(void)kind;
	*j = (struct cli_job){.cli = c, .text = text, .left = 3};
	return j;
}

bool cli_job_step(struct cli_job *j)
{
	return --j->left > 0;
}

size_t cli_job_end(struct cli_job *j, cli_report *report, void *ctx, struct sb *plan)
{
	size_t faults = report ? cli_load(j->cli, j->text, false, report, ctx) : 0;

	(void)plan;
	mem_free(j->text);
	mem_free(j);
	return faults;
}

void cli_fault_locate(const struct cli_fault *f, struct sb *to)
{
	sb_fmt(to, "line %u\n", f->line);
}

void cli_job_record(
    struct cli_job *j, const char *source, struct cli_session *s, const char *comment)
{
	(void)j;
	(void)source;
	(void)s;
	(void)comment;
}

bool cli_unconfirmed(const struct cli *c)
{
	(void)c;
	return false;
}

void cli_free(struct cli *c)
{
	mem_free(c);
}

struct cli_session *cli_session_new(struct cli *c, uint8_t start_mode)
{
	struct cli_session *s = mem_zalloc(sizeof *s);

	s->cli = c;
	s->mode = start_mode;
	c->sessions++;
	return s;
}

void cli_session_free(struct cli_session *s)
{
	s->cli->sessions--;
	mem_free(s);
}

uint8_t cli_session_mode(const struct cli_session *s)
{
	return s->mode;
}

void cli_session_set_mode(struct cli_session *s, uint8_t mode)
{
	s->mode = mode;
}

void cli_session_confine(struct cli_session *s)
{
	(void)s;
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

void cli_prompt(const struct cli_session *s, struct sb *to)
{
	static const char *const prompts[] = {"r1> ", "r1# ", "r1(config)# "};

	sb_add(to, prompts[s->mode]);
}

enum cli_rc cli_exec(struct cli_session *s, const char *line, struct sb *to)
{
	if (strncmp(line, "echo ", 5) == 0) {
		sb_fmt(to, "%s\n", line + 5);
	} else if (strncmp(line, "big ", 4) == 0) {
		s->left = (unsigned)atoi(line + 4);
		return CLI_SUSPEND;
	} else if (strcmp(line, "nul") == 0) {
		sb_addn(to, "a\0b\n", 4);
	} else if (strcmp(line, "fail") == 0) {
		sb_add(to, "% no\n");
		return CLI_CONFIG_FAILED;
	} else if (strcmp(line, "configure") == 0) {
		s->mode = MODE_CONFIG;
	} else if (strcmp(line, "end") == 0 || strcmp(line, "enable") == 0) {
		s->mode = MODE_ENABLE;
	} else if (strcmp(line, "write integrated") == 0) {
		struct cli_call call = {.cli = s->cli, .session = s, .out = out_new(to, false)};
		enum cli_rc rc = vty_save(conn_server(conn_of(s)), SAVE_INTEGRATED, &call);

		out_free(call.out);
		return rc;
	} else if (strcmp(line, "exit") == 0) {
		s->closed = true;
	} else {
		sb_fmt(to, "%% Unknown command: %s\n", line);
		return CLI_NO_MATCH;
	}
	return CLI_OK;
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

/* There is no disk that one could wait for. */
void cli_wait(struct cli_session *s)
{
	(void)s;
}

bool cli_waits(const struct cli_session *s)
{
	(void)s;
	return false;
}

static enum cli_rc end_save(struct cli_session *s, struct sb *to)
{
	struct out *out = out_new(to, false);

	s->step(s->ctx, out);
	s->end(s->ctx);
	s->step = NULL;
	out_free(out);
	return s->result;
}

enum cli_rc cli_more(struct cli_session *s, struct sb *to)
{
	char piece[FAKE_PIECE];

	if (s->step)
		return end_save(s, to);
	memset(piece, 'x', sizeof piece);
	piece[sizeof piece - 1] = '\n';
	sb_addn(to, piece, sizeof piece);
	s->cli->pieces++;
	return --s->left ? CLI_SUSPEND : CLI_OK;
}

void cli_cancel(struct cli_session *s)
{
	s->cli->cancelled++;
	s->left = 0;
}

enum cli_rc cli_complete(struct cli_session *s, const char *line, struct sb *to)
{
	(void)s;
	sb_fmt(to, "%s-a\tFirst\n%s-b\tSecond\n", line, line);
	return CLI_OK;
}

enum cli_rc cli_explain(struct cli_session *s, const char *line, unsigned width, struct sb *to)
{
	(void)s;
	sb_fmt(to, "  %s in %u\n", line, width);
	return CLI_OK;
}

size_t cli_load(struct cli *c, const char *text, bool check_only, cli_report *report, void *ctx)
{
	size_t faults = 0;
	unsigned number = 0;

	(void)c;
	(void)check_only;
	for (const char *p = text; *p;) {
		const char *end = strchrnul(p, '\n');
		char *line = mem_strndup(p, (size_t)(end - p));
		bool bad = strncmp(line, "bad", 3) == 0, wrong = strncmp(line, "wrong", 5) == 0;

		number++;
		if (bad || wrong) {
			report(ctx, &(struct cli_fault){.line = number,
					.text = line,
					.rc = bad ? CLI_NO_MATCH : CLI_CONFIG_FAILED,
					.message = wrong ? "% refused\n" : ""});
			faults++;
		}
		mem_free(line);
		p = *end ? end + 1 : end;
	}
	return faults;
}

enum cli_rc cli_mark(struct cli *c, const char *text, struct sb *to, struct sb *err)
{
	(void)c;
	sb_fmt(to, "%s\nend\n", text);
	sb_add(err, "line 1: odd\n");
	return CLI_NO_MATCH;
}

void cli_fault_print(const struct cli_fault *f, struct sb *out, struct sb *err)
{
	sb_add(out, f->message);
	sb_fmt(err, "line %u: %d: %s\n", f->line, (int)f->rc, f->text);
}

void cli_print(const struct cli *c, struct sb *to)
{
	sb_add(to, c->text);
}

/* The rows of vty/rows.c call these; no test runs a row. */
const char *arg_str(const struct cli_args *a, const char *name)
{
	(void)a;
	(void)name;
	return NULL;
}

bool arg_has(const struct cli_args *a, const char *name)
{
	(void)a;
	(void)name;
	return false;
}

uint32_t arg_u32(const struct cli_args *a, const char *name, uint32_t otherwise)
{
	(void)a;
	(void)name;
	return otherwise;
}
