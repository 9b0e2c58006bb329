/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FortiOS: phase 1 and 2 interfaces, tunnel addresses, routes and policies. */
#include "commands/peer_config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 13 /* phase1-interface names have 15, two are for the number */

/* Interface names are short: the beginning of the site and the tunnel's number. */
static const char *name_of(const struct peer_view *v, const struct peer_tunnel *t, char *buf,
			   size_t size)
{
	(void)snprintf(buf, size, "%.*s-%u", NAME_MAX_LEN, v->label, t->number);
	return buf;
}

static void put_hash(struct strbuf *out, uint16_t hash)
{
	strbuf_printf(out, "sha%u", hash);
}

static void put_proposal(struct strbuf *out, const struct peer_suite *s)
{
	strbuf_printf(out, "aes%u%s", s->key_bits, s->gcm ? "gcm" : "");
	if (s->gcm && s->prf) {
		strbuf_add(out, "-prf");
		put_hash(out, s->prf);
	} else if (!s->gcm) {
		strbuf_add_char(out, '-');
		put_hash(out, s->hash);
	}
	strbuf_add_char(out, '\n');
}

static void put_local_id(struct strbuf *out, const struct peer_id *id)
{
	const char *type = "auto";

	switch ((enum ike_id_type)id->type) {
	case IKE_ID_FQDN:
		type = "fqdn";
		break;
	case IKE_ID_RFC822_ADDR:
		type = "user-fqdn";
		break;
	case IKE_ID_KEY_ID:
		type = "keyid";
		break;
	case IKE_ID_IPV4_ADDR:
	case IKE_ID_IPV6_ADDR:
		type = "address";
		break;
	case IKE_ID_NONE:
		return;
	}
	strbuf_printf(out, "        set localid-type %s\n        set localid \"%s\"\n", type,
		      id->text);
}

/* A question mark would call the help of the CLI. */
static void put_key(struct strbuf *out, const struct peer_tunnel *t)
{
	if (!t->psk || !memchr(t->psk->data, '?', t->psk->len)) {
		peer_put_key(out, t, "0x");
		return;
	}
	strbuf_add(out, "0x");
	for (size_t i = 0; i < t->psk->len; i++)
		strbuf_printf(out, "%02x", t->psk->data[i]);
}

static void put_phase1(struct strbuf *out, const struct peer_view *v, const struct peer_tunnel *t)
{
	bool named = !peer_is_address(t->remote_address);
	char name[32];

	strbuf_printf(out, "    edit \"%s\"\n        set interface \"wan%u\"\n",
		      name_of(v, t, name, sizeof(name)), t->wan);
	if (named)
		strbuf_printf(out, "        set type ddns\n        set remotegw-ddns \"%s\"\n",
			      t->remote_address);
	else
		strbuf_printf(out, "        set remote-gw %s\n", t->remote_address);
	strbuf_add(out, "        set ike-version 2\n        set net-device disable\n");
	if (t->remote_id.type == IKE_ID_FQDN)
		strbuf_printf(out, "        set peertype one\n        set peerid \"%s\"\n",
			      t->remote_id.text);
	else
		strbuf_add(out, "        set peertype any\n");
	put_local_id(out, &t->own_id);
	strbuf_add(out, "        set proposal ");
	put_proposal(out, &v->ike);
	strbuf_printf(out, "        set dhgrp %u\n        set keylife %" PRIu32 "\n", v->ike.ke,
		      v->ike.lifetime_s);
	strbuf_printf(out,
		      "        set nattraversal enable\n        set dpd on-idle\n"
		      "        set dpd-retryinterval %" PRIu32 "\n        set dpd-retrycount 5\n",
		      v->keepalive_s);
	strbuf_printf(out, "        set passive-mode %s\n", v->peer_starts ? "disable" : "enable");
	strbuf_add(out, "        set psksecret ");
	put_key(out, t);
	strbuf_add(out, "\n    next\n");
}

static void put_selector(struct strbuf *out, const char *side, const struct ip_range *r)
{
	char a[IP_TEXT_MAX], b[IP_TEXT_MAX];
	struct ip_prefix p[2];

	if (ip_range_prefixes(r, p, 2) == 1) {
		strbuf_printf(out, "        set %s-subnet %s %s\n", side,
			      peer_address(&p[0], a, sizeof(a)), peer_mask(&p[0], b, sizeof(b)));
		return;
	}
	strbuf_printf(out,
		      "        set %s-addr-type range\n        set %s-start-ip %s\n"
		      "        set %s-end-ip %s\n",
		      side, side, ip_addr_text(&r->first, a, sizeof(a)), side,
		      ip_addr_text(&r->last, b, sizeof(b)));
}

