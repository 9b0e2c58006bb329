/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where struct esp_child lives: in memory that a keeper holds, so that sequence numbers, replay
 * windows and counters of a process that was killed are known to the next one to the last packet.
 * No key is in it.  For the main thread; what workers write there, they write as to any memory.
 */
#ifndef DATAPLANE_ESP_CHILD_STORE_H
#define DATAPLANE_ESP_CHILD_STORE_H

#include "dataplane/esp/sa.h"

struct esp_child_store;
struct keeper;

/* keeper is borrowed; NULL: children live on the heap.  What an earlier process left is found. */
struct esp_child_store *esp_child_store_new(struct keeper *keeper);
/* Its children are gone; what the keeper holds stays.  NULL is allowed. */
void esp_child_store_free(struct esp_child_store *s);

/* Zeroed; s NULL: on the heap. */
struct esp_child *esp_child_alloc(struct esp_child_store *s);
void esp_child_release(struct esp_child *c);

/* c goes on where the child with its number and SPIs was in an earlier process.  ERR_NOT_FOUND: it
 * is not known how far that one came, so that nobody may send with its keys. */
int esp_child_recall(struct esp_child_store *s, struct esp_child *c) WARN_UNUSED;
/* Nothing of an earlier process will be asked for any more. */
void esp_child_store_settled(struct esp_child_store *s);

#endif
