/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of the privileged half, as the main half reads them. */
#include "platform/os/broker_wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[BROKER_HEADER + BROKER_REPLY_MAX];
	struct writer w = writer_of(again, sizeof(again));
	struct broker_reply r;

	if (broker_reply_parse(view_of(data, size), &r) != 0)
		return 0;
	broker_reply_write(&r, &w);
	if (w.failed || w.len != BROKER_HEADER + size ||
	    memcmp(again + BROKER_HEADER, data, size) != 0)
		abort();
	return 0;
}
