/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single-producer, single-consumer byte ring.  Positions only grow; each record is its length in 4
 * octets (host order), then its bytes. */
#include "dataplane/esp/ring.h"

#include "platform/base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct ring {
	size_t size;
	uint8_t pad[56];
	_Atomic size_t head; /* written by the producer */
	uint8_t pad_head[56];
	_Atomic size_t tail; /* written by the consumer */
	uint8_t pad_tail[56];
	uint8_t data[];
};

struct ring *ring_new(size_t size)
{
	struct ring *r = mem_zalloc(sizeof(*r) + size);

	atomic_init(&r->head, 0);
	atomic_init(&r->tail, 0);
	r->size = size;
	return r;
}

void ring_free(struct ring *r)
{
	free(r);
}

/* Octets before the end of the buffer from position at, at most len. */
static size_t first_part(const struct ring *r, size_t at, size_t len)
{
	size_t left = r->size - (at & (r->size - 1));

	return len < left ? len : left;
}

static size_t copy_in(struct ring *r, size_t at, const void *src, size_t len)
{
	size_t n = first_part(r, at, len);

	if (len != 0) {
		memcpy(r->data + (at & (r->size - 1)), src, n);
		memcpy(r->data, (const uint8_t *)src + n, len - n);
	}
	return at + len;
}

static size_t copy_out(const struct ring *r, size_t at, void *dst, size_t len)
{
	size_t n = first_part(r, at, len);

	if (len != 0) {
		memcpy(dst, r->data + (at & (r->size - 1)), n);
		memcpy((uint8_t *)dst + n, r->data, len - n);
	}
	return at + len;
}

bool ring_put(struct ring *r, struct view head, struct view body)
{
	uint32_t len = (uint32_t)(head.len + body.len);
	size_t at = atomic_load_explicit(&r->head, memory_order_relaxed);
	size_t used = at - atomic_load_explicit(&r->tail, memory_order_acquire);

	if (sizeof(len) + len > r->size - used)
		return false;
	at = copy_in(r, at, &len, sizeof(len));
	at = copy_in(r, at, head.data, head.len);
	at = copy_in(r, at, body.data, body.len);
	atomic_store_explicit(&r->head, at, memory_order_release);
	return true;
}

bool ring_get(struct ring *r, void *head, size_t head_len, void *body, size_t cap, size_t *body_len)
{
	size_t at = atomic_load_explicit(&r->tail, memory_order_relaxed);
	uint32_t whole;
	size_t len;

	if (at == atomic_load_explicit(&r->head, memory_order_acquire))
		return false;
	at = copy_out(r, at, &whole, sizeof(whole));
	len = whole - head_len < cap ? whole - head_len : cap;
	(void)copy_out(r, copy_out(r, at, head, head_len), body, len);
	atomic_store_explicit(&r->tail, at + whole, memory_order_release);
	*body_len = len;
	return true;
}
