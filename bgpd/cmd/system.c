/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statements about the daemon itself: version, profile, host name, logging.
 *
 * The order of the rows is FRR's print order. What FRR takes and does nothing with is not here.
 */
#include <ctype.h>
#include <string.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/system.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/version.h"

/* Debugging is what a destination has without a level, so it is another spelling of that. */
#define LEVELS "[<emergencies|alerts|critical|errors|warnings|notifications|informational>$level]="
#define MESSAGES "debugging\tDebugging messages"
#define LEVELS_LISTED                                                                              \
	"[<emergencies|alerts|critical|errors|warnings|notifications|informational|debugging>]"

static int level_of(const struct cli_args *args)
{
	const char *word = arg_str(args, "level");
	int level = LOG_DEBUG;

	if (word)
		log_level_parse(word, &level);
	return level;
}

static enum cli_rc check_hostname(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	const char *name = arg_str(args, "word");

	(void)app;
	(void)candidate;
	(void)parent;
	if (no || !name || isalnum((unsigned char)name[0]))
		return CLI_OK;
	sb_fmt(msg, "Please specify string starting with alphabet or number\n");
	return CLI_CONFIG_FAILED;
}

static void apply_hostname(void *settings, const struct cli_args *args, bool no)
{
	struct system_cfg *cfg = settings;

	(void)no;
	mem_free(cfg->hostname);
	cfg->hostname = mem_strdup(arg_str(args, "word"));
}

static void apply_log_stdout(void *settings, const struct cli_args *args, bool no)
{
	(void)no;
	((struct system_cfg *)settings)->log_stdout_level = level_of(args);
}

static void apply_log_syslog(void *settings, const struct cli_args *args, bool no)
{
	(void)no;
	((struct system_cfg *)settings)->log_syslog_level = level_of(args);
}

static void apply_log_file(void *settings, const struct cli_args *args, bool no)
{
	struct system_cfg *cfg = settings;

	(void)no;
	mem_free(cfg->log_file);
	cfg->log_file = mem_strdup(arg_str(args, "filename"));
	cfg->log_file_level = level_of(args);
}

/* The statement holds either way, as FRR: the folder may come later, and SIGUSR1 opens the file. */
static enum cli_rc check_log_file(void *app, const struct conf *candidate,
    const struct conf_node *parent, const struct cli_args *args, bool no, struct sb *msg)
{
	const char *name = arg_str(args, "filename");

	(void)app;
	(void)candidate;
	(void)parent;
	if (no || !name)
		return CLI_OK;
	if (name[0] == '/') {
		if (!file_is_writable(name))
			sb_fmt(msg, "%% Can't open log file %s\n", name);
		return CLI_OK;
	}
	sb_fmt(msg, "%% Log file name must be an absolute path: %s\n", name);
	return CLI_CONFIG_FAILED;
}

struct facility {
	const char *name;
	int value;
};
static const struct facility facilities[] = {
    {"kern", LOG_KERN},
    {"user", LOG_USER},
    {"mail", LOG_MAIL},
    {"daemon", LOG_DAEMON},
    {"auth", LOG_AUTH},
    {"syslog", LOG_SYSLOG},
    {"lpr", LOG_LPR},
    {"news", LOG_NEWS},
    {"uucp", LOG_UUCP},
    {"cron", LOG_CRON},
    {"local0", LOG_LOCAL0},
    {"local1", LOG_LOCAL1},
    {"local2", LOG_LOCAL2},
    {"local3", LOG_LOCAL3},
    {"local4", LOG_LOCAL4},
    {"local5", LOG_LOCAL5},
    {"local6", LOG_LOCAL6},
    {"local7", LOG_LOCAL7},
};

static void apply_log_facility(void *settings, const struct cli_args *args, bool no)
{
	const char *word = arg_str(args, "facility");

	(void)no;
	for (size_t i = 0; i < sizeof(facilities) / sizeof(facilities[0]); i++)
		if (!strcmp(word, facilities[i].name))
			((struct system_cfg *)settings)->log_facility = facilities[i].value;
}

