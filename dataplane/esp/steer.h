/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which tunnel a packet of a site takes: pins, network rules, flows that stay, buckets
 * (dataplane.h).  What the main thread publishes for it, and the choice in a sender.
 */
#ifndef DATAPLANE_ESP_STEER_H
#define DATAPLANE_ESP_STEER_H

#include "dataplane/esp/sa.h"
#include "dataplane/flow_table.h"

struct esp_inner;

#define ESP_FLOWS 65536 /* of a sender, 16 octets each */

/* Rules of a site; replaced as a whole, hits live on. */
struct esp_rules {
	struct grace_node grace;
	size_t count;
	struct dp_rule *items;
	esp_counter *hits; /* one writer: the sender */
};

struct esp_rules *esp_rules_new(const struct dp_rule *rules, size_t count,
				const struct esp_rules *before);
void esp_rules_free(struct esp_rules *r); /* NULL is allowed */
void esp_rules_retire(struct grace *g, struct esp_rules *r);
uint64_t esp_rules_hits(const struct esp_rules *r, uint32_t number);

/* The one slot that all packets take; 0: they have to be looked at.  Where there are several
 * tunnels flows are remembered even while one of them carries everything, so that they stay when
 * the others come back. */
uint8_t esp_steer_only_slot(const struct dp_steering *s, const struct esp_rules *r);
/* 1..DP_SLOTS, 0: none, DP_RULE_DROP.  packets: how many p stands for.  *band: of the rule that
 * matched (struct net_class), or 0. */
uint8_t esp_steer(struct flow_table *flows, uint32_t site, const struct esp_steering *s,
		  const struct esp_inner *p, size_t packets, uint64_t now_ms, uint8_t *band);

#endif
