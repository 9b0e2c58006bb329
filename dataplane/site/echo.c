/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Echo requests through tunnels whose peer has a private address (RFC 792, RFC 4443 section 4): one
 * a second, ten a second while something is odd.  They leave by the site's device, from our
 * private address, and the data plane has the peer's pinned to its tunnel.  Answers give the delay;
 * what is not answered within a second is lost.  A peer that never answers, or answers no more
 * while the tunnel is alive, is not measured by this.
 */
#include "dataplane/site/gateway_state.h"
#include "platform/base/mem.h"
#include "platform/os/icmp.h"
#include "platform/os/rng.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ECHO_DATA     16
#define ECHO_LOST_MS  1000
#define ECHO_GONE_MS  5000 /* no answer for so long, but the tunnel is alive: nobody is there */
#define ECHO_OPEN_MAX 16   /* without answer yet; at ten a second they expire before */
#define READS_MAX     256
#define ECHO_IDS      65536

struct echo_open {
	bool used;
	uint16_t sequence;
	uint64_t sent_ms;
};

struct echo {
	struct tunnel *tunnel;
	struct loop_timer timer;
	struct ip_addr to;
	uint16_t id, sequence;
	uint64_t answered_ms; /* 0: never */
	struct echo_open open[ECHO_OPEN_MAX];
};

struct echo_sockets {
	int v4, v6; /* -1: not open */
	uint16_t next_id;
	size_t count;
	struct echo *by_id[ECHO_IDS];
};

static void receive(void *arg, int fd, unsigned events);

static int open_socket(struct gateway *g, enum ip_family family, struct err_msg *e)
{
	struct ip_addr any = {.family = IP_NONE};
	int fd = icmp_open(family, &any, e);

	if (fd >= 0 && loop_fd_add(g->loop, fd, LOOP_READ, receive, g) != 0) {
		(void)close(fd);
		return err_set(e, ERR_SYSTEM, "ICMP socket cannot be watched");
	}
	return fd;
}

static struct echo_sockets *sockets_of(struct gateway *g)
{
	if (g->echo == NULL) {
		g->echo = mem_zalloc(sizeof(*g->echo));
		g->echo->v4 = g->echo->v6 = -1;
		rng_bytes(&g->echo->next_id, sizeof(g->echo->next_id));
	}
	return g->echo;
}

/* The socket for a family, opened with its first use; negative with e. */
static int socket_for(struct gateway *g, enum ip_family family, struct err_msg *e)
{
	int *fd = family == IP_V4 ? &sockets_of(g)->v4 : &sockets_of(g)->v6;

	if (*fd < 0)
		*fd = open_socket(g, family, e);
	return *fd;
}

void gateway_echo_close(struct gateway *g)
{
	struct echo_sockets *s = g->echo;

	if (s == NULL)
		return;
	for (int i = 0; i < 2; i++) {
		int fd = i == 0 ? s->v4 : s->v6;

		if (fd < 0)
			continue;
		loop_fd_remove(g->loop, fd);
		(void)close(fd);
	}
	free(s);
	g->echo = NULL;
}

/* ---- Answers -----------------------------------------------------------------------------------
 */

static void answered(struct echo *x, const struct icmp_echo *reply)
{
	uint64_t now_ms = gateway_clock(x->tunnel->site->g);

	if (!ip_addr_equal(&reply->from, &x->to))
		return;
	for (size_t i = 0; i < ECHO_OPEN_MAX; i++) {
		struct echo_open *o = &x->open[i];

		if (!o->used || o->sequence != reply->sequence)
			continue;
		o->used = false;
		x->answered_ms = now_ms;
		x->tunnel->echoes = true;
		health_answered(&x->tunnel->health, (uint32_t)(now_ms - o->sent_ms) * 1000);
		return;
	}
}

static void receive(void *arg, int fd, unsigned events)
{
	struct gateway *g = arg;
	enum ip_family family = fd == g->echo->v4 ? IP_V4 : IP_V6;
	struct icmp_echo reply;

	(void)events;
	for (int i = 0; i < READS_MAX && icmp_receive_reply(fd, family, &reply) == 0; i++) {
		struct echo *x = g->echo->by_id[reply.id];

		if (x != NULL)
			answered(x, &reply);
	}
}

/* ---- Requests ----------------------------------------------------------------------------------
 */

