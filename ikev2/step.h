/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The last messages of a tunnel, for the ladder that operators see: when, which way, which
 * exchange, which payloads, what came of it.  A ring of fixed size, plain data, no secret inside.
 */
#ifndef IKEV2_STEP_H
#define IKEV2_STEP_H

#include "ikev2/reason.h"
#include "platform/base/ip.h"

struct ike_engine;

#define IKE_STEPS_MAX	  16 /* kept of each tunnel */
#define IKE_STEP_PAYLOADS 14 /* named of each message */

struct ike_step {
	uint64_t at_ms, again_ms; /* again_ms: last repetition, 0: none */
	struct ip_endpoint remote;
	uint32_t id;	 /* message ID */
	uint32_t octets; /* with IKE header; of all fragments */
	uint32_t checks; /* liveness checks of the same kind before this one, which are left out */
	uint16_t times;	 /* sent or received */
	uint16_t datagrams;
	uint8_t exchange;
	bool out, response;
	uint8_t count; /* of payload[] */
	uint8_t more;  /* payloads that have no room there */
	struct {
		uint8_t type;
		uint16_t notify; /* of a Notify payload */
	} payload[IKE_STEP_PAYLOADS];
	enum ike_cause failed; /* NONE: not by this message */
	const char *outcome;   /* static text, "IKE SA established"; NULL: none yet */
};

/* The last steps of a tunnel, oldest first; returns how many. */
size_t ike_engine_steps(const struct ike_engine *e, uint32_t tunnel, struct ike_step *out,
			size_t max);

#define IKE_STEP_TEXT_MAX 512
/* "SA, KEi, Ni, N(COOKIE)"; "empty" when there is none. */
const char *ike_step_payloads(const struct ike_step *s, char *buf, size_t size);
/* What came of it: "auth-failed (psk-mismatch)", "IKE SA established"; "" when nothing. */
const char *ike_step_outcome(const struct ike_step *s, char *buf, size_t size);

#endif
