/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Event log, loop and file around the book.  Lines about stories are said in the next turn of the
 * loop, after everybody has heard the event that made them.
 */
#include "dataplane/site/stories.h"

#include "dataplane/site/clock_watch.h"
#include "dataplane/site/gateway_state.h"
#include "dataplane/site/story_store.h"
#include "platform/base/duration.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAVE_DELAY_MS	500 /* what comes within is one commit */
#define SAVE_NEXT_MS	20
#define SAVE_CHUNK	200
#define SAVE_RETRY_MS	5000
#define SAVE_RETRY_MAX	60000
#define SWEEP_PERIOD_MS 1000
#define SAY_MAX		100 /* lines in one turn */

struct line {
	struct list node;
	enum event_id id;
	char site[EVENT_SITE_MAX];
	uint8_t slot;
	struct event_fact fact;
	char text[EVENT_TEXT_MAX];
};

struct links {
	struct list node;
	uint8_t known;
	char site[EVENT_SITE_MAX];
};

struct stories {
	struct loop *loop;
	struct gateway *gateway;
	struct event_log *events;
	struct event_listener listener;
	struct story_book *book;
	struct loop_timer due_timer, sweep_timer, save_timer, say_timer;
	struct list lines;   /* to be said */
	struct list unsaved; /* struct story.unsaved */
	struct list links;   /* struct links, to be saved */
	uint64_t *removed;   /* stories to be removed from the file */
	size_t removed_count;
	char *path; /* NULL: only in memory */
	struct story_store *store;
	bool restored;
	uint32_t retry_ms; /* 0: no trouble */
	struct err_msg trouble;
	struct clock_watch clock;
};

static uint64_t now_of(const struct stories *s)
{
	return loop_now_ms(s->loop);
}

/* ---- What the book asks and says ------------------------------------------------------------- */

static bool is_expected(const struct tunnel *t)
{
	/* of a PoP that is out of service the story of the PoP tells */
	return t != NULL && !t->terminated && !t->pop_unavailable && site_tunnel_lacks(t) == NULL;
}

static const char *link_name(void *arg, const char *name, uint8_t slot)
{
	const struct stories *s = arg;
	const struct site *site = gateway_site(s->gateway, name);

	if (site == NULL || slot > DP_SLOTS)
		return NULL;
	if (slot != 0)
		return is_expected(site->tunnels[slot - 1])
			       ? site_tunnel_config_of(site->tunnels[slot - 1])->name
			       : NULL;
	for (unsigned i = 0; i < DP_SLOTS; i++) {
		if (is_expected(site->tunnels[i]))
			return "";
	}
	return NULL;
}

static void save_soon(struct stories *s)
{
	if (s->path != NULL && !heap_contains(&s->save_timer.node))
		loop_timer_set(s->loop, &s->save_timer, now_of(s) + SAVE_DELAY_MS);
}

static void add_line(struct stories *s, const struct story *y, enum event_id id)
{
	struct line *l = mem_zalloc(sizeof(*l));
	const struct story_row *row = story_row(y->kind);
	char where[EVENT_SITE_MAX + SITE_TEXT_MAX + 32] = "";

	if (y->slot != 0)
		snprintf(where, sizeof(where), ", %s %s %u%s%s%s", y->site,
			 site_role_name(y->slot <= SITE_TUNNELS ? SITE_PRIMARY : SITE_SECONDARY),
			 (y->slot - 1U) % SITE_TUNNELS + 1, y->link[0] == '\0' ? "" : " (", y->link,
			 y->link[0] == '\0' ? "" : ")");
	else if (y->site[0] != '\0')
		snprintf(where, sizeof(where), ", %s", y->site);
	l->id = id;
	l->slot = y->slot;
	l->fact = (struct event_fact){.cause = y->cause, .story = y->id};
	memcpy(l->site, y->site, sizeof(l->site));
	if (id == EVENT_STORY_OPENED)
		snprintf(l->text, sizeof(l->text), "Story %" PRIu64 " opened: %s%s, reason %s: %s",
			 y->id, row->indication, where, y->reason, story_cause(y));
	else
		snprintf(l->text, sizeof(l->text), "Story %" PRIu64 " closed: %s%s, %s", y->id,
			 row->indication, where, y->closing);
	list_append(&s->lines, &l->node);
	loop_timer_set(s->loop, &s->say_timer, now_of(s));
}

