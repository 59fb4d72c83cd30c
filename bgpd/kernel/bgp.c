/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BGP's routes on their way into the kernel.
 *
 * The RIB keeps one word for each destination; 0 means that we have nothing to do with it.
 * Otherwise the top bit says what the rest is: an item here (the route waits, is on its way, was
 * refused, or stands back behind a better one), or, for an installed route, its group of next hops,
 * its distance and the mark of the last audit. So an installed route costs no memory here, and yet
 * it can be put back when somebody removes it, moved behind a better route, and its group is
 * counted.
 *
 * An item is a request: set or delete. Items leave in the order they came, and the kernel works in
 * that order, so a prefix may have several of them under way; its word refers to the last set only,
 * and an answer for an item that no word refers to merely ends it. `group` and `old` are
 * references: what the item asks for, and what the kernel may hold until it is answered.
 *
 * Requests name our protocol and metric, so a deletion never meets a route of others. A set
 * replaces whatever has prefix and metric; that is why it waits while rt has a better route there.
 *
 * Sending runs from an event at normal priority, as many batches as the transport takes. The kernel
 * may be slower than the RIB decides: kernel_bgp_full tells it to wait, which keeps the queue
 * short.
 */
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "bgpd/kernel/private.h"

enum item_op { ITEM_SET, ITEM_DEL };
enum item_state { ITEM_WAITING, ITEM_SENT, ITEM_FAILED, ITEM_HIDDEN };

struct bgp_item {
	struct list_head link;
	uint32_t handle;
	uint32_t group; /* set: wanted next hops */
	uint32_t old;   /* what the kernel may hold; GROUP_NONE: nothing of ours */
	struct prefix prefix;
	uint8_t op, state;
	uint8_t distance;
	uint8_t proto; /* PROTO_BGP, but for stale routes */
	bool logged;
	bool put_back; /* the kernel let it go: why may still be to come */
	int error;     /* errno of a refused one */
};

/* The word of an installed route. */
enum {
	WORD_ITEM = 1u << 31,
	WORD_SEEN = 1 << 28,
	WORD_GROUP_BITS = 20,
	WORD_GROUP = GROUP_MAX,
	WAITING_MAX = 4096, /* items: the RIB must wait */
	WAITING_LOW = 2048, /* ... until so many are left */
};

static uint32_t word_installed(const struct kernel *k, uint32_t group, uint8_t distance)
{
	uint32_t seen = k->bgp.parity ? WORD_SEEN : 0;

	return group | (uint32_t)distance << WORD_GROUP_BITS | seen;
}

static bool word_is_item(uint32_t word)
{
	return word & (uint32_t)WORD_ITEM;
}

static uint32_t word_group(uint32_t word)
{
	return word & WORD_GROUP;
}

static uint8_t word_distance(uint32_t word)
{
	return (uint8_t)(word >> WORD_GROUP_BITS);
}

static uint32_t word_of_item(const struct bgp_item *i)
{
	return (uint32_t)WORD_ITEM | i->handle;
}

static struct bgp_item *item_of(const struct kernel *k, uint32_t word)
{
	return slab_ptr(k->bgp.items, word & ~(uint32_t)WORD_ITEM);
}

/* --- items --- */

static void queue_run(evutil_socket_t fd, short what, void *arg);

void bgp_init(struct kernel *k)
{
	struct bgp_queue *q = &k->bgp;

	q->items = slab_new(sizeof(struct bgp_item));
	list_init(&q->waiting);
	list_init(&q->sent);
	list_init(&q->failed);
	list_init(&q->hidden);
	q->ev = event_new(k->base, -1, 0, queue_run, k);
	event_priority_set(q->ev, PRIO_NORMAL);
}

void bgp_fini(struct kernel *k)
{
	event_free(k->bgp.ev);
	slab_free(k->bgp.items);
}

static struct bgp_item *item_new(
    struct kernel *k, enum item_op op, const struct prefix *p, uint8_t distance)
{
	uint32_t handle = slab_get(k->bgp.items);
	struct bgp_item *i = slab_ptr(k->bgp.items, handle);

	assert(!(handle & (uint32_t)WORD_ITEM));
	i->handle = handle;
	i->op = op;
	i->prefix = *p;
	i->distance = distance;
	i->proto = PROTO_BGP;
	return i;
}

