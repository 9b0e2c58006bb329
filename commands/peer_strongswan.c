/* SPDX-License-Identifier: GPL-3.0-or-later */
/* swanctl.conf(5) of strongSwan: one connection per tunnel, with its secret; policy-based. */
#include "commands/peer_config.h"

#include "ikev2/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put_suite(struct strbuf *out, const struct peer_suite *s)
{
	if (s->gcm)
		strbuf_printf(out, "aes%ugcm16", s->key_bits);
	else
		strbuf_printf(out, "aes%u-sha%u", s->key_bits, s->hash);
	if (s->prf)
		strbuf_printf(out, "-prfsha%u", s->prf);
	strbuf_printf(out, "-%s\n", peer_group_word(s->ke));
}

static void put_id(struct strbuf *out, const struct peer_id *id)
{
	const char *hex = strncmp(id->text, "0x", 2) == 0 ? id->text + 2 : NULL;

	switch ((enum ike_id_type)id->type) {
	case IKE_ID_FQDN:
		strbuf_printf(out, "\"fqdn:%s\"", id->text);
		break;
	case IKE_ID_RFC822_ADDR:
		strbuf_printf(out, "\"email:%s\"", id->text);
		break;
	case IKE_ID_KEY_ID:
		strbuf_printf(out, "\"keyid:%s%s\"", hex ? "#" : "", hex ? hex : id->text);
		break;
	case IKE_ID_NONE:
		strbuf_add(out, "\"%any\"");
		break;
	case IKE_ID_IPV4_ADDR:
	case IKE_ID_IPV6_ADDR:
		strbuf_printf(out, "\"%s\"", id->text);
		break;
	}
}

static void put_list(struct strbuf *out, const struct ike_ts_list *l)
{
	char text[IP_RANGE_TEXT_MAX];

	for (size_t i = 0; i < l->count; i++)
		strbuf_printf(out, "%s%s", i ? "," : "",
			      ip_range_text(&l->ts[i].range, text, sizeof(text)));
}

/* count: of Child SAs so far, in its name. */
static void put_child(struct strbuf *out, const struct peer_view *v, const struct peer_tunnel *t,
		      const struct ike_ts_list *own, const struct ike_ts_list *remote, size_t count)
{
	strbuf_printf(out, "      %s-net%zu {\n        local_ts = ", t->label, count + 1);
	put_list(out, own);
	strbuf_add(out, "\n        remote_ts = ");
	put_list(out, remote);
	strbuf_add(out, "\n        esp_proposals = ");
	put_suite(out, &v->child);
	strbuf_printf(out, "        rekey_time = %" PRIu32 "s\n        life_time = %" PRIu32 "s\n",
		      v->child.lifetime_s * 9 / 10, v->child.lifetime_s);
	/* All tunnels have the same networks: the lower number sends. */
	strbuf_printf(out, "        priority = %u\n", 1000 * ((unsigned)t->role + 1) + t->index);
	strbuf_printf(out, "        start_action = %s\n        close_action = %s\n",
		      v->peer_starts ? "start" : "none", v->peer_starts ? "start" : "none");
	strbuf_printf(out, "        dpd_action = %s\n      }\n",
		      v->peer_starts ? "restart" : "clear");
}

static void put_children(struct strbuf *out, const struct peer_view *v, const struct peer_tunnel *t)
{
	struct ike_ts_list own = {.count = 1}, remote = {.count = 1};
	size_t count = 0;

	strbuf_add(out, "    children {\n");
	if (!v->single_ts) {
		put_child(out, v, t, &v->own, &v->remote, 0);
		strbuf_add(out, "    }\n");
		return;
	}
	for (size_t i = 0; i < v->own.count; i++)
		for (size_t k = 0; k < v->remote.count; k++) {
			own.ts[0] = v->own.ts[i];
			remote.ts[0] = v->remote.ts[k];
			put_child(out, v, t, &own, &remote, count++);
		}
	strbuf_add(out, "    }\n");
}

static void put_connection(struct strbuf *out, const struct peer_view *v,
			   const struct peer_tunnel *t)
{
	char own[IP_TEXT_MAX] = "%any";

	if (ip_addr_is_set(&t->own_address) && t->own_id.type == IKE_ID_IPV4_ADDR &&
	    strcmp(ip_addr_text(&t->own_address, own, sizeof(own)), t->own_id.text) != 0)
		(void)snprintf(own, sizeof(own), "%%any");
	strbuf_printf(out, "  %s {\n    version = 2\n    local_addrs = %s\n", t->label, own);
	strbuf_printf(out, "    remote_addrs = %s\n    proposals = ", t->remote_address);
	put_suite(out, &v->ike);
	strbuf_printf(out, "    rekey_time = %" PRIu32 "s\n    over_time = %" PRIu32 "s\n",
		      v->ike.lifetime_s * 9 / 10, v->ike.lifetime_s / 10);
	strbuf_printf(out, "    dpd_delay = %" PRIu32 "s\n    keyingtries = 0\n    mobike = no\n",
		      v->keepalive_s);
	if (t->ppk_id)
		strbuf_printf(out, "    ppk_id = %s\n    ppk_required = %s\n", t->ppk_id,
			      t->ppk_required ? "yes" : "no");
	strbuf_add(out, "    local {\n      auth = psk\n      id = ");
	put_id(out, &t->own_id);
	strbuf_add(out, "\n    }\n    remote {\n      auth = psk\n      id = ");
	put_id(out, &t->remote_id);
	strbuf_add(out, "\n    }\n");
	put_children(out, v, t);
	strbuf_add(out, "  }\n");
}

/* What the site sends to itself must not go into the tunnel. */
static void put_bypass(struct strbuf *out, const struct peer_view *v)
{
	bool any = false;

	for (size_t i = 0; i < v->remote.count; i++)
		any |= ip_range_is_any(&v->remote.ts[i].range);
	if (!any)
		return;
	strbuf_printf(out,
		      "  %s-local {\n    remote_addrs = 127.0.0.1\n    children {\n"
		      "      %s-local {\n        mode = pass\n        start_action = trap\n"
		      "        local_ts = ",
		      v->label, v->label);
	put_list(out, &v->own);
	strbuf_add(out, "\n        remote_ts = ");
	put_list(out, &v->own);
	strbuf_add(out, "\n      }\n    }\n  }\n");
}

static void put_secret(struct strbuf *out, const struct peer_tunnel *t)
{
	strbuf_printf(out, "  ike-%s {\n    id-1 = ", t->label);
	put_id(out, &t->own_id);
	strbuf_add(out, "\n    id-2 = ");
	put_id(out, &t->remote_id);
	strbuf_add(out, "\n    secret = ");
	peer_put_key(out, t, "0x");
	strbuf_add(out, "\n  }\n");
	if (!t->ppk_id)
		return;
	strbuf_printf(out, "  ppk-%s {\n    id = %s\n    secret = ", t->label, t->ppk_id);
	peer_put_ppk(out, t, "0x");
	strbuf_add(out, "\n  }\n");
}

void peer_strongswan(const struct peer_view *v, struct strbuf *out)
{
	strbuf_add(out, "connections {\n");
	for (size_t i = 0; i < v->count; i++)
		put_connection(out, v, &v->tunnels[i]);
	put_bypass(out, v);
	strbuf_add(out, "}\nsecrets {\n");
	for (size_t i = 0; i < v->count; i++)
		put_secret(out, &v->tunnels[i]);
	strbuf_add(out, "}\n");
}
