/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inbound: a batch of datagrams from a 4500 socket or of packets from a raw one.  IKE messages and
 * keepalives are sorted out (RFC 3948 section 2), ESP is checked for replay, opened as one batch of
 * jobs, checked again, coalesced, and written to the device of its site (RFC 4303 section 3.4, RFC
 * 4301 section 5.2).
 */
#include "dataplane/esp/coalesce.h"
#include "dataplane/esp/ecn.h"
#include "dataplane/esp/worker_impl.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define NON_ESP_MARKER_LEN 4
#define LONG_MESSAGE	   8192 /* octets on average: then a few are a batch */
#define LONG_MESSAGES	   8
#define KEEPALIVE	   0xff

struct rx_item {
	struct esp_child *child;
	const struct esp_udp_message *message; /* that it came in */
	enum esp_way way;
};

struct esp_rx_path {
	struct esp_udp_rx *udp;
	struct esp_coalesce *coalesce;
	struct esp_worker *worker; /* of the present batch */
	/* taken from tallied, and not counted there yet */
	struct esp_child *tallied;
	uint64_t packets, bytes;
	size_t max;		     /* messages in the next batch */
	uint32_t overflow[ESP_WAYS]; /* as last reported by the sockets */
	size_t count;
	struct rx_item items[ESP_BATCH];
	struct esp_job jobs[ESP_BATCH];
};

static void count_tally(struct esp_rx_path *rx)
{
	if (rx->packets == 0)
		return;
	esp_counter_add_shared(&rx->tallied->rx_packets, rx->packets);
	esp_counter_add_shared(&rx->tallied->rx_bytes, rx->bytes);
	rx->packets = rx->bytes = 0;
}

static void tally(struct esp_rx_path *rx, struct esp_child *c, size_t bytes)
{
	if (rx->tallied != c) {
		count_tally(rx);
		rx->tallied = c;
	}
	rx->packets++;
	rx->bytes += bytes;
}

/* Counts first, so that nobody sees a packet that is not counted yet. */
static void emit(void *arg, void *device, const struct iovec *parts, int count, size_t packets)
{
	struct esp_rx_path *rx = arg;
	const struct esp_site *site = device;

	count_tally(rx);
	if (writev(site->tun, parts, count) < 0)
		esp_stats_add(&rx->worker->stats, ESP_RX_DEVICE, packets);
}

struct esp_rx_path *esp_rx_path_new(void)
{
	struct esp_rx_path *rx = mem_zalloc(sizeof(*rx));

	rx->max = ESP_UDP_MESSAGES;
	rx->udp = esp_udp_rx_new();
	rx->coalesce = esp_coalesce_new(emit, rx);
	return rx;
}

void esp_rx_path_free(struct esp_rx_path *rx)
{
	if (rx == NULL)
		return;
	esp_udp_rx_free(rx->udp);
	esp_coalesce_free(rx->coalesce);
	free(rx);
}

static void take_ike(struct esp_worker *w, size_t i, struct view payload, uint16_t own_port)
{
	struct esp_ike_head head;

	memset(&head, 0, sizeof(head));
	head.local = (struct ip_endpoint){esp_udp_local(w->rx->udp, i), own_port};
	head.remote = esp_udp_message(w->rx->udp, i)->remote;
	if (ring_put(w->ike, view_of(&head, sizeof(head)), payload)) {
		w->notify = true;
		esp_stats_add(&w->stats, ESP_RX_IKE, 1);
	} else {
		esp_stats_add(&w->stats, ESP_RX_IKE_LOST, 1);
	}
}

/* Makes a job of an ESP packet, unless it is known to be bad already. */
static void take_esp(struct esp_worker *w, size_t i, enum esp_way way, uint8_t *packet, size_t len)
{
	struct esp_rx_path *rx = w->rx;
	struct reader r = reader_of(view_of(packet, len));
	uint32_t spi = reader_u32(&r), low = reader_u32(&r);
	struct esp_child *c;
	struct esp_job *job = &rx->jobs[rx->count];

	if (r.failed) {
		esp_stats_add(&w->stats, ESP_RX_SHORT, 1);
		return;
	}
	c = esp_spi_table_find(w->shared->spis, spi);
	if (c == NULL) {
		esp_stats_add(&w->stats, ESP_RX_UNKNOWN_SPI, 1);
		return;
	}
	if (!esp_replay_check(&c->replay, low, &job->seq)) {
		esp_stats_add(&w->stats, ESP_RX_REPLAY, 1);
		esp_counter_add_shared(&c->replay_drops, 1);
		return;
	}
	job->cipher = c->opener[c->openers == 1 ? 0 : w->receiver];
	job->in = packet;
	job->out = packet + ESP_HEADER_LEN + c->transform.iv_len;
	job->len = len;
	rx->items[rx->count].child = c;
	rx->items[rx->count].way = way;
	rx->items[rx->count].message = esp_udp_message(rx->udp, i);
	rx->count++;
}

