/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shows of BGP over an instance without sockets, against what FRR printed.
 *
 * The configuration is that of scenario 02's second router; the routes of the first one are put
 * into the table by hand. Times and table versions vary and are blanked on both sides.
 */
#include <criterion/criterion.h>
#include <ctype.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "bgpd/cmd/show.h"
#include "lib/mem.h"
#include "tests/unit/cmd_lab.h"

static const char config[] = "hostname r2\n"
			     "router bgp 65002\n"
			     " bgp router-id 192.168.1.2\n"
			     " no bgp ebgp-requires-policy\n"
			     " no bgp network import-check\n"
			     " neighbor 192.168.1.1 remote-as 65001\n"
			     " neighbor 192.168.1.1 shutdown\n"
			     " network 10.245.0.0/24\n"
			     " network 10.245.16.0/20\n"
			     " network 10.245.0.128/25\n"
			     " network 20.0.0.0\n"
			     " network 172.20.0.0/16\n"
			     " network 192.0.2.1/32\n";

static void settle(struct lab *l)
{
	struct bgp *b = l->inst->bgp;

	while (b && !rib_idle(b->rib[FAMILY_IPV4]))
		event_base_loop(l->base, EVLOOP_NONBLOCK);
}

static void lab_settled(struct lab *l, const char *text)
{
	lab_start(l, text);
	settle(l);
}

/* A route of r1, as an UPDATE would bring it. originator 0: it is not reflected. */
static void learn_of(struct lab *l, const char *prefix, uint32_t originator)
{
	static const uint8_t path[] = {AS_SEQUENCE, 1, 0, 0, 0xfd, 0xe9}; /* 65001 */
	struct bgp *b = l->inst->bgp;
	struct addr peer = addr_from_ipv4(0xc0a80101u);
	struct attr_set set = {
	    .have = ATTR_BIT(ATTR_ORIGIN) | ATTR_BIT(ATTR_AS_PATH) | ATTR_BIT(ATTR_NEXT_HOP) |
		    ATTR_BIT(ATTR_MED),
	    .next_hop = peer,
	    .as_path = {path, sizeof(path)},
	    .originator_id = originator,
	};
	struct peer *p = peer_find(b, &peer);
	struct prefix pfx;
	uint32_t id;

	cr_assert(prefix_parse(prefix, &pfx));
	set.have |= originator ? ATTR_BIT(ATTR_ORIGINATOR_ID) : 0;
	p->source.host = "r1";
	p->source.router_id = 0xc0a80101u;
	id = attr_intern(b->env.attrs, &set);
	attr_ref(b->env.attrs, id);
	rib_path_set(b->rib[FAMILY_IPV4], &p->source, &pfx, 0, id, id);
}

static void learn(struct lab *l, const char *prefix)
{
	learn_of(l, prefix, 0);
}

static void lab_scenario(struct lab *l)
{
	lab_settled(l, config);
	learn(l, "10.244.0.0/24");
	learn(l, "10.244.1.0/24");
	settle(l);
}

