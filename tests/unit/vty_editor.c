/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line editor of the vty port: keys against the echo that FRR 8.4 and 10 gave for them; and the
 * passwords. */
#include <criterion/criterion.h>
#include <crypt.h>
#include <string.h>

#include "vty/access.h"
#include "vty/editor.h"

struct typed {
	struct editor e;
	struct sb echo;
	enum editor_event last;
};

static void begin(struct typed *t)
{
	editor_init(&t->e);
	sb_init(&t->echo);
}

static void end(struct typed *t)
{
	editor_fini(&t->e);
	sb_fini(&t->echo);
}

static void type(struct typed *t, const char *keys)
{
	sb_clear(&t->echo);
	for (; *keys; keys++)
		t->last = editor_key(&t->e, (uint8_t)*keys, &t->echo);
}

#define EXPECT(t, keys, shown, text)                                                               \
	do {                                                                                       \
		type(t, keys);                                                                     \
		cr_expect_str_eq((t)->echo.s, shown);                                              \
		cr_expect_str_eq(editor_line(&(t)->e), text);                                      \
	} while (0)

Test(vty_editor, editing)
{
	struct typed t;

	begin(&t);
	EXPECT(&t, "abc\x01\x0b", "abc\b\b\b   \b\b\b", "");
	EXPECT(&t, "en", "en", "en");
	EXPECT(&t,
	    "\x02\x02"
	    "x\x7f\x04\x05",
	    "\b\bxen\b\b\ben \b\b\bn \b\bn", "n");
	EXPECT(&t, "\x17", "\b \b", "");
	EXPECT(&t, "neighbor \x15", "neighbor \b\b\b\b\b\b\b\b\b         \b\b\b\b\b\b\b\b\b", "");
	EXPECT(&t, "abc\x1b[D\x1b[Dx", "abc\b\bxbc\b\b", "axbc");
	EXPECT(&t, "\x1b[C\x1bOD\x1b[Z", "b\b", "axbc");
	end(&t);
}

Test(vty_editor, history)
{
	struct typed t;

	begin(&t);
	editor_remember(&t.e, "show history");
	editor_remember(&t.e, "show history");
	editor_remember(&t.e, "");
	editor_remember(&t.e, "en");
	EXPECT(&t, "\x10", "en", "en");
	EXPECT(&t, "\x10", "\b\b  \b\bshow history", "show history");
	EXPECT(&t, "\x10", "", "show history");
	EXPECT(&t, "\x0e", "\b\b\b\b\b\b\b\b\b\b\b\b            \b\b\b\b\b\b\b\b\b\b\b\ben", "en");
	EXPECT(&t, "\x0e\x0e", "\b\b  \b\b", "");
	for (int i = 0; i < 3 * EDITOR_HISTORY; i++)
		editor_remember(&t.e, i % 2 ? "odd" : "even");
	cr_expect_eq(t.e.count, EDITOR_HISTORY);
	end(&t);
}

Test(vty_editor, events)
{
	static const struct {
		const char *keys;
		enum editor_event event;
	} rows[] = {{"\t", EDITOR_COMPLETE}, {"?", EDITOR_EXPLAIN}, {"\x03", EDITOR_CANCEL},
	    {"\x1a", EDITOR_TOP}, {"\x04", EDITOR_LEAVE}, {"a\x04", EDITOR_NOTHING},
	    {"\r", EDITOR_LINE}, {"\n", EDITOR_NOTHING}, {"\n", EDITOR_LINE},
	    {"\x1b", EDITOR_NOTHING}, {"?", EDITOR_NOTHING}, {"?", EDITOR_EXPLAIN}};
	struct typed t;

	begin(&t);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		type(&t, rows[i].keys);
		cr_expect_eq(t.last, rows[i].event, "row %zu: %d", i, t.last);
	}
	end(&t);
}

Test(vty_editor, hidden)
{
	struct typed t;

	begin(&t);
	editor_remember(&t.e, "show version");
	t.e.hidden = true;
	EXPECT(&t, "sec\x02?\x10ret", "", "se?retc");
	EXPECT(&t, "\x15tab\t", "", "tab");
	type(&t, "\x15");
	type(&t, "secret\x02\x02\x7f");
	editor_clear(&t.e);
	for (size_t i = 0; i < sizeof(t.e.line); i++)
		cr_expect_eq(t.e.line[i], 0, "byte %zu of a password is still there", i);
	type(&t, "secret");
	editor_fini(&t.e);
	cr_expect_eq(t.e.line[1], 0);
	sb_fini(&t.echo);
}

