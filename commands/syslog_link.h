/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The connection to a log host in TCP: connects when there is something to say, keeps what it
 * cannot send yet up to a limit, and connects again, ever more seldom, when the host is gone or
 * takes nothing.
 */
#ifndef COMMANDS_SYSLOG_LINK_H
#define COMMANDS_SYSLOG_LINK_H

#include "commands/receiver.h"
#include "platform/base/ip.h"

struct loop;
struct syslog_link;

#define SYSLOG_WAITING_MAX 2000	 /* messages; the oldest are lost */
#define SYSLOG_STALL_MS	   30000 /* nothing taken for so long: a new connection */
#define SYSLOG_SETTLED_MS  3000	 /* a connection that lasts so long works */
#define SYSLOG_RETRY_MS	   1000
#define SYSLOG_RETRY_MAX   60000

/* trouble is called when the host begins to fail, with why, and with NULL when it works again. */
typedef void syslog_trouble_fn(void *arg, const struct ip_endpoint *to, const char *why);

struct syslog_link *syslog_link_new(struct loop *loop, const struct ip_endpoint *to,
				    syslog_trouble_fn *trouble, void *arg);
void syslog_link_free(struct syslog_link *l);
void syslog_link_send(struct syslog_link *l, const char *text, size_t len);
/* Numbers and trouble; kind and name are the caller's. */
void syslog_link_status(const struct syslog_link *l, struct receiver_status *out);

#endif
