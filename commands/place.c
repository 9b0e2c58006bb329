/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a session is: modes, prompt, and when the engine is told of what was typed there.  A
 * session remembers names, not objects, because other sessions may remove them.
 */
#include "commands/apply.h"
#include "commands/cmd_site.h"
#include "commands/commands_state.h"
#include "commands/draft.h"
#include "commands/lock.h"
#include "commands/mode.h"
#include "commands/revert.h"
#include "commands/session_place.h"
#include "commands/session_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define IDLE_MS 1000

void place_update_prompt(struct session *s)
{
	const char *name = s->commands->running.box.hostname;

	char suffix[32];

	strbuf_reset(&s->prompt);
	if (s->banner.open)
		return; /* as on routers: the text is typed without one */
	if (s->draft != NULL && s->place.mode != CMD_EXEC)
		strbuf_printf(&s->prompt, "%s(config-s-%s%s)#", name, s->draft->name,
			      mode_suffix(s->place.mode, suffix, sizeof(suffix)));
	else
		strbuf_printf(&s->prompt, "%s%s%s", name, mode_prompt(s->place.mode),
			      s->place.mode == CMD_EXEC && s->privilege <= 1 ? ">" : "#");
}

void place_update_prompts(struct commands *c)
{
	struct list *node, *after;

	list_for_each(node, after, &c->sessions)
		place_update_prompt(container_of(node, struct session, node));
}

struct config *place_config(struct cmd *c)
{
	return c->session->config;
}

void place_apply(struct session *s)
{
	struct err_msg e = {.code = 0};
	char text[ERR_TEXT_MAX + 8];

	if (s->touched[0] == '\0' && !s->rules_touched)
		return;
	if (s->commands->loop != NULL)
		loop_timer_cancel(s->commands->loop, &s->idle);
	if (s->rules_touched) {
		apply_cloud(s->commands);
		apply_rules(s->commands);
	}
	s->rules_touched = false;
	if (s->touched[0] == '\0')
		return;
	if (apply_site(s->commands, s->touched, &e) != 0) {
		snprintf(text, sizeof(text), "%% %s\n", e.text);
		if (s->cmd.running)
			session_output(s, text, strlen(text));
		else
			s->io.async(s->io_arg, text);
	}
	s->touched[0] = '\0';
}

void place_idle(void *arg)
{
	place_apply(arg);
}

static void remember_edited(struct session *s, const char *site)
{
	for (size_t i = 0; i < s->edited_count; i++) {
		if (strcmp(s->edited[i], site) == 0)
			return;
	}
	if (s->edited_count < SESSION_EDITED)
		snprintf(s->edited[s->edited_count++], SITE_NAME_MAX, "%s", site);
}

void place_touch(struct session *s, const char *site)
{
	s->changed = true;
	if (site[0] != '\0')
		remember_edited(s, site);
	if (s->trial || s->draft != NULL)
		return;
	if (site[0] == '\0') {
		s->rules_touched = true;
	} else if (strcmp(s->touched, site) != 0) {
		place_apply(s);
		snprintf(s->touched, sizeof(s->touched), "%s", site);
	}
	if (s->commands->loop != NULL)
		loop_timer_set(s->commands->loop, &s->idle,
			       loop_now_ms(s->commands->loop) + IDLE_MS);
}

static bool has_tunnel(const struct site_config *site, enum site_role role)
{
	for (unsigned i = 0; i < SITE_TUNNELS; i++) {
		if (site->tunnels[role][i].present)
			return true;
	}
	return false;
}

size_t place_warn_secondary(struct cmd *c, const struct site_config *site)
{
	if (site == NULL || !has_tunnel(site, SITE_PRIMARY) || has_tunnel(site, SITE_SECONDARY))
		return 0;
	cmd_print(c, "%% Warning: site %s has no secondary tunnel\n", site->name);
	return 1;
}

/* Only now all of its lines are there. */
static void warn_bandwidth(struct cmd *c, const struct site_config *site)
{
	struct strbuf notes;

	if (site == NULL)
		return;
	strbuf_init(&notes);
	site_note_bandwidth(site, &notes);
	cmd_print(c, "%s", notes.text);
	strbuf_clear(&notes);
}

