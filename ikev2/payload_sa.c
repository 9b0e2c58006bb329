/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Security Association payload (RFC 7296 section 3.3); see payload_sa.h.  Checks that counts,
 * lengths and "last substructure" marks agree, as the section demands; judges no algorithm.
 */
#include "ikev2/payload_sa.h"

#define MORE_PROPOSALS	 2 /* section 3.3.1 */
#define MORE_TRANSFORMS	 3 /* section 3.3.2 */
#define TRANSFORM_HEADER 8
#define ATTRIBUTE_TV	 0x8000 /* section 3.3.5: value instead of length */

/* One substructure: mark, reserved, length; r then stands behind it, body is what is left inside.
 */
static bool substructure(struct reader *r, uint8_t more, struct reader *body)
{
	uint8_t mark = reader_u8(r);
	uint16_t len;

	reader_skip(r, 1);
	len = reader_u16(r);
	if (r->failed || len < 4)
		return false;
	*body = reader_of(reader_view(r, (size_t)len - 4));
	if (r->failed)
		return false;
	return mark == (reader_left(r) ? more : 0);
}

static bool attributes_read(struct reader *r, struct sa_transform *t)
{
	while (reader_left(r)) {
		uint16_t type = reader_u16(r);
		uint16_t value = reader_u16(r);

		if (!(type & ATTRIBUTE_TV)) {
			reader_skip(r, value);
			t->odd = true;
		} else if ((type & ~ATTRIBUTE_TV) != IKE_ATTRIBUTE_KEY_LENGTH || t->key_bits ||
			   value == 0) {
			t->odd = true;
		} else {
			t->key_bits = value;
		}
	}
	return !r->failed;
}

static bool transform_read(struct reader *r, struct sa_transform *out)
{
	struct sa_transform t = {0};
	struct reader body;

	if (!substructure(r, MORE_TRANSFORMS, &body))
		return false;
	t.type = reader_u8(&body);
	reader_skip(&body, 1);
	t.id = reader_u16(&body);
	if (body.failed || !attributes_read(&body, &t))
		return false;
	*out = t;
	return true;
}

bool sa_transform_next(struct reader *r, struct sa_transform *out)
{
	return reader_left(r) > 0 && transform_read(r, out);
}

static bool proposal_read(struct reader *r, struct sa_proposal *out)
{
	struct sa_proposal p = {0};
	struct reader body;
	uint8_t spi_len;
	unsigned count = 0;
	struct sa_transform t;

	if (!substructure(r, MORE_PROPOSALS, &body))
		return false;
	p.number = reader_u8(&body);
	p.protocol = reader_u8(&body);
	spi_len = reader_u8(&body);
	p.transform_count = reader_u8(&body);
	p.spi = reader_view(&body, spi_len);
	p.transforms = reader_rest(&body);
	if (body.failed)
		return false;
	for (struct reader walk = reader_of(p.transforms); reader_left(&walk); count++)
		if (!transform_read(&walk, &t))
			return false;
	if (count != p.transform_count)
		return false;
	*out = p;
	return true;
}

int payload_sa_read(struct view body, struct payload_sa *out)
{
	struct reader r = reader_of(body);

	out->count = 0;
	if (!reader_left(&r))
		return ERR_INVALID;
	while (reader_left(&r)) {
		struct sa_proposal p;

		if (!proposal_read(&r, &p))
			return ERR_INVALID;
		if (out->count < SA_PROPOSALS_MAX)
			out->item[out->count++] = p;
	}
	return 0;
}

void sa_offer_add(struct sa_offer *o, enum ike_transform_type type, uint16_t id, uint16_t key_bits)
{
	if (o->count < SA_TRANSFORMS_MAX)
		o->transform[o->count++] = (struct sa_transform){.type = (uint8_t)type,
								 .id = id,
								 .key_bits = key_bits};
}

static void transform_write(struct writer *w, const struct sa_transform *t, bool last)
{
	writer_u8(w, last ? 0 : MORE_TRANSFORMS);
	writer_u8(w, 0);
	writer_u16(w, TRANSFORM_HEADER + (t->key_bits ? 4 : 0));
	writer_u8(w, t->type);
	writer_u8(w, 0);
	writer_u16(w, t->id);
	if (t->key_bits) {
		writer_u16(w, ATTRIBUTE_TV | IKE_ATTRIBUTE_KEY_LENGTH);
		writer_u16(w, t->key_bits);
	}
}

static void offer_write(struct writer *w, const struct sa_offer *o, bool last)
{
	size_t start = w->len;

	writer_u8(w, last ? 0 : MORE_PROPOSALS);
	writer_u8(w, 0);
	writer_u16(w, 0);
	writer_u8(w, o->number);
	writer_u8(w, o->protocol);
	writer_u8(w, o->spi_len);
	writer_u8(w, o->count);
	writer_bytes(w, o->spi, o->spi_len);
	for (size_t i = 0; i < o->count; i++)
		transform_write(w, &o->transform[i], i + 1 == o->count);
	writer_set_u16(w, start + 2, (uint16_t)(w->len - start));
}

void payload_sa_write(struct message_builder *b, const struct sa_offer *offers, size_t count)
{
	message_payload_open(b, IKE_PAYLOAD_SA);
	for (size_t i = 0; i < count; i++)
		offer_write(&b->w, &offers[i], i + 1 == count);
	message_payload_close(b);
}
