/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nonce payload (RFC 7296 section 3.9); see payload_nonce.h. */
#include "ikev2/payload_nonce.h"

#include <string.h>

int payload_nonce_read(struct view body, struct view *out)
{
	if (body.len < NONCE_MIN || body.len > NONCE_MAX)
		return ERR_INVALID;
	*out = body;
	return 0;
}

void payload_nonce_write(struct message_builder *b, struct view nonce)
{
	message_payload_open(b, IKE_PAYLOAD_NONCE);
	writer_put(&b->w, nonce);
	message_payload_close(b);
}

int nonce_compare(struct view a, struct view b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.data, b.data, common) : 0;

	if (order)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}
