/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `debug ...`: typed in enable mode a switch holds until the daemon ends; as a statement it is part
 * of the configuration. `show debugging` prints what is on, in FRR's order and for the daemons that
 * FRR would have, since scripts read it.
 */
#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/instance.h"

/* A switch as it is announced and listed. */
struct debug_name {
	uint32_t flags; /* enum debug_flag */
	const char *name, *suffix;
};
static const struct debug_name names[] = {
    {DEBUG_KEEPALIVES, "keepalives", ""},
    {DEBUG_NEIGHBOR_EVENTS, "neighbor-events", ""},
    {DEBUG_UPDATES_IN, "updates", " (inbound)"},
    {DEBUG_UPDATES_OUT, "updates", " (outbound)"},
    {DEBUG_UPDATES_DETAIL, "updates detail", ""},
    {DEBUG_UPDATES_IN | DEBUG_UPDATES_OUT, "updates", ""},
};
enum { NAME_COUNT = sizeof(names) / sizeof(names[0]), LISTED = NAME_COUNT - 1 };

static enum cli_rc run_debug(struct cli_call *call)
{
	struct instance *inst = call->app;
	uint32_t flags = call->row->data;

	if (call->no)
		inst->debug_term &= ~flags;
	else
		inst->debug_term |= flags;
	inst->debug = inst->sys.debug | inst->debug_term;
	for (size_t i = 0; i < NAME_COUNT; i++)
		if (names[i].flags == flags)
			out_text(call->out, "BGP %s debugging is %s%s\n", names[i].name,
			    call->no ? "off" : "on", names[i].suffix);
	return CLI_OK;
}

static enum cli_rc run_no_debug_all(struct cli_call *call)
{
	struct instance *inst = call->app;

	inst->debug_term = 0;
	inst->debug = inst->sys.debug;
	out_text(call->out, "All possible debugging has been turned off\n");
	return CLI_OK;
}

/* FRR has every daemon do this, and none of them says anything. */
static enum cli_rc run_debug_all(struct cli_call *call)
{
	struct instance *inst = call->app;

	inst->debug_term = 0;
	for (size_t i = 0; i < LISTED && !call->no; i++)
		inst->debug_term |= names[i].flags;
	inst->debug = inst->sys.debug | inst->debug_term;
	return CLI_OK;
}

static void apply_debug(void *settings, const struct cli_args *args, bool no)
{
	struct system_cfg *cfg = settings;
	uint32_t flags = arg_row(args)->data;

	cfg->debug = no ? cfg->debug & ~flags : cfg->debug | flags;
}

/* Both directions, whether they are switched on or off. */
static void spell_updates(const struct cli_args *args, bool no, struct sb *lines)
{
	const char *word = no ? "no " : "";

	(void)args;
	sb_fmt(lines, "%sdebug bgp updates in\n%sdebug bgp updates out\n", word, word);
}

static enum cli_rc run_show_debugging(struct cli_call *call)
{
	const struct instance *inst = call->app;

	out_text(call->out, "MGMT debugging status:\n\nZebra debugging status:\n\n");
	out_text(call->out, "BGP debugging status:\n");
	for (size_t i = 0; i < LISTED; i++)
		if (inst->debug & names[i].flags)
			out_text(call->out, "  BGP %s debugging is on%s\n", names[i].name,
			    names[i].suffix);
	out_text(call->out, "\nStaticD debugging status:\n\n");
	return CLI_OK;
}

#define DEBUG_HELP                                                                                 \
	"in\tInbound updates\nout\tOutbound updates\ndetail\tShow detailed information about "     \
	"updates"
#define DEBUG_ROW(line, bits, flag)                                                                \
	{IN_ENABLE, line, DEBUG_HELP, ROW_NO, .run = run_debug, .data = (bits)},                   \
	{                                                                                          \
		IN_CONFIG, line, DEBUG_HELP, ROW_CONFIG | (flag),                                  \
		    .object = OBJECT_SYSTEM, .apply = apply_debug, .data = (bits)                  \
	}

static const struct cli_row debug_rows[] = {
    DEBUG_ROW("debug bgp keepalives", DEBUG_KEEPALIVES, ROW_SECTION),
    DEBUG_ROW("debug bgp neighbor-events", DEBUG_NEIGHBOR_EVENTS, 0),
    DEBUG_ROW("debug bgp updates in", DEBUG_UPDATES_IN, 0),
    DEBUG_ROW("debug bgp updates out", DEBUG_UPDATES_OUT, 0),
    DEBUG_ROW("debug bgp updates detail", DEBUG_UPDATES_DETAIL, 0),
    {IN_ENABLE, "debug bgp updates", NULL, ROW_NO, .run = run_debug,
	.data = DEBUG_UPDATES_IN | DEBUG_UPDATES_OUT},
    {IN_CONFIG, "debug bgp updates", NULL, ROW_CONFIG | ROW_ALIAS, .spell = spell_updates},
    {IN_ENABLE, "debug all", "all\tAll debugging", ROW_NO | ROW_HIDDEN, .run = run_debug_all},
    {IN_ENABLE, "undebug bgp", NULL, ROW_HIDDEN, .run = run_no_debug_all},
    {IN_EXEC, "show debugging", NULL, 0, .run = run_show_debugging},
};
const struct cmd_rows cmd_debug = CMD_ROWS(debug_rows);
