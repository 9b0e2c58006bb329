/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Event lines to log hosts, as they happen: RFC 5424 messages in UDP (RFC 5426). */
#ifndef COMMANDS_SYSLOG_H
#define COMMANDS_SYSLOG_H

#include "dataplane/event.h"
#include "platform/base/strbuf.h"

struct commands;
struct syslog;

struct syslog *syslog_new(struct commands *c);
void syslog_free(struct syslog *s);
/* "<189>1 2026-11-23T14:02:32.118Z gw1 ikesh - LINK_DOWN - %STORY-4-LINK_DOWN: text" */
void syslog_message(const struct event *ev, const char *hostname, struct strbuf *out);

#endif
