/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What peers without a known address needed; see recall.h. */
#include "ikev2/recall.h"

#include "platform/base/mem.h"

void recall_set(struct recall *r, uint64_t now_ms, const struct ip_endpoint *remote,
		const struct ike_parameters *ike)
{
	size_t i = r->next;

	for (size_t k = 0; k < RECALL_ROWS; k++)
		if (ip_endpoint_equal(&r->row[k].remote, remote))
			i = k;
	if (i == r->next)
		r->next = (r->next + 1) % RECALL_ROWS;
	r->row[i].remote = *remote;
	r->row[i].ike = *ike;
	r->row[i].until_ms = now_ms + RECALL_MS;
}

const struct ike_parameters *recall_find(const struct recall *r, uint64_t now_ms,
					 const struct ip_endpoint *remote)
{
	for (size_t i = 0; i < RECALL_ROWS; i++)
		if (now_ms < r->row[i].until_ms && ip_endpoint_equal(&r->row[i].remote, remote))
			return &r->row[i].ike;
	return NULL;
}
