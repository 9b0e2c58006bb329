/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Outbound: a batch of packets and super-packets from a site's device.  Each is steered to a slot
 * and an SA of it once, taken apart into segments, sealed as one batch of jobs, and sent (RFC 4303
 * section 3.3, RFC 4301 section 5.1).  Sealed packets lie one behind the other, so that those of
 * one path with one length are one message for the system.
 */
#include "dataplane/esp/ecn.h"
#include "dataplane/esp/mile.h"
#include "dataplane/esp/steer.h"
#include "dataplane/esp/super.h"
#include "dataplane/esp/toobig.h"
#include "dataplane/esp/worker_impl.h"
#include "platform/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define INNER_MAX	 65535
#define SEALED_MAX	 (ESP_FRONT_MAX + INNER_MAX + ESP_BACK_MAX)
#define OUT_LEN		 (4 * 65536) /* sealed packets of one batch */
#define FLUSH_FROM	 32	     /* packets of which a full message goes out at once */
#define READS_MAX	 64	     /* of a device in one batch */
#define OCTETS_MAX	 (6 * 65536) /* the same */
#define ACQUIRE_EVERY_MS 1000
#define TELL_PERIOD_MS	 100
#define TELL_PER_PERIOD	 10		     /* ICMP errors */
#define WAKE_NS		 UINT64_C(500000)    /* between two looks at what waits, at least */
#define SEQUENCE_RESERVE (UINT64_C(1) << 20) /* left when a new SA is asked for */

_Static_assert(OUT_LEN >= SEALED_MAX, "any packet");

/* Neighbours in the output that go out as one message. */
struct run {
	struct esp_path *path;
	uint8_t tos;
	bool ended; /* a shorter packet was the last */
	uint8_t *data;
	size_t len, segment, count;
};

struct esp_tx_path {
	struct esp_udp_tx *udp;
	struct flow_table *flows;
	struct esp_lines *lines; /* packets that wait for the last mile of their tunnel */
	uint8_t *in;		 /* vnet header and packet as read */
	uint8_t *out;		 /* OUT_LEN */
	size_t used;		 /* of out */
	uint64_t told_ms;	 /* when the period of ICMP errors began */
	unsigned told;		 /* how many were sent in it */
	size_t jobs_count, runs_count;
	struct esp_job jobs[ESP_BATCH];
	struct run runs[ESP_BATCH];
};

_Static_assert(ESP_BATCH <= ESP_UDP_QUEUE, "a message per run");

struct esp_tx_path *esp_tx_path_new(void)
{
	struct esp_tx_path *tx = mem_zalloc(sizeof(*tx));

	tx->udp = esp_udp_tx_new();
	tx->flows = flow_table_new(ESP_FLOWS);
	tx->lines = esp_lines_new();
	tx->in = mem_calloc(1, ESP_VNET_LEN + INNER_MAX);
	tx->out = mem_calloc(1, OUT_LEN);
	return tx;
}

void esp_tx_path_free(struct esp_tx_path *tx)
{
	if (tx == NULL)
		return;
	esp_udp_tx_free(tx->udp);
	flow_table_free(tx->flows);
	esp_lines_free(tx->lines);
	free(tx->in);
	free(tx->out);
	free(tx);
}

/* ---- The batch ------------------------------------------------------------------------------- */

static void queue_run(struct esp_tx_path *tx, const struct run *r)
{
	esp_udp_queue(tx->udp, r->path, r->tos, r->data, r->len, r->segment);
}

/* What could not be sealed must not be sent: its run goes out without it. */
static void queue_sealed_only(struct esp_worker *w, const struct run *r, struct esp_job *jobs,
			      int fd)
{
	for (size_t i = 0; i < r->count; i++) {
		size_t at = i * r->segment;
		size_t len = i + 1 < r->count ? r->segment : r->len - at;

		if (jobs[i].result != 0) {
			esp_stats_add(&w->stats, ESP_TX_CRYPTO, 1);
			continue;
		}
		esp_udp_queue(w->tx->udp, r->path, r->tos, r->data + at, len, len);
		esp_udp_flush(w->tx->udp, fd, &w->stats);
	}
}

static bool all_sealed(const struct esp_tx_path *tx)
{
	for (size_t i = 0; i < tx->jobs_count; i++) {
		if (tx->jobs[i].result != 0)
			return false;
	}
	return true;
}

