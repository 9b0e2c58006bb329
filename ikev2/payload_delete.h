/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delete payload, RFC 7296 section 3.11. */
#ifndef IKEV2_PAYLOAD_DELETE_H
#define IKEV2_PAYLOAD_DELETE_H

#include "ikev2/message.h"

struct payload_delete {
	uint8_t protocol; /* IKE_PROTO_IKE (no SPIs), IKE_PROTO_AH or IKE_PROTO_ESP */
	uint16_t count;	  /* SPIs */
	struct view spis; /* count * 4 octets */
};

/* ERR_INVALID: unknown protocol, IKE with SPIs, ESP or AH with SPI size not 4, or a count that the
 * octets do not bear out. */
int payload_delete_read(struct view body, struct payload_delete *out) WARN_UNUSED;
uint32_t payload_delete_spi(const struct payload_delete *d, uint16_t index); /* 0 past the end */

void payload_delete_write_ike(struct message_builder *b);
void payload_delete_write_esp(struct message_builder *b, const uint32_t *spis, uint16_t count);

#endif
