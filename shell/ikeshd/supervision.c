/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A timer of the loop is what says "alive": a loop that hangs is noticed, whatever other threads
 * do.  The status is taken anew, in small steps, only after an event.
 */
#include "shell/ikeshd/supervision.h"

#include "commands/survey.h"
#include "dataplane/event.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/service_manager.h"

#include <stdlib.h>
#include <string.h>

#define STATUS_MS      5000 /* at most one survey in this time */
#define STATUS_MAX     128
#define WATCHDOG_PARTS 3 /* signs of life within the time that is allowed */

struct supervision {
	struct loop *loop;
	struct gateway *gateway;
	struct service_manager *manager;
	struct event_listener listener;
	struct loop_timer alive, status;
	bool changed;	/* since the last survey began */
	bool surveying; /* survey is under way */
	struct survey survey;
	char text[STATUS_MAX]; /* as last said */
};

static void on_event(void *arg, const struct event *ev)
{
	struct supervision *s = arg;

	(void)ev;
	s->changed = true;
	if (!s->surveying && !heap_contains(&s->status.node))
		loop_timer_set(s->loop, &s->status, loop_now_ms(s->loop) + STATUS_MS);
}

static void on_alive(void *arg)
{
	struct supervision *s = arg;
	uint64_t every_ms = service_manager_watchdog_ms(s->manager) / WATCHDOG_PARTS;

	service_manager_alive(s->manager);
	loop_timer_set(s->loop, &s->alive, loop_now_ms(s->loop) + every_ms);
}

static void say(struct supervision *s)
{
	char text[STATUS_MAX];

	survey_text(&s->survey, text, sizeof(text));
	if (strcmp(text, s->text) == 0)
		return;
	memcpy(s->text, text, sizeof(text));
	service_manager_status(s->manager, text);
}

static void on_status(void *arg)
{
	struct supervision *s = arg;
	uint64_t now_ms = loop_now_ms(s->loop);

	if (!s->surveying) {
		survey_init(&s->survey);
		s->surveying = true;
		s->changed = false;
	}
	if (survey_step(&s->survey, s->gateway, SURVEY_STEP)) {
		loop_timer_set(s->loop, &s->status, now_ms);
		return;
	}
	say(s);
	survey_clear(&s->survey);
	s->surveying = false;
	if (s->changed)
		loop_timer_set(s->loop, &s->status, now_ms + STATUS_MS);
}

struct supervision *supervision_new(struct loop *loop, struct gateway *g, struct event_log *events,
				    struct service_manager *m)
{
	struct supervision *s = mem_zalloc(sizeof(*s));

	s->loop = loop;
	s->gateway = g;
	s->manager = m;
	s->alive = (struct loop_timer){.fn = on_alive, .arg = s};
	s->status = (struct loop_timer){.fn = on_status, .arg = s};
	if (!service_manager_is_there(m))
		return s;
	service_manager_ready(m, "Ready");
	s->listener = (struct event_listener){.fn = on_event, .arg = s};
	event_listen(events, &s->listener);
	loop_timer_set(loop, &s->status, loop_now_ms(loop));
	if (service_manager_watchdog_ms(m) != 0)
		on_alive(s);
	return s;
}

void supervision_free(struct supervision *s)
{
	if (s == NULL)
		return;
	event_unlisten(&s->listener);
	loop_timer_cancel(s->loop, &s->alive);
	loop_timer_cancel(s->loop, &s->status);
	if (s->surveying)
		survey_clear(&s->survey);
	free(s);
}
