/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The correlator.  What may become a story is a watch: it has begun, and waits until it has lasted
 * or come back often enough.  The watch stays while its story is open, and goes when the story is
 * closed.
 */
#include "dataplane/site/story_book.h"

#include "dataplane/dataplane.h"
#include "platform/base/heap.h"
#include "platform/base/map.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMES_MAX   8 /* more than any row repeats */
#define RECENT_MAX  8
#define RECENT_MS   60000 /* what a story of a site looks back */
#define SWEEP_CHUNK 500
#define GONE_TEXT   "not configured any more, or terminated by an operator"

struct watch {
	struct heap_node due;
	struct list in_place;
	struct place *place;
	const struct story_row *row;
	uint8_t slot;
	bool active; /* it lasts */
	bool told;   /* its story is open */
	bool after_start;
	enum ike_cause cause;
	uint64_t since_ms, since_wall_ms; /* active: when it began */
	uint64_t calm_ms;		  /* not active: since when */
	uint64_t times[TIMES_MAX];	  /* when it began, the latest first */
	unsigned time_count;
	struct story *story; /* told: in the book; otherwise a draft of ours, or NULL */
};

struct recent {
	enum event_id id;
	enum ike_cause cause;
	uint64_t at_ms, wall_ms;
	char *text;
};

/* A site, or the box with the empty name. */
struct place {
	struct map_node node; /* key: site */
	struct list turn;     /* of the sweep */
	char site[EVENT_SITE_MAX];
	uint8_t known; /* links that were up since they were configured */
	struct list watches;
	struct recent recent[RECENT_MAX];
	unsigned recent_next;
};

struct story_book {
	struct story_world world;
	uint32_t threshold_ms;
	struct map places;
	struct list turns;
	struct heap due;
	struct list all;
	size_t closed;
	size_t open[STORY_KINDS];
	size_t open_all;
	uint64_t not_opened;
	uint64_t last_id;
};

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

/* ---- Places and watches ---------------------------------------------------------------------- */

static struct place *place_find(const struct story_book *b, const char *site)
{
	struct map_node *n = map_find(&b->places, site, strlen(site));

	return n == NULL ? NULL : container_of(n, struct place, node);
}

static struct place *place_get(struct story_book *b, const char *site)
{
	struct place *p = place_find(b, site);

	if (p != NULL)
		return p;
	p = mem_zalloc(sizeof(*p));
	snprintf(p->site, sizeof(p->site), "%s", site);
	list_init(&p->watches);
	list_init(&p->turn);
	list_append(&b->turns, &p->turn);
	map_insert(&b->places, &p->node, p->site, strlen(p->site));
	return p;
}

static struct watch *watch_of(struct list *node)
{
	return container_of(node, struct watch, in_place);
}

static struct watch *watch_find(struct place *p, enum story_kind kind, uint8_t slot)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &p->watches)
	{
		struct watch *w = watch_of(node);

		if (w->row->kind == kind && w->slot == slot)
			return w;
	}
	return NULL;
}

static struct watch *watch_new(struct place *p, const struct story_row *row, uint8_t slot)
{
	struct watch *w = mem_zalloc(sizeof(*w));

	w->place = p;
	w->row = row;
	w->slot = slot;
	list_init(&w->in_place);
	list_append(&p->watches, &w->in_place);
	return w;
}

static struct story *draft(struct watch *w)
{
	if (w->story == NULL)
		w->story = story_new(w->row->kind, w->place->site, w->slot);
	return w->story;
}

static void watch_drop(struct story_book *b, struct watch *w)
{
	heap_remove(&b->due, &w->due);
	list_remove(&w->in_place);
	if (!w->told)
		story_free(w->story);
	free(w);
}

static void place_drop(struct story_book *b, struct place *p)
{
	while (!list_is_empty(&p->watches))
		watch_drop(b, watch_of(p->watches.next));
	for (unsigned i = 0; i < RECENT_MAX; i++)
		free(p->recent[i].text);
	list_remove(&p->turn);
	map_remove(&b->places, &p->node);
	free(p);
}

void story_book_free(struct story_book *b)
{
	struct list *node;
	struct list *after;

	if (b == NULL)
		return;
	list_for_each(node, after, &b->turns) place_drop(b, container_of(node, struct place, turn));
	list_for_each(node, after, &b->all) story_free(container_of(node, struct story, node));
	map_clear(&b->places);
	heap_clear(&b->due);
	free(b);
}

/* ---- Opening and closing --------------------------------------------------------------------- */