/* The runs of one way, in order. */
static void send_way(struct esp_worker *w, enum esp_way way)
{
	int fd = w->shared->out[way];
	struct esp_tx_path *tx = w->tx;
	bool good = all_sealed(tx);
	struct esp_job *jobs = tx->jobs;

	for (size_t i = 0; i < tx->runs_count; i++) {
		const struct run *r = &tx->runs[i];

		if (r->path->way == way && good)
			queue_run(tx, r);
		else if (r->path->way == way)
			queue_sealed_only(w, r, jobs, fd);
		jobs += r->count;
	}
	esp_udp_flush(tx->udp, fd, &w->stats);
}

static void flush(struct esp_worker *w)
{
	struct esp_tx_path *tx = w->tx;

	if (tx->jobs_count == 0)
		return;
	esp_cipher_seal(w->engine, tx->jobs, tx->jobs_count);
	for (unsigned way = 0; way < ESP_WAYS; way++) {
		if (w->shared->out[way] >= 0)
			send_way(w, (enum esp_way)way);
	}
	tx->jobs_count = tx->runs_count = tx->used = 0;
}

static bool is_full(const struct run *r, size_t sealed_len)
{
	return r->count == ESP_UDP_SEGMENTS_MAX || r->len + sealed_len > ESP_UDP_RUN_MAX;
}

/* Room for one more sealed packet behind the others. */
static uint8_t *room_for(struct esp_worker *w, size_t sealed_len)
{
	struct esp_tx_path *tx = w->tx;

	if (tx->jobs_count == ESP_BATCH || tx->used + sealed_len > OUT_LEN ||
	    (tx->jobs_count >= FLUSH_FROM && is_full(&tx->runs[tx->runs_count - 1], sealed_len)))
		flush(w);
	return tx->out + tx->used;
}

static bool continues(const struct run *r, const struct esp_path *path, uint8_t tos, size_t len)
{
	return !r->ended && r->path == path && r->tos == tos && len <= r->segment &&
	       !is_full(r, len);
}

/* The sealed packet at `data`, behind the one before, joins its run or begins one. */
static void add_to_run(struct esp_tx_path *tx, struct esp_path *path, uint8_t tos, uint8_t *data,
		       size_t len)
{
	struct run *r = tx->runs_count == 0 ? NULL : &tx->runs[tx->runs_count - 1];

	tx->used += len;
	if (r == NULL || !continues(r, path, tos, len)) {
		tx->runs[tx->runs_count++] = (struct run){path, tos, false, data, len, len, 1};
		return;
	}
	r->len += len;
	r->count++;
	r->ended = len < r->segment;
}

/* ---- Packets --------------------------------------------------------------------------------- */

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

