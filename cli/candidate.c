/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `configure candidate`: a session edits a configuration of its own and commits it as a whole.
 *
 * The candidate is a copy of what runs, made when the session begins it, and `base` is what it was
 * made from. The statements are read and checked in it exactly as in the running configuration. A
 * commit is a job (cli/job.c), which makes the running configuration equal to the candidate at one
 * moment, so nothing has changed on any refusal. What the candidate is based on, the history and
 * the way back follow in the step of that moment, before anybody else's change.
 *
 * If somebody else changed the running configuration meanwhile, a commit would take that back
 * unseen, so it is refused with what has changed; `commit force` says that the candidate is right.
 * A candidate stays with its session until `discard`; it goes when the session ends.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/internal.h"

enum { SECONDS_A_MINUTE = 60, STEPS_AT_ONCE = 3 };

/* ---- a session's candidate ---- */

struct conf *session_conf(const struct cli_session *s)
{
	return s->aside ? s->candidate : s->cli->running;
}

void candidate_drop(struct cli_session *s)
{
	conf_free(s->candidate);
	conf_free(s->base);
	s->candidate = s->base = NULL;
	s->aside = false;
	s->place.cache = NULL;
}

static void rebase(struct cli_session *s)
{
	conf_free(s->base);
	s->base = conf_copy(s->cli->running);
	s->based_on = s->cli->commits;
}

static size_t difference(const struct conf *from, const struct conf *to)
{
	struct sb text;
	size_t count;

	sb_init(&text);
	count = conf_diff(from, to, false, &text);
	sb_fini(&text);
	return count;
}

void candidate_leave(struct cli_session *s, struct out *out)
{
	if (!s->aside)
		return;
	s->aside = false;
	if (difference(s->base, s->candidate))
		out_text(out,
		    "%% The candidate has changes that are not committed; it is kept\n"
		    "%% until this session ends: commit, configure candidate or discard\n");
	else
		candidate_drop(s);
}

static enum cli_rc configure_run(struct cli_call *call)
{
	struct cli_session *s = call->session;

	if (!s->candidate) {
		s->candidate = conf_copy(s->cli->running);
		rebase(s);
	}
	cli_session_set_mode(s, MODE_CONFIG);
	s->aside = true;
	return CLI_OK;
}

static enum cli_rc discard_run(struct cli_call *call)
{
	struct cli_session *s = call->session;
	bool aside = s->aside;

	if (!s->candidate) {
		out_text(call->out, "%% There is no candidate\n");
		return CLI_CONFIG_FAILED;
	}
	candidate_drop(s);
	return aside ? configure_run(call) : CLI_OK;
}

/* ---- commit ---- */

/* Has the running configuration become another one since the candidate was made from it? */
static bool is_outdated(struct cli_session *s, struct sb *why)
{
	if (s->based_on == s->cli->commits || !conf_diff(s->base, s->cli->running, false, why))
		return false;
	return true;
}

static enum cli_rc refuse_outdated(struct cli_session *s, struct out *out)
{
	struct sb why;
	bool outdated;

	sb_init(&why);
	outdated = is_outdated(s, &why);
	if (outdated)
		out_text(out,
		    "%% The running configuration has changed since this candidate was made:\n%s"
		    "%% `commit force` takes that back, `discard` begins anew\n",
		    why.s);
	sb_fini(&why);
	return outdated ? CLI_CONFIG_FAILED : CLI_OK;
}

/* What the rows' callbacks and the daemon say goes to the user as it is. */
static enum cli_rc check_whole(struct cli_call *call)
{
	struct cli_session *s = call->session;
	struct sb msg;
	enum cli_rc rc;
	struct tx t;

	sb_init(&msg);
	tx_init(&t, s->cli->running);
	tx_equal(&t, s->candidate);
	rc = tx_check(&t, &msg);
	tx_fini(&t);
	out_text(call->out, "%s", msg.s);
	sb_fini(&msg);
	return rc;
}

static enum cli_rc commit_check_run(struct cli_call *call)
{
	struct cli_session *s = call->session;
	enum cli_rc rc;

	if (!s->candidate) {
		out_text(call->out, "%% There is no candidate\n");
		return CLI_CONFIG_FAILED;
	}
	rc = refuse_outdated(s, call->out);
	if (rc == CLI_OK)
		rc = check_whole(call);
	if (rc == CLI_OK)
		out_text(call->out, "The candidate can be committed.\n");
	return rc;
}

static enum cli_rc say_confirmed(bool done, struct out *out)
{
	if (done)
		out_text(out, "The commit is confirmed.\n");
	else
		out_text(out, "%% The commit cannot be confirmed: the state cannot be written\n");
	return done ? CLI_OK : CLI_CONFIG_FAILED;
}

