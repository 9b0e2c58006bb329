/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bounded byte reader and writer: the only way in which bytes from the wire are taken apart or put
 * together.  Both are sticky: after the first overrun every further call is harmless, the reader
 * yields zeros, and `failed` is true, so that a decoder checks once at the end of a structure.
 * Integers are big-endian (network order).
 */
#ifndef PLATFORM_BASE_BYTES_H
#define PLATFORM_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed, read-only bytes; never outlives the buffer it looks into. */
struct view {
	const uint8_t *data;
	size_t len;
};

static inline struct view view_of(const void *data, size_t len)
{
	return (struct view){.data = data, .len = len};
}

/* True when both views hold the same bytes; not constant-time, never for secrets. */
bool view_equal(struct view a, struct view b);

struct reader {
	const uint8_t *data;
	size_t len;
	size_t at;
	bool failed;
};

struct reader reader_of(struct view v);
size_t reader_left(const struct reader *r); /* 0 after a failure */
uint8_t reader_u8(struct reader *r);
uint16_t reader_u16(struct reader *r);
uint32_t reader_u32(struct reader *r);
uint64_t reader_u64(struct reader *r);
struct view reader_view(struct reader *r, size_t len); /* empty view after a failure */
struct view reader_rest(struct reader *r);
void reader_skip(struct reader *r, size_t len);
void reader_copy(struct reader *r, void *dst, size_t len); /* zero-fills dst after a failure */

/* Writes into a caller's buffer of fixed size. */
struct writer {
	uint8_t *data;
	size_t cap;
	size_t len;
	bool failed;
};

struct writer writer_of(void *buf, size_t cap);
struct view writer_view(const struct writer *w);
void writer_u8(struct writer *w, uint8_t v);
void writer_u16(struct writer *w, uint16_t v);
void writer_u32(struct writer *w, uint32_t v);
void writer_u64(struct writer *w, uint64_t v);
void writer_bytes(struct writer *w, const void *src, size_t len);
void writer_put(struct writer *w, struct view v);
void writer_zero(struct writer *w, size_t len);
/* Overwrite two or four bytes at an earlier offset (lengths, checksums). */
void writer_set_u8(struct writer *w, size_t at, uint8_t v);
void writer_set_u16(struct writer *w, size_t at, uint16_t v);
void writer_set_u32(struct writer *w, size_t at, uint32_t v);

#endif
