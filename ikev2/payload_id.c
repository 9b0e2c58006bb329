/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identification payloads (RFC 7296 section 3.5); see payload_id.h. */
#include "ikev2/payload_id.h"

#include <string.h>

int payload_id_read(struct view body, struct payload_id *out)
{
	struct reader r = reader_of(body);
	struct payload_id id = {.type = reader_u8(&r), .body = body};

	reader_skip(&r, 3);
	id.data = reader_rest(&r);
	if (r.failed)
		return ERR_INVALID;
	if (id.type == IKE_ID_IPV4_ADDR && id.data.len != 4)
		return ERR_INVALID;
	if (id.type == IKE_ID_IPV6_ADDR && id.data.len != 16)
		return ERR_INVALID;
	*out = id;
	return 0;
}

bool payload_id_value(const struct payload_id *p, struct ike_id *out)
{
	size_t len = p->data.len < IKE_ID_MAX ? p->data.len : IKE_ID_MAX;
	struct reader r = reader_of(p->data);

	memset(out, 0, sizeof(*out));
	out->type = p->type;
	out->len = (uint8_t)len;
	reader_copy(&r, out->data, len);
	return p->data.len <= IKE_ID_MAX;
}

static void body_write(struct writer *w, const struct ike_id *id)
{
	writer_u8(w, id->type);
	writer_zero(w, 3);
	writer_bytes(w, id->data, id->len);
}

void payload_id_write(struct message_builder *b, uint8_t type, const struct ike_id *id)
{
	message_payload_open(b, type);
	body_write(&b->w, id);
	message_payload_close(b);
}

struct view payload_id_body(const struct ike_id *id, uint8_t *buf)
{
	struct writer w = writer_of(buf, 4 + IKE_ID_MAX);

	body_write(&w, id);
	return writer_view(&w);
}
