/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles as values; see profile.h. */
#include "ikev2/profile.h"

#include "ikev2/ppk.h"
#include "ikev2/proposal.h"
#include "ikev2/ts.h"

#include <string.h>

/* IKE_TUNNEL_FIELDS, which both begin with. */
#define FIELDS_END (offsetof(struct profile, child_lifetime_s) + sizeof(uint32_t))
_Static_assert(offsetof(struct profile, child_lifetime_s) ==
		       offsetof(struct ike_tunnel, child_lifetime_s),
	       "both begin with the same fields");

void profile_copy(struct profile *dst, const struct ike_tunnel *src)
{
	struct profile next = {.psk = SECRET_NONE};

	memcpy(&next, src, FIELDS_END);
	next.psk = next.ppk.key = SECRET_NONE;
	secret_copy(&next.psk, &src->psk);
	secret_copy(&next.ppk.key, &src->ppk.key);
	ts_keep(&next.local_ts, &src->local_ts);
	ts_keep(&next.remote_ts, &src->remote_ts);
	profile_clear(dst);
	*dst = next;
}

void profile_clear(struct profile *p)
{
	secret_clear(&p->psk);
	secret_clear(&p->ppk.key);
	ts_kept_clear(&p->local_ts);
	ts_kept_clear(&p->remote_ts);
}

void profile_borrow(const struct profile *p, struct ike_tunnel *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out, p, FIELDS_END);
	out->local_ts = ts_kept_list(&p->local_ts);
	out->remote_ts = ts_kept_list(&p->remote_ts);
}

static bool kept_equal(const struct ts_kept *k, const struct ike_ts_list *l)
{
	struct ike_ts_list own = ts_kept_list(k);

	return ts_list_equal(&own, l);
}

bool profile_negotiates_the_same(const struct profile *a, const struct ike_tunnel *b)
{
	return ip_addr_equal(&a->local, &b->local) && ip_endpoint_equal(&a->remote, &b->remote) &&
	       a->local_id.type == b->local_id.type && ike_id_equal(&a->local_id, &b->local_id) &&
	       a->remote_id.type == b->remote_id.type &&
	       ike_id_equal(&a->remote_id, &b->remote_id) && secret_equal(&a->psk, &b->psk) &&
	       ppk_equal(&a->ppk, &b->ppk) && proposal_parameters_equal(&a->ike, &b->ike) &&
	       proposal_parameters_equal(&a->child, &b->child) &&
	       kept_equal(&a->local_ts, &b->local_ts) && kept_equal(&a->remote_ts, &b->remote_ts) &&
	       a->single_ts == b->single_ts && a->force_encap == b->force_encap && a->esn == b->esn;
}

bool profile_timers_equal(const struct profile *a, const struct ike_tunnel *b)
{
	return a->keepalive_s == b->keepalive_s && a->dead_s == b->dead_s &&
	       a->ike_lifetime_s == b->ike_lifetime_s && a->child_lifetime_s == b->child_lifetime_s;
}

bool profile_remote_id(const struct ike_tunnel *p, struct ike_id *out)
{
	if (p->remote_id.type != IKE_ID_NONE)
		*out = p->remote_id;
	else if (ip_addr_is_set(&p->remote.addr))
		*out = ike_id_of_addr(&p->remote.addr);
	else
		return false;
	return true;
}
