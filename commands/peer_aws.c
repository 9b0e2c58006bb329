/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS Site-to-Site VPN: a customer gateway and a VPN connection for each address of ours, the
 * tunnels of that address as its tunnel options.  AWS chooses its own addresses: they become
 * public-ip here afterwards.
 */
#include "commands/peer_config.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define AWS_TUNNELS	   2 /* per connection */
#define AWS_IKE_LIFE_MAX   28800
#define AWS_CHILD_LIFE_MAX 3600

static void put_algorithms(struct strbuf *out, const char *phase, const struct peer_suite *s)
{
	unsigned hash = s->gcm ? (s->prf ? s->prf : 256) : s->hash;

	strbuf_printf(out, "\"%sEncryptionAlgorithms\":[{\"Value\":\"AES%u%s\"}],", phase,
		      s->key_bits, s->gcm ? "-GCM-16" : "");
	strbuf_printf(out, "\"%sIntegrityAlgorithms\":[{\"Value\":\"%s\"}],", phase,
		      hash == 1	    ? "SHA1"
		      : hash == 384 ? "SHA2-384"
		      : hash == 512 ? "SHA2-512"
				    : "SHA2-256");
	strbuf_printf(out, "\"%sDHGroupNumbers\":[{\"Value\":%u}],", phase, s->ke);
}

static uint32_t at_most(uint32_t value, uint32_t limit)
{
	return value < limit ? value : limit;
}

/* 8-64 of letters, digits, full stop and underscore, not beginning with 0. */
static bool key_is_good(const struct secret *k)
{
	if (k->len < 8 || k->len > 64 || k->data[0] == '0')
		return false;
	for (size_t i = 0; i < k->len; i++)
		if (!isalnum(k->data[i]) && k->data[i] != '.' && k->data[i] != '_')
			return false;
	return true;
}

/* The /30 of both private addresses, when AWS can have the first host of it. */
static bool inside_of(const struct peer_tunnel *t, char *buf, size_t size)
{
	const uint8_t *b = t->own_inner.bytes;

	if (t->own_inner.family != IP_V4 || b[0] != 169 || b[1] != 254 || b[3] % 4 != 1)
		return false;
	(void)snprintf(buf, size, "%u.%u.%u.%u/30", b[0], b[1], b[2], b[3] - 1u);
	return true;
}

static void put_tunnel(struct strbuf *out, const struct peer_view *v, const struct peer_tunnel *t)
{
	struct peer_tunnel shown = *t;
	char inside[32];

	strbuf_add_char(out, '{');
	if (inside_of(t, inside, sizeof(inside)))
		strbuf_printf(out, "\"TunnelInsideCidr\":\"%s\",", inside);
	if (shown.psk && !key_is_good(shown.psk))
		shown.psk = NULL; /* a placeholder, with a warning above */
	strbuf_add(out, "\"PreSharedKey\":");
	peer_put_key(out, &shown, "");
	strbuf_add(out, ",\"IKEVersions\":[{\"Value\":\"ikev2\"}],");
	put_algorithms(out, "Phase1", &v->ike);
	put_algorithms(out, "Phase2", &v->child);
	strbuf_printf(out,
		      "\"Phase1LifetimeSeconds\":%" PRIu32 ",\"Phase2LifetimeSeconds\":%" PRIu32
		      ",\"DPDTimeoutSeconds\":30,\"DPDTimeoutAction\":\"%s\","
		      "\"StartupAction\":\"%s\"}",
		      at_most(v->ike.lifetime_s, AWS_IKE_LIFE_MAX),
		      at_most(v->child.lifetime_s, AWS_CHILD_LIFE_MAX),
		      v->peer_starts ? "restart" : "clear", v->peer_starts ? "start" : "add");
}

/* AWS has one pair of networks per tunnel. */
static void put_networks(struct strbuf *out, const struct peer_view *v)
{
	struct peer_prefixes own, remote;
	char a[IP_TEXT_MAX], b[IP_TEXT_MAX];
	bool one;

	peer_prefixes(&v->own, IP_V4, &own);
	peer_prefixes(&v->remote, IP_V4, &remote);
	one = !v->route_based && own.count == 1 && remote.count == 1;
	strbuf_printf(out, "\"LocalIpv4NetworkCidr\":\"%s\",\"RemoteIpv4NetworkCidr\":\"%s\",",
		      one ? ip_prefix_text(&remote.item[0], a, sizeof(a)) : "0.0.0.0/0",
		      one ? ip_prefix_text(&own.item[0], b, sizeof(b)) : "0.0.0.0/0");
}

static void put_warnings(struct strbuf *out, const struct peer_view *v)
{
	for (size_t i = 0; i < v->count; i++) {
		const struct peer_tunnel *t = &v->tunnels[i];

		if (t->psk && !key_is_good(t->psk))
			strbuf_printf(out,
				      "# %s: AWS takes keys of 8 to 64 letters, digits, . and _, "
				      "not beginning with 0\n",
				      t->label);
		if (t->own_id.type != IKE_ID_NONE && t->own_id.type != IKE_ID_IPV4_ADDR)
			strbuf_printf(out,
				      "# %s: AWS presents its address, set "
				      "authentication-identifier ipv4\n",
				      t->label);
		if (!peer_is_address(t->remote_address))
			strbuf_printf(out,
				      "# %s: AWS needs an address of this appliance, set "
				      "destination ipv4\n",
				      t->label);
	}
	if (!v->route_based && v->own.count * v->remote.count > 1)
		strbuf_add(out, "# AWS takes one pair of networks: configure none with "
				"network-range, the SA then covers all\n");
}

static bool is_first_at(const struct peer_view *v, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(v->tunnels[i].remote_address, v->tunnels[index].remote_address) == 0)
			return false;
	return true;
}

static void put_connection(struct strbuf *out, const struct peer_view *v, size_t first)
{
	const char *address = v->tunnels[first].remote_address;
	unsigned count = 0;

	strbuf_printf(out,
		      "CGW=$(aws ec2 create-customer-gateway --type ipsec.1 --ip-address %s "
		      "--bgp-asn %" PRIu32
		      " --query CustomerGateway.CustomerGatewayId --output text)\n",
		      address, peer_has_bgp(v) ? v->site->bgp.local_as : 65000);
	strbuf_add(out, "aws ec2 create-vpn-connection --type ipsec.1 --customer-gateway-id "
			"\"$CGW\" --vpn-gateway-id \"$VGW\" --options '{");
	put_networks(out, v);
	strbuf_printf(out, "\"StaticRoutesOnly\":%s,\"TunnelOptions\":[",
		      peer_has_bgp(v) ? "false" : "true");
	for (size_t i = first; i < v->count && count < AWS_TUNNELS; i++) {
		if (strcmp(v->tunnels[i].remote_address, address) != 0)
			continue;
		strbuf_add(out, count++ ? "," : "");
		put_tunnel(out, v, &v->tunnels[i]);
	}
	strbuf_add(out, "]}'\n");
}

void peer_aws(const struct peer_view *v, struct strbuf *out)
{
	put_warnings(out, v);
	strbuf_add(out, "VGW=vgw-00000000000000000\n");
	for (size_t i = 0; i < v->count; i++)
		if (is_first_at(v, i))
			put_connection(out, v, i);
	strbuf_add(out, "# Set the outside addresses that AWS chose as public-ip of these tunnels "
			"here\n");
}
