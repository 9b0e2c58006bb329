/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BGP of the peer over the tunnels, for the products that do it themselves; see peer_config.h. */
#include "commands/peer_config.h"

#include <inttypes.h>

bool peer_has_bgp(const struct peer_view *v)
{
	const struct site_bgp *b = &v->site->bgp;

	return b->enabled && b->local_as && b->peer_as;
}

static bool has_neighbor(const struct peer_tunnel *t)
{
	return ip_addr_is_set(&t->remote_inner);
}

void peer_bgp_comment(const struct peer_view *v, const char *comment, struct strbuf *out)
{
	char addr[IP_TEXT_MAX];

	for (size_t i = 0; i < v->count; i++)
		if (has_neighbor(&v->tunnels[i]))
			strbuf_printf(out,
				      "%s %s: configure BGP as well, AS %" PRIu32
				      " there, neighbor %s of AS %" PRIu32 "\n",
				      comment, v->tunnels[i].label, v->site->bgp.peer_as,
				      ip_addr_text(&v->tunnels[i].remote_inner, addr, sizeof(addr)),
				      v->site->bgp.local_as);
}

static void put_password(struct strbuf *out, const struct peer_view *v)
{
	const struct secret *k = &v->site->bgp.password.key;

	if (v->secrets && k->len > 0 && peer_key_is_text(k))
		strbuf_add_bytes(out, k->data, k->len);
	else
		strbuf_add(out, "PASSWORD_OF_BGP");
}

static bool has_password(const struct peer_view *v)
{
	return v->site->bgp.password.key.len > 0 || v->site->bgp.password.sealed;
}

void peer_bgp_cisco_ios(const struct peer_view *v, struct strbuf *out)
{
	char addr[IP_TEXT_MAX], mask[IP_TEXT_MAX];
	struct peer_prefixes own;

	peer_prefixes(&v->own, IP_V4, &own);
	strbuf_printf(out, "router bgp %" PRIu32 "\n", v->site->bgp.peer_as);
	for (size_t i = 0; i < v->count; i++) {
		if (!has_neighbor(&v->tunnels[i]))
			continue;
		(void)ip_addr_text(&v->tunnels[i].remote_inner, addr, sizeof(addr));
		strbuf_printf(out,
			      " neighbor %s remote-as %" PRIu32 "\n neighbor %s timers %" PRIu32
			      " %" PRIu32 "\n",
			      addr, v->site->bgp.local_as, addr, v->site->bgp.keepalive_s,
			      v->site->bgp.hold_s);
		if (!has_password(v))
			continue;
		strbuf_printf(out, " neighbor %s password ", addr);
		put_password(out, v);
		strbuf_add_char(out, '\n');
	}
	for (size_t i = 0; i < own.count; i++)
		strbuf_printf(out, " network %s mask %s\n",
			      peer_address(&own.item[i], addr, sizeof(addr)),
			      peer_mask(&own.item[i], mask, sizeof(mask)));
	strbuf_add(out, "!\n");
}

void peer_bgp_fortigate(const struct peer_view *v, struct strbuf *out)
{
	char addr[IP_TEXT_MAX], mask[IP_TEXT_MAX];
	struct peer_prefixes own;

	peer_prefixes(&v->own, IP_V4, &own);
	strbuf_printf(out, "config router bgp\n    set as %" PRIu32 "\n    config neighbor\n",
		      v->site->bgp.peer_as);
	for (size_t i = 0; i < v->count; i++) {
		if (!has_neighbor(&v->tunnels[i]))
			continue;
		strbuf_printf(out, "        edit \"%s\"\n            set remote-as %" PRIu32 "\n",
			      ip_addr_text(&v->tunnels[i].remote_inner, addr, sizeof(addr)),
			      v->site->bgp.local_as);
		if (has_password(v)) {
			strbuf_add(out, "            set password ");
			put_password(out, v);
			strbuf_add_char(out, '\n');
		}
		strbuf_add(out, "        next\n");
	}
	strbuf_add(out, "    end\n    config network\n");
	for (size_t i = 0; i < own.count; i++)
		strbuf_printf(out, "        edit %zu\n            set prefix %s %s\n        next\n",
			      i + 1, peer_address(&own.item[i], addr, sizeof(addr)),
			      peer_mask(&own.item[i], mask, sizeof(mask)));
	strbuf_add(out, "    end\nend\n");
}
