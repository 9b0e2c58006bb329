/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a tunnel is not up: the reason (coarse, for programs and tables) and its cause (what exactly
 * went wrong, with what to do on each side).  Both are stable and the same in texts and JSON; every
 * cause is one row of the table in reason.c.  Also the comparison of both sides that shows where
 * they differ.
 */
#ifndef IKEV2_REASON_H
#define IKEV2_REASON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ike_reason {
	IKE_REASON_NONE = 0,
	IKE_REASON_NO_RESPONSE,
	IKE_REASON_AUTH_FAILED,
	IKE_REASON_ID_MISMATCH,
	IKE_REASON_NO_PROPOSAL_CHOSEN,
	IKE_REASON_TS_UNACCEPTABLE,
	IKE_REASON_DEAD_PEER,
	IKE_REASON_PEER_DELETED,
	IKE_REASON_ADMIN_DOWN,	   /* operator terminated it */
	IKE_REASON_CONFIG_CHANGED, /* parameters changed, it is renegotiated */
	IKE_REASON_INVALID_SYNTAX, /* one side could not parse the other */
	IKE_REASON_REPLACED,	   /* the peer came back with a new IKE SA */
	IKE_REASON_PEER_REFUSED,   /* other error notify; evidence has its name */
	IKE_REASON_EXPIRED,	   /* lifetime ended and rekeying did not succeed */
	IKE_REASON_RESOURCES,	   /* a limit of ours */
	IKE_REASON_IKEV1_PEER,	   /* the peer speaks IKEv1 only */
	IKE_REASON_ONE_WAY,	   /* up, but nothing comes out of the tunnel */
	IKE_REASON_REKEY_STORM,	   /* up, but rekeyed all the time */
	IKE_REASON_COUNT
};

const char *ike_reason_name(enum ike_reason r); /* "auth-failed" */
const char *ike_reason_hint(enum ike_reason r); /* what to do, one short sentence */

/* In the order of the reasons; the first of each reason is what is said when nothing finer is
 * known. */
enum ike_cause {
	IKE_CAUSE_NONE = 0,
	/* no-response */
	IKE_CAUSE_SILENT,
	IKE_CAUSE_PORT_UNREACHABLE,
	IKE_CAUSE_HOST_UNREACHABLE,
	IKE_CAUSE_PROHIBITED,
	IKE_CAUSE_NO_ROUTE,
	IKE_CAUSE_NATT_BLOCKED,
	IKE_CAUSE_AUTH_UNANSWERED,
	IKE_CAUSE_AUTH_MISSING,
	IKE_CAUSE_FRAGMENTS_LOST,
	IKE_CAUSE_COOKIE_LOOP,
	/* auth-failed */
	IKE_CAUSE_PSK_MISMATCH,
	IKE_CAUSE_PSK_OTHER_TUNNEL,
	IKE_CAUSE_REFUSED_BY_PEER,
	IKE_CAUSE_AUTH_METHOD,
	IKE_CAUSE_PPK_MISSING,
	IKE_CAUSE_PPK_MISMATCH,
	/* id-mismatch */
	IKE_CAUSE_ID_VALUE,
	IKE_CAUSE_ID_TYPE,
	IKE_CAUSE_ID_PRIVATE,
	IKE_CAUSE_ID_UNKNOWN,
	IKE_CAUSE_OWN_ID,
	IKE_CAUSE_PEER_ADDRESS,
	/* no-proposal-chosen */
	IKE_CAUSE_IKE_ALGORITHMS,
	IKE_CAUSE_IKE_REFUSED,
	IKE_CAUSE_NO_CONNECTION,
	IKE_CAUSE_CHILD_ALGORITHMS,
	IKE_CAUSE_CHILD_REFUSED,
	IKE_CAUSE_REKEY_ALGORITHMS,
	IKE_CAUSE_REKEY_GROUP,
	IKE_CAUSE_NOT_OFFERED,
	/* ts-unacceptable */
	IKE_CAUSE_SELECTORS,
	IKE_CAUSE_SELECTORS_REFUSED,
	IKE_CAUSE_SINGLE_PAIR,
	IKE_CAUSE_SELECTORS_WIDENED,
	/* dead-peer */
	IKE_CAUSE_DEAD_PEER,
	IKE_CAUSE_PEER_RESTARTED,
	/* peer-deleted */
	IKE_CAUSE_DELETED,
	IKE_CAUSE_DELETED_AT_ONCE,
	IKE_CAUSE_CHILD_DELETED,
	/* admin-down, config-changed */
	IKE_CAUSE_ADMIN_DOWN,
	IKE_CAUSE_CONFIG_CHANGED,
	/* invalid-syntax */
	IKE_CAUSE_INVALID_SYNTAX,
	IKE_CAUSE_SYNTAX_REFUSED,
	IKE_CAUSE_BAD_KEY_EXCHANGE,
	/* replaced */
	IKE_CAUSE_REPLACED,
	IKE_CAUSE_TWO_PEERS,
	/* peer-refused */
	IKE_CAUSE_PEER_ERROR,
	IKE_CAUSE_REDIRECTED,
	/* expired */
	IKE_CAUSE_IKE_EXPIRED,
	IKE_CAUSE_CHILD_EXPIRED,
	/* resources */
	IKE_CAUSE_LIMIT,
	IKE_CAUSE_PEER_LIMIT,
	IKE_CAUSE_DATA_PLANE,
	/* ikev1-peer */
	IKE_CAUSE_IKEV1_ONLY,
	/* one-way-traffic and rekey-storm; said by the supervisor, not by the engine */
	IKE_CAUSE_ONE_WAY,
	IKE_CAUSE_REKEY_STORM,
	IKE_CAUSE_COUNT
};

struct ike_cause_row {
	enum ike_reason reason;
	const char *name;     /* "port-4500-blocked" */
	const char *sentence; /* what it means, no full stop */
	const char *fix_here; /* imperative, no full stop; "" when nothing can be done here */
	const char *fix_peer;
};

/* Never NULL; unknown numbers are IKE_CAUSE_NONE. */
const struct ike_cause_row *ike_cause_row(enum ike_cause c);
/* The first cause of a reason. */
enum ike_cause ike_cause_of_reason(enum ike_reason r);

/* Both sides beside each other.  Texts are cut with "...". */
#define IKE_COMPARISON_ROWS 6
#define IKE_COMPARISON_TEXT 128

struct ike_comparison {
	char subject[32]; /* "IKE proposal", "Child SA proposal", "identity", "traffic selectors" */
	uint8_t count;	  /* of rows; 0: nothing is compared */
	struct {
		char attribute[24];
		char here[IKE_COMPARISON_TEXT], peer[IKE_COMPARISON_TEXT];
		bool differs;
	} row[IKE_COMPARISON_ROWS];
};

#endif
