/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Token buckets in an array by keyed hash of the network. */
#include "dataplane/dns/dns_limit.h"

#include "platform/base/map.h"

#define ONE	   1000U
#define NETWORK_V4 3 /* octets */
#define NETWORK_V6 7
#define REFILL_MS  (DNS_LIMIT_BURST * 1000ULL / DNS_LIMIT_RATE)

enum dns_limit_verdict dns_limit_take(struct dns_limit *l, uint64_t now_ms,
				      const struct ip_addr *from)
{
	size_t len = from->family == IP_V4 ? NETWORK_V4 : NETWORK_V6;
	size_t i = siphash(l->key, from->bytes, len) % DNS_LIMIT_PLACES;
	uint64_t passed = now_ms - l->places[i].at_ms;
	uint64_t tokens = l->places[i].tokens + passed * DNS_LIMIT_RATE * ONE / 1000;

	if (l->places[i].at_ms == 0 || passed > REFILL_MS || tokens > DNS_LIMIT_BURST * ONE)
		tokens = DNS_LIMIT_BURST * ONE;
	l->places[i].at_ms = now_ms;
	if (tokens >= ONE) {
		l->places[i].tokens = (uint32_t)(tokens - ONE);
		return DNS_LIMIT_ANSWER;
	}
	l->places[i].tokens = (uint32_t)tokens;
	return l->places[i].beyond++ % 2 == 0 ? DNS_LIMIT_TRUNCATE : DNS_LIMIT_DROP;
}
