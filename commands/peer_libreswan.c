/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ipsec.conf(5) and ipsec.secrets(5) of libreswan, as two files that a root shell writes. */
#include "commands/peer_config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put_hash(struct strbuf *out, uint16_t hash)
{
	if (hash == 1)
		strbuf_add(out, "sha1");
	else
		strbuf_printf(out, "sha2_%u", hash);
}

static void put_suite(struct strbuf *out, const struct peer_suite *s)
{
	strbuf_printf(out, "%s%u", s->gcm ? "aes_gcm" : "aes", s->key_bits);
	if (s->prf) {
		/* One hash stands for both; with AES-GCM it is the PRF. */
		strbuf_add_char(out, '-');
		put_hash(out, s->prf);
	} else if (!s->gcm) {
		strbuf_add_char(out, '-');
		put_hash(out, s->hash);
	} else {
		strbuf_add(out, "-null"); /* or the group is read as the integrity algorithm */
	}
	strbuf_printf(out, "-dh%u\n", s->ke);
}

static void put_id(struct strbuf *out, const struct peer_id *id)
{
	bool hex = strncmp(id->text, "0x", 2) == 0;

	switch ((enum ike_id_type)id->type) {
	case IKE_ID_FQDN:
		strbuf_printf(out, "@%s", id->text);
		break;
	case IKE_ID_KEY_ID:
		if (hex)
			strbuf_printf(out, "@#%s", id->text);
		else
			strbuf_printf(out, "@[%s]", id->text);
		break;
	case IKE_ID_NONE:
		strbuf_add(out, "%any");
		break;
	case IKE_ID_IPV4_ADDR:
	case IKE_ID_IPV6_ADDR:
	case IKE_ID_RFC822_ADDR:
		strbuf_add(out, id->text);
		break;
	}
}

static void put_subnets(struct strbuf *out, const char *side, const struct ike_ts_list *l)
{
	struct peer_prefixes p;
	char text[IP_TEXT_MAX];

	peer_prefixes(l, IP_NONE, &p);
	strbuf_printf(out, "\t%ssubnet%s=%s", side, p.count == 1 ? "" : "s",
		      p.count == 1 ? "" : "{");
	for (size_t i = 0; i < p.count; i++)
		strbuf_printf(out, "%s%s", i ? " " : "",
			      ip_prefix_text(&p.item[i], text, sizeof(text)));
	strbuf_printf(out, "%s\n", p.count == 1 ? "" : "}");
}

static void put_conn(struct strbuf *out, const struct peer_view *v, const struct peer_tunnel *t)
{
	strbuf_printf(out, "conn %s\n\tikev2=insist\n\tauthby=secret\n", t->label);
	strbuf_add(out, "\tleft=%defaultroute\n\tleftid=");
	put_id(out, &t->own_id);
	strbuf_add_char(out, '\n');
	put_subnets(out, "left", &v->own);
	strbuf_printf(out, "\tright=%s\n\trightid=", t->remote_address);
	put_id(out, &t->remote_id);
	strbuf_add_char(out, '\n');
	put_subnets(out, "right", &v->remote);
	strbuf_add(out, "\tike=");
	put_suite(out, &v->ike);
	if (t->ppk_id)
		strbuf_printf(out, "\tppk=%s\n", t->ppk_required ? "insist" : "yes");
	strbuf_add(out, "\tesp=");
	put_suite(out, &v->child);
	strbuf_printf(out, "\tpfs=yes\n\tikelifetime=%" PRIu32 "s\n\tsalifetime=%" PRIu32 "s\n",
		      v->ike.lifetime_s, v->child.lifetime_s);
	strbuf_printf(out, "\tdpddelay=%" PRIu32 "s\n\tdpdaction=%s\n\tnarrowing=yes\n",
		      v->keepalive_s, v->peer_starts ? "restart" : "clear");
	/* One way at a time: two with the same networks would fight for the policies. */
	strbuf_printf(out, "\tauto=%s\n", v->peer_starts && t->number == 1 ? "start" : "add");
}

static void put_ids(struct strbuf *out, const struct peer_tunnel *t)
{
	put_id(out, &t->own_id);
	strbuf_add_char(out, ' ');
	put_id(out, &t->remote_id);
}

/* No escape is known: a key with a quote is written in hexadecimal. */
static void put_key(struct strbuf *out, const struct secret *k)
{
	if (peer_key_is_text(k) && !memchr(k->data, '"', k->len)) {
		strbuf_add_char(out, '"');
		strbuf_add_bytes(out, k->data, k->len);
		strbuf_add_char(out, '"');
		return;
	}
	strbuf_add(out, "0x");
	for (size_t i = 0; i < k->len; i++)
		strbuf_printf(out, "%02x", k->data[i]);
}

static void put_secret(struct strbuf *out, const struct peer_tunnel *t)
{
	put_ids(out, t);
	strbuf_add(out, " : PSK ");
	if (t->psk)
		put_key(out, t->psk);
	else
		peer_put_key(out, t, "");
	strbuf_add_char(out, '\n');
	if (!t->ppk_id)
		return;
	put_ids(out, t);
	strbuf_printf(out, " : PPKS \"%s\" ", t->ppk_id);
	if (t->ppk)
		put_key(out, t->ppk);
	else
		peer_put_ppk(out, t, "");
	strbuf_add_char(out, '\n');
}

void peer_libreswan(const struct peer_view *v, struct strbuf *out)
{
	strbuf_printf(out, "umask 077\ncat >/etc/ipsec.d/%s.conf <<'EOF'\n", v->label);
	for (size_t i = 0; i < v->count; i++)
		put_conn(out, v, &v->tunnels[i]);
	strbuf_printf(out, "EOF\ncat >/etc/ipsec.d/%s.secrets <<'EOF'\n", v->label);
	for (size_t i = 0; i < v->count; i++)
		put_secret(out, &v->tunnels[i]);
	strbuf_add(out, "EOF\nipsec auto --rereadsecrets\n");
	for (size_t i = 0; i < v->count; i++)
		strbuf_printf(out, "ipsec auto --add %s\n", v->tunnels[i].label);
	if (v->peer_starts)
		strbuf_printf(out, "ipsec auto --asynchronous --up %s\n", v->tunnels[0].label);
	if (v->count > 1)
		strbuf_printf(out,
			      "# The other tunnels have the same networks: bring one up when the "
			      "first is down, ipsec auto --up %s\n",
			      v->tunnels[1].label);
}
