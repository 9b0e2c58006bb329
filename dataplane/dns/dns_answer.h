/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers of an authoritative name server for one small zone (RFC 1034, RFC 1035, RFC 2308,
 * RFC 6891).  Pure: bytes in, bytes out; it knows no socket and no configuration.
 */
#ifndef DATAPLANE_DNS_DNS_ANSWER_H
#define DATAPLANE_DNS_DNS_ANSWER_H

#include "platform/base/bytes.h"
#include "platform/base/ip.h"

#define DNS_QUERY_MIN  12   /* a header */
#define DNS_ANSWER_MAX 1232 /* what passes everywhere unfragmented */
#define DNS_LABEL_MAX  64   /* with NUL */
#define DNS_NAME_MAX   255
#define DNS_TTL	       30

enum dns_found {
	DNS_NO_NAME, /* no tunnel has it */
	DNS_NO_DATA, /* one has it, but no PoP is in service */
	DNS_ADDRESS,
};

struct dns_zone {
	const char *name; /* "ipsec.example.net", no dot at the end */
	uint32_t serial;
	/* What a name directly below the zone stands for; label in lower case. */
	enum dns_found (*find)(void *arg, const char *label, const struct ip_addr *asker,
			       struct ip_addr *out);
	void *arg;
};

enum dns_outcome {
	DNS_SILENT, /* no answer is due */
	DNS_ANSWERED,
	DNS_NXDOMAIN,
	DNS_REFUSED,
	DNS_MALFORMED,
	DNS_UNSUPPORTED,
	DNS_FAILED,
};

/* Write the answer to query, which came from `from`, into out (at least DNS_ANSWER_MAX); returns
 * its length, 0: none.  A query that says in whose name it asks (RFC 7871) counts as from there.
 * truncate: only a header that says "ask again over TCP" (TC). */
size_t dns_answer(const struct dns_zone *z, struct view query, const struct ip_addr *from,
		  bool truncate, uint8_t *out, enum dns_outcome *outcome);

#endif
