/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a speaker says: UPDATE messages, written here and not by Ferro's own packer, so that neither
 * can hide the other's mistakes; and the attributes that a router must make of them.
 */
#ifndef FERRO_BENCH_UPDATE_H
#define FERRO_BENCH_UPDATE_H

#include "lib/wire.h"
#include "tests/bench/table.h"

enum { UPDATE_MAX = 4096, HEADER_LEN = 19 };

/* A speaker as its messages show it. */
struct identity {
	uint32_t as;
	bool ibgp; /* LOCAL_PREF, and an AS path without its own AS */
	struct addr next_hop4, next_hop6;
};

/* Bytes that grow. */
struct bytes {
	uint8_t *p;
	size_t len, cap;
};
void bytes_add(struct bytes *b, const void *p, size_t n);
void bytes_free(struct bytes *b);

/* Appends the UPDATEs that announce a run, or `count` prefixes from `first` on, with attributes. */
void update_announce(struct bytes *to, const struct table *t, uint32_t first, uint32_t count,
    const struct identity *who, const struct attributes *a);
/* ... that withdraw them; they must be of one family. */
void update_withdraw(struct bytes *to, const struct table *t, uint32_t first, uint32_t count);

/* How the router between sender and receiver must change attributes. */
struct passage {
	bool direct; /* there is none */
	bool reflected;
	uint32_t router_as;
	uint32_t originator, cluster; /* reflected; host order */
};
/* Hash of all attributes but the next hops (NEXT_HOP, MP_REACH_NLRI, MP_UNREACH_NLRI) in rising
 * order of their codes: of each its flags without Extended Length, its code and its value. This
 * one is of what must arrive of a sender's set. */
uint64_t update_expected(
    const struct identity *who, const struct attributes *a, const struct passage *through);

enum { LOCAL_PREF = 100 };

#endif
