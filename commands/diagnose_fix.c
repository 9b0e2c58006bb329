/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the cause of a failure to the configuration lines that mend it on this side, ready to paste
 * in configuration mode; values that only the operator knows are left to a question of the command
 * or written in capitals. */
#include "commands/diagnose.h"

#include "commands/show_names.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <string.h>

struct lines {
	char *buf;
	size_t size, len;
};

static void put(struct lines *l, unsigned indent, const char *text)
{
	int n = snprintf(l->buf + l->len, l->size - l->len, "%*s%s\n", (int)indent, "", text);

	if (n > 0 && l->len + (size_t)n < l->size)
		l->len += (size_t)n;
	else
		l->buf[l->len] = '\0';
}

static void enter_site(struct lines *l, const struct site_config *c)
{
	char text[SITE_NAME_MAX + 16];

	(void)snprintf(text, sizeof(text), "ipsec site %s", c->name);
	put(l, 0, text);
}

static void enter_tunnel(struct lines *l, const struct tunnel_status *t)
{
	char text[48];

	(void)snprintf(text, sizeof(text), "tunnel %s %u", site_role_name(t->role), t->index);
	put(l, 1, text);
}

/* ---- Identities ------------------------------------------------------------------------------ */

static void fix_identity(struct lines *l, const struct site_config *c,
			 const struct tunnel_status *t)
{
	const struct ike_id *seen = &t->ike.failure.id_seen;
	char id[2 * IKE_ID_MAX + 8], text[2 * IKE_ID_MAX + 40];

	if (seen->type == IKE_ID_NONE)
		return;
	enter_site(l, c);
	enter_tunnel(l, t);
	(void)snprintf(text, sizeof(text), "remote-id %s %s", ike_id_type_name(seen->type),
		       ike_id_text(seen, id, sizeof(id)));
	put(l, 2, text);
}

static void fix_own_id(struct lines *l, const struct site_config *c, const struct tunnel_status *t)
{
	const struct ike_comparison *cmp = &t->ike.comparison;
	char text[IKE_COMPARISON_TEXT + 40];

	if (cmp->count < 2)
		return;
	enter_site(l, c);
	enter_tunnel(l, t);
	(void)snprintf(text, sizeof(text), "own-id %s %s", cmp->row[0].peer, cmp->row[1].peer);
	put(l, 2, text);
}

static void fix_address(struct lines *l, const struct site_config *c, const struct tunnel_status *t)
{
	const struct ip_addr *from = &t->ike.failure.remote.addr;
	char addr[IP_TEXT_MAX], text[IP_TEXT_MAX + 16];

	if (!ip_addr_is_set(from))
		return;
	enter_site(l, c);
	enter_tunnel(l, t);
	(void)snprintf(text, sizeof(text), "public-ip %s", ip_addr_text(from, addr, sizeof(addr)));
	put(l, 2, text);
}

/* ---- Algorithms ------------------------------------------------------------------------------ */

/* The first of the peer's algorithms that we have, as the configuration calls it; NULL: none. */
static const char *configurable(const char *attribute, const char *list, char *buf, size_t size)
{
	static const struct {
		const char *attribute, *name, *word;
	} known[] = {
		{"encryption", "aes-gcm-256", "aes-gcm-256"},
		{"encryption", "aes-gcm-128", "aes-gcm-128"},
		{"encryption", "aes-cbc-256", "aes-cbc-256"},
		{"encryption", "aes-cbc-128", "aes-cbc-128"},
		{"prf", "sha2-256", "sha2-256"},
		{"prf", "sha2-384", "sha2-384"},
		{"prf", "sha2-512", "sha2-512"},
		{"prf", "sha1", "sha1"},
		{"integrity", "sha2-256", "sha2-256"},
		{"integrity", "sha2-384", "sha2-384"},
		{"integrity", "sha2-512", "sha2-512"},
		{"integrity", "sha1", "sha1"},
		{"dh-group", "dh20", "20"},
		{"dh-group", "dh19", "19"},
		{"dh-group", "dh16", "16"},
		{"dh-group", "dh15", "15"},
		{"dh-group", "dh14", "14"},
		{"dh-group", "dh5", "5"},
		{"dh-group", "dh2", "2"},
	};

	while (*list) {
		size_t n = strcspn(list, ",");

		for (size_t i = 0; i < ARRAY_LEN(known); i++)
			if (strcmp(known[i].attribute, attribute) == 0 &&
			    strlen(known[i].name) == n && strncmp(known[i].name, list, n) == 0) {
				(void)snprintf(buf, size, "%s %s", attribute, known[i].word);
				return buf;
			}
		list += n;
		list += strspn(list, ", ");
	}
	return NULL;
}

static void fix_algorithms(struct lines *l, const struct site_config *c,
			   const struct tunnel_status *t, const char *mode)
{
	const struct ike_comparison *cmp = &t->ike.comparison;
	char text[64];
	bool any = false;

	enter_site(l, c);
	put(l, 1, mode);
	for (size_t i = 0; i < cmp->count; i++) {
		if (!cmp->row[i].differs)
			continue;
		any = true;
		/* one that we do not have: the peer has to change */
		if (!configurable(cmp->row[i].attribute, cmp->row[i].peer, text, sizeof(text))) {
			l->len = 0;
			l->buf[0] = '\0';
			return;
		}
		put(l, 2, text);
	}
	if (any)
		return;
	put(l, 2, "encryption automatic"); /* the peer did not tell what it has */
	put(l, 2, "integrity automatic");
	put(l, 2, "dh-group automatic");
}

