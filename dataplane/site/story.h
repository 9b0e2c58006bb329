/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A story: what a number of events amount to, with the probable cause and what to do.  Every kind
 * is one row of a const table: what begins it, what it gathers, when it is worth telling, what ends
 * it.  Plain data; story_book.c decides, story_store.c keeps.
 */
#ifndef DATAPLANE_SITE_STORY_H
#define DATAPLANE_SITE_STORY_H

#include "dataplane/event.h"
#include "dataplane/site/site_config.h"

enum story_kind {
	STORY_LINK_DOWN,
	STORY_SITE_DOWN,
	STORY_SITE_FLAPPING,
	STORY_HA_SWITCH,
	STORY_AUTH_FAILING,
	STORY_PROPOSAL_MISMATCH,
	STORY_SELECTOR_MISMATCH,
	STORY_LINK_DEGRADED,
	STORY_BGP_DOWN,
	STORY_POP_LOST,
	STORY_UNKNOWN_PEERS,
	STORY_STORE_DAMAGED,
	STORY_KINDS
};

enum story_scope { STORY_OF_LINK, STORY_OF_SITE, STORY_OF_BOX };

#define STORY_THRESHOLD_S 150	     /* default of `story link-down threshold` */
#define STORY_BY_SETTING  UINT32_MAX /* after_ms: the configured threshold */
#define STORY_NEVER	  (UINT32_MAX - 1)

struct story_row {
	enum story_kind kind;
	const char *name;	/* "link-down", stable */
	const char *indication; /* "Link is down" */
	enum story_scope scope;
	uint8_t criticality; /* 1..10 */
	uint64_t begins;     /* bits of enum event_id */
	uint64_t gathers;    /* beside begins and ends, while it lasts */
	uint64_t ends;
	uint32_t reasons;   /* bits of enum ike_reason that begin it, 0: any */
	uint32_t after_ms;  /* told when it has lasted so long */
	uint32_t soon_ms;   /* or so long, when nobody planned it; 0: no difference */
	uint32_t repeats;   /* or when it has begun so often, 0: not counted ... */
	uint32_t window_ms; /* ... within this time */
	uint32_t calm_ms;   /* closed when it has been over for so long */
	bool with_link;	    /* the story of its link that is down tells of it */
	bool by_role;	    /* begins when traffic goes to the secondary role, ends when not */
	const char *reason; /* when the engine knows no finer one */
	const char *over;   /* why it is closed */
	const char *cause;  /* when the engine knows no finer one; no full stop */
	const char *remedy_here, *remedy_peer;
};

const struct story_row *story_row(enum story_kind k);
bool story_kind_find(const char *name, enum story_kind *out);

/* What a story keeps; then the oldest but the first goes. */
#define STORY_NOTES_MAX	   32
#define STORY_COMMENTS_MAX 32
#define STORY_REASON_MAX   32
#define STORY_USER_MAX	   64
#define STORY_COMMENT_TEXT 256
#define STORY_CLOSING_MAX  64

struct story_note {
	unsigned number; /* 1, 2, ... of the events of the story */
	uint64_t wall_ms;
	char *text;
};

struct story_comment {
	uint64_t wall_ms;
	char user[STORY_USER_MAX];
	char *text;
};

struct story {
	struct list node; /* in the book, by id */
	uint64_t id;
	enum story_kind kind;
	char site[EVENT_SITE_MAX]; /* "" when it concerns none */
	uint8_t slot;		   /* 1..6, 0: none */
	char link[SITE_TEXT_MAX];  /* name of the tunnel */
	bool open;
	uint64_t began_ms, opened_ms, updated_ms, closed_ms; /* wall clock; closed 0: open */
	char reason[STORY_REASON_MAX];			     /* "auth-failed", "flapping" */
	enum ike_cause cause;
	char closing[STORY_CLOSING_MAX]; /* why it was closed */
	unsigned events;		 /* that were gathered */
	struct story_note *notes;	 /* the first and the latest of them */
	size_t note_count;
	uint64_t acknowledged_ms; /* wall clock, 0: nobody has */
	char acknowledged_by[STORY_USER_MAX];
	struct story_comment *comments;
	size_t comment_count;

	/* Of the store. */
	struct list unsaved; /* in the list of those that changed */
	unsigned saved_note; /* number of the last one that is saved */
	size_t saved_comments;
};

struct story *story_new(enum story_kind kind, const char *site, uint8_t slot);
void story_free(struct story *s);
void story_add_note(struct story *s, uint64_t wall_ms, const char *text);
/* ERR_RANGE when there are STORY_COMMENTS_MAX. */
int story_add_comment(struct story *s, uint64_t wall_ms, const char *user,
		      const char *text) WARN_UNUSED;

/* Probable cause and what to do, never NULL; remedies may be "". */
const char *story_cause(const struct story *s);
const char *story_remedy_here(const struct story *s);
const char *story_remedy_peer(const struct story *s);
#define STORY_FLAPPING "flapping"
#define STORY_NOT_BACK "waiting-for-peer" /* since the appliance started */

#endif
