/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What we offer, what we accept: proposals made from struct ike_parameters, our choice as
 * responder, the check of the peer's choice as initiator (RFC 7296 sections 2.7, 3.3).  Automatic
 * has two tiers: tier 1 without SHA-1 and groups 2 and 5, tier 2 with all.  Pure.
 */
#ifndef IKEV2_PROPOSAL_H
#define IKEV2_PROPOSAL_H

#include "ikev2/algorithm.h"
#include "ikev2/payload_sa.h"

enum proposal_tier {
	PROPOSAL_TIER_1 = 1, /* first attempt */
	PROPOSAL_TIER_2 = 2, /* after NO_PROPOSAL_CHOSEN: tier 1 and the legacy algorithms */
};

#define PROPOSAL_OFFERS_MAX 3

/* The proposals of one SA payload of ours, numbered from 1. */
struct proposal_list {
	size_t count;
	struct sa_offer item[PROPOSAL_OFFERS_MAX];
};

struct proposal_request {
	uint8_t protocol; /* IKE_PROTO_IKE or IKE_PROTO_ESP */
	const struct ike_parameters *params;
	enum proposal_tier tier;
	uint16_t ke; /* group of our KE payload, offered first; 0: no KE transforms (ESP only) */
	bool esn;    /* ESP: offer ESN beside plain sequence numbers */
	uint8_t spi[8];
	uint8_t spi_len;		  /* 0 in IKE_SA_INIT, 8 rekeying an IKE SA, 4 for ESP */
	const struct ike_suite *previous; /* rekey: offered first on its own, if the parameters
					     still allow it; NULL: none */
};

/* The algorithm when the parameters allow it in this tier, otherwise NULL (for ESN
 * always). */
const struct ike_algorithm *proposal_algorithm(const struct ike_parameters *p,
					       enum proposal_tier tier,
					       enum ike_transform_type type, uint16_t id,
					       uint16_t key_bits);

/* Same request, same list.  ESP with ke offers KE NONE last when the parameters' ke is automatic.
 */
void proposal_build(const struct proposal_request *rq, struct proposal_list *out);
void proposal_write(struct message_builder *b, const struct proposal_list *l);

/* Any additional key exchange (RFC 9370)? */
bool proposal_has_addke(const struct ike_parameters *params);
bool suite_has_addke(const struct ike_suite *suite);
/* The group of the additional key exchange number n, from 0; 0: there are fewer. */
uint16_t suite_addke(const struct ike_suite *suite, unsigned n);
/* The group for the first KE payload: the explicit one, or by tier. */
uint16_t proposal_first_ke(const struct ike_parameters *params, enum proposal_tier tier);
/* May the group be offered and accepted under the parameters?  0 (NONE) may for automatic. */
bool proposal_ke_allowed(const struct ike_parameters *params, uint16_t ke);
/* True when tier 2 offers anything that tier 1 does not. */
bool proposal_has_tier2(uint8_t protocol, const struct ike_parameters *params);

/* The outcome of a negotiation. */
struct proposal_choice {
	struct ike_suite suite;
	struct sa_offer answer; /* responder: complete except for our SPI */
	uint8_t peer_spi[8];
	uint8_t peer_spi_len;
};

/* As the responder. */
struct proposal_policy {
	uint8_t protocol;
	const struct ike_parameters *params; /* the candidates, each different set once; any of them
						may be the tunnel's, so check the tunnel's own
						with proposal_allows later */
	size_t count;
	bool esn;	 /* ESN may be chosen */
	bool ike_auth;	 /* Child SA of IKE_AUTH: KE transforms do not count (section 1.2) */
	uint16_t ke;	 /* group of the received KE payload, 0: none came */
	uint8_t spi_len; /* as in proposal_request */
};

/* Choose the strongest acceptable suite; the received KE's group wins over a stronger one unless it
 * is legacy.  The caller compares out->suite.ke with the received group: another one (not 0) means
 * INVALID_KE_PAYLOAD.  ERR_NOT_FOUND: NO_PROPOSAL_CHOSEN. */
int proposal_select(const struct proposal_policy *policy, const struct payload_sa *sa,
		    struct proposal_choice *out) WARN_UNUSED;
/* Write the SA payload of the response with our own SPI. */
void proposal_write_answer(struct message_builder *b, const struct proposal_choice *choice,
			   const uint8_t *spi, uint8_t spi_len);

/* As the initiator: the answer must be exactly one of ours with one transform per type (section
 * 3.3.6).  ERR_INVALID: it is not; the exchange must end. */
int proposal_verify(const struct proposal_list *ours, const struct payload_sa *answer,
		    struct proposal_choice *out) WARN_UNUSED;

bool proposal_parameters_equal(const struct ike_parameters *a, const struct ike_parameters *b);

/* Is a negotiated suite allowed by these parameters (automatic: both tiers)?  For protocol ESP, ke
 * 0 is always allowed here, because the first Child SA never has one. */
bool proposal_allows(uint8_t protocol, const struct ike_parameters *params,
		     const struct ike_suite *suite);

/* "aes-gcm-256", "dh20", "dh-1234" for unknown ones; ESN: "plain", "extended". */
const char *sa_transform_text(const struct sa_transform *t, char *buf, size_t size);
/* "aes-gcm-256/sha2-384/dh20, aes-cbc-256+aes-cbc-128/sha2-256/sha2-256/dh14": per proposal
 * encryption, integrity, PRF, key exchange; alternatives joined by +.  Ends in "..." when cut. */
const char *proposal_offer_text(const struct payload_sa *sa, char *buf, size_t size);

#endif
