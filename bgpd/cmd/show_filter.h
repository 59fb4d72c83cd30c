/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which paths of a table a show wants: by length, community, AS path, neighbor. */
#ifndef FERRO_CMD_SHOW_FILTER_H
#define FERRO_CMD_SHOW_FILTER_H

#include "bgpd/cmd/show.h"

enum show_filter_kind {
	FILTER_NONE,
	FILTER_CIDR_ONLY, /* prefixes that are not classful networks */
	FILTER_COMMUNITY, /* any community, or the one given */
	FILTER_LARGE_COMMUNITY,
	FILTER_REGEXP,
	FILTER_NEIGHBOR,
	FILTER_SELF,    /* routes of our own */
	FILTER_NOTHING, /* dampening, which is never on */
};

struct show_filter {
	uint8_t kind;          /* enum show_filter_kind */
	bool exact, one;       /* no other community beside; a community is given */
	uint8_t community[12]; /* wire form */
	struct addr neighbor;
	struct show_regexp *regexp;
};
/* Reads the line. False: said what is wrong with it. show_filter_fini in any case. */
bool show_filter_read(struct show_filter *f, const struct cli_call *call);
void show_filter_fini(struct show_filter *f);
bool show_filter_dest(const struct show_filter *f, const struct prefix *p);
bool show_filter_path(const struct show_filter *f, const struct path_view *v);

#endif
