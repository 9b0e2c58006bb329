/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Path MTU of Child SAs: what the kernel learns of a path (RFC 4301 section 8.2) becomes the MTU of
 * what goes into the tunnel and of the site's device.  For the main thread.
 */
#ifndef DATAPLANE_ESP_PMTU_H
#define DATAPLANE_ESP_PMTU_H

#include "dataplane/esp/device.h"
#include "dataplane/esp/sa.h"

struct esp_pmtu;
struct log;
struct loop;

/* All are borrowed; children: struct esp_child.by_id. */
struct esp_pmtu *esp_pmtu_new(struct loop *loop, const struct log *log, struct map *children,
			      struct grace *grace, struct esp_devices *devices);
void esp_pmtu_free(struct esp_pmtu *p); /* NULL is allowed */

/* The Child SA is new, or has a new path: look at it now, and from time to time. */
void esp_pmtu_look(struct esp_pmtu *p, struct esp_child *c);

#endif
