/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of configured parameters, out of the choices of the arguments that set them, so that a
 * screen never says another word than the configuration.
 */
#include "commands/show_names.h"

#include "commands/args.h"

#include <stdio.h>
#include <string.h>

#define ENCR_AES_GCM_16 20 /* IANA, RFC 5282 */

/* The word of the argument's choice for value; "-" for values that nobody can type. */
static const char *choice(const char *arg, uint32_t value)
{
	const struct arg *a = arg_find(arg);

	for (const struct arg_choice *c = a ? a->choices : NULL; c && c->word; c++)
		if (c->value == value)
			return c->word;
	return "-";
}

const char *show_encryption(const struct ike_parameters *p)
{
	return choice("encryption", (uint32_t)p->encr << 16 | p->key_bits);
}

const char *show_prf(const struct ike_parameters *p)
{
	return choice("prf", p->prf);
}

const char *show_integrity(const struct ike_parameters *p)
{
	return p->encr == ENCR_AES_GCM_16 ? "none" : choice("integrity", p->integ);
}

const char *show_dh_group(const struct ike_parameters *p)
{
	return choice("dh-group", p->ke);
}

const char *show_parameters_text(const struct ike_parameters *p, bool ike, char *buf, size_t size)
{
	const char *prf = ike ? show_prf(p) : "", *integrity = show_integrity(p);
	bool gcm = p->encr == ENCR_AES_GCM_16;

	if (!p->encr && !p->integ && !p->ke && (!ike || !p->prf))
		(void)snprintf(buf, size, "automatic%s", p->aead_only ? " (AES-GCM only)" : "");
	else
		(void)snprintf(buf, size, "encryption %s%s%s%s%s, dh-group %s", show_encryption(p),
			       ike ? ", prf " : "", prf, gcm ? "" : ", integrity ",
			       gcm ? "" : integrity, show_dh_group(p));
	return buf;
}

const char *show_site_type(enum site_type t)
{
	return choice("site-type", (uint32_t)t);
}

const char *show_connection_mode(enum site_connection_mode m)
{
	return choice("connection-mode", (uint32_t)m);
}

const char *show_identifier(enum site_identifier i)
{
	return choice("identifier", (uint32_t)i);
}

const char *show_peer_id(const struct site_config *c, const struct tunnel_config *t, char *buf,
			 size_t size)
{
	buf[0] = '\0';
	if (t->remote_id.type != IKE_ID_NONE)
		(void)ike_id_text(&t->remote_id, buf, size);
	else if (c->identifier != SITE_ID_IPV4)
		(void)snprintf(buf, size, "%s", t->local_id);
	else if (ip_addr_is_set(&t->public_ip))
		(void)ip_addr_text(&t->public_ip, buf, size);
	return buf;
}

struct ike_id show_our_id(const struct site_config *c, enum site_role role,
			  const struct tunnel_config *t)
{
	const struct site_destination *d = &c->destination[role];
	struct ike_id id = t->own_id;

	if (id.type == IKE_ID_NONE && d->kind == SITE_DEST_ADDRESS)
		id = ike_id_of_addr(&d->addr);
	else if (id.type == IKE_ID_NONE && d->kind == SITE_DEST_FQDN && t->fqdn[0] &&
		 ike_id_parse(IKE_ID_FQDN, t->fqdn, &id) != 0)
		id = (struct ike_id){.type = IKE_ID_NONE};
	return id;
}