/* The SA of a slot for a packet, or NULL and the reason. */
static struct esp_child *choose_of(const struct esp_steering *st, unsigned slot,
				   const struct esp_inner *p, enum esp_stat *reason)
{
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

/* The SA for a packet, or NULL and the reason. */
static struct esp_child *choose(struct esp_worker *w, uint32_t site, const struct esp_steering *st,
				const struct esp_super *super, uint8_t *band, enum esp_stat *reason)
{
	const struct esp_inner *p = &super->inner;
	unsigned slot = esp_steer(w->tx->flows, site, st, p, super->count, w->now_ms, band);

	if (slot == DP_RULE_DROP) {
		*reason = ESP_TX_RULE;
		return NULL;
	}
	if (slot == 0 || slot > DP_SLOTS) {
		*reason = ESP_TX_NO_SLOT;
		return NULL;
	}
	return choose_of(st, slot, p, reason);
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

static void tell_too_big(struct esp_worker *w, struct esp_site *site, const struct esp_super *s,
			 size_t limit)
{
	struct virtio_net_hdr vnet = {.flags = 0};
	uint8_t answer[ESP_TOO_BIG_MAX];
	size_t len = esp_super_len(s, 0);
	uint8_t *first = room_for(w, SEALED_MAX);
	struct iovec parts[2] = {{&vnet, sizeof(vnet)}, {answer, 0}};
	struct esp_inner p;

	esp_super_write(s, 0, first);
	if (esp_inner_parse(view_of(first, len), &p) != 0)
		return;
	parts[1].iov_len = esp_too_big(&p, view_of(first, len), limit, answer);
	/* The device may refuse it as any network may lose it. */
	if (parts[1].iov_len != 0 && writev(site->tun, parts, 2) < 0)
		esp_stats_add(&w->stats, ESP_RX_DEVICE, 1);
}

/* True when the packet, or the segments of it, were refused because of their size. */
static bool refuse_too_big(struct esp_worker *w, struct esp_site *site, const struct esp_path *path,
			   const struct esp_super *s)
{
	const struct esp_inner *p = &s->inner;
	size_t limit = esp_too_big_limit(p, path->inner_mtu);

	if (esp_super_len(s, 0) <= limit || (p->family == IP_V4 && !p->df))
		return false;
	esp_stats_add(&w->stats, ESP_TX_TOO_BIG, s->count);
	if (may_tell(w))
		tell_too_big(w, site, s, limit);
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
	return true;
}

/* Makes a job of segment i; false: no sequence number is left. */
static bool take_segment(struct esp_worker *w, struct esp_child *c, struct esp_path *path,
			 const struct esp_super *s, size_t i)
{
	struct esp_tx_path *tx = w->tx;
	size_t len = esp_super_len(s, i);
	size_t sealed_len = esp_sealed_len(&c->transform, len);
	uint8_t *out = room_for(w, sealed_len);
	uint8_t *text = out + ESP_HEADER_LEN + c->transform.iv_len;
	struct esp_job *job = &tx->jobs[tx->jobs_count];

	if (!next_sequence(w, c, &job->seq))
		return false;
	esp_super_write(s, i, text);
	esp_header_write(out, c->spi_out, job->seq);
	job->cipher = c->sealer;
	job->in = text;
	job->out = out;
	job->len = esp_trailer_write(&c->transform, text, len,
				     s->inner.family == IP_V4 ? ESP_NEXT_IPV4 : ESP_NEXT_IPV6);
	add_to_run(tx, path, esp_ecn_outer(s->inner.tos), out, sealed_len);
	tx->jobs_count++;
	return true;
}

/* How many octets went. */
static size_t take_segments(struct esp_worker *w, struct esp_child *c, struct esp_path *path,
			    const struct esp_super *s)
{
	size_t bytes = 0;
	size_t i;

	for (i = 0; i < s->count && take_segment(w, c, path, s, i); i++)
		bytes += esp_super_len(s, i);
	esp_stats_add(&w->stats, ESP_TX_SEQUENCE, s->count - i);
	if (i == 0)
		return 0;
	esp_counter_set(&c->tx_sequence, c->sequence);
	esp_counter_add(&c->tx_packets, i);
	esp_counter_add(&c->tx_bytes, bytes);
	esp_counter_set(&c->tx_last_ms, w->now_ms);
	return bytes;
}

/* ---- Last miles ------------------------------------------------------------------------------ */

/* At once, or when the last mile of the tunnel is free. */
static enum esp_stat send_or_wait(struct esp_worker *w, const struct esp_site *site,
				  const struct esp_steering *st, struct esp_child *c,
				  const struct esp_super *s, uint8_t band)
{
	const struct esp_line_owner owner = {site->index, c->slot};
	struct esp_mile *m = st->miles == NULL ? NULL : &st->miles[c->slot - 1];
	uint8_t *in = w->tx->in;
	size_t octets;

	if (m == NULL || (m->line == 0 && esp_mile_is_free(m, w->turn.woke_ns))) {
		octets = take_segments(w, c, atomic_load(&c->path), s);
		if (m != NULL)
			esp_mile_charge(m, octets, w->turn.woke_ns);
		return ESP_STAT_COUNT;
	}
	if (s->kind == ESP_SUPER_SINGLE) /* its checksum is complete now */
		memset(in, 0, ESP_VNET_LEN);
	return esp_lines_put(w->tx->lines, m, &owner, band,
			     view_of(in, ESP_VNET_LEN + s->inner.len))
		       ? ESP_STAT_COUNT
		       : ESP_TX_CAP;
}

/* What waited, and is in tx->in. */
static void send_waiting(struct esp_worker *w, const struct esp_steering *st, uint8_t slot,
			 size_t len)
{
	struct virtio_net_hdr vnet;
	struct esp_super s;
	struct esp_child *c;
	enum esp_stat reason;

	memcpy(&vnet, w->tx->in, sizeof(vnet));
	if (esp_super_parse(&vnet, w->tx->in + ESP_VNET_LEN, len - ESP_VNET_LEN, &s) != 0)
		return;
	c = choose_of(st, slot, &s.inner, &reason);
	if (c == NULL)
		esp_stats_add(&w->stats, reason, 1);
	else
		esp_mile_charge(&st->miles[slot - 1],
				take_segments(w, c, atomic_load(&c->path), &s), w->turn.woke_ns);
}

/* False: those who wait there have no tunnel any more. */
static bool drain_line(struct esp_worker *w, uint32_t line, const struct esp_line_owner *owner,
		       uint64_t *free_ns)
{
	const struct esp_site *site = atomic_load(&w->shared->sites[owner->site]);
	const struct esp_steering *st = site == NULL ? NULL : atomic_load(&site->steering);
	struct esp_mile *m = st == NULL || st->miles == NULL ? NULL : &st->miles[owner->slot - 1];
	size_t len;

	if (m == NULL || m->line != line)
		return false;
	while (esp_mile_is_free(m, w->turn.woke_ns)) {
		len = esp_lines_get(w->tx->lines, m, w->tx->in);
		if (len == 0)
			return true;
		send_waiting(w, st, owner->slot, len);
	}
	if (m->free_ns < *free_ns)
		*free_ns = m->free_ns;
	return true;
}

uint64_t esp_tx_drain(struct esp_worker *w)
{
	struct esp_line_owner owner;
	uint64_t free_ns = UINT64_MAX;

	for (uint32_t line = 1; esp_lines_next(w->tx->lines, &line, &owner); line++) {
		if (!drain_line(w, line, &owner, &free_ns))
			esp_lines_drop(w->tx->lines, line);
	}
	flush(w);
	if (free_ns == UINT64_MAX)
		return 0;
	return free_ns > w->turn.woke_ns + WAKE_NS ? free_ns : w->turn.woke_ns + WAKE_NS;
}

/* ---- The device ------------------------------------------------------------------------------ */

/* Takes what was read into tx->in; a reason to drop it, or ESP_STAT_COUNT. */
static enum esp_stat take(struct esp_worker *w, struct esp_site *site,
			  const struct esp_steering *st, size_t len)
{
	struct virtio_net_hdr vnet;
	struct esp_super s;
	struct esp_child *c;
	enum esp_stat reason;
	uint8_t band;

	if (len <= ESP_VNET_LEN)
		return ESP_TX_INNER;
	memcpy(&vnet, w->tx->in, sizeof(vnet));
	if (esp_super_parse(&vnet, w->tx->in + ESP_VNET_LEN, len - ESP_VNET_LEN, &s) != 0)
		return ESP_TX_INNER;
	c = choose(w, site->index, st, &s, &band, &reason);
	if (c == NULL) {
		if (is_chatter(&s.inner))
			return ESP_TX_CHATTER;
		if (reason == ESP_TX_NO_SA)
			acquire(w, site);
		return reason;
	}
	if (refuse_too_big(w, site, atomic_load(&c->path), &s))
		return ESP_STAT_COUNT;
	return send_or_wait(w, site, st, c, &s, band);
}

/* A device that somebody deleted would be ready for ever. */
static void check_device(struct esp_worker *w, const struct esp_site *site, int error)
{
	struct esp_event ev = {.type = ESP_EVENT_DEVICE_GONE, .id = site->index};

	if (error == EAGAIN || error == EINTR || error == ENOMEM)
		return;
	esp_worker_unwatch(w, site);
	if (esp_worker_report(w, &ev))
		esp_stats_add(&w->stats, ESP_TX_DEVICE_GONE, 1);
	else if (esp_worker_watch(w, site, NULL) != 0) /* it is ready at once, for another try */
		esp_stats_add(&w->stats, ESP_TX_ERROR, 1);
}

void esp_tx_batch(struct esp_worker *w, struct esp_site *site)
{
	struct esp_tx_path *tx = w->tx;
	const struct esp_steering *st = atomic_load(&site->steering);
	size_t octets = 0, reads;
	enum esp_stat reason;
	ssize_t n = 0;

	for (reads = 0; reads < READS_MAX && octets < OCTETS_MAX; reads++) {
		n = read(site->tun, tx->in, ESP_VNET_LEN + INNER_MAX);
		if (n <= 0)
			break;
		octets += (size_t)n;
		reason = take(w, site, st, (size_t)n);
		if (reason != ESP_STAT_COUNT)
			esp_stats_add(&w->stats, reason, 1);
	}
	if (n <= 0)
		check_device(w, site, n == 0 ? EIO : errno);
	else
		w->more = true;
	w->turn.packets += reads;
	w->turn.octets += octets;
	flush(w);
}