/* Octets in front of ESP in a packet of a raw socket. */
static size_t header_len(enum esp_way way, struct view packet)
{
	return way == ESP_RAW_V4 && packet.len != 0 ? (size_t)(packet.data[0] & 0x0f) * 4 : 0;
}

static void take_raw(struct esp_worker *w, size_t i, enum esp_way way, uint8_t *packet, size_t len)
{
	size_t header = header_len(way, view_of(packet, len));

	if (header > len)
		esp_stats_add(&w->stats, ESP_RX_SHORT, 1);
	else
		take_esp(w, i, way, packet + header, len - header);
}

/* One datagram of message i. */
static void sort_out(struct esp_worker *w, size_t i, enum esp_way way, uint8_t *payload, size_t len)
{
	uint16_t own_port = way == ESP_UDP_V4 ? w->shared->port_v4 : w->shared->port_v6;
	static const uint8_t marker[NON_ESP_MARKER_LEN];

	if (esp_way_is_raw(way))
		take_raw(w, i, way, payload, len);
	else if (len == 1 && payload[0] == KEEPALIVE)
		esp_stats_add(&w->stats, ESP_RX_KEEPALIVE, 1);
	else if (len > NON_ESP_MARKER_LEN && memcmp(payload, marker, sizeof(marker)) == 0)
		take_ike(w, i, view_of(payload, len), own_port);
	else
		take_esp(w, i, way, payload, len);
}

/* RFC 7296 section 2.8: the peer can receive on an SA on which it sends. */
static void report_used(struct esp_worker *w, struct esp_child *c)
{
	struct esp_event ev = {.type = ESP_EVENT_USED, .id = c->id};

	if (atomic_exchange(&c->used_reported, true))
		return; /* another receiver does it now */
	atomic_store(&c->outbound, true);
	if (!esp_worker_report(w, &ev))
		atomic_store(&c->used_reported, false);
}

/* Tells endpoints apart, never 0.  Two that look the same delay a report until a third one. */
static uint64_t mark_of(const struct ip_endpoint *e)
{
	struct reader r = reader_of(view_of(e->addr.bytes, sizeof(e->addr.bytes)));
	uint64_t mark = reader_u64(&r) * UINT64_C(0x9e3779b97f4a7c15);

	mark = (mark ^ mark >> 29 ^ reader_u64(&r)) * UINT64_C(0x9e3779b97f4a7c15);
	return (mark ^ e->port) | UINT64_C(1) << 63;
}

/* RFC 7296 section 2.23: only the newest packet says where the peer is now. */
static void watch_remote(struct esp_worker *w, const struct rx_item *item)
{
	struct esp_child *c = item->child;
	struct esp_path *path = atomic_load(&c->path);
	struct ip_endpoint from = item->message->remote;
	struct esp_event ev = {.type = ESP_EVENT_MOVED, .id = c->id, .remote = from};
	uint64_t mark = 0;

	if (esp_way_is_raw(item->way) || esp_way_is_raw(path->way))
		return; /* without a NAT nothing moves */
	if (!ip_endpoint_equal(&from, &path->remote))
		mark = mark_of(&from);
	if (mark == atomic_load_explicit(&c->moved_reported, memory_order_relaxed))
		return;
	if (mark == 0 || esp_worker_report(w, &ev))
		atomic_store_explicit(&c->moved_reported, mark, memory_order_relaxed);
}

static void authenticated(struct esp_worker *w, const struct rx_item *item, uint64_t seq)
{
	struct esp_child *c = item->child;

	if (esp_counter_get(&c->rx_last_ms) != w->now_ms)
		esp_counter_set(&c->rx_last_ms, w->now_ms);
	if (c->report_used && !atomic_load_explicit(&c->used_reported, memory_order_relaxed))
		report_used(w, c);
	if (seq == esp_replay_top(&c->replay))
		watch_remote(w, item);
}

/* Takes the inner packet out of decrypted text; a reason to drop it, or ESP_STAT_COUNT. */
static enum esp_stat decapsulate(const struct rx_item *item, struct view text, struct esp_inner *p)
{
	struct esp_child *c = item->child;
	uint8_t next, tos = item->message->tos;
	size_t len;

