/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of families: each row has all that a family needs, whichever they are. */
#include <criterion/criterion.h>
#include <string.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/codec/message.h"
#include "bgpd/codec/update.h"

/* ---- names and numbers ---- */

static const char *const *names(const struct family_row *r, unsigned i)
{
	const char *const *all[] = {&r->title, &r->key, &r->word, &r->block, &r->afi_name};
	return i < sizeof(all) / sizeof(all[0]) ? all[i] : NULL;
}

Test(cmd_family, rows_are_whole_and_differ)
{
	FOR_EACH_FAMILY (f) {
		const struct family_row *r = family_row_by(f);
		cr_assert_eq(r->family, f);
		cr_assert_eq(family_row_of(r->afi, r->safi), r);
		cr_expect(r->max_bits && r->hop_family && r->hop_read && r->safi_name);
		for (unsigned i = 0; names(r, i); i++)
			cr_assert(*names(r, i) && **names(r, i), "family %d, name %u", f, i);
		FOR_EACH_FAMILY (g) {
			const struct family_row *o = family_row_by(g);
			if (g == f)
				continue;
			cr_expect(o->afi != r->afi || o->safi != r->safi);
			cr_expect_str_neq(o->key, r->key);
			cr_expect_str_neq(o->block, r->block);
		}
	}
	cr_expect_null(family_row_of(0, 0));
	cr_expect_null(family_row_of(UINT16_MAX, UINT8_MAX));
}

/* ---- the configuration ---- */

Test(cmd_family, each_has_a_block)
{
	FOR_EACH_FAMILY (f) {
		unsigned modes = 0, rows = 0;
		for (unsigned m = 0; m < MODE_COUNT; m++) {
			if (mode_family(m) != f)
				continue;
			modes++;
			for (size_t i = 0; i < cmd_family.count; i++)
				rows += cmd_family.rows[i].enters == m &&
					!strcmp(cmd_family.rows[i].syntax, family_row_by(f)->block);
		}
		cr_expect_eq(modes, 1, "%s", family_row_by(f)->title);
		cr_expect_eq(rows, 1, "%s", family_row_by(f)->title);
	}
}

/* ---- on the wire ---- */

static uint8_t message[MSG_MAX];
static size_t message_len;

static void keep(void *ctx, const uint8_t *msg, size_t len)
{
	(void)ctx;
	message_len = len;
	memcpy(message, msg, len);
}

static struct prefix some_prefix(enum family f)
{
	struct prefix p = {.family = (uint8_t)f, .len = (uint8_t)(family_row_by(f)->max_bits - 1)};
	memset(p.b, 0x2a, family_bytes(f));
	prefix_mask(&p);
	return p;
}

static struct attr_set some_set(const struct family_row *r)
{
	struct attr_set a = {
	    .have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) | ATTR_BIT(ATTR_NEXT_HOP),
	    .next_hop = {.family = r->hop_family},
	};
	memset(a.next_hop.b, 0x2a, family_bytes(r->hop_family));
	return a;
}

static void expect_route(const struct nlri *n, const struct prefix *p)
{
	struct rd r = span_rd(n->routes);
	struct prefix x;
	uint32_t id;
	cr_assert_eq(n->family, p->family);
	cr_assert(nlri_next(&r, n->family, false, &x, &id));
	cr_expect(prefix_equal(&x, p));
	cr_expect(!nlri_next(&r, n->family, false, &x, &id));
}

static void decode(const struct session_traits *t, struct arena *arena, struct update *u)
{
	update_decode(t, message + MSG_HEADER_LEN, message_len - MSG_HEADER_LEN, arena, u);
	cr_assert_eq(u->result, ATTR_OK, "%s", u->fault.text);
}

Test(cmd_family, routes_come_back_as_they_went)
{
	struct session_traits t = {.as4 = true, .ebgp = true, .max_message = MSG_MAX};
	struct packer *packer = packer_new(&t, keep, NULL);
	struct arena *arena = arena_new();
	FOR_EACH_FAMILY (f) {
		const struct family_row *r = family_row_by(f);
		struct prefix p = some_prefix(f);
		struct attr_set a = some_set(r);
		struct update u;
		cr_assert(packer_announce(packer, f, &a));
		packer_add(packer, &p, 0);
		packer_end(packer);
		decode(&t, arena, &u);
		expect_route(r->in_body ? &u.reach : &u.mp_reach, &p);
		cr_expect(
		    addr_equal(r->in_body ? &u.attrs.next_hop : &u.mp_attrs.next_hop, &a.next_hop));
		packer_withdraw(packer, f);
		packer_add(packer, &p, 0);
		packer_end(packer);
		decode(&t, arena, &u);
		expect_route(r->in_body ? &u.withdrawn : &u.mp_withdrawn, &p);
		struct wr w = wr_init(message, sizeof(message));
		update_end_of_rib(&w, f);
		message_len = wr_len(&w);
		decode(&t, arena, &u);
		cr_assert(u.end_of_rib);
		cr_expect_eq(r->in_body ? u.withdrawn.family : u.mp_withdrawn.family, f);
	}
	arena_free(arena);
	packer_free(packer);
}

/* RFC 8950: where a row says so, an IPv6 next hop is taken, and elsewhere the codec refuses one of
 * another length. */
Test(cmd_family, extended_next_hop_is_the_rows)
{
	struct session_traits t = {
	    .as4 = true, .ebgp = true, .extended_nexthop = true, .max_message = MSG_MAX};
	uint8_t hop[16] = {0x20, 1};
	FOR_EACH_FAMILY (f) {
		const struct family_row *r = family_row_by(f);
		struct addr global, local;
		struct rd six = rd_init(hop, 16), three = rd_init(hop, 3);
		bool takes = r->hop_extended || r->hop_family == FAMILY_IPV6;
		cr_expect_eq(r->hop_read(&six, &t, &global, &local), takes);
		cr_expect(!r->hop_read(&three, &t, &global, &local));
	}
}