/* Digits behind these words vary from run to run. */
static void blank(struct sb *s)
{
	static const char *const words[] = {
	    "version is ", "ersion\": ", "\"version\":", ", version "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (char *p = s->s; (p = strstr(p, words[i]));)
			for (p += strlen(words[i]); isdigit((unsigned char)*p); p++)
				*p = '9';
}

static void read_capture(const char *name, struct sb *to)
{
	char path[512], piece[4096];
	size_t n;
	FILE *f;

	snprintf(
	    path, sizeof(path), "%s/frr-reference/scenarios/02-basic-open/r2/%s", TEST_DATA, name);
	f = fopen(path, "re");
	cr_assert(f, "%s", path);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		sb_addn(to, piece, n);
	fclose(f);
}

static void as_captured(struct lab *l, const char *line, const char *name)
{
	struct sb want, have;

	sb_init(&want);
	sb_init(&have);
	read_capture(name, &want);
	cr_expect_eq(lab_run_to(l, line, &have), CLI_OK, "%s", line);
	blank(&want);
	blank(&have);
	cr_expect_str_eq(have.s, want.s, "%s:\n%s\ninstead of\n%s", line, have.s, want.s);
	sb_fini(&want);
	sb_fini(&have);
}

Test(cmd_show, tables_as_captured)
{
	struct lab l;

	lab_scenario(&l);
	as_captured(&l, "show ip bgp", "show-ip-bgp.txt");
	as_captured(&l, "show ip bgp json", "show-ip-bgp.json");
	as_captured(&l, "sho bgp ipv4 uni", "show-ip-bgp.txt");
	as_captured(&l, "show ip bgp vrf default json", "show-ip-bgp.json");
	as_captured(&l, "show ip bgp wide", "show-ip-bgp-wide.txt");
	as_captured(&l, "show bgp all", "show-bgp-all.txt");
	as_captured(&l, "show bgp all json", "show-bgp-all.json");
	as_captured(&l, "show bgp", "show-bgp.txt");
	as_captured(&l, "show bgp json", "show-bgp.json");
	lab_close(&l);
}

Test(cmd_show, filters_as_captured)
{
	struct lab l;

	lab_scenario(&l);
	as_captured(&l, "show ip bgp cidr-only", "show-ip-bgp-cidr-only.txt");
	as_captured(&l, "show ip bgp cidr-only json", "show-ip-bgp-cidr-only.json");
	as_captured(&l, "show ip bgp regexp ^$", "show-ip-bgp-regexp-caretdollar.txt");
	as_captured(&l, "show ip bgp regexp .* json", "show-ip-bgp-regexp-.star.json");
	as_captured(&l, "show ip bgp community", "show-ip-bgp-community.txt");
	as_captured(&l, "show ip bgp community json", "show-ip-bgp-community.json");
	as_captured(&l, "show ip bgp 10.245.0.0/16 longer-prefixes",
	    "show-ip-bgp-10.245.0.0-16-longer-prefixes.txt");
	as_captured(&l, "show ip bgp neighbors 192.168.1.1 routes",
	    "show-ip-bgp-neighbors-192.168.1.1-routes.txt");
	as_captured(&l, "show ip bgp neighbors 192.168.1.1 prefix-counts json",
	    "show-ip-bgp-neighbors-192.168.1.1-prefix-counts.json");
	lab_close(&l);
}

Test(cmd_show, figures_as_captured)
{
	struct lab l;

	lab_scenario(&l);
	as_captured(&l, "show bgp ipv4 unicast statistics", "show-bgp-ipv4-unicast-statistics.txt");
	as_captured(&l, "show ip bgp statistics-all", "show-ip-bgp-statistics-all.txt");
	as_captured(&l, "show bgp bestpath json", "show-bgp-bestpath.json");
	as_captured(&l, "show bgp views", "show-bgp-views.txt");
	as_captured(&l, "show ip bgp dampening parameters", "show-ip-bgp-dampening-parameters.txt");
	lab_close(&l);
}

static void says(struct lab *l, const char *line, enum cli_rc rc, const char *text)
{
	struct sb have;

	sb_init(&have);
	cr_expect_eq(lab_run_to(l, line, &have), rc, "%s", line);
	cr_expect_str_eq(have.s, text, "%s: %s", line, have.s);
	sb_fini(&have);
}

Test(cmd_show, errors)
{
	struct lab l;

	lab_scenario(&l);
	says(&l, "show ip bgp 10.99.0.0/24", CLI_OK, "% Network not in table\n");
	says(&l, "show ip bgp 10.99.0.0/24 json", CLI_OK, "{\n}\n");
	says(
	    &l, "show ip bgp neighbors 1.1.1.1", CLI_OK, "% No such neighbor in this view/vrf\n\n");
	says(&l, "show bgp neighbors 1.1.1.1 json", CLI_OK, "{\n  \"bgpNoSuchNeighbor\":true\n}\n");
	says(&l, "show ip bgp neighbors 1.1.1.1 routes json", CLI_OK,
	    "{\n  \"warning\":\"No such neighbor in this view/vrf\"\n}\n");
	says(&l, "show ip bgp neighbors 192.168.1.1 received-routes json", CLI_OK,
	    "{\n\"warning\": \"Inbound soft reconfiguration not enabled\"\n}\n");
	says(&l, "show bgp ipv4 unicast neighbors 192.168.1.1", CLI_INCOMPLETE,
	    "% Command incomplete: show bgp ipv4 unicast neighbors 192.168.1.1\n");
	says(&l, "show ip bgp vrf NOPE summary", CLI_OK, "% BGP instance not found\n");
	says(&l, "show ip bgp vrf NOPE", CLI_OK, "View/Vrf NOPE is unknown\n");
	says(&l, "show ip bgp regexp ((", CLI_OK, "Can't compile regexp ((\n");
	says(&l, "show ip bgp community 99999:1", CLI_OK, "% Community malformed: 99999:1\n");
	says(&l, "show ip bgp community foo", CLI_OK, "% Community malformed: foo\n");
	lab_close(&l);
}

Test(cmd_show, without_router_bgp)
{
	struct lab l;

	lab_settled(&l, "hostname r3\n");
	says(&l, "show ip bgp", CLI_OK, "Default BGP instance not found\n");
	says(&l, "show ip bgp json", CLI_OK,
	    "{\n  \"warning\":\"Default BGP instance not found\"\n}\n");
	says(&l, "show bgp summary json", CLI_OK, "{}\n");
	says(&l, "show bgp neighbors", CLI_OK, "% BGP instance not found\n");
	says(&l, "show bgp vrfs json", CLI_OK, "{\n  \"vrfs\":{\n  },\n  \"totalVrfs\":0\n}\n");
	lab_close(&l);
}

/* ---- JSON is one valid document, always ---- */

static const char *json_value(const char *s);

static const char *json_blank(const char *s)
{
	return s + strspn(s, " \n\t\r");
}

static const char *json_string(const char *s)
{
	for (s++; *s && *s != '"'; s++)
		if (*s == '\\')
			s++;
	return *s ? s + 1 : NULL;
}

/* A member or element and what follows it, up to the closer. */
static const char *json_items(const char *s, char closer)
{
	s = json_blank(s + 1);
	if (*s == closer)
		return s + 1;
	for (;;) {
		if (closer == '}') {
			s = *s == '"' ? json_string(s) : NULL;
			s = s ? json_blank(s) : NULL;
			if (!s || *s != ':')
				return NULL;
			s++;
		}
		s = json_value(s);
		if (!s)
			return NULL;
		if (*s == closer)
			return s + 1;
		if (*s != ',')
			return NULL;
		s = json_blank(s + 1);
	}
}

/* Behind the value and the blanks that follow; NULL: it is none. */
static const char *json_value(const char *s)
{
	size_t n;

	s = json_blank(s);
	if (*s == '{' || *s == '[')
		s = json_items(s, *s == '{' ? '}' : ']');
	else if (*s == '"')
		s = json_string(s);
	else if ((n = strspn(s, "-+.0123456789eE")) || (n = strspn(s, "truefalsn")))
		s += n;
	else
		return NULL;
	return s ? json_blank(s) : NULL;
}

static bool is_json(const char *s)
{
	s = json_value(s);
	return s && !*s;
}

/* What may follow `show bgp`, each with and without its options. */
static const char *const json_lines[] = {"summary", "summary established", "summary failed",
    "ipv4 unicast summary", "ipv6 unicast summary", "vrf all summary",
    "vrf all ipv4 unicast summary", "", "ipv4", "vrf all", "vrf all ipv4 unicast", "all",
    "ipv4 detail", "detail", "neighbors", "neighbors 192.168.1.1", "vrf all neighbors",
    "vrf default neighbors", "neighbors graceful-restart",
    "ipv4 neighbors 192.168.1.1 advertised-routes",
    "ipv4 neighbors 192.168.1.1 advertised-routes detail", "ipv4 neighbors 192.168.1.1 routes",
    "ipv6 neighbors 192.168.1.1 advertised-routes",
    "ipv4 neighbors 192.168.1.1 received prefix-filter", "ipv4 10.245.0.0/24", "10.244.0.1",
    "vrf all 10.244.0.1", "ipv6 10.245.0.0/24", "ipv4 10.245.0.0/24 bestpath", "nexthop",
    "nexthop detail", "vrf all nexthop", "import-check-table detail", "statistics",
    "statistics-all", "vrf all statistics", "router", "vrfs", "bestpath", "peer-group",
    "update-groups", "ipv4 update-groups", "vrf NOPE", "vrf NOPE summary", "vrf NOPE neighbors",
    "vrf NOPE nexthop", "vrf NOPE statistics", "ipv4 community foo", "ipv4 regexp ((",
    "ipv4 large-community 1:2", "ipv4 dampening parameters", "ipv4 dampening dampened-paths",
    "neighbors 1.1.1.1", "ipv4 neighbors 1.1.1.1 routes", "ipv4 neighbors 1.1.1.1 prefix-counts"};

static void all_json(struct lab *l)
{
	char line[256];
	struct sb have;

	sb_init(&have);
	for (size_t i = 0; i < sizeof(json_lines) / sizeof(json_lines[0]); i++) {
		snprintf(line, sizeof(line), "show bgp %s json", json_lines[i]);
		sb_clear(&have);
		cr_expect_neq(lab_run_to(l, line, &have), CLI_NO_MATCH, "%s", line);
		cr_expect(is_json(have.s) || !have.len, "%s: %s", line, have.s);
	}
	sb_fini(&have);
}

Test(cmd_show, json_is_valid)
{
	struct lab l;

	cr_assert(is_json("{\"a\": [1, {\"b\":\"x\\\"\"}], \"c\":true}\n"));
	cr_assert(!is_json("{\"a\":1,}") && !is_json("{} {}") && !is_json("{\"a\":[}"));
	lab_scenario(&l);
	all_json(&l);
	lab_close(&l);
}

Test(cmd_show, json_is_valid_without_router_bgp)
{
	struct lab l;

	lab_settled(&l, "hostname r3\n");
	all_json(&l);
	lab_close(&l);
}

/* ---- long tables ---- */

enum { MANY = 5000, PIECE_MAX = SHOW_QUEUE + 4096 };

static void lab_many(struct lab *l)
{
	char prefix[32];

	lab_settled(l, config);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(prefix, sizeof(prefix), "11.%u.%u.0/24", i / 256, i % 256);
		learn(l, prefix);
	}
	settle(l);
}

