/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hostile cases (tests/data/hostile) through the codec: a receiver of the smallest kind, which
 * keeps announced prefixes in a list and does what a verdict says, must end where a case says. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bgpd/codec/message.h"
#include "bgpd/codec/update.h"

enum { DUT_AS = 65000, PEER_AS = 65001, OBSERVER_AS = 65003, MAX_ROUTES = 20000 };
enum { SLOTS = 32, LINE_MAX_LEN = 70000 };

struct route {
	struct prefix prefix;
	uint32_t id;
};

struct receiver {
	struct session_traits traits;
	struct attr_store *store;
	struct route routes[MAX_ROUTES];
	unsigned count;
	bool down;
	struct notify notify;
};

struct expectation {
	char text[SLOTS][96];
	unsigned lines;
};

static void route_set(struct receiver *rx, const struct prefix *p, uint32_t id)
{
	for (unsigned i = 0; i < rx->count; i++) {
		struct route *r = &rx->routes[i];
		if (!prefix_equal(&r->prefix, p))
			continue;
		attr_unref(rx->store, r->id);
		r->id = id;
		if (!id)
			*r = rx->routes[--rx->count];
		return;
	}
	if (id) {
		cr_assert_lt(rx->count, MAX_ROUTES);
		rx->routes[rx->count++] = (struct route){*p, id};
	}
}

/* What a peer does beside the codec: first AS, loop, its own address as next hop. */
static bool acceptable(const struct attr_set *a)
{
	struct addr own = addr_from_ipv4(0x0a420001);
	return aspath_first(a->as_path) == PEER_AS && aspath_count(a->as_path, DUT_AS) == 0 &&
	       !addr_equal(&a->next_hop, &own);
}

static void walk(struct receiver *rx, const struct nlri *n, const struct attr_set *attrs)
{
	struct rd r = span_rd(n->routes);
	struct prefix p;
	uint32_t path_id;
	if (n->family == FAMILY_NONE)
		return;
	bool take = attrs && !n->withdraw && acceptable(attrs);
	while (nlri_next(&r, n->family, false, &p, &path_id))
		route_set(rx, &p, take ? attr_intern(rx->store, attrs) : 0);
	cr_assert(!r.bad);
}

static void take_update(struct receiver *rx, const uint8_t *body, size_t len)
{
	struct arena *arena = arena_new();
	struct update u;
	update_decode(&rx->traits, body, len, arena, &u);
	if (u.result >= ATTR_AFI_DISABLE) {
		rx->down = true;
		rx->notify = u.fault.notify;
	} else {
		walk(rx, &u.withdrawn, NULL);
		walk(rx, &u.mp_withdrawn, NULL);
		walk(rx, &u.reach, &u.attrs);
		walk(rx, &u.mp_reach, &u.mp_attrs);
	}
	arena_free(arena);
}

static void take_body(struct receiver *rx, uint8_t type, const uint8_t *body, size_t len)
{
	struct open_msg o;
	struct refresh_msg rr;
	struct notify n;
	if (type == MSG_UPDATE)
		take_update(rx, body, len);
	else if (type == MSG_OPEN)
		rx->down = !open_decode(body, len, &o, &rx->notify) ||
			   !open_check(&o, PEER_AS, DUT_AS, 0x0a420001, &rx->notify);
	else if (type == MSG_ROUTE_REFRESH)
		rx->down = !refresh_decode(body, len, &rr, &rx->notify);
	else if (type == MSG_NOTIFICATION)
		rx->down = notify_decode(body, len, &n);
}

static void take(struct receiver *rx, const uint8_t *msg, size_t have)
{
	uint8_t type;
	uint16_t len;
	cr_assert_geq(have, MSG_HEADER_LEN);
	if (!msg_header_check(msg, rx->traits.max_message, &type, &len, &rx->notify)) {
		rx->down = true;
		return;
	}
	cr_assert_eq(len, have);
	/* An exact copy, so that the sanitizer sees a read past the end. */
	uint8_t *body = mem_dup(msg + MSG_HEADER_LEN, len - MSG_HEADER_LEN);
	take_body(rx, type, body, len - MSG_HEADER_LEN);
	mem_free(body);
}

static uint32_t route_find(const struct receiver *rx, const char *text)
{
	struct prefix p;
	cr_assert(prefix_parse(text, &p), "%s", text);
	for (unsigned i = 0; i < rx->count; i++) {
		if (prefix_equal(&rx->routes[i].prefix, &p))
			return rx->routes[i].id;
	}
	return 0;
}

/* The attribute as it would be sent to the observer: its flags, or -1. */
static int sent_flags(const struct receiver *rx, uint32_t id, unsigned code)
{
	static uint8_t buf[MSG_MAX_EXTENDED];
	struct session_traits out = {.as4 = true, .ebgp = true, .max_message = MSG_MAX_EXTENDED};
	struct wr w = wr_init(buf, sizeof(buf));
	struct attr_set set;
	attr_view(rx->store, id, &set);
	attr_encode(&w, &set, &out, true);
	cr_assert(!w.bad);
	struct rd r = rd_init(buf, wr_len(&w));
	while (rd_left(&r)) {
		uint8_t flags = rd_u8(&r), c = rd_u8(&r);
		rd_bytes(&r, flags & 0x10 ? rd_u16(&r) : rd_u8(&r));
		cr_assert(!r.bad);
		if (c == code)
			return flags;
	}
	return -1;
}

