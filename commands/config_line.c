/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Applies rows to configurations, on copies.  Knows fields and hooks; what they mean to the engine
 * is the supervisor's business.
 */
#include "commands/config_line.h"

#include "commands/config_index.h"
#include "commands/mode.h"

#include <string.h>

/* What the fields of a row in this mode are offsets into; NULL when it is not there. */
static void *object_of(const struct config_line *l)
{
	struct tunnel_config *t;

	switch (l->place->mode) {
	case CMD_CONFIG:
	case CMD_ARCHIVE:
		return l->box;
	case CMD_SITE:
		return l->site;
	case CMD_TUNNEL:
		if (l->site == NULL)
			return NULL;
		t = &l->site->tunnels[l->place->role][l->place->index0];
		return t->present ? t : NULL;
	case CMD_INIT:
		return &l->site->init_parameters;
	case CMD_AUTH:
		return &l->site->auth_parameters;
	case CMD_BGP:
		return l->site != NULL && l->site->bgp.enabled ? &l->site->bgp : NULL;
	case CMD_POP:
		return l->pop;
	case CMD_ACCOUNT:
		return l->account;
	case CMD_NETRULE:
		return l->rule;
	case CMD_EXEC:
	case CMD_MODES:
		break;
	}
	return NULL;
}

const struct value *config_arg(const struct config_line *l, const char *name)
{
	return resolution_value(l->values, name);
}

struct tunnel_config *config_line_tunnel(struct config_line *l)
{
	return &l->site->tunnels[l->place->role][l->place->index0];
}

static int set_fields(struct config_line *l)
{
	for (size_t i = 0; i < ROW_FIELDS && l->row->fields[i].size != 0; i++) {
		const struct row_field *f = &l->row->fields[i];
		void *field = (char *)l->object + f->offset;
		const struct value *v = f->arg == NULL ? NULL : config_arg(l, f->arg);

		if (f->arg == NULL)
			*(bool *)field = true;
		else if (v != NULL)
			value_store(v, field, f->size);
	}
	return 0;
}

static int unset_fields(struct config_line *l)
{
	for (size_t i = 0; i < ROW_FIELDS && l->row->fields[i].size != 0; i++) {
		const struct row_field *f = &l->row->fields[i];
		void *field = (char *)l->object + f->offset;

		if (f->arg == NULL)
			*(bool *)field = false;
		else
			value_store_standard(arg_find(f->arg), field, f->size);
	}
	return 0;
}

static int apply_row(struct config_line *l, struct err_msg *e)
{
	const struct row *row = l->row;
	int r;

	if (l->values->no)
		r = row->unset != NULL ? row->unset(l, e) : unset_fields(l);
	else
		r = row->set != NULL ? row->set(l, e) : set_fields(l);
	if (r == 0 && row->check != NULL)
		r = row->check(l, e);
	return r;
}

static int edit_box(struct config_line *l, struct config *c, config_edit_fn *fn, bool *changed,
		    struct err_msg *e)
{
	struct box_config box = c->box;
	int r;

	l->box = &box;
	l->object = object_of(l);
	r = fn(l, e);
	if (r == 0) {
		*changed = !box_config_equal(&c->box, &box);
		c->box = box;
	}
	l->box = NULL;
	l->object = NULL;
	return r;
}

static int edit_rule(struct config_line *l, struct config *c, config_edit_fn *fn, bool *changed,
		     struct err_msg *e)
{
	struct net_rule *original = net_rules_find(&c->rules, l->place->rule);
	struct net_rule rule;
	int r;

	if (original == NULL)
		return err_set(e, ERR_NOT_FOUND, "Network rule %u is gone", l->place->rule);
	rule = *original;
	l->rule = &rule;
	l->object = object_of(l);
	r = fn(l, e);
	if (r == 0) {
		*changed = !net_rule_equal(original, &rule);
		*original = rule;
	}
	l->rule = NULL;
	l->object = NULL;
	return r;
}

