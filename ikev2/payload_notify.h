/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notify payload, RFC 7296 section 3.10. */
#ifndef IKEV2_PAYLOAD_NOTIFY_H
#define IKEV2_PAYLOAD_NOTIFY_H

#include "ikev2/message.h"

struct payload_notify {
	uint8_t protocol; /* as received; means nothing when spi is empty */
	uint16_t type;	  /* enum ike_notify or any number */
	struct view spi;
	struct view data;
};

/* ERR_INVALID: too short; SPI size neither 0, 4 nor 8; REKEY_SA or CHILD_SA_NOT_FOUND whose
 * protocol is not ESP or AH or whose SPI is not 4 octets.  Data is not looked at: a notify of
 * unexpected data length is the reader's to ignore. */
int payload_notify_read(struct view body, struct payload_notify *out) WARN_UNUSED;

bool notify_is_error(uint16_t type);
/* Is there one of the type that cannot be read? */
bool notify_is_broken(const struct payload_list *l, uint16_t type);
/* The first notify of the type in the list, or false.  Malformed ones are skipped. */
bool notify_find(const struct payload_list *l, uint16_t type, struct payload_notify *out);
/* The first error notify, or false. */
bool notify_find_error(const struct payload_list *l, struct payload_notify *out);
/* The group of INVALID_KE_PAYLOAD; false when the data is not 2 octets. */
bool notify_ke_group(const struct payload_notify *n, uint16_t *group);
/* The SPI as a number; 0 when it is not 4 octets. */
uint32_t notify_spi(const struct payload_notify *n);

/* Without SPI. */
void payload_notify_write(struct message_builder *b, uint16_t type, struct view data);
/* About the IKE SA that the message belongs to: protocol IKE, without SPI (RFC 6290). */
void payload_notify_write_ike(struct message_builder *b, uint16_t type, struct view data);
/* About a Child SA: protocol ESP and its SPI. */
void payload_notify_write_spi(struct message_builder *b, uint16_t type, uint32_t spi,
			      struct view data);

#endif
