/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All workers of a data plane: one thread that does everything on one or two processors, otherwise
 * half of the processors receive and half send.  Packets of one peer's address and port always come
 * to one receiver, packets of one site's device always go to one sender, so that no flow is
 * reordered. Everything here is for the main thread.
 */
#ifndef DATAPLANE_ESP_CREW_H
#define DATAPLANE_ESP_CREW_H

#include "dataplane/esp/worker.h"

#define ESP_SENDERS_MAX 8
#define ESP_WORKERS_MAX (ESP_RECEIVERS_MAX + ESP_SENDERS_MAX)

struct esp_crew;

/* Starts the workers: for `threads` threads, 0: as many as suit the machine.  Opens further
 * sockets beside shared->sockets where there are several receivers.  shared is borrowed and
 * outlives the crew.  NULL with e filled. */
struct esp_crew *esp_crew_start(struct esp_shared *shared, unsigned threads, struct err_msg *e);
/* Ends all threads and waits for them; NULL is allowed. */
void esp_crew_stop(struct esp_crew *c);

unsigned esp_crew_receivers(const struct esp_crew *c);

/* Begin and end to read the site's device; the site is published before and retired afterwards. */
int esp_crew_watch(struct esp_crew *c, struct esp_site *s, struct err_msg *e) WARN_UNUSED;
void esp_crew_unwatch(struct esp_crew *c, const struct esp_site *s);

/* Next event, or IKE message with its payload in buf, of any worker; false: none. */
bool esp_crew_event(struct esp_crew *c, struct esp_event *out);
bool esp_crew_ike(struct esp_crew *c, struct esp_ike_head *head, void *buf, size_t cap,
		  size_t *len);

/* Sum of all workers. */
uint64_t esp_crew_stat(const struct esp_crew *c, enum esp_stat which);

#endif
