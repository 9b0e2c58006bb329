/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A round reads a bounded number of datagrams, so that a flood leaves time for everything else.
 * TCP has few connections, each with one message at a time and little patience (RFC 7766).
 */
#include "dataplane/dns/dns_server.h"

#include "dataplane/dns/dns_limit.h"
#include "platform/base/list.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/rng.h"
#include "platform/os/tcp.h"
#include "platform/os/udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUND	    64
#define CONNECTIONS 64
#define PATIENCE_MS 5000
#define QUERY_MAX   4096

struct connection {
	struct list node;
	struct dns_server *server;
	struct loop_timer timer;
	struct ip_addr from;
	int fd;
	size_t len;
	uint8_t in[2 + QUERY_MAX];
};

struct dns_server {
	struct loop *loop;
	struct dns_zone zone;
	int udp, tcp;
	struct list connections;
	size_t connection_count;
	struct dns_counters counters;
	struct dns_limit *limit;
	uint8_t in[QUERY_MAX];
};

static void count(struct dns_server *s, enum dns_outcome o)
{
	uint64_t *counter = NULL;

	switch (o) {
	case DNS_SILENT:
	case DNS_MALFORMED:
		counter = &s->counters.malformed;
		break;
	case DNS_ANSWERED:
		counter = &s->counters.answered;
		break;
	case DNS_NXDOMAIN:
		counter = &s->counters.nxdomain;
		break;
	case DNS_REFUSED:
		counter = &s->counters.refused;
		break;
	case DNS_UNSUPPORTED:
		counter = &s->counters.unsupported;
		break;
	case DNS_FAILED:
		counter = &s->counters.failed;
		break;
	}
	++*counter;
}

/* ---- UDP --------------------------------------------------------------------------------------
 */

static void answer_datagram(struct dns_server *s, const struct udp_datagram *d)
{
	enum dns_limit_verdict verdict =
		dns_limit_take(s->limit, loop_now_ms(s->loop), &d->remote.addr);
	uint8_t out[DNS_ANSWER_MAX];
	enum dns_outcome outcome;
	struct view part;

	s->counters.udp++;
	s->counters.limited += verdict != DNS_LIMIT_ANSWER;
	if (verdict == DNS_LIMIT_DROP)
		return;
	part = view_of(out, dns_answer(&s->zone, d->payload, &d->remote.addr,
				       verdict == DNS_LIMIT_TRUNCATE, out, &outcome));
	count(s, outcome);
	/* A full buffer loses the answer as the network may. */
	if (part.len != 0 && udp_send(s->udp, &d->local, &d->remote, 0, &part, 1) != 0)
		s->counters.limited++;
}

static void on_udp(void *arg, int fd, unsigned events)
{
	struct dns_server *s = arg;
	struct udp_datagram d;

	(void)events;
	for (int i = 0; i < ROUND; i++) {
		int r = udp_receive(fd, s->in, sizeof(s->in), &d);

		if (r == ERR_BUSY)
			return;
		if (r == 0)
			answer_datagram(s, &d);
	}
}

/* ---- TCP --------------------------------------------------------------------------------------
 */

static void hang_up(struct connection *c)
{
	struct dns_server *s = c->server;

	loop_timer_cancel(s->loop, &c->timer);
	loop_fd_remove(s->loop, c->fd);
	close(c->fd);
	list_remove(&c->node);
	s->connection_count--;
	free(c);
}

static void out_of_patience(void *arg)
{
	hang_up(arg);
}

/* False: the connection shall end. */
static bool answer_message(struct connection *c, struct view query)
{
	struct dns_server *s = c->server;
	uint8_t out[2 + DNS_ANSWER_MAX];
	enum dns_outcome outcome;
	size_t len = dns_answer(&s->zone, query, &c->from, false, out + 2, &outcome);

	s->counters.tcp++;
	count(s, outcome);
	if (len == 0)
		return false;
	out[0] = (uint8_t)(len >> 8);
	out[1] = (uint8_t)len;
	/* Whoever does not take a small answer at once does not want it. */
	return send(c->fd, out, len + 2, MSG_NOSIGNAL) == (ssize_t)(len + 2);
}

