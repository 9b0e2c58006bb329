/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The correlator: when a watch (story_watch.h) becomes a story and when that is closed, by time,
 * over a restart, and by operators.
 */
#include "dataplane/site/story_book.h"

#include "dataplane/dataplane.h"
#include "dataplane/site/story_watch.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SWEEP_CHUNK 500
#define GONE_TEXT   "not configured any more, or terminated by an operator"

struct story_book *story_book_new(const struct story_world *w)
{
	struct story_book *b = mem_zalloc(sizeof(*b));

	b->world = *w;
	b->threshold_ms = STORY_THRESHOLD_S * 1000U;
	map_init(&b->places, NULL);
	list_init(&b->turns);
	list_init(&b->all);
	heap_init(&b->due);
	return b;
}

void story_book_free(struct story_book *b)
{
	struct list *node;
	struct list *after;

	if (b == NULL)
		return;
	list_for_each(node, after, &b->turns)
		story_place_drop(b, container_of(node, struct story_place, turn));
	list_for_each(node, after, &b->all) story_free(container_of(node, struct story, node));
	map_clear(&b->places);
	heap_clear(&b->due);
	free(b);
}

/* ---- Opening and closing --------------------------------------------------------------------- */

static bool is_wanted(const struct story_book *b, const struct story_watch *w)
{
	return w->row->scope == STORY_OF_BOX ||
	       b->world.link_name(b->world.arg, w->place->site, w->slot) != NULL;
}

void story_watch_reason(struct story_watch *w, struct story *s, bool flapping)
{
	const char *reason = w->row->reason;

	s->cause = w->cause;
	if (flapping)
		reason = STORY_FLAPPING;
	else if (w->cause != IKE_CAUSE_NONE)
		reason = ike_reason_name(ike_cause_row(w->cause)->reason);
	else if (w->after_start)
		reason = STORY_NOT_BACK;
	snprintf(s->reason, sizeof(s->reason), "%s", reason);
}

bool story_is_flapping(const struct story *s)
{
	return strcmp(s->reason, STORY_FLAPPING) == 0;
}

/* In order of id. */
static void insert(struct story_book *b, struct story *s)
{
	struct list *at = b->all.prev;

	while (at != &b->all && container_of(at, struct story, node)->id > s->id)
		at = at->prev;
	list_prepend(at, &s->node);
}

static void enter(struct story_book *b, struct story *s)
{
	insert(b, s);
	b->open[s->kind]++;
	b->open_all++;
}

static void open_story(struct story_book *b, struct story_watch *w, uint64_t wall_ms, bool flapping)
{
	const char *name =
		w->slot == 0 ? "" : b->world.link_name(b->world.arg, w->place->site, w->slot);
	struct story *s;

	if (b->open_all >= STORY_OPEN_MAX) {
		b->not_opened++;
		story_watch_drop(b, w);
		return;
	}
	s = story_watch_draft(w);
	snprintf(s->link, sizeof(s->link), "%s", name == NULL ? "" : name);
	s->id = ++b->last_id;
	s->began_ms = flapping && s->note_count > 0 ? s->notes[0].wall_ms : w->since_wall_ms;
	s->opened_ms = s->updated_ms = wall_ms;
	story_watch_reason(w, s, flapping);
	w->told = true;
	enter(b, s);
	b->world.changed(b->world.arg, s, STORY_OPENED);
}

static void forget(struct story_book *b, struct story *s)
{
	b->closed--;
	b->world.changed(b->world.arg, s, STORY_FORGOTTEN);
	story_free(s);
}

static void forget_oldest(struct story_book *b)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &b->all)
	{
		struct story *s = container_of(node, struct story, node);

		if (b->closed <= STORY_CLOSED_MAX)
			return;
		if (!s->open)
			forget(b, s);
	}
}

