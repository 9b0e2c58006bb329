/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the lines of this process's log go: standard error, syslog, or systemd's journal, which
 * also gets the parts of an event as fields.
 */
#ifndef SHELL_IKESHD_SINK_H
#define SHELL_IKESHD_SINK_H

#include "platform/base/log.h"
#include "platform/base/strbuf.h"

#include <stdbool.h>

struct event;
struct journal;

struct sink {
	struct log log; /* give this to the others */
	bool syslog;
	bool started;
	struct strbuf waiting;	 /* for standard error, until the start has succeeded */
	struct journal *journal; /* or NULL */
};

/* A process in the foreground: the journal when standard error leads there, otherwise standard
 * error itself.  Until sink_started, lines below an error wait: when the start fails, the operator
 * reads why and nothing else. */
void sink_foreground(struct sink *s, enum log_level level);
void sink_background(struct sink *s, enum log_level level); /* syslog */
void sink_started(struct sink *s);
void sink_clear(struct sink *s);
/* What operators read on their terminals is in the log as well. */
void sink_event(struct sink *s, const struct event *ev);

#endif
