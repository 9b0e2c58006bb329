/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Algebra of Traffic Selectors (RFC 7296 section 2.9).  Pure. */
#ifndef IKEV2_TS_H
#define IKEV2_TS_H

#include "ikev2/ike.h"

bool ts_equal(const struct ike_ts *a, const struct ike_ts *b);
bool ts_list_equal(const struct ike_ts_list *a, const struct ike_ts_list *b); /* same order */

/* outer holds all packets of inner.  OPAQUE ports (65535 to 0) are within all ports and OPAQUE. */
bool ts_covers(const struct ike_ts *outer, const struct ike_ts *inner);
/* The selectors of outer together hold all packets of inner (adjacent ranges count as one). */
bool ts_list_covers(const struct ike_ts_list *outer, const struct ike_ts *inner);
bool ts_list_covers_list(const struct ike_ts_list *outer, const struct ike_ts_list *inner);

/* False, and out untouched, when no packet is in both. */
bool ts_intersect(const struct ike_ts *a, const struct ike_ts *b, struct ike_ts *out);

/* false: the list is full. */
bool ts_list_add(struct ike_ts_list *l, const struct ike_ts *ts);

/* What a responder answers. */
struct ts_answer {
	struct ike_ts_list tsi, tsr;
	bool additional; /* more would be acceptable, but not in this Child SA:
			    ADDITIONAL_TS_POSSIBLE */
};

/* Narrow an offer to the policy: an offered selector that the policy holds as a whole stays as it
 * is, the others become their intersections; what an earlier or later one covers is dropped.  The
 * result contains the initiator's first choice where the policy does.  single: one pair only, the
 * largest that contains the first acceptable choice.  ERR_NOT_FOUND: TS_UNACCEPTABLE. */
int ts_narrow(const struct ike_ts_list *tsi, const struct ike_ts_list *tsr,
	      const struct ike_ts_list *policy_i, const struct ike_ts_list *policy_r, bool single,
	      struct ts_answer *out) WARN_UNUSED;

/* The initiator's check: both lists not empty and within what was offered.  ERR_INVALID. */
int ts_check_answer(const struct ike_ts_list *offer_i, const struct ike_ts_list *offer_r,
		    const struct ike_ts_list *tsi, const struct ike_ts_list *tsr) WARN_UNUSED;

/* Pairs of one local and one remote selector of the same family, in the order local-major.
 * False past the end. */
bool ts_pair_at(const struct ike_ts_list *local, const struct ike_ts_list *remote, size_t index,
		struct ike_ts *l, struct ike_ts *r);
size_t ts_pair_count(const struct ike_ts_list *local, const struct ike_ts_list *remote);

/* "10.1.0.0/16", "10.1.0.0/16 tcp 443", "... udp 500-510"; a list is joined by ", ". */
#define TS_TEXT_MAX 128
const char *ts_text(const struct ike_ts *ts, char *buf, size_t size);
const char *ts_list_text(const struct ike_ts_list *l, char *buf, size_t size);

#endif
