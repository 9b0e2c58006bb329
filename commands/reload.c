/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One timer for the restart, and one for the notices before it, as routers print them. */
#include "commands/reload.h"

#include "commands/commands_state.h"
#include "commands/running.h"
#include "dataplane/event.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct reload {
	struct commands *commands;
	bool scheduled;
	uint64_t due_ms;
	char user[64], from[64];
	struct loop_timer timer, notice;
};

/* Minutes before the restart at which everybody is told. */
static const uint32_t notices[] = {60, 30, 15, 5, 1};

static void set_notice(struct reload *r)
{
	uint64_t now = loop_clock_ms();

	for (size_t i = 0; i < ARRAY_LEN(notices); i++) {
		uint64_t before = (uint64_t)notices[i] * 60000;

		if (r->due_ms > now + before) {
			loop_timer_set(r->commands->loop, &r->notice, r->due_ms - before);
			return;
		}
	}
}

static void announce(struct reload *r)
{
	uint64_t now = loop_clock_ms(), left = r->due_ms > now ? (r->due_ms - now + 500) / 1000 : 0;
	char text[64];

	snprintf(text, sizeof(text),
		 "\n***\n*** --- SHUTDOWN in %" PRIu64 ":%02" PRIu64 ":%02" PRIu64 " ---\n***\n",
		 left / 3600, left / 60 % 60, left % 60);
	running_broadcast(r->commands, text);
}

static void notice_came(void *arg)
{
	announce(arg);
	set_notice(arg);
}

static void timer_came(void *arg)
{
	struct reload *r = arg;

	r->scheduled = false;
	running_broadcast(r->commands, "\n***\n*** --- SHUTDOWN NOW ---\n***\n");
	if (r->commands->stop != NULL)
		r->commands->stop(r->commands->stop_arg, 0);
}

struct reload *reload_new(struct commands *c)
{
	struct reload *r = mem_zalloc(sizeof(*r));

	r->commands = c;
	r->timer = (struct loop_timer){.fn = timer_came, .arg = r};
	r->notice = (struct loop_timer){.fn = notice_came, .arg = r};
	return r;
}

static void stop(struct reload *r)
{
	if (r->commands->loop != NULL) {
		loop_timer_cancel(r->commands->loop, &r->timer);
		loop_timer_cancel(r->commands->loop, &r->notice);
	}
	r->scheduled = false;
}

void reload_free(struct reload *r)
{
	if (r == NULL)
		return;
	stop(r);
	free(r);
}

void reload_schedule(struct reload *r, const struct session_who *who, uint32_t minutes)
{
	stop(r);
	if (r->commands->loop == NULL)
		return;
	r->scheduled = true;
	r->due_ms = loop_clock_ms() + (uint64_t)minutes * 60000;
	snprintf(r->user, sizeof(r->user), "%s", who->user);
	snprintf(r->from, sizeof(r->from), "%s", who->from);
	loop_timer_set(r->commands->loop, &r->timer, r->due_ms);
	set_notice(r);
	announce(r);
	event_emit(r->commands->events, EVENT_RELOAD_SCHEDULED, NULL, 0,
		   "Restart in %" PRIu32 " minutes requested by %s (%s)", minutes, r->user,
		   r->from);
}

int reload_cancel(struct reload *r, const struct session_who *who, struct err_msg *e)
{
	if (!r->scheduled)
		return err_set(e, ERR_WRONG_STATE, "No reload is scheduled");
	stop(r);
	running_broadcast(r->commands, "\n***\n*** --- SHUTDOWN ABORTED ---\n***\n");
	event_emit(r->commands->events, EVENT_RELOAD_SCHEDULED, NULL, 0,
		   "Restart cancelled by %s (%s)", who->user, who->from);
	return 0;
}

bool reload_scheduled(const struct reload *r, uint64_t *left_ms, const char **user,
		      const char **from)
{
	uint64_t now = loop_clock_ms();

	if (!r->scheduled)
		return false;
	*left_ms = r->due_ms > now ? r->due_ms - now : 0;
	*user = r->user;
	*from = r->from;
	return true;
}
