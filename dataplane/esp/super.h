/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packets as they come out of a device with segmentation offload: single ones, perhaps with a
 * checksum to be completed, and super-packets that stand for many segments of one TCP or UDP flow.
 * Takes them apart as the kernel's own segmentation does.  Pure.
 */
#ifndef DATAPLANE_ESP_SUPER_H
#define DATAPLANE_ESP_SUPER_H

#include "dataplane/esp/inner.h"
#include "dataplane/esp/vnet.h"

enum esp_super_kind { ESP_SUPER_SINGLE, ESP_SUPER_TCP, ESP_SUPER_UDP };

struct esp_super {
	enum esp_super_kind kind;
	const uint8_t *packet;
	struct esp_inner inner; /* of the whole */
	size_t header;		/* octets in front of the payload */
	size_t size;		/* payload of each segment; the last may have less */
	size_t count;		/* of segments, at least 1 */
};

/* Reads the vnet header and the packet behind it, and completes the checksum of a single packet in
 * place.  ERR_INVALID: not what a kernel gives. */
int esp_super_parse(const struct virtio_net_hdr *vnet, uint8_t *packet, size_t len,
		    struct esp_super *out) WARN_UNUSED;

/* Length of segment i, 0..count-1. */
size_t esp_super_len(const struct esp_super *s, size_t i);

/* Writes segment i, a whole packet with its own lengths, numbers and checksums, to out. */
void esp_super_write(const struct esp_super *s, size_t i, uint8_t *out);

#endif
