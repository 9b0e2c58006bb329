/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages about the kernel's states (SAs, one per direction): build them, read the answers. */
#ifndef DATAPLANE_XFRM_STATE_H
#define DATAPLANE_XFRM_STATE_H

#include "ikev2/ike.h"
#include "platform/os/own.h"

#include <linux/netlink.h>
#include <linux/xfrm.h>

struct netlink_batch;

/* Our states are known again by the upper half of their reqid; the lower half is the slot. */
#define XFRM_REQID_BASE OWN_REQID_BASE
#define XFRM_REQID_MASK OWN_REQID_MASK
/* Our if_ids: index of the site plus one. */
#define XFRM_IF_ID_OF(site) OWN_IF_ID_OF(site)
#define XFRM_SITE_MAX	    OWN_SITE_MAX
/* The slot is in the low octet of a packet's mark. */
#define XFRM_MARK_MASK 0xffU

/* What names a state: destination and SPI. */
struct xfrm_state_key {
	struct ip_addr dst;
	uint8_t unused[3]; /* zero, so that memcmp compares */
	uint32_t spi;	   /* host order */
};

struct xfrm_state_key xfrm_state_key_of(const struct ip_addr *dst, uint32_t spi);

struct xfrm_state_spec {
	bool in;
	uint32_t spi, if_id, reqid;
	struct ip_endpoint src, dst; /* outer; ports of the UDP encapsulation */
	bool udp_encap;
	const struct ike_suite *suite;
	const struct secret *encr, *integ;
	const struct xfrm_selector *selector; /* inbound packets must match, NULL: any */
};

/* A new state.  Nothing is added on ERR_UNSUPPORTED, ERR_INVALID. */
int xfrm_state_put_new(struct netlink_batch *b, const struct xfrm_state_spec *s,
		       struct err_msg *e) WARN_UNUSED;
void xfrm_state_put_delete(struct netlink_batch *b, const struct xfrm_state_key *key);

/* A question about states or policies. */
union xfrm_request {
	struct nlmsghdr header;
	uint8_t bytes[128];
};

/* Asks for one state. */
void xfrm_state_request(union xfrm_request *q, const struct xfrm_state_key *key);
/* Asks for all ESP states (to be sent as a dump). */
void xfrm_state_request_all(union xfrm_request *q);

/* What the kernel tells of a state. */
struct xfrm_state_info {
	struct xfrm_state_key key;
	uint32_t reqid, if_id;
	bool usable; /* has keys; a placeholder of a pending acquire has none */
	uint64_t bytes, packets, replay_drops, auth_drops, out_sequence, in_sequence;
};

/* False when the message is no state, or too short to be one. */
bool xfrm_state_parse(const struct nlmsghdr *m, struct xfrm_state_info *out);

/* The same state with other outer endpoints.  message is XFRM_MSG_NEWSA: made from the answer's
 * keys, replay state and counters; XFRM_MSG_UPDSA: only the ports of an existing one change.
 * On an error the batch is to be dropped: ERR_UNSUPPORTED when the kernel does not give out keys,
 * ERR_NOT_FOUND when the answer is no usable state. */
struct xfrm_state_move {
	uint16_t message;
	bool in;
	struct ip_endpoint src, dst;
	bool udp_encap;
};
int xfrm_state_put_moved(struct netlink_batch *b, const struct nlmsghdr *answer,
			 const struct xfrm_state_move *move, struct err_msg *e) WARN_UNUSED;

#endif