/* PoPs and accounts: plain data, compared and copied by octets. */
static int edit_cloud(struct config_line *l, struct config *c, config_edit_fn *fn, bool *changed,
		      struct err_msg *e)
{
	const char *name = l->place->object;
	bool is_pop = l->place->mode == CMD_POP;
	size_t size = is_pop ? sizeof(struct pop) : sizeof(struct account);
	void *original = is_pop ? (void *)pops_find(&c->cloud.pops, name)
				: (void *)accounts_find(&c->cloud.accounts, name);
	union {
		struct pop pop;
		struct account account;
	} copy;
	int r;

	if (original == NULL)
		return err_set(e, ERR_NOT_FOUND, "%s %s is gone", is_pop ? "PoP" : "Account", name);
	memcpy(&copy, original, size);
	l->pop = is_pop ? &copy.pop : NULL;
	l->account = is_pop ? NULL : &copy.account;
	l->object = object_of(l);
	r = fn(l, e);
	if (r == 0) {
		*changed = memcmp(original, &copy, size) != 0;
		memcpy(original, &copy, size);
		if (*changed && !is_pop) { /* whose networks may be whose is another matter now */
			config_index_free(c->index);
			c->index = NULL;
		}
	}
	l->pop = NULL;
	l->account = NULL;
	l->object = NULL;
	return r;
}

static int edit_site(struct config_line *l, struct config *c, config_edit_fn *fn, bool *changed,
		     struct err_msg *e)
{
	struct site_config *original = config_site(c, l->place->site);
	struct site_config site;
	int r;

	if (original == NULL)
		return err_set(e, ERR_NOT_FOUND, "Site %s is gone", l->place->site);
	site_config_init(&site, "");
	site_config_copy(&site, original);
	l->site = &site;
	if (!l->in_block && c->index == NULL)
		c->index = config_index_new(c, NULL);
	l->object = object_of(l);
	if (l->object == NULL && l->place->mode == CMD_BGP)
		r = err_set(e, ERR_NOT_FOUND, "BGP of site %s is gone", l->place->site);
	else if (l->object == NULL)
		r = err_set(e, ERR_NOT_FOUND, "Tunnel %s %u of site %s is gone",
			    site_role_name(l->place->role), l->place->index0 + 1, l->place->site);
	else
		r = fn(l, e);
	if (r == 0) {
		site.init_parameters.aead_only = site.license_mbps >= 100;
		site.auth_parameters.aead_only = site.license_mbps >= 100;
		*changed = !site_config_equal(original, &site);
		if (*changed)
			config_site_replace(c, original, &site);
	}
	l->site = NULL;
	l->object = NULL;
	site_config_clear(&site);
	return r;
}

static int edit(struct config_line *l, struct config *c, config_edit_fn *fn, bool *changed,
		struct err_msg *e)
{
	if (mode_is_in_site(l->place->mode))
		return edit_site(l, c, fn, changed, e);
	if (l->place->mode == CMD_NETRULE)
		return edit_rule(l, c, fn, changed, e);
	if (l->place->mode == CMD_POP || l->place->mode == CMD_ACCOUNT)
		return edit_cloud(l, c, fn, changed, e);
	return edit_box(l, c, fn, changed, e);
}

int config_line_apply(struct config *c, const struct config_place *place,
		      const struct resolution *values, struct sealer *sealer, struct strbuf *notes,
		      bool in_block, bool *changed, struct err_msg *e)
{
	struct config_line l = {
		.in_block = in_block,
		.row = values->row,
		.values = values,
		.config = c,
		.place = place,
		.sealer = sealer,
		.notes = notes,
	};

	return edit(&l, c, apply_row, changed, e);
}

int config_edit(struct config *c, const struct config_place *place, config_edit_fn *fn, void *arg,
		struct sealer *sealer, struct strbuf *notes, bool *changed, struct err_msg *e)
{
	struct config_line l = {
		.config = c, .place = place, .sealer = sealer, .notes = notes, .arg = arg};

	return edit(&l, c, fn, changed, e);
}
