/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The initiator's claim in IKE_AUTH, and why it does not hold; see auth_claim.h.  Never decides who
 * may come in. */
#include "ikev2/auth_claim.h"

#include "ikev2/explain.h"
#include "ikev2/intermediate.h"
#include "ikev2/payload_notify.h"
#include "ikev2/suspect.h"

#include <stdio.h>
#include <string.h>

#define KEYS_TRIED_MAX 64

bool claim_read(const struct message_in *in, struct claim *c)
{
	const struct payload *pid = payload_find(&in->payloads, IKE_PAYLOAD_IDI);
	const struct payload *pidr = payload_find(&in->payloads, IKE_PAYLOAD_IDR);
	const struct payload *pauth = payload_find(&in->payloads, IKE_PAYLOAD_AUTH);
	struct payload_notify n;
	struct payload_id idr;

	memset(c, 0, sizeof(*c));
	if (!pid || payload_id_read(pid->body, &c->id))
		return false;
	/* Longer than anything that can be configured: known to nobody. */
	if (!payload_id_value(&c->id, &c->id_i))
		c->id_i.type = IKE_ID_NONE;
	if (pidr) {
		if (payload_id_read(pidr->body, &idr))
			return false;
		if (!payload_id_value(&idr, &c->id_r))
			c->id_r.type = IKE_ID_NONE;
	}
	if (pauth) {
		if (payload_auth_read(pauth->body, &c->auth))
			return false;
		c->has_auth = true;
	}
	if (notify_find(&in->payloads, IKE_N_PPK_IDENTITY, &n))
		c->ppk_identity = n.data;
	if (notify_find(&in->payloads, IKE_N_NO_PPK_AUTH, &n))
		c->no_ppk_auth = n.data;
	return true;
}

bool claim_fits(struct ike_engine *e, const struct ike_sa *sa, const struct secret *psk,
		const struct keymat_ike *keys, struct view auth, const struct claim *c)
{
	const struct initial *in = sa->initial;
	struct keymat_auth_input input = {
		.prf = sa->suite.prf,
		.psk = psk,
		.message = view_of(in->peer.bytes, in->peer.len),
		.nonce = nonce_view(&in->nr),
		.sk_p = &keys->sk_pi,
		.id_body = c->id.body,
		.int_auth = intermediate_auth(sa),
	};

	return keymat_psk_verify(e->crypto, &input, auth) == 0;
}

/* Would it fit without a PPK?  Says whose pre-shared key the peer has. */
static bool fits_plainly(struct ike_engine *e, const struct ike_sa *sa, const struct secret *psk,
			 const struct claim *c)
{
	return claim_fits(e, sa, psk, &sa->keys,
			  c->no_ppk_auth.len > 0 ? c->no_ppk_auth : c->auth.data, c);
}

/* The one tunnel at this address whose key the peer has; NULL: none, or it cannot be told. */
static struct tunnel *tunnel_of_key(struct ike_engine *e, const struct ike_sa *sa,
				    const struct claim *c, const struct tunnel *except)
{
	struct tunnel *found = NULL;
	struct list *n, *after;
	unsigned tried = 0;

	if (!c->has_auth || c->auth.method != IKE_AUTH_SHARED_KEY_MIC)
		return NULL;
	list_for_each(n, after, &e->tunnels.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);
		struct tunnel *t = container_of(node, struct tunnel, by_id);
		const struct ip_addr *local = &t->profile.local;

		if (t == except ||
		    (ip_addr_is_set(local) && !ip_addr_equal(local, &sa->local.addr)))
			continue;
		if (tried++ >= KEYS_TRIED_MAX)
			return NULL;
		if (!fits_plainly(e, sa, &t->profile.psk, c))
			continue;
		if (found)
			return NULL; /* several have this key */
		found = t;
	}
	return found;
}

