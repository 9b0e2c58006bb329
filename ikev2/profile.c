/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles as values; see profile.h. */
#include "ikev2/profile.h"

#include "ikev2/ppk.h"
#include "ikev2/proposal.h"
#include "ikev2/ts.h"

void profile_copy(struct ike_tunnel *dst, const struct ike_tunnel *src)
{
	struct secret psk = SECRET_NONE, ppk = SECRET_NONE;

	secret_copy(&psk, &src->psk);
	secret_copy(&ppk, &src->ppk.key);
	profile_clear(dst);
	*dst = *src;
	dst->psk = psk;
	dst->ppk.key = ppk;
}

void profile_clear(struct ike_tunnel *p)
{
	secret_clear(&p->psk);
	secret_clear(&p->ppk.key);
}

bool profile_negotiates_the_same(const struct ike_tunnel *a, const struct ike_tunnel *b)
{
	return ip_addr_equal(&a->local, &b->local) && ip_endpoint_equal(&a->remote, &b->remote) &&
	       a->local_id.type == b->local_id.type && ike_id_equal(&a->local_id, &b->local_id) &&
	       a->remote_id.type == b->remote_id.type &&
	       ike_id_equal(&a->remote_id, &b->remote_id) && secret_equal(&a->psk, &b->psk) &&
	       ppk_equal(&a->ppk, &b->ppk) && proposal_parameters_equal(&a->ike, &b->ike) &&
	       proposal_parameters_equal(&a->child, &b->child) &&
	       ts_list_equal(&a->local_ts, &b->local_ts) &&
	       ts_list_equal(&a->remote_ts, &b->remote_ts) && a->single_ts == b->single_ts &&
	       a->force_encap == b->force_encap && a->esn == b->esn;
}

bool profile_timers_equal(const struct ike_tunnel *a, const struct ike_tunnel *b)
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