static void close_story(struct story_book *b, struct story_watch *w, uint64_t wall_ms,
			const char *why)
{
	struct story *s = w->story;

	s->open = false;
	s->closed_ms = s->updated_ms = wall_ms;
	snprintf(s->closing, sizeof(s->closing), "%s", why);
	b->open[s->kind]--;
	b->open_all--;
	b->closed++;
	story_watch_drop(b, w);
	b->world.changed(b->world.arg, s, STORY_CLOSED);
	forget_oldest(b);
}

/* ---- When ------------------------------------------------------------------------------------ */

static bool is_active(struct story_place *p, enum story_kind kind, uint8_t slot)
{
	const struct story_watch *w = story_watch_find(p, kind, slot);

	return w != NULL && w->active;
}

/* Another story tells of it. */
static bool is_covered(const struct story_watch *w)
{
	if (w->row->scope != STORY_OF_LINK)
		return false;
	if (is_active(w->place, STORY_SITE_DOWN, 0))
		return true;
	return w->row->with_link && is_active(w->place, STORY_LINK_DOWN, w->slot);
}

static uint32_t after_ms(const struct story_book *b, const struct story_watch *w)
{
	if (w->row->soon_ms != 0 && !w->planned)
		return w->row->soon_ms;
	return w->row->after_ms == STORY_BY_SETTING ? b->threshold_ms : w->row->after_ms;
}

static bool has_lasted(const struct story_book *b, const struct story_watch *w, uint64_t now_ms)
{
	return w->active && w->row->after_ms != STORY_NEVER &&
	       now_ms >= w->since_ms + after_ms(b, w);
}

static bool has_repeated(const struct story_watch *w, uint64_t now_ms)
{
	uint32_t n = w->row->repeats;

	return n != 0 && w->time_count >= n && now_ms - w->times[n - 1] < w->row->window_ms;
}

static uint64_t closing_ms(const struct story_watch *w)
{
	return w->calm_ms + (story_is_flapping(w->story) ? w->row->window_ms : w->row->calm_ms);
}

/* HEAP_NEVER: an event decides; 0: it is over and counts for nothing. */
static uint64_t next_ms(const struct story_book *b, const struct story_watch *w)
{
	if (w->told)
		return w->active || w->row->begins == 0 ? HEAP_NEVER : closing_ms(w);
	if (w->active)
		return is_covered(w) || w->row->after_ms == STORY_NEVER
			       ? HEAP_NEVER
			       : w->since_ms + after_ms(b, w);
	return w->time_count == 0 ? 0 : w->times[0] + w->row->window_ms;
}

static void try_to_open(struct story_book *b, struct story_watch *w, uint64_t wall_ms,
			bool flapping)
{
	if (is_wanted(b, w))
		open_story(b, w, wall_ms, flapping);
	else
		story_watch_drop(b, w);
}

/* May drop the watch. */
void story_watch_review(struct story_book *b, struct story_watch *w, uint64_t now_ms,
			uint64_t wall_ms)
{
	uint64_t due;

	if (!w->told && !is_covered(w) && (has_lasted(b, w, now_ms) || has_repeated(w, now_ms))) {
		struct story_place *p = w->place;
		const struct story_row *row = w->row;
		uint8_t slot = w->slot;

		try_to_open(b, w, wall_ms, !has_lasted(b, w, now_ms));
		w = story_watch_find(p, row->kind, slot);
		if (w == NULL)
			return;
	}
	due = next_ms(b, w);
	if (due > now_ms && due != HEAP_NEVER)
		heap_set(&b->due, &w->due, due);
	else if (due == HEAP_NEVER)
		heap_remove(&b->due, &w->due);
	else if (w->told)
		close_story(b, w, wall_ms, w->row->over);
	else
		story_watch_drop(b, w);
}

void story_place_review(struct story_book *b, struct story_place *p, uint64_t now_ms,
			uint64_t wall_ms)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &p->watches)
		story_watch_review(b, story_watch_of(node), now_ms, wall_ms);
}

