/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traffic selectors that are kept: as many as there are, instead of a list with room for all. */
#ifndef IKEV2_TS_KEPT_H
#define IKEV2_TS_KEPT_H

#include "ikev2/ike.h"

struct ts_kept {
	uint16_t count;
	struct ike_ts *ts; /* owned; NULL when empty */
};

void ts_keep(struct ts_kept *k, const struct ike_ts_list *l); /* forgets what it held */
void ts_kept_clear(struct ts_kept *k);
struct ike_ts_list ts_kept_list(const struct ts_kept *k);
bool ts_kept_equal(const struct ts_kept *a, const struct ts_kept *b); /* same order */
bool ts_kept_overlaps(const struct ts_kept *k, const struct ike_ts *ts);

#endif