static void item_unlink(struct kernel *k, struct bgp_item *i)
{
	if (!list_linked(&i->link))
		return;
	list_del(&i->link);
	k->bgp.waiting_count -= i->state == ITEM_WAITING;
}

static void item_free(struct kernel *k, struct bgp_item *i)
{
	item_unlink(k, i);
	group_put(k, i->group);
	group_put(k, i->old);
	slab_put(k->bgp.items, i->handle);
}

static void item_move(
    struct kernel *k, struct bgp_item *i, struct list_head *to, enum item_state state)
{
	item_unlink(k, i);
	list_add_tail(to, &i->link);
	i->state = state;
	k->bgp.waiting_count += state == ITEM_WAITING;
}

/* By way of the poll: what else is ready has its turn. */
static void queue_wake(struct kernel *k)
{
	static const struct timeval soon = {0};

	if (!event_pending(k->bgp.ev, EV_TIMEOUT, NULL))
		event_add(k->bgp.ev, &soon);
}

static void item_wait(struct kernel *k, struct bgp_item *i)
{
	item_move(k, i, &k->bgp.waiting, ITEM_WAITING);
	queue_wake(k);
}

/* Asks the kernel to drop what it holds; takes over the reference. */
static void item_delete(struct kernel *k, const struct prefix *p, uint32_t old)
{
	struct bgp_item *i = item_new(k, ITEM_DEL, p, 0);

	i->old = old;
	item_wait(k, i);
}

/* A set item that is complete goes where it belongs: to the kernel, or behind a better route. */
static void item_place(struct kernel *k, struct bgp_item *i)
{
	if (!rt_beats(k, &i->prefix, i->distance)) {
		item_wait(k, i);
		return;
	}
	if (i->old)
		item_delete(k, &i->prefix, i->old);
	i->old = GROUP_NONE;
	item_move(k, i, &k->bgp.hidden, ITEM_HIDDEN);
}

/* --- the RIB's calls --- */

/* A new set item behind whatever the word stands for now. */
static struct bgp_item *item_behind(
    struct kernel *k, const struct prefix *p, uint32_t word, uint8_t distance)
{
	struct bgp_item *i = item_new(k, ITEM_SET, p, distance);

	if (word_is_item(word))
		i->old = group_ref(k, item_of(k, word)->group);
	else if (word)
		i->old = word_group(word); /* the word's reference */
	return i;
}

void kernel_bgp_set(struct kernel *k, const struct prefix *p, uint32_t *word, uint8_t distance,
    const struct kernel_nexthop *nh, unsigned count)
{
	struct bgp_item *i;

	if (!kernel_writes(k) || !count)
		return;
	uint32_t group = group_get(k, nh, count);
	if (!group) {
		kernel_bgp_del(k, p, word);
		return;
	}
	if (*word && !word_is_item(*word) && word_group(*word) == group &&
	    word_distance(*word) == distance && !group_of(k, group)->emptied) {
		group_put(k, group);
		return;
	}
	if (word_is_item(*word) && item_of(k, *word)->state != ITEM_SENT) {
		i = item_of(k, *word);
		group_put(k, i->group);
		i->distance = distance;
		i->error = 0;
	} else {
		i = item_behind(k, p, *word, distance);
	}
	i->group = group;
	*word = word_of_item(i);
	item_place(k, i);
}

void kernel_bgp_del(struct kernel *k, const struct prefix *p, uint32_t *word)
{
	uint32_t was = *word;

	*word = 0;
	if (!was)
		return;
	if (!word_is_item(was)) {
		if (kernel_writes(k))
			item_delete(k, p, word_group(was));
		else
			group_put(k, word_group(was));
		return;
	}
	struct bgp_item *i = item_of(k, was);
	if (i->state == ITEM_SENT) {
		item_delete(k, p, group_ref(k, i->group));
		return;
	}
	if (i->old && kernel_writes(k)) {
		item_delete(k, p, i->old);
		i->old = GROUP_NONE;
	}
	item_free(k, i);
}

enum kernel_bgp_state kernel_bgp_state(const struct kernel *k, uint32_t word)
{
	if (!word_is_item(word))
		return word ? KERNEL_BGP_INSTALLED : KERNEL_BGP_NONE;
	switch (item_of(k, word)->state) {
	case ITEM_FAILED:
		return KERNEL_BGP_FAILED;
	case ITEM_HIDDEN:
		return KERNEL_BGP_HIDDEN;
	default:
		return KERNEL_BGP_QUEUED;
	}
}

