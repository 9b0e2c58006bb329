/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IP addresses, endpoints, prefixes and ranges of both families, as plain values.
 */
#ifndef PLATFORM_BASE_IP_H
#define PLATFORM_BASE_IP_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ip_family {
	IP_NONE = 0, /* "any", "not set" */
	IP_V4 = 4,
	IP_V6 = 6,
};

/* Network order, first 4 or all 16 bytes used; the rest is zero, so that memcmp compares. */
struct ip_addr {
	uint8_t family; /* enum ip_family */
	uint8_t bytes[16];
};

struct ip_endpoint {
	struct ip_addr addr;
	uint16_t port; /* host order */
};

struct ip_prefix {
	struct ip_addr addr; /* host bits are zero */
	uint8_t len;
};

/* Inclusive; both ends of one family, first <= last. */
struct ip_range {
	struct ip_addr first;
	struct ip_addr last;
};

#define IP_TEXT_MAX	  64 /* any one address or endpoint as text, with NUL */
#define IP_RANGE_TEXT_MAX 96 /* "first-last" or a prefix, with NUL */

size_t ip_addr_len(const struct ip_addr *a); /* 4, 16 or 0 */
bool ip_addr_is_set(const struct ip_addr *a);
bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b);
int ip_addr_compare(const struct ip_addr *a, const struct ip_addr *b); /* family, then bytes */
struct ip_addr ip_addr_v4(uint32_t host_order);
/* len must be 4 or 16, otherwise the result is not set. */
struct ip_addr ip_addr_from_bytes(const uint8_t *bytes, size_t len);
bool ip_addr_is_multicast(const struct ip_addr *a);
bool ip_addr_is_private(const struct ip_addr *a); /* RFC 1918, RFC 6598, RFC 4193 */

/* Strict parse of a whole string: dotted quad or RFC 4291 text.  ERR_INVALID otherwise. */
int ip_addr_parse(const char *text, struct ip_addr *out) WARN_UNUSED;
/* "1.2.3.4:500" or "[::1]:500", port 1 to 65535; ERR_INVALID otherwise. */
int ip_endpoint_parse(const char *text, struct ip_endpoint *out) WARN_UNUSED;
int ip_prefix_parse(const char *text,
		    struct ip_prefix *out) WARN_UNUSED; /* host bits set: ERR_RANGE */
/* "a.b.c.d", "a.b.c.d/len" or "first-last"; a family mix or first > last is ERR_RANGE. */
int ip_range_parse(const char *text, struct ip_range *out) WARN_UNUSED;

/* All write at most size bytes with NUL and return buf; "any" for an address that is not set. */
const char *ip_addr_text(const struct ip_addr *a, char *buf, size_t size);
const char *ip_endpoint_text(const struct ip_endpoint *e, char *buf,
			     size_t size); /* 1.2.3.4:500, [::1]:500 */
const char *ip_prefix_text(const struct ip_prefix *p, char *buf, size_t size);
const char *ip_range_text(const struct ip_range *r, char *buf,
			  size_t size); /* prefix when it is one */

bool ip_endpoint_equal(const struct ip_endpoint *a, const struct ip_endpoint *b);
bool ip_prefix_equal(const struct ip_prefix *a, const struct ip_prefix *b);
bool ip_prefix_contains(const struct ip_prefix *p, const struct ip_addr *a);
struct ip_range ip_range_of_prefix(const struct ip_prefix *p);
struct ip_range ip_range_any(enum ip_family family); /* 0.0.0.0-255.255.255.255 or the IPv6 one */
bool ip_range_is_any(const struct ip_range *r);
bool ip_range_equal(const struct ip_range *a, const struct ip_range *b);
bool ip_range_contains(const struct ip_range *r, const struct ip_addr *a);
bool ip_range_covers(const struct ip_range *outer, const struct ip_range *inner);
bool ip_range_overlaps(const struct ip_range *a, const struct ip_range *b);
/* False and out untouched when they do not overlap. */
bool ip_range_intersect(const struct ip_range *a, const struct ip_range *b, struct ip_range *out);
/* Split into the fewest prefixes, in order; writes at most max, returns how many are needed. */
size_t ip_range_prefixes(const struct ip_range *r, struct ip_prefix *out, size_t max);

#endif
