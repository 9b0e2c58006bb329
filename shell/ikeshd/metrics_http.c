/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * States of a client:
 *
 *   ASKING --head complete--> ANSWERING (metrics is made and sent) --all sent--> freed
 *
 * Each client has one timer for its time limit and one for the next step.  Freed only from the
 * loop.
 */
#include "shell/ikeshd/metrics_http.h"

#include "commands/metrics.h"
#include "platform/base/list.h"
#include "platform/base/log.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/tcp.h"
#include "shell/ikeshd/http_request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RETRY_MS    10000
#define PENDING_MAX (256u * 1024) /* octets that are made before the client takes them */

struct client {
	struct list node;
	struct metrics_http *all;
	int fd;
	unsigned watched;
	char in[HTTP_HEAD_MAX];
	size_t in_len;
	bool answering, chunked;
	struct metrics *metrics; /* not complete yet */
	struct strbuf out;
	size_t sent; /* of out */
	struct loop_timer limit, step;
};

struct metrics_http {
	struct loop *loop;
	const struct log *log;
	struct commands *commands;
	struct ip_endpoint at;
	int fd; /* -1: does not listen */
	bool paused;
	struct loop_timer retry;
	struct list clients;
	size_t count;
};

static void client_free(struct client *c)
{
	loop_timer_cancel(c->all->loop, &c->limit);
	loop_timer_cancel(c->all->loop, &c->step);
	loop_fd_remove(c->all->loop, c->fd);
	close(c->fd);
	metrics_free(c->metrics);
	strbuf_clear(&c->out);
	list_remove(&c->node);
	c->all->count--;
	free(c);
}

static bool all_sent(const struct client *c)
{
	return c->sent == c->out.len && c->metrics == NULL;
}

static void watch(struct client *c)
{
	unsigned events = c->answering ? 0 : LOOP_READ;

	if (c->sent < c->out.len)
		events |= LOOP_WRITE;
	if (events != c->watched && loop_fd_change(c->all->loop, c->fd, events) == 0)
		c->watched = events;
}