Test(vty_editor, full_line)
{
	struct typed t;

	begin(&t);
	for (int i = 0; i < EDITOR_LINE_MAX + 10; i++)
		type(&t, "x");
	cr_expect_eq(t.e.len, EDITOR_LINE_MAX - 1);
	cr_expect_eq(t.echo.len, 0);
	type(&t, "\x7f");
	cr_expect_eq(t.e.len, EDITOR_LINE_MAX - 2);
	end(&t);
}

Test(vty_editor, whole_word)
{
	struct typed t;

	begin(&t);
	type(&t, "show ip b\x02");
	sb_clear(&t.echo);
	editor_replace_word(&t.e, "bgp", &t.echo);
	cr_expect_str_eq(t.echo.s, "b\bbgp ");
	cr_expect_str_eq(editor_line(&t.e), "show ip bgp ");
	end(&t);
}

Test(vty_access, passwords)
{
	struct vty_access a;
	struct sb hash, again;

	vty_access_init(&a);
	sb_init(&hash);
	sb_init(&again);
	cr_expect(!vty_password_matches(&a.login, ""));
	vty_password_set(&a.login, "zebra", false);
	cr_expect(vty_password_matches(&a.login, "zebra"));
	cr_expect(!vty_password_matches(&a.login, "zebr"));
	cr_expect(!vty_password_matches(&a.login, "zebrax"));
	cr_expect(!vty_password_matches(&a.login, ""));
	cr_assert(vty_password_hash("zebra", &a.login, &hash));
	vty_password_set(&a.enable, hash.s, true);
	cr_expect(vty_password_matches(&a.enable, "zebra"));
	cr_expect(!vty_password_matches(&a.enable, "zebr"));
	cr_expect(!vty_password_matches(&a.enable, hash.s));
	cr_assert(vty_password_hash("zebra", &a.enable, &again));
	cr_expect_str_eq(hash.s, again.s, "the same password keeps its hash");
	vty_password_set(&a.enable, "no hash at all", true);
	cr_expect(!vty_password_matches(&a.enable, "no hash at all"));
	sb_fini(&hash);
	sb_fini(&again);
	vty_access_fini(&a);
}

/* Nobody may make the daemon hash a text of any length. */
Test(vty_access, long_passwords)
{
	static struct crypt_data data;
	char text[VTY_HASHED_MAX + 2];
	struct vty_access a;
	struct sb hash;

	vty_access_init(&a);
	sb_init(&hash);
	memset(text, 'x', sizeof(text));
	text[VTY_HASHED_MAX + 1] = '\0';
	vty_password_set(&a.login, crypt_r(text, "$6$salt$", &data), true);
	cr_expect(!vty_password_matches(&a.login, text));
	cr_expect(!vty_password_hash(text, NULL, &hash));
	vty_password_set(&a.login, text, false);
	cr_expect(vty_password_matches(&a.login, text), "in clear any length will do");
	text[VTY_HASHED_MAX] = '\0';
	cr_assert(vty_password_hash(text, NULL, &hash));
	vty_password_set(&a.login, hash.s, true);
	cr_expect(vty_password_matches(&a.login, text));
	sb_fini(&hash);
	vty_access_fini(&a);
}

Test(vty_access, timeouts)
{
	static const unsigned rows[][3] = {{0, 0, 60}, {5, 5, 5}, {60, 60, 60}, {600, 600, 60}};
	struct vty_access a;

	vty_access_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a.timeout = rows[i][0];
		cr_expect_eq(vty_timeout(&a, true), rows[i][1]);
		cr_expect_eq(vty_timeout(&a, false), rows[i][2]);
	}
	vty_access_fini(&a);
}

/* What an FRR wrote into its file: `password 8` of "zebra" as DES. */
Test(vty_access, frr_hash)
{
	struct vty_access a;

	vty_access_init(&a);
	vty_password_set(&a.login, "CivkQhT7ZHbrw", true);
	cr_expect(vty_password_matches(&a.login, "zebra"));
	cr_expect(!vty_password_matches(&a.login, "zebrb"));
	vty_access_fini(&a);
}
