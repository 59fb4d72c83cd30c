/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See cmd_lab.h. */
#include "tests/unit/cmd_lab.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <string.h>

#include "bgpd/startup.h"
#include "lib/task.h"

void lab_start(struct lab *l, const char *config)
{
	l->base = task_base_new();
	l->opts = (struct options){.dry_run = true, .ecmp = 64};
	l->inst = instance_new(l->base, &l->opts);
	startup_cli(l->inst);
	cr_assert_eq(cli_load(l->inst->cli, config, false, NULL, NULL), 0);
	l->session = cli_session_new(l->inst->cli, MODE_ENABLE);
	sb_init(&l->said);
}

void lab_open(struct lab *l, const char *config)
{
	lab_start(l, config);
	cli_exec(l->session, "configure terminal", &l->said);
	cli_exec(l->session, "router bgp 65001", &l->said);
}

void lab_close(struct lab *l)
{
	sb_fini(&l->said);
	cli_session_free(l->session);
	instance_free(l->inst);
	event_base_free(l->base);
}

enum cli_rc lab_run(struct lab *l, const char *line)
{
	sb_clear(&l->said);
	return lab_run_to(l, line, &l->said);
}

enum cli_rc lab_run_to(struct lab *l, const char *line, struct sb *to)
{
	enum cli_rc rc = cli_exec(l->session, line, to);

	while (rc == CLI_SUSPEND)
		rc = cli_more(l->session, to);
	return rc;
}

struct peer *lab_peer(struct lab *l, const char *address)
{
	struct addr a;

	cr_assert(addr_parse(address, &a));
	return peer_find(l->inst->bgp, &a);
}

bool lab_saved(struct lab *l, const char *text)
{
	lab_run(l, "do show running-config");
	return strstr(l->said.s, text) != NULL;
}
