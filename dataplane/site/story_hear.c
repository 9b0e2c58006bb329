/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an event means for the watches of its place: begun, ended, or one more note. */
#include "dataplane/site/story_watch.h"

#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define RECENT_MS 60000 /* what a story of a site looks back */

static uint64_t bit(enum event_id id)
{
	return UINT64_C(1) << id;
}

static bool has_reason(const struct story_row *row, const struct event *ev)
{
	return row->reasons == 0 ||
	       (row->reasons & (UINT32_C(1) << ike_cause_row(ev->fact.cause)->reason)) != 0;
}

static bool begins(const struct story_row *row, const struct event *ev)
{
	return (row->begins & bit(ev->id)) != 0 && has_reason(row, ev) &&
	       (!row->by_role || ev->fact.secondary);
}

/* Also when an attempt fails for another reason than the one that is told. */
static bool ends(const struct story_row *row, const struct event *ev)
{
	if ((row->ends & bit(ev->id)) != 0)
		return !row->by_role || !ev->fact.secondary;
	return ev->id == EVENT_LINK_ATTEMPT_FAILED && (row->begins & bit(ev->id)) != 0 &&
	       !has_reason(row, ev);
}

static void look_back(struct story_watch *w, uint64_t now_ms)
{
	const struct story_place *p = w->place;

	for (unsigned i = 0; i < STORY_RECENT_MAX; i++) {
		const struct story_recent *r = &p->recent[(p->recent_next + i) % STORY_RECENT_MAX];

		if (r->text == NULL || now_ms - r->at_ms > RECENT_MS ||
		    (w->row->gathers & bit(r->id)) == 0)
			continue;
		story_add_note(story_watch_draft(w), r->wall_ms, r->text);
		if (r->cause != IKE_CAUSE_NONE)
			w->cause = r->cause;
	}
}

static void begin(struct story_watch *w, const struct event *ev, uint64_t now_ms)
{
	if (!w->active) {
		w->since_ms = now_ms;
		w->since_wall_ms = ev->wall_ms;
		w->after_start = false;
		w->planned = ev->fact.planned;
	}
	w->active = w->row->ends != 0;
	w->calm_ms = now_ms;
	if (w->row->repeats == 0 || ev->fact.planned)
		return;
	memmove(&w->times[1], &w->times[0], sizeof(w->times) - sizeof(w->times[0]));
	w->times[0] = now_ms;
	if (w->time_count < STORY_TIMES_MAX)
		w->time_count++;
}

static void gather(struct story_book *b, struct story_watch *w, const struct event *ev)
{
	struct story *s = story_watch_draft(w);

	story_add_note(s, ev->wall_ms, ev->text);
	if (ev->fact.cause != IKE_CAUSE_NONE)
		w->cause = ev->fact.cause;
	if (!w->told)
		return;
	if (ev->fact.cause != IKE_CAUSE_NONE)
		story_watch_reason(w, s, story_is_flapping(s));
	b->world.changed(b->world.arg, s, STORY_UPDATED);
}

/* What was not told of because the site (slot 0) or the link was down has its own time from now on.
 */
static void is_back(struct story_place *p, uint8_t slot, uint64_t now_ms)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &p->watches)
	{
		struct story_watch *w = story_watch_of(node);

		if (w->active && !w->told && w->row->scope == STORY_OF_LINK &&
		    (slot == 0 || slot == w->slot))
			w->since_ms = now_ms;
	}
}

static void hear(struct story_book *b, struct story_place *p, const struct story_row *row,
		 uint8_t slot, const struct event *ev, uint64_t now_ms)
{
	struct story_watch *w = story_watch_find(p, row->kind, slot);
	bool begun = begins(row, ev), ended = ends(row, ev);

	if (w == NULL && !begun)
		return;
	if (w == NULL) {
		w = story_watch_new(p, row, slot);
		if (row->scope == STORY_OF_SITE)
			look_back(w, now_ms);
	}
	if (begun)
		begin(w, ev, now_ms);
	if (begun || ended || (row->gathers & bit(ev->id)) != 0)
		gather(b, w, ev);
	if (ended && w->active) {
		w->active = false;
		w->calm_ms = now_ms;
		if (row->kind == STORY_SITE_DOWN || row->kind == STORY_LINK_DOWN)
			is_back(p, slot, now_ms);
	}
	story_watch_review(b, w, now_ms, ev->wall_ms);
}

static void remember(struct story_place *p, const struct event *ev, uint64_t now_ms)
{
	struct story_recent *r = &p->recent[p->recent_next];

	free(r->text);
	*r = (struct story_recent){.id = ev->id,
				   .cause = ev->fact.cause,
				   .at_ms = now_ms,
				   .wall_ms = ev->wall_ms,
				   .text = mem_strdup(ev->text)};
	p->recent_next = (p->recent_next + 1) % STORY_RECENT_MAX;
}

static uint64_t heard_of(void)
{
	uint64_t bits = 0;

	for (int k = 0; k < STORY_KINDS; k++) {
		const struct story_row *row = story_row((enum story_kind)k);

		bits |= row->begins | row->gathers | row->ends;
	}
	return bits;
}

void story_book_event(struct story_book *b, uint64_t now_ms, const struct event *ev)
{
	struct story_place *p;

	if ((heard_of() & bit(ev->id)) == 0)
		return;
	p = story_place_get(b, ev->site);
	for (int k = 0; k < STORY_KINDS; k++) {
		const struct story_row *row = story_row((enum story_kind)k);
		bool of_link = ev->slot != 0;

		if (row->scope == STORY_OF_LINK && !of_link)
			continue;
		hear(b, p, row, row->scope == STORY_OF_LINK ? ev->slot : 0, ev, now_ms);
	}
	if (ev->id == EVENT_LINK_UP && ev->slot != 0)
		story_place_links(b, p, (uint8_t)(p->known | 1U << (ev->slot - 1)));
	else if (ev->site[0] != '\0')
		remember(p, ev, now_ms);
	/* Who was covered by what has ended, or begun, is due at another time. */
	if (!list_is_empty(&p->watches))
		story_place_review(b, p, now_ms, ev->wall_ms);
}
