/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses, endpoints, prefixes and ranges as values (RFC 4291, RFC 5952 text).  Never allocates,
 * never resolves names.
 */
#include "platform/base/ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

size_t ip_addr_len(const struct ip_addr *a)
{
	return a->family == IP_V4 ? 4 : a->family == IP_V6 ? 16 : 0;
}

static unsigned addr_bits(const struct ip_addr *a)
{
	return (unsigned)ip_addr_len(a) * 8;
}

bool ip_addr_is_set(const struct ip_addr *a)
{
	return ip_addr_len(a) != 0;
}

bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b)
{
	return ip_addr_compare(a, b) == 0;
}

int ip_addr_compare(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, ip_addr_len(a));
}

struct ip_addr ip_addr_v4(uint32_t host_order)
{
	struct ip_addr a = {.family = IP_V4};

	for (unsigned i = 0; i < 4; i++)
		a.bytes[i] = (uint8_t)(host_order >> (24 - 8 * i));
	return a;
}

struct ip_addr ip_addr_from_bytes(const uint8_t *bytes, size_t len)
{
	struct ip_addr a = {.family = IP_NONE};

	if (len != 4 && len != 16)
		return a;
	a.family = len == 4 ? IP_V4 : IP_V6;
	memcpy(a.bytes, bytes, len);
	return a;
}

bool ip_addr_is_multicast(const struct ip_addr *a)
{
	if (a->family == IP_V4)
		return (a->bytes[0] & 0xf0) == 0xe0;
	return a->family == IP_V6 && a->bytes[0] == 0xff;
}

bool ip_addr_is_private(const struct ip_addr *a)
{
	const uint8_t *b = a->bytes;

	if (a->family == IP_V6)
		return (b[0] & 0xfe) == 0xfc; /* fc00::/7, RFC 4193 */
	if (a->family != IP_V4)
		return false;
	return b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) ||
	       (b[0] == 192 && b[1] == 168) ||	     /* RFC 1918 */
	       (b[0] == 100 && (b[1] & 0xc0) == 64); /* 100.64.0.0/10, RFC 6598 */
}

