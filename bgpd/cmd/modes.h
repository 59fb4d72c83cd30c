/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modes of the language beyond the engine's own; their table stands in bgpd/cmd/modes.c, in the
 * same order. */
#ifndef FERRO_CMD_MODES_H
#define FERRO_CMD_MODES_H

#include "bgpd/codec/family.h"
#include "cli/row.h"

enum mode {
	MODE_INTERFACE = MODE_FIRST,
	MODE_ROUTER_BGP,
	MODE_BGP_IPV4U,
	MODE_BGP_IPV6U,
	MODE_LINE_VTY,
	MODE_COUNT,
};

#define IN(mode) (UINT64_C(1) << (mode))
#define IN_EXEC (IN(MODE_VIEW) | IN(MODE_ENABLE))
#define IN_ENABLE IN(MODE_ENABLE)
#define IN_CONFIG IN(MODE_CONFIG)

/* Whose settings a configuration row writes (struct cli_row.object). */
enum object {
	OBJECT_NONE,
	OBJECT_SYSTEM,  /* struct system_cfg */
	OBJECT_BGP,     /* struct bgp_cfg */
	OBJECT_PEER,    /* struct peer_replay (replay.h) */
	OBJECT_NETWORK, /* `network`: no settings, its prefix */
	OBJECT_ADDRESS, /* `ip address` of an interface: no settings, its prefix */
	OBJECT_LISTEN,  /* `bgp listen range`: no settings, its prefix and group */
	OBJECT_STATIC,  /* `ip route`: struct static_route (static.h) */
};

/* The address family whose block this mode is; NONE: of none. */
enum family mode_family(unsigned mode);
/* The family that a line names by its word (`ipv4`, `ipv6`); NONE: it names none. */
enum family cmd_family_named(const struct cli_args *args);

struct cli;
extern const struct cli_mode cmd_modes[];
extern const struct cli_word cmd_lexicon[];
extern const size_t cmd_lexicon_count;
/* Adds the rows of all subjects in print order (bgpd/cmd/table.c). */
void cmd_add_rows(struct cli *c);

#endif
