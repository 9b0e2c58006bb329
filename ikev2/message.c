/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IKE header and payload chains (RFC 7296 sections 3.1, 3.2); see message.h.  Looks at no payload's
 * body, allocates nothing.
 */
#include "ikev2/message.h"

#define GENERIC_CRITICAL 0x80
#define NEXT_PAYLOAD_AT	 16 /* in the IKE header */
#define LENGTH_AT	 24

int message_header_read(struct view datagram, struct message_header *out)
{
	struct reader r = reader_of(datagram);
	struct message_header h;

	h.spi_i = reader_u64(&r);
	h.spi_r = reader_u64(&r);
	h.next_payload = reader_u8(&r);
	h.version = reader_u8(&r);
	h.exchange = reader_u8(&r);
	h.flags = reader_u8(&r);
	h.id = reader_u32(&r);
	h.length = reader_u32(&r);
	if (r.failed || h.length != datagram.len)
		return ERR_TRUNCATED;
	if (!h.spi_i) /* section 3.1: MUST NOT be zero */
		return ERR_INVALID;
	if (h.version >> 4 < MESSAGE_VERSION >> 4)
		return ERR_INVALID;
	*out = h;
	return h.version >> 4 > MESSAGE_VERSION >> 4 ? ERR_UNSUPPORTED : 0;
}

static bool is_encrypted(uint8_t type)
{
	return type == IKE_PAYLOAD_SK || type == IKE_PAYLOAD_SKF;
}

int payload_list_read(uint8_t first, struct view bytes, bool inner, struct payload_list *out)
{
	struct reader r = reader_of(bytes);
	uint8_t type = first;

	out->count = 0;
	while (type != IKE_PAYLOAD_NONE) {
		struct payload p = {.type = type, .at = r.at};
		uint16_t len;

		if (is_encrypted(type) && inner)
			return ERR_INVALID;
		if (out->count == MESSAGE_PAYLOADS_MAX)
			return ERR_NO_SPACE;
		p.next = reader_u8(&r);
		p.critical = (reader_u8(&r) & GENERIC_CRITICAL) != 0;
		len = reader_u16(&r);
		if (r.failed || len < MESSAGE_GENERIC_LEN)
			return ERR_TRUNCATED;
		p.body = reader_view(&r, (size_t)len - MESSAGE_GENERIC_LEN);
		if (r.failed)
			return ERR_TRUNCATED;
		out->item[out->count++] = p;
		if (is_encrypted(type)) /* section 3.14: always the last one */
			break;
		type = p.next;
	}
	return reader_left(&r) ? ERR_INVALID : 0;
}

int message_payloads_read(struct view message, const struct message_header *h,
			  struct payload_list *out)
{
	struct reader r = reader_of(message);
	int rc;

	reader_skip(&r, MESSAGE_HEADER_LEN);
	rc = payload_list_read(h->next_payload, reader_rest(&r), false, out);
	for (size_t i = 0; rc == 0 && i < out->count; i++)
		out->item[i].at += MESSAGE_HEADER_LEN;
	return r.failed ? ERR_TRUNCATED : rc;
}

const struct payload *payload_next(const struct payload_list *l, uint8_t type,
				   const struct payload *after)
{
	for (size_t i = after ? (size_t)(after - l->item) + 1 : 0; i < l->count; i++)
		if (l->item[i].type == type)
			return &l->item[i];
	return NULL;
}

const struct payload *payload_find(const struct payload_list *l, uint8_t type)
{
	return payload_next(l, type, NULL);
}

void message_header_write(struct writer *w, const struct message_header *h)
{
	writer_u64(w, h->spi_i);
	writer_u64(w, h->spi_r);
	writer_u8(w, h->next_payload);
	writer_u8(w, MESSAGE_VERSION);
	writer_u8(w, h->exchange);
	writer_u8(w, h->flags);
	writer_u32(w, h->id);
	writer_u32(w, h->length);
}

void message_start(struct message_builder *b, void *buf, size_t cap, const struct message_header *h)
{
	struct message_header own = *h;

	*b = (struct message_builder){.w = writer_of(buf, cap), .is_message = true};
	own.next_payload = IKE_PAYLOAD_NONE;
	own.length = 0;
	message_header_write(&b->w, &own);
	b->next_at = NEXT_PAYLOAD_AT;
}

void message_chain_start(struct message_builder *b, void *buf, size_t cap)
{
	*b = (struct message_builder){.w = writer_of(buf, cap)};
}

void message_payload_open(struct message_builder *b, uint8_t type)
{
	if (b->count++ == 0)
		b->first = type;
	if (b->is_message || b->count > 1)
		writer_set_u8(&b->w, b->next_at, type);
	b->open_at = b->w.len;
	b->next_at = b->w.len;
	writer_u8(&b->w, IKE_PAYLOAD_NONE);
	writer_u8(&b->w, 0);
	writer_u16(&b->w, 0);
}

void message_payload_close(struct message_builder *b)
{
	size_t len = b->w.len - b->open_at;

	if (len > UINT16_MAX)
		b->w.failed = true;
	else
		writer_set_u16(&b->w, b->open_at + 2, (uint16_t)len);
}

int message_finish(struct message_builder *b, struct view *out)
{
	if (b->is_message && b->w.len <= UINT32_MAX)
		writer_set_u32(&b->w, LENGTH_AT, (uint32_t)b->w.len);
	if (b->w.failed)
		return ERR_NO_SPACE;
	*out = writer_view(&b->w);
	return 0;
}
