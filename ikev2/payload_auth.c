/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Authentication payload (RFC 7296 section 3.8); see payload_auth.h. */
#include "ikev2/payload_auth.h"

int payload_auth_read(struct view body, struct payload_auth *out)
{
	struct reader r = reader_of(body);
	struct payload_auth auth = {.method = reader_u8(&r)};

	reader_skip(&r, 3);
	auth.data = reader_rest(&r);
	if (r.failed || auth.data.len == 0)
		return ERR_INVALID;
	*out = auth;
	return 0;
}

void payload_auth_write(struct message_builder *b, uint8_t method, struct view data)
{
	message_payload_open(b, IKE_PAYLOAD_AUTH);
	writer_u8(&b->w, method);
	writer_zero(&b->w, 3);
	writer_put(&b->w, data);
	message_payload_close(b);
}
