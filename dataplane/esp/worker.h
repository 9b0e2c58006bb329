/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A worker: one thread that moves packets from devices to the 4500 sockets, from sockets to
 * devices, or both.  It takes no lock and allocates nothing; what it reads is published through
 * struct esp_shared, what it has to say goes through rings to the main thread, which calls
 * everything declared here.
 */
#ifndef DATAPLANE_ESP_WORKER_H
#define DATAPLANE_ESP_WORKER_H

#include "dataplane/dataplane.h"
#include "dataplane/esp/grace.h"
#include "dataplane/esp/sa.h"
#include "dataplane/esp/stats.h"

#define ESP_SITE_MAX 99999

/* What the main thread publishes to all workers. */
struct esp_shared {
	struct esp_stat_store *stats; /* owned by whoever has all workers */
	struct grace grace;
	struct esp_spi_table *spis;
	_Atomic(struct esp_site *) *sites; /* by index, ESP_SITE_MAX + 1 of them */
	int out[ESP_WAYS];		   /* sockets to send on; -1: not possible */
	/* Each receiver's own; those of the first are the ones above. */
	int in[ESP_RECEIVERS_MAX][ESP_WAYS];
	uint16_t port_v4, port_v6; /* own ports of the sockets for UDP */
	int notify_fd;		   /* eventfd: some ring has something */
};

enum esp_event_type {
	ESP_EVENT_USED,
	ESP_EVENT_MOVED,
	ESP_EVENT_BROKEN,
	ESP_EVENT_ACQUIRE,
	ESP_EVENT_DEVICE_GONE, /* somebody deleted the site's device; it is not read any more */
};

struct esp_event {
	enum esp_event_type type;
	uint32_t id;		   /* child; ACQUIRE, DEVICE_GONE: site */
	struct ip_endpoint remote; /* MOVED */
};

/* In front of the payload of an IKE message. */
struct esp_ike_head {
	struct ip_endpoint local, remote;
};

struct esp_worker;

struct esp_role {
	bool receives, sends; /* at least one */
	unsigned receiver;    /* number of its sockets in shared->in */
};

/* shared is borrowed and outlives the worker; number 0..GRACE_READERS-1.  NULL with e filled. */
struct esp_worker *esp_worker_start(struct esp_shared *shared, unsigned number,
				    const struct esp_role *role, struct err_msg *e);
/* Ends the thread and waits for it; NULL is allowed. */
void esp_worker_stop(struct esp_worker *w);

/* Begin and end to read the site's device, for a sender; the site is published before and retired
 * afterwards. */
int esp_worker_watch(struct esp_worker *w, const struct esp_site *s, struct err_msg *e) WARN_UNUSED;
void esp_worker_unwatch(struct esp_worker *w, const struct esp_site *s);

/* Next event, or IKE message with its payload in buf; false: none. */
bool esp_worker_event(struct esp_worker *w, struct esp_event *out);
bool esp_worker_ike(struct esp_worker *w, struct esp_ike_head *head, void *buf, size_t cap,
		    size_t *len);

const struct esp_stats *esp_worker_stats(const struct esp_worker *w);

#endif
