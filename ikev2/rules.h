/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which payloads a message must and may hold, as one const table over exchange and direction.  The
 * only place that says INVALID_SYNTAX for a whole message.  Says nothing about a payload's inside.
 */
#ifndef IKEV2_RULES_H
#define IKEV2_RULES_H

#include "ikev2/message.h"

/* notify 0: the message is in order. */
struct rules_verdict {
	uint16_t notify; /* INVALID_SYNTAX or UNSUPPORTED_CRITICAL_PAYLOAD */
	uint8_t payload; /* the payload type at fault; data of UNSUPPORTED_CRITICAL_PAYLOAD */
	const char
		*why; /* "missing", "too many", "critical", "not protected", "unknown exchange" */
};

/* Check a message's payloads: the clear chain of IKE_SA_INIT, or the decrypted chain of any other
 * exchange (is_protected).  Unknown payloads without the critical bit are passed over, and so are
 * known ones that the table does not mention.  Responses with an error Notify (or, in IKE_SA_INIT,
 * COOKIE) need no other payload.  In CREATE_CHILD_SA the presence of TSi decides between the rows
 * of a Child SA and those of an IKE SA rekey. */
struct rules_verdict rules_check(uint8_t exchange, bool response, bool is_protected,
				 const struct payload_list *l);

#endif