/* `commit` with nothing to change, and no commit before that it could confirm. */
static enum cli_rc say_nothing(const struct cli_session *s, struct out *out)
{
	if (s->candidate) {
		out_text(out, "There is nothing to commit.\n");
		return CLI_OK;
	}
	out_text(out, "%% There is no candidate\n");
	return CLI_CONFIG_FAILED;
}

/* A confirmation on its way to the disk. */
struct confirmation {
	struct cli_session *s;
	uint64_t from, to; /* see history_settled */
};

static enum cli_rc end_confirm(struct cli *c, enum cli_put put, struct out *out)
{
	if (put == CLI_PUT_FAILED)
		history_unconfirm(c);
	return say_confirmed(put == CLI_PUT_DONE, out);
}

static bool step_confirm(void *ctx, struct out *out)
{
	const struct confirmation *w = ctx;
	enum cli_put put = history_settled(w->s->cli, w->from, w->to);

	if (put == CLI_PUT_PENDING) {
		cli_wait(w->s);
		return true;
	}
	w->s->result = end_confirm(w->s->cli, put, out);
	return false;
}

/* `commit` with nothing to change confirms the commit before. */
static enum cli_rc commit_nothing(struct cli_call *call)
{
	struct cli *c = call->cli;
	struct confirmation *w;
	uint64_t from = history_puts(c);
	enum cli_put put;

	if (!cli_unconfirmed(c))
		return say_nothing(call->session, call->out);
	if (!history_confirm(c))
		return say_confirmed(false, call->out);
	put = history_settled(c, from, history_puts(c));
	if (put != CLI_PUT_PENDING)
		return end_confirm(c, put, call->out);
	w = mem_zalloc(sizeof(*w));
	*w = (struct confirmation){.s = call->session, .from = from, .to = history_puts(c)};
	return cli_defer(call, step_confirm, mem_free, w);
}

/* `commit confirmed` with nothing to change gives the commit before so much time. */
static enum cli_rc commit_later(struct cli_call *call, uint32_t minutes)
{
	if (!cli_unconfirmed(call->cli))
		return commit_nothing(call);
	history_delay(call->cli, minutes * SECONDS_A_MINUTE);
	out_text(call->out, "The commit is taken back in %" PRIu32 " minute%s.\n", minutes,
	    minutes == 1 ? "" : "s");
	return CLI_OK;
}

/* A change of the whole configuration under way: a commit, or a rollback to `number`. */
struct whole {
	struct cli_session *s;
	struct cli_job *job;
	uint32_t minutes, number;
	uint32_t entry;        /* in the history; 0: nothing has changed so far */
	bool had;              /* a commit was unconfirmed before; */
	bool confirmed;        /* this one confirms it */
	bool guarding;         /* the way back is not on the disk yet */
	uint64_t from, to;     /* what the disk has to settle; see history_settled */
	uint64_t confirm_from; /* ... of the confirmation alone */
	char *comment;
};

static void report_fault(void *ctx, const struct cli_fault *fault)
{
	struct sb text;

	sb_init(&text);
	if (*fault->text)
		cli_fault_locate(fault, &text);
	else
		sb_add(&text, fault->message);
	out_text(ctx, "%s", text.s);
	sb_fini(&text);
}

/* The change has become real in this step; what others do from the next one on is theirs. */
static void become_real(struct whole *w)
{
	struct cli *c = w->s->cli;

	if (!w->number)
		rebase(w->s);
	w->had = cli_unconfirmed(c);
	if (w->minutes) {
		history_watch(c, w->entry, w->minutes * SECONDS_A_MINUTE);
	} else if (w->had) {
		w->confirm_from = history_puts(c);
		w->confirmed = history_confirm(c);
	}
}

/* The store's part of it; what it was asked for by others meanwhile settles before it. */
static void step_job(struct whole *w)
{
	if (!w->entry) {
		w->from = history_puts(w->s->cli);
		w->to = w->from;
	}
	cli_job_step(w->job);
	if (w->entry)
		return;
	w->entry = job_entry(w->job);
	if (w->entry)
		become_real(w);
	w->to = history_puts(w->s->cli);
}

enum turn { TURN_MORE, TURN_WAIT, TURN_END };

static enum cli_put settled(const struct whole *w)
{
	return history_settled(w->s->cli, w->from, w->to);
}

static enum turn step(struct whole *w)
{
	if (w->guarding && settled(w) != CLI_PUT_DONE)
		return settled(w) == CLI_PUT_FAILED ? TURN_END : TURN_WAIT;
	w->guarding = false;
	if (!cli_job_is_done(w->job))
		step_job(w);
	if (!cli_job_is_done(w->job))
		return TURN_MORE;
	return settled(w) == CLI_PUT_PENDING ? TURN_WAIT : TURN_END;
}

