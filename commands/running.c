/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Swaps the running configuration and puts everybody where he can go on. */
#include "commands/running.h"

#include "commands/apply.h"
#include "commands/commands_state.h"
#include "commands/mode.h"
#include "commands/session_state.h"
#include "commands/writer.h"

#include <string.h>

/* The object that the session is in may be gone. */
static void settle(struct session *s)
{
	struct config_place *p = &s->place;
	const struct site_config *site;

	s->touched[0] = '\0';
	s->rules_touched = false;
	if (s->config != &s->commands->running)
		return;
	if (p->mode == CMD_NETRULE && net_rules_find(&s->config->rules, p->rule) == NULL)
		p->mode = CMD_CONFIG;
	if ((p->mode == CMD_POP && pops_find(&s->config->cloud.pops, p->object) == NULL) ||
	    (p->mode == CMD_ACCOUNT &&
	     accounts_find(&s->config->cloud.accounts, p->object) == NULL))
		p->mode = CMD_CONFIG;
	if (!mode_is_in_site(p->mode))
		return;
	site = config_site(s->config, p->site);
	if (site == NULL)
		p->mode = CMD_CONFIG;
	else if (p->mode == CMD_TUNNEL && !site->tunnels[p->role][p->index0].present)
		p->mode = CMD_SITE;
}

int running_replace(struct commands *c, struct config *target, struct err_msg *e)
{
	struct config old = c->running;
	struct list *node, *after;
	int r;

	c->running = *target;
	*target = old;
	list_for_each(node, after, &c->sessions) settle(container_of(node, struct session, node));
	apply_cloud(c);
	r = apply_all(c, e);
	apply_rules(c);
	apply_box(c);
	return r;
}

void running_text(const struct config *config, struct strbuf *out)
{
	struct config_writer w = {.out = out};

	writer_config(&w, config);
}

void running_broadcast(struct commands *c, const char *text)
{
	struct list *node, *after;

	list_for_each(node, after, &c->sessions)
	{
		struct session *s = container_of(node, struct session, node);

		s->io.async(s->io_arg, text);
	}
}
