/* The modes of the language; their table stands in bgpd/cmd/modes.c, in the same order. */
#ifndef FERRO_CMD_MODES_H
#define FERRO_CMD_MODES_H

enum mode {
	MODE_VIEW,
	MODE_ENABLE,
	MODE_CONFIG,
	MODE_INTERFACE,
	MODE_ROUTER_BGP,
	MODE_BGP_IPV4U,
	MODE_BGP_IPV6U,
	MODE_LINE_VTY,
	MODE_COUNT,
};

#define IN(mode) (1u << (mode))
#define IN_EXEC (IN(MODE_VIEW) | IN(MODE_ENABLE))

/* Whose settings a configuration row writes (struct cli_row.object). */
enum object {
	OBJECT_NONE,
	OBJECT_SYSTEM,   /* struct system_cfg: hostname, log, debug */
	OBJECT_BGP,      /* struct bgp_cfg */
	OBJECT_PEER,     /* struct peer_cfg */
	OBJECT_FAMILY,   /* struct family_cfg: address-family of the instance */
	OBJECT_NETWORK,  /* a network statement */
	OBJECT_INTERFACE,
	OBJECT_STATIC,   /* ip route */
};

#endif
