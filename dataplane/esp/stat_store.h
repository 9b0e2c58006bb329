/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the workers' counters live: in memory that a keeper holds, so that the next process counts
 * on where a killed one ended, to the last packet.  Counters are known again by their names: a
 * build with other ones goes on with those that it knows.
 */
#ifndef DATAPLANE_ESP_STAT_STORE_H
#define DATAPLANE_ESP_STAT_STORE_H

#include "dataplane/esp/stats.h"

struct esp_stat_store;
struct keeper;

/* For so many workers.  keeper is borrowed; NULL: the counters live on the heap.  What an earlier
 * process left is found. */
struct esp_stat_store *esp_stat_store_new(struct keeper *keeper, unsigned workers);
/* What the keeper holds stays.  NULL is allowed. */
void esp_stat_store_free(struct esp_stat_store *s);

/* The counters of a worker, which begin at 0. */
struct esp_stats esp_stat_store_of(struct esp_stat_store *s, unsigned worker);
/* What earlier processes counted. */
uint64_t esp_stat_store_past(const struct esp_stat_store *s, enum esp_stat which);

#endif
