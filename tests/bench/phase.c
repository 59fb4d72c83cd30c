/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phases: a command starts one, and it ends when every receiver holds exactly what it must, the
 * router has been silent for a while after that, and a count from the beginning says the same. Its
 * time is that of the last message that was needed. Anything that must not be (a session lost, a
 * wrong or superfluous route, the timeout) makes it fail.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "lib/mem.h"
#include "tests/bench/load.h"

static double self_cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static void start(struct load *l, enum phase_kind kind, const char *name)
{
	struct phase *p = &l->phase;

	samples_free(&p->latency);
	*p = (struct phase){.kind = kind,
	    .before = l->findings,
	    .bytes_received = l->env.bytes_received,
	    .bytes_sent = l->env.bytes_sent};
	snprintf(p->name, sizeof(p->name), "%s", name);
	l->findings.example[0] = '\0';
	model_update(&l->model);
	(void)load_recount(l);
	p->self_cpu = self_cpu();
	p->start = now_s();
	phase_satisfied(l, l->unsatisfied == 0);
}

void phase_satisfied(struct load *l, bool all)
{
	l->phase.done = all ? now_s() : 0;
}

void phase_fail(struct load *l, const char *why)
{
	if (!l->phase.failed)
		snprintf(l->phase.why, sizeof(l->phase.why), "%s", why);
	l->phase.failed = true;
	if (l->phase.kind == PHASE_NONE)
		printf("{\"event\":\"lost\",\"why\":\"%s\"}\n", why);
}

/* ---- the end of a phase ---- */

/* One more reason why it failed; as much of it as there is room for. */
static void add_fault(struct load *l, const char *what)
{
	struct phase *p = &l->phase;
	size_t used = p->failed ? strlen(p->why) : 0;

	if (used && used + 2 < sizeof(p->why)) {
		memcpy(p->why + used, "; ", 2);
		used += 2;
	}
	size_t n = strnlen(what, sizeof(p->why) - 1 - used);
	memcpy(p->why + used, what, n);
	p->why[used + n] = '\0';
	p->failed = true;
}

static void judge(struct load *l, uint64_t missing)
{
	const struct findings *a = &l->phase.before, *b = &l->findings;
	char text[80];

	if (missing && l->phase.kind != PHASE_WAIT) {
		snprintf(text, sizeof(text), "%llu prefixes are not as they must be",
		    (unsigned long long)missing);
		add_fault(l, text);
	}
	if (b->wrong != a->wrong || b->superfluous != a->superfluous ||
	    b->malformed != a->malformed)
		add_fault(l, b->example);
}

static void print_counts(const struct load *l)
{
	const struct findings *a = &l->phase.before, *b = &l->findings;
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
	    {"updates", b->updates - a->updates},
	    {"announced", b->announced - a->announced},
	    {"withdrawn", b->withdrawn - a->withdrawn},
	    {"repeats", b->repeats - a->repeats},
	    {"changes", b->changes - a->changes},
	    {"echoes", b->echoes - a->echoes},
	    {"wrong", b->wrong - a->wrong},
	    {"superfluous", b->superfluous - a->superfluous},
	    {"foreign", b->foreign - a->foreign},
	    {"malformed", b->malformed - a->malformed},
	    {"bytes_received", l->env.bytes_received - l->phase.bytes_received},
	    {"bytes_sent", l->env.bytes_sent - l->phase.bytes_sent},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		printf(",\"%s\":%llu", rows[i].name, (unsigned long long)rows[i].value);
}

static void print_samples(const char *name, struct samples *s)
{
	samples_sort(s);
	printf(",\"%s\":{\"n\":%u,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}", name, s->count,
	    samples_at(s, 0.5), samples_at(s, 0.99), samples_at(s, 1));
}

