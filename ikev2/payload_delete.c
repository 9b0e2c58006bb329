/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delete payload (RFC 7296 section 3.11); see payload_delete.h. */
#include "ikev2/payload_delete.h"

#define CHILD_SPI_LEN 4

int payload_delete_read(struct view body, struct payload_delete *out)
{
	struct reader r = reader_of(body);
	struct payload_delete d = {.protocol = reader_u8(&r)};
	uint8_t spi_len = reader_u8(&r);

	d.count = reader_u16(&r);
	d.spis = reader_rest(&r);
	if (r.failed)
		return ERR_INVALID;
	switch (d.protocol) {
	case IKE_PROTO_IKE: /* the SPI is in the IKE header */
		if (spi_len != 0 || d.count != 0 || d.spis.len != 0)
			return ERR_INVALID;
		break;
	case IKE_PROTO_AH:
	case IKE_PROTO_ESP:
		if (spi_len != CHILD_SPI_LEN || d.spis.len != (size_t)d.count * CHILD_SPI_LEN)
			return ERR_INVALID;
		break;
	default:
		return ERR_INVALID;
	}
	*out = d;
	return 0;
}

uint32_t payload_delete_spi(const struct payload_delete *d, uint16_t index)
{
	struct reader r = reader_of(d->spis);

	reader_skip(&r, (size_t)index * CHILD_SPI_LEN);
	return reader_u32(&r);
}

void payload_delete_write_ike(struct message_builder *b)
{
	message_payload_open(b, IKE_PAYLOAD_DELETE);
	writer_u8(&b->w, IKE_PROTO_IKE);
	writer_u8(&b->w, 0);
	writer_u16(&b->w, 0);
	message_payload_close(b);
}

void payload_delete_write_esp(struct message_builder *b, const uint32_t *spis, uint16_t count)
{
	message_payload_open(b, IKE_PAYLOAD_DELETE);
	writer_u8(&b->w, IKE_PROTO_ESP);
	writer_u8(&b->w, CHILD_SPI_LEN);
	writer_u16(&b->w, count);
	for (size_t i = 0; i < count; i++)
		writer_u32(&b->w, spis[i]);
	message_payload_close(b);
}