static void leave_configuration(struct cmd *c)
{
	struct session *s = c->session;
	struct err_msg e = {.code = 0};

	for (size_t i = 0; i < s->edited_count && s->style != STYLE_REPORT; i++) {
		place_warn_secondary(c, config_site(s->config, s->edited[i]));
		warn_bandwidth(c, config_site(s->config, s->edited[i]));
	}
	s->edited_count = 0;
	if (s->trial)
		return;
	if (s->draft != NULL) {
		if (s->changed)
			cmd_print(c,
				  "%% Session %s is kept: \"configure session %s commit\" puts it "
				  "in force\n",
				  s->draft->name, s->draft->name);
		place_leave_draft(s);
		return;
	}
	if (s->changed)
		event_emit(s->commands->events, EVENT_CONFIG_CHANGED, NULL, 0,
			   "Configured from %s by %s", s->who.from, s->who.user);
	s->changed = false;
	if (revert_check(s->commands->revert, &e) != 0)
		cmd_print(c, "%% %s: \"configure confirm\" keeps it\n", e.text);
	lock_release(s);
}

void place_leave_draft(struct session *s)
{
	s->draft = NULL;
	s->config = &s->commands->running;
	s->place = (struct config_place){.mode = CMD_EXEC};
	s->changed = false;
}

int place_configure(struct cmd *c, struct draft *d)
{
	struct session *s = c->session;

	s->changed = false;
	s->edited_count = 0;
	s->draft = d;
	s->config = d == NULL ? &s->commands->running : &d->work;
	return place_enter(c, CMD_CONFIG);
}

/* Every change of place goes through here: a site that is left is applied. */
static void move_to(struct session *s, enum cmd_mode mode, const char *site)
{
	if (!mode_is_in_site(mode) || strcmp(site, s->touched) != 0)
		place_apply(s);
	s->place.mode = mode;
	if (!mode_is_in_site(mode))
		s->place.site[0] = '\0';
	else if (site != s->place.site)
		snprintf(s->place.site, sizeof(s->place.site), "%s", site);
}

int place_enter_site(struct cmd *c, const char *name)
{
	struct session *s = c->session;

	if (config_site(s->config, name) == NULL) {
		config_site_add(s->config, name);
		place_touch(s, name);
	}
	move_to(s, CMD_SITE, name);
	return 0;
}

int place_remove_site(struct cmd *c, const char *name)
{
	struct session *s = c->session;
	char gone[SITE_NAME_MAX];

	snprintf(gone, sizeof(gone), "%s", name);
	if (!config_site_remove(s->config, gone))
		return cmd_fail(c, ERR_NOT_FOUND, "There is no site %s", gone);
	if (strcmp(s->place.site, gone) == 0)
		move_to(s, CMD_CONFIG, "");
	place_touch(s, gone);
	place_apply(s);
	return 0;
}

int place_enter_tunnel(struct cmd *c, enum site_role role, unsigned index0)
{
	struct session *s = c->session;
	struct site_config *site = config_site(s->config, s->place.site);

	if (site == NULL)
		return cmd_fail(c, ERR_NOT_FOUND, "Site %s is gone", s->place.site);
	if (!site->tunnels[role][index0].present) {
		site->tunnels[role][index0].present = true;
		place_touch(s, site->name);
	}
	move_to(s, CMD_TUNNEL, s->place.site);
	s->place.role = role;
	s->place.index0 = index0;
	return 0;
}

int place_enter_rule(struct cmd *c, uint32_t priority, const char *name)
{
	struct session *s = c->session;
	struct net_rule *r = net_rules_find(&s->config->rules, priority);
	struct net_rule fresh;

	if (r == NULL && name == NULL)
		return cmd_fail(c, ERR_NOT_FOUND,
				"There is no network rule %" PRIu32 ": a new one needs a name",
				priority);
	if (r == NULL || (name != NULL && strcmp(r->name, name) != 0)) {
		memset(&fresh, 0, sizeof(fresh));
		if (r != NULL)
			fresh = *r;
		fresh.priority = priority;
		memset(fresh.name, 0, sizeof(fresh.name));
		snprintf(fresh.name, sizeof(fresh.name), "%s", name);
		net_rules_set(&s->config->rules, &fresh);
		place_touch(s, "");
	}
	move_to(s, CMD_NETRULE, "");
	s->place.rule = priority;
	return 0;
}