static bool is_wanted(const struct story_book *b, const struct watch *w)
{
	return w->row->scope == STORY_OF_BOX ||
	       b->world.link_name(b->world.arg, w->place->site, w->slot) != NULL;
}

static void set_reason(struct watch *w, struct story *s, bool flapping)
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

static bool is_flapping(const struct story *s)
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

static void open_story(struct story_book *b, struct watch *w, uint64_t wall_ms, bool flapping)
{
	const char *name =
		w->slot == 0 ? "" : b->world.link_name(b->world.arg, w->place->site, w->slot);
	struct story *s;

	if (b->open_all >= STORY_OPEN_MAX) {
		b->not_opened++;
		watch_drop(b, w);
		return;
	}
	s = draft(w);
	snprintf(s->link, sizeof(s->link), "%s", name == NULL ? "" : name);
	s->id = ++b->last_id;
	s->began_ms = flapping && s->note_count > 0 ? s->notes[0].wall_ms : w->since_wall_ms;
	s->opened_ms = s->updated_ms = wall_ms;
	set_reason(w, s, flapping);
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

static void close_story(struct story_book *b, struct watch *w, uint64_t wall_ms, const char *why)
{
	struct story *s = w->story;

	s->open = false;
	s->closed_ms = s->updated_ms = wall_ms;
	snprintf(s->closing, sizeof(s->closing), "%s", why);
	b->open[s->kind]--;
	b->open_all--;
	b->closed++;
	watch_drop(b, w);
	b->world.changed(b->world.arg, s, STORY_CLOSED);
	forget_oldest(b);
}

/* ---- When ------------------------------------------------------------------------------------ */

static bool is_active(struct place *p, enum story_kind kind, uint8_t slot)
{
	const struct watch *w = watch_find(p, kind, slot);

	return w != NULL && w->active;
}

/* Another story tells of it. */
static bool is_covered(const struct watch *w)
{
	if (w->row->scope != STORY_OF_LINK)
		return false;
	if (is_active(w->place, STORY_SITE_DOWN, 0))
		return true;
	return w->row->reasons != 0 && is_active(w->place, STORY_LINK_DOWN, w->slot);
}

static uint32_t after_ms(const struct story_book *b, const struct watch *w)
{
	return w->row->after_ms == STORY_BY_SETTING ? b->threshold_ms : w->row->after_ms;
}

static bool has_lasted(const struct story_book *b, const struct watch *w, uint64_t now_ms)
{
	return w->active && w->row->after_ms != STORY_NEVER &&
	       now_ms >= w->since_ms + after_ms(b, w);
}

static bool has_repeated(const struct watch *w, uint64_t now_ms)
{
	uint32_t n = w->row->repeats;

	return n != 0 && w->time_count >= n && now_ms - w->times[n - 1] < w->row->window_ms;
}

static uint64_t closing_ms(const struct watch *w)
{
	return w->calm_ms + (is_flapping(w->story) ? w->row->window_ms : w->row->calm_ms);
}

/* HEAP_NEVER: an event decides; 0: it is over and counts for nothing. */
static uint64_t next_ms(const struct story_book *b, const struct watch *w)
{
	if (w->told)
		return w->active || w->row->begins == 0 ? HEAP_NEVER : closing_ms(w);
	if (w->active)
		return is_covered(w) || w->row->after_ms == STORY_NEVER
			       ? HEAP_NEVER
			       : w->since_ms + after_ms(b, w);
	return w->time_count == 0 ? 0 : w->times[0] + w->row->window_ms;
}

static void try_to_open(struct story_book *b, struct watch *w, uint64_t wall_ms, bool flapping)
{
	if (is_wanted(b, w))
		open_story(b, w, wall_ms, flapping);
	else
		watch_drop(b, w);
}

/* May drop the watch. */
static void review(struct story_book *b, struct watch *w, uint64_t now_ms, uint64_t wall_ms)
{
	uint64_t due;

	if (!w->told && !is_covered(w) && (has_lasted(b, w, now_ms) || has_repeated(w, now_ms))) {
		struct place *p = w->place;
		const struct story_row *row = w->row;
		uint8_t slot = w->slot;

		try_to_open(b, w, wall_ms, !has_lasted(b, w, now_ms));
		w = watch_find(p, row->kind, slot);
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
		watch_drop(b, w);
}

static void review_place(struct story_book *b, struct place *p, uint64_t now_ms, uint64_t wall_ms)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &p->watches) review(b, watch_of(node), now_ms, wall_ms);
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

		list_for_each(at, next, &container_of(node, struct place, turn)->watches)
		{
			struct watch *w = watch_of(at);
			uint64_t due = next_ms(b, w);

			if (due != HEAP_NEVER) /* the next tick decides */
				heap_set(&b->due, &w->due, due < now_ms ? now_ms : due);
		}
	}
}

