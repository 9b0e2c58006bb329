/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What operators do to tunnels: initiate, terminate, clear, rekey.  Says why it is not possible. */
#include "dataplane/site/gateway_state.h"

static int why_not_initiate(const struct tunnel *t, struct err_msg *e)
{
	const struct site_config *c = &t->site->config;
	char label[TUNNEL_LABEL_MAX];

	if (c->connection_mode == SITE_RESPONDER_ONLY)
		return err_set(e, ERR_WRONG_STATE,
			       "%s: connection-mode is responder-only, the peer has to initiate",
			       c->name);
	if (!ip_addr_is_set(&site_tunnel_config_of(t)->public_ip))
		return err_set(e, ERR_WRONG_STATE, "%s: public-ip is needed for initiating",
			       site_tunnel_label(t, label));
	return err_set(e, ERR_WRONG_STATE, "%s cannot initiate now", site_tunnel_label(t, label));
}

static int refused(const struct tunnel *t, enum ike_command c, int r, struct err_msg *e)
{
	char label[TUNNEL_LABEL_MAX];

	switch (c) {
	case IKE_CMD_INITIATE:
		return why_not_initiate(t, e);
	case IKE_CMD_REKEY_CHILD:
	case IKE_CMD_REKEY_IKE:
		return err_set(e, ERR_WRONG_STATE, "%s is not up, there is nothing to rekey",
			       site_tunnel_label(t, label));
	case IKE_CMD_TERMINATE:
	case IKE_CMD_CLEAR:
		break;
	}
	return err_set(e, r, "%s: not possible now (%s)", site_tunnel_label(t, label), err_name(r));
}

static int command_one(struct gateway *g, struct tunnel *t, enum ike_command c, struct err_msg *e)
{
	char label[TUNNEL_LABEL_MAX];
	const char *missing = site_tunnel_lacks(t);
	int r;

	if (!t->in_engine)
		return err_set(e, ERR_WRONG_STATE, "%s is not in service: %s",
			       site_tunnel_label(t, label), missing != NULL ? missing : t->problem);
	r = ike_engine_command(g->engine, gateway_clock(g), t->id, c);
	if (r != 0)
		return refused(t, c, r, e);
	if (c == IKE_CMD_TERMINATE)
		t->terminated = true;
	if (c == IKE_CMD_INITIATE)
		t->terminated = false;
	gateway_mark(t->site);
	return 0;
}

int gateway_command(struct gateway *g, const char *site, uint8_t slot, enum ike_command c,
		    struct err_msg *e)
{
	struct site *s = gateway_site(g, site);
	struct err_msg first = {.text = ""};
	bool any = false;
	bool done = false;

	if (s == NULL)
		return err_set(e, ERR_NOT_FOUND, "Site %s is not configured", site);
	for (uint8_t i = 1; i <= DP_SLOTS; i++) {
		struct err_msg one = {.text = ""};

		if (s->tunnels[i - 1] == NULL || (slot != 0 && slot != i))
			continue;
		if (command_one(g, s->tunnels[i - 1], c, &one) == 0)
			done = true;
		else if (!any || first.code == 0)
			first = one;
		any = true;
	}
	gateway_pump(g);
	if (!any && slot != 0 && slot <= DP_SLOTS)
		return err_set(e, ERR_NOT_FOUND, "site %s has no tunnel %s %u", site,
			       site_role_name(slot > SITE_TUNNELS ? SITE_SECONDARY : SITE_PRIMARY),
			       (slot - 1U) % SITE_TUNNELS + 1U);
	if (!any)
		return err_set(e, ERR_NOT_FOUND, "site %s has no tunnels", site);
	return done ? 0 : err_set(e, first.code, "%s", first.text);
}
