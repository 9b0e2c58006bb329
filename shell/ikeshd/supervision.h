/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the service manager hears of a running appliance: that it is ready, that its loop turns, and
 * one line of status.
 */
#ifndef SHELL_IKESHD_SUPERVISION_H
#define SHELL_IKESHD_SUPERVISION_H

struct event_log;
struct gateway;
struct loop;
struct service_manager;
struct supervision;

/* Borrows everything until supervision_free.  Says READY at once. */
struct supervision *supervision_new(struct loop *loop, struct gateway *g, struct event_log *events,
				    struct service_manager *m);
void supervision_free(struct supervision *s); /* may be NULL */

#endif
