/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The audit: finds and repairs what others changed, and sweeps what an earlier run left.
 *
 * Notifications tell most of it at once; the audit is for what they do not: lost notifications,
 * routes that the kernel drops in silence with an address or a link, and routes of a run that
 * crashed. A full one dumps the routes of our protocols, marks those seen, and then walks the RIB's
 * destinations by key, a slice at a time, putting back what should be there and is not marked. The
 * mark is one bit of the word, whose meaning turns with each full audit, so nothing has to be
 * cleared.
 *
 * A sweep is a full audit that also removes what nobody has set. It waits until the queue was seen
 * empty twice, a second apart: the RIB may still be at work on the table's last part.
 *
 * A thrifty one only walks, for routes of groups that were emptied (see group.c).
 *
 * The periodic audit comes a minute after the last one at the earliest, and later where it takes
 * long: it never uses more than about a thousandth of the time.
 */
#include <event2/event.h>

#include "bgpd/kernel/private.h"
#include "lib/clock.h"

enum { DELAY_MS = 300, QUIET_MS = 1000, SPARSE = 1000 };

static void audit_begin(struct kernel *k);

static void timer_in(struct kernel *k, uint64_t ms)
{
	struct timeval tv = {
	    .tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

	event_add(k->audit.timer, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct kernel *k = arg;
	struct audit *a = &k->audit;
	(void)fd;
	(void)what;

	if (a->running || !kernel_writes(k))
		return;
	uint64_t now = clock_ms();
	if (!a->swept && now >= a->born + KERNEL_SWEEP_S * 1000ull)
		a->sweep_wanted = true;
	if (now >= a->next)
		a->full_wanted = true;
	bool quiet = kernel_idle(k), was_quiet = a->quiet;
	a->quiet = quiet && a->sweep_wanted;
	if (a->sweep_wanted && !(quiet && was_quiet))
		timer_in(k, QUIET_MS);
	else if (a->full_wanted || a->walk_wanted || a->sweep_wanted)
		audit_begin(k);
	else
		timer_in(k, a->next - now);
}

static bool walk_step(void *ctx);

void audit_init(struct kernel *k)
{
	struct audit *a = &k->audit;

	task_init(&a->walk, k->base, walk_step, k);
	a->timer = event_new(k->base, -1, 0, on_timer, k);
	event_priority_set(a->timer, PRIO_LOW);
	a->born = clock_ms();
	a->next = a->born + KERNEL_AUDIT_S * 1000ull;
	if (kernel_writes(k))
		timer_in(k, KERNEL_AUDIT_S * 1000ull);
}

void audit_fini(struct kernel *k)
{
	task_fini(&k->audit.walk);
	event_free(k->audit.timer);
}

void audit_want(struct kernel *k, bool full)
{
	k->audit.full_wanted |= full;
	k->audit.walk_wanted |= !full;
	if (!k->audit.running && kernel_writes(k))
		timer_in(k, DELAY_MS);
}

void kernel_sweep(struct kernel *k)
{
	if (k->audit.swept || !kernel_writes(k))
		return;
	k->audit.sweep_wanted = true;
	audit_want(k, false);
}

/* --- one audit --- */

static void walk_begin(struct kernel *k)
{
	k->audit.walk_family = FAMILY_IPV4;
	k->audit.walk_begun = false;
	task_wake(&k->audit.walk);
}

static void audit_begin(struct kernel *k)
{
	static const uint8_t protos[] = {PROTO_BGP, PROTO_STATIC};
	struct audit *a = &k->audit;

	a->running = true;
	a->started = clock_ms();
	a->sweeping = a->sweep_wanted;
	a->full = a->full_wanted || a->sweep_wanted;
	a->full_wanted = a->walk_wanted = a->sweep_wanted = false;
	if (!a->full) {
		walk_begin(k);
		return;
	}
	a->round++;
	bgp_audit_start(k);
	a->dumps = 2 * (unsigned)(sizeof(protos) / sizeof(protos[0]));
	for (unsigned i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		netlink_dump(k->nl, NL_ROUTES, FAMILY_IPV4, protos[i]);
		netlink_dump(k->nl, NL_ROUTES, FAMILY_IPV6, protos[i]);
	}
}

void audit_route(struct kernel *k, const struct netlink_route *r)
{
	if (!k->audit.running || !k->audit.dumps)
		return;
	bool known = r->proto == PROTO_BGP ? bgp_seen(k, r) : static_seen(k, r);
	if (!known && k->audit.sweeping)
		bgp_remove_stale(k, &r->prefix, r->proto);
}

void audit_dumped(struct kernel *k)
{
	struct audit *a = &k->audit;

	if (!a->running || !a->dumps || --a->dumps)
		return;
	static_audit_end(k);
	if (a->sweeping) {
		group_sweep(k);
		a->swept = true;
	}
	walk_begin(k);
}

static void audit_end(struct kernel *k)
{
	struct audit *a = &k->audit;
	uint64_t now = clock_ms(), took = now - a->started;

	group_restored(k);
	if (a->repaired)
		log_msg(k->log, LOG_NOTICE, NULL, 0,
		    "kernel: %u routes were missing and are put back", a->repaired);
	a->repaired = 0;
	a->running = false;
	if (a->full)
		a->next =
		    now + (took * SPARSE > KERNEL_AUDIT_S * 1000ull ? took * SPARSE
								    : KERNEL_AUDIT_S * 1000ull);
	if (a->full_wanted || a->walk_wanted || a->sweep_wanted)
		timer_in(k, DELAY_MS);
	else
		timer_in(k, a->next > now ? a->next - now : 0);
}

/* The next destination of the walk; false: the end. */
static bool walk_next(struct kernel *k)
{
	struct audit *a = &k->audit;

	while (k->events.next && a->walk_family <= FAMILY_IPV6) {
		struct prefix found;
		if (k->events.next(k->ctx, (enum family)a->walk_family,
			a->walk_begun ? &a->walk_at : NULL, &found)) {
			a->walk_at = found;
			a->walk_begun = true;
			return true;
		}
		a->walk_family++;
		a->walk_begun = false;
	}
	return false;
}

static bool walk_step(void *ctx)
{
	struct kernel *k = ctx;

	while (!task_expired(&k->audit.walk)) {
		if (!walk_next(k)) {
			audit_end(k);
			return false;
		}
		bgp_check(k, &k->audit.walk_at, k->audit.full);
	}
	return true;
}