/* ---- Events ---------------------------------------------------------------------------------- */

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

static void look_back(struct watch *w, uint64_t now_ms)
{
	const struct place *p = w->place;

	for (unsigned i = 0; i < RECENT_MAX; i++) {
		const struct recent *r = &p->recent[(p->recent_next + i) % RECENT_MAX];

		if (r->text == NULL || now_ms - r->at_ms > RECENT_MS ||
		    (w->row->gathers & bit(r->id)) == 0)
			continue;
		story_add_note(draft(w), r->wall_ms, r->text);
		if (r->cause != IKE_CAUSE_NONE)
			w->cause = r->cause;
	}
}

static void begin(struct watch *w, const struct event *ev, uint64_t now_ms)
{
	if (!w->active) {
		w->since_ms = now_ms;
		w->since_wall_ms = ev->wall_ms;
		w->after_start = false;
	}
	w->active = w->row->ends != 0;
	w->calm_ms = now_ms;
	if (w->row->repeats == 0 || ev->fact.planned)
		return;
	memmove(&w->times[1], &w->times[0], sizeof(w->times) - sizeof(w->times[0]));
	w->times[0] = now_ms;
	if (w->time_count < TIMES_MAX)
		w->time_count++;
}

static void gather(struct story_book *b, struct watch *w, const struct event *ev)
{
	struct story *s = draft(w);

	story_add_note(s, ev->wall_ms, ev->text);
	if (ev->fact.cause != IKE_CAUSE_NONE)
		w->cause = ev->fact.cause;
	if (!w->told)
		return;
	if (ev->fact.cause != IKE_CAUSE_NONE)
		set_reason(w, s, is_flapping(s));
	b->world.changed(b->world.arg, s, STORY_UPDATED);
}

/* Links that were not told of because the site was down have their own time from now on. */
static void site_is_back(struct place *p, uint64_t now_ms)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &p->watches)
	{
		struct watch *w = watch_of(node);

		if (w->active && !w->told && w->row->scope == STORY_OF_LINK)
			w->since_ms = now_ms;
	}
}

static void hear(struct story_book *b, struct place *p, const struct story_row *row, uint8_t slot,
		 const struct event *ev, uint64_t now_ms)
{
	struct watch *w = watch_find(p, row->kind, slot);
	bool begun = begins(row, ev), ended = ends(row, ev);

	if (w == NULL && !begun)
		return;
	if (w == NULL) {
		w = watch_new(p, row, slot);
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
		if (row->kind == STORY_SITE_DOWN)
			site_is_back(p, now_ms);
	}
	review(b, w, now_ms, ev->wall_ms);
}

static void remember(struct place *p, const struct event *ev, uint64_t now_ms)
{
	struct recent *r = &p->recent[p->recent_next];

	free(r->text);
	*r = (struct recent){.id = ev->id,
			     .cause = ev->fact.cause,
			     .at_ms = now_ms,
			     .wall_ms = ev->wall_ms,
			     .text = mem_strdup(ev->text)};
	p->recent_next = (p->recent_next + 1) % RECENT_MAX;
}

static void know_links(struct story_book *b, struct place *p, uint8_t known)
{
	if (p->known == known)
		return;
	p->known = known;
	b->world.links(b->world.arg, p->site, known);
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
	struct place *p;

	if ((heard_of() & bit(ev->id)) == 0)
		return;
	p = place_get(b, ev->site);
	for (int k = 0; k < STORY_KINDS; k++) {
		const struct story_row *row = story_row((enum story_kind)k);
		bool of_link = ev->slot != 0;

		if (row->scope == STORY_OF_LINK && !of_link)
			continue;
		hear(b, p, row, row->scope == STORY_OF_LINK ? ev->slot : 0, ev, now_ms);
	}
	if (ev->id == EVENT_LINK_UP && ev->slot != 0)
		know_links(b, p, (uint8_t)(p->known | 1U << (ev->slot - 1)));
	else if (ev->site[0] != '\0')
		remember(p, ev, now_ms);
	/* Who was covered by what has ended, or begun, is due at another time. */
	if (!list_is_empty(&p->watches))
		review_place(b, p, now_ms, ev->wall_ms);
}