static void expire(struct echo *x, uint64_t now_ms)
{
	struct tunnel *t = x->tunnel;

	for (size_t i = 0; i < ECHO_OPEN_MAX; i++) {
		struct echo_open *o = &x->open[i];

		if (!o->used || now_ms - o->sent_ms < ECHO_LOST_MS)
			continue;
		o->used = false;
		if (t->echoes)
			health_lost(&t->health, now_ms);
	}
	if (t->echoes && !t->health.silent && now_ms - x->answered_ms >= ECHO_GONE_MS &&
	    t->health.heard_ms > x->answered_ms + ECHO_LOST_MS)
		t->echoes = false;
}

static struct echo_open *free_place(struct echo *x)
{
	for (size_t i = 0; i < ECHO_OPEN_MAX; i++) {
		if (!x->open[i].used)
			return &x->open[i];
	}
	return NULL;
}

static void request(struct echo *x, uint64_t now_ms)
{
	struct gateway *g = x->tunnel->site->g;
	struct icmp_echo echo = {.id = x->id, .sequence = ++x->sequence, .data_len = ECHO_DATA};
	struct echo_open *o = free_place(x);
	struct err_msg e = {.text = ""};
	int fd = socket_for(g, (enum ip_family)x->to.family, &e);

	/* Not sent is not lost: the device may be without carrier, or our own queue full. */
	if (o == NULL || fd < 0 || icmp_send_echo(fd, &x->to, &echo, &e) != 0)
		return;
	*o = (struct echo_open){.used = true, .sequence = echo.sequence, .sent_ms = now_ms};
}

static void on_timer(void *arg)
{
	struct echo *x = arg;
	struct gateway *g = x->tunnel->site->g;
	uint64_t now_ms = gateway_clock(g);

	expire(x, now_ms);
	request(x, now_ms);
	loop_timer_set(g->loop, &x->timer,
		       now_ms + health_echo_interval_ms(&x->tunnel->health, now_ms));
}

/* ---- Beginning and end --------------------------------------------------------------------------
 */

static bool take_id(struct echo_sockets *s, struct echo *x)
{
	if (s->count == ECHO_IDS)
		return false;
	while (s->by_id[s->next_id] != NULL)
		s->next_id++;
	x->id = s->next_id++;
	s->by_id[x->id] = x;
	s->count++;
	return true;
}

static void start(struct tunnel *t, const struct ip_addr *to)
{
	struct gateway *g = t->site->g;
	struct echo *x = mem_zalloc(sizeof(*x));
	uint16_t phase;

	if (!take_id(sockets_of(g), x)) {
		free(x);
		return;
	}
	rng_bytes(&phase, sizeof(phase)); /* not all of them at the same moment */
	x->tunnel = t;
	x->to = *to;
	x->timer = (struct loop_timer){.fn = on_timer, .arg = x};
	t->echo = x;
	loop_timer_set(g->loop, &x->timer, gateway_clock(g) + phase % 1000);
}

void site_echo_stop(struct tunnel *t)
{
	struct gateway *g = t->site->g;

	t->echoes = false;
	if (t->echo == NULL)
		return;
	loop_timer_cancel(g->loop, &t->echo->timer);
	g->echo->by_id[t->echo->id] = NULL;
	g->echo->count--;
	free(t->echo);
	t->echo = NULL;
}

/* Does a packet to the private address take this tunnel? */
static bool is_reached(const struct tunnel *t)
{
	const struct site *s = t->site;
	unsigned others = 0;

	for (unsigned i = 0; i < DP_SLOTS; i++)
		others += s->tunnels[i] != NULL && s->tunnels[i] != t;
	return others == 0 || (s->g->dp->ops->features & (DP_PINS | DP_BY_MARK)) != 0;
}

void site_echo_apply(struct tunnel *t)
{
	const struct tunnel_config *c = site_tunnel_config_of(t);
	bool set = ip_addr_is_set(&c->private_pop) && ip_addr_is_set(&c->private_site);
	bool wanted = set && t->health.on && is_reached(t);
	struct err_msg e = {.text = ""};

	/* Sockets are opened with the configuration, not when the tunnel comes up. */
	if (set && socket_for(t->site->g, (enum ip_family)c->private_site.family, &e) < 0)
		log_line(t->site->g->log, LOG_LVL_WARNING, LOG_PATH, "echo requests: %s", e.text);

	if (t->echo != NULL && (!wanted || !ip_addr_equal(&t->echo->to, &c->private_site)))
		site_echo_stop(t);
	if (t->echo == NULL && wanted)
		start(t, &c->private_site);
}
