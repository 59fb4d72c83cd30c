/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The judge of `make bench` must see every fault: a route that is missing, one that nobody
 * announced, an attribute or next hop that is not as it must be. */
#include <criterion/criterion.h>

#include "lib/mem.h"
#include "tests/bench/model.h"

enum { ROUTES = 500, SEED = 7, ROUTER_AS = 65000, SENDER_AS = 4200000000u };

struct judge {
	struct table table;
	struct model model;
	struct identity sender, router;
	uint32_t router_id;
	struct findings findings;
	struct receiver receiver;
};

static struct addr ip(const char *text)
{
	struct addr a;

	cr_assert(addr_parse(text, &a), "%s", text);
	return a;
}

static void judge_init(struct judge *j, const struct passage *passage)
{
	memset(j, 0, sizeof(*j));
	table_init(&j->table, ROUTES + 100);
	table_add(&j->table, SEED, FAMILY_IPV4, ROUTES);
	table_add(&j->table, SEED, FAMILY_IPV6, 100);
	j->sender = (struct identity){
	    .as = SENDER_AS, .next_hop4 = ip("10.99.64.1"), .next_hop6 = ip("fd99::a63:4001")};
	j->router = (struct identity){
	    .as = ROUTER_AS, .next_hop4 = ip("10.99.0.1"), .next_hop6 = ip("fd99::a63:1")};
	j->router_id = 0x0a634001;
	j->model = (struct model){.table = &j->table,
	    .seed = SEED,
	    .senders = 1,
	    .who = &j->sender,
	    .router_ids = &j->router_id,
	    .router4 = j->router.next_hop4,
	    .router6 = j->router.next_hop6,
	    .passage = *passage};
	model_init(&j->model);
	receiver_init(&j->receiver, &j->model, NOT_FOUND, &j->findings);
	model_announce(&j->model, 0, true);
	model_update(&j->model);
	receiver_recount(&j->receiver);
}

static void judge_fini(struct judge *j)
{
	receiver_fini(&j->receiver);
	model_fini(&j->model);
	table_fini(&j->table);
}

static void hear(struct judge *j, const struct bytes *b)
{
	for (size_t at = 0; at < b->len;) {
		size_t len = (size_t)b->p[at + 16] << 8 | b->p[at + 17];

		receiver_update(&j->receiver, b->p + at + HEADER_LEN, len - HEADER_LEN);
		at += len;
	}
}

/* What the router makes of a set, said in the sender's terms: its AS and address, a path with one
 * AS more, no MED. */
static void passed_on(const struct judge *j, uint32_t run, struct attributes *a)
{
	attributes_make(SEED, 0, run, 0, a);
	if (j->model.passage.direct)
		return;
	memmove(a->path + 1, a->path, sizeof(a->path) - sizeof(*a->path));
	a->path[0] = SENDER_AS;
	a->hops++;
	a->has_med = false;
}

static const struct identity *speaker(const struct judge *j)
{
	return j->model.passage.direct ? &j->sender : &j->router;
}

static void say(
    struct judge *j, uint32_t run, const struct attributes *a, const struct identity *who)
{
	struct bytes b = {0};

	update_announce(&b, &j->table, j->table.runs[run].first, j->table.runs[run].count, who, a);
	hear(j, &b);
	bytes_free(&b);
}

static void say_right(struct judge *j, uint32_t run)
{
	struct attributes a;

	passed_on(j, run, &a);
	say(j, run, &a, speaker(j));
}

static void say_all(struct judge *j)
{
	for (uint32_t run = 0; run < j->table.run_count; run++)
		say_right(j, run);
}

static const struct passage direct = {.direct = true};
static const struct passage routed = {.router_as = ROUTER_AS};

static struct judge j;

static void tear_down(void)
{
	judge_fini(&j);
}

static void set_up(void)
{
	judge_init(&j, &direct);
}

TestSuite(bench_model, .init = set_up, .fini = tear_down);

static void expect_clean(void)
{
	cr_expect_eq(j.findings.wrong, 0, "%s", j.findings.example);
	cr_expect_eq(j.findings.superfluous, 0, "%s", j.findings.example);
	cr_expect_eq(j.findings.malformed, 0, "%s", j.findings.example);
}

/* The count kept all along and the one from the beginning. */
static void expect_missing(uint32_t n)
{
	cr_expect_eq(j.receiver.missing, n, "%u, not %u", j.receiver.missing, n);
	receiver_recount(&j.receiver);
	cr_expect_eq(j.receiver.missing, n, "counted anew: %u, not %u", j.receiver.missing, n);
}

Test(bench_model, all_is_well)
{
	expect_missing(ROUTES + 100);
	say_all(&j);
	expect_clean();
	expect_missing(0);
	cr_expect_eq(j.receiver.held, ROUTES + 100);
	say_right(&j, 3);
	cr_expect_eq(j.findings.repeats, j.table.runs[3].count);
	expect_missing(0);
}

Test(bench_model, one_is_missing)
{
	for (uint32_t run = 1; run < j.table.run_count; run++)
		say_right(&j, run);
	expect_clean();
	expect_missing(j.table.runs[0].count);
}

