/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tunnel's profile as a value: the engine's own copy, what has changed, who the peer is. */
#ifndef IKEV2_PROFILE_H
#define IKEV2_PROFILE_H

#include "ikev2/ike.h"

/* dst owns copies of the keys; what it held before is wiped. */
void profile_copy(struct ike_tunnel *dst, const struct ike_tunnel *src);
void profile_clear(struct ike_tunnel *p); /* wipes the keys */
/* Everything that the SAs of a tunnel depend on. */
bool profile_negotiates_the_same(const struct ike_tunnel *a, const struct ike_tunnel *b);
bool profile_timers_equal(const struct ike_tunnel *a, const struct ike_tunnel *b);
/* The peer's identity, configured or by its address; false: neither is there. */
bool profile_remote_id(const struct ike_tunnel *p, struct ike_id *out);

#endif
