/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traffic selectors of one side of a Child SA, and whether an inner packet fits (RFC 4301 sections
 * 4.4.1.1, 5.2 and 7; RFC 7296 section 3.13.1).  Immutable once made.
 */
#ifndef DATAPLANE_ESP_SELECTOR_H
#define DATAPLANE_ESP_SELECTOR_H

#include "dataplane/esp/inner.h"
#include "ikev2/ike.h"

struct esp_selectors;

enum esp_side { ESP_SRC, ESP_DST };

struct esp_selectors *esp_selectors_new(const struct ike_ts_list *list); /* free() */

/* Does the given side of the packet fit one of the selectors?  A packet whose ports are not known
 * (later fragment, protocol without ports) fits only selectors of all ports, or OPAQUE ones
 * (first 65535, last 0). */
bool esp_selectors_match(const struct esp_selectors *s, const struct esp_inner *p,
			 enum esp_side side);

#endif
