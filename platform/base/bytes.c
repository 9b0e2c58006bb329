/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounded reader and writer.  Never allocates, never reads or writes outside what it was given. */
#include "platform/base/bytes.h"

#include <string.h>

bool view_equal(struct view a, struct view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

struct reader reader_of(struct view v)
{
	return (struct reader){.data = v.data, .len = v.len};
}

size_t reader_left(const struct reader *r)
{
	return r->failed ? 0 : r->len - r->at;
}

/* The next len bytes, or NULL and failed; len is not 0. */
static const uint8_t *take(struct reader *r, size_t len)
{
	const uint8_t *p;

	if (r->failed || len > r->len - r->at) {
		r->failed = true;
		return NULL;
	}
	p = r->data + r->at;
	r->at += len;
	return p;
}

static uint64_t take_be(struct reader *r, size_t len)
{
	const uint8_t *p = take(r, len);
	uint64_t v = 0;

	if (p == NULL)
		return 0;
	for (size_t i = 0; i < len; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t reader_u8(struct reader *r)
{
	return (uint8_t)take_be(r, 1);
}

uint16_t reader_u16(struct reader *r)
{
	return (uint16_t)take_be(r, 2);
}

uint32_t reader_u32(struct reader *r)
{
	return (uint32_t)take_be(r, 4);
}

uint64_t reader_u64(struct reader *r)
{
	return take_be(r, 8);
}

struct view reader_view(struct reader *r, size_t len)
{
	const uint8_t *p = len == 0 ? NULL : take(r, len);

	return p == NULL ? view_of(NULL, 0) : view_of(p, len);
}

struct view reader_rest(struct reader *r)
{
	return reader_view(r, reader_left(r));
}

void reader_skip(struct reader *r, size_t len)
{
	if (len != 0)
		(void)take(r, len);
}

void reader_copy(struct reader *r, void *dst, size_t len)
{
	const uint8_t *p = len == 0 ? NULL : take(r, len);

	if (p != NULL)
		memcpy(dst, p, len);
	else if (len != 0)
		memset(dst, 0, len);
}

struct writer writer_of(void *buf, size_t cap)
{
	return (struct writer){.data = buf, .cap = cap};
}

struct view writer_view(const struct writer *w)
{
	return view_of(w->data, w->len);
}

/* Room for len bytes, or NULL and failed; len is not 0. */
static uint8_t *room(struct writer *w, size_t len)
{
	uint8_t *p;

	if (w->failed || len > w->cap - w->len) {
		w->failed = true;
		return NULL;
	}
	p = w->data + w->len;
	w->len += len;
	return p;
}

static void put_be(uint8_t *p, uint64_t v, size_t len)
{
	for (size_t i = len; i > 0; i--) {
		p[i - 1] = (uint8_t)v;
		v >>= 8;
	}
}

static void append_be(struct writer *w, uint64_t v, size_t len)
{
	uint8_t *p = room(w, len);

	if (p != NULL)
		put_be(p, v, len);
}

void writer_u8(struct writer *w, uint8_t v)
{
	append_be(w, v, 1);
}

void writer_u16(struct writer *w, uint16_t v)
{
	append_be(w, v, 2);
}

void writer_u32(struct writer *w, uint32_t v)
{
	append_be(w, v, 4);
}

void writer_u64(struct writer *w, uint64_t v)
{
	append_be(w, v, 8);
}

void writer_bytes(struct writer *w, const void *src, size_t len)
{
	uint8_t *p = len == 0 ? NULL : room(w, len);

	if (p != NULL)
		memcpy(p, src, len);
}

void writer_put(struct writer *w, struct view v)
{
	writer_bytes(w, v.data, v.len);
}

void writer_zero(struct writer *w, size_t len)
{
	uint8_t *p = len == 0 ? NULL : room(w, len);

	if (p != NULL)
		memset(p, 0, len);
}

/* Only bytes that were written before may be overwritten. */
static void set_be(struct writer *w, size_t at, uint64_t v, size_t len)
{
	if (w->failed || at > w->len || len > w->len - at) {
		w->failed = true;
		return;
	}
	put_be(w->data + at, v, len);
}

void writer_set_u8(struct writer *w, size_t at, uint8_t v)
{
	set_be(w, at, v, 1);
}

void writer_set_u16(struct writer *w, size_t at, uint16_t v)
{
	set_be(w, at, v, 2);
}

void writer_set_u32(struct writer *w, size_t at, uint32_t v)
{
	set_be(w, at, v, 4);
}
