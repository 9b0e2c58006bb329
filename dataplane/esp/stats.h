/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counters of the workers; anybody may read.  Those of a worker have one writer.  One row per
 * reason for which a packet is not simply forwarded.
 */
#ifndef DATAPLANE_ESP_STATS_H
#define DATAPLANE_ESP_STATS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

typedef _Atomic uint64_t esp_counter;

enum esp_stat {
	ESP_RX_DATAGRAMS,
	ESP_RX_IKE,
	ESP_RX_IKE_LOST, /* the main loop did not keep up */
	ESP_RX_KEEPALIVE,
	ESP_RX_DUMMY,	  /* next header 59, RFC 4303 section 2.6 */
	ESP_RX_OVERFLOW,  /* the socket's buffer was full */
	ESP_RX_SHORT,	  /* too short for ESP, or for the SA's transform */
	ESP_RX_TRUNCATED, /* longer than any buffer */
	ESP_RX_UNKNOWN_SPI,
	ESP_RX_REPLAY,
	ESP_RX_AUTH,	    /* ICV wrong */
	ESP_RX_PADDING,	    /* padding or trailer not as RFC 4303 section 2.4 says */
	ESP_RX_NEXT_HEADER, /* not IPv4, IPv6 or dummy: transport mode, for example */
	ESP_RX_INNER,	    /* inner packet malformed */
	ESP_RX_SELECTOR,    /* inner packet outside the selectors of its SA */
	ESP_RX_ECN,	    /* congestion mark that the inner packet cannot carry */
	ESP_RX_DEVICE,	    /* the device refused it */
	ESP_TX_PACKETS,
	ESP_TX_INNER,	 /* not IPv4 or IPv6 */
	ESP_TX_CHATTER,	 /* multicast and link-local that no SA takes */
	ESP_TX_RULE,	 /* a network rule lets it wait for its link */
	ESP_TX_NO_SLOT,	 /* no tunnel carries this bucket */
	ESP_TX_NO_SA,	 /* the tunnel has no outbound SA */
	ESP_TX_SELECTOR, /* outside the selectors of the tunnel's SAs */
	ESP_TX_CAP,	 /* faster than the last mile of the tunnel */
	ESP_TX_TOO_BIG,	 /* the sender is told the MTU, at a limited rate */
	ESP_TX_SEQUENCE, /* sequence numbers at their end */
	ESP_TX_CRYPTO,
	ESP_TX_BUSY,	    /* socket buffer full */
	ESP_TX_ERROR,	    /* the network refused it: no route, for example */
	ESP_TX_DEVICE_GONE, /* somebody deleted a site's device */
	ESP_STAT_COUNT
};

struct esp_stats {
	esp_counter *value; /* ESP_STAT_COUNT of them, in a stat_store.h */
};

/* "rx_unknown_spi" */
const char *esp_stat_name(enum esp_stat s);

/* By the one writer of the counter only. */
static inline void esp_counter_add(esp_counter *c, uint64_t n)
{
	atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

/* By one of several writers. */
static inline void esp_counter_add_shared(esp_counter *c, uint64_t n)
{
	atomic_fetch_add_explicit(c, n, memory_order_relaxed);
}

static inline void esp_counter_set(esp_counter *c, uint64_t n)
{
	atomic_store_explicit(c, n, memory_order_relaxed);
}

static inline uint64_t esp_counter_get(const esp_counter *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

static inline void esp_stats_add(struct esp_stats *s, enum esp_stat which, uint64_t n)
{
	esp_counter_add(&s->value[which], n);
}

#endif
