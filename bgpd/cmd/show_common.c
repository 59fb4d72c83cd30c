/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the shows of BGP share; see show.h.
 *
 * The words are FRR's, since scripts compare them. There is one instance, VRF default; a line that
 * names another one gets FRR's answer for an unknown one, and `vrf all` means that one.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bgpd/cmd/show.h"
#include "lib/clock.h"

const char *show_family_title(enum family f)
{
	return family_row_by(f)->title;
}

const char *show_family_key(enum family f)
{
	return family_row_by(f)->key;
}

const char *show_family_word(enum family f)
{
	return family_row_by(f)->word;
}

bool show_family_given(const struct cli_call *call)
{
	return arg_has(call->args, "ip") || cmd_family_named(call->args) != FAMILY_NONE;
}

enum family show_family(const struct cli_call *call)
{
	enum family named = cmd_family_named(call->args);

	if (named != FAMILY_NONE)
		return named;
	return arg_has(call->args, "ip") ? FAMILY_IPV4 : FAMILY_IPV6;
}

bool show_family_used(const struct bgp *b, enum family f)
{
	const struct peer *p;

	list_for_each (p, &b->peers, link)
		if (p->cfg.family[f].active)
			return true;
	return false;
}

struct peer *show_peer_find(const struct bgp *b, const char *name)
{
	struct addr a;

	return addr_parse(name, &a) ? peer_find(b, &a) : NULL;
}

void show_warning(struct out *out, const char *text, const char *json)
{
	out_text(out, "%s\n", text);
	out_obj(out, NULL);
	out_str(out, "warning", NULL, json);
	out_obj_end(out);
	if (out_json(out))
		out_raw(out, "\n");
}

const struct peer *show_peer_of(struct cli_call *call, const struct bgp *b)
{
	static const char *const unknown = "No such neighbor in this view/vrf";
	const struct peer *p = show_peer_find(b, arg_str(call->args, "peer"));

	if (!p) {
		show_warning(call->out, unknown, unknown);
		return NULL;
	}
	if (p->cfg.family[show_family(call)].active)
		return p;
	out_text(call->out, "%% No such neighbor or address family\n");
	if (out_json(call->out))
		out_raw(call->out, "{ \"warning\": \"No such neighbor or address family\" }\n");
	return NULL;
}

static void say_unknown(struct out *out, enum show_missing how, const char *name)
{
	char text[300];

	if (how == SHOW_MISSING_SUMMARY) {
		out_raw(out, "%s\n", out_json(out) ? "{}" : "% BGP instance not found");
		return;
	}
	if (!name) {
		show_warning(
		    out, "Default BGP instance not found", "Default BGP instance not found");
		return;
	}
	snprintf(text, sizeof(text), "View/Vrf %s is unknown", name);
	show_warning(out, text, "View/Vrf is unknown");
}

bool show_vrf_all(const struct cli_call *call)
{
	const char *name = arg_str(call->args, "viewvrfname");

	return name && !strcmp(name, "all");
}

struct bgp *show_bgp(struct cli_call *call, enum show_missing how)
{
	struct instance *inst = call->app;
	const char *name = arg_str(call->args, "viewvrfname");
	bool known = !name || !strcmp(name, "default") || !strcmp(name, "all");

	if (known && inst->bgp)
		return inst->bgp;
	say_unknown(call->out, how, known ? NULL : name);
	return NULL;
}

void show_frame_open(struct out *out, bool title)
{
	if (title)
		out_text(out, "\nInstance default:\n");
	if (out_json(out))
		out_raw(out, "{\n\"default\":");
}

void show_frame_close(struct out *out)
{
	if (out_json(out))
		out_raw(out, "}\n");
}

const char *show_date(int64_t epoch, char buf[static SHOW_DATE_LEN])
{
	time_t t = (time_t)epoch;
	struct tm tm;

	localtime_r(&t, &tm);
	strftime(buf, SHOW_DATE_LEN, "%a %b %e %H:%M:%S %Y", &tm);
	return buf;
}

const char *show_lasting(uint32_t seconds, char buf[static SHOW_DATE_LEN])
{
	snprintf(buf, SHOW_DATE_LEN, "%u:%02u:%02u:%02u", seconds / 86400, seconds / 3600 % 24,
	    seconds / 60 % 60, seconds % 60);
	return buf;
}

