/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A site seen from the peer: identities and networks change sides, algorithms become one of each;
 * see peer_config.h. */
#include "commands/peer_config.h"

#include "commands/show_names.h"
#include "dataplane/site/profile.h"
#include "ikev2/number.h"
#include "platform/base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* ---- Names ----------------------------------------------------------------------------------- */

static void label_of(const char *name, char *buf, size_t size)
{
	size_t len = 0;

	for (; *name && len + 1 < size; name++)
		buf[len++] =
			isalnum((unsigned char)*name) ? (char)tolower((unsigned char)*name) : '-';
	buf[len] = '\0';
}

static void take_id(struct peer_id *out, const struct ike_id *id)
{
	out->type = id->type;
	out->text[0] = '\0';
	if (id->type != IKE_ID_NONE)
		(void)ike_id_text(id, out->text, sizeof(out->text));
}

/* ---- Tunnels --------------------------------------------------------------------------------- */

static void remote_address(const struct site_config *c, enum site_role role,
			   const struct tunnel_config *t, char *buf, size_t size)
{
	const struct site_destination *d = &c->destination[role];

	buf[0] = '\0';
	if (d->kind == SITE_DEST_ADDRESS)
		(void)ip_addr_text(&d->addr, buf, size);
	else if (d->kind == SITE_DEST_FQDN)
		(void)snprintf(buf, size, "%s", t->fqdn);
}

static void take_tunnel(const struct site_config *c, enum site_role role, unsigned index0,
			bool secrets, struct peer_view *v)
{
	const struct tunnel_config *t = &c->tunnels[role][index0];
	struct ike_id id = show_our_id(c, role, t), own;
	size_t len = strlen(v->left_out);
	struct peer_tunnel *out;
	struct err_msg e = {.text = "it has no identity"};

	if (profile_peer_id(c, role, index0, &own, &e) != 0 || own.type == IKE_ID_NONE ||
	    own.len == 0) {
		(void)snprintf(v->left_out + len, sizeof(v->left_out) - len, "%s%s %u",
			       len ? ", " : "", site_role_name(role), index0 + 1);
		return;
	}
	out = &v->tunnels[v->count++];
	out->role = role;
	out->index = index0 + 1;
	out->number = (unsigned)v->count;
	(void)snprintf(out->name, sizeof(out->name), "%s", t->name);
	(void)snprintf(out->label, sizeof(out->label), "%s-%s-%u", v->label, site_role_name(role),
		       out->index);
	remote_address(c, role, t, out->remote_address, sizeof(out->remote_address));
	out->own_address = t->public_ip;
	out->wan = t->wan_role ? t->wan_role : 1;
	take_id(&out->remote_id, &id);
	take_id(&out->own_id, &own);
	out->psk = secrets && t->psk.key.len > 0 ? &t->psk.key : NULL;
	if (t->ppk.id[0]) {
		out->ppk_id = t->ppk.id;
		out->ppk = secrets && t->ppk.secret.key.len > 0 ? &t->ppk.secret.key : NULL;
		out->ppk_required = t->ppk.required;
	}
	out->own_inner = t->private_site;
	out->remote_inner = t->private_pop;
}

/* ---- Algorithms ------------------------------------------------------------------------------ */

static uint16_t hash_of(uint16_t transform)
{
	switch (transform) {
	case IKE_INTEG_HMAC_SHA1_96:
		return 1;
	case IKE_INTEG_HMAC_SHA2_384_192:
		return 384;
	case IKE_INTEG_HMAC_SHA2_512_256:
		return 512;
	default:
		return 256;
	}
}

static uint16_t prf_of(uint16_t transform)
{
	switch (transform) {
	case IKE_PRF_HMAC_SHA1:
		return 1;
	case IKE_PRF_HMAC_SHA2_384:
		return 384;
	case IKE_PRF_HMAC_SHA2_512:
		return 512;
	default:
		return 256;
	}
}

/* What nearly every product has stands for automatic: AES-CBC-256, SHA2-256 and group 19 for IKE,
 * AES-GCM-256 for ESP. */
static struct peer_suite suite_of(const struct ike_parameters *p, bool ike, bool gcm_only)
{
	struct peer_suite s = {.encr = p->encr, .key_bits = p->key_bits, .ke = p->ke};

	if (s.encr == 0) {
		s.encr = ike && !gcm_only && !p->aead_only ? IKE_ENCR_AES_CBC : IKE_ENCR_AES_GCM_16;
		s.key_bits = 256;
	}
	if (s.encr == IKE_ENCR_AES_GCM_16)
		s.gcm = true;
	else
		s.hash = hash_of(p->integ);
	if (s.ke == 0)
		s.ke = IKE_KE_ECP_256;
	if (!ike)
		return s;
	/* Products that derive the PRF from the integrity algorithm agree with this one. */
	s.prf = p->prf ? prf_of(p->prf) : (s.gcm ? 256 : s.hash);
	return s;
}

/* ---- Networks -------------------------------------------------------------------------------- */

static bool is_any(const struct ike_ts_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (ip_range_is_any(&l->ts[i].range))
			return true;
	return false;
}

/* Behind the peer, as configured, where the selectors say only "all". */
static void take_own_networks(const struct site_config *c, struct ike_ts_list *l)
{
	struct ike_ts_list found = {.count = 0};
	struct ip_range r;

	if (c->native_range.addr.family != IP_NONE) {
		r = ip_range_of_prefix(&c->native_range);
		found.ts[found.count++] = ike_ts_of_range(&r);
	}
	for (size_t i = 0; i < c->networks.count && found.count < IKE_TS_MAX; i++)
		found.ts[found.count++] = ike_ts_of_range(&c->networks.items[i].range);
	if (found.count > 0)
		*l = found;
}

void peer_view_of(const struct site_config *c, const struct service_routes *routes, bool secrets,
		  struct peer_view *v)
{
	bool fast = c->license_mbps >= PROFILE_AEAD_ONLY_MBPS;

	memset(v, 0, sizeof(*v));
	v->site = c;
	label_of(c->name, v->label, sizeof(v->label));
	for (unsigned r = 0; r < SITE_ROLES; r++)
		for (unsigned i = 0; i < SITE_TUNNELS; i++)
			if (c->tunnels[r][i].present)
				take_tunnel(c, (enum site_role)r, i, secrets, v);
	v->ike = suite_of(&c->init_parameters, true, false);
	v->child = suite_of(&c->auth_parameters, false, fast);
	v->child_is_free = c->auth_parameters.encr == 0 && !c->auth_parameters.aead_only && !fast;
	v->ike.lifetime_s = c->ike_lifetime_s;
	v->child.lifetime_s = c->child_lifetime_s;
	v->peer_starts = c->connection_mode == SITE_RESPONDER_ONLY || !c->initiate_connection;
	site_selectors(c, &v->remote, &v->own);
	v->route_based = is_any(&v->remote) && is_any(&v->own);
	if (is_any(&v->own))
		take_own_networks(c, &v->own);
	v->single_ts = c->single_ts == SITE_ENABLE;
	v->keepalive_s = c->keepalive_s;
	v->dead_s = c->dead_s;
	v->routes = routes;
	v->secrets = secrets;
}