void story_book_tell(struct story_book *b, uint64_t now_ms, uint64_t wall_ms, enum story_kind kind,
		     const char *text)
{
	struct place *p = place_get(b, "");
	struct watch *w = watch_find(p, kind, 0);

	if (w == NULL)
		w = watch_new(p, story_row(kind), 0);
	w->since_ms = now_ms;
	w->since_wall_ms = wall_ms;
	story_add_note(draft(w), wall_ms, text);
	if (w->told)
		b->world.changed(b->world.arg, w->story, STORY_UPDATED);
	else
		open_story(b, w, wall_ms, false);
}

/* ---- Time ------------------------------------------------------------------------------------ */

void story_book_tick(struct story_book *b, uint64_t now_ms, uint64_t wall_ms)
{
	struct heap_node *n;

	while ((n = heap_pop_due(&b->due, now_ms)) != NULL)
		review(b, container_of(n, struct watch, due), now_ms, wall_ms);
}

uint64_t story_book_deadline(const struct story_book *b)
{
	return heap_next_due(&b->due);
}

static void sweep_known(struct story_book *b, struct place *p)
{
	uint8_t known = p->known;

	for (unsigned i = 0; i < DP_SLOTS; i++) {
		if ((known & 1U << i) != 0 &&
		    b->world.link_name(b->world.arg, p->site, (uint8_t)(i + 1)) == NULL)
			known = (uint8_t)(known & ~(1U << i));
	}
	know_links(b, p, known);
}

static void sweep_place(struct story_book *b, struct place *p, uint64_t now_ms, uint64_t wall_ms)
{
	bool gone = false;
	struct list *node;
	struct list *after;

	list_for_each(node, after, &p->watches)
	{
		struct watch *w = watch_of(node);

		if (is_wanted(b, w))
			continue;
		gone = true;
		if (w->told)
			close_story(b, w, wall_ms, GONE_TEXT);
		else
			watch_drop(b, w);
	}
	sweep_known(b, p);
	if (gone)
		review_place(b, p, now_ms, wall_ms);
	if (list_is_empty(&p->watches) && p->known == 0)
		place_drop(b, p);
}

void story_book_sweep(struct story_book *b, uint64_t now_ms, uint64_t wall_ms)
{
	size_t count = b->places.count < SWEEP_CHUNK ? b->places.count : SWEEP_CHUNK;

	while (count-- > 0) {
		struct place *p = container_of(b->turns.next, struct place, turn);

		list_remove(&p->turn);
		list_append(&b->turns, &p->turn);
		sweep_place(b, p, now_ms, wall_ms);
	}
}

/* ---- Over a restart -------------------------------------------------------------------------- */

void story_book_restore(struct story_book *b, uint64_t now_ms, struct story *s)
{
	struct watch *w;

	if (s->id > b->last_id)
		b->last_id = s->id;
	if (!s->open) {
		insert(b, s);
		b->closed++;
		forget_oldest(b);
		return;
	}
	enter(b, s);
	w = watch_new(place_get(b, s->site), story_row(s->kind), s->slot);
	w->story = s;
	w->told = true;
	w->cause = s->cause;
	w->active = w->row->ends != 0 && !is_flapping(s);
	w->since_ms = w->calm_ms = now_ms;
	w->since_wall_ms = s->began_ms;
	review(b, w, now_ms, s->updated_ms);
}

static void expect(struct place *p, enum story_kind kind, uint8_t slot, uint64_t now_ms,
		   uint64_t wall_ms, struct story_book *b)
{
	struct watch *w = watch_find(p, kind, slot);

	if (w != NULL)
		return;
	w = watch_new(p, story_row(kind), slot);
	w->active = w->after_start = true;
	w->since_ms = now_ms;
	w->since_wall_ms = wall_ms;
	review(b, w, now_ms, wall_ms);
}

void story_book_restore_links(struct story_book *b, uint64_t now_ms, uint64_t wall_ms,
			      const char *site, uint8_t known)
{
	struct place *p;

	if (known == 0 || site[0] == '\0')
		return;
	p = place_get(b, site);
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
		const struct place *p = container_of(node, struct place, turn);

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
	struct place *p = place_find(b, s->site);

	if (s->acknowledged_ms == 0) {
		s->acknowledged_ms = wall_ms;
		snprintf(s->acknowledged_by, sizeof(s->acknowledged_by), "%s", user);
	}
	b->world.changed(b->world.arg, s, STORY_UPDATED);
	if (s->open && story_row(s->kind)->begins == 0 && p != NULL)
		close_story(b, watch_find(p, s->kind, s->slot), wall_ms, story_row(s->kind)->over);
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