static enum cli_rc end_real(const struct whole *w, struct out *out)
{
	if (!w->minutes || !cli_unconfirmed(w->s->cli)) { /* or somebody has confirmed it already */
		out_text(out, "Configuration %" PRIu32 " is committed.\n", w->entry);
		return w->had && !w->minutes ? say_confirmed(w->confirmed, out) : CLI_OK;
	}
	out_text(out,
	    "Configuration %" PRIu32 " is committed; it is taken back in %" PRIu32
	    " minute%s unless `commit` comes first.\n",
	    w->entry, w->minutes, w->minutes == 1 ? "" : "s");
	return CLI_OK;
}

/* What was to change was there already. */
static enum cli_rc end_unchanged(struct whole *w, struct out *out)
{
	if (w->number)
		out_text(
		    out, "The running configuration is number %" PRIu32 " already.\n", w->number);
	if (!w->number && !cli_unconfirmed(w->s->cli))
		return say_nothing(w->s, out);
	return cli_unconfirmed(w->s->cli) ? say_confirmed(history_confirm(w->s->cli), out) : CLI_OK;
}

static enum cli_rc end_whole(struct whole *w, struct out *out)
{
	bool overtaken = job_was_overtaken(w->job);
	size_t faults;

	if (w->guarding) {
		out_text(out, "%% The way back cannot be kept on the disk: nothing is done\n");
		return CLI_CONFIG_FAILED;
	}
	if (w->confirmed && history_settled(w->s->cli, w->confirm_from, w->to) == CLI_PUT_FAILED) {
		history_unconfirm(w->s->cli);
		w->confirmed = false;
	}
	faults = cli_job_end(w->job, report_fault, out, NULL);
	w->job = NULL;
	if (overtaken && refuse_outdated(w->s, out) == CLI_OK)
		out_text(out,
		    "%% The running configuration was changed, and changed back, meanwhile:\n"
		    "%% commit again\n");
	if (overtaken || faults)
		return CLI_CONFIG_FAILED;
	return w->entry ? end_real(w, out) : end_unchanged(w, out);
}

static bool step_whole(void *ctx, struct out *out)
{
	struct whole *w = ctx;
	enum turn turn = step(w);

	if (turn == TURN_WAIT)
		cli_wait(w->s);
	if (turn != TURN_END)
		return true;
	w->s->result = end_whole(w, out);
	return false;
}

/* Also when the session goes before it is done: then nothing has been done, or all of it. */
static void free_whole(void *ctx)
{
	struct whole *w = ctx;

	if (w->job)
		cli_job_end(w->job, NULL, NULL, NULL);
	if (w->minutes && !w->entry)
		history_unguard(w->s->cli);
	mem_free(w->comment);
	mem_free(w);
}

/* At once if that is short, else piece by piece. */
static enum cli_rc run_whole(struct cli_call *call, struct whole *w)
{
	for (unsigned steps = 0; steps < STEPS_AT_ONCE; steps++) {
		enum turn turn = step(w);
		enum cli_rc rc;

		if (turn == TURN_WAIT)
			break;
		if (turn == TURN_MORE)
			continue;
		rc = end_whole(w, call->out);
		free_whole(w);
		return rc;
	}
	return cli_defer(call, step_whole, free_whole, w);
}

static enum cli_rc commit_guarded(struct cli_call *call, uint32_t minutes)
{
	struct cli_session *s = call->session;
	const char *comment = arg_str(call->args, "text");
	uint64_t from = history_puts(s->cli);
	struct whole *w;

	if (minutes && !history_guard(s->cli)) {
		out_text(
		    call->out, "%% The way back cannot be kept on the disk: nothing is done\n");
		return CLI_CONFIG_FAILED;
	}
	w = mem_zalloc(sizeof(*w));
	*w = (struct whole){.s = s, .minutes = minutes, .guarding = minutes > 0};
	w->from = from;
	w->to = history_puts(s->cli);
	w->comment = comment ? mem_strdup(comment) : NULL;
	w->job = job_equal(s->cli, s->candidate);
	cli_job_record(w->job, "commit", s, w->comment);
	return run_whole(call, w);
}

static enum cli_rc commit_run(struct cli_call *call)
{
	struct cli_session *s = call->session;
	uint32_t minutes = arg_u32(call->args, "minutes", 0);
	enum cli_rc rc = CLI_OK;

	if (!s->candidate)
		return commit_nothing(call);
	if (!arg_has(call->args, "force"))
		rc = refuse_outdated(s, call->out);
	if (rc != CLI_OK)
		return rc;
	if (!difference(call->cli->running, s->candidate))
		return minutes ? commit_later(call, minutes) : commit_nothing(call);
	return commit_guarded(call, minutes);
}

/* ---- going back ---- */

static enum cli_rc rollback_candidate(struct cli_session *s, const struct conf *aside)
{
	enum cli_rc rc;
	struct tx t;

