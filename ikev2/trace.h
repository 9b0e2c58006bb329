/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What operators can watch: each message with its payloads in clear, each change of state, each
 * list of proposals.  The last messages of a tunnel are always kept (step.h); lines and messages
 * leave as TRACE actions only while somebody watches.  Changes nothing of what the engine does.
 */
#ifndef IKEV2_TRACE_H
#define IKEV2_TRACE_H

#include "ikev2/ike.h"
#include "ikev2/message.h"
#include "ikev2/step.h"

struct ike_sa;
struct message_in;
struct tunnel;

struct steps {
	size_t next, count;
	struct ike_step item[IKE_STEPS_MAX];
};

/* Rings; *ring NULL: made when needed, freed by its owner. */
void steps_add(struct steps **ring, const struct ike_step *step);
void steps_again(struct steps *s, bool out, bool response, uint32_t id, uint64_t now_ms);
struct ike_step *steps_last(struct steps *s); /* or NULL */
void step_take_payloads(struct ike_step *s, const struct payload_list *l);

/* Steps of IKE SAs that no tunnel has yet: one ring of the engine for all, so that a half-open IKE
 * SA stays small.  In a flood the oldest go. */
#define EARLY_STEPS 256
struct early_steps {
	size_t next;
	struct {
		uint64_t spi; /* our own one of the IKE SA; 0: free */
		struct ike_step step;
	} item[EARLY_STEPS];
};

/* Adds those of sa to the ring of t. */
void trace_early(const struct ike_engine *e, const struct ike_sa *sa, struct tunnel *t);

/* A message with its payloads in clear. */
struct trace_message {
	const struct message_header *header;
	uint8_t first;	   /* type of the first payload */
	struct view chain; /* payloads, decrypted */
	size_t octets;	   /* on the wire, 0: as the chain says */
	unsigned datagrams;
	const struct ip_endpoint *local, *remote;
	bool out;
};

/* sa may be NULL. */
void trace_message(struct ike_engine *e, struct ike_sa *sa, const struct trace_message *m);
/* The same with a clear message; NULL: nothing is to be kept of it. */
void trace_clear_in(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in);
void trace_clear_out(struct ike_engine *e, struct ike_sa *sa, struct view message,
		     const struct ip_endpoint *local, const struct ip_endpoint *remote);
/* A message that comes to nothing: "no IKE SA has these SPIs". */
void trace_dropped(struct ike_engine *e, const struct message_in *in, const char *why);
/* Once more, the request or response with this message ID. */
void trace_again(struct ike_engine *e, struct ike_sa *sa, bool out, bool response, uint32_t id);
/* The message at hand, of nobody that is known, concerns this tunnel. */
void trace_adopt(struct ike_engine *e, struct tunnel *t);

/* What came of the last message. */
void trace_failed(struct tunnel *t, enum ike_cause cause);
void trace_outcome(struct ike_engine *e, uint32_t tunnel, const char *text);
void trace_established(struct ike_engine *e, uint32_t tunnel);

void trace_state(struct ike_engine *e, uint32_t tunnel, const struct ip_endpoint *remote,
		 const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Both sides beside each other. */
void trace_comparison(struct ike_engine *e, uint32_t tunnel, const struct ip_endpoint *remote,
		      const struct ike_comparison *c);

#endif