static void on_say(void *arg)
{
	struct stories *s = arg;

	struct list *node;

	for (unsigned i = 0; i < SAY_MAX && (node = list_take(&s->lines)) != NULL; i++) {
		struct line *l = container_of(node, struct line, node);

		event_emit_fact(s->events, l->id, l->site, l->slot, &l->fact, "%s", l->text);
		free(l);
	}
	if (!list_is_empty(&s->lines))
		loop_timer_set(s->loop, &s->say_timer, now_of(s));
}

static void changed(void *arg, struct story *y, enum story_change what)
{
	struct stories *s = arg;

	switch (what) {
	case STORY_OPENED:
		add_line(s, y, EVENT_STORY_OPENED);
		break;
	case STORY_CLOSED:
		add_line(s, y, EVENT_STORY_CLOSED);
		break;
	case STORY_UPDATED:
		break;
	case STORY_FORGOTTEN:
		s->removed =
			mem_realloc_array(s->removed, s->removed_count + 1, sizeof(s->removed[0]));
		s->removed[s->removed_count++] = y->id;
		save_soon(s);
		return;
	}
	if (list_is_empty(&y->unsaved))
		list_append(&s->unsaved, &y->unsaved);
	save_soon(s);
}

static void links(void *arg, const char *site, uint8_t known)
{
	struct stories *s = arg;
	struct links *l = container_of(s->links.prev, struct links, node);

	if (s->path == NULL)
		return;
	if (list_is_empty(&s->links) || strcmp(l->site, site) != 0) {
		l = mem_zalloc(sizeof(*l));
		snprintf(l->site, sizeof(l->site), "%s", site);
		list_append(&s->links, &l->node);
	}
	l->known = known;
	save_soon(s);
}

/* ---- File ------------------------------------------------------------------------------------ */

static void restore_story(void *arg, struct story *y)
{
	struct stories *s = arg;

	/* Only when the file could not be read at the start and new ones are here already. */
	if (story_book_find(s->book, y->id) != NULL)
		story_free(y);
	else
		story_book_restore(s->book, now_of(s), y);
}

static void restore_links(void *arg, const char *site, uint8_t known)
{
	struct stories *s = arg;

	story_book_restore_links(s->book, now_of(s), loop_wall_ms(), site, known);
}

static void in_trouble(struct stories *s, const struct err_msg *e)
{
	if (s->retry_ms == 0)
		event_emit(s->events, EVENT_STORY_STORE, NULL, 0,
			   "Stories are kept in memory only: %s", e->text);
	s->trouble = *e;
	s->retry_ms = s->retry_ms == 0 ? SAVE_RETRY_MS : s->retry_ms * 2;
	if (s->retry_ms > SAVE_RETRY_MAX)
		s->retry_ms = SAVE_RETRY_MAX;
	loop_timer_set(s->loop, &s->save_timer, now_of(s) + s->retry_ms);
}

static void out_of_trouble(struct stories *s)
{
	if (s->retry_ms != 0)
		event_emit(s->events, EVENT_STORY_STORE, NULL, 0, "Stories are saved again");
	s->retry_ms = 0;
	s->trouble.text[0] = '\0';
}

/* The file is new: everything goes into it. */
static void save_all(struct stories *s)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, story_book_all(s->book))
	{
		struct story *y = container_of(node, struct story, node);

		y->saved_note = 0;
		y->saved_comments = 0;
		if (list_is_empty(&y->unsaved))
			list_append(&s->unsaved, &y->unsaved);
	}
	story_book_links(s->book);
	save_soon(s);
}

