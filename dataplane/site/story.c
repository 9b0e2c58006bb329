/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making, filling and reading one story.  Pure: no clock, no file. */
#include "dataplane/site/story.h"

#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct story *story_new(enum story_kind kind, const char *site, uint8_t slot)
{
	struct story *s = mem_zalloc(sizeof(*s));

	list_init(&s->node);
	list_init(&s->unsaved);
	s->kind = kind;
	snprintf(s->site, sizeof(s->site), "%s", site);
	s->slot = slot;
	s->open = true;
	return s;
}

void story_free(struct story *s)
{
	if (s == NULL)
		return;
	list_remove(&s->node);
	list_remove(&s->unsaved);
	for (size_t i = 0; i < s->note_count; i++)
		free(s->notes[i].text);
	for (size_t i = 0; i < s->comment_count; i++)
		free(s->comments[i].text);
	free(s->notes);
	free(s->comments);
	free(s);
}

void story_add_note(struct story *s, uint64_t wall_ms, const char *text)
{
	s->events++;
	if (wall_ms > s->updated_ms)
		s->updated_ms = wall_ms;
	if (s->note_count == STORY_NOTES_MAX) { /* how it began stays */
		free(s->notes[1].text);
		memmove(&s->notes[1], &s->notes[2], (STORY_NOTES_MAX - 2) * sizeof(*s->notes));
	} else {
		s->notes = mem_realloc_array(s->notes, ++s->note_count, sizeof(*s->notes));
	}
	s->notes[s->note_count - 1] = (struct story_note){.number = s->events,
							  .wall_ms = wall_ms,
							  .text = mem_strdup(text)};
}

int story_add_comment(struct story *s, uint64_t wall_ms, const char *user, const char *text)
{
	struct story_comment *c;

	if (s->comment_count == STORY_COMMENTS_MAX)
		return ERR_RANGE;
	s->comments = mem_realloc_array(s->comments, s->comment_count + 1, sizeof(*s->comments));
	c = &s->comments[s->comment_count++];
	memset(c, 0, sizeof(*c));
	c->wall_ms = wall_ms;
	snprintf(c->user, sizeof(c->user), "%s", user);
	c->text = mem_strdup(text);
	return 0;
}

/* Stories of other kinds have their own words, whatever the links died of. */
static const struct ike_cause_row *cause_row(const struct story *s)
{
	return s->cause == IKE_CAUSE_NONE || strcmp(s->reason, STORY_FLAPPING) == 0
		       ? NULL
		       : ike_cause_row(s->cause);
}

const char *story_cause(const struct story *s)
{
	const struct ike_cause_row *c = cause_row(s);

	if (c != NULL)
		return c->sentence;
	if (s->kind == STORY_LINK_DOWN && strcmp(s->reason, STORY_FLAPPING) == 0)
		return "The link goes down and comes up again and again";
	return story_row(s->kind)->cause;
}

const char *story_remedy_here(const struct story *s)
{
	const struct ike_cause_row *c = cause_row(s);

	return c == NULL ? story_row(s->kind)->remedy_here : c->fix_here;
}

const char *story_remedy_peer(const struct story *s)
{
	const struct ike_cause_row *c = cause_row(s);

	if (c != NULL)
		return c->fix_peer;
	if (s->kind == STORY_LINK_DOWN && strcmp(s->reason, STORY_FLAPPING) == 0)
		return "Check the uplink of this tunnel for loss and short interruptions";
	return story_row(s->kind)->remedy_peer;
}