static void finish(struct load *l)
{
	struct phase *p = &l->phase;
	uint64_t missing = load_recount(l), held = 0;

	judge(l, missing);
	if (p->kind == PHASE_UP)
		p->done = now_s();
	for (uint32_t i = 0; i < l->count; i++)
		held += l->speakers[i].receives ? l->speakers[i].receiver.held : 0;
	printf("{\"phase\":\"%s\",\"ok\":%s,\"done_s\":%.4f,\"end_s\":%.4f,\"held\":%llu,"
	       "\"missing\":%llu,\"self_cpu_s\":%.3f",
	    p->name, p->failed ? "false" : "true", p->done ? p->done - p->start : -1,
	    now_s() - p->start, (unsigned long long)held, (unsigned long long)missing,
	    self_cpu() - p->self_cpu);
	print_counts(l);
	if (p->kind == PHASE_CHURN)
		print_samples("latency_ms", &p->latency);
	if (p->failed)
		printf(",\"why\":\"%s\"", p->why);
	printf("}\n");
	p->kind = PHASE_NONE;
	p->failed = false;
	for (uint32_t i = 0; i < l->count; i++)
		l->announce[i] = false;
}

static bool is_complete(const struct load *l)
{
	const struct phase *p = &l->phase;
	double last = l->env.last_update > p->done ? l->env.last_update : p->done;

	switch (p->kind) {
	case PHASE_UP:
		return l->up == l->count;
	case PHASE_WAIT:
		return now_s() >= p->end;
	case PHASE_CHURN:
		if (now_s() < p->start + p->seconds || p->owed)
			return false;
		break;
	default:
		break;
	}
	return p->done != 0 && now_s() - last > l->o.settle;
}

void phase_poll(struct load *l)
{
	struct phase *p = &l->phase;

	if (p->kind != PHASE_NONE) {
		if (!is_complete(l) && !p->failed && now_s() - p->start > l->o.timeout)
			phase_fail(l, "timeout");
		if (is_complete(l) || p->failed)
			finish(l);
	}
	while (p->kind == PHASE_NONE && l->input_len) {
		char *end = memchr(l->input, '\n', l->input_len);
		if (!end)
			break;
		size_t n = (size_t)(end - l->input) + 1;
		*end = '\0';
		if (!phase_command(l, l->input))
			printf("{\"event\":\"unknown command\"}\n");
		l->input_len -= n;
		memmove(l->input, l->input + n, l->input_len);
	}
	fflush(stdout);
	if (l->ended && p->kind == PHASE_NONE)
		event_base_loopbreak(l->env.base);
}

/* ---- churn ---- */

void phase_arrived(void *ctx, uint32_t prefix)
{
	const struct speaker *s = ctx;
	struct load *l = s->env->ctx;
	struct change *c = &l->changes[prefix];

	if (!c->owed || !l->counted[s->index])
		return;
	samples_add(&l->phase.latency, (now_s() - c->at) * 1e3);
	c->owed--;
	l->phase.owed--;
}

static void change_one(struct load *l)
{
	uint32_t prefix = random_below(&l->random, l->table.count), listeners = 0;
	struct change *c = &l->changes[prefix];
	struct bytes message = {0};
	struct attributes a;

	if (c->owed)
		return;
	for (uint32_t i = 0; i < l->count; i++)
		listeners += l->counted[i];
	l->variant++;
	model_change(&l->model, prefix, l->variant);
	attributes_make(l->o.seed, 0, l->table.run_of[prefix], l->variant, &a);
	update_announce(&message, &l->table, prefix, 1, &l->who[0], &a);
	/* Nobody has it yet, whoever had the right one before. */
	for (uint32_t i = 0; i < l->count; i++)
		if (l->speakers[i].receives) {
			l->unsatisfied += l->counted[i] && !l->speakers[i].receiver.missing;
			l->speakers[i].receiver.missing +=
			    model_allows(&l->model, &l->speakers[i].receiver, prefix,
				l->speakers[i].receiver.have[prefix]) == false;
		}
	*c = (struct change){now_s(), listeners};
	l->phase.owed += listeners;
	l->phase.sent++;
	phase_satisfied(l, false);
	speaker_send(&l->speakers[0], message.p, message.len);
	bytes_free(&message);
}

void phase_churn(struct load *l)
{
	struct phase *p = &l->phase;
	double passed = now_s() - p->start;

	if (p->kind != PHASE_CHURN)
		return;
	for (unsigned most = 64; most && passed < p->seconds && p->sent < passed * p->rate; most--)
		change_one(l);
}

