/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between ikesh and ikeshd: what decodes, encodes to the same octets again. */
#include "shell/wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[WIRE_MESSAGE_MAX];
	struct wire_message m;
	size_t len = 0;

	if (wire_decode(view_of(data, size), &m) != 0)
		return 0;
	if ((m.type == WIRE_HELLO || m.type == WIRE_WELCOME) && m.version != WIRE_VERSION)
		return 0; /* of another version only the number is known */
	if (wire_encode(&m, buf, sizeof(buf), &len) != 0 || len != size ||
	    memcmp(buf, data, size) != 0)
		abort();
	return 0;
}
