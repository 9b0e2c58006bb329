/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Collects from the gateway what screens render; renders nothing itself. */
#include "commands/show_cmd.h"

#include "commands/config.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"

#include <stdlib.h>

#define STRANGER_MS UINT64_C(600000)

struct answer *show_begin(const struct cmd *c)
{
	/* Programs get whole lines. */
	return answer_new(cmd_wants_json(c) ? ANSWER_JSON : ANSWER_TEXT,
			  cmd_interactive(c) ? cmd_width(c) : 0);
}

int show_end(struct cmd *c, struct answer *a)
{
	struct strbuf text;

	strbuf_init(&text);
	answer_finish(a, &text);
	cmd_write(c, text.text, text.len);
	strbuf_clear(&text);
	answer_free(a);
	return 0;
}

struct show_clock show_now(struct cmd *c)
{
	return (struct show_clock){
		.now_ms = loop_now_ms(commands_loop(cmd_commands(c))),
		.wall_ms = loop_wall_ms(),
	};
}

struct gateway *show_gateway(struct cmd *c)
{
	struct gateway *g = commands_gateway(cmd_commands(c));

	if (!g)
		(void)cmd_fail(c, ERR_WRONG_STATE, "No gateway is running");
	return g;
}

/* The Child SAs of one tunnel; items are the caller's to free. */
static struct child_status *collect_children(struct gateway *g, const char *site, uint8_t slot,
					     size_t *count)
{
	struct child_status *items = NULL, one;

	for (*count = 0; gateway_child_at(g, site, slot, *count, &one) == 0; ++*count) {
		items = mem_realloc_array(items, *count + 1, sizeof(*items));
		items[*count] = one;
	}
	return items;
}

struct visit {
	struct cmd *cmd;
	struct gateway *gateway;
	struct show_clock clock;
	bool children;
	void (*fn)(void *arg, const struct show_clock *clock, const struct show_site *s);
	void *arg;
};

static void visit_site(const struct visit *v, const struct site_status *status)
{
	const struct config *running = commands_running(cmd_commands(v->cmd));
	struct show_site site = {
		.status = status,
		.config = config_site(running, status->name),
	};
	struct child_status *items[ARRAY_LEN(site.children)] = {NULL};
	struct ike_step *steps[ARRAY_LEN(site.steps)] = {NULL};

	for (size_t i = 0; v->children && i < status->tunnel_count; i++) {
		items[i] = collect_children(v->gateway, status->name, status->tunnels[i].slot,
					    &site.children[i].count);
		site.children[i].items = items[i];
		steps[i] = mem_zalloc(IKE_STEPS_MAX * sizeof(*steps[i]));
		site.steps[i].items = steps[i];
		site.steps[i].count =
			gateway_steps(v->gateway, status->name, status->tunnels[i].slot, steps[i],
				      IKE_STEPS_MAX);
	}
	v->fn(v->arg, &v->clock, &site);
	for (size_t i = 0; i < ARRAY_LEN(items); i++)
		free(items[i]);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		free(steps[i]);
}

int show_each_site(struct cmd *c, bool children,
		   void (*fn)(void *arg, const struct show_clock *clock, const struct show_site *s),
		   void *arg)
{
	struct visit v = {
		.cmd = c,
		.gateway = show_gateway(c),
		.clock = show_now(c),
		.children = children,
		.fn = fn,
		.arg = arg,
	};
	const char *name = cmd_text(c, "site");
	struct site_status *status;
	int err = 0;

	if (!v.gateway)
		return ERR_WRONG_STATE;
	status = mem_zalloc(sizeof(*status));
	if (name) {
		err = gateway_site_find(v.gateway, name, status);
		if (err)
			err = cmd_fail(c, err, "Site %s is not configured", name);
		else
			visit_site(&v, status);
	}
	for (size_t i = 0; !name && gateway_site_at(v.gateway, i, status) == 0; i++)
		visit_site(&v, status);
	free(status);
	return err;
}

const struct event *show_stranger(struct cmd *c)
{
	struct event_log *log = commands_events(cmd_commands(c));
	const struct list *head = log ? event_log_entries(log) : NULL, *node;
	uint64_t now = loop_wall_ms();

	for (node = head ? head->prev : NULL; node && node != head; node = node->prev) {
		const struct event *ev =
			container_of((struct list *)(uintptr_t)node, struct event, node);

		if (ev->wall_ms + STRANGER_MS < now)
			return NULL;
		if (ev->id == EVENT_UNKNOWN_PEER)
			return ev;
	}
	return NULL;
}
