/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traffic Selector payloads, RFC 7296 section 3.13. */
#ifndef IKEV2_PAYLOAD_TS_H
#define IKEV2_PAYLOAD_TS_H

#include "ikev2/ike.h"
#include "ikev2/message.h"

struct payload_ts {
	struct ike_ts_list list; /* the first IKE_TS_MAX selectors of known type */
	uint8_t ignored;	 /* selectors of unknown type, or more than we keep */
};

/* ERR_INVALID: no selector, count and octets disagree, wrong length for its type, start above end
 * (ports 65535 to 0 mean OPAQUE and are legal).  Only unknown types inside: list is empty.
 * After an error the contents of out mean nothing. */
int payload_ts_read(struct view body, struct payload_ts *out) WARN_UNUSED;
/* type is IKE_PAYLOAD_TSI or IKE_PAYLOAD_TSR. */
void payload_ts_write(struct message_builder *b, uint8_t type, const struct ike_ts_list *list);

#endif
