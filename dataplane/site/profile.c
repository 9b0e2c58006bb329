/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Engine profiles from configuration: identities, endpoints, parameters, selectors, timers.  Pure:
 * the same configuration gives the same profile, so that the engine sees what has changed.
 */
#include "dataplane/site/profile.h"

#include <string.h>

static enum ike_id_type id_type(enum site_identifier i)
{
	switch (i) {
	case SITE_ID_IPV4:
		return IKE_ID_IPV4_ADDR;
	case SITE_ID_FQDN:
		return IKE_ID_FQDN;
	case SITE_ID_EMAIL:
		return IKE_ID_RFC822_ADDR;
	case SITE_ID_KEY_ID:
		return IKE_ID_KEY_ID;
	}
	return IKE_ID_NONE;
}

int profile_peer_id(const struct site_config *c, enum site_role role, unsigned index0,
		    struct ike_id *out, struct err_msg *e)
{
	const struct tunnel_config *t = &c->tunnels[role][index0];
	enum ike_id_type type = id_type(c->identifier);
	int r;

	if (t->remote_id.type != IKE_ID_NONE) {
		*out = t->remote_id;
		return 0;
	}
	if (type == IKE_ID_IPV4_ADDR) {
		*out = ike_id_of_addr(&t->public_ip);
		return 0;
	}
	r = ike_id_parse(type, t->local_id, out);
	if (r != 0)
		return err_set(e, r, "%s tunnel %s %u: local-id \"%s\" is no valid %s identity",
			       c->name, site_role_name(role), index0 + 1, t->local_id,
			       ike_id_type_name(type));
	return 0;
}

/* Our own identity: own-id, else the name or address that the peer was given as destination, else
 * the address in use (IKE_ID_NONE). */
static struct ike_id own_id(const struct site_config *c, enum site_role role,
			    const struct tunnel_config *t)
{
	const struct site_destination *d = &c->destination[role];
	struct ike_id id = {.type = IKE_ID_NONE};

	if (t->own_id.type != IKE_ID_NONE)
		return t->own_id;
	if (d->kind == SITE_DEST_ADDRESS)
		return ike_id_of_addr(&d->addr);
	if (d->kind == SITE_DEST_FQDN && t->fqdn[0] != '\0' &&
	    ike_id_parse(IKE_ID_FQDN, t->fqdn, &id) != 0)
		id = (struct ike_id){.type = IKE_ID_NONE};
	return id;
}

static void set_endpoints(const struct site_config *c, enum site_role role,
			  const struct tunnel_config *t, struct ike_tunnel *out)
{
	bool bidirectional = c->connection_mode == SITE_BIDIRECTIONAL;
	bool reachable = ip_addr_is_set(&t->public_ip);

	if (c->destination[role].kind == SITE_DEST_ADDRESS)
		out->local = c->destination[role].addr;
	out->remote.addr = t->public_ip;
	out->may_initiate = bidirectional && reachable;
	out->initiate = bidirectional && c->initiate_connection && reachable;
}

static void set_ppk(const struct site_ppk *p, struct ike_ppk *out)
{
	size_t len = strnlen(p->id, sizeof(p->id));

	if (p->secret.key.len == 0)
		return;
	memcpy(out->id, p->id, len);
	out->id_len = (uint8_t)len;
	out->key = p->secret.key;
	out->required = p->required;
}

int profile_of_tunnel(const struct site_config *c, enum site_role role, unsigned index0,
		      const struct profile_box *box, struct ike_tunnel *out, struct err_msg *e)
{
	const struct tunnel_config *t = &c->tunnels[role][index0];
	struct ike_id peer;
	int r = profile_peer_id(c, role, index0, &peer, e);

	if (r != 0)
		return r;
	memset(out, 0, sizeof(*out));
	out->remote_id = peer;
	out->local_id = own_id(c, role, t);
	set_endpoints(c, role, t, out);
	out->psk = t->psk.key;
	set_ppk(&t->ppk, &out->ppk);
	out->ike = c->init_parameters;
	out->child = c->auth_parameters;
	out->child.prf = 0; /* Child SAs have none */
	out->child.aead_only = c->license_mbps >= PROFILE_AEAD_ONLY_MBPS;
	site_selectors(c, &out->local_ts, &out->remote_ts);
	out->single_ts =
		c->single_ts == SITE_INHERIT ? box->single_ts : c->single_ts == SITE_ENABLE;
	out->force_encap = box->force_encap || c->udp_encap == SITE_ENABLE ||
			   (c->udp_encap == SITE_INHERIT && box->prefer_encap);
	out->follow_redirects = c->follow_redirects;
	out->redirect = c->redirect;
	out->esn = box->esn;
	out->keepalive_s = c->keepalive_s;
	out->dead_s = c->dead_s;
	out->rebuild_s = c->rebuild_s;
	out->ike_lifetime_s = c->ike_lifetime_s;
	out->child_lifetime_s = c->child_lifetime_s;
	return 0;
}