const char *show_size(size_t bytes, char buf[static SHOW_SIZE_LEN])
{
	static const struct {
		size_t above, unit;
		const char *name;
	} units[] = {{10 << 20, 1 << 20, "MiB"}, {10 << 10, 1 << 10, "KiB"}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (bytes > units[i].above) {
			snprintf(buf, SHOW_SIZE_LEN, "%zu %s",
			    (bytes + units[i].unit / 2) / units[i].unit, units[i].name);
			return buf;
		}
	snprintf(buf, SHOW_SIZE_LEN, "%zu bytes", bytes);
	return buf;
}

const char *show_id(uint32_t host_order, char buf[static ADDR_STRLEN])
{
	struct addr a = addr_from_ipv4(host_order);

	return addr_str(&a, buf);
}

void show_moment(struct out *out, const char *key, const char *text_key, int64_t epoch)
{
	char buf[SHOW_DATE_LEN];

	out_obj(out, key);
	out_int(out, "epoch", NULL, epoch);
	out_str(out, text_key, NULL, show_date(epoch, buf));
	out_obj_end(out);
}

void show_last_update(struct out *out, const char *indent, uint32_t since)
{
	int64_t epoch = clock_to_epoch(since);
	char buf[SHOW_DATE_LEN];

	out_text(out, "%sLast update: %s\n", indent, show_date(epoch, buf));
	show_moment(out, "lastUpdate", "string", epoch);
	out_str(out, "lastUpdateStr", NULL, show_lasting(clock_sec() - since, buf));
}

void show_reset_text(const struct peer *p, struct sb *to)
{
	const struct notify *n = &p->last_notify;

	if (p->reset != RESET_NOTIFY_SENT && p->reset != RESET_NOTIFY_RECEIVED) {
		sb_fmt(to, "%s (%s)", peer_reset_str(p),
		    p->open_received.caps.software_version_present
			? p->open_received.caps.software_version
			: "n/a");
		return;
	}
	sb_fmt(to, "Notification %s (%s%s%s%s)",
	    p->reset == RESET_NOTIFY_SENT ? "sent" : "received", notify_code_name(n->code),
	    notify_separator(n->code, n->subcode), notify_subcode_name(n->code, n->subcode),
	    p->last_notify_hard ? "/Hard Reset" : "");
}

void show_reset_json(struct out *out, const struct peer *p)
{
	const struct notify *n = &p->last_notify;

	if (p->reset == RESET_NOTIFY_SENT || p->reset == RESET_NOTIFY_RECEIVED) {
		out_strf(out, "lastErrorCodeSubcode", "%02X%02X", n->code, n->subcode);
		out_strf(out, "lastNotificationReason", "%s%s%s", notify_code_name(n->code),
		    notify_separator(n->code, n->subcode),
		    notify_subcode_name(n->code, n->subcode));
		out_bool(out, "lastNotificationHardReset", NULL, p->last_notify_hard);
		if (p->reset_text[0])
			out_str(out, "lastShutdownDescription", NULL, p->reset_text);
	}
	out_str(out, "lastResetDueTo", NULL, peer_reset_str(p));
	out_uint(out, "lastResetCode", NULL, p->reset);
	out_str(out, "softwareVersion", NULL,
	    p->open_received.caps.software_version_present ? p->open_received.caps.software_version
							   : "n/a");
}

bool show_peer_uptime(const struct peer *p, uint32_t *seconds)
{
	uint32_t since = peer_is_up(p) ? p->established_at : p->down_at;

	*seconds = since ? clock_sec() - since : 0;
	return since != 0;
}

void show_peer_name(const struct peer *p, struct sb *to)
{
	char text[ADDR_STRLEN];

	addr_str(&p->source.addr, text);
	if (p->bgp->cfg.show_hostname && p->hostname[0])
		sb_fmt(to, "%s(%s)", p->hostname, text);
	else
		sb_add(to, text);
}

bool show_walk(
    struct show_walk *w, const struct rib *r, struct out *out, show_visit *visit, void *ctx)
{
	enum { SLICE_NS = 1000000 };
	uint64_t end = clock_ns() + SLICE_NS;
	const struct prefix *within = w->within.family == FAMILY_NONE ? NULL : &w->within;
	const struct dest *d;

	for (unsigned n = 0; (d = rib_next(r, within, w->started ? &w->after : NULL)); n++) {
		if (n % RIB_BATCH == 0)
			rib_expect_next(r, w->started ? &w->after : NULL);
		w->after = rib_dest_prefix(r, d);
		w->started = true;
		visit(ctx, d, &w->after);
		if (out_queued(out) >= SHOW_QUEUE || clock_ns() > end)
			return true;
	}
	return false;
}
