/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traffic selector tables: exact sizes, matched by linear search in order. */
#include "dataplane/esp/selector.h"

#include "platform/base/mem.h"

#include <string.h>

struct selector {
	uint8_t family;
	uint8_t protocol; /* 0: any */
	uint16_t port_first, port_last;
	uint8_t first[16], last[16];
};

struct esp_selectors {
	size_t count;
	struct selector items[];
};

struct esp_selectors *esp_selectors_new(const struct ike_ts_list *list)
{
	size_t count = list->count <= IKE_TS_MAX ? list->count : IKE_TS_MAX;
	struct esp_selectors *s = mem_zalloc(sizeof(*s) + count * sizeof(s->items[0]));

	s->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct ike_ts *ts = &list->ts[i];
		struct selector *x = &s->items[i];

		x->family = ts->range.first.family;
		x->protocol = ts->protocol;
		x->port_first = ts->port_first;
		x->port_last = ts->port_last;
		memcpy(x->first, ts->range.first.bytes, sizeof(x->first));
		memcpy(x->last, ts->range.last.bytes, sizeof(x->last));
	}
	return s;
}

static bool ports_match(const struct selector *x, const struct esp_inner *p, uint16_t port)
{
	if (x->port_first == 0 && x->port_last == UINT16_MAX)
		return true;
	if (!p->has_ports && !p->has_type)
		return x->port_first == UINT16_MAX && x->port_last == 0; /* OPAQUE */
	return port >= x->port_first && port <= x->port_last;
}

bool esp_selectors_match(const struct esp_selectors *s, const struct esp_inner *p,
			 enum esp_side side)
{
	const uint8_t *addr = side == ESP_SRC ? p->src : p->dst;
	uint16_t port = side == ESP_SRC ? p->src_port : p->dst_port;
	size_t len = p->family == IP_V4 ? 4 : 16;

	for (size_t i = 0; i < s->count; i++) {
		const struct selector *x = &s->items[i];

		if (x->family == p->family && memcmp(addr, x->first, len) >= 0 &&
		    memcmp(addr, x->last, len) <= 0 &&
		    (x->protocol == 0 || x->protocol == p->protocol) && ports_match(x, p, port))
			return true;
	}
	return false;
}
