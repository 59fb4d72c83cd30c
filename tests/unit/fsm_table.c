/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every state against every event, as written down from RFC 4271 section 8.2.2 (and the departures
 * that bgpd/fsm/fsm.c names). A cell is "next state, counter, actions[@notification]". */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bgpd/fsm/fsm.h"

static const char state_letter[] = "ICASOE";
static const char action_letter[FSM_ACTION_COUNT] = {
    [FSM_DO_CONNECT] = 'c',
    [FSM_DO_CLOSE] = 'x',
    [FSM_DO_SEND_OPEN] = 'o',
    [FSM_DO_SEND_KEEPALIVE] = 'k',
    [FSM_DO_SEND_NOTIFY] = 'n',
    [FSM_DO_START_CONNECT_RETRY] = 'r',
    [FSM_DO_STOP_CONNECT_RETRY] = 'R',
    [FSM_DO_START_HOLD_LARGE] = 'L',
    [FSM_DO_START_HOLD] = 'h',
    [FSM_DO_START_KEEPALIVE] = 'p',
    [FSM_DO_START_DELAY_OPEN] = 'd',
    [FSM_DO_STOP_DELAY_OPEN] = 'D',
    [FSM_DO_STOP_TIMERS] = 'z',
    [FSM_DO_START_IDLE_HOLD] = 'i',
    [FSM_DO_RELEASE] = 'q',
    [FSM_DO_ESTABLISHED] = 'e',
    [FSM_DO_UPDATE] = 'u',
    [FSM_DO_REFRESH] = 'f',
};

struct row {
	enum fsm_event event;
	const char *cell[FSM_STATE_COUNT];
};

/* Letters of states: Idle Connect Active S=OpenSent O=OpenConfirm Established. Counter: 0 zeroed,
 * + added to, = kept. "-": ignored. With damping, without DelayOpen, not passive. */
static const struct row rows[] = {
    {FSM_MANUAL_START, {"C0rc", "-", "-", "-", "-", "-"}},
    {FSM_MANUAL_STOP, {"-", "I0zx", "I0zx", "I0nzx@6/2", "I0nzx@6/2", "I0nzqx@6/2"}},
    {FSM_AUTO_START, {"C0rc", "-", "-", "-", "-", "-"}},
    {FSM_MANUAL_START_PASSIVE, {"A0", "-", "-", "-", "-", "-"}},
    {5, {"-", "-", "-", "-", "-", "-"}},
    {6, {"-", "-", "-", "-", "-", "-"}},
    {7, {"-", "-", "-", "-", "-", "-"}},
    {FSM_AUTO_STOP, {"-", "I+zxi", "I+zxi", "I+nzxi@6/0", "I+nzxi@6/0", "I+nzqxi@6/0"}},
    {FSM_CONNECT_RETRY_EXPIRED,
	{"-", "C=xDrc", "C=xDrc", "I+nzxi@5/1", "I+nzxi@5/2", "I+nzqxi@5/3"}},
    {FSM_HOLD_EXPIRED, {"-", "I+zxi", "I+zxi", "I+nzxi@4/0", "I+nzxi@4/0", "I+nzqxi@4/0"}},
    {FSM_KEEPALIVE_EXPIRED, {"-", "I+zxi", "I+zxi", "I+nzxi@5/1", "O=kp", "E=kp"}},
    {FSM_DELAY_OPEN_EXPIRED, {"-", "S=RDoL", "S=RDoL", "I+nzxi@5/1", "I+nzxi@5/2", "I+nzqxi@5/3"}},
    {FSM_IDLE_HOLD_EXPIRED, {"C=rc", "I+zxi", "I+zxi", "I+nzxi@5/1", "I+nzxi@5/2", "I+nzqxi@5/3"}},
    {14, {"-", "-", "-", "-", "-", "-"}},
    {15, {"-", "-", "-", "-", "-", "-"}},
    {FSM_TCP_CONFIRMED, {"-", "S=RDoL", "S=RDoL", "-", "-", "-"}},
    {FSM_TCP_ACCEPTED, {"-", "S=RDoL", "S=RDoL", "-", "-", "-"}},
    {FSM_TCP_FAILS, {"-", "A=zxr", "I+zxi", "A=zxr", "I+zxi", "I+zqxi"}},
    {FSM_OPEN_GOOD, {"-", "I+zxi", "I+zxi", "O=Rkhp", "I+nzxi@5/2", "I+nzqxi@5/3"}},
    {FSM_OPEN_GOOD_DELAY_RUNNING,
	{"-", "O=RDokhp", "O=RDokhp", "I+nzxi@5/1", "I+nzxi@5/2", "I+nzqxi@5/3"}},
    {FSM_HEADER_BAD, {"-", "I+zxi", "I+zxi", "I+nzxi@0/0", "I+nzxi@0/0", "I+nzqxi@0/0"}},
    {FSM_OPEN_BAD, {"-", "I+zxi", "I+zxi", "I+nzxi@0/0", "I+nzxi@0/0", "I+nzqxi@0/0"}},
    {FSM_COLLISION_DUMP, {"-", "I+zxi", "I+zxi", "I+nzxi@6/7", "I+nzxi@6/7", "I+nzqxi@6/7"}},
    {FSM_NOTIFY_VERSION, {"-", "I+zxi", "I+zxi", "I=zxi", "I=zxi", "I+zqxi"}},
    {FSM_NOTIFY, {"-", "I+zxi", "I+zxi", "I+nzxi@5/1", "I+zxi", "I+zqxi"}},
    {FSM_KEEPALIVE, {"-", "I+zxi", "I+zxi", "I+nzxi@5/1", "E=he", "E=h"}},
    {FSM_UPDATE, {"-", "I+zxi", "I+zxi", "I+nzxi@5/1", "I+nzxi@5/2", "E=hu"}},
    {FSM_UPDATE_BAD, {"-", "I+zxi", "I+zxi", "I+nzxi@5/1", "I+nzxi@5/2", "I+nzqxi@0/0"}},
    {FSM_REFRESH, {"-", "I+zxi", "I+zxi", "I+nzxi@5/1", "I+nzxi@5/2", "E=hf"}},
    {FSM_SEND_HOLD_EXPIRED, {"-", "I+zxi", "I+zxi", "I+nzxi@5/1", "I+nzxi@8/0", "I+nzqxi@8/0"}},
};

