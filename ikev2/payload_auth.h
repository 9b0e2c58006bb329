/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Authentication payload, RFC 7296 section 3.8. */
#ifndef IKEV2_PAYLOAD_AUTH_H
#define IKEV2_PAYLOAD_AUTH_H

#include "ikev2/message.h"

struct payload_auth {
	uint8_t method; /* enum ike_auth_method or any number */
	struct view data;
};

int payload_auth_read(struct view body, struct payload_auth *out) WARN_UNUSED; /* ERR_INVALID */
void payload_auth_write(struct message_builder *b, uint8_t method, struct view data);

#endif
