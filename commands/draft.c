/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration sessions: the list of them, and what a commit makes. */
#include "commands/draft.h"

#include "commands/commands_state.h"
#include "commands/config_merge.h"
#include "commands/loader.h"
#include "commands/running.h"
#include "commands/session_state.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct draft *draft_find(struct commands *c, const char *name)
{
	struct list *node, *after;

	list_for_each(node, after, &c->drafts)
	{
		struct draft *d = container_of(node, struct draft, node);

		if (strcmp(d->name, name) == 0)
			return d;
	}
	return NULL;
}

static size_t count(const struct commands *c)
{
	size_t n = 0;

	for (const struct list *node = c->drafts.next; node != &c->drafts; node = node->next)
		n++;
	return n;
}

struct draft *draft_new(struct commands *c, const char *name, const struct session_who *who)
{
	struct draft *d;

	if (count(c) >= DRAFTS_MAX)
		return NULL;
	d = mem_zalloc(sizeof(*d));
	snprintf(d->name, sizeof(d->name), "%s", name);
	snprintf(d->user, sizeof(d->user), "%s", who->user);
	snprintf(d->from, sizeof(d->from), "%s", who->from);
	d->since_wall_ms = loop_wall_ms();
	config_init(&d->base);
	config_init(&d->work);
	config_copy(&d->base, &c->running);
	config_copy(&d->work, &c->running);
	list_append(&c->drafts, &d->node);
	return d;
}

static void put_out(struct session *s, const struct draft *d, const char *why)
{
	char text[256];

	if (s->draft != d)
		return;
	place_leave_draft(s);
	place_update_prompt(s);
	snprintf(text, sizeof(text), "%% Configuration session %s %s\n", d->name, why);
	if (!s->cmd.running)
		s->io.async(s->io_arg, text);
}

void draft_free(struct commands *c, struct draft *d, const char *why)
{
	struct list *node, *after;

	list_for_each(node, after, &c->sessions)
		put_out(container_of(node, struct session, node), d, why);
	list_remove(&d->node);
	config_clear(&d->base);
	config_clear(&d->work);
	free(d);
}

void draft_free_all(struct commands *c)
{
	struct list *node, *after;

	list_for_each(node, after, &c->drafts)
		draft_free(c, container_of(node, struct draft, node), "ends");
}

static void parse(const struct config *config, struct config_text *out)
{
	struct strbuf text;

	strbuf_init(&text);
	running_text(config, &text);
	config_text_parse(text.text, out);
	strbuf_wipe(&text);
}

static int load_merged(struct commands *c, const char *text, struct config *out,
		       struct strbuf *report, struct err_msg *e)
{
	size_t refused =
		loader_run_block(c, out, &c->running, "configuration session", text, report);

	if (refused == 0)
		return 0;
	return err_set(e, ERR_INVALID, "%zu line%s refused, nothing is committed", refused,
		       refused == 1 ? " is" : "s are");
}

int draft_merge(struct commands *c, const struct draft *d, const struct grammar *g,
		struct config *out, struct strbuf *report, struct err_msg *e)
{
	struct config_text base, mine, theirs;
	struct strbuf merged;
	size_t conflicts;
	int r;

	if (config_equal(&d->base, &c->running)) {
		config_copy(out, &d->work);
		if (config_check(out, &c->running, report) == 0)
			return 0;
		return err_set(e, ERR_INVALID, "Session %s contradicts itself", d->name);
	}
	parse(&d->base, &base);
	parse(&d->work, &mine);
	parse(&c->running, &theirs);
	strbuf_init(&merged);
	conflicts = config_merge(g, &base, &mine, &theirs, &merged, report);
	if (conflicts == 0)
		r = load_merged(c, merged.text, out, report, e);
	else
		r = err_set(e, ERR_EXISTS,
			    "Session %s conflicts with the running configuration in %zu place%s",
			    d->name, conflicts, conflicts == 1 ? "" : "s");
	strbuf_wipe(&merged);
	config_text_clear(&base);
	config_text_clear(&mine);
	config_text_clear(&theirs);
	return r;
}
