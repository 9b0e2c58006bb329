/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cisco ASA: virtual tunnel interfaces where all goes to all, otherwise one crypto map entry whose
 * peers are tried in order. */
#include "commands/peer_config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *hash_word(uint16_t hash)
{
	return hash == 1 ? "sha" : hash == 384 ? "sha384" : hash == 512 ? "sha512" : "sha256";
}

static const char *esp_hash_word(uint16_t hash)
{
	return hash == 1 ? "sha-1" : hash == 384 ? "sha-384" : hash == 512 ? "sha-512" : "sha-256";
}

/* "aes" is AES-128 on an ASA. */
static const char *cipher_word(const struct peer_suite *s)
{
	if (s->gcm)
		return s->key_bits == 128 ? "aes-gcm" : "aes-gcm-256";
	return s->key_bits == 128 ? "aes" : "aes-256";
}

static void put_suites(struct strbuf *out, const struct peer_view *v)
{
	const struct peer_suite *i = &v->ike, *c = &v->child;

	strbuf_printf(out, "crypto ikev2 policy 10\n encryption %s\n integrity %s\n",
		      i->gcm && i->key_bits == 128 ? "aes-gcm" : cipher_word(i),
		      i->gcm ? "null" : hash_word(i->hash));
	strbuf_printf(out, " group %u\n prf %s\n lifetime seconds %" PRIu32 "\n!\n", i->ke,
		      hash_word(i->prf), i->lifetime_s);
	strbuf_add(out, "crypto ikev2 enable outside\n!\n");
	strbuf_printf(out,
		      "crypto ipsec ikev2 ipsec-proposal %s\n protocol esp encryption %s\n"
		      " protocol esp integrity %s\n!\n",
		      v->label, cipher_word(c), c->gcm ? "null" : esp_hash_word(c->hash));
}

/* No tunnel before this one goes to the same address. */
static bool is_first_at(const struct peer_view *v, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(v->tunnels[i].remote_address, v->tunnels[index].remote_address) == 0)
			return false;
	return true;
}

static void put_group(struct strbuf *out, const struct peer_view *v, const struct peer_tunnel *t)
{
	const char *name = t->remote_address;

	strbuf_printf(out, "tunnel-group %s type ipsec-l2l\n", name);
	strbuf_printf(out, "tunnel-group %s general-attributes\n default-group-policy %s\n", name,
		      v->label);
	strbuf_printf(out, "tunnel-group %s ipsec-attributes\n", name);
	strbuf_printf(out, " isakmp keepalive threshold %" PRIu32 " retry 5\n", v->keepalive_s);
	strbuf_add(out, " ikev2 remote-authentication pre-shared-key ");
	peer_put_bare_key(out, t, "hex ");
	strbuf_add(out, "\n ikev2 local-authentication pre-shared-key ");
	peer_put_bare_key(out, t, "hex ");
	strbuf_add(out, "\n!\n");
}

static void put_identity(struct strbuf *out, const char *indent, const struct peer_tunnel *t)
{
	switch ((enum ike_id_type)t->own_id.type) {
	case IKE_ID_FQDN: /* as "hostname" an ASA can only send its own name */
		strbuf_printf(out,
			      "! The ASA presents its own host name, it has to be %s; or use "
			      "authentication-identifier key-id here\n%sset ikev2 local-identity "
			      "hostname\n",
			      t->own_id.text, indent);
		break;
	case IKE_ID_RFC822_ADDR:
		strbuf_printf(out, "%sset ikev2 local-identity email-id %s\n", indent,
			      t->own_id.text);
		break;
	case IKE_ID_KEY_ID:
		strbuf_printf(out, "%sset ikev2 local-identity key-id %s\n", indent,
			      t->own_id.text);
		break;
	case IKE_ID_NONE:
	case IKE_ID_IPV4_ADDR:
	case IKE_ID_IPV6_ADDR:
		break;
	}
}

static void put_interface(struct strbuf *out, const struct peer_view *v,
			  const struct peer_tunnel *t)
{
	char inner[IP_TEXT_MAX];

	strbuf_printf(out,
		      "crypto ipsec profile %s\n set ikev2 ipsec-proposal %s\n set pfs group%u\n"
		      " set security-association lifetime seconds %" PRIu32 "\n",
		      t->label, v->label, v->child.ke, v->child.lifetime_s);
	put_identity(out, " ", t);
	strbuf_printf(out, "!\ninterface Tunnel%u\n nameif %s\n", 100 + t->number, t->label);
	if (ip_addr_is_set(&t->own_inner))
		strbuf_printf(out, " ip address %s 255.255.255.252\n",
			      ip_addr_text(&t->own_inner, inner, sizeof(inner)));
	else
		strbuf_printf(out, " ip address 169.254.250.%u 255.255.255.252\n",
			      4 * t->number + 1);
	strbuf_printf(out,
		      " tunnel source interface outside\n tunnel destination %s\n"
		      " tunnel mode ipsec ipv4\n tunnel protection ipsec profile %s\n!\n",
		      t->remote_address, t->label);
}

