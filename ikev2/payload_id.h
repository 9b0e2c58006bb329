/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identification payloads, RFC 7296 section 3.5. */
#ifndef IKEV2_PAYLOAD_ID_H
#define IKEV2_PAYLOAD_ID_H

#include "ikev2/ike.h"
#include "ikev2/message.h"

struct payload_id {
	uint8_t type;
	struct view data;
	struct view body; /* as received with the reserved octets: goes into AUTH */
};

/* ERR_INVALID: shorter than 4 octets, or an address of the wrong length. */
int payload_id_read(struct view body, struct payload_id *out) WARN_UNUSED;
/* False when the data is longer than IKE_ID_MAX; then out holds the type and the first octets, and
 * must not be used for a lookup. */
bool payload_id_value(const struct payload_id *p, struct ike_id *out);
/* type is IKE_PAYLOAD_IDI or IKE_PAYLOAD_IDR. */
void payload_id_write(struct message_builder *b, uint8_t type, const struct ike_id *id);
/* The body that payload_id_write writes, for own AUTH; buf takes 4 + IKE_ID_MAX octets. */
struct view payload_id_body(const struct ike_id *id, uint8_t *buf);

#endif