static int open_store(struct stories *s, struct err_msg *e)
{
	const struct story_store_reader reader = {.arg = s,
						  .story = restore_story,
						  .links = restore_links};
	bool damaged = false, first = !s->restored;
	int r = story_store_open(s->path, &s->store, &damaged, e);

	if (r != 0)
		return r;
	if (first)
		r = story_store_read(s->store, &reader, e);
	s->restored = true;
	if (damaged) {
		char text[EVENT_TEXT_MAX];

		snprintf(text, sizeof(text), "%s was damaged and is now %s.damaged", s->path,
			 s->path);
		event_emit(s->events, EVENT_STORY_STORE, NULL, 0, "%s", text);
		story_book_tell(s->book, now_of(s), loop_wall_ms(), STORY_STORE_DAMAGED, text);
		save_all(s);
	}
	return r;
}

static int put_chunk(struct stories *s, size_t max, struct err_msg *e)
{
	struct list *node;
	struct list *after;
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; i < s->removed_count && r == 0; i++)
		r = story_store_remove(s->store, s->removed[i], e);
	list_for_each(node, after, &s->unsaved)
	{
		if (r != 0 || count++ == max)
			return r;
		r = story_store_put(s->store, container_of(node, struct story, unsaved), e);
	}
	list_for_each(node, after, &s->links)
	{
		const struct links *l = container_of(node, struct links, node);

		if (r != 0 || count++ == max)
			return r;
		r = story_store_links(s->store, l->site, l->known, e);
	}
	return r;
}

static void took_chunk(struct stories *s, size_t max)
{
	struct list *node;

	s->removed_count = 0;
	for (; max > 0 && (node = list_take(&s->unsaved)) != NULL; max--)
		story_store_saved(container_of(node, struct story, unsaved));
	for (; max > 0 && (node = list_take(&s->links)) != NULL; max--)
		free(container_of(node, struct links, node));
}

static int save_chunk(struct stories *s, size_t max, struct err_msg *e)
{
	int r = story_store_begin(s->store, e);

	if (r == 0)
		r = put_chunk(s, max, e);
	if (r == 0)
		r = story_store_commit(s->store, e);
	if (r != 0)
		story_store_rollback(s->store);
	else
		took_chunk(s, max);
	return r;
}

static bool is_saved(const struct stories *s)
{
	return s->removed_count == 0 && list_is_empty(&s->unsaved) && list_is_empty(&s->links);
}

static void on_save(void *arg)
{
	struct stories *s = arg;
	struct err_msg e = {.text = ""};
	int r = s->store != NULL ? 0 : open_store(s, &e);

	if (r == 0 && !is_saved(s))
		r = save_chunk(s, SAVE_CHUNK, &e);
	if (r != 0) {
		/* A damaged file is put aside when it is opened again. */
		story_store_close(s->store);
		s->store = NULL;
		in_trouble(s, &e);
		return;
	}
	out_of_trouble(s);
	if (!is_saved(s))
		loop_timer_set(s->loop, &s->save_timer, now_of(s) + SAVE_NEXT_MS);
}

/* ---- Time and events ------------------------------------------------------------------------- */

static void arm(struct stories *s)
{
	uint64_t due = story_book_deadline(s->book);

	if (due == HEAP_NEVER)
		loop_timer_cancel(s->loop, &s->due_timer);
	else
		loop_timer_set(s->loop, &s->due_timer, due);
}

static void on_due(void *arg)
{
	struct stories *s = arg;

	story_book_tick(s->book, now_of(s), loop_wall_ms());
	arm(s);
}

static void look_at_clock(struct stories *s)
{
	char duration[DURATION_TEXT_MAX], text[128];
	int64_t jump = clock_watch_look(&s->clock, loop_clock_ms(), loop_wall_ms());

	if (jump == 0)
		return;
	snprintf(text, sizeof(text), "The clock of this machine was set %s by %s",
		 jump > 0 ? "forward" : "back",
		 duration_short(((uint64_t)llabs(jump) + 500) / 1000 * 1000, duration,
				sizeof(duration)));
	event_emit(s->events, EVENT_CLOCK_CHANGED, NULL, 0, "%s", text);
	story_book_mark(s->book, loop_wall_ms(), text);
}

static void on_sweep(void *arg)
{
	struct stories *s = arg;

	look_at_clock(s);
	story_book_sweep(s->book, now_of(s), loop_wall_ms());
	arm(s);
	loop_timer_set(s->loop, &s->sweep_timer, now_of(s) + SWEEP_PERIOD_MS);
}

