/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a network rule looks at in a packet, seen in the direction towards the site.  Pure values;
 * every worker matches with them.
 */
#ifndef DATAPLANE_NET_MATCH_H
#define DATAPLANE_NET_MATCH_H

#include "platform/base/ip.h"

#include <stdbool.h>
#include <stdint.h>

struct net_ports {
	bool set;
	uint16_t first, last; /* inclusive */
};

/* All that are set must hold; none set: every packet. */
struct net_match {
	struct ip_range source, destination; /* first.family IP_NONE: any */
	bool has_protocol;
	uint8_t protocol; /* IP protocol number; of the last header in IPv6 */
	struct net_ports source_port, destination_port; /* fit TCP, UDP, SCTP, DCCP and UDP-Lite */
	bool has_dscp;
	uint8_t dscp; /* 0..63 */
};

struct net_packet {
	struct ip_addr source, destination;
	uint8_t protocol;
	bool has_ports; /* false also in later fragments */
	uint16_t source_port, destination_port;
	uint8_t dscp;
};

bool net_match_packet(const struct net_match *m, const struct net_packet *p);
bool net_match_equal(const struct net_match *a, const struct net_match *b);

#endif
