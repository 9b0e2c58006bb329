/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key Exchange payload (RFC 7296 section 3.4); see payload_ke.h. */
#include "ikev2/payload_ke.h"

int payload_ke_read(struct view body, struct payload_ke *out)
{
	struct reader r = reader_of(body);
	struct payload_ke ke = {.group = reader_u16(&r)};

	reader_skip(&r, 2);
	ke.data = reader_rest(&r);
	if (r.failed || ke.data.len == 0)
		return ERR_INVALID;
	*out = ke;
	return 0;
}

void payload_ke_write(struct message_builder *b, uint16_t group, struct view data)
{
	message_payload_open(b, IKE_PAYLOAD_KE);
	writer_u16(&b->w, group);
	writer_u16(&b->w, 0);
	writer_put(&b->w, data);
	message_payload_close(b);
}
