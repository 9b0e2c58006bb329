/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * systemd's journal in its native protocol: one datagram per entry, "NAME=value" lines, so that
 * fields such as the site can be searched for.  Never waits: an entry that the journal does not
 * take at once is lost and counted.
 */
#ifndef PLATFORM_OS_JOURNAL_H
#define PLATFORM_OS_JOURNAL_H

#include "platform/base/err.h"

#include <stddef.h>
#include <stdint.h>

#define JOURNAL_SOCKET	  "/run/systemd/journal/socket"
#define JOURNAL_ENTRY_MAX 4096

struct journal;

/* path: JOURNAL_SOCKET.  NULL when standard error does not lead to the journal ($JOURNAL_STREAM):
 * then lines there are what the operator wants. */
struct journal *journal_open(const char *path);
void journal_close(struct journal *j);

struct journal_entry {
	char text[JOURNAL_ENTRY_MAX];
	size_t len;
};

/* priority as syslog's, 0 to 7. */
void journal_begin(struct journal_entry *e, int priority, const char *message);
/* name: capital letters and _; an empty value leaves the field out, one that does not fit, too. */
void journal_field(struct journal_entry *e, const char *name, const char *value);
void journal_number(struct journal_entry *e, const char *name, uint64_t value);
void journal_send(struct journal *j, const struct journal_entry *e);
uint64_t journal_lost(const struct journal *j);

#endif
