/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steering: which hash bucket of its site a packet belongs to.  Pure; the same on every machine. */
#ifndef DATAPLANE_ESP_FLOW_H
#define DATAPLANE_ESP_FLOW_H

#include "dataplane/esp/inner.h"

#include <stdint.h>

/* Hash of addresses, protocol and ports.  All fragments of a packet, the first included, hash by
 * addresses and protocol only, so that they stay together. */
uint64_t esp_flow_hash(const struct esp_inner *p);

/* 0..DP_BUCKETS-1. */
unsigned esp_flow_bucket(uint64_t hash);

#endif