/* Not with strstr, which the sanitizer lets look at all that follows each time. */
static size_t count_of(const struct sb *s, const char *word)
{
	size_t n = 0, len = strlen(word);

	for (size_t i = 0; i + len <= s->len; i++)
		n += s->s[i] == word[0] && !memcmp(s->s + i, word, len);
	return n;
}

/* An answer in pieces, none much longer than what a reader may leave standing. */
static void run_pieces(struct lab *l, const char *line, struct sb *all)
{
	struct sb piece;
	enum cli_rc rc;
	unsigned pieces = 0;

	sb_init(&piece);
	rc = cli_exec(l->session, line, &piece);
	for (;;) {
		cr_assert_leq(piece.len, PIECE_MAX);
		sb_addn(all, piece.s, piece.len);
		sb_clear(&piece);
		if (rc != CLI_SUSPEND)
			break;
		pieces++;
		rc = cli_more(l->session, &piece);
	}
	cr_expect_eq(rc, CLI_OK);
	cr_expect_gt(pieces, 10);
	sb_fini(&piece);
}

/* FRR's text names the router that a reflected route comes from, its JSON the neighbor. */
Test(cmd_show, reflected_route)
{
	struct lab l;
	struct sb all;

	lab_settled(&l, config);
	learn_of(&l, "10.60.0.0/24", 0x0a090909);
	settle(&l);
	sb_init(&all);
	cr_expect_eq(lab_run_to(&l, "show ip bgp 10.60.0.0/24", &all), CLI_OK);
	cr_expect(strstr(all.s, " from 192.168.1.1 (10.9.9.9)\n"), "%s", all.s);
	sb_clear(&all);
	cr_expect_eq(lab_run_to(&l, "show ip bgp 10.60.0.0/24 json", &all), CLI_OK);
	cr_expect(strstr(all.s, "\"routerId\":\"192.168.1.1\""), "%s", all.s);
	sb_fini(&all);
	lab_close(&l);
}