uint32_t kernel_bgp_group(const struct kernel *k, uint32_t word)
{
	uint32_t group = word_is_item(word) ? item_of(k, word)->group : word_group(word);

	return group ? group_kernel_id(k, group) : 0;
}

int kernel_bgp_error(const struct kernel *k, uint32_t word)
{
	return word_is_item(word) ? item_of(k, word)->error : 0;
}

/* --- sending --- */

static void item_encode(const struct kernel *k, const struct bgp_item *i, struct nlb *b)
{
	if (i->op == ITEM_DEL) {
		kernel_route_start(k, b, RTM_DELROUTE, 0, &i->prefix, i->proto, RTN_UNICAST);
		return;
	}
	kernel_route_start(
	    k, b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &i->prefix, i->proto, RTN_UNICAST);
	group_encode(k, i->group, (enum family)i->prefix.family, b);
}

/* Fills a batch from the queue. False: the next one has to wait until `ready`, since its next hops
 * are not in the kernel yet, and to put them there while the kernel works on routes could hold the
 * router for as long as that takes. */
static bool batch_fill(struct kernel *k)
{
	while (!list_empty(&k->bgp.waiting)) {
		struct bgp_item *i = container_of(k->bgp.waiting.next, struct bgp_item, link);
		if (i->op == ITEM_SET && group_is_new(k, i->group) && !netlink_quiet(k->nl))
			return false;
		int error = i->op == ITEM_SET ? group_install(k, i->group) : 0;
		if (error) {
			item_move(k, i, &k->bgp.sent, ITEM_SENT);
			bgp_done(k, i->handle, error);
			continue;
		}
		struct nlb b;
		item_encode(k, i, &b);
		if (!netlink_put(k->nl, b.buf, i->handle))
			return true;
		item_move(k, i, &k->bgp.sent, ITEM_SENT);
	}
	return true;
}

static void queue_run(evutil_socket_t fd, short what, void *arg)
{
	struct kernel *k = arg;
	(void)fd;
	(void)what;

	while (batch_fill(k) && netlink_send(k->nl) && !list_empty(&k->bgp.waiting))
		;
	if (k->bgp.told_full && k->bgp.waiting_count <= WAITING_LOW) {
		k->bgp.told_full = false;
		if (k->events.room)
			k->events.room(k->ctx);
	}
}

void bgp_ready(struct kernel *k)
{
	queue_wake(k);
}

bool kernel_bgp_full(struct kernel *k)
{
	bool full = k->bgp.waiting_count >= WAITING_MAX;

	k->bgp.told_full |= full;
	return full;
}

/* --- answers --- */

static void tell(struct kernel *k, const struct prefix *p, int error)
{
	if (k->events.installed)
		k->events.installed(k->ctx, p, error);
}

static uint32_t *word_at(const struct kernel *k, const struct prefix *p)
{
	return k->events.word ? k->events.word(k->ctx, p) : NULL;
}

/* One line for each route that turns out refused, however often it is tried; a burst ends in a
 * count. */
static void log_refused(struct kernel *k, struct bgp_item *i)
{
	char text[PREFIX_STRLEN];
	enum { LINES_IN_A_ROW = 20 };

	/* a link that went down: the RIB is about to hear of it */
	if (i->error == ENETDOWN || i->error == ENODEV)
		return;
	if (i->put_back) { /* with its next hops, perhaps: a second refusal is one */
		i->put_back = false;
		return;
	}
	if (!i->logged && ++k->bgp.refused <= LINES_IN_A_ROW)
		log_msg(k->log, LOG_ERR, NULL, 0, "kernel refuses route %s: %s",
		    prefix_str(&i->prefix, text), strerror(i->error));
	i->logged = true;
}

static void set_refused(struct kernel *k, struct bgp_item *i, int error)
{
	struct prefix p = i->prefix;

	if (i->old)
		item_delete(k, &p, i->old); /* what it was to replace is out of date */
	i->old = GROUP_NONE;
	i->error = error;
	log_refused(k, i);
	item_move(k, i, &k->bgp.failed, ITEM_FAILED);
	tell(k, &p, error);
}

static void set_taken(struct kernel *k, struct bgp_item *i, uint32_t *word)
{
	struct prefix p = i->prefix;

	*word = word_installed(k, i->group, i->distance);
	i->group = GROUP_NONE; /* the word's reference now */
	item_free(k, i);
	k->bgp.refused = 0;
	tell(k, &p, 0);
}

