/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The box as the commands see it: life, boot, checks. */
#include "commands/apply.h"
#include "commands/auth.h"
#include "commands/commands_state.h"
#include "commands/draft.h"
#include "commands/loader.h"
#include "commands/notify.h"
#include "commands/reload.h"
#include "commands/revert.h"
#include "commands/session_state.h"
#include "commands/store.h"
#include "commands/syslog.h"
#include "dataplane/event.h"
#include "dataplane/site/stories.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct commands *commands_new(struct loop *loop, struct gateway *g, struct event_log *events,
			      const struct log *log, const struct commands_options *options)
{
	struct commands *c = mem_zalloc(sizeof(*c));

	c->loop = loop;
	c->gateway = g;
	c->events = events;
	c->log = log;
	c->config_dir = mem_strdup(options->config_dir);
	c->state_dir = mem_strdup(options->state_dir);
	c->stop = options->stop;
	c->stop_arg = options->stop_arg;
	c->box = options->box;
	c->box_arg = options->box_arg;
	c->counters = counters_new();
	c->auth = auth_new();
	c->syslog = syslog_new(c);
	if (loop != NULL && g != NULL)
		c->stories = stories_new(loop, g, events, options->state_dir);
	c->notify = notify_new(c);
	c->sealer = sealer_new(options->config_dir);
	c->started_ms = loop == NULL ? 0 : loop_now_ms(loop);
	config_init(&c->running);
	config_init(&c->applied);
	list_init(&c->sessions);
	list_init(&c->drafts);
	c->revert = revert_new(c);
	c->reload = reload_new(c);
	strbuf_init(&c->startup_errors);
	return c;
}

void commands_free(struct commands *c)
{
	if (c == NULL)
		return;
	assert(list_is_empty(&c->sessions));
	draft_free_all(c);
	revert_free(c->revert);
	reload_free(c->reload);
	config_clear(&c->running);
	config_clear(&c->applied);
	notify_free(c->notify);
	sealer_free(c->sealer);
	auth_free(c->auth);
	stories_free(c->stories);
	syslog_free(c->syslog);
	counters_free(c->counters);
	strbuf_clear(&c->startup_errors);
	free(c->config_dir);
	free(c->state_dir);
	free(c);
}

const char *commands_hostname(const struct commands *c)
{
	return c->running.box.hostname;
}

/* One event per refused line; the first ones are enough to see what is wrong. */
static void report_lines(struct commands *c, const char *text)
{
	for (int n = 0; *text != '\0' && n < 20; n++) {
		size_t len = strcspn(text, "\n");

		event_emit(c->events, EVENT_CONFIG_ERROR, NULL, 0, "%.*s",
			   (int)(len > 300 ? 300 : len), text);
		text += len + (text[len] == '\n');
	}
}

static void keep_errors(struct commands *c, const char *text, struct strbuf *report)
{
	strbuf_add(&c->startup_errors, text);
	if (report != NULL)
		strbuf_add(report, text);
	report_lines(c, text);
}

/* What the appliance starts with: the state before a change that nobody has confirmed, otherwise
 * startup-config. */
static int read_boot_text(struct commands *c, struct strbuf *text, bool *reverted,
			  struct strbuf *errors, struct err_msg *e)
{
	struct err_msg warning = {.code = 0};
	int r = revert_leftover(c, text, &warning);

	*reverted = r == 0;
	if (r == 0)
		return 0;
	if (r != ERR_NOT_FOUND)
		strbuf_printf(errors, "%s\n", warning.text);
	warning.code = 0;
	r = store_read(c, text, &warning, e);
	if (r == 0 && warning.code != 0)
		strbuf_printf(errors, "%s: %s\n", STORE_NAME, warning.text);
	return r;
}

static void finish_revert(struct commands *c, const char *text)
{
	struct err_msg e = {.code = 0};

	event_emit(c->events, EVENT_CONFIG_REVERTED, NULL, 0,
		   "Configuration reverted: the appliance started again before it was confirmed "
		   "(%.*s)",
		   (int)strcspn(text + 2, "\n"), text + 2);
	if (revert_remove_leftover(c, &e) != 0)
		event_emit(c->events, EVENT_CONFIG_ERROR, NULL, 0, "%s", e.text);
}

int commands_boot(struct commands *c, size_t *refused, struct strbuf *report, struct err_msg *e)
{
	struct strbuf text, errors;
	struct err_msg failed = {.code = 0};
	bool reverted = false;
	int r;

	*refused = 0;
	strbuf_init(&text);
	strbuf_init(&errors);
	r = read_boot_text(c, &text, &reverted, &errors, e);
	if (r == 0) {
		*refused = loader_run(c, &c->running, reverted ? REVERT_NAME : STORE_NAME,
				      text.text, &errors);
		apply_cloud(c);
		if (apply_all(c, &failed) != 0)
			strbuf_printf(&errors, "%s: %s\n", STORE_NAME, failed.text);
		keep_errors(c, errors.text, report);
		apply_rules(c);
		apply_box(c);
		if (reverted && c->gateway != NULL)
			finish_revert(c, text.text);
	}
	strbuf_wipe(&text);
	strbuf_clear(&errors);
	if (r != ERR_NOT_FOUND)
		return r;
	apply_box(c); /* factory state */
	return 0;
}

size_t commands_check(struct commands *c, const char *name, const char *text, struct strbuf *report)
{
	struct config trial;
	size_t refused;

	config_init(&trial);
	refused = loader_run(c, &trial, name, text, report);
	config_clear(&trial);
	return refused;
}
