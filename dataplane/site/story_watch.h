/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of the correlator.  What may become a story is a watch: it has begun, and waits until
 * it has lasted or come back often enough.  The watch stays while its story is open, and goes when
 * the story is closed.  Watches belong to places: a site, or the box.
 */
#ifndef DATAPLANE_SITE_STORY_WATCH_H
#define DATAPLANE_SITE_STORY_WATCH_H

#include "dataplane/site/story_book.h"
#include "platform/base/heap.h"
#include "platform/base/map.h"

#define STORY_TIMES_MAX	 8 /* more than any row repeats */
#define STORY_RECENT_MAX 8

struct story_watch {
	struct heap_node due;
	struct list in_place;
	struct story_place *place;
	const struct story_row *row;
	uint8_t slot;
	bool active; /* it lasts */
	bool told;   /* its story is open */
	bool after_start;
	bool planned; /* it began by somebody's doing */
	enum ike_cause cause;
	uint64_t since_ms, since_wall_ms; /* active: when it began */
	uint64_t calm_ms;		  /* not active: since when */
	uint64_t times[STORY_TIMES_MAX];  /* when it began, the latest first */
	unsigned time_count;
	struct story *story; /* told: in the book; otherwise a draft of ours, or NULL */
};

struct story_recent {
	enum event_id id;
	enum ike_cause cause;
	uint64_t at_ms, wall_ms;
	char *text;
};

/* A site, or the box with the empty name. */
struct story_place {
	struct map_node node; /* key: site */
	struct list turn;     /* of the sweep */
	char site[EVENT_SITE_MAX];
	uint8_t known; /* links that were up since they were configured */
	struct list watches;
	struct story_recent recent[STORY_RECENT_MAX];
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

/* story_watch.c */
struct story_place *story_place_find(const struct story_book *b, const char *site); /* or NULL */
struct story_place *story_place_get(struct story_book *b, const char *site);
void story_place_drop(struct story_book *b, struct story_place *p);
struct story_watch *story_watch_of(struct list *node); /* in its place */
struct story_watch *story_watch_find(struct story_place *p, enum story_kind kind, uint8_t slot);
struct story_watch *story_watch_new(struct story_place *p, const struct story_row *row,
				    uint8_t slot);
struct story *story_watch_draft(struct story_watch *w); /* its story, or what may become it */
void story_watch_drop(struct story_book *b, struct story_watch *w);

/* story_book.c */
bool story_is_flapping(const struct story *s);
void story_watch_reason(struct story_watch *w, struct story *s, bool flapping);
/* Opens, closes or drops it when that is due. */
void story_watch_review(struct story_book *b, struct story_watch *w, uint64_t now_ms,
			uint64_t wall_ms);
void story_place_review(struct story_book *b, struct story_place *p, uint64_t now_ms,
			uint64_t wall_ms);
void story_place_links(struct story_book *b, struct story_place *p, uint8_t known);

#endif
