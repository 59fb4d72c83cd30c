/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the shows of BGP share: which instance and family a line means, walks over a table in
 * slices, one path gathered for showing, and FRR's spellings of times, names and warnings.
 *
 * A show gathers values once (struct path_view and its kin) and hands them to the emitter, which
 * knows text and JSON. Nothing here changes anything. A deferred show keeps no pointer into the
 * engine between two slices: only the instance, addresses and prefixes.
 */
#ifndef FERRO_CMD_SHOW_H
#define FERRO_CMD_SHOW_H

#include "bgpd/cmd/modes.h"
#include "bgpd/cmd/rows.h"
#include "bgpd/instance.h"

/* ---- syntax that many rows have ---- */
#define SHOW_VRF "[<view|vrf> VIEWVRFNAME] "
#define SHOW_FAMILY "[<ipv4|ipv6> [unicast]] "
/* Help of `show [ip] bgp` SHOW_VRF SHOW_FAMILY, and of CLI_PEER behind it, where it is not the
 * lexicon's. */
#define SHOW_HELP "\n\n\n\n\n\n\nAddress Family\n\n"
#define SHOW_HELP_PEER "Neighbor address\nNeighbor IPv6 address\n\n"

/* ---- which instance, which family ---- */
enum show_missing {
	SHOW_MISSING_TABLE,   /* "Default BGP instance not found", an object with a warning */
	SHOW_MISSING_SUMMARY, /* "% BGP instance not found", "{}" */
};
/* The instance that the line names; NULL: there is none, and that has been said. */
struct bgp *show_bgp(struct cli_call *call, enum show_missing how);
bool show_vrf_all(const struct cli_call *call); /* `vrf all`: the answer has a frame */
/* The frame that `vrf all` puts around each instance. title: "Instance default:" in text. */
void show_frame_open(struct out *out, bool title);
void show_frame_close(struct out *out);
/* ipv4, ipv6, or by the spelling: `show ip bgp` is IPv4, `show bgp` IPv6. */
enum family show_family(const struct cli_call *call);
bool show_family_given(const struct cli_call *call);       /* named, or by `ip` */
const char *show_family_title(enum family f);              /* "IPv4 Unicast" */
const char *show_family_key(enum family f);                /* "ipv4Unicast" */
const char *show_family_word(enum family f);               /* "ipv4" */
bool show_family_used(const struct bgp *b, enum family f); /* some neighbor has it active */
struct peer *show_peer_find(const struct bgp *b, const char *name); /* NULL: none */
/* The neighbor that the line names, with its family active; NULL: said what is missing. */
const struct peer *show_peer_of(struct cli_call *call, const struct bgp *b);

/* ---- words ---- */
enum { SHOW_DATE_LEN = 32, SHOW_SIZE_LEN = 32, SHOW_QUEUE = 64 * 1024 };
const char *show_date(int64_t epoch, char buf[static SHOW_DATE_LEN]); /* as ctime, local time */
const char *show_lasting(uint32_t seconds, char buf[static SHOW_DATE_LEN]); /* "0:00:01:02" */
const char *show_size(size_t bytes, char buf[static SHOW_SIZE_LEN]);    /* "160 bytes", "19 KiB" */
const char *show_id(uint32_t host_order, char buf[static ADDR_STRLEN]); /* "192.168.1.1" */
/* A warning: text as it is with a newline, JSON as an object with one member. */
void show_warning(struct out *out, const char *text, const char *json);
/* JSON only: a moment (seconds since 1970), as an object of its number and its text (text_key). */
void show_moment(struct out *out, const char *key, const char *text_key, int64_t epoch);
/* "lastUpdate", "lastUpdateStr" of a clock_sec time stamp, and the line in text. */
void show_last_update(struct out *out, const char *indent, uint32_t since);

/* Why a neighbor's session went down last, in the words of `failed` and `neighbors`, and as JSON
 * members. */
void show_reset_text(const struct peer *p, struct sb *to);
void show_reset_json(struct out *out, const struct peer *p);
/* Seconds since the session came up or went down; false: it never was up. */
bool show_peer_uptime(const struct peer *p, uint32_t *seconds);
/* The neighbor's name, with the host's in front if `bgp default show-hostname`. */
void show_peer_name(const struct peer *p, struct sb *to);

/* ---- walks ---- */
struct show_walk {
	struct prefix after, within; /* within.family NONE: all */
	bool started;
};
typedef void show_visit(void *ctx, const struct dest *d, const struct prefix *p);
/* Visits destinations until 64 KiB are queued or a millisecond is over; true: there is more. */
bool show_walk(
    struct show_walk *w, const struct rib *r, struct out *out, show_visit *visit, void *ctx);

/* ---- one path ---- */
struct path_view {
	const struct bgp *bgp;
	const struct rib *rib;
	const struct dest *dest;
	const struct path *path;
	const struct source *source;
	struct prefix prefix;
	struct attr_set attrs;
	struct addr hop;             /* next hop; 0.0.0.0 or :: for local routes */
	const struct nht_entry *nht; /* NULL: needs none */
	const char *host;            /* name of the one that announces it; NULL: unknown */
	bool local, multipath;
};
/* Gathers; attrs 0: the set that counts for the path. Valid until the engine runs again. */
struct path_view path_view(const struct bgp *b, const struct rib *r, const struct dest *d,
    const struct path *p, uint32_t attrs);
/* The first path of a destination, and the next one, that policy let in; NULL: none. */
const struct path *show_path_first(const struct rib *r, const struct dest *d);
const struct path *show_path_next(const struct rib *r, const struct path *p);

enum row_style {
	ROW_PLAIN,
	ROW_WIDE,
	ROW_RECEIVED, /* received-routes: FRR's status is a column shorter */
};
void show_table_header(struct out *out, const struct bgp *b, const struct rib *r, bool detail);
void show_columns(struct out *out, enum row_style style); /* legend and column titles, text only */
/* A line of the table; `again`: not the first path of its prefix. Text only. */
void show_row_text(struct out *out, const struct path_view *v, enum row_style style, bool again);
/* The same as an object, inside an array. */
void show_row_json(struct out *out, const struct path_view *v);
/* A line of advertised-routes, received-routes as a member of an object. */
void show_adj_json(struct out *out, const struct path_view *v);
/* The long form of a path: text lines, or the members of an object that is opened here. */
void show_path(struct out *out, const struct path_view *v);
/* Head and tail around the paths of a destination, both renditions. */
enum path_choice { PATHS_ALL, PATHS_BEST, PATHS_MULTI };
void show_dest(struct out *out, const struct bgp *b, const struct rib *r, const struct dest *d,
    enum path_choice choice, uint32_t attrs);
/* The text lines in front of the paths. */
void show_dest_head(
    struct out *out, const struct bgp *b, const struct rib *r, const struct dest *d);

/* ---- a neighbor's parts (show_capability.c) ---- */
void show_capabilities(struct out *out, const struct peer *p);
/* The part of the capabilities that `graceful-restart` shows: only that of graceful restart. */
void show_gr_capabilities(struct out *out, const struct peer *p);
void show_graceful_restart(struct out *out, const struct peer *p);

#endif
