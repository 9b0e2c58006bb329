/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * key config-key password-encrypt: the master key, and everything that is encrypted with it
 * encrypted anew.  The same old text becomes the same new one everywhere, so that nothing seems to
 * have changed but the key.
 */
#include "commands/commands_state.h"
#include "commands/draft.h"
#include "commands/new_secret.h"
#include "commands/revert.h"
#include "commands/row.h"
#include "commands/seal.h"
#include "commands/session_state.h"
#include "platform/base/map.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct renewal {
	struct map_node node;
	char before[SEAL_TEXT_MAX], after[SEAL_TEXT_MAX];
};

struct renewals {
	struct sealer *sealer;
	struct map map;
	size_t count;
};

static int renew(struct renewals *all, struct site_psk *p, struct err_msg *e)
{
	struct map_node *node;
	struct renewal *r;
	int rc;

	/* One that cannot be opened stays as it is. */
	if (p->sealed == NULL || p->key.len == 0 || strlen(p->sealed) >= SEAL_TEXT_MAX)
		return 0;
	node = map_find(&all->map, p->sealed, strlen(p->sealed));
	if (node == NULL) {
		r = mem_zalloc(sizeof(*r));
		memcpy(r->before, p->sealed, strlen(p->sealed));
		rc = sealer_seal(all->sealer, &p->key, r->after, e);
		if (rc != 0) {
			free(r);
			return rc;
		}
		(void)map_insert(&all->map, &r->node, r->before, strlen(r->before));
		node = &r->node;
		all->count++;
	}
	r = container_of(node, struct renewal, node);
	free(p->sealed);
	p->sealed = mem_strdup(r->after);
	return 0;
}

/* A text of the box, whose clear form is not kept. */
static int renew_text(struct renewals *all, char sealed[SEAL_TEXT_MAX], struct err_msg *e)
{
	struct site_psk p = {.sealed = NULL};
	struct err_msg ignored = {.code = 0};
	int r;

	if (sealed[0] == '\0' || sealer_open(all->sealer, sealed, &p.key, &ignored) != 0)
		return 0;
	p.sealed = mem_strdup(sealed);
	r = renew(all, &p, e);
	if (r == 0) {
		memset(sealed, 0, SEAL_TEXT_MAX);
		snprintf(sealed, SEAL_TEXT_MAX, "%s", p.sealed);
	}
	secret_clear(&p.key);
	free(p.sealed);
	return r;
}

static int renew_config(struct renewals *all, struct config *c, struct err_msg *e)
{
	int r = renew_text(all, c->box.notify.signing, e);

	if (r == 0)
		r = renew_text(all, c->box.notify.password, e);
	if (r == 0)
		r = renew_text(all, c->box.dns_update.secret, e);

	for (size_t i = 0; r == 0 && i < c->count; i++) {
		for (unsigned t = 0; r == 0 && t < SITE_ROLES * SITE_TUNNELS; t++) {
			struct tunnel_config *tunnel =
				&c->sites[i]->tunnels[t / SITE_TUNNELS][t % SITE_TUNNELS];

			r = renew(all, &tunnel->psk, e);
			if (r == 0)
				r = renew(all, &tunnel->ppk.secret, e);
		}
		if (r == 0)
			r = renew(all, &c->sites[i]->bgp.password, e);
	}
	return r;
}

/* Everything that is held in memory. */
static int renew_all(struct commands *c, size_t *count, struct err_msg *e)
{
	struct renewals all = {.sealer = c->sealer};
	struct list *node, *after;
	int r;

	map_init(&all.map, NULL);
	r = renew_config(&all, &c->running, e);
	if (r == 0)
		r = renew_config(&all, &c->applied, e);
	list_for_each(node, after, &c->drafts)
	{
		struct draft *d = container_of(node, struct draft, node);

		if (r == 0)
			r = renew_config(&all, &d->base, e);
		if (r == 0)
			r = renew_config(&all, &d->work, e);
	}
	if (r == 0)
		r = renew_config(&all, revert_checkpoint(c->revert), e);
	list_for_each(node, after, &all.map.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);

		map_remove(&all.map, m);
		free(container_of(m, struct renewal, node));
	}
	map_clear(&all.map);
	*count = all.count;
	return r;
}

/* phrase NULL: a random key. */
static int change(struct cmd *c, const struct secret *phrase)
{
	struct session *s = cmd_session(c);
	struct err_msg e = {.code = 0};
	bool changed = false;
	size_t count = 0;
	int r;

	if (s->trial || s->draft != NULL)
		return cmd_fail(c, ERR_WRONG_STATE,
				"The master key cannot be changed in a block or session: enter "
				"this line by itself");
	r = sealer_change(s->commands->sealer, phrase, &changed, &e);
	if (r == 0 && changed)
		r = renew_all(s->commands, &count, &e);
	if (r != 0)
		return cmd_fail(c, r, "%s", e.text);
	if (!changed) {
		cmd_print(c, "The master key is the same as before\n");
		return 0;
	}
	cmd_print(c, "%zu pre-shared key%s encrypted anew. Save the configuration (write).\n",
		  count, count == 1 ? "" : "s");
	event_emit(s->commands->events, EVENT_MASTER_KEY, NULL, 0,
		   "Master key changed by %s (%s), %zu pre-shared keys encrypted anew", s->who.user,
		   s->who.from, count);
	return 0;
}

static int take_phrase(struct cmd *c, const struct secret *secret, void *arg)
{
	(void)arg;
	return change(c, secret);
}

static int config_key(struct cmd *c)
{
	const struct value *v = cmd_value(c, "config-key");

	if (cmd_is_no(c))
		return change(c, NULL);
	if (v != NULL)
		return change(c, &v->secret);
	return new_secret_ask(c, &(struct new_secret){.arg_name = "config-key",
						      .first = "New key: ",
						      .again = "Confirm key: ",
						      .mismatch = "Keys do not match",
						      .fn = take_phrase});
}

static const struct row rows[] = {
	{
		.words = "key config-key password-encrypt [<config-key>]",
		.no_words = "key config-key password-encrypt [<rest>]",
		.modes = IN_CONFIG,
		.flags = ROW_SECRET | ROW_NOT_IN_FILE,
		.handler = config_key,
		.help = "Master key that encrypts pre-shared keys in configurations",
		.manual = "Makes the master key of a pass phrase (asked for twice when it is not "
			  "given), and encrypts all pre-shared keys with it anew.  Boxes with the "
			  "same pass phrase read each other's configurations.  The phrase is never "
			  "shown or saved; configurations that were saved with an earlier master "
			  "key can still be read here.  The no form makes a random key.",
		.reference = "RFC 7914",
	},
};

const struct row_table table_key = {
	.family = "master key",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
