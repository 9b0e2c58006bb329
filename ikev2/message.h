/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IKE messages as bytes: the header (RFC 7296 section 3.1), chains of payloads (section 3.2), and a
 * builder that links them.  Knows no payload's inside and keeps no state.
 */
#ifndef IKEV2_MESSAGE_H
#define IKEV2_MESSAGE_H

#include "ikev2/number.h"
#include "platform/base/bytes.h"
#include "platform/base/err.h"

#include <stdbool.h>

#define MESSAGE_HEADER_LEN   28
#define MESSAGE_GENERIC_LEN  4 /* generic payload header */
#define MESSAGE_PAYLOADS_MAX 64
#define MESSAGE_VERSION	     0x20 /* major 2, minor 0 */

enum message_flag {
	MESSAGE_INITIATOR = 0x08, /* sent by the original initiator of the IKE SA */
	MESSAGE_VERSION_BIT = 0x10,
	MESSAGE_RESPONSE = 0x20,
};

struct message_header {
	uint64_t spi_i, spi_r; /* as the number that the 8 octets spell big-endian */
	uint8_t next_payload;  /* builder: filled in by it */
	uint8_t version;       /* builder: always MESSAGE_VERSION */
	uint8_t exchange;
	uint8_t flags; /* enum message_flag; others are ignored */
	uint32_t id;
	uint32_t length; /* builder: filled in by it */
};

/* datagram is the whole UDP payload without non-ESP marker.  ERR_TRUNCATED: shorter than a header,
 * or Length is not its size.  ERR_INVALID: SPIi is zero.  ERR_UNSUPPORTED: major version above 2;
 * then, and only then, out is filled in spite of the error, for the INVALID_MAJOR_VERSION reply.
 * Major versions below 2 are ERR_INVALID. */
int message_header_read(struct view datagram, struct message_header *out) WARN_UNUSED;

struct payload {
	uint8_t type;
	uint8_t next;	  /* SK and SKF: type of the first payload inside */
	bool critical;	  /* bit 0x80 of the second octet */
	size_t at;	  /* offset of the generic header in the chain's bytes */
	struct view body; /* behind the generic header */
};

struct payload_list {
	size_t count;
	struct payload item[MESSAGE_PAYLOADS_MAX];
};

/* Split a chain whose first payload has type `first` (0: bytes must be empty).  The views look into
 * bytes.  An SK or SKF payload ends the chain; behind it no octet may follow.  ERR_TRUNCATED: a
 * length is below 4 or runs past the end; ERR_INVALID: octets behind the last payload, or SK inside
 * a decrypted chain (inner); ERR_NO_SPACE: more than MESSAGE_PAYLOADS_MAX.  After an error
 * the contents of out mean nothing. */
int payload_list_read(uint8_t first, struct view bytes, bool inner,
		      struct payload_list *out) WARN_UNUSED;

/* The clear chain behind the header of a checked message. */
int message_payloads_read(struct view message, const struct message_header *h,
			  struct payload_list *out) WARN_UNUSED;

/* The first payload of the type, or NULL; and the next one after `after` (NULL: from the start). */
const struct payload *payload_find(const struct payload_list *l, uint8_t type);
const struct payload *payload_next(const struct payload_list *l, uint8_t type,
				   const struct payload *after);

/* Builds a clear message, or the chain for the inside of SK.  Payload writers open a payload, write
 * its body to w, and close it.  Overflow is sticky and shows in *_finish. */
struct message_builder {
	struct writer w;
	uint8_t first;	 /* type of the first payload */
	bool is_message; /* starts with an IKE header */
	size_t next_at;	 /* offset of the octet that takes the next payload's type */
	size_t open_at;	 /* start of the payload being written */
	size_t count;
};

void message_start(struct message_builder *b, void *buf, size_t cap,
		   const struct message_header *h);
void message_chain_start(struct message_builder *b, void *buf, size_t cap);
void message_payload_open(struct message_builder *b, uint8_t type);
void message_payload_close(struct message_builder *b);
/* Fills in Length; ERR_NO_SPACE when cap did not suffice.  For a chain, out is what goes into SK
 * and b->first its first type (0 with an empty view: empty SK). */
int message_finish(struct message_builder *b, struct view *out) WARN_UNUSED;

/* Append the header's 28 octets with next payload and length as given. */
void message_header_write(struct writer *w, const struct message_header *h);

#endif
