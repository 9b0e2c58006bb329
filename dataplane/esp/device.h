/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The TUN devices of sites: made, deleted, and put right when another program removed one or set it
 * down.  For the main thread; packets are the workers'.
 */
#ifndef DATAPLANE_ESP_DEVICE_H
#define DATAPLANE_ESP_DEVICE_H

#include "dataplane/esp/sa.h"

#define ESP_DEVICE_MTU 1400 /* until something is known of its tunnels */

struct esp_devices;
struct keeper;
struct log;
struct loop;

struct esp_device_callbacks {
	void *arg;
	struct esp_site *(*find)(void *arg, uint32_t site); /* NULL: there is none */
	/* The site has a new device under the same descriptor: read it. */
	int (*read)(void *arg, struct esp_site *s, struct err_msg *e);
	/* As on_device of dp_callbacks. */
	void (*on_device)(void *arg, uint32_t site, const char *problem);
	struct keeper *keeper; /* holds the devices, too; borrowed; NULL: nobody does */
};

/* NULL with e filled. */
struct esp_devices *esp_devices_new(struct loop *loop, const struct log *log,
				    const struct esp_device_callbacks *callbacks,
				    struct err_msg *e);
void esp_devices_free(struct esp_devices *d); /* NULL is allowed */

/* Descriptor of a new device ips<site>, without carrier and up, or of the one that an earlier
 * process left, as it is; or a negative error.  udp: it takes super-packets of UDP. */
int esp_device_open(struct esp_devices *d, uint32_t site, uint32_t mtu, int *ifindex, bool *udp,
		    struct err_msg *e) WARN_UNUSED;
/* Deletes the site's device; the descriptor stays. */
void esp_device_delete(struct esp_devices *d, const struct esp_site *s);
/* What goes into the site's tunnels is at most so long: the device's MTU follows, within what it
 * can have. */
void esp_device_mtu(struct esp_devices *d, struct esp_site *s, size_t inner_mtu);
/* A worker found the device of the site gone and does not read it any more. */
void esp_device_lost(struct esp_devices *d, struct esp_site *s);

#endif
