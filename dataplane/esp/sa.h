/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The objects that workers use: paths, Child SAs, sites, and the table of inbound SPIs.  Made,
 * published, unpublished and retired by the main thread; read by workers through atomic pointers
 * under grace.h.  Sequence numbers belong to one thread, the sender of the site; what receivers
 * write, several of them may write at a time.
 */
#ifndef DATAPLANE_ESP_SA_H
#define DATAPLANE_ESP_SA_H

#include "dataplane/dataplane.h"
#include "dataplane/esp/cipher.h"
#include "dataplane/esp/grace.h"
#include "dataplane/esp/replay.h"
#include "dataplane/esp/selector.h"
#include "dataplane/esp/stats.h"
#include "platform/base/map.h"

#include <netinet/in.h>
#include <stdatomic.h>

#define ESP_PATH_MTU	  1500 /* until something else is known */
#define ESP_RECEIVERS_MAX 8    /* threads that receive */

/* How ESP packets travel: in UDP from port 4500, or as an IP protocol of its own. */
enum esp_way { ESP_UDP_V4, ESP_UDP_V6, ESP_RAW_V4, ESP_RAW_V6, ESP_WAYS };

static inline enum ip_family esp_way_family(enum esp_way w)
{
	return w == ESP_UDP_V4 || w == ESP_RAW_V4 ? IP_V4 : IP_V6;
}

static inline bool esp_way_is_raw(enum esp_way w)
{
	return w == ESP_RAW_V4 || w == ESP_RAW_V6;
}

/* Where the packets of a Child SA go; replaced as a whole. */
struct esp_path {
	struct grace_node grace;
	enum esp_way way;
	struct ip_endpoint local, remote;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} to; /* remote for the system */
	socklen_t to_len;
	size_t mtu, inner_mtu; /* of the path; of what goes into it */
	unsigned one_by_one;   /* sender: messages to send without segmentation by the system */
};

/* remote's family decides; t gives the overhead on packets of at most mtu octets. */
struct esp_path *esp_path_new(const struct ip_endpoint *local, const struct ip_endpoint *remote,
			      bool udp, const struct esp_transform *t, size_t mtu);
void esp_path_retire(struct grace *g, struct esp_path *p);

struct esp_child_store;
struct esp_site;

/* Both directions of one Child SA. */
struct esp_child {
	struct grace_node grace;
	struct map_node by_id; /* key: id */
	struct list of_site;
	uint32_t id;
	uint8_t slot;
	bool report_used; /* was installed with outbound_now false */
	bool stored;	  /* where it lives, see child_store.h */
	uint32_t spi_in, spi_out;
	struct esp_transform transform;
	uint64_t sequence_end; /* last number that may be sent */
	struct esp_site *site;
	struct esp_selectors *local, *remote;
	_Atomic(struct esp_path *) path;
	atomic_bool outbound; /* may be sent on: set by the main thread and receivers */
	/* any receiver: */
	unsigned openers;
	struct esp_cipher *opener[ESP_RECEIVERS_MAX]; /* the first one for all, or one for each */
	struct esp_replay replay;
	atomic_bool used_reported;
	_Atomic uint64_t moved_reported; /* mark of where it was elsewhere at last; 0: nowhere */
	esp_counter rx_packets, rx_bytes, rx_last_ms;
	esp_counter replay_drops, auth_drops, selector_drops, malformed_drops;
	/* the sender: */
	struct esp_cipher *sealer;
	uint64_t sequence; /* last one sent */
	bool broken_reported;
	esp_counter tx_packets, tx_bytes, tx_last_ms, tx_sequence;
};

/* For so many receivers, 1..ESP_RECEIVERS_MAX.  Keys are borrowed; secrets stay in install.
 * ERR_UNSUPPORTED, ERR_INVALID, ERR_CRYPTO with e. */
int esp_child_new(struct esp_engine *engine, unsigned receivers,
		  const struct ike_child_install *install, uint8_t slot, struct esp_site *site,
		  struct esp_child **out, struct err_msg *e) WARN_UNUSED;
void esp_child_retire(struct grace *g, struct esp_child *c);

/* What workers need to choose an SA for a packet of a site; replaced as a whole. */
struct esp_steering {
	struct grace_node grace;
	struct dp_steering wanted;
	struct esp_rules *rules;      /* borrowed, NULL: none */
	struct esp_mile *miles;	      /* by slot - 1; of the site; NULL: no caps */
	uint8_t only_slot;	      /* that all packets take; 0: see esp/steer.h */
	uint16_t first[DP_SLOTS + 1]; /* children of slot s: [first[s-1], first[s]) */
	struct esp_child *children[]; /* by slot, newest first */
};

struct esp_site {
	struct grace_node grace;
	struct map_node by_index; /* key: index */
	uint32_t index;
	int tun; /* owned */
	int ifindex;
	bool udp;		       /* the device takes super-packets of UDP */
	struct esp_child_store *store; /* of its children; borrowed; NULL: the heap */
	unsigned sender;	       /* thread that reads the device */
	struct list trouble;	       /* main thread: among the devices to put right */
	uint32_t mtu;		       /* main thread: of the device */
	bool lost, down;	       /* the device, for the main thread */
	bool problem_said;	       /* that it cannot be put right */
	struct dp_steering wanted;
	struct esp_rules *rules; /* owned, NULL: none; main thread */
	struct esp_mile *miles;	 /* owned, by slot - 1; NULL: there never was a cap */
	struct list children;	 /* of_site, oldest first */
	_Atomic(struct esp_steering *) steering;
	uint64_t acquire_ms; /* sender: when last reported; 0: never */
};

/* Adopts tun, a device with vnet header. */
struct esp_site *esp_site_new(uint32_t index, int tun, int ifindex, bool udp);
/* The last mile of a slot; 0: no cap.  Seen once the site is published the next time. */
void esp_site_cap(struct esp_site *s, uint8_t slot, uint32_t mbps);
/* Makes what workers see follow wanted and children. */
void esp_site_publish(struct esp_site *s, struct grace *g);
/* Its children must have been retired before; closes tun at the end of the grace period. */
void esp_site_retire(struct grace *g, struct esp_site *s);

/* Inbound SPI to Child SA. */
struct esp_spi_table;

struct esp_spi_table *esp_spi_table_new(void);
void esp_spi_table_free(struct esp_spi_table *t); /* when no worker runs any more */
/* Main thread.  ERR_EXISTS: the SPI is taken. */
int esp_spi_table_add(struct esp_spi_table *t, struct esp_child *c, struct grace *g) WARN_UNUSED;
void esp_spi_table_remove(struct esp_spi_table *t, const struct esp_child *c);
/* Any thread under grace; NULL: unknown. */
struct esp_child *esp_spi_table_find(struct esp_spi_table *t, uint32_t spi);

#endif
