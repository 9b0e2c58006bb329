/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The book of stories: reads events and decides, by the rows of story_table.c, which stories open,
 * gather and close.  Pure: time and events go in, changed stories come out; the same inputs give
 * the same stories.
 *
 *   event that begins -> watch (waits for after_ms, or counts within window_ms) -> story opens
 *     -> gathers -> event that ends -> calm_ms without a new one -> story closes
 *
 * A link is not told of while its site is down (the site's story gathers it), nor is a failing
 * attempt of a link whose own story of being down is due.
 */
#ifndef DATAPLANE_SITE_STORY_BOOK_H
#define DATAPLANE_SITE_STORY_BOOK_H

#include "dataplane/site/story.h"

#define STORY_OPEN_MAX	 10000 /* more are not opened, but counted */
#define STORY_CLOSED_MAX 1000  /* the oldest are forgotten */

enum story_change { STORY_OPENED, STORY_UPDATED, STORY_CLOSED, STORY_FORGOTTEN };

struct story_world {
	void *arg;
	/* Name of a tunnel ("" none; slot 0: the site) that is configured and shall be up; NULL:
	 * there is none such, and no story about it. */
	const char *(*link_name)(void *arg, const char *site, uint8_t slot);
	/* FORGOTTEN is the last that is heard of a story. */
	void (*changed)(void *arg, struct story *s, enum story_change what);
	/* The links of a site that were up since they were configured (bit slot - 1) changed. */
	void (*links)(void *arg, const char *site, uint8_t known);
};

struct story_book;

struct story_book *story_book_new(const struct story_world *w);
void story_book_free(struct story_book *b);
void story_book_threshold(struct story_book *b, uint64_t now_ms, uint32_t threshold_ms);

/* Before anything else: what was kept over a restart.  s is adopted. */
void story_book_restore(struct story_book *b, uint64_t now_ms, struct story *s);
/* These links have been up before; from now_ms on they are expected back. */
void story_book_restore_links(struct story_book *b, uint64_t now_ms, uint64_t wall_ms,
			      const char *site, uint8_t known);

void story_book_event(struct story_book *b, uint64_t now_ms, const struct event *ev);
/* Open a story of the box at once. */
void story_book_tell(struct story_book *b, uint64_t now_ms, uint64_t wall_ms, enum story_kind kind,
		     const char *text);
/* A note in each open story. */
void story_book_mark(struct story_book *b, uint64_t wall_ms, const char *text);
void story_book_tick(struct story_book *b, uint64_t now_ms, uint64_t wall_ms);
uint64_t story_book_deadline(const struct story_book *b); /* HEAP_NEVER: none */
/* Lets go of what is not configured any more; from time to time, and after each configuration. */
void story_book_sweep(struct story_book *b, uint64_t now_ms, uint64_t wall_ms);

const struct list *story_book_all(const struct story_book *b); /* struct story.node, by id */
struct story *story_book_find(const struct story_book *b, uint64_t id); /* or NULL */
size_t story_book_open_count(const struct story_book *b, enum story_kind k);
uint64_t story_book_not_opened(const struct story_book *b); /* since STORY_OPEN_MAX were open */
void story_book_acknowledge(struct story_book *b, struct story *s, uint64_t wall_ms,
			    const char *user);
int story_book_comment(struct story_book *b, struct story *s, uint64_t wall_ms, const char *user,
		       const char *text) WARN_UNUSED;
size_t story_book_clear_closed(struct story_book *b); /* how many */
void story_book_links(struct story_book *b);	      /* tells world.links of all sites */

#endif
