/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Accounting of half-open IKE SAs and of replies to unauthenticated messages: when cookies are
 * asked for, and how many unprotected answers leave.  RFC 7296 sections 2.6, 1.5 and 2.21.4;
 * RFC 8019 section 4 for the prefixes (IPv4 address, IPv6 /64).
 */
#ifndef IKEV2_HALFOPEN_H
#define IKEV2_HALFOPEN_H

#include "platform/base/ip.h"
#include "platform/base/map.h"

struct halfopen {
	uint32_t limit;	    /* hard limit of half-open IKE SAs */
	uint32_t threshold; /* cookies are asked for from here on */
	uint32_t total;
	struct map prefixes;
	bool loaded;
	uint64_t calm_at_ms; /* cookies stay on until then */
	struct {
		uint64_t at_ms;
		uint32_t tokens;
	} global, buckets[64]; /* for unprotected replies */
	uint8_t bucket_key[16];
};

/* key: 16 random bytes. */
void halfopen_init(struct halfopen *h, uint32_t max_ike_sas, uint32_t max_half_open,
		   const uint8_t key[16]);
void halfopen_clear(struct halfopen *h);

bool halfopen_is_full(const struct halfopen *h);
/* Does this peer have more than a sixteenth of all places? */
bool halfopen_is_greedy(const struct halfopen *h, const struct ip_addr *peer);
void halfopen_add(struct halfopen *h, uint64_t now_ms, const struct ip_addr *peer);
void halfopen_remove(struct halfopen *h, uint64_t now_ms, const struct ip_addr *peer);

/* True when a request from this peer must carry a cookie. */
bool halfopen_wants_cookie(struct halfopen *h, uint64_t now_ms, const struct ip_addr *peer);
/* Whether many half-open SAs are there at all (shorter expiry). */
bool halfopen_is_loaded(const struct halfopen *h, uint64_t now_ms);

/* Takes a token for one unprotected reply to this peer; false: stay silent. */
bool halfopen_may_reply(struct halfopen *h, uint64_t now_ms, const struct ip_addr *peer);

#endif
