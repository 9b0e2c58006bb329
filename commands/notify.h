/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tells stories that open and close to webhooks and by mail.  A receiver has a queue of stories,
 * and one message under way at a time; each message tells what waits, as it is then.  What fails is
 * tried again, ever more seldom, for an hour.  Nothing here waits for a receiver.
 */
#ifndef COMMANDS_NOTIFY_H
#define COMMANDS_NOTIFY_H

#include "commands/box_config.h"
#include "commands/receiver.h"

struct commands;
struct notify;

#define NOTIFY_WAITING_MAX 2000	   /* stories for one receiver; the oldest are lost */
#define NOTIFY_BATCH_MAX   200	   /* in one message */
#define NOTIFY_GATHER_MS   200	   /* what opens together goes to a webhook together */
#define NOTIFY_SPACING_MS  1000	   /* between two messages to a webhook */
#define NOTIFY_RETRY_MS	   1000	   /* doubled after each failure ... */
#define NOTIFY_RETRY_MAX   300000  /* ... up to this */
#define NOTIFY_AGE_MAX	   3600000 /* then a story is given up */
#define NOTIFY_RECEIVERS   (BOX_WEBHOOKS + 1)

struct notify *notify_new(struct commands *c);
void notify_free(struct notify *n);
/* The receivers of the running configuration from now on. */
void notify_apply(struct notify *n);
/* A message to all of them at once; how many there are. */
size_t notify_test(struct notify *n);
/* How many there are; fills at most max. */
size_t notify_status(const struct notify *n, struct receiver_status *out, size_t max);
uint64_t notify_repeats(const struct notify *n); /* stories that were not told one by one */

#endif
