/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Outbound: a batch of packets from a site's device.  Each is steered to a slot and an SA of it,
 * sealed in place as one batch of jobs, and sent (RFC 4303 section 3.3, RFC 4301 section 5.1).
 */
#include "dataplane/esp/ecn.h"
#include "dataplane/esp/flow.h"
#include "dataplane/esp/toobig.h"
#include "dataplane/esp/worker_impl.h"
#include "platform/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define INNER_MAX	 65535
#define BUFFER_LEN	 (ESP_FRONT_MAX + INNER_MAX + ESP_BACK_MAX)
#define ACQUIRE_EVERY_MS 1000
#define TELL_PERIOD_MS	 100
#define TELL_PER_PERIOD	 10		     /* ICMP errors */
#define SEQUENCE_RESERVE (UINT64_C(1) << 20) /* left when a new SA is asked for */

struct tx_item {
	struct esp_child *child;
	struct esp_path *path;
	uint8_t tos;
	uint16_t inner_len;
};

struct esp_tx_path {
	struct esp_udp_tx *udp;
	uint8_t *buffers; /* ESP_BATCH of BUFFER_LEN */
	uint64_t told_ms; /* when the period of ICMP errors began */
	unsigned told;	  /* how many were sent in it */
	size_t count;
	struct tx_item items[ESP_BATCH];
	struct esp_job jobs[ESP_BATCH];
};

struct esp_tx_path *esp_tx_path_new(void)
{
	struct esp_tx_path *tx = mem_zalloc(sizeof(*tx));

	tx->udp = esp_udp_tx_new();
	tx->buffers = mem_calloc(ESP_BATCH, BUFFER_LEN);
	return tx;
}

void esp_tx_path_free(struct esp_tx_path *tx)
{
	if (tx == NULL)
		return;
	esp_udp_tx_free(tx->udp);
	free(tx->buffers);
	free(tx);
}

/* What hosts say to all of a link (mDNS, IGMP, neighbour discovery), and IPv6 of link-local scope:
 * the kernel does so on any device by itself, and it asks for no tunnel. */
static bool is_chatter(const struct esp_inner *p)
{
	if (p->family == IP_V4)
		return p->dst[0] >> 4 == 0xe;
	return p->dst[0] == 0xff || (p->dst[0] == 0xfe && (p->dst[1] & 0xc0) == 0x80);
}

static void acquire(struct esp_worker *w, struct esp_site *site)
{
	struct esp_event ev = {.type = ESP_EVENT_ACQUIRE, .id = site->index};

	if (site->acquire_ms != 0 && w->now_ms - site->acquire_ms < ACQUIRE_EVERY_MS)
		return;
	if (esp_worker_report(w, &ev))
		site->acquire_ms = w->now_ms;
}

/* The SA for a packet, or NULL and the reason. */
static struct esp_child *choose(const struct esp_steering *st, const struct esp_inner *p,
				enum esp_stat *reason)
{
	unsigned slot = st->bucket_slot[esp_flow_bucket(esp_flow_hash(p))];

	if (slot == 0 || slot > DP_SLOTS) {
		*reason = ESP_TX_NO_SLOT;
		return NULL;
	}
	*reason = ESP_TX_NO_SA;
	for (unsigned i = st->first[slot - 1]; i < st->first[slot]; i++) {
		struct esp_child *c = st->children[i];

		if (!atomic_load(&c->outbound))
			continue;
		if (esp_selectors_match(c->local, p, ESP_SRC) &&
		    esp_selectors_match(c->remote, p, ESP_DST))
			return c;
		*reason = ESP_TX_SELECTOR;
	}
	return NULL;
}

/* RFC 1812 section 4.3.2.8, RFC 4443 section 2.4 (f): ICMP errors are limited in rate. */
static bool may_tell(struct esp_worker *w)
{
	struct esp_tx_path *tx = w->tx;

	if (w->now_ms - tx->told_ms >= TELL_PERIOD_MS) {
		tx->told_ms = w->now_ms;
		tx->told = 0;
	}
	return tx->told++ < TELL_PER_PERIOD;
}

/* True when the packet was refused because of its size. */
static bool refuse_too_big(struct esp_worker *w, struct esp_site *site, const struct esp_path *path,
			   const struct esp_inner *p, struct view packet)
{
	uint8_t answer[ESP_TOO_BIG_MAX];
	size_t limit = esp_too_big_limit(p, path->inner_mtu);
	size_t len;

	if (p->len <= limit || (p->family == IP_V4 && !p->df))
		return false;
	esp_stats_add(&w->stats, ESP_TX_TOO_BIG, 1);
	if (!may_tell(w))
		return true;
	len = esp_too_big(p, packet, limit, answer);
	/* The device may refuse it as any network may lose it. */
	if (len != 0 && write(site->tun, answer, len) < 0)
		esp_stats_add(&w->stats, ESP_RX_DEVICE, 1);
	return true;
}

