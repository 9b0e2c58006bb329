/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flow hash: a multiply-and-fold over the 5-tuple.  Not keyed: a sender gains nothing by choosing
 * the tunnel of its own flow. */
#include "dataplane/esp/flow.h"

#include "dataplane/dataplane.h"

#include <string.h>

static uint64_t fold(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

static uint64_t fold_addr(uint64_t h, const uint8_t *addr, size_t len)
{
	struct reader r = reader_of(view_of(addr, len));

	if (len == 4)
		return fold(h, reader_u32(&r));
	h = fold(h, reader_u64(&r));
	return fold(h, reader_u64(&r));
}

uint64_t esp_flow_hash(const struct esp_inner *p)
{
	size_t len = p->family == IP_V4 ? 4 : 16;
	uint64_t rest = (uint64_t)p->flow_protocol << 32;
	uint64_t h;

	if (p->has_ports && !p->fragment)
		rest |= (uint64_t)p->src_port << 16 | p->dst_port;
	h = fold_addr(p->family, p->src, len);
	h = fold_addr(h, p->dst, len);
	h = fold(h, rest);
	return fold(h, len); /* spreads the last word over all bits */
}

unsigned esp_flow_bucket(uint64_t hash)
{
	return (unsigned)(hash % DP_BUCKETS);
}
