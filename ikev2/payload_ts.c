/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traffic Selector payloads (RFC 7296 section 3.13); see payload_ts.h.  Structure only: what two
 * selectors have in common is ts.h's business.
 */
#include "ikev2/payload_ts.h"

#define SELECTOR_HEADER 8

static size_t address_len(uint8_t type)
{
	switch (type) {
	case IKE_TS_IPV4_ADDR_RANGE:
		return 4;
	case IKE_TS_IPV6_ADDR_RANGE:
		return 16;
	default:
		return 0;
	}
}

/* Section 3.13.1: start 65535 and end 0 mean OPAQUE. */
static bool ports_ok(const struct ike_ts *ts)
{
	return ts->port_first <= ts->port_last || (ts->port_first == 65535 && ts->port_last == 0);
}

/* One selector; *known is false when its type is not one of ours. */
static bool selector_read(struct reader *r, struct ike_ts *out, bool *known)
{
	uint8_t type = reader_u8(r);
	struct ike_ts ts = {.protocol = reader_u8(r)};
	uint16_t len = reader_u16(r);
	size_t addr_len = address_len(type);
	struct reader body;

	if (r->failed || len < 4)
		return false;
	body = reader_of(reader_view(r, (size_t)len - 4));
	*known = addr_len != 0;
	if (r->failed || !*known)
		return !r->failed;
	if (len != SELECTOR_HEADER + 2 * addr_len)
		return false;
	ts.port_first = reader_u16(&body);
	ts.port_last = reader_u16(&body);
	ts.range.first = ip_addr_from_bytes(reader_view(&body, addr_len).data, addr_len);
	ts.range.last = ip_addr_from_bytes(reader_view(&body, addr_len).data, addr_len);
	if (!ports_ok(&ts) || ip_addr_compare(&ts.range.first, &ts.range.last) > 0)
		return false;
	*out = ts;
	return true;
}

int payload_ts_read(struct view body, struct payload_ts *out)
{
	struct reader r = reader_of(body);
	uint8_t count = reader_u8(&r);

	out->list.count = 0;
	out->ignored = 0;
	reader_skip(&r, 3);
	if (r.failed || count == 0)
		return ERR_INVALID;
	for (unsigned i = 0; i < count; i++) {
		struct ike_ts ts;
		bool known;

		if (!selector_read(&r, &ts, &known))
			return ERR_INVALID;
		if (known && out->list.count < IKE_TS_MAX)
			out->list.ts[out->list.count++] = ts;
		else
			out->ignored++;
	}
	return reader_left(&r) ? ERR_INVALID : 0;
}

static void selector_write(struct writer *w, const struct ike_ts *ts)
{
	size_t addr_len = ip_addr_len(&ts->range.first);

	writer_u8(w, addr_len == 4 ? IKE_TS_IPV4_ADDR_RANGE : IKE_TS_IPV6_ADDR_RANGE);
	writer_u8(w, ts->protocol);
	writer_u16(w, (uint16_t)(SELECTOR_HEADER + 2 * addr_len));
	writer_u16(w, ts->port_first);
	writer_u16(w, ts->port_last);
	writer_bytes(w, ts->range.first.bytes, addr_len);
	writer_bytes(w, ts->range.last.bytes, addr_len);
}

void payload_ts_write(struct message_builder *b, uint8_t type, const struct ike_ts_list *list)
{
	message_payload_open(b, type);
	writer_u8(&b->w, (uint8_t)list->count);
	writer_zero(&b->w, 3);
	for (size_t i = 0; i < list->count; i++)
		selector_write(&b->w, &list->ts[i]);
	message_payload_close(b);
}
