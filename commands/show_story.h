/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screens of stories; as show.h. */
#ifndef COMMANDS_SHOW_STORY_H
#define COMMANDS_SHOW_STORY_H

#include "commands/show.h"
#include "dataplane/site/story.h"

struct show_stories {
	bool detail;
	size_t open, closed;
};

void show_stories_begin(struct answer *a, struct show_stories *s, bool detail);
void show_stories_story(struct answer *a, struct show_stories *s, const struct show_clock *clock,
			const struct story *y);
/* trouble: why they are not saved, "" none; not_opened: how many are left out. */
void show_stories_end(struct answer *a, const struct show_stories *s, const char *trouble,
		      uint64_t not_opened);

#endif
