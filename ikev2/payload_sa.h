/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Security Association payload, RFC 7296 section 3.3: structure only; what is acceptable is
 * proposal.h's business. */
#ifndef IKEV2_PAYLOAD_SA_H
#define IKEV2_PAYLOAD_SA_H

#include "ikev2/message.h"

#define SA_PROPOSALS_MAX 64 /* further ones are checked, but not kept */

struct sa_transform {
	uint8_t type;
	uint16_t id;
	uint16_t key_bits; /* Key Length attribute; 0: none */
	bool odd;	   /* has an attribute that is unknown, repeated or of the wrong form */
};

struct sa_proposal {
	uint8_t number;
	uint8_t protocol;
	struct view spi;
	uint8_t transform_count;
	struct view transforms; /* checked; walk it with sa_transform_next */
};

struct payload_sa {
	size_t count;
	struct sa_proposal item[SA_PROPOSALS_MAX];
};

/* ERR_INVALID: counts, lengths and "last" marks disagree anywhere, or there is no proposal.
 * After an error the contents of out mean nothing. */
int payload_sa_read(struct view body, struct payload_sa *out) WARN_UNUSED;

/* Next transform of a proposal from payload_sa_read: r = reader_of(p->transforms) first; false at
 * the end. */
bool sa_transform_next(struct reader *r, struct sa_transform *out);

/* Writer side: a proposal as a list of transforms. */
#define SA_TRANSFORMS_MAX 32

struct sa_offer {
	uint8_t number;
	uint8_t protocol;
	uint8_t spi_len; /* 0, 4 or 8 */
	uint8_t spi[8];
	uint8_t count;
	struct sa_transform transform[SA_TRANSFORMS_MAX];
};

/* Append a transform; more than SA_TRANSFORMS_MAX are dropped. */
void sa_offer_add(struct sa_offer *o, enum ike_transform_type type, uint16_t id, uint16_t key_bits);

void payload_sa_write(struct message_builder *b, const struct sa_offer *offers, size_t count);

#endif
