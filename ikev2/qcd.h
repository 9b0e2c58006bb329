/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Quick crash detection (RFC 6290): each side gives the other a token for the IKE SA, inside of it.
 * Who has lost the IKE SA makes the same token again, from a secret that it has kept, and sends it
 * in clear beside INVALID_IKE_SPI: that proves what INVALID_IKE_SPI alone only says, and the other
 * side begins anew at once.  We give tokens when the caller has a secret, and take them from
 * everybody.  A token never leaves in clear while the IKE SA lives (section 9.2).
 */
#ifndef IKEV2_QCD_H
#define IKEV2_QCD_H

#include "ikev2/exchange.h"

#define QCD_TOKEN_LEN  16 /* ours: as short as section 5 allows, for answers that do not amplify */
#define QCD_TOKEN_MIN  16
#define QCD_TOKEN_MAX  128
#define QCD_TOKENS_MAX 4 /* of one answer that are looked at, section 4.5 */
/* The shortest request that can be authentic: SK with AES-GCM and nothing in it. */
#define QCD_REQUEST_MIN (MESSAGE_HEADER_LEN + MESSAGE_GENERIC_LEN + 8 + 1 + 16)
/* The header, INVALID_IKE_SPI, and our token: 3 octets more. */
#define QCD_ANSWER_LEN (MESSAGE_HEADER_LEN + 8 + 8 + QCD_TOKEN_LEN)

/* Section 5.1: the first octets of HMAC-SHA2-256(secret, SPIi | SPIr). */
int qcd_token_make(const struct crypto *c, const struct secret *secret, uint64_t spi_i,
		   uint64_t spi_r, uint8_t out[QCD_TOKEN_LEN]) WARN_UNUSED;
/* The token of a Notify payload; empty when it is none, or of a length that section 5 forbids. */
struct view qcd_token_read(const struct payload *p);

/* The secret is another one from now on (ike_engine_set_qcd_secret). */
void qcd_secret_set(struct ike_engine *e, const struct secret *secret);

/* ---- Giving ---------------------------------------------------------------------------------- */

/* The notify for an IKE SA with these SPIs; nothing without a secret. */
void qcd_write(struct ike_engine *e, uint64_t spi_i, uint64_t spi_r, struct message_builder *b);
/* The peer gets the token in an INFORMATIONAL of its own (section 4.3). */
void qcd_renew(struct ike_engine *e, struct ike_sa *sa);
/* The request is protected by an IKE SA that we do not have: may and can its token be told?
 * False, and out untouched, if one of the SPIs is in use here, whatever the other one is. */
bool qcd_answer(const struct ike_engine *e, const struct message_in *in,
		uint8_t out[QCD_TOKEN_LEN]);

/* ---- Taking ---------------------------------------------------------------------------------- */

/* Keep the token in these payloads, which are authentic, instead of an earlier one; if any. */
void qcd_keep(struct ike_sa *sa, const struct payload_list *payloads);
/* An unprotected INVALID_IKE_SPI: true when it proves that the peer has lost the IKE SA, which is
 * gone then, and the tunnel begins anew. */
bool qcd_denied(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in);

#endif