void story_book_threshold(struct story_book *b, uint64_t now_ms, uint32_t threshold_ms)
{
	struct list *node;
	struct list *after;

	if (b->threshold_ms == threshold_ms)
		return;
	b->threshold_ms = threshold_ms;
	list_for_each(node, after, &b->turns)
	{
		struct list *at;
		struct list *next;

		list_for_each(at, next, &container_of(node, struct story_place, turn)->watches)
		{
			struct story_watch *w = story_watch_of(at);
			uint64_t due = next_ms(b, w);

			if (due != HEAP_NEVER) /* the next tick decides */
				heap_set(&b->due, &w->due, due < now_ms ? now_ms : due);
		}
	}
}

void story_book_tell(struct story_book *b, uint64_t now_ms, uint64_t wall_ms, enum story_kind kind,
		     const char *text)
{
	struct story_place *p = story_place_get(b, "");
	struct story_watch *w = story_watch_find(p, kind, 0);

	if (w == NULL)
		w = story_watch_new(p, story_row(kind), 0);
	w->since_ms = now_ms;
	w->since_wall_ms = wall_ms;
	story_add_note(story_watch_draft(w), wall_ms, text);
	if (w->told)
		b->world.changed(b->world.arg, w->story, STORY_UPDATED);
	else
		open_story(b, w, wall_ms, false);
}

void story_book_mark(struct story_book *b, uint64_t wall_ms, const char *text)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &b->all)
	{
		struct story *s = container_of(node, struct story, node);

		if (!s->open)
			continue;
		story_add_note(s, wall_ms, text);
		b->world.changed(b->world.arg, s, STORY_UPDATED);
	}
}

/* ---- Time ------------------------------------------------------------------------------------ */

void story_book_tick(struct story_book *b, uint64_t now_ms, uint64_t wall_ms)
{
	struct heap_node *n;

	while ((n = heap_pop_due(&b->due, now_ms)) != NULL)
		story_watch_review(b, container_of(n, struct story_watch, due), now_ms, wall_ms);
}

uint64_t story_book_deadline(const struct story_book *b)
{
	return heap_next_due(&b->due);
}

void story_place_links(struct story_book *b, struct story_place *p, uint8_t known)
{
	if (p->known == known)
		return;
	p->known = known;
	b->world.links(b->world.arg, p->site, known);
}

static void sweep_known(struct story_book *b, struct story_place *p)
{
	uint8_t known = p->known;

	for (unsigned i = 0; i < DP_SLOTS; i++) {
		if ((known & 1U << i) != 0 &&
		    b->world.link_name(b->world.arg, p->site, (uint8_t)(i + 1)) == NULL)
			known = (uint8_t)(known & ~(1U << i));
	}
	story_place_links(b, p, known);
}

static void sweep_place(struct story_book *b, struct story_place *p, uint64_t now_ms,
			uint64_t wall_ms)
{
	bool gone = false;
	struct list *node;
	struct list *after;

	list_for_each(node, after, &p->watches)
	{
		struct story_watch *w = story_watch_of(node);

		if (is_wanted(b, w))
			continue;
		gone = true;
		if (w->told)
			close_story(b, w, wall_ms, GONE_TEXT);
		else
			story_watch_drop(b, w);
	}
	sweep_known(b, p);
	if (gone)
		story_place_review(b, p, now_ms, wall_ms);
	if (list_is_empty(&p->watches) && p->known == 0)
		story_place_drop(b, p);
}

void story_book_sweep(struct story_book *b, uint64_t now_ms, uint64_t wall_ms)
{
	size_t count = b->places.count < SWEEP_CHUNK ? b->places.count : SWEEP_CHUNK;

	while (count-- > 0) {
		struct story_place *p = container_of(b->turns.next, struct story_place, turn);

		list_remove(&p->turn);
		list_append(&b->turns, &p->turn);
		sweep_place(b, p, now_ms, wall_ms);
	}
}

