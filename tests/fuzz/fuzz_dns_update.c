/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers to dynamic updates; the first octet says whether they have to be signed. */
#include "dataplane/dns/dns_update.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct dns_key keys[2] = {
		{.name = ""},
		{.name = "k", .secret = {.data = (uint8_t *)(uintptr_t) "0123456789", .len = 10}}};
	static struct dns_update_message m;
	const struct dns_update u = {.kind = DNS_UPDATE_CREATE,
				     .zone = "n.net",
				     .name = "p1.n.net",
				     .addr = {.family = IP_V4, .bytes = {203, 0, 113, 10}}};

	if (size == 0)
		return 0;
	if (m.len == 0 && dns_update_write(&u, &keys[1], 0x3030, &m) != 0)
		abort();
	/* Nobody signs without the key. */
	if (dns_update_read(view_of(data + 1, size - 1), &m, &keys[data[0] & 1]) ==
		    DNS_UPDATE_DONE &&
	    (data[0] & 1) != 0)
		abort();
	return 0;
}