struct ike_failure claim_failure(struct ike_engine *e, const struct ike_sa *sa,
				 const struct message_in *in, const struct tunnel *t,
				 const struct claim *c, enum ppk_way way)
{
	const struct tunnel *other = tunnel_of_key(e, sa, c, t);
	char method[48], id[2 * IKE_ID_MAX + 8];

	if (!c->has_auth)
		return failure_of(e, IKE_CAUSE_AUTH_METHOD, IKE_EXCH_AUTH, false, &in->remote,
				  "peer wants EAP, which is not supported");
	if (c->auth.method != IKE_AUTH_SHARED_KEY_MIC) {
		snprintf(method, sizeof(method), "%s",
			 enum_name(ike_auth_method_names, c->auth.method));
		return failure_of(e, IKE_CAUSE_AUTH_METHOD, IKE_EXCH_AUTH, false, &in->remote,
				  "peer authenticates with method %u (%s)", c->auth.method, method);
	}
	if (way == PPK_IMPOSSIBLE && c->ppk_identity.len == 0)
		return failure_of(e, IKE_CAUSE_PPK_MISSING, IKE_EXCH_AUTH, false, &in->remote,
				  "peer does not use the postquantum preshared key");
	if (way == PPK_IMPOSSIBLE)
		return failure_of(e, IKE_CAUSE_PPK_MISMATCH, IKE_EXCH_AUTH, false, &in->remote,
				  "peer insists on a postquantum preshared key that is not "
				  "configured here");
	if (way == PPK_WITH && c->no_ppk_auth.len > 0 && fits_plainly(e, sa, &t->profile.psk, c))
		return failure_of(e, IKE_CAUSE_PPK_MISMATCH, IKE_EXCH_AUTH, false, &in->remote,
				  "AUTH of the peer fits our pre-shared key, but not our "
				  "postquantum preshared key");
	if (other)
		return failure_of(e, IKE_CAUSE_PSK_OTHER_TUNNEL, IKE_EXCH_AUTH, false, &in->remote,
				  "AUTH of the peer fits the key of the tunnel of %s %.90s",
				  ike_id_type_name(other->remote_id.type),
				  ike_id_text(&other->remote_id, id, sizeof(id)));
	return failure_of(e, IKE_CAUSE_PSK_MISMATCH, IKE_EXCH_AUTH, false, &in->remote,
			  "AUTH of the peer does not fit our pre-shared key");
}

/* ---- Identities that no tunnel has ----------------------------------------------------------- */

static void show_at(struct ike_engine *e, struct tunnel *t, struct ike_failure *f,
		    const struct claim *c, const struct ike_comparison *cmp)
{
	f->id_seen = c->id_i;
	tunnel_peer_failed(e, t, f);
	tunnel_compare(e, t, cmp);
}

static void wrong_id_at(struct ike_engine *e, struct tunnel *t, const struct message_in *in,
			const struct claim *c, bool sure)
{
	char seen[2 * IKE_ID_MAX + 8], wanted[2 * IKE_ID_MAX + 8];
	struct ike_comparison cmp;
	enum ike_cause cause = id_explain(&t->remote_id, &c->id_i, &in->remote.addr, &cmp);
	struct ike_failure f =
		failure_of(e, cause, IKE_EXCH_AUTH, false, &in->remote,
			   "peer presents %s %.60s, expected %s %.60s%s",
			   ike_id_type_name(c->id.type), ike_id_text(&c->id_i, seen, sizeof(seen)),
			   ike_id_type_name(t->remote_id.type),
			   ike_id_text(&t->remote_id, wanted, sizeof(wanted)),
			   sure ? "; its key is right" : "");

	show_at(e, t, &f, c, &cmp);
}

/* The identity is right, but the peer asks for another one of ours. */
static bool wrong_own_id(struct ike_engine *e, const struct ike_sa *sa, const struct message_in *in,
			 const struct claim *c)
{
	static const struct ike_id anybody;
	char wanted[2 * IKE_ID_MAX + 8], ours[2 * IKE_ID_MAX + 8];
	struct tunnel *t =
		tunnel_identify(e, &sa->local.addr, &in->remote.addr, &c->id_i, &anybody);
	struct ike_comparison cmp;
	struct ike_failure f;
	struct ike_id own;

	if (!t || c->id_r.type == IKE_ID_NONE)
		return false;
	if (t->state == IKE_TUNNEL_UP)
		return true;
	own = tunnel_local_id(t, &sa->local.addr);
	id_explain(&own, &c->id_r, &sa->local.addr, &cmp);
	snprintf(cmp.subject, sizeof(cmp.subject), "identity of this appliance");
	f = failure_of(e, IKE_CAUSE_OWN_ID, IKE_EXCH_AUTH, false, &in->remote,
		       "peer wants to talk to %s %.70s, ours is %s %.70s",
		       ike_id_type_name(c->id_r.type),
		       ike_id_text(&c->id_r, wanted, sizeof(wanted)), ike_id_type_name(own.type),
		       ike_id_text(&own, ours, sizeof(ours)));
	show_at(e, t, &f, c, &cmp);
	return true;
}

void claim_explain_unknown(struct ike_engine *e, const struct ike_sa *sa,
			   const struct message_in *in, const struct claim *c)
{
	struct tunnel *of_key = tunnel_of_key(e, sa, c, NULL);
	struct tunnel *t[SUSPECTS_MAX];
	size_t count;

	if (c->id_i.type == IKE_ID_NONE || wrong_own_id(e, sa, in, c))
		return;
	if (of_key) {
		if (of_key->state != IKE_TUNNEL_UP)
			wrong_id_at(e, of_key, in, c, true);
		return;
	}
	count = suspects_find(e, &in->local.addr, &in->remote, t);
	for (size_t i = 0; i < count; i++)
		if (!suspect_is_covered(e, t[i], &in->remote.addr))
			wrong_id_at(e, t[i], in, c, fits_plainly(e, sa, &t[i]->profile.psk, c));
}
