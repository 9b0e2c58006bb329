/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stories of a running appliance: feeds the book with events and time, says when a story opens
 * or closes, and saves it.  Nothing here waits for a disk: what changed is written in small batches
 * between other work, and kept in memory while it cannot be written.
 */
#ifndef DATAPLANE_SITE_STORIES_H
#define DATAPLANE_SITE_STORIES_H

#include "dataplane/site/story_book.h"

struct gateway;
struct loop;
struct log;
struct stories;

#define STORIES_FILE "stories.db"

/* state_dir NULL: only in memory.  A file that cannot be used is an event, not an error. */
struct stories *stories_new(struct loop *loop, struct gateway *g, struct event_log *events,
			    const char *state_dir);
void stories_free(struct stories *s); /* saves what is left */
struct story_book *stories_book(struct stories *s);
void stories_threshold(struct stories *s, uint32_t seconds);
/* Why stories are not saved now; "" when they are. */
const char *stories_trouble(const struct stories *s);

#endif
