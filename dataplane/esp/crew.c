/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The workers and the sockets of further receivers.  Never touches a packet. */
#include "dataplane/esp/crew.h"

#include "platform/base/mem.h"
#include "platform/os/raw.h"
#include "platform/os/udp.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert(ESP_WORKERS_MAX <= GRACE_READERS, "readers");

struct esp_crew {
	struct esp_shared *shared;
	unsigned receivers, senders;
	unsigned first_sender; /* number of its worker */
	unsigned count;	       /* of workers that run */
	unsigned turn;	       /* worker whose ring is looked at first */
	struct esp_worker *workers[ESP_WORKERS_MAX];
};

static unsigned processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}

/* Two processors have enough to do with one thread and the system's share of the work: on two that
 * both gateways use, a second one costs a fifth of the TCP throughput. */
static unsigned suitable_threads(void)
{
	unsigned n = processors();

	return n <= 2 ? 1 : n;
}

static void plan(struct esp_crew *c, unsigned threads)
{
	if (threads > ESP_WORKERS_MAX)
		threads = ESP_WORKERS_MAX;
	c->receivers = threads < 2 ? 1 : threads / 2;
	c->senders = threads < 2 ? 1 : threads - c->receivers;
	c->first_sender = threads < 2 ? 0 : c->receivers;
}

static int open_beside(int first, enum esp_way way, struct err_msg *e)
{
	return esp_way_is_raw(way) ? raw_open_esp(esp_way_family(way), e)
				   : udp_open_beside(first, e);
}

/* Each raw socket gets every packet: each SA belongs to one of them.  Nobody reads the new ones
 * before all have their parts, and what they got until then is in the first one as well: replay
 * windows sort that out. */
static int share_raw(struct esp_crew *c, struct err_msg *e)
{
	for (unsigned i = 0; i < c->receivers && c->receivers > 1; i++) {
		for (unsigned way = ESP_RAW_V4; way <= ESP_RAW_V6; way++) {
			int fd = c->shared->in[i][way];

			if (fd >= 0 && raw_keep_part(fd, esp_way_family((enum esp_way)way), i,
						     c->receivers, e) != 0)
				return ERR_SYSTEM;
		}
	}
	return 0;
}

/* One more socket for each receiver but the first. */
static int open_sockets(struct esp_crew *c, struct err_msg *e)
{
	struct esp_shared *s = c->shared;

	memset(s->in, -1, sizeof(s->in));
	memcpy(s->in[0], s->out, sizeof(s->in[0]));
	for (unsigned i = 1; i < c->receivers; i++) {
		for (unsigned way = 0; way < ESP_WAYS; way++) {
			if (s->out[way] < 0)
				continue;
			s->in[i][way] = open_beside(s->out[way], (enum esp_way)way, e);
			if (s->in[i][way] < 0)
				return ERR_SYSTEM;
		}
	}
	return share_raw(c, e);
}

static int start_workers(struct esp_crew *c, struct err_msg *e)
{
	unsigned last = c->first_sender + c->senders;

	for (; c->count < last; c->count++) {
		struct esp_role role = {
			.receives = c->count < c->receivers,
			.sends = c->count >= c->first_sender,
			.receiver = c->count < c->receivers ? c->count : 0,
		};

		c->workers[c->count] = esp_worker_start(c->shared, c->count, &role, e);
		if (c->workers[c->count] == NULL)
			return ERR_SYSTEM;
	}
	return 0;
}

struct esp_crew *esp_crew_start(struct esp_shared *shared, unsigned threads, struct err_msg *e)
{
	struct esp_crew *c = mem_zalloc(sizeof(*c));

	c->shared = shared;
	plan(c, threads == 0 ? suitable_threads() : threads);
	if (open_sockets(c, e) != 0 || start_workers(c, e) != 0) {
		esp_crew_stop(c);
		return NULL;
	}
	return c;
}

void esp_crew_stop(struct esp_crew *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; i < c->count; i++)
		esp_worker_stop(c->workers[i]);
	for (unsigned i = 1; i < c->receivers; i++) {
		for (unsigned way = 0; way < ESP_WAYS; way++) {
			if (c->shared->in[i][way] >= 0)
				(void)close(c->shared->in[i][way]);
		}
	}
	free(c);
}

unsigned esp_crew_receivers(const struct esp_crew *c)
{
	return c->receivers;
}

int esp_crew_watch(struct esp_crew *c, struct esp_site *s, struct err_msg *e)
{
	s->sender = c->first_sender + s->index % c->senders;
	return esp_worker_watch(c->workers[s->sender], s, e);
}

void esp_crew_unwatch(struct esp_crew *c, const struct esp_site *s)
{
	esp_worker_unwatch(c->workers[s->sender], s);
}

bool esp_crew_event(struct esp_crew *c, struct esp_event *out)
{
	for (unsigned i = 0; i < c->count; i++) {
		if (esp_worker_event(c->workers[i], out))
			return true;
	}
	return false;
}

/* In turn: one ring that never gets empty does not hide the others. */
bool esp_crew_ike(struct esp_crew *c, struct esp_ike_head *head, void *buf, size_t cap, size_t *len)
{
	for (unsigned i = 0; i < c->count; i++) {
		c->turn = (c->turn + 1) % c->count;
		if (esp_worker_ike(c->workers[c->turn], head, buf, cap, len))
			return true;
	}
	return false;
}

uint64_t esp_crew_stat(const struct esp_crew *c, enum esp_stat which)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < c->count; i++)
		sum += esp_counter_get(&esp_worker_stats(c->workers[i])->value[which]);
	return sum;
}