/* ---- commands ---- */

static void begin_routes(struct load *l, const char *name, bool on)
{
	for (uint32_t i = 0; i < l->model.senders; i++)
		model_announce(&l->model, i, on);
	model_forget_changes(&l->model);
	start(l, PHASE_ROUTES, name);
	for (uint32_t i = 0; i < l->count; i++)
		if (load_sends(l, i))
			speaker_send_bulk(
			    &l->speakers[i], on ? &l->announcements[i] : &l->withdrawals[i]);
}

static void begin_close(struct load *l, uint32_t first, uint32_t last)
{
	for (uint32_t i = first; i <= last && i < l->count; i++) {
		l->wanted[i] = l->counted[i] = false;
		if (load_sends(l, i))
			model_announce(&l->model, i, false);
	}
	model_forget_changes(&l->model);
	start(l, PHASE_ROUTES, "close");
	for (uint32_t i = first; i <= last && i < l->count; i++) {
		l->up -= l->speakers[i].state == SPEAKER_UP;
		speaker_close(&l->speakers[i]);
		if (l->speakers[i].receives)
			receiver_clear(&l->speakers[i].receiver);
	}
}

static void begin_open(struct load *l)
{
	for (uint32_t i = 0; i < l->count; i++) {
		if (l->wanted[i])
			continue;
		l->wanted[i] = true;
		l->announce[i] = load_sends(l, i);
		l->counted[i] = l->speakers[i].receives;
		if (load_sends(l, i))
			model_announce(&l->model, i, true);
	}
	start(l, PHASE_ROUTES, "open");
	load_connect_more(l);
}

static void begin_up(struct load *l)
{
	start(l, PHASE_UP, "up");
	for (uint32_t i = 0; i < l->count; i++)
		l->wanted[i] = true;
	if (!l->o.direct)
		load_connect_more(l);
}

static void begin_churn(struct load *l, double rate, double seconds)
{
	if (!l->changes)
		l->changes = mem_zalloc((l->table.count + 1) * sizeof(*l->changes));
	start(l, PHASE_CHURN, "churn");
	l->phase.rate = rate;
	l->phase.seconds = seconds;
}

static void stall(struct load *l, uint32_t speaker, double seconds)
{
	if (speaker >= l->count || !l->speakers[speaker].receives)
		return;
	l->stall_end[speaker] = now_s() + seconds;
	l->counted[speaker] = false;
	speaker_deafen(&l->speakers[speaker], true);
	(void)load_recount(l);
}

/* How late keepalives were since the last time, and how many sessions there are. */
static void print_stats(struct load *l)
{
	printf("{\"phase\":\"stats\",\"ok\":true,\"up\":%u", l->up);
	print_samples("keepalive_late_ms", &l->env.keepalives);
	printf("}\n");
	samples_free(&l->env.keepalives);
}

bool phase_command(struct load *l, char *line)
{
	char word[16] = "";
	double a = 0, b = 0;

	sscanf(line, "%15s %lf %lf", word, &a, &b);
	if (!strcmp(word, "up")) {
		begin_up(l);
	} else if (!strcmp(word, "announce") || !strcmp(word, "withdraw")) {
		begin_routes(l, word, word[0] == 'a');
	} else if (!strcmp(word, "close")) {
		begin_close(l, (uint32_t)a, (uint32_t)b);
	} else if (!strcmp(word, "open")) {
		begin_open(l);
	} else if (!strcmp(word, "churn")) {
		begin_churn(l, a, b);
	} else if (!strcmp(word, "settle")) {
		start(l, PHASE_ROUTES, word);
	} else if (!strcmp(word, "wait")) {
		start(l, PHASE_WAIT, word);
		l->phase.end = l->phase.start + a;
	} else if (!strcmp(word, "stall")) {
		stall(l, (uint32_t)a, b);
	} else if (!strcmp(word, "stats")) {
		print_stats(l);
	} else if (!strcmp(word, "quit")) {
		event_base_loopbreak(l->env.base);
	} else {
		return false;
	}
	return true;
}
