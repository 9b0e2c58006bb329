/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plain data written out and taken in again.  One function per structure walks its members in both
 * directions, so that writer and reader cannot disagree.  What is read may be anything: a member
 * that is cut short or out of range makes the record failed, and everything after it zero.  Keys
 * pass through: the bytes are held in a secret.
 */
#ifndef IKEV2_RECORD_H
#define IKEV2_RECORD_H

#include "platform/base/bytes.h"
#include "platform/base/secret.h"

#include <stdbool.h>

struct tunnel;

struct record {
	bool loading;
	bool failed;
	struct secret out; /* writing: room; the first len octets are used */
	size_t len;
	struct reader in; /* reading */
	enum { RECORD_ALL, RECORD_NO_TUNNEL, RECORD_ONE_TUNNEL } scope;
	const struct tunnel *tunnel; /* RECORD_ONE_TUNNEL: this one and all that belongs to it */
};

/* An empty one to write to; free with record_clear. */
void record_write(struct record *r);
void record_read(struct record *r, struct view bytes); /* bytes are borrowed */
void record_clear(struct record *r);
/* What was written, without the unused room; r is empty afterwards. */
void record_take(struct record *r, struct secret *out);
/* Everything was there, and nothing is left. */
bool record_is_complete(const struct record *r);

void record_fail(struct record *r);
/* A member is not what it can be. */
void record_check(struct record *r, bool holds);

void record_u8(struct record *r, uint8_t *v);
void record_u16(struct record *r, uint16_t *v);
void record_u32(struct record *r, uint32_t *v);
void record_u64(struct record *r, uint64_t *v);
void record_bool(struct record *r, bool *v);
void record_octets(struct record *r, void *p, size_t len);
/* Below count; gives what was written or read, for enumerations and small numbers. */
unsigned record_below(struct record *r, unsigned v, unsigned count);
/* How many follow, at most max; 0 after a failure. */
size_t record_count(struct record *r, size_t count, size_t max);
/* Text in an array of size octets, with NUL. */
void record_text(struct record *r, char *text, size_t size);
/* At most max octets; when reading, s held nothing before, or is overwritten. */
void record_secret(struct record *r, struct secret *s, size_t max);
/* Octets that are owned by *p (free); NULL when there are none. */
void record_buffer(struct record *r, uint8_t **p, size_t *len, size_t max);

#endif
