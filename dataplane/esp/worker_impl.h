/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a worker, shared by worker.c, rx.c and tx.c only. */
#ifndef DATAPLANE_ESP_WORKER_IMPL_H
#define DATAPLANE_ESP_WORKER_IMPL_H

#include "dataplane/esp/pace.h"
#include "dataplane/esp/packet.h"
#include "dataplane/esp/place.h"
#include "dataplane/esp/ring.h"
#include "dataplane/esp/udp_batch.h"
#include "dataplane/esp/worker.h"

#include <pthread.h>
#include <sched.h>

#define ESP_BATCH 64 /* packets sealed or opened together */

struct esp_rx_path;
struct esp_tx_path;
struct origin;

struct esp_worker {
	struct esp_shared *shared;
	unsigned number;
	unsigned receiver;
	pthread_t thread;
	bool started;
	int epoll_fd, stop_fd;
	struct esp_stats stats;
	struct ring *events, *ike;
	struct esp_engine *engine;
	/* worker thread only: */
	uint64_t now_ms;      /* of this batch */
	bool notify;	      /* a ring got something in this batch */
	struct esp_turn turn; /* what its batches moved */
	struct esp_pace pace;
	struct esp_place place;
	struct origin *origin;	/* NULL: not possible here */
	int from;		/* processor of the packet that began the turn */
	cpu_set_t anywhere;	/* where it may run */
	bool more;		/* a batch ended before its source was empty */
	uint64_t wake_ns;	/* packets wait until then; 0: none does */
	struct esp_rx_path *rx; /* NULL: does not receive */
	struct esp_tx_path *tx; /* NULL: does not send */
};

/* False when the ring is full: say it again with a later packet. */
bool esp_worker_report(struct esp_worker *w, const struct esp_event *ev);

struct esp_rx_path *esp_rx_path_new(void);
void esp_rx_path_free(struct esp_rx_path *rx);
/* One batch from a socket to devices and rings. */
void esp_rx_batch(struct esp_worker *w, enum esp_way way);

struct esp_tx_path *esp_tx_path_new(void);
void esp_tx_path_free(struct esp_tx_path *tx);
/* One batch from a device to the sockets. */
void esp_tx_batch(struct esp_worker *w, struct esp_site *site);
/* Packets whose last mile is free by now; when to come again, 0: nothing waits. */
uint64_t esp_tx_drain(struct esp_worker *w);

#endif
