/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NAT traversal: detection, the move to port 4500, keepalives, following a rebinding.
 * RFC 7296 section 2.23, RFC 3948 section 4. */
#ifndef IKEV2_NATT_H
#define IKEV2_NATT_H

#include "ikev2/exchange.h"

#define NATT_PORT	  4500
#define NATT_KEEPALIVE_MS 20000

/* Write both NAT_DETECTION notifies; lie: falsify the one of our own address. */
void natt_write(struct ike_engine *e, struct message_builder *b, const struct ike_sa *sa, bool lie);
/* The same about the path that a request came on (RFC 4555 section 3.8). */
void natt_write_path(struct ike_engine *e, struct message_builder *b, const struct ike_sa *sa,
		     const struct ip_endpoint *local, const struct ip_endpoint *remote);
/* Compare the peer's notifies with what is on the packet, and set nat_local and nat_remote. */
void natt_detect(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in);
/* Does this IKE SA carry its ESP in UDP? */
bool natt_encap(const struct ike_sa *sa);
/* Initiator: on to port 4500 when there is a NAT. */
void natt_float(struct ike_sa *sa);
void natt_keepalive_start(struct ike_engine *e, struct ike_sa *sa);
void natt_on_keepalive(struct ike_engine *e, struct ike_sa *sa);
/* Where ESP of this IKE SA goes. */
struct ip_endpoint natt_esp_remote(const struct ike_sa *sa);
/* A fresh authentic IKE message came from remote to local. */
void natt_follow(struct ike_engine *e, struct ike_sa *sa, const struct ip_endpoint *local,
		 const struct ip_endpoint *remote, bool natt);
/* The same of an ESP packet. */
void natt_follow_esp(struct ike_engine *e, struct ike_sa *sa, const struct ip_endpoint *remote);

#endif
