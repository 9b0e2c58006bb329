/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notify payload (RFC 7296 section 3.10); see payload_notify.h. */
#include "ikev2/payload_notify.h"

#define CHILD_SPI_LEN 4

/* Those notifies are about one Child SA of the peer (sections 2.25, 3.10.1). */
static bool is_about_child(uint16_t type)
{
	return type == IKE_N_REKEY_SA || type == IKE_N_CHILD_SA_NOT_FOUND;
}

int payload_notify_read(struct view body, struct payload_notify *out)
{
	struct reader r = reader_of(body);
	struct payload_notify n = {.protocol = reader_u8(&r)};
	uint8_t spi_len = reader_u8(&r);

	n.type = reader_u16(&r);
	n.spi = reader_view(&r, spi_len);
	n.data = reader_rest(&r);
	if (r.failed || (spi_len != 0 && spi_len != 4 && spi_len != 8))
		return ERR_INVALID;
	if (is_about_child(n.type) && (spi_len != CHILD_SPI_LEN ||
				       (n.protocol != IKE_PROTO_ESP && n.protocol != IKE_PROTO_AH)))
		return ERR_INVALID;
	*out = n;
	return 0;
}

bool notify_is_error(uint16_t type)
{
	return type < IKE_N_STATUS_FIRST;
}

bool notify_is_broken(const struct payload_list *l, uint16_t type)
{
	const struct payload *p = NULL;
	struct payload_notify n;

	while ((p = payload_next(l, IKE_PAYLOAD_NOTIFY, p))) {
		struct reader r = reader_of(p->body);

		reader_skip(&r, 2); /* protocol and SPI size */
		if (reader_u16(&r) == type && !r.failed && payload_notify_read(p->body, &n))
			return true;
	}
	return false;
}

bool notify_find(const struct payload_list *l, uint16_t type, struct payload_notify *out)
{
	const struct payload *p = NULL;
	struct payload_notify n;

	while ((p = payload_next(l, IKE_PAYLOAD_NOTIFY, p)))
		if (payload_notify_read(p->body, &n) == 0 && n.type == type) {
			*out = n;
			return true;
		}
	return false;
}

bool notify_find_error(const struct payload_list *l, struct payload_notify *out)
{
	const struct payload *p = NULL;
	struct payload_notify n;

	while ((p = payload_next(l, IKE_PAYLOAD_NOTIFY, p)))
		if (payload_notify_read(p->body, &n) == 0 && notify_is_error(n.type)) {
			*out = n;
			return true;
		}
	return false;
}

bool notify_ke_group(const struct payload_notify *n, uint16_t *group)
{
	struct reader r = reader_of(n->data);

	if (n->data.len != 2)
		return false;
	*group = reader_u16(&r);
	return true;
}

uint32_t notify_spi(const struct payload_notify *n)
{
	struct reader r = reader_of(n->spi);

	return n->spi.len == CHILD_SPI_LEN ? reader_u32(&r) : 0;
}

static void write_without_spi(struct message_builder *b, uint8_t protocol, uint16_t type,
			      struct view data)
{
	message_payload_open(b, IKE_PAYLOAD_NOTIFY);
	writer_u8(&b->w, protocol);
	writer_u8(&b->w, 0);
	writer_u16(&b->w, type);
	writer_put(&b->w, data);
	message_payload_close(b);
}

void payload_notify_write(struct message_builder *b, uint16_t type, struct view data)
{
	write_without_spi(b, IKE_PROTO_NONE, type, data); /* section 3.10: zero without SPI */
}

void payload_notify_write_ike(struct message_builder *b, uint16_t type, struct view data)
{
	write_without_spi(b, IKE_PROTO_IKE, type, data);
}

void payload_notify_write_spi(struct message_builder *b, uint16_t type, uint32_t spi,
			      struct view data)
{
	message_payload_open(b, IKE_PAYLOAD_NOTIFY);
	writer_u8(&b->w, IKE_PROTO_ESP);
	writer_u8(&b->w, CHILD_SPI_LEN);
	writer_u16(&b->w, type);
	writer_u32(&b->w, spi);
	writer_put(&b->w, data);
	message_payload_close(b);
}