/* ---- Networks -------------------------------------------------------------------------------- */

static void fix_networks(struct lines *l, const struct site_config *c,
			 const struct tunnel_status *t)
{
	const struct ike_comparison *cmp = &t->ike.comparison;
	char text[IKE_COMPARISON_TEXT + 32], first[IKE_COMPARISON_TEXT];

	for (size_t i = 0; i < cmp->count; i++) {
		bool here = strcmp(cmp->row[i].attribute, "networks here") == 0;

		if (!cmp->row[i].differs || strcmp(cmp->row[i].peer, "not told") == 0)
			continue;
		if (l->len == 0)
			enter_site(l, c);
		(void)snprintf(first, sizeof(first), "%s", cmp->row[i].peer);
		first[strcspn(first, ", ")] = '\0';
		if (here)
			(void)snprintf(text, sizeof(text), "network-range LABEL:%s", first);
		else
			(void)snprintf(text, sizeof(text), "network LABEL %s", first);
		put(l, 1, text);
	}
}

static void fix_single(struct lines *l, const struct site_config *c, const struct tunnel_status *t)
{
	(void)t;
	enter_site(l, c);
	put(l, 1, "single-traffic-selector enable");
}

static void fix_tunnel(struct lines *l, const struct site_config *c, const struct tunnel_status *t,
		       const char *command)
{
	enter_site(l, c);
	enter_tunnel(l, t);
	put(l, 2, command);
}

static void fix_lifetimes(struct lines *l, const struct site_config *c,
			  const struct tunnel_status *t)
{
	(void)t;
	enter_site(l, c);
	put(l, 1, "ike-lifetime 19800");
	put(l, 1, "child-lifetime 3600");
}

static void fix_admin_down(struct lines *l, const struct site_config *c,
			   const struct tunnel_status *t)
{
	char text[SITE_NAME_MAX + 64];

	(void)snprintf(text, sizeof(text), "do ipsec initiate site %s %s %u", c->name,
		       site_role_name(t->role), t->index);
	put(l, 0, text);
}

/* ---- Causes ---------------------------------------------------------------------------------- */

static void fix_psk(struct lines *l, const struct site_config *c, const struct tunnel_status *t)
{
	fix_tunnel(l, c, t, "psk");
}

static void fix_ppk(struct lines *l, const struct site_config *c, const struct tunnel_status *t)
{
	const char *id = c->tunnels[t->role][t->index - 1].ppk.id;
	char text[IKE_PPK_ID_MAX + 16];

	(void)snprintf(text, sizeof(text), "ppk id %s", id[0] ? id : "NAME");
	fix_tunnel(l, c, t, text);
}

static void fix_peer_address(struct lines *l, const struct site_config *c,
			     const struct tunnel_status *t)
{
	fix_tunnel(l, c, t, "public-ip ADDRESS");
}

static void fix_ike(struct lines *l, const struct site_config *c, const struct tunnel_status *t)
{
	fix_algorithms(l, c, t, "init-parameters");
}

static void fix_child(struct lines *l, const struct site_config *c, const struct tunnel_status *t)
{
	fix_algorithms(l, c, t, "auth-parameters");
}

/* Causes without a row: nothing on this side mends them. */
static const struct {
	enum ike_cause cause;
	void (*fix)(struct lines *l, const struct site_config *c, const struct tunnel_status *t);
} fixes[] = {
	{IKE_CAUSE_SILENT, fix_peer_address},
	{IKE_CAUSE_PORT_UNREACHABLE, fix_peer_address},
	{IKE_CAUSE_HOST_UNREACHABLE, fix_peer_address},
	{IKE_CAUSE_PPK_MISMATCH, fix_ppk},
	{IKE_CAUSE_PSK_MISMATCH, fix_psk},
	{IKE_CAUSE_PSK_OTHER_TUNNEL, fix_psk},
	{IKE_CAUSE_REFUSED_BY_PEER, fix_psk},
	{IKE_CAUSE_ID_VALUE, fix_identity},
	{IKE_CAUSE_ID_TYPE, fix_identity},
	{IKE_CAUSE_ID_PRIVATE, fix_identity},
	{IKE_CAUSE_OWN_ID, fix_own_id},
	{IKE_CAUSE_PEER_ADDRESS, fix_address},
	{IKE_CAUSE_IKE_ALGORITHMS, fix_ike},
	{IKE_CAUSE_IKE_REFUSED, fix_ike},
	{IKE_CAUSE_CHILD_ALGORITHMS, fix_child},
	{IKE_CAUSE_CHILD_REFUSED, fix_child},
	{IKE_CAUSE_REKEY_GROUP, fix_child},
	{IKE_CAUSE_SELECTORS, fix_networks},
	{IKE_CAUSE_SINGLE_PAIR, fix_single},
	{IKE_CAUSE_ADMIN_DOWN, fix_admin_down},
	{IKE_CAUSE_REKEY_STORM, fix_lifetimes},
};

void diagnose_fix(const struct site_config *c, const struct tunnel_status *t, char *buf,
		  size_t size)
{
	struct lines l = {.buf = buf, .size = size};

	buf[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(fixes); i++)
		if (fixes[i].cause == t->cause)
			fixes[i].fix(&l, c, t);
}
