/* SPDX-License-Identifier: GPL-3.0-or-later */
/* iked.conf(5) of OpenIKED: one policy per tunnel. */
#include "commands/peer_config.h"

#include "ikev2/number.h"

#include <inttypes.h>
#include <stdio.h>

static void put_hash(struct strbuf *out, const char *word, uint16_t hash)
{
	if (hash == 1)
		strbuf_printf(out, " %s hmac-sha1", word);
	else if (hash)
		strbuf_printf(out, " %s hmac-sha2-%u", word, hash);
}

static void put_suite(struct strbuf *out, const char *word, const struct peer_suite *s)
{
	strbuf_printf(out, "\t%s enc aes-%u%s", word, s->key_bits, s->gcm ? "-gcm" : "");
	put_hash(out, "prf", s->prf);
	put_hash(out, "auth", s->hash);
	strbuf_printf(out, " group %s \\\n", peer_group_word(s->ke));
}

static void put_flows(struct strbuf *out, const struct peer_view *v)
{
	char a[IP_TEXT_MAX], b[IP_TEXT_MAX];
	struct peer_prefixes own, remote;

	peer_prefixes(&v->own, IP_NONE, &own);
	peer_prefixes(&v->remote, IP_NONE, &remote);
	for (size_t i = 0; i < own.count; i++)
		for (size_t k = 0; k < remote.count; k++)
			if (own.item[i].addr.family == remote.item[k].addr.family)
				strbuf_printf(out, "\tfrom %s to %s \\\n",
					      ip_prefix_text(&own.item[i], a, sizeof(a)),
					      ip_prefix_text(&remote.item[k], b, sizeof(b)));
}

static bool is_known_id(const struct peer_id *id)
{
	return id->type != IKE_ID_KEY_ID;
}

static void put_policy(struct strbuf *out, const struct peer_view *v,
		       const struct peer_suite *child, const struct peer_tunnel *t)
{
	if (!is_known_id(&t->own_id) || !is_known_id(&t->remote_id))
		strbuf_printf(out,
			      "# %s: OpenIKED has no key-id, set authentication-identifier fqdn "
			      "for this site\n",
			      t->label);
	/* The first one is kept up; the others answer, since their networks are the same. */
	strbuf_printf(out, "ikev2 \"%s\" %s esp \\\n", t->label,
		      v->peer_starts && t->number == 1 ? "active" : "passive");
	put_flows(out, v);
	/* An address as srcid needs a local address. */
	if (t->own_id.type == IKE_ID_IPV4_ADDR || t->own_id.type == IKE_ID_IPV6_ADDR)
		strbuf_printf(out, "\tlocal %s peer %s \\\n", t->own_id.text, t->remote_address);
	else
		strbuf_printf(out, "\tpeer %s \\\n", t->remote_address);
	put_suite(out, "ikesa", &v->ike);
	put_suite(out, "childsa", child);
	strbuf_printf(out, "\tsrcid %s dstid %s \\\n", t->own_id.text, t->remote_id.text);
	strbuf_printf(out, "\tikelifetime %" PRIu32 " lifetime %" PRIu32 " \\\n\tpsk ",
		      v->ike.lifetime_s, v->child.lifetime_s);
	peer_put_key(out, t, "0x");
	strbuf_add_char(out, '\n');
}

void peer_openiked(const struct peer_view *v, struct strbuf *out)
{
	struct peer_suite child = v->child;

	if (v->child_is_free) {
		child.gcm = false;
		child.hash = 512;
	}
	strbuf_printf(out, "set dpd_check_interval %" PRIu32 "\n", v->keepalive_s);
	if (v->single_ts && v->own.count * v->remote.count > 1)
		strbuf_add(out, "# One pair of networks per Child SA: OpenIKED asks for all at "
				"once, and gets the first\n");
	/* openiked-portable issue 126, and its PF_KEY without HMAC-SHA2-256. */
	if (child.gcm || child.hash == 256)
		strbuf_add(out, "# OpenIKED 7.2 on Linux has no AES-GCM and no sha2-256 for "
				"childsa: there, set "
				"auth-parameters encryption aes-cbc-256 integrity sha2-512\n");
	for (size_t i = 0; i < v->count; i++)
		put_policy(out, v, &child, &v->tunnels[i]);
}
