/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show stories`.
 *
 * JSON: {"stories":[STORY...],"summary":{"open","closed"},"notSaved": why, or null}
 *   STORY: id, kind ("link-down"), indication, site, role, index, link (name of the tunnel), status
 *     ("open", "closed"), acknowledged, acknowledgedBy, acknowledgedAt, criticality (1-10), began,
 *     opened, updated, closed, closedBecause, eventCount, reason, cause (finer), probableCause,
 *     fixHere, fixPeer, comments [{at, user, text}], events [{at, text}] (the first and the latest)
 */
#include "commands/show_story.h"

#include "platform/base/duration.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>

static const struct answer_column columns[] = {
	{"Id", false},	   {"Indication", false}, {"Site", false},   {"Link", true},
	{"Status", false}, {"Crit", false},	  {"Opened", false}, {"Updated", false},
	{"Events", false}, {"Reason", false},
};

void show_stories_begin(struct answer *a, struct show_stories *s, bool detail)
{
	*s = (struct show_stories){.detail = detail};
	answer_array(a, "stories");
	if (!detail)
		answer_table(a, columns, ARRAY_LEN(columns));
}

static const char *status_of(const struct story *y)
{
	if (!y->open)
		return "closed";
	return y->acknowledged_ms != 0 ? "acknowledged" : "open";
}

static const char *link_of(const struct story *y, char *buf, size_t size)
{
	char slot[SHOW_TEXT_MAX];

	show_slot(y->slot, slot, sizeof(slot));
	(void)snprintf(buf, size, "%s%s%s", slot, y->link[0] == '\0' ? "" : " ", y->link);
	return buf;
}

static void cells(struct answer *a, const struct show_clock *clock, const struct story *y)
{
	char link[SITE_TEXT_MAX + SHOW_TEXT_MAX], text[SHOW_TEXT_MAX];

	answer_row(a);
	answer_show(a, "Site", "%s", y->site[0] == '\0' ? "-" : y->site);
	answer_show(a, "Link", "%s", y->slot == 0 ? "-" : link_of(y, link, sizeof(link)));
	answer_show(a, "Status", "%s", status_of(y));
	answer_show(a, "Opened", "%s", show_wall_moment(clock, y->opened_ms, text, sizeof(text)));
	answer_show(a, "Updated", "%s", show_wall_moment(clock, y->updated_ms, text, sizeof(text)));
}

static void who_members(struct answer *a, const struct story *y)
{
	answer_text(a, "site", NULL, y->site);
	if (y->slot == 0) {
		answer_null(a, "role");
		answer_null(a, "index");
	} else {
		answer_text(a, "role", NULL,
			    site_role_name(y->slot <= SITE_TUNNELS ? SITE_PRIMARY
								   : SITE_SECONDARY));
		answer_number(a, "index", NULL, (y->slot - 1U) % SITE_TUNNELS + 1);
	}
	answer_text(a, "link", NULL, y->link);
}

static void note_members(struct answer *a, const struct story *y)
{
	answer_array(a, "comments");
	for (size_t i = 0; i < y->comment_count; i++) {
		answer_object(a, NULL);
		answer_time(a, "at", y->comments[i].wall_ms);
		answer_text(a, "user", NULL, y->comments[i].user);
		answer_text(a, "text", NULL, y->comments[i].text);
		answer_object_end(a);
	}
	answer_array_end(a);
	answer_array(a, "events");
	for (size_t i = 0; i < y->note_count; i++) {
		answer_object(a, NULL);
		answer_time(a, "at", y->notes[i].wall_ms);
		answer_text(a, "text", NULL, y->notes[i].text);
		answer_object_end(a);
	}
	answer_array_end(a);
}

static void members(struct answer *a, const struct story *y, bool table)
{
	const struct story_row *row = story_row(y->kind);

	answer_number(a, "id", table ? "Id" : NULL, y->id);
	answer_text(a, "kind", NULL, row->name);
	answer_text(a, "indication", table ? "Indication" : NULL, row->indication);
	who_members(a, y);
	answer_text(a, "status", NULL, y->open ? "open" : "closed");
	answer_bool(a, "acknowledged", NULL, y->acknowledged_ms != 0);
	answer_text(a, "acknowledgedBy", NULL, y->acknowledged_by);
	answer_time(a, "acknowledgedAt", y->acknowledged_ms);
	answer_number(a, "criticality", table ? "Crit" : NULL, row->criticality);
	answer_time(a, "began", y->began_ms);
	answer_time(a, "opened", y->opened_ms);
	answer_time(a, "updated", y->updated_ms);
	answer_time(a, "closed", y->closed_ms);
	answer_text(a, "closedBecause", NULL, y->closing);
	answer_number(a, "eventCount", table ? "Events" : NULL, y->events);
	answer_text(a, "reason", table ? "Reason" : NULL, y->reason);
	answer_text(a, "cause", NULL,
		    y->cause == IKE_CAUSE_NONE ? NULL : ike_cause_row(y->cause)->name);
	answer_text(a, "probableCause", NULL, story_cause(y));
	answer_text(a, "fixHere", NULL, story_remedy_here(y));
	answer_text(a, "fixPeer", NULL, story_remedy_peer(y));
	note_members(a, y);
}

/* ---- Text of one story ----------------------------------------------------------------------- */

static void detail_when(struct answer *a, const struct show_clock *clock, const struct story *y)
{
	uint64_t end = y->open ? clock->wall_ms : y->closed_ms;
	char began[SHOW_TEXT_MAX], opened[SHOW_TEXT_MAX], text[SHOW_TEXT_MAX];
	char lasted[DURATION_TEXT_MAX];

	answer_show(a, "Began", "%s, opened %s",
		    show_wall_moment(clock, y->began_ms, began, sizeof(began)),
		    show_wall_moment(clock, y->opened_ms, opened, sizeof(opened)));
	duration_text(end > y->began_ms ? end - y->began_ms : 0, lasted, sizeof(lasted));
	if (y->open)
		answer_show(a, "Lasts", "%s", lasted);
	else
		answer_show(a, "Closed", "%s after %s: %s",
			    show_wall_moment(clock, y->closed_ms, text, sizeof(text)), lasted,
			    y->closing);
}

static void detail_notes(struct answer *a, const struct show_clock *clock, const struct story *y)
{
	char text[SHOW_TEXT_MAX];

	if (y->acknowledged_ms != 0)
		answer_show(a, "Acknowledged", "%s by %s",
			    show_wall_moment(clock, y->acknowledged_ms, text, sizeof(text)),
			    y->acknowledged_by);
	for (size_t i = 0; i < y->comment_count; i++)
		answer_show(a, i == 0 ? "Comments" : "", "%s %s: %s",
			    show_wall_moment(clock, y->comments[i].wall_ms, text, sizeof(text)),
			    y->comments[i].user, y->comments[i].text);
	for (size_t i = 0; i < y->note_count; i++) {
		if (i == 1 && y->events > y->note_count)
			answer_show(a, "", "... %zu more ...", y->events - y->note_count);
		answer_show(a, i == 0 ? "Events" : "", "%s %s",
			    show_wall_moment(clock, y->notes[i].wall_ms, text, sizeof(text)),
			    y->notes[i].text);
	}
}

static void detail(struct answer *a, const struct show_clock *clock, const struct story *y)
{
	const struct story_row *row = story_row(y->kind);
	char link[SITE_TEXT_MAX + SHOW_TEXT_MAX];

	link_of(y, link, sizeof(link));
	answer_line(a, "Story %" PRIu64 ": %s%s%s%s%s, %s, criticality %u", y->id, row->indication,
		    y->site[0] == '\0' ? "" : ", ", y->site, link[0] == '\0' ? "" : " ", link,
		    status_of(y), (unsigned)row->criticality);
	answer_block(a, 1);
	detail_when(a, clock, y);
	answer_show(a, "Reason", "%s: %s", y->reason, story_cause(y));
	if (story_remedy_here(y)[0] != '\0')
		answer_show(a, "Fix here", "%s", story_remedy_here(y));
	if (story_remedy_peer(y)[0] != '\0')
		answer_show(a, "Fix at the peer", "%s", story_remedy_peer(y));
	detail_notes(a, clock, y);
	answer_block_end(a);
}

void show_stories_story(struct answer *a, struct show_stories *s, const struct show_clock *clock,
			const struct story *y)
{
	bool json = answer_is_json(a);

	if (s->detail && s->open + s->closed > 0)
		answer_line(a, "%s", "");
	s->open += y->open;
	s->closed += !y->open;
	answer_object(a, NULL);
	if (!json && s->detail)
		detail(a, clock, y);
	else if (!json)
		cells(a, clock, y);
	if (json || !s->detail)
		members(a, y, !s->detail);
	answer_object_end(a);
}

void show_stories_end(struct answer *a, const struct show_stories *s, const char *trouble,
		      uint64_t not_opened)
{
	if (!s->detail)
		answer_table_end(a);
	answer_array_end(a);
	if (s->open + s->closed == 0) {
		answer_line(a, "There is no story.");
	} else {
		if (s->detail)
			answer_line(a, "%s", "");
		answer_line(a, "Stories %zu: %zu open, %zu closed.", s->open + s->closed, s->open,
			    s->closed);
	}
	if (not_opened > 0)
		answer_line(a, "%" PRIu64 " more were not opened: too many are open.", not_opened);
	if (answer_is_json(a) && s->open + s->closed == 0)
		return;
	answer_object(a, "summary");
	answer_number(a, "open", NULL, s->open);
	answer_number(a, "closed", NULL, s->closed);
	answer_object_end(a);
	answer_text(a, "notSaved", NULL, trouble);
	if (trouble[0] != '\0')
		answer_line(a, "Not saved: %s", trouble);
}
