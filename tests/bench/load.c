/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the table, the speakers and their messages, and keeps the sessions up. All messages are
 * encoded before anything is measured. At most CONNECTING_MAX handshakes are under way at a time:
 * routers have short queues for new connections, and their length is not what is measured.
 */
#include "tests/bench/load.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/task.h"

enum { CONNECTING_MAX = 32, TICK_MS = 100, POLL_MS = 5 };

bool load_sends(const struct load *l, uint32_t speaker)
{
	return l->o.mesh || speaker < l->o.senders;
}

static bool receives(const struct load *l, uint32_t speaker)
{
	return l->o.mesh || speaker >= l->o.senders;
}

/* ---- what the sessions tell ---- */

static void on_up(void *ctx, uint32_t index)
{
	struct load *l = ctx;

	l->connecting--;
	l->up++;
	if (l->announce[index])
		speaker_send_bulk(&l->speakers[index], &l->announcements[index]);
	load_connect_more(l);
}

static void on_lost(void *ctx, uint32_t index, const char *why)
{
	struct load *l = ctx;
	bool early = l->phase.kind == PHASE_UP || !l->speakers[index].was_up;
	char text[120];

	if (!early) {
		snprintf(text, sizeof(text), "speaker %u lost its session: %s", index, why);
		phase_fail(l, text);
	}
	/* Its place among those that connect is free again; the tick tries once more. */
	l->connecting = l->up = 0;
	for (uint32_t i = 0; i < l->count; i++) {
		l->up += l->speakers[i].state == SPEAKER_UP;
		l->connecting += l->speakers[i].state == SPEAKER_CONNECTING ||
				 l->speakers[i].state == SPEAKER_OPENING;
	}
}

static void on_moved(void *ctx, uint32_t index, uint32_t before)
{
	struct load *l = ctx;
	uint32_t now = l->speakers[index].receiver.missing;

	if (!l->counted[index] || !before == !now)
		return;
	l->unsatisfied += now ? 1 : -1;
	phase_satisfied(l, l->unsatisfied == 0);
}

uint64_t load_recount(struct load *l)
{
	uint64_t missing = 0;

	l->unsatisfied = 0;
	for (uint32_t i = 0; i < l->count; i++) {
		if (!l->counted[i])
			continue;
		receiver_recount(&l->speakers[i].receiver);
		missing += l->speakers[i].receiver.missing;
		l->unsatisfied += l->speakers[i].receiver.missing != 0;
	}
	return missing;
}

void load_connect_more(struct load *l)
{
	for (uint32_t i = 0; i < l->count && l->connecting < CONNECTING_MAX; i++) {
		struct speaker *s = &l->speakers[i];

		if (!l->wanted[i] || s->state != SPEAKER_CLOSED)
			continue;
		l->connecting++;
		if (s->receives) {
			receiver_clear(&s->receiver);
			l->counted[i] = true;
		}
		speaker_connect(s);
	}
}

/* ---- timers ---- */

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct load *l = arg;

	(void)fd;
	(void)what;
	for (uint32_t i = 0; i < l->count; i++) {
		speaker_tick(&l->speakers[i]);
		if (!l->stall_end[i] || now_s() < l->stall_end[i])
			continue;
		l->stall_end[i] = 0;
		l->counted[i] = true;
		speaker_deafen(&l->speakers[i], false);
		(void)load_recount(l);
		phase_satisfied(l, l->unsatisfied == 0);
	}
	if (!l->o.direct)
		load_connect_more(l);
}

static void on_poll(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	phase_poll(arg);
}

static void on_churn(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	phase_churn(arg);
}

static struct event *every(struct load *l, unsigned ms, event_callback_fn cb)
{
	struct timeval tv = {.tv_usec = ms * 1000};
	struct event *ev = event_new(l->env.base, -1, EV_PERSIST, cb, l);

	if (!ev)
		abort();
	event_priority_set(ev, PRIO_HIGH);
	event_add(ev, &tv);
	return ev;
}

/* ---- making ---- */

static struct addr nth(const struct addr *first, uint32_t n)
{
	struct addr a = *first;
	unsigned at = family_bytes(a.family) - 4;
	struct rd r = rd_init(a.b + at, 4);
	struct wr w = wr_init(a.b + at, 4);

	wr_u32(&w, rd_u32(&r) + n);
	return a;
}

static void make_speaker(struct load *l, uint32_t i)
{
	struct speaker *s = &l->speakers[i];

	s->env = &l->env;
	s->index = i;
	s->fd = -1;
	s->local = nth(&l->o.first, i);
	s->router_id = l->router_ids[i] = addr_to_ipv4(&s->local);
	s->who = l->who[i] = (struct identity){.as = l->o.mesh ? l->o.router_as : l->o.as + i,
	    .ibgp = l->o.mesh != 0,
	    .next_hop4 = s->local,
	    .next_hop6 = nth(&l->o.first6, i)};
	s->receives = l->counted[i] = receives(l, i);
}

