/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's own settings: from struct system_cfg to the log and the host name.
 *
 * A log file that cannot be opened is reported in the log that is still there; the daemon goes on.
 */
#include "bgpd/system.h"

#include <string.h>

#include "bgpd/instance.h"
#include "bgpd/options.h"
#include "lib/mem.h"

void system_cfg_init(struct system_cfg *cfg)
{
	*cfg = (struct system_cfg){
	    .log_file_level = LOG_OFF,
	    .log_syslog_level = LOG_OFF,
	    .log_stdout_level = LOG_OFF,
	    .log_facility = LOG_DAEMON,
	    .log_ids = true,
	    .log_ec = true,
	};
	vty_access_init(&cfg->access);
}

void system_cfg_fini(struct system_cfg *cfg)
{
	mem_free(cfg->hostname);
	mem_free(cfg->log_file);
	vty_access_fini(&cfg->access);
}

/* What the command line says about logging wins over the configuration. */
static void apply_command_line(struct instance *inst, struct system_cfg *cfg)
{
	const struct options *o = inst->opts;

	cfg->log_commands |= o->log_commands;
	if (!o->log_to)
		return;
	if (!strcmp(o->log_to, "stdout"))
		cfg->log_stdout_level = o->log_level;
	else if (!strcmp(o->log_to, "syslog"))
		cfg->log_syslog_level = o->log_level;
	else if (!cfg->log_file) {
		cfg->log_file = mem_strdup(o->log_to + strlen("file:"));
		cfg->log_file_level = o->log_level;
	}
}

static void apply_log_file(struct instance *inst, const struct system_cfg *cfg)
{
	const char *now = log_file(inst->log);
	int error;

	if (cfg->log_file && now && !strcmp(cfg->log_file, now)) {
		log_set_level(inst->log, LOG_TO_FILE, cfg->log_file_level);
		return;
	}
	error = log_set_file(inst->log, cfg->log_file, cfg->log_file_level);
	if (error)
		log_msg(inst->log, LOG_ERR, NULL, 0, "cannot open log file %s: %s", cfg->log_file,
		    strerror(error));
}

void system_apply(struct instance *inst, struct system_cfg *cfg)
{
	struct log *log = inst->log;

	apply_command_line(inst, cfg);
	log_set_precision(log, cfg->log_precision);
	log_set_priority_shown(log, cfg->log_priority);
	log_set_ids(log, cfg->log_ids, cfg->log_ec);
	log_set_facility(log, cfg->log_facility);
	log_set_level(log, LOG_TO_SYSLOG, cfg->log_syslog_level);
	log_set_level(log, LOG_TO_STDOUT, cfg->log_stdout_level);
	if (!inst->opts->dry_run)
		apply_log_file(inst, cfg);
	instance_set_hostname(inst, cfg->hostname);
	system_cfg_fini(&inst->sys);
	inst->sys = *cfg;
	inst->debug = cfg->debug | inst->debug_term;
}
