/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reassembly of one fragmented message (RFC 7383 section 2.6): decrypted fragments in an array by
 * number.  Bounded; only authentic fragments may be added.
 */
#ifndef IKEV2_FRAG_H
#define IKEV2_FRAG_H

#include "platform/base/bytes.h"
#include "platform/base/err.h"

#include <stdbool.h>

#define FRAG_COUNT_MAX 64
#define FRAG_BYTES_MAX 16384
#define FRAG_MS	       30000 /* an assembly that is not complete by then is given up */

struct frag_part {
	uint8_t *data;
	size_t len;
};

struct frag {
	uint32_t message_id;
	uint16_t total; /* 0: nothing is being assembled */
	uint16_t got;
	size_t bytes;
	uint8_t first; /* type of the first payload, from fragment 1 */
	uint64_t started_ms;
	struct frag_part *part; /* total of them */
};

void frag_clear(struct frag *f); /* safe on a zeroed one */

/* Gives the assembly up when its time is over. */
void frag_expire(struct frag *f, uint64_t now_ms);

/* Worth decrypting?  False for a duplicate, a total below that of the assembly under way, a number
 * or total beyond the limits, or an older message. */
bool frag_wanted(const struct frag *f, uint32_t message_id, uint16_t number, uint16_t total);

/* Keep a copy of an authentic fragment's plaintext.  A higher total or another message id starts
 * anew.  0: stored; ERR_EXISTS: not wanted; ERR_NO_SPACE: limit, all was dropped. */
int frag_add(struct frag *f, uint64_t now_ms, uint32_t message_id, uint16_t number, uint16_t total,
	     uint8_t first, struct view plain) WARN_UNUSED;

bool frag_is_complete(const struct frag *f);
/* Join all parts into buf (FRAG_BYTES_MAX octets suffice); ERR_WRONG_STATE while incomplete. */
int frag_join(const struct frag *f, uint8_t *buf, size_t cap, struct view *out) WARN_UNUSED;

#endif
