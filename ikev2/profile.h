/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tunnel's profile as a value: the engine's own copy, what has changed, who the peer is. */
#ifndef IKEV2_PROFILE_H
#define IKEV2_PROFILE_H

#include "ikev2/ts_kept.h"

/* As the caller gave it, but as large as it must be: there are thousands. */
struct profile {
	IKE_TUNNEL_FIELDS
	struct ts_kept local_ts, remote_ts;
};

/* dst owns copies of keys and networks; what it held before is wiped. */
void profile_copy(struct profile *dst, const struct ike_tunnel *src);
void profile_clear(struct profile *p); /* wipes the keys */
/* As a caller has it; the keys stay those of p. */
void profile_borrow(const struct profile *p, struct ike_tunnel *out);
/* Everything that the SAs of a tunnel depend on. */
bool profile_negotiates_the_same(const struct profile *a, const struct ike_tunnel *b);
bool profile_timers_equal(const struct profile *a, const struct ike_tunnel *b);
/* The peer's identity, configured or by its address; false: neither is there. */
bool profile_remote_id(const struct ike_tunnel *p, struct ike_id *out);

#endif