/* RFC 4303 section 3.3.3; false when there is no number left. */
static bool next_sequence(struct esp_worker *w, struct esp_child *c, uint64_t *seq)
{
	struct esp_event ev = {.type = ESP_EVENT_BROKEN, .id = c->id};

	if (c->sequence_end - c->sequence <= SEQUENCE_RESERVE && !c->broken_reported)
		c->broken_reported = esp_worker_report(w, &ev);
	if (c->sequence == c->sequence_end)
		return false;
	*seq = ++c->sequence;
	esp_counter_set(&c->tx_sequence, c->sequence);
	return true;
}

/* Makes a job of the packet at `inner`; a reason to drop it, or ESP_STAT_COUNT. */
static enum esp_stat take(struct esp_worker *w, struct esp_site *site,
			  const struct esp_steering *st, uint8_t *inner, size_t len)
{
	struct esp_tx_path *tx = w->tx;
	struct tx_item *item = &tx->items[tx->count];
	struct esp_job *job = &tx->jobs[tx->count];
	struct esp_inner p;
	struct esp_child *c;
	enum esp_stat reason;

	if (esp_inner_parse(view_of(inner, len), &p) != 0)
		return ESP_TX_INNER;
	c = choose(st, &p, &reason);
	if (c == NULL) {
		if (is_chatter(&p))
			return ESP_TX_CHATTER;
		if (reason == ESP_TX_NO_SA)
			acquire(w, site);
		return reason;
	}
	item->child = c;
	item->path = atomic_load(&c->path);
	item->tos = esp_ecn_outer(p.tos);
	item->inner_len = (uint16_t)p.len;
	if (refuse_too_big(w, site, item->path, &p, view_of(inner, p.len)))
		return ESP_STAT_COUNT;
	if (!next_sequence(w, c, &job->seq))
		return ESP_TX_SEQUENCE;
	job->cipher = c->sealer;
	job->in = inner;
	job->out = inner - ESP_HEADER_LEN - c->transform.iv_len;
	esp_header_write(job->out, c->spi_out, job->seq);
	job->len = esp_trailer_write(&c->transform, inner, p.len,
				     p.family == IP_V4 ? ESP_NEXT_IPV4 : ESP_NEXT_IPV6);
	tx->count++;
	return ESP_STAT_COUNT;
}

/* Queue what was sealed for the family's socket and send it. */
static void send_family(struct esp_worker *w, enum ip_family family, int fd)
{
	struct esp_tx_path *tx = w->tx;
	size_t queued = 0;

	for (size_t i = 0; i < tx->count; i++) {
		const struct tx_item *item = &tx->items[i];
		struct esp_child *c = item->child;

		if (item->path->remote.addr.family != family || tx->jobs[i].result != 0)
			continue;
		esp_udp_queue(tx->udp, item->path, item->tos, tx->jobs[i].out,
			      esp_sealed_len(&c->transform, item->inner_len));
		esp_counter_add(&c->tx_packets, 1);
		esp_counter_add(&c->tx_bytes, item->inner_len);
		esp_counter_set(&c->tx_last_ms, w->now_ms);
		queued++;
	}
	if (queued != 0)
		esp_udp_flush(tx->udp, fd, &w->stats);
}

static void count_failures(struct esp_worker *w)
{
	for (size_t i = 0; i < w->tx->count; i++) {
		if (w->tx->jobs[i].result != 0)
			esp_stats_add(&w->stats, ESP_TX_CRYPTO, 1);
	}
}

/* A device that somebody deleted would be ready for ever. */
static void check_device(struct esp_worker *w, const struct esp_site *site, int error)
{
	struct esp_event ev = {.type = ESP_EVENT_DEVICE_GONE, .id = site->index};

	if (error == EAGAIN || error == EINTR || error == ENOMEM)
		return;
	esp_worker_unwatch(w, site);
	esp_stats_add(&w->stats, ESP_TX_DEVICE_GONE, 1);
	(void)esp_worker_report(w, &ev);
}

void esp_tx_batch(struct esp_worker *w, struct esp_site *site)
{
	struct esp_tx_path *tx = w->tx;
	const struct esp_steering *st = atomic_load(&site->steering);
	enum esp_stat reason;

	tx->count = 0;
	for (size_t reads = 0; reads < ESP_BATCH; reads++) {
		uint8_t *inner = tx->buffers + tx->count * BUFFER_LEN + ESP_FRONT_MAX;
		ssize_t n = read(site->tun, inner, INNER_MAX);

		if (n <= 0) {
			check_device(w, site, n == 0 ? EIO : errno);
			break;
		}
		reason = take(w, site, st, inner, (size_t)n);
		if (reason != ESP_STAT_COUNT)
			esp_stats_add(&w->stats, reason, 1);
	}
	esp_cipher_seal(w->engine, tx->jobs, tx->count);
	count_failures(w);
	send_family(w, IP_V4, w->shared->sockets.natt_v4);
	send_family(w, IP_V6, w->shared->sockets.natt_v6);
}