/* ---- Over a restart -------------------------------------------------------------------------- */

void story_book_restore(struct story_book *b, uint64_t now_ms, struct story *s)
{
	struct story_watch *w;

	if (s->id > b->last_id)
		b->last_id = s->id;
	if (!s->open) {
		insert(b, s);
		b->closed++;
		forget_oldest(b);
		return;
	}
	enter(b, s);
	w = story_watch_new(story_place_get(b, s->site), story_row(s->kind), s->slot);
	w->story = s;
	w->told = true;
	w->cause = s->cause;
	w->active = w->row->ends != 0 && !story_is_flapping(s);
	w->since_ms = w->calm_ms = now_ms;
	w->since_wall_ms = s->began_ms;
	story_watch_review(b, w, now_ms, s->updated_ms);
}

static void expect(struct story_place *p, enum story_kind kind, uint8_t slot, uint64_t now_ms,
		   uint64_t wall_ms, struct story_book *b)
{
	struct story_watch *w = story_watch_find(p, kind, slot);

	if (w != NULL)
		return;
	w = story_watch_new(p, story_row(kind), slot);
	w->active = w->after_start = true;
	w->since_ms = now_ms;
	w->since_wall_ms = wall_ms;
	story_watch_review(b, w, now_ms, wall_ms);
}

void story_book_restore_links(struct story_book *b, uint64_t now_ms, uint64_t wall_ms,
			      const char *site, uint8_t known)
{
	struct story_place *p;

	if (known == 0 || site[0] == '\0')
		return;
	p = story_place_get(b, site);
	p->known = known;
	expect(p, STORY_SITE_DOWN, 0, now_ms, wall_ms, b);
	for (unsigned i = 0; i < DP_SLOTS; i++) {
		if ((known & 1U << i) != 0)
			expect(p, STORY_LINK_DOWN, (uint8_t)(i + 1), now_ms, wall_ms, b);
	}
}

void story_book_links(struct story_book *b)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &b->turns)
	{
		const struct story_place *p = container_of(node, struct story_place, turn);

		if (p->known != 0)
			b->world.links(b->world.arg, p->site, p->known);
	}
}

/* ---- Reading and operators ------------------------------------------------------------------- */

const struct list *story_book_all(const struct story_book *b)
{
	return &b->all;
}

struct story *story_book_find(const struct story_book *b, uint64_t id)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &b->all)
	{
		struct story *s = container_of(node, struct story, node);

		if (s->id == id)
			return s;
	}
	return NULL;
}

size_t story_book_open_count(const struct story_book *b, enum story_kind k)
{
	return b->open[k];
}

uint64_t story_book_not_opened(const struct story_book *b)
{
	return b->not_opened;
}

void story_book_acknowledge(struct story_book *b, struct story *s, uint64_t wall_ms,
			    const char *user)
{
	struct story_place *p = story_place_find(b, s->site);

	if (s->acknowledged_ms == 0) {
		s->acknowledged_ms = wall_ms;
		snprintf(s->acknowledged_by, sizeof(s->acknowledged_by), "%s", user);
	}
	b->world.changed(b->world.arg, s, STORY_UPDATED);
	if (s->open && story_row(s->kind)->begins == 0 && p != NULL)
		close_story(b, story_watch_find(p, s->kind, s->slot), wall_ms,
			    story_row(s->kind)->over);
}

int story_book_comment(struct story_book *b, struct story *s, uint64_t wall_ms, const char *user,
		       const char *text)
{
	int r = story_add_comment(s, wall_ms, user, text);

	if (r == 0)
		b->world.changed(b->world.arg, s, STORY_UPDATED);
	return r;
}

size_t story_book_clear_closed(struct story_book *b)
{
	size_t count = b->closed;
	struct list *node;
	struct list *after;

	list_for_each(node, after, &b->all)
	{
		struct story *s = container_of(node, struct story, node);

		if (!s->open)
			forget(b, s);
	}
	return count;
}
