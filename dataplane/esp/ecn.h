/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DSCP and ECN across the tunnel (RFC 4301 section 5.1.2, RFC 6040 normal mode). */
#ifndef DATAPLANE_ESP_ECN_H
#define DATAPLANE_ESP_ECN_H

#include "dataplane/esp/inner.h"

/* TOS of the outer header: DSCP and ECN of the inner one (RFC 6040 section 4.1). */
uint8_t esp_ecn_outer(uint8_t inner_tos);

/* Marks the inner packet as the outer header was marked (RFC 6040 section 4.2, figure 4); DSCP
 * stays that of the inner one.  False: congestion was experienced and the packet cannot say so,
 * drop it. packet is the one that p was parsed from. */
bool esp_ecn_decapsulate(uint8_t *packet, struct esp_inner *p, uint8_t outer_tos);

#endif