Test(cmd_show, long_tables_stream)
{
	struct sb all;
	struct lab l;

	lab_many(&l);
	sb_init(&all);
	run_pieces(&l, "show ip bgp json", &all);
	cr_expect(is_json(all.s));
	cr_expect_eq(count_of(&all, "\"network\":"), MANY + 6);
	sb_clear(&all);
	run_pieces(&l, "show ip bgp detail", &all);
	cr_expect_eq(count_of(&all, "BGP routing table entry for "), MANY + 6);
	sb_fini(&all);
	lab_close(&l);
}

static bool take_chunk(void *ctx, struct chunk *c)
{
	(void)ctx;
	chunk_release(c);
	return true;
}

/* As many groups as members. */
Test(cmd_show, many_groups_stream)
{
	enum { GROUPS = 1000 };
	struct addr peer = addr_from_ipv4(0xc0a80101u);
	struct group_key key;
	struct member *m;
	struct sb all;
	struct lab l;

	lab_settled(&l, config);
	m = mem_zalloc(GROUPS * sizeof(*m));
	memset(&key, 0, sizeof(key));
	key.family = key.hop_family = FAMILY_IPV4;
	key.kind = SOURCE_EBGP;
	for (uint32_t i = 0; i < GROUPS; i++) {
		key.solo = i + 1;
		m[i] = (struct member){.source = &peer_find(l.inst->bgp, &peer)->source,
		    .own = {.addr = peer},
		    .send = take_chunk};
		group_join(l.inst->bgp->rib[FAMILY_IPV4], &m[i], &key);
	}
	sb_init(&all);
	run_pieces(&l, "show bgp ipv4 update-groups json", &all);
	cr_expect(is_json(all.s));
	cr_expect_eq(count_of(&all, "\"subGroupId\":"), GROUPS);
	sb_fini(&all);
	for (unsigned i = 0; i < GROUPS; i++)
		group_leave(&m[i]);
	mem_free(m);
	lab_close(&l);
}

