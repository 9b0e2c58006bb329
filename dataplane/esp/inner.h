/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inner packet: what selectors, steering and path MTU need to know of an IPv4 or IPv6 packet
 * (RFC 791, RFC 8200).  Reads only; changes are made by ecn.c.
 */
#ifndef DATAPLANE_ESP_INNER_H
#define DATAPLANE_ESP_INNER_H

#include "platform/base/bytes.h"
#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Addresses point into the packet. */
struct esp_inner {
	uint8_t family;	  /* enum ip_family */
	uint8_t tos;	  /* TOS or traffic class: DSCP and ECN */
	uint8_t protocol; /* upper layer; of a later fragment as far as it is known */
	/* What all fragments of a packet agree on: the protocol, or IPv6: the next header of the
	 * Fragment header. */
	uint8_t flow_protocol;
	bool fragment;	/* part of a fragmented packet, the first one included */
	bool later;	/* a fragment that does not begin the packet */
	bool df;	/* IPv4 only */
	bool has_ports; /* src_port and dst_port hold ports; never with `later` */
	bool has_type;	/* they hold type * 256 + code of ICMP or type * 256 of MH, both the same */
	uint16_t src_port, dst_port;
	const uint8_t *src, *dst; /* 4 or 16 octets */
	size_t upper;		  /* offset of the upper layer header */
	size_t len;		  /* of the packet as its header says: octets behind are padding */
};

/* ERR_INVALID: not a well-formed IPv4 or IPv6 packet, or longer than the octets given.  A truncated
 * upper layer is no error: has_ports and has_type are false then. */
int esp_inner_parse(struct view packet, struct esp_inner *out) WARN_UNUSED;

#endif
