/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many answers a network may have: 20 a second with bursts of 100 for each /24 or /56, in a
 * table of fixed size.  Networks that fall into one place share it.
 */
#ifndef DATAPLANE_DNS_DNS_LIMIT_H
#define DATAPLANE_DNS_DNS_LIMIT_H

#include "platform/base/ip.h"

#define DNS_LIMIT_PLACES 4096
#define DNS_LIMIT_RATE	 20
#define DNS_LIMIT_BURST	 100

enum dns_limit_verdict {
	DNS_LIMIT_ANSWER,
	DNS_LIMIT_TRUNCATE, /* every other one beyond: a real asker comes back over TCP */
	DNS_LIMIT_DROP,
};

struct dns_limit {
	uint8_t key[16]; /* random: nobody chooses who shares his place */
	struct {
		uint32_t tokens; /* thousandths of an answer */
		uint32_t beyond;
		uint64_t at_ms;
	} places[DNS_LIMIT_PLACES];
};

enum dns_limit_verdict dns_limit_take(struct dns_limit *l, uint64_t now_ms,
				      const struct ip_addr *from);

#endif