static void describe(struct fsm before, const struct fsm_result *r, char *out)
{
	bool notify = false;
	char *p = out;

	*p++ = state_letter[r->next.state];
	if (r->next.connect_retry_count == 0 && before.connect_retry_count)
		*p++ = '0';
	else
		*p++ = r->next.connect_retry_count > before.connect_retry_count ? '+' : '=';
	for (unsigned i = 0; i < r->count; i++) {
		*p++ = action_letter[r->actions[i]];
		notify |= r->actions[i] == FSM_DO_SEND_NOTIFY;
	}
	*p = '\0';
	if (notify)
		sprintf(p, "@%u/%u", r->notify_code, r->notify_subcode);
	if (r->next.state == before.state && out[1] == '=' && r->count == 0)
		strcpy(out, "-");
}

static void check(const struct fsm_cfg *cfg, struct fsm before, enum fsm_event e, const char *want)
{
	char got[32];
	struct fsm_result r = fsm_step(cfg, before, e);

	describe(before, &r, got);
	cr_expect_str_eq(got, want, "%s, event %d: want %s, got %s", fsm_state_name(before.state),
	    (int)e, want, got);
}

Test(fsm, every_state_and_event)
{
	static const struct fsm_cfg cfg = {.damp_oscillations = true};
	bool seen[FSM_EVENT_COUNT] = {0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		seen[rows[i].event] = true;
		for (unsigned s = 0; s < FSM_STATE_COUNT; s++)
			check(&cfg, (struct fsm){.state = s, .connect_retry_count = 3},
			    rows[i].event, rows[i].cell[s]);
	}
	for (unsigned e = 1; e < FSM_EVENT_COUNT; e++)
		cr_expect(seen[e], "event %u has no row", e);
}

Test(fsm, without_damping_nothing_restarts)
{
	static const struct fsm_cfg plain = {0}, damped = {.damp_oscillations = true};

	for (unsigned s = 0; s < FSM_STATE_COUNT; s++) {
		for (unsigned e = 1; e < FSM_EVENT_COUNT; e++) {
			struct fsm_result a = fsm_step(&plain, (struct fsm){.state = s}, e);
			struct fsm_result b = fsm_step(&damped, (struct fsm){.state = s}, e);
			unsigned rest = 0;

			for (unsigned i = 0; i < b.count; i++)
				if (b.actions[i] != FSM_DO_START_IDLE_HOLD)
					cr_expect_eq(a.actions[rest++], b.actions[i]);
			cr_expect_eq(a.count, rest);
			cr_expect_eq(a.next.state, b.next.state);
		}
	}
}

Test(fsm, damping_restarts_by_itself_and_keeps_the_count)
{
	static const struct fsm_cfg cfg = {.damp_oscillations = true};
	struct fsm f = {.state = FSM_ESTABLISHED};

	f = fsm_step(&cfg, f, FSM_NOTIFY).next;
	cr_expect_eq(f.state, FSM_IDLE);
	cr_expect_eq(f.connect_retry_count, 1);
	f = fsm_step(&cfg, f, FSM_IDLE_HOLD_EXPIRED).next;
	cr_expect_eq(f.state, FSM_CONNECT);
	cr_expect_eq(f.connect_retry_count, 1);
	f = fsm_step(&cfg, f, FSM_MANUAL_STOP).next;
	cr_expect_eq(f.connect_retry_count, 0);
}

