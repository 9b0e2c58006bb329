/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events: everything that an operator should hear about.  Each is a row of one const table (id,
 * facility, severity, mnemonic, what it means, what to do); the log line, the show, the metric and
 * the manual page ikesh-events(7) come from it.
 */
#ifndef DATAPLANE_EVENT_H
#define DATAPLANE_EVENT_H

#include "ikev2/reason.h"
#include "platform/base/err.h"
#include "platform/base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event_id {
	EVENT_LINK_UP,		   /* a tunnel came up */
	EVENT_LINK_DOWN,	   /* a tunnel went down */
	EVENT_LINK_ATTEMPT_FAILED, /* a tunnel that was down could not come up; said when the reason
				      changes */
	EVENT_LINK_DEGRADED,	   /* silent for 3 s, or loss, jitter or delay above the limits */
	EVENT_LINK_RESTORED,	   /* and good again */
	EVENT_SITE_UP,
	EVENT_SITE_DOWN,
	EVENT_HA_SWITCH,
	EVENT_POP_LOST, /* this machine has lost an address of a PoP */
	EVENT_POP_BACK, /* all of them are there again */
	EVENT_CHILD_FAILED,
	EVENT_UNKNOWN_PEER,
	EVENT_IKE_DEBUG, /* a line of `debug ike`; told, not kept */
	EVENT_BGP_UP,
	EVENT_BGP_DOWN,
	EVENT_BGP_FAILED,      /* a session could not come up; said when the reason changes */
	EVENT_BGP_DAEMON,      /* BIRD is missing, has ended, hangs, or refuses; or works again */
	EVENT_DATAPLANE_ERROR, /* an operation on device, route or SA was refused */
	EVENT_DEVICE_RESTORED, /* somebody removed the device of a site, or set it down */
	EVENT_CONFIG_CHANGED,  /* %SYS-5-CONFIG_I */
	EVENT_CONFIG_SAVED,
	EVENT_CONFIG_ERROR,    /* startup-config line refused, or file not usable */
	EVENT_CONFIG_REVERTED, /* an unconfirmed change was taken back: %ARCHIVE-5-REVERTED */
	EVENT_CONFIG_LOCKED,
	EVENT_CONFIG_COMMAND,	/* audit: one line for each command */
	EVENT_PRIVILEGE_PASSED, /* `enable` or `login` with the right secret */
	EVENT_PRIVILEGE_FAILED,
	EVENT_MASTER_KEY,
	EVENT_RELOAD_SCHEDULED,
	EVENT_CLOCK_CHANGED, /* somebody set the clock of this machine */
	EVENT_STARTED,
	EVENT_TAKEN_OVER,
	EVENT_NOT_TAKEN_OVER,
	EVENT_STOPPED,
	EVENT_STORY_OPENED,
	EVENT_STORY_CLOSED,
	EVENT_STORY_STORE, /* stories cannot be saved, or can be again */
	EVENT_DNS_UPDATE,  /* a name server refuses updates, or takes them again */
	EVENT_RECEIVER,	   /* of notifications or log lines fails, or takes them again */
	EVENT_COUNT
};

struct event_row {
	enum event_id id;
	const char *facility; /* "IPSEC", "SYS" */
	uint8_t severity;     /* syslog 0..7 */
	const char *mnemonic; /* "LINK_DOWN" */
	const char *meaning;  /* sentence for the manual */
	const char *remedy;   /* sentence for the manual */
};

const struct event_row *event_row(enum event_id id);

/* What programs need to know of an event beside its text. */
struct event_fact {
	enum ike_cause cause; /* of a failure; NONE: none, or not known */
	bool planned;	      /* an operator's doing */
	bool secondary;	      /* HA_SWITCH, SITE_UP: the secondary role carries the traffic now */
	uint64_t story;	      /* STORY_OPENED, STORY_CLOSED: its id */
};

#define EVENT_TEXT_MAX 384
#define EVENT_SITE_MAX 65

struct event {
	struct list node;
	uint64_t number;  /* 1, 2, ... */
	uint64_t wall_ms; /* since 1970 UTC */
	enum event_id id;
	char site[EVENT_SITE_MAX]; /* "" when it concerns none */
	uint8_t slot;		   /* 1..6, 0: none */
	struct event_fact fact;
	char text[EVENT_TEXT_MAX];
};

struct event_log;

/* wall_ms gives the time stamp (tests pass their own). */
struct event_log *event_log_new(uint64_t (*wall_ms)(void), size_t capacity);
void event_log_free(struct event_log *l);
/* Add an event and tell the listeners.  site may be NULL. */
void event_emit(struct event_log *l, enum event_id id, const char *site, uint8_t slot,
		const char *fmt, ...) PRINTF_LIKE(5, 6);
void event_emit_fact(struct event_log *l, enum event_id id, const char *site, uint8_t slot,
		     const struct event_fact *fact, const char *fmt, ...) PRINTF_LIKE(6, 7);
/* The same for lines that only those who listen want: it is neither kept nor counted. */
void event_tell(struct event_log *l, enum event_id id, const char *site, uint8_t slot,
		const char *text);
/* Oldest first: node of the list is struct event.node. */
const struct list *event_log_entries(const struct event_log *l);
size_t event_log_dropped(const struct event_log *l);		       /* pushed out of the ring */
uint64_t event_log_count(const struct event_log *l, enum event_id id); /* since the start */

/* Embedded in the listener; it may remove itself inside the callback. */
struct event_listener {
	struct list node;
	void (*fn)(void *arg, const struct event *ev);
	void *arg;
};
void event_listen(struct event_log *l, struct event_listener *x);
void event_unlisten(struct event_listener *x);

/* "Nov 23 14:00:02.118: %STORY-4-LINK_DOWN: text", no newline. */
const char *event_line(const struct event *ev, char *buf, size_t size);

#endif
