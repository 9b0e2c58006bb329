/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * States of IKE SAs and Child SAs, and every transition between them, as const tables.  A pair
 * that has no row is not allowed.  The story of a row is what it means, in words.
 * RFC 7296 sections 1.2, 1.3, 1.4, 2.8 and 2.25.
 *
 *	initiator: NEW -> KEY -> INIT_SENT -> SECRET -> AUTH_SENT -> ESTABLISHED
 *		   with additional key exchanges, once for each of them:
 *		   SECRET -> MORE_KEY -> MORE_SENT -> MORE_SECRET -> AUTH_SENT
 *	responder: NEW -> RESPONDING -> HALF_OPEN -> ESTABLISHED
 *	rekeying:  NEW -> ESTABLISHED (the new one), ESTABLISHED -> REKEYED (the old one)
 *	end:       any -> DELETING -> CLOSED, any -> CLOSED
 */
#ifndef IKEV2_FSM_H
#define IKEV2_FSM_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum sa_state {
	SA_NEW,		/* created, nothing sent */
	SA_KEY,		/* initiator: own DH key is being computed */
	SA_INIT_SENT,	/* initiator: IKE_SA_INIT request is out */
	SA_SECRET,	/* initiator: shared secret is being computed */
	SA_MORE_KEY,	/* initiator: key of an additional key exchange is being computed */
	SA_MORE_SENT,	/* initiator: IKE_INTERMEDIATE request is out */
	SA_MORE_SECRET, /* initiator: its shared secret is being computed */
	SA_AUTH_SENT,	/* initiator: IKE_AUTH request is out */
	SA_RESPONDING,	/* responder: DH of IKE_SA_INIT is being computed */
	SA_HALF_OPEN,	/* responder: waits for IKE_AUTH */
	SA_ESTABLISHED,
	SA_REKEYED,  /* a new IKE SA took over; waits for the DELETE */
	SA_DELETING, /* our DELETE is out */
	SA_CLOSED,   /* only repeats its last answer, then it is freed */
	SA_STATE_COUNT
};

enum sa_event {
	SA_EV_START,	     /* begin to initiate */
	SA_EV_KEY_READY,     /* own DH key computed, request goes out */
	SA_EV_RETRY_GROUP,   /* INVALID_KE_PAYLOAD or a new offer: compute another key */
	SA_EV_INIT_ANSWERED, /* usable IKE_SA_INIT or IKE_INTERMEDIATE response */
	SA_EV_MORE_KEYS,     /* an additional key exchange comes before IKE_AUTH */
	SA_EV_SECRET_READY,  /* keys derived, IKE_AUTH goes out */
	SA_EV_INIT_RECEIVED, /* acceptable IKE_SA_INIT request */
	SA_EV_INIT_SENT,     /* IKE_SA_INIT response is out */
	SA_EV_AUTHENTICATED, /* the peer proved its identity */
	SA_EV_INHERIT,	     /* created by rekeying an authenticated IKE SA */
	SA_EV_REPLACED,	     /* its successor is established */
	SA_EV_DELETE,	     /* our DELETE goes out */
	SA_EV_CLOSE,	     /* ended without (further) DELETE of ours */
	SA_EVENT_COUNT
};

enum child_state {
	CHILD_NEW,	 /* created, no keys yet */
	CHILD_LIVE,	 /* installed */
	CHILD_REKEYED,	 /* its successor is installed; waits for the DELETE */
	CHILD_DELETING,	 /* our DELETE is queued or out */
	CHILD_LINGERING, /* deleted; inbound stays for stragglers */
	CHILD_STATE_COUNT
};

enum child_event {
	CHILD_EV_INSTALL,
	CHILD_EV_REPLACED, /* the peer rekeyed it */
	CHILD_EV_REVIVE,   /* its successor turned out to be the redundant one */
	CHILD_EV_DELETE,   /* our DELETE is queued */
	CHILD_EV_CLOSED,   /* deleted on both sides */
	CHILD_EVENT_COUNT
};

/* The state that follows; ERR_WRONG_STATE when the table has no such row.  story may be NULL. */
int fsm_sa_next(enum sa_state from, enum sa_event ev, enum sa_state *to,
		const char **story) WARN_UNUSED;
int fsm_child_next(enum child_state from, enum child_event ev, enum child_state *to,
		   const char **story) WARN_UNUSED;

const char *fsm_sa_state_name(enum sa_state s);
const char *fsm_child_state_name(enum child_state s);

/* Rows by index for documentation and tests; false past the end. */
bool fsm_sa_row(size_t index, enum sa_state *from, enum sa_event *ev, enum sa_state *to,
		const char **story);

#endif