int place_remove_rule(struct cmd *c, uint32_t priority)
{
	struct session *s = c->session;

	if (!net_rules_remove(&s->config->rules, priority))
		return cmd_fail(c, ERR_NOT_FOUND, "There is no network rule %" PRIu32, priority);
	if (s->place.mode == CMD_NETRULE && s->place.rule == priority)
		move_to(s, CMD_CONFIG, "");
	place_touch(s, "");
	return 0;
}

static void enter_object(struct session *s, enum cmd_mode mode, const char *name, bool fresh)
{
	if (fresh)
		place_touch(s, "");
	move_to(s, mode, "");
	snprintf(s->place.object, sizeof(s->place.object), "%s", name);
}

static void leave_object(struct session *s, enum cmd_mode mode, const char *name)
{
	if (s->place.mode == mode && strcmp(s->place.object, name) == 0)
		move_to(s, CMD_CONFIG, "");
	place_touch(s, "");
}

int place_enter_pop(struct cmd *c, const char *name)
{
	struct pop_list *l = &c->session->config->cloud.pops;
	bool fresh = pops_find(l, name) == NULL;

	if (fresh)
		pops_add(l, name);
	enter_object(c->session, CMD_POP, name, fresh);
	return 0;
}

int place_remove_pop(struct cmd *c, const char *name)
{
	if (!pops_remove(&c->session->config->cloud.pops, name))
		return cmd_fail(c, ERR_NOT_FOUND, "There is no PoP %s", name);
	leave_object(c->session, CMD_POP, name);
	return 0;
}

int place_enter_account(struct cmd *c, const char *name)
{
	struct account_list *l = &c->session->config->cloud.accounts;
	bool fresh = accounts_find(l, name) == NULL;

	if (fresh)
		accounts_add(l, name);
	enter_object(c->session, CMD_ACCOUNT, name, fresh);
	return 0;
}

int place_remove_account(struct cmd *c, const char *name)
{
	if (!accounts_remove(&c->session->config->cloud.accounts, name))
		return cmd_fail(c, ERR_NOT_FOUND, "There is no account %s", name);
	leave_object(c->session, CMD_ACCOUNT, name);
	return 0;
}

int place_enter(struct cmd *c, enum cmd_mode mode)
{
	struct session *s = c->session;

	if (mode_is_in_site(mode) && config_site(s->config, s->place.site) == NULL)
		return cmd_fail(c, ERR_NOT_FOUND, "Site %s is gone", s->place.site);
	move_to(s, mode, s->place.site);
	return 0;
}

int place_edit(struct cmd *c, enum cmd_mode mode, config_edit_fn *fn, void *arg)
{
	struct session *s = c->session;
	struct config_place place = s->place;
	struct err_msg e = {.code = 0};
	struct strbuf notes;
	bool changed = false;
	int r;

	place.mode = mode;
	strbuf_init(&notes);
	r = config_edit(s->config, &place, fn, arg, s->commands->sealer, &notes, &changed, &e);
	report_notes(s, &notes);
	strbuf_clear(&notes);
	if (changed)
		place_touch(s, mode_is_in_site(mode) ? place.site : "");
	if (changed && !mode_is_in_site(mode) && s->config == &s->commands->running)
		apply_box(s->commands);
	return r == 0 ? 0 : cmd_fail(c, r, "%s", e.text);
}

int place_exit(struct cmd *c)
{
	struct session *s = c->session;

	if (s->place.mode == CMD_EXEC) {
		s->closing = true;
		return 0;
	}
	move_to(s, mode_parent(s->place.mode), s->place.site);
	if (s->place.mode == CMD_EXEC)
		leave_configuration(c);
	return 0;
}

int place_end(struct cmd *c)
{
	if (c->session->place.mode == CMD_EXEC)
		return 0;
	move_to(c->session, CMD_EXEC, "");
	leave_configuration(c);
	return 0;
}
