/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of the daemon itself: its name, where it logs, what it logs. */
#ifndef FERRO_SYSTEM_H
#define FERRO_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "vty/access.h"

struct instance;

/* Written by replay only. Strings belong to the struct. Levels: LOG_OFF or LOG_EMERG..LOG_DEBUG. */
struct system_cfg {
	char *hostname; /* NULL: the system's */
	char *log_file; /* NULL: none */
	int log_file_level, log_syslog_level, log_stdout_level, log_facility;
	uint8_t log_precision;
	bool log_priority, log_ids, log_ec, log_commands;
	uint32_t debug; /* enum debug_flag */
	struct vty_access access;
};

void system_cfg_init(struct system_cfg *cfg); /* FRR's defaults */
void system_cfg_fini(struct system_cfg *cfg);
/* Makes cfg the instance's settings (takes its strings over) and carries the differences out. What
 * the command line said about logging (--log) stays. */
void system_apply(struct instance *inst, struct system_cfg *cfg);

#endif
