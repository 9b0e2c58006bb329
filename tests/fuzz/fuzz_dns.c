/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries to the name server; the first octet says how they came. */
#include "dataplane/dns/dns_answer.h"

#include <stdlib.h>
#include <string.h>

static enum dns_found find(void *arg, const char *label, const struct ip_addr *asker,
			   struct ip_addr *out)
{
	(void)arg;
	(void)asker;
	*out = ip_addr_v4(0xcb00710a);
	return strlen(label) > 4 ? DNS_ADDRESS : DNS_NO_NAME;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ip_addr from = ip_addr_v4(0xc0000201);
	static const struct dns_zone zone = {.name = "n.net", .find = find};
	uint8_t out[DNS_ANSWER_MAX];
	enum dns_outcome outcome;
	size_t len;

	if (size == 0)
		return 0;
	len = dns_answer(&zone, view_of(data + 1, size - 1), &from, data[0] & 1, out, &outcome);
	if (len > sizeof(out) || (len != 0 && len < DNS_QUERY_MIN))
		abort();
	return 0;
}