static bool take_messages(struct connection *c)
{
	while (c->len >= 2) {
		size_t len = (size_t)c->in[0] << 8 | c->in[1];

		if (len < DNS_QUERY_MIN || len > QUERY_MAX)
			return false;
		if (c->len < 2 + len)
			return true;
		if (!answer_message(c, view_of(c->in + 2, len)))
			return false;
		c->len -= 2 + len;
		memmove(c->in, c->in + 2 + len, c->len);
		loop_timer_set(c->server->loop, &c->timer,
			       loop_now_ms(c->server->loop) + PATIENCE_MS);
	}
	return true;
}

static void on_message(void *arg, int fd, unsigned events)
{
	struct connection *c = arg;
	ssize_t n = recv(fd, c->in + c->len, sizeof(c->in) - c->len, 0);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		hang_up(c);
		return;
	}
	c->len += (size_t)n;
	if (!take_messages(c))
		hang_up(c);
}

static void on_connection(void *arg, int fd, unsigned events)
{
	struct dns_server *s = arg;
	int conn = tcp_accept(fd);
	struct connection *c;

	(void)events;
	if (conn < 0)
		return;
	/* The one that is idle for the longest time makes room. */
	if (s->connection_count == CONNECTIONS)
		hang_up(container_of(s->connections.next, struct connection, node));
	c = mem_zalloc(sizeof(*c));
	c->server = s;
	c->fd = conn;
	c->from = tcp_peer(conn);
	c->timer = (struct loop_timer){.fn = out_of_patience, .arg = c};
	list_append(&s->connections, &c->node);
	s->connection_count++;
	loop_timer_set(s->loop, &c->timer, loop_now_ms(s->loop) + PATIENCE_MS);
	if (loop_fd_add(s->loop, conn, LOOP_READ, on_message, c) != 0)
		hang_up(c);
}

/* ---- Life -------------------------------------------------------------------------------------
 */

static int open_sockets(struct dns_server *s, const struct ip_endpoint *at, struct err_msg *e)
{
	s->udp = udp_open_at(at, e);
	if (s->udp < 0)
		return s->udp;
	s->tcp = tcp_listen(at, e);
	if (s->tcp < 0)
		return s->tcp;
	if (loop_fd_add(s->loop, s->udp, LOOP_READ, on_udp, s) != 0 ||
	    loop_fd_add(s->loop, s->tcp, LOOP_READ, on_connection, s) != 0)
		return err_set(e, ERR_SYSTEM, "The name server's sockets cannot be watched");
	return 0;
}

struct dns_server *dns_server_new(struct loop *loop, const struct ip_endpoint *at,
				  const struct dns_zone *zone, struct err_msg *e)
{
	struct dns_server *s = mem_zalloc(sizeof(*s));

	s->loop = loop;
	s->zone = *zone;
	s->udp = s->tcp = -1;
	list_init(&s->connections);
	s->limit = mem_zalloc(sizeof(*s->limit));
	rng_bytes(s->limit->key, sizeof(s->limit->key));
	if (open_sockets(s, at, e) == 0)
		return s;
	dns_server_free(s);
	return NULL;
}

static void close_socket(struct dns_server *s, int fd)
{
	if (fd < 0)
		return;
	loop_fd_remove(s->loop, fd);
	close(fd);
}

void dns_server_free(struct dns_server *s)
{
	struct list *node, *after;

	if (s == NULL)
		return;
	list_for_each(node, after, &s->connections)
		hang_up(container_of(node, struct connection, node));
	close_socket(s, s->udp);
	close_socket(s, s->tcp);
	free(s->limit);
	free(s);
}

const struct dns_counters *dns_server_counters(const struct dns_server *s)
{
	return &s->counters;
}