static bool bit_at(const struct ip_addr *a, unsigned bit)
{
	return (a->bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

/* All bits from `bit` on become 0 or 1. */
static void fill_from(struct ip_addr *a, unsigned bit, bool ones)
{
	size_t at = bit / 8;

	if (bit % 8 != 0 && bit < addr_bits(a)) {
		uint8_t rest = (uint8_t)(0xff >> bit % 8);

		a->bytes[at] = (uint8_t)(ones ? a->bytes[at] | rest : a->bytes[at] & ~rest);
		at++;
	}
	for (; at < ip_addr_len(a); at++)
		a->bytes[at] = ones ? 0xff : 0;
}

int ip_addr_parse(const char *text, struct ip_addr *out)
{
	struct ip_addr a = {.family = IP_NONE};

	/* inet_pton takes whole strings only: no spaces, zones, leading zeros or short forms */
	if (inet_pton(AF_INET, text, a.bytes) == 1)
		a.family = IP_V4;
	else if (inet_pton(AF_INET6, text, a.bytes) == 1)
		a.family = IP_V6;
	else
		return ERR_INVALID;
	*out = a;
	return 0;
}

/* Parse the part of text that ends before end. */
static int parse_part(const char *text, const char *end, struct ip_addr *out)
{
	char part[IP_TEXT_MAX];
	size_t len = (size_t)(end - text);

	if (len >= sizeof(part))
		return ERR_INVALID;
	memcpy(part, text, len);
	part[len] = '\0';
	return ip_addr_parse(part, out);
}

/* Up to three decimal digits without leading zero. */
static int parse_len(const char *text, unsigned max, uint8_t *out)
{
	unsigned v = 0;
	size_t i;

	for (i = 0; i < 3 && text[i] >= '0' && text[i] <= '9'; i++)
		v = v * 10 + (unsigned)(text[i] - '0');
	if (i == 0 || text[i] != '\0' || (i > 1 && text[0] == '0'))
		return ERR_INVALID;
	if (v > max)
		return ERR_RANGE;
	*out = (uint8_t)v;
	return 0;
}

static int parse_port(const char *text, uint16_t *out)
{
	unsigned v = 0;
	size_t i;

	for (i = 0; i < 5 && text[i] >= '0' && text[i] <= '9'; i++)
		v = v * 10 + (unsigned)(text[i] - '0');
	if (i == 0 || text[i] != '\0' || text[0] == '0' || v > UINT16_MAX)
		return ERR_INVALID;
	*out = (uint16_t)v;
	return 0;
}

int ip_endpoint_parse(const char *text, struct ip_endpoint *out)
{
	const char *colon = strrchr(text, ':');
	struct ip_endpoint e = {.port = 0};
	bool bracket = text[0] == '[';
	int rc;

	if (colon == NULL || (bracket && colon[-1] != ']'))
		return ERR_INVALID;
	rc = parse_part(text + bracket, colon - bracket, &e.addr);
	if (rc == 0 && (e.addr.family == IP_V6) != bracket)
		rc = ERR_INVALID;
	if (rc == 0)
		rc = parse_port(colon + 1, &e.port);
	if (rc == 0)
		*out = e;
	return rc;
}

int ip_prefix_parse(const char *text, struct ip_prefix *out)
{
	const char *slash = strchr(text, '/');
	struct ip_prefix p;
	struct ip_addr network;
	int rc;

	if (slash == NULL)
		return ERR_INVALID;
	rc = parse_part(text, slash, &p.addr);
	if (rc == 0)
		rc = parse_len(slash + 1, addr_bits(&p.addr), &p.len);
	if (rc != 0)
		return rc;
	network = p.addr;
	fill_from(&network, p.len, false);
	if (!ip_addr_equal(&network, &p.addr))
		return ERR_RANGE;
	*out = p;
	return 0;
}

int ip_range_parse(const char *text, struct ip_range *out)
{
	const char *dash = strchr(text, '-');
	struct ip_range r;
	struct ip_prefix p;
	int rc;

	if (strchr(text, '/') != NULL) {
		rc = ip_prefix_parse(text, &p);
		if (rc == 0)
			*out = ip_range_of_prefix(&p);
		return rc;
	}
	if (dash == NULL) {
		rc = ip_addr_parse(text, &r.first);
		r.last = r.first;
	} else {
		rc = parse_part(text, dash, &r.first);
		if (rc == 0)
			rc = ip_addr_parse(dash + 1, &r.last);
	}
	if (rc != 0)
		return rc;
	if (r.first.family != r.last.family || ip_addr_compare(&r.first, &r.last) > 0)
		return ERR_RANGE;
	*out = r;
	return 0;
}

const char *ip_addr_text(const struct ip_addr *a, char *buf, size_t size)
{
	char text[INET6_ADDRSTRLEN] = "any";

	if (ip_addr_is_set(a))
		(void)inet_ntop(a->family == IP_V4 ? AF_INET : AF_INET6, a->bytes, text,
				sizeof(text));
	(void)snprintf(buf, size, "%s", text);
	return buf;
}

const char *ip_endpoint_text(const struct ip_endpoint *e, char *buf, size_t size)
{
	char text[IP_TEXT_MAX];
	bool v6 = e->addr.family == IP_V6;

	ip_addr_text(&e->addr, text, sizeof(text));
	(void)snprintf(buf, size, "%s%s%s:%u", v6 ? "[" : "", text, v6 ? "]" : "", e->port);
	return buf;
}

const char *ip_prefix_text(const struct ip_prefix *p, char *buf, size_t size)
{
	char text[IP_TEXT_MAX];

	ip_addr_text(&p->addr, text, sizeof(text));
	if (ip_addr_is_set(&p->addr))
		(void)snprintf(buf, size, "%s/%u", text, p->len);
	else
		(void)snprintf(buf, size, "%s", text);
	return buf;
}

const char *ip_range_text(const struct ip_range *r, char *buf, size_t size)
{
	char first[IP_TEXT_MAX];
	char last[IP_TEXT_MAX];
	struct ip_prefix p;

	if (!ip_addr_is_set(&r->first))
		return ip_addr_text(&r->first, buf, size);
	if (ip_range_prefixes(r, &p, 1) == 1)
		return ip_prefix_text(&p, buf, size);
	(void)snprintf(buf, size, "%s-%s", ip_addr_text(&r->first, first, sizeof(first)),
		       ip_addr_text(&r->last, last, sizeof(last)));
	return buf;
}

bool ip_endpoint_equal(const struct ip_endpoint *a, const struct ip_endpoint *b)
{
	return a->port == b->port && ip_addr_equal(&a->addr, &b->addr);
}

bool ip_prefix_equal(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return a->len == b->len && ip_addr_equal(&a->addr, &b->addr);
}

bool ip_prefix_contains(const struct ip_prefix *p, const struct ip_addr *a)
{
	struct ip_range r = ip_range_of_prefix(p);

	return ip_range_contains(&r, a);
}

struct ip_range ip_range_of_prefix(const struct ip_prefix *p)
{
	struct ip_range r = {.first = p->addr, .last = p->addr};

	fill_from(&r.first, p->len, false);
	fill_from(&r.last, p->len, true);
	return r;
}

struct ip_range ip_range_any(enum ip_family family)
{
	struct ip_prefix p = {.addr = {.family = (uint8_t)family}, .len = 0};

	return ip_range_of_prefix(&p);
}

bool ip_range_is_any(const struct ip_range *r)
{
	struct ip_range any = ip_range_any((enum ip_family)r->first.family);

	return ip_addr_is_set(&r->first) && ip_range_equal(r, &any);
}

bool ip_range_equal(const struct ip_range *a, const struct ip_range *b)
{
	return ip_addr_equal(&a->first, &b->first) && ip_addr_equal(&a->last, &b->last);
}

bool ip_range_contains(const struct ip_range *r, const struct ip_addr *a)
{
	return ip_addr_is_set(a) && r->first.family == a->family &&
	       ip_addr_compare(&r->first, a) <= 0 && ip_addr_compare(a, &r->last) <= 0;
}

bool ip_range_covers(const struct ip_range *outer, const struct ip_range *inner)
{
	return ip_range_contains(outer, &inner->first) && ip_range_contains(outer, &inner->last);
}

bool ip_range_overlaps(const struct ip_range *a, const struct ip_range *b)
{
	return ip_range_contains(a, &b->first) || ip_range_contains(b, &a->first);
}

bool ip_range_intersect(const struct ip_range *a, const struct ip_range *b, struct ip_range *out)
{
	struct ip_range r;

	if (!ip_range_overlaps(a, b))
		return false;
	r.first = ip_addr_compare(&a->first, &b->first) > 0 ? a->first : b->first;
	r.last = ip_addr_compare(&a->last, &b->last) < 0 ? a->last : b->last;
	*out = r;
	return true;
}

/* The shortest prefix that begins at first and does not reach beyond last. */
static struct ip_prefix widest_prefix(const struct ip_addr *first, const struct ip_addr *last)
{
	struct ip_prefix p = {.addr = *first, .len = (uint8_t)addr_bits(first)};

	while (p.len > 0 && !bit_at(first, p.len - 1u)) {
		struct ip_prefix wider = {.addr = *first, .len = (uint8_t)(p.len - 1)};
		struct ip_range r = ip_range_of_prefix(&wider);

		if (ip_addr_compare(&r.last, last) > 0)
			break;
		p = wider;
	}
	return p;
}

/* The address after a; a is not the last one of its family. */
static struct ip_addr next_addr(struct ip_addr a)
{
	size_t i = ip_addr_len(&a);

	while (i > 0 && ++a.bytes[i - 1] == 0)
		i--;
	return a;
}

size_t ip_range_prefixes(const struct ip_range *r, struct ip_prefix *out, size_t max)
{
	struct ip_addr at = r->first;
	size_t count = 0;

	if (!ip_range_contains(r, &r->first))
		return 0;
	for (;;) {
		struct ip_prefix p = widest_prefix(&at, &r->last);
		struct ip_range covered = ip_range_of_prefix(&p);

		if (count < max)
			out[count] = p;
		count++;
		/* compared before stepping on: there is nothing after the last address */
		if (ip_addr_equal(&covered.last, &r->last))
			return count;
		at = next_addr(covered.last);
	}
}
