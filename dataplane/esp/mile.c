/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Caps of tunnels; see mile.h.  A mile is taken for as long as what was sent needs on it: whatever
 * wakes the sender late is made up for, so that the rate holds over any time that matters.
 */
#include "dataplane/esp/mile.h"

#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_S   UINT64_C(1000000000)
#define BURST_NS   UINT64_C(4000000)   /* that an idle one may have saved */
#define LATE_NS	   UINT64_C(200000000) /* that one with a queue may be behind */
#define QUEUE_MS   40
#define QUEUE_MIN  24000 /* octets, 16 packets */
#define LINES_MAX  4096	 /* tunnels of one sender with packets that wait */
#define CHUNKS_MAX 16384
#define CHUNK_LEN  2040
#define LAST_EACH  16 /* so many packets of the others, then one of the last queue in use */

struct chunk {
	uint32_t next;	 /* of the packet; of the next packet, in its last one */
	uint32_t packet; /* octets of the packet, in its first one */
	uint8_t data[CHUNK_LEN];
};

struct queue {
	uint32_t first, last; /* chunks; 0: empty */
	size_t octets;
};

struct line {
	bool used;
	unsigned turns;
	struct esp_line_owner owner;
	struct queue queue[NET_BANDS + 1]; /* [0] comes last */
};

/* Memory that was never used is not there at all. */
struct esp_lines {
	struct line *line; /* [0] is not used */
	uint32_t high;	   /* lines behind it were never used */
	struct chunk *chunk;
	uint32_t fresh, back; /* chunks behind it were never used; those given back */
	size_t left;	      /* chunks */
};

struct esp_lines *esp_lines_new(void)
{
	struct esp_lines *l = mem_zalloc(sizeof(*l));

	l->line = mem_calloc(LINES_MAX + 1, sizeof(*l->line));
	l->chunk = mem_calloc(CHUNKS_MAX + 1, sizeof(*l->chunk));
	l->fresh = 1;
	l->left = CHUNKS_MAX;
	return l;
}

void esp_lines_free(struct esp_lines *l)
{
	if (l == NULL)
		return;
	free(l->line);
	free(l->chunk);
	free(l);
}

/* ---- Time ------------------------------------------------------------------------------------ */

bool esp_mile_is_free(const struct esp_mile *m, uint64_t now_ns)
{
	return atomic_load_explicit(&m->rate, memory_order_relaxed) == 0 || m->free_ns <= now_ns;
}

void esp_mile_charge(struct esp_mile *m, size_t octets, uint64_t now_ns)
{
	uint64_t rate = atomic_load_explicit(&m->rate, memory_order_relaxed);
	uint64_t credit = m->line == 0 ? BURST_NS : LATE_NS;

	if (rate == 0)
		return;
	if (now_ns > credit && m->free_ns < now_ns - credit)
		m->free_ns = now_ns - credit;
	m->free_ns += octets * NS_PER_S / rate;
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static uint32_t chunk_take(struct esp_lines *l)
{
	uint32_t c = l->back;

	if (c != 0)
		l->back = l->chunk[c].next;
	else
		c = l->fresh++;
	l->left--;
	return c;
}

static void chunk_give(struct esp_lines *l, uint32_t c)
{
	l->chunk[c].next = l->back;
	l->back = c;
	l->left++;
}

static size_t chunks_for(size_t len)
{
	return (len + CHUNK_LEN - 1) / CHUNK_LEN;
}

/* ---- Queues ---------------------------------------------------------------------------------- */

static void append(struct esp_lines *l, struct queue *q, struct view packet)
{
	size_t at = 0;

	while (at < packet.len) {
		size_t part = packet.len - at < CHUNK_LEN ? packet.len - at : CHUNK_LEN;
		uint32_t c = chunk_take(l);

		memcpy(l->chunk[c].data, packet.data + at, part);
		l->chunk[c].packet = at == 0 ? (uint32_t)packet.len : 0;
		l->chunk[c].next = 0;
		if (q->last != 0)
			l->chunk[q->last].next = c;
		else
			q->first = c;
		q->last = c;
		at += part;
	}
	q->octets += packet.len;
}

static size_t take(struct esp_lines *l, struct queue *q, uint8_t *buf)
{
	size_t len = l->chunk[q->first].packet, at = 0;

	while (at < len) {
		size_t part = len - at < CHUNK_LEN ? len - at : CHUNK_LEN;
		uint32_t c = q->first;

		if (buf != NULL)
			memcpy(buf + at, l->chunk[c].data, part);
		q->first = l->chunk[c].next;
		chunk_give(l, c);
		at += part;
	}
	if (q->first == 0)
		q->last = 0;
	q->octets -= len;
	return len;
}

/* By band, and now and then the last one that waits, so that none starves. */
static struct queue *turn(struct line *line)
{
	struct queue *first = NULL, *last = NULL;

	for (unsigned i = 1; i <= NET_BANDS + 1; i++) {
		struct queue *q = &line->queue[i % (NET_BANDS + 1)];

		if (q->first == 0)
			continue;
		first = first == NULL ? q : first;
		last = q;
	}
	return ++line->turns % LAST_EACH == 0 ? last : first;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static uint32_t line_new(struct esp_lines *l, const struct esp_line_owner *owner)
{
	for (uint32_t i = 1; i <= LINES_MAX; i++) {
		if (l->line[i].used)
			continue;
		l->line[i].used = true;
		l->line[i].turns = 0;
		l->line[i].owner = *owner;
		l->high = i > l->high ? i : l->high;
		return i;
	}
	return 0;
}

bool esp_lines_put(struct esp_lines *l, struct esp_mile *m, const struct esp_line_owner *owner,
		   unsigned band, struct view packet)
{
	uint64_t rate = atomic_load_explicit(&m->rate, memory_order_relaxed);
	uint64_t most = rate * QUEUE_MS / 1000;
	struct queue *q;

	if (packet.len == 0 || chunks_for(packet.len) > l->left)
		return false;
	if (m->line == 0)
		m->line = line_new(l, owner);
	if (m->line == 0)
		return false;
	q = &l->line[m->line].queue[band <= NET_BANDS ? band : 0];
	/* One that began below may end above: super-packets are longer than some queues. */
	if (rate != 0 && q->octets >= (most > QUEUE_MIN ? most : QUEUE_MIN))
		return false;
	append(l, q, packet);
	return true;
}

size_t esp_lines_get(struct esp_lines *l, struct esp_mile *m, void *buf)
{
	struct queue *q = m->line == 0 ? NULL : turn(&l->line[m->line]);

	if (q != NULL)
		return take(l, q, buf);
	if (m->line != 0)
		l->line[m->line].used = false;
	m->line = 0;
	return 0;
}

bool esp_lines_next(const struct esp_lines *l, uint32_t *line, struct esp_line_owner *owner)
{
	while (*line <= l->high && !l->line[*line].used)
		++*line;
	if (*line > l->high)
		return false;
	*owner = l->line[*line].owner;
	return true;
}

void esp_lines_drop(struct esp_lines *l, uint32_t line)
{
	for (unsigned i = 0; i <= NET_BANDS; i++) {
		while (l->line[line].queue[i].first != 0)
			(void)take(l, &l->line[line].queue[i], NULL);
	}
	l->line[line].used = false;
}
