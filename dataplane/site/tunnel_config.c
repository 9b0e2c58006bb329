/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A tunnel's configuration as a value, and what it still lacks to come up.  Owns the keys in it.
 */
#include "dataplane/site/site_config.h"

#include "dataplane/site/status_reason.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define LINK_PREFERENCE 100

void tunnel_config_init(struct tunnel_config *t)
{
	*t = (struct tunnel_config){.link_preference = LINK_PREFERENCE};
}

void site_psk_clear(struct site_psk *p)
{
	secret_clear(&p->key);
	if (p->sealed != NULL)
		bytes_wipe(p->sealed, strlen(p->sealed));
	free(p->sealed);
	p->sealed = NULL;
}

void site_psk_copy(struct site_psk *dst, const struct site_psk *src)
{
	dst->key = SECRET_NONE;
	secret_copy(&dst->key, &src->key);
	dst->sealed = mem_strdup(src->sealed);
}

void tunnel_config_clear(struct tunnel_config *t)
{
	site_psk_clear(&t->psk);
	site_psk_clear(&t->ppk.secret);
	tunnel_config_init(t);
}

static bool id_same(const struct ike_id *a, const struct ike_id *b)
{
	return a->type == b->type && a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

bool site_psk_equal(const struct site_psk *a, const struct site_psk *b)
{
	if ((a->sealed == NULL) != (b->sealed == NULL))
		return false;
	if (a->sealed != NULL && strcmp(a->sealed, b->sealed) != 0)
		return false;
	return a->key.len == b->key.len && secret_equal(&a->key, &b->key);
}

bool tunnel_config_equal(const struct tunnel_config *a, const struct tunnel_config *b)
{
	return a->present == b->present && strcmp(a->name, b->name) == 0 &&
	       a->wan_role == b->wan_role && ip_addr_equal(&a->public_ip, &b->public_ip) &&
	       strcmp(a->local_id, b->local_id) == 0 && id_same(&a->own_id, &b->own_id) &&
	       id_same(&a->remote_id, &b->remote_id) && strcmp(a->fqdn, b->fqdn) == 0 &&
	       ip_addr_equal(&a->private_pop, &b->private_pop) &&
	       ip_addr_equal(&a->private_site, &b->private_site) &&
	       a->last_mile_down == b->last_mile_down && a->last_mile_up == b->last_mile_up &&
	       a->link_preference == b->link_preference && site_psk_equal(&a->psk, &b->psk) &&
	       strcmp(a->ppk.id, b->ppk.id) == 0 &&
	       site_psk_equal(&a->ppk.secret, &b->ppk.secret) && a->ppk.required == b->ppk.required;
}

static const char *name_of(enum status_reason r)
{
	return status_reason_row(r)->name;
}

static const char *identity_missing(const struct site_config *c, const struct tunnel_config *t)
{
	if (t->remote_id.type != IKE_ID_NONE)
		return NULL;
	if (c->identifier == SITE_ID_IPV4)
		return ip_addr_is_set(&t->public_ip) ? NULL : name_of(STATUS_PUBLIC_IP_MISSING);
	return t->local_id[0] != '\0' ? NULL : name_of(STATUS_LOCAL_ID_MISSING);
}

const char *site_tunnel_missing(const struct site_config *c, enum site_role role, unsigned index0)
{
	const struct tunnel_config *t = &c->tunnels[role][index0];

	if (t->psk.key.len == 0)
		return name_of(t->psk.sealed != NULL ? STATUS_PSK_SEALED : STATUS_PSK_MISSING);
	if (t->ppk.secret.key.len == 0 && t->ppk.secret.sealed != NULL)
		return name_of(STATUS_PPK_SEALED);
	if (t->ppk.secret.key.len == 0 && t->ppk.required)
		return name_of(STATUS_PPK_MISSING);
	return identity_missing(c, t);
}