static void apply_log_precision(void *settings, const struct cli_args *args, bool no)
{
	(void)no;
	((struct system_cfg *)settings)->log_precision = (uint8_t)arg_u32(args, "0-6", 0);
}

/* The switches: data says which member. */
static void apply_switch(void *settings, const struct cli_args *args, bool no)
{
	bool *member = (bool *)((char *)settings + arg_row(args)->data);

	*member = !no;
}

#define SWITCH(line, flag, member)                                                                 \
	{                                                                                          \
		IN_CONFIG, line, NULL, ROW_CONFIG | (flag),                                        \
		    .object = OBJECT_SYSTEM, .apply = apply_switch,                                \
		    .data = offsetof(struct system_cfg, member)                                    \
	}

static const struct cli_row system_rows[] = {
    {IN_CONFIG, "frr version LINE...=",
	"version\tversion configuration was written by\nLINE\tversion string",
	ROW_CONFIG | ROW_ALWAYS | ROW_NO_NO | ROW_UNSAVED,
	.defaults = {FERRO_FRR_RELEASE, FERRO_FRR_RELEASE}},
    {IN_CONFIG, "frr defaults <traditional|datacenter>$profile=", NULL,
	ROW_CONFIG | ROW_ALWAYS | ROW_NO_NO, .defaults = {"traditional", "datacenter"}},
    {IN_CONFIG, "hostname WORD=",
	"no hostname\tReset system's network name\nWORD\tThis system's network name",
	ROW_CONFIG | ROW_ALWAYS, .object = OBJECT_SYSTEM, .check = check_hostname,
	.apply = apply_hostname, .defaults = {"$hostname", "$hostname"}},
};
const struct cmd_rows cmd_system = CMD_ROWS(system_rows);

static const struct cli_row log_rows[] = {
    SWITCH("log commands", 0, log_commands),
    {IN_CONFIG, "log stdout " LEVELS, NULL, ROW_CONFIG, .object = OBJECT_SYSTEM,
	.apply = apply_log_stdout, .list = "[no] log stdout " LEVELS_LISTED},
    {IN_CONFIG, "log stdout debugging", MESSAGES, ROW_CONFIG | ROW_ALIAS, .canonical = "log stdout",
	.list = ""},
    {IN_CONFIG, "log syslog " LEVELS, NULL, ROW_CONFIG, .object = OBJECT_SYSTEM,
	.apply = apply_log_syslog,
	.list = "log syslog " LEVELS_LISTED "\nno log syslog " LEVELS_LISTED},
    {IN_CONFIG, "log syslog debugging", MESSAGES, ROW_CONFIG | ROW_ALIAS, .canonical = "log syslog",
	.list = ""},
    {IN_CONFIG, "log file FILENAME= " LEVELS, NULL, ROW_CONFIG, .object = OBJECT_SYSTEM,
	.check = check_log_file, .apply = apply_log_file,
	.list = "[no] log file ![FILENAME " LEVELS_LISTED "]"},
    {IN_CONFIG, "log file FILENAME debugging", MESSAGES, ROW_CONFIG | ROW_ALIAS,
	.canonical = "log file $filename", .list = ""},
    {IN_CONFIG,
	"log facility <kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|local0|local1|local2|"
	"local3|local4|local5|local6|local7>$facility=",
	NULL, ROW_CONFIG, .object = OBJECT_SYSTEM, .apply = apply_log_facility,
	.defaults = {"daemon", "daemon"}},
    SWITCH("log record-priority", 0, log_priority),
    {IN_CONFIG, "log timestamp precision (0-6)=", NULL, ROW_CONFIG, .object = OBJECT_SYSTEM,
	.apply = apply_log_precision, .defaults = {"0", "0"}},
    SWITCH("log error-category", ROW_ON, log_ec),
    SWITCH("log unique-id", ROW_ON, log_ids),
    {IN_CONFIG, "service integrated-vtysh-config", NULL, ROW_CONFIG | ROW_ON | ROW_ALWAYS,
	.defaults = {"", ""}},
};
const struct cmd_rows cmd_log = CMD_ROWS(log_rows);