Test(fsm, passive_waits)
{
	static const struct fsm_cfg cfg = {.passive = true, .damp_oscillations = true};
	struct fsm idle = {.state = FSM_IDLE, .connect_retry_count = 3};

	check(&cfg, idle, FSM_MANUAL_START, "A0");
	check(&cfg, idle, FSM_AUTO_START, "A0");
	check(&cfg, idle, FSM_IDLE_HOLD_EXPIRED, "A=");
	check(&cfg, (struct fsm){.state = FSM_ACTIVE}, FSM_TCP_ACCEPTED, "S=RDoL");
	check(&cfg, (struct fsm){.state = FSM_OPENSENT}, FSM_TCP_FAILS, "A=zx");
	check(&cfg, (struct fsm){.state = FSM_CONNECT}, FSM_TCP_FAILS, "A=zx");
}

Test(fsm, delay_open)
{
	static const struct fsm_cfg cfg = {.delay_open = true, .damp_oscillations = true};
	static const enum fsm_state before[] = {FSM_CONNECT, FSM_ACTIVE};
	static const char *const held[] = {"C=Rd", "A=Rd"};

	for (unsigned i = 0; i < 2; i++) {
		struct fsm f = {.state = before[i]};

		check(&cfg, f, FSM_TCP_CONFIRMED, held[i]);
		check(&cfg, f, FSM_TCP_ACCEPTED, held[i]);
		f = fsm_step(&cfg, f, FSM_TCP_CONFIRMED).next;
		cr_expect_eq(f.state, before[i]);
		cr_expect(f.delay_open_running);
		check(&cfg, f, FSM_DELAY_OPEN_EXPIRED, "S=RDoL");
		check(&cfg, f, FSM_OPEN_GOOD_DELAY_RUNNING, "O=RDokhp");
		check(&cfg, f, FSM_NOTIFY_VERSION, "I=zxi");
		check(&cfg, f, FSM_CONNECT_RETRY_EXPIRED, "C=xDrc");
		for (unsigned e = FSM_DELAY_OPEN_EXPIRED; e < FSM_EVENT_COUNT; e++) {
			struct fsm_result r = fsm_step(&cfg, f, e);
			if (r.next.state > FSM_ACTIVE || r.next.state == FSM_IDLE)
				cr_expect_not(r.next.delay_open_running, "event %u", e);
		}
	}
}

Test(fsm, nothing_but_a_start_leaves_idle)
{
	static const struct fsm_cfg cfg = {.damp_oscillations = true};

	for (unsigned e = 1; e < FSM_EVENT_COUNT; e++) {
		bool start = e == FSM_MANUAL_START || e == FSM_AUTO_START ||
			     e == FSM_MANUAL_START_PASSIVE || e == FSM_IDLE_HOLD_EXPIRED;
		struct fsm_result r = fsm_step(&cfg, (struct fsm){.state = FSM_IDLE}, e);
		cr_expect_eq(r.next.state != FSM_IDLE, start, "event %u", e);
	}
}

Test(fsm, collision)
{
	/* RFC 4271 6.8: the connection of the side with the higher identifier stays. */
	cr_expect(fsm_keep_own_connection(2, 1, 65001, 65002));
	cr_expect_not(fsm_keep_own_connection(1, 2, 65002, 65001));
	cr_expect(fsm_keep_own_connection(0xc0a80101, 0x0a000001, 1, 2));
	/* RFC 6286 2.3: equal identifiers, the higher AS number decides. */
	cr_expect(fsm_keep_own_connection(7, 7, 65002, 65001));
	cr_expect_not(fsm_keep_own_connection(7, 7, 65001, 65002));
	/* Both sides must come to opposite answers. */
	for (uint32_t id = 1; id < 4; id++)
		for (uint32_t other = 1; other < 4; other++)
			cr_expect_neq(fsm_keep_own_connection(id, other, 10, 20),
			    fsm_keep_own_connection(other, id, 20, 10));
}

Test(fsm, names)
{
	cr_expect_str_eq(fsm_state_name(FSM_IDLE), "Idle");
	cr_expect_str_eq(fsm_state_name(FSM_ESTABLISHED), "Established");
	cr_expect_str_eq(fsm_event_name(FSM_OPEN_GOOD), "Receive_OPEN_message");
	cr_expect_str_eq(fsm_event_name(14), "Unknown");
}
