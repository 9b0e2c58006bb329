/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members of records; see record.h. */
#include "ikev2/record.h"

#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 4096

void record_write(struct record *r)
{
	*r = (struct record){.loading = false};
	secret_alloc(&r->out, ROOM_FIRST);
}

void record_read(struct record *r, struct view bytes)
{
	*r = (struct record){.loading = true, .in = reader_of(bytes)};
}

void record_clear(struct record *r)
{
	secret_clear(&r->out);
	r->len = 0;
}

void record_take(struct record *r, struct secret *out)
{
	secret_set(out, r->out.data, r->len);
	record_clear(r);
}

bool record_is_complete(const struct record *r)
{
	return !r->failed && !r->in.failed && (!r->loading || reader_left(&r->in) == 0);
}

void record_fail(struct record *r)
{
	r->failed = true;
	r->in.failed = true; /* everything else reads as zero */
}

void record_check(struct record *r, bool holds)
{
	if (!holds)
		record_fail(r);
}

/* Room is moved by hand: realloc would leave keys behind. */
static struct writer more(struct record *r, size_t len)
{
	if (r->out.len - r->len < len) {
		struct secret larger = SECRET_NONE;

		secret_alloc(&larger, 2 * r->out.len + len);
		memcpy(larger.data, r->out.data, r->len);
		secret_move(&r->out, &larger);
	}
	r->len += len;
	return writer_of(r->out.data + r->len - len, len);
}

void record_u8(struct record *r, uint8_t *v)
{
	record_octets(r, v, 1);
}

void record_u16(struct record *r, uint16_t *v)
{
	struct writer w;

	if (r->loading) {
		*v = reader_u16(&r->in);
		return;
	}
	w = more(r, sizeof(*v));
	writer_u16(&w, *v);
}

void record_u32(struct record *r, uint32_t *v)
{
	struct writer w;

	if (r->loading) {
		*v = reader_u32(&r->in);
		return;
	}
	w = more(r, sizeof(*v));
	writer_u32(&w, *v);
}

void record_u64(struct record *r, uint64_t *v)
{
	struct writer w;

	if (r->loading) {
		*v = reader_u64(&r->in);
		return;
	}
	w = more(r, sizeof(*v));
	writer_u64(&w, *v);
}

void record_octets(struct record *r, void *p, size_t len)
{
	struct writer w;

	if (len == 0)
		return;
	if (r->loading) {
		reader_copy(&r->in, p, len);
		return;
	}
	w = more(r, len);
	writer_bytes(&w, p, len);
}

unsigned record_below(struct record *r, unsigned v, unsigned count)
{
	uint32_t n = v;

	record_u32(r, &n);
	record_check(r, n < count);
	return n < count ? n : 0;
}

void record_bool(struct record *r, bool *v)
{
	uint8_t n = *v;

	record_u8(r, &n);
	record_check(r, n <= 1);
	*v = n == 1;
}

size_t record_count(struct record *r, size_t count, size_t max)
{
	uint32_t n = (uint32_t)count;

	record_u32(r, &n);
	record_check(r, n <= max);
	return r->failed || r->in.failed ? 0 : n;
}

void record_text(struct record *r, char *text, size_t size)
{
	size_t len = record_count(r, r->loading ? 0 : strnlen(text, size - 1), size - 1);

	record_octets(r, text, len);
	if (r->loading)
		memset(text + len, 0, size - len);
	record_check(r, memchr(text, '\0', len) == NULL);
}

void record_secret(struct record *r, struct secret *s, size_t max)
{
	size_t len = record_count(r, s->len, max);

	if (r->loading) {
		record_check(r, reader_left(&r->in) >= len);
		secret_alloc(s, r->failed ? 0 : len);
	}
	record_octets(r, s->data, s->len);
}

void record_buffer(struct record *r, uint8_t **p, size_t *len, size_t max)
{
	struct view v;

	if (!r->loading) {
		record_octets(r, *p, record_count(r, *len, max));
		return;
	}
	v = reader_view(&r->in, record_count(r, 0, max));
	free(*p);
	*p = mem_dup(v.data, v.len);
	*len = v.len;
}
