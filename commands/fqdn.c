/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 80 random bits: a name that is there already does not come twice. */
#include "commands/fqdn.h"

#include "commands/apply.h"
#include "commands/commands_state.h"
#include "commands/config_index.h"
#include "dataplane/site/names.h"
#include "platform/os/loop.h"

static void give(struct config *c, struct site_config *s, enum site_role role, unsigned index0)
{
	struct tunnel_config *t = &s->tunnels[role][index0];

	if (c->index != NULL)
		config_index_site_drop(c->index, s);
	names_generate(role, index0, c->box.dns_zone, t->fqdn);
	t->fqdn_made_ms = loop_wall_ms();
	if (c->index != NULL)
		config_index_site_put(c->index, s);
}

bool fqdn_fill(struct config *c, struct site_config *s)
{
	bool given = false;

	for (unsigned i = 0; c->box.dns_zone[0] != '\0' && i < SITE_ROLES * SITE_TUNNELS; i++) {
		enum site_role role = (enum site_role)(i / SITE_TUNNELS);
		const struct tunnel_config *t = &s->tunnels[role][i % SITE_TUNNELS];

		if (t->present && t->fqdn[0] == '\0' && s->destination[role].kind == SITE_DEST_FQDN)
			given = true;
		else
			continue;
		give(c, s, role, i % SITE_TUNNELS);
	}
	return given;
}

int fqdn_renew(struct commands *c, const char *site, enum site_role role, unsigned index0,
	       struct err_msg *e)
{
	struct site_config *s = config_site(&c->running, site);

	if (s == NULL)
		return err_set(e, ERR_NOT_FOUND, "Site %s is not configured", site);
	if (!s->tunnels[role][index0].present)
		return err_set(e, ERR_NOT_FOUND, "Site %s has no tunnel %s %u", site,
			       site_role_name(role), index0 + 1);
	if (s->destination[role].kind != SITE_DEST_FQDN)
		return err_set(e, ERR_WRONG_STATE,
			       "The %s tunnels of site %s have no names: their destination is no "
			       "fqdn",
			       site_role_name(role), site);
	if (c->running.box.dns_zone[0] == '\0')
		return err_set(e, ERR_WRONG_STATE, "There is no zone for names: enter dns zone");
	give(&c->running, s, role, index0);
	return apply_site(c, site, e);
}