static void put_vti(struct strbuf *out, const struct peer_view *v)
{
	char addr[IP_TEXT_MAX], mask[IP_TEXT_MAX], gate[IP_TEXT_MAX];
	struct peer_prefixes p;

	peer_routes(v, &p);
	for (size_t i = 0; i < v->count; i++)
		if (is_first_at(v, i))
			put_interface(out, v, &v->tunnels[i]);
	for (size_t i = 0; i < v->count; i++) {
		const struct peer_tunnel *t = &v->tunnels[i];
		struct ip_addr next = t->remote_inner;

		if (!is_first_at(v, i))
			continue;
		if (!ip_addr_is_set(&next))
			next = ip_addr_v4(0xa9fefa00u + 4 * t->number + 2);
		for (size_t k = 0; k < p.count; k++)
			strbuf_printf(out, "route %s %s %s %s %u\n", t->label,
				      peer_address(&p.item[k], addr, sizeof(addr)),
				      peer_mask(&p.item[k], mask, sizeof(mask)),
				      ip_addr_text(&next, gate, sizeof(gate)), t->number);
	}
	strbuf_add(out, "! Add a route for each network behind this appliance\n");
}

static void put_object_group(struct strbuf *out, const struct peer_view *v, const char *what,
			     const struct ike_ts_list *l)
{
	char addr[IP_TEXT_MAX], mask[IP_TEXT_MAX];
	struct peer_prefixes p;

	peer_prefixes(l, IP_V4, &p);
	strbuf_printf(out, "object-group network %s-%s\n", v->label, what);
	for (size_t i = 0; i < p.count; i++)
		strbuf_printf(out, " network-object %s %s\n",
			      peer_address(&p.item[i], addr, sizeof(addr)),
			      peer_mask(&p.item[i], mask, sizeof(mask)));
}

static void put_crypto_map(struct strbuf *out, const struct peer_view *v)
{
	const char *n = v->label;

	put_object_group(out, v, "own", &v->own);
	put_object_group(out, v, "remote", &v->remote);
	strbuf_printf(out,
		      "access-list %s extended permit ip object-group %s-own object-group "
		      "%s-remote\n",
		      n, n, n);
	strbuf_printf(out,
		      "nat (inside,outside) source static %s-own %s-own destination static "
		      "%s-remote %s-remote no-proxy-arp route-lookup\n!\n",
		      n, n, n, n);
	strbuf_printf(out, "crypto map outside_map 10 match address %s\n", n);
	strbuf_add(out, "crypto map outside_map 10 set peer");
	for (size_t i = 0; i < v->count; i++)
		if (is_first_at(v, i))
			strbuf_printf(out, " %s", v->tunnels[i].remote_address);
	strbuf_printf(out,
		      "\ncrypto map outside_map 10 set ikev2 ipsec-proposal %s\n"
		      "crypto map outside_map 10 set pfs group%u\n"
		      "crypto map outside_map 10 set security-association lifetime seconds %" PRIu32
		      "\n",
		      n, v->child.ke, v->child.lifetime_s);
	put_identity(out, "crypto map outside_map 10 ", &v->tunnels[0]);
	strbuf_add(out, "crypto map outside_map interface outside\n");
	if (v->own.count * v->remote.count > 1 && !v->single_ts)
		strbuf_add(out, "! An ASA takes one pair of networks per Child SA: set "
				"single-traffic-selector enable for this site\n");
}

void peer_cisco_asa(const struct peer_view *v, struct strbuf *out)
{
	strbuf_add(out, "! outside stands for the interface to the Internet, inside for the LAN\n");
	put_suites(out, v);
	strbuf_printf(out,
		      "group-policy %s internal\ngroup-policy %s attributes\n"
		      " vpn-tunnel-protocol ikev2\n vpn-idle-timeout none\n!\n",
		      v->label, v->label);
	for (size_t i = 0; i < v->count; i++)
		if (is_first_at(v, i))
			put_group(out, v, &v->tunnels[i]);
		else
			strbuf_printf(out,
				      "! %s: an ASA has one tunnel to an address, give this one "
				      "another destination\n",
				      v->tunnels[i].label);
	if (v->route_based)
		put_vti(out, v);
	else
		put_crypto_map(out, v);
}