static void del_done(struct kernel *k, struct bgp_item *i, int error)
{
	char text[PREFIX_STRLEN];

	if (error && error != ESRCH && error != ENOENT && error != ENODEV)
		log_msg(k->log, LOG_WARNING, NULL, 0, "kernel does not remove route %s: %s",
		    prefix_str(&i->prefix, text), strerror(error));
	item_free(k, i);
}

void bgp_done(struct kernel *k, uint32_t cookie, int error)
{
	struct bgp_item *i = slab_ptr(k->bgp.items, cookie);

	if (i->op == ITEM_DEL) {
		del_done(k, i, error);
		return;
	}
	uint32_t *word = word_at(k, &i->prefix);
	if (!word || *word != word_of_item(i))
		item_free(k, i);
	else if (error)
		set_refused(k, i, error);
	else
		set_taken(k, i, word);
}

/* --- what happens elsewhere --- */

/* The route stands in the kernel no more: asks for it again as the word has it. */
static void put_back(struct kernel *k, const struct prefix *p, uint32_t *word)
{
	struct bgp_item *i = item_new(k, ITEM_SET, p, word_distance(*word));

	i->group = word_group(*word);
	i->put_back = true;
	*word = word_of_item(i);
	k->audit.repaired++;
	item_place(k, i);
}

void bgp_selection(struct kernel *k, const struct prefix *p)
{
	uint32_t *word = word_at(k, p);

	if (!word || !*word || !kernel_writes(k))
		return;
	struct bgp_item *i = word_is_item(*word) ? item_of(k, *word) : NULL;
	uint8_t distance = i ? i->distance : word_distance(*word);
	bool beaten = rt_beats(k, p, distance);

	if (i && i->state == ITEM_FAILED)
		return;
	if (i && i->state != ITEM_SENT) {
		if (beaten != (i->state == ITEM_HIDDEN))
			item_place(k, i);
		return;
	}
	if (!beaten)
		return;
	uint32_t group = i ? group_ref(k, i->group) : group_ref(k, word_group(*word));
	struct bgp_item *again = item_behind(k, p, *word, distance);
	again->group = group;
	*word = word_of_item(again);
	item_place(k, again);
}

/* Says whether the kernel's route is as the word of an installed one has it. */
static bool as_installed(const struct kernel *k, uint32_t word, const struct netlink_route *r)
{
	uint32_t id = group_kernel_id(k, word_group(word));

	return r->group == id;
}

void bgp_altered(struct kernel *k, const struct netlink_route *r, bool gone)
{
	uint32_t *word = word_at(k, &r->prefix);

	if (!word || !*word || word_is_item(*word) || !kernel_writes(k))
		return;
	if (!group_of(k, word_group(*word))->lost && (gone || !as_installed(k, *word, r)))
		put_back(k, &r->prefix, word);
}

void bgp_retry(struct kernel *k)
{
	struct bgp_item *i, *next;

	list_for_each_safe (i, next, &k->bgp.failed, link)
		item_place(k, i);
}

/* --- audit --- */

void bgp_audit_start(struct kernel *k)
{
	k->bgp.parity = !k->bgp.parity;
}

bool bgp_seen(struct kernel *k, const struct netlink_route *r)
{
	uint32_t *word = word_at(k, &r->prefix);

	if (!word || !*word)
		return false;
	if (word_is_item(*word))
		return true;
	if (as_installed(k, *word, r))
		*word = word_installed(k, word_group(*word), word_distance(*word));
	return true;
}

void bgp_check(struct kernel *k, const struct prefix *p, bool full)
{
	uint32_t *word = word_at(k, p);

	if (!word || !*word || word_is_item(*word))
		return;
	const struct nh_group *g = group_of(k, word_group(*word));
	bool missing = full && !!(*word & WORD_SEEN) != k->bgp.parity;
	if (!g->lost && (g->emptied || missing))
		put_back(k, p, word);
}

void bgp_remove_stale(struct kernel *k, const struct prefix *p, uint8_t proto)
{
	struct bgp_item *i = item_new(k, ITEM_DEL, p, 0);

	i->proto = proto;
	item_wait(k, i);
}

bool kernel_idle(const struct kernel *k)
{
	return list_empty(&k->bgp.waiting) && list_empty(&k->bgp.sent) && !netlink_busy(k->nl);
}
