/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The name server's sockets: UDP and TCP at one address.  What names stand for is asked of the
 * owner. */
#ifndef DATAPLANE_DNS_DNS_SERVER_H
#define DATAPLANE_DNS_DNS_SERVER_H

#include "dataplane/dns/dns_answer.h"

struct dns_server;
struct loop;

#define DNS_PORT 53

struct dns_counters {
	uint64_t udp, tcp; /* queries */
	uint64_t answered, nxdomain, refused, malformed, unsupported, failed;
	uint64_t limited; /* truncated or dropped for their rate */
};

/* zone is copied, its strings are borrowed.  NULL with e: address in use. */
struct dns_server *dns_server_new(struct loop *loop, const struct ip_endpoint *at,
				  const struct dns_zone *zone, struct err_msg *e);
void dns_server_free(struct dns_server *s);
const struct dns_counters *dns_server_counters(const struct dns_server *s);

#endif
