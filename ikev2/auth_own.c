/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Own identity and AUTH; see auth_own.h. */
#include "ikev2/auth_own.h"

#include "ikev2/intermediate.h"
#include "ikev2/payload_auth.h"
#include "ikev2/payload_id.h"
#include "ikev2/tunnel.h"

/* IKE_SA_INIT of one side. */
static struct view first_message(const struct ike_sa *sa, bool by_initiator)
{
	const struct message_out *m =
		by_initiator == sa->initiator ? first_own_message(sa) : &sa->initial->peer;

	return view_of(m->bytes, m->len);
}

struct keymat_auth_input auth_input(const struct ike_sa *sa, const struct secret *psk,
				    const struct keymat_ike *keys, bool by_initiator,
				    struct view id_body)
{
	const struct initial *in = sa->initial;

	return (struct keymat_auth_input){
		.prf = sa->suite.prf,
		.psk = psk,
		.message = first_message(sa, by_initiator),
		.nonce = nonce_view(by_initiator ? &in->nr : &in->ni),
		.sk_p = by_initiator ? &keys->sk_pi : &keys->sk_pr,
		.id_body = id_body,
		.int_auth = intermediate_auth(sa),
	};
}

int auth_own_make(struct ike_engine *e, const struct ike_sa *sa, const struct keymat_ike *keys,
		  struct secret *out)
{
	const struct tunnel *t = sa->tunnel;
	struct ike_id own = tunnel_local_id(t, &sa->local.addr);
	uint8_t body[4 + IKE_ID_MAX];
	struct keymat_auth_input in =
		auth_input(sa, &t->profile.psk, keys, sa->initiator, payload_id_body(&own, body));

	return keymat_psk_auth(e->crypto, &in, out);
}

int auth_own_write(struct ike_engine *e, const struct ike_sa *sa, const struct keymat_ike *keys,
		   struct message_builder *b)
{
	struct ike_id own = tunnel_local_id(sa->tunnel, &sa->local.addr);
	struct secret auth = SECRET_NONE;
	int rc = auth_own_make(e, sa, keys, &auth);

	if (rc)
		return rc;
	payload_id_write(b, sa->initiator ? IKE_PAYLOAD_IDI : IKE_PAYLOAD_IDR, &own);
	payload_auth_write(b, IKE_AUTH_SHARED_KEY_MIC, secret_view(&auth));
	secret_clear(&auth);
	return 0;
}