static bool via_holds(const struct receiver *rx, const char *line)
{
	char prefix[64], word[32];
	unsigned a = 0, b = 0;
	struct attr_set set;
	cr_assert_geq(sscanf(line, "via %63s %31s %u %u", prefix, word, &a, &b), 3);
	uint32_t id = route_find(rx, prefix);
	if (!id)
		return false;
	attr_view(rx->store, id, &set);
	if (!strcmp(word, "has"))
		return sent_flags(rx, id, a) >= 0;
	if (!strcmp(word, "lacks"))
		return sent_flags(rx, id, a) < 0;
	if (!strcmp(word, "flags"))
		return sent_flags(rx, id, a) == (int)b;
	return (aspath_count(set.as_path, a) > 0) == !strcmp(word, "as_path_contains");
}

static bool data_holds(const struct notify *n, const char *hex)
{
	for (unsigned i = 0; hex[2 * i]; i++) {
		unsigned v;
		sscanf(hex + 2 * i, "%2x", &v);
		if (i >= n->len || n->data[i] != v)
			return false;
	}
	return true;
}

/* Does the receiver's end state fit one outcome, the lines [from, to)? */
static bool outcome_holds(
    const struct receiver *rx, const struct expectation *e, unsigned from, unsigned to)
{
	bool either = !strcmp(e->text[from], "accept either");
	bool notify_asked = false, notify_ok = false;
	if (!either && rx->down != !strcmp(e->text[from], "accept down"))
		return false;
	for (unsigned i = from + 1; i < to; i++) {
		const char *line = e->text[i];
		int code, subcode;
		if (sscanf(line, "notify %d %d", &code, &subcode) == 2) {
			notify_asked = true;
			notify_ok |= rx->notify.code == code &&
				     (subcode < 0 || rx->notify.subcode == subcode);
		} else if (!strncmp(line, "data ", 5) && !data_holds(&rx->notify, line + 5)) {
			return false;
		} else if (rx->down) {
			continue; /* the session's routes are gone */
		} else if ((!strncmp(line, "present ", 8) && !route_find(rx, line + 8)) ||
			   (!strncmp(line, "absent ", 7) && route_find(rx, line + 7)) ||
			   (!strncmp(line, "via ", 4) && !via_holds(rx, line))) {
			return false;
		}
	}
	return !notify_asked || notify_ok;
}

static bool any_outcome_holds(const struct receiver *rx, const struct expectation *e)
{
	for (unsigned from = 0; from < e->lines;) {
		unsigned to = from + 1;
		while (to < e->lines && strncmp(e->text[to], "accept", 6))
			to++;
		if (outcome_holds(rx, e, from, to))
			return true;
		from = to;
	}
	return false;
}

/* "ff*16 0013" */
static size_t unsqueeze(char *text, uint8_t *out)
{
	size_t len = 0;
	for (char *word = strtok(text, " \n"); word; word = strtok(NULL, " \n")) {
		unsigned value, times;
		if (sscanf(word, "%2x*%u", &value, &times) == 2) {
			memset(out + len, (int)value, times);
			len += times;
			continue;
		}
		for (; *word; word += 2) {
			cr_assert_eq(sscanf(word, "%2x", &value), 1);
			out[len++] = (uint8_t)value;
		}
	}
	return len;
}

static void receiver_clear(struct receiver *rx)
{
	while (rx->count)
		attr_unref(rx->store, rx->routes[--rx->count].id);
	rx->down = false;
	rx->traits = (struct session_traits){.ebgp = true, .as4 = true, .local_as = DUT_AS};
}

static void check(const struct receiver *rx, const struct expectation *e, const char *name)
{
	cr_expect(any_outcome_holds(rx, e), "%s: %s, %u routes, notification %u/%u", name,
	    rx->down ? "down" : "up", rx->count, rx->notify.code, rx->notify.subcode);
}

static unsigned run_file(FILE *f, struct receiver *rx, char *line, uint8_t *msg)
{
	static struct expectation e;
	char name[96] = "", as[8];
	unsigned cases = 0, max;
	while (fgets(line, LINE_MAX_LEN * 3, f)) {
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "case %95s", name) == 1) {
			receiver_clear(rx);
			e.lines = 0;
			cases++;
		} else if (sscanf(line, "traits %7s %u", as, &max) == 2) {
			rx->traits.as4 = !strcmp(as, "as4");
			rx->traits.max_message = (uint16_t)max;
		} else if (!strncmp(line, "msg ", 4)) {
			size_t len = unsqueeze(line + 4, msg);
			if (!rx->down)
				take(rx, msg, len);
		} else if (!strcmp(line, "end")) {
			check(rx, &e, name);
		} else {
			cr_assert_lt(e.lines, SLOTS);
			snprintf(e.text[e.lines++], sizeof(e.text[0]), "%s", line);
		}
	}
	return cases;
}

Test(codec_hostile, every_case_ends_as_required)
{
	static struct receiver rx;
	FILE *f = fopen(TEST_DATA "/hostile/cases.txt", "r");
	cr_assert(f);
	char *line = mem_alloc(LINE_MAX_LEN * 3);
	uint8_t *msg = mem_alloc(LINE_MAX_LEN);
	rx.store = attr_store_new();
	cr_expect_geq(run_file(f, &rx, line, msg), 200);
	receiver_clear(&rx);
	attr_store_free(rx.store);
	mem_free(line);
	mem_free(msg);
	fclose(f);
}