/* Another shell configures; `line` stands in `router bgp` or above it. */
static void meanwhile(struct lab *l, const char *line)
{
	struct cli_session *other = cli_session_new(l->inst->cli, MODE_ENABLE);
	struct sb said;

	sb_init(&said);
	cr_expect_eq(cli_exec(other, "configure terminal", &said), CLI_OK);
	cr_expect_eq(cli_exec(other, "router bgp 65002", &said), CLI_OK);
	cr_expect_eq(cli_exec(other, line, &said), CLI_OK, "%s", said.s);
	sb_fini(&said);
	cli_session_free(other);
}

/* `router bgp` goes after some slices of the answer: the document is finished. */
static void interrupted(const char *line, unsigned slices)
{
	enum cli_rc rc;
	struct sb all;
	struct lab l;

	lab_many(&l);
	sb_init(&all);
	rc = cli_exec(l.session, line, &all);
	while (slices-- && rc == CLI_SUSPEND)
		rc = cli_more(l.session, &all);
	meanwhile(&l, "no router bgp 65002");
	cr_expect(!l.inst->bgp);
	while (rc == CLI_SUSPEND)
		rc = cli_more(l.session, &all);
	cr_expect_eq(rc, CLI_OK);
	cr_expect(
	    is_json(all.s), "%s: ... %s", line, all.len > 300 ? all.s + all.len - 300 : all.s);
	sb_fini(&all);
	lab_close(&l);
}

Test(cmd_show, the_table_goes_while_it_is_shown)
{
	static const char *const lines[] = {"show ip bgp json", "show ip bgp detail json",
	    "show bgp all json", "show ip bgp vrf all json", "show bgp summary json",
	    "show bgp vrf all ipv4 unicast summary json", "show bgp neighbors json",
	    "show bgp vrf all neighbors json", "show ip bgp nexthop detail json",
	    "show bgp vrf all nexthop json", "show ip bgp statistics json",
	    "show ip bgp import-check-table detail json", "show bgp update-groups json",
	    "show ip bgp neighbors 192.168.1.1 routes json",
	    "show ip bgp neighbors 192.168.1.1 advertised-routes json",
	    "show bgp vrf all ipv4 neighbors 192.168.1.1 advertised-routes detail json",
	    "show ip bgp neighbors 192.168.1.1 prefix-counts json"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		interrupted(lines[i], 0);
		interrupted(lines[i], 1);
	}
}

static uint32_t deny(void *ctx, const struct prefix *prefix, uint32_t received)
{
	(void)ctx;
	(void)prefix;
	(void)received;
	return 0;
}

/* What is filtered is under way when the policy changes, and nothing would be filtered any more. */
Test(cmd_show, the_policy_changes_while_it_is_shown)
{
	struct addr peer = addr_from_ipv4(0xc0a80101u);
	enum cli_rc rc;
	struct sb all;
	struct lab l;

	lab_many(&l);
	meanwhile(&l, "bgp ebgp-requires-policy");
	meanwhile(&l, "neighbor 192.168.1.1 soft-reconfiguration inbound");
	rib_source_reimport(
	    l.inst->bgp->rib[FAMILY_IPV4], &peer_find(l.inst->bgp, &peer)->source, deny, NULL);
	settle(&l);
	sb_init(&all);
	rc = cli_exec(l.session, "show ip bgp neighbors 192.168.1.1 filtered-routes json", &all);
	cr_assert_eq(rc, CLI_SUSPEND);
	cr_assert_eq(cli_more(l.session, &all), CLI_SUSPEND);
	meanwhile(&l, "no bgp ebgp-requires-policy");
	while (rc == CLI_SUSPEND)
		rc = cli_more(l.session, &all);
	cr_expect(is_json(all.s), "... %s", all.len > 300 ? all.s + all.len - 300 : all.s);
	cr_expect_eq(count_of(&all, "\"network\":"), MANY);
	sb_fini(&all);
	lab_close(&l);
}

/* A reader that goes away leaves nothing behind (the leak check says so). */
Test(cmd_show, cancelled)
{
	struct sb all;
	struct lab l;

	lab_many(&l);
	sb_init(&all);
	cr_expect_eq(cli_exec(l.session, "show ip bgp regexp _65001$ json", &all), CLI_SUSPEND);
	cli_cancel(l.session);
	cr_expect_eq(cli_exec(l.session, "show bgp memory", &all), CLI_SUSPEND);
	cli_cancel(l.session);
	sb_fini(&all);
	lab_close(&l);
}
