/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of bytes from one thread to one other, without lock and without system call. */
#ifndef DATAPLANE_ESP_RING_H
#define DATAPLANE_ESP_RING_H

#include "platform/base/bytes.h"

struct ring;

struct ring *ring_new(size_t size); /* a power of two */
void ring_free(struct ring *r);

/* Producer: append a record made of two parts; false when there is no room. */
bool ring_put(struct ring *r, struct view head, struct view body);

/* Consumer: the next record; its first head_len octets into head (it has at least that many), the
 * others into body of cap octets, *body_len of them; a longer record is cut.  False: no record. */
bool ring_get(struct ring *r, void *head, size_t head_len, void *body, size_t cap,
	      size_t *body_len);

#endif
