/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The checkpoint is CONFIG_DIR/revert-checkpoint, durable before the first line of the change is
 * taken; it is removed when the change is confirmed, or has been taken back.
 *
 *   idle --begin--> pending --confirm--> idle
 *                   pending --timer, now, restart--> reverted, idle
 */
#include "commands/revert.h"

#include "commands/archive.h"
#include "commands/commands_state.h"
#include "commands/loader.h"
#include "commands/running.h"
#include "commands/store.h"
#include "dataplane/event.h"
#include "platform/base/mem.h"
#include "platform/base/secret.h"
#include "platform/os/file.h"
#include "platform/os/loop.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARN_MS 60000 /* everybody is told this long before */

struct revert {
	struct commands *commands;
	bool pending;
	const struct session *owner; /* whose lines restart the timer; NULL: nobody's */
	bool idle;
	uint32_t seconds;
	uint64_t due_ms, since_wall_ms;
	struct config checkpoint;
	char user[64], from[64];
	struct loop_timer timer, warning;
};

static void path_of(const struct commands *c, struct strbuf *out)
{
	strbuf_init(out);
	strbuf_printf(out, "%s/" REVERT_NAME, c->config_dir);
}

const char *revert_left(uint64_t ms, char *buf, size_t size)
{
	uint64_t s = (ms + 999) / 1000;

	if (s < 3600)
		snprintf(buf, size, "%" PRIu64 ":%02" PRIu64, s / 60, s % 60);
	else
		snprintf(buf, size, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600, s / 60 % 60,
			 s % 60);
	return buf;
}

static uint64_t now_ms(const struct revert *r)
{
	return r->commands->loop == NULL ? 0 : loop_clock_ms();
}

static void stop_timers(struct revert *r)
{
	if (r->commands->loop == NULL)
		return;
	loop_timer_cancel(r->commands->loop, &r->timer);
	loop_timer_cancel(r->commands->loop, &r->warning);
}

static void start_timers(struct revert *r)
{
	uint64_t now = now_ms(r);

	r->due_ms = now + (uint64_t)r->seconds * 1000;
	if (r->commands->loop == NULL)
		return;
	loop_timer_set(r->commands->loop, &r->timer, r->due_ms);
	if (r->due_ms > now + WARN_MS)
		loop_timer_set(r->commands->loop, &r->warning, r->due_ms - WARN_MS);
}

int revert_remove_leftover(struct commands *c, struct err_msg *e)
{
	struct strbuf path;
	int rc;

	if (c->config_dir == NULL)
		return 0;
	path_of(c, &path);
	rc = file_remove(path.text, e);
	strbuf_clear(&path);
	return rc;
}

static int save_checkpoint(struct revert *r, const struct session_who *who, struct err_msg *e)
{
	struct commands *c = r->commands;
	struct strbuf path, text;
	int rc;

	if (c->config_dir == NULL)
		return err_set(e, ERR_WRONG_STATE, "There is no directory for the checkpoint");
	path_of(c, &path);
	strbuf_init(&text);
	archive_title(&text, "Checkpoint", "unconfirmed change", who, loop_wall_ms());
	running_text(&c->running, &text);
	rc = file_write_atomic(path.text, text.text, text.len, 0600, false, e);
	strbuf_wipe(&text);
	strbuf_clear(&path);
	return rc;
}

int revert_begin(struct revert *r, const struct session_who *who, const struct session *owner,
		 uint32_t seconds, struct err_msg *e)
{
	struct err_msg why = {.code = 0};
	int rc = revert_check(r, e);

	if (rc != 0)
		return rc;
	rc = save_checkpoint(r, who, &why);
	if (rc != 0)
		return err_set(e, rc, "Cannot keep the configuration for a revert: %s", why.text);
	config_copy(&r->checkpoint, &r->commands->running);
	r->pending = true;
	r->owner = owner;
	r->idle = owner != NULL;
	r->seconds = seconds;
	r->since_wall_ms = loop_wall_ms();
	snprintf(r->user, sizeof(r->user), "%s", who->user);
	snprintf(r->from, sizeof(r->from), "%s", who->from);
	start_timers(r);
	return 0;
}

void revert_activity(struct revert *r, const struct session *s)
{
	if (r->pending && r->owner == s)
		start_timers(r);
}

void revert_forget(struct revert *r, const struct session *s)
{
	if (r->owner == s)
		r->owner = NULL;
}

static void clear(struct revert *r)
{
	stop_timers(r);
	r->pending = false;
	r->owner = NULL;
	config_clear(&r->checkpoint);
}

