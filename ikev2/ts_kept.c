/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kept traffic selectors; see ts_kept.h. */
#include "ikev2/ts_kept.h"

#include "ikev2/ts.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

void ts_keep(struct ts_kept *k, const struct ike_ts_list *l)
{
	ts_kept_clear(k);
	if (l->count == 0)
		return;
	k->ts = mem_dup(l->ts, l->count * sizeof(l->ts[0]));
	k->count = l->count;
}

void ts_kept_clear(struct ts_kept *k)
{
	free(k->ts);
	*k = (struct ts_kept){0};
}

struct ike_ts_list ts_kept_list(const struct ts_kept *k)
{
	struct ike_ts_list l = {.count = k->count};

	if (k->count > 0)
		memcpy(l.ts, k->ts, k->count * sizeof(l.ts[0]));
	return l;
}

bool ts_kept_equal(const struct ts_kept *a, const struct ts_kept *b)
{
	if (a->count != b->count)
		return false;
	for (uint16_t i = 0; i < a->count; i++)
		if (!ts_equal(&a->ts[i], &b->ts[i]))
			return false;
	return true;
}

bool ts_kept_overlaps(const struct ts_kept *k, const struct ike_ts *ts)
{
	struct ike_ts common;

	for (uint16_t i = 0; i < k->count; i++)
		if (ts_intersect(&k->ts[i], ts, &common))
			return true;
	return false;
}
