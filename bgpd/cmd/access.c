/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statements about who may use the vty port and what is seen there: passwords, `service ...`, the
 * banner, `line vty`.
 *
 * `service password-encryption` makes a password that is said in clear be stored as its hash, also
 * those that were said before it. A password whose hash runs already keeps that hash, so that
 * loading a file with passwords in clear again changes nothing.
 */
#include <ctype.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/instance.h"
#include "lib/file.h"
#include "lib/mem.h"

/* The two passwords; a row's data is its index. */
enum { PASSWORD_LOGIN, PASSWORD_ENABLE };

static const char *const password_lines[] = {"password", "enable password"};

static struct vty_password *password_of(struct vty_access *a, const struct cli_args *args)
{
	return arg_row(args)->data == PASSWORD_ENABLE ? &a->enable : &a->login;
}

static enum cli_rc check_password(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	const char *word = arg_str(args, "word");

	(void)app;
	(void)candidate;
	(void)parent;
	if (no)
		sb_add(msg,
		    "Please be aware that removing the password is a security risk and you should "
		    "think twice about this command.\n");
	if (no || arg_has(args, "hidden") || !word || isalnum((unsigned char)*word))
		return CLI_OK;
	sb_add(msg, "Please specify string starting with alphanumeric\n");
	return CLI_CONFIG_FAILED;
}

/* What is said in clear is stored as a hash, if the service is on. */
static enum cli_rc encrypt(void *app, const struct conf *candidate, const struct conf_node *parent,
    const struct cli_args *args, bool no, struct sb *lines, struct sb *msg)
{
	struct instance *inst = app;
	const char *word = arg_str(args, "word");
	size_t begin = lines->len;

	(void)parent;
	if (no || arg_has(args, "hidden") || !word || !isalnum((unsigned char)*word) ||
	    !conf_find(conf_root(candidate), "service password-encryption"))
		return CLI_OK;
	sb_fmt(lines, "%s 8 ", password_lines[arg_row(args)->data]);
	if (vty_password_hash(word, password_of(&inst->sys.access, args), lines)) {
		sb_addc(lines, '\n');
		return CLI_OK;
	}
	lines->s[lines->len = begin] = '\0';
	sb_add(msg, "% The password cannot be encrypted\n");
	return CLI_CONFIG_FAILED;
}

/* The service begins: the passwords are said again. */
static enum cli_rc encrypt_all(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *lines,
    struct sb *msg)
{
	(void)app;
	(void)parent;
	(void)args;
	(void)no;
	(void)msg;
	for (size_t i = 0; i < sizeof(password_lines) / sizeof(password_lines[0]); i++) {
		const struct conf_node *n = conf_find(conf_root(candidate), password_lines[i]);

		if (n)
			sb_fmt(lines, "%s\n", conf_text(n));
	}
	return CLI_OK;
}

static void apply_password(void *settings, const struct cli_args *args, bool no)
{
	struct system_cfg *cfg = settings;

	(void)no;
	vty_password_set(
	    password_of(&cfg->access, args), arg_str(args, "word"), arg_has(args, "hidden"));
}

static void apply_advanced(void *settings, const struct cli_args *args, bool no)
{
	(void)args;
	((struct system_cfg *)settings)->access.advanced = !no;
}

static void apply_length(void *settings, const struct cli_args *args, bool no)
{
	(void)no;
	((struct system_cfg *)settings)->access.length = (int)arg_u32(args, "lines", 0);
}

/* Whoever cannot read the file sees the usual greeting; it may come later. */
static enum cli_rc check_banner(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	const char *path = arg_str(args, "path");
	char *text = path && !no ? file_read(path) : NULL;

	(void)app;
	(void)candidate;
	(void)parent;
	if (path && !no && !text)
		sb_fmt(msg, "%% Can't read %s\n", path);
	mem_free(text);
	return CLI_OK;
}

static void apply_banner(void *settings, const struct cli_args *args, bool no)
{
	struct vty_access *a = &((struct system_cfg *)settings)->access;
	const char *line = arg_str(args, "text");

	(void)no;
	a->motd = line ? MOTD_LINE : MOTD_FILE;
	mem_free(a->motd_text);
	a->motd_text = mem_strdup(line ? line : arg_str(args, "path"));
}

static void apply_no_banner(void *settings, const struct cli_args *args, bool no)
{
	(void)args;
	if (no)
		((struct system_cfg *)settings)->access.motd = MOTD_NONE;
}

/* `no banner motd` and a banner exclude each other: each takes the other away. */
static enum cli_rc drop_banner(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *lines,
    struct sb *msg)
{
	(void)app;
	(void)candidate;
	(void)parent;
	(void)args;
	(void)msg;
	sb_add(lines, no ? "no banner motd line -\n" : "banner motd\n");
	return CLI_OK;
}

