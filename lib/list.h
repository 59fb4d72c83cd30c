/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Intrusive doubly linked list. The head is a struct list_head too; an item holds one as a member.
 *
 * The list owns nothing. An item that is on no list has next == NULL after list_del.
 */
#ifndef FERRO_LIB_LIST_H
#define FERRO_LIB_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name)                                                                       \
	{                                                                                          \
		&(name), &(name)                                                                   \
	}
#define container_of(ptr, type, member)                                                            \
	((type *)((char *)(1 ? (ptr) : &((type *)0)->member) - offsetof(type, member)))

static inline void list_init(struct list_head *h)
{
	h->next = h->prev = h;
}

static inline bool list_empty(const struct list_head *h)
{
	return h->next == h;
}

static inline bool list_linked(const struct list_head *item)
{
	return item->next != NULL;
}

static inline void list_add_before(struct list_head *at, struct list_head *item)
{
	item->next = at;
	item->prev = at->prev;
	at->prev->next = item;
	at->prev = item;
}

static inline void list_add_tail(struct list_head *h, struct list_head *item)
{
	list_add_before(h, item);
}

static inline void list_add_head(struct list_head *h, struct list_head *item)
{
	list_add_before(h->next, item);
}

static inline void list_del(struct list_head *item)
{
	item->prev->next = item->next;
	item->next->prev = item->prev;
	item->next = item->prev = NULL;
}

/* list_for_each: the body must not remove the item; list_for_each_safe: it may. */
#define list_for_each(var, head, member)                                                           \
	for (var = container_of((head)->next, __typeof__(*var), member); &var->member != (head);   \
	     var = container_of(var->member.next, __typeof__(*var), member))
#define list_for_each_safe(var, tmp, head, member)                                                 \
	for (var = container_of((head)->next, __typeof__(*var), member),                           \
	    tmp = container_of(var->member.next, __typeof__(*var), member);                        \
	     &var->member != (head);                                                               \
	     var = tmp, tmp = container_of(tmp->member.next, __typeof__(*var), member))

#endif
