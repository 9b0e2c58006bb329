/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * REDIRECT, RFC 5685: a gateway sends its peer to another one, in IKE_SA_INIT, in IKE_AUTH, or at
 * any time later.  We follow when the tunnel's profile says so, to addresses only, and not in
 * circles; and send the peers of a tunnel away when its profile names a gateway: in IKE_SA_INIT
 * when every tunnel that may be meant is elsewhere, or once the peer is up.
 */
#ifndef IKEV2_REDIRECT_H
#define IKEV2_REDIRECT_H

#include "ikev2/ike.h"
#include "ikev2/message.h"

struct ike_engine;
struct ike_sa;
struct message_in;
struct tunnel;

bool gateway_is_set(const struct ike_gateway *g);
bool gateway_equal(const struct ike_gateway *a, const struct ike_gateway *b);
const char *gateway_text(const struct ike_gateway *g, char *buf, size_t size);

/* The Notify data: identity of the gateway, then the nonce (IKE_SA_INIT only, else empty).
 * ERR_INVALID: cut short, or an identity of another form. */
int redirect_read(struct view data, struct ike_gateway *g, struct view *nonce) WARN_UNUSED;
void redirect_data(struct writer *w, const struct ike_gateway *g, struct view nonce);
void redirect_write(const struct ike_gateway *g, struct view nonce, struct message_builder *b);

/* IKE_SA_INIT request: that we would follow, or whence we were sent. */
void redirect_announce(const struct ike_sa *sa, struct message_builder *b);
/* IKE_SA_INIT request of a peer: would it follow? */
bool redirect_is_announced(const struct message_in *in);

/* The peer of this IKE SA wants us elsewhere.  True: we go, beside what is up or instead of this
 * attempt, which the caller ends.  False: we do not, and the tunnel knows why. */
bool redirect_follow(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in);
/* IKE_SA_INIT response: for us, with our nonce? */
bool redirect_fits_init(const struct ike_sa *sa, const struct message_in *in);
/* The attempt at the other gateway begins once the caller has ended what it was about to. */
void redirect_start(struct ike_engine *e, struct tunnel *t);

/* An identity of the responder that a redirection makes acceptable: its address, where the
 * configured one is the address of the gateway that sent us. */
bool redirect_explains_id(const struct ike_sa *sa, const struct ike_id *id);

/* The profile of a tunnel that is up names a gateway: tell the peer. */
void redirect_peer(struct ike_engine *e, struct tunnel *t);

#endif