/* Nobody says that a link is up which an earlier process had up: the book hears it from here. */
static void hear_taken(struct stories *s, const struct event *ev)
{
	struct event up = *ev;

	for (size_t i = 0; i < s->gateway->site_count; i++) {
		const struct site *site = s->gateway->sites[i];

		snprintf(up.site, sizeof(up.site), "%s", site->config.name);
		for (unsigned slot = 0; slot <= DP_SLOTS; slot++) {
			bool is_up = slot == 0 ? site->ha.connected
					       : site->tunnels[slot - 1] != NULL &&
							 site->tunnels[slot - 1]->up;

			up.id = slot == 0 ? EVENT_SITE_UP : EVENT_LINK_UP;
			up.slot = (uint8_t)slot;
			if (is_up)
				story_book_event(s->book, now_of(s), &up);
		}
	}
}

static void on_event(void *arg, const struct event *ev)
{
	struct stories *s = arg;

	story_book_event(s->book, now_of(s), ev);
	if (ev->id == EVENT_TAKEN_OVER)
		hear_taken(s, ev);
	arm(s);
}

static void start(struct stories *s)
{
	struct err_msg e = {.text = ""};

	s->due_timer = (struct loop_timer){.fn = on_due, .arg = s};
	s->sweep_timer = (struct loop_timer){.fn = on_sweep, .arg = s};
	s->save_timer = (struct loop_timer){.fn = on_save, .arg = s};
	s->say_timer = (struct loop_timer){.fn = on_say, .arg = s};
	if (s->path != NULL && open_store(s, &e) != 0) {
		story_store_close(s->store);
		s->store = NULL;
		in_trouble(s, &e);
	}
	clock_watch_init(&s->clock, loop_clock_ms(), loop_wall_ms());
	s->listener = (struct event_listener){.fn = on_event, .arg = s};
	event_listen(s->events, &s->listener);
	loop_timer_set(s->loop, &s->sweep_timer, now_of(s) + SWEEP_PERIOD_MS);
	arm(s);
}

struct stories *stories_new(struct loop *loop, struct gateway *g, struct event_log *events,
			    const char *state_dir)
{
	struct stories *s = mem_zalloc(sizeof(*s));
	const struct story_world world = {.arg = s,
					  .link_name = link_name,
					  .changed = changed,
					  .links = links};

	s->loop = loop;
	s->gateway = g;
	s->events = events;
	list_init(&s->lines);
	list_init(&s->unsaved);
	list_init(&s->links);
	s->book = story_book_new(&world);
	if (state_dir != NULL) {
		size_t size = strlen(state_dir) + sizeof("/" STORIES_FILE);

		s->path = mem_zalloc(size);
		snprintf(s->path, size, "%s/%s", state_dir, STORIES_FILE);
	}
	start(s);
	return s;
}

static void free_lists(struct stories *s)
{
	struct list *node;

	while ((node = list_take(&s->lines)) != NULL)
		free(container_of(node, struct line, node));
	while ((node = list_take(&s->links)) != NULL)
		free(container_of(node, struct links, node));
	free(s->removed);
}

void stories_free(struct stories *s)
{
	struct err_msg e = {.text = ""};

	if (s == NULL)
		return;
	event_unlisten(&s->listener);
	loop_timer_cancel(s->loop, &s->due_timer);
	loop_timer_cancel(s->loop, &s->sweep_timer);
	loop_timer_cancel(s->loop, &s->save_timer);
	loop_timer_cancel(s->loop, &s->say_timer);
	if (s->store != NULL && !is_saved(s) && save_chunk(s, SIZE_MAX, &e) != 0)
		event_emit(s->events, EVENT_STORY_STORE, NULL, 0, "Stories are lost: %s", e.text);
	story_store_close(s->store);
	story_book_free(s->book);
	free_lists(s);
	free(s->path);
	free(s);
}

struct story_book *stories_book(struct stories *s)
{
	return s->book;
}

void stories_threshold(struct stories *s, uint32_t seconds)
{
	story_book_threshold(s->book, now_of(s), seconds * 1000U);
	arm(s);
}

const char *stories_trouble(const struct stories *s)
{
	return s->trouble.text;
}