static void make_table(struct load *l)
{
	const struct options *o = &l->o;
	struct table *t = &l->table;

	table_init(t, o->mesh ? o->mesh * o->each : o->ipv4 + o->ipv6);
	for (uint32_t i = 0; i < o->mesh; i++)
		table_add_node(t, i, o->each);
	if (!o->mesh) {
		table_add(t, o->seed, FAMILY_IPV4, o->ipv4);
		table_add(t, o->seed, FAMILY_IPV6, o->ipv6);
	}
}

static void make_model(struct load *l)
{
	l->model = (struct model){.table = &l->table,
	    .seed = l->o.seed,
	    .senders = l->o.mesh ? l->o.mesh : l->o.senders,
	    .mesh = l->o.mesh != 0,
	    .who = l->who,
	    .router_ids = l->router_ids,
	    .router4 = l->o.router,
	    .foreign = l->o.foreign,
	    .router6 = l->o.router6,
	    .passage = {.direct = l->o.direct,
		.reflected = l->o.mesh != 0,
		.router_as = l->o.router_as,
		.cluster = l->o.cluster}};
	model_init(&l->model);
}

static void announce_run(struct load *l, uint32_t sender, uint32_t run)
{
	const struct run *r = &l->table.runs[run];
	struct attributes a;

	attributes_make(l->o.seed, sender, run, 0, &a);
	update_announce(
	    &l->announcements[sender], &l->table, r->first, r->count, &l->who[sender], &a);
}

static void withdraw_all(struct bytes *to, const struct table *t, uint32_t ipv4)
{
	update_withdraw(to, t, 0, ipv4);
	update_withdraw(to, t, ipv4, t->count - ipv4);
}

static void make_messages(struct load *l, uint32_t sender)
{
	const struct run *own = &l->table.runs[sender];

	if (l->o.mesh) {
		announce_run(l, sender, sender);
		update_withdraw(&l->withdrawals[sender], &l->table, own->first, own->count);
		return;
	}
	for (uint32_t run = 0; run < l->table.run_count; run++)
		announce_run(l, sender, run);
	withdraw_all(&l->withdrawals[sender], &l->table, l->o.ipv4);
}

static void make_arrays(struct load *l)
{
	uint32_t n = l->count;

	l->speakers = mem_zalloc(n * sizeof(*l->speakers));
	l->counted = mem_zalloc(n);
	l->wanted = mem_zalloc(n);
	l->announce = mem_zalloc(n);
	l->stall_end = mem_zalloc(n * sizeof(*l->stall_end));
	l->who = mem_zalloc(n * sizeof(*l->who));
	l->router_ids = mem_zalloc(n * sizeof(*l->router_ids));
	l->announcements = mem_zalloc(n * sizeof(*l->announcements));
	l->withdrawals = mem_zalloc(n * sizeof(*l->withdrawals));
}

void load_init(struct load *l, const struct options *o)
{
	*l = (struct load){.o = *o, .count = o->mesh ? o->mesh : o->senders + o->receivers};
	l->env = (struct speakers_env){.base = task_base_new(),
	    .router = o->router,
	    .port = o->port,
	    .hold = o->hold,
	    .ipv6 = o->ipv6 != 0,
	    .ctx = l,
	    .up = on_up,
	    .lost = on_lost,
	    .moved = on_moved};
	l->random = (struct random){random_mix(o->seed, 77)};
	make_arrays(l);
	make_table(l);
	for (uint32_t i = 0; i < l->count; i++)
		make_speaker(l, i);
	make_model(l);
	for (uint32_t i = 0; i < l->count; i++) {
		struct speaker *s = &l->speakers[i];

		if (load_sends(l, i))
			make_messages(l, i);
		if (!s->receives)
			continue;
		receiver_init(&s->receiver, &l->model, o->mesh ? i : NOT_FOUND, &l->findings);
		s->receiver.arrived = phase_arrived;
		s->receiver.ctx = s;
	}
	l->ev_tick = every(l, TICK_MS, on_tick);
	l->ev_phase = every(l, POLL_MS, on_poll);
	l->ev_churn = every(l, 1, on_churn);
}

void load_fini(struct load *l)
{
	for (uint32_t i = 0; i < l->count; i++) {
		speaker_close(&l->speakers[i]);
		if (l->speakers[i].receives)
			receiver_fini(&l->speakers[i].receiver);
		bytes_free(&l->announcements[i]);
		bytes_free(&l->withdrawals[i]);
	}
	model_fini(&l->model);
	table_fini(&l->table);
	event_free(l->ev_tick);
	event_free(l->ev_phase);
	event_free(l->ev_churn);
	samples_free(&l->env.keepalives);
	samples_free(&l->phase.latency);
	mem_free(l->changes);
	mem_free(l->speakers);
	mem_free(l->counted);
	mem_free(l->wanted);
	mem_free(l->announce);
	mem_free(l->stall_end);
	mem_free(l->who);
	mem_free(l->router_ids);
	mem_free(l->announcements);
	mem_free(l->withdrawals);
}
