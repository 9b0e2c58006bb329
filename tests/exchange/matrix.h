/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The matrix of bad input: gateway B has a tunnel with A, whose place the test takes once the
 * wanted state is reached, and one with C, which nothing that A sends may disturb.  An input is
 * one row: how the message is made, and what becomes of it in each state.
 */
#ifndef TESTS_EXCHANGE_MATRIX_H
#define TESTS_EXCHANGE_MATRIX_H

#include "forge.h"
#include "ikev2/fsm.h"
#include "ikev2/payload_sa.h"
#include "sim.h"

/* Of B's IKE SA with A. */
enum mx_state {
	MX_NONE,      /* was there, and is gone */
	MX_INIT_SENT, /* B initiates */
	MX_AUTH_SENT, /* B initiates */
	MX_HALF_OPEN, /* A initiates */
	MX_ESTABLISHED,
	MX_REKEYING,	 /* B has asked to rekey the Child SA */
	MX_IKE_REKEYING, /* B has asked to rekey the IKE SA */
	MX_DELETING,	 /* B has sent DELETE */
	MX_STATES
};

enum mx_outcome {
	O_SKIP, /* says nothing in this state */
	O_MALFORMED,
	O_UNKNOWN_SPI,	     /* INVALID_IKE_SPI in clear */
	O_UNKNOWN_SPI_QUIET, /* the same for a response: nothing */
	O_UNEXPECTED,
	O_FORGED,	 /* ICV */
	O_UNPROTECTED,	 /* no SK payload */
	O_REPEATED,	 /* the last answer again */
	O_SWALLOWED,	 /* known, no answer */
	O_VERSION,	 /* INVALID_MAJOR_VERSION in clear */
	O_VERSION_QUIET, /* a response */
	O_CLEAR_CRITICAL,
	O_CLEAR_NO_PROPOSAL,
	O_CLEAR_INVALID_KE,
	O_CLEAR_COOKIE,
	O_CLEAR_ACCEPTED, /* IKE_SA_INIT response, one half-open IKE SA more */
	O_SYNTAX,	  /* INVALID_SYNTAX, the IKE SA ends */
	O_CRITICAL,
	O_CRITICAL_ENDS,
	O_FINE,	    /* answered without error */
	O_ENDS,	    /* the same, and the IKE SA ends */
	O_ADMITTED, /* IKE_AUTH succeeds */
	O_ADMITTED_TS,
	O_ADMITTED_NO_PROPOSAL,
	O_REFUSED, /* AUTHENTICATION_FAILED, the IKE SA ends */
	O_TEMPORARY,
	O_NO_PROPOSAL,
	O_TS,
	O_INVALID_KE,
	O_NOT_FOUND,
	O_STATE_NOT_FOUND,
	O_OUTCOMES
};

#define MX_SAID_MAX 12

/* What B said to A. */
struct mx_said {
	size_t len;
	bool natt;
	uint8_t bytes[2000];
};

struct mx {
	enum mx_state state;
	bool natt;	 /* port 4500, AES-CBC, and B is the initiator where it can be */
	bool fragmented; /* sealed messages in two fragments */
	bool b_initiates;
	bool a_is_initiator;
	struct ike_tunnel a, b, b2, c2;
	uint64_t spi_i, spi_r; /* of B's IKE SA with A */
	uint64_t own_spi;      /* of B; 0: none */
	struct forge_key to_b, from_b;
	uint32_t next_id; /* of A's next request */
	uint32_t open_id; /* of B's open request */
	uint8_t open_exchange;
	uint8_t init[2000]; /* A's last IKE_SA_INIT request */
	size_t init_len;
	uint8_t auth[4000]; /* A's last IKE_AUTH request, one datagram */
	size_t auth_len;
	uint8_t auth_first; /* and what is inside */
	uint8_t auth_chain[4000];
	size_t auth_chain_len;
	struct ip_addr peer; /* where the test is: what B says to there is kept */
	struct mx_said last; /* B's last datagram to A before the input */
	struct mx_said said[MX_SAID_MAX];
	size_t said_count;
	/* the message being made */
	struct forge f;
	struct message_builder chain;
	uint8_t chain_buf[16000];
	bool plain_only; /* makes no sense in fragments */
	/* before the input */
	struct ike_usage baseline;
	long baseline_blocks;
	uint64_t counters[COUNTER_COUNT];
	enum sa_state sa_state;
	uint64_t last_rx_ms;
};

struct mx_input {
	unsigned number; /* in the list of test_matrix.c */
	const char *name;
	void (*make)(struct mx *m, unsigned arg);
	unsigned arg;
	bool sealed; /* make builds the inside; otherwise it sends by itself */
	uint8_t out[MX_STATES];
	const char *port; /* "500" or "4500": only there; NULL: both */
};

