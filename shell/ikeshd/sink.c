/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log lines and events on their way out of the process. */
#include "shell/ikeshd/sink.h"

#include "dataplane/event.h"
#include "dataplane/site/site_config.h"
#include "platform/os/journal.h"

#include <stdio.h>
#include <syslog.h>

static const int priorities[] = {
	[LOG_LVL_ERROR] = LOG_ERR, [LOG_LVL_WARNING] = LOG_WARNING, [LOG_LVL_NOTICE] = LOG_NOTICE,
	[LOG_LVL_INFO] = LOG_INFO, [LOG_LVL_DEBUG] = LOG_DEBUG,
};

static void to_stderr(void *arg, enum log_level level, enum log_category category, const char *line)
{
	struct sink *s = arg;

	if (!s->started && level != LOG_LVL_ERROR) {
		strbuf_printf(&s->waiting, "ikeshd: %s: %s: %s\n", log_level_name(level),
			      log_category_name(category), line);
		return;
	}
	fprintf(stderr, "ikeshd: %s: %s: %s\n", log_level_name(level), log_category_name(category),
		line);
}

static void to_syslog(void *arg, enum log_level level, enum log_category category, const char *line)
{
	(void)arg;
	syslog(priorities[level], "%s: %s", log_category_name(category), line);
}

static void to_journal(void *arg, enum log_level level, enum log_category category,
		       const char *line)
{
	struct sink *s = arg;
	struct journal_entry e;

	journal_begin(&e, priorities[level], line);
	journal_field(&e, "IKESH_CATEGORY", log_category_name(category));
	journal_send(s->journal, &e);
}

static void init(struct sink *s, enum log_level level)
{
	*s = (struct sink){.log = {.level = level, .arg = s}};
	strbuf_init(&s->waiting);
}

void sink_foreground(struct sink *s, enum log_level level)
{
	init(s, level);
	s->journal = journal_open(JOURNAL_SOCKET);
	s->log.sink = s->journal != NULL ? to_journal : to_stderr;
	s->started = level == LOG_LVL_DEBUG;
}

void sink_background(struct sink *s, enum log_level level)
{
	init(s, level);
	openlog("ikeshd", LOG_PID, LOG_DAEMON);
	s->syslog = true;
	s->log.sink = to_syslog;
}

void sink_started(struct sink *s)
{
	fputs(s->waiting.text, stderr);
	strbuf_reset(&s->waiting);
	s->started = true;
}

void sink_clear(struct sink *s)
{
	journal_close(s->journal);
	strbuf_clear(&s->waiting);
	s->journal = NULL;
	s->log.sink = NULL;
}

static enum log_level level_of(unsigned severity)
{
	if (severity <= 3)
		return LOG_LVL_ERROR;
	if (severity == 4)
		return LOG_LVL_WARNING;
	if (severity == 5)
		return LOG_LVL_NOTICE;
	return severity == 6 ? LOG_LVL_INFO : LOG_LVL_DEBUG;
}

/* Field names are those of `show logging json`. */
static void event_to_journal(struct sink *s, const struct event *ev)
{
	const struct event_row *row = event_row(ev->id);
	char message[EVENT_TEXT_MAX + 64];
	struct journal_entry e;

	snprintf(message, sizeof(message), "%%%s-%u-%s: %s", row->facility, row->severity,
		 row->mnemonic, ev->text);
	journal_begin(&e, row->severity, message);
	journal_number(&e, "IKESH_NUMBER", ev->number);
	journal_field(&e, "IKESH_FACILITY", row->facility);
	journal_field(&e, "IKESH_MNEMONIC", row->mnemonic);
	journal_field(&e, "IKESH_SITE", ev->site);
	if (ev->slot >= 1 && ev->slot <= SITE_ROLES * SITE_TUNNELS) {
		journal_field(&e, "IKESH_ROLE",
			      site_role_name(ev->slot <= SITE_TUNNELS ? SITE_PRIMARY
								      : SITE_SECONDARY));
		journal_number(&e, "IKESH_INDEX", (ev->slot - 1U) % SITE_TUNNELS + 1);
	}
	journal_send(s->journal, &e);
}

void sink_event(struct sink *s, const struct event *ev)
{
	enum log_level level = level_of(event_row(ev->id)->severity);
	char line[EVENT_TEXT_MAX + 64];

	if (!log_wants(&s->log, level))
		return;
	if (s->journal != NULL)
		event_to_journal(s, ev);
	else
		log_line(&s->log, level, LOG_MAIN, "%s", event_line(ev, line, sizeof(line)));
}
