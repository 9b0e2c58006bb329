/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of collisions. */
#include "ikev2/collision.h"

#include "ikev2/payload_nonce.h"

/* Rows: ours; columns: theirs.  The last paragraph of each section decides the rare pairs. */
static const enum collision_verdict table[MINE_COUNT][THEIRS_COUNT] = {
	[MINE_NOTHING] = {COLLISION_ANSWER, COLLISION_ANSWER, COLLISION_ANSWER, COLLISION_ANSWER,
			  COLLISION_ANSWER},
	/* 2.25.2: no IKE SA rekeying while a Child SA is being created, rekeyed or closed. */
	[MINE_CHILD_CREATE] = {COLLISION_ANSWER, COLLISION_ANSWER, COLLISION_ANSWER,
			       COLLISION_TEMPORARY_FAILURE, COLLISION_ANSWER_FORGET_MINE},
	/* 2.25.1 and 2.8.1 */
	[MINE_CHILD_REKEY_SAME] = {COLLISION_ANSWER, COLLISION_ANSWER_AND_COMPARE, COLLISION_ANSWER,
				   COLLISION_TEMPORARY_FAILURE, COLLISION_ANSWER_FORGET_MINE},
	[MINE_CHILD_REKEY_OTHER] = {COLLISION_ANSWER, COLLISION_ANSWER, COLLISION_ANSWER,
				    COLLISION_TEMPORARY_FAILURE, COLLISION_ANSWER_FORGET_MINE},
	/* 2.25.1: rekeying what we close; 1.4.1: crossing deletes. */
	[MINE_CHILD_DELETE_SAME] = {COLLISION_ANSWER, COLLISION_TEMPORARY_FAILURE,
				    COLLISION_ANSWER_NO_DELETE, COLLISION_TEMPORARY_FAILURE,
				    COLLISION_ANSWER_FORGET_MINE},
	[MINE_CHILD_DELETE_OTHER] = {COLLISION_ANSWER, COLLISION_ANSWER, COLLISION_ANSWER,
				     COLLISION_TEMPORARY_FAILURE, COLLISION_ANSWER_FORGET_MINE},
	/* 2.25.2 and 2.8.2 */
	[MINE_IKE_REKEY] = {COLLISION_TEMPORARY_FAILURE, COLLISION_TEMPORARY_FAILURE,
			    COLLISION_ANSWER, COLLISION_ANSWER_AND_COMPARE,
			    COLLISION_ANSWER_FORGET_MINE},
	[MINE_IKE_DELETE] = {COLLISION_TEMPORARY_FAILURE, COLLISION_TEMPORARY_FAILURE,
			     COLLISION_ANSWER, COLLISION_TEMPORARY_FAILURE,
			     COLLISION_ANSWER_FORGET_MINE},
};

enum collision_verdict collision_verdict(enum collision_mine mine, enum collision_theirs theirs)
{
	return table[mine][theirs];
}

bool collision_first_is_redundant(struct view a1, struct view a2, struct view b1, struct view b2)
{
	struct view a = nonce_compare(a1, a2) <= 0 ? a1 : a2;
	struct view b = nonce_compare(b1, b2) <= 0 ? b1 : b2;

	return nonce_compare(a, b) < 0;
}