	tx_init(&t, s->candidate);
	tx_become(&t, aside);
	rc = tx_commit(&t, true, NULL);
	tx_fini(&t);
	return rc;
}

static enum cli_rc rollback_running(struct cli_call *call, const char *text)
{
	uint32_t number = arg_u32(call->args, "number", 0);
	struct whole *w = mem_zalloc(sizeof(*w));
	char comment[32];

	snprintf(comment, sizeof(comment), "to %" PRIu32, number);
	*w = (struct whole){.s = call->session, .number = number, .comment = mem_strdup(comment)};
	w->job = cli_job_new(call->cli, mem_strdup(text), CLI_JOB_RELOAD);
	cli_job_record(w->job, "rollback", call->session, w->comment);
	return run_whole(call, w);
}

static enum cli_rc rollback_aside(struct cli_call *call, const char *text)
{
	enum cli_rc rc = CLI_CONFIG_FAILED;
	struct conf *aside;
	struct sb faults;

	sb_init(&faults);
	aside = conf_parse(call->cli, text, &faults);
	out_text(call->out, "%s", faults.s);
	if (!faults.len)
		rc = rollback_candidate(call->session, aside);
	conf_free(aside);
	sb_fini(&faults);
	return rc;
}

/* The text of the history's configuration that the line names; NULL: none, and that is said. */
static const char *named_text(struct cli_call *call)
{
	uint32_t number = arg_u32(call->args, "number", 0);
	const char *text = history_text(call->cli, number);

	if (!text)
		out_text(call->out, "%% There is no configuration %" PRIu32 "\n", number);
	return text;
}

/* In a candidate the old configuration becomes the candidate; else it runs at once. One that an
 * other release wrote may say what this one does not understand: then it is not half of it. */
static enum cli_rc rollback_run(struct cli_call *call)
{
	const char *text = named_text(call);

	if (!text)
		return CLI_CONFIG_FAILED;
	return call->session->aside ? rollback_aside(call, text) : rollback_running(call, text);
}

/* ---- looking ---- */

static enum cli_rc show_diff_run(struct cli_call *call)
{
	const struct cli_session *s = call->session;
	struct sb text;

	if (!s->candidate) {
		out_text(call->out, "%% There is no candidate\n");
		return CLI_CONFIG_FAILED;
	}
	sb_init(&text);
	conf_diff(s->cli->running, s->candidate, false, &text);
	out_raw(call->out, "%s", text.s);
	sb_fini(&text);
	return CLI_OK;
}

static enum cli_rc show_history_run(struct cli_call *call)
{
	history_show(call->cli, call->out);
	return CLI_OK;
}

static enum cli_rc show_number_run(struct cli_call *call)
{
	const char *text = named_text(call);

	if (!text)
		return CLI_CONFIG_FAILED;
	out_raw(call->out, "%s", text);
	return CLI_OK;
}

#define ENABLE (UINT64_C(1) << MODE_ENABLE)
#define BOTH (ENABLE | UINT64_C(1) << MODE_CANDIDATE)
#define COMMIT "Make the candidate the running configuration\n"
#define COMMENT "Say what the change is for\nThe comment"
#define SHOW "Show running system information\nConfiguration information\n"

const struct cli_row candidate_rows[] = {
    {ENABLE, "configure <candidate|private>",
	"Configuration from vty interface\nEdit a candidate, which is committed as a whole\n"
	"Edit a candidate, which is committed as a whole",
	0, .run = configure_run},
    {BOTH, "commit [comment LINE...$text]", COMMIT COMMENT, 0, .run = commit_run},
    {BOTH, "commit check", COMMIT "Only check whether it can be committed", 0,
	.run = commit_check_run},
    {BOTH, "commit confirmed (1-1440)$minutes [comment LINE...$text]",
	COMMIT "Take it back unless another commit follows\nMinutes until then\n" COMMENT, 0,
	.run = commit_run},
    {BOTH, "commit force [comment LINE...$text]",
	COMMIT "Also if the running configuration was changed by others meanwhile\n" COMMENT, 0,
	.run = commit_run},
    {BOTH, "discard", "Forget the candidate's changes", 0, .run = discard_run},
    {BOTH, "rollback (1-4294967295)$number",
	"Go back to an earlier configuration\nIts number in `show configuration history`", 0,
	.run = rollback_run},
    {BOTH, "show configuration diff", SHOW "Candidate against running configuration", 0,
	.run = show_diff_run},
    {BOTH, "show configuration history", SHOW "The last configurations, newest first", 0,
	.run = show_history_run},
    {BOTH, "show configuration (1-4294967295)$number",
	SHOW "Number of the configuration in the history", 0, .run = show_number_run},
};
const size_t candidate_row_count = sizeof(candidate_rows) / sizeof(candidate_rows[0]);
