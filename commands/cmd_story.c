/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stories: the list, one in full, what operators say to one, and when links are told of. */
#include "commands/commands_state.h"
#include "commands/config_line.h"
#include "commands/row.h"
#include "commands/session_state.h"
#include "commands/show_cmd.h"
#include "commands/show_story.h"
#include "dataplane/site/stories.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"

#include <inttypes.h>
#include <string.h>

static struct stories *stories_of(struct cmd *c)
{
	struct stories *s = cmd_commands(c)->stories;

	if (s == NULL)
		(void)cmd_fail(c, ERR_WRONG_STATE, "No gateway is running");
	return s;
}

/* Which of them are asked for. */
struct choice {
	uint32_t id; /* 0: any */
	const char *site;
	bool open, closed;
};

static bool is_chosen(const struct choice *w, const struct story *y)
{
	return (w->id == 0 || y->id == w->id) &&
	       (w->site == NULL || strcmp(y->site, w->site) == 0) && (!w->open || y->open) &&
	       (!w->closed || !y->open);
}

static int check_choice(struct cmd *c, const struct story_book *book, const struct choice *w)
{
	const struct list *all = story_book_all(book);
	bool known = w->site == NULL || config_site(commands_running(cmd_commands(c)), w->site);

	if (w->id != 0 && story_book_find(book, w->id) == NULL)
		return cmd_fail(c, ERR_NOT_FOUND, "There is no story %" PRIu32, w->id);
	for (const struct list *n = all->next; n != all && !known; n = n->next) {
		const struct story *y =
			container_of((struct list *)(uintptr_t)n, struct story, node);

		known = strcmp(y->site, w->site) == 0;
	}
	return known ? 0
		     : cmd_fail(c, ERR_NOT_FOUND, "Site %s is not configured and has no stories",
				w->site);
}

/* Open ones first are what an operator looks for; within, by number. */
static void show_some(struct answer *a, struct show_stories *s, const struct show_clock *clock,
		      const struct story_book *book, const struct choice *w, bool open)
{
	const struct list *all = story_book_all(book);

	for (const struct list *n = all->next; n != all; n = n->next) {
		const struct story *y =
			container_of((struct list *)(uintptr_t)n, struct story, node);

		if (y->open == open && is_chosen(w, y))
			show_stories_story(a, s, clock, y);
	}
}

static int show_stories(struct cmd *c)
{
	const struct choice w = {
		.id = cmd_u32(c, "story-id", 0),
		.site = cmd_text(c, "site"),
		.open = cmd_has(c, "open"),
		.closed = cmd_has(c, "closed"),
	};
	struct stories *stories = stories_of(c);
	struct show_clock clock = show_now(c);
	struct show_stories s;
	struct answer *a;
	int err;

	if (stories == NULL)
		return ERR_WRONG_STATE;
	err = check_choice(c, stories_book(stories), &w);
	if (err != 0)
		return err;
	a = show_begin(c);
	show_stories_begin(a, &s, w.id != 0 || cmd_has(c, "detail"));
	show_some(a, &s, &clock, stories_book(stories), &w, true);
	show_some(a, &s, &clock, stories_book(stories), &w, false);
	show_stories_end(a, &s, stories_trouble(stories),
			 story_book_not_opened(stories_book(stories)));
	return show_end(c, a);
}

static int story(struct cmd *c)
{
	struct stories *stories = stories_of(c);
	const char *user = cmd_session(c)->who.user, *text = cmd_text(c, "story-comment");
	uint32_t id = cmd_u32(c, "story-id", 0);
	struct story *y;

	if (stories == NULL)
		return ERR_WRONG_STATE;
	y = story_book_find(stories_book(stories), id);
	if (y == NULL)
		return cmd_fail(c, ERR_NOT_FOUND, "There is no story %" PRIu32, id);
	if (text == NULL)
		story_book_acknowledge(stories_book(stories), y, loop_wall_ms(), user);
	else if (story_book_comment(stories_book(stories), y, loop_wall_ms(), user, text) != 0)
		return cmd_fail(c, ERR_RANGE,
				"Story %" PRIu32 " has %d comments, that is all "
				"there can be",
				id, STORY_COMMENTS_MAX);
	return 0;
}

static int clear_closed(struct cmd *c)
{
	struct stories *stories = stories_of(c);

	if (stories == NULL)
		return ERR_WRONG_STATE;
	story_book_clear_closed(stories_book(stories));
	return 0;
}

static const struct row rows[] = {
	{
		.words = "story link-down threshold <story-threshold>",
		.modes = IN_CONFIG,
		.fields = {FIELD("story-threshold", struct box_config, story_threshold_s)},
		.help = "Time after which a link or site that is down is a story",
		.manual = "A link, or all links of a site, that are down for so long open a "
			  "story; so do attempts that fail for so long because of keys, "
			  "identities, proposals or selectors.  Event lines come at once.",
	},
	{
		.words = "show stories [{ open | closed }] [id <story-id>] [site <site>] [detail] "
			 "[json]",
		.modes = IN_EXEC,
		.handler = show_stories,
		.help = "What events amount to: probable cause and what to do",
		.manual = "Stories, open ones first; each gathers the events of one problem of a "
			  "site or a tunnel.  With an id or detail: the probable cause, what to do "
			  "on either side, comments and events.",
	},
	{
		.words = "story <story-id> { acknowledge | comment <story-comment> }",
		.modes = IN_EXEC,
		.handler = story,
		.help = "Say something to a story",
		.manual = "Acknowledges a story, or adds a comment; both are kept with the name "
			  "of the operator.",
	},
	{
		.words = "clear stories closed",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = clear_closed,
		.help = "Forget stories that are over",
		.manual = "Removes all closed stories, also from the file.",
	},
};

const struct row_table table_story = {
	.family = "stories",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
