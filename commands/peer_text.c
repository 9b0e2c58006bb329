/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces that the products share, and the frame of the whole text; see peer_config.h. */
#include "commands/peer_config.h"

#include "ikev2/number.h"
#include "platform/base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct peer_product products[] = {
	{"strongswan", "strongSwan 5.9 or later: /etc/swanctl/conf.d/, then swanctl --load-all",
	 "#", peer_strongswan, true, false},
	{"libreswan", "libreswan 4 or later: paste into a root shell", "#", peer_libreswan, true,
	 false},
	{"openiked", "OpenIKED 7 or later: /etc/iked.conf, mode 0600", "#", peer_openiked, false,
	 false},
	{"cisco-ios", "Cisco IOS XE 16.12 or later: paste in configuration mode", "!",
	 peer_cisco_ios, true, true},
	{"cisco-asa", "Cisco ASA 9.8 or later: paste in configuration mode", "!", peer_cisco_asa,
	 false, false},
	{"fortigate", "FortiOS 6.4 or later: paste into the CLI", "#", peer_fortigate, false, true},
	{"palo-alto", "PAN-OS 10 or later: paste in configure mode, then commit", "#",
	 peer_palo_alto, false, false},
	{"aws", "AWS Site-to-Site VPN: paste into a shell with the AWS CLI", "#", peer_aws, false,
	 true},
};

const struct peer_product *peer_product_at(size_t index)
{
	return index < ARRAY_LEN(products) ? &products[index] : NULL;
}

const struct peer_product *peer_product(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(products); i++)
		if (strcmp(products[i].word, word) == 0)
			return &products[i];
	return NULL;
}

void peer_config(const struct peer_product *p, const struct peer_view *v, struct strbuf *out)
{
	bool keys = false;

	for (size_t i = 0; i < v->count; i++)
		keys |= v->tunnels[i].psk != NULL;
	strbuf_printf(out, "%s The peer of site %s\n%s %s\n", p->comment, v->site->name, p->comment,
		      p->title);
	if (!keys)
		strbuf_printf(out,
			      "%s Put the pre-shared keys in place of PSK_OF_...; at privilege 15, "
			      "\"show ipsec site %s peer-config %s include-secrets\" has them\n",
			      p->comment, v->site->name, p->word);
	for (size_t i = 0; i < v->count && !p->has_ppk; i++)
		if (v->tunnels[i].ppk_id)
			strbuf_printf(out,
				      "%s %s: this product has no postquantum preshared keys\n",
				      p->comment, v->tunnels[i].label);
	if (peer_has_bgp(v) && !p->has_bgp)
		peer_bgp_comment(v, p->comment, out);
	if (v->left_out[0])
		strbuf_printf(out, "%s Left out, public-ip or local-id is missing: %s\n",
			      p->comment, v->left_out);
	if (v->count == 0)
		strbuf_printf(out, "%s The site has no complete tunnel yet\n", p->comment);
	else
		p->write(v, out);
}

/* ---- Addresses ------------------------------------------------------------------------------- */

void peer_prefixes(const struct ike_ts_list *l, enum ip_family family, struct peer_prefixes *out)
{
	out->count = 0;
	for (size_t i = 0; i < l->count; i++) {
		const struct ip_range *r = &l->ts[i].range;
		size_t room = PEER_PREFIXES_MAX - out->count, n;

		if (family != IP_NONE && r->first.family != (uint8_t)family)
			continue;
		n = ip_range_prefixes(r, &out->item[out->count], room);
		out->count += n < room ? n : room;
	}
}

void peer_routes(const struct peer_view *v, struct peer_prefixes *out)
{
	peer_prefixes(&v->remote, IP_V4, out);
	if (!v->route_based)
		return;
	out->count = 0;
	for (size_t i = 0; i < v->routes->count; i++)
		out->item[out->count++] = v->routes->item[i];
}

