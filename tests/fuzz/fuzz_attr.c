/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AS paths and communities as such: {kind, length of the first part, first part, second part}. What
 * passes the check is merged, prepended, converted and printed; hops must add up. */
#include "fuzz.h"

#include <string.h>

#include "bgpd/codec/aspath.h"

static void try_path(struct arena *a, struct span wire, struct span other, unsigned as_len)
{
	size_t wide, other_wide;
	struct sb text;
	if (!aspath_check(wire, as_len, true, &wide))
		return;
	struct span path = as_len == 4 ? wire : aspath_widen(a, wire, wide);
	fuzz_expect(path.len == wide);
	unsigned hops = aspath_hops(path);
	if (aspath_check(other, 4, true, &other_wide)) {
		struct span merged = aspath_merge(a, path, other);
		fuzz_expect(aspath_check(merged, 4, true, &wide));
		fuzz_expect(aspath_hops(merged) == hops);
	}
	struct span longer = aspath_prepend(a, path, 65000, 1 + other.len % 600u);
	if (longer.len > path.len)
		fuzz_expect(aspath_hops(longer) == hops + 1 + other.len % 600u);
	fuzz_expect(aspath_check(longer, 4, true, &wide));
	aspath_neighbor(path);
	fuzz_expect(aspath_count(longer, 65000) >= aspath_count(path, 65000));
	sb_init(&text);
	aspath_str(longer, &text);
	sb_fini(&text);
}

static void try_communities(
    struct arena *a, struct span c, unsigned width, void (*str)(struct span, struct sb *))
{
	struct sb text;
	c.len = (uint16_t)(c.len - c.len % width);
	struct span canon = community_canon(a, c, width), again = community_canon(a, canon, width);
	fuzz_expect(canon.len % width == 0 && canon.len <= c.len);
	fuzz_expect(again.len == canon.len && memcmp(again.p, canon.p, canon.len) == 0);
	sb_init(&text);
	str(canon, &text);
	fuzz_expect((text.len == 0) == (canon.len == 0));
	sb_fini(&text);
}

int FUZZ_TARGET(attr)(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	if (size < 3 || size > UINT16_MAX)
		return 0;
	uint8_t kind = rd_u8(&r);
	size_t len = rd_u16(&r);
	len %= rd_left(&r) + 1;
	struct arena *a = arena_new();
	struct span first = {mem_dup(r.p, len), (uint16_t)len};
	struct span second = {mem_dup(r.p + len, rd_left(&r) - len), (uint16_t)(rd_left(&r) - len)};
	try_path(a, first, second, kind & 1 ? 4 : 2);
	try_communities(a, first, 4, community_str);
	try_communities(a, first, 8, ext_community_str);
	try_communities(a, first, 12, large_community_str);
	mem_free((void *)first.p);
	mem_free((void *)second.p);
	arena_free(a);
	return 0;
}
