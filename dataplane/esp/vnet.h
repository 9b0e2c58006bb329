/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header in front of each packet of a device: struct virtio_net_hdr, and what older headers of
 * the system do not know yet. */
#ifndef DATAPLANE_ESP_VNET_H
#define DATAPLANE_ESP_VNET_H

#include <linux/virtio_net.h>

#define ESP_VNET_LEN 10

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

_Static_assert(sizeof(struct virtio_net_hdr) == ESP_VNET_LEN, "as the device has it");

#endif
