/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cisco IOS XE: FlexVPN blocks and one virtual tunnel interface per tunnel; networks that are not
 * "all to all" by an access list on the interface (16.12 and later). */
#include "commands/peer_config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put_suites(struct strbuf *out, const struct peer_view *v)
{
	const struct peer_suite *i = &v->ike, *c = &v->child;

	strbuf_printf(out, "crypto ikev2 proposal %s\n encryption aes-%s-%u\n", v->label,
		      i->gcm ? "gcm" : "cbc", i->key_bits);
	if (!i->gcm)
		strbuf_printf(out, " integrity sha%u\n", i->hash);
	strbuf_printf(out, " prf sha%u\n group %u\n!\n", i->prf, i->ke);
	strbuf_printf(out, "crypto ikev2 policy %s\n proposal %s\n!\n", v->label, v->label);
	strbuf_printf(out, "crypto ipsec transform-set %s esp-%s %u", v->label,
		      c->gcm ? "gcm" : "aes", c->key_bits);
	if (!c->gcm)
		strbuf_printf(out, " esp-sha%s-hmac",
			      c->hash == 1     ? ""
			      : c->hash == 256 ? "256"
			      : c->hash == 384 ? "384"
					       : "512");
	strbuf_add(out, "\n mode tunnel\n!\n");
}

static void put_id(struct strbuf *out, const struct peer_id *id, bool local)
{
	switch ((enum ike_id_type)id->type) {
	case IKE_ID_FQDN:
		strbuf_printf(out, "fqdn %s\n", id->text);
		break;
	case IKE_ID_RFC822_ADDR:
		strbuf_printf(out, "email %s\n", id->text);
		break;
	case IKE_ID_KEY_ID:
		strbuf_printf(out, "key-id %s\n", id->text);
		break;
	case IKE_ID_IPV4_ADDR:
		strbuf_printf(out, "address %s%s\n", id->text, local ? "" : " 255.255.255.255");
		break;
	case IKE_ID_IPV6_ADDR:
		strbuf_printf(out, "address %s%s\n", id->text, local ? "" : "/128");
		break;
	case IKE_ID_NONE:
		strbuf_add(out, "any\n");
		break;
	}
}

static void put_keyring(struct strbuf *out, const struct peer_tunnel *t)
{
	strbuf_printf(out, "crypto ikev2 keyring %s\n peer %s\n", t->label, t->label);
	if (peer_is_address(t->remote_address))
		strbuf_printf(out, "  address %s\n", t->remote_address);
	else
		strbuf_printf(out, "  hostname %s\n", t->remote_address);
	strbuf_add(out, "  pre-shared-key ");
	peer_put_bare_key(out, t, "hex ");
	if (t->ppk_id) {
		strbuf_printf(out, "\n  ppk manual id %s key ", t->ppk_id);
		peer_put_bare_ppk(out, t, "hex ");
		strbuf_add(out, t->ppk_required ? " required" : "");
	}
	strbuf_add(out, "\n!\n");
}

static void put_profiles(struct strbuf *out, const struct peer_view *v, const struct peer_tunnel *t)
{
	strbuf_printf(out, "crypto ikev2 profile %s\n match identity remote ", t->label);
	put_id(out, &t->remote_id, false);
	strbuf_add(out, " identity local ");
	put_id(out, &t->own_id, true);
	strbuf_add(out, " authentication remote pre-share\n authentication local pre-share\n");
	strbuf_printf(out,
		      " keyring local %s\n lifetime %" PRIu32 "\n dpd %" PRIu32 " 5 periodic\n!\n",
		      t->label, v->ike.lifetime_s, v->keepalive_s);
	strbuf_printf(out, "crypto ipsec profile %s\n set transform-set %s\n set pfs group%u\n",
		      t->label, v->label, v->child.ke);
	strbuf_printf(out,
		      " set security-association lifetime seconds %" PRIu32
		      "\n set ikev2-profile %s\n!\n",
		      v->child.lifetime_s, t->label);
}

static void put_range(struct strbuf *out, const struct ip_prefix *p)
{
	char addr[IP_TEXT_MAX], mask[IP_TEXT_MAX];

	if (p->len == 0)
		strbuf_add(out, " any");
	else
		strbuf_printf(out, " %s %s", peer_address(p, addr, sizeof(addr)),
			      peer_wildcard(p, mask, sizeof(mask)));
}

static void put_access_list(struct strbuf *out, const struct peer_view *v)
{
	struct peer_prefixes own, remote;

	peer_prefixes(&v->own, IP_V4, &own);
	peer_prefixes(&v->remote, IP_V4, &remote);
	strbuf_printf(out, "ip access-list extended %s\n", v->label);
	for (size_t i = 0; i < own.count; i++)
		for (size_t k = 0; k < remote.count; k++) {
			strbuf_add(out, " permit ip");
			put_range(out, &own.item[i]);
			put_range(out, &remote.item[k]);
			strbuf_add_char(out, '\n');
		}
	strbuf_add(out, "!\n");
}

static void put_interface(struct strbuf *out, const struct peer_view *v,
			  const struct peer_tunnel *t)
{
	char inner[IP_TEXT_MAX];

	strbuf_printf(out, "interface Tunnel%u\n description %s\n", 100 + t->number, t->label);
	if (ip_addr_is_set(&t->own_inner))
		strbuf_printf(out, " ip address %s 255.255.255.252\n",
			      ip_addr_text(&t->own_inner, inner, sizeof(inner)));
	else
		strbuf_printf(out, " ip unnumbered GigabitEthernet%u\n", t->wan);
	strbuf_printf(out,
		      " ip mtu 1400\n ip tcp adjust-mss 1360\n tunnel source GigabitEthernet%u\n"
		      " tunnel mode ipsec ipv4\n tunnel destination %s\n",
		      t->wan, t->remote_address);
	if (!v->route_based)
		strbuf_printf(out, " tunnel protection ipsec policy ipv4 %s\n", v->label);
	strbuf_printf(out, " tunnel protection ipsec profile %s\n!\n", t->label);
}

/* The lower distance wins: tunnels in the order in which they are preferred. */
static void put_routes(struct strbuf *out, const struct peer_view *v, const struct peer_tunnel *t)
{
	unsigned distance = t->role == SITE_PRIMARY ? 1 : 10;
	char addr[IP_TEXT_MAX], mask[IP_TEXT_MAX];
	struct peer_prefixes p;

	peer_routes(v, &p);
	for (size_t i = 0; i < p.count; i++)
		strbuf_printf(out, "ip route %s %s Tunnel%u %u\n",
			      peer_address(&p.item[i], addr, sizeof(addr)),
			      peer_mask(&p.item[i], mask, sizeof(mask)), 100 + t->number, distance);
}

void peer_cisco_ios(const struct peer_view *v, struct strbuf *out)
{
	strbuf_add(out, "! GigabitEthernet1, 2, 3 stand for the interfaces to the Internet, wan1 "
			"to wan3\n");
	put_suites(out, v);
	if (!v->route_based)
		put_access_list(out, v);
	for (size_t i = 0; i < v->count; i++) {
		put_keyring(out, &v->tunnels[i]);
		put_profiles(out, v, &v->tunnels[i]);
		put_interface(out, v, &v->tunnels[i]);
	}
	for (size_t i = 0; i < v->count; i++)
		put_routes(out, v, &v->tunnels[i]);
	if (v->route_based)
		strbuf_add(out, "! Add a route for each network behind this appliance\n");
	if (peer_has_bgp(v))
		peer_bgp_cisco_ios(v, out);
}
