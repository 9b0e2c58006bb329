/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Coalescing: packets of a batch that follow each other within one TCP or UDP flow become one
 * super-packet for the device, which the kernel can take apart again into the same packets.  The
 * order within a flow never changes.  Packets stay where they are: a super-packet is a list of
 * parts.  Pure; one thread at a time.
 */
#ifndef DATAPLANE_ESP_COALESCE_H
#define DATAPLANE_ESP_COALESCE_H

#include "dataplane/esp/inner.h"
#include "dataplane/esp/vnet.h"

#include <sys/uio.h>

#define ESP_COALESCE_MAX 64 /* packets in one super-packet */

struct esp_coalesce;

/* Takes `packets` packets to the device; parts begin with the vnet header and are valid within the
 * call only. */
typedef void esp_coalesce_emit_fn(void *arg, void *device, const struct iovec *parts, int count,
				  size_t packets);

struct esp_coalesce *esp_coalesce_new(esp_coalesce_emit_fn *emit, void *arg);
void esp_coalesce_free(struct esp_coalesce *c);

/* Adds a packet for the device; it was parsed as p, may be changed, and must stay until the flush.
 * udp: the device takes super-packets of UDP. */
void esp_coalesce_add(struct esp_coalesce *c, void *device, bool udp, uint8_t *packet,
		      const struct esp_inner *p);
/* Emits what is left. */
void esp_coalesce_flush(struct esp_coalesce *c);

#endif