/* The same in every state. */
#define MX_ALL(o)                      \
	{                              \
		o, o, o, o, o, o, o, o \
	}
/* A request on the IKE SA: h in state half-open, o once it is established. */
#define MX_SEALED(h, o)                                                   \
	{                                                                 \
		O_UNKNOWN_SPI, O_UNKNOWN_SPI, O_UNEXPECTED, h, o, o, o, o \
	}
/* CREATE_CHILD_SA for a new Child SA. */
#define MX_CHILD(o)                                                                          \
	{                                                                                    \
		O_UNKNOWN_SPI, O_UNKNOWN_SPI, O_UNEXPECTED, O_UNEXPECTED, o, o, O_TEMPORARY, \
			O_TEMPORARY                                                          \
	}
/* IKE_AUTH. */
#define MX_AUTH(h)                                                                         \
	{                                                                                  \
		O_UNKNOWN_SPI, O_UNKNOWN_SPI, O_UNEXPECTED, h, O_UNEXPECTED, O_UNEXPECTED, \
			O_UNEXPECTED, O_UNEXPECTED                                         \
	}
/* A response. */
#define MX_RESPONSE                                                                   \
	{                                                                             \
		O_UNKNOWN_SPI_QUIET, O_UNKNOWN_SPI_QUIET, O_UNEXPECTED, O_UNEXPECTED, \
			O_UNEXPECTED, O_UNEXPECTED, O_UNEXPECTED, O_UNEXPECTED        \
	}

/* ---- matrix.c: the world ------------------------------------------------------------------- */

void mx_start(struct mx *m, bool natt);
void mx_end(struct mx *m);
void mx_open(struct mx *m, enum mx_state state);
/* Takes tunnel 1 down on both sides; everything is as before mx_open. */
void mx_close(struct mx *m);
/* Notes where B stands; afterwards m->said holds what B answers. */
void mx_mark(struct mx *m);
/* A datagram from A to B, with the non-ESP marker where the port wants it. */
void mx_say(struct mx *m, const void *message, size_t len);
void mx_say_raw(struct mx *m, bool natt, const void *datagram, size_t len);
/* The header of a sealed message, all in order, and an empty inside. */
void mx_begin(struct mx *m, uint8_t exchange, bool response);
/* Seal what was made and send it. */
void mx_send(struct mx *m);
/* ---- matrix_judge.c ------------------------------------------------------------------------ */

/* Fails the test when it is not so. */
void mx_expect(struct mx *m, enum mx_outcome o, const char *name);
/* C and B have not noticed anything. */
void mx_unrelated_untouched(struct mx *m, const char *name);
const char *mx_state_name(enum mx_state s);
struct ike_engine *mx_engine(void);	  /* B's */
struct ike_usage mx_usage(void);	  /* of it, without timers */
long mx_blocks(void);			  /* of memory in the whole world */
struct ike_sa *mx_sa(const struct mx *m); /* B's IKE SA with A, or NULL */
/* The last answer (or request) of B since the mark, opened when it is sealed; false: none.  l looks
 * into memory that the next call overwrites. */
bool mx_read(struct mx *m, bool response, struct payload_list *l, bool *sealed);
/* The notify of the first answer, opened; 0: none of the error ones; -1: no answer. */
int mx_answer(struct mx *m, bool *sealed);
void mx_case(struct mx *m, const struct mx_input *in, enum mx_state s, bool fragmented);

/* ---- Rows ---------------------------------------------------------------------------------- */

extern const struct mx_input mx_clear_rows[]; /* matrix_clear.c: before there are keys */
extern const size_t mx_clear_count;
extern const struct mx_input mx_sealed_rows[]; /* matrix_sealed.c: under the keys */
extern const size_t mx_sealed_count;
extern const struct mx_input mx_child_rows[]; /* matrix_child.c: negotiating Child SAs */
extern const size_t mx_child_count;

/* A's real IKE_AUTH without the payloads of one type (0: all of them). */
void mx_auth_without(struct mx *m, uint8_t except);

/* An IKE_SA_INIT request of A, to be changed before it is sent. */
struct mx_init {
	struct sa_offer offer[3];
	size_t offers;
	uint16_t group;
	uint8_t ke[600];
	size_t ke_len;
	size_t nonce_len; /* 0: none */
	struct message_header header;
};

void mx_init_default(struct mx_init *i);
/* Everything but the end; then payloads may be added. */
void mx_init_build(const struct mx_init *i, struct message_builder *b, uint8_t *buf, size_t cap);
void mx_init_send(struct mx *m, struct message_builder *b);
/* A payload of any type and content. */
void mx_payload(struct message_builder *b, uint8_t type, uint8_t flags, const void *body,
		size_t len);

#endif
