/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exchange collisions: what to do with a request of the peer while a request of ours is open, and
 * which of two crossing rekeyings is redundant.  Pure tables and comparisons.
 * RFC 7296 sections 1.4.1, 2.8.1, 2.8.2, 2.25.1 and 2.25.2.
 */
#ifndef IKEV2_COLLISION_H
#define IKEV2_COLLISION_H

#include "platform/base/bytes.h"

/* What is open on our side.  "same" means the Child SA that the peer's request names. */
enum collision_mine {
	MINE_NOTHING,
	MINE_CHILD_CREATE,
	MINE_CHILD_REKEY_SAME,
	MINE_CHILD_REKEY_OTHER,
	MINE_CHILD_DELETE_SAME,
	MINE_CHILD_DELETE_OTHER,
	MINE_IKE_REKEY,
	MINE_IKE_DELETE,
	MINE_COUNT
};

/* What the peer asks for. */
enum collision_theirs {
	THEIRS_CHILD_CREATE,
	THEIRS_CHILD_REKEY,
	THEIRS_CHILD_DELETE,
	THEIRS_IKE_REKEY,
	THEIRS_IKE_DELETE,
	THEIRS_COUNT
};

enum collision_verdict {
	COLLISION_ANSWER,	      /* as usual */
	COLLISION_ANSWER_AND_COMPARE, /* as usual; nonces decide later which one is redundant */
	COLLISION_ANSWER_NO_DELETE,   /* act on it, but the answer has no Delete payload */
	COLLISION_ANSWER_FORGET_MINE, /* as usual; our own request is abandoned */
	COLLISION_TEMPORARY_FAILURE,
};

enum collision_verdict collision_verdict(enum collision_mine mine, enum collision_theirs theirs);

/* True when the exchange with nonces (a1, a2) made the redundant SA: it has the lowest of all
 * four nonces.  Its creator deletes it. */
bool collision_first_is_redundant(struct view a1, struct view a2, struct view b1, struct view b2);

#endif