	if (esp_trailer_read(text, &len, &next) != 0)
		return ESP_RX_PADDING;
	if (next == ESP_NEXT_DUMMY)
		return ESP_RX_DUMMY;
	if (next != ESP_NEXT_IPV4 && next != ESP_NEXT_IPV6)
		return ESP_RX_NEXT_HEADER;
	if (esp_inner_parse(view_of(text.data, len), p) != 0 ||
	    p->family != (next == ESP_NEXT_IPV4 ? IP_V4 : IP_V6))
		return ESP_RX_INNER;
	if (!esp_selectors_match(c->remote, p, ESP_SRC) ||
	    !esp_selectors_match(c->local, p, ESP_DST))
		return ESP_RX_SELECTOR;
	if (!esp_ecn_decapsulate((uint8_t *)(uintptr_t)text.data, p, tos))
		return ESP_RX_ECN;
	return ESP_STAT_COUNT;
}

static void count_drop(struct esp_worker *w, struct esp_child *c, enum esp_stat reason)
{
	esp_stats_add(&w->stats, reason, 1);
	if (reason == ESP_RX_SELECTOR)
		esp_counter_add_shared(&c->selector_drops, 1);
	else if (reason == ESP_RX_AUTH)
		esp_counter_add_shared(&c->auth_drops, 1);
	else if (reason == ESP_RX_REPLAY)
		esp_counter_add_shared(&c->replay_drops, 1);
	else if (reason != ESP_RX_DUMMY)
		esp_counter_add_shared(&c->malformed_drops, 1);
}

static void finish(struct esp_worker *w, const struct rx_item *item, const struct esp_job *job)
{
	struct esp_child *c = item->child;
	size_t overhead = (size_t)ESP_HEADER_LEN + c->transform.iv_len + c->transform.icv_len;
	struct esp_inner p;
	enum esp_stat reason;

	if (job->result != 0) {
		count_drop(w, c, job->result == ERR_TRUNCATED ? ESP_RX_SHORT : ESP_RX_AUTH);
		return;
	}
	if (!esp_replay_commit(&c->replay, job->seq)) {
		count_drop(w, c, ESP_RX_REPLAY);
		return;
	}
	authenticated(w, item, job->seq);
	reason = decapsulate(item, view_of(job->out, job->len - overhead), &p);
	if (reason != ESP_STAT_COUNT) {
		count_drop(w, c, reason);
		return;
	}
	tally(w->rx, c, p.len);
	esp_coalesce_add(w->rx->coalesce, c->site, c->site->udp, job->out, &p);
}

static void open_batch(struct esp_worker *w)
{
	struct esp_rx_path *rx = w->rx;

	esp_cipher_open(w->engine, rx->jobs, rx->count);
	for (size_t i = 0; i < rx->count; i++)
		finish(w, &rx->items[i], &rx->jobs[i]);
	rx->count = 0;
}

static void take_message(struct esp_worker *w, size_t i, enum esp_way way)
{
	const struct esp_udp_message *m = esp_udp_message(w->rx->udp, i);
	size_t at = 0, len;

	if (m->truncated) {
		esp_stats_add(&w->stats, ESP_RX_DATAGRAMS, 1);
		esp_stats_add(&w->stats, ESP_RX_TRUNCATED, 1);
		return;
	}
	w->turn.octets += m->len;
	do {
		w->turn.packets++;
		len = m->len - at < m->segment ? m->len - at : m->segment;
		esp_stats_add(&w->stats, ESP_RX_DATAGRAMS, 1);
		sort_out(w, i, way, m->data + at, len);
		if (w->rx->count == ESP_BATCH)
			open_batch(w);
		at += len;
	} while (at < m->len);
}

/* What the socket dropped since the batch before. */
static void count_overflow(struct esp_worker *w, uint32_t *before, uint32_t now)
{
	esp_stats_add(&w->stats, ESP_RX_OVERFLOW, (uint32_t)(now - *before));
	*before = now;
}

void esp_rx_batch(struct esp_worker *w, enum esp_way way)
{
	struct esp_rx_path *rx = w->rx;
	size_t n = esp_udp_receive(rx->udp, w->shared->in[w->receiver][way], rx->max);
	size_t octets = 0;

	if (n == 0)
		return;
	w->more |= n == rx->max;
	rx->worker = w;
	count_overflow(w, &rx->overflow[way], esp_udp_message(rx->udp, n - 1)->overflow);
	for (size_t i = 0; i < n; i++) {
		octets += esp_udp_message(rx->udp, i)->len;
		take_message(w, i, way);
	}
	rx->max = octets / n >= LONG_MESSAGE ? LONG_MESSAGES : ESP_UDP_MESSAGES;
	open_batch(w);
	count_tally(rx);
	esp_coalesce_flush(rx->coalesce);
}
