/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration shown: `show running-config`, `write terminal`, and `show version`.
 *
 * The printed text is the engine's; here stand only FRR's frame around it and the choice of the
 * daemon whose part is wanted. It streams: a configuration of any length never waits in memory.
 */
#include <string.h>
#include <sys/utsname.h>

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/instance.h"
#include "lib/mem.h"
#include "lib/version.h"
#include "vty/server.h"

enum { PIECE = 16 * 1024 };

/* Whose part of the configuration a daemon of FRR would print. */
enum owner { OWNER_ALL, OWNER_BGPD, OWNER_MGMTD, OWNER_NOBODY };

struct show_running {
	struct cli_printer *printer;
	struct sb piece;
	enum owner owner;
	bool bare; /* FRR's daemons give their vtysh the text only */
};

/* The statement that FRR's vtysh prints itself. */
static const char vtyshs_own[] = "service integrated-vtysh-config";

static bool step_running(void *ctx, struct out *out)
{
	struct show_running *s = ctx;
	bool more = cli_printer_step(s->printer, &s->piece, PIECE);

	out_raw(out, "%s", s->piece.s);
	sb_clear(&s->piece);
	if (!more && !s->bare)
		out_text(out, "end\n");
	return more;
}

static void end_running(void *ctx)
{
	struct show_running *s = ctx;

	cli_printer_free(s->printer);
	sb_fini(&s->piece);
	mem_free(s);
}

static bool owned_by(void *ctx, const struct cli_row *row)
{
	const struct show_running *s = ctx;
	enum owner owner = s->owner;

	if (s->bare && !strcmp(row->syntax, vtyshs_own))
		return false;
	if (owner == OWNER_ALL)
		return true;
	switch ((enum object)row->object) {
	case OBJECT_BGP:
		return owner == OWNER_BGPD;
	case OBJECT_STATIC:
		return owner == OWNER_MGMTD;
	case OBJECT_SYSTEM:
		return true;
	default:
		return row->enters == MODE_INTERFACE ? owner == OWNER_MGMTD : true;
	}
}

static enum owner choose_owner(const char *daemon, const char *client)
{
	if (daemon)
		return !strcmp(daemon, "bgpd")    ? OWNER_BGPD
		       : !strcmp(daemon, "mgmtd") ? OWNER_MGMTD
						  : OWNER_NOBODY;
	/* bgpd.vty gives a client that asks every socket all of it, the others nothing twice. */
	return client && strcmp(client, "bgpd") ? OWNER_NOBODY : OWNER_ALL;
}

static enum cli_rc run_show_running(struct cli_call *call)
{
	const char *client = vty_frr_client(call->session);
	const char *daemon = arg_str(call->args, "daemon");
	struct show_running *s = mem_zalloc(sizeof(*s));

	s->owner = choose_owner(daemon ? daemon : vty_only_daemon(call->session), client);
	s->bare = client != NULL;
	sb_init(&s->piece);
	s->printer = cli_printer_new(call->cli, owned_by, s);
	if (!s->bare && !arg_has(call->args, "no-header"))
		out_text(call->out, "Building configuration...\n\nCurrent configuration:\n!\n");
	return cli_defer(call, step_running, end_running, s);
}

static enum cli_rc run_show_version(struct cli_call *call)
{
	const struct instance *inst = call->app;
	struct utsname u;

	uname(&u);
	out_text(call->out, "FRRouting %s (%s) on %s(%s).\n%s\n", FERRO_VERSION, inst->hostname,
	    u.sysname, u.release, FERRO_COPYRIGHT);
	out_text(call->out, "configured with:\n    '--sysconfdir=%s' '--localstatedir=%s'\n",
	    SYSCONFDIR, LOCALSTATEDIR);
	return CLI_OK;
}

static const struct cli_row running_rows[] = {
    {IN_ENABLE, "show running-config [<zebra|bgpd|staticd|mgmtd>$daemon] [no-header]",
	"zebra\tFor the zebra daemon", 0, .run = run_show_running},
    {IN_ENABLE, "write terminal [<zebra|bgpd|staticd|mgmtd>$daemon] [no-header]",
	"terminal\tWrite to terminal\nzebra\tFor the zebra daemon", 0, .run = run_show_running},
    {IN_EXEC, "show version", "version\tDisplays zebra version", 0, .run = run_show_version},
};
const struct cmd_rows cmd_running = CMD_ROWS(running_rows);
