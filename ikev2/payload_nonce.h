/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nonce payload, RFC 7296 section 3.9: 16 to 256 octets. */
#ifndef IKEV2_PAYLOAD_NONCE_H
#define IKEV2_PAYLOAD_NONCE_H

#include "ikev2/message.h"

#define NONCE_LEN 32 /* what we send; half of the longest PRF key, section 2.10 */
#define NONCE_MIN 16
#define NONCE_MAX 256

int payload_nonce_read(struct view body, struct view *out) WARN_UNUSED; /* ERR_INVALID */
void payload_nonce_write(struct message_builder *b, struct view nonce);

/* Octet-wise, a shorter prefix is lower (section 2.8.1); <0, 0, >0. */
int nonce_compare(struct view a, struct view b);

#endif