/* False: the client is gone. */
static bool send_some(struct client *c)
{
	while (c->sent < c->out.len) {
		ssize_t n = send(c->fd, c->out.text + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		c->sent += (size_t)n;
	}
	strbuf_reset(&c->out);
	c->sent = 0;
	return true;
}

/* ---- Answers --------------------------------------------------------------------------------- */

static void answer_short(struct client *c, const char *status, const char *text)
{
	c->answering = true;
	strbuf_printf(&c->out,
		      "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
		      "Content-Length: %zu\r\nAllow: GET, HEAD\r\nConnection: close\r\n\r\n%s",
		      status, strlen(text), text);
}

static void answer_metrics(struct client *c, const struct http_request *r)
{
	enum metrics_format format = r->openmetrics ? METRICS_OPENMETRICS : METRICS_TEXT;

	c->answering = true;
	c->chunked = !r->old;
	strbuf_printf(&c->out,
		      "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%sCache-Control: no-store\r\n"
		      "Connection: close\r\n\r\n",
		      metrics_content_type(format),
		      c->chunked ? "Transfer-Encoding: chunked\r\n" : "");
	if (r->head)
		return;
	c->metrics = metrics_new(c->all->commands, format);
	loop_timer_set(c->all->loop, &c->step, loop_now_ms(c->all->loop));
}

static void answer(struct client *c, int rc, const struct http_request *r)
{
	if (rc == ERR_NO_SPACE)
		answer_short(c, "431 Request Header Fields Too Large", "Too long\n");
	else if (rc != 0)
		answer_short(c, "400 Bad Request", "No HTTP/1 request\n");
	else if (!r->get && !r->head)
		answer_short(c, "405 Method Not Allowed", "GET or HEAD\n");
	else if (strcmp(r->path, "/metrics") != 0)
		answer_short(c, "404 Not Found", "The only page here is /metrics\n");
	else if (c->all->commands == NULL)
		answer_short(c, "503 Service Unavailable", "Starting\n");
	else
		answer_metrics(c, r);
	loop_timer_set(c->all->loop, &c->limit, loop_now_ms(c->all->loop) + METRICS_ANSWER_MS);
}

/* One chunk of RFC 9112 section 7.1, or the text as it is. */
static void add_piece(struct client *c, const struct strbuf *piece, bool last)
{
	if (piece->len != 0 && c->chunked)
		strbuf_printf(&c->out, "%zx\r\n", piece->len);
	strbuf_add_bytes(&c->out, piece->text, piece->len);
	if (piece->len != 0 && c->chunked)
		strbuf_add(&c->out, "\r\n");
	if (last && c->chunked)
		strbuf_add(&c->out, "0\r\n\r\n");
}

static void on_step(void *arg)
{
	struct client *c = arg;
	struct strbuf piece;
	bool more;

	strbuf_init(&piece);
	more = metrics_step(c->metrics, &piece);
	add_piece(c, &piece, !more);
	strbuf_clear(&piece);
	if (!more) {
		metrics_free(c->metrics);
		c->metrics = NULL;
	}
	if (!send_some(c) || all_sent(c)) {
		client_free(c);
		return;
	}
	watch(c);
	if (more && c->out.len - c->sent < PENDING_MAX)
		loop_timer_set(c->all->loop, &c->step, loop_now_ms(c->all->loop));
}

/* ---- The loop -------------------------------------------------------------------------------- */

/* False: the client is gone. */
static bool read_some(struct client *c)
{
	struct http_request r = {.get = false};
	ssize_t n = recv(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len, 0);
	int rc;

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	c->in_len += (size_t)n;
	rc = http_request_parse(c->in, c->in_len, &r);
	if (rc != ERR_BUSY)
		answer(c, rc, &r);
	return true;
}

static void on_ready(void *arg, int fd, unsigned events)
{
	struct client *c = arg;
	bool there = true;

	(void)fd;
	if ((events & LOOP_READ) != 0 && !c->answering)
		there = read_some(c);
	else if ((events & LOOP_HANGUP) != 0)
		there = false;
	if (there && c->answering)
		there = send_some(c) && !all_sent(c);
	if (!there) {
		client_free(c);
		return;
	}
	watch(c);
	if (c->metrics != NULL && c->out.len - c->sent < PENDING_MAX)
		loop_timer_set(c->all->loop, &c->step, loop_now_ms(c->all->loop));
}

static void on_limit(void *arg)
{
	client_free(arg);
}

static void admit(struct metrics_http *h, int fd)
{
	struct client *c = mem_zalloc(sizeof(*c));

	c->all = h;
	c->fd = fd;
	c->watched = LOOP_READ;
	c->limit = (struct loop_timer){.fn = on_limit, .arg = c};
	c->step = (struct loop_timer){.fn = on_step, .arg = c};
	strbuf_init(&c->out);
	list_append(&h->clients, &c->node);
	h->count++;
	if (loop_fd_add(h->loop, fd, LOOP_READ, on_ready, c) != 0) {
		client_free(c);
		return;
	}
	loop_timer_set(h->loop, &c->limit, loop_now_ms(h->loop) + METRICS_REQUEST_MS);
}

static void on_connection(void *arg, int fd, unsigned events)
{
	struct metrics_http *h = arg;
	int conn = tcp_accept(fd);

	(void)events;
	if (conn == ERR_NO_SPACE) {
		/* out of descriptors: what waits may wait until there are some */
		if (loop_fd_change(h->loop, fd, 0) == 0)
			h->paused = true;
		loop_timer_set(h->loop, &h->retry, loop_now_ms(h->loop) + RETRY_MS);
	} else if (conn >= 0 && h->count >= METRICS_CLIENTS) {
		close(conn);
	} else if (conn >= 0) {
		admit(h, conn);
	}
}

static void stop_listening(struct metrics_http *h)
{
	loop_timer_cancel(h->loop, &h->retry);
	if (h->fd < 0)
		return;
	loop_fd_remove(h->loop, h->fd);
	close(h->fd);
	h->fd = -1;
}

static void start_listening(struct metrics_http *h)
{
	struct err_msg e = {.code = 0};

	h->paused = false;
	h->fd = tcp_listen(&h->at, &e);
	if (h->fd >= 0 && loop_fd_add(h->loop, h->fd, LOOP_READ, on_connection, h) == 0)
		return;
	if (h->fd >= 0)
		close(h->fd);
	h->fd = -1;
	/* once, not every ten seconds */
	if (!heap_contains(&h->retry.node))
		log_line(h->log, LOG_LVL_WARNING, LOG_MAIN, "metrics: %s; tried again", e.text);
}

static void on_retry(void *arg)
{
	struct metrics_http *h = arg;

	if (h->fd >= 0) {
		if (h->paused && loop_fd_change(h->loop, h->fd, LOOP_READ) == 0)
			h->paused = false;
		return;
	}
	loop_timer_set(h->loop, &h->retry, loop_now_ms(h->loop) + RETRY_MS);
	start_listening(h);
	if (h->fd >= 0)
		loop_timer_cancel(h->loop, &h->retry);
}

struct metrics_http *metrics_http_new(struct loop *loop, const struct log *log)
{
	struct metrics_http *h = mem_zalloc(sizeof(*h));

	h->loop = loop;
	h->log = log;
	h->fd = -1;
	h->retry = (struct loop_timer){.fn = on_retry, .arg = h};
	list_init(&h->clients);
	return h;
}

static void drop_clients(struct metrics_http *h)
{
	struct list *node, *after;

	list_for_each(node, after, &h->clients)
		client_free(container_of(node, struct client, node));
}

void metrics_http_free(struct metrics_http *h)
{
	if (h == NULL)
		return;
	drop_clients(h);
	stop_listening(h);
	free(h);
}

void metrics_http_serve(struct metrics_http *h, struct commands *c)
{
	drop_clients(h);
	h->commands = c;
}

void metrics_http_listen(struct metrics_http *h, const struct ip_endpoint *at)
{
	if (ip_endpoint_equal(&h->at, at) && (h->fd >= 0 || heap_contains(&h->retry.node)))
		return;
	stop_listening(h);
	h->at = *at;
	if (!ip_addr_is_set(&at->addr))
		return;
	start_listening(h);
	if (h->fd < 0)
		loop_timer_set(h->loop, &h->retry, loop_now_ms(h->loop) + RETRY_MS);
}