static const char *mask_text(const struct ip_prefix *p, bool inverse, char *buf, size_t size)
{
	uint32_t mask = p->len == 0 ? 0 : UINT32_MAX << (32 - p->len);
	struct ip_addr a = ip_addr_v4(inverse ? ~mask : mask);

	return ip_addr_text(&a, buf, size);
}

const char *peer_group_word(uint16_t ke)
{
	switch (ke) {
	case IKE_KE_MODP_1024:
		return "modp1024";
	case IKE_KE_MODP_1536:
		return "modp1536";
	case IKE_KE_MODP_2048:
		return "modp2048";
	case IKE_KE_MODP_3072:
		return "modp3072";
	case IKE_KE_MODP_4096:
		return "modp4096";
	case IKE_KE_ECP_384:
		return "ecp384";
	case IKE_KE_CURVE25519:
		return "curve25519";
	default:
		return "ecp256";
	}
}

const char *peer_mask(const struct ip_prefix *p, char *buf, size_t size)
{
	return mask_text(p, false, buf, size);
}

const char *peer_wildcard(const struct ip_prefix *p, char *buf, size_t size)
{
	return mask_text(p, true, buf, size);
}

const char *peer_address(const struct ip_prefix *p, char *buf, size_t size)
{
	return ip_addr_text(&p->addr, buf, size);
}

bool peer_is_address(const char *text)
{
	struct ip_addr a;

	return ip_addr_parse(text, &a) == 0;
}

/* ---- Keys ------------------------------------------------------------------------------------ */

bool peer_key_is_text(const struct secret *k)
{
	for (size_t i = 0; i < k->len; i++)
		if (k->data[i] < ' ' || k->data[i] > '~')
			return false;
	return true;
}

static void put_hex(struct strbuf *out, const struct secret *k)
{
	for (size_t i = 0; i < k->len; i++)
		strbuf_printf(out, "%02x", k->data[i]);
}

static void put_placeholder(struct strbuf *out, const struct peer_tunnel *t, const char *what)
{
	strbuf_printf(out, "%s_OF_%s_%u", what, t->role == SITE_PRIMARY ? "PRIMARY" : "SECONDARY",
		      t->index);
}

static void put_key(struct strbuf *out, const struct peer_tunnel *t, const struct secret *k,
		    const char *what, const char *hex)
{
	if (k && !peer_key_is_text(k)) {
		strbuf_add(out, hex);
		put_hex(out, k);
		return;
	}
	strbuf_add_char(out, '"');
	if (!k)
		put_placeholder(out, t, what);
	for (size_t i = 0; k && i < k->len; i++) {
		if (k->data[i] == '"' || k->data[i] == '\\')
			strbuf_add_char(out, '\\');
		strbuf_add_char(out, (char)k->data[i]);
	}
	strbuf_add_char(out, '"');
}

static void put_bare_key(struct strbuf *out, const struct peer_tunnel *t, const struct secret *k,
			 const char *what, const char *hex_word)
{
	bool plain = true;

	if (!k) {
		put_placeholder(out, t, what);
		return;
	}
	for (size_t i = 0; i < k->len; i++)
		plain &= isgraph(k->data[i]) && !strchr("\"?'\\", k->data[i]);
	if (plain) {
		strbuf_add_bytes(out, k->data, k->len);
		return;
	}
	strbuf_add(out, hex_word);
	put_hex(out, k);
}

void peer_put_key(struct strbuf *out, const struct peer_tunnel *t, const char *hex)
{
	put_key(out, t, t->psk, "PSK", hex);
}

void peer_put_bare_key(struct strbuf *out, const struct peer_tunnel *t, const char *hex_word)
{
	put_bare_key(out, t, t->psk, "PSK", hex_word);
}

void peer_put_ppk(struct strbuf *out, const struct peer_tunnel *t, const char *hex)
{
	put_key(out, t, t->ppk, "PPK", hex);
}

void peer_put_bare_ppk(struct strbuf *out, const struct peer_tunnel *t, const char *hex_word)
{
	put_bare_key(out, t, t->ppk, "PPK", hex_word);
}