static void apply_timeout(void *settings, const struct cli_args *args, bool no)
{
	(void)no;
	((struct system_cfg *)settings)->access.timeout =
	    arg_u32(args, "minutes", 0) * 60 + arg_u32(args, "seconds", 0);
}

static void apply_login(void *settings, const struct cli_args *args, bool no)
{
	(void)args;
	((struct system_cfg *)settings)->access.open = no;
}

#define BANNER "banner\tSet banner\nmotd\tBanner for motd\n"
#define SERVICE "service\tSet up miscellaneous service\n"

static const struct cli_row service_rows[] = {
    {IN_CONFIG, "service advanced-vty", SERVICE "advanced-vty\tEnable advanced mode vty interface",
	ROW_CONFIG, .object = OBJECT_SYSTEM, .apply = apply_advanced},
    {IN_CONFIG, "service password-encryption",
	SERVICE "password-encryption\tEnable encrypted passwords", ROW_CONFIG,
	.begins = encrypt_all},
    {IN_CONFIG, "service terminal-length (0-512)$lines=",
	SERVICE "terminal-length\tSystem wide terminal length configuration\n"
		"(0-512)\tNumber of lines of VTY (0 means no line control)",
	ROW_CONFIG | ROW_HIDDEN, /* as in FRR's vtysh */
	.object = OBJECT_SYSTEM, .apply = apply_length},
    {IN_CONFIG, "banner motd", BANNER, ROW_CONFIG | ROW_ON | ROW_HIDDEN, .object = OBJECT_SYSTEM,
	.apply = apply_no_banner, .along = drop_banner},
    {IN_CONFIG, "banner motd default", BANNER "default\tDefault string", ROW_CONFIG | ROW_ALIAS,
	.canonical = "no banner motd line -\nbanner motd", .list = "banner motd default"},
    {IN_CONFIG, "banner motd <line LINE...$text|file FILE$path>=",
	BANNER "line\tBanner from an input\nLINE\tText\nfile\tBanner from a file\nFILE\tFilename",
	ROW_CONFIG, .object = OBJECT_SYSTEM, .check = check_banner, .apply = apply_banner,
	.begins = drop_banner,
	.list = "banner motd file FILE\nbanner motd line LINE...\nno banner motd"},
};
const struct cmd_rows cmd_service = CMD_ROWS(service_rows);

#define PASSWORD_HELP "(8-8)\tSpecifies a HIDDEN password will follow\n"

static const struct cli_row password_rows[] = {
    {IN_CONFIG, "password [(8-8)$hidden]= LINE$word=",
	"password\tModify the terminal connection password\n" PASSWORD_HELP
	"LINE\tThe password string",
	ROW_CONFIG | ROW_SECTION, .object = OBJECT_SYSTEM, .check = check_password,
	.apply = apply_password, .rewrite = encrypt, .data = PASSWORD_LOGIN,
	.list = "password [(8-8)] LINE\nno password"},
    {IN_CONFIG, "enable password [(8-8)$hidden]= LINE$word=",
	"enable\tModify enable password parameters\n"
	"password\tAssign the privileged level password\n" PASSWORD_HELP
	"LINE\tThe 'enable' password string",
	ROW_CONFIG, .object = OBJECT_SYSTEM, .check = check_password, .apply = apply_password,
	.rewrite = encrypt, .data = PASSWORD_ENABLE,
	.list = "enable password [(8-8)] LINE\nno enable password"},
};
const struct cmd_rows cmd_password = CMD_ROWS(password_rows);

#define TIMEOUT                                                                                    \
	"exec-timeout\tSet timeout value\n(0-35791)\tTimeout value in minutes\n"                   \
	"(0-2147483)\tTimeout in seconds"

static const struct cli_row line_rows[] = {
    {IN_CONFIG, "line vty", NULL, ROW_CONFIG | ROW_BLOCK | ROW_QUIET | ROW_SECTION | ROW_NO_NO,
	.enters = MODE_LINE_VTY},
    {IN(MODE_LINE_VTY), "exec-timeout (0-35791)$minutes= (0-2147483)$seconds=", TIMEOUT, ROW_CONFIG,
	.object = OBJECT_SYSTEM, .apply = apply_timeout, .defaults = {"10 0", "10 0"},
	.list = "exec-timeout (0-35791)\nexec-timeout (0-35791) (0-2147483)\nno exec-timeout"},
    {IN(MODE_LINE_VTY), "exec-timeout (0-35791)$minutes", TIMEOUT, ROW_CONFIG | ROW_ALIAS,
	.canonical = "exec-timeout $minutes 0", .list = ""},
    {IN(MODE_LINE_VTY), "login", "login\tEnable password checking", ROW_CONFIG | ROW_ON,
	.object = OBJECT_SYSTEM, .apply = apply_login},
};
const struct cmd_rows cmd_line = CMD_ROWS(line_rows);
