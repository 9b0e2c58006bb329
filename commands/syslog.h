/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Event lines to log hosts, as they happen: RFC 5424 messages in UDP (RFC 5426), or in TCP with
 * octet counting (RFC 6587 section 3.4.1).
 */
#ifndef COMMANDS_SYSLOG_H
#define COMMANDS_SYSLOG_H

#include "commands/receiver.h"
#include "dataplane/event.h"
#include "platform/base/strbuf.h"

struct commands;
struct syslog;

struct syslog *syslog_new(struct commands *c);
void syslog_free(struct syslog *s);
/* The log hosts of the running configuration from now on. */
void syslog_apply(struct syslog *s);
/* How many there are; fills at most max. */
size_t syslog_status(const struct syslog *s, struct receiver_status *out, size_t max);
/* "<189>1 2026-11-23T14:02:32.118Z gw1 ikesh - LINK_DOWN - %STORY-4-LINK_DOWN: text" */
void syslog_message(const struct event *ev, const char *hostname, struct strbuf *out);

#endif
