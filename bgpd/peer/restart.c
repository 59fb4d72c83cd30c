/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Graceful restart, the helper's side (RFC 4724, and RFC 8538 for ends by NOTIFICATION).
 *
 * When a session ends in a way that both sides agreed to survive, the routes of the families that
 * the neighbor named in its capability stay, marked stale, for the restart time it asked for. Once
 * it is back, a family whose forwarding state it did not keep loses its stale routes at once, the
 * others at their End-of-RIB or when our stale-path time is over. Everything else that ends a
 * session removes the routes. pf->stale says that stale routes of an earlier session may be in the
 * table.
 */
#include <event2/event.h>
#include <stdlib.h>

#include "bgpd/peer/internal.h"
#include "bgpd/peer/peergroup.h"
#include "lib/task.h"

enum { FORWARDING_KEPT = 0x80 };

static const struct cap_family *named(const struct cap_set *caps, enum family f)
{
	const struct family_row *row = family_row_by(f);

	for (unsigned i = 0; i < caps->gr_count; i++)
		if (caps->gr[i].afi == row->afi && caps->gr[i].safi == row->safi)
			return &caps->gr[i];
	return NULL;
}

bool restart_possible(const struct peer *p, enum peer_reset why)
{
	const struct cap_set *theirs = &p->open_received.caps, *ours = &p->open_sent.caps;

	if (!ours->gr_present || !theirs->gr_present || theirs->gr_count == 0)
		return false;
	if (why == RESET_CLOSED)
		return true;
	if (why != RESET_NOTIFY_SENT && why != RESET_NOTIFY_RECEIVED)
		return false;
	return ours->gr_notification && theirs->gr_notification && !p->last_notify_hard;
}

static void drop_stale(struct peer *p, enum family f)
{
	if (!p->family[f].stale)
		return;
	p->family[f].stale = false;
	rib_source_flush(peer_rib(p, f), &p->source, true);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;

	(void)fd;
	(void)what;
	FOR_EACH_FAMILY (f)
		drop_stale(p, f);
	peer_group_left(p);
}

static void start_timer(struct peer *p, struct event **timer, uint16_t seconds)
{
	struct timeval tv = {seconds, 0};

	if (!*timer) {
		*timer = event_new(p->bgp->env.base, -1, 0, on_time, p);
		if (!*timer || event_priority_set(*timer, PRIO_NORMAL) < 0)
			abort();
	}
	event_add(*timer, &tv);
}

static void stop_timer(struct event **timer)
{
	if (*timer)
		event_free(*timer);
	*timer = NULL;
}

void restart_begin(struct peer *p, bool keep)
{
	bool any = false;

	stop_timer(&p->gr_stale_timer);
	FOR_EACH_FAMILY (f) {
		struct peer_family *pf = &p->family[f];

		if (!pf->negotiated)
			continue;
		if (keep && named(&p->open_received.caps, f)) {
			drop_stale(p, f); /* 4.2: not kept a second time */
			rib_source_mark_stale(peer_rib(p, f), &p->source);
			pf->stale = any = true;
		} else {
			rib_source_flush(peer_rib(p, f), &p->source, false);
			pf->stale = false;
		}
	}
	if (any)
		start_timer(p, &p->gr_restart_timer, p->open_received.caps.gr_time);
}

void restart_resumed(struct peer *p)
{
	bool any = false;

	stop_timer(&p->gr_restart_timer);
	FOR_EACH_FAMILY (f) {
		const struct cap_family *e = named(&p->open_received.caps, f);

		if (!p->family[f].negotiated || !e || !(e->flags & FORWARDING_KEPT))
			drop_stale(p, f);
		any |= p->family[f].stale;
	}
	if (any)
		start_timer(p, &p->gr_stale_timer, p->bgp->cfg.gr_stalepath_time);
}

void restart_end_of_rib(struct peer *p, enum family f)
{
	drop_stale(p, f);
	FOR_EACH_FAMILY (other)
		if (p->family[other].stale)
			return;
	stop_timer(&p->gr_stale_timer);
}

void restart_cancel(struct peer *p)
{
	stop_timer(&p->gr_restart_timer);
	stop_timer(&p->gr_stale_timer);
	FOR_EACH_FAMILY (f)
		drop_stale(p, f);
}
