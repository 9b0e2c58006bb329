/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PAN-OS set commands: crypto profiles, IKE gateways, tunnels with proxy IDs, routes. */
#include "commands/peer_config.h"

#include <inttypes.h>
#include <stdio.h>

#define NAME_MAX_LEN 27 /* of 31, with the number */

static const char *name_of(const struct peer_view *v, const struct peer_tunnel *t, char *buf,
			   size_t size)
{
	(void)snprintf(buf, size, "%.*s-%u", NAME_MAX_LEN, v->label, t->number);
	return buf;
}

static const char *hash_word(uint16_t hash)
{
	return hash == 1 ? "sha1" : hash == 384 ? "sha384" : hash == 512 ? "sha512" : "sha256";
}

static void put_profiles(struct strbuf *out, const struct peer_view *v)
{
	const struct peer_suite *i = &v->ike, *c = &v->child;
	char base[128];

	(void)snprintf(base, sizeof(base),
		       "set network ike crypto-profiles ike-crypto-profiles %.*s", NAME_MAX_LEN,
		       v->label);
	strbuf_printf(out, "%s encryption aes-%u-%s\n", base, i->key_bits, i->gcm ? "gcm" : "cbc");
	strbuf_printf(out, "%s hash %s\n", base, i->gcm ? "non-auth" : hash_word(i->hash));
	strbuf_printf(out, "%s dh-group group%u\n%s lifetime seconds %" PRIu32 "\n", base, i->ke,
		      base, i->lifetime_s);
	(void)snprintf(base, sizeof(base),
		       "set network ike crypto-profiles ipsec-crypto-profiles %.*s", NAME_MAX_LEN,
		       v->label);
	strbuf_printf(out, "%s esp encryption aes-%u-%s\n", base, c->key_bits,
		      c->gcm ? "gcm" : "cbc");
	strbuf_printf(out, "%s esp authentication %s\n", base,
		      c->gcm ? "none" : hash_word(c->hash));
	strbuf_printf(out, "%s dh-group group%u\n%s lifetime seconds %" PRIu32 "\n", base, c->ke,
		      base, c->lifetime_s);
}

/* A key-id is written in hexadecimal there. */
static void put_id(struct strbuf *out, const char *base, const char *side, const struct peer_id *id)
{
	const char *type = "ipaddr";

	switch ((enum ike_id_type)id->type) {
	case IKE_ID_FQDN:
		type = "fqdn";
		break;
	case IKE_ID_RFC822_ADDR:
		type = "ufqdn";
		break;
	case IKE_ID_KEY_ID:
		strbuf_printf(out, "%s %s type keyid\n%s %s id ", base, side, base, side);
		for (const char *p = id->text; *p; p++)
			strbuf_printf(out, "%02x", (unsigned char)*p);
		strbuf_add_char(out, '\n');
		return;
	case IKE_ID_NONE:
		return;
	case IKE_ID_IPV4_ADDR:
	case IKE_ID_IPV6_ADDR:
		break;
	}
	strbuf_printf(out, "%s %s type %s\n%s %s id %s\n", base, side, type, base, side, id->text);
}

static void put_gateway(struct strbuf *out, const struct peer_view *v, const struct peer_tunnel *t)
{
	char name[40], base[96];

	(void)snprintf(base, sizeof(base), "set network ike gateway %s",
		       name_of(v, t, name, sizeof(name)));
	strbuf_printf(out, "%s protocol version ikev2\n", base);
	strbuf_printf(out, "%s protocol ikev2 ike-crypto-profile %.*s\n", base, NAME_MAX_LEN,
		      v->label);
	strbuf_printf(out,
		      "%s protocol ikev2 dpd enable yes\n%s protocol ikev2 dpd interval %" PRIu32
		      "\n",
		      base, base, v->keepalive_s);
	strbuf_printf(out, "%s protocol-common nat-traversal enable yes\n", base);
	strbuf_printf(out, "%s protocol-common fragmentation enable yes\n", base);
	strbuf_printf(out, "%s protocol-common passive-mode %s\n", base,
		      v->peer_starts ? "no" : "yes");
	strbuf_printf(out, "%s local-address interface ethernet1/%u\n", base, t->wan);
	strbuf_printf(out, "%s peer-address %s %s\n", base,
		      peer_is_address(t->remote_address) ? "ip" : "fqdn", t->remote_address);
	put_id(out, base, "local-id", &t->own_id);
	put_id(out, base, "peer-id", &t->remote_id);
	strbuf_printf(out, "%s authentication pre-shared-key key ", base);
	peer_put_key(out, t, "0x");
	strbuf_add_char(out, '\n');
}