static int check_pending(const struct revert *r, struct err_msg *e)
{
	if (r->pending)
		return 0;
	return err_set(e, ERR_WRONG_STATE, "No change waits for a confirmation");
}

int revert_confirm(struct revert *r, struct err_msg *e)
{
	int rc = check_pending(r, e);

	if (rc == 0)
		rc = revert_remove_leftover(r->commands, e);
	if (rc == 0)
		clear(r);
	return rc;
}

/* why: end of the sentence that everybody reads. */
static int take_back(struct revert *r, const char *why, struct err_msg *e)
{
	struct commands *c = r->commands;
	struct err_msg left = {.code = 0};
	char text[512];
	int rc;

	rc = running_replace(c, &r->checkpoint, e);
	if (revert_remove_leftover(c, &left) != 0)
		event_emit(c->events, EVENT_CONFIG_ERROR, NULL, 0, "%s", left.text);
	snprintf(text, sizeof(text),
		 "%% Configuration reverted to the state before the change by %s (%s): %s\n",
		 r->user, r->from, why);
	clear(r);
	running_broadcast(c, text);
	event_emit(c->events, EVENT_CONFIG_REVERTED, NULL, 0,
		   "Configuration reverted to the state before the change by %s (%s): %s", r->user,
		   r->from, why);
	return rc;
}

static void timer_came(void *arg)
{
	struct revert *r = arg;
	struct err_msg e = {.code = 0};
	char why[64], left[32];

	snprintf(why, sizeof(why), "not confirmed within %s",
		 revert_left((uint64_t)r->seconds * 1000, left, sizeof(left)));
	if (take_back(r, why, &e) != 0)
		event_emit(r->commands->events, EVENT_DATAPLANE_ERROR, NULL, 0, "%s", e.text);
}

static void warning_came(void *arg)
{
	struct revert *r = arg;

	running_broadcast(r->commands, "% The configuration reverts in one minute: enter "
				       "\"configure confirm\" to keep what you have configured\n");
}

int revert_now(struct revert *r, const struct session_who *who, struct err_msg *e)
{
	char why[160];
	int rc = check_pending(r, e);

	if (rc != 0)
		return rc;
	snprintf(why, sizeof(why), "asked for by %s (%s)", who->user, who->from);
	return take_back(r, why, e);
}

int revert_again(struct revert *r, uint32_t seconds, struct err_msg *e)
{
	int rc = check_pending(r, e);

	if (rc != 0)
		return rc;
	stop_timers(r);
	r->seconds = seconds;
	r->owner = NULL;
	r->idle = false;
	start_timers(r);
	return 0;
}

struct config *revert_checkpoint(struct revert *r)
{
	return &r->checkpoint;
}

struct revert_status revert_status(const struct revert *r)
{
	uint64_t now = now_ms(r);

	return (struct revert_status){
		.pending = r->pending,
		.idle = r->idle,
		.seconds = r->seconds,
		.left_ms = r->due_ms > now ? r->due_ms - now : 0,
		.since_ms = r->since_wall_ms,
		.user = r->user,
		.from = r->from,
	};
}

int revert_check(const struct revert *r, struct err_msg *e)
{
	char left[32];

	if (!r->pending)
		return 0;
	return err_set(e, ERR_BUSY, "Configuration not confirmed, %s left",
		       revert_left(revert_status(r).left_ms, left, sizeof(left)));
}

struct revert *revert_new(struct commands *c)
{
	struct revert *r = mem_zalloc(sizeof(*r));

	r->commands = c;
	config_init(&r->checkpoint);
	r->timer = (struct loop_timer){.fn = timer_came, .arg = r};
	r->warning = (struct loop_timer){.fn = warning_came, .arg = r};
	return r;
}

void revert_free(struct revert *r)
{
	if (r == NULL)
		return;
	stop_timers(r);
	config_clear(&r->checkpoint);
	free(r);
}

int revert_leftover(struct commands *c, struct strbuf *text, struct err_msg *warning)
{
	struct strbuf path;
	int rc;

	if (c->config_dir == NULL)
		return ERR_NOT_FOUND;
	path_of(c, &path);
	rc = file_read(path.text, STORE_MAX, text, warning);
	strbuf_clear(&path);
	if (rc != 0 || loader_is_complete(text->text))
		return rc;
	/* It is written as a whole: somebody has been at it. */
	err_set(warning, ERR_TRUNCATED,
		REVERT_NAME " is not complete, startup-config is used instead");
	strbuf_wipe(text);
	strbuf_init(text);
	return ERR_TRUNCATED;
}