Test(bench_model, one_was_withdrawn)
{
	struct bytes b = {0};

	say_all(&j);
	update_withdraw(&b, &j.table, 17, 1);
	hear(&j, &b);
	bytes_free(&b);
	expect_missing(1);
}

Test(bench_model, one_is_left)
{
	struct bytes b = {0};

	say_all(&j);
	model_announce(&j.model, 0, false);
	model_update(&j.model);
	receiver_recount(&j.receiver);
	expect_missing(ROUTES + 100);
	update_withdraw(&b, &j.table, 1, ROUTES - 1);
	update_withdraw(&b, &j.table, ROUTES, 100);
	hear(&j, &b);
	bytes_free(&b);
	expect_clean();
	expect_missing(1);
}

Test(bench_model, one_that_nobody_announced)
{
	struct table other;
	struct bytes b = {0};
	struct attributes a;

	say_all(&j);
	table_init(&other, 1);
	table_add_node(&other, 0, 1);
	attributes_make(SEED, 0, 0, 0, &a);
	update_announce(&b, &other, 0, 1, &j.sender, &a);
	hear(&j, &b);
	cr_expect_eq(j.findings.superfluous, 1);
	bytes_free(&b);
	table_fini(&other);
	expect_missing(0);
}

/* Any attribute that is not as it must be, for a run that is otherwise complete. */
Test(bench_model, wrong_attributes)
{
	for (unsigned fault = 0; fault < 6; fault++) {
		struct attributes a;

		say_all(&j);
		attributes_make(SEED, 0, 2, 0, &a);
		a.origin = fault == 0 ? (uint8_t)(a.origin + 1) % 3 : a.origin;
		a.hops = (uint8_t)(a.hops - (fault == 1));
		a.path[0] += fault == 2;
		a.has_med ^= fault == 3;
		if (fault == 4)
			a.communities[a.community_count++] = 0xfffffff0;
		say(&j, 2, &a, fault == 5 ? &j.router : &j.sender); /* another AS and next hop */
		expect_missing(j.table.runs[2].count);
	}
	cr_expect_eq(j.findings.wrong, 6u * j.table.runs[2].count);
}

Test(bench_model, attributes_of_another_run)
{
	struct attributes a;

	say_all(&j);
	attributes_make(SEED, 0, 5, 0, &a);
	say(&j, 2, &a, &j.sender);
	expect_missing(j.table.runs[2].count);
}

Test(bench_model, wrong_next_hop)
{
	struct identity who = j.sender;
	struct attributes a;

	say_all(&j);
	attributes_make(SEED, 0, 2, 0, &a);
	who.next_hop4 = ip("10.99.64.2");
	say(&j, 2, &a, &who);
	cr_expect_eq(j.findings.wrong, j.table.runs[2].count);
	expect_missing(j.table.runs[2].count);
}

Test(bench_model, flags_and_length)
{
	struct bytes b = {0};
	struct attributes a;

	say_all(&j);
	attributes_make(SEED, 0, 2, 0, &a);
	update_announce(&b, &j.table, j.table.runs[2].first, 1, &j.sender, &a);
	b.p[HEADER_LEN + 4] ^= 0x20; /* ORIGIN's flags: Partial */
	hear(&j, &b);
	cr_expect_eq(j.findings.wrong, 1);
	b.p[HEADER_LEN + 4] ^= 0x20;
	b.p[HEADER_LEN + 6] = 200; /* ORIGIN's length */
	hear(&j, &b);
	cr_expect_eq(j.findings.malformed, 1);
	bytes_free(&b);
}

Test(bench_model, a_change_is_awaited)
{
	struct attributes a;
	struct bytes b = {0};

	say_all(&j);
	model_change(&j.model, 9, 1);
	receiver_recount(&j.receiver);
	expect_missing(1);
	attributes_make(SEED, 0, j.table.run_of[9], 1, &a);
	update_announce(&b, &j.table, 9, 1, &j.sender, &a);
	hear(&j, &b);
	bytes_free(&b);
	expect_clean();
	expect_missing(0);
	say_right(&j, j.table.run_of[9]); /* what it was before must not come back */
	expect_missing(1);
}

Test(bench_model, through_a_router)
{
	struct attributes a;

	judge_fini(&j);
	judge_init(&j, &routed);
	say_all(&j);
	expect_clean();
	expect_missing(0);
	attributes_make(SEED, 0, 2, 0, &a);
	say(&j, 2, &a, &j.sender); /* as if the router had passed it on unchanged */
	cr_expect_eq(j.findings.wrong, j.table.runs[2].count);
}

Test(bench_model, reflection_needs_its_attributes)
{
	static const struct passage reflected = {
	    .reflected = true, .router_as = ROUTER_AS, .cluster = 0x0a630001};
	struct attributes a;

	judge_fini(&j);
	judge_init(&j, &reflected);
	attributes_make(SEED, 0, 2, 0, &a);
	say(&j, 2, &a, &j.sender);
	cr_expect_eq(j.findings.wrong, j.table.runs[2].count);
}