static void put_phase2(struct strbuf *out, const struct peer_view *v, const struct peer_tunnel *t)
{
	size_t count = 0;
	char name[32];

	(void)name_of(v, t, name, sizeof(name));
	for (size_t i = 0; i < v->own.count; i++)
		for (size_t k = 0; k < v->remote.count; k++) {
			const struct ip_range *own = &v->own.ts[i].range;
			const struct ip_range *remote = &v->remote.ts[k].range;

			if (own->first.family != IP_V4 || remote->first.family != IP_V4)
				continue;
			strbuf_printf(out,
				      "    edit \"%s-%zu\"\n        set phase1name \"%s\"\n"
				      "        set proposal ",
				      name, ++count, name);
			put_proposal(out, &v->child);
			strbuf_printf(out,
				      "        set pfs enable\n        set dhgrp %u\n"
				      "        set keylifeseconds %" PRIu32 "\n"
				      "        set auto-negotiate %s\n",
				      v->child.ke, v->child.lifetime_s,
				      v->peer_starts ? "enable" : "disable");
			put_selector(out, "src", own);
			put_selector(out, "dst", remote);
			strbuf_add(out, "    next\n");
		}
}

static void put_addresses(struct strbuf *out, const struct peer_view *v)
{
	char name[32], a[IP_TEXT_MAX], b[IP_TEXT_MAX];
	bool any = false;

	for (size_t i = 0; i < v->count; i++) {
		const struct peer_tunnel *t = &v->tunnels[i];

		if (!ip_addr_is_set(&t->own_inner) || !ip_addr_is_set(&t->remote_inner))
			continue;
		strbuf_printf(out,
			      "%s    edit \"%s\"\n        set ip %s 255.255.255.255\n"
			      "        set remote-ip %s 255.255.255.252\n    next\n",
			      any ? "" : "config system interface\n",
			      name_of(v, t, name, sizeof(name)),
			      ip_addr_text(&t->own_inner, a, sizeof(a)),
			      ip_addr_text(&t->remote_inner, b, sizeof(b)));
		any = true;
	}
	if (any)
		strbuf_add(out, "end\n");
}

static void put_route(struct strbuf *out, const struct peer_view *v, const struct peer_tunnel *t,
		      const struct ip_prefix *p)
{
	char name[32], a[IP_TEXT_MAX], b[IP_TEXT_MAX];

	strbuf_printf(out,
		      "    edit 0\n        set dst %s %s\n        set device \"%s\"\n"
		      "        set distance %u\n    next\n",
		      peer_address(p, a, sizeof(a)), peer_mask(p, b, sizeof(b)),
		      name_of(v, t, name, sizeof(name)), t->role == SITE_PRIMARY ? 10 : 20);
}

static void put_routes(struct strbuf *out, const struct peer_view *v)
{
	struct peer_prefixes p;

	peer_routes(v, &p);
	strbuf_add(out, "config router static\n");
	for (size_t i = 0; i < v->count; i++)
		for (size_t k = 0; k < p.count; k++)
			put_route(out, v, &v->tunnels[i], &p.item[k]);
	strbuf_add(out, "end\n");
}

static void put_policies(struct strbuf *out, const struct peer_view *v)
{
	char name[32];

	strbuf_add(out, "config firewall policy\n");
	for (size_t i = 0; i < v->count; i++) {
		(void)name_of(v, &v->tunnels[i], name, sizeof(name));
		for (unsigned in = 0; in < 2; in++)
			strbuf_printf(out,
				      "    edit 0\n        set name \"%s-%s\"\n"
				      "        set srcintf \"%s\"\n        set dstintf \"%s\"\n"
				      "        set srcaddr \"all\"\n        set dstaddr \"all\"\n"
				      "        set action accept\n        set schedule \"always\"\n"
				      "        set service \"ALL\"\n    next\n",
				      name, in ? "in" : "out", in ? name : "internal",
				      in ? "internal" : name);
	}
	strbuf_add(out, "end\n");
}

void peer_fortigate(const struct peer_view *v, struct strbuf *out)
{
	strbuf_add(out, "# wan1 to wan3 and internal stand for the interfaces of the site\n");
	if (!v->ike.gcm && v->ike.prf != v->ike.hash)
		strbuf_add(out, "# FortiOS takes the PRF from the integrity algorithm: set both "
				"alike in init-parameters\n");
	strbuf_add(out, "config vpn ipsec phase1-interface\n");
	for (size_t i = 0; i < v->count; i++)
		put_phase1(out, v, &v->tunnels[i]);
	strbuf_add(out, "end\nconfig vpn ipsec phase2-interface\n");
	for (size_t i = 0; i < v->count; i++)
		put_phase2(out, v, &v->tunnels[i]);
	strbuf_add(out, "end\n");
	put_addresses(out, v);
	put_routes(out, v);
	put_policies(out, v);
	if (v->route_based)
		strbuf_add(out, "# Add a route for each network behind this appliance\n");
	if (peer_has_bgp(v))
		peer_bgp_fortigate(v, out);
}
