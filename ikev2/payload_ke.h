/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key Exchange payload, RFC 7296 section 3.4.  Whether the data fits the group is dh.h's business.
 */
#ifndef IKEV2_PAYLOAD_KE_H
#define IKEV2_PAYLOAD_KE_H

#include "ikev2/message.h"

struct payload_ke {
	uint16_t group;
	struct view data;
};

int payload_ke_read(struct view body, struct payload_ke *out) WARN_UNUSED; /* ERR_INVALID */
void payload_ke_write(struct message_builder *b, uint16_t group, struct view data);

#endif