static void put_proxy_ids(struct strbuf *out, const struct peer_view *v, const char *base)
{
	char a[IP_TEXT_MAX], b[IP_TEXT_MAX];
	struct peer_prefixes own, remote;
	size_t count = 0;

	if (v->route_based)
		return; /* without proxy IDs it is all to all */
	peer_prefixes(&v->own, IP_V4, &own);
	peer_prefixes(&v->remote, IP_V4, &remote);
	for (size_t i = 0; i < own.count; i++)
		for (size_t k = 0; k < remote.count; k++) {
			count++;
			strbuf_printf(out, "%s auto-key proxy-id net%zu local %s\n", base, count,
				      ip_prefix_text(&own.item[i], a, sizeof(a)));
			strbuf_printf(out, "%s auto-key proxy-id net%zu remote %s\n", base, count,
				      ip_prefix_text(&remote.item[k], b, sizeof(b)));
			strbuf_printf(out, "%s auto-key proxy-id net%zu protocol any\n", base,
				      count);
		}
}

static void put_tunnel(struct strbuf *out, const struct peer_view *v, const struct peer_tunnel *t)
{
	char name[40], base[96], inner[IP_TEXT_MAX];
	unsigned unit = 100 + t->number;

	strbuf_printf(out, "set network interface tunnel units tunnel.%u mtu 1400\n", unit);
	if (ip_addr_is_set(&t->own_inner))
		strbuf_printf(out, "set network interface tunnel units tunnel.%u ip %s/30\n", unit,
			      ip_addr_text(&t->own_inner, inner, sizeof(inner)));
	strbuf_printf(out, "set network virtual-router default interface tunnel.%u\n", unit);
	strbuf_printf(out, "set zone vpn network layer3 tunnel.%u\n", unit);
	(void)snprintf(base, sizeof(base), "set network tunnel ipsec %s",
		       name_of(v, t, name, sizeof(name)));
	strbuf_printf(out, "%s auto-key ike-gateway %s\n", base, name);
	strbuf_printf(out, "%s auto-key ipsec-crypto-profile %.*s\n", base, NAME_MAX_LEN, v->label);
	strbuf_printf(out, "%s tunnel-interface tunnel.%u\n", base, unit);
	put_proxy_ids(out, v, base);
}

static void put_routes(struct strbuf *out, const struct peer_view *v, const struct peer_tunnel *t)
{
	const char *router = "set network virtual-router default routing-table ip static-route";
	struct peer_prefixes p;
	char text[IP_TEXT_MAX];

	peer_routes(v, &p);
	for (size_t i = 0; i < p.count; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "%.*s-%u-%zu", 20, v->label, t->number, i + 1);
		strbuf_printf(out, "%s %s destination %s\n", router, name,
			      ip_prefix_text(&p.item[i], text, sizeof(text)));
		strbuf_printf(out, "%s %s interface tunnel.%u\n", router, name, 100 + t->number);
		strbuf_printf(out, "%s %s metric %u\n", router, name,
			      t->role == SITE_PRIMARY ? 10 : 20);
	}
}

void peer_palo_alto(const struct peer_view *v, struct strbuf *out)
{
	unsigned prf = v->ike.gcm ? (v->ike.ke == 20 ? 384 : 256) : v->ike.hash;

	strbuf_add(out, "# ethernet1/1 to 1/3, virtual router default and zone vpn stand for those "
			"of the site\n");
	if (v->ike.prf != prf)
		strbuf_printf(out,
			      "# PAN-OS takes the PRF from the other algorithms: set prf %s%u in "
			      "init-parameters\n",
			      prf == 1 ? "sha" : "sha2-", prf);
	put_profiles(out, v);
	for (size_t i = 0; i < v->count; i++) {
		put_gateway(out, v, &v->tunnels[i]);
		put_tunnel(out, v, &v->tunnels[i]);
		put_routes(out, v, &v->tunnels[i]);
	}
	if (v->route_based)
		strbuf_add(out, "# Add a route for each network behind this appliance\n");
}
