/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reassembly: the input is a list of fragments (message id, number, total, length, octets).  The
 * limits hold at every step. */
#include "ikev2/frag.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t joined[FRAG_BYTES_MAX];
	struct reader r = reader_of(view_of(data, size));
	struct frag f = {0};

	while (reader_left(&r)) {
		uint8_t id = reader_u8(&r), number = reader_u8(&r), total = reader_u8(&r);
		size_t len = (size_t)reader_u8(&r) * 16;
		struct view plain;
		struct view out;

		len = len < reader_left(&r) ? len : reader_left(&r);
		plain = reader_view(&r, len);
		(void)!frag_add(&f, 0, id, number, total, 33, plain);
		must(f.bytes <= FRAG_BYTES_MAX && f.total <= FRAG_COUNT_MAX && f.got <= f.total);
		if (frag_is_complete(&f)) {
			must(frag_join(&f, joined, sizeof(joined), &out) == 0);
			must(out.len == f.bytes);
			frag_clear(&f);
		}
	}
	frag_clear(&f);
	return 0;
}
